//! Why prices are too old: for each cause a world in which it is the only one, or nearly so, and no cause is left out.

use std::fs;
use std::path::Path;

use gtnet_sim::metrics::{Measurements, StaleCause};
use gtnet_sim::model::config::{
    FaultConfig, FaultKind, FaultSpell, FaultTarget, FaultTimes, InstanceFault, LinkFault, ProviderFault, RateLimit,
    RateScope, Stamp, WhenExceeded, WorldConfig,
};
use gtnet_sim::protocol::{PeerViews, Policy, Preset};
use gtnet_sim::random::Distribution;
use gtnet_sim::time::SimDuration;

use crate::support::{CLIENT, HUB, around_the_clock, busy_world, ideal_world, measure};

fn second(seconds: u64) -> SimDuration {
    SimDuration::from_secs(seconds)
}

fn day(days: u64) -> SimDuration {
    SimDuration::from_days(days)
}

/// A client on its own, whose user comes every three hours.
fn alone() -> WorldConfig {
    let mut config = ideal_world(1);
    config.peerings.clear();
    config
}

/// A client and a hub that never has a price. The provider's prices are late, unless the hub is to blame.
fn with_empty_hub(views: PeerViews) -> WorldConfig {
    let mut config = ideal_world(1);
    config.policy = Policy { peer_views: views, ..Policy::of(Preset::SevenStep) };
    config.connectors[0].delay = second(2_000);
    config
}

/// Something that is wrong from the first day to the end.
fn always(kind: FaultKind) -> FaultConfig {
    let spells = vec![FaultSpell { begins: second(1), lasts: day(30) }];
    FaultConfig { name: "fault".to_owned(), kind, times: FaultTimes::Set(spells) }
}

fn of(group: usize) -> Vec<FaultTarget> {
    vec![FaultTarget { group, number: None }]
}

fn limited(requests: u32, blocks_for: Option<SimDuration>) -> WorldConfig {
    let mut config = alone();
    config.groups[CLIENT].visits = Some(around_the_clock(48.0));
    config.connectors[0].rate_limit = Some(RateLimit {
        requests,
        per: day(1),
        scope: RateScope::Instance,
        when_exceeded: WhenExceeded::Fail,
        blocks_for,
    });
    config
}

fn stale(config: &WorldConfig) -> [u64; StaleCause::ALL.len()] {
    measure(config, 3, 0).prices_stale
}

/// Asserts that some prices are too old, all of them for this cause.
fn assert_only(cause: StaleCause, config: &WorldConfig) {
    assert_all_but(0.0, cause, config);
}

/// Asserts that some prices are too old, all of them for this cause but for a share of at most `others`.
fn assert_all_but(others: f64, cause: StaleCause, config: &WorldConfig) {
    let found = stale(config);
    let (all, of_cause) = (found.iter().sum::<u64>(), found[cause as usize]);
    assert!(of_cause > 0, "{}: {found:?}", cause.name());
    assert!((all - of_cause) as f64 <= others * all as f64, "{}: {found:?}", cause.name());
}

#[test]
fn who_has_just_looked_sees_what_was_there() {
    let mut config = alone();
    config.watchlist_timeout = second(3_600);
    config.groups[CLIENT].visits = Some(around_the_clock(200.0));
    assert_only(StaleCause::WithinTimeout, &config);
}

/// The provider takes longer than the limit for its answer, which holds the price of the moment of the call.
#[test]
fn a_price_gets_old_while_the_user_waits() {
    let mut config = alone();
    config.connectors[0].latency = Distribution::Constant(2_000.0);
    assert_only(StaleCause::Waited, &config);
}

#[test]
fn a_provider_may_be_late() {
    let mut config = alone();
    config.connectors[0].delay = second(1_501);
    assert_only(StaleCause::ProviderLate, &config);
    config.connectors[0].delay = second(1_500);
    assert_eq!(stale(&config).iter().sum::<u64>(), 0, "a price of just the limit is fresh");
    assert_only(StaleCause::ProviderLate, &with_empty_hub(PeerViews::Ideal));
}

