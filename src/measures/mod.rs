//! Every derived measure, with its one definition: searches, tables, charts, summary and JSON all take their numbers
//! from here.

mod saturation;

pub use saturation::{is_overloaded, is_saturated};

use crate::metrics::{ConnectorMeasurements, FillCounts, LogHistogram, Measurements, ServerMeasurements};
use crate::stats::{jain_index, max_over_mean};
use crate::time::SimDuration;

/// A number that is computed from the counters of one replication.
#[derive(Clone, Copy, Debug)]
pub struct Measure {
    /// Name, as results write it.
    pub name: &'static str,
    /// Unit; `share` is a number from 0 to 1, and `1` a number without unit.
    pub unit: &'static str,
    /// What the number is, in one sentence.
    pub definition: &'static str,
    /// How it is compared with the same users without `GTNet`.
    pub comparison: Comparison,
    /// Which of two values is better.
    pub better: Better,
    /// The counters that it is computed from, and the formula.
    pub source: Source,
}

/// Which of two values of a measure somebody who plans a network would prefer, all else being equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// The lower one: waiting, age, load, failures.
    Lower,
    /// The higher one.
    Higher,
    /// It depends on what one wants.
    Neither,
}

/// How a measure is compared with the same users without `GTNet`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// It has no meaning without `GTNet`, or is the same by construction.
    Nothing,
    /// Value with `GTNet` minus value without.
    Difference,
    /// 1 − value with `GTNet` / value without; nothing where the latter is zero.
    Saving,
}

/// The counters that a measure is computed from, with the formula; `None` is a number that these counters do not
/// determine, such as a quantile of too few values.
#[derive(Clone, Copy, Debug)]
pub enum Source {
    /// Everything that was measured.
    Period(fn(&Measurements) -> Option<f64>),
    /// Some push-open servers, and the length of the period: each one alone, and all together.
    Servers(fn(&[ServerMeasurements], SimDuration) -> Option<f64>),
    /// Only all push-open servers together.
    AllServers(fn(&[ServerMeasurements], SimDuration) -> Option<f64>),
    /// Some data providers, and the length of the period: each one alone, and all together.
    Providers(fn(&[ConnectorMeasurements], SimDuration) -> Option<f64>),
}

impl Measure {
    /// The value for the whole network, all servers or all providers together; `None` if the counters do not determine it.
    #[must_use]
    pub fn evaluate(&self, measured: &Measurements) -> Option<f64> {
        match self.source {
            Source::Period(value) => value(measured),
            Source::AllServers(value) | Source::Servers(value) => value(&measured.servers, measured.period),
            Source::Providers(value) => value(&measured.connectors, measured.period),
        }
    }

    /// The value for one server or provider; `None` if the counters do not determine it, or it has none of its own.
    #[must_use]
    pub fn evaluate_of(&self, subject: &str, measured: &Measurements) -> Option<f64> {
        match self.source {
            Source::Servers(value) => {
                let server = measured.servers.iter().find(|server| server.instance == subject)?;
                value(std::slice::from_ref(server), measured.period)
            }
            Source::Providers(value) => {
                let provider = measured.connectors.iter().find(|provider| provider.provider == subject)?;
                value(std::slice::from_ref(provider), measured.period)
            }
            Source::Period(_) | Source::AllServers(_) => None,
        }
    }

    /// The name with the unit, as tables head the column of its values: `user_wait_p95_s`, `connector_calls_per_d`.
    #[must_use]
    pub fn column(&self) -> String {
        let unit = match self.unit {
            "1" => return self.name.to_owned(),
            "share" if self.name.ends_with("_share") => return self.name.to_owned(),
            "B/s" => "per_s".to_owned(),
            unit => unit.strip_prefix("1/").map_or(unit.to_owned(), |per| format!("per_{per}")),
        };
        format!("{}_{unit}", self.name)
    }
}

/// The measure of that name.
#[must_use]
pub fn find(name: &str) -> Option<Measure> {
    ALL.iter().copied().find(|measure| measure.name == name)
}

