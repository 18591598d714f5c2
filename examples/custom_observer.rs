//! Counts what no measure counts, with an observer of its own: how long users wait, by the hour at which they look.
//!
//! `cargo run --release --example custom_observer`

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;

use gtnet_sim::model::{Blueprint, simulate};
use gtnet_sim::observe::{Fact, Observer};
use gtnet_sim::scenario::Scenario;
use gtnet_sim::time::{SimDuration, SimTime};

const SCENARIO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/quick.toml");

fn main() -> Result<(), Box<dyn Error>> {
    print!("{}", answer()?);
    Ok(())
}

/// Exchanges that have ended, and what their users have waited, by the hour of the day in UTC at which they began.
#[derive(Default)]
struct Waits([(u32, SimDuration); 24]);

impl Observer for Waits {
    // An observer is told every fact in the order of simulated time. It cannot change anything.
    fn observe(&mut self, now: SimTime, fact: &Fact) {
        if let Fact::ResultShown { began, exchanged: true, .. } = *fact {
            // The scenario starts at midnight.
            let hour = began.since_start().as_nanos() / SimDuration::from_hours(1).as_nanos() % 24;
            let (count, waited) = &mut self.0[usize::try_from(hour).expect("an hour of the day")];
            *count += 1;
            *waited += now.since(began);
        }
    }
}

/// A line for each hour with visits.
pub(crate) fn answer() -> Result<String, Box<dyn Error>> {
    let scenario = Scenario::load(Path::new(SCENARIO), &[])?;
    // What all replications of a world have in common is worked out once.
    let blueprint = Blueprint::new(scenario.world().clone());
    let mut waits = Waits::default();
    for replication in 0..3 {
        simulate(&blueprint, scenario.seed(), replication, &mut waits);
    }
    let mut text = String::from("hour (UTC)  exchanges  mean wait [ms]\n");
    for (hour, (count, waited)) in (0..).zip(waits.0).filter(|(_, (count, _))| *count > 0) {
        let mean_ms = waited.as_secs_f64() * 1_000.0 / f64::from(count);
        writeln!(text, "{hour:>10}  {count:>9}  {mean_ms:>14.0}")?;
    }
    Ok(text)
}
