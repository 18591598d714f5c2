//! When users visit: a Poisson process whose rate follows the local hour.

use crate::random::{Distribution, Stream};
use crate::time::civil::local_hours;
use crate::time::{SimDuration, SimTime, Timestamp};

use super::config::VisitsConfig;

/// The expected number of visits of one user until each moment of the run, by which exponential draws become times.
#[derive(Clone, Debug)]
pub(super) struct VisitSchedule {
    /// Start of each local hour, from the start of the run, and the visits expected before it; the last is the end.
    hours: Vec<(SimTime, f64)>,
}

impl VisitSchedule {
    pub(super) fn new(config: &VisitsConfig, start: Timestamp, duration: SimDuration) -> Self {
        let end = start + duration;
        let weight_of_day: f64 = config.hourly.iter().sum();
        let local = local_hours(&config.zone, start, end);
        let mut expected = 0.0;
        let mut hours = Vec::with_capacity(local.len() + 1);
        for (index, hour) in local.iter().enumerate() {
            let begin = hour.start.max(start);
            let finish = local.get(index + 1).map_or(end, |next| next.start.min(end));
            hours.push((SimTime::START + begin.saturating_since(start), expected));
            let of_day = if hour.weekend { config.weekend } else { 1.0 };
            let per_hour = config.per_day * of_day * config.hourly[usize::from(hour.hour)] / weight_of_day;
            expected += per_hour * finish.saturating_since(begin).as_secs_f64() / 3_600.0;
        }
        hours.push((SimTime::START + duration, expected));
        Self { hours }
    }

    /// Time of the next visit, given the cumulative expected count at the previous one, and the cumulative count at that
    /// time; `None` after the end of the run.
    pub(super) fn next(&self, expected: f64, stream: &mut Stream) -> Option<(SimTime, f64)> {
        self.next_at_rate(expected, 1.0, stream)
    }

    /// As [`VisitSchedule::next`], for visits that are `rate` times as frequent.
    pub(super) fn next_at_rate(&self, expected: f64, rate: f64, stream: &mut Stream) -> Option<(SimTime, f64)> {
        let at = expected + Distribution::Exponential { mean: 1.0 }.sample(stream) / rate;
        let after = self.hours.partition_point(|(_, before)| *before <= at);
        let &(end, expected_end) = self.hours.get(after)?;
        let (begin, expected_begin) = self.hours[after - 1];
        let share = (at - expected_begin) / (expected_end - expected_begin);
        Some((begin + SimDuration::from_secs_f64(end.since(begin).as_secs_f64() * share), at))
    }

    /// The number of visits expected in the whole run.
    pub(super) fn expected(&self) -> f64 {
        self.hours.last().expect("a run has an end").1
    }

    /// The number of visits expected before `at`.
    pub(super) fn expected_before(&self, at: SimTime) -> f64 {
        let after = self.hours.partition_point(|(begin, _)| *begin <= at);
        let (Some(&(end, expected_end)), Some(before)) = (self.hours.get(after), after.checked_sub(1)) else {
            return if after == 0 { 0.0 } else { self.expected() };
        };
        let (begin, expected_begin) = self.hours[before];
        let share = at.since(begin).as_secs_f64() / end.since(begin).as_secs_f64();
        expected_begin + share * (expected_end - expected_begin)
    }
}

impl VisitsConfig {
    /// The number of visits of a user that are expected between two moments.
    #[must_use]
    pub fn expected(&self, from: Timestamp, until: Timestamp) -> f64 {
        VisitSchedule::new(self, from, until.saturating_since(from)).expected()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Entity, Purpose, Streams};
    use crate::time::civil::Zone;

    fn office() -> VisitsConfig {
        let mut hourly = [0.0; 24];
        hourly[9] = 1.0;
        hourly[10] = 3.0;
        VisitsConfig { per_day: 8.0, hourly, weekend: 0.25, zone: Zone::named("Europe/Zurich").expect("a zone") }
    }

    /// Friday, 2026-03-06.
    const FRIDAY: Timestamp = Timestamp::from_unix_secs(1_772_755_200);

    #[test]
    fn the_expected_number_is_the_rate_of_the_days() {
        let schedule = VisitSchedule::new(&office(), FRIDAY, SimDuration::from_days(4));
        assert!((schedule.expected() - 8.0 * 2.5).abs() < 1e-9, "{}", schedule.expected());
        let hour = |hours: u64| SimTime::START + SimDuration::from_hours(hours);
        // Zurich is an hour ahead: a quarter of the visits of Friday are from 8:00 to 9:00 UTC, the others in the next hour.
        for (at, expected) in [(hour(0), 0.0), (hour(8), 0.0), (hour(9), 2.0), (hour(24), 8.0), (hour(96), 20.0)] {
            assert!((schedule.expected_before(at) - expected).abs() < 1e-9, "{}", schedule.expected_before(at));
        }
        let half_past_nine = hour(9) + SimDuration::from_secs(1_800);
        assert!((schedule.expected_before(half_past_nine) - 5.0).abs() < 1e-9);
    }

