//! The largest value of a parameter that keeps an objective.

use crate::record::Observed;
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
            search.tell(point, judgement(objective, &source.replications(point, asked[point])));
        }
    }
}

fn judgement(objective: &Objective, replications: &[Observed]) -> Judgement {
    // What grows for as long as one looks is no number, but more than any limit.
    match objective.quantity.endless(replications) {
        0 => {}
        // One replication is sure of nothing.
        all if all == replications.len() && all > 1 => {
            return if objective.at_most { Judgement::SurelyFails } else { Judgement::SurelyHolds };
        }
        _ => return if objective.at_most { Judgement::Fails } else { Judgement::Holds },
    }
    let values = objective.quantity.values(replications);
    Judgement::of(values.and_then(|values| Estimate::of(&values, CONFIDENCE)), objective.at_most, objective.limit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measures::{self, Measure};

    /// A replication in which all is unknown but `values`.
    fn replication(values: &[(Measure, f64)]) -> Observed {
        let of =
            |measure: &Measure| values.iter().find(|(other, _)| other.name == measure.name).map(|(_, value)| *value);
        Observed { measured: measures::ALL.iter().map(of).collect(), baseline: None }
    }

    fn judged(objective: &str, replications: &[Observed]) -> Judgement {
        judgement(&objective.parse().expect("an objective"), replications)
    }

    #[test]
    fn waiting_without_end_fails_and_what_is_not_known_does_not() {
        let endless = replication(&[(measures::VISITS_UNFINISHED_SHARE, 0.06)]);
        let waited = replication(&[(measures::VISITS_UNFINISHED_SHARE, 0.0), (measures::USER_WAIT_P95, 1.0)]);
        let limit = "user_wait_p95 <= 2s";
        assert_eq!(judged(limit, &[endless.clone(), endless.clone()]), Judgement::SurelyFails);
        assert_eq!(judged(limit, &[endless.clone(), waited.clone()]), Judgement::Fails);
        assert_eq!(judged(limit, std::slice::from_ref(&endless)), Judgement::Fails);
        assert_eq!(judged(limit, &[waited.clone(), waited]), Judgement::SurelyHolds);
        let few = replication(&[(measures::VISITS_UNFINISHED_SHARE, 0.04)]);
        assert_eq!(judged(limit, &[few.clone(), few]), Judgement::Unknown);
        assert_eq!(judged("user_wait_p95 >= 2s", &[endless.clone(), endless]), Judgement::SurelyHolds);
    }

    #[test]
    fn a_saturated_server_keeps_no_limit_of_its_queue() {
        let saturated = replication(&[
            (measures::SATURATED_SHARE, 1.0),
            (measures::QUEUE_LENGTH, 3.0),
            (measures::UTILISATION, 1.0),
        ]);
        let both = [saturated.clone(), saturated.clone()];
        assert_eq!(
            judged("server_queue_length <= 100", &both),
            Judgement::SurelyFails,
            "however short it happened to be"
        );
        assert_eq!(judged("server_queue_length >= 100", &both), Judgement::SurelyHolds, "it is more than any limit");
        assert_eq!(judged("server_utilisation <= 100%", &both), Judgement::SurelyHolds, "that has a mean");
        let stable = replication(&[(measures::SATURATED_SHARE, 0.0), (measures::QUEUE_LENGTH, 3.0)]);
        assert_eq!(judged("server_queue_length <= 100", &[saturated, stable.clone(), stable]), Judgement::SurelyHolds);
    }
    #[test]
    fn calls_of_visits_that_never_end_are_not_saved() {
        let few_calls = [(measures::CONNECTOR_CALLS, 10.0), (measures::VISITS_UNFINISHED_SHARE, 0.2)];
        let overloaded = replication(&few_calls);
        assert_eq!(judged("connector_calls <= 100", &[overloaded.clone(), overloaded]), Judgement::Unknown);
    }
}
