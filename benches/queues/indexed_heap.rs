//! A 4-ary heap that knows where each entry is, so that cancelling removes it at once.

use std::hint::select_unpredictable;

use super::tombstones::{Entry, SLOT_BITS, slot_of, stamp_of, time_of};
use super::{Expectation, PendingSet};

const ARITY: usize = 4;

/// The candidate.
pub(crate) struct IndexedHeap {
    heap: Vec<Entry>,
    slots: Vec<Slot>,
    free: Vec<u32>,
    next_sequence: u64,
}

struct Slot {
    /// The occupant's; 0 if there is none.
    stamp: u64,
    /// Of its entry in the heap.
    position: u32,
    event: u32,
}

impl IndexedHeap {
    fn place(&mut self, position: usize, entry: Entry) {
        self.heap[position] = entry;
        self.slots[slot_of(stamp_of(entry)) as usize].position = u32::try_from(position).expect("a benchmark's size");
    }

    fn sift_up(&mut self, mut hole: usize, entry: Entry) {
        while hole > 0 {
            let parent = (hole - 1) / ARITY;
            if self.heap[parent] <= entry {
                break;
            }
            self.place(hole, self.heap[parent]);
            hole = parent;
        }
        self.place(hole, entry);
    }

    /// Moves the hole at `hole` down to a leaf, which it returns.
    fn sink_hole(&mut self, mut hole: usize) -> usize {
        while let Some(child) = self.least_child(hole) {
            self.place(hole, self.heap[child]);
            hole = child;
        }
        hole
    }

    fn least_child(&self, parent: usize) -> Option<usize> {
        let first = ARITY * parent + 1;
        let children = self.heap.get(first..)?;
        if let Some(four) = children.first_chunk::<ARITY>() {
            let left = usize::from(four[1] < four[0]);
            let right = 2 + usize::from(four[3] < four[2]);
            return Some(first + select_unpredictable(four[right] < four[left], right, left));
        }
        (first..self.heap.len()).min_by_key(|&child| self.heap[child])
    }

    fn remove_at(&mut self, position: usize) -> (u64, u32) {
        let removed = self.heap[position];
        let leaf = self.heap.pop().expect("not empty");
        if position < self.heap.len() {
            let hole = self.sink_hole(position);
            self.sift_up(hole, leaf);
        }
        let slot = slot_of(stamp_of(removed));
        self.slots[slot as usize].stamp = 0;
        self.free.push(slot);
        (time_of(removed), self.slots[slot as usize].event)
    }
}

impl PendingSet for IndexedHeap {
    type Handle = u64;

    fn new(expectation: Expectation) -> Self {
        Self {
            heap: Vec::with_capacity(expectation.pending),
            slots: Vec::with_capacity(expectation.pending),
            free: Vec::with_capacity(expectation.pending),
            next_sequence: 1,
        }
    }

    fn schedule(&mut self, at: u64, event: u32) -> u64 {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot { stamp: 0, position: 0, event });
            u32::try_from(self.slots.len() - 1).expect("a benchmark's size")
        });
        let stamp = self.next_sequence << SLOT_BITS | u64::from(slot);
        self.next_sequence += 1;
        self.slots[slot as usize].stamp = stamp;
        self.slots[slot as usize].event = event;
        let entry = u128::from(at) << 64 | u128::from(stamp);
        self.heap.push(entry);
        self.sift_up(self.heap.len() - 1, entry);
        stamp
    }

    fn cancel(&mut self, handle: u64) -> bool {
        let occupant = &self.slots[slot_of(handle) as usize];
        let pending = occupant.stamp == handle;
        if pending {
            self.remove_at(occupant.position as usize);
        }
        pending
    }

    fn pop(&mut self) -> Option<(u64, u32)> {
        (!self.heap.is_empty()).then(|| self.remove_at(0))
    }
}
