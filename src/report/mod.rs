//! Turns results into bytes: tables, charts, summaries. Touches no file and simulates nothing.
//!
//! Every mean comes from [`inference`](crate::inference) (or, as a function of time or age, from [`curves`]), so that tables,
//! charts and summaries cannot disagree. The unit of analysis is a replication: a measure is computed in each, and what is
//! reported is the mean over replications with Student's t interval.

mod absences;
mod answer;
mod charts;
mod columns;
pub mod csv;
pub mod curves;
mod json;
mod numbers;
mod runs;
mod study;
mod text;

use crate::inference::Observations;
#[cfg(test)]
pub(crate) use crate::record::support;
use crate::record::{Manifest, ResultFile, RunRecord};

pub use study::{
    Difference, ReadError, Verdict, differences, not_happened, read_replications, study_files, study_json, study_text,
    study_warnings,
};

/// Every result file of `record`, in fixed order, the manifest last.
#[must_use]
pub fn files(record: &RunRecord) -> Vec<ResultFile> {
    let observations = Observations::of_run(record);
    let age = curves::price_age(record, &observations);
    let load = curves::server_load(record, &observations);

    let mut files = Vec::new();
    let mut add = |name: &str, bytes: Vec<u8>| {
        files.push(ResultFile { name: name.to_owned(), bytes });
    };
    add("summary.csv", csv::summary(&observations));
    add("replications.csv", csv::replications(record, &observations));
    add("measures.csv", csv::measures());
    add("servers.csv", csv::servers(record));
    add("server_load.csv", csv::server_load(&load));
    add("connectors.csv", csv::connectors(record));
    add("connector_calls.csv", csv::connector_calls(record));
    add("instances.csv", csv::instances(record));
    add("price_age.csv", csv::price_age(&age));
    add("user_wait.csv", csv::user_wait(&curves::user_wait(record, &observations)));
    add("fills.csv", csv::fills(record));
    add("push_back.csv", csv::push_back(record));
    files.extend(charts::charts(record, &observations, &load, &age));

    let manifest = Manifest::of(record, &files);
    files.push(ResultFile { name: Manifest::FILE_NAME.to_owned(), bytes: manifest.to_json().into_bytes() });
    files
}

/// The answer to the scenario's question in at most 25 lines of plain text.
#[must_use]
pub fn summary_text(record: &RunRecord) -> String {
    text::summary_text(record, &Observations::of_run(record))
}

/// All estimates as one JSON object, for machines.
#[must_use]
pub fn summary_json(record: &RunRecord) -> String {
    json::summary_json(record, &Observations::of_run(record))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use support::RecordBuilder;

    #[test]
    fn the_same_record_gives_the_same_bytes() {
        let record = RecordBuilder::new().servers(2).build();
        assert_eq!(files(&record), files(&record));
        assert_eq!(summary_json(&record), summary_json(&record));
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
    }

    #[test]
    fn records_with_next_to_nothing_are_reported() {
        let records = [
            RecordBuilder::new().replications(0),
            RecordBuilder::new().replications(1).without_baseline(),
            RecordBuilder::new().servers(0),
            RecordBuilder::new().silent(),
            RecordBuilder::new().providers(0).servers(30),
        ];
        for record in records.map(|builder| builder.build()) {
            let files = files(&record);
            let is = |file: &ResultFile, kind| Path::new(&file.name).extension().is_some_and(|end| end == kind);
            for table in files.iter().filter(|file| is(file, "csv")) {
                let text = std::str::from_utf8(&table.bytes).expect("UTF-8");
                assert!(text.lines().next().is_some_and(|header| header.contains(',')), "{} has no header", table.name);
            }
            let written = files.iter().filter(|file| !is(file, "png"));
            let texts = written.map(|file| String::from_utf8(file.bytes.clone()).expect("UTF-8"));
            for text in texts.chain([summary_text(&record), summary_json(&record)]) {
                assert!(!text.contains("NaN"), "{text}");
            }
        }
    }
}
