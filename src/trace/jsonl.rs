//! The trace as JSON Lines: the first line says what it is, the last one how many there are, so that a cut trace shows.

use std::io::{self, Write};

use crate::observe::{Fact, Line, Observer};
use crate::scenario::Scenario;
use crate::time::SimTime;

use super::names::WorldNames;
use super::row::quoted;
use super::{facts, lines};

/// What the first line calls the format.
pub const SCHEMA: &str = "gtnet-sim-trace";

/// The version of the format.
pub const VERSION: u32 = 1;

/// Writes every fact and every line of the transcript.
pub(super) struct JsonLines<'w> {
    names: &'w WorldNames,
    out: &'w mut dyn Write,
    written: u64,
    /// Nothing is written after a failure, which [`JsonLines::finish`] tells.
    failure: Option<io::Error>,
}

impl<'w> JsonLines<'w> {
    pub(super) fn begin(scenario: &Scenario, replication: u32, names: &'w WorldNames, out: &'w mut dyn Write) -> Self {
        let mut this = Self { names, out, written: 0, failure: None };
        let world = scenario.world();
        this.write(&format!(
            "{{\"schema\":\"{SCHEMA}\",\"version\":{VERSION},\"program\":\"gtnet-sim {}\",\"scenario\":{},\"digest\":\"{}\",\
             \"seed\":{},\"replication\":{replication},\"start\":{},\"duration\":{},\"warmup\":{}}}\n",
            env!("CARGO_PKG_VERSION"),
            quoted(scenario.name()),
            scenario.digest(),
            scenario.seed(),
            world.start.as_unix_nanos(),
            world.duration.as_nanos(),
            world.warmup.as_nanos(),
        ));
        this
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        self.write(&format!("{{\"end\":true,\"lines\":{}}}\n", self.written + 1));
        self.failure.map_or_else(|| self.out.flush(), Err)
    }

    fn write(&mut self, line: &str) {
        if self.failure.is_none() {
            self.failure = self.out.write_all(line.as_bytes()).err();
            self.written += 1;
        }
    }
}

impl Observer for JsonLines<'_> {
    fn transcribes(&self) -> bool {
        true
    }

    fn observe(&mut self, now: SimTime, fact: &Fact) {
        let line = facts::row(self.names, now, fact);
        self.write(&line);
    }

    fn transcribe(&mut self, now: SimTime, line: Line) {
        match line {
            Line::World(instances) => {
                for (number, instance) in (0..).zip(&instances) {
                    let line = lines::instance(self.names, now, number, instance);
                    self.write(&line);
                }
            }
            line => {
                let line = lines::row(self.names, now, &line);
                self.write(&line);
            }
        }
    }
}
