//! The values of what a scenario requires, told beside their limits, with as many digits as it takes to tell them from these.

use crate::inference::Answer;
use crate::measures::{self, Condition, Source, Unit};
use crate::time::SimDuration;

use super::evidence::{Evidence, PointEvidence};
use super::numbers::{beside, listed, rough, span_beside};

/// What is said where visits that feel a fault are counted.
const FELT: &str = "A visit feels a fault if it fails, takes 0.1 s longer, or shows prices a minute older.";

/// Shares of all visits stand beside shares of the visits during a fault: it is said which is which, and what it is to feel a fault.
pub(super) fn about_all_visits(evidence: &Evidence<'_>) -> Option<String> {
    let asked = evidence.points.iter().flat_map(|point| &point.facts.yes_if);
    let is_of_faults = |one: &Condition| matches!(one.quantity.measure.source, Source::Faults(_));
    if !asked.clone().any(is_of_faults) {
        return None;
    }
    let is_felt = asked.clone().any(|one| one.quantity.measure == measures::FAULT_FELT_SHARE);
    let told = [counted(evidence), is_felt.then(|| FELT.to_owned())];
    Some(told.into_iter().flatten().collect::<Vec<_>>().join(" "))
}

/// `Counted are all visits of the 5 trading days measured, not only those in the 2.0 h of the fault.`
fn counted(evidence: &Evidence<'_>) -> Option<String> {
    let lengths = |point: &PointEvidence<'_>| (trading_days(point), point.facts.faults_active);
    let (days, active) = evidence.points.first().map(lengths)?;
    let is_shared = evidence.points.iter().all(|point| lengths(point) == (days, active));
    Some(match active.filter(|_| is_shared && days > 0) {
        // Then all visits are in the fault.
        Some(active) if active >= SimDuration::from_days(1) * u64::from(days) => return None,
        Some(active) => {
            let active = rough(active.as_secs_f64(), Unit::Seconds);
            format!(
                "Counted are all visits of the {days} trading days measured, not only those in the {active} of the fault."
            )
        }
        None if days > 0 => {
            format!("Counted are all visits of the {days} trading days measured, not only those during a fault.")
        }
        None => "Counted are all visits of the measured period, not only those during a fault.".to_owned(),
    })
}

/// How many of the days measured any market trades on.
fn trading_days(point: &PointEvidence<'_>) -> u32 {
    let facts = point.facts;
    let day = SimDuration::from_days(1).as_nanos();
    let warmup = facts.warmup.as_nanos().div_ceil(day);
    (0_u64..).zip(&facts.trading_days).map(|(day, trades)| u32::from(day >= warmup && *trades)).sum()
}

