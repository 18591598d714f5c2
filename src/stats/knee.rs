//! Finds the knee of a curve: beyond it, more of x brings noticeably less of y than before.

use super::Estimate;
use super::interpolation::MonotoneCubic;

/// A knee is worth a decision only if the curve there is above the straight line between its ends by at least this
/// share of its rise.
const LEAST_HEIGHT: f64 = 0.1;

/// With at least this many points, half of them still show where the knee is.
const MANY: usize = 7;

/// The height is compared at this many places between two points of the grid, before the highest place is sought
/// exactly.
const STEPS: u32 = 16;

/// The knee of an increasing concave curve through `points` (x ascending), by Kneedle (Satopää, Albrecht, Irwin and
/// Raghavan, *Finding a “Kneedle” in a haystack*, ICDCS workshops 2011). Both axes are scaled to 0…1; the knee is where
/// the curve is farthest above the diagonal. `None` if it is nowhere above the diagonal, or with less than three
/// points.
///
/// Between points the curve is a monotone cubic, so that the knee does not jump from one x of the grid to the next. The
/// cubic is one of log x if the grid is more even there; the diagonal is always one of x. The knee belongs to the curve
/// *over this range of x*: a wider range moves it.
///
/// # Panics
///
/// If x does not ascend.
#[must_use]
pub fn knee(points: &[(f64, f64)]) -> Option<f64> {
    assert!(points.is_sorted_by(|one, other| one.0 < other.0), "the x of a curve ascend");
    let (first, last) = (points.first()?.0, points.last()?.0);
    let low = points.iter().map(|point| point.1).fold(f64::INFINITY, f64::min);
    let high = points.iter().map(|point| point.1).fold(f64::NEG_INFINITY, f64::max);
    if points.len() < 3 || high <= low {
        return None;
    }
    let curve = Curve::through(points);
    let height = |u: f64| (curve.cubic.at(u) - low) / (high - low) - (curve.x(u) - first) / (last - first);
    let steps = |piece: &[f64]| {
        let (from, to) = (piece[0], piece[1]);
        (0..STEPS).map(move |step| from + (to - from) * f64::from(step) / f64::from(STEPS)).collect::<Vec<_>>()
    };
    let places: Vec<f64> = curve.cubic.knots().windows(2).flat_map(steps).chain([curve.u(last)]).collect();
    let heights: Vec<f64> = places.iter().map(|u| height(*u)).collect();
    let (at, top) = heights.iter().enumerate().max_by(|one, other| one.1.total_cmp(other.1))?;
    // A curve that is above the diagonal by rounding alone counts as on it.
    if *top <= 1e-12 || at == 0 || at + 1 == places.len() {
        return None;
    }
    Some(curve.x(highest_between(places[at - 1], places[at + 1], height)))
}

/// The mean of the knees of all replications' curves, with an interval. If the replications were simulated with the
/// same luck at all x, their curves are smooth, and the knees are independent of each other.
///
/// The half-width is that of Student's t. With seven points or more, it also includes how far the mean moves if every
/// second point except the last is left out: nobody knows what lies between the points, however many replications there
/// are.
///
/// `None` if a curve has no knee, even if only on half of the grid. `None` also if the mean curve has no knee worth a
/// decision: at the knee, its height above the straight line between its ends must differ from 0 by more than chance (t
/// interval), and be at least a tenth of its rise.
#[must_use]
pub fn knee_estimate(x: &[f64], curves: &[Vec<f64>], confidence: f64) -> Option<Estimate> {
    let estimate = mean_knee(x, curves, confidence)?;
    if !stands_out(x, curves, estimate.mean, confidence) {
        return None;
    }
    if x.len() < MANY {
        return Some(estimate);
    }
    let coarse = |values: &[f64]| -> Vec<f64> {
        let kept = |index: &usize| index.is_multiple_of(2) || index + 1 == x.len();
        (0..x.len()).filter(kept).map(|index| values[index]).collect()
    };
    let coarse_curves: Vec<Vec<f64>> = curves.iter().map(|curve| coarse(curve)).collect();
    let moved = (mean_knee(&coarse(x), &coarse_curves, confidence)?.mean - estimate.mean).abs();
    Some(Estimate { half_width: estimate.half_width.map(|half_width| half_width + moved), ..estimate })
}

