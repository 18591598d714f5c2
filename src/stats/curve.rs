//! The shape of a curve: a straight line on a usual scale, or two that meet. A knee is told only if it
//! stays where it is when the outer half of the points on either side is left out.

use super::hinge::{HINGE_POINTS, Hinge};
use super::least_squares::line;
use super::{Estimate, bonferroni_confidence};

/// A straight line through fewer points says nothing about the curve.
const LEAST_POINTS: usize = 4;

/// Fewest points on each side of a knee: of three, one can be left out.
const POINTS_BESIDE_KNEE: usize = 3;

/// A knee that moves by no more than this share of the range has stayed, even if the move is more than chance.
const KNEE_STAYS_WITHIN: f64 = 0.02;

/// If the interval of its move reaches beyond this share of the range, a knee does not count as having stayed.
const KNEE_SURELY_STAYS_WITHIN: f64 = 0.1;

/// A scale that is closer by less than this share of what matters is not preferred to a simpler one.
const HARDLY_CLOSER: f64 = 0.1;

/// On which scale a curve is straight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CurveScale {
    /// The same step in x always adds the same.
    Linear,
    /// Each doubling of x adds the same.
    Doubling,
    /// Each doubling of x multiplies by the same.
    Power,
}

/// What a curve is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CurveShape {
    /// A straight line on a usual scale.
    Straight(CurveLaw),
    /// Two straight lines on a usual scale that meet.
    Bent(CurveKnee),
}

/// A straight line on a usual scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CurveLaw {
    /// The scale.
    pub scale: CurveScale,
    /// Index of the first point that keeps to it.
    pub from: usize,
    /// Index of the last.
    pub to: usize,
    /// What a step of 1 in x adds ([`CurveScale::Linear`]), or what a doubling of x adds ([`CurveScale::Doubling`]) or
    /// multiplies by ([`CurveScale::Power`]).
    pub gain: Estimate,
    /// The largest distance of the mean curve from it \[unit of y\].
    pub largest_distance: f64,
    /// Share of the variance of the mean curve between these points that it explains.
    pub r_squared: f64,
}

/// Two straight lines on a usual scale that meet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CurveKnee {
    /// The scale.
    pub scale: CurveScale,
    /// The x at which they meet.
    pub at: Estimate,
    /// The gain up to there, as in [`CurveLaw`].
    pub before: Estimate,
    /// The gain beyond.
    pub beyond: Estimate,
    /// The largest distance of the mean curve from the two lines \[unit of y\].
    pub largest_distance: f64,
}

/// The shape of the curve of which each replication has seen one of `curves`, at the same ascending `x` and with the same
/// luck at all of them. `None` if no shape can be told, or if the curve is level, or with less than four points or two
/// replications.
///
/// A curve *leaves* a shape if at some point its mean distance from it is larger than `matters` \[unit of y\] and differs
/// from 0 by more than chance (t intervals over the replications that hold together at the level `confidence`).
///
/// - A law is the straight line, by least squares, on the scale on which it is closest: its largest distance is smallest, or
///   larger by less than a tenth of `matters` if the scale is simpler. It is told if the curve does not leave it and it certainly rises or falls, by more than `matters`.
/// - A knee is told if the curve leaves the line on each scale, but not two lines that meet. Their gains differ by more than
///   chance, and the place where they meet stays if the outer half of the points on either side is left out. A smooth curve
///   has no such place: where two lines are closest to it depends on its ends.
/// - Else a law may hold on a part: with as few points as possible left out on the left, or as many on the right, but with
///   at least four and at least half of the points kept.
///
/// # Panics
///
/// If `x` does not ascend, a curve is not as long as `x`, or `matters` is not above 0.
#[must_use]
pub fn curve_shape(x: &[f64], curves: &[Vec<f64>], matters: f64, confidence: f64) -> Option<CurveShape> {
    assert!(x.is_sorted_by(|one, other| one < other), "the x of a curve ascend: {x:?}");
    assert!(curves.iter().all(|curve| curve.len() == x.len()), "a curve has a value at each x");
    assert!(matters > 0.0, "a distance of {matters} cannot matter");
    if x.len() < LEAST_POINTS || curves.len() < 2 {
        return None;
    }
    let test = Test { matters, confidence };
    let whole = CurvePart::of(x, curves, 0, x.len());
    let lines = whole.lines(test);
    let closest = test.closest(&lines)?;
    if !closest.leaves {
        return closest.tells(test).then_some(CurveShape::Straight(closest.law));
    }
    if lines.iter().all(|line| line.leaves)
        && let Some(knee) = whole.knee(test)
    {
        return Some(CurveShape::Bent(knee));
    }
    let most_dropped = (x.len() / 2).min(x.len() - LEAST_POINTS);
    let mut parts = (1..=most_dropped).flat_map(|dropped| [(dropped, x.len()), (0, x.len() - dropped)]);
    let law = |(from, to)| {
        let lines = CurvePart::of(x, curves, from, to).lines(test);
        test.closest(&lines).filter(|line| !line.leaves && line.tells(test)).map(|line| CurveShape::Straight(line.law))
    };
    parts.find_map(law)
}

