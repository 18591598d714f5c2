//! Civil time at the edges: trading sessions and hours of the day, converted to timestamps once, before a run.

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use thiserror::Error;

use super::Timestamp;

/// A name that is not in the time-zone database.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("`{name}` is not a time zone of the IANA database")]
pub struct UnknownZone {
    /// The name that was looked up.
    pub name: String,
}

/// A time zone with its rules for summer time.
#[derive(Clone, Debug, PartialEq)]
pub struct Zone {
    name: String,
    zone: TimeZone,
}

impl Zone {
    /// The zone of the IANA name `name`, such as `Europe/Zurich`, in whatever case it is written.
    ///
    /// # Errors
    ///
    /// [`UnknownZone`] if the database has no such zone.
    pub fn named(name: &str) -> Result<Self, UnknownZone> {
        let unknown = || UnknownZone { name: name.to_owned() };
        let zone = TimeZone::get(name).map_err(|_| unknown())?;
        // One without a name is `Etc/Unknown`, which would silently count as UTC.
        let name = zone.iana_name().ok_or_else(unknown)?.to_owned();
        Ok(Self { name, zone })
    }

    /// The IANA name, as the database writes it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The local calendar date at `at`.
    fn date(&self, at: Timestamp) -> Date {
        to_jiff(at).to_zoned(self.zone.clone()).date()
    }

    /// The timestamp of a local date and time; a time that summer time skips is moved forward by the gap.
    fn at(&self, date: Date, time: Time) -> Timestamp {
        let zoned =
            date.to_datetime(time).to_zoned(self.zone.clone()).expect("dates between 1678 and 2262 are representable");
        from_jiff(zoned.timestamp())
    }
}

/// A half-open interval `[start, end)` of true time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// First instant of the interval.
    pub start: Timestamp,
    /// First instant after the interval.
    pub end: Timestamp,
}

/// Hours of the day as minutes since local midnight: `[open, close)`, with `close` at most 1,440.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DailyHours {
    /// Minute of the day at which the interval begins.
    pub open_minute: u16,
    /// Minute of the day at which the interval ends; 1,440 is midnight.
    pub close_minute: u16,
}

/// The intervals in which `hours` of Monday to Friday, in `zone`, fall on dates that touch `[from, until)`.
///
/// Whole sessions are returned, in ascending order, so that the first may begin before `from`.
#[must_use]
pub fn weekday_sessions(zone: &Zone, hours: &[DailyHours], from: Timestamp, until: Timestamp) -> Vec<Interval> {
    let mut sessions = Vec::new();
    let mut date = zone.date(from);
    let last = zone.date(until);
    while date <= last {
        if !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday) {
            for interval in hours {
                let start = zone.at(date, time_of_minute(interval.open_minute));
                let end = if interval.close_minute == 1_440 {
                    zone.at(next_day(date), Time::midnight())
                } else {
                    zone.at(date, time_of_minute(interval.close_minute))
                };
                sessions.push(Interval { start, end });
            }
        }
        date = next_day(date);
    }
    sessions.retain(|session| session.end > from && session.start < until);
    sessions
}

/// One local hour: when it begins, and which hour of which kind of day it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalHour {
    /// First instant of the hour.
    pub start: Timestamp,
    /// Hour of the local day, 0 to 23.
    pub hour: u8,
    /// Whether the local day is a Saturday or a Sunday.
    pub weekend: bool,
}

/// Every local hour that touches `[from, until)`, in ascending order.
///
/// An hour that summer time skips is missing, and one that winter time repeats appears once, twice as long.
#[must_use]
pub fn local_hours(zone: &Zone, from: Timestamp, until: Timestamp) -> Vec<LocalHour> {
    let mut hours: Vec<LocalHour> = Vec::new();
    let mut date = zone.date(from);
    let last = zone.date(until);
    while date <= last {
        let weekend = matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
        for hour in 0..24_u8 {
            let start = zone.at(date, time_of_minute(u16::from(hour) * 60));
            // Skipped hours are moved onto later ones, which later rounds of this loop name correctly.
            while hours.last().is_some_and(|previous| previous.start >= start) {
                hours.pop();
            }
            hours.push(LocalHour { start, hour, weekend });
        }
        date = next_day(date);
    }
    let first = hours.partition_point(|hour| hour.start <= from).saturating_sub(1);
    let end = hours.partition_point(|hour| hour.start < until);
    hours[first..end].to_vec()
}

