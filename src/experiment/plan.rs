//! How many replications of which points a study takes: decided beforehand, or by what the first ones tell.
//!
//! A plan asks a source for replications and decides by them alone. One machine simulates what is asked for; machines that
//! share the work cannot know what the others find, so that each simulates its part of all that could be asked for
//! ([`Plan::most`]), and whoever joins them carries out the same plan on what they have found.

use serde::{Deserialize, Serialize};

use crate::record::Observed;
use crate::stats::CapacitySearch;

use super::precision::{PrecisionPlan, Shortfall};
use super::{Objective, search_capacity};

/// A source of replications: the simulator, or merged shards.
pub trait Replications {
    /// Why replications cannot be had.
    type Error;

    /// Number of points.
    fn points(&self) -> usize;

    /// Gets the first `wanted[i]` replications of each point `i`.
    ///
    /// # Errors
    ///
    /// Whatever prevents it.
    fn provide(&mut self, wanted: &[u32]) -> Result<(), Self::Error>;

    /// The first `count` replications of a point, which were provided.
    fn replications(&self, point: usize, count: u32) -> Vec<Observed>;
}

/// How far a study goes.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Plan {
    /// The replications that each point wants.
    Fixed,
    /// At least those, and as many as the wanted precision takes.
    Precision(PrecisionPlan),
    /// Those of the points that a search for the last one that keeps an objective looks at.
    Capacity(#[serde(with = "as_text")] Objective),
}

/// What a plan has led to.
#[derive(Clone, Debug)]
pub struct Outcome {
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
            Self::Fixed | Self::Capacity(_) => wanted.to_vec(),
            Self::Precision(plan) => wanted.iter().map(|&first| plan.most(first)).collect(),
        }
    }

    /// Carries the plan out for points that want `wanted` replications.
    ///
    /// # Errors
    ///
    /// Those of the source.
    pub fn carry_out<R: Replications>(&self, source: &mut R, wanted: &[u32]) -> Result<Outcome, R::Error> {
        match self {
            Self::Fixed => {
                source.provide(wanted)?;
                Ok(Outcome { replications: wanted.to_vec(), shortfalls: Vec::new(), capacity: None })
            }
            Self::Precision(plan) => {
                let (replications, shortfalls) = plan.carry_out(source, wanted)?;
                Ok(Outcome { replications, shortfalls, capacity: None })
            }
            Self::Capacity(objective) => {
                let (search, replications) = search_capacity(source, objective, wanted)?;
                Ok(Outcome { replications, shortfalls: Vec::new(), capacity: Some(search) })
            }
        }
    }
}

/// Replications that others have simulated, all of them.
#[derive(Clone, Debug)]
pub struct Gathered {
    /// By point and replication.
    pub observed: Vec<Vec<Observed>>,
}

impl Replications for Gathered {
    type Error = std::convert::Infallible;

    fn points(&self) -> usize {
        self.observed.len()
    }

    fn provide(&mut self, wanted: &[u32]) -> Result<(), Self::Error> {
        let all = self.observed.iter().zip(wanted).all(|(known, wanted)| known.len() >= *wanted as usize);
        assert!(all, "who gathers replications gathers all that the plan can ask for");
        Ok(())
    }

    fn replications(&self, point: usize, count: u32) -> Vec<Observed> {
        self.observed[point][..count as usize].to_vec()
    }
}

/// What users write, as they write it.
pub(super) mod as_text {
    use std::fmt::Display;
    use std::str::FromStr;

    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(in crate::experiment) fn serialize<T: Display, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(value)
    }

    pub(in crate::experiment) fn deserialize<'d, T, D>(from: D) -> Result<T, D::Error>
    where
        T: FromStr<Err: Display>,
        D: Deserializer<'d>,
    {
        String::deserialize(from)?.parse().map_err(de::Error::custom)
    }
}
