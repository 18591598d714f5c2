//! The exchange algorithm of GTNet as pure functions: no clock, no randomness, no event loop, no input or output.
//!
//! Whoever drives it passes in what it may not know by itself: the local time, the order in which equals are tried,
//! prices, peers and stores. A requesting instance runs one [`Exchange`] per watchlist update and does what
//! [`Exchange::next_action`] says; a serving instance is an [`Endpoint`] for as long as it serves a message. What names an instrument,
//! and what a price carries beside its timestamp, are type parameters ([`InstrumentKey`], [`PriceContent`]).
//!
//! The sources are the two design documents of GTNet's price exchange, cited by step (*seven-step* is the newer one, `Last
//! Price Exchange`; *general-flow* the older one), the released system *0.36.5*, cited by the family of recorded cases that shows
//! a behaviour, and the release *0.36.9*, as its source reads.
//!
//! # Where the rules live
//!
//! Every rule that documents and releases disagree about is a field of [`Policy`], set by a [`Preset`]. These items apply
//! the rules:
//!
//! | rule | applied by |
//! |---|---|
//! | whom to ask, in which order, how many | the ranking of [`Supplier`]s, [`Exchange::next_action`] |
//! | what a request carries | [`Exchange::request`] |
//! | what a server counts, refuses, returns and learns | [`Endpoint`], [`answer_from_pool`], [`answer_from_instruments`] |
//! | which messages a server looks at | [`Endpoint::take_in`] |
//! | what a sender counts, and does not send | [`Peer::may_send`] |
//! | how violations add up and block | [`Violations`] |
//! | whether a connector is called | [`connector_due`] |
//! | what the own pool stores | [`Exchange::update_own_pool`] |
//! | who gets what pushed back, and when | [`Exchange::next_action`], [`Exchange::push`] |
//! | which pushed prices are false, and what follows | [`Policy::is_false_by_stamp`], [`Policy::is_false_by_value`], [`Peer::distrust`] |
//! | what a pool fetches anew without being asked | [`Policy::fetches_anew`] |
//! | what stays in the own instruments | [`Exchange::local_updates`] |
//! | what changes the view of a peer | [`PeerView`], [`Announced`] |
//! | what is logged, and so counts for the success rate | [`Peer`], [`LogRow`], [`ExchangeLog`] |

mod action;
mod announced;
mod budget;
mod entry;
mod envelope;
mod exchange;
mod failure;
mod history;
mod instruments;
mod key;
mod log;
mod outcome;
mod peer;
mod policy;
mod pool;
mod price;
mod push_back;
mod refresh;
mod retry;
mod rows;
mod serving;
mod set;
mod supplier;
#[cfg(test)]
mod test_support;
mod verification;
mod view;
mod violations;
mod watched;

pub use action::Action;
pub use announced::{Announced, Announcement, MaintenanceWindow};
pub use budget::RequestBudget;
pub use envelope::{Envelope, MessageClass};
pub use exchange::{Exchange, OwnInstance};
pub use failure::{Failure, Refusal};
pub use instruments::{InstrumentStore, answer_from_instruments};
pub use key::{InstrumentId, InstrumentKey};
pub use log::{ExchangeLog, LOG_DAYS, LogRole, LogRow};
pub use outcome::{CallReason, ConnectorResult, NotTried, Outcome};
pub use peer::Peer;
pub use policy::{
    ClosedMarkets, CountedMessages, DailyLimitZero, DiscontinuationRule, EnforcedBy, EqualsAsked, ExchangeEnvelope,
    HidesUnsent, HistoricalExchange, MaintenanceRule, MaxLimitAction, OfflineAnnouncement, OpenOrder, OwnPoolStores,
    PeerViews, Policy, PoolLearns, Preset, PushBack, PushBackFrom, PushBackPrices, PushBackTo, PushLimits,
    RequestScope, RetryBands, ScoreTie, SyncMaxItems, Synchronisation, ViolationSources,
};
pub use pool::{PoolRow, PriceStore, answer_from_pool, pool_own, pool_received};
pub use price::{Price, PriceContent, PriceItem};
pub use push_back::ReturnedPrices;
pub use refresh::SHORTEST_POOL_REFRESH;
pub use retry::Connector;
pub use retry::connector_due;
pub use rows::{rows_stay, stored_rows};
pub use serving::{Endpoint, Served};
pub use set::ExchangeSet;
pub use supplier::{Rank, Ranked, Supplier, SupplierDetails, rank_suppliers};
pub use view::{Online, OwnStatus, PeerView, ServerState, StatusCheck};
pub use violations::{MOST_VIOLATIONS, Violations};
pub use watched::WatchlistItem;

use serde::{Deserialize, Serialize};

/// Another instance, as the requesting instance numbers its peer entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerId(pub u32);

/// What an instance answers to requests for last prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AcceptMode {
    /// Nothing.
    Closed,
    /// From its own instruments.
    Open,
    /// From its price pool.
    PushOpen,
}
