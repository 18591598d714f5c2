//! The standard library's binary heap with tombstones, as the engine had it at first; the first entry is never a cancelled one.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::num::{NonZeroU32, NonZeroU64};

use gtnet_sim::time::SimTime;

/// So many cancelled entries may stay in the heap even if few events are pending. This keeps small queues from compacting often.
const DEAD_ENTRIES_FREE: usize = 64;

/// Names one scheduled event, for cancelling it. It stays unique until the event's slot has been used four billion times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct HeapHandle {
    slot: u32,
    generation: NonZeroU32,
}

/// Pending events of type `E`, ordered by time and, at equal times, by the order of scheduling.
///
/// Events live in slots that are reused, so that a queue which has reached its largest size allocates no more. Cancelling
/// frees the slot at once and leaves a dead entry of 16 bytes in the heap; dead entries are swept as soon as they
/// outnumber the pending events, which costs each of them O(1).
///
/// Holds as many events as fit into memory, up to four billion at a time, and any number in its life: sequence numbers have
/// 32 bits, and when they are used up the pending events are numbered anew, in the order that they have.
#[derive(Clone, Debug)]
pub(crate) struct BinaryHeapQueue<E> {
    heap: BinaryHeap<Reverse<HeapEntry>>,
    slots: Vec<EventSlot<E>>,
    free: Vec<u32>,
    /// Sequence number of the next event, from 1.
    next_sequence: NonZeroU32,
}

impl<E: Copy> BinaryHeapQueue<E> {
    /// An empty queue that holds `capacity` pending events without allocating.
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self {
            heap: BinaryHeap::with_capacity(heap_capacity(capacity)),
            slots: Vec::with_capacity(capacity),
            free: Vec::with_capacity(capacity),
            next_sequence: NonZeroU32::MIN,
        }
    }

    /// Adds an event that is due at `at`, after all others that are due then.
    ///
    /// # Panics
    ///
    /// If the queue already holds as many events as it can.
    pub(crate) fn schedule(&mut self, at: SimTime, event: E) -> HeapHandle {
        let number = self.free.pop().unwrap_or_else(|| self.add_slot(event));
        let stamp = EventStamp::new(self.next_sequence, number);
        let slot = &mut self.slots[stamp.slot()];
        (slot.occupant, slot.event) = (Some(stamp), event);
        let handle = HeapHandle { slot: number, generation: slot.generation };
        self.heap.push(Reverse(HeapEntry::new(at, stamp)));
        match self.next_sequence.checked_add(1) {
            Some(next) => self.next_sequence = next,
            None => self.number_anew(),
        }
        handle
    }

    /// Removes the event that `handle` names; nothing if it was popped or cancelled before.
    pub(crate) fn cancel(&mut self, handle: HeapHandle) -> Option<E> {
        if !self.is_pending(handle) {
            return None;
        }
        let event = self.vacate(handle.slot);
        if self.heap.len() > 2 * self.len() + DEAD_ENTRIES_FREE {
            self.sweep();
        } else {
            self.bury_dead_head();
        }
        Some(event)
    }

    /// Whether the event that `handle` names is still to come.
    pub(crate) fn is_pending(&self, handle: HeapHandle) -> bool {
        let slot = &self.slots[handle.slot as usize];
        slot.occupant.is_some() && slot.generation == handle.generation
    }

    /// Removes the next event and tells when it is due.
    pub(crate) fn pop(&mut self) -> Option<(SimTime, E)> {
        let Reverse(entry) = self.heap.pop()?;
        let event = self.vacate(entry.stamp().slot_number());
        self.bury_dead_head();
        Some((entry.time(), event))
    }

    /// Number of pending events; cancelled ones do not count.
    pub(crate) fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    fn add_slot(&mut self, event: E) -> u32 {
        let slot = u32::try_from(self.slots.len()).expect("at most 2^32 events are pending");
        self.slots.push(EventSlot { occupant: None, event, generation: NonZeroU32::MIN });
        // All grow together here, so that nothing is left to grow once the queue has been at its largest.
        self.free.reserve(self.slots.capacity());
        let entries = heap_capacity(self.slots.capacity());
        self.heap.reserve(entries - self.heap.len());
        slot
    }

    fn vacate(&mut self, number: u32) -> E {
        let slot = &mut self.slots[number as usize];
        assert!(slot.occupant.is_some(), "only live events are removed");
        slot.occupant = None;
        slot.generation = slot.generation.checked_add(1).unwrap_or(NonZeroU32::MIN);
        self.free.push(number);
        slot.event
    }

    /// Gives the pending events the least sequence numbers, in their order, and forgets the dead entries.
    #[cold]
    fn number_anew(&mut self) {
        self.sweep();
        let mut entries = std::mem::take(&mut self.heap).into_vec();
        entries.sort_unstable_by_key(|&Reverse(entry)| entry);
        self.next_sequence = NonZeroU32::MIN;
        for Reverse(entry) in &mut entries {
            let stamp = EventStamp::new(self.next_sequence, entry.stamp().slot_number());
            self.slots[stamp.slot()].occupant = Some(stamp);
            *entry = HeapEntry::new(entry.time(), stamp);
            self.next_sequence = self.next_sequence.checked_add(1).expect("fewer than 2^32 - 1 events are pending");
        }
        self.heap = BinaryHeap::from(entries);
    }

    /// Restores the invariant that the first entry is a pending event's.
    fn bury_dead_head(&mut self) {
        while self.heap.peek().is_some_and(|Reverse(entry)| !is_live(&self.slots, entry.stamp())) {
            self.heap.pop();
        }
    }

    fn sweep(&mut self) {
        let slots = &self.slots;
        self.heap.retain(|Reverse(entry)| is_live(slots, entry.stamp()));
    }
}

