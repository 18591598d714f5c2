//! `compare --first-difference`: simulates one replication of two alternatives at a time, tells where they part, and writes no results.

use crate::experiment::{Cost, fresh_within};
use crate::parting::{ParentScenario, tell};
use crate::scenario::{Point, ScenarioFile, Study};
use crate::store;

use super::arguments::CompareArguments;
use super::trace::check_replication;
use super::{CommandError, complaint, cost, output};

/// Tells where the first of the alternatives and each other one part.
pub(super) fn first_difference(
    arguments: &CompareArguments,
    files: &[ScenarioFile],
    load: impl Fn(&[String]) -> Result<Study, CommandError>,
) -> Result<(), CommandError> {
    let input = |error: &dyn std::fmt::Display| CommandError::Input(format!("error: {error}"));
    if arguments.study.length.seeks_warmup() {
        return Err(input(
            &"`--first-difference` simulates one replication, of which no warm-up can be found\n  help: give a length, such as \
              `--warmup 3d`",
        ));
    }
    let overrides = arguments.study.length.with_warmup(arguments.overrides.all());
    let study = load(&overrides)?;
    let (first, others) = study.points.split_first().expect("a study has a point");
    let others = wanted(arguments, first, others)?;
    let (replication, count) = (arguments.replication, first.scenario.replications());
    check_replication(replication, count, "the alternatives have", "--replication")?;
    for point in std::iter::once(first).chain(others.iter().copied()) {
        cost::admit_one(&Cost::of_one_piece(&point.scenario), arguments.study.execution.memory)?;
    }
    let out = arguments.study.execution.out.as_ref();
    if let Some(path) = out {
        store::check_new(path).map_err(|error| input(&error))?;
    }
    let command = |point: &Point| explain_command(arguments, files, &study, point);
    let parent = |point: &'_ Point| -> Result<String, CommandError> { command(point) };
    let mut texts = Vec::new();
    for other in others {
        let commands = [parent(first)?, parent(other)?];
        let [one, two] = [first, other].map(|point| (point.label.as_str(), &point.scenario));
        let [first_command, other_command] = commands;
        let scenarios = [(one, first_command), (two, other_command)].map(|((label, scenario), command)| {
            ParentScenario { label, scenario, fresh_within: fresh_within(scenario.world()), command }
        });
        texts.push(tell([&scenarios[0], &scenarios[1]], replication).map_err(|error| input(&error))?);
    }
    let text = texts.join("\n\n");
    match out {
        None => output::print(&text),
        Some(path) => {
            store::write_new(path, text.as_bytes()).map_err(|error| CommandError::Execution(format!("error: {error}")))
        }
    }
}

/// The alternatives that the first is compared with: all others, or the one that is named.
fn wanted<'p>(
    arguments: &CompareArguments,
    first: &Point,
    others: &'p [Point],
) -> Result<Vec<&'p Point>, CommandError> {
    let names: Vec<&str> = others.iter().map(|point| point.label.as_str()).collect();
    let Some(name) = &arguments.variant else { return Ok(others.iter().collect()) };
    let found: Vec<&Point> = others.iter().filter(|point| point.label == *name).collect();
    if found.is_empty() {
        return Err(CommandError::Input(format!(
            "error: there is no alternative `{name}` to compare `{}` with\n  help: choose one of these: {}",
            first.label,
            names.join(", ")
        )));
    }
    Ok(found)
}

/// The command that explains an exchange of an alternative, without the exchange.
fn explain_command(
    arguments: &CompareArguments,
    files: &[ScenarioFile],
    study: &Study,
    point: &Point,
) -> Result<String, CommandError> {
    let at = study.points.iter().position(|other| other.label == point.label).expect("it is a point of the study");
    let mut words = vec!["gtnet-sim".to_owned(), "explain".to_owned()];
    match files {
        [one] => words.extend([one.name().to_owned(), "--variant".to_owned(), point.label.clone()]),
        several => words.push(several[at].name().to_owned()),
    }
    words.extend(arguments.overrides.typed());
    if let [_, _, ..] = files {
        let overrides = arguments.study.length.with_warmup(arguments.overrides.all());
        let own = files[at].scenario(&overrides).map_err(|error| complaint(&error))?;
        if own.seed() != point.scenario.seed() {
            words.extend(["--seed".to_owned(), point.scenario.seed().to_string()]);
        }
        if own.replications() <= arguments.replication {
            words.extend(["--replications".to_owned(), point.scenario.replications().to_string()]);
        }
    }
    if arguments.replication > 0 {
        words.extend(["--replication".to_owned(), arguments.replication.to_string()]);
    }
    Ok(words.iter().map(|word| shell_word(word)).collect::<Vec<_>>().join(" "))
}

/// A word as a shell takes it for one.
fn shell_word(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./=:,+%".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_stays_one_in_a_shell() {
        let words = ["scenarios/a.toml", "group.client.count=5", "two words", "it's", ""].map(shell_word);
        assert_eq!(words, ["scenarios/a.toml", "group.client.count=5", "'two words'", "'it'\\''s'", "''"]);
    }
}
