//! A run with faults and its twin: the same users with the same luck, and nothing goes wrong. What faults do to users is the
//! difference between the two.

use crate::metrics::{Collector, FaultEffects, Measurements, VisitLog};
use crate::model::config::WorldConfig;
use crate::model::{Blueprint, simulate_telling};

use super::facts::fresh_within;
use super::{layout, replicate};

/// Simulates one replication of one world, and, if it has faults, its twin. Returns its measurements, with what the faults did to
/// users.
#[must_use]
pub fn replicate_beside_twin(blueprint: &Blueprint, seed: u64, replication: u32) -> Measurements {
    if blueprint.config().faults.is_empty() {
        return replicate(blueprint, seed, replication);
    }
    let logged = replicate_logging(blueprint, seed, replication, &mut |_| {});
    let twin = Blueprint::new(blueprint.config().without_faults());
    let twin = log_twin(&twin, seed, replication, &mut |_| {});
    logged.beside(twin, blueprint.config())
}

/// The measurements of a run with faults, and what became of each visit.
pub(super) struct LoggedRun {
    measured: Measurements,
    log: VisitLog,
}

impl LoggedRun {
    /// The measurements, with what the faults of `world` did to users.
    pub(super) fn beside(mut self, twin: VisitLog, world: &WorldConfig) -> Measurements {
        let names: Vec<String> = world.faults.iter().map(|fault| fault.name.clone()).collect();
        self.measured.faults = Some(Box::new(FaultEffects::between(self.log, twin, &names)));
        self.measured
    }
}

/// Simulates one replication of a world with faults.
pub(super) fn replicate_logging(
    blueprint: &Blueprint,
    seed: u64,
    replication: u32,
    tell: &mut impl FnMut(f64),
) -> LoggedRun {
    let mut observers = (Collector::new(&layout(blueprint)), visit_log(blueprint));
    let closing = simulate_telling(blueprint, seed, replication, &mut observers, tell);
    let (collector, log) = observers;
    LoggedRun { measured: collector.finish(&closing.pool_sizes), log }
}

/// Simulates one replication of a twin.
pub(super) fn log_twin(blueprint: &Blueprint, seed: u64, replication: u32, tell: &mut impl FnMut(f64)) -> VisitLog {
    let mut log = visit_log(blueprint);
    simulate_telling(blueprint, seed, replication, &mut log, tell);
    log
}

fn visit_log(blueprint: &Blueprint) -> VisitLog {
    let config = blueprint.config();
    let period = (blueprint.warm_up_end(), blueprint.horizon());
    VisitLog::new(period, fresh_within(config), config.faults.len())
}
