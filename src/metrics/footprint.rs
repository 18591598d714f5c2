//! Estimates the memory that measuring takes: during a run, and for what is kept of the run afterwards.

use crate::time::SimDuration;

use super::DayMeasurements;
use super::fault_effects::TimelineEntry;
use super::measurements::{InstanceMeasurements, LOAD_INTERVAL, Measurements, QUEUE_INTERVAL, ServerMeasurements};
use super::visit_log::{IntervalCounts, TIMELINE_INTERVAL, VisitLog};

/// A histogram of many durations while it counts \[bytes\]. It has 40,000 intervals, most of which are never touched.
const HISTOGRAM: f64 = 160e3;

/// Of so many intervals that hold any duration it becomes such a histogram; until then each takes so many bytes, and as many more
/// while others are sorted in.
const FEW_INTERVALS: f64 = 4_096.0;
const OF_INTERVAL: f64 = 2.0 * 18.0;

/// Intervals of a histogram of many durations that hold any. Of the intervals between a second and a day, these are hardly more than
/// half.
const HELD_INTERVALS: f64 = 8_000.0;

/// What an interval takes in a compact histogram \[bytes\].
const OF_COMPACT_INTERVAL: f64 = 2.0;

/// A packed histogram of many durations \[bytes\], and the part of it that each of the first durations takes \[bytes\].
const PACKED_HISTOGRAM: f64 = 8_000.0 * PACKED_DURATION;
const PACKED_DURATION: f64 = 2.0;

/// A name with its allocation \[bytes\].
const NAME: f64 = 32.0;

/// A page of memory \[bytes\]. A long list of zeros takes memory only for those pages in which something is counted.
const PAGE: f64 = 4_096.0;

/// Memory that a [`Collector`](super::Collector) takes while it measures a `period` \[bytes\]. The world has this many
/// `instances`; `servers` of them have their load measured, and get this many `messages` in all.
#[must_use]
pub(crate) fn bytes_while_measuring(period: SimDuration, (instances, servers): (f64, f64), messages: f64) -> f64 {
    let minutes = period.as_secs_f64() / 60.0;
    let of_server = if servers > 0.0 { messages / servers } else { 0.0 };
    let server = 2.0 * counting(of_server)
        + (4.0 * minutes).min(PAGE * of_server)
        + of_intervals(period)
        + size_of::<ServerMeasurements>() as f64;
    3.0 * HISTOGRAM + servers * server + instances * of_instance() + of_days(period)
}

/// Memory of the [`Measurements`] of such a world \[bytes\], if its users made so many `visits` and saw so many
/// instruments (`shown`), and its servers got so many `messages`.
#[must_use]
pub(crate) fn bytes_of_measurements(
    period: SimDuration,
    (instances, servers): (f64, f64),
    (visits, shown, messages): (f64, f64, f64),
) -> f64 {
    let compact = |durations: f64| OF_COMPACT_INTERVAL * held_intervals(durations);
    let of_server = if servers > 0.0 { messages / servers } else { 0.0 };
    let server = of_intervals(period) + size_of::<ServerMeasurements>() as f64 + NAME + 2.0 * compact(of_server);
    let durations = compact(visits) + 2.0 * compact(shown);
    size_of::<Measurements>() as f64 + instances * of_instance() + servers * server + durations + of_days(period)
}

/// Memory for the calls of so many `keys` by day, while a `period` is measured \[bytes\].
#[must_use]
pub(crate) fn bytes_while_counting_calls(period: SimDuration, keys: f64) -> f64 {
    4.0 * keys * (period.as_secs_f64() / 86_400.0).max(1.0).ceil()
}

/// Memory of the packed histograms that a study keeps of such a world \[bytes\].
#[must_use]
pub(crate) fn bytes_of_packed_histograms((visits, shown, messages): (f64, f64, f64)) -> f64 {
    let packed = |durations: f64| PACKED_HISTOGRAM * -libm::expm1(-durations * PACKED_DURATION / PACKED_HISTOGRAM);
    packed(visits) + 2.0 * packed(shown) + 2.0 * packed(messages)
}

/// Memory of the [`VisitLog`]s of a run of length `duration` with so many `visits`, and of its twin \[bytes\]. A list that grows has
/// up to twice the room that it needs.
#[must_use]
pub(crate) fn bytes_while_comparing(duration: SimDuration, visits: f64) -> f64 {
    let interval = size_of::<IntervalCounts>() as f64;
    2.0 * (2.0 * visits * VisitLog::BYTES_OF_VISIT as f64 + interval * timeline_entries(duration))
}

/// Memory of the [`FaultEffects`](super::FaultEffects) of a run of length `duration` \[bytes\].
#[must_use]
pub(crate) fn bytes_of_fault_effects(duration: SimDuration) -> f64 {
    timeline_entries(duration) * size_of::<TimelineEntry>() as f64
}

/// Memory of a histogram that has counted so many durations \[bytes\].
fn counting(durations: f64) -> f64 {
    let held = held_intervals(durations);
    if held > FEW_INTERVALS { HISTOGRAM } else { OF_INTERVAL * held }
}

/// In how many intervals so many durations lie: at most as many.
fn held_intervals(durations: f64) -> f64 {
    HELD_INTERVALS * -libm::expm1(-durations / HELD_INTERVALS)
}

fn timeline_entries(duration: SimDuration) -> f64 {
    duration.as_secs_f64() / TIMELINE_INTERVAL.as_secs_f64()
}

fn of_instance() -> f64 {
    size_of::<InstanceMeasurements>() as f64 + NAME
}

fn of_days(period: SimDuration) -> f64 {
    size_of::<DayMeasurements>() as f64 * period.as_secs_f64() / 86_400.0
}

fn of_intervals(period: SimDuration) -> f64 {
    let count = |interval: SimDuration| period.as_secs_f64() / interval.as_secs_f64();
    // Of a load interval also the change of the rows that are stored.
    12.0 * count(LOAD_INTERVAL) + 4.0 * count(QUEUE_INTERVAL)
}
