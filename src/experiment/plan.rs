//! How many replications of which points a study takes: decided beforehand, or by what the first ones tell.
//!
//! A plan asks a source for replications and decides by them alone. One machine simulates what is asked for; machines that
//! share the work cannot know what the others find, so that each simulates its part of all that could be asked for
//! ([`Plan::most`]), and whoever joins them carries out the same plan on what they have found.

use serde::{Deserialize, Serialize};

use crate::stats::CapacitySearch;

use super::as_text;
use super::precision::{PrecisionPlan, Shortfall};
use super::replications::Replications;
use super::{Objective, search_capacity};

/// How far a study goes.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Plan {
    /// The replications that each point wants.
    Fixed,
    /// At least those, and as many as the wanted precision takes.
    Precision(PrecisionPlan),
    /// Those of the points that a search for the last one that keeps an objective looks at.
    Search(Search),
}

/// How far can a parameter go?
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Search {
    /// Path of the parameter.
    pub parameter: String,
    /// What shall hold.
    #[serde(with = "as_text")]
    pub objective: Objective,
    /// Whether the smallest value is sought: then the points are in descending order.
    pub smallest: bool,
    /// Whether `run.topology` is fixed, so that all replications are runs of one network.
    pub one_network: bool,
}

/// What a plan has led to.
#[derive(Clone, Debug)]
pub struct PlanOutcome {
    /// How many replications each point has got.
    pub replications: Vec<u32>,
    /// Which precisions were not reached.
    pub shortfalls: Vec<Shortfall>,
    /// What a search for a capacity has found.
    pub capacity: Option<CapacitySearch>,
}

impl Plan {
    /// The most replications of each point that the plan can ask for if they want `wanted`.
    #[must_use]
    pub fn most(&self, wanted: &[u32]) -> Vec<u32> {
        match self {
            Self::Fixed | Self::Search(_) => wanted.to_vec(),
            Self::Precision(plan) => wanted.iter().map(|&first| plan.most(first)).collect(),
        }
    }

    /// Carries the plan out for points that want `wanted` replications.
    ///
    /// # Errors
    ///
    /// Those of the source.
    pub fn carry_out<R: Replications>(&self, source: &mut R, wanted: &[u32]) -> Result<PlanOutcome, R::Error> {
        match self {
            Self::Fixed => {
                source.provide(wanted)?;
                Ok(PlanOutcome { replications: wanted.to_vec(), shortfalls: Vec::new(), capacity: None })
            }
            Self::Precision(plan) => {
                let (replications, shortfalls) = plan.carry_out(source, wanted)?;
                Ok(PlanOutcome { replications, shortfalls, capacity: None })
            }
            Self::Search(Search { objective, .. }) => {
                let (search, replications) = search_capacity(source, objective, wanted)?;
                Ok(PlanOutcome { replications, shortfalls: Vec::new(), capacity: Some(search) })
            }
        }
    }
}
