//! An instance's entry of another one, and the book-keeping about messages between the two: log rows and violations.

use crate::time::Timestamp;

use super::{AcceptMode, Failure, LogRole, LogRow, PeerId, PeerView, PeerViews, Policy, Refusal, Supplier};

/// Violations of a limit are counted up to this.
pub const MOST_VIOLATIONS: u32 = 99;

/// What an instance has on record about another.
///
/// Some fields are the same in every simulated world and differ only in recorded cases; their comments say so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, as the entry has them")]
pub struct Peer {
    /// What the instance knows of the state of the other.
    pub view: PeerView,
    /// `consumer_usage`: 0 = never ask it, lower is asked first.
    pub priority: u16,
    /// Whether an exchange of data is agreed on; only recorded cases have peers without.
    pub exchange_agreed: bool,
    /// Whether this side holds both tokens; only recorded cases have peers without.
    pub authorised: bool,
    /// Whether log rows are to be kept about what this peer did for the instance; only recorded cases switch it off.
    pub consumer_log: bool,
    /// Whether log rows are to be kept about what the instance did for this peer; only recorded cases switch it off.
    pub supplier_log: bool,
    /// How often the peer has violated a limit; `None`: nobody has counted yet. Only recorded cases look at it.
    pub violations: Option<u32>,
    /// Requests of the peer, counted by day.
    pub requests: DailyRequests,
    /// Until when the instance distrusts the peer, by its own clock; `None`: it never has.
    pub distrusted_until: Option<Timestamp>,
}

/// How many requests came from a peer on the day of its last request. Any other day begins anew, also an earlier one, to which a
/// clock is set back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DailyRequests {
    unix_day: i64,
    count: u32,
}

impl DailyRequests {
    /// Counts another request at `now`.
    ///
    /// # Errors
    ///
    /// [`Refusal::OverDailyLimit`] if it is one too many for the policy.
    pub(super) fn count(&mut self, policy: &Policy, now: Timestamp) -> Result<(), Refusal> {
        let today = now.unix_day();
        if self.unix_day != today {
            *self = Self { unix_day: today, count: 0 };
        }
        if policy.daily_request_limit.is_some_and(|limit| self.count >= limit) {
            return Err(Refusal::OverDailyLimit);
        }
        self.count = self.count.saturating_add(1);
        Ok(())
    }
}

impl Peer {
    /// Whether a message of this peer is let in: it is known, and the instance holds tokens for it. Else the sender gets an
    /// HTTP error, and nothing changes here (0.36.5, `exchange`). All peers of a world hold tokens, so that only recorded cases
    /// turn a message away.
    #[must_use]
    pub fn is_let_in(entry: Option<&Self>) -> bool {
        entry.is_some_and(|peer| peer.authorised)
    }

    /// The entry as an exchange sees it. Without views, every peer counts as there and not busy.
    #[must_use]
    pub fn as_supplier(&self, policy: &Policy, peer: PeerId, success_rate: f64) -> Supplier {
        let is_viewed = policy.peer_views != PeerViews::None;
        Supplier {
            peer,
            mode: self.view.said.mode.unwrap_or(AcceptMode::Closed),
            priority: self.priority,
            exchange_agreed: self.exchange_agreed,
            authorised: self.authorised,
            reachable: !is_viewed || self.view.is_reachable(),
            busy: is_viewed && self.view.said.busy,
            max_limit: self.view.said.max_limit,
            success_rate,
        }
    }

    /// What the requester logs when its request of `sent` instruments has ended: with an answer of `in_response` prices, of
    /// which it took `updated`, or with a failure.
    #[must_use]
    pub fn log_request(&self, policy: &Policy, sent: usize, ended: Result<(u32, usize), Failure>) -> Option<LogRow> {
        let row = LogRow::request_ended(policy, sent, ended);
        row.filter(|_| self.keeps_log(LogRole::Consumer))
    }

    /// What the requester logs when its push of `pushed` prices has ended: with the number accepted, or with a failure.
    #[must_use]
    pub fn log_push(&self, pushed: usize, ended: Result<u32, Failure>) -> Option<LogRow> {
        LogRow::push_ended(pushed, ended).filter(|_| self.keeps_log(LogRole::Consumer))
    }

    /// Notes how the server has served a request of this peer for `asked` instruments: with so many prices, or not at all.
    /// Counts a violation if the request was too large, and returns what the server logs.
    pub(super) fn note_request_served(&mut self, asked: usize, served: Result<u32, Refusal>) -> Option<LogRow> {
        if served == Err(Refusal::OverMaxLimit) {
            self.violations = Some(self.violations.map_or(1, |violations| (violations + 1).min(MOST_VIOLATIONS)));
        }
        LogRow::request_served(asked, served.ok()?).filter(|_| self.keeps_log(LogRole::Supplier))
    }

