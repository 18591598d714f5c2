//! `--trace`: all that happens in one replication, in a folder of its own beside the results, which stay as they are.

use std::path::Path;

use crate::scenario::Scenario;
use crate::store::{self, TRACE_FILES};
use crate::trace;

use super::{CommandError, output};

/// Checks before hours of simulation that the trace can be written, and that there is such a replication.
pub(super) fn check(folder: &Path, replication: u32, scenario: &Scenario) -> Result<(), CommandError> {
    // With a wanted precision, the run may have more of them. Nobody knows before.
    check_replication(replication, scenario.replications(), "the scenario has", "--trace-replication")?;
    store::check_trace(folder).map_err(|error| CommandError::Input(format!("error: {error}")))
}

/// Checks that there is a replication with this number, which `option` names.
pub(super) fn check_replication(
    replication: u32,
    count: u32,
    whose: &str,
    option: &'static str,
) -> Result<(), CommandError> {
    if replication < count {
        return Ok(());
    }
    let last = count - 1;
    Err(CommandError::Input(format!(
        "error: there is no replication {replication}: {whose} {count} of them, numbered from 0, and the last one is {last}\n  help: \
         choose one with {option}, or set more with --replications"
    )))
}

/// Simulates the replication once more, and writes its trace.
pub(super) fn write(folder: &Path, replication: u32, scenario: &Scenario, quiet: bool) -> Result<(), CommandError> {
    let written = store::write_trace(folder, |[lines, timeline]| trace::write(scenario, replication, lines, timeline));
    written.map_err(|error| CommandError::Execution(format!("error: {error}")))?;
    // Standard output is for the results, which programs may read.
    let names = TRACE_FILES.join(" and ");
    output::note(&format!("trace of replication {replication} in {}: {names}", folder.display()), quiet);
    Ok(())
}
