//! What one simulation of a world takes, worked out from its parameters before anything is drawn: memory, by what takes it,
//! between a third and three times of the truth; and, roughly, events and work.
//!
//! Every part is a number of things times what one of them takes: `size_of` its types, and what they allocate. The numbers
//! are exact where the parameters give them, and expectations where chance decides: the lengths of watchlists, how many
//! different instruments they name, and how much is under way at a time.

mod faults;
mod habit;
mod lengths;
mod population;
mod traffic;

use crate::engine::EventQueue;
use crate::observe::CallEnd;
use crate::protocol::{Exchange, HistoricalExchange, InstrumentId, Synchronisation};

use super::blocks::Blocks;
use super::checks::PushCheck;
use super::config::{GroupConfig, WorldConfig};
use super::event::Event;
use super::message::{Message, MessageItem};
use super::quote::Quote;
use super::refreshes::{PoolRefresh, RefreshCall};
use super::running::{CALLS_PER_CORE, Call, Running};
use lengths::{Lengths, Popularity};
use population::PopulationFootprint;
use traffic::{GroupTraffic, Rates};

/// What simulating a world takes.
#[derive(Clone, Debug)]
pub struct Footprint {
    /// Memory that all simulations of the world share.
    pub shared: Vec<Part>,
    /// Memory of each simulation that is under way, beside what its observer takes. If it is simulated in blocks, it is that of the
    /// largest of them.
    pub simulation: Vec<Part>,
    /// In how many blocks it is simulated.
    pub blocks: f64,
    /// The share of its instances and users that are in the largest block.
    pub largest_block: f64,
    /// What happens in one simulation.
    pub traffic: Traffic,
}

/// Something that takes memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// What it is: `pools`.
    pub name: &'static str,
    /// How many there are, and of what, as factors of a product.
    pub factors: Vec<(f64, &'static str)>,
    /// Paths of the parameters that make it large.
    pub keys: Vec<String>,
    /// Memory \[bytes\].
    pub bytes: f64,
}

impl Part {
    /// Of what there is, only this share is there at a time.
    fn shrink(&mut self, share: f64) {
        self.bytes *= share;
        self.factors.iter_mut().take(1).for_each(|(count, _)| *count *= share);
    }
}

/// How much happens in one simulation; expectations, rough where peers decide it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Traffic {
    /// Visits of users.
    pub visits: f64,
    /// Instruments that they are shown.
    pub shown: f64,
    /// Connector calls.
    pub calls: f64,
    /// The most peers that an exchange of a group asks. Each is counted as if those before it had filled nothing. Where they are
    /// many, messages, events and work are therefore upper bounds.
    pub asked: f64,
    /// Messages of all kinds.
    pub messages: f64,
    /// Events of the event loop.
    pub events: f64,
    /// Processor time \[s\] on a core of 2026. The true one is between a third and three times of it.
    pub work_s: f64,
}

/// Memory of an allocation of so many bytes, with what the allocator adds \[bytes\].
fn heap(bytes: f64) -> f64 {
    if bytes == 0.0 { 0.0 } else { bytes + 16.0 }
}

/// The size of a type \[bytes\].
fn size<T>() -> f64 {
    size_of::<T>() as f64
}

impl Footprint {
    /// What simulating `config` takes, in blocks if it is large and falls apart.
    #[must_use]
    pub fn of(config: &WorldConfig) -> Self {
        Self::of_blocks(config, Blocks::usual(config).as_ref())
    }

    /// What simulating `config` takes in one piece.
    #[must_use]
    pub fn of_one_piece(config: &WorldConfig) -> Self {
        Self::of_blocks(config, None)
    }

    fn of_blocks(config: &WorldConfig, blocks: Option<&Blocks>) -> Self {
        let rates = Rates::of(config);
        let population = PopulationFootprint::of(config);
        let groups: Vec<(&GroupConfig, Lengths, GroupTraffic)> = (0..)
            .zip(&config.groups)
            .map(|(index, group)| {
                let lengths = Lengths::of(&group.watchlist.instruments, config.instruments.choosable());
                let traffic = rates.group(index, &lengths);
                (group, lengths, traffic)
            })
            .collect();
        let housekeeping = (0..)
            .zip(groups.iter().zip(&population.known))
            .map(|(index, ((_, _, traffic), known))| rates.housekeeping(index, *known, traffic))
            .sum();
        let largest_block = blocks.map_or(1.0, Blocks::largest_share);
        let mut simulation = population.parts;
        simulation.extend(under_way(config, &groups, &population.known));
        simulation.extend(checks(config, &groups));
        simulation.extend(refreshes(config));
        simulation.push(faults::part(config, EventQueue::<Event>::bytes_per_event() as f64));
        for part in &mut simulation {
            part.shrink(largest_block);
        }
        simulation.push(population.instruments);
        simulation.retain(|part| part.bytes > 0.0);
        let mut traffic = traffic(config, &groups, housekeeping);
        traffic.work_s += population.drawing_s;
        let shared = population::shared(config, blocks.is_some());
        let blocks = blocks.map_or(1.0, |blocks| blocks.len() as f64);
        Self { shared, simulation, blocks, largest_block, traffic }
    }