impl CurveScale {
    const ALL: [Self; 3] = [Self::Linear, Self::Doubling, Self::Power];

    fn fits(self, part: &CurvePart) -> bool {
        let is_positive = |values: &[f64]| values.iter().all(|value| *value > 0.0);
        // Numbers that are large and near to each other may have the same logarithm.
        let has_logarithms = || is_positive(&part.x) && part.places(self).is_sorted_by(|one, other| one < other);
        match self {
            Self::Linear => true,
            Self::Doubling => has_logarithms(),
            Self::Power => has_logarithms() && part.curves.iter().all(|curve| is_positive(curve)),
        }
    }

    fn place(self, x: f64) -> f64 {
        if self == Self::Linear { x } else { libm::log2(x) }
    }

    fn x(self, place: f64) -> f64 {
        if self == Self::Linear { place } else { libm::exp2(place) }
    }

    fn height(self, y: f64) -> f64 {
        if self == Self::Power { libm::log2(y) } else { y }
    }

    fn y(self, height: f64) -> f64 {
        if self == Self::Power { libm::exp2(height) } else { height }
    }

    /// The gain of a line that rises by `slope` on this scale.
    fn gain(self, slope: f64) -> f64 {
        self.y(slope)
    }

    /// The gain of a level line.
    fn no_gain(self) -> f64 {
        self.gain(0.0)
    }
}

/// What counts as a distance.
#[derive(Clone, Copy)]
struct Test {
    matters: f64,
    confidence: f64,
}

/// Consecutive points of all curves.
struct CurvePart {
    x: Vec<f64>,
    curves: Vec<Vec<f64>>,
    from: usize,
}

/// The line on one scale.
#[derive(Clone, Copy)]
struct StraightFit {
    law: CurveLaw,
    leaves: bool,
    /// Whether it certainly rises or falls, by enough to matter.
    changes: bool,
}

impl CurvePart {
    fn of(x: &[f64], curves: &[Vec<f64>], from: usize, to: usize) -> Self {
        Self { x: x[from..to].into(), curves: curves.iter().map(|curve| curve[from..to].into()).collect(), from }
    }

    fn scales(&self) -> impl Iterator<Item = CurveScale> {
        CurveScale::ALL.into_iter().filter(|scale| scale.fits(self))
    }

    fn places(&self, scale: CurveScale) -> Vec<f64> {
        self.x.iter().map(|x| scale.place(*x)).collect()
    }

    fn heights(&self, scale: CurveScale) -> Vec<Vec<f64>> {
        self.curves.iter().map(|curve| curve.iter().map(|y| scale.height(*y)).collect()).collect()
    }

    /// At each point the mean distance of the curves from their `shapes`, which are functions of the place and lead to
    /// heights, with intervals that hold together.
    fn distances<S: Fn(f64) -> f64>(&self, scale: CurveScale, shapes: &[S], confidence: f64) -> Vec<Estimate> {
        let each = bonferroni_confidence(confidence, self.x.len());
        let at = |(index, x): (usize, &f64)| {
            let place = scale.place(*x);
            let distance = |(curve, shape): (&Vec<f64>, &S)| curve[index] - scale.y(shape(place));
            let distances: Vec<f64> = self.curves.iter().zip(shapes).map(distance).collect();
            Estimate::of(&distances, each).expect("there are curves")
        };
        self.x.iter().enumerate().map(at).collect()
    }

    fn lines(&self, test: Test) -> Vec<StraightFit> {
        self.scales().filter_map(|scale| self.line(scale, test)).collect()
    }

