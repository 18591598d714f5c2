//! Local clocks: what an instance believes the time to be.

use crate::random::{Distribution, Entity, Purpose, Streams};
use crate::time::{SimDuration, SimTime, Timestamp};

use super::config::{ClockConfig, Discipline};

/// A clock that shows true time + offset + residual of the last correction + drift × time since then + what faults add.
#[derive(Clone, Debug)]
pub(super) struct LocalClock {
    start: Timestamp,
    offset_nanos: i64,
    drift_ppb: i64,
    resolution_nanos: i64,
    ahead_nanos: i64,
    corrections: Option<Corrections>,
}

/// The corrections of a clock: every so often it shows the true time plus its offset plus a residual, and drifts from there.
#[derive(Clone, Debug)]
struct Corrections {
    every_nanos: u64,
    /// How long before the start the last one was.
    phase_nanos: u64,
    residual_s: Distribution,
    streams: Streams,
    entity: Entity,
}

impl Corrections {
    /// The time since the last correction, and its residual \[ns\]. The clock starts right but for its offset, as if corrected then.
    fn last_before(&self, now: SimTime) -> (u64, i64) {
        let passed = now.as_nanos() + self.phase_nanos;
        let number = passed / self.every_nanos;
        if number == 0 {
            return (now.as_nanos(), 0);
        }
        (passed - number * self.every_nanos, self.residual_nanos(number))
    }

    fn residual_nanos(&self, number: u64) -> i64 {
        let residual_s = match self.residual_s {
            Distribution::Constant(residual_s) => residual_s,
            ref drawn => drawn.sample(self.streams.stream(Purpose::ClockCorrection, self.entity).at(number)),
        };
        let most_s = Discipline::MOST_RESIDUAL.as_secs_f64();
        rounded(residual_s.clamp(-most_s, most_s) * 1e9)
    }
}

impl LocalClock {
    /// A clock of the kind `config`, in a world that starts at `start`. Offset and drift are kept within what
    /// [`ClockConfig`] allows, so that no clock shows a date beyond all calendars. A clock runs backwards only where it is corrected.
    pub(super) fn draw(config: &ClockConfig, start: Timestamp, streams: &Streams, entity: Entity) -> Self {
        let stream = &mut streams.stream(Purpose::Clock, entity);
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
            corrections: config.discipline.as_ref().map(|discipline| Corrections {
                every_nanos: discipline.every.as_nanos(),
                phase_nanos: stream.below(discipline.every.as_nanos()),
                residual_s: discipline.residual_s.clone(),
                streams: *streams,
                entity,
            }),
        }
    }

    /// Sets the clock ahead by what faults add to it, in all [ns]; no more than an offset can be, or dates would leave all calendars.
    pub(super) fn set_ahead(&mut self, ahead_nanos: i64) {
        let most = i64::try_from(ClockConfig::MOST_OFFSET.as_nanos()).expect("ten years fit");
        self.ahead_nanos = ahead_nanos.clamp(-most, most);
    }

    /// What the clock shows at `now`.
    pub(super) fn show(&self, now: SimTime) -> Timestamp {
        let (since, residual_nanos) = match &self.corrections {
            Some(corrections) => corrections.last_before(now),
            None => (now.as_nanos(), 0),
        };
        let drifted = drift(since, self.drift_ppb);
        let shown = (self.start + now.since_start())
            .offset_nanos(self.offset_nanos)
            .offset_nanos(residual_nanos)
            .offset_nanos(drifted)
            .offset_nanos(self.ahead_nanos);
        if self.resolution_nanos == 1 {
            return shown;
        }
        shown.offset_nanos(-shown.as_unix_nanos().rem_euclid(self.resolution_nanos))
    }
}

