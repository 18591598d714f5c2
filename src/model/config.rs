//! What a world is made of, before a replication draws it: plain parameters, each with the values that it can have.
//!
//! A scenario file is read into a [`WorldConfig`], and code may build one by hand. [`WorldConfig::validate`] checks it.

mod faults;
mod prices;

pub use faults::{
    AnnouncedStop, ChurnConfig, FaultConfig, FaultKind, FaultSpell, FaultTarget, FaultTimes, InstanceFault, LinkFault,
    ProviderFault,
};
pub use prices::PlanConfig;

use crate::protocol::{AcceptMode, Policy};
use crate::random::Distribution;
use crate::time::civil::{DailyHours, Zone};
use crate::time::{SimDuration, Timestamp};

/// One world: the same for all replications of a scenario, which differ only in what they draw.
#[derive(Clone, Debug, PartialEq)]
pub struct WorldConfig {
    /// True time of the start; between 1970 and [`WorldConfig::LATEST_START`].
    pub start: Timestamp,
    /// Length of the run, warm-up included; positive, at most [`SimDuration::LONGEST`].
    pub duration: SimDuration,
    /// Length of the warm-up, whose facts are not measured; shorter than `duration`.
    pub warmup: SimDuration,
    /// The topology (all that is drawn once, before the first visit): that of the replication of this number. `None`: each
    /// replication draws its own.
    pub topology: Option<u32>,
    /// The exchange algorithm, of groups that have no other.
    pub policy: Policy,
    /// How old the last exchange of a watchlist must be before a refresh starts another; at most [`SimDuration::LONGEST`], as
    /// every duration below.
    pub watchlist_timeout: SimDuration,
    /// The instruments that exist.
    pub instruments: InstrumentsConfig,
    /// The markets on which they trade; not empty.
    pub markets: Vec<MarketConfig>,
    /// What lies between the instances.
    pub network: NetworkConfig,
    /// The data providers; at most 65,536.
    pub connectors: Vec<ConnectorConfig>,
    /// The instances, by group; not empty, names unique.
    pub groups: Vec<GroupConfig>,
    /// Which instances know each other.
    pub peerings: Vec<PeeringConfig>,
    /// What goes wrong; names unique, at most 65,535.
    pub faults: Vec<FaultConfig>,
}

impl WorldConfig {
    /// Number of instruments, securities and currency pairs together.
    #[must_use]
    pub fn instrument_count(&self) -> u32 {
        self.instruments.securities + self.instruments.currency_pairs
    }

    /// The rules that the instances of a group follow.
    pub(super) fn policy_of<'a>(&'a self, group: &'a GroupConfig) -> &'a Policy {
        group.policy.as_deref().unwrap_or(&self.policy)
    }

    /// The largest share of pushed prices that the servers of a group check.
    pub(super) fn largest_checked_share(&self) -> f64 {
        let servers = self.groups.iter().filter(|group| self.has_pool(group));
        servers.map(|group| self.policy_of(group).push_checked_share).fold(0.0, f64::max)
    }

    /// Whether instances get to know each other by a peering: only those that take part in `GTNet` know anybody, or are known.
    pub(super) fn connects(&self, peering: &PeeringConfig) -> bool {
        self.groups[peering.from].gtnet && self.groups[peering.to].gtnet
    }

    /// Whether the instances of a group are open servers: some instance may ask them.
    #[must_use]
    pub fn is_open_server(&self, group: usize) -> bool {
        let asks = |peering: &&PeeringConfig| peering.priority > 0 && self.connects(peering);
        self.groups[group].mode == AcceptMode::Open
            && self.peerings.iter().filter(asks).any(|peering| peering.to == group)
    }

    /// Whether the instances of a group have pools. Nobody looks into the pool of an instance that takes no part, nor into any
    /// pool where nobody knows anybody.
    pub(super) fn has_pool(&self, group: &GroupConfig) -> bool {
        let is_pool = group.gtnet && group.mode == AcceptMode::PushOpen;
        is_pool && self.peerings.iter().any(|peering| self.connects(peering))
    }
}

