//! Worlds that cannot be simulated are refused, by the name of the field that makes them so.

use gtnet_sim::model::Footprint;
use gtnet_sim::model::config::{
    ChurnConfig, ConnectorConfig, CountryRtt, Discipline, FaultConfig, FaultKind, FaultSpell, FaultTarget, FaultTimes,
    InstanceFault, LinkFault, PeerSelection, ProviderFault, RateLimit, RateScope, RttConfig, ServiceShape,
    ShiftedLognormal, WhenExceeded, WorldConfig,
};
use gtnet_sim::protocol::{Policy, Preset, RetryBands};
use gtnet_sim::random::Distribution;
use gtnet_sim::time::civil::DailyHours;
use gtnet_sim::time::{SimDuration, Timestamp};

use crate::support::{CLIENT, HUB, busy_world, ideal_world, measure};

/// A change that makes a world invalid, and how the message begins.
type Case = (fn(&mut WorldConfig), &'static str);

const CASES: [Case; 72] = [
    (|w| w.start = Timestamp::from_unix_secs(-1), "`start` is"),
    (|w| w.start = WorldConfig::LATEST_START + SimDuration::from_secs(1), "`start` is"),
    (|w| w.duration = SimDuration::ZERO, "`duration` is"),
    (|w| w.duration = SimDuration::LONGEST + SimDuration::from_nanos(1), "`duration` is"),
    (|w| w.warmup = w.duration, "`warmup` is"),
    (|w| w.watchlist_timeout = TOO_LONG, "`watchlist_timeout` is"),
    (|w| w.policy.freshness_threshold = Some(TOO_LONG), "`policy.freshness_threshold` is"),
    (|w| w.policy.own_pool_threshold = Some(TOO_LONG), "`policy.own_pool_threshold` is"),
    (|w| w.policy.connector_min_interval = Some(TOO_LONG), "`policy.connector_min_interval` is"),
    (|w| w.policy.retry_bands = Some(RetryBands { intra_retry: u32::MAX, quote_retry: 1 }), "`policy.retry_bands` is"),
    (|w| w.markets.clear(), "`markets` is empty"),
    (|w| w.groups.clear(), "`groups` is empty"),
    (|w| w.markets.push(w.markets[0].clone()), "two elements of `markets` are called `ALL`"),
    (|w| "slow".clone_into(&mut w.connectors[1].id), "two elements of `connectors` are called `slow`"),
    (|w| "client".clone_into(&mut w.groups[HUB].name), "two elements of `groups` are called `client`"),
    (|w| w.markets[0].hours = vec![hours(600, 540)], "`markets[0].hours` is"),
    (|w| w.markets[0].hours = vec![hours(540, 600), hours(590, 700)], "`markets[0].hours` is"),
    (|w| w.markets[0].hours = vec![hours(540, 1_441)], "`markets[0].hours` is"),
    (|w| (w.instruments.securities, w.instruments.currency_pairs) = (0, 0), "`instruments.securities` is 0"),
    (|w| w.instruments.securities = u32::MAX, "`instruments.securities` is"),
    (|w| w.instruments.currency_pairs = 0, "`instruments.currency_pair_share` is 0.1"),
    (|w| w.instruments.securities = 0, "`instruments.currency_pair_share` is 0.1"),
    (|w| w.instruments.zipf_exponent = -1.0, "`instruments.zipf_exponent` is -1"),
    (|w| w.instruments.security_markets[0].0 = 1, "`instruments.security_markets` is the index 1"),
    (|w| w.instruments.security_markets[0].1 = 0.0, "`instruments.security_markets` is 0"),
    (|w| w.instruments.security_markets.clear(), "`instruments.security_markets` is empty"),
    (|w| w.instruments.currency_market = 1, "`instruments.currency_market` is the index 1"),
    (|w| w.network.loss = 1.5, "`network.loss` is 1.5"),
    (|w| w.network.timeout = TOO_LONG, "`network.timeout` is"),
    (|w| w.network.message_base_bytes = u64::MAX, "`network.message_base_bytes` is"),
    (|w| w.network.message_instrument_bytes = (1 << 30) + 1, "`network.message_instrument_bytes` is"),
    (|w| w.network.rtt = RttConfig::Anywhere(rtt(-1.0)), "`network.rtt` is"),
    (|w| w.network.rtt = RttConfig::Country(Vec::new()), "`groups[0].countries` is empty"),
    (|w| in_countries(w, ("AT", "CH")), "`network.rtt` has no time between AT and AT"),
    (|w| in_countries(w, ("CH", "AT")), "`network.rtt` is (\"CH\", \"AT\")"),
    (|w| connectors(w, 65_537), "`connectors.len()` is 65537"),
    (|w| w.connectors[1].delay = TOO_LONG, "`connectors[1].delay` is"),
    (
        |w| w.connectors[1].rate_limit = Some(RateLimit { per: TOO_LONG, ..limit(1) }),
        "`connectors[1].rate_limit.per` is",
    ),
    (|w| w.connectors[1].serves[0].0 = 3, "`connectors[1].serves` is the index 3"),
    (|w| w.connectors[1].weight = f64::NAN, "`connectors[1].weight` is NaN"),
    (|w| w.connectors[1].latency = Distribution::Empirical(Vec::new()), "`connectors[1].latency` is"),
    (|w| w.connectors[1].rate_limit = Some(limit(0)), "`connectors[1].rate_limit` is"),
    (|w| w.groups[CLIENT].count = 0, "`groups[1].count` is 0"),
    (|w| w.groups[CLIENT].cores = 1 << 30, "`groups[1].cores` is 1073741824"),
    (|w| w.groups[CLIENT].service.base = TOO_LONG, "`groups[1].service.base` is"),
    (|w| w.groups[CLIENT].service.per_instrument = TOO_LONG, "`groups[1].service.per_instrument` is"),
    (|w| w.groups[CLIENT].clock.resolution = TOO_LONG, "`groups[1].clock.resolution` is"),
    (|w| w.groups[CLIENT].workers = 0, "`groups[1].workers` is 0"),
    (|w| w.groups[CLIENT].service.shape = ServiceShape::Lognormal { sigma: -1.0 }, "`groups[1].service.shape` is"),
    (|w| w.groups[CLIENT].clock.resolution = SimDuration::ZERO, "`groups[1].clock.resolution` is"),
    (|w| w.groups[CLIENT].send = -0.1, "`groups[1].send` is -0.1"),
    (|w| w.groups[CLIENT].visits.as_mut().expect("visits").hourly = [0.0; 24], "`groups[1].visits.hourly` is"),
    (
        |w| w.groups[CLIENT].visits.as_mut().expect("visits").per_day = f64::INFINITY,
        "`groups[1].visits.per_day` is inf",
    ),
    (|w| (w.groups[CLIENT].count, w.groups[CLIENT].users) = (100_000, 100_000), "`groups[..].users` is"),
    (|w| users(w, u32::MAX), "`groups[..].count` is"),
    (|w| w.groups[HUB].gtnet = false, "`peerings[0]` lets `client` ask `hub`, which does not take part"),
    (|w| w.peerings[0].to = 2, "`peerings[0].to` is the index 2"),
    (|w| w.peerings[0].select = PeerSelection::Edges(vec![(0, 1)]), "`peerings[0].select` is the index 1"),
    (|w| w.instruments.security_volatility = -0.1, "`instruments.security_volatility` is"),
    (|w| w.instruments.currency_volatility = f64::NAN, "`instruments.currency_volatility` is"),
    (|w| w.groups[1].clock.discipline = Some(discipline(SimDuration::ZERO)), "`groups[1].clock.discipline.every` is"),
    (|w| w.groups[1].churn = Some(churn(21, 1, 2)), "`groups[1].churn` is"),
    (|w| w.groups[1].churn = Some(churn(1, 2, 1)), "`groups[1].churn` is"),
    (|w| w.faults = vec![fault(hub_is(InstanceFault::Busy)); 2], "two elements of `faults` are called"),
    (|w| w.faults = vec![fault(hub_is(InstanceFault::Slow { factor: 0.5 }))], "`faults[0].factor` is"),
    (|w| w.faults = vec![fault(rogue(0.0))], "`faults[0].factor` is"),
    (|w| w.faults = vec![fault(FaultKind::Visits { at: Vec::new(), factor: 2.0 })], "`faults[0].at` is empty"),
    (
        |w| w.faults = vec![fault(FaultKind::Visits { at: vec![client(20)], factor: 2.0 })],
        "`faults[0].at` is the index",
    ),
    (|w| w.faults = vec![fault(outage(2))], "`faults[0].connector` is the index"),
    (|w| w.faults = vec![fault(links(1.5))], "`faults[0].loss` is"),
    (|w| w.faults = vec![at(&[(1, 2), (2, 1)])], "`faults[0].times` is"),
    (|w| w.faults = vec![at(&[(1, 0)])], "`faults[0].times` is"),
];

const TOO_LONG: SimDuration = SimDuration::from_nanos(SimDuration::LONGEST.as_nanos() + 1);

fn connectors(world: &mut WorldConfig, count: u32) {
    let named = |number: u32| ConnectorConfig { id: number.to_string(), ..world.connectors[0].clone() };
    world.connectors = (0..count).map(named).collect();
}

fn users(world: &mut WorldConfig, number: u32) {
    for group in &mut world.groups {
        (group.count, group.users) = (number, number);
    }
}

fn hours(open_minute: u16, close_minute: u16) -> DailyHours {
    DailyHours { open_minute, close_minute }
}

fn rtt(minimum_s: f64) -> ShiftedLognormal {
    ShiftedLognormal { minimum_s, median_s: 0.0, sigma: 0.0 }
}

fn limit(requests: u32) -> RateLimit {
    let per = SimDuration::from_secs(1);
    RateLimit { requests, per, scope: RateScope::Shared, when_exceeded: WhenExceeded::Fail, blocks_for: None }
}

fn discipline(every: SimDuration) -> Discipline {
    Discipline { every, residual_s: Distribution::Constant(0.0) }
}

fn churn(present: u32, from_h: u64, until_h: u64) -> ChurnConfig {
    let [from, until] = [from_h, until_h].map(SimDuration::from_hours);
    ChurnConfig { present, from, until, stays_s: None }
}

fn client(number: u32) -> FaultTarget {
    FaultTarget { group: 1, number: Some(number) }
}

fn hub_is(fault: InstanceFault) -> FaultKind {
    FaultKind::Instances { at: vec![FaultTarget { group: 0, number: None }], fault }
}

fn rogue(factor: f64) -> FaultKind {
    hub_is(InstanceFault::Rogue { ahead: SimDuration::ZERO, factor })
}

fn outage(connector: usize) -> FaultKind {
    FaultKind::Provider { connector, fault: ProviderFault::Outage { fails_after: SimDuration::ZERO } }
}

fn links(loss: f64) -> FaultKind {
    FaultKind::Links { between: vec![client(0)], and: vec![client(1)], fault: LinkFault { loss, factor: 1.0 } }
}

/// A fault of the first hour.
fn fault(kind: FaultKind) -> FaultConfig {
    FaultConfig { kind, ..at(&[(0, 1)]) }
}

/// The hub is busy at these times: when it begins and how long it lasts, in hours.
fn at(spells: &[(u64, u64)]) -> FaultConfig {
    let spell = |(begins, lasts): &(u64, u64)| FaultSpell {
        begins: SimDuration::from_hours(*begins),
        lasts: SimDuration::from_hours(*lasts),
    };
    FaultConfig {
        name: "fault".to_owned(),
        kind: hub_is(InstanceFault::Busy),
        times: FaultTimes::Set(spells.iter().map(spell).collect()),
    }
}

/// Everybody is in Austria, and only the time between these countries is known.
fn in_countries(world: &mut WorldConfig, (first, second): (&str, &str)) {
    for group in &mut world.groups {
        group.countries = vec![("AT".to_owned(), 1.0)];
    }
    let countries = (first.to_owned(), second.to_owned());
    world.network.rtt = RttConfig::Country(vec![CountryRtt { countries, rtt: rtt(0.0) }]);
}

#[test]
fn what_breaks_an_invariant_is_refused_by_its_name() {
    for (break_it, message) in CASES {
        let mut world = busy_world();
        break_it(&mut world);
        let error = world.validate().expect_err(message).to_string();
        assert!(error.starts_with(message), "{error}\nbut expected: {message}");
    }
}

/// A world with everything as large as it may be at once, beside what there are many of, is simulated without a panic.
#[test]
fn what_is_as_large_as_may_be_can_be_simulated() {
    let longest = SimDuration::LONGEST;
    let mut world = ideal_world(1);
    world.policy = Policy::of(Preset::Gt0365);
    (world.start, world.duration) = (WorldConfig::LATEST_START, longest);
    let policy = &mut world.policy;
    policy.retry_bands = Some(RetryBands { intra_retry: 1, quote_retry: u32::MAX - 1 });
    policy.freshness_threshold = Some(longest);
    policy.own_pool_threshold = Some(longest);
    connectors(&mut world, 65_536);
    for connector in &mut world.connectors {
        connector.delay = longest;
        connector.rate_limit = Some(RateLimit { per: longest, ..limit(2) });
    }
    let network = &mut world.network;
    (network.message_base_bytes, network.message_instrument_bytes) = (1 << 30, 1 << 30);
    network.connection_setup_rtts = u32::MAX;
    network.loss = 0.1;
    for group in &mut world.groups {
        group.cores = (1 << 30) - 1;
        group.clock.offset_s = Distribution::Constant(f64::MAX);
        group.clock.drift_ppm = Distribution::Constant(f64::MAX);
        group.clock.resolution = longest;
    }
    world.groups[CLIENT].visits.as_mut().expect("visits").per_day = 0.1;
    let late = |change: fn(&mut WorldConfig)| {
        let mut world = world.clone();
        change(&mut world);
        assert!(Footprint::of(&world).simulation_bytes().is_finite());
        let measured = measure(&world, 1, 0);
        assert!(measured.visits > 100, "{} visits", measured.visits);
    };
    late(|_| ());
    late(|world| world.policy.connector_min_interval = Some(SimDuration::LONGEST));
    late(|world| world.network.timeout = SimDuration::LONGEST);
    late(|world| world.watchlist_timeout = SimDuration::LONGEST);
    late(|world| {
        world.groups[HUB].service.base = SimDuration::LONGEST;
        world.groups[HUB].service.per_instrument = SimDuration::LONGEST;
    });
}

#[test]
fn valid_worlds_stay_what_they_are() {
    for world in [ideal_world(3), busy_world()] {
        let valid = world.clone().validate().unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(*valid, world);
        assert_eq!(valid.without_gtnet(), world.without_gtnet().validate().expect("nobody is needed"));
        assert_eq!(valid.into_config(), world);
    }
}
