//! The formulas that measures have in common; whatever has no divisor has no value.

use crate::metrics::{AgeSums, ConnectorMeasurements, LogHistogram, Measurements, ServerMeasurements, StaleCause};
use crate::time::SimDuration;

use super::FillSource;

/// The share of instruments of exchanges that ended this way; `None` if no exchange had an instrument.
#[must_use]
pub fn fill_share(measured: &Measurements, source: FillSource) -> Option<f64> {
    let all: u64 = FillSource::ALL.iter().map(|each| each.count(&measured.fills)).sum();
    ratio(source.count(&measured.fills) as f64, all as f64)
}

/// The share of all instruments shown whose price is too old for this cause; `None` if nothing is shown.
#[must_use]
pub fn stale_share(measured: &Measurements, cause: StaleCause) -> Option<f64> {
    ratio(measured.prices_stale[cause as usize] as f64, shown(measured))
}

/// The `q`-quantile in the unit of the histogram. `None` if less than one value is expected beyond it. `None` also if it lies among the
/// durations that had not ended when the run did.
#[must_use]
pub fn quantile(histogram: &LogHistogram, q: f64) -> Option<f64> {
    let beyond = (histogram.count() + histogram.unfinished()) as f64 * (1.0 - q);
    (beyond >= 1.0).then(|| histogram.quantile_s(q)).flatten()
}

/// Of all instruments shown, the share whose price is at most `limit` old; `None` if none was shown.
#[must_use]
pub fn age_share_at_most(measured: &Measurements, limit: SimDuration) -> Option<f64> {
    let young = measured.price_age.share_at_most(limit).unwrap_or(0.0) * measured.price_age.count() as f64;
    ratio(young, shown(measured))
}

/// The share of so many false prices of all instruments shown.
pub(super) fn false_share(measured: &Measurements, count: u64) -> Option<f64> {
    ratio(count as f64, shown(measured))
}

/// Instruments shown, with a price or without.
pub(super) fn shown(measured: &Measurements) -> f64 {
    (measured.price_age.count() + measured.prices_missing) as f64
}

pub(super) fn arrivals(server: &ServerMeasurements) -> f64 {
    (server.requests + server.pushes + server.housekeeping + server.histories) as f64
}

/// Messages that were turned away, of all that were dealt with.
pub(super) fn refused_share(servers: &[ServerMeasurements], _period: SimDuration) -> Option<f64> {
    let ended = |server: &ServerMeasurements| server.response.count() + server.waited_out;
    share_of(servers, |server| server.refused + server.waited_out, ended)
}

/// The age of the prices shown that come from these providers.
pub(super) fn age_of(providers: &[ConnectorMeasurements]) -> AgeSums {
    providers.iter().map(|provider| &provider.age).sum()
}

pub(super) fn held_back_mean(providers: &[ConnectorMeasurements], _period: SimDuration) -> Option<f64> {
    let held_back: f64 = providers.iter().map(|provider| provider.held_back_s).sum();
    let calls: u64 = providers.iter().map(ConnectorMeasurements::total_calls).sum();
    ratio(held_back, calls as f64)
}

pub(super) fn per_day(count: u64, period: SimDuration) -> Option<f64> {
    ratio(count as f64 * 86_400.0, period.as_secs_f64())
}

pub(super) fn share_of<T>(items: &[T], part: fn(&T) -> u64, whole: fn(&T) -> u64) -> Option<f64> {
    let (part, whole): (u64, u64) = (items.iter().map(part).sum(), items.iter().map(whole).sum());
    ratio(part as f64, whole as f64)
}

pub(super) fn ratio(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole)
}

pub(super) fn mean_of<T>(items: &[T], value: impl Fn(&T) -> Option<f64>) -> Option<f64> {
    let values = items.iter().map(value).collect::<Option<Vec<f64>>>()?;
    ratio(values.iter().sum(), values.len() as f64)
}

pub(super) fn max_of<T>(items: &[T], value: impl Fn(&T) -> f64) -> Option<f64> {
    items.iter().map(value).reduce(f64::max)
}
