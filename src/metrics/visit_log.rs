//! The observer that keeps what became of each visit of a run, and when each fault was active. Every visit stands in it once, so that
//! a run can be laid beside the same run without its faults.

use serde::{Deserialize, Serialize};

use crate::observe::{Fact, FaultId, Observer, StampError, VisitId};
use crate::time::{SimDuration, SimTime};

/// Length of the intervals of [`FaultEffects::timeline`](super::FaultEffects::timeline).
pub const TIMELINE_INTERVAL: SimDuration = SimDuration::from_secs(900);

/// What became of the visits of one run.
#[derive(Clone, Debug)]
pub struct VisitLog {
    pub(super) from: SimTime,
    pub(super) until: SimTime,
    fresh_within: SimDuration,
    pub(super) visits: Vec<LoggedVisit>,
    pub(super) intervals: Vec<IntervalCounts>,
    /// Calls that belong to visits of the measured period.
    pub(super) measured_calls: u64,
    faults: Vec<FaultActivity>,
    /// The prices that a user has just seen. The model shows them right before the result of their visit.
    shown: ShownPrices,
}

/// What became of one visit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct LoggedVisit {
    number: u64,
    pub(super) began: SimTime,
    /// Time from its beginning to its result; if it is unfinished, to the end of the run.
    pub(super) waited: SimDuration,
    /// Mean age of the prices shown; `None` if there was none.
    pub(super) mean_age_s: Option<f32>,
    user: u32,
    pub(super) end: VisitEnd,
}

const _: () = assert!(size_of::<LoggedVisit>() == VisitLog::BYTES_OF_VISIT, "the estimate of memory counts on it");

/// How a visit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum VisitEnd {
    /// Its result was shown.
    Shown,
    /// The run ended before its result was shown.
    Unfinished,
    /// Its instance stopped before its result was shown.
    Interrupted,
    /// Its instance was down when it should have begun.
    Prevented,
}

/// What happened in one interval of [`TIMELINE_INTERVAL`]. What follows from a visit belongs to the interval in which the visit
/// begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct IntervalCounts {
    /// Visits whose result was shown.
    pub results_shown: u32,
    /// How long these visits took, all together \[s\].
    pub waited_s: f64,
    /// Calls of data providers.
    pub connector_calls: u32,
    /// Prices shown.
    pub prices: u32,
    /// Those of them that were fresh.
    pub prices_fresh: u32,
    /// Instruments shown without any price.
    pub prices_missing: u32,
    /// Prices shown whose timestamp is wrong, as [`StampError::is_wrong`] says.
    pub prices_wrong_stamp: u32,
    /// Ages of all prices shown, added up \[s\].
    pub age_s: f64,
}

/// When a fault was active, be it at one place only.
#[derive(Clone, Debug, Default)]
struct FaultActivity {
    /// At how many places it is active now.
    places: u32,
    /// Times from the start of the run; of the last one the end is not yet known while the fault is active.
    spells: Vec<ActiveSpell>,
}

/// A time during which a fault is active, be it at one place only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActiveSpell {
    /// When it begins, from the start of the run.
    pub begins: SimDuration,
    /// When it ends, from the start of the run; if the fault outlasts the run, that is the end of the run.
    pub ends: SimDuration,
}

#[derive(Clone, Copy, Debug, Default)]
struct ShownPrices {
    prices: u32,
    age_s: f64,
}

impl VisitLog {
    /// What each visit takes in memory \[bytes\].
    pub(crate) const BYTES_OF_VISIT: usize = 40;

    /// A log of a run that is measured in `[from, until)` and ends then, in a world with so many `faults`. Prices count as fresh
    /// up to the age `fresh_within`.
    #[must_use]
    pub fn new((from, until): (SimTime, SimTime), fresh_within: SimDuration, faults: usize) -> Self {
        let intervals = until.since_start().as_nanos().div_ceil(TIMELINE_INTERVAL.as_nanos());
        let intervals = usize::try_from(intervals).expect("a run has few intervals");
        Self {
            from,
            until,
            fresh_within,
            visits: Vec::new(),
            intervals: vec![IntervalCounts::default(); intervals],
            measured_calls: 0,
            faults: vec![FaultActivity::default(); faults],
            shown: ShownPrices::default(),
        }
    }

