//! What a comparison or a sweep hands to the reports: the values of all measures, for each point and replication.

use serde::{Deserialize, Serialize};

use crate::measures::Values;

use super::{CommonLuck, HistogramsOfUnit, ParameterValue, ScenarioFacts};

/// The values of one replication of one point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observed {
    /// The point's scenario as written: its values for the whole network.
    pub measured: Values,
    /// The same users, with the same luck, with `GTNet` switched off; `None` if nobody takes part in `GTNet` or the
    /// comparison was not wanted.
    pub baseline: Option<Values>,
}

/// What the points of a study are; a run is a study of one point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StudyKind {
    /// One scenario, with everything that was measured of it.
    Run,
    /// Alternatives; the first is the one to which the others are compared.
    Comparison,
    /// The grid of one or more parameters.
    Sweep,
    /// The values of one parameter that a search for a capacity has looked at.
    Capacity,
}

/// Several scenarios that are simulated with the same seed, so that users whom all of them have meet the same luck.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StudyRecord {
    /// Comparison or sweep.
    pub kind: StudyKind,
    /// Name of the study; also the folder of its results.
    pub name: String,
    /// The question that it asks.
    pub question: String,
    /// Version of the simulator.
    pub version: String,
    /// Paths of the parameters in which the points of a sweep differ, such as `group.client.count`; of a comparison,
    /// `variant` alone.
    pub parameters: Vec<String>,
    /// The points, in the order of the study.
    pub points: Vec<PointRecord>,
    /// Which luck they have in common.
    pub luck: CommonLuck,
    /// What the search for a capacity has found; its points are those that the search has looked at.
    pub capacity: Option<CapacityRecord>,
}

/// How far a parameter can go until an objective is lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapacityRecord {
    /// Path of the parameter.
    pub parameter: String,
    /// The objective, such as `user_wait_p95 <= 2 s`, which is about the mean over networks, or `user_wait_p95 <= 2 s in 90%
    /// of networks`.
    pub objective: String,
    /// Whether the largest or the smallest value that keeps it was sought.
    pub sought: Sought,
    /// What was found.
    pub outcome: CapacityOutcome,
    /// The value that was found, or at which nothing can be told.
    pub value: Option<String>,
    /// Lower end of the 95 % interval of the value; `None` if that is beyond the range, or if nothing was found.
    pub low: Option<String>,
    /// Its upper end.
    pub high: Option<String>,
    /// The values that were simulated, in the order of the range; of all others the answer is an assumption.
    pub looked_at: Vec<String>,
    /// Those of them at which the objective holds.
    pub holds_at: Vec<String>,
    /// All of it in words.
    pub told: String,
}

/// Which value a search is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sought {
    /// The largest that keeps the objective.
    Largest,
    /// The smallest.
    Smallest,
}

/// How a search has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CapacityOutcome {
    /// With a value.
    Found,
    /// The objective holds at no value that was looked at.
    Never,
    /// It holds at all that were looked at.
    Always,
    /// It holds between the ends of the range, and at neither of them.
    Inside,
    /// It holds at both ends of the range, and not everywhere between.
    Outside,
    /// It fails where it should be easiest to keep, and holds at the other end.
    WrongDirection,
    /// It cannot be told at a value.
    Unknown,
}

impl Sought {
    /// Its name in results.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Largest => "largest",
            Self::Smallest => "smallest",
        }
    }
}

impl CapacityOutcome {
    /// Its name in results.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Never => "never",
            Self::Always => "always",
            Self::Inside => "inside",
            Self::Outside => "outside",
            Self::WrongDirection => "wrong-direction",
            Self::Unknown => "unknown",
        }
    }
}

/// One scenario of a study.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PointRecord {
    /// What distinguishes it from the others, for readers.
    pub label: String,
    /// Its value of each of [`StudyRecord::parameters`].
    pub settings: Vec<ParameterValue>,
    /// What its scenario says about its numbers.
    pub facts: ScenarioFacts,
    /// Number of replications that are wanted.
    pub wanted: u32,
    /// One entry a replication, in order.
    #[serde(skip)]
    pub replications: Vec<Observed>,
    /// The histograms of each of them, in the same order; `None` where it was read back from a table, which has none.
    #[serde(skip)]
    pub histograms: Vec<Option<HistogramsOfUnit>>,
}
