//! Two alternatives under common random numbers: what matters is the difference within each replication.

use super::Estimate;
use super::student::student_t_p_value;

/// The difference of two alternatives that were simulated with the same luck.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Paired {
    /// Mean of candidate − reference over the replications, with its interval.
    pub difference: Estimate,
    /// Probability of a difference at least as far from 0 if there were none in truth (two-sided t test); `None` with
    /// one replication.
    ///
    /// If the difference is the same in all n replications, the value is 2^(1−n): the probability that all go in the
    /// same direction (sign test). A t test would be sure with only two, but values on a lattice (counts, edges of
    /// histograms) are often the same.
    pub p_value: Option<f64>,
    /// Correlation of the two alternatives over the replications; `None` if one of them does not vary.
    pub correlation: Option<f64>,
    /// Share of the variance that pairing saves: 1 − Var(difference) / (Var(candidate) + Var(reference)). It is
    /// negative if pairing does harm, and `None` if neither alternative varies.
    pub variance_saved: Option<f64>,
}

impl Paired {
    /// Compares two alternatives, which give one value for each replication, in the same order. Intervals are at the
    /// level `confidence`; `None` without values (Law, *Simulation Modeling and Analysis*, sections 10.2.1 and 11.2).
    ///
    /// # Panics
    ///
    /// If the lengths differ or a value is not finite.
    #[must_use]
    pub fn of(candidate: &[f64], reference: &[f64], confidence: f64) -> Option<Self> {
        assert_eq!(candidate.len(), reference.len(), "alternatives are paired by replication");
        let differences: Vec<f64> = candidate.iter().zip(reference).map(|(one, other)| one - other).collect();
        let difference = without_rounding(Estimate::of(&differences, confidence)?, candidate, reference);
        let variance = |values: &[f64]| {
            let deviation = Estimate::of(values, confidence)?.standard_deviation?;
            Some(deviation * deviation)
        };
        let (own, others) = (variance(candidate), variance(reference));
        let apart = own.zip(others).map(|(own, others)| own + others).filter(|sum| *sum > 0.0);
        let together = difference.standard_deviation.map(|deviation| deviation * deviation);
        let scale = own.zip(others).map(|(own, others)| (own * others).sqrt()).filter(|scale| *scale > 0.0);
        Some(Self {
            p_value: together.map(|variance| p_value(difference.mean, variance, differences.len())),
            correlation: scale.and_then(|scale| Some((apart? - together?) / (2.0 * scale))),
            variance_saved: apart.and_then(|apart| Some(1.0 - together? / apart)),
            difference,
        })
    }

    /// Whether the alternatives are the same in every replication.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.difference.mean == 0.0 && self.difference.standard_deviation == Some(0.0)
    }

    /// How many replications in all it takes to detect the difference at the level `confidence`, if mean and deviation
    /// stay what they are: the interval is then no wider on each side than the difference is large. `None` if a million
    /// would not be enough, or if it is not known.
    #[must_use]
    pub fn replications_needed(&self, confidence: f64) -> Option<u32> {
        const MOST: u32 = 1_000_000;
        let (mean, deviation) = (self.difference.mean, self.difference.standard_deviation?);
        let is_enough = |count: u32| p_value(mean, deviation * deviation, count as usize) <= 1.0 - confidence;
        // The p-value falls with the count, so that bisection finds the number.
        let mut high = 2;
        while !is_enough(high) {
            if high == MOST {
                return None;
            }
            high = (2 * high).min(MOST);
        }
        let mut low = high / 2;
        while low + 1 < high {
            let middle = u32::midpoint(low, high);
            if is_enough(middle) { high = middle } else { low = middle }
        }
        Some(high)
    }
}

/// Removes a deviation that comes from rounding: if the differences deviate by no more than subtraction rounds, they
/// count as equal.
fn without_rounding(difference: Estimate, candidate: &[f64], reference: &[f64]) -> Estimate {
    let largest = candidate.iter().chain(reference).fold(0.0, |largest: f64, value| largest.max(value.abs()));
    let is_rounding = |deviation: f64| deviation <= 4.0 * f64::EPSILON * largest;
    if difference.standard_deviation.is_some_and(is_rounding) {
        return Estimate { half_width: Some(0.0), standard_deviation: Some(0.0), ..difference };
    }
    difference
}

