//! The yes or no of an answer, if the scenario says what it takes, and the names of points in sentences.

use crate::inference::{Contrast, Decision};
use crate::measures::Condition;
use crate::record::StudyKind;

use super::evidence::{Evidence, PointEvidence};
use super::numbers::{UNKNOWN, capitalised, listed, told};

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
        those.contains(&true).then(|| format!("{word} {}", named_points(evidence, &those)))
    };
    let groups = [
        at("yes", &|of| *of == Decision::Yes),
        at("no", &|of| matches!(of, Decision::No(_))),
        at("not decided at this precision", &|of| matches!(of, Decision::Open(_))),
        at("not to be told", &|of| matches!(of, Decision::Unknown(_))),
    ];
    let groups: Vec<String> = groups.into_iter().flatten().collect();
    (!groups.is_empty()).then(|| format!("{}.", capitalised(&groups.join("; "))))
}

/// Those points in words: `with a and b`, or of a sweep `at group.client.count = 5 and 20 to 200`.
pub(super) fn named_points(evidence: &Evidence<'_>, those: &[bool]) -> String {
    let [parameter] = evidence.parameters else { return with_labels(evidence, those) };
    if evidence.kind == StudyKind::Comparison {
        return with_labels(evidence, those);
    }
    let text = |at: usize| evidence.points[at].settings[0].text.as_str();
    let mut parts: Vec<String> = Vec::new();
    let mut at = 0;
    while at < those.len() {
        let length = those[at..].iter().take_while(|is_one| **is_one).count();
        match length {
            0 => {}
            1 | 2 => parts.extend((at..at + length).map(|at| text(at).to_owned())),
            _ => parts.push(format!("{} to {}", text(at), text(at + length - 1))),
        }
        at += length.max(1);
    }
    format!("at {parameter} = {}", listed(&parts))
}

fn with_labels(evidence: &Evidence<'_>, those: &[bool]) -> String {
    let labels = evidence.points.iter().zip(those).filter(|(_, is_one)| **is_one);
    format!("with {}", listed(&labels.map(|(point, _)| point.label.to_owned()).collect::<Vec<_>>()))
}

/// A condition in words: `“provider calls saved” is 35.0 ± 0.5 % (must be at least 20%)`.
fn spoken_condition(condition: &Condition, point: Option<&PointEvidence<'_>>) -> String {
    let Condition { quantity, at_most, limit } = condition;
    let saved = if quantity.contrast == Contrast::Saving { " saved" } else { "" };
    let than = if *at_most { "at most" } else { "at least" };
    let value = point.map_or_else(String::new, |point| told(point.answer(quantity), quantity.unit()));
    let is = if value == UNKNOWN || value.is_empty() { "is not known".to_owned() } else { format!("is {value}") };
    format!("\u{201c}{}{saved}\u{201d} {is} (must be {than} {})", quantity.measure.spoken, quantity.spelled(*limit))
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
            no.starts_with("No: “wait of users, slowest 5 %” is 1.2") && no.contains(" s (must be at most 1 s)."),
            "{no}"
        );
        let open = told(&["connector_calls.saving >= 70%"]);
        assert!(open.starts_with("Not decided at this precision: “provider calls saved” is "), "{open}");
    }

    #[test]
    fn studies_name_the_points() {
        let told = |kind| {
            let mut record = study(kind, 4, 6);
            for point in &mut record.points {
                point.facts.yes_if = vec!["connector_calls.saving >= 30%".parse().expect("a condition")];
            }
            decisions(&Evidence::from(&record)).expect("a decision")
        };
        assert_eq!(told(StudyKind::Sweep), "Yes at group.client.count = 5 to 20; no at group.client.count = 40.");
        assert_eq!(told(StudyKind::Comparison), "Yes with variant-0, variant-1 and variant-2; no with variant-3.");
    }
}
