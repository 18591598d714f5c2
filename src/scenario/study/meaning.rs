//! What a scenario means: two that mean the same have the same digest, in whatever words they are written, and would give
//! the same results twice.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};

use sha2::{Digest, Sha256};

use crate::model::config::{
    ChurnConfig, ConnectorConfig, Discipline, FaultConfig, FaultTimes, GroupConfig, InstrumentsConfig, MarketConfig,
    NetworkConfig, PeerSelection, PeeringConfig, RttConfig, ServiceShape, ShiftedLognormal, VisitsConfig, WorldConfig,
};
use crate::random::Distribution;
use crate::scenario::range::rounded;
use crate::scenario::validated::Scenario;
use crate::time::civil::Zone;
use crate::time::{SimDuration, Timestamp};

/// Digest of what a scenario means, its name, its question and the number of replications apart.
pub(super) fn digest(scenario: &Scenario) -> [u8; 32] {
    let mut digest = Writer(Sha256::new());
    write(&mut digest, scenario.seed(), scenario.world()).expect("a digest takes everything");
    digest.0.finalize().into()
}

/// Digests what is written.
struct Writer(Sha256);

impl fmt::Write for Writer {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.update(text.as_bytes());
        Ok(())
    }
}

/// Every field is named, so that none can be forgotten.
fn write(out: &mut Writer, seed: u64, world: &WorldConfig) -> fmt::Result {
    let WorldConfig {
        start,
        duration,
        warmup,
        topology,
        policy,
        watchlist_timeout,
        instruments,
        markets,
        network,
        connectors,
        groups,
        peerings,
        faults,
    } = world;
    write!(out, "{seed} {:?}", (start, duration, warmup, topology, policy, watchlist_timeout))?;
    let InstrumentsConfig {
        securities,
        currency_pairs,
        currency_pair_share,
        zipf_exponent,
        security_markets,
        currency_market,
        security_volatility,
        currency_volatility,
    } = instruments;
    let shares = ratios(security_markets.iter().map(|(_, weight)| *weight));
    let security_markets: BTreeMap<usize, f64> = security_markets.iter().map(|(at, _)| *at).zip(shares).collect();
    let currency_market = (*currency_pairs > 0).then_some(*currency_market);
    write!(out, "{:?}", (securities, currency_pairs, currency_pair_share, zipf_exponent))?;
    let faults: Vec<FaultConfig> = faults.iter().map(canonical_fault).collect();
    write!(out, "{:?}", (security_volatility, currency_volatility, faults))?;
    // Markets by name, and only those that somebody asks about: their numbers depend on what else is listed.
    let traded: BTreeSet<usize> = security_markets.keys().copied().chain(currency_market).collect();
    for at in traded {
        let weight = security_markets.get(&at);
        let MarketConfig { mic, zone, hours } = &markets[at];
        write!(out, "{mic} {:?} {hours:?} {weight:?} {}", time_in(zone, world), currency_market == Some(at))?;
    }
    write_network(out, network)?;
    let weights = ratios(connectors.iter().map(|connector| connector.weight));
    for (connector, weight) in connectors.iter().zip(weights) {
        let ConnectorConfig { id, serves, weight: _, delay, latency, failure, stamp, rate_limit, plans } = connector;
        // A share of 0 means the same as no share.
        let shares = serves.iter().filter(|(_, share)| *share > 0.0);
        let shares: Vec<(&str, f64)> = shares.map(|(at, share)| (markets[*at].mic.as_str(), *share)).collect();
        let latency = canonical(latency);
        write!(out, "{:?}", (id, shares, weight, delay, latency, failure, stamp, rate_limit, plans))?;
    }
    groups.iter().try_for_each(|group| write_group(out, group, world))?;
    peerings.iter().try_for_each(|peering| write_peering(out, peering, groups))
}

fn write_network(out: &mut Writer, network: &NetworkConfig) -> fmt::Result {
    let NetworkConfig {
        rtt,
        pair_share,
        loss,
        connection_setup_rtts,
        timeout,
        message_base_bytes,
        message_instrument_bytes,
        history_days,
    } = network;
    match rtt {
        RttConfig::Anywhere(rtt) => write!(out, "{:?}", without_spread(*rtt))?,
        RttConfig::Country(pairs) => {
            pairs.iter().try_for_each(|pair| write!(out, "{:?} {:?}", pair.countries, without_spread(pair.rtt)))?;
        }
    }
    let sizes = (message_base_bytes, message_instrument_bytes, history_days);
    write!(out, "{:?}", (pair_share, loss, connection_setup_rtts, timeout, sizes))
}

