//! What is drawn before the first event of a replication, and what all replications share: the memory that it takes.

use std::collections::BTreeMap;

use crate::model::blueprint::InstanceInfo;
use crate::model::bucket::TokenBucket;
use crate::model::config::{GroupConfig, PeerSelection, PeeringConfig, WorldConfig};
use crate::model::instance::{Instance, PeerEntry, days_touched};
use crate::model::market::TradingCalendar;
use crate::model::population::{User, Watchlist};
use crate::model::stores::{LocalInstrument, Pool};
use crate::observe::InstanceId;
use crate::protocol::{AcceptMode, ExchangeLog, InstrumentId, PeerId};
use crate::random::{BrownianPath, Stream};
use crate::time::SimTime;

use super::{Lengths, Part, Popularity, heap, size};

const DAY_S: f64 = 86_400.0;

/// What is drawn.
pub(super) struct PopulationFootprint {
    pub(super) parts: Vec<Part>,
    /// What is true of instruments whoever watches them.
    pub(super) instruments: Part,
    /// Entries of the list of peers of one instance, by group.
    pub(super) known: Vec<f64>,
    /// Processor time of drawing all of it \[s\].
    pub(super) drawing_s: f64,
}

impl PopulationFootprint {
    pub(super) fn of(config: &WorldConfig) -> Self {
        let known = known(config);
        let peers = config.groups.iter().zip(&known).map(|(group, known)| count(group) * known).sum();
        let mut parts = vec![pools(config), instances(config)];
        parts.extend(watchlists(config));
        parts.push(peers_part(config, peers));
        Self { parts, instruments: coverage(config), known, drawing_s: drawing_s(config, peers) }
    }
}

/// The time that it takes to draw watchlists and peers, on a core of 2026 \[s\].
fn drawing_s(config: &WorldConfig, peers: f64) -> f64 {
    const ENTRY_S: f64 = 1e-7;
    const PEER_S: f64 = 3e-6;
    let lists = |group: &GroupConfig| users(group) * f64::from(group.watchlist.per_user);
    let entries = |group: &GroupConfig| -> f64 {
        let length = Lengths::of(&group.watchlist.instruments, config.instruments.choosable()).mean();
        lists(group) * if is_raced(config, length) { instruments(config) } else { length }
    };
    ENTRY_S * config.groups.iter().filter(|group| group.users > 0).map(entries).sum::<f64>() + PEER_S * peers
}

/// Whether a list of this length is drawn by a race of all instruments.
fn is_raced(config: &WorldConfig, length: f64) -> bool {
    length > instruments(config) / 4.0
}

fn count(group: &GroupConfig) -> f64 {
    f64::from(group.count)
}

fn users(group: &GroupConfig) -> f64 {
    count(group) * f64::from(group.users)
}

/// The path of a key of the group of which `weight` is greatest.
fn key_of_largest(config: &WorldConfig, weight: impl Fn(&GroupConfig) -> f64, key: &str) -> String {
    let largest = config.groups.iter().max_by(|a, b| weight(a).total_cmp(&weight(b)));
    largest.map_or_else(String::new, |group| format!("group.{}.{key}", group.name))
}

fn instruments(config: &WorldConfig) -> f64 {
    f64::from(config.instrument_count())
}

/// Which provider has which instrument, and the instruments' markets and paths of true prices.
fn coverage(config: &WorldConfig) -> Part {
    let providers = config.connectors.len() as f64;
    Part {
        name: "instruments and who has them",
        factors: vec![(providers, "connectors"), (instruments(config), "instruments")],
        keys: vec!["instruments.securities".to_owned()],
        bytes: instruments(config) * (providers * size::<bool>() + size::<usize>() + size::<BrownianPath>()),
    }
}

