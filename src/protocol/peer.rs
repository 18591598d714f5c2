//! An instance's entry of another one, and the book-keeping about messages between the two: log rows, counts and violations.

use crate::time::Timestamp;

use super::budget::BudgetSide;
use super::{
    AcceptMode, Announced, Announcement, Failure, LogRole, LogRow, MaintenanceRule, MessageClass, OwnStatus, PeerId,
    PeerView, PeerViews, Policy, Refusal, RequestBudget, ServerState, Supplier, Violations,
};

/// What an instance has on record about another.
///
/// Some fields are the same in every simulated world and differ only in recorded cases; their comments say so.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, as the entry has them")]
pub struct Peer {
    /// What the instance knows of the state of the other.
    pub view: PeerView,
    /// `consumer_usage`: 0 = never ask it, lower is asked first.
    pub priority: u16,
    /// Whether an exchange of data is agreed on: the grant that this side has given the other. The other side has its own flag.
    pub exchange_agreed: bool,
    /// Whether this side holds both tokens; only recorded cases have peers without.
    pub authorised: bool,
    /// Whether log rows are to be kept about what this peer did for the instance; only recorded cases switch it off.
    pub consumer_log: bool,
    /// Whether log rows are to be kept about what the instance did for this peer; only recorded cases switch it off.
    pub supplier_log: bool,
    /// How often the peer has violated a limit.
    pub violations: Violations,
    /// Messages to and from the peer, counted by day.
    pub budget: RequestBudget,
    /// What the peer has announced.
    pub announced: Announced,
    /// Until when the instance distrusts the peer, by its own clock; `None`: it never has.
    pub distrusted_until: Option<Timestamp>,
}

impl Peer {
    /// Whether a message of this peer is let in: it is known, and the instance holds tokens for it. Else the sender gets an
    /// HTTP error, and nothing changes here (0.36.5, `exchange`). All peers of a world hold tokens, so that only recorded cases
    /// turn a message away.
    #[must_use]
    pub fn is_let_in(entry: Option<&Self>) -> bool {
        entry.is_some_and(|peer| peer.authorised)
    }

    /// The entry as an exchange sees it that begins when the own clock shows `now`. Without views, every peer counts as there
    /// and not busy.
    #[must_use]
    pub fn as_supplier(&self, policy: &Policy, peer: PeerId, success_rate: f64, now: Timestamp) -> Supplier {
        let is_viewed = policy.peer_views != PeerViews::None;
        let has_granted = self.exchange_agreed || !policy.grant_checked_by_requester;
        Supplier {
            peer,
            mode: self.view.said.mode.unwrap_or(AcceptMode::Closed),
            priority: self.priority,
            exchange_agreed: self.exchange_agreed,
            authorised: self.authorised && has_granted,
            reachable: (!is_viewed || self.view.is_reachable()) && !self.announced.is_left_alone(policy, now),
            busy: is_viewed && self.view.said.busy,
            max_limit: self.view.said.max_limit,
            success_rate,
        }
    }

    /// Takes over what the peer says of itself in a message that has just come from it, unless the peer has ended.
    pub fn hear(&mut self, policy: &Policy, said: &OwnStatus, now: Timestamp) {
        if !self.announced.is_out_of_service(policy, now) {
            self.view.heard_from(said);
        }
    }

    /// Takes note of what the peer announces (0.36.5, 0.36.9).
    pub fn hear_announcement(&mut self, policy: &Policy, announcement: Announcement, now: Timestamp) {
        match announcement {
            Announcement::Offline => self.view.heard_farewell(policy),
            Announcement::Maintenance(window) => {
                self.announced.note_window(window, now);
                if policy.maintenance_windows == MaintenanceRule::UntilNextMessage {
                    self.view.said.state = ServerState::Maintenance;
                }
            }
            Announcement::MaintenanceCancelled(window) => self.announced.cancel_window(window, now),
            Announcement::Discontinuation { unix_day } => self.announced.note_end(Some(unix_day)),
            Announcement::DiscontinuationCancelled => self.announced.note_end(None),
            Announcement::ExchangeRevoked => {
                self.exchange_agreed = false;
                self.view.said.state = ServerState::Closed;
            }
        }
    }

    /// Counts a message that is about to be sent to the peer; returns whether the limit allows it that the peer has published, as
    /// far as is known. If not, nothing is to be sent.
    pub fn may_send(&mut self, policy: &Policy, class: MessageClass, now: Timestamp) -> bool {
        let by_client = policy.daily_request_limit_enforced_by.by_client();
        let limit = self.view.said.daily_request_limit.filter(|_| by_client);
        !class.is_counted(policy) || self.budget.charge(BudgetSide::Outgoing, limit, policy.daily_limit_zero, now)
    }

