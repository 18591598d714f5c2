//! The table `replications`: the value of every measure in every replication. The program reads it back, so that a
//! later study need not simulate these replications again.

use std::collections::BTreeMap;

use thiserror::Error;

use crate::inference::Subject;
use crate::measures::{self, Comparison, MeasureId, Source, Values};
use crate::record::{Detail, Observed, UnitRecord};
use crate::report::document::{Cell, Dataset};
use crate::report::evidence::Evidence;

use super::estimates::settings;

/// Prefix of the columns with values without `GTNet`.
const OFF: &str = "gtnet_off_";

/// One row for each point, replication and subject. Each measure has a column, and a second one for its value without
/// `GTNet` if the two are compared.
pub(super) fn replications<'r>(evidence: &'r Evidence<'r>) -> Dataset<'r> {
    let key = ["point", "digest"].into_iter().chain(evidence.parameters.iter().map(String::as_str));
    let key = key.chain(["replication", "subject"]).map(str::to_owned);
    let has_prices = evidence.has_prices();
    let measures = with_columns(has_prices).map(|measure| measure.column());
    let contributions = quantiles().map(|measure| contribution(&measure.column()));
    let off_contributions = compared_quantiles().map(|measure| contribution(&off(measure)));
    let columns =
        key.chain(measures).chain(compared(has_prices).map(off)).chain(contributions).chain(off_contributions);
    Dataset::new("replications", columns, move || {
        evidence.points.iter().enumerate().flat_map(move |(index, point)| {
            (0..point.replications).flat_map(move |replication| {
                point.observations.subjects().map(move |subject| {
                    let mut row = vec![index.into(), point.facts.digest.as_str().into()];
                    row.extend(settings(point));
                    row.extend([replication.into(), subject.name().into()]);
                    row.extend(values(&point.observations.of(subject)[replication], has_prices));
                    row.extend(contributed(&point.observations.contributions(subject)[replication]));
                    row
                })
            })
        })
    })
}

fn values<'r>(observed: &Observed, has_prices: bool) -> Vec<Cell<'r>> {
    let without = |measure| observed.baseline.as_ref().and_then(|baseline| baseline[measure]);
    let measured = with_columns(has_prices).map(|measure| observed.measured[measure]);
    measured.chain(compared(has_prices).map(without)).map(Cell::from).collect()
}

fn contributed<'r>(observed: &Observed) -> Vec<Cell<'r>> {
    let without = |measure| observed.baseline.as_ref().and_then(|baseline| baseline[measure]);
    let with = quantiles().map(|measure| observed.measured[measure]);
    with.chain(compared_quantiles().map(without)).map(Cell::from).collect()
}

/// The heading of what a replication contributes to the quantile of all replications together.
fn contribution(column: &str) -> String {
    format!("pooled_{column}")
}

fn quantiles() -> impl Iterator<Item = MeasureId> {
    measures::ALL.iter().copied().filter(|measure| matches!(measure.source, Source::Quantile(..)))
}

fn compared_quantiles() -> impl Iterator<Item = MeasureId> {
    compared(false).filter(|measure| matches!(measure.source, Source::Quantile(..)))
}

/// The heading of a measure without `GTNet`.
fn off(measure: MeasureId) -> String {
    format!("{OFF}{}", measure.column())
}

/// The measures that have a column: those of money only where a scenario has prices.
fn with_columns(has_prices: bool) -> impl Iterator<Item = MeasureId> {
    measures::ALL.iter().copied().filter(move |measure| has_prices || !measure.is_of_money())
}

/// Those of them that are compared with the same users without `GTNet`.
fn compared(has_prices: bool) -> impl Iterator<Item = MeasureId> {
    with_columns(has_prices).filter(|measure| measure.comparison != Comparison::Nothing)
}

