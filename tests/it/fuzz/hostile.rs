//! Values that programs trip over: borders of types, of calendars and of patience.

use rand::RngExt as _;
use rand::seq::IndexedRandom as _;

use super::Dice;

const INTEGERS: [&str; 22] = [
    "0",
    "-0",
    "1",
    "-1",
    "2",
    "7",
    "24",
    "99",
    "100",
    "255",
    "256",
    "1000",
    "65535",
    "65536",
    "100000",
    "1000000",
    "16777216",
    "2147483648",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "-9223372036854775808",
];

const NUMBERS: [&str; 15] = [
    "0.0",
    "-0.0",
    "0.1",
    "0.5",
    "0.9999999",
    "1.0",
    "1.0000001",
    "1e-300",
    "5e-324",
    "1e13",
    "1e300",
    "1.7976931348623157e308",
    "inf",
    "-inf",
    "nan",
];

const DURATIONS: [&str; 20] = [
    "0s", "-1s", "1ns", "0.4ns", "0.5ns", "1us", "1ms", "1s", "30s", "1min", "1h", "1d", "7d", "366d", "3660d",
    "3661d", "1e9d", "1e400s", "1", "1 week",
];

const TEXTS: [&str; 24] = [
    "",
    " ",
    "a",
    "none",
    "auto",
    "unlimited",
    "uniform",
    "office",
    "XSWX",
    "FX",
    "UTC",
    "Europe/Zurich",
    "europe/zurich",
    "client",
    "hub",
    "clinet",
    "open",
    "push-open",
    "09:30",
    "09:30:00",
    "\u{1b}[2J",
    "a\u{202e}b",
    "../../etc",
    "ünïcödé 価格 👩‍👩‍👧",
];

/// A value as TOML writes it; now and then one of the wrong kind, as everywhere.
pub(super) fn value(dice: &mut Dice) -> String {
    match dice.random_range(0..10) {
        0..3 => pick(dice, &INTEGERS).to_owned(),
        3..5 => pick(dice, &NUMBERS).to_owned(),
        5..7 => quoted(pick(dice, &DURATIONS)),
        7 => quoted(&text(dice)),
        8 => distribution(dice),
        _ => pick(dice, &["true", "false", "[]", "{}", "[1, 1]", "{ x = 1 }", "2026-03-02T00:00:00Z", "09:30:00"])
            .to_owned(),
    }
}

/// A text that may hold anything.
pub(super) fn text(dice: &mut Dice) -> String {
    match dice.random_range(0..6) {
        0 => "x".repeat(dice.random_range(1..5_000)),
        1 => (0..dice.random_range(1..40)).map(|_| dice.random::<char>()).collect(),
        _ => pick(dice, &TEXTS).to_owned(),
    }
}

/// A distribution, of whatever.
fn distribution(dice: &mut Dice) -> String {
    let of_durations = dice.random();
    let mut parameter = || {
        if of_durations { quoted(pick(dice, &DURATIONS)) } else { pick(dice, &NUMBERS).to_owned() }
    };
    let (a, b) = (parameter(), parameter());
    match dice.random_range(0..6) {
        0 => format!("{{ constant = {a} }}"),
        1 => format!("{{ exponential = {{ mean = {a} }} }}"),
        2 => format!("{{ lognormal = {{ median = {a}, sigma = {} }} }}", pick(dice, &["0", "0.5", "5", "5.1", "-1"])),
        3 => format!("{{ normal = {{ mean = {a}, sd = {b} }} }}"),
        4 => format!("{{ uniform = [{a}, {b}] }}"),
        _ => format!("{{ empirical = [{a}, {b}] }}"),
    }
}

/// `text` as a TOML string.
pub(super) fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// `bytes`, damaged in up to three places.
pub(super) fn damaged(dice: &mut Dice, bytes: &[u8]) -> Vec<u8> {
    let mut damaged = bytes.to_vec();
    for _ in 0..dice.random_range(1..=3) {
        let at = dice.random_range(0..=damaged.len());
        match dice.random_range(0..7) {
            0 => damaged.truncate(at),
            1 => damaged.insert(at, dice.random()),
            2 if at < damaged.len() => damaged[at] ^= 1 << dice.random_range(0..8),
            3 => {
                let piece = damaged[at..(at + 40).min(damaged.len())].to_vec();
                let to = dice.random_range(0..=damaged.len());
                damaged.splice(to..to, piece);
            }
            4 => drop(damaged.splice(at..at, value(dice).into_bytes())),
            5 => {
                let end = (at + dice.random_range(0..60)).min(damaged.len());
                damaged.drain(at..end);
            }
            _ => {
                let line =
                    pick(dice, &["\n", "\r\n", "[scenario]\n", ";;;\n", "a,b,c\n", "\u{feff}", "\0", "# comment\n"]);
                damaged.splice(at..at, line.bytes());
            }
        }
    }
    damaged
}

pub(super) fn pick<'a>(dice: &mut Dice, from: &[&'a str]) -> &'a str {
    from.choose(dice).expect("there is one")
}
