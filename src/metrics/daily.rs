//! The observer that follows a run day by day from its very beginning, to show when it settles; it leaves out a last
//! day that is not whole.

use serde::{Deserialize, Serialize};

use crate::observe::{Fact, Observer};
use crate::time::{SimDuration, SimTime};

/// Length of a day; days are counted from the start of the run.
const DAY: SimDuration = SimDuration::from_days(1);

/// The sums of one day of a run. A visit belongs to the day on which it begins, and so does all that follows from it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayMeasurements {
    /// Calls of data providers.
    pub connector_calls: u64,
    /// Instruments shown.
    pub prices_shown: u64,
    /// Those of them with a fresh price.
    pub prices_fresh: u64,
    /// Visits that have shown their result.
    pub results_shown: u64,
    /// Total time from the beginning of these visits to their results \[ns\].
    pub waited_nanos: u128,
}

impl DayMeasurements {
    /// Total time from the beginning of the visits that have shown their result to these results \[s\].
    #[must_use]
    pub fn waited_s(&self) -> f64 {
        self.waited_nanos as f64 / 1e9
    }

    /// Counts what others have counted, too.
    pub fn add(&mut self, other: &Self) {
        let Self { connector_calls, prices_shown, prices_fresh, results_shown, waited_nanos } = other;
        self.connector_calls += connector_calls;
        self.prices_shown += prices_shown;
        self.prices_fresh += prices_fresh;
        self.results_shown += results_shown;
        self.waited_nanos += waited_nanos;
    }
}

/// An observer that measures each day of a run.
#[derive(Clone, Debug)]
pub(crate) struct DailySeries {
    fresh_within: SimDuration,
    days: Vec<DayMeasurements>,
}

impl DailySeries {
    /// A series for a run that lasts `duration`. Prices count as fresh up to the age `fresh_within`.
    #[must_use]
    pub(crate) fn new(duration: SimDuration, fresh_within: SimDuration) -> Self {
        let days = usize::try_from(duration.as_nanos() / DAY.as_nanos()).expect("a run has few days");
        Self { fresh_within, days: vec![DayMeasurements::default(); days] }
    }

    /// The measurements of the whole days of the run.
    #[must_use]
    pub(crate) fn finish(self) -> Vec<DayMeasurements> {
        self.days
    }

    /// The day on which something began; `None` if that day is not whole.
    fn day(&mut self, began: SimTime) -> Option<&mut DayMeasurements> {
        let day = began.since(SimTime::START).as_nanos() / DAY.as_nanos();
        self.days.get_mut(usize::try_from(day).expect("a run has few days"))
    }
}

impl Observer for DailySeries {
    /// Calls are counted by when their visit began.
    fn needs_order(&self) -> bool {
        false
    }

    fn observe(&mut self, now: SimTime, fact: &Fact) {
        let fresh_within = self.fresh_within;
        match *fact {
            Fact::ConnectorCalled { began, .. } => {
                if let Some(day) = self.day(began) {
                    day.connector_calls += 1;
                }
            }
            Fact::PriceShown { began, age, .. } => {
                if let Some(day) = self.day(began) {
                    day.prices_shown += 1;
                    day.prices_fresh += u64::from(age.is_some_and(|age| age <= fresh_within));
                }
            }
            Fact::ResultShown { began, .. } => {
                if let Some(day) = self.day(began) {
                    day.results_shown += 1;
                    day.waited_nanos += u128::from(now.since(began).as_nanos());
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::{InstanceId, PriceSource, StampError, VisitId};

    const VISIT: VisitId = VisitId { user: 0, number: 0, instance: InstanceId(0) };

    #[test]
    fn facts_belong_to_the_day_on_which_their_visit_began() {
        let hour = |hours: u64| SimTime::START + SimDuration::from_hours(hours);
        let mut series = DailySeries::new(SimDuration::from_hours(60), SimDuration::from_secs(100));
        let (stamp_error, source) = (StampError::NONE, PriceSource::Kept { is_overdue: false });
        let price = |age| Fact::PriceShown {
            began: hour(23),
            age,
            split: None,
            error_bp: 0.0,
            stamp_error,
            falsified: None,
            source,
        };
        series.observe(hour(25), &price(Some(SimDuration::from_secs(100))));
        series.observe(hour(25), &price(Some(SimDuration::from_secs(101))));
        series.observe(hour(25), &price(None));
        series.observe(hour(25), &Fact::ResultShown { visit: VISIT, began: hour(23), exchanged: true });
        series.observe(hour(49), &Fact::ResultShown { visit: VISIT, began: hour(49), exchanged: false });
        let days = series.finish();
        assert_eq!(days.len(), 2, "the third is not whole");
        assert_eq!((days[0].prices_shown, days[0].prices_fresh), (3, 1));
        assert_eq!((days[0].results_shown, days[0].waited_nanos), (1, 7_200_000_000_000));
        assert_eq!(days[1], DayMeasurements::default());
    }
}
