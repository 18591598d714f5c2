//! How many messages two instances have exchanged on a UTC day: two counts and one date for each peer, which the first message of a
//! day rolls (0.36.9).

use crate::time::Timestamp;

use super::DailyLimitZero;

/// Whose messages are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BudgetSide {
    /// Those that the peer has sent.
    Incoming,
    /// Those that the instance has sent to the peer.
    Outgoing,
}

/// The counts that an instance keeps about one peer. No job resets them: the first count of a new day does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RequestBudget {
    unix_day: Option<i64>,
    incoming: Option<u32>,
    outgoing: Option<u32>,
}

impl RequestBudget {
    /// The counts of a day; `None`: nothing was counted in this direction on that day.
    #[must_use]
    pub const fn of_day(unix_day: i64, incoming: Option<u32>, outgoing: Option<u32>) -> Self {
        Self { unix_day: Some(unix_day), incoming, outgoing }
    }

    /// The day of the last count.
    #[must_use]
    pub const fn unix_day(&self) -> Option<i64> {
        self.unix_day
    }

    /// Messages that the peer has sent on that day.
    #[must_use]
    pub const fn incoming(&self) -> Option<u32> {
        self.incoming
    }

    /// Messages that the instance has sent to the peer on that day.
    #[must_use]
    pub const fn outgoing(&self) -> Option<u32> {
        self.outgoing
    }

    /// Counts another message; returns whether the limit allows it. If not, nothing changes.
    ///
    /// The first count of a day forgets the count of the other direction. It is under no limit but one of 0, where the policy
    /// says so.
    pub(super) fn charge(
        &mut self,
        side: BudgetSide,
        limit: Option<u32>,
        zero: DailyLimitZero,
        now: Timestamp,
    ) -> bool {
        if limit == Some(0) && zero == DailyLimitZero::Blocks {
            return false;
        }
        let today = Some(now.unix_day());
        if self.unix_day != today {
            *self = Self { unix_day: today, ..Self::default() };
            *self.count_mut(side) = Some(1);
            return true;
        }
        let count = self.count_mut(side);
        let before = count.unwrap_or(0);
        let is_allowed = limit.is_none_or(|limit| before < limit);
        if is_allowed {
            *count = Some(before.saturating_add(1));
        }
        is_allowed
    }

    /// Takes back a message that was counted today.
    pub(super) fn refund(&mut self, side: BudgetSide, now: Timestamp) {
        if self.unix_day == Some(now.unix_day()) {
            let count = self.count_mut(side);
            *count = count.map(|count| count.saturating_sub(1));
        }
    }

    fn count_mut(&mut self, side: BudgetSide) -> &mut Option<u32> {
        match side {
            BudgetSide::Incoming => &mut self.incoming,
            BudgetSide::Outgoing => &mut self.outgoing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 20_000;

    fn noon_of(day: i64) -> Timestamp {
        Timestamp::from_unix_secs(day * 86_400 + 43_200)
    }

    fn charge(budget: &mut RequestBudget, side: BudgetSide, limit: Option<u32>) -> bool {
        budget.charge(side, limit, DailyLimitZero::FirstOfDayPasses, noon_of(DAY))
    }

    #[test]
    fn a_limit_counts_from_midnight_and_a_refused_message_is_not_counted() {
        let mut budget = RequestBudget::default();
        let mut at = |secs: i64| {
            let now = Timestamp::from_unix_secs(secs);
            budget.charge(BudgetSide::Incoming, Some(2), DailyLimitZero::Blocks, now)
        };
        assert_eq!(
            [43_200, 86_399, 86_399, 86_400, 86_401, 86_402].map(&mut at),
            [true, true, false, true, true, false]
        );
        assert_eq!(budget, RequestBudget::of_day(1, Some(2), None));
    }

    #[test]
    fn the_first_message_of_a_day_forgets_the_other_direction() {
        let mut budget = RequestBudget::of_day(DAY - 1, Some(7), Some(5));
        assert!(charge(&mut budget, BudgetSide::Outgoing, Some(5)));
        assert_eq!(budget, RequestBudget::of_day(DAY, None, Some(1)));
        assert!(charge(&mut budget, BudgetSide::Incoming, Some(5)));
        assert_eq!(budget, RequestBudget::of_day(DAY, Some(1), Some(1)));
    }

    #[test]
    fn a_limit_of_zero_lets_the_first_message_of_a_day_pass_or_none() {
        let mut budget = RequestBudget::default();
        assert!(charge(&mut budget, BudgetSide::Outgoing, Some(0)));
        assert!(!charge(&mut budget, BudgetSide::Outgoing, Some(0)));
        assert!(!charge(&mut budget, BudgetSide::Incoming, Some(0)), "the other direction has begun the day");
        let mut blocked = RequestBudget::default();
        assert!(!blocked.charge(BudgetSide::Outgoing, Some(0), DailyLimitZero::Blocks, noon_of(DAY)));
        assert_eq!(blocked, RequestBudget::default());
        assert!(blocked.charge(BudgetSide::Outgoing, Some(1), DailyLimitZero::Blocks, noon_of(DAY)));
    }

    #[test]
    fn without_a_limit_messages_are_counted_all_the_same() {
        let mut budget = RequestBudget::default();
        assert!((0..1_000).all(|_| charge(&mut budget, BudgetSide::Outgoing, None)));
        assert_eq!((budget.unix_day(), budget.incoming(), budget.outgoing()), (Some(DAY), None, Some(1_000)));
    }

    #[test]
    fn a_refund_gives_back_what_was_counted_today() {
        let mut budget = RequestBudget::of_day(DAY, None, Some(2));
        budget.refund(BudgetSide::Outgoing, noon_of(DAY));
        budget.refund(BudgetSide::Incoming, noon_of(DAY));
        assert_eq!(budget, RequestBudget::of_day(DAY, None, Some(1)));
        budget.refund(BudgetSide::Outgoing, noon_of(DAY + 1));
        assert_eq!(budget, RequestBudget::of_day(DAY, None, Some(1)));
    }
}
