//! Folders of results that others have been in: whatever a reader has put there or changed is there afterwards.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use rand::RngExt as _;
use rand::seq::IndexedRandom as _;
use tempfile::TempDir;

use super::hostile::{damaged, pick};
use super::program::run;
use super::{Dice, each_case};
use crate::support::contents;

const QUICK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/quick.toml");

const COMMON: [&str; 12] = [
    QUICK,
    "--replications",
    "1",
    "--jobs",
    "1",
    "--quiet",
    "--no-baseline",
    "--set",
    "run.duration=26h",
    "--set",
    "run.warmup=1h",
    "--out",
];

#[test]
fn folders() {
    each_case("folders", a_folder);
}

fn a_folder(dice: &mut Dice) {
    let home = TempDir::new().expect("a folder");
    let out = home.path().join("out");
    let command: &[&str] = if dice.random() { &["run"] } else { &["sweep", "--set", "group.client.users=1,2"] };
    let words = [command, &COMMON[..], &["out"]].concat();
    if dice.random_ratio(2, 3) {
        let first = run(home.path(), &words);
        assert!(first.is_good(), "{first}");
    } else {
        fs::create_dir(&out).expect("a folder");
    }
    let written = all(home.path());
    let mut others: Vec<Vec<u8>> = Vec::new();
    for _ in 0..dice.random_range(1..=3) {
        others.extend(meddle(dice, home.path(), &written));
    }
    let again = run(
        home.path(),
        &[&words[..], if dice.random() && command[0] == "sweep" { &["--resume"] } else { &[] }].concat(),
    );
    let after = all(home.path());
    for other in others {
        let text = String::from_utf8_lossy(&other);
        assert!(after.values().any(|bytes| *bytes == other), "lost: {}\n{again}", &text[..text.len().min(300)]);
    }
}

/// What lies in a folder, but for what the child has said.
fn all(home: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = contents(home);
    found.retain(|path, _| !path.starts_with(".stdout") && !path.starts_with(".stderr"));
    found
}

/// Changes or adds a file, as a reader or another program would; returns what must not get lost.
fn meddle(dice: &mut Dice, home: &Path, written: &BTreeMap<PathBuf, Vec<u8>>) -> Option<Vec<u8>> {
    let number: u32 = dice.random();
    let added = |name: &str, text: String| {
        let path = home.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        // What is here already may be what an earlier step has written.
        (!path.exists()).then(|| fs::write(path, &text).expect("a file"))?;
        Some(text.into_bytes())
    };
    match dice.random_range(0..7) {
        0 => added("out/notes.md", format!("mine {number}")),
        1 => added("out/charts/own.svg", format!("mine {number}")),
        2 => added(pick(&mut dice.clone(), &["out/manifest.json", "out.ledger", ".out.lock"]), foreign(number)),
        3 => added(&format!(".out.partial-{number}/thesis.tex"), format!("mine {number}")),
        4 => added(&format!(".out.previous-{number}/thesis.tex"), format!("mine {number}")),
        #[cfg(unix)]
        5 => {
            let names = ["out/charts", "out/manifest.json", "out/mine", ".out.partial-", ".out.previous-"];
            let mut link = pick(&mut dice.clone(), &names).to_owned();
            if link.ends_with('-') {
                link.push_str(&number.to_string());
            }
            let (link, elsewhere) = (home.join(link), home.join(format!("thesis-{number}")));
            let moved = fs::rename(&link, &elsewhere).is_ok();
            if !moved {
                fs::create_dir(&elsewhere).expect("a folder");
                fs::write(elsewhere.join("summary.csv"), format!("mine {number}")).expect("a file");
            }
            fs::create_dir_all(link.parent().expect("above")).expect("a folder");
            std::os::unix::fs::symlink(&elsewhere, &link).expect("a link");
            let file = if elsewhere.is_dir() {
                fs::read_dir(&elsewhere).expect("it").next()?.expect("it").path()
            } else {
                elsewhere
            };
            fs::read(file).ok()
        }
        _ => {
            let paths: Vec<&PathBuf> = written.keys().filter(|path| path.starts_with("out")).collect();
            let path = paths.choose(dice)?;
            let before = &written[*path];
            let edited = damaged(dice, before);
            // An edited ledger is a damaged one: its good lines count, and the others are dropped.
            (edited != *before && fs::read(home.join(path)).is_ok_and(|now| now == *before)).then(|| {
                fs::write(home.join(path), &edited).expect("a file");
                edited
            })
        }
    }
}

/// What another program keeps in a file of this name.
fn foreign(number: u32) -> String {
    format!("{{\"name\": \"app-{number}\", \"files\": [{{\"name\": \"notes.md\"}}, {{\"name\": \"charts/own.svg\"}}]}}")
}
