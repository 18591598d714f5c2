//! The rows of data files: those compiled in come first; files of the same name beside a scenario replace and extend them.

use std::collections::BTreeMap;

use super::context::{Context, Note, Noted};
use super::error::Problem;
use super::folder::{unreadable_help, unreadable_reason};
use super::item::quoted;
use super::rows;
use super::source::{Origin, Spot, ValueSource};
use super::suggest;

/// A row of a data file.
#[derive(Clone, Debug)]
pub(super) struct DataRow {
    columns: &'static [&'static str],
    /// The field of each column, unless it is empty.
    fields: Vec<Option<String>>,
    pub(super) origin: Origin,
}

impl DataRow {
    /// The field, unless it is empty.
    pub(super) fn field(&self, column: &str) -> Option<&str> {
        let place = self.columns.iter().position(|known| *known == column)?;
        self.fields[place].as_deref()
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
    /// What each of them holds.
    key_is: KeyIs,
    /// Columns of which a row has all or none; if it is about countries, all.
    together: &'static [&'static str],
    columns: &'static [&'static str],
}

/// What identifies a row.
#[derive(Clone, Copy, PartialEq, Eq)]
enum KeyIs {
    Name,
    Country,
}

pub(super) const MARKETS: DataFile = DataFile {
    name: "markets.csv",
    built_in: include_str!("../../data/markets.csv"),
    key: &["mic"],
    key_is: KeyIs::Name,
    together: &[],
    columns: &["mic", "time_zone", "open", "close", "break_start", "break_end"],
};

pub(super) const CONNECTORS: DataFile = DataFile {
    name: "connectors.csv",
    built_in: include_str!("../../data/connectors.csv"),
    key: &["id"],
    key_is: KeyIs::Name,
    together: &["rate_limit_requests", "rate_limit_period_s"],
    columns: &["id", "intraday_delay_s", "rate_limit_requests", "rate_limit_period_s"],
};

pub(super) const COUNTRY_RTT: DataFile = DataFile {
    name: "country_rtt.csv",
    built_in: include_str!("../../data/country_rtt.csv"),
    key: &["country_a", "country_b"],
    key_is: KeyIs::Country,
    together: &["rtt_mean_ms", "rtt_sd_ms", "rtt_min_ms"],
    columns: &["country_a", "country_b", "rtt_mean_ms", "rtt_sd_ms", "rtt_min_ms"],
};

/// What the data files of one name say.
pub(super) struct Facts {
    /// The rows by key.
    pub(super) rows: BTreeMap<String, DataRow>,
    /// The mistake for which rows may be missing: what is not found is then no mistake of its own.
    pub(super) incomplete: Option<Noted>,
}

/// The rows of a data file by key: those compiled in, replaced and extended by the files of the same name beside those that
/// the scenario starts from, and beside the scenario.
pub(super) fn load(context: &Context<'_>, file: &DataFile) -> Facts {
    let mut facts = Facts { rows: BTreeMap::new(), incomplete: None };
    facts.add(context, file, &format!("built-in {}", file.name), file.built_in.to_owned());
    for folder in context.folders() {
        let name = format!("{folder}{}", file.name);
        match context.files.read(&name) {
            Ok(Some(text)) => facts.add(context, file, &name, text),
            Ok(None) => {}
            Err(error) => {
                let problem = Problem::FileUnreadable { name, reason: unreadable_reason(&error) };
                let help = format!("{}\nwithout it, what is built in counts", unreadable_help(&error));
                facts.incomplete = Some(context.report(problem, Vec::new(), help));
            }
        }
    }
    facts
}

