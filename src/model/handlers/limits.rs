//! What keeps an instance from sending: limits that it has heard of, and absences that peers have announced. Whatever is kept back
//! leaves no trace in the network; observers are told of what limits keep back.

use crate::model::world::World;
use crate::observe::{Fact, InstanceId, MessageKind};
use crate::protocol::{MessageClass, PeerId};
use crate::time::SimTime;

impl World<'_> {
    /// Whether a message may be sent to a peer now; if so, it is counted.
    pub(super) fn may_send(&mut self, from: InstanceId, kind: MessageKind, peer: PeerId, now: SimTime) -> bool {
        let policy = self.policy_of(from);
        let sender = &mut self.population.instances[from.index()];
        let shown = sender.clock.show(now);
        let entry = sender.peer(peer);
        if kind == MessageKind::Ping && entry.peer.announced.is_left_alone(policy, shown) {
            return false;
        }
        let (to, is_allowed) = (entry.instance, entry.peer.may_send(policy, class_of(kind), shown));
        if !is_allowed {
            self.observer.observe(now, &Fact::MessageKeptBack { to, kind });
        }
        is_allowed
    }

    /// Takes note that a message has failed: its receiver has refused it, or was not there.
    pub(super) fn note_sending_failed(&mut self, from: InstanceId, kind: MessageKind, peer: PeerId, now: SimTime) {
        let policy = self.policy_of(from);
        let sender = &mut self.population.instances[from.index()];
        let shown = sender.clock.show(now);
        sender.peer(peer).peer.note_sending_failed(policy, class_of(kind), shown);
    }
}

/// What a message is to the protocol.
pub(super) fn class_of(kind: MessageKind) -> MessageClass {
    match kind {
        MessageKind::Request => MessageClass::Request,
        MessageKind::Push => MessageClass::Push,
        MessageKind::Ping => MessageClass::Ping,
        MessageKind::Synchronisation => MessageClass::Synchronisation,
        MessageKind::History => MessageClass::History,
        MessageKind::HistoryPush => MessageClass::HistoryPush,
        MessageKind::Farewell | MessageKind::Notice => MessageClass::Announcement,
    }
}
