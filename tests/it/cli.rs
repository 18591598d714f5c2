//! The program as its users meet it: commands, exit codes, and what becomes of earlier results.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;
use tempfile::TempDir;

use crate::support::contents;

fn gtnet_sim(folder: &Path) -> Command {
    let mut command = Command::cargo_bin("gtnet-sim").expect("the program is built");
    command.current_dir(folder);
    command
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn scenario(name: &str) -> PathBuf {
    repository().join("scenarios").join(format!("{name}.toml"))
}

#[test]
fn a_run_writes_results_and_answers_the_question() {
    let folder = TempDir::new().expect("a temporary folder");
    gtnet_sim(folder.path())
        .args(["run", "--replications", "2"])
        .arg(scenario("quick"))
        .assert()
        .success()
        .stdout(contains("What does a push-open server do for five clients in one day?"))
        .stdout(contains("saves"))
        .stderr("");
    let files = contents(&folder.path().join("results/quick"));
    for name in ["manifest.json", "summary.csv", "charts/server_load.svg", "charts/fill_sources.png"] {
        assert!(files.contains_key(Path::new(name)), "{name} is missing");
    }
}

#[test]
fn threads_and_quietness_change_no_byte_on_disk() {
    let folder = TempDir::new().expect("a temporary folder");
    let run = |out: &str, arguments: &[&str]| {
        gtnet_sim(folder.path())
            .args(["run", "--replications", "3", "--out", out])
            .args(arguments)
            .arg(scenario("quick"))
            .assert()
            .success();
        contents(&folder.path().join(out))
    };
    let reference = run("a", &["--jobs", "1"]);
    assert!(reference == run("b", &["--jobs", "2", "--quiet"]), "threads or quietness change a byte");
    assert!(reference == run("a", &["--jobs", "2"]), "a second run into the same folder changes a byte");
}

#[test]
fn a_trace_lies_beside_the_results_and_changes_no_byte_of_them() {
    let folder = TempDir::new().expect("a temporary folder");
    let staged = scenario("explain/sequence-of-seven-steps");
    let run = |out: &str, arguments: &[&str]| {
        let mut command = gtnet_sim(folder.path());
        command.args(["run", "--quiet", "--out", out]).args(arguments).arg(&staged);
        command
    };
    run("a", &[]).assert().success();
    run("b", &["--trace", "t/trace"]).assert().success();
    let results = contents(&folder.path().join("a"));
    assert!(results == contents(&folder.path().join("b")), "the trace changes a byte");
    let trace = contents(&folder.path().join("t/trace"));
    let names: Vec<String> = trace.keys().map(|path| path.display().to_string()).collect();
    assert_eq!(names, ["trace.jsonl", "trace.perfetto.json"]);
    run("b", &["--trace", "t/trace"]).assert().code(2).stderr(contains("would be replaced"));
    run("b", &["--trace", "u", "--trace-replication", "1"]).assert().code(2).stderr(contains("--trace-replication"));
    fs::write(folder.path().join("file"), "mine").expect("a file");
    run("c", &["--trace", "file/trace"]).assert().code(2).stderr(contains("choose another place with --trace"));
    assert!(!folder.path().join("c").exists(), "nothing is simulated before");
    let mut loud = gtnet_sim(folder.path());
    loud.args(["run", "--format", "json", "--out", "d", "--trace", "v"]).arg(&staged);
    let loud = loud.assert().success().stderr(contains("trace of replication 0 in v"));
    serde_json::from_slice::<serde_json::Value>(&loud.get_output().stdout).expect("JSON and nothing else");
    assert!(!folder.path().join("u").exists() && trace == contents(&folder.path().join("t/trace")));
    // Within the results it is its owner's, like any file that no manifest lists.
    run("a", &["--trace", "a/trace"]).assert().success();
    run("a", &[]).assert().success();
    assert!(contents(&folder.path().join("a/trace")) == trace);
}

#[test]
fn a_first_difference_is_told_or_why_it_cannot_be() {
    let folder = TempDir::new().expect("a temporary folder");
    let compare = |files: &[&str], arguments: &[&str]| {
        let mut command = gtnet_sim(folder.path());
        let files = files.iter().map(|file| scenario(file));
        command.arg("compare").args(files).args(["--first-difference"]).args(arguments);
        command
    };
    let staged = "explain/sequence-of-seven-steps";
    for (files, arguments, message) in [
        (&[staged][..], &[][..], "name a second scenario file"),
        (
            &["faults/partition"],
            &["--variant", "none"],
            "there is no alternative `none` to compare `planned-all-know` with",
        ),
        (&["faults/partition"], &["--replication", "999"], "there is no replication 999"),
        (&["faults/partition"], &["--warmup", "auto"], "give a length"),
        (&["faults/partition"], &["--shard", "1/2"], "cannot be used with"),
        (&["quick", "hub-20-clients"], &[], "give them the same run.start"),
    ] {
        compare(files, arguments).assert().code(2).stdout("").stderr(contains(message));
    }
    let copy = folder.path().join("two words.toml");
    let text = fs::read_to_string(scenario(staged)).expect("a scenario");
    let text = text.replacen("name = \"", "name = \"other-", 1).replace("delay = \"15min\"", "delay = \"5min\"");
    fs::write(&copy, text).expect("a file");
    let copied = copy.to_str().expect("text").to_owned();
    let told = || {
        let mut command = compare(&[staged], &["--out", "told.txt"]);
        command.arg(&copied);
        command
    };
    told().assert().success().stdout("");
    let text = fs::read_to_string(folder.path().join("told.txt")).expect("what is told");
    assert!(
        text.contains("One key alone differs, and so made it so:\n    connector.provider.delay: \"5min\""),
        "{text}"
    );
    assert!(text.contains("two words.toml' --exchange "), "{text}");
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 2, "no results");
    told().assert().code(2).stderr(contains("would be replaced"));
    let explain = |variant: &str| {
        let mut command = gtnet_sim(folder.path());
        command.arg("explain").arg(scenario("faults/partition")).args(["--variant", variant]);
        command
    };
    explain("none").assert().code(2).stderr(contains("there is no variant `none`"));
}

