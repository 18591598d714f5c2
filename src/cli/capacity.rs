//! The command `capacity`: how far a parameter can go until an objective is lost.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::experiment::{Objective, Plan};
use crate::record::{StudyKind, StudyRecord};
use crate::scenario;
use crate::stats::{Capacity, CapacitySearch};

use super::arguments::CapacityArguments;
use super::store::shards::StudyWhole;
use super::study::{Task, head};
use super::{Failure, complaint};

/// A search among more values than this is a wrong step.
const MOST_VALUES: u64 = 100_000;

/// What a capacity is asked of.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct CapacityQuestion {
    /// Path of the parameter.
    pub(super) parameter: String,
    /// Whether the smallest value is sought: then the points are in descending order.
    pub(super) smallest: bool,
}

pub(super) fn capacity(arguments: &CapacityArguments) -> Result<(), Failure> {
    let wrong = |message: String| Failure::Input(format!("error: {message}"));
    let objective: Objective = arguments.objective.parse().map_err(wrong)?;
    let mut overrides = arguments.scenario.overrides.all();
    overrides.push(format!("{}={}", arguments.parameter, values(arguments)?.join(",")));
    let mut design =
        scenario::Study::load_sweep(&arguments.scenario.scenario, &overrides).map_err(|error| complaint(&error))?;
    if design.parameters != [arguments.parameter.clone()] {
        let others: Vec<&String> = design.parameters.iter().filter(|other| **other != arguments.parameter).collect();
        return Err(wrong(format!(
            "the scenario has variants or axes of its own ({others:?}), and `capacity` varies one parameter alone; take a \
             scenario without them"
        )));
    }
    if arguments.smallest {
        design.points.reverse();
    }

    let question = CapacityQuestion { parameter: arguments.parameter.clone(), smallest: arguments.smallest };
    let task = Task {
        whole: StudyWhole {
            record: head(StudyKind::Sweep, &design),
            baseline: objective.quantity.is_saving(),
            plan: Plan::Capacity(objective),
            capacity: Some(question),
        },
        scenarios: design.points.into_iter().map(|point| point.scenario).collect(),
        command: "capacity",
        resume: arguments.resume,
    };
    task.carry_out(&arguments.execution)
}

/// The values of the range, as the scenario takes them.
fn values(arguments: &CapacityArguments) -> Result<Vec<String>, Failure> {
    let (from, to, step) = (arguments.from, arguments.to, arguments.step);
    let wrong = |message: &str| Err(Failure::Input(format!("error: {message}")));
    if !(from.is_finite() && to.is_finite() && step.is_finite()) || from >= to || step <= 0.0 {
        return wrong("--from must be less than --to, and --step more than 0");
    }
    let steps = ((to - from) / step + 1e-9).floor();
    if steps >= MOST_VALUES as f64 {
        return wrong("the range has more than 100,000 values; take a larger --step");
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below 100,000")]
    let steps = steps as u32;
    let whole = from.fract() == 0.0 && step.fract() == 0.0;
    let text = |index: u32| {
        let value = from + f64::from(index) * step;
        if whole { format!("{value:.0}") } else { format!("{value:?}") }
    };
    Ok((0..=steps).map(|index| format!("{}{}", text(index), arguments.unit)).collect())
}

/// What was found, in words.
pub(super) fn answer(
    record: &StudyRecord,
    search: &CapacitySearch,
    question: &CapacityQuestion,
    objective: &Objective,
) -> String {
    let value = |index: usize| record.points[index].settings[0].clone();
    let (last, parameter) = (record.points.len() - 1, &question.parameter);
    let (extreme, easiest, hardest) =
        if question.smallest { ("smallest", "largest", "smallest") } else { ("largest", "smallest", "largest") };
    let sure = |surely: bool| if surely { "" } else { ", though chance could have decided otherwise" };
    let mut text = format!("{}: {}\n", record.name, record.question);
    match search.outcome() {
        Capacity::Never { surely } => writeln!(
            text,
            "{objective} never holds, not even at the {easiest} value, {parameter} = {}{}.",
            value(0),
            sure(surely)
        ),
        Capacity::Always { surely } => writeln!(
            text,
            "{objective} always holds, even at the {hardest} value, {parameter} = {}{}.",
            value(last),
            sure(surely)
        ),
        Capacity::UpTo { answer, low, high } => {
            let low = low.map_or_else(|| format!("beyond {}", value(0)), value);
            let high = high.map_or_else(|| format!("beyond {}", value(last)), |high| value(high - 1));
            let (low, high) = if question.smallest { (high, low) } else { (low, high) };
            writeln!(
                text,
                "The {extreme} value that keeps {objective}: {parameter} = {} (95 % interval: {low} to {high}).",
                value(answer)
            )
        }
    }
    .expect("writing into memory");
    for (fails, holds) in search.contradictions() {
        writeln!(
            text,
            "Beware: it surely fails at {} and surely holds at {}, so that there is more than one boundary.",
            value(fails),
            value(holds)
        )
        .expect("writing into memory");
    }
    text
}
