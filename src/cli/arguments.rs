//! What the user can type.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Simulates GTNet, the peer-to-peer price exchange of Grafioschtrader instances: load per push-open server, connector
/// calls saved, age of prices.
#[derive(Debug, Parser)]
#[command(name = "gtnet-sim", version, max_term_width = 100, arg_required_else_help = true)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Simulate a scenario, write its results, and print the answer to its question
    Run(RunArguments),
    /// Validate a scenario and print every value that it has, with where the value comes from
    Check(CheckArguments),
}

#[derive(Debug, Args)]
pub(super) struct ScenarioArguments {
    /// Scenario file (TOML)
    pub(super) scenario: PathBuf,

    /// Seed of all randomness [default: the scenario's]
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,

    /// Number of independent replications [default: the scenario's]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    replications: Option<u32>,

    /// Set one value of the scenario, such as `group.client.count=40`; may be given several times
    #[arg(long = "set", value_name = "PATH=VALUE")]
    set: Vec<String>,
}

impl ScenarioArguments {
    /// All overrides as `path=value`; the options with names of their own come last.
    pub(super) fn overrides(&self) -> Vec<String> {
        let named = [
            self.seed.map(|seed| format!("run.seed={seed}")),
            self.replications.map(|replications| format!("run.replications={replications}")),
        ];
        self.set.iter().cloned().chain(named.into_iter().flatten()).collect()
    }
}

#[derive(Debug, Args)]
pub(super) struct RunArguments {
    #[command(flatten)]
    pub(super) scenario: ScenarioArguments,

    /// Simulations at a time [default: one for each core]; changes no result
    #[arg(long, value_name = "NUMBER", value_parser = parse_jobs)]
    pub(super) jobs: Option<usize>,

    /// Folder for the results, replaced as a whole [default: results/<name of the scenario>]
    #[arg(long, value_name = "FOLDER")]
    pub(super) out: Option<PathBuf>,

    /// Do not simulate the same users without GTNet, to which the results are compared
    #[arg(long)]
    pub(super) no_baseline: bool,

    /// Print nothing but errors
    #[arg(long, short)]
    pub(super) quiet: bool,

    /// What to print in the end
    #[arg(long, value_enum, default_value_t = SummaryFormat::Text)]
    pub(super) format: SummaryFormat,
}

#[derive(Debug, Args)]
pub(super) struct CheckArguments {
    #[command(flatten)]
    pub(super) scenario: ScenarioArguments,

    /// What to print
    #[arg(long, value_enum, default_value_t = CheckFormat::Text)]
    pub(super) format: CheckFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum SummaryFormat {
    /// A summary to read
    Text,
    /// The same numbers for programs
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum CheckFormat {
    /// A listing with the source of every value
    Text,
    /// The resolved scenario, which can be run again
    Toml,
}

fn parse_jobs(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(jobs) if (1..=1_024).contains(&jobs) => Ok(jobs),
        _ => Err("a number from 1 to 1024 is needed".to_owned()),
    }
}
