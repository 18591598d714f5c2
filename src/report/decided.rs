//! Whether the requirements of a scenario are met, which of them is missed and by how much, and the names of points in sentences.

use std::ops::Range;

use crate::inference::{Answer, Decision};
use crate::measures::{Condition, Source};
use crate::record::{ParameterValue, ParameterWords, StudyKind, located, spelled};
use crate::text::grouped;

use super::evidence::{Evidence, PointEvidence};
use super::numbers::{beside, capitalised, listed, span_beside};

/// Of a grid of several parameters at most so many points are named.
const POINTS_TOLD: usize = 3;

/// The answer of a comparison names at most so many variants in one sentence.
const VARIANTS_NAMED: usize = 4;

/// The only words for what more replications could tell; those for what may not matter are [`PERHAPS`].
pub(super) const UNCERTAIN: &str = "too uncertain to tell";

/// The only words for a difference that is there and may not matter.
pub(super) const PERHAPS: &str = "perhaps too small to matter";

/// `; 80 replications would` if that number is known.
pub(super) fn would(needed: Option<u32>) -> String {
    needed.map_or_else(String::new, |needed| format!("; {} replications would", grouped(f64::from(needed), 0)))
}

/// What a point's replications decide on its requirements; `None` if it has none.
pub(super) fn decision(point: &PointEvidence<'_>) -> Option<Decision> {
    Decision::on(&point.facts.yes_if, &point.observations)
}

/// Whether the requirements of the scenarios are met; `None` if they have none.
pub(super) fn requirements(evidence: &Evidence<'_>) -> Option<String> {
    let sentences = match evidence.kind {
        StudyKind::Run => evidence.points.first().and_then(|point| of_run(evidence, point)),
        StudyKind::Comparison => of_variants(evidence),
        StudyKind::Sweep | StudyKind::Capacity => of_sweep(evidence),
    };
    sentences.map(|sentences| {
        let sentences: Vec<String> = sentences.into_iter().chain(about_all_visits(evidence)).collect();
        sentences.join(" ")
    })
}

fn of_run(evidence: &Evidence<'_>, point: &PointEvidence<'_>) -> Option<Vec<String>> {
    let asked = &point.facts.yes_if;
    let those = |conditions: &[Condition]| with_value(conditions, &[point]);
    let (requirements, are) = if asked.len() == 1 { ("Requirement", "is") } else { ("Requirements", "are") };
    let with_others = |sentence: String, told: &[Condition]| {
        let others: Vec<Condition> = asked.iter().filter(|one| !told.contains(one)).cloned().collect();
        let other = if others.len() == 1 { "The other requirement" } else { "The other requirements" };
        let also = (!others.is_empty()).then(|| format!("{other}: {}.", those(&others)));
        std::iter::once(sentence).chain(also).collect()
    };
    let whether = format!("whether the {} {are} met", requirements.to_lowercase());
    Some(match decision(point)? {
        Decision::Yes => vec![format!("{requirements} met: {}.", those(asked))],
        Decision::No(failed) => with_others(format!("{requirements} not met: {}.", missed(&failed, &[point])), &failed),
        Decision::Uncertain(uncertain) => {
            let way_out = way_out(evidence, &[(point, uncertain.as_slice())]);
            with_others(format!("{} {whether}: {}{way_out}.", capitalised(UNCERTAIN), those(&uncertain)), &uncertain)
        }
        Decision::Unknown(unknown) => {
            with_others(format!("Nobody can tell here {whether}: {}.", those(&unknown)), &unknown)
        }
    })
}

