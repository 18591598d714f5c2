//! Each switch on both of its sides, all others as a preset has them.

use std::collections::BTreeMap;

use gtnet_sim::protocol::{
    AcceptMode, Action, CallReason, Connector, ConnectorResult, MaxLimitAction, NotTried, OpenOrder, Outcome,
    OwnPoolStores, OwnStatus, PeerId, Policy, PoolLearns, Preset, PushBack, PushBackFrom, PushBackTo, Refusal,
    RequestScope, RetryBands,
};
use gtnet_sim::time::{SimDuration, Timestamp};

use super::{
    Exchange, Instruments, NEVER, NOBODY_SENDS, NOW, Pool, Sends, Supplier, WatchlistItem, X, Y, Z, answer, asked,
    item, next_asked, next_pushed, outcomes, own, peer, price, pushed, start, status, watched,
};

const SEVEN_STEP: Policy = Policy::of(Preset::SevenStep);
const GT: Policy = Policy::of(Preset::Gt0365);

/// A preset that changes is another model: read the difference.
#[test]
fn presets_are_pinned() {
    for preset in Preset::ALL {
        let name = format!("preset_{}", preset.name());
        insta::assert_debug_snapshot!(name, Policy::of(preset));
    }
}

/// Timestamps cut to minutes, and as they are.
const RESOLUTIONS: [Option<SimDuration>; 2] = [Some(SimDuration::from_secs(60)), None];

#[test]
fn timestamps_of_requests_and_pushes_are_cut() {
    for (resolution, [local, delivered]) in RESOLUTIONS.into_iter().zip([[60, 180], [100, 230]]) {
        let mut exchange = Exchange::new(Policy { timestamp_resolution: resolution, ..SEVEN_STEP });
        start(&mut exchange, own(AcceptMode::Open), [watched(X, 100)], [peer(1, AcceptMode::PushOpen, 1)]);
        next_asked(&mut exchange, &NOBODY_SENDS);
        assert_eq!(exchange.request().collect::<Vec<_>>(), [item(X, local, 1)]);
        exchange.on_reply(PeerId(1), &[]);
        assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::CallConnectors);
        exchange.on_connector_result(0, ConnectorResult::Delivered(price(230, 7)));
        assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::Finish);
        assert_eq!(next_pushed(&mut exchange), 1);
        assert_eq!(exchange.push(PeerId(1)).collect::<Vec<_>>(), [item(X, delivered, 7)]);
        assert_eq!(exchange.items().next().map(|(item, ..)| item), Some(item(X, 230, 7)), "what stays is not cut");
    }
}

#[test]
fn the_oldest_acceptable_timestamp_is_cut() {
    for (resolution, oldest) in RESOLUTIONS.into_iter().zip([8_460, 8_500]) {
        let policy = Policy { timestamp_resolution: resolution, ..GT };
        assert_eq!(policy.min_acceptable(NOW), Some(Timestamp::from_unix_secs(oldest)));
    }
}

/// The requester has 60, cut to the minute. To it 119 is the same.
#[test]
fn timestamps_of_answers_are_cut_and_then_compared() {
    for (resolution, answered) in RESOLUTIONS.into_iter().zip([vec![(Y, 120)], vec![(X, 119), (Y, 130)]]) {
        let policy = Policy { timestamp_resolution: resolution, ..SEVEN_STEP };
        let answered: Vec<_> = answered.into_iter().map(|(instrument, secs)| item(instrument, secs, 5)).collect();
        let request = [item(X, 60, 1), item(Y, 60, 1)];
        let prices = [(X, price(119, 5)), (Y, price(130, 5))];
        let of_pool = ask_pool(&policy, status(AcceptMode::PushOpen), &Pool(BTreeMap::from(prices)), &request).0;
        assert_eq!(of_pool.as_ref(), Ok(&answered));
        let rows = prices.map(|(instrument, price)| (instrument, (price, true)));
        let open = &mut Instruments(BTreeMap::from(rows));
        assert_eq!(answer(&policy, status(AcceptMode::Open), &mut Pool::default(), open, &request), Ok(answered));
    }
}

