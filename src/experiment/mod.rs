//! Replications over all cores: the same records in the same order, whatever the number of threads.

mod absence;
mod as_text;
mod capacity;
mod cost;
mod facts;
mod found;
mod job;
mod kept;
mod ledger;
mod luck;
mod objective;
mod plan;
mod precision;
mod replications;
mod shard;
mod simulator;
mod warmup;

pub use absence::foreseen_absences;
pub use capacity::search_capacity;
pub use cost::{Cost, MEMORY, TooLarge};
pub use facts::scenario_facts;
pub use job::{Asked, Finding, Job, JobRecord, Results, run};
pub use kept::Kept;
pub use ledger::{Ledger, LedgerError, NoLedger};
pub use luck::common_luck;
pub use objective::Objective;
pub use plan::{Plan, PlanOutcome, Search};
pub use precision::{PrecisionGoal, PrecisionPlan, Shortfall};
pub use replications::{Gathered, Replications};
pub use shard::Shard;
pub use simulator::Simulator;
pub use warmup::{SeriesWarmup, Warmup, WarmupError, WeeklyChange, find_warmup};

use thiserror::Error;

use crate::metrics::{Collector, InstanceLayout, Layout, Measurements};
use crate::model::{Blueprint, simulate_telling};
use crate::protocol::AcceptMode;
use crate::time::SimTime;

/// How a run is carried out; nothing of it changes a result of the scenario itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunOptions {
    /// Threads; `None`: one for each core.
    pub jobs: Option<usize>,
    /// Whether to simulate the same users with GTNet switched off, too.
    pub baseline: bool,
}

/// Is told how far the simulations are.
pub trait Progress: Sync {
    /// So many more are to be done than was said before.
    fn expects(&self, simulations: u64);

    /// Those under way have come so many thousandths of one further; each comes a thousand thousandths before it is done.
    fn advances(&self, thousandths: u64);
}

/// Tells nobody.
impl Progress for () {
    fn expects(&self, _simulations: u64) {}

    fn advances(&self, _thousandths: u64) {}
}

/// The threads could not be started.
#[derive(Debug, Error)]
#[error("the operating system refuses to start the threads: {0}")]
pub struct ThreadError(#[from] rayon::ThreadPoolBuildError);

/// One replication of one world.
#[must_use]
pub fn replicate(blueprint: &Blueprint, seed: u64, replication: u32) -> Measurements {
    replicate_telling(blueprint, seed, replication, &mut |_| {})
}

/// As [`replicate`]; `tell` is told the share that is done.
fn replicate_telling(blueprint: &Blueprint, seed: u64, replication: u32, tell: &mut impl FnMut(f64)) -> Measurements {
    let mut collector = Collector::new(&layout(blueprint));
    let closing = simulate_telling(blueprint, seed, replication, &mut collector, tell);
    collector.finish(&closing.pool_sizes)
}

/// Tells a [`Progress`] of one simulation.
struct ProgressTeller<'p> {
    progress: &'p dyn Progress,
    thousandths: u64,
}

impl<'p> ProgressTeller<'p> {
    fn new(progress: &'p dyn Progress) -> Self {
        Self { progress, thousandths: 0 }
    }

    /// So much of it is done, from 0 to 1.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a thousand")]
    fn until(&mut self, share: f64) {
        let thousandths = ((share * 1_000.0) as u64).clamp(self.thousandths, 1_000);
        if thousandths > self.thousandths {
            self.progress.advances(thousandths - self.thousandths);
            self.thousandths = thousandths;
        }
    }

    /// All of it is done.
    fn done(mut self) {
        self.until(1.0);
    }
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
        fresh_within: facts::fresh_within(config),
        providers: config.connectors.iter().map(|connector| connector.id.clone()).collect(),
        instances,
    }
}
