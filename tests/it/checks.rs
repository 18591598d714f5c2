//! Checks of pushed prices: when a rogue client is found, which of its prices go, who has seen them, and what it costs, worked out by
//! hand in the world of `faults`.
//!
//! A client that finds nothing newer at the hub calls its provider 400 ms after its visit began. It pushes the price as soon as it
//! has it, and the push arrives 300 ms later.

use gtnet_sim::metrics::ConnectorMeasurements;
use gtnet_sim::model::config::{
    FaultConfig, FaultKind, FaultTarget, InstanceFault, ProviderFault, RateLimit, RateScope, WhenExceeded, WorldConfig,
};
use gtnet_sim::observe::{Fact, InstanceId, MessageEnd, MessageKind, PriceWay};
use gtnet_sim::protocol::{CallReason, PeerViews, Policy, Preset, PushBack, PushBackTo};
use gtnet_sim::random::Distribution;
use gtnet_sim::time::{SimDuration, SimTime};

use crate::faults::{CLIENTS, HUB_ID, Journal, at, at_hub, millis, world};
use crate::support::{CLIENT, busy_world, measure};

const ROGUE: InstanceId = CLIENTS[0];
const HONEST: InstanceId = CLIENTS[1];

/// From 10:00 to 13:00 the first client pushes prices that are ten per cent too high. True prices do not move.
fn rogue_world(preset: Preset, ahead: SimDuration) -> WorldConfig {
    let mut config = world(preset, PeerViews::Ideal);
    config.policy.push_back = PushBack::Async;
    // With one instrument, whoever has returned nothing would be told nothing.
    config.policy.push_back_to = PushBackTo::Contacted;
    config.policy.push_checked_share = 1.0;
    config.instruments.security_volatility = 0.0;
    let at = vec![FaultTarget { group: CLIENT, number: Some(0) }];
    let fault = InstanceFault::Rogue { ahead, factor: 1.1 };
    config.faults = vec![FaultConfig { kind: FaultKind::Instances { at, fault }, ..at_hub(InstanceFault::Busy) }];
    config
}

/// When whom the hub was found to be pushing false prices by, and whether rightly.
fn found(journal: &Journal) -> Vec<(SimTime, InstanceId, bool)> {
    let found = journal.0.iter().filter_map(|(now, fact)| match *fact {
        Fact::PusherDistrusted { server: HUB_ID, pusher, is_rogue } => Some((*now, pusher, is_rogue)),
        _ => None,
    });
    found.collect()
}

/// The first push that the rogue client sends after 10:00 arrives.
fn first_false_push(journal: &Journal) -> SimTime {
    let arrivals = journal.arrivals(MessageKind::Push, ROGUE, HUB_ID);
    arrivals.into_iter().find(|arrived| *arrived >= at(10) + millis(300)).expect("the rogue pushes")
}

/// When false prices were seen, and by which way they had come.
fn false_prices(journal: &Journal) -> Vec<(SimTime, PriceWay)> {
    let shown = journal.0.iter().filter_map(|(now, fact)| match fact {
        Fact::PriceShown { falsified: Some(price), .. } => Some((*now, price.way)),
        _ => None,
    });
    shown.collect()
}

fn checks(journal: &Journal) -> Vec<SimTime> {
    let called = journal.0.iter().filter_map(|(now, fact)| match fact {
        Fact::ConnectorCalled { reason: CallReason::PushCheck, instance: HUB_ID, .. } => Some(*now),
        _ => None,
    });
    called.collect()
}

/// Prices that the hub has taken from pushes, with the time at which each push was served.
fn taken(journal: &Journal) -> Vec<SimTime> {
    let served = journal.0.iter().filter_map(|(now, fact)| match fact {
        Fact::ServiceEnded { kind: MessageKind::Push, result: Some(1), .. } => Some(*now),
        _ => None,
    });
    served.collect()
}

