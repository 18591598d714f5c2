//! Preset `seven-step`: whole exchanges, step by step as the document tells them.

use std::collections::BTreeMap;

use gtnet_sim::protocol::{
    AcceptMode, Action, CallReason, ConnectorResult, NotTried, Outcome, OwnInstance, PeerId, Preset, WatchlistItem,
};

use super::{
    Exchange, NEVER, NOBODY_SENDS, Pool, Sends, X, Y, Z, asked, item, next_asked, outcomes, own, peer, price, pushed,
    start, stranger, watched,
};

fn exchange() -> Exchange {
    super::exchange(Preset::SevenStep)
}

/// The sequence diagram of the document: a push-open peer fills X and Y, an open peer has nothing newer, the connector
/// fetches Z, and Z goes back to the push-open peer in the background.
#[test]
fn the_documents_example() {
    let mut exchange = exchange();
    let suppliers = [peer(7, AcceptMode::Open, 10), peer(5, AcceptMode::PushOpen, 10)];
    let details = Sends(vec![(7, Z), (7, X)]);
    start(&mut exchange, own(AcceptMode::Open), [watched(X, 100), watched(Y, 100), watched(Z, 100)], suppliers);

    assert_eq!(exchange.next_action(&details), Action::Request { peer: PeerId(5) });
    assert_eq!(asked(&exchange), [1, 2, 3]);
    assert_eq!(exchange.on_reply(PeerId(5), &[item(X, 200, 8), item(Y, 201, 9)]), 2);

    assert_eq!(exchange.next_action(&details), Action::Request { peer: PeerId(7) });
    assert_eq!(asked(&exchange), [3]);
    assert_eq!(exchange.on_reply(PeerId(7), &[]), 0);

    assert_eq!(exchange.next_action(&details), Action::CallConnectors);
    assert_eq!(exchange.connector_queue().collect::<Vec<_>>(), [(2, CallReason::NobodyHadIt)]);
    assert!(exchange.on_connector_result(2, ConnectorResult::Delivered(price(300, 7))));

    assert_eq!(exchange.next_action(&details), Action::Finish);
    assert_eq!(exchange.next_action(&details), Action::PushBack { peer: PeerId(5) });
    assert_eq!(pushed(&exchange, 5), [(3, 7)]);
    assert_eq!(exchange.next_action(&details), Action::Done);
    let filled = Outcome::PushOpen(PeerId(5));
    assert_eq!(outcomes(&exchange), [Some(filled), Some(filled), Some(Outcome::Connector)]);
}

#[test]
fn asking_stops_as_soon_as_all_are_filled() {
    let mut exchange = exchange();
    let suppliers = [peer(1, AcceptMode::PushOpen, 1), peer(2, AcceptMode::PushOpen, 2), peer(3, AcceptMode::Open, 1)];
    start(&mut exchange, own(AcceptMode::Closed), [watched(X, 100)], suppliers);
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::Request { peer: PeerId(1) });
    exchange.on_reply(PeerId(1), &[item(X, 101, 2)]);
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::Finish);
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::Done);
}

#[test]
fn an_equal_timestamp_fills_nothing() {
    let mut exchange = exchange();
    start(&mut exchange, own(AcceptMode::Open), [watched(X, 100)], [peer(1, AcceptMode::PushOpen, 1)]);
    exchange.next_action(&NOBODY_SENDS);
    assert_eq!(exchange.on_reply(PeerId(1), &[item(X, 100, 9)]), 0);
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::CallConnectors);
}

#[test]
fn without_receive_flag_only_the_connector_is_asked_but_its_price_is_pushed() {
    let mut exchange = exchange();
    let private = WatchlistItem { receive: false, ..watched(X, 100) };
    start(&mut exchange, own(AcceptMode::Open), [private, watched(Y, 100)], [peer(1, AcceptMode::PushOpen, 1)]);
    exchange.next_action(&NOBODY_SENDS);
    assert_eq!(asked(&exchange), [2]);
    // Even if the peer answers more than it was asked.
    assert_eq!(exchange.on_reply(PeerId(1), &[item(X, 200, 3), item(Y, 500, 4)]), 1);
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::CallConnectors);
    assert_eq!(exchange.connector_queue().collect::<Vec<_>>(), [(0, CallReason::NotReceivable)]);
    exchange.on_connector_result(0, ConnectorResult::Delivered(price(300, 7)));
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::Finish);
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::PushBack { peer: PeerId(1) });
    assert_eq!(pushed(&exchange, 1), [(1, 7)]);
}

