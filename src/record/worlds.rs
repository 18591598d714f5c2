//! What a study of alternatives in many worlds hands to the reports: what was uncertain, where each value lies in each world, and which
//! point is which alternative in which world.

use serde::{Deserialize, Serialize};

use super::{InputRecord, ParameterValue};

/// Alternatives in many worlds. The first world is the scenario as assumed; in each of the others every uncertain value lies elsewhere
/// in its range, at the same place for all alternatives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WorldsRecord {
    /// The uncertain values.
    pub inputs: Vec<InputRecord>,
    /// The alternatives; the others are compared with the first one.
    pub alternatives: Vec<AlternativeRecord>,
    /// For each world its value of each of the `inputs`.
    pub values: Vec<Vec<ParameterValue>>,
    /// For each world the number of the point of each alternative.
    pub points: Vec<Vec<usize>>,
    /// For each world the points of its topologies, which no other world has; the world that is assumed has one point that draws a
    /// topology for each replication. Empty if topologies are not told apart.
    pub topologies: Vec<Vec<usize>>,
}

/// One of the alternatives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlternativeRecord {
    /// Its name.
    pub label: String,
    /// What it is in a few words, if the scenario says so.
    pub about: Option<String>,
}

impl WorldsRecord {
    /// The number of worlds beside the one that is assumed.
    #[must_use]
    pub fn count(&self) -> usize {
        self.points.len().saturating_sub(1)
    }
}
