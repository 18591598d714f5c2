//! What has to be known of a study before its numbers: whose luck they share, and what did not happen at which points.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::inference::{Answer, Observations, Quantity};
use crate::measures;
use crate::record::{Absence, Bearer, PointRecord, StudyRecord};
use crate::report::absences::absences;

use super::components;

/// What was observed at a point.
pub(super) fn observed(point: &PointRecord) -> Observations<'_> {
    Observations::of_network(&point.replications)
}

/// What is known of `quantity` at a point.
pub(super) fn answer(quantity: &Quantity, point: &PointRecord) -> Answer {
    quantity.answer(&observed(point))
}

/// Whether any point was also simulated without `GTNet`.
pub(super) fn has_baseline(points: &[PointRecord]) -> bool {
    points.iter().any(|point| observed(point).is_compared())
}

/// What a line of a sweep says of a point, with the titles of the columns.
pub(super) fn headline(record: &StudyRecord) -> Vec<(&'static str, Quantity)> {
    let saved = ("calls saved", Quantity::saving(measures::CONNECTOR_CALLS));
    let others = [
        ("calls", measures::CONNECTOR_CALLS),
        ("fresh", measures::FRESH_SHARE),
        ("wait p95", measures::USER_WAIT_P95),
        ("busiest server", measures::UTILISATION_MAX),
    ];
    let others = others.map(|(title, measure)| (title, Quantity::value(measure)));
    has_baseline(&record.points).then_some(saved).into_iter().chain(others).collect()
}

/// How the replications of different points belong together, as the head of a study says it.
pub(super) fn luck(record: &StudyRecord) -> &'static str {
    match (varies_topology(record), record.luck.is_whole(), record.luck.is_of_the_same_users()) {
        // Topologies are compared with their luck, which therefore differs.
        (true, ..) => "each topology with luck of its own",
        (false, true, _) => "each with the same luck",
        (false, false, true) => "with the same luck for whatever all points have",
        (false, false, false) => "which have not all the same luck",
    }
}

fn varies_topology(record: &StudyRecord) -> bool {
    record.parameters.iter().any(|parameter| components::is_topology(parameter))
}

