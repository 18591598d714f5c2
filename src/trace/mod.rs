//! The trace of one replication: every fact and every line of its transcript, written as they happen and never collected.
//!
//! It is written in two forms. JSON Lines hold all of it, for programs; `docs/trace.md` describes each field. A Perfetto trace shows
//! instances, what they do, and the messages between them, on a time line.

mod facts;
mod jsonl;
mod lanes;
mod lines;
mod names;
mod perfetto;
mod row;

use std::io::{self, Write};

use crate::model::{Blueprint, simulate};
use crate::scenario::Scenario;

pub(crate) use facts::message as message_name;
pub use jsonl::{SCHEMA, VERSION};
pub(crate) use names::WorldNames;

use jsonl::JsonLines;
use perfetto::Timeline;

/// Simulates a replication of a scenario, and writes what happens in it to `lines` as JSON Lines and to `timeline` as a Perfetto
/// trace.
///
/// # Errors
///
/// The first failure of a writer; nothing is written after it.
pub fn write(scenario: &Scenario, replication: u32, lines: &mut dyn Write, timeline: &mut dyn Write) -> io::Result<()> {
    let blueprint = Blueprint::new(scenario.world().clone());
    let names = WorldNames::of(&blueprint);
    let mut observers = (JsonLines::begin(scenario, replication, &names, lines), Timeline::begin(&names, timeline));
    simulate(&blueprint, scenario.seed(), replication, &mut observers);
    observers.0.finish()?;
    observers.1.finish()
}