    /// Takes note that a message to the peer has failed.
    pub fn note_sending_failed(&mut self, policy: &Policy, class: MessageClass, now: Timestamp) {
        if policy.daily_request_limit_refund && class.is_counted(policy) {
            self.budget.refund(BudgetSide::Outgoing, now);
        }
    }

    /// Counts a message that has come from the peer.
    ///
    /// # Errors
    ///
    /// [`Refusal::OverDailyLimit`] if it is one too many for the limit that the instance has published.
    pub(super) fn count_received(
        &mut self,
        policy: &Policy,
        class: MessageClass,
        limit: Option<u32>,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let limit = limit.filter(|_| policy.daily_request_limit_enforced_by.by_server());
        let is_allowed =
            !class.is_counted(policy) || self.budget.charge(BudgetSide::Incoming, limit, policy.daily_limit_zero, now);
        if is_allowed { Ok(()) } else { Err(Refusal::OverDailyLimit) }
    }

    /// Takes note that a message of the peer was refused: as a violation if it exceeded a limit of instruments.
    pub(super) fn note_refused(&mut self, policy: &Policy, class: MessageClass, why: Refusal, now: Timestamp) {
        let is_violation = match why {
            Refusal::OverMaxLimit => class != MessageClass::History || policy.violation_sources.has_history(),
            Refusal::TooManyOffered => policy.violation_sources.has_synchronisations(),
            _ => false,
        };
        if is_violation {
            self.violations.add(policy, now);
        }
        let is_counted = class.is_counted(policy) && why != Refusal::OverDailyLimit;
        if is_counted && policy.daily_request_limit_refund {
            self.budget.refund(BudgetSide::Incoming, now);
        }
    }

    /// What the requester logs when its request of `sent` instruments has ended: with an answer of `in_response` prices, of
    /// which it took `updated`, or with a failure.
    #[must_use]
    pub fn log_request(&self, policy: &Policy, sent: usize, ended: Result<(u32, usize), Failure>) -> Option<LogRow> {
        let row = LogRow::request_ended(policy, sent, ended);
        row.filter(|_| self.keeps_log(policy, LogRole::Consumer))
    }

    /// What the requester logs when its push of `pushed` prices has ended: with the number accepted, or with a failure.
    #[must_use]
    pub fn log_push(&self, policy: &Policy, pushed: usize, ended: Result<u32, Failure>) -> Option<LogRow> {
        LogRow::push_ended(policy, pushed, ended).filter(|_| self.keeps_log(policy, LogRole::Consumer))
    }

    /// What the server logs about a request of this peer for `asked` instruments that it answered with `returned` prices.
    pub(super) fn log_request_served(&self, policy: &Policy, asked: usize, returned: u32) -> Option<LogRow> {
        LogRow::request_served(asked, returned).filter(|_| self.keeps_log(policy, LogRole::Supplier))
    }

    /// What the server logs about a push of `received` prices of this peer, of which it took `accepted`.
    pub(super) fn log_push_served(&self, policy: &Policy, received: usize, accepted: u32) -> Option<LogRow> {
        LogRow::push_served(received, accepted).filter(|_| self.keeps_log(policy, LogRole::Supplier))
    }

