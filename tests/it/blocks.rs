//! Networks that fall apart: which do, into what, and that nothing is measured otherwise than in one piece. `examples/swarm.rs` tries
//! random ones.

use gtnet_sim::experiment::{replicate, replicate_in_blocks};
use gtnet_sim::model::Blocks;
use gtnet_sim::model::config::{
    ChurnConfig, FaultConfig, FaultKind, FaultSpell, FaultTarget, FaultTimes, GroupConfig, InstanceFault,
    PeerSelection, RateLimit, RateScope, WhenExceeded, WorldConfig,
};
use gtnet_sim::protocol::{Policy, Preset};
use gtnet_sim::time::SimDuration;

use crate::support::{CLIENT, HUB, blueprint, busy_world};

/// Three hubs, the first of which is asked by clients 0 and 3, the second by 1, and the third by nobody. Client 2 is alone.
fn apart() -> WorldConfig {
    let mut config = busy_world();
    config.groups.truncate(2);
    config.groups[HUB].count = 3;
    config.groups[CLIENT].count = 4;
    config.peerings.truncate(1);
    config.peerings[0].select = PeerSelection::Edges(vec![(0, 0), (1, 1), (3, 0)]);
    for connector in &mut config.connectors {
        connector.rate_limit = Some(RateLimit {
            requests: 30,
            per: SimDuration::from_secs(60),
            scope: RateScope::Instance,
            when_exceeded: WhenExceeded::Fail,
            blocks_for: None,
        });
    }
    config
}

fn blocks(config: &WorldConfig, at_most: u64) -> Option<Vec<Vec<u32>>> {
    let blocks = Blocks::of(config, at_most)?;
    Some((0..blocks.len()).map(|at| blocks.numbers(at).to_vec()).collect())
}

#[test]
fn a_network_falls_apart_where_nobody_knows_each_other() {
    let config = apart();
    assert_eq!(config.groups[HUB].users, 0, "a hub weighs one, a client one and its users");
    assert_eq!(blocks(&config, 1), Some(vec![vec![0, 3, 6], vec![1, 4], vec![2], vec![5]]));
    let alone: Vec<Vec<u32>> = (0..7).map(|instance| vec![instance]).collect();
    assert_eq!(blocks(&config.without_gtnet(), 1), Some(alone));
    assert_eq!(blocks(&config, 1_000), None, "there is no need");
    let mut turns = config;
    for (each, expected) in
        [(1, vec![vec![0, 3, 6], vec![1, 4], vec![2, 5]]), (2, vec![(0..7).collect()]), (9, vec![(0..7).collect()])]
    {
        turns.peerings[0].select = PeerSelection::InTurn(each);
        assert_eq!(blocks(&turns, 1).unwrap_or_else(|| vec![(0..7).collect()]), expected, "{each} in turn");
    }
}

#[test]
fn what_might_connect_instances_keeps_them_together() {
    type Change = fn(&mut WorldConfig);
    let changes: [(&str, Change); 8] = [
        ("all", |config| config.peerings[0].select = PeerSelection::All),
        ("random", |config| config.peerings[0].select = PeerSelection::Random(1)),
        ("nearest", |config| config.peerings[0].select = PeerSelection::Nearest(1)),
        ("a key of a group", |config| limited(config, RateScope::Group)),
        ("a key of all", |config| limited(config, RateScope::Shared)),
        ("calls that are held back", |config| {
            config.connectors[0].rate_limit.as_mut().expect("a limit").when_exceeded = WhenExceeded::Wait;
        }),
        ("who joins", |config| {
            let (from, until) = (SimDuration::ZERO, SimDuration::from_hours(1));
            config.groups[CLIENT].churn = Some(ChurnConfig { present: 1, from, until, stays_s: None });
        }),
        ("a fault", |config| {
            let at = vec![FaultTarget { group: HUB, number: Some(0) }];
            let spell = FaultSpell { begins: SimDuration::ZERO, lasts: SimDuration::from_hours(1) };
            let kind = FaultKind::Instances { at, fault: InstanceFault::Busy };
            config.faults = vec![FaultConfig { name: "busy".to_owned(), kind, times: FaultTimes::Set(vec![spell]) }];
        }),
    ];
    for (name, change) in changes {
        let mut config = apart();
        change(&mut config);
        assert_eq!(blocks(&config, 1), None, "{name}");
    }
}

fn limited(config: &mut WorldConfig, scope: RateScope) {
    config.connectors[0].rate_limit.as_mut().expect("a limit").scope = scope;
}

#[test]
fn blocks_measure_what_the_network_does_in_one_piece() {
    let mut config = apart();
    config.duration = SimDuration::from_days(3);
    // What one exchange leaves behind must not reach the next one, which may be one under other rules.
    let other_rules = Policy { retry_bands: None, connector_min_interval: None, ..Policy::of(Preset::Gt0369) };
    let others = GroupConfig {
        name: "others".to_owned(),
        count: 3,
        policy: Some(Box::new(other_rules)),
        ..config.groups[CLIENT].clone()
    };
    config.groups.push(others);
    for config in [config.without_gtnet(), config] {
        let blueprint = blueprint(&config);
        let whole = replicate(&blueprint, 7, 3);
        assert!(whole.visits > 100 && whole.days.len() == 3, "{} visits", whole.visits);
        assert!(whole.connectors.iter().any(|provider| provider.rate_limited > 0), "calls are refused");
        for at_most in [1, 2, 9] {
            assert_eq!(replicate_in_blocks(&blueprint, 7, 3, at_most), whole, "blocks of at most {at_most}");
        }
    }
}
