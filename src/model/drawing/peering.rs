//! Draws who knows whom: the peer entries that the scenario's peerings give to each instance.

use std::collections::BTreeSet;

use crate::model::blueprint::Blueprint;
use crate::model::config::{PeerSelection, PeeringConfig};
use crate::model::instance::{Instance, PeerEntry, days_touched};
use crate::model::network::Link;
use crate::observe::InstanceId;
use crate::protocol::{Announced, ExchangeLog, Online, Peer, PeerView, RequestBudget, Violations};
use crate::random::{Entity, Purpose, Streams};

/// Gives every instance its peer entries, in the order of the peerings and of the instances. Who takes no part in `GTNet` gets
/// no entry, and nobody gets one of it. Whoever is named by two peerings keeps the entry of the first. A peering is agreed on
/// both sides: an asked instance knows those who ask it, with priority 0 (never ask) where no peering says otherwise.
pub(super) fn introduce(
    blueprint: &Blueprint,
    countries: &[Option<&str>],
    streams: &Streams,
    instances: &mut [Instance],
) {
    let draw = Drawing { blueprint, countries, streams };
    let mut known = BTreeSet::new();
    // Whoever is asked and has not granted it: who asks, whom.
    let mut ungranted = BTreeSet::new();
    let config = &blueprint.config;
    for peering in config.peerings.iter().filter(|peering| config.connects(peering)) {
        for from in members(blueprint, peering.from) {
            for (to, link) in draw.select(peering, from) {
                if known.insert((from, to)) {
                    let entry = draw.entry(&instances[to.index()], from, to, peering.priority, link);
                    instances[from.index()].peers.push(entry);
                    if !peering.granted {
                        ungranted.insert((from, to));
                    }
                }
            }
        }
    }
    for (from, to) in known.iter().copied().collect::<Vec<_>>() {
        if known.insert((to, from)) {
            let link = draw.link(to, from);
            let entry = draw.entry(&instances[from.index()], to, from, 0, link);
            instances[to.index()].peers.push(entry);
        }
    }
    for (asking, asked) in ungranted {
        let asked = &mut instances[asked.index()].peers;
        let entry = asked.iter_mut().find(|entry| entry.instance == asking);
        let entry = entry.expect("a peering is known on both sides");
        (entry.peer.exchange_agreed, entry.granted) = (false, false);
    }
    for instance in instances {
        instance.known = instance.peers.iter().map(|entry| entry.instance).zip(0..).collect();
        instance.known.sort_unstable();
    }
}

fn members(blueprint: &Blueprint, group: usize) -> impl Iterator<Item = InstanceId> + Clone + '_ {
    (0_u32..)
        .zip(blueprint.instances())
        .filter(move |(_, info)| info.group == group)
        .map(|(number, _)| InstanceId(number))
}

struct Drawing<'a> {
    blueprint: &'a Blueprint,
    countries: &'a [Option<&'a str>],
    streams: &'a Streams,
}

impl Drawing<'_> {
    /// What `from` knows of `to`.
    fn entry(&self, peer: &Instance, from: InstanceId, to: InstanceId, priority: u16, link: Link) -> PeerEntry {
        let tie = self.of_pair(Purpose::TieOrder, from, to);
        let view = PeerView { said: peer.status(self.blueprint.policy_of(to)), online: Online::Online };
        let peer = Peer {
            view,
            priority,
            exchange_agreed: true,
            authorised: true,
            consumer_log: true,
            supplier_log: true,
            violations: Violations::default(),
            budget: RequestBudget::default(),
            announced: Announced::default(),
            distrusted_until: None,
        };
        // Who is never asked is never logged.
        let days = if priority > 0 { days_touched(self.blueprint.config.duration) } else { 0 };
        PeerEntry { instance: to, peer, granted: true, link, log: ExchangeLog::with_room_for(days), tie }
    }

    /// Whom `from` knows by `peering`, in the order of the instances.
    fn select(&self, peering: &PeeringConfig, from: InstanceId) -> Vec<(InstanceId, Link)> {
        let others = members(self.blueprint, peering.to).filter(|to| *to != from);
        let mut chosen: Vec<InstanceId> = match &peering.select {
            PeerSelection::All => others.collect(),
            PeerSelection::Random(count) => {
                least(others.map(|to| (self.of_pair(Purpose::Peering, from, to), to)), *count)
            }
            PeerSelection::Nearest(count) => {
                // Round-trip times are positive, so that their bits are ordered as they are.
                least(others.map(|to| (self.link(from, to).median_rtt_s().to_bits(), to)), *count)
            }
            PeerSelection::Edges(edges) => {
                let number = self.blueprint.instances()[from.index()].number;
                let targets: Vec<InstanceId> = members(self.blueprint, peering.to).collect();
                let of_from = edges.iter().filter(|(asking, _)| *asking == number);
                of_from.map(|(_, asked)| targets[*asked as usize]).filter(|to| *to != from).collect()
            }
        };
        chosen.sort_unstable();
        chosen.into_iter().map(|to| (to, self.link(from, to))).collect()
    }

    fn link(&self, from: InstanceId, to: InstanceId) -> Link {
        let info = self.blueprint.instances();
        let groups = &self.blueprint.config.groups;
        let name = |id: InstanceId| (groups[info[id.index()].group].name.as_str(), info[id.index()].number);
        // Both directions are the same link, however the groups are ordered in the scenario.
        let (first, second) = if name(from) <= name(to) { (from, to) } else { (to, from) };
        Link::draw(
            &self.blueprint.config.network,
            (self.countries[from.index()], self.countries[to.index()]),
            self.entity_of_pair(first, second),
            self.streams,
        )
    }

    fn of_pair(&self, purpose: Purpose, from: InstanceId, to: InstanceId) -> u64 {
        self.streams.stream(purpose, self.entity_of_pair(from, to)).next_u64()
    }

    fn entity_of_pair(&self, first: InstanceId, second: InstanceId) -> Entity {
        Entity::pair(self.blueprint.entity_of(first), self.blueprint.entity_of(second))
    }
}

/// Those of `candidates` with the `count` least keys.
fn least(candidates: impl Iterator<Item = (u64, InstanceId)>, count: u32) -> Vec<InstanceId> {
    let mut candidates: Vec<_> = candidates.collect();
    candidates.sort_unstable();
    candidates.into_iter().take(count as usize).map(|(_, to)| to).collect()
}
