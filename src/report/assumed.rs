//! Under which assumptions an answer holds: those on which answers hinge most, as far as all points share them.

use crate::measures::Unit;
use crate::record::{Assumption, RulesBase};

use super::evidence::{Evidence, PointEvidence};
use super::numbers::{capitalised, listed, span};

/// Where a reader finds all other values.
const ALL_VALUES: &str = "`gtnet-sim check` lists all values";

/// At most so many changed switches are named.
const SWITCHES_NAMED: usize = 2;

/// `assumed: providers answer in 300 ms and users visit 8 times a day (… lists all values)`.
pub(super) fn provided(evidence: &Evidence<'_>) -> String {
    match shared(evidence).as_slice() {
        [] => format!("assumed is what the scenario says ({ALL_VALUES})"),
        shared => format!("assumed: {} ({ALL_VALUES})", listed(shared)),
    }
}

/// The same as a sentence of its own.
pub(super) fn sentence(evidence: &Evidence<'_>) -> String {
    match shared(evidence).as_slice() {
        [] => format!("{}.", capitalised(ALL_VALUES)),
        shared => format!("This assumes that {} ({ALL_VALUES}).", listed(shared)),
    }
}

/// What all points assume. What a study varies is no assumption of its answer.
fn shared(evidence: &Evidence<'_>) -> Vec<String> {
    let Some((first, others)) = evidence.points.split_first() else { return Vec::new() };
    let has = |other: &[Assumption], one: &Assumption| match one {
        // The points may differ in switches.
        Assumption::Rules { base, .. } => {
            other.iter().any(|other| matches!(other, Assumption::Rules { base: of, .. } if of == base))
        }
        one => other.contains(one),
    };
    let is_shared = |one: &&Assumption| others.iter().all(|point| has(&point.facts.assumptions, one));
    let all = first.facts.assumptions.iter().filter(is_shared);
    all.map(|one| match one {
        Assumption::Rules { base, .. } => rules(*base, &changed(evidence)),
        one => told(one),
    })
    .collect()
}

/// The switches of each point that differ from the preset.
fn changed<'e>(evidence: &'e Evidence<'_>) -> Vec<&'e [String]> {
    let of_point = |point: &PointEvidence<'e>| {
        point.facts.assumptions.iter().find_map(|one| match one {
            Assumption::Rules { changed, .. } => Some(changed.as_slice()),
            _ => None,
        })
    };
    evidence.points.iter().map(|point| of_point(point).unwrap_or_default()).collect()
}

/// `rules are as planned (no release has them)`, with the switches that are `changed` at all points, or how many are.
fn rules(base: RulesBase, changed: &[&[String]]) -> String {
    let (whose, release) = match base {
        RulesBase::Planned => ("as planned", Some("no release has them".to_owned())),
        RulesBase::PlannedFirst => ("as planned first", Some("no release has them".to_owned())),
        RulesBase::Release5 => ("those of release 0.36.5", None),
        RulesBase::Release5Deployed => ("those of release 0.36.5 as deployed", None),
        RulesBase::Release8 => ("those of release 0.36.8", None),
        RulesBase::Release9 => ("those of release 0.36.9", None),
    };
    let counts = || changed.iter().map(|switches| switches.len());
    let (least, most) = (counts().min().unwrap_or(0), counts().max().unwrap_or(0));
    let are_same = changed.windows(2).all(|pair| pair[0] == pair[1]);
    let switches = match changed.first() {
        _ if most == 0 => None,
        Some(switches) if are_same && most <= SWITCHES_NAMED => {
            Some(switches.iter().map(|switch| format!("`{switch}`")).collect::<Vec<_>>().join("; "))
        }
        _ if most == 1 => Some("1 switch changed in some".to_owned()),
        _ if least == most => Some(format!("{most} switches changed")),
        _ => Some(format!("{least} to {most} switches changed")),
    };
    let remarks: Vec<String> = release.into_iter().chain(switches).collect();
    let remarks = if remarks.is_empty() { String::new() } else { format!(" ({})", remarks.join("; ")) };
    format!("rules are {whose}{remarks}")
}

fn told(assumption: &Assumption) -> String {
    match *assumption {
        Assumption::Rules { base, ref changed } => rules(base, &[changed]),
        Assumption::ProviderLatency { least_s, most_s } => {
            format!("providers answer in {}", span(least_s, most_s, Unit::Seconds))
        }
        Assumption::VisitsPerDay { least, most } => {
            let often = match range(least, most).as_str() {
                "1" => "once".to_owned(),
                range => format!("{range} times"),
            };
            format!("each user visits {often} a day")
        }
        Assumption::WatchlistLength { least, most } => {
            format!("watchlists have {} instruments", range(least, most))
        }
    }
}

/// Numbers that somebody chose, as he wrote them.
fn range(least: f64, most: f64) -> String {
    if least < most { format!("{least} to {most}") } else { least.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::StudyKind;
    use crate::report::support::study;

    /// Where all points follow the same rules these are named, with the number of switches that differ.
    #[test]
    fn the_rules_are_an_assumption() {
        let mut record = study(StudyKind::Comparison, 2, 2);
        let mut told = |[one, other]: [(RulesBase, &[&str]); 2]| {
            for (point, (base, changed)) in record.points.iter_mut().zip([one, other]) {
                let changed = changed.iter().map(|switch| (*switch).to_owned()).collect();
                point.facts.assumptions = vec![Assumption::Rules { base, changed }];
            }
            let told = provided(&Evidence::from(&record));
            told.strip_suffix(&format!(" ({ALL_VALUES})")).map(str::to_owned).unwrap_or(told)
        };
        let (planned, released) = (RulesBase::Planned, RulesBase::Release9);
        assert_eq!(told([(planned, &[]), (planned, &[])]), "assumed: rules are as planned (no release has them)");
        assert_eq!(
            told([(planned, &["echo = false"]), (planned, &["echo = false"])]),
            "assumed: rules are as planned (no release has them; `echo = false`)"
        );
        assert_eq!(
            told([(released, &["a = 1"]), (released, &["a = 1", "b = 2", "c = 3"])]),
            "assumed: rules are those of release 0.36.9 (1 to 3 switches changed)"
        );
        let one = told([(released, &[]), (released, &["a = 1"])]);
        assert_eq!(one, "assumed: rules are those of release 0.36.9 (1 switch changed in some)");
        assert!(told([(planned, &[]), (released, &[])]).starts_with("assumed is what the scenario says"));
    }

    #[test]
    fn what_all_points_assume_is_named() {
        let mut record = study(StudyKind::Sweep, 2, 2);
        let told = |record: &crate::record::StudyRecord| provided(&Evidence::from(record));
        assert_eq!(told(&record), "assumed: each user visits 8 times a day (`gtnet-sim check` lists all values)");
        let latency = Assumption::ProviderLatency { least_s: 0.05, most_s: 0.3 };
        let length = Assumption::WatchlistLength { least: 20.0, most: 60.0 };
        for point in &mut record.points {
            point.facts.assumptions.extend([latency.clone(), length.clone()]);
        }
        record.points[1].facts.assumptions.remove(0);
        assert_eq!(
            sentence(&Evidence::from(&record)),
            "This assumes that providers answer in 50 to 300 ms and watchlists have 20 to 60 instruments (`gtnet-sim check` lists all \
             values)."
        );
        record.points[0].facts.assumptions.clear();
        assert!(told(&record).starts_with("assumed is what the scenario says ("), "{}", told(&record));
    }
}
