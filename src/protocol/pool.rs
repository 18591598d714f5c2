//! Price pools: what a push-open server answers from them, learns from requests, and takes from pushes.

use crate::time::Timestamp;

use super::{InstrumentKey, Policy, PoolLearns, Price, PriceContent, PriceItem};

/// What a pool holds for an instrument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolRow<C> {
    /// Nothing: it does not know the instrument.
    Unknown,
    /// It knows the instrument, but has no price of it.
    Unpriced,
    /// This price.
    Priced(Price<C>),
}

/// Prices of any instruments, kept apart from those that the instance has recorded itself.
pub trait PriceStore<K, C> {
    /// What the pool holds for `instrument`.
    fn row(&self, instrument: K) -> PoolRow<C>;

    /// Replaces the whole price of `instrument`, which the pool need not have known.
    fn store(&mut self, instrument: K, price: Price<C>);
}

/// Answers a request from a pool: appends to `answer` every pooled price that is newer than the requester's and not stamped
/// before `min_acceptable`. The pool learns from the request as the policy says (seven-step, step 3; 0.36.5, `pool_query`).
///
/// Send flags do not restrict what a pool returns. If a request lists an instrument several times, the last entry counts.
pub fn answer_from_pool<K: InstrumentKey, C: PriceContent>(
    policy: &Policy,
    pool: &mut impl PriceStore<K, C>,
    request: &[PriceItem<K, C>],
    min_acceptable: Option<Timestamp>,
    answer: &mut Vec<PriceItem<K, C>>,
) {
    for (at, asked) in request.iter().enumerate() {
        let repeated = || request[at + 1..].iter().any(|later| later.instrument == asked.instrument);
        if !asked.instrument.is_complete() || repeated() {
            continue;
        }
        match pool.row(asked.instrument) {
            PoolRow::Unknown if policy.pool_learns_from_request != PoolLearns::Never => {
                if asked.price.content.has_last() {
                    pool.store(asked.instrument, asked.price);
                    if policy.pool_echoes_unknown {
                        answer.push(*asked);
                    }
                }
            }
            PoolRow::Unknown | PoolRow::Unpriced => {}
            PoolRow::Priced(held) => {
                let pooled = policy.price_as_sent(held);
                if pooled.is_newer_than(asked.price.timestamp) {
                    if pooled.timestamp >= min_acceptable {
                        answer.push(PriceItem { instrument: asked.instrument, price: pooled });
                    }
                } else if policy.pool_learns_from_request == PoolLearns::Newer
                    // The requester may cut its timestamps less than this instance does.
                    && asked.price.is_newer_than(held.timestamp)
                    && asked.price.content.has_last()
                {
                    pool.store(asked.instrument, asked.price);
                }
            }
        }
    }
}

/// Takes received prices into a pool. A price is taken if it has a last price, and if the pool has none of the instrument or an
/// older one. Returns how many were taken (seven-step, step 7; 0.36.5, `pool_update` from a push).
pub fn pool_received<K: InstrumentKey, C: PriceContent>(
    pool: &mut impl PriceStore<K, C>,
    prices: impl IntoIterator<Item = PriceItem<K, C>>,
) -> u32 {
    let valid = |item: &PriceItem<K, C>| item.instrument.is_complete() && item.price.content.has_last();
    store_newer(pool, prices.into_iter().filter(valid))
}

/// Takes prices of an instance's own instruments into its pool. A price is taken if it has a timestamp, and if the pool has none
/// of the instrument or an older one. Returns how many were taken (seven-step, step 6; 0.36.5, `pool_update` from a connector).
pub fn pool_own<K: InstrumentKey, C: PriceContent>(
    pool: &mut impl PriceStore<K, C>,
    prices: impl IntoIterator<Item = PriceItem<K, C>>,
) -> u32 {
    let valid = |item: &PriceItem<K, C>| {
        item.instrument.is_complete() && !item.instrument.is_blank() && item.price.timestamp.is_some()
    };
    store_newer(pool, prices.into_iter().filter(valid))
}

