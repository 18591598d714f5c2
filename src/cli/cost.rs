//! What a command will take, told before it begins: what does not fit into the memory that is allowed is refused, and whoever
//! has to wait long knows it.

use std::fmt::Write as _;
use std::thread;

use crate::experiment::{Cost, Plan, TooLarge};
use crate::text::grouped;

use super::arguments::{ExecutionArguments, Memory};
use super::{CommandError, output};

/// Who waits no longer than this does not have to be told \[s\].
const SHORT_S: f64 = 120.0;

/// Parts that a refusal names.
const MOST_PARTS: usize = 4;

/// How many simulations may be under way at a time so that they fit into the memory that is allowed; tells if these are fewer
/// than wanted, and how long a long command will take.
pub(super) fn admit(cost: &Cost, execution: &ExecutionArguments) -> Result<usize, CommandError> {
    let cores = || thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let wanted = execution.jobs.unwrap_or_else(cores);
    let Memory(memory) = execution.memory;
    let jobs = cost.simulations_within(memory, wanted).map_err(|error| refusal(cost, &error, execution.memory))?;
    let quiet = execution.quiet;
    if cost.bytes(wanted) > memory as f64 && (jobs as f64) < cost.pieces {
        let each = bytes_text(cost.bytes(jobs + 1) - cost.bytes(jobs));
        let told = format!(
            "note: {jobs} at a time instead of {wanted}: each simulation takes about {each} of memory, and {} are allowed \
             (--memory)",
            execution.memory
        );
        output::note(&told, quiet);
    }
    let seconds = cost.work_s / jobs as f64;
    if seconds > SHORT_S {
        let told = format!(
            "note: {}{} simulations take {}, {jobs} at a time",
            if cost.at_most_by.is_some() { "at most " } else { "" },
            grouped(cost.simulations, 0),
            if cost.is_bound {
                time_text(cost.is_bound, seconds)
            } else {
                format!("roughly {}", time_text(cost.is_bound, seconds))
            }
        );
        output::note(&told, quiet);
    }
    Ok(jobs)
}

/// What bounds the replications of a plan that decides as it goes how many it simulates.
pub(super) fn bound(plan: &Plan) -> Option<&'static str> {
    match plan {
        Plan::Fixed => None,
        Plan::Precision(_) => Some("--max-replications"),
        Plan::Selection(_) => Some("--budget"),
        Plan::Search(_) | Plan::Flip(_) => Some("run.replications, and the values that the search may look at"),
    }
}

/// Whether one simulation at a time fits into the memory that is allowed.
pub(super) fn admit_one(cost: &Cost, memory: Memory) -> Result<(), CommandError> {
    cost.simulations_within(memory.0, 1).map(|_| ()).map_err(|error| refusal(cost, &error, memory))
}

/// What `check` says of a scenario: lines of comment for a TOML file.
pub(super) fn told(cost: &Cost) -> String {
    let (with, without) = cost.events;
    let without =
        without.map_or_else(String::new, |without| format!(" with GTNet, {} without it", significant(without)));
    format!(
        "\n# Estimates, known before anything is simulated:\n\
         # memory: {} with one simulation at a time, within a factor of three\n\
         # events: {} {} in a simulation{without}\n\
         # time: {} for all {} simulations on one core\n",
        bytes_text(cost.bytes(1)),
        if cost.is_bound { "at most about" } else { "roughly" },
        significant(with),
        time_text(cost.is_bound, cost.work_s),
        grouped(cost.simulations, 0),
    )
}

fn refusal(cost: &Cost, error: &TooLarge, memory: Memory) -> CommandError {
    let mut text = format!(
        "error: \"{}\" {} about {} of memory, even with one simulation at a time, and {memory} are allowed",
        cost.heaviest.0,
        if cost.at_most_by.is_some() { "may take" } else { "takes" },
        bytes_text(error.bytes)
    );
    for part in error.parts.iter().take(MOST_PARTS).filter(|part| part.bytes * 50.0 > error.bytes) {
        let factors: Vec<String> = part
            .factors
            .iter()
            .map(|(count, what)| format!("{} {what}", significant(*count)).trim_end().to_owned())
            .collect();
        let colon = if factors.is_empty() { "" } else { ": " };
        let key = |key: &String| match cost.heaviest.1.source_of(key) {
            _ if key == "run.replications" && cost.at_most_by.is_some() => {
                cost.at_most_by.unwrap_or_default().to_owned()
            }
            Some(source) => format!("{key}: {source}"),
            None => key.clone(),
        };
        let keys: Vec<String> = part.keys.iter().map(key).collect();
        let keys = if keys.is_empty() { String::new() } else { format!(" ({})", keys.join(", ")) };
        write!(text, "\n  {}{colon}{} = {}{keys}", part.name, factors.join(" × "), bytes_text(part.bytes))
            .expect("writing into memory");
    }
    write!(
        text,
        "\n  help: make these smaller, or allow more with `--memory {}` if the machine has it",
        Memory::at_least(error.bytes)
    )
    .expect("writing into memory");
    CommandError::Input(text)
}

/// An amount of memory, such as `41 GB`.
fn bytes_text(bytes: f64) -> String {
    let units = [(1e12, "TB"), (1e9, "GB"), (1e6, "MB")];
    let (size, unit) = units.into_iter().find(|(size, _)| bytes >= *size).unwrap_or((1e3, "kB"));
    format!("{} {unit}", significant(bytes / size))
}

/// A time between a third and three times of `seconds`, such as `20 min to 3 h`; only its end, if it is a bound.
fn time_text(is_bound: bool, seconds: f64) -> String {
    let text = |seconds: f64| {
        let units = [(86_400.0, "d"), (3_600.0, "h"), (60.0, "min")];
        let (size, unit) = units.into_iter().find(|(size, _)| seconds >= 2.0 * size).unwrap_or((1.0, "s"));
        format!("{} {unit}", significant(seconds / size))
    };
    if seconds < 1.0 {
        "less than 3 s".to_owned()
    } else if is_bound {
        format!("at most about {}", text(seconds * 3.0))
    } else {
        format!("{} to {}", text(seconds / 3.0), text(seconds * 3.0))
    }
}

/// A number with two significant digits, and thousands separated by commas.
fn significant(number: f64) -> String {
    let mut scale = 1.0;
    while number / scale >= 100.0 {
        scale *= 10.0;
    }
    let decimals = usize::from(number < 9.95);
    if decimals == 1 {
        format!("{number:.1}").trim_end_matches(".0").to_owned()
    } else {
        grouped((number / scale).round() * scale, 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn estimates_have_two_digits() {
        let texts = [0.0, 1.0, 2.34, 9.96, 41.2, 999.0, 1_234_567.0].map(significant);
        assert_eq!(texts, ["0", "1", "2.3", "10", "41", "1,000", "1,200,000"]);
        assert_eq!([4.1e10, 2.5e7, 3e3].map(bytes_text), ["41 GB", "25 MB", "3 kB"]);
        let text = |is_bound| [0.5, 9.0, 3_600.0].map(|seconds| time_text(is_bound, seconds));
        assert_eq!(text(false), ["less than 3 s", "3 s to 27 s", "20 min to 3 h"]);
        assert_eq!(text(true), ["less than 3 s", "at most about 27 s", "at most about 3 h"]);
    }
}
