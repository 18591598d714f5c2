//! Compares two policies in one world: the same users with the same luck, once with the freshness threshold and once without.
//!
//! `cargo run --release --example compare_policies`

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;

use gtnet_sim::experiment::replicate;
use gtnet_sim::measures::{CONNECTOR_CALLS, MeasureId, PRICE_AGE_MEAN};
use gtnet_sim::model::{Blueprint, ValidWorld};
use gtnet_sim::scenario::Scenario;
use gtnet_sim::stats::{Paired, Sample};

const SCENARIO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/quick.toml");
const REPLICATIONS: u32 = 5;
const CONFIDENCE: f64 = 0.95;

fn main() -> Result<(), Box<dyn Error>> {
    print!("{}", answer()?);
    Ok(())
}

/// What the threshold costs and buys, a line for each of two measures.
pub(crate) fn answer() -> Result<String, Box<dyn Error>> {
    let scenario = Scenario::load(Path::new(SCENARIO), &[])?;
    let with = scenario.world().clone();

    // The parameters of a world can be changed in code. Before it can be simulated, it is checked again.
    let mut config = with.clone().into_config();
    config.policy.freshness_threshold = None;
    let without = config.validate()?;

    let mut text = String::new();
    for measure in [CONNECTOR_CALLS, PRICE_AGE_MEAN] {
        let [with, without] = [&with, &without].map(|world| values(measure, world, scenario.seed()));
        let (with, without) = with.zip(without).ok_or("a replication does not determine it")?;
        let paired = Paired::of(&with, &without, CONFIDENCE);
        let (mean, half_width) = (paired.difference.mean, paired.difference.half_width.unwrap_or(f64::INFINITY));
        writeln!(text, "{}: {mean:+.1} ± {half_width:.1} {} with the threshold", measure.name, measure.unit.symbol())?;
    }
    Ok(text)
}

/// The value of `measure` in each replication; `None` if one of them does not determine it.
fn values(measure: MeasureId, world: &ValidWorld, seed: u64) -> Option<Sample> {
    let blueprint = Blueprint::new(world.clone());
    let value = |replication| measure.evaluate(&replicate(&blueprint, seed, replication));
    Sample::of((0..REPLICATIONS).map(value).collect::<Option<_>>()?)
}
