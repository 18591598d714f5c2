//! Trading sessions and local hours around every kind of clock change: they come one after the other, each on its own date.

use gtnet_sim::time::civil::{DailyHours, Interval, Zone, local_hours, weekday_sessions};
use gtnet_sim::time::{SimDuration, Timestamp};
use jiff::Zoned;
use jiff::civil::{Date, Weekday};
use jiff::tz::{TimeZone, db};
use proptest::prelude::*;

/// How far around a change of the clock one looks.
const AROUND: SimDuration = SimDuration::from_days(3);

const MINUTE: SimDuration = SimDuration::from_secs(60);

/// A zone of the database with a change of its clock after 1970.
fn changes() -> impl Strategy<Value = (String, Timestamp)> {
    let names: Vec<String> = db().available().map(|name| name.to_string()).collect();
    (prop::sample::select(names), any::<prop::sample::Index>()).prop_filter_map(
        "its clock never changes",
        |(name, at)| {
            let zone = TimeZone::get(&name).ok()?;
            let changes: Vec<Timestamp> = zone
                .following(jiff::Timestamp::UNIX_EPOCH)
                .take_while(|change| change.timestamp().as_second() < 2_100_000_000)
                .map(|change| Timestamp::from_unix_secs(change.timestamp().as_second()))
                .collect();
            (!changes.is_empty()).then(|| (name, changes[at.index(changes.len())]))
        },
    )
}

/// Two stretches of a day, one after the other, to the minute.
fn daily_hours() -> impl Strategy<Value = Vec<DailyHours>> {
    // Clocks change at night more often than by day.
    let minute = prop_oneof![0_u16..=300, 0_u16..=1_440];
    prop::collection::btree_set(minute, 4).prop_map(|minutes| {
        let minutes: Vec<u16> = minutes.into_iter().collect();
        minutes.chunks(2).map(|pair| DailyHours { open_minute: pair[0], close_minute: pair[1] }).collect()
    })
}

fn on_the_clock(zone: &TimeZone, at: Timestamp) -> Zoned {
    jiff::Timestamp::from_nanosecond(i128::from(at.as_unix_nanos())).expect("a date").to_zoned(zone.clone())
}

fn minute_of(clock: &Zoned) -> u16 {
    u16::try_from(i16::from(clock.hour()) * 60 + i16::from(clock.minute())).expect("not negative")
}

