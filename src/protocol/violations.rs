//! Violations of limits by a peer: one count, which blocks the peer's requests from some number on and never falls by itself.

use crate::time::Timestamp;

use super::Policy;

/// Violations of a limit are counted up to this.
pub const MOST_VIOLATIONS: u32 = 99;

/// How often a peer has violated a limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Violations {
    count: Option<u32>,
    /// Which of the administrator's intervals the count belongs to; `None`: it has not been looked at yet.
    interval: Option<i64>,
}

impl Violations {
    /// A count; `None`: nobody has counted yet.
    #[must_use]
    pub const fn counted(count: Option<u32>) -> Self {
        Self { count, interval: None }
    }

    /// The count; `None`: nobody has counted yet.
    #[must_use]
    pub const fn count(&self) -> Option<u32> {
        self.count
    }

    /// The administrator forgives them all.
    pub fn reset(&mut self) {
        self.count = Some(0);
    }

    /// Counts one more.
    pub(super) fn add(&mut self, policy: &Policy, now: Timestamp) {
        self.forgive_in_time(policy, now);
        self.count = Some(self.count.map_or(1, |count| (count + 1).min(MOST_VIOLATIONS)));
    }

    /// Whether there are so many that requests are refused.
    pub(super) fn block(&mut self, policy: &Policy, now: Timestamp) -> bool {
        self.forgive_in_time(policy, now);
        policy.violation_block.is_some_and(|most| self.count.is_some_and(|count| count >= most))
    }

    /// What the administrator of a policy with regular resets has done by now.
    fn forgive_in_time(&mut self, policy: &Policy, now: Timestamp) {
        let Some(every) = policy.violation_reset else { return };
        let every = i64::try_from(every.as_nanos()).expect("at most ten years");
        let interval = Some(now.as_unix_nanos().div_euclid(every));
        if self.interval.is_some() && self.interval != interval && self.count.is_some() {
            self.reset();
        }
        self.interval = interval;
    }
}

#[cfg(test)]
mod tests {
    use super::super::Preset;
    use super::*;
    use crate::time::SimDuration;

    const NOW: Timestamp = Timestamp::from_unix_secs(43_200);

    #[test]
    fn the_first_is_one_and_none_is_counted_beyond_the_most() {
        let policy = Policy::of(Preset::Gt0369);
        for (before, after) in [(None, 1), (Some(0), 1), (Some(98), 99), (Some(99), 99)] {
            let mut violations = Violations::counted(before);
            violations.add(&policy, NOW);
            assert_eq!(violations.count(), Some(after));
        }
    }

    #[test]
    fn from_some_number_on_they_block_until_they_are_forgiven() {
        let policy = Policy::of(Preset::Gt0369);
        for (count, blocks) in [(None, false), (Some(19), false), (Some(20), true), (Some(99), true)] {
            let mut violations = Violations::counted(count);
            assert_eq!(violations.block(&policy, NOW), blocks, "{count:?}");
            assert!(!violations.block(&Policy::of(Preset::Gt0365), NOW));
            violations.reset();
            assert!(!violations.block(&policy, NOW));
            assert_eq!(violations.count(), Some(0));
        }
    }

    #[test]
    fn an_administrator_may_forgive_them_regularly() {
        let policy = Policy { violation_reset: Some(SimDuration::from_days(1)), ..Policy::of(Preset::Gt0369) };
        let mut violations = Violations::counted(Some(20));
        assert!(violations.block(&policy, NOW), "the first look only says in which interval it is");
        assert!(violations.block(&policy, Timestamp::from_unix_secs(86_399)));
        assert!(!violations.block(&policy, Timestamp::from_unix_secs(86_400)));
        assert_eq!(violations.count(), Some(0));
        violations.add(&policy, Timestamp::from_unix_secs(86_401));
        violations.add(&policy, Timestamp::from_unix_secs(172_800));
        assert_eq!(violations.count(), Some(1));
        let mut none = Violations::default();
        none.block(&policy, NOW);
        assert!(!none.block(&policy, Timestamp::from_unix_secs(86_400)));
        assert_eq!(none.count(), None);
    }
}