/// Pools have places for what the users of their instance and of its peers watch.
fn pools(config: &WorldConfig) -> Part {
    let has_pool = |group: &&GroupConfig| config.has_pool(group);
    let pools: f64 = config.groups.iter().filter(has_pool).map(count).sum();
    let weight = |group: &GroupConfig| if has_pool(&group) { count(group) } else { 0.0 };
    let watching = Watching::of(config);
    let places: f64 = (0..)
        .zip(&config.groups)
        .filter(|(_, group)| config.has_pool(group))
        .map(|(group, of)| count(of) * watching.distinct_at(group))
        .sum();
    let per_place = Pool::bytes_per_place(config.largest_checked_share() > 0.0) as f64;
    Part {
        name: "pools",
        factors: vec![(pools, ""), (places / pools.max(1.0), "instruments")],
        keys: vec![key_of_largest(config, weight, "count"), "instruments.securities".to_owned()],
        bytes: places * per_place + pools * instruments(config) * Pool::bytes_per_instrument(),
    }
}

/// Who watches how much.
struct Watching<'c> {
    config: &'c WorldConfig,
    securities: Option<Popularity>,
    pairs: Option<Popularity>,
}

impl<'c> Watching<'c> {
    fn of(config: &'c WorldConfig) -> Self {
        let law = |ranks: u32| (ranks > 0).then(|| Popularity::new(ranks, config.instruments.zipf_exponent));
        let of = &config.instruments;
        Self { config, securities: law(of.securities), pairs: law(of.currency_pairs) }
    }

    /// How many different instruments are in so many lists of a group.
    fn distinct(&self, group: &GroupConfig, lists: f64) -> f64 {
        let of = &self.config.instruments;
        let lengths = Lengths::of(&group.watchlist.instruments, of.choosable());
        let distinct =
            |law: &Option<Popularity>, share: f64| law.as_ref().map_or(0.0, |law| law.distinct(&lengths, share, lists));
        distinct(&self.securities, 1.0 - of.currency_pair_share) + distinct(&self.pairs, of.currency_pair_share)
    }

    /// How many different instruments an instance of a group and all its peers watch, at most: as if no two groups watched the same.
    fn distinct_at(&self, group: usize) -> f64 {
        let groups = &self.config.groups;
        let mut watching = vec![0.0; groups.len()];
        watching[group] = 1.0;
        for peering in &self.config.peerings {
            let pairs = named_pairs(self.config, peering) / count(&groups[group]);
            // Within a group an instance knows those who ask it and those whom it asks.
            for (one, other) in [(peering.from, peering.to), (peering.to, peering.from)] {
                if one == group {
                    watching[other] = (watching[other] + pairs).min(count(&groups[other]));
                }
            }
        }
        let of_group = |(group, instances): (&GroupConfig, f64)| {
            let lists = instances * f64::from(group.users) * f64::from(group.watchlist.per_user);
            if lists > 0.0 { self.distinct(group, lists) } else { 0.0 }
        };
        groups.iter().zip(watching).map(of_group).sum::<f64>().min(instruments(self.config))
    }
}

fn instances(config: &WorldConfig) -> Part {
    let all: f64 = config.groups.iter().map(count).sum();
    let buckets = heap(config.connectors.len() as f64 * size::<Option<TokenBucket>>());
    Part {
        name: "instances",
        factors: vec![(all, "")],
        keys: vec![key_of_largest(config, count, "count")],
        bytes: all * (size::<Instance>() + buckets),
    }
}

