//! Rounds of an instance to all its peers, one peer after the other: state only.

use crate::engine::EventHandle;
use crate::observe::MessageKind;
use crate::time::SimTime;

/// How far an instance is in its rounds, at most one of each kind at a time.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rounds {
    /// The status check that is under way.
    check: Option<Round>,
    /// The synchronisation that is under way.
    synchronisation: Option<Round>,
    /// The next synchronisation.
    pub(super) next_synchronisation: Option<EventHandle>,
    /// The next refresh of its pool.
    pub(super) next_refresh: Option<EventHandle>,
    /// The look around after a start.
    pub(super) start_up_check: Option<EventHandle>,
}

/// A round that is under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Round {
    /// When it began. Its messages draw their luck by this moment: who else is asked, and how often, changes nothing of it.
    pub(super) began: SimTime,
    /// The peer whose turn it is.
    pub(super) turn: u32,
}

impl Rounds {
    /// The round of this kind; `None`: none is under way.
    pub(super) fn of(&mut self, kind: MessageKind) -> &mut Option<Round> {
        if kind == MessageKind::Ping { &mut self.check } else { &mut self.synchronisation }
    }

    /// Gives up the rounds under way; returns the look around that is to come, which its instance has to cancel.
    pub(super) fn stop(&mut self) -> Option<EventHandle> {
        (self.check, self.synchronisation) = (None, None);
        self.start_up_check.take()
    }

    /// When the round of this kind began.
    ///
    /// # Panics
    ///
    /// If none is under way.
    pub(super) fn began(&self, kind: MessageKind) -> SimTime {
        let round = if kind == MessageKind::Ping { self.check } else { self.synchronisation };
        round.unwrap_or_else(|| panic!("a {kind:?} is sent only in a round")).began
    }
}