/// The instruments that exist, and how popular they are.
#[derive(Clone, Debug, PartialEq)]
pub struct InstrumentsConfig {
    /// Number of securities.
    pub securities: u32,
    /// Number of currency pairs; with `securities` at least one.
    pub currency_pairs: u32,
    /// Probability that an entry of a watchlist is a currency pair.
    pub currency_pair_share: f64,
    /// Exponent of Zipf's law by which securities (and, apart, currency pairs) are chosen; 0 = all alike.
    pub zipf_exponent: f64,
    /// For securities: index into [`WorldConfig::markets`] and weight; weights are positive.
    pub security_markets: Vec<(usize, f64)>,
    /// For currency pairs: index into [`WorldConfig::markets`].
    pub currency_market: usize,
    /// Standard deviation of the logarithm of a security's price over a year of 252 trading days; 0 or more.
    pub security_volatility: f64,
    /// The same of a currency pair.
    pub currency_volatility: f64,
}

impl InstrumentsConfig {
    /// The number of instruments that a watchlist can choose from.
    #[must_use]
    pub fn choosable(&self) -> u32 {
        self.choosable_securities() + self.choosable_pairs()
    }

    /// The number of securities that a watchlist can choose from.
    #[must_use]
    pub fn choosable_securities(&self) -> u32 {
        if self.currency_pair_share < 1.0 { self.securities } else { 0 }
    }

    /// The number of currency pairs that a watchlist can choose from.
    #[must_use]
    pub fn choosable_pairs(&self) -> u32 {
        if self.currency_pair_share > 0.0 { self.currency_pairs } else { 0 }
    }
}

/// Where and when an instrument trades.
#[derive(Clone, Debug, PartialEq)]
pub struct MarketConfig {
    /// Market identifier code (ISO 10383), or a name of the scenario's.
    pub mic: String,
    /// Time zone of the hours.
    pub zone: Zone,
    /// Trading hours of Monday to Friday; ascending, not overlapping. Without any the market never trades.
    pub hours: Vec<DailyHours>,
}

/// What lies between the instances.
#[derive(Clone, Debug, PartialEq)]
pub struct NetworkConfig {
    /// Round-trip times.
    pub rtt: RttConfig,
    /// Share of the log-variance of round-trip times that belongs to the pair of hosts; the rest is drawn anew with every
    /// message. From 0 to 1.
    pub pair_share: f64,
    /// Probability that a message (request or reply) never arrives. TCP repairs lost packets, so this is the rate at
    /// which connections break, not the rate of packet loss.
    pub loss: f64,
    /// Round trips that setting up a connection takes before the first byte of a request can be sent.
    pub connection_setup_rtts: u32,
    /// How long an instance waits for a reply before it gives the peer up.
    pub timeout: SimDuration,
    /// Size of a message without instruments in bytes; at most 2³⁰.
    pub message_base_bytes: u64,
    /// Additional size of a message per instrument in bytes; at most 2³⁰.
    pub message_instrument_bytes: u64,
    /// Days of which a message has a historical price for each of its instruments; at most 10,000.
    pub history_days: u32,
}

/// Where round-trip times come from.
#[derive(Clone, Debug, PartialEq)]
pub enum RttConfig {
    /// By the countries of the two hosts.
    Country(Vec<CountryRtt>),
    /// One distribution for all pairs of hosts.
    Anywhere(ShiftedLognormal),
}

/// Round-trip times between the hosts of two countries.
#[derive(Clone, Debug, PartialEq)]
pub struct CountryRtt {
    /// The two countries (ISO 3166 alpha-2), in alphabetical order.
    pub countries: (String, String),
    /// The fitted distribution.
    pub rtt: ShiftedLognormal,
}

/// A lognormal distribution above a minimum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShiftedLognormal {
    /// The least value in seconds.
    pub minimum_s: f64,
    /// Median of what comes on top of the minimum in seconds; 0 makes the distribution constant.
    pub median_s: f64,
    /// Standard deviation of the logarithm of what comes on top.
    pub sigma: f64,
}

impl ShiftedLognormal {
    /// The mean in seconds.
    #[must_use]
    pub fn mean_s(&self) -> f64 {
        self.minimum_s + self.median_s * libm::exp(self.sigma * self.sigma / 2.0)
    }

