//! Local clocks: what an instance believes the time to be.

use crate::random::{Distribution, Stream};
use crate::time::{SimDuration, SimTime, Timestamp};

use super::config::ClockConfig;

/// A clock that shows true time + offset + drift × time since the start.
#[derive(Clone, Copy, Debug)]
pub(super) struct LocalClock {
    start: Timestamp,
    offset_nanos: i64,
    drift_ppb: i64,
    resolution_nanos: i64,
    ahead_nanos: i64,
}

impl LocalClock {
    /// A clock of the kind `config`, in a world that starts at `start`. Offset and drift are kept within what
    /// [`ClockConfig`] allows, so that no clock shows a date beyond all calendars, and none runs backwards.
    pub(super) fn draw(config: &ClockConfig, start: Timestamp, stream: &mut Stream) -> Self {
        let most_s = ClockConfig::MOST_OFFSET.as_secs_f64();
        let offset_s = config.offset_s.sample(stream).clamp(-most_s, most_s);
        let most_ppm = ClockConfig::MOST_DRIFT_PPM;
        let drift_ppm = config.drift_ppm.sample(stream).clamp(-most_ppm, most_ppm);
        let resolution_nanos = i64::try_from(config.resolution.as_nanos()).expect("a resolution is a short time");
        Self {
            start,
            offset_nanos: rounded(offset_s * 1e9),
            drift_ppb: rounded(drift_ppm * 1e3),
            resolution_nanos,
            ahead_nanos: 0,
        }
    }

    /// Sets the clock ahead by what faults add to it, in all [ns].
    pub(super) fn set_ahead(&mut self, ahead_nanos: i64) {
        self.ahead_nanos = ahead_nanos;
    }

    /// What the clock shows at `now`.
    pub(super) fn show(&self, now: SimTime) -> Timestamp {
        let drifted = i128::from(now.as_nanos()) * i128::from(self.drift_ppb) / 1_000_000_000;
        let drifted = i64::try_from(drifted).expect("half of a scenario's length fits into i64");
        let shown = (self.start + now.since_start())
            .offset_nanos(self.offset_nanos)
            .offset_nanos(drifted)
            .offset_nanos(self.ahead_nanos);
        shown.offset_nanos(-shown.as_unix_nanos().rem_euclid(self.resolution_nanos))
    }
}

#[expect(clippy::cast_possible_truncation, reason = "offset and drift are within their limits")]
fn rounded(value: f64) -> i64 {
    value.round() as i64
}

impl ClockConfig {
    /// No clock is more wrong at the start, ahead or behind: what is drawn beyond counts as this.
    pub const MOST_OFFSET: SimDuration = SimDuration::LONGEST;

    /// No clock drifts more, ahead or behind \[parts per million\]: what is drawn beyond counts as this.
    pub const MOST_DRIFT_PPM: f64 = 500_000.0;

    /// Whether a clock of this kind may drift.
    #[must_use]
    pub fn drifts(&self) -> bool {
        self.drift_ppm.extremes() != (0.0, 0.0)
    }

    /// A clock that is always right.
    #[must_use]
    pub const fn perfect() -> Self {
        Self {
            offset_s: Distribution::Constant(0.0),
            drift_ppm: Distribution::Constant(0.0),
            resolution: SimDuration::from_nanos(1),
            discipline: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Entity, Purpose, Streams};

    #[test]
    fn a_clock_shows_offset_and_drift() {
        let config = ClockConfig {
            offset_s: Distribution::Constant(-0.5),
            drift_ppm: Distribution::Constant(20.0),
            resolution: SimDuration::from_nanos(1),
            discipline: None,
        };
        let mut stream = Streams::new(1, 0).stream(Purpose::Clock, Entity::indexed(0));
        let clock = LocalClock::draw(&config, Timestamp::from_unix_secs(1_000), &mut stream);
        assert_eq!(clock.show(SimTime::START), Timestamp::from_unix_nanos(999_500_000_000));
        let day = SimTime::START + SimDuration::from_days(1);
        let shown = clock.show(day).saturating_since(Timestamp::from_unix_secs(1_000));
        assert_eq!(shown, SimDuration::from_days(1) - SimDuration::from_millis(500) + SimDuration::from_millis(1_728));
    }

    /// Whatever is drawn, the clock shows a date that can be written, from the first start that a scenario may have to the end
    /// of the longest run after the last one.
    #[test]
    fn no_clock_is_more_wrong_than_calendars_allow() {
        let (first, last) = (Timestamp::from_unix_secs(0), Timestamp::from_unix_secs(7_258_118_400));
        let end = SimTime::START + SimDuration::LONGEST;
        for sign in [-1.0, 1.0] {
            let draw = |offset_s: f64, drift_ppm: f64, start| {
                let config = ClockConfig {
                    offset_s: Distribution::Constant(sign * offset_s),
                    drift_ppm: Distribution::Constant(sign * drift_ppm),
                    resolution: SimDuration::LONGEST,
                    discipline: None,
                };
                let mut stream = Streams::new(1, 0).stream(Purpose::Clock, Entity::indexed(0));
                LocalClock::draw(&config, start, &mut stream)
            };
            for start in [first, last] {
                let most = draw(ClockConfig::MOST_OFFSET.as_secs_f64(), ClockConfig::MOST_DRIFT_PPM, start);
                for beyond in [draw(1e12, 1e9, start), draw(f64::INFINITY, f64::INFINITY, start)] {
                    assert_eq!(
                        (beyond.show(SimTime::START), beyond.show(end)),
                        (most.show(SimTime::START), most.show(end))
                    );
                }
                // Thresholds and delays are taken from it, and added to it.
                let shown = most.show(end);
                assert!(shown - SimDuration::LONGEST < shown && shown < shown + SimDuration::LONGEST);
            }
        }
    }

    #[test]
    fn a_clock_shows_multiples_of_its_resolution() {
        let config = ClockConfig { resolution: SimDuration::from_secs(1), ..ClockConfig::perfect() };
        let mut stream = Streams::new(1, 0).stream(Purpose::Clock, Entity::indexed(0));
        let clock = LocalClock::draw(&config, Timestamp::from_unix_secs(1_000), &mut stream);
        let shown = |millis| clock.show(SimTime::START + SimDuration::from_millis(millis));
        assert_eq!(shown(1_999), Timestamp::from_unix_secs(1_001));
        assert_eq!(shown(2_000), Timestamp::from_unix_secs(1_002));
    }
}
