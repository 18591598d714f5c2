//! Saturation: a queue that grows for as long as one looks has no mean length, and waiting in it no mean and no quantile;
//! what a run finds of them depends on when it ends.

use crate::metrics::ServerMeasurements;

use super::{
    Measure, QUEUE_LENGTH, QUEUE_WAIT_P50, QUEUE_WAIT_P95, QUEUE_WAIT_P99, REFUSED_SHARE, RESPONSE_P50, RESPONSE_P95,
    RESPONSE_P99, SATURATED_SHARE, TIMED_OUT_SHARE, UNSERVED, USER_WAIT_P50, USER_WAIT_P95, UTILISATION,
    UTILISATION_MAX, VISITS, VISITS_UNFINISHED_SHARE,
};

/// If more than this share of the visits have no result, what visits lead to is counted as less than it is.
const MOST_UNFINISHED: f64 = 0.01;

/// Measures that have no value if the queue is saturated.
const OF_STEADY_QUEUES: [Measure; 7] =
    [QUEUE_LENGTH, QUEUE_WAIT_P50, QUEUE_WAIT_P95, QUEUE_WAIT_P99, RESPONSE_P50, RESPONSE_P95, RESPONSE_P99];

impl Measure {
    /// The share of visits without a result beyond which this quantile of waits is longer than all that was seen.
    #[must_use]
    pub fn most_unfinished(&self) -> Option<f64> {
        let quantiles = [(USER_WAIT_P50, 0.5), (USER_WAIT_P95, 0.05)];
        quantiles.into_iter().find(|(other, _)| other.name == self.name).map(|(_, most)| most)
    }

    /// Whether it is about what visits lead to (calls, messages, load, ages of the prices shown), which is counted when it
    /// happens: of visits that never end, it is missing. How long users and messages wait is known nonetheless, and so is
    /// who does.
    #[must_use]
    pub fn needs_finished_visits(&self) -> bool {
        let of_waiting = [VISITS, VISITS_UNFINISHED_SHARE, SATURATED_SHARE, UNSERVED, REFUSED_SHARE, TIMED_OUT_SHARE];
        let is_of_waiting = of_waiting.iter().any(|other| other.name == self.name);
        !(is_of_waiting || self.most_unfinished().is_some() || self.needs_a_steady_queue())
    }

    /// Whether it is the share of their time in which servers work.
    #[must_use]
    pub fn is_utilisation(&self) -> bool {
        [UTILISATION, UTILISATION_MAX].iter().any(|other| other.name == self.name)
    }

    /// Whether it describes a queue that is in balance, so that it says nothing of a saturated server.
    #[must_use]
    pub fn needs_a_steady_queue(&self) -> bool {
        OF_STEADY_QUEUES.iter().any(|other| other.name == self.name)
    }
}

/// Whether servers are saturated, given [`SATURATED_SHARE`] in each replication: one of them is in at least half of those. A
/// stable server that happens to look like it does so in a few, and one that is hardly more than busy not in all.
#[must_use]
pub fn is_saturated(shares: &[Option<f64>]) -> bool {
    let growing = shares.iter().flatten().filter(|share| **share > 0.0).count();
    growing > 0 && 2 * growing >= shares.len()
}

/// Whether so many visits never end that what they lead to says nothing, given
/// [`VISITS_UNFINISHED_SHARE`] in each replication.
#[must_use]
pub fn is_overloaded(shares: &[Option<f64>]) -> bool {
    let known: Vec<f64> = shares.iter().flatten().copied().collect();
    known.iter().sum::<f64>() > MOST_UNFINISHED * known.len() as f64
}

/// The share of `servers` whose queue grows as long as one looks; `None` if that is shorter than two days.
pub(super) fn saturated_share(servers: &[ServerMeasurements]) -> Option<f64> {
    let growing: Option<Vec<bool>> = servers.iter().map(|server| grows(&server.queue_lows)).collect();
    let growing = growing.filter(|growing| !growing.is_empty())?;
    Some(growing.iter().filter(|grows| **grows).count() as f64 / growing.len() as f64)
}

/// Whether a queue grows, given how short it was on each day: never as short in the second half of the days as it once was
/// in the first. One in balance is worked off at last, be it at night or over the weekend; means of days would not tell, as
/// they are shorter on weekends and longer on Mondays. `None` with less than two days.
fn grows(lows: &[u32]) -> Option<bool> {
    let half = lows.len() / 2;
    let lowest = |days: &[u32]| days.iter().min().copied();
    Some(lowest(&lows[..half])? < lowest(&lows[lows.len() - half..])?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_that_is_never_worked_off_again_is_saturated() {
        assert_eq!(grows(&[10, 20, 30, 40]), Some(true));
        assert_eq!(grows(&[0, 90]), Some(true));
        assert_eq!(grows(&[0, 90, 180, 270, 180, 90, 180]), Some(true), "also if a weekend gives it a rest");
        assert_eq!(grows(&[0, 90, 180, 90, 0, 90, 180, 0]), Some(false), "unless that is rest enough");
    }

    #[test]
    fn a_queue_in_balance_is_not() {
        assert_eq!(grows(&[0, 0, 0, 0]), Some(false));
        assert_eq!(grows(&[0, 0, 12, 0, 0]), Some(false), "the period begins with a weekend");
        assert_eq!(grows(&[40, 30, 20]), Some(false), "it recovers");
    }

    #[test]
    fn a_day_says_nothing() {
        assert_eq!((grows(&[]), grows(&[7])), (None, None));
        assert_eq!(saturated_share(&[]), None);
    }

    #[test]
    fn half_of_the_replications_decide() {
        assert!(is_saturated(&[Some(1.0), Some(0.5)]) && is_saturated(&[Some(1.0), Some(0.0)]));
        assert!(!is_saturated(&[Some(1.0), Some(0.0), None]) && !is_saturated(&[None]) && !is_saturated(&[]));
    }

    #[test]
    fn what_never_ends_is_not_counted() {
        use super::super::{ARRIVALS, CONNECTOR_CALLS, FRESH_SHARE, MESSAGES};
        assert!(!is_overloaded(&[Some(0.02), Some(0.0)]), "the end of the run cuts some off");
        assert!(is_overloaded(&[Some(0.02), Some(0.01), None]) && !is_overloaded(&[]));
        let missing = [CONNECTOR_CALLS, FRESH_SHARE, MESSAGES, ARRIVALS, UTILISATION_MAX];
        assert!(missing.iter().all(Measure::needs_finished_visits));
        let known = [USER_WAIT_P95, VISITS_UNFINISHED_SHARE, QUEUE_LENGTH, RESPONSE_P95, UNSERVED];
        assert!(!known.iter().any(Measure::needs_finished_visits));
    }

    #[test]
    fn means_of_waiting_need_a_balance_and_counts_do_not() {
        assert!(RESPONSE_P95.needs_a_steady_queue() && !super::super::ARRIVALS.needs_a_steady_queue());
    }
}