/// No message goes to the own pool.
#[test]
fn the_own_pool_is_asked_with_whole_timestamps() {
    for resolution in RESOLUTIONS {
        let mut exchange = Exchange::new(Policy { timestamp_resolution: resolution, ..SEVEN_STEP });
        start(&mut exchange, own(AcceptMode::PushOpen), [watched(X, 100)], [peer(1, AcceptMode::PushOpen, 1)]);
        assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::AskOwnPool);
        assert_eq!(exchange.consult_own_pool(&mut Pool(BTreeMap::from([(X, price(101, 5))]))), 1);
        assert_eq!(exchange.items().next().map(|(item, ..)| item), Some(item(X, 101, 5)));
    }
}

/// What a push-open server answers to a request of `request`, and its pool afterwards.
fn ask_pool(policy: &Policy, own: OwnStatus, pool: &Pool, request: &[super::PriceItem]) -> (Served, Pool) {
    let mut pool = pool.clone();
    (answer(policy, own, &mut pool, &mut Instruments::default(), request), pool)
}

type Served = Result<Vec<super::PriceItem>, Refusal>;

#[test]
fn max_limit_refuses_or_truncates() {
    let pool = Pool(BTreeMap::from([X, Y, Z].map(|instrument| (instrument, price(200, 5)))));
    let request = [item(X, 100, 1), item(Y, 100, 1), item(Z, 100, 1)];
    let limited = |limit| OwnStatus { max_limit: Some(limit), ..status(AcceptMode::PushOpen) };
    let all = [item(X, 200, 5), item(Y, 200, 5), item(Z, 200, 5)];
    for action in [MaxLimitAction::Refuse, MaxLimitAction::Truncate, MaxLimitAction::Split] {
        let policy = Policy { max_limit_action: action, ..GT };
        assert_eq!(ask_pool(&policy, limited(3), &pool, &request).0.as_deref(), Ok(&all[..]), "exactly the limit");
        assert_eq!(ask_pool(&policy, status(AcceptMode::PushOpen), &pool, &request).0.as_deref(), Ok(&all[..]));
        let over = ask_pool(&policy, limited(2), &pool, &request).0;
        let expected = if action == MaxLimitAction::Truncate { Ok(&all[..2]) } else { Err(&Refusal::OverMaxLimit) };
        assert_eq!(over.as_deref(), expected, "{action:?}");
    }
}

#[test]
fn a_refused_or_cut_off_instrument_teaches_a_pool_nothing() {
    let request = [item(X, 100, 1), item(Y, 100, 1)];
    let own = OwnStatus { max_limit: Some(1), ..status(AcceptMode::PushOpen) };
    let (served, pool) = ask_pool(&GT, own, &Pool::default(), &request);
    assert_eq!((served, pool.0.len()), (Err(Refusal::OverMaxLimit), 0));
    let truncating = Policy { max_limit_action: MaxLimitAction::Truncate, ..GT };
    let (served, pool) = ask_pool(&truncating, own, &Pool::default(), &request);
    assert_eq!((served, pool.0.len()), (Ok(vec![item(X, 100, 1)]), 1));
}

#[test]
fn only_a_splitting_requester_minds_the_servers_limit() {
    let limited = Supplier { max_limit: Some(2), ..peer(1, AcceptMode::PushOpen, 1) };
    let watchlist = || [watched(X, 100), watched(Y, 100), watched(Z, 100)];
    let mut whole = Exchange::new(GT);
    start(&mut whole, own(AcceptMode::Open), watchlist(), [limited]);
    assert_eq!(next_asked(&mut whole, &NOBODY_SENDS), 1);
    assert_eq!(asked(&whole), [1, 2, 3]);

    let mut split = Exchange::new(Policy { max_limit_action: MaxLimitAction::Split, ..GT });
    start(&mut split, own(AcceptMode::Open), watchlist(), [limited, peer(2, AcceptMode::PushOpen, 2)]);
    assert_eq!(next_asked(&mut split, &NOBODY_SENDS), 1);
    assert_eq!(asked(&split), [1, 2]);
    assert_eq!(split.on_reply(PeerId(1), &[item(X, 200, 5)]), 1);
    assert_eq!(next_asked(&mut split, &NOBODY_SENDS), 1);
    assert_eq!(asked(&split), [3]);
    assert_eq!(split.on_reply(PeerId(1), &[]), 0);
    assert_eq!(next_asked(&mut split, &NOBODY_SENDS), 2);
    assert_eq!(asked(&split), [2, 3], "a server without a limit is asked for all at once");
}

