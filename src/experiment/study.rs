//! Several scenarios × replications over all cores: what is done is kept as it is done, and never done again.

use std::error::Error;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};
use thiserror::Error;

use crate::measures::{Comparison, Values};
use crate::metrics::Measurements;
use crate::model::Blueprint;
use crate::record::Observed;
use crate::scenario::Scenario;

use super::plan::Replications;
use super::{Progress, RunOptions, Shard, ThreadError, Told, replicate_telling};

/// Keeps what was simulated, so that it outlives the process; a unit of work is one replication of one point, which is
/// recognised by the digest of its scenario.
pub trait Ledger: Sync {
    /// What is known of a unit.
    fn recall(&self, digest: &str, replication: u32) -> Option<Observed>;

    /// Keeps a unit.
    ///
    /// # Errors
    ///
    /// Whatever prevents it, such as a full disk; the study stops then.
    fn keep(&self, digest: &str, replication: u32, observed: &Observed) -> Result<(), LedgerError>;
}

/// Why a [`Ledger`] cannot keep something.
pub type LedgerError = Box<dyn Error + Send + Sync>;

/// Keeps nothing.
#[derive(Clone, Copy, Debug)]
pub struct NoLedger;

impl Ledger for NoLedger {
    fn recall(&self, _digest: &str, _replication: u32) -> Option<Observed> {
        None
    }

    fn keep(&self, _digest: &str, _replication: u32, _observed: &Observed) -> Result<(), LedgerError> {
        Ok(())
    }
}

/// Why a study ended early. What had been simulated until then is in its ledger.
#[derive(Debug, Error)]
pub enum StudyError {
    /// See [`ThreadError`].
    #[error(transparent)]
    Threads(#[from] ThreadError),
    /// What was simulated could not be kept.
    #[error("{0}")]
    Ledger(LedgerError),
}

/// One scenario of a study and what is known of it.
#[derive(Debug)]
struct Point {
    scenario: Scenario,
    digest: String,
    baseline: bool,
    observed: Vec<Option<Observed>>,
}

/// A study under way: simulates as many replications of each point as are asked for, each only once.
///
/// All points have their own seed; where it is the same, users whom several of them have meet the same luck in these,
/// replication by replication (see [`common_luck`](super::common_luck)).
pub struct Study<'l> {
    points: Vec<Point>,
    shard: Shard,
    pool: rayon::ThreadPool,
    ledger: &'l dyn Ledger,
}

/// One replication of one point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Unit {
    point: usize,
    replication: u32,
}

impl<'l> Study<'l> {
    /// A study of `scenarios` of which `shard` is simulated here.
    ///
    /// # Errors
    ///
    /// [`ThreadError`] if the threads cannot be started.
    pub fn new(
        scenarios: impl IntoIterator<Item = Scenario>,
        options: RunOptions,
        shard: Shard,
        ledger: &'l dyn Ledger,
    ) -> Result<Self, ThreadError> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(options.jobs.unwrap_or(0)).build()?;
        let mut study = Self { points: Vec::new(), shard, pool, ledger };
        for scenario in scenarios {
            study.add(scenario, options.baseline);
        }
        Ok(study)
    }

    /// Adds a point and returns its index; nothing of it is simulated yet.
    pub fn add(&mut self, scenario: Scenario, baseline: bool) -> usize {
        let baseline = baseline && scenario.world().uses_gtnet();
        self.points.push(Point { digest: scenario.digest(), scenario, baseline, observed: Vec::new() });
        self.points.len() - 1
    }

    /// Number of points.
    #[must_use]
    pub fn len(&self) -> usize {
        self.points.len()
    }

    /// Whether it has no point.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// Number of units that are neither known nor in the ledger if `wanted` replications of each point shall be; a study
    /// with a shard counts its own alone.
    pub fn missing(&mut self, wanted: &[u32]) -> u64 {
        self.recall(wanted);
        self.open_units(wanted).len() as u64
    }

    /// Simulates until `wanted[i]` replications of point `i` are known (of the shard's units, those), and tells `progress`
    /// how far they are.
    ///
    /// # Errors
    ///
    /// [`StudyError::Ledger`] if something cannot be kept: the study stops as soon as the simulations under way end.
    ///
    /// # Panics
    ///
    /// If `wanted` has not one entry for each point.
    pub fn simulate(&mut self, wanted: &[u32], progress: &dyn Progress) -> Result<(), StudyError> {
        self.recall(wanted);
        let units = self.open_units(wanted);
        let worlds = Worlds::new(&self.points, &units);
        let (points, ledger) = (&self.points, self.ledger);
        let simulated: Result<Vec<(Unit, Observed)>, LedgerError> = self.pool.install(|| {
            units
                .into_par_iter()
                .with_max_len(1)
                .map(|unit| {
                    let point = &points[unit.point];
                    let mut told = Told::new(progress);
                    let observed = worlds.observe(unit, point, &mut told);
                    ledger.keep(&point.digest, unit.replication, &observed)?;
                    told.done();
                    Ok((unit, observed))
                })
                .collect()
        });
        for (unit, observed) in simulated.map_err(StudyError::Ledger)? {
            self.points[unit.point].observed[unit.replication as usize] = Some(observed);
        }
        Ok(())
    }

    /// What is known of point `index`, by replication; of a shard, only its own units are.
    #[must_use]
    pub fn observed(&self, index: usize) -> &[Option<Observed>] {
        &self.points[index].observed
    }

    fn recall(&mut self, wanted: &[u32]) {
        assert_eq!(wanted.len(), self.points.len(), "every point has a number of replications");
        for (point, &wanted) in self.points.iter_mut().zip(wanted) {
            let known = u32::try_from(point.observed.len()).expect("replications are counted in u32");
            for replication in known..wanted {
                let recalled = self.ledger.recall(&point.digest, replication);
                point.observed.push(recalled.and_then(|observed| point.fit(observed)));
            }
        }
    }

    fn open_units(&self, wanted: &[u32]) -> Vec<Unit> {
        let all = self
            .points
            .iter()
            .zip(wanted)
            .enumerate()
            .flat_map(|(point, (_, &wanted))| (0..wanted).map(move |replication| Unit { point, replication }));
        let own = (0_u64..).zip(all).filter(|(number, _)| self.shard.owns(*number)).map(|(_, unit)| unit);
        own.filter(|unit| self.points[unit.point].observed[unit.replication as usize].is_none()).collect()
    }
}

