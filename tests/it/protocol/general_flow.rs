//! Preset `general-flow`: the older design, told from both sides.

use std::collections::BTreeMap;

use gtnet_sim::protocol::{AcceptMode, Action, ConnectorResult, Outcome, PeerId, Policy, Preset, Refusal};

use super::{
    Exchange, Instruments, NEVER, NOBODY_SENDS, NOW, Pool, Sends, X, Y, Z, accept, answer, asked, item, next_asked,
    next_pushed, outcomes, own, peer, price, pushed, start, status, watched,
};

const RULES: Policy = Policy::of(Preset::GeneralFlow);

fn exchange() -> Exchange {
    Exchange::new(RULES)
}

fn delivered(secs: i64, last: u32) -> ConnectorResult<super::Last> {
    ConnectorResult::Delivered(price(secs, last))
}

/// Two push-open servers: the second is told what the first one knew, and before the user sees anything, each gets what
/// came after it.
#[test]
fn two_servers_get_the_whole_set_and_what_came_after_them() {
    let mut exchange = exchange();
    let suppliers = [
        peer(1, AcceptMode::PushOpen, 2),
        peer(2, AcceptMode::PushOpen, 1),
        peer(3, AcceptMode::PushOpen, 3),
        peer(4, AcceptMode::Open, 1),
    ];
    start(&mut exchange, own(AcceptMode::Open), [watched(X, 100), watched(Y, 100), watched(Z, 100)], suppliers);

    assert_eq!(next_asked(&mut exchange, &NOBODY_SENDS), 2);
    assert_eq!(asked(&exchange), [1, 2, 3]);
    assert_eq!(exchange.on_reply(PeerId(2), &[item(X, 200, 5)]), 1);

    assert_eq!(next_asked(&mut exchange, &NOBODY_SENDS), 1);
    let request: Vec<_> = exchange.request().collect();
    assert_eq!(request, [item(X, 200, 5), item(Y, 100, 1), item(Z, 100, 1)], "filled or not, as things stand");
    assert_eq!(exchange.on_reply(PeerId(1), &[item(Y, 200, 6)]), 1);

    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::CallConnectors, "there is no third server");
    assert_eq!(exchange.connector_queue().map(|(at, _)| at).collect::<Vec<_>>(), [2]);
    exchange.on_connector_result(2, delivered(300, 7));

    assert_eq!(next_pushed(&mut exchange), 2);
    assert_eq!(pushed(&exchange, 2), [(2, 6), (3, 7)]);
    assert_eq!(next_pushed(&mut exchange), 1);
    assert_eq!(pushed(&exchange, 1), [(3, 7)]);
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::Finish, "the user has waited for both");
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::Done);
}

#[test]
fn the_second_server_is_asked_though_all_is_filled_and_may_fill_again() {
    let mut exchange = exchange();
    let suppliers = [peer(1, AcceptMode::PushOpen, 1), peer(2, AcceptMode::PushOpen, 2)];
    start(&mut exchange, own(AcceptMode::Closed), [watched(X, 100)], suppliers);
    assert_eq!(next_asked(&mut exchange, &NOBODY_SENDS), 1);
    assert_eq!(exchange.on_reply(PeerId(1), &[item(X, 200, 5)]), 1);
    assert_eq!(next_asked(&mut exchange, &NOBODY_SENDS), 2);
    assert_eq!(exchange.on_reply(PeerId(2), &[item(X, 300, 6)]), 1);
    assert_eq!(outcomes(&exchange), [Some(Outcome::PushOpen(PeerId(1)))], "who filled it first");
    assert_eq!(next_pushed(&mut exchange), 1);
    assert_eq!(pushed(&exchange, 1), [(1, 6)]);
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::Finish, "nothing came after the second");
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::Done);
}

#[test]
fn a_pool_learns_whatever_is_newer_in_a_request_and_new_instruments_with_it() {
    let mut pool = Pool(BTreeMap::from([(X, price(100, 1)), (Y, price(300, 1))]));
    let mut none = Instruments::default();
    let request = [item(X, 200, 5), item(Y, 200, 6), item(Z, 200, 7)];
    let answer = answer(&RULES, status(AcceptMode::PushOpen), &mut pool, &mut none, &request);
    assert_eq!(answer, Ok(vec![item(Y, 300, 1)]), "nothing that it has just learnt is returned");
    assert_eq!(pool.0, BTreeMap::from([(X, price(200, 5)), (Y, price(300, 1)), (Z, price(200, 7))]));
}