/// A line for each kind of luck that the points do not share.
pub(super) fn other_luck(record: &StudyRecord) -> String {
    let mut text = String::new();
    let mut line = |is_of_kind: fn(&Bearer) -> bool, words: &dyn Fn(&str) -> String| {
        let of_kind = record.luck.only_in_some.iter().filter(|one| is_of_kind(&one.bearer));
        let named = of_kind.map(|one| {
            let labels: Vec<&str> = one.points.iter().map(String::as_str).collect();
            format!("{} (only in {})", name(&one.bearer), named(&labels))
        });
        let named: Vec<String> = named.collect();
        if !named.is_empty() {
            writeln!(text, "{}", words(&named.join("; "))).expect("writing into memory");
        }
    };
    line(|bearer| matches!(bearer, Bearer::Users(_)), &|named| {
        format!(
            "OTHER USERS: of group {named}. A group of another name has other users, who make other visits and have luck of \
             their own."
        )
    });
    if !varies_topology(record) {
        line(|bearer| matches!(bearer, Bearer::Topology(_)), &|named| {
            format!("OTHER LUCK: run.topology is {named}, and each topology has luck of its own.")
        });
    }
    line(|bearer| matches!(bearer, Bearer::Start(_)), &|named| {
        format!("OTHER VISITS: run.start is {named}, so that the same draws make visits at other times.")
    });
    line(|bearer| matches!(bearer, Bearer::Instances(_)), &|named| {
        format!("Instances that only some have: of group {named}; what is sent to them has luck of its own.")
    });
    line(|bearer| matches!(bearer, Bearer::Provider(_)), &|named| {
        format!("Data providers that only some have: {named}; who takes which instrument from whom differs.")
    });
    line(|bearer| matches!(bearer, Bearer::Market(_)), &|named| {
        format!("Markets that only some have: {named}; which instrument trades where differs.")
    });
    line(|bearer| matches!(bearer, Bearer::CurrencyPairs(_)), &|named| {
        format!(
            "Securities: {named}. Currency pairs are numbered behind them, so that who takes which pair from whom, and the luck of \
             calls for it, differ."
        )
    });
    text
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

/// What did not happen at a point.
pub(super) fn absences_of(point: &PointRecord) -> Vec<Absence> {
    absences(&point.foreseen, |measure| answer(&Quantity::value(measure), point).counted())
}

/// A line for all that did not happen, with the points at which it did not.
#[must_use]
pub fn not_happened(record: &StudyRecord) -> String {
    lines(record, absences_of, Absence::told).into_iter().fold(String::new(), |text, (absence, line)| {
        let heading = if absence.is_of_everything() { "NOTHING MEASURED" } else { "BEWARE" };
        text + heading + " " + &line + "\n"
    })
}

/// What can be told before anything is simulated: each warning with its remedy.
#[must_use]
pub fn study_warnings(record: &StudyRecord) -> Vec<String> {
    let absences = lines(record, |point| point.foreseen.clone(), Absence::foretold).into_iter();
    let absences = absences.map(|(absence, line)| format!("warning: {line}\n  help: {}", absence.remedy()));
    let is_other = !record.luck.is_of_the_same_users() && !varies_topology(record);
    let luck = other_luck(record).trim_end().replace('\n', "\n  ");
    let help =
        "for the same users with the same luck, give groups, run.start and run.topology the same names and values";
    let luck = is_other.then(|| format!("warning: {luck}\n  help: {help}"));
    absences.chain(luck).collect()
}

/// Each absence of some points, and where it is.
fn lines(
    record: &StudyRecord,
    of: impl Fn(&PointRecord) -> Vec<Absence>,
    words: fn(Absence) -> &'static str,
) -> Vec<(Absence, String)> {
    let mut points: BTreeMap<Absence, Vec<&str>> = BTreeMap::new();
    for point in &record.points {
        for absence in of(point) {
            points.entry(absence).or_default().push(&point.label);
        }
    }
    let line = |(absence, labels): (Absence, Vec<&str>)| {
        let all = labels.len() == record.points.len();
        let at = if all { "everywhere".to_owned() } else { format!("at {}", named(&labels)) };
        (absence, format!("{at}: {}.", words(absence)))
    };
    points.into_iter().map(line).collect()
}

/// The first few of `labels`, and how many more there are.
pub(super) fn named(labels: &[&str]) -> String {
    const NAMED: usize = 6;
    let first = labels[..labels.len().min(NAMED)].join("; ");
    if labels.len() > NAMED { format!("{first}; and {} more", labels.len() - NAMED) } else { first }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measures;
    use crate::record::{NoVisits, OnlyInSome, StudyKind};
    use crate::report::study::{study_json, study_text};
    use crate::report::support::study;

    fn with_luck(bearers: &[Bearer]) -> StudyRecord {
        let mut record = study(StudyKind::Comparison, 2, 4);
        let only = |bearer: &Bearer| OnlyInSome { bearer: bearer.clone(), points: vec!["variant-1".to_owned()] };
        record.luck.only_in_some = bearers.iter().map(only).collect();
        record
    }

    #[test]
    fn the_same_luck_is_claimed_of_what_has_it() {
        let text = study_text(&with_luck(&[]));
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
            let text = study_text(&record);
            assert!(text.contains(words) && !text.to_lowercase().contains("the same luck in all variants"), "{text}");
            assert!(text.contains("4 replications which have not all the same luck\n"), "{text}");
            assert!(study_warnings(&record)[0].contains(words));
        }
        let others =
            [Bearer::Instances("hub".to_owned()), Bearer::Provider("a".to_owned()), Bearer::Market("XETR".to_owned())];
        let record = with_luck(&others);
        let text = study_text(&record);
        assert!(text.contains("with the same luck for whatever all points have\n"), "{text}");
        for name in ["of group hub (only in variant-1)", "have: a (only", "have: XETR (only"] {
            assert!(text.contains(name), "{name}: {text}");
        }
        assert!(study_warnings(&record).is_empty(), "users are the same, and so are their visits");
        let json: serde_json::Value = serde_json::from_str(&study_json(&record)).expect("JSON");
        assert_eq!(json["luck"]["only_in_some"][0]["bearer"], "instances");
        assert_eq!(json["luck"]["only_in_some"][0]["name"], "hub");
    }

    #[test]
    fn a_sweep_over_topologies_does_not_list_them() {
        let mut record = with_luck(&[Bearer::Topology(Some(3))]);
        record.parameters = vec!["run.topology".to_owned()];
        let text = study_text(&record);
        assert!(text.contains("each topology with luck of its own") && !text.contains("OTHER LUCK"), "{text}");
        assert!(study_warnings(&record).is_empty());
    }

    #[test]
    fn points_at_which_nothing_happens_are_named() {
        let mut record = study(StudyKind::Sweep, 3, 4);
        record.points[1].foreseen = vec![Absence::Visits(NoVisits::Weekend)];
        record.points[1].replications.iter_mut().for_each(|observed| observed.measured[measures::VISITS] = Some(0.0));
        let words = "at group.client.count=10: there is no visit in the measured period, which lies on a weekend";
        let text = study_text(&record);
        assert!(text.contains(&format!("NOTHING MEASURED {words}")), "{text}");
        assert!(study_warnings(&record)[0].starts_with(&format!("warning: {words}")));
        let json: serde_json::Value = serde_json::from_str(&study_json(&record)).expect("JSON");
        assert_eq!(json["points"][1]["absences"][0]["why"], "weekend");
    }
}
