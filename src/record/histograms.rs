//! The histograms that a study keeps of each replication, packed; they give the quantiles over several replications.

use serde::{Deserialize, Serialize};

use crate::metrics::PackedHistogram;

/// The histograms of a unit: one set for each of its runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HistogramsOfUnit {
    /// The point's scenario as written.
    pub measured: Histograms,
    /// The same users, with the same luck, with `GTNet` switched off. `None` if nobody takes part in `GTNet`, or if the
    /// comparison was not wanted.
    pub baseline: Option<Histograms>,
}

/// The histograms that give the quantiles of the whole network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Histograms {
    /// See [`Measurements::user_wait`](crate::metrics::Measurements::user_wait).
    pub user_wait: PackedHistogram,
    /// See [`Measurements::price_age`](crate::metrics::Measurements::price_age).
    pub price_age: PackedHistogram,
    /// See [`ServerMeasurements::queue_wait`](crate::metrics::ServerMeasurements::queue_wait), of all servers together.
    pub server_queue_wait: PackedHistogram,
    /// See [`ServerMeasurements::response`](crate::metrics::ServerMeasurements::response), of all servers together.
    pub server_response: PackedHistogram,
}
