//! The command `merge`: the shards of a run or a study become what one machine would have written.

use std::path::PathBuf;

use super::arguments::MergeArguments;
use super::store::shards::{self, Merged, ShardError};
use super::study::Conclusion;
use super::{Failure, run, store};

pub(super) fn merge(arguments: &MergeArguments) -> Result<(), Failure> {
    let (out, quiet, format) = (&arguments.out, arguments.quiet, arguments.format);
    store::check_target(out, None).map_err(|error| Failure::Input(format!("error: {error}")))?;
    // A pattern such as shards/* also names the ledgers of those that are not done.
    let is_ledger = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "ledger") && path.is_file();
    let folders: Vec<PathBuf> = arguments.shards.iter().filter(|path| !is_ledger(path)).cloned().collect();
    if folders.is_empty() {
        return Err(Failure::Input("error: no shard is among these: all are ledgers of unfinished ones".to_owned()));
    }
    let merged = shards::merge(&folders).map_err(|error| {
        let message = format!("error: {error}");
        match error {
            ShardError::Missing { .. } => Failure::Execution(format!(
                "{message}\n  help: simulate them with --shard, or name their folders if they are done"
            )),
            _ => Failure::Input(message),
        }
    })?;
    match merged {
        Merged::Study(whole, mut gathered) => {
            let wanted: Vec<u32> = whole.record.points.iter().map(|point| point.wanted).collect();
            let Ok(outcome) = whole.plan.carry_out(&mut gathered, &wanted);
            let conclusion = Conclusion::of(*whole, &outcome, &gathered);
            conclusion.write(out)?;
            conclusion.print(out, quiet, format)
        }
        Merged::Run(whole, mut gathered) => {
            let Ok(outcome) = whole.plan.carry_out(&mut gathered, &[whole.wanted]);
            run::finish(whole.record, &outcome, out, quiet, format)
        }
    }
}
