//! Imports run downwards only, and what could break determinism stays where it may.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Which modules a module may import: an edge that is not here is forbidden.
const MAY_IMPORT: [(&str, &[&str]); 18] = [
    ("main", &["cli"]),
    ("cli", &["experiment", "files", "measures", "record", "report", "scenario", "stats", "text"]),
    ("report", &["inference", "measures", "metrics", "record", "stats", "text", "time"]),
    ("experiment", &["inference", "measures", "metrics", "model", "protocol", "record", "scenario", "stats", "time"]),
    ("inference", &["measures", "metrics", "record", "stats", "time"]),
    ("record", &["measures", "metrics", "time"]),
    ("scenario", &["files", "model", "protocol", "random", "text", "time"]),
    ("measures", &["metrics", "stats", "time"]),
    ("metrics", &["observe", "protocol", "time"]),
    ("model", &["engine", "observe", "protocol", "random", "time"]),
    ("observe", &["protocol", "time"]),
    ("protocol", &["time"]),
    ("engine", &["time"]),
    ("random", &[]),
    ("stats", &[]),
    ("time", &[]),
    ("files", &[]),
    ("text", &[]),
];

/// What must not stand in the source outside of the named modules, and why.
const BANNED: [(&str, &[&str], &str); 6] = [
    ("std::fs", &["cli", "files", "scenario"], "files are read and written at the edges"),
    ("std::env::", &["cli", "main"], "the environment changes no result"),
    ("println!", &[], "output goes through cli/output.rs"),
    ("Instant::now", &[], "wall clock"),
    ("SystemTime", &[], "wall clock"),
    ("thread_rng", &[], "randomness comes from keyed streams"),
];

/// What removes, replaces or moves what somebody may need, and the file of the command line where it may stand: there, what
/// cannot be proven to be gtnet-sim's is refused. Files that are open and locked are shortened where they are written.
const DISPOSAL: [(&str, &[&str]); 8] = [
    ("remove_file", &["cli/store/disposal.rs"]),
    ("remove_dir", &["cli/store/disposal.rs"]),
    ("rename(", &["cli/store/disposal.rs"]),
    ("fs::write(", &[]),
    ("fs::copy(", &[]),
    ("File::create(", &[]),
    ("truncate(true)", &[]),
    ("set_len(", &["cli/store/ledger.rs", "cli/store/lock.rs"]),
];

#[test]
fn nothing_is_removed_without_proof() {
    let mut found = Vec::new();
    let mut used = Vec::new();
    // What interrupts the store in tests is no part of the program.
    for (_, file, text) in sources().into_iter().filter(|(_, file, _)| !file.ends_with("store/adversity.rs")) {
        let code = text.split("#[cfg(test)]\nmod tests {").next().expect("a part");
        let code: Vec<&str> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        for (banned, except) in DISPOSAL {
            if code.iter().any(|line| line.contains(banned)) {
                used.push((banned, file.clone()));
                if !except.contains(&file.as_str()) {
                    found.push(format!("{file}: {banned}"));
                }
            }
        }
    }
    assert!(found.is_empty(), "only store/disposal.rs may do this:\n{}", found.join("\n"));
    for (banned, file) in DISPOSAL.iter().flat_map(|(banned, files)| files.iter().map(move |file| (banned, file))) {
        let is_used = used.iter().any(|(name, other)| name == banned && other == file);
        assert!(is_used, "{file} has no {banned}: take it off the table");
    }
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).expect("the source is there");
    for entry in entries {
        let path = entry.expect("the source can be read").path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Module, file relative to `src`, and text of every source file.
fn sources() -> Vec<(String, String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&root, &mut files);
    files.sort();
    let read = |path: PathBuf| {
        let relative = path.strip_prefix(&root).expect("below src").to_string_lossy().replace('\\', "/");
        let module = relative.split('/').next().expect("a path has a part").trim_end_matches(".rs").to_owned();
        (module, relative, fs::read_to_string(&path).expect("the source is text"))
    };
    files.into_iter().map(read).collect()
}

/// What stands behind the crate's root in the paths of a source file (relative to `src`): the names of top-level modules,
/// and `{`, `*` or `use` for imports that do not name theirs at that place.
fn imported<'t>(file: &str, text: &'t str) -> Vec<&'t str> {
    let parts = file.split('/').count();
    let depth_of_file = if file.ends_with("mod.rs") || parts == 1 { parts - 1 } else { parts };
    let mut found = Vec::new();
    // Indentation of the modules within the file that are open, and whether a `use` goes on from the line before.
    let (mut inner, mut in_use) = (Vec::new(), false);
    for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
        let code = line.trim_start();
        let indentation = line.len() - code.len();
        if code == "}" && inner.last() == Some(&indentation) {
            inner.pop();
        }
        let depth = depth_of_file + inner.len();
        found.extend(behind(line, "crate::").chain(behind(line, "gtnet_sim::")));
        found.extend(behind_supers(line).filter(|(supers, _)| *supers >= depth).map(|(_, name)| name));

        let item = code.strip_prefix("pub").map_or(code, |rest| rest.split_once(' ').map_or(rest, |(_, item)| item));
        let begins_use = item.starts_with("use ");
        let group = if begins_use { item.split_once('{').map_or("", |(_, group)| group) } else { code };
        let renames_root = begins_use && ["use crate as ", "use crate;"].iter().any(|root| item.starts_with(root));
        if renames_root || (begins_use || in_use) && group.contains("super") {
            found.push("use");
        }
        in_use = (begins_use || in_use) && !line.contains(';');
        if item.starts_with("mod ") && item.ends_with('{') {
            inner.push(indentation);
        }
    }
    found
}

