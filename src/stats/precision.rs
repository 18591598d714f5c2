//! When to stop: replications are added until an interval is narrow enough, but it is looked at only a few times.

use super::Estimate;

/// How narrow an interval must be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Precision {
    /// Half-width in the unit of the value.
    Absolute(f64),
    /// Half-width as a share of the mean.
    Relative(f64),
}

impl Precision {
    /// Whether `estimate` is that precise.
    ///
    /// A relative precision γ counts as reached at γ / (1 + γ), since the mean that it refers to is itself an estimate
    /// (Law, *Simulation Modeling and Analysis*, section 9.4.1).
    #[must_use]
    pub fn is_reached(self, estimate: &Estimate) -> bool {
        estimate.half_width.is_some_and(|half_width| half_width <= self.half_width(estimate.mean))
    }

    /// The widest half-width that is narrow enough for the given mean.
    #[must_use]
    pub fn half_width(self, mean: f64) -> f64 {
        match self {
            Self::Absolute(wanted) => wanted,
            Self::Relative(wanted) => wanted / (1.0 + wanted) * mean.abs(),
        }
    }
}

/// The numbers of replications at which the precision is looked at. They begin with `first`, each is half as large
/// again as the one before, and the last is `budget`.
///
/// At each look an interval may be narrow by luck, and the search would stop too early. With few looks the intervals
/// stay honest.
#[must_use]
pub fn looks(first: u32, budget: u32) -> Vec<u32> {
    let mut looks = vec![first.min(budget)];
    while let Some(&last) = looks.last().filter(|last| **last < budget) {
        looks.push((last + last.div_ceil(2)).min(budget));
    }
    looks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_grow_until_the_budget() {
        assert_eq!(looks(10, 100), [10, 15, 23, 35, 53, 80, 100]);
        assert_eq!(looks(10, 10), [10]);
        assert_eq!(looks(10, 4), [4]);
    }

    #[test]
    fn precision_is_that_of_the_half_width() {
        let estimate = |half_width| Estimate { mean: 100.0, half_width, standard_deviation: Some(1.0), count: 9 };
        assert!(Precision::Absolute(2.0).is_reached(&estimate(Some(2.0))));
        assert!(!Precision::Absolute(2.0).is_reached(&estimate(Some(2.1))));
        assert!(Precision::Relative(0.05).is_reached(&estimate(Some(4.7))));
        assert!(!Precision::Relative(0.05).is_reached(&estimate(Some(4.8))));
        assert!(!Precision::Relative(0.05).is_reached(&estimate(None)));
    }
}
