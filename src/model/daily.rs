//! When instances do what they do once a day, in true time.

use crate::protocol::{HistoricalExchange, Synchronisation};
use crate::random::{Entity, Purpose, Streams};
use crate::time::civil::Zone;
use crate::time::{SimDuration, Timestamp};

const DAY: SimDuration = SimDuration::from_days(1);

/// Random times lie within so long from the first of them.
const RANDOM_WITHIN: SimDuration = SimDuration::from_hours(3);

/// When supplier details are synchronised: time after midnight, UTC (0.36.5). Random times are not earlier.
const SYNCHRONISED_AT: SimDuration = SimDuration::from_hours(2);

/// When historical prices are exchanged: time after midnight, UTC (0.36.8).
const HISTORY_AT: SimDuration = SimDuration::from_secs(5 * 3_600 + 54 * 60);

/// The first of the random times of it: after midnight, local time (0.36.8).
const HISTORY_FROM: SimDuration = SimDuration::from_hours(5);

/// Draws of an instance for each of its times.
const DRAWS: u32 = 1;

/// The time of the day, UTC, at which an instance synchronises; `None`: it never does.
pub(super) fn synchronisation_at(rule: Synchronisation, instance: Entity, streams: &Streams) -> Option<SimDuration> {
    match rule {
        Synchronisation::Ideal => None,
        Synchronisation::Daily => Some(SYNCHRONISED_AT),
        Synchronisation::DailyRandom => Some(SYNCHRONISED_AT + random(1, instance, streams)),
    }
}

/// The time from `now` to the next moment at which an instance asks for historical prices; `None`: it never does. Its users live in
/// `zone`.
pub(super) fn until_history(
    rule: HistoricalExchange,
    now: Timestamp,
    zone: Option<&Zone>,
    (instance, streams): (Entity, &Streams),
) -> Option<SimDuration> {
    match rule {
        HistoricalExchange::None => None,
        HistoricalExchange::Daily => Some(until(now, HISTORY_AT)),
        HistoricalExchange::DailyRandom => {
            let ahead_s = zone.map_or(0, |zone| zone.offsets(now, now)[0].1);
            let local = now.offset_nanos(i64::from(ahead_s) * 1_000_000_000);
            Some(until(local, HISTORY_FROM + random(0, instance, streams)))
        }
    }
}

/// The time from `now` to the first moment, not before `now`, at which the clock shows `time_of_day`.
pub(super) fn until(now: Timestamp, time_of_day: SimDuration) -> SimDuration {
    let day = i64::try_from(DAY.as_nanos()).expect("a day fits");
    let passed = SimDuration::from_nanos(u64::try_from(now.as_unix_nanos().rem_euclid(day)).expect("it is positive"));
    if passed <= time_of_day { time_of_day - passed } else { time_of_day + DAY - passed }
}

fn random(place: u32, instance: Entity, streams: &Streams) -> SimDuration {
    let mut stream = streams.stream(Purpose::TimeOfDay, instance);
    SimDuration::from_secs_f64(RANDOM_WITHIN.as_secs_f64() * stream.place(place, DRAWS).unit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MONDAY: Timestamp = Timestamp::from_unix_secs(1_772_409_600);

    #[test]
    fn a_time_of_the_day_comes_once_a_day() {
        let at = |secs: u64| until(MONDAY + SimDuration::from_secs(secs), SYNCHRONISED_AT).as_nanos() / 1_000_000_000;
        assert_eq!([0, 7_199, 7_200, 7_201, 86_399].map(at), [7_200, 1, 0, 86_399, 7_201]);
    }

    #[test]
    fn random_times_differ_and_lie_in_the_morning_of_the_instance() {
        let streams = Streams::new(3, 0);
        let zurich = Zone::named("Europe/Zurich").expect("a zone");
        let hours = |zone: Option<&Zone>, number| {
            let of = (Entity::indexed(number), &streams);
            let wait = until_history(HistoricalExchange::DailyRandom, MONDAY, zone, of).expect("it is daily");
            wait.as_secs_f64() / 3_600.0
        };
        let utc: Vec<f64> = (0..1_000).map(|number| hours(None, number)).collect();
        assert!(utc.iter().all(|hour| (5.0..8.0).contains(hour)));
        assert!((utc.iter().sum::<f64>() / 1_000.0 - 6.5).abs() < 0.1, "they are spread evenly");
        assert!(
            (hours(None, 7) - hours(Some(&zurich), 7) - 1.0).abs() < 1e-6,
            "in winter the day begins an hour earlier"
        );
        let synchronised = synchronisation_at(Synchronisation::DailyRandom, Entity::indexed(7), &streams);
        let synchronised = synchronised.expect("it is daily").as_secs_f64() / 3_600.0;
        assert!((2.0..5.0).contains(&synchronised) && (synchronised - 2.0 - (hours(None, 7) - 5.0)).abs() > 1e-6);
    }

    #[test]
    fn releases_ask_for_history_at_six_minutes_to_six() {
        let of = (Entity::indexed(1), &Streams::new(3, 0));
        let wait = |rule| until_history(rule, MONDAY, None, of).map(SimDuration::as_secs_f64);
        assert_eq!(wait(HistoricalExchange::Daily), Some(21_240.0));
        assert_eq!(wait(HistoricalExchange::None), None);
    }
}
