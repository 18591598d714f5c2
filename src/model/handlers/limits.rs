//! What keeps an instance from sending: limits that it has heard of, and absences that peers have announced. Whatever is kept back
//! leaves no trace but in its counts.

use crate::model::world::World;
use crate::observe::{InstanceId, MessageKind};
use crate::protocol::{MessageClass, PeerId};
use crate::time::SimTime;

impl World<'_> {
    /// Whether a message may be sent to a peer now; if so, it is counted.
    pub(super) fn may_send(&mut self, from: InstanceId, kind: MessageKind, peer: PeerId, now: SimTime) -> bool {
        let policy = self.policy_of(from);
        let sender = &mut self.population.instances[from.index()];
        let shown = sender.clock.show(now);
        let peer = &mut sender.peer(peer).peer;
        let leaves_alone = kind == MessageKind::Ping && peer.announced.is_left_alone(policy, shown);
        !leaves_alone && peer.may_send(policy, class_of(kind), shown)
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
