//! What the user can type.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::experiment::{Plan, PrecisionGoal, PrecisionPlan, Shard};
use crate::measures::Relevance;

pub(super) use super::amounts::{InUnit, Memory};
use super::explaining::ExplainArguments;
use super::scenario_arguments::{OverrideArguments, ScenarioArguments};
use super::selecting::SelectionArguments;

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
    /// Find out which of the values that nobody knows decide the results, and which hardly matter
    Sensitivity(SensitivityArguments),
    /// Join shards into what one machine would have written
    Merge(MergeArguments),
    /// Draw the page of results once more, or set two results side by side, without simulating anything
    Report(ReportArguments),
    /// Tell how one exchange of a scenario went, where one price came from, or why one connector call was made
    Explain(ExplainArguments),
    /// Validate a scenario and print every value that it has, with where the value comes from
    Check(CheckArguments),
}

/// How a command that simulates is carried out, and what it leaves.
#[derive(Debug, Args)]
pub(super) struct ExecutionArguments {
    /// Simulations at a time [default: one for each core]; changes no result
    #[arg(long, value_name = "NUMBER", value_parser = parse_jobs)]
    pub(super) jobs: Option<usize>,

    /// Folder for the results; earlier ones in it are replaced, other files are kept [default: results/<name>, with the command (of several files, the
    /// alternatives) behind it unless it is `run`; of a shard, for example, results/<name>-sweep-shards/3-of-16]
    #[arg(long, value_name = "FOLDER")]
    pub(super) out: Option<PathBuf>,

    /// Simulate one of several parts, such as 3/16, into a folder that `merge` takes
    #[arg(long, value_name = "NUMBER/OF")]
    pub(super) shard: Option<Shard>,

    /// Memory that may be taken, such as 16GiB: what is estimated to take more with one simulation at a time is refused, and
    /// else as many are under way as fit
    #[arg(long, value_name = "SIZE", default_value_t = Memory::DEFAULT)]
    pub(super) memory: Memory,

    /// The smallest difference of a measure that matters, such as `user_wait_p95=250ms` or `connector_calls=2%`; may be given
    /// several times [default: what measures.csv says]
    #[arg(long, value_name = "MEASURE=DIFFERENCE")]
    matters: Vec<String>,

    /// Print nothing but errors
    #[arg(long, short)]
    pub(super) quiet: bool,

    /// What to print in the end
    #[arg(long, value_enum, default_value_t = SummaryFormat::Text)]
    pub(super) format: SummaryFormat,
}

/// How long is simulated, and how often.
#[derive(Debug, Args)]
pub(super) struct LengthArguments {
    /// Length of the warm-up, such as 3d [default: the scenario's], or `auto`: found by comparing early weeks of the run with late ones
    #[arg(long, value_name = "DURATION")]
    warmup: Option<String>,

    /// Simulate more replications until a mean is that precise (half of its 95 % interval): `user_wait_p95=5%`,
    /// `price_age_p50=10s`, `connector_calls.saving=2%`, or `5%` for `connector_calls`, `price_fresh_share` and
    /// `user_wait_p95`;
    /// may be given several times
    #[arg(long, value_name = "PRECISION")]
    pub(super) precision: Vec<PrecisionGoal>,

    /// At most so many replications of a scenario for the sake of precision [default: 200]
    #[arg(long, value_name = "NUMBER", requires = "precision", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(super) max_replications: Option<u32>,
}

/// Replications of a scenario for the sake of precision, unless the user says another number.
const PRECISION_BUDGET: u32 = 200;

impl ExecutionArguments {
    /// The folder for the results of what is called `name`.
    pub(super) fn folder(&self, name: &str) -> PathBuf {
        let default = || {
            let results = PathBuf::from("results");
            match self.shard {
                None => results.join(name),
                Some(shard) => {
                    results.join(format!("{name}-shards")).join(format!("{}-of-{}", shard.number(), shard.of()))
                }
            }
        };
        self.out.clone().unwrap_or_else(default)
    }

    /// Which differences matter.
    ///
    /// # Errors
    ///
    /// What is wrong with what the user says, and how it could be written.
    pub(super) fn relevance(&self) -> Result<Relevance, String> {
        Relevance::parse(&self.matters)
    }
}

impl LengthArguments {
    /// Whether the length of the warm-up is to be found.
    pub(super) fn seeks_warmup(&self) -> bool {
        self.warmup.as_deref() == Some("auto")
    }

    /// `overrides` with the length of the warm-up, if one is given.
    pub(super) fn with_warmup(&self, mut overrides: Vec<String>) -> Vec<String> {
        let given = self.warmup.as_ref().filter(|_| !self.seeks_warmup());
        overrides.extend(given.map(|length| format!("--warmup run.warmup={length}")));
        overrides
    }