    /// Puts the visits in the order of their users, of whom each has numbered visits.
    pub(super) fn sort(&mut self) {
        self.visits.sort_unstable_by_key(LoggedVisit::id);
    }

    /// When each fault was active, in the scenario's order.
    pub(super) fn spells(&self) -> impl Iterator<Item = Vec<ActiveSpell>> {
        self.faults.iter().map(|fault| fault.spells.clone())
    }

    fn interval(&mut self, began: SimTime) -> &mut IntervalCounts {
        &mut self.intervals[interval_of(began.since_start())]
    }

    fn show_price(&mut self, began: SimTime, age: Option<SimDuration>, stamp_error: StampError) {
        let is_fresh = age.is_some_and(|age| age <= self.fresh_within);
        let interval = self.interval(began);
        interval.prices_wrong_stamp += u32::from(stamp_error.is_wrong());
        if let Some(age) = age {
            interval.prices += 1;
            interval.prices_fresh += u32::from(is_fresh);
            interval.age_s += age.as_secs_f64();
            self.shown.prices += 1;
            self.shown.age_s += age.as_secs_f64();
        } else {
            interval.prices_missing += 1;
        }
    }

    fn show_result(&mut self, visit: VisitId, began: SimTime, now: SimTime) {
        let ShownPrices { prices, age_s } = std::mem::take(&mut self.shown);
        let waited = now.since(began);
        let interval = self.interval(began);
        interval.results_shown += 1;
        interval.waited_s += waited.as_secs_f64();
        #[expect(clippy::cast_possible_truncation, reason = "a thousandth of a second in hours is enough")]
        let mean_age_s = (prices > 0).then(|| (age_s / f64::from(prices)) as f32);
        self.end(visit, began, VisitEnd::Shown, waited, mean_age_s);
    }

    fn end(&mut self, visit: VisitId, began: SimTime, end: VisitEnd, waited: SimDuration, mean_age_s: Option<f32>) {
        self.visits.push(LoggedVisit { number: visit.number, began, waited, mean_age_s, user: visit.user, end });
    }

    fn begin_fault(&mut self, fault: FaultId, now: SimTime) {
        let activity = &mut self.faults[fault.index()];
        activity.places += 1;
        if activity.places == 1 {
            let (begins, ends) = (now.since_start(), self.until.since_start());
            activity.spells.push(ActiveSpell { begins, ends });
        }
    }

    fn end_fault(&mut self, fault: FaultId, now: SimTime) {
        let activity = &mut self.faults[fault.index()];
        activity.places -= 1;
        if activity.places == 0 {
            activity.spells.last_mut().expect("a fault that ends has begun").ends = now.since_start();
        }
    }
}

/// The index of the interval in which a time lies.
pub(super) fn interval_of(from_start: SimDuration) -> usize {
    usize::try_from(from_start.as_nanos() / TIMELINE_INTERVAL.as_nanos()).expect("a run has few intervals")
}

impl LoggedVisit {
    /// The user, and the number of the user's visit.
    pub(super) fn id(&self) -> (u32, u64) {
        (self.user, self.number)
    }
}

impl Observer for VisitLog {
    /// Calls are counted by when their visit began.
    fn needs_order(&self) -> bool {
        false
    }

