//! An open server's own instruments: what it answers from them, and what it takes over.

use crate::time::Timestamp;

use super::{InstrumentKey, Policy, Price, PriceContent, PriceItem};

/// The instruments that an instance has recorded.
pub trait InstrumentStore<K, C> {
    /// The local price of `instrument`; `None` if the instance has not recorded it.
    fn price(&self, instrument: K) -> Option<Price<C>>;

    /// Replaces the local price of an instrument that is recorded.
    fn set_price(&mut self, instrument: K, price: Price<C>);

    /// Whether `instrument` has the receive flag.
    fn may_receive(&self, instrument: K) -> bool;

    /// Whether `instrument` has the send flag.
    fn may_send(&self, instrument: K) -> bool;

    /// Whether any instrument of the instance has the send flag.
    fn may_send_any(&self) -> bool;
}

/// Answers a request from an open server's own instruments: appends to `answer` the local prices of instruments that may be
/// sent, if they are newer than the requester's and not stamped before `min_acceptable`. Where the requester's price is newer,
/// the server takes it over if the policy says so, whatever the send flag of the instrument (seven-step, step 4; 0.36.5,
/// `open_query`).
pub fn answer_from_instruments<K: InstrumentKey, C: PriceContent>(
    policy: &Policy,
    instruments: &mut impl InstrumentStore<K, C>,
    request: &[PriceItem<K, C>],
    min_acceptable: Option<Timestamp>,
    answer: &mut Vec<PriceItem<K, C>>,
) {
    let everything = policy.open_sends_all_if_none_flagged && !instruments.may_send_any();
    for (at, asked) in request.iter().enumerate() {
        let repeated = || request[at + 1..].iter().any(|later| later.instrument == asked.instrument);
        if !asked.instrument.is_complete() || repeated() {
            continue;
        }
        let Some(mut local) = instruments.price(asked.instrument) else { continue };
        if asked.price.is_newer_than(local.timestamp) {
            if policy.open_learns_from_request && takes(policy, instruments, asked.instrument) {
                local.update(&asked.price);
                instruments.set_price(asked.instrument, local);
            }
            continue;
        }
        let price = policy.price_as_sent(local);
        if price.is_newer_than(asked.price.timestamp)
            && price.timestamp >= min_acceptable
            && (everything || instruments.may_send(asked.instrument))
        {
            answer.push(PriceItem { instrument: asked.instrument, price });
        }
    }
}

/// Takes pushed prices into the own instruments. A price is taken if the instrument is recorded, and if it has a last price and
/// is newer than the local one. Returns how many were taken (general-flow, step 10).
pub(super) fn instruments_received<K: InstrumentKey, C: PriceContent>(
    policy: &Policy,
    instruments: &mut impl InstrumentStore<K, C>,
    prices: &[PriceItem<K, C>],
) -> u32 {
    let mut taken = 0;
    for item in prices {
        if let Some(mut local) = instruments.price(item.instrument)
            && item.price.content.has_last()
            && item.price.is_newer_than(local.timestamp)
            && takes(policy, instruments, item.instrument)
        {
            local.update(&item.price);
            instruments.set_price(item.instrument, local);
            taken += 1;
        }
    }
    taken
}

/// Whether the server takes over prices of `instrument` at all.
fn takes<K, C>(policy: &Policy, instruments: &impl InstrumentStore<K, C>, instrument: K) -> bool {
    policy.open_takes_unreceived || instruments.may_receive(instrument)
}

#[cfg(test)]
mod tests {
    use super::super::Preset;
    use super::super::test_support::{Content, INCOMPLETE, Instruments, Key, item, price};
    use super::*;

    const GT: Policy = Policy::of(Preset::Gt0365);

    fn ask(
        policy: &Policy,
        instruments: &mut Instruments,
        request: &[PriceItem<Key, Content>],
        oldest: Option<i64>,
    ) -> Vec<u32> {
        let mut answer = Vec::new();
        answer_from_instruments(policy, instruments, request, oldest.map(Timestamp::from_unix_secs), &mut answer);
        answer.iter().map(|item| item.instrument.0).collect()
    }

    #[test]
    fn an_open_server_returns_what_is_newer_and_may_be_sent() {
        let rows = [(1, price(Some(100), 1), true), (2, price(Some(100), 1), false), (3, price(None, 0), true)];
        let recorded = Instruments(rows.map(|(key, price, send)| (Key(key), (price, send))).into());
        let request = [item(1, None, 0), item(2, None, 0), item(3, None, 0), item(4, None, 0)];
        let equal = [item(1, Some(100), 1)];
        for preset in Preset::ALL {
            let mut instruments = recorded.clone();
            assert_eq!(ask(&Policy::of(preset), &mut instruments, &request, None), [1]);
            assert_eq!(ask(&Policy::of(preset), &mut instruments, &equal, None), [0; 0]);
            assert_eq!(instruments, recorded);
        }
    }

