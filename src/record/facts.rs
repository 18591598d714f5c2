//! What a scenario says about its numbers, as typed facts, so that nobody who reads results has to read the scenario's
//! text.

use serde::{Deserialize, Serialize};

use crate::measures::Condition;
use crate::time::{SimDuration, Timestamp};

use super::{Absence, Assumption, MarkedAssumption, NetworkMap, NoPrices};

/// The facts of a scenario that reports need.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScenarioFacts {
    /// Digest of everything that the numbers depend on, except the number of replications.
    pub digest: String,
    /// The seed.
    pub seed: u64,
    /// Whether anybody takes part in `GTNet`. If not, the scenario as written is itself a run without it.
    pub gtnet: bool,
    /// True time at which the measured period begins.
    pub measured_from: Timestamp,
    /// The time zone by which users visit, by its IANA name; `None` if it is not the same everywhere, or if nobody visits.
    #[serde(default)]
    pub visits_zone: Option<String>,
    /// Length of the warm-up, which comes before it.
    pub warmup: SimDuration,
    /// Of each whole day of the run, warm-up included, whether any market trades.
    pub trading_days: Vec<bool>,
    /// The age up to which the policy counts a price as fresh; `None` if it has no threshold.
    pub freshness_threshold: Option<SimDuration>,
    /// The age up to which prices were counted as fresh: the threshold, or that of the released system if there is
    /// none.
    pub fresh_within: SimDuration,
    /// How long any fault is active in the measured period, if all faults have set times; `None` without faults, or if chance says when.
    #[serde(default)]
    pub faults_active: Option<SimDuration>,
    /// How many messages a push-open server serves at the same time; `None` if there is none, or if they differ.
    #[serde(default)]
    pub server_workers: Option<u32>,
    /// How many calls data providers take.
    #[serde(default)]
    pub limits: Vec<ProviderLimit>,
    /// Whether clocks of participants drift, so that prices get older as long as the run lasts.
    pub clocks_run_free: bool,
    /// How many clients (instances with users), servers and so on the scenario has, to orient the reader.
    pub census: Census,
    /// What the scenario alone says will not happen in the measured period.
    pub foreseen: Vec<Absence>,
    /// What would help push-open servers if they turn out to have no prices.
    pub starved: NoPrices,
    /// Under which conditions the answer to the scenario's question is yes; none if it does not say.
    pub yes_if: Vec<Condition>,
    /// The assumptions that the answers hinge on most.
    pub assumptions: Vec<Assumption>,
    /// The values that the author of the scenario marks as assumptions.
    pub marked: Vec<MarkedAssumption>,
    /// Who may ask whom.
    pub network: NetworkMap,
    /// Whether all replications run the same network, with other luck.
    pub one_network: bool,
    /// The resolved scenario as TOML, with every default written out. Running it again gives the same results.
    pub resolved_scenario: String,
}

/// How many calls a data provider takes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProviderLimit {
    /// Name of the provider.
    pub provider: String,
    /// So many calls it takes in `per`.
    pub requests: u32,
    /// The time in which it takes them.
    pub per: SimDuration,
    /// For how many the limit holds, each on its own: instances that may call, or groups of them that share a key; 1 if all share it.
    pub holders: u32,
    /// Whether it refuses the calls over the limit, so that they use nothing of it; else they wait for their turn.
    #[serde(default)]
    pub refuses: bool,
}

/// How many instances and users the scenario has.
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

/// The value that a point gives to a parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ParameterValue {
    /// The value as users write it.
    pub text: String,
    /// The value, if it is a number.
    pub number: Option<f64>,
    /// The value, if it is a duration.
    pub duration: Option<SimDuration>,
}

impl ParameterValue {
    /// The value of a parameter that is a word, such as the name of a variant.
    #[must_use]
    pub fn word(text: &str) -> Self {
        Self { text: text.to_owned(), number: None, duration: None }
    }

    /// The place of the value on an axis: the number, or the duration in seconds; `None` for a word.
    #[must_use]
    pub fn position(&self) -> Option<f64> {
        self.number.or_else(|| self.duration.map(SimDuration::as_secs_f64))
    }
}
