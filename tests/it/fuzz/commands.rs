//! Hostile command lines: options with values that nobody thought of, and shards that have to fit together again.

use rand::RngExt as _;
use rand::seq::IndexedRandom as _;
use tempfile::TempDir;

use super::hostile::{pick, text, value};
use super::program::run;
use super::{Dice, each_case};

const QUICK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/quick.toml");

/// A small world, soon simulated.
const SMALL: [&str; 8] = [
    "--set",
    "run.duration=26h",
    "--set",
    "run.warmup=1h",
    "--set",
    "group.client.users=1",
    "--set",
    "group.client.count=2",
];

#[test]
fn command_lines() {
    each_case("commands::command_lines", a_command_line);
}

fn a_command_line(dice: &mut Dice) {
    let folder = TempDir::new().expect("a folder");
    let command = pick(dice, &["run", "compare", "sweep", "capacity", "merge", "check", "help", "--version", ""]);
    let mut words: Vec<String> = vec![command.to_owned()];
    if dice.random_ratio(9, 10) {
        words.push(pick(dice, &[QUICK, QUICK, QUICK, "/dev/null", ".", "missing.toml", ""]).to_owned());
    }
    if dice.random_ratio(9, 10) {
        words.extend(SMALL.map(str::to_owned));
        words.extend(["--replications".to_owned(), pick(dice, &["1", "2", "0", "-1", "100001"]).to_owned()]);
    }
    for _ in 0..dice.random_range(0..4) {
        words.extend(option(dice));
    }
    run(folder.path(), &words);
}

fn option(dice: &mut Dice) -> Vec<String> {
    let name = pick(
        dice,
        &[
            "--set",
            "--seed",
            "--jobs",
            "--out",
            "--shard",
            "--quiet",
            "--format",
            "--warmup",
            "--precision",
            "--max-replications",
            "--no-baseline",
            "--resume",
            "--parameter",
            "--objective",
            "--from",
            "--to",
            "--step",
            "--unit",
            "--smallest",
            "--help",
        ],
    );
    let known = match name {
        "--set" => {
            vec!["group.client.count=1,2", "run.seed=1,1", "scenario.name=x,y", "a=b", "=", "group.client.users=1e99"]
        }
        "--shard" => vec!["1/2", "2/1", "0/1", "1/0", "1/4294967296", "1"],
        "--format" => vec!["json", "text", "toml", "xml"],
        "--warmup" => vec!["auto", "0s", "1d", "2d", "-1s", "1e9d"],
        "--precision" => vec!["5%", "user_wait_p95=100ms", "user_wait_p95=0%", "price_age_p50=1e-9s", "nan%", "x=1"],
        "--out" => vec!["out", "a/b/c", ".", "..", "/dev/null", "/proc/x", "x.toml"],
        "--parameter" => vec!["group.client.count", "run.seed", "network.loss", "x", "peering.0.priority"],
        "--objective" => {
            vec![
                "connector_calls <= 900",
                "connector_calls.saving >= 50%",
                "user_wait_p95 <= 2s",
                "user_wait_p95 <= 2s in 1% of networks",
                "x > 1",
                "<=",
            ]
        }
        "--from" | "--to" | "--step" => vec!["1", "3", "2s", "100ms", "-1", "1e300", "nan", "0"],
        "--unit" => vec!["s", "ms", "", "x"],
        "--seed" | "--jobs" | "--max-replications" => {
            vec!["0", "1", "2", "18446744073709551615", "18446744073709551616"]
        }
        _ => return vec![name.to_owned()],
    };
    let value = match dice.random_range(0..6) {
        0 => value(dice),
        1 => text(dice).replace('\0', ""),
        _ => (*known.choose(dice).expect("a value")).to_owned(),
    };
    vec![name.to_owned(), value]
}

/// Whatever is asked in parts, `merge` puts together.
#[test]
fn shards() {
    each_case("commands::shards", a_study_in_shards);
}

fn a_study_in_shards(dice: &mut Dice) {
    let folder = TempDir::new().expect("a folder");
    let mut words: Vec<String> = vec![pick(dice, &["run", "sweep", "capacity"]).to_owned(), QUICK.to_owned()];
    words.extend(SMALL.map(str::to_owned));
    words.extend(["--replications", "2", "--jobs", "1", "--quiet"].map(str::to_owned));
    match words[0].as_str() {
        "sweep" => words.extend(["--set".to_owned(), "group.hub.workers=1,2".to_owned()]),
        "capacity" => {
            let measure = MEASURES.choose(dice).expect("a measure");
            let condition = pick(dice, &["<=", ">="]);
            let number = pick(dice, &["0", "1", "0.1", "1e-9", "1234567.891", "1e20"]);
            words.extend(["--parameter", "group.client.count", "--to", "2", "--objective"].map(str::to_owned));
            words.push(format!("{}{condition}{number}{}", measure.0, measure.1));
        }
        _ => {}
    }
    for shard in ["1/2", "2/2"] {
        let part =
            [&words[..], &["--shard".to_owned(), shard.to_owned(), "--out".to_owned(), shard[..1].to_owned()]].concat();
        if !run(folder.path(), &part).is_good() {
            return;
        }
    }
    let merged = run(folder.path(), &["merge", "1", "2", "--out", "whole", "--quiet"]);
    assert!(merged.is_good(), "its shards were fine ({}): {merged}", words.join(" "));
}

/// Measures, one for each unit that there is, with that unit as objectives write it.
const MEASURES: [(&str, &str); 8] = [
    ("connector_calls", ""),
    ("connector_calls", "/d"),
    ("connector_calls.saving", "%"),
    ("user_wait_p95", "s"),
    ("user_wait_p50", "ms"),
    ("price_age_p50", "min"),
    ("price_fresh_share", "%"),
    ("price_fresh_share", ""),
];
