//! Whoever waits is told how far each simulation is, not only how many are done.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use gtnet_sim::experiment::{Kept, NoLedger, Progress, Replications, RunOptions, Shard, Simulator, run};
use gtnet_sim::scenario::Scenario;

/// Counts what it is told.
#[derive(Debug, Default)]
struct Counted {
    expected: AtomicU64,
    thousandths: AtomicU64,
    tellings: AtomicU64,
}

impl Progress for Counted {
    fn expects(&self, simulations: u64) {
        self.expected.fetch_add(simulations, Ordering::Relaxed);
    }

    fn advances(&self, thousandths: u64) {
        self.thousandths.fetch_add(thousandths, Ordering::Relaxed);
        self.tellings.fetch_add(1, Ordering::Relaxed);
    }
}

fn quick() -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/quick.toml");
    Scenario::load(&path, &["run.replications=2".to_owned()]).expect("a scenario of the repository")
}

fn assert_whole(counted: &Counted, simulations: u64) {
    let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
    assert_eq!(of(&counted.expected), simulations);
    assert_eq!(of(&counted.thousandths), 1_000 * simulations, "all of each is told");
    // The visits of two office days fall into many of the thousand parts of the run.
    assert!(of(&counted.tellings) > 100 * simulations, "{counted:?}: too few to see anything go on");
}

#[test]
fn a_run_tells_how_far_each_simulation_is() {
    let counted = Counted::default();
    let options = RunOptions { jobs: Some(2), baseline: true };
    run(&quick(), options, Shard::WHOLE, &counted).expect("threads");
    assert_whole(&counted, 4);
}

#[test]
fn a_study_tells_how_far_each_simulation_is() {
    let counted = Counted::default();
    let options = RunOptions { jobs: Some(2), baseline: true };
    let quick = quick();
    let mut simulator =
        Simulator::new([&quick], Kept::Histograms, options, Shard::WHOLE, &NoLedger, &counted).expect("threads");
    simulator.provide(&[2]).expect("nothing is kept");
    assert_whole(&counted, 4);
}
