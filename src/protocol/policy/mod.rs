//! The rules that a scenario chooses: one switch for each difference between the documents and the releases.
//!
//! Sources: *seven-step* is the newer design document, `Last Price Exchange`; *general-flow* the older one; *0.36.5* the
//! released system, whose recorded behaviour the conformance cases hold (their family is named where one shows it); *0.36.9* the
//! next release that can be used, as its source reads.

mod enforcement;
mod presets;
mod readings;

pub use enforcement::{
    CountedMessages, DailyLimitZero, DiscontinuationRule, EnforcedBy, ExchangeEnvelope, MaintenanceRule,
    OfflineAnnouncement, PushLimits, ScoreTie, SyncMaxItems, ViolationSources,
};
pub use presets::Preset;
pub use readings::{ClosedMarkets, EqualsAsked, HidesUnsent};

use crate::time::{SimDuration, Timestamp};

use super::{AcceptMode, Price};

/// The switches of the exchange algorithm. [`Policy::of`] fills them from a [`Preset`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches")]
pub struct Policy {
    /// What a request carries.
    pub request_scope: RequestScope,
    /// From whom an instance hides its prices of instruments that it does not send.
    pub hides_unsent: HidesUnsent,
    /// How many peers one exchange asks at most; `None`: as many as it takes.
    ///
    /// General-flow: two (*General Flow*, steps 1 and 5). Others: no limit.
    pub max_servers: Option<u32>,
    /// How many of several peers in the same place of the order one exchange asks.
    pub equals_asked: EqualsAsked,
    /// In which order open peers are asked.
    pub open_order: OpenOrder,
    /// How old a price may be that a peer returns: the time from its timestamp to the request is at most this. `None`: any age
    /// will do.
    ///
    /// The documents know none. 0.36.5: watchlist timeout + last-price delay = 1,500 s (`pool_query`, `open_query`).
    pub freshness_threshold: Option<SimDuration>,
    /// The same for the look into the own pool.
    ///
    /// Neither the documents nor 0.36.5 have one (`exchange`): a push-open instance may fill itself with any price.
    pub own_pool_threshold: Option<SimDuration>,
    /// What a pool takes from the prices of a request.
    pub pool_learns_from_request: PoolLearns,
    /// Whether an unknown instrument's price, just learnt from the request, is returned in the answer. It fills nothing, but
    /// with it the server counts as one that has returned a price.
    ///
    /// 0.36.5: yes (`pool_query`). Has no effect unless a pool learns.
    pub pool_echoes_unknown: bool,
    /// Whether an open server takes newer prices of a request into its own instruments.
    ///
    /// Seven-step does not mention it. General-flow (*Open Server to Open Server*): yes. 0.36.5: yes, and then it returns
    /// nothing for them (`open_query`).
    pub open_learns_from_request: bool,
    /// Whether an open server takes a price, from a request or a push, of an instrument that it has recorded without the receive
    /// flag.
    ///
    /// General-flow: an exchange may be asymmetric; of what a server takes over it does not speak. Releases: yes (`open_query`).
    pub open_takes_unreceived: bool,
    /// Whether an open server may send all of its instruments if none of them has the send flag.
    ///
    /// 0.36.5: yes (`open_query`).
    pub open_sends_all_if_none_flagged: bool,
    /// Whether and when new prices go back to those who were asked.
    pub push_back: PushBack,
    /// To whom they go.
    pub push_back_to: PushBackTo,
    /// Which prices go.
    pub push_back_prices: PushBackPrices,
    /// Which instances send them.
    pub push_back_from: PushBackFrom,
    /// Whether an open server takes a push into its own instruments; else it turns it away.
    ///
    /// General-flow, step 10: the second server may be an open one, and answers with the number that it accepted.
    /// Others: no (`push_handler`).
    pub open_accepts_push: bool,
    /// Probability with which a push-open server checks each price that it takes from a push, by asking its own provider. From
    /// 0 to 1.
    ///
    /// What if: no document and no release checks anything.
    pub push_checked_share: f64,
    /// A checked price is false if it is further than this from the one of the server's provider \[basis points\]; 0 or more.
    pub push_check_tolerance_bp: f64,
    /// A checked price is false, too, if its timestamp is further ahead of the server's clock than this; `None`: timestamps prove
    /// nothing.
    pub push_check_ahead: Option<SimDuration>,
    /// For how long a server distrusts whoever has pushed a false price: it refuses the pushes, and learns nothing from requests.
    pub push_distrust: SimDuration,
    /// What the own pool of a push-open instance stores after its exchange.
    pub own_pool_stores: OwnPoolStores,
    /// How often a push-open server fetches anew what its pool holds, from its own providers and without being asked; `None`: never.
    ///
    /// What if: no document and no release does so.
    pub pool_refresh_interval: Option<SimDuration>,
    /// How old a pooled price must be, beyond its connector's delay, to be fetched anew.
    pub pool_refresh_age: SimDuration,
    /// How many instruments a request may hold; `None`: any number.
    ///
    /// 0.36.5: 300 by default, from 10 to 999 (`exchange_request_handler`).
    pub max_limit: Option<u32>,
    /// What becomes of a request that holds more.
    pub max_limit_action: MaxLimitAction,
    /// Counters that keep failing instruments from being tried for ever; `None`: no such counters.
    ///
    /// 0.36.5: yes (`retry_counter`).
    pub retry_bands: Option<RetryBands>,
    /// A connector is called only if there is no last price, or if the price was stamped longer ago than this and the
    /// connector's own delay; `None`: always.
    ///
    /// 0.36.5: 300 s (`retry_counter`).
    pub connector_min_interval: Option<SimDuration>,
    /// Whether only one connector call of an instance for the same instrument may be under way at a time.
    ///
    /// 0.36.5: yes.
    pub connector_claims: bool,
    /// Whether a connector's price replaces what stands even if it is not newer.
    ///
    /// The documents speak of newer prices only. 0.36.5: yes (`retry_counter`).
    pub connector_prices_replace: bool,
    /// Whether anybody is asked for a price that will not change before the market opens again.
    pub closed_markets: ClosedMarkets,
    /// How many messages an instance wants from each peer in a UTC day; `None`: any number.
    ///
    /// 0.36.5 publishes such a number and nobody enforces it. 0.36.9 enforces it, but has none by default.
    pub daily_request_limit: Option<u32>,
    /// Who keeps to the daily limit.
    pub daily_request_limit_enforced_by: EnforcedBy,
    /// Which messages count for the daily limit, one for each message whatever its size.
    pub daily_request_limit_counts: CountedMessages,
    /// Whether a message that fails is taken back from the counts of both sides, as far as they know of it.
    ///
    /// 0.36.9: no. What if: yes.
    pub daily_request_limit_refund: bool,
    /// What a daily limit of 0 does.
    pub daily_limit_zero: DailyLimitZero,
    /// How many violations of a peer make a server refuse its requests; `None`: violations are counted only.
    ///
    /// 0.36.9: 20, from 1 to 99.
    pub violation_block: Option<u32>,
    /// What counts as a violation.
    pub violation_sources: ViolationSources,
    /// How often the administrator of a server sets all its counts of violations to 0; `None`: never.
    ///
    /// 0.36.9: the counts never fall by themselves.
    pub violation_reset: Option<SimDuration>,
    /// How many instruments a synchronisation may offer.
    pub sync_max_items: SyncMaxItems,
    /// Whether a server serves requests, pushes and synchronisations only of senders to whom it has granted the exchange; else of
    /// anybody, unknown senders included.
    ///
    /// 0.36.5: no (`exchange_request_handler`). 0.36.9: yes.
    pub requires_grant: bool,
    /// Whether a requester asks only those to whom it has granted the exchange itself.
    ///
    /// Releases: no, so a grant that only one side has withdrawn costs refused requests.
    pub grant_checked_by_requester: bool,
    /// What else may keep a push from being taken.
    pub push_limited_by: PushLimits,
    /// Whether a server takes messages that carry no number.
    pub exchange_envelope: ExchangeEnvelope,
    /// By how much the clock of a sender may differ from the receiver's, in either direction; the difference is cut to whole
    /// minutes before it is compared. `None`: by any time.
    ///
    /// 0.36.9: 5 minutes, so 5 min 59 s pass and 6 min do not.
    pub max_clock_skew: Option<SimDuration>,
    /// Size of the largest message that a server reads \[bytes\]; `None`: any.
    ///
    /// 0.36.9: 4 MiB.
    pub max_body: Option<u32>,
    /// Size of the largest list of prices in a message that a server takes \[bytes\]; `None`: any.
    ///
    /// 0.36.9: 2 MiB.
    pub max_payload: Option<u32>,
    /// Whether a message that its receiver refuses shows that its sender is there, and what it says of itself.
    ///
    /// Releases: yes, unless the envelope is refused. What if: no.
    pub view_updated_on_refusal: bool,
    /// What the word of an instance that it is going to stop does to the views of its peers.
    pub offline_announcement_effect: OfflineAnnouncement,
    /// What an announced time of maintenance does.
    pub maintenance_windows: MaintenanceRule,
    /// What the announced end of an instance does.
    pub discontinuation: DiscontinuationRule,
    /// Whether a price received from a peer stays in the requester's own instruments, so that it can pass it on.
    ///
    /// From reading, the released system shows such a price and forgets it, unless a changed retry counter or the
    /// connector step happens to save the instrument. Recorded both ways (`exchange`).
    pub received_prices_saved: bool,
    /// Whether a failed request enters the log from which the success rate follows, as one that filled nothing.
    ///
    /// 0.36.5: no (`exchange`).
    pub failed_requests_logged: bool,
    /// Whether there is an exchange log at all. Without it every success rate is 1.
    ///
    /// The cases of 0.36.5 were recorded with one. Every release has it off by default.
    pub exchange_log: bool,
    /// Whether the pusher logs a push that was refused, as one of which nothing was taken.
    ///
    /// 0.36.5: yes (`exchange`). 0.36.9: no.
    pub push_refused_logged: bool,
    /// Which scores of open peers count as equal.
    pub score_tie: ScoreTie,
    /// How instances know whether a peer can be reached.
    pub peer_views: PeerViews,
    /// Whether a reply updates the requester's view of the server, as any message updates the receiver's view of the
    /// sender. Has no effect on ideal views.
    ///
    /// 0.36.5: no (`exchange`).
    pub view_updated_from_reply: bool,
    /// How instances learn which instruments their open peers send.
    pub synchronisation: Synchronisation,
    /// Whether a synchronisation and its reply are as large, and take as long to serve, as the lists in them make them. Has no effect on
    /// ideal synchronisation.
    ///
    /// Releases: yes. No preset has it, as none of them was recorded with it.
    pub synchronisation_lists: bool,
    /// When instances ask their peers for historical prices, which is simulated only as load.
    ///
    /// Releases: daily, from 0.36.8 on at a random time. No preset has it, as none of them was recorded with it.
    pub historical_exchange: HistoricalExchange,
    /// To multiples of what the timestamps of messages are cut, be they of prices or the oldest acceptable one; `None`: they are sent as
    /// they are. What an instance has itself stays as it is.
    ///
    /// The documents do not say. 0.36.5 cuts them to whole seconds, which its presets leave out: clocks of worlds show
    /// nanoseconds, and what is stored in whole seconds there would have to be cut, too.
    pub timestamp_resolution: Option<SimDuration>,
}

