//! What luck has in common between the worlds of a study: derived from what the addresses of random draws are made of.
//!
//! An address is (seed, replication, purpose, entity), and an entity is made of the name of a group or provider and of
//! numbers within it (see [`Streams`](crate::random::Streams)). All points of a study have one seed. A number beyond those of
//! another point adds somebody and changes nobody's luck; another name is somebody else.

use std::collections::BTreeMap;

use crate::model::config::WorldConfig;
use crate::record::{Bearer, CommonLuck, OnlyInSome};

/// What only some of the worlds have, which are given with their labels.
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
    // Whoever has no users of a group because there is no such group is told once.
    let is_told = |one: &OnlyInSome| match &one.bearer {
        Bearer::Instances(name) => {
            some.iter().any(|other| other.bearer == Bearer::Users(name.clone()) && other.points == one.points)
        }
        _ => false,
    };
    CommonLuck { only_in_some: some.iter().filter(|one| !is_told(one)).cloned().collect() }
}

/// All bearers of luck of a world, each once.
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
