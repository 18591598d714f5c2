//! Replications per second with one thread and with two, in turn: read the ratio, which a machine that is busy otherwise
//! makes smaller, never larger.

use std::path::Path;
use std::time::Duration;

use gtnet_sim::experiment::{self, RunOptions, Shard};
use gtnet_sim::scenario::Scenario;

/// Rounds, of which the median counts.
const ROUNDS: usize = 15;

#[expect(clippy::disallowed_types, reason = "a benchmark measures wall clock")]
fn time(scenario: &Scenario, jobs: usize) -> Duration {
    let options = RunOptions { jobs: Some(jobs), baseline: true };
    let begun = std::time::Instant::now();
    let record = experiment::run(scenario, options, Shard::WHOLE, &()).expect("threads start");
    assert_eq!(record.replications.len(), scenario.replications() as usize);
    begun.elapsed()
}

fn main() {
    // `cargo test --benches` only asks whether it runs.
    let (rounds, replications) =
        if std::env::args().any(|argument| argument == "--bench") { (ROUNDS, 24) } else { (1, 2) };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/hub-20-clients.toml");
    let overrides = [format!("run.replications={replications}")];
    let scenario = Scenario::load(&path, &overrides).expect("a scenario of the repository");
    let mut ratios = Vec::new();
    for round in 1..=rounds {
        let (one, two) = (time(&scenario, 1), time(&scenario, 2));
        let ratio = one.as_secs_f64() / two.as_secs_f64();
        let per_s = |time: Duration| f64::from(replications) / time.as_secs_f64();
        println!(
            "{round:2}: {:6.1} replications/s with one thread, {:6.1} with two: {ratio:.3}",
            per_s(one),
            per_s(two)
        );
        ratios.push(ratio);
    }
    ratios.sort_by(f64::total_cmp);
    println!("two threads do {:.2} times as many replications as one (median of {rounds} rounds)", ratios[rounds / 2]);
}
