//! Rounds of an instance to all its peers, one peer after the other: state only.

use crate::engine::EventHandle;
use crate::observe::MessageKind;

/// How far an instance is in its rounds, at most one of each kind at a time.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rounds {
    /// The peer that is being pinged, while a status check is under way.
    check: Option<u32>,
    /// The peer that is being asked what it sends, while a synchronisation is under way.
    synchronisation: Option<u32>,
    /// The next synchronisation.
    pub(super) next_synchronisation: Option<EventHandle>,
    /// Pings and synchronisations so far, by which each has its own luck.
    pub(super) sent: u64,
}

impl Rounds {
    /// The peer whose turn it is in the round of this kind; `None`: none is under way.
    pub(super) fn of(&mut self, kind: MessageKind) -> &mut Option<u32> {
        if kind == MessageKind::Ping { &mut self.check } else { &mut self.synchronisation }
    }
}
