//! A job: design points × replications, and a plan for how many replications of which points. A run is a job of one
//! point that keeps everything; comparisons, sweeps and searches have several points. The same job gives the same
//! finding from any source of replications.

use serde::{Deserialize, Serialize};

use crate::inference::contributions_of_units;
use crate::measures::{Quantity, Relevance};
use crate::record::{
    Detail, FrontRecord, ParameterValue, PointRecord, ReplicationRecord, RunRecord, StudyKind, StudyRecord, UnitRecord,
    sha256_hex,
};
use crate::scenario::{self, Scenario};
use crate::stats::CapacitySearch;

use super::found::found;
use super::front::front_of;
use super::kept::{Kept, is_whole};
use super::ledger::{Ledger, NoLedger};
use super::plan::{Plan, PlanOutcome};
use super::replications::Replications;
use super::sensitivity::effects;
use super::simulator::Simulator;
use super::{Cost, Progress, RunOptions, Shard, Shortfall, ThreadError, common_luck, scenario_facts};

/// A job that is ready to be simulated on this machine.
#[derive(Clone, Debug)]
pub struct Job {
    /// The part of the job that shards carry.
    pub record: JobRecord,
    /// The scenario of each point.
    pub scenarios: Vec<Scenario>,
}

/// Everything that the finding of a job depends on beside the replications. Each shard carries it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JobRecord {
    /// What the job asks, with the record that it fills.
    pub asked: Asked,
    /// The plan, which decides how many replications are simulated.
    pub plan: Plan,
    /// Whether the same users are simulated without `GTNet`, too.
    pub baseline: bool,
}

/// The record that a job fills; none of it is simulated yet.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Asked {
    /// What happens in one scenario?
    Run {
        /// The run.
        record: Box<RunRecord>,
        /// The number of replications with which the plan begins.
        wanted: u32,
    },
    /// How do several scenarios differ? The plan begins with the number of replications that each of them wants.
    Study(Box<StudyRecord>),
}

/// The results of a job, and what it did not reach.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The record, with the replications that the plan asked for.
    pub results: Results,
    /// The precisions that were not reached, each with the label of its point.
    pub shortfalls: Vec<(String, Shortfall)>,
}

/// The filled record of a job, from which reports are made.
#[derive(Clone, Debug)]
pub enum Results {
    /// The record of a run.
    Run(Box<RunRecord>),
    /// The record of a comparison, a sweep or a search.
    Study(Box<StudyRecord>),
}

