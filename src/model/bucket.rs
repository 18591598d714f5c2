//! Token buckets: how many calls a provider takes.

use crate::time::{SimDuration, SimTime};

use super::config::RateLimit;

/// A token bucket that is full at the start, by the generic cell rate algorithm: exact, without counting tokens.
#[derive(Clone, Copy, Debug)]
pub(super) struct TokenBucket {
    /// Time in which one token is gained.
    interval: SimDuration,
    /// Time in which all tokens but one are gained.
    tolerance: SimDuration,
    /// When the bucket will be full again.
    full_at: SimTime,
    /// Until when the provider refuses all calls.
    blocked_until: SimTime,
}

impl TokenBucket {
    pub(super) fn new(limit: &RateLimit) -> Self {
        let requests = u64::from(limit.requests);
        let interval = limit.per / requests;
        Self { interval, tolerance: interval * (requests - 1), full_at: SimTime::START, blocked_until: SimTime::START }
    }

    /// How long a call at `now` would have to wait for a token; zero if there is one.
    pub(super) fn wait(&self, now: SimTime) -> SimDuration {
        if self.full_at <= now { SimDuration::ZERO } else { self.full_at.since(now).saturating_sub(self.tolerance) }
    }

    /// Whether the provider refuses all calls at `now`, as an earlier one has exceeded the limit.
    pub(super) fn is_blocked(&self, now: SimTime) -> bool {
        now < self.blocked_until
    }

    /// A call at `now` has exceeded the limit: the provider refuses all calls for this long.
    pub(super) fn block(&mut self, now: SimTime, blocks_for: Option<SimDuration>) {
        if let Some(blocks_for) = blocks_for {
            self.blocked_until = now.saturating_add(blocks_for);
        }
    }

    /// Takes a token, if need be one that is yet to come.
    pub(super) fn take(&mut self, now: SimTime) {
        self.full_at = self.full_at.max(now).saturating_add(self.interval);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::config::{RateScope, WhenExceeded};

    fn four_a_minute() -> TokenBucket {
        TokenBucket::new(&RateLimit {
            requests: 4,
            per: SimDuration::from_secs(60),
            scope: RateScope::Instance,
            when_exceeded: WhenExceeded::Wait,
            blocks_for: None,
        })
    }

    fn second(secs: u64) -> SimTime {
        SimTime::START + SimDuration::from_secs(secs)
    }

    #[test]
    fn a_full_bucket_lets_a_burst_through_then_the_rate() {
        let mut bucket = four_a_minute();
        let mut waits = Vec::new();
        for _ in 0..6 {
            waits.push(bucket.wait(second(0)));
            bucket.take(second(0));
        }
        assert_eq!(waits, [0, 0, 0, 0, 15, 30].map(SimDuration::from_secs));
    }

    #[test]
    fn a_bucket_never_holds_more_than_its_size() {
        let mut bucket = four_a_minute();
        for _ in 0..4 {
            bucket.take(second(1_000));
        }
        assert_eq!(bucket.wait(second(1_000)), SimDuration::from_secs(15));
        assert_eq!(bucket.wait(second(1_014)), SimDuration::from_secs(1));
        assert_eq!(bucket.wait(second(1_015)), SimDuration::ZERO);
    }

    #[test]
    fn in_the_long_run_the_rate_is_the_refill_rate() {
        let mut bucket = four_a_minute();
        let mut passed = 0_u64;
        for secs in 0..60_000 {
            if bucket.wait(second(secs)).is_zero() {
                bucket.take(second(secs));
                passed += 1;
            }
        }
        assert_eq!(passed, 4 + (60_000 - 1) / 15);
    }

    #[test]
    fn a_provider_refuses_everything_for_a_while_after_its_limit_was_exceeded() {
        let mut bucket = four_a_minute();
        bucket.block(second(10), None);
        assert!(!bucket.is_blocked(second(10)), "some providers forget at once");
        bucket.block(second(10), Some(SimDuration::from_secs(60)));
        assert!(bucket.is_blocked(second(10)) && bucket.is_blocked(second(69)));
        assert!(!bucket.is_blocked(second(70)));
    }
}
