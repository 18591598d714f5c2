//! What flips a decision: for each uncertain value the nearest place on each way out of what is assumed at which the means decide
//! otherwise. A coarse scan of the whole way comes before bisection, so that a decision that flips back is seen.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::inference::{Decision, Observations};
use crate::measures::Condition;
use crate::record::{FlipFound, FlipLook, FlipWay, UnitRecord};

use super::replications::Replications;

/// The scan looks at every so many-th place.
const STRIDE: usize = 8;

/// Where a search for flips may look.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FlipPlan {
    /// What makes the answer yes.
    pub conditions: Vec<Condition>,
    /// For each uncertain value its ways out of what is assumed; the point 0 is the scenario as assumed.
    pub ways: Vec<Vec<FlipRoute>>,
}

/// A way out of what is assumed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FlipRoute {
    /// Its points, the nearest one first.
    pub points: Vec<usize>,
    /// How far each of them is from what is assumed, as a share of the range; empty if that has no measure.
    pub distances: Vec<f64>,
}

/// What is known of the decision at a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PointDecision {
    /// Whether the means keep all conditions; `None` if nobody can tell.
    pub is_met: Option<bool>,
    /// Whether that is sure.
    pub is_sure: bool,
}

/// What a search for flips has found, by the numbers of the points.
pub type FlipSearch = BTreeMap<usize, PointDecision>;

impl FlipPlan {
    /// The most points at which the search can look.
    #[must_use]
    pub fn most_looks(&self) -> usize {
        let bisection = STRIDE.next_power_of_two().trailing_zeros() as usize;
        let of_way = |way: &FlipRoute| scanned(way).count() + if way.points.len() > 1 { bisection } else { 0 };
        1 + self.ways.iter().flatten().map(of_way).sum::<usize>()
    }

    /// Looks for flips with `wanted` replications of each point that the search looks at; returns what it has found, and how many
    /// replications each point has got.
    ///
    /// # Errors
    ///
    /// Those of the source.
    pub fn carry_out<R: Replications>(
        &self,
        source: &mut R,
        wanted: &[u32],
    ) -> Result<(FlipSearch, Vec<u32>), R::Error> {
        let mut found = FlipSearch::new();
        let mut asked = vec![0; source.points()];
        let mut next: Vec<usize> = std::iter::once(0)
            .chain(self.ways.iter().flatten().flat_map(|way| scanned(way).map(|at| way.points[at])))
            .collect();
        while !next.is_empty() {
            for point in &next {
                asked[*point] = wanted[*point];
            }
            source.provide(&asked)?;
            for point in next {
                let decided = || PointDecision::of(&self.conditions, &source.replications(point, asked[point]));
                found.entry(point).or_insert_with(decided);
            }
            next = self.ways.iter().flatten().filter_map(|way| next_look(way, &found)).collect();
        }
        Ok((found, asked))
    }

    /// What was found on each way out, by input.
    #[must_use]
    pub fn found(&self, search: &FlipSearch) -> Vec<Vec<FlipWay>> {
        let of_way = |way: &FlipRoute| {
            let look = |(at, point): (usize, &usize)| {
                let decided = search.get(point)?;
                let distance = way.distances.get(at).copied();
                Some(FlipLook { point: *point, distance, is_met: decided.is_met, is_sure: decided.is_sure })
            };
            let mut looks: Vec<FlipLook> = way.points.iter().enumerate().filter_map(look).collect();
            // Whole numbers: several places of the way may be one point.
            looks.dedup_by_key(|look| look.point);
            let assumed = search.get(&0).and_then(|decided| decided.is_met);
            let is_flipped = |look: &FlipLook| assumed.is_some() && look.is_met == assumed.map(|met| !met);
            let first = looks.iter().position(is_flipped);
            let flip = first.map(|first| FlipFound {
                before: first.checked_sub(1).map(|before| looks[before].point),
                at: looks[first].point,
                distance: looks[first].distance,
                surely_at: looks.iter().find(|look| is_flipped(look) && look.is_sure).map(|look| look.point),
            });
            let returns = first.and_then(|first| looks[first..].iter().find(|look| look.is_met == assumed));
            FlipWay { flip, back_at: returns.map(|look| look.point), looks }
        };
        self.ways.iter().map(|ways| ways.iter().map(of_way).collect()).collect()
    }
}