    /// `None` if a gain is beyond all numbers: x may hardly change while y doubles again and again.
    fn line(&self, scale: CurveScale, test: Test) -> Option<StraightFit> {
        let places = self.places(scale);
        let lines: Vec<[f64; 2]> = self.heights(scale).iter().map(|heights| line(&places, heights)).collect();
        let shapes: Vec<_> = lines.iter().map(|[level, slope]| move |place: f64| level + slope * place).collect();
        let distances = self.distances(scale, &shapes, test.confidence);
        let gains: Vec<f64> = lines.iter().map(|[_, slope]| scale.gain(*slope)).collect();
        let gain = finite_estimate(&gains, test.confidence)?;
        let means = self.means();
        let on_line: Vec<f64> = means.iter().zip(&distances).map(|(mean, distance)| mean - distance.mean).collect();
        let change = on_line[on_line.len() - 1] - on_line[0];
        let law = CurveLaw {
            scale,
            from: self.from,
            to: self.from + self.x.len() - 1,
            gain,
            largest_distance: largest(&distances),
            r_squared: 1.0 - squares(&distances) / variation(&means),
        };
        let changes = change.abs() > test.matters && differs(gain, scale.no_gain());
        Some(StraightFit { law, leaves: test.leaves(&distances), changes })
    }

    /// The knee on the scale on which two lines that meet come closest.
    fn knee(&self, test: Test) -> Option<CurveKnee> {
        if self.x.len() < HINGE_POINTS {
            return None;
        }
        let on_scale = |scale: CurveScale| {
            let places = self.places(scale);
            let hinges: Vec<Hinge> =
                self.heights(scale).iter().map(|heights| Hinge::through(&places, heights)).collect();
            let shapes: Vec<_> = hinges.iter().map(|hinge| |place: f64| hinge.value(place)).collect();
            let distances = self.distances(scale, &shapes, test.confidence);
            (largest(&distances), test.leaves(&distances), scale, hinges)
        };
        let hinges = self.scales().map(on_scale).min_by(|one, other| one.0.total_cmp(&other.0));
        let (largest_distance, leaves, scale, hinges) = hinges?;
        let estimate = |value: &dyn Fn(&Hinge) -> f64| {
            let values: Vec<f64> = hinges.iter().map(value).collect();
            finite_estimate(&values, test.confidence)
        };
        let bends = differs(estimate(&|hinge| hinge.beyond - hinge.before)?, 0.0);
        if leaves || !bends || !self.knee_stays(scale, &hinges, test.confidence) {
            return None;
        }
        Some(CurveKnee {
            scale,
            at: estimate(&|hinge| scale.x(hinge.at))?,
            before: estimate(&|hinge| scale.gain(hinge.before))?,
            beyond: estimate(&|hinge| scale.gain(hinge.beyond))?,
            largest_distance,
        })
    }

    /// Whether the place where the pieces of `hinges` meet stays when the outer half of the points on either side is left out.
    fn knee_stays(&self, scale: CurveScale, hinges: &[Hinge], confidence: f64) -> bool {
        let places = self.places(scale);
        let heights = self.heights(scale);
        let place = hinges.iter().map(|hinge| hinge.at).sum::<f64>() / hinges.len() as f64;
        let left = places.partition_point(|at| *at < place);
        let right = places.len() - left;
        if left.min(right) < POINTS_BESIDE_KNEE {
            return false;
        }
        let range = places[places.len() - 1] - places[0];
        [(left / 2, places.len()), (0, places.len() - right / 2)].into_iter().all(|(from, to)| {
            let differences = heights
                .iter()
                .zip(hinges)
                .map(|(heights, hinge)| Hinge::through(&places[from..to], &heights[from..to]).at - hinge.at);
            let moved = Estimate::of(&differences.collect::<Vec<f64>>(), bonferroni_confidence(confidence, 2));
            moved.is_some_and(|moved| {
                let most = moved.mean.abs() + moved.half_width.unwrap_or(f64::INFINITY);
                let stays = moved.mean.abs() <= KNEE_STAYS_WITHIN * range || !differs(moved, 0.0);
                stays && most <= KNEE_SURELY_STAYS_WITHIN * range
            })
        })
    }

    fn means(&self) -> Vec<f64> {
        let sum = |index: usize| self.curves.iter().map(|curve| curve[index]).sum::<f64>();
        (0..self.x.len()).map(|index| sum(index) / self.curves.len() as f64).collect()
    }
}

impl StraightFit {
    /// Whether it says something: the curve certainly rises or falls, and no mean is farther from the line than matters.
    fn tells(&self, test: Test) -> bool {
        self.changes && self.law.largest_distance <= test.matters
    }
}

impl Test {
    /// The closest of `lines`, which begin with the simplest scale.
    fn closest(self, lines: &[StraightFit]) -> Option<StraightFit> {
        let least = lines.iter().map(|line| line.law.largest_distance).fold(f64::INFINITY, f64::min);
        let is_close = |line: &&StraightFit| line.law.largest_distance <= least + HARDLY_CLOSER * self.matters;
        lines.iter().find(is_close).copied()
    }

