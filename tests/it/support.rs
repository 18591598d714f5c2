//! Small worlds, built by hand: each test changes what it is about.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use gtnet_sim::metrics::{Collector, InstanceLayout, Layout, Measurements};
use gtnet_sim::model::config::{
    ClockConfig, ConnectorConfig, GroupConfig, InstrumentsConfig, MarketConfig, NetworkConfig, PeerSelection,
    PeeringConfig, RateLimit, RateScope, RttConfig, ServiceConfig, ServiceShape, ShiftedLognormal, Stamp, VisitsConfig,
    WatchlistConfig, WhenExceeded, WorldConfig,
};
use gtnet_sim::model::{Blueprint, simulate};
use gtnet_sim::observe::Observer;
use gtnet_sim::protocol::{AcceptMode, Policy, Preset};
use gtnet_sim::random::Distribution;
use gtnet_sim::scenario::{ScenarioError, render};
use gtnet_sim::time::civil::{DailyHours, Zone};
use gtnet_sim::time::{SimDuration, Timestamp};

/// Monday, 2026-03-02.
pub(crate) const MONDAY: Timestamp = Timestamp::from_unix_secs(1_772_409_600);

pub(crate) const HUB: usize = 0;
pub(crate) const CLIENT: usize = 1;

/// One push-open hub and `clients` open clients of one user each, who visit around the clock; one instrument that always
/// trades; a provider that is never late and never fails; nothing takes any time.
pub(crate) fn ideal_world(clients: u32) -> WorldConfig {
    let always = vec![DailyHours { open_minute: 0, close_minute: 1_440 }];
    let utc = || Zone::named("UTC").expect("a zone");
    WorldConfig {
        start: MONDAY,
        duration: SimDuration::from_days(5),
        warmup: SimDuration::from_days(1),
        topology: None,
        policy: Policy::of(Preset::SevenStep),
        watchlist_timeout: SimDuration::ZERO,
        instruments: InstrumentsConfig {
            securities: 1,
            currency_pairs: 0,
            currency_pair_share: 0.0,
            zipf_exponent: 1.0,
            security_markets: vec![(0, 1.0)],
            currency_market: 0,
            security_volatility: 0.25,
            currency_volatility: 0.08,
        },
        markets: vec![MarketConfig { mic: "ALL".to_owned(), zone: utc(), hours: always }],
        network: NetworkConfig {
            rtt: RttConfig::Anywhere(ShiftedLognormal { minimum_s: 0.0, median_s: 0.0, sigma: 0.0 }),
            pair_share: 0.0,
            loss: 0.0,
            connection_setup_rtts: 0,
            timeout: SimDuration::from_secs(30),
            message_base_bytes: 0,
            message_instrument_bytes: 0,
            history_days: 1,
        },
        connectors: vec![ConnectorConfig {
            id: "ideal".to_owned(),
            serves: vec![(0, 1.0)],
            weight: 1.0,
            delay: SimDuration::ZERO,
            latency: Distribution::Constant(0.0),
            failure: 0.0,
            stamp: Stamp::Now,
            rate_limit: None,
            plans: Vec::new(),
        }],
        groups: vec![
            GroupConfig { users: 0, visits: None, ..group("hub", 1, AcceptMode::PushOpen) },
            GroupConfig { visits: Some(around_the_clock(8.0)), ..group("client", clients, AcceptMode::Open) },
        ],
        peerings: vec![PeeringConfig {
            from: CLIENT,
            to: HUB,
            select: PeerSelection::All,
            priority: 10,
            granted: true,
        }],
        faults: Vec::new(),
    }
}

pub(crate) fn group(name: &str, count: u32, mode: AcceptMode) -> GroupConfig {
    GroupConfig {
        name: name.to_owned(),
        count,
        mode,
        gtnet: true,
        countries: Vec::new(),
        cores: 4,
        workers: 1_000,
        max_wait: None,
        service: ServiceConfig {
            base: SimDuration::ZERO,
            per_instrument: SimDuration::ZERO,
            shape: ServiceShape::Constant,
        },
        clock: ClockConfig::perfect(),
        users: 1,
        watchlist: WatchlistConfig { instruments: Distribution::Constant(1.0), per_user: 1 },
        visits: None,
        receive: 1.0,
        send: 1.0,
        churn: None,
        policy: None,
        price: None,
    }
}

/// Visits at the same rate at every hour of every day.
pub(crate) fn around_the_clock(per_day: f64) -> VisitsConfig {
    VisitsConfig { per_day, hourly: [1.0; 24], weekend: 1.0, zone: Zone::named("UTC").expect("a zone") }
}

/// What all replications of a world have in common.
pub(crate) fn blueprint(config: &WorldConfig) -> Blueprint {
    Blueprint::new(config.clone().validate().unwrap_or_else(|error| panic!("{error}")))
}

/// Runs one replication and measures it.
pub(crate) fn measure(config: &WorldConfig, seed: u64, replication: u32) -> Measurements {
    let blueprint = self::blueprint(config);
    let mut collector = Collector::new(&layout(&blueprint));
    let closing = simulate(&blueprint, seed, replication, &mut collector);
    collector.finish(&closing.pool_sizes)
}

/// Runs one replication before an observer.
pub(crate) fn watch(config: &WorldConfig, seed: u64, observer: &mut impl Observer) {
    simulate(&blueprint(config), seed, 0, observer);
}

