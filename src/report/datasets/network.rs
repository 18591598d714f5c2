//! Tables that only a run has: what its servers, providers, instances and users did in each replication, and its
//! curves.

use std::sync::Arc;

use crate::measures::{FillSource, fill_share, quantile};
use crate::metrics::{
    CallReason, ConnectorMeasurements, InstanceMeasurements, PushBackMeasurements, ServerMeasurements,
};
use crate::record::ReplicationRecord;
use crate::report::age;
use crate::report::curves::{CumulativeShare, DailyLoad};
use crate::report::document::{Cell, Dataset};
use crate::report::evidence::PointEvidence;
use crate::report::server_kind::ServerKind;
use crate::report::stale::shares;

use super::{Column, cells, names};

const SERVERS: [Column<ServerMeasurements>; 34] = [
    ("requests_count", |server| server.requests.into()),
    ("pushes_count", |server| server.pushes.into()),
    ("housekeeping_count", |server| server.housekeeping.into()),
    ("sent_to_it_count", |server| server.sent.into()),
    ("refused_count", |server| server.refused.into()),
    ("timed_out_count", |server| server.timed_out.into()),
    ("unserved_at_end_count", |server| server.unserved.into()),
    ("instruments_asked_count", |server| server.instruments_asked.into()),
    ("prices_answered_count", |server| server.prices_answered.into()),
    ("prices_pushed_count", |server| server.prices_pushed.into()),
    ("prices_accepted_count", |server| server.prices_accepted.into()),
    ("received_bytes", |server| server.bytes_in.into()),
    ("sent_bytes", |server| server.bytes_out.into()),
    ("peak_arrivals_per_min", |server| server.peak_minute.into()),
    ("peak_arrivals_per_h", |server| server.peak_hour.into()),
    ("utilisation_share", |server| server.utilisation.into()),
    ("queue_length_mean_count", |server| server.queue_length_mean.into()),
    ("queue_length_max_count", |server| server.queue_length_max.into()),
    ("queue_wait_mean_s", |server| server.queue_wait.mean_s().into()),
    ("queue_wait_p50_s", |server| quantile(&server.queue_wait, 0.5).into()),
    ("queue_wait_p95_s", |server| quantile(&server.queue_wait, 0.95).into()),
    ("queue_wait_p99_s", |server| quantile(&server.queue_wait, 0.99).into()),
    ("response_mean_s", |server| server.response.mean_s().into()),
    ("response_p50_s", |server| quantile(&server.response, 0.5).into()),
    ("response_p95_s", |server| quantile(&server.response, 0.95).into()),
    ("response_p99_s", |server| quantile(&server.response, 0.99).into()),
    ("pool_size_count", |server| server.pool_size.into()),
    ("synchronisations_count", |server| server.synchronisations.into()),
    ("synchronisation_bytes", |server| server.synchronisation_bytes.into()),
    ("history_messages_count", |server| server.histories.into()),
    ("history_bytes", |server| server.history_bytes.into()),
    ("message_rows_count", |server| server.rows.into()),
    ("message_rows_held_max_count", |server| server.rows_held_max.into()),
    ("waited_out_count", |server| server.waited_out.into()),
];

const CONNECTORS: [Column<ConnectorMeasurements>; 5] = [
    ("calls_count", |provider| provider.total_calls().into()),
    ("ended_count", |provider| provider.ended.into()),
    ("failed_count", |provider| provider.failed.into()),
    ("rate_limited_count", |provider| provider.rate_limited.into()),
    ("held_back_s", |provider| provider.held_back_s.into()),
];

const INSTANCES: [Column<InstanceMeasurements>; 5] = [
    ("visits_count", |instance| instance.visits.into()),
    ("exchanges_count", |instance| instance.exchanges.into()),
    ("connector_calls_count", |instance| instance.connector_calls.into()),
    ("results_shown_count", |instance| instance.results_shown.into()),
    ("waited_s", |instance| instance.waited_s.into()),
];

