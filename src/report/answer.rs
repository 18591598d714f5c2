//! The answer to the question in a few short sentences, which follow from typed answers by fixed rules.
//!
//! 1. What invalidates an answer comes first: nothing happened, visits that never end, a queue that grows without end, servers
//!    that have no prices to give.
//! 2. Then whether the requirements of the scenario are met, which are no answer to its question.
//!    Only a sweep over topologies says before how much of the spread these are, as that is its question.
//! 3. Of a run with faults it is said what users feel of them.
//! 4. Then what `GTNet` changes, or the variants.
//! 5. Without a comparison the numbers themselves are told.
//! 6. At last how sure that is, and under which assumptions.

use crate::measures::{self, Unit};
use crate::record::{Absence, NoMessages, StudyKind};

use super::decided::requirements;
use super::differences::Difference;
use super::document::ReportSection;
use super::evidence::{Evidence, PointEvidence};
use super::numbers::{capitalised, rough, told};
use super::places::{glossed, named_points};
use super::selected::Selected;
use super::{assumed, changes, components, felt, front, money, selected, sensitivity, variants};

/// A server that is busy for less than this share of the time idles.
const IDLE: f64 = 0.01;

/// The answer of any command. What a sweep found is what its first picture says.
pub(super) fn answer(evidence: &Evidence<'_>, differences: &[Difference], sections: &[ReportSection]) -> String {
    if let Some(capacity) = evidence.capacity {
        return format!("{}\n{}", capacity.told, assumed::sentence(evidence));
    }
    let absent = |point: &PointEvidence<'_>| point.absences().into_iter().find(|absence| absence.is_of_everything());
    let nothing: Option<Vec<Absence>> = evidence.points.iter().map(absent).collect();
    if let Some(first) = nothing.as_ref().and_then(|nothing| nothing.first()) {
        return format!("Nothing was measured: {}.", first.told());
    }
    if let Some(analysis) = evidence.sensitivity {
        return sensitivity::answer(evidence, analysis);
    }
    let of_front = front::answer(evidence);
    if let Some(selected) = Selected::of(evidence) {
        return std::iter::once(selected::answer(&selected)).chain(of_front).collect::<Vec<_>>().join("\n");
    }
    let found: Vec<String> = match evidence.kind {
        StudyKind::Run => evidence.points.iter().flat_map(|point| of_point(evidence, point)).collect(),
        StudyKind::Comparison => variants::lines(evidence, differences),
        StudyKind::Sweep | StudyKind::Capacity | StudyKind::Sensitivity | StudyKind::Worlds | StudyKind::Flips => {
            let figures = sections.iter().flat_map(ReportSection::figures);
            // Its title says what is at both ends, its finding the law between them.
            figures.take(1).flat_map(|figure| [format!("{}.", figure.title), figure.finding.clone()]).collect()
        }
    };
    let found =
        if found.iter().all(String::is_empty) { vec!["Too few observations for an answer.".to_owned()] } else { found };
    let felt = evidence.points.iter().find_map(felt::answer);
    let of_topologies = components::answer(evidence);
    let first: Vec<String> = [of_front, of_topologies, requirements(evidence), felt].into_iter().flatten().collect();
    // The variants of a comparison have a line each.
    let is_comparison = evidence.kind == StudyKind::Comparison;
    let first: Vec<String> = invalid(evidence).into_iter().chain(first).collect();
    let (separator, first) = if is_comparison { ("\n", vec![first.join(" ")]) } else { (" ", first) };
    let parts = first.into_iter().chain(found).chain([how_sure(evidence)]);
    let parts: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
    let parts = if is_comparison { glossed(evidence, parts) } else { parts };
    parts.join(separator)
}

/// How sure the claims on what differs are, if there are any, and under which assumptions an answer holds.
fn how_sure(evidence: &Evidence<'_>) -> String {
    let is_about_changes = match evidence.kind {
        StudyKind::Run => evidence.points.iter().all(|point| point.observations.is_compared()),
        StudyKind::Comparison => true,
        StudyKind::Sweep | StudyKind::Capacity | StudyKind::Sensitivity | StudyKind::Worlds | StudyKind::Flips => false,
    };
    if evidence.points.iter().any(|point| point.replications < 2) {
        return assumed::sentence(evidence);
    }
    if !is_about_changes {
        return format!(
            "Each number and each verdict alone is 95 % sure against chance; {}.",
            assumed::provided(evidence)
        );
    }
    // All changes together are, and so is the verdict on each variant's requirements: docs/statistics.md says which is which.
    let sure = format!("95 % sure against chance; {}.", assumed::provided(evidence));
    let has_faults = evidence.points.iter().any(|point| felt::effects(point).next().is_some());
    if has_faults { format!("{sure} How sure the numbers on faults are stands under “Faults”.") } else { sure }
}

