//! Switches for readings of the documents, and what-if rules beside them, each on both of its sides.

use std::collections::BTreeMap;

use gtnet_sim::protocol::{
    AcceptMode, Action, ClosedMarkets, ConnectorResult, EqualsAsked, HidesUnsent, NotTried, Outcome, PeerId, Policy,
    PoolLearns, Preset, PushBackPrices, RequestScope,
};

use super::{
    Exchange, Instruments, NEVER, NOBODY_SENDS, Pool, PriceItem, Sends, WatchlistItem, X, Y, Z, answer, asked, item,
    next_asked, outcomes, own, peer, price, start, status, watched,
};

const SEVEN_STEP: Policy = Policy::of(Preset::SevenStep);

/// What an exchange pushes to its only server, which had X and has nothing of the rest: X is filled by it, Y delivered, Z fails.
fn pushed_after(policy: &Policy, watchlist: [WatchlistItem; 3]) -> Vec<u32> {
    let mut exchange = Exchange::new(*policy);
    start(&mut exchange, own(AcceptMode::Open), watchlist, [peer(1, AcceptMode::PushOpen, 1)]);
    next_asked(&mut exchange, &NOBODY_SENDS);
    exchange.on_reply(PeerId(1), &[item(X, 200, 5)]);
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::CallConnectors);
    exchange.on_connector_result(1, ConnectorResult::Delivered(price(300, 7)));
    exchange.on_connector_result(2, ConnectorResult::Failed);
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::Finish);
    exchange.push(PeerId(1)).map(|item| item.instrument.0).collect()
}

#[test]
fn news_goes_back_or_only_what_the_exchange_has_updated() {
    let watchlist = [watched(X, 100), watched(Y, 100), watched(Z, 100)];
    for (push_back_prices, pushed) in [
        (PushBackPrices::News, vec![2, 3]),
        (PushBackPrices::Updated, vec![2]),
        (PushBackPrices::LaterSources, vec![2]),
    ] {
        assert_eq!(pushed_after(&Policy { push_back_prices, ..SEVEN_STEP }, watchlist), pushed);
    }
}

#[test]
fn what_is_not_sent_may_be_hidden() {
    let unsent = WatchlistItem { send: false, ..watched(Y, 100) };
    let watchlist = [watched(X, 100), unsent, watched(Z, 100)];
    let hidden = PriceItem { instrument: Y, price: NEVER };
    for (hides_unsent, of_push_open, of_open, pushed) in [
        (HidesUnsent::Never, item(Y, 100, 1), item(Y, 100, 1), vec![2, 3]),
        (HidesUnsent::FromOpen, item(Y, 100, 1), hidden, vec![2, 3]),
        (HidesUnsent::Always, hidden, hidden, vec![3]),
    ] {
        let policy = Policy { hides_unsent, ..SEVEN_STEP };
        let mut exchange = Exchange::new(policy);
        let suppliers = [peer(1, AcceptMode::PushOpen, 1), peer(2, AcceptMode::Open, 1)];
        let details = Sends(vec![(2, X), (2, Y)]);
        start(&mut exchange, own(AcceptMode::Open), watchlist, suppliers);
        next_asked(&mut exchange, &details);
        let request = |exchange: &Exchange| -> Vec<PriceItem> { exchange.request().collect() };
        assert_eq!(request(&exchange), [item(X, 100, 1), of_push_open, item(Z, 100, 1)], "{hides_unsent:?}");
        // An older price than the own one answers what is hidden, and fills nothing.
        assert_eq!(exchange.on_reply(PeerId(1), &[item(Y, 90, 5)]), 0);
        next_asked(&mut exchange, &details);
        assert_eq!(request(&exchange), [item(X, 100, 1), of_open], "{hides_unsent:?}");
        assert_eq!(pushed_after(&policy, watchlist), pushed, "{hides_unsent:?}");
    }
}

/// A pool and an open server that are asked for what they have older answer it, and learn nothing.
#[test]
fn nobody_learns_from_a_hidden_price_and_any_price_answers_it() {
    let hidden = [PriceItem { instrument: X, price: NEVER }, PriceItem { instrument: Y, price: NEVER }];
    for preset in Preset::ALL {
        // The requester is not known to these servers.
        let policy =
            Policy { pool_learns_from_request: PoolLearns::Newer, requires_grant: false, ..Policy::of(preset) };
        let pool = Pool(BTreeMap::from([(X, price(50, 5))]));
        let mut asked_pool = pool.clone();
        let own_instruments = &mut Instruments::default();
        let answered = answer(&policy, status(AcceptMode::PushOpen), &mut asked_pool, own_instruments, &hidden);
        assert_eq!((answered, asked_pool), (Ok(vec![item(X, 50, 5)]), pool));
        let recorded = Instruments(BTreeMap::from([(X, (price(50, 5), true))]));
        let mut instruments = recorded.clone();
        let answered = answer(&policy, status(AcceptMode::Open), &mut Pool::default(), &mut instruments, &hidden);
        assert_eq!((answered, instruments), (Ok(vec![item(X, 50, 5)]), recorded));
    }
}

