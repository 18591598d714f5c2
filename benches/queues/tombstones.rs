//! Cancelling for structures that cannot remove from their middle: dead entries stay until they surface or are swept.

use super::{Expectation, PendingSet};

/// Bits of a stamp that hold the slot.
pub(crate) const SLOT_BITS: u32 = 24;

/// Time [ns] (high half), sequence number and slot (low half).
pub(crate) type Entry = u128;

/// A structure that yields its least entry.
pub(crate) trait Order {
    /// Dead entries that are not worth a sweep.
    const DEAD_ENTRIES_FREE: usize;

    /// An empty structure.
    fn new(expectation: Expectation) -> Self;
    /// Adds an entry.
    fn push(&mut self, entry: Entry);
    /// Removes the least entry.
    fn pop(&mut self) -> Option<Entry>;
    /// Removes the entries that are not to be kept.
    fn retain(&mut self, keep: impl FnMut(&Entry) -> bool);
}

/// An [`Order`] whose entries can be cancelled.
pub(crate) struct Tombstones<O> {
    order: O,
    /// The occupant's stamp (0 if none) and event, by slot.
    slots: Vec<(u64, u32)>,
    free: Vec<u32>,
    next_sequence: u64,
    dead: usize,
}

impl<O: Order> PendingSet for Tombstones<O> {
    type Handle = u64;

    fn new(expectation: Expectation) -> Self {
        Self {
            order: O::new(expectation),
            slots: Vec::with_capacity(expectation.pending),
            free: Vec::with_capacity(expectation.pending),
            next_sequence: 1,
            dead: 0,
        }
    }

    fn schedule(&mut self, at: u64, event: u32) -> u64 {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push((0, 0));
            u32::try_from(self.slots.len() - 1).expect("a benchmark's size")
        });
        let stamp = self.next_sequence << SLOT_BITS | u64::from(slot);
        self.next_sequence += 1;
        self.slots[slot as usize] = (stamp, event);
        self.order.push(u128::from(at) << 64 | u128::from(stamp));
        stamp
    }

    fn cancel(&mut self, handle: u64) -> bool {
        let slot = slot_of(handle);
        if self.slots[slot as usize].0 != handle {
            return false;
        }
        self.slots[slot as usize].0 = 0;
        self.free.push(slot);
        self.dead += 1;
        if self.dead > self.slots.len() - self.free.len() + O::DEAD_ENTRIES_FREE {
            let slots = &self.slots;
            self.order.retain(|&entry| slots[slot_of(stamp_of(entry)) as usize].0 == stamp_of(entry));
            self.dead = 0;
        }
        true
    }

    fn pop(&mut self) -> Option<(u64, u32)> {
        loop {
            let entry = self.order.pop()?;
            let slot = slot_of(stamp_of(entry));
            let (occupant, event) = self.slots[slot as usize];
            if occupant == stamp_of(entry) {
                self.slots[slot as usize].0 = 0;
                self.free.push(slot);
                return Some((time_of(entry), event));
            }
            self.dead -= 1;
        }
    }
}

/// When an entry is due [ns].
pub(crate) fn time_of(entry: Entry) -> u64 {
    u64::try_from(entry >> 64).expect("a half")
}

/// Sequence number and slot.
#[expect(clippy::cast_possible_truncation, reason = "the low half is what is wanted")]
pub(crate) fn stamp_of(entry: Entry) -> u64 {
    entry as u64
}

/// Where the event is.
#[expect(clippy::cast_possible_truncation, reason = "masked to 24 bits")]
pub(crate) fn slot_of(stamp: u64) -> u32 {
    stamp as u32 & ((1 << SLOT_BITS) - 1)
}