fn time_of_minute(minute: u16) -> Time {
    let (hour, minute) = (minute / 60, minute % 60);
    let narrow = |number: u16| i8::try_from(number).expect("hours and minutes of a day fit into i8");
    Time::new(narrow(hour), narrow(minute), 0, 0).expect("a minute below 1,440 is a time of day")
}

fn next_day(date: Date) -> Date {
    date.tomorrow().expect("scenarios end before the year 9999")
}

fn to_jiff(at: Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_nanosecond(i128::from(at.as_unix_nanos()))
        .expect("every i64 of nanoseconds is a date of jiff's")
}

fn from_jiff(at: jiff::Timestamp) -> Timestamp {
    Timestamp::from_unix_nanos(i64::try_from(at.as_nanosecond()).expect("dates of scenarios lie between 1678 and 2262"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::SimDuration;

    fn timestamp(text: &str) -> Timestamp {
        from_jiff(text.parse().expect("a date"))
    }

    #[test]
    fn sessions_follow_summer_time_and_skip_the_weekend() {
        // Switzerland changes to summer time on Sunday 2026-03-29.
        let zone = Zone::named("Europe/Zurich").expect("a zone");
        let hours = [DailyHours { open_minute: 540, close_minute: 1_050 }];
        let sessions =
            weekday_sessions(&zone, &hours, timestamp("2026-03-27T00:00:00Z"), timestamp("2026-03-31T00:00:00Z"));
        let texts: Vec<_> = sessions.iter().map(|s| format!("{} {}", s.start, s.end)).collect();
        assert_eq!(texts, ["2026-03-27T08:00:00Z 2026-03-27T16:30:00Z", "2026-03-30T07:00:00Z 2026-03-30T15:30:00Z"]);
    }

    #[test]
    fn a_session_may_last_until_midnight() {
        let zone = Zone::named("UTC").expect("a zone");
        let hours = [DailyHours { open_minute: 0, close_minute: 1_440 }];
        let sessions =
            weekday_sessions(&zone, &hours, timestamp("2026-03-02T00:00:00Z"), timestamp("2026-03-03T00:00:00Z"));
        assert_eq!(sessions.len(), 1);
        assert_eq!(sessions[0].end.saturating_since(sessions[0].start), SimDuration::from_days(1));
    }

    #[test]
    fn a_skipped_hour_is_missing_and_a_repeated_one_is_long() {
        let zone = Zone::named("Europe/Zurich").expect("a zone");
        let spring = local_hours(&zone, timestamp("2026-03-28T23:00:00Z"), timestamp("2026-03-29T04:00:00Z"));
        assert_eq!(spring.iter().map(|h| h.hour).collect::<Vec<_>>(), [0, 1, 3, 4, 5]);
        let autumn = local_hours(&zone, timestamp("2026-10-24T22:00:00Z"), timestamp("2026-10-25T03:00:00Z"));
        assert_eq!(autumn.iter().map(|h| h.hour).collect::<Vec<_>>(), [0, 1, 2, 3]);
        assert_eq!(autumn[3].start.saturating_since(autumn[2].start), SimDuration::from_hours(2));
        assert!(autumn.iter().all(|h| h.weekend));
    }

    #[test]
    fn hours_ascend_where_a_whole_day_is_skipped() {
        // Samoa crossed the date line: after Thursday, 2011-12-29, came Saturday, the 31st.
        let zone = Zone::named("Pacific/Apia").expect("a zone");
        let hours = local_hours(&zone, timestamp("2011-12-29T10:00:00Z"), timestamp("2011-12-31T10:00:00Z"));
        assert!(hours.windows(2).all(|pair| pair[0].start < pair[1].start), "{hours:?}");
        assert_eq!(
            hours.iter().map(|h| u32::from(h.hour)).collect::<Vec<_>>(),
            (0..48).map(|h| h % 24).collect::<Vec<_>>()
        );
        assert!(hours.iter().enumerate().all(|(at, h)| h.weekend == (at >= 24)), "{hours:?}");
    }

    #[test]
    fn a_zone_has_one_name_in_whatever_case_it_is_written() {
        let zone = Zone::named("europe/ZURICH").expect("a zone");
        assert_eq!(zone.name(), "Europe/Zurich");
        assert_eq!(zone, Zone::named("Europe/Zurich").expect("a zone"));
        assert!(Zone::named("Etc/Unknown").is_err(), "a placeholder is no zone");
    }

    #[test]
    fn an_unknown_zone_is_named() {
        let error = Zone::named("Europe/Zurrich").expect_err("no such zone");
        assert_eq!(error.to_string(), "`Europe/Zurrich` is not a time zone of the IANA database");
    }
}
