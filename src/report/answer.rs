//! Answers the question of a run or study in a sentence or a few, which follow from the numbers by fixed rules.
//!
//! If a run was compared with the same users without `GTNet`, its answer tells what changes for providers (connector
//! calls) and for users (age of prices at p95, median wait), and how busy the busiest push-open server is:
//!
//! 1. A change is told if the 95 % interval of its estimate, paired by replication, does not contain 0: savings with
//!    their interval, differences rounded to two digits. All others are "not distinguishable".
//! 2. One replication has no interval: its changes are told as those of one replication.
//! 3. Without comparison the numbers themselves are told.
//! 4. What has no mean is left out. A lower bound is told as such.
//! 5. What did not happen at all comes first; if nobody visited, nothing else is said.

use crate::inference::{Contrast, Quantity};
use crate::measures::{self, MeasureId, Unit};
use crate::record::{Absence, StudyKind};
use crate::stats::Estimate;

use super::differences::{Difference, Verdict};
use super::document::ReportSection;
use super::evidence::{Evidence, PointEvidence};
use super::numbers::{capitalised, rough, told, with_interval};

/// The answer of a comparison tells the differences of at most this many variants.
const VARIANTS_TOLD: usize = 3;

/// The answer of any command. For a sweep it is the sentence of the first picture.
pub(super) fn answer(evidence: &Evidence<'_>, differences: &[Difference], sections: &[ReportSection]) -> String {
    if let Some(capacity) = evidence.capacity {
        return capacity.told.clone();
    }
    let absent = |point: &PointEvidence<'_>| point.absences().into_iter().find(|absence| absence.is_of_everything());
    let nothing: Option<Vec<Absence>> = evidence.points.iter().map(absent).collect();
    if let Some(first) = nothing.as_ref().and_then(|nothing| nothing.first()) {
        return format!("Nothing was measured: {}.", first.told());
    }
    let found = match evidence.kind {
        StudyKind::Run => evidence.points.first().map(of_point),
        StudyKind::Comparison => Some(of_differences(evidence, differences)),
        StudyKind::Sweep | StudyKind::Capacity => {
            sections.iter().flat_map(ReportSection::figures).next().map(|figure| figure.finding.clone())
        }
    };
    found.filter(|found| !found.is_empty()).unwrap_or_else(|| "Too few observations for an answer.".to_owned())
}

/// The answer on one scenario, by the rules above.
fn of_point(point: &PointEvidence<'_>) -> String {
    let absent = point.absences();
    let mut clauses =
        if point.observations.is_compared() { changes(point, point.replications == 1) } else { levels(point) };
    if point.observations.is_overloaded() {
        let most = rough(point.most_unfinished(), Unit::Share);
        clauses.insert(0, format!("{most} of the visits never end, so that little can be said"));
    }
    clauses.splice(0..0, absent.iter().map(|absence| absence.told().to_owned()));
    let busiest = point.value(measures::UTILISATION_MAX);
    let at_least = if busiest.lower_bound().is_some() { "at least " } else { "" };
    let is_asked = !absent.iter().any(|absence| matches!(absence, Absence::Messages(_)));
    clauses.extend(
        busiest
            .counted()
            .filter(|_| is_asked)
            .map(|busiest| format!("the busiest server is {at_least}{} busy", rough(busiest.mean, Unit::Share))),
    );
    if clauses.is_empty() { String::new() } else { format!("{}.", capitalised(&clauses.join("; "))) }
}

/// What each variant does better and worse than the first one.
fn of_differences(evidence: &Evidence<'_>, differences: &[Difference]) -> String {
    let of_variant = |point: &PointEvidence<'_>| {
        let own: Vec<&Difference> = differences.iter().filter(|one| one.variant == point.label).collect();
        let in_what = |(word, verdict): (&str, Verdict)| {
            let names: Vec<String> = own.iter().filter(|one| one.verdict == verdict).map(|one| one.name()).collect();
            (!names.is_empty()).then(|| format!("{word} in {}", names.join(", ")))
        };
        let told = [("better", Verdict::Better), ("worse", Verdict::Worse)].into_iter().filter_map(in_what);
        let told: Vec<String> = told.collect();
        let rest = if told.is_empty() {
            "neither better nor worse in anything, as far as can be told".to_owned()
        } else {
            told.join("; ")
        };
        format!("{} against {}: {rest}.", point.label, own.first().map_or("", |one| one.reference.as_str()))
    };
    let variants = evidence.points.get(1..).unwrap_or_default();
    let mut told: Vec<String> = variants.iter().take(VARIANTS_TOLD).map(of_variant).collect();
    if variants.len() > VARIANTS_TOLD {
        told.push(format!("{} more variants are compared below.", variants.len() - VARIANTS_TOLD));
    }
    told.join(" ")
}

