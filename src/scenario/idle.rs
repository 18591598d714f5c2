//! Faults that change nothing, or that nobody can notice: valid, as a point of a sweep may have such a value, but remarked on.

use crate::model::Turns;
use crate::model::config::{
    FaultConfig, FaultKind, FaultTarget, InstanceFault, LinkFault, PeerSelection, PeeringConfig, ProviderFault,
    WorldConfig,
};

/// Keys of a fault with a remark on each.
pub(super) fn remarks_on_idle(fault: &FaultConfig, world: &WorldConfig) -> Vec<(&'static str, &'static str)> {
    let mut remarks = Vec::new();
    match &fault.kind {
        FaultKind::Instances { at, fault } => {
            if let InstanceFault::Slow { factor } = fault {
                remarks.extend(usual(*factor));
            }
            if is_true(fault) {
                remarks.push(("factor", "with ahead = \"0s\" all values stay true; only old prices look new"));
            }
            let is_noticed =
                |target: &FaultTarget| world.peerings.iter().any(|peering| concerns(peering, *target, world));
            if is_seen_by_peers_alone(fault) && !at.iter().any(is_noticed) {
                remarks.push(("at", "nobody knows these instances, so nobody notices"));
            }
        }
        FaultKind::Provider { connector, fault } => {
            if let ProviderFault::Slow { factor } = fault {
                remarks.extend(usual(*factor));
            }
            if world.connectors[*connector].serves.iter().all(|(_, share)| *share <= 0.0) {
                remarks.push(("provider", "it has no instrument, so nobody calls it"));
            }
        }
        FaultKind::Links { between, and, fault: LinkFault { loss, factor } } => {
            if *loss <= 0.0 && *factor <= 1.0 {
                remarks.push(("factor", "with loss = 0.0 all messages pass as usual"));
            }
            let joins = |one: &FaultTarget, other: &FaultTarget| {
                world.peerings.iter().any(|peering| is_joined(peering, [*one, *other], world))
            };
            if !between.iter().any(|one| and.iter().any(|other| joins(one, other))) {
                remarks.push(("between", "no peering joins the two ends, so no message passes between them"));
            }
        }
        FaultKind::Visits { at, factor } => {
            remarks.extend(usual(*factor));
            let visits = |target: &FaultTarget| {
                let group = &world.groups[target.group];
                group.users > 0 && group.visits.as_ref().is_some_and(|visits| visits.per_day > 0.0)
            };
            if !at.iter().any(visits) {
                remarks.push(("at", "nobody visits there, and more than nobody is nobody"));
            }
        }
    }
    remarks
}

fn usual(factor: f64) -> Option<(&'static str, &'static str)> {
    (factor <= 1.0).then_some(("factor", "once as much as usual: everything stays as it is"))
}

/// Whether an instance with this fault is rogue and sends true values with the timestamps of the moment.
fn is_true(fault: &InstanceFault) -> bool {
    matches!(fault, InstanceFault::Rogue { ahead, factor } if ahead.is_zero() && (*factor - 1.0).abs() <= 0.0)
}

/// Whether only other instances notice such a fault: its own users do not.
fn is_seen_by_peers_alone(fault: &InstanceFault) -> bool {
    match fault {
        InstanceFault::BlackHole
        | InstanceFault::Refuses
        | InstanceFault::RevokedGrant
        | InstanceFault::Slow { .. }
        | InstanceFault::Busy
        | InstanceFault::Rogue { .. } => true,
        InstanceFault::Crash { .. }
        | InstanceFault::Shutdown
        | InstanceFault::Announced { .. }
        | InstanceFault::Clock { .. } => false,
    }
}

/// Whether a peering makes an instance known to somebody.
fn concerns(peering: &PeeringConfig, target: FaultTarget, world: &WorldConfig) -> bool {
    let of = |group: usize| FaultTarget { group, number: None };
    [peering.from, peering.to].into_iter().any(|other| is_joined(peering, [target, of(other)], world))
}

/// Whether a peering may let messages pass between two ends.
fn is_joined(peering: &PeeringConfig, ends: [FaultTarget; 2], world: &WorldConfig) -> bool {
    let [from, to] = [peering.from, peering.to];
    let takes_part = world.groups[from].gtnet && world.groups[to].gtnet;
    let is = |target: FaultTarget, group: usize, number: Option<u32>| {
        target.group == group && (number.is_none() || target.number.is_none() || target.number == number)
    };
    let pair = |numbers: [Option<u32>; 2]| {
        let way = |one: FaultTarget, other: FaultTarget| is(one, from, numbers[0]) && is(other, to, numbers[1]);
        way(ends[0], ends[1]) || way(ends[1], ends[0])
    };
    let is_alone = ends[0] == ends[1] && (ends[0].number.is_some() || world.groups[ends[0].group].count == 1);
    takes_part
        && !is_alone
        && match &peering.select {
            PeerSelection::All | PeerSelection::Random(_) | PeerSelection::Nearest(_) => pair([None, None]),
            PeerSelection::InTurn(each) => {
                let (asking, servers) = (world.groups[from].count, world.groups[to].count);
                let turns = Turns { each: *each, servers, within_group: from == to };
                let way = |one: FaultTarget, other: FaultTarget| {
                    let asks = |number: u32| other.number.is_none_or(|server| turns.asks(number, server));
                    let anybody = || one.number.map_or_else(|| (0..asking).any(asks), asks);
                    is(one, from, None) && is(other, to, None) && anybody()
                };
                way(ends[0], ends[1]) || way(ends[1], ends[0])
            }
            PeerSelection::Edges(edges) => edges.iter().any(|(from, to)| pair([Some(*from), Some(*to)])),
        }
}