fn of_sweep(evidence: &Evidence<'_>) -> Option<Vec<String>> {
    let decided: Vec<Option<Decision>> = evidence.points.iter().map(decision).collect();
    let at = |is: &dyn Fn(&Decision) -> bool| {
        let those: Vec<bool> = decided.iter().map(|decision| decision.as_ref().is_some_and(is)).collect();
        those.contains(&true).then(|| named_points(evidence, &those))
    };
    decided.iter().flatten().next()?;
    let requirements = if is_one(evidence) { "Requirement" } else { "Requirements" };
    let met = at(&|of| *of == Decision::Yes);
    let not_met = at(&|of| matches!(of, Decision::No(_))).map(|points| {
        let not = if met.is_some() { "Not met".to_owned() } else { format!("{requirements} not met") };
        format!("{not} {points}: {}.", in_those(evidence, &decided, failed, missed))
    });
    let uncertain =
        at(&|of| matches!(of, Decision::Uncertain(_))).map(|points| uncertain_told(evidence, &decided, &points));
    let unknown = at(&|of| matches!(of, Decision::Unknown(_))).map(|points| format!("Nobody can tell {points}."));
    let met = met.map(|points| format!("{requirements} met {points}."));
    // The only requirement is named where it is missed or too uncertain.
    let is_named = is_one(evidence) && (not_met.is_some() || uncertain.is_some());
    let required = (!is_named).then(|| required(evidence));
    Some([met, not_met, uncertain, unknown, required].into_iter().flatten().collect())
}

/// How many variants meet the requirements, and which. By how much the others miss them is told of each variant.
fn of_variants(evidence: &Evidence<'_>) -> Option<Vec<String>> {
    let decided: Vec<Option<Decision>> = evidence.points.iter().map(decision).collect();
    decided.iter().flatten().next()?;
    let those = |is: &dyn Fn(&Decision) -> bool| -> Vec<&str> {
        let is = |decision: &Option<Decision>| decision.as_ref().is_some_and(is);
        evidence.points.iter().zip(&decided).filter(|(_, one)| is(one)).map(|(point, _)| point.label).collect()
    };
    let (met, all) = (those(&|of| *of == Decision::Yes), evidence.points.len());
    let missed = those(&|of| matches!(of, Decision::No(_))).len();
    let requirements = if is_one(evidence) { "requirement" } else { "requirements" };
    let first = match (met.len(), all) {
        (2, 2) => format!("Both variants meet the {requirements}."),
        (met, all) if met == all => format!("All {all} variants meet the {requirements}."),
        (0, all) if missed == all => format!("No variant meets the {requirements}."),
        (0, _) => format!("No variant surely meets the {requirements}."),
        (1, all) => format!("Of the {all} variants only {} meets the {requirements}.", met[0]),
        (count, all) => format!("{count} of {all} variants meet the {requirements}: {}.", first_few(&met)),
    };
    let named = |which: &[&str]| (!which.is_empty()).then(|| format!("for {}", first_few(which)));
    let uncertain = named(&those(&|of| matches!(of, Decision::Uncertain(_))));
    let uncertain = uncertain.map(|points| uncertain_told(evidence, &decided, &points));
    let unknown = named(&those(&|of| matches!(of, Decision::Unknown(_))));
    let unknown = unknown.map(|points| format!("Nobody can tell {points}."));
    Some([Some(first), uncertain, unknown, Some(required(evidence))].into_iter().flatten().collect())
}

/// The first few of `labels`, and how many more there are.
pub(super) fn first_few(labels: &[&str]) -> String {
    let mut named: Vec<String> = labels.iter().take(VARIANTS_NAMED).map(|label| (*label).to_owned()).collect();
    if labels.len() > VARIANTS_NAMED {
        named.push(format!("{} more", labels.len() - VARIANTS_NAMED));
    }
    listed(&named)
}

/// `Required: provider calls saved at least 20 %.`
fn required(evidence: &Evidence<'_>) -> String {
    let mut asked = evidence.points.iter().map(|point| &point.facts.yes_if).filter(|asked| !asked.is_empty());
    let first = asked.next();
    if asked.any(|other| Some(other) != first) {
        return "Each has requirements of its own.".to_owned();
    }
    let asked: Vec<String> = first.into_iter().flatten().map(Condition::spoken).collect();
    format!("Required: {}.", listed(&asked))
}

