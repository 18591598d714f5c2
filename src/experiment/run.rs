//! One scenario: replications with everything that is measured of them.

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::measures::Comparison;
use crate::model::Blueprint;
use crate::model::config::WorldConfig;
use crate::protocol::AcceptMode;
use crate::record::{Census, Observed, ReplicationRecord, RunRecord};
use crate::scenario::Scenario;

use super::plan::Replications;
use super::study::values;
use super::{Progress, RunOptions, Shard, ThreadError, Told, foreseen_absences, replicate_telling};

/// A run under way: simulates as many replications as are asked for, each only once.
pub struct Run<'p> {
    seed: u64,
    shard: Shard,
    world: Blueprint,
    baseline: Option<Blueprint>,
    pool: rayon::ThreadPool,
    progress: &'p dyn Progress,
    record: RunRecord,
    /// Replications that were asked for; of a shard, it has only its own of them.
    asked: u32,
}

impl<'p> Run<'p> {
    /// A run of `scenario`, of which `shard` is simulated here.
    ///
    /// # Errors
    ///
    /// [`ThreadError`] if the threads cannot be started.
    pub fn new(
        scenario: &Scenario,
        options: RunOptions,
        shard: Shard,
        progress: &'p dyn Progress,
    ) -> Result<Self, ThreadError> {
        let world = Blueprint::new(scenario.world().clone());
        let record = RunRecord {
            name: scenario.name().to_owned(),
            question: scenario.question().to_owned(),
            resolved_scenario: scenario.resolved_toml(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            seed: scenario.seed(),
            measured_from: scenario.world().start + scenario.world().warmup,
            freshness_threshold: scenario.world().policy.freshness_threshold,
            gtnet: scenario.world().uses_gtnet(),
            census: census(&world),
            foreseen: foreseen_absences(scenario.world()),
            replications: Vec::new(),
        };
        let baseline =
            wants_baseline(scenario.world(), options).then(|| Blueprint::new(scenario.world().without_gtnet()));
        let pool = rayon::ThreadPoolBuilder::new().num_threads(options.jobs.unwrap_or(0)).build()?;
        Ok(Self { seed: scenario.seed(), shard, world, baseline, pool, progress, record, asked: 0 })
    }

    /// The record with what was simulated.
    #[must_use]
    pub fn into_record(self) -> RunRecord {
        self.record
    }

    fn simulate(&mut self, until: u32) {
        let own = |replication: &u32| self.shard.owns(u64::from(*replication));
        let new: Vec<u32> = (self.asked..until).filter(own).collect();
        let worlds: Vec<&Blueprint> = std::iter::once(&self.world).chain(self.baseline.as_ref()).collect();
        let tasks: Vec<(u32, &Blueprint)> =
            new.iter().flat_map(|&replication| worlds.iter().map(move |world| (replication, *world))).collect();
        self.progress.expects(tasks.len() as u64);
        let measured: Vec<_> = self.pool.install(|| {
            tasks
                .into_par_iter()
                .map(|(replication, world)| {
                    let mut told = Told::new(self.progress);
                    let measurements = replicate_telling(world, self.seed, replication, &mut |share| told.until(share));
                    told.done();
                    measurements
                })
                .collect()
        });
        let mut measured = measured.into_iter();
        for replication in new {
            let as_written = measured.next().expect("every replication was simulated");
            let baseline = self.baseline.as_ref().and_then(|_| measured.next());
            self.record.replications.push(ReplicationRecord { replication, measured: as_written, baseline });
        }
        self.asked = self.asked.max(until);
    }
}

impl Replications for Run<'_> {
    type Error = std::convert::Infallible;

    fn points(&self) -> usize {
        1
    }

    fn provide(&mut self, wanted: &[u32]) -> Result<(), Self::Error> {
        self.simulate(wanted[0]);
        Ok(())
    }

    fn replications(&self, _point: usize, count: u32) -> Vec<Observed> {
        self.record.replications.iter().filter(|known| known.replication < count).map(replication_of).collect()
    }
}

/// What studies keep of a replication of a run.
#[must_use]
pub fn replication_of(record: &ReplicationRecord) -> Observed {
    let compared = |comparison| comparison != Comparison::Nothing;
    Observed {
        measured: values(&record.measured, |_| true),
        baseline: record.baseline.as_ref().map(|baseline| values(baseline, compared)),
    }
}

/// Simulates the replications that the scenario asks for, as far as they belong to `shard`.
///
/// # Errors
///
/// [`ThreadError`] if the threads cannot be started.
pub fn run(
    scenario: &Scenario,
    options: RunOptions,
    shard: Shard,
    progress: &dyn Progress,
) -> Result<RunRecord, ThreadError> {
    let mut run = Run::new(scenario, options, shard, progress)?;
    run.simulate(scenario.replications());
    Ok(run.into_record())
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