#[test]
fn what_cannot_be_explained_exits_with_2() {
    let folder = TempDir::new().expect("a temporary folder");
    let explain = |arguments: &[&str]| {
        let mut command = gtnet_sim(folder.path());
        command.arg("explain").arg(scenario("explain/sequence-of-seven-steps")).args(arguments);
        command
    };
    for (arguments, message) in [
        (["--exchange", "999"].as_slice(), "the nearest is"),
        (&["--user", "hub-1"], "there is no user `hub-1`"),
        (&["--user", "local-1", "--at", "noon"], "`noon` is no moment"),
        (&["--user", "local-1", "--at", "2026-03-01T00:00:00Z"], "before the run begins"),
        (&["--user", "local-1", "--at=-5h"], "before the run begins"),
        (&["--user", "local-1", "--at", "-5h"], "before the run begins"),
        (&["--user", "local-1", "--at", "900d"], "after the run ends"),
        (&["--exchange", "0"], "the nearest is 1"),
        (&["--memory", "1kB"], "--memory"),
        (&["--out", "missing/life.txt"], "choose another place with --out"),
        (&["--call", "999"], "the nearest is"),
        (&["--instrument", "security-4"], "holds no instrument `security-4`"),
        (&["--replication", "1"], "there is no replication 1"),
        (&["--slowest", "--typical"], "cannot be used with"),
    ] {
        explain(arguments).assert().code(2).stdout("").stderr(contains(message));
    }
    explain(&["--format", "svg", "--out", "picture.svg"]).assert().success().stdout("");
    let picture = fs::read_to_string(folder.path().join("picture.svg")).expect("a picture");
    assert!(picture.contains("<desc>Exchange "));
    explain(&["--out", "picture.svg"]).assert().code(2).stderr(contains("would be replaced"));
}

#[test]
fn quiet_prints_nothing() {
    let folder = TempDir::new().expect("a temporary folder");
    let quiet = ["run", "--quiet", "--replications", "1"];
    gtnet_sim(folder.path()).args(quiet).arg(scenario("quick")).assert().success().stdout("").stderr("");
}

/// A weekend is measured: whatever was asked, the answer is that nothing happened.
#[test]
fn what_does_not_happen_is_said_first() {
    let folder = TempDir::new().expect("a temporary folder");
    let weekend = ["--set", "run.start=2026-03-27T00:00:00Z"];
    let told = "there is no visit in the measured period, which lies on a weekend";
    gtnet_sim(folder.path())
        .arg("check")
        .args(weekend)
        .arg(scenario("quick"))
        .assert()
        .success()
        .stderr(contains(told));
    for command in [&["run"][..], &["sweep", "--set", "group.client.count=2,3"], &["capacity", "--parameter"]] {
        let objective = ["group.client.count", "--to", "3", "--objective", "connector_calls <= 9"];
        let more = if command[0] == "capacity" { &objective[..] } else { &[] };
        gtnet_sim(folder.path())
            .args([command, more, &weekend, &["--replications", "1"]].concat())
            .arg(scenario("quick"))
            .assert()
            .success()
            .stderr(contains(told).and(contains("let `run.start` plus `run.warmup` be a weekday")))
            .stdout(contains(told));
    }
}

