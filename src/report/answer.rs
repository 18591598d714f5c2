//! The answer to the question in a sentence or a few, which follow from typed answers by fixed rules.
//!
//! 1. What invalidates an answer comes first: nothing happened, visits that never end, a queue that grows without end, servers
//!    that have no prices to give.
//! 2. Of a run with faults it is said what users feel of them.
//! 3. Then what `GTNet` changes: what gets better, and its price, what gets worse. What is smaller than what matters is said
//!    to be equal, and what the interval leaves open is said to be open.
//! 4. One replication has no interval: its changes are told as those of one replication.
//! 5. Without a comparison the numbers themselves are told.

use crate::inference::{CONFIDENCE, Contrast, Direction, Quantity, Relevant, Verdict};
use crate::measures::{self, MeasureId, Unit};
use crate::record::{Absence, StudyKind};
use crate::stats::{Paired, bonferroni_confidence};

use super::decided::{decisions, named_points};
use super::differences::Difference;
use super::document::ReportSection;
use super::evidence::{Evidence, PointEvidence};
use super::felt;
use super::numbers::{capitalised, listed, rough, rough_difference, told};

/// The answer of a comparison tells the differences of at most this many variants.
const VARIANTS_TOLD: usize = 3;

/// A server that is busy for less than this share of the time idles.
const IDLE: f64 = 0.01;

/// The answer of any command. What a sweep found is what its first picture says.
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
        StudyKind::Run => evidence.points.first().map(|point| of_point(evidence, point)),
        StudyKind::Comparison => Some(of_differences(evidence, differences)),
        StudyKind::Sweep | StudyKind::Capacity => {
            sections.iter().flat_map(ReportSection::figures).next().map(|figure| figure.finding.clone())
        }
    };
    let found = found.filter(|found| !found.is_empty());
    let found = found.unwrap_or_else(|| "Too few observations for an answer.".to_owned());
    let felt = evidence.points.iter().find_map(felt::answer);
    let first = [invalid(evidence), decisions(evidence), felt].into_iter().flatten();
    first.chain([found]).chain(how_sure(evidence)).collect::<Vec<_>>().join(" ")
}

/// How sure the claims are, if they are claims on what differs.
fn how_sure(evidence: &Evidence<'_>) -> Option<String> {
    let is_about_changes = match evidence.kind {
        StudyKind::Run => evidence.points.iter().all(|point| point.observations.is_compared()),
        StudyKind::Comparison => true,
        StudyKind::Sweep | StudyKind::Capacity => false,
    };
    let has_intervals = evidence.points.iter().all(|point| point.replications > 1);
    let has_faults = evidence.points.iter().any(|point| felt::effects(point).next().is_some());
    (is_about_changes && has_intervals).then(|| (if has_faults { SURE_BESIDE_FAULTS } else { SURE }).to_owned())
}

/// How sure all claims of an answer are together.
const SURE: &str = "Together this is 95 % sure, as far as the scenario's assumptions hold.";

/// The same if the answer also tells what users feel of faults, whose intervals the numbers have.
const SURE_BESIDE_FAULTS: &str = "What is said of GTNet is together 95 % sure, as far as the scenario's assumptions hold; the numbers below have the \
     intervals of what is felt of the faults.";

/// What has to be known before any answer: of several points, at which of them.
fn invalid(evidence: &Evidence<'_>) -> Option<String> {
    let of_points: Vec<Vec<String>> = evidence.points.iter().map(invalidations).collect();
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
            _ => format!("{}: {clause}.", capitalised(&named_points(evidence, &those))),
        }
    };
    (!told.is_empty()).then(|| told.into_iter().map(sentence).collect::<Vec<_>>().join(" "))
}

/// One sentence on one scenario, by the rules above.
fn of_point(evidence: &Evidence<'_>, point: &PointEvidence<'_>) -> String {
    let mut clauses = if point.observations.is_compared() { changes(evidence, point) } else { levels(point) };
    clauses.extend(load(point));
    if clauses.is_empty() { String::new() } else { format!("{}.", capitalised(&clauses.join("; "))) }
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
    let servers = point.facts.census.push_open;
    let (server, busy) =
        if servers > 1 { ("the busiest server", "the servers idle") } else { ("the server", "the server idles") };
    let share = rough(mean, Unit::Share);
    Some(match busiest.lower_bound() {
        None if mean < IDLE => format!("{busy} ({share} busy)"),
        None => format!("{server} is {share} busy"),
        Some(_) => format!("{server} is at least {share} busy"),
    })
}

