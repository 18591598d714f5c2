//! Rounds to all peers, one after the other, in the background: who is there (status checks), who sends what (synchronisation).
//!
//! Instruments and flags do not change in a run, so synchronisation teaches nothing new. It is simulated for what it costs, and
//! because its messages show who is online.

use crate::engine::Scheduler;
use crate::model::daily;
use crate::model::event::Event;
use crate::model::message::Initiator;
use crate::model::rounds::Round;
use crate::model::world::World;
use crate::observe::{InstanceId, MessageKind};
use crate::protocol::{PeerId, PeerViews, StatusCheck};
use crate::time::{SimDuration, SimTime};

const DAY: SimDuration = SimDuration::from_days(1);

impl World<'_> {
    /// Schedules the first synchronisation of every instance that has peers.
    pub(super) fn schedule_synchronisations(&mut self, scheduler: &mut Scheduler<Event>) {
        let start = self.blueprint.config.start;
        for (number, instance) in (0_u32..).zip(&mut self.population.instances) {
            let rule = self.blueprint.policy_of(InstanceId(number)).synchronisation;
            let time_of_day = daily::synchronisation_at(rule, instance.entity, &self.streams);
            if let Some(time_of_day) = time_of_day.filter(|_| instance.own.gtnet && !instance.peers.is_empty()) {
                let first = SimTime::START + daily::until(start, time_of_day);
                let event = Event::Synchronise { instance: number };
                instance.rounds.next_synchronisation = Some(scheduler.schedule_at(first, event));
            }
        }
    }

    /// It is time to ask all peers what they send.
    pub(super) fn synchronise(&mut self, instance: u32, scheduler: &mut Scheduler<Event>) {
        let asking = &mut self.population.instances[instance as usize];
        let is_down = asking.health.down;
        asking.rounds.next_synchronisation = Some(scheduler.schedule_in(DAY, Event::Synchronise { instance }));
        if !is_down {
            self.begin_round(InstanceId(instance), MessageKind::Synchronisation, scheduler);
        }
    }

    /// A peer has not answered a request: finds out who is there, unless that is being found out already.
    pub(super) fn check_peers(&mut self, instance: InstanceId, scheduler: &mut Scheduler<Event>) {
        if self.policy_of(instance).peer_views == PeerViews::Messages {
            self.begin_round(instance, MessageKind::Ping, scheduler);
        }
    }

    /// A ping or synchronisation has ended; the next peer's turn comes.
    pub(super) fn round_goes_on(
        &mut self,
        id: InstanceId,
        kind: MessageKind,
        peer: PeerId,
        check: StatusCheck,
        scheduler: &mut Scheduler<Event>,
    ) {
        let instance = &mut self.population.instances[id.index()];
        if kind == MessageKind::Ping {
            instance.peer(peer).peer.view.checked(check);
        }
        self.ask_next_peer(id, kind, scheduler);
    }

    fn begin_round(&mut self, instance: InstanceId, kind: MessageKind, scheduler: &mut Scheduler<Event>) {
        let round = self.population.instances[instance.index()].rounds.of(kind);
        if round.is_none() {
            *round = Some(Round { began: scheduler.now(), turn: 0 });
            self.ask_next_peer(instance, kind, scheduler);
        }
    }

    fn ask_next_peer(&mut self, id: InstanceId, kind: MessageKind, scheduler: &mut Scheduler<Event>) {
        loop {
            let instance = &mut self.population.instances[id.index()];
            let peers = instance.peers.len();
            let round = instance.rounds.of(kind);
            let Some(Round { turn, .. }) = round.as_mut().filter(|round| (round.turn as usize) < peers) else {
                return *round = None;
            };
            let peer = PeerId(*turn);
            *turn += 1;
            if self.may_send(id, kind, peer, scheduler.now()) {
                return self.send(Initiator::Round, id, kind, peer, scheduler);
            }
        }
    }
}