    /// What is to be logged about a peer is a setting of its entry for last prices: without that entry there are no rows
    /// about it (0.36.5, `exchange_request_handler`, `push_handler`).
    fn keeps_log(&self, policy: &Policy, role: LogRole) -> bool {
        let wanted = match role {
            LogRole::Consumer => self.consumer_log,
            LogRole::Supplier => self.supplier_log,
        };
        policy.exchange_log && wanted && self.view.said.mode.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{peer, status};
    use super::super::{CountedMessages, EnforcedBy, MaintenanceWindow, Online, Preset};
    use super::*;
    use crate::time::SimDuration;

    const NOON: Timestamp = Timestamp::from_unix_secs(43_200);
    const TODAY: Policy = Policy::of(Preset::Gt0369);

    #[test]
    fn only_known_peers_with_tokens_are_let_in() {
        assert!(Peer::is_let_in(Some(&peer())));
        assert!(!Peer::is_let_in(Some(&Peer { authorised: false, ..peer() })));
        assert!(!Peer::is_let_in(None));
    }

    #[test]
    fn what_exceeds_a_limit_of_instruments_is_a_violation() {
        let prices_only = Policy::of(Preset::Gt0365);
        for (why, under_both, under_prices) in [
            (Refusal::NotAccepting, None, None),
            (Refusal::OverDailyLimit, None, None),
            (Refusal::NoGrant, None, None),
            (Refusal::Blocked, None, None),
            (Refusal::OverMaxLimit, Some(1), Some(1)),
            (Refusal::TooManyOffered, Some(1), None),
        ] {
            for (policy, violations) in [(&TODAY, under_both), (&prices_only, under_prices)] {
                let mut sender = peer();
                sender.note_refused(policy, MessageClass::Request, why, NOON);
                assert_eq!(sender.violations.count(), violations, "{why:?}");
            }
        }
    }

    #[test]
    fn each_role_is_logged_where_its_log_is_kept() {
        let policy = Policy::of(Preset::Gt0365);
        let rows = |policy: &Policy, peer: &Peer| {
            [
                peer.log_request(policy, 3, Ok((1, 2))).is_some(),
                peer.log_push(policy, 3, Ok(1)).is_some(),
                peer.log_request_served(policy, 3, 1).is_some(),
                peer.log_push_served(policy, 3, 1).is_some(),
            ]
        };
        assert_eq!(rows(&policy, &peer()), [true; 4]);
        assert_eq!(rows(&policy, &Peer { supplier_log: false, ..peer() }), [true, true, false, false]);
        assert_eq!(rows(&policy, &Peer { consumer_log: false, ..peer() }), [false, false, true, true]);
        assert_eq!(rows(&Policy { exchange_log: false, ..policy }, &peer()), [false; 4]);
        let logging = Policy { failed_requests_logged: true, ..policy };
        assert!(peer().log_request(&logging, 3, Err(Failure::Unreachable)).is_some());
        let mut unconfigured = peer();
        unconfigured.view.said.mode = None;
        assert_eq!(rows(&logging, &unconfigured), [false; 4]);
        assert_eq!(unconfigured.log_request(&logging, 3, Err(Failure::Unreachable)), None);
    }

    #[test]
    fn an_entry_without_last_prices_is_a_closed_supplier() {
        let policy = &Policy::of(Preset::Gt0365);
        let mut entry = peer();
        assert!(entry.as_supplier(policy, PeerId(7), 1.0, NOON).is_eligible());
        entry.view.said.mode = None;
        assert_eq!(entry.as_supplier(policy, PeerId(7), 1.0, NOON).mode, AcceptMode::Closed);
    }

    #[test]
    fn a_requester_asks_whom_it_has_granted_nothing_unless_it_looks() {
        let revoked = Peer { exchange_agreed: false, ..peer() };
        let looking = Policy { grant_checked_by_requester: true, ..TODAY };
        for (policy, entry, asks) in [(&TODAY, &revoked, true), (&looking, &revoked, false), (&looking, &peer(), true)]
        {
            assert_eq!(entry.as_supplier(policy, PeerId(7), 1.0, NOON).is_eligible(), asks);
        }
    }

    #[test]
    fn a_peer_in_maintenance_is_left_out_and_one_that_has_ended_is_not_heard() {
        let mut entry = peer();
        let window = MaintenanceWindow { from: NOON, to: NOON + SimDuration::from_hours(1) };
        entry.hear_announcement(&TODAY, Announcement::Maintenance(window), Timestamp::from_unix_secs(0));
        assert!(!entry.as_supplier(&TODAY, PeerId(7), 1.0, NOON).is_eligible());
        entry.hear(&TODAY, &status(AcceptMode::Open), NOON);
        assert!(!entry.as_supplier(&TODAY, PeerId(7), 1.0, NOON).is_eligible(), "a message does not end it");
        entry.hear_announcement(&TODAY, Announcement::MaintenanceCancelled(window), Timestamp::from_unix_secs(0));
        assert!(entry.as_supplier(&TODAY, PeerId(7), 1.0, NOON).is_eligible());
        entry.hear_announcement(&TODAY, Announcement::Discontinuation { unix_day: 0 }, NOON);
        entry.view.online = Online::Offline;
        entry.hear(&TODAY, &status(AcceptMode::PushOpen), NOON);
        assert_eq!((entry.view.online, entry.view.said.mode), (Online::Offline, Some(AcceptMode::Open)));
        entry.hear_announcement(&TODAY, Announcement::DiscontinuationCancelled, NOON);
        entry.hear(&TODAY, &status(AcceptMode::PushOpen), NOON);
        assert!(entry.as_supplier(&TODAY, PeerId(7), 1.0, NOON).is_eligible());
    }

    #[test]
    fn who_revokes_the_exchange_loses_the_grant_for_good_and_counts_as_closed_until_its_next_message() {
        let mut entry = peer();
        entry.hear_announcement(&TODAY, Announcement::ExchangeRevoked, NOON);
        assert_eq!((entry.exchange_agreed, entry.view.said.state), (false, ServerState::Closed));
        entry.hear(&TODAY, &status(AcceptMode::Open), NOON);
        assert_eq!((entry.exchange_agreed, entry.view.said.state), (false, ServerState::Open));
    }

    #[test]
    fn maintenance_in_the_view_lasts_until_the_next_message() {
        let recorded = Policy::of(Preset::Gt0365);
        let window =
            MaintenanceWindow { from: NOON + SimDuration::from_hours(1), to: NOON + SimDuration::from_hours(2) };
        for (policy, state) in [
            (&recorded, ServerState::Maintenance),
            (&TODAY, ServerState::Open),
            (&Policy::of(Preset::SevenStep), ServerState::Open),
        ] {
            let mut entry = peer();
            entry.hear_announcement(policy, Announcement::Maintenance(window), NOON);
            assert_eq!(entry.view.said.state, state);
            entry.hear(policy, &status(AcceptMode::Open), NOON);
            assert_eq!(entry.view.said.state, ServerState::Open);
        }
    }

    #[test]
    fn each_side_keeps_to_the_limit_that_it_knows() {
        for (enforced_by, sends, takes) in [
            (EnforcedBy::Nobody, 5, 5),
            (EnforcedBy::Server, 5, 2),
            (EnforcedBy::Client, 3, 5),
            (EnforcedBy::Both, 3, 2),
        ] {
            let policy = Policy { daily_request_limit_enforced_by: enforced_by, ..TODAY };
            let mut entry = peer();
            entry.view.said.daily_request_limit = Some(3);
            let sent = (0..5).filter(|_| entry.may_send(&policy, MessageClass::Request, NOON)).count();
            let count = |entry: &mut Peer| entry.count_received(&policy, MessageClass::Request, Some(2), NOON);
            let taken = (0..5).filter(|_| count(&mut entry).is_ok()).count();
            assert_eq!((sent, taken), (sends, takes), "{enforced_by:?}");
            let counts = (entry.budget.outgoing(), entry.budget.incoming());
            let expected = [sends, takes].map(|count| u32::try_from(count).ok());
            assert_eq!(counts, (expected[0], expected[1]));
        }
    }

    #[test]
    fn what_does_not_count_is_never_one_too_many() {
        let policy = Policy { daily_request_limit_counts: CountedMessages::Requests, ..TODAY };
        let mut entry = peer();
        entry.view.said.daily_request_limit = Some(0);
        entry.budget = RequestBudget::of_day(0, Some(0), Some(0));
        let before = entry.clone();
        for class in [MessageClass::Push, MessageClass::Synchronisation, MessageClass::Ping, MessageClass::Announcement]
        {
            assert!(entry.may_send(&policy, class, NOON));
            assert_eq!(entry.count_received(&policy, class, Some(0), NOON), Ok(()));
            entry.note_sending_failed(&policy, class, NOON);
        }
        assert_eq!(entry, before);
        assert!(!entry.may_send(&policy, MessageClass::Request, NOON));
        assert_eq!(entry.count_received(&policy, MessageClass::Request, Some(0), NOON), Err(Refusal::OverDailyLimit));
    }

    #[test]
    fn a_failed_message_is_given_back_only_where_the_policy_says_so() {
        for (refund, left) in [(false, Some(1)), (true, Some(0))] {
            let policy = Policy { daily_request_limit_refund: refund, ..TODAY };
            let mut entry = peer();
            assert!(entry.may_send(&policy, MessageClass::Request, NOON));
            assert_eq!(entry.count_received(&policy, MessageClass::Request, None, NOON), Ok(()));
            entry.note_sending_failed(&policy, MessageClass::Ping, NOON);
            entry.note_refused(&policy, MessageClass::Request, Refusal::OverDailyLimit, NOON);
            assert_eq!((entry.budget.outgoing(), entry.budget.incoming()), (Some(1), Some(1)));
            entry.note_sending_failed(&policy, MessageClass::Request, NOON);
            entry.note_refused(&policy, MessageClass::Request, Refusal::NoGrant, NOON);
            assert_eq!((entry.budget.outgoing(), entry.budget.incoming()), (left, left));
        }
    }
}
