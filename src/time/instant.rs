//! Points in time: [`SimTime`] on the simulator's true clock, [`Timestamp`] as some clock stamps it.

use std::fmt;
use std::ops::{Add, Sub};

use serde::{Deserialize, Serialize};

use super::SimDuration;

/// A point in true time: nanoseconds since the scenario's start. Only the event loop moves it, and only forwards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SimTime(u64);

impl SimTime {
    /// The scenario's start.
    pub const START: Self = Self(0);

    /// Later than everything that can be scheduled.
    pub const MAX: Self = Self(u64::MAX);

    /// The point `nanos` nanoseconds after the scenario's start.
    #[must_use]
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since the scenario's start.
    #[must_use]
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Seconds since the scenario's start, for statistics and for people.
    #[must_use]
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// Time since the scenario's start.
    #[must_use]
    pub const fn since_start(self) -> SimDuration {
        SimDuration::from_nanos(self.0)
    }

    /// The point `duration` later, or [`SimTime::MAX`] if that is beyond it.
    #[must_use]
    pub const fn saturating_add(self, duration: SimDuration) -> Self {
        Self(self.0.saturating_add(duration.as_nanos()))
    }

    /// Time since `earlier`.
    ///
    /// # Panics
    ///
    /// If `earlier` is later than `self`.
    #[must_use]
    pub fn since(self, earlier: Self) -> SimDuration {
        SimDuration::from_nanos(self.0.checked_sub(earlier.0).expect("`earlier` is later than this point in time"))
    }
}

impl Add<SimDuration> for SimTime {
    type Output = Self;

    fn add(self, duration: SimDuration) -> Self {
        Self(self.0.checked_add(duration.as_nanos()).expect("simulated time overflows 584 years"))
    }
}

/// A date as some clock shows it: nanoseconds since 1970-01-01T00:00Z, negative before.
///
/// Prices carry the timestamp of the instance or provider that stamped them, whose clock may be wrong; the simulator's
/// own knowledge of true points in time before the scenario's start has this type too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The timestamp `nanos` nanoseconds after 1970-01-01T00:00Z.
    #[must_use]
    pub const fn from_unix_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// The timestamp `secs` seconds after 1970-01-01T00:00Z.
    #[must_use]
    pub const fn from_unix_secs(secs: i64) -> Self {
        Self(secs * 1_000_000_000)
    }

    /// Nanoseconds since 1970-01-01T00:00Z.
    #[must_use]
    pub const fn as_unix_nanos(self) -> i64 {
        self.0
    }

    /// The number of the UTC day, counted from 1970-01-01 = 0.
    #[must_use]
    pub const fn unix_day(self) -> i64 {
        self.0.div_euclid(86_400_000_000_000)
    }

    /// The timestamp shifted by a signed number of nanoseconds.
    #[must_use]
    pub fn offset_nanos(self, nanos: i64) -> Self {
        Self(self.0.checked_add(nanos).expect("timestamp outside of the years 1678 to 2262"))
    }

    /// The last multiple of `resolution`, counted from 1970, that is not later.
    ///
    /// # Panics
    ///
    /// If the resolution is zero.
    #[must_use]
    pub fn cut_to(self, resolution: SimDuration) -> Self {
        let resolution = i64::try_from(resolution.as_nanos()).expect("a resolution is a short time");
        Self(self.0 - self.0.rem_euclid(resolution))
    }

    /// Time since `earlier`, or zero if `earlier` is the later one.
    #[must_use]
    pub fn saturating_since(self, earlier: Self) -> SimDuration {
        SimDuration::from_nanos(if self > earlier { self.0.abs_diff(earlier.0) } else { 0 })
    }
}

impl Add<SimDuration> for Timestamp {
    type Output = Self;

    fn add(self, duration: SimDuration) -> Self {
        self.offset_nanos(i64::try_from(duration.as_nanos()).expect("duration fits into a timestamp"))
    }
}

impl Sub<SimDuration> for Timestamp {
    type Output = Self;

    fn sub(self, duration: SimDuration) -> Self {
        self.offset_nanos(-i64::try_from(duration.as_nanos()).expect("duration fits into a timestamp"))
    }
}

/// The date and time in UTC, as RFC 3339 writes it.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date =
            jiff::Timestamp::from_nanosecond(i128::from(self.0)).expect("every i64 of nanoseconds is a date of jiff's");
        write!(f, "{date}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_downwards_before_1970() {
        assert_eq!(Timestamp::from_unix_secs(0).unix_day(), 0);
        assert_eq!(Timestamp::from_unix_secs(86_399).unix_day(), 0);
        assert_eq!(Timestamp::from_unix_secs(-1).unix_day(), -1);
    }

    #[test]
    fn a_timestamp_prints_as_a_date() {
        assert_eq!(Timestamp::from_unix_secs(1_772_409_600).to_string(), "2026-03-02T00:00:00Z");
    }

    #[test]
    #[should_panic(expected = "later than this point in time")]
    fn time_does_not_run_backwards() {
        let _ = SimTime::START.since(SimTime::from_nanos(1));
    }
}
