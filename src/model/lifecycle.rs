//! Where an instance is in its life: the one place that says what it still takes part in.

use crate::protocol::ServerState;

/// Where an instance is in its life.
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

    /// Whether it says of itself that its server takes part.
    pub(super) fn state(self) -> ServerState {
        match self {
            Self::Up | Self::Busy => ServerState::Open,
            Self::Leaving | Self::Down => ServerState::Closed,
        }
    }
}