#[test]
fn a_server_that_fails_in_the_middle_of_a_split_is_not_asked_for_the_rest() {
    let mut exchange = Exchange::new(Policy { max_limit_action: MaxLimitAction::Split, ..GT });
    let limited = Supplier { max_limit: Some(1), ..peer(1, AcceptMode::PushOpen, 1) };
    start(&mut exchange, own(AcceptMode::Open), [watched(X, 100), watched(Y, 100)], [limited]);
    assert_eq!(next_asked(&mut exchange, &NOBODY_SENDS), 1);
    exchange.on_failure();
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::CallConnectors);
    let reasons = [(0, CallReason::PeerFailed), (1, CallReason::PeerFailed)];
    assert_eq!(exchange.connector_queue().collect::<Vec<_>>(), reasons);
}

#[test]
fn a_request_that_is_not_sent_counts_for_nothing() {
    let two = || [peer(1, AcceptMode::PushOpen, 1), peer(2, AcceptMode::PushOpen, 2)];
    let mut exchange = Exchange::new(Policy { max_servers: Some(1), ..GT });
    start(&mut exchange, own(AcceptMode::Open), [watched(X, 100)], two());
    assert_eq!(next_asked(&mut exchange, &NOBODY_SENDS), 1);
    exchange.withdraw();
    assert_eq!(next_asked(&mut exchange, &NOBODY_SENDS), 2, "of one server at most");
    assert_eq!(asked(&exchange), [1]);
    exchange.on_reply(PeerId(2), &[]);
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::CallConnectors);
    assert_eq!(exchange.connector_queue().collect::<Vec<_>>(), [(0, CallReason::NobodyHadIt)]);

    start(&mut exchange, own(AcceptMode::Open), [watched(X, 100)], two());
    for number in [1, 2] {
        assert_eq!(next_asked(&mut exchange, &NOBODY_SENDS), number);
        exchange.withdraw();
    }
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::CallConnectors);
    assert_eq!(exchange.connector_queue().collect::<Vec<_>>(), [(0, CallReason::NobodyAsked)]);
}

#[test]
fn of_a_server_that_has_had_a_part_only_the_rest_is_given_up() {
    let mut exchange = Exchange::new(Policy { max_limit_action: MaxLimitAction::Split, max_servers: Some(2), ..GT });
    let limited = Supplier { max_limit: Some(1), ..peer(1, AcceptMode::PushOpen, 1) };
    let others = [2, 3].map(|number| peer(number, AcceptMode::PushOpen, 2));
    let suppliers = [limited, others[0], others[1]];
    start(&mut exchange, own(AcceptMode::Open), [watched(X, 100), watched(Y, 100), watched(Z, 100)], suppliers);
    assert_eq!(next_asked(&mut exchange, &NOBODY_SENDS), 1);
    exchange.on_reply(PeerId(1), &[item(X, 200, 5)]);
    assert_eq!(next_asked(&mut exchange, &NOBODY_SENDS), 1);
    exchange.withdraw();
    assert_eq!(next_asked(&mut exchange, &NOBODY_SENDS), 2);
    assert_eq!(asked(&exchange), [2, 3]);
    exchange.on_reply(PeerId(2), &[]);
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::CallConnectors, "two servers have been asked");
}

/// The pushes of an exchange in which peer 1 returns nothing, peer 2 a price of X, and the connector a price of Y.
fn pushes(policy: &Policy, mode: AcceptMode) -> Vec<(u32, Vec<(u32, u32)>)> {
    let mut exchange = Exchange::new(*policy);
    let mut pool = Pool::default();
    let suppliers = [peer(1, AcceptMode::PushOpen, 1), peer(2, AcceptMode::PushOpen, 2)];
    start(&mut exchange, own(mode), [watched(X, 100), watched(Y, 100)], suppliers);
    let mut pushes = Vec::new();
    loop {
        match exchange.next_action(&NOBODY_SENDS) {
            Action::Request { peer: PeerId(1) } => assert_eq!(exchange.on_reply(PeerId(1), &[]), 0),
            Action::Request { peer } => assert_eq!(exchange.on_reply(peer, &[item(X, 200, 5)]), 1),
            Action::CallConnectors => {
                exchange.on_connector_result(1, ConnectorResult::Delivered(price(300, 7)));
            }
            Action::PushBack { peer } => pushes.push((peer.0, pushed(&exchange, peer.0))),
            Action::AskOwnPool => {
                exchange.consult_own_pool(&mut pool);
            }
            Action::UpdateOwnPool | Action::Finish => {}
            Action::Done => return pushes,
        }
    }
}

