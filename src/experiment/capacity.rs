//! The largest value of a parameter that keeps an objective.

use crate::inference::{Answer, CONFIDENCE, Observations};
use crate::record::Observed;
use crate::stats::{CapacitySearch, Estimate, Judgement, fair_coin_tail};

use super::Objective;
use super::replications::Replications;

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
    let (quantity, count) = (&objective.quantity, replications.len());
    let observations = Observations::of_network(replications);
    let endless = quantity.endless(&observations);
    let judged = |estimate: Option<Estimate>| Judgement::of(estimate, objective.at_most, objective.limit);
    match quantity.answer(&observations) {
        // What grows without end is more than any limit. One replication is sure of nothing.
        Answer::Saturated => {
            let is_sure = count > 1 && (endless == count || fair_coin_tail(endless, count) <= (1.0 - CONFIDENCE) / 2.0);
            match (objective.at_most, is_sure) {
                (true, true) => Judgement::SurelyFails,
                (true, false) => Judgement::Fails,
                (false, true) => Judgement::SurelyHolds,
                (false, false) => Judgement::Holds,
            }
        }
        // A lower bound may be above the limit already.
        Answer::CutOff(Some(counted)) => match judged(Some(counted)) {
            known @ (Judgement::Fails | Judgement::SurelyFails) if objective.at_most => known,
            known @ (Judgement::Holds | Judgement::SurelyHolds) if !objective.at_most => known,
            _ => Judgement::Unknown,
        },
        Answer::CutOff(None) | Answer::Unknown(_) => Judgement::Unknown,
        Answer::Known(estimate) => {
            let is_doubtful = endless > 0 && fair_coin_tail(count - endless, count) > (1.0 - CONFIDENCE) / 2.0;
            match judged(Some(estimate)) {
                Judgement::SurelyHolds if is_doubtful => Judgement::Holds,
                Judgement::SurelyFails if is_doubtful => Judgement::Fails,
                known => known,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measures::{self, MeasureId, Values};

    /// A replication in which all is unknown but `values`.
    fn replication(values: &[(MeasureId, f64)]) -> Observed {
        let of = |measure: MeasureId| values.iter().find(|(other, _)| *other == measure).map(|(_, value)| *value);
        Observed { measured: Values::of(of), baseline: None }
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
        let some = |saturated_ones: usize, all: usize| -> Vec<Observed> {
            (0..all).map(|number| if number < saturated_ones { saturated.clone() } else { stable.clone() }).collect()
        };
        let limit = "server_queue_length <= 100";
        let expected =
            [(0, "SurelyHolds"), (5, "SurelyHolds"), (6, "Holds"), (9, "Holds"), (10, "Fails"), (14, "Fails")];
        for (saturated_ones, expected) in expected.into_iter().chain([(15, "SurelyFails"), (20, "SurelyFails")]) {
            assert_eq!(format!("{:?}", judged(limit, &some(saturated_ones, 20))), expected, "{saturated_ones} of 20");
        }
        // Slightly more than half is not sure, be it of a handful of replications or of thousands.
        assert_eq!(judged(limit, &some(1_010, 2_000)), Judgement::Fails);
        assert_eq!(judged(limit, &some(990, 2_000)), Judgement::Holds);
        assert_eq!(judged(limit, &some(1_100, 2_000)), Judgement::SurelyFails);
        assert_eq!(judged(limit, &some(2, 4)), Judgement::Fails);
        assert_eq!(judged(limit, &some(1, 4)), Judgement::Holds);
    }
    #[test]
    fn calls_of_visits_that_never_end_are_not_saved() {
        let few_calls = [(measures::CONNECTOR_CALLS, 10.0), (measures::VISITS_UNFINISHED_SHARE, 0.2)];
        let overloaded = replication(&few_calls);
        let both = [overloaded.clone(), overloaded];
        assert_eq!(judged("connector_calls <= 100", &both), Judgement::Unknown);
        assert_eq!(judged("connector_calls <= 9", &both), Judgement::SurelyFails, "they are too many already");
        assert_eq!(judged("connector_calls >= 9", &both), Judgement::SurelyHolds);
    }
}
