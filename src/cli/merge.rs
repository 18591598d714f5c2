//! The command `merge`: the shards of a run or a study become what one machine would have written.

use std::path::PathBuf;

use crate::store::{self, StoreError};

use super::arguments::MergeArguments;
use super::{CommandError, export, output};

pub(super) fn merge(arguments: &MergeArguments) -> Result<(), CommandError> {
    let (out, quiet, format) = (&arguments.out, arguments.quiet, arguments.format);
    let input = |error: StoreError| CommandError::Input(format!("error: {error}"));
    store::check_target(out, None, &output::complain).map_err(input)?;
    // A pattern such as shards/* also names the ledgers of those that are not done.
    let is_ledger = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "ledger") && path.is_file();
    let folders: Vec<PathBuf> = arguments.shards.iter().filter(|path| !is_ledger(path)).cloned().collect();
    if folders.is_empty() {
        return Err(CommandError::Input(
            "error: no shard is among these: all are ledgers of unfinished ones".to_owned(),
        ));
    }
    let (job, gathered) = store::merge(&folders).map_err(|error| match error {
        StoreError::MissingShards { .. } => CommandError::Execution(format!("error: {error}")),
        _ => input(error),
    })?;
    let Ok(finding) = job.carry_out(gathered);
    let files = export::write(&finding.results, out, None)?;
    export::print(&finding, files, out, quiet, format)
}
