//! What lies along the horizontal axis of a sweep: numbers on the scale on which the lines are straightest, words, or names.

use crate::stats::Estimate;

/// A level curve is straight on every scale. Then the axis is logarithmic if its last value is at least this many times its first.
const WIDE: f64 = 20.0;

/// Less than this many times the first value is no range for a logarithmic axis.
const NARROW: f64 = 4.0;

/// What lies along the horizontal axis of a sweep.
#[derive(Clone, Debug)]
pub(in crate::report) struct Positions {
    /// Title of the axis.
    pub(in crate::report) title: String,
    /// How the values lie on the axis.
    pub(in crate::report) scale: PlaceScale,
    /// The value of each position. Values that are not numbers are numbered in their order.
    pub(in crate::report) values: Vec<f64>,
    /// The label below each position.
    pub(in crate::report) labels: Vec<String>,
}

/// How values lie on an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::report) enum PlaceScale {
    /// They are numbers: equal distances are equal differences.
    Linear,
    /// They are numbers above 0: equal distances are equal ratios.
    Logarithmic,
    /// They are words. Nothing lies between two of them, so that no line connects them.
    Words,
    /// They are names without an order, so that they are put in that of the values.
    Names,
}

impl Positions {
    /// A curve that changes by more than this share of its highest value is seen to change, even if it does not matter.
    pub(in crate::report) const SEEN: f64 = 0.33;

    pub(super) fn place(&self, value: f64) -> f64 {
        if self.scale == PlaceScale::Logarithmic { libm::log10(value) } else { value }
    }

    pub(super) fn ends(&self) -> (f64, f64) {
        let first = self.place(*self.values.first().unwrap_or(&0.0));
        let last = self.place(*self.values.last().unwrap_or(&1.0));
        let (first, last) = if last > first { (first, last) } else { (first - 0.5, first + 0.5) };
        // Words and names stand beside each other, none of them at an edge.
        if self.joins() { (first, last) } else { (first - 0.5, last + 0.5) }
    }

    /// Whether there is something between two positions, so that a line may join them.
    pub(super) fn joins(&self) -> bool {
        matches!(self.scale, PlaceScale::Linear | PlaceScale::Logarithmic)
    }

    /// The scale of numbers on which these lines are straightest. Lines that hardly change are straight on both; then even distances
    /// decide.
    pub(super) fn straightest<'l>(
        &self,
        lines: impl Iterator<Item = &'l [Option<Estimate>]>,
        matters: f64,
    ) -> PlaceScale {
        let (first, last) = (self.values.first().copied().unwrap_or(0.0), self.values.last().copied().unwrap_or(0.0));
        if first <= 0.0 || last / first < NARROW {
            return PlaceScale::Linear;
        }
        let (mut left, mut bends) = ([0.0; 2], false);
        for line in lines {
            let known: Vec<(f64, f64)> =
                self.values.iter().zip(line).filter_map(|(x, point)| Some((*x, point.as_ref()?.mean))).collect();
            let (low, high) = known
                .iter()
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), (_, y)| (low.min(*y), high.max(*y)));
            if known.len() > 2 && (high - low > matters || high - low > high.max(-low) * Self::SEEN) {
                let logarithms: Vec<(f64, f64)> = known.iter().map(|(x, y)| (libm::log10(*x), *y)).collect();
                bends = true;
                left[0] += unexplained(&known);
                left[1] += unexplained(&logarithms);
            }
        }
        let is_logarithmic = if bends { left[1] < left[0] } else { last / first >= WIDE };
        if is_logarithmic { PlaceScale::Logarithmic } else { PlaceScale::Linear }
    }
}

/// The share of the variance of y that the straight line through the points leaves.
fn unexplained(points: &[(f64, f64)]) -> f64 {
    let count = points.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
    let (x_mean, y_mean) = (mean(|point| point.0), mean(|point| point.1));
    let sum = |of: &dyn Fn(f64, f64) -> f64| points.iter().map(|(x, y)| of(x - x_mean, y - y_mean)).sum::<f64>();
    let (xx, xy, yy) = (sum(&|x, _| x * x), sum(&|x, y| x * y), sum(&|_, y| y * y));
    if xx * yy > 0.0 { 1.0 - xy * xy / (xx * yy) } else { 0.0 }
}
