//! Slots that are reused with the buffers of their former users, so that a run in its steady state does not allocate.

use std::ops::{Index, IndexMut};

/// Values in numbered slots; a freed slot keeps its value until it is taken again.
#[derive(Debug)]
pub(super) struct Slab<T> {
    slots: Vec<T>,
    free: Vec<u32>,
}

impl<T> Slab<T> {
    pub(super) const fn new() -> Self {
        Self { slots: Vec::new(), free: Vec::new() }
    }

    /// The number of a free slot; a new one holds `fresh()`, a used one what it held before.
    pub(super) fn take(&mut self, fresh: impl FnOnce() -> T) -> u32 {
        self.free.pop().unwrap_or_else(|| {
            self.slots.push(fresh());
            u32::try_from(self.slots.len() - 1).expect("fewer than 2^32 slots")
        })
    }

    /// Frees a slot, which must be in use.
    pub(super) fn free(&mut self, slot: u32) {
        debug_assert!(!self.free.contains(&slot), "slot {slot} is freed twice");
        self.free.push(slot);
    }

    /// Number of slots, in use or free.
    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    /// The slots in use, in ascending order.
    pub(super) fn slots_in_use(&self) -> Vec<u32> {
        let mut in_use = vec![true; self.slots.len()];
        for slot in &self.free {
            in_use[*slot as usize] = false;
        }
        (0_u32..).zip(in_use).filter_map(|(slot, in_use)| in_use.then_some(slot)).collect()
    }
}

impl<T> Index<u32> for Slab<T> {
    type Output = T;

    fn index(&self, slot: u32) -> &T {
        &self.slots[slot as usize]
    }
}

impl<T> IndexMut<u32> for Slab<T> {
    fn index_mut(&mut self, slot: u32) -> &mut T {
        &mut self.slots[slot as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_freed_slot_is_taken_again_with_its_buffer() {
        let mut slab: Slab<Vec<u8>> = Slab::new();
        let first = slab.take(Vec::new);
        let second = slab.take(Vec::new);
        slab[first].extend([1, 2, 3]);
        let capacity = slab[first].capacity();
        slab.free(first);
        assert_eq!(slab.slots_in_use(), [second]);
        assert_eq!(slab.take(|| unreachable!("there is a free slot")), first);
        assert_eq!(slab[first].capacity(), capacity);
        assert_ne!(first, second);
    }
}
