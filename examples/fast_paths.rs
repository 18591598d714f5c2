//! What folding connector calls saves: of each scenario, the share of exchanges whose calls are made in one step, and how many times as fast
//! one replication is then. Both ways measure the same, or this ends with an error. Prints the table of `docs/performance.md`.
//!
//! `cargo run --release --example fast_paths [FILE…]`; without files, all scenarios of the repository that take less than minutes.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Duration;

use gtnet_sim::experiment::layout;
use gtnet_sim::metrics::Collector;
use gtnet_sim::model::{Blueprint, Closing, simulate};
use gtnet_sim::observe::{Fact, Observer};
use gtnet_sim::scenario::{Scenario, ScenarioFile};
use gtnet_sim::time::SimTime;

/// Rounds, of which the fastest counts: whatever else the machine does makes a run slower, never faster.
const ROUNDS: u32 = 5;

/// Both ways in one scenario.
pub(crate) struct BothWays {
    /// Exchanges of the replication.
    pub(crate) exchanges: u64,
    /// Those whose calls were made in one step.
    pub(crate) folded: u64,
    /// How long the plain way takes over how long the fast way takes.
    pub(crate) speed_up: f64,
}

/// An observer that needs facts in order, and so gets the plain way.
struct InOrder<O>(O);

impl<O: Observer> Observer for InOrder<O> {
    fn observe(&mut self, now: SimTime, fact: &Fact) {
        self.0.observe(now, fact);
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let named: Vec<PathBuf> = std::env::args().skip(1).map(PathBuf::from).collect();
    let files = if named.is_empty() { all_scenarios()? } else { named };
    println!("| scenario | exchanges of a replication | folded | speed-up |\n|---|--:|--:|--:|");
    for file in files {
        for (name, scenario) in scenarios_of(&file)? {
            let BothWays { exchanges, folded, speed_up } = both_ways(&scenario, ROUNDS)?;
            let share = 100.0 * folded as f64 / exchanges.max(1) as f64;
            println!("| {name} | {exchanges} | {share:.0} % | {speed_up:.2} |");
        }
    }
    Ok(())
}

/// The scenarios below `scenarios`, but for the benchmarks.
fn all_scenarios() -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut files = Vec::new();
    for folder in ["", "findings", "faults", "protocol", "explain"] {
        for entry in root.join(folder).read_dir()? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "toml") {
                files.push(path);
            }
        }
    }
    files.sort_unstable();
    Ok(files)
}

/// The scenario of a file, or its variants, by name.
fn scenarios_of(file: &Path) -> Result<Vec<(String, Scenario)>, Box<dyn Error>> {
    let name = file.file_stem().expect("a file has a name").to_string_lossy();
    // A file with less than two variants has none to compare.
    let Ok(study) = ScenarioFile::read(file)?.variants(&[]) else {
        return Ok(vec![(name.into_owned(), Scenario::load(file, &[])?)]);
    };
    Ok(study.points.into_iter().map(|point| (format!("{name}, {}", point.label), point.scenario)).collect())
}

/// Simulates the first replication of a scenario in both ways, in turns.
///
/// # Errors
///
/// If they do not measure the same.
pub(crate) fn both_ways(scenario: &Scenario, rounds: u32) -> Result<BothWays, Box<dyn Error>> {
    let blueprint = Blueprint::new(scenario.world().clone());
    let layout = layout(&blueprint);
    let mut result = BothWays { exchanges: 0, folded: 0, speed_up: 0.0 };
    let (mut fast, mut plain) = (Duration::MAX, Duration::MAX);
    for _ in 0..rounds {
        let mut collector = Collector::new(&layout);
        let (closing, time) = timed(&blueprint, scenario.seed(), &mut collector);
        (result.exchanges, result.folded, fast) = (closing.exchanges, closing.exchanges_folded, fast.min(time));
        let measured = collector.finish(&closing.pool_sizes);
        let mut in_order = InOrder(Collector::new(&layout));
        let (closing, time) = timed(&blueprint, scenario.seed(), &mut in_order);
        plain = plain.min(time);
        if closing.exchanges_folded > 0 || in_order.0.finish(&closing.pool_sizes) != measured {
            return Err(format!("{}: connector calls made in one step measure something else", scenario.name()).into());
        }
    }
    result.speed_up = plain.as_secs_f64() / fast.as_secs_f64();
    Ok(result)
}

#[expect(clippy::disallowed_types, reason = "a benchmark measures wall clock")]
fn timed(blueprint: &Blueprint, seed: u64, observer: &mut dyn Observer) -> (Closing, Duration) {
    let begun = std::time::Instant::now();
    let closing = simulate(blueprint, seed, 0, observer);
    (closing, begun.elapsed())
}
