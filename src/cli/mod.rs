//! The command line: arguments, progress, diagnostics, files. Only here are wall clock, terminal and file system.

mod alternatives;
mod amounts;
mod arguments;
mod capacity;
mod cost;
mod explain;
mod explaining;
mod export;
mod interrupt;
mod job;
mod merge;
mod output;
mod parting;
mod range;
mod report;
mod resume;
mod run;
mod scenario_arguments;
mod selecting;
mod sensitivity;
mod study;
mod trace;
mod warmup;
mod worlds;

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;

use crate::experiment::{Cost, foreseen_absences};
use crate::scenario::{self, Scenario, ScenarioError, ScenarioFile};
use arguments::{Arguments, CheckArguments, CheckFormat, Command};

/// Why a command ended without success.
#[derive(Debug)]
enum CommandError {
    /// The input is wrong: the message is for the user, who can mend it. Exit code 2.
    Input(String),
    /// A scenario is wrong: the message is rendered, escapes and colours included. Exit code 2.
    Scenario(String),
    /// The input is right, yet it went wrong. Exit code 1.
    Execution(String),
}

/// Runs the command that `arguments` (the first is the program's name) ask for and returns its exit code: 0 done,
/// 1 failed, 2 the input is wrong.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let parsed = match Arguments::try_parse_from(arguments) {
        Ok(parsed) => parsed,
        Err(error) => {
            // Help and version are such errors, too.
            output::print_usage(&error);
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(1));
        }
    };
    let done = match parsed.command {
        Command::Run(arguments) => run::run(&arguments),
        Command::Compare(arguments) => study::compare(&arguments),
        Command::Sweep(arguments) => study::sweep(&arguments),
        Command::Capacity(arguments) => capacity::capacity(&arguments),
        Command::Sensitivity(arguments) => sensitivity::sensitivity(&arguments),
        Command::Merge(arguments) => merge::merge(&arguments),
        Command::Report(arguments) => report::report(&arguments),
        Command::Explain(arguments) => explain::explain(&arguments),
        Command::Check(arguments) => check(&arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(CommandError::Input(message)) => {
            output::complain(&message);
            ExitCode::from(2)
        }
        Err(CommandError::Scenario(rendered)) => {
            output::complain_as_rendered(&rendered);
            ExitCode::from(2)
        }
        Err(CommandError::Execution(message)) => {
            output::complain(&message);
            ExitCode::FAILURE
        }
    }
}

/// Validates a scenario and prints what it says, every default included, with the source of each value and with what it takes
/// to simulate it.
fn check(arguments: &CheckArguments) -> Result<(), CommandError> {
    let scenario = open(&arguments.scenario.scenario)?.scenario(&arguments.scenario.overrides.all());
    let scenario = scenario.map_err(|error| complaint(&error))?;
    job::warn_of_absences(&foreseen_absences(scenario.world()), false);
    let cost = Cost::of_run(&scenario, f64::from(scenario.replications()), true);
    cost::admit_one(&cost, arguments.memory)?;
    let text = match arguments.format {
        CheckFormat::Text => scenario.explain(),
        CheckFormat::Toml => scenario.resolved_toml(),
    };
    output::print(&(text + &cost::told(&cost) + &without_range(&scenario)))
}

/// The assumptions of which nothing says where they may lie: lines of comment for a TOML file, none if there are none.
fn without_range(scenario: &Scenario) -> String {
    let open = scenario.assumptions_without_range();
    let lines = open.iter().map(|(table, line)| {
        format!("#   {}: [{table}] {}\n", line.source.describe(&scenario.file_name()), line.written)
    });
    let lines: String = lines.collect();
    if lines.is_empty() {
        return String::new();
    }
    format!(
        "\n# Assumptions without a range, which `gtnet-sim sensitivity` takes for known ([[uncertain]] gives them one):\n{lines}"
    )
}

/// Reads a scenario file: once in a process, as it may be a pipe.
fn open(path: &Path) -> Result<ScenarioFile, CommandError> {
    ScenarioFile::read(path).map_err(|error| complaint(&error))
}

fn complaint(error: &ScenarioError) -> CommandError {
    CommandError::Scenario(scenario::render(error, output::errors_in_colour(), output::error_width()))
}
