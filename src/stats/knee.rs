//! The knee of a curve: beyond it, more of x brings noticeably less of y than before.

use super::Estimate;

/// The knee of an increasing concave curve through `points` (x ascending), by Kneedle (Satopää, Albrecht, Irwin and
/// Raghavan, *Finding a “Kneedle” in a haystack*, ICDCS workshops 2011): both axes are scaled to 0…1, and the knee is where
/// the curve rises farthest above the diagonal. `None` if it nowhere does, or with less than three points.
///
/// Between points the place is that of the parabola through the highest point and its neighbours, so that it does not jump
/// from one x of the grid to the next. The knee is one of the curve *over this range of x*: a wider range moves it.
///
/// # Panics
///
/// If x does not ascend.
#[must_use]
pub fn knee(points: &[(f64, f64)]) -> Option<f64> {
    assert!(points.is_sorted_by(|one, other| one.0 < other.0), "the x of a curve ascend");
    let (first, last) = (points.first()?, points.last()?);
    let low = points.iter().map(|point| point.1).fold(f64::INFINITY, f64::min);
    let high = points.iter().map(|point| point.1).fold(f64::NEG_INFINITY, f64::max);
    if points.len() < 3 || high <= low {
        return None;
    }
    let above = |&(x, y): &(f64, f64)| (y - low) / (high - low) - (x - first.0) / (last.0 - first.0);
    let heights: Vec<f64> = points.iter().map(above).collect();
    let (at, height) = heights.iter().enumerate().max_by(|one, other| one.1.total_cmp(other.1))?;
    if *height <= 0.0 || at == 0 || at + 1 == points.len() {
        return None;
    }
    let around = [at - 1, at, at + 1].map(|index| (points[index].0, heights[index]));
    Some(top_of_parabola(around))
}

/// Where the parabola through three points is highest; the middle one is the highest of them.
fn top_of_parabola([(x0, y0), (x1, y1), (x2, y2)]: [(f64, f64); 3]) -> f64 {
    let (left, right) = ((y1 - y0) / (x1 - x0), (y2 - y1) / (x2 - x1));
    let curvature = (right - left) / (x2 - x0);
    if curvature == 0.0 {
        return x1;
    }
    // The slope at the middle of the left piece is `left`; from there it falls by twice the curvature for each x.
    (f64::midpoint(x0, x1) - left / (2.0 * curvature)).clamp(x0, x2)
}

/// The knee of each replication's curve, with Student's t interval: replications that were simulated with the same luck at
/// all x have smooth curves, whose knees are independent of each other. `None` if one of them has no knee.
#[must_use]
pub fn knee_estimate(x: &[f64], curves: &[Vec<f64>], confidence: f64) -> Option<Estimate> {
    let of_curve = |curve: &Vec<f64>| knee(&x.iter().copied().zip(curve.iter().copied()).collect::<Vec<_>>());
    Estimate::of(&curves.iter().map(of_curve).collect::<Option<Vec<f64>>>()?, confidence)
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

    #[test]
    fn the_top_of_a_parabola_is_found_exactly() {
        let parabola = |x: f64| (x, 3.0 - (x - 1.3) * (x - 1.3));
        let top = top_of_parabola([0.0, 1.0, 3.0].map(parabola));
        assert!((top - 1.3).abs() < 1e-12);
    }
}
