//! What orders the pending events: time and sequence number in one integer, so that no two entries are equal.

/// When an event is due \[ns\] (high half), its sequence number, from 1, and its slot (low half): one comparison orders by time,
/// then by sequence number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct QueueEntry(u128);

impl QueueEntry {
    pub(super) fn new(at: u64, sequence: u32, slot: u32) -> Self {
        Self(u128::from(at) << 64 | u128::from(sequence) << 32 | u128::from(slot))
    }

    /// When the event is due \[ns\].
    pub(super) fn at(self) -> u64 {
        (self.0 >> 64) as u64
    }

    #[expect(clippy::cast_possible_truncation, reason = "the third quarter is what is wanted")]
    pub(super) fn sequence(self) -> u32 {
        (self.0 >> 32) as u32
    }

    #[expect(clippy::cast_possible_truncation, reason = "the last quarter is what is wanted")]
    pub(super) fn slot(self) -> u32 {
        self.0 as u32
    }
}