#[test]
fn prices_go_back_to_all_who_were_asked_or_to_those_who_returned_some_or_to_nobody() {
    let (to_first, to_second) = ((1, vec![(1, 5), (2, 7)]), (2, vec![(2, 7)]));
    let rules = |push_back, push_back_to| Policy { push_back, push_back_to, ..SEVEN_STEP };
    let contacted = rules(PushBack::Async, PushBackTo::Contacted);
    assert_eq!(pushes(&contacted, AcceptMode::Open), [to_first, to_second.clone()]);
    for push_back in [PushBack::Async, PushBack::Sync] {
        let responders = rules(push_back, PushBackTo::Responders);
        assert_eq!(pushes(&responders, AcceptMode::Open), std::slice::from_ref(&to_second));
    }
    assert_eq!(pushes(&rules(PushBack::None, PushBackTo::Contacted), AcceptMode::Open), []);
}

#[test]
fn who_pushes_is_a_matter_of_the_own_accept_mode() {
    let any = Policy { push_back_from: PushBackFrom::Any, ..SEVEN_STEP };
    for (mode, by_open, by_any) in [(AcceptMode::Open, 2, 2), (AcceptMode::Closed, 0, 2), (AcceptMode::PushOpen, 0, 2)]
    {
        assert_eq!(pushes(&SEVEN_STEP, mode).len(), by_open, "{mode:?}");
        assert_eq!(pushes(&any, mode).len(), by_any, "{mode:?}");
    }
}

#[test]
fn the_user_sees_the_result_before_or_after_the_push() {
    for (push_back, finish_first) in [(PushBack::Async, true), (PushBack::Sync, false)] {
        let mut exchange = Exchange::new(Policy { push_back, ..SEVEN_STEP });
        start(&mut exchange, own(AcceptMode::Open), [watched(X, 100)], [peer(1, AcceptMode::PushOpen, 1)]);
        next_asked(&mut exchange, &NOBODY_SENDS);
        exchange.on_reply(PeerId(1), &[]);
        exchange.next_action(&NOBODY_SENDS);
        exchange.on_connector_result(0, ConnectorResult::Delivered(price(300, 7)));
        if finish_first {
            assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::Finish);
        }
        assert_eq!(next_pushed(&mut exchange), 1);
        if !finish_first {
            assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::Finish);
        }
        assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::Done);
    }
}

#[test]
fn an_echo_makes_a_responder() {
    let mut exchange = Exchange::new(GT);
    start(&mut exchange, own(AcceptMode::Open), [watched(X, 9_000)], [peer(1, AcceptMode::PushOpen, 1)]);
    next_asked(&mut exchange, &NOBODY_SENDS);
    let request: Vec<_> = exchange.request().collect();
    let (served, pool) = ask_pool(&GT, status(AcceptMode::PushOpen), &Pool::default(), &request);
    let echo = served.expect("served");
    assert_eq!((echo.as_slice(), pool.0[&X]), (&request[..], price(9_000, 1)));
    assert_eq!(exchange.on_reply(PeerId(1), &echo), 0, "it fills nothing");
    exchange.next_action(&NOBODY_SENDS);
    exchange.on_connector_result(0, ConnectorResult::Delivered(price(9_990, 7)));
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::Finish);
    assert_eq!(next_pushed(&mut exchange), 1);
}

#[test]
fn what_a_pool_learns_from_requests() {
    let pool = Pool(BTreeMap::from([(X, price(100, 1))]));
    let request = [item(X, 200, 5), item(Y, 200, 6)];
    let learnt = |policy: &Policy| {
        let (served, pool) = ask_pool(policy, status(AcceptMode::PushOpen), &pool, &request);
        (served.expect("served").len(), pool.0[&X] == price(200, 5), pool.0.contains_key(&Y))
    };
    let rules = |learns, echoes| Policy { pool_learns_from_request: learns, pool_echoes_unknown: echoes, ..SEVEN_STEP };
    assert_eq!(learnt(&rules(PoolLearns::Never, true)), (0, false, false));
    assert_eq!(learnt(&rules(PoolLearns::Unknown, false)), (0, false, true));
    assert_eq!(learnt(&rules(PoolLearns::Unknown, true)), (1, false, true));
    assert_eq!(learnt(&rules(PoolLearns::Newer, false)), (0, true, true));
    assert_eq!(learnt(&rules(PoolLearns::Newer, true)), (1, true, true));
}

