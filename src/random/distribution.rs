//! Distributions of real numbers; each sample consumes exactly one draw, so that changing a distribution shifts nothing.

use super::normal::normal_quantile;
use super::stream::Stream;

/// A distribution of real numbers; the unit is the user's.
#[derive(Clone, Debug, PartialEq)]
pub enum Distribution {
    /// Always this value.
    Constant(f64),
    /// Uniform between `low` (inclusive) and `high` (exclusive).
    Uniform {
        /// Least value.
        low: f64,
        /// Upper bound.
        high: f64,
    },
    /// Exponential.
    Exponential {
        /// Mean.
        mean: f64,
    },
    /// Normal.
    Normal {
        /// Mean.
        mean: f64,
        /// Standard deviation.
        sd: f64,
    },
    /// Lognormal.
    Lognormal {
        /// Median.
        median: f64,
        /// Standard deviation of the logarithm.
        sigma: f64,
    },
    /// Each of these values with the same probability; not empty.
    Empirical(Vec<f64>),
}

impl Distribution {
    /// One value, by inversion: a larger draw gives a larger value. Two distributions that are sampled from the same
    /// stream are thereby as positively correlated as they can be.
    ///
    /// A constant consumes its draw too.
    ///
    /// # Panics
    ///
    /// If the distribution is [`Distribution::Empirical`] and empty.
    pub fn sample(&self, stream: &mut Stream) -> f64 {
        match self {
            Self::Constant(value) => {
                stream.next_u64();
                *value
            }
            Self::Uniform { .. } | Self::Exponential { .. } => self.quantile(stream.unit()),
            Self::Normal { .. } | Self::Lognormal { .. } => self.quantile(stream.open_unit()),
            Self::Empirical(values) => values[stream.index(values.len())],
        }
    }

    /// The value below which a sample falls with the probability `u`, 0 < `u` < 1; of [`Distribution::Empirical`], whose values
    /// ascend, one of them.
    ///
    /// # Panics
    ///
    /// If the distribution is [`Distribution::Empirical`] and empty.
    #[must_use]
    pub fn quantile(&self, u: f64) -> f64 {
        match self {
            Self::Constant(value) => *value,
            Self::Uniform { low, high } => {
                let value = low + (high - low) * u;
                // Rounding can reach the bound, but only if there is a number below it to fall back to.
                if value < *high || high <= low { value } else { high.next_down() }
            }
            // 1 − u is distributed as u is, and with it the value grows with u.
            Self::Exponential { mean } => -mean * libm::log1p(-u),
            Self::Normal { mean, sd } => mean + sd * normal_quantile(u),
            Self::Lognormal { median, sigma } => median * libm::exp(sigma * normal_quantile(u)),
            Self::Empirical(values) => values[position(u, values.len())],
        }
    }

