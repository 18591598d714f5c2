//! Slots that are reused with the buffers of their former occupants, so that a run in its steady state does not allocate.

use std::ops::{Index, IndexMut};

/// Values in numbered slots. A freed slot keeps its value for the buffers, but nobody can look at it.
#[derive(Debug)]
pub(super) struct Slab<T> {
    slots: Vec<SlabSlot<T>>,
    free: Vec<u32>,
}

#[derive(Debug)]
struct SlabSlot<T> {
    /// `None` only while a new value is made of the old one.
    value: Option<T>,
    in_use: bool,
}

impl<T> Slab<T> {
    pub(super) const fn new() -> Self {
        Self { slots: Vec::new(), free: Vec::new() }
    }

    /// Puts into a free slot what `renew` makes of its number and of its former occupant, which may be taken apart for its
    /// buffers. Returns the number.
    pub(super) fn insert(&mut self, renew: impl FnOnce(u32, Option<T>) -> T) -> u32 {
        let number = self.free.pop().unwrap_or_else(|| {
            self.slots.push(SlabSlot { value: None, in_use: false });
            u32::try_from(self.slots.len() - 1).expect("fewer than 2^32 slots")
        });
        let slot = &mut self.slots[number as usize];
        *slot = SlabSlot { value: Some(renew(number, slot.value.take())), in_use: true };
        number
    }

    /// Frees a slot.
    ///
    /// # Panics
    ///
    /// If it is free already.
    pub(super) fn free(&mut self, number: u32) {
        let slot = &mut self.slots[number as usize];
        assert!(slot.in_use, "slot {number} is freed twice");
        slot.in_use = false;
        self.free.push(number);
    }

    /// Number of slots, in use or free.
    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    /// The slots in use with their numbers, in ascending order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        (0_u32..).zip(&self.slots).filter_map(|(number, slot)| Some((number, slot.occupant()?)))
    }
}

impl<T> SlabSlot<T> {
    fn occupant(&self) -> Option<&T> {
        self.value.as_ref().filter(|_| self.in_use)
    }
}

/// Panics if the slot is free.
impl<T> Index<u32> for Slab<T> {
    type Output = T;

    fn index(&self, number: u32) -> &T {
        self.slots[number as usize].occupant().expect("the slot is in use")
    }
}

/// Panics if the slot is free.
impl<T> IndexMut<u32> for Slab<T> {
    fn index_mut(&mut self, number: u32) -> &mut T {
        let SlabSlot { value, in_use } = &mut self.slots[number as usize];
        value.as_mut().filter(|_| *in_use).expect("the slot is in use")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_freed_slot_is_taken_again_with_its_buffer() {
        let mut slab: Slab<Vec<u8>> = Slab::new();
        let first = slab.insert(|_, former| former.unwrap_or_default());
        let second = slab.insert(|_, former| former.unwrap_or_default());
        assert_ne!(first, second);
        slab[first].extend([1, 2, 3]);
        let capacity = slab[first].capacity();
        slab.free(first);
        assert_eq!(slab.iter().map(|(number, _)| number).collect::<Vec<_>>(), [second]);
        let again = slab.insert(|number, former| {
            assert_eq!(number, first);
            let mut buffer = former.expect("there is a free slot");
            buffer.clear();
            buffer
        });
        assert_eq!((again, slab.len(), slab[again].capacity()), (first, 2, capacity));
    }

    #[test]
    #[should_panic(expected = "the slot is in use")]
    fn nobody_looks_into_a_freed_slot() {
        let mut slab: Slab<Vec<u8>> = Slab::new();
        let slot = slab.insert(|_, former| former.unwrap_or_default());
        slab.free(slot);
        let _ = slab[slot].len();
    }

    #[test]
    #[should_panic(expected = "slot 0 is freed twice")]
    fn a_slot_is_freed_once() {
        let mut slab: Slab<Vec<u8>> = Slab::new();
        let slot = slab.insert(|_, former| former.unwrap_or_default());
        slab.free(slot);
        slab.free(slot);
    }
}
