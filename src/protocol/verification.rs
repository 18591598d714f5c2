//! Checks of pushed prices: which of them counts as false, and for how long a server then distrusts who has pushed it. What if: no
//! document and no release checks anything.

use crate::time::Timestamp;

use super::{Peer, Policy, Price};

impl Policy {
    /// Whether a server that uses these rules checks anything.
    #[must_use]
    pub fn checks_pushes(&self) -> bool {
        self.push_checked_share > 0.0
    }

    /// Whether the timestamp of a checked price proves that it is false, when the server's clock shows `now`: nobody can have a
    /// price of the future.
    #[must_use]
    pub fn is_false_by_stamp<C>(&self, price: &Price<C>, now: Timestamp) -> bool {
        self.push_check_ahead.is_some_and(|ahead| price.is_newer_than(Some(now + ahead)))
    }

    /// Whether a checked price is false that is so far from the one of the server's own provider \[basis points of the latter\].
    #[must_use]
    pub fn is_false_by_value(&self, difference_bp: f64) -> bool {
        difference_bp > self.push_check_tolerance_bp
    }
}

impl Peer {
    /// Takes note, when the instance's clock shows `now`, that the peer has pushed a false price.
    pub fn distrust(&mut self, policy: &Policy, now: Timestamp) {
        self.distrusted_until = Some(now + policy.push_distrust);
    }

    /// Whether what the peer pushes is refused, and what it requests teaches a pool nothing, when the instance's clock shows `now`.
    #[must_use]
    pub fn is_distrusted(&self, now: Timestamp) -> bool {
        self.distrusted_until.is_some_and(|until| now < until)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Preset;
    use super::super::test_support::{peer, price};
    use super::*;
    use crate::time::SimDuration;

    #[test]
    fn a_stamp_is_false_only_beyond_the_tolerance() {
        let policy = Policy { push_check_ahead: Some(SimDuration::from_secs(60)), ..Policy::of(Preset::SevenStep) };
        let now = Timestamp::from_unix_secs(1_000);
        let is_false = |policy: &Policy, secs| policy.is_false_by_stamp(&price(secs, 1), now);
        assert_eq!(
            [None, Some(1_000), Some(1_060), Some(1_061)].map(|secs| is_false(&policy, secs)),
            [false, false, false, true]
        );
        let blind = Policy { push_check_ahead: None, ..policy };
        assert!(!is_false(&blind, Some(1_000_000)), "stamps prove nothing");
    }

    #[test]
    fn a_value_is_false_only_beyond_the_tolerance() {
        let policy = Policy { push_check_tolerance_bp: 500.0, ..Policy::of(Preset::SevenStep) };
        assert!(!policy.is_false_by_value(0.0) && !policy.is_false_by_value(500.0));
        assert!(policy.is_false_by_value(500.1));
    }

    #[test]
    fn distrust_ends() {
        let policy = Policy { push_distrust: SimDuration::from_secs(100), ..Policy::of(Preset::SevenStep) };
        let at = Timestamp::from_unix_secs;
        let mut rogue = peer();
        assert!(!rogue.is_distrusted(at(0)));
        rogue.distrust(&policy, at(1_000));
        assert_eq!([1_000, 1_099, 1_100].map(|secs| rogue.is_distrusted(at(secs))), [true, true, false]);
        rogue.distrust(&policy, at(1_050));
        assert!(rogue.is_distrusted(at(1_149)), "another false price prolongs it");
    }

    #[test]
    fn no_preset_checks_anything() {
        assert!(Preset::ALL.iter().all(|preset| !Policy::of(*preset).checks_pushes()));
    }
}
