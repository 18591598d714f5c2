//! Simulates random worlds, each with a random subset of all faults, rules and topologies. It looks for a world that breaks a law or
//! panics, and for one that measures anything else if connector calls are made one by one, or if it is simulated in blocks.
//!
//! `cargo run --release --example swarm FROM UNTIL` simulates the worlds of these numbers; `swarm NUMBER` shows one and simulates it.

use std::collections::BTreeSet;
use std::error::Error;
use std::panic;

use gtnet_sim::experiment::{replicate, replicate_in_blocks};
use gtnet_sim::metrics::{Collector, InstanceLayout, Layout, Measurements, VisitLog};
use gtnet_sim::model::config::{
    AnnouncedStop, ChurnConfig, ClockConfig, ConnectorConfig, Discipline, FaultConfig, FaultKind, FaultSpell,
    FaultTarget, FaultTimes, GroupConfig, InstanceFault, InstrumentsConfig, LinkFault, MarketConfig, NetworkConfig,
    PeerSelection, PeeringConfig, ProviderFault, RateLimit, RateScope, RttConfig, ServiceConfig, ServiceShape,
    ShiftedLognormal, Stamp, VisitsConfig, WatchlistConfig, WhenExceeded, WorldConfig,
};
use gtnet_sim::model::{Blocks, Blueprint, Closing, simulate};
use gtnet_sim::observe::{Fact, Observer};
use gtnet_sim::protocol::{
    AcceptMode, ClosedMarkets, CountedMessages, DailyLimitZero, EnforcedBy, EqualsAsked, ExchangeEnvelope, HidesUnsent,
    HistoricalExchange, MaxLimitAction, OfflineAnnouncement, OpenOrder, OwnPoolStores, PeerViews, Policy, PoolLearns,
    Preset, PushBack, PushBackFrom, PushBackPrices, PushBackTo, PushLimits, RequestScope, RetryBands, ScoreTie,
    SyncMaxItems, Synchronisation, ViolationSources,
};
use gtnet_sim::random::{Distribution, Entity, Purpose, Stream, Streams};
use gtnet_sim::time::civil::{DailyHours, Zone};
use gtnet_sim::time::{SimDuration, SimTime, Timestamp};

/// The visits of a run that are not a flood's: when, and whose.
#[derive(Default)]
struct Visits(BTreeSet<(SimTime, u32)>);