/// The mean of the knees of all curves; `None` if any curve has none.
fn mean_knee(x: &[f64], curves: &[Vec<f64>], confidence: f64) -> Option<Estimate> {
    let of_curve = |curve: &Vec<f64>| knee(&points(x, curve));
    Estimate::of(&curves.iter().map(of_curve).collect::<Option<Vec<f64>>>()?, confidence)
}

/// Whether the curves lie above the straight line between their ends at `place`, both surely and by enough.
fn stands_out(x: &[f64], curves: &[Vec<f64>], place: f64, confidence: f64) -> bool {
    let last = x.len() - 1;
    let share = (place - x[0]) / (x[last] - x[0]);
    let above = |curve: &Vec<f64>| {
        let through = Curve::through(&points(x, curve));
        through.cubic.at(through.u(place)) - (curve[0] + share * (curve[last] - curve[0]))
    };
    let heights: Vec<f64> = curves.iter().map(above).collect();
    let means: Vec<f64> = (0..x.len()).map(|at| curves.iter().map(|curve| curve[at]).sum::<f64>()).collect();
    let range =
        means.iter().copied().fold(f64::NEG_INFINITY, f64::max) - means.iter().copied().fold(f64::INFINITY, f64::min);
    Estimate::of(&heights, confidence).is_some_and(|height| {
        // One replication is not enough to be sure.
        height.half_width.is_some_and(|half_width| height.mean > half_width)
            && height.mean >= LEAST_HEIGHT * range / curves.len() as f64
    })
}

fn points(x: &[f64], curve: &[f64]) -> Vec<(f64, f64)> {
    x.iter().copied().zip(curve.iter().copied()).collect()
}

/// A curve between its points.
struct Curve {
    /// Whether the cubic is one of log x.
    is_logarithmic: bool,
    cubic: MonotoneCubic,
}

impl Curve {
    fn through(points: &[(f64, f64)]) -> Self {
        let x: Vec<f64> = points.iter().map(|point| point.0).collect();
        let logarithms: Vec<f64> = x.iter().map(|x| libm::log(*x)).collect();
        let is_logarithmic = x[0] > 0.0 && unevenness(&logarithms) < unevenness(&x);
        let knots = if is_logarithmic { logarithms } else { x };
        let values = points.iter().map(|point| point.1).collect();
        Self { is_logarithmic, cubic: MonotoneCubic::through(knots, values) }
    }

    /// The place of x on the axis of the cubic.
    fn u(&self, x: f64) -> f64 {
        if self.is_logarithmic { libm::log(x) } else { x }
    }

    /// The x at the place `u`.
    fn x(&self, u: f64) -> f64 {
        if self.is_logarithmic { libm::exp(u) } else { u }
    }
}

/// How much the distances between neighbours vary, relative to their mean.
fn unevenness(grid: &[f64]) -> f64 {
    let distances: Vec<f64> = grid.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let mean = distances.iter().sum::<f64>() / distances.len() as f64;
    distances.iter().map(|distance| (distance / mean - 1.0) * (distance / mean - 1.0)).sum()
}

