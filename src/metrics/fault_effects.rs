//! What faults do to users: a run with faults laid beside its twin, the same run without them. Both runs have the same visits, so
//! that each visit is compared with itself.

use serde::{Deserialize, Serialize};

use super::visit_effects::{ComparedVisit, FELT_AGE_S, FELT_WAIT, VisitEffects, compare};
use super::visit_log::{ActiveSpell, IntervalCounts, TIMELINE_INTERVAL, VisitLog, interval_of};
use crate::time::SimDuration;

/// All is as before if the calls of a quarter of an hour differ by at most this share of those in the twin, or by one call.
const SAME_CALLS: f64 = 0.1;

/// Wrong timestamps matter while their share of all prices shown is by more than this above that of the twin.
pub const WRONG_STAMPS_MATTER: f64 = 0.01;

/// Means are rounded.
const ROUNDING_S: f64 = 1e-9;

/// All must be as before in so many intervals on end in which somebody sees a result, lest a lull counts as recovery.
const QUIET_INTERVALS: usize = 4;

/// What the faults of one replication did to users. Visits are those of the measured period unless a field says otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FaultEffects {
    /// Length of the warm-up, which the timeline begins with.
    pub warmup: SimDuration,
    /// What happened to all visits that users wanted to make.
    pub all: VisitEffects,
    /// Calls of data providers beyond those of the twin; negative if there are fewer.
    pub extra_calls: i64,
    /// Time from the end of the last spell of any fault until all was as before \[s\]; `None` if it never was, or if no fault was
    /// active.
    pub recovery_s: Option<f64>,
    /// What each fault did, in the scenario's order.
    pub faults: Vec<FaultEffect>,
    /// The whole run, warm-up included, by intervals of [`TIMELINE_INTERVAL`].
    pub timeline: Vec<TimelineEntry>,
}

/// What one fault did in the measured period. Its aftermath lasts from the end of a spell until all is as before, or its next spell
/// begins, or the run ends. If several faults are active, a visit counts for each of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FaultEffect {
    /// Name of the fault.
    pub fault: String,
    /// When it was active in the whole run, warm-up included.
    pub spells: Vec<ActiveSpell>,
    /// How many of its spells reach into the measured period.
    pub measured_spells: u64,
    /// How long these spells lasted in the measured period, all together \[s\].
    pub active_s: f64,
    /// What happened to visits that began in a spell.
    pub during: VisitEffects,
    /// What happened to visits that began in an aftermath.
    pub after: VisitEffects,
    /// Calls beyond those of the twin, from the beginning of each spell to the end of its aftermath, in whole intervals.
    pub extra_calls: i64,
    /// After how many of its spells all was as before, ere the next one began.
    pub recovered: u64,
    /// Time from the ends of these spells until then, all together \[s\].
    pub recovery_s: f64,
    /// How many of its spells ended before the run did.
    pub ended: u64,
    /// Time from the ends of these spells to the end of the last interval before the next spell in which users see more wrong
    /// timestamps than in the twin, all together \[s\]. Intervals count that begin after the end of the spell, and that differ by more
    /// than [`WRONG_STAMPS_MATTER`].
    pub wrong_stamps_s: f64,
}

/// One interval of [`TIMELINE_INTERVAL`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TimelineEntry {
    /// Visits that users wanted to make.
    pub visits: u32,
    /// Those of them that felt a fault.
    pub felt: u32,
    /// What happened in the run.
    pub run: IntervalCounts,
    /// What happened in its twin.
    pub twin: IntervalCounts,
}

/// A spell in the measured period, with what follows from it.
#[derive(Clone, Copy, Debug)]
struct SpellWindow {
    spell: ActiveSpell,
    /// When its aftermath ends.
    until: SimDuration,
    /// When all was as before; `None` if it never was before the next spell of the fault or the end of the run.
    recovered: Option<SimDuration>,
    /// How long wrong timestamps outlasted it; `None`: it outlasts the run.
    wrong_stamps: Option<SimDuration>,
}