    #[test]
    fn the_threshold_is_inclusive() {
        let row = |key, secs| (Key(key), (price(Some(secs), 1), true));
        let mut instruments = Instruments([row(1, 99), row(2, 100), row(3, 101)].into());
        let request = [item(1, None, 0), item(2, None, 0), item(3, None, 0)];
        assert_eq!(ask(&GT, &mut instruments, &request, Some(100)), [2, 3]);
    }

    #[test]
    fn where_nothing_has_the_send_flag_the_released_system_sends_everything() {
        let mut instruments = Instruments([(Key(1), (price(Some(100), 1), false))].into());
        assert_eq!(ask(&GT, &mut instruments, &[item(1, None, 0)], None), [1]);
        assert_eq!(ask(&Policy::of(Preset::SevenStep), &mut instruments, &[item(1, None, 0)], None), [0; 0]);
        instruments.0.insert(Key(2), (price(None, 0), true));
        assert_eq!(ask(&GT, &mut instruments, &[item(1, None, 0)], None), [0; 0]);
    }

    #[test]
    fn a_newer_price_of_the_request_is_taken_over_field_by_field() {
        let full = Price { content: Content { last: 5, open: 6 }, ..price(Some(100), 5) };
        let recorded = Instruments([(Key(1), (full, false))].into());
        let mut instruments = recorded.clone();
        assert_eq!(ask(&GT, &mut instruments, &[item(1, Some(200), 0)], None), [0; 0]);
        assert_eq!(instruments.0[&Key(1)].0, Price { timestamp: price(Some(200), 0).timestamp, ..full });
        let mut instruments = recorded.clone();
        assert_eq!(ask(&Policy::of(Preset::SevenStep), &mut instruments, &[item(1, Some(200), 7)], None), [0; 0]);
        assert_eq!(instruments, recorded);
    }

    /// In the store of these tests, what may not be sent may not be received either.
    #[test]
    fn what_is_not_received_is_taken_from_requests_and_pushes_only_where_the_rules_say_so() {
        let row = |key, flags| (Key(key), (price(Some(100), 1), flags));
        let news = [item(1, Some(200), 7), item(2, Some(200), 7)];
        for (takes_all, taken) in [(true, [200, 200]), (false, [200, 100])] {
            let policy = Policy { open_takes_unreceived: takes_all, ..GT };
            let stamped = |instruments: &Instruments| {
                let secs = |key| instruments.0[&Key(key)].0.timestamp.expect("stamped").as_unix_nanos() / 1_000_000_000;
                [secs(1), secs(2)]
            };
            let recorded = Instruments([row(1, true), row(2, false)].into());
            let mut instruments = recorded.clone();
            assert_eq!(ask(&policy, &mut instruments, &news, None), [0; 0]);
            assert_eq!(stamped(&instruments), taken, "of a request");
            let mut instruments = recorded;
            assert_eq!(instruments_received(&policy, &mut instruments, &news), 1 + u32::from(takes_all));
            assert_eq!(stamped(&instruments), taken, "of a push");
        }
    }

    #[test]
    fn of_a_repeated_instrument_the_last_entry_counts_and_incomplete_ones_do_not() {
        let row = |key| (Key(key), (price(Some(100), 1), true));
        let mut instruments = Instruments([row(1), row(2), row(INCOMPLETE.0)].into());
        let request = [
            item(1, None, 0),
            item(2, Some(100), 1),
            item(1, Some(100), 1),
            item(2, None, 0),
            item(INCOMPLETE.0, None, 0),
        ];
        assert_eq!(ask(&GT, &mut instruments, &request, None), [2]);
    }

    #[test]
    fn a_push_changes_what_is_recorded_and_older_and_has_a_last_price() {
        let row = |key| (Key(key), (price(Some(100), 1), false));
        let mut instruments = Instruments([row(1), row(2), row(3)].into());
        let push = [item(1, Some(101), 7), item(2, Some(100), 7), item(3, Some(101), 0), item(4, Some(101), 7)];
        assert_eq!(instruments_received(&GT, &mut instruments, &push), 1);
        assert_eq!(instruments.0[&Key(1)].0, price(Some(101), 7));
        assert_eq!((instruments.0[&Key(2)], instruments.0[&Key(3)], instruments.0.len()), (row(2).1, row(3).1, 3));
    }
}