fn p_value(mean: f64, variance: f64, count: usize) -> f64 {
    if variance == 0.0 {
        // Either both alternatives are the same, or one is always better by the same amount.
        return if mean == 0.0 { 1.0 } else { libm::pow(2.0, 1.0 - count as f64) };
    }
    student_t_p_value(mean / (variance / count as f64).sqrt(), count - 1)
}

#[cfg(test)]
mod tests {
    use super::super::student::student_t_half_width;
    use super::*;

    /// Student's sleep data (Student, *The probable error of a mean*, 1908), as in R's `t.test(extra ~ group, paired = TRUE)`:
    /// mean difference 1.58, interval 0.70 to 2.46, p = 0.002833.
    #[test]
    fn students_sleep_data() {
        let first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0];
        let second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
        let paired = Paired::of(&second, &first, 0.95).expect("values");
        assert!((paired.difference.mean - 1.58).abs() < 1e-12);
        assert!((paired.difference.half_width.expect("an interval") - 0.879_886).abs() < 1e-5);
        assert!((paired.p_value.expect("a value") - 0.002_832_89).abs() < 1e-7);
        assert!((paired.correlation.expect("both vary") - 0.795_170).abs() < 1e-5);
    }

    #[test]
    fn what_is_the_same_is_the_same() {
        let paired = Paired::of(&[1.0, 2.0, 3.0], &[1.0, 2.0, 3.0], 0.95).expect("values");
        assert!(paired.is_same());
        assert_eq!(paired.p_value, Some(1.0));
        assert_eq!(paired.variance_saved, Some(1.0));
        let shifted = Paired::of(&[2.0, 3.0, 4.0], &[1.0, 2.0, 3.0], 0.95).expect("values");
        assert!(!shifted.is_same());
        assert_eq!((shifted.p_value, shifted.replications_needed(0.95)), (Some(0.25), Some(6)));
    }

    /// In floating point 0.3 − 0.1 and 1.3 − 1.1 differ, but that is no evidence.
    #[test]
    fn what_rounding_makes_differ_is_the_same() {
        let paired = Paired::of(&[0.3, 1.3, 2.3], &[0.1, 1.1, 2.1], 0.95).expect("values");
        assert_eq!((paired.p_value, paired.difference.half_width), (Some(0.25), Some(0.0)));
    }

    /// Doubling goes from about half a million to beyond the limit, so that the limit itself has to be tried.
    #[test]
    fn up_to_a_million_replications_are_counted() {
        let deviating =
            |deviation: f64| Paired::of(&[1.0 - deviation, 1.0 + deviation], &[0.0, 0.0], 0.95).expect("values");
        let needed = deviating(300.0).replications_needed(0.95).expect("less than a million");
        // (1.96 · 300 · √2)² and a little more, as t is a little wider.
        assert!((691_400..691_700).contains(&needed), "{needed}");
        assert_eq!(deviating(400.0).replications_needed(0.95), None);
    }

    /// With as many replications as needed the half-width is at most the difference, with one less it is not.
    #[test]
    fn the_number_needed_is_the_least_that_tells() {
        let paired = Paired::of(&[1.0, 5.0, 2.0, 7.0], &[2.0, 3.0, 3.0, 5.0], 0.95).expect("values");
        let needed = paired.replications_needed(0.95).expect("a number");
        let half_width = |count: u32| {
            let deviation = paired.difference.standard_deviation.expect("four values");
            student_t_half_width(count as usize - 1, 0.95) * deviation / f64::from(count).sqrt()
        };
        assert!(half_width(needed) <= paired.difference.mean && paired.difference.mean < half_width(needed - 1));
        let equal = Paired::of(&[1.0, 3.0], &[3.0, 1.0], 0.95).expect("values");
        assert_eq!(equal.replications_needed(0.95), None, "no number tells a difference of 0");
    }

    #[test]
    fn one_replication_has_a_difference_and_nothing_else() {
        let paired = Paired::of(&[3.0], &[1.0], 0.95).expect("values");
        assert_eq!((paired.difference.mean.to_bits(), paired.p_value), (2.0_f64.to_bits(), None));
        assert_eq!(paired.replications_needed(0.95), None);
    }
}