    /// What the server logs about a push of `received` prices of this peer: it took so many of them, or refused the push.
    pub(super) fn log_push_served(&self, received: usize, served: Result<u32, Refusal>) -> Option<LogRow> {
        LogRow::push_served(received, served.ok()?).filter(|_| self.keeps_log(LogRole::Supplier))
    }

    /// What is to be logged about a peer is a setting of its entry for last prices: without that entry there are no rows
    /// about it (0.36.5, `exchange_request_handler`, `push_handler`).
    fn keeps_log(&self, role: LogRole) -> bool {
        let wanted = match role {
            LogRole::Consumer => self.consumer_log,
            LogRole::Supplier => self.supplier_log,
        };
        wanted && self.view.said.mode.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Preset;
    use super::super::test_support::peer;
    use super::*;

    #[test]
    fn only_known_peers_with_tokens_are_let_in() {
        assert!(Peer::is_let_in(Some(&peer())));
        assert!(!Peer::is_let_in(Some(&Peer { authorised: false, ..peer() })));
        assert!(!Peer::is_let_in(None));
    }

    #[test]
    fn only_a_request_over_the_limit_is_a_violation_and_none_is_counted_beyond_the_most() {
        let mut sender = peer();
        for (refusal, violations) in [
            (Refusal::NotAccepting, None),
            (Refusal::OverMaxLimit, Some(1)),
            (Refusal::OverMaxLimit, Some(2)),
            (Refusal::OverDailyLimit, Some(2)),
        ] {
            assert_eq!(sender.note_request_served(5, Err(refusal)), None);
            assert_eq!(sender.violations, violations);
        }
        for (before, after) in [(98, 99), (99, 99)] {
            sender.violations = Some(before);
            assert_eq!(sender.note_request_served(5, Err(Refusal::OverMaxLimit)), None);
            assert_eq!(sender.violations, Some(after));
        }
    }

    #[test]
    fn each_role_is_logged_where_its_log_is_kept() {
        let policy = Policy::of(Preset::Gt0365);
        let mut silent = Peer { consumer_log: false, supplier_log: false, ..peer() };
        assert_eq!(silent.log_request(&policy, 3, Ok((1, 2))), None);
        assert_eq!(silent.log_push(3, Ok(1)), None);
        assert_eq!(silent.note_request_served(3, Ok(1)), None);
        assert_eq!(silent.log_push_served(3, Ok(1)), None);
        let mut consumer_only = Peer { supplier_log: false, ..peer() };
        assert!(consumer_only.log_request(&policy, 3, Ok((1, 2))).is_some());
        assert!(consumer_only.log_push(3, Ok(1)).is_some());
        assert_eq!(consumer_only.note_request_served(3, Ok(1)), None);
        assert_eq!(consumer_only.log_push_served(3, Ok(1)), None);
        assert!(peer().note_request_served(3, Ok(1)).is_some());
        assert!(peer().log_push_served(3, Ok(1)).is_some());
    }

    #[test]
    fn nothing_is_logged_about_a_peer_without_an_entry_for_last_prices_but_its_violations_count() {
        let policy = Policy { failed_requests_logged: true, ..Policy::of(Preset::Gt0365) };
        let mut unconfigured = peer();
        unconfigured.view.said.mode = None;
        assert_eq!(unconfigured.log_request(&policy, 3, Ok((1, 2))), None);
        assert_eq!(unconfigured.log_request(&policy, 3, Err(Failure::Unreachable)), None);
        assert_eq!(unconfigured.log_push(3, Ok(1)), None);
        assert_eq!(unconfigured.note_request_served(3, Ok(1)), None);
        assert_eq!(unconfigured.log_push_served(3, Ok(1)), None);
        assert_eq!(unconfigured.note_request_served(3, Err(Refusal::OverMaxLimit)), None);
        assert_eq!(unconfigured.violations, Some(1));
    }

    #[test]
    fn an_entry_without_last_prices_is_a_closed_supplier() {
        let policy = &Policy::of(Preset::Gt0365);
        let mut entry = peer();
        assert!(entry.as_supplier(policy, PeerId(7), 1.0).is_eligible());
        entry.view.said.mode = None;
        assert_eq!(entry.as_supplier(policy, PeerId(7), 1.0).mode, AcceptMode::Closed);
    }

    #[test]
    fn a_daily_limit_counts_from_midnight() {
        let policy = Policy { daily_request_limit: Some(2), ..Policy::of(Preset::Gt0365) };
        let mut requests = DailyRequests::default();
        let noon = Timestamp::from_unix_secs(43_200);
        assert_eq!([0; 3].map(|_| requests.count(&policy, noon).is_ok()), [true, true, false]);
        assert_eq!(requests.count(&policy, Timestamp::from_unix_secs(86_400)), Ok(()));
        assert_eq!(
            [0; 3].map(|_| requests.count(&policy, noon).is_ok()),
            [true, true, false],
            "the day that was before"
        );
        let unlimited = Policy::of(Preset::Gt0365);
        assert!((0..1_000).all(|_| requests.count(&unlimited, noon).is_ok()));
    }
}
