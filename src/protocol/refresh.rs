//! Refreshes of pools: which pooled prices a push-open server fetches anew without being asked. No document and no release has such a
//! rule.

use crate::time::{SimDuration, Timestamp};

use super::{ClosedMarkets, Connector, Policy, Price};

/// The shortest time between two refreshes of a pool.
pub const SHORTEST_POOL_REFRESH: SimDuration = SimDuration::from_secs(60);

impl Policy {
    /// Whether a refresh at `now` fetches a pooled price anew from `connector`: it was stamped longer ago than the policy's age and
    /// the connector's own delay together. One that is final is not fetched where closed markets are left alone.
    #[must_use]
    pub fn fetches_anew<C>(&self, price: &Price<C>, is_final: bool, connector: Connector, now: Timestamp) -> bool {
        let is_old = price.timestamp.is_none_or(|stamped| stamped + connector.delay < now - self.pool_refresh_age);
        is_old && !(is_final && self.closed_markets == ClosedMarkets::NotAsked)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Preset;
    use super::super::test_support::price;
    use super::*;

    #[test]
    fn a_price_is_fetched_anew_when_it_is_older_than_age_and_delay() {
        let policy = Policy { pool_refresh_age: SimDuration::from_secs(300), ..Policy::of(Preset::SevenStep) };
        let now = Timestamp::from_unix_secs(10_000);
        let is_fetched = |secs, delay| {
            let connector = Connector { delay: SimDuration::from_secs(delay) };
            policy.fetches_anew(&price(secs, 1), false, connector, now)
        };
        assert_eq!([9_699, 9_700, 9_701].map(|secs| is_fetched(Some(secs), 0)), [true, false, false]);
        assert_eq!([8_799, 8_800, 9_699].map(|secs| is_fetched(Some(secs), 900)), [true, false, false]);
        assert!(is_fetched(None, 900));
    }

    #[test]
    fn a_final_price_is_fetched_anew_unless_closed_markets_are_left_alone() {
        let (connector, now) = (Connector { delay: SimDuration::ZERO }, Timestamp::from_unix_secs(10_000));
        for (closed_markets, is_fetched) in [(ClosedMarkets::Asked, true), (ClosedMarkets::NotAsked, false)] {
            let policy = Policy { closed_markets, ..Policy::of(Preset::SevenStep) };
            assert_eq!(policy.fetches_anew(&price(Some(0), 1), true, connector, now), is_fetched);
            assert!(policy.fetches_anew(&price(Some(0), 1), false, connector, now));
        }
    }
}
