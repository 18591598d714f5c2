//! Imports run downwards only, and what could break determinism stays where it may.

mod source;

use std::collections::{BTreeMap, BTreeSet};

use source::{SourceFile, circles, files, paths};

/// Which modules a module may import: an edge that is not here is forbidden.
const MAY_IMPORT: [(&str, &[&str]); 22] = [
    ("main", &["cli"]),
    (
        "cli",
        &["experiment", "explain", "measures", "parting", "record", "report", "scenario", "store", "text", "trace"],
    ),
    ("store", &["experiment", "files", "measures", "record"]),
    ("report", &["inference", "measures", "metrics", "record", "stats", "text", "time"]),
    (
        "experiment",
        &[
            "inference",
            "measures",
            "metrics",
            "model",
            "protocol",
            "random",
            "record",
            "scenario",
            "stats",
            "text",
            "time",
        ],
    ),
    ("parting", &["explain", "model", "observe", "protocol", "scenario", "text", "time", "trace"]),
    ("explain", &["model", "observe", "protocol", "scenario", "text", "time", "trace"]),
    ("trace", &["model", "observe", "protocol", "scenario", "time"]),
    ("inference", &["measures", "metrics", "record", "stats", "time"]),
    ("record", &["measures", "metrics", "text", "time"]),
    ("scenario", &["files", "measures", "model", "protocol", "random", "text", "time"]),
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
const BANNED: [(&str, &[&str], &str); 7] = [
    ("std::fs", &["files", "scenario", "store"], "files are read and written at the edges"),
    ("fs_err", &["store"], "files are read and written at the edges"),
    ("std::env::", &["cli", "main", "store"], "the environment changes no result"),
    ("println!", &[], "output goes through cli/output.rs"),
    ("Instant::now", &[], "wall clock"),
    ("SystemTime", &[], "wall clock"),
    ("thread_rng", &[], "randomness comes from keyed streams"),
];

/// What removes, replaces or moves what somebody may need, and the file of the store where it may stand: there, what
/// cannot be proven to be gtnet-sim's is refused. Files that are open and locked are shortened where they are written.
const DISPOSAL: [(&str, &[&str]); 8] = [
    ("remove_file", &["store/disposal.rs"]),
    ("remove_dir", &["store/disposal.rs"]),
    ("rename(", &["store/disposal.rs"]),
    ("fs::write(", &[]),
    ("fs::copy(", &[]),
    ("File::create(", &[]),
    ("truncate(true)", &[]),
    ("set_len(", &["store/ledger.rs", "store/lock.rs"]),
];

#[test]
fn nothing_is_removed_without_proof() {
    let mut found = Vec::new();
    let mut used = Vec::new();
    // What interrupts the store in tests is no part of the program.
    for (_, file, text) in sources()
        .into_iter()
        .filter(|(_, file, _)| !["store/adversity.rs", "store/test_support.rs"].contains(&file.as_str()))
    {
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

/// Module, file relative to `src`, and text of every source file.
fn sources() -> Vec<(String, String, String)> {
    let module = |name: &str| name.split('/').next().expect("a path has a part").trim_end_matches(".rs").to_owned();
    files().into_iter().map(|file| (module(&file.name), file.name, file.text)).collect()
}

/// The top-level modules that a text names, which is in the module `module`.
fn imported(module: &str, text: &str) -> BTreeSet<String> {
    let module: Vec<String> = module.split('/').map(str::to_owned).collect();
    let named = paths(&module, text, true).named;
    named.into_iter().filter_map(|path| path.into_iter().next()).filter(|name| *name != module[0]).collect()
}

#[test]
fn no_way_of_writing_an_import_hides_it() {
    for text in [
        "use crate::model::World;",
        "let world = gtnet_sim::model::World;",
        "use crate::{model as _};",
        "pub(crate) use crate::{\n    stats::{self, mean},\n    model,\n};",
        "use super::super::model;",
        "use super::super::{model};",
        "use super::{self, super::model};",
        "use super::{\n    student,\n    super::model,\n};",
        "let world = super::super::model::World;",
        "mod tests {\n    use super::super::super::model;\n}",
        "mod tests {\n}\nuse super::super::model;",
        "#[cfg(test)]\nmod tests { fn a() { crate::model::run(); } }",
        "fn a() -> &'static str { \"// \\\" crate::\" } use crate::model;",
        "const QUOTE: char = '\"'; use crate::model;",
    ] {
        assert_eq!(imported("stats/estimate", text), BTreeSet::from(["model".to_owned()]), "{text}");
    }
    assert_eq!(imported("stats", "use super::model;"), BTreeSet::from(["model".to_owned()]));
    let deep = imported("scenario/sections/groups", "use super::super::super::cli;");
    assert_eq!(deep, BTreeSet::from(["cli".to_owned()]));
}

#[test]
fn what_stays_in_its_module_is_no_import() {
    for text in [
        "use super::student;\nmod tests {\n    use super::super::student;\n    use super::*;\n}",
        "// as in use crate::{model}\nf(\n    super::student(),\n);",
        "let text = \"use crate::model;\"; let raw = r#\"\"crate::model\"#;",
    ] {
        assert_eq!(imported("stats/estimate", text), BTreeSet::new(), "{text}");
    }
    assert_eq!(imported("scenario/sections/groups", "use super::super::context::Context;"), BTreeSet::new());
}

#[test]
fn imports_run_downwards_only() {
    let allowed: BTreeMap<&str, &[&str]> = MAY_IMPORT.into_iter().collect();
    let mut forbidden = Vec::new();
    for SourceFile { name, text, module } in files().iter().filter(|file| file.name != "lib.rs") {
        let own = module[0].as_str();
        let may = allowed.get(own).unwrap_or_else(|| panic!("the module `{own}` is not in the table"));
        for target in imported(&module.join("/"), text) {
            if target == "*" || allowed.contains_key(target.as_str()) && !may.contains(&target.as_str()) {
                forbidden.push(format!("{name}: {own} -> {target}"));
            }
        }
    }
    assert!(forbidden.is_empty(), "forbidden imports:\n{}", forbidden.join("\n"));
}

#[test]
fn the_table_has_no_cycle_and_no_edge_that_nobody_uses() {
    let order: Vec<&str> = MAY_IMPORT.iter().map(|(module, _)| *module).collect();
    let position = |module: &str| order.iter().position(|name| *name == module).expect("a module of the table");
    let mut used: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in files().iter().filter(|file| file.name != "lib.rs") {
        used.entry(file.module[0].clone()).or_default().extend(imported(&file.module.join("/"), &file.text));
    }
    for (module, targets) in MAY_IMPORT {
        for target in targets {
            assert!(position(target) > position(module), "{module} -> {target} runs upwards");
            assert!(used[module].contains(*target), "nobody uses {module} -> {target}: take it off the table");
        }
    }
}

/// A file as the test reads it, of the module that its name says.
fn file(name: &str, text: &str) -> SourceFile {
    let module = name.trim_end_matches(".rs").trim_end_matches("/mod").split('/').map(str::to_owned).collect();
    SourceFile { name: name.to_owned(), text: text.to_owned(), module }
}

#[test]
fn a_circle_is_found_however_it_is_written() {
    let circles_of = |texts: &[(&str, &str)]| {
        let files: Vec<SourceFile> = texts.iter().map(|(name, text)| file(name, text)).collect();
        circles(&files).into_iter().map(|circle| circle.into_iter().collect::<Vec<_>>().join(" ")).collect::<Vec<_>>()
    };
    let above = ("a/mod.rs", "mod b;\nmod c;\nmod d;\npub use b::B;\nuse c::*;");
    let of = |b: &str, c: &str| circles_of(&[above, ("a/b.rs", b), ("a/c.rs", c), ("a/d.rs", "")]);
    assert_eq!(of("use super::c::C;", "use super::b::B;"), ["a/b.rs a/c.rs"]);
    assert_eq!(of("fn f() { super::c::f() }", "use super::B;"), ["a/b.rs a/c.rs"], "through a re-export");
    assert_eq!(of("use crate::a::{c::C, d};", "use crate::{a::B as Other};"), ["a/b.rs a/c.rs"]);
    let none: [&str; 0] = [];
    assert_eq!(of("use super::c::C;", "use super::d::D;"), none);
    assert_eq!(of("use super::c::C;", "#[cfg(test)]\nmod tests { use super::super::b::B; }"), none, "in tests");
    assert_eq!(of("use super::f;", ""), none, "a file and those in its folder");
    let three = [above, ("a/b.rs", "use super::c::C;"), ("a/c.rs", "use super::d::D;"), ("a/d.rs", "use super::B;")];
    assert_eq!(circles_of(&three), ["a/b.rs a/c.rs a/d.rs"]);
}

#[test]
fn files_form_no_circles() {
    let found: Vec<String> = circles(&files())
        .iter()
        .map(|circle| circle.iter().map(String::as_str).collect::<Vec<_>>().join(", "))
        .collect();
    assert!(found.is_empty(), "these import from each other:\n{}", found.join("\n"));
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

/// One word, one thing: what is declared at the top level of a file, tests aside.
#[test]
fn no_type_name_stands_twice() {
    let mut declared: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let for_tests = |file: &str| file.ends_with("support.rs") || file.ends_with("adversity.rs");
    for (_, file, text) in sources().into_iter().filter(|(_, file, _)| !for_tests(file)) {
        let code = text.split("#[cfg(test)]\nmod tests {").next().expect("a part");
        for line in code.lines() {
            let item = line.strip_prefix("pub").map_or(line, |rest| {
                rest.strip_prefix('(').and_then(|rest| rest.split_once(')')).map_or(rest, |(_, item)| item).trim_start()
            });
            let name = ["struct ", "enum ", "trait ", "type "].iter().find_map(|kind| item.strip_prefix(kind));
            if let Some(name) = name {
                let end = name.find(|c: char| !c.is_alphanumeric()).unwrap_or(name.len());
                declared.entry(name[..end].to_owned()).or_default().push(file.clone());
            }
        }
    }
    assert!(declared.len() > 200, "{} types", declared.len());
    let twice: Vec<_> = declared.iter().filter(|(_, files)| files.len() > 1).collect();
    assert!(twice.is_empty(), "{twice:?}");
}
