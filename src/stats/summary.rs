//! Summaries of samples, each as one number; `None` if the samples do not determine it.

/// The `q`-quantile of `sorted`, an ascending slice, by linear interpolation at the position (n − 1) `q`, counted from
/// 0. `None` if the slice is empty.
///
/// Source: Hyndman and Fan, *Sample quantiles in statistical packages*, 1996, definition 7, the default of R and `NumPy`.
///
/// # Panics
///
/// If `q` is not in [0, 1], or the slice not sorted.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a position in the slice is neither negative nor large"
)]
pub fn quantile(sorted: &[f64], q: f64) -> Option<f64> {
    assert!((0.0..=1.0).contains(&q), "a quantile's order of {q} is not between 0 and 1");
    assert!(sorted.is_sorted(), "quantiles are taken of a sorted slice of numbers");
    let last = sorted.len().checked_sub(1)?;
    let position = last as f64 * q;
    let below = position.floor() as usize;
    let above = (below + 1).min(last);
    let share = position - position.floor();
    Some(sorted[below] + share * (sorted[above] - sorted[below]))
}

/// Jain's index of fairness: (Σx)² / (n Σx²), from 1 / n (one has everything) to 1 (all have the same); `None` if there
/// is nothing to share.
///
/// Source: Jain, Chiu and Hawe, *A quantitative measure of fairness and discrimination*, 1984.
///
/// # Panics
///
/// If a share is negative or not finite.
#[must_use]
pub(crate) fn jain_index(shares: &[f64]) -> Option<f64> {
    assert_shares(shares);
    let sum: f64 = shares.iter().sum();
    let squares: f64 = shares.iter().map(|share| share * share).sum();
    (squares > 0.0).then(|| sum * sum / (shares.len() as f64 * squares))
}

/// The largest share divided by the mean share, from 1 (all have the same) to n (one has everything); `None` if there
/// is nothing to share.
///
/// # Panics
///
/// If a share is negative or not finite.
#[must_use]
pub(crate) fn max_over_mean(shares: &[f64]) -> Option<f64> {
    assert_shares(shares);
    let sum: f64 = shares.iter().sum();
    let max = shares.iter().copied().fold(0.0, f64::max);
    (sum > 0.0).then(|| max * shares.len() as f64 / sum)
}

fn assert_shares(shares: &[f64]) {
    assert!(
        shares.iter().all(|share| share.is_finite() && *share >= 0.0),
        "a share is negative or not finite: {shares:?}"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_interpolate_between_neighbours() {
        let sorted = [1.0, 2.0, 4.0, 8.0];
        assert_eq!(quantile(&sorted, 0.0), Some(1.0));
        assert_eq!(quantile(&sorted, 0.5), Some(3.0));
        assert_eq!(quantile(&sorted, 0.75), Some(5.0));
        assert_eq!(quantile(&sorted, 1.0), Some(8.0));
        assert_eq!(quantile(&[3.0], 0.9), Some(3.0));
        assert_eq!(quantile(&[], 0.5), None);
    }

    #[test]
    #[should_panic(expected = "sorted slice")]
    fn quantiles_need_an_order() {
        let _ = quantile(&[2.0, 1.0], 0.5);
    }

    #[test]
    #[should_panic(expected = "sorted slice")]
    fn quantiles_need_numbers() {
        let _ = quantile(&[1.0, f64::NAN], 0.5);
    }

    #[test]
    fn fairness_ranges_from_one_share_to_equal_shares() {
        assert_eq!(jain_index(&[3.0, 3.0, 3.0, 3.0]), Some(1.0));
        assert_eq!(jain_index(&[5.0, 0.0, 0.0, 0.0]), Some(0.25));
        assert_eq!(jain_index(&[1.0, 2.0, 3.0]), Some(36.0 / 42.0));
        assert_eq!(jain_index(&[0.0, 0.0]), None);
        assert_eq!(jain_index(&[]), None);
    }

    #[test]
    fn the_largest_share_is_compared_with_the_mean() {
        assert_eq!(max_over_mean(&[3.0, 3.0]), Some(1.0));
        assert_eq!(max_over_mean(&[4.0, 0.0, 0.0, 0.0]), Some(4.0));
        assert_eq!(max_over_mean(&[0.0]), None);
        assert_eq!(max_over_mean(&[]), None);
    }
}
