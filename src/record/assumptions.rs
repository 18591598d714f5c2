//! The assumptions of a scenario that its answers hinge on most, as numbers; `docs/assumptions.md` shows what changes with them.

use serde::{Deserialize, Serialize};

/// An assumption that answers hinge on. Where groups or providers differ, it has the least and the greatest value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "kebab-case")]
pub enum Assumption {
    /// Which rules all instances follow.
    Rules {
        /// What they are based on.
        base: RulesBase,
        /// The switches that differ from it, as `key = value`.
        changed: Vec<String>,
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

/// The preset of the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RulesBase {
    /// The newer design.
    Planned,
    /// The older design.
    PlannedFirst,
    /// Release 0.36.5.
    Release5,
    /// The same, as it seems to be deployed.
    Release5Deployed,
    /// Release 0.36.8.
    Release8,
    /// Release 0.36.9.
    Release9,
}