/// Conditions that fail at all of `points`, and by how much: `provider calls saved 2.1 to 19 % instead of at least 20 %`.
pub(super) fn missed(failed: &[Condition], points: &[&PointEvidence<'_>]) -> String {
    let told = |one: &Condition| format!("{} {} instead of {}", one.quantity.spoken(), shown(one, points), one.bound());
    listed(&failed.iter().map(told).collect::<Vec<_>>())
}

/// Conditions with their values: `provider calls saved 35.0 % (at least 20 % required)`.
pub(super) fn with_value(conditions: &[Condition], points: &[&PointEvidence<'_>]) -> String {
    let told = |one: &Condition| {
        let (value, rare) = (shown(one, points), rare(one, points));
        format!("{} {value} ({} required){rare}", one.quantity.spoken(), one.bound())
    };
    listed(&conditions.iter().map(told).collect::<Vec<_>>())
}

/// The values at `points` of what a condition is about.
fn shown(condition: &Condition, points: &[&PointEvidence<'_>]) -> String {
    values(condition, points).unwrap_or_else(|| "not known".to_owned())
}

/// In how many replications there is none at all of what is rare at `points`; nothing of what is not.
fn rare(condition: &Condition, points: &[&PointEvidence<'_>]) -> String {
    let answers = points.iter().map(|point| point.answer(&condition.quantity));
    let seen: Vec<(usize, usize)> = answers
        .filter_map(|answer| match answer {
            Answer::Rare { mean, seen } => Some((seen, mean.count)),
            Answer::Never(mean) => Some((0, mean.count)),
            _ => None,
        })
        .collect();
    let of = seen.first().map_or(0, |first| first.1);
    let (least, most) =
        (seen.iter().map(|one| one.0).min().unwrap_or(0), seen.iter().map(|one| one.0).max().unwrap_or(0));
    let is_told = seen.len() == points.len() && seen.iter().all(|one| one.1 == of);
    match most {
        0 => String::new(),
        most if is_told && least == most => format!(", none in {} of {of} replications", of - most),
        most if is_told => format!(", none in at least {} of {of} replications", of - most),
        _ => ", seen in too few replications to be sure".to_owned(),
    }
}

/// The values at `points` of what a condition is about, with enough digits to tell them from the limit; `None` if one is not known.
pub(super) fn values(condition: &Condition, points: &[&PointEvidence<'_>]) -> Option<String> {
    let Condition { quantity, limit, .. } = condition;
    let answers: Vec<Answer> = points.iter().map(|point| point.answer(quantity)).collect();
    if answers.contains(&Answer::Saturated) {
        return Some("without end".to_owned());
    }
    let means =
        answers.iter().map(|answer| answer.counted().map(|counted| counted.mean)).collect::<Option<Vec<f64>>>()?;
    if quantity.measure == measures::FAULT_EXTRA_WAIT_MEAN && means.iter().any(|mean| *mean < 0.0) {
        return Some(longer_or_shorter(&means));
    }
    let bound = if answers.iter().any(|answer| answer.lower_bound().is_some()) { "at least " } else { "" };
    match means.as_slice() {
        [] => None,
        [one] => Some(format!("{bound}{}", beside(*one, *limit, quantity.unit()))),
        several => {
            let least = several.iter().copied().fold(f64::INFINITY, f64::min);
            let most = several.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            Some(format!("{bound}{}", span_beside(least, most, *limit, quantity.unit())))
        }
    }
}

/// `5 ms shorter to 8 ms longer`: a visit that faults shorten on average has no negative length.
fn longer_or_shorter(means: &[f64]) -> String {
    let told = |mean: f64| {
        let word = if mean < 0.0 { "shorter" } else { "longer" };
        format!("{} {word}", rough(mean.abs(), Unit::Seconds))
    };
    let least = means.iter().copied().fold(f64::INFINITY, f64::min);
    let most = means.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let (least, most) = (told(least), told(most));
    if least == most { least } else { format!("{least} to {most}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::support::RecordBuilder;

    #[test]
    fn of_faults_it_is_said_which_visits_count() {
        let mut record = RecordBuilder::new().with_fault().build();
        let told = |record: &crate::record::RunRecord| about_all_visits(&Evidence::from(record)).unwrap_or_default();
        record.facts.yes_if = vec!["fault_felt_share <= 90%".parse().expect("a condition")];
        assert_eq!(
            told(&record),
            format!("Counted are all visits of the measured period, not only those during a fault. {FELT}")
        );
        record.facts.trading_days = vec![true, false, true, true, true];
        record.facts.warmup = SimDuration::from_days(1);
        record.facts.yes_if = vec!["fault_extra_wait_mean <= 1s".parse().expect("a condition")];
        let counted = "Counted are all visits of the 3 trading days measured, not only those";
        assert_eq!(told(&record), format!("{counted} during a fault."));
        record.facts.faults_active = Some(SimDuration::from_secs(7_200));
        assert_eq!(told(&record), format!("{counted} in the 2.0 h of the fault."));
        record.facts.faults_active = Some(SimDuration::from_days(3));
        assert_eq!(told(&record), "", "the fault is always there");
        record.facts.yes_if = vec!["user_wait_p95 <= 2s".parse().expect("a condition")];
        assert_eq!(told(&record), "");
    }

    /// The sentence has the numbers by which visits are compared.
    #[test]
    fn what_it_is_to_feel_a_fault_is_said_as_it_is_counted() {
        let told = format!("takes {} s longer", crate::metrics::FELT_WAIT.as_secs_f64());
        assert!(FELT.contains(&told) && FELT.contains("a minute older"), "{FELT}");
        assert!((crate::metrics::FELT_AGE_S - 60.0).abs() < f64::EPSILON);
    }

    #[test]
    fn what_faults_shorten_is_not_lengthened_by_less_than_nothing() {
        assert_eq!(longer_or_shorter(&[0.008, -0.005, 0.0]), "5.0 ms shorter to 8.0 ms longer");
        assert_eq!(longer_or_shorter(&[-0.005]), "5.0 ms shorter");
    }
}
