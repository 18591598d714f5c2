//! Studies that are killed at any moment, or divided, and that end in the same bytes nonetheless.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use gtnet_sim::random::{Entity, Purpose, Streams};
use tempfile::TempDir;

use crate::support::contents;

/// Kills of running sweeps, at moments drawn at random.
const KILLS: u32 = 50;

fn gtnet_sim(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gtnet-sim"));
    command.current_dir(folder).args(arguments).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

/// A sweep of 12 points with 3 replications.
fn sweep(out: &str) -> Vec<String> {
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/quick.toml");
    let axes = ["group.client.count=2,5,9,14", "protocol.freshness_threshold=\"900s\",\"1500s\",\"3600s\""];
    let mut arguments = vec!["sweep".to_owned(), scenario.display().to_string(), "--quiet".to_owned()];
    arguments.extend(["--replications", "3", "--out", out].map(str::to_owned));
    arguments.extend(axes.iter().flat_map(|axis| ["--set".to_owned(), (*axis).to_owned()]));
    arguments
}

fn succeed(folder: &Path, arguments: &[String], more: &[&str]) {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).chain(more.iter().copied()).collect();
    let output = gtnet_sim(folder, &arguments).output().expect("the program runs");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// The sweep is killed 50 times, each time after a random part of the time that all of it takes, and resumed; whenever one
/// ends, its results are compared and the next one begins.
#[test]
#[expect(clippy::disallowed_types, reason = "the moments are those of the wall clock")]
fn a_study_that_is_killed_and_resumed_gives_the_same_bytes() {
    let home = TempDir::new().expect("a folder");
    let begun = std::time::Instant::now();
    succeed(home.path(), &sweep("whole"), &["--jobs", "2"]);
    let whole_time = begun.elapsed();
    let whole = contents(&home.path().join("whole"));

    let mut moments = Streams::new(7, 0).stream(Purpose::VisitTimes, Entity::named("kills", 0));
    let (mut kills, mut finished) = (0, 0);
    while kills < KILLS {
        let out = format!("killed-{finished}");
        let arguments = sweep(&out);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).chain(["--resume"]).collect();
        let mut child = gtnet_sim(home.path(), &arguments).spawn().expect("the program runs");
        thread::sleep(whole_time.mul_f64(0.5 * moments.unit()));
        if child.try_wait().expect("a child").is_none() {
            child.kill().expect("killed");
            kills += 1;
        }
        let status = child.wait().expect("a child");
        if status.success() {
            assert!(contents(&home.path().join(&out)) == whole, "{out} differs");
            finished += 1;
        }
    }
    let out = format!("killed-{finished}");
    succeed(home.path(), &sweep(&out), &["--resume"]);
    assert!(contents(&home.path().join(&out)) == whole, "the last one differs");
    let left: Vec<_> =
        fs::read_dir(home.path()).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    assert!(left.iter().all(|path| path.extension().is_none()), "something is left beside the results: {left:?}");
}

/// A run, a comparison and a sweep, each in three parts that are simulated in any order, joined again; a part that is
/// missing is named.
#[test]
fn shards_join_to_the_bytes_of_one_machine() {
    let home = TempDir::new().expect("a folder");
    let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let scenario = |name: &str| scenarios.join(name).display().to_string();
    let compared = [scenario("quick.toml"), scenario("open-only.toml")];
    let commands = [
        vec!["run".to_owned(), scenario("quick.toml")],
        vec!["compare".to_owned(), compared[0].clone(), compared[1].clone()],
        vec!["sweep".to_owned(), scenario("quick.toml"), "--set".to_owned(), "group.client.count=2,7".to_owned()],
    ];
    for command in commands {
        let name = command[0].clone();
        succeed(home.path(), &command, &["--quiet", "--replications", "4", "--out", &format!("{name}-whole")]);
        let shards: Vec<String> = [3, 1, 2].iter().map(|number| format!("{name}-{number}")).collect();
        for (number, out) in [3, 1, 2].iter().zip(&shards) {
            let shard = format!("{number}/3");
            succeed(home.path(), &command, &["--quiet", "--replications", "4", "--shard", &shard, "--out", out]);
        }
        let merged = format!("{name}-merged");
        let merge = |shards: &[String]| {
            let mut arguments = vec!["merge", "--quiet", "--out", &merged];
            arguments.extend(shards.iter().map(String::as_str));
            gtnet_sim(home.path(), &arguments).output().expect("the program runs")
        };
        let incomplete = merge(&shards[..2]);
        assert_eq!(incomplete.status.code(), Some(1));
        let complaint = String::from_utf8_lossy(&incomplete.stderr).into_owned();
        assert!(complaint.contains("1 of 3 shards is missing: 2"), "{complaint}");
        assert!(!home.path().join(&merged).exists(), "nothing is written of an incomplete study");

        let complete = merge(&shards);
        assert!(complete.status.success(), "{}", String::from_utf8_lossy(&complete.stderr));
        assert!(contents(&home.path().join(&merged)) == contents(&home.path().join(format!("{name}-whole"))), "{name}");
    }
    let mixed = gtnet_sim(home.path(), &["merge", "--out", "mixed", "run-1", "sweep-2"]).output().expect("it runs");
    assert_eq!(mixed.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&mixed.stderr).contains("another study"));
}

