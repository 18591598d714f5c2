//! Replications over all cores: the same records in the same order, whatever the number of threads.

mod capacity;
mod precision;
mod quantity;
mod shard;
mod study;

pub use capacity::search_capacity;
pub use precision::{PrecisionGoal, simulate_until_precise};
pub use quantity::{Objective, Quantity};
pub use shard::Shard;
pub use study::{Ledger, LedgerError, NoLedger, Study, StudyError};

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use thiserror::Error;

use crate::metrics::{Collector, InstanceLayout, Layout, Measurements};
use crate::model::config::WorldConfig;
use crate::model::{Blueprint, simulate};
use crate::protocol::AcceptMode;
use crate::record::{Census, ReplicationRecord, RunRecord};
use crate::scenario::Scenario;
use crate::time::{SimDuration, SimTime};

/// Prices count as fresh up to this age if the scenario's policy has no freshness threshold: that of the released system.
const FRESH_WITHIN: SimDuration = SimDuration::from_secs(1_500);

/// How a run is carried out; nothing of it changes a result of the scenario itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunOptions {
    /// Threads; `None`: one for each core.
    pub jobs: Option<usize>,
    /// Whether to simulate the same users with GTNet switched off, too.
    pub baseline: bool,
}

/// The threads could not be started.
#[derive(Debug, Error)]
#[error("the operating system refuses to start the threads: {0}")]
pub struct ThreadError(#[from] rayon::ThreadPoolBuildError);

/// Number of simulations that [`run`] carries out.
#[must_use]
pub fn simulations(scenario: &Scenario, options: RunOptions, shard: Shard) -> u64 {
    let variants = if wants_baseline(&scenario.world, options) { 2 } else { 1 };
    own_replications(scenario, shard).count() as u64 * variants
}

/// The replications that belong to `shard`.
fn own_replications(scenario: &Scenario, shard: Shard) -> impl Iterator<Item = u32> {
    (0..scenario.replications).filter(move |replication| shard.owns(u64::from(*replication)))
}

/// Simulates all replications of a scenario that belong to `shard`, and calls `on_done` after each simulation.
///
/// # Errors
///
/// [`ThreadError`] if the threads cannot be started.
pub fn run(
    scenario: &Scenario,
    options: RunOptions,
    shard: Shard,
    on_done: &(dyn Fn() + Sync),
) -> Result<RunRecord, ThreadError> {
    let blueprint = Blueprint::new(scenario.world.clone());
    let baseline = wants_baseline(&scenario.world, options).then(|| Blueprint::new(scenario.world.without_gtnet()));
    let variants: Vec<&Blueprint> = std::iter::once(&blueprint).chain(baseline.as_ref()).collect();
    let tasks: Vec<(u32, &Blueprint)> = own_replications(scenario, shard)
        .flat_map(|replication| variants.iter().map(move |of| (replication, *of)))
        .collect();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(options.jobs.unwrap_or(0)).build()?;
    let measured: Vec<Measurements> = pool.install(|| {
        tasks
            .into_par_iter()
            .map(|(replication, blueprint)| {
                let measurements = replicate(blueprint, scenario.seed, replication);
                on_done();
                measurements
            })
            .collect()
    });
    let mut measured = measured.into_iter();
    let mut replications = Vec::new();
    for replication in own_replications(scenario, shard) {
        let as_written = measured.next().expect("every replication was simulated");
        let baseline = baseline.as_ref().and_then(|_| measured.next());
        replications.push(ReplicationRecord { replication, measured: as_written, baseline });
    }
    Ok(RunRecord {
        name: scenario.name.clone(),
        question: scenario.question.clone(),
        resolved_scenario: scenario.resolved_toml(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        seed: scenario.seed,
        measured_from: scenario.world.start + scenario.world.warmup,
        freshness_threshold: scenario.world.policy.freshness_threshold,
        gtnet: scenario.world.uses_gtnet(),
        census: census(&blueprint),
        replications,
    })
}

/// One replication of one world.
#[must_use]
pub fn replicate(blueprint: &Blueprint, seed: u64, replication: u32) -> Measurements {
    let mut collector = Collector::new(&layout(blueprint));
    let closing = simulate(blueprint, seed, replication, &mut collector);
    collector.finish(&closing.pool_sizes)
}

/// What a [`Collector`] has to know of a world.
#[must_use]
pub fn layout(blueprint: &Blueprint) -> Layout {
    let config = blueprint.config();
    let instances = blueprint
        .instances()
        .iter()
        .map(|info| InstanceLayout {
            name: info.name.clone(),
            server_workers: (info.gtnet && info.mode == AcceptMode::PushOpen)
                .then(|| config.groups[info.group].workers),
        })
        .collect();
    Layout {
        from: blueprint.warm_up_end(),
        until: SimTime::START + config.duration,
        fresh_within: config.policy.freshness_threshold.unwrap_or(FRESH_WITHIN),
        providers: config.connectors.iter().map(|connector| connector.id.clone()).collect(),
        instances,
    }
}

fn wants_baseline(world: &WorldConfig, options: RunOptions) -> bool {
    options.baseline && world.uses_gtnet()
}

fn census(blueprint: &Blueprint) -> Census {
    let mut census = Census::default();
    for info in blueprint.instances() {
        census.instances += 1;
        census.with_users += u32::from(info.users > 0);
        census.users += info.users;
        census.push_open += u32::from(info.gtnet && info.mode == AcceptMode::PushOpen);
        census.open += u32::from(info.gtnet && info.mode == AcceptMode::Open);
    }
    census
}
