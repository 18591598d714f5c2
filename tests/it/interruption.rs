//! Studies that are killed at any moment, or divided, and that end in the same bytes nonetheless.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;

use gtnet_sim::random::{Entity, Purpose, Streams};
use gtnet_sim::record::{FileDigest, ResultFile, sealed};
use tempfile::TempDir;

use crate::support::contents;

/// What is left beside results when all is well.
const NOTHING: [PathBuf; 0] = [];

/// Kills in each of the two tests that kill sweeps at moments drawn at random.
const KILLS: u32 = 10;

fn gtnet_sim(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gtnet-sim"));
    command.current_dir(folder).args(arguments).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

/// A sweep of 12 points with 3 replications.
fn sweep(out: &str) -> Vec<String> {
    sweep_of(out, 3)
}

/// A sweep of 12 points.
fn sweep_of(out: &str, replications: u32) -> Vec<String> {
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/quick.toml");
    let axes = ["group.client.count=2,5,9,14", "protocol.freshness_threshold=\"900s\",\"1500s\",\"3600s\""];
    let mut arguments = vec!["sweep".to_owned(), scenario.display().to_string(), "--quiet".to_owned()];
    arguments.extend(["--replications", &replications.to_string(), "--out", out].map(str::to_owned));
    arguments.extend(axes.iter().flat_map(|axis| ["--set".to_owned(), (*axis).to_owned()]));
    arguments
}

/// A sweep of 12 points with one short replication, whose ledger is smaller than its largest chart.
fn small_sweep(out: &str) -> Vec<String> {
    let mut arguments = sweep_of(out, 1);
    arguments.extend(["--set", "run.duration=36h"].map(str::to_owned));
    arguments
}

fn succeed(folder: &Path, arguments: &[String], more: &[&str]) {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).chain(more.iter().copied()).collect();
    let output = gtnet_sim(folder, &arguments).output().expect("the program runs");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn all<'a>(arguments: &'a [String], more: &[&'a str]) -> Vec<&'a str> {
    arguments.iter().map(String::as_str).chain(more.iter().copied()).collect()
}

/// What is in `folder` beside results, whose names are plain.
fn left_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().contains('.'))).collect()
}

/// Puts a reader's own files into results, and returns what is in them then: so many that they take time to move.
fn add_notes(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    fs::write(folder.join("notes.md"), "mine").expect("notes");
    for number in 0..300 {
        fs::write(folder.join(format!("charts/mine-{number}.txt")), format!("mine, {number}")).expect("notes");
    }
    contents(folder)
}

/// Waits until something is at `path`; `false` if the child ends before.
fn appears(path: &Path, child: &mut Child) -> bool {
    loop {
        if path.exists() {
            return true;
        }
        if child.try_wait().expect("a child").is_some() {
            return false;
        }
    }
}

/// The sweep is killed ten times, each time after a random part of the time that all of it takes, and resumed; whenever one
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
    assert_eq!(left_in(home.path()), NOTHING, "beside the results");
}

/// The sweep is killed ten times while it replaces earlier results: each second time at a random moment after it has begun to
/// write, else as soon as it has moved the earlier ones aside. What their reader has put there survives.
#[test]
#[expect(clippy::disallowed_types, reason = "the moments are those of the wall clock")]
fn a_replacement_that_is_killed_loses_nothing() {
    let home = TempDir::new().expect("a folder");
    succeed(home.path(), &sweep("out"), &[]);
    let whole = add_notes(&home.path().join("out"));
    // Everything is known: it goes straight to writing.
    let spawn = || {
        let mut child = gtnet_sim(home.path(), &all(&sweep("out"), &["--resume"])).spawn().expect("the program runs");
        let partial = home.path().join(format!(".out.partial-{}", child.id()));
        let has_begun = appears(&partial.join("summary.csv"), &mut child);
        (child, has_begun)
    };
    let (mut undisturbed, _) = spawn();
    let begun = std::time::Instant::now();
    assert!(undisturbed.wait().expect("a child").success());
    let writing_time = begun.elapsed();
    assert!(contents(&home.path().join("out")) == whole, "not as before");

    let mut moments = Streams::new(8, 0).stream(Purpose::VisitTimes, Entity::named("kills", 0));
    let (mut kills, mut moved_aside, mut seen_writing) = (0, 0, 0);
    while kills < KILLS {
        let (mut child, has_begun) = spawn();
        // On a busy machine it may be done before anybody looks.
        seen_writing += u32::from(has_begun);
        let previous = home.path().join(format!(".out.previous-{}", child.id()));
        if kills % 2 == 0 {
            thread::sleep(writing_time.mul_f64(moments.unit()));
        } else {
            appears(&previous, &mut child);
        }
        if child.try_wait().expect("a child").is_none() {
            child.kill().expect("killed");
            kills += 1;
        }
        let status = child.wait().expect("a child");
        moved_aside += u32::from(previous.exists());
        if status.success() {
            assert!(contents(&home.path().join("out")) == whole, "not as before, after {kills} kills");
        }
    }
    assert!(seen_writing > 0, "nothing was seen to be written");
    assert!(moved_aside > 0, "no kill has hit a replacement");
    succeed(home.path(), &sweep("out"), &["--resume"]);
    assert!(contents(&home.path().join("out")) == whole, "not as before");
    assert_eq!(left_in(home.path()), NOTHING, "beside the results");
}

