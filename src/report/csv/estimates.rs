//! `summary.csv`, `replications.csv` and `measures.csv`: every measure, its values, its definition.

use crate::inference::{Observations, Quantity};
use crate::measures::ALL;
use crate::record::RunRecord;
use crate::report::runs::variant;

use super::{Table, estimate_cells, number};

/// One row for each measure, subject and variant: the mean over replications with its interval.
#[must_use]
pub fn summary(observations: &Observations<'_>) -> Vec<u8> {
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
    for of in observations.quantities() {
        let key = [of.measure.name, of.subject.name(), variant(of.contrast), of.unit().symbol()].map(str::to_owned);
        table.row(key.into_iter().chain(estimate_cells(of.answer(observations).counted())));
    }
    table.into_bytes()
}

/// One row for each value from which `summary.csv` is computed.
#[must_use]
pub fn replications(record: &RunRecord, observations: &Observations<'_>) -> Vec<u8> {
    let mut table = Table::new(&["replication", "variant", "measure", "subject", "unit", "value"]);
    let quantities = observations.quantities().map(|of| (of.in_each(observations), of));
    let quantities: Vec<(Vec<Option<f64>>, Quantity)> = quantities.collect();
    for (index, replication) in record.replications.iter().enumerate() {
        for (values, of) in &quantities {
            table.row([
                replication.replication.to_string().as_str(),
                variant(of.contrast),
                of.measure.name,
                of.subject.name(),
                of.unit().symbol(),
                &number(values[index]),
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
