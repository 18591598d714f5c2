//! The largest value of a parameter that keeps an objective.

use crate::inference::{CONFIDENCE, Observations, judge};
use crate::record::{Observed, UnitRecord};
use crate::stats::{CapacitySearch, Judgement};

use super::objective::{Extent, Objective};
use super::replications::Replications;

/// Searches for the last of the source's points that keep `objective`, which are the values of the parameter in the order in
/// which it becomes harder to keep, with `wanted` replications of each point that the search looks at; returns the search
/// and how many replications each point has got.
///
/// # Errors
///
/// Those of the source.
pub(crate) fn search_capacity<R: Replications>(
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

/// How many of `replications` keep the limit, each by its own value; `None` if one of them does not tell.
pub(super) fn kept(objective: &Objective, replications: &[Observed]) -> Option<usize> {
    let keeps: Option<Vec<bool>> = replications.iter().map(|observed| keeps(objective, observed)).collect();
    keeps.map(|keeps| keeps.into_iter().filter(|keeps| *keeps).count())
}

/// A quantile of one replication is its own, and not that of all together.
fn keeps(objective: &Objective, observed: &Observed) -> Option<bool> {
    let alone = Observations::of_network(std::slice::from_ref(observed), std::slice::from_ref(observed));
    match judge(&objective.condition, &alone, CONFIDENCE) {
        Judgement::Unknown => None,
        judgement => Some(judgement.holds()),
    }
}

fn judgement(objective: &Objective, units: &[UnitRecord]) -> Judgement {
    match objective.extent {
        Extent::OnAverage => judge(&objective.condition, &Observations::of_units(units), CONFIDENCE),
        Extent::InNetworks { percent } => {
            let replications: Vec<Observed> = units.iter().map(|unit| unit.observed.clone()).collect();
            kept(objective, &replications).map_or(Judgement::Unknown, |kept| {
                Judgement::of_share((kept, replications.len()), percent / 100.0, CONFIDENCE)
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::Gathered;
    use crate::measures::{self, MeasureId, Values};
    use crate::record::support::units;
    use crate::stats::Capacity;

    /// A replication in which all is unknown but `values`.
    fn replication(values: &[(MeasureId, f64)]) -> Observed {
        let of = |measure: MeasureId| values.iter().find(|(other, _)| *other == measure).map(|(_, value)| *value);
        Observed { measured: Values::of(of), baseline: None }
    }

    fn judged(objective: &str, replications: &[Observed]) -> Judgement {
        judgement(&objective.parse().expect("an objective"), &units(replications))
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

    /// Each network is judged by its own value: a mean of 20 s keeps no one from keeping the limit.
    #[test]
    fn a_share_counts_networks() {
        let waited =
            |seconds: f64| replication(&[(measures::VISITS_UNFINISHED_SHARE, 0.0), (measures::USER_WAIT_P95, seconds)]);
        let some = |within: usize, all: usize, other: &Observed| -> Vec<Observed> {
            (0..all).map(|number| if number < within { waited(2.0) } else { other.clone() }).collect()
        };
        let endless = replication(&[(measures::VISITS_UNFINISHED_SHARE, 0.06)]);
        let limit = "user_wait_p95 <= 2s in 90% of networks";
        for broken in [waited(1_000.0), endless.clone()] {
            let judged = [36, 33, 32, 20].map(|within| judged(limit, &some(within, 36, &broken)));
            let expected = [Judgement::SurelyHolds, Judgement::Holds, Judgement::Fails, Judgement::SurelyFails];
            assert_eq!(judged, expected);
        }
        let longer = "user_wait_p95 >= 3s in 50% of networks";
        assert_eq!(judged(longer, &some(1, 36, &endless)), Judgement::SurelyHolds, "without end is longer than 3 s");
        let unknown = replication(&[(measures::VISITS_UNFINISHED_SHARE, 0.0)]);
        assert_eq!(judged(limit, &some(35, 36, &unknown)), Judgement::Unknown);
        let calls = [(measures::CONNECTOR_CALLS, 10.0), (measures::VISITS_UNFINISHED_SHARE, 0.2)];
        let cut_off = vec![replication(&calls); 36];
        assert_eq!(judged("connector_calls <= 9 in 90% of networks", &cut_off), Judgement::SurelyFails);
        assert_eq!(judged("connector_calls <= 10 in 90% of networks", &cut_off), Judgement::Unknown);
        assert_eq!(judged("connector_calls >= 10 in 90% of networks", &cut_off), Judgement::SurelyHolds);
    }

    /// A wait that falls before it rises, and one that does the opposite: the ends alone would say *always* and *never*.
    #[test]
    fn a_search_looks_inside_in_both_forms() {
        let unit = |seconds: f64| {
            let values = [(measures::VISITS_UNFINISHED_SHARE, 0.0), (measures::USER_WAIT_P95, seconds)];
            replication(&values)
        };
        let gathered = |wait: fn(f64) -> f64| Gathered {
            units: (0..41).map(|x| units(&vec![unit(wait(f64::from(x))); 36])).collect(),
        };
        for extent in ["", " in 90% of networks"] {
            let objective: Objective = format!("user_wait_p95 <= 2s{extent}").parse().expect("an objective");
            let outcome = |wait| {
                let found = search_capacity(&mut gathered(wait), &objective, &[36; 41]);
                found.expect("gathered replications are there").0.outcome()
            };
            assert_eq!(outcome(|x| 1.0 + (x - 20.0).abs() / 10.0), Capacity::Inside { surely: true }, "{extent}");
            assert_eq!(outcome(|x| 3.0 - (x - 20.0).abs() / 10.0), Capacity::Outside { surely: true }, "{extent}");
            assert_eq!(outcome(|_| 3.0), Capacity::Never { surely: true }, "{extent}");
        }
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
