//! Announcements of instances: each is sent to all peers, and waits for no reply.

use crate::engine::Scheduler;
use crate::model::config::{AnnouncedStop, FaultSpell};
use crate::model::event::Event;
use crate::model::message::Initiator;
use crate::model::world::World;
use crate::observe::{InstanceId, MessageKind};
use crate::protocol::{Announcement, MaintenanceRule, MaintenanceWindow, PeerId, PeerViews};
use crate::time::{SimDuration, SimTime};

impl World<'_> {
    /// Schedules the word of what begins next at a place, if somebody announces it.
    pub(super) fn schedule_announcement(&mut self, place: u32, scheduler: &mut Scheduler<Event>) {
        self.faults.place_mut(place).is_announced = false;
        let next = self.faults.announced(place, self.blueprint);
        self.schedule_notice(place, next.map(|next| (next.spell, next.before)), scheduler);
    }

    /// An instance announces what will begin at a place, or that it will not. If it is down, nobody hears of it.
    pub(super) fn announce(&mut self, place: u32, scheduler: &mut Scheduler<Event>) {
        let turning = self.faults.place_mut(place);
        let instance = turning.instance.expect("an instance announces");
        let cancels = std::mem::replace(&mut turning.is_announced, true);
        turning.notice = None;
        let Some(next) = self.faults.announced(place, self.blueprint) else { return };
        if !cancels && let Some(before) = next.cancelled {
            self.schedule_notice(place, Some((next.spell, before)), scheduler);
        }
        // Its administrator says when, whatever its clock shows.
        let from = self.blueprint.config.start + next.spell.begins;
        let window = MaintenanceWindow { from, to: from + next.spell.lasts };
        let announcement = match (next.what, cancels) {
            (AnnouncedStop::Maintenance, false) => Announcement::Maintenance(window),
            (AnnouncedStop::Maintenance, true) => Announcement::MaintenanceCancelled(window),
            (AnnouncedStop::Discontinuation, false) => Announcement::Discontinuation { unix_day: from.unix_day() },
            (AnnouncedStop::Discontinuation, true) => Announcement::DiscontinuationCancelled,
        };
        self.give_notice(instance, announcement, scheduler);
    }

    fn schedule_notice(&mut self, place: u32, of: Option<(FaultSpell, SimDuration)>, scheduler: &mut Scheduler<Event>) {
        let notice = of.map(|(spell, before)| {
            // What is announced only after the last end is announced as early as possible.
            let at = (SimTime::START + spell.begins.saturating_sub(before)).max(scheduler.now());
            scheduler.schedule_at(at, Event::Announce { place })
        });
        self.faults.place_mut(place).notice = notice;
    }

    /// An instance has revoked the exchange with all its peers, and tells them; or both sides agree on it again, as they did at first.
    pub(super) fn change_grants(&mut self, id: InstanceId, scheduler: &mut Scheduler<Event>) {
        let instances = &mut self.population.instances;
        let has_revoked = instances[id.index()].health.revoked;
        for at in 0..instances[id.index()].peers.len() {
            let other = instances[id.index()].peers[at].instance;
            let agrees = !has_revoked && !instances[other.index()].health.revoked;
            let entry = &mut instances[id.index()].peers[at];
            entry.peer.exchange_agreed = agrees && entry.granted;
            // Who has not heard of it goes on as before.
            if let Some(at) = instances[other.index()].entry_of(id).filter(|_| agrees) {
                let entry = &mut instances[other.index()].peers[at];
                entry.peer.exchange_agreed = entry.granted;
            }
        }
        if has_revoked {
            self.give_notice(id, Announcement::ExchangeRevoked, scheduler);
        }
    }

    /// Tells all peers something that only some releases know how to tell.
    fn give_notice(&mut self, id: InstanceId, announcement: Announcement, scheduler: &mut Scheduler<Event>) {
        let knows_how = self.policy_of(id).maintenance_windows != MaintenanceRule::Ignored;
        if knows_how && !self.population.instances[id.index()].health.down {
            self.tell_all(id, MessageKind::Notice, announcement, scheduler);
        }
    }

    /// Tells all peers that the instance is going to stop.
    pub(super) fn say_farewell(&mut self, id: InstanceId, scheduler: &mut Scheduler<Event>) {
        if self.policy_of(id).peer_views == PeerViews::Messages {
            self.tell_all(id, MessageKind::Farewell, Announcement::Offline, scheduler);
        }
    }

    fn tell_all(
        &mut self,
        id: InstanceId,
        kind: MessageKind,
        announcement: Announcement,
        scheduler: &mut Scheduler<Event>,
    ) {
        let peers = self.population.instances[id.index()].peers.len();
        for peer in (0..peers).map(|peer| PeerId(u32::try_from(peer).expect("fewer than 2^32 peers"))) {
            self.send(Initiator::Announcement(announcement), id, kind, peer, scheduler);
        }
    }
}
