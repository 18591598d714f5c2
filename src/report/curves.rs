//! Curves: shares by age or waiting time, and load by time of day; each point is an estimate over the replications.

use std::collections::BTreeSet;

use crate::inference::{Quantity, Subject, mean, near};
use crate::measures::{MeasureId, PRICE_AGE_P50, USER_WAIT_P50, age_share_at_most};
use crate::metrics::{LOAD_INTERVAL, Measurements, ServerMeasurements};
use crate::record::ReplicationRecord;
use crate::stats::{Estimate, quantile};
use crate::time::{SimDuration, Timestamp};

use super::evidence::{PointEvidence, Side};
use super::server_kind::ServerKind;

/// A cumulative distribution: the share of values up to each limit.
#[derive(Clone, Debug)]
pub(super) struct CumulativeShare {
    /// Whose share it is: that of the run with `GTNet` or without.
    pub(super) side: Side,
    /// Limits in ascending order, each with the share of values up to it; `None` where that share has no mean.
    pub(super) points: Vec<(SimDuration, Option<Estimate>)>,
}

/// The mean arrivals at one server by time of day; of very many servers, what a share of them gets at most.
#[derive(Clone, Debug)]
pub(super) struct DailyLoad {
    /// Name of the server, or of the share.
    pub(super) server: String,
    /// For each interval of [`LOAD_INTERVAL`] the time of day at which it begins (UTC, ascending) \[h\], and the
    /// requests and pushes that arrive in it \[1/s\], averaged over the days of the measured period.
    pub(super) points: Vec<(f64, Option<Estimate>)>,
}

/// How old the prices are that users see: of all instruments shown, the share whose price is at most so old.
///
/// The limits run from 1 s to 7 d. The last share is below 1 if instruments were shown without a price.
pub(super) fn price_age(point: &PointEvidence<'_>) -> Vec<CumulativeShare> {
    let mut limits = limits(SimDuration::from_secs(1), SimDuration::from_days(7));
    limits.insert(point.facts.fresh_within);
    cumulative_shares(point, &limits, PRICE_AGE_P50, age_share_at_most)
}

/// How long users wait: of all visits, the share that have their last price after at most so long.
///
/// The limits run from 1 ms to 10 min.
pub(super) fn user_wait(point: &PointEvidence<'_>) -> Vec<CumulativeShare> {
    let limits = limits(SimDuration::from_millis(1), SimDuration::from_secs(600));
    let share = |measured: &Measurements, limit| measured.user_wait.share_at_most(limit);
    cumulative_shares(point, &limits, USER_WAIT_P50, share)
}

/// Of very many servers it is told what these shares of them get at most at each time of day, in this order.
pub(super) const SHARES_OF_SERVERS: [(&str, f64); 4] =
    [("5 % of servers", 0.05), ("50 % of servers", 0.5), ("95 % of servers", 0.95), ("100 % of servers", 1.0)];

/// The load of each server of a kind over the time of day; of very many, of shares of them.
pub(super) fn server_load<'p>(point: &'p PointEvidence<'_>, kind: ServerKind) -> Vec<DailyLoad> {
    let Some(first) = point.measured.first() else {
        return Vec::new();
    };
    let (period, from) = (first.measured.period, point.facts.measured_from);
    let mut slots: Vec<(u64, u64)> =
        (0..intervals(period).min(INTERVALS_PER_DAY)).map(|slot| (nanos_of_day(from, slot), slot)).collect();
    slots.sort_unstable();

    let load = |(place, server): (usize, &str)| {
        // Found once for all slots, where it is expected if all replications have the same servers.
        let find = |measured: &'p Measurements| near(kind.measured(measured), place, |each| each.instance == server);
        let found: Vec<Option<&ServerMeasurements>> = point.measured.iter().map(|one| find(&one.measured)).collect();
        let in_slot = |&(nanos, slot): &(u64, u64)| {
            let rates = found.iter().zip(point.measured).map(|(server, replication)| {
                server.and_then(|server| arrivals_per_s(server, slot, replication.measured.period))
            });
            let mean = mean(&rates.collect::<Vec<_>>()).counted();
            (SimDuration::from_nanos(nanos).as_secs_f64() / 3_600.0, mean)
        };
        DailyLoad { server: server.to_owned(), points: slots.iter().map(in_slot).collect() }
    };
    if kind.are_many(&point.observations) {
        return of_shares(point, kind, &slots);
    }
    kind.subjects(&point.observations).into_iter().map(Subject::name).enumerate().map(load).collect()
}

/// What each of [`SHARES_OF_SERVERS`] gets at most in slots of the day, which are not the same servers all day.
fn of_shares(point: &PointEvidence<'_>, kind: ServerKind, slots: &[(u64, u64)]) -> Vec<DailyLoad> {
    let of_share = |(name, _): (&str, f64)| DailyLoad { server: name.to_owned(), points: Vec::new() };
    let mut loads = SHARES_OF_SERVERS.map(of_share);
    for &(nanos, slot) in slots {
        let sorted = |replication: &ReplicationRecord| {
            let Measurements { period, .. } = replication.measured;
            let servers = kind.measured(&replication.measured).iter();
            let mut rates: Vec<f64> = servers.filter_map(|server| arrivals_per_s(server, slot, period)).collect();
            rates.sort_unstable_by(f64::total_cmp);
            rates
        };
        let of_runs: Vec<Vec<f64>> = point.measured.iter().map(sorted).collect();
        for (load, (_, share)) in loads.iter_mut().zip(SHARES_OF_SERVERS) {
            let rates: Vec<Option<f64>> = of_runs.iter().map(|rates| quantile(rates, share)).collect();
            let hour = SimDuration::from_nanos(nanos).as_secs_f64() / 3_600.0;
            load.points.push((hour, mean(&rates).counted()));
        }
    }
    loads.into()
}

