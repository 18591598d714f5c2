//! The answer of a comparison in a few lines: one for each variant that misses a requirement or surely differs in what matters.
//! What is equal, perhaps too small to matter, or too uncertain to tell stands in the tables. However many variants there are, the
//! lines are few.

use crate::inference::{Decision, Direction, Quantity, Relevant, Verdict};
use crate::measures;

use super::decided::{decision, missed};
use super::differences::Difference;
use super::evidence::{Evidence, PointEvidence};
use super::numbers::{from_to, listed, quoted};

/// At most so many variants have a line of their own, and at most so many others are named in one sentence.
const VARIANTS_TOLD: usize = 4;

/// A line tells at most so many differences for the better, and as many for the worse.
const DIFFERENCES_TOLD: usize = 2;

/// What can be said of one variant.
struct VariantLine<'e> {
    label: &'e str,
    /// By how much it misses requirements.
    missed: Option<String>,
    /// What surely differs in a way that matters.
    differs: Vec<(Direction, String)>,
}

/// The lines; none if nothing can be compared.
pub(super) fn lines(evidence: &Evidence<'_>, differences: &[Difference]) -> Vec<String> {
    let Some(reference) = evidence.points.first() else { return Vec::new() };
    let all: Vec<VariantLine<'_>> = evidence.points.iter().map(|point| VariantLine::of(point, differences)).collect();
    // The reference differs from nothing, but may miss a requirement.
    let (telling, silent): (Vec<&VariantLine<'_>>, Vec<&VariantLine<'_>>) =
        all.iter().partition(|line| line.missed.is_some() || !line.differs.is_empty());
    let silent: Vec<&str> = silent.iter().map(|line| line.label).filter(|label| *label != reference.label).collect();
    // Those that miss a requirement are told before others if there is no room for all.
    let mut chosen: Vec<&VariantLine<'_>> = telling.clone();
    chosen.sort_by_key(|line| line.missed.is_none());
    chosen.truncate(VARIANTS_TOLD);
    let is_chosen = |line: &&&VariantLine<'_>| chosen.iter().any(|one| one.label == line.label);
    let mut lines: Vec<String> = telling.iter().filter(is_chosen).map(|line| line.told(reference.label)).collect();
    let mut rest: Vec<String> = Vec::new();
    let unsaid: Vec<&str> = telling.iter().filter(|line| !is_chosen(line)).map(|line| line.label).collect();
    if !unsaid.is_empty() {
        let few = (unsaid.len() <= VARIANTS_TOLD).then(|| all_quoted(&unsaid));
        let those = few.unwrap_or_else(|| format!("{} more variants", unsaid.len()));
        let (differ, have) = if unsaid.len() == 1 { ("differs, too", "it") } else { ("differ, too", "them") };
        rest.push(format!("{those} {differ}; the tables have {have}."));
    }
    if !silent.is_empty() {
        let is_known =
            differences.iter().any(|one| silent.contains(&one.variant.as_str()) && one.verdict != Verdict::NotKnown);
        let nothing = if is_known { "no difference is sure to matter" } else { "nothing can be compared" };
        let others = match silent.len() {
            1 => quoted(silent[0]),
            few if few <= VARIANTS_TOLD => format!("each of {}", all_quoted(&silent)),
            many if many + 1 == all.len() => format!("each of the {many} others"),
            many => format!("each of {many} others that are not named here"),
        };
        rest.push(format!("Between {} and {others} {nothing}. The tables have every number.", quoted(reference.label)));
    }
    lines.extend((!rest.is_empty()).then(|| rest.join(" ")));
    if evidence.points.iter().all(|point| point.facts.yes_if.is_empty()) {
        let from = format!("from {} in ways that matter.", quoted(reference.label));
        let headline = match (telling.as_slice(), all.len() - 1) {
            ([], _) => None,
            ([only], 1) => Some(format!("{} surely differs {from}", quoted(only.label))),
            ([_], all) => Some(format!("1 of {all} variants surely differs {from}")),
            (several, all) => Some(format!("{} of {all} variants surely differ {from}", several.len())),
        };
        lines.splice(0..0, headline);
    }
    lines
}

fn all_quoted(labels: &[&str]) -> String {
    listed(&labels.iter().map(|label| quoted(label)).collect::<Vec<_>>())
}

impl<'e> VariantLine<'e> {
    fn of(point: &'e PointEvidence<'_>, differences: &[Difference]) -> Self {
        let failed = match decision(point) {
            Some(Decision::No(failed)) => failed,
            _ => Vec::new(),
        };
        // What is told of a requirement is not told again.
        let is_told = |one: &Difference| failed.iter().any(|condition| condition.quantity == one.number);
        let own: Vec<&Difference> =
            differences.iter().filter(|one| one.variant == point.label && !is_told(one)).collect();
        let what = if failed.len() == 1 { "a requirement" } else { "requirements" };
        let missed = (!failed.is_empty()).then(|| format!("misses {what}: {}", missed(&failed, &[point])));
        let differs = [Direction::Better, Direction::Worse].into_iter().filter_map(|direction| group(&own, direction));
        Self { label: point.label, missed, differs: differs.collect() }
    }