/// What each variant does better and worse than the first one.
fn of_differences(evidence: &Evidence<'_>, differences: &[Difference]) -> String {
    let of_variant = |point: &PointEvidence<'_>| {
        let own: Vec<&Difference> = differences.iter().filter(|one| one.variant == point.label).collect();
        let reference = own.first().map_or("", |one| one.reference.as_str());
        format!("{} against {reference}: {}.", point.label, groups(&own).join("; "))
    };
    let variants = evidence.points.get(1..).unwrap_or_default();
    let mut told: Vec<String> = variants.iter().take(VARIANTS_TOLD).map(of_variant).collect();
    if variants.len() > VARIANTS_TOLD {
        told.push(format!("{} more variants are compared below.", variants.len() - VARIANTS_TOLD));
    }
    told.join(" ")
}

/// What differs, by verdict: the weightiest first, with how much.
fn groups(differences: &[&Difference]) -> Vec<String> {
    let with_amount = |one: &&Difference| {
        let amount = one.paired.map(|paired| rough_difference(paired.difference.mean, one.number.unit()));
        format!("{} ({})", one.name(), amount.unwrap_or_default())
    };
    let group = |heading: &str, is_in: &dyn Fn(Verdict) -> bool, has_amount: bool| {
        let own = differences.iter().filter(|one| is_in(one.verdict));
        let names: Vec<String> = own.map(|one| if has_amount { with_amount(one) } else { one.name() }).collect();
        (!names.is_empty()).then(|| format!("{heading}: {}", names.join(", ")))
    };
    let differs = |direction: Direction| move |of: Verdict| of == Verdict::Differs(direction, Relevant::Yes);
    let that_matter = [Direction::Better, Direction::Worse, Direction::Higher, Direction::Lower]
        .map(|direction| group(direction.name(), &differs(direction), true));
    let mut groups: Vec<String> = that_matter.into_iter().flatten().collect();
    let is_judged = differences.iter().any(|one| one.verdict != Verdict::NotKnown);
    if groups.is_empty() && is_judged {
        groups.push("no difference that surely matters".to_owned());
    }
    let is_open = |of: Verdict| matches!(of, Verdict::Differs(_, Relevant::Open));
    let is_equal = |of: Verdict| matches!(of, Verdict::Equal(_));
    groups.extend(group("there, but whether it matters is open", &is_open, true));
    groups.extend(group("equal for this purpose", &is_equal, false));
    groups.extend(group("no difference seen", &|of| of == Verdict::NoneSeen, false));
    groups.extend(group("undecided", &|of| of == Verdict::Undecided, false));
    groups.extend(group("not to be compared", &|of| of == Verdict::NotKnown, false));
    groups
}

/// The four changes that an answer is made of: for providers, for users, and for what users see.
const CHANGES: [(MeasureId, Contrast); 4] = [
    (measures::CONNECTOR_CALLS, Contrast::Saving),
    (measures::USER_WAIT_P50, Contrast::Difference),
    (measures::USER_WAIT_P95, Contrast::Difference),
    (measures::PRICE_AGE_P95, Contrast::Difference),
];

