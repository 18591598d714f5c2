//! Draws who lives in a world, before its first event.
//!
//! Everything is drawn from a stream of its own, keyed by names and numbers that belong to the thing itself: another
//! instance, group or rule changes nobody else's luck.

mod instruments;
mod peering;
mod pooling;
mod watching;

use std::sync::Arc;

use crate::model::blueprint::Blueprint;
use crate::model::bucket::TokenBucket;
use crate::model::clock::LocalClock;
use crate::model::config::RateScope;
use crate::model::health::Health;
use crate::model::history::History;
use crate::model::instance::Instance;
use crate::model::population::Population;
use crate::model::rounds::Rounds;
use crate::model::server::Server;
use crate::model::stores::Pool;
use crate::observe::InstanceId;
use crate::protocol::OwnInstance;
use crate::random::{Purpose, Streams};

use instruments::record;

pub(super) use instruments::DrawnInstruments;
use watching::as_rows;

/// Instances and users as one replication begins with them.
pub(super) fn population(blueprint: &Blueprint, streams: &Streams, drawn: &DrawnInstruments) -> Population {
    let config = &blueprint.config;
    let mut instances = Vec::with_capacity(blueprint.instances().len());
    let all_users = blueprint.instances().iter().map(|info| info.users as usize).sum();
    let mut users = Vec::with_capacity(all_users);
    let mut countries = Vec::with_capacity(blueprint.instances().len());
    for (at, info) in blueprint.instances().iter().enumerate() {
        let id = InstanceId(u32::try_from(at).expect("fewer than 2^32 instances"));
        let group = blueprint.group_of(id);
        let entity = blueprint.entity_of(id);
        let first_user = users.len();
        let watched = watching::users(blueprint, id, streams, &mut users);
        let local = record(&watched, group, entity, config, &drawn.coverage, streams);
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
            health: Health::GOOD,
            clock: LocalClock::draw(&group.clock, config.start, streams, entity),
            local,
            pool: Pool::none(),
            server: Server::new(group.workers),
            peers: Vec::new(),
            buckets: buckets(blueprint, RateScope::Instance),
            users: number(first_user)..number(users.len()),
            exchanges: 0,
            is_asked: false,
            rounds: Rounds::default(),
            history: History::default(),
            checks: 0,
            refresh: None,
            known: Vec::new(),
        });
    }
    peering::introduce(blueprint, &countries, streams, &mut instances);
    pooling::make_room(blueprint, &mut instances);
    Population {
        instances,
        users,
        group_buckets: config.groups.iter().map(|_| buckets(blueprint, RateScope::Group)).collect(),
        shared_buckets: buckets(blueprint, RateScope::Shared),
        market_of: Arc::clone(&drawn.market_of),
        coverage: Arc::clone(&drawn.coverage),
        true_prices: Arc::clone(&drawn.true_prices),
    }
}

fn number(users: usize) -> u32 {
    u32::try_from(users).expect("fewer than 2^32 users")
}

fn buckets(blueprint: &Blueprint, scope: RateScope) -> Vec<Option<TokenBucket>> {
    let limits = blueprint.config.connectors.iter().map(|connector| &connector.rate_limit);
    limits.map(|limit| limit.as_ref().filter(|limit| limit.scope == scope).map(TokenBucket::new)).collect()
}
