//! Takes from a scenario the facts that records keep, so that reports need not read the scenario.

use crate::model::config::{
    ConnectorConfig, FaultTimes, GroupConfig, PeerSelection, PeeringConfig, RateScope, WhenExceeded, WorldConfig,
};
use crate::protocol::{AcceptMode, Preset};
use crate::record::{
    Assumption, Census, MapChoice, MapGroup, MapLink, MapRole, MarkedAssumption, NetworkMap, NoPrices, ProviderLimit,
    RulesBase, ScenarioFacts,
};
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
        visits_zone: visits_zone(world),
        warmup: world.warmup,
        trading_days: world.trading_days(),
        freshness_threshold: world.policy.freshness_threshold,
        fresh_within: fresh_within(world),
        faults_active: faults_active(world),
        server_workers: server_workers(world),
        limits: limits(world),
        clocks_run_free: clocks_run_free(world),
        census: census(world),
        foreseen: foreseen_absences(world),
        starved: starved(world),
        yes_if: scenario.yes_if().to_vec(),
        assumptions: rules(scenario).into_iter().chain(assumptions(world)).collect(),
        marked: marked(scenario),
        network: network(world),
        one_network: world.topology.is_some(),
        resolved_scenario: scenario.resolved_toml(),
    }
}

/// The time zone by which all users of `world` visit; `None` if there are several, or no users.
fn visits_zone(world: &WorldConfig) -> Option<String> {
    let visited = world.groups.iter().filter(|group| group.users > 0 && group.count > 0);
    let mut zones = visited.filter_map(|group| group.visits.as_ref()).map(|visits| visits.zone.name());
    let first = zones.next()?;
    zones.all(|zone| zone == first).then(|| first.to_owned())
}

/// How many messages each push-open server of `world` serves at the same time; `None` if they differ, or there is none.
fn server_workers(world: &WorldConfig) -> Option<u32> {
    let is_server = |group: &&GroupConfig| group.gtnet && group.count > 0 && group.mode == AcceptMode::PushOpen;
    let mut workers = world.groups.iter().filter(is_server).map(|group| group.workers);
    let first = workers.next()?;
    workers.all(|other| other == first).then_some(first)
}

/// The limits of the providers of `world`, and for how many each holds.
fn limits(world: &WorldConfig) -> Vec<ProviderLimit> {
    let may_call: Vec<&GroupConfig> = world.groups.iter().filter(|group| may_call(world, group)).collect();
    let holders = |scope: RateScope| match scope {
        RateScope::Instance => may_call.iter().map(|group| group.count).sum(),
        RateScope::Group => u32::try_from(may_call.len()).expect("few groups"),
        RateScope::Shared => 1,
    };
    let limit = |connector: &ConnectorConfig| {
        let limit = connector.rate_limit.as_ref()?;
        Some(ProviderLimit {
            provider: connector.id.clone(),
            requests: limit.requests,
            per: limit.per,
            holders: holders(limit.scope).max(1),
            refuses: limit.when_exceeded == WhenExceeded::Fail,
        })
    };
    world.connectors.iter().filter_map(limit).collect()
}

/// Whether instances of `group` may call data providers: for their users, or as servers that keep their pools fresh or check what is
/// pushed to them.
fn may_call(world: &WorldConfig, group: &GroupConfig) -> bool {
    let policy = group.policy.as_deref().unwrap_or(&world.policy);
    let has_pool = group.gtnet && group.mode == AcceptMode::PushOpen;
    let calls_for_pool = has_pool && (policy.pool_refresh_interval.is_some() || policy.push_checked_share > 0.0);
    group.count > 0 && (group.users > 0 || calls_for_pool)
}

/// The age up to which prices of `world` count as fresh.
pub(crate) fn fresh_within(world: &WorldConfig) -> SimDuration {
    world.policy.freshness_threshold.unwrap_or(RELEASED_THRESHOLD)
}

