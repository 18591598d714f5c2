//! What a receiver looks at before it looks into a message: what kind of message it is, how large, and when it was sent.

use crate::time::{SimDuration, Timestamp};

use super::{CountedMessages, ExchangeEnvelope, OwnStatus, Policy, Refusal};

const MINUTE: u64 = SimDuration::from_secs(60).as_nanos();

/// What a message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageClass {
    /// It asks for prices.
    Request,
    /// It brings prices for a pool.
    Push,
    /// It asks which instruments the receiver sends, and says which its sender does.
    Synchronisation,
    /// It asks for historical prices.
    History,
    /// It brings historical prices.
    HistoryPush,
    /// It asks whether the receiver is there.
    Ping,
    /// It says something about its sender, and asks for nothing.
    Announcement,
}

impl MessageClass {
    /// Whether such messages count for the daily limit.
    #[must_use]
    pub fn is_counted(self, policy: &Policy) -> bool {
        let counted = policy.daily_request_limit_counts;
        match self {
            Self::Request => true,
            Self::Push => matches!(counted, CountedMessages::RequestsAndPushes | CountedMessages::All),
            Self::Synchronisation => {
                matches!(counted, CountedMessages::RequestsAndSynchronisations | CountedMessages::All)
            }
            Self::History | Self::HistoryPush => counted == CountedMessages::All,
            Self::Ping | Self::Announcement => false,
        }
    }

    /// Whether its sender gives such a message a number.
    const fn is_numbered(self) -> bool {
        matches!(self, Self::Announcement)
    }
}

/// What is around the content of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// What the clock of its sender showed when the message was sent.
    pub stamp: Timestamp,
    /// Size of the whole message \[bytes\].
    pub body_bytes: u64,
    /// Size of its list of prices \[bytes\].
    pub payload_bytes: u64,
    /// What its sender says of itself.
    pub said: OwnStatus,
}

impl Envelope {
    /// Looks at the envelope of a message that arrives when the receiver's clock shows `now` (0.36.9).
    ///
    /// # Errors
    ///
    /// The first reason to refuse the message. Such a message changes nothing at its receiver, not even the view of the sender.
    pub(super) fn check(&self, policy: &Policy, class: MessageClass, now: Timestamp) -> Result<(), Refusal> {
        let exceeds = |bytes: u64, most: Option<u32>| most.is_some_and(|most| bytes > u64::from(most));
        if exceeds(self.body_bytes, policy.max_body) {
            return Err(Refusal::TooLarge);
        }
        if policy.exchange_envelope == ExchangeEnvelope::Broken && !class.is_numbered() {
            return Err(Refusal::EnvelopeInvalid);
        }
        if exceeds(self.payload_bytes, policy.max_payload) {
            return Err(Refusal::TooLarge);
        }
        let apart = self.stamp.as_unix_nanos().abs_diff(now.as_unix_nanos());
        let whole_minutes = SimDuration::from_nanos(apart / MINUTE * MINUTE);
        if policy.max_clock_skew.is_some_and(|most| whole_minutes > most) {
            return Err(Refusal::ClockSkew);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_support::status;
    use super::super::{AcceptMode, Preset};
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_secs(43_200);
    const ALL: [MessageClass; 7] = [
        MessageClass::Request,
        MessageClass::Push,
        MessageClass::Synchronisation,
        MessageClass::History,
        MessageClass::HistoryPush,
        MessageClass::Ping,
        MessageClass::Announcement,
    ];

    fn envelope() -> Envelope {
        Envelope { stamp: NOW, body_bytes: 0, payload_bytes: 0, said: status(AcceptMode::Open) }
    }

    #[test]
    fn clocks_are_compared_in_whole_minutes() {
        let policy = Policy::of(Preset::Gt0369);
        for (nanos, passes) in [
            (0, true),
            (359_999_999_999, true),
            (-359_999_999_999, true),
            (360_000_000_000, false),
            (-360_000_000_000, false),
        ] {
            let sent = Envelope { stamp: NOW.offset_nanos(nanos), ..envelope() };
            for class in ALL {
                let expected = if passes { Ok(()) } else { Err(Refusal::ClockSkew) };
                assert_eq!(sent.check(&policy, class, NOW), expected, "{nanos} {class:?}");
                assert_eq!(sent.check(&Policy::of(Preset::Gt0365), class, NOW), Ok(()));
            }
        }
        let exact = Policy { max_clock_skew: Some(SimDuration::ZERO), ..policy };
        for (nanos, passes) in [(59_999_999_999, true), (60_000_000_000, false)] {
            let sent = Envelope { stamp: NOW.offset_nanos(nanos), ..envelope() };
            assert_eq!(sent.check(&exact, MessageClass::Ping, NOW).is_ok(), passes);
        }
    }

    #[test]
    fn the_largest_message_is_still_read() {
        let policy = Policy::of(Preset::Gt0369);
        let check = |body_bytes, payload_bytes| {
            Envelope { body_bytes, payload_bytes, ..envelope() }.check(&policy, MessageClass::Push, NOW)
        };
        assert_eq!(check(4 << 20, 2 << 20), Ok(()));
        assert_eq!(check((4 << 20) + 1, 0), Err(Refusal::TooLarge));
        assert_eq!(check(0, (2 << 20) + 1), Err(Refusal::TooLarge));
        let huge = Envelope { body_bytes: u64::MAX, payload_bytes: u64::MAX, ..envelope() };
        assert_eq!(huge.check(&Policy::of(Preset::Gt0365), MessageClass::Push, NOW), Ok(()));
    }

    #[test]
    fn a_server_that_wants_numbers_takes_announcements_only() {
        let policy = Policy::of(Preset::Gt0368);
        for class in ALL {
            let expected = if class == MessageClass::Announcement { Ok(()) } else { Err(Refusal::EnvelopeInvalid) };
            assert_eq!(envelope().check(&policy, class, NOW), expected);
        }
        let wrong = Envelope { stamp: NOW + SimDuration::from_hours(1), payload_bytes: u64::MAX, ..envelope() };
        assert_eq!(wrong.check(&policy, MessageClass::Push, NOW), Err(Refusal::EnvelopeInvalid), "the first reason");
        let too_large = wrong.check(&Policy::of(Preset::Gt0369), MessageClass::Push, NOW);
        assert_eq!(too_large, Err(Refusal::TooLarge), "the first reason");
    }

    #[test]
    fn what_counts_for_the_daily_limit_is_a_switch() {
        let counted = |counts| {
            let policy = Policy { daily_request_limit_counts: counts, ..Policy::of(Preset::Gt0369) };
            ALL.map(|class| class.is_counted(&policy))
        };
        assert_eq!(counted(CountedMessages::Requests), [true, false, false, false, false, false, false]);
        let (pushes, synchronisations) =
            (CountedMessages::RequestsAndPushes, CountedMessages::RequestsAndSynchronisations);
        assert_eq!(counted(pushes), [true, true, false, false, false, false, false]);
        assert_eq!(counted(synchronisations), [true, false, true, false, false, false, false]);
        assert_eq!(counted(CountedMessages::All), [true, true, true, true, true, false, false]);
    }
}