    /// `- “b” misses a requirement: … . It is worse than “a” in … .`
    fn told(&self, reference: &str) -> String {
        let Self { label, missed, differs } = self;
        let (label, reference) = (quoted(label), quoted(reference));
        let than: Vec<String> =
            differs.iter().map(|(direction, what)| format!("{} in {what}", direction.name())).collect();
        let than = than.join(", and ").replacen(" in ", &format!(" than {reference} in "), 1);
        match (missed, differs.is_empty()) {
            (Some(missed), true) => format!("- {label} {missed}."),
            (Some(missed), false) => format!("- {label} {missed}. It is {than}."),
            (None, _) => format!("- {label} is {than}."),
        }
    }
}

/// `provider calls (10,200 → 15,400 a day) and messages (…)`: what surely differs in this direction, and matters.
fn group(own: &[&Difference], direction: Direction) -> Option<(Direction, String)> {
    let those: Vec<&&Difference> =
        own.iter().filter(|one| one.verdict == Verdict::Differs(direction, Relevant::Yes)).collect();
    // Calls and calls saved are the same news, if both go the same way.
    let saving = Quantity::saving(measures::CONNECTOR_CALLS);
    let is_saved = those.iter().any(|one| one.number == saving) || !own.iter().any(|one| one.number == saving);
    let is_told = |one: &&&Difference| !(is_saved && one.number == Quantity::value(measures::CONNECTOR_CALLS));
    let those: Vec<&&Difference> = those.into_iter().filter(|one| is_told(one)).collect();
    let mut told: Vec<String> = those.iter().take(DIFFERENCES_TOLD).map(|one| with_values(one)).collect();
    if those.len() > DIFFERENCES_TOLD {
        let left_out = those.len() - DIFFERENCES_TOLD;
        told.push(format!("{left_out} other number{}", if left_out == 1 { "" } else { "s" }));
    }
    (!told.is_empty()).then(|| (direction, listed(&told)))
}

/// `provider calls (10,200 → 15,400 a day)`.
fn with_values(one: &Difference) -> String {
    let means = one.reference_mean.counted().zip(one.variant_mean.counted());
    let values = means.map(|(from, to)| format!(" ({})", from_to(from.mean, to.mean, one.number.unit())));
    format!("{}{}", one.name(), values.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measures::MeasureId;
    use crate::record::{StudyKind, StudyRecord};
    use crate::report::differences::differences;
    use crate::report::support::study;

    fn told(record: &StudyRecord) -> Vec<String> {
        let evidence = Evidence::from(record);
        lines(&evidence, &differences(&evidence))
    }

    /// The values of `measure` in the replications of a point: `value`, a little more, and so on.
    fn set(record: &mut StudyRecord, point: usize, measure: MeasureId, value: f64) {
        for (observed, number) in record.points[point].replications.iter_mut().zip(0_u32..) {
            observed.measured[measure] = Some(value * (1.0 + f64::from(number) / 1e4));
        }
        record.points[point].contributions = record.points[point].replications.clone();
    }

    /// Variants that are all the same.
    fn alike(points: u32) -> StudyRecord {
        let mut record = study(StudyKind::Comparison, points, 8);
        let first = record.points[0].replications.clone();
        for point in &mut record.points {
            (point.replications, point.contributions) = (first.clone(), first.clone());
        }
        record
    }

    #[test]
    fn equals_have_no_line_of_their_own() {
        assert_eq!(
            told(&alike(3)),
            [
                "Between “variant-0” and each of “variant-1” and “variant-2” no difference is sure to matter. The tables have every number."
            ]
        );
    }

    #[test]
    fn each_cause_changes_the_line() {
        let mut record = alike(3);
        for (point, wait) in [(0, 1.0), (1, 1.0), (2, 3.0)] {
            set(&mut record, point, measures::USER_WAIT_P95, wait);
        }
        let expected = [
            "1 of 2 variants surely differs from “variant-0” in ways that matter.",
            "- “variant-2” is worse than “variant-0” in wait of the slowest 5 % of visits (1.00 → 3.00 s).",
            "Between “variant-0” and “variant-1” no difference is sure to matter. The tables have every number.",
        ];
        assert_eq!(told(&record), expected);
        set(&mut record, 2, measures::USER_WAIT_P95, 0.2);
        assert_eq!(
            told(&record)[1],
            "- “variant-2” is better than “variant-0” in wait of the slowest 5 % of visits (1.00 s → 200 ms)."
        );
        for point in &mut record.points {
            point.facts.yes_if = vec!["user_wait_p95 <= 500ms".parse().expect("a condition")];
        }
        assert_eq!(
            told(&record)[..2],
            [
                "- “variant-0” misses a requirement: wait of the slowest 5 % of visits 1.00 s instead of at most 500 ms.",
                "- “variant-1” misses a requirement: wait of the slowest 5 % of visits 1.00 s instead of at most 500 ms.",
            ]
        );
    }

    /// However many variants there are and however much they differ.
    #[test]
    fn the_lines_are_few() {
        for points in [2, 5, 9, 40] {
            let mut record = study(StudyKind::Comparison, points, 8);
            for point in &mut record.points {
                point.facts.yes_if = vec!["connector_calls.saving >= 45%".parse().expect("a condition")];
            }
            let told = told(&record);
            assert!(told.len() <= VARIANTS_TOLD + 1, "{told:#?}");
            assert!(told.iter().all(|line| line.split_whitespace().count() <= 60), "{told:#?}");
        }
    }
}