#[test]
fn one_or_all_of_several_equal_servers_are_asked() {
    let modes = [AcceptMode::PushOpen, AcceptMode::PushOpen, AcceptMode::PushOpen, AcceptMode::Open, AcceptMode::Open];
    let suppliers = || (1..).zip(modes).map(|(number, mode)| peer(number, mode, u16::from(number == 3) + 1));
    let details = Sends(vec![(4, X), (5, X)]);
    for (equals_asked, in_turn) in [
        (EqualsAsked::All, vec![1, 2, 3, 4, 5]),
        (EqualsAsked::OnePushOpen, vec![1, 3, 4, 5]),
        (EqualsAsked::One, vec![1, 3, 4]),
    ] {
        let mut exchange = Exchange::new(Policy { equals_asked, ..SEVEN_STEP });
        start(&mut exchange, own(AcceptMode::Open), [watched(X, 100)], suppliers());
        let mut asked = Vec::new();
        while let Action::Request { peer } = exchange.next_action(&details) {
            exchange.on_failure();
            asked.push(peer.0);
        }
        assert_eq!(asked, in_turn, "who does not answer is not replaced by his equal");
    }
}

/// X is final, Y and Z are not. Nobody is asked for X where closed markets are left alone, whatever a request carries.
#[test]
fn closed_markets_are_asked_or_not() {
    let watchlist = || [WatchlistItem { price_is_final: true, ..watched(X, 100) }, watched(Y, 100), watched(Z, 100)];
    for request_scope in [RequestScope::Unfilled, RequestScope::All] {
        for (closed_markets, carried) in [(ClosedMarkets::Asked, vec![1, 2, 3]), (ClosedMarkets::NotAsked, vec![2, 3])]
        {
            let mut exchange = Exchange::new(Policy { closed_markets, request_scope, ..SEVEN_STEP });
            start(&mut exchange, own(AcceptMode::Open), watchlist(), [peer(1, AcceptMode::PushOpen, 1)]);
            assert_eq!(next_asked(&mut exchange, &NOBODY_SENDS), 1);
            assert_eq!(asked(&exchange), carried);
            exchange.on_reply(PeerId(1), &[item(X, 200, 5), item(Y, 200, 5)]);
            assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::CallConnectors);
            assert_eq!(exchange.connector_queue().map(|(at, _)| at).collect::<Vec<_>>(), [2]);
            exchange.on_connector_result(2, ConnectorResult::Failed);
            let (x, shown) = match closed_markets {
                ClosedMarkets::Asked => (Outcome::PushOpen(PeerId(1)), item(X, 200, 5)),
                ClosedMarkets::NotAsked => (Outcome::NotTried(NotTried::MarketClosed), item(X, 100, 1)),
            };
            let by_peer = Outcome::PushOpen(PeerId(1));
            assert_eq!(outcomes(&exchange), [Some(x), Some(by_peer), Some(Outcome::ConnectorFailed)]);
            assert_eq!(exchange.items().next().map(|(item, ..)| item), Some(shown), "it is shown all the same");
        }
    }
}

#[test]
fn where_everything_is_final_an_exchange_asks_nobody_and_ends() {
    let retry_bands = Policy::of(Preset::Gt0365).retry_bands;
    let policy = Policy { closed_markets: ClosedMarkets::NotAsked, retry_bands, ..SEVEN_STEP };
    for mode in [AcceptMode::Open, AcceptMode::PushOpen] {
        let final_price = WatchlistItem { price_is_final: true, retry: 5, ..watched(X, 100) };
        let mut exchange = Exchange::new(policy);
        start(&mut exchange, own(mode), [final_price], [peer(1, AcceptMode::PushOpen, 1)]);
        if mode == AcceptMode::PushOpen {
            assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::UpdateOwnPool);
            assert_eq!(exchange.update_own_pool(&mut Pool::default()), 0);
        }
        assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::Finish);
        assert_eq!(exchange.items().next().map(|(_, retry, _)| retry), Some(5), "its retries are not counted");
    }
}
