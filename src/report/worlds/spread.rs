//! How far a number goes over what is uncertain, beside the interval of chance; and which part of its variance comes from what is
//! uncertain, from the topology drawn, and from luck.

use crate::inference::{Answer, CONFIDENCE, Quantity};
use crate::report::evidence::{Evidence, PointEvidence};
use crate::stats::{NestedComponents, quantile};

use super::WorldResults;

/// So much of the worlds lies beyond each end of the range that is told.
const TAIL: f64 = 0.05;

/// How far a number goes over the worlds.
#[derive(Clone, Debug)]
pub(in crate::report) struct NumberSpread {
    pub(in crate::report) number: Quantity,
    /// What is known of it as assumed.
    pub(in crate::report) assumed: Answer,
    /// Between which means 90 % of the worlds lie; `None` if it is known in none.
    pub(in crate::report) range: Option<[f64; 2]>,
    /// In how many worlds it is known, and in how many not.
    pub(in crate::report) worlds: [usize; 2],
    /// What its variance is made of; `None` if that is not known, or it never varies.
    pub(in crate::report) components: Option<NestedComponents>,
}

/// The spread of each of `numbers` over the worlds; none if topologies are not told apart.
pub(super) fn spreads(evidence: &Evidence<'_>, results: &WorldResults<'_>, numbers: &[Quantity]) -> Vec<NumberSpread> {
    let Some((_, worlds)) = results.record.topologies.split_first() else { return Vec::new() };
    let assumed = &evidence.points[results.record.points[0][0]];
    let spread = |number: &Quantity| {
        let of_one = |world: &Vec<usize>| {
            let points: Vec<&PointEvidence<'_>> = world.iter().map(|point| &evidence.points[*point]).collect();
            of_world(number, &points)
        };
        let known: Vec<Vec<Vec<f64>>> = worlds.iter().filter_map(of_one).collect();
        let mut means: Vec<f64> = known.iter().map(|world| mean(&world.concat())).collect();
        means.sort_by(f64::total_cmp);
        let range = quantile(&means, TAIL).zip(quantile(&means, 1.0 - TAIL)).map(|(low, high)| [low, high]);
        NumberSpread {
            number: number.clone(),
            assumed: assumed.answer(number),
            range,
            worlds: [known.len(), worlds.len() - known.len()],
            components: NestedComponents::of(&known, CONFIDENCE),
        }
    };
    numbers.iter().map(spread).collect()
}

/// The number in each replication of each topology; `None` where it has no mean in one of them.
fn of_world(number: &Quantity, points: &[&PointEvidence<'_>]) -> Option<Vec<Vec<f64>>> {
    let of_topology = |point: &&PointEvidence<'_>| {
        point.answer(number).known()?;
        number.in_each(&point.observations).into_iter().collect::<Option<Vec<f64>>>()
    };
    points.iter().map(of_topology).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}