const NANOS_PER_DAY: u64 = SimDuration::from_days(1).as_nanos();
const INTERVALS_PER_DAY: u64 = NANOS_PER_DAY / LOAD_INTERVAL.as_nanos();

/// Number of load intervals that a period touches.
fn intervals(period: SimDuration) -> u64 {
    period.as_nanos().div_ceil(LOAD_INTERVAL.as_nanos())
}

/// Time since midnight UTC at which the `slot`-th interval of the measured period begins \[ns\].
fn nanos_of_day(measured_from: Timestamp, slot: u64) -> u64 {
    let start = measured_from.as_unix_nanos().rem_euclid(i64::try_from(NANOS_PER_DAY).expect("a day fits"));
    let start = u64::try_from(start).expect("a remainder is not negative");
    (start + slot * LOAD_INTERVAL.as_nanos()) % NANOS_PER_DAY
}

/// Arrivals per second in the `slot`-th interval of each day: all arrivals over the total length of these intervals, of
/// which the last may be shorter.
fn arrivals_per_s(server: &ServerMeasurements, slot: u64, period: SimDuration) -> Option<f64> {
    let (mut arrivals, mut time) = (0_u64, SimDuration::ZERO);
    let mut interval = slot;
    while interval < intervals(period) {
        let index = usize::try_from(interval).expect("a period has few intervals");
        arrivals += u64::from(server.arrivals.get(index).copied().unwrap_or(0));
        time += LOAD_INTERVAL.min(period - LOAD_INTERVAL * interval);
        interval += INTERVALS_PER_DAY;
    }
    (!time.is_zero()).then(|| arrivals as f64 / time.as_secs_f64())
}

/// The cumulative shares of each run. Where the measure `like` has no mean, they have none either.
fn cumulative_shares(
    point: &PointEvidence<'_>,
    limits: &BTreeSet<SimDuration>,
    like: MeasureId,
    share: fn(&Measurements, SimDuration) -> Option<f64>,
) -> Vec<CumulativeShare> {
    let curve = |side: Side| {
        let runs = || point.runs().filter(|(_, contrast, _)| *contrast == side.contrast);
        let is_cut_off = Quantity::of_network(like, side.contrast).is_cut_off(&point.observations);
        let at = |&limit: &SimDuration| {
            let shares: Vec<_> = runs().map(|(_, _, measured)| share(measured, limit)).collect();
            (limit, mean(&shares).known().filter(|_| !is_cut_off))
        };
        runs().next().is_some().then(|| CumulativeShare { side, points: limits.iter().map(at).collect() })
    };
    point.sides().filter_map(curve).collect()
}

/// Twenty limits for each power of ten (Renard's series R20 with round numbers), and the limits in which people think.
fn limits(from: SimDuration, to: SimDuration) -> BTreeSet<SimDuration> {
    const R20: [u64; 20] =
        [100, 112, 125, 140, 160, 180, 200, 224, 250, 280, 315, 355, 400, 450, 500, 560, 630, 710, 800, 900];
    const HUMAN_S: [u64; 12] = [15, 30, 60, 120, 300, 600, 1_200, 1_500, 3_600, 14_400, 86_400, 604_800];
    let mut limits: BTreeSet<SimDuration> = HUMAN_S.into_iter().map(SimDuration::from_secs).collect();
    let mut decade = SimDuration::from_micros(10);
    while decade * 100 <= to {
        limits.extend(R20.map(|factor| decade * factor));
        decade = decade * 10;
    }
    limits.retain(|limit| (from..=to).contains(limit));
    limits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::evidence::Evidence;
    use crate::report::support::RecordBuilder;

    #[test]
    fn limits_are_round_and_within_their_range() {
        let limits = limits(SimDuration::from_secs(1), SimDuration::from_days(7));
        assert_eq!(limits.first(), Some(&SimDuration::from_secs(1)));
        assert_eq!(limits.last(), Some(&SimDuration::from_days(7)));
        assert!(limits.contains(&SimDuration::from_secs(1_500)));
        assert!(limits.len() > 100, "{}", limits.len());
    }

    #[test]
    fn load_is_averaged_over_days_and_sorted_by_time_of_day() {
        let mut record = RecordBuilder::new().replications(1).build();
        // The period goes from noon to noon and six minutes more: the last interval is short, and noon comes twice.
        record.facts.measured_from = Timestamp::from_unix_secs(12 * 3_600);
        let measured = &mut record.replications[0].measured;
        measured.period = SimDuration::from_secs(86_400 + 360);
        measured.servers.truncate(1);
        measured.servers[0].arrivals = vec![0; 97];
        measured.servers[0].arrivals[0] = 90;
        measured.servers[0].arrivals[96] = 36;
        measured.servers[0].arrivals[95] = 9;

        let load = server_load(&Evidence::from(&record).points[0], ServerKind::PushOpen);
        let mean = |hour: f64| {
            let point = load[0].points.iter().find(|(each, _)| (each - hour).abs() < 1e-9);
            point.and_then(|(_, estimate)| *estimate).expect("a point").mean
        };
        assert_eq!(load[0].points.len(), 96);
        assert!(load[0].points.is_sorted_by(|a, b| a.0 < b.0));
        assert!((mean(12.0) - 0.1).abs() < 1e-12);
        assert!((mean(11.75) - 0.01).abs() < 1e-12);
        assert!(mean(0.0).abs() < 1e-12);
    }
}