/// What `GTNet` changes: what gets better, its price, what stays, and what is open.
fn changes(evidence: &Evidence<'_>, point: &PointEvidence<'_>) -> Vec<String> {
    let (mut better, mut worse, mut equal, mut open) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut is_all_known = true;
    // The chance that all of what the answer claims is so is 95 %.
    let confidence = bonferroni_confidence(CONFIDENCE, CHANGES.len());
    for (measure, contrast) in CHANGES {
        let quantity = Quantity::of_network(measure, contrast);
        let without = point.answer(&Quantity::of_network(measure, Contrast::GtnetOff)).counted();
        let least = evidence.relevance.least(&quantity, without.map_or(0.0, |without| without.mean));
        let sample = quantity.sample(&point.observations, point.replications);
        let against_nothing = sample.as_ref().map(|sample| Paired::of(sample, &sample.nothing(), confidence));
        let verdict = against_nothing.map_or(Verdict::NotKnown, |paired| {
            if point.replications == 1 {
                of_one_replication(&quantity, paired.difference.mean, least)
            } else {
                Verdict::of(&quantity, &paired, least, confidence)
            }
        });
        is_all_known &= verdict != Verdict::NotKnown;
        let mean = sample.map_or(0.0, |sample| sample.centre());
        let (changed, what) = words(measure, mean);
        match verdict {
            Verdict::Differs(direction, relevant) => {
                let open = if relevant == Relevant::Open { " (whether that matters is open)" } else { "" };
                let list = if direction == Direction::Better { &mut better } else { &mut worse };
                list.push(format!("{changed}{open}"));
            }
            Verdict::Equal(_) | Verdict::NoneSeen => equal.push(what),
            Verdict::Undecided => open.push(what),
            Verdict::NotKnown => {}
        }
    }
    let mut clauses = Vec::new();
    match (better.is_empty(), worse.is_empty()) {
        (false, false) => clauses.extend([listed(&better), format!("in return {}", listed(&worse))]),
        (false, true) => clauses.push(listed(&better)),
        (true, false) if open.is_empty() && is_all_known => {
            clauses.push(format!("nothing gets better: {}", listed(&worse)));
        }
        (true, false) => clauses.push(listed(&worse)),
        (true, true) if equal.is_empty() && open.is_empty() => return clauses,
        (true, true) => clauses.push("GTNet changes nothing that surely matters".to_owned()),
    }
    if !equal.is_empty() {
        clauses.push(format!("no change that matters: {}", listed(&equal)));
    }
    if !open.is_empty() {
        clauses.push(format!("not decided at this precision: {}", listed(&open)));
    }
    if point.replications == 1 {
        clauses[0].insert_str(0, "in one replication, by chance perhaps: ");
    }
    clauses
}

/// One replication has no interval: what it shows is taken as it is.
fn of_one_replication(quantity: &Quantity, change: f64, least: f64) -> Verdict {
    if change.abs() > least {
        Verdict::Differs(Direction::of(quantity, change > 0.0), Relevant::Yes)
    } else {
        Verdict::Equal(None)
    }
}

/// A change by `mean` in words, and what changes.
fn words(measure: MeasureId, mean: f64) -> (String, String) {
    let amount = rough(mean.abs(), if measure == measures::CONNECTOR_CALLS { Unit::Share } else { measure.unit });
    let (less, more) = match measure {
        measures::CONNECTOR_CALLS => {
            return (
                format!("{amount} {} provider calls", if mean > 0.0 { "fewer" } else { "more" }),
                "the number of provider calls".to_owned(),
            );
        }
        measures::PRICE_AGE_P95 => ("younger", "older"),
        _ => ("less", "more"),
    };
    let word = if mean < 0.0 { less } else { more };
    let (who, is) = match measure {
        measures::PRICE_AGE_P95 => ("the oldest 5 % of the prices", "are"),
        measures::USER_WAIT_P95 => ("the slowest 5 % of the visits", "take"),
        _ => ("a typical visit", "takes"),
    };
    (format!("{who} {is} {amount} {word}"), who.to_owned())
}

