//! The order of the pending events: a sorted front, and wheels of unsorted buckets, each inside one bucket of the one before; every
//! entry in the front is due before every entry in a wheel, and those in an inner wheel before those in an outer one.
//!
//! Nothing is tuned in advance. A bucket with few entries is sorted into the front when time enters it. One with many is spread over
//! a new wheel inside it, whose width fits the times that are found and whose buckets fit their number. Entries therefore move a
//! few times at most, whatever their distribution: each wheel looks at other bits of the time than those before it.
//!
//! This is a ladder queue (Tang, Goh and Thng, *Ladder queue: an O(1) priority queue structure for large-scale discrete event
//! simulation*, 2005). Its rungs are aligned to powers of two. So the highest bit in which a time differs from the present one tells
//! its rung.

use super::entry::QueueEntry;
use super::front::Front;
use super::wheel::{BlockStore, EventWheel, MOST_BITS, WheelBucket};

/// So many entries are sorted rather than spread.
const MOST_SORTED: usize = 64;

/// So many entries the front may have before its later ones move into a wheel.
const MOST_IN_FRONT: usize = 96;

/// A new wheel has a bucket for so many entries, as a binary logarithm.
const ENTRIES_PER_BUCKET_BITS: u32 = 5;

/// A new wheel has at least so many buckets, as a binary logarithm.
const LEAST_BITS: u32 = 3;

/// So many events must have been added before their rate is known anew.
const RATE_EVENTS: u64 = 256;

/// Entries in their order.
#[derive(Clone, Debug)]
pub(super) struct Calendar {
    front: Front,
    /// What is due until then \[ns\] belongs into the front.
    front_until: u64,
    /// A moment \[ns\] in the current bucket of every wheel. Nothing is due before it, or it is in the front.
    base: u64,
    /// When the entry was due that was removed last \[ns\].
    now: u64,
    /// The wheels in use are the first `depth`, from the outermost. That one covers all times.
    wheels: Vec<EventWheel>,
    depth: usize,
    /// The wheel of a time, by the highest bit in which it differs from `base`.
    wheel_of_bit: [u8; 64],
    blocks: BlockStore,
    len: usize,
    /// Entries ever added.
    added: u64,
    /// `now` and `added` when `spacing_bits` was last worked out.
    rate_since: (u64, u64),
    /// Mean time between two additions \[ns\], as a binary logarithm; 0 as long as it is not known.
    spacing_bits: u32,
}

impl Calendar {
    /// Memory of an entry \[bytes\], when there are many.
    pub(super) const BYTES_PER_ENTRY: usize = BlockStore::BYTES_PER_ENTRY;

    pub(super) fn with_capacity(entries: usize) -> Self {
        let mut calendar = Self {
            front: Front::with_capacity(4 * MOST_IN_FRONT),
            // The first half of all times.
            front_until: low_bits(u64::BITS - 1),
            base: 0,
            now: 0,
            wheels: vec![EventWheel::new()],
            depth: 1,
            wheel_of_bit: [0; 64],
            blocks: BlockStore::with_capacity(entries),
            len: 0,
            added: 0,
            rate_since: (0, 0),
            spacing_bits: 0,
        };
        calendar.wheels[0].set(u64::BITS - 1, 1, 0);
        calendar
    }