    fn leaves(self, distances: &[Estimate]) -> bool {
        distances.iter().any(|distance| distance.mean.abs() > self.matters && differs(*distance, 0.0))
    }
}

/// `None` if a value is not finite.
fn finite_estimate(values: &[f64], confidence: f64) -> Option<Estimate> {
    if values.iter().all(|value| value.is_finite()) { Estimate::of(values, confidence) } else { None }
}

/// Whether it differs from `other` by more than chance.
fn differs(estimate: Estimate, other: f64) -> bool {
    estimate.half_width.is_some_and(|half_width| (estimate.mean - other).abs() > half_width)
}

fn largest(distances: &[Estimate]) -> f64 {
    distances.iter().map(|distance| distance.mean.abs()).fold(0.0, f64::max)
}

fn squares(distances: &[Estimate]) -> f64 {
    distances.iter().map(|distance| distance.mean * distance.mean).sum()
}

fn variation(values: &[f64]) -> f64 {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    values.iter().map(|value| (value - mean) * (value - mean)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRID: [f64; 16] =
        [1.0, 2.0, 3.0, 5.0, 7.0, 10.0, 15.0, 20.0, 30.0, 40.0, 60.0, 80.0, 100.0, 130.0, 160.0, 200.0];

    /// Reproducible noise between −1 and 1.
    struct NoisyCurves(u64);

    impl NoisyCurves {
        fn next(&mut self) -> f64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
        }

        /// Twenty replications of `curve`: each a little steeper or flatter, and with noise at each point.
        fn curves(&mut self, x: &[f64], strength: f64, curve: impl Fn(f64) -> f64) -> Vec<Vec<f64>> {
            let replication = |_| {
                let steepness = 1.0 + 0.05 * self.next();
                x.iter().map(|x| steepness * curve(*x) + strength * self.next()).collect()
            };
            (0..20).map(replication).collect()
        }
    }

    fn law(shape: Option<CurveShape>) -> CurveLaw {
        let Some(CurveShape::Straight(law)) = shape else { panic!("{shape:?} is no law") };
        law
    }

    #[test]
    fn a_logarithm_has_the_same_gain_over_every_range_and_no_knee() {
        let curve = |x: f64| -0.09 + 0.103 * libm::log2(x);
        for seed in 0..50 {
            for most in [30.0, 60.0, 100.0, 200.0] {
                let x: Vec<f64> = GRID.into_iter().filter(|x| *x <= most).collect();
                let law = law(curve_shape(&x, &NoisyCurves(seed).curves(&x, 0.02, curve), 0.01, 0.95));
                assert_eq!((law.scale, law.from, law.to), (CurveScale::Doubling, 0, x.len() - 1), "{seed} {most}");
                let half_width = law.gain.half_width.expect("twenty replications");
                assert!(half_width < 0.004 && (law.gain.mean - 0.103).abs() < 0.004, "{:?} {seed} {most}", law.gain);
                assert!(law.largest_distance < 0.015 && law.r_squared > 0.99, "{law:?}");
            }
        }
    }

    #[test]
    fn each_scale_is_told_from_the_others() {
        let expected = |x: f64, scale| match scale {
            CurveScale::Linear => 3.0 - 0.01 * x,
            CurveScale::Doubling => 1.0 + 0.2 * libm::log2(x),
            CurveScale::Power => 0.5 * libm::sqrt(x),
        };
        let gains = [-0.01, 0.2, std::f64::consts::SQRT_2];
        for (scale, gain) in CurveScale::ALL.into_iter().zip(gains) {
            let curves = [1.0, 1.0].map(|factor| GRID.map(|x| factor * expected(x, scale)).to_vec());
            let law = law(curve_shape(&GRID, &curves, 0.01, 0.95));
            assert_eq!(law.scale, scale);
            assert!((law.gain.mean - gain).abs() < 1e-9 && law.largest_distance < 1e-9, "{law:?}");
        }
        // Where x begins at 0, or below, a doubling means nothing.
        let x = [-1.0, 0.0, 1.0, 2.0, 3.0];
        let shape = curve_shape(&x, &NoisyCurves(1).curves(&x, 0.01, |x| 2.0 + x), 0.1, 0.95);
        assert_eq!(law(shape).scale, CurveScale::Linear);
    }

    /// The interval holds the true knee in about 95 % of the cases in which one is told, which are nearly all.
    #[test]
    fn a_knee_is_found_where_it_is() {
        const TRIALS: u64 = 200;
        let knee = 32.0;
        let curve = |x: f64| 0.12 * libm::log2(x.min(knee)) + 0.02 * libm::log2((x / knee).max(1.0));
        let (mut told, mut held) = (0, 0);
        for seed in 0..TRIALS {
            let shape = curve_shape(&GRID, &NoisyCurves(seed).curves(&GRID, 0.02, curve), 0.01, 0.95);
            let Some(CurveShape::Bent(found)) = shape else { continue };
            assert_eq!(found.scale, CurveScale::Doubling);
            told += 1;
            held += u32::from((found.at.mean - knee).abs() <= found.at.half_width.expect("twenty replications"));
            assert!((found.before.mean - 0.12).abs() < 0.01 && (found.beyond.mean - 0.02).abs() < 0.01, "{found:?}");
        }
        assert!(told >= 180, "{told} of {TRIALS}");
        assert!(held * 100 >= told * 90, "{held} of {told}");
    }

    /// Curves that bend smoothly have no knee, whatever their range, although two lines may come close to them.
    #[test]
    fn what_bends_smoothly_has_no_knee() {
        let curves: [fn(f64) -> f64; 3] = [
            |x| 0.7 * x / (x + 20.0),
            |x| 1.0 - libm::exp(-x / 40.0),
            // Each doubling brings more than the one before.
            |x| 0.01 * libm::log2(x) * libm::log2(x),
        ];
        let mut knees = 0;
        // Of much noise one would not see how far a knee moves.
        let strengths = [0.005, 0.05];
        for (seed, curve) in (0..6_u64).flat_map(|seed| curves.into_iter().map(move |curve| (seed, curve))) {
            for most in [30.0, 60.0, 100.0, 200.0] {
                let x: Vec<f64> = GRID.into_iter().filter(|x| *x <= most).collect();
                let strength = strengths[usize::from(seed % 2 == 0)];
                let shape = curve_shape(&x, &NoisyCurves(seed).curves(&x, strength, curve), 0.01, 0.95);
                knees += u32::from(matches!(shape, Some(CurveShape::Bent(_))));
            }
        }
        assert!(knees <= 1, "{knees} of 72 smooth curves have a knee");
    }

    #[test]
    fn a_law_of_a_part_says_which() {
        // Up to 4 it grows more slowly, along a parabola.
        let curve = |x: f64| if x < 4.0 { 0.2 - 0.03 * (4.0 - x) * (4.0 - x) } else { 0.1 * libm::log2(x) };
        let law = law(curve_shape(&GRID, &NoisyCurves(3).curves(&GRID, 0.005, curve), 0.01, 0.95));
        assert_eq!((law.scale, law.to), (CurveScale::Doubling, GRID.len() - 1));
        assert!((1..=3).contains(&law.from) && (law.gain.mean - 0.1).abs() < 0.005, "{law:?}");
    }

    #[test]
    fn what_is_level_or_hardly_known_has_no_shape() {
        let level = NoisyCurves(1).curves(&GRID, 0.01, |_| 0.5);
        assert_eq!(curve_shape(&GRID, &level, 0.01, 0.95), None);
        let steep = NoisyCurves(1).curves(&GRID, 0.01, |x| x);
        assert_eq!(curve_shape(&GRID, &steep[..1], 0.01, 0.95), None, "one replication is sure of nothing");
        assert_eq!(curve_shape(&GRID[..3], &[vec![1.0, 2.0, 3.0], vec![1.0, 2.0, 3.0]], 0.01, 0.95), None);
        // Of so much noise nothing is certain.
        let wild = NoisyCurves(1).curves(&GRID, 50.0, |x| 0.01 * x);
        assert_eq!(curve_shape(&GRID, &wild, 0.01, 0.95), None);
    }

    #[test]
    fn numbers_at_the_end_of_their_range_are_no_trouble() {
        let same_logarithm = [9e15, 9e15 + 1.0, 9e15 + 2.0, 9e15 + 3.0];
        let line = vec![vec![1.0, 2.0, 3.0, 4.0]; 2];
        assert_eq!(law(curve_shape(&same_logarithm, &line, 0.01, 0.95)).scale, CurveScale::Linear);
        let steep = vec![vec![1e-9, 1e-6, 1e-3, 1.0]; 2];
        assert_eq!(curve_shape(&[1.0, 1.001, 1.002, 1.003], &steep, 0.01, 0.95), None);
    }
}
