//! `compare --uncertain` and `run --uncertain`: many worlds, in each of which what nobody knows lies elsewhere in its range.

use crate::experiment::Job;
use crate::scenario::{InEachWorld, ScenarioFile, WorldStudy};

use super::alternatives::{against, check_period, of_one_luck, question};
use super::arguments::{CompareArguments, LengthArguments, RunArguments};
use super::job::{self, Interrupted};
use super::{CommandError, complaint};

/// Simulates the alternatives in `worlds` worlds and tells what holds in how many of them.
pub(super) fn compare(arguments: &CompareArguments, files: &[ScenarioFile], worlds: u32) -> Result<(), CommandError> {
    let study = &arguments.study;
    let overrides = with_warmup(&study.length, arguments.overrides.all(), worlds)?;
    let design = match files {
        [one] => one.in_worlds(&overrides, worlds, InEachWorld::Variants).map_err(|error| complaint(&error))?,
        several => joined(several, &overrides, worlds, study.execution.quiet)?,
    };
    for own in &design.points {
        check_period(&own.iter().map(|point| &design.study.points[*point]).collect::<Vec<_>>())?;
    }
    let labels: Vec<&str> = design.alternatives.iter().map(|alternative| alternative.label.as_str()).collect();
    let command = if files.len() == 1 { "comparison".to_owned() } else { against(&labels) };
    let folder = study.execution.folder(&format!("{}-{command}-uncertain", design.study.name));
    let interrupted = if study.resume { Interrupted::GoesOn } else { Interrupted::CanGoOn };
    job::carry_out(Job::of_worlds(design, !study.no_baseline), &folder, interrupted, &study.execution)
}

/// Simulates a scenario in `worlds` worlds, and tells how far its numbers go and what their spread is made of.
pub(super) fn run(arguments: &RunArguments, file: &ScenarioFile, worlds: u32) -> Result<(), CommandError> {
    let overrides = with_warmup(&arguments.length, arguments.scenario.overrides.all(), worlds)?;
    let design = file.in_worlds(&overrides, worlds, InEachWorld::Topologies).map_err(|error| complaint(&error))?;
    let folder = arguments.execution.folder(&format!("{}-uncertain", design.study.name));
    let interrupted = if arguments.resume { Interrupted::GoesOn } else { Interrupted::CanGoOn };
    job::carry_out(Job::of_worlds(design, !arguments.no_baseline), &folder, interrupted, &arguments.execution)
}

/// `overrides` with the length of the warm-up, which has to be known.
fn with_warmup(length: &LengthArguments, overrides: Vec<String>, worlds: u32) -> Result<Vec<String>, CommandError> {
    if length.seeks_warmup() {
        let help = "find it first without --uncertain, and give its length: --warmup 3d";
        return Err(CommandError::Input(format!(
            "error: `--warmup auto` is found in one world, not in {worlds}\n  help: {help}"
        )));
    }
    Ok(length.with_warmup(overrides))
}

/// Several files as alternatives.
fn joined(files: &[ScenarioFile], overrides: &[String], worlds: u32, quiet: bool) -> Result<WorldStudy, CommandError> {
    let alternatives = of_one_luck(files, overrides, quiet)?;
    let question = question(&alternatives);
    let read = files
        .iter()
        .zip(&alternatives)
        .map(|(file, (_, overrides))| file.in_worlds(overrides, worlds, InEachWorld::Alone));
    let studies = read.collect::<Result<Vec<_>, _>>().map_err(|error| complaint(&error))?;
    let mut joined = WorldStudy::joined(studies).map_err(|parameter| {
        CommandError::Input(format!(
            "error: the scenarios do not agree on the range of `{parameter}`, which is uncertain in several of them\n  help: give it the \
             same [[uncertain]] in all of them, or make it known with --set"
        ))
    })?;
    joined.study.question = question;
    Ok(joined)
}
