//! `servers.csv` and `server_load.csv`: what every push-open server had to bear.

use crate::measures::quantile;
use crate::metrics::ServerMeasurements;
use crate::record::RunRecord;
use crate::report::curves::DailyLoad;

use super::{Table, estimate_cells, number};

type Column = (&'static str, fn(&ServerMeasurements) -> String);

const COLUMNS: [Column; 27] = [
    ("requests_count", |server| server.requests.to_string()),
    ("pushes_count", |server| server.pushes.to_string()),
    ("housekeeping_count", |server| server.housekeeping.to_string()),
    ("sent_to_it_count", |server| server.sent.to_string()),
    ("refused_count", |server| server.refused.to_string()),
    ("timed_out_count", |server| server.timed_out.to_string()),
    ("unserved_at_end_count", |server| server.unserved.to_string()),
    ("instruments_asked_count", |server| server.instruments_asked.to_string()),
    ("prices_answered_count", |server| server.prices_answered.to_string()),
    ("prices_pushed_count", |server| server.prices_pushed.to_string()),
    ("prices_accepted_count", |server| server.prices_accepted.to_string()),
    ("received_bytes", |server| server.bytes_in.to_string()),
    ("sent_bytes", |server| server.bytes_out.to_string()),
    ("peak_arrivals_per_min", |server| server.peak_minute.to_string()),
    ("peak_arrivals_per_h", |server| server.peak_hour.to_string()),
    ("utilisation_share", |server| number(Some(server.utilisation))),
    ("queue_length_mean_count", |server| number(Some(server.queue_length_mean))),
    ("queue_length_max_count", |server| server.queue_length_max.to_string()),
    ("queue_wait_mean_s", |server| number(server.queue_wait.mean_s())),
    ("queue_wait_p50_s", |server| number(quantile(&server.queue_wait, 0.5))),
    ("queue_wait_p95_s", |server| number(quantile(&server.queue_wait, 0.95))),
    ("queue_wait_p99_s", |server| number(quantile(&server.queue_wait, 0.99))),
    ("response_mean_s", |server| number(server.response.mean_s())),
    ("response_p50_s", |server| number(quantile(&server.response, 0.5))),
    ("response_p95_s", |server| number(quantile(&server.response, 0.95))),
    ("response_p99_s", |server| number(quantile(&server.response, 0.99))),
    ("pool_size_count", |server| server.pool_size.to_string()),
];

/// One row for each replication and push-open server.
#[must_use]
pub fn servers(record: &RunRecord) -> Vec<u8> {
    let header: Vec<&str> = ["replication", "server"].into_iter().chain(COLUMNS.map(|(name, _)| name)).collect();
    let mut table = Table::new(&header);
    for replication in &record.replications {
        for server in &replication.measured.servers {
            let key = [replication.replication.to_string(), server.instance.clone()];
            table.row(key.into_iter().chain(COLUMNS.map(|(_, cell)| cell(server))));
        }
    }
    table.into_bytes()
}

/// One row for each push-open server and quarter of an hour of the day: the mean over days, then over replications.
#[must_use]
pub fn server_load(load: &[DailyLoad]) -> Vec<u8> {
    let mut table = Table::new(&[
        "server",
        "time_of_day_utc_h",
        "arrivals_per_s_mean",
        "arrivals_per_s_ci95_low",
        "arrivals_per_s_ci95_high",
        "arrivals_per_s_standard_deviation",
        "replications",
    ]);
    for day in load {
        for &(hour, estimate) in &day.points {
            let key = [day.server.clone(), number(Some(hour))];
            table.row(key.into_iter().chain(estimate_cells(estimate)));
        }
    }
    table.into_bytes()
}
