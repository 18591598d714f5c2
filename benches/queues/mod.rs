//! Candidates for the pending events behind one interface, so that the benchmark treats all alike.

pub(crate) mod binary_heap;
pub(crate) mod bucket_wheel;
pub(crate) mod indexed_heap;
pub(crate) mod loads;
pub(crate) mod quaternary_heap;
mod tombstones;

use binary_heap::{BinaryHeapQueue, HeapHandle};
use gtnet_sim::engine::{EventHandle, EventQueue};
use gtnet_sim::time::SimTime;

/// How many events a candidate will hold, and how far apart; the calendar needs to know, the heaps do not.
#[derive(Clone, Copy)]
pub(crate) struct Expectation {
    /// Number of pending events.
    pub(crate) pending: usize,
    /// Mean time between two events [ns].
    pub(crate) spacing_ns: u64,
}

/// A set of pending events, ordered by time and then by the order of scheduling.
pub(crate) trait PendingSet {
    /// Names an event.
    type Handle: Copy;

    /// An empty set.
    fn new(expectation: Expectation) -> Self;
    /// Adds an event that is due at `at` [ns].
    fn schedule(&mut self, at: u64, event: u32) -> Self::Handle;
    /// Removes an event; returns whether it was pending.
    fn cancel(&mut self, handle: Self::Handle) -> bool;
    /// Removes the next event.
    fn pop(&mut self) -> Option<(u64, u32)>;
}

/// The engine's own queue.
impl PendingSet for EventQueue<u32> {
    type Handle = EventHandle;

    fn new(expectation: Expectation) -> Self {
        Self::with_capacity(expectation.pending)
    }

    fn schedule(&mut self, at: u64, event: u32) -> EventHandle {
        Self::schedule(self, SimTime::from_nanos(at), event)
    }

    fn cancel(&mut self, handle: EventHandle) -> bool {
        Self::cancel(self, handle).is_some()
    }

    fn pop(&mut self) -> Option<(u64, u32)> {
        Self::pop(self).map(|(at, event)| (at.as_nanos(), event))
    }
}

/// The engine's first queue.
impl PendingSet for BinaryHeapQueue<u32> {
    type Handle = HeapHandle;

    fn new(expectation: Expectation) -> Self {
        Self::with_capacity(expectation.pending)
    }

    fn schedule(&mut self, at: u64, event: u32) -> HeapHandle {
        Self::schedule(self, SimTime::from_nanos(at), event)
    }

    fn cancel(&mut self, handle: HeapHandle) -> bool {
        Self::cancel(self, handle).is_some()
    }

    fn pop(&mut self) -> Option<(u64, u32)> {
        Self::pop(self).map(|(at, event)| (at.as_nanos(), event))
    }
}