    /// How many replications are simulated of scenarios that want `wanted` of them, all as many if they are compared.
    ///
    /// # Errors
    ///
    /// What is contradictory, and how to mend it.
    pub(super) fn plan(&self, wanted: &[u32], baseline: bool, together: bool) -> Result<Plan, String> {
        if self.precision.is_empty() {
            return Ok(Plan::Fixed);
        }
        if let Some(goal) = self.precision.iter().find(|goal| goal.needs_baseline() && !baseline) {
            return Err(format!(
                "`--precision {goal}` is a saving against the same users without GTNet, which `--no-baseline` leaves out"
            ));
        }
        let least = wanted.iter().copied().max().unwrap_or(0);
        if let Some(most) = self.max_replications.filter(|most| *most < least) {
            return Err(format!(
                "`--max-replications {most}` is less than the {least} replications of the scenario; give more, or set \
                 `--replications`"
            ));
        }
        let budget = self.max_replications.unwrap_or(PRECISION_BUDGET);
        Ok(Plan::Precision(PrecisionPlan { goals: self.precision.clone(), budget, together }))
    }
}

/// What `compare` and `sweep` have in common.
#[derive(Debug, Args)]
pub(super) struct StudyArguments {
    #[command(flatten)]
    pub(super) execution: ExecutionArguments,

    #[command(flatten)]
    pub(super) length: LengthArguments,

    #[command(flatten)]
    pub(super) selection: SelectionArguments,

    /// Do not simulate the same users without GTNet
    #[arg(long)]
    pub(super) no_baseline: bool,

    /// Go on with what was interrupted, and take from earlier results of as many replications what they hold already
    #[arg(long)]
    pub(super) resume: bool,
}

#[derive(Debug, Args)]
pub(super) struct CompareArguments {
    /// Scenario files (TOML; `-` is standard input), the first of which the others are compared to; or one with [[variant]] tables
    #[arg(required = true, value_name = "SCENARIO")]
    pub(super) scenarios: Vec<PathBuf>,

    #[command(flatten)]
    pub(super) overrides: OverrideArguments,

    #[command(flatten)]
    pub(super) study: StudyArguments,

    /// Compare in so many worlds, in each of which every [[uncertain]] value lies elsewhere in its range, and tell in how many of them
    /// each conclusion holds. A value that --set or a variant sets is known
    #[arg(
        long,
        value_name = "WORLDS",
        value_parser = clap::value_parser!(u32).range(10..=10_000),
        conflicts_with_all = ["precision", "first_difference", "best", "goals"]
    )]
    pub(super) uncertain: Option<u32>,

    /// Instead of results: the first thing that happens in one alternative and not in the first one, and what makes each visit end
    /// otherwise. Simulates one replication; `--out` names a file that must not exist
    #[arg(long, conflicts_with_all = ["jobs", "shard", "matters", "quiet", "format", "precision", "best", "goals", "no_baseline", "resume"])]
    pub(super) first_difference: bool,

    /// With --first-difference: only the alternative with this name [default: each, one after the other]
    #[arg(long, value_name = "NAME", requires = "first_difference")]
    pub(super) variant: Option<String>,

    /// With --first-difference: the replication, numbered from 0
    #[arg(long, value_name = "NUMBER", requires = "first_difference", default_value_t = 0)]
    pub(super) replication: u32,
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

    /// What shall hold: a measure, `<=` or `>=`, and a value with its unit. `user_wait_p95 <= 2s` or
    /// `connector_calls.saving >= 30%` is about the mean over networks: about half of them may break it at the limit.
    /// `user_wait_p95 <= 2s in 90% of networks` counts the networks that keep it
    #[arg(long, value_name = "CONDITION")]
    pub(super) objective: String,

    /// First value of the range, with its unit if it has one: `20`, `50ms` [default: 1, or one step if the others have different
    /// units]
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true)]
    pub(super) from: Option<InUnit>,

    /// Last value of the range
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true)]
    pub(super) to: InUnit,

    /// Distance of the values among which the search chooses [default: 1]
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true)]
    pub(super) step: Option<InUnit>,

    /// Unit of the values that are written without one, such as `ms`
    #[arg(long, default_value = "")]
    pub(super) unit: String,

    /// Find the smallest value instead: the objective holds from there on
    #[arg(long)]
    pub(super) smallest: bool,

    /// Go on with what was interrupted, and take from earlier results of as many replications what they hold already
    #[arg(long)]
    pub(super) resume: bool,

    #[command(flatten)]
    pub(super) execution: ExecutionArguments,
}

