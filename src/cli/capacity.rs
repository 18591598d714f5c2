//! The command `capacity`: how far a parameter can go until an objective is lost.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::experiment::{Objective, Plan};
use crate::record::{CapacityOutcome, CapacityRecord, Sought, StudyKind, StudyRecord};
use crate::scenario::{self, Scenario};
use crate::stats::{Capacity, CapacitySearch, Judgement};

use super::arguments::CapacityArguments;
use super::store::shards::StudyWhole;
use super::study::{Task, head};
use super::{Failure, complaint, range};

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
    let plain = |path: &str| path.split('.').map(str::trim).collect::<Vec<_>>().join(".");
    let parameter = plain(&arguments.parameter);
    let mut overrides = arguments.scenario.overrides.all();
    let set_twice = |other: &&String| other.split_once('=').is_some_and(|(path, _)| plain(path) == parameter);
    if let Some(other) = overrides.iter().find(set_twice) {
        return Err(wrong(format!("`--set {other}` has no effect on the parameter that is varied; remove it")));
    }
    let values = range::values(arguments).map_err(wrong)?;
    // What is wrong with one value is wrong with all of them, and told once.
    let first = [&overrides[..], &[format!("{parameter}={}", values[0])]].concat();
    Scenario::load(&arguments.scenario.scenario, &first).map_err(|error| complaint(&error))?;
    overrides.push(format!("{parameter}={}", values.join(",")));
    let mut design =
        scenario::Study::load_sweep(&arguments.scenario.scenario, &overrides).map_err(|error| complaint(&error))?;
    if design.parameters != [parameter.clone()] {
        let others = design.parameters.iter().filter(|other| **other != parameter);
        let others: Vec<String> = others.map(|other| format!("`{other}`")).collect();
        return Err(wrong(format!(
            "the scenario varies {} already, and `capacity` varies one parameter alone\n  help: take a scenario without \
             [[variant]] and [[sweep]]",
            others.join(", ")
        )));
    }
    if arguments.smallest {
        design.points.reverse();
    }

    let question = CapacityQuestion { parameter, smallest: arguments.smallest };
    let task = Task {
        whole: StudyWhole {
            record: head(StudyKind::Sweep, &design),
            baseline: objective.quantity.is_saving(),
            plan: Plan::Capacity(objective),
            capacity: Some(question),
        },
        scenarios: design.points.into_iter().map(|point| point.scenario).collect(),
        folder: arguments.execution.folder(&format!("{}-capacity", design.name)),
        resume: arguments.resume,
    };
    task.carry_out(&arguments.execution)
}

/// What was found.
pub(super) fn found(
    record: &StudyRecord,
    search: &CapacitySearch,
    question: &CapacityQuestion,
    objective: &Objective,
) -> CapacityRecord {
    let value = |index: usize| record.points[index].settings[0].clone();
    // The ends of the interval, in the order of the search: its high end is the last value that does not surely fail.
    let (outcome, found, ends) = match search.outcome() {
        Capacity::Never { .. } => (CapacityOutcome::Never, None, (None, None)),
        Capacity::Always { .. } => (CapacityOutcome::Always, None, (None, None)),
        Capacity::AtFarEnd { .. } => (CapacityOutcome::WrongDirection, None, (None, None)),
        Capacity::Unknown { value } => (CapacityOutcome::Unknown, Some(value), (None, None)),
        Capacity::UpTo { answer, low, high } => {
            (CapacityOutcome::Found, Some(answer), (low, high.map(|beyond| beyond - 1)))
        }
    };
    let (low, high) = if question.smallest { (ends.1, ends.0) } else { ends };
    CapacityRecord {
        parameter: question.parameter.clone(),
        objective: objective.to_string(),
        sought: if question.smallest { Sought::Smallest } else { Sought::Largest },
        outcome,
        value: found.map(value),
        low: low.map(value),
        high: high.map(value),
        told: told(record, search, question, objective),
    }
}

