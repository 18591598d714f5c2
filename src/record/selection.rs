//! What a selection of the best hands to the reports: what was promised, what each look saw, and which alternative went when.

use serde::{Deserialize, Serialize};

/// A selection of the best among the points of a study.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SelectionRecord {
    /// What the best is best in, as users write it.
    pub measure: String,
    /// The indifference zone, in the unit of the measure: the smallest difference that matters.
    pub zone: f64,
    /// The probability with which the best is chosen if it is better than all others by the indifference zone.
    pub confidence: f64,
    /// The most replications of all points together.
    pub budget: u32,
    /// Index of the best; `None` if the budget did not suffice, or if no point has a mean.
    pub best: Option<usize>,
    /// For each point why it is out; `None` of those that are left.
    pub eliminated: Vec<Option<EliminationRecord>>,
    /// What each look saw.
    pub looks: Vec<SelectionLook>,
    /// Replications of all points together with which the same promise could be kept if each got as many; `None` if fewer than two
    /// points have a mean.
    pub equal_allocation: Option<f64>,
    /// Replications of each point that is left with which the selection would surely be over.
    pub most_needed: f64,
}

/// Why a point is out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EliminationRecord {
    /// Replications of each point that was left when it was eliminated.
    pub replications: u32,
    /// Index of the point that is better; `None` if the eliminated one has no mean.
    pub by: Option<usize>,
}

/// A look at all points that are left.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SelectionLook {
    /// Replications of each of them.
    pub replications: u32,
    /// The mean of each point over these, in the unit of the measure; `None` of a point that is out, or has no mean.
    pub means: Vec<Option<f64>>,
}

impl SelectionRecord {
    /// Indices of the points that are left: the best alone, unless several are equal in every digit or the budget did not suffice.
    #[must_use]
    pub fn left(&self) -> Vec<usize> {
        (0..self.eliminated.len()).filter(|point| self.eliminated[*point].is_none()).collect()
    }

    /// Index of the best so far: of those that are left the one whose mean was best at the last look, where `more_is_better`.
    #[must_use]
    pub fn leader(&self, more_is_better: bool) -> Option<usize> {
        let means = &self.looks.last()?.means;
        let value =
            |point: &usize| means[*point].map_or(f64::NEG_INFINITY, |mean| if more_is_better { mean } else { -mean });
        // Of equals, the first.
        self.best.or_else(|| self.left().into_iter().rev().max_by(|one, other| value(one).total_cmp(&value(other))))
    }
}