    /// The distribution with the given mean, standard deviation and minimum (all in seconds), by the method of moments.
    ///
    /// With v = (sd / (mean − minimum))², σ² = ln(1 + v) and the median above the minimum is
    /// (mean − minimum) / √(1 + v). Pooled pings have heavy tails, so the median is far below the mean.
    #[must_use]
    pub fn from_moments(mean_s: f64, sd_s: f64, minimum_s: f64) -> Self {
        let above_s = mean_s - minimum_s;
        if above_s <= 0.0 || sd_s <= 0.0 {
            return Self { minimum_s: mean_s, median_s: 0.0, sigma: 0.0 };
        }
        let ratio = sd_s / above_s;
        let variance_factor = ratio * ratio;
        Self {
            minimum_s,
            median_s: above_s / (1.0 + variance_factor).sqrt(),
            sigma: libm::log1p(variance_factor).sqrt(),
        }
    }
}

/// A data provider, and how the instances use it.
#[derive(Clone, Debug, PartialEq)]
pub struct ConnectorConfig {
    /// Name in scenario and results.
    pub id: String,
    /// By market (index into [`WorldConfig::markets`]): the share of its instruments that this provider has.
    pub serves: Vec<(usize, f64)>,
    /// How often an instance chooses this provider among those that have an instrument, relative to the others; positive.
    pub weight: f64,
    /// How late its prices are.
    pub delay: SimDuration,
    /// Time from the call to its answer in seconds.
    pub latency: Distribution,
    /// Probability that a call fails.
    pub failure: f64,
    /// What the connector writes into a price's timestamp.
    pub stamp: Stamp,
    /// How many calls it takes.
    pub rate_limit: Option<RateLimit>,
    /// What its keys may cost; without plans nothing is known of that. Who shares a rate limit shares a key.
    pub plans: Vec<PlanConfig>,
}

/// What a connector writes into a price's timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stamp {
    /// The calling instance's local time less the provider's delay, as most connectors of the released system do, even
    /// if the market has long closed.
    Now,
    /// The time of the trade.
    Trade,
}

/// A token bucket: it holds at most `requests` tokens, is full at the start, and gains `requests` tokens per `per`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// Size of the bucket, and tokens gained per `per`; positive.
    pub requests: u32,
    /// Time in which an empty bucket fills; positive.
    pub per: SimDuration,
    /// Who shares a bucket.
    pub scope: RateScope,
    /// What happens to a call that finds the bucket empty.
    pub when_exceeded: WhenExceeded,
    /// For how long the provider refuses all calls after one that has found the bucket empty; `None`: no longer than it is
    /// empty. Only with [`WhenExceeded::Fail`].
    pub blocks_for: Option<SimDuration>,
}

/// Who shares a token bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateScope {
    /// Every instance has its own (an API key or an address each).
    Instance,
    /// The instances of each group have one together (an API key that they share).
    Group,
    /// All instances together have one.
    Shared,
}

/// What happens to a call that finds the token bucket empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenExceeded {
    /// The provider refuses it; the call fails after its usual latency.
    Fail,
    /// The connector holds it back until there is a token.
    Wait,
}

/// A group of like instances.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupConfig {
    /// Name; its instances are called `name-1`, `name-2`, …
    pub name: String,
    /// Number of instances; positive.
    pub count: u32,
    /// What its instances answer to requests.
    pub mode: AcceptMode,
    /// Whether its instances take part in `GTNet`. If not, they know nobody and nobody knows them, whatever the peerings say, and
    /// their users get prices from connectors only.
    pub gtnet: bool,
    /// Countries (ISO 3166 alpha-2) and weights; weights are positive. Empty where round-trip times do not need them.
    pub countries: Vec<(String, f64)>,
    /// Processor cores: at most 4 × cores connector calls of one exchange run at a time; positive,
    /// below 2³⁰.
    pub cores: u32,
    /// Requests that an instance serves at the same time; positive.
    pub workers: u32,
    /// How long a message waits for a worker before the instance answers it with an error; `None`: as long as it takes.
    pub max_wait: Option<SimDuration>,
    /// Time to serve one request.
    pub service: ServiceConfig,
    /// How wrong its local clocks are.
    pub clock: ClockConfig,
    /// Users of each instance.
    pub users: u32,
    /// What each user watches.
    pub watchlist: WatchlistConfig,
    /// When users visit; without visits nobody ever does.
    pub visits: Option<VisitsConfig>,
    /// Share of an instance's instruments with the receive flag.
    pub receive: f64,
    /// Share of an instance's instruments with the send flag.
    pub send: f64,
    /// When its instances take part; `None`: all the time.
    pub churn: Option<ChurnConfig>,
    /// The rules that its instances follow; `None`: those of the world.
    pub policy: Option<Box<Policy>>,
    /// What each of its instances costs as a server of `GTNet` \[1/month\]; `None`: nobody says.
    pub price: Option<f64>,
}

