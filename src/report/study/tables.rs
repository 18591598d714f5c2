//! The tables of a study; `replications.csv` is also read back, so that a later study need not simulate it again.

use std::collections::BTreeMap;

use thiserror::Error;

use crate::inference::Quantity;
use crate::measures::{self, Comparison, MeasureId, Values};
use crate::record::{CapacityRecord, Observed, StudyRecord};
use crate::report::csv::{Table, estimate_cells, number};

use super::common::{answer, has_baseline};
use super::differences::Difference;

/// What heads a column of the same users without `GTNet`.
const OFF: &str = "gtnet_off_";

/// One row a point.
pub(super) fn points(record: &StudyRecord) -> Vec<u8> {
    let mut header = vec!["point", "label", "digest", "seed", "gtnet", "replications"];
    header.extend(record.parameters.iter().map(String::as_str));
    let mut table = Table::new(&header);
    for (index, point) in record.points.iter().enumerate() {
        let own = [
            index.to_string(),
            point.label.clone(),
            point.digest.clone(),
            point.seed.to_string(),
            point.gtnet.to_string(),
            point.replications.len().to_string(),
        ];
        table.row(own.iter().chain(&point.settings));
    }
    table.into_bytes()
}

/// One row: what the search for a capacity has found.
pub(super) fn capacity(found: &CapacityRecord) -> Vec<u8> {
    let mut table =
        Table::new(&["parameter", "objective", "sought", "outcome", "value", "value_ci95_low", "value_ci95_high"]);
    let cell = |value: &Option<String>| value.clone().unwrap_or_default();
    table.row([
        found.parameter.clone(),
        found.objective.clone(),
        found.sought.name().to_owned(),
        found.outcome.name().to_owned(),
        cell(&found.value),
        cell(&found.low),
        cell(&found.high),
    ]);
    table.into_bytes()
}

/// The measures that are also of the same users without `GTNet`.
fn compared() -> impl Iterator<Item = MeasureId> {
    measures::ALL.iter().copied().filter(|measure| measure.comparison != Comparison::Nothing)
}

/// What heads the column of `measure` without `GTNet`.
fn off(measure: MeasureId) -> String {
    format!("{OFF}{}", measure.column())
}

/// One row for each point and replication, one column a measure.
pub(super) fn replications(record: &StudyRecord) -> Vec<u8> {
    let columns: Vec<String> = measures::ALL.iter().map(|measure| measure.column()).collect();
    let off: Vec<String> = compared().map(off).collect();
    let mut header = vec!["point", "digest"];
    header.extend(record.parameters.iter().map(String::as_str));
    header.push("replication");
    header.extend(columns.iter().chain(&off).map(String::as_str));
    let mut table = Table::new(&header);
    for (index, point) in record.points.iter().enumerate() {
        for (replication, observed) in point.replications.iter().enumerate() {
            let mut row = vec![index.to_string(), point.digest.clone()];
            row.extend(point.settings.iter().cloned());
            row.push(replication.to_string());
            row.extend(observed.measured.iter().map(|(_, value)| number(value)));
            let without = |measure: MeasureId| observed.baseline.as_ref().and_then(|baseline| baseline[measure]);
            row.extend(compared().map(|measure| number(without(measure))));
            table.row(row);
        }
    }
    table.into_bytes()
}

/// One row for each point and number: the mean over replications with its interval.
pub(super) fn summary(record: &StudyRecord) -> Vec<u8> {
    let mut header = vec!["point"];
    header.extend(record.parameters.iter().map(String::as_str));
    header.extend(["measure", "kind", "unit", "mean", "ci95_low", "ci95_high", "standard_deviation", "replications"]);
    let mut table = Table::new(&header);
    let numbers = Quantity::all_of_network(has_baseline(&record.points));
    for (index, point) in record.points.iter().enumerate() {
        for of in &numbers {
            let mut row = vec![index.to_string()];
            row.extend(point.settings.iter().cloned());
            row.extend([of.measure.name, of.contrast.name(), of.unit().symbol()].map(str::to_owned));
            row.extend(estimate_cells(answer(of, point).counted()));
            table.row(row);
        }
    }
    table.into_bytes()
}

