//! What a job has found, as files and in words: the one place where results are written and printed, whatever the command.

use std::path::Path;

use crate::experiment::{self, Finding, Results, Shortfall};
use crate::record::ResultFile;
use crate::report::{self, Evidence};
use crate::store;

use super::arguments::SummaryFormat;
use super::{CommandError, output};

/// Writes the results to `folder`, for which it draws on `jobs` threads, or one for each core; returns how many files these are.
pub(super) fn write(results: &Results, folder: &Path, jobs: Option<usize>) -> Result<usize, CommandError> {
    let files = experiment::on_threads(jobs, || report::files(evidence(results)))
        .map_err(|error| CommandError::Execution(format!("error: {error}")))?;
    write_files(&files, folder, None).map(|()| files.len())
}

/// Writes `files`, those of a shard if there is a `part`, to `folder`.
pub(super) fn write_files(
    files: &[ResultFile],
    folder: &Path,
    part: Option<&store::JobShard>,
) -> Result<(), CommandError> {
    let written = store::write_results(folder, files, part, &output::complain);
    written.map_err(|error| CommandError::Execution(format!("error: {error}")))
}

/// Prints what was found and is in `files` files in `folder`.
pub(super) fn print(
    finding: &Finding,
    files: usize,
    folder: &Path,
    quiet: bool,
    format: SummaryFormat,
) -> Result<(), CommandError> {
    for (label, shortfall) in &finding.shortfalls {
        output::note(&not_reached(shortfall, label), quiet);
    }
    let (evidence, shown) = (evidence(&finding.results), folder.display());
    match (&finding.results, format) {
        _ if quiet => Ok(()),
        (_, SummaryFormat::Json) => output::print(&report::json(evidence)),
        (Results::Run(_), SummaryFormat::Text) => {
            let (text, charts) = (report::text(evidence), folder.join("charts"));
            output::print(&format!("{}\n\n{files} files in {shown}, charts in {}\n", text.trim_end(), charts.display()))
        }
        (Results::Study(_), SummaryFormat::Text) => {
            output::print(&format!("{}\n\nresults in {shown}\n", report::text(evidence).trim_end()))
        }
    }
}

fn evidence(results: &Results) -> Evidence<'_> {
    match results {
        Results::Run(record) => record.as_ref().into(),
        Results::Study(record) => record.as_ref().into(),
    }
}

/// A precision that a scenario has not got, in words.
fn not_reached(shortfall: &Shortfall, label: &str) -> String {
    let Shortfall { quantity, unit, wanted, estimate, .. } = shortfall;
    let Some(estimate) = estimate else {
        return format!(
            "warning: {label}: {quantity} is not determined in every replication, or too many visits never end, so that it has \
             no precision"
        );
    };
    let got = estimate.half_width.map_or_else(String::new, |half_width| {
        let wanted = wanted.half_width(estimate.mean);
        let (factor, unit) = if *unit == "share" { (100.0, "%") } else { (1.0, *unit) };
        let text = |width: f64| format!("{:.3e}", width * factor).parse::<f64>().unwrap_or(width * factor);
        format!(": ± {} {unit}, where ± {} {unit} would do", text(half_width), text(wanted))
    });
    format!(
        "warning: {label}: {quantity} is not as precise as wanted after {} replications{got}; allow more with \
         --max-replications",
        estimate.count
    )
}
