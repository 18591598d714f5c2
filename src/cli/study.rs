//! The commands `compare` and `sweep`: several scenarios, the same luck as far as they have it in common.

use std::path::{Path, PathBuf};

use crate::experiment::{Job, Plan};
use crate::record::StudyKind;
use crate::scenario::{self, Scenario, ScenarioFile};
use crate::store;

use super::alternatives::{against, check_period, of_one_luck, question};
use super::arguments::{CompareArguments, StudyArguments, SweepArguments};
use super::job::{self, Interrupted};
use super::{CommandError, complaint, open, output, parting, resume, warmup, worlds};

/// Simulates alternatives and tells how they differ.
pub(super) fn compare(arguments: &CompareArguments) -> Result<(), CommandError> {
    let is_standard_input = |path: &&PathBuf| path.as_os_str() == ScenarioFile::STANDARD_INPUT;
    if arguments.scenarios.iter().filter(is_standard_input).count() > 1 {
        let help = "write one of the scenarios to a file, and name it";
        return Err(CommandError::Input(format!(
            "error: standard input (`-`) is one scenario, not several\n  help: {help}"
        )));
    }
    let files = arguments.scenarios.iter().map(|path| open(path)).collect::<Result<Vec<_>, _>>()?;
    if let Some(count) = arguments.uncertain {
        return worlds::compare(arguments, &files, count);
    }
    let load = |overrides: &[String]| match files.as_slice() {
        [one] => one.variants(overrides).map_err(|error| complaint(&error)),
        several => alternatives(several, overrides, arguments.study.execution.quiet),
    };
    let load = |overrides: &[String]| load(overrides).and_then(of_one_period);
    if arguments.first_difference {
        return parting::first_difference(arguments, &files, load);
    }
    let command = |design: &scenario::Study| match files.as_slice() {
        [_] => "comparison".to_owned(),
        _ => against(&design.points.iter().map(|point| point.label.as_str()).collect::<Vec<_>>()),
    };
    let (design, folder) = design(arguments.overrides.all(), &arguments.study, command, load)?;
    if let [one] = files.as_slice() {
        let alone = one.scenario(&[]).map_err(|error| complaint(&error))?;
        if alone.study_tables().contains(&"sweep") {
            let note = "note: these are the variants alone; `gtnet-sim sweep` simulates the [[sweep]] for each of them";
            output::note(note, arguments.study.execution.quiet);
        }
    }
    carry_out(StudyKind::Comparison, design, &folder, &arguments.study)
}

/// The study, if all of its points are measured over the same time.
fn of_one_period(design: scenario::Study) -> Result<scenario::Study, CommandError> {
    check_period(&design.points.iter().collect::<Vec<_>>()).map(|()| design)
}

/// Simulates every point of a grid.
pub(super) fn sweep(arguments: &SweepArguments) -> Result<(), CommandError> {
    let file = open(&arguments.scenario.scenario)?;
    let load = |overrides: &[String]| file.sweep(overrides).map_err(|error| complaint(&error));
    let (design, folder) = design(arguments.scenario.overrides.all(), &arguments.study, |_| "sweep".to_owned(), load)?;
    carry_out(StudyKind::Sweep, design, &folder, &arguments.study)
}

/// What `load` makes of the overrides, with the warm-up that is wanted, and the folder of its results, whose name ends with what
/// `command` says.
fn design(
    overrides: Vec<String>,
    arguments: &StudyArguments,
    command: impl Fn(&scenario::Study) -> String,
    load: impl Fn(&[String]) -> Result<scenario::Study, CommandError>,
) -> Result<(scenario::Study, PathBuf), CommandError> {
    let folder_of =
        |design: &scenario::Study| arguments.execution.folder(&format!("{}-{}", design.name, command(design)));
    // A warm-up is found by hours of simulation, too: what can be wrong is found out before.
    let scenarios = |overrides: &[String]| {
        let design = load(overrides)?;
        let folder = folder_of(&design);
        let input = |error: String| CommandError::Input(format!("error: {error}"));
        arguments.length.plan(&[], !arguments.no_baseline, true).map_err(input)?;
        let relevance = arguments.execution.relevance().map_err(input)?;
        arguments.selection.sought(&relevance, !arguments.no_baseline).map_err(input)?;
        arguments.selection.goals(design.points.len(), !arguments.no_baseline).map_err(input)?;
        let ledger = store::probe_target(&folder, &output::complain).map_err(|error| input(error.to_string()))?;
        resume::check(ledger, &folder, arguments.resume)?;
        Ok(design.points.into_iter().map(|point| point.scenario).collect())
    };
    let overrides = warmup::resolve(overrides, &arguments.length, &arguments.execution, scenarios)?;
    let design = load(&overrides)?;
    let folder = folder_of(&design);
    Ok((design, folder))
}

/// Several files as alternatives.
fn alternatives(files: &[ScenarioFile], overrides: &[String], quiet: bool) -> Result<scenario::Study, CommandError> {
    let alternatives = of_one_luck(files, overrides, quiet)?;
    let names: Vec<&str> = alternatives.iter().map(|(scenario, _)| scenario.name()).collect();
    let question = question(&alternatives);
    let name = names[0].to_owned();
    let point = |(scenario, _): (Scenario, Vec<String>)| {
        let label = scenario.name().to_owned();
        scenario::Point {
            settings: vec![label.clone()],
            about: None,
            numbers: vec![None],
            durations: vec![None],
            label,
            scenario,
        }
    };
    let points = alternatives.into_iter().map(point).collect();
    Ok(scenario::Study { name, question, parameters: vec!["variant".to_owned()], points })
}

/// Simulates the points of `design`.
fn carry_out(
    kind: StudyKind,
    design: scenario::Study,
    folder: &Path,
    arguments: &StudyArguments,
) -> Result<(), CommandError> {
    let wanted: Vec<u32> = design.points.iter().map(|point| point.scenario.replications()).collect();
    let baseline = !arguments.no_baseline;
    let plan = plan(arguments, &wanted, kind).map_err(|error| CommandError::Input(format!("error: {error}")))?;
    let interrupted = if arguments.resume { Interrupted::GoesOn } else { Interrupted::CanGoOn };
    let goals = arguments
        .selection
        .goals(design.points.len(), baseline)
        .map_err(|error| CommandError::Input(format!("error: {error}")))?;
    let job = Job::of_study(kind, design, plan, baseline).with_goals(&goals);
    job::carry_out(job, folder, interrupted, &arguments.execution)
}

/// How many replications are simulated of points that want `wanted` of them.
fn plan(arguments: &StudyArguments, wanted: &[u32], kind: StudyKind) -> Result<Plan, String> {
    let baseline = !arguments.no_baseline;
    let relevance = arguments.execution.relevance().map_err(|error| format!("--matters: {error}"))?;
    let selection = arguments.selection.plan(wanted, &relevance, baseline)?;
    selection.map_or_else(|| arguments.length.plan(wanted, baseline, kind == StudyKind::Comparison), Ok)
}
