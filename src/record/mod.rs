//! Records: plain data that running hands to reporting, so that neither needs the other.

mod absence;
mod assumptions;
mod facts;
mod flips;
mod front;
mod histograms;
mod luck;
mod manifest;
mod network_map;
mod parameters;
mod selection;
#[cfg(test)]
pub(crate) mod selection_support;
mod sensitivity;
#[cfg(test)]
pub(crate) mod sensitivity_support;
mod study;
#[cfg(test)]
pub(crate) mod support;
mod unit;
mod worlds;
#[cfg(test)]
pub(crate) mod worlds_support;

pub use absence::{Absence, NoExchanges, NoMessages, NoPrices, NoTrading, NoVisits};
pub use assumptions::{Assumption, RulesBase};
pub use facts::{Census, ParameterValue, ProviderLimit, ScenarioFacts};
pub use flips::{FlipFound, FlipLook, FlipWay, FlipsRecord};
pub use front::{FrontPoint, FrontRecord};
pub use histograms::{Histograms, HistogramsOfUnit};
pub use luck::{Bearer, CommonLuck, OnlyInSome};
pub use manifest::{FileDigest, Manifest, ManifestPoint, ResultFile, SCHEMA_VERSION, sealed, sha256_hex};
pub(crate) use manifest::{has_seal, hex, is_sealed};
pub use network_map::{MapChoice, MapGroup, MapLink, MapRole, MarkedAssumption, NetworkMap};
pub(crate) use parameters::{ParameterWords, is_topology, located, ranging, spelled};
pub use selection::{EliminationRecord, SelectionLook, SelectionRecord};
pub use sensitivity::{EffectKind, EffectRecord, InputRecord, PointTrajectory, SensitivityDesign, SensitivityRecord};
pub use study::{CapacityOutcome, CapacityRecord, Observed, PointRecord, Sought, StudyKind, StudyRecord};
pub use unit::{Detail, UnitRecord};
pub use worlds::{AlternativeRecord, WorldsRecord};

use serde::{Deserialize, Serialize};

use crate::measures::{Contrast, Relevance};
use crate::metrics::Measurements;

/// What a finished run hands to the reports.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// Name of the scenario, and of the folder of its results.
    pub name: String,
    /// The question that the scenario asks.
    pub question: String,
    /// Version of the simulator.
    pub version: String,
    /// What the scenario says about its numbers.
    pub facts: ScenarioFacts,
    /// Which differences matter to users, where it is not what the measures say.
    pub relevance: Relevance,
    /// One entry a replication, in order.
    #[serde(skip)]
    pub replications: Vec<ReplicationRecord>,
}

/// One replication: an independent run of the whole period.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReplicationRecord {
    /// Number of the replication, from 0.
    pub replication: u32,
    /// The scenario as written.
    pub measured: Measurements,
    /// The same users, with the same luck, with `GTNet` switched off. `None` if nobody takes part in `GTNet`, or if the
    /// comparison was not wanted.
    pub baseline: Option<Measurements>,
}

impl ReplicationRecord {
    /// What was measured in a run of it: with `GTNet` or without; `None` if there is no such run.
    #[must_use]
    pub const fn run(&self, run: Contrast) -> Option<&Measurements> {
        match run {
            Contrast::GtnetOff => self.baseline.as_ref(),
            _ => Some(&self.measured),
        }
    }
}
