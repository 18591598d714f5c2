//! The command `merge`: the shards of a run or a study become what one machine would have written.

use super::arguments::MergeArguments;
use super::store::shards::{self, ShardError, Whole};
use super::{Failure, run, store, study};

pub(super) fn merge(arguments: &MergeArguments) -> Result<(), Failure> {
    store::check_target(&arguments.out).map_err(|error| Failure::Input(format!("error: {error}")))?;
    let whole = shards::merge(&arguments.shards).map_err(|error| {
        let message = format!("error: {error}");
        match error {
            ShardError::Missing { .. } => Failure::Execution(format!(
                "{message}\n  help: simulate them with --shard, or name their folders if they are done"
            )),
            _ => Failure::Input(message),
        }
    })?;
    let (out, quiet, format) = (&arguments.out, arguments.quiet, arguments.format);
    match whole {
        Whole::Study(record) => study::finish(&record, out, quiet, format),
        Whole::Run(record, _) => run::finish(&record, out, quiet, format),
    }
}
