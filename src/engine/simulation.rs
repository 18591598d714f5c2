//! The loop that lets a model handle its events; the clock never runs backwards and never passes the horizon.

use super::queue::{EventHandle, EventQueue};
use crate::time::{SimDuration, SimTime};

/// What is simulated: reacts to events, and may schedule more.
pub trait Model {
    /// What can happen: ids and slot numbers, small and `Copy`.
    type Event: Copy;

    /// Reacts to `event`, which happens at [`Scheduler::now`].
    fn handle(&mut self, event: Self::Event, scheduler: &mut Scheduler<Self::Event>);
}

/// The clock and the pending events: what a model sees of the event loop.
#[derive(Clone, Debug)]
pub struct Scheduler<E> {
    now: SimTime,
    queue: EventQueue<E>,
}

impl<E: Copy> Scheduler<E> {
    /// A scheduler without events whose clock shows [`SimTime::START`].
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(0)
    }

    /// As [`Scheduler::new`], with room for `capacity` pending events before it allocates.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self { now: SimTime::START, queue: EventQueue::with_capacity(capacity) }
    }

    /// True time.
    #[must_use]
    pub fn now(&self) -> SimTime {
        self.now
    }

    /// Schedules `event` at `at`, after everything that is already scheduled for then.
    ///
    /// # Panics
    ///
    /// If `at` is in the past: an effect before its cause is a bug of the model.
    pub fn schedule_at(&mut self, at: SimTime, event: E) -> EventHandle {
        assert!(
            at >= self.now,
            "event scheduled in the past: at {} ns, but it is {} ns",
            at.as_nanos(),
            self.now.as_nanos()
        );
        self.queue.schedule(at, event)
    }

    /// Schedules `event` after `delay`. If that is zero, it comes after all that is already scheduled for now.
    pub fn schedule_in(&mut self, delay: SimDuration, event: E) -> EventHandle {
        self.queue.schedule(self.now + delay, event)
    }

    /// Removes the event that `handle` names; nothing if it has happened or was cancelled before.
    pub fn cancel(&mut self, handle: EventHandle) -> Option<E> {
        self.queue.cancel(handle)
    }

    /// Whether the event that `handle` names is still to come.
    #[must_use]
    pub fn is_pending(&self, handle: EventHandle) -> bool {
        self.queue.is_pending(handle)
    }

    /// Number of pending events.
    #[must_use]
    pub fn pending_len(&self) -> usize {
        self.queue.len()
    }
}

impl<E: Copy> Default for Scheduler<E> {
    fn default() -> Self {
        Self::new()
    }
}

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndReason {
    /// No event was pending.
    Exhausted,
    /// The next event is due at the horizon or later.
    Horizon,
    /// The permitted number of events was handled, and the next one is due before the horizon.
    EventBound,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunEnd {
    /// Why it ended.
    pub reason: EndReason,
    /// What the clock shows: the horizon, or the time of the last event if the bound on events ended the run.
    pub now: SimTime,
    /// Number of events handled in this run.
    pub events: u64,
}

/// Lets `model` handle its events in order until `horizon`, but at most `max_events` of them.
///
/// The run covers the half-open period [now, `horizon`), as measured periods do: an event at the horizon stays pending,
/// and another run with a later horizon continues from there.
///
/// # Panics
///
/// If `horizon` is in the past.
pub fn run<M: Model>(model: &mut M, scheduler: &mut Scheduler<M::Event>, horizon: SimTime, max_events: u64) -> RunEnd {
    assert!(
        horizon >= scheduler.now,
        "horizon in the past: {} ns, but it is {} ns",
        horizon.as_nanos(),
        scheduler.now.as_nanos()
    );
    let mut events = 0;
    while events < max_events {
        let Some((at, event)) = scheduler.queue.pop_before(horizon) else {
            break;
        };
        scheduler.now = at;
        events += 1;
        model.handle(event, scheduler);
    }
    let reason = match scheduler.queue.peek_time() {
        None => EndReason::Exhausted,
        Some(next) if next >= horizon => EndReason::Horizon,
        Some(_) => EndReason::EventBound,
    };
    if reason != EndReason::EventBound {
        scheduler.now = horizon;
    }
    RunEnd { reason, now: scheduler.now, events }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes down what happens; an event above zero schedules the next lower one after as many nanoseconds.
    #[derive(Default)]
    struct Countdown {
        log: Vec<(u64, u64)>,
    }

    impl Model for Countdown {
        type Event = u64;

        fn handle(&mut self, event: u64, scheduler: &mut Scheduler<u64>) {
            self.log.push((scheduler.now().as_nanos(), event));
            if let Some(next) = event.checked_sub(1) {
                scheduler.schedule_in(SimDuration::from_nanos(event), next);
            }
        }
    }

    fn at(nanos: u64) -> SimTime {
        SimTime::from_nanos(nanos)
    }

    fn countdown_from(event: u64) -> (Countdown, Scheduler<u64>) {
        let mut scheduler = Scheduler::new();
        scheduler.schedule_at(at(0), event);
        (Countdown::default(), scheduler)
    }

    #[test]
    fn an_exhausted_run_ends_at_the_horizon() {
        let (mut world, mut scheduler) = countdown_from(3);
        let end = run(&mut world, &mut scheduler, at(100), u64::MAX);
        assert_eq!(world.log, [(0, 3), (3, 2), (5, 1), (6, 0)]);
        let expected = RunEnd { reason: EndReason::Exhausted, now: at(100), events: 4 };
        assert_eq!(end, expected);
    }

    #[test]
    fn an_event_at_the_horizon_belongs_to_the_next_run() {
        let (mut world, mut scheduler) = countdown_from(3);
        let end = run(&mut world, &mut scheduler, at(5), u64::MAX);
        assert_eq!((end.reason, end.now, end.events), (EndReason::Horizon, at(5), 2));
        assert_eq!(scheduler.pending_len(), 1);
        run(&mut world, &mut scheduler, at(6), u64::MAX);
        assert_eq!(world.log, [(0, 3), (3, 2), (5, 1)]);
    }

    #[test]
    fn the_bound_on_events_leaves_the_clock_at_the_last_event() {
        let (mut world, mut scheduler) = countdown_from(3);
        let end = run(&mut world, &mut scheduler, at(100), 2);
        assert_eq!((end.reason, end.now, end.events), (EndReason::EventBound, at(3), 2));
        assert_eq!(scheduler.pending_len(), 1);
    }

    #[test]
    fn a_run_that_just_keeps_the_bound_has_not_hit_it() {
        let (mut world, mut scheduler) = countdown_from(3);
        let end = run(&mut world, &mut scheduler, at(100), 4);
        assert_eq!(end.reason, EndReason::Exhausted);
    }

    #[test]
    fn a_cancelled_event_does_not_happen() {
        let (mut world, mut scheduler) = countdown_from(0);
        let handle = scheduler.schedule_at(at(1), 7);
        assert_eq!(scheduler.cancel(handle), Some(7));
        run(&mut world, &mut scheduler, at(100), u64::MAX);
        assert_eq!(world.log, [(0, 0)]);
    }

    #[test]
    #[should_panic(expected = "event scheduled in the past: at 4 ns, but it is 5 ns")]
    fn scheduling_in_the_past_is_a_bug() {
        let (mut world, mut scheduler) = countdown_from(3);
        run(&mut world, &mut scheduler, at(5), u64::MAX);
        scheduler.schedule_at(at(4), 0);
    }
}
