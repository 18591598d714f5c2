//! What users and their instances did and saw: `instances.csv`, `price_age.csv`, `user_wait.csv`, `fills.csv` and
//! `push_back.csv`.

use crate::measures::{FillSource, fill_share};
use crate::record::RunRecord;
use crate::report::curves::CumulativeShare;
use crate::report::runs::{runs, variant};

use super::{Table, estimate_cells, number};

/// One row for each replication, variant and instance.
#[must_use]
pub fn instances(record: &RunRecord) -> Vec<u8> {
    let mut table =
        Table::new(&["replication", "variant", "instance", "visits_count", "exchanges_count", "connector_calls_count"]);
    for (replication, run, measured) in runs(record) {
        for instance in &measured.instances {
            table.row([
                replication.replication.to_string().as_str(),
                variant(run),
                &instance.instance,
                &instance.visits.to_string(),
                &instance.exchanges.to_string(),
                &instance.connector_calls.to_string(),
            ]);
        }
    }
    table.into_bytes()
}

/// One row for each variant and age: the share of all instruments shown whose price is at most so old.
#[must_use]
pub fn price_age(curves: &[CumulativeShare]) -> Vec<u8> {
    cumulative(curves, "age_upper_s")
}

/// One row for each variant and waiting time: the share of visits that are complete after at most so long.
#[must_use]
pub fn user_wait(curves: &[CumulativeShare]) -> Vec<u8> {
    cumulative(curves, "wait_upper_s")
}

fn cumulative(curves: &[CumulativeShare], limit_column: &str) -> Vec<u8> {
    let mut table = Table::new(&[
        "variant",
        limit_column,
        "share_mean",
        "share_ci95_low",
        "share_ci95_high",
        "share_standard_deviation",
        "replications",
    ]);
    for curve in curves {
        for &(limit, estimate) in &curve.points {
            let key = [variant(curve.run).to_owned(), number(Some(limit.as_secs_f64()))];
            table.row(key.into_iter().chain(estimate_cells(estimate)));
        }
    }
    table.into_bytes()
}

/// One row for each replication, variant and source of fills; the shares of a run add up to 1.
#[must_use]
pub fn fills(record: &RunRecord) -> Vec<u8> {
    let mut table = Table::new(&["replication", "variant", "source", "instruments_count", "share"]);
    for (replication, run, measured) in runs(record) {
        for source in FillSource::ALL {
            table.row([
                replication.replication.to_string().as_str(),
                variant(run),
                source.name(),
                &source.count(&measured.fills).to_string(),
                &number(fill_share(measured, source)),
            ]);
        }
    }
    table.into_bytes()
}

/// One row for each replication.
#[must_use]
pub fn push_back(record: &RunRecord) -> Vec<u8> {
    let mut table = Table::new(&[
        "replication",
        "pushes_count",
        "useless_count",
        "failed_count",
        "prices_count",
        "accepted_count",
        "fills_from_pushes_count",
    ]);
    for replication in &record.replications {
        let push_back = &replication.measured.push_back;
        table.row(
            [
                u64::from(replication.replication),
                push_back.pushes,
                push_back.useless,
                push_back.failed,
                push_back.prices,
                push_back.accepted,
                push_back.fills_from_pushes,
            ]
            .map(|count| count.to_string()),
        );
    }
    table.into_bytes()
}
