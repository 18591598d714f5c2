//! How prices that users see came there: the facts that decide why such a price is no younger.

use crate::protocol::Outcome;
use crate::time::SimDuration;

/// How a price that a user sees came there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PriceSource {
    /// It was there already. By the instance's clock the last exchange of the watchlist was too recent for another one.
    Kept {
        /// Whether another one was due in true time: the clock has been set back since.
        is_overdue: bool,
    },
    /// It is what an exchange ended with.
    Exchanged(PriceHistory),
}

/// What happened to an instrument in the exchange that shows its price. Ages are in trading time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PriceHistory {
    /// How the instrument ended.
    pub outcome: Outcome,
    /// How old the price was when the visit began; zero if it is younger than the visit.
    pub age_before: SimDuration,
    /// How old the instance took it for at that moment: the same age by the timestamp of the price and the instance's own clock.
    pub claimed_age: SimDuration,
    /// Why a server could not supply it; `None`: nothing kept servers from it.
    pub trouble: Option<ServerTrouble>,
    /// What came of its connector call; `None`: no call was made.
    pub call: Option<CallEnd>,
}

/// What kept a server from supplying a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerTrouble {
    /// A request for it failed, and a fault hindered a request of this exchange: at one of its ends, or on the link between them.
    Fault,
    /// A request for it failed, and there was no such fault: a message got lost, the server was too slow, or it refused the request.
    Failure,
    /// Nobody filled it, and the instance left out a server that it took for offline or busy.
    LeftOut,
}

/// How a connector call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallEnd {
    /// The provider delivered a price.
    Delivered {
        /// How old it was when the call reached the provider, in trading time.
        age: SimDuration,
        /// Whether the exchange took it.
        taken: bool,
    },
    /// It delivered nothing.
    Failed(CallFailure),
}

/// Why a connector call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallFailure {
    /// By chance, as calls of this provider do.
    Chance,
    /// It was over the provider's limit.
    OverLimit,
    /// The provider refuses all calls for a while, as an earlier one was over its limit.
    Blocked,
    /// A fault of the provider.
    Outage,
}
