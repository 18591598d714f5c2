//! Intervals by bootstrap: how much a statistic changes if parts of the sample are drawn again. The caller draws, so that the same
//! draws give the same interval.

use super::student::student_t_half_width;

/// More resamples would change an interval by less than one in fifty.
const RESAMPLES: usize = 1_000;

/// Half of the interval of a statistic of `count` independent parts, at the level `confidence`. `statistic` has to give its value for
/// the parts with these numbers, which may come several times; `draw` a number below its argument, each with the same probability.
/// `None` with less than two parts, or if the statistic is not known of a resample.
///
/// The standard deviation over the resamples is too small by the factor √((n − 1) / n), which is undone. The half width is so many of
/// them as Student's t with n − 1 degrees of freedom says (Efron and Tibshirani, *An Introduction to the Bootstrap*, 1993, sections
/// 6.2 and 12.2).
pub fn bootstrap_half_width(
    count: usize,
    statistic: impl Fn(&[usize]) -> Option<f64>,
    confidence: f64,
    draw: &mut dyn FnMut(usize) -> usize,
) -> Option<f64> {
    if count < 2 {
        return None;
    }
    let mut parts = vec![0; count];
    let mut values = Vec::with_capacity(RESAMPLES);
    for _ in 0..RESAMPLES {
        for part in &mut parts {
            *part = draw(count);
        }
        values.push(statistic(&parts)?);
    }
    let mean = values.iter().sum::<f64>() / RESAMPLES as f64;
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    let degrees = (count - 1) as f64;
    let deviation = (squares / (RESAMPLES - 1) as f64 * count as f64 / degrees).sqrt();
    Some(student_t_half_width(count - 1, confidence) * deviation)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::stats::Estimate;

    /// Draws that are the same each time (Knuth's linear congruential generator).
    pub(in crate::stats) fn draws() -> impl FnMut(usize) -> usize {
        let mut state = 42_u64;
        move |below| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from((u128::from(state) * below as u128) >> 64).expect("below")
        }
    }

    #[test]
    fn the_interval_of_a_mean_is_student_s() {
        let values: Vec<f64> = (0..30_u32).map(|number| f64::from(number * number % 31)).collect();
        let mean = |parts: &[usize]| Some(parts.iter().map(|part| values[*part]).sum::<f64>() / parts.len() as f64);
        let own = bootstrap_half_width(values.len(), mean, 0.95, &mut draws()).expect("an interval");
        let student = Estimate::of(&values, 0.95).and_then(|of| of.half_width).expect("an interval");
        assert!((own / student - 1.0).abs() < 0.05, "{own} is not about {student}");
    }

    #[test]
    fn one_part_has_no_interval() {
        assert_eq!(bootstrap_half_width(1, |_| Some(1.0), 0.95, &mut draws()), None);
        assert_eq!(bootstrap_half_width(3, |_| None, 0.95, &mut draws()), None);
    }
}
