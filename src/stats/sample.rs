//! One number a replication, and the number that they surround: means, quantiles and ratios enter intervals, tests and
//! differences in this form.

use super::Estimate;
use super::estimate::mean;

/// One number for each replication, in their order, and the estimate that they say something of.
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

    /// An estimate from all replications together, with what it is in each replication alone (sectioning: Nakayama,
    /// *Confidence intervals for quantiles using sectioning when applying variance-reduction techniques*, ACM TOMACS 24,
    /// 2014). `None` without values.
    ///
    /// The mean of quantiles keeps the bias of short samples, however many there are. The quantile of all loses it, and the
    /// interval is made of deviations from that.
    #[must_use]
    pub fn around(centre: f64, values: Vec<f64>) -> Option<Self> {
        (!values.is_empty()).then_some(Self { centre, values })
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

    /// The number that the values surround.
    #[must_use]
    pub const fn centre(&self) -> f64 {
        self.centre
    }

    /// Zero in each of the same replications.
    #[must_use]
    pub fn nothing(&self) -> Self {
        Self { centre: 0.0, values: vec![0.0; self.values.len()] }
    }

    /// The values, in the order of the replications.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// What must be added to each value for their mean to be the number that they surround.
    #[must_use]
    pub fn offset(&self) -> f64 {
        self.centre - mean(&self.values)
    }

    /// The same for the first `count` replications. The bias that all of them tell is taken off those, too.
    ///
    /// # Panics
    ///
    /// If `count` is 0.
    #[must_use]
    pub fn first(&self, count: usize) -> Self {
        let values = self.values[..count.min(self.values.len())].to_vec();
        Self { centre: mean(&values) + self.offset(), values }
    }

    /// This minus `other`, replication by replication.
    ///
    /// # Panics
    ///
    /// If they have not as many replications.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        assert_eq!(self.values.len(), other.values.len(), "alternatives are paired by replication");
        let values = self.values.iter().zip(&other.values).map(|(one, other)| one - other).collect();
        Self { centre: self.centre - other.centre, values }
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

    /// By hand: deviations from 4 are -3, -1, -2, so that the variance is 14 / 2.
    #[test]
    fn deviations_are_those_from_the_centre() {
        let sample = Sample::around(4.0, vec![1.0, 3.0, 2.0]).expect("values");
        let estimate = sample.estimate(0.95);
        assert_eq!((estimate.mean, estimate.standard_deviation), (4.0, Some(7.0_f64.sqrt())));
        let plain = Sample::of(vec![1.0, 3.0, 2.0]).expect("values").estimate(0.95);
        assert_eq!(Some(plain), Estimate::of(&[1.0, 3.0, 2.0], 0.95));
        assert_eq!(Sample::of(Vec::new()), None);
    }

    #[test]
    fn fewer_replications_keep_the_correction() {
        let sample = Sample::around(4.0, vec![1.0, 3.0, 2.0]).expect("values");
        assert_eq!(sample.first(3), sample);
        assert!((sample.first(1).centre() - 3.0).abs() < 1e-12, "2 lower than all of them are on average");
        let difference = sample.minus(&Sample::of(vec![1.0, 1.0, 1.0]).expect("values"));
        assert_eq!((difference.centre(), difference.values()), (3.0, [0.0, 2.0, 1.0].as_slice()));
    }
}