#[test]
fn a_pool_learns_no_price_that_is_none() {
    let mut pool = Pool(BTreeMap::from([(X, price(100, 1))]));
    let request = [item(X, 200, 0), item(Z, 200, 0)];
    let answer = answer(&RULES, status(AcceptMode::PushOpen), &mut pool, &mut Instruments::default(), &request);
    assert_eq!(answer, Ok(vec![]));
    assert_eq!(pool.0, BTreeMap::from([(X, price(100, 1))]));
}

/// The second server may be an open one: it gets, and takes, what connectors brought.
#[test]
fn an_open_second_server_is_asked_for_all_and_written_back_to() {
    let mut exchange = exchange();
    let suppliers = [peer(1, AcceptMode::PushOpen, 9), peer(2, AcceptMode::Open, 1), peer(3, AcceptMode::Open, 2)];
    start(&mut exchange, own(AcceptMode::Open), [watched(X, 100), watched(Y, 100)], suppliers);
    assert_eq!(next_asked(&mut exchange, &NOBODY_SENDS), 1, "push-open first, whatever the priorities");
    exchange.on_reply(PeerId(1), &[]);
    assert_eq!(next_asked(&mut exchange, &NOBODY_SENDS), 2);
    assert_eq!(asked(&exchange), [1, 2], "the whole set, without supplier details");
    exchange.on_reply(PeerId(2), &[item(X, 200, 5)]);
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::CallConnectors);
    exchange.on_connector_result(1, delivered(300, 7));
    assert_eq!(next_pushed(&mut exchange), 1);
    assert_eq!(pushed(&exchange, 1), [(1, 5), (2, 7)]);
    assert_eq!(next_pushed(&mut exchange), 2);
    assert_eq!(pushed(&exchange, 2), [(2, 7)]);

    let push: Vec<_> = exchange.push(PeerId(2)).chain([item(Z, 300, 9)]).collect();
    let mut instruments = Instruments(BTreeMap::from([(X, (price(250, 4), false)), (Y, (price(100, 1), false))]));
    let accepted = accept(&RULES, status(AcceptMode::Open), &mut instruments, &push);
    assert_eq!(accepted, Ok(1), "what it has not recorded it does not take");
    assert_eq!(instruments.0[&Y].0, price(300, 7));
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::Finish);
}

#[test]
fn a_closed_server_takes_no_push() {
    let push = [item(X, 300, 7)];
    let taken = accept(&RULES, status(AcceptMode::Closed), &mut Instruments::default(), &push);
    assert_eq!(taken, Err(Refusal::NotPushOpen));
}

#[test]
fn without_a_push_open_server_two_open_ones_are_asked_by_priority_and_nothing_is_written_back() {
    let mut exchange = exchange();
    let suppliers = [peer(1, AcceptMode::Open, 3), peer(2, AcceptMode::Open, 1), peer(3, AcceptMode::Open, 2)];
    // Coverage would put peer 1 first.
    let details = Sends(vec![(1, X), (1, Y), (2, X)]);
    start(&mut exchange, own(AcceptMode::Open), [watched(X, 100), watched(Y, 100)], suppliers);
    assert_eq!(next_asked(&mut exchange, &details), 2);
    exchange.on_reply(PeerId(2), &[item(X, 200, 5)]);
    assert_eq!(next_asked(&mut exchange, &details), 3);
    exchange.on_reply(PeerId(3), &[]);
    assert_eq!(exchange.next_action(&details), Action::CallConnectors);
    exchange.on_connector_result(1, delivered(300, 7));
    assert_eq!(exchange.next_action(&details), Action::Finish);
    assert_eq!(exchange.next_action(&details), Action::Done);
    assert_eq!(outcomes(&exchange), [Some(Outcome::Open(PeerId(2))), Some(Outcome::Connector)]);
}

/// Open server to open server: both learn, but not the same. What the requester has no price of it gets, if it may be sent;
/// what the server's is older it takes over, and returns nothing for.
#[test]
fn between_open_servers_an_exchange_is_asymmetric() {
    let send = |secs| (price(secs, 1), true);
    let mut instruments = Instruments(BTreeMap::from([(X, send(200)), (Y, send(200)), (Z, (price(200, 1), false))]));
    let unpriced = super::PriceItem { instrument: X, price: NEVER };
    let request = [unpriced, item(Y, 300, 5), super::PriceItem { instrument: Z, price: NEVER }];
    let answer = answer(&RULES, status(AcceptMode::Open), &mut Pool::default(), &mut instruments, &request);
    assert_eq!(answer, Ok(vec![item(X, 200, 1)]));
    assert_eq!(
        instruments.0,
        BTreeMap::from([(X, send(200)), (Y, (price(300, 5), true)), (Z, (price(200, 1), false))])
    );
}

