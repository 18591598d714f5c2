//! Runs one replication from its first event to the horizon, and asserts the laws of the model at its end.

use crate::engine::{self, Scheduler};
use crate::observe::{Fact, Observer};
use crate::random::Streams;
use crate::time::SimTime;

use super::blueprint::Blueprint;
use super::drawing::DrawnInstruments;
use super::world::World;

/// Parts of a run after each of which its progress is told.
const TOLD_PARTS: u64 = 1_000;

/// What a finished replication leaves behind, beside what its observer was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    /// Events handled.
    pub events: u64,
    /// Exchanges that have begun.
    pub exchanges: u64,
    /// Exchanges whose connector calls were made all at once, as nobody could tell the difference.
    pub exchanges_folded: u64,
    /// By instance: instruments in its pool at the end; 0 without a pool.
    pub pool_sizes: Vec<u32>,
}

/// A replication that can be simulated block by block: what all its blocks share.
pub struct Replicating {
    streams: Streams,
    drawn: DrawnInstruments,
}

impl Replicating {
    /// Replication `replication` of a world under `seed`.
    #[must_use]
    pub fn new(blueprint: &Blueprint, seed: u64, replication: u32) -> Self {
        let streams = match blueprint.config().topology {
            None => Streams::new(seed, replication),
            Some(topology) => Streams::with_topology(seed, topology, replication),
        };
        Self { streams, drawn: DrawnInstruments::of(blueprint, &streams) }
    }

    /// Runs a [block](Blueprint::block) of the world to the end, or all of it, and tells `observer` all that happens there; instances and
    /// users have the numbers that they have in `blueprint`. Now and then `tell` is told the share of the run that is done, as far as
    /// visits tell it.
    ///
    /// # Panics
    ///
    /// See [`simulate`].
    pub fn simulate(&self, blueprint: &Blueprint, observer: &mut dyn Observer, tell: &mut dyn FnMut(f64)) -> Closing {
        let mut scheduler = Scheduler::with_capacity(1_024);
        let mut world = World::of_instruments(blueprint, self.streams, &self.drawn, observer);
        world.begin(&mut scheduler);
        let mut events = 0;
        // A run in parts is the same run: an event at the end of a part belongs to the next one.
        for part in 1..=TOLD_PARTS {
            let nanos = u128::from(blueprint.horizon().as_nanos()) * u128::from(part) / u128::from(TOLD_PARTS);
            let end = SimTime::from_nanos(u64::try_from(nanos).expect("no part ends after the run"));
            events += engine::run(&mut world, &mut scheduler, end, u64::MAX).events;
            tell(blueprint.share_before(end));
        }
        world.assert_laws(&scheduler);
        world.tell_what_is_unfinished(blueprint.horizon());
        let (exchanges, exchanges_folded) = (world.totals.exchanges_begun, world.totals.exchanges_folded);
        let pool_sizes = world.population.instances.iter().map(|instance| instance.pool.size()).collect();
        Closing { events, exchanges, exchanges_folded, pool_sizes }
    }
}

/// Runs replication `replication` under `seed` to the end, and tells `observer` all that happens.
///
/// # Panics
///
/// If a law of the model is broken (conservation of messages and of exchanges): that is a bug.
pub fn simulate(blueprint: &Blueprint, seed: u64, replication: u32, observer: &mut dyn Observer) -> Closing {
    simulate_telling(blueprint, seed, replication, observer, &mut |_| {})
}

/// As [`simulate`]; now and then `tell` is told the share of the run that is done, as far as visits tell it.
///
/// # Panics
///
/// See [`simulate`].
pub(crate) fn simulate_telling(
    blueprint: &Blueprint,
    seed: u64,
    replication: u32,
    observer: &mut dyn Observer,
    tell: &mut dyn FnMut(f64),
) -> Closing {
    Replicating::new(blueprint, seed, replication).simulate(blueprint, observer, tell)
}

impl World<'_> {
    fn tell_what_is_unfinished(&mut self, horizon: SimTime) {
        for (_, running) in self.running.iter().filter(|(_, running)| !running.shown) {
            let instruments = u32::try_from(running.exchange.set().len()).expect("a watchlist is shorter than 2^32");
            self.observer.observe(
                horizon,
                &Fact::ExchangeUnfinished { visit: running.visit.id(), began: running.visit.began, instruments },
            );
        }
    }
}
