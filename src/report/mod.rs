//! Turns results into bytes; simulates nothing and touches no file.
//!
//! A report is first a document: sentences, grids and pictures for people, tables for programs. All commands share one
//! builder, as a run is a study of one point. Then an exporter turns the document into the bytes of one format.
//!
//! Every number is an [answer](crate::inference::Answer) of `inference`, or a point of a curve in `curves`. Tables,
//! charts and summaries therefore cannot disagree.

mod absences;
mod age;
mod answer;
mod assumed;
mod background;
mod builder;
mod changes;
mod charts;
mod comparison;
mod components;
mod curves;
mod datasets;
mod decided;
mod differences;
mod document;
mod evidence;
mod export;
mod faults;
mod felt;
mod flips;
mod front;
mod gains;
mod headline;
mod influence;
mod laws;
mod money;
mod network;
mod numbers;
mod page;
mod parts;
mod places;
mod redraw;
mod remarks;
mod required;
mod selected;
mod sensitivity;
mod server_kind;
mod silent;
mod stale;
mod sweep;
mod tally;
mod trends;
mod variants;
mod weeks;
mod world_answer;
mod world_sections;
mod worlds;

use crate::record::{Manifest, ResultFile};

#[cfg(test)]
pub(crate) use crate::record::support;
pub(crate) use datasets::read_units;
pub use evidence::{Evidence, PointEvidence};
pub use redraw::RedrawError;
pub(crate) use redraw::{redrawn, side_by_side};

use builder::document;
use export::Exporter;

/// Every result file of a run or a study, in fixed order. The resolved scenario of each point is one of them; the
/// manifest comes last.
#[must_use]
pub fn files<'r>(record: impl Into<Evidence<'r>>) -> Vec<ResultFile> {
    let evidence = record.into();
    let document = document(&evidence);
    let mut files: Vec<ResultFile> = export::KEPT.iter().flat_map(|format| format.export(&document)).collect();
    let scenario = |(index, point): (usize, &PointEvidence<'_>)| ResultFile {
        name: Manifest::scenario_file(index),
        bytes: point.facts.resolved_scenario.clone().into_bytes(),
    };
    files.extend(evidence.points.iter().enumerate().map(scenario));
    let points = evidence.points.iter().map(|point| (point.label, point.facts, point.replications));
    let manifest = Manifest::of(evidence.kind, evidence.name, evidence.question, evidence.version, points, &files);
    files.push(ResultFile { name: Manifest::FILE_NAME.to_owned(), bytes: manifest.to_json().into_bytes() });
    files
}

/// The report for a terminal: the answer, and the numbers that it follows from.
#[must_use]
pub fn text<'r>(record: impl Into<Evidence<'r>>) -> String {
    only(export::TEXT, &record.into())
}

/// The report for machines: one JSON object, the same for all commands.
#[must_use]
pub fn json<'r>(record: impl Into<Evidence<'r>>) -> String {
    only(export::JSON, &record.into())
}

/// Name of the page in a results folder.
pub(crate) const PAGE: &str = export::HTML_FILE;

/// The warnings that are known before anything is simulated, each with its remedy.
#[must_use]
pub fn warnings<'r>(record: impl Into<Evidence<'r>>) -> Vec<String> {
    remarks::warnings(&record.into())
}

