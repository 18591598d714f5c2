//! The points of a sensitivity analysis: which places of the ranges of all uncertain values are simulated together. The same seed gives
//! the same points, whatever is measured of them.

use crate::random::{Streams, Trajectory, latin_hypercube, trajectories};

use super::uncertain_value::{RangePlace, UncertainValue};

/// Intervals of Sobol's indices come from so many independent blocks of points.
const BLOCKS: u32 = 32;

/// How uncertain values are varied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VariedBy {
    /// One at a time, the others as assumed.
    Tornado,
    /// Along so many trajectories, on which each of them changes once (Morris).
    Morris(u32),
    /// All at once: in two samples of so many points, and in mixtures of them (Sobol, Saltelli).
    Sobol(u32),
}

/// Which points of a sensitivity analysis belong together, by their numbers. The first point is the scenario as assumed.
#[derive(Clone, Debug, PartialEq)]
pub enum VariedPoints {
    /// For each uncertain value the points at which it alone is not as assumed, in the order of its range.
    Tornado(Vec<Vec<usize>>),
    /// The trajectories.
    Morris(Vec<VariedTrajectory>),
    /// The two samples, for each uncertain value the first sample with that value of the second one, and how many points after each
    /// other were drawn together.
    Sobol {
        /// The first sample.
        a: Vec<usize>,
        /// The second one.
        b: Vec<usize>,
        /// The mixtures.
        ab: Vec<Vec<usize>>,
        /// Points that were drawn together.
        block: usize,
    },
}

/// The points of a trajectory.
#[derive(Clone, Debug, PartialEq)]
pub struct VariedTrajectory {
    /// Its points.
    pub points: Vec<usize>,
    /// For each step between two points the number of the uncertain value that changes, and by which part of its range.
    pub steps: Vec<(usize, f64)>,
}

/// The rows of a design, each with a place for each uncertain value, and which rows belong together.
pub(super) struct PlacedRows {
    pub(super) rows: Vec<Vec<RangePlace>>,
    pub(super) together: VariedPoints,
}

impl PlacedRows {
    /// The rows for `values`; the first one is as assumed.
    pub(super) fn of(varied: VariedBy, values: &[UncertainValue], seed: u64) -> Self {
        let mut made =
            Self { rows: vec![vec![RangePlace::Assumed; values.len()]], together: VariedPoints::Tornado(Vec::new()) };
        let streams = Streams::new(seed, 0);
        made.together = match varied {
            VariedBy::Tornado => made.one_at_a_time(values),
            VariedBy::Morris(count) => {
                let count = usize::try_from(count).expect("32 bits are an index");
                made.along(trajectories(&streams, values.len(), count))
            }
            VariedBy::Sobol(count) => made.mixed(&streams, values.len(), count),
        };
        made
    }

    /// How many rows there would be.
    pub(super) fn count(varied: VariedBy, values: usize) -> u64 {
        let values = values as u64;
        match varied {
            VariedBy::Tornado => 1 + 2 * values,
            VariedBy::Morris(count) => 1 + u64::from(count) * (values + 1),
            VariedBy::Sobol(count) => 1 + u64::from(count) * (values + 2),
        }
    }

    fn push(&mut self, row: Vec<RangePlace>) -> usize {
        self.rows.push(row);
        self.rows.len() - 1
    }

    fn one_at_a_time(&mut self, values: &[UncertainValue]) -> VariedPoints {
        let mut alone = |at: usize, place: RangePlace| {
            let mut row = vec![RangePlace::Assumed; values.len()];
            row[at] = place;
            self.push(row)
        };
        let tried = values.iter().enumerate();
        let tried = tried.map(|(at, value)| value.tried().into_iter().map(|place| alone(at, place)).collect());
        VariedPoints::Tornado(tried.collect())
    }

    fn along(&mut self, trajectories: Vec<Trajectory>) -> VariedPoints {
        let mut placed = |levels: Vec<f64>| self.push(levels.into_iter().map(RangePlace::Level).collect());
        let all = trajectories.into_iter().map(|Trajectory { points, steps }| VariedTrajectory {
            points: points.into_iter().map(&mut placed).collect(),
            steps,
        });
        VariedPoints::Morris(all.collect())
    }

    fn mixed(&mut self, streams: &Streams, values: usize, count: u32) -> VariedPoints {
        let block = usize::try_from(count.div_ceil(BLOCKS)).expect("32 bits are an index");
        let count = usize::try_from(count).expect("32 bits are an index");
        let (mut a, mut b, mut ab) = (Vec::new(), Vec::new(), vec![Vec::new(); values]);
        for (number, begin) in (0..count).step_by(block).enumerate() {
            for both in latin_hypercube(streams, number as u64, block.min(count - begin), 2 * values) {
                let (of_a, of_b) = both.split_at(values);
                let drawn = |draws: &[f64]| draws.iter().copied().map(RangePlace::Draw).collect::<Vec<_>>();
                a.push(self.push(drawn(of_a)));
                b.push(self.push(drawn(of_b)));
                for (at, own) in ab.iter_mut().enumerate() {
                    let mut row = drawn(of_a);
                    row[at] = RangePlace::Draw(of_b[at]);
                    own.push(self.push(row));
                }
            }
        }
        VariedPoints::Sobol { a, b, ab, block }
    }
}

impl VariedPoints {
    /// The same with the points of the rows.
    pub(super) fn with_points(self, point_of_row: &[usize]) -> Self {
        let points = |rows: Vec<usize>| rows.into_iter().map(|row| point_of_row[row]).collect::<Vec<_>>();
        match self {
            Self::Tornado(tried) => Self::Tornado(tried.into_iter().map(points).collect()),
            Self::Morris(all) => {
                let moved = |of: VariedTrajectory| VariedTrajectory { points: points(of.points), steps: of.steps };
                Self::Morris(all.into_iter().map(moved).collect())
            }
            Self::Sobol { a, b, ab, block } => {
                Self::Sobol { a: points(a), b: points(b), ab: ab.into_iter().map(points).collect(), block }
            }
        }
    }
}
