//! Shares of replications: exact statements about how often something happens, given how often it was seen.

/// The largest share that is compatible, at the level `confidence`, with something that none of `count` trials shows: the
/// exact form of the rule of three.
///
/// # Panics
///
/// If `count` is 0.
#[must_use]
pub fn all_alike_bound(count: usize, confidence: f64) -> f64 {
    assert!(count > 0, "no trial shows nothing");
    1.0 - libm::pow(1.0 - confidence, 1.0 / count as f64)
}
