//! The keys in which two scenarios differ, and those of them from which a happening can follow.

use std::collections::{BTreeMap, BTreeSet};

use crate::scenario::{ResolvedValue, Scenario};

use super::happening::HappeningKind;

/// A key that differs, or a table that only one scenario has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KeyDifference {
    /// The path of the key or table.
    pub(super) path: String,
    /// The value in each scenario; `None`: it has none.
    pub(super) values: [Option<String>; 2],
}

/// The keys in which two scenarios differ, in the order of their paths. Names, questions and decisions change nothing that happens.
pub(super) fn differences(scenarios: [&Scenario; 2]) -> Vec<KeyDifference> {
    let matters = |value: &&ResolvedValue| {
        !["scenario", "decision"].contains(&value.table.as_str()) && value.path() != "run.replications"
    };
    let values = scenarios.map(|scenario| {
        let resolved = scenario.resolved().iter().map(|value| &**value).filter(matters);
        resolved
            .map(|value| ((value.table.clone(), value.key.clone()), value.value.clone()))
            .collect::<BTreeMap<_, _>>()
    });
    let tables =
        [0, 1].map(|run: usize| values[run].keys().map(|(table, _)| table.clone()).collect::<BTreeSet<String>>());
    let mut found = Vec::new();
    for table in tables[0].symmetric_difference(&tables[1]) {
        let has = |run: usize| tables[run].contains(table).then(|| "has it".to_owned());
        found.push(KeyDifference { path: table.clone(), values: [has(0), has(1)] });
    }
    let keys: BTreeSet<&(String, String)> = values.iter().flat_map(BTreeMap::keys).collect();
    for key in keys.into_iter().filter(|(table, _)| tables.iter().all(|tables| tables.contains(table))) {
        let of = |run: usize| values[run].get(key).cloned();
        if of(0) != of(1) {
            found.push(KeyDifference { path: format!("{}.{}", key.0, key.1), values: [of(0), of(1)] });
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

/// Whether what happens can follow from a key at once.
pub(super) fn can_follow(what: &HappeningKind, key: &KeyDifference) -> bool {
    let tables: &[&str] = match what {
        HappeningKind::Fault { .. } | HappeningKind::Prevented { .. } => &["fault"],
        HappeningKind::Interrupted { .. } => &["fault", "group"],
        HappeningKind::Opens { .. } => &["visits", "group", "instruments", "fault", "watchlist"],
        HappeningKind::Sends { .. } | HappeningKind::KeepsBack { .. } => &["protocol", "peering", "group", "fault"],
        HappeningKind::Receives { .. } | HappeningKind::BeginsToServe { .. } | HappeningKind::Loses { .. } => {
            &["network", "group", "fault"]
        }
        HappeningKind::Replies { .. } | HappeningKind::Learns { .. } => &["protocol", "network", "group", "fault"],
        HappeningKind::Calls { .. } => &["protocol", "peering", "group", "connector", "fault"],
        HappeningKind::Gets { .. } => &["connector", "fault"],
        HappeningKind::Keeps { .. } | HappeningKind::Forgets { .. } => &["protocol", "peering", "group"],
        HappeningKind::Sees { .. } => &["protocol", "connector", "group", "market"],
    };
    let first = key.path.split('.').next().unwrap_or_default();
    let of_opening = ["protocol.watchlist_timeout", "run.start"].contains(&key.path.as_str());
    tables.contains(&first) || of_opening && matches!(what, HappeningKind::Opens { .. })
}
