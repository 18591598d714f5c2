//! How many rows of its table of messages a server writes about a message that it has dealt with, and how long they stay (0.36.9).

use crate::time::SimDuration;

use super::{MessageClass, Refusal};

/// How many rows a server writes about a message: one for the message and one for the reply where it stores them at all.
///
/// An error reply leaves nothing, nor does what is refused before the message itself is looked at. Of a synchronisation that offers
/// too much, only the message stays. Pings and announcements count for none.
#[must_use]
pub const fn stored_rows(class: MessageClass, result: Result<(), Refusal>) -> u32 {
    let is_stored = !matches!(class, MessageClass::Ping | MessageClass::Announcement);
    match result {
        _ if !is_stored => 0,
        Ok(()) | Err(Refusal::OverMaxLimit | Refusal::Blocked) => 2,
        Err(Refusal::TooManyOffered) => 1,
        Err(_) => 0,
    }
}

/// For how long such a row stays.
#[must_use]
pub const fn rows_stay(class: MessageClass) -> SimDuration {
    match class {
        MessageClass::History | MessageClass::HistoryPush => SimDuration::from_days(5),
        _ => SimDuration::from_days(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_served_over_a_limit_or_blocked_leaves_two_rows() {
        let rows = |result| stored_rows(MessageClass::Request, result);
        assert_eq!(rows(Ok(())), 2);
        assert_eq!([Refusal::OverMaxLimit, Refusal::Blocked].map(|why| rows(Err(why))), [2, 2]);
        assert_eq!(
            [Refusal::NoGrant, Refusal::NotAccepting, Refusal::OverDailyLimit].map(|why| rows(Err(why))),
            [0; 3]
        );
        assert_eq!([Refusal::TooLarge, Refusal::EnvelopeInvalid, Refusal::ClockSkew].map(|why| rows(Err(why))), [0; 3]);
    }

    #[test]
    fn pings_and_announcements_leave_none_and_too_much_offered_one() {
        assert_eq!(stored_rows(MessageClass::Ping, Ok(())) + stored_rows(MessageClass::Announcement, Ok(())), 0);
        assert_eq!(stored_rows(MessageClass::Synchronisation, Err(Refusal::TooManyOffered)), 1);
        let all = [MessageClass::Push, MessageClass::Synchronisation, MessageClass::History, MessageClass::HistoryPush];
        assert_eq!(all.map(|class| stored_rows(class, Ok(()))), [2; 4]);
    }
}
