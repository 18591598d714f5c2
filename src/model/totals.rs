//! What was begun and what was brought to an end, counted in every run.

/// Counts of the whole run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Totals {
    pub(super) visits: u64,
    pub(super) exchanges_begun: u64,
    /// Exchanges whose connector calls were made at once.
    pub(super) exchanges_folded: u64,
    pub(super) exchanges_done: u64,
    /// Messages of all kinds.
    pub(super) messages_sent: u64,
    pub(super) messages_ended: u64,
    pub(super) legs: Legs,
}

/// Single ways: of a message to its receiver, of a reply back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Legs {
    pub(super) begun: u64,
    pub(super) delivered: u64,
    pub(super) lost: u64,
}
