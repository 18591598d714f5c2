//! Prices: a timestamp that decides which of two is newer, and a content that the algorithm only passes on.

use crate::time::Timestamp;

/// What a price carries beside its timestamp.
pub trait PriceContent: Copy {
    /// What says nothing.
    const NOTHING: Self;

    /// Whether there is a last price; without one a price is never pushed.
    fn has_last(&self) -> bool;

    /// Takes over what `newer` says, and keeps what it does not mention. Local instruments are updated in this way; pools
    /// replace whole prices.
    fn update(&mut self, newer: &Self);

    /// The same for an instrument that this exchange has filled before: what says who filled it stays.
    fn update_filled(&mut self, newer: &Self) {
        self.update(newer);
    }
}

/// A price as stored and sent: when it was stamped, and what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price<C> {
    /// When the price was stamped; `None`: never, which is older than any time.
    pub timestamp: Option<Timestamp>,
    /// What it says.
    pub content: C,
}

impl<C> Price<C> {
    /// Whether this price is strictly newer than one stamped `timestamp`.
    ///
    /// An absent timestamp is older than any other, and not newer than another absent one. This is the only comparison of prices:
    /// "the newer price is always preferred, regardless of which server it comes from" (seven-step).
    #[must_use]
    pub fn is_newer_than(&self, timestamp: Option<Timestamp>) -> bool {
        self.timestamp > timestamp
    }
}

impl<C: PriceContent> Price<C> {
    /// No price: older than any other.
    pub const NONE: Self = Self { timestamp: None, content: C::NOTHING };

    /// Takes over the timestamp of `newer`, if it has one, and what its content says.
    pub fn update(&mut self, newer: &Self) {
        self.timestamp = newer.timestamp.or(self.timestamp);
        self.content.update(&newer.content);
    }

    /// The same for an instrument that has been filled before; see [`PriceContent::update_filled`].
    pub fn update_filled(&mut self, newer: &Self) {
        self.timestamp = newer.timestamp.or(self.timestamp);
        self.content.update_filled(&newer.content);
    }
}

/// A price with the instrument that it belongs to: one line of a request, an answer or a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceItem<K, C> {
    /// The instrument.
    pub instrument: K,
    /// Its price; in a request the requester's local one.
    pub price: Price<C>,
}

#[cfg(test)]
mod tests {
    use super::super::test_support::Key;
    use super::super::{ExchangeSet, Outcome, PeerId, WatchlistItem};
    use super::*;

    #[test]
    fn newer_is_strictly_later_and_no_timestamp_is_oldest() {
        let stamped =
            |timestamp: Option<i64>| Price { timestamp: timestamp.map(Timestamp::from_unix_secs), content: () };
        let at = |secs: i64| Some(Timestamp::from_unix_secs(secs));
        assert!(stamped(Some(2)).is_newer_than(at(1)));
        assert!(!stamped(Some(1)).is_newer_than(at(1)));
        assert!(!stamped(Some(0)).is_newer_than(at(1)));
        assert!(stamped(Some(-5)).is_newer_than(None));
        assert!(!stamped(None).is_newer_than(None));
        assert!(!stamped(None).is_newer_than(at(1)));
    }

    /// A content that tells how often it was updated after it had filled.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    struct Again(u32);

    impl PriceContent for Again {
        const NOTHING: Self = Self(0);

        fn has_last(&self) -> bool {
            true
        }

        fn update(&mut self, newer: &Self) {
            *self = *newer;
        }

        fn update_filled(&mut self, _newer: &Self) {
            self.0 += 1;
        }
    }

    #[test]
    fn a_price_that_comes_after_the_one_that_filled_is_told_as_such() {
        let at = |secs| Price { timestamp: Some(Timestamp::from_unix_secs(secs)), content: Again(0) };
        let mut set = ExchangeSet::new();
        set.begin(
            true,
            std::iter::once(WatchlistItem {
                instrument: Key(1),
                receive: true,
                send: true,
                connector: None,
                active: true,
                retry: 0,
                valuation_only: false,
                price_is_final: false,
                price: at(100),
            }),
        );
        for secs in [101, 102, 102, 103] {
            set.apply(&[PriceItem { instrument: Key(1), price: at(secs) }], Outcome::PushOpen(PeerId(0)));
        }
        assert_eq!(set.prices().map(|item| item.price.content).collect::<Vec<_>>(), [Again(2)]);
    }
}
