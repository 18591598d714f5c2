//! What an exchange asks of whoever drives it: one thing at a time, until nothing is left to do.

use super::PeerId;

/// What the driver of an [`Exchange`](super::Exchange) is to do next, by its methods that are named here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Look into the own pool: `consult_own_pool`.
    AskOwnPool,
    /// Send its `request` to the peer; then `on_reply` or `on_failure`. If the peer may not be sent anything more today, `withdraw`
    /// instead.
    Request {
        /// Whom to ask.
        peer: PeerId,
    },
    /// Call the connector of every instrument of its `connector_queue`, any number at a time; `on_connector_result` for each.
    CallConnectors,
    /// Store what is newer in the own pool: `update_own_pool`.
    UpdateOwnPool,
    /// The result is complete: show it to the user. What follows happens in the background.
    Finish,
    /// Send its `push` to the peer if it may be sent anything more today; then go on, whatever came of it.
    PushBack {
        /// Whom to push to.
        peer: PeerId,
    },
    /// Nothing is left to do.
    Done,
}
