//! The simulator as a source of replications: it spreads units over its threads, simulates each once, and keeps it as
//! soon as it is done.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};

use crate::metrics::Measurements;
use crate::model::Blueprint;
use crate::record::{Detail, ReplicationRecord, UnitRecord};
use crate::scenario::Scenario;

use super::kept::{Kept, is_whole, unit_record};
use super::ledger::{Ledger, LedgerError};
use super::replications::Replications;
use super::{Progress, ProgressTeller, RunOptions, Shard, ThreadError, replicate_telling};

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
    /// Units by replication; `None` where the unit is not known.
    units: Vec<Option<UnitRecord>>,
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
        let halves: Vec<(usize, UnitHalf)> = (0..)
            .zip(units)
            .flat_map(|(at, unit)| self.points[unit.point].sides().iter().map(move |side| (at, *side)))
            .collect();
        self.progress.expects(halves.len() as u64);
        let worlds = Worlds::new(self.points.len(), halves.iter().map(|(at, side)| (units[*at].point, *side)));
        let halfway: Vec<Mutex<Option<Measurements>>> = units.iter().map(|_| Mutex::new(None)).collect();
        let (points, kept, ledger, progress) = (&self.points, self.kept, self.ledger, self.progress);
        let simulate = |(at, side): (usize, UnitHalf)| {
            let unit = units[at];
            let point = &points[unit.point];
            let mut told = ProgressTeller::new(progress);
            let world = worlds.world(unit.point, side, point.scenario);
            let tell = &mut |share: f64| told.until(share);
            let measured = replicate_telling(&world, point.scenario.seed(), unit.replication, tell);
            drop(world);
            worlds.done(unit.point, side);
            told.done();
            let (measured, baseline) = if point.baseline {
                let mut other = halfway[at].lock().unwrap_or_else(PoisonError::into_inner);
                let Some(other) = other.take() else {
                    *other = Some(measured);
                    return Ok(None);
                };
                if side == UnitHalf::Baseline { (other, Some(measured)) } else { (measured, Some(other)) }
            } else {
                (measured, None)
            };
            let record = unit_record(ReplicationRecord { replication: unit.replication, measured, baseline }, kept);
            ledger.keep(&point.digest, unit.replication, &record)?;
            Ok(Some((unit, record)))
        };
        // Work is handed out in order. The halves of a unit, and the units of a world, are therefore simulated at about
        // the same time, and memory is free again soon.
        let simulated: Result<Vec<Option<(UnitOfWork, UnitRecord)>>, LedgerError> =
            self.pool.install(|| halves.into_par_iter().with_max_len(1).map(simulate).collect());
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

    /// The simulations that make up a unit.
    fn sides(&self) -> &'static [UnitHalf] {
        if self.baseline { &[UnitHalf::Measured, UnitHalf::Baseline] } else { &[UnitHalf::Measured] }
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

/// One of the simulations of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum UnitHalf {
    /// The scenario as written.
    Measured,
    /// The same users without `GTNet`.
    Baseline,
}

/// The worlds that are being simulated. Each is built when it is first needed and dropped after its last use, as all
/// worlds of a large sweep would not fit into memory together.
struct Worlds {
    /// For each point its world with `GTNet`, and the one without.
    worlds: Vec<[SharedWorld; 2]>,
}

#[derive(Default)]
struct SharedWorld {
    /// Number of simulations of this world that are not done.
    uses: AtomicU32,
    built: Mutex<Option<Arc<Blueprint>>>,
}

impl Worlds {
    /// The worlds of `points` points. Each time that `uses` names a world, one simulation will use it.
    fn new(points: usize, uses: impl Iterator<Item = (usize, UnitHalf)>) -> Self {
        let worlds = Self { worlds: (0..points).map(|_| <[SharedWorld; 2]>::default()).collect() };
        uses.for_each(|(point, side)| _ = worlds.worlds[point][side as usize].uses.fetch_add(1, Ordering::Relaxed));
        worlds
    }

    fn world(&self, point: usize, side: UnitHalf, scenario: &Scenario) -> Arc<Blueprint> {
        let make = || match side {
            UnitHalf::Measured => Arc::new(Blueprint::new(scenario.world().clone())),
            UnitHalf::Baseline => Arc::new(Blueprint::new(scenario.world().without_gtnet())),
        };
        let mut built = self.worlds[point][side as usize].built.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(built.get_or_insert_with(make))
    }

    /// One simulation of this world is done.
    fn done(&self, point: usize, side: UnitHalf) {
        let SharedWorld { uses, built } = &self.worlds[point][side as usize];
        if uses.fetch_sub(1, Ordering::AcqRel) == 1 {
            *built.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }
}