/// How long any fault of `world` is active in its measured period, if that is no matter of chance. Spells that overlap count once.
fn faults_active(world: &WorldConfig) -> Option<SimDuration> {
    let mut spells: Vec<(SimDuration, SimDuration)> = Vec::new();
    for fault in &world.faults {
        let FaultTimes::Set(own) = &fault.times else { return None };
        let clipped = |at: SimDuration| at.max(world.warmup).min(world.duration);
        spells.extend(own.iter().map(|spell| {
            // What lasts longer than the run lasts until its end.
            (clipped(spell.begins), clipped(spell.begins + spell.lasts.min(world.duration)))
        }));
    }
    spells.sort_unstable();
    let mut until = world.warmup;
    let mut active = SimDuration::ZERO;
    for (begins, ends) in spells {
        let begins = begins.max(until);
        if ends > begins {
            active += ends - begins;
            until = ends;
        }
    }
    (active > SimDuration::ZERO).then_some(active)
}

/// Whether clocks of instances that take part in `GTNet` run ever farther away from the true time.
pub(super) fn clocks_run_free(world: &WorldConfig) -> bool {
    world.uses_gtnet() && world.groups.iter().any(|group| group.gtnet && group.count > 0 && group.clock.runs_free())
}

/// What would help push-open servers if they turn out to have no prices.
fn starved(world: &WorldConfig) -> NoPrices {
    let has_users = |group: &GroupConfig| group.mode == AcceptMode::PushOpen && group.count > 0 && group.users > 0;
    if world.groups.iter().any(has_users) || !world.policy.received_prices_saved {
        NoPrices::UsersAreNotEnough
    } else {
        NoPrices::NoUsers
    }
}

/// Which rules all instances follow; `None` if some follow others, or nobody takes part in `GTNet`.
fn rules(scenario: &Scenario) -> Option<Assumption> {
    let world = scenario.world();
    let is_one = world.groups.iter().all(|group| group.policy.is_none());
    let (preset, changed) = scenario.preset();
    let base = match preset {
        Preset::SevenStep => RulesBase::Planned,
        Preset::GeneralFlow => RulesBase::PlannedFirst,
        Preset::Gt0365 => RulesBase::Release5,
        Preset::Gt0365Deployed => RulesBase::Release5Deployed,
        Preset::Gt0368 => RulesBase::Release8,
        Preset::Gt0369 => RulesBase::Release9,
    };
    (is_one && world.uses_gtnet()).then_some(Assumption::Rules { base, changed: changed.to_vec() })
}

