//! What happens in a run, as far as rates and distributions tell it: visits, exchanges, calls, messages, and how much of it
//! is under way at a time.

use crate::model::config::{
    ConnectorConfig, GroupConfig, PeerSelection, PeeringConfig, RateLimit, RateScope, RttConfig, ServiceConfig,
    WhenExceeded, WorldConfig,
};
use crate::model::running::CALLS_PER_CORE;
use crate::protocol::{AcceptMode, HistoricalExchange, MaxLimitAction, PeerViews, PushBack, Synchronisation};
use crate::time::SimDuration;

use super::faults::{FloodedGroup, Situation, flooded_groups, greatest_of, situations, stops_and_starts};
use super::habit::Habit;
use super::lengths::Lengths;

const DAY_S: f64 = 86_400.0;

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
    /// Connector calls by which servers check what an exchange has pushed.
    pub(super) checks: f64,
    /// Pushes of which servers check prices in the busiest moment, if cores do not limit them.
    pub(super) checks_pending: f64,
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
    /// What is different while faults are active.
    situations: Vec<Situation<'c>>,
    /// By group, if there are floods of visits.
    flooded: Vec<Option<FloodedGroup>>,
}

impl<'c> Rates<'c> {
    pub(super) fn of(config: &'c WorldConfig) -> Self {
        let rtt_s = match &config.network.rtt {
            RttConfig::Anywhere(rtt) => rtt.mean_s(),
            RttConfig::Country(rtts) => {
                rtts.iter().map(|entry| entry.rtt.mean_s()).sum::<f64>() / rtts.len().max(1) as f64
            }
        };
        let situations = situations(config);
        let flooded = flooded_groups(config);
        Self { config, days: config.duration.as_secs_f64() / DAY_S, rtt_s, situations, flooded }
    }

    /// What the users of the group with this index do, whose lists have these lengths.
    pub(super) fn group(&self, index: usize, lengths: &Lengths) -> GroupTraffic {
        let group = &self.config.groups[index];
        let users = f64::from(group.count) * f64::from(group.users);
        let Some(visits) = group.visits.as_ref().filter(|_| users > 0.0) else {
            return GroupTraffic::default();
        };
        let habit = Habit::of(visits, self.config.start, self.config.duration);
        let exchange = self.mean_exchange(index, lengths.mean());
        let usual = Visitors { users, habit, due: self.due(group, habit.busy_per_s) };
        let at_once =
            self.situations.iter().fold(self.at_once(&exchange, usual, &Situation::USUAL), |most, situation| {
                most.max(self.at_once_in(&exchange, usual, situation))
            });
        let (mut visits, mut exchanges) = (habit.visits * users, habit.visits * users * usual.due);
        for (factor, extra) in self.flooded(index).map_or(&[][..], |flooded| &flooded.floods) {
            visits += extra * users;
            exchanges += extra * users * self.due(group, habit.busy_per_s * factor);
        }
        GroupTraffic {
            visits,
            exchanges,
            calls: exchange.calls,
            calls_pending: at_once.calls_pending,
            checks: exchange.contacts.pushes * exchange.checks_of_push,
            checks_pending: at_once.checks_pending,
            asked: exchange.contacts.asked,
            messages: exchange.messages,
            pushes: exchange.contacts.pushes,
            running: at_once.running,
            in_flight: at_once.in_flight,
            most_items: self.most_items(),
        }
    }

    fn flooded(&self, group: usize) -> Option<&FloodedGroup> {
        self.flooded.get(group)?.as_ref()
    }

    fn mean_exchange(&self, group: usize, length: f64) -> MeanExchange {
        let of_group = &self.config.groups[group];
        let contacts = self.contacts(group, length);
        let is_alone = !of_group.gtnet || contacts.requests == 0.0;
        let calls = length * self.served() * if is_alone { 1.0 } else { LEFT_TO_CONNECTORS };
        let at_a_time = f64::from(CALLS_PER_CORE * of_group.cores).min(calls);
        // What connectors have brought is news.
        let checked = self.config.largest_checked_share() * self.served();
        let checks_of_push = length * LEFT_TO_CONNECTORS * checked;
        let messages = contacts.requests + contacts.pushes;
        MeanExchange { group, calls, at_a_time, checks_of_push, messages, contacts }
    }

