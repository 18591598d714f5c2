//! What a world takes is told before it is simulated: memory between a third and three times of what a process has had at
//! its peak, whatever makes the world large.
//!
//! `GTNET_SIM_FOOTPRINT=all` tries the larger worlds, too: they take a minute.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

use gtnet_sim::experiment::{Cost, RunOptions, Shard, run};
use gtnet_sim::model::config::{
    FaultConfig, FaultKind, FaultSpell, FaultTarget, FaultTimes, InstanceFault, LinkFault, ProviderFault,
};
use gtnet_sim::model::{Blueprint, Footprint, simulate};
use gtnet_sim::observe::{Fact, Observer};
use gtnet_sim::protocol::PeerViews;
use gtnet_sim::random::Distribution;
use gtnet_sim::report;
use gtnet_sim::scenario::Scenario;
use gtnet_sim::time::{SimDuration, SimTime};

use crate::support::{CLIENT, HUB, around_the_clock, ideal_world};

/// Says which world the child process simulates.
const WORLD: &str = "GTNET_SIM_FOOTPRINT_WORLD";

/// What a process takes that simulates next to nothing is not the world's \[MB\].
const SMALL_MB: f64 = 20.0;

/// A scenario of the repository, changed so that one thing is large.
struct World {
    name: &'static str,
    scenario: &'static str,
    /// With `--set`.
    set: &'static [&'static str],
    replications: u32,
    baseline: bool,
}

