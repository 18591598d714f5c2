//! What the reader has to know about the numbers of a study: whose luck its points share, what did not happen, and what
//! has no mean.

use std::collections::BTreeMap;

use crate::inference::{Contrast, Quantity};
use crate::measures::{self, Unit};
use crate::record::{Absence, Bearer, StudyKind, is_topology};

use super::document::ReportSection;
use super::evidence::{Evidence, PointEvidence};
use super::numbers::{LOWER_BOUND, SO, UNKNOWN, rough};
use super::places::named_points;

/// How many points and replications a study has, and what is special about them.
pub(super) fn head(evidence: &Evidence<'_>) -> Vec<String> {
    let counts = || evidence.points.iter().map(|point| point.replications);
    let (least, most) = (counts().min().unwrap_or(0), counts().max().unwrap_or(0));
    let count = if least == most { most.to_string() } else { format!("{least} to {most}") };
    let what = if evidence.kind == StudyKind::Comparison { "variants" } else { "points" };
    let first = format!("{} {what}, {count} replications {}", evidence.points.len(), luck(evidence));
    std::iter::once(first).chain(other_luck(evidence)).chain(not_happened(evidence)).collect()
}

/// A line for each thing that did not happen, with the points at which it did not.
pub(super) fn not_happened(evidence: &Evidence<'_>) -> impl Iterator<Item = String> {
    lines(evidence, absences, Absence::told).into_iter().map(|(absence, line)| {
        let heading = if absence.is_of_everything() { "NOTHING MEASURED" } else { "BEWARE" };
        format!("{heading} {line}")
    })
}

/// Explains the signs that `sections` use instead of numbers.
pub(super) fn legends(evidence: &Evidence<'_>, sections: &[ReportSection]) -> Vec<String> {
    let reason = if evidence.kind == StudyKind::Run && !evidence.is_unsteady() { "" } else { "what has no mean, or " };
    let legends = [(UNKNOWN, format!("{reason}too few observations")), (LOWER_BOUND, "a lower bound".to_owned())];
    let is_used = |sign: &str| sections.iter().any(|section| section.has_cell(sign));
    let stand_for = legends
        .into_iter()
        .filter(|(sign, _)| is_used(sign))
        .map(|(sign, meaning)| format!("{} stands for {meaning}.", sign.trim_end()));
    let is_of_one_network = evidence.points.iter().any(|point| point.facts.one_network);
    let whole = if is_of_one_network { "runs of this network" } else { "networks" };
    let rare = is_used(SO).then(|| {
        format!("(2 of 20{SO}1 to 32 %) stands for: it is seen in 2 of 20 replications, so in 1 to 32 % of {whole}.")
    });
    stand_for.chain(rare).collect()
}

/// A line for each of the runs, with `GTNet` and without, that names the points at which too many visits never end.
pub(super) fn overload(evidence: &Evidence<'_>) -> impl Iterator<Item = String> {
    let line = |(run, whose): (Contrast, &str)| {
        let is_overloaded = |point: &&PointEvidence<'_>| point.observations.is_overloaded_in(run);
        let share = Quantity::of_network(measures::VISITS_UNFINISHED_SHARE, run);
        let those: Vec<bool> = evidence.points.iter().map(|point| is_overloaded(&point)).collect();
        let overloaded = || evidence.points.iter().filter(is_overloaded);
        let shares = overloaded().filter_map(|point| point.answer(&share).known());
        let most = rough(shares.map(|estimate| estimate.mean).fold(0.0, f64::max), Unit::Share);
        those.contains(&true).then(|| {
            format!(
                "OVERLOAD{whose} {}: up to {most} of the visits have no result when the run ends; what they would have led to \
                 is missing.",
                points_in_words(evidence, &those)
            )
        })
    };
    [(Contrast::Value, ""), (Contrast::GtnetOff, " without GTNet")].into_iter().filter_map(line)
}

/// A line with the points at which a server is saturated, if there are any.
pub(super) fn saturation(evidence: &Evidence<'_>) -> Option<String> {
    let those: Vec<bool> = evidence.points.iter().map(PointEvidence::is_saturated).collect();
    let queues = Quantity::value(measures::SATURATED_SHARE);
    let is_push_open = |point: &PointEvidence<'_>| measures::is_saturated(&queues.in_each(&point.observations));
    let mut saturated = evidence.points.iter().filter(|point| point.is_saturated());
    let whose = if saturated.all(is_push_open) { "a push-open server" } else { "a server" };
    those.contains(&true).then(|| {
        format!(
            "SATURATED {}: {whose}'s queue grows as long as the run lasts, so that waiting in it has no mean.",
            points_in_words(evidence, &those)
        )
    })
}

