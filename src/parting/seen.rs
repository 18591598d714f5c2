//! What users see in one run, visit by visit: of each instrument how it ended, who was asked for it and with what result.

use std::collections::{BTreeMap, BTreeSet};

use crate::observe::{CallFailure, ServerTrouble};
use crate::protocol::{CallReason, NotTried};
use crate::time::{SimDuration, SimTime, Timestamp};

/// A visit, by the shared number of its user and its own.
pub(super) type VisitKey = (u32, u64);

/// All that a run is compared by.
#[derive(Debug, Default)]
pub(super) struct SeenRun {
    /// Visits that begin in the measured period.
    pub(super) visits: BTreeMap<VisitKey, SeenVisit>,
    pub(super) world: WorldFacts,
    /// Calls of servers for no visit.
    pub(super) calls_of_servers: u64,
    /// Counted fact by fact, without looking at visits.
    pub(super) totals: RunTotals,
}

/// What the results count of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct RunTotals {
    pub(super) calls: u64,
    pub(super) shown: u64,
    pub(super) fresh: u64,
    pub(super) age_nanos: u128,
}

/// What is known of instances before anything happens, by shared numbers.
#[derive(Debug, Default)]
pub(super) struct WorldFacts {
    pub(super) without_gtnet: BTreeSet<u32>,
    /// Who knows whom: the instance, and its peer.
    pub(super) peers: BTreeSet<(u32, u32)>,
    /// What GTNet may not fill: the instance, and the instrument.
    pub(super) not_receivable: BTreeSet<(u32, u32)>,
}

/// A visit.
#[derive(Debug)]
pub(super) struct SeenVisit {
    pub(super) instance: u32,
    pub(super) began: SimTime,
    /// The number of its exchange, as `explain` takes it; `None`: it began none.
    pub(super) exchange: Option<u64>,
    pub(super) has_result: bool,
    /// In the order of the watchlist.
    pub(super) prices: Vec<SeenPrice>,
}

/// An instrument of a visit.
#[derive(Clone, Debug)]
pub(super) struct SeenPrice {
    pub(super) instrument: u32,
    /// The timestamp of the instance's own price when the visit began.
    pub(super) before: Option<Timestamp>,
    pub(super) asked: Vec<AskedServer>,
    pub(super) end: PriceEnd,
    pub(super) trouble: Option<ServerTrouble>,
    /// Why a connector was called.
    pub(super) reason: Option<CallReason>,
    pub(super) calls: u32,
    /// `None`: the user saw no result.
    pub(super) shown: Option<ShownAs>,
}

/// How an instrument of a visit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PriceEnd {
    /// It has not: the visit has no result.
    Unended,
    /// Nobody was asked, as the watchlist was opened again within its timeout.
    Kept,
    /// This server, which may be the own pool, had a newer price.
    Server(u32),
    /// A provider delivered.
    Called,
    /// The call failed.
    CallFailed(CallFailure),
    /// No provider was called.
    NotTried(NotTried),
}

/// What the user saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ShownAs {
    pub(super) timestamp: Option<Timestamp>,
    pub(super) as_of: Option<Timestamp>,
    pub(super) age: Option<SimDuration>,
    pub(super) is_fresh: bool,
}

/// A server that was asked for an instrument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AskedServer {
    pub(super) server: u32,
    pub(super) answer: ServerAnswer,
    /// The timestamp of the price that it had when it answered.
    pub(super) had: Option<Timestamp>,
    /// How that price came there.
    pub(super) by: PriceArrival,
}

/// What a server that was asked did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ServerAnswer {
    /// No reply came in time, or nobody listened.
    Silent,
    /// It turned the request away.
    Refused,
    /// It sent a price.
    Sent,
    /// It had one and did not send it, as it was not newer or too old.
    HadOlder,
    /// It had none.
    HadNone,
}

/// How a price came to the server that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PriceArrival {
    /// Somebody pushed it.
    Pushed,
    /// It was in a request.
    Learnt,
    /// An exchange of the server, or a call of its own.
    Fetched,
}

impl SeenPrice {
    pub(super) const fn new(instrument: u32, before: Option<Timestamp>) -> Self {
        Self {
            instrument,
            before,
            asked: Vec::new(),
            end: PriceEnd::Unended,
            trouble: None,
            reason: None,
            calls: 0,
            shown: None,
        }
    }

    /// What a server did that was asked; the last time if it was asked several times.
    pub(super) fn asked(&self, server: u32) -> Option<&AskedServer> {
        self.asked.iter().rfind(|asked| asked.server == server)
    }

    pub(super) const fn is_fresh(&self) -> bool {
        matches!(self.shown, Some(ShownAs { is_fresh: true, .. }))
    }

    /// The age of the price that was shown.
    pub(super) fn age(&self) -> Option<SimDuration> {
        self.shown.and_then(|shown| shown.age)
    }
}
