//! Peers in turn: the same worlds as with a list of their pairs; and the benchmark scenarios, in which millions are asked so.

use std::path::Path;

use gtnet_sim::experiment::Cost;
use gtnet_sim::model::config::{PeerSelection, PeeringConfig, WorldConfig};
use gtnet_sim::random::Distribution;
use gtnet_sim::scenario::{NoFiles, Scenario, render};
use gtnet_sim::time::SimDuration;

use crate::support::{CLIENT, HUB, around_the_clock, ideal_world, measure};

/// Two days of `clients` clients at `hubs` hubs, whose messages take their time.
fn world(clients: u32, hubs: u32) -> WorldConfig {
    let mut config = ideal_world(clients);
    config.groups[HUB].count = hubs;
    config.groups[CLIENT].visits = Some(around_the_clock(48.0));
    config.groups[CLIENT].watchlist.instruments = Distribution::Constant(5.0);
    config.instruments.securities = 30;
    config.duration = SimDuration::from_days(2);
    config
}

#[test]
fn peers_in_turn_are_those_of_the_list_of_all_pairs() {
    let edges = |clients: u32, servers: u32, each: u32, within: bool| -> Vec<(u32, u32)> {
        let of = |client: u32| {
            let in_turn = (0..servers).map(move |ahead| (client * each + ahead) % servers);
            in_turn.filter(move |server| !within || *server != client).take(each as usize).map(move |to| (client, to))
        };
        (0..clients).flat_map(of).collect()
    };
    let with = |hubs: PeerSelection, clients: PeerSelection| {
        let mut config = world(7, 3);
        let peering = |to, select, priority| PeeringConfig { from: CLIENT, to, select, priority, granted: to == HUB };
        config.peerings = vec![peering(CLIENT, clients, 5), peering(HUB, hubs, 10)];
        measure(&config, 1, 0)
    };
    let in_turn = with(PeerSelection::InTurn(2), PeerSelection::InTurn(3));
    // Listed backwards: the order of a list means nothing.
    let mut backwards = edges(7, 3, 2, false);
    backwards.reverse();
    let listed = with(PeerSelection::Edges(backwards), PeerSelection::Edges(edges(7, 7, 3, true)));
    assert_eq!(in_turn, listed);
    assert!(in_turn.servers.iter().all(|server| server.requests > 100), "all three hubs are asked");
    assert_ne!(in_turn, with(PeerSelection::InTurn(1), PeerSelection::InTurn(3)));
}

#[test]
fn clients_in_turn_are_as_many_at_each_server() {
    let mut config = world(20, 5);
    config.peerings[0].select = PeerSelection::InTurn(1);
    let arrivals: Vec<u64> = measure(&config, 1, 0).servers.iter().map(|server| server.requests).collect();
    // Four clients with a visit every half hour, for a day: 192 and 14 more or less.
    assert!(arrivals.len() == 5 && arrivals.iter().all(|requests| requests.abs_diff(192) < 60), "{arrivals:?}");
}

fn parse(overrides: &[&str]) -> Result<Scenario, String> {
    let text = std::fs::read_to_string("tests/it/fixtures/group_without_peers.toml").expect("the fixture");
    let peering = "\n[[peering]]\nfrom = \"client\"\nto = \"hub\"\n[[peering]]\nfrom = \"client\"\nto = \"client\"\n";
    let overrides: Vec<String> = overrides.iter().map(|&text| text.to_owned()).collect();
    let parsed = Scenario::parse("turns.toml", &(text + peering), &overrides, &NoFiles);
    parsed.map_err(|error| render(&error, false, 120))
}

#[test]
fn no_more_are_asked_in_turn_than_there_are() {
    let select = |count: &str| parse(&[&format!("peering.1.select={{ in_turn = {count} }}")]);
    assert_eq!(select("19").expect("all others").world().peerings[1].select, PeerSelection::InTurn(19));
    for (count, told) in [("20", "19 others"), ("0", "must be from 1 to 100,000,000"), ("0.5", "whole number")] {
        let error = select(count).expect_err("too many, none, or half of one");
        assert!(error.contains(told), "{error}");
    }
}

#[test]
fn the_memory_decides_how_many_instances_there_may_be() {
    let many = parse(&["group.client.count=100000000", "peering.1.select={ in_turn = 1 }"]).expect("it has numbers");
    assert!(Cost::of_run(&many, 1.0, false).bytes(1) > 1e11, "no client fits into a kilobyte");
    let error = parse(&["group.client.count=100000001"]).expect_err("too many");
    assert!(error.contains("`group.client.count` is 100000001, but must be from 1 to 100,000,000"), "{error}");
    let full = ["group.hub.count=100000000", "group.client.count=100000000"];
    parse(&[full[0], full[1], "group.client.users=40"]).expect("4,000,000,000 users have numbers");
    let error = parse(&[full[0], full[1], "group.client.users=50"]).expect_err("too many users");
    assert!(error.contains("users"), "{error}");
}

/// The two larger ones are the first one, larger: twenty clients at each server.
#[test]
fn the_benchmark_scenarios_differ_in_size_alone() {
    let load = |size: &str, overrides: &[&str]| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("scenarios/bench/w2-{size}.toml"));
        let overrides: Vec<String> = overrides.iter().map(|&text| text.to_owned()).collect();
        Scenario::load(&path, &overrides).unwrap_or_else(|error| panic!("{}", render(&error, false, 120)))
    };
    let small = load("10k", &[]);
    for (size, clients) in [("10k", 10_000), ("100k", 100_000), ("1m", 1_000_000)] {
        let scenario = load(size, &[]);
        let counts: Vec<u32> = scenario.world().groups.iter().map(|group| group.count).collect();
        assert_eq!(counts, [clients / 20, clients]);
        let scaled = load(size, &["group.server.count=500", "group.client.count=10000"]);
        assert_eq!(scaled.world(), small.world());
    }
    let bytes = |size: &str| Cost::of_run(&load(size, &[]), 1.0, false).bytes(1);
    assert!((7.0..11.0).contains(&(bytes("1m") / bytes("100k"))), "memory grows with the clients");
    // Of 100 of them, in a day: a third of the instruments come from the servers, as other simulators found.
    let measured = measure(load("10k", &["group.server.count=5", "group.client.count=100"]).world(), 42, 0);
    let share = measured.fills.push_open as f64 / (30 * measured.visits) as f64;
    assert!((0.33..0.355).contains(&share), "{share} of the instruments");
}