#[test]
fn a_stamp_from_the_future_is_found_when_it_arrives_without_a_call() {
    for preset in [Preset::SevenStep, Preset::Gt0365] {
        let journal = Journal::of(&rogue_world(preset, SimDuration::from_hours(1)));
        let first = first_false_push(&journal);
        assert_eq!(found(&journal), [(first, ROGUE, true)], "{preset:?}");
        assert_eq!(false_prices(&journal), [], "it was in the pool for no time");
        let mut true_pushes = taken(&journal);
        true_pushes.retain(|served| *served != first);
        assert_eq!(checks(&journal), true_pushes, "each other price that the hub has taken is checked by a call");
        let refused = journal.0.iter().filter_map(|(now, fact)| match fact {
            Fact::MessageEnded { kind: MessageKind::Push, end: MessageEnd::Refused, .. } => Some(*now),
            _ => None,
        });
        let refused: Vec<SimTime> = refused.collect();
        let of_rogue = journal.arrivals(MessageKind::Push, ROGUE, HUB_ID);
        let pardoned = first + SimDuration::from_days(1);
        let turned_away = of_rogue.into_iter().filter(|arrived| *arrived > first && *arrived < pardoned);
        // The reply takes 100 ms.
        let expected: Vec<SimTime> =
            turned_away.map(|arrived| arrived + millis(100)).filter(|known| *known <= at(48)).collect();
        assert!(expected.len() > 20);
        assert_eq!(refused, expected, "its pushes are refused for a day, and nobody else's");
    }
}

#[test]
fn a_false_value_is_found_when_the_provider_has_answered() {
    let mut config = rogue_world(Preset::SevenStep, SimDuration::ZERO);
    let journal = Journal::of(&config);
    let first = first_false_push(&journal);
    let answered = first + millis(1_000);
    assert_eq!(found(&journal)[0], (answered, ROGUE, true));
    assert!(checks(&journal).contains(&first), "the hub calls its provider when it has taken the price");
    // Of a provider that says nothing, nothing is learnt.
    let out = FaultKind::Provider { connector: 0, fault: ProviderFault::Outage { fails_after: millis(1_000) } };
    let outage = FaultConfig { name: "outage".to_owned(), kind: out, ..at_hub(InstanceFault::Busy) };
    config.faults.push(outage);
    let during = Journal::of(&config);
    assert!(found(&during).iter().all(|(now, ..)| *now >= at(13)), "all calls fail from 10:00 to 13:00");
}

/// The provider takes 20 minutes. Whoever asks the hub meanwhile sees the false price and keeps it for as long as its timestamp is
/// ahead. Whoever has it pushes it back to the hub, which then distrusts the wrong one.
#[test]
fn who_asks_before_the_answer_sees_the_false_price_and_passes_it_on() {
    let mut config = rogue_world(Preset::SevenStep, SimDuration::from_hours(6));
    config.policy.push_check_ahead = None;
    let late = millis(1_200_000);
    config.connectors[0].latency = Distribution::Constant(1_200.0);
    let journal = Journal::of(&config);
    let first = first_false_push(&journal);
    let answered = first + late;
    let asked = |client| {
        let requests = journal.arrivals(MessageKind::Request, client, HUB_ID);
        requests.into_iter().find(|arrived| *arrived > first && *arrived < answered).expect("asks in these minutes")
    };
    let mut seen = [ROGUE, HONEST].map(asked);
    seen.sort_unstable();
    let false_prices = false_prices(&journal);
    // The reply takes 100 ms.
    assert_eq!(false_prices[0], (seen[0] + millis(100), PriceWay::PushOpen), "nobody sees it before");
    let other = (seen[1] + millis(100), PriceWay::PushOpen);
    assert!(false_prices.contains(&other), "the other one asks in time, too");
    // Whoever has it keeps it until six hours have passed since the rogue has sent it: it is newer than what providers deliver.
    let last = false_prices.last().expect("some").0;
    assert!(last > at(15) && last <= first + SimDuration::from_hours(6) + late, "{last:?}");
    let found = found(&journal);
    assert_eq!(found[0], (answered, ROGUE, true));
    let (when, who, rightly) = found[1];
    assert_eq!((who, rightly), (HONEST, false), "it passes on what it believes");
    let pushed = journal.arrivals(MessageKind::Push, HONEST, HUB_ID);
    assert!(pushed.iter().any(|arrived| *arrived + late == when), "a push of the honest one was checked then");
}