impl FaultEffects {
    /// Lays a `run` beside its `twin`; `names` are those of the faults, in the scenario's order.
    ///
    /// # Panics
    ///
    /// If a visit of the twin is missing in the run, or began at another time: the two do not have the same users.
    #[must_use]
    pub fn between(mut run: VisitLog, mut twin: VisitLog, names: &[String]) -> Self {
        run.sort();
        twin.sort();
        let both = run.intervals.iter().zip(&twin.intervals);
        let timeline = both.map(|(run, twin)| TimelineEntry { run: *run, twin: *twin, ..TimelineEntry::default() });
        let timeline: Vec<TimelineEntry> = timeline.collect();
        let (from, until) = (run.from.since_start(), run.until.since_start());
        let recoveries = Recoveries::of(&timeline, until);
        let spells: Vec<Vec<ActiveSpell>> = run.spells().collect();
        let windows: Vec<Vec<SpellWindow>> =
            spells.iter().map(|spells| windows(spells, (from, until), &recoveries, &timeline)).collect();
        let last_end = windows.iter().flatten().map(|window| window.spell.ends).max();
        let faults = names.iter().zip(spells).zip(&windows);
        let mut effects = Self {
            warmup: from,
            all: VisitEffects::default(),
            extra_calls: difference(run.measured_calls, twin.measured_calls),
            recovery_s: last_end.and_then(|end| Some(recoveries.after(end)?.saturating_sub(end).as_secs_f64())),
            faults: faults.map(|((name, spells), windows)| effect(name, spells, windows, &timeline)).collect(),
            timeline,
        };
        let mut twins = twin.visits.into_iter().peekable();
        for visit in &run.visits {
            if let Some(compared) = compare(visit, &mut twins) {
                effects.count(&compared, &windows);
            }
        }
        assert_eq!(twins.next(), None, "every visit of the twin is one of the run");
        effects
    }

    fn count(&mut self, visit: &ComparedVisit, windows: &[Vec<SpellWindow>]) {
        let began = visit.began.since_start();
        let entry = &mut self.timeline[interval_of(began)];
        entry.visits += 1;
        entry.felt += u32::from(visit.felt);
        if began < self.warmup {
            return;
        }
        self.all.count(visit);
        for (fault, windows) in self.faults.iter_mut().zip(windows) {
            let next = windows.partition_point(|window| window.spell.begins <= began);
            let Some(window) = next.checked_sub(1).map(|last| windows[last]) else { continue };
            if began < window.spell.ends {
                fault.during.count(visit);
            } else if began < window.until {
                fault.after.count(visit);
            }
        }
    }
}

/// When all is as before. At night, when nobody sees anything, nobody can tell.
struct Recoveries {
    /// The intervals in which somebody sees a result, and whether all is as before from each on for [`QUIET_INTERVALS`] of them.
    seen: Vec<(usize, bool)>,
    until: SimDuration,
}

impl Recoveries {
    fn of(timeline: &[TimelineEntry], until: SimDuration) -> Self {
        let is_seen = |entry: &TimelineEntry| entry.run.results_shown > 0 || entry.twin.results_shown > 0;
        let seen = timeline.iter().enumerate().filter(|(_, entry)| is_seen(entry));
        let same: Vec<(usize, bool)> = seen.map(|(at, entry)| (at, entry.is_as_before())).collect();
        let quiet = same.windows(QUIET_INTERVALS).map(|some| (some[0].0, some.iter().all(|(_, same)| *same)));
        Self { seen: quiet.collect(), until }
    }

