//! The assumptions of a scenario that its answers hinge on most, as numbers; `docs/assumptions.md` shows what changes with them.

use serde::{Deserialize, Serialize};

use crate::protocol::Preset;

/// An assumption that answers hinge on. Where groups or providers differ, it has the least and the greatest value.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "kebab-case")]
pub enum Assumption {
    /// Which rules all instances follow.
    Rules {
        /// The preset that they are based on.
        preset: Preset,
        /// How many switches differ from it.
        changed: u32,
    },
    /// How fast providers answer.
    ProviderLatency {
        /// The median of the fastest provider \[s\].
        least_s: f64,
        /// The median of the slowest provider \[s\].
        most_s: f64,
    },
    /// How often a user visits on a weekday.
    VisitsPerDay {
        /// Visits of those who visit least.
        least: f64,
        /// Visits of those who visit most.
        most: f64,
    },
    /// How long the watchlists are.
    WatchlistLength {
        /// Instruments in short watchlists: the least number, or what all but 5 % of them have.
        least: f64,
        /// Instruments in long watchlists: the greatest number, or what all but 5 % of them do not exceed.
        most: f64,
    },
}