#[test]
fn json_is_json() {
    let folder = TempDir::new().expect("a temporary folder");
    let json = ["run", "--format", "json", "--replications", "2"];
    let output = gtnet_sim(folder.path()).args(json).arg(scenario("quick")).output().expect("the program runs");
    let parsed: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON and nothing else");
    assert_eq!((&parsed["kind"], &parsed["name"]), (&"run".into(), &"quick".into()));
}

#[test]
fn options_override_the_scenario() {
    let folder = TempDir::new().expect("a temporary folder");
    gtnet_sim(folder.path())
        .args(["check", "--seed", "7", "--set", "group.client.count=3", "--set", "run.seed=5"])
        .arg(scenario("quick"))
        .assert()
        .success()
        .stdout(contains("seed").and(contains("= 7")).and(contains("count").and(contains("= 3"))));
}

#[test]
fn a_checked_scenario_can_be_run_again() {
    let folder = TempDir::new().expect("a temporary folder");
    let check = ["check", "--format", "toml"];
    let output = gtnet_sim(folder.path()).args(check).arg(scenario("quick")).output().expect("the program runs");
    fs::write(folder.path().join("again.toml"), &output.stdout).expect("a file");
    gtnet_sim(folder.path()).args(["run", "--replications", "1", "again.toml"]).assert().success();
}

#[test]
fn wrong_input_exits_with_2_and_leaves_results_alone() {
    let folder = TempDir::new().expect("a temporary folder");
    let quick = ["run", "--quiet", "--replications", "1"];
    gtnet_sim(folder.path()).args(quick).arg(scenario("quick")).assert().success();
    let before = contents(&folder.path().join("results"));

    let text = fs::read_to_string(scenario("quick")).expect("a scenario");
    let broken = [
        ("unknown-key", text.replace("loss =", "losss =")),
        ("wrong-unit", text.replace("\"30s\"", "\"30 parsecs\"")),
        ("negative-rate", text.replace("per_day = 8", "per_day = -8")),
        ("count-0", text.replace("count = 5", "count = 0")),
        ("no-peers", text.split("[[peering]]").next().expect("a part").to_owned()),
        ("not-toml", "scenario = [[[".to_owned()),
        ("warm-up", text.replace("warmup = \"1d\"", "warmup = \"9d\"")),
    ];
    for (name, text) in broken {
        let path = folder.path().join(format!("{name}.toml"));
        fs::write(&path, text).expect("a file");
        gtnet_sim(folder.path()).arg("run").arg(&path).assert().code(2).stdout("").stderr(contains(name));
    }
    // The wrong scenarios whose messages are snapshots.
    for name in [
        "unknown_key",
        "wrong_unit",
        "negative_rate",
        "group_without_peers",
        "missing_data_file",
        "count_of_zero",
        "cycle_of_priorities",
        "duration_shorter_than_warm_up",
        "not_toml",
    ] {
        let path = repository().join(format!("tests/it/fixtures/{name}.toml"));
        gtnet_sim(folder.path()).arg("run").arg(&path).assert().code(2).stdout("").stderr(contains("help"));
    }
    let huge = folder.path().join("huge.toml");
    fs::File::create(&huge).and_then(|file| file.set_len(100 << 20)).expect("a sparse file");
    gtnet_sim(folder.path()).arg("run").arg(&huge).assert().code(2).stderr(contains("huge.toml"));
    gtnet_sim(folder.path()).args(["run", "missing.toml"]).assert().code(2).stderr(contains("missing.toml"));
    gtnet_sim(folder.path()).args(["run", "--set", "run.seeds=1"]).arg(scenario("quick")).assert().code(2);
    gtnet_sim(folder.path()).args(["run", "--jobs", "0"]).arg(scenario("quick")).assert().code(2);
    gtnet_sim(folder.path()).arg("fly").assert().code(2);
    assert!(before == contents(&folder.path().join("results")), "results have changed");
}