/// Whatever writes to a folder puts back first what a process that was killed has moved aside.
#[test]
fn what_was_moved_aside_comes_back_by_every_command() {
    let home = TempDir::new().expect("a folder");
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/quick.toml").display().to_string();
    let run = ["run", &scenario, "--quiet", "--replications", "2"];
    for shard in ["1", "2"] {
        succeed(home.path(), &run.map(str::to_owned), &["--shard", &format!("{shard}/2"), "--out", shard]);
    }
    let sweep = ["sweep", &scenario, "--quiet", "--replications", "1", "--set", "group.client.count=2,3"];
    for command in [&run[..], &sweep, &["merge", "--quiet", "1", "2"]] {
        let command: Vec<String> = command.iter().map(|&argument| argument.to_owned()).collect();
        succeed(home.path(), &command, &["--out", "out"]);
        let folder = home.path().join("out");
        fs::write(folder.join("notes.md"), "mine").expect("notes");
        let before = contents(&folder);
        fs::rename(&folder, home.path().join(".out.previous-4711")).expect("moved aside");
        fs::create_dir(home.path().join(".out.partial-4711")).expect("half of the results");
        succeed(home.path(), &command, &["--out", "out/"]);
        assert!(contents(&folder) == before, "{command:?}");
        assert_eq!(left_in(home.path()), NOTHING, "beside the results of {command:?}");
    }
}