const fn quick(name: &'static str, set: &'static [&'static str]) -> World {
    World { name, scenario: "quick", set, replications: 1, baseline: false }
}

const fn committed(scenario: &'static str) -> World {
    World { name: scenario, scenario, set: &[], replications: 1, baseline: true }
}

/// Those that the suite tries.
const WORLDS: &[World] = &[
    committed("quick"),
    committed("hub-20-clients"),
    committed("hub-60-clients"),
    committed("no-gtnet"),
    committed("open-only"),
    committed("three-hubs"),
    quick("pools", &["group.hub.count=50", "instruments.securities=100000", "group.client.users=0"]),
    quick(
        "watchlists whose lengths scatter",
        &[
            "group.client.watchlist.instruments={ normal = { mean = 1, sd = 2e6 } }",
            "instruments.securities=50000",
            "instruments.popularity=uniform",
            "group.client.count=1",
            "group.client.users=100",
            "group.client.visits.per_day=0",
        ],
    ),
    quick(
        "popular instruments in many lists",
        &[
            "group.client.watchlist={ instruments = 100, per_user = 50 }",
            "instruments.popularity={ zipf = 2.0 }",
            "group.client.count=5",
            "group.client.users=20",
            "group.client.visits.per_day=0",
        ],
    ),
    quick(
        "calls that wait after an hour of visits",
        &[
            "group.client.users=1200",
            "group.client.visits.profile={ hourly = [0,0,0,0,0,0,0,0,0,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0] }",
            "group.client.visits.per_day=4",
        ],
    ),
    quick("users", &["group.client.users=20000", "group.client.visits.per_day=0"]),
    quick("peers", &["group.client.count=220", "peering.0.to=client", "group.client.users=1", "run.duration=25h"]),
    quick(
        "random peers",
        &["group.client.count=1000", "peering.0.to=client", "peering.0.select={ random = 30 }", "group.client.users=0"],
    ),
    quick(
        "calls under way",
        &[
            "group.client.gtnet=false",
            "group.client.watchlist.instruments=1000",
            "group.client.cores=1000",
            "connector.six.latency=20h",
            "connector.xetra.latency=20h",
            "connector.yahoo.latency=20h",
        ],
    ),
    quick(
        "a star, whose middle alone has users",
        &[
            "group.hub.count=500",
            "group.hub.mode=open",
            "group.client.count=1",
            "group.client.users=200",
            "group.client.watchlist.instruments=20",
            "group.client.visits.per_day=3",
            "instruments.securities=100",
            "instruments.currency_pairs=0",
            "instruments.currency_pair_share=0",
            "protocol.max_servers=1",
            "connector.six.latency=20h",
            "connector.xetra.latency=20h",
            "connector.yahoo.latency=20h",
        ],
    ),
    quick(
        "requests in many parts",
        &[
            "protocol.max_limit=1",
            "protocol.max_limit_action=split",
            "group.client.users=20",
            "group.client.watchlist.instruments=500",
            "network.timeout=1h",
            "network.loss=0.2",
        ],
    ),
    quick(
        "a flood of visits",
        &[
            "protocol.watchlist_timeout=1min",
            "group.client.users=100",
            "fault.flood.kind=visits",
            "fault.flood.at=client",
            "fault.flood.factor=100",
            "fault.flood.begins=33h",
            "fault.flood.lasts=2h",
        ],
    ),
    quick(
        "a server that nobody reaches",
        &[
            "protocol.peer_views=none",
            "network.timeout=10h",
            "group.client.users=250",
            "fault.hub.kind=black-hole",
            "fault.hub.at=hub",
            "fault.hub.begins=32h",
            "fault.hub.lasts=8h",
        ],
    ),
    quick(
        "providers that let calls wait before they fail",
        &[
            "group.client.gtnet=false",
            "group.client.users=250",
            "group.client.cores=100",
            "fault.yahoo={ kind = \"provider-outage\", provider = \"yahoo\", fails_after = \"8h\", begins = \"32h\", lasts = \"8h\" }",
            "fault.six={ kind = \"provider-slow\", provider = \"six\", factor = 1e5, begins = \"32h\", lasts = \"8h\" }",
        ],
    ),
    quick(
        "a server that becomes too slow",
        &[
            "group.client.users=250",
            "network.timeout=10h",
            "fault.hub={ kind = \"slow\", at = \"hub\", factor = 1e6, begins = \"32h\", lasts = \"8h\" }",
        ],
    ),
    quick("pings of all peers", &["protocol.preset=gt-0.36.5", "group.client.count=60", "peering.0.to=client"]),
    World {
        name: "clients at servers in turn",
        scenario: "bench/w2-10k",
        set: &[
            "group.server.count=1000",
            "group.client.count=20000",
            "group.client.visits.per_day=0",
            "run.duration=1min",
        ],
        replications: 1,
        baseline: false,
    },
    World {
        name: "what is measured of many servers",
        scenario: "bench/w2-10k",
        set: &["group.server.count=6000", "group.client.count=6000", "group.client.visits.per_day=1"],
        replications: 1,
        baseline: false,
    },
    World { name: "replications", scenario: "quick", set: &["run.duration=25h"], replications: 150, baseline: true },
    quick(
        "a long time",
        &[
            "run.duration=1000d",
            "group.hub.count=30",
            "group.client.count=1",
            "group.client.users=2",
            "group.client.visits.per_day=4",
            "instruments.securities=100",
        ],
    ),
];

/// Larger ones.
const LARGE_WORLDS: &[World] = &[
    World { name: "a benchmark", scenario: "bench/w2-10k", set: &[], replications: 1, baseline: false },
    quick("many pools", &["group.hub.count=100", "instruments.securities=1000000", "group.client.users=0"]),
    quick(
        "a full mesh",
        &["group.client.count=1500", "peering.0.to=client", "group.client.users=1", "run.duration=25h"],
    ),
    quick(
        "long watchlists",
        &[
            "group.client.watchlist.instruments=50000",
            "instruments.securities=100000",
            "group.client.users=20",
            "group.client.visits.per_day=1",
            "group.client.gtnet=false",
        ],
    ),
    quick(
        "millions of calls under way",
        &[
            "group.client.gtnet=false",
            "group.client.watchlist.instruments=2000",
            "group.client.users=20",
            "group.client.cores=1000",
            "connector.six.latency=20h",
            "connector.xetra.latency=20h",
            "connector.yahoo.latency=20h",
        ],
    ),
    quick(
        "a server that is too slow",
        &["group.hub.service.base=60s", "group.hub.workers=1", "group.client.count=100", "run.duration=8d"],
    ),
    World {
        name: "many replications",
        scenario: "quick",
        set: &["run.duration=25h"],
        replications: 3_000,
        baseline: true,
    },
];

impl World {
    fn scenario(&self) -> Scenario {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(format!("{}.toml", self.scenario));
        let replications = format!("run.replications={}", self.replications);
        let overrides: Vec<String> = self.set.iter().map(|text| (*text).to_owned()).chain([replications]).collect();
        Scenario::load(&path, &overrides).unwrap_or_else(|error| panic!("{}: {error:?}", self.name))
    }

    /// What it is estimated to take \[MB\].
    fn estimate_mb(&self) -> f64 {
        Cost::of_run(&self.scenario(), f64::from(self.replications), self.baseline).bytes(1) / 1e6
    }

    /// What a process that does nothing else has had at its peak \[MB\].
    fn peak_mb(&self) -> f64 {
        let program = env::current_exe().expect("the test's own program");
        let child = Command::new(program)
            .args(["--exact", "footprint::a_world_in_a_process_of_its_own", "--ignored", "--nocapture"])
            .env(WORLD, self.name)
            .output()
            .expect("a child process");
        let output = String::from_utf8_lossy(&child.stdout);
        let peak = output.lines().find_map(|line| line.split_once("VmHWM:").map(|(_, rest)| rest.trim()));
        let kilobytes =
            peak.and_then(|peak| peak.strip_suffix("kB")).and_then(|number| number.trim().parse::<f64>().ok());
        kilobytes.unwrap_or_else(|| panic!("{}: {output}{}", self.name, String::from_utf8_lossy(&child.stderr)))
            * 1.024e-3
    }
}

#[test]
#[ignore = "the child process of the test below, which says what to simulate"]
fn a_world_in_a_process_of_its_own() {
    let name = env::var(WORLD).expect("started by the test below");
    let world = WORLDS.iter().chain(LARGE_WORLDS).find(|world| world.name == name).expect("a world of the list");
    let options = RunOptions { jobs: Some(1), baseline: world.baseline };
    let record = run(&world.scenario(), options, Shard::WHOLE, &()).expect("a thread");
    let files = report::files(&record);
    let status = fs::read_to_string("/proc/self/status").expect("what Linux says of a process");
    let peak = status.lines().find(|line| line.starts_with("VmHWM:")).expect("the peak of its memory");
    assert!(!files.is_empty());
    println!("\n{peak}");
}

#[test]
#[cfg(target_os = "linux")]
fn memory_is_known_before_the_start() {
    let all = env::var_os("GTNET_SIM_FOOTPRINT").is_some();
    let mut wrong = Vec::new();
    for world in WORLDS.iter().chain(LARGE_WORLDS.iter().filter(|_| all)) {
        let (estimate, peak) = (world.estimate_mb(), world.peak_mb());
        let ratio = estimate / peak;
        println!("{}: {estimate:.1} MB estimated, {peak:.1} MB taken", world.name);
        // What the process itself takes hides nothing of a large world.
        let beyond = (estimate - SMALL_MB) / (peak - SMALL_MB);
        let is_large = estimate.max(peak) > 3.0 * SMALL_MB;
        if !(1.0 / 3.0..=3.0).contains(&ratio) || is_large && !(1.0 / 3.0..=3.0).contains(&beyond) {
            wrong.push(format!("{}: {estimate:.1} MB estimated, {peak:.1} MB taken", world.name));
        }
    }
    assert!(wrong.is_empty(), "beyond a factor of three:\n{}", wrong.join("\n"));
}

/// Somebody for whom each call is made by itself.
struct InOrder;

impl Observer for InOrder {
    fn observe(&mut self, _now: SimTime, _fact: &Fact) {}
}

#[test]
fn events_are_known_roughly() {
    for world in WORLDS.iter().filter(|world| world.baseline && world.name != "replications") {
        let scenario = world.scenario();
        let (with, without) = Cost::of_run(&scenario, 1.0, true).events;
        let count = |config| simulate(&Blueprint::new(config), scenario.seed(), 0, &mut InOrder).events as f64;
        let mut ratios = vec![with / count(scenario.world().clone())];
        ratios.extend(without.map(|without| without / count(scenario.world().without_gtnet())));
        let near = ratios.iter().all(|ratio| (1.0 / 3.0..=3.0).contains(ratio));
        assert!(near, "{}: estimates are {ratios:.2?} times the events", world.name);
    }
}

/// A fault between these hours.
fn fault(name: &str, kind: FaultKind, (begins, ends): (u64, u64)) -> FaultConfig {
    let spell = FaultSpell { begins: SimDuration::from_hours(begins), lasts: SimDuration::from_hours(ends - begins) };
    FaultConfig { name: name.to_owned(), kind, times: FaultTimes::Set(vec![spell]) }
}

/// The footprint of two days of ten clients with a user each who visits every hour and waits an hour for each provider.
fn footprint(views: PeerViews, faults: &[FaultConfig]) -> Footprint {
    let mut config = ideal_world(10);
    (config.duration, config.warmup) = (SimDuration::from_days(2), SimDuration::ZERO);
    config.groups[CLIENT].visits = Some(around_the_clock(24.0));
    config.network.timeout = SimDuration::from_hours(1);
    config.connectors[0].latency = Distribution::Constant(3_600.0);
    config.policy.peer_views = views;
    config.faults = faults.to_vec();
    Footprint::of(&config)
}

fn at_a_time(footprint: &Footprint, name: &str) -> f64 {
    let part = footprint.simulation.iter().find(|part| part.name == name);
    part.map_or(0.0, |part| part.factors[0].0)
}

#[test]
fn the_extra_visits_of_floods_are_counted() {
    let visits = |at: Vec<FaultTarget>, times: Option<FaultTimes>| {
        let mut flood = fault("flood", FaultKind::Visits { at, factor: 3.0 }, (10, 13));
        flood.times = times.unwrap_or(flood.times);
        footprint(PeerViews::Ideal, &[flood]).traffic.visits
    };
    let [all, one] = [None, Some(4)].map(|number| FaultTarget { group: CLIENT, number });
    let near = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-6, "{found} instead of {expected}");
    near(footprint(PeerViews::Ideal, &[]).traffic.visits, 480.0);
    // Two extra visits an hour for three hours, of each of ten users or of one.
    near(visits(vec![all], None), 540.0);
    near(visits(vec![one, one], None), 486.0);
    near(visits(vec![one, all], None), 540.0);
    let times = [9.0, 1.0].map(|hours| Distribution::Constant(3_600.0 * hours));
    let [between_s, lasts_s] = times;
    near(visits(vec![all], Some(FaultTimes::Random { between_s, lasts_s })), 480.0 * 1.2);
    let beyond = FaultSpell { begins: SimDuration::from_hours(47), lasts: SimDuration::from_hours(40) };
    near(visits(vec![all], Some(FaultTimes::Set(vec![beyond]))), 500.0);
}

