//! The answer of a comparison in a few lines: one for each variant that misses a requirement or surely differs in what matters.
//! What is equal, perhaps too small to matter, or too uncertain to tell stands in the tables. However many variants there are, the
//! lines are few.

use crate::inference::{Decision, Direction, Quantity, Relevant, Verdict};
use crate::measures;

use super::decided::{decision, first_few, missed};
use super::differences::Difference;
use super::evidence::{Evidence, PointEvidence};
use super::numbers::{from_to, listed};

/// At most so many variants have a line of their own.
const VARIANTS_TOLD: usize = 4;

/// A line tells at most so many differences for the better, and as many for the worse.
const DIFFERENCES_TOLD: usize = 3;

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
    let all: Vec<VariantLine<'_>> =
        evidence.points.iter().map(|point| VariantLine::of(point, differences)).collect();
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
    if telling.len() > chosen.len() {
        rest.push(format!("{} more variants differ: see the tables.", telling.len() - chosen.len()));
    }
    if !silent.is_empty() {
        let is_known = differences.iter().any(|one| silent.contains(&one.variant.as_str()) && one.verdict != Verdict::NotKnown);
        let no = if is_known { "No difference that surely matters" } else { "Nothing can be compared" };
        rest.push(format!("{no} between {} and {}: see the tables.", reference.label, first_few(&silent)));
    }
    lines.extend((!rest.is_empty()).then(|| rest.join(" ")));
    lines
}

impl<'e> VariantLine<'e> {
    fn of(point: &'e PointEvidence<'_>, differences: &[Difference]) -> Self {
        let missed = match decision(point) {
            Some(Decision::No(failed)) => Some(missed(&failed, &[point])),
            _ => None,
        };
        let own: Vec<&Difference> = differences.iter().filter(|one| one.variant == point.label).collect();
        let differs = [Direction::Better, Direction::Worse].into_iter().filter_map(|direction| group(&own, direction));
        Self { label: point.label, missed, differs: differs.collect() }
    }

    /// `- b misses a requirement: … . It is worse than a in … .`
    fn told(&self, reference: &str) -> String {
        let Self { label, missed, differs } = self;
        let than: Vec<String> = differs.iter().map(|(direction, what)| format!("{} in {what}", direction.name())).collect();
        let than = than.join(" and ").replacen(" in ", &format!(" than {reference} in "), 1);
        match (missed, differs.is_empty()) {
            (Some(missed), true) => format!("- {label} misses a requirement: {missed}."),
            (Some(missed), false) => format!("- {label} misses a requirement: {missed}. It is {than}."),
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
    let is_saved = those.iter().any(|one| one.number == saving);
    let is_told = |one: &&&Difference| !(is_saved && one.number == Quantity::value(measures::CONNECTOR_CALLS));
    let those: Vec<&&Difference> = those.into_iter().filter(|one| is_told(&one)).collect();
    let mut told: Vec<String> = those.iter().take(DIFFERENCES_TOLD).map(|one| with_values(one)).collect();
    if those.len() > DIFFERENCES_TOLD {
        told.push(format!("{} more", those.len() - DIFFERENCES_TOLD));
    }
    (!told.is_empty()).then(|| (direction, listed(&told)))
}

/// `provider calls (10,200 → 15,400 a day)`.
fn with_values(one: &Difference) -> String {
    let means = one.reference_mean.counted().zip(one.variant_mean.counted());
    let values = means.map(|(from, to)| format!(" ({})", from_to(from.mean, to.mean, one.number.unit())));
    format!("{}{}", one.name(), values.unwrap_or_default())
}
