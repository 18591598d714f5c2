//! The simulator as a source of replications: it spreads units over its threads, simulates each once, and keeps it as
//! soon as it is done.

use std::sync::{Mutex, PoisonError};

use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};

use crate::metrics::{Measurements, VisitLog};
use crate::record::{Detail, ReplicationRecord, UnitRecord};
use crate::scenario::Scenario;

use super::blocks::{Threads, replicate_telling};
use super::kept::{Kept, is_whole, unit_record};
use super::ledger::{Ledger, LedgerError};
use super::replications::Replications;
use super::twin::{compare, log_twin, replicate_logging};
use super::worlds::{UnitSide, Worlds};
use super::{Progress, ProgressTeller, RunOptions, Shard, ThreadError};

/// Simulates as many replications of each of its points as it is asked for. If it works for a shard, it simulates only
/// the units of that shard.
///
/// Each point has its own seed. Points with the same seed share random draws: a user who is in several of them has
/// the same luck in each, replication by replication (see [`common_luck`](super::common_luck)).
pub struct Simulator<'s> {
    points: Vec<DesignPoint<'s>>,
    kept: Kept,
    shard: Shard,
    pool: rayon::ThreadPool,
    ledger: &'s dyn Ledger,
    progress: &'s dyn Progress,
}

/// One scenario of a job, with its known units.
struct DesignPoint<'s> {
    scenario: &'s Scenario,
    digest: String,
    /// Whether it is also simulated without `GTNet`.
    baseline: bool,
    /// Whether it is also simulated without its faults. No option leaves that out, as measures of the scenario depend on it.
    twin: bool,
    /// Units by replication; `None` where the unit is not known.
    units: Vec<Option<UnitRecord>>,
}

/// What the simulations of a unit that are done have found.
#[derive(Default)]
struct UnitParts {
    /// How many are done.
    done: usize,
    measured: Option<Measurements>,
    /// What became of each visit, if it is to be compared with the twin.
    log: Option<VisitLog>,
    baseline: Option<Measurements>,
    twin: Option<VisitLog>,
}

/// One replication of one point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct UnitOfWork {
    point: usize,
    replication: u32,
}