/// A search finds the boundary that a sweep of the same values shows, and finds it again in what it has kept.
#[test]
fn a_capacity_is_the_boundary_that_a_sweep_shows() {
    let home = TempDir::new().expect("a folder");
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/quick.toml").display().to_string();
    let search = |objective: &str, more: &[&str]| {
        let arguments =
            ["capacity", &scenario, "--replications", "4", "--out", "capacity", "--to", "12", "--objective"];
        let parameter = ["--parameter", "group.client.count"];
        let arguments: Vec<&str> =
            arguments.into_iter().chain([objective]).chain(parameter).chain(more.iter().copied()).collect();
        let output = gtnet_sim(home.path(), &arguments).stdout(Stdio::piped()).output().expect("the program runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let found = search("connector_calls.saving >= 12%", &["--smallest"]);
    assert_eq!(found, search("connector_calls.saving >= 12%", &["--smallest", "--resume"]));

    let sweep = ["sweep", &scenario, "--replications", "4", "--out", "sweep", "--quiet", "--set"];
    let all = "group.client.count=1,2,3,4,5,6,7,8,9,10,11,12";
    succeed(home.path(), &sweep.map(str::to_owned), &[all]);
    let mut reader = csv::Reader::from_path(home.path().join("sweep/summary.csv")).expect("a table");
    let savings = reader.records().map(|row| row.expect("a row"));
    let savings = savings.filter(|row| &row[2] == "connector_calls" && &row[3] == "saving");
    let first = savings
        .filter(|row| row[5].parse::<f64>().is_ok_and(|saving| saving >= 0.12))
        .map(|row| row[1].to_owned())
        .next();
    let first = first.expect("twelve clients save so much");
    assert!(found.contains(&format!("group.client.count = {first} ")), "{first}: {found}");

    assert!(search("connector_calls.saving >= 0%", &[]).contains("always holds"));
    assert!(search("user_wait_p50 <= 1ms", &[]).contains("never holds"));
}

/// What a sweep has simulated is not simulated again when a value is added to its axis.
#[test]
fn a_value_that_is_added_costs_only_that_value() {
    let home = TempDir::new().expect("a folder");
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/quick.toml").display().to_string();
    let sweep = |out: &str, axis: &str, more: &[&str]| {
        let arguments = ["sweep", &scenario, "--replications", "2", "--quiet", "--out", out, "--set", axis];
        succeed(home.path(), &arguments.map(str::to_owned), more);
    };
    sweep("grown", "group.client.count=3,6", &[]);
    // A number that no simulation gives shows which values were taken over.
    let path = home.path().join("grown/replications.csv");
    let text = fs::read_to_string(&path).expect("a table");
    let (header, rows) = text.split_once('\n').expect("rows");
    let column = header.split(',').position(|name| name == "messages_per_d").expect("a column");
    let marked: Vec<String> = rows
        .lines()
        .map(|row| {
            let mut cells: Vec<&str> = row.split(',').collect();
            cells[column] = "123456789.5";
            cells.join(",")
        })
        .collect();
    fs::write(&path, format!("{header}\n{}\n", marked.join("\n"))).expect("written");
    sweep("grown", "group.client.count=3,4,6", &["--resume"]);
    let text = fs::read_to_string(&path).expect("a table");
    let taken_over = text.lines().skip(1).map(|row| row.split(',').nth(column) == Some("123456789.5"));
    assert_eq!(taken_over.collect::<Vec<_>>(), [true, true, false, false, true, true]);
}

/// More precision is more replications, the first of which are those of a study that wants no precision.
#[test]
fn precision_adds_replications() {
    let home = TempDir::new().expect("a folder");
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/quick.toml").display().to_string();
    let rows = |out: &str, replications: &str, more: &[&str]| {
        let arguments = ["sweep", &scenario, "--replications", replications, "--quiet", "--out", out, "--set"];
        let more: Vec<&str> = ["group.client.count=3,6"].into_iter().chain(more.iter().copied()).collect();
        succeed(home.path(), &arguments.map(str::to_owned), &more);
        let text = fs::read_to_string(home.path().join(out).join("replications.csv")).expect("a table");
        text.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let plain = rows("plain", "10", &[]);
    let easy = rows("easy", "3", &["--precision", "connector_calls=1000%"]);
    assert!(plain == easy, "the first look is at ten replications, as widths are luck with fewer");
    let hard = rows("hard", "3", &["--precision", "connector_calls=0.1%", "--max-replications", "14"]);
    assert_eq!(hard.len(), 1 + 2 * 14, "the budget");
    assert!(plain.iter().all(|row| hard.contains(row)));
    // What is known already changes no decision to stop.
    let less = ["--precision", "connector_calls=8%", "--max-replications", "14"];
    let fresh = rows("fresh", "3", &less);
    assert!(fresh.len() < hard.len(), "{}", fresh.len());
    assert!(fresh == rows("hard", "3", &[&less[..], &["--resume"]].concat()));
}