    /// The share of visits of users who visit at this rate [1/s] that begin an exchange: after one, a list rests for the timeout.
    fn due(&self, group: &GroupConfig, busy_per_s: f64) -> f64 {
        let rest_s = self.config.watchlist_timeout.as_secs_f64() / f64::from(group.watchlist.per_user);
        1.0 / (1.0 + busy_per_s * rest_s)
    }

    /// What is under way in the busiest moment of a situation, in which some users may visit more often than the others.
    fn at_once_in(&self, exchange: &MeanExchange, usual: Visitors, situation: &Situation<'_>) -> AtOnce {
        let group = &self.config.groups[exchange.group];
        let (share, pace) = situation.pace(exchange.group, self.config);
        let schedule = self.flooded(exchange.group).map(|flooded| &flooded.schedule);
        let (seconds, visits) = situation.busiest(schedule, &usual.habit);
        let visitors = |users: f64, pace: f64| {
            let habit = usual.habit.within(seconds, visits, pace);
            Visitors { users, habit, due: self.due(group, habit.busy_per_s) }
        };
        let many = self.at_once(exchange, visitors(usual.users * share, pace), situation);
        many.plus(self.at_once(exchange, visitors(usual.users * (1.0 - share), 1.0), situation))
    }

    /// What is under way in the busiest moment.
    fn at_once(&self, exchange: &MeanExchange, visitors: Visitors, situation: &Situation<'_>) -> AtOnce {
        let MeanExchange { group: index, calls, at_a_time, checks_of_push, messages, ref contacts } = *exchange;
        let Visitors { users, habit, due } = visitors;
        if users == 0.0 {
            return AtOnce::default();
        }
        let group = &self.config.groups[index];
        let (waits_s, there_s) = self.message_s(index, &contacts.servers, situation);
        let (waits_s, there_s) = (waits_s * messages, there_s * messages);
        let busy = |seconds: f64| habit.most_within(seconds) * users * due;
        let of_instance = f64::from(group.users) * due;
        let rates = [habit.most_within(DAY_S) * of_instance / DAY_S, habit.busy_per_s * of_instance];
        let (calls_s, [stuck_all_day, stuck_at_peak]) = self.calls_s(exchange, rates, situation);
        let latency_s: f64 = self
            .chosen()
            .map(|(number, connector, share)| share * situation.latency_s(number, mean_latency_s(connector)))
            .sum();
        let exchanges = habit.visits * users * due;
        // The busiest moment of a Poisson process is a few deviations above its mean.
        let peak = |mean: f64| (mean + 4.0 * mean.sqrt() + 1.0).min(exchanges);
        // What is not worked off over the day piles up for as long as the run lasts; what the busy hours leave, until the night.
        let stuck = f64::max(stuck_all_day * exchanges, stuck_at_peak * busy(DAY_S));
        let running = peak(busy(waits_s + calls_s) + stuck);
        AtOnce {
            calls_pending: (peak(busy(latency_s) + stuck) * calls).min(running * at_a_time),
            checks_pending: self.checks_pending(checks_of_push, busy(latency_s) * contacts.pushes, exchanges),
            running,
            in_flight: if messages > 0.0 {
                // An exchange waits for one message at a time. Others are there only as long as their server still has to
                // serve them although their exchange has given up.
                let given_up = busy(there_s - waits_s) + self.unserved(index, exchanges, busy(DAY_S), situation);
                peak(busy(waits_s) + given_up).min(running + peak(given_up))
            } else {
                0.0
            },
        }
    }

    /// Of how many pushes servers check prices in the busiest moment, in which so many pushes arrive in the time that a call takes.
    fn checks_pending(&self, checks_of_push: f64, pushes: f64, exchanges: f64) -> f64 {
        let waits = |limit: &RateLimit| limit.when_exceeded == WhenExceeded::Wait;
        if checks_of_push == 0.0 || pushes == 0.0 {
            0.0
        } else if self.config.connectors.iter().filter_map(|connector| connector.rate_limit.as_ref()).any(waits) {
            // Checks pile up before a provider that takes too few calls.
            exchanges
        } else {
            let mean = pushes * checks_of_push;
            (mean + 4.0 * mean.sqrt() + 1.0).min(exchanges)
        }
    }