impl<'s> Simulator<'s> {
    /// A simulator of `scenarios` that simulates the units of `shard`.
    ///
    /// # Errors
    ///
    /// [`ThreadError`] if the threads cannot be started.
    pub fn new(
        scenarios: impl IntoIterator<Item = &'s Scenario>,
        kept: Kept,
        options: RunOptions,
        shard: Shard,
        ledger: &'s dyn Ledger,
        progress: &'s dyn Progress,
    ) -> Result<Self, ThreadError> {
        let point = |scenario: &'s Scenario| DesignPoint {
            digest: scenario.digest(),
            baseline: options.baseline && scenario.world().uses_gtnet(),
            twin: !scenario.world().faults.is_empty(),
            units: Vec::new(),
            scenario,
        };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(options.jobs.unwrap_or(0)).build()?;
        Ok(Self { points: scenarios.into_iter().map(point).collect(), kept, shard, pool, ledger, progress })
    }

    /// The known units of its shard: digest of the scenario, number of the replication, and what is kept.
    pub fn own_units(&self) -> impl Iterator<Item = (&str, u32, &UnitRecord)> {
        let counts: Vec<u32> = self.points.iter().map(DesignPoint::count).collect();
        let known = |unit: UnitOfWork| {
            let point = &self.points[unit.point];
            Some((point.digest.as_str(), unit.replication, point.units[unit.replication as usize].as_ref()?))
        };
        self.own(&counts).into_iter().filter_map(known)
    }

    /// The units of its shard among the first `wanted[i]` replications of each point `i`.
    fn own(&self, wanted: &[u32]) -> Vec<UnitOfWork> {
        let replications = wanted.iter().enumerate();
        let all = replications
            .flat_map(|(point, wanted)| (0..*wanted).map(move |replication| UnitOfWork { point, replication }));
        (0_u64..).zip(all).filter(|(number, _)| self.shard.owns(*number)).map(|(_, unit)| unit).collect()
    }

    fn recall(&mut self, wanted: &[u32]) {
        assert_eq!(wanted.len(), self.points.len(), "every point has a number of replications");
        for (point, &wanted) in self.points.iter_mut().zip(wanted) {
            for replication in point.count()..wanted {
                let recalled = self.ledger.recall(&point.digest, replication);
                point.units.push(recalled.and_then(|unit| fit(unit, point.baseline, self.kept)));
            }
            // Quantiles that were read back are of as many replications together; with any other they are of no use.
            let is_of_all = |unit: &UnitRecord| matches!(unit.detail, Detail::Summarised { of, .. } if of == wanted);
            let is_summarised = |unit: &UnitRecord| matches!(unit.detail, Detail::Summarised { .. });
            let are_of_all = point.units.len() == wanted as usize
                && point.units.iter().all(|unit| unit.as_ref().is_some_and(is_of_all));
            if !are_of_all || self.shard != Shard::WHOLE {
                point.units.iter_mut().for_each(|unit| _ = unit.take_if(|unit| is_summarised(unit)));
            }
        }
    }

    fn simulate(&mut self, units: &[UnitOfWork]) -> Result<(), LedgerError> {
        let sides: Vec<(usize, UnitSide)> = (0..)
            .zip(units)
            .flat_map(|(at, unit)| self.points[unit.point].sides().map(move |side| (at, side)))
            .collect();
        self.progress.expects(sides.len() as u64);
        let worlds = Worlds::new(self.points.len(), sides.iter().map(|(at, side)| (units[*at].point, *side)));
        let under_way: Vec<Mutex<UnitParts>> = units.iter().map(|_| Mutex::default()).collect();
        let (points, kept, ledger, progress) = (&self.points, self.kept, self.ledger, self.progress);
        // Where simulations fill the threads, each is simulated by one.
        let threads = if sides.len() < self.pool.current_num_threads() { Threads::All } else { Threads::One };
        let simulate = |(at, side): (usize, UnitSide)| {
            let unit = units[at];
            let point = &points[unit.point];
            let mut told = ProgressTeller::new(progress);
            let world = worlds.world(unit.point, side, point.scenario);
            let tell = &mut |share: f64| told.until(share);
            let (seed, replication) = (point.scenario.seed(), unit.replication);
            let mut part = UnitParts { done: 1, ..UnitParts::default() };
            match side {
                UnitSide::Measured if point.twin => {
                    let (measured, log) = replicate_logging(&world, seed, replication, tell);
                    (part.measured, part.log) = (Some(measured), Some(log));
                }
                UnitSide::Measured => {
                    part.measured = Some(replicate_telling(&world, (seed, replication), threads, tell));
                }
                UnitSide::Baseline => {
                    part.baseline = Some(replicate_telling(&world, (seed, replication), threads, tell));
                }
                UnitSide::Twin => part.twin = Some(log_twin(&world, seed, replication, tell)),
            }
            drop(world);
            worlds.done(unit.point, side);
            told.done();
            let parts = {
                let mut parts = under_way[at].lock().unwrap_or_else(PoisonError::into_inner);
                parts.add(part);
                if parts.done < point.sides().count() {
                    return Ok(None);
                }
                std::mem::take(&mut *parts)
            };
            let record = unit_record(parts.into_record(unit.replication, point.scenario), kept);
            ledger.keep(&point.digest, unit.replication, &record)?;
            Ok(Some((unit, record)))
        };
        // Work is handed out in order. The simulations of a unit, and the units of a world, are therefore simulated at about
        // the same time, and memory is free again soon.
        let simulated: Result<Vec<Option<(UnitOfWork, UnitRecord)>>, LedgerError> =
            self.pool.install(|| sides.into_par_iter().with_max_len(1).map(simulate).collect());
        for (unit, record) in simulated?.into_iter().flatten() {
            self.points[unit.point].units[unit.replication as usize] = Some(record);
        }
        Ok(())
    }
}

impl Replications for Simulator<'_> {
    type Error = LedgerError;

    fn points(&self) -> usize {
        self.points.len()
    }

    /// Simulates the units of its shard that are neither known nor in the ledger.
    ///
    /// # Errors
    ///
    /// [`LedgerError`] if a unit cannot be kept. The simulations under way still end, and no other begins.
    fn provide(&mut self, wanted: &[u32]) -> Result<(), LedgerError> {
        self.recall(wanted);
        let is_open = |unit: &UnitOfWork| self.points[unit.point].units[unit.replication as usize].is_none();
        let open: Vec<UnitOfWork> = self.own(wanted).into_iter().filter(is_open).collect();
        self.simulate(&open)
    }

    fn replications(&self, point: usize, count: u32) -> Vec<UnitRecord> {
        // More may be known than was asked for, from an earlier job; of a shard, only its own units are.
        self.points[point].units.iter().take(count as usize).flatten().cloned().collect()
    }

    fn into_units(self, counts: &[u32]) -> Vec<Vec<UnitRecord>> {
        let points = self.points.into_iter().zip(counts);
        points.map(|(point, count)| point.units.into_iter().take(*count as usize).flatten().collect()).collect()
    }
}

impl DesignPoint<'_> {
    /// How many of its replications were asked for.
    fn count(&self) -> u32 {
        u32::try_from(self.units.len()).expect("replications are counted in u32")
    }

    /// The simulations that make up a unit. The twin comes right after the run that waits for it, whose log takes memory.
    fn sides(&self) -> impl Iterator<Item = UnitSide> + use<> {
        let twin = self.twin.then_some(UnitSide::Twin);
        let baseline = self.baseline.then_some(UnitSide::Baseline);
        std::iter::once(UnitSide::Measured).chain(twin).chain(baseline)
    }
}

impl UnitParts {
    fn add(&mut self, other: Self) {
        self.done += other.done;
        self.measured = self.measured.take().or(other.measured);
        self.log = self.log.take().or(other.log);
        self.baseline = self.baseline.take().or(other.baseline);
        self.twin = self.twin.take().or(other.twin);
    }