/// Whatever is written in a scenario, its name, or an argument, the terminal is told of it only.
#[test]
fn no_text_of_the_user_steers_the_terminal() {
    let folder = TempDir::new().expect("a temporary folder");
    let text = fs::read_to_string(scenario("quick")).expect("a scenario");
    let name = "a\u{1b}]0;b\u{202e}.toml";
    fs::write(folder.path().join(name), text.replace("seed = 42", "\"\\u001b[2J\u{202e}\" = 1")).expect("a file");
    fs::write(folder.path().join("right\u{1b}[2J.toml"), &text).expect("a file");
    let commands: [&[&str]; 6] = [
        &["check", name],
        &["check", "right\u{1b}[2J.toml"],
        &["run", "right\u{1b}[2J.toml", "--set", "scenario.question=\"\\u001b]0;all is well\\nresults in /etc\""],
        &["check", "\u{1b}[2J\u{202e}"],
        &["run", "right\u{1b}[2J.toml", "--replications", "\u{1b}[2J"],
        &["capacity", "right\u{1b}[2J.toml", "--parameter", "\u{1b}[2J", "--objective", "\u{1b}[2J", "--to", "5"],
    ];
    for arguments in commands {
        let output = gtnet_sim(folder.path()).args(arguments).output().expect("the program runs");
        let shown = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).expect("text")).concat();
        assert!(!shown.is_empty());
        assert!(!shown.contains(|c: char| c.is_control() && c != '\n' || c == '\u{202e}'), "{shown:?}");
    }
}

#[test]
fn a_folder_that_holds_something_else_is_not_replaced() {
    let folder = TempDir::new().expect("a temporary folder");
    let out = folder.path().join("thesis");
    fs::create_dir(&out).expect("a folder");
    fs::write(out.join("chapter-1.md"), "years of work").expect("a file");
    gtnet_sim(folder.path())
        .args(["run", "--out", "thesis"])
        .arg(scenario("quick"))
        .assert()
        .code(2)
        .stderr(contains("thesis"));
    assert_eq!(contents(&out).len(), 1);
}

#[test]
fn help_tells_what_there_is() {
    let help = |arguments: &[&str]| {
        let output = gtnet_sim(repository()).args(arguments).output().expect("the program runs");
        String::from_utf8(output.stdout).expect("text")
    };
    insta::assert_snapshot!("help", help(&["--help"]));
    insta::assert_snapshot!("help_run", help(&["run", "--help"]));
    insta::assert_snapshot!("help_check", help(&["check", "--help"]));
    insta::assert_snapshot!("help_compare", help(&["compare", "--help"]));
    insta::assert_snapshot!("help_sweep", help(&["sweep", "--help"]));
    insta::assert_snapshot!("help_sensitivity", help(&["sensitivity", "--help"]));
    insta::assert_snapshot!("help_merge", help(&["merge", "--help"]));
    insta::assert_snapshot!("help_report", help(&["report", "--help"]));
    insta::assert_snapshot!("help_explain", help(&["explain", "--help"]));
    insta::assert_snapshot!("help_capacity", help(&["capacity", "--help"]));
}

/// The commands of the README, as written there.
#[test]
fn the_readmes_commands_are_those_that_work() {
    let readme = fs::read_to_string(repository().join("README.md")).expect("a README");
    assert!(readme.contains("cargo run --release -- run scenarios/quick.toml"), "the first command");
    assert!(readme.contains("cargo test"), "the second command");
    for line in readme.lines().map(str::trim) {
        let Some(arguments) = line.strip_prefix("cargo run --release -- ") else { continue };
        let mut arguments: Vec<&str> = arguments.split_whitespace().take_while(|word| *word != "#").collect();
        // Every command is at least one that the program understands and a scenario that is valid.
        if arguments[0] != "run" && arguments[0] != "check" {
            // What these take is longer than a command line that is only to be understood.
            let scenarios =
                arguments.iter().filter(|argument| Path::new(argument).extension().is_some_and(|end| end == "toml"));
            for scenario in scenarios {
                gtnet_sim(repository()).args(["check", scenario]).assert().success();
            }
            gtnet_sim(repository()).args([arguments[0], "--help"]).assert().success();
            continue;
        }
        if arguments[0] == "run" {
            arguments[0] = "check";
            if let Some(out) = arguments.iter().position(|argument| *argument == "--out") {
                arguments.drain(out..=out + 1);
            }
        }
        gtnet_sim(repository()).args(&arguments).assert().success();
    }
}

/// Every scenario of the repository is valid, asks a question, and is called what its file is called.
#[test]
fn the_scenarios_are_in_order() {
    for path in contents(&repository().join("scenarios")).into_keys() {
        let path = repository().join("scenarios").join(path);
        if path.extension().is_some_and(|extension| extension == "toml") {
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            gtnet_sim(repository())
                .arg("check")
                .arg(&path)
                // The largest ones are valid whether or not they fit into the memory that is allowed by default.
                .args(["--memory", "64GiB"])
                .assert()
                .success()
                .stdout(contains(format!("\"{name}\"")).and(contains('?')));
        }
    }
}
