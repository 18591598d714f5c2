//! What a study with several goals hands to the reports: which points are on the Pareto front, and how surely.

use serde::{Deserialize, Serialize};

use crate::measures::Quantity;

/// The front of the points of a study.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FrontRecord {
    /// The goals, as users write them.
    pub goals: Vec<String>,
    /// Each point; empty until the points are simulated. `None` of a point that has no mean of a goal, and so is not compared.
    pub points: Vec<Option<FrontPoint>>,
}

/// A point, beside the others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FrontPoint {
    /// The first point that is at least as good in every goal and better in one; `None` of a point on the front.
    pub dominated_by: Option<usize>,
    /// The share of resamples in which it is on the front.
    pub share: f64,
}

impl FrontRecord {
    /// The goals.
    ///
    /// # Panics
    ///
    /// If one of them is no measure.
    #[must_use]
    pub fn quantities(&self) -> Vec<Quantity> {
        self.goals.iter().map(|text| text.parse().expect("checked before it was recorded")).collect()
    }

    /// Indices of the points on the front.
    #[must_use]
    pub fn on_front(&self) -> Vec<usize> {
        let is_on = |of: &Option<FrontPoint>| of.as_ref().is_some_and(|of| of.dominated_by.is_none());
        (0..self.points.len()).filter(|point| is_on(&self.points[*point])).collect()
    }
}