#[test]
fn an_open_server_learns_from_requests_or_not() {
    let recorded = Instruments(BTreeMap::from([(X, (price(100, 1), true))]));
    for (learns, last) in [(true, price(200, 5)), (false, price(100, 1))] {
        let mut instruments = recorded.clone();
        let rules = Policy { open_learns_from_request: learns, ..SEVEN_STEP };
        let request = [item(X, 200, 5)];
        let answer = answer(&rules, status(AcceptMode::Open), &mut Pool::default(), &mut instruments, &request);
        assert_eq!((answer, instruments.0[&X].0), (Ok(vec![]), last));
    }
}

#[test]
fn thresholds_count_back_from_the_requests_time_and_apart_for_the_own_pool() {
    let at = |secs| Some(Timestamp::from_unix_secs(secs));
    assert_eq!((SEVEN_STEP.min_acceptable(NOW), SEVEN_STEP.own_pool_min_acceptable(NOW)), (None, None));
    assert_eq!((GT.min_acceptable(NOW), GT.own_pool_min_acceptable(NOW)), (at(8_500), None));
    let own_too = Policy { own_pool_threshold: Some(SimDuration::from_secs(1_000)), ..GT };
    assert_eq!((own_too.min_acceptable(NOW), own_too.own_pool_min_acceptable(NOW)), (at(8_500), at(9_000)));
}

#[test]
fn the_own_pool_may_have_a_threshold() {
    for (own_pool_threshold, filled) in [(None, 3), (Some(SimDuration::from_secs(1_000)), 2)] {
        let mut exchange = Exchange::new(Policy { own_pool_threshold, ..GT });
        let mut pool = Pool(BTreeMap::from([(X, price(8_999, 5)), (Y, price(9_000, 5)), (Z, price(9_001, 5))]));
        let watchlist = [watched(X, 100), watched(Y, 100), watched(Z, 100)];
        start(&mut exchange, own(AcceptMode::PushOpen), watchlist, [peer(1, AcceptMode::PushOpen, 1)]);
        assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::AskOwnPool);
        assert_eq!(exchange.consult_own_pool(&mut pool), filled);
    }
}

/// What the own pool holds after an exchange in which a peer fills X and connectors deliver Y and fail for Z.
fn pool_after(own_pool_stores: OwnPoolStores) -> Vec<u32> {
    let mut exchange = Exchange::new(Policy { own_pool_stores, ..SEVEN_STEP });
    let mut pool = Pool::default();
    let watchlist = [watched(X, 100), watched(Y, 100), watched(Z, 100)];
    start(&mut exchange, own(AcceptMode::PushOpen), watchlist, [peer(1, AcceptMode::PushOpen, 1)]);
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::AskOwnPool);
    exchange.consult_own_pool(&mut pool);
    next_asked(&mut exchange, &NOBODY_SENDS);
    exchange.on_reply(PeerId(1), &[item(X, 200, 5)]);
    exchange.next_action(&NOBODY_SENDS);
    exchange.on_connector_result(1, ConnectorResult::Delivered(price(300, 7)));
    exchange.on_connector_result(2, ConnectorResult::Failed);
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::UpdateOwnPool);
    exchange.update_own_pool(&mut pool);
    pool.0.keys().map(|instrument| instrument.0).collect()
}

#[test]
fn what_the_own_pool_stores() {
    assert_eq!(pool_after(OwnPoolStores::Connector), [2]);
    assert_eq!(pool_after(OwnPoolStores::Remaining), [2, 3]);
    assert_eq!(pool_after(OwnPoolStores::All), [1, 2]);
}

