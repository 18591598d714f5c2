//! What a comparison or a sweep hands to the reports: the values of all measures, for each point and replication.

use serde::{Deserialize, Serialize};

/// The value of each measure for the whole network, in the order of [`measures::ALL`](crate::measures::ALL); `None` where
/// the counters do not determine it.
pub type Values = Vec<Option<f64>>;

/// One replication of one point.
#[derive(Clone, Debug, PartialEq)]
pub struct Observed {
    /// The point's scenario as written.
    pub measured: Values,
    /// The same users, with the same luck, with `GTNet` switched off; `None` if nobody takes part in `GTNet` or the
    /// comparison was not wanted.
    pub baseline: Option<Values>,
}

/// What the points of a study are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StudyKind {
    /// Alternatives; the first is the one to which the others are compared.
    Comparison,
    /// The grid of one or more parameters.
    Sweep,
}

/// Several scenarios that are simulated with the same seed, so that the same users meet the same luck in all of them.
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
}

/// One scenario of a study.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PointRecord {
    /// What distinguishes it from the others, for readers.
    pub label: String,
    /// Its value of each of [`StudyRecord::parameters`].
    pub settings: Vec<String>,
    /// Digest of everything that its numbers depend on, the number of replications excepted.
    pub digest: String,
    /// The seed.
    pub seed: u64,
    /// Whether anybody takes part in `GTNet`.
    pub gtnet: bool,
    /// Number of replications that are wanted.
    pub wanted: u32,
    /// The resolved scenario as TOML, every default written out.
    pub resolved_scenario: String,
    /// One entry a replication, in order.
    #[serde(skip)]
    pub replications: Vec<Observed>,
}
