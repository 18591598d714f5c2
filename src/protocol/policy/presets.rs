//! Presets: plain tables of switches, each the behaviour that one source describes.

use serde::{Deserialize, Serialize};

use crate::time::SimDuration;

use super::{
    ClosedMarkets, CountedMessages, DailyLimitZero, DiscontinuationRule, EnforcedBy, EqualsAsked, ExchangeEnvelope,
    HidesUnsent, HistoricalExchange, MaintenanceRule, MaxLimitAction, OfflineAnnouncement, OpenOrder, OwnPoolStores,
    PeerViews, Policy, PoolLearns, PushBack, PushBackFrom, PushBackPrices, PushBackTo, PushLimits, RequestScope,
    RetryBands, ScoreTie, SyncMaxItems, Synchronisation, ViolationSources,
};

/// A named set of switches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Preset {
    /// The newer design (`Last Price Exchange`): push-open peers by priority, open peers by score, connectors, push-back
    /// in the background to every push-open peer that was asked.
    #[serde(rename = "seven-step")]
    SevenStep,
    /// The older design: two servers at most, whole sets in both directions, write-back before the exchange ends.
    #[serde(rename = "general-flow")]
    GeneralFlow,
    /// The released system, as it was recorded.
    #[serde(rename = "gt-0.36.5")]
    Gt0365,
    /// The released system as it seems to be deployed: prices received from peers are shown, but not kept.
    #[serde(rename = "gt-0.36.5-deployed")]
    Gt0365Deployed,
    /// The release that came next, as its source reads. Its servers refuse their own messages.
    #[serde(rename = "gt-0.36.8")]
    Gt0368,
    /// The same with that mistake repaired: limits and grants are enforced.
    #[serde(rename = "gt-0.36.9")]
    Gt0369,
}

impl Preset {
    /// All presets.
    pub const ALL: [Self; 6] =
        [Self::SevenStep, Self::GeneralFlow, Self::Gt0365, Self::Gt0365Deployed, Self::Gt0368, Self::Gt0369];

    /// The preset as scenario files write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SevenStep => "seven-step",
            Self::GeneralFlow => "general-flow",
            Self::Gt0365 => "gt-0.36.5",
            Self::Gt0365Deployed => "gt-0.36.5-deployed",
            Self::Gt0368 => "gt-0.36.8",
            Self::Gt0369 => "gt-0.36.9",
        }
    }
}

impl Policy {
    /// The switches as `preset` sets them.
    #[must_use]
    pub const fn of(preset: Preset) -> Self {
        match preset {
            Preset::SevenStep => SEVEN_STEP,
            Preset::GeneralFlow => GENERAL_FLOW,
            Preset::Gt0365 => GT_0_36_5,
            Preset::Gt0365Deployed => Policy { received_prices_saved: false, ..GT_0_36_5 },
            Preset::Gt0368 => Policy { exchange_envelope: ExchangeEnvelope::Broken, ..GT_0_36_9 },
            Preset::Gt0369 => GT_0_36_9,
        }
    }
}

const SEVEN_STEP: Policy = Policy {
    request_scope: RequestScope::Unfilled,
    hides_unsent: HidesUnsent::Never,
    max_servers: None,
    equals_asked: EqualsAsked::All,
    open_order: OpenOrder::Score,
    freshness_threshold: None,
    own_pool_threshold: None,
    pool_learns_from_request: PoolLearns::Never,
    pool_echoes_unknown: false,
    open_learns_from_request: false,
    open_takes_unreceived: true,
    open_sends_all_if_none_flagged: false,
    push_back: PushBack::Async,
    push_back_to: PushBackTo::Contacted,
    push_back_prices: PushBackPrices::News,
    push_back_from: PushBackFrom::Open,
    open_accepts_push: false,
    push_checked_share: 0.0,
    push_check_tolerance_bp: 500.0,
    push_check_ahead: Some(SimDuration::from_secs(60)),
    push_distrust: SimDuration::from_days(1),
    own_pool_stores: OwnPoolStores::Connector,
    pool_refresh_interval: None,
    pool_refresh_age: SimDuration::from_secs(300),
    max_limit: None,
    max_limit_action: MaxLimitAction::Refuse,
    retry_bands: None,
    connector_min_interval: None,
    connector_claims: false,
    connector_prices_replace: false,
    closed_markets: ClosedMarkets::Asked,
    daily_request_limit: None,
    daily_request_limit_enforced_by: EnforcedBy::Server,
    daily_request_limit_counts: CountedMessages::Requests,
    daily_request_limit_refund: false,
    daily_limit_zero: DailyLimitZero::Blocks,
    violation_block: None,
    violation_sources: ViolationSources::Prices,
    violation_reset: None,
    sync_max_items: SyncMaxItems::Unlimited,
    requires_grant: false,
    grant_checked_by_requester: false,
    push_limited_by: PushLimits::None,
    exchange_envelope: ExchangeEnvelope::Ok,
    max_clock_skew: None,
    max_body: None,
    max_payload: None,
    view_updated_on_refusal: true,
    offline_announcement_effect: OfflineAnnouncement::Offline,
    maintenance_windows: MaintenanceRule::Ignored,
    discontinuation: DiscontinuationRule::Ignored,
    received_prices_saved: true,
    failed_requests_logged: false,
    exchange_log: true,
    push_refused_logged: true,
    score_tie: ScoreTie::Exact,
    peer_views: PeerViews::Ideal,
    view_updated_from_reply: true,
    synchronisation: Synchronisation::Ideal,
    synchronisation_lists: false,
    historical_exchange: HistoricalExchange::None,
    timestamp_resolution: None,
};

