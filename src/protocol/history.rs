//! The exchange of historical prices as far as it is load: who is refused, and what a server answers. No price is kept, so a server
//! has a history of whatever it would have a last price of.

use crate::time::Timestamp;

use super::instruments::InstrumentStore;
use super::pool::{PoolRow, PriceStore};
use super::serving::exceeds;
use super::{AcceptMode, Endpoint, InstrumentKey, MessageClass, PriceContent, PriceItem, Refusal};

impl<P, I> Endpoint<'_, P, I> {
    /// Serves a request for historical prices that was taken in: appends to `answer` the instruments of which the server has some. A
    /// pool has those that it knows, an open server those of its own that it may send (0.36.9). Limits and violations are those of
    /// requests for last prices.
    ///
    /// # Errors
    ///
    /// Why it is turned away.
    pub fn handle_history<K: InstrumentKey, C: PriceContent>(
        &mut self,
        now: Timestamp,
        request: &[PriceItem<K, C>],
        answer: &mut Vec<PriceItem<K, C>>,
    ) -> Result<(), Refusal>
    where
        P: PriceStore<K, C>,
        I: InstrumentStore<K, C>,
    {
        let counted = self.count(MessageClass::History, now);
        let result = counted.and_then(|()| self.answer_history(now, request, answer));
        self.note_refused(MessageClass::History, result, now);
        result
    }

    /// Serves a push of historical prices that was taken in. Neither the limit of instruments nor violations matter (0.36.9).
    ///
    /// # Errors
    ///
    /// Why it is turned away.
    pub fn handle_history_push(&mut self, now: Timestamp) -> Result<(), Refusal> {
        let counted = self.count(MessageClass::HistoryPush, now);
        let result = counted.and_then(|()| self.accepting().map(|_| ())).and_then(|()| self.check_grant());
        self.note_refused(MessageClass::HistoryPush, result, now);
        result
    }

    fn answer_history<K: InstrumentKey, C: PriceContent>(
        &mut self,
        now: Timestamp,
        request: &[PriceItem<K, C>],
        answer: &mut Vec<PriceItem<K, C>>,
    ) -> Result<(), Refusal>
    where
        P: PriceStore<K, C>,
        I: InstrumentStore<K, C>,
    {
        let (mode, most) = self.accepting()?;
        self.check_grant()?;
        self.check_violations(now)?;
        if exceeds(request.len(), most) {
            return Err(Refusal::OverMaxLimit);
        }
        answer.extend(request.iter().copied().filter(|asked| match mode {
            AcceptMode::PushOpen => !matches!(self.pool.row(asked.instrument), PoolRow::Unknown),
            _ => self.instruments.may_send(asked.instrument),
        }));
        Ok(())
    }

    /// The mode of an instance that answers at all, and how many instruments a request may hold.
    fn accepting(&self) -> Result<(AcceptMode, Option<u32>), Refusal> {
        let own = self.own.ok_or(Refusal::NoOwnEntry)?;
        let mode = own.mode.filter(|mode| *mode != AcceptMode::Closed).ok_or(Refusal::NotAccepting)?;
        Ok((mode, own.max_limit))
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{Instruments, Key, Pool, item, peer, price, status};
    use super::super::{CountedMessages, OwnStatus, Peer, Policy, Preset, ViolationSources, Violations};
    use super::*;

    const NOON: Timestamp = Timestamp::from_unix_secs(43_200);

    /// Asks a server that allows three instruments for the first `count`. Its pool knows 1 and 2, and of its own it may send 2 only.
    fn ask(policy: &Policy, sender: &mut Peer, mode: AcceptMode, count: u32) -> Result<Vec<u32>, Refusal> {
        let own = Some(OwnStatus { max_limit: Some(3), ..status(mode) });
        let pool = &mut Pool::of(&[item(1, None, 0), item(2, Some(5), 7)]);
        let own_price = |may_send| (price(Some(5), 7), may_send);
        let instruments = &mut Instruments([(Key(1), own_price(false)), (Key(2), own_price(true))].into());
        let request: Vec<_> = (1..=count).map(|number| item(number, None, 0)).collect();
        let mut answer = Vec::new();
        let mut endpoint = Endpoint { policy, own, sender: Some(sender), pool, instruments };
        endpoint.handle_history(NOON, &request, &mut answer)?;
        Ok(answer.iter().map(|item| item.instrument.0).collect())
    }

    #[test]
    fn a_server_has_a_history_of_what_it_has_prices_of() {
        let today = Policy::of(Preset::Gt0369);
        assert_eq!(ask(&today, &mut peer(), AcceptMode::PushOpen, 3), Ok(vec![1, 2]));
        assert_eq!(ask(&today, &mut peer(), AcceptMode::Open, 3), Ok(vec![2]));
        assert_eq!(ask(&today, &mut peer(), AcceptMode::Closed, 3), Err(Refusal::NotAccepting));
        let stranger = &mut Peer { exchange_agreed: false, ..peer() };
        assert_eq!(ask(&today, stranger, AcceptMode::Open, 3), Err(Refusal::NoGrant));
    }

    #[test]
    fn a_request_for_too_much_history_is_a_violation_where_history_counts() {
        for (sources, violations) in [
            (ViolationSources::Prices, None),
            (ViolationSources::PricesAndSynchronisations, None),
            (ViolationSources::PricesAndHistory, Some(1)),
            (ViolationSources::All, Some(1)),
        ] {
            let policy = Policy { violation_sources: sources, ..Policy::of(Preset::Gt0369) };
            let mut sender = peer();
            assert_eq!(ask(&policy, &mut sender, AcceptMode::PushOpen, 4), Err(Refusal::OverMaxLimit));
            assert_eq!(sender.violations.count(), violations, "{sources:?}");
        }
        let mut sender = Peer { violations: Violations::counted(Some(20)), ..peer() };
        assert_eq!(ask(&Policy::of(Preset::Gt0369), &mut sender, AcceptMode::PushOpen, 1), Err(Refusal::Blocked));
    }

    #[test]
    fn history_counts_for_a_daily_limit_of_all_messages() {
        for (counts, refused) in
            [(CountedMessages::All, Err(Refusal::OverDailyLimit)), (CountedMessages::RequestsAndPushes, Ok(()))]
        {
            let policy = Policy { daily_request_limit_counts: counts, ..Policy::of(Preset::Gt0369) };
            let own = Some(OwnStatus { daily_request_limit: Some(1), ..status(AcceptMode::Open) });
            let mut sender = peer();
            let (pool, instruments) = (&mut Pool::of(&[]), &mut Instruments([].into()));
            let mut push = || {
                let sender = Some(&mut sender);
                Endpoint { policy: &policy, own, sender, pool, instruments }.handle_history_push(NOON)
            };
            assert_eq!((push(), push()), (Ok(()), refused));
        }
    }
}
