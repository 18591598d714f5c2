//! The serving side of an instance: takes in, counts, refuses, answers and logs each incoming message, for whoever drives it. A
//! message that is refused for its envelope changes nothing.

use crate::time::Timestamp;

use super::instruments::{InstrumentStore, answer_from_instruments, instruments_received};
use super::pool::{PriceStore, answer_from_pool, pool_received};
use super::{
    AcceptMode, Announcement, Envelope, InstrumentKey, LogRow, MaxLimitAction, MessageClass, OwnStatus, Peer, Policy,
    PoolLearns, PriceContent, PriceItem, Refusal, SyncMaxItems,
};

/// An instance as it serves one message: the state that it may read, and the state that the message may change.
#[derive(Debug)]
pub struct Endpoint<'a, P, I> {
    /// The rules.
    pub policy: &'a Policy,
    /// What the instance says of itself; `None`: it has no entry of its own at all, which only recorded cases have.
    pub own: Option<OwnStatus>,
    /// What the instance has on record about the sender; `None`: it does not know the sender.
    pub sender: Option<&'a mut Peer>,
    /// Its price pool.
    pub pool: &'a mut P,
    /// Its own instruments.
    pub instruments: &'a mut I,
}

/// What became of a message at its receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Served {
    /// Prices in the answer (request) or taken over (push); `Err`: the message was turned away.
    pub result: Result<u32, Refusal>,
    /// What the receiver logs about the sender.
    pub row: Option<LogRow>,
}

