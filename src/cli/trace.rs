//! `--trace`: all that happens in one replication, in a folder of its own beside the results, which stay as they are.

use std::path::Path;

use crate::scenario::Scenario;
use crate::store::{self, TRACE_FILES};
use crate::trace;

use super::{CommandError, output};

/// Checks before hours of simulation that the trace can be written, and that there is such a replication.
pub(super) fn check(folder: &Path, replication: u32, scenario: &Scenario) -> Result<(), CommandError> {
    let count = scenario.replications();
    if replication >= count {
        let last = count - 1;
        return Err(CommandError::Input(format!(
            "error: there is no replication {replication}: the run has {count} of them, numbered from 0 to {last}\n  help: choose \
             one with --trace-replication, or simulate more with --replications"
        )));
    }
    store::check_trace(folder).map_err(|error| CommandError::Input(format!("error: {error}")))
}

/// Simulates the replication once more, and writes its trace.
pub(super) fn write(folder: &Path, replication: u32, scenario: &Scenario, quiet: bool) -> Result<(), CommandError> {
    let written = store::write_trace(folder, |[lines, timeline]| trace::write(scenario, replication, lines, timeline));
    written.map_err(|error| CommandError::Execution(format!("error: {error}")))?;
    if quiet {
        return Ok(());
    }
    let names = TRACE_FILES.join(" and ");
    output::print(&format!("trace of replication {replication} in {}: {names}\n", folder.display()))
}