impl Observer for Visits {
    fn observe(&mut self, now: SimTime, fact: &Fact) {
        match fact {
            Fact::VisitBegan { instance } => _ = self.0.insert((now, instance.0)),
            Fact::VisitPrevented { visit } => _ = self.0.insert((now, visit.instance.0)),
            _ => {}
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let numbers: Vec<u64> = std::env::args().skip(1).map(|text| text.parse()).collect::<Result<_, _>>()?;
    match numbers[..] {
        [number] => {
            println!("{:#?}", world(number));
            try_world(number);
            println!("world {number} keeps all laws");
        }
        [from, until] => {
            let broken = broken_worlds(from..until);
            for number in &broken {
                println!("world {number} breaks a law: cargo run --release --example swarm {number}");
            }
            println!("{} of the worlds {from} to {until} break a law", broken.len());
            if !broken.is_empty() {
                return Err("a law is broken".into());
            }
        }
        _ => return Err("swarm FROM UNTIL, or swarm NUMBER".into()),
    }
    Ok(())
}

/// The numbers of the worlds that break a law.
pub(crate) fn broken_worlds(numbers: impl IntoIterator<Item = u64>) -> Vec<u64> {
    numbers.into_iter().filter(|number| panic::catch_unwind(|| try_world(*number)).is_err()).collect()
}

/// Simulates a world with and without its faults, and once more without anybody who asks for facts in order. Returns of how many
/// exchanges the calls were made at once then. At last it is simulated in blocks.
///
/// # Panics
///
/// If a law of the model is broken, if a fault changes anybody's visits, or if it changes a measurement to make connector calls all
/// at once or to simulate in blocks.
pub(crate) fn try_world(number: u64) -> u64 {
    let config = world(number);
    let mut usual = config.clone();
    usual.faults.clear();
    let (visits, in_order, _) = observe(&config, number, Visits::default());
    let (usual_visits, ..) = observe(&usual, number, Visits::default());
    assert!(visits.0.is_superset(&usual_visits.0), "faults change nobody's visits");
    let ((), at_once, closing) = observe(&config, number, ());
    assert_eq!(in_order, at_once, "{} exchanges were folded", closing.exchanges_folded);
    try_blocks(usual, number);
    closing.exchanges_folded
}

/// Simulates what is left of a world if nothing stops in one piece and in blocks, with `GTNet` and without, and returns into how many
/// blocks it fell apart.
///
/// # Panics
///
/// If blocks change a bit of what is measured.
pub(crate) fn try_blocks(mut config: WorldConfig, number: u64) -> usize {
    config.faults.clear();
    for group in &mut config.groups {
        group.churn = None;
    }
    let mut most = 1;
    for config in [config.without_gtnet(), config] {
        let world = config.validate().unwrap_or_else(|error| panic!("world {number}: {error}"));
        let blueprint = Blueprint::new(world);
        let whole = replicate(&blueprint, number, 0);
        for at_most in [1, 4] {
            most = most.max(Blocks::of(blueprint.config(), at_most).map_or(1, |blocks| blocks.len()));
            let in_blocks = replicate_in_blocks(&blueprint, number, 0, at_most);
            assert!(in_blocks == whole, "blocks of {at_most}: {}", first_difference(&in_blocks, &whole));
        }
    }
    most
}

/// The first line in which two measurements differ, in both.
fn first_difference(one: &Measurements, other: &Measurements) -> String {
    let (one, other) = (format!("{one:#?}"), format!("{other:#?}"));
    let differing = one.lines().zip(other.lines()).enumerate().find(|(_, (one, other))| one != other);
    differing.map_or_else(String::new, |(at, (one, other))| format!("line {at}: {one} instead of {other}"))
}

/// What an observer has heard in a world, and what was measured there: as text, for where all is equal it is, too.
fn observe<O: Observer>(config: &WorldConfig, number: u64, observer: O) -> (O, String, Closing) {
    let world = config.clone().validate().unwrap_or_else(|error| panic!("world {number}: {error}"));
    let blueprint = Blueprint::new(world);
    let (layout, period) = (layout(&blueprint), (blueprint.warm_up_end(), blueprint.horizon()));
    let log = VisitLog::new(period, layout.fresh_within, config.faults.len());
    let mut observers = (observer, (Collector::new(&layout), log));
    let closing = simulate(&blueprint, number, 0, &mut observers);
    let (observer, (collector, log)) = observers;
    // It asserts that every visit and every instrument is counted once.
    let measured = collector.finish(&closing.pool_sizes);
    (observer, format!("{measured:?} {log:?}"), closing)
}

fn layout(blueprint: &Blueprint) -> Layout {
    let config = blueprint.config();
    let instance = |(info, name): (&gtnet_sim::model::InstanceInfo, String)| InstanceLayout {
        name,
        server_workers: (info.mode == AcceptMode::PushOpen || config.is_open_server(info.group))
            .then(|| config.groups[info.group].workers),
        is_open: info.mode == AcceptMode::Open,
    };
    Layout {
        from: blueprint.warm_up_end(),
        until: blueprint.horizon(),
        fresh_within: SimDuration::from_secs(1_500),
        providers: config.connectors.iter().map(|connector| connector.id.clone()).collect(),
        instances: blueprint.instances().iter().zip(blueprint.instance_names()).map(instance).collect(),
        prices: None,
    }
}

/// The world of a number.
#[must_use]
pub(crate) fn world(number: u64) -> WorldConfig {
    let mut draw = Draw(Streams::new(number, 0).stream(Purpose::Fault, Entity::named("swarm", 0)));
    // Each world leaves some things out altogether, so that what is left can do more.
    let (has_faults, has_churn, has_limits, has_bad_clocks) =
        (draw.0.chance(0.8), draw.0.chance(0.3), draw.0.chance(0.5), draw.0.chance(0.5));
    let duration = SimDuration::from_hours(6 + draw.0.below(48));
    let connectors: Vec<ConnectorConfig> = (0..=draw.0.index(3)).map(|at| draw.provider(at, has_limits)).collect();
    let groups: Vec<GroupConfig> =
        (0..=draw.0.index(4)).map(|at| draw.group(at, duration, has_churn, has_bad_clocks)).collect();
    let peerings = (0..draw.0.index(7)).map(|_| draw.peering(&groups)).collect();
    let faults = if has_faults { draw.faults(&groups, connectors.len(), duration) } else { Vec::new() };
    let faults = if has_faults { told_otherwise(number, faults, groups.len(), duration) } else { faults };
    let securities = 1 + draw.u32_below(20);
    let currency_pairs = draw.u32_below(5);
    let warmup = draw.of(&[SimDuration::ZERO, SimDuration::from_hours(3)]);
    let mut policy = draw.policy();
    check(number, &mut policy);
    read_otherwise(number, &mut policy);
    WorldConfig {
        start: Timestamp::from_unix_secs(1_772_409_600),
        duration,
        warmup,
        topology: None,
        policy,
        watchlist_timeout: draw.of(&[SimDuration::ZERO, SimDuration::from_secs(1_200)]),
        instruments: InstrumentsConfig {
            securities,
            currency_pairs,
            currency_pair_share: if currency_pairs > 0 { 0.3 } else { 0.0 },
            zipf_exponent: draw.of(&[0.0, 1.0]),
            security_markets: vec![(0, 1.0)],
            currency_market: 1,
            security_volatility: 0.3,
            currency_volatility: 0.1,
        },
        markets: vec![market("DAY", 540, 1_020), market("ALWAYS", 0, 1_440)],
        network: draw.network(),
        connectors,
        groups,
        peerings,
        faults,
    }
}

fn market(mic: &str, open_minute: u16, close_minute: u16) -> MarketConfig {
    MarketConfig { mic: mic.to_owned(), zone: utc(), hours: vec![DailyHours { open_minute, close_minute }] }
}

fn utc() -> Zone {
    Zone::named("UTC").expect("a zone")
}

/// The rules with checks of pushed prices, in some worlds. They have draws of their own: all else of a world is as it was before there
/// were any.
fn check(number: u64, policy: &mut Policy) {
    let mut draw = Draw(Streams::new(number, 0).stream(Purpose::Fault, Entity::named("checks", 0)));
    if draw.0.chance(0.5) {
        policy.push_checked_share = draw.of(&[0.01, 0.3, 1.0]);
        policy.push_check_tolerance_bp = draw.of(&[0.0, 20.0, 500.0]);
        policy.push_check_ahead = draw.of(&[None, Some(SimDuration::ZERO), Some(SimDuration::from_secs(60))]);
        policy.push_distrust = draw.of(&[SimDuration::ZERO, SimDuration::from_hours(2), SimDuration::from_days(1)]);
    }
}

/// The rules with other readings of the documents, in some worlds. They have draws of their own, too.
fn read_otherwise(number: u64, policy: &mut Policy) {
    let mut draw = Draw(Streams::new(number, 0).stream(Purpose::Fault, Entity::named("readings", 0)));
    if draw.0.chance(0.5) {
        policy.hides_unsent = draw.of(&[HidesUnsent::Never, HidesUnsent::FromOpen, HidesUnsent::Always]);
        policy.equals_asked = draw.of(&[EqualsAsked::All, EqualsAsked::OnePushOpen, EqualsAsked::One]);
        policy.open_takes_unreceived = draw.0.chance(0.5);
        policy.pool_refresh_interval = draw.maybe(0.5, |draw| SimDuration::from_secs(draw.of(&[60, 3_600])));
        policy.pool_refresh_age = draw.of(&[SimDuration::ZERO, SimDuration::from_secs(1_200)]);
        policy.closed_markets = draw.of(&[ClosedMarkets::Asked, ClosedMarkets::NotAsked]);
        if draw.0.chance(0.3) {
            policy.push_back_prices = PushBackPrices::Updated;
        }
    }
}

/// The faults, in some worlds with announcements that are called off and with grants that are revoked. They have draws of their own, too.
fn told_otherwise(number: u64, mut faults: Vec<FaultConfig>, groups: usize, duration: SimDuration) -> Vec<FaultConfig> {
    let mut draw = Draw(Streams::new(number, 0).stream(Purpose::Fault, Entity::named("told", 0)));
    for fault in &mut faults {
        if let FaultKind::Instances { fault: InstanceFault::Announced { before, cancelled, .. }, .. } = &mut fault.kind
        {
            *cancelled = draw.maybe(0.5, |draw| SimDuration::from_nanos(draw.0.below(before.as_nanos())));
        }
    }
    for name in ["revoked", "revoked-too"].into_iter().take(draw.0.index(3)) {
        let at = vec![FaultTarget { group: draw.0.index(groups), number: None }];
        let kind = FaultKind::Instances { at, fault: InstanceFault::RevokedGrant };
        let lasts = SimDuration::from_nanos(1 + draw.0.below(duration.as_nanos()));
        let times = FaultTimes::Set(vec![FaultSpell { begins: draw.moment(duration), lasts }]);
        faults.push(FaultConfig { name: name.to_owned(), kind, times });
    }
    faults
}

/// The draws of one world, one after the other.
struct Draw(Stream);

impl Draw {
    fn of<T: Clone, const N: usize>(&mut self, choices: &[T; N]) -> T {
        choices[self.0.index(N)].clone()
    }

    fn u32_below(&mut self, n: u64) -> u32 {
        u32::try_from(self.0.below(n)).expect("a small number")
    }

    fn maybe<T>(&mut self, share: f64, value: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.0.chance(share).then(|| value(self))
    }

    /// A preset of which about one switch in five is another one.
    fn policy(&mut self) -> Policy {
        let mut policy = Policy::of(self.of(&Preset::ALL));
        macro_rules! perhaps {
            ($($switch:ident: $choices:expr;)*) => { $(if self.0.chance(0.2) { policy.$switch = self.of(&$choices); })* };
        }
        let seconds = |secs| Some(SimDuration::from_secs(secs));
        perhaps! {
            request_scope: [RequestScope::Unfilled, RequestScope::All];
            max_servers: [None, Some(1), Some(2)];
            open_order: [OpenOrder::Score, OpenOrder::Priority];
            freshness_threshold: [None, seconds(60), seconds(1_500)];
            own_pool_threshold: [None, seconds(60), seconds(1_500)];
            pool_learns_from_request: [PoolLearns::Never, PoolLearns::Unknown, PoolLearns::Newer];
            open_learns_from_request: [true, false];
            open_sends_all_if_none_flagged: [true, false];
            push_back: [PushBack::None, PushBack::Async, PushBack::Sync];
            push_back_to: [PushBackTo::Contacted, PushBackTo::Responders];
            push_back_prices: [PushBackPrices::News, PushBackPrices::LaterSources];
            push_back_from: [PushBackFrom::Open, PushBackFrom::Any];
            open_accepts_push: [true, false];
            own_pool_stores: [OwnPoolStores::Connector, OwnPoolStores::Remaining, OwnPoolStores::All];
            max_limit: [None, Some(3), Some(300)];
            max_limit_action: [MaxLimitAction::Refuse, MaxLimitAction::Truncate, MaxLimitAction::Split];
            retry_bands: [None, Some(RetryBands { intra_retry: 1, quote_retry: 2 })];
            connector_min_interval: [None, seconds(300)];
            connector_claims: [true, false];
            connector_prices_replace: [true, false];
            daily_request_limit: [None, Some(0), Some(5)];
            daily_request_limit_enforced_by: [
                EnforcedBy::Nobody, EnforcedBy::Server, EnforcedBy::Client, EnforcedBy::Both,
            ];
            daily_request_limit_counts: [CountedMessages::Requests, CountedMessages::All];
            daily_request_limit_refund: [true, false];
            daily_limit_zero: [DailyLimitZero::Blocks, DailyLimitZero::FirstOfDayPasses];
            violation_block: [None, Some(2)];
            violation_sources: [ViolationSources::Prices, ViolationSources::All];
            violation_reset: [None, Some(SimDuration::from_hours(5))];
            sync_max_items: [SyncMaxItems::Unlimited, SyncMaxItems::MaxLimit];
            push_limited_by: [PushLimits::None, PushLimits::Both];
            exchange_envelope: [ExchangeEnvelope::Ok, ExchangeEnvelope::Ok, ExchangeEnvelope::Broken];
            max_clock_skew: [None, seconds(300)];
            max_payload: [None, Some(2_000)];
            view_updated_on_refusal: [true, false];
            offline_announcement_effect: [OfflineAnnouncement::EntitiesClosed, OfflineAnnouncement::Offline];
            exchange_log: [true, false];
            push_refused_logged: [true, false];
            score_tie: [ScoreTie::Exact, ScoreTie::Thousandth];
            received_prices_saved: [true, false];
            failed_requests_logged: [true, false];
            peer_views: [PeerViews::Ideal, PeerViews::Messages, PeerViews::None];
            view_updated_from_reply: [true, false];
            synchronisation: [Synchronisation::Ideal, Synchronisation::Daily, Synchronisation::DailyRandom];
            synchronisation_lists: [true, false];
            historical_exchange: [
                HistoricalExchange::None, HistoricalExchange::Daily, HistoricalExchange::DailyRandom,
            ];
            timestamp_resolution: [None, seconds(1), seconds(3_600)];
        }
        policy.pool_echoes_unknown &= policy.pool_learns_from_request != PoolLearns::Never;
        policy
    }

    fn network(&mut self) -> NetworkConfig {
        let median_s = self.of(&[0.0, 0.05, 2.0]);
        NetworkConfig {
            rtt: RttConfig::Anywhere(ShiftedLognormal { minimum_s: 0.001, median_s, sigma: 1.0 }),
            pair_share: 0.5,
            loss: self.of(&[0.0, 0.01, 0.3]),
            connection_setup_rtts: self.u32_below(3),
            timeout: self.of(&[SimDuration::from_secs(2), SimDuration::from_secs(30)]),
            message_base_bytes: 400,
            message_instrument_bytes: 150,
            history_days: 1,
        }
    }

    fn provider(&mut self, at: usize, has_limits: bool) -> ConnectorConfig {
        let share = if has_limits { 0.7 } else { 0.0 };
        ConnectorConfig {
            id: format!("provider-{at}"),
            serves: vec![(0, self.of(&[0.3, 1.0])), (1, 1.0)],
            weight: 1.0,
            delay: SimDuration::from_secs(self.of(&[0, 60, 900])),
            latency: self.of(&[
                Distribution::Constant(0.0),
                Distribution::Constant(1.0),
                Distribution::Exponential { mean: 0.1 },
                Distribution::Exponential { mean: 1.0 },
                Distribution::Exponential { mean: 20.0 },
            ]),
            failure: self.of(&[0.0, 0.1, 1.0]),
            stamp: self.of(&[Stamp::Now, Stamp::Trade]),
            rate_limit: self.maybe(share, |draw| {
                let when_exceeded = draw.of(&[WhenExceeded::Fail, WhenExceeded::Wait]);
                let blocks = when_exceeded == WhenExceeded::Fail && draw.0.chance(0.5);
                RateLimit {
                    requests: 1 + draw.u32_below(20),
                    per: SimDuration::from_secs(1 + draw.0.below(600)),
                    scope: draw.of(&[RateScope::Instance, RateScope::Group, RateScope::Shared]),
                    when_exceeded,
                    blocks_for: blocks.then_some(SimDuration::from_hours(5)),
                }
            }),
            plans: Vec::new(),
        }
    }

    fn group(&mut self, at: usize, duration: SimDuration, has_churn: bool, has_bad_clocks: bool) -> GroupConfig {
        let count = 1 + self.u32_below(5);
        GroupConfig {
            name: format!("group-{at}"),
            count,
            mode: self.of(&[AcceptMode::PushOpen, AcceptMode::Open, AcceptMode::Open, AcceptMode::Closed]),
            gtnet: self.0.chance(0.95),
            countries: Vec::new(),
            cores: 1,
            workers: 1 + self.u32_below(3),
            max_wait: self.of(&[None, None, Some(SimDuration::from_secs(20))]),
            service: ServiceConfig {
                base: self.of(&[SimDuration::ZERO, SimDuration::from_secs(3)]),
                per_instrument: SimDuration::from_millis(50),
                shape: self.of(&[ServiceShape::Constant, ServiceShape::Exponential]),
            },
            clock: if has_bad_clocks { self.clock() } else { ClockConfig::perfect() },
            users: self.u32_below(3),
            watchlist: WatchlistConfig {
                instruments: Distribution::Uniform { low: 1.0, high: 12.0 },
                per_user: 1 + self.u32_below(2),
            },
            visits: Some(VisitsConfig { per_day: 100.0, hourly: [1.0; 24], weekend: 1.0, zone: utc() }),
            receive: self.of(&[1.0, 0.5]),
            send: self.of(&[1.0, 0.5, 0.0]),
            churn: self.maybe(if has_churn { 0.6 } else { 0.0 }, |draw| {
                let (from, until) = (draw.moment(duration), draw.moment(duration));
                ChurnConfig {
                    present: draw.u32_below(u64::from(count) + 1),
                    from: from.min(until),
                    until: from.max(until),
                    stays_s: draw.maybe(0.5, |_| Distribution::Exponential { mean: 20_000.0 }),
                }
            }),
            policy: self.maybe(0.3, |draw| Box::new(draw.policy())),
            price: None,
        }
    }

    fn clock(&mut self) -> ClockConfig {
        ClockConfig {
            offset_s: Distribution::Normal { mean: 0.0, sd: self.of(&[0.1, 3_600.0]) },
            drift_ppm: Distribution::Normal { mean: 0.0, sd: self.of(&[20.0, 50_000.0]) },
            resolution: SimDuration::from_nanos(self.of(&[1, 1_000_000_000])),
            discipline: self.maybe(0.5, |draw| Discipline {
                every: SimDuration::from_secs(draw.of(&[64, 1_024])),
                residual_s: Distribution::Normal { mean: 0.0, sd: draw.of(&[0.005, 10.0]) },
            }),
        }
    }

    /// Nobody who takes no part may be asked.
    fn peering(&mut self, groups: &[GroupConfig]) -> PeeringConfig {
        let (from, to) = (self.0.index(groups.len()), self.0.index(groups.len()));
        let some = 1 + self.u32_below(3);
        PeeringConfig {
            from,
            to,
            select: self.of(&[
                PeerSelection::All,
                PeerSelection::All,
                PeerSelection::Random(some),
                PeerSelection::Nearest(some),
                PeerSelection::InTurn(some),
            ]),
            priority: if groups[to].gtnet { self.of(&[0, 1, 1, 2]) } else { 0 },
            granted: self.0.chance(0.9),
        }
    }

    fn faults(&mut self, groups: &[GroupConfig], connectors: usize, duration: SimDuration) -> Vec<FaultConfig> {
        let count = 1 + self.0.index(5);
        let fault = |(number, draw): (usize, &mut Self)| {
            let mut kind = draw.fault_kind(groups, connectors);
            let times = draw.fault_times(duration);
            // Nobody can announce what comes at random.
            if let (FaultKind::Instances { fault, .. }, FaultTimes::Random { .. }) = (&mut kind, &times)
                && matches!(fault, InstanceFault::Announced { .. })
            {
                *fault = InstanceFault::Shutdown;
            }
            FaultConfig { name: format!("fault-{number}"), kind, times }
        };
        let mut faults = Vec::with_capacity(count);
        for number in 0..count {
            faults.push(fault((number, self)));
        }
        faults
    }

    fn fault_kind(&mut self, groups: &[GroupConfig], connectors: usize) -> FaultKind {
        match self.0.index(10) {
            0 => {
                let fails_after = SimDuration::from_secs(self.0.below(60));
                let factor = self.of(&[1.0, 10.0]);
                let fault = self.of(&[ProviderFault::Outage { fails_after }, ProviderFault::Slow { factor }]);
                FaultKind::Provider { connector: self.0.index(connectors), fault }
            }
            1 | 2 => FaultKind::Links {
                between: self.targets(groups),
                and: self.targets(groups),
                fault: LinkFault { loss: self.of(&[0.0, 0.5, 1.0]), factor: self.of(&[1.0, 20.0]) },
            },
            3 => FaultKind::Visits { at: self.targets(groups), factor: self.of(&[1.0, 3.0]) },
            _ => {
                let ahead_nanos = self.of(&[3_600, -3_600, 86_400]) * 1_000_000_000;
                let rogue = InstanceFault::Rogue {
                    ahead: self.of(&[SimDuration::ZERO, SimDuration::from_hours(2)]),
                    factor: self.of(&[1.0, 2.0]),
                };
                let fault = self.of(&[
                    InstanceFault::Crash { pool_kept: true },
                    InstanceFault::Crash { pool_kept: false },
                    InstanceFault::Shutdown,
                    InstanceFault::Announced {
                        before: SimDuration::from_hours(3),
                        what: AnnouncedStop::Maintenance,
                        cancelled: None,
                    },
                    InstanceFault::Announced {
                        before: SimDuration::from_hours(30),
                        what: AnnouncedStop::Discontinuation,
                        cancelled: None,
                    },
                    InstanceFault::BlackHole,
                    InstanceFault::Refuses,
                    InstanceFault::Slow { factor: 30.0 },
                    InstanceFault::Busy,
                    InstanceFault::Clock { ahead_nanos },
                    rogue,
                ]);
                FaultKind::Instances { at: self.targets(groups), fault }
            }
        }
    }

    fn targets(&mut self, groups: &[GroupConfig]) -> Vec<FaultTarget> {
        let group = self.0.index(groups.len());
        let number = self.maybe(0.5, |draw| draw.u32_below(u64::from(groups[group].count)));
        vec![FaultTarget { group, number }]
    }

    fn fault_times(&mut self, duration: SimDuration) -> FaultTimes {
        if self.0.chance(0.5) {
            let mean = self.of(&[600.0, 7_200.0]);
            return FaultTimes::Random {
                between_s: Distribution::Exponential { mean: 3.0 * mean },
                lasts_s: Distribution::Exponential { mean },
            };
        }
        let first = self.moment(duration);
        let lasts = SimDuration::from_nanos(1 + self.0.below(20_000_000_000_000));
        let spell = |begins| FaultSpell { begins, lasts };
        FaultTimes::Set(vec![spell(first), spell(first + lasts + SimDuration::from_secs(100))])
    }

    fn moment(&mut self, duration: SimDuration) -> SimDuration {
        SimDuration::from_nanos(self.0.below(duration.as_nanos()))
    }
}