#[test]
fn received_prices_are_kept_or_only_shown() {
    for (preset, kept) in
        [(Preset::Gt0365, vec![(0, 5), (1, 7), (2, 1)]), (Preset::Gt0365Deployed, vec![(1, 7), (2, 1)])]
    {
        let mut exchange = super::exchange(preset);
        let watchlist = [watched(X, 100), watched(Y, 100), watched(Z, 100)];
        start(&mut exchange, own(AcceptMode::Open), watchlist, [peer(1, AcceptMode::PushOpen, 1)]);
        next_asked(&mut exchange, &NOBODY_SENDS);
        exchange.on_reply(PeerId(1), &[item(X, 200, 5)]);
        exchange.next_action(&NOBODY_SENDS);
        exchange.on_connector_result(1, ConnectorResult::Delivered(price(300, 7)));
        exchange.on_connector_result(2, ConnectorResult::Failed);
        let written: Vec<_> = exchange.local_updates().map(|(at, price, _)| (at, price.content.0)).collect();
        assert_eq!(written, kept, "{preset:?}");
        assert_eq!(exchange.items().next().map(|(item, _, _)| item), Some(item(X, 200, 5)), "shown in any case");
    }
}

#[test]
fn a_changed_retry_counter_writes_the_received_price_with_it() {
    let mut exchange = super::exchange(Preset::Gt0365Deployed);
    let tired = WatchlistItem { retry: 9, ..watched(X, 100) };
    start(&mut exchange, own(AcceptMode::Open), [tired], [peer(1, AcceptMode::PushOpen, 1)]);
    next_asked(&mut exchange, &NOBODY_SENDS);
    exchange.on_reply(PeerId(1), &[item(X, 200, 5)]);
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::Finish);
    assert_eq!(exchange.local_updates().collect::<Vec<_>>(), [(0, price(200, 5), Some(4))]);
}

/// How X ends, and its counter, after an exchange in which nobody has it; `Ok` if its connector is due.
fn connector_step(policy: &Policy, watched: WatchlistItem) -> Result<u32, (Option<Outcome>, u32)> {
    let mut exchange = Exchange::new(*policy);
    start(&mut exchange, own(AcceptMode::Open), [watched], [peer(1, AcceptMode::PushOpen, 1)]);
    next_asked(&mut exchange, &NOBODY_SENDS);
    exchange.on_reply(PeerId(1), &[]);
    if exchange.next_action(&NOBODY_SENDS) == Action::CallConnectors {
        exchange.on_connector_result(0, ConnectorResult::Failed);
        return Ok(exchange.items().next().expect("one").1);
    }
    let (_, retry, outcome) = exchange.items().next().expect("one");
    Err((outcome, retry))
}

#[test]
fn retry_bands_stop_connectors_first_and_counting_later() {
    let bands = Policy { retry_bands: Some(RetryBands { intra_retry: 4, quote_retry: 8 }), ..SEVEN_STEP };
    let used_up = Some(Outcome::NotTried(NotTried::RetriesUsedUp));
    for (before, expected) in [
        (0, Ok(1)),
        (3, Ok(4)),
        (4, Err((used_up, 5))),
        (11, Err((used_up, 12))),
        (12, Err((used_up, 12))),
        (13, Err((used_up, 13))),
    ] {
        let tired = WatchlistItem { retry: before, ..watched(X, 100) };
        assert_eq!(connector_step(&bands, tired), expected, "after {before}");
        assert_eq!(connector_step(&SEVEN_STEP, tired), Ok(before), "no bands, no counting");
    }
}

#[test]
fn a_connector_is_called_only_when_the_price_is_older_than_its_delay_and_the_interval() {
    let delayed =
        |secs| WatchlistItem { connector: Some(Connector { delay: SimDuration::from_secs(900) }), ..watched(X, secs) };
    let interval = Policy { connector_min_interval: Some(SimDuration::from_secs(300)), ..SEVEN_STEP };
    let recent = Err((Some(Outcome::NotTried(NotTried::Recent)), 0));
    assert_eq!(connector_step(&interval, delayed(8_799)), Ok(0));
    assert_eq!(connector_step(&interval, delayed(8_800)), recent, "exactly at the limit is too young");
    assert_eq!(connector_step(&SEVEN_STEP, delayed(9_999)), Ok(0));
    let unpriced = WatchlistItem { price: super::Price { content: super::Last(0), ..price(9_999, 0) }, ..delayed(0) };
    assert_eq!(connector_step(&interval, unpriced), Ok(0), "without a last price no age counts");
    assert_eq!(connector_step(&interval, WatchlistItem { price: NEVER, ..delayed(0) }), Ok(0));
}

