//! The evidence of a report: the points of a run or of a study, each with its facts and what was observed. A run is a
//! study of one point that keeps everything it measured.

use crate::inference::{Answer, Contrast, Observations, Quantity, Subject};
use crate::measures::{self, MeasureId, Relevance};
use crate::metrics::Measurements;
use crate::record::{
    Absence, CapacityRecord, CommonLuck, FlipsRecord, FrontRecord, ParameterValue, ReplicationRecord, RunRecord,
    ScenarioFacts, SelectionRecord, SensitivityRecord, StudyKind, StudyRecord, WorldsRecord,
};

use super::absences::absences;

/// The results of a run or of a study.
#[derive(Clone, Debug)]
pub struct Evidence<'r> {
    /// Which kind of study it is.
    pub kind: StudyKind,
    /// Name of the scenario or the study.
    pub name: &'r str,
    /// The question that it asks.
    pub question: &'r str,
    /// Version of the simulator.
    pub version: &'r str,
    /// Paths of the parameters in which the points differ.
    pub parameters: &'r [String],
    /// Which luck the points have in common, and which only some of them have.
    pub luck: &'r CommonLuck,
    /// Which differences matter to users, where it is not what the measures say.
    pub relevance: &'r Relevance,
    /// What a search for a capacity has found.
    pub capacity: Option<&'r CapacityRecord>,
    /// What a sensitivity analysis has found.
    pub sensitivity: Option<&'r SensitivityRecord>,
    /// Which point is the best, if that was sought.
    pub selection: Option<&'r SelectionRecord>,
    /// Which points are which alternatives in which worlds.
    pub worlds: Option<&'r WorldsRecord>,
    /// What flips the decision.
    pub flips: Option<&'r FlipsRecord>,
    /// Which points are on the front of several goals, if that was asked.
    pub front: Option<&'r FrontRecord>,
    /// The points, in the order of the study.
    pub points: Vec<PointEvidence<'r>>,
}

/// One scenario of a study, with what was observed.
#[derive(Clone, Debug)]
pub struct PointEvidence<'r> {
    /// What tells it from the other points, for readers.
    pub label: &'r str,
    /// What its variant is in a few words, if the scenario says so.
    pub about: Option<&'r str>,
    /// The value that it gives to each of [`Evidence::parameters`].
    pub settings: &'r [ParameterValue],
    /// What its scenario says about its numbers.
    pub facts: &'r ScenarioFacts,
    /// The values of all measures.
    pub observations: Observations<'r>,
    /// Number of replications.
    pub replications: usize,
    /// Everything that was measured, by replication. Only runs keep it; for studies it is empty.
    pub measured: &'r [ReplicationRecord],
}

/// One of the two runs of the same users with the same luck, with `GTNet` or without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Side {
    /// The run: [`Contrast::Value`] or [`Contrast::GtnetOff`].
    pub(super) contrast: Contrast,
    /// Whether anybody takes part in `GTNet`.
    pub(super) has_gtnet: bool,
}

static ALL_THE_SAME: CommonLuck = CommonLuck { only_in_some: Vec::new() };

impl<'r> From<&'r RunRecord> for Evidence<'r> {
    fn from(record: &'r RunRecord) -> Self {
        let point = PointEvidence {
            label: &record.name,
            about: None,
            settings: &[],
            facts: &record.facts,
            observations: Observations::of_run(record),
            replications: record.replications.len(),
            measured: &record.replications,
        };
        Self {
            kind: StudyKind::Run,
            name: &record.name,
            question: &record.question,
            version: &record.version,
            parameters: &[],
            luck: &ALL_THE_SAME,
            relevance: &record.relevance,
            capacity: None,
            sensitivity: None,
            selection: None,
            worlds: None,
            flips: None,
            front: None,
            points: vec![point],
        }
    }
}

impl<'r> From<&'r StudyRecord> for Evidence<'r> {
    fn from(record: &'r StudyRecord) -> Self {
        let points = record.points.iter().map(|point| PointEvidence {
            label: &point.label,
            about: point.about.as_deref(),
            settings: &point.settings,
            facts: &point.facts,
            observations: Observations::of_network(&point.replications, &point.contributions),
            replications: point.replications.len(),
            measured: &[],
        });
        Self {
            kind: record.kind,
            name: &record.name,
            question: &record.question,
            version: &record.version,
            parameters: &record.parameters,
            luck: &record.luck,
            relevance: &record.relevance,
            capacity: record.capacity.as_ref(),
            sensitivity: record.sensitivity.as_ref(),
            selection: record.selection.as_ref(),
            worlds: record.worlds.as_ref(),
            flips: record.flips.as_ref(),
            front: record.front.as_ref(),
            points: points.collect(),
        }
    }
}