/// What has to be known before any answer: of several points, at which of them.
fn invalid(evidence: &Evidence<'_>) -> Option<String> {
    let mut of_points: Vec<Vec<String>> = evidence.points.iter().map(invalidations).collect();
    // Variants that ask nobody but each other are built so.
    let asks_nobody = Absence::Messages(NoMessages::Unforeseen).with_remedy();
    if evidence.kind == StudyKind::Comparison && of_points.iter().any(|clauses| !clauses.contains(&asks_nobody)) {
        for clauses in &mut of_points {
            clauses.retain(|clause| *clause != asks_nobody);
        }
    }
    let mut told: Vec<&String> = Vec::new();
    for clause in of_points.iter().flatten() {
        if !told.contains(&clause) {
            told.push(clause);
        }
    }
    let sentence = |clause: &String| {
        let those: Vec<bool> = of_points.iter().map(|clauses| clauses.contains(clause)).collect();
        match evidence.kind {
            StudyKind::Run => format!("{}.", capitalised(clause)),
            _ => format!("{}, {clause}.", capitalised(&named_points(evidence, &those))),
        }
    };
    (!told.is_empty()).then(|| told.into_iter().map(sentence).collect::<Vec<_>>().join(" "))
}

/// A few sentences on one scenario, by the rules above.
fn of_point(evidence: &Evidence<'_>, point: &PointEvidence<'_>) -> Vec<String> {
    let mut found = if point.observations.is_compared() { changes::told(evidence, point) } else { levels(point) };
    found.extend(money::answer(point));
    found.extend(load(point));
    found
}

/// What has to be known before any number of the point.
fn invalidations(point: &PointEvidence<'_>) -> Vec<String> {
    let mut clauses: Vec<String> = point.absences().iter().map(|absence| absence.with_remedy()).collect();
    if point.observations.is_overloaded() {
        let most = rough(point.most_unfinished(), Unit::Share);
        clauses.push(format!(
            "{most} of the visits never end: the network does not carry this load, and little can be said"
        ));
    }
    if point.is_saturated() {
        clauses.push("the queue of a server grows as long as the run lasts: it does not carry this load".to_owned());
    }
    clauses
}

/// How busy the servers are.
fn load(point: &PointEvidence<'_>) -> Option<String> {
    if point.absences().iter().any(|absence| matches!(absence, Absence::Messages(_))) {
        return None;
    }
    let busiest = point.value(measures::UTILISATION_MAX);
    let mean = busiest.counted()?.mean;
    let is_one = point.facts.census.push_open < 2;
    let server = if is_one { "The push-open server" } else { "The busiest push-open server" };
    let share = rough(mean, Unit::Share);
    Some(match busiest.lower_bound() {
        None if mean < IDLE && is_one => format!("{server} idles: it works {share} of the time."),
        None if mean < IDLE => format!("The push-open servers idle: the busiest works {share} of the time."),
        None => format!("{server} works {share} of the time."),
        Some(_) => format!("{server} works at least {share} of the time."),
    })
}