    /// Memory of each simulation under way \[bytes\].
    #[must_use]
    pub fn simulation_bytes(&self) -> f64 {
        self.simulation.iter().map(|part| part.bytes).sum()
    }
}

/// What exchanges, messages and pending events take in the busiest moment.
fn under_way(config: &WorldConfig, groups: &[(&GroupConfig, Lengths, GroupTraffic)], known: &[f64]) -> Vec<Part> {
    let instances: f64 = config.groups.iter().map(|group| f64::from(group.count)).sum();
    let of_group = |group: &GroupConfig| {
        let policy = config.policy_of(group);
        let daily =
            [policy.synchronisation != Synchronisation::Ideal, policy.historical_exchange != HistoricalExchange::None];
        daily.map(|is_daily| f64::from(u8::from(is_daily)) * f64::from(group.count)).iter().sum::<f64>()
    };
    let rounds: f64 = config.groups.iter().map(of_group).sum();
    let (mut exchanges, mut exchanges_bytes, mut largest) = (0.0, 0.0, 0);
    let (mut messages, mut messages_bytes) = (rounds, rounds * size::<Message>());
    let mut events = rounds + instances;
    for (at, (group, lengths, traffic)) in
        groups.iter().enumerate().filter(|(_, (_, _, traffic))| traffic.exchanges > 0.0)
    {
        // A slot keeps the buffers of the longest list that it has had.
        let lists = f64::from(group.count) * f64::from(group.users) * f64::from(group.watchlist.per_user);
        let longest = |slots: f64| lengths.longest_of((traffic.exchanges / slots).min(lists));
        let asked = if traffic.messages > 0.0 { longest(traffic.running) } else { 0.0 };
        let of_calls = size::<Option<Call>>() + size::<Option<CallEnd>>();
        let running = size::<Running>()
            + longest(traffic.running) * (Exchange::<InstrumentId, Quote>::bytes_per_instrument() as f64 + of_calls)
            // Positions that are asked for, and whose connectors are called: these grow by doubling.
            + asked * size::<usize>()
            + 1.5 * traffic.calls.min(longest(traffic.running)) * size::<(usize, crate::protocol::CallReason)>()
            // Who has returned what.
            + asked.min(traffic.messages * lengths.mean()) * Exchange::<InstrumentId, Quote>::bytes_per_returned() as f64
            + known[at] * Exchange::<InstrumentId, Quote>::bytes_per_peer() as f64;
        exchanges += traffic.running;
        if traffic.running * running > exchanges_bytes {
            largest = at;
        }
        exchanges_bytes += traffic.running * running;
        messages += traffic.in_flight;
        // What is asked, and an answer of about as much.
        let whole = longest(traffic.in_flight.max(1.0));
        // A push is not split; a slot that has had one keeps its buffer.
        let pushed = (traffic.exchanges * traffic.pushes / traffic.in_flight.max(1.0)).min(1.0);
        let items = pushed * whole + (1.0 - pushed) * whole.min(traffic.most_items);
        messages_bytes += traffic.in_flight * (size::<Message>() + 1.5 * items * size::<MessageItem>());
        events += f64::from(group.count) * f64::from(group.users) + traffic.calls_pending + 2.0 * traffic.in_flight;
    }
    let key = |key: &str| groups.get(largest).map(|(group, ..)| format!("group.{}.{key}", group.name));
    let keys = |names: &[&str]| names.iter().filter_map(|name| key(name)).collect::<Vec<_>>();
    let event = EventQueue::<Event>::bytes_per_event() as f64;
    vec![
        Part {
            name: "exchanges under way",
            factors: vec![(exchanges, "at a time")],
            keys: keys(&["visits.per_day", "watchlist.instruments"]),
            bytes: exchanges_bytes,
        },
        Part {
            name: "messages under way",
            factors: vec![(messages, "at a time")],
            keys: keys(&["visits.per_day", "watchlist.instruments"]),
            bytes: messages_bytes,
        },
        Part {
            name: "pending events",
            factors: vec![(events, "at a time")],
            keys: keys(&["visits.per_day", "watchlist.instruments", "cores"]),
            bytes: events * event,
        },
    ]
}