impl<'r> Evidence<'r> {
    /// These points as a comparison.
    pub(super) fn with_points(&self, points: Vec<PointEvidence<'r>>) -> Self {
        Self { kind: StudyKind::Comparison, sensitivity: None, worlds: None, flips: None, points, ..*self }
    }

    /// Whether any point was also simulated without `GTNet`.
    pub(super) fn is_compared(&self) -> bool {
        self.points.iter().any(|point| point.observations.is_compared())
    }

    /// Whether any point has faults.
    pub(super) fn has_faults(&self) -> bool {
        self.points.iter().any(|point| point.observations.has_faults())
    }

    /// Whether any point says what something costs.
    pub(super) fn has_prices(&self) -> bool {
        self.points.iter().any(|point| point.observations.has_prices())
    }

    /// Whether a queue grows without end, or too many visits are unfinished, in any run of any point.
    pub(super) fn is_unsteady(&self) -> bool {
        self.points.iter().any(|point| point.is_saturated() || point.observations.is_overloaded())
    }

    /// Whether all points count prices as fresh up to the same age.
    pub(super) fn have_one_threshold(&self) -> bool {
        let mut limits = self.points.iter().map(|point| point.facts.fresh_within);
        let first = limits.next();
        limits.all(|limit| Some(limit) == first)
    }
}

impl<'r> PointEvidence<'r> {
    /// What is known of `quantity`.
    pub(super) fn answer(&self, quantity: &Quantity) -> Answer {
        quantity.answer(&self.observations)
    }

    /// What is known of `measure` for the whole network in the scenario as written.
    pub(super) fn value(&self, measure: MeasureId) -> Answer {
        self.answer(&Quantity::value(measure))
    }

    /// Every quantity with its answer: by measure, then by subject, then by contrast.
    pub(super) fn answers(&self) -> impl Iterator<Item = (Quantity, Answer)> {
        self.observations.quantities().map(|quantity| {
            let answer = self.answer(&quantity);
            (quantity, answer)
        })
    }

    /// The runs of the same users; the scenario as written comes first.
    pub(super) fn sides(&self) -> impl Iterator<Item = Side> {
        let of_run = |contrast| Side { contrast, has_gtnet: contrast == Contrast::Value && self.facts.gtnet };
        self.observations.runs().map(of_run)
    }

    /// The run of the scenario as written.
    pub(super) fn as_written(&self) -> Side {
        Side { contrast: Contrast::Value, has_gtnet: self.facts.gtnet }
    }

    /// The measurements of every run of every replication, with the number of the replication and the contrast of the
    /// run.
    pub(super) fn runs(&self) -> impl Iterator<Item = (u32, Contrast, &'r Measurements)> + use<'r> {
        self.measured.iter().flat_map(|replication| {
            let number = replication.replication;
            let baseline = replication.baseline.iter().map(move |measured| (number, Contrast::GtnetOff, measured));
            std::iter::once((number, Contrast::Value, &replication.measured)).chain(baseline)
        })
    }

    /// What did not happen in the measured period.
    pub(super) fn absences(&self) -> Vec<Absence> {
        absences(&self.facts.foreseen, self.facts.starved, |measure| self.value(measure).counted())
    }

    /// Whether the queue of any server grows without end in the scenario as written.
    pub(super) fn is_saturated(&self) -> bool {
        self.observations.is_saturated(&Subject::Network, Contrast::Value)
    }

    /// The largest share of unfinished visits in any run.
    pub(super) fn most_unfinished(&self) -> f64 {
        let share = |run| self.answer(&Quantity::of_network(measures::VISITS_UNFINISHED_SHARE, run)).known();
        self.observations.runs().filter_map(share).map(|share| share.mean).fold(0.0, f64::max)
    }
}

impl Side {
    /// The run as sentences and legends name it.
    pub(super) const fn spoken(self) -> &'static str {
        if self.has_gtnet { "with GTNet" } else { "without GTNet" }
    }
}