const PUSH_BACK: [Column<PushBackMeasurements>; 8] = [
    ("pushes_count", |push_back| push_back.pushes.into()),
    ("useless_count", |push_back| push_back.useless.into()),
    ("failed_count", |push_back| push_back.failed.into()),
    ("prices_count", |push_back| push_back.prices.into()),
    ("accepted_count", |push_back| push_back.accepted.into()),
    ("fills_from_pushes_count", |push_back| push_back.fills_from_pushes.into()),
    ("distrusted_count", |push_back| push_back.distrusted.into()),
    ("distrusted_wrongly_count", |push_back| push_back.distrusted_wrongly.into()),
];

/// The columns of an estimate; they follow the name of the estimated number.
const ESTIMATE: [&str; 4] = ["mean", "ci95_low", "ci95_high", "standard_deviation"];

/// One row for each replication and server of a kind.
pub(super) fn servers<'r>(point: &'r PointEvidence<'r>, kind: ServerKind) -> Dataset<'r> {
    let name = match kind {
        ServerKind::PushOpen => "servers",
        ServerKind::Open => "open_servers",
    };
    table(name, &["replication", "server"], &SERVERS, move || {
        point.measured.iter().flat_map(move |replication| {
            let key = |server: &'r str| vec![replication.replication.into(), server.into()];
            kind.measured(&replication.measured).iter().map(move |server| (key(&server.instance), server))
        })
    })
}

/// One row for each replication, run and provider.
pub(super) fn connectors<'r>(point: &'r PointEvidence<'r>) -> Dataset<'r> {
    table("connectors", &["replication", "contrast", "provider"], &CONNECTORS, move || {
        point.runs().flat_map(|(replication, run, measured)| {
            let key = move |provider: &'r str| vec![replication.into(), run.name().into(), provider.into()];
            measured.connectors.iter().map(move |provider| (key(&provider.provider), provider))
        })
    })
}

/// One row for each replication, run, provider and reason.
pub(super) fn connector_calls<'r>(point: &'r PointEvidence<'r>) -> Dataset<'r> {
    let columns = ["replication", "contrast", "provider", "reason", "calls_count"];
    Dataset::new("connector_calls", columns, move || {
        point.runs().flat_map(|(replication, run, measured)| {
            measured.connectors.iter().flat_map(move |provider| {
                let calls = CallReason::ALL.into_iter().zip(provider.calls);
                calls.map(move |(reason, calls)| {
                    let key = [run.name(), provider.provider.as_str(), reason.name()].map(Cell::from);
                    std::iter::once(replication.into()).chain(key).chain([calls.into()]).collect()
                })
            })
        })
    })
}

/// One row for each replication, run and instance.
pub(super) fn instances<'r>(point: &'r PointEvidence<'r>) -> Dataset<'r> {
    table("instances", &["replication", "contrast", "instance"], &INSTANCES, move || {
        point.runs().flat_map(|(replication, run, measured)| {
            let key = move |instance: &'r str| vec![replication.into(), run.name().into(), instance.into()];
            measured.instances.iter().map(move |instance| (key(&instance.instance), instance))
        })
    })
}

/// One row for each replication.
pub(super) fn push_back<'r>(point: &'r PointEvidence<'r>) -> Dataset<'r> {
    table("push_back", &["replication"], &PUSH_BACK, move || {
        let of_one = |replication: &'r ReplicationRecord| {
            (vec![replication.replication.into()], &replication.measured.push_back)
        };
        point.measured.iter().map(of_one)
    })
}

/// One row for each replication, run and source of fills; the shares of a run add up to 1.
pub(super) fn fills<'r>(point: &'r PointEvidence<'r>) -> Dataset<'r> {
    let columns = ["replication", "contrast", "source", "instruments_count", "share"];
    Dataset::new("fills", columns, move || {
        point.runs().flat_map(|(replication, run, measured)| {
            FillSource::ALL.into_iter().map(move |source| {
                let count = source.count(&measured.fills);
                let key = [replication.into(), run.name().into(), source.name().into()];
                key.into_iter().chain([count.into(), fill_share(measured, source).into()]).collect()
            })
        })
    })
}

