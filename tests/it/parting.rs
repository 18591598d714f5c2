//! `compare --first-difference`: where the whole difference of two worlds is known by hand, the mechanisms name it; everywhere they add
//! up to what the results count.

use std::collections::BTreeMap;
use std::path::Path;

use gtnet_sim::model::config::WorldConfig;
use gtnet_sim::observe::{Fact, InstanceId, Observer};
use gtnet_sim::parting::{Gain, Mechanism, ParentScenario, Parting, RunChange, tell};
use gtnet_sim::protocol::{AcceptMode, PushBack};
use gtnet_sim::scenario::Scenario;
use gtnet_sim::time::{SimDuration, SimTime};
use proptest::prelude::*;

use crate::properties::world;
use crate::support::{around_the_clock, blueprint, group, ideal_world, measure, watch};

const FRESH_WITHIN: SimDuration = SimDuration::from_secs(1_500);

const SEED: u64 = 7;

fn parting(first: &WorldConfig, second: &WorldConfig, seed: u64) -> Parting {
    let blueprints = [blueprint(first), blueprint(second)];
    Parting::between([&blueprints[0], &blueprints[1]], [FRESH_WITHIN; 2], (seed, 0)).expect("little is seen")
}

/// Who visits when.
#[derive(Default)]
struct Visits(Vec<(SimTime, InstanceId)>);

impl Observer for Visits {
    fn observe(&mut self, now: SimTime, fact: &Fact) {
        if let Fact::VisitBegan { instance } = *fact {
            self.0.push((now, instance));
        }
    }
}

/// Two days of two clients, and of what the hub saves them. Nothing takes any time, so by hand: the hub has the price that was fetched
/// last. A client whose own price is older takes it; any other client fetches one, which the hub gets.
fn hub_and_what_it_saves() -> (WorldConfig, RunChange) {
    let config = WorldConfig { duration: SimDuration::from_days(2), ..ideal_world(2) };
    let mut visits = Visits::default();
    watch(&config, SEED, &mut visits);
    let from = SimTime::START + config.warmup;
    let mut saved = RunChange::default();
    let (mut at_hub, mut own) = (None, BTreeMap::new());
    for (began, client) in visits.0 {
        let Some(fetched) = at_hub.filter(|fetched| own.get(&client) < Some(fetched)) else {
            at_hub = Some(began);
            own.insert(client, began);
            continue;
        };
        own.insert(client, fetched);
        if began >= from {
            let age = began.since(fetched);
            saved.pairs += 1;
            saved.calls.fewer += 1;
            saved.fresh.fewer += u64::from(age > FRESH_WITHIN);
            saved.age_nanos += i128::from(age.as_nanos());
        }
    }
    assert!(saved.pairs > 3 && saved.fresh.fewer > 0, "{saved:?}");
    (config, saved)
}

#[test]
fn a_hub_saves_the_calls_whose_prices_it_has() {
    let (with_hub, saved) = hub_and_what_it_saves();
    let without = WorldConfig { peerings: Vec::new(), ..with_hub.clone() };
    let there = parting(&without, &with_hub, SEED);
    assert_eq!(there.change_by(Mechanism::ServerUnknown), saved);
    assert_eq!((there.mechanisms.len(), there.whole.net()), (1, saved.net()));
    let back = parting(&with_hub, &without, SEED);
    let turned = |gain: Gain| Gain { more: gain.fewer, fewer: gain.more };
    let lost =
        RunChange { calls: turned(saved.calls), fresh: turned(saved.fresh), age_nanos: -saved.age_nanos, ..saved };
    assert_eq!((back.change_by(Mechanism::ServerUnknown), back.mechanisms.len()), (lost, 1));
    assert_eq!(back.paired_visits, back.pairs, "one instrument");
}

#[test]
fn without_pushes_the_hub_has_nothing() {
    let (pushing, saved) = hub_and_what_it_saves();
    let mut silent = pushing.clone();
    silent.policy.push_back = PushBack::None;
    let parting = parting(&silent, &pushing, SEED);
    assert_eq!(parting.change_by(Mechanism::PushedThere), saved);
    assert_eq!((parting.mechanisms.len(), parting.whole.net()), (1, saved.net()));
}

