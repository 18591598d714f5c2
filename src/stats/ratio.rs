//! The ratio of two means over the same replications, and what each replication contributes to it.

use super::Estimate;

/// The mean of `numerators` over the mean of `denominators`, with its interval at the level `confidence`; both are
/// paired by replication. `None` if there is no ratio: the mean of all denominators, or of all but one, is 0.
///
/// It is computed by the jackknife. Each replication is left out once, which gives pseudo-values. Their mean has less
/// bias than the plain ratio, and their spread gives Student's t interval (Miller, *The jackknife – a review*,
/// Biometrika 61, 1974; Law, *Simulation Modeling and Analysis*, section 9.5). A ratio of means weighs a replication by
/// its size; a mean of ratios would not.
///
/// # Panics
///
/// If the lengths differ or a value is not finite.
#[must_use]
pub fn jackknife_ratio(numerators: &[f64], denominators: &[f64], confidence: f64) -> Option<Estimate> {
    Estimate::of(&jackknife_values(numerators, denominators)?, confidence)
}

/// The pseudo-values n θ − (n − 1) θ₍₋ᵢ₎ of the ratio θ of two means. θ₍₋ᵢ₎ is the ratio without the replication i. A
/// single replication has one pseudo-value, its ratio. `None` if one of these ratios does not exist.
///
/// Their mean and t interval are those of [`jackknife_ratio`]. A method that needs one number from each replication (a
/// test, a paired difference, a curve) takes these, so that it agrees with the tables.
///
/// # Panics
///
/// If the lengths differ.
#[must_use]
pub(super) fn jackknife_values(numerators: &[f64], denominators: &[f64]) -> Option<Vec<f64>> {
    assert_eq!(numerators.len(), denominators.len(), "ratios are paired by replication");
    let (above, below): (f64, f64) = (numerators.iter().sum(), denominators.iter().sum());
    if below == 0.0 {
        return None;
    }
    let count = numerators.len() as f64;
    let ratio = above / below;
    if numerators.len() == 1 {
        return Some(vec![ratio]);
    }
    let pseudo = numerators.iter().zip(denominators).map(|(numerator, denominator)| {
        let rest = below - denominator;
        (rest != 0.0).then(|| count * ratio - (count - 1.0) * ((above - numerator) / rest))
    });
    pseudo.collect()
}

/// What each replication contributes to the saving 1 − mean of `with` / mean of `without`: 1 − [`jackknife_values`].
///
/// # Panics
///
/// If the lengths differ.
#[must_use]
pub(crate) fn saving_values(with: &[f64], without: &[f64]) -> Option<Vec<f64>> {
    Some(jackknife_values(with, without)?.into_iter().map(|ratio| 1.0 - ratio).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constant_ratio_is_known_exactly() {
        let estimate = jackknife_ratio(&[1.0, 2.0, 3.0], &[4.0, 8.0, 12.0], 0.95).expect("a ratio");
        assert!((estimate.mean - 0.25).abs() < 1e-12);
        assert!(estimate.half_width.expect("an interval") < 1e-12);
    }

    #[test]
    fn equal_values_have_the_ratio_1_exactly() {
        let values = [0.1, 0.7, 1.3, 11.9];
        let estimate = jackknife_ratio(&values, &values, 0.95).expect("a ratio");
        assert_eq!((estimate.mean.to_bits(), estimate.half_width), (1.0_f64.to_bits(), Some(0.0)));
    }

    /// By hand: the ratio is 10/20. Without one of the three it is 9/15, 6/14 or 5/11; the pseudo-values are 0.3,
    /// 0.642857 and 0.590909.
    #[test]
    fn the_jackknife_by_hand() {
        let estimate = jackknife_ratio(&[1.0, 4.0, 5.0], &[5.0, 6.0, 9.0], 0.95).expect("a ratio");
        let pseudo = [1.5 - 2.0 * 9.0 / 15.0, 1.5 - 2.0 * 6.0 / 14.0, 1.5 - 2.0 * 5.0 / 11.0];
        let expected = Estimate::of(&pseudo, 0.95).expect("values");
        assert!((estimate.mean - expected.mean).abs() < 1e-12);
        assert!((estimate.mean - 0.511_255).abs() < 1e-6);
    }

    /// By hand: 91/110 in all, 90/100 without the first, 1/10 without the second. The mean of the two savings, 90 % and
    /// 10 %, would be 50 %, although nearly everything that could be saved lies in the second.
    #[test]
    fn savings_are_those_of_the_means() {
        let (with, without) = ([1.0, 90.0], [10.0, 100.0]);
        let values = saving_values(&with, &without).expect("savings");
        let together = 91.0 / 110.0;
        for (value, left_out) in values.iter().zip([0.9, 0.1]) {
            assert!((value - (1.0 - (2.0 * together - left_out))).abs() < 1e-12, "{values:?}");
        }
        let own = Estimate::of(&values, 0.95).expect("values");
        let ratio = jackknife_ratio(&with, &without, 0.95).expect("a ratio");
        assert!((own.mean - (1.0 - ratio.mean)).abs() < 1e-12);
        assert!((own.half_width.expect("two") - ratio.half_width.expect("two")).abs() < 1e-12);
    }

    #[test]
    fn without_a_denominator_there_is_no_ratio() {
        assert_eq!(jackknife_ratio(&[1.0, 2.0], &[0.0, 0.0], 0.95), None);
        assert_eq!(jackknife_ratio(&[1.0, 2.0], &[0.0, 3.0], 0.95), None);
        assert_eq!(jackknife_ratio(&[], &[], 0.95), None);
        assert_eq!(jackknife_ratio(&[1.0], &[4.0], 0.95).expect("a ratio").half_width, None);
        assert_eq!(saving_values(&[1.0], &[4.0]), Some(vec![0.75]));
    }
}