/// One row for each run and cause why a price is too old: the mean number of prices, and their share of all instruments shown.
pub(super) fn stale<'r>(point: &'r PointEvidence<'r>) -> Dataset<'r> {
    let mut columns = estimate_columns(["contrast", "cause"], "share");
    columns.insert(2, "prices_count".to_owned());
    Dataset::new("stale", columns, move || {
        shares(point).map(|of| {
            let row = [of.contrast.name().into(), of.cause.name().into(), of.prices.into()];
            row.into_iter().chain(Cell::estimate(of.share)).collect()
        })
    })
}

/// One row for each run, provider and part of the age of its prices, and for each server: the number of prices, the share of the
/// part in the age of all prices shown, and how much of the age of one of these prices it is.
pub(super) fn age<'r>(point: &'r PointEvidence<'r>) -> Dataset<'r> {
    let keys = ["contrast", "by", "name", "part", "prices_count", "share"].map(str::to_owned);
    let estimate = estimate_columns(["contrast", "by"], "age_s").into_iter().skip(2);
    Dataset::new("age", keys.into_iter().chain(estimate), move || {
        age::shares(point).map(|of| {
            let row = [of.contrast.name().into(), of.by.into(), of.name.into(), of.part.name().into()];
            let numbers = [of.prices.into(), of.share.into()];
            row.into_iter().chain(numbers).chain(Cell::estimate(of.age_s)).collect()
        })
    })
}

/// One row for each server of a kind and quarter of an hour of the day. The rate is the mean over days, then over
/// replications.
pub(super) fn server_load<'r>(kind: ServerKind, load: Vec<DailyLoad>) -> Dataset<'r> {
    let name = match kind {
        ServerKind::PushOpen => "server_load",
        ServerKind::Open => "open_server_load",
    };
    let key = ["server", "time_of_day_utc_h"];
    // There may be many thousands of servers, so that they are copied one at a time.
    let load = Arc::new(load);
    Dataset::new(name, estimate_columns(key, "arrivals_per_s"), move || {
        let load = Arc::clone(&load);
        (0..load.len()).flat_map(move |at| {
            let DailyLoad { server, points } = load[at].clone();
            let row = move |(hour, estimate): (f64, _)| {
                [server.clone().into(), hour.into()].into_iter().chain(Cell::estimate(estimate)).collect()
            };
            points.into_iter().map(row)
        })
    })
}

/// One row for each run and limit: the share of values up to that limit.
pub(super) fn cumulative<'r>(
    name: &'static str,
    limit_column: &'static str,
    curves: Vec<CumulativeShare>,
) -> Dataset<'r> {
    Dataset::new(name, estimate_columns(["contrast", limit_column], "share"), move || {
        curves.clone().into_iter().flat_map(|CumulativeShare { side, points }| {
            let run = side.contrast.name();
            points.into_iter().map(move |(limit, estimate)| {
                [run.into(), limit.as_secs_f64().into()].into_iter().chain(Cell::estimate(estimate)).collect()
            })
        })
    })
}

fn estimate_columns(key: [&str; 2], what: &str) -> Vec<String> {
    let estimate = ESTIMATE.map(|part| format!("{what}_{part}"));
    key.map(str::to_owned).into_iter().chain(estimate).chain(["replications".to_owned()]).collect()
}

/// A table of measured things: each row has the cells of a key, then those of `columns`.
fn table<'r, T: 'r, I: Iterator<Item = (Vec<Cell<'r>>, &'r T)> + 'r>(
    name: &'static str,
    key: &[&'static str],
    columns: &'static [Column<T>],
    things: impl Fn() -> I + 'r,
) -> Dataset<'r> {
    let names: Vec<&str> = key.iter().copied().chain(names(columns)).collect();
    Dataset::new(name, names, move || {
        things().map(move |(mut row, thing)| {
            row.extend(cells(columns, thing));
            row
        })
    })
}