    fn observe(&mut self, now: SimTime, fact: &Fact) {
        match *fact {
            Fact::ConnectorCalled { began, .. } => {
                self.interval(began).connector_calls += 1;
                self.measured_calls += u64::from(began >= self.from);
            }
            Fact::PriceShown { began, age, stamp_error, .. } => self.show_price(began, age, stamp_error),
            Fact::ResultShown { visit, began, .. } => self.show_result(visit, began, now),
            Fact::VisitPrevented { visit } => self.end(visit, now, VisitEnd::Prevented, SimDuration::ZERO, None),
            Fact::VisitInterrupted { visit, began, .. } => {
                self.end(visit, began, VisitEnd::Interrupted, now.since(began), None);
            }
            Fact::ExchangeUnfinished { visit, began, .. } => {
                self.end(visit, began, VisitEnd::Unfinished, now.since(began), None);
            }
            Fact::FaultBegan { fault, .. } => self.begin_fault(fault, now),
            Fact::FaultEnded { fault, .. } => self.end_fault(fault, now),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::{InstanceId, PriceSource};
    use crate::time::Timestamp;

    fn at(seconds: u64) -> SimTime {
        SimTime::START + SimDuration::from_secs(seconds)
    }

    #[test]
    fn a_visit_keeps_its_prices_and_an_interval_those_of_its_visits() {
        let mut log = VisitLog::new((at(0), at(2_000)), SimDuration::from_secs(50), 0);
        let visit = |number| VisitId { user: 3, number, instance: InstanceId(0) };
        let source = PriceSource::Kept { is_overdue: false };
        let price = |age, stamp_error| Fact::PriceShown {
            began: at(890),
            age,
            split: None,
            error_bp: 0.0,
            stamp_error,
            falsified: None,
            source,
        };
        let off = |secs| StampError::between(Timestamp::from_unix_secs(secs), Timestamp::from_unix_secs(0));
        log.observe(at(910), &price(Some(SimDuration::from_secs(40)), off(-61)));
        log.observe(at(910), &price(Some(SimDuration::from_secs(60)), off(60)));
        log.observe(at(910), &price(None, off(0)));
        log.observe(at(910), &Fact::ResultShown { visit: visit(1), began: at(890), exchanged: true });
        log.observe(at(950), &Fact::ResultShown { visit: visit(2), began: at(950), exchanged: false });
        log.observe(at(1_000), &Fact::VisitPrevented { visit: visit(0) });
        log.sort();
        let [prevented, first, second] = log.visits.as_slice() else { panic!("{:?}", log.visits) };
        assert_eq!((prevented.end, prevented.began), (VisitEnd::Prevented, at(1_000)));
        assert_eq!((first.mean_age_s, first.waited), (Some(50.0), SimDuration::from_secs(20)));
        assert_eq!((second.mean_age_s, second.end), (None, VisitEnd::Shown));
        assert_eq!(log.intervals.len(), 3, "the last one is not whole");
        let counts = log.intervals[0];
        assert_eq!((counts.prices, counts.prices_fresh, counts.prices_missing), (2, 1, 1));
        assert_eq!((counts.results_shown, counts.waited_s, counts.age_s), (1, 20.0, 100.0));
        assert_eq!(counts.prices_wrong_stamp, 1, "a minute is not yet wrong");
        assert_eq!(log.intervals[1].results_shown, 1);
    }

    #[test]
    fn a_fault_is_active_while_it_is_so_at_any_place() {
        let mut log = VisitLog::new((at(0), at(100)), SimDuration::ZERO, 2);
        let fault = FaultId(1);
        let began = |number| Fact::FaultBegan { fault, instance: Some(InstanceId(number)) };
        let ended = |number| Fact::FaultEnded { fault, instance: Some(InstanceId(number)) };
        for (second, fact) in [(10, began(0)), (20, began(1)), (30, ended(0)), (40, ended(1)), (50, began(0))] {
            log.observe(at(second), &fact);
        }
        let spell =
            |begins, ends| ActiveSpell { begins: SimDuration::from_secs(begins), ends: SimDuration::from_secs(ends) };
        let spells: Vec<Vec<ActiveSpell>> = log.spells().collect();
        assert_eq!(spells, [vec![], vec![spell(10, 40), spell(50, 100)]]);
    }
}
