//! What a rogue instance does to the prices that it sends. Each of them carries the mark of its fault from then on, wherever it
//! goes.

use crate::observe::FaultId;
use crate::time::{SimDuration, Timestamp};

use super::message::MessageItem;

/// That an instance is rogue: it falsifies what it pushes and what it answers. Its own users see what it has itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rogue {
    /// The fault, which says by which factor the values are false.
    pub(super) fault: FaultId,
    /// How far in the future it stamps prices.
    pub(super) ahead: SimDuration,
}

impl Rogue {
    /// Falsifies what the instance sends at `now`, by its clock. Of two rogue instances that pass on a price the last one decides
    /// what it says.
    pub(super) fn falsify(self, items: &mut [MessageItem], now: Timestamp) {
        for MessageItem { price, .. } in items {
            price.timestamp = Some(now + self.ahead);
            price.content.falsified = Some(self.fault);
        }
    }
}
