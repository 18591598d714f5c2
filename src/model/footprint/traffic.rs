//! What happens in a run, as far as rates and distributions tell it: visits, exchanges, calls, messages, and how much of it
//! is under way at a time.

use crate::model::config::{
    ConnectorConfig, GroupConfig, PeerSelection, PeeringConfig, RateScope, RttConfig, ServiceConfig, VisitsConfig,
    WhenExceeded, WorldConfig,
};
use crate::model::running::CALLS_PER_CORE;
use crate::protocol::{AcceptMode, MaxLimitAction, PeerViews, PushBack, Synchronisation};
use crate::random::Distribution;
use crate::time::{SimDuration, Timestamp};

use super::lengths::Lengths;

const DAY_S: f64 = 86_400.0;
const HOUR_S: f64 = 3_600.0;

/// Share of the instruments of an exchange for which peers have nothing, so that connectors are called; measured between 0.3
/// and 0.9 in the scenarios of this repository.
const LEFT_TO_CONNECTORS: f64 = 0.6;

/// What the users of a group do, all of its instances together.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct GroupTraffic {
    /// Visits in the whole run.
    pub(super) visits: f64,
    /// Exchanges in the whole run.
    pub(super) exchanges: f64,
    /// Connector calls of an exchange.
    pub(super) calls: f64,
    /// Connector calls under way in the busiest moment.
    pub(super) calls_pending: f64,
    /// Peers that an exchange asks, as if none of them filled the list.
    pub(super) asked: f64,
    /// Requests and pushes of an exchange.
    pub(super) messages: f64,
    /// Those of them that are pushes.
    pub(super) pushes: f64,
    /// Exchanges under way in the busiest moment.
    pub(super) running: f64,
    /// Messages of exchanges under way in the busiest moment.
    pub(super) in_flight: f64,
    /// The most instruments of a request.
    pub(super) most_items: f64,
}

/// Works out the traffic of a world.
pub(super) struct Rates<'c> {
    config: &'c WorldConfig,
    /// Length of the run [d].
    days: f64,
    /// Mean round-trip time [s].
    rtt_s: f64,
}

impl<'c> Rates<'c> {
    pub(super) fn of(config: &'c WorldConfig) -> Self {
        let rtt_s = match &config.network.rtt {
            RttConfig::Anywhere(rtt) => rtt.mean_s(),
            RttConfig::Country(rtts) => {
                rtts.iter().map(|entry| entry.rtt.mean_s()).sum::<f64>() / rtts.len().max(1) as f64
            }
        };
        Self { config, days: config.duration.as_secs_f64() / DAY_S, rtt_s }
    }

    /// What the users of the group with this index do, whose lists have these lengths.
    pub(super) fn group(&self, index: usize, lengths: &Lengths) -> GroupTraffic {
        let group = &self.config.groups[index];
        let users = f64::from(group.count) * f64::from(group.users);
        let Some(visits) = group.visits.as_ref().filter(|_| users > 0.0) else {
            return GroupTraffic::default();
        };
        let habit = Habit::of(visits, self.config.start, self.config.duration);
        let lists = f64::from(group.watchlist.per_user);
        // After an exchange, a list rests for the timeout.
        let rest = self.config.watchlist_timeout.as_secs_f64() / lists;
        let due = 1.0 / (1.0 + habit.busy_per_s * rest);
        let length = lengths.mean();
        let contacts = self.contacts(index, length);
        let is_alone = !group.gtnet || contacts.requests == 0.0;
        let calls = length * self.served() * if is_alone { 1.0 } else { LEFT_TO_CONNECTORS };
        let at_a_time = f64::from(CALLS_PER_CORE * group.cores).min(calls);
        let messages = contacts.requests + contacts.pushes;
        let (waits_s, there_s) = self.message_s(&contacts.service_s);
        let (waits_s, there_s) = (waits_s * messages, there_s * messages);
        let busy = |seconds: f64| habit.most_within(seconds) * users * due;
        let of_instance = f64::from(group.users) * due;
        let rates = [busy(DAY_S) / f64::from(group.count) / DAY_S, habit.busy_per_s * of_instance];
        let (calls_s, [stuck_all_day, stuck_at_peak]) = self.calls_s(group, calls, at_a_time, rates);
        let latency_s: f64 = self.chosen().map(|(connector, share)| share * mean_latency_s(connector)).sum();
        let exchanges = habit.visits * users * due;
        // The busiest moment of a Poisson process is a few deviations above its mean.
        let peak = |mean: f64| (mean + 4.0 * mean.sqrt() + 1.0).min(exchanges);
        // What is not worked off over the day piles up for as long as the run lasts; what the busy hours leave, until the night.
        let stuck = f64::max(stuck_all_day * exchanges, stuck_at_peak * busy(DAY_S));
        let running = peak(busy(waits_s + calls_s) + stuck);
        GroupTraffic {
            visits: habit.visits * users,
            exchanges,
            calls,
            calls_pending: (peak(busy(latency_s) + stuck) * calls).min(running * at_a_time),
            asked: contacts.asked,
            messages,
            pushes: contacts.pushes,
            running,
            in_flight: if messages > 0.0 {
                // An exchange waits for one message at a time. Others are there only as long as their server still has to
                // serve them although their exchange has given up.
                let given_up = busy(there_s - waits_s) + self.unserved(index, exchanges, busy(DAY_S));
                peak(busy(waits_s) + given_up).min(running + peak(given_up))
            } else {
                0.0
            },
            most_items: self.most_items(),
        }
    }