impl PointDecision {
    fn of(conditions: &[Condition], units: &[UnitRecord]) -> Self {
        let observations = Observations::of_units(units);
        match Decision::on(conditions, &observations) {
            Some(Decision::Yes) => Self { is_met: Some(true), is_sure: true },
            Some(Decision::No(_)) => Self { is_met: Some(false), is_sure: true },
            _ => Self { is_met: Decision::by_means(conditions, &observations), is_sure: false },
        }
    }
}

/// The places at which the scan looks, the end of the way among them.
fn scanned(way: &FlipRoute) -> impl Iterator<Item = usize> + '_ {
    let count = way.points.len();
    (0..count).filter(move |at| (at + 1).is_multiple_of(STRIDE) || at + 1 == count)
}

/// The point between the last known place that is as assumed and the first one that is flipped; `None` if they are neighbours, or
/// nothing on the way is flipped.
fn next_look(way: &FlipRoute, found: &FlipSearch) -> Option<usize> {
    let assumed = found.get(&0)?.is_met?;
    let known = |at: &usize| found.get(&way.points[*at]).and_then(|decided| decided.is_met);
    let first = (0..way.points.len()).find(|at| known(at) == Some(!assumed))?;
    let before = (0..first).rev().find(|at| found.contains_key(&way.points[*at]));
    let open = before.map_or(0, |before| before + 1)..first;
    (!open.is_empty()).then(|| way.points[open.start + open.len() / 2])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::Gathered;
    use crate::measures::{CONNECTOR_CALLS, Values};
    use crate::record::Observed;
    use crate::record::support::units;

    /// A way of 32 places, at which the calls are what `calls` says of the distance.
    fn search(calls: fn(f64) -> f64) -> (FlipWay, usize) {
        let plan = FlipPlan {
            conditions: vec!["connector_calls <= 100".parse().expect("a condition")],
            ways: vec![vec![FlipRoute {
                points: (1..=32).collect(),
                distances: (1..=32).map(|step| f64::from(step) / 32.0).collect(),
            }]],
        };
        let unit = |calls: f64| {
            let measured = Values::of(|measure| (measure == CONNECTOR_CALLS).then_some(calls));
            Observed { measured, baseline: None }
        };
        let replications = |step: u32| {
            let mean = calls(f64::from(step) / 32.0);
            units(&[unit(mean - 0.001), unit(mean), unit(mean + 0.001), unit(mean)])
        };
        let mut source = Gathered { units: (0..=32).map(replications).collect() };
        let (found, asked) = plan.carry_out(&mut source, &[4; 33]).expect("gathered replications are there");
        let looked_at = asked.iter().filter(|asked| **asked > 0).count();
        assert!(looked_at <= plan.most_looks(), "{looked_at}");
        (plan.found(&found).remove(0).remove(0), looked_at)
    }

    #[test]
    fn bisection_finds_the_nearest_flip() {
        let calls: [fn(f64) -> f64; 4] = [
            |x| 50.0 + 1_000.0 * x,
            |x| if x >= 7.0 / 32.0 { 101.0 } else { 99.0 },
            |x| if x >= 20.0 / 32.0 { 101.0 } else { 99.0 },
            |x| if x >= 1.0 { 101.0 } else { 99.0 },
        ];
        for (calls, expected) in calls.into_iter().zip([2, 7, 20, 32]) {
            let (way, looked_at) = search(calls);
            let flip = way.flip.expect("a flip");
            assert_eq!((flip.at, flip.before), (expected, Some(expected - 1)));
            assert!((flip.distance.expect("a distance") - expected as f64 / 32.0).abs() < 1e-12);
            assert_eq!((way.back_at, flip.surely_at), (None, Some(expected)));
            assert!(looked_at <= 8, "{looked_at}");
        }
    }

    #[test]
    fn what_flips_back_is_seen_and_what_never_flips_is_told() {
        let (way, _) = search(|x| if (0.4..0.6).contains(&x) { 101.0 } else { 99.0 });
        assert_eq!((way.flip.expect("a flip").at, way.back_at), (13, Some(24)));
        let (way, looked_at) = search(|_| 99.0);
        assert_eq!((way.flip, way.back_at, looked_at, way.looks.len()), (None, None, 5, 4));
    }
}
