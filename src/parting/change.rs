//! How much two runs differ, in whole numbers, so that the parts add up to the whole exactly.

use super::seen::{RunTotals, SeenPrice};

/// A count that is larger in one run for some pairs, and smaller for others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gain {
    /// By how much it is larger in the second run where it is larger.
    pub more: u64,
    /// By how much it is smaller in the second run where it is smaller.
    pub fewer: u64,
}

/// How the second run differs from the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunChange {
    /// Pairs of visit and instrument that end otherwise.
    pub pairs: u64,
    /// Calls of providers.
    pub calls: Gain,
    /// Prices that users see.
    pub shown: Gain,
    /// Those of them that are fresh.
    pub fresh: Gain,
    /// Ages of all prices that users see, added up \[ns\].
    pub age_nanos: i128,
}

impl Gain {
    /// By how much it is larger in the second run, all in all.
    #[must_use]
    pub fn net(self) -> i64 {
        self.more.cast_signed() - self.fewer.cast_signed()
    }

    fn add(&mut self, [first, second]: [u64; 2]) {
        self.more += second.saturating_sub(first);
        self.fewer += first.saturating_sub(second);
    }

    const fn plus(self, other: Self) -> Self {
        Self { more: self.more + other.more, fewer: self.fewer + other.fewer }
    }
}

impl RunChange {
    /// The change that a pair makes; `None`: the run does not have it.
    pub(super) fn of_pair(pair: [Option<&SeenPrice>; 2]) -> Self {
        let mut change = Self { pairs: 1, ..Self::default() };
        let age = |price: &SeenPrice| price.age().map_or(0, |age| i128::from(age.as_nanos()));
        change.calls.add(pair.map(|price| price.map_or(0, |price| u64::from(price.calls))));
        change.shown.add(pair.map(|price| u64::from(price.is_some_and(|price| price.age().is_some()))));
        change.fresh.add(pair.map(|price| u64::from(price.is_some_and(SeenPrice::is_fresh))));
        change.age_nanos = pair[1].map_or(0, age) - pair[0].map_or(0, age);
        change
    }

    /// The change of calls that belong to no visit.
    pub(super) fn of_calls(calls: [u64; 2]) -> Self {
        let mut change = Self::default();
        change.calls.add(calls);
        change
    }

    /// The change of everything that the results count.
    pub(super) fn of_totals([first, second]: [RunTotals; 2]) -> Self {
        let mut change = Self::default();
        let signed = |nanos: u128| i128::try_from(nanos).expect("ages add up to less than 2^127 ns");
        change.calls.add([first.calls, second.calls]);
        change.shown.add([first.shown, second.shown]);
        change.fresh.add([first.fresh, second.fresh]);
        change.age_nanos = signed(second.age_nanos) - signed(first.age_nanos);
        change
    }

    /// Both changes together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            pairs: self.pairs + other.pairs,
            calls: self.calls.plus(other.calls),
            shown: self.shown.plus(other.shown),
            fresh: self.fresh.plus(other.fresh),
            age_nanos: self.age_nanos + other.age_nanos,
        }
    }

    /// How many calls and fresh prices it moves, whichever way.
    pub(super) const fn counts(&self) -> u64 {
        self.calls.more + self.calls.fewer + self.fresh.more + self.fresh.fewer
    }

    /// What it comes to: calls, prices shown, fresh ones, and ages \[ns\].
    #[must_use]
    pub fn net(&self) -> (i64, i64, i64, i128) {
        (self.calls.net(), self.shown.net(), self.fresh.net(), self.age_nanos)
    }
}
