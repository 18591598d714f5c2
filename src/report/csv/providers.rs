//! `connector_calls.csv` and `connectors.csv`: the calls of data providers, why they were made and how they went.

use crate::inference::Contrast;
use crate::metrics::{CallReason, ConnectorMeasurements};
use crate::record::RunRecord;
use crate::report::runs::{runs, variant};

use super::{Table, number};

/// One row for each replication, variant, provider and reason.
#[must_use]
pub fn connector_calls(record: &RunRecord) -> Vec<u8> {
    let mut table = Table::new(&["replication", "variant", "provider", "reason", "calls_count"]);
    for_each_connector(record, |replication, run, connector| {
        for (reason, calls) in CallReason::ALL.into_iter().zip(connector.calls) {
            table.row([
                replication.to_string().as_str(),
                variant(run),
                &connector.provider,
                reason.name(),
                &calls.to_string(),
            ]);
        }
    });
    table.into_bytes()
}

/// One row for each replication, variant and provider.
#[must_use]
pub fn connectors(record: &RunRecord) -> Vec<u8> {
    let mut table = Table::new(&[
        "replication",
        "variant",
        "provider",
        "calls_count",
        "ended_count",
        "failed_count",
        "rate_limited_count",
        "held_back_s",
    ]);
    for_each_connector(record, |replication, run, connector| {
        table.row([
            replication.to_string().as_str(),
            variant(run),
            &connector.provider,
            &connector.total_calls().to_string(),
            &connector.ended.to_string(),
            &connector.failed.to_string(),
            &connector.rate_limited.to_string(),
            &number(Some(connector.held_back_s)),
        ]);
    });
    table.into_bytes()
}

fn for_each_connector(record: &RunRecord, mut visit: impl FnMut(u32, Contrast, &ConnectorMeasurements)) {
    for (replication, run, measured) in runs(record) {
        for connector in &measured.connectors {
            visit(replication.replication, run, connector);
        }
    }
}
