//! The resolved scenario: every value with its source, as a listing for people and as TOML that reads back the same.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use super::source::ValueSource;

/// A value after overrides, presets, data files and defaults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedValue {
    /// Path of the table that has a header of its own: `run`, `group.client`, `peering.0`.
    pub table: String,
    /// Dotted key within that table.
    pub key: String,
    /// The value as TOML, in canonical form.
    pub value: String,
    /// Where the value comes from.
    pub source: ValueSource,
}

impl ResolvedValue {
    /// The path as `--set` takes it.
    #[must_use]
    pub fn path(&self) -> String {
        format!("{}.{}", self.table, self.key)
    }
}

/// Brings the values into the order of the tables; within a table they stay as they were read.
pub(super) fn sort(values: &mut [ResolvedValue], order: &[&str]) {
    let rank = |value: &ResolvedValue| {
        let first = value.table.split('.').next();
        order.iter().position(|table| Some(*table) == first)
    };
    values.sort_by_key(rank);
}

/// `question` with what the command line has changed, as it no longer fits: `… 20 clients? (with group.client.count = 25)`. Seed,
/// warm-up and number of replications change no question, and whoever sets the question knows what else is set.
pub(super) fn asked<'v>(question: &str, values: impl Iterator<Item = &'v ResolvedValue> + Clone) -> String {
    const QUESTION: &str = "scenario.question";
    const MOST_NAMED: usize = 4;
    let is_set = |value: &&ResolvedValue| value.source == ValueSource::CommandLine;
    if values.clone().filter(is_set).any(|value| value.path() == QUESTION) {
        return question.to_owned();
    }
    let is_change = |path: &str| !["run.seed", "run.replications", "run.warmup", "scenario.name"].contains(&path);
    let changed = values.filter(is_set).map(|value| (value.path(), &value.value));
    let mut changed: Vec<String> =
        changed.filter(|(path, _)| is_change(path)).map(|(path, value)| format!("{path} = {value}")).collect();
    let others = changed.len().saturating_sub(MOST_NAMED);
    changed.truncate(MOST_NAMED);
    let others = if others > 0 { format!(", and {others} other values changed") } else { String::new() };
    if changed.is_empty() { question.to_owned() } else { format!("{question} (with {}{others})", changed.join(", ")) }
}

/// The values as TOML.
pub(super) fn toml(values: &[Arc<ResolvedValue>]) -> String {
    listing(values, |_, line| line)
}

/// The values as TOML with their sources, and the remarks on their paths, as aligned comments.
pub(super) fn explanation(values: &[Arc<ResolvedValue>], file: &str, remarks: &BTreeMap<String, String>) -> String {
    const WIDEST: usize = 64;
    let mut widest: BTreeMap<&str, usize> = BTreeMap::new();
    for value in values {
        let width = Some(assignment(value).chars().count()).filter(|width| *width <= WIDEST).unwrap_or(0);
        let of_table = widest.entry(&value.table).or_default();
        *of_table = width.max(*of_table);
    }
    listing(values, |value, line| {
        let width = widest[value.table.as_str()];
        let remark = remarks.get(&value.path()).map_or(String::new(), |remark| format!("; {remark}"));
        format!("{line:width$}  # {}{remark}", value.source.describe(file))
    })
}

fn assignment(value: &ResolvedValue) -> String {
    format!("{} = {}", value.key, value.value)
}

fn listing(values: &[Arc<ResolvedValue>], finish: impl Fn(&ResolvedValue, String) -> String) -> String {
    let mut text = String::new();
    let mut table = "";
    for value in values {
        if value.table != table {
            let gap = if table.is_empty() { "" } else { "\n" };
            table = &value.table;
            let header = match table.split_once('.') {
                Some(("peering", number)) => format!("[[peering]]  # peering.{number}"),
                _ => format!("[{table}]"),
            };
            writeln!(text, "{gap}{header}").expect("writing to a String cannot fail");
        }
        let line = finish(value, assignment(value));
        writeln!(text, "{line}").expect("writing to a String cannot fail");
    }
    text
}
