//! A length of simulated time, exact to the nanosecond.

use std::fmt;
use std::ops::{Add, AddAssign, Div, Mul, Sub};

use serde::{Deserialize, Serialize};

/// A non-negative length of simulated time in integer nanoseconds; at most about 584 years.
///
/// Arithmetic panics on overflow: a wrapped duration would be a wrong result that looks right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SimDuration(u64);

impl SimDuration {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// The longest duration that can be expressed.
    pub const MAX: Self = Self(u64::MAX);

    /// A duration of `nanos` nanoseconds.
    #[must_use]
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// A duration of `micros` microseconds.
    #[must_use]
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros * 1_000)
    }

    /// A duration of `millis` milliseconds.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis * 1_000_000)
    }

    /// A duration of `secs` seconds.
    #[must_use]
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs * 1_000_000_000)
    }

    /// A duration of `hours` hours.
    #[must_use]
    pub const fn from_hours(hours: u64) -> Self {
        Self::from_secs(hours * 3_600)
    }

    /// A duration of `days` days of 24 hours.
    #[must_use]
    pub const fn from_days(days: u64) -> Self {
        Self::from_hours(days * 24)
    }

    /// The longest duration of a scenario, and so the longest run: timestamps have room for several of them before 1970 and
    /// after 2200.
    pub const LONGEST: Self = Self::from_days(3_660);

    /// The duration of `secs` seconds, rounded to the nearest nanosecond.
    ///
    /// This is the gate through which drawn (real-valued) durations enter integer time. Negative values and not-a-number
    /// become zero. What is longer than [`SimDuration::LONGEST`] becomes that, which changes nothing: no run is longer, so
    /// that what takes so long never comes to its end in it.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::cast_sign_loss,
        reason = "`as` saturates, which is the documented behaviour"
    )]
    pub fn from_secs_f64(secs: f64) -> Self {
        let nanos = secs * 1e9;
        let whole = nanos as i64;
        if whole >= Self::LONGEST.0 as i64 {
            return Self::LONGEST;
        }
        // Half a nanosecond is rounded up, as `f64::round` does, which is slower by far. What is negative becomes zero in any case.
        let rounded = whole + i64::from(nanos - whole as f64 >= 0.5);
        Self(rounded.max(0) as u64)
    }

    /// This duration in nanoseconds.
    #[must_use]
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// This duration in whole microseconds, rounded down.
    #[must_use]
    pub const fn as_micros(self) -> u64 {
        self.0 / 1_000
    }

    /// This duration in seconds, for statistics and for people.
    #[must_use]
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// The difference, or zero if `other` is longer.
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// Whether this is no time at all.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl Add for SimDuration {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.checked_add(other.0).expect("simulated duration overflows 584 years"))
    }
}

impl AddAssign for SimDuration {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for SimDuration {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0.checked_sub(other.0).expect("a simulated duration cannot be negative"))
    }
}

impl Mul<u64> for SimDuration {
    type Output = Self;

    fn mul(self, factor: u64) -> Self {
        Self(self.0.checked_mul(factor).expect("simulated duration overflows 584 years"))
    }
}

impl Div<u64> for SimDuration {
    type Output = Self;

    fn div(self, divisor: u64) -> Self {
        Self(self.0 / divisor)
    }
}

/// The shortest exact text with one unit, as scenario files write it: `20min`, `1500ms`, `36h`.
impl fmt::Display for SimDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [(u64, &str); 7] = [
            (86_400_000_000_000, "d"),
            (3_600_000_000_000, "h"),
            (60_000_000_000, "min"),
            (1_000_000_000, "s"),
            (1_000_000, "ms"),
            (1_000, "us"),
            (1, "ns"),
        ];
        if self.0 == 0 {
            return write!(f, "0s");
        }
        for (size, unit) in UNITS {
            if self.0.is_multiple_of(size) {
                return write!(f, "{}{unit}", self.0 / size);
            }
        }
        unreachable!("every integer is a multiple of one nanosecond")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_uses_the_largest_unit_that_is_exact() {
        assert_eq!(SimDuration::from_secs(1_200).to_string(), "20min");
        assert_eq!(SimDuration::from_secs(1_500).to_string(), "25min");
        assert_eq!(SimDuration::from_millis(1_500).to_string(), "1500ms");
        assert_eq!(SimDuration::from_days(5).to_string(), "5d");
        assert_eq!(SimDuration::ZERO.to_string(), "0s");
        assert_eq!(SimDuration::from_nanos(1).to_string(), "1ns");
    }

    #[test]
    fn real_seconds_are_rounded_and_clamped() {
        assert_eq!(SimDuration::from_secs_f64(1e-9 * 1.6), SimDuration::from_nanos(2));
        assert_eq!(SimDuration::from_secs_f64(-3.0), SimDuration::ZERO);
        assert_eq!(SimDuration::from_secs_f64(f64::NAN), SimDuration::ZERO);
        assert_eq!(SimDuration::from_secs_f64(700.0 * 86_400.0), SimDuration::from_days(700));
        assert_eq!(SimDuration::from_secs_f64(f64::INFINITY), SimDuration::LONGEST);
    }

    #[test]
    fn halves_are_rounded_up_as_everywhere() {
        for nanos in
            [0.0, 0.49, 0.499_999_999_999_999_94, 0.5, 1.5, 2.499, 2.5, 1e15 + 0.5, 4.5e15 + 0.5, 9e15 + 1.0, 3.1e17]
        {
            let secs: f64 = nanos / 1e9;
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a whole number of a few digits"
            )]
            let expected = (secs * 1e9).round() as u64;
            assert_eq!(SimDuration::from_secs_f64(secs).as_nanos(), expected, "{nanos}");
        }
    }

    #[test]
    #[should_panic(expected = "cannot be negative")]
    fn a_negative_difference_is_a_bug() {
        let _ = SimDuration::from_secs(1) - SimDuration::from_secs(2);
    }
}
