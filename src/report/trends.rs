//! How a number changes along the parameter of a sweep, in a sentence that claims no more than the replications show.

use crate::inference::{CONFIDENCE, Quantity, Relevant, Verdict};
use crate::record::{ParameterValue, is_topology, located};
use crate::stats::Paired;

use super::evidence::{Evidence, PointEvidence};
use super::numbers::{UNKNOWN, mean, plainly_told};

/// A number that changes by more than this share of its highest value is seen to change, even if that does not matter.
const SEEN: f64 = 0.33;

/// `The share of fresh prices rises from 5 % with 5 clients to 69 % with 200 clients`, without a stop.
pub(super) fn trend(evidence: &Evidence<'_>, what: &str, number: &Quantity) -> String {
    let mut order: Vec<usize> = (0..evidence.points.len()).collect();
    let rising = rising_together(evidence, &mut order);
    let points: Vec<&PointEvidence<'_>> = order.iter().map(|at| &evidence.points[*at]).collect();
    let (Some(_), [first, inner @ .., last], false) = (rising, points.as_slice(), is_over_topologies(evidence)) else {
        return range(evidence, what, number, &points);
    };
    let of = |point: &PointEvidence<'_>| point.answer(number).known().map(|known| known.mean);
    let (Some(from), Some(to)) = (of(first), of(last)) else {
        return format!("{what}: {}, {}", at(evidence, number, first), at(evidence, number, last));
    };
    let [at_first, at_last] = [first, last].map(|point| at(evidence, number, point));
    let towards_highest = |sign: f64| {
        let values = inner.iter().filter_map(|point| Some((sign * of(point)?, *point)));
        let extreme = values.max_by(|(one, _), (other, _)| one.total_cmp(other)).map(|(_, point)| point)?;
        let is_beyond = |end: &PointEvidence<'_>| {
            let verdict = between(evidence, number, end, extreme);
            let beyond = of(extreme).zip(of(end)).is_some_and(|(inside, end)| sign * (inside - end) > 0.0);
            beyond && matches!(verdict, Verdict::Differs(_, Relevant::Yes))
        };
        (is_beyond(first) && is_beyond(last)).then_some(extreme)
    };
    for (name, sign) in [("highest", 1.0), ("lowest", -1.0)] {
        if let Some(extreme) = towards_highest(sign) {
            let extreme = at(evidence, number, extreme);
            return format!("{what} is {name} in between: {extreme}, against {at_first} and {at_last}");
        }
    }
    let way = if to > from { "rises" } else { "falls" };
    let is_seen = (to - from).abs() > SEEN * from.abs().max(to.abs());
    match between(evidence, number, first, last) {
        Verdict::Differs(_, Relevant::Yes) => format!("{what} {way} from {at_first} to {at_last}"),
        Verdict::Differs(_, Relevant::Perhaps) => {
            format!("{what} {way}, perhaps by less than matters, from {at_first} to {at_last}")
        }
        Verdict::Equal(Some(_)) if is_seen => {
            format!("{what} {way}, by less than matters, from {at_first} to {at_last}")
        }
        Verdict::Equal(_) | Verdict::EqualInEach | Verdict::NoneSeen => {
            format!("{what} hardly changes: {at_first}, {at_last}")
        }
        Verdict::Uncertain | Verdict::NotKnown => format!("{what} is {at_first} and {at_last}"),
    }
}

/// Whether the topology is the only parameter.
pub(super) fn is_over_topologies(evidence: &Evidence<'_>) -> bool {
    matches!(evidence.parameters, [only] if is_topology(only))
}

/// The values of the first parameter if all parameters are numbers that rise together; `order` then is that in which they do.
pub(super) fn rising_together(evidence: &Evidence<'_>, order: &mut [usize]) -> Option<Vec<f64>> {
    let of_point =
        |point: &PointEvidence<'_>| point.settings.iter().map(ParameterValue::position).collect::<Option<Vec<_>>>();
    let values: Vec<Vec<f64>> = evidence.points.iter().map(of_point).collect::<Option<_>>()?;
    if evidence.parameters.is_empty() {
        return None;
    }
    let mut sorted: Vec<usize> = order.to_vec();
    sorted.sort_by(|one, other| values[*one][0].total_cmp(&values[*other][0]));
    let rises = |pair: &[usize]| values[pair[0]].iter().zip(&values[pair[1]]).all(|(one, other)| one < other);
    if !sorted.windows(2).all(rises) {
        return None;
    }
    order.copy_from_slice(&sorted);
    Some(sorted.iter().map(|at| values[*at][0]).collect())
}

