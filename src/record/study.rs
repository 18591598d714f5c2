//! What a comparison, a sweep or a search hands to the reports: the values of all measures, for each point and
//! replication.

use serde::{Deserialize, Serialize};

use crate::measures::{Relevance, Values};

use super::{
    CommonLuck, FlipsRecord, FrontRecord, ParameterValue, ScenarioFacts, SelectionRecord, SensitivityRecord,
    WorldsRecord,
};

/// The values of one replication of one point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observed {
    /// The values for the whole network in the point's scenario as written.
    pub measured: Values,
    /// The values of the same users, with the same luck, with `GTNet` switched off. `None` if nobody takes part in
    /// `GTNet`, or if the comparison was not wanted.
    pub baseline: Option<Values>,
}

/// What the points of a study are; a run is a study of one point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StudyKind {
    /// One scenario; everything that was measured of it is kept.
    Run,
    /// Alternatives, of which the first is compared with each of the others.
    Comparison,
    /// The grid of one or more parameters.
    Sweep,
    /// The values of one parameter that a search for a capacity has looked at.
    Capacity,
    /// A scenario with what is uncertain in it elsewhere in its range.
    Sensitivity,
    /// Alternatives in worlds in each of which what is uncertain lies elsewhere in its range.
    Worlds,
    /// A scenario with one uncertain value at a time elsewhere in its range, where a search for what flips its decision has looked.
    Flips,
}

impl StudyKind {
    /// Whether its points have names, which say more than their values of the parameters.
    #[must_use]
    pub const fn has_named_points(self) -> bool {
        matches!(self, Self::Comparison | Self::Sensitivity | Self::Worlds | Self::Flips)
    }
}

/// Several scenarios simulated with the same seed. Users whom all of them have meet the same luck.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StudyRecord {
    /// Comparison or sweep.
    pub kind: StudyKind,
    /// Name of the study, and of the folder of its results.
    pub name: String,
    /// The question that it asks.
    pub question: String,
    /// Version of the simulator.
    pub version: String,
    /// Paths of the parameters in which the points of a sweep differ, such as `group.client.count`. A comparison has
    /// only `variant`.
    pub parameters: Vec<String>,
    /// The points, in the order of the study.
    pub points: Vec<PointRecord>,
    /// Which luck the points have in common.
    pub luck: CommonLuck,
    /// Which differences matter to users, where it is not what the measures say.
    pub relevance: Relevance,
    /// What the search for a capacity has found; its points are those that the search has looked at.
    pub capacity: Option<CapacityRecord>,
    /// What is uncertain, and what its effects are, of a sensitivity analysis.
    pub sensitivity: Option<SensitivityRecord>,
    /// Which point is the best in a measure, if that was sought.
    #[serde(default)]
    pub selection: Option<SelectionRecord>,
    /// What is uncertain, and which points are which alternatives in which worlds, of a study of worlds.
    pub worlds: Option<WorldsRecord>,
    /// What was found to flip the decision.
    pub flips: Option<FlipsRecord>,
    /// Which points are on the front of several goals, if that is asked.
    #[serde(default)]
    pub front: Option<FrontRecord>,
}

/// The finding of a search: how far a parameter can go until the objective is lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapacityRecord {
    /// Path of the parameter.
    pub parameter: String,
    /// The objective, such as `user_wait_p95 <= 2 s`, which is about the mean over networks, or `user_wait_p95 <= 2 s in 90%
    /// of networks`.
    pub objective: String,
    /// Whether the search was for the largest value that keeps the objective, or for the smallest.
    pub sought: Sought,
    /// How the search ended.
    pub outcome: CapacityOutcome,
    /// The value that was found, or the first that could not be judged; `None` if there is neither.
    pub value: Option<String>,
    /// Lower end of the 95 % interval of the value; `None` if it is beyond the range, or if no value was found.
    pub low: Option<String>,
    /// Upper end of this interval; `None` in the same cases.
    pub high: Option<String>,
    /// The values that were simulated, in the order of the range. What the answer says of other values is an
    /// assumption.
    pub looked_at: Vec<String>,
    /// The simulated values at which the objective holds.
    pub holds_at: Vec<String>,
    /// The whole finding in words.
    pub told: String,
}

/// Which value a search is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sought {
    /// The largest value that keeps the objective.
    Largest,
    /// The smallest value that keeps the objective.
    Smallest,
}

/// How a search has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CapacityOutcome {
    /// It has found a value.
    Found,
    /// The objective holds at no value that was looked at.
    Never,
    /// The objective holds at all values that were looked at.
    Always,
    /// The objective fails at both ends of the range, and holds at some value between them.
    Inside,
    /// The objective holds at both ends of the range, and fails at some value between them.
    Outside,
    /// The objective fails where it should be easiest to keep, and holds at the other end.
    WrongDirection,
    /// A value could not be judged.
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
    /// What tells it from the other points, for readers.
    pub label: String,
    /// What its variant is in a few words, if the scenario says so.
    pub about: Option<String>,
    /// The value that it gives to each of [`StudyRecord::parameters`].
    pub settings: Vec<ParameterValue>,
    /// What its scenario says about its numbers.
    pub facts: ScenarioFacts,
    /// Number of replications that the point wants.
    pub wanted: u32,
    /// The values of its replications, in order.
    #[serde(skip)]
    pub replications: Vec<Observed>,
    /// What each of them contributes to the quantiles of all together, in the same order; all other measures are unknown.
    #[serde(skip)]
    pub contributions: Vec<Observed>,
}