/// What was found, in words.
fn told(record: &StudyRecord, search: &CapacitySearch, question: &CapacityQuestion, objective: &Objective) -> String {
    let value = |index: usize| record.points[index].settings[0].clone();
    let (last, parameter) = (record.points.len() - 1, &question.parameter);
    let (extreme, easiest, hardest) =
        if question.smallest { ("smallest", "largest", "smallest") } else { ("largest", "smallest", "largest") };
    let sure = |surely: bool| if surely { "" } else { ", though chance could have decided otherwise" };
    let outcome = search.outcome();
    let mut text = match outcome {
        Capacity::Never { surely } => format!(
            "{objective} never holds, not even at the {easiest} value, {parameter} = {}{}.",
            value(0),
            sure(surely)
        ),
        Capacity::Always { surely } => format!(
            "{objective} always holds, even at the {hardest} value, {parameter} = {}{}.",
            value(last),
            sure(surely)
        ),
        Capacity::AtFarEnd { surely } => format!(
            "{objective} fails at {parameter} = {} and holds at the far end, {parameter} = {}{}: search {} --smallest.",
            value(0),
            value(last),
            sure(surely),
            if question.smallest { "without" } else { "with" }
        ),
        Capacity::Unknown { value: unknown } => format!(
            "{objective} cannot be told at value {parameter} = {}: {} is not determined in every replication, or too many visits \
             have no result there. Take a range without this value.",
            value(unknown),
            objective.quantity
        ),
        Capacity::UpTo { answer, low, high } => {
            let low = low.map_or_else(|| format!("beyond {}", value(0)), value);
            let high = high.map_or_else(|| format!("beyond {}", value(last)), |high| value(high - 1));
            let (low, high) = if question.smallest { (high, low) } else { (low, high) };
            format!(
                "The {extreme} value that keeps {objective}: {parameter} = {} (95 % interval: {low} to {high}).",
                value(answer)
            )
        }
    };
    for (fails, holds) in search.contradictions() {
        let is_said = matches!(outcome, Capacity::AtFarEnd { .. }) && (fails, holds) == (0, last);
        if is_said || matches!(outcome, Capacity::Unknown { .. }) {
            continue;
        }
        let surely = |index| if search.judgement(index).is_some_and(Judgement::is_sure) { "surely " } else { "" };
        write!(
            text,
            "\nBeware: it {}fails at {} and {}holds at {}, so that there is more than one boundary.",
            surely(fails),
            value(fails),
            surely(holds),
            value(holds)
        )
        .expect("writing into memory");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::support::study;
    use crate::stats::Judgement::{Fails, SurelyFails, SurelyHolds, Unknown};

    /// The answer to a search among 5, 10, 20, … with these judgements.
    fn answered(judgements: &[Judgement], smallest: bool) -> String {
        let question = CapacityQuestion { parameter: "group.client.count".to_owned(), smallest };
        let mut search = CapacitySearch::new(judgements.len());
        judgements.iter().enumerate().for_each(|(value, judgement)| search.tell(value, *judgement));
        let record = study(StudyKind::Sweep, u32::try_from(judgements.len()).expect("few"), 2);
        found(&record, &search, &question, &"user_wait_p95 <= 2s".parse().expect("an objective")).told
    }

    #[test]
    fn what_cannot_be_told_claims_nothing() {
        let text = answered(&[SurelyHolds, Unknown, SurelyFails, SurelyHolds], false);
        let expected =
            "cannot be told at value group.client.count = 10: user_wait_p95 is not determined in every replication";
        assert!(text.contains(expected), "{text}");
        for claim in ["never", "always", "interval", "Beware"] {
            assert!(!text.contains(claim), "{claim}: {text}");
        }
    }

    #[test]
    fn a_search_in_the_wrong_direction_says_so() {
        let text = answered(&[Fails, SurelyHolds], false);
        assert!(text.contains("holds at the far end, group.client.count = 10: search with --smallest"), "{text}");
        assert!(!text.contains("never") && !text.contains("Beware"), "{text}");
        let text = answered(&[SurelyFails, SurelyHolds], true);
        assert!(text.contains("search without --smallest"), "{text}");
    }

    #[test]
    fn contradictions_say_which_side_is_sure() {
        let text = answered(&[SurelyHolds, Fails, SurelyHolds, SurelyFails], false);
        assert!(text.contains("Beware: it fails at 10 and surely holds at 20"), "{text}");
    }
}