/// The warnings that are known before anything is simulated, each with its remedy.
pub(super) fn warnings(evidence: &Evidence<'_>) -> Vec<String> {
    let foreseen = lines(evidence, |point| point.facts.foreseen.clone(), Absence::foretold).into_iter();
    let foreseen = foreseen.map(|(absence, line)| format!("warning: {line}\n  help: {}", absence.remedy()));
    // A world with more users has other users, too: that is what is asked.
    let is_expected = varies_topology(evidence) || matches!(evidence.kind, StudyKind::Sensitivity | StudyKind::Flips);
    let is_other = !evidence.luck.is_of_the_same_users() && !is_expected;
    let luck = other_luck(evidence).collect::<Vec<_>>().join("\n  ");
    let help =
        "for the same users with the same luck, give groups, run.start and run.topology the same names and values";
    let luck = is_other.then(|| format!("warning: {luck}\n  help: {help}"));
    foreseen.chain(luck).collect()
}

/// Whether the replications of different points share their luck.
fn luck(evidence: &Evidence<'_>) -> &'static str {
    match (varies_topology(evidence), evidence.luck.is_whole(), evidence.luck.is_of_the_same_users()) {
        // A comparison of topologies includes their luck, which therefore differs.
        (true, ..) => "each topology with luck of its own",
        (false, true, _) => "each with the same luck",
        (false, false, true) => "with the same luck for whatever all points have",
        (false, false, false) => "which have not all the same luck",
    }
}

fn varies_topology(evidence: &Evidence<'_>) -> bool {
    evidence.parameters.iter().any(|parameter| is_topology(parameter))
}

/// A line for each kind of luck that the points do not share; a sweep over topologies does not list them.
fn other_luck(evidence: &Evidence<'_>) -> impl Iterator<Item = String> {
    let is_expected = |bearer: &Bearer| varies_topology(evidence) && matches!(bearer, Bearer::Topology(_));
    let others = evidence.luck.only_in_some.iter().filter(|one| !is_expected(&one.bearer));
    let mut lines: BTreeMap<(usize, &str, &str), Vec<String>> = BTreeMap::new();
    for one in others {
        let those: Vec<bool> =
            evidence.points.iter().map(|point| one.points.iter().any(|only| only == point.label)).collect();
        let named = format!("{} (only {})", name(&one.bearer), points_in_words(evidence, &those));
        lines.entry(words(&one.bearer)).or_default().push(named);
    }
    lines.into_iter().map(|((_, before, after), names)| format!("{before}{}{after}", names.join("; ")))
}

/// For bearers of this kind: the place of their line, and the words before and after their names.
const fn words(bearer: &Bearer) -> (usize, &'static str, &'static str) {
    match bearer {
        Bearer::Users(_) => (
            0,
            "OTHER USERS: of group ",
            ". A group of another name has other users, who make other visits and have luck of their own.",
        ),
        Bearer::Topology(_) => (1, "OTHER LUCK: run.topology is ", ", and each topology has luck of its own."),
        Bearer::Start(_) => (2, "OTHER VISITS: run.start is ", ", so that the same draws make visits at other times."),
        Bearer::Instances(_) => {
            (3, "Instances that only some have: of group ", "; what is sent to them has luck of its own.")
        }
        Bearer::Provider(_) => {
            (4, "Data providers that only some have: ", "; who takes which instrument from whom differs.")
        }
        Bearer::Market(_) => (5, "Markets that only some have: ", "; which instrument trades where differs."),
        Bearer::CurrencyPairs(_) => (
            6,
            "Securities: ",
            ". Currency pairs are numbered behind them, so that who takes which pair from whom, and the luck of calls for \
             it, differ.",
        ),
    }
}

fn name(bearer: &Bearer) -> String {
    match bearer {
        Bearer::Topology(None) => "drawn anew".to_owned(),
        Bearer::Topology(Some(number)) | Bearer::CurrencyPairs(number) => number.to_string(),
        Bearer::Start(name)
        | Bearer::Users(name)
        | Bearer::Instances(name)
        | Bearer::Provider(name)
        | Bearer::Market(name) => name.clone(),
    }
}

fn absences(point: &PointEvidence<'_>) -> Vec<Absence> {
    point.absences()
}

/// A line for each absence at any point, with the labels of these points.
fn lines(
    evidence: &Evidence<'_>,
    of: impl Fn(&PointEvidence<'_>) -> Vec<Absence>,
    words: fn(Absence) -> &'static str,
) -> Vec<(Absence, String)> {
    let mut points: BTreeMap<Absence, Vec<bool>> = BTreeMap::new();
    for (at, point) in evidence.points.iter().enumerate() {
        for absence in of(point) {
            points.entry(absence).or_insert_with(|| vec![false; evidence.points.len()])[at] = true;
        }
    }
    let line = |(absence, those): (Absence, Vec<bool>)| {
        let all = those.iter().all(|is_one| *is_one);
        let at = if all { "everywhere".to_owned() } else { points_in_words(evidence, &those) };
        (absence, format!("{at}: {}.", words(absence)))
    };
    points.into_iter().map(line).collect()
}

/// Those points in words: of a sweep `with 5 and 20 to 80 clients`, of a comparison the names of the first few variants.
fn points_in_words(evidence: &Evidence<'_>, those: &[bool]) -> String {
    const NAMED: usize = 6;
    if !matches!(evidence.kind, StudyKind::Comparison | StudyKind::Sensitivity) {
        return named_points(evidence, those);
    }
    let labels = evidence.points.iter().zip(those).filter(|(_, is_one)| **is_one).map(|(point, _)| point.label);
    let labels: Vec<&str> = labels.collect();
    let first = labels[..labels.len().min(NAMED)].join("; ");
    let more = if labels.len() > NAMED { format!("; and {} more", labels.len() - NAMED) } else { String::new() };
    format!("in {first}{more}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measures;
    use crate::record::{NoVisits, OnlyInSome, StudyRecord};
    use crate::report;
    use crate::report::support::study;

    fn with_luck(bearers: &[Bearer]) -> StudyRecord {
        let mut record = study(StudyKind::Comparison, 2, 4);
        let only = |bearer: &Bearer| OnlyInSome { bearer: bearer.clone(), points: vec!["variant-1".to_owned()] };
        record.luck.only_in_some = bearers.iter().map(only).collect();
        record
    }

    #[test]
    fn the_same_luck_is_claimed_of_what_has_it() {
        let text = report::text(&with_luck(&[]));
        assert!(
            text.contains("4 replications each with the same luck\n") && text.contains("The same luck in all variants")
        );
        let of_users = [
            (Bearer::Users("member".to_owned()), "OTHER USERS: of group member (only in variant-1)"),
            (Bearer::Topology(Some(3)), "OTHER LUCK: run.topology is 3 (only in variant-1)"),
            (Bearer::Start("2026-03-03T00:00:00Z".to_owned()), "OTHER VISITS: run.start is 2026-03-03"),
        ];
        for (bearer, words) in of_users {
            let record = with_luck(&[bearer]);
            let text = report::text(&record);
            assert!(text.contains(words) && !text.to_lowercase().contains("the same luck in all variants"), "{text}");
            assert!(text.contains("4 replications which have not all the same luck\n"), "{text}");
            assert!(report::warnings(&record)[0].contains(words));
        }
        let others =
            [Bearer::Instances("hub".to_owned()), Bearer::Provider("a".to_owned()), Bearer::Market("XETR".to_owned())];
        let record = with_luck(&others);
        let text = report::text(&record);
        assert!(text.contains("with the same luck for whatever all points have\n"), "{text}");
        for name in ["of group hub (only in variant-1)", "have: a (only", "have: XETR (only"] {
            assert!(text.contains(name), "{name}: {text}");
        }
        assert!(report::warnings(&record).is_empty(), "users are the same, and so are their visits");
        let json: serde_json::Value = serde_json::from_str(&report::json(&record)).expect("JSON");
        assert_eq!(json["luck"]["only_in_some"][0]["bearer"], "instances");
        assert_eq!(json["luck"]["only_in_some"][0]["name"], "hub");
    }

    #[test]
    fn a_sweep_over_topologies_does_not_list_them() {
        let mut record = with_luck(&[Bearer::Topology(Some(3))]);
        record.parameters = vec!["run.topology".to_owned()];
        let text = report::text(&record);
        assert!(text.contains("each topology with luck of its own") && !text.contains("OTHER LUCK"), "{text}");
        assert!(report::warnings(&record).is_empty());
    }

    #[test]
    fn points_at_which_nothing_happens_are_named() {
        let mut record = study(StudyKind::Sweep, 3, 4);
        record.points[1].facts.foreseen = vec![Absence::Visits(NoVisits::Weekend)];
        record.points[1].replications.iter_mut().for_each(|observed| observed.measured[measures::VISITS] = Some(0.0));
        let words = "with 10 clients: there is no visit in the measured period, which lies on a weekend";
        let text = report::text(&record);
        assert!(text.contains(&format!("NOTHING MEASURED {words}")), "{text}");
        assert!(report::warnings(&record)[0].starts_with(&format!("warning: {words}")));
        let json: serde_json::Value = serde_json::from_str(&report::json(&record)).expect("JSON");
        assert_eq!(json["points"][1]["absences"][0]["why"], "weekend");
    }
}
