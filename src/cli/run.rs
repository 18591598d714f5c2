//! The command `run`: simulate, write the results, print the summary.

use crate::experiment::{Cost, Job};
use crate::scenario::Scenario;
use crate::store;

use super::arguments::RunArguments;
use super::job::{self, Interrupted};
use super::{CommandError, complaint, cost, open, output, trace, warmup, worlds};

pub(super) fn run(arguments: &RunArguments) -> Result<(), CommandError> {
    let (execution, length) = (&arguments.execution, &arguments.length);
    let file = open(&arguments.scenario.scenario)?;
    if let Some(count) = arguments.uncertain {
        return worlds::run(arguments, &file, count);
    }
    let load = |overrides: &[String]| file.scenario(overrides).map_err(|error| complaint(&error));
    let baseline = !arguments.no_baseline;
    let plan = |scenario: &Scenario| {
        let plan = length.plan(&[scenario.replications()], baseline, true);
        plan.map_err(|error| CommandError::Input(format!("error: {error}")))
    };
    // A warm-up is found by hours of simulation, too: what can be wrong is found out before.
    let load_and_check = |overrides: &[String]| {
        let scenario = load(overrides)?;
        plan(&scenario)?;
        if let Some(folder) = &arguments.trace {
            trace::check(folder, arguments.trace_replication, &scenario)?;
        }
        let checked = store::probe_target(&execution.folder(scenario.name()), &output::complain);
        checked.map_err(|error| CommandError::Input(format!("error: {error}")))?;
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
    let traced = arguments.trace.as_ref().map(|folder| (folder, scenario.clone()));
    if let Some((folder, scenario)) = &traced {
        trace::check(folder, arguments.trace_replication, scenario)?;
        cost::admit_one(&Cost::of_one_piece(scenario), execution.memory)?;
    }
    let folder = execution.folder(scenario.name());
    // It keeps everything that was measured, which is too much for a ledger.
    job::carry_out(Job::of_run(scenario, plan, baseline), &folder, Interrupted::BeginsAgain, execution)?;
    traced.map_or(Ok(()), |(folder, scenario)| {
        trace::write(folder, arguments.trace_replication, &scenario, execution.quiet)
    })
}