/// What checks of pushed prices take in the busiest moment, with an event of each.
fn checks(config: &WorldConfig, groups: &[(&GroupConfig, Lengths, GroupTraffic)]) -> Option<Part> {
    let servers = config.groups.iter().filter(|group| config.has_pool(group));
    let most: f64 = servers.map(|group| f64::from(group.count) * f64::from(CALLS_PER_CORE * group.cores)).sum();
    let pushing = || groups.iter().filter(|(.., traffic)| traffic.checks > 0.0);
    let count = pushing().map(|(.., traffic)| traffic.checks_pending).sum::<f64>().min(most);
    let longest = |(_, lengths, traffic): &(&GroupConfig, Lengths, GroupTraffic)| {
        let drawn = lengths.longest_of(traffic.exchanges) * config.largest_checked_share();
        drawn + 4.0 * drawn.sqrt()
    };
    let left = pushing().map(longest).fold(0.0, f64::max);
    let one = size::<PushCheck>() + heap(left * size::<MessageItem>()) + EventQueue::<Event>::bytes_per_event() as f64;
    (count > 0.0).then(|| Part {
        name: "checks of pushed prices",
        factors: vec![(count, "at a time")],
        keys: vec!["protocol.push_checked_share".to_owned()],
        bytes: count * one,
    })
}

/// The instances of the groups whose pools are refreshed, each with the time from one refresh to the next that fetches all anew \[s\].
fn refreshing(config: &WorldConfig) -> impl Iterator<Item = (&GroupConfig, f64)> {
    config.groups.iter().filter(|group| config.has_pool(group)).filter_map(|group| {
        let policy = config.policy_of(group);
        let every = policy.pool_refresh_interval?.max(policy.pool_refresh_age);
        Some((group, every.as_secs_f64()))
    })
}

/// What refreshes of pools take in the busiest moment, as if each pool held everything, with an event of each call and of the next.
fn refreshes(config: &WorldConfig) -> Option<Part> {
    let list = f64::from(config.instrument_count()) * size::<(InstrumentId, crate::observe::ProviderId)>();
    let of_group = |group: &GroupConfig| {
        let calls = f64::from(CALLS_PER_CORE * group.cores);
        let event = EventQueue::<Event>::bytes_per_event() as f64;
        let one = size::<PoolRefresh>() + heap(1.5 * list) + heap(calls * size::<Option<RefreshCall>>());
        f64::from(group.count) * (one + (calls + 1.0) * event)
    };
    let (mut count, mut bytes) = (0.0, 0.0);
    for (group, _) in refreshing(config) {
        (count, bytes) = (count + f64::from(group.count), bytes + of_group(group));
    }
    (count > 0.0).then(|| Part {
        name: "refreshes of pools",
        factors: vec![(count, "at a time")],
        keys: vec!["protocol.pool_refresh_interval".to_owned(), "instruments.securities".to_owned()],
        bytes,
    })
}

/// What happens, summed over the groups, and the work of it.
fn traffic(config: &WorldConfig, groups: &[(&GroupConfig, Lengths, GroupTraffic)], housekeeping: f64) -> Traffic {
    /// Measured on a core of 2026 [s]: of an event, of an instrument that is shown or sent, and of a comparison of two
    /// instruments of one request.
    const EVENT_S: f64 = 4e-7;
    const INSTRUMENT_S: f64 = 2e-7;
    const COMPARISON_S: f64 = 2.5e-10;
    let pools = config.groups.iter().any(|group| group.gtnet && group.mode == crate::protocol::AcceptMode::PushOpen);
    let events = 3.0 * housekeeping + faults::turns(config);
    let mut sum = Traffic { messages: housekeeping, events, ..Traffic::default() };
    for (_, lengths, traffic) in groups {
        let calls = traffic.exchanges * (traffic.calls + traffic.checks);
        let messages = traffic.exchanges * traffic.messages;
        let pushes = traffic.exchanges * traffic.pushes;
        let sent = pushes * lengths.mean() + (messages - pushes) * lengths.mean().min(traffic.most_items);
        let shown = traffic.visits * lengths.mean();
        sum.visits += traffic.visits;
        sum.shown += shown;
        sum.calls += calls;
        sum.messages += messages;
        sum.asked = sum.asked.max(traffic.asked);
        // A message arrives, is served, and its reply arrives. Each call counts, also where all of an exchange are made at once.
        sum.events += traffic.visits + calls + 3.0 * messages;
        // A pool looks for every instrument of a request in the rest of it.
        let asked = lengths.mean_square().min(traffic.most_items * traffic.most_items);
        let compared = if pools { 0.5 * messages * asked / 2.0 } else { 0.0 };
        sum.work_s += INSTRUMENT_S * (shown + sent) + COMPARISON_S * compared;
    }
    for (group, every_s) in refreshing(config) {
        let calls =
            config.duration.as_secs_f64() / every_s * f64::from(group.count) * f64::from(config.instrument_count());
        sum.calls += calls;
        sum.events += calls;
    }
    sum.work_s += EVENT_S * sum.events;
    sum
}