fn levels(point: &PointEvidence<'_>) -> Vec<String> {
    let calls = point.value(measures::CONNECTOR_CALLS);
    let calls = calls.counted().map(|_| {
        let calls = told(calls, measures::CONNECTOR_CALLS.unit);
        format!("{}: {calls} provider calls", point.as_written().spoken())
    });
    let (median, p95) = (point.value(measures::PRICE_AGE_P50).known(), point.value(measures::PRICE_AGE_P95).known());
    let age = median.zip(p95).map(|(median, p95)| {
        let [median, p95] = [median, p95].map(|age| rough(age.mean, Unit::Seconds));
        format!("half of the prices are at most {median} old, 95 % at most {p95}")
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
        let told = answer(&Evidence::from(record), &[], &[]);
        told.strip_suffix(SURE).unwrap_or(&told).trim_end().to_owned()
    }

    #[test]
    fn it_says_how_sure_it_is() {
        let is_told = |record: &RunRecord| answer(&Evidence::from(record), &[], &[]).ends_with(SURE);
        assert!(is_told(&RecordBuilder::new().build()));
        assert!(!is_told(&RecordBuilder::new().replications(1).build()), "one replication is sure of nothing");
        assert!(!is_told(&RecordBuilder::new().without_baseline().build()), "it claims no change");
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
            replication.measured.connectors[0].calls = [calls.0, 0, 0, 0, 0, 0];
            baseline.connectors[0].calls = [calls.1, 0, 0, 0, 0, 0];
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
            "40 % fewer provider calls, a typical visit takes 2.0 s less and the slowest 5 % of the visits take 2.0 s less; in \
             return the oldest 5 % of the prices are 6.7 min older."
        );
        let sign = sure([(15_000, 10_000), (500_000, 900_000), (4_000, 2_000)]);
        assert_eq!(
            answer_to(&sign),
            "The oldest 5 % of the prices are 6.7 min younger; in return 50 % more provider calls, a typical visit takes 2.0 s \
             more and the slowest 5 % of the visits take 2.0 s more."
        );
        let mut relevance = sure([(9_990, 10_000), (500_100, 500_000), (4_010, 4_000)]);
        assert_eq!(
            answer_to(&relevance),
            "GTNet changes nothing that surely matters; no change that matters: the number of provider calls, a typical visit, \
             the slowest 5 % of the visits and the oldest 5 % of the prices."
        );
        relevance.relevance = Relevance::parse(&["user_wait_p50=1ms".to_owned()]).expect("a difference");
        let told = answer_to(&relevance);
        assert!(told.starts_with("Nothing gets better: a typical visit takes 11 ms more; no change that"), "{told}");
        let undecided =
            record_of(&[[(90, 100), (9_000, 5_000), (200, 400)], [(110, 100), (2_000_000, 5_000), (4_000, 200)]]);
        let told = answer_to(&undecided);
        assert!(
            told.starts_with("GTNet changes nothing that surely matters; not decided at this precision: "),
            "{told}"
        );
    }

    #[test]
    fn what_invalidates_an_answer_comes_first() {
        let record = || RecordBuilder::new().build();
        let servers = |record: &mut RunRecord, change: &dyn Fn(&mut crate::metrics::ServerMeasurements)| {
            record.replications.iter_mut().flat_map(|one| &mut one.measured.servers).for_each(change);
            answer_to(record)
        };
        let sound = answer_to(&record());
        assert!(sound.starts_with("70 % fewer provider calls"), "{sound}");
        let mut nobody_pushes = record();
        for replication in &mut nobody_pushes.replications {
            replication.measured.push_back.pushes = 0;
        }
        let starved = servers(&mut nobody_pushes, &|server| server.prices_answered = 0);
        assert!(
            starved.starts_with("Push-open servers are asked and never have a price, as nobody pushes any"),
            "{starved}"
        );
        assert!(starved.contains("give the servers users of their own"), "{starved}");
        let saturated = servers(&mut record(), &|server| server.queue_lows = vec![0, 10, 20, 30]);
        assert!(saturated.starts_with("The queue of a server grows as long as the run lasts"), "{saturated}");
        let mut overloaded = record();
        for replication in &mut overloaded.replications {
            replication.measured.visits_unfinished = replication.measured.visits / 2;
        }
        let overloaded = answer_to(&overloaded);
        assert!(overloaded.starts_with("50 % of the visits never end"), "{overloaded}");
        assert!(!overloaded.contains("fewer"), "{overloaded}");
        let alone = servers(&mut record(), &|server| (server.requests, server.pushes) = (0, 0));
        assert!(alone.starts_with("Push-open servers get no message in the measured period. "), "{alone}");
        assert!(!alone.contains("busy"), "{alone}");
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
            "In one replication, by chance perhaps: 40 % fewer provider calls, a typical visit takes 200 ms less and the \
             slowest 5 % of the visits take 200 ms less; no change that matters: the oldest 5 % of the prices."
        );
    }

    #[test]
    fn without_comparison_it_tells_calls_and_age() {
        let text = answer_to(&RecordBuilder::new().without_gtnet().build());
        assert!(text.starts_with("Without GTNet: 9,689 ± 169 /d provider calls; half of the prices are "), "{text}");
        let text = answer_to(&RecordBuilder::new().without_baseline().build());
        assert!(text.starts_with("With GTNet: 2,913 ± 37 /d provider calls; half of the prices are "), "{text}");
        assert!(text.ends_with("; the server idles (0.60 % busy)."), "{text}");
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        assert_eq!(answer_to(&RecordBuilder::new().replications(0).build()), "Too few observations for an answer.");
    }
}
