//! How long the warm-up of a scenario should be: its early weeks are compared with its late ones, replication by
//! replication, and nothing of it depends on the number of threads.

use std::fmt;

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use thiserror::Error;

use crate::measures::{WEEK, WEEKLY, WeeklySeries, late_mean};
use crate::metrics::DayMeasurements;
use crate::model::Blueprint;
use crate::scenario::Scenario;
use crate::stats::{TRANSIENT_NEEDS, Transient, Trend, transients};

use super::blocks::replicate_days;
use super::facts::clocks_run_free;
use super::{Progress, ProgressTeller, ThreadError};

/// With this probability a scenario in which nothing changes has no warm-up.
const CONFIDENCE: f64 = 0.95;

/// A trend is worth a warning if it changes the series by this share of its late mean from the warm-up to the end.
const LEAST_CHANGE: f64 = 0.005;

/// A warm-up that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Warmup {
    /// Its length in whole days: that of the series that takes longest.
    pub days: u64,
    /// What each series says.
    pub by_series: Vec<SeriesWarmup>,
    /// Number of replications that were compared.
    pub replications: usize,
    /// What moves from the end of the warm-up to the end of the run.
    pub trends: Vec<WeeklyChange>,
    /// Whether clocks that run free explain trends.
    pub clocks_run_free: bool,
}

/// A series of weeks, and when it has settled.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesWarmup {
    /// Its name.
    pub name: &'static str,
    /// After how many days it has settled.
    pub days: u64,
    /// The mean over the replications of each week, as a share of the mean of the late weeks; `None` if that is 0.
    pub weeks: Option<Vec<f64>>,
}

/// By how much a series changes from one week to the next.
#[derive(Clone, Debug, PartialEq)]
pub struct WeeklyChange {
    subject: &'static str,
    /// In the unit of sentences.
    per_week: f64,
    unit: &'static str,
}

impl fmt::Display for WeeklyChange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = if self.per_week < 0.0 { "falls" } else { "rises" };
        // Two digits tell how fast; more would pretend to know it.
        let rounded: f64 = format!("{:.1e}", self.per_week.abs()).parse().expect("a number");
        write!(formatter, "{} {verb} by {rounded}{} a week", self.subject, self.unit)
    }
}

/// Why no warm-up was found.
#[derive(Debug, Error)]
pub enum WarmupError {
    /// The run is too short.
    #[error(
        "the run has {weeks} whole weeks, and {TRANSIENT_NEEDS} are needed to compare early weeks with late ones; lengthen it \
         with `--set run.duration=56d`, or give the warm-up in whole days"
    )]
    TooShort {
        /// Its whole weeks.
        weeks: usize,
    },
    /// A week of it has no trading.
    #[error(
        "no market trades in week {week} of the run, so that weeks cannot be compared; give the warm-up in whole days"
    )]
    NoTrading {
        /// The first such week, from 1.
        week: usize,
    },
    /// Chance is not known.
    #[error(
        "early weeks are compared with late ones over replications, and the scenario has one; give at least 2, better 10, \
         with `--set run.replications=10`, or give the warm-up in whole days"
    )]
    OneReplication,
    /// It does not settle early enough.
    #[error(
        "at the end of the first half of the run ({days} days) {} still moving: {}; {}",
        if moving.len() == 1 { "a series is" } else { "several series are" },
        moving.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        remedy(*clocks_run_free)
    )]
    Moving {
        /// Length of the first half.
        days: usize,
        /// How each series that is not settled moves.
        moving: Vec<WeeklyChange>,
        /// Whether the clocks of the scenario drift.
        clocks_run_free: bool,
    },
    /// See [`ThreadError`].
    #[error(transparent)]
    Threads(#[from] ThreadError),
}

