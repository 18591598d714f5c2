//! Student's t distribution with a whole number of degrees of freedom. Quantiles need only basic arithmetic and one arc
//! tangent; tails come from the F distribution, since 1 − a probability near 1 would have no digit left.

use std::f64::consts::FRAC_2_PI;

use super::bisection::least;
use super::fisher::f_upper_tail;

/// The quantile t at (1 + `confidence`) / 2: a variable with `degrees` degrees of freedom lies in [−t, t] with the
/// probability `confidence`.
///
/// The relative error is below 10⁻¹⁰ for a confidence up to 0.9999.
///
/// # Panics
///
/// If `degrees` is 0, or `confidence` not between 0 and 1.
#[must_use]
pub(super) fn student_t_half_width(degrees: usize, confidence: f64) -> f64 {
    assert!(degrees > 0, "Student's t needs a degree of freedom");
    assert!(confidence > 0.0 && confidence < 1.0, "a confidence of {confidence} is not between 0 and 1");
    least(|t| probability_within(t, degrees) >= confidence)
}

/// The probability that a variable with `degrees` degrees of freedom is at least as far from 0 as `t`. For a finite `t`
/// it is above 0, unless it is too small for an `f64`.
///
/// The square of such a variable has the F distribution with (1, `degrees`) degrees of freedom.
///
/// # Panics
///
/// If `degrees` is 0, or `t` not a number.
#[must_use]
pub(super) fn student_t_p_value(t: f64, degrees: usize) -> f64 {
    /// Farther out the square may be infinite. There the tail is the power t^(−ν).
    const FAR: f64 = 1e150;
    assert!(degrees > 0, "Student's t needs a degree of freedom");
    let within = t.abs().min(FAR);
    f_upper_tail(within * within, 1, degrees) * libm::pow((FAR / t.abs()).min(1.0), degrees as f64)
}

/// The probability A(t|ν) that a variable with ν = `degrees` degrees of freedom lies in [−t, t].
///
/// Source: Abramowitz and Stegun, *Handbook of Mathematical Functions*, equations 26.7.3 and 26.7.4, which are finite sums
/// of positive terms in powers of cos θ, θ = arctan(t / √ν).
fn probability_within(t: f64, degrees: usize) -> f64 {
    let freedom = degrees as f64;
    let hypotenuse = (freedom + t * t).sqrt();
    let sine = t / hypotenuse;
    let cosine_squared = freedom / (freedom + t * t);
    if degrees.is_multiple_of(2) {
        // 1 + 1/2 cos²θ + (1·3)/(2·4) cos⁴θ + … up to the power ν − 2.
        return sine * series(degrees / 2, 1.0, cosine_squared);
    }
    let theta = libm::atan(t / freedom.sqrt());
    let cosine = freedom.sqrt() / hypotenuse;
    // cos θ (1 + 2/3 cos²θ + (2·4)/(3·5) cos⁴θ + …) up to the power ν − 2; nothing if ν = 1.
    FRAC_2_PI * (theta + sine * cosine * series(degrees / 2, 2.0, cosine_squared))
}

/// The first `terms` terms of 1 + f/(f+1) x + f(f+2)/((f+1)(f+3)) x² + …, with f = `first`.
fn series(terms: usize, first: f64, x: f64) -> f64 {
    let mut term = 1.0;
    let mut numerator = first;
    let mut sum = 0.0;
    for _ in 0..terms {
        sum += term;
        term *= x * numerator / (numerator + 1.0);
        numerator += 2.0;
    }
    sum
}

#[cfg(test)]
mod tests {
    use statrs::distribution::{ContinuousCDF, StudentsT};

    use super::*;

    fn assert_close(actual: f64, expected: f64, relative: f64) {
        assert!((actual - expected).abs() <= relative * expected, "{actual:?} is not {expected:?}");
    }

    #[test]
    fn quantiles_are_those_of_the_tables() {
        // Closed forms: for one degree tan(π c / 2), for two degrees c √(2 / (1 − c²)).
        assert_close(student_t_half_width(1, 0.5), 1.0, 1e-14);
        assert_close(student_t_half_width(1, 0.95), 12.706_204_736_174_707, 1e-12);
        assert_close(student_t_half_width(2, 0.95), 0.95 * (2.0_f64 / 0.0975).sqrt(), 1e-12);
        assert_close(student_t_half_width(4, 0.95), 2.776_445_105_197_795, 1e-10);
        assert_close(student_t_half_width(9, 0.95), 2.262_157_162_798_205, 1e-10);
        assert_close(student_t_half_width(9, 0.99), 3.249_835_541_592_126_4, 1e-10);
        assert_close(student_t_half_width(29, 0.9), 1.699_127_026_533_498, 1e-10);
    }

    #[test]
    fn quantiles_agree_with_another_implementation() {
        for degrees in (1..60).chain([100, 101, 1_000, 9_999]) {
            for confidence in [0.1, 0.8, 0.9, 0.95, 0.99, 0.999, 0.9999] {
                let reference = StudentsT::new(0.0, 1.0, degrees as f64).expect("valid parameters");
                let probability = reference.cdf(student_t_half_width(degrees, confidence));
                let expected = f64::midpoint(1.0, confidence);
                assert!((probability - expected).abs() < 1e-10, "{degrees} {confidence}: {probability}");
            }
        }
    }

    /// References: closed forms for one and two degrees; for 19 degrees, the power series of the incomplete
    /// beta function (Abramowitz and Stegun, 26.5.4) in decimal arithmetic of 60 digits.
    #[test]
    fn p_values_far_out_are_small_and_not_0() {
        for t in [1e-9, 0.5, 3.0, 1e6, 1e100, 1e250] {
            assert_close(student_t_p_value(t, 1), 2.0 / std::f64::consts::PI * libm::atan(1.0 / t), 1e-12);
        }
        for t in [3.0_f64, 1e4, 1e7] {
            let root = (2.0 + t * t).sqrt();
            assert_close(student_t_p_value(-t, 2), 2.0 / (root * (root + t)), 1e-12);
        }
        assert_close(student_t_p_value(50.0, 19), 1.244_027_957_806_489e-21, 1e-12);
        assert_close(student_t_p_value(0.0, 19), 1.0, 1e-15);
        assert!(student_t_p_value(f64::MAX, 1) > 0.0);
        assert_close(student_t_p_value(f64::INFINITY, 5), 0.0, 0.0);
    }

    #[test]
    fn p_values_are_those_of_the_quantiles() {
        for degrees in [1, 2, 9, 19, 100] {
            for confidence in [0.5, 0.95, 0.999] {
                let p_value = student_t_p_value(student_t_half_width(degrees, confidence), degrees);
                assert_close(p_value, 1.0 - confidence, 1e-10);
            }
        }
    }

    #[test]
    fn many_degrees_of_freedom_approach_the_normal_distribution() {
        assert_close(student_t_half_width(1_000_000, 0.95), 1.959_963_984_540_054, 2e-6);
    }

    #[test]
    #[should_panic(expected = "needs a degree of freedom")]
    fn no_degrees_of_freedom_are_a_bug() {
        let _ = student_t_half_width(0, 0.95);
    }

    #[test]
    #[should_panic(expected = "a confidence of 95 is not between 0 and 1")]
    fn a_confidence_is_not_a_percentage() {
        let _ = student_t_half_width(9, 95.0);
    }
}
