//! Announcements of instances: each is sent to all peers, and waits for no reply.

use crate::engine::Scheduler;
use crate::model::config::AnnouncedStop;
use crate::model::event::Event;
use crate::model::message::Initiator;
use crate::model::world::World;
use crate::observe::{InstanceId, MessageKind};
use crate::protocol::{Announcement, MaintenanceRule, MaintenanceWindow, PeerId, PeerViews};
use crate::time::SimTime;

impl World<'_> {
    /// Schedules the word of what begins next at a place, if somebody announces it.
    pub(super) fn schedule_announcement(&mut self, place: u32, scheduler: &mut Scheduler<Event>) {
        let next = self.faults.announced(place, self.blueprint);
        let notice = next.map(|(spell, before, _)| {
            // What is announced only after the last end is announced as early as possible.
            let at = (SimTime::START + spell.begins.saturating_sub(before)).max(scheduler.now());
            scheduler.schedule_at(at, Event::Announce { place })
        });
        self.faults.place_mut(place).notice = notice;
    }

    /// An instance announces what will begin at a place. If it is down, nobody hears of it.
    pub(super) fn announce(&mut self, place: u32, scheduler: &mut Scheduler<Event>) {
        let turning = self.faults.place_mut(place);
        turning.notice = None;
        let instance = turning.instance.expect("an instance announces");
        let Some((spell, _, what)) = self.faults.announced(place, self.blueprint) else { return };
        let knows_how = self.policy_of(instance).maintenance_windows != MaintenanceRule::Ignored;
        if !knows_how || self.population.instances[instance.index()].health.down {
            return;
        }
        // Its administrator says when, whatever its clock shows.
        let from = self.blueprint.config.start + spell.begins;
        let announcement = match what {
            AnnouncedStop::Maintenance => Announcement::Maintenance(MaintenanceWindow { from, to: from + spell.lasts }),
            AnnouncedStop::Discontinuation => Announcement::Discontinuation { unix_day: from.unix_day() },
        };
        self.tell_all(instance, MessageKind::Notice, announcement, scheduler);
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