    /// When all is seen to be as before after the end of a spell; `None` if it never is, or if the spell lasts until the run ends.
    fn after(&self, end: SimDuration) -> Option<SimDuration> {
        if end >= self.until {
            return None;
        }
        let first = interval_of(end);
        let (quiet, _) = self.seen.iter().find(|(at, quiet)| *at >= first && *quiet)?;
        let begins = SimDuration::from_nanos(TIMELINE_INTERVAL.as_nanos() * *quiet as u64);
        // If nothing is amiss in the interval in which the spell ends, all is as before at once.
        Some(begins.max(end))
    }
}

/// How long wrong timestamps outlast a spell that ends at `end`, up to `next`; `None` if the run ends before it does.
fn wrong_stamps_after(
    timeline: &[TimelineEntry],
    end: SimDuration,
    next: SimDuration,
    until: SimDuration,
) -> Option<SimDuration> {
    if end >= until {
        return None;
    }
    let begin_of = |index: usize| SimDuration::from_nanos(TIMELINE_INTERVAL.as_nanos() * index as u64);
    let mut after = timeline.iter().enumerate().filter(|(index, _)| begin_of(*index) >= end && begin_of(*index) < next);
    let last = after.rfind(|(_, entry)| entry.has_more_wrong_stamps());
    Some(last.map_or(SimDuration::ZERO, |(index, _)| begin_of(index + 1).min(next) - end))
}

impl TimelineEntry {
    fn has_more_wrong_stamps(&self) -> bool {
        let shown = |counts: &IntervalCounts| f64::from((counts.prices + counts.prices_missing).max(1));
        let share = |counts: &IntervalCounts| f64::from(counts.prices_wrong_stamp) / shown(counts);
        share(&self.run) > share(&self.twin) + WRONG_STAMPS_MATTER
    }

    /// Whether waits, ages and calls are as in the twin.
    fn is_as_before(&self) -> bool {
        let (run, twin) = (&self.run, &self.twin);
        let is_same = |mean: fn(&IntervalCounts) -> Option<f64>, most: f64| match (mean(run), mean(twin)) {
            (Some(run), Some(twin)) => (run - twin).abs() <= most,
            (run, twin) => run == twin,
        };
        let calls = f64::from(run.connector_calls.abs_diff(twin.connector_calls));
        is_same(IntervalCounts::mean_wait_s, FELT_WAIT.as_secs_f64() + ROUNDING_S)
            && is_same(IntervalCounts::mean_age_s, FELT_AGE_S)
            && calls <= (SAME_CALLS * f64::from(twin.connector_calls)).max(1.0)
    }
}

impl IntervalCounts {
    /// Mean time from the beginning of a visit to its result \[s\]; `None` if no result was shown.
    #[must_use]
    pub fn mean_wait_s(&self) -> Option<f64> {
        (self.results_shown > 0).then(|| self.waited_s / f64::from(self.results_shown))
    }

    /// Mean age of the prices shown \[s\]; `None` if there was none.
    #[must_use]
    pub fn mean_age_s(&self) -> Option<f64> {
        (self.prices > 0).then(|| self.age_s / f64::from(self.prices))
    }
}

/// The spells of a fault that reach into the measured period, with their aftermaths.
fn windows(
    spells: &[ActiveSpell],
    (from, until): (SimDuration, SimDuration),
    recoveries: &Recoveries,
    timeline: &[TimelineEntry],
) -> Vec<SpellWindow> {
    let measured = spells.iter().filter(|spell| spell.ends > from && spell.begins < until);
    let measured: Vec<ActiveSpell> =
        measured.map(|spell| ActiveSpell { begins: spell.begins.max(from), ends: spell.ends }).collect();
    let nexts = measured.iter().skip(1).map(|next| next.begins).chain([until]);
    let window = |(spell, next): (&ActiveSpell, SimDuration)| {
        let recovered = recoveries.after(spell.ends).filter(|recovered| *recovered <= next);
        let wrong_stamps = wrong_stamps_after(timeline, spell.ends, next, until);
        SpellWindow { spell: *spell, until: recovered.unwrap_or(next), recovered, wrong_stamps }
    };
    measured.iter().zip(nexts).map(window).collect()
}

