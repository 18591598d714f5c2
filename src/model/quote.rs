//! What a simulated price says: not a number, but which moment's price it is.

use crate::protocol::PriceContent;
use crate::time::Timestamp;

/// The content of a simulated price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Quote {
    /// The moment, in true time, at which the market made this price; `None`: there is no price yet. The timestamp of a
    /// price says when it was *stamped*, by a clock or provider that may be wrong; this is what the simulator knows.
    pub(super) as_of: Option<Timestamp>,
    /// Whether it is in a pool, or comes from one, into which it came by a push.
    pub(super) pushed: bool,
}

impl Quote {
    /// No price.
    pub(super) const NONE: Self = Self { as_of: None, pushed: false };
}

impl PriceContent for Quote {
    fn has_last(&self) -> bool {
        self.as_of.is_some()
    }

    fn update(&mut self, newer: &Self) {
        if newer.as_of.is_some() {
            *self = *newer;
        }
    }
}
