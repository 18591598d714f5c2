//! What a simulated price says: not a number, but which moment's price it is.

use crate::observe::{FaultId, StampError};
use crate::protocol::PriceContent;

use super::marks::Marks;

/// The content of a simulated price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Quote {
    /// How it came here. The timestamp of a price says when it was *stamped*, by a clock or provider that may be wrong; this is
    /// what the simulator knows.
    pub(super) marks: Marks,
    /// Of a price in a pool: whether it came there by a push. Of an instrument in an exchange: whether the price that filled it
    /// had come into a pool by a push.
    pub(super) pushed: bool,
    /// How far the timestamp of the price is from the right one. It fits into the quote without making it larger.
    pub(super) stamp_error: StampError,
    /// The fault of the rogue instance that has falsified it; `None`: it is as the market made it.
    pub(super) falsified: FaultMark,
}

/// The mark of a fault, or none, in as few bytes as a fault alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FaultMark(u16);

impl FaultMark {
    /// No fault.
    pub(super) const NONE: Self = Self(u16::MAX);

    /// The mark of a fault.
    pub(super) fn of(fault: FaultId) -> Self {
        assert_ne!(Self(fault.0), Self::NONE, "there are fewer faults");
        Self(fault.0)
    }

    /// Which fault it is.
    pub(super) fn fault(self) -> Option<FaultId> {
        (self != Self::NONE).then_some(FaultId(self.0))
    }
}

impl Quote {
    /// No price.
    pub(super) const NONE: Self =
        Self { marks: Marks::NONE, pushed: false, stamp_error: StampError::NONE, falsified: FaultMark::NONE };

    /// Whether it is a price.
    pub(super) fn is_price(&self) -> bool {
        self.marks.source().is_some()
    }
}

const _: () = assert!(size_of::<Quote>() == 48, "every message and every store holds many of them");

impl PriceContent for Quote {
    const NOTHING: Self = Self::NONE;

    fn has_last(&self) -> bool {
        self.is_price()
    }

    fn update(&mut self, newer: &Self) {
        if newer.is_price() {
            *self = *newer;
        }
    }

    fn update_filled(&mut self, newer: &Self) {
        let pushed = self.pushed;
        self.update(newer);
        self.pushed = pushed;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::ProviderId;
    use crate::time::SimTime;

    #[test]
    fn what_comes_later_does_not_change_how_an_instrument_was_filled() {
        let marks = |secs| Marks::fetched(ProviderId(0), SimTime::from_nanos(secs), SimTime::from_nanos(secs));
        let quote = |secs, pushed| Quote { marks: marks(secs), pushed, ..Quote::NONE };
        for pushed in [false, true] {
            let mut filled = Quote::NONE;
            filled.update(&quote(1, pushed));
            filled.update_filled(&quote(2, !pushed));
            assert_eq!(filled, quote(2, pushed));
        }
    }
}