/// Where `height` is highest between `low` and `high`, found by golden-section search. It must rise to one top and then
/// fall.
fn highest_between(mut low: f64, mut high: f64, height: impl Fn(f64) -> f64) -> f64 {
    // (√5 − 1) / 2; fifty steps narrow the range by ten orders of magnitude.
    const GOLDEN: f64 = 0.618_033_988_749_894_9;
    for _ in 0..50 {
        let (left, right) = (high - GOLDEN * (high - low), low + GOLDEN * (high - low));
        if height(left) < height(right) {
            low = left;
        } else {
            high = right;
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The knee of y = 1 − e^(−x/s) on 0…1: the derivative of the scaled curve is 1 where e^(−x/s) = s (1 − e^(−1/s)).
    #[test]
    fn the_knee_of_an_exponential_approach() {
        for scale in [0.1, 0.2, 0.4] {
            let curve: Vec<(f64, f64)> =
                (0..=40).map(|step| f64::from(step) / 40.0).map(|x| (x, 1.0 - libm::exp(-x / scale))).collect();
            let exact = -scale * libm::log(scale * (1.0 - libm::exp(-1.0 / scale)));
            let found = knee(&curve).expect("a knee");
            assert!((found - exact).abs() < 0.002, "{found} for {exact}");
        }
    }

    #[test]
    fn lines_and_convex_curves_have_no_knee() {
        let curve = |y: fn(f64) -> f64| (0..=10).map(|x| (f64::from(x), y(f64::from(x)))).collect::<Vec<_>>();
        assert_eq!(knee(&curve(|x| x * x)), None);
        assert_eq!(knee(&curve(|_| 5.0)), None);
        assert_eq!(knee(&curve(|x| 3.0 * x)), None);
        assert_eq!(knee(&[(0.0, 0.0), (1.0, 1.0)]), None);
    }

    /// The knee is at 46.05 in 1…200, on a usual geometric grid. The interval must contain it although the grid hides
    /// where it is.
    #[test]
    fn the_interval_holds_what_the_grid_hides() {
        let x = [1.0, 2.0, 3.0, 5.0, 7.0, 10.0, 15.0, 20.0, 30.0, 40.0, 60.0, 80.0, 100.0, 130.0, 160.0, 200.0];
        let curve = |scale: f64| -> Vec<f64> { x.iter().map(|x| 1.0 - libm::exp(-x / scale)).collect() };
        let curves: Vec<Vec<f64>> = [29.9, 30.0, 30.1].map(curve).into();
        let whole: f64 = 199.0;
        let exact = -30.0 * libm::log(30.0 / whole * (libm::exp(-1.0 / 30.0) - libm::exp(-200.0 / 30.0)));
        let found = knee_estimate(&x, &curves, 0.95).expect("a knee");
        let half_width = found.half_width.expect("three curves");
        assert!((found.mean - exact).abs() < half_width, "{found:?} for {exact}");
        assert!((found.mean - exact).abs() < 0.01 * exact, "{found:?} for {exact}");
        let of_luck = mean_knee(&x, &curves, 0.95).expect("a knee").half_width.expect("three curves");
        assert!(half_width > of_luck, "{half_width} {of_luck}");
        let few = [0, 4, 8, 12, 15];
        let few_curves: Vec<Vec<f64>> = curves.iter().map(|curve| few.map(|at| curve[at]).into()).collect();
        let few_x = few.map(|at| x[at]);
        let plain = mean_knee(&few_x, &few_curves, 0.95);
        assert_eq!(knee_estimate(&few_x, &few_curves, 0.95), plain, "too few to leave any out");
    }

    /// Reproducible noise between −1 and 1.
    fn noise(state: &mut u64) -> f64 {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (*state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }

    #[test]
    fn a_straight_line_with_noise_has_no_knee() {
        let x: Vec<f64> = (0..=15).map(f64::from).collect();
        let mut state = 1;
        for strength in [0.01, 0.5, 2.0, 5.0] {
            let mut knees = 0;
            for _ in 0..100 {
                let curve = |state: &mut u64| x.iter().map(|x| x + strength * noise(state)).collect();
                let curves: Vec<Vec<f64>> = (0..10).map(|_| curve(&mut state)).collect();
                knees += u32::from(knee_estimate(&x, &curves, 0.95).is_some());
            }
            assert!(knees <= 2, "{knees} of 100 lines with noise of {strength} have a knee");
        }
    }

    #[test]
    fn a_bend_that_is_hardly_one_is_no_knee() {
        let x: Vec<f64> = (0..=10).map(f64::from).collect();
        let bent = |bend: f64| -> Vec<Vec<f64>> {
            let curve = |factor: f64| x.iter().map(|x| factor * (x / 10.0 + bend * x * (10.0 - x) / 25.0)).collect();
            [0.99, 1.0, 1.01].map(curve).into()
        };
        assert_eq!(knee_estimate(&x, &bent(0.05), 0.95), None);
        assert!(knee_estimate(&x, &bent(0.15), 0.95).is_some());
    }
}