/// Declares measures as constants whose doc comment is also the definition that results carry, and lists them.
macro_rules! measures {
    ($(
        $(#[doc = $definition:literal])+
        $constant:ident: $name:literal, $unit:literal, $comparison:ident, $better:ident, $source:expr;
    )+) => {
        $(
            $(#[doc = $definition])+
            #[doc = ""]
            #[doc = concat!("Unit: ", $unit, ".")]
            pub const $constant: Measure = Measure {
                name: $name,
                unit: $unit,
                definition: concat!($($definition),+),
                comparison: Comparison::$comparison,
                better: Better::$better,
                source: $source,
            };
        )+

        /// All measures, in the order in which results list them.
        pub const ALL: &[Measure] = &[$($constant),+];
    };
}

measures! {
    /// Messages (requests, pushes, pings and synchronisations) that arrive at a push-open server; over several servers,
    /// the mean of a server.
    ARRIVALS: "server_arrivals", "1/s", Nothing, Neither,
        Source::Servers(|servers, period| mean_of(servers, |server| ratio(arrivals(server), period.as_secs_f64())));
    /// Most messages that arrive in one minute at a push-open server; over several servers, at the one
    /// with the most.
    PEAK_MINUTE: "server_peak_minute", "1/min", Nothing, Lower,
        Source::Servers(|servers, _| max_of(servers, |server| f64::from(server.peak_minute)));
    /// Most messages that arrive in one hour at a push-open server; over several servers, at the one
    /// with the most.
    PEAK_HOUR: "server_peak_hour", "1/h", Nothing, Lower,
        Source::Servers(|servers, _| max_of(servers, |server| f64::from(server.peak_hour)));
    /// Busy worker time of a push-open server over workers × period; over several servers, the mean.
    UTILISATION: "server_utilisation", "share", Nothing, Lower,
        Source::Servers(|servers, _| mean_of(servers, |server| Some(server.utilisation)));
    /// The highest utilisation of all push-open servers.
    UTILISATION_MAX: "server_utilisation_max", "share", Nothing, Lower,
        Source::AllServers(|servers, _| max_of(servers, |server| server.utilisation));
    /// Time-weighted mean number of messages that wait for a worker; over several servers, the mean of a
    /// server.
    QUEUE_LENGTH: "server_queue_length", "1", Nothing, Lower,
        Source::Servers(|servers, _| mean_of(servers, |server| Some(server.queue_length_mean)));
    /// Median time from arrival at a push-open server to the start of service, over all messages. Exact to 0.1 % plus 1 µs.
    QUEUE_WAIT_P50: "server_queue_wait_p50", "s", Nothing, Lower,
        Source::Servers(|servers, _| quantile(&merged(servers, |server| &server.queue_wait), 0.5));
    /// 95 % of messages wait at most so long from arrival to the start of service. Exact to 0.1 % plus 1 µs.
    QUEUE_WAIT_P95: "server_queue_wait_p95", "s", Nothing, Lower,
        Source::Servers(|servers, _| quantile(&merged(servers, |server| &server.queue_wait), 0.95));
    /// 99 % of messages wait at most so long from arrival to the start of service. Exact to 0.1 % plus 1 µs.
    QUEUE_WAIT_P99: "server_queue_wait_p99", "s", Nothing, Lower,
        Source::Servers(|servers, _| quantile(&merged(servers, |server| &server.queue_wait), 0.99));
    /// Median time from arrival at a push-open server to the end of service, over all messages. Exact to 0.1 % plus 1 µs.
    RESPONSE_P50: "server_response_p50", "s", Nothing, Lower,
        Source::Servers(|servers, _| quantile(&merged(servers, |server| &server.response), 0.5));
    /// 95 % of messages take at most so long from arrival to the end of service. Exact to 0.1 % plus 1 µs.
    RESPONSE_P95: "server_response_p95", "s", Nothing, Lower,
        Source::Servers(|servers, _| quantile(&merged(servers, |server| &server.response), 0.95));
    /// 99 % of messages take at most so long from arrival to the end of service. Exact to 0.1 % plus 1 µs.
    RESPONSE_P99: "server_response_p99", "s", Nothing, Lower,
        Source::Servers(|servers, _| quantile(&merged(servers, |server| &server.response), 0.99));
    /// Messages that push-open servers turn away, of all that they deal with; what still waits when the run ends is not among
    /// them.
    REFUSED_SHARE: "server_refused_share", "share", Nothing, Lower,
        Source::Servers(|servers, _| share_of(servers, |server| server.refused, |server| server.response.count()));
    /// Messages to push-open servers whose sender gives up, of all that are sent to them. Of those that are under way when the
    /// run ends nobody has given up yet.
    TIMED_OUT_SHARE: "server_timed_out_share", "share", Nothing, Lower,
        Source::Servers(|servers, _| share_of(servers, |server| server.timed_out, |server| server.sent));
    /// Messages that wait or are being served at push-open servers when the run ends.
    UNSERVED: "server_unserved", "1", Nothing, Lower,
        Source::Servers(|servers, _| Some(servers.iter().map(|server| server.unserved).sum::<u64>() as f64));
    /// 1 if the queue of a push-open server grows as long as one looks: it never becomes as short in the second half of the
    /// measured days as it once was in the first, be it at night or, if the period has any, on a weekend; else 0; over several
    /// servers, the share of those. Not known of a period shorter than two days.
    SATURATED_SHARE: "server_saturated_share", "share", Nothing, Lower,
        Source::Servers(|servers, _| saturation::saturated_share(servers));
    /// Prices in the answers of push-open servers, of all instruments in the requests that they answer; answers that get lost
    /// or come too late are among them.
    ANSWERED_SHARE: "server_answered_share", "share", Nothing, Higher,
        Source::Servers(|servers, _| {
            share_of(servers, |server| server.prices_answered, |server| server.instruments_asked)
        });
    /// Bytes that a push-open server receives in messages; over several servers, the mean of a server.
    BYTES_IN: "server_bytes_in", "B/s", Nothing, Neither,
        Source::Servers(|servers, period| {
            mean_of(servers, |server| ratio(server.bytes_in as f64, period.as_secs_f64()))
        });
    /// Bytes that a push-open server sends in replies; over several servers, the mean of a server.
    BYTES_OUT: "server_bytes_out", "B/s", Nothing, Neither,
        Source::Servers(|servers, period| {
            mean_of(servers, |server| ratio(server.bytes_out as f64, period.as_secs_f64()))
        });
    /// Instruments in the pool of a push-open server at the end; over several servers, the mean of a server.
    POOL_SIZE: "server_pool_size", "instruments", Nothing, Neither,
        Source::Servers(|servers, _| mean_of(servers, |server| Some(server.pool_size as f64)));
    /// Jain's fairness index of the messages that arrive at each push-open server: 1 if all get the same.
    ARRIVALS_FAIRNESS: "server_arrivals_fairness", "1", Nothing, Higher,
        Source::AllServers(|servers, _| jain_index(&servers.iter().map(arrivals).collect::<Vec<_>>()));
    /// Messages at the push-open server with the most, over the mean of all push-open servers.
    ARRIVALS_MAX_OVER_MEAN: "server_arrivals_max_over_mean", "1", Nothing, Lower,
        Source::AllServers(|servers, _| max_over_mean(&servers.iter().map(arrivals).collect::<Vec<_>>()));

    /// Calls of data providers by all instances.
    CONNECTOR_CALLS: "connector_calls", "1/d", Saving, Lower,
        Source::Providers(|providers, period| {
            per_day(providers.iter().map(ConnectorMeasurements::total_calls).sum(), period)
        });
    /// Calls of data providers that fail, of all that end before the run does; refused ones count as failed.
    CONNECTOR_FAILED_SHARE: "connector_failed_share", "share", Difference, Lower,
        Source::Providers(|providers, _| share_of(providers, |provider| provider.failed, |provider| provider.ended));
    /// Calls that exceed the rate limit of a data provider: refused, or held back.
    CONNECTOR_RATE_LIMITED: "connector_rate_limited", "1/d", Difference, Lower,
        Source::Providers(|providers, period| {
            per_day(providers.iter().map(|provider| provider.rate_limited).sum(), period)
        });
    /// Time for which a call is held back by the rate limit of a data provider, mean over all calls that are made; what is still
    /// held back when the run ends is not among them.
    CONNECTOR_HELD_BACK: "connector_held_back_mean", "s", Difference, Lower,
        Source::Providers(held_back_mean);

    /// Age of a price when the user sees it (time that its market has traded since), mean over all prices shown.
    PRICE_AGE_MEAN: "price_age_mean", "s", Difference, Lower,
        Source::Period(|measured| measured.price_age.mean_s());
    /// Median age of the prices that users see (time that their market has traded since). Exact to 0.1 % plus 1 µs.
    PRICE_AGE_P50: "price_age_p50", "s", Difference, Lower,
        Source::Period(|measured| quantile(&measured.price_age, 0.5));
    /// 95 % of the prices that users see are at most so old (time that their market has traded since). Exact to 0.1 % plus 1 µs.
    PRICE_AGE_P95: "price_age_p95", "s", Difference, Lower,
        Source::Period(|measured| quantile(&measured.price_age, 0.95));
    /// Prices of age 0 (below 1 µs), of all instruments shown: last prices of markets that have not traded since.
    AGE_ZERO_SHARE: "price_age_zero_share", "share", Difference, Neither,
        Source::Period(|measured| age_share_at_most(measured, SimDuration::ZERO));
    /// Prices not older than the freshness threshold (1,500 s if the policy has none), of all instruments shown.
    FRESH_SHARE: "price_fresh_share", "share", Difference, Higher,
        Source::Period(|measured| ratio(measured.prices_fresh as f64, shown(measured)));
    /// Instruments shown without any price, of all instruments shown.
    MISSING_SHARE: "price_missing_share", "share", Difference, Lower,
        Source::Period(|measured| ratio(measured.prices_missing as f64, shown(measured)));

    /// Visits whose result is not complete when the run ends, of all. They wait longer than is known, and count so in the
    /// quantiles of waiting; many of them mean that something is overloaded.
    VISITS_UNFINISHED_SHARE: "visit_unfinished_share", "share", Difference, Lower,
        Source::Period(|measured| ratio(measured.visits_unfinished as f64, measured.visits as f64));
    /// Median time from opening a watchlist to its last price, over all visits. Exact to 0.1 % plus 1 µs.
    USER_WAIT_P50: "user_wait_p50", "s", Difference, Lower,
        Source::Period(|measured| quantile(&measured.user_wait, 0.5));
    /// 95 % of visits last at most so long from opening the watchlist to its last price. Exact to 0.1 % plus 1 µs.
    USER_WAIT_P95: "user_wait_p95", "s", Difference, Lower,
        Source::Period(|measured| quantile(&measured.user_wait, 0.95));
    /// Watchlists that users open.
    VISITS: "visits", "1/d", Nothing, Neither,
        Source::Period(|measured| per_day(measured.visits, measured.period));
    /// Visits that start an exchange.
    EXCHANGES: "exchanges", "1/d", Nothing, Neither,
        Source::Period(|measured| per_day(measured.exchanges, measured.period));

    /// Instruments filled from the own pool or by a peer, of all instruments of exchanges that have shown their result.
    FILL_GTNET: "fill_gtnet_share", "share", Difference, Higher,
        Source::Period(|measured| {
            let sources = [FillSource::OwnPool, FillSource::PushOpen, FillSource::Open];
            sources.into_iter().map(|source| fill_share(measured, source)).sum()
        });
    /// Instruments filled from the own pool, of all instruments of exchanges that have shown their result.
    FILL_OWN_POOL: "fill_own_pool_share", "share", Difference, Neither,
        Source::Period(|measured| fill_share(measured, FillSource::OwnPool));
    /// Instruments filled by a push-open peer, of all instruments of exchanges that have shown their result.
    FILL_PUSH_OPEN: "fill_push_open_share", "share", Difference, Neither,
        Source::Period(|measured| fill_share(measured, FillSource::PushOpen));
    /// Instruments filled by an open peer, of all instruments of exchanges that have shown their result.
    FILL_OPEN: "fill_open_share", "share", Difference, Neither,
        Source::Period(|measured| fill_share(measured, FillSource::Open));
    /// Instruments for which a connector delivers, of all instruments of exchanges that have shown their result.
    FILL_CONNECTOR: "fill_connector_share", "share", Difference, Neither,
        Source::Period(|measured| fill_share(measured, FillSource::Connector));
    /// Instruments for which a connector is asked and fails, of all instruments of exchanges that have shown their result.
    FILL_CONNECTOR_FAILED: "fill_connector_failed_share", "share", Difference, Lower,
        Source::Period(|measured| fill_share(measured, FillSource::ConnectorFailed));
    /// Instruments for which no connector is asked and nobody else delivers, of all instruments of exchanges that have shown their result.
    FILL_NOT_TRIED: "fill_not_tried_share", "share", Difference, Lower,
        Source::Period(|measured| fill_share(measured, FillSource::NotTried));

    /// Pushes that instances send back to pools.
    PUSHES: "pushes", "1/d", Nothing, Neither,
        Source::Period(|measured| per_day(measured.push_back.pushes, measured.period));
    /// Prices that pools take over from pushes, of all prices in the pushes sent. It counts what pools take, also if the sender
    /// never learns of it; of pushes that get lost they take nothing.
    PUSHED_ACCEPTED_SHARE: "push_accepted_share", "share", Nothing, Higher,
        Source::Period(|measured| ratio(measured.push_back.accepted as f64, measured.push_back.prices as f64));
    /// Pushes that arrive and of which the pool takes over nothing, of all pushes sent, whether or not the sender learns of it.
    PUSHES_USELESS_SHARE: "push_useless_share", "share", Nothing, Lower,
        Source::Period(|measured| ratio(measured.push_back.useless as f64, measured.push_back.pushes as f64));
    /// Pushes that are refused or not acknowledged in time, of all pushes sent: lost on their way, or answered too late, or the
    /// answer is lost. From those that arrive pools take prices all the same.
    PUSHES_FAILED_SHARE: "push_failed_share", "share", Nothing, Lower,
        Source::Period(|measured| ratio(measured.push_back.failed as f64, measured.push_back.pushes as f64));
    /// Fills by push-open peers and own pools with a price that came into that very pool by a push, of all such fills.
    FILLS_FROM_PUSHES_SHARE: "fill_from_pushes_share", "share", Nothing, Neither,
        Source::Period(|measured| {
            let from_pools = measured.fills.own_pool + measured.fills.push_open;
            ratio(measured.push_back.fills_from_pushes as f64, from_pools as f64)
        });

    /// Messages that instances send.
    MESSAGES: "messages", "1/d", Nothing, Neither,
        Source::Period(|measured| per_day(measured.messages.sent, measured.period));
    /// Messages that their sender gives up, of all sent. Of those that are under way when the run ends nobody has given up yet.
    MESSAGES_TIMED_OUT_SHARE: "message_timed_out_share", "share", Nothing, Lower,
        Source::Period(|measured| ratio(measured.messages.timed_out as f64, measured.messages.sent as f64));
}

/// How an instrument of an exchange ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FillSource {
    /// Filled from the own pool.
    OwnPool,
    /// Filled by a push-open peer.
    PushOpen,
    /// Filled by an open peer.
    Open,
    /// A connector delivered.
    Connector,
    /// A connector was asked and failed.
    ConnectorFailed,
    /// No connector was asked.
    NotTried,
}

impl FillSource {
    /// All ends, the cheapest first.
    pub const ALL: [Self; 6] =
        [Self::OwnPool, Self::PushOpen, Self::Open, Self::Connector, Self::ConnectorFailed, Self::NotTried];

    /// The end as results write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OwnPool => "own-pool",
            Self::PushOpen => "push-open",
            Self::Open => "open",
            Self::Connector => "connector",
            Self::ConnectorFailed => "connector-failed",
            Self::NotTried => "not-tried",
        }
    }

    /// The measure of this end's share.
    #[must_use]
    pub const fn measure(self) -> Measure {
        match self {
            Self::OwnPool => FILL_OWN_POOL,
            Self::PushOpen => FILL_PUSH_OPEN,
            Self::Open => FILL_OPEN,
            Self::Connector => FILL_CONNECTOR,
            Self::ConnectorFailed => FILL_CONNECTOR_FAILED,
            Self::NotTried => FILL_NOT_TRIED,
        }
    }

    /// How many instruments of exchanges ended so.
    #[must_use]
    pub const fn count(self, fills: &FillCounts) -> u64 {
        match self {
            Self::OwnPool => fills.own_pool,
            Self::PushOpen => fills.push_open,
            Self::Open => fills.open,
            Self::Connector => fills.connector,
            Self::ConnectorFailed => fills.connector_failed,
            Self::NotTried => fills.not_tried,
        }
    }
}

