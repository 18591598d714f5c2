//! `--warmup auto`: the warm-up that the scenarios themselves show.

use crate::experiment::{Cost, Warmup, WarmupError, find_warmup};
use crate::scenario::Scenario;

use super::arguments::{ExecutionArguments, LengthArguments};
use super::{CommandError, cost, output};

/// `overrides` with the length of the warm-up: the one given, or one that is long enough for all `scenarios`, which are
/// those that `load` makes of the overrides; nothing is added if neither is wanted.
pub(super) fn resolve(
    overrides: Vec<String>,
    length: &LengthArguments,
    execution: &ExecutionArguments,
    load: impl FnOnce(&[String]) -> Result<Vec<Scenario>, CommandError>,
) -> Result<Vec<String>, CommandError> {
    let mut overrides = length.with_warmup(overrides);
    if !length.seeks_warmup() {
        return Ok(overrides);
    }
    if execution.shard.is_some() {
        let help = "find it once with `run … --warmup auto`, and give all shards its length: --warmup 14d";
        return Err(CommandError::Input(format!(
            "error: `--warmup auto` looks at all replications, of which a shard has only some\n  help: {help}"
        )));
    }
    let mut days = 0;
    for scenario in load(&overrides)? {
        let jobs = cost::admit(&Cost::of_run(&scenario, f64::from(scenario.replications()), false), execution)?;
        let bar = output::SimulationBar::new(execution.quiet);
        let found = find_warmup(&scenario, Some(jobs), &bar);
        bar.clear();
        let found = found.map_err(|error| failure(&scenario, &error))?;
        output::note(&told(&scenario, &found), execution.quiet);
        days = days.max(found.days);
    }
    overrides.push(format!("run.warmup={days}d"));
    Ok(overrides)
}

fn failure(scenario: &Scenario, error: &WarmupError) -> CommandError {
    let message = format!("error: no warm-up for \"{}\": {error}", scenario.name());
    match error {
        WarmupError::Threads(_) => CommandError::Execution(message),
        WarmupError::TooShort { .. } | WarmupError::MoreThanHalf { .. } => CommandError::Input(message),
    }
}

fn told(scenario: &Scenario, found: &Warmup) -> String {
    let by_series: Vec<String> = found.by_series.iter().map(|(name, days)| format!("{name} {days} d")).collect();
    format!(
        "{}: warm-up of {} d, by MSER-5 on {} trading days ({})",
        scenario.name(),
        found.days,
        found.trading_days,
        by_series.join(", ")
    )
}
