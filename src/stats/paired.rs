//! Two alternatives under common random numbers: what matters is the difference within each replication.

use super::student::{student_t_half_width, student_t_p_value};
use super::{Estimate, Sample, is_rare};

/// The difference of two alternatives that were simulated with the same luck.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Paired {
    /// Mean of candidate − reference over the replications, with its interval.
    pub difference: Estimate,
    /// In how many replications they differ.
    pub differing: usize,
    /// Probability of a difference at least as far from 0 if there were none in truth (two-sided t test); `None` with
    /// one replication.
    ///
    /// If the difference is the same in all n replications, the value is 2^(1−n): the probability that all go in the
    /// same direction (sign test). A t test would be sure with only two, but values on a lattice (counts, edges of
    /// histograms) are often the same.
    pub p_value: Option<f64>,
    /// The largest difference of any replication, whatever its direction.
    pub largest: f64,
    /// Correlation of the two alternatives over the replications; `None` if one of them does not vary.
    pub correlation: Option<f64>,
    /// Share of the variance that pairing saves: 1 − Var(difference) / (Var(candidate) + Var(reference)). It is
    /// negative if pairing does harm, and `None` if neither alternative varies.
    pub variance_saved: Option<f64>,
}

impl Paired {
    /// The comparison of two alternatives, value by value of the same replication, with intervals at the level
    /// `confidence` (Law, *Simulation Modeling and Analysis*, section 10.2.1 and 11.2).
    ///
    /// # Panics
    ///
    /// If they have not as many replications, or a value is not finite.
    #[must_use]
    pub fn of(candidate: &Sample, reference: &Sample, confidence: f64) -> Self {
        let differences = candidate.minus(reference);
        let rounding = rounding(candidate.values(), reference.values());
        let difference = without_rounding(differences.estimate(confidence), rounding);
        let variance = |sample: &Sample| {
            let deviation = sample.estimate(confidence).standard_deviation?;
            Some(deviation * deviation)
        };
        let (own, others) = (variance(candidate), variance(reference));
        let apart = own.zip(others).map(|(own, others)| own + others).filter(|sum| *sum > 0.0);
        let together = difference.standard_deviation.map(|deviation| deviation * deviation);
        let scale = own.zip(others).map(|(own, others)| (own * others).sqrt()).filter(|scale| *scale > 0.0);
        Self {
            differing: differences.values().iter().filter(|value| value.abs() > rounding).count(),
            largest: differences.values().iter().fold(0.0, |largest: f64, value| largest.max(value.abs())),
            p_value: together.map(|variance| p_value(difference.mean, variance, difference.count)),
            correlation: scale.and_then(|scale| Some((apart? - together?) / (2.0 * scale))),
            variance_saved: apart.and_then(|apart| Some(1.0 - together? / apart)),
            difference,
        }
    }

    /// Whether the alternatives are the same in every replication.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.difference.mean == 0.0 && self.difference.standard_deviation == Some(0.0)
    }

    /// Whether more than a tenth of the replications do not differ, though others do: Student's interval of such differences
    /// holds the truth too rarely.
    #[must_use]
    pub fn is_rare(&self) -> bool {
        self.differing > 0 && is_rare(self.differing, self.difference.count)
    }

    /// How many replications in all settle whether a difference of `matters` is there. Their number must be chosen before they
    /// are looked at. With at least that many, a true difference of twice `matters` is called better (or worse) with the
    /// probability 90 %. One of 0 is called equal with the same probability. `None` if that is more than a million, or not
    /// known.
    ///
    /// The deviation is that of the replications at hand, and is itself an estimate: the quantiles are of Student's t with
    /// their degrees of freedom (Stein, *A two-sample test for a linear hypothesis whose power is independent of the
    /// variance*, Annals of Mathematical Statistics 16, 1945).
    #[must_use]
    pub fn replications_needed(&self, matters: f64, confidence: f64) -> Option<u32> {
        const MOST: f64 = 1e6;
        /// 2^-999 is less than any level.
        const MOST_ALIKE: u32 = 1_000;
        let degrees = self.difference.count.checked_sub(1).filter(|degrees| *degrees > 0)?;
        let deviation = self.difference.standard_deviation?;
        if deviation == 0.0 && self.difference.mean != 0.0 {
            // They all go the same way by the same amount: as many as chance hardly ever sends the same way.
            return (2..=MOST_ALIKE)
                .find(|count| p_value(self.difference.mean, 0.0, *count as usize) <= 1.0 - confidence);
        }
        // To be called equal, it must be missed on neither side: 5 % on each.
        let spread = student_t_half_width(degrees, confidence) + student_t_half_width(degrees, 0.9);
        let needed = (deviation * spread / matters) * (deviation * spread / matters);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 2 and a million")]
        (needed <= MOST).then(|| needed.ceil().max(2.0) as u32)
    }
}