/// Users, their lists, and the instruments that their instances have recorded for them.
fn watchlists(config: &WorldConfig) -> Vec<Part> {
    let watching = Watching::of(config);
    let (mut all_users, mut users_bytes) = (0.0, 0.0);
    let (mut entries, mut rows_bytes) = (0.0, 0.0);
    let (mut recorded, mut recorded_bytes, mut drawing) = (0.0, 0.0, 0.0_f64);
    for (index, group) in (0..).zip(&config.groups).filter(|(_, group)| group.users > 0) {
        let lengths = Lengths::of(&group.watchlist.instruments, config.instruments.choosable());
        let (length, per_user) = (lengths.mean(), f64::from(group.watchlist.per_user));
        all_users += users(group);
        users_bytes += users(group) * (size::<User>() + size::<Stream>() + heap(per_user * size::<Watchlist>()));
        entries += users(group) * per_user * length;
        let covering = open_peers(config, index) * size::<(PeerId, u32)>();
        rows_bytes += users(group) * per_user * (heap(length * size::<usize>()) + heap(covering));
        let lists = f64::from(group.users) * per_user;
        let distinct = watching.distinct(group, lists);
        recorded += count(group) * distinct;
        recorded_bytes += count(group) * (heap(distinct * size::<LocalInstrument>()) + instruments(config) / 8.0);
        // While it draws, a replication holds the lists of one instance: each for itself, all joined, and what it draws from.
        let apart = lists * (size::<Vec<InstrumentId>>() + heap(length * size::<InstrumentId>()));
        let draw = instruments(config) * if is_raced(config, length) { size::<(f64, u32)>() } else { 1.0 };
        drawing = drawing.max(apart + lists * length * size::<InstrumentId>() + draw);
    }
    let watched = |group: &GroupConfig| {
        let length = Lengths::of(&group.watchlist.instruments, config.instruments.choosable()).mean();
        users(group) * f64::from(group.watchlist.per_user) * length
    };
    let length_key = key_of_largest(config, watched, "watchlist.instruments");
    let users_key = key_of_largest(config, users, "users");
    vec![
        Part {
            name: "users",
            factors: vec![(all_users, "")],
            keys: vec![users_key.clone(), users_key.replace(".users", ".watchlist.per_user")],
            bytes: users_bytes,
        },
        Part {
            name: "watchlists",
            factors: vec![(entries, "entries")],
            keys: vec![length_key.clone(), users_key.clone()],
            bytes: rows_bytes + drawing,
        },
        Part {
            name: "instruments that instances have recorded",
            factors: vec![(recorded, "")],
            keys: vec![length_key, key_of_largest(config, count, "count")],
            bytes: recorded_bytes,
        },
    ]
}

fn peers_part(config: &WorldConfig, peers: f64) -> Part {
    // An instance finds the entry of another one by its number.
    let number = size::<(InstanceId, u32)>();
    let named = |peering: &&PeeringConfig| named_pairs(config, peering);
    // What comes of their requests, day by day.
    let (asked, days) =
        (config.peerings.iter().map(|peering| named(&peering)).sum::<f64>(), days_touched(config.duration));
    let largest = (0..).zip(&config.peerings).max_by(|(_, a), (_, b)| named(a).total_cmp(&named(b)));
    let groups = largest.map(|(number, peering)| {
        let name = |group: usize| format!("group.{}.count", config.groups[group].name);
        let mut keys = vec![format!("peering.{number}.select"), name(peering.from), name(peering.to)];
        keys.dedup();
        keys
    });
    Part {
        name: "peers that instances know",
        factors: vec![(peers, "")],
        keys: groups.unwrap_or_default(),
        bytes: peers * (size::<PeerEntry>() + number) + asked * heap(ExchangeLog::bytes_for(days) as f64),
    }
}

/// How many open peers an instance of a group may ask, at most.
fn open_peers(config: &WorldConfig, group: usize) -> f64 {
    let asking = config.peerings.iter().filter(|peering| peering.from == group && peering.priority > 0);
    let open = asking.filter(|peering| config.groups[peering.to].mode == AcceptMode::Open);
    open.map(|peering| named_pairs(config, peering) / count(&config.groups[group])).sum()
}