fn write_group(out: &mut Writer, group: &GroupConfig, world: &WorldConfig) -> fmt::Result {
    let GroupConfig {
        name,
        count,
        mode,
        gtnet,
        countries,
        cores,
        workers,
        max_wait,
        service,
        clock,
        users,
        watchlist,
        visits,
        receive,
        send,
        churn,
        policy,
        price,
    } = group;
    let shares = ratios(countries.iter().map(|(_, weight)| *weight));
    let countries: Vec<(&String, f64)> = countries.iter().map(|(country, _)| country).zip(shares).collect();
    let shape = match service.shape {
        ServiceShape::Lognormal { sigma: 0.0 } => ServiceShape::Constant,
        shape => shape,
    };
    write!(out, "{:?}", (name, count, mode, gtnet, countries, cores, workers, max_wait))?;
    write!(out, "{:?}", (service.base, service.per_instrument, shape, users, receive, send))?;
    write!(out, "{:?}", (canonical(&clock.offset_s), canonical(&clock.drift_ppm), clock.resolution))?;
    let discipline = clock
        .discipline
        .as_ref()
        .map(|Discipline { every, residual_s }| Discipline { every: *every, residual_s: canonical(residual_s) });
    // If all are there from the start and nobody leaves, nobody joins.
    let churn = churn.as_ref().filter(|churn| churn.present < *count || churn.stays_s.is_some());
    let churn = churn.map(|churn| ChurnConfig { stays_s: churn.stays_s.as_ref().map(canonical), ..churn.clone() });
    let policy = policy.as_deref().filter(|policy| **policy != world.policy);
    write!(out, "{:?}", (discipline, churn, policy, price))?;
    write!(out, "{:?}", (canonical(&watchlist.instruments), watchlist.per_user))?;
    if let Some(VisitsConfig { per_day, hourly, weekend, zone }) = visits {
        let hourly = ratios(hourly.iter().copied());
        write!(out, "{:?}", (per_day, hourly, weekend, time_in(zone, world)))?;
    }
    Ok(())
}

fn canonical_fault(fault: &FaultConfig) -> FaultConfig {
    let times = match &fault.times {
        FaultTimes::Random { between_s, lasts_s } => {
            FaultTimes::Random { between_s: canonical(between_s), lasts_s: canonical(lasts_s) }
        }
        set @ FaultTimes::Set(_) => set.clone(),
    };
    FaultConfig { times, ..fault.clone() }
}

fn write_peering(out: &mut Writer, peering: &PeeringConfig, groups: &[GroupConfig]) -> fmt::Result {
    let PeeringConfig { from, to, select, priority, granted } = peering;
    let (asking, own) = (u64::from(groups[*from].count), u64::from(from == to));
    let available = u64::from(groups[*to].count) - own;
    let is_all = match select {
        PeerSelection::All => true,
        PeerSelection::Random(count) | PeerSelection::Nearest(count) | PeerSelection::InTurn(count) => {
            u64::from(*count) >= available
        }
        PeerSelection::Edges(edges) => edges.len() as u64 == asking * available,
    };
    let select = if is_all { &PeerSelection::All } else { select };
    write!(out, "{:?}", (from, to, select, priority, granted))
}

/// A time zone by what its clocks show during the run, and on the days around it.
fn time_in(zone: &Zone, world: &WorldConfig) -> Vec<(Timestamp, i32)> {
    let around = SimDuration::from_days(2);
    zone.offsets(world.start - around, world.start + world.duration + around)
}

/// Weights as shares, as only their ratios count. They are rounded, but far finer than anybody writes them.
fn ratios(weights: impl Iterator<Item = f64> + Clone) -> Vec<f64> {
    let all: f64 = weights.clone().sum();
    weights.map(|weight| rounded(weight / all)).collect()
}

/// A distribution by what it draws.
fn canonical(distribution: &Distribution) -> Distribution {
    match distribution {
        Distribution::Normal { mean, sd: 0.0 } => Distribution::Constant(*mean),
        Distribution::Lognormal { median, sigma: 0.0 } => Distribution::Constant(*median),
        Distribution::Empirical(values) => match without_repetition(values).as_slice() {
            [only] => Distribution::Constant(*only),
            several => Distribution::Empirical(several.to_vec()),
        },
        other => other.clone(),
    }
}

/// Ascending values, repeated no more often than their ratios need: 3, 3, 5, 5 become 3, 5.
fn without_repetition(values: &[f64]) -> Vec<f64> {
    let runs: Vec<&[f64]> = values.chunk_by(|one, other| one.total_cmp(other).is_eq()).collect();
    let divisor = runs.iter().fold(0, |divisor, run| greatest_common_divisor(run.len(), divisor));
    runs.into_iter().flat_map(|run| &run[..run.len() / divisor]).copied().collect()
}

fn greatest_common_divisor(one: usize, other: usize) -> usize {
    if other == 0 { one } else { greatest_common_divisor(other, one % other) }
}

/// Round-trip times; without spread only the sum of minimum and median counts.
fn without_spread(rtt: ShiftedLognormal) -> ShiftedLognormal {
    if rtt.sigma == 0.0 || rtt.median_s == 0.0 {
        return ShiftedLognormal { minimum_s: rtt.minimum_s + rtt.median_s, median_s: 0.0, sigma: 0.0 };
    }
    rtt
}
