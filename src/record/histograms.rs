//! The histograms that a study keeps of each replication, packed; they give the quantiles over several replications.

use serde::{Deserialize, Serialize};

use crate::measures::HistogramKind;
use crate::metrics::{Measurements, PackedHistogram};

/// The histograms of a unit: one set for each of its runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HistogramsOfUnit {
    /// The point's scenario as written.
    pub measured: Histograms,
    /// The same users, with the same luck, with `GTNet` switched off. `None` if nobody takes part in `GTNet`, or if the
    /// comparison was not wanted.
    pub baseline: Option<Histograms>,
}

/// What the quantiles of the whole network are taken of, in the order of [`HistogramKind::ALL`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Histograms([PackedHistogram; HistogramKind::ALL.len()]);

impl Histograms {
    /// Those of one run of one replication.
    #[must_use]
    pub fn pack(measured: &Measurements) -> Self {
        Self(HistogramKind::ALL.map(|kind| PackedHistogram::of(&kind.of(measured))))
    }

    /// That of `kind`.
    #[must_use]
    pub const fn of(&self, kind: HistogramKind) -> &PackedHistogram {
        &self.0[kind as usize]
    }
}
