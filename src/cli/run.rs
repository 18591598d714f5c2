//! The command `run`: simulate, write the results, print the summary.

use std::path::{Path, PathBuf};

use crate::experiment::{self, RunOptions, Shard};
use crate::record::RunRecord;
use crate::report;

use super::arguments::{RunArguments, SummaryFormat};
use super::store::shards;
use super::{Failure, load, output, store};

pub(super) fn run(arguments: &RunArguments) -> Result<(), Failure> {
    let scenario = load(&arguments.scenario)?;
    let folder = arguments.out.clone().unwrap_or_else(|| PathBuf::from("results").join(&scenario.name));
    // Before hours of simulation, not after them.
    store::check_target(&folder).map_err(|error| Failure::Input(format!("error: {error}")))?;

    let options = RunOptions { jobs: arguments.jobs, baseline: !arguments.no_baseline };
    let bar = output::progress_bar(experiment::simulations(&scenario, options, arguments.shard), arguments.quiet);
    let record = experiment::run(&scenario, options, arguments.shard, &|| bar.inc(1));
    bar.finish_and_clear();
    let record = record.map_err(|error| Failure::Execution(format!("error: {error}")))?;

    if arguments.shard == Shard::WHOLE {
        return finish(&record, &folder, arguments.quiet, arguments.format);
    }
    let files = shards::run_files(&record, arguments.shard, scenario.replications);
    store::write_results(&folder, &files).map_err(|error| Failure::Execution(format!("error: {error}")))?;
    if arguments.quiet {
        return Ok(());
    }
    let (shard, count) = (arguments.shard, record.replications.len());
    output::print(&format!("Shard {shard}: {count} replications in {}\n", folder.display()))
}

/// Writes the results of a run and prints what it found.
pub(super) fn finish(record: &RunRecord, folder: &Path, quiet: bool, format: SummaryFormat) -> Result<(), Failure> {
    let files = report::files(record);
    store::write_results(folder, &files).map_err(|error| Failure::Execution(format!("error: {error}")))?;
    match format {
        _ if quiet => Ok(()),
        SummaryFormat::Text => {
            output::print(&format!("{}\n{}\n", report::summary_text(record).trim_end(), written(folder, files.len())))
        }
        SummaryFormat::Json => output::print(&report::summary_json(record)),
    }
}

fn written(folder: &Path, files: usize) -> String {
    format!("\n{files} files in {}, charts in {}", folder.display(), folder.join("charts").display())
}
