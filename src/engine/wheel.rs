//! A wheel of unsorted buckets of equal width, and the store of the blocks that hold their entries. All buckets share the store, so
//! that entries on their way from one bucket to another find memory that others have left.

use super::entry::QueueEntry;

/// The most buckets of a wheel, as a binary logarithm. What is written at the ends of so many buckets fits into the cache.
pub(super) const MOST_BITS: u32 = 10;

const MOST_BUCKETS: usize = 1 << MOST_BITS;

/// Entries of a block: two lines of the cache.
const BLOCK_ENTRIES: usize = 8;

/// No block.
const NONE: u32 = u32::MAX;

/// Entries that fall into one bucket: a chain of blocks of which all but the last written one are full.
#[derive(Clone, Copy, Debug)]
pub(super) struct WheelBucket {
    /// The block that was begun last.
    block: u32,
    entries: u32,
}

impl WheelBucket {
    const EMPTY: Self = Self { block: NONE, entries: 0 };

    pub(super) fn len(self) -> usize {
        self.entries as usize
    }
}

#[derive(Clone, Copy, Debug, Default)]
#[repr(align(64))]
struct EntryBlock([QueueEntry; BLOCK_ENTRIES]);

/// The blocks of all buckets; those that no bucket uses are chained too.
#[derive(Clone, Debug)]
pub(super) struct BlockStore {
    blocks: Vec<EntryBlock>,
    /// The next block of each one's chain.
    next: Vec<u32>,
    free: u32,
}

impl BlockStore {
    /// Memory of an entry in a full block \[bytes\].
    pub(super) const BYTES_PER_ENTRY: usize = (size_of::<EntryBlock>() + size_of::<u32>()).div_ceil(BLOCK_ENTRIES);

    pub(super) fn with_capacity(entries: usize) -> Self {
        let blocks = entries.div_ceil(BLOCK_ENTRIES);
        Self { blocks: Vec::with_capacity(blocks), next: Vec::with_capacity(blocks), free: NONE }
    }

    #[inline]
    pub(super) fn push(&mut self, bucket: &mut WheelBucket, entry: QueueEntry) {
        let place = bucket.entries as usize % BLOCK_ENTRIES;
        if place == 0 {
            let block = self.begin_block();
            self.next[block as usize] = bucket.block;
            bucket.block = block;
        }
        self.blocks[bucket.block as usize].0[place] = entry;
        bucket.entries += 1;
    }

    /// Takes the last block's entries out of a bucket, in an array of which the first are filled; nothing if the bucket is empty.
    pub(super) fn pop_block(&mut self, bucket: &mut WheelBucket) -> Option<([QueueEntry; BLOCK_ENTRIES], usize)> {
        let filled = (bucket.entries.checked_sub(1)? as usize) % BLOCK_ENTRIES + 1;
        let block = bucket.block;
        bucket.block = self.next[block as usize];
        bucket.entries -= u32::try_from(filled).expect("a block is small");
        self.next[block as usize] = self.free;
        self.free = block;
        Some((self.blocks[block as usize].0, filled))
    }

    /// Drops the entries of a bucket of one block that are not to be kept.
    fn retain_in_block(&mut self, bucket: &mut WheelBucket, mut keep: impl FnMut(QueueEntry) -> bool) {
        let entries = &mut self.blocks[bucket.block as usize].0;
        let mut kept = 0;
        for at in 0..bucket.len() {
            let entry = entries[at];
            entries[kept] = entry;
            // Half of the entries are dead, and which half cannot be predicted.
            kept += usize::from(keep(entry));
        }
        bucket.entries = u32::try_from(kept).expect("a block is small");
        if kept == 0 {
            self.next[bucket.block as usize] = self.free;
            self.free = bucket.block;
            *bucket = WheelBucket::EMPTY;
        }
    }

    /// The entries of a bucket.
    pub(super) fn entries(&self, bucket: WheelBucket) -> impl Iterator<Item = QueueEntry> {
        let last = (bucket.len().wrapping_sub(1)) % BLOCK_ENTRIES + 1;
        let first = (bucket.entries > 0).then_some((bucket.block, last));
        let chain = std::iter::successors(first, |&(block, _)| {
            let next = self.next[block as usize];
            (next != NONE).then_some((next, BLOCK_ENTRIES))
        });
        chain.flat_map(|(block, filled)| self.blocks[block as usize].0[..filled].iter().copied())
    }

