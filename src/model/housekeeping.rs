//! What instances do beside exchanges: find out who is online, and learn who sends what.
//!
//! Both are done one peer after the other, in the background. What synchronisation teaches does not change in a run, as
//! instruments and flags do not; what it costs and whom it shows to be online does.

use crate::engine::Scheduler;
use crate::observe::{InstanceId, MessageEnd, MessageKind, Observer};
use crate::protocol::{PeerId, PeerViews, StatusCheck, Synchronisation};
use crate::time::{SimDuration, SimTime};

use super::messages::Purpose;
use super::world::{Event, World};

/// When supplier details are synchronised: time after midnight, UTC (0.36.5).
const SYNCHRONISED_AT: SimDuration = SimDuration::from_hours(2);

const DAY: SimDuration = SimDuration::from_days(1);

/// A round of an instance to all its peers.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rounds {
    /// The peer that is being pinged, while a status check is under way.
    check: Option<u32>,
    /// The peer that is being asked what it sends, while a synchronisation is under way.
    synchronisation: Option<u32>,
    /// Pings and synchronisations so far, by which each has its own luck.
    pub(super) sent: u64,
}

impl Rounds {
    fn of(&mut self, kind: MessageKind) -> &mut Option<u32> {
        if kind == MessageKind::Ping { &mut self.check } else { &mut self.synchronisation }
    }
}

impl<O: Observer> World<'_, O> {
    /// Schedules the first synchronisation of every instance that has peers.
    pub(super) fn schedule_synchronisations(&mut self, scheduler: &mut Scheduler<Event>) {
        if self.blueprint.config.policy.synchronisation == Synchronisation::Ideal {
            return;
        }
        let midnight = self.blueprint.config.start.unix_day() * i64::try_from(DAY.as_nanos()).expect("a day fits");
        let passed = self.blueprint.config.start.as_unix_nanos() - midnight;
        let passed = SimDuration::from_nanos(u64::try_from(passed).expect("midnight is before the start"));
        let wait = if passed <= SYNCHRONISED_AT { SYNCHRONISED_AT - passed } else { SYNCHRONISED_AT + DAY - passed };
        for (number, instance) in (0_u32..).zip(&self.population.instances) {
            if instance.own.gtnet && !instance.peers.is_empty() {
                scheduler.schedule_at(SimTime::START + wait, Event::Synchronise { instance: number });
            }
        }
    }

    /// It is time to ask all peers what they send.
    pub(super) fn synchronise(&mut self, instance: u32, scheduler: &mut Scheduler<Event>) {
        scheduler.schedule_in(DAY, Event::Synchronise { instance });
        self.begin_round(InstanceId(instance), MessageKind::Synchronisation, scheduler);
    }

    /// A peer has not answered a request: finds out who is online, unless that is being found out already.
    pub(super) fn suspect_peers(&mut self, instance: InstanceId, scheduler: &mut Scheduler<Event>) {
        if self.blueprint.config.policy.peer_views == PeerViews::Messages {
            self.begin_round(instance, MessageKind::Ping, scheduler);
        }
    }

    /// A message of `sender` has reached `receiver`, who takes over what it says of itself.
    pub(super) fn hear_from(&mut self, receiver: InstanceId, sender: InstanceId) {
        let status = self.population.instances[sender.index()].status(&self.blueprint.config.policy);
        let receiver = &mut self.population.instances[receiver.index()];
        if let Some(at) = receiver.entry_of(sender) {
            receiver.peers[at].peer.view.heard_from(&status);
        }
    }

    /// A reply of `server` has reached `receiver`.
    pub(super) fn hear_reply(&mut self, receiver: InstanceId, server: InstanceId) {
        let policy = &self.blueprint.config.policy;
        let status = self.population.instances[server.index()].status(policy);
        let receiver = &mut self.population.instances[receiver.index()];
        if let Some(at) = receiver.entry_of(server) {
            receiver.peers[at].peer.view.heard_reply(policy, &status);
        }
    }

    /// A ping or synchronisation has ended; the next peer's turn comes.
    pub(super) fn end_of_visit(
        &mut self,
        instance: InstanceId,
        kind: MessageKind,
        peer: PeerId,
        end: MessageEnd,
        scheduler: &mut Scheduler<Event>,
    ) {
        let entry = &mut self.population.instances[instance.index()].peers[peer.0 as usize];
        if kind == MessageKind::Ping {
            entry.peer.view.checked(match end {
                MessageEnd::Answered(_) => StatusCheck::Delivered { busy: false },
                MessageEnd::Refused | MessageEnd::TimedOut => StatusCheck::NotDelivered,
            });
        }
        *self.population.instances[instance.index()].rounds.of(kind) = Some(peer.0 + 1);
        self.visit_next(instance, kind, scheduler);
    }

    fn begin_round(&mut self, instance: InstanceId, kind: MessageKind, scheduler: &mut Scheduler<Event>) {
        let next = self.population.instances[instance.index()].rounds.of(kind);
        if next.is_none() {
            *next = Some(0);
            self.visit_next(instance, kind, scheduler);
        }
    }

    fn visit_next(&mut self, id: InstanceId, kind: MessageKind, scheduler: &mut Scheduler<Event>) {
        let instance = &mut self.population.instances[id.index()];
        let next = instance.rounds.of(kind);
        match *next {
            Some(peer) if (peer as usize) < instance.peers.len() => {
                instance.rounds.sent += 1;
                self.send(Purpose::Housekeeping, id, kind, PeerId(peer), scheduler);
            }
            _ => *next = None,
        }
    }
}
