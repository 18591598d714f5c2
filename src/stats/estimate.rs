//! The mean of independent replications with its confidence interval; one replication gives a mean and no interval.

use super::student::student_t_half_width;

/// The mean of independent replications, and how precise it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The mean of the replications.
    pub mean: f64,
    /// Half of the width of the confidence interval, which is `mean ± half_width`; `None` with one replication.
    pub half_width: Option<f64>,
    /// Standard deviation between replications, with n − 1 in the denominator; `None` with one replication.
    pub standard_deviation: Option<f64>,
    /// Number of replications.
    pub count: usize,
}

impl Estimate {
    /// The estimate from one value per replication, with Student's t interval at the level `confidence`, such as 0.95;
    /// `None` without values (Law, *Simulation Modeling and Analysis*, section 9.4.1).
    ///
    /// # Panics
    ///
    /// If a value is not finite, or `confidence` not between 0 and 1.
    #[must_use]
    pub fn of(values: &[f64], confidence: f64) -> Option<Self> {
        if values.is_empty() {
            return None;
        }
        Some(Self::around(mean(values), values, confidence))
    }

    /// The estimate `centre` of what is `values` in each replication alone, of which there is one at least.
    pub(super) fn around(centre: f64, values: &[f64], confidence: f64) -> Self {
        assert!(values.iter().all(|value| value.is_finite()), "a replication's value is not finite: {values:?}");
        let count = values.len();
        let standard_deviation = (count > 1).then(|| {
            let squares: f64 = values.iter().map(|value| (value - centre) * (value - centre)).sum();
            (squares / (count - 1) as f64).sqrt()
        });
        let half_width = standard_deviation
            .map(|deviation| student_t_half_width(count - 1, confidence) * deviation / (count as f64).sqrt());
        Self { mean: centre, half_width, standard_deviation, count }
    }

    /// The same mean without an interval.
    #[must_use]
    pub fn without_interval(self) -> Self {
        Self { half_width: None, ..self }
    }

    /// Half of the width of the interval, around the mean, in which one further replication lies with the probability
    /// `confidence`: t·s·√(1 + 1/n). `None` with one replication. It holds for values that are about normally distributed,
    /// however many replications there are.
    ///
    /// # Panics
    ///
    /// If `confidence` is not between 0 and 1.
    #[must_use]
    pub fn prediction_half_width(&self, confidence: f64) -> Option<f64> {
        let spread = (1.0 + 1.0 / self.count as f64).sqrt();
        self.standard_deviation.map(|deviation| student_t_half_width(self.count - 1, confidence) * deviation * spread)
    }

    /// The half-width as a share of the mean's magnitude; `None` without an interval, or if the mean is 0.
    #[must_use]
    pub fn relative_half_width(&self) -> Option<f64> {
        self.half_width.filter(|_| self.mean != 0.0).map(|half_width| half_width / self.mean.abs())
    }
}

/// The mean of `values` (at least one), computed in two passes.
///
/// The second pass adds what rounding lost in the first, and makes the mean of equal values exactly that value, so that
/// their deviation is exactly 0.
pub(super) fn mean(values: &[f64]) -> f64 {
    let count = values.len() as f64;
    let rough = values.iter().sum::<f64>() / count;
    rough + values.iter().map(|value| value - rough).sum::<f64>() / count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_close(actual: f64, expected: f64) {
        assert!((actual - expected).abs() < 1e-12 * expected.abs(), "{actual} is not {expected}");
    }

    /// Law, *Simulation Modeling and Analysis*, example 4.26: ten observations, 90 %.
    #[test]
    fn the_interval_is_that_of_the_textbook() {
        let values = [1.20, 1.50, 1.68, 1.89, 0.95, 1.49, 1.58, 1.55, 0.50, 1.09];
        let estimate = Estimate::of(&values, 0.9).expect("values");
        assert_close(estimate.mean, 1.343);
        let half_width = estimate.half_width.expect("ten values");
        assert!((half_width - 0.24).abs() < 0.005, "{half_width}");
    }

    #[test]
    fn two_values_suffice_for_an_interval() {
        let estimate = Estimate::of(&[1.0, 3.0], 0.95).expect("values");
        assert_close(estimate.mean, 2.0);
        assert_close(estimate.standard_deviation.expect("two values"), std::f64::consts::SQRT_2);
        // t(0.975; 1) = 12.706…, and the standard error is 1.
        assert!((estimate.half_width.expect("two values") - 12.706_204_736_174_7).abs() < 1e-9);
    }

    #[test]
    fn one_further_value_lies_in_a_wider_interval_than_the_mean() {
        let estimate = Estimate::of(&[1.0, 3.0], 0.95).expect("values");
        // t(0.975; 1) · √2 · √1.5.
        assert!((estimate.prediction_half_width(0.95).expect("two values") - 22.007_792_200_466).abs() < 1e-6);
        let values: Vec<f64> = (1..=5).map(f64::from).collect();
        let estimate = Estimate::of(&values, 0.95).expect("values");
        // The mean's interval, times √(n + 1).
        let expected = estimate.half_width.expect("five values") * 6.0_f64.sqrt();
        assert_close(estimate.prediction_half_width(0.95).expect("five values"), expected);
        assert_eq!(Estimate::of(&[4.0], 0.95).expect("a value").prediction_half_width(0.95), None);
    }

    #[test]
    fn one_value_has_no_interval_and_none_no_mean() {
        let estimate = Estimate::of(&[4.0], 0.95).expect("a value");
        assert_close(estimate.mean, 4.0);
        assert_eq!((estimate.half_width, estimate.standard_deviation), (None, None));
        assert_eq!(estimate.relative_half_width(), None);
        assert_eq!(Estimate::of(&[], 0.95), None);
    }

    #[test]
    fn equal_values_deviate_by_exactly_nothing() {
        let estimate = Estimate::of(&[0.1; 7], 0.95).expect("values");
        assert_eq!(estimate.half_width, Some(0.0));
    }

    #[test]
    #[should_panic(expected = "a replication's value is not finite")]
    fn not_a_number_is_a_bug() {
        let _ = Estimate::of(&[1.0, f64::NAN], 0.95);
    }
}