    /// Pings and synchronisations of a group in the whole run, whose instances know so many peers each.
    pub(super) fn housekeeping(&self, group: &GroupConfig, known: f64, traffic: &GroupTraffic) -> f64 {
        let (policy, count) = (&self.config.policy, f64::from(group.count));
        let daily = policy.synchronisation == Synchronisation::Daily && group.gtnet;
        let rounds = if daily { count * self.days.ceil() } else { 0.0 };
        let unreachable = traffic.exchanges * traffic.messages * 2.0 * self.config.network.loss;
        let checks = if policy.peer_views == PeerViews::Messages { unreachable } else { 0.0 };
        // An instance pings one peer after the other, and goes round once at a time.
        let one_after_the_other = count * self.days * DAY_S / self.message_s(&[]).0;
        rounds * known + (checks * known).min(one_after_the_other)
    }

    /// The most instruments of a request: as many as a part has, where requests are split.
    fn most_items(&self) -> f64 {
        let policy = &self.config.policy;
        let limit = policy.max_limit.filter(|_| policy.max_limit_action == MaxLimitAction::Split);
        limit.map_or(f64::INFINITY, |limit| f64::from(limit.max(1)))
    }

    /// How many requests a peer gets that is asked for `length` instruments: the first part that comes to nothing is the
    /// last.
    fn parts(&self, length: f64) -> f64 {
        let wanted = (length / self.most_items()).max(1.0);
        let lost = self.lost();
        if lost == 0.0 { wanted } else { (1.0 - libm::pow(1.0 - lost, wanted)) / lost }
    }

    /// Probability that a message or its reply gets lost.
    fn lost(&self) -> f64 {
        let loss = self.config.network.loss;
        1.0 - (1.0 - loss) * (1.0 - loss)
    }

    /// Probability that some provider has an instrument.
    fn served(&self) -> f64 {
        let markets = self.shares();
        let has = |connector: &ConnectorConfig, market: usize| share_of(connector, market);
        let none = |market: usize| -> f64 { self.config.connectors.iter().map(|one| 1.0 - has(one, market)).product() };
        markets.iter().map(|(market, share)| share * (1.0 - none(*market))).sum()
    }

    /// The share of watched instruments that trade on each market.
    fn shares(&self) -> Vec<(usize, f64)> {
        let instruments = &self.config.instruments;
        let all: f64 = instruments.security_markets.iter().map(|(_, weight)| weight).sum();
        let of_pairs = instruments.currency_pair_share;
        let markets =
            instruments.security_markets.iter().map(|(market, weight)| (*market, weight / all * (1.0 - of_pairs)));
        markets.chain([(instruments.currency_market, of_pairs)]).collect()
    }

    /// Whom an instance of a group asks and pushes to in an exchange of `length` instruments.
    fn contacts(&self, from: usize, length: f64) -> Contacts {
        let (group, policy) = (&self.config.groups[from], &self.config.policy);
        let mut contacts = Contacts { asked: 0.0, requests: 0.0, pushes: 0.0, service_s: Vec::new() };
        if !group.gtnet {
            return contacts;
        }
        let mut pools = 0.0;
        for peering in self.asking().filter(|peering| peering.from == from) {
            let asked = &self.config.groups[peering.to];
            if asked.mode == AcceptMode::Closed {
                continue;
            }
            let peers = self.asked_by_each(peering);
            contacts.asked += peers;
            pools += if asked.mode == AcceptMode::PushOpen { peers } else { 0.0 };
            contacts.service_s.push((peers, service_s(&asked.service, length.min(self.most_items()))));
        }
        let most = policy.max_servers.map_or(f64::INFINITY, f64::from);
        contacts.asked = contacts.asked.min(most);
        contacts.requests = contacts.asked * self.parts(length);
        let pushes = policy.push_back != PushBack::None && policy.push_back_from.includes(group.mode);
        contacts.pushes = if pushes { pools.min(most) } else { 0.0 };
        contacts
    }

