//! A smooth curve through points; it rises only where the points do.

/// A piecewise cubic curve that is monotone between neighbouring points, so that it shows no wave that the points do
/// not show (Fritsch and Carlson, *Monotone piecewise cubic interpolation*, SIAM Journal on Numerical Analysis 17,
/// 1980).
#[derive(Clone, Debug)]
pub(super) struct MonotoneCubic {
    knots: Vec<f64>,
    values: Vec<f64>,
    slopes: Vec<f64>,
}

impl MonotoneCubic {
    /// The curve through at least two points; `knots` ascend.
    pub(super) fn through(knots: Vec<f64>, values: Vec<f64>) -> Self {
        let widths: Vec<f64> = knots.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let secants: Vec<f64> =
            values.windows(2).zip(&widths).map(|(pair, width)| (pair[1] - pair[0]) / width).collect();
        let mut slopes = slopes_of_parabolas(&widths, &secants);
        for (piece, secant) in secants.iter().enumerate() {
            restrict(&mut slopes, piece, *secant);
        }
        Self { knots, values, slopes }
    }

    /// The knots.
    pub(super) fn knots(&self) -> &[f64] {
        &self.knots
    }

    /// The value of the curve at `u`. Beyond the ends of the curve its first or last piece goes on.
    pub(super) fn at(&self, u: f64) -> f64 {
        let right = self.knots.partition_point(|knot| *knot <= u).clamp(1, self.knots.len() - 1);
        let (left, width) = (right - 1, self.knots[right] - self.knots[right - 1]);
        let share = (u - self.knots[left]) / width;
        let rest = 1.0 - share;
        // Hermite's form.
        let by_values = self.values[left] * (1.0 + 2.0 * share) * rest * rest
            + self.values[right] * (3.0 - 2.0 * share) * share * share;
        by_values + width * share * rest * (self.slopes[left] * rest - self.slopes[right] * share)
    }
}

/// The slope at each knot: that of the parabola through the knot and its two neighbours. At an end it is that of the
/// parabola through the end and the next two knots. The slopes are exact for parabolas, whatever the distances.
fn slopes_of_parabolas(widths: &[f64], secants: &[f64]) -> Vec<f64> {
    let pieces = secants.len();
    if pieces == 1 {
        return vec![secants[0]; 2];
    }
    let bend = |at: usize| (secants[at] - secants[at - 1]) / (widths[at - 1] + widths[at]);
    let first = secants[0] - widths[0] * bend(1);
    let last = secants[pieces - 1] + widths[pieces - 1] * bend(pieces - 1);
    let inner = (1..pieces).map(|at| secants[at - 1] + widths[at - 1] * bend(at));
    std::iter::once(first).chain(inner).chain([last]).collect()
}

/// Restricts the slopes at the two ends of a piece so that the piece is monotone. Both must have the direction of the
/// secant and lie, in units of it, within the circle of radius 3.
fn restrict(slopes: &mut [f64], piece: usize, secant: f64) {
    if secant == 0.0 {
        (slopes[piece], slopes[piece + 1]) = (0.0, 0.0);
        return;
    }
    let relative = [slopes[piece], slopes[piece + 1]].map(|slope| (slope / secant).max(0.0));
    let length = (relative[0] * relative[0] + relative[1] * relative[1]).sqrt();
    let factor = if length > 3.0 { 3.0 / length } else { 1.0 };
    (slopes[piece], slopes[piece + 1]) = (factor * relative[0] * secant, factor * relative[1] * secant);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through(points: &[(f64, f64)]) -> MonotoneCubic {
        MonotoneCubic::through(
            points.iter().map(|point| point.0).collect(),
            points.iter().map(|point| point.1).collect(),
        )
    }

    #[test]
    fn parabolas_that_rise_are_met_exactly() {
        let parabola = |x: f64| (x, x * (20.0 - x));
        let curve = through(&[0.0, 1.0, 3.0, 4.0, 8.0].map(parabola));
        for step in 0..=80 {
            let u = f64::from(step) / 10.0;
            assert!((curve.at(u) - parabola(u).1).abs() < 1e-10, "{u}");
        }
    }

    #[test]
    fn the_curve_rises_and_falls_only_as_the_points_do() {
        let points = [(0.0, 0.0), (1.0, 0.1), (1.5, 5.0), (4.0, 5.0), (5.0, 4.9), (9.0, -3.0), (10.0, 7.0)];
        let curve = through(&points);
        for pair in points.windows(2) {
            let rise = pair[1].1 - pair[0].1;
            let at = |step: u32| curve.at(pair[0].0 + (pair[1].0 - pair[0].0) * f64::from(step) / 100.0);
            for step in 0..100 {
                assert!((at(step + 1) - at(step)) * rise >= -1e-12, "{pair:?} {step}");
                assert!(rise != 0.0 || (at(step) - pair[0].1).abs() < 1e-12, "{pair:?} {step}");
            }
        }
        assert!(points.iter().all(|(x, y)| (curve.at(*x) - y).abs() < 1e-12));
    }

    #[test]
    fn two_points_make_a_line() {
        assert!((through(&[(1.0, 2.0), (3.0, 6.0)]).at(2.5) - 5.0).abs() < 1e-12);
    }
}
