//! `[scenario]` and `[run]`.

use std::borrow::Cow;

use crate::measures::Condition;
use crate::scenario::context::{Context, OrNoted};
use crate::scenario::error::Problem;
use crate::scenario::item::{Item, Read, quoted};
use crate::scenario::section::Section;
use crate::scenario::source::ValueSource;
use crate::scenario::tree::{Node, Value};
use crate::scenario::units;
use crate::text::is_hidden;
use crate::time::{SimDuration, Timestamp};

/// Nobody waits for more replications than this, and narrower intervals would claim more than a model can.
const MOST_REPLICATIONS: u32 = 100_000;

/// `[scenario]`: name and question.
pub(in crate::scenario) fn scenario(context: &Context<'_>, node: Option<&Node>) -> OrNoted<(String, String)> {
    let mut section = Section::open(context, "scenario", node);
    let name = section.required("name", "\"hub-20-clients\"", scenario_name);
    let question = section.required("question", "\"Does a push-open server pay off?\"", line_of_text);
    // The files that the scenario starts from have been read before the command line's values came.
    if let Some(base) = section.node("base")
        && base.source() == ValueSource::CommandLine
    {
        let what = "`scenario.base` cannot be set from the command line".to_owned();
        let label = (base.origin.spot.clone(), "set here".to_owned());
        let help = "write it into the file, below [scenario], or run the other file";
        context.report(Problem::Contradiction { what }, vec![label], help);
    }
    section.close();
    Ok((name?, question?))
}

/// A text that terminals, tables and charts show as it is written.
pub(in crate::scenario) fn line_of_text(item: &Item<'_>) -> OrNoted<Read<String>> {
    let read = item.text()?;
    let Some(hidden) = read.value.chars().find(|c| is_hidden(*c)) else { return Ok(read) };
    let what = match hidden {
        '\n' | '\r' => "the end of a line".to_owned(),
        '\t' => "a tab".to_owned(),
        other => format!("the control character U+{:04X}", u32::from(other)),
    };
    Err(item.report(Problem::Hidden { path: item.path.clone(), what }, "in here", "write it as one line of plain text"))
}

fn scenario_name(item: &Item<'_>) -> OrNoted<Read<String>> {
    let read = item.text()?;
    let name = &read.value;
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let plain = name.len() <= 100 && name.chars().all(allowed) && !name.starts_with('-');
    if !plain {
        let better: String = name.to_lowercase().chars().map(|c| if allowed(c) { c } else { '-' }).take(100).collect();
        let problem = Problem::BadName { name: name.clone(), reason: "cannot be the name of a scenario".to_owned() };
        let better = better.trim_matches('-');
        let better = if better.is_empty() { "my-scenario" } else { better };
        let help = format!("use lower-case letters, digits and hyphens, at most 100, such as \"{better}\"");
        return Err(item.report(problem, "results are written into a folder of this name", help));
    }
    Ok(read)
}

/// `[decision]`: what it takes for the answer to be yes.
pub(in crate::scenario) fn decision(context: &Context<'_>, node: Option<&Node>) -> OrNoted<Vec<Condition>> {
    let Some(node) = node else { return Ok(Vec::new()) };
    let mut section = Section::open(context, "decision", Some(node));
    let yes_if = section.required("yes_if", EXAMPLE_OF_CONDITIONS, conditions);
    section.close();
    yes_if
}

const EXAMPLE_OF_CONDITIONS: &str = r#"["connector_calls.saving >= 20%", "user_wait_p95 <= 3s"]"#;

fn conditions(item: &Item<'_>) -> OrNoted<Read<Vec<Condition>>> {
    let help = || format!("write them such as {EXAMPLE_OF_CONDITIONS}");
    let elements = item.elements().filter(|elements| !elements.is_empty());
    let elements = elements.ok_or_else(|| item.wrong_kind("a list of conditions", help()))?;
    let condition = |element: &Item<'_>| {
        let read = element.text()?;
        let unreadable = |why: String| element.not_understood(&read.value, "a condition", why);
        read.value.parse::<Condition>().map_err(unreadable)
    };
    let conditions: Vec<OrNoted<Condition>> = elements.iter().map(condition).collect();
    let conditions: Vec<Condition> = conditions.into_iter().collect::<OrNoted<_>>()?;
    let texts: Vec<String> = conditions.iter().map(|condition| quoted(&condition.to_string())).collect();
    Read::new(conditions, format!("[{}]", texts.join(", ")))
}

/// `[run]`.
pub(in crate::scenario) struct Run {
    pub(in crate::scenario) start: Timestamp,
    pub(in crate::scenario) duration: SimDuration,
    pub(in crate::scenario) warmup: SimDuration,
    pub(in crate::scenario) topology: Option<u32>,
    pub(in crate::scenario) seed: u64,
    pub(in crate::scenario) replications: u32,
}

pub(in crate::scenario) fn run(context: &Context<'_>, node: Option<&Node>) -> OrNoted<Run> {
    let mut section = Section::open(context, "run", node);
    let start = section.required("start", "2026-03-02T00:00:00Z", start);
    let duration = section.required("duration", "\"5d\"", Item::positive_duration);
    let warmup = section.default("warmup", "\"0s\"", Item::duration);
    let seed = section.default("seed", "1", |item| item.whole(0, u64::MAX));
    let replications = section.default("replications", "10", replications);
    // Without it each replication draws its own, which no number says.
    let topology = match section.node("topology") {
        Some(node) => section.settle("topology", Cow::Borrowed(node), topology).map(Some),
        None => Ok(None),
    };
    section.close();
    let (duration, warmup) = (duration?, warmup?);
    if warmup >= duration {
        let problem = Problem::WarmupTooLong { warmup: warmup.to_string(), duration: duration.to_string() };
        let labels = vec![
            (context.spot("run.warmup"), "not measured".to_owned()),
            (context.spot("run.duration"), "warm-up included".to_owned()),
        ];
        context.report(problem, labels, "make the duration longer than the warm-up");
    }
    Ok(Run { start: start?, duration, warmup, topology: topology?, seed: seed?, replications: replications? })
}

fn topology(item: &Item<'_>) -> OrNoted<Read<u32>> {
    item.whole_u32(0, MOST_REPLICATIONS)
}

fn replications(item: &Item<'_>) -> OrNoted<Read<u32>> {
    if let Value::Integer(number) = item.node.value
        && number > i128::from(MOST_REPLICATIONS)
    {
        let help =
            "the interval of a mean shrinks with the square root of their number: with 100 it is a fifth of the \
                    deviation between replications, with 400 a tenth; begin with 100"
                .to_owned();
        return Err(item.out_of_range(number, &format!("from 1 to {MOST_REPLICATIONS}"), help));
    }
    item.whole_u32(1, MOST_REPLICATIONS)
}

fn start(item: &Item<'_>) -> OrNoted<Read<Timestamp>> {
    const EXAMPLE: &str = "2026-03-02T00:00:00Z";
    let (Value::Date(text) | Value::Text(text)) = &item.node.value else {
        return Err(item.wrong_kind("a date and time", format!("write it such as {EXAMPLE}")));
    };
    let Some(start) = units::timestamp(text) else {
        let help = format!("write date, time and offset, such as {EXAMPLE} (Z is UTC), between 1970 and 2200");
        return Err(item.not_understood(text, "a point in time", help));
    };
    Read::new(start, start.to_string())
}