impl Job {
    /// A run of `scenario`.
    #[must_use]
    pub fn of_run(scenario: Scenario, plan: Plan, baseline: bool) -> Self {
        let record = RunRecord {
            name: scenario.name().to_owned(),
            question: scenario.question_as_simulated(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            facts: scenario_facts(&scenario),
            relevance: Relevance::default(),
            replications: Vec::new(),
        };
        let asked = Asked::Run { record: Box::new(record), wanted: scenario.replications() };
        Self { record: JobRecord { asked, plan, baseline }, scenarios: vec![scenario] }
    }

    /// A comparison, a sweep or, if `plan` is one for it, a search.
    #[must_use]
    pub fn of_study(kind: StudyKind, design: scenario::Study, plan: Plan, baseline: bool) -> Self {
        let value = |point: &scenario::Point, at: usize| ParameterValue {
            text: point.settings[at].clone(),
            number: point.numbers[at],
            duration: point.durations[at],
        };
        let point = |point: &scenario::Point| PointRecord {
            label: point.label.clone(),
            about: point.about.clone(),
            settings: (0..point.settings.len()).map(|at| value(point, at)).collect(),
            facts: scenario_facts(&point.scenario),
            wanted: point.scenario.replications(),
            replications: Vec::new(),
            contributions: Vec::new(),
        };
        let record = StudyRecord {
            kind,
            points: design.points.iter().map(point).collect(),
            luck: common_luck(design.points.iter().map(|point| (point.label.as_str(), &**point.scenario.world()))),
            name: design.name,
            question: design.question,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            parameters: design.parameters,
            relevance: Relevance::default(),
            capacity: None,
            sensitivity: None,
            selection: None,
            worlds: None,
            flips: None,
            front: None,
        };
        let asked = Asked::Study(Box::new(record));
        let scenarios = design.points.into_iter().map(|point| point.scenario).collect();
        Self { record: JobRecord { asked, plan, baseline }, scenarios }
    }

    /// The same job, whose report says by `relevance` which differences matter.
    #[must_use]
    pub fn with_relevance(mut self, relevance: Relevance) -> Self {
        match &mut self.record.asked {
            Asked::Run { record, .. } => record.relevance = relevance,
            Asked::Study(record) => record.relevance = relevance,
        }
        self
    }

    /// The same study, whose report says which points are on the front of these goals; without goals as it is.
    #[must_use]
    pub fn with_goals(mut self, goals: &[Quantity]) -> Self {
        let goals: Vec<String> = goals.iter().map(Quantity::to_string).collect();
        if let Asked::Study(record) = &mut self.record.asked {
            record.front = (!goals.is_empty()).then(|| FrontRecord { goals, points: Vec::new() });
        }
        self
    }

    /// What the job takes, or `shard` of it; of a search on one machine, the most that it may look at.
    #[must_use]
    pub fn cost(&self, shard: Option<Shard>) -> Cost {
        let (mut most, baseline) = (self.record.most(), self.record.baseline);
        if let (Plan::Selection(plan), None) = (&self.record.plan, shard) {
            // Nobody knows which points get most of it, and they are about alike.
            let points = u32::try_from(most.len()).unwrap_or(u32::MAX);
            most.fill(plan.budget.div_ceil(points));
        }
        let of = shard.map_or(1, Shard::of);
        match &self.record.asked {
            Asked::Run { .. } => Cost::of_run(&self.scenarios[0], f64::from(most[0]) / f64::from(of), baseline),
            Asked::Study(record) => {
                let labels = record.points.iter().map(|point| point.label.as_str());
                let most = most.into_iter().map(|most| most.div_ceil(of));
                let points: Vec<_> =
                    labels.zip(&self.scenarios).zip(most).map(|((label, point), most)| (label, point, most)).collect();
                let looked_at = match self.record.plan {
                    Plan::Search(_) if shard.is_none() => CapacitySearch::most_looks(points.len()),
                    Plan::Flip(ref plan) if shard.is_none() => plan.most_looks().min(points.len()),
                    _ => points.len(),
                };
                Cost::of_study(&points, looked_at, baseline)
            }
        }
    }
}

impl JobRecord {
    /// The digest of the scenario of each point.
    pub fn digests(&self) -> impl Iterator<Item = &str> {
        self.points().into_iter().map(|(digest, _)| digest)
    }

    /// The number of replications of each point with which the plan begins.
    #[must_use]
    pub fn wanted(&self) -> Vec<u32> {
        self.points().into_iter().map(|(_, wanted)| wanted).collect()
    }

    /// The most replications of each point that the plan can ask for. A shard cannot see the others' replications, so
    /// together the shards simulate all of them.
    #[must_use]
    pub fn most(&self) -> Vec<u32> {
        self.plan.most(&self.wanted())
    }

    /// The digest of the job. Shards of the same job have the same one.
    #[must_use]
    pub fn digest(&self) -> String {
        sha256_hex(serde_json::to_string(self).expect("strings and numbers always serialise").as_bytes())
    }

    /// Carries out the plan with the replications of `source`.
    ///
    /// # Errors
    ///
    /// The errors of the source.
    pub fn carry_out<R: Replications>(self, mut source: R) -> Result<Finding, R::Error> {
        let outcome = self.plan.carry_out(&mut source, &self.wanted())?;
        let units = source.into_units(&outcome.replications);
        Ok(self.conclude(outcome, units))
    }