fn remedy(clocks_run_free: bool) -> &'static str {
    if clocks_run_free {
        "clocks run free in this scenario, so that prices get older from week to week and no warm-up is long enough; compare \
         scenarios of equal length and give the warm-up in whole days, or set `clock.drift_ppm` of the groups to 0"
    } else {
        "look for a server that is saturated, lengthen the run (`--set run.duration=…`), or give the warm-up in whole days"
    }
}

/// Simulates all replications of `scenario` from their first day on and finds after how many weeks they have settled.
///
/// Visits and market hours repeat weekly, so that a week is the least that can be compared with another. Days on which no
/// market trades are like no others and are left out, and so are the days after the last whole week.
///
/// # Errors
///
/// See [`WarmupError`].
pub(crate) fn find_warmup(
    scenario: &Scenario,
    jobs: Option<usize>,
    progress: &dyn Progress,
) -> Result<Warmup, WarmupError> {
    let world = scenario.world();
    let trading = world.trading_days();
    let weeks = trading.len() / WEEK;
    if weeks < TRANSIENT_NEEDS {
        return Err(WarmupError::TooShort { weeks });
    }
    if scenario.replications() < 2 {
        return Err(WarmupError::OneReplication);
    }
    if let Some(idle) = trading.chunks_exact(WEEK).position(|week| !week.contains(&true)) {
        return Err(WarmupError::NoTrading { week: idle + 1 });
    }
    let blueprint = Blueprint::new(world.clone());
    let replicate = |replication| {
        let mut told = ProgressTeller::new(progress);
        let days = replicate_days(&blueprint, (scenario.seed(), replication), &mut |share| told.until(share));
        told.done();
        days
    };
    progress.expects(u64::from(scenario.replications()));
    let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs.unwrap_or(0)).build().map_err(ThreadError::from)?;
    let runs: Vec<Vec<DayMeasurements>> =
        pool.install(|| (0..scenario.replications()).into_par_iter().map(replicate).collect());
    settled(&trading, &runs, clocks_run_free(world))
}

fn settled(trading: &[bool], runs: &[Vec<DayMeasurements>], clocks_run_free: bool) -> Result<Warmup, WarmupError> {
    let weekly = |series: &WeeklySeries| runs.iter().map(|run| series.of_weeks(trading, run)).collect::<Vec<_>>();
    let values: Vec<Vec<Vec<f64>>> = WEEKLY.iter().map(weekly).collect();
    let found = transients(&values, CONFIDENCE);
    let change = |series: &WeeklySeries, trend: Trend| WeeklyChange {
        subject: series.subject,
        per_week: trend.slope * series.factor,
        unit: series.unit,
    };
    let all = || WEEKLY.iter().zip(&values).zip(&found);
    let moving = all().filter(|(_, transient)| transient.lasts);
    let moving: Vec<WeeklyChange> = moving.map(|((series, runs), _)| change(series, trend(runs, 0))).collect();
    let longest = found.iter().map(|transient| transient.periods).max().unwrap_or(0);
    if !moving.is_empty() {
        return Err(WarmupError::Moving { days: longest * WEEK, moving, clocks_run_free });
    }
    let by_series = all().map(|((series, runs), transient)| of_series(series, runs, transient)).collect();
    let trends = WEEKLY.iter().zip(&values).filter_map(|(series, runs)| {
        let trend = trend(runs, longest);
        let weeks = (runs[0].len() - 1 - longest) as f64;
        let is_large = (trend.slope * weeks).abs() >= LEAST_CHANGE * late_mean(&over_runs(runs));
        (is_large && trend.p_value <= (1.0 - CONFIDENCE) / WEEKLY.len() as f64).then(|| change(series, trend))
    });
    let (days, trends) = ((longest * WEEK) as u64, trends.collect());
    Ok(Warmup { days, by_series, replications: runs.len(), trends, clocks_run_free })
}

fn of_series(series: &WeeklySeries, runs: &[Vec<f64>], transient: &Transient) -> SeriesWarmup {
    let means = over_runs(runs);
    let late = late_mean(&means);
    SeriesWarmup {
        name: series.name,
        days: (transient.periods * WEEK) as u64,
        weeks: (late > 0.0).then(|| means.iter().map(|mean| mean / late).collect()),
    }
}