#[test]
fn visits_of_other_users_do_not_pair() {
    let (config, _) = hub_and_what_it_saves();
    let mut renamed = config.clone();
    renamed.groups[1].name = "guest".to_owned();
    let apart = parting(&config, &renamed, SEED);
    assert_eq!((apart.paired_visits, apart.mechanisms.len()), (0, 0));
    let measured = [&config, &renamed].map(|config| measure(config, SEED, 0).visits);
    assert_eq!(apart.unpaired.each_ref().map(|only| only.visits), measured);
    assert_eq!(apart.unpaired.each_ref().map(|only| only.of_other_users), measured);

    let mut with_guest = config.clone();
    with_guest.groups.push(gtnet_sim::model::config::GroupConfig {
        visits: Some(around_the_clock(8.0)),
        ..group("guest", 1, AcceptMode::Closed)
    });
    let joined = parting(&config, &with_guest, SEED);
    assert_eq!(
        (joined.paired_visits, joined.mechanisms.len()),
        (measured[0], 0),
        "a guest who asks nobody changes nobody"
    );
    assert_eq!(joined.unpaired[0].visits, 0);
    assert_eq!(joined.unpaired[1].change.net(), joined.whole.net(), "the guest makes all of the difference");
    assert!(joined.whole.calls.more > 0);
}

#[test]
fn a_world_does_not_part_from_itself() {
    let (config, _) = hub_and_what_it_saves();
    let same = parting(&config, &config, SEED);
    assert_eq!((same.whole, same.mechanisms.len()), (RunChange::default(), 0));
    assert!(same.pairs > 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, ..ProptestConfig::default() })]

    /// Two random worlds have some users in common, or all with other rules.
    #[test]
    fn mechanisms_add_up_to_what_the_results_count(first in world(), second in world(), seed in 0_u64..1_000) {
        let other_rules = WorldConfig { policy: second.policy, network: second.network.clone(), ..first.clone() };
        let first_measured = measure(&first, seed, 0);
        for second in [other_rules, second] {
            let parting = parting(&first, &second, seed);
            let second_measured = measure(&second, seed, 0);
            let counted = [&first_measured, &second_measured].map(|run| {
                let calls: u64 = run.instances.iter().map(|instance| instance.connector_calls).sum();
                [calls, run.price_age.count(), run.prices_fresh].map(u64::cast_signed)
            });
            let less = |at: usize| counted[1][at] - counted[0][at];
            let ages = [&first_measured, &second_measured].map(|run| i128::try_from(run.price_age.sum_nanos()).expect("a few years"));
            prop_assert_eq!(parting.sum().net(), (less(0), less(1), less(2), ages[1] - ages[0]));
        }
    }
}

/// A few clients on three days, of which the last is measured.
const SHORT: [&str; 3] = ["run.duration=4d", "run.warmup=3d", "group.client.count=4"];

fn told(files: [&str; 2]) -> String {
    let scenarios = files.map(|file| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        Scenario::load(&path, &SHORT.map(str::to_owned)).unwrap_or_else(|error| panic!("{file}: {error}"))
    });
    let set = SHORT.map(|value| format!(" --set {value}")).concat();
    let parents = [0, 1].map(|at: usize| ParentScenario {
        label: scenarios[at].name(),
        scenario: &scenarios[at],
        fresh_within: FRESH_WITHIN,
        command: format!("gtnet-sim explain {}{set}", files[at]),
    });
    tell([&parents[0], &parents[1]], 0).expect("little is seen")
}

#[test]
fn the_document_shows_where_two_runs_part() {
    let document = include_str!("../../docs/explain.md");
    let output = told(["scenarios/protocol/push-back-responders.toml", "scenarios/protocol/push-back-none.toml"]);
    assert!(document.contains(&format!("```text\n{output}```")), "docs/explain.md lacks this output:\n{output}");
}

#[test]
fn the_document_lists_every_mechanism() {
    let document = include_str!("../../docs/explain.md");
    let rows: Vec<&str> = document
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` | ").map(|(name, _)| name))
        .collect();
    let names = Mechanism::ALL.map(Mechanism::name);
    assert!(rows.windows(names.len()).any(|rows| rows == names), "in their order: {names:?}");
}
