//! Draws users and their watchlists.

use crate::model::blueprint::Blueprint;
use crate::model::config::GroupConfig;
use crate::model::population::{User, Watchlist};
use crate::model::stores::LocalInstruments;
use crate::observe::InstanceId;
use crate::protocol::InstrumentId;
use crate::random::{Entity, Purpose, Streams};
use crate::time::SimTime;

/// Adds the users of an instance, still without watchlists, and returns the instruments of all their watchlists, one
/// user after the other.
pub(super) fn users(
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
        users.push(User {
            instance,
            entity,
            watchlists: Vec::new(),
            visits: 0,
            expected: 0.0,
            next_visit: None,
            next_visit_at: SimTime::MAX,
        });
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

/// The watchlist of these instruments, all of which the instance has recorded.
pub(super) fn as_rows(list: &[InstrumentId], local: &LocalInstruments) -> Watchlist {
    let row = |instrument: &InstrumentId| local.row(*instrument).expect("what users watch is recorded");
    Watchlist { rows: list.iter().map(row).collect(), coverage: Vec::new(), last_exchange: None }
}