fn trend(runs: &[Vec<f64>], from: usize) -> Trend {
    Trend::of(&runs.iter().map(|run| &run[from..]).collect::<Vec<_>>())
}

/// The mean over the replications of each week.
fn over_runs(runs: &[Vec<f64>]) -> Vec<f64> {
    let mean = |week: usize| runs.iter().map(|run| run[week]).sum::<f64>() / runs.len() as f64;
    (0..runs[0].len()).map(mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Days of ten replications, each with `calls` calls and a little more or less, and `fresh` of ten thousand prices.
    fn runs(calls: impl Fn(usize) -> u64, fresh: impl Fn(usize) -> u64, count: usize) -> Vec<Vec<DayMeasurements>> {
        let day = |run: usize, day: usize| DayMeasurements {
            connector_calls: calls(day) + (run * 7 + day * 3) as u64 % 5,
            prices_shown: 10_000,
            prices_fresh: fresh(day) + (run * 13 + day * 5) as u64 % 11,
            results_shown: 100,
            waited_nanos: 50_000_000_000,
        };
        (0..10).map(|run| (0..count).map(|at| day(run, at)).collect()).collect()
    }

    /// A calendar that begins with a Friday.
    fn trading(count: usize) -> Vec<bool> {
        (0..count).map(|day| !matches!(day % 7, 1 | 2)).collect()
    }

    #[test]
    fn the_warm_up_ends_with_the_week_of_the_slowest_series() {
        // The ninth day is in the second week; days 1 and 2 of a week, on which no market trades, count for nothing.
        let calls = |day: usize| if day < 10 || matches!(day % 7, 1 | 2) { 500 } else { 100 };
        let warmup = settled(&trading(89), &runs(calls, |_| 9_000, 89), false).expect("it settles");
        assert_eq!((warmup.days, warmup.replications), (14, 10));
        assert_eq!(warmup.by_series.iter().map(|series| series.days).collect::<Vec<_>>(), [14, 0, 0]);
        let weeks = warmup.by_series[0].weeks.as_ref().expect("there are calls");
        assert!(weeks.len() == 12 && weeks[0] > 4.5 && (weeks[11] - 1.0).abs() < 0.05, "{weeks:?}");
        assert_eq!(warmup.trends, []);
    }

    #[test]
    fn what_still_moves_is_named_with_its_direction_and_the_cause() {
        let falling = runs(|_| 100, |day| 9_000 - 2 * day as u64, 56);
        let error = settled(&trading(56), &falling, true).expect_err("it falls all along").to_string();
        for words in
            ["the first half of the run (28 days)", "the share of fresh prices falls by 0.14 points a week", "run free"]
        {
            assert!(error.contains(words), "{words}: {error}");
        }
        let error = settled(&trading(56), &falling, false).expect_err("it falls all along").to_string();
        assert!(error.contains("lengthen the run") && !error.contains("clocks"), "{error}");
    }

    /// Each replication wanders more than the trend moves it from one week to the next, but all in the same direction in the
    /// end: no week of the first half is told from the late ones, and the slope is.
    #[test]
    fn what_moves_slowly_is_a_warning() {
        let mut slow = runs(|_| 100, |_| 9_000, 84);
        for (run, days) in slow.iter_mut().enumerate() {
            for (day, measured) in days.iter_mut().enumerate() {
                let (week, wanders) = (day / 7, (run + day / 7) % 2);
                measured.prices_fresh = (8_780 + 8 * week + 240 * wanders) as u64;
            }
        }
        let warmup = settled(&trading(84), &slow, true).expect("weeks are not told apart");
        assert_eq!((warmup.days, warmup.trends.len()), (0, 1));
        assert_eq!(warmup.trends[0].to_string(), "the share of fresh prices rises by 0.08 points a week");
    }
}
