//! What a rogue instance does to the prices that it sends. Each of them carries the mark of its fault from then on, wherever it
//! goes.

use crate::observe::FaultId;
use crate::protocol::Policy;
use crate::time::{SimDuration, Timestamp};

use super::message::MessageItem;
use super::quote::FaultMark;

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
    pub(super) fn falsify(self, policy: &Policy, items: &mut [MessageItem], now: Timestamp) {
        let stamped = policy.as_sent(now + self.ahead);
        for MessageItem { price, .. } in items {
            if let Some(before) = price.timestamp.replace(stamped) {
                price.content.stamp_error = price.content.stamp_error.restamped(before, stamped);
            }
            price.content.falsified = FaultMark::of(self.fault);
        }
    }
}
