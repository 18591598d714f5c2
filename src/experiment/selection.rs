//! Which point is the best in a measure: replications are added to those that may be it, until one is left or the budget is spent.

use serde::{Deserialize, Serialize};

use crate::inference::{Direction, Observations, Quantity};
use crate::record::{EliminationRecord, SelectionLook, SelectionRecord, UnitRecord};
use crate::stats::{Sample, Selection, SelectionRule};

use super::as_text;
use super::replications::Replications;

/// No point is eliminated on fewer replications than these: the fewer there are, the less they tell how much luck there is, and
/// the more it takes in the end.
const FIRST_STAGE: u32 = 10;

/// Which point is sought, what is promised of it, and what that may cost.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SelectionPlan {
    /// What the best point is best in; of two values one must be better.
    #[serde(with = "as_text")]
    pub quantity: Quantity,
    /// The indifference zone, in the unit of the quantity: the smallest difference that matters.
    pub zone: f64,
    /// The probability with which the best is chosen if it is better than all others by the indifference zone.
    pub confidence: f64,
    /// The most replications of all points together.
    pub budget: u32,
}

impl SelectionPlan {
    /// The replications of each point with which the selection begins, if these are `wanted`: all points get as many.
    #[must_use]
    pub fn first_stage(wanted: &[u32]) -> u32 {
        wanted.iter().copied().fold(FIRST_STAGE, u32::max)
    }

    /// The most replications of each point that can be asked for: after the first stage, two points may share all that is left.
    #[must_use]
    pub(super) fn most(&self, wanted: &[u32]) -> Vec<u32> {
        let first = Self::first_stage(wanted);
        let rest = u64::from(self.budget).saturating_sub(u64::from(first) * wanted.len() as u64);
        let most = u64::from(first) + rest / 2;
        vec![u32::try_from(most).unwrap_or(u32::MAX); wanted.len()]
    }

    /// Adds replications until one point is left, or none can be added within the budget; returns how many replications each point
    /// has got, and what was found.
    pub(super) fn carry_out<R: Replications>(
        &self,
        source: &mut R,
        wanted: &[u32],
    ) -> Result<(Vec<u32>, SelectionRecord), R::Error> {
        let first_stage = Self::first_stage(wanted);
        let points = source.points();
        let rule = SelectionRule { alternatives: points, first_stage, confidence: self.confidence, zone: self.zone };
        let mut replications = vec![first_stage; points];
        let mut looks: Vec<SelectionLook> = Vec::new();
        let mut look = first_stage;
        let mut selection: Option<Selection> = None;
        loop {
            source.provide(&replications)?;
            let is_left = |point: usize| selection.as_ref().is_none_or(|of| of.left().contains(&point));
            let samples: Vec<Option<Sample>> = (0..points)
                .map(|point| is_left(point).then(|| self.sample(&source.replications(point, look))).flatten())
                .collect();
            looks.push(SelectionLook {
                replications: look,
                means: samples.iter().map(|sample| sample.as_ref().map(Sample::centre)).collect(),
            });
            let of = selection.get_or_insert_with(|| self.begin(rule, &samples));
            let means: Vec<Option<f64>> =
                samples.iter().map(|sample| sample.as_ref().map(|sample| self.signed(sample.centre()))).collect();
            of.look(look, &means);
            let next = (!of.is_over()).then(|| self.next(look, of.left(), &replications)).flatten();
            let Some(next) = next else {
                let found = self.record(of, looks);
                return Ok((replications, found));
            };
            look = next;
            of.left().iter().for_each(|point| replications[*point] = look);
        }
    }

    fn begin(&self, rule: SelectionRule, samples: &[Option<Sample>]) -> Selection {
        let of_sample = |sample: &Sample| sample.values().iter().map(|value| self.signed(*value)).collect();
        let values: Vec<Option<Vec<f64>>> = samples.iter().map(|sample| sample.as_ref().map(of_sample)).collect();
        Selection::begin(rule, &values.iter().map(Option::as_deref).collect::<Vec<_>>())
    }

    /// The next look, at fewer replications than it should be if the budget does not suffice for more; `None` if it is spent.
    fn next(&self, look: u32, left: &[usize], replications: &[u32]) -> Option<u32> {
        let spent: u64 = replications.iter().map(|count| u64::from(*count)).sum();
        let rest = u64::from(self.budget).saturating_sub(spent) / left.len() as u64;
        let affordable = u32::try_from(u64::from(look) + rest).unwrap_or(u32::MAX);
        Some(SelectionRule::next_look(look).min(affordable)).filter(|next| *next > look)
    }

