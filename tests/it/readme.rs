//! The README's numbers are those of the committed results.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Mean and half of the interval by (measure, subject, variant).
type Summary = BTreeMap<(String, String, String), (f64, f64)>;

fn summary(scenario: &str) -> Summary {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("results").join(scenario).join("summary.csv");
    let mut reader = csv::Reader::from_path(&path).expect("a committed result");
    let mut summary = Summary::new();
    for row in reader.records() {
        let row = row.expect("a row");
        let number = |at: usize| row[at].parse::<f64>();
        if let (Ok(mean), Ok(high)) = (number(4), number(6)) {
            summary.insert((row[0].to_owned(), row[1].to_owned(), row[2].to_owned()), (mean, high - mean));
        }
    }
    summary
}

fn cell(summary: &Summary, measure: &str, variant: &str, factor: f64, decimals: usize, unit: &str) -> String {
    let key = (measure.to_owned(), "all".to_owned(), variant.to_owned());
    summary.get(&key).map_or_else(
        || "–".to_owned(),
        |(mean, half)| format!("{:.decimals$} ± {:.decimals$} {unit}", mean * factor, half * factor),
    )
}

#[test]
fn the_decisions_numbers_are_those_of_the_results() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).expect("a README");
    let rows = [
        ("20 clients, one hub", "hub-20-clients"),
        ("20 open instances, no hub", "open-only"),
        ("60 clients, one hub", "hub-60-clients"),
        ("60 clients, three hubs", "three-hubs"),
    ];
    for (label, scenario) in rows {
        let summary = summary(scenario);
        let row = format!(
            "| {label} | {} | {} | {} | {} |",
            cell(&summary, "connector_calls", "saving", 100.0, 1, "%"),
            cell(&summary, "price_age_p95", "gtnet", 1.0 / 60.0, 1, "min"),
            cell(&summary, "user_wait_p50", "gtnet", 1.0, 2, "s"),
            cell(&summary, "server_utilisation_max", "gtnet", 100.0, 4, "% of the time"),
        );
        assert!(readme.contains(&row), "the README lacks this row:\n{row}");
    }
    let off = summary("no-gtnet");
    let row = format!(
        "| 20 instances without GTNet | – | {} | {} | – |",
        cell(&off, "price_age_p95", "gtnet-off", 1.0 / 60.0, 1, "min"),
        cell(&off, "user_wait_p50", "gtnet-off", 1.0, 2, "s"),
    );
    assert!(readme.contains(&row), "the README lacks this row:\n{row}");
}

/// The rows about the rules of the protocol are those of the whole table.
#[test]
fn the_rules_are_those_of_the_whole_table() {
    let read = |name: &str| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).expect("a document");
    let (readme, table) = (read("README.md"), read("docs/ablation.md"));
    let (_, section) = readme.split_once("## What each rule buys").expect("the section");
    let (section, _) = section.split_once("\n## ").expect("another section");
    let rows: Vec<&str> = section.lines().filter(|line| line.starts_with('|')).collect();
    assert!(rows.len() > 10, "a table");
    for row in rows {
        assert!(table.contains(row), "docs/ablation.md lacks this row:\n{row}");
    }
}

/// Mean and half of the interval by (measure, kind).
type Numbers = BTreeMap<(String, String), (f64, f64)>;

/// The rows of the findings are those of the results, and every study of the repository is among them.
#[test]
fn the_findings_numbers_are_those_of_the_results() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let findings = fs::read_to_string(root.join("docs/findings.md")).expect("a document");
    let studies = fs::read_dir(root.join("scenarios/findings")).expect("a folder");
    let mut rows_checked = 0;
    for study in studies {
        let name = study.expect("an entry").path().file_stem().expect("a name").to_string_lossy().into_owned();
        assert!(findings.contains(&format!("scenarios/findings/{name}.toml")), "docs/findings.md lacks {name}");
        let path = root.join("results/findings").join(&name).join("summary.csv");
        let mut reader = csv::Reader::from_path(&path).expect("a committed result");
        let header: Vec<String> = reader.headers().expect("a header").iter().map(str::to_owned).collect();
        let at = |column: &str| header.iter().position(|name| name == column).expect("a column");
        let (measure, mean) = (at("measure"), at("mean"));
        let mut points: BTreeMap<usize, (String, Numbers)> = BTreeMap::new();
        for row in reader.records().map(|row| row.expect("a row")) {
            let settings: Vec<&str> = (1..measure).map(|column| &row[column]).collect();
            let point = points.entry(row[0].parse().expect("a number")).or_default();
            point.0 = settings.join(", ");
            if let (Ok(middle), Ok(high)) = (row[mean].parse::<f64>(), row[mean + 2].parse::<f64>()) {
                point.1.insert((row[measure].to_owned(), row[measure + 1].to_owned()), (middle, high - middle));
            }
        }
        for (label, numbers) in points.values() {
            let cell = |measure: &str, kind: &str, factor: f64, decimals: usize, unit: &str| {
                numbers.get(&(measure.to_owned(), kind.to_owned())).map_or_else(
                    || "–".to_owned(),
                    |(mean, half)| format!("{:.decimals$} ± {:.decimals$} {unit}", mean * factor, half * factor),
                )
            };
            let cells = [
                label.clone(),
                cell("connector_calls", "saving", 100.0, 1, "%"),
                cell("price_fresh_share", "value", 100.0, 1, "%"),
                cell("user_wait_p50", "value", 1.0, 2, "s"),
                cell("user_wait_p95", "value", 1.0, 2, "s"),
                cell("server_utilisation_max", "value", 100.0, 3, "%"),
            ];
            let row = format!("| {} |", cells.join(" | "));
            assert!(findings.contains(&row), "docs/findings.md lacks this row of {name}:\n{row}");
            rows_checked += 1;
        }
    }
    assert!(rows_checked > 40, "{rows_checked} rows");
}
