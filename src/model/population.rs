//! Who lives in a world: instances, users and their watchlists, as one replication draws them.
//!
//! Everything is drawn from a stream of its own, keyed by names and numbers that belong to the thing itself: another
//! instance, group or rule changes nobody else's luck.

use crate::observe::{InstanceId, ProviderId};
use crate::protocol::{
    ExchangeLog, InstrumentId, OwnInstance, OwnStatus, Peer, PeerId, Policy, ServerState, SupplierDetails,
};
use crate::random::{Entity, Purpose, Stream, Streams};
use crate::time::Timestamp;

use super::blueprint::Blueprint;
use super::bucket::TokenBucket;
use super::clock::LocalClock;
use super::config::{GroupConfig, RateScope, WorldConfig};
use super::housekeeping::Rounds;
use super::network::Link;
use super::peering;
use super::server::Server;
use super::stores::{LocalInstrument, LocalInstruments, Pool};
use super::world::Running;

/// Instances and users.
pub(super) struct Population {
    pub(super) instances: Vec<Instance>,
    pub(super) users: Vec<User>,
    /// By provider: the bucket that all instances share.
    pub(super) shared_buckets: Vec<Option<TokenBucket>>,
    /// By instrument: the index of its market.
    pub(super) market_of: Vec<usize>,
}

/// One GTNet instance.
pub(super) struct Instance {
    pub(super) entity: Entity,
    pub(super) own: OwnInstance,
    pub(super) clock: LocalClock,
    pub(super) local: LocalInstruments,
    /// Without room for prices unless the instance is push-open and somebody may look into it.
    pub(super) pool: Pool,
    pub(super) server: Server,
    /// By [`PeerId`].
    pub(super) peers: Vec<PeerEntry>,
    /// By provider: the bucket of this instance.
    pub(super) buckets: Vec<Option<TokenBucket>>,
    /// Pings and synchronisations.
    pub(super) rounds: Rounds,
    /// Numbers of the peer entries, by instance.
    pub(super) known: Vec<(InstanceId, u32)>,
}

/// What an instance knows of another.
pub(super) struct PeerEntry {
    pub(super) instance: InstanceId,
    pub(super) peer: Peer,
    pub(super) link: Link,
    pub(super) log: ExchangeLog,
    /// A number that belongs to this entry, for the order in which equals are tried.
    pub(super) tie: u64,
}

/// A user with watchlists.
pub(super) struct User {
    pub(super) instance: InstanceId,
    pub(super) entity: Entity,
    pub(super) watchlists: Vec<Watchlist>,
    /// Visits so far.
    pub(super) visits: u64,
    /// Visits that were expected before the last one (see `VisitSchedule::next`).
    pub(super) expected: f64,
}

/// A watchlist: rows of the instance's local instruments.
pub(super) struct Watchlist {
    pub(super) rows: Vec<usize>,
    /// When the last exchange of it began, by the local clock.
    pub(super) last_exchange: Option<Timestamp>,
}

impl Population {
    pub(super) fn draw(blueprint: &Blueprint, streams: &Streams) -> Self {
        let config = &blueprint.config;
        let market_of = draw_markets(blueprint, streams);
        let coverage = Coverage::draw(blueprint, &market_of, streams);
        let mut instances = Vec::with_capacity(blueprint.instances().len());
        let mut users = Vec::new();
        let mut countries = Vec::with_capacity(blueprint.instances().len());
        for (at, info) in blueprint.instances().iter().enumerate() {
            let id = InstanceId(u32::try_from(at).expect("fewer than 2^32 instances"));
            let group = blueprint.group_of(id);
            let entity = blueprint.entity_of(id);
            let first_user = users.len();
            let watched = draw_users(blueprint, id, streams, &mut users);
            let local = record(&watched, group, entity, config, &coverage, streams);
            for (user, lists) in users[first_user..].iter_mut().zip(watched.chunks(group.watchlist.per_user as usize)) {
                user.watchlists = lists.iter().map(|list| as_rows(list, &local)).collect();
            }
            countries.push(blueprint.countries[info.group].as_ref().map(|choice| {
                let chosen = choice.pick(&mut streams.stream(Purpose::Country, entity));
                group.countries[chosen].0.as_str()
            }));
            instances.push(Instance {
                entity,
                own: OwnInstance { mode: group.mode, gtnet: group.gtnet },
                clock: LocalClock::draw(&group.clock, config.start, &mut streams.stream(Purpose::Clock, entity)),
                local,
                pool: Pool::new(if config.has_pool(group) { blueprint.instruments() } else { 0 }),
                server: Server::new(group.workers),
                peers: Vec::new(),
                buckets: buckets(blueprint, RateScope::Instance),
                rounds: Rounds::default(),
                known: Vec::new(),
            });
        }
        peering::introduce(blueprint, &countries, streams, &mut instances);
        Self { instances, users, shared_buckets: buckets(blueprint, RateScope::Shared), market_of }
    }
}