/// The share of instruments of exchanges that ended so; `None` if no exchange had an instrument.
#[must_use]
pub fn fill_share(measured: &Measurements, source: FillSource) -> Option<f64> {
    let all: u64 = FillSource::ALL.iter().map(|each| each.count(&measured.fills)).sum();
    ratio(source.count(&measured.fills) as f64, all as f64)
}

/// The `q`-quantile \[s\]; `None` if fewer than one of the values is expected beyond it, or if it is not known, as so many
/// had not ended when the run did.
#[must_use]
pub fn quantile(histogram: &LogHistogram, q: f64) -> Option<f64> {
    let beyond = (histogram.count() + histogram.unfinished()) as f64 * (1.0 - q);
    (beyond >= 1.0).then(|| histogram.quantile_s(q)).flatten()
}

/// The share of all instruments shown whose price is at most `limit` old; `None` if none was shown.
#[must_use]
pub fn age_share_at_most(measured: &Measurements, limit: SimDuration) -> Option<f64> {
    let young = measured.price_age.share_at_most(limit).unwrap_or(0.0) * measured.price_age.count() as f64;
    ratio(young, shown(measured))
}

/// Instruments shown, with a price or without.
fn shown(measured: &Measurements) -> f64 {
    (measured.price_age.count() + measured.prices_missing) as f64
}