impl Policy {
    /// The oldest timestamp that a peer may answer to a request sent when the requester's clock shows `now`.
    #[must_use]
    pub fn min_acceptable(&self, now: Timestamp) -> Option<Timestamp> {
        self.freshness_threshold.map(|threshold| self.as_sent(now - threshold))
    }

    /// A timestamp as it stands in a message.
    #[must_use]
    pub fn as_sent(&self, timestamp: Timestamp) -> Timestamp {
        self.timestamp_resolution.map_or(timestamp, |resolution| timestamp.cut_to(resolution))
    }

    /// A price as it stands in a message. Servers compare such prices only: what is equal in messages is not news.
    pub(super) fn price_as_sent<C>(&self, price: Price<C>) -> Price<C> {
        Price { timestamp: price.timestamp.map(|timestamp| self.as_sent(timestamp)), ..price }
    }

    /// The oldest timestamp with which the own pool may fill, when the own clock shows `now`.
    #[must_use]
    pub fn own_pool_min_acceptable(&self, now: Timestamp) -> Option<Timestamp> {
        self.own_pool_threshold.map(|threshold| now - threshold)
    }
}

/// What a request carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestScope {
    /// What is still unfilled; asking ends when nothing is. Seven-step, step 3; 0.36.5.
    Unfilled,
    /// The whole exchange set with the prices as they stand, filled or not, so that the second server may be told what
    /// the first one knew; all servers are asked. General-flow, steps 2 and 6.
    All,
}

