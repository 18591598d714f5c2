//! Finds which luck the worlds of a study share, from the parts of which the addresses of random draws are made.
//!
//! An address is (seed, replication, purpose, entity). An entity is made of the name of a group or provider and of
//! numbers within it (see [`Streams`](crate::random::Streams)). All points of a study have one seed. If a point has
//! more numbers than another, it has more users or instances, and nobody else's luck changes. Another name makes other
//! users or instances.

use std::collections::BTreeMap;

use crate::model::config::WorldConfig;
use crate::record::{Bearer, CommonLuck, OnlyInSome};

/// What only some of the `worlds` have; each world comes with its label.
#[must_use]
pub fn common_luck<'w>(worlds: impl IntoIterator<Item = (&'w str, &'w WorldConfig)>) -> CommonLuck {
    let mut owners: BTreeMap<Bearer, Vec<String>> = BTreeMap::new();
    let mut count = 0;
    for (label, world) in worlds {
        count += 1;
        for bearer in bearers(world) {
            owners.entry(bearer).or_default().push(label.to_owned());
        }
    }
    let some: Vec<OnlyInSome> = owners
        .into_iter()
        .filter(|(_, points)| points.len() < count)
        .map(|(bearer, points)| OnlyInSome { bearer, points })
        .collect();
    // If a point lacks the whole group, only its missing users are told, not also its missing instances.
    let is_told = |one: &OnlyInSome| match &one.bearer {
        Bearer::Instances(name) => {
            some.iter().any(|other| other.bearer == Bearer::Users(name.clone()) && other.points == one.points)
        }
        _ => false,
    };
    CommonLuck { only_in_some: some.iter().filter(|one| !is_told(one)).cloned().collect() }
}

/// Everything in a world that bears luck, each once.
fn bearers(world: &WorldConfig) -> Vec<Bearer> {
    let mut bearers = vec![Bearer::Topology(world.topology), Bearer::Start(world.start.to_string())];
    for group in &world.groups {
        bearers.push(Bearer::Instances(group.name.clone()));
        if group.users > 0 {
            bearers.push(Bearer::Users(group.name.clone()));
        }
    }
    bearers.extend(world.connectors.iter().map(|connector| Bearer::Provider(connector.id.clone())));
    if world.instruments.currency_pairs > 0 {
        bearers.push(Bearer::CurrencyPairs(world.instruments.securities));
    }
    bearers.extend(world.markets.iter().map(|market| Bearer::Market(market.mic.clone())));
    bearers
}
