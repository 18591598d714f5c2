//! Decides whether servers are saturated and the network overloaded, since means then depend on when the run ends. A
//! saturated queue grows for as long as one looks: neither its length nor the waiting in it has a mean.

use crate::metrics::ServerMeasurements;

/// If a larger share of the visits has no result, the consequences of visits are not counted completely.
const MOST_UNFINISHED: f64 = 0.01;

/// Whether any server is saturated, given [`SATURATED_SHARE`](super::SATURATED_SHARE) in each replication: some server
/// must look saturated in at least half of the replications. A stable server may look saturated in a few replications,
/// and one that is hardly overloaded does not look saturated in all.
#[must_use]
pub fn is_saturated(shares: &[Option<f64>]) -> bool {
    let growing = shares.iter().flatten().filter(|share| **share > 0.0).count();
    growing > 0 && 2 * growing >= shares.len()
}

/// Whether too many visits are unfinished, so that totals are incomplete, given
/// [`VISITS_UNFINISHED_SHARE`](super::VISITS_UNFINISHED_SHARE) in each replication.
#[must_use]
pub(crate) fn is_overloaded(shares: &[Option<f64>]) -> bool {
    let known: Vec<f64> = shares.iter().flatten().copied().collect();
    known.iter().sum::<f64>() > MOST_UNFINISHED * known.len() as f64
}

/// The share of `servers` whose queue grows without end; `None` if the period is shorter than two days.
pub(super) fn saturated_share(servers: &[ServerMeasurements]) -> Option<f64> {
    let growing: Option<Vec<bool>> = servers.iter().map(|server| grows(&server.queue_lows)).collect();
    let growing = growing.filter(|growing| !growing.is_empty())?;
    Some(growing.iter().filter(|grows| **grows).count() as f64 / growing.len() as f64)
}

/// Whether a queue grows without end, given its shortest length on each day; `None` with less than two days. A queue
/// grows if it never becomes as short in the second half of the days as it once was in the first. A queue in balance is
/// worked off at some time, be it at night or over the weekend. Means of days would not tell, since queues are shorter
/// on weekends and longer on Mondays.
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
        assert!(!is_overloaded(&[Some(0.02), Some(0.0)]), "the end of the run cuts some off");
        assert!(is_overloaded(&[Some(0.02), Some(0.01), None]) && !is_overloaded(&[]));
    }
}
