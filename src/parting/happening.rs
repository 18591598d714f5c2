//! What happens in a run, one thing after the other, in shared numbers: two runs are alike as long as their happenings are equal.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use crate::observe::{Fact, InstanceId, Line, MessageEnd, MessageKind, Observer, Quotation, Shelf, VisitId};
use crate::protocol::{CallReason, Refusal};
use crate::time::{SimTime, Timestamp};

use super::numbers::SharedNumbers;

/// Something that happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Happening {
    pub(super) at: SimTime,
    /// At which instance; `None`: at none alone.
    pub(super) place: Option<u32>,
    pub(super) what: HappeningKind,
}

/// An instrument, the timestamp of its price, and the moment whose price it is.
pub(super) type PriceThere = (u32, Option<Timestamp>, Option<Timestamp>);

/// What happens, in shared numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum HappeningKind {
    /// A user opens a watchlist.
    Opens { user: u32, instruments: Vec<u32>, is_exchange: bool },
    /// A user wants to, and the instance is down.
    Prevented { user: u32 },
    /// The instance stops before the user sees the result.
    Interrupted { user: u32 },
    /// A message leaves.
    Sends { to: u32, kind: MessageKind, prices: Vec<PriceThere> },
    /// A daily limit keeps a message back.
    KeepsBack { to: u32, kind: MessageKind },
    /// A message arrives.
    Receives { from: u32, kind: MessageKind },
    /// A worker begins to serve it.
    BeginsToServe { from: u32, kind: MessageKind },
    /// Its reply is formed.
    Replies { to: u32, kind: MessageKind, result: Result<u32, Refusal>, prices: Vec<PriceThere> },
    /// A message, or its reply, gets lost.
    Loses { to: u32, kind: MessageKind },
    /// The sender knows what became of it.
    Learns { to: u32, kind: MessageKind, end: MessageEnd },
    /// A call reaches its provider.
    Calls { provider: u32, instrument: u32, reason: CallReason },
    /// A call ends.
    Gets { provider: u32, instrument: u32, price: Option<PriceThere> },
    /// An instance keeps prices.
    Keeps { shelf: Shelf, prices: Vec<PriceThere> },
    /// A pool forgets prices.
    Forgets { instruments: Option<Vec<u32>> },
    /// A user sees prices.
    Sees { user: u32, prices: Vec<PriceThere> },
    /// A fault begins or ends.
    Fault { fault: u32, begins: bool },
}

/// Turns facts and lines into happenings, and hands them on.
pub(super) struct HappeningTeller<'n, F> {
    numbers: &'n SharedNumbers,
    /// Sender, receiver and kind of messages.
    messages: BTreeMap<u32, (u32, u32, MessageKind)>,
    tell: F,
}

impl<'n, F: FnMut(Happening)> HappeningTeller<'n, F> {
    pub(super) fn new(numbers: &'n SharedNumbers, tell: F) -> Self {
        Self { numbers, messages: BTreeMap::new(), tell }
    }

    fn tell(&mut self, at: SimTime, place: Option<u32>, what: HappeningKind) {
        (self.tell)(Happening { at, place, what });
    }

    fn instance(&self, instance: InstanceId) -> u32 {
        self.numbers.instances[instance.index()]
    }

    fn user(&self, visit: VisitId) -> u32 {
        self.numbers.users[visit.user as usize]
    }

    fn price(&self, price: &Quotation) -> PriceThere {
        (self.numbers.instruments[price.instrument.0 as usize], price.timestamp, price.as_of)
    }

    fn prices(&self, items: &[Quotation]) -> Vec<PriceThere> {
        items.iter().map(|item| self.price(item)).collect()
    }

    /// What a line about a message says, and where.
    fn of_message(&self, message: u32, line: &Line) -> Option<(u32, HappeningKind)> {
        let (from, to, kind) = *self.messages.get(&message)?;
        Some(match line {
            Line::Arrived { .. } => (to, HappeningKind::Receives { from, kind }),
            Line::ServiceBegan { .. } => (to, HappeningKind::BeginsToServe { from, kind }),
            Line::Served { result, items, .. } => {
                (to, HappeningKind::Replies { to: from, kind, result: *result, prices: self.prices(items) })
            }
            Line::Lost { .. } => (from, HappeningKind::Loses { to, kind }),
            Line::Ended { end, .. } => (from, HappeningKind::Learns { to, kind, end: *end }),
            _ => return None,
        })
    }

