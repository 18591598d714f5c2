//! Shares of a count: exact binomial intervals and tails, which hold for any number of trials, small ones included.

use super::bisection::least;
use super::fisher::incomplete_beta;

/// The interval of Clopper and Pearson for a share of which `successes` of `trials` were seen. Each end is wrong in at most
/// half of 1 − `confidence` of the cases.
///
/// Source: Clopper and Pearson, *The use of confidence or fiducial limits illustrated in the case of the binomial*, 1934.
///
/// # Panics
///
/// If there are no trials, or more successes than trials, or `confidence` is not between 0 and 1.
#[must_use]
pub fn share_interval(successes: usize, trials: usize, confidence: f64) -> (f64, f64) {
    assert!(trials > 0 && successes <= trials, "{successes} of {trials} trials cannot have succeeded");
    let tail = tail_of(confidence);
    (least_share(successes, trials, tail), 1.0 - least_share(trials - successes, trials, tail))
}

/// The most that a share may be, at the level `confidence`, if none of `trials` has it: the exact form of the rule of three,
/// which says 3 / `trials` at 95 %.
///
/// # Panics
///
/// If there are no trials, or `confidence` is not between 0 and 1.
#[must_use]
pub(crate) fn all_alike_bound(trials: usize, confidence: f64) -> f64 {
    assert!(trials > 0, "no trials say nothing of a share");
    assert!(confidence > 0.0 && confidence < 1.0, "a confidence of {confidence} is not between 0 and 1");
    -libm::expm1(libm::log1p(-confidence) / trials as f64)
}

/// The fewest trials with which a share of at least `share` can be certain: if all of them succeed, the lower end of
/// [`share_interval`] is not below `share`.
///
/// # Panics
///
/// If `share` or `confidence` is not between 0 and 1.
#[must_use]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive, and `as` saturates")]
pub(crate) fn trials_to_be_sure(share: f64, confidence: f64) -> u64 {
    assert!(share > 0.0 && share < 1.0, "a share of {share} is not between 0 and 1");
    (libm::log(tail_of(confidence)) / libm::log(share)).ceil() as u64
}

/// The probability of at least `heads` heads if a fair coin is thrown `throws` times; its error is below 10⁻⁸ of it up to a
/// million throws.
///
/// # Panics
///
/// If there are more heads than throws.
#[must_use]
pub(crate) fn fair_coin_tail(heads: usize, throws: usize) -> f64 {
    assert!(heads <= throws, "{throws} throws have no {heads} heads");
    at_least(heads, throws, 0.5)
}

/// What an interval at the level `confidence` leaves at each end.
fn tail_of(confidence: f64) -> f64 {
    assert!(confidence > 0.0 && confidence < 1.0, "a confidence of {confidence} is not between 0 and 1");
    (1.0 - confidence) / 2.0
}

/// The least share with which at least so many of the trials succeed with the probability `tail`.
fn least_share(successes: usize, trials: usize, tail: f64) -> f64 {
    if successes == 0 { 0.0 } else { least(|share| at_least(successes, trials, share) >= tail) }
}

/// The probability that at least so many of the trials succeed, each of them with the probability `share` (Abramowitz and
/// Stegun, *Handbook of Mathematical Functions*, equation 26.5.24).
pub(super) fn at_least(successes: usize, trials: usize, share: f64) -> f64 {
    if successes == 0 {
        return 1.0;
    }
    incomplete_beta((share, 1.0 - share), successes as f64, (trials - successes + 1) as f64)
}

#[cfg(test)]
mod tests {
    use statrs::distribution::{Beta, Binomial, ContinuousCDF, DiscreteCDF};

    use super::*;

    fn assert_close(actual: f64, expected: f64, error: f64) {
        assert!((actual - expected).abs() <= error, "{actual} is not {expected}");
    }