    /// The peerings by which instances ask others.
    fn asking(&self) -> impl Iterator<Item = &'c PeeringConfig> {
        let config = self.config;
        config.peerings.iter().filter(|peering| peering.priority > 0 && config.connects(peering))
    }

    /// How many peers one instance asks by a peering.
    fn asked_by_each(&self, peering: &PeeringConfig) -> f64 {
        let count = |group: usize| f64::from(self.config.groups[group].count);
        match &peering.select {
            PeerSelection::All => count(peering.to) - f64::from(u8::from(peering.from == peering.to)),
            PeerSelection::Random(number) | PeerSelection::Nearest(number) => f64::from(*number),
            PeerSelection::Edges(edges) => edges.len() as f64 / count(peering.from),
        }
    }

    /// How long the sender of a message waits, until its answer or until it gives up, and how long the message is there: until
    /// it is served, too \[s\].
    fn message_s(&self, service_s: &[(f64, f64)]) -> (f64, f64) {
        let network = &self.config.network;
        let peers: f64 = service_s.iter().map(|(peers, _)| peers).sum();
        let service = service_s.iter().map(|(peers, seconds)| peers * seconds).sum::<f64>() / peers.max(1.0);
        let way = self.rtt_s * (f64::from(network.connection_setup_rtts) + 1.0);
        let timeout = network.timeout.as_secs_f64();
        let lost = self.lost();
        let waits = (way + service).min(timeout) * (1.0 - lost) + timeout * lost;
        (waits, waits.max(way + service))
    }

    /// How long the connector calls of an exchange take [s], and which share of the exchanges piles up before a provider that takes
    /// too few calls. There is one share for each of the `rates` at which an instance exchanges [1/s].
    fn calls_s(&self, group: &GroupConfig, calls: f64, at_a_time: f64, rates: [f64; 2]) -> (f64, [f64; 2]) {
        let mut stuck = [0.0_f64; 2];
        if calls == 0.0 {
            return (0.0, stuck);
        }
        let (mut latency_s, mut slowest_s, mut waits_s) = (0.0, 0.0_f64, 0.0_f64);
        for (connector, share) in self.chosen().filter(|(_, share)| *share > 0.0) {
            latency_s += share * mean_latency_s(connector);
            slowest_s = slowest_s.max(slowest_latency_s(connector, calls * share));
            let Some(limit) = connector.rate_limit.as_ref().filter(|limit| limit.when_exceeded == WhenExceeded::Wait)
            else {
                continue;
            };
            let sharing = if limit.scope == RateScope::Instance { 1.0 } else { f64::from(group.count) };
            let per_s = f64::from(limit.requests) / limit.per.as_secs_f64();
            let beyond = (calls * share - f64::from(limit.requests)).max(0.0);
            waits_s = waits_s.max(beyond * sharing / per_s);
            for (stuck, rate) in stuck.iter_mut().zip(rates) {
                let demand_per_s = calls * share * rate * sharing;
                *stuck = stuck.max(1.0 - per_s / demand_per_s.max(per_s));
            }
        }
        (latency_s * (calls / at_a_time - 1.0) + slowest_s + waits_s, stuck)
    }

    /// The share of the calls that each provider gets.
    fn chosen(&self) -> impl Iterator<Item = (&ConnectorConfig, f64)> {
        let markets = self.shares();
        let weight = |connector: &ConnectorConfig, market: usize| connector.weight * share_of(connector, market);
        let all: Vec<f64> = markets
            .iter()
            .map(|(market, _)| self.config.connectors.iter().map(|one| weight(one, *market)).sum())
            .collect();
        self.config.connectors.iter().map(move |connector| {
            let of_market = markets.iter().zip(&all).filter(|(_, all)| **all > 0.0);
            let share = of_market.map(|((market, share), all)| share * weight(connector, *market) / all).sum();
            (connector, share)
        })
    }

    /// How many of the messages of a group's exchanges pile up before servers that are slower than messages come: those of a
    /// busy day if the servers work them off by night, else those of the whole run.
    fn unserved(&self, from: usize, exchanges: f64, a_day: f64) -> f64 {
        let mut most = 0.0_f64;
        for peering in self.asking().filter(|peering| peering.from == from) {
            let server = &self.config.groups[peering.to];
            let capacity = f64::from(server.count) * f64::from(server.workers);
            let (mut busy, mut mean) = (0.0, 0.0);
            for other in self.asking().filter(|other| other.to == peering.to) {
                let asking = &self.config.groups[other.from];
                let Some(visits) = &asking.visits else { continue };
                let length = Lengths::of(&asking.watchlist.instruments, self.config.instruments.choosable()).mean();
                let habit = Habit::of(visits, self.config.start, self.config.duration);
                let asked = f64::from(asking.count) * f64::from(asking.users) * self.asked_by_each(other);
                // A request and a push of each exchange. Where messages pile up, the first part of a split request is the
                // last, as its sender gives up; a push is not split.
                let work_of = |length| service_s(&server.service, length);
                let work = asked * (work_of(length.min(self.most_items())) + work_of(length));
                busy += habit.busy_per_s * work;
                mean += habit.visits * work / (self.days * DAY_S);
            }
            let beyond = |work: f64| 1.0 - capacity / work.max(capacity);
            most = most.max(beyond(mean) * exchanges).max(beyond(busy) * a_day.min(exchanges));
        }
        most
    }
}

