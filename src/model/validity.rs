//! What a world must be before it can be simulated. A [`ValidWorld`] has been checked, and nothing can change it afterwards.

mod faults;

use std::collections::BTreeSet;
use std::fmt::{Arguments, Debug};
use std::ops::Deref;

use thiserror::Error;

use super::config::{
    ConnectorConfig, Discipline, GroupConfig, InstrumentsConfig, MarketConfig, NetworkConfig, PeerSelection,
    PeeringConfig, RttConfig, ServiceShape, ShiftedLognormal, WhenExceeded, WorldConfig,
};
use super::running::CALLS_PER_CORE;
use crate::protocol::{AcceptMode, Policy, RetryBands, SHORTEST_POOL_REFRESH};
use crate::random::Distribution;
use crate::time::{SimDuration, Timestamp};

/// A [`WorldConfig`] that keeps the invariants which its fields state.
///
/// [`WorldConfig::validate`] makes one. To change it, change the [`WorldConfig`] and validate that again.
#[derive(Clone, Debug, PartialEq)]
pub struct ValidWorld(WorldConfig);

impl Deref for ValidWorld {
    type Target = WorldConfig;

    fn deref(&self) -> &WorldConfig {
        &self.0
    }
}

impl ValidWorld {
    /// The parameters, which may be changed again.
    #[must_use]
    pub fn into_config(self) -> WorldConfig {
        self.0
    }

    /// See [`WorldConfig::without_gtnet`]: without peers a world is as valid as with them.
    #[must_use]
    pub fn without_gtnet(&self) -> Self {
        Self(self.0.without_gtnet())
    }

    /// See [`WorldConfig::without_faults`]: without faults a world is as valid as with them.
    #[must_use]
    pub fn without_faults(&self) -> Self {
        Self(self.0.without_faults())
    }
}

/// Why a [`WorldConfig`] cannot be simulated. Fields are named as in Rust: `groups[1].count`.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum InvalidWorld {
    /// A value is not one that the field can have.
    #[error("`{field}` is {value}, but must be {allowed}")]
    Value {
        /// The field.
        field: String,
        /// Its value.
        value: String,
        /// The values that it can have.
        allowed: &'static str,
    },
    /// A list is empty that needs an element.
    #[error("`{field}` is empty")]
    Empty {
        /// The list.
        field: String,
    },
    /// An index leads nowhere.
    #[error("`{field}` is the index {index}, but `{list}` has only {count} elements")]
    Index {
        /// Where the index is.
        field: String,
        /// The index.
        index: usize,
        /// The list into which it leads.
        list: String,
        /// The length of that list.
        count: usize,
    },
    /// Two elements of a list have one name.
    #[error("two elements of `{list}` are called `{name}`")]
    RepeatedName {
        /// The list.
        list: &'static str,
        /// The name.
        name: String,
    },
    /// Users would have to ask instances that do not take part in `GTNet`.
    #[error(
        "`peerings[{peering}]` lets `{asking}` ask `{asked}`, which does not take part; \
         remove it, set its `priority` to 0, or set `gtnet` of `{asked}`"
    )]
    AsksInVain {
        /// Index of the peering.
        peering: usize,
        /// Name of the group that asks.
        asking: String,
        /// Name of the group that is asked.
        asked: String,
    },
    /// The round-trip time between two countries is not known.
    #[error("`network.rtt` has no time between {first} and {second}, but groups are there")]
    UnknownPair {
        /// One country.
        first: String,
        /// The other one.
        second: String,
    },
}

/// Providers are numbered in 16 bits.
const MOST_CONNECTORS: usize = 1 << 16;

/// The calls of all cores are counted in 32 bits.
const MOST_CORES: u32 = u32::MAX / CALLS_PER_CORE;

/// So large may each part of the size of a message be, that the size of one with 2^32 instruments fits into 64 bits.
const MOST_MESSAGE_BYTES: u64 = 1 << 30;

type Checked = Result<(), InvalidWorld>;

impl WorldConfig {
    /// The latest start: 2200-01-01T00:00Z.
    pub const LATEST_START: Timestamp = Timestamp::from_unix_secs(7_258_118_400);