/// What stands behind each `prefix` in a line: a name, or the first character of what is none.
fn behind<'t>(line: &'t str, prefix: &str) -> impl Iterator<Item = &'t str> {
    line.match_indices(prefix).map(move |(at, _)| first_name(&line[at + prefix.len()..]))
}

/// The number of each sequence of `super::` in a line, and what stands behind it.
fn behind_supers(line: &str) -> impl Iterator<Item = (usize, &str)> {
    const SUPER: &str = "super::";
    let first = line.match_indices(SUPER).filter(|(at, _)| !line[..*at].ends_with(SUPER));
    first.map(|(at, _)| {
        let rest = line[at..].trim_start_matches(SUPER);
        ((line.len() - at - rest.len()) / SUPER.len(), first_name(rest))
    })
}

fn first_name(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    &text[..end.max(text.chars().next().map_or(0, char::len_utf8))]
}

#[test]
fn no_way_of_writing_an_import_hides_it() {
    let stats = |text| imported("stats/estimate.rs", text);
    assert_eq!(stats("use crate::model::World;\nlet world = gtnet_sim::model::World;"), ["model", "model"]);
    assert_eq!(stats("use crate::{model as _};"), ["{"]);
    assert_eq!(stats("pub(crate) use crate::{\n    model,\n};"), ["{"]);
    assert_eq!(stats("use crate::*;"), ["*"]);
    assert_eq!(stats("use crate as root;\nuse root::model;"), ["use"]);
    assert_eq!(stats("use super::super::model;"), ["model"]);
    assert_eq!(stats("use super::super::{model};"), ["{"]);
    assert_eq!(stats("use super::{self, super::model};"), ["use"]);
    assert_eq!(stats("use super::{\n    student,\n    super::model,\n};"), ["use"]);
    assert_eq!(stats("let world = super::super::model::World;"), ["model"]);
    assert_eq!(imported("stats/mod.rs", "use super::model;"), ["model"]);
    assert_eq!(imported("scenario/sections/groups.rs", "use super::super::super::cli;"), ["cli"]);
    assert_eq!(stats("mod tests {\n    use super::super::super::model;\n}"), ["model"]);
    assert_eq!(stats("mod tests {\n}\nuse super::super::model;"), ["model"]);
}

#[test]
fn what_stays_in_its_module_is_no_import() {
    let none: [&str; 0] = [];
    let within = "use super::student;\nmod tests {\n    use super::super::student;\n    use super::*;\n}";
    assert_eq!(imported("stats/estimate.rs", within), none);
    assert_eq!(imported("scenario/sections/groups.rs", "use super::super::context::Context;"), none);
    assert_eq!(imported("stats/estimate.rs", "// as in use crate::{model}\nf(\n    super::student(),\n);"), none);
}

#[test]
fn imports_run_downwards_only() {
    let allowed: BTreeMap<&str, &[&str]> = MAY_IMPORT.into_iter().collect();
    let mut forbidden = Vec::new();
    for (module, file, text) in sources().iter().filter(|(module, _, _)| module != "lib") {
        let may = allowed.get(module.as_str()).unwrap_or_else(|| panic!("the module `{module}` is not in the table"));
        for target in imported(file, text) {
            if ["{", "*", "use"].contains(&target) {
                forbidden.push(format!("{file}: {target}: name each module behind `crate::`"));
            } else if allowed.contains_key(target) && target != module && !may.contains(&target) {
                forbidden.push(format!("{file}: {module} -> {target}"));
            }
        }
    }
    assert!(forbidden.is_empty(), "forbidden imports:\n{}", forbidden.join("\n"));
}

#[test]
fn the_table_has_no_cycle_and_no_edge_that_nobody_uses() {
    let order: Vec<&str> = MAY_IMPORT.iter().map(|(module, _)| *module).collect();
    let position = |module: &str| order.iter().position(|name| *name == module).expect("a module of the table");
    let mut used = BTreeMap::new();
    for (module, file, text) in sources() {
        for target in imported(&file, &text) {
            used.entry(module.clone()).or_insert_with(Vec::new).push(target.to_owned());
        }
    }
    for (module, targets) in MAY_IMPORT {
        for target in targets {
            assert!(position(target) > position(module), "{module} -> {target} runs upwards");
            let is_used = used.get(module).is_some_and(|used| used.iter().any(|name| name == target));
            assert!(is_used, "nobody uses {module} -> {target}: take it off the table");
        }
    }
}

#[test]
fn what_breaks_determinism_stays_at_the_edges() {
    let mut found = Vec::new();
    for (module, file, text) in sources() {
        for (banned, except, why) in BANNED {
            let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            if !except.contains(&module.as_str()) && code.clone().any(|line| line.contains(banned)) {
                found.push(format!("{file}: {banned} ({why})"));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// A file that grows beyond this does a second thing.
#[test]
fn files_stay_readable() {
    let long: Vec<String> = sources()
        .iter()
        .filter(|(_, _, text)| text.lines().count() > 500)
        .map(|(_, file, text)| format!("{file}: {} lines", text.lines().count()))
        .collect();
    assert!(long.is_empty(), "split by what they do:\n{}", long.join("\n"));
}