    /// What surrounds the mean at a point; `None` if it has none.
    fn sample(&self, units: &[UnitRecord]) -> Option<Sample> {
        let observations = Observations::of_units_for(units, &self.quantity);
        self.quantity.answer(&observations).known()?;
        self.quantity.sample(&observations, units.len())
    }

    /// The value with the sign with which more is better.
    fn signed(&self, value: f64) -> f64 {
        if self.more_is_better() { value } else { -value }
    }

    fn more_is_better(&self) -> bool {
        Direction::of(&self.quantity, true) == Direction::Better
    }

    fn record(&self, selection: &Selection, looks: Vec<SelectionLook>) -> SelectionRecord {
        let eliminated = selection
            .eliminated()
            .iter()
            .map(|fate| fate.map(|fate| EliminationRecord { replications: fate.replications, by: fate.by }));
        SelectionRecord {
            measure: self.quantity.to_string(),
            zone: self.zone,
            confidence: self.confidence,
            budget: self.budget,
            best: selection.best(),
            eliminated: eliminated.collect(),
            looks,
            equal_allocation: selection.equal_allocation(),
            most_needed: selection.most_needed(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::Gathered;
    use crate::measures::{self, Values};
    use crate::record::Observed;
    use crate::record::support::no_histograms;

    /// A point whose mean age of prices is about this, give or take a second in turns; `None` where a replication does not tell it.
    fn point(mean: Option<f64>) -> Vec<UnitRecord> {
        let replication = |number: u32| {
            let mut measured = Values::of(|_| None);
            let luck = f64::from(number * number % 7) / 3.0 - 1.0;
            measured[measures::PRICE_AGE_MEAN] = mean.map(|mean| mean + luck * (1.0 + mean / 100.0));
            UnitRecord { observed: Observed { measured, baseline: None }, detail: no_histograms() }
        };
        (0..400).map(replication).collect()
    }

    fn carried_out(means: &[Option<f64>], zone: f64, budget: u32) -> (Vec<u32>, SelectionRecord) {
        let quantity = Quantity::value(measures::PRICE_AGE_MEAN);
        let plan = SelectionPlan { quantity, zone, confidence: 0.95, budget };
        let mut source = Gathered { units: means.iter().map(|mean| point(*mean)).collect() };
        let Ok(outcome) = plan.carry_out(&mut source, &vec![3; means.len()]);
        let most = plan.most(&vec![3; means.len()]);
        assert!(outcome.0.iter().zip(&most).all(|(got, most)| got <= most), "{:?} of {most:?}", outcome.0);
        assert!(outcome.0.iter().sum::<u32>() <= budget, "{:?}", outcome.0);
        outcome
    }

    #[test]
    fn the_youngest_prices_are_best_and_the_others_go() {
        let (replications, found) = carried_out(&[Some(40.0), Some(10.0), Some(90.0)], 1.0, 1_000);
        assert_eq!(replications, [10, 10, 10]);
        assert_eq!((found.best, found.left()), (Some(1), vec![1]));
        let out = EliminationRecord { replications: 10, by: Some(1) };
        assert_eq!(found.eliminated, [Some(out), None, Some(out)]);
        assert!(found.equal_allocation.is_some_and(|all| all >= 30.0));
    }

    #[test]
    fn who_is_near_gets_more_replications() {
        let (replications, found) = carried_out(&[Some(40.0), Some(10.0), Some(10.3)], 0.01, 1_000);
        assert_eq!(found.best, Some(1));
        assert!(replications[1] >= 10 && replications[0] == 10, "{replications:?}");
        assert_eq!(found.looks.last().map(|look| look.replications), replications.iter().copied().max());
    }

    /// The third has nearly the luck of the first, so that little tells them apart. The second varies much more, and the zone is tiny.
    #[test]
    fn a_spent_budget_promises_nothing() {
        let (replications, found) = carried_out(&[Some(10.0), Some(80.0), Some(10.2)], 1e-4, 51);
        assert_eq!((found.best, found.left()), (None, vec![0, 1]));
        assert_eq!(found.leader(false), Some(0));
        assert_eq!(replications, [20, 20, 10], "each of the two gets half of what is left");
        assert!(found.most_needed > 20.0);
    }

    #[test]
    fn what_has_no_mean_cannot_be_the_best() {
        let (_, found) = carried_out(&[None, Some(10.0), Some(60.0)], 1.0, 100);
        assert_eq!(found.best, Some(1));
        assert_eq!(found.eliminated[0], Some(EliminationRecord { replications: 10, by: None }));
        let (_, nothing) = carried_out(&[None, None], 1.0, 100);
        assert_eq!((nothing.best, nothing.equal_allocation), (None, None));
    }
}
