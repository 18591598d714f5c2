//! Several comparisons at once: the more comparisons there are, the more often chance shows something, and these
//! methods allow for it.

/// The level of each of `comparisons` intervals at which all of them hold together with the probability `confidence`
/// (Bonferroni). It makes no assumption on how they depend on each other.
///
/// # Panics
///
/// If there are no comparisons.
#[must_use]
pub(crate) fn bonferroni_confidence(confidence: f64, comparisons: usize) -> f64 {
    assert!(comparisons > 0, "a level for no comparison");
    1.0 - (1.0 - confidence) / comparisons as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bonferroni_shares_the_error() {
        assert!((bonferroni_confidence(0.95, 10) - 0.995).abs() < 1e-12);
    }
}