    #[test]
    fn visits_fall_into_their_hours_and_their_number_is_poisson() {
        let schedule = VisitSchedule::new(&office(), FRIDAY, SimDuration::from_days(4));
        let (mut counts, mut early) = (Vec::new(), 0);
        for user in 0..2_000 {
            let mut stream = Streams::new(7, 0).stream(Purpose::VisitTimes, Entity::indexed(user));
            let (mut expected, mut count, mut last) = (0.0, 0_u32, SimTime::START);
            while let Some((at, now_expected)) = schedule.next(expected, &mut stream) {
                let hour_utc = at.as_nanos() / 3_600_000_000_000 % 24;
                assert!(hour_utc == 8 || hour_utc == 9, "visit at hour {hour_utc} UTC");
                assert!(at >= last, "visits come in order");
                early += u32::from(hour_utc == 8);
                (expected, last) = (now_expected, at);
                count += 1;
            }
            counts.push(f64::from(count));
        }
        let mean = counts.iter().sum::<f64>() / 2_000.0;
        let variance = counts.iter().map(|count| (count - mean) * (count - mean)).sum::<f64>() / 1_999.0;
        // Standard errors: √(20/2000) = 0.1 of the mean, 20 √(2/2000) = 0.63 of the variance.
        assert!((mean - 20.0).abs() < 0.4, "mean {mean}");
        assert!((variance - 20.0).abs() < 2.5, "variance {variance}");
        let share = f64::from(early) / (mean * 2_000.0);
        assert!((share - 0.25).abs() < 0.01, "share of the first hour {share}");
    }

    /// Six visits a day, at one (once), at two (twice) and at nine o'clock (thrice) in Zurich, on all days.
    fn night_and_morning() -> VisitsConfig {
        let mut hourly = [0.0; 24];
        (hourly[1], hourly[2], hourly[9]) = (1.0, 2.0, 3.0);
        VisitsConfig { per_day: 6.0, hourly, weekend: 1.0, zone: Zone::named("Europe/Zurich").expect("a zone") }
    }

    /// The mean number of visits in each hour (UTC) from `midnight` (local) on, until `duration` later.
    fn visits_by_hour(midnight: Timestamp, duration: SimDuration) -> Vec<f64> {
        const USERS: u32 = 4_000;
        let schedule = VisitSchedule::new(&night_and_morning(), midnight, duration);
        let mut visits = vec![0.0; usize::try_from(duration.as_nanos() / HOUR_NANOS).expect("few hours")];
        for user in 0..USERS {
            let mut stream = Streams::new(7, 0).stream(Purpose::VisitTimes, Entity::indexed(u64::from(user)));
            let mut expected = 0.0;
            while let Some((at, now_expected)) = schedule.next(expected, &mut stream) {
                visits[usize::try_from(at.as_nanos() / HOUR_NANOS).expect("few hours")] += 1.0 / f64::from(USERS);
                expected = now_expected;
            }
        }
        visits
    }

    const HOUR_NANOS: u64 = 3_600_000_000_000;

    /// `visits` are `expected` in the named hours since midnight, and none in all others.
    fn assert_visits(visits: &[f64], expected: &[(usize, f64)]) {
        for (hour, visits) in visits.iter().enumerate() {
            let expected = expected.iter().find(|(at, _)| *at == hour).map_or(0.0, |(_, expected)| *expected);
            // Standard error: √(3/4000) = 0.03 at most.
            let close = if expected == 0.0 { *visits == 0.0 } else { (visits - expected).abs() < 0.12 };
            assert!(close, "{visits} visits instead of {expected} in hour {hour} since midnight");
        }
    }

    #[test]
    fn summer_time_moves_visits_with_the_clock_and_skips_those_of_the_skipped_hour() {
        // Saturday, 2026-03-28, and the following Sunday of 23 hours, on which 1:59 is followed by 3:00.
        let saturday = Timestamp::from_unix_secs(1_774_652_400);
        let visits = visits_by_hour(saturday, SimDuration::from_hours(24 + 23 + 24));
        let (sunday, monday) = (24, 24 + 23);
        assert_visits(
            &visits,
            &[
                (1, 1.0),
                (2, 2.0),
                (9, 3.0),
                (sunday + 1, 1.0),
                (sunday + 8, 3.0),
                (monday + 1, 1.0),
                (monday + 2, 2.0),
                (monday + 9, 3.0),
            ],
        );
        let expected =
            |hours| VisitSchedule::new(&night_and_morning(), saturday, SimDuration::from_hours(hours)).expected();
        assert!((expected(24) - 6.0).abs() < 1e-9);
        assert!((expected(24 + 23) - expected(24) - 4.0).abs() < 1e-9, "all but the two of the skipped hour");
        assert!((expected(24 + 23 + 24) - expected(24 + 23) - 6.0).abs() < 1e-9);
        // Whoever never looks at that hour of the night makes as many visits as on any other day.
        let sunday = saturday + SimDuration::from_hours(24);
        let office = VisitsConfig { weekend: 1.0, ..office() };
        let expected = VisitSchedule::new(&office, sunday, SimDuration::from_hours(23)).expected();
        assert!((expected - office.per_day).abs() < 1e-9, "{expected}");
    }

    #[test]
    fn winter_time_repeats_an_hour_with_its_visits() {
        // Sunday, 2026-10-25, of 25 hours, on which 2:59 is followed by 2:00.
        let sunday = Timestamp::from_unix_secs(1_792_879_200);
        let visits = visits_by_hour(sunday, SimDuration::from_hours(25 + 24));
        let monday = 25;
        assert_visits(
            &visits,
            &[(1, 1.0), (2, 2.0), (3, 2.0), (10, 3.0), (monday + 1, 1.0), (monday + 2, 2.0), (monday + 9, 3.0)],
        );
        let schedule = VisitSchedule::new(&night_and_morning(), sunday, SimDuration::from_hours(25));
        assert!((schedule.expected() - 8.0).abs() < 1e-9, "{}", schedule.expected());
    }
}
