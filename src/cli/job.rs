//! Carries out the job of a command: memory, results folder and ledger are checked before anything is simulated.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::experiment::{Asked, Cost, Job, JobRecord, Ledger, NoLedger, Plan, Replications, Shard};
use crate::record::Absence;
use crate::report;
use crate::store::{self, FileLedger, JobShard};

use super::arguments::{ExecutionArguments, SummaryFormat};
use super::{CommandError, cost, export, interrupt, output, resume};

/// What becomes of what an interrupted job has simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Interrupted {
    /// It is lost: the job begins again.
    BeginsAgain,
    /// A ledger keeps it.
    CanGoOn,
    /// A ledger keeps it, and this job goes on with what is in the ledger or in earlier results.
    GoesOn,
}

/// Simulates what the plan asks for, and writes the results to `folder`. Of a shard, it simulates that part of the most that
/// the plan could ask for.
pub(super) fn carry_out(
    job: Job,
    folder: &Path,
    interrupted: Interrupted,
    execution: &ExecutionArguments,
) -> Result<(), CommandError> {
    let relevance = execution.relevance().map_err(|error| CommandError::Input(format!("error: --matters: {error}")))?;
    let job = job.with_relevance(relevance);
    let bound = cost::bound(&job.record.plan).filter(|_| execution.shard.is_none());
    let jobs = cost::admit(&Cost { at_most_by: bound, ..job.cost(execution.shard) }, execution)?;
    let Job { record, scenarios } = job;
    // Before hours of simulation, not after them.
    let part = execution.shard.map(|shard| JobShard::of(&record, shard));
    let path = store::check_target(folder, part.as_ref(), &output::complain);
    let path = path.map_err(|error| CommandError::Input(format!("error: {error}")))?;
    let kept = JobLedger::open(path, folder, &record, interrupted, execution.quiet)?;
    warn(&record, execution.quiet);
    let bar = output::SimulationBar::new(execution.quiet);
    let shard = execution.shard.unwrap_or(Shard::WHOLE);
    let mut simulator = record
        .simulator(&scenarios, Some(jobs), shard, kept.ledger(), &bar)
        .map_err(|error| CommandError::Execution(format!("error: {error}")))?;
    let Some(part) = part else {
        let finding = record.carry_out(simulator).map_err(|error| kept.failure(format!("error: {error}")))?;
        bar.clear();
        let files = export::write(&finding.results, folder, Some(jobs)).map_err(|failure| kept.with_way_on(failure))?;
        // Neither failure keeps the other from being tried: the results are in place.
        let printed = export::print(&finding, files, folder, execution.quiet, execution.format);
        return kept.close(execution.quiet).and(printed);
    };
    note_cost(&record.plan, execution.quiet);
    simulator.provide(&record.most()).map_err(|error| kept.failure(format!("error: {error}")))?;
    bar.clear();
    let units = simulator.own_units().count();
    let files = store::shard_files(&record, &part, simulator.own_units());
    drop(simulator);
    export::write_files(&files, folder, Some(&part)).map_err(|failure| kept.with_way_on(failure))?;
    let told = tell_shard(part.shard, units, folder, execution);
    kept.close(execution.quiet).and(told)
}

/// The ledger of a job under way, if it has one.
struct JobLedger {
    /// `None` if nothing is.
    ledger: Option<FileLedger>,
    /// Of the job's scenarios.
    digests: BTreeSet<String>,
}

impl JobLedger {
    fn open(
        path: PathBuf,
        folder: &Path,
        record: &JobRecord,
        interrupted: Interrupted,
        quiet: bool,
    ) -> Result<Self, CommandError> {
        let digests: BTreeSet<String> = record.digests().map(str::to_owned).collect();
        let ledger = match interrupted {
            Interrupted::BeginsAgain => None,
            Interrupted::CanGoOn => Some(resume::begin(path)?),
            Interrupted::GoesOn => Some(resume::go_on(path, folder, &digests, quiet)?),
        };
        if let Some(ledger) = &ledger {
            interrupt::tell(ledger);
        }
        Ok(Self { ledger, digests })
    }

    fn ledger(&self) -> &dyn Ledger {
        match &self.ledger {
            Some(ledger) => ledger,
            None => &NoLedger,
        }
    }

    fn failure(&self, message: String) -> CommandError {
        self.with_way_on(CommandError::Execution(message))
    }

    /// The failure of a disk, with the way on.
    fn with_way_on(&self, failure: CommandError) -> CommandError {
        match (failure, &self.ledger) {
            (CommandError::Execution(message), Some(ledger)) => CommandError::Execution(format!(
                "{message}\nWhat was simulated until then is in `{}`: make room, or mend what else is wrong, and go on with \
                 --resume",
                ledger.path().display()
            )),
            (failure, _) => failure,
        }
    }

    /// Closes the ledger of a job whose results are written.
    fn close(self, quiet: bool) -> Result<(), CommandError> {
        self.ledger.map_or(Ok(()), |ledger| resume::close(ledger, &self.digests, quiet))
    }
}

/// Says what can be known before anything is simulated: what will not happen, and whose luck is not the same.
fn warn(record: &JobRecord, quiet: bool) {
    match &record.asked {
        Asked::Run { record, .. } => warn_of_absences(&record.facts.foreseen, quiet),
        Asked::Study(record) => {
            for warning in report::warnings(record.as_ref()) {
                output::note(&warning, quiet);
            }
        }
    }
}

/// Says what will not happen in the measured period of a scenario.
pub(super) fn warn_of_absences(foreseen: &[Absence], quiet: bool) {
    for absence in foreseen {
        output::note(&format!("warning: {}\n  help: {}", absence.foretold(), absence.remedy()), quiet);
    }
}

/// Says that a shard has more to do than its part of what one machine would do, if `plan` decides as it goes.
fn note_cost(plan: &Plan, quiet: bool) {
    let all = match plan {
        Plan::Fixed => return,
        Plan::Precision(plan) => {
            format!("{} replications of each scenario (--max-replications), or as many as it has", plan.budget)
        }
        Plan::Search(_) => "every value of the range".to_owned(),
        Plan::Selection(_) => "as many replications of each alternative as any of them could get (--budget)".to_owned(),
        Plan::Flip(_) => "every place at which the search could look".to_owned(),
    };
    output::note(&format!("note: shards cannot stop early, so together they simulate {all}"), quiet);
}

/// What a shard has left, in a line.
fn tell_shard(shard: Shard, units: usize, folder: &Path, execution: &ExecutionArguments) -> Result<(), CommandError> {
    match execution.format {
        _ if execution.quiet => Ok(()),
        SummaryFormat::Text => output::print(&format!("Shard {shard}: {units} replications in {}\n", folder.display())),
        SummaryFormat::Json => {
            let json = serde_json::json!({ "shard": shard.to_string(), "replications": units, "folder": folder.display().to_string() });
            output::print(&format!("{json:#}\n"))
        }
    }
}