/// A study as a source of replications, which simulates what is asked for and is not known.
pub struct Simulated<'s, 'l> {
    /// The study.
    pub study: &'s mut Study<'l>,
    /// Who is told how far it is.
    pub progress: &'s dyn Progress,
}

impl Replications for Simulated<'_, '_> {
    type Error = StudyError;

    fn points(&self) -> usize {
        self.study.len()
    }

    fn provide(&mut self, wanted: &[u32]) -> Result<(), StudyError> {
        self.progress.expects(self.study.missing(wanted));
        self.study.simulate(wanted, self.progress)
    }

    fn replications(&self, point: usize, count: u32) -> Vec<Observed> {
        let known = &self.study.points[point].observed;
        // A study may know more than was asked for, from an earlier one; of a shard, only its own units are known.
        known.iter().take(count as usize).flatten().cloned().collect()
    }
}

impl Point {
    /// What was recalled as this study wants it; `None` if it lacks the run without `GTNet`, or is of other measures.
    fn fit(&self, observed: Observed) -> Option<Observed> {
        if !(observed.measured.is_whole() && observed.baseline.iter().all(Values::is_whole)) {
            return None;
        }
        match (self.baseline, &observed.baseline) {
            (true, None) => None,
            (false, Some(_)) => Some(Observed { baseline: None, ..observed }),
            _ => Some(observed),
        }
    }
}

/// The worlds of the points that are being simulated; each is built when it is needed and dropped after its last use, as
/// those of a large sweep would not fit into memory together.
struct Worlds {
    by_point: Vec<(AtomicU32, Mutex<Option<Arc<Pair>>>)>,
}

/// A world and the same without `GTNet`.
struct Pair {
    measured: Blueprint,
    baseline: Option<Blueprint>,
}

impl Worlds {
    fn new(points: &[Point], units: &[Unit]) -> Self {
        let by_point: Vec<_> = points.iter().map(|_| (AtomicU32::new(0), Mutex::new(None))).collect();
        for unit in units {
            by_point[unit.point].0.fetch_add(1, Ordering::Relaxed);
        }
        Self { by_point }
    }

    fn observe(&self, unit: Unit, point: &Point, told: &mut Told<'_>) -> Observed {
        let (uses, pair) = &self.by_point[unit.point];
        let world = Arc::clone(
            pair.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| Arc::new(Pair::of(point))),
        );
        // With and without GTNet is one unit: each is a half of it.
        let part = if world.baseline.is_some() { 0.5 } else { 1.0 };
        let mut replicate = |blueprint, before: f64| {
            let tell = &mut |share: f64| told.until(before + part * share);
            replicate_telling(blueprint, point.scenario.seed(), unit.replication, tell)
        };
        let observed = Observed {
            measured: values(&replicate(&world.measured, 0.0), |_| true),
            baseline: world
                .baseline
                .as_ref()
                .map(|blueprint| values(&replicate(blueprint, part), |comparison| comparison != Comparison::Nothing)),
        };
        if uses.fetch_sub(1, Ordering::AcqRel) == 1 {
            *pair.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
        observed
    }
}

impl Pair {
    fn of(point: &Point) -> Self {
        let world = point.scenario.world();
        Self {
            measured: Blueprint::new(world.clone()),
            baseline: point.baseline.then(|| Blueprint::new(world.without_gtnet())),
        }
    }
}

/// The values of the measures whose comparison is wanted; of the others there is none.
pub(super) fn values(measured: &Measurements, wanted: impl Fn(Comparison) -> bool) -> Values {
    Values::of(|measure| wanted(measure.comparison).then(|| measure.evaluate(measured)).flatten())
}
