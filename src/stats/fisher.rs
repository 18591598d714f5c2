//! The F distribution with whole numbers of degrees of freedom; its values are the same on every platform, as it uses
//! none of the platform's logarithms.

use super::bisection::least;

/// The probability that a variable with (`numerator`, `denominator`) degrees of freedom is larger than `f`; its error is
/// below 10⁻¹¹.
///
/// Source: Abramowitz and Stegun, *Handbook of Mathematical Functions*, equation 26.6.2.
///
/// # Panics
///
/// If a number of degrees is 0, or `f` negative or not a number.
#[must_use]
pub(super) fn f_upper_tail(f: f64, numerator: usize, denominator: usize) -> f64 {
    assert!(numerator > 0 && denominator > 0, "the F distribution needs degrees of freedom");
    assert!(f >= 0.0, "a ratio of variances of {f} is not possible");
    let (own, other) = (numerator as f64, denominator as f64);
    let sum = other + own * f;
    if sum.is_infinite() {
        return 0.0;
    }
    incomplete_beta((other / sum, own * f / sum), other / 2.0, own / 2.0)
}

/// The value above which a variable with (`numerator`, `denominator`) degrees of freedom lies with the probability `tail`.
///
/// # Panics
///
/// If a number of degrees is 0, or `tail` not between 0 and 1.
#[must_use]
pub(super) fn f_upper_quantile(tail: f64, numerator: usize, denominator: usize) -> f64 {
    assert!(tail > 0.0 && tail < 1.0, "a probability of {tail} is not between 0 and 1");
    least(|f| f_upper_tail(f, numerator, denominator) <= tail)
}

/// The regularised incomplete beta function `I_x(a, b)`. It uses the continued fraction (Abramowitz and Stegun, 26.5.8)
/// on the side where this converges fast. The function takes both x and 1 − x: a very small one could not be computed
/// from the other.
pub(super) fn incomplete_beta((x, rest): (f64, f64), a: f64, b: f64) -> f64 {
    if x <= 0.0 || rest <= 0.0 {
        return if x <= 0.0 { 0.0 } else { 1.0 };
    }
    let log = |share: f64, rest: f64| if share < 0.5 { libm::log(share) } else { libm::log1p(-rest) };
    let log_front = libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b) + a * log(x, rest) + b * log(rest, x);
    let front = libm::exp(log_front);
    if x < (a + 1.0) / (a + b + 2.0) {
        front * beta_fraction(x, a, b) / a
    } else {
        1.0 - front * beta_fraction(rest, b, a) / b
    }
}

/// The continued fraction of the incomplete beta function, by Lentz's method.
fn beta_fraction(x: f64, a: f64, b: f64) -> f64 {
    /// More steps than are ever needed: about the square root of the number of degrees, for any number that fits into
    /// memory.
    const MOST_STEPS: u32 = 100_000;
    const TINY: f64 = 1e-300;
    let away_from_zero = |value: f64| if value.abs() < TINY { TINY } else { value };
    // `above` is the ratio of successive numerators; `below` is the ratio of successive denominators, inverted.
    let mut above = 1.0;
    let mut below = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = below;
    for step in 1..MOST_STEPS {
        let step = f64::from(step);
        let twice = a + 2.0 * step;
        let even = step * (b - step) * x / ((twice - 1.0) * twice);
        let odd = -(a + step) * (a + b + step) * x / (twice * (twice + 1.0));
        let mut change = 1.0;
        for coefficient in [even, odd] {
            below = 1.0 / away_from_zero(1.0 + coefficient * below);
            above = away_from_zero(1.0 + coefficient / above);
            change = above * below;
            fraction *= change;
        }
        if (change - 1.0).abs() < 1e-15 {
            break;
        }
    }
    fraction
}

#[cfg(test)]
mod tests {
    use statrs::distribution::{ContinuousCDF, FisherSnedecor};

    use super::*;

    #[test]
    fn tails_are_those_of_the_tables() {
        // With two degrees in the numerator the tail is (1 + 2 f / n)^(-n/2) in closed form.
        for (f, degrees) in [(0.5, 4), (3.0, 10), (10.0, 20)] {
            let expected = libm::pow(1.0 + 2.0 * f / degrees as f64, -(degrees as f64) / 2.0);
            assert!((f_upper_tail(f, 2, degrees) - expected).abs() < 1e-13);
        }
        // The 5 % points stand in any table.
        for (numerator, denominator, point) in [(1, 1, 161.447_6), (4, 10, 3.478_0), (9, 30, 2.210_7), (30, 9, 2.863_7)]
        {
            let quantile = f_upper_quantile(0.05, numerator, denominator);
            assert!((quantile - point).abs() < 1e-4 * point, "{numerator} {denominator}: {quantile}");
        }
    }

    #[test]
    fn tails_agree_with_another_implementation() {
        for numerator in [1, 2, 3, 7, 19, 100, 999] {
            for denominator in [1, 2, 5, 16, 80, 1_000, 9_999] {
                let reference = FisherSnedecor::new(numerator as f64, denominator as f64).expect("valid parameters");
                for f in [0.01, 0.3, 0.9, 1.0, 1.1, 2.0, 5.0, 50.0] {
                    let (own, expected) = (f_upper_tail(f, numerator, denominator), 1.0 - reference.cdf(f));
                    assert!((own - expected).abs() < 1e-10, "F({numerator}, {denominator}) > {f}: {own}, {expected}");
                }
            }
        }
    }

    #[test]
    fn quantiles_invert_tails() {
        for tail in [0.001, 0.025, 0.5, 0.975] {
            for degrees in [(1, 1), (3, 8), (9, 90), (90, 9)] {
                let quantile = f_upper_quantile(tail, degrees.0, degrees.1);
                assert!((f_upper_tail(quantile, degrees.0, degrees.1) - tail).abs() < 1e-12);
            }
        }
    }
}
