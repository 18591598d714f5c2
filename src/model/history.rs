//! How far an instance is in its exchange of historical prices: state only, at most one exchange at a time.

use crate::engine::EventHandle;
use crate::protocol::{InstrumentId, PeerId};
use crate::time::SimTime;

/// An instance's exchange of historical prices, first of securities, then of currency pairs.
#[derive(Debug, Default)]
pub(super) struct History {
    /// The next one.
    pub(super) next: Option<EventHandle>,
    /// The one that is under way.
    pub(super) under_way: Option<HistoryRound>,
    /// The peers of this part in the order in which they are asked.
    pub(super) peers: Vec<PeerId>,
    /// Instruments of this part that nobody has answered yet.
    pub(super) left: Vec<InstrumentId>,
    /// Peers that have answered for less than they were asked for, with the number of instruments that they lacked.
    pub(super) wanting: Vec<(PeerId, usize)>,
}

/// An exchange of historical prices that is under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct HistoryRound {
    /// When it began. Its messages draw their luck by this moment.
    pub(super) began: SimTime,
    pub(super) part: HistoryPart,
    /// The next of the peers that are asked, then of those that get a push.
    pub(super) turn: usize,
    /// Whether all have been asked.
    pub(super) pushes: bool,
}

/// Which instruments a request names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HistoryPart {
    Securities,
    CurrencyPairs,
}

impl History {
    /// Gives up what is under way.
    pub(super) fn stop(&mut self) {
        self.under_way = None;
    }
}