/// Shares of all visits stand beside shares of the visits during a fault: it is said which is which.
fn about_all_visits(evidence: &Evidence<'_>) -> Option<String> {
    let asked = evidence.points.iter().flat_map(|point| &point.facts.yes_if);
    let is_of_faults = |one: &Condition| matches!(one.quantity.measure.source, Source::Faults(_));
    let is_said = asked.clone().any(is_of_faults);
    is_said.then(|| "Counted are all visits of the measured period, not only those during a fault.".to_owned())
}

/// Whether no point has more than one requirement.
fn is_one(evidence: &Evidence<'_>) -> bool {
    evidence.points.iter().all(|point| point.facts.yes_if.len() < 2)
}

fn failed(decision: &Decision) -> &[Condition] {
    if let Decision::No(failed) = decision { failed } else { &[] }
}

fn uncertain(decision: &Decision) -> &[Condition] {
    if let Decision::Uncertain(uncertain) = decision { uncertain } else { &[] }
}

/// `Too uncertain to tell with 7 clients: provider calls saved 19.6 % (at least 20 % required); 30 replications would.`
fn uncertain_told(evidence: &Evidence<'_>, decided: &[Option<Decision>], points: &str) -> String {
    let values = in_those(evidence, decided, uncertain, with_value);
    let open: Vec<(&PointEvidence<'_>, &[Condition])> = evidence
        .points
        .iter()
        .zip(decided)
        .filter_map(|(point, decision)| Some((point, uncertain(decision.as_ref()?))))
        .filter(|(_, conditions)| !conditions.is_empty())
        .collect();
    format!("{} {points}: {values}{}.", capitalised(UNCERTAIN), way_out(evidence, &open))
}

/// Those conditions of any point, each told with its values at the points that have it among those.
fn in_those(
    evidence: &Evidence<'_>,
    decided: &[Option<Decision>],
    those: fn(&Decision) -> &[Condition],
    told: fn(&[Condition], &[&PointEvidence<'_>]) -> String,
) -> String {
    let failed_at = |at: usize| decided[at].as_ref().map_or(&[][..], those);
    let mut all: Vec<&Condition> = Vec::new();
    for condition in (0..decided.len()).flat_map(failed_at) {
        if !all.contains(&condition) {
            all.push(condition);
        }
    }
    let all = all.into_iter().map(|condition| {
        let at = (0..decided.len()).filter(|at| failed_at(*at).contains(condition));
        let points: Vec<&PointEvidence<'_>> = at.map(|at| &evidence.points[at]).collect();
        told(std::slice::from_ref(condition), &points)
    });
    listed(&all.collect::<Vec<_>>())
}

/// Conditions that fail at all of `points`, and by how much: `provider calls saved 2.1 to 19 % instead of at least 20 %`.
pub(super) fn missed(failed: &[Condition], points: &[&PointEvidence<'_>]) -> String {
    let told = |one: &Condition| format!("{} {} instead of {}", one.quantity.spoken(), value(one, points), one.bound());
    listed(&failed.iter().map(told).collect::<Vec<_>>())
}

/// Conditions with their values: `provider calls saved 35.0 % (at least 20 % required)`.
fn with_value(conditions: &[Condition], points: &[&PointEvidence<'_>]) -> String {
    let told = |one: &Condition| format!("{} {} ({} required)", one.quantity.spoken(), value(one, points), one.bound());
    listed(&conditions.iter().map(told).collect::<Vec<_>>())
}

/// The values at `points` of the quantity that a condition is about, with enough digits to tell them from the limit.
fn value(condition: &Condition, points: &[&PointEvidence<'_>]) -> String {
    let Condition { quantity, limit, .. } = condition;
    let answers: Vec<Answer> = points.iter().map(|point| point.answer(quantity)).collect();
    let counted =
        answers.iter().map(|answer| answer.counted().map(|counted| counted.mean)).collect::<Option<Vec<f64>>>();
    if answers.contains(&Answer::Saturated) {
        return "without end".to_owned();
    }
    match counted.as_deref() {
        None | Some([]) => "not known".to_owned(),
        Some([one]) => {
            let least = if answers[0].lower_bound().is_some() { "at least " } else { "" };
            let rare = match answers[0] {
                Answer::Rare { mean, seen } => format!(", seen in {seen} of {} replications", mean.count),
                _ => String::new(),
            };
            format!("{least}{}{rare}", beside(*one, *limit, quantity.unit()))
        }
        Some(several) => {
            let least = several.iter().copied().fold(f64::INFINITY, f64::min);
            let most = several.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let is_rare = answers.iter().any(|answer| matches!(answer, Answer::Rare { .. }));
            let rare = if is_rare { ", seen in too few replications to be sure" } else { "" };
            format!("{}{rare}", span_beside(least, most, *limit, quantity.unit()))
        }
    }
}

/// How many replications would tell what is too uncertain, at all of these points; or why that does not matter.
fn way_out(evidence: &Evidence<'_>, uncertain: &[(&PointEvidence<'_>, &[Condition])]) -> String {
    let is_near = |point: &PointEvidence<'_>, condition: &Condition| {
        let Condition { quantity, limit, .. } = condition;
        let distance = point.answer(quantity).counted().map(|counted| (counted.mean - limit).abs());
        distance.is_some_and(|distance| distance <= evidence.relevance.least(quantity, *limit))
    };
    if uncertain.iter().all(|(point, conditions)| conditions.iter().all(|one| is_near(point, one))) {
        return ", so near to the limit that it hardly matters".to_owned();
    }
    let needed = uncertain.iter().map(|(point, conditions)| {
        let all = point.facts.yes_if.len();
        Decision::replications_needed(conditions, all, &point.observations, evidence.relevance)
    });
    would(needed.collect::<Option<Vec<u32>>>().and_then(|needed| needed.into_iter().max()))
}

/// Those points in words: `with a and b`, or of a sweep `with 5 and 20 to 80 clients`, `from 20 clients on (up to 200)`.
pub(super) fn named_points(evidence: &Evidence<'_>, those: &[bool]) -> String {
    if evidence.kind == StudyKind::Comparison {
        let label = |point: &PointEvidence<'_>| point.label.to_owned();
        return format!("with {}", listed(&chosen(evidence, those).map(label).collect::<Vec<_>>()));
    }
    let [parameter] = evidence.parameters else {
        return of_several_parameters(evidence, those);
    };
    let values: Vec<&ParameterValue> = evidence.points.iter().map(|point| &point.settings[0]).collect();
    let words = ParameterWords::of(parameter, values.iter().copied());
    let text = |at: usize| spelled(values[at]);
    if let Some(first) = beginning_of_the_rest(&values, those) {
        return words.from(&text(first), &text(values.len() - 1));
    }
    let told = |run: Range<usize>| match run.len() {
        1 | 2 => run.map(text).collect(),
        _ => vec![format!("{} to {}", text(run.start), text(run.end - 1))],
    };
    words.at(&listed(&runs(those).into_iter().flat_map(told).collect::<Vec<_>>()))
}

/// Those points of several parameters: a range if all parameters change together, else the first few.
fn of_several_parameters(evidence: &Evidence<'_>, those: &[bool]) -> String {
    let place = |at: usize| located(evidence.parameters, evidence.points[at].settings);
    let values = |at: usize| listed(&evidence.points[at].settings.iter().map(spelled).collect::<Vec<_>>());
    if evidence.parameters.iter().enumerate().all(|(parameter, _)| changes_in_one_direction(evidence, parameter)) {
        let told = |run: Range<usize>| match run.len() {
            1 => place(run.start),
            _ => format!("{} up to {}", place(run.start), values(run.end - 1)),
        };
        return listed(&runs(those).into_iter().map(told).collect::<Vec<_>>());
    }
    let all: Vec<usize> = (0..those.len()).filter(|at| those[*at]).collect();
    let mut told: Vec<String> = all.iter().take(POINTS_TOLD).map(|at| place(*at)).collect();
    if all.len() > POINTS_TOLD {
        told.push(format!("at {} more points", all.len() - POINTS_TOLD));
    }
    listed(&told)
}

fn changes_in_one_direction(evidence: &Evidence<'_>, parameter: usize) -> bool {
    let places = evidence.points.iter().map(|point| point.settings[parameter].position());
    places.collect::<Option<Vec<f64>>>().is_some_and(|places| {
        places.is_sorted_by(|one, other| one < other) || places.is_sorted_by(|one, other| one > other)
    })
}

/// The runs of those points that follow each other.
fn runs(those: &[bool]) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for at in (0..those.len()).filter(|at| those[*at]) {
        match runs.last_mut() {
            Some(last) if last.end == at => last.end = at + 1,
            _ => runs.push(at..at + 1),
        }
    }
    runs
}

/// The first of those points, if they are all from there on, three or more but not all of them, and the values rise.
fn beginning_of_the_rest(values: &[&ParameterValue], those: &[bool]) -> Option<usize> {
    let places: Vec<f64> = values.iter().map(|value| value.position()).collect::<Option<_>>()?;
    let first = those.iter().position(|is_one| *is_one)?;
    let is_rest = first > 0 && those.len() - first >= 3 && those[first..].iter().all(|is_one| *is_one);
    (is_rest && places.is_sorted()).then_some(first)
}

fn chosen<'e, 'r>(evidence: &'e Evidence<'r>, those: &[bool]) -> impl Iterator<Item = &'e PointEvidence<'r>> {
    evidence.points.iter().zip(those).filter(|(_, is_one)| **is_one).map(|(point, _)| point)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::support::{RecordBuilder, study};

    #[test]
    fn requirements_are_met_or_missed_by_so_much() {
        let told = |conditions: &[&str]| {
            let mut record = RecordBuilder::new().build();
            record.facts.yes_if = conditions.iter().map(|text| text.parse().expect("a condition")).collect();
            requirements(&Evidence::from(&record)).expect("conditions")
        };
        let (saves, waits) = ("connector_calls.saving >= 60%", "user_wait_p95 <= 2s");
        assert_eq!(
            told(&[saves, waits]),
            "Requirements met: provider calls saved 69.9 % (at least 60 % required) and wait of the slowest 5 % of visits 1.22 s \
             (at most 2 s required)."
        );
        assert_eq!(
            told(&[saves, "user_wait_p95 <= 1s"]),
            "Requirements not met: wait of the slowest 5 % of visits 1.22 s instead of at most 1 s. The other requirement: \
             provider calls saved 69.9 % (at least 60 % required)."
        );
        let uncertain = told(&["connector_calls.saving >= 70%"]);
        assert_eq!(
            uncertain,
            "Too uncertain to tell whether the requirement is met: provider calls saved 69.9 % (at least 70 % required), \
             so near to the limit that it hardly matters."
        );
    }

    #[test]
    fn studies_name_the_points() {
        let told = |kind, conditions: &[&str]| {
            let mut record = study(kind, 4, 6);
            for point in &mut record.points {
                point.facts.yes_if = conditions.iter().map(|text| text.parse().expect("a condition")).collect();
            }
            requirements(&Evidence::from(&record)).expect("a decision")
        };
        let saves = ["connector_calls.saving >= 30%"];
        assert_eq!(
            told(StudyKind::Sweep, &saves),
            "Requirement met with 5 to 20 clients. Not met with 40 clients: provider calls saved 27.1 % instead of at least 30 %."
        );
        assert_eq!(
            told(StudyKind::Comparison, &saves),
            "3 of 4 variants meet the requirement: variant-0, variant-1 and variant-2. Required: provider calls saved at least 30 \
             %."
        );
        assert_eq!(
            told(StudyKind::Sweep, &["connector_calls.saving >= 90%"]),
            "Requirement not met with 5 to 40 clients: provider calls saved 27.1 to 58.3 % instead of at least 90 %."
        );
        assert!(
            told(StudyKind::Comparison, &["connector_calls.saving >= 90%"])
                .starts_with("No variant meets the requirement. ")
        );
        let one = told(StudyKind::Comparison, &["connector_calls.saving >= 45%"]);
        assert!(one.starts_with("Of the 4 variants only variant-0 meets the requirement. "), "{one}");
    }

    #[test]
    fn of_faults_it_is_said_which_visits_count() {
        let mut record = RecordBuilder::new().with_fault().build();
        let told = |record: &crate::record::RunRecord| requirements(&Evidence::from(record)).unwrap_or_default();
        record.facts.yes_if = vec!["fault_felt_share <= 90%".parse().expect("a condition")];
        assert!(
            told(&record).ends_with("Counted are all visits of the measured period, not only those during a fault.")
        );
        record.facts.yes_if = vec!["user_wait_p95 <= 2s".parse().expect("a condition")];
        assert!(!told(&record).contains("Counted are"));
    }

    #[test]
    fn points_of_several_parameters_are_not_listed_without_end() {
        let told = |settings: [[&str; 2]; 6]| {
            let mut record = study(StudyKind::Sweep, 6, 2);
            record.parameters = ["group.client.count", "group.hub.count"].map(str::to_owned).into();
            for (point, settings) in record.points.iter_mut().zip(settings) {
                let number = |text: &str| ParameterValue { number: text.parse().ok(), ..ParameterValue::word(text) };
                point.settings = settings.map(number).into();
            }
            named_points(&Evidence::from(&record), &[true, true, true, true, false, true])
        };
        let together = [["5", "1"], ["10", "2"], ["20", "3"], ["40", "4"], ["80", "5"], ["160", "6"]];
        assert_eq!(told(together), "with 5 clients and 1 hub up to 40 and 4 and with 160 clients and 6 hubs");
        let grid = [["5", "1"], ["5", "2"], ["10", "1"], ["10", "2"], ["20", "1"], ["20", "2"]];
        assert_eq!(
            told(grid),
            "with 5 clients and 1 hub, with 5 clients and 2 hubs, with 10 clients and 1 hub and at 2 more points"
        );
    }

    /// What is seen in one of ten replications has no interval that could be sure of its mean.
    #[test]
    fn what_is_rare_says_why_it_is_too_uncertain() {
        let mut record = study(StudyKind::Comparison, 3, 10);
        for point in &mut record.points {
            point.facts.yes_if = vec!["server_refused_share <= 10%".parse().expect("a condition")];
            for (observed, number) in point.replications.iter_mut().zip(0_u32..) {
                observed.measured[crate::measures::REFUSED_SHARE] = Some(if number == 0 { 0.0004 } else { 0.0 });
            }
            point.contributions = point.replications.clone();
        }
        let told = |record: &crate::record::StudyRecord| requirements(&Evidence::from(record)).expect("requirements");
        let all = told(&record);
        let expected = "Too uncertain to tell for variant-0, variant-1 and variant-2: messages that servers refuse 0.0 %, seen in too \
                        few replications to be sure (at most 10 % required)";
        assert!(all.contains(expected), "{all}");
        record.points.truncate(1);
        assert!(
            told(&record).contains("0.0 %, seen in 1 of 10 replications (at most 10 % required)"),
            "{}",
            told(&record)
        );
    }

    #[test]
    fn requirements_that_differ_are_not_told_as_one() {
        let mut record = study(StudyKind::Comparison, 2, 6);
        record.points[0].facts.yes_if = vec!["connector_calls.saving >= 30%".parse().expect("a condition")];
        record.points[1].facts.yes_if = vec!["connector_calls.saving >= 90%".parse().expect("a condition")];
        assert_eq!(
            requirements(&Evidence::from(&record)).as_deref(),
            Some("Of the 2 variants only variant-0 meets the requirement. Each has requirements of its own.")
        );
    }
}
