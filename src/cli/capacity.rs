//! The command `capacity`: how far a parameter can go until an objective is lost.

use crate::experiment::{Job, Objective, Plan, Search};
use crate::record::StudyKind;

use super::arguments::CapacityArguments;
use super::job::{self, Interrupted};
use super::{CommandError, complaint, open, range};

pub(super) fn capacity(arguments: &CapacityArguments) -> Result<(), CommandError> {
    let wrong = |message: String| CommandError::Input(format!("error: {message}"));
    let objective: Objective = arguments.objective.parse().map_err(wrong)?;
    let without_spaces = |path: &str| path.split('.').map(str::trim).collect::<Vec<_>>().join(".");
    let parameter = without_spaces(&arguments.parameter);
    let mut overrides = arguments.scenario.overrides.all();
    let path_of = |other: &str| without_spaces(other.rsplit(' ').next().unwrap_or(other));
    let set_twice = |other: &&String| other.split_once('=').is_some_and(|(path, _)| path_of(path) == parameter);
    if let Some(other) = overrides.iter().find(set_twice) {
        let option = if other.starts_with("--") { "" } else { "--set " };
        return Err(wrong(format!("`{option}{other}` has no effect on the parameter that is varied; remove it")));
    }
    let values = range::values(arguments).map_err(wrong)?;
    let file = open(&arguments.scenario.scenario)?;
    // What is wrong with one value is wrong with all of them, and told once.
    let first = [&overrides[..], &[format!("--parameter {parameter}={}", values[0])]].concat();
    file.scenario(&first).map_err(|error| complaint(&error))?;
    overrides.push(format!("--parameter {parameter}={}", values.join(",")));
    let mut design = file.sweep(&overrides).map_err(|error| complaint(&error))?;
    if design.parameters != [parameter.clone()] {
        let others = design.parameters.iter().filter(|other| **other != parameter);
        let others: Vec<String> = others.map(|other| format!("`{other}`")).collect();
        return Err(wrong(format!(
            "the scenario varies {} already, and `capacity` varies one parameter alone\n  help: take a scenario without \
             [[variant]] and [[sweep]]",
            others.join(", ")
        )));
    }
    design.points.iter().try_for_each(|point| objective.check(&point.scenario)).map_err(wrong)?;
    if arguments.smallest {
        design.points.reverse();
    }

    let folder = arguments.execution.folder(&format!("{}-capacity", design.name));
    let baseline = objective.condition.quantity.contrast.is_change();
    let one_network = design.points.iter().any(|point| point.scenario.world().topology.is_some());
    let plan = Plan::Search(Search { parameter, objective, smallest: arguments.smallest, one_network });
    let interrupted = if arguments.resume { Interrupted::GoesOn } else { Interrupted::CanGoOn };
    let job = Job::of_study(StudyKind::Capacity, design, plan, baseline);
    job::carry_out(job, &folder, interrupted, &arguments.execution)
}
