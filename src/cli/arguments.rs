//! What the user can type.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::experiment::{PrecisionGoal, Shard};

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
    /// Simulate alternatives with the same users and the same luck, and tell how they differ
    Compare(CompareArguments),
    /// Simulate a scenario for every combination of values of some parameters
    Sweep(SweepArguments),
    /// Find the largest value of a parameter for which an objective holds
    Capacity(CapacityArguments),
    /// Join shards into what one machine would have written
    Merge(MergeArguments),
    /// Validate a scenario and print every value that it has, with where the value comes from
    Check(CheckArguments),
}

#[derive(Debug, Args)]
pub(super) struct ScenarioArguments {
    /// Scenario file (TOML)
    pub(super) scenario: PathBuf,

    #[command(flatten)]
    pub(super) overrides: OverrideArguments,
}

#[derive(Debug, Args)]
pub(super) struct OverrideArguments {
    /// Seed of all randomness [default: the scenario's]
    #[arg(long, value_name = "NUMBER")]
    pub(super) seed: Option<u64>,

    /// Number of independent replications [default: the scenario's]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) replications: Option<u32>,

    /// Set one value of the scenario, such as `group.client.count=40`; may be given several times. In a sweep, several
    /// values with commas between them are an axis: `group.client.count=5,10,20`
    #[arg(long = "set", value_name = "PATH=VALUE")]
    set: Vec<String>,
}

impl OverrideArguments {
    /// All overrides as `path=value`; the options with names of their own come last.
    pub(super) fn all(&self) -> Vec<String> {
        let named = [
            self.seed.map(|seed| format!("run.seed={seed}")),
            self.replications.map(|replications| format!("run.replications={replications}")),
        ];
        self.set.iter().cloned().chain(named.into_iter().flatten()).collect()
    }
}

/// What all studies have in common, a study being several scenarios that are simulated with the same luck.
#[derive(Debug, Args)]
pub(super) struct StudyArguments {
    /// Simulations at a time [default: one for each core]; changes no result
    #[arg(long, value_name = "NUMBER", value_parser = parse_jobs)]
    pub(super) jobs: Option<usize>,

    /// Folder for the results, replaced as a whole [default: results/<name>-<command>]
    #[arg(long, value_name = "FOLDER")]
    pub(super) out: Option<PathBuf>,

    /// Do not simulate the same users without GTNet
    #[arg(long)]
    pub(super) no_baseline: bool,

    /// Simulate more replications of a point until a mean is that precise (half of its 95 % interval): `user_wait_p95=5%`,
    /// `price_age_p50=10s`, or `5%` for the main ones; may be given several times
    #[arg(long, value_name = "PRECISION", conflicts_with = "shard")]
    pub(super) precision: Vec<PrecisionGoal>,

    /// At most so many replications of a point for the sake of precision
    #[arg(long, value_name = "NUMBER", default_value_t = 200, requires = "precision")]
    pub(super) max_replications: u32,

    /// Go on with what was interrupted, and take from earlier results what they hold already
    #[arg(long)]
    pub(super) resume: bool,

    /// Simulate one of several parts, such as 3/16, into a folder that `merge` takes
    #[arg(long, value_name = "NUMBER/OF", default_value_t = Shard::WHOLE)]
    pub(super) shard: Shard,

    /// Print nothing but errors
    #[arg(long, short)]
    pub(super) quiet: bool,

    /// What to print in the end
    #[arg(long, value_enum, default_value_t = SummaryFormat::Text)]
    pub(super) format: SummaryFormat,
}

#[derive(Debug, Args)]
pub(super) struct CompareArguments {
    /// Scenario files (TOML), the first of which the others are compared to; or one with [[variant]] tables
    #[arg(required = true, value_name = "SCENARIO")]
    pub(super) scenarios: Vec<PathBuf>,

    #[command(flatten)]
    pub(super) overrides: OverrideArguments,

    #[command(flatten)]
    pub(super) study: StudyArguments,
}

#[derive(Debug, Args)]
pub(super) struct SweepArguments {
    #[command(flatten)]
    pub(super) scenario: ScenarioArguments,

    #[command(flatten)]
    pub(super) study: StudyArguments,
}

#[derive(Debug, Args)]
pub(super) struct CapacityArguments {
    #[command(flatten)]
    pub(super) scenario: ScenarioArguments,

    /// Path of the parameter, such as `group.client.count`
    #[arg(long, value_name = "PATH")]
    pub(super) parameter: String,

    /// What shall hold for the mean over the replications: a measure, `<=` or `>=`, and a value with its unit, such as
    /// `user_wait_p95 <= 2s` or `connector_calls.saving >= 30%`
    #[arg(long, value_name = "CONDITION")]
    pub(super) objective: String,

    /// First value of the range
    #[arg(long, value_name = "NUMBER", default_value_t = 1.0)]
    pub(super) from: f64,

    /// Last value of the range
    #[arg(long, value_name = "NUMBER")]
    pub(super) to: f64,

    /// Distance of the values among which the search chooses
    #[arg(long, value_name = "NUMBER", default_value_t = 1.0)]
    pub(super) step: f64,

    /// Unit of the values, such as `ms`, if the parameter has one
    #[arg(long, default_value = "")]
    pub(super) unit: String,

    /// Find the smallest value instead: the objective holds from there on
    #[arg(long)]
    pub(super) smallest: bool,

    /// Simulations at a time [default: one for each core]; changes no result
    #[arg(long, value_name = "NUMBER", value_parser = parse_jobs)]
    pub(super) jobs: Option<usize>,

    /// Folder for the results, replaced as a whole [default: results/<name>-capacity]
    #[arg(long, value_name = "FOLDER")]
    pub(super) out: Option<PathBuf>,

    /// Go on with what was interrupted, and take from earlier results what they hold already
    #[arg(long)]
    pub(super) resume: bool,

    /// Print nothing but errors
    #[arg(long, short)]
    pub(super) quiet: bool,
}

#[derive(Debug, Args)]
pub(super) struct MergeArguments {
    /// Folders that shards have written
    #[arg(required = true, value_name = "FOLDER")]
    pub(super) shards: Vec<PathBuf>,

    /// Folder for the results, replaced as a whole
    #[arg(long, value_name = "FOLDER")]
    pub(super) out: PathBuf,

    /// Print nothing but errors
    #[arg(long, short)]
    pub(super) quiet: bool,

    /// What to print in the end
    #[arg(long, value_enum, default_value_t = SummaryFormat::Text)]
    pub(super) format: SummaryFormat,
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

    /// Simulate one of several parts, such as 3/16, into a folder that `merge` takes
    #[arg(long, value_name = "NUMBER/OF", default_value_t = Shard::WHOLE)]
    pub(super) shard: Shard,

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
