//! The command `run`: simulate, write the results, print the summary.

use std::convert::Infallible;
use std::path::Path;

use crate::experiment::{Cost, Outcome, Replications, Run, RunOptions, Shard, foreseen_absences};
use crate::record::RunRecord;
use crate::report;
use crate::scenario::Scenario;

use super::arguments::{RunArguments, SummaryFormat};
use super::store::shards::{self, Part, RunWhole};
use super::study::{not_reached, note_cost, tell_shard};
use super::{Failure, complaint, cost, open, output, store, warmup};

pub(super) fn run(arguments: &RunArguments) -> Result<(), Failure> {
    let (execution, length) = (&arguments.execution, &arguments.length);
    let file = open(&arguments.scenario.scenario)?;
    let load = |overrides: &[String]| file.scenario(overrides).map_err(|error| complaint(&error));
    let baseline = !arguments.no_baseline;
    let plan = |scenario: &Scenario| {
        let plan = length.plan(&[scenario.replications()], baseline, true);
        plan.map_err(|error| Failure::Input(format!("error: {error}")))
    };
    // A warm-up is found by hours of simulation, too: what can be wrong is found out before.
    let load_and_check = |overrides: &[String]| {
        let scenario = load(overrides)?;
        plan(&scenario)?;
        let checked = store::probe_target(&execution.folder(scenario.name()));
        checked.map_err(|error| Failure::Input(format!("error: {error}")))?;
        Ok(vec![scenario])
    };
    let overrides = warmup::resolve(arguments.scenario.overrides.all(), length, execution, load_and_check)?;
    let scenario = load(&overrides)?;
    let others = [("variant", "compare"), ("sweep", "sweep")];
    if let Some((table, command)) = others.into_iter().find(|(table, _)| scenario.study_tables().contains(table)) {
        let hint = format!("note: this is the scenario alone; `gtnet-sim {command}` simulates its [[{table}]]");
        output::note(&hint, execution.quiet);
    }
    let plan = plan(&scenario)?;
    let folder = execution.folder(scenario.name());
    let wanted = scenario.replications();
    let part = |shard| Part::of_run(&scenario.resolved_toml(), &plan, wanted, baseline, shard);
    let part = execution.shard.map(part);
    let shard = execution.shard.unwrap_or(Shard::WHOLE);
    let replications = f64::from(plan.most(&[wanted])[0]) / f64::from(shard.of());
    let cost = Cost { at_most_by: cost::bound(&plan), ..Cost::of_run(&scenario, replications, baseline) };
    let jobs = cost::admit(&cost, execution)?;
    // Before hours of simulation, not after them.
    store::check_target(&folder, part.as_ref()).map_err(|error| Failure::Input(format!("error: {error}")))?;

    warn_of_absences(&scenario, execution.quiet);
    let bar = output::Bar::new(execution.quiet);
    let options = RunOptions { jobs: Some(jobs), baseline };
    let mut run =
        Run::new(&scenario, options, shard, &bar).map_err(|error| Failure::Execution(format!("error: {error}")))?;
    let Some(part) = part else {
        let Ok::<Outcome, Infallible>(outcome) = plan.carry_out(&mut run, &[wanted]);
        bar.clear();
        return finish(run.into_record(), &outcome, &folder, execution.quiet, execution.format);
    };
    note_cost(&plan, execution.quiet);
    let Ok(()) = run.provide(&plan.most(&[wanted]));
    bar.clear();
    let record = run.into_record();
    let count = record.replications.len();
    let files = shards::run_files(&RunWhole { record, plan, wanted, baseline }, &part);
    store::write_shard(&folder, &files, &part).map_err(|error| Failure::Execution(format!("error: {error}")))?;
    tell_shard(part.shard, count, &folder, execution)
}

/// Says what will not happen in the measured period of a scenario.
pub(super) fn warn_of_absences(scenario: &Scenario, quiet: bool) {
    for absence in foreseen_absences(scenario.world()) {
        output::note(&format!("warning: {}\n  help: {}", absence.foretold(), absence.remedy()), quiet);
    }
}

/// Writes the results of a run and prints what it found.
pub(super) fn finish(
    mut record: RunRecord,
    outcome: &Outcome,
    folder: &Path,
    quiet: bool,
    format: SummaryFormat,
) -> Result<(), Failure> {
    record.replications.truncate(outcome.replications[0] as usize);
    let files = report::files(&record);
    store::write_results(folder, &files).map_err(|error| Failure::Execution(format!("error: {error}")))?;
    for shortfall in &outcome.shortfalls {
        output::note(&not_reached(shortfall, &record.name), quiet);
    }
    match format {
        _ if quiet => Ok(()),
        SummaryFormat::Text => {
            output::print(&format!("{}\n{}\n", report::summary_text(&record).trim_end(), written(folder, files.len())))
        }
        SummaryFormat::Json => output::print(&report::summary_json(&record)),
    }
}

fn written(folder: &Path, files: usize) -> String {
    format!("\n{files} files in {}, charts in {}", folder.display(), folder.join("charts").display())
}
