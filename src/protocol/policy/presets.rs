//! Presets: plain tables of switches, each the behaviour that one source describes.

use serde::{Deserialize, Serialize};

use crate::time::SimDuration;

use super::{
    MaxLimitAction, OpenOrder, OwnPoolStores, PeerViews, Policy, PoolLearns, PushBack, PushBackFrom, PushBackPrices,
    PushBackTo, RequestScope, RetryBands, Synchronisation,
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
}

impl Preset {
    /// All presets.
    pub const ALL: [Self; 4] = [Self::SevenStep, Self::GeneralFlow, Self::Gt0365, Self::Gt0365Deployed];

    /// The preset as scenario files write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SevenStep => "seven-step",
            Self::GeneralFlow => "general-flow",
            Self::Gt0365 => "gt-0.36.5",
            Self::Gt0365Deployed => "gt-0.36.5-deployed",
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
        }
    }
}

const SEVEN_STEP: Policy = Policy {
    request_scope: RequestScope::Unfilled,
    max_servers: None,
    open_order: OpenOrder::Score,
    freshness_threshold: None,
    own_pool_threshold: None,
    pool_learns_from_request: PoolLearns::Never,
    pool_echoes_unknown: false,
    open_learns_from_request: false,
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
    max_limit: None,
    max_limit_action: MaxLimitAction::Refuse,
    retry_bands: None,
    connector_min_interval: None,
    connector_claims: false,
    connector_prices_replace: false,
    daily_request_limit: None,
    received_prices_saved: true,
    failed_requests_logged: false,
    peer_views: PeerViews::Ideal,
    view_updated_from_reply: true,
    synchronisation: Synchronisation::Ideal,
    timestamp_resolution: None,
};

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
    daily_request_limit: None,
    received_prices_saved: true,
    failed_requests_logged: false,
    peer_views: PeerViews::Ideal,
    view_updated_from_reply: true,
    synchronisation: Synchronisation::Ideal,
    timestamp_resolution: None,
};

const GT_0_36_5: Policy = Policy {
    request_scope: RequestScope::Unfilled,
    max_servers: None,
    open_order: OpenOrder::Score,
    freshness_threshold: Some(SimDuration::from_secs(1_500)),
    own_pool_threshold: None,
    pool_learns_from_request: PoolLearns::Unknown,
    pool_echoes_unknown: true,
    open_learns_from_request: true,
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
    max_limit: Some(300),
    max_limit_action: MaxLimitAction::Refuse,
    retry_bands: Some(RetryBands { intra_retry: 4, quote_retry: 8 }),
    connector_min_interval: Some(SimDuration::from_secs(300)),
    connector_claims: true,
    connector_prices_replace: true,
    daily_request_limit: None,
    received_prices_saved: true,
    failed_requests_logged: false,
    peer_views: PeerViews::Messages,
    view_updated_from_reply: false,
    synchronisation: Synchronisation::Daily,
    timestamp_resolution: None,
};
