//! Saturation: a queue that grows for as long as one looks has no mean length, and waiting in it no mean and no quantile;
//! what a run finds of them depends on when it ends.

use crate::metrics::ServerMeasurements;

use super::{
    Measure, QUEUE_LENGTH, QUEUE_WAIT_P50, QUEUE_WAIT_P95, QUEUE_WAIT_P99, RESPONSE_P50, RESPONSE_P95, RESPONSE_P99,
    USER_WAIT_P50, USER_WAIT_P95,
};

/// A queue that grows by less than this many messages over the measured period is not worth a warning.
const LEAST_GROWTH: f64 = 1.0;

/// Nor is one that grows by less than this share of its mean: that is how the days of a busy server differ.
const LEAST_SHARE_OF_MEAN: f64 = 0.25;

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

/// The share of `servers` whose queue grows over the whole measured period; `None` if that is shorter than two days.
pub(super) fn saturated_share(servers: &[ServerMeasurements]) -> Option<f64> {
    let growing: Option<Vec<bool>> = servers.iter().map(|server| grows(&server.queue_lengths)).collect();
    let growing = growing.filter(|growing| !growing.is_empty())?;
    Some(growing.iter().filter(|grows| **grows).count() as f64 / growing.len() as f64)
}

/// Whether daily mean lengths of a queue grow over the whole period: the last day is the longest, and the line of least
/// squares rises by a message and by a share of the mean. `None` with less than two days.
fn grows(days: &[f64]) -> Option<bool> {
    let (last, before) = days.split_last().filter(|(_, before)| !before.is_empty())?;
    let count = days.len() as f64;
    let (middle, mean) = ((count - 1.0) / 2.0, days.iter().sum::<f64>() / count);
    let from_middle = || (0..days.len()).map(|day| day as f64 - middle);
    let slope =
        from_middle().zip(days).map(|(x, length)| x * length).sum::<f64>() / from_middle().map(|x| x * x).sum::<f64>();
    let growth = slope * count;
    let is_last_longest = before.iter().all(|length| length < last);
    Some(is_last_longest && growth >= LEAST_GROWTH && growth >= LEAST_SHARE_OF_MEAN * mean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_that_grows_every_day_is_saturated() {
        assert_eq!(grows(&[10.0, 20.0, 30.0, 40.0]), Some(true));
        assert_eq!(grows(&[300.0, 400.0, 500.0]), Some(true), "also if it was long when the period began");
        assert_eq!(grows(&[10.0, 20.0, 15.0, 12.0, 40.0, 50.0]), Some(true), "also if a week-end gave it a rest");
    }

    #[test]
    fn a_queue_in_balance_is_not() {
        assert_eq!(grows(&[5.0, 5.1, 4.9, 5.2]), Some(false), "days differ");
        assert_eq!(grows(&[0.001, 0.002, 0.003]), Some(false), "nobody waits");
        assert_eq!(grows(&[0.0, 0.0, 9.0, 9.1, 9.0]), Some(false), "the period begins with a week-end");
        assert_eq!(grows(&[40.0, 30.0, 20.0]), Some(false), "it recovers");
    }

    #[test]
    fn a_day_says_nothing() {
        assert_eq!((grows(&[]), grows(&[7.0])), (None, None));
        assert_eq!(saturated_share(&[]), None);
    }

    #[test]
    fn one_replication_alone_does_not_decide_against_the_others() {
        assert!(is_saturated(&[Some(1.0), Some(0.5)]));
        assert!(!is_saturated(&[Some(1.0), Some(0.0)]) && !is_saturated(&[Some(1.0), None]) && !is_saturated(&[]));
    }

    #[test]
    fn means_of_waiting_need_a_balance_and_counts_do_not() {
        assert!(RESPONSE_P95.needs_a_steady_queue() && !super::super::ARRIVALS.needs_a_steady_queue());
    }
}