fn arrivals(server: &ServerMeasurements) -> f64 {
    (server.requests + server.pushes + server.housekeeping) as f64
}

fn held_back_mean(providers: &[ConnectorMeasurements], _period: SimDuration) -> Option<f64> {
    let held_back: f64 = providers.iter().map(|provider| provider.held_back_s).sum();
    let calls: u64 = providers.iter().map(ConnectorMeasurements::total_calls).sum();
    ratio(held_back, calls as f64)
}

fn per_day(count: u64, period: SimDuration) -> Option<f64> {
    ratio(count as f64 * 86_400.0, period.as_secs_f64())
}

fn share_of<T>(items: &[T], part: fn(&T) -> u64, whole: fn(&T) -> u64) -> Option<f64> {
    let (part, whole): (u64, u64) = (items.iter().map(part).sum(), items.iter().map(whole).sum());
    ratio(part as f64, whole as f64)
}

fn ratio(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole)
}

fn mean_of<T>(items: &[T], value: impl Fn(&T) -> Option<f64>) -> Option<f64> {
    let values = items.iter().map(value).collect::<Option<Vec<f64>>>()?;
    ratio(values.iter().sum(), values.len() as f64)
}

fn max_of<T>(items: &[T], value: impl Fn(&T) -> f64) -> Option<f64> {
    items.iter().map(value).reduce(f64::max)
}

fn merged<T>(items: &[T], histogram: fn(&T) -> &LogHistogram) -> LogHistogram {
    let mut all = LogHistogram::new();
    for item in items {
        all.merge(histogram(item));
    }
    all
}
