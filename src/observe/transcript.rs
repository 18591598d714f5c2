//! Exchanges word for word, for observers that want to replay them elsewhere.

use crate::protocol::{AcceptMode, CallReason, InstrumentId, Refusal};
use crate::time::{SimDuration, SimTime, Timestamp};

use super::{InstanceId, MessageEnd, MessageKind, ProviderId, VisitId};

/// A price as it stands somewhere, or on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quotation {
    /// The instrument.
    pub instrument: InstrumentId,
    /// When the price was stamped.
    pub timestamp: Option<Timestamp>,
    /// The moment whose price it is; `None`: there is no price.
    pub as_of: Option<Timestamp>,
}

/// An instrument as an instance has recorded it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordedInstrument {
    /// The instrument.
    pub instrument: InstrumentId,
    /// Receive flag.
    pub receive: bool,
    /// Send flag.
    pub send: bool,
    /// How late the prices of its connector are; `None`: it has none.
    pub connector_delay: Option<SimDuration>,
    /// The index of its market in the scenario.
    pub market: usize,
}

/// An instance before anything has happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedInstance {
    /// What it answers to requests.
    pub mode: AcceptMode,
    /// Whether it takes part in GTNet.
    pub gtnet: bool,
    /// Its instruments; none has a price.
    pub instruments: Vec<RecordedInstrument>,
    /// Its peers with their priorities.
    pub peers: Vec<(InstanceId, u16)>,
}

/// Where an instance keeps prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shelf {
    /// Among its own instruments.
    Own,
    /// In its pool.
    Pool,
}

/// What brings a price to where it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// The pool of the instance that asks itself.
    OwnPool,
    /// This message, or the answer to it.
    Message(u32),
    /// The exchange of this visit.
    Exchange(VisitId),
    /// A connector call that was placed then.
    Call(SimTime),
}

/// A line of the transcript. Exchanges may overlap unless the world prevents it: the visit that began an exchange names it. A
/// message has a number until its end; later ones may have the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// The instances, by number.
    World(Vec<RecordedInstance>),
    /// An exchange begins.
    Began {
        /// Whose, and for which visit.
        visit: VisitId,
        /// What its clock shows.
        clock: Timestamp,
        /// The instruments to update.
        watchlist: Vec<InstrumentId>,
        /// The order in which equal peers are tried.
        tie_order: Vec<InstanceId>,
    },
    /// A watchlist is opened so soon after its last exchange that its user sees what there is: no exchange begins.
    Reopened {
        /// Whose, and which visit.
        visit: VisitId,
        /// The instruments that the user sees.
        watchlist: Vec<InstrumentId>,
    },
    /// An instance sends a message.
    Sent {
        /// The message.
        message: u32,
        /// For which exchange; `None`: for none.
        exchange: Option<VisitId>,
        /// Who.
        from: InstanceId,
        /// To whom.
        to: InstanceId,
        /// What.
        kind: MessageKind,
        /// Prices in it.
        items: Vec<Quotation>,
        /// The oldest timestamp that a request accepts.
        min_acceptable: Option<Timestamp>,
    },
    /// A message reaches its receiver.
    Arrived {
        /// The message.
        message: u32,
    },
    /// A worker of the receiver begins to serve a message.
    ServiceBegan {
        /// The message.
        message: u32,
    },
    /// The receiver of a message forms its reply.
    Served {
        /// The message.
        message: u32,
        /// Number of prices in the reply or taken over, or why not.
        result: Result<u32, Refusal>,
        /// Prices in the reply.
        items: Vec<Quotation>,
    },
    /// A message, or the reply to it, gets lost on the way.
    Lost {
        /// The message.
        message: u32,
    },
    /// The reply to a message reaches its sender, who still waits for it.
    Answered {
        /// The message.
        message: u32,
        /// Who sent it.
        from: InstanceId,
        /// Who answered.
        to: InstanceId,
        /// What was sent.
        kind: MessageKind,
        /// Number of prices answered or taken over, or why not.
        result: Result<u32, Refusal>,
        /// Prices in the answer.
        items: Vec<Quotation>,
    },
    /// The sender of a message knows what became of it.
    Ended {
        /// The message.
        message: u32,
        /// What became of it.
        end: MessageEnd,
    },
    /// A connector call reaches its provider.
    CallPlaced {
        /// For which exchange; `None`: for none.
        exchange: Option<VisitId>,
        /// Whose.
        instance: InstanceId,
        /// For what.
        instrument: InstrumentId,
        /// The provider.
        provider: ProviderId,
        /// Why it is made.
        reason: CallReason,
    },
    /// A connector call has ended.
    Called {
        /// For which exchange; `None`: for none.
        exchange: Option<VisitId>,
        /// Whose.
        instance: InstanceId,
        /// For what.
        instrument: InstrumentId,
        /// The provider.
        provider: ProviderId,
        /// When it reached the provider.
        placed: SimTime,
        /// What was delivered; `None`: it failed.
        price: Option<Quotation>,
    },
    /// Instruments of an exchange have got other prices.
    Filled {
        /// The exchange.
        exchange: VisitId,
        /// What has brought the prices.
        by: Carrier,
        /// The prices as they stand now.
        items: Vec<Quotation>,
    },
    /// An instance keeps other prices than before.
    Kept {
        /// Which instance.
        instance: InstanceId,
        /// Where.
        shelf: Shelf,
        /// What has brought the prices.
        by: Carrier,
        /// The prices as they stand now.
        items: Vec<Quotation>,
    },
    /// A pool forgets prices.
    Forgotten {
        /// Whose pool.
        instance: InstanceId,
        /// Which; `None`: all of them.
        instruments: Option<Vec<InstrumentId>>,
    },
    /// The user sees the result.
    Shown {
        /// Whose exchange, and for which visit.
        visit: VisitId,
        /// What the clock of the instance shows.
        clock: Timestamp,
        /// Prices and retry counters.
        items: Vec<(Quotation, u32)>,
    },
    /// Nothing of an exchange is left to do, or its instance stops.
    Done {
        /// The exchange.
        exchange: VisitId,
    },
}