impl Instance {
    /// The number of the entry of another instance, if there is one.
    pub(super) fn entry_of(&self, other: InstanceId) -> Option<usize> {
        let at = self.known.binary_search_by_key(&other, |(instance, _)| *instance).ok()?;
        Some(self.known[at].1 as usize)
    }

    /// What the instance says of itself with every message.
    pub(super) fn status(&self, policy: &Policy) -> OwnStatus {
        OwnStatus { mode: Some(self.own.mode), state: ServerState::Open, max_limit: policy.max_limit, busy: false }
    }
}

impl Population {
    /// The local instrument at a position of the watchlist that is being updated.
    pub(super) fn local_of(&self, running: &Running, position: usize) -> &LocalInstrument {
        self.instances[running.instance.index()].local.at(self.row_of(running, position))
    }

    /// The row of the local instruments at a position of the watchlist that is being updated.
    pub(super) fn row_of(&self, running: &Running, position: usize) -> usize {
        self.users[running.user as usize].watchlists[running.watchlist as usize].rows[position]
    }
}

/// What synchronisation has taught an instance: which of its peers send which instruments.
pub(super) struct Details<'a> {
    pub(super) instances: &'a [Instance],
    pub(super) peers: &'a [PeerEntry],
}

impl SupplierDetails<InstrumentId> for Details<'_> {
    fn covers(&self, peer: PeerId, instrument: InstrumentId) -> bool {
        let instance = &self.instances[self.peers[peer.0 as usize].instance.index()];
        instance.local.sends(instrument)
    }
}

fn draw_markets(blueprint: &Blueprint, streams: &Streams) -> Vec<usize> {
    let config = &blueprint.config.instruments;
    let mut stream = streams.stream(Purpose::InstrumentMarket, Entity::indexed(0));
    let securities = (0..config.securities).map(|_| match &blueprint.security_markets {
        Some(choice) => config.security_markets[choice.pick(&mut stream)].0,
        None => unreachable!("a scenario with securities names their markets"),
    });
    let mut market_of: Vec<usize> = securities.collect();
    market_of.extend((0..config.currency_pairs).map(|_| config.currency_market));
    market_of
}

/// Which provider has which instrument.
struct Coverage {
    instruments: usize,
    /// By provider, then instrument.
    has: Vec<bool>,
}

impl Coverage {
    fn draw(blueprint: &Blueprint, market_of: &[usize], streams: &Streams) -> Self {
        let mut has = Vec::with_capacity(blueprint.config.connectors.len() * market_of.len());
        for connector in &blueprint.config.connectors {
            let mut stream = streams.stream(Purpose::ProviderCoverage, Entity::named(&connector.id, 0));
            has.extend(market_of.iter().map(|market| {
                let share =
                    connector.serves.iter().find(|(served, _)| served == market).map_or(0.0, |(_, share)| *share);
                stream.chance(share)
            }));
        }
        Self { instruments: market_of.len(), has }
    }

    fn has(&self, provider: usize, instrument: InstrumentId) -> bool {
        self.has[provider * self.instruments + instrument.0 as usize]
    }
}