/// What has no order has a lowest and a highest value; that these surely differ is not said.
fn range(evidence: &Evidence<'_>, what: &str, number: &Quantity, points: &[&PointEvidence<'_>]) -> String {
    let known = points.iter().filter_map(|point| Some((point.answer(number).counted()?.mean, *point)));
    let mut known: Vec<(f64, &PointEvidence<'_>)> = known.collect();
    known.sort_by(|one, other| one.0.total_cmp(&other.0));
    let is_one_parameter = is_over_topologies(evidence);
    match known.as_slice() {
        [] => format!("{what}: {UNKNOWN}"),
        [(_, only)] => format!("{what} is {}", at(evidence, number, only)),
        [(_, lowest), .., (_, highest)] if is_one_parameter => {
            let [low, high] = [lowest, highest].map(|point| plainly_told(point.answer(number), number.unit()));
            format!("{what} is from {low} to {high} by the topology")
        }
        [(_, lowest), .., (_, highest)] => {
            format!("{what} is from {} to {}", at(evidence, number, lowest), at(evidence, number, highest))
        }
    }
}

/// The verdict on the difference of two points of the sweep in the same replications.
fn between(
    evidence: &Evidence<'_>,
    number: &Quantity,
    reference: &PointEvidence<'_>,
    other: &PointEvidence<'_>,
) -> Verdict {
    let count = reference.replications.min(other.replications);
    let samples = number.sample(&other.observations, count).zip(number.sample(&reference.observations, count));
    samples.map_or(Verdict::NotKnown, |(other, reference)| {
        let least = evidence.relevance.least(number, other.centre().abs().max(reference.centre().abs()));
        Verdict::of(number, &Paired::of(&other, &reference, CONFIDENCE), least, CONFIDENCE)
    })
}

/// `58.3 % with 5 clients`.
fn at(evidence: &Evidence<'_>, number: &Quantity, point: &PointEvidence<'_>) -> String {
    let value = match point.answer(number).known() {
        Some(known) => mean(Some(known), number.unit()),
        None => plainly_told(point.answer(number), number.unit()),
    };
    format!("{value} {}", located(evidence.parameters, point.settings))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measures::USER_WAIT_P95;
    use crate::record::{StudyKind, StudyRecord};
    use crate::report::support::study;

    /// The trend of waits of these lengths \[s\] with 5, 10, 20, … clients, spread over the replications by so much.
    fn told(waits: &[f64], spread: f64) -> String {
        let mut record = sweep(waits.len());
        for (point, wait) in record.points.iter_mut().zip(waits) {
            for (observed, number) in point.replications.iter_mut().zip(0_u32..) {
                observed.measured[USER_WAIT_P95] = Some(wait + spread * (f64::from(number % 3) - 1.0) * wait);
            }
            point.contributions = point.replications.clone();
        }
        trend(&Evidence::from(&record), "The wait", &Quantity::value(USER_WAIT_P95))
    }

    fn sweep(points: usize) -> StudyRecord {
        study(StudyKind::Sweep, u32::try_from(points).expect("few"), 6)
    }

    #[test]
    fn a_trend_says_what_is_sure() {
        assert_eq!(told(&[1.0, 2.0, 4.0], 0.01), "The wait rises from 1.00 s with 5 clients to 4.00 s with 20 clients");
        assert_eq!(told(&[4.0, 2.0, 1.0], 0.01), "The wait falls from 4.00 s with 5 clients to 1.00 s with 20 clients");
        assert_eq!(
            told(&[2.0, 2.01, 2.0], 0.01),
            "The wait hardly changes: 2.00 s with 5 clients, 2.00 s with 20 clients"
        );
        assert_eq!(
            told(&[2.0, 9.0, 2.0], 0.01),
            "The wait is highest in between: 9.00 s with 10 clients, against 2.00 s with 5 clients and 2.00 s with 20 clients"
        );
        assert!(told(&[2.0, 0.5, 2.1], 0.01).starts_with("The wait is lowest in between: "));
    }

    /// What differs from replication to replication more than from point to point is told without a direction.
    #[test]
    fn a_trend_that_may_be_chance_is_none() {
        let mut record = sweep(2);
        for (point, sign) in record.points.iter_mut().zip([1.0, -1.0]) {
            for (observed, number) in point.replications.iter_mut().zip(0_u32..) {
                let swing = if number % 2 == 0 { 1.0 } else { -0.8 };
                observed.measured[USER_WAIT_P95] = Some(5.0 + sign * swing);
            }
            point.contributions = point.replications.clone();
        }
        let told = trend(&Evidence::from(&record), "The wait", &Quantity::value(USER_WAIT_P95));
        assert!(told.starts_with("The wait is 5."), "{told}");
    }
}
