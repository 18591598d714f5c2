//! What a world takes is told before it is simulated: memory between a third and three times of what a process has had at
//! its peak, whatever makes the world large.
//!
//! `GTNET_SIM_FOOTPRINT=all` tries the larger worlds, too: they take a minute.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

use gtnet_sim::experiment::{Cost, RunOptions, Shard, run};
use gtnet_sim::model::{Blueprint, simulate};
use gtnet_sim::report;
use gtnet_sim::scenario::Scenario;

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
    World { name: scenario, scenario, set: &[], replications: 2, baseline: true }
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
            "group.client.count=20",
            "group.client.users=20",
            "group.client.visits.per_day=0",
        ],
    ),
    quick(
        "calls that wait after an hour of visits",
        &[
            "group.client.users=2000",
            "group.client.visits.profile={ hourly = [0,0,0,0,0,0,0,0,0,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0] }",
            "group.client.visits.per_day=4",
        ],
    ),
    quick("users", &["group.client.users=20000", "group.client.visits.per_day=0"]),
    quick("peers", &["group.client.count=300", "peering.0.to=client", "group.client.users=1", "run.duration=25h"]),
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
            "group.hub.count=3000",
            "group.hub.mode=open",
            "group.client.count=1",
            "group.client.users=500",
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
    quick("pings of all peers", &["protocol.preset=gt-0.36.5", "group.client.count=60", "peering.0.to=client"]),
    World { name: "replications", scenario: "quick", set: &["run.duration=25h"], replications: 300, baseline: true },
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

#[test]
fn events_are_known_roughly() {
    for world in WORLDS.iter().filter(|world| world.baseline && world.name != "replications") {
        let scenario = world.scenario();
        let (with, without) = Cost::of_run(&scenario, 1.0, true).events;
        let count = |config| simulate(&Blueprint::new(config), scenario.seed(), 0, &mut ()).events as f64;
        let mut ratios = vec![with / count(scenario.world().clone())];
        ratios.extend(without.map(|without| without / count(scenario.world().without_gtnet())));
        let near = ratios.iter().all(|ratio| (1.0 / 3.0..=3.0).contains(ratio));
        assert!(near, "{}: estimates are {ratios:.2?} times the events", world.name);
    }
}