#[derive(Debug, Args)]
pub(super) struct SensitivityArguments {
    #[command(flatten)]
    pub(super) scenario: ScenarioArguments,

    /// How the values of the [[uncertain]] tables are varied
    #[arg(long, value_enum, default_value_t = SensitivityMethod::Tornado)]
    pub(super) method: SensitivityMethod,

    /// Find out instead what would change the answer: the smallest change of each value, the others as assumed, that flips the [decision]
    #[arg(long, conflicts_with_all = ["method", "measures", "trajectories", "samples"])]
    pub(super) flip: bool,

    /// What is measured, with commas between them, such as `connector_calls.saving,user_wait_p95` [default: these two,
    /// `price_fresh_share` and `price_age_p95`]
    #[arg(long, value_name = "MEASURES", value_delimiter = ',')]
    pub(super) measures: Vec<String>,

    /// Trajectories of the method of Morris; each takes one point more than there are uncertain values
    #[arg(long, value_name = "NUMBER", default_value_t = 10, value_parser = clap::value_parser!(u32).range(2..=10_000))]
    pub(super) trajectories: u32,

    /// Points of each of Sobol's two samples; each takes two points more than there are uncertain values
    #[arg(long, value_name = "NUMBER", default_value_t = 128, value_parser = clap::value_parser!(u32).range(16..=100_000))]
    pub(super) samples: u32,

    /// Go on with what was interrupted, and take from earlier results of as many replications what they hold already
    #[arg(long)]
    pub(super) resume: bool,

    #[command(flatten)]
    pub(super) execution: ExecutionArguments,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum SensitivityMethod {
    /// One value at a time, at both ends of its range, the others as assumed: the cheapest
    Tornado,
    /// Elementary effects (Morris): few points in all of the ranges; which values matter, and which depend on others
    Morris,
    /// Shares of the variance (Sobol): many points; how much of the spread each value accounts for
    Sobol,
}

#[derive(Debug, Args)]
pub(super) struct MergeArguments {
    /// Folders that shards have written
    #[arg(required = true, value_name = "FOLDER")]
    pub(super) shards: Vec<PathBuf>,

    /// Folder for the results; earlier ones in it are replaced, other files are kept
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
pub(super) struct ReportArguments {
    /// A folder of results, whose report.html and report.md are drawn once more; or two, which one page sets side by side
    #[arg(required = true, num_args = 1..=2, value_name = "RESULTS")]
    pub(super) results: Vec<PathBuf>,

    /// Folder for the page of two results [default: results/<one>-beside-<other>]
    #[arg(long, value_name = "FOLDER")]
    pub(super) out: Option<PathBuf>,

    /// Print nothing but errors
    #[arg(long, short)]
    pub(super) quiet: bool,
}

#[derive(Debug, Args)]
pub(super) struct RunArguments {
    #[command(flatten)]
    pub(super) scenario: ScenarioArguments,

    #[command(flatten)]
    pub(super) execution: ExecutionArguments,

    #[command(flatten)]
    pub(super) length: LengthArguments,

    /// Do not simulate the same users without GTNet, to which the results are compared
    #[arg(long)]
    pub(super) no_baseline: bool,

    /// Simulate in so many worlds, too, in each of which every [[uncertain]] value lies elsewhere in its range: two runs in each of two
    /// topologies. Tells how far the numbers go, and how much of that is what nobody knows, the topology drawn, and luck. What --set sets
    /// is known
    #[arg(
        long,
        value_name = "WORLDS",
        value_parser = clap::value_parser!(u32).range(10..=10_000),
        conflicts_with_all = ["precision", "trace"]
    )]
    pub(super) uncertain: Option<u32>,

    /// With --uncertain: go on with what was interrupted, and take from earlier results what they hold already
    #[arg(long, requires = "uncertain")]
    pub(super) resume: bool,

    /// Afterwards simulate one replication once more, and write all that happens in it to this folder: `trace.jsonl` for programs,
    /// `trace.perfetto.json` for <https://ui.perfetto.dev>; changes no result
    #[arg(long, value_name = "FOLDER", conflicts_with = "shard")]
    pub(super) trace: Option<PathBuf>,

    /// Replication whose trace is written, numbered from 0 as in replications.csv
    #[arg(long, value_name = "NUMBER", requires = "trace", default_value_t = 0)]
    pub(super) trace_replication: u32,
}

#[derive(Debug, Args)]
pub(super) struct CheckArguments {
    #[command(flatten)]
    pub(super) scenario: ScenarioArguments,

    /// Memory that may be taken, such as 16GiB: what is estimated to take more is refused, as it is before it is simulated
    #[arg(long, value_name = "SIZE", default_value_t = Memory::DEFAULT)]
    pub(super) memory: Memory,

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