#[test]
fn what_is_under_way_in_a_fault_is_counted_and_most_where_faults_meet() {
    let everybody = vec![FaultTarget { group: CLIENT, number: None }];
    let flood = |name, hours| fault(name, FaultKind::Visits { at: everybody.clone(), factor: 101.0 }, hours);
    let exchanges = |faults: &[FaultConfig]| at_a_time(&footprint(PeerViews::Ideal, faults), "exchanges under way");
    let one = exchanges(&[flood("one", (10, 12))]);
    // 1,010 visits an hour, and four deviations.
    assert!((1_010.0..1_200.0).contains(&one), "{one}");
    let apart = exchanges(&[flood("one", (10, 12)), flood("other", (14, 16))]);
    assert!((apart - one).abs() < 1e-6, "{apart} instead of {one}");
    let together = exchanges(&[flood("one", (10, 12)), flood("other", (11, 16))]);
    assert!((1.7..2.1).contains(&(together / one)), "{together} where {one} are under way in one flood");

    let usual = exchanges(&[]);
    let provider = |fault| FaultKind::Provider { connector: 0, fault };
    let out = ProviderFault::Outage { fails_after: SimDuration::from_hours(9) };
    for kind in [provider(out), provider(ProviderFault::Slow { factor: 9.0 })] {
        let found = exchanges(&[fault("fault", kind.clone(), (10, 20))]) / usual;
        // Nine times as many on average. Deviations grow by the root.
        assert!((4.0..9.0).contains(&found), "{kind:?}: {found} times as many");
    }
}

