//! The command `sensitivity`: which of the values that nobody knows decide the results.

use clap::{Args, ValueEnum};

use crate::experiment::Job;
use crate::measures::{self, MeasureId, Quantity};
use crate::scenario::{Uncertainty, VariedBy};

use super::arguments::ExecutionArguments;
use super::job::{self, Interrupted};
use super::scenario_arguments::ScenarioArguments;
use super::{CommandError, complaint, open};

#[derive(Debug, Args)]
pub(super) struct SensitivityArguments {
    #[command(flatten)]
    scenario: ScenarioArguments,

    /// How the values of the [[uncertain]] tables are varied
    #[arg(long, value_enum, default_value_t = SensitivityMethod::Tornado)]
    method: SensitivityMethod,

    /// What is measured, with commas between them, such as `connector_calls.saving,user_wait_p95` [default: these two,
    /// `price_fresh_share` and `price_age_p95`]
    #[arg(long, value_name = "MEASURES", value_delimiter = ',')]
    measures: Vec<String>,

    /// Trajectories of the method of Morris; each takes one point more than there are uncertain values
    #[arg(long, value_name = "NUMBER", default_value_t = 10, value_parser = clap::value_parser!(u32).range(2..=10_000))]
    trajectories: u32,

    /// Points of each of Sobol's two samples; each takes two points more than there are uncertain values
    #[arg(long, value_name = "NUMBER", default_value_t = 128, value_parser = clap::value_parser!(u32).range(16..=100_000))]
    samples: u32,

    /// Go on with what was interrupted, and take from earlier results of as many replications what they hold already
    #[arg(long)]
    resume: bool,

    #[command(flatten)]
    execution: ExecutionArguments,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum SensitivityMethod {
    /// One value at a time, at both ends of its range, the others as assumed: the cheapest
    Tornado,
    /// Elementary effects (Morris): few points in all of the ranges; which values matter, and which depend on others
    Morris,
    /// Shares of the variance (Sobol): many points; how much of the spread each value accounts for
    Sobol,
}

pub(super) fn sensitivity(arguments: &SensitivityArguments) -> Result<(), CommandError> {
    let input = |error: String| CommandError::Input(format!("error: --measures: {error}"));
    let (varied, name) = match arguments.method {
        SensitivityMethod::Tornado => (VariedBy::Tornado, "tornado"),
        SensitivityMethod::Morris => (VariedBy::Morris(arguments.trajectories), "morris"),
        SensitivityMethod::Sobol => (VariedBy::Sobol(arguments.samples), "sobol"),
    };
    let asked: Vec<Quantity> =
        arguments.measures.iter().map(|text| text.parse()).collect::<Result<_, _>>().map_err(input)?;
    let file = open(&arguments.scenario.scenario)?;
    let uncertainty = file.uncertainty(&arguments.scenario.overrides.all(), varied);
    let uncertainty = uncertainty.map_err(|error| complaint(&error))?;
    let measures = if asked.is_empty() { default_measures(&uncertainty) } else { each_once(asked) };
    let folder = arguments.execution.folder(&format!("{}-sensitivity-{name}", uncertainty.study.name));
    let interrupted = if arguments.resume { Interrupted::GoesOn } else { Interrupted::CanGoOn };
    job::carry_out(Job::of_sensitivity(uncertainty, &measures), &folder, interrupted, &arguments.execution)
}

/// What matters to those who decide: calls, waiting and the age of prices.
fn default_measures(uncertainty: &Uncertainty) -> Vec<Quantity> {
    let uses_gtnet = uncertainty.study.points.iter().any(|point| point.scenario.world().uses_gtnet());
    let calls: fn(MeasureId) -> Quantity = if uses_gtnet { Quantity::saving } else { Quantity::value };
    let levels = [measures::USER_WAIT_P95, measures::FRESH_SHARE, measures::PRICE_AGE_P95].map(Quantity::value);
    std::iter::once(calls(measures::CONNECTOR_CALLS)).chain(levels).collect()
}

fn each_once(asked: Vec<Quantity>) -> Vec<Quantity> {
    let mut once: Vec<Quantity> = Vec::with_capacity(asked.len());
    for quantity in asked {
        if !once.contains(&quantity) {
            once.push(quantity);
        }
    }
    once
}
