//! Parts of reports that are plain data: the networks that were simulated, and how to get the same numbers.

use serde::{Deserialize, Serialize};

use crate::record::{ManifestPoint, MapRole, NetworkMap};

/// A network that was simulated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct PageNetwork {
    /// The points that have it; nothing if all have.
    pub(super) points: String,
    /// Its groups, and who may ask whom.
    pub(super) map: NetworkMap,
    /// The messages that arrive at each server \[1/s\], and the same in words; only runs tell servers apart.
    pub(super) loads: Vec<ServerLoad>,
}

/// What arrives at a server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct ServerLoad {
    /// Name of the server.
    pub(super) server: String,
    /// Messages \[1/s\].
    pub(super) per_s: f64,
    /// The same in words.
    pub(super) told: String,
}

/// How to get the same numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Reproduction {
    /// The command, carried out in the folder of the results.
    pub(super) command: String,
    /// What it gives.
    pub(super) gives: String,
    /// The points, with their digests.
    pub(super) points: Vec<ManifestPoint>,
}

impl PageNetwork {
    /// The largest load of a server \[1/s\]; 0 if none is known.
    pub(super) fn highest_load(&self) -> f64 {
        self.loads.iter().map(|load| load.per_s).fold(0.0, f64::max)
    }

    /// The groups whose instances are servers, or the others, each with its index.
    pub(super) fn groups(&self, are_servers: bool) -> Vec<usize> {
        let is_wanted = |index: &usize| (self.map.groups[*index].role == MapRole::PushOpen) == are_servers;
        (0..self.map.groups.len()).filter(is_wanted).collect()
    }
}