    #[test]
    fn intervals_of_all_and_none_have_a_closed_form() {
        for trials in [1, 2, 10, 36, 1_000] {
            let end = libm::pow(0.025, 1.0 / trials as f64);
            let (low, high) = share_interval(trials, trials, 0.95);
            assert_close(low, end, 1e-12);
            assert_close(high, 1.0, 0.0);
            let (low, high) = share_interval(0, trials, 0.95);
            assert_close(low, 0.0, 0.0);
            assert_close(high, 1.0 - end, 1e-12);
        }
        // Any table: 1 of 2, and 8 of 10.
        let (low, high) = share_interval(1, 2, 0.95);
        assert_close(low, 1.0 - 0.975_f64.sqrt(), 1e-12);
        assert_close(high, 0.975_f64.sqrt(), 1e-12);
        let (low, high) = share_interval(8, 10, 0.95);
        assert_close(low, 0.443_9, 1e-4);
        assert_close(high, 0.974_8, 1e-4);
    }

    #[test]
    fn intervals_agree_with_another_implementation() {
        for trials in [2, 7, 36, 200, 5_000] {
            for successes in [1, trials / 3, trials / 2, trials - 1].into_iter().filter(|some| *some > 0) {
                let (low, high) = share_interval(successes, trials, 0.95);
                let (some, others) = (successes as f64, (trials - successes) as f64);
                let below = Beta::new(some, others + 1.0).expect("valid parameters").cdf(low);
                let above = Beta::new(some + 1.0, others).expect("valid parameters").cdf(high);
                assert_close(below, 0.025, 1e-9);
                assert_close(above, 0.975, 1e-9);
            }
        }
    }

    #[test]
    fn the_rule_of_three_is_exact() {
        for (trials, bound) in [(1, 0.95), (2, 1.0 - 0.05_f64.sqrt()), (100, 0.029_513)] {
            assert_close(all_alike_bound(trials, 0.95), bound, 1e-6);
        }
        assert_close(all_alike_bound(1_000_000, 0.95), 2.995_727_8e-6, 1e-12);
        assert_close(1.0 - all_alike_bound(36, 0.975), share_interval(36, 36, 0.95).0, 1e-12);
    }

    #[test]
    fn enough_trials_can_be_sure_and_one_less_cannot() {
        for share in [0.01, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999] {
            let needed = usize::try_from(trials_to_be_sure(share, 0.95)).expect("few");
            assert!(share_interval(needed, needed, 0.95).0 >= share, "{share}");
            assert!(needed == 1 || share_interval(needed - 1, needed - 1, 0.95).0 < share, "{share}");
        }
        assert_eq!(trials_to_be_sure(0.9, 0.95), 36);
    }

    #[test]
    fn coins_by_hand() {
        for (heads, throws, chance) in [(0, 3, 1.0), (2, 3, 0.5), (3, 3, 0.125), (15, 20, 21_700.0 / 1_048_576.0)] {
            assert_close(fair_coin_tail(heads, throws), chance, 1e-12);
        }
        // However many there are: half of an odd number or more come in half of the cases, all in hardly any.
        for throws in [1_usize, 999, 1_075, 1_077, 9_999, 100_001, 999_999] {
            assert_close(fair_coin_tail(throws.div_ceil(2), throws), 0.5, 1e-8);
            assert_close(fair_coin_tail(0, throws), 1.0, 0.0);
            assert_close(fair_coin_tail(throws, throws), libm::pow(0.5, throws as f64), 1e-12);
        }
        // The normal distribution: 1.96 standard deviations of 500 above the mean of 500,000 leave 2.5 %.
        assert_close(fair_coin_tail(500_980, 1_000_000), 0.025, 1e-4);
    }

    #[test]
    fn coins_agree_with_another_implementation() {
        for throws in [5, 36, 1_000, 20_000] {
            let reference = Binomial::new(0.5, throws as u64).expect("valid parameters");
            for heads in [1, throws / 3, throws / 2, throws / 2 + 3, throws - 1] {
                assert_close(fair_coin_tail(heads, throws), reference.sf(heads as u64 - 1), 1e-9);
            }
        }
    }

    #[test]
    #[should_panic(expected = "3 of 2 trials cannot have succeeded")]
    fn more_than_all_are_a_bug() {
        let _ = share_interval(3, 2, 0.95);
    }
}
