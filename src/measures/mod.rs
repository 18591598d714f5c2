//! Every derived measure, with its only definition: whoever shows or searches a number takes it from here.

#[macro_use]
mod define;

mod condition;
mod fill_source;
mod formulas;
mod histograms;
mod measure;
mod quantity;
mod relevance;
mod renamed;
mod saturation;
mod spelling;
mod values;
mod weekly;

pub use condition::Condition;
pub use fill_source::FillSource;
pub use formulas::{age_share_at_most, fill_share, quantile, stale_share};
pub use histograms::HistogramKind;
pub use measure::{Aggregate, Better, Comparison, Matters, Measure, Needs, Source, Unit};
pub use quantity::{Contrast, Quantity, Subject};
pub use relevance::Relevance;
pub(crate) use renamed::renamed;
pub(crate) use saturation::is_overloaded;
pub use saturation::is_saturated;
pub use values::Values;
pub(crate) use weekly::{WEEK, WEEKLY, WeeklySeries, late_mean};

use std::ops::Deref;

use crate::metrics::{AgePart, ConnectorMeasurements};
use crate::stats::{jain_index, max_over_mean};
use crate::time::SimDuration;

use formulas::{
    age_of, arrivals, false_share, held_back_mean, max_of, mean_of, per_day, ratio, refused_share, share_of, shown,
};

/// The identity of a measure: one of [`ALL`]. It gives access to the measure's definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MeasureId(Place);

impl Deref for MeasureId {
    type Target = Measure;

    fn deref(&self) -> &Measure {
        &DEFINITIONS[self.0 as usize]
    }
}

impl MeasureId {
    /// What this measure of push-open servers is of open servers; `None` if those have no such measure.
    #[must_use]
    pub fn of_open_servers(self) -> Option<Self> {
        find(&format!("open_{}", self.name))
    }
}

/// The measure called `name`, if there is one.
#[must_use]
pub fn find(name: &str) -> Option<MeasureId> {
    ALL.iter().copied().find(|measure| measure.name == name)
}

