//! The facts that the model states, and who listens: observers are told, and can change nothing.

mod age;
mod sources;
mod stamp;
mod transcript;

pub use age::{AgePart, AgeSplit};
pub use sources::{CallEnd, CallFailure, PriceHistory, PriceSource, ServerTrouble};
pub use stamp::{StampError, WRONG_STAMP_S};
pub use transcript::{Carrier, Line, Quotation, RecordedInstance, RecordedInstrument, Shelf};

use crate::protocol::{CallReason, InstrumentId, Outcome};
use crate::time::{SimDuration, SimTime};

/// An instance, numbered in the scenario's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstanceId(pub u32);

impl InstanceId {
    /// The number as an index.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A data provider, numbered in the scenario's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProviderId(pub u16);

impl ProviderId {
    /// The number as an index.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A fault, numbered in the scenario's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FaultId(pub u16);

impl FaultId {
    /// The number as an index.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A price that a rogue instance has falsified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FalsePrice {
    /// The fault of that instance.
    pub fault: FaultId,
    /// From where the user's instance had it.
    pub way: PriceWay,
}

/// From where an instance has a price that it shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PriceWay {
    /// In this exchange from its own pool.
    OwnPool,
    /// In this exchange from a push-open peer.
    PushOpen,
    /// In this exchange from an open peer.
    Open,
    /// From before, or from a provider.
    Local,
}

impl PriceWay {
    /// The way of the price of an instrument that ended like this.
    #[must_use]
    pub const fn of(outcome: Outcome) -> Self {
        match outcome {
            Outcome::OwnPool => Self::OwnPool,
            Outcome::PushOpen(_) => Self::PushOpen,
            Outcome::Open(_) => Self::Open,
            Outcome::Connector | Outcome::ConnectorFailed | Outcome::NotTried(_) => Self::Local,
        }
    }
}

/// A visit of a user. Runs that differ in faults or rules only have the same visits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VisitId {
    /// The user, numbered in the scenario's order.
    pub user: u32,
    /// The user's visits are numbered from 0.
    pub number: u64,
    /// The user's instance.
    pub instance: InstanceId,
}

/// What one instance sends to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageKind {
    /// A request for prices; answered by prices.
    Request,
    /// Prices for a pool; answered by the number taken over.
    Push,
    /// The question whether a peer is there.
    Ping,
    /// The question which instruments a peer sends.
    Synchronisation,
    /// A request for historical prices.
    History,
    /// Historical prices that a peer lacked.
    HistoryPush,
    /// The word that its sender is going to stop; it waits for no reply.
    Farewell,
    /// The word that its sender will be in maintenance or end; it waits for no reply.
    Notice,
}

/// What became of a message, as its sender sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageEnd {
    /// The reply arrived in time, with this many prices (request) or prices taken over (push); 0 for others.
    Answered(u32),
    /// The receiver turned it away.
    Refused,
    /// No reply arrived in time.
    TimedOut,
    /// The connection was refused or reset: nobody listens.
    Unreachable,
    /// The sender stopped before it knew.
    Abandoned,
}