    /// The world, if it keeps the invariants that the fields state.
    ///
    /// # Errors
    ///
    /// [`InvalidWorld`] with the first field that does not.
    pub fn validate(self) -> Result<ValidWorld, InvalidWorld> {
        let starts = Timestamp::from_unix_secs(0)..=Self::LATEST_START;
        check(format_args!("start"), &self.start, starts.contains(&self.start), "between 1970 and 2200")?;
        let is_run = !self.duration.is_zero() && self.duration <= SimDuration::LONGEST;
        check(format_args!("duration"), &self.duration, is_run, "longer than 0, at most ten years")?;
        check(format_args!("warmup"), &self.warmup, self.warmup < self.duration, "shorter than `duration`")?;
        filled(format_args!("markets"), &self.markets)?;
        filled(format_args!("groups"), &self.groups)?;
        named("markets", self.markets.iter().map(|market| &market.mic))?;
        named("connectors", self.connectors.iter().map(|connector| &connector.id))?;
        named("groups", self.groups.iter().map(|group| &group.name))?;
        self.markets.iter().enumerate().try_for_each(|(at, market)| check_market(at, market))?;
        check_instruments(&self.instruments, self.markets.len())?;
        check_network(&self.network)?;
        check_policy("policy", &self.policy)?;
        for (at, group) in self.groups.iter().enumerate() {
            group.policy.as_ref().map_or(Ok(()), |policy| check_policy(&format!("groups[{at}].policy"), policy))?;
        }
        time(format_args!("watchlist_timeout"), self.watchlist_timeout)?;
        let count = self.connectors.len();
        check(format_args!("connectors.len()"), &count, count <= MOST_CONNECTORS, "at most 65,536")?;
        let connectors = self.connectors.iter().enumerate();
        connectors.into_iter().try_for_each(|(at, connector)| check_connector(at, connector, self.markets.len()))?;
        self.groups.iter().enumerate().try_for_each(|(at, group)| check_group(at, group))?;
        self.check_numbers()?;
        self.check_countries()?;
        self.check_peerings()?;
        self.check_faults()?;
        Ok(ValidWorld(self))
    }

    /// Instances and users are numbered in 32 bits.
    fn check_numbers(&self) -> Checked {
        let instances: u128 = self.groups.iter().map(|group| u128::from(group.count)).sum();
        let users: u128 = self.groups.iter().map(|group| u128::from(group.count) * u128::from(group.users)).sum();
        for (field, sum) in [("groups[..].count", instances), ("groups[..].users", users)] {
            check(format_args!("{field}"), &sum, u32::try_from(sum).is_ok(), "less than 2^32 in all")?;
        }
        Ok(())
    }

    /// Between all countries in which instances may be, times are known.
    fn check_countries(&self) -> Checked {
        let RttConfig::Country(pairs) = &self.network.rtt else { return Ok(()) };
        let known: BTreeSet<(&str, &str)> =
            pairs.iter().map(|pair| (pair.countries.0.as_str(), pair.countries.1.as_str())).collect();
        for (at, group) in self.groups.iter().enumerate() {
            filled(format_args!("groups[{at}].countries"), &group.countries)?;
        }
        let used: BTreeSet<&str> =
            self.groups.iter().flat_map(|group| group.countries.iter().map(|(country, _)| country.as_str())).collect();
        let all = used.iter().flat_map(|first| used.range(*first..).map(move |second| (*first, *second)));
        match all.into_iter().find(|pair| !known.contains(pair)) {
            Some((first, second)) => {
                Err(InvalidWorld::UnknownPair { first: first.to_owned(), second: second.to_owned() })
            }
            None => Ok(()),
        }
    }

    fn check_peerings(&self) -> Checked {
        for (at, peering) in self.peerings.iter().enumerate() {
            let group = |end: &str, index| {
                index_in(format_args!("peerings[{at}].{end}"), index, format_args!("groups"), self.groups.len())
            };
            group("from", peering.from)?;
            group("to", peering.to)?;
            self.check_part(at, peering)?;
            let PeerSelection::Edges(edges) = &peering.select else { continue };
            for (from, to) in edges {
                for (group, number) in [(peering.from, *from), (peering.to, *to)] {
                    let count = self.groups[group].count as usize;
                    let instances = format_args!("the instances of groups[{group}]");
                    index_in(format_args!("peerings[{at}].select"), number as usize, instances, count)?;
                }
            }
        }
        Ok(())
    }