/// One row for each variant and primary number: how it differs from the first variant.
pub(super) fn differences(differences: &[Difference]) -> Vec<u8> {
    let mut table = Table::new(&[
        "variant",
        "reference",
        "measure",
        "kind",
        "unit",
        "reference_mean",
        "variant_mean",
        "difference",
        "simultaneous_ci95_low",
        "simultaneous_ci95_high",
        "p_value",
        "verdict",
        "replications",
        "replications_needed",
        "correlation",
        "variance_saved_share",
    ]);
    for difference in differences {
        let paired = difference.paired;
        let estimate = paired.map(|paired| paired.difference);
        let end = |sign: f64| estimate.and_then(|estimate| Some(estimate.mean + sign * estimate.half_width?));
        table.row([
            difference.variant.as_str(),
            &difference.reference,
            difference.number.measure.name,
            difference.number.contrast.name(),
            difference.number.unit().symbol(),
            &number(difference.reference_mean.counted().map(|of| of.mean)),
            &number(difference.variant_mean.counted().map(|of| of.mean)),
            &number(estimate.map(|estimate| estimate.mean)),
            &number(end(-1.0)),
            &number(end(1.0)),
            &number(paired.and_then(|paired| paired.p_value)),
            difference.verdict.name(),
            &estimate.map_or(0, |estimate| estimate.count).to_string(),
            &difference.replications_needed.map_or_else(String::new, |needed| needed.to_string()),
            &number(paired.and_then(|paired| paired.correlation)),
            &number(paired.and_then(|paired| paired.variance_saved)),
        ]);
    }
    table.into_bytes()
}

/// Why a `replications.csv` cannot be read back.
#[derive(Debug, Error)]
pub enum ReadError {
    /// It is no table.
    #[error("{0}")]
    Csv(#[from] csv::Error),
    /// A column is not there.
    #[error("it has no column `{0}`: another command or another version of gtnet-sim has written it")]
    Column(String),
    /// A cell does not hold what it should.
    #[error("line {line}, column `{column}`: `{cell}` is no number")]
    Cell {
        /// Line of the table.
        line: u64,
        /// Its heading.
        column: String,
        /// What stands there.
        cell: String,
    },
}

/// The units of a `replications.csv`: digest of the scenario, number of the replication, and values.
///
/// # Errors
///
/// See [`ReadError`].
pub fn read_replications(text: &[u8]) -> Result<Vec<(String, u32, Observed)>, ReadError> {
    let mut reader = csv::Reader::from_reader(text);
    let columns: BTreeMap<String, usize> =
        reader.headers()?.iter().enumerate().map(|(at, name)| (name.to_owned(), at)).collect();
    let find = |name: &str| columns.get(name).copied().ok_or_else(|| ReadError::Column(name.to_owned()));
    let (digest, replication) = (find("digest")?, find("replication")?);
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
        units.push((row[digest].to_owned(), number, Observed { measured, baseline: is_compared.then_some(baseline) }));
    }
    Ok(units)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::StudyKind;
    use crate::report::support::study;
    use proptest::prelude::*;

    #[test]
    fn what_was_written_is_read_back_bit_by_bit() {
        let record = study(StudyKind::Sweep, 3, 4);
        let units = read_replications(&replications(&record)).expect("its own table");
        let expected = record.points.iter().flat_map(|point| {
            (0..).zip(&point.replications).map(|(number, unit)| (point.digest.clone(), number, unit.clone()))
        });
        assert_eq!(units, expected.collect::<Vec<_>>());
    }

    #[test]
    fn another_layout_is_refused() {
        assert!(matches!(read_replications(b"a,b\n1,2\n"), Err(ReadError::Column(_))));
        let text = String::from_utf8(replications(&study(StudyKind::Sweep, 1, 1))).expect("text");
        let (header, row) = text.split_once('\n').expect("two lines");
        let cut: Vec<&str> = row.rsplitn(2, ',').collect();
        let wrong = format!("{header}\n{},much\n", cut[1]);
        let error = read_replications(wrong.as_bytes()).expect_err("a wrong cell");
        assert!(error.to_string().contains("`much` is no number"), "{error}");
    }

    proptest! {
        #[test]
        fn every_number_survives(value in prop::num::f64::NORMAL | prop::num::f64::ZERO) {
            let mut record = study(StudyKind::Sweep, 1, 1);
            record.points[0].replications[0].measured[measures::PEAK_HOUR] = Some(value + 0.0);
            let units = read_replications(&replications(&record)).expect("its own table");
            prop_assert_eq!(units[0].2.measured[measures::PEAK_HOUR].map(f64::to_bits), Some((value + 0.0).to_bits()));
        }
    }
}
