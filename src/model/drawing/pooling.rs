//! Makes room in the pools of push-open instances: for what their own users and those of all their peers watch, and nothing else.

use crate::model::blueprint::Blueprint;
use crate::model::instance::Instance;
use crate::model::stores::Pool;
use crate::observe::InstanceId;

/// Gives every instance that has a pool an empty one. Everybody knows their peers already.
pub(super) fn make_room(blueprint: &Blueprint, instances: &mut [Instance]) {
    let config = &blueprint.config;
    let mut watched = Vec::new();
    for number in (0..instances.len()).filter(|number| config.has_pool(blueprint.group_of(id(*number)))) {
        watched.clear();
        let peers = instances[number].peers.iter().map(|entry| entry.instance.index());
        for instance in peers.chain([number]) {
            watched.extend(instances[instance].local.rows().iter().map(|row| row.instrument));
        }
        watched.sort_unstable();
        watched.dedup();
        let knows_pushers = blueprint.policy_of(id(number)).checks_pushes();
        instances[number].pool = Pool::new(watched.iter().copied(), knows_pushers);
    }
}

fn id(number: usize) -> InstanceId {
    InstanceId(u32::try_from(number).expect("fewer than 2^32 instances"))
}
