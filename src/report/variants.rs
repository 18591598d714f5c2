//! The answer of a comparison in a few lines: one for the first variant, with what `GTNet` changes there, and one for each other
//! that misses a requirement or surely differs in what matters. Of more variants than there is room for, those that meet the
//! requirements are told first, as somebody has to choose between them. What is equal, perhaps too small to matter, or too uncertain
//! to tell stands in the tables.

use crate::inference::{Decision, Direction, Quantity, Relevant, Verdict};
use crate::measures::{self, Condition};

use super::changes;
use super::decided::{PERHAPS, UNCERTAIN, decision};
use super::differences::Difference;
use super::evidence::{Evidence, PointEvidence};
use super::numbers::{capitalised, from_to, listed, quoted};
use super::required::{missed, values, with_value};
use super::silent::{VARIANTS_NAMED, alike, all_quoted};

/// At most so many variants beside the first one have a line, the one on all that have none of their own included.
const LINES_OF_OTHERS: usize = 6;

/// A line tells at most so many differences for the better, and as many for the worse.
const DIFFERENCES_TOLD: usize = 2;

/// Of at most so many variants without a line the value of the first requirement is told.
const VARIANTS_WITH_VALUES: usize = 8;

/// What can be said of one variant.
struct VariantLine<'e> {
    label: &'e str,
    decision: Option<Decision>,
    /// By how much it misses requirements.
    missed: Option<String>,
    /// What surely differs in a way that matters.
    differs: Vec<(Direction, String)>,
    /// What users pay or gain beside that, if it is there and may not matter.
    perhaps: Option<String>,
    /// What `GTNet` changes, as sentences, where the first variant does not say it.
    gtnet: Option<String>,
}

/// The lines; none if nothing can be compared.
pub(super) fn lines(evidence: &Evidence<'_>, differences: &[Difference]) -> Vec<String> {
    let Some((reference, others)) = evidence.points.split_first() else { return Vec::new() };
    let first = VariantLine { gtnet: changes::of_variant(evidence, reference), ..VariantLine::of(reference, &[]) };
    let gtnet = |point: &PointEvidence<'_>| {
        let is_told = changes::differ_without(evidence, point, reference);
        is_told.then(|| changes::of_variant(evidence, point)).flatten()
    };
    // Users in another situation are compared with themselves alone: the first variant's say nothing of them.
    let others = others.iter().map(|point| match gtnet(point) {
        None => VariantLine::of(point, differences),
        told => VariantLine { gtnet: told, ..VariantLine::of(point, &[]) },
    });
    let others: Vec<VariantLine<'_>> = others.collect();
    let (telling, silent): (Vec<&VariantLine<'_>>, Vec<&VariantLine<'_>>) =
        others.iter().partition(|line| !line.is_silent());
    let chosen = chosen(&telling, !silent.is_empty());
    let is_chosen = |line: &&&VariantLine<'_>| chosen.contains(&line.label);
    let mut lines: Vec<String> = Vec::new();
    lines.extend((!first.is_silent()).then(|| first.told(reference.label)));
    lines.extend(telling.iter().filter(is_chosen).map(|line| line.told(reference.label)));
    let unsaid: Vec<&str> = telling.iter().filter(|line| !is_chosen(line)).map(|line| line.label).collect();
    let unsaid: Vec<&PointEvidence<'_>> =
        evidence.points.iter().filter(|point| unsaid.contains(&point.label)).collect();
    let silent: Vec<(&str, bool)> =
        silent.iter().map(|line| (line.label, line.decision == Some(Decision::Yes))).collect();
    let is_said = evidence.points.iter().all(|point| decision(point) == Some(Decision::Yes));
    let rest: Vec<String> = untold(&unsaid)
        .into_iter()
        .chain(alike(reference.label, &silent, is_said, differences, &reference.facts.yes_if))
        .collect();
    lines.extend((!rest.is_empty()).then(|| rest.join(" ")));
    if evidence.points.iter().all(|point| point.facts.yes_if.is_empty()) {
        let from = format!("from {} in ways that matter.", quoted(reference.label));
        let headline = match (telling.as_slice(), others.len()) {
            ([], _) => None,
            ([only], 1) => Some(format!("{} surely differs {from}", quoted(only.label))),
            ([_], all) => Some(format!("1 of {all} variants surely differs {from}")),
            (several, all) => Some(format!("{} of {all} variants surely differ {from}", several.len())),
        };
        lines.splice(0..0, headline);
    }
    lines
}

