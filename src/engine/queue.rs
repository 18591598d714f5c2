//! The pending events, in the order (time, sequence number); each has a slot, and an entry in the calendar that names the slot.

use std::num::NonZeroU32;

use super::calendar::Calendar;
use super::entry::QueueEntry;
use crate::time::SimTime;

/// So many cancelled entries may stay in the calendar even if few events are pending. This keeps small queues from being swept often.
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
/// frees the slot at once and leaves a dead entry of 16 bytes; dead entries are swept as soon as they outnumber the pending
/// events, which costs each of them O(1).
///
/// Holds as many events as fit into memory, up to four billion at a time, and any number in its life: sequence numbers have
/// 32 bits, and when they are used up the pending events are numbered anew, in the order that they have.
#[derive(Clone, Debug)]
pub struct EventQueue<E> {
    calendar: Calendar,
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

    /// An empty queue that has room for `capacity` pending events.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            calendar: Calendar::with_capacity(2 * capacity),
            slots: Vec::with_capacity(capacity),
            free: Vec::with_capacity(capacity),
            next_sequence: NonZeroU32::MIN,
        }
    }

    /// Memory of each event when the queue is at its largest \[bytes\]: a slot, an entry, a dead entry, and a place in the list
    /// of free slots.
    #[must_use]
    pub const fn bytes_per_event() -> usize {
        size_of::<EventSlot<E>>() + 2 * Calendar::BYTES_PER_ENTRY + size_of::<u32>()
    }

    /// Adds an event that is due at `at`, after all others that are due then.
    ///
    /// # Panics
    ///
    /// If the queue already holds as many events as it can.
    pub fn schedule(&mut self, at: SimTime, event: E) -> EventHandle {
        let number = self.free.pop().unwrap_or_else(|| self.add_slot(event));
        let sequence = self.next_sequence;
        let slot = &mut self.slots[number as usize];
        (slot.occupant, slot.event) = (Some(sequence), event);
        let handle = EventHandle { slot: number, generation: slot.generation };
        self.calendar.insert(QueueEntry::new(at.as_nanos(), sequence.get(), number));
        match sequence.checked_add(1) {
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
        if self.calendar.len() > 2 * self.len() + DEAD_ENTRIES_FREE {
            let slots = &self.slots;
            self.calendar.retain(|entry| is_live(slots, entry));
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
        self.pop_until(u64::MAX)
    }

    /// Removes the next event if it is due before `horizon`.
    pub fn pop_before(&mut self, horizon: SimTime) -> Option<(SimTime, E)> {
        self.pop_until(horizon.as_nanos().checked_sub(1)?)
    }

    /// When the next event is due. Looks for it if it is not known, which can take as long as there are events.
    #[must_use]
    pub fn peek_time(&self) -> Option<SimTime> {
        let slots = &self.slots;
        self.calendar.least(|entry| is_live(slots, entry)).map(|entry| SimTime::from_nanos(entry.at()))
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

    fn pop_until(&mut self, until: u64) -> Option<(SimTime, E)> {
        loop {
            let Some(entry) = self.calendar.first() else {
                let slots = &self.slots;
                if !self.calendar.advance(until, |entry| is_live(slots, entry)) {
                    return None;
                }
                continue;
            };
            if !is_live(&self.slots, entry) {
                self.calendar.remove_cancelled();
            } else if entry.at() > until {
                return None;
            } else {
                self.calendar.remove_first(entry);
                return Some((SimTime::from_nanos(entry.at()), self.vacate(entry.slot())));
            }
        }
    }

    fn add_slot(&mut self, event: E) -> u32 {
        let slot = u32::try_from(self.slots.len()).expect("at most 2^32 events are pending");
        self.slots.push(EventSlot { occupant: None, event, generation: NonZeroU32::MIN });
        // Both grow together, so that the list of free slots has nothing left to grow once the queue has been at its largest.
        self.free.reserve(self.slots.capacity());
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
        let mut entries = Vec::with_capacity(self.len());
        let slots = &self.slots;
        self.calendar.retain(|entry| {
            entries.extend(is_live(slots, entry).then_some(entry));
            false
        });
        entries.sort_unstable();
        self.next_sequence = NonZeroU32::MIN;
        for entry in entries {
            self.slots[entry.slot() as usize].occupant = Some(self.next_sequence);
            self.calendar.insert(QueueEntry::new(entry.at(), self.next_sequence.get(), entry.slot()));
            self.next_sequence = self.next_sequence.checked_add(1).expect("fewer than 2^32 - 1 events are pending");
        }
    }
}

impl<E: Copy> Default for EventQueue<E> {
    fn default() -> Self {
        Self::new()
    }
}

fn is_live<E>(slots: &[EventSlot<E>], entry: QueueEntry) -> bool {
    slots[entry.slot() as usize].occupant.is_some_and(|occupant| occupant.get() == entry.sequence())
}

/// A place for the payload of one pending event.
#[derive(Clone, Copy, Debug)]
struct EventSlot<E> {
    /// Sequence number of the event that has this slot. Entries with another one are stale.
    occupant: Option<NonZeroU32>,
    event: E,
    /// Number of the event among all that have had this slot. Handles with another number are stale.
    generation: NonZeroU32,
}

#[cfg(test)]
mod tests {
    use std::cmp::Reverse;
    use std::collections::BinaryHeap;

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

    /// Delays \[ns\] that random numbers give: no tuning in advance could fit all of them.
    const DELAYS: [fn(u64) -> u64; 5] = [
        |random| random >> 30,
        // All at the same instant, or nearly so.
        |_| 1_000,
        |random| random & 1,
        // Two clusters, far apart.
        |random| (random & 1) << 50 | random >> 54,
        // All magnitudes.
        |random| random >> 1 >> (random % 63),
    ];

    /// What a simulation does, in bursts: the clock never runs backwards.
    #[derive(Clone, Debug)]
    enum Burst {
        Schedule(fn(u64) -> u64, Vec<u64>),
        Cancel(Vec<prop::sample::Index>),
        Pop(usize),
        PopBefore(u64),
    }

    fn burst() -> impl Strategy<Value = Burst> {
        prop_oneof![
            4 => (prop::sample::select(&DELAYS[..]), prop::collection::vec(any::<u64>(), 0..300)).prop_map(|(delay, times)| Burst::Schedule(delay, times)),
            2 => prop::collection::vec(any::<prop::sample::Index>(), 0..200).prop_map(Burst::Cancel),
            2 => (0..300_usize).prop_map(Burst::Pop),
            3 => (0..60_u32).prop_map(|bits| Burst::PopBefore(1 << bits)),
        ]
    }

    /// The standard library's heap; what is cancelled is dropped when it surfaces.
    #[derive(Default)]
    struct Reference {
        heap: BinaryHeap<Reverse<(u64, usize)>>,
        pending: Vec<bool>,
    }

    impl Reference {
        fn schedule(&mut self, at: u64) -> usize {
            self.heap.push(Reverse((at, self.pending.len())));
            self.pending.push(true);
            self.pending.len() - 1
        }

        fn first(&mut self) -> Option<(SimTime, usize)> {
            while self.heap.peek().is_some_and(|Reverse((_, event))| !self.pending[*event]) {
                self.heap.pop();
            }
            self.heap.peek().map(|Reverse((nanos, event))| (at(*nanos), *event))
        }

        fn pop(&mut self) -> Option<(SimTime, usize)> {
            let first = self.first();
            if let Some((_, event)) = first {
                self.pending[event] = false;
            }
            first
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]
        #[test]
        fn the_queue_equals_a_heap_however_times_lie(
            bursts in prop::collection::vec(burst(), 0..24),
            left in prop_oneof![Just(u32::MAX), 1..2_000_u32],
        ) {
            let mut queue = EventQueue::new();
            queue.next_sequence = NonZeroU32::new(u32::MAX - left + 1).expect("at least one is left");
            let (mut reference, mut handles, mut now) = (Reference::default(), Vec::new(), 0_u64);
            for burst in bursts {
                match burst {
                    Burst::Schedule(delay, times) => {
                        for random in times {
                            let nanos = now.saturating_add(delay(random));
                            handles.push(queue.schedule(at(nanos), reference.schedule(nanos)));
                        }
                    }
                    Burst::Cancel(which) => {
                        for number in which.iter().filter(|_| !handles.is_empty()).map(|which| which.index(handles.len())) {
                            let expected = std::mem::take(&mut reference.pending[number]).then_some(number);
                            prop_assert_eq!(queue.cancel(handles[number]), expected);
                        }
                    }
                    Burst::Pop(count) => {
                        for _ in 0..count {
                            let popped = queue.pop();
                            prop_assert_eq!(popped, reference.pop());
                            now = popped.map_or(now, |(at, _)| at.as_nanos());
                        }
                    }
                    Burst::PopBefore(after) => {
                        let horizon = at(now.saturating_add(after));
                        let due = reference.first().is_some_and(|(at, _)| at < horizon);
                        let popped = queue.pop_before(horizon);
                        prop_assert_eq!(popped, if due { reference.pop() } else { None });
                        now = popped.unwrap_or((horizon, 0)).0.as_nanos();
                    }
                }
                prop_assert_eq!(queue.peek_time(), reference.first().map(|(at, _)| at));
                prop_assert_eq!(queue.len(), reference.pending.iter().filter(|pending| **pending).count());
            }
            let rest: Vec<_> = std::iter::from_fn(|| queue.pop()).collect();
            let expected: Vec<_> = std::iter::from_fn(|| reference.pop()).collect();
            prop_assert_eq!(rest, expected);
            prop_assert_eq!(queue.calendar.len(), 0);
        }
    }

    /// PHOLD, small: the jobs' order and what they do are those of the reference, and nothing is allocated for the second half.
    #[test]
    fn a_steady_load_finds_the_memory_that_it_has_left() {
        let (mut queue, mut reference, mut random) = (EventQueue::new(), Reference::default(), 1_u64);
        let mut delay = || {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            ((random >> 40) * (random >> 40)) >> 20
        };
        for _ in 0..5_000 {
            let nanos = delay();
            queue.schedule(at(nanos), reference.schedule(nanos));
        }
        let mut memory = 0;
        for round in 0..100_000 {
            let (now, event) = reference.pop().expect("jobs never end");
            assert_eq!(queue.pop(), Some((now, event)));
            let nanos = now.as_nanos() + delay();
            queue.schedule(at(nanos), reference.schedule(nanos));
            if round == 50_000 {
                memory = queue.calendar.capacity();
            }
        }
        assert_eq!(queue.calendar.capacity(), memory);
        assert_eq!(queue.slots.len(), 5_000);
    }

    /// A horizon can stop time where the next events have been spread over a wheel, but none of its buckets has been entered.
    #[test]
    fn what_is_scheduled_after_a_horizon_keeps_its_order() {
        let mut queue = EventQueue::new();
        let (horizon, burst) = (1 << 41, (1 << 41) + (1 << 25));
        assert_eq!(queue.pop_before(at(horizon)), None);
        for event in 0..96 {
            queue.schedule(at(burst), event);
        }
        queue.schedule(at(burst + 1), 97);
        assert_eq!(queue.pop_before(at(horizon + 1)), None);
        queue.schedule(at(burst), 96);
        let events: Vec<_> = std::iter::from_fn(|| queue.pop()).map(|(_, event)| event).collect();
        assert!(events.iter().copied().eq(0..98), "{events:?}");
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
        assert_eq!(size_of::<EventSlot<[u32; 3]>>(), 20);
        assert_eq!(size_of::<Option<EventHandle>>(), 8);
    }

    #[test]
    fn cancelled_timeouts_do_not_accumulate() {
        let mut queue = EventQueue::with_capacity(10);
        for event in 0..10 {
            queue.schedule(at(u64::MAX), event);
        }
        for step in 0..10_000 {
            let timeout = queue.schedule(at(1_000_000 + step), 0);
            queue.cancel(timeout);
            assert!(queue.calendar.len() <= 2 * 10 + DEAD_ENTRIES_FREE);
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