/// Adds the users of an instance, still without watchlists, and returns the instruments of all their watchlists, one
/// user after the other.
fn draw_users(
    blueprint: &Blueprint,
    instance: InstanceId,
    streams: &Streams,
    users: &mut Vec<User>,
) -> Vec<Vec<InstrumentId>> {
    let group = blueprint.group_of(instance);
    let number = u64::from(blueprint.instances()[instance.index()].number);
    let mut lists = Vec::new();
    for user in 0..u64::from(group.users) {
        let entity = Entity::pair(Entity::named(&group.name, number), Entity::indexed(user));
        for list in 0..u64::from(group.watchlist.per_user) {
            lists.push(draw_watchlist(blueprint, group, Entity::pair(entity, Entity::indexed(list)), streams));
        }
        users.push(User { instance, entity, watchlists: Vec::new(), visits: 0, expected: 0.0 });
    }
    lists
}

fn draw_watchlist(blueprint: &Blueprint, group: &GroupConfig, entity: Entity, streams: &Streams) -> Vec<InstrumentId> {
    let config = &blueprint.config.instruments;
    let mut stream = streams.stream(Purpose::Watchlist, entity);
    let drawn = group.watchlist.instruments.sample(&mut stream);
    let size = whole(drawn).clamp(1, config.choosable());
    let wanted_pairs = (0..size).filter(|_| stream.chance(config.currency_pair_share)).count();
    let wanted_pairs = u32::try_from(wanted_pairs).expect("at most `size`");
    // What one kind cannot supply the other does.
    let pairs = wanted_pairs.clamp(size.saturating_sub(config.securities), config.currency_pairs);
    let mut ranks = Vec::new();
    let mut list = Vec::with_capacity(size as usize);
    if let Some(zipf) = &blueprint.securities {
        zipf.sample_distinct(&mut stream, size - pairs, &mut ranks);
        list.extend(ranks.iter().map(|rank| InstrumentId(*rank)));
    }
    if let Some(zipf) = &blueprint.currency_pairs {
        zipf.sample_distinct(&mut stream, pairs, &mut ranks);
        list.extend(ranks.iter().map(|rank| InstrumentId(config.securities + rank)));
    }
    list
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates; the caller clamps")]
fn whole(drawn: f64) -> u32 {
    drawn.round() as u32
}

/// The local instruments of an instance whose users watch `lists`.
fn record(
    lists: &[Vec<InstrumentId>],
    group: &GroupConfig,
    entity: Entity,
    config: &WorldConfig,
    coverage: &Coverage,
    streams: &Streams,
) -> LocalInstruments {
    let mut flags = streams.stream(Purpose::InstrumentFlags, entity);
    let mut races: Vec<(f64, Stream)> = config
        .connectors
        .iter()
        .map(|connector| {
            let pair = Entity::pair(entity, Entity::named(&connector.id, 0));
            (connector.weight, streams.stream(Purpose::ProviderChoice, pair))
        })
        .collect();
    LocalInstruments::new(lists.concat(), |instrument| {
        // Exponential clocks whose rates are the weights: the first to ring is chosen with a probability proportional to
        // its weight, and another provider, or another order, changes only what that provider takes away.
        let mut first: Option<(f64, usize)> = None;
        for (provider, (weight, stream)) in races.iter_mut().enumerate() {
            if coverage.has(provider, instrument) {
                let rings = -libm::log(stream.at(u64::from(instrument.0), 0).open_unit()) / *weight;
                if first.is_none_or(|(earliest, _)| rings < earliest) {
                    first = Some((rings, provider));
                }
            }
        }
        let chosen = |(_, at)| ProviderId(u16::try_from(at).expect("fewer than 65,536 providers"));
        let provider = first.map(chosen);
        let flags = flags.at(u64::from(instrument.0), 0);
        let receive = flags.chance(group.receive);
        (provider, receive, flags.chance(group.send))
    })
}

fn as_rows(list: &[InstrumentId], local: &LocalInstruments) -> Watchlist {
    let row = |instrument: &InstrumentId| local.row(*instrument).expect("what users watch is recorded");
    Watchlist { rows: list.iter().map(row).collect(), last_exchange: None }
}

fn buckets(blueprint: &Blueprint, scope: RateScope) -> Vec<Option<TokenBucket>> {
    let limits = blueprint.config.connectors.iter().map(|connector| &connector.rate_limit);
    limits.map(|limit| limit.as_ref().filter(|limit| limit.scope == scope).map(TokenBucket::new)).collect()
}
