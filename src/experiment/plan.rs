//! Decides how many replications of which points a study takes: beforehand, or by what the first replications show.
//!
//! A plan asks a source for replications and decides by them alone. A single machine simulates what the plan asks for.
//! Machines that share the work do not know what the others find, so together they simulate everything that the plan
//! could ask for ([`Plan::most`]). `merge` then carries out the same plan on what they have simulated.

use serde::{Deserialize, Serialize};

use crate::record::SelectionRecord;
use crate::stats::CapacitySearch;

use super::as_text;
use super::flip::{FlipPlan, FlipSearch};
use super::precision::{PrecisionPlan, Shortfall};
use super::replications::Replications;
use super::selection::SelectionPlan;
use super::{Objective, search_capacity};

/// How many replications a study takes.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Plan {
    /// Each point gets the replications that it wants.
    Fixed,
    /// Each point gets at least the replications that it wants, and more until the wanted precision is reached.
    Precision(PrecisionPlan),
    /// Only the points at which the search looks get the replications that they want.
    Search(Search),
    /// Points get more replications as long as they may be the best.
    Selection(SelectionPlan),
    /// Only the points at which the search for flips of a decision looks get the replications that they want.
    Flip(FlipPlan),
}

/// How far can a parameter go?
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Search {
    /// Path of the parameter.
    pub parameter: String,
    /// The condition that must hold.
    #[serde(with = "as_text")]
    pub objective: Objective,
    /// Whether the smallest value is sought. Then the points are in descending order.
    pub smallest: bool,
    /// Whether `run.topology` is fixed, so that all replications are runs of one network.
    pub one_network: bool,
}

/// The outcome of a plan.
#[derive(Clone, Debug)]
pub struct PlanOutcome {
    /// How many replications each point has got.
    pub replications: Vec<u32>,
    /// The precisions that were not reached.
    pub shortfalls: Vec<Shortfall>,
    /// The search for a capacity, if the plan was one.
    pub capacity: Option<CapacitySearch>,
    /// The selection of the best, if the plan was one.
    pub selection: Option<SelectionRecord>,
    /// The search for flips, if the plan was one.
    pub flips: Option<FlipSearch>,
}

impl Plan {
    /// The most replications of each point that the plan can ask for; `wanted` is how many each point wants.
    #[must_use]
    pub fn most(&self, wanted: &[u32]) -> Vec<u32> {
        match self {
            Self::Fixed | Self::Search(_) | Self::Flip(_) => wanted.to_vec(),
            Self::Precision(plan) => wanted.iter().map(|&first| plan.most(first)).collect(),
            Self::Selection(plan) => plan.most(wanted),
        }
    }

    /// Carries out the plan; `wanted` is how many replications each point wants.
    ///
    /// # Errors
    ///
    /// The errors of the source.
    pub fn carry_out<R: Replications>(&self, source: &mut R, wanted: &[u32]) -> Result<PlanOutcome, R::Error> {
        match self {
            Self::Fixed => {
                source.provide(wanted)?;
                Ok(PlanOutcome::of(wanted.to_vec()))
            }
            Self::Precision(plan) => {
                let (replications, shortfalls) = plan.carry_out(source, wanted)?;
                Ok(PlanOutcome { shortfalls, ..PlanOutcome::of(replications) })
            }
            Self::Search(Search { objective, .. }) => {
                let (search, replications) = search_capacity(source, objective, wanted)?;
                Ok(PlanOutcome { capacity: Some(search), ..PlanOutcome::of(replications) })
            }
            Self::Flip(plan) => {
                let (search, replications) = plan.carry_out(source, wanted)?;
                Ok(PlanOutcome { flips: Some(search), ..PlanOutcome::of(replications) })
            }
            Self::Selection(plan) => {
                let (replications, found) = plan.carry_out(source, wanted)?;
                Ok(PlanOutcome { selection: Some(found), ..PlanOutcome::of(replications) })
            }
        }
    }
}

impl PlanOutcome {
    const fn of(replications: Vec<u32>) -> Self {
        Self { replications, shortfalls: Vec::new(), capacity: None, selection: None, flips: None }
    }
}
