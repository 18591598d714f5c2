//! Why a message comes to nothing: to its sender it has failed, and its receiver may have turned it away.

/// Why the sender of a message got no answer to it that it can use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Nobody was there, or nobody answered in time.
    Unreachable,
    /// An HTTP error: also what a receiver returns that does not know the sender, or holds no tokens for it. Only recorded
    /// cases have it.
    HttpError,
    /// The receiver has turned the message away.
    Refused(Refusal),
}

impl Failure {
    /// Whether a request that failed so makes its sender ask all peers in the background whether they are there. A push
    /// that failed never does (0.36.5, `exchange`).
    #[must_use]
    pub fn prompts_status_check(self) -> bool {
        self == Self::Unreachable
    }
}

/// Why a message was turned away; to the sender a failed message, to the receiver normal operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The instance has no entry of its own at all.
    NoOwnEntry,
    /// The instance answers no requests for last prices.
    NotAccepting,
    /// The request holds more instruments than the instance's limit; it counts as a violation of the sender's.
    OverMaxLimit,
    /// The sender has sent as many requests today as it may.
    OverDailyLimit,
    /// A push came to an instance without an entry for last prices.
    NotConfigured,
    /// A push came to an instance that takes none.
    NotPushOpen,
}

impl Refusal {
    /// Whether the receiver keeps the message and its reply, as it does with all that it has served; else it returns an
    /// error code and forgets (0.36.5, `exchange_request_handler`, `push_handler`). Only recorded cases ask.
    #[must_use]
    pub fn is_kept(self) -> bool {
        matches!(self, Self::OverMaxLimit | Self::OverDailyLimit)
    }
}
