//! Simulates a replication of a network that falls apart, block by block: less lies in memory at a time, and what does fits into the
//! caches of a processor. What is measured is the same to the last bit as of the network in one piece.

use std::sync::{Mutex, PoisonError};

use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};

use crate::metrics::{Collector, DailySeries, DayMeasurements, MeasuredBlocks, Measurements};
use crate::model::{Blocks, Blueprint, Replicating, simulate_telling};

use super::facts::fresh_within;
use super::layout;

/// Simulates one replication of one world in one piece, and returns its measurements.
#[must_use]
pub fn replicate(blueprint: &Blueprint, seed: u64, replication: u32) -> Measurements {
    replicate_whole(blueprint, (seed, replication), &mut |_| {})
}

/// Simulates one replication of one world in blocks of at most so many instances and users, and returns its measurements. A component
/// of its network that is larger is a block all the same.
///
/// It measures what [`replicate`] does, however large blocks are.
#[must_use]
pub fn replicate_in_blocks(blueprint: &Blueprint, seed: u64, replication: u32, at_most: u64) -> Measurements {
    match Blocks::of(blueprint.config(), at_most) {
        Some(blocks) => replicate_blocks(blueprint, &blocks, (seed, replication), Threads::One, &mut |_| {}),
        None => replicate(blueprint, seed, replication),
    }
}

/// How many blocks are simulated at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Threads {
    /// One after the other.
    One,
    /// As many as the pool of threads has room for.
    All,
}

/// Simulates one replication of one world, and calls `tell` with the share that is done. A large network is simulated in blocks.
pub(super) fn replicate_telling(
    blueprint: &Blueprint,
    of: (u64, u32),
    threads: Threads,
    tell: &mut (dyn FnMut(f64) + Send),
) -> Measurements {
    match Blocks::usual(blueprint.config()) {
        Some(blocks) => replicate_blocks(blueprint, &blocks, of, threads, tell),
        None => replicate_whole(blueprint, of, tell),
    }
}

fn replicate_whole(blueprint: &Blueprint, (seed, replication): (u64, u32), tell: &mut dyn FnMut(f64)) -> Measurements {
    let mut collector = Collector::new(&layout(blueprint));
    let closing = simulate_telling(blueprint, seed, replication, &mut collector, tell);
    collector.finish(&closing.pool_sizes)
}

fn replicate_blocks(
    blueprint: &Blueprint,
    blocks: &Blocks,
    of: (u64, u32),
    threads: Threads,
    tell: &mut (dyn FnMut(f64) + Send),
) -> Measurements {
    let sums = Mutex::new(MeasuredBlocks::new(blueprint.instances().len()));
    observe_blocks(blueprint, blocks, of, threads, tell, |numbers, block, replicating| {
        let layout = layout(block);
        let mut collector = Collector::new(&layout);
        let closing = replicating.simulate(block, &mut collector, &mut |_| {});
        let measured = collector.finish(&closing.pool_sizes);
        // Only whole numbers are added up: which block comes first makes no difference.
        sums.lock().unwrap_or_else(PoisonError::into_inner).add(numbers, &layout, measured);
    });
    let sums = sums.into_inner().unwrap_or_else(PoisonError::into_inner);
    sums.finish().expect("a network has a block")
}

/// Simulates one replication of one world, and measures each of its whole days; calls `tell` with the share that is done.
pub(super) fn replicate_days(
    blueprint: &Blueprint,
    of: (u64, u32),
    tell: &mut (dyn FnMut(f64) + Send),
) -> Vec<DayMeasurements> {
    let series = || DailySeries::new(blueprint.config().duration, fresh_within(blueprint.config()));
    let Some(blocks) = Blocks::usual(blueprint.config()) else {
        let mut series = series();
        simulate_telling(blueprint, of.0, of.1, &mut series, tell);
        return series.finish();
    };
    let sums = Mutex::new(series().finish());
    observe_blocks(blueprint, &blocks, of, Threads::One, tell, |_, block, replicating| {
        let mut series = series();
        replicating.simulate(block, &mut series, &mut |_| {});
        let mut sums = sums.lock().unwrap_or_else(PoisonError::into_inner);
        sums.iter_mut().zip(&series.finish()).for_each(|(sum, day)| sum.add(day));
    });
    sums.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Lets each block be simulated and observed: `observe` is given the numbers of its instances in the network, its blueprint, and what
/// simulates it.
fn observe_blocks(
    blueprint: &Blueprint,
    blocks: &Blocks,
    (seed, replication): (u64, u32),
    threads: Threads,
    tell: &mut (dyn FnMut(f64) + Send),
    observe: impl Fn(&[u32], &Blueprint, &Replicating) + Sync,
) {
    let replicating = Replicating::new(blueprint, seed, replication);
    let told = Mutex::new((0, tell));
    let one = |number: usize| {
        let numbers = blocks.numbers(number);
        let block = blueprint.block(numbers);
        observe(numbers, &block, &replicating);
        let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
        let (done, tell) = &mut *told;
        *done += numbers.len();
        tell(*done as f64 / blueprint.instances().len() as f64);
    };
    match threads {
        Threads::One => (0..blocks.len()).for_each(one),
        Threads::All => (0..blocks.len()).into_par_iter().with_max_len(1).for_each(one),
    }
}
