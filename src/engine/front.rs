//! The entries that are due next, sorted; what a pop removes leaves a gap, which the next insertion may use.

use std::hint::select_unpredictable;

use super::entry::QueueEntry;

/// So many entries are counted rather than halved.
const COUNTED: usize = 8;

/// Sorted entries, of which the first can be removed.
#[derive(Clone, Debug, Default)]
pub(super) struct Front {
    /// The entries, ascending, behind those that were removed.
    items: Vec<QueueEntry>,
    /// How many were removed.
    removed: usize,
}

impl Front {
    pub(super) fn with_capacity(capacity: usize) -> Self {
        Self { items: Vec::with_capacity(capacity), removed: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.items.len() - self.removed
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn first(&self) -> Option<QueueEntry> {
        self.items.get(self.removed).copied()
    }

    pub(super) fn last(&self) -> Option<QueueEntry> {
        self.items[self.removed..].last().copied()
    }

    pub(super) fn as_slice(&self) -> &[QueueEntry] {
        &self.items[self.removed..]
    }

    pub(super) fn remove_first(&mut self) {
        self.removed += 1;
        if self.removed == self.items.len() {
            self.clear();
        }
    }

    /// Adds an entry that was scheduled after all others, behind those that are due then or before. Costs O(1) at the end.
    pub(super) fn insert(&mut self, entry: QueueEntry) {
        let behind = not_after(self.as_slice(), entry.at());
        if self.items.len() == self.items.capacity() && self.removed > self.items.len() / 2 {
            self.items.drain(..self.removed);
            self.removed = 0;
        }
        self.items.insert(self.removed + behind, entry);
    }

    /// Adds entries in any order; [`Front::sort`] follows.
    pub(super) fn extend(&mut self, entries: impl Iterator<Item = QueueEntry>) {
        self.items.extend(entries);
    }

    /// Sorts what was added to an empty front.
    pub(super) fn sort(&mut self) {
        self.items.sort_unstable();
    }

    /// Hands out all entries that are due after `until` \[ns\].
    pub(super) fn split_off(&mut self, until: u64, mut take: impl FnMut(QueueEntry)) {
        let kept = self.removed + not_after(self.as_slice(), until);
        self.items[kept..].iter().for_each(|&entry| take(entry));
        self.items.truncate(kept);
        if self.is_empty() {
            self.clear();
        }
    }

    pub(super) fn retain(&mut self, mut keep: impl FnMut(QueueEntry) -> bool) {
        self.items.drain(..self.removed);
        self.removed = 0;
        self.items.retain(|&entry| keep(entry));
    }

    pub(super) fn clear(&mut self) {
        self.items.clear();
        self.removed = 0;
    }
}

#[cfg(test)]
impl Front {
    pub(super) fn capacity(&self) -> usize {
        self.items.capacity()
    }
}

/// How many of these sorted entries are due at `at` \[ns\] or before. Which half has the place cannot be predicted, so that nothing
/// here branches; of the last few, counting all is faster than waiting for half of them.
fn not_after(entries: &[QueueEntry], at: u64) -> usize {
    let mut place = 0;
    let mut left = entries.len();
    while left > COUNTED {
        let half = left / 2;
        place = select_unpredictable(entries[place + half].at() <= at, place + half, place);
        left -= half;
    }
    place + entries[place..place + left].iter().map(|entry| usize::from(entry.at() <= at)).sum::<usize>()
}
