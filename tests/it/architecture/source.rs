//! What the files of the source import from each other, read from their text: every path is followed through re-exports to the
//! file that defines what it names.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A source file.
pub(super) struct SourceFile {
    /// Path relative to `src`, such as `stats/estimate.rs`.
    pub(super) name: String,
    pub(super) text: String,
    /// Its module, such as `["stats", "estimate"]`.
    pub(super) module: Vec<String>,
}

/// A path to something of the crate, from its root.
pub(super) type CratePath = Vec<String>;

/// All source files, in the order of their names.
pub(super) fn files() -> Vec<SourceFile> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    rust_files(&root, &mut paths);
    paths.sort();
    let file = |path: PathBuf| {
        let name = path.strip_prefix(&root).expect("below src").to_string_lossy().replace('\\', "/");
        let text = fs::read_to_string(&path).expect("the source is text");
        SourceFile { module: module_of(&name), name, text }
    };
    paths.into_iter().map(file).collect()
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the source is there") {
        let path = entry.expect("the source can be read").path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The module that is in the file `name`.
fn module_of(name: &str) -> Vec<String> {
    let mut parts: Vec<&str> = name.trim_end_matches(".rs").split('/').collect();
    if matches!(parts.last(), Some(&("mod" | "lib"))) {
        parts.pop();
    }
    parts.into_iter().map(str::to_owned).collect()
}

/// What a text says of other files.
#[derive(Debug, Default)]
pub(super) struct Paths {
    /// Every path to something of the crate.
    pub(super) named: Vec<CratePath>,
    /// By the path under which it is known here, what `use` makes known.
    used: BTreeMap<CratePath, CratePath>,
    /// Modules of which `use` makes everything known, by the module where it does.
    globs: Vec<(CratePath, CratePath)>,
    /// Modules that are only there in tests.
    test_modules: BTreeSet<CratePath>,
}

/// The paths in the `text` of the file that is the module `module`; without what is only there in tests unless `with_tests`.
pub(super) fn paths(module: &[String], text: &str, with_tests: bool) -> Paths {
    let words = words(text);
    let mut found = Paths::default();
    let mut here = module.to_vec();
    // How deep the braces of the modules within the file are.
    let (mut depth, mut inner) = (0, Vec::new());
    let mut at = 0;
    while at < words.len() {
        let is_test = words[..at].ends_with(&["#", "[", "cfg", "(", "test", ")", "]"]);
        match words[at] {
            "{" => depth += 1,
            "}" => {
                depth -= 1;
                if inner.last() == Some(&depth) {
                    inner.pop();
                    here.pop();
                }
            }
            word if is_test && !with_tests => {
                // All of the item: up to its semicolon, or the end of its braces.
                let end = end_of_item(&words, at);
                if let Some(name) =
                    words[at..end].iter().position(|word| *word == "mod").map(|found| words[at + found + 1])
                {
                    found.test_modules.insert([&here[..], &[name.to_owned()]].concat());
                }
                assert!(!word.is_empty());
                at = end;
                continue;
            }
            "mod" if words.get(at + 2) == Some(&"{") => {
                here.push(words[at + 1].to_owned());
                inner.push(depth);
            }
            // `use<…>` says what a returned type captures.
            "use" if words.get(at + 1) != Some(&"<") => {
                let end = at + words[at..].iter().position(|word| *word == ";").expect("a use has an end");
                use_tree(&words[at + 1..end], &[], &here, &mut found);
                at = end;
            }
            "crate" | "super" | "self" | "gtnet_sim" if words.get(at + 1) == Some(&"::") => {
                let mut path = vec![words[at]];
                while words.get(at + 1) == Some(&"::") && words.get(at + 2).is_some_and(|word| is_name(word)) {
                    path.push(words[at + 2]);
                    at += 2;
                }
                found.named.extend(absolute(&path, &here));
            }
            _ => {}
        }
        at += 1;
    }
    found
}

