//! Where a conclusion fails: the few conditions on what is uncertain that describe the worlds in which an alternative misses its
//! requirements, or is worse than the first one.

use crate::inference::Quantity;
use crate::measures::Unit;
use crate::record::{ParameterValue, ParameterWords};
use crate::report::influence;
use crate::report::numbers::{listed, rough};
use crate::stats::{Prim, PrimInput, PrimLimits, RestrictedSide, Restriction};

use super::{Standing, WorldResults};

/// Fewer worlds than this in which it fails, or in which it does not, say too little.
const LEAST_WORLDS: usize = 8;

/// Conditions under which something fails.
#[derive(Clone, Debug)]
pub(in crate::report) struct FailureConditions {
    /// Which alternative.
    pub(in crate::report) variant: String,
    /// In which number it is worse than the first one; `None` if it misses its requirements.
    pub(in crate::report) number: Option<Quantity>,
    /// In how many worlds it fails.
    pub(in crate::report) failing: usize,
    /// Of how many worlds it is known whether it does.
    pub(in crate::report) known: usize,
    /// The conditions; `None` if no few ones describe where it fails.
    pub(in crate::report) found: Option<FoundBox>,
}

/// A box of conditions.
#[derive(Clone, Debug)]
pub(in crate::report) struct FoundBox {
    /// The conditions, the surest one first.
    pub(in crate::report) restrictions: Vec<Restriction>,
    /// The limits of each uncertain value.
    pub(in crate::report) limits: Vec<PrimLimits>,
    /// The worlds that meet the conditions.
    pub(in crate::report) worlds: usize,
    /// Those of them in which it fails.
    pub(in crate::report) failing: usize,
}

/// What is known of each alternative that misses its requirements in some worlds, and of each that is worse than the first one in some
/// worlds in one of the numbers `told`.
pub(super) fn conditions(results: &WorldResults<'_>, told: &[Quantity]) -> Vec<FailureConditions> {
    let of_requirements = results.requirements.iter().map(|own| {
        let fails: Vec<Option<bool>> = own.worlds.iter().map(|outcome| outcome.is_missed()).collect();
        (own.variant.clone(), None, fails)
    });
    let is_told = |number: &Quantity| told.contains(number);
    let of_numbers = results.conclusions.iter().filter(|one| is_told(&one.number)).map(|one| {
        let fails: Vec<Option<bool>> = (0..one.worlds.len()).map(|world| one.is(world, Standing::Worse)).collect();
        (one.variant.clone(), Some(one.number.clone()), fails)
    });
    of_requirements
        .chain(of_numbers)
        .filter_map(|(variant, number, fails)| of(results, variant, number, &fails))
        .collect()
}

fn of(
    results: &WorldResults<'_>,
    variant: String,
    number: Option<Quantity>,
    fails: &[Option<bool>],
) -> Option<FailureConditions> {
    let worlds: Vec<usize> = (0..fails.len()).filter(|world| fails[*world].is_some()).collect();
    let is_hit: Vec<bool> = worlds.iter().map(|world| fails[*world] == Some(true)).collect();
    let failing = is_hit.iter().filter(|fails| **fails).count();
    let known = worlds.len();
    if failing < LEAST_WORLDS || known - failing < LEAST_WORLDS {
        return None;
    }
    let inputs: Vec<PrimInput> =
        (0..results.record.inputs.len()).map(|input| column(results, input, &worlds)).collect();
    let found = Prim::of(&inputs, &is_hit).and_then(|prim| {
        let chosen = prim.chosen()?;
        let mut restrictions = prim.restrictions(&chosen);
        restrictions.sort_by(|one, other| one.quasi_p.total_cmp(&other.quasi_p));
        Some(FoundBox { restrictions, worlds: chosen.cases, failing: chosen.hits, limits: chosen.limits })
    });
    Some(FailureConditions { variant, number, failing, known, found })
}

/// An uncertain value in each world beside the one that is assumed.
fn values<'r>(results: &WorldResults<'r>, input: usize) -> Vec<&'r ParameterValue> {
    results.record.values.iter().skip(1).map(|world| &world[input]).collect()
}

/// An uncertain value in some worlds: numbers if they all are, else the number of each among all different ones.
fn column(results: &WorldResults<'_>, input: usize, worlds: &[usize]) -> PrimInput {
    let values = values(results, input);
    let numbers: Option<Vec<f64>> = worlds.iter().map(|world| values[*world].position()).collect();
    if let Some(numbers) = numbers {
        return PrimInput::Number(numbers);
    }
    let known = things(&values);
    let number = |world: &usize| known.iter().position(|known| *known == values[*world].text);
    PrimInput::Category(worlds.iter().map(|world| number(world).expect("it is among them")).collect())
}

/// The different values, in their order.
fn things<'v>(values: &[&'v ParameterValue]) -> Vec<&'v str> {
    let mut known: Vec<&str> = Vec::new();
    for value in values {
        if !known.contains(&value.text.as_str()) {
            known.push(&value.text);
        }
    }
    known.sort_unstable();
    known
}

/// The conditions in words, the surest one first: `how often users come (at most 3 visits a day)`.
pub(in crate::report) fn restricted_to(results: &WorldResults<'_>, found: &FoundBox) -> String {
    let mut inputs: Vec<usize> = Vec::new();
    for restriction in &found.restrictions {
        if !inputs.contains(&restriction.input) {
            inputs.push(restriction.input);
        }
    }
    let condition = |input: &usize| {
        let name = influence::name_of(&results.record.inputs[*input]);
        format!("{name} ({})", told_limits(results, found, *input))
    };
    listed(&inputs.iter().map(condition).collect::<Vec<_>>())
}

/// Where an uncertain value lies in a box: `at most 3 visits a day`, `80 ms to 1.2 s`, `US`.
pub(in crate::report) fn told_limits(results: &WorldResults<'_>, found: &FoundBox, input: usize) -> String {
    let values = values(results, input);
    let is_restricted = |side| found.restrictions.iter().any(|own| own.input == input && own.side == side);
    match &found.limits[input] {
        PrimLimits::Number([low, high]) => {
            let are_durations = values.iter().all(|value| value.duration.is_some());
            let are_whole = values.iter().all(|value| value.number.is_some_and(|number| number.fract() == 0.0));
            let words = ParameterWords::of(&results.record.inputs[input].parameter, values.iter().copied());
            let number = |value: f64| {
                if are_durations { rough(value, Unit::Seconds) } else { rough(value, Unit::Number) }
            };
            let (low, high) = if are_whole { (low.ceil(), high.floor()) } else { (*low, *high) };
            let ends = match (is_restricted(RestrictedSide::Low), is_restricted(RestrictedSide::High)) {
                (true, true) if number(low) == number(high) => number(low),
                (true, true) => format!("{} to {}", number(low), number(high)),
                (true, false) => format!("at least {}", number(low)),
                (false, true) => format!("at most {}", number(high)),
                (false, false) => return "anywhere".to_owned(),
            };
            match words {
                ParameterWords::Counted([_, several]) => format!("{ends} {several}"),
                _ => ends,
            }
        }
        PrimLimits::Category(are_in) => {
            let known = things(&values);
            let those = known.iter().zip(are_in).filter(|(_, is_in)| **is_in).map(|(text, _)| (*text).to_owned());
            those.collect::<Vec<_>>().join(" or ")
        }
    }
}