/// The variants that have a line: all if there is room, else first those that meet the requirements, then those of which that is
/// not sure, and at last those that miss them.
fn chosen<'e>(telling: &[&VariantLine<'e>], has_others: bool) -> Vec<&'e str> {
    let is_room_for_all = telling.len() + usize::from(has_others) <= LINES_OF_OTHERS;
    let count = if is_room_for_all { telling.len() } else { LINES_OF_OTHERS - 1 };
    let mut ranked: Vec<&&VariantLine<'_>> = telling.iter().collect();
    ranked.sort_by_key(|line| match line.decision {
        Some(Decision::Yes) => 0,
        Some(Decision::Uncertain(_) | Decision::Unknown(_)) => 1,
        Some(Decision::No(_)) | None => 2,
    });
    ranked.into_iter().take(count).map(|line| line.label).collect()
}

/// The sentence on variants that differ and have no line: which they are, and what they reach of the first requirement.
fn untold(unsaid: &[&PointEvidence<'_>]) -> Option<String> {
    let (differ, have) = if unsaid.len() == 1 { ("differs, too", "it") } else { ("differ, too", "them") };
    let of_requirement = unsaid.first().and_then(|point| point.facts.yes_if.first());
    let with_value = |condition: &Condition| {
        let told = |point: &&PointEvidence<'_>| {
            let asked = point.facts.yes_if.first() == Some(condition);
            let value = values(condition, &[point]).filter(|_| asked)?;
            Some(format!("{} {value}", quoted(point.label)))
        };
        let all = unsaid.iter().map(told).collect::<Option<Vec<String>>>()?;
        Some(format!("in {}: {}", condition.quantity.spoken(), listed(&all)))
    };
    let few = (unsaid.len() <= VARIANTS_WITH_VALUES).then_some(());
    let valued = few.and(of_requirement).and_then(with_value);
    let labels: Vec<&str> = unsaid.iter().map(|point| point.label).collect();
    let those = match (&valued, labels.len() <= VARIANTS_NAMED) {
        (Some(_), _) if labels.len() == 1 => "One more variant".to_owned(),
        (None, true) => all_quoted(&labels),
        _ => format!("{} more variants", labels.len()),
    };
    (!unsaid.is_empty()).then(|| match valued {
        Some(valued) => format!("{those} {differ}; {valued}."),
        None => format!("{those} {differ}; the tables have {have}."),
    })
}

impl<'e> VariantLine<'e> {
    /// What the requirements and the differences say.
    fn of(point: &'e PointEvidence<'_>, differences: &[Difference]) -> Self {
        let decision = decision(point);
        let failed: &[Condition] = if let Some(Decision::No(failed)) = &decision { failed } else { &[] };
        // What is told of a requirement is not told again.
        let is_told = |one: &Difference| failed.iter().any(|condition| condition.quantity == one.number);
        let own: Vec<&Difference> =
            differences.iter().filter(|one| one.variant == point.label && !is_told(one)).collect();
        let what = if failed.len() == 1 { "a requirement" } else { "requirements" };
        let missed = (!failed.is_empty()).then(|| {
            let perhaps: Vec<Condition> = point
                .facts
                .yes_if
                .iter()
                .filter(|one| !failed.contains(one) && is_beyond(point, one))
                .cloned()
                .collect();
            let also = (!perhaps.is_empty()).then(|| {
                let more = if failed.len() == 1 && perhaps.len() == 1 { "a second requirement" } else { "others" };
                format!(
                    ". {} whether it also misses {more}: {}",
                    capitalised(UNCERTAIN),
                    with_value(&perhaps, &[point])
                )
            });
            format!("misses {what}: {}{}", missed(failed, &[point]), also.unwrap_or_default())
        });
        let differs = [Direction::Better, Direction::Worse]
            .into_iter()
            .filter_map(|direction| group(&own, direction, &point.facts.yes_if));
        let differs: Vec<(Direction, String)> = differs.collect();
        let perhaps = perhaps(&own, &differs);
        Self { label: point.label, missed, differs, perhaps, decision, gtnet: None }
    }

    fn is_silent(&self) -> bool {
        self.missed.is_none() && self.differs.is_empty() && self.gtnet.is_none()
    }

