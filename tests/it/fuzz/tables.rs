//! Hostile data files beside a good scenario.

use std::fs;
use std::path::Path;

use rand::RngExt as _;
use rand::seq::IndexedRandom as _;
use tempfile::TempDir;

use super::hostile::{damaged, pick, text};
use super::program::run;
use super::{Dice, each_case};

const REPOSITORY: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn tables() {
    each_case("tables", a_table);
}

fn a_table(dice: &mut Dice) {
    let folder = TempDir::new().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    fs::copy(Path::new(REPOSITORY).join("tests/it/fixtures/valid.toml"), at("valid.toml")).expect("a copy");
    fs::copy(Path::new(REPOSITORY).join("tests/it/fixtures/edges.csv"), at("edges.csv")).expect("a copy");
    let (name, source) = *[
        ("edges.csv", "tests/it/fixtures/edges.csv"),
        ("markets.csv", "data/markets.csv"),
        ("connectors.csv", "data/connectors.csv"),
        ("country_rtt.csv", "data/country_rtt.csv"),
    ]
    .choose(dice)
    .expect("a table");
    let table = fs::read(Path::new(REPOSITORY).join(source)).expect("a table");
    let table = if dice.random() { damaged(dice, &table) } else { rewritten(dice, &String::from_utf8_lossy(&table)) };
    fs::write(at(name), &table).expect("a file");
    let checked = run(folder.path(), &["check", "valid.toml"]);
    if checked.is_good() {
        let once = ["run", "valid.toml", "--replications", "1", "--jobs", "1", "--quiet", "--out", "out"];
        let set = ["--set", "run.duration=26h", "--set", "run.warmup=1h", "--no-baseline"];
        let ended = run(folder.path(), &[&once[..], &set[..]].concat());
        assert!(ended.is_good(), "check calls it good: {ended}");
    }
    assert_eq!(fs::read(at(name)).expect("a file"), table, "the table is the reader's");
}

/// The same table as other programs write it, or with one cell or line that is wrong.
fn rewritten(dice: &mut Dice, table: &str) -> Vec<u8> {
    let mut lines: Vec<String> = table.lines().take(60).map(str::to_owned).collect();
    let line = dice.random_range(0..lines.len());
    match dice.random_range(0..8) {
        0 => lines.iter_mut().for_each(|line| *line = line.replace(',', pick(dice, &[";", "\t", "|", " "]))),
        1 => lines.iter_mut().for_each(|line| line.push('\r')),
        2 => lines[0].insert(0, '\u{feff}'),
        3 => lines.push(lines[line].clone()),
        4 => lines[line] = format!("{},{}", lines[line], lines[line]),
        5 => drop(lines.drain(..line)),
        6 => lines.iter_mut().for_each(|line| *line = line.to_uppercase()),
        _ => {
            let mut cells: Vec<String> = lines[line].split(',').map(str::to_owned).collect();
            let cell = dice.random_range(0..cells.len());
            cells[cell] = text(dice);
            lines[line] = cells.join(",");
        }
    }
    lines.join("\n").into_bytes()
}
