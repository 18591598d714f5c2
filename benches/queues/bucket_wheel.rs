//! A wheel of unsorted buckets, each sorted when time enters it; what lies beyond the wheel waits in a heap.
//!
//! The width of a bucket and their number are tuned to the load, which a simulator cannot know in advance: this is the
//! best that the structure can do.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::Expectation;
use super::tombstones::{Entry, Order, Tombstones, time_of};

/// The candidate.
pub(crate) type BucketWheel = Tombstones<Wheel>;

/// The order of its entries.
pub(crate) struct Wheel {
    /// Binary logarithm of a bucket's width [ns].
    shift: u32,
    /// The bucket that time is in, with all earlier entries; sorted, the least last.
    current: Vec<Entry>,
    /// Number of the current bucket since the start.
    tick: u64,
    /// The coming buckets, by number modulo their count, which is a power of two.
    buckets: Vec<Vec<Entry>>,
    /// One bit per bucket: whether it has entries.
    occupied: Vec<u64>,
    far: BinaryHeap<Reverse<Entry>>,
}

impl Wheel {
    fn index(&self, tick: u64) -> usize {
        usize::try_from(tick).expect("64-bit platform") & (self.buckets.len() - 1)
    }

    /// The next occupied bucket.
    fn next_occupied(&self) -> Option<u64> {
        let start = self.index(self.tick + 1);
        let words = self.occupied.len();
        // The first word is looked at twice: its high bits first, its low bits after a full turn.
        for turn in 0..=words {
            let word = (start / 64 + turn) % words;
            let mask = match turn {
                0 => u64::MAX << (start % 64),
                _ => u64::MAX,
            };
            let bits = self.occupied[word] & mask;
            if bits != 0 {
                let index = word * 64 + bits.trailing_zeros() as usize;
                let distance = index.wrapping_sub(start) & (self.buckets.len() - 1);
                return Some(self.tick + 1 + distance as u64);
            }
        }
        None
    }

    /// Enters the next bucket that has entries; false if there is none.
    fn advance(&mut self) -> bool {
        let far = self.far.peek().map(|Reverse(entry)| time_of(*entry) >> self.shift);
        let Some(tick) = [self.next_occupied(), far].into_iter().flatten().min() else {
            return false;
        };
        self.tick = tick;
        let index = self.index(tick);
        // Only what is beyond the next turn can be in the far heap and in this bucket's place at the same time.
        std::mem::swap(&mut self.current, &mut self.buckets[index]);
        self.occupied[index / 64] &= !(1 << (index % 64));
        while let Some(&Reverse(entry)) = self.far.peek()
            && time_of(entry) >> self.shift <= tick
        {
            self.far.pop();
            self.current.push(entry);
        }
        self.current.sort_unstable_by(|a, b| b.cmp(a));
        true
    }
}

impl Order for Wheel {
    // A sweep visits every bucket.
    const DEAD_ENTRIES_FREE: usize = 4_096;

    fn new(expectation: Expectation) -> Self {
        let count = (4 * expectation.pending).next_power_of_two().max(1_024);
        Self {
            shift: (2 * expectation.spacing_ns).next_power_of_two().ilog2(),
            current: Vec::new(),
            tick: 0,
            buckets: vec![Vec::new(); count],
            occupied: vec![0; count / 64],
            far: BinaryHeap::with_capacity(expectation.pending),
        }
    }

    fn push(&mut self, entry: Entry) {
        let tick = time_of(entry) >> self.shift;
        if tick <= self.tick {
            let position = self.current.partition_point(|&other| other > entry);
            self.current.insert(position, entry);
        } else if tick - self.tick < self.buckets.len() as u64 {
            let index = self.index(tick);
            self.buckets[index].push(entry);
            self.occupied[index / 64] |= 1 << (index % 64);
        } else {
            self.far.push(Reverse(entry));
        }
    }

    fn pop(&mut self) -> Option<Entry> {
        while self.current.is_empty() {
            if !self.advance() {
                return None;
            }
        }
        self.current.pop()
    }

    fn retain(&mut self, mut keep: impl FnMut(&Entry) -> bool) {
        self.current.retain(&mut keep);
        for (index, bucket) in self.buckets.iter_mut().enumerate() {
            bucket.retain(&mut keep);
            if bucket.is_empty() {
                self.occupied[index / 64] &= !(1 << (index % 64));
            }
        }
        self.far.retain(|Reverse(entry)| keep(entry));
    }
}