/// The report in a format that consists of one text file.
fn only(format: &dyn Exporter, evidence: &Evidence<'_>) -> String {
    let file = format.export(&document(evidence)).pop().expect("one file");
    String::from_utf8(file.bytes).expect("text")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::record::{RunRecord, StudyKind, StudyRecord};
    use support::{RecordBuilder, study};

    /// All output made of a record: its files, and the printed texts.
    fn all<'r>(record: impl Into<Evidence<'r>>) -> Vec<ResultFile> {
        let evidence: Evidence<'r> = record.into();
        let printed = [text(evidence.clone()), json(evidence.clone())];
        let printed = printed.map(|text| ResultFile { name: "printed".to_owned(), bytes: text.into_bytes() });
        files(evidence).into_iter().chain(printed).collect()
    }

    fn names(files: &[ResultFile]) -> Vec<&str> {
        files.iter().map(|file| file.name.as_str()).collect()
    }

    #[test]
    fn the_same_record_gives_the_same_bytes() {
        let record = RecordBuilder::new().servers(2).build();
        assert_eq!(all(&record), all(&record));
    }

    #[test]
    fn the_manifest_comes_last_and_lists_all_others() {
        let files = files(&RecordBuilder::new().build());
        let (manifest, others) = files.split_last().expect("files");
        assert_eq!(manifest.name, Manifest::FILE_NAME);
        let text = std::str::from_utf8(&manifest.bytes).expect("UTF-8");
        let manifest = Manifest::from_json(text).expect("a manifest");
        assert_eq!(manifest.to_json(), text);
        assert!(manifest.files.iter().map(|file| &file.name).eq(others.iter().map(|file| &file.name)));
        assert_eq!(manifest.points[0].scenario, "points/000.toml");
    }

    #[test]
    fn all_commands_have_the_same_tables_and_each_its_own() {
        let run = files(&RecordBuilder::new().build());
        let studies = [StudyKind::Comparison, StudyKind::Sweep].map(|kind| files(&study(kind, 3, 6)));
        for files in std::iter::once(&run).chain(&studies) {
            for name in ["summary.csv", "replications.csv", "points.csv", "measures.csv", "points/000.toml"] {
                assert!(names(files).contains(&name), "{name}");
            }
        }
        assert!(names(&run).contains(&"servers.csv") && !names(&studies[1]).contains(&"servers.csv"));
        assert!(names(&studies[0]).contains(&"differences.csv") && names(&studies[1]).contains(&"points/002.toml"));
    }

    /// The columns of a table without parameters. If a column has a unit, its name ends with the unit.
    #[test]
    fn headers_name_the_units() {
        let files = files(&RecordBuilder::new().build());
        let header = |name: &str| {
            let file = files.iter().find(|file| file.name == name).expect("a table");
            let text = std::str::from_utf8(&file.bytes).expect("UTF-8");
            text.lines().next().expect("a header").to_owned()
        };
        let estimate = "mean,ci95_low,ci95_high,standard_deviation,replications";
        let seen = "seen,seen_share_ci95_low,seen_share_ci95_high";
        assert_eq!(header("summary.csv"), format!("point,subject,measure,contrast,unit,{estimate},known,{seen}"));
        assert!(header("replications.csv").starts_with("point,digest,replication,subject,server_arrivals_per_s,"));
        assert_eq!(header("fills.csv"), "replication,contrast,source,instruments_count,share");
        assert_eq!(
            header("price_age.csv"),
            "contrast,age_upper_s,share_mean,share_ci95_low,share_ci95_high,share_standard_deviation,replications"
        );
    }

    /// Each row is one observation and has as many cells as there are columns; every number is finite.
    #[test]
    fn records_with_next_to_nothing_are_reported() {
        let runs: [RunRecord; 6] = [
            RecordBuilder::new().replications(0),
            RecordBuilder::new().replications(1).without_baseline(),
            RecordBuilder::new().servers(0),
            RecordBuilder::new().silent(),
            RecordBuilder::new().without_gtnet(),
            RecordBuilder::new().providers(0).servers(30),
        ]
        .map(|builder| builder.build());
        let mut studies: Vec<StudyRecord> = Vec::new();
        for (points, replications) in [(1, 1), (2, 1), (2, 2), (5, 4)] {
            studies.push(study(StudyKind::Comparison, points, replications));
            studies.push(study(StudyKind::Sweep, points, replications));
        }
        let is = |file: &ResultFile, kind| Path::new(&file.name).extension().is_some_and(|end| end == kind);
        for files in runs.iter().map(all).chain(studies.iter().map(all)) {
            for file in files.iter().filter(|file| !is(file, "png")) {
                let text = std::str::from_utf8(&file.bytes).expect("UTF-8");
                assert!(!text.contains("NaN") && !text.contains("inf,") && !text.contains("inf "), "{text}");
                if is(file, "csv") {
                    let mut reader = csv::Reader::from_reader(text.as_bytes());
                    assert!(reader.headers().expect("a header").len() > 1, "{} has no columns", file.name);
                    assert!(reader.records().all(|row| row.is_ok()), "{} is no table", file.name);
                }
            }
        }
    }

    #[test]
    fn very_many_servers_are_told_of_as_shares_of_them() {
        let record = RecordBuilder::new().replications(2).servers(1_001).build();
        let files = files(&record);
        let table = |name: &str| {
            let file = files.iter().find(|file| file.name == name).expect("a table");
            std::str::from_utf8(&file.bytes).expect("UTF-8").lines().skip(1).map(str::to_owned).collect::<Vec<_>>()
        };
        let load = table("server_load.csv");
        assert_eq!(load.len(), 4 * 96);
        // At nine the first one gets ten times as many messages as the tenth, and so on.
        let at_nine = |share: &str| {
            let row = load.iter().find_map(|row| row.strip_prefix(&format!("{share} of servers,9,"))).expect("a row");
            row.split(',').next().expect("a mean").parse::<f64>().expect("a number")
        };
        let shares = ["5 %", "50 %", "95 %", "100 %"].map(at_nine);
        assert!(shares.is_sorted() && shares[3] > 50.0 * shares[1].max(0.001), "{shares:?}");
        assert_eq!(table("servers.csv").len(), 2 * 1_001, "all of them are here");
        let names_one = |row: &String| row.contains("hub-");
        assert!(!table("summary.csv").iter().chain(&table("replications.csv")).any(names_one));
        let text = text(&record);
        assert!(text.contains("1,001 push-open servers") && text.contains("mean of a server"), "{text}");
        let page = table("report.md").concat();
        assert!(page.contains("Of 1,001 push-open servers none gets more than "), "{page}");
        assert!(page.contains("the busiest server is busy for "), "{page}");
        let few = RecordBuilder::new().replications(2).servers(1_000).build();
        let few = super::files(&few).into_iter().find(|file| file.name == "server_load.csv").expect("a table");
        assert!(std::str::from_utf8(&few.bytes).expect("UTF-8").lines().count() == 1 + 1_000 * 96);
    }

    /// The means in one table are those of the values in another; savings and differences follow from them.
    #[test]
    fn the_tables_agree_with_each_other() {
        let record = RecordBuilder::new().replications(4).servers(2).build();
        let files = files(&record);
        let table = |name: &str| {
            let file = files.iter().find(|file| file.name == name).expect("a table");
            let mut reader = csv::Reader::from_reader(file.bytes.as_slice());
            let header = reader.headers().expect("a header").clone();
            let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("a row")).collect();
            (header, rows)
        };
        let (header, rows) = table("replications.csv");
        let mean_of = |subject: &str, column: &str| {
            let at = header.iter().position(|name| name == column).expect("a column");
            let values: Option<Vec<f64>> =
                rows.iter().filter(|row| &row[3] == subject).map(|row| row[at].parse().ok()).collect();
            values.map(|values| values.iter().sum::<f64>() / values.len() as f64)
        };
        let mut compared = 0;
        for row in table("summary.csv").1 {
            let measure = crate::measures::find(&row[2]).expect("a measure");
            // A quantile is that of all replications together, and no mean of theirs.
            let is_quantile = matches!(measure.source, crate::measures::Source::Quantile(..));
            let pooled = if is_quantile { "pooled_" } else { "" };
            let [with, without] = ["", "gtnet_off_"]
                .map(|off| move |of: &str, column: String| mean_of(of, &format!("{pooled}{off}{column}")));
            let expected = match &row[3] {
                "value" => with(&row[1], measure.column()),
                "gtnet-off" => without(&row[1], measure.column()),
                "difference" => with(&row[1], measure.column())
                    .zip(without(&row[1], measure.column()))
                    .map(|(with, without)| with - without),
                // A saving comes from the ratio of two means, corrected for the bias of few replications.
                _ => continue,
            };
            let (Some(expected), Ok(mean)) = (expected, row[5].parse::<f64>()) else { continue };
            assert!((mean - expected).abs() <= 1e-9 * expected.abs().max(1.0), "{row:?}");
            compared += 1;
        }
        assert!(compared > 100, "{compared}");
    }

    #[test]
    fn json_is_the_same_object_for_all_commands() {
        let read = |text: String| serde_json::from_str::<serde_json::Value>(&text).expect("JSON");
        let run = read(json(&RecordBuilder::new().replications(1).build()));
        let sweep = read(json(&study(StudyKind::Sweep, 4, 6)));
        let keys =
            |value: &serde_json::Value| value.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&run), keys(&sweep));
        assert_eq!(keys(&run["points"][0]), keys(&sweep["points"][0]));
        assert_eq!((&run["kind"], &sweep["kind"]), (&"run".into(), &"sweep".into()));
        assert_eq!(sweep["points"].as_array().map(Vec::len), Some(4));
        let estimates = run["points"][0]["estimates"].as_array().expect("a list");
        assert!(estimates.iter().all(|each| each["half_width"].is_null()), "one replication has none");
        let is_saving = |each: &&serde_json::Value| {
            each["measure"] == "connector_calls" && each["contrast"] == "saving" && each["subject"] == "all"
        };
        assert_eq!(estimates.iter().find(is_saving).expect("the saving")["unit"], "share");
    }
}
