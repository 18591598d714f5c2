//! What the age of prices was spent on, summed up: integer nanoseconds, so that the parts are exactly the whole.

use serde::{Deserialize, Serialize};

use crate::observe::{AgePart, AgeSplit};

/// The age of all prices shown of some kind, in parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgeSums {
    /// How many prices they are.
    pub prices: u64,
    /// Time for which the markets of all these prices traded during each part, in the order of [`AgePart::ALL`] \[ns\].
    pub nanos: [u128; AgePart::ALL.len()],
}

impl AgeSums {
    /// Counts a price.
    pub fn record(&mut self, split: &AgeSplit) {
        self.prices += 1;
        for (sum, part) in self.nanos.iter_mut().zip(split.parts) {
            *sum += u128::from(part.as_nanos());
        }
    }

    /// The age of all these prices together \[ns\].
    #[must_use]
    pub fn total_nanos(&self) -> u128 {
        self.nanos.iter().sum()
    }

    /// How much of the age of a price a part is, mean over all these prices \[s\]; `None` if there are none.
    #[must_use]
    pub fn mean_s(&self, part: AgePart) -> Option<f64> {
        (self.prices > 0).then(|| self.nanos[part as usize] as f64 / 1e9 / self.prices as f64)
    }

    /// The share of a part in the age of all these prices together; `None` if that is zero.
    #[must_use]
    pub fn share(&self, part: AgePart) -> Option<f64> {
        let total = self.total_nanos();
        (total > 0).then(|| self.nanos[part as usize] as f64 / total as f64)
    }

    /// These prices without some of them.
    ///
    /// # Panics
    ///
    /// If those are not among these.
    #[must_use]
    pub fn without(mut self, others: &Self) -> Self {
        let less = |whole: u128, part: u128| whole.checked_sub(part).expect("a part of the whole");
        self.prices = self.prices.checked_sub(others.prices).expect("some of all prices");
        for (sum, part) in self.nanos.iter_mut().zip(others.nanos) {
            *sum = less(*sum, part);
        }
        self
    }
}

impl<'a> std::iter::Sum<&'a Self> for AgeSums {
    fn sum<I: Iterator<Item = &'a Self>>(all: I) -> Self {
        all.fold(Self::default(), |mut sum, each| {
            sum.prices += each.prices;
            for (whole, part) in sum.nanos.iter_mut().zip(each.nanos) {
                *whole += part;
            }
            sum
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::ProviderId;
    use crate::time::SimDuration;

    #[test]
    fn sums_add_up_and_come_apart() {
        let split = |parts: [u64; 5]| AgeSplit {
            parts: parts.map(SimDuration::from_secs),
            provider: ProviderId(0),
            from: None,
        };
        let mut some = AgeSums::default();
        some.record(&split([900, 0, 60, 0, 40]));
        let mut others = AgeSums::default();
        others.record(&split([0, 10, 0, 0, 0]));
        others.record(&split([0, 0, 0, 0, 0]));
        let all: AgeSums = [&some, &others].into_iter().sum();
        assert_eq!((all.prices, all.total_nanos()), (3, 1_010_000_000_000));
        assert_eq!(all.mean_s(AgePart::ProviderDelay), Some(300.0));
        assert_eq!(some.share(AgePart::ProviderDelay), Some(0.9));
        assert_eq!(all.without(&others), some);
        assert_eq!((AgeSums::default().mean_s(AgePart::Fetch), AgeSums::default().share(AgePart::Fetch)), (None, None));
    }
}
