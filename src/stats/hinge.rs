//! The hinge: two straight pieces that meet, at the place at which they come closest to the points.

use super::least_squares::{coefficients, line};

/// Fewest points of a hinge: two of each piece.
pub(super) const HINGE_POINTS: usize = 4;

/// Two straight pieces that meet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hinge {
    /// Where they meet.
    pub(super) at: f64,
    /// Slope of the left piece.
    pub(super) before: f64,
    /// Slope of the right piece.
    pub(super) beyond: f64,
    /// Level of the left piece at 0.
    level: f64,
}

impl Hinge {
    /// The hinge that comes closest, by least squares, to `values` at the ascending places `at`, with two points at least in
    /// each piece (Hudson, *Fitting segmented curves whose join points have to be estimated*, Journal of the American
    /// Statistical Association 61, 1966).
    ///
    /// Its pieces meet either where the lines through the points on the left and on the right cross, or at a point.
    pub(super) fn through(at: &[f64], values: &[f64]) -> Self {
        assert!(at.len() >= HINGE_POINTS, "a hinge through {} points", at.len());
        let points = &at[1..at.len() - 1];
        let crossings = (2..=at.len() - 2).filter_map(|left| {
            let (before, beyond) = (line(&at[..left], &values[..left]), line(&at[left..], &values[left..]));
            let crossing = (before[0] - beyond[0]) / (beyond[1] - before[1]);
            (at[left - 1] < crossing && crossing < at[left]).then_some(crossing)
        });
        let hinges = points.iter().copied().chain(crossings).map(|place| {
            let hinge = Self::meeting_at(place, at, values);
            let squares: f64 = at.iter().zip(values).map(|(at, value)| square(value - hinge.value(*at))).sum();
            (squares, hinge)
        });
        let closest = hinges.min_by(|one, other| one.0.total_cmp(&other.0));
        closest.expect("there is a point inside").1
    }

    /// Its height at `at`.
    pub(super) fn value(&self, at: f64) -> f64 {
        self.level + self.before * at + (self.beyond - self.before) * (at - self.at).max(0.0)
    }

    fn meeting_at(place: f64, at: &[f64], values: &[f64]) -> Self {
        let bend = at.iter().map(|at| (at - place).max(0.0)).collect();
        let solved = coefficients(&[vec![1.0; at.len()], at.to_vec(), bend], values);
        Self { at: place, before: solved[1], beyond: solved[1] + solved[2], level: solved[0] }
    }
}

fn square(value: f64) -> f64 {
    value * value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hinge_is_found_again_between_the_points_and_at_one() {
        let at: Vec<f64> = (0..12).map(f64::from).collect();
        for place in [1.0, 4.3, 7.0, 9.9] {
            let values: Vec<f64> = at.iter().map(|at| 2.0 + 3.0 * at - 2.5 * (at - place).max(0.0)).collect();
            let hinge = Hinge::through(&at, &values);
            assert!((hinge.at - place).abs() < 1e-9, "{hinge:?} for {place}");
            assert!((hinge.before - 3.0).abs() < 1e-9 && (hinge.beyond - 0.5).abs() < 1e-9, "{hinge:?}");
            assert!(at.iter().zip(&values).all(|(at, value)| (hinge.value(*at) - value).abs() < 1e-9), "{hinge:?}");
        }
    }

    /// No other place on a fine grid comes closer.
    #[test]
    fn no_place_is_closer() {
        let at: Vec<f64> = (0..10).map(f64::from).collect();
        let values = [0.3, 0.8, 2.4, 2.7, 4.4, 4.2, 5.1, 4.6, 5.5, 5.2];
        let squares =
            |hinge: &Hinge| at.iter().zip(values).map(|(at, value)| square(value - hinge.value(*at))).sum::<f64>();
        let least = squares(&Hinge::through(&at, &values));
        for step in 100..=800 {
            let other = squares(&Hinge::meeting_at(f64::from(step) / 100.0, &at, &values));
            assert!(other >= least - 1e-12, "{other} at {step} is less than {least}");
        }
    }
}
