//! When one user visits, as far as the busiest times decide what a run takes: rates of the busy hours, not of each hour.

use crate::model::config::VisitsConfig;
use crate::time::{SimDuration, Timestamp};

const DAY_S: f64 = 86_400.0;
const HOUR_S: f64 = 3_600.0;

/// When one user visits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Habit {
    /// Visits in the whole run.
    pub(super) visits: f64,
    /// Visits on the busiest kind of day.
    per_day: f64,
    /// Rate of the hours in which most visits are [1/s].
    pub(super) busy_per_s: f64,
    /// Rate of the busiest hour [1/s].
    peak_per_s: f64,
}

impl Habit {
    pub(super) fn of(visits: &VisitsConfig, start: Timestamp, duration: SimDuration) -> Self {
        let days = duration.as_secs_f64() / DAY_S;
        // 1970-01-01 was a Thursday.
        let weekday = |day: i64| (day + 3).rem_euclid(7);
        let weeks = (days / 7.0).floor();
        let mut of_days = weeks * (5.0 + 2.0 * visits.weekend);
        let mut left = days - 7.0 * weeks;
        let mut day = start.unix_day();
        while left > 0.0 {
            of_days += left.min(1.0) * if weekday(day) < 5 { 1.0 } else { visits.weekend };
            left -= 1.0;
            day += 1;
        }
        let all: f64 = visits.hourly.iter().sum();
        let squares: f64 = visits.hourly.iter().map(|rate| rate * rate).sum();
        let peak = visits.hourly.iter().copied().fold(0.0, f64::max);
        let per_day = visits.per_day * visits.weekend.max(1.0);
        Self {
            visits: visits.per_day * of_days,
            per_day,
            busy_per_s: per_day * squares / (all * all) / HOUR_S,
            peak_per_s: per_day * peak / all / HOUR_S,
        }
    }

    /// The most visits within a time of so many seconds.
    pub(super) fn most_within(&self, seconds: f64) -> f64 {
        let days = (seconds / DAY_S).ceil();
        (self.peak_per_s * seconds).min(self.per_day * days).min(self.visits)
    }
    /// How a user visits in a time of so many seconds in which one usually makes so many `visits`, and now makes `pace` times as many.
    pub(super) fn within(&self, seconds: f64, visits: f64, pace: f64) -> Self {
        // Where the time is short, all of it may be busy.
        let peak_per_s = self.peak_per_s.min(visits / seconds.min(HOUR_S));
        let busy_per_s = if seconds < DAY_S { peak_per_s } else { self.busy_per_s.min(peak_per_s) };
        Self {
            visits: pace * visits,
            per_day: pace * self.per_day.min(visits),
            busy_per_s: pace * busy_per_s,
            peak_per_s: pace * peak_per_s,
        }
    }
}