/// What a fault did, without its visits.
fn effect(name: &str, spells: Vec<ActiveSpell>, windows: &[SpellWindow], timeline: &[TimelineEntry]) -> FaultEffect {
    let lasted = |window: &SpellWindow| window.spell.ends.saturating_sub(window.spell.begins).as_secs_f64();
    let recovery = |window: &SpellWindow| Some(window.recovered?.saturating_sub(window.spell.ends).as_secs_f64());
    // Up to the beginning of a spell both runs are alike, so that whole intervals tell the same. None counts twice.
    let touched = |(index, _): &(usize, &TimelineEntry)| {
        let begins = SimDuration::from_nanos(TIMELINE_INTERVAL.as_nanos() * *index as u64);
        let ends = begins + TIMELINE_INTERVAL;
        windows.iter().any(|window| window.spell.begins < ends && window.until > begins)
    };
    let calls = |entry: &TimelineEntry| i64::from(entry.run.connector_calls) - i64::from(entry.twin.connector_calls);
    FaultEffect {
        fault: name.to_owned(),
        spells,
        measured_spells: windows.len() as u64,
        active_s: windows.iter().map(lasted).sum(),
        extra_calls: timeline.iter().enumerate().filter(touched).map(|(_, entry)| calls(entry)).sum(),
        recovered: windows.iter().filter_map(recovery).count() as u64,
        recovery_s: windows.iter().filter_map(recovery).sum(),
        ended: windows.iter().filter_map(|window| window.wrong_stamps).count() as u64,
        wrong_stamps_s: windows.iter().filter_map(|window| window.wrong_stamps).map(SimDuration::as_secs_f64).sum(),
        ..FaultEffect::default()
    }
}

