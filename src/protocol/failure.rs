//! Why messages fail: nobody receives them, or their receiver turns them away.

use super::StatusCheck;

/// Why the sender of a message got no answer that it can use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Nobody was there, or nobody answered in time.
    Unreachable,
    /// An HTTP error. A receiver that does not know the sender, or holds no tokens for it, returns one. Only recorded cases
    /// have it.
    HttpError,
    /// The receiver has turned the message away.
    Refused(Refusal),
}

impl Failure {
    /// Whether a request that failed for this reason makes its sender ping all peers in the background. A failed push never does
    /// (0.36.5, `exchange`).
    #[must_use]
    pub fn prompts_status_check(self) -> bool {
        self == Self::Unreachable
    }
}

/// Why a receiver turned a message away. To the sender the message has failed; to the receiver this is normal operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The instance has no entry of its own at all.
    NoOwnEntry,
    /// The instance answers no requests for last prices.
    NotAccepting,
    /// The request holds more instruments than the instance's limit, which counts as a violation by the sender.
    OverMaxLimit,
    /// The sender has sent as many requests today as it may.
    OverDailyLimit,
    /// A push came to an instance without an entry for last prices.
    NotConfigured,
    /// A push came to an instance that takes none.
    NotPushOpen,
    /// A push came from a peer that has pushed a false price.
    Distrusted,
    /// The message, or the list of prices in it, is larger than the instance reads.
    TooLarge,
    /// The message has no number, and the instance wants one.
    EnvelopeInvalid,
    /// The clocks of the two instances differ too much.
    ClockSkew,
    /// The instance has not granted the exchange to the sender, or does not know it.
    NoGrant,
    /// The sender has violated limits too often.
    Blocked,
    /// The synchronisation offers more instruments than the instance's limit, which counts as a violation by the sender.
    TooManyOffered,
    /// The message has waited as long as the instance lets messages wait. Its sender gets an HTTP error.
    WaitedTooLong,
}

impl Refusal {
    /// What the sender of the message learns.
    #[must_use]
    pub const fn as_failure(self) -> Failure {
        match self {
            Self::WaitedTooLong => Failure::HttpError,
            _ => Failure::Refused(self),
        }
    }

    /// What such a reply shows of its sender (0.36.5).
    #[must_use]
    pub const fn as_check(self) -> StatusCheck {
        match self {
            Self::WaitedTooLong => StatusCheck::NotDelivered,
            _ => StatusCheck::Refused,
        }
    }
}