pub(crate) fn layout(blueprint: &Blueprint) -> Layout {
    Layout {
        from: blueprint.warm_up_end(),
        until: blueprint.horizon(),
        fresh_within: SimDuration::from_secs(1_500),
        providers: blueprint.config().connectors.iter().map(|connector| connector.id.clone()).collect(),
        instances: blueprint
            .instances()
            .iter()
            .zip(blueprint.instance_names())
            .map(|(info, name)| InstanceLayout {
                name,
                server_workers: (info.mode == AcceptMode::PushOpen || blueprint.config().is_open_server(info.group))
                    .then(|| blueprint.config().groups[info.group].workers),
                is_open: info.mode == AcceptMode::Open,
            })
            .collect(),
        prices: None,
    }
}

/// A week of a hub and 20 clients as they might be: delayed and fast providers, real latencies, lost messages, clocks
/// that are not quite right, flags that differ.
pub(crate) fn busy_world() -> WorldConfig {
    let mut config = ideal_world(20);
    config.policy.freshness_threshold = Some(SimDuration::from_secs(1_500));
    config.watchlist_timeout = SimDuration::from_secs(1_200);
    config.instruments.securities = 400;
    config.instruments.currency_pairs = 20;
    config.instruments.currency_pair_share = 0.1;
    config.network.rtt = RttConfig::Anywhere(ShiftedLognormal::from_moments(0.028, 0.048, 0.000_3));
    config.network.pair_share = 0.8;
    config.network.loss = 0.01;
    config.network.connection_setup_rtts = 2;
    let slow = config.connectors[0].clone();
    config.connectors = vec![
        ConnectorConfig {
            id: "slow".to_owned(),
            serves: vec![(0, 0.9)],
            delay: SimDuration::from_secs(900),
            latency: Distribution::Lognormal { median: 0.3, sigma: 0.6 },
            failure: 0.01,
            ..slow.clone()
        },
        ConnectorConfig {
            id: "fast".to_owned(),
            serves: vec![(0, 0.5)],
            latency: Distribution::Lognormal { median: 0.2, sigma: 0.4 },
            rate_limit: Some(RateLimit {
                requests: 60,
                per: SimDuration::from_secs(60),
                scope: RateScope::Instance,
                when_exceeded: WhenExceeded::Wait,
                blocks_for: None,
            }),
            ..slow
        },
    ];
    let hub = &mut config.groups[HUB];
    hub.workers = 4;
    hub.service = ServiceConfig {
        base: SimDuration::from_millis(5),
        per_instrument: SimDuration::from_micros(200),
        shape: ServiceShape::Exponential,
    };
    let client = &mut config.groups[CLIENT];
    client.users = 3;
    client.watchlist.instruments = Distribution::Uniform { low: 20.0, high: 60.0 };
    client.clock = ClockConfig {
        offset_s: Distribution::Normal { mean: 0.0, sd: 0.02 },
        drift_ppm: Distribution::Normal { mean: 0.0, sd: 18.0 },
        resolution: SimDuration::from_nanos(1),
        discipline: None,
    };
    client.receive = 0.95;
    config
}

/// All files below a folder with their contents.
pub(crate) fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(
                contents(&path)
                    .into_iter()
                    .map(|(name, bytes)| (Path::new(path.file_name().expect("a name")).join(name), bytes)),
            );
        } else {
            let name = PathBuf::from(path.file_name().expect("a name"));
            found.insert(name, fs::read(&path).expect("a file"));
        }
    }
    found
}

/// Every mistake of an error is told in plain words: with a remedy, without hidden characters, without the syntax of a
/// programming language, and without a claim that contradicts what it is about.
pub(crate) fn assert_plain_words(error: &ScenarioError) {
    // So wide that no message is broken into lines.
    let shown = render(error, false, 100_000);
    let is_hidden = |c: char| c.is_control() && c != '\n' && c != '\t' || ('\u{202a}'..='\u{202e}').contains(&c);
    assert!(!shown.contains(is_hidden), "{shown:?}");
    let ScenarioError::Invalid { mistakes, .. } = error else {
        assert!(shown.contains("help: "), "{shown}");
        return;
    };
    for mistake in mistakes {
        assert!(!mistake.help.trim().is_empty(), "no remedy: {shown}");
        let message = mistake.problem.to_string();
        for text in [&message, &mistake.help] {
            for syntax in ["Some(", "None", "Ok(", "Err(", "{\"", "\\\"", "inf inf", "``"] {
                assert!(!text.contains(syntax), "`{syntax}` in: {text}");
            }
        }
        assert_no_contradiction(&message);
    }
}

fn assert_no_contradiction(message: &str) {
    if let Some((expected, found)) = message.split_once(" must be ").and_then(|(_, rest)| rest.rsplit_once(", not ")) {
        assert_ne!(expected, found, "{message}");
    }
    let number = |text: &str| text.replace(',', "").parse::<f64>().ok();
    let Some((value, allowed)) = message.rsplit_once(" is ").and_then(|(_, rest)| rest.split_once(", but must be "))
    else {
        return;
    };
    let Some(value) = number(value) else { return };
    if let Some((least, most)) = allowed.strip_prefix("from ").and_then(|range| range.split_once(" to ")) {
        let (Some(least), Some(most)) = (number(least), number(most)) else { return };
        // Numbers beyond 2^53 are not told apart here.
        assert!(!(value > least && value < most), "{message}");
    } else if let Some((least, most)) =
        allowed.strip_prefix("greater than ").and_then(|range| range.split_once(", at most "))
    {
        let (Some(least), Some(most)) = (number(least), number(most)) else { return };
        assert!(!(value > least && value <= most), "{message}");
    } else if let Some(least) = allowed.strip_prefix("greater than ").and_then(number) {
        assert!(value <= least, "{message}");
    }
}