/// What subtraction may round.
fn rounding(candidate: &[f64], reference: &[f64]) -> f64 {
    4.0 * f64::EPSILON * candidate.iter().chain(reference).fold(0.0, |largest: f64, value| largest.max(value.abs()))
}

/// Removes what comes from rounding: differences that deviate by no more count as equal, and as none if they are no larger.
fn without_rounding(difference: Estimate, rounding: f64) -> Estimate {
    if !difference.standard_deviation.is_some_and(|deviation| deviation <= rounding) {
        return difference;
    }
    let mean = if difference.mean.abs() <= rounding { 0.0 } else { difference.mean };
    Estimate { mean, half_width: Some(0.0), standard_deviation: Some(0.0), ..difference }
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
    use super::*;

    fn of(candidate: &[f64], reference: &[f64]) -> Paired {
        let [candidate, reference] = [candidate, reference].map(|of| Sample::of(of.to_vec()).expect("values"));
        Paired::of(&candidate, &reference, 0.95)
    }

    /// Student's sleep data (Student, *The probable error of a mean*, 1908), as in R's `t.test(extra ~ group, paired = TRUE)`:
    /// mean difference 1.58, interval 0.70 to 2.46, p = 0.002833.
    #[test]
    fn students_sleep_data() {
        let first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0];
        let second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
        let paired = of(&second, &first);
        assert!((paired.difference.mean - 1.58).abs() < 1e-12);
        assert!((paired.difference.half_width.expect("an interval") - 0.879_886).abs() < 1e-5);
        assert!((paired.p_value.expect("a value") - 0.002_832_89).abs() < 1e-7);
        assert!((paired.correlation.expect("both vary") - 0.795_170).abs() < 1e-5);
    }

    #[test]
    fn what_is_the_same_is_the_same() {
        let paired = of(&[1.0, 2.0, 3.0], &[1.0, 2.0, 3.0]);
        assert!(paired.is_same());
        assert_eq!(paired.p_value, Some(1.0));
        assert_eq!(paired.variance_saved, Some(1.0));
        let shifted = of(&[2.0, 3.0, 4.0], &[1.0, 2.0, 3.0]);
        assert!(!shifted.is_same());
        assert_eq!((shifted.p_value, shifted.replications_needed(0.5, 0.95)), (Some(0.25), Some(6)));
    }

    /// In floating point 0.3 − 0.1 and 1.3 − 1.1 differ, but that is no evidence.
    #[test]
    fn what_rounding_makes_differ_is_the_same() {
        let paired = of(&[0.3, 1.3, 2.3], &[0.1, 1.1, 2.1]);
        assert_eq!((paired.p_value, paired.difference.half_width), (Some(0.25), Some(0.0)));
    }

    /// By hand: deviation 1 and ten replications: (2.262 + 1.833)² = 16.8 for what matters as much as it deviates
    /// (Student's t with 9 degrees at 97.5 and 95 %: 2.262, 1.833), and 100 times as many for a tenth of that.
    #[test]
    fn the_number_needed_by_hand() {
        let values = [-1.0, 1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 1.0].map(|value| value * 0.9_f64.sqrt());
        let paired = of(&values, &[0.0; 10]);
        assert!((paired.difference.standard_deviation.expect("ten") - 1.0).abs() < 1e-12);
        assert_eq!(paired.replications_needed(1.0, 0.95), Some(17));
        assert_eq!(paired.replications_needed(0.1, 0.95), Some(1_678));
        assert_eq!(paired.replications_needed(1e-3, 0.95), None, "more than a million");
    }

    #[test]
    fn one_replication_has_a_difference_and_nothing_else() {
        let paired = of(&[3.0], &[1.0]);
        assert_eq!((paired.difference.mean.to_bits(), paired.p_value), (2.0_f64.to_bits(), None));
        assert_eq!(paired.replications_needed(1.0, 0.95), None);
    }
}