/// Limits, grants, announcements, views and the log are those of the newer design: this one says nothing of them either.
const GENERAL_FLOW: Policy = Policy {
    request_scope: RequestScope::All,
    max_servers: Some(2),
    open_order: OpenOrder::Priority,
    freshness_threshold: None,
    own_pool_threshold: None,
    pool_learns_from_request: PoolLearns::Newer,
    pool_echoes_unknown: false,
    open_learns_from_request: true,
    open_sends_all_if_none_flagged: false,
    push_back: PushBack::Sync,
    push_back_to: PushBackTo::Contacted,
    push_back_prices: PushBackPrices::LaterSources,
    push_back_from: PushBackFrom::Any,
    open_accepts_push: true,
    push_checked_share: 0.0,
    push_check_tolerance_bp: 500.0,
    push_check_ahead: Some(SimDuration::from_secs(60)),
    push_distrust: SimDuration::from_days(1),
    own_pool_stores: OwnPoolStores::All,
    max_limit: None,
    max_limit_action: MaxLimitAction::Refuse,
    retry_bands: None,
    connector_min_interval: None,
    connector_claims: false,
    connector_prices_replace: false,
    ..SEVEN_STEP
};

const GT_0_36_5: Policy = Policy {
    request_scope: RequestScope::Unfilled,
    hides_unsent: HidesUnsent::Never,
    max_servers: None,
    equals_asked: EqualsAsked::All,
    open_order: OpenOrder::Score,
    freshness_threshold: Some(SimDuration::from_secs(1_500)),
    own_pool_threshold: None,
    pool_learns_from_request: PoolLearns::Unknown,
    pool_echoes_unknown: true,
    open_learns_from_request: true,
    open_takes_unreceived: true,
    open_sends_all_if_none_flagged: true,
    push_back: PushBack::Async,
    push_back_to: PushBackTo::Responders,
    push_back_prices: PushBackPrices::News,
    push_back_from: PushBackFrom::Open,
    open_accepts_push: false,
    push_checked_share: 0.0,
    push_check_tolerance_bp: 500.0,
    push_check_ahead: Some(SimDuration::from_secs(60)),
    push_distrust: SimDuration::from_days(1),
    own_pool_stores: OwnPoolStores::Remaining,
    pool_refresh_interval: None,
    pool_refresh_age: SimDuration::from_secs(300),
    max_limit: Some(300),
    max_limit_action: MaxLimitAction::Refuse,
    retry_bands: Some(RetryBands { intra_retry: 4, quote_retry: 8 }),
    connector_min_interval: Some(SimDuration::from_secs(300)),
    connector_claims: true,
    connector_prices_replace: true,
    closed_markets: ClosedMarkets::Asked,
    daily_request_limit: None,
    daily_request_limit_enforced_by: EnforcedBy::Nobody,
    daily_request_limit_counts: CountedMessages::Requests,
    daily_request_limit_refund: false,
    daily_limit_zero: DailyLimitZero::Blocks,
    violation_block: None,
    violation_sources: ViolationSources::PricesAndHistory,
    violation_reset: None,
    sync_max_items: SyncMaxItems::Unlimited,
    requires_grant: false,
    grant_checked_by_requester: false,
    push_limited_by: PushLimits::None,
    exchange_envelope: ExchangeEnvelope::Ok,
    max_clock_skew: None,
    max_body: None,
    max_payload: None,
    view_updated_on_refusal: true,
    offline_announcement_effect: OfflineAnnouncement::EntitiesClosed,
    maintenance_windows: MaintenanceRule::UntilNextMessage,
    discontinuation: DiscontinuationRule::Ignored,
    received_prices_saved: true,
    failed_requests_logged: false,
    exchange_log: true,
    push_refused_logged: true,
    score_tie: ScoreTie::Exact,
    peer_views: PeerViews::Messages,
    view_updated_from_reply: false,
    synchronisation: Synchronisation::Daily,
    synchronisation_lists: false,
    historical_exchange: HistoricalExchange::None,
    timestamp_resolution: None,
};

/// Everything else is as in 0.36.5, prices from peers that are shown and not kept included.
const GT_0_36_9: Policy = Policy {
    received_prices_saved: false,
    daily_request_limit_enforced_by: EnforcedBy::Both,
    daily_request_limit_counts: CountedMessages::All,
    daily_limit_zero: DailyLimitZero::FirstOfDayPasses,
    violation_block: Some(20),
    violation_sources: ViolationSources::All,
    sync_max_items: SyncMaxItems::MaxLimit,
    requires_grant: true,
    max_clock_skew: Some(SimDuration::from_secs(300)),
    max_body: Some(4 << 20),
    max_payload: Some(2 << 20),
    offline_announcement_effect: OfflineAnnouncement::Offline,
    maintenance_windows: MaintenanceRule::NotAsked,
    discontinuation: DiscontinuationRule::OutOfService,
    exchange_log: false,
    push_refused_logged: false,
    ..GT_0_36_5
};
