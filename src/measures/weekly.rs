//! The numbers that tell whether a run has settled, week by week, each with its only definition. Weeks are counted from the start
//! of the run: whatever its first day, each has every weekday once.

use crate::metrics::DayMeasurements;

/// Days of a week.
pub(crate) const WEEK: usize = 7;

/// What the simulator is asked about, as far as it can change from week to week.
pub(crate) const WEEKLY: [WeeklySeries; 3] = [
    WeeklySeries {
        name: "connector calls",
        subject: "the number of connector calls a trading day",
        factor: 1.0,
        unit: "",
        of: |week, days| week.connector_calls as f64 / days as f64,
    },
    WeeklySeries {
        name: "fresh prices",
        subject: "the share of fresh prices",
        factor: 100.0,
        unit: " points",
        of: |week, _| ratio(week.prices_fresh as f64, week.prices_shown),
    },
    WeeklySeries {
        name: "user waits",
        subject: "the mean wait of users",
        factor: 1.0,
        unit: " s",
        of: |week, _| ratio(week.waited_s(), week.results_shown),
    },
];

/// A number that may change from week to week.
pub(crate) struct WeeklySeries {
    /// Its name in tables and legends.
    pub(crate) name: &'static str,
    /// What it is in a sentence.
    pub(crate) subject: &'static str,
    /// From the number to the unit in which sentences tell it.
    pub(crate) factor: f64,
    /// That unit.
    pub(crate) unit: &'static str,
    /// The value of a week, of which the measurements of all its trading days and their number are given.
    of: fn(&DayMeasurements, usize) -> f64,
}

impl WeeklySeries {
    /// Its value in each whole week of a run, of which `trading` says on which days any market trades. Other days are like no
    /// others and are left out; each week has a trading day.
    pub(crate) fn of_weeks(&self, trading: &[bool], run: &[DayMeasurements]) -> Vec<f64> {
        let weeks = trading.chunks_exact(WEEK).zip(run.chunks_exact(WEEK));
        let value = |(trading, days): (&[bool], &[DayMeasurements])| {
            let traded = || days.iter().zip(trading).filter(|(_, trades)| **trades).map(|(day, _)| day);
            (self.of)(&together(traded()), traded().count())
        };
        weeks.map(value).collect()
    }
}

/// The mean of the late weeks, which are the second half.
pub(crate) fn late_mean(weeks: &[f64]) -> f64 {
    let late = &weeks[weeks.len() / 2..];
    late.iter().sum::<f64>() / late.len() as f64
}

/// Several days as one.
fn together<'r>(days: impl Iterator<Item = &'r DayMeasurements>) -> DayMeasurements {
    days.fold(DayMeasurements::default(), |mut sum, day| {
        sum.add(day);
        sum
    })
}

/// Nothing of nothing is nothing: a week without a visit has no share and no wait.
fn ratio(part: f64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part / whole as f64 }
}
