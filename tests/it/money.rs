//! What a month costs is what a plain count of the calls says, and prices change nothing else.

use std::collections::BTreeMap;

use gtnet_sim::experiment::layout;
use gtnet_sim::measures;
use gtnet_sim::metrics::{Collector, Measurements};
use gtnet_sim::model::config::{PlanConfig, RateScope, WorldConfig};
use gtnet_sim::model::simulate;
use gtnet_sim::observe::{Fact, Observer};
use gtnet_sim::scenario::{NoFiles, Scenario, render};
use gtnet_sim::time::SimTime;

use crate::support::{CLIENT, HUB, blueprint, busy_world};

/// The calls of each provider by instance and day of the measured period.
#[derive(Default)]
struct Calls {
    from: Option<SimTime>,
    by_key: BTreeMap<(usize, usize), BTreeMap<u64, u32>>,
}

impl Observer for Calls {
    fn observe(&mut self, _now: SimTime, fact: &Fact) {
        let Fact::ConnectorCalled { began, instance, provider, .. } = *fact else { return };
        let Some(from) = self.from.filter(|from| began >= *from) else { return };
        let day = began.since(from).as_nanos() / 86_400_000_000_000;
        let days = self.by_key.entry((provider.index(), instance.index())).or_default();
        *days.entry(day).or_default() += 1;
    }
}

fn plan(name: &str, calls_per_day: Option<u32>, price: f64) -> PlanConfig {
    PlanConfig { name: name.to_owned(), calls_per_day, calls_per_month: None, price, per_call: None }
}

/// The calls of each instance to the first provider on its busiest day.
fn busiest_days() -> Vec<u32> {
    let (_, calls) = measured(&busy_world());
    let own = calls.by_key.iter().filter(|((provider, _), _)| *provider == 0);
    own.filter_map(|(_, days)| days.values().copied().max()).collect()
}

/// What about half of the instances call on each day at most.
fn free_calls() -> u32 {
    let mut busiest = busiest_days();
    busiest.sort_unstable();
    busiest[busiest.len() / 2]
}

/// Both providers have a free plan and one without limit; those who call the fast one share a key.
fn priced() -> WorldConfig {
    let mut config = busy_world();
    let free = free_calls();
    config.connectors[0].plans = vec![plan("free", Some(free), 0.0), plan("pro", None, 9.0)];
    config.connectors[1].plans = vec![plan("free", Some(free), 0.0), plan("pro", None, 20.0)];
    config.connectors[1].rate_limit.as_mut().expect("a limit").scope = RateScope::Shared;
    config.groups[HUB].price = Some(4.0);
    config
}

fn measured(config: &WorldConfig) -> (Measurements, Calls) {
    let blueprint = blueprint(config);
    let calls = Calls { from: Some(blueprint.warm_up_end()), ..Calls::default() };
    let mut observer = (Collector::new(&layout(&blueprint)), calls);
    let closing = simulate(&blueprint, 5, 0, &mut observer);
    (observer.0.finish(&closing.pool_sizes), observer.1)
}

#[test]
fn costs_are_those_of_a_plain_count() {
    let config = priced();
    let (measured, calls) = measured(&config);
    let of = |measure: measures::MeasureId| measure.evaluate(&measured).expect("prices");
    // Of the first provider each instance has a key, of the second one all together.
    let own = calls.by_key.iter().filter(|((provider, _), _)| *provider == 0).map(|(_, days)| days.clone());
    let mut together: BTreeMap<u64, u32> = BTreeMap::new();
    for (_, days) in calls.by_key.iter().filter(|((provider, _), _)| *provider == 1) {
        for (day, calls) in days {
            *together.entry(*day).or_default() += calls;
        }
    }
    let free = free_calls();
    let beyond = |days: &BTreeMap<u64, u32>| days.values().map(|calls| calls.saturating_sub(free)).sum::<u32>();
    let own: Vec<u32> = own.map(|days| beyond(&days)).collect();
    let paying = own.iter().filter(|beyond| **beyond > 0).count();
    assert!(paying > 0 && paying < own.len() && beyond(&together) > 0, "{paying} of {}", own.len());
    let expected = 9.0 * paying as f64 + 20.0;
    assert!((of(measures::PROVIDER_COST) - expected).abs() < 1e-9, "{} is not {expected}", of(measures::PROVIDER_COST));
    assert!((of(measures::COST) - expected - 4.0).abs() < 1e-9, "and a hub");
    assert!((of(measures::KEYS_PAYING) - (paying + 1) as f64).abs() < 1e-9);
    let all = f64::from(own.iter().sum::<u32>() + beyond(&together));
    let days = measured.period.as_secs_f64() / 86_400.0;
    assert!((of(measures::CALLS_BEYOND_FREE) - all / days).abs() < 1e-9 * all, "{all} in {days} days");
    assert_eq!(of(measures::CALLS_UNCOVERED).to_bits(), 0.0_f64.to_bits(), "there is a plan without limit");
}

#[test]
fn prices_change_nothing_but_what_is_said_of_money() {
    let config = priced();
    let mut free = config.clone();
    free.connectors.iter_mut().for_each(|connector| connector.plans.clear());
    free.groups[HUB].price = None;
    let [(mut priced, _), (free, _)] = [&config, &free].map(measured);
    assert!(priced.spending.take().is_some() && free.spending.is_none());
    assert_eq!(priced, free);
    // Without GTNet nobody pays for a hub.
    let (without, _) = measured(&config.without_gtnet());
    let spending = without.spending.expect("prices");
    assert!(spending.servers == 0.0 && spending.of_plans() > 0.0, "{spending:?}");
    assert_eq!(config.groups[CLIENT].price, None);
}

/// What is wrong with prices is told with place and remedy; what is right reads back.
#[test]
fn plans_are_read_and_wrong_ones_are_refused() {
    let text = include_str!("../../scenarios/quick.toml");
    let scenario = |set: &[&str]| {
        let set: Vec<String> = set.iter().map(|set| (*set).to_owned()).collect();
        Scenario::parse("quick.toml", text, &set, &NoFiles)
    };
    let read = scenario(&[
        "connector.yahoo.plan.free.calls_per_day=50",
        "connector.yahoo.plan.pro.price=19",
        "connector.yahoo.plan.pro.per_call=0.5",
        "group.hub.price=5",
    ]);
    let read = read.unwrap_or_else(|error| panic!("{}", render(&error, false, 100)));
    let yahoo = read.world().connectors.iter().find(|connector| connector.id == "yahoo").expect("a connector");
    assert_eq!(yahoo.plans[0], plan("free", Some(50), 0.0));
    assert_eq!((yahoo.plans[1].price, yahoo.plans[1].per_call), (19.0, Some(0.5)));
    let again = Scenario::parse("resolved.toml", &read.resolved_toml(), &[], &NoFiles).expect("it reads back");
    assert_eq!(again.world().connectors, read.world().connectors);
    assert_eq!(again.digest(), read.digest());
    for (wrong, told) in [
        ("connector.yahoo.plan.free.price=-1", "connector.yahoo.plan.free.price"),
        ("connector.yahoo.plan.free.calls=9", "calls_per_day"),
        ("group.hub.price=\"much\"", "a number"),
        ("connector.yahoo.plan=3", "a table"),
    ] {
        let error = render(&scenario(&[wrong]).expect_err("refused"), false, 100);
        assert!(error.contains(told) && error.contains("help"), "{wrong}: {error}");
    }
}
