//! Comparisons and sweeps as tables, charts and text.

mod chart;
mod common;
mod components;
mod differences;
mod forest;
mod lines;
mod tables;
mod text;

use serde::Serialize;

use crate::record::{FileDigest, Manifest, ResultFile, SCHEMA_VERSION, StudyKind, StudyRecord, sealed};

pub use common::{not_happened, study_warnings};
pub use differences::{Difference, Verdict, differences};
pub use tables::{ReadError, read_replications};
pub use text::{study_json, study_text};

use super::csv;

/// `manifest.json` of a study.
#[derive(Serialize)]
struct StudyManifest<'a> {
    schema_version: u32,
    tool_version: &'a str,
    kind: StudyKind,
    study: &'a str,
    question: &'a str,
    points: Vec<PointOfManifest<'a>>,
    files: Vec<FileDigest>,
}

#[derive(Serialize)]
struct PointOfManifest<'a> {
    label: &'a str,
    digest: &'a str,
    seed: u64,
    replications: usize,
    scenario: String,
}

/// Every result file of a study, in fixed order, the manifest last; each point's resolved scenario is one of them.
#[must_use]
pub fn study_files(record: &StudyRecord) -> Vec<ResultFile> {
    let mut files = Vec::new();
    let mut add = |name: String, bytes: Vec<u8>| files.push(ResultFile { name, bytes });
    add("summary.csv".to_owned(), tables::summary(record));
    add("replications.csv".to_owned(), tables::replications(record));
    add("points.csv".to_owned(), tables::points(record));
    add("measures.csv".to_owned(), csv::measures());
    if record.kind == StudyKind::Comparison {
        add("differences.csv".to_owned(), tables::differences(&differences(record)));
    }
    if let Some(found) = &record.capacity {
        add("capacity.csv".to_owned(), tables::capacity(found));
    }
    if let Some(table) = components::table(record) {
        add("components.csv".to_owned(), table);
    }
    for (index, point) in record.points.iter().enumerate() {
        add(scenario_file(index), point.resolved_scenario.clone().into_bytes());
    }
    files.extend(chart::charts(record));
    let points = record.points.iter().enumerate().map(|(index, point)| PointOfManifest {
        label: &point.label,
        digest: &point.digest,
        seed: point.seed,
        replications: point.replications.len(),
        scenario: scenario_file(index),
    });
    let manifest = StudyManifest {
        schema_version: SCHEMA_VERSION,
        tool_version: &record.version,
        kind: record.kind,
        study: &record.name,
        question: &record.question,
        points: points.collect(),
        files: files.iter().map(FileDigest::of).collect(),
    };
    files.push(ResultFile { name: Manifest::FILE_NAME.to_owned(), bytes: sealed(&manifest).into_bytes() });
    files
}

/// Where the resolved scenario of a point is.
fn scenario_file(point: usize) -> String {
    format!("points/{point:03}.toml")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::support::study;

    #[test]
    fn every_study_has_its_files() {
        for kind in [StudyKind::Comparison, StudyKind::Sweep] {
            let names: Vec<String> = study_files(&study(kind, 3, 6)).into_iter().map(|file| file.name).collect();
            let has = |name: &str| names.iter().any(|other| other == name);
            assert!(has("summary.csv") && has("replications.csv") && has("points/002.toml"), "{names:?}");
            assert_eq!(has("differences.csv"), kind == StudyKind::Comparison);
            assert_eq!(names.last().map(String::as_str), Some("manifest.json"));
        }
    }

    #[test]
    fn no_number_is_made_up() {
        for (points, replications) in [(1, 1), (2, 1), (2, 2), (5, 4)] {
            for kind in [StudyKind::Comparison, StudyKind::Sweep] {
                let record = study(kind, points, replications);
                for text in [study_text(&record), study_json(&record)] {
                    assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
                }
            }
        }
    }
}
