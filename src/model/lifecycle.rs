//! Where an instance is in its life: the one place that says what it still takes part in.

use crate::protocol::ServerState;

/// How far an instance takes part, from fully to not at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(test), expect(dead_code, reason = "instances are always up: scenarios have no faults yet"))]
pub(super) enum Lifecycle {
    /// It is there for everybody.
    Up,
    /// It asks to be left alone, and serves whoever asks all the same.
    Busy,
    /// It tells everybody that it takes part no more, and serves whoever asks all the same.
    Leaving,
    /// It is not there: what is sent to it gets lost.
    Down,
}

impl Lifecycle {
    /// Whether messages reach the instance.
    pub(super) fn is_there(self) -> bool {
        self != Self::Down
    }

    /// Whether it says of itself that it is to be left alone.
    pub(super) fn is_busy(self) -> bool {
        self == Self::Busy
    }

    /// The state of its server that others are told: closed once it is leaving or down.
    pub(super) fn state(self) -> ServerState {
        match self {
            Self::Up | Self::Busy => ServerState::Open,
            Self::Leaving | Self::Down => ServerState::Closed,
        }
    }
}