/// Half of the calls fail, and then the last price stands.
#[test]
fn a_call_may_fail() {
    let mut config = alone();
    config.connectors[0].failure = 0.5;
    assert_only(StaleCause::ProviderFailure, &config);
}

#[test]
fn a_provider_may_be_out() {
    let mut config = alone();
    let fault = ProviderFault::Outage { fails_after: second(1) };
    let spells = vec![FaultSpell { begins: day(2), lasts: day(1) }];
    config.faults =
        vec![FaultConfig { times: FaultTimes::Set(spells), ..always(FaultKind::Provider { connector: 0, fault }) }];
    assert_only(StaleCause::ProviderOutage, &config);
}

#[test]
fn a_provider_may_refuse_what_is_over_its_limit_and_everything_afterwards() {
    assert_only(StaleCause::OverLimit, &limited(10, None));
    let blocked = stale(&limited(10, Some(day(2))));
    let [once, later] = [StaleCause::OverLimit, StaleCause::ProviderBlocked].map(|cause| blocked[cause as usize]);
    // One call begins the block, and all others meet it.
    assert!(later > 20 * once && later > 100, "{blocked:?}");
    assert_eq!(blocked.iter().sum::<u64>(), once + later, "{blocked:?}");
}

/// The pool of the hub holds the price that the last client has fetched, however old it is.
#[test]
fn without_a_threshold_a_pool_gives_old_prices() {
    assert_only(StaleCause::OldPriceTaken, &ideal_world(2));
    let mut config = ideal_world(2);
    config.policy.freshness_threshold = Some(second(1_500));
    assert_eq!(stale(&config).iter().sum::<u64>(), 0);
}

/// The clients whose clock is two hours ahead stamp their prices so, and the others take them for young.
#[test]
fn a_clock_that_is_ahead_makes_old_prices_look_young() {
    let mut config = ideal_world(4);
    config.policy.freshness_threshold = Some(second(1_500));
    let ahead_nanos = 7_200_000_000_000;
    let at = vec![FaultTarget { group: CLIENT, number: Some(0) }];
    config.faults = vec![always(FaultKind::Instances { at, fault: InstanceFault::Clock { ahead_nanos } })];
    assert_only(StaleCause::WrongTimestamp, &config);
}

/// A watchlist that is not due by a clock that was set back by two hours shows what it had.
#[test]
fn a_clock_that_is_set_back_keeps_old_prices() {
    let mut config = alone();
    config.watchlist_timeout = second(1_200);
    config.groups[CLIENT].visits = Some(around_the_clock(200.0));
    assert_eq!(stale(&config).iter().sum::<u64>(), 0, "who looks again within twenty minutes sees nothing old");
    let fault = InstanceFault::Clock { ahead_nanos: -7_200_000_000_000 };
    let spells = vec![FaultSpell { begins: day(2), lasts: day(30) }];
    let back = always(FaultKind::Instances { at: of(CLIENT), fault });
    config.faults = vec![FaultConfig { times: FaultTimes::Set(spells), ..back }];
    assert_only(StaleCause::WrongTimestamp, &config);
}

/// The hub serves a request for ten seconds, and vanishes every 40 s for two. A reply that leaves meanwhile gets lost. When its
/// request was sent, and when its sender gives up, the hub may well be there.
#[test]
fn a_fault_may_come_and_go_while_a_message_is_under_way() {
    let mut config = with_empty_hub(PeerViews::None);
    config.groups[HUB].service.base = second(10);
    config.groups[CLIENT].visits = Some(around_the_clock(500.0));
    let vanishes = always(FaultKind::Instances { at: of(HUB), fault: InstanceFault::BlackHole });
    let (between_s, lasts_s) = (Distribution::Constant(38.0), Distribution::Constant(2.0));
    config.faults = vec![FaultConfig { times: FaultTimes::Random { between_s, lasts_s }, ..vanishes }];
    let found = stale(&config);
    let [fault, late] = [StaleCause::ServerFault, StaleCause::ProviderLate].map(|cause| found[cause as usize]);
    assert!(fault > 50 && found.iter().sum::<u64>() == fault + late, "{found:?}");
}

