//! Visits of a user beyond what is usual: they have numbers and a stream of their own, so that the usual ones stay what they are.

use crate::engine::EventHandle;
use crate::random::Stream;
use crate::time::SimTime;

use super::visits::VisitSchedule;

/// Numbers of extra visits begin here; no user makes as many usual ones.
const FIRST_NUMBER: u64 = 1 << 40;

/// The extra visits of one user.
#[derive(Debug)]
pub(super) struct ExtraVisits {
    /// For each usual visit so many extra ones are expected.
    rate: f64,
    made: u64,
    stream: Stream,
    /// The next one.
    pub(super) next: Option<EventHandle>,
}

impl ExtraVisits {
    pub(super) fn new(stream: Stream) -> Self {
        Self { rate: 0.0, made: 0, stream, next: None }
    }

    /// For each usual visit so many extra ones are expected.
    pub(super) fn rate(&self) -> f64 {
        self.rate
    }

    /// Sets the rate; returns the next visit, which is not to happen.
    pub(super) fn set_rate(&mut self, rate: f64) -> Option<EventHandle> {
        self.rate = rate;
        self.next.take()
    }

    /// The number of the next one.
    pub(super) fn take_number(&mut self) -> u64 {
        self.next = None;
        self.made += 1;
        FIRST_NUMBER + self.made
    }

    /// When the next one is, after `now`; `None` if there is none until the end of the run.
    pub(super) fn next_time(&mut self, now: SimTime, schedule: &VisitSchedule) -> Option<SimTime> {
        if self.rate <= 0.0 {
            return None;
        }
        let (time, _) = schedule.next_at_rate(schedule.expected_before(now), self.rate, &mut self.stream)?;
        // Rounding may put it a nanosecond into the past.
        Some(time.max(now))
    }
}
