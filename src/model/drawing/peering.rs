//! Draws who knows whom: the peer entries that the scenario's peerings give to each instance.

use std::borrow::Cow;

use crate::model::blueprint::Blueprint;
use crate::model::config::{PeerSelection, PeeringConfig};
use crate::model::instance::{Instance, PeerEntry, days_touched};
use crate::model::network::Link;
use crate::model::turns::Turns;
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
    let ungranted = name_peers(&draw, instances);
    know_who_asks(&draw, instances);
    for instance in &mut *instances {
        instance.known = instance.peers.iter().map(|entry| entry.instance).zip(0..).collect();
        instance.known.sort_unstable();
    }
    for (asking, asked) in ungranted {
        let asked = &mut instances[asked.index()];
        let entry = asked.entry_of(asking).expect("a peering is known on both sides");
        let entry = &mut asked.peers[entry];
        (entry.peer.exchange_agreed, entry.granted) = (false, false);
    }
}

/// Gives the instances the entries that peerings name, and lists them in `known`, whatever their order was. Returns whoever is asked
/// and has not granted it: who asks, whom.
fn name_peers(draw: &Drawing<'_>, instances: &mut [Instance]) -> Vec<(InstanceId, InstanceId)> {
    let config = &draw.blueprint.config;
    let mut ungranted = Vec::new();
    for peering in config.peerings.iter().filter(|peering| config.connects(peering)) {
        let edges = sorted_edges(&peering.select);
        for from in draw.blueprint.members(peering.from).map(InstanceId) {
            let mut new = draw.select(peering, &edges, from);
            let known = &mut instances[from.index()].known;
            new.retain(|to| known.binary_search_by_key(to, |(known, _)| *known).is_err());
            make_room(known, new.len());
            known.extend(new.iter().map(|to| (*to, 0)));
            // Two ascending lists one after the other: the stable sort merges them.
            known.sort();
            make_room(&mut instances[from.index()].peers, new.len());
            for to in new {
                let entry = draw.entry(&instances[to.index()], from, to, peering.priority);
                instances[from.index()].peers.push(entry);
                instances[to.index()].is_asked |= peering.priority > 0;
                if !peering.granted {
                    ungranted.push((from, to));
                }
            }
        }
    }
    ungranted
}

/// Makes room for `count` more. Most lists are filled once, and have room for no more; if they are filled again, they grow by doubling.
fn make_room<T>(list: &mut Vec<T>, count: usize) {
    if list.is_empty() {
        list.reserve_exact(count);
    } else {
        list.reserve(count);
    }
}

/// Gives asked instances an entry of those who ask them, by `known`, and whom they do not know yet. Entries are large, so that there
/// is room for those that come and for no more.
fn know_who_asks(draw: &Drawing<'_>, instances: &mut [Instance]) {
    let knows = |instances: &[Instance], one: InstanceId, other: InstanceId| {
        instances[one.index()].known.binary_search_by_key(&other, |(known, _)| *known).is_ok()
    };
    let all = || (0..draw.blueprint.instance_count()).map(InstanceId);
    let mut strangers = vec![0; instances.len()];
    for from in all() {
        for (to, _) in &instances[from.index()].known {
            strangers[to.index()] += usize::from(!knows(instances, *to, from));
        }
    }
    for (instance, count) in instances.iter_mut().zip(&strangers) {
        instance.peers.reserve_exact(*count);
    }
    for from in all() {
        for at in 0..instances[from.index()].known.len() {
            let (to, _) = instances[from.index()].known[at];
            if !knows(instances, to, from) {
                let entry = draw.entry(&instances[from.index()], to, from, 0);
                instances[to.index()].peers.push(entry);
            }
        }
    }
}

/// The pairs that a selection lists, ascending.
fn sorted_edges(select: &PeerSelection) -> Cow<'_, [(u32, u32)]> {
    match select {
        PeerSelection::Edges(edges) if edges.is_sorted() => Cow::Borrowed(edges),
        PeerSelection::Edges(edges) => {
            let mut edges = edges.clone();
            edges.sort_unstable();
            Cow::Owned(edges)
        }
        _ => Cow::Borrowed(&[]),
    }
}

struct Drawing<'a> {
    blueprint: &'a Blueprint,
    countries: &'a [Option<&'a str>],
    streams: &'a Streams,
}

impl Drawing<'_> {
    /// What `from` knows of `to`.
    fn entry(&self, peer: &Instance, from: InstanceId, to: InstanceId, priority: u16) -> PeerEntry {
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
        let log = ExchangeLog::with_room_for(days);
        PeerEntry { instance: to, peer, granted: true, link: self.link(from, to), log, tie }
    }

    /// Whom `from` knows by `peering`, which lists these `edges`, in the order of the instances.
    fn select(&self, peering: &PeeringConfig, edges: &[(u32, u32)], from: InstanceId) -> Vec<InstanceId> {
        // Of a block all are candidates, since a selection that does not say whom it means keeps the whole group together.
        let others = self.blueprint.members(peering.to).map(InstanceId).filter(|to| *to != from);
        let number = self.blueprint.instances()[from.index()].number;
        let mut chosen: Vec<InstanceId> = match &peering.select {
            PeerSelection::All => others.collect(),
            PeerSelection::Random(count) => {
                least(others.map(|to| (self.of_pair(Purpose::Peering, from, to), to)), *count)
            }
            PeerSelection::Nearest(count) => {
                // Round-trip times are positive, so that their bits are ordered as they are.
                least(others.map(|to| (self.link(from, to).median_rtt_s().to_bits(), to)), *count)
            }
            PeerSelection::InTurn(each) => {
                let within_group = peering.from == peering.to;
                let servers = self.blueprint.config.groups[peering.to].count;
                let turns = Turns { each: *each, servers, within_group };
                turns.of(number).map(|server| self.blueprint.member(peering.to, server)).collect()
            }
            PeerSelection::Edges(_) => {
                let begin = edges.partition_point(|(asking, _)| *asking < number);
                let of_from = edges[begin..].iter().take_while(|(asking, _)| *asking == number);
                of_from.map(|(_, asked)| self.blueprint.member(peering.to, *asked)).filter(|to| *to != from).collect()
            }
        };
        chosen.sort_unstable();
        chosen.dedup();
        chosen
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