impl<P, I> Endpoint<'_, P, I> {
    /// Takes in a message that arrives when the instance's clock shows `now`: looks at its envelope, then takes over what the
    /// sender says of itself, whatever becomes of the message (0.36.9; of 0.36.5, `exchange` shows the view).
    ///
    /// # Errors
    ///
    /// Why the message is refused unread. It has changed nothing then.
    pub fn take_in(&mut self, class: MessageClass, envelope: &Envelope, now: Timestamp) -> Result<(), Refusal> {
        envelope.check(self.policy, class, now)?;
        if self.policy.view_updated_on_refusal {
            self.hear(&envelope.said, now);
        }
        Ok(())
    }

    /// Takes note that a message was taken in and not refused, where only such a message tells what its sender says of itself.
    pub fn note_served(&mut self, said: &OwnStatus, now: Timestamp) {
        if !self.policy.view_updated_on_refusal {
            self.hear(said, now);
        }
    }

    /// Takes note of an announcement that was taken in. No limit and no grant matters.
    pub fn handle_announcement(&mut self, announcement: Announcement, now: Timestamp) {
        if let Some(sender) = &mut self.sender {
            sender.hear_announcement(self.policy, announcement, now);
        }
    }

    /// Serves a request that was taken in, when the instance's clock shows `now`: appends the prices of the answer to `answer`
    /// (0.36.5, `exchange_request_handler`; 0.36.9).
    ///
    /// Neither the server's own busy flag nor its state matters. The limit counts entries, also repeated ones. A request that is
    /// turned away gets no prices and teaches the server nothing. One that exceeds the limit counts as a violation by the sender.
    pub fn handle_request<K: InstrumentKey, C: PriceContent>(
        &mut self,
        now: Timestamp,
        request: &[PriceItem<K, C>],
        min_acceptable: Option<Timestamp>,
        answer: &mut Vec<PriceItem<K, C>>,
    ) -> Served
    where
        P: PriceStore<K, C>,
        I: InstrumentStore<K, C>,
    {
        let before = answer.len();
        let counted = self.count(MessageClass::Request, now);
        let answered = counted.and_then(|()| self.answer_request(now, request, min_acceptable, answer));
        let result = answered.map(|()| count(answer.len() - before));
        self.note_refused(MessageClass::Request, result, now);
        let policy = self.policy;
        let row = |returned| self.sender.as_ref()?.log_request_served(policy, request.len(), returned);
        Served { result, row: result.ok().and_then(row) }
    }

    /// Serves a push that was taken in: takes over what is news (seven-step, step 7; general-flow, steps 9 and 10; 0.36.5,
    /// `push_handler`; 0.36.9). A pool takes nothing from a peer that its instance distrusts (what if).
    pub fn handle_push<K: InstrumentKey, C: PriceContent>(&mut self, now: Timestamp, push: &[PriceItem<K, C>]) -> Served
    where
        P: PriceStore<K, C>,
        I: InstrumentStore<K, C>,
    {
        let counted = self.count(MessageClass::Push, now);
        let result = counted.and_then(|()| self.take_push(now, push));
        self.note_refused(MessageClass::Push, result, now);
        let policy = self.policy;
        let row = |accepted| self.sender.as_ref()?.log_push_served(policy, push.len(), accepted);
        Served { result, row: result.ok().and_then(row) }
    }

    /// Serves a synchronisation that was taken in and offers so many instruments (0.36.9).
    ///
    /// # Errors
    ///
    /// Why it is turned away.
    pub fn handle_synchronisation(&mut self, now: Timestamp, offered: usize) -> Result<(), Refusal> {
        let counted = self.count(MessageClass::Synchronisation, now);
        let result = counted.and_then(|()| self.check_synchronisation(offered));
        self.note_refused(MessageClass::Synchronisation, result, now);
        result
    }

    fn hear(&mut self, said: &OwnStatus, now: Timestamp) {
        if let Some(sender) = &mut self.sender {
            sender.hear(self.policy, said, now);
        }
    }

    /// Counts a message for the daily limit. Those of unknown senders are not counted.
    pub(super) fn count(&mut self, class: MessageClass, now: Timestamp) -> Result<(), Refusal> {
        let limit = self.own.and_then(|own| own.daily_request_limit);
        match &mut self.sender {
            Some(sender) => sender.count_received(self.policy, class, limit, now),
            None => Ok(()),
        }
    }

    pub(super) fn note_refused<T>(&mut self, class: MessageClass, result: Result<T, Refusal>, now: Timestamp) {
        if let (Some(sender), Err(why)) = (&mut self.sender, result) {
            sender.note_refused(self.policy, class, why, now);
        }
    }

    /// Nobody has granted anything to a sender that is not known.
    pub(super) fn check_grant(&self) -> Result<(), Refusal> {
        let is_granted = self.sender.as_ref().is_some_and(|sender| sender.exchange_agreed);
        if is_granted || !self.policy.requires_grant { Ok(()) } else { Err(Refusal::NoGrant) }
    }

    pub(super) fn check_violations(&mut self, now: Timestamp) -> Result<(), Refusal> {
        let is_blocked = self.sender.as_mut().is_some_and(|sender| sender.violations.block(self.policy, now));
        if is_blocked { Err(Refusal::Blocked) } else { Ok(()) }
    }

    fn check_synchronisation(&self, offered: usize) -> Result<(), Refusal> {
        let own = self.own.ok_or(Refusal::NoOwnEntry)?;
        self.check_grant()?;
        let most = own.max_limit.filter(|_| self.policy.sync_max_items == SyncMaxItems::MaxLimit);
        if exceeds(offered, most) { Err(Refusal::TooManyOffered) } else { Ok(()) }
    }

    fn take_push<K: InstrumentKey, C: PriceContent>(
        &mut self,
        now: Timestamp,
        push: &[PriceItem<K, C>],
    ) -> Result<u32, Refusal>
    where
        P: PriceStore<K, C>,
        I: InstrumentStore<K, C>,
    {
        let own = self.own.ok_or(Refusal::NoOwnEntry)?;
        let mode = own.mode.ok_or(Refusal::NotConfigured)?;
        let takes_pushes = mode == AcceptMode::PushOpen || (mode == AcceptMode::Open && self.policy.open_accepts_push);
        if !takes_pushes {
            return Err(Refusal::NotPushOpen);
        }
        self.check_grant()?;
        if self.policy.push_limited_by.by_violations() {
            self.check_violations(now)?;
        }
        if self.policy.push_limited_by.by_max_limit() && exceeds(push.len(), own.max_limit) {
            return Err(Refusal::OverMaxLimit);
        }
        if mode == AcceptMode::PushOpen && self.distrusts_sender(now) {
            return Err(Refusal::Distrusted);
        }
        Ok(if mode == AcceptMode::PushOpen {
            pool_received(self.pool, push.iter().copied())
        } else {
            instruments_received(self.policy, self.instruments, push)
        })
    }

    fn answer_request<K: InstrumentKey, C: PriceContent>(
        &mut self,
        now: Timestamp,
        request: &[PriceItem<K, C>],
        min_acceptable: Option<Timestamp>,
        answer: &mut Vec<PriceItem<K, C>>,
    ) -> Result<(), Refusal>
    where
        P: PriceStore<K, C>,
        I: InstrumentStore<K, C>,
    {
        let own = self.own.ok_or(Refusal::NoOwnEntry)?;
        let mode = own.mode.filter(|mode| *mode != AcceptMode::Closed).ok_or(Refusal::NotAccepting)?;
        self.check_grant()?;
        self.check_violations(now)?;
        let request = match own.max_limit.map(|limit| limit as usize) {
            Some(limit) if request.len() > limit => match self.policy.max_limit_action {
                MaxLimitAction::Truncate => &request[..limit],
                MaxLimitAction::Refuse | MaxLimitAction::Split => return Err(Refusal::OverMaxLimit),
            },
            _ => request,
        };
        if mode == AcceptMode::PushOpen {
            let wary = Policy { pool_learns_from_request: PoolLearns::Never, ..*self.policy };
            let policy = if self.distrusts_sender(now) { &wary } else { self.policy };
            answer_from_pool(policy, self.pool, request, min_acceptable, answer);
        } else {
            answer_from_instruments(self.policy, self.instruments, request, min_acceptable, answer);
        }
        Ok(())
    }

    fn distrusts_sender(&self, now: Timestamp) -> bool {
        self.sender.as_ref().is_some_and(|sender| sender.is_distrusted(now))
    }
}

