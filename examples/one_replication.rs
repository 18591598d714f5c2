//! Simulates the first replication of a scenario with all its measures, and prints how much happened. It does nothing else, so
//! `tests/instructions.sh` can count what a simulation costs.
//!
//! `cargo run --release --example one_replication FILE [KEY=VALUE…]`

use std::error::Error;
use std::path::Path;

use gtnet_sim::experiment::layout;
use gtnet_sim::metrics::Collector;
use gtnet_sim::model::{Blueprint, simulate};
use gtnet_sim::scenario::Scenario;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (file, overrides) = arguments.split_first().ok_or("one_replication FILE [KEY=VALUE…]")?;
    println!("{}", happened(&Scenario::load(Path::new(file), overrides)?));
    Ok(())
}

/// How much happened in the first replication of a scenario.
pub(crate) fn happened(scenario: &Scenario) -> String {
    let blueprint = Blueprint::new(scenario.world().clone());
    let mut collector = Collector::new(&layout(&blueprint));
    let closing = simulate(&blueprint, scenario.seed(), 0, &mut collector);
    let measured = collector.finish(&closing.pool_sizes);
    format!("{} events, {} visits, {} messages", closing.events, measured.visits, measured.messages.sent)
}