/// Processes that write to the same folder at the same time wait for each other.
#[test]
fn runs_at_the_same_time_do_not_disturb_each_other() {
    let home = TempDir::new().expect("a folder");
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/quick.toml").display().to_string();
    let run = ["run", &scenario, "--quiet", "--replications", "1", "--out", "out"];
    succeed(home.path(), &run.map(str::to_owned), &[]);
    let whole = add_notes(&home.path().join("out"));
    for _ in 0..2 {
        let children: Vec<Child> = (0..3).map(|_| gtnet_sim(home.path(), &run).spawn().expect("it runs")).collect();
        for child in children {
            let output = child.wait_with_output().expect("a child");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        assert!(contents(&home.path().join("out")) == whole, "not as before");
        assert_eq!(left_in(home.path()), NOTHING, "beside the results");
    }
}

/// Runs the program where no file can grow beyond `kib` KiB, as if the disk were full then; returns what it complains of.
#[cfg(unix)]
fn fail_on_full_disk(folder: &Path, kib: u64, arguments: &[&str]) -> String {
    let script = "trap '' XFSZ; ulimit -f \"$0\"; exec \"$@\"";
    let mut command = Command::new("bash");
    command.current_dir(folder).args(["-c", script, &kib.to_string(), env!("CARGO_BIN_EXE_gtnet-sim")]);
    let output = command.args(arguments).output().expect("bash runs");
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{complaint}");
    complaint
}

#[cfg(unix)]
#[test]
fn a_full_disk_costs_only_what_does_not_fit() {
    let home = TempDir::new().expect("a folder");
    succeed(home.path(), &sweep("whole"), &[]);
    let whole = contents(&home.path().join("whole"));

    // The ledger does not fit, not even at the second attempt.
    let ledger = home.path().join("out.ledger");
    let mut lines = 1;
    for (kib, more) in [(12, &[][..]), (24, &["--resume"])] {
        let complaint = fail_on_full_disk(home.path(), kib, &all(&sweep("out"), more));
        assert!(
            complaint.contains("out.ledger`: make room, or mend what else is wrong, and go on with --resume"),
            "{complaint}"
        );
        let text = fs::read_to_string(&ledger).expect("a ledger");
        assert!(text.ends_with('\n') && text.len() as u64 <= kib * 1_024, "{} bytes", text.len());
        assert!(text.lines().count() > lines, "nothing was kept at {kib} KiB");
        lines = text.lines().count();
    }
    assert!(!home.path().join("out").exists(), "no results of half a study");
    succeed(home.path(), &sweep("out"), &["--resume"]);
    assert!(contents(&home.path().join("out")) == whole, "not as if nothing had happened");
    assert_eq!(left_in(home.path()), NOTHING, "beside the results");
}

/// The ledger fits, but the largest file does not: the results are the earlier ones until there is room.
#[cfg(unix)]
#[test]
fn a_full_disk_leaves_earlier_results_as_they_are() {
    let home = TempDir::new().expect("a folder");
    let folder = home.path().join("out");
    succeed(home.path(), &small_sweep("out"), &[]);
    let mut whole = contents(&folder);
    let (largest, bytes) = whole.iter().max_by_key(|(_, bytes)| bytes.len()).expect("files");
    let largest = largest.display().to_string();
    let kib = bytes.len() as u64 / 1_024 - 1;
    succeed(home.path(), &small_sweep("out"), &["--seed", "77"]);
    let earlier = add_notes(&folder);

    let complaint = fail_on_full_disk(home.path(), kib, &all(&small_sweep("out"), &[]));
    assert!(complaint.contains("failed to write to file") && complaint.contains(&largest), "{complaint}");
    assert!(contents(&folder) == earlier, "the earlier results have changed");
    let ledger = fs::read_to_string(home.path().join("out.ledger")).expect("a ledger");
    assert_eq!(ledger.lines().count(), 1 + 12);

    succeed(home.path(), &small_sweep("out"), &["--resume"]);
    let is_own = |path: &Path| path.to_string_lossy().contains("mine-") || path.ends_with("notes.md");
    whole.extend(earlier.into_iter().filter(|(path, _)| is_own(path)));
    assert!(contents(&folder) == whole, "not as if nothing had happened");
    assert_eq!(left_in(home.path()), NOTHING, "beside the results");
}

/// A run, a comparison and a sweep, each in three parts that are simulated in any order, joined again; a part that is
/// missing is named.
#[test]
fn shards_join_to_the_bytes_of_one_machine() {
    let home = TempDir::new().expect("a folder");
    let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let scenario = |name: &str| scenarios.join(name).display().to_string();
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let same_period = "--set run.start=2026-03-02T00:00:00Z --set run.warmup=1d --set run.duration=2d";
    let (quick, open) = (scenario("quick.toml"), scenario("open-only.toml"));
    let precision = "--precision connector_calls=6% --max-replications 12";
    let range = "--parameter group.client.count --from 2 --to 9 --objective connector_calls.saving>=20% --smallest";
    let commands = [
        ("run", words(&format!("run {quick}"))),
        ("precise-run", words(&format!("run {quick} {precision}"))),
        ("compare", words(&format!("compare {quick} {open} {same_period}"))),
        ("sweep", words(&format!("sweep {quick} --set group.client.count=2,7"))),
        ("precise-sweep", words(&format!("sweep {quick} --set group.client.count=2,7 {precision}"))),
        ("capacity", words(&format!("capacity {quick} {range}"))),
    ];
    for (name, command) in commands {
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

        // Nothing takes the place of a shard but the same one.
        let kept = contents(&home.path().join(&shards[0]));
        for other in [&["--shard", "2/3"][..], &["--shard", "3/3", "--seed", "7"], &[]] {
            let arguments = all(&command, &[other, &["--quiet", "--replications", "4", "--out", &shards[0]]].concat());
            let refused = gtnet_sim(home.path(), &arguments).output().expect("the program runs");
            assert_eq!(refused.status.code(), Some(2), "{other:?}");
            let complaint = String::from_utf8_lossy(&refused.stderr).into_owned();
            assert!(complaint.contains("holds a shard (3/3)"), "{complaint}");
        }
        assert!(contents(&home.path().join(&shards[0])) == kept);
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
    let savings = savings.filter(|row| &row[3] == "connector_calls" && &row[4] == "saving");
    let first = savings
        .filter(|row| row[6].parse::<f64>().is_ok_and(|saving| saving >= 0.12))
        .map(|row| row[1].to_owned())
        .next();
    let first = first.expect("twelve clients save so much");
    assert!(found.contains(&format!("The limit is kept from {first} clients on ")), "{first}: {found}");

    assert!(search("connector_calls.saving >= 0%", &[]).contains("is kept at all of the 9 values that were looked at"));
    assert!(search("user_wait_p50 <= 1ms", &[]).contains("is broken at all of the 9 values that were looked at"));
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
    let changed = ResultFile {
        name: "replications.csv".to_owned(),
        bytes: format!("{header}\n{}\n", marked.join("\n")).into_bytes(),
    };
    fs::write(&path, &changed.bytes).expect("written");
    let axis = "group.client.count=3,4,6";
    let refused = gtnet_sim(home.path(), &["sweep", &scenario, "--quiet", "--out", "grown", "--set", axis, "--resume"])
        .output()
        .expect("it starts");
    assert_eq!(refused.status.code(), Some(2), "numbers that somebody has changed are not taken over");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("it is not as gtnet-sim wrote it"));
    let manifest = home.path().join("grown/manifest.json");
    let mut digests: serde_json::Value =
        serde_json::from_slice(&fs::read(&manifest).expect("a manifest")).expect("it is JSON");
    let files = digests["files"].as_array_mut().expect("a list");
    let entry = files.iter_mut().find(|file| file["name"] == "replications.csv").expect("an entry");
    *entry = serde_json::to_value(FileDigest::of(&changed)).expect("it is a table");
    digests.as_object_mut().expect("an object").remove("manifest_sha256");
    fs::write(&manifest, sealed(&digests)).expect("written");
    sweep("grown", axis, &["--resume"]);
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
        // What a replication contributes to quantiles depends on how many there are.
        let pooled = text.lines().next().expect("a header").matches(",pooled_").count();
        let own = |line: &str| line.rsplitn(pooled + 1, ',').last().expect("a part").to_owned();
        text.lines().map(own).collect::<Vec<_>>()
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