    /// A group that takes no part may have peerings, so that one switch turns it on and off; but nobody may rely on it. A closed
    /// group is never asked, whether or not it takes part.
    fn check_part(&self, at: usize, peering: &PeeringConfig) -> Checked {
        let [asking, asked] = [peering.from, peering.to].map(|group| &self.groups[group]);
        let asks = asking.gtnet && asking.users > 0 && peering.priority > 0 && asked.mode != AcceptMode::Closed;
        if asks && !asked.gtnet {
            let (asking, asked) = (asking.name.clone(), asked.name.clone());
            return Err(InvalidWorld::AsksInVain { peering: at, asking, asked });
        }
        Ok(())
    }
}

fn check_market(at: usize, market: &MarketConfig) -> Checked {
    let mut before = 0;
    for hours in &market.hours {
        let ascends = before <= hours.open_minute && hours.open_minute < hours.close_minute;
        let is_day = hours.close_minute <= 1_440;
        check(format_args!("markets[{at}].hours"), hours, ascends && is_day, "ascending, apart, and within one day")?;
        before = hours.close_minute;
    }
    Ok(())
}

fn check_instruments(instruments: &InstrumentsConfig, markets: usize) -> Checked {
    let InstrumentsConfig { securities, currency_pairs, currency_pair_share: pair_share, .. } = instruments;
    let fits = securities.checked_add(*currency_pairs).is_some_and(|sum| sum > 0);
    check(format_args!("instruments.securities"), securities, fits, "at least 1 with `currency_pairs`, below 2^32")?;
    share(format_args!("instruments.currency_pair_share"), *pair_share)?;
    let can_be_had = (*pair_share <= 0.0 || *currency_pairs > 0) && (*pair_share >= 1.0 || *securities > 0);
    let allowed = "a share of instruments that there are";
    check(format_args!("instruments.currency_pair_share"), pair_share, can_be_had, allowed)?;
    for (field, volatility) in [
        ("security_volatility", instruments.security_volatility),
        ("currency_volatility", instruments.currency_volatility),
    ] {
        let is_valid = volatility.is_finite() && volatility >= 0.0;
        check(format_args!("instruments.{field}"), &volatility, is_valid, "0 or more")?;
    }
    let zipf = instruments.zipf_exponent;
    check(format_args!("instruments.zipf_exponent"), &zipf, zipf.is_finite() && zipf >= 0.0, "0 or more")?;
    if *securities > 0 {
        filled(format_args!("instruments.security_markets"), &instruments.security_markets)?;
    }
    let list = || format_args!("markets");
    for (market, weight) in &instruments.security_markets {
        index_in(format_args!("instruments.security_markets"), *market, list(), markets)?;
        positive(format_args!("instruments.security_markets"), *weight)?;
    }
    if *currency_pairs > 0 {
        index_in(format_args!("instruments.currency_market"), instruments.currency_market, list(), markets)?;
    }
    Ok(())
}

/// Days of which a message has historical prices.
const MOST_DAYS: u32 = 10_000;

fn check_network(network: &NetworkConfig) -> Checked {
    share(format_args!("network.pair_share"), network.pair_share)?;
    share(format_args!("network.loss"), network.loss)?;
    time(format_args!("network.timeout"), network.timeout)?;
    let sizes = [
        ("message_base_bytes", network.message_base_bytes),
        ("message_instrument_bytes", network.message_instrument_bytes),
    ];
    for (field, bytes) in sizes {
        check(format_args!("network.{field}"), &bytes, bytes <= MOST_MESSAGE_BYTES, "at most 2^30")?;
    }
    check(
        format_args!("network.history_days"),
        &network.history_days,
        network.history_days <= MOST_DAYS,
        "at most 10,000",
    )?;
    match &network.rtt {
        RttConfig::Anywhere(rtt) => check_rtt(rtt),
        RttConfig::Country(pairs) => pairs.iter().try_for_each(|pair| {
            let (first, second) = &pair.countries;
            check(
                format_args!("network.rtt"),
                &pair.countries,
                first <= second,
                "two countries in alphabetical order",
            )?;
            check_rtt(&pair.rtt)
        }),
    }
}

fn check_rtt(rtt: &ShiftedLognormal) -> Checked {
    let is_valid = [rtt.minimum_s, rtt.median_s, rtt.sigma].iter().all(|number| number.is_finite() && *number >= 0.0);
    check(format_args!("network.rtt"), rtt, is_valid, "made of numbers from 0")
}