    /// The least and the greatest value that can be drawn: what has no bound in theory has one in the 53 bits of a draw.
    #[must_use]
    pub fn extremes(&self) -> (f64, f64) {
        let greatest = Stream::GREATEST_UNIT;
        let deviations = normal_quantile(greatest);
        match self {
            Self::Constant(value) => (*value, *value),
            Self::Uniform { low, high } => (*low, high.next_down()),
            Self::Exponential { mean } => (0.0, -mean * libm::log1p(-greatest)),
            Self::Normal { mean, sd } => (mean - sd * deviations, mean + sd * deviations),
            Self::Lognormal { median, sigma } => {
                (median * libm::exp(-sigma * deviations), median * libm::exp(sigma * deviations))
            }
            Self::Empirical(values) => values
                .iter()
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), value| (least.min(*value), most.max(*value))),
        }
    }

    /// Between which values it lies, if it has bounds in theory; else the range of all but the lowest and the highest 5 %.
    ///
    /// # Panics
    ///
    /// If the distribution is [`Distribution::Empirical`] and empty.
    #[must_use]
    pub fn usual_range(&self) -> (f64, f64) {
        match self {
            Self::Constant(value) => (*value, *value),
            Self::Uniform { low, high } => (*low, *high),
            _ => (self.quantile(0.05), self.quantile(0.95)),
        }
    }

    /// The expected value.
    #[must_use]
    pub fn mean(&self) -> f64 {
        match self {
            Self::Constant(mean) | Self::Exponential { mean } | Self::Normal { mean, .. } => *mean,
            Self::Uniform { low, high } => f64::midpoint(*low, *high),
            Self::Lognormal { median, sigma } => median * libm::exp(sigma * sigma / 2.0),
            Self::Empirical(values) => values.iter().sum::<f64>() / values.len() as f64,
        }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the share of a length is an index")]
fn position(u: f64, length: usize) -> usize {
    ((u * length as f64) as usize).min(length - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Entity, Purpose, Streams};

    const SAMPLES: u32 = 100_000;

    fn stream() -> Stream {
        Streams::new(42, 0).stream(Purpose::Message, Entity::indexed(0))
    }

    /// By hand: one in twenty exponential values is above −ln 0.05 = 3.0 means, and one below −ln 0.95 = 0.05.
    #[test]
    fn the_usual_range_has_the_bounds_if_there_are_any() {
        assert_eq!(Distribution::Uniform { low: 20.0, high: 60.0 }.usual_range(), (20.0, 60.0));
        assert_eq!(Distribution::Constant(7.0).usual_range(), (7.0, 7.0));
        let (low, high) = Distribution::Exponential { mean: 2.0 }.usual_range();
        assert!((low - 0.102_586_6).abs() < 1e-6 && (high - 5.991_464_5).abs() < 1e-6, "{low} {high}");
    }

    /// All variants, with variance and fourth central moment.
    fn cases() -> [(Distribution, f64, f64); 6] {
        // For the lognormal distribution, with w = exp(σ²): Johnson, Kotz and Balakrishnan, chapter 14.
        let (median, sigma) = (0.3, 0.6);
        let w = libm::exp(sigma * sigma);
        let lognormal_variance = median * median * w * (w - 1.0);
        let kurtosis = w * w * w * w + 2.0 * w * w * w + 3.0 * w * w - 3.0;
        [
            (Distribution::Constant(2.5), 0.0, 0.0),
            (Distribution::Uniform { low: 20.0, high: 60.0 }, 40.0 * 40.0 / 12.0, 2_560_000.0 / 80.0),
            (Distribution::Exponential { mean: 3.0 }, 9.0, 9.0 * 81.0),
            (Distribution::Normal { mean: -1.0, sd: 2.0 }, 4.0, 3.0 * 16.0),
            (
                Distribution::Lognormal { median, sigma },
                lognormal_variance,
                kurtosis * lognormal_variance * lognormal_variance,
            ),
            (Distribution::Empirical(vec![1.0, 2.0, 2.0, 7.0]), 5.5, 60.5),
        ]
    }

    #[test]
    fn samples_have_the_moments_of_the_distribution() {
        for (distribution, variance, fourth_moment) in cases() {
            let mut stream = stream();
            let samples: Vec<f64> = (0..SAMPLES).map(|_| distribution.sample(&mut stream)).collect();
            let size = f64::from(SAMPLES);
            let mean = samples.iter().sum::<f64>() / size;
            let deviations = samples.iter().map(|sample| (sample - mean) * (sample - mean));
            let sample_variance = deviations.sum::<f64>() / (size - 1.0);
            // Five standard errors.
            let mean_error = 5.0 * (variance / size).sqrt();
            let variance_error = 5.0 * ((fourth_moment - variance * variance) / size).sqrt();
            assert!((mean - distribution.mean()).abs() <= mean_error + 1e-12, "{distribution:?}: mean {mean}");
            assert!(
                (sample_variance - variance).abs() <= variance_error + 1e-12,
                "{distribution:?}: variance {sample_variance}"
            );
        }
    }

    #[test]
    fn no_sample_lies_beyond_the_extremes() {
        for (distribution, variance, _) in cases() {
            let (least, most) = distribution.extremes();
            let mut stream = stream();
            assert!(
                (0..SAMPLES).map(|_| distribution.sample(&mut stream)).all(|value| (least..=most).contains(&value))
            );
            // Nor do they lie beyond what can be drawn: 2⁻⁵³ is 8.2 standard deviations away (of the logarithm), or 36.7 means.
            assert!(most - least <= 200.0 * variance.sqrt(), "{distribution:?}: from {least} to {most}");
        }
    }

    #[test]
    fn every_sample_consumes_one_draw() {
        for (distribution, ..) in cases() {
            let mut sampled = stream();
            distribution.sample(&mut sampled);
            let mut skipped = stream();
            skipped.next_u64();
            assert_eq!(sampled.next_u64(), skipped.next_u64(), "{distribution:?}");
        }
    }

    #[test]
    fn a_larger_draw_gives_a_larger_value() {
        for (distribution, ..) in cases() {
            let mut pairs: Vec<(u64, f64)> = (0..1_000)
                .map(|ordinal| (stream().at(ordinal).next_u64(), distribution.sample(stream().at(ordinal))))
                .collect();
            pairs.sort_unstable_by_key(|&(draw, _)| draw);
            assert!(pairs.windows(2).all(|pair| pair[0].1 <= pair[1].1), "{distribution:?}");
        }
    }

    #[test]
    fn as_many_samples_fall_below_a_quantile() {
        for (distribution, ..) in cases().into_iter().filter(|(_, variance, _)| *variance > 0.0) {
            let mut stream = stream();
            let samples: Vec<f64> = (0..SAMPLES).map(|_| distribution.sample(&mut stream)).collect();
            for share in [0.1, 0.45, 0.9] {
                let quantile = distribution.quantile(share);
                let below = samples.iter().filter(|sample| **sample < quantile).count() as f64 / f64::from(SAMPLES);
                let up_to = samples.iter().filter(|sample| **sample <= quantile).count() as f64 / f64::from(SAMPLES);
                // Five standard errors are 0.008 at most.
                assert!(
                    below < share + 0.008 && up_to > share - 0.008,
                    "{distribution:?}: {below} to {up_to} of {share}"
                );
            }
        }
    }

    /// These numbers define the results of every scenario: a change of them is a change of the model's version.
    #[test]
    fn first_samples_are_pinned() {
        let bits = cases().map(|(distribution, ..)| {
            let mut stream = stream();
            [0; 3].map(|_: u64| distribution.sample(&mut stream).to_bits())
        });
        assert_eq!(
            bits,
            [
                [0x4004_0000_0000_0000, 0x4004_0000_0000_0000, 0x4004_0000_0000_0000],
                [0x4037_6da7_2a3b_8392, 0x4044_6f86_b9ec_6c92, 0x4043_a804_3e2b_2867],
                [0x3fd1_344b_85f6_2ff2, 0x4001_b45d_614d_20b5, 0x3fff_a62a_d1d4_3e72],
                [0xc00d_e1f5_e75f_13ba, 0xbfec_80fa_b51c_510a, 0xbff1_60f9_d9e3_6e2d],
                [0x3fc0_e706_0fc7_0c15, 0x3fd3_d6f9_181b_522a, 0x3fd2_b5c1_d4d4_4dcd],
                [0x3ff0_0000_0000_0000, 0x4000_0000_0000_0000, 0x4000_0000_0000_0000],
            ]
        );
    }

    #[test]
    fn the_upper_bound_of_a_uniform_distribution_is_excluded() {
        // Only two numbers lie between the bounds: rounding would often reach the upper one.
        let high = 1.0_f64.next_up().next_up();
        let distribution = Distribution::Uniform { low: 1.0, high };
        let mut stream = stream();
        assert!((0..1_000).all(|_| distribution.sample(&mut stream) < high));
    }
}