/// In which order open peers are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenOrder {
    /// By coverage × success rate, then priority, then at random. Seven-step, step 4; 0.36.5 (`supplier_order_open`).
    Score,
    /// By priority, then at random. General-flow.
    Priority,
}

/// What a pool takes from the prices of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolLearns {
    /// Nothing. Seven-step.
    Never,
    /// Instruments that it does not know, if they have a last price. 0.36.5 (`pool_query`).
    Unknown,
    /// Whatever is newer than its own. General-flow ("always bidirectional").
    Newer,
}

/// Whether and when new prices go back to those who were asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PushBack {
    /// Never. What if.
    None,
    /// In the background, after the user has the result. Seven-step, step 7; 0.36.5.
    Async,
    /// Before the exchange ends, so that the user waits for it. General-flow, steps 9 and 10.
    Sync,
}

/// To whom new prices go back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PushBackTo {
    /// Everyone who was asked, whether or not it answered. Seven-step: push-open peers; general-flow: both servers, unless
    /// both are open.
    Contacted,
    /// Only push-open peers that returned at least one price. 0.36.5 (`push_back`).
    Responders,
}

/// Which prices go back to a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PushBackPrices {
    /// All that are newer than what it returned, or that it did not return. Seven-step; 0.36.5 (`push_back`).
    News,
    /// Those of them that this exchange has updated, so not what was there before. Seven-step, step 7, which speaks of updated
    /// prices.
    Updated,
    /// Those that came in this exchange from servers asked after it, and from connectors. General-flow, steps 9 and 10.
    LaterSources,
}

