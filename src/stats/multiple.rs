//! Several comparisons at once: the more comparisons there are, the more often chance shows something, and these
//! methods allow for it.

/// The level of each of `comparisons` intervals at which all of them hold together with the probability `confidence`
/// (Bonferroni). It makes no assumption on how they depend on each other.
///
/// # Panics
///
/// If there are no comparisons.
#[must_use]
pub fn bonferroni_confidence(confidence: f64, comparisons: usize) -> f64 {
    assert!(comparisons > 0, "a level for no comparison");
    1.0 - (1.0 - confidence) / comparisons as f64
}

/// Which of the hypotheses with these p-values can be rejected. With the probability 1 − `alpha` no true hypothesis is
/// rejected (Holm, *A simple sequentially rejective multiple test procedure*, Scandinavian Journal of Statistics 6,
/// 1979).
#[must_use]
pub fn holm(p_values: &[f64], alpha: f64) -> Vec<bool> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|one, other| p_values[*one].total_cmp(&p_values[*other]));
    let mut rejected = vec![false; p_values.len()];
    for (rank, index) in order.into_iter().enumerate() {
        if p_values[index] > alpha / (p_values.len() - rank) as f64 {
            break;
        }
        rejected[index] = true;
    }
    rejected
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of 0.01, 0.04, 0.03, 0.005 at 5 %, the hypotheses with 0.005 ≤ 0.0125 and 0.01 ≤ 0.0167 are rejected. Since 0.03
    /// > 0.025, it and all larger ones are not.
    #[test]
    fn holm_by_hand() {
        assert_eq!(holm(&[0.01, 0.04, 0.03, 0.005], 0.05), [true, false, false, true]);
        assert_eq!(holm(&[0.04], 0.05), [true]);
        assert_eq!(holm(&[], 0.05), Vec::<bool>::new());
    }

    #[test]
    fn a_failure_stops_all_that_follow() {
        assert_eq!(holm(&[0.03, 0.03], 0.05), [false, false]);
        assert_eq!(holm(&[0.025, 0.05], 0.05), [true, true]);
    }

    #[test]
    fn bonferroni_shares_the_error() {
        assert!((bonferroni_confidence(0.95, 10) - 0.995).abs() < 1e-12);
    }
}
