//! A visit of a run with faults beside the same visit of its twin, the same run without them: whether it feels a fault, and how.

use std::iter::Peekable;
use std::vec::IntoIter;

use serde::{Deserialize, Serialize};

use super::visit_log::{LoggedVisit, VisitEnd};
use crate::time::{SimDuration, SimTime};

/// A visit feels a fault if its result comes by more than this later than in the twin.
pub const FELT_WAIT: SimDuration = SimDuration::from_millis(100);

/// A visit feels a fault if its prices are on average by more than this older than in the twin \[s\].
pub const FELT_AGE_S: f64 = 60.0;

/// What happened to some visits, against their twins. Visits that do not come about in the twin either are not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct VisitEffects {
    /// How many they are.
    pub visits: u64,
    /// Those that felt a fault: prevented or interrupted, or their result came more than [`FELT_WAIT`] later than in the twin, or
    /// showed prices that were on average more than [`FELT_AGE_S`] older, or no price though the twin did.
    pub felt: u64,
    /// Those that did not come about, as the instance was down.
    pub prevented: u64,
    /// Those whose instance stopped before it had shown their result.
    pub interrupted: u64,
    /// Those that showed their result in both runs.
    pub paired: u64,
    /// How much longer these took than in the twin, all together \[s\].
    pub extra_wait_s: f64,
    /// Those of the paired ones that felt a fault.
    pub felt_paired: u64,
    /// How much longer these took, all together \[s\].
    pub felt_extra_wait_s: f64,
    /// How much older the prices of each of these were on average, all together \[s\].
    pub felt_extra_age_s: f64,
}

/// A visit of the run, compared with its twin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct ComparedVisit {
    pub(super) began: SimTime,
    /// Whether it was prevented or interrupted though its twin was not.
    pub(super) lost: Option<VisitEnd>,
    /// How much longer it took, and how much older its prices were; `None` if it did not show its result in both runs.
    pub(super) extra: Option<ExtraTimes>,
    pub(super) felt: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct ExtraTimes {
    pub(super) wait_s: f64,
    age_s: f64,
}

impl VisitEffects {
    pub(super) fn count(&mut self, visit: &ComparedVisit) {
        self.visits += 1;
        self.felt += u64::from(visit.felt);
        self.prevented += u64::from(visit.lost == Some(VisitEnd::Prevented));
        self.interrupted += u64::from(visit.lost == Some(VisitEnd::Interrupted));
        if let Some(extra) = visit.extra {
            self.paired += 1;
            self.extra_wait_s += extra.wait_s;
            if visit.felt {
                self.felt_paired += 1;
                self.felt_extra_wait_s += extra.wait_s;
                self.felt_extra_age_s += extra.age_s;
            }
        }
    }

    /// Adds other visits.
    pub fn add(&mut self, other: &Self) {
        self.visits += other.visits;
        self.felt += other.felt;
        self.prevented += other.prevented;
        self.interrupted += other.interrupted;
        self.paired += other.paired;
        self.extra_wait_s += other.extra_wait_s;
        self.felt_paired += other.felt_paired;
        self.felt_extra_wait_s += other.felt_extra_wait_s;
        self.felt_extra_age_s += other.felt_extra_age_s;
    }
}

/// Compares a visit with its twin, if it has one: the visits of a flood have none. `None` if it does not come about in the twin
/// either, so that nobody misses it.
pub(super) fn compare(visit: &LoggedVisit, twins: &mut Peekable<IntoIter<LoggedVisit>>) -> Option<ComparedVisit> {
    let twin = twins.next_if(|twin| twin.id() <= visit.id());
    if let Some(twin) = &twin {
        assert_eq!((twin.id(), twin.began), (visit.id(), visit.began), "both runs have the same visits");
    }
    if twin.is_some_and(|twin| twin.end == VisitEnd::Prevented) {
        return None;
    }
    let is_lost = |end: VisitEnd| matches!(end, VisitEnd::Prevented | VisitEnd::Interrupted);
    let lost = (is_lost(visit.end) && !twin.is_some_and(|twin| is_lost(twin.end))).then_some(visit.end);
    let in_both = twin.filter(|twin| twin.end == VisitEnd::Shown && visit.end == VisitEnd::Shown);
    let extra = in_both.map(|twin| ExtraTimes {
        wait_s: visit.waited.as_secs_f64() - twin.waited.as_secs_f64(),
        age_s: visit.mean_age_s.zip(twin.mean_age_s).map_or(0.0, |(run, twin)| f64::from(run) - f64::from(twin)),
    });
    let is_later = twin.is_some_and(|twin| {
        // An unfinished visit waits longer than is known of it.
        let has_waited = matches!(visit.end, VisitEnd::Shown | VisitEnd::Unfinished);
        has_waited && twin.end == VisitEnd::Shown && visit.waited > twin.waited + FELT_WAIT
    });
    let is_older = extra.is_some_and(|extra| extra.age_s > FELT_AGE_S);
    let has_no_price = in_both.is_some_and(|twin| visit.mean_age_s.is_none() && twin.mean_age_s.is_some());
    let felt = lost.is_some() || is_later || is_older || has_no_price;
    Some(ComparedVisit { began: visit.began, lost, extra, felt })
}
