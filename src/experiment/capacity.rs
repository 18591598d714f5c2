//! The largest value of a parameter that keeps an objective.

use crate::stats::{CapacitySearch, Estimate, Judgement};

use super::Objective;
use super::plan::Replications;

/// Confidence of the interval of the answer.
const CONFIDENCE: f64 = 0.95;

/// Searches for the last of the source's points that keep `objective`, which are the values of the parameter in the order in
/// which it becomes harder to keep, with `wanted` replications of each point that the search looks at; returns the search
/// and how many replications each point has got.
///
/// # Errors
///
/// Those of the source.
pub fn search_capacity<R: Replications>(
    source: &mut R,
    objective: &Objective,
    wanted: &[u32],
) -> Result<(CapacitySearch, Vec<u32>), R::Error> {
    let mut search = CapacitySearch::new(source.points());
    let mut asked = vec![0; source.points()];
    loop {
        let next = search.next();
        if next.is_empty() {
            return Ok((search, asked));
        }
        for &point in &next {
            asked[point] = wanted[point];
        }
        source.provide(&asked)?;
        for point in next {
            let replications = source.replications(point, asked[point]);
            let values: Option<Vec<f64>> =
                replications.iter().map(|observed| objective.quantity.of(observed)).collect();
            let estimate = values.and_then(|values| Estimate::of(&values, CONFIDENCE));
            search.tell(point, Judgement::of(estimate, objective.at_most, objective.limit));
        }
    }
}
