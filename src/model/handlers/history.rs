//! The daily exchange of historical prices, in the background: what it costs, without any price. Peers are asked one after the other,
//! each for all that is left.

use crate::engine::Scheduler;
use crate::model::daily;
use crate::model::event::Event;
use crate::model::history::{HistoryPart, HistoryRound};
use crate::model::message::{Initiator, Message};
use crate::model::world::World;
use crate::observe::{InstanceId, MessageKind};
use crate::protocol::{AcceptMode, PeerId};
use crate::time::{SimDuration, SimTime};

impl World<'_> {
    /// Schedules the first exchange of historical prices of every instance that has peers.
    pub(super) fn schedule_histories(&mut self, scheduler: &mut Scheduler<Event>) {
        for number in 0..u32::try_from(self.population.instances.len()).expect("fewer than 2^32 instances") {
            let instance = &self.population.instances[number as usize];
            if instance.own.gtnet && !instance.peers.is_empty() {
                self.schedule_history(InstanceId(number), SimDuration::ZERO, scheduler);
            }
        }
    }

    /// Schedules the first one that is at least `after` away.
    fn schedule_history(&mut self, id: InstanceId, after: SimDuration, scheduler: &mut Scheduler<Event>) {
        let zone = self.blueprint.group_of(id).visits.as_ref().map(|visits| &visits.zone);
        let from = self.blueprint.config.start + scheduler.now().since_start() + after;
        let instance = &mut self.population.instances[id.index()];
        let of = (instance.entity, &self.streams);
        let wait = daily::until_history(self.blueprint.policy_of(id).historical_exchange, from, zone, of);
        let next = wait.map(|wait| scheduler.schedule_in(after + wait, Event::ExchangeHistory { instance: id.0 }));
        instance.history.next = next;
    }

    /// It is time to ask all peers for historical prices.
    pub(super) fn exchange_history(&mut self, instance: u32, scheduler: &mut Scheduler<Event>) {
        let id = InstanceId(instance);
        self.schedule_history(id, SimDuration::from_nanos(1), scheduler);
        let instance = &mut self.population.instances[id.index()];
        if !instance.health.down && instance.history.under_way.is_none() {
            self.begin_history_part(id, HistoryPart::Securities, scheduler.now(), scheduler);
        }
    }

    /// Begins a part of the exchange that began at `began`: all peers that may be asked, push-open ones first, and all instruments that
    /// may be filled.
    fn begin_history_part(
        &mut self,
        id: InstanceId,
        part: HistoryPart,
        began: SimTime,
        scheduler: &mut Scheduler<Event>,
    ) {
        let (policy, securities) = (self.policy_of(id), self.blueprint.config.instruments.securities);
        let instance = &mut self.population.instances[id.index()];
        let shown = instance.clock.show(scheduler.now());
        let (history, peers) = (&mut instance.history, &instance.peers);
        let supplier = |peer: PeerId| peers[peer.0 as usize].peer.as_supplier(policy, peer, 1.0, shown);
        let numbers = (0..u32::try_from(peers.len()).expect("fewer than 2^32 peers")).map(PeerId);
        history.peers.clear();
        history.peers.extend(numbers.filter(|peer| {
            let supplier = supplier(*peer);
            supplier.is_eligible() && supplier.mode != AcceptMode::Closed
        }));
        history.peers.sort_unstable_by_key(|peer| {
            let supplier = supplier(*peer);
            (supplier.mode != AcceptMode::PushOpen, supplier.priority, peers[peer.0 as usize].tie)
        });
        history.left.clear();
        let of_part = instance.local.rows().iter().filter(|row| {
            let is_security = row.instrument.0 < securities;
            row.receive && is_security == (part == HistoryPart::Securities)
        });
        history.left.extend(of_part.map(|row| row.instrument));
        history.wanting.clear();
        history.under_way = Some(HistoryRound { began, part, turn: 0, pushes: false });
        self.history_goes_on(id, scheduler);
    }

    /// The next peer's turn comes: to be asked for what is left, and once all have been asked, to get what it lacked.
    pub(super) fn history_goes_on(&mut self, id: InstanceId, scheduler: &mut Scheduler<Event>) {
        loop {
            let history = &mut self.population.instances[id.index()].history;
            let round = history.under_way.as_mut().expect("an exchange of historical prices is under way");
            let (kind, next) = if round.pushes {
                (MessageKind::HistoryPush, history.wanting.get(round.turn).map(|(peer, _)| *peer))
            } else {
                let next = history.peers.get(round.turn).copied();
                (MessageKind::History, next.filter(|_| !history.left.is_empty()))
            };
            round.turn += 1;
            match next {
                Some(peer) => {
                    if self.may_send(id, kind, peer, scheduler.now()) {
                        return self.send(Initiator::History, id, kind, peer, scheduler);
                    }
                }
                None if !round.pushes => (round.turn, round.pushes) = (0, true),
                None if round.part == HistoryPart::Securities => {
                    let began = round.began;
                    return self.begin_history_part(id, HistoryPart::CurrencyPairs, began, scheduler);
                }
                None => return history.under_way = None,
            }
        }
    }

    /// A peer has answered a request for historical prices. Connectors deliver what nobody has, and so the peer gets what it lacked.
    pub(super) fn take_history(&mut self, message: u32) {
        let Message { from, peer, ref answer, .. } = self.messages[message];
        let history = &mut self.population.instances[from.index()].history;
        // Both lists are in the order of the instruments.
        history.left.retain(|left| answer.binary_search_by_key(left, |item| item.instrument).is_err());
        if !history.left.is_empty() {
            history.wanting.push((peer, history.left.len()));
        }
    }
}
