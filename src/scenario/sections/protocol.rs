//! `[protocol]`: the preset, the switches of the exchange algorithm, each the preset's unless the scenario sets it, and
//! the timeout of watchlists.

use crate::protocol::{
    ClosedMarkets, CountedMessages, DailyLimitZero, DiscontinuationRule, EnforcedBy, EqualsAsked, ExchangeEnvelope,
    HidesUnsent, HistoricalExchange, MOST_VIOLATIONS, MaintenanceRule, MaxLimitAction, OfflineAnnouncement, OpenOrder,
    OwnPoolStores, PeerViews, Policy, PoolLearns, Preset, PushBack, PushBackFrom, PushBackPrices, PushBackTo,
    PushLimits, RequestScope, SHORTEST_POOL_REFRESH, ScoreTie, SyncMaxItems, Synchronisation, ViolationSources,
};
use crate::scenario::context::{Context, OrNoted};
use crate::scenario::item::Item;
use crate::scenario::range::Range;
use crate::scenario::section::Section;
use crate::scenario::source::{Origin, ValueSource};
use crate::scenario::switch::{
    BandsOrOff, DurationOr, EveryOrNone, Lasting, MOST, MinutesOrNone, Notation, NumberOr, OneOf, TrueOrFalse, Within,
};
use crate::scenario::tree::Node;
use crate::time::SimDuration;

use super::contradictions::{self, Changed};

const THRESHOLD: DurationOr = DurationOr { none: "none", zero: Some("a threshold of 0 would reject every price") };

/// Up to as many bytes as a message can have.
const BYTES: NumberOr =
    NumberOr { any: "none", zero: Some("a server that takes nothing has mode = \"closed\""), most: 1 << 30 };

const SYNCHRONISATION: OneOf<Synchronisation> = OneOf(&[
    ("ideal", Synchronisation::Ideal),
    ("daily", Synchronisation::Daily),
    ("daily-random", Synchronisation::DailyRandom),
]);

const HISTORICAL_EXCHANGE: OneOf<HistoricalExchange> = OneOf(&[
    ("none", HistoricalExchange::None),
    ("daily", HistoricalExchange::Daily),
    ("daily-random", HistoricalExchange::DailyRandom),
]);

/// What `[protocol]` says.
pub(in crate::scenario) struct Rules {
    /// The switches.
    pub(in crate::scenario) policy: Policy,
    /// The preset, and the switches that differ from it, as `key = value`.
    pub(in crate::scenario) preset: (Preset, Vec<String>),
    /// The timeout of watchlists.
    pub(in crate::scenario) watchlist_timeout: SimDuration,
}

/// The rules of the section.
pub(in crate::scenario) fn protocol(context: &Context<'_>, node: Option<&Node>) -> OrNoted<Rules> {
    let mut section = Section::open(context, "protocol", node);
    let policy = policy(&mut section);
    let timeout = section.default("watchlist_timeout", "\"20min\"", Item::duration);
    section.close();
    let (policy, preset) = policy?;
    Ok(Rules { policy, preset, watchlist_timeout: timeout? })
}

/// The policy of a group that follows other rules than the rest: `[group.NAME.protocol]`.
pub(super) fn protocol_of_group(group: &mut Section<'_>) -> OrNoted<Policy> {
    let mut section = group.section("protocol");
    let policy = policy(&mut section);
    section.close();
    Ok(policy?.0)
}

/// The policy, its preset, and the switches that differ from that, as `key = value`.
fn policy(section: &mut Section<'_>) -> OrNoted<(Policy, (Preset, Vec<String>))> {
    let presets = Preset::ALL.map(|preset| (preset.name(), preset));
    let preset = section.required("preset", "\"seven-step\"", |item| item.choice(&presets));
    // Without a preset the switches are read, too, so that their mistakes are reported at once.
    let base = preset.unwrap_or(Preset::SevenStep);
    let origin = Origin { source: ValueSource::Preset(base.name()), spot: None };
    let (context, path) = (section.context(), section.path());
    let mut switches = Switches { section, origin, changed: Vec::new() };
    let policy = switches.read(&Policy::of(base));
    let changed = switches.changed;
    let preset = preset?;
    let policy = policy?;
    contradictions::note(context, &path, &policy, &changed);
    let changed = changed.into_iter().map(|changed| format!("{} = {}", changed.key, changed.value)).collect();
    Ok((policy, (preset, changed)))
}