/// The most entries, live and dead, that the heap ever has while at most `pending` events are pending.
fn heap_capacity(pending: usize) -> usize {
    2 * pending + DEAD_ENTRIES_FREE + 1
}

fn is_live<E>(slots: &[EventSlot<E>], stamp: EventStamp) -> bool {
    slots[stamp.slot()].occupant == Some(stamp)
}

/// A place for the payload of one pending event.
#[derive(Clone, Copy, Debug)]
struct EventSlot<E> {
    /// Stamp of the event that has this slot. Entries with another stamp are stale.
    occupant: Option<EventStamp>,
    event: E,
    /// Number of the event among all that have had this slot. Handles with another number are stale.
    generation: NonZeroU32,
}

/// Sequence number (high half, from 1) and slot (low half) of an event: unique, and ordered as the sequence numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct EventStamp(NonZeroU64);

impl EventStamp {
    fn new(sequence: NonZeroU32, slot: u32) -> Self {
        let stamp = u64::from(sequence.get()) << 32 | u64::from(slot);
        Self(NonZeroU64::new(stamp).expect("sequence numbers start from 1"))
    }

    #[expect(clippy::cast_possible_truncation, reason = "the low half is what is wanted")]
    fn slot_number(self) -> u32 {
        self.0.get() as u32
    }

    fn slot(self) -> usize {
        self.slot_number() as usize
    }
}

/// Time (high half) and stamp (low half) in one integer: one comparison orders by time, then by sequence number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct HeapEntry(u128);

impl HeapEntry {
    fn new(at: SimTime, stamp: EventStamp) -> Self {
        Self(u128::from(at.as_nanos()) << 64 | u128::from(stamp.0.get()))
    }

    fn time(self) -> SimTime {
        SimTime::from_nanos((self.0 >> 64) as u64)
    }

    #[expect(clippy::cast_possible_truncation, reason = "the low half is what is wanted")]
    fn stamp(self) -> EventStamp {
        EventStamp(NonZeroU64::new(self.0 as u64).expect("entries are made of stamps"))
    }
}