pub(super) fn exceeds(items: usize, most: Option<u32>) -> bool {
    most.is_some_and(|most| items > most as usize)
}

fn count(items: usize) -> u32 {
    u32::try_from(items).expect("a message holds fewer than 2^32 instruments")
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{Instruments, Key, Pool, item, peer, price, status};
    use super::super::{LogRole, Online, Preset, PushLimits, RequestBudget, ServerState, Violations};
    use super::*;
    use crate::time::SimDuration;

    const TODAY: Policy = Policy::of(Preset::Gt0369);

    fn own(mode: Option<AcceptMode>) -> OwnStatus {
        OwnStatus { mode, max_limit: None, ..status(AcceptMode::Open) }
    }

    const NOON: Timestamp = Timestamp::from_unix_secs(43_200);

    /// A request for two instruments, of which the pool has the first and the own instruments the second.
    fn request(policy: &Policy, own: Option<OwnStatus>, sender: Option<&mut Peer>) -> (Served, Vec<u32>) {
        let mut pool = Pool::of(&[item(1, Some(100), 1)]);
        let mut instruments = Instruments([(Key(2), (price(Some(100), 1), true))].into());
        let mut endpoint = Endpoint { policy, own, sender, pool: &mut pool, instruments: &mut instruments };
        let mut answer = Vec::new();
        let served = endpoint.handle_request(NOON, &[item(1, None, 0), item(2, None, 0)], None, &mut answer);
        (served, answer.iter().map(|item| item.instrument.0).collect())
    }

    fn push(own: Option<OwnStatus>, sender: Option<&mut Peer>) -> (Served, usize) {
        push_under(&Policy::of(Preset::Gt0365), own, sender)
    }

    fn push_under(policy: &Policy, own: Option<OwnStatus>, sender: Option<&mut Peer>) -> (Served, usize) {
        let mut pool = Pool::default();
        let mut endpoint = Endpoint { policy, own, sender, pool: &mut pool, instruments: &mut Instruments::default() };
        let served = endpoint.handle_push(NOON, &[item(1, Some(100), 7), item(2, None, 7), item(3, Some(100), 0)]);
        (served, pool.0.len())
    }

    /// What is served to a sender that nobody knows: it is not logged.
    fn unlogged(result: Result<u32, Refusal>) -> Served {
        Served { result, row: None }
    }

    #[test]
    fn the_accept_mode_decides_where_an_answer_comes_from() {
        let ask = |own| request(&Policy::of(Preset::Gt0365), own, None);
        assert_eq!(ask(Some(own(Some(AcceptMode::PushOpen)))), (unlogged(Ok(1)), vec![1]));
        assert_eq!(ask(Some(own(Some(AcceptMode::Open)))), (unlogged(Ok(1)), vec![2]));
        assert_eq!(ask(Some(own(Some(AcceptMode::Closed)))), (unlogged(Err(Refusal::NotAccepting)), vec![]));
        assert_eq!(ask(Some(own(None))), (unlogged(Err(Refusal::NotAccepting)), vec![]));
        assert_eq!(ask(None), (unlogged(Err(Refusal::NoOwnEntry)), vec![]));
    }

    #[test]
    fn neither_state_nor_busy_flag_keeps_a_server_from_answering() {
        for state in [ServerState::Closed, ServerState::Maintenance, ServerState::None] {
            let own = OwnStatus { state, busy: true, ..own(Some(AcceptMode::Open)) };
            assert_eq!(request(&Policy::of(Preset::Gt0365), Some(own), None), (unlogged(Ok(1)), vec![2]));
        }
    }

    #[test]
    fn a_request_is_counted_before_it_is_refused_and_logged_if_it_is_answered() {
        let policy = Policy::of(Preset::SevenStep);
        let mut sender = peer();
        let limited = OwnStatus { max_limit: Some(1), daily_request_limit: Some(2), ..own(Some(AcceptMode::PushOpen)) };
        let mut ask = |own| request(&policy, Some(own), Some(&mut sender)).0;
        assert_eq!(ask(limited), unlogged(Err(Refusal::OverMaxLimit)));
        let row = LogRow { role: LogRole::Supplier, sent: 2, updated: 1, in_response: 1 };
        assert_eq!(ask(OwnStatus { max_limit: None, ..limited }), Served { result: Ok(1), row: Some(row) });
        assert_eq!(ask(limited), unlogged(Err(Refusal::OverDailyLimit)));
        assert_eq!(sender.violations.count(), Some(1), "what is over both limits is refused for the daily one");
        assert_eq!(sender.budget, RequestBudget::of_day(0, Some(2), None));
    }

    #[test]
    fn a_push_is_counted_where_the_policy_says_so_and_logged_if_it_is_taken() {
        let mut sender = peer();
        let row = LogRow { role: LogRole::Supplier, sent: 3, updated: 3, in_response: 2 };
        let push_open = Some(own(Some(AcceptMode::PushOpen)));
        assert_eq!(push(push_open, Some(&mut sender)).0, Served { result: Ok(2), row: Some(row) });
        let refused = push(Some(own(Some(AcceptMode::Open))), Some(&mut sender)).0;
        assert_eq!(refused, unlogged(Err(Refusal::NotPushOpen)));
        assert_eq!(sender, peer());
        let limited = Some(OwnStatus { daily_request_limit: Some(1), ..own(Some(AcceptMode::PushOpen)) });
        assert_eq!(push_under(&TODAY, limited, Some(&mut sender)), (unlogged(Ok(2)), 2));
        assert_eq!(push_under(&TODAY, limited, Some(&mut sender)), (unlogged(Err(Refusal::OverDailyLimit)), 0));
        assert_eq!(sender.budget.incoming(), Some(1));
    }

    #[test]
    fn reasons_to_refuse_a_request_come_in_their_order() {
        let blocked = || Peer { exchange_agreed: false, violations: Violations::counted(Some(20)), ..peer() };
        let own = |mode, limit| Some(OwnStatus { max_limit: Some(1), daily_request_limit: limit, ..own(mode) });
        let open = Some(AcceptMode::PushOpen);
        let granted = || Peer { exchange_agreed: true, ..blocked() };
        for (own, mut sender, why, violations) in [
            (own(None, Some(0)), blocked(), Refusal::NotAccepting, 20),
            (own(open, None), blocked(), Refusal::NoGrant, 20),
            (own(open, None), granted(), Refusal::Blocked, 20),
            (
                own(open, None),
                Peer { violations: Violations::counted(Some(19)), ..granted() },
                Refusal::OverMaxLimit,
                20,
            ),
        ] {
            assert_eq!(request(&TODAY, own, Some(&mut sender)).0, unlogged(Err(why)));
            assert_eq!((sender.violations.count(), sender.budget.incoming()), (Some(violations), Some(1)), "{why:?}");
        }
        let mut exhausted = Peer { budget: RequestBudget::of_day(0, Some(5), None), ..blocked() };
        let refused = request(&TODAY, own(None, Some(5)), Some(&mut exhausted)).0;
        assert_eq!(refused, unlogged(Err(Refusal::OverDailyLimit)));
        assert_eq!(request(&TODAY, own(open, Some(5)), None).0, unlogged(Err(Refusal::NoGrant)), "not counted");
        let unblocked = Policy { violation_block: None, requires_grant: false, ..TODAY };
        let (served, _) = request(&unblocked, own(open, None).map(|own| OwnStatus { max_limit: None, ..own }), None);
        assert_eq!(served, unlogged(Ok(1)));
    }

    #[test]
    fn a_refused_push_has_its_order_too() {
        let push_open = Some(OwnStatus { max_limit: Some(2), ..own(Some(AcceptMode::PushOpen)) });
        let blocked = || Peer { violations: Violations::counted(Some(20)), ..peer() };
        let revoked = || Peer { exchange_agreed: false, ..blocked() };
        let under = |push_limited_by| Policy { push_limited_by, ..TODAY };
        for (policy, mut sender, result) in [
            (TODAY, revoked(), Err(Refusal::NoGrant)),
            (Policy { requires_grant: false, ..TODAY }, revoked(), Ok(2)),
            (TODAY, blocked(), Ok(2)),
            (under(PushLimits::MaxLimit), blocked(), Err(Refusal::OverMaxLimit)),
            (under(PushLimits::Violations), blocked(), Err(Refusal::Blocked)),
            (under(PushLimits::Violations), peer(), Ok(2)),
            (under(PushLimits::Both), blocked(), Err(Refusal::Blocked)),
            (under(PushLimits::Both), peer(), Err(Refusal::OverMaxLimit)),
        ] {
            assert_eq!(push_under(&policy, push_open, Some(&mut sender)).0.result, result);
        }
        let room = Some(OwnStatus { max_limit: Some(3), ..own(Some(AcceptMode::PushOpen)) });
        assert_eq!(push_under(&under(PushLimits::MaxLimit), room, Some(&mut peer())).0.result, Ok(2));
        assert_eq!(push_under(&TODAY, push_open, None).0.result, Err(Refusal::NoGrant));
    }

    /// A synchronisation that offers three instruments to a server whose limit is two.
    fn synchronise(policy: &Policy, own: Option<OwnStatus>, sender: &mut Peer) -> Result<(), Refusal> {
        let own = own.map(|own| OwnStatus { max_limit: Some(2), ..own });
        let (pool, instruments) = (&mut Pool::default(), &mut Instruments::default());
        Endpoint { policy, own, sender: Some(sender), pool, instruments }.handle_synchronisation(NOON, 3)
    }

    #[test]
    fn a_synchronisation_may_offer_as_many_as_a_request_may_hold() {
        let own = Some(own(Some(AcceptMode::Closed)));
        let mut sender = peer();
        assert_eq!(synchronise(&TODAY, own, &mut sender), Err(Refusal::TooManyOffered));
        assert_eq!((sender.violations.count(), sender.budget.incoming()), (Some(1), Some(1)));
        assert_eq!(synchronise(&Policy::of(Preset::Gt0365), own, &mut peer()), Ok(()));
        assert_eq!(synchronise(&TODAY, None, &mut peer()), Err(Refusal::NoOwnEntry));
        assert_eq!(synchronise(&TODAY, own, &mut Peer { exchange_agreed: false, ..peer() }), Err(Refusal::NoGrant));
        let mut exhausted = Peer { budget: RequestBudget::of_day(0, Some(1), None), ..peer() };
        let limited = own.map(|own| OwnStatus { daily_request_limit: Some(1), ..own });
        assert_eq!(synchronise(&TODAY, limited, &mut exhausted), Err(Refusal::OverDailyLimit));
        let blocked = &mut Peer { violations: Violations::counted(Some(20)), ..peer() };
        assert_eq!(synchronise(&TODAY, own, blocked), Err(Refusal::TooManyOffered), "nobody is blocked");
        assert_eq!(blocked.violations.count(), Some(21));
    }

    #[test]
    fn an_envelope_is_looked_at_before_anything_is_taken_over() {
        let said = OwnStatus { busy: true, ..status(AcceptMode::Open) };
        let late = NOON + SimDuration::from_hours(1);
        for (policy, stamp, result, hears, hears_later) in [
            (TODAY, NOON, Ok(()), true, true),
            (TODAY, late, Err(Refusal::ClockSkew), false, false),
            (Policy::of(Preset::Gt0365), late, Ok(()), true, true),
            (Policy { view_updated_on_refusal: false, ..TODAY }, NOON, Ok(()), false, true),
        ] {
            let mut sender = peer();
            let (pool, instruments) = (&mut Pool::default(), &mut Instruments::default());
            let mut endpoint = Endpoint { policy: &policy, own: None, sender: Some(&mut sender), pool, instruments };
            let envelope = Envelope { stamp, body_bytes: 9, payload_bytes: 9, said };
            assert_eq!(endpoint.take_in(MessageClass::Request, &envelope, NOON), result);
            let hears_now = endpoint.sender.as_ref().is_some_and(|sender| sender.view.said == said);
            if result.is_ok() {
                endpoint.note_served(&said, NOON);
            }
            assert_eq!((hears_now, sender.view.said == said), (hears, hears_later));
        }
    }

    #[test]
    fn an_announcement_is_heard_whatever_the_grants_are() {
        let mut sender = Peer { exchange_agreed: false, ..peer() };
        let (pool, instruments) = (&mut Pool::default(), &mut Instruments::default());
        let mut endpoint = Endpoint { policy: &TODAY, own: None, sender: Some(&mut sender), pool, instruments };
        endpoint.handle_announcement(Announcement::Offline, NOON);
        assert_eq!(sender.view.online, Online::Offline);
    }

    #[test]
    fn a_pool_takes_nothing_from_a_peer_that_its_instance_distrusts() {
        let push_open = Some(own(Some(AcceptMode::PushOpen)));
        let policy = Policy { pool_learns_from_request: PoolLearns::Unknown, ..Policy::of(Preset::Gt0365) };
        let until = |until| Peer { distrusted_until: Some(until), ..peer() };
        let mut rogue = until(NOON + SimDuration::from_nanos(1));
        assert_eq!(push(push_open, Some(&mut rogue)), (unlogged(Err(Refusal::Distrusted)), 0));
        let learns = |sender: &mut Peer| {
            let mut pool = Pool::default();
            let own = push_open;
            let mut endpoint = Endpoint {
                policy: &policy,
                own,
                sender: Some(sender),
                pool: &mut pool,
                instruments: &mut Instruments::default(),
            };
            let served = endpoint.handle_request(NOON, &[item(1, Some(100), 7)], None, &mut Vec::new());
            assert!(served.result.is_ok(), "whoever asks is answered");
            pool.0.len()
        };
        assert_eq!(learns(&mut rogue), 0);
        let mut pardoned = until(NOON);
        assert_eq!(learns(&mut pardoned), 1);
        assert_eq!(push(push_open, Some(&mut pardoned)).1, 2);
    }

    #[test]
    fn only_a_push_open_server_takes_a_push_whatever_its_limit() {
        let limited = OwnStatus { max_limit: Some(1), ..own(Some(AcceptMode::PushOpen)) };
        assert_eq!(push(Some(limited), None), (unlogged(Ok(2)), 2));
        assert_eq!(push(Some(own(Some(AcceptMode::Open))), None), (unlogged(Err(Refusal::NotPushOpen)), 0));
        assert_eq!(push(Some(own(Some(AcceptMode::Closed))), None), (unlogged(Err(Refusal::NotPushOpen)), 0));
        assert_eq!(push(Some(own(None)), None), (unlogged(Err(Refusal::NotConfigured)), 0));
        assert_eq!(push(None, None), (unlogged(Err(Refusal::NoOwnEntry)), 0));
    }
}
