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
    let (mut measured, log) = replicate_logging(blueprint, seed, replication, &mut |_| {});
    let twin = Blueprint::new(blueprint.config().without_faults());
    let twin = log_twin(&twin, seed, replication, &mut |_| {});
    measured.faults = Some(compare(log, twin, blueprint.config()));
    measured
}

/// What the faults of `world` did to users, by the visits of a run and of its twin.
pub(super) fn compare(run: VisitLog, twin: VisitLog, world: &WorldConfig) -> Box<FaultEffects> {
    let names: Vec<String> = world.faults.iter().map(|fault| fault.name.clone()).collect();
    Box::new(FaultEffects::between(run, twin, &names))
}

/// Simulates one replication of a world with faults. Returns its measurements, and what became of each visit.
pub(super) fn replicate_logging(
    blueprint: &Blueprint,
    seed: u64,
    replication: u32,
    tell: &mut dyn FnMut(f64),
) -> (Measurements, VisitLog) {
    let mut observers = (Collector::new(&layout(blueprint)), visit_log(blueprint));
    let closing = simulate_telling(blueprint, seed, replication, &mut observers, tell);
    let (collector, log) = observers;
    (collector.finish(&closing.pool_sizes), log)
}

/// Simulates one replication of a twin.
pub(super) fn log_twin(blueprint: &Blueprint, seed: u64, replication: u32, tell: &mut dyn FnMut(f64)) -> VisitLog {
    let mut log = visit_log(blueprint);
    simulate_telling(blueprint, seed, replication, &mut log, tell);
    log
}

fn visit_log(blueprint: &Blueprint) -> VisitLog {
    let config = blueprint.config();
    let period = (blueprint.warm_up_end(), blueprint.horizon());
    VisitLog::new(period, fresh_within(config), config.faults.len())
}