/// How many pairs a peering makes known to each other, if it is the first to name them.
fn named_pairs(config: &WorldConfig, peering: &PeeringConfig) -> f64 {
    if !config.connects(peering) {
        return 0.0;
    }
    let (from, to) = (&config.groups[peering.from], &config.groups[peering.to]);
    let others = count(to) - f64::from(u8::from(peering.from == peering.to));
    match &peering.select {
        PeerSelection::All => count(from) * others,
        PeerSelection::Random(number) | PeerSelection::Nearest(number) | PeerSelection::InTurn(number) => {
            count(from) * f64::from(*number).min(others)
        }
        PeerSelection::Edges(edges) => edges.len() as f64,
    }
}

/// Entries of the list of peers of an instance of each group: both sides of every pair that a peering names have one. In a
/// star, the instance in the middle knows everybody and the others know one.
fn known(config: &WorldConfig) -> Vec<f64> {
    // By pair of groups: the share of all possible pairs that is not named in either direction, as if by chance.
    let mut unnamed: BTreeMap<(usize, usize), [f64; 2]> = BTreeMap::new();
    let others = |of: usize, group: usize| count(&config.groups[group]) - f64::from(u8::from(of == group));
    for peering in &config.peerings {
        let (from, to) = (peering.from, peering.to);
        let possible = count(&config.groups[from]) * others(from, to);
        let share = named_pairs(config, peering) / possible.max(1.0);
        let [forth, back] = unnamed.entry((from.min(to), from.max(to))).or_insert([1.0, 1.0]);
        let direction = if from <= to { forth } else { back };
        *direction = (*direction - share).max(0.0);
    }
    let mut known = vec![0.0; config.groups.len()];
    for ((a, b), [forth, back]) in unnamed {
        if a == b {
            known[a] += others(a, a) * (1.0 - forth * forth);
        } else {
            let named = 1.0 - forth * back;
            known[a] += others(a, b) * named;
            known[b] += others(b, a) * named;
        }
    }
    known
}

/// What all replications share: calendars, the hours of visits, popularity, names, and who is in which block.
pub(super) fn shared(config: &WorldConfig, are_blocks: bool) -> Vec<Part> {
    /// While blocks are made, each instance has a parent, a component with a weight, a block and a place in it.
    const IN_BLOCK: f64 = 20.0;
    let days = config.duration.as_secs_f64() / DAY_S + 1.0;
    let hours = config.groups.iter().filter(|group| group.visits.is_some()).count() as f64 * days * 24.0;
    let sessions: f64 = config.markets.iter().map(|market| market.hours.len() as f64 * (days + 14.0) * 5.0 / 7.0).sum();
    let edges: f64 = config
        .peerings
        .iter()
        .map(|peering| match &peering.select {
            PeerSelection::Edges(edges) => edges.len() as f64,
            _ => 0.0,
        })
        .sum();
    let all: f64 = config.groups.iter().map(count).sum();
    let run = || vec!["run.duration".to_owned()];
    let parts = vec![
        Part {
            name: "hours in which groups visit",
            factors: vec![(hours, "")],
            keys: run(),
            bytes: hours * 2.0 * size::<(SimTime, f64)>(),
        },
        Part {
            name: "trading sessions",
            factors: vec![(sessions, "")],
            keys: run(),
            bytes: sessions * 2.0 * TradingCalendar::bytes_per_session() as f64,
        },
        Part {
            name: "popularity",
            factors: vec![(instruments(config), "instruments")],
            keys: vec!["instruments.securities".to_owned()],
            bytes: instruments(config) * size::<f64>(),
        },
        Part {
            name: "list of instances",
            factors: vec![(all, "")],
            keys: vec![key_of_largest(config, count, "count")],
            bytes: all * (size::<InstanceInfo>() + if are_blocks { IN_BLOCK } else { 0.0 }),
        },
        Part {
            name: "edges of peerings",
            factors: vec![(edges, "")],
            keys: Vec::new(),
            bytes: edges * size::<(u32, u32)>(),
        },
    ];
    parts.into_iter().filter(|part| part.bytes > 0.0).collect()
}
