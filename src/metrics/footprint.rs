//! What measuring takes: while a run goes on, and what is kept of it afterwards.

use crate::time::SimDuration;

use super::measurements::{InstanceMeasurements, LOAD_INTERVAL, Measurements, QUEUE_INTERVAL, ServerMeasurements};

/// A histogram while it counts \[bytes\]: 40,000 intervals, most of which are never touched.
const HISTOGRAM: f64 = 160e3;

/// A histogram that has counted many durations, once it is compact: of the intervals between a second and a day hardly more
/// than half hold anything \[bytes\].
const COMPACT_HISTOGRAM: f64 = 8_000.0 * 24.0;

/// A packed histogram that has counted many durations, and what each of the first ones takes \[bytes\].
const PACKED_HISTOGRAM: f64 = 8_000.0 * PACKED_DURATION;
const PACKED_DURATION: f64 = 2.0;

/// A name with its allocation \[bytes\].
const NAME: f64 = 32.0;

/// A page: of a long list of zeros only those pages take memory that something is counted in \[bytes\].
const PAGE: f64 = 4_096.0;

/// Memory that a [`Collector`](super::Collector) takes while it measures a period of a world of `instances`, of which
/// `servers` have their load measured and get so many `messages` together \[bytes\].
#[must_use]
pub fn bytes_while_measuring(period: SimDuration, (instances, servers): (f64, f64), messages: f64) -> f64 {
    let minutes = period.as_secs_f64() / 60.0;
    let of_server = if servers > 0.0 { messages / servers } else { 0.0 };
    let server = 2.0 * HISTOGRAM
        + (4.0 * minutes).min(PAGE * of_server)
        + of_intervals(period)
        + size_of::<ServerMeasurements>() as f64;
    2.0 * HISTOGRAM + servers * server + instances * of_instance()
}

/// Memory of the [`Measurements`] of such a world that `visits` visits have been made to, with so many instruments `shown`
/// and so many `messages` \[bytes\].
#[must_use]
pub fn bytes_of_measurements(
    period: SimDuration,
    (instances, servers): (f64, f64),
    (visits, shown, messages): (f64, f64, f64),
) -> f64 {
    // A histogram has no more intervals than durations.
    let compact = |durations: f64| COMPACT_HISTOGRAM * -libm::expm1(-durations * 24.0 / COMPACT_HISTOGRAM);
    let of_server = if servers > 0.0 { messages / servers } else { 0.0 };
    let server = of_intervals(period) + size_of::<ServerMeasurements>() as f64 + NAME + 2.0 * compact(of_server);
    size_of::<Measurements>() as f64 + instances * of_instance() + servers * server + compact(visits) + compact(shown)
}

/// Memory of the histograms of such a world that a study keeps, packed \[bytes\].
#[must_use]
pub fn bytes_of_packed_histograms((visits, shown, messages): (f64, f64, f64)) -> f64 {
    let packed = |durations: f64| PACKED_HISTOGRAM * -libm::expm1(-durations * PACKED_DURATION / PACKED_HISTOGRAM);
    packed(visits) + packed(shown) + 2.0 * packed(messages)
}

fn of_instance() -> f64 {
    size_of::<InstanceMeasurements>() as f64 + NAME
}

fn of_intervals(period: SimDuration) -> f64 {
    let count = |interval: SimDuration| period.as_secs_f64() / interval.as_secs_f64();
    4.0 * (count(LOAD_INTERVAL) + count(QUEUE_INTERVAL))
}
