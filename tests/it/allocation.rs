//! The event loop allocates for records alone: what happens again and again finds the buffers of what has ended.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use gtnet_sim::observe::{Fact, Observer};
use gtnet_sim::time::{SimDuration, SimTime};

use crate::support::{busy_world, watch};

/// The system's allocator, counting the allocations of each thread.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

fn count() {
    // The counter is gone while a thread is being torn down; nobody counts then.
    let _ = ALLOCATIONS.try_with(|allocations| allocations.set(allocations.get() + 1));
}

#[expect(unsafe_code, reason = "an allocator cannot be written without; all calls are passed on unchanged")]
// SAFETY: every method passes its arguments on to the system's allocator, whose contract is the same.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: see above.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: see above.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: see above.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocations() -> u64 {
    ALLOCATIONS.with(Cell::get)
}

/// Counts facts and allocations between the first and the last fact of each of two periods.
struct AllocationsIn {
    periods: [(SimTime, SimTime); 2],
    first: [Option<u64>; 2],
    last: [u64; 2],
    facts: [u64; 2],
}

impl Observer for AllocationsIn {
    fn observe(&mut self, now: SimTime, _fact: &Fact) {
        for (at, (from, until)) in self.periods.into_iter().enumerate() {
            if from <= now && now < until {
                self.last[at] = allocations();
                self.first[at].get_or_insert(self.last[at]);
                self.facts[at] += 1;
            }
        }
    }
}

#[test]
fn the_counter_counts() {
    let before = allocations();
    let boxed = std::hint::black_box(Box::new(1_u8));
    assert_eq!(allocations(), before + 1);
    drop(boxed);
}

/// A run allocates when more is under way than ever before, and when a buffer meets a longer list than all that it has held.
/// A new exchange takes some 30 allocations, a longer list one. Such records get rarer and rarer, so that in any period there
/// are few of them. If every exchange or message allocated, there would be thousands.
#[test]
fn only_records_allocate() {
    let day = |days: u64| SimTime::START + SimDuration::from_days(days);
    let mut config = busy_world();
    config.duration = SimDuration::from_days(23);
    for seed in 1..=2 {
        let periods = [(day(2), day(9)), (day(9), day(23))];
        let mut watcher = AllocationsIn { periods, first: [None; 2], last: [0; 2], facts: [0; 2] };
        watch(&config, seed, &mut watcher);
        let [early_facts, late_facts] = watcher.facts;
        assert!(early_facts > 100_000 && late_facts > 200_000, "{:?} are too few facts", watcher.facts);
        let counts = [0, 1].map(|at| watcher.last[at] - watcher.first[at].expect("there were facts"));
        assert!(counts.iter().all(|count| *count < 100), "seed {seed}: {counts:?} in {:?} facts", watcher.facts);
    }
}