impl Facts {
    /// Adds the rows of the file `name`, in place of those with the same keys.
    fn add(&mut self, context: &Context<'_>, file: &DataFile, name: &str, text: String) {
        let source = ValueSource::DataFile { name: name.to_owned() };
        let mut own: BTreeMap<String, DataRow> = BTreeMap::new();
        let mut letters: BTreeMap<String, String> =
            self.rows.keys().map(|key| (key.to_ascii_lowercase(), key.clone())).collect();
        let mut incomplete = None;
        let mut refuse = |spot: &Spot, make: &dyn Fn() -> Note| {
            incomplete = Some(context.report_one_of_many(Some(spot), make));
        };
        let all_read = rows::read(context, name, text, file.columns, |fields| {
            let bad_row = |reason: String, help: String| Note {
                problem: Problem::BadRow { name: name.to_owned(), reason },
                labels: vec![(Some(fields.spot.clone()), "this row".to_owned())],
                help,
            };
            let row = DataRow {
                columns: file.columns,
                fields: (0..file.columns.len()).map(|column| fields.get(column).map(str::to_owned)).collect(),
                origin: Origin { source: source.clone(), spot: Some(fields.spot.clone()) },
            };
            let key = match file.key_of(&row) {
                Ok(key) => key,
                Err((reason, help)) => return refuse(&fields.spot, &|| bad_row(reason.clone(), help.clone())),
            };
            let (given, empty): (Vec<&str>, Vec<&str>) =
                file.together.iter().partition(|column| row.field(column).is_some());
            // A row without times would make a known pair of countries unknown.
            let is_needed = !given.is_empty() || file.key_is == KeyIs::Country;
            if is_needed && !empty.is_empty() {
                return refuse(&fields.spot, &|| {
                    let help = format!("fill in {}, or remove the row", suggest::list(file.together));
                    bad_row(format!("it has no {}", suggest::list(&empty)), help)
                });
            }
            let other = letters.entry(key.to_ascii_lowercase()).or_insert_with(|| key.clone());
            if *other != key {
                return refuse(&fields.spot, &|| {
                    let reason = format!("`{key}` differs from `{other}` by small and capital letters only");
                    bad_row(reason, format!("write `{other}` if it is the same, or another name"))
                });
            }
            if let Some(first) = own.get(&key) {
                return refuse(&fields.spot, &|| Note {
                    problem: Problem::RepeatedRow { name: name.to_owned(), key: key.clone() },
                    labels: vec![
                        (Some(fields.spot.clone()), "again".to_owned()),
                        (first.origin.spot.clone(), "the first one".to_owned()),
                    ],
                    help: "remove one of the two".to_owned(),
                });
            }
            own.insert(key, row);
        });
        self.incomplete = self.incomplete.or(all_read.err()).or(incomplete);
        self.rows.append(&mut own);
    }
}

impl DataFile {
    /// The key of a row, or else what is wrong with it, and the remedy.
    fn key_of(&self, row: &DataRow) -> Result<String, (String, String)> {
        let mut parts = Vec::new();
        for column in self.key {
            let Some(part) = row.field(column) else {
                return Err((format!("it has no `{column}`"), "name what the row is about, or remove it".to_owned()));
            };
            let is_country = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_uppercase());
            if self.key_is == KeyIs::Country && !is_country {
                let help = "write its code of two capital letters (ISO 3166), such as CH";
                return Err((format!("`{part}` is not a country"), help.to_owned()));
            }
            parts.push(part);
        }
        parts.sort_unstable();
        Ok(parts.join("-"))
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::super::folder::{DataFiles, NoFiles};
    use super::*;

    #[test]
    fn the_built_in_files_are_well_formed() {
        let context = Context::new(&NoFiles);
        assert_eq!(load(&context, &MARKETS).rows.len(), 17);
        assert_eq!(load(&context, &CONNECTORS).rows.len(), 17);
        assert_eq!(load(&context, &COUNTRY_RTT).rows.len(), 16 * 17 / 2);
        assert!(context.finish(Ok(())).is_ok());
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
        let rows = load(&context, &CONNECTORS).rows;
        assert_eq!(rows.len(), 18);
        assert_eq!(rows["yahoo"].field("intraday_delay_s"), Some("60"));
        assert_eq!(rows["yahoo"].origin.source.describe("x.toml"), "connectors.csv");
        assert_eq!(rows["six"].origin.source.describe("x.toml"), "built-in connectors.csv");
    }
}
