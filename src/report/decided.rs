//! The yes or no of an answer, if the scenario says what it takes, and the names of points in sentences.

use std::ops::Range;

use crate::inference::{Contrast, Decision};
use crate::measures::Condition;
use crate::record::{ParameterValue, StudyKind};

use super::evidence::{Evidence, PointEvidence};
use super::numbers::{UNKNOWN, capitalised, listed, told};
use super::parameters::{ParameterWords, located, spelled};

/// Of a grid of several parameters at most so many points are named.
const POINTS_TOLD: usize = 3;

/// What is decided, if the scenarios say what it takes; of several points, at which of them.
pub(super) fn decisions(evidence: &Evidence<'_>) -> Option<String> {
    let of_point = |point: &PointEvidence<'_>| Decision::on(&point.facts.yes_if, &point.observations);
    let decided: Vec<Option<Decision>> = evidence.points.iter().map(of_point).collect();
    let those = |conditions: &[Condition]| {
        let told = conditions.iter().map(|one| spoken_condition(one, evidence.points.first()));
        listed(&told.collect::<Vec<_>>())
    };
    if let (StudyKind::Run, [decision]) = (evidence.kind, decided.as_slice()) {
        return Some(match decision.as_ref()? {
            Decision::Yes => format!("Yes: {}.", those(&evidence.points[0].facts.yes_if)),
            Decision::No(fail) => format!("No: {}.", those(fail)),
            Decision::Open(open) => format!("Not decided at this precision: {}.", those(open)),
            Decision::Unknown(unknown) => format!("Not to be told here: {}.", those(unknown)),
        });
    }
    let at = |word: &str, is: &dyn Fn(&Decision) -> bool| {
        let those: Vec<bool> = decided.iter().map(|decision| decision.as_ref().is_some_and(is)).collect();
        those.contains(&true).then(|| (word.to_owned(), named_points(evidence, &those)))
    };
    let groups = [
        at("yes", &|of| *of == Decision::Yes),
        at("no", &|of| matches!(of, Decision::No(_))),
        at("not decided at this precision", &|of| matches!(of, Decision::Open(_))),
        at("not to be told", &|of| matches!(of, Decision::Unknown(_))),
    ];
    let mut groups = groups.into_iter().flatten();
    // What is asked for is said once, with the first word.
    let (word, points) = groups.next()?;
    let asked = criterion(evidence);
    let asked = if word == "yes" { asked } else { format!("asked for: {asked}") };
    let first = format!("{word} ({asked}) {points}");
    let others = groups.map(|(word, points)| format!("{word} {points}"));
    let groups: Vec<String> = std::iter::once(first).chain(others).collect();
    Some(format!("{}.", capitalised(&groups.join("; "))))
}

/// What the scenarios ask for: `≥ 20 % fewer provider calls and wait of the slowest 5 % of visits ≤ 3 s`.
fn criterion(evidence: &Evidence<'_>) -> String {
    let mut asked = evidence.points.iter().map(|point| &point.facts.yes_if).filter(|asked| !asked.is_empty());
    let first = asked.next();
    if asked.any(|other| Some(other) != first) {
        return "each by its own conditions".to_owned();
    }
    listed(&first.into_iter().flatten().map(in_short).collect::<Vec<_>>())
}

/// A condition as a criterion: `≥ 20 % fewer provider calls`.
fn in_short(condition: &Condition) -> String {
    let Condition { quantity, at_most, .. } = condition;
    let (sign, limit, spoken) = (if *at_most { "≤" } else { "≥" }, limit(condition), quantity.measure.spoken);
    match quantity.contrast {
        Contrast::Saving => format!("{sign} {limit} fewer {spoken}"),
        _ => format!("{spoken} {sign} {limit}"),
    }
}

fn limit(condition: &Condition) -> String {
    condition.quantity.spelled(condition.limit).replace('%', " %")
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

/// A condition in words: `“provider calls saved” is 35.0 ± 0.5 % (must be at least 20%)`.
fn spoken_condition(condition: &Condition, point: Option<&PointEvidence<'_>>) -> String {
    let Condition { quantity, at_most, .. } = condition;
    let saved = if quantity.contrast == Contrast::Saving { " saved" } else { "" };
    let than = if *at_most { "at most" } else { "at least" };
    let value = point.map_or_else(String::new, |point| told(point.answer(quantity), quantity.unit()));
    let is = if value == UNKNOWN || value.is_empty() { "is not known".to_owned() } else { format!("is {value}") };
    format!("\u{201c}{}{saved}\u{201d} {is} (must be {than} {})", quantity.measure.spoken, limit(condition))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::support::{RecordBuilder, study};

    #[test]
    fn what_it_takes_makes_it_yes_or_no() {
        let told = |conditions: &[&str]| {
            let mut record = RecordBuilder::new().build();
            record.facts.yes_if = conditions.iter().map(|text| text.parse().expect("a condition")).collect();
            decisions(&Evidence::from(&record)).expect("conditions")
        };
        let (saves, waits) = ("connector_calls.saving >= 60%", "user_wait_p95 <= 2s");
        assert!(told(&[saves, waits]).starts_with("Yes: “provider calls saved” is 69."), "{}", told(&[saves, waits]));
        let no = told(&[saves, "user_wait_p95 <= 1s"]);
        assert!(
            no.starts_with("No: “wait of the slowest 5 % of visits” is 1.2")
                && no.contains(" s (must be at most 1 s)."),
            "{no}"
        );
        let open = told(&["connector_calls.saving >= 70%"]);
        assert!(open.starts_with("Not decided at this precision: “provider calls saved” is "), "{open}");
    }

    #[test]
    fn studies_name_the_points() {
        let told = |kind, conditions: &[&str]| {
            let mut record = study(kind, 4, 6);
            for point in &mut record.points {
                point.facts.yes_if = conditions.iter().map(|text| text.parse().expect("a condition")).collect();
            }
            decisions(&Evidence::from(&record)).expect("a decision")
        };
        let saves = ["connector_calls.saving >= 30%"];
        assert_eq!(
            told(StudyKind::Sweep, &saves),
            "Yes (≥ 30 % fewer provider calls) with 5 to 20 clients; no with 40 clients."
        );
        assert_eq!(
            told(StudyKind::Comparison, &saves),
            "Yes (≥ 30 % fewer provider calls) with variant-0, variant-1 and variant-2; no with variant-3."
        );
        assert_eq!(
            told(StudyKind::Sweep, &["connector_calls.saving <= 50%", "user_wait_p95 >= 1s"]),
            "Yes (≤ 50 % fewer provider calls and wait of the slowest 5 % of visits ≥ 1 s) from 10 clients on (up to 40); no \
             with 5 clients."
        );
        assert_eq!(
            told(StudyKind::Sweep, &["connector_calls.saving >= 90%"]),
            "No (asked for: ≥ 90 % fewer provider calls) with 5 to 40 clients."
        );
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

    #[test]
    fn conditions_that_differ_are_not_told_as_one() {
        let mut record = study(StudyKind::Comparison, 2, 6);
        record.points[0].facts.yes_if = vec!["connector_calls.saving >= 30%".parse().expect("a condition")];
        record.points[1].facts.yes_if = vec!["connector_calls.saving >= 90%".parse().expect("a condition")];
        assert_eq!(
            decisions(&Evidence::from(&record)).as_deref(),
            Some("Yes (each by its own conditions) with variant-0; no with variant-1.")
        );
    }
}