fn store_newer<K: InstrumentKey, C: PriceContent>(
    pool: &mut impl PriceStore<K, C>,
    prices: impl Iterator<Item = PriceItem<K, C>>,
) -> u32 {
    let mut stored = 0;
    for PriceItem { instrument, price } in prices {
        let newer = match pool.row(instrument) {
            PoolRow::Unknown | PoolRow::Unpriced => true,
            PoolRow::Priced(pooled) => price.is_newer_than(pooled.timestamp),
        };
        if newer {
            pool.store(instrument, price);
            stored += 1;
        }
    }
    stored
}

#[cfg(test)]
mod tests {
    use super::super::Preset;
    use super::super::test_support::{BLANK, Content, INCOMPLETE, Key, Pool, UNNAMED, item, price};
    use super::*;

    const GT: Policy = Policy::of(Preset::Gt0365);

    fn ask(policy: &Policy, pool: &mut Pool, request: &[PriceItem<Key, Content>], oldest: Option<i64>) -> Vec<u32> {
        let mut answer = Vec::new();
        answer_from_pool(policy, pool, request, oldest.map(Timestamp::from_unix_secs), &mut answer);
        answer.iter().map(|item| item.instrument.0).collect()
    }

    /// The pool holds a price of 12:00:50 and cuts what it sends to minutes, so that one of 12:00:45 is newer than what it would send.
    #[test]
    fn a_pool_never_learns_an_older_price_though_it_cuts_what_it_sends() {
        let minute = Some(crate::time::SimDuration::from_secs(60));
        let policy = Policy {
            pool_learns_from_request: PoolLearns::Newer,
            timestamp_resolution: minute,
            ..Policy::of(Preset::SevenStep)
        };
        let mut pool = Pool::of(&[item(1, Some(43_250), 1)]);
        for (asked, held) in [(43_245, 43_250), (43_255, 43_255)] {
            assert!(ask(&policy, &mut pool, &[item(1, Some(asked), 2)], None).is_empty());
            let PoolRow::Priced(price) = pool.row(Key(1)) else { panic!("the pool has it") };
            assert_eq!(price.timestamp, Some(Timestamp::from_unix_secs(held)));
        }
    }

    #[test]
    fn a_pool_returns_only_what_is_newer_than_asked() {
        let mut pool = Pool::of(&[1, 2, 3, 4].map(|key| item(key, Some(100), 1)));
        let request = [item(1, Some(99), 1), item(2, Some(100), 1), item(3, Some(101), 1), item(4, None, 0)];
        for preset in Preset::ALL {
            assert_eq!(ask(&Policy::of(preset), &mut pool.clone(), &request, None), [1, 4]);
        }
        assert_eq!(ask(&GT, &mut pool, &[item(4, None, 0)], None), [4]);
    }

    #[test]
    fn the_threshold_is_inclusive_and_does_not_hold_an_echo_back() {
        let mut pool =
            Pool::of(&[item(1, Some(99), 1), item(2, Some(100), 1), item(3, Some(101), 1), item(4, None, 1)]);
        let request = [item(1, None, 0), item(2, None, 0), item(3, None, 0), item(4, None, 0), item(5, Some(5), 7)];
        assert_eq!(ask(&GT, &mut pool, &request, Some(100)), [2, 3, 5]);
    }

    #[test]
    fn an_unknown_instrument_needs_a_last_price_and_no_timestamp_to_be_learnt() {
        let mut pool = Pool::default();
        assert_eq!(ask(&GT, &mut pool, &[item(1, None, 7), item(2, Some(100), 0)], None), [1]);
        assert_eq!(pool, Pool::of(&[item(1, None, 7)]));
        assert_eq!(ask(&Policy::of(Preset::SevenStep), &mut pool, &[item(3, Some(100), 7)], None), [0; 0]);
        assert_eq!(pool, Pool::of(&[item(1, None, 7)]));
    }

