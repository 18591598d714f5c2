//! Plain data between running and reporting.

mod absence;
mod histograms;
mod luck;
mod manifest;
mod study;
#[cfg(test)]
pub(crate) mod support;
mod unit;

pub use absence::{Absence, NoExchanges, NoMessages, NoTrading, NoVisits};
pub use histograms::{Histograms, HistogramsOfUnit};
pub use luck::{Bearer, CommonLuck, OnlyInSome};
pub use manifest::{FileDigest, Manifest, ResultFile, SCHEMA_VERSION, has_seal, hex, is_sealed, sealed, sha256_hex};
pub use study::{CapacityOutcome, CapacityRecord, Observed, PointRecord, Sought, StudyKind, StudyRecord};
pub use unit::{Detail, UnitRecord};

use serde::{Deserialize, Serialize};

use crate::metrics::Measurements;
use crate::time::{SimDuration, Timestamp};

/// What a finished run hands to the reports.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// Name of the scenario; also the folder of its results.
    pub name: String,
    /// The question that the scenario asks.
    pub question: String,
    /// The resolved scenario as TOML, every default written out: running it again gives the same results.
    pub resolved_scenario: String,
    /// Version of the simulator.
    pub version: String,
    /// The seed.
    pub seed: u64,
    /// True time at which the measured period begins.
    pub measured_from: Timestamp,
    /// The age up to which the policy counts a price as fresh; `None` if it has no threshold.
    pub freshness_threshold: Option<SimDuration>,
    /// Whether anybody takes part in `GTNet`; if not, what was measured is a run without it.
    pub gtnet: bool,
    /// Clients (instances with users) and push-open servers, for the reader's orientation.
    pub census: Census,
    /// What the scenario alone says will not happen in the measured period.
    pub foreseen: Vec<Absence>,
    /// One entry a replication, in order.
    #[serde(skip)]
    pub replications: Vec<ReplicationRecord>,
}

/// How many of what the scenario has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Census {
    /// Instances in all.
    pub instances: u32,
    /// Instances that have users.
    pub with_users: u32,
    /// Push-open servers.
    pub push_open: u32,
    /// Open servers.
    pub open: u32,
    /// Users in all.
    pub users: u32,
}

/// One replication: an independent run of the whole period.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReplicationRecord {
    /// Number of the replication, from 0.
    pub replication: u32,
    /// The scenario as written.
    pub measured: Measurements,
    /// The same users, with the same luck, with `GTNet` switched off; `None` if nobody takes part in `GTNet` or the
    /// comparison was not wanted.
    pub baseline: Option<Measurements>,
}
