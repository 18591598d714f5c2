//! The worlds that are being simulated: each is built once, when it is first needed, and dropped after its last use.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::model::Blueprint;
use crate::scenario::Scenario;

/// One of the simulations of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UnitSide {
    /// The scenario as written.
    Measured,
    /// The same users without `GTNet`.
    Baseline,
    /// The same users without faults.
    Twin,
}

/// The worlds that are being simulated. Each is built when it is first needed and dropped after its last use, as all
/// worlds of a large sweep would not fit into memory together.
pub(super) struct Worlds {
    /// For each point its worlds, by [`UnitSide`].
    worlds: Vec<[SharedWorld; 3]>,
}

#[derive(Default)]
struct SharedWorld {
    /// Number of simulations of this world that are not done.
    uses: AtomicU32,
    built: Mutex<Option<Arc<Blueprint>>>,
}

impl Worlds {
    /// The worlds of `points` points. Each time that `uses` names a world, one simulation will use it.
    pub(super) fn new(points: usize, uses: impl Iterator<Item = (usize, UnitSide)>) -> Self {
        let worlds = Self { worlds: (0..points).map(|_| <[SharedWorld; 3]>::default()).collect() };
        uses.for_each(|(point, side)| _ = worlds.worlds[point][side as usize].uses.fetch_add(1, Ordering::Relaxed));
        worlds
    }

    pub(super) fn world(&self, point: usize, side: UnitSide, scenario: &Scenario) -> Arc<Blueprint> {
        let make = || match side {
            UnitSide::Measured => Arc::new(Blueprint::new(scenario.world().clone())),
            UnitSide::Baseline => Arc::new(Blueprint::new(scenario.world().without_gtnet())),
            UnitSide::Twin => Arc::new(Blueprint::new(scenario.world().without_faults())),
        };
        let mut built = self.worlds[point][side as usize].built.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(built.get_or_insert_with(make))
    }

    /// One simulation of this world is done.
    pub(super) fn done(&self, point: usize, side: UnitSide) {
        let SharedWorld { uses, built } = &self.worlds[point][side as usize];
        if uses.fetch_sub(1, Ordering::AcqRel) == 1 {
            *built.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }
}