fn is_weekday(date: Date) -> bool {
    !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

/// Whether the clock has shown this very time before.
fn is_repeated(clock: &Zoned) -> bool {
    let first = clock.time_zone().to_ambiguous_timestamp(clock.datetime()).earlier().expect("representable");
    // Where a rule begins with a change of the clock that does not take place, the clock has not shown it.
    first < clock.timestamp() && first.to_zoned(clock.time_zone().clone()).datetime() == clock.datetime()
}

fn last_moment(session: &Interval) -> Timestamp {
    session.end - SimDuration::from_nanos(1)
}

/// At 01:00 UTC on 2023-10-29 Greenland's clock only changed its name: it had shown UTC-2 since March. From then on its rule is that of
/// Europe, by which it would have been put back at that moment.
#[test]
fn no_hour_begins_twice_where_a_rule_begins_with_a_change_that_does_not_take_place() {
    let change = Timestamp::from_unix_secs(1_698_541_200);
    for name in ["America/Godthab", "America/Nuuk"] {
        check_local_hours(name, change).expect("local hours are right");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn sessions_come_one_after_the_other_each_on_its_own_date((name, change) in changes(), hours in daily_hours()) {
        let (zone, clock) = (Zone::named(&name).expect("known"), TimeZone::get(&name).expect("known"));
        let (from, until) = (change - AROUND, change + AROUND);
        let sessions = weekday_sessions(&zone, &hours, from, until);
        prop_assert!(sessions.windows(2).all(|pair| pair[0].end <= pair[1].start), "{:?}", sessions);
        for session in &sessions {
            let (opens, closes) = (on_the_clock(&clock, session.start), on_the_clock(&clock, last_moment(session)));
            prop_assert_eq!(opens.date(), closes.date());
            prop_assert!(is_weekday(opens.date()) && session.end > from && session.start < until);
            let (first, last) = (minute_of(&opens), minute_of(&closes));
            let of = hours.iter().find(|hours| (hours.open_minute..hours.close_minute).contains(&first));
            let close = of.map(|hours| hours.close_minute);
            prop_assert!(close.is_some_and(|close| last < close), "opens at {}, closes after {}", opens, closes);
        }
        let mut at = from;
        while at < until {
            let now = on_the_clock(&clock, at);
            let is_hour = hours.iter().any(|hours| (hours.open_minute..hours.close_minute).contains(&minute_of(&now)));
            let is_open = sessions.iter().any(|session| session.start <= at && at < session.end);
            prop_assert!(is_repeated(&now) || is_open == (is_hour && is_weekday(now.date())), "{}: {}", now, is_open);
            at = at + MINUTE;
        }
    }

    #[test]
    fn local_hours_fill_the_time_and_are_sessions_of_an_hour((name, change) in changes()) {
        check_local_hours(&name, change)?;
    }
}

/// Hours fill the time around a change of the clock of a zone, and those of weekdays are its sessions of an hour.
fn check_local_hours(name: &str, change: Timestamp) -> Result<(), TestCaseError> {
    let (zone, clock) = (Zone::named(name).expect("known"), TimeZone::get(name).expect("known"));
    let (from, until) = (change - AROUND, change + AROUND);
    let hours = local_hours(&zone, from, until);
    prop_assert!(hours.windows(2).all(|pair| pair[0].start < pair[1].start), "{:?}", hours);
    prop_assert!(hours[0].start <= from && hours.last().expect("not empty").start < until);
    for hour in &hours {
        let begins = on_the_clock(&clock, hour.start);
        prop_assert_eq!((i16::from(begins.hour()), !is_weekday(begins.date())), (i16::from(hour.hour), hour.weekend));
        prop_assert!(!is_repeated(&begins));
    }
    let each: Vec<DailyHours> =
        (0..24).map(|hour| DailyHours { open_minute: 60 * hour, close_minute: 60 * (hour + 1) }).collect();
    let sessions = weekday_sessions(&zone, &each, from, until);
    let of_weekdays: Vec<Timestamp> = hours.iter().filter(|hour| !hour.weekend).map(|hour| hour.start).collect();
    prop_assert_eq!(sessions.iter().map(|session| session.start).collect::<Vec<_>>(), of_weekdays);
    for pair in hours.windows(2).filter(|pair| !pair[0].weekend) {
        let session = sessions.iter().find(|session| session.start == pair[0].start).expect("the same hour");
        prop_assert_eq!(session.end, pair[1].start, "an hour ends where the next begins");
    }
    Ok(())
}

/// The changes of the clock that are unlike all others, whatever chance picks.
#[test]
fn whole_dates_that_are_skipped_have_neither_hours_nor_sessions() {
    let all_day = [DailyHours { open_minute: 0, close_minute: 1_440 }];
    // Samoa and Tokelau left out Friday, 2011-12-30; the Line Islands, on the other side of the year, 1994-12-31, a Saturday,
    // and the Phoenix Islands too; Kwajalein left out Saturday, 1993-08-21.
    for (name, skipped) in [
        ("Pacific/Apia", "2011-12-30"),
        ("Pacific/Fakaofo", "2011-12-30"),
        ("Pacific/Kiritimati", "1994-12-31"),
        ("Pacific/Enderbury", "1994-12-31"),
        ("Pacific/Kwajalein", "1993-08-21"),
    ] {
        let (zone, clock) = (Zone::named(name).expect("known"), TimeZone::get(name).expect("known"));
        let skipped: Date = skipped.parse().expect("a date");
        let noon = skipped.at(12, 0, 0, 0).to_zoned(TimeZone::UTC).expect("representable").timestamp().as_second();
        let noon = Timestamp::from_unix_secs(noon);
        let sessions = weekday_sessions(&zone, &all_day, noon - AROUND, noon + AROUND);
        let hours = local_hours(&zone, noon - AROUND, noon + AROUND);
        let starts = sessions.iter().map(|session| session.start).chain(hours.iter().map(|hour| hour.start));
        for start in starts {
            assert_ne!(on_the_clock(&clock, start).date(), skipped, "{name}");
        }
        let day = SimDuration::from_days(1);
        assert!(sessions.iter().all(|session| session.end.saturating_since(session.start) == day), "{name}");
        // Six days of the world are seven dates or eight here, of which one is missing.
        assert!(sessions.windows(2).all(|pair| pair[0].end <= pair[1].start), "{name}: {sessions:?}");
    }
}