    /// Number of entries, cancelled ones among them.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn insert(&mut self, entry: QueueEntry) {
        self.len += 1;
        self.added += 1;
        if entry.at() > self.front_until {
            let bit = (entry.at() ^ self.base).ilog2() as usize;
            self.wheels[usize::from(self.wheel_of_bit[bit])].push(&mut self.blocks, entry);
            return;
        }
        self.front.insert(entry);
        if self.front.len() > MOST_IN_FRONT {
            self.split_front();
        }
    }

    /// The front's least entry; `None` asks for [`Calendar::advance`].
    pub(super) fn first(&self) -> Option<QueueEntry> {
        self.front.first()
    }

    /// Removes the front's least entry, which a cancelled event has left.
    pub(super) fn remove_cancelled(&mut self) {
        self.front.remove_first();
        self.len -= 1;
    }

    /// Removes the front's least entry, whose event happens.
    pub(super) fn remove_first(&mut self, entry: QueueEntry) {
        self.now = entry.at();
        self.remove_cancelled();
    }

    /// Fills the empty front with the next entries that are to be kept; false if none can be due until `until` \[ns\]. Time never
    /// enters a bucket that begins later: what is scheduled next may come before that.
    pub(super) fn advance(&mut self, until: u64, keep: impl Fn(QueueEntry) -> bool) -> bool {
        loop {
            let wheel = &mut self.wheels[self.depth - 1];
            let Some(index) = wheel.next_occupied() else {
                if self.depth == 1 {
                    return false;
                }
                self.drop_wheel();
                continue;
            };
            let begins = self.base & !low_bits(wheel.shift + wheel.bits) | (index as u64) << wheel.shift;
            if begins > until {
                return false;
            }
            wheel.current = index;
            let shift = wheel.shift;
            let bucket = wheel.take(index);
            self.base = begins;
            if bucket.len() <= MOST_SORTED || !self.spread(bucket, until) {
                self.front_until = begins | low_bits(shift);
                self.fill_front(bucket, &keep);
                if !self.front.is_empty() {
                    return true;
                }
            }
        }
    }

    /// The least entry of those that count.
    pub(super) fn least(&self, counts: impl Fn(QueueEntry) -> bool) -> Option<QueueEntry> {
        let in_front = self.front.as_slice().iter().copied().find(|entry| counts(*entry));
        let in_wheels = || {
            let mut buckets = self.wheels[..self.depth].iter().rev().flat_map(EventWheel::occupied);
            let least = |bucket| self.blocks.entries(bucket).filter(|entry| counts(*entry)).min();
            buckets.find_map(least)
        };
        in_front.or_else(in_wheels)
    }

    /// Drops the entries that are not to be kept.
    pub(super) fn retain(&mut self, mut keep: impl FnMut(QueueEntry) -> bool) {
        let mut kept = 0;
        let mut counted = |entry| {
            let keeps = keep(entry);
            kept += usize::from(keeps);
            keeps
        };
        self.front.retain(&mut counted);
        for wheel in &mut self.wheels[..self.depth] {
            wheel.retain(&mut self.blocks, &mut counted);
        }
        self.len = kept;
    }

    /// Sorts the entries of a bucket that time has entered into the empty front.
    fn fill_front(&mut self, mut bucket: WheelBucket, keep: impl Fn(QueueEntry) -> bool) {
        let entries = bucket.len();
        while let Some((block, filled)) = self.blocks.pop_block(&mut bucket) {
            self.front.extend(block[..filled].iter().copied().filter(|entry| keep(*entry)));
        }
        self.front.sort();
        self.len -= entries - self.front.len();
    }

    /// Spreads a bucket that time has entered over a new wheel; false if all its entries are due at the same instant.
    fn spread(&mut self, mut bucket: WheelBucket, until: u64) -> bool {
        let times = self.blocks.entries(bucket).map(QueueEntry::at);
        let (first, last) = times.fold((u64::MAX, 0), |(first, last), at| (first.min(at), last.max(at)));
        if first == last {
            return false;
        }
        // Either the first entry's event happens next, or nothing before `until`.
        self.base = first.min(until);
        self.add_wheel(last, bucket.len());
        let wheel = &mut self.wheels[self.depth - 1];
        while let Some((block, filled)) = self.blocks.pop_block(&mut bucket) {
            block[..filled].iter().for_each(|entry| wheel.push(&mut self.blocks, *entry));
        }
        true
    }

    /// Moves the later entries of a long front into a new wheel.
    fn split_front(&mut self) {
        let base = self.base.max(self.now);
        let Some(last) = self.front.last().map(QueueEntry::at).filter(|last| *last > base) else {
            return;
        };
        self.base = base;
        self.add_wheel(last, self.front.len());
        let wheel = &mut self.wheels[self.depth - 1];
        self.front.split_off(self.front_until, |entry| wheel.push(&mut self.blocks, entry));
    }

    /// Adds a wheel for `entries` times from `base` until `last` \[ns\], inside the current bucket of the innermost one. What its first
    /// bucket would hold belongs into the front.
    fn add_wheel(&mut self, last: u64, entries: usize) {
        self.look_at_rate();
        let top = (last ^ self.base).ilog2() + 1;
        // As fine as their number asks for, and as the rate does: most events of the near future are yet to be scheduled.
        let for_entries = top.saturating_sub(entries.ilog2().saturating_sub(ENTRIES_PER_BUCKET_BITS));
        let for_rate = self.spacing_bits + ENTRIES_PER_BUCKET_BITS;
        let shift = for_entries.min(for_rate).clamp(top.saturating_sub(MOST_BITS), top.saturating_sub(LEAST_BITS));
        if self.depth == self.wheels.len() {
            self.wheels.push(EventWheel::new());
        }
        self.wheels[self.depth].set(shift, top - shift, self.base);
        self.front_until = self.base | low_bits(shift);
        self.wheel_of_bit[..top as usize].fill(u8::try_from(self.depth).expect("each wheel has bits of its own"));
        self.depth += 1;
    }

    /// Drops the innermost wheel, which is empty. What it covered now belongs into the current bucket of the one around it.
    fn drop_wheel(&mut self) {
        self.depth -= 1;
        let wheel = &self.wheels[self.depth];
        let around = u8::try_from(self.depth - 1).expect("each wheel has bits of its own");
        self.wheel_of_bit[..(wheel.shift + wheel.bits) as usize].fill(around);
    }

    fn look_at_rate(&mut self) {
        let (now, added) = self.rate_since;
        if self.added - added >= RATE_EVENTS {
            self.spacing_bits = (self.now.saturating_sub(now) / (self.added - added)).max(1).ilog2();
            self.rate_since = (self.now, self.added);
        }
    }
}

#[cfg(test)]
impl Calendar {
    /// Entries for which there is room.
    pub(super) fn capacity(&self) -> usize {
        self.front.capacity() + self.blocks.capacity()
    }
}

/// All bits below the one of this number.
fn low_bits(number: u32) -> u64 {
    u64::MAX.checked_shr(u64::BITS - number).unwrap_or(0)
}
