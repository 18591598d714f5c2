//! One number a replication: means, quantiles and ratios enter intervals, tests and differences in this form.

use super::Estimate;
use super::estimate::mean;

/// One number for each replication, in their order. Their mean is the estimate: a mean, a ratio with the jackknife's
/// pseudo-values, or a quantile of all replications together with what each contributes to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    centre: f64,
    values: Vec<f64>,
}

impl Sample {
    /// The mean of `values`; `None` without values.
    #[must_use]
    pub fn of(values: Vec<f64>) -> Option<Self> {
        (!values.is_empty()).then(|| Self { centre: mean(&values), values })
    }

    /// The estimate with Student's t interval at the level `confidence`.
    ///
    /// # Panics
    ///
    /// If a value is not finite, or `confidence` not between 0 and 1.
    #[must_use]
    pub fn estimate(&self, confidence: f64) -> Estimate {
        Estimate::around(self.centre, &self.values, confidence)
    }

    /// The mean of the values.
    #[must_use]
    pub const fn centre(&self) -> f64 {
        self.centre
    }

    /// Zero in each of the same replications.
    #[must_use]
    pub fn nothing(&self) -> Self {
        self.constant(0.0)
    }

    /// `value` in each of the same replications.
    #[must_use]
    pub fn constant(&self, value: f64) -> Self {
        Self { centre: value, values: vec![value; self.values.len()] }
    }

    /// The values, in the order of the replications.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The same for the first `count` replications.
    ///
    /// # Panics
    ///
    /// If `count` is 0.
    #[must_use]
    pub fn first(&self, count: usize) -> Self {
        Self::of(self.values[..count.min(self.values.len())].to_vec()).expect("a replication")
    }

    /// This minus `other`, replication by replication.
    ///
    /// # Panics
    ///
    /// If they have not as many replications.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        assert_eq!(self.values.len(), other.values.len(), "alternatives are paired by replication");
        Self::of(self.values.iter().zip(&other.values).map(|(one, other)| one - other).collect())
            .expect("a replication")
    }
}

/// Whether something that is seen in so many of the replications is rare: more than a tenth of them have none. Its
/// distribution is then so skewed that Student's interval holds the mean too rarely.
#[must_use]
pub fn is_rare(seen: usize, replications: usize) -> bool {
    /// In at least this share of the replications something has to be seen.
    const SEEN_ENOUGH: f64 = 0.9;
    replications > 1 && (seen as f64) < SEEN_ENOUGH * replications as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_paired_by_replication() {
        let sample = Sample::of(vec![1.0, 3.0, 2.0]).expect("values");
        assert_eq!(Some(sample.estimate(0.95)), Estimate::of(&[1.0, 3.0, 2.0], 0.95));
        let difference = sample.minus(&Sample::of(vec![1.0, 1.0, 1.0]).expect("values"));
        assert_eq!((difference.centre(), difference.values()), (1.0, [0.0, 2.0, 1.0].as_slice()));
        assert_eq!((sample.first(2).values(), sample.nothing().values()), ([1.0, 3.0].as_slice(), [0.0; 3].as_slice()));
        assert_eq!(Sample::of(Vec::new()), None);
    }
}
