//! Ranges of numbers: what is allowed, the words that say so, and the remedy, all from the same two bounds, so that no
//! message contradicts what is checked.

use std::fmt;

use crate::text::{grouped, grouped_digits};

/// The finite numbers between two bounds; the greater one is always among them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Range {
    least: f64,
    /// Whether `least` itself is among them.
    from: bool,
    most: f64,
}

impl Range {
    /// Shares and probabilities.
    pub(super) const SHARE: Self = Self::from(0.0, 1.0);

    /// The numbers from `least` to `most`, both included.
    pub(super) const fn from(least: f64, most: f64) -> Self {
        Self { least, from: true, most }
    }

    /// The numbers greater than `least`, up to `most`.
    pub(super) const fn above(least: f64, most: f64) -> Self {
        Self { least, from: false, most }
    }

    pub(super) fn contains(self, value: f64) -> bool {
        let above = if self.from { value >= self.least } else { value > self.least };
        above && value <= self.most
    }

    /// What to write instead of `value`, which is not in the range.
    pub(super) fn remedy(self, value: f64) -> String {
        if value > self.most {
            format!("the greatest value that can be written here is {}", words(self.most))
        } else if value.is_nan() || !self.from {
            format!("write a number {self}")
        } else {
            format!("the least value that can be written here is {}", words(self.least))
        }
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (least, most) = (words(self.least), words(self.most));
        if self.from { write!(f, "from {least} to {most}") } else { write!(f, "greater than {least}, at most {most}") }
    }
}

/// A number as sentences have it, its thousands apart.
pub(super) fn words(number: f64) -> String {
    if number.fract() != 0.0 || number.abs() >= 1e15 { number.to_string() } else { grouped(number, 0) }
}

/// A whole number as sentences have it, its thousands apart.
pub(super) fn whole_words(number: u64) -> String {
    grouped_digits(&number.to_string())
}

/// The number with 12 significant digits: what a step adds beyond them is noise of the arithmetic, and would be read in
/// every table.
pub(crate) fn rounded(value: f64) -> f64 {
    format!("{value:.11e}").parse().expect("what was formatted reads back")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ranges_are_told_with_both_of_their_bounds() {
        assert_eq!(Range::SHARE.to_string(), "from 0 to 1");
        assert_eq!(Range::from(-500_000.0, 500_000.0).to_string(), "from -500,000 to 500,000");
        assert_eq!(Range::above(0.0, 1e9).to_string(), "greater than 0, at most 1,000,000,000");
        assert_eq!(Range::from(0.5, 100.0).to_string(), "from 0.5 to 100");
        assert_eq!(whole_words(u64::MAX), "18,446,744,073,709,551,615");
    }

    #[test]
    fn values_of_a_range_have_twelve_digits() {
        assert_eq!(format!("{:?}", rounded(1.0 / 11.0)), "0.0909090909091");
        assert_eq!(format!("{:?}", rounded(0.1 + 0.2)), "0.3");
        assert_eq!(format!("{:?}", rounded(123_456_789_012_345.6)), "123456789012000.0");
    }

    proptest! {
        /// Whoever follows the remedy is right.
        #[test]
        fn what_a_remedy_names_is_allowed(value in any::<f64>(), least in -1e6..1e6_f64, width in 1.0..1e6_f64) {
            for range in [Range::from(least.floor(), least.floor() + width.floor()), Range::above(least.floor(), 1e9)] {
                prop_assume!(!range.contains(value));
                let remedy = range.remedy(value).replace(',', "");
                if let Some((_, named)) = remedy.split_once(" is ") {
                    prop_assert!(range.contains(named.parse().expect("a number")), "{remedy}");
                }
            }
        }
    }
}