fn difference(run: u64, twin: u64) -> i64 {
    let signed = |count: u64| i64::try_from(count).expect("fewer than 2^63 calls");
    signed(run) - signed(twin)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::{Fact, FaultId, InstanceId, Observer, PriceSource, ProviderId, StampError, VisitId};
    use crate::protocol::CallReason;
    use crate::time::{SimTime, Timestamp};

    const QUARTER: u64 = 900;

    fn at(seconds: u64) -> SimTime {
        SimTime::START + SimDuration::from_secs(seconds)
    }

    /// A log of so many quarters of an hour, of which the first four are the warm-up.
    fn log(quarters: u64) -> VisitLog {
        VisitLog::new((at(4 * QUARTER), at(quarters * QUARTER)), SimDuration::from_secs(1_500), 1)
    }

    /// A visit a quarter of an hour, in its middle, with one price.
    fn visit(log: &mut VisitLog, quarter: u64, wait_millis: u64, age_s: u64) {
        see(log, quarter, wait_millis, age_s, 0);
    }

    /// The same with a price whose timestamp is off by so much.
    fn see(log: &mut VisitLog, quarter: u64, wait_millis: u64, age_s: u64, off_s: i64) {
        let began = at(quarter * QUARTER + 450);
        let now = began + SimDuration::from_millis(wait_millis);
        log.observe(
            now,
            &Fact::PriceShown {
                began,
                age: Some(SimDuration::from_secs(age_s)),
                split: None,
                error_bp: 0.0,
                stamp_error: StampError::between(Timestamp::from_unix_secs(off_s), Timestamp::from_unix_secs(0)),
                falsified: None,
                source: PriceSource::Kept { is_overdue: false },
            },
        );
        let visit = VisitId { user: 0, number: quarter, instance: InstanceId(0) };
        log.observe(now, &Fact::ResultShown { visit, began, exchanged: true });
    }

    fn call(log: &mut VisitLog, quarter: u64) {
        let began = at(quarter * QUARTER + 450);
        let (instance, provider) = (InstanceId(0), ProviderId(0));
        let reason = CallReason::ALL[0];
        let held_back = SimDuration::ZERO;
        let fact = Fact::ConnectorCalled { began, instance, provider, reason, limited: false, held_back };
        log.observe(began, &fact);
    }

    fn fault(log: &mut VisitLog, (begins, ends): (u64, u64)) {
        let (fault, instance) = (FaultId(0), None);
        log.observe(at(begins), &Fact::FaultBegan { fault, instance });
        log.observe(at(ends), &Fact::FaultEnded { fault, instance });
    }

    /// Twenty quarters of an hour with a visit each. The fault is active in the 6th and 7th; waits are 2 s longer until the 8th,
    /// and prices a minute and a second older in the 9th.
    fn effects() -> FaultEffects {
        let (mut run, mut twin) = (log(20), log(20));
        for quarter in 0..20 {
            visit(&mut twin, quarter, 1_000, 300);
            let wait = if (6..=8).contains(&quarter) { 3_000 } else { 1_100 };
            visit(&mut run, quarter, wait, if quarter == 9 { 361 } else { 360 });
            call(&mut run, quarter);
            call(&mut twin, quarter);
        }
        (0..3).for_each(|_| call(&mut run, 7));
        fault(&mut run, (6 * QUARTER, 8 * QUARTER - 300));
        FaultEffects::between(run, twin, &["down".to_owned()])
    }

    #[test]
    fn a_run_beside_its_twin_by_hand() {
        let effects = effects();
        assert_eq!((effects.all.visits, effects.all.felt, effects.all.paired), (16, 4, 16));
        assert!((effects.all.extra_wait_s - (3.0 * 2.0 + 13.0 * 0.1)).abs() < 1e-9, "{}", effects.all.extra_wait_s);
        assert_eq!(effects.extra_calls, 3);
        // It ends 300 s before the 8th, and all is as before from the 10th on.
        assert_eq!(effects.recovery_s, Some(2.0 * 900.0 + 300.0));
        let [down] = effects.faults.as_slice() else { panic!("one fault: {:?}", effects.faults) };
        assert_eq!((down.measured_spells, down.active_s), (1, 1_500.0));
        assert_eq!((down.during.visits, down.during.felt, down.during.felt_extra_wait_s), (2, 2, 4.0));
        assert_eq!((down.after.visits, down.after.felt, down.after.felt_extra_age_s), (2, 2, 121.0));
        assert_eq!((down.extra_calls, down.recovered, down.recovery_s), (3, 1, 2_100.0));
        let felt: Vec<u32> = effects.timeline.iter().map(|entry| entry.felt).collect();
        assert_eq!(felt, [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    }

    /// What is lost in both runs is no fault's doing, and a visit that the twin does not have is felt only if it is lost.
    #[test]
    fn what_is_lost_is_felt_unless_it_is_lost_in_the_twin_too() {
        let (mut run, mut twin) = (log(8), log(8));
        let began = at(5 * QUARTER);
        let id = |number| VisitId { user: 0, number, instance: InstanceId(0) };
        let prevented = |number| Fact::VisitPrevented { visit: id(number) };
        let interrupted = |number| Fact::VisitInterrupted { visit: id(number), began, instruments: 1 };
        let shown = |number| Fact::ResultShown { visit: id(number), began, exchanged: false };
        let unfinished = |number| Fact::ExchangeUnfinished { visit: id(number), began, instruments: 1 };
        let pairs = [
            (prevented(0), prevented(0)),
            (prevented(1), shown(1)),
            (interrupted(2), shown(2)),
            (prevented(3), interrupted(3)),
            (unfinished(4), unfinished(4)),
        ];
        for (of_run, of_twin) in pairs {
            run.observe(began, &of_run);
            twin.observe(began, &of_twin);
        }
        // Two visits of a flood.
        run.observe(began, &prevented(1 << 40));
        run.observe(began, &shown((1 << 40) + 1));
        run.observe(at(8 * QUARTER), &unfinished(5));
        twin.observe(began, &shown(5));
        let effects = FaultEffects::between(run, twin, &["down".to_owned()]);
        assert_eq!((effects.all.visits, effects.all.felt), (7, 4), "{effects:?}");
        assert_eq!((effects.all.prevented, effects.all.interrupted, effects.all.paired), (2, 1, 0));
        assert_eq!(effects.recovery_s, None, "no fault was active");
    }

    #[test]
    fn what_lasts_until_the_end_never_recovers() {
        let (mut run, mut twin) = (log(12), log(12));
        for quarter in 0..12 {
            visit(&mut twin, quarter, 0, 0);
            visit(&mut run, quarter, if quarter >= 9 { 500 } else { 0 }, 0);
        }
        fault(&mut run, (0, 2 * QUARTER));
        fault(&mut run, (3 * QUARTER, 5 * QUARTER));
        fault(&mut run, (6 * QUARTER, 7 * QUARTER));
        fault(&mut run, (9 * QUARTER, 12 * QUARTER));
        let effects = FaultEffects::between(run, twin, &["down".to_owned()]);
        let down = &effects.faults[0];
        assert_eq!(down.spells.len(), 4);
        // The first lies in the warm-up, and the second begins in it. After the third there is no hour of quiet.
        assert_eq!((down.measured_spells, down.active_s), (3, 5.0 * 900.0));
        assert_eq!((down.recovered, down.recovery_s), (1, 0.0));
        assert_eq!((down.during.visits, down.during.felt), (5, 3));
        assert_eq!((down.after.visits, down.after.felt), (2, 0));
        assert_eq!(effects.recovery_s, None);
    }

    /// Two spells that end, and one that does not. After the first wrong timestamps are seen until the 10th quarter, also in the twin in
    /// the 9th; after the second until the third begins.
    #[test]
    fn wrong_timestamps_may_outlast_a_fault() {
        let (mut run, mut twin) = (log(20), log(20));
        for quarter in 0..20 {
            see(&mut run, quarter, 0, 0, if (6..=10).contains(&quarter) || quarter >= 13 { 3_600 } else { 60 });
            see(&mut twin, quarter, 0, 0, if quarter == 9 { 61 } else { 0 });
        }
        fault(&mut run, (5 * QUARTER, 8 * QUARTER - 300));
        fault(&mut run, (13 * QUARTER, 14 * QUARTER));
        fault(&mut run, (18 * QUARTER, 20 * QUARTER));
        let effects = FaultEffects::between(run, twin, &["ahead".to_owned()]);
        let ahead = &effects.faults[0];
        let lasts_s = (300.0 + 3.0 * 900.0) + 4.0 * 900.0;
        assert_eq!((ahead.measured_spells, ahead.ended, ahead.wrong_stamps_s), (3, 2, lasts_s));
    }

    #[test]
    fn a_night_without_visits_is_no_recovery() {
        let (mut run, mut twin) = (log(40), log(40));
        // Nobody visits from the 12th quarter to the 29th, and the fault is felt until the 31st.
        for quarter in (0..12).chain(30..40) {
            visit(&mut twin, quarter, 0, 0);
            visit(&mut run, quarter, if (6..=31).contains(&quarter) { 500 } else { 0 }, 0);
        }
        fault(&mut run, (6 * QUARTER, 8 * QUARTER));
        let effects = FaultEffects::between(run, twin, &["down".to_owned()]);
        assert_eq!(effects.recovery_s, Some(24.0 * 900.0), "from the 8th to the 32nd");
    }

    #[test]
    #[should_panic(expected = "both runs have the same visits")]
    fn other_users_are_no_twin() {
        let (mut run, mut twin) = (log(8), log(8));
        visit(&mut run, 5, 0, 0);
        visit(&mut twin, 4, 0, 0);
        _ = FaultEffects::between(run, twin, &["down".to_owned()]);
    }
}