/// Of n prices that pools take, a share s is checked, give or take four standard deviations of a binomial distribution, and what is
/// under way at both ends.
#[test]
fn as_many_prices_are_checked_as_the_share_says() {
    let measured = |share: f64| {
        let mut config = busy_world();
        config.duration = SimDuration::from_days(3);
        config.policy.push_checked_share = share;
        // True prices are never so far apart, and clocks never so wrong.
        (config.policy.push_check_tolerance_bp, config.policy.push_check_ahead) = (5_000.0, Some(millis(60_000)));
        for connector in &mut config.connectors {
            connector.rate_limit = None;
        }
        measure(&config, 5, 0)
    };
    let unchecked = measured(0.0);
    for share in [0.0, 0.1, 0.5, 1.0] {
        let of = measured(share);
        let checks: u64 = of.connectors.iter().map(ConnectorMeasurements::checks).sum();
        let (checks, taken) = (checks as f64, of.push_back.accepted as f64);
        let deviation = (taken * share * (1.0 - share)).sqrt();
        assert!(taken > 10_000.0 && (checks - share * taken).abs() <= 4.0 * deviation + 30.0, "{checks} of {taken}");
        assert_eq!(of.push_back.distrusted, 0);
        assert_eq!((of.visits, of.exchanges), (unchecked.visits, unchecked.exchanges), "checks change nobody's visits");
    }
}

#[test]
fn checks_obey_the_limits_of_providers_and_of_cores() {
    let mut config = rogue_world(Preset::SevenStep, SimDuration::ZERO);
    config.faults.clear();
    let limit = |when_exceeded| RateLimit {
        requests: 1,
        per: SimDuration::from_hours(1),
        scope: RateScope::Instance,
        when_exceeded,
        blocks_for: None,
    };
    for when_exceeded in [WhenExceeded::Wait, WhenExceeded::Fail] {
        config.connectors[0].rate_limit = Some(limit(when_exceeded));
        let journal = Journal::of(&config);
        let calls = checks(&journal);
        let limited = journal.0.iter().filter(|(_, fact)| {
            matches!(fact, Fact::ConnectorCalled { reason: CallReason::PushCheck, limited: true, .. })
        });
        assert!(limited.count() > 0, "{when_exceeded:?}");
        if when_exceeded == WhenExceeded::Wait {
            assert!(calls.windows(2).all(|pair| pair[1].since(pair[0]) >= SimDuration::from_hours(1)), "{calls:?}");
            // Four for each of the four cores wait; what comes beyond is not checked.
            assert!(calls.len() < taken(&journal).len());
        }
    }
}

#[test]
fn a_hub_that_stops_gives_its_checks_up() {
    let mut config = rogue_world(Preset::SevenStep, SimDuration::ZERO);
    config.connectors[0].latency = Distribution::Constant(1_200.0);
    let crash = at_hub(InstanceFault::Crash { pool_kept: false });
    config.faults = vec![crash];
    let journal = Journal::of(&config);
    let answered = journal.0.iter().filter_map(|(now, fact)| match fact {
        Fact::ConnectorAnswered { instance: HUB_ID, .. } => Some(*now),
        _ => None,
    });
    let answered: Vec<SimTime> = answered.collect();
    let calls = checks(&journal);
    assert!(calls.iter().any(|called| *called < at(10) && *called + millis(1_200_000) > at(10)), "some were under way");
    assert!(answered.iter().any(|now| *now < at(10)) && answered.iter().any(|now| *now > at(13)));
    assert!(answered.iter().all(|now| !(at(10)..at(13)).contains(now)), "a hub that is down hears nothing");
}

#[test]
fn nobody_checks_under_any_preset() {
    for preset in Preset::ALL {
        let mut config = rogue_world(preset, SimDuration::from_hours(1));
        config.policy = Policy { push_back: PushBack::Async, ..Policy::of(preset) };
        let journal = Journal::of(&config);
        assert!(checks(&journal).is_empty() && found(&journal).is_empty());
    }
}
