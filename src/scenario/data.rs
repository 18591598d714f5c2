//! Data files: the facts that are compiled in, and what stands beside a scenario.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::PathBuf;

use super::context::Context;
use super::error::Problem;
use super::item::quoted;
use super::source::{Origin, Source, Spot};

/// Larger data files are refused.
const MAX_BYTES: u64 = 64 << 20;

/// Where a scenario's data files are found, and the file that it starts from.
pub trait DataFiles {
    /// The text of the file `name`, a path from the folder of the scenario, or `None` if there is none.
    ///
    /// # Errors
    ///
    /// If the file exists but cannot be read.
    fn read(&self, name: &str) -> io::Result<Option<String>>;
}

/// No files: only what is compiled in.
#[derive(Clone, Copy, Debug)]
pub struct NoFiles;

impl DataFiles for NoFiles {
    fn read(&self, _name: &str) -> io::Result<Option<String>> {
        Ok(None)
    }
}

/// The files of a folder.
#[derive(Clone, Debug)]
pub struct Folder(pub PathBuf);

impl DataFiles for Folder {
    fn read(&self, name: &str) -> io::Result<Option<String>> {
        let file = match File::open(self.0.join(name)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut text = String::new();
        file.take(MAX_BYTES + 1).read_to_string(&mut text)?;
        if text.len() as u64 > MAX_BYTES {
            let limit = format!("more than {} MiB", MAX_BYTES >> 20);
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, limit));
        }
        Ok(Some(text))
    }
}

/// A row of a data file.
#[derive(Clone, Debug)]
pub(super) struct Row {
    fields: BTreeMap<String, String>,
    pub(super) origin: Origin,
}

impl Row {
    /// The field, unless it is empty.
    pub(super) fn field(&self, column: &str) -> Option<&str> {
        let field = self.fields.get(column).map(|field| field.trim());
        field.filter(|field| !field.is_empty())
    }

    /// The field as a TOML string, with `unit` behind it.
    pub(super) fn toml(&self, column: &str, unit: &str) -> Option<String> {
        self.field(column).map(|field| quoted(&format!("{field}{unit}")))
    }
}

/// A data file: its name, what of it is compiled in, and its columns.
pub(super) struct DataFile {
    name: &'static str,
    built_in: &'static str,
    /// Columns that identify a row; the key joins them with `-`.
    key: &'static [&'static str],
    columns: &'static [&'static str],
}

pub(super) const MARKETS: DataFile = DataFile {
    name: "markets.csv",
    built_in: include_str!("../../data/markets.csv"),
    key: &["mic"],
    columns: &["mic", "time_zone", "open", "close", "break_start", "break_end"],
};

pub(super) const CONNECTORS: DataFile = DataFile {
    name: "connectors.csv",
    built_in: include_str!("../../data/connectors.csv"),
    key: &["id"],
    columns: &["id", "intraday_delay_s", "rate_limit_requests", "rate_limit_period_s"],
};

pub(super) const COUNTRY_RTT: DataFile = DataFile {
    name: "country_rtt.csv",
    built_in: include_str!("../../data/country_rtt.csv"),
    key: &["country_a", "country_b"],
    columns: &["country_a", "country_b", "rtt_mean_ms", "rtt_sd_ms", "rtt_min_ms"],
};

/// The rows of a data file by key: those compiled in, replaced and extended by the files of the same name beside those that
/// the scenario starts from, and beside the scenario.
pub(super) fn load(context: &Context<'_>, file: &DataFile) -> BTreeMap<String, Row> {
    let built_in_name = format!("built-in {}", file.name);
    let mut rows = BTreeMap::new();
    let mut texts = vec![(built_in_name, file.built_in.to_owned())];
    texts.extend(context.folders().into_iter().filter_map(|folder| {
        let name = format!("{folder}{}", file.name);
        read(context, &name).map(|text| (name, text))
    }));
    for (name, text) in texts {
        for row in parse(context, &name, &text, file.columns) {
            let mut parts: Vec<&str> = file.key.iter().filter_map(|column| row.field(column)).collect();
            parts.sort_unstable();
            rows.insert(parts.join("-"), row);
        }
    }
    rows
}

fn read(context: &Context<'_>, name: &str) -> Option<String> {
    match context.files.read(name) {
        Ok(text) => text,
        Err(error) => {
            let problem = Problem::FileUnreadable { name: name.to_owned(), reason: error.to_string() };
            let help = "make it a text in UTF-8 that can be read, or remove it: what is built in counts then";
            context.report(problem, Vec::new(), help);
            None
        }
    }
}

/// The rows of the CSV `text`; notes what is not understood, at most once.
pub(super) fn parse(context: &Context<'_>, name: &str, text: &str, columns: &[&str]) -> Vec<Row> {
    let number = context.add_text(name, text);
    let spot = |at: u64| {
        let from = usize::try_from(at).unwrap_or(usize::MAX).min(text.len());
        let length = text[from..].lines().next().map_or(0, str::len);
        Spot { text: number, span: from..from + length }
    };
    let report = |at: u64, reason: String| {
        let problem = Problem::BadRow { name: name.to_owned(), reason };
        let help = format!("the file needs the columns {}", columns.join(","));
        context.report(problem, vec![(Some(spot(at)), "this row".to_owned())], help);
    };
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(text.as_bytes());
    let headers = match reader.headers() {
        Ok(headers) => headers.clone(),
        Err(error) => {
            report(0, error.to_string());
            return Vec::new();
        }
    };
    if let Some(column) = columns.iter().find(|column| !headers.iter().any(|header| header.trim() == **column)) {
        report(0, format!("there is no column `{column}`"));
        return Vec::new();
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let at = error.position().map_or(0, csv::Position::byte);
                report(at, "it has not as many fields as the first row".to_owned());
                return rows;
            }
        };
        let at = record.position().map_or(0, csv::Position::byte);
        let fields = headers.iter().zip(record.iter());
        rows.push(Row {
            fields: fields.map(|(header, field)| (header.trim().to_owned(), field.to_owned())).collect(),
            origin: Origin { source: Source::DataFile { name: name.to_owned() }, spot: Some(spot(at)) },
        });
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_files_are_well_formed() {
        let context = Context::new(&NoFiles);
        assert_eq!(load(&context, &MARKETS).len(), 17);
        assert_eq!(load(&context, &CONNECTORS).len(), 17);
        assert_eq!(load(&context, &COUNTRY_RTT).len(), 16 * 17 / 2);
        assert!(context.finish().is_ok());
    }

    #[test]
    fn a_file_beside_the_scenario_replaces_rows_and_adds_rows() {
        struct Own;
        impl DataFiles for Own {
            fn read(&self, name: &str) -> io::Result<Option<String>> {
                let text = "id,intraday_delay_s,rate_limit_requests,rate_limit_period_s\nyahoo,60,,\nown,5,,\n";
                Ok((name == "connectors.csv").then(|| text.to_owned()))
            }
        }
        let context = Context::new(&Own);
        let rows = load(&context, &CONNECTORS);
        assert_eq!(rows.len(), 18);
        assert_eq!(rows["yahoo"].field("intraday_delay_s"), Some("60"));
        assert_eq!(rows["yahoo"].origin.source.describe("x.toml"), "connectors.csv");
        assert_eq!(rows["six"].origin.source.describe("x.toml"), "built-in connectors.csv");
    }
}
