//! Tables within values: their named fields are read, and no others may stand there.

use super::context::{Noted, OrNoted};
use super::error::Problem;
use super::item::Item;
use super::suggest;

/// Notes that the only key of a table is none of the `ways`.
pub(super) fn unknown_way(item: &Item<'_>, entry: &Item<'_>, key: &str, ways: &[&str]) -> Noted {
    let problem = Problem::UnknownChoice { path: item.path.clone(), value: key.to_owned() };
    entry.report_key(problem, "not a choice here", suggest::key_remedy(key, ways))
}

/// The named fields of a table that may have no others. A missing one is noted, with `help`.
pub(super) fn fields<'a, const N: usize>(
    item: &Item<'a>,
    names: [&str; N],
    help: &str,
) -> OrNoted<[OrNoted<Item<'a>>; N]> {
    let found = optional_fields(item, names, help)?;
    let missing: Vec<&str> = names.iter().zip(&found).filter(|(_, f)| f.is_none()).map(|(name, _)| *name).collect();
    let noted = (!missing.is_empty()).then(|| lacks(item, &missing, help));
    Ok(found.map(|field| field.ok_or_else(|| noted.expect("what is missing is noted"))))
}

/// The named fields of a table that may have no others; `help` shows one.
pub(super) fn optional_fields<'a, const N: usize>(
    item: &Item<'a>,
    names: [&str; N],
    help: &str,
) -> OrNoted<[Option<Item<'a>>; N]> {
    let Some(entries) = item.entries() else {
        return Err(item.wrong_kind(&format!("a table with {}", suggest::list(&names)), help));
    };
    let mut all = Ok(());
    for (key, entry) in &entries {
        if !names.contains(&key.as_str()) {
            let problem = Problem::UnknownKey { table: item.path.clone(), key: key.clone() };
            all = Err(entry.report_key(problem, "unknown key", suggest::key_remedy(key, &names)));
        }
    }
    all.map(|()| names.map(|name| entries.iter().find(|(key, _)| key == name).map(|(_, item)| item.clone())))
}

/// Notes that a table lacks fields; `help` shows them.
pub(super) fn lacks(item: &Item<'_>, missing: &[&str], help: &str) -> Noted {
    let problem = Problem::MissingKeys { table: item.path.clone(), keys: suggest::list(missing) };
    item.report(problem, "this table", help)
}
