//! The command `explain`: simulates one replication, and tells how one thing in it came about.

use crate::experiment::Cost;
use crate::explain::{self, DiagramFormat, ExchangeChoice, Explanation};
use crate::scenario::Scenario;
use crate::store;

use super::explaining::{ExplainArguments, ExplainFormat};
use super::trace::check_replication;
use super::{CommandError, complaint, cost, open, output};

pub(super) fn explain(arguments: &ExplainArguments) -> Result<(), CommandError> {
    let input = |error: &dyn std::fmt::Display| CommandError::Input(format!("error: {error}"));
    let scenario = scenario(arguments)?;
    let (replication, count) = (arguments.replication, scenario.replications());
    check_replication(replication, count, "the scenario has", "--replication")?;
    let choice = choice(arguments, &scenario)?;
    cost::admit_one(&Cost::of_run(&scenario, 1.0, false), arguments.memory)?;
    if let Some(path) = &arguments.out {
        store::check_new(path).map_err(|error| input(&error))?;
    }
    let explanation = match (arguments.call, &arguments.instrument) {
        (Some(_), _) => Explanation::Call,
        (None, Some(instrument)) => Explanation::Price(instrument.clone()),
        (None, None) => Explanation::Exchange(match arguments.format {
            ExplainFormat::Text => DiagramFormat::Text,
            ExplainFormat::Mermaid => DiagramFormat::Mermaid,
            ExplainFormat::Svg => DiagramFormat::Svg,
        }),
    };
    let text = explain::explain(&scenario, replication, &choice, &explanation).map_err(|error| input(&error))?;
    match &arguments.out {
        None => output::print(&text),
        Some(path) => {
            store::write_new(path, text.as_bytes()).map_err(|error| CommandError::Execution(format!("error: {error}")))
        }
    }
}

/// The scenario that the file describes, or the variant of it that is named.
fn scenario(arguments: &ExplainArguments) -> Result<Scenario, CommandError> {
    let (file, overrides) = (open(&arguments.scenario.scenario)?, arguments.scenario.overrides.all());
    let Some(name) = &arguments.variant else {
        return file.scenario(&overrides).map_err(|error| complaint(&error));
    };
    let study = file.variants(&overrides).map_err(|error| complaint(&error))?;
    let names = study.points.iter().map(|point| point.label.as_str()).collect::<Vec<_>>().join(", ");
    let found = study.points.into_iter().find(|point| point.label == *name);
    found.map(|point| point.scenario).ok_or_else(|| {
        CommandError::Input(format!("error: there is no variant `{name}`\n  help: choose one of these: {names}"))
    })
}

fn choice(arguments: &ExplainArguments, scenario: &Scenario) -> Result<ExchangeChoice, CommandError> {
    Ok(match arguments {
        ExplainArguments { exchange: Some(number), .. } => ExchangeChoice::Numbered(*number),
        ExplainArguments { call: Some(number), .. } => ExchangeChoice::OfCall(*number),
        ExplainArguments { user: Some(user), at, .. } => {
            let at = explain::moment_of(at, scenario)
                .map_err(|error| CommandError::Input(format!("error: --at: {error}")))?;
            ExchangeChoice::OfUser { user: user.clone(), at }
        }
        ExplainArguments { slowest: true, .. } => ExchangeChoice::Slowest,
        ExplainArguments { oldest_price: true, .. } => ExchangeChoice::OldestPrice,
        _ => ExchangeChoice::Typical,
    })
}
