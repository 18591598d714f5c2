//! Tables within values: their named fields are read, and no others may stand there.

use super::error::Problem;
use super::item::Item;
use super::suggest;

/// Notes that the only key of a table is none of the `ways`.
pub(super) fn unknown_way(item: &Item<'_>, entry: &Item<'_>, key: &str, ways: &[&str]) {
    let problem = Problem::UnknownChoice { path: item.path.clone(), value: key.to_owned() };
    entry.report_key(problem, "not a choice here", suggest::remedy(key, ways));
}

/// The named fields of a table that may have no others. A missing one is noted, with `help`, and is `None`.
pub(super) fn fields<'a, const N: usize>(
    item: &Item<'a>,
    names: [&str; N],
    help: &str,
) -> Option<[Option<Item<'a>>; N]> {
    let found = optional_fields(item, names, help)?;
    let missing: Vec<&str> = names.iter().zip(&found).filter(|(_, f)| f.is_none()).map(|(name, _)| *name).collect();
    if !missing.is_empty() {
        lacks(item, &missing, help);
    }
    Some(found)
}

/// The named fields of a table that may have no others; `help` shows one.
pub(super) fn optional_fields<'a, const N: usize>(
    item: &Item<'a>,
    names: [&str; N],
    help: &str,
) -> Option<[Option<Item<'a>>; N]> {
    let Some(entries) = item.entries() else {
        item.wrong_kind(&format!("a table with {}", suggest::list(&names)), help);
        return None;
    };
    let mut complete = true;
    for (key, entry) in &entries {
        if !names.contains(&key.as_str()) {
            let problem = Problem::UnknownKey { table: item.path.clone(), key: key.clone() };
            entry.report_key(problem, "unknown key", suggest::remedy(key, &names));
            complete = false;
        }
    }
    complete.then(|| names.map(|name| entries.iter().find(|(key, _)| key == name).map(|(_, item)| item.clone())))
}

/// Notes that a table lacks fields; `help` shows them.
pub(super) fn lacks(item: &Item<'_>, missing: &[&str], help: &str) {
    let problem = Problem::MissingKeys { table: item.path.clone(), keys: suggest::list(missing) };
    item.report(problem, "this table", help);
}
