//! How instruments end, and why connectors are called: the vocabulary in which an exchange reports.

use super::{PeerId, Price};

/// How an instrument of an exchange ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The own pool had a newer price.
    OwnPool,
    /// This push-open peer returned a newer price.
    PushOpen(PeerId),
    /// This open peer returned a newer price.
    Open(PeerId),
    /// The connector delivered a price (which need not have been newer).
    Connector,
    /// The connector was called and failed.
    ConnectorFailed,
    /// No connector was called.
    NotTried(NotTried),
}

/// Why an unfilled instrument's connector was not called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NotTried {
    /// It has none.
    NoConnector,
    /// The instrument is not active.
    Inactive,
    /// It has failed too often.
    RetriesUsedUp,
    /// The local price is too young.
    Recent,
    /// Another call for the instrument is under way.
    CallUnderWay,
    /// Its market has closed, and the local price is from after that: nobody is asked for it until the market opens again.
    MarketClosed,
    /// The instrument has no name by which it could be asked for, and is left out.
    Unnamed,
}

/// Why a connector is called for an instrument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CallReason {
    /// The instance takes no part in GTNet.
    GtnetOff,
    /// The instrument has no receive flag.
    NotReceivable,
    /// No peer was asked for it.
    NobodyAsked,
    /// All peers that were asked for it answered, none with a newer price.
    NobodyHadIt,
    /// Of the peers that were asked for it at least one failed, and no other had a newer price.
    PeerFailed,
    /// The instance, a server, checks a price that a peer has pushed. No exchange has this reason.
    PushCheck,
    /// The instance, a server, fetches a price anew that its pool holds, without being asked. No exchange has this reason.
    PoolRefresh,
}

impl CallReason {
    /// All reasons, in the order of their discriminants.
    pub const ALL: [Self; 7] = [
        Self::GtnetOff,
        Self::NotReceivable,
        Self::NobodyAsked,
        Self::NobodyHadIt,
        Self::PeerFailed,
        Self::PushCheck,
        Self::PoolRefresh,
    ];

    /// The reason as results write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::GtnetOff => "gtnet-off",
            Self::NotReceivable => "not-receivable",
            Self::NobodyAsked => "nobody-asked",
            Self::NobodyHadIt => "nobody-had-it",
            Self::PeerFailed => "peer-failed",
            Self::PushCheck => "push-check",
            Self::PoolRefresh => "pool-refresh",
        }
    }
}

/// What came of a connector call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectorResult<C> {
    /// The connector delivered this price.
    Delivered(Price<C>),
    /// The call failed.
    Failed,
    /// The call was not made, as another one for the same instrument is under way.
    UnderWay,
}