    /// `- “b” misses a requirement: … . It is worse than “a” in … . Compared with the same users without GTNet, …`
    fn told(&self, reference: &str) -> String {
        let Self { label, missed, differs, perhaps, gtnet, .. } = self;
        let (label, reference) = (quoted(label), quoted(reference));
        let than: Vec<String> =
            differs.iter().map(|(direction, what)| format!("{} in {what}", direction.name())).collect();
        let than = than.join(". It is ").replacen(" in ", &format!(" than {reference} in "), 1);
        let line = match (missed, differs.is_empty()) {
            (Some(missed), true) => format!("- {label} {missed}."),
            (Some(missed), false) => format!("- {label} {missed}. It is {than}."),
            (None, false) => format!("- {label} is {than}."),
            (None, true) => format!("- {label}:"),
        };
        [Some(line), perhaps.clone(), gtnet.clone()].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

/// Whether the mean at `point` breaks a condition, which need not be sure.
fn is_beyond(point: &PointEvidence<'_>, condition: &Condition) -> bool {
    let Condition { quantity, limit, at_most } = condition;
    let mean = point.answer(quantity).counted().map(|counted| counted.mean);
    mean.is_some_and(|mean| if *at_most { mean > *limit } else { mean < *limit })
}

/// `Perhaps too small to matter: it is better in typical wait of users (1.16 → 1.09 s).` Who is worse only, or better only, may have a
/// price to tell: what users wait.
fn perhaps(own: &[&Difference], differs: &[(Direction, String)]) -> Option<String> {
    let [(direction, _)] = differs else { return None };
    let is_price = |one: &&&Difference| {
        let is_wait = [measures::USER_WAIT_P50, measures::USER_WAIT_P95].contains(&one.number.measure);
        let Verdict::Differs(of, Relevant::Perhaps) = one.verdict else { return false };
        is_wait && of != *direction
    };
    let prices: Vec<&&Difference> = own.iter().filter(is_price).collect();
    let name = prices.first()?.verdict.direction()?.name();
    let told: Vec<String> = prices.iter().map(|one| with_values(one)).collect();
    Some(format!("{}: it is {name} in {}.", capitalised(PERHAPS), listed(&told)))
}

/// `provider calls (10,200 → 15,400 a day) and messages (…)`: what surely differs in this direction, and matters. What is
/// required comes first, as it decides.
fn group(own: &[&Difference], direction: Direction, required: &[Condition]) -> Option<(Direction, String)> {
    let those: Vec<&&Difference> =
        own.iter().filter(|one| one.verdict == Verdict::Differs(direction, Relevant::Yes)).collect();
    // Calls and calls saved are the same news, if both go the same way.
    let saving = Quantity::saving(measures::CONNECTOR_CALLS);
    let is_saved = those.iter().any(|one| one.number == saving) || !own.iter().any(|one| one.number == saving);
    let is_told = |one: &&&Difference| !(is_saved && one.number == Quantity::value(measures::CONNECTOR_CALLS));
    let mut those: Vec<&&Difference> = those.into_iter().filter(|one| is_told(one)).collect();
    those.sort_by_key(|one| !required.iter().any(|condition| condition.quantity == one.number));
    let mut told: Vec<String> = those.iter().take(DIFFERENCES_TOLD).map(|one| with_values(one)).collect();
    if those.len() > DIFFERENCES_TOLD {
        let left_out = those.len() - DIFFERENCES_TOLD;
        told.push(format!("{left_out} other measure{}", if left_out == 1 { "" } else { "s" }));
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

    /// The lines without that on the first variant, which tells nothing but what `GTNet` changes.
    fn told(record: &StudyRecord) -> Vec<String> {
        let evidence = Evidence::from(record);
        let lines = lines(&evidence, &differences(&evidence));
        let is_of_gtnet =
            |line: &&String| line.starts_with("- “variant-0”: Compared with the same users without GTNet, ");
        assert_eq!(lines.iter().filter(is_of_gtnet).count(), 1, "{lines:#?}");
        lines.iter().filter(|line| !is_of_gtnet(line)).cloned().collect()
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
            ["Equal to “variant-0” for this purpose: “variant-1” and “variant-2”. The tables have every number."]
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
            "Equal to “variant-0” for this purpose: “variant-1”. The tables have every number.",
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
        let evidence = Evidence::from(&record);
        let lines = lines(&evidence, &differences(&evidence));
        let misses = "misses a requirement: wait of the slowest 5 % of visits 1,000 ms instead of at most 500 ms.";
        assert!(
            lines[0].starts_with(&format!("- “variant-0” {misses} Compared with the same users without GTNet, ")),
            "{lines:#?}"
        );
        assert_eq!(lines[1], format!("- “variant-1” {misses}"));
    }

    /// Calls over a limit that only some of the users are near to.
    #[test]
    fn gtnet_is_told_again_where_its_users_would_be_in_another_situation() {
        let mut record = alike(3);
        for (point, over) in [(0, 100.0), (1, 100.0), (2, 900.0)] {
            for (observed, number) in record.points[point].replications.iter_mut().zip(0_u32..) {
                let more = f64::from(number) / 100.0;
                observed.measured[measures::CONNECTOR_RATE_LIMITED] = Some(10.0 + more);
                observed.baseline.as_mut().expect("a baseline")[measures::CONNECTOR_RATE_LIMITED] =
                    Some(over + 2.0 * more);
            }
            record.points[point].contributions = record.points[point].replications.clone();
        }
        let told = told(&record);
        let again =
            told.iter().find(|line| line.starts_with("- “variant-2”: Compared with the same users without GTNet, "));
        assert!(again.is_some_and(|line| line.contains("calls over a limit fall (900 → 10 a day)")), "{told:#?}");
        assert!(!told.iter().any(|line| line.starts_with("- “variant-1”")), "{told:#?}");
    }

    /// Of more differences than a line tells, those in what is required are told.
    #[test]
    fn what_is_required_is_told_first() {
        let mut record = alike(2);
        for (measure, value) in [
            (measures::PRICE_AGE_P50, 4_000.0),
            (measures::PRICE_AGE_P95, 9_000.0),
            (measures::USER_WAIT_P50, 30.0),
            (measures::USER_WAIT_P95, 50.0),
        ] {
            set(&mut record, 0, measure, value);
            set(&mut record, 1, measure, value / 2.0);
        }
        let line =
            |record: &StudyRecord| told(record).into_iter().find(|line| line.starts_with("- “variant-1” is better"));
        let without = line(&record).expect("a line");
        assert!(
            without.contains(" in typical age of prices (") && without.contains(" and 2 other measures."),
            "{without}"
        );
        for point in &mut record.points {
            point.facts.yes_if = vec!["user_wait_p95 <= 60s".parse().expect("a condition")];
        }
        let with = line(&record).expect("a line");
        assert!(
            with.contains(" in wait of the slowest 5 % of visits (50.0 → 25.0 s), typical age of prices ("),
            "{with}"
        );
    }

    /// Ten per cent would be too many; it is eleven, and that may be chance.
    #[test]
    fn what_may_be_missed_is_told_beside_what_is() {
        let mut record = alike(2);
        for (point, wait, shares) in [(0, 1.0, [0.01, 0.02]), (1, 3.0, [0.02, 0.20])] {
            set(&mut record, point, measures::USER_WAIT_P95, wait);
            let point = &mut record.points[point];
            for (observed, share) in point.replications.iter_mut().zip(shares.into_iter().cycle()) {
                observed.measured[measures::REFUSED_SHARE] = Some(share);
            }
            point.contributions = point.replications.clone();
            let asked = ["user_wait_p95 <= 2s", "server_refused_share <= 10%"];
            point.facts.yes_if = asked.map(|text| text.parse().expect("a condition")).to_vec();
        }
        let told = told(&record);
        let line =
            told.iter().find(|line| line.starts_with("- “variant-1” misses a requirement: wait")).expect("a line");
        assert!(
            line.contains(
                ". Too uncertain to tell whether it also misses a second requirement: messages that servers refuse 11.0 % (at most"
            ),
            "{line}"
        );
    }

    /// Who meets the requirements is told before who misses them.
    #[test]
    fn the_choice_is_told_first() {
        let mut record = alike(9);
        for (point, wait) in (0..9).zip([1.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 0.2, 0.2]) {
            set(&mut record, point, measures::USER_WAIT_P95, wait);
            record.points[point].facts.yes_if = vec!["user_wait_p95 <= 2s".parse().expect("a condition")];
        }
        let told = told(&record);
        let has_line = |number: u32| told.iter().any(|line| line.starts_with(&format!("- “variant-{number}”")));
        assert!(has_line(7) && has_line(8) && has_line(3) && !has_line(4), "{told:#?}");
        let last = told.last().expect("a line");
        assert_eq!(
            last,
            "3 more variants differ, too; in wait of the slowest 5 % of visits: “variant-4” 5.00 s, “variant-5” 5.00 s and “variant-6” 5.00 s."
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
            let evidence = Evidence::from(&record);
            let lines = lines(&evidence, &differences(&evidence));
            assert!(lines.len() <= LINES_OF_OTHERS + 1, "{lines:#?}");
            let mut sentences = lines.iter().flat_map(|line| line.split(". "));
            assert!(sentences.all(|sentence| sentence.split_whitespace().count() <= 55), "{lines:#?}");
        }
    }
}