/// Something that happened. `began` is when the user opened the watchlist to which a fact belongs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fact {
    /// A user opened a watchlist.
    VisitBegan {
        /// The user's instance.
        instance: InstanceId,
    },
    /// The visit started an exchange of this many instruments.
    ExchangeBegan {
        /// The user's instance.
        instance: InstanceId,
        /// Instruments of the watchlist.
        instruments: u32,
    },
    /// A connector call reaches its provider.
    ConnectorCalled {
        /// When the visit began.
        began: SimTime,
        /// The calling instance.
        instance: InstanceId,
        /// The provider.
        provider: ProviderId,
        /// Why GTNet did not supply the price.
        reason: CallReason,
        /// The token bucket was empty.
        limited: bool,
        /// For how long the call was held back for a token.
        held_back: SimDuration,
    },
    /// A connector call ended.
    ConnectorAnswered {
        /// When the visit began.
        began: SimTime,
        /// The calling instance.
        instance: InstanceId,
        /// For which instrument.
        instrument: InstrumentId,
        /// The provider.
        provider: ProviderId,
        /// Time since the call reached the provider.
        latency: SimDuration,
        /// Whether it delivered a price.
        delivered: bool,
    },
    /// An instrument of an exchange ended.
    Settled {
        /// When the visit began.
        began: SimTime,
        /// How it ended.
        outcome: Outcome,
        /// Whether the price that filled it had come into a pool by a push.
        pushed: bool,
    },
    /// A user sees the price of an instrument.
    PriceShown {
        /// When the visit began.
        began: SimTime,
        /// How long its market has traded since the moment whose price this is; `None`: there is no price.
        age: Option<SimDuration>,
        /// What that age was spent on; the parts add up to it.
        split: Option<AgeSplit>,
        /// How far it is from the true price of now in basis points of that; 0 if there is no price.
        error_bp: f64,
        /// How far its timestamp is from the right one; none if there is no price.
        stamp_error: StampError,
        /// Set if a rogue instance has falsified it.
        falsified: Option<FalsePrice>,
        /// How it came there.
        source: PriceSource,
    },
    /// A user sees the complete watchlist.
    ResultShown {
        /// Which visit it is.
        visit: VisitId,
        /// When the visit began.
        began: SimTime,
        /// Whether an exchange was needed.
        exchanged: bool,
    },
    /// A user wanted to open a watchlist, and the instance is down.
    VisitPrevented {
        /// Which visit it would have been.
        visit: VisitId,
    },
    /// The instance of a user stops before the visit has shown its result.
    VisitInterrupted {
        /// Which visit it is.
        visit: VisitId,
        /// When the visit began.
        began: SimTime,
        /// Instruments of the watchlist.
        instruments: u32,
    },
    /// The run ends before an exchange has shown its result.
    ExchangeUnfinished {
        /// Which visit it is.
        visit: VisitId,
        /// When the visit began.
        began: SimTime,
        /// Instruments of the watchlist.
        instruments: u32,
    },
    /// An instance sends a message of any kind: it begins to set up a connection for it.
    MessageSent {
        /// To whom.
        to: InstanceId,
        /// What it is.
        kind: MessageKind,
        /// Instruments in it.
        items: u32,
    },
    /// A daily limit keeps an instance from sending a message: it is not among those sent.
    MessageKeptBack {
        /// To whom it would have gone.
        to: InstanceId,
        /// What it would have been.
        kind: MessageKind,
    },
    /// A message or its reply got lost on the way.
    MessageLost {
        /// When the message was sent.
        sent: SimTime,
    },
    /// The sender of a message knows what became of it.
    MessageEnded {
        /// When the message was sent.
        sent: SimTime,
        /// To whom.
        to: InstanceId,
        /// What it is.
        kind: MessageKind,
        /// What became of it.
        end: MessageEnd,
    },
    /// A message arrived at a server.
    Arrived {
        /// When the visit began.
        began: SimTime,
        /// When it was sent.
        sent: SimTime,
        /// Who sent it.
        from: InstanceId,
        /// The server.
        server: InstanceId,
        /// What it is.
        kind: MessageKind,
        /// Its size in bytes.
        bytes: u64,
    },
    /// A server has found, by a check, that a peer has pushed a false price: it distrusts that peer from now on.
    PusherDistrusted {
        /// The server.
        server: InstanceId,
        /// Who has pushed the price.
        pusher: InstanceId,
        /// Whether the pusher is the rogue instance that has falsified it. If not, it passes on what others have falsified, or the
        /// price is true and the check is wrong.
        is_rogue: bool,
    },
    /// A server stops: all that it had received and not yet answered is given up.
    ServerStopped {
        /// The server.
        server: InstanceId,
    },
    /// A fault began.
    FaultBegan {
        /// Which.
        fault: FaultId,
        /// At which instance; `None`: at none alone.
        instance: Option<InstanceId>,
    },
    /// A fault ended.
    FaultEnded {
        /// Which.
        fault: FaultId,
        /// At which instance; `None`: at none alone.
        instance: Option<InstanceId>,
    },
    /// A server began to serve a message.
    ServiceBegan {
        /// The server.
        server: InstanceId,
        /// Time since it arrived.
        waited: SimDuration,
    },
    /// A message has waited at a server as long as it may; the server answers with an error.
    WaitEnded {
        /// The server.
        server: InstanceId,
    },
    /// A server has served a message and sends the reply.
    ServiceEnded {
        /// The server.
        server: InstanceId,
        /// When it was sent.
        sent: SimTime,
        /// What it is.
        kind: MessageKind,
        /// Time since it arrived.
        response: SimDuration,
        /// Instruments in it.
        items: u32,
        /// Prices in the reply (request) or taken over (push); `None`: turned away.
        result: Option<u32>,
        /// Size of the reply in bytes.
        bytes: u64,
        /// Rows that it has stored in its table of messages.
        rows: u32,
        /// For how long they stay there.
        rows_stay: SimDuration,
    },
}

/// Somebody who is told every fact, in the order of simulated time if that is asked for.
pub trait Observer {
    /// Whether [`Observer::transcribe`] is to be called: it costs time and memory.
    fn transcribes(&self) -> bool {
        false
    }

    /// Whether facts have to come in the order of simulated time. If not, what the connector calls of an exchange find may be told when
    /// they begin: each fact with the time at which it happens, and only if nothing happens before that it depends on.
    fn needs_order(&self) -> bool {
        true
    }

    /// Takes note of a fact at `now`.
    fn observe(&mut self, now: SimTime, fact: &Fact);

    /// Takes down what is said in exchanges, word for word.
    fn transcribe(&mut self, _now: SimTime, _line: Line) {}
}

/// An observer that takes note of nothing.
impl Observer for () {
    fn needs_order(&self) -> bool {
        false
    }

    fn observe(&mut self, _now: SimTime, _fact: &Fact) {}
}

/// Two observers, told one after the other.
impl<A: Observer, B: Observer> Observer for (A, B) {
    fn transcribes(&self) -> bool {
        self.0.transcribes() || self.1.transcribes()
    }

    fn needs_order(&self) -> bool {
        self.0.needs_order() || self.1.needs_order()
    }

    fn transcribe(&mut self, now: SimTime, line: Line) {
        self.0.transcribe(now, line.clone());
        self.1.transcribe(now, line);
    }

    fn observe(&mut self, now: SimTime, fact: &Fact) {
        self.0.observe(now, fact);
        self.1.observe(now, fact);
    }
}