/// Which instances push prices back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PushBackFrom {
    /// Open ones. Seven-step, step 7; 0.36.5.
    Open,
    /// All, whatever their accept mode. General-flow.
    Any,
}

impl PushBackFrom {
    /// Whether an instance of this accept mode pushes.
    #[must_use]
    pub fn includes(self, mode: AcceptMode) -> bool {
        self == Self::Any || mode == AcceptMode::Open
    }
}

/// What the own pool of a push-open instance stores after its exchange; always only what is newer than the pooled price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnPoolStores {
    /// Prices that connectors have delivered. Seven-step, step 6.
    Connector,
    /// The prices of all instruments that the connector step had on its list, those included whose connector failed or was
    /// not asked. 0.36.5 (`exchange`, `pool_update`).
    Remaining,
    /// All newly obtained prices, from peers and connectors. General-flow (*Push-Open Server to Push-Open Server*).
    All,
}

/// What becomes of a request with more instruments than the server's limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MaxLimitAction {
    /// The server refuses it as a whole and counts a violation. 0.36.5 (`exchange_request_handler`).
    Refuse,
    /// The server answers for as many as the limit allows, and ignores the rest. What if.
    Truncate,
    /// The requester, who knows the limit, sends as many requests as it takes. What if.
    Split,
}

/// How instances know whether a peer can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeerViews {
    /// They always know; nothing is sent for it. The documents do not say how.
    Ideal,
    /// Not at all: each exchange tries all peers again. What if.
    None,
    /// By messages: one *from* a peer shows that it is online. A request that finds no answer starts a background check
    /// that pings all peers, one after the other, and marks offline whoever does not answer. 0.36.5.
    Messages,
}

/// How instances learn which instruments their open peers send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Synchronisation {
    /// They always know; nothing is sent for it. The documents do not say how.
    Ideal,
    /// Each asks each of its peers every day at 02:00 UTC. 0.36.5.
    Daily,
    /// Each does so every day at a time of its own between 02:00 and 05:00 UTC. What if.
    DailyRandom,
}

/// When instances ask their peers for historical prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HistoricalExchange {
    /// Never.
    None,
    /// Every day at 05:54 UTC. Releases.
    Daily,
    /// Every day at a time of their own between 05:00 and 08:00 local time, as the installation script of 0.36.8 sets it.
    DailyRandom,
}

/// Up to which count an instrument's connector is called, and how far the retry counter goes beyond. GTNet is asked at any count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryBands {
    /// From this count on the connector is not called.
    pub intra_retry: u32,
    /// How much further the counter goes while GTNet does not fill the instrument; then it stops.
    pub quote_retry: u32,
}
