//! Civil time at the edges: trading sessions and hours of the day, converted to timestamps once, before a run. None of them
//! overlap, whatever clocks do.

use jiff::Span;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone};
use thiserror::Error;

use super::Timestamp;

const MINUTES_PER_HOUR: u16 = 60;
const MINUTES_PER_DAY: u16 = 24 * MINUTES_PER_HOUR;

/// Why no conversion of a date fails.
const REPRESENTABLE: &str = "dates between 1678 and 2262 are representable";

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

    /// By how many seconds the local clock is ahead of UTC from each of these moments on: the first is `from`, and the others
    /// are changes of the clock before `until`. Zones of which they are the same tell the same time until then.
    #[must_use]
    pub fn offsets(&self, from: Timestamp, until: Timestamp) -> Vec<(Timestamp, i32)> {
        let first = (from, self.zone.to_offset(to_jiff(from)).seconds());
        let changes = self.zone.following(to_jiff(from)).take_while(|change| change.timestamp() < to_jiff(until));
        let changes = changes.map(|change| (from_jiff(change.timestamp()), change.offset().seconds()));
        let mut offsets: Vec<(Timestamp, i32)> = std::iter::once(first).chain(changes).collect();
        // A clock that gets another name goes on as before.
        offsets.dedup_by_key(|(_, offset)| *offset);
        offsets
    }

    /// The local calendar date at `at`.
    fn date(&self, at: Timestamp) -> Date {
        to_jiff(at).to_zoned(self.zone.clone()).date()
    }

    /// The first moment at which the local clock has come to `minute` of `date`, or beyond it.
    ///
    /// A time that the clock skips, or shows on no date at all, is reached when it skips it; a time that it shows twice is
    /// reached the first time. So later times are never reached earlier, whatever the clock does: that is what keeps
    /// sessions and hours apart.
    fn reached(&self, date: Date, minute: u16) -> Timestamp {
        let (date, minute) = if minute == MINUTES_PER_DAY { (next_day(date), 0) } else { (date, minute) };
        let ambiguous = self.zone.to_ambiguous_timestamp(date.to_datetime(time_of_minute(minute)));
        let reached = match ambiguous.offset() {
            AmbiguousOffset::Unambiguous { .. } => ambiguous.earlier(),
            // Where a rule for all later years begins, it takes effect with its first change of the clock. A time that this change would
            // repeat had not been shown before, if the clock had not been put forward by that rule.
            AmbiguousOffset::Fold { .. } => {
                let earlier = ambiguous.earlier().expect(REPRESENTABLE);
                let shows = earlier.to_zoned(self.zone.clone()).datetime();
                if shows < ambiguous.datetime() { ambiguous.later() } else { Ok(earlier) }
            }
            AmbiguousOffset::Gap { after, .. } => {
                // Read with the offset from after the gap, a time in it lies before the gap.
                let before_gap = ambiguous.earlier().expect(REPRESENTABLE);
                let changes = self.zone.following(before_gap);
                let gap = changes.into_iter().find(|change| change.offset() == after);
                Ok(gap.expect("a gap begins with a change of the clock").timestamp())
            }
        };
        from_jiff(reached.expect(REPRESENTABLE))
    }

    /// The time from minute `open` to minute `close` of the local `date`; `None` if the clock skips all of it.
    fn interval(&self, date: Date, open: u16, close: u16) -> Option<Interval> {
        let interval = Interval { start: self.reached(date, open), end: self.reached(date, close) };
        (interval.start < interval.end).then_some(interval)
    }

    /// The local dates that touch `[from, until)`, in ascending order, and some around them.
    fn dates(&self, from: Timestamp, until: Timestamp) -> impl Iterator<Item = Date> {
        // Where the clock is put back over midnight, a date comes before the one of an earlier moment.
        let first = self.date(from).yesterday().expect(REPRESENTABLE);
        let last = next_day(self.date(until));
        first.series(Span::new().days(1)).take_while(move |date| *date <= last)
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

/// The intervals in which `hours` of Monday to Friday, in `zone`, fall into `[from, until)`.
///
/// Whole sessions are returned, in ascending order, so that the first may begin before `from`. They do not overlap if
/// `hours` do not. What the clock skips does not take place, be it an hour or a whole date; what it shows twice takes place
/// once, from the first time that the clock shows when it begins to the first time that it shows when it ends.
#[must_use]
pub fn weekday_sessions(zone: &Zone, hours: &[DailyHours], from: Timestamp, until: Timestamp) -> Vec<Interval> {
    zone.dates(from, until)
        .filter(|date| !is_weekend(*date))
        .flat_map(|date| hours.iter().filter_map(move |of| zone.interval(date, of.open_minute, of.close_minute)))
        .filter(|session| session.end > from && session.start < until)
        .collect()
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

/// Every local hour that touches `[from, until)`, in ascending order, each beginning where the one before it ends.
///
/// An hour that summer time skips is missing, and one that winter time repeats appears once, twice as long.
#[must_use]
pub fn local_hours(zone: &Zone, from: Timestamp, until: Timestamp) -> Vec<LocalHour> {
    zone.dates(from, until)
        .flat_map(|date| (0..24_u8).map(move |hour| (date, hour)))
        .filter_map(|(date, hour)| {
            let open = u16::from(hour) * MINUTES_PER_HOUR;
            let Interval { start, end } = zone.interval(date, open, open + MINUTES_PER_HOUR)?;
            (end > from && start < until).then(|| LocalHour { start, hour, weekend: is_weekend(date) })
        })
        .collect()
}

fn is_weekend(date: Date) -> bool {
    matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

fn time_of_minute(minute: u16) -> Time {
    let (hour, minute) = (minute / 60, minute % 60);
    let narrow = |number: u16| i8::try_from(number).expect("hours and minutes of a day fit into i8");
    Time::new(narrow(hour), narrow(minute), 0, 0).expect("a minute below 1,440 is a time of day")
}

fn next_day(date: Date) -> Date {
    date.tomorrow().expect(REPRESENTABLE)
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
    fn a_date_that_does_not_exist_has_no_session() {
        // Samoa again: Friday, 2011-12-30, was skipped, and nobody trades on Saturday.
        let zone = Zone::named("Pacific/Apia").expect("a zone");
        let hours = [DailyHours { open_minute: 540, close_minute: 1_020 }];
        let sessions =
            weekday_sessions(&zone, &hours, timestamp("2011-12-29T10:00:00Z"), timestamp("2012-01-02T10:00:00Z"));
        let texts: Vec<_> = sessions.iter().map(|s| format!("{} {}", s.start, s.end)).collect();
        assert_eq!(texts, ["2011-12-29T19:00:00Z 2011-12-30T03:00:00Z", "2012-01-01T19:00:00Z 2012-01-02T03:00:00Z"]);
    }

    #[test]
    fn a_break_in_a_change_of_the_clock_is_as_long_as_what_the_clock_shows_of_it() {
        // Egypt: instead of 0:00 the clock shows 1:00 on Friday, 2026-04-24; on Thursday, 2026-10-29, 23:59 is followed by
        // 23:00.
        let zone = Zone::named("Africa/Cairo").expect("a zone");
        let sessions = |hours: &[(u16, u16)], day: &str| {
            let hours: Vec<DailyHours> =
                hours.iter().map(|(open, close)| DailyHours { open_minute: *open, close_minute: *close }).collect();
            let noon = timestamp(&format!("{day}T12:00:00Z"));
            let of_day = weekday_sessions(&zone, &hours, noon - SimDuration::from_hours(24), noon);
            of_day.iter().map(|s| format!("{} {}", s.start, s.end)).collect::<Vec<_>>()
        };
        let skipped = sessions(&[(0, 15), (30, 90)], "2026-04-24");
        assert_eq!(skipped, ["2026-04-23T22:00:00Z 2026-04-23T22:30:00Z"]);
        let repeated = sessions(&[(1_320, 1_395), (1_410, 1_440)], "2026-10-30");
        assert_eq!(
            repeated,
            ["2026-10-29T19:00:00Z 2026-10-29T20:15:00Z", "2026-10-29T20:30:00Z 2026-10-29T22:00:00Z"]
        );
    }

    #[test]
    fn a_zone_has_one_name_in_whatever_case_it_is_written() {
        let zone = Zone::named("europe/ZURICH").expect("a zone");
        assert_eq!(zone.name(), "Europe/Zurich");
        assert_eq!(zone, Zone::named("Europe/Zurich").expect("a zone"));
        assert!(Zone::named("Etc/Unknown").is_err(), "a placeholder is no zone");
    }

    #[test]
    fn zones_that_tell_the_same_time_have_the_same_offsets() {
        let year = |name: &str| {
            let zone = Zone::named(name).expect("a zone");
            zone.offsets(timestamp("2026-01-01T00:00:00Z"), timestamp("2027-01-01T00:00:00Z"))
        };
        assert_eq!(year("UTC"), year("Etc/UTC"));
        assert_eq!(year("Europe/Zurich"), year("Europe/Berlin"));
        let seconds: Vec<i32> = year("Europe/Zurich").into_iter().map(|(_, seconds)| seconds).collect();
        assert_eq!(seconds, [3_600, 7_200, 3_600]);
        assert_ne!(year("Europe/Zurich"), year("Europe/London"));
    }

    #[test]
    fn an_unknown_zone_is_named() {
        let error = Zone::named("Europe/Zurrich").expect_err("no such zone");
        assert_eq!(error.to_string(), "`Europe/Zurrich` is not a time zone of the IANA database");
    }
}