    fn of_line(&mut self, line: &Line) -> Option<(u32, HappeningKind)> {
        let instruments = |numbers: &SharedNumbers, of: &[crate::protocol::InstrumentId]| -> Vec<u32> {
            of.iter().map(|instrument| numbers.instruments[instrument.0 as usize]).collect()
        };
        Some(match line {
            Line::Began { visit, watchlist, .. } | Line::Reopened { visit, watchlist } => {
                let (user, instruments) = (self.user(*visit), instruments(self.numbers, watchlist));
                let is_exchange = matches!(line, Line::Began { .. });
                (self.instance(visit.instance), HappeningKind::Opens { user, instruments, is_exchange })
            }
            Line::Sent { message, from, to, kind, items, .. } => {
                let (from, to) = (self.instance(*from), self.instance(*to));
                self.messages.insert(*message, (from, to, *kind));
                (from, HappeningKind::Sends { to, kind: *kind, prices: self.prices(items) })
            }
            Line::CallPlaced { instance, instrument, provider, reason, .. } => {
                let (provider, instrument) = self.call(*provider, *instrument);
                (self.instance(*instance), HappeningKind::Calls { provider, instrument, reason: *reason })
            }
            Line::Called { instance, instrument, provider, price, .. } => {
                let (provider, instrument) = self.call(*provider, *instrument);
                let price = price.as_ref().map(|price| self.price(price));
                (self.instance(*instance), HappeningKind::Gets { provider, instrument, price })
            }
            Line::Kept { instance, shelf, items, .. } => {
                (self.instance(*instance), HappeningKind::Keeps { shelf: *shelf, prices: self.prices(items) })
            }
            Line::Forgotten { instance, instruments: forgotten } => {
                let forgotten = forgotten.as_ref().map(|forgotten| instruments(self.numbers, forgotten));
                (self.instance(*instance), HappeningKind::Forgets { instruments: forgotten })
            }
            Line::Shown { visit, items, .. } => {
                let prices = items.iter().map(|(item, _)| self.price(item)).collect();
                (self.instance(visit.instance), HappeningKind::Sees { user: self.user(*visit), prices })
            }
            Line::Arrived { message }
            | Line::ServiceBegan { message }
            | Line::Served { message, .. }
            | Line::Lost { message }
            | Line::Ended { message, .. } => return self.of_message(*message, line),
            // The reply that arrives is known from when it is formed, and what an exchange takes from it from what it keeps.
            Line::World(_) | Line::Answered { .. } | Line::Filled { .. } | Line::Done { .. } => return None,
        })
    }

    fn call(&self, provider: crate::observe::ProviderId, instrument: crate::protocol::InstrumentId) -> (u32, u32) {
        (self.numbers.providers[provider.index()], self.numbers.instruments[instrument.0 as usize])
    }
}

impl<F: FnMut(Happening)> Observer for HappeningTeller<'_, F> {
    fn transcribes(&self) -> bool {
        true
    }

    fn observe(&mut self, now: SimTime, fact: &Fact) {
        let (place, what) = match *fact {
            Fact::VisitPrevented { visit } => {
                (Some(self.instance(visit.instance)), HappeningKind::Prevented { user: self.user(visit) })
            }
            Fact::VisitInterrupted { visit, .. } => {
                (Some(self.instance(visit.instance)), HappeningKind::Interrupted { user: self.user(visit) })
            }
            Fact::MessageKeptBack { to, kind } => (None, HappeningKind::KeepsBack { to: self.instance(to), kind }),
            Fact::FaultBegan { fault, instance } | Fact::FaultEnded { fault, instance } => {
                let begins = matches!(fact, Fact::FaultBegan { .. });
                let fault = self.numbers.faults[fault.index()];
                (instance.map(|instance| self.instance(instance)), HappeningKind::Fault { fault, begins })
            }
            _ => return,
        };
        self.tell(now, place, what);
    }

    fn transcribe(&mut self, now: SimTime, line: Line) {
        if let Some((place, what)) = self.of_line(&line) {
            self.tell(now, Some(place), what);
        }
    }
}

impl Happening {
    /// A number that tells this from other happenings.
    pub(super) fn digest(&self) -> u64 {
        let mut digest = Fnv(0xcbf2_9ce4_8422_2325);
        write!(digest, "{self:?}").expect("a number takes any text");
        digest.0
    }
}

/// FNV-1a, which is the same on all machines.
struct Fnv(u64);

impl fmt::Write for Fnv {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        Ok(())
    }
}