/// Time to serve one request of n instruments: drawn with the mean `base` + n × `per_instrument`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ServiceConfig {
    /// Mean time for a request without instruments.
    pub base: SimDuration,
    /// Additional mean time per instrument.
    pub per_instrument: SimDuration,
    /// How service times scatter around their mean.
    pub shape: ServiceShape,
}

/// How service times scatter around their mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ServiceShape {
    /// Not at all.
    Constant,
    /// Exponentially.
    Exponential,
    /// Lognormally, with this standard deviation of the logarithm.
    Lognormal {
        /// Standard deviation of the logarithm.
        sigma: f64,
    },
}

/// A local clock shows: true time + offset + residual of the last correction + drift × time since then (or since the start).
#[derive(Clone, Debug, PartialEq)]
pub struct ClockConfig {
    /// Offset at the start in seconds, kept within [`ClockConfig::MOST_OFFSET`].
    pub offset_s: Distribution,
    /// Drift in parts per million, kept within [`ClockConfig::MOST_DRIFT_PPM`].
    pub drift_ppm: Distribution,
    /// The clock shows only multiples of this, counted from 1970-01-01T00:00Z, rounded down; positive.
    pub resolution: SimDuration,
    /// How its drift is corrected; `None`: never.
    pub discipline: Option<Discipline>,
}

/// How a clock is corrected (NTP): every so often it shows true time + offset + residual, and drifts from there.
#[derive(Clone, Debug, PartialEq)]
pub struct Discipline {
    /// Time between two corrections; positive.
    pub every: SimDuration,
    /// How wrong a correction is, in seconds; drawn for each, and kept within [`Discipline::MOST_RESIDUAL`].
    pub residual_s: Distribution,
}

/// What each user watches.
#[derive(Clone, Debug, PartialEq)]
pub struct WatchlistConfig {
    /// Number of instruments of a watchlist; drawn, rounded, and kept between 1 and [`InstrumentsConfig::choosable`].
    pub instruments: Distribution,
    /// Watchlists of each user; each visit opens one of them at random. Positive.
    pub per_user: u32,
}

/// When users visit: a Poisson process whose rate follows the hour of the local day.
#[derive(Clone, Debug, PartialEq)]
pub struct VisitsConfig {
    /// Mean number of visits of a user on a weekday.
    pub per_day: f64,
    /// Relative rates of the hours of a weekday; not negative, not all zero.
    pub hourly: [f64; 24],
    /// Visits on a day of the weekend, relative to a weekday.
    pub weekend: f64,
    /// Time zone of the hours.
    pub zone: Zone,
}

/// Instances of one group that know instances of another. Has no effect on a group that does not take part in `GTNet`.
#[derive(Clone, Debug, PartialEq)]
pub struct PeeringConfig {
    /// Index of the group whose instances ask.
    pub from: usize,
    /// Index of the group whose instances are asked; may be the same group, nobody asks itself.
    pub to: usize,
    /// Which of them.
    pub select: PeerSelection,
    /// `consumer_usage` of the peer entries: 0 = never ask, lower is asked first.
    pub priority: u16,
    /// Whether the asked instances have granted the exchange to those who ask.
    pub granted: bool,
}

/// Which instances of a group an instance knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PeerSelection {
    /// All of them.
    All,
    /// This many, drawn at random by each instance.
    Random(u32),
    /// This many, those with the least round-trip time.
    Nearest(u32),
    /// This many, in turn: the first instance knows the first ones, the next instance those that follow, round and round.
    InTurn(u32),
    /// The listed pairs: index within the asking group, index within the asked group.
    Edges(Vec<(u32, u32)>),
}