/// How a quantity changes against the same users without `GTNet`.
enum Change {
    More(Estimate),
    Less(Estimate),
    NotDistinguishable,
}

impl Change {
    fn of(estimate: Estimate, of_one_replication: bool) -> Self {
        let is_sure = match estimate.half_width {
            Some(half_width) => estimate.mean.abs() > half_width,
            None => of_one_replication && estimate.mean != 0.0,
        };
        match estimate.mean {
            _ if !is_sure => Self::NotDistinguishable,
            mean if mean > 0.0 => Self::More(estimate),
            mean => Self::Less(Estimate { mean: -mean, ..estimate }),
        }
    }
}

fn changes(point: &PointEvidence<'_>, of_one_replication: bool) -> Vec<String> {
    let change = |measure: MeasureId, contrast| {
        let estimate = point.answer(&Quantity::of_network(measure, contrast)).known()?;
        Some(Change::of(estimate, of_one_replication))
    };
    let seconds = |estimate: Estimate| rough(estimate.mean, Unit::Seconds);
    let (mut for_providers, mut for_users, mut alike) = (None, Vec::new(), Vec::new());
    match change(measures::CONNECTOR_CALLS, Contrast::Saving) {
        Some(Change::More(saving)) => {
            for_providers =
                Some(format!("GTNet saves {} of the connector calls", with_interval(Some(saving), Unit::Share)));
        }
        Some(Change::Less(cost)) => {
            for_providers =
                Some(format!("GTNet costs {} more connector calls", with_interval(Some(cost), Unit::Share)));
        }
        Some(Change::NotDistinguishable) => alike.push("the number of connector calls"),
        None => {}
    }
    match change(measures::PRICE_AGE_P95, Contrast::Difference) {
        Some(Change::More(age)) => for_users.push(format!("prices are {} older at p95", seconds(age))),
        Some(Change::Less(age)) => for_users.push(format!("prices are {} younger at p95", seconds(age))),
        Some(Change::NotDistinguishable) => alike.push("the age of prices (p95)"),
        None => {}
    }
    match change(measures::USER_WAIT_P50, Contrast::Difference) {
        Some(Change::More(wait)) => for_users.push(format!("users wait {} more (median)", seconds(wait))),
        Some(Change::Less(wait)) => for_users.push(format!("users wait {} less (median)", seconds(wait))),
        Some(Change::NotDistinguishable) => alike.push("users' wait (median)"),
        None => {}
    }

    let mut clauses: Vec<String> = for_providers.into_iter().collect();
    if !for_users.is_empty() {
        clauses.push(for_users.join(", "));
    }
    if let Some((last, others)) = alike.split_last() {
        clauses.push(match others {
            [] => format!("{last} is not distinguishable"),
            _ => format!("{} and {last} are not distinguishable", others.join(", ")),
        });
    }
    if let Some(first) = clauses.first_mut() {
        let names_gtnet = first.starts_with("GTNet");
        let replication = if of_one_replication { "in one replication, " } else { "" };
        *first = format!("{replication}{}{first}", if names_gtnet { "" } else { "with GTNet, " });
    }
    clauses
}

