//! `summary.csv`, `replications.csv` and `measures.csv`: every measure, its values, its definition.

use crate::measures::ALL;
use crate::record::RunRecord;
use crate::report::observations::Observations;

use super::{Table, estimate_cells, number};

/// One row for each measure, subject and variant: the mean over replications with its interval.
#[must_use]
pub fn summary(observations: &Observations) -> Vec<u8> {
    let mut table = Table::new(&[
        "measure",
        "subject",
        "variant",
        "unit",
        "mean",
        "ci95_low",
        "ci95_high",
        "standard_deviation",
        "replications",
    ]);
    for series in observations.iter() {
        let key = [series.measure.name, &series.subject, series.variant.name(), series.unit()].map(str::to_owned);
        table.row(key.into_iter().chain(estimate_cells(series.estimate())));
    }
    table.into_bytes()
}

/// One row for each value from which `summary.csv` is computed.
#[must_use]
pub fn replications(record: &RunRecord, observations: &Observations) -> Vec<u8> {
    let mut table = Table::new(&["replication", "variant", "measure", "subject", "unit", "value"]);
    for (index, replication) in record.replications.iter().enumerate() {
        for series in observations.iter() {
            table.row([
                replication.replication.to_string().as_str(),
                series.variant.name(),
                series.measure.name,
                &series.subject,
                series.unit(),
                &number(series.values[index]),
            ]);
        }
    }
    table.into_bytes()
}

/// One row for each measure: what it is.
#[must_use]
pub fn measures() -> Vec<u8> {
    let mut table = Table::new(&["measure", "unit", "definition"]);
    for measure in ALL {
        table.row([measure.name, measure.unit.symbol(), measure.definition.trim()]);
    }
    table.into_bytes()
}
