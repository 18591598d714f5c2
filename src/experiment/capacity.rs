//! The largest value of a parameter that keeps an objective.

use crate::stats::{CapacitySearch, Estimate, Judgement};

use super::{Objective, Study, StudyError};

/// Confidence of the interval of the answer.
const CONFIDENCE: f64 = 0.95;

/// Searches for the last of the study's points that keep `objective`, which are the values of the parameter in the order in
/// which it becomes harder to keep; simulates `replications` of each point that the search looks at.
///
/// # Errors
///
/// See [`Study::simulate`].
pub fn search_capacity(
    study: &mut Study<'_>,
    objective: &Objective,
    replications: u32,
    on_done: &(dyn Fn() + Sync),
) -> Result<CapacitySearch, StudyError> {
    let mut search = CapacitySearch::new(study.len());
    let mut wanted = vec![0; study.len()];
    loop {
        let next = search.next();
        if next.is_empty() {
            return Ok(search);
        }
        for &point in &next {
            wanted[point] = replications;
        }
        study.simulate(&wanted, on_done)?;
        for point in next {
            let values = objective.quantity.values(&study.replications(point));
            let estimate = values.and_then(|values| Estimate::of(&values, CONFIDENCE));
            search.tell(point, Judgement::of(estimate, objective.at_most, objective.limit));
        }
    }
}
