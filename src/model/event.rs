//! What can happen. Every pending event has an owner that keeps its handle, so that each of them can be cancelled.

/// What can happen: a small record of who is concerned.
#[derive(Clone, Copy, Debug)]
pub(super) enum Event {
    /// A user opens a watchlist; kept by the user.
    Visit { user: u32 },
    /// A user opens a watchlist beyond what is usual; kept by the user's extra visits.
    ExtraVisit { user: u32 },
    /// An instance asks its peers what they send; kept by the instance's rounds.
    Synchronise { instance: u32 },
    /// An instance asks its peers for historical prices; kept by the instance's history.
    ExchangeHistory { instance: u32 },
    /// What is wrong at a place begins or ends; kept by the place.
    FaultTurns { place: u32 },
    /// An instance announces what will begin at a place; kept by the place.
    Announce { place: u32 },
    /// An instance that has started looks who is there; kept by the instance's rounds.
    StartUpCheck { instance: u32 },
    /// A message arrives at its receiver; kept by the message, as the next five are.
    MessageArrives { message: u32 },
    /// A message has waited for a worker as long as it may.
    WaitEnds { message: u32 },
    /// A worker has finished serving a message.
    Served { message: u32 },
    /// A reply arrives at the sender of its message.
    ReplyArrives { message: u32 },
    /// The sender of a message gives up waiting for the reply.
    TimedOut { message: u32 },
    /// The sender of a message learns that nobody listens, or that the connection has been reset.
    ConnectionRefused { message: u32 },
    /// A connector call that was held back for a token reaches its provider; kept by the call, as the next one is.
    CallPlaced { running: u32, position: u32 },
    /// The last of an exchange's connector calls ends, which were made at once; kept by the exchange.
    CallsEnd { running: u32 },
    /// A push-open instance fetches anew what its pool holds; kept by the instance's rounds.
    RefreshPool { instance: u32 },
    /// A call of a refresh that was held back for a token reaches its provider; kept by the refresh, as the next one is.
    RefreshPlaced { refresh: u32, place: u32 },
    /// A call of a refresh ends.
    RefreshAnswered { refresh: u32, place: u32 },
    /// The call of a check that was held back for a token reaches its provider; kept by the check, as the next one is.
    CheckPlaced { check: u32 },
    /// The call of a check ends.
    CheckAnswered { check: u32 },
    /// The connector call for the instrument at a position of an exchange's watchlist ends.
    ConnectorAnswers { running: u32, position: u32 },
}
