//! What is kept of a unit of work (one replication of one point, with its run without GTNet): always the values of all
//! measures.

use serde::{Deserialize, Serialize};

use super::{HistogramsOfUnit, Observed, ReplicationRecord};

/// What is kept of one unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UnitRecord {
    /// The value of each measure; plans decide by these values.
    pub observed: Observed,
    /// What else is kept.
    pub detail: Detail,
}

/// What the record of a unit holds beside the values of its measures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Detail {
    /// It was read back from tables of results. They hold no histograms, but what it contributes to the quantiles of all
    /// replications together.
    #[serde(skip)]
    Summarised {
        /// How many replications these are.
        of: u32,
        /// The contribution to each quantile; all other measures are unknown.
        contribution: Box<Observed>,
    },
    /// What studies keep: the histograms that quantiles are taken of.
    Histograms(Box<HistogramsOfUnit>),
    /// What runs keep: everything that was measured.
    Everything(Box<ReplicationRecord>),
}