struct Contacts {
    /// Peers that are asked.
    asked: f64,
    /// Parts of requests, of all of them.
    requests: f64,
    pushes: f64,
    /// By peering: peers, and the time that one serves a request [s].
    service_s: Vec<(f64, f64)>,
}

/// When one user visits.
struct Habit {
    /// Visits in the whole run.
    visits: f64,
    /// Visits on the busiest kind of day.
    per_day: f64,
    /// Rate of the hours in which most visits are [1/s].
    busy_per_s: f64,
    /// Rate of the busiest hour [1/s].
    peak_per_s: f64,
}

impl Habit {
    fn of(visits: &VisitsConfig, start: Timestamp, duration: SimDuration) -> Self {
        let days = duration.as_secs_f64() / DAY_S;
        // 1970-01-01 was a Thursday.
        let weekday = |day: i64| (day + 3).rem_euclid(7);
        let weeks = (days / 7.0).floor();
        let mut of_days = weeks * (5.0 + 2.0 * visits.weekend);
        let mut left = days - 7.0 * weeks;
        let mut day = start.unix_day();
        while left > 0.0 {
            of_days += left.min(1.0) * if weekday(day) < 5 { 1.0 } else { visits.weekend };
            left -= 1.0;
            day += 1;
        }
        let all: f64 = visits.hourly.iter().sum();
        let squares: f64 = visits.hourly.iter().map(|rate| rate * rate).sum();
        let peak = visits.hourly.iter().copied().fold(0.0, f64::max);
        let per_day = visits.per_day * visits.weekend.max(1.0);
        Self {
            visits: visits.per_day * of_days,
            per_day,
            busy_per_s: per_day * squares / (all * all) / HOUR_S,
            peak_per_s: per_day * peak / all / HOUR_S,
        }
    }

    /// The most visits within a time of so many seconds.
    fn most_within(&self, seconds: f64) -> f64 {
        let days = (seconds / DAY_S).ceil();
        (self.peak_per_s * seconds).min(self.per_day * days).min(self.visits)
    }
}

fn share_of(connector: &ConnectorConfig, market: usize) -> f64 {
    connector.serves.iter().find(|(served, _)| *served == market).map_or(0.0, |(_, share)| *share)
}

fn mean_latency_s(connector: &ConnectorConfig) -> f64 {
    connector.latency.mean().clamp(0.0, SimDuration::LONGEST.as_secs_f64())
}

/// The longest of so many latencies, about.
fn slowest_latency_s(connector: &ConnectorConfig, calls: f64) -> f64 {
    let slowest = match &connector.latency {
        Distribution::Empirical(values) => values.iter().copied().fold(0.0, f64::max),
        latency => latency.quantile((calls + 0.5) / (calls + 1.0)),
    };
    slowest.clamp(0.0, SimDuration::LONGEST.as_secs_f64())
}

fn service_s(service: &ServiceConfig, length: f64) -> f64 {
    service.base.as_secs_f64() + length * service.per_instrument.as_secs_f64()
}