#[test]
fn a_server_may_not_be_reached() {
    for fault in [InstanceFault::BlackHole, InstanceFault::Refuses, InstanceFault::Crash { pool_kept: true }] {
        let down = always(FaultKind::Instances { at: of(HUB), fault });
        let tried = WorldConfig { faults: vec![down.clone()], ..with_empty_hub(PeerViews::None) };
        assert_only(StaleCause::ServerFault, &tried);
        let known = WorldConfig { faults: vec![down], ..with_empty_hub(PeerViews::Ideal) };
        assert_only(StaleCause::ServerLeftOut, &known);
    }
    let fault = LinkFault { loss: 1.0, factor: 1.0 };
    let parted = always(FaultKind::Links { between: of(HUB), and: of(CLIENT), fault });
    assert_only(StaleCause::ServerFault, &WorldConfig { faults: vec![parted], ..with_empty_hub(PeerViews::Ideal) });
}

#[test]
fn a_request_may_fail_without_a_fault() {
    let mut lossy = with_empty_hub(PeerViews::None);
    lossy.network.loss = 1.0;
    assert_only(StaleCause::ServerFailure, &lossy);
    let mut strict = with_empty_hub(PeerViews::Ideal);
    (strict.instruments.securities, strict.groups[CLIENT].watchlist.instruments) = (5, Distribution::Constant(5.0));
    strict.policy.max_limit = Some(4);
    assert_only(StaleCause::ServerFailure, &strict);
}

/// In 0.36.5 no connector is called that has failed four times, nor one whose price is younger than the least interval, nor one that
/// is being called.
#[test]
fn the_rules_may_call_no_connector() {
    let mut config = alone();
    config.policy = Policy::of(Preset::Gt0365);
    config.policy.connector_min_interval = Some(day(1));
    assert_only(StaleCause::NotDue, &config);

    let mut config = alone();
    config.policy = Policy { connector_min_interval: None, ..Policy::of(Preset::Gt0365) };
    config.connectors[0].failure = 0.8;
    config.groups[CLIENT].visits = Some(around_the_clock(48.0));
    let found = stale(&config);
    let [tired, failed] = [StaleCause::RetriesUsedUp, StaleCause::ProviderFailure].map(|cause| found[cause as usize]);
    assert!(tired > 0 && found.iter().sum::<u64>() == tired + failed, "{found:?}");

    config.connectors[0].failure = 0.0;
    // Stamped when it answers, its price would claim to be younger than it is.
    config.connectors[0].stamp = Stamp::Trade;
    config.connectors[0].latency = Distribution::Constant(2_000.0);
    config.groups[CLIENT].visits = Some(around_the_clock(200.0));
    let found = stale(&config);
    let [others, own] = [StaleCause::CallUnderWay, StaleCause::Waited].map(|cause| found[cause as usize]);
    assert!(others > 0 && own > 0 && found.iter().sum::<u64>() == others + own, "{found:?}");
}

fn assert_adds_up(measured: &Measurements) {
    let stale = measured.price_age.count() - measured.prices_fresh;
    assert_eq!(measured.prices_stale.iter().sum::<u64>(), stale);
}

#[test]
fn causes_add_up_in_a_busy_world_under_all_rules() {
    for preset in Preset::ALL {
        let mut config = busy_world();
        config.policy = Policy::of(preset);
        let measured = measure(&config, 1, 0);
        assert_adds_up(&measured);
        assert!(measured.prices_stale.iter().filter(|count| **count > 0).count() >= 3, "{:?}", measured.prices_stale);
    }
}

/// The list in the documentation is the list of the program, in the same order.
#[test]
fn the_documented_list_is_complete() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/causes.md");
    let text = fs::read_to_string(path).expect("a document");
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    assert!(rows.map(|(name, _)| name).eq(StaleCause::ALL.map(StaleCause::name)));
}
