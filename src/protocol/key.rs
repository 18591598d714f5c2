//! Instruments as the algorithm knows them: keys that can be compared, some of them malformed.

use std::fmt::Debug;

/// What names an instrument on the wire: a security's ISIN and currency, or the two currencies of a pair.
///
/// Released systems meet malformed keys, and each place of the algorithm treats them in its own way. A key that is always
/// well-formed, such as [`InstrumentId`], keeps the defaults.
pub trait InstrumentKey: Copy + Ord + Debug {
    /// Whether every part of the key is there. If not, no store keeps the instrument, and no server answers for it.
    fn is_complete(self) -> bool {
        true
    }

    /// Whether a security has its ISIN, or a pair both its currencies. If not, GTNet drops the instrument from the exchange.
    fn is_named(self) -> bool {
        true
    }

    /// Whether the ISIN, or a currency of a pair, is an empty text. If so, the instance's own prices of the instrument do not
    /// enter its pool.
    fn is_blank(self) -> bool {
        false
    }
}

/// A security or a currency pair, interned once per scenario; always well-formed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstrumentId(pub u32);

impl InstrumentKey for InstrumentId {}
