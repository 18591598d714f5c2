//! The serving side of an instance: counts, refuses, answers and logs each incoming request and push, for whoever drives it.

use crate::time::Timestamp;

use super::instruments::{InstrumentStore, answer_from_instruments, instruments_received};
use super::pool::{PriceStore, answer_from_pool, pool_received};
use super::{
    AcceptMode, InstrumentKey, LogRow, MaxLimitAction, OwnStatus, Peer, Policy, PoolLearns, PriceContent, PriceItem,
    Refusal,
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
    /// Serves a request that arrives when the instance's clock shows `now`: appends the prices of the answer to `answer`
    /// (0.36.5, `exchange_request_handler`).
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
        let counted = self.sender.as_mut().map_or(Ok(()), |sender| sender.requests.count(self.policy, now));
        let before = answer.len();
        let answered = counted.and_then(|()| self.answer_request(now, request, min_acceptable, answer));
        let result = answered.map(|()| count(answer.len() - before));
        let row = self.sender.as_mut().and_then(|sender| sender.note_request_served(request.len(), result));
        Served { result, row }
    }

    /// Serves a push that arrives when the instance's clock shows `now`: takes over what is news (seven-step, step 7;
    /// general-flow, steps 9 and 10; 0.36.5, `push_handler`). No limit applies. A pool takes nothing from a peer that its instance
    /// distrusts (what if).
    pub fn handle_push<K: InstrumentKey, C: PriceContent>(&mut self, now: Timestamp, push: &[PriceItem<K, C>]) -> Served
    where
        P: PriceStore<K, C>,
        I: InstrumentStore<K, C>,
    {
        let mode = self.own.ok_or(Refusal::NoOwnEntry).and_then(|own| own.mode.ok_or(Refusal::NotConfigured));
        let result = mode.and_then(|mode| match mode {
            AcceptMode::PushOpen if self.distrusts_sender(now) => Err(Refusal::Distrusted),
            AcceptMode::PushOpen => Ok(pool_received(self.pool, push.iter().copied())),
            AcceptMode::Open if self.policy.open_accepts_push => Ok(instruments_received(self.instruments, push)),
            AcceptMode::Open | AcceptMode::Closed => Err(Refusal::NotPushOpen),
        });
        let row = self.sender.as_ref().and_then(|sender| sender.log_push_served(push.len(), result));
        Served { result, row }
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

fn count(items: usize) -> u32 {
    u32::try_from(items).expect("a message holds fewer than 2^32 instruments")
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{Instruments, Key, Pool, item, peer, price};
    use super::super::{LogRole, Preset, ServerState};
    use super::*;
    use crate::time::SimDuration;

    fn own(mode: Option<AcceptMode>) -> OwnStatus {
        OwnStatus { mode, state: ServerState::Open, max_limit: None, busy: false }
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
        let policy = &Policy::of(Preset::Gt0365);
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
        let policy = Policy { daily_request_limit: Some(2), ..Policy::of(Preset::Gt0365) };
        let mut sender = peer();
        let limited = OwnStatus { max_limit: Some(1), ..own(Some(AcceptMode::PushOpen)) };
        let mut ask = |own| request(&policy, Some(own), Some(&mut sender)).0;
        assert_eq!(ask(limited), unlogged(Err(Refusal::OverMaxLimit)));
        let row = LogRow { role: LogRole::Supplier, sent: 2, updated: 1, in_response: 1 };
        assert_eq!(ask(own(Some(AcceptMode::PushOpen))), Served { result: Ok(1), row: Some(row) });
        assert_eq!(ask(limited), unlogged(Err(Refusal::OverDailyLimit)));
        assert_eq!(sender.violations, Some(1), "what is over both limits is refused for the daily one");
    }

    #[test]
    fn a_push_is_not_counted_and_logged_if_it_is_taken() {
        let mut sender = peer();
        let row = LogRow { role: LogRole::Supplier, sent: 3, updated: 3, in_response: 2 };
        let push_open = Some(own(Some(AcceptMode::PushOpen)));
        assert_eq!(push(push_open, Some(&mut sender)).0, Served { result: Ok(2), row: Some(row) });
        let refused = push(Some(own(Some(AcceptMode::Open))), Some(&mut sender)).0;
        assert_eq!(refused, unlogged(Err(Refusal::NotPushOpen)));
        assert_eq!(sender, peer());
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