/// Why a `replications.csv` cannot be read back.
#[derive(Debug, Error)]
pub(crate) enum ReadError {
    /// The text is no CSV table.
    #[error("{0}")]
    Csv(#[from] csv::Error),
    /// A column is missing.
    #[error("it has no column `{0}`: another command or another version of gtnet-sim has written it")]
    Column(String),
    /// A cell does not hold a number.
    #[error("line {line}, column `{column}`: `{cell}` is no number")]
    Cell {
        /// Line of the table.
        line: u64,
        /// Heading of the column.
        column: String,
        /// Content of the cell.
        cell: String,
    },
}

/// The units of a `replications.csv` for the whole network: digest of the scenario, number of the replication, and what is
/// kept of it.
///
/// # Errors
///
/// See [`ReadError`].
pub(crate) fn read_units(text: &[u8]) -> Result<Vec<(String, u32, UnitRecord)>, ReadError> {
    let rows = read_replications(text)?;
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for row in &rows {
        *counts.entry(row.point.clone()).or_default() += 1;
    }
    let unit = |row: Row| {
        let detail = Detail::Summarised { of: counts[&row.point], contribution: Box::new(row.contribution) };
        (row.digest, row.replication, UnitRecord { observed: row.observed, detail })
    };
    Ok(rows.into_iter().map(unit).collect())
}

/// A row of a `replications.csv`.
#[derive(Debug)]
struct Row {
    point: String,
    digest: String,
    replication: u32,
    observed: Observed,
    /// To the quantiles of all replications of the point together.
    contribution: Observed,
}

fn read_replications(text: &[u8]) -> Result<Vec<Row>, ReadError> {
    let mut reader = csv::Reader::from_reader(text);
    let columns: BTreeMap<String, usize> =
        reader.headers()?.iter().enumerate().map(|(at, name)| (name.to_owned(), at)).collect();
    let find = |name: &str| columns.get(name).copied().ok_or_else(|| ReadError::Column(name.to_owned()));
    let [point, digest, replication, subject] =
        [find("point")?, find("digest")?, find("replication")?, find("subject")?];
    let place = |measure: MeasureId, heading: String| find(&heading).map(|at| (measure, at));
    let has_prices = with_columns(true).any(|measure| measure.is_of_money() && columns.contains_key(&measure.column()));
    let with = with_columns(has_prices).map(|measure| place(measure, measure.column()));
    let with: BTreeMap<MeasureId, usize> = with.collect::<Result<_, _>>()?;
    let without = compared(has_prices).map(|measure| place(measure, off(measure)));
    let without: BTreeMap<MeasureId, usize> = without.collect::<Result<_, _>>()?;
    let pooled = quantiles().map(|measure| place(measure, contribution(&measure.column())));
    let pooled: BTreeMap<MeasureId, usize> = pooled.collect::<Result<_, _>>()?;
    let pooled_off = compared_quantiles().map(|measure| place(measure, contribution(&off(measure))));
    let pooled_off: BTreeMap<MeasureId, usize> = pooled_off.collect::<Result<_, _>>()?;
    let names: Vec<&String> = {
        let mut names: Vec<(&String, &usize)> = columns.iter().collect();
        names.sort_by_key(|(_, at)| **at);
        names.into_iter().map(|(name, _)| name).collect()
    };
    let mut units = Vec::new();
    for row in reader.records() {
        let row = row?;
        if row[subject] != *Subject::Network.name() {
            continue;
        }
        let wrong = |at: usize| ReadError::Cell {
            line: row.position().map_or(0, csv::Position::line),
            column: names[at].clone(),
            cell: row[at].to_owned(),
        };
        let value = |at: usize| -> Result<Option<f64>, ReadError> {
            let cell = &row[at];
            let parsed = (!cell.is_empty()).then(|| cell.parse::<f64>());
            match parsed {
                None => Ok(None),
                Some(Ok(number)) if number.is_finite() => Ok(Some(number)),
                Some(_) => Err(wrong(at)),
            }
        };
        let values = |places: &BTreeMap<MeasureId, usize>| -> Result<Values, ReadError> {
            let mut values = Values::of(|_| None);
            for (&measure, &at) in places {
                values[measure] = value(at)?;
            }
            Ok(values)
        };
        let (measured, baseline) = (values(&with)?, values(&without)?);
        let is_compared = baseline.iter().any(|(_, value)| value.is_some());
        let number = row[replication].parse().map_err(|_| wrong(replication))?;
        units.push(Row {
            point: row[point].to_owned(),
            digest: row[digest].to_owned(),
            replication: number,
            observed: Observed { measured, baseline: is_compared.then_some(baseline) },
            contribution: Observed {
                measured: values(&pooled)?,
                baseline: is_compared.then(|| values(&pooled_off)).transpose()?,
            },
        });
    }
    Ok(units)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inference::Observations;
    use crate::record::{RunRecord, StudyKind, StudyRecord};
    use crate::report::export;
    use crate::report::support::{RecordBuilder, study};
    use proptest::prelude::*;

    fn written<'r>(record: impl Into<Evidence<'r>>) -> Vec<u8> {
        export::csv(&replications(&record.into()))
    }

