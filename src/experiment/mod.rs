//! Simulates replications over all cores: the same records in the same order, whatever the number of threads.

mod absence;
mod analyses;
mod as_text;
mod blocks;
mod capacity;
mod cost;
mod facts;
mod flip;
mod found;
mod front;
mod job;
mod kept;
mod ledger;
mod luck;
mod objective;
mod plan;
mod precision;
mod prices;
mod replications;
mod selection;
mod sensitivity;
mod shard;
mod simulator;
mod twin;
mod warmup;
mod worlds;

pub(crate) use absence::foreseen_absences;
pub use blocks::{replicate, replicate_in_blocks};
pub(crate) use capacity::search_capacity;
pub(crate) use cost::MEMORY;
pub use cost::{Cost, TooLarge};
pub(crate) use facts::{fresh_within, scenario_facts};
pub use flip::{FlipPlan, FlipRoute, FlipSearch, PointDecision};
pub use job::{Asked, Finding, Job, JobRecord, Results, run};
pub use kept::Kept;
pub use ledger::{Ledger, LedgerError, NoLedger};
pub use luck::common_luck;
pub use objective::{Extent, Objective};
pub use plan::{Plan, PlanOutcome, Search};
pub use precision::{PrecisionGoal, PrecisionPlan, Shortfall};
pub use replications::{Gathered, Replications};
pub use selection::SelectionPlan;
pub use shard::Shard;
pub use simulator::Simulator;
pub use twin::replicate_beside_twin;
pub(crate) use warmup::find_warmup;
pub use warmup::{SeriesWarmup, Warmup, WarmupError, WeeklyChange};

use thiserror::Error;

use crate::metrics::{InstanceLayout, Layout};
use crate::model::Blueprint;
use crate::protocol::AcceptMode;
use crate::time::SimTime;

/// How a run is carried out. No option changes a result of the scenario itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunOptions {
    /// Number of threads; `None`: one for each core.
    pub jobs: Option<usize>,
    /// Whether to simulate the same users with GTNet switched off, too.
    pub baseline: bool,
}

/// Is told how far the simulations have come.
pub trait Progress: Sync {
    /// `simulations` more will be done than was said before.
    fn expects(&self, simulations: u64);

    /// The simulations under way have advanced by `thousandths` of a simulation. Each of them advances by 1,000 in all.
    fn advances(&self, thousandths: u64);
}

/// Ignores the progress.
impl Progress for () {
    fn expects(&self, _simulations: u64) {}

    fn advances(&self, _thousandths: u64) {}
}

/// The threads could not be started.
#[derive(Debug, Error)]
#[error("the operating system refuses to start the threads: {0}")]
pub struct ThreadError(#[from] rayon::ThreadPoolBuildError);

/// Does some work, whose parallel parts use `jobs` threads; `None`: one for each core.
///
/// # Errors
///
/// [`ThreadError`] if the threads cannot be started.
pub fn on_threads<R: Send>(jobs: Option<usize>, work: impl FnOnce() -> R + Send) -> Result<R, ThreadError> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs.unwrap_or(0)).build()?;
    Ok(pool.install(work))
}

/// Tells a [`Progress`] how far one simulation has come.
struct ProgressTeller<'p> {
    progress: &'p dyn Progress,
    thousandths: u64,
}

impl<'p> ProgressTeller<'p> {
    fn new(progress: &'p dyn Progress) -> Self {
        Self { progress, thousandths: 0 }
    }

    /// The simulation has come as far as `share`, from 0 to 1.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a thousand")]
    fn until(&mut self, share: f64) {
        let thousandths = ((share * 1_000.0) as u64).clamp(self.thousandths, 1_000);
        if thousandths > self.thousandths {
            self.progress.advances(thousandths - self.thousandths);
            self.thousandths = thousandths;
        }
    }

    /// The simulation is done.
    fn done(mut self) {
        self.until(1.0);
    }
}

/// What a [`Collector`](crate::metrics::Collector) has to know of the world before it is told the first fact.
#[must_use]
pub fn layout(blueprint: &Blueprint) -> Layout {
    let config = blueprint.config();
    let instances = blueprint
        .instances()
        .iter()
        .zip(blueprint.instance_names())
        .map(|(info, name)| InstanceLayout {
            name,
            server_workers: (info.gtnet && info.mode == AcceptMode::PushOpen || config.is_open_server(info.group))
                .then(|| config.groups[info.group].workers),
            is_open: info.mode == AcceptMode::Open,
        })
        .collect();
    Layout {
        from: blueprint.warm_up_end(),
        until: SimTime::START + config.duration,
        fresh_within: fresh_within(config),
        providers: config.connectors.iter().map(|connector| connector.id.clone()).collect(),
        instances,
        prices: prices::price_layout(blueprint),
    }
}
