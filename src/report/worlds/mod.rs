//! What holds in how many worlds: alternatives are compared in each world, and counted over all of them. The world that is assumed is
//! told beside the others and never counted.

mod conclusions;
mod conditions;
mod regret;
mod spread;

pub(super) use conclusions::{Conclusion, RequirementCount, Standing, WorldOutcome};
pub(super) use conditions::{FailureConditions, restricted_to, told_limits};
pub(super) use regret::Regret;
pub(super) use spread::NumberSpread;

use crate::inference::Quantity;
use crate::measures;
use crate::record::{AlternativeRecord, WorldsRecord};

use super::differences::{self, Difference};
use super::evidence::{Evidence, PointEvidence};

/// At most so many numbers are told of in sentences and drawn.
const NUMBERS_TOLD: usize = 4;

/// What a study of worlds has found.
pub(super) struct WorldResults<'r> {
    pub(super) record: &'r WorldsRecord,
    /// For each world the differences of the alternatives from the first one, each verdict sure on its own; the first world is the one
    /// that is assumed.
    pub(super) differences: Vec<Vec<Difference>>,
    /// What is known of the requirements, by world and alternative; empty without any.
    pub(super) outcomes: Vec<Vec<WorldOutcome>>,
    pub(super) conclusions: Vec<Conclusion>,
    pub(super) requirements: Vec<RequirementCount>,
    pub(super) regrets: Vec<Regret>,
    /// How far the numbers go; none if topologies are not told apart.
    pub(super) spreads: Vec<NumberSpread>,
    pub(super) conditions: Vec<FailureConditions>,
    /// Replications of each alternative in each world.
    pub(super) replications: usize,
}

impl<'r> WorldResults<'r> {
    pub(super) fn of(evidence: &Evidence<'r>, record: &'r WorldsRecord) -> Self {
        let worlds: Vec<Evidence<'r>> = record.points.iter().map(|points| world(evidence, record, points)).collect();
        let differences: Vec<Vec<Difference>> = worlds.iter().map(differences::differences_alone).collect();
        let outcomes = worlds.iter().enumerate().map(|(number, world)| match record.topologies.get(number) {
            Some(points) if number > 0 => WorldOutcome::of_topologies(evidence, points).into_iter().collect(),
            _ => WorldOutcome::of_world(world),
        });
        let outcomes: Vec<Vec<WorldOutcome>> = outcomes.collect();
        let mut results = Self {
            record,
            differences,
            outcomes,
            conclusions: Vec::new(),
            requirements: Vec::new(),
            regrets: Vec::new(),
            spreads: Vec::new(),
            conditions: Vec::new(),
            replications: evidence.points.iter().map(|point| point.replications).min().unwrap_or(0),
        };
        results.conclusions = conclusions::conclusions(&results);
        results.requirements = conclusions::requirements(&results);
        results.regrets = regret::regrets(&results);
        let told = results.told(evidence);
        results.spreads = spread::spreads(evidence, &results, &told);
        results.conditions = conditions::conditions(&results, &told);
        results
    }

    /// Whether each world has topologies of its own.
    pub(super) fn has_topologies(&self) -> bool {
        !self.record.topologies.is_empty()
    }

    /// The number of worlds that are counted.
    pub(super) fn count(&self) -> usize {
        self.record.count()
    }

    /// The names of the alternatives.
    pub(super) fn labels(&self) -> impl Iterator<Item = &'r str> + use<'r> {
        self.record.alternatives.iter().map(|alternative| alternative.label.as_str())
    }

    /// The smallest difference of a number that matters, seen from the first alternative as assumed; 0 if that is not known.
    pub(super) fn least(&self, number: &Quantity) -> f64 {
        let assumed = self.differences.first().into_iter().flatten();
        assumed.filter(|one| one.number == *number).find_map(|one| one.least).unwrap_or(0.0)
    }

    /// The numbers that are told first: what is required, calls saved, and what users feel.
    pub(super) fn told(&self, evidence: &Evidence<'_>) -> Vec<Quantity> {
        let required = evidence.points.first().into_iter().flat_map(|point| &point.facts.yes_if);
        let usual = [
            Quantity::saving(measures::CONNECTOR_CALLS),
            Quantity::value(measures::USER_WAIT_P95),
            Quantity::value(measures::FRESH_SHARE),
            Quantity::value(measures::PRICE_AGE_P95),
            Quantity::value(measures::CONNECTOR_CALLS),
        ];
        let mut told: Vec<Quantity> = Vec::new();
        for number in required.map(|condition| condition.quantity.clone()).chain(usual) {
            let is_known = match evidence.points.first() {
                Some(assumed) if self.conclusions.is_empty() => assumed.answer(&number).known().is_some(),
                _ => self.conclusions.iter().any(|one| one.number == number && one.known() > 0),
            };
            if is_known && !told.contains(&number) && told.len() < NUMBERS_TOLD {
                told.push(number);
            }
        }
        told
    }
}

/// The alternatives in one world, as a comparison.
fn world<'r>(evidence: &Evidence<'r>, record: &'r WorldsRecord, points: &[usize]) -> Evidence<'r> {
    let alternative = |(alternative, point): (&'r AlternativeRecord, &usize)| PointEvidence {
        label: &alternative.label,
        ..evidence.points[*point].clone()
    };
    evidence.with_points(record.alternatives.iter().zip(points).map(alternative).collect())
}
