//! The pending events, in the order (time, sequence number); the first entry of the heap is never a cancelled one.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::num::{NonZeroU32, NonZeroU64};

use crate::time::SimTime;

/// So many cancelled entries may stay in the heap even if few events are pending. This keeps small queues from compacting often.
const DEAD_ENTRIES_FREE: usize = 64;

/// Names one scheduled event, for cancelling it. It stays unique until the event's slot has been used four billion times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EventHandle {
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
pub struct EventQueue<E> {
    heap: BinaryHeap<Reverse<HeapEntry>>,
    slots: Vec<EventSlot<E>>,
    free: Vec<u32>,
    /// Sequence number of the next event, from 1.
    next_sequence: NonZeroU32,
}

impl<E: Copy> EventQueue<E> {
    /// An empty queue.
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(0)
    }

    /// An empty queue that holds `capacity` pending events without allocating.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            heap: BinaryHeap::with_capacity(heap_capacity(capacity)),
            slots: Vec::with_capacity(capacity),
            free: Vec::with_capacity(capacity),
            next_sequence: NonZeroU32::MIN,
        }
    }

    /// Memory of each event when the queue is at its largest \[bytes\]: a slot, an entry, a dead entry, and a place in the list
    /// of free slots.
    #[must_use]
    pub const fn bytes_per_event() -> usize {
        size_of::<EventSlot<E>>() + 2 * size_of::<HeapEntry>() + size_of::<u32>()
    }

    /// Adds an event that is due at `at`, after all others that are due then.
    ///
    /// # Panics
    ///
    /// If the queue already holds as many events as it can.
    pub fn schedule(&mut self, at: SimTime, event: E) -> EventHandle {
        let number = self.free.pop().unwrap_or_else(|| self.add_slot(event));
        let stamp = EventStamp::new(self.next_sequence, number);
        let slot = &mut self.slots[stamp.slot()];
        (slot.occupant, slot.event) = (Some(stamp), event);
        let handle = EventHandle { slot: number, generation: slot.generation };
        self.heap.push(Reverse(HeapEntry::new(at, stamp)));
        match self.next_sequence.checked_add(1) {
            Some(next) => self.next_sequence = next,
            None => self.number_anew(),
        }
        handle
    }

    /// Removes the event that `handle` names; nothing if it was popped or cancelled before.
    pub fn cancel(&mut self, handle: EventHandle) -> Option<E> {
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
    #[must_use]
    pub fn is_pending(&self, handle: EventHandle) -> bool {
        let slot = &self.slots[handle.slot as usize];
        slot.occupant.is_some() && slot.generation == handle.generation
    }

    /// Removes the next event and tells when it is due.
    pub fn pop(&mut self) -> Option<(SimTime, E)> {
        let Reverse(entry) = self.heap.pop()?;
        let event = self.vacate(entry.stamp().slot_number());
        self.bury_dead_head();
        Some((entry.time(), event))
    }

    /// Removes the next event if it is due before `horizon`.
    pub fn pop_before(&mut self, horizon: SimTime) -> Option<(SimTime, E)> {
        if self.peek_time()? < horizon { self.pop() } else { None }
    }

    /// When the next event is due.
    #[must_use]
    pub fn peek_time(&self) -> Option<SimTime> {
        self.heap.peek().map(|Reverse(entry)| entry.time())
    }

    /// Number of pending events; cancelled ones do not count.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// Whether no event is pending.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
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

impl<E: Copy> Default for EventQueue<E> {
    fn default() -> Self {
        Self::new()
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// One step of an arbitrary history.
    #[derive(Clone, Debug)]
    enum Step {
        Schedule {
            at: u64,
        },
        /// Cancels one of the handles ever given out, live or stale.
        Cancel {
            which: prop::sample::Index,
        },
        Pop,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            // Few distinct times, so that ties are common.
            4 => (0..8_u64).prop_map(|at| Step::Schedule { at }),
            3 => any::<prop::sample::Index>().prop_map(|which| Step::Cancel { which }),
            2 => Just(Step::Pop),
        ]
    }

    fn at(nanos: u64) -> SimTime {
        SimTime::from_nanos(nanos)
    }

    proptest! {
        #[test]
        fn the_queue_equals_a_stable_sort(
            steps in prop::collection::vec(step(), 0..400),
            left in prop_oneof![Just(u32::MAX), 1..100_u32],
        ) {
            let mut queue = EventQueue::new();
            // With few sequence numbers left, the events are numbered anew on the way.
            queue.next_sequence = NonZeroU32::new(u32::MAX - left + 1).expect("at least one is left");
            let mut handles = Vec::new();
            // The event is its own number; the model keeps (time, number) sorted, which is the stable order.
            let mut model: Vec<(SimTime, usize)> = Vec::new();
            for step in steps {
                match step {
                    Step::Schedule { at: nanos } => {
                        model.push((at(nanos), handles.len()));
                        model.sort_unstable();
                        handles.push(queue.schedule(at(nanos), handles.len()));
                    }
                    Step::Cancel { which } if !handles.is_empty() => {
                        let number = which.index(handles.len());
                        let expected = model.iter().position(|&(_, event)| event == number);
                        let cancelled = queue.cancel(handles[number]);
                        prop_assert_eq!(cancelled, expected.map(|index| model.remove(index).1));
                    }
                    Step::Cancel { .. } => {}
                    Step::Pop => {
                        let expected = (!model.is_empty()).then(|| model.remove(0));
                        prop_assert_eq!(queue.pop(), expected);
                    }
                }
                prop_assert_eq!(queue.len(), model.len());
                prop_assert_eq!(queue.peek_time(), model.first().map(|&(time, _)| time));
            }
            let rest: Vec<_> = std::iter::from_fn(|| queue.pop()).collect();
            prop_assert_eq!(rest, model);
        }
    }

    #[test]
    fn events_of_the_same_time_are_first_in_first_out() {
        let mut queue = EventQueue::with_capacity(3);
        for event in ['a', 'b', 'c'] {
            queue.schedule(at(7), event);
        }
        let order: String = std::iter::from_fn(|| queue.pop()).map(|(_, event)| event).collect();
        assert_eq!(order, "abc");
    }

    #[test]
    fn a_stale_handle_does_not_touch_the_next_occupant_of_its_slot() {
        let mut queue = EventQueue::new();
        let popped = queue.schedule(at(1), 'p');
        assert_eq!(queue.pop(), Some((at(1), 'p')));
        let cancelled = queue.schedule(at(2), 'c');
        assert_eq!(queue.cancel(cancelled), Some('c'));
        let current = queue.schedule(at(3), 'n');
        assert_eq!(queue.cancel(popped), None);
        assert_eq!(queue.cancel(cancelled), None);
        assert!(queue.is_pending(current));
        assert_eq!(queue.pop(), Some((at(3), 'n')));
    }

    #[test]
    fn the_sequence_has_no_end() {
        let mut queue = EventQueue::new();
        queue.next_sequence = NonZeroU32::MAX;
        let first = queue.schedule(at(1), 'a');
        assert_eq!(queue.next_sequence.get(), 2, "the only event is numbered anew, from 1");
        queue.schedule(at(1), 'b');
        assert_eq!(queue.cancel(first), Some('a'), "a handle outlives the numbers");
        assert_eq!(queue.pop(), Some((at(1), 'b')));
    }

    #[test]
    fn an_event_is_not_larger_for_its_generation() {
        assert_eq!(size_of::<EventSlot<[u32; 3]>>(), 24);
        assert_eq!(size_of::<Option<EventHandle>>(), 8);
    }

    #[test]
    fn cancelled_timeouts_do_not_accumulate() {
        let mut queue = EventQueue::with_capacity(10);
        for event in 0..10 {
            queue.schedule(at(u64::MAX), event);
        }
        let entries = queue.heap.len();
        for step in 0..10_000 {
            let timeout = queue.schedule(at(1_000_000 + step), 0);
            queue.cancel(timeout);
            assert!(queue.heap.len() <= heap_capacity(entries));
        }
        assert_eq!(queue.slots.len(), 11, "a cancelled event's slot is reused at once");
    }

    #[test]
    fn the_horizon_is_exclusive() {
        let mut queue = EventQueue::new();
        queue.schedule(at(5), ());
        assert_eq!(queue.pop_before(at(5)), None);
        assert_eq!(queue.pop_before(at(6)), Some((at(5), ())));
        assert_eq!(queue.pop_before(at(6)), None);
    }
}