    /// Pings, synchronisations and farewells of a group in the whole run, whose instances know so many peers each.
    pub(super) fn housekeeping(&self, index: usize, known: f64, traffic: &GroupTraffic) -> f64 {
        let group = &self.config.groups[index];
        let policy = self.config.policy_of(group);
        let count = f64::from(group.count);
        let synchronises = policy.synchronisation != Synchronisation::Ideal && group.gtnet;
        // Of each of two parts, a request and a push.
        let asks_for_history = policy.historical_exchange != HistoricalExchange::None && group.gtnet;
        let of_day = f64::from(u8::from(synchronises)) + 4.0 * f64::from(u8::from(asks_for_history));
        let rounds = of_day * count * self.days.ceil();
        if policy.peer_views != PeerViews::Messages {
            return rounds * known;
        }
        let unreachable = traffic.exchanges * traffic.messages * 2.0 * self.config.network.loss;
        // An instance pings one peer after the other, and goes round once at a time.
        let one_after_the_other = count * self.days * DAY_S / self.message_s(index, &[], &Situation::USUAL).0;
        let checks = (unreachable * known).min(one_after_the_other);
        (rounds + stops_and_starts(self.config, index)) * known + checks
    }

    /// The most instruments of a request: as many as a part has, where requests are split.
    fn most_items(&self) -> f64 {
        let of_group = |group: &GroupConfig| {
            let policy = self.config.policy_of(group);
            let limit = policy.max_limit.filter(|_| policy.max_limit_action == MaxLimitAction::Split);
            limit.map_or(f64::INFINITY, |limit| f64::from(limit.max(1)))
        };
        self.config.groups.iter().map(of_group).fold(0.0, f64::max)
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
        let group = &self.config.groups[from];
        let policy = self.config.policy_of(group);
        let mut contacts = Contacts { asked: 0.0, requests: 0.0, pushes: 0.0, servers: Vec::new() };
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
            let service_s = service_s(&asked.service, length.min(self.most_items()));
            contacts.servers.push(Servers { group: peering.to, peers, service_s });
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
            PeerSelection::Random(number) | PeerSelection::Nearest(number) | PeerSelection::InTurn(number) => {
                f64::from(*number)
            }
            PeerSelection::Edges(edges) => edges.len() as f64 / count(peering.from),
        }
    }

    /// How long the sender of a message to one of these servers waits, until its answer or until it gives up, and how long the message
    /// is there: until it is served, too \[s\].
    fn message_s(&self, from: usize, servers: &[Servers], situation: &Situation<'_>) -> (f64, f64) {
        let (network, policy) = (&self.config.network, self.config.policy_of(&self.config.groups[from]));
        let peers: f64 = servers.iter().map(|server| server.peers).sum();
        let mean = |of: &dyn Fn(&Servers) -> f64| {
            servers.iter().map(|server| server.peers * of(server)).sum::<f64>() / peers.max(1.0)
        };
        let service = mean(&|server| {
            let (share, factor) = situation.slowness(server.group, self.config);
            server.service_s * (1.0 + share * (factor - 1.0))
        });
        let longer = mean(&|server| situation.link_factor([from, server.group], self.config) - 1.0);
        let unanswered = mean(&|server| situation.unanswered([from, server.group], policy.peer_views, self.config));
        let way = self.rtt_s * (1.0 + longer) * (f64::from(network.connection_setup_rtts) + 1.0);
        let timeout = network.timeout.as_secs_f64();
        let lost = 1.0 - (1.0 - self.lost()) * (1.0 - unanswered);
        let waits = (way + service).min(timeout) * (1.0 - lost) + timeout * lost;
        (waits, waits.max(way + service))
    }

    /// How long the connector calls of an exchange take [s], and which share of the exchanges piles up before a provider that takes
    /// too few calls. There is one share for each of the `rates` at which an instance exchanges [1/s].
    fn calls_s(&self, exchange: &MeanExchange, rates: [f64; 2], situation: &Situation<'_>) -> (f64, [f64; 2]) {
        let &MeanExchange { group, calls, at_a_time, .. } = exchange;
        let mut stuck = [0.0_f64; 2];
        if calls == 0.0 {
            return (0.0, stuck);
        }
        let (mut latency_s, mut slowest_s, mut waits_s) = (0.0, 0.0_f64, 0.0_f64);
        for (number, connector, share) in self.chosen().filter(|(.., share)| *share > 0.0) {
            latency_s += share * situation.latency_s(number, mean_latency_s(connector));
            slowest_s = slowest_s.max(situation.latency_s(number, slowest_latency_s(connector, calls * share)));
            let Some(limit) = connector.rate_limit.as_ref().filter(|limit| limit.when_exceeded == WhenExceeded::Wait)
            else {
                continue;
            };
            let sharing =
                if limit.scope == RateScope::Instance { 1.0 } else { f64::from(self.config.groups[group].count) };
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

    /// The share of the calls that each provider gets, with the provider's number.
    fn chosen(&self) -> impl Iterator<Item = (usize, &ConnectorConfig, f64)> {
        let markets = self.shares();
        let weight = |connector: &ConnectorConfig, market: usize| connector.weight * share_of(connector, market);
        let all: Vec<f64> = markets
            .iter()
            .map(|(market, _)| self.config.connectors.iter().map(|one| weight(one, *market)).sum())
            .collect();
        self.config.connectors.iter().enumerate().map(move |(number, connector)| {
            let of_market = markets.iter().zip(&all).filter(|(_, all)| **all > 0.0);
            let share = of_market.map(|((market, share), all)| share * weight(connector, *market) / all).sum();
            (number, connector, share)
        })
    }

    /// How many of the messages of a group's exchanges pile up before servers that are slower than messages come: those of a
    /// busy day if the servers work them off by night, else those of the whole run.
    fn unserved(&self, from: usize, exchanges: f64, a_day: f64, situation: &Situation<'_>) -> f64 {
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
                let (share, pace) = situation.pace(other.from, self.config);
                let pace = 1.0 + share * (pace - 1.0);
                let work = asked * pace * (work_of(length.min(self.most_items())) + work_of(length));
                busy += habit.busy_per_s * work;
                mean += habit.visits * work / (self.days * DAY_S);
            }
            let (share, factor) = situation.slowness(peering.to, self.config);
            let left = |work: f64| 1.0 - capacity / work.max(capacity);
            let beyond = |work: f64| (1.0 - share) * left(work) + share * left(work * factor);
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
    /// By peering.
    servers: Vec<Servers>,
}

/// Peers of one group that an exchange asks.
struct Servers {
    group: usize,
    peers: f64,
    /// The time that one serves a request [s].
    service_s: f64,
}

/// An exchange of a group, as it is on average.
struct MeanExchange {
    /// Index of the group.
    group: usize,
    calls: f64,
    /// Calls that are under way at a time.
    at_a_time: f64,
    /// Calls by which a server checks one of its pushes.
    checks_of_push: f64,
    messages: f64,
    contacts: Contacts,
}

/// Users who visit in the same way.
#[derive(Clone, Copy)]
struct Visitors {
    users: f64,
    habit: Habit,
    /// The share of their visits that begin an exchange.
    due: f64,
}

/// What is under way at the same time.
#[derive(Clone, Copy, Default)]
struct AtOnce {
    calls_pending: f64,
    checks_pending: f64,
    running: f64,
    in_flight: f64,
}

impl AtOnce {
    fn max(self, other: Self) -> Self {
        Self {
            calls_pending: self.calls_pending.max(other.calls_pending),
            checks_pending: self.checks_pending.max(other.checks_pending),
            running: self.running.max(other.running),
            in_flight: self.in_flight.max(other.in_flight),
        }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            calls_pending: self.calls_pending + other.calls_pending,
            checks_pending: self.checks_pending + other.checks_pending,
            running: self.running + other.running,
            in_flight: self.in_flight + other.in_flight,
        }
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
    greatest_of(&connector.latency, calls).clamp(0.0, SimDuration::LONGEST.as_secs_f64())
}

fn service_s(service: &ServiceConfig, length: f64) -> f64 {
    service.base.as_secs_f64() + length * service.per_instrument.as_secs_f64()
}
