//! A 4-ary implicit heap with tombstones: half as deep as a binary one, and siblings share a line of the cache.

use std::hint::select_unpredictable;

use super::Expectation;
use super::tombstones::{Entry, Order, Tombstones};

const ARITY: usize = 4;

/// The candidate.
pub(crate) type QuaternaryHeap = Tombstones<Heap>;

/// The order of its entries: the children of the entry at `i` are at `4 i + 1` to `4 i + 4`.
pub(crate) struct Heap {
    items: Vec<Entry>,
}

impl Order for Heap {
    const DEAD_ENTRIES_FREE: usize = 64;

    fn new(expectation: Expectation) -> Self {
        Self { items: Vec::with_capacity(2 * expectation.pending) }
    }

    fn push(&mut self, entry: Entry) {
        self.items.push(entry);
        self.sift_up(self.items.len() - 1, entry);
    }

    fn pop(&mut self) -> Option<Entry> {
        let leaf = self.items.pop()?;
        let Some(&least) = self.items.first() else {
            return Some(leaf);
        };
        let hole = self.sink_hole(0);
        self.sift_up(hole, leaf);
        Some(least)
    }

    fn retain(&mut self, keep: impl FnMut(&Entry) -> bool) {
        self.items.retain(keep);
        // Floyd's construction: subtrees first, from the last entry that has a child.
        for root in (0..self.items.len().div_ceil(ARITY)).rev() {
            let item = self.items[root];
            self.sift_down(root, item);
        }
    }
}

impl Heap {
    /// Puts `item` where the hole at `hole` rises to.
    fn sift_up(&mut self, mut hole: usize, item: Entry) {
        while hole > 0 {
            let parent = (hole - 1) / ARITY;
            if self.items[parent] <= item {
                break;
            }
            self.items[hole] = self.items[parent];
            hole = parent;
        }
        self.items[hole] = item;
    }

    /// Puts `item` where the hole at `hole` sinks to.
    fn sift_down(&mut self, mut hole: usize, item: Entry) {
        while let Some((child, least)) = self.least_child(hole) {
            if item <= least {
                break;
            }
            self.items[hole] = least;
            hole = child;
        }
        self.items[hole] = item;
    }

    /// Moves the hole at `hole` down to a leaf, which it returns.
    ///
    /// The item that replaces a removed one comes from a leaf and nearly always belongs near the leaves: not comparing
    /// it on the way down saves a badly predicted branch per level.
    fn sink_hole(&mut self, mut hole: usize) -> usize {
        while let Some((child, least)) = self.least_child(hole) {
            self.items[hole] = least;
            hole = child;
        }
        hole
    }

    /// Position and value of the least child of the item at `parent`.
    fn least_child(&self, parent: usize) -> Option<(usize, Entry)> {
        let first = ARITY * parent + 1;
        let children = self.items.get(first..)?;
        if let Some(four) = children.first_chunk::<ARITY>() {
            // A tournament of conditional moves: which child wins cannot be predicted.
            let left = usize::from(four[1] < four[0]);
            let right = 2 + usize::from(four[3] < four[2]);
            let winner = select_unpredictable(four[right] < four[left], right, left);
            return Some((first + winner, four[winner]));
        }
        (first..).zip(children.iter().copied()).min_by_key(|&(_, item)| item)
    }
}