#[test]
fn a_failed_peer_is_skipped_but_gets_the_push() {
    let mut exchange = exchange();
    let suppliers = [peer(1, AcceptMode::PushOpen, 1), peer(2, AcceptMode::PushOpen, 2)];
    start(&mut exchange, own(AcceptMode::Open), [watched(X, 100)], suppliers);
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::Request { peer: PeerId(1) });
    exchange.on_failure();
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::Request { peer: PeerId(2) });
    exchange.on_reply(PeerId(2), &[]);
    exchange.next_action(&NOBODY_SENDS);
    assert_eq!(exchange.connector_queue().collect::<Vec<_>>(), [(0, CallReason::PeerFailed)]);
    exchange.on_connector_result(0, ConnectorResult::Failed);
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::Finish);
    // The old local price is news to a peer that returned nothing, for whatever reason.
    for peer in [1, 2] {
        assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::PushBack { peer: PeerId(peer) });
        assert_eq!(pushed(&exchange, peer), [(1, 1)]);
    }
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::Done);
    assert_eq!(outcomes(&exchange), [Some(Outcome::ConnectorFailed)]);
}

#[test]
fn only_news_is_pushed_and_each_peer_gets_what_it_lacks() {
    let mut exchange = exchange();
    let suppliers = [peer(1, AcceptMode::PushOpen, 1), peer(2, AcceptMode::PushOpen, 2)];
    let never = WatchlistItem { price: NEVER, ..watched(Z, 0) };
    start(&mut exchange, own(AcceptMode::Open), [watched(X, 100), watched(Y, 100), never], suppliers);
    exchange.next_action(&NOBODY_SENDS);
    exchange.on_reply(PeerId(1), &[item(X, 200, 5)]);
    exchange.next_action(&NOBODY_SENDS);
    exchange.on_reply(PeerId(2), &[item(Y, 200, 6)]);
    exchange.next_action(&NOBODY_SENDS);
    exchange.on_connector_result(2, ConnectorResult::Failed);
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::Finish);
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::PushBack { peer: PeerId(1) });
    assert_eq!(pushed(&exchange, 1), [(2, 6)], "neither X, which it has, nor Z, which has no price");
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::PushBack { peer: PeerId(2) });
    assert_eq!(pushed(&exchange, 2), [(1, 5)]);
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::Done);
}

#[test]
fn nothing_new_means_no_push() {
    let mut exchange = exchange();
    start(&mut exchange, own(AcceptMode::Open), [watched(X, 100)], [peer(1, AcceptMode::PushOpen, 1)]);
    exchange.next_action(&NOBODY_SENDS);
    exchange.on_reply(PeerId(1), &[item(X, 200, 5)]);
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::Finish);
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::Done);
}

#[test]
fn a_push_open_instance_uses_its_pool_first_and_pushes_nothing() {
    let mut exchange = exchange();
    let mut pool = Pool(BTreeMap::from([(X, price(150, 5)), (Y, price(90, 5))]));
    let watchlist = [watched(X, 100), watched(Y, 100), watched(Z, 100)];
    start(&mut exchange, own(AcceptMode::PushOpen), watchlist, [peer(1, AcceptMode::PushOpen, 1)]);
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::AskOwnPool);
    assert_eq!(exchange.consult_own_pool(&mut pool), 1);
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::Request { peer: PeerId(1) });
    assert_eq!(asked(&exchange), [2, 3]);
    exchange.on_reply(PeerId(1), &[item(Y, 200, 6)]);
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::CallConnectors);
    exchange.on_connector_result(2, ConnectorResult::Delivered(price(300, 7)));
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::UpdateOwnPool);
    assert_eq!(exchange.update_own_pool(&mut pool), 1);
    assert_eq!(pool.0[&Z], price(300, 7));
    assert_eq!(pool.0[&Y], price(90, 5), "only connector prices are stored");
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::Finish);
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::Done);
    assert_eq!(outcomes(&exchange)[0], Some(Outcome::OwnPool));
}