    #[test]
    fn an_instrument_without_a_price_is_neither_answered_nor_learnt() {
        for preset in Preset::ALL {
            let mut pool = Pool([(Key(1), None)].into());
            assert_eq!(ask(&Policy::of(preset), &mut pool, &[item(1, Some(100), 7)], None), [0; 0]);
            assert_eq!(pool.0[&Key(1)], None);
        }
    }

    #[test]
    fn only_a_pool_that_learns_newer_prices_replaces_one_and_only_by_a_newer_one_with_a_last_price() {
        let request = [item(1, Some(101), 7), item(2, Some(100), 7), item(3, Some(101), 0)];
        let old = Pool::of(&[1, 2, 3].map(|key| item(key, Some(100), 1)));
        let mut pool = old.clone();
        assert_eq!(ask(&GT, &mut pool, &request, None), [0; 0]);
        assert_eq!(pool, old);
        assert_eq!(ask(&Policy::of(Preset::GeneralFlow), &mut pool, &request, None), [0; 0]);
        assert_eq!(pool, Pool::of(&[item(1, Some(101), 7), item(2, Some(100), 1), item(3, Some(100), 1)]));
    }

    #[test]
    fn of_a_repeated_instrument_the_last_entry_counts() {
        let mut pool = Pool::of(&[item(1, Some(100), 1), item(2, Some(100), 1)]);
        let request = [
            item(1, None, 0),
            item(2, Some(100), 1),
            item(3, None, 5),
            item(1, Some(100), 1),
            item(2, None, 0),
            item(3, None, 6),
        ];
        assert_eq!(ask(&GT, &mut pool, &request, None), [2, 3]);
        assert_eq!(pool.0[&Key(3)], Some(price(None, 6)));
    }

    #[test]
    fn incomplete_keys_are_passed_over_and_blank_ones_are_not() {
        let mut pool = Pool::default();
        let request = [INCOMPLETE, UNNAMED, BLANK].map(|key| item(key.0, Some(100), 7));
        assert_eq!(ask(&GT, &mut pool, &request, None), [BLANK.0]);
        assert_eq!(pool_received(&mut Pool::default(), request), 1);
        assert_eq!(pool_own(&mut Pool::default(), request), 0);
    }

    #[test]
    fn received_prices_need_a_last_price_and_own_ones_a_timestamp() {
        let (mut received, mut own) = (Pool::default(), Pool::default());
        let prices = [item(1, None, 7), item(2, Some(100), 0)];
        assert_eq!(pool_received(&mut received, prices), 1);
        assert_eq!(received, Pool::of(&prices[..1]));
        assert_eq!(pool_own(&mut own, prices), 1);
        assert_eq!(own, Pool::of(&prices[1..]));
    }

    #[test]
    fn a_price_is_stored_as_a_whole_where_it_is_newer_or_there_is_none() {
        let offered = [item(1, Some(101), 7), item(2, Some(100), 7), item(3, Some(5), 7), item(4, Some(5), 7)];
        let whole = Price { content: Content { last: 1, open: 1 }, ..price(Some(100), 1) };
        let before = Pool([(Key(1), Some(whole)), (Key(2), Some(whole)), (Key(3), None)].into());
        for take in [pool_received::<Key, Content>, pool_own] {
            let mut pool = before.clone();
            assert_eq!(take(&mut pool, offered.to_vec()), 3);
            assert_eq!(pool.0[&Key(1)], Some(price(Some(101), 7)), "without the old one's open price");
            assert_eq!(pool.0[&Key(2)], Some(whole));
            assert_eq!((pool.0[&Key(3)], pool.0[&Key(4)]), (Some(price(Some(5), 7)), Some(price(Some(5), 7))));
        }
    }

    #[test]
    fn repeated_prices_are_taken_one_after_the_other() {
        let prices = [item(1, Some(100), 1), item(1, Some(101), 2), item(1, Some(101), 3), item(1, Some(99), 4)];
        let mut pool = Pool::default();
        assert_eq!(pool_received(&mut pool, prices), 2);
        assert_eq!(pool, Pool::of(&[item(1, Some(101), 2)]));
    }
}
