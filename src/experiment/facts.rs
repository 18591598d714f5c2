//! Takes from a scenario the facts that records keep, so that reports need not read the scenario.

use crate::model::config::WorldConfig;
use crate::protocol::AcceptMode;
use crate::record::{Census, ScenarioFacts};
use crate::scenario::Scenario;
use crate::time::SimDuration;

use super::foreseen_absences;

/// The freshness threshold of the released system. If the scenario's policy has none, prices count as fresh up to this
/// age.
const RELEASED_THRESHOLD: SimDuration = SimDuration::from_secs(1_500);

/// The facts of `scenario`.
#[must_use]
pub(crate) fn scenario_facts(scenario: &Scenario) -> ScenarioFacts {
    let world = scenario.world();
    ScenarioFacts {
        digest: scenario.digest(),
        seed: scenario.seed(),
        gtnet: world.uses_gtnet(),
        measured_from: world.start + world.warmup,
        warmup: world.warmup,
        trading_days: world.trading_days(),
        freshness_threshold: world.policy.freshness_threshold,
        fresh_within: fresh_within(world),
        clocks_run_free: clocks_run_free(world),
        census: census(world),
        foreseen: foreseen_absences(world),
        yes_if: scenario.yes_if().to_vec(),
        resolved_scenario: scenario.resolved_toml(),
    }
}

/// The age up to which prices of `world` count as fresh.
pub(super) fn fresh_within(world: &WorldConfig) -> SimDuration {
    world.policy.freshness_threshold.unwrap_or(RELEASED_THRESHOLD)
}

/// Whether clocks of instances that take part in `GTNet` run ever farther away from the true time.
pub(super) fn clocks_run_free(world: &WorldConfig) -> bool {
    world.uses_gtnet() && world.groups.iter().any(|group| group.gtnet && group.count > 0 && group.clock.runs_free())
}

fn census(world: &WorldConfig) -> Census {
    let mut census = Census::default();
    for group in &world.groups {
        let takes_part = |mode: AcceptMode| if group.gtnet && group.mode == mode { group.count } else { 0 };
        census.instances += group.count;
        census.with_users += if group.users > 0 { group.count } else { 0 };
        census.users += group.count * group.users;
        census.push_open += takes_part(AcceptMode::PushOpen);
        census.open += takes_part(AcceptMode::Open);
    }
    census
}
