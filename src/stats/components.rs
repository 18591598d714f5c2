//! Splits a spread into the part due to groups and the part due to chance within them.

use super::Estimate;
use super::fisher::{f_upper_quantile, f_upper_tail};

/// The variance of values that belong to groups of equal size, split into the part between groups and the part within
/// them. The model is the balanced one-way model with random effects: value = mean + effect of the group + chance
/// (Searle, Casella and `McCulloch`, *Variance Components*, sections 3.6 and 3.8).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VarianceComponents {
    /// Mean over all groups that could have been drawn. Its interval comes from the means of the groups, since values
    /// of one group are not independent.
    pub mean: Estimate,
    /// Variance between groups, by analysis of variance; an estimate below 0 is given as 0.
    pub between: f64,
    /// Variance within groups.
    pub within: f64,
    /// Share of the variance between groups in the total variance of a value (intraclass correlation).
    pub share: f64,
    /// Ends of the interval of [`VarianceComponents::share`], which is exact if effects and chance are normal.
    pub share_interval: (f64, f64),
    /// The probability that means differ at least as much, if the groups made no difference (F test).
    pub p_value: f64,
}

impl VarianceComponents {
    /// The components of `groups` of equal size, with intervals at the level `confidence`. `None` with less than two
    /// groups, with less than two values in each, or if all values of all groups are the same.
    ///
    /// # Panics
    ///
    /// If the groups differ in size, or a value is not finite.
    #[must_use]
    pub fn of(groups: &[Vec<f64>], confidence: f64) -> Option<Self> {
        let (count, size) = (groups.len(), groups.first()?.len());
        assert!(groups.iter().all(|group| group.len() == size), "the groups differ in size");
        if count < 2 || size < 2 {
            return None;
        }
        let within_groups: Vec<Estimate> =
            groups.iter().map(|group| Estimate::of(group, confidence)).collect::<Option<_>>()?;
        let means: Vec<f64> = within_groups.iter().map(|group| group.mean).collect();
        let of_means = Estimate::of(&means, confidence)?;
        let variance = |estimate: &Estimate| estimate.standard_deviation.map(|deviation| deviation * deviation);
        let within = within_groups.iter().map(variance).sum::<Option<f64>>()? / count as f64;
        let size_of_group = size as f64;
        let mean_square_between = size_of_group * variance(&of_means)?;
        if mean_square_between <= 0.0 && within <= 0.0 {
            return None;
        }
        let between = ((mean_square_between - within) / size_of_group).max(0.0);
        let degrees = (count - 1, count * (size - 1));
        // If nothing varies within the groups, all of the variance is due to them.
        let (mut share_interval, mut p_value) = ((1.0, 1.0), 0.0);
        if within > 0.0 {
            let ratio = mean_square_between / within;
            let tail = (1.0 - confidence) / 2.0;
            let share_at = |ratio: f64| ((ratio - 1.0) / (ratio + size_of_group - 1.0)).max(0.0);
            share_interval = (
                share_at(ratio / f_upper_quantile(tail, degrees.0, degrees.1)),
                share_at(ratio * f_upper_quantile(tail, degrees.1, degrees.0)),
            );
            p_value = f_upper_tail(ratio, degrees.0, degrees.1);
        }
        Some(Self { mean: of_means, between, within, share: between / (between + within), share_interval, p_value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_close(actual: f64, expected: f64, tolerance: f64) {
        assert!((actual - expected).abs() < tolerance, "{actual} is not {expected}");
    }

    /// Three groups of four, worked out by hand: means 5, 8 and 5, sum of squares within 2 + 10 + 20.
    #[test]
    fn components_are_those_of_an_analysis_of_variance() {
        let groups = [vec![4.0, 5.0, 5.0, 6.0], vec![6.0, 7.0, 9.0, 10.0], vec![2.0, 4.0, 6.0, 8.0]];
        let components = VarianceComponents::of(&groups, 0.95).expect("components");
        // MS between = 4 · ((−1)² + 2² + (−1)²) / 2 = 12; MS within = 32 / 9.
        let within = 32.0 / 9.0;
        assert_close(components.mean.mean, 6.0, 1e-12);
        assert_close(components.within, within, 1e-12);
        assert_close(components.between, (12.0 - within) / 4.0, 1e-12);
        assert_close(components.share, components.between / (components.between + within), 1e-12);
        // F = 3.375 on (2, 9): p = (1 + 2 · 3.375 / 9)^(−9/2) in closed form.
        assert_close(components.p_value, libm::pow(1.75, -4.5), 1e-12);
        // F(0.975; 2, 9) = 5.7147 and F(0.975; 9, 2) = 39.387.
        assert_close(components.share_interval.0, 0.0, 1e-12);
        let highest = 3.375 * 39.387;
        assert_close(components.share_interval.1, (highest - 1.0) / (highest + 3.0), 1e-5);
        // t(0.975; 2) = 4.3027 and the deviation of the means √3.
        assert_close(components.mean.half_width.expect("three groups"), 4.302_65, 1e-4);
    }

    #[test]
    fn equal_groups_have_no_variance_between_them() {
        let components = VarianceComponents::of(&[vec![1.0, 2.0], vec![1.0, 2.0]], 0.95).expect("components");
        assert_eq!((components.between, components.share, components.p_value), (0.0, 0.0, 1.0));
    }

    #[test]
    fn groups_without_chance_are_everything() {
        let components = VarianceComponents::of(&[vec![1.0, 1.0], vec![3.0, 3.0]], 0.95).expect("components");
        assert_eq!((components.share, components.share_interval, components.p_value), (1.0, (1.0, 1.0), 0.0));
        assert_close(components.between, 2.0, 1e-12);
    }

    #[test]
    fn too_little_has_no_components() {
        for groups in [vec![], vec![vec![1.0, 2.0]], vec![vec![1.0], vec![2.0]], vec![vec![3.0, 3.0]; 4]] {
            assert_eq!(VarianceComponents::of(&groups, 0.95), None);
        }
    }
}
