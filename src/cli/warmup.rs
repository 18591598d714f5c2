//! `--warmup auto`: the warm-up that the scenarios themselves show.

use crate::experiment::{Cost, SeriesWarmup, Warmup, WarmupError, find_warmup};
use crate::scenario::Scenario;

use super::arguments::{ExecutionArguments, LengthArguments};
use super::{CommandError, cost, output};

/// Student's t of fewer replications is so wide that only large differences lie beyond it.
const ENOUGH_REPLICATIONS: usize = 5;

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
        _ => CommandError::Input(message),
    }
}

/// What was found, week by week, and what has to be known of it.
fn told(scenario: &Scenario, found: &Warmup) -> String {
    let name = scenario.name();
    let by_series: Vec<String> =
        found.by_series.iter().map(|series| format!("{} {} d", series.name, series.days)).collect();
    let first = format!(
        "{name}: warm-up of {} d, after which no early week is told from the late ones over {} replications ({})",
        found.days,
        found.replications,
        by_series.join(", "),
    );
    let mut lines = vec![first];
    lines.extend(table(found));
    if found.replications < ENOUGH_REPLICATIONS {
        lines.push(format!("warning: {name}: so few replications show only large differences; take 10 or more"));
    }
    let cause = if found.clocks_run_free {
        "clocks run free in this scenario: prices get older from week to week; whatever the warm-up, a longer run shows older \
         prices"
    } else {
        "whatever the warm-up, a run of another length shows another mean"
    };
    lines.extend(found.trends.iter().map(|trend| format!("warning: {name}: {trend} after the warm-up; {cause}")));
    lines.join("\n")
}

/// The mean of each week, relative to that of the late weeks.
fn table(found: &Warmup) -> Vec<String> {
    let weeks = found.by_series.iter().filter_map(|series| series.weeks.as_ref()).map(Vec::len).max().unwrap_or(0);
    let line = |first: String, cells: Vec<String>, last: &str| format!("  {first:>4}{}{last}", cells.concat());
    let head = found.by_series.iter().map(|series| format!("{:>18}", series.name)).collect();
    let row = |week: usize| {
        let cell = |series: &SeriesWarmup| match &series.weeks {
            Some(weeks) => format!("{:>+16.2} %", (weeks[week] - 1.0) * 100.0),
            None => format!("{:>18}", "–"),
        };
        let part = match week {
            _ if week >= weeks / 2 => "  late",
            _ if 7 * (week as u64) < found.days => "  warm-up",
            _ => "",
        };
        line((week + 1).to_string(), found.by_series.iter().map(cell).collect(), part)
    };
    std::iter::once(line("week".to_owned(), head, "")).chain((0..weeks).map(row)).collect()
}
