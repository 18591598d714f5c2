//! The command `sensitivity`: which of the values that nobody knows decide the results.

use crate::experiment::Job;
use crate::measures::{self, MeasureId, Quantity};
use crate::scenario::{Uncertainty, VariedBy};

use super::arguments::{SensitivityArguments, SensitivityMethod};
use super::job::{self, Interrupted};
use super::{CommandError, complaint, open};

pub(super) fn sensitivity(arguments: &SensitivityArguments) -> Result<(), CommandError> {
    if arguments.flip {
        return flip(arguments);
    }
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

/// Looks for the smallest change of each uncertain value that flips the decision.
fn flip(arguments: &SensitivityArguments) -> Result<(), CommandError> {
    let file = open(&arguments.scenario.scenario)?;
    let flips = file.flips(&arguments.scenario.overrides.all()).map_err(|error| complaint(&error))?;
    let folder = arguments.execution.folder(&format!("{}-sensitivity-flip", flips.study.name));
    let interrupted = if arguments.resume { Interrupted::GoesOn } else { Interrupted::CanGoOn };
    job::carry_out(Job::of_flips(flips), &folder, interrupted, &arguments.execution)
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
