//! Several scenario files as the alternatives of a comparison: with one luck, over one period, and each with a name of its own.

use crate::record::sha256_hex;
use crate::scenario::{Point, Scenario, ScenarioFile};

use super::{CommandError, complaint, output};

/// What the comparison of several files asks.
pub(super) fn question(alternatives: &[(Scenario, Vec<String>)]) -> String {
    let names: Vec<&str> = alternatives.iter().map(|(scenario, _)| scenario.name()).collect();
    match names.as_slice() {
        [_] => alternatives[0].0.question_as_simulated(),
        [first, others @ ..] => format!("How does {} differ from {first}?", others.join(" or ")),
        [] => unreachable!("at least one file is required"),
    }
}

/// The scenario of each file, and the overrides that make it. The first one's seed and number of replications are those of all, as
/// alternatives with luck of their own could not be paired. No two have the same name.
pub(super) fn of_one_luck(
    files: &[ScenarioFile],
    overrides: &[String],
    quiet: bool,
) -> Result<Vec<(Scenario, Vec<String>)>, CommandError> {
    let mut alternatives: Vec<(Scenario, Vec<String>)> = Vec::with_capacity(files.len());
    for file in files {
        let mut overrides = overrides.to_vec();
        if let Some((first, _)) = alternatives.first() {
            let own = file.scenario(&overrides).map_err(|error| complaint(&error))?;
            if (own.seed(), own.replications()) != (first.seed(), first.replications()) {
                let told = format!(
                    "note: `{}` has seed {} and {} replications; all are compared with those of the first file, seed {} and {} \
                     replications",
                    own.name(),
                    own.seed(),
                    own.replications(),
                    first.seed(),
                    first.replications()
                );
                output::note(&told, quiet);
            }
            overrides.push(format!("run.seed={}", first.seed()));
            overrides.push(format!("run.replications={}", first.replications()));
        }
        let scenario = file.scenario(&overrides).map_err(|error| complaint(&error))?;
        if scenario.study_tables().contains(&"variant") {
            return Err(CommandError::Input(format!(
                "error: the file has variants, of which a comparison with other files would know nothing\n  --> {}\n  help: \
                 compare it alone, or remove its [[variant]]",
                file.name()
            )));
        }
        if alternatives.iter().any(|(other, _)| other.name() == scenario.name()) {
            return Err(CommandError::Input(format!(
                "error: two of the scenarios have the name \"{}\"\n  --> {}\n  help: give each its own name, \
                 below [scenario]",
                scenario.name(),
                file.name()
            )));
        }
        alternatives.push((scenario, overrides));
    }
    Ok(alternatives)
}

/// Refuses alternatives that are not measured over the same time.
pub(super) fn check_period(points: &[&Point]) -> Result<(), CommandError> {
    let time = |point: &Point| {
        let world = point.scenario.world();
        (world.start, world.duration, world.warmup)
    };
    if points.iter().all(|point| time(point) == time(points[0])) {
        return Ok(());
    }
    Err(CommandError::Input(
        "error: the alternatives do not begin and end at the same time, and so would differ in what happens then\n  help: \
         give them the same run.start, run.duration and run.warmup, for instance `--set run.duration=7d`"
            .to_owned(),
    ))
}

/// What tells a comparison of several files from those of the first with others: the names of the others, which are unique;
/// of many, a digest.
pub(super) fn against(labels: &[&str]) -> String {
    const LONGEST: usize = 100;
    let names = &labels[1..];
    let all = names.join("+");
    if all.len() <= LONGEST {
        format!("against-{all}")
    } else {
        format!("against-{}-{}", names.len(), &sha256_hex(all.as_bytes())[..8])
    }
}
