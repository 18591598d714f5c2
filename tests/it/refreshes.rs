//! Refreshes of pools: what a hub fetches anew without being asked, when, and what it is good for, worked out by hand in the world of
//! `faults`.

use std::collections::BTreeMap;

use gtnet_sim::model::config::{InstanceFault, RateScope, VisitsConfig, WhenExceeded, WorldConfig};
use gtnet_sim::observe::Fact;
use gtnet_sim::protocol::{CallReason, PeerViews, Policy, Preset, PushBack, PushBackTo};
use gtnet_sim::time::{SimDuration, SimTime};

use crate::faults::{HUB_ID, Journal, at, at_hub, millis, world};
use crate::support::{CLIENT, around_the_clock, busy_world, measure};

const EVERY: SimDuration = SimDuration::from_secs(600);
const AGE: SimDuration = SimDuration::from_secs(300);

/// A hub that looks at its pool every ten minutes and fetches what was stamped more than five minutes ago, and two clients who push
/// what they fetch.
fn refreshing() -> WorldConfig {
    let mut config = world(Preset::Gt0365, PeerViews::Ideal);
    config.policy.push_back = PushBack::Async;
    config.policy.push_back_to = PushBackTo::Contacted;
    (config.policy.pool_refresh_interval, config.policy.pool_refresh_age) = (Some(EVERY), AGE);
    config
}

/// When refreshes called a provider.
fn calls(journal: &Journal) -> Vec<SimTime> {
    let calls = journal.0.iter().filter_map(|(now, fact)| match fact {
        Fact::ConnectorCalled { reason: CallReason::PoolRefresh, instance, .. } => {
            assert_eq!(*instance, HUB_ID, "clients have no pools");
            Some(*now)
        }
        _ => None,
    });
    calls.collect()
}

/// When prices reach the pool, and when they were stamped: a client's 300 ms after its provider has answered, the hub's at once.
fn pooled(journal: &Journal) -> BTreeMap<SimTime, SimTime> {
    let answers = journal.0.iter().filter_map(|(now, fact)| match *fact {
        Fact::ConnectorAnswered { instance: HUB_ID, delivered: true, .. } => Some((*now, *now)),
        Fact::ConnectorAnswered { delivered: true, .. } => Some((*now + millis(300), *now)),
        _ => None,
    });
    answers.collect()
}

#[test]
fn a_pool_is_looked_at_every_so_often_and_what_is_too_old_is_fetched() {
    let config = refreshing();
    let journal = Journal::of(&config);
    let pooled = pooled(&journal);
    let looks = (1..config.duration.as_nanos() / EVERY.as_nanos())
        .map(|number| SimTime::START + SimDuration::from_secs(600 * number));
    let is_old = |at: &SimTime| pooled.range(..*at).next_back().is_some_and(|(_, stamped)| at.since(*stamped) > AGE);
    let expected: Vec<SimTime> = looks.filter(is_old).collect();
    assert!((20..250).contains(&expected.len()), "some of the looks find a price that is too old: {}", expected.len());
    assert_eq!(calls(&journal), expected);
}

#[test]
fn a_hub_that_is_down_fetches_nothing() {
    for pool_kept in [true, false] {
        let mut config = refreshing();
        config.faults = vec![at_hub(InstanceFault::Crash { pool_kept })];
        let calls = calls(&Journal::of(&config));
        assert!(calls.iter().any(|now| *now < at(10)) && calls.iter().any(|now| *now > at(13)));
        assert!(calls.iter().all(|now| *now < at(10) || *now >= at(13)), "{calls:?}");
        assert_eq!(calls.contains(&at(13)), pool_kept, "what is lost is not fetched");
    }
}

#[test]
fn a_refresh_makes_as_many_calls_at_a_time_as_an_exchange_and_obeys_limits() {
    let mut config = busy_world();
    config.duration = SimDuration::from_days(2);
    config.policy = Policy { pool_refresh_interval: Some(SimDuration::from_secs(900)), ..Policy::of(Preset::Gt0365) };
    for limit in config.connectors.iter_mut().filter_map(|connector| connector.rate_limit.as_mut()) {
        (limit.scope, limit.when_exceeded) = (RateScope::Instance, WhenExceeded::Wait);
    }
    let most = 4 * config.groups[0].cores;
    let (mut under_way, mut highest, mut limited) = (0_u32, 0, 0_u32);
    for (_, fact) in &Journal::of(&config).0 {
        match fact {
            Fact::ConnectorCalled { reason: CallReason::PoolRefresh, limited: is_limited, .. } => {
                under_way += 1;
                limited += u32::from(*is_limited);
                highest = highest.max(under_way);
            }
            // The hub has no users: all its calls are those of refreshes.
            Fact::ConnectorAnswered { instance: HUB_ID, .. } => under_way -= 1,
            _ => {}
        }
    }
    assert_eq!(highest, most);
    assert!(limited > 0, "the fast provider holds some of them back");
}

/// Clients who visit by day only, around a hub that nobody uses. Under the released rules it falls silent overnight.
#[test]
fn a_hub_without_users_goes_on_if_it_fetches_what_its_pool_holds() {
    let by_day = |every: Option<SimDuration>| {
        let mut config = busy_world();
        config.policy = Policy { pool_refresh_interval: every, ..Policy::of(Preset::Gt0365) };
        let mut hourly = [0.0; 24];
        hourly[8..18].fill(1.0);
        config.groups[CLIENT].visits = Some(VisitsConfig { hourly, ..around_the_clock(8.0) });
        let measured = measure(&config, 3, 0);
        let of_hub = measured.instances[0].connector_calls;
        (measured.fills.push_open as f64 / measured.fills.total() as f64, of_hub)
    };
    let (silent, none) = by_day(None);
    let (awake, some) = by_day(Some(EVERY));
    assert_eq!(none, 0);
    assert!(some > 1_000, "{some}");
    assert!(awake > 2.0 * silent && awake > 0.2, "filled by the hub: {silent} and {awake}");
}

#[test]
fn nobody_refreshes_a_pool_under_any_preset() {
    for preset in Preset::ALL {
        let config = world(preset, PeerViews::Ideal);
        assert_eq!(config.policy.pool_refresh_interval, None);
        assert!(calls(&Journal::of(&config)).is_empty());
    }
}

/// Instances that only ask have no pool that could be refreshed.
#[test]
fn whoever_has_no_pool_fetches_nothing() {
    let mut config = refreshing();
    config.groups[CLIENT].policy = Some(Box::new(config.policy));
    config.policy.pool_refresh_interval = None;
    assert!(calls(&Journal::of(&config)).is_empty());
}
