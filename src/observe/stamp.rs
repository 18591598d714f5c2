//! How far the timestamp of a price is from the right one, in few bytes: a price carries it wherever it goes.

use crate::time::Timestamp;

/// A timestamp is wrong if it is more than this from the one that the price would have if every clock were right and no instance
/// rogue \[s\]. Clocks that somebody corrects now and then are closer.
pub const WRONG_STAMP_S: u16 = 60;

/// How far the timestamp of a price is from the one that it would have if every clock were right and no instance rogue. Whole
/// seconds, rounded away from 0; more than nine hours count as [`StampError::MOST_S`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StampError(i16);

impl StampError {
    /// The timestamp is right.
    pub const NONE: Self = Self(0);

    /// The most that an error can say, too late or too early \[s\]: a good nine hours.
    pub const MOST_S: u16 = i16::MAX.unsigned_abs();

    /// The error of a price that is stamped `stamped` where `right` would be right.
    #[must_use]
    pub fn between(stamped: Timestamp, right: Timestamp) -> Self {
        if stamped == right {
            return Self::NONE;
        }
        let nanos = stamped.as_unix_nanos().abs_diff(right.as_unix_nanos());
        let seconds = i16::try_from(nanos.div_ceil(1_000_000_000)).unwrap_or(i16::MAX);
        Self(if stamped < right { -seconds } else { seconds })
    }

    /// The error of a price that is stamped anew: `stamped` instead of `before`. What was too wrong to be known stays so.
    #[must_use]
    pub fn restamped(self, before: Timestamp, stamped: Timestamp) -> Self {
        if self.seconds() == Self::MOST_S {
            return self;
        }
        Self::between(stamped, before.offset_nanos(-i64::from(self.0) * 1_000_000_000))
    }

    /// Whether the timestamp is wrong: off by more than [`WRONG_STAMP_S`].
    #[must_use]
    pub const fn is_wrong(self) -> bool {
        self.seconds() > WRONG_STAMP_S
    }

    /// How far the timestamp is from the right one, too late or too early \[s\].
    #[must_use]
    pub const fn seconds(self) -> u16 {
        self.0.unsigned_abs()
    }

    /// How far the timestamp is from the right one \[s\]: positive if it is too late, negative if it is too early.
    #[must_use]
    pub const fn signed_seconds(self) -> i16 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::from_unix_secs(43_200);

    fn off(nanos: i64) -> StampError {
        StampError::between(NOON.offset_nanos(nanos), NOON)
    }

    #[test]
    fn an_error_is_rounded_away_from_zero() {
        assert_eq!(off(0), StampError::NONE);
        assert_eq!([60_000_000_000, 60_000_000_001].map(|nanos| off(nanos).seconds()), [60, 61]);
        assert_eq!([-60_000_000_000, -60_000_000_001].map(|nanos| off(nanos).seconds()), [60, 61]);
        assert_eq!([5_000_000_000, -5_000_000_000].map(|nanos| off(nanos).signed_seconds()), [5, -5]);
        assert_eq!([60_000_000_000, 60_000_000_001].map(|nanos| off(nanos).is_wrong()), [false, true]);
    }

    #[test]
    fn an_error_of_many_hours_counts_as_the_most() {
        let year = 365 * 86_400 * 1_000_000_000;
        assert_eq!([year, -year].map(|nanos| off(nanos).seconds()), [StampError::MOST_S; 2]);
        assert_eq!(StampError::MOST_S / 3_600, 9, "hours");
    }

    #[test]
    fn a_new_timestamp_has_an_error_of_its_own() {
        let at = |secs: i64| NOON.offset_nanos(secs * 1_000_000_000);
        let ahead = off(3_600_000_000_000);
        assert_eq!(ahead.restamped(at(3_600), at(7_200)).seconds(), 7_200);
        assert_eq!(ahead.restamped(at(3_600), at(0)), StampError::NONE, "by chance it is right again");
        assert_eq!(off(i64::MAX / 2).restamped(at(9), at(0)).seconds(), StampError::MOST_S, "nobody knows");
    }
}