/// What is so without a comparison.
fn levels(point: &PointEvidence<'_>) -> Vec<String> {
    let calls = point.value(measures::CONNECTOR_CALLS);
    let calls = calls.counted().map(|_| {
        let calls = told(calls, measures::CONNECTOR_CALLS.unit);
        format!("Provider calls {}: {calls}.", point.as_written().spoken())
    });
    let (median, p95) = (point.value(measures::PRICE_AGE_P50).known(), point.value(measures::PRICE_AGE_P95).known());
    let age = median.zip(p95).map(|(median, p95)| {
        let [median, p95] = [median, p95].map(|age| rough(age.mean, Unit::Seconds));
        format!("Half of the prices are at most {median} old, and 95 % at most {p95}.")
    });
    calls.into_iter().chain(age).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measures::Relevance;
    use crate::metrics::LogHistogram;
    use crate::record::{NoVisits, RunRecord};
    use crate::report::support::RecordBuilder;
    use crate::time::SimDuration;

    /// The answer without how sure it is.
    fn answer_to(record: &RunRecord) -> String {
        let evidence = Evidence::from(record);
        let told = answer(&evidence, &[], &[]);
        told.strip_suffix(&how_sure(&evidence)).unwrap_or(&told).trim_end().to_owned()
    }

    #[test]
    fn it_says_how_sure_it_is_and_what_it_assumes() {
        let told = |record: &RunRecord| answer(&Evidence::from(record), &[], &[]);
        let assumption = "each user visits 8 times a day (`gtnet-sim check` lists all values)";
        let sure = told(&RecordBuilder::new().build());
        assert!(sure.ends_with(&format!(" 95 % sure against chance; assumed: {assumption}.")), "{sure}");
        let levels = told(&RecordBuilder::new().without_baseline().build());
        let alone = " Each number and each verdict alone is 95 % sure against chance; assumed: ";
        assert!(levels.ends_with(&format!("{alone}{assumption}.")), "{levels}");
        let unsure = told(&RecordBuilder::new().replications(1).build());
        assert!(unsure.ends_with(&format!(" This assumes that {assumption}.")), "{unsure}");
        assert!(!unsure.contains("95 % sure"), "one replication is sure of nothing");
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
            replication.measured.connectors[0].calls = [calls.0, 0, 0, 0, 0, 0, 0];
            baseline.connectors[0].calls = [calls.1, 0, 0, 0, 0, 0, 0];
            (replication.measured.price_age, baseline.price_age) = (constant(age.0), constant(age.1));
            (replication.measured.user_wait, baseline.user_wait) = (constant(wait.0), constant(wait.1));
        }
        record
    }

    /// Ten replications that hardly differ.
    fn sure(change: [(u64, u64); 3]) -> RunRecord {
        let more = |number: u64| change.map(|(with, without)| (with + number % 3, without));
        record_of(&(0..10).map(more).collect::<Vec<_>>())
    }

    #[test]
    fn each_cause_changes_the_sentence() {
        let better = sure([(6_000, 10_000), (900_000, 500_000), (2_000, 4_000)]);
        assert_eq!(
            answer_to(&better),
            "Compared with the same users without GTNet, provider calls fall by 40 % (2,500 → 1,500 a day) and typical visits \
             get shorter (4.00 → 2.00 s). The slowest 5 % of visits get shorter (4.00 → 2.00 s). In return, the oldest 5 % of \
             prices get older (8.3 → 15.0 min)."
        );
        let sign = sure([(15_000, 10_000), (500_000, 900_000), (4_000, 2_000)]);
        assert_eq!(
            answer_to(&sign),
            "Compared with the same users without GTNet, the oldest 5 % of prices get younger (15.0 → 8.3 min). In return, \
             provider calls rise by 50 % (2,500 → 3,750 a day) and typical visits get longer (2.00 → 4.00 s). The slowest 5 % of \
             visits get longer (2.00 → 4.00 s)."
        );
        let mut relevance = sure([(9_990, 10_000), (500_100, 500_000), (4_010, 4_000)]);
        assert_eq!(
            answer_to(&relevance),
            "Compared with the same users without GTNet, nothing changes in a way that surely matters. No change that matters: \
             provider calls, typical visits, the slowest 5 % of visits and the oldest 5 % of prices."
        );
        relevance.relevance = Relevance::parse(&["user_wait_p50=1ms".to_owned()]).expect("a difference");
        let told = answer_to(&relevance);
        assert!(
            told.starts_with(
                "Compared with the same users without GTNet, nothing gets better. Typical visits get longer (4.00 → 4.01 s). No \
                 change that matters: "
            ),
            "{told}"
        );
        // About as long as matters, a tenth of a second.
        let wait = |number: u64| 4_080 + 20 * (number % 3);
        let near = |number: u64| [(10_000, 10_000), (500_000, 500_000), (wait(number), 4_000)];
        let told = answer_to(&record_of(&(0..10).map(near).collect::<Vec<_>>()));
        let perhaps = "Perhaps too small to matter: typical visits get longer (4.00 → 4.10 s, perhaps by less than 100 ms). No change";
        assert!(told.contains(perhaps), "{told}");
        let uncertain =
            record_of(&[[(90, 100), (9_000, 5_000), (200, 400)], [(110, 100), (2_000_000, 5_000), (4_000, 200)]]);
        let told = answer_to(&uncertain);
        assert!(
            told.starts_with(
                "Compared with the same users without GTNet, nothing changes in a way that surely matters. Too uncertain to tell: "
            ),
            "{told}"
        );
        let wait = |number: u64| if number.is_multiple_of(2) { 3_600 } else { 4_600 };
        let unsteady = |number: u64| [(6_000, 10_000), (500_000, 500_000), (wait(number), 4_000)];
        let told = answer_to(&record_of(&(0..10).map(unsteady).collect::<Vec<_>>()));
        assert!(
            told.ends_with(
                " Too uncertain to tell: typical visits (4.00 → 4.10 s); even 1,000 replications would not tell."
            ),
            "{told}"
        );
    }

    /// A percentage that the requirements name is not told again.
    #[test]
    fn a_requirement_takes_its_number_from_the_changes() {
        let mut record = sure([(6_000, 10_000), (500_000, 500_000), (2_000, 4_000)]);
        record.facts.yes_if = vec!["connector_calls.saving >= 20%".parse().expect("a condition")];
        let told = answer_to(&record);
        assert!(told.starts_with("Requirement met: provider calls saved 40.0 % (at least 20 % required). "), "{told}");
        assert!(told.contains("without GTNet, provider calls fall (2,500 → 1,500 a day)"), "{told}");
    }

    #[test]
    fn what_invalidates_an_answer_comes_first() {
        let record = || RecordBuilder::new().build();
        let servers = |record: &mut RunRecord, change: &dyn Fn(&mut crate::metrics::ServerMeasurements)| {
            record.replications.iter_mut().flat_map(|one| &mut one.measured.servers).for_each(change);
            answer_to(record)
        };
        let sound = answer_to(&record());
        assert!(
            sound.starts_with("Compared with the same users without GTNet, provider calls fall by 70 %"),
            "{sound}"
        );
        let mut nobody_pushes = record();
        for replication in &mut nobody_pushes.replications {
            replication.measured.push_back.pushes = 0;
        }
        let starved = servers(&mut nobody_pushes, &|server| server.prices_answered = 0);
        assert!(
            starved.starts_with("Push-open servers are asked and never have a price, as nobody pushes any to them. Give the servers users"),
            "{starved}"
        );
        let saturated = servers(&mut record(), &|server| server.queue_lows = vec![0, 10, 20, 30]);
        assert!(saturated.starts_with("The queue of a server grows as long as the run lasts"), "{saturated}");
        let mut overloaded = record();
        for replication in &mut overloaded.replications {
            replication.measured.visits_unfinished = replication.measured.visits / 2;
        }
        let overloaded = answer_to(&overloaded);
        assert!(overloaded.starts_with("50 % of the visits never end"), "{overloaded}");
        assert!(!overloaded.contains("fall by"), "{overloaded}");
        let alone = servers(&mut record(), &|server| (server.requests, server.pushes) = (0, 0));
        assert!(alone.starts_with("Push-open servers get no message in the measured period. "), "{alone}");
        assert!(!alone.contains("works"), "{alone}");
        let mut silent = RecordBuilder::new().silent().build();
        let told = "Nothing was measured: there is no visit in the measured period";
        assert_eq!(answer_to(&silent), format!("{told}, though some are expected."));
        silent.facts.foreseen = vec![Absence::Visits(NoVisits::Weekend)];
        assert_eq!(answer_to(&silent), format!("{told}, which lies on a weekend, on which nobody visits."));
    }

    #[test]
    fn one_replication_is_told_as_such() {
        let record = record_of(&[[(60, 100), (5_000, 5_000), (200, 400)]]);
        assert_eq!(
            answer_to(&record),
            "In one replication, perhaps by chance and compared with the same users without GTNet, provider calls fall by 40 % (25.0 → \
             15.0 a day) and typical visits get shorter (400 → 200 ms). The slowest 5 % of visits get shorter (400 → 200 ms). No change \
             that matters: the oldest 5 % of prices."
        );
    }

    #[test]
    fn without_comparison_it_tells_calls_and_age() {
        let text = answer_to(&RecordBuilder::new().without_gtnet().build());
        assert!(text.starts_with("Provider calls without GTNet: 9,689 ± 169 a day. Half of the prices are "), "{text}");
        let text = answer_to(&RecordBuilder::new().without_baseline().build());
        assert!(text.starts_with("Provider calls with GTNet: 2,913 ± 37 a day. Half of the prices are "), "{text}");
        assert!(text.ends_with(" The push-open server idles: it works 0.60 % of the time."), "{text}");
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        assert_eq!(answer_to(&RecordBuilder::new().replications(0).build()), "Too few observations for an answer.");
    }
}