/// The switches while they are read.
struct Switches<'s, 'a> {
    section: &'s mut Section<'a>,
    /// Of a switch that the scenario does not set.
    origin: Origin,
    changed: Vec<Changed>,
}

/// Reads every switch of `$base` in the notation behind its name. It reads all of them before it fails, so that every mistake
/// is noted.
macro_rules! read_switches {
    ($switches:ident, $base:ident, $($key:ident: $notation:expr,)*) => {{
        $(let $key = $switches.switch(stringify!($key), &$base.$key, &$notation);)*
        Ok(Policy { $($key: $key?),* })
    }};
}

impl Switches<'_, '_> {
    /// One line for each switch: its key, which is its field in [`Policy`], and how its values are written.
    #[expect(clippy::too_many_lines, reason = "a table, with a row for each switch")]
    fn read(&mut self, base: &Policy) -> OrNoted<Policy> {
        read_switches! { self, base,
            request_scope: OneOf(&[("unfilled", RequestScope::Unfilled), ("all", RequestScope::All)]),
            hides_unsent: OneOf(&[
                ("never", HidesUnsent::Never), ("from-open", HidesUnsent::FromOpen), ("always", HidesUnsent::Always),
            ]),
            max_servers: NumberOr {
                any: "unlimited", zero: Some("to ask nobody, set gtnet = false in the groups"), most: MOST,
            },
            equals_asked: OneOf(&[
                ("all", EqualsAsked::All), ("one-push-open", EqualsAsked::OnePushOpen), ("one", EqualsAsked::One),
            ]),
            open_order: OneOf(&[("score", OpenOrder::Score), ("priority", OpenOrder::Priority)]),
            freshness_threshold: THRESHOLD,
            own_pool_threshold: THRESHOLD,
            pool_learns_from_request: OneOf(&[
                ("never", PoolLearns::Never), ("unknown", PoolLearns::Unknown), ("newer", PoolLearns::Newer),
            ]),
            pool_echoes_unknown: TrueOrFalse,
            open_learns_from_request: TrueOrFalse,
            open_takes_unreceived: TrueOrFalse,
            open_sends_all_if_none_flagged: TrueOrFalse,
            push_back: OneOf(&[("none", PushBack::None), ("async", PushBack::Async), ("sync", PushBack::Sync)]),
            push_back_to: OneOf(&[("contacted", PushBackTo::Contacted), ("responders", PushBackTo::Responders)]),
            push_back_prices: OneOf(&[
                ("news", PushBackPrices::News), ("updated", PushBackPrices::Updated),
                ("later-sources", PushBackPrices::LaterSources),
            ]),
            push_back_from: OneOf(&[("open", PushBackFrom::Open), ("any", PushBackFrom::Any)]),
            open_accepts_push: TrueOrFalse,
            push_checked_share: Within(Range::SHARE),
            push_check_tolerance_bp: Within(Range::from(0.0, 1e6)),
            push_check_ahead: DurationOr { none: "none", zero: None },
            push_distrust: Lasting,
            own_pool_stores: OneOf(&[
                ("connector", OwnPoolStores::Connector), ("remaining", OwnPoolStores::Remaining),
                ("all", OwnPoolStores::All),
            ]),
            pool_refresh_interval: EveryOrNone { least: SHORTEST_POOL_REFRESH },
            pool_refresh_age: Lasting,
            max_limit: NumberOr {
                any: "none", zero: Some("a server that answers nothing has mode = \"closed\""), most: MOST,
            },
            max_limit_action: OneOf(&[
                ("refuse", MaxLimitAction::Refuse), ("truncate", MaxLimitAction::Truncate),
                ("split", MaxLimitAction::Split),
            ]),
            retry_bands: BandsOrOff,
            connector_min_interval: DurationOr { none: "none", zero: None },
            connector_claims: TrueOrFalse,
            connector_prices_replace: TrueOrFalse,
            closed_markets: OneOf(&[("asked", ClosedMarkets::Asked), ("not-asked", ClosedMarkets::NotAsked)]),
            daily_request_limit: NumberOr { any: "none", zero: None, most: MOST },
            daily_request_limit_enforced_by: OneOf(&[
                ("nobody", EnforcedBy::Nobody), ("server", EnforcedBy::Server), ("client", EnforcedBy::Client),
                ("both", EnforcedBy::Both),
            ]),
            daily_request_limit_counts: OneOf(&[
                ("requests", CountedMessages::Requests), ("requests+pushes", CountedMessages::RequestsAndPushes),
                ("requests+synchronisations", CountedMessages::RequestsAndSynchronisations),
                ("all", CountedMessages::All),
            ]),
            daily_request_limit_refund: TrueOrFalse,
            daily_limit_zero: OneOf(&[
                ("blocks", DailyLimitZero::Blocks), ("first-of-day-passes", DailyLimitZero::FirstOfDayPasses),
            ]),
            violation_block: NumberOr {
                any: "none", zero: Some("a server that answers nothing has mode = \"closed\""), most: MOST_VIOLATIONS,
            },
            violation_sources: OneOf(&[
                ("prices", ViolationSources::Prices), ("prices+history", ViolationSources::PricesAndHistory),
                ("prices+synchronisations", ViolationSources::PricesAndSynchronisations),
                ("all", ViolationSources::All),
            ]),
            violation_reset: DurationOr { none: "never", zero: Some("a count that is reset all the time blocks nobody") },
            sync_max_items: OneOf(&[("none", SyncMaxItems::Unlimited), ("max_limit", SyncMaxItems::MaxLimit)]),
            requires_grant: TrueOrFalse,
            grant_checked_by_requester: TrueOrFalse,
            push_limited_by: OneOf(&[
                ("none", PushLimits::None), ("max_limit", PushLimits::MaxLimit),
                ("violations", PushLimits::Violations), ("max_limit+violations", PushLimits::Both),
            ]),
            exchange_envelope: OneOf(&[("ok", ExchangeEnvelope::Ok), ("broken", ExchangeEnvelope::Broken)]),
            max_clock_skew: MinutesOrNone,
            max_body: BYTES,
            max_payload: BYTES,
            view_updated_on_refusal: TrueOrFalse,
            offline_announcement_effect: OneOf(&[
                ("entities-closed", OfflineAnnouncement::EntitiesClosed), ("offline", OfflineAnnouncement::Offline),
            ]),
            maintenance_windows: OneOf(&[
                ("ignored", MaintenanceRule::Ignored), ("until-next-message", MaintenanceRule::UntilNextMessage),
                ("not-asked", MaintenanceRule::NotAsked),
            ]),
            discontinuation: OneOf(&[
                ("ignored", DiscontinuationRule::Ignored), ("out-of-service", DiscontinuationRule::OutOfService),
            ]),
            received_prices_saved: TrueOrFalse,
            failed_requests_logged: TrueOrFalse,
            exchange_log: TrueOrFalse,
            push_refused_logged: TrueOrFalse,
            score_tie: OneOf(&[("exact", ScoreTie::Exact), ("0.001", ScoreTie::Thousandth)]),
            peer_views: OneOf(&[
                ("ideal", PeerViews::Ideal), ("none", PeerViews::None), ("messages", PeerViews::Messages),
            ]),
            view_updated_from_reply: TrueOrFalse,
            synchronisation: SYNCHRONISATION,
            synchronisation_lists: TrueOrFalse,
            historical_exchange: HISTORICAL_EXCHANGE,
            timestamp_resolution: DurationOr { none: "none", zero: Some("a timestamp cannot be a multiple of 0") },
        }
    }

    fn switch<T>(&mut self, key: &'static str, base: &T, notation: &impl Notation<T>) -> OrNoted<T> {
        let preset = notation.toml(base);
        let value = self.section.given(key, &preset, &self.origin, |item| notation.read(item))?;
        if notation.toml(&value) != preset {
            self.changed.push(Changed { key, value: notation.toml(&value), preset });
        }
        Ok(value)
    }
}
