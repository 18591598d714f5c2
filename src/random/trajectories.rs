//! Trajectories through the unit cube for elementary effects: each step changes one coordinate, and each coordinate changes once.

use super::latin::shuffled;
use super::streams::{Entity, Purpose, Streams};

/// Coordinates are on as many levels: 0, 1/3, 2/3 and 1.
const LEVELS: u32 = 4;

/// The trajectories are chosen among so many times as many, but at most so many are left over: of very many, most lie far apart.
const CANDIDATES: usize = 4;
const LEFT_OVER: usize = 60;

/// A way through the unit cube.
#[derive(Clone, Debug, PartialEq)]
pub struct Trajectory {
    /// Its points, one more than there are coordinates.
    pub points: Vec<Vec<f64>>,
    /// For each step between two points the coordinate that changes, and by how much: 2/3, or less 2/3.
    pub steps: Vec<(usize, f64)>,
}

/// `count` trajectories with `dimensions` coordinates, which lie far apart.
///
/// Trajectories on four levels are those of Morris, *Factorial sampling plans for preliminary computational experiments*, 1991. Of many
/// random ones some are chosen that lie far apart, by the distances of Campolongo, Cariboni and Saltelli, *An effective screening
/// design for sensitivity analysis of large models*, 2007, equation 10. They are chosen one after the other, as Ruano, Ribes and
/// Ferrer do it, *Application of the Morris method for screening the influential parameters of fuzzy controllers*, 2012.
#[must_use]
pub fn trajectories(streams: &Streams, dimensions: usize, count: usize) -> Vec<Trajectory> {
    let among = (CANDIDATES * count).min(count + LEFT_OVER);
    let candidates: Vec<Trajectory> = (0..among).map(|number| candidate(streams, dimensions, number as u64)).collect();
    let mut chosen = spread(&candidates, count);
    chosen.sort_unstable();
    chosen.into_iter().map(|number| candidates[number].clone()).collect()
}

/// A random trajectory. From the two lower levels a coordinate grows by 2/3, and from the two upper ones it shrinks.
fn candidate(streams: &Streams, dimensions: usize, number: u64) -> Trajectory {
    let mut stream = streams.stream(Purpose::UncertainPoint, Entity::indexed(u64::MAX));
    let stream = stream.at(number);
    let mut level = || u32::try_from(stream.below(u64::from(LEVELS))).expect("less than the number of levels");
    let mut levels: Vec<u32> = (0..dimensions).map(|_| level()).collect();
    let place = |levels: &[u32]| levels.iter().map(|level| f64::from(*level) / f64::from(LEVELS - 1)).collect();
    let mut points: Vec<Vec<f64>> = vec![place(&levels)];
    let mut steps = Vec::with_capacity(dimensions);
    for coordinate in shuffled(stream, dimensions) {
        let grows = levels[coordinate] < LEVELS / 2;
        levels[coordinate] = if grows { levels[coordinate] + LEVELS / 2 } else { levels[coordinate] - LEVELS / 2 };
        let step = f64::from(LEVELS / 2) / f64::from(LEVELS - 1);
        steps.push((coordinate, if grows { step } else { -step }));
        points.push(place(&levels));
    }
    Trajectory { points, steps }
}

/// The numbers of `count` candidates: the two that are farthest from each other, and then always the one whose distances to those
/// chosen have the greatest sum of squares.
fn spread(candidates: &[Trajectory], count: usize) -> Vec<usize> {
    let distances: Vec<Vec<f64>> =
        candidates.iter().map(|one| candidates.iter().map(|other| distance(one, other)).collect()).collect();
    let pairs = (0..candidates.len()).flat_map(|one| (0..one).map(move |other| (other, one)));
    let farthest = pairs.max_by(|one, other| distances[one.0][one.1].total_cmp(&distances[other.0][other.1]));
    let mut chosen: Vec<usize> = farthest.map_or_else(|| vec![0], |(one, other)| vec![one, other]);
    chosen.truncate(count);
    while chosen.len() < count {
        let apart = |candidate: usize| -> f64 {
            chosen.iter().map(|other| distances[candidate][*other] * distances[candidate][*other]).sum()
        };
        let open = (0..candidates.len()).filter(|candidate| !chosen.contains(candidate));
        let next = open.max_by(|one, other| apart(*one).total_cmp(&apart(*other)));
        chosen.push(next.expect("there are more candidates than are chosen"));
    }
    chosen
}

/// The sum of the distances of all points of one trajectory from all points of another one.
fn distance(one: &Trajectory, other: &Trajectory) -> f64 {
    let between = |from: &[f64], to: &[f64]| -> f64 {
        from.iter().zip(to).map(|(from, to)| (from - to) * (from - to)).sum::<f64>().sqrt()
    };
    one.points.iter().flat_map(|from| other.points.iter().map(move |to| between(from, to))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_changes_one_coordinate_and_each_changes_once() {
        for trajectory in trajectories(&Streams::new(7, 0), 6, 5) {
            let mut changed: Vec<usize> = trajectory.steps.iter().map(|(coordinate, _)| *coordinate).collect();
            for (pair, (coordinate, step)) in trajectory.points.windows(2).zip(&trajectory.steps) {
                for (other, (before, after)) in pair[0].iter().zip(&pair[1]).enumerate() {
                    let expected = if other == *coordinate { *step } else { 0.0 };
                    assert!((after - before - expected).abs() < 1e-12 && (0.0..=1.0).contains(after));
                }
            }
            changed.sort_unstable();
            assert_eq!(changed, [0, 1, 2, 3, 4, 5]);
        }
    }

    #[test]
    fn chosen_trajectories_lie_farther_apart_than_the_first_ones() {
        let streams = Streams::new(7, 0);
        let all = |those: &[Trajectory]| -> f64 {
            those.iter().flat_map(|one| those.iter().map(move |other| distance(one, other))).sum()
        };
        let first: Vec<Trajectory> = (0..5).map(|number| candidate(&streams, 6, number)).collect();
        assert!(all(&trajectories(&streams, 6, 5)) > all(&first));
        assert_eq!(trajectories(&streams, 3, 1).len(), 1);
        assert_eq!(trajectories(&streams, 3, 1)[0].points.len(), 4);
    }
}
