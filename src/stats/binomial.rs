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

/// The probability of at least `some` heads if `all` coins are thrown.
///
/// The sum is over binomial coefficients relative to the largest one, in the middle; those too small for an `f64` do
/// not matter beside it. A sum over multiples of 2^-`all` would fail, since that is 0 as an `f64` from 1,075 coins on.
#[must_use]
pub fn at_least_of_coins(some: usize, all: usize) -> f64 {
    let middle = all / 2;
    // Coefficient of `heads` + 1 over that of `heads`.
    let ratio = |heads: usize| (all - heads) as f64 / (heads + 1) as f64;
    let upwards = (middle..all).scan(1.0_f64, |weight, heads| {
        *weight *= ratio(heads);
        Some((heads + 1, *weight))
    });
    let downwards = (0..middle).rev().scan(1.0_f64, |weight, heads| {
        *weight /= ratio(heads);
        Some((heads, *weight))
    });
    let (mut enough, mut total) = (0.0, 0.0);
    for (heads, weight) in std::iter::once((middle, 1.0)).chain(upwards).chain(downwards) {
        total += weight;
        if heads >= some {
            enough += weight;
        }
    }
    enough / total
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coins_by_hand() {
        for (some, all, chance) in [(0, 3, 1.0), (2, 3, 0.5), (3, 3, 0.125), (15, 20, 21_700.0 / 1_048_576.0)] {
            assert!((at_least_of_coins(some, all) - chance).abs() < 1e-12, "{some} of {all}");
        }
        // For any number of coins: half of an odd number or more come up half of the time, all of them hardly ever.
        for all in [1_usize, 999, 1_075, 1_077, 9_999, 100_001] {
            assert!((at_least_of_coins(all.div_ceil(2), all) - 0.5).abs() < 1e-9, "half of {all}");
            assert!((at_least_of_coins(0, all) - 1.0).abs() < 1e-12, "any of {all}");
        }
        // By the normal distribution: the standard deviation is 50, and 2.5 % lie more than 1.96 of them above the mean
        // of 5,000.
        assert!((at_least_of_coins(5_098, 10_000) - 0.025_6).abs() < 1e-3);
    }

    #[test]
    fn the_rule_of_three() {
        assert!((all_alike_bound(20, 0.95) - 0.139).abs() < 1e-3, "about 3 / 20");
        assert!((all_alike_bound(1, 0.95) - 0.95).abs() < 1e-12);
    }
}
