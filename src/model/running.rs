//! Exchanges under way and their connector calls: state only, begun anew in a slot that keeps its buffers.

use crate::engine::EventHandle;
use crate::observe::{CallEnd, CallFailure, InstanceId, VisitId};
use crate::protocol::{CallReason, Exchange, InstrumentId, PeerId, Policy};
use crate::time::{SimDuration, SimTime};

use super::luck::VisitLuck;
use super::quote::Quote;

/// Connector calls of one exchange that a core of its instance runs at a time. As many pushes of which an instance checks prices.
pub(super) const CALLS_PER_CORE: u32 = 4;

/// An exchange under way, from the visit that started it to the last push.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) exchange: Exchange<InstrumentId, Quote>,
    pub(super) visit: Visit,
    pub(super) luck: VisitLuck,
    /// Connector calls still to be made.
    pub(super) queue: Vec<(usize, CallReason)>,
    pub(super) next_call: usize,
    pub(super) calls_under_way: u32,
    /// By position in the watchlist: the call under way.
    pub(super) calls: Vec<Option<Call>>,
    /// The end of the last call, if all are made at once.
    pub(super) calls_end: Option<EventHandle>,
    /// By position in the watchlist: how the call ended.
    pub(super) call_ends: Vec<Option<CallEnd>>,
    /// The peer that was asked last, and in how many requests.
    pub(super) last_asked: Option<(PeerId, u32)>,
    /// A request failed, and a fault hindered messages between its ends while it was under way.
    pub(super) is_hindered: bool,
    /// A server is left out, as the instance takes it for offline or busy.
    pub(super) leaves_out: bool,
    /// The user has seen the result; what is left happens in the background.
    pub(super) shown: bool,
}

/// A visit of a user to a watchlist.
#[derive(Clone, Copy, Debug)]
pub(super) struct Visit {
    pub(super) user: u32,
    /// Number of the user's visit, from 0.
    pub(super) number: u64,
    pub(super) instance: InstanceId,
    /// Index into the user's watchlists.
    pub(super) watchlist: usize,
    pub(super) began: SimTime,
}

impl Visit {
    /// Which visit it is, for observers.
    pub(super) fn id(&self) -> VisitId {
        VisitId { user: self.user, number: self.number, instance: self.instance }
    }
}

/// A connector call under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    pub(super) reason: CallReason,
    /// When it reaches the provider, which answers with its price of that moment.
    pub(super) placed: SimTime,
    pub(super) held_back: SimDuration,
    pub(super) limited: bool,
    pub(super) latency: SimDuration,
    /// Why it fails; `None`: it does not.
    pub(super) failure: Option<CallFailure>,
    /// What happens to it next; `None`: it is one of many that are made at once.
    pub(super) pending: Option<EventHandle>,
}

impl Call {
    /// What happens next to a call that is made by itself.
    pub(super) fn event(&self) -> EventHandle {
        self.pending.expect("the call is made by itself")
    }
}

impl Running {
    /// An exchange for a visit to a watchlist of `instruments` instruments, with the buffers of one that has ended.
    pub(super) fn renewed(
        ended: Option<Self>,
        policy: &Policy,
        visit: Visit,
        luck: VisitLuck,
        instruments: usize,
    ) -> Self {
        let (mut exchange, mut queue, mut calls, mut call_ends) = ended.map_or_else(
            || (Exchange::new(*policy), Vec::new(), Vec::new(), Vec::new()),
            |ended| (ended.exchange, ended.queue, ended.calls, ended.call_ends),
        );
        exchange.follow(*policy);
        queue.clear();
        calls.clear();
        calls.resize(instruments, None);
        call_ends.clear();
        call_ends.resize(instruments, None);
        Self {
            exchange,
            visit,
            luck,
            queue,
            next_call: 0,
            calls_under_way: 0,
            calls,
            calls_end: None,
            call_ends,
            last_asked: None,
            is_hindered: false,
            leaves_out: false,
            shown: false,
        }
    }

    /// Requests that have been sent to this peer in a row.
    pub(super) fn parts_sent(&self, peer: PeerId) -> u32 {
        self.last_asked.filter(|(asked, _)| *asked == peer).map_or(0, |(_, parts)| parts)
    }

    /// The connector call under way for the instrument at a position.
    pub(super) fn call(&mut self, position: usize) -> &mut Call {
        self.calls[position].as_mut().expect("a call is under way")
    }
}