fn check_policy(path: &str, policy: &Policy) -> Checked {
    let times = [
        ("freshness_threshold", policy.freshness_threshold),
        ("own_pool_threshold", policy.own_pool_threshold),
        ("connector_min_interval", policy.connector_min_interval),
        ("push_check_ahead", policy.push_check_ahead),
        ("push_distrust", Some(policy.push_distrust)),
        ("max_clock_skew", policy.max_clock_skew),
        ("violation_reset", policy.violation_reset),
        ("pool_refresh_interval", policy.pool_refresh_interval),
        ("pool_refresh_age", Some(policy.pool_refresh_age)),
    ];
    for (field, duration) in times {
        time(format_args!("{path}.{field}"), duration.unwrap_or_default())?;
    }
    share(format_args!("{path}.push_checked_share"), policy.push_checked_share)?;
    let tolerance_bp = policy.push_check_tolerance_bp;
    let is_tolerance = tolerance_bp.is_finite() && tolerance_bp >= 0.0;
    check(format_args!("{path}.push_check_tolerance_bp"), &tolerance_bp, is_tolerance, "0 or more")?;
    let is_seldom = policy.pool_refresh_interval.is_none_or(|every| every >= SHORTEST_POOL_REFRESH);
    check(
        format_args!("{path}.pool_refresh_interval"),
        &policy.pool_refresh_interval,
        is_seldom,
        "a minute or longer",
    )?;
    let takes_time = policy.violation_reset.is_none_or(|every| !every.is_zero());
    check(format_args!("{path}.violation_reset"), &policy.violation_reset, takes_time, "longer than 0")?;
    let Some(RetryBands { intra_retry, quote_retry }) = policy.retry_bands else { return Ok(()) };
    let fits = intra_retry.checked_add(quote_retry).is_some();
    check(format_args!("{path}.retry_bands"), &policy.retry_bands, fits, "below 2^32 in all")
}

fn check_connector(at: usize, connector: &ConnectorConfig, markets: usize) -> Checked {
    let ConnectorConfig { serves, weight, delay, latency, failure, rate_limit, plans, .. } = connector;
    for (market, share_of_market) in serves {
        index_in(format_args!("connectors[{at}].serves"), *market, format_args!("markets"), markets)?;
        share(format_args!("connectors[{at}].serves"), *share_of_market)?;
    }
    positive(format_args!("connectors[{at}].weight"), *weight)?;
    time(format_args!("connectors[{at}].delay"), *delay)?;
    drawn(format_args!("connectors[{at}].latency"), latency)?;
    share(format_args!("connectors[{at}].failure"), *failure)?;
    let is_price = |price: f64| price.is_finite() && price >= 0.0;
    for plan in plans {
        let is_valid = is_price(plan.price) && plan.per_call.is_none_or(is_price);
        check(format_args!("connectors[{at}].plans"), plan, is_valid, "of prices from 0")?;
    }
    let Some(limit) = rate_limit else { return Ok(()) };
    time(format_args!("connectors[{at}].rate_limit.per"), limit.per)?;
    let takes_time = limit.requests > 0 && u64::from(limit.requests) <= limit.per.as_nanos();
    let allowed = "at least one call, and at most one in a nanosecond";
    check(format_args!("connectors[{at}].rate_limit"), limit, takes_time, allowed)?;
    let Some(blocks_for) = limit.blocks_for else { return Ok(()) };
    time(format_args!("connectors[{at}].rate_limit.blocks_for"), blocks_for)?;
    let refuses = limit.when_exceeded == WhenExceeded::Fail;
    check(format_args!("connectors[{at}].rate_limit.blocks_for"), limit, refuses, "of a provider that refuses")
}

