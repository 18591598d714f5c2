//! The command `run`: simulate, write the results, print the summary.

use std::path::{Path, PathBuf};

use crate::experiment::{self, RunOptions};
use crate::report;

use super::arguments::{RunArguments, SummaryFormat};
use super::{Failure, load, output, store};

pub(super) fn run(arguments: &RunArguments) -> Result<(), Failure> {
    let scenario = load(&arguments.scenario)?;
    let folder = arguments.out.clone().unwrap_or_else(|| PathBuf::from("results").join(&scenario.name));
    // Before hours of simulation, not after them.
    store::check_target(&folder).map_err(|error| Failure::Input(format!("error: {error}")))?;

    let options = RunOptions { jobs: arguments.jobs, baseline: !arguments.no_baseline };
    let bar = output::progress_bar(experiment::simulations(&scenario, options), arguments.quiet);
    let record = experiment::run(&scenario, options, &|| bar.inc(1));
    bar.finish_and_clear();
    let record = record.map_err(|error| Failure::Execution(format!("error: {error}")))?;

    let files = report::files(&record);
    store::write_results(&folder, &files).map_err(|error| Failure::Execution(format!("error: {error}")))?;
    if arguments.quiet {
        return Ok(());
    }
    match arguments.format {
        SummaryFormat::Text => {
            output::print(&format!("{}\n{}\n", report::summary_text(&record).trim_end(), written(&folder, files.len())))
        }
        SummaryFormat::Json => output::print(&report::summary_json(&record)),
    }
}

fn written(folder: &Path, files: usize) -> String {
    format!("\n{files} files in {}, charts in {}", folder.display(), folder.join("charts").display())
}