#[test]
fn without_gtnet_or_without_peers_there_are_only_connectors() {
    let off = OwnInstance { mode: AcceptMode::Open, gtnet: false };
    let cases = [
        (off, vec![peer(1, AcceptMode::PushOpen, 1)], CallReason::GtnetOff),
        (own(AcceptMode::PushOpen), vec![], CallReason::NobodyAsked),
        (own(AcceptMode::Open), vec![stranger(peer(1, AcceptMode::PushOpen, 0))], CallReason::NobodyAsked),
    ];
    for (own, suppliers, reason) in cases {
        let mut exchange = exchange();
        let orphan = WatchlistItem { connector: None, ..watched(Y, 100) };
        start(&mut exchange, own, [watched(X, 100), orphan], suppliers);
        assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::CallConnectors);
        assert_eq!(exchange.connector_queue().collect::<Vec<_>>(), [(0, reason)]);
        exchange.on_connector_result(0, ConnectorResult::Failed);
        assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::Finish);
        assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::Done);
        assert_eq!(outcomes(&exchange)[1], Some(Outcome::NotTried(NotTried::NoConnector)));
    }
}

#[test]
fn coverage_counts_the_whole_exchange_set_but_only_the_unfilled_are_asked_for() {
    let mut exchange = exchange();
    let suppliers = [peer(1, AcceptMode::PushOpen, 1), peer(2, AcceptMode::Open, 1), peer(3, AcceptMode::Open, 1)];
    // Peer 3 covers more of the whole set, though most of that is filled when its turn comes.
    let details = Sends(vec![(2, Z), (3, X), (3, Y), (3, Z)]);
    start(&mut exchange, own(AcceptMode::Closed), [watched(X, 100), watched(Y, 100), watched(Z, 100)], suppliers);
    exchange.next_action(&details);
    exchange.on_reply(PeerId(1), &[item(X, 200, 5), item(Y, 200, 5)]);
    assert_eq!(exchange.next_action(&details), Action::Request { peer: PeerId(3) });
    assert_eq!(asked(&exchange), [3]);
}

#[test]
fn an_open_peer_that_sends_nothing_of_what_is_missing_is_skipped() {
    let mut exchange = exchange();
    let suppliers = [peer(1, AcceptMode::Open, 1), peer(2, AcceptMode::Open, 1)];
    let details = Sends(vec![(1, X), (2, Y)]);
    start(&mut exchange, own(AcceptMode::Closed), [watched(X, 100)], suppliers);
    assert_eq!(exchange.next_action(&details), Action::Request { peer: PeerId(1) });
    exchange.on_reply(PeerId(1), &[]);
    assert_eq!(exchange.next_action(&details), Action::CallConnectors);
}

#[test]
fn a_connectors_older_price_ends_the_instrument_but_changes_nothing() {
    let mut exchange = exchange();
    let mut pool = Pool::default();
    start(&mut exchange, own(AcceptMode::PushOpen), [watched(X, 100)], [peer(1, AcceptMode::PushOpen, 0)]);
    exchange.next_action(&NOBODY_SENDS);
    exchange.next_action(&NOBODY_SENDS);
    assert!(!exchange.on_connector_result(0, ConnectorResult::Delivered(price(99, 7))));
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::UpdateOwnPool);
    assert_eq!(exchange.update_own_pool(&mut pool), 0);
    assert_eq!(exchange.items().next(), Some((item(X, 100, 1), 0, Some(Outcome::Connector))));
}

#[test]
fn an_exchange_that_is_given_up_leaves_nothing_behind() {
    let mut exchange = exchange();
    let suppliers = || [peer(1, AcceptMode::PushOpen, 1), peer(2, AcceptMode::PushOpen, 2)];
    start(&mut exchange, own(AcceptMode::Open), [watched(X, 100), watched(Y, 100)], suppliers());
    assert_eq!(next_asked(&mut exchange, &NOBODY_SENDS), 1);
    exchange.on_reply(PeerId(1), &[item(X, 200, 5)]);
    assert_eq!(next_asked(&mut exchange, &NOBODY_SENDS), 2);
    for _ in 0..2 {
        start(&mut exchange, own(AcceptMode::Open), [watched(X, 100)], suppliers());
        assert_eq!(next_asked(&mut exchange, &NOBODY_SENDS), 1);
        assert_eq!(asked(&exchange), [X.0]);
        assert_eq!(outcomes(&exchange), [None]);
    }
}