    #[test]
    fn what_was_written_is_read_back_bit_by_bit() {
        let record = study(StudyKind::Sweep, 3, 4);
        let units = read_replications(&written(&record)).expect("its own table");
        let expected = record.points.iter().flat_map(|point| {
            (0..).zip(&point.replications).map(|(number, unit)| (point.facts.digest.clone(), number, unit.clone()))
        });
        let units = units.into_iter().map(|row| (row.digest, row.replication, row.observed));
        assert_eq!(units.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    }

    #[test]
    fn of_a_run_the_network_is_read_back() {
        let record: RunRecord = RecordBuilder::new().replications(2).servers(3).build();
        let units = read_replications(&written(&record)).expect("its own table");
        let numbers: Vec<u32> = units.iter().map(|row| row.replication).collect();
        assert_eq!(numbers, [0, 1]);
        let calls = measures::CONNECTOR_CALLS;
        let expected = calls.evaluate(&record.replications[1].measured);
        assert!(expected.is_some() && units[1].observed.measured[calls] == expected);
    }

    /// The same answers come of what was read back, also of the quantiles of all replications together.
    #[test]
    fn what_was_read_back_tells_the_same() {
        let record = study(StudyKind::Sweep, 2, 4);
        let evidence = Evidence::from(&record);
        let units = read_units(&written(&record)).expect("its own table");
        for (point, units) in evidence.points.iter().zip(units.chunks(4)) {
            let units: Vec<UnitRecord> = units.iter().map(|(_, _, unit)| unit.clone()).collect();
            let again = Observations::of_units(&units);
            for (quantity, answer) in point.answers() {
                assert_eq!(quantity.answer(&again), answer, "{quantity:?}");
            }
        }
    }

    #[test]
    fn another_layout_is_refused() {
        assert!(matches!(read_replications(b"a,b\n1,2\n"), Err(ReadError::Column(_))));
        let text = String::from_utf8(written(&study(StudyKind::Sweep, 1, 1))).expect("text");
        let (header, row) = text.split_once('\n').expect("two lines");
        let cut: Vec<&str> = row.rsplitn(2, ',').collect();
        let wrong = format!("{header}\n{},much\n", cut[1]);
        let error = read_replications(wrong.as_bytes()).expect_err("a wrong cell");
        assert!(error.to_string().contains("`much` is no number"), "{error}");
    }

    proptest! {
        #[test]
        fn every_number_survives(value in prop::num::f64::NORMAL | prop::num::f64::ZERO) {
            let mut record: StudyRecord = study(StudyKind::Sweep, 1, 1);
            record.points[0].replications[0].measured[measures::PEAK_HOUR] = Some(value + 0.0);
            let units = read_replications(&written(&record)).expect("its own table");
            prop_assert_eq!(units[0].observed.measured[measures::PEAK_HOUR].map(f64::to_bits), Some((value + 0.0).to_bits()));
        }
    }
}
