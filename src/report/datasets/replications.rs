//! The table `replications`: the value of every measure in every replication. The program reads it back, so that a
//! later study need not simulate these replications again.

use std::collections::BTreeMap;
use std::sync::Arc;

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
    let measures = measures::ALL.iter().map(|measure| measure.column());
    Dataset::new("replications", key.chain(measures).chain(compared().map(off)), move || {
        evidence.points.iter().enumerate().flat_map(|(index, point)| {
            (0..point.replications).flat_map(move |replication| {
                point.observations.subjects().map(move |subject| {
                    let mut row = vec![index.into(), point.facts.digest.as_str().into()];
                    row.extend(settings(point));
                    row.extend([replication.into(), subject.name().into()]);
                    row.extend(values(&point.observations.of(subject)[replication]));
                    row
                })
            })
        })
    })
}

fn values<'r>(observed: &Observed) -> Vec<Cell<'r>> {
    let without = |measure| observed.baseline.as_ref().and_then(|baseline| baseline[measure]);
    let measured = observed.measured.iter().map(|(_, value)| value);
    measured.chain(compared().map(without)).map(Cell::from).collect()
}

/// The heading of a measure without `GTNet`.
fn off(measure: MeasureId) -> String {
    format!("{OFF}{}", measure.column())
}

/// The measures that are compared with the same users without `GTNet`.
fn compared() -> impl Iterator<Item = MeasureId> {
    measures::ALL.iter().copied().filter(|measure| measure.comparison != Comparison::Nothing)
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
/// kept of it. Quantiles over all replications of a point together are those of the `summary.csv`.
///
/// # Errors
///
/// See [`ReadError`].
pub(crate) fn read_units(replications: &[u8], summary: &[u8]) -> Result<Vec<(String, u32, UnitRecord)>, ReadError> {
    let rows = read_replications(replications)?;
    let pooled = read_pooled(summary)?;
    let of = |point: &str| rows.iter().filter(|row| row.point == point).count();
    let counts: BTreeMap<&str, usize> =
        rows.iter().map(|row| row.point.as_str()).map(|point| (point, of(point))).collect();
    let nothing = Arc::new(Observed::unknown());
    let unit = |row: &Row| UnitRecord {
        observed: row.observed.clone(),
        detail: Detail::Summarised {
            of: u32::try_from(counts[row.point.as_str()]).unwrap_or(u32::MAX),
            pooled: Arc::clone(pooled.get(&row.point).unwrap_or(&nothing)),
        },
    };
    Ok(rows.iter().map(|row| (row.digest.clone(), row.replication, unit(row))).collect())
}

/// What a `summary.csv` says of quantiles, by point.
fn read_pooled(text: &[u8]) -> Result<BTreeMap<String, Arc<Observed>>, ReadError> {
    let mut reader = csv::Reader::from_reader(text);
    let headers = reader.headers()?.clone();
    let find =
        |name: &str| headers.iter().position(|other| other == name).ok_or_else(|| ReadError::Column(name.to_owned()));
    let [point, subject, measure, contrast, mean] =
        [find("point")?, find("subject")?, find("measure")?, find("contrast")?, find("mean")?];
    let mut pooled: BTreeMap<String, Observed> = BTreeMap::new();
    for row in reader.records() {
        let row = row?;
        let Some(id) = measures::find(&row[measure]) else { continue };
        if row[subject] != *Subject::Network.name()
            || !matches!(id.source, Source::Quantile(..))
            || row[mean].is_empty()
        {
            continue;
        }
        let value = row[mean].parse().map_err(|_| ReadError::Cell {
            line: row.position().map_or(0, csv::Position::line),
            column: "mean".to_owned(),
            cell: row[mean].to_owned(),
        })?;
        let of_point = pooled.entry(row[point].to_owned()).or_insert_with(Observed::unknown);
        match &row[contrast] {
            "value" => of_point.measured[id] = Some(value),
            "gtnet-off" => of_point.baseline.get_or_insert_with(|| Values::of(|_| None))[id] = Some(value),
            _ => {}
        }
    }
    Ok(pooled.into_iter().map(|(point, observed)| (point, Arc::new(observed))).collect())
}

/// A row of a `replications.csv`.
#[derive(Debug)]
struct Row {
    point: String,
    digest: String,
    replication: u32,
    observed: Observed,
}

fn read_replications(text: &[u8]) -> Result<Vec<Row>, ReadError> {
    let mut reader = csv::Reader::from_reader(text);
    let columns: BTreeMap<String, usize> =
        reader.headers()?.iter().enumerate().map(|(at, name)| (name.to_owned(), at)).collect();
    let find = |name: &str| columns.get(name).copied().ok_or_else(|| ReadError::Column(name.to_owned()));
    let [point, digest, replication, subject] =
        [find("point")?, find("digest")?, find("replication")?, find("subject")?];
    let place = |measure: MeasureId, heading: String| find(&heading).map(|at| (measure, at));
    let with = measures::ALL.iter().map(|&measure| place(measure, measure.column()));
    let with: BTreeMap<MeasureId, usize> = with.collect::<Result<_, _>>()?;
    let without = compared().map(|measure| place(measure, off(measure)));
    let without: BTreeMap<MeasureId, usize> = without.collect::<Result<_, _>>()?;
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
        });
    }
    Ok(units)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inference::Observations;
    use crate::record::{RunRecord, StudyKind, StudyRecord};
    use crate::report::datasets::estimates::summary;
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
        let units = read_units(&written(&record), &export::csv(&summary(&evidence))).expect("its own tables");
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