    #[inline(never)]
    fn begin_block(&mut self) -> u32 {
        if self.free != NONE {
            let block = self.free;
            self.free = self.next[block as usize];
            return block;
        }
        let block = u32::try_from(self.blocks.len()).expect("there are fewer blocks than events");
        self.blocks.push(EntryBlock::default());
        self.next.push(NONE);
        block
    }
}

#[cfg(test)]
impl BlockStore {
    pub(super) fn capacity(&self) -> usize {
        BLOCK_ENTRIES * self.blocks.capacity()
    }
}

/// Buckets of equal width, side by side, which together cover the times that agree in all bits above theirs.
#[derive(Clone, Debug)]
pub(super) struct EventWheel {
    /// Binary logarithm of a bucket's width \[ns\].
    pub(super) shift: u32,
    /// Binary logarithm of the number of buckets.
    pub(super) bits: u32,
    /// The bucket that time is in. Those before it are empty.
    pub(super) current: usize,
    /// One bit per bucket: whether it has entries.
    occupied: [u64; MOST_BUCKETS / 64],
    buckets: Box<[WheelBucket]>,
}

impl EventWheel {
    pub(super) fn new() -> Self {
        let buckets = vec![WheelBucket::EMPTY; MOST_BUCKETS].into_boxed_slice();
        Self { shift: 0, bits: 0, current: 0, occupied: [0; MOST_BUCKETS / 64], buckets }
    }

    /// Makes an empty wheel one of 2^`bits` buckets of width 2^`shift`, with time at `now`.
    pub(super) fn set(&mut self, shift: u32, bits: u32, now: u64) {
        assert!(self.occupied.iter().all(|word| *word == 0), "only empty wheels change");
        (self.shift, self.bits) = (shift, bits);
        self.current = self.index(now);
    }

    #[inline]
    pub(super) fn push(&mut self, blocks: &mut BlockStore, entry: QueueEntry) {
        let index = self.index(entry.at());
        blocks.push(&mut self.buckets[index], entry);
        self.occupied[index / 64] |= 1 << (index % 64);
    }

    /// The buckets that have entries, in their order.
    pub(super) fn occupied(&self) -> impl Iterator<Item = WheelBucket> {
        let is_occupied = |index: &usize| self.occupied[index / 64] >> (index % 64) & 1 == 1;
        (self.current..1 << self.bits).filter(is_occupied).map(|index| self.buckets[index])
    }

    /// The first bucket that has entries.
    pub(super) fn next_occupied(&self) -> Option<usize> {
        let word = self.current / 64;
        let bits = self.occupied[word] & u64::MAX << (self.current % 64);
        if bits != 0 {
            return Some(word * 64 + bits.trailing_zeros() as usize);
        }
        let rest = self.occupied[word + 1..].iter().position(|bits| *bits != 0)?;
        let word = word + 1 + rest;
        Some(word * 64 + self.occupied[word].trailing_zeros() as usize)
    }

    /// Takes a bucket out, with all its entries.
    pub(super) fn take(&mut self, index: usize) -> WheelBucket {
        self.occupied[index / 64] &= !(1 << (index % 64));
        std::mem::replace(&mut self.buckets[index], WheelBucket::EMPTY)
    }

    /// Drops the entries that are not to be kept.
    pub(super) fn retain(&mut self, blocks: &mut BlockStore, mut keep: impl FnMut(QueueEntry) -> bool) {
        for word in 0..self.occupied.len() {
            let mut bits = self.occupied[word];
            while bits != 0 {
                let index = word * 64 + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                if self.buckets[index].len() <= BLOCK_ENTRIES {
                    blocks.retain_in_block(&mut self.buckets[index], &mut keep);
                    self.occupied[word] &= !(u64::from(self.buckets[index].entries == 0) << (index % 64));
                    continue;
                }
                let mut bucket = self.take(index);
                while let Some((entries, filled)) = blocks.pop_block(&mut bucket) {
                    entries[..filled].iter().filter(|entry| keep(**entry)).for_each(|entry| self.push(blocks, *entry));
                }
            }
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "masked to few bits")]
    fn index(&self, at: u64) -> usize {
        (at >> self.shift) as usize & ((1 << self.bits) - 1)
    }
}