#[test]
fn no_connector_and_no_activity_mean_no_call() {
    let none = WatchlistItem { connector: None, ..watched(X, 100) };
    assert_eq!(connector_step(&GT, none), Err((Some(Outcome::NotTried(NotTried::NoConnector)), 0)));
    let inactive = WatchlistItem { active: false, ..watched(X, 100) };
    assert_eq!(connector_step(&GT, inactive), Err((Some(Outcome::NotTried(NotTried::Inactive)), 0)));
}

#[test]
fn a_call_that_another_exchange_has_under_way_is_not_made_and_counts_for_nothing() {
    let mut exchange = Exchange::new(GT);
    start(&mut exchange, own(AcceptMode::Open), [watched(X, 100)], []);
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::CallConnectors);
    assert!(!exchange.on_connector_result(0, ConnectorResult::UnderWay));
    assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::Finish);
    assert_eq!(outcomes(&exchange), [Some(Outcome::NotTried(NotTried::CallUnderWay))]);
    assert_eq!(exchange.local_updates().count(), 0);
    assert_eq!(exchange.items().next().map(|(_, retry, _)| retry), Some(0));
    const { assert!(GT.connector_claims && !SEVEN_STEP.connector_claims) };
}

#[test]
fn a_connectors_older_price_is_taken_only_by_the_released_system() {
    for (policy, shown) in [(SEVEN_STEP, item(X, 8_000, 1)), (GT, item(X, 7_000, 7))] {
        let mut exchange = Exchange::new(policy);
        start(&mut exchange, own(AcceptMode::Open), [watched(X, 8_000)], []);
        assert_eq!(exchange.next_action(&NOBODY_SENDS), Action::CallConnectors);
        let taken = exchange.on_connector_result(0, ConnectorResult::Delivered(price(7_000, 7)));
        assert_eq!(taken, policy.connector_prices_replace);
        assert_eq!(exchange.items().next().map(|(item, _, _)| item), Some(shown));
    }
}

#[test]
fn servers_may_be_limited_in_number() {
    for (max_servers, asked) in [(None, 3), (Some(2), 2), (Some(0), 0)] {
        let mut exchange = Exchange::new(Policy { max_servers, ..SEVEN_STEP });
        let suppliers = [1, 2, 3].map(|number| peer(number, AcceptMode::PushOpen, 1));
        start(&mut exchange, own(AcceptMode::Open), [watched(X, 100)], suppliers);
        let mut requests = 0;
        while let Action::Request { peer } = exchange.next_action(&NOBODY_SENDS) {
            exchange.on_reply(peer, &[]);
            requests += 1;
        }
        assert_eq!(requests, asked);
    }
}

#[test]
fn requests_carry_what_is_unfilled_or_all() {
    for (request_scope, second, open) in
        [(RequestScope::Unfilled, vec![2, 3], vec![2]), (RequestScope::All, vec![1, 2, 3], vec![1, 2, 3])]
    {
        let mut exchange = Exchange::new(Policy { request_scope, ..SEVEN_STEP });
        let peers = [peer(1, AcceptMode::PushOpen, 1), peer(2, AcceptMode::PushOpen, 2), peer(3, AcceptMode::Open, 1)];
        let details = Sends(vec![(3, X), (3, Y)]);
        start(&mut exchange, own(AcceptMode::Open), [watched(X, 100), watched(Y, 100), watched(Z, 100)], peers);
        next_asked(&mut exchange, &details);
        exchange.on_reply(PeerId(1), &[item(X, 200, 5)]);
        next_asked(&mut exchange, &details);
        assert_eq!(asked(&exchange), second);
        exchange.on_reply(PeerId(2), &[]);
        next_asked(&mut exchange, &details);
        assert_eq!(asked(&exchange), open);
    }
}

#[test]
fn open_peers_come_by_score_or_by_priority() {
    for (open_order, first) in [(OpenOrder::Score, 2), (OpenOrder::Priority, 1)] {
        let mut exchange = Exchange::new(Policy { open_order, ..SEVEN_STEP });
        let suppliers = [peer(1, AcceptMode::Open, 1), peer(2, AcceptMode::Open, 2)];
        start(&mut exchange, own(AcceptMode::Open), [watched(X, 100), watched(Y, 100)], suppliers);
        assert_eq!(next_asked(&mut exchange, &Sends(vec![(1, X), (2, X), (2, Y)])), first);
    }
}