fn end_of_item(words: &[&str], from: usize) -> usize {
    let mut depth = 0;
    for (at, word) in words.iter().enumerate().skip(from) {
        match *word {
            "{" => depth += 1,
            "}" if depth == 1 => return at + 1,
            "}" => depth -= 1,
            ";" if depth == 0 => return at + 1,
            _ => {}
        }
    }
    words.len()
}

/// Notes what a `use` of `tree` behind `prefix` names.
fn use_tree<'t>(tree: &[&'t str], prefix: &[&'t str], here: &[String], found: &mut Paths) {
    let (mut path, mut at) = (prefix.to_vec(), 0);
    while at < tree.len() {
        match tree[at] {
            "::" => {}
            "{" => {
                let (mut depth, mut begin) = (0, at + 1);
                for (end, word) in tree.iter().enumerate().skip(at) {
                    match *word {
                        "{" => depth += 1,
                        "}" => depth -= 1,
                        _ => {}
                    }
                    if depth == 1 && *word == "," || depth == 0 {
                        if begin < end {
                            use_tree(&tree[begin..end], &path, here, found);
                        }
                        begin = end + 1;
                        if depth == 0 {
                            return;
                        }
                    }
                }
                return;
            }
            "*" => {
                if let Some(target) = absolute(&path, here) {
                    found.named.push(target.clone());
                    found.globs.push((here.to_vec(), target));
                }
                return;
            }
            "as" => {
                note_use(&path, tree[at + 1], here, found);
                return;
            }
            "self" if !path.is_empty() => {}
            name => path.push(name),
        }
        at += 1;
    }
    if let Some(name) = path.last().copied() {
        note_use(&path, name, here, found);
    }
}

fn note_use(path: &[&str], name: &str, here: &[String], found: &mut Paths) {
    if let Some(target) = absolute(path, here) {
        found.named.push(target.clone());
        found.used.insert([here, &[name.to_owned()]].concat(), target);
    }
}

/// The path from the crate's root, of what is written as `path` in the module `here`; of a name alone, if it is a path to a
/// child, which is found out later.
fn absolute(path: &[&str], here: &[String]) -> Option<CratePath> {
    let supers = path.iter().take_while(|part| **part == "super").count();
    let (base, rest) = match *path.first()? {
        "crate" | "gtnet_sim" => (&here[..0], &path[1..]),
        "super" => (&here[..here.len().checked_sub(supers)?], &path[supers..]),
        "self" if path.get(1) == Some(&"super") => return absolute(&path[1..], here),
        "self" => (here, &path[1..]),
        _ => (here, path),
    };
    Some(base.iter().cloned().chain(rest.iter().map(|part| (*part).to_owned())).collect())
}

fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// The words of a text: names, `::`, and single signs; no comments, texts, characters and lifetimes.
fn words(text: &str) -> Vec<&str> {
    let (mut words, mut rest) = (Vec::new(), text);
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some(length) = length_of_text(rest) {
            length
        } else if rest.starts_with("::") {
            words.push("::");
            2
        } else if first.is_alphanumeric() || first == '_' {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            words.push(&rest[..end]);
            end
        } else {
            if !first.is_whitespace() {
                words.push(&rest[..first.len_utf8()]);
            }
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    words
}

/// How long the text, character or lifetime is that `rest` begins with.
fn length_of_text(rest: &str) -> Option<usize> {
    let raw = rest.strip_prefix('b').unwrap_or(rest).strip_prefix('r').filter(|raw| raw.starts_with(['"', '#']));
    if let Some(raw) = raw {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        let begin = raw[hashes..].strip_prefix('"')?;
        let end = format!("\"{}", "#".repeat(hashes));
        let length = begin.find(&end)? + end.len();
        return Some(rest.len() - begin.len() + length);
    }
    let quoted = |quote: char| {
        let mut escaped = false;
        let end = |(_, c): &(usize, char)| {
            let is_end = *c == quote && !escaped;
            escaped = *c == '\\' && !escaped;
            is_end
        };
        rest.char_indices().skip(1).find(end).map(|(at, _)| at + 1)
    };
    match rest.chars().next()? {
        '"' => quoted('"'),
        '\'' => {
            let is_lifetime = rest[1..].starts_with(|c: char| c.is_alphabetic() || c == '_')
                && rest[1..].chars().nth(1) != Some('\'');
            if is_lifetime { Some(1) } else { quoted('\'') }
        }
        _ => None,
    }
}

/// The files that each file imports something from, by name; what is only there in tests is left out, files and all.
pub(super) fn imports(files: &[SourceFile]) -> BTreeMap<String, BTreeSet<String>> {
    let all: BTreeMap<&str, Paths> =
        files.iter().map(|file| (file.name.as_str(), paths(&file.module, &file.text, false))).collect();
    let of_tests: BTreeSet<&CratePath> = all.values().flat_map(|paths| &paths.test_modules).collect();
    let by_module: BTreeMap<&[String], &str> =
        files.iter().filter(|file| file.name != "main.rs").map(|file| (&file.module[..], file.name.as_str())).collect();
    let files = files.iter().filter(|file| !of_tests.contains(&file.module));
    let imported = |file: &SourceFile| {
        let targets = all[file.name.as_str()].named.iter().filter_map(|path| defining(path, &by_module, &all, 0));
        let targets: BTreeSet<String> = targets.filter(|target| *target != file.name).map(str::to_owned).collect();
        (file.name.clone(), targets)
    };
    files.map(imported).collect()
}

/// The file that defines what `path` names.
fn defining<'f>(
    path: &[String],
    by_module: &BTreeMap<&[String], &'f str>,
    all: &BTreeMap<&str, Paths>,
    steps: u32,
) -> Option<&'f str> {
    const MOST_STEPS: u32 = 20;
    if steps > MOST_STEPS {
        return None;
    }
    let length = (0..=path.len()).rev().find(|length| by_module.contains_key(&path[..*length]))?;
    let file = by_module[&path[..length]];
    let Some(name) = path.get(length) else { return Some(file) };
    let item = [&path[..length], std::slice::from_ref(name)].concat();
    let Paths { used, globs, .. } = &all[file];
    if let Some(target) = used.get(&item).filter(|target| **target != item) {
        return defining(&[target, &path[length + 1..]].concat(), by_module, all, steps + 1).or(Some(file));
    }
    // Through a glob, what the module itself does not make known.
    let through = globs.iter().filter(|(module, _)| module[..] == path[..length]).find_map(|(_, target)| {
        let there = defining(target, by_module, all, steps + 1)?;
        all[there]
            .used
            .contains_key(&[target, std::slice::from_ref(name)].concat())
            .then(|| defining(&[target, &path[length..]].concat(), by_module, all, steps + 1))?
    });
    through.or(Some(file))
}

/// Sets of files of which each imports from the others, in one or several steps; a file and those in its folder aside.
pub(super) fn circles(files: &[SourceFile]) -> Vec<BTreeSet<String>> {
    let module: BTreeMap<&str, &[String]> = files.iter().map(|file| (file.name.as_str(), &file.module[..])).collect();
    let are_apart = |a: &str, b: &str| !module[a].starts_with(module[b]) && !module[b].starts_with(module[a]);
    let mut edges = imports(files);
    for (file, targets) in &mut edges {
        targets.retain(|target| are_apart(file, target));
    }
    let reached = |from: &str| {
        let (mut reached, mut open) = (BTreeSet::new(), vec![from]);
        while let Some(file) = open.pop() {
            for target in edges.get(file).into_iter().flatten() {
                if reached.insert(target.clone()) {
                    open.push(target);
                }
            }
        }
        reached
    };
    let reached: BTreeMap<&String, BTreeSet<String>> = edges.keys().map(|file| (file, reached(file))).collect();
    let circle_of = |file: &String| -> BTreeSet<String> {
        reached[file]
            .iter()
            .filter(|other| reached.get(other).is_some_and(|back| back.contains(file)))
            .cloned()
            .collect()
    };
    let circles: BTreeSet<BTreeSet<String>> = edges.keys().map(circle_of).filter(|circle| circle.len() > 1).collect();
    circles.into_iter().collect()
}
