//! What a search for flips of a decision hands to the reports: for each uncertain value and each way out of what is assumed, where it
//! looked and where the decision flips.

use serde::{Deserialize, Serialize};

use super::InputRecord;

/// A search for what flips a decision. Its first point is the scenario as assumed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FlipsRecord {
    /// The uncertain values, in the order of the study's parameters.
    pub inputs: Vec<InputRecord>,
    /// For each of them what was found on its ways out; empty until it is simulated.
    pub ways: Vec<Vec<FlipWay>>,
}

/// A way from what is assumed to an end of the range, or to another thing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FlipWay {
    /// Where the search looked, the nearest place first.
    pub looks: Vec<FlipLook>,
    /// The nearest flip; `None` if there is none wherever it looked.
    pub flip: Option<FlipFound>,
    /// The point behind the flip at which the decision is as assumed again, if it looked at any.
    pub back_at: Option<usize>,
}

/// A place at which the search looked.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct FlipLook {
    /// Number of its point.
    pub point: usize,
    /// How far it is from what is assumed, as a share of the range; `None` if that has no measure.
    pub distance: Option<f64>,
    /// Whether the means keep all requirements; `None` if nobody can tell.
    pub is_met: Option<bool>,
    /// Whether that is sure.
    pub is_sure: bool,
}

/// A flip.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct FlipFound {
    /// The last point that is not flipped; `None` if that is the scenario as assumed.
    pub before: Option<usize>,
    /// The first point that is.
    pub at: usize,
    /// How far that is from what is assumed, as a share of the range; `None` if that has no measure.
    pub distance: Option<f64>,
    /// The nearest point at which it surely is; `None` if it is nowhere sure.
    pub surely_at: Option<usize>,
}

impl FlipsRecord {
    /// Gives all points the numbers that `number_of` says; those at which the search has not looked have none.
    pub(crate) fn renumber(&mut self, number_of: &[Option<usize>]) {
        let renumbered = |point: usize| number_of[point].expect("the search has looked there");
        for way in self.ways.iter_mut().flatten() {
            way.looks.iter_mut().for_each(|look| look.point = renumbered(look.point));
            way.back_at = way.back_at.map(renumbered);
            if let Some(flip) = &mut way.flip {
                flip.before = flip.before.map(renumbered);
                flip.at = renumbered(flip.at);
                flip.surely_at = flip.surely_at.map(renumbered);
            }
        }
    }
}