    fn conclude(self, outcome: PlanOutcome, units: Vec<Vec<UnitRecord>>) -> Finding {
        let mut units = units.into_iter();
        match self.asked {
            Asked::Run { mut record, .. } => {
                record.replications = units.next().unwrap_or_default().into_iter().map(everything).collect();
                let shortfalls = outcome.shortfalls.into_iter().map(|shortfall| (record.name.clone(), shortfall));
                Finding { shortfalls: shortfalls.collect(), results: Results::Run(record) }
            }
            Asked::Study(mut record) => {
                for ((point, wanted), units) in record.points.iter_mut().zip(outcome.replications).zip(units) {
                    point.wanted = wanted;
                    point.contributions = contributions_of_units(&units);
                    point.replications = units.into_iter().map(|unit| unit.observed).collect();
                }
                let label = |shortfall: Shortfall| (record.points[shortfall.point].label.clone(), shortfall);
                let shortfalls = outcome.shortfalls.into_iter().map(label).collect();
                if let (Plan::Search(question), Some(search)) = (&self.plan, &outcome.capacity) {
                    record.capacity = Some(found(&record, search, question));
                    record.points.retain(|point| !point.replications.is_empty());
                    if question.smallest {
                        record.points.reverse();
                    }
                }
                record.selection = outcome.selection;
                record.front = record.front.take().map(|asked| front_of(&record, asked.goals));
                if let Some(mut analysis) = record.sensitivity.take() {
                    analysis.effects = effects(&record, &analysis);
                    record.sensitivity = Some(analysis);
                }
                if let (Plan::Flip(plan), Some(search), Some(mut flips)) =
                    (&self.plan, &outcome.flips, record.flips.take())
                {
                    flips.ways = plan.found(search);
                    let is_looked_at = |point: &PointRecord| !point.replications.is_empty();
                    let mut next = 0..;
                    let number =
                        |point: &PointRecord| is_looked_at(point).then(|| next.next().expect("numbers do not end"));
                    let number_of: Vec<Option<usize>> = record.points.iter().map(number).collect();
                    record.points.retain(is_looked_at);
                    flips.renumber(&number_of);
                    record.flips = Some(flips);
                }
                Finding { results: Results::Study(record), shortfalls }
            }
        }
    }

    /// A source that simulates the job's replications, as far as they belong to `shard`; `scenarios` are those of the
    /// job's points.
    ///
    /// # Errors
    ///
    /// [`ThreadError`] if the threads cannot be started.
    pub fn simulator<'s>(
        &self,
        scenarios: &'s [Scenario],
        jobs: Option<usize>,
        shard: Shard,
        ledger: &'s dyn Ledger,
        progress: &'s dyn Progress,
    ) -> Result<Simulator<'s>, ThreadError> {
        let options = RunOptions { jobs, baseline: self.baseline };
        Simulator::new(scenarios, self.kept(), options, shard, ledger, progress)
    }

    /// Whether `unit` may be one of the job's: it has all measures, what else the job keeps, and nothing of a baseline that the
    /// job does not simulate. A job that does may have scenarios without one, as nobody in them takes part in `GTNet`.
    #[must_use]
    pub fn may_hold(&self, unit: &UnitRecord) -> bool {
        is_whole(&unit.observed)
            && (self.baseline || unit.observed.baseline.is_none())
            && match self.kept() {
                Kept::Everything => matches!(unit.detail, Detail::Everything(_)),
                Kept::Histograms => !matches!(unit.detail, Detail::Everything(_)),
            }
    }

    fn points(&self) -> Vec<(&str, u32)> {
        match &self.asked {
            Asked::Run { record, wanted } => vec![(record.facts.digest.as_str(), *wanted)],
            Asked::Study(record) => {
                record.points.iter().map(|point| (point.facts.digest.as_str(), point.wanted)).collect()
            }
        }
    }

    fn kept(&self) -> Kept {
        match self.asked {
            Asked::Run { .. } => Kept::Everything,
            Asked::Study(_) => Kept::Histograms,
        }
    }
}

/// Runs `scenario`: simulates its replications, as far as they belong to `shard`.
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
    let Job { record, scenarios } = Job::of_run(scenario.clone(), Plan::Fixed, options.baseline);
    let source = record.simulator(&scenarios, options.jobs, shard, &NoLedger, progress)?;
    let finding = record.carry_out(source).expect("where nothing is kept, keeping cannot fail");
    match finding.results {
        Results::Run(record) => Ok(*record),
        Results::Study(_) => unreachable!("a run ends as one"),
    }
}

/// The replication that a run keeps of a unit.
fn everything(unit: UnitRecord) -> ReplicationRecord {
    match unit.detail {
        Detail::Everything(replication) => *replication,
        Detail::Summarised { .. } | Detail::Histograms(_) => unreachable!("a run keeps everything"),
    }
}
