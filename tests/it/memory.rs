//! What does not fit into the memory that is allowed is refused before it is simulated, by every command that simulates, with
//! what is large in it; what fits only one at a time is simulated one at a time.

use std::path::Path;

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;
use tempfile::TempDir;

use crate::support::contents;

/// What makes the scenario too large, and the words that must tell it.
const TOO_LARGE: [(&[&str], &[&str]); 6] = [
    (
        &[
            "group.hub.count=1000",
            "instruments.securities=1000000",
            "instruments.popularity=uniform",
            "group.client.watchlist.instruments=100000",
        ],
        &["pools: 1,000 × 760,000 instruments = 49 GB", "group.hub.count: --set"],
    ),
    (
        &[
            "group.client.watchlist.instruments={ normal = { mean = 1, sd = 2e6 } }",
            "instruments.securities=1000000",
            "instruments.popularity=uniform",
            "group.client.users=2000",
            "group.client.count=1",
            "group.client.visits.per_day=0",
        ],
        &["watchlists: 800,000,000 entries", "group.client.watchlist.instruments: --set"],
    ),
    (
        &["group.client.count=5000", "peering.0.to=client", "group.client.users=1"],
        &["peers that instances know: 25,000,000 = ", "group.client.count: --set"],
    ),
    (
        &[
            "instruments.securities=400000",
            "instruments.popularity=uniform",
            "group.client.gtnet=false",
            "group.client.watchlist.instruments=400000",
            "group.client.users=45",
            "group.client.cores=100000",
            "connector.six.latency=23h",
        ],
        &["exchanges under way: ", "pending events: "],
    ),
    (&["run.replications=100000", "group.client.count=1000"], &["what is measured: 100,000 replications"]),
    (&["run.duration=3650d", "group.hub.count=2000"], &["counters and histograms: 2,000 servers"]),
];

fn gtnet_sim(folder: &Path, command: &str, arguments: &[&str], set: &[&str]) -> Command {
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/quick.toml");
    let mut program = Command::cargo_bin("gtnet-sim").expect("the program is built");
    program.current_dir(folder).arg(command).arg(scenario).args(arguments);
    for value in set {
        program.args(["--set", value]);
    }
    program
}

#[test]
fn what_does_not_fit_is_refused_with_what_is_large() {
    let folder = TempDir::new().expect("a temporary folder");
    for (set, words) in TOO_LARGE {
        for command in ["check", "run"] {
            let refused = gtnet_sim(folder.path(), command, &[], set).assert().code(2).stdout("");
            let refused =
                refused.stderr(contains("8GiB are allowed").and(contains("help: ").and(contains("--memory "))));
            words.iter().fold(refused, |refused, words| refused.stderr(contains(*words)));
        }
    }
    assert!(contents(folder.path()).is_empty(), "something was written");
}

#[test]
fn a_study_is_refused_by_its_largest_point_before_anything_is_simulated() {
    let folder = TempDir::new().expect("a temporary folder");
    let (_, watched) = TOO_LARGE[0].0.split_first().expect("the number of pools comes first");
    let set = watched;
    let sweep = [set, &["group.hub.count=1,1000"]].concat();
    let told = || contains("group.hub.count=1000\" ").and(contains("pools: 1,000 × 760,000 instruments = 49 GB"));
    gtnet_sim(folder.path(), "sweep", &[], &sweep).assert().code(2).stdout("").stderr(told());
    let search = [
        "--parameter",
        "group.hub.count",
        "--objective",
        "user_wait_p95 <= 2s",
        "--from",
        "1",
        "--to",
        "1001",
        "--step",
        "999",
    ];
    gtnet_sim(folder.path(), "capacity", &search, set).assert().code(2).stdout("").stderr(told());
    assert!(contents(folder.path()).is_empty(), "something was written");
}

#[test]
fn more_memory_can_be_allowed_and_less() {
    let folder = TempDir::new().expect("a temporary folder");
    let (pools, _) = TOO_LARGE[0];
    gtnet_sim(folder.path(), "check", &["--memory", "64GiB"], pools)
        .assert()
        .success()
        .stdout(contains("memory: 56 GB"));
    gtnet_sim(folder.path(), "run", &["--memory", "1MB"], &[]).assert().code(2).stderr(contains("1MB are allowed"));
    for wrong in ["16", "many", "0GiB", "16 parsecs"] {
        gtnet_sim(folder.path(), "run", &["--memory", wrong], &[]).assert().code(2).stderr(contains("such as 16GiB"));
    }
}

#[test]
fn as_many_are_under_way_at_a_time_as_fit_which_changes_no_byte() {
    let folder = TempDir::new().expect("a temporary folder");
    let set = ["instruments.securities=1000000", "run.duration=34h", "run.replications=3"];
    let run = |out: &str, memory: &str| {
        let arguments = ["--jobs", "64", "--memory", memory, "--out", out];
        let done = gtnet_sim(folder.path(), "run", &arguments, &set).assert().success();
        (String::from_utf8_lossy(&done.get_output().stderr).into_owned(), contents(&folder.path().join(out)))
    };
    let (told, few) = run("few", "90MB");
    assert!(told.contains("1 at a time instead of 64: each simulation takes about"), "{told}");
    let (told, many) = run("many", "8GiB");
    assert_eq!(told, "");
    assert!(few == many, "the number of simulations at a time changes a byte");
}

#[test]
fn a_check_tells_what_a_simulation_takes() {
    let folder = TempDir::new().expect("a temporary folder");
    for format in ["text", "toml"] {
        let told = contains("# memory: ")
            .and(contains("# events: roughly ").and(contains("less than 3 s for all 20 simulations")));
        gtnet_sim(folder.path(), "check", &["--format", format], &[]).assert().success().stdout(told);
    }
    let hours = ["group.client.watchlist.instruments=1000000", "instruments.securities=1000000"];
    gtnet_sim(folder.path(), "check", &["--memory", "1TiB"], &hours)
        .assert()
        .success()
        .stdout(contains(" d for all 20 simulations"));
}