/// The assumptions that the answers hinge on most (`docs/assumptions.md`): of providers that somebody can ask, and of groups with
/// users.
fn assumptions(world: &WorldConfig) -> Vec<Assumption> {
    let range = |values: &[f64]| {
        let least = values.iter().copied().reduce(f64::min)?;
        Some((least, values.iter().copied().fold(least, f64::max)))
    };
    let median = |connector: &ConnectorConfig| connector.latency.quantile(0.5);
    let latencies: Vec<f64> =
        world.connectors.iter().filter(|connector| !connector.serves.is_empty()).map(median).collect();
    let users = || world.groups.iter().filter(|group| group.count > 0 && group.users > 0 && group.visits.is_some());
    let visits: Vec<f64> = users().filter_map(|group| group.visits.as_ref()).map(|visits| visits.per_day).collect();
    let lengths: Vec<f64> = users()
        .map(|group| group.watchlist.instruments.usual_range())
        .flat_map(|(least, most)| [least, most])
        .map(|length| libm::round(length).clamp(1.0, f64::from(world.instruments.choosable())))
        .collect();
    [
        range(&latencies).map(|(least_s, most_s)| Assumption::ProviderLatency { least_s, most_s }),
        range(&visits).map(|(least, most)| Assumption::VisitsPerDay { least, most }),
        range(&lengths).map(|(least, most)| Assumption::WatchlistLength { least, most }),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn marked(scenario: &Scenario) -> Vec<MarkedAssumption> {
    let marked = scenario.marked_assumptions().into_iter();
    let owned = marked.map(|(table, line)| MarkedAssumption {
        table: table.to_owned(),
        written: line.written.clone(),
        remark: line.remark.clone(),
    });
    owned.collect()
}

fn network(world: &WorldConfig) -> NetworkMap {
    let role = |group: &GroupConfig| match group.mode {
        _ if !group.gtnet => MapRole::Apart,
        AcceptMode::PushOpen => MapRole::PushOpen,
        AcceptMode::Open => MapRole::Open,
        AcceptMode::Closed => MapRole::Closed,
    };
    let group = |group: &GroupConfig| MapGroup {
        name: group.name.clone(),
        count: group.count,
        users: group.users,
        role: role(group),
    };
    let choice = |select: &PeerSelection| match select {
        PeerSelection::All => MapChoice::All,
        PeerSelection::Random(count) => MapChoice::Random(*count),
        PeerSelection::Nearest(count) => MapChoice::Nearest(*count),
        PeerSelection::InTurn(count) => MapChoice::InTurn(*count),
        PeerSelection::Edges(pairs) => MapChoice::Listed(u32::try_from(pairs.len()).unwrap_or(u32::MAX)),
    };
    let takes_part = |index: usize| world.groups[index].gtnet;
    // A priority of 0 means never to ask.
    let asks = |peering: &&PeeringConfig| peering.priority > 0 && takes_part(peering.from) && takes_part(peering.to);
    let link =
        |peering: &PeeringConfig| MapLink { from: peering.from, to: peering.to, choice: choice(&peering.select) };
    NetworkMap {
        groups: world.groups.iter().map(group).collect(),
        links: world.peerings.iter().filter(asks).map(link).collect(),
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::NoFiles;

    const TEXT: &str = r#"
        [scenario]
        name = "one"
        question = "Whom do limits hold for?"
        [run]
        start = 2026-03-02T00:00:00Z
        duration = "2d"
        warmup = "1d"
        seed = 1
        replications = 1
        [protocol]
        preset = "seven-step"
        [instruments]
        securities = 20
        currency_pairs = 0
        markets = { XSWX = 1.0 }
        [network]
        rtt = { constant = "40ms" }
        [connector.a]
        serves = { XSWX = 1.0 }
        delay = "15min"
        rate_limit = { requests = 60, per = "1h", scope = "instance", when_exceeded = "fail" }
        [group.hub]
        count = 2
        mode = "push-open"
        [group.client]
        count = 5
        mode = "open"
        users = 3
        watchlist = { instruments = 20 }
        visits = { per_day = 8, profile = "office", time_zone = "Europe/Zurich" }
        [[peering]]
        from = "client"
        to = "hub"
    "#;

    fn scenario(overrides: &[&str]) -> Scenario {
        let overrides: Vec<String> = overrides.iter().map(|text| (*text).to_owned()).collect();
        let scenario = Scenario::parse("test.toml", TEXT, &overrides, &NoFiles);
        scenario.unwrap_or_else(|error| panic!("{overrides:?}: {error}"))
    }

    fn limit(overrides: &[&str]) -> ProviderLimit {
        limits(scenario(overrides).world()).pop().expect("a limit")
    }

    #[test]
    fn a_limit_holds_for_all_who_may_call() {
        let holders = |overrides: &[&str]| {
            let of_scope = |scope: &str| {
                let scope = format!("connector.a.rate_limit.scope=\"{scope}\"");
                limit(&[overrides, &[scope.as_str()]].concat()).holders
            };
            ["instance", "group", "shared"].map(of_scope)
        };
        assert_eq!(holders(&[]), [5, 1, 1], "hubs call nobody");
        assert_eq!(holders(&["protocol.pool_refresh_interval=\"15min\""]), [7, 2, 1]);
        assert_eq!(holders(&["protocol.push_checked_share=0.1"]), [7, 2, 1]);
        let scenario = scenario(&[]);
        let client = &scenario.world().groups[1];
        let nobody = GroupConfig { count: 0, ..client.clone() };
        assert!(may_call(scenario.world(), client) && !may_call(scenario.world(), &nobody));
    }

    #[test]
    fn a_limit_refuses_calls_or_makes_them_wait() {
        assert!(limit(&[]).refuses);
        assert!(!limit(&["connector.a.rate_limit.when_exceeded=\"wait\""]).refuses);
    }
}