/// How far a clock drifts in a time \[ns\], rounded towards zero. The whole seconds and the rest are multiplied one after the other, as
/// the product of all nanoseconds would be too large for 64 bits.
fn drift(since_nanos: u64, drift_ppb: i64) -> i64 {
    const SECOND: u64 = 1_000_000_000;
    let signed = |nanos: u64| i64::try_from(nanos).expect("no run has 2^63 nanoseconds");
    signed(since_nanos / SECOND) * drift_ppb + signed(since_nanos % SECOND) * drift_ppb / signed(SECOND)
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

    /// Whether a clock of this kind gets ever more wrong: it may drift, and nobody corrects it.
    #[must_use]
    pub fn runs_free(&self) -> bool {
        self.discipline.is_none() && self.drift_ppm.extremes() != (0.0, 0.0)
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

impl Discipline {
    /// No correction is more wrong, ahead or behind: what is drawn beyond counts as this.
    pub const MOST_RESIDUAL: SimDuration = SimDuration::from_days(1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drift_is_exact() {
        let long = SimDuration::LONGEST.as_nanos();
        for since in [0, 1, 999_999_999, 1_000_000_000, 1_000_000_001, 123_456_789_012_345, long] {
            for ppb in [0, 1, -1, 17_999, -17_999, 500_000_000, -500_000_000] {
                let exact = i128::from(since) * i128::from(ppb) / 1_000_000_000;
                assert_eq!(i128::from(drift(since, ppb)), exact, "{since} ns at {ppb}");
            }
        }
    }

    #[test]
    fn a_clock_shows_offset_and_drift() {
        let config = ClockConfig {
            offset_s: Distribution::Constant(-0.5),
            drift_ppm: Distribution::Constant(20.0),
            resolution: SimDuration::from_nanos(1),
            discipline: None,
        };
        let start = Timestamp::from_unix_secs(1_000);
        let clock = LocalClock::draw(&config, start, &Streams::new(1, 0), Entity::indexed(0));
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
                LocalClock::draw(&config, start, &Streams::new(1, 0), Entity::indexed(0))
            };
            for start in [first, last] {
                let mut most = draw(ClockConfig::MOST_OFFSET.as_secs_f64(), ClockConfig::MOST_DRIFT_PPM, start);
                for beyond in [draw(1e12, 1e9, start), draw(f64::INFINITY, f64::INFINITY, start)] {
                    assert_eq!(
                        (beyond.show(SimTime::START), beyond.show(end)),
                        (most.show(SimTime::START), most.show(end))
                    );
                }
                // Any number of faults at once.
                most.set_ahead(if sign > 0.0 { i64::MAX } else { i64::MIN });
                // Thresholds and delays are taken from it, and added to it.
                let shown = most.show(end);
                assert!(shown - SimDuration::LONGEST < shown && shown < shown + SimDuration::LONGEST);
            }
        }
    }

    #[test]
    fn a_clock_shows_multiples_of_its_resolution() {
        let config = ClockConfig { resolution: SimDuration::from_secs(1), ..ClockConfig::perfect() };
        let start = Timestamp::from_unix_secs(1_000);
        let clock = LocalClock::draw(&config, start, &Streams::new(1, 0), Entity::indexed(0));
        let shown = |millis| clock.show(SimTime::START + SimDuration::from_millis(millis));
        assert_eq!(shown(1_999), Timestamp::from_unix_secs(1_001));
        assert_eq!(shown(2_000), Timestamp::from_unix_secs(1_002));
    }

    fn disciplined(residual_s: Distribution) -> LocalClock {
        let config = ClockConfig {
            offset_s: Distribution::Constant(3_600.0),
            drift_ppm: Distribution::Constant(50.0),
            resolution: SimDuration::from_nanos(1),
            discipline: Some(Discipline { every: SimDuration::from_secs(1_000), residual_s }),
        };
        LocalClock::draw(&config, Timestamp::from_unix_secs(0), &Streams::new(1, 0), Entity::indexed(0))
    }

    /// How far a clock is ahead \[ns\].
    fn ahead(clock: &LocalClock, at: SimTime) -> i64 {
        clock.show(at).as_unix_nanos() - i64::try_from(at.as_nanos()).expect("a short time")
    }

    #[test]
    fn a_correction_mends_the_drift_and_not_the_offset() {
        let clock = disciplined(Distribution::Constant(0.25));
        let hour = 3_600_000_000_000;
        assert_eq!(ahead(&clock, SimTime::START), hour, "at the start nothing has drifted");
        let mut corrected = 0;
        let mut before = hour;
        for second in 1..=5_000_u64 {
            let error = ahead(&clock, SimTime::START + SimDuration::from_secs(second)) - hour;
            if second > 1 && error < before {
                corrected += 1;
                // In less than a second since the correction it has drifted by less than 50 µs.
                assert!((250_000_000..250_050_000).contains(&error), "{error} ns after a correction");
            }
            assert!((0..300_000_001).contains(&error), "{error} ns: residual, and 50 ppm of 1,000 s at most");
            before = error;
        }
        // The first correction raises the error from the drift of less than 1,000 s to the residual.
        assert!((4..=5).contains(&corrected), "{corrected} corrections are seen in 5,000 s");
    }

    #[test]
    fn each_correction_has_a_residual_of_its_own_whoever_looks_when() {
        let clock = disciplined(Distribution::Normal { mean: 0.0, sd: 0.01 });
        let look = |second: u64| ahead(&clock, SimTime::START + SimDuration::from_secs(second));
        let forwards: Vec<i64> = (0..100).map(|hour| look(hour * 3_600)).collect();
        let backwards: Vec<i64> = (0..100).rev().map(|hour| look(hour * 3_600)).collect();
        assert!(forwards.iter().eq(backwards.iter().rev()));
        let mut distinct = forwards.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert!(distinct.len() > 95, "{} different errors", distinct.len());
    }

    #[test]
    fn a_fault_sets_the_clock_ahead_and_back() {
        let mut clock = disciplined(Distribution::Constant(0.0));
        let at = SimTime::START + SimDuration::from_secs(100);
        let before = ahead(&clock, at);
        clock.set_ahead(-7_000_000_000);
        assert_eq!(ahead(&clock, at), before - 7_000_000_000);
        clock.set_ahead(0);
        assert_eq!(ahead(&clock, at), before);
    }
}
