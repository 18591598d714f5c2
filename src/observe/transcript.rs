//! Exchanges word for word, for observers that want to replay them elsewhere.

use crate::protocol::{AcceptMode, InstrumentId, Refusal};
use crate::time::{SimDuration, Timestamp};

use super::{InstanceId, MessageKind};

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

/// A line of the transcript. Exchanges may overlap unless the world prevents it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// The instances, by number.
    World(Vec<RecordedInstance>),
    /// An exchange begins.
    Began {
        /// Whose.
        instance: InstanceId,
        /// What its clock shows.
        clock: Timestamp,
        /// The instruments to update.
        watchlist: Vec<InstrumentId>,
        /// The order in which equal peers are tried.
        tie_order: Vec<InstanceId>,
    },
    /// An instance sends a message.
    Sent {
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
    /// A message has been answered.
    Answered {
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
    /// A connector call has ended.
    Called {
        /// Whose.
        instance: InstanceId,
        /// For what.
        instrument: InstrumentId,
        /// What was delivered; `None`: it failed.
        price: Option<Quotation>,
    },
    /// The user sees the result.
    Shown {
        /// The user's instance.
        instance: InstanceId,
        /// Prices and retry counters.
        items: Vec<(Quotation, u32)>,
    },
}
