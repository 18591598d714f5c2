//! Runs a scenario file, with and without GTNet, and prints what `gtnet-sim run` would print.
//!
//! `cargo run --release --example run_a_scenario`

use std::error::Error;
use std::path::Path;

use gtnet_sim::experiment::{self, RunOptions, Shard};
use gtnet_sim::report;
use gtnet_sim::scenario::Scenario;

const SCENARIO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/quick.toml");

fn main() -> Result<(), Box<dyn Error>> {
    print!("{}", answer()?);
    Ok(())
}

/// The summary of three replications.
pub(crate) fn answer() -> Result<String, Box<dyn Error>> {
    // A scenario is read and checked as a whole; to change it, lay overrides over it, as `--set` does.
    let overrides = ["run.replications=3".to_owned(), "group.client.count=10".to_owned()];
    let scenario = Scenario::load(Path::new(SCENARIO), &overrides)?;

    // One thread for each core; the number of threads changes no result.
    let options = RunOptions { jobs: None, baseline: true };
    let record = experiment::run(&scenario, options, Shard::WHOLE, &())?;

    Ok(report::text(&record))
}
