//! Hostile scenarios: what `check` calls good, `run` simulates, within the memory that `check` has told.

use std::collections::BTreeMap;
use std::fs;
use std::sync::OnceLock;

use rand::RngExt as _;
use rand::seq::IndexedRandom as _;
use tempfile::TempDir;

use super::hostile::{self, damaged, pick, quoted};
use super::program::{Ended, run};
use super::{Dice, each_case, tries_all};

/// More events than this take too long for a case.
const MOST_EVENTS: f64 = 2e6;

/// More memory than this is not tried.
const MOST_MEMORY_BYTES: f64 = 1.5e9;

/// Of what is smaller, the end may come before anybody has looked at its memory.
const QUICK_BYTES: f64 = 20e6;

/// Every key of the language, each with a value that is fine; its paths, too.
fn good() -> &'static (String, Vec<Leaf>) {
    static GOOD: OnceLock<(String, Vec<Leaf>)> = OnceLock::new();
    GOOD.get_or_init(|| {
        let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/fixtures/valid.toml");
        let set = ["--set", "run.duration=30h", "--set", "run.warmup=2h", "--set", "group.client.users=1"];
        let folder = TempDir::new().expect("a folder");
        let checked = run(folder.path(), &[&["check", fixture, "--format", "toml"], &set[..]].concat());
        assert!(checked.is_good(), "{checked}");
        let table: toml::Table = checked.stdout.parse().expect("a resolved scenario");
        let mut found = Vec::new();
        leaves("", &toml::Value::Table(table), &mut found);
        (checked.stdout, found)
    })
}

/// A value of the scenario, and where it is.
struct Leaf {
    path: String,
    value: toml::Value,
}

/// All values, tables included.
fn leaves(path: &str, value: &toml::Value, found: &mut Vec<Leaf>) {
    if !path.is_empty() {
        found.push(Leaf { path: path.to_owned(), value: value.clone() });
    }
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match value {
        toml::Value::Table(table) => table.iter().for_each(|(key, value)| leaves(&below(key), value, found)),
        toml::Value::Array(items) if items.iter().all(toml::Value::is_table) => {
            items.iter().enumerate().for_each(|(at, value)| leaves(&below(&at.to_string()), value, found));
        }
        _ => {}
    }
}

/// What `check` has told of memory and events.
struct Told {
    memory_bytes: f64,
    events: f64,
}

fn told(checked: &Ended) -> Told {
    let line = |begin: &str| {
        let line = checked.stdout.lines().find_map(|line| line.strip_prefix(begin));
        line.unwrap_or_else(|| panic!("it does not tell `{begin}`: {checked}")).trim()
    };
    let memory = line("# memory: ").split(" with ").next().expect("it begins with the size");
    let (number, unit) = memory.split_once(' ').unwrap_or_else(|| panic!("no size: {memory}"));
    let factor = match unit {
        "kB" => 1e3,
        "MB" => 1e6,
        "GB" => 1e9,
        "TB" => 1e12,
        _ => panic!("no unit of memory: {memory}"),
    };
    let events = line("# events: roughly ").split(' ').next().expect("it begins with the number");
    Told { memory_bytes: plain(number) * factor, events: plain(events) }
}

/// `12,345.6` as a number.
fn plain(number: &str) -> f64 {
    number.replace(',', "").parse().unwrap_or_else(|_| panic!("no number: {number}"))
}

#[test]
fn scenarios() {
    let mut ends: BTreeMap<&str, u32> = BTreeMap::new();
    each_case("scenarios", |dice| *ends.entry(a_scenario(dice)).or_default() += 1);
    if tries_all() {
        // Otherwise the cases are all alike, and find nothing.
        assert!(ends.contains_key("simulated") && ends.contains_key("refused"), "{ends:?}");
    }
}

/// Another value: mostly one of the same kind, which may well be fine.
fn another(dice: &mut Dice, value: &toml::Value) -> String {
    if dice.random_ratio(1, 4) {
        return hostile::value(dice);
    }
    match value {
        toml::Value::Integer(number) => number.saturating_mul(dice.random_range(0..=20)).to_string(),
        toml::Value::Float(number) => format!("{:?}", number * dice.random_range(0.0..=3.0)),
        toml::Value::Boolean(yes) => (!yes).to_string(),
        toml::Value::String(text) if text.starts_with(|first: char| first.is_ascii_digit()) => quoted(pick(
            dice,
            &["0s", "1ns", "1ms", "0.5s", "30s", "20min", "10h", "366d", "3660d", "8/min", "00:00", "24:00"],
        )),
        _ => hostile::value(dice),
    }
}

fn a_scenario(dice: &mut Dice) -> &'static str {
    let folder = TempDir::new().expect("a folder");
    let (text, leaves) = good();
    let mut bytes = text.clone().into_bytes();
    let mut arguments = vec!["x.toml".to_owned()];
    // Of many changes one is wrong, and nothing is simulated.
    for _ in 0..dice.random_range(1..=2) {
        let Leaf { path, value } = leaves.choose(dice).expect("a value");
        let below = if dice.random_ratio(1, 15) { pick(dice, &[".x", ".0", ".constant", ".count", ".é"]) } else { "" };
        arguments.extend(["--set".to_owned(), format!("{path}{below}={}", another(dice, value))]);
    }
    if dice.random_ratio(1, 4) {
        arguments.truncate(1);
        bytes = damaged(dice, &bytes);
    }
    fs::write(folder.path().join("x.toml"), bytes).expect("a file");
    let words = |first: &[&str]| -> Vec<String> {
        first.iter().map(|word| (*word).to_owned()).chain(arguments.iter().cloned()).collect()
    };
    if !run(folder.path(), &words(&["check"])).is_good() {
        return "refused";
    }
    let checked = run(folder.path(), &words(&["check", "--format", "toml"]));
    assert!(checked.is_good(), "as TOML it is not: {checked}");
    let told = told(&checked);
    if told.events > MOST_EVENTS || told.memory_bytes > MOST_MEMORY_BYTES {
        return "too large to try";
    }
    let once = ["run", "--replications", "1", "--jobs", "1", "--quiet", "--out", "out"];
    let ended = run(folder.path(), &words(&once));
    assert!(ended.is_good(), "check calls it good: {ended}");
    let peak = ended.peak_memory_bytes as f64;
    // What ends at once has not been looked at.
    if peak > 0.0 {
        let ratio = peak / told.memory_bytes;
        assert!(ratio < 3.0, "{ratio} times the memory that it tells: {ended}");
        assert!(ratio > 1.0 / 3.0 || peak < QUICK_BYTES, "{ratio} times the memory that it tells: {ended}");
    }
    "simulated"
}
