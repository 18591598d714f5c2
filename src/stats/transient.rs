//! How long several replications differ from what they are later on; chance alone shows a difference no more often than
//! the level says.

use super::estimate::mean;
use super::{Paired, Sample};

/// Periods that [`transients`] needs at least: with fewer, a half would be a single one.
pub const TRANSIENT_NEEDS: usize = 4;

/// What the replications of a series say of its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transient {
    /// The first so many periods belong to the transient; 0 is none.
    pub periods: usize,
    /// Whether these are the whole first half: then nobody knows where it ends.
    pub lasts: bool,
}

/// The transients of several series, of each of which `series` has the values of all replications, period by period.
///
/// A period of the first half is settled if its difference from the mean of the second half, paired within each
/// replication, is not told from 0 by Student's t. A transient ends with the last period that is not settled. All periods
/// of the first half and all series are tested at once (Bonferroni), so that where nothing changes, all transients are 0
/// with the probability `confidence`. What a replication remembers from one period to the next does no harm, as only
/// replications are taken for independent.
///
/// # Panics
///
/// If the series have not the same number of periods in all replications, fewer than [`TRANSIENT_NEEDS`], or fewer than
/// two replications.
#[must_use]
pub fn transients(series: &[Vec<Vec<f64>>], confidence: f64) -> Vec<Transient> {
    let periods = series.first().and_then(|runs| runs.first()).map_or(0, Vec::len);
    assert!(periods >= TRANSIENT_NEEDS, "{periods} periods have no two halves");
    let early = periods / 2;
    let error = (1.0 - confidence) / (early * series.len()) as f64;
    let of_series = |runs: &Vec<Vec<f64>>| {
        assert!(runs.len() > 1, "the chance of one replication is not known");
        assert!(runs.iter().all(|run| run.len() == periods), "replications of other than {periods} periods");
        let late: Vec<f64> = runs.iter().map(|run| mean(&run[early..])).collect();
        let is_settled = |period: usize| {
            let values: Vec<f64> = runs.iter().map(|run| run[period]).collect();
            p_value(&values, &late) > error
        };
        let periods = (0..early).rev().find(|period| !is_settled(*period)).map_or(0, |last| last + 1);
        Transient { periods, lasts: periods == early }
    };
    series.iter().map(of_series).collect()
}

/// How a series moves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trend {
    /// Mean over the replications of the slope of the least squares line \[value per period\].
    pub slope: f64,
    /// Probability of a slope at least as far from 0 if there were none in truth.
    pub p_value: f64,
}

impl Trend {
    /// The trend of a series of which `runs` has the values of all replications, period by period.
    ///
    /// # Panics
    ///
    /// If there are fewer than two replications or two periods.
    #[must_use]
    pub fn of(runs: &[&[f64]]) -> Self {
        let slopes: Vec<f64> = runs.iter().map(|run| slope(run)).collect();
        Self { slope: mean(&slopes), p_value: p_value(&slopes, &vec![0.0; slopes.len()]) }
    }
}

fn slope(values: &[f64]) -> f64 {
    assert!(values.len() > 1, "one value has no slope");
    let (middle, height) = ((values.len() - 1) as f64 / 2.0, mean(values));
    let offsets = || (0..values.len()).map(|at| at as f64 - middle);
    let rise: f64 = offsets().zip(values).map(|(offset, value)| offset * (value - height)).sum();
    rise / offsets().map(|offset| offset * offset).sum::<f64>()
}

fn p_value(candidate: &[f64], reference: &[f64]) -> f64 {
    let [candidate, reference] =
        [candidate, reference].map(|values| Sample::of(values.to_vec()).expect("replications"));
    Paired::of(&candidate, &reference, 0.95).p_value.expect("at least two replications")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What looks random but is not: the fractional parts of multiples of the golden ratio, in −0.5…0.5.
    fn noise(index: usize) -> f64 {
        (index as f64 * 0.618_033_988_749_894_9).fract() - 0.5
    }

    fn runs(value: impl Fn(usize) -> f64, periods: usize) -> Vec<Vec<f64>> {
        (0..10).map(|run| (0..periods).map(|at| value(at) + noise(run * periods + at)).collect()).collect()
    }

    #[test]
    fn each_series_has_its_own_transient() {
        let step = runs(|at| if at < 3 { 10.0 } else { 0.0 }, 12);
        let found = transients(&[step, runs(|_| 5.0, 12), vec![vec![0.9; 12]; 10]], 0.95);
        let none = Transient { periods: 0, lasts: false };
        assert_eq!(found, [Transient { periods: 3, lasts: false }, none, none]);
    }

    #[test]
    fn what_moves_all_along_lasts() {
        let moving = runs(|at| at as f64, 9);
        assert_eq!(transients(std::slice::from_ref(&moving), 0.95), [Transient { periods: 4, lasts: true }]);
        let trend = Trend::of(&moving.iter().map(Vec::as_slice).collect::<Vec<_>>());
        assert!((trend.slope - 1.0).abs() < 0.05 && trend.p_value < 1e-6, "{trend:?}");
    }

    #[test]
    fn a_slope_by_hand() {
        // Least squares through (0, 1), (1, 2), (2, 6): 5 / 2.
        let trend = Trend::of(&[&[1.0, 2.0, 6.0], &[1.0, 2.0, 6.0]]);
        assert_eq!((trend.slope, trend.p_value), (2.5, 0.5));
    }
}