    /// The replication, once all of its simulations are done.
    fn into_record(self, replication: u32, scenario: &Scenario) -> ReplicationRecord {
        let mut measured = self.measured.expect("the scenario as written has been simulated");
        match (self.log, self.twin) {
            (None, None) => {}
            (Some(log), Some(twin)) => measured.faults = Some(compare(log, twin, scenario.world())),
            _ => unreachable!("a unit is whole if each of its simulations is done once"),
        }
        ReplicationRecord { replication, measured, baseline: self.baseline }
    }
}

/// The recalled unit, reduced to what this job keeps; `None` if it lacks something, or has the measures of another
/// version.
fn fit(mut unit: UnitRecord, baseline: bool, kept: Kept) -> Option<UnitRecord> {
    if !is_whole(&unit.observed) || baseline && unit.observed.baseline.is_none() {
        return None;
    }
    if !baseline {
        unit.observed.baseline = None;
    }
    match (&mut unit.detail, kept) {
        (Detail::Histograms(histograms), Kept::Histograms) if !baseline => histograms.baseline = None,
        (Detail::Summarised { .. } | Detail::Histograms(_), Kept::Histograms)
        | (Detail::Everything(_), Kept::Everything) => {}
        _ => return None,
    }
    Some(unit)
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;
    use crate::experiment::{Cost, NoLedger, replicate_beside_twin};
    use crate::measures;
    use crate::model::Blueprint;
    use crate::model::config::{FaultConfig, FaultKind, FaultSpell, FaultTarget, FaultTimes, InstanceFault};
    use crate::protocol::AcceptMode;
    use crate::time::SimDuration;

    #[derive(Default)]
    struct Expected(AtomicU64);

    impl Progress for Expected {
        fn expects(&self, simulations: u64) {
            self.0.fetch_add(simulations, Ordering::Relaxed);
        }

        fn advances(&self, _thousandths: u64) {}
    }

    /// The hub of `quick` is down for two hours of the morning of the measured day.
    fn faulty() -> Scenario {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/quick.toml");
        let scenario = Scenario::load(&path, &["run.replications=2".to_owned()]).expect("a scenario of the repository");
        let groups = &scenario.world().groups;
        let group = groups.iter().position(|group| group.mode == AcceptMode::PushOpen).expect("a hub");
        let (begins, lasts) = (SimDuration::from_hours(32), SimDuration::from_hours(2));
        scenario.with_faults(vec![FaultConfig {
            name: "hub-down".to_owned(),
            kind: FaultKind::Instances {
                at: vec![FaultTarget { group, number: None }],
                fault: InstanceFault::Crash { pool_kept: false },
            },
            times: FaultTimes::Set(vec![FaultSpell { begins, lasts }]),
        }])
    }

    /// With GTNet, without it, and without the fault: in whatever order they end.
    #[test]
    fn a_world_with_faults_is_simulated_beside_its_twin() {
        let scenario = faulty();
        let blueprint = Blueprint::new(scenario.world().clone());
        let options = |jobs| RunOptions { jobs: Some(jobs), baseline: true };
        for jobs in [1, 3] {
            let expected = Expected::default();
            let mut simulator =
                Simulator::new([&scenario], Kept::Everything, options(jobs), Shard::WHOLE, &NoLedger, &expected)
                    .expect("threads");
            simulator.provide(&[2]).expect("nothing is kept");
            assert_eq!(expected.0.load(Ordering::Relaxed), 6, "three simulations of each of two replications");
            for (number, unit) in (0..).zip(simulator.replications(0, 2)) {
                let Detail::Everything(replication) = unit.detail else { panic!("a run keeps everything") };
                let alone = replicate_beside_twin(&blueprint, scenario.seed(), number);
                assert_eq!(replication.measured, alone);
                let felt = unit.observed.measured[measures::FAULT_FELT_SHARE].expect("users visit");
                assert!(felt > 0.0 && Some(felt) == measures::FAULT_FELT_SHARE.evaluate(&alone), "{felt}");
                assert!(replication.baseline.is_some_and(|baseline| baseline.faults.is_none()));
            }
        }
        let cost = |scenario: &Scenario| Cost::of_run(scenario, 2.0, true);
        assert!((cost(&scenario).simulations - 6.0).abs() < 1e-9);
        let without = scenario.clone().with_faults(Vec::new());
        assert!((cost(&without).simulations - 4.0).abs() < 1e-9);
        assert!(cost(&without).bytes(1) < cost(&scenario).bytes(1));
        let [(events, alone), (faulty, faulty_alone)] = [&without, &scenario].map(|scenario| cost(scenario).events);
        let more = [faulty - events, faulty_alone.expect("a baseline") - alone.expect("a baseline")];
        assert!(more.iter().all(|more| (more - 2.0).abs() < 1e-6), "the fault begins and ends: {more:?}");
    }
}