fn levels(point: &PointEvidence<'_>) -> Vec<String> {
    let calls = point.value(measures::CONNECTOR_CALLS);
    let calls = calls.counted().map(|_| {
        let calls = told(calls, measures::CONNECTOR_CALLS.unit);
        format!("{}: {calls} connector calls", point.as_written().spoken())
    });
    let (median, p95) = (point.value(measures::PRICE_AGE_P50).known(), point.value(measures::PRICE_AGE_P95).known());
    let age = median.zip(p95).map(|(median, p95)| {
        let [median, p95] = [median, p95].map(|age| rough(age.mean, Unit::Seconds));
        format!("prices are {median} old at the median and {p95} at p95")
    });
    calls.into_iter().chain(age).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::LogHistogram;
    use crate::record::{NoVisits, RunRecord};
    use crate::report::support::RecordBuilder;
    use crate::time::SimDuration;

    fn answer_to(record: &RunRecord) -> String {
        answer(&Evidence::from(record), &[], &[])
    }

    /// A thousand durations, all of them this long.
    fn constant(millis: u64) -> LogHistogram {
        let mut histogram = LogHistogram::new();
        (0..1_000).for_each(|_| histogram.record(SimDuration::from_millis(millis)));
        histogram
    }

    /// A run with these values in each replication: calls, age and wait \[ms\], each with and without `GTNet`.
    fn record_of(replications: &[[(u64, u64); 3]]) -> RunRecord {
        let count = u32::try_from(replications.len()).expect("few");
        let mut record = RecordBuilder::new().replications(count).providers(1).servers(0).build();
        for (replication, [calls, age, wait]) in record.replications.iter_mut().zip(replications) {
            let baseline = replication.baseline.as_mut().expect("a baseline");
            replication.measured.connectors[0].calls = [calls.0, 0, 0, 0, 0];
            baseline.connectors[0].calls = [calls.1, 0, 0, 0, 0];
            (replication.measured.price_age, baseline.price_age) = (constant(age.0), constant(age.1));
            (replication.measured.user_wait, baseline.user_wait) = (constant(wait.0), constant(wait.1));
        }
        record
    }

    #[test]
    fn it_tells_what_changes() {
        let better = record_of(&[[(60, 100), (9_000, 5_000), (200, 400)], [(62, 100), (9_000, 5_000), (200, 400)]]);
        let text = answer_to(&better);
        assert!(text.starts_with("GTNet saves 39"), "{text}");
        assert!(
            text.ends_with("of the connector calls; prices are 4.0 s older at p95, users wait 200 ms less (median)."),
            "{text}"
        );
        let worse = record_of(&[[(150, 100), (5_000, 9_000), (400, 200)], [(150, 100), (5_000, 9_000), (400, 200)]]);
        assert_eq!(
            answer_to(&worse),
            "GTNet costs 50.0 ± 0.0 % more connector calls; prices are 4.0 s younger at p95, users wait 200 ms more \
             (median)."
        );
    }

    #[test]
    fn an_interval_that_contains_zero_tells_nothing_apart() {
        let age_only = record_of(&[[(90, 100), (9_000, 5_000), (200, 400)], [(110, 100), (9_000, 5_000), (400, 200)]]);
        assert_eq!(
            answer_to(&age_only),
            "With GTNet, prices are 4.0 s older at p95; the number of connector calls and users' wait (median) are not \
             distinguishable."
        );
        let nothing = record_of(&[[(100, 100), (5_000, 5_000), (200, 200)], [(100, 100), (5_000, 5_000), (200, 200)]]);
        assert_eq!(
            answer_to(&nothing),
            "With GTNet, the number of connector calls, the age of prices (p95) and users' wait (median) are not \
             distinguishable."
        );
    }

    #[test]
    fn one_replication_is_told_as_such() {
        let record = record_of(&[[(60, 100), (5_000, 5_000), (200, 400)]]);
        assert_eq!(
            answer_to(&record),
            "In one replication, GTNet saves 40.0 % of the connector calls; users wait 200 ms less (median); the age of \
             prices (p95) is not distinguishable."
        );
    }

    #[test]
    fn without_comparison_it_tells_calls_and_age() {
        let text = answer_to(&RecordBuilder::new().without_gtnet().build());
        assert!(text.starts_with("Without GTNet: 9,689 ± 169 /d connector calls; prices are "), "{text}");
        let text = answer_to(&RecordBuilder::new().without_baseline().build());
        assert!(text.starts_with("With GTNet: 2,913 ± 37 /d connector calls; prices are "), "{text}");
        assert!(text.ends_with("; the busiest server is 0.60 % busy."), "{text}");
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        assert_eq!(answer_to(&RecordBuilder::new().replications(0).build()), "Too few observations for an answer.");
    }

    #[test]
    fn what_did_not_happen_comes_first() {
        let mut record = RecordBuilder::new().silent().build();
        let told = "Nothing was measured: there is no visit in the measured period";
        assert_eq!(answer_to(&record), format!("{told}, though some are expected."));
        record.facts.foreseen = vec![Absence::Visits(NoVisits::Weekend)];
        assert_eq!(answer_to(&record), format!("{told}, which lies on a weekend, on which nobody visits."));
        let mut record = RecordBuilder::new().build();
        for server in record.replications.iter_mut().flat_map(|replication| &mut replication.measured.servers) {
            (server.requests, server.pushes) = (0, 0);
        }
        let text = answer_to(&record);
        assert!(text.starts_with("Push-open servers get no message in the measured period; GTNet saves "), "{text}");
        assert!(!text.contains("busiest"), "{text}");
    }
}