#[test]
fn messages_that_nobody_answers_are_counted_where_they_are_sent() {
    let [clients, hub] = [CLIENT, HUB].map(|group| vec![FaultTarget { group, number: None }]);
    let messages = |views, kind: &FaultKind| {
        at_a_time(&footprint(views, &[fault("fault", kind.clone(), (10, 20))]), "messages under way")
    };
    let vanished = |at: &Vec<FaultTarget>| FaultKind::Instances { at: at.clone(), fault: InstanceFault::BlackHole };
    let links = |loss, factor| FaultKind::Links {
        between: hub.clone(),
        and: clients.clone(),
        fault: LinkFault { loss, factor },
    };
    for (views, kind) in
        [(PeerViews::None, vanished(&hub)), (PeerViews::Ideal, vanished(&clients)), (PeerViews::Ideal, links(1.0, 1.0))]
    {
        // Ten requests and ten pushes an hour wait for an hour, and four deviations.
        let many = messages(views, &kind);
        assert!((20.0..40.0).contains(&many), "{kind:?}: {many}");
    }
    let few = messages(PeerViews::Ideal, &vanished(&hub));
    assert!(few < 3.0, "{few}: nobody asks whom nobody reaches");
    assert!(messages(PeerViews::Ideal, &links(0.0, 1.0)) < 3.0);
}
