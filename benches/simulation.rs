//! Whole replications: the flagship's week, with and without GTNet, and with four times the clients. Read the ratios; the
//! times are this machine's at this moment.

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gtnet_sim::model::{Blueprint, simulate};
use gtnet_sim::scenario::Scenario;

fn blueprint(overrides: &[&str]) -> (Blueprint, u64) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/hub-20-clients.toml");
    let overrides: Vec<String> = overrides.iter().map(|text| (*text).to_owned()).collect();
    let scenario = Scenario::load(&path, &overrides).expect("a scenario of the repository");
    (Blueprint::new(scenario.world().clone()), scenario.seed())
}

fn replications(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("replication");
    let (hub, seed) = blueprint(&[]);
    let (large, _) = blueprint(&["group.client.count=80"]);
    let off = Blueprint::new(hub.config().without_gtnet());
    for (name, blueprint) in [("hub, 20 clients", &hub), ("without GTNet", &off), ("hub, 80 clients", &large)] {
        let events = simulate(blueprint, seed, 0, &mut ()).events;
        group.throughput(Throughput::Elements(events));
        group.bench_function(name, |bencher| {
            bencher.iter(|| simulate(black_box(blueprint), seed, 0, &mut ()));
        });
    }
    group.finish();
}

criterion_group!(benches, replications);
criterion_main!(benches);
