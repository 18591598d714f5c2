//! Saturation: a queue that grows for as long as one looks has no mean length, and waiting in it no mean and no quantile;
//! what a run finds of them depends on when it ends.

use crate::metrics::ServerMeasurements;

use super::{
    Comparison, Measure, QUEUE_LENGTH, QUEUE_WAIT_P50, QUEUE_WAIT_P95, QUEUE_WAIT_P99, RESPONSE_P50, RESPONSE_P95,
    RESPONSE_P99, USER_WAIT_P50, USER_WAIT_P95, VISITS_UNFINISHED_SHARE,
};

/// If more than this share of the visits have no result, what visits lead to is counted as less than it is.
const MOST_UNFINISHED: f64 = 0.01;

/// What means nothing of a queue that grows for ever.
const OF_STEADY_QUEUES: [Measure; 7] =
    [QUEUE_LENGTH, QUEUE_WAIT_P50, QUEUE_WAIT_P95, QUEUE_WAIT_P99, RESPONSE_P50, RESPONSE_P95, RESPONSE_P99];

impl Measure {
    /// The share of visits without a result beyond which this quantile of waits is longer than all that was seen.
    #[must_use]
    pub fn most_unfinished(&self) -> Option<f64> {
        let quantiles = [(USER_WAIT_P50, 0.5), (USER_WAIT_P95, 0.05)];
        quantiles.into_iter().find(|(other, _)| other.name == self.name).map(|(_, most)| most)
    }

    /// Whether it is about what visits lead to (calls, messages, ages of the prices shown), which is counted when it happens:
    /// of visits that never end, it is missing.
    #[must_use]
    pub fn needs_finished_visits(&self) -> bool {
        let is_about_ends = self.most_unfinished().is_some() || self.name == VISITS_UNFINISHED_SHARE.name;
        self.comparison != Comparison::Nothing && !is_about_ends
    }

    /// Whether it describes a queue that is in balance, so that it says nothing of a saturated server.
    #[must_use]
    pub fn needs_a_steady_queue(&self) -> bool {
        OF_STEADY_QUEUES.iter().any(|other| other.name == self.name)
    }
}

/// Whether a server is saturated, given [`SATURATED_SHARE`](super::SATURATED_SHARE) in each replication: it is in every
/// one. A stable server that happens to look like it does so in a few.
#[must_use]
pub fn is_saturated(shares: &[Option<f64>]) -> bool {
    !shares.is_empty() && shares.iter().all(|share| share.is_some_and(|share| share > 0.0))
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
    fn one_replication_alone_does_not_decide_against_the_others() {
        assert!(is_saturated(&[Some(1.0), Some(0.5)]));
        assert!(!is_saturated(&[Some(1.0), Some(0.0)]) && !is_saturated(&[Some(1.0), None]) && !is_saturated(&[]));
    }

    #[test]
    fn what_never_ends_is_not_counted() {
        use super::super::{ARRIVALS, CONNECTOR_CALLS, FRESH_SHARE, MESSAGES, VISITS_UNFINISHED_SHARE};
        assert!(!is_overloaded(&[Some(0.02), Some(0.0)]), "the end of the run cuts some off");
        assert!(is_overloaded(&[Some(0.02), Some(0.01), None]) && !is_overloaded(&[]));
        assert!([CONNECTOR_CALLS, FRESH_SHARE].iter().all(Measure::needs_finished_visits));
        assert!(![USER_WAIT_P95, VISITS_UNFINISHED_SHARE, ARRIVALS].iter().any(Measure::needs_finished_visits));
        assert!(!MESSAGES.needs_finished_visits(), "they are what servers get");
    }

    #[test]
    fn means_of_waiting_need_a_balance_and_counts_do_not() {
        assert!(RESPONSE_P95.needs_a_steady_queue() && !super::super::ARRIVALS.needs_a_steady_queue());
    }
}
