//! Runs and studies that decide something themselves: how long the warm-up is, how many replications are enough, what is
//! overloaded, and what they refuse.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

/// A server that can answer once in a thousand seconds, and is asked more often.
const HOPELESS: &[&str] = &["--set", "group.hub.workers=1", "--set", "group.hub.service.base=1000s"];

/// What the program prints on both channels, and its exit code.
struct Ended {
    code: Option<i32>,
    out: String,
    err: String,
}

fn gtnet_sim(folder: &Path, command: &str, scenario: &str, more: &[&str]) -> Ended {
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(scenario);
    let scenario = if scenario.exists() { scenario } else { folder.join(scenario.file_name().expect("a name")) };
    let output = Command::new(env!("CARGO_BIN_EXE_gtnet-sim"))
        .current_dir(folder)
        .arg(command)
        .arg(scenario)
        .args(more)
        .output()
        .expect("the program runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    Ended { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

/// The warm-up that is found is that of the results, and giving it gives the same ones.
#[test]
fn a_warm_up_is_found_in_long_runs() {
    let home = TempDir::new().expect("a folder");
    // Clocks that drift would make it move for ever.
    let long = ["--set", "run.duration=30d", "--set", "group.client.clock.drift_ppm=0", "--replications", "6"];
    let found =
        gtnet_sim(home.path(), "run", "quick.toml", &[&long[..], &["--warmup", "auto", "--out", "auto"]].concat());
    assert_eq!(found.code, Some(0), "{}", found.err);
    let (_, days) = found.err.split_once("quick: warm-up of ").expect("it is told");
    let (days, by) = days.split_once(" d, after which no early week").expect("a length");
    assert!(
        by.contains("week")
            && by.contains("  late")
            && by.contains("connector calls")
            && by.contains("fresh prices")
            && by.contains("user waits"),
        "{by}"
    );
    let digest = |out: &str| {
        let scenario = fs::read_to_string(home.path().join(out).join("points/000.toml")).expect("a scenario");
        let length = if days == "0" { "0s".to_owned() } else { format!("{days}d") };
        assert!(scenario.contains(&format!("warmup = \"{length}\"")), "{scenario}");
        let manifest = fs::read(home.path().join(out).join("manifest.json")).expect("a manifest");
        let manifest: Value = serde_json::from_slice(&manifest).expect("JSON");
        manifest["files"].clone()
    };
    let given = format!("{days}d");
    let given =
        gtnet_sim(home.path(), "run", "quick.toml", &[&long[..], &["--warmup", &given, "--out", "given"]].concat());
    assert_eq!(given.code, Some(0), "{}", given.err);
    assert_eq!(digest("auto"), digest("given"));
    let weeks = fs::read_to_string(home.path().join("auto/charts/weeks.svg")).expect("a chart");
    assert!(weeks.contains("week of the run") && weeks.contains("connector calls"), "{weeks}");
}

#[test]
fn a_warm_up_is_not_guessed() {
    let home = TempDir::new().expect("a folder");
    let short = gtnet_sim(home.path(), "run", "quick.toml", &["--warmup", "auto"]);
    assert_eq!(short.code, Some(2));
    assert!(short.err.contains("4 are needed") && short.err.contains("run.duration=56d"), "{}", short.err);
    let single = ["--warmup", "auto", "--set", "run.duration=28d", "--replications", "1"];
    let single = gtnet_sim(home.path(), "run", "quick.toml", &single);
    assert_eq!(single.code, Some(2));
    assert!(single.err.contains("at least 2") && single.err.contains("run.replications=10"), "{}", single.err);
    let shard = ["--warmup", "auto", "--shard", "1/2", "--set", "run.duration=90d"];
    let shard =
        gtnet_sim(home.path(), "sweep", "quick.toml", &[&shard[..], &["--set", "group.client.count=2,3"]].concat());
    assert_eq!(shard.code, Some(2));
    assert!(shard.err.contains("give all shards its length: --warmup 14d"), "{}", shard.err);
    assert!(!home.path().join("results").exists(), "nothing is left behind");
}

/// Both a longest run that ends with a week and one that ends with a weekend see that the queue is never worked off.
#[test]
fn a_hopeless_server_is_told_instead_of_its_means() {
    let home = TempDir::new().expect("a folder");
    for duration in ["run.duration=5d", "run.duration=8d", "run.duration=43d"] {
        let arguments = [HOPELESS, &["--set", duration, "--replications", "3", "--no-baseline"]].concat();
        let run = gtnet_sim(home.path(), "run", "quick.toml", &arguments);
        assert!(run.out.contains("SATURATED: hub-1") && run.out.contains("95 % served within     –"), "{}", run.out);
    }
    // A server that is idle for most of the time is not, although the period begins with a weekend.
    let idle = ["run.warmup=5d", "run.duration=8d", "group.hub.service.base=150s", "group.hub.workers=1"];
    let idle: Vec<&str> = idle.iter().flat_map(|set| ["--set", set]).chain(["--replications", "3"]).collect();
    let run = gtnet_sim(home.path(), "run", "quick.toml", &idle);
    assert!(!run.out.contains("SATURATED"), "{}", run.out);
    let precise = ["--set", "run.duration=5d", "--precision", "server_queue_length=5%", "--max-replications", "10"];
    let run = gtnet_sim(home.path(), "run", "quick.toml", &[HOPELESS, &precise].concat());
    assert!(run.err.contains("server_queue_length is not determined in every replication"), "{}", run.err);
}

#[test]
fn a_drowned_server_is_not_better() {
    let home = TempDir::new().expect("a folder");
    let quick =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/quick.toml")).expect("it is there");
    let variants = "[[variant]]\nname = \"dry\"\n\n[[variant]]\nname = \"drowned\"\n\
                    set = { \"group.hub.workers\" = 1, \"group.hub.service.base\" = \"1000s\" }\n";
    fs::write(home.path().join("drowned.toml"), format!("{quick}\n{variants}")).expect("written");
    let arguments = ["--set", "network.timeout=1d", "--set", "run.duration=5d", "--replications", "6"];
    let compared = gtnet_sim(home.path(), "compare", "drowned.toml", &arguments);
    assert_eq!(compared.code, Some(0), "{}", compared.err);
    assert!(compared.out.contains("OVERLOAD in drowned: up to "), "{}", compared.out);
    let calls = compared.out.lines().find(|line| line.starts_with("provider calls  ")).expect("a row");
    assert!(calls.ends_with("not known (too many visits never end)"), "{calls}");

    let stuck = [&arguments[..], &["--set", "group.hub.workers=1", "--set", "group.hub.service.base=1000s"]].concat();
    fs::write(home.path().join("stuck.toml"), &quick).expect("written");
    let run = gtnet_sim(home.path(), "run", "stuck.toml", &stuck);
    assert!(run.out.contains("OVERLOAD: unfinished") && !run.out.contains("GTNet saves"), "{}", run.out);

    // What `run` is asked is the scenario alone, and it says so; what variants set cannot be set for all.
    let run = gtnet_sim(home.path(), "run", "drowned.toml", &["--replications", "2"]);
    assert!(run.err.contains("`gtnet-sim compare` simulates its [[variant]]"), "{}", run.err);
    let hidden = gtnet_sim(home.path(), "compare", "drowned.toml", &["--set", "group.hub.workers=2"]);
    assert_eq!(hidden.code, Some(2));
    assert!(hidden.err.contains("would have no effect on the variant `drowned`"), "{}", hidden.err);
}

#[test]
fn alternatives_of_other_periods_are_refused() {
    let home = TempDir::new().expect("a folder");
    let open = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/open-only.toml").display().to_string();
    let compared = gtnet_sim(home.path(), "compare", "quick.toml", &[&open]);
    assert_eq!(compared.code, Some(2));
    assert!(compared.err.contains("do not begin and end at the same time"), "{}", compared.err);
}

#[test]
fn a_seed_that_is_not_that_of_the_first_file_is_told() {
    let home = TempDir::new().expect("a folder");
    let quick = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/quick.toml")).expect("a scenario");
    let other = quick.replace("name = \"quick\"", "name = \"other\"").replace("seed = 42", "seed = 43");
    fs::write(home.path().join("other.toml"), other).expect("a file");
    let arguments = ["other.toml", "--replications", "1", "--set", "run.duration=26h", "--set", "run.warmup=1h"];
    let compared = gtnet_sim(home.path(), "compare", "quick.toml", &arguments);
    assert_eq!(compared.code, Some(0), "{}", compared.err);
    let told =
        "note: `other` has seed 43 and 1 replications; all are compared with those of the first file, seed 42 and 1";
    assert!(compared.err.contains(told), "{}", compared.err);
    let alike = gtnet_sim(home.path(), "compare", "quick.toml", &[&arguments[..], &["--seed", "7"]].concat());
    assert!(!alike.err.contains("has seed"), "{}", alike.err);
}

/// Each comparison of several files has a folder of its own.
#[test]
fn comparisons_with_others_are_kept_apart() {
    let home = TempDir::new().expect("a folder");
    let quick = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/quick.toml");
    for name in ["b", "c", "b-c"] {
        let text = format!("[scenario]\nbase = {quick:?}\nname = \"{name}\"\nquestion = \"Is it the same?\"\n");
        fs::write(home.path().join(format!("{name}.toml")), text).expect("written");
    }
    for others in [&["b.toml", "c.toml"][..], &["b-c.toml"]] {
        let compared = gtnet_sim(home.path(), "compare", "quick.toml", &[others, &["--replications", "1"]].concat());
        assert_eq!(compared.code, Some(0), "{}", compared.err);
    }
    let results = home.path().join("results");
    assert!(results.join("quick-against-b+c").exists() && results.join("quick-against-b-c").exists());
}

/// The answer is where programs find it, too.
#[test]
fn the_answer_of_a_search_is_in_its_results() {
    let home = TempDir::new().expect("a folder");
    let objective = ["--objective", "connector_calls.saving >= 20%", "--smallest", "--replications", "4"];
    let range = ["--parameter", "group.client.count", "--to", "12", "--out", "found", "--format", "json"];
    let found = gtnet_sim(home.path(), "capacity", "quick.toml", &[&objective[..], &range].concat());
    assert_eq!(found.code, Some(0), "{}", found.err);
    let json: Value = serde_json::from_str(&found.out).expect("JSON");
    let capacity = &json["capacity"];
    assert_eq!([&capacity["sought"], &capacity["outcome"]], ["smallest", "found"]);
    assert!(json["curve_of_saving"].is_null(), "what a search has looked at is no grid");
    let table = fs::read_to_string(home.path().join("found/capacity.csv")).expect("a table");
    let cells = |name: &str| capacity[name].as_str().unwrap_or_default().to_owned();
    let row = ["parameter", "objective", "sought", "outcome", "value", "low", "high"].map(cells).join(",");
    assert_eq!(table.lines().nth(1), Some(row.as_str()));

    let single =
        ["--parameter", "group.hub.service.base", "--unit", "s", "--from", "0.1", "--to", "0.7", "--step", "0.1"];
    let objective = ["--objective", "connector_calls.saving >= 0%", "--replications", "1", "--out", "single"];
    let found = gtnet_sim(home.path(), "capacity", "quick.toml", &[&single[..], &objective].concat());
    assert!(found.out.contains("Chance could have decided otherwise with a service time of 100 ms, "), "{}", found.out);
    for (wrong, remedy) in [
        (
            ["--objective", "connector_calls.saving >= 30", "--to", "9", "--parameter", "group.client.count"],
            "write 30%",
        ),
        (
            ["--objective", "user_wait_p95 <= 2s in 90% of networks", "--to", "9", "--parameter", "group.client.count"],
            "--replications 36",
        ),
        (
            ["--objective", "user_wait_p95 <= 2s in 1% of networks", "--to", "9", "--parameter", "run.topology"],
            "remove `run.topology`",
        ),
        (["--objective", "user_wait_p95 <= 2s", "--to", "9ms", "--parameter", "group.client.count"], "a whole number"),
        (["--objective", "user_wait_p95 <= 2s", "--to", "9", "--parameter", "network.timeout"], "write a duration"),
        (
            ["--objective", "user_wait_p95 <= 2s", "--to", "9", "--parameter", "group.client.cuont"],
            "did you mean `count`?",
        ),
    ] {
        let refused = gtnet_sim(home.path(), "capacity", "quick.toml", &wrong);
        assert_eq!(refused.code, Some(2), "{wrong:?}");
        assert!(refused.err.contains(remedy), "{}", refused.err);
        assert!(!refused.err.contains("mistakes"), "told once: {}", refused.err);
    }
    let twice = ["--parameter", "group.client.count", "--to", "9", "--set", "group.client.count=5"];
    let refused = gtnet_sim(home.path(), "capacity", "quick.toml", &[&twice[..], &objective].concat());
    assert_eq!(refused.code, Some(2));
    assert!(refused.err.contains("has no effect on the parameter that is varied"), "{}", refused.err);
}

/// A shard has a folder of its own by default, as it has nowhere else to be.
#[test]
fn shards_do_not_meet_by_default() {
    let home = TempDir::new().expect("a folder");
    for shard in ["1/2", "2/2"] {
        let part =
            gtnet_sim(home.path(), "sweep", "quick.toml", &["--set", "group.client.count=2,3", "--shard", shard]);
        assert_eq!(part.code, Some(0), "{}", part.err);
    }
    let shards = home.path().join("results/quick-sweep-shards");
    assert!(shards.join("1-of-2/shard.json").exists() && shards.join("2-of-2/shard.json").exists());
}

/// What somebody has changed since is no part of anything, and what is missing is told.
#[test]
fn shards_are_joined_as_they_were_written() {
    let home = TempDir::new().expect("a folder");
    let axis = ["--set", "group.client.count=2,3", "--replications", "2"];
    for (shard, out) in [("1/2", "shards/1"), ("2/2", "shards/2")] {
        let part =
            gtnet_sim(home.path(), "sweep", "quick.toml", &[&axis[..], &["--shard", shard, "--out", out]].concat());
        assert_eq!(part.code, Some(0), "{}", part.err);
    }
    let merge = |shards: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_gtnet-sim"))
            .current_dir(home.path())
            .args(["merge", "--out", "merged"])
            .args(shards)
            .output()
            .expect("the program runs");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    // A pattern such as shards/* names the ledger of what was interrupted, too.
    fs::write(home.path().join("shards/2.ledger"), "").expect("written");
    let (code, told) = merge(&["shards/1", "shards/2.ledger"]);
    assert_eq!(code, Some(1));
    assert!(told.contains("1 of 2 shards is missing: 2"), "{told}");
    let (code, told) = merge(&["shards"]);
    assert_eq!(code, Some(2));
    assert!(told.contains("`shards` is no folder of a shard") && told.contains("shards/*/"), "{told}");

    for name in ["shard.json", "units.ledger"] {
        let path = home.path().join("shards/1").join(name);
        let written = fs::read_to_string(&path).expect("text");
        fs::write(&path, written.replacen("\"wanted\": 2", "\"wanted\": 1", 1).replacen("0.", "0.1", 1))
            .expect("written");
        let (code, told) = merge(&["shards/1", "shards/2"]);
        assert_eq!(code, Some(2), "{name}");
        assert!(told.contains("it has been changed since"), "{told}");
        fs::write(&path, written).expect("written");
    }
    assert_eq!(merge(&["shards/1", "shards/2"]).0, Some(0));
}