measures! {
    /// Messages (requests, pushes, pings, synchronisations and those on historical prices) that arrive at a push-open server; over
    /// several servers, the mean of a server.
    ARRIVALS: "server_arrivals", "messages at a server", PerSecond, Nothing, Neither, Sum, FinishedVisits, Relative(0.05),
        Source::Servers(|servers, period| mean_of(servers, |server| ratio(arrivals(server), period.as_secs_f64())));
    /// Most messages that arrive in one minute at a push-open server; over several servers, at the one with the most.
    PEAK_MINUTE: "server_peak_minute", "messages in the busiest minute", PerMinute, Nothing, Lower, Sum, FinishedVisits, Relative(0.1),
        Source::Servers(|servers, _| max_of(servers, |server| f64::from(server.peak_minute)));
    /// Most messages that arrive in one hour at a push-open server; over several servers, at the one with the most.
    PEAK_HOUR: "server_peak_hour", "messages in the busiest hour", PerHour, Nothing, Lower, Sum, FinishedVisits, Relative(0.1),
        Source::Servers(|servers, _| max_of(servers, |server| f64::from(server.peak_hour)));
    /// Busy worker time of a push-open server over workers × period; over several servers, the mean.
    UTILISATION: "server_utilisation", "busy time of a server", Share, Nothing, Lower, Sum, FinishedVisits, Absolute(0.01),
        Source::Servers(|servers, _| mean_of(servers, |server| Some(server.utilisation)));
    /// The highest utilisation of all push-open servers.
    UTILISATION_MAX: "server_utilisation_max", "busy time of the busiest server", Share, Nothing, Lower, Sum, FinishedVisits, Absolute(0.01),
        Source::AllServers(|servers, _| max_of(servers, |server| server.utilisation));
    /// Time-weighted mean number of messages that wait for a worker; over several servers, the mean of a server.
    QUEUE_LENGTH: "server_queue_length", "messages that wait at a server", Number, Nothing, Lower, Level, SteadyQueue, Absolute(0.1),
        Source::Servers(|servers, _| mean_of(servers, |server| Some(server.queue_length_mean)));
    /// Median time from arrival at a push-open server to the start of service, over all messages. Exact to 0.1 % plus 1 µs.
    QUEUE_WAIT_P50: "server_queue_wait_p50", "typical wait at a server", Seconds, Nothing, Lower, Level, SteadyQueue, Absolute(0.01),
        Source::Quantile(HistogramKind::QueueWait, 0.5);
    /// 95 % of messages wait at most so long from arrival to the start of service. Exact to 0.1 % plus 1 µs.
    QUEUE_WAIT_P95: "server_queue_wait_p95", "wait at a server of the slowest 5 %", Seconds, Nothing, Lower, Level, SteadyQueue, Absolute(0.1),
        Source::Quantile(HistogramKind::QueueWait, 0.95);
    /// 99 % of messages wait at most so long from arrival to the start of service. Exact to 0.1 % plus 1 µs.
    QUEUE_WAIT_P99: "server_queue_wait_p99", "wait at a server of the slowest 1 %", Seconds, Nothing, Lower, Level, SteadyQueue, Absolute(0.1),
        Source::Quantile(HistogramKind::QueueWait, 0.99);
    /// Median time from arrival at a push-open server to the end of service, over all messages. Exact to 0.1 % plus 1 µs.
    RESPONSE_P50: "server_response_p50", "typical response of a server", Seconds, Nothing, Lower, Level, SteadyQueue, Absolute(0.01),
        Source::Quantile(HistogramKind::Response, 0.5);
    /// 95 % of messages take at most so long from arrival to the end of service. Exact to 0.1 % plus 1 µs.
    RESPONSE_P95: "server_response_p95", "response of a server to the slowest 5 %", Seconds, Nothing, Lower, Level, SteadyQueue, Absolute(0.1),
        Source::Quantile(HistogramKind::Response, 0.95);
    /// 99 % of messages take at most so long from arrival to the end of service. Exact to 0.1 % plus 1 µs.
    RESPONSE_P99: "server_response_p99", "response of a server to the slowest 1 %", Seconds, Nothing, Lower, Level, SteadyQueue, Absolute(0.1),
        Source::Quantile(HistogramKind::Response, 0.99);
    /// Messages that push-open servers turn away, of all that they deal with; what still waits when the run ends is not among them.
    REFUSED_SHARE: "server_refused_share", "messages that servers refuse", Share, Nothing, Lower, Level, Nothing, Absolute(0.001),
        Source::Servers(refused_share);
    /// Messages to push-open servers whose sender gives up, of all that are sent to them. Of those that are under way when the
    /// run ends nobody has given up yet.
    TIMED_OUT_SHARE: "server_timed_out_share", "messages to servers without answer in time", Share, Nothing, Lower, Level, Nothing, Absolute(0.001),
        Source::Servers(|servers, _| share_of(servers, |server| server.timed_out, |server| server.sent));
    /// Messages that wait or are being served at push-open servers when the run ends.
    UNSERVED: "server_unserved", "messages unserved at the end", Number, Nothing, Lower, Level, Nothing, Absolute(1.0),
        Source::Servers(|servers, _| Some(servers.iter().map(|server| server.unserved).sum::<u64>() as f64));
    /// 1 if the queue of a push-open server grows as long as one looks: it never becomes as short in the second half of the
    /// measured days as it once was in the first, be it at night or, if the period has any, on a weekend; else 0; over several
    /// servers, the share of those. Not known of a period shorter than two days.
    SATURATED_SHARE: "server_saturated_share", "servers with a growing queue", Share, Nothing, Lower, Level, Nothing, Absolute(0.05),
        Source::Servers(|servers, _| saturation::saturated_share(servers));
    /// Prices in the answers of push-open servers, of all instruments in the requests that they answer; answers that get lost or come too late are among them.
    ANSWERED_SHARE: "server_answered_share", "asked prices that servers answer", Share, Nothing, Higher, Level, FinishedVisits, Absolute(0.01),
        Source::Servers(|servers, _| {
            share_of(servers, |server| server.prices_answered, |server| server.instruments_asked)
        });
    /// Bytes that a push-open server receives in messages; over several servers, the mean of a server.
    BYTES_IN: "server_bytes_in", "bytes received by a server", BytesPerSecond, Nothing, Neither, Sum, FinishedVisits, Relative(0.05),
        Source::Servers(|servers, period| {
            mean_of(servers, |server| ratio(server.bytes_in as f64, period.as_secs_f64()))
        });
    /// Bytes that a push-open server sends in replies; over several servers, the mean of a server.
    BYTES_OUT: "server_bytes_out", "bytes sent by a server", BytesPerSecond, Nothing, Neither, Sum, FinishedVisits, Relative(0.05),
        Source::Servers(|servers, period| {
            mean_of(servers, |server| ratio(server.bytes_out as f64, period.as_secs_f64()))
        });
    /// Instruments in the pool of a push-open server at the end; over several servers, the mean of a server.
    POOL_SIZE: "server_pool_size", "instruments in the pool of a server", Instruments, Nothing, Neither, Level, FinishedVisits, Relative(0.05),
        Source::Servers(|servers, _| mean_of(servers, |server| Some(server.pool_size as f64)));
    /// Jain's fairness index of the messages that arrive at each push-open server: 1 if all get the same.
    ARRIVALS_FAIRNESS: "server_arrivals_fairness", "fairness of load (Jain)", Number, Nothing, Higher, Level, FinishedVisits, Absolute(0.05),
        Source::AllServers(|servers, _| jain_index(&servers.iter().map(arrivals).collect::<Vec<_>>()));
    /// Messages at the push-open server with the most, over the mean of all push-open servers.
    ARRIVALS_MAX_OVER_MEAN: "server_arrivals_max_over_mean", "load of the busiest server over the mean", Number, Nothing, Lower, Level, FinishedVisits, Absolute(0.1),
        Source::AllServers(|servers, _| max_over_mean(&servers.iter().map(arrivals).collect::<Vec<_>>()));
    /// Synchronisations that arrive at a push-open server; they are among its messages. Over several servers, the mean of a server.
    SYNCHRONISATIONS: "server_synchronisations", "synchronisations at a server", PerDay, Nothing, Neither, Sum, Nothing, Relative(0.05),
        Source::Servers(|servers, period| mean_of(servers, |server| per_day(server.synchronisations, period)));
    /// Bytes of synchronisations that a push-open server receives, and of its replies to them; over several servers, the mean of a server.
    SYNCHRONISATION_BYTES: "server_synchronisation_bytes", "bytes of synchronisations at a server", BytesPerSecond, Nothing, Neither, Sum, Nothing, Relative(0.05),
        Source::Servers(|servers, period| {
            mean_of(servers, |server| ratio(server.synchronisation_bytes as f64, period.as_secs_f64()))
        });
    /// Requests for historical prices, and pushes of them, that arrive at a push-open server; they are among its messages. Over several servers, the mean of a server.
    HISTORY_MESSAGES: "server_history_messages", "messages on historical prices at a server", PerDay, Nothing, Neither, Sum, Nothing, Relative(0.05),
        Source::Servers(|servers, period| mean_of(servers, |server| per_day(server.histories, period)));
    /// Bytes of requests for historical prices and of pushes of them that a push-open server receives, and of its replies to them; over several
    /// servers, the mean of a server.
    HISTORY_BYTES: "server_history_bytes", "bytes of historical prices at a server", BytesPerSecond, Nothing, Neither, Sum, Nothing, Relative(0.05),
        Source::Servers(|servers, period| mean_of(servers, |server| ratio(server.history_bytes as f64, period.as_secs_f64())));
    /// Rows that a push-open server stores in its table of messages: two for a message that it serves, and none for one that it turns away by an error;
    /// over several servers, at the one with the most.
    MESSAGE_ROWS: "server_message_rows", "message rows that the busiest server stores", PerDay, Nothing, Lower, Sum, FinishedVisits, Relative(0.05),
        Source::Servers(|servers, period| servers.iter().filter_map(|server| per_day(server.rows, period)).reduce(f64::max));
    /// The most rows that are in the table of messages of a push-open server in a quarter of an hour. Rows on historical prices stay for five days and
    /// all others for one; over several servers, at the one with the most.
    MESSAGE_ROWS_HELD: "server_message_rows_held", "message rows in the table of a server", Number, Nothing, Lower, Sum, FinishedVisits, Relative(0.05),
        Source::Servers(|servers, _| max_of(servers, |server| server.rows_held_max as f64));

    // Open servers are open instances that another one may ask. Each measure is what the one of the same name is of push-open servers.
    /// Messages (requests, pushes, pings, synchronisations and those on historical prices) that arrive at an open server: an open
    /// instance that another one may ask; over several servers, the mean of a server.
    OPEN_ARRIVALS: "open_server_arrivals", "messages at an open server", PerSecond, Nothing, Neither, Sum, FinishedVisits, Relative(0.05),
        Source::OpenServers(ARRIVALS);
    /// Most messages that arrive in one minute at an open server; over several servers, at the one with the most.
    OPEN_PEAK_MINUTE: "open_server_peak_minute", "messages in the busiest minute of an open server", PerMinute, Nothing, Lower, Sum, FinishedVisits, Relative(0.1),
        Source::OpenServers(PEAK_MINUTE);
    /// Most messages that arrive in one hour at an open server; over several servers, at the one with the most.
    OPEN_PEAK_HOUR: "open_server_peak_hour", "messages in the busiest hour of an open server", PerHour, Nothing, Lower, Sum, FinishedVisits, Relative(0.1),
        Source::OpenServers(PEAK_HOUR);
    /// Busy worker time of an open server over workers × period; over several servers, the mean.
    OPEN_UTILISATION: "open_server_utilisation", "busy time of an open server", Share, Nothing, Lower, Sum, FinishedVisits, Absolute(0.01),
        Source::OpenServers(UTILISATION);
    /// The highest utilisation of all open servers.
    OPEN_UTILISATION_MAX: "open_server_utilisation_max", "busy time of the busiest open server", Share, Nothing, Lower, Sum, FinishedVisits, Absolute(0.01),
        Source::OpenServers(UTILISATION_MAX);
    /// Time-weighted mean number of messages that wait for a worker; over several servers, the mean of a server.
    OPEN_QUEUE_LENGTH: "open_server_queue_length", "messages that wait at an open server", Number, Nothing, Lower, Level, SteadyQueue, Absolute(0.1),
        Source::OpenServers(QUEUE_LENGTH);
    /// Median time from arrival at an open server to the start of service, over all messages. Exact to 0.1 % plus 1 µs.
    OPEN_QUEUE_WAIT_P50: "open_server_queue_wait_p50", "typical wait at an open server", Seconds, Nothing, Lower, Level, SteadyQueue, Absolute(0.01),
        Source::Quantile(HistogramKind::OpenQueueWait, 0.5);
    /// 95 % of messages wait at most so long from arrival to the start of service. Exact to 0.1 % plus 1 µs.
    OPEN_QUEUE_WAIT_P95: "open_server_queue_wait_p95", "wait at an open server of the slowest 5 %", Seconds, Nothing, Lower, Level, SteadyQueue, Absolute(0.1),
        Source::Quantile(HistogramKind::OpenQueueWait, 0.95);
    /// 99 % of messages wait at most so long from arrival to the start of service. Exact to 0.1 % plus 1 µs.
    OPEN_QUEUE_WAIT_P99: "open_server_queue_wait_p99", "wait at an open server of the slowest 1 %", Seconds, Nothing, Lower, Level, SteadyQueue, Absolute(0.1),
        Source::Quantile(HistogramKind::OpenQueueWait, 0.99);
    /// Median time from arrival at an open server to the end of service, over all messages. Exact to 0.1 % plus 1 µs.
    OPEN_RESPONSE_P50: "open_server_response_p50", "typical response of an open server", Seconds, Nothing, Lower, Level, SteadyQueue, Absolute(0.01),
        Source::Quantile(HistogramKind::OpenResponse, 0.5);
    /// 95 % of messages take at most so long from arrival to the end of service. Exact to 0.1 % plus 1 µs.
    OPEN_RESPONSE_P95: "open_server_response_p95", "response of an open server to the slowest 5 %", Seconds, Nothing, Lower, Level, SteadyQueue, Absolute(0.1),
        Source::Quantile(HistogramKind::OpenResponse, 0.95);
    /// 99 % of messages take at most so long from arrival to the end of service. Exact to 0.1 % plus 1 µs.
    OPEN_RESPONSE_P99: "open_server_response_p99", "response of an open server to the slowest 1 %", Seconds, Nothing, Lower, Level, SteadyQueue, Absolute(0.1),
        Source::Quantile(HistogramKind::OpenResponse, 0.99);
    /// Messages that open servers turn away, of all that they deal with; what still waits when the run ends is not among them.
    OPEN_REFUSED_SHARE: "open_server_refused_share", "messages that open servers refuse", Share, Nothing, Lower, Level, Nothing, Absolute(0.001),
        Source::OpenServers(REFUSED_SHARE);
    /// Messages to open servers whose sender gives up, of all that are sent to them. Of those that are under way when the run ends nobody has given up yet.
    OPEN_TIMED_OUT_SHARE: "open_server_timed_out_share", "messages to open servers without answer in time", Share, Nothing, Lower, Level, Nothing, Absolute(0.001),
        Source::OpenServers(TIMED_OUT_SHARE);
    /// Messages that wait or are being served at open servers when the run ends.
    OPEN_UNSERVED: "open_server_unserved", "messages unserved at open servers at the end", Number, Nothing, Lower, Level, Nothing, Absolute(1.0),
        Source::OpenServers(UNSERVED);
    /// 1 if the queue of an open server grows as long as one looks: it never becomes as short in the second half of the
    /// measured days as it once was in the first, be it at night or, if the period has any, on a weekend; else 0; over several
    /// servers, the share of those. Not known of a period shorter than two days.
    OPEN_SATURATED_SHARE: "open_server_saturated_share", "open servers with a growing queue", Share, Nothing, Lower, Level, Nothing, Absolute(0.05),
        Source::OpenServers(SATURATED_SHARE);
    /// Prices in the answers of open servers, of all instruments in the requests that they answer; answers that get lost or come too late are among them.
    OPEN_ANSWERED_SHARE: "open_server_answered_share", "asked prices that open servers answer", Share, Nothing, Higher, Level, FinishedVisits, Absolute(0.01),
        Source::OpenServers(ANSWERED_SHARE);
    /// Bytes that an open server receives in messages; over several servers, the mean of a server.
    OPEN_BYTES_IN: "open_server_bytes_in", "bytes received by an open server", BytesPerSecond, Nothing, Neither, Sum, FinishedVisits, Relative(0.05),
        Source::OpenServers(BYTES_IN);
    /// Bytes that an open server sends in replies; over several servers, the mean of a server.
    OPEN_BYTES_OUT: "open_server_bytes_out", "bytes sent by an open server", BytesPerSecond, Nothing, Neither, Sum, FinishedVisits, Relative(0.05),
        Source::OpenServers(BYTES_OUT);
    /// Jain's fairness index of the messages that arrive at each open server: 1 if all get the same.
    OPEN_ARRIVALS_FAIRNESS: "open_server_arrivals_fairness", "fairness of load of open servers (Jain)", Number, Nothing, Higher, Level, FinishedVisits, Absolute(0.05),
        Source::OpenServers(ARRIVALS_FAIRNESS);
    /// Messages at the open server with the most, over the mean of all open servers.
    OPEN_ARRIVALS_MAX_OVER_MEAN: "open_server_arrivals_max_over_mean", "load of the busiest open server over the mean", Number, Nothing, Lower, Level, FinishedVisits, Absolute(0.1),
        Source::OpenServers(ARRIVALS_MAX_OVER_MEAN);
    /// Synchronisations that arrive at an open server; they are among its messages. Over several servers, the mean of a server.
    OPEN_SYNCHRONISATIONS: "open_server_synchronisations", "synchronisations at an open server", PerDay, Nothing, Neither, Sum, Nothing, Relative(0.05),
        Source::OpenServers(SYNCHRONISATIONS);
    /// Bytes of synchronisations that an open server receives, and of its replies to them; over several servers, the mean of a server.
    OPEN_SYNCHRONISATION_BYTES: "open_server_synchronisation_bytes", "bytes of synchronisations at an open server", BytesPerSecond, Nothing, Neither, Sum, Nothing, Relative(0.05),
        Source::OpenServers(SYNCHRONISATION_BYTES);
    /// Requests for historical prices, and pushes of them, that arrive at an open server; they are among its messages. Over several servers, the
    /// mean of a server.
    OPEN_HISTORY_MESSAGES: "open_server_history_messages", "messages on historical prices at an open server", PerDay, Nothing, Neither, Sum, Nothing, Relative(0.05),
        Source::OpenServers(HISTORY_MESSAGES);
    /// Bytes of requests for historical prices and of pushes of them that an open server receives, and of its replies to them; over several
    /// servers, the mean of a server.
    OPEN_HISTORY_BYTES: "open_server_history_bytes", "bytes of historical prices at an open server", BytesPerSecond, Nothing, Neither, Sum, Nothing, Relative(0.05),
        Source::OpenServers(HISTORY_BYTES);
    /// Rows that an open server stores in its table of messages: two for a message that it serves, and none for one that it turns away by an error;
    /// over several servers, at the one with the most.
    OPEN_MESSAGE_ROWS: "open_server_message_rows", "message rows that the busiest open server stores", PerDay, Nothing, Lower, Sum, FinishedVisits, Relative(0.05),
        Source::OpenServers(MESSAGE_ROWS);
    /// The most rows that are in the table of messages of an open server in a quarter of an hour. Rows on historical prices stay for five days and
    /// all others for one; over several servers, at the one with the most.
    OPEN_MESSAGE_ROWS_HELD: "open_server_message_rows_held", "message rows in the table of an open server", Number, Nothing, Lower, Sum, FinishedVisits, Relative(0.05),
        Source::OpenServers(MESSAGE_ROWS_HELD);

    /// Calls of data providers by all instances.
    CONNECTOR_CALLS: "connector_calls", "provider calls", PerDay, Saving, Lower, Sum, FinishedVisits, Relative(0.01),
        Source::Providers(|providers, period| {
            per_day(providers.iter().map(ConnectorMeasurements::total_calls).sum(), period)
        });
    /// Calls of data providers that fail, of all that end before the run does; refused ones count as failed.
    CONNECTOR_FAILED_SHARE: "connector_failed_share", "provider calls that fail", Share, Difference, Lower, Level, FinishedVisits, Absolute(0.01),
        Source::Providers(|providers, _| share_of(providers, |provider| provider.failed, |provider| provider.ended));
    /// Calls that exceed the rate limit of a data provider: refused, or held back.
    CONNECTOR_RATE_LIMITED: "connector_rate_limited", "provider calls over a limit", PerDay, Difference, Lower, Sum, FinishedVisits, Absolute(1.0),
        Source::Providers(|providers, period| {
            per_day(providers.iter().map(|provider| provider.rate_limited).sum(), period)
        });
    /// Time for which a call is held back by the rate limit of a data provider, mean over all calls that are made; what is still
    /// held back when the run ends is not among them.
    CONNECTOR_HELD_BACK: "connector_held_back_mean", "time for which limits hold a call back", Seconds, Difference, Lower, Level, FinishedVisits, Absolute(0.1),
        Source::Providers(held_back_mean);

    /// Age of a price when the user sees it (time that its market has traded since), mean over all prices shown.
    PRICE_AGE_MEAN: "price_age_mean", "mean age of prices", Seconds, Difference, Lower, Level, FinishedVisits, Absolute(60.0),
        Source::Period(|measured| measured.price_age.mean_s());
    /// Median age of the prices that users see (time that their market has traded since). Exact to 0.1 % plus 1 µs.
    PRICE_AGE_P50: "price_age_p50", "typical age of prices", Seconds, Difference, Lower, Level, FinishedVisits, Absolute(60.0),
        Source::Quantile(HistogramKind::PriceAge, 0.5);
    /// 95 % of the prices that users see are at most so old (time that their market has traded since). Exact to 0.1 % plus 1 µs.
    PRICE_AGE_P95: "price_age_p95", "age of the oldest 5 % of prices", Seconds, Difference, Lower, Level, FinishedVisits, Absolute(60.0),
        Source::Quantile(HistogramKind::PriceAge, 0.95);
    /// Part of the age of a price that it spends from the moment whose price it is until a call reaches the provider
    /// (time that its market trades meanwhile), mean over all prices shown.
    AGE_PROVIDER_DELAY: "price_age_provider_delay", "age of prices from delay of providers", Seconds, Difference, Lower, Level, FinishedVisits, Absolute(60.0),
        Source::Providers(|providers, _| age_of(providers).mean_s(AgePart::ProviderDelay));
    /// Part of the age of a price that it spends from when a call reaches the provider until the answer reaches the
    /// instance that calls (time that its market trades meanwhile), mean over all prices shown.
    AGE_FETCH: "price_age_fetch", "age of prices from fetching", Seconds, Difference, Lower, Level, FinishedVisits, Absolute(60.0),
        Source::Providers(|providers, _| age_of(providers).mean_s(AgePart::Fetch));
    /// Part of the age of a price that it spends at instances where it was before it came to the one that shows it, in
    /// their pools or among their own prices (time that its market trades meanwhile), mean over all prices shown.
    AGE_POOLS: "price_age_pools", "age of prices from waiting in pools", Seconds, Difference, Lower, Level, FinishedVisits, Absolute(60.0),
        Source::Providers(|providers, _| age_of(providers).mean_s(AgePart::Pools));
    /// Part of the age of a price that it spends in messages between instances, from when one is put together until its
    /// receiver takes the price over (time that its market trades meanwhile), mean over all prices shown.
    AGE_TRANSFER: "price_age_transfer", "age of prices from transfer between instances", Seconds, Difference, Lower, Level, FinishedVisits, Absolute(60.0),
        Source::Providers(|providers, _| age_of(providers).mean_s(AgePart::Transfer));
    /// Part of the age of a price that it spends at the instance that shows it, until the user sees it (time that its
    /// market trades meanwhile), mean over all prices shown.
    AGE_VISIT: "price_age_visit", "age of prices from waiting for the visit", Seconds, Difference, Lower, Level, FinishedVisits, Absolute(60.0),
        Source::Providers(|providers, _| age_of(providers).mean_s(AgePart::Visit));
    /// Share of the age of all prices shown that they spend from the moment whose price it is until a call reaches the provider.
    AGE_PROVIDER_DELAY_SHARE: "price_age_provider_delay_share", "share of delay of providers in the age of prices", Share, Difference, Neither, Level, FinishedVisits, Absolute(0.01),
        Source::Providers(|providers, _| age_of(providers).share(AgePart::ProviderDelay));
    /// Share of the age of all prices shown that they spend from when a call reaches the provider until the answer reaches the instance that calls.
    AGE_FETCH_SHARE: "price_age_fetch_share", "share of fetching in the age of prices", Share, Difference, Neither, Level, FinishedVisits, Absolute(0.01),
        Source::Providers(|providers, _| age_of(providers).share(AgePart::Fetch));
    /// Share of the age of all prices shown that they spend at instances where it was before it came to the one that
    /// shows it, in their pools or among their own prices.
    AGE_POOLS_SHARE: "price_age_pools_share", "share of waiting in pools in the age of prices", Share, Difference, Neither, Level, FinishedVisits, Absolute(0.01),
        Source::Providers(|providers, _| age_of(providers).share(AgePart::Pools));
    /// Share of the age of all prices shown that they spend in messages between instances, from when one is put
    /// together until its receiver takes the price over.
    AGE_TRANSFER_SHARE: "price_age_transfer_share", "share of transfer between instances in the age of prices", Share, Difference, Neither, Level, FinishedVisits, Absolute(0.01),
        Source::Providers(|providers, _| age_of(providers).share(AgePart::Transfer));
    /// Share of the age of all prices shown that they spend at the instance that shows it, until the user sees it.
    AGE_VISIT_SHARE: "price_age_visit_share", "share of waiting for the visit in the age of prices", Share, Difference, Neither, Level, FinishedVisits, Absolute(0.01),
        Source::Providers(|providers, _| age_of(providers).share(AgePart::Visit));
    /// Prices of age 0 (below 1 µs), of all instruments shown: last prices of markets that have not traded since.
    AGE_ZERO_SHARE: "price_age_zero_share", "prices of age 0", Share, Difference, Neither, Level, FinishedVisits, Absolute(0.01),
        Source::Period(|measured| age_share_at_most(measured, SimDuration::ZERO));
    /// Prices not older than the freshness threshold (1,500 s if the policy has none), of all instruments shown.
    FRESH_SHARE: "price_fresh_share", "fresh prices", Share, Difference, Higher, Level, FinishedVisits, Absolute(0.01),
        Source::Period(|measured| ratio(measured.prices_fresh as f64, shown(measured)));
    /// Prices at most 20 minutes old, of all instruments shown (time that their market has traded since).
    WITHIN_20_MIN: "price_within_20min_share", "prices at most 20 minutes old", Share, Difference, Higher, Level, FinishedVisits, Absolute(0.01),
        Source::Period(|measured| age_share_at_most(measured, SimDuration::from_secs(20 * 60)));
    /// Prices at most 25 minutes old, of all instruments shown (time that their market has traded since).
    WITHIN_25_MIN: "price_within_25min_share", "prices at most 25 minutes old", Share, Difference, Higher, Level, FinishedVisits, Absolute(0.01),
        Source::Period(|measured| age_share_at_most(measured, SimDuration::from_secs(25 * 60)));
    /// Prices at most 30 minutes old, of all instruments shown (time that their market has traded since).
    WITHIN_30_MIN: "price_within_30min_share", "prices at most 30 minutes old", Share, Difference, Higher, Level, FinishedVisits, Absolute(0.01),
        Source::Period(|measured| age_share_at_most(measured, SimDuration::from_secs(30 * 60)));
    /// Instruments shown without any price, of all instruments shown.
    MISSING_SHARE: "price_missing_share", "instruments without price", Share, Difference, Lower, Level, FinishedVisits, Absolute(0.01),
        Source::Period(|measured| ratio(measured.prices_missing as f64, shown(measured)));
    /// Distance of a price from the true price of the moment at which the user sees it, over the latter; mean over all prices shown.
    PRICE_ERROR_MEAN: "price_error_mean", "mean error of prices", BasisPoints, Difference, Lower, Level, FinishedVisits, Absolute(5.0),
        Source::Period(|measured| measured.price_error.mean_s());
    /// Median distance of the prices that users see from the true prices of that moment, over the latter. Exact to 0.1 % plus 0.000001 basis points.
    PRICE_ERROR_P50: "price_error_p50", "typical error of prices", BasisPoints, Difference, Lower, Level, FinishedVisits, Absolute(5.0),
        Source::Quantile(HistogramKind::PriceError, 0.5);
    /// 95 % of the prices that users see are at most so far from the true prices of that moment, over the latter. Exact to 0.1 % plus 0.000001 basis points.
    PRICE_ERROR_P95: "price_error_p95", "error of the worst 5 % of prices", BasisPoints, Difference, Lower, Level, FinishedVisits, Absolute(5.0),
        Source::Quantile(HistogramKind::PriceError, 0.95);
    /// Prices whose timestamp is more than 60 s from the one that they would have if every clock were right and no instance rogue, of all instruments shown.
    PRICE_WRONG_STAMP: "price_wrong_stamp_share", "prices with a wrong timestamp", Share, Difference, Lower, Level, FinishedVisits, Absolute(0.01),
        Source::Period(|measured| ratio(measured.prices_wrong_stamp as f64, shown(measured)));
    /// Prices that a rogue instance has falsified, of all instruments shown.
    PRICE_FALSE_SHARE: "price_false_share", "false prices shown", Share, Nothing, Lower, Level, FinishedVisits, Absolute(0.001),
        Source::Period(|measured| false_share(measured, measured.prices_false.total()));
    /// Falsified prices that exchanges have taken from the own pool and show, of all instruments shown.
    PRICE_FALSE_OWN_POOL: "price_false_own_pool_share", "false prices from the own pool", Share, Nothing, Lower, Level, FinishedVisits, Absolute(0.001),
        Source::Period(|measured| false_share(measured, measured.prices_false.own_pool));
    /// Falsified prices that exchanges have taken from push-open peers and show, of all instruments shown.
    PRICE_FALSE_PUSH_OPEN: "price_false_push_open_share", "false prices from servers", Share, Nothing, Lower, Level, FinishedVisits, Absolute(0.001),
        Source::Period(|measured| false_share(measured, measured.prices_false.push_open));
    /// Falsified prices that exchanges have taken from open peers and show, of all instruments shown.
    PRICE_FALSE_OPEN: "price_false_open_share", "false prices from open instances", Share, Nothing, Lower, Level, FinishedVisits, Absolute(0.001),
        Source::Period(|measured| false_share(measured, measured.prices_false.open));
    /// Falsified prices shown that the instance had from an earlier exchange, of all instruments shown.
    PRICE_FALSE_LOCAL: "price_false_local_share", "false prices kept from before", Share, Nothing, Lower, Level, FinishedVisits, Absolute(0.001),
        Source::Period(|measured| false_share(measured, measured.prices_false.local));
    /// Time from the end of a rogue instance's fault to the last visit that shows a price falsified by it; 0 if none does after the end.
    PRICE_FALSE_LASTS: "price_false_lasts", "time for which false prices stay", Seconds, Nothing, Lower, Level, FinishedVisits, Absolute(60.0),
        Source::Period(|measured| Some(measured.false_after.as_secs_f64()));
    /// Visits that show at least one price that a rogue instance has falsified, of all that show their result.
    VISIT_FALSE_SHARE: "visit_false_share", "visits that show a false price", Share, Nothing, Lower, Level, FinishedVisits, Absolute(0.001),
        Source::Period(|measured| ratio(measured.visits_false as f64, measured.user_wait.count() as f64));

    /// Visits whose result is not complete when the run ends, of all. They wait longer than is known, and count so in the
    /// quantiles of waiting; many of them mean that something is overloaded.
    VISITS_UNFINISHED_SHARE: "visit_unfinished_share", "unfinished visits", Share, Difference, Lower, Level, Nothing, Absolute(0.01),
        Source::Period(|measured| ratio(measured.visits_unfinished as f64, measured.visits as f64));
    /// Median time from opening a watchlist to its last price, over all visits. Exact to 0.1 % plus 1 µs.
    USER_WAIT_P50: "user_wait_p50", "typical wait of users", Seconds, Difference, Lower, Level, EndedWaits(0.5), Absolute(0.1),
        Source::Quantile(HistogramKind::UserWait, 0.5);
    /// 95 % of visits last at most so long from opening the watchlist to its last price. Exact to 0.1 % plus 1 µs.
    USER_WAIT_P95: "user_wait_p95", "wait of the slowest 5 % of visits", Seconds, Difference, Lower, Level, EndedWaits(0.05), Absolute(0.1),
        Source::Quantile(HistogramKind::UserWait, 0.95);
    /// Watchlists that users open.
    VISITS: "visits", "visits", PerDay, Nothing, Neither, Sum, Nothing, Relative(0.01),
        Source::Period(|measured| per_day(measured.visits, measured.period));
    /// Visits that start an exchange.
    EXCHANGES: "exchanges", "exchanges", PerDay, Nothing, Neither, Sum, FinishedVisits, Relative(0.01),
        Source::Period(|measured| per_day(measured.exchanges, measured.period));

    /// Instruments filled from the own pool or by a peer, of all instruments of exchanges that have shown their result.
    FILL_GTNET: "fill_gtnet_share", "instruments filled by GTNet", Share, Difference, Higher, Level, FinishedVisits, Absolute(0.01),
        Source::Period(|measured| {
            let sources = [FillSource::OwnPool, FillSource::PushOpen, FillSource::Open];
            sources.into_iter().map(|source| fill_share(measured, source)).sum()
        });
    /// Instruments filled from the own pool, of all instruments of exchanges that have shown their result.
    FILL_OWN_POOL: "fill_own_pool_share", "instruments filled from the own pool", Share, Difference, Neither, Level, FinishedVisits, Absolute(0.01),
        Source::Period(|measured| fill_share(measured, FillSource::OwnPool));
    /// Instruments filled by a push-open peer, of all instruments of exchanges that have shown their result.
    FILL_PUSH_OPEN: "fill_push_open_share", "instruments filled by servers", Share, Difference, Neither, Level, FinishedVisits, Absolute(0.01),
        Source::Period(|measured| fill_share(measured, FillSource::PushOpen));
    /// Instruments filled by an open peer, of all instruments of exchanges that have shown their result.
    FILL_OPEN: "fill_open_share", "instruments filled by open instances", Share, Difference, Neither, Level, FinishedVisits, Absolute(0.01),
        Source::Period(|measured| fill_share(measured, FillSource::Open));
    /// Instruments for which a connector delivers, of all instruments of exchanges that have shown their result.
    FILL_CONNECTOR: "fill_connector_share", "instruments filled by providers", Share, Difference, Neither, Level, FinishedVisits, Absolute(0.01),
        Source::Period(|measured| fill_share(measured, FillSource::Connector));
    /// Instruments for which a connector is asked and fails, of all instruments of exchanges that have shown their result.
    FILL_CONNECTOR_FAILED: "fill_connector_failed_share", "instruments for which providers fail", Share, Difference, Lower, Level, FinishedVisits, Absolute(0.01),
        Source::Period(|measured| fill_share(measured, FillSource::ConnectorFailed));
    /// Instruments for which no connector is asked and nobody else delivers, of all instruments of exchanges that have shown their result.
    FILL_NOT_TRIED: "fill_not_tried_share", "instruments without provider", Share, Difference, Lower, Level, FinishedVisits, Absolute(0.01),
        Source::Period(|measured| fill_share(measured, FillSource::NotTried));

    /// Pushes that instances send back to pools.
    PUSHES: "pushes", "pushes", PerDay, Nothing, Neither, Sum, FinishedVisits, Relative(0.05),
        Source::Period(|measured| per_day(measured.push_back.pushes, measured.period));
    /// Prices that pools take over from pushes, of all prices in the pushes sent. It counts what pools take, also if the sender
    /// never learns of it; of pushes that get lost they take nothing.
    PUSHED_ACCEPTED_SHARE: "push_accepted_share", "pushed prices that pools take", Share, Nothing, Higher, Level, FinishedVisits, Absolute(0.01),
        Source::Period(|measured| ratio(measured.push_back.accepted as f64, measured.push_back.prices as f64));
    /// Pushes that arrive and of which the pool takes over nothing, of all pushes sent, whether or not the sender learns of it.
    PUSHES_USELESS_SHARE: "push_useless_share", "pushes of which pools take nothing", Share, Nothing, Lower, Level, FinishedVisits, Absolute(0.01),
        Source::Period(|measured| ratio(measured.push_back.useless as f64, measured.push_back.pushes as f64));
    /// Pushes that are refused or not acknowledged in time, of all pushes sent: lost on their way, or answered too late, or the
    /// answer is lost. From those that arrive pools take prices all the same.
    PUSHES_FAILED_SHARE: "push_failed_share", "pushes without acknowledgement", Share, Nothing, Lower, Level, FinishedVisits, Absolute(0.01),
        Source::Period(|measured| ratio(measured.push_back.failed as f64, measured.push_back.pushes as f64));
    /// Fills by push-open peers and own pools with a price that came into that very pool by a push, of all such fills.
    FILLS_FROM_PUSHES_SHARE: "fill_from_pushes_share", "fills with pushed prices", Share, Nothing, Neither, Level, FinishedVisits, Absolute(0.01),
        Source::Period(|measured| {
            let from_pools = measured.fills.own_pool + measured.fills.push_open;
            ratio(measured.push_back.fills_from_pushes as f64, from_pools as f64)
        });
    /// Calls of data providers by which servers check prices that were pushed to them; they are among all calls.
    PUSH_CHECKS: "push_checks", "checks of pushed prices", PerDay, Nothing, Neither, Sum, FinishedVisits, Absolute(1.0),
        Source::Providers(|providers, period| per_day(providers.iter().map(ConnectorMeasurements::checks).sum(), period));
    /// How often a server finds by a check that an instance pushes false prices, and distrusts it, in the whole period.
    PUSH_DISTRUSTED: "push_distrusted", "findings of false prices by checks", Number, Nothing, Neither, Level, Nothing, Absolute(1.0),
        Source::Period(|measured| Some(measured.push_back.distrusted as f64));
    /// Those of these findings that do not hit the rogue instance itself: the instance passes on what another one has falsified,
    /// or its price is true and the check is wrong.
    PUSH_DISTRUSTED_WRONGLY: "push_distrusted_wrongly", "findings that hit the wrong instance", Number, Nothing, Lower, Level, Nothing, Absolute(1.0),
        Source::Period(|measured| Some(measured.push_back.distrusted_wrongly as f64));

    /// Messages that instances send.
    MESSAGES: "messages", "messages", PerDay, Nothing, Neither, Sum, FinishedVisits, Relative(0.05),
        Source::Period(|measured| per_day(measured.messages.sent, measured.period));
    /// Messages that their sender gives up, of all sent. Of those that are under way when the run ends nobody has given up yet.
    MESSAGES_TIMED_OUT_SHARE: "message_timed_out_share", "messages without answer in time", Share, Nothing, Lower, Level, FinishedVisits, Absolute(0.01),
        Source::Period(|measured| ratio(measured.messages.timed_out as f64, measured.messages.sent as f64));

    /// Requests and pushes that a daily limit keeps their sender from sending. They are not among the messages.
    MESSAGES_KEPT_BACK: "messages_kept_back", "messages that daily limits keep back", PerDay, Nothing, Lower, Sum, FinishedVisits, Absolute(1.0),
        Source::Period(|measured| per_day(measured.messages.kept_back, measured.period));

    /// Visits that feel a fault, of all that users want to make. A visit feels it if it is prevented or interrupted, if its result
    /// comes more than 0.1 s later than without the faults, or if its prices are on average more than 60 s older, or all missing.
    FAULT_FELT_SHARE: "fault_felt_share", "visits that feel a fault", Share, Nothing, Lower, Level, Nothing, Absolute(0.01),
        Source::Faults(|effects, _| ratio(effects.all.felt as f64, effects.all.visits as f64));
    /// How much longer a visit takes than without the faults, mean over the visits that show their result with and without them.
    FAULT_EXTRA_WAIT_MEAN: "fault_extra_wait_mean", "time by which faults lengthen a visit", Seconds, Nothing, Lower, Level, Nothing, Absolute(0.1),
        Source::Faults(|effects, _| ratio(effects.all.extra_wait_s, effects.all.paired as f64));
    /// Calls of data providers beyond those without the faults; negative if there are fewer.
    FAULT_EXTRA_CALLS: "fault_extra_calls", "provider calls that faults cause", PerDay, Nothing, Lower, Level, Nothing, Absolute(1.0),
        Source::Faults(|effects, period| ratio(effects.extra_calls as f64 * 86_400.0, period.as_secs_f64()));
    /// Visits that do not come about as the instance is down by a fault, of all that users want to make.
    VISIT_PREVENTED_SHARE: "visit_prevented_share", "prevented visits", Share, Nothing, Lower, Level, Nothing, Absolute(0.001),
        Source::Faults(|effects, _| ratio(effects.all.prevented as f64, effects.all.visits as f64));
    /// Visits whose instance stops by a fault before it shows their result, of all that users want to make.
    VISIT_INTERRUPTED_SHARE: "visit_interrupted_share", "interrupted visits", Share, Nothing, Lower, Level, Nothing, Absolute(0.001),
        Source::Faults(|effects, _| ratio(effects.all.interrupted as f64, effects.all.visits as f64));
    /// Time from the end of the last fault until all is as without the faults: for an hour, in each quarter of it, the mean wait
    /// within 0.1 s, the mean age of prices within 60 s, and the provider calls within 10 % or one call. Exact to a quarter of an
    /// hour. Not known if that never happens before the run ends.
    FAULT_RECOVERY: "fault_recovery", "time until all is as before", Seconds, Nothing, Lower, Level, Nothing, Absolute(900.0),
        Source::Faults(|effects, _| effects.recovery_s);

    /// What the keys of data providers and the servers of GTNet cost, in the currency of the scenario's prices. Each key takes the cheapest plan
    /// that allows for its calls.
    COST: "cost", "total cost", PerMonth, Difference, Lower, Sum, FinishedVisits, Relative(0.05),
        Source::Spending(|spending, _| Some(spending.of_plans() + spending.servers));
    /// What the keys of data providers cost, in the currency of the scenario's prices.
    PROVIDER_COST: "provider_cost", "cost of providers", PerMonth, Difference, Lower, Sum, FinishedVisits, Relative(0.05),
        Source::Spending(|spending, _| Some(spending.of_plans()));
    /// Keys of data providers that pay for their calls.
    KEYS_PAYING: "provider_keys_paying", "keys that cost something", Number, Difference, Lower, Sum, FinishedVisits, Absolute(1.0),
        Source::Spending(|spending, _| Some(spending.keys_paying as f64));
    /// Calls of data providers beyond those that cost nothing: beyond the free plan of their provider, or all if it has none.
    CALLS_BEYOND_FREE: "connector_calls_beyond_free", "provider calls beyond free plans", PerDay, Difference, Lower, Sum, FinishedVisits, Absolute(1.0),
        Source::Spending(|spending, period| ratio(spending.beyond_free * 86_400.0, period.as_secs_f64()));
    /// Calls of data providers that no plan of their provider allows.
    CALLS_UNCOVERED: "connector_calls_uncovered", "provider calls that no plan allows", PerDay, Difference, Lower, Sum, FinishedVisits, Absolute(1.0),
        Source::Spending(|spending, period| ratio(spending.uncovered * 86_400.0, period.as_secs_f64()));
}

#[cfg(test)]
mod tests;