#[test]
fn no_send_flag_at_all_means_that_nothing_is_sent() {
    let mut instruments = Instruments(BTreeMap::from([(X, (price(200, 1), false))]));
    let own = status(AcceptMode::Open);
    for (preset, sent) in [(Preset::GeneralFlow, 0), (Preset::SevenStep, 0), (Preset::Gt0365, 1)] {
        let answer = answer(&Policy::of(preset), own, &mut Pool::default(), &mut instruments, &[item(X, 100, 1)]);
        assert_eq!(answer.map(|prices| prices.len()), Ok(sent), "{preset:?}");
    }
}

#[test]
fn a_push_open_requester_begins_with_its_own_pool_and_stores_all_that_is_new() {
    let mut exchange = exchange();
    let mut pool = Pool(BTreeMap::from([(X, price(150, 5))]));
    let suppliers = [peer(1, AcceptMode::PushOpen, 1)];
    let watchlist = [watched(X, 100), watched(Y, 100), watched(Z, 100)];
    start(&mut exchange, own(AcceptMode::PushOpen), watchlist, suppliers);
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::AskOwnPool);
    assert_eq!(exchange.consult_own_pool(&mut pool), 1);
    assert_eq!(pool.0[&Y], price(100, 1), "as any pool, it learns from the request");
    assert_eq!(next_asked(&mut exchange, &NOBODY_SENDS), 1);
    assert_eq!(exchange.request().collect::<Vec<_>>(), [item(X, 150, 5), item(Y, 100, 1), item(Z, 100, 1)]);
    exchange.on_reply(PeerId(1), &[item(Y, 200, 6)]);
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::CallConnectors);
    exchange.on_connector_result(2, delivered(300, 7));
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::UpdateOwnPool);
    assert_eq!(exchange.update_own_pool(&mut pool), 2);
    assert_eq!(pool.0, BTreeMap::from([(X, price(150, 5)), (Y, price(200, 6)), (Z, price(300, 7))]));
    assert_eq!(next_pushed(&mut exchange), 1);
    assert_eq!(pushed(&exchange, 1), [(3, 7)], "what its own pool had it has told in the request");
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::Finish);
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::Done);
}

#[test]
fn what_the_own_pool_fills_wholly_goes_no_further() {
    let mut exchange = exchange();
    let mut pool = Pool(BTreeMap::from([(X, price(150, 5))]));
    start(&mut exchange, own(AcceptMode::PushOpen), [watched(X, 100)], [peer(1, AcceptMode::PushOpen, 1)]);
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::AskOwnPool);
    exchange.consult_own_pool(&mut pool);
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::UpdateOwnPool);
    assert_eq!(exchange.update_own_pool(&mut pool), 0);
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::Finish);
}

#[test]
fn a_failed_server_counts_as_one_of_the_two() {
    let mut exchange = exchange();
    let suppliers = [1, 2, 3].map(|number| peer(number, AcceptMode::PushOpen, 1));
    start(&mut exchange, own(AcceptMode::Open), [watched(X, 100)], suppliers);
    assert_eq!(next_asked(&mut exchange, &NOBODY_SENDS), 1);
    exchange.on_failure();
    assert_eq!(next_asked(&mut exchange, &NOBODY_SENDS), 2);
    exchange.on_failure();
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::CallConnectors);
}

#[test]
fn what_a_server_returned_itself_does_not_go_back_to_it() {
    let mut exchange = exchange();
    start(&mut exchange, own(AcceptMode::Open), [watched(X, 100)], [peer(1, AcceptMode::PushOpen, 1)]);
    assert_eq!(next_asked(&mut exchange, &NOBODY_SENDS), 1);
    // Twice, the older one last.
    assert_eq!(exchange.on_reply(PeerId(1), &[item(X, 300, 6), item(X, 200, 5)]), 1);
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::Finish);
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::Done);
}

#[test]
fn with_nothing_to_exchange_nobody_is_asked() {
    let mut exchange = exchange();
    start(&mut exchange, own(AcceptMode::Open), [], [peer(1, AcceptMode::PushOpen, 1)]);
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::Finish);
}

#[test]
fn there_is_no_threshold() {
    assert_eq!(RULES.min_acceptable(NOW), None);
    assert_eq!(RULES.own_pool_min_acceptable(NOW), None);
}