fn check_group(at: usize, group: &GroupConfig) -> Checked {
    let counts = [
        ("count", group.count),
        ("cores", group.cores),
        ("workers", group.workers),
        ("watchlist.per_user", group.watchlist.per_user),
    ];
    for (field, count) in counts {
        check(format_args!("groups[{at}].{field}"), &count, count > 0, "1 or more")?;
    }
    check(format_args!("groups[{at}].cores"), &group.cores, group.cores <= MOST_CORES, "below 2^30")?;
    group.countries.iter().try_for_each(|(_, weight)| positive(format_args!("groups[{at}].countries"), *weight))?;
    if let ServiceShape::Lognormal { sigma } = group.service.shape {
        let is_valid = sigma.is_finite() && sigma >= 0.0;
        check(format_args!("groups[{at}].service.shape"), &group.service.shape, is_valid, "of a sigma from 0")?;
    }
    if let Some(max_wait) = group.max_wait {
        time(format_args!("groups[{at}].max_wait"), max_wait)?;
    }
    time(format_args!("groups[{at}].service.base"), group.service.base)?;
    time(format_args!("groups[{at}].service.per_instrument"), group.service.per_instrument)?;
    let resolution = group.clock.resolution;
    time(format_args!("groups[{at}].clock.resolution"), resolution)?;
    check(format_args!("groups[{at}].clock.resolution"), &resolution, !resolution.is_zero(), "longer than 0")?;
    if let Some(Discipline { every, residual_s }) = &group.clock.discipline {
        time(format_args!("groups[{at}].clock.discipline.every"), *every)?;
        check(format_args!("groups[{at}].clock.discipline.every"), every, !every.is_zero(), "longer than 0")?;
        drawn(format_args!("groups[{at}].clock.discipline.residual_s"), residual_s)?;
    }
    let is_price = group.price.is_none_or(|price| price.is_finite() && price >= 0.0);
    check(format_args!("groups[{at}].price"), &group.price, is_price, "0 or more")?;
    drawn(format_args!("groups[{at}].clock.offset_s"), &group.clock.offset_s)?;
    drawn(format_args!("groups[{at}].clock.drift_ppm"), &group.clock.drift_ppm)?;
    drawn(format_args!("groups[{at}].watchlist.instruments"), &group.watchlist.instruments)?;
    share(format_args!("groups[{at}].receive"), group.receive)?;
    share(format_args!("groups[{at}].send"), group.send)?;
    let Some(visits) = &group.visits else { return Ok(()) };
    let is_rate = |rate: f64| rate.is_finite() && rate >= 0.0;
    for (field, rate) in [("per_day", visits.per_day), ("weekend", visits.weekend)] {
        check(format_args!("groups[{at}].visits.{field}"), &rate, is_rate(rate), "0 or more")?;
    }
    let are_rates = visits.hourly.iter().all(|rate| is_rate(*rate)) && visits.hourly.iter().any(|rate| *rate > 0.0);
    check(format_args!("groups[{at}].visits.hourly"), &visits.hourly, are_rates, "0 or more, and not all 0")
}

/// Refuses `value` unless `holds`. Texts are made for the error alone: a valid world takes no memory for them.
fn check(field: Arguments<'_>, value: &impl Debug, holds: bool, allowed: &'static str) -> Checked {
    if holds {
        return Ok(());
    }
    Err(InvalidWorld::Value { field: field.to_string(), value: format!("{value:?}"), allowed })
}

/// With ten years added more than once, the latest moment of a run still fits into a [`Timestamp`].
fn time(field: Arguments<'_>, duration: SimDuration) -> Checked {
    check(field, &duration, duration <= SimDuration::LONGEST, "at most ten years")
}

fn share(field: Arguments<'_>, value: f64) -> Checked {
    check(field, &value, (0.0..=1.0).contains(&value), "from 0 to 1")
}

fn positive(field: Arguments<'_>, value: f64) -> Checked {
    check(field, &value, value.is_finite() && value > 0.0, "greater than 0")
}

fn drawn(field: Arguments<'_>, distribution: &Distribution) -> Checked {
    let not_negative = |number: &f64| number.is_finite() && *number >= 0.0;
    let is_valid = match distribution {
        Distribution::Constant(value) => value.is_finite(),
        Distribution::Uniform { low, high } => low.is_finite() && high.is_finite() && low <= high,
        Distribution::Exponential { mean } => not_negative(mean),
        Distribution::Normal { mean, sd } => mean.is_finite() && not_negative(sd),
        Distribution::Lognormal { median, sigma } => not_negative(median) && not_negative(sigma),
        Distribution::Empirical(values) => !values.is_empty() && values.iter().all(|value| value.is_finite()),
    };
    check(field, distribution, is_valid, "a distribution of finite numbers")
}

fn filled<T>(field: Arguments<'_>, list: &[T]) -> Checked {
    if list.is_empty() { Err(InvalidWorld::Empty { field: field.to_string() }) } else { Ok(()) }
}

fn index_in(field: Arguments<'_>, index: usize, list: Arguments<'_>, count: usize) -> Checked {
    if index < count {
        return Ok(());
    }
    Err(InvalidWorld::Index { field: field.to_string(), index, list: list.to_string(), count })
}

fn named<'n>(list: &'static str, names: impl Iterator<Item = &'n String>) -> Checked {
    let mut known = BTreeSet::new();
    for name in names {
        if !known.insert(name) {
            return Err(InvalidWorld::RepeatedName { list, name: name.clone() });
        }
    }
    Ok(())
}
