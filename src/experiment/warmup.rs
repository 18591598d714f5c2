//! Finds how long the warm-up of a scenario should be, by looking at its replications day by day.

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use thiserror::Error;

use crate::metrics::{DailySeries, DayMeasurements};
use crate::model::{Blueprint, simulate_telling};
use crate::scenario::Scenario;
use crate::stats::{MSER_5_NEEDS, Truncation, mser_5};

use super::facts::fresh_within;
use super::{Progress, ProgressTeller, ThreadError};

/// The value of a series on one day; the day is the sum over all replications.
type OfDay = fn(&DayMeasurements) -> f64;

/// The series that are looked at: the numbers that the simulator is mostly asked about, as far as they change from day
/// to day.
const SERIES: [(&str, OfDay); 3] = [
    ("connector calls", |day| day.connector_calls as f64),
    ("fresh prices", |day| ratio(day.prices_fresh as f64, day.prices_shown)),
    ("user waits", |day| ratio(day.waited_s, day.results_shown)),
];

/// A warm-up that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warmup {
    /// Length of the warm-up in whole days: that of the series that takes longest to settle.
    pub days: u64,
    /// Name of each series, and after how many days it has settled.
    pub by_series: Vec<(&'static str, u64)>,
    /// Number of trading days that were looked at.
    pub trading_days: usize,
}

/// Why no warm-up was found.
#[derive(Debug, Error)]
pub enum WarmupError {
    /// The run is too short.
    #[error(
        "the run has {trading_days} whole days on which a market trades, and MSER-5, which looks for the end of the \
         warm-up, needs {MSER_5_NEEDS} (twelve weeks); lengthen it with `--set run.duration=84d`, or give the warm-up in \
         whole days"
    )]
    TooShort {
        /// Days of the run on which a market trades.
        trading_days: usize,
    },
    /// A series does not settle early enough.
    #[error(
        "more than half of the run would be warm-up, by its {}: either it never settles (a saturated server, clocks that \
         drift), or it is noise, of which MSER-5 says so in one of ten series; try another seed or length, or look at a long \
         run and give the warm-up in whole days",
        series.join(" and its ")
    )]
    MoreThanHalf {
        /// The series that do not settle.
        series: Vec<&'static str>,
    },
    /// See [`ThreadError`].
    #[error(transparent)]
    Threads(#[from] ThreadError),
}

/// Simulates all replications of `scenario` from their first day on and finds after how many days they have settled.
///
/// Visits and market hours repeat daily, so that a day is the shortest time to compare with another. Days on which no
/// market trades differ from all others and are left out; a batch of five days is therefore a week of trading. MSER-5
/// looks at each series over all replications together.
///
/// # Errors
///
/// See [`WarmupError`].
pub fn find_warmup(scenario: &Scenario, jobs: Option<usize>, progress: &dyn Progress) -> Result<Warmup, WarmupError> {
    let world = scenario.world();
    let trading: Vec<usize> =
        world.trading_days().into_iter().enumerate().filter(|(_, trades)| *trades).map(|(day, _)| day).collect();
    if trading.len() < MSER_5_NEEDS {
        return Err(WarmupError::TooShort { trading_days: trading.len() });
    }
    let blueprint = Blueprint::new(world.clone());
    let fresh_within = fresh_within(world);
    let replicate = |replication| {
        let mut series = DailySeries::new(world.duration, fresh_within);
        let mut told = ProgressTeller::new(progress);
        simulate_telling(&blueprint, scenario.seed(), replication, &mut series, &mut |share| told.until(share));
        told.done();
        series.finish()
    };
    progress.expects(u64::from(scenario.replications()));
    let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs.unwrap_or(0)).build().map_err(ThreadError::from)?;
    let runs: Vec<Vec<DayMeasurements>> =
        pool.install(|| (0..scenario.replications()).into_par_iter().map(replicate).collect());
    settled(&trading, &runs)
}

fn settled(trading: &[usize], runs: &[Vec<DayMeasurements>]) -> Result<Warmup, WarmupError> {
    let days: Vec<DayMeasurements> = trading.iter().map(|day| together(runs.iter().map(|run| &run[*day]))).collect();
    let (mut by_series, mut unsettled) = (Vec::new(), Vec::new());
    for (name, of_day) in SERIES {
        match mser_5(&days.iter().map(of_day).collect::<Vec<_>>()) {
            Truncation::First(0) => by_series.push((name, 0)),
            Truncation::First(cut) => by_series.push((name, trading[cut] as u64)),
            Truncation::MoreThanHalf => unsettled.push(name),
            Truncation::TooShort => return Err(WarmupError::TooShort { trading_days: trading.len() }),
        }
    }
    if !unsettled.is_empty() {
        return Err(WarmupError::MoreThanHalf { series: unsettled });
    }
    let days = by_series.iter().map(|(_, days)| *days).max().unwrap_or(0);
    Ok(Warmup { days, by_series, trading_days: trading.len() })
}

/// The same day of several runs, added up.
fn together<'r>(days: impl Iterator<Item = &'r DayMeasurements>) -> DayMeasurements {
    days.fold(DayMeasurements::default(), |sum, day| DayMeasurements {
        connector_calls: sum.connector_calls + day.connector_calls,
        prices_shown: sum.prices_shown + day.prices_shown,
        prices_fresh: sum.prices_fresh + day.prices_fresh,
        results_shown: sum.results_shown + day.results_shown,
        waited_s: sum.waited_s + day.waited_s,
    })
}

/// `part` / `whole`, or 0 if both are 0: a day without a visit has neither a share nor a wait.
fn ratio(part: f64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part / whole as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Days of which each has `calls` calls, and a hundred prices and results that never change.
    fn days(calls: impl Fn(usize) -> u64, count: usize) -> Vec<DayMeasurements> {
        let day = |day| DayMeasurements {
            connector_calls: calls(day),
            prices_shown: 100,
            prices_fresh: 90,
            results_shown: 100,
            waited_s: 50.0,
        };
        (0..count).map(day).collect()
    }

    /// A calendar that begins with a Friday.
    fn trading(count: usize) -> Vec<usize> {
        (0..count).filter(|day| !matches!(day % 7, 1 | 2)).collect()
    }

    #[test]
    fn the_warm_up_ends_with_the_slowest_series_at_the_beginning_of_a_day() {
        let runs = vec![days(|day| if day < 8 { 500 } else { 100 + day as u64 % 3 }, 120); 2];
        let warmup = settled(&trading(120), &runs).expect("it settles");
        // The first six trading days differ from the others, so that two batches are cut off. The eleventh trading day
        // is day 15 of the run.
        assert_eq!((warmup.days, warmup.by_series[0]), (14, ("connector calls", 14)));
        assert_eq!(warmup.by_series[1..], [("fresh prices", 0), ("user waits", 0)]);
    }

    #[test]
    fn what_never_settles_is_named() {
        let runs = [days(|day| day as u64, 120)];
        let error = settled(&trading(120), &runs).expect_err("it grows for ever");
        assert!(error.to_string().contains("by its connector calls: "), "{error}");
    }

    #[test]
    fn weeks_are_needed() {
        let error = settled(&trading(21), &[days(|_| 1, 21)]).expect_err("three weeks");
        assert!(matches!(error, WarmupError::TooShort { trading_days: 15 }), "{error}");
    }
}
