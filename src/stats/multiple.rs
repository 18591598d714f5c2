//! Several comparisons at once: the more one looks at, the more chance has to show something.

/// The level at which each of `comparisons` intervals must be given so that all of them hold together with the probability
/// `confidence`, whatever depends on what (Bonferroni).
///
/// # Panics
///
/// If there are no comparisons.
#[must_use]
pub fn bonferroni_confidence(confidence: f64, comparisons: usize) -> f64 {
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
