//! Messages between instances, from sending until nobody waits for anything of them: state only, renewed in slots that keep
//! their buffers.

use crate::engine::EventHandle;
use crate::observe::{InstanceId, MessageKind};
use crate::protocol::{Announcement, InstrumentId, OwnStatus, PeerId, Policy, PriceItem, Refusal};
use crate::time::{SimDuration, SimTime, Timestamp};

use super::quote::Quote;

pub(super) type MessageItem = PriceItem<InstrumentId, Quote>;

/// What a message is sent for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Initiator {
    /// For the exchange in this slot.
    Exchange(u32),
    /// For a round of its sender to all peers.
    Round,
    /// For the exchange of historical prices of its sender.
    History,
    /// To announce something.
    Announcement(Announcement),
}

/// A request, push, ping or synchronisation, with its reply.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) kind: MessageKind,
    pub(super) initiator: Initiator,
    /// When the visit began for which it is sent; of a message of a round, when it was sent.
    pub(super) began: SimTime,
    pub(super) from: InstanceId,
    pub(super) to: InstanceId,
    /// The receiver, as the sender numbers its peers.
    pub(super) peer: PeerId,
    pub(super) sent: SimTime,
    /// What the clock of its sender showed then.
    pub(super) stamp: Timestamp,
    /// When what it brings next was put together: when it was sent, and once there is a reply, when that left.
    pub(super) formed: SimTime,
    /// When it reached its receiver; `None`: it has not yet.
    pub(super) arrived: Option<SimTime>,
    /// What its sender said of itself when it sent it; once there is a reply, what the receiver said when it replied.
    pub(super) said: OwnStatus,
    pub(super) min_acceptable: Option<Timestamp>,
    pub(super) items: Vec<MessageItem>,
    pub(super) answer: Vec<MessageItem>,
    /// Instruments that a synchronisation offers, or whose historical prices a push brings.
    pub(super) offered: usize,
    /// Prices in the answer, or taken over from the push; `Err`: turned away, which a look at the envelope may tell on arrival.
    pub(super) result: Result<u32, Refusal>,
    pub(super) luck: MessageLuck,
    /// Pending while the sender still waits.
    pub(super) timeout: Option<EventHandle>,
    pub(super) place: MessagePlace,
    /// Pending while it waits for a worker that it may not wait for any longer.
    pub(super) wait_ends: Option<EventHandle>,
}

/// Where a message, or its reply, is.
#[derive(Clone, Copy, Debug)]
pub(super) enum MessagePlace {
    /// On the way, until this event.
    OnTheWay(EventHandle),
    /// In the queue of its receiver.
    Queued,
    /// With a worker of its receiver, until this event.
    Served(EventHandle),
    /// Nowhere: it or its reply got lost, or its sender gives up before it leaves. Only the timeout ends it.
    Lost,
}

/// All that chance decides about one message, drawn when it is sent: the same message has the same luck whatever the
/// rules and whatever else is under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct MessageLuck {
    pub(super) lost: bool,
    /// The reply gets lost if this is below the probability of a loss when it leaves; from 0 to 1.
    pub(super) reply_loss: f64,
    /// Connection set-up, after which the message leaves its sender.
    pub(super) setup: SimDuration,
    pub(super) out: SimDuration,
    pub(super) back: SimDuration,
    /// Service time over its mean.
    pub(super) service: f64,
}

impl Message {
    /// The emptied buffers of a message that has ended: for what is sent, and for the answer.
    pub(super) fn buffers(ended: Option<Self>) -> (Vec<MessageItem>, Vec<MessageItem>) {
        let (mut items, mut answer) = ended.map_or_else(Default::default, |ended| (ended.items, ended.answer));
        items.clear();
        answer.clear();
        (items, answer)
    }

    /// How many instruments it names, as far as they make it larger and its service longer.
    pub(super) fn named(&self, policy: &Policy) -> u32 {
        let listed = match self.kind {
            MessageKind::Synchronisation if !policy.synchronisation_lists => 0,
            MessageKind::Synchronisation | MessageKind::HistoryPush => self.offered,
            _ => self.items.len(),
        };
        u32::try_from(listed).expect("a message names fewer than 2^32 instruments")
    }

    /// The time since it reached its receiver.
    pub(super) fn at_receiver(&self, now: SimTime) -> SimDuration {
        now.since(self.arrived.expect("it has arrived"))
    }
}
