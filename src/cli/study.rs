//! The commands `compare` and `sweep`: several scenarios, the same luck.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use crate::experiment::{self, RunOptions, Shard, StudyError, simulate_until_precise};
use crate::record::{PointRecord, StudyKind, StudyRecord};
use crate::report;
use crate::scenario::{self, Scenario};

use super::arguments::{CompareArguments, StudyArguments, SummaryFormat, SweepArguments};
use super::store::ledger::{FileLedger, Units, UnitsError};
use super::store::shards;
use super::{Failure, complaint, output, store};

/// Simulates alternatives and tells how they differ.
pub(super) fn compare(arguments: &CompareArguments) -> Result<(), Failure> {
    let overrides = arguments.overrides.all();
    let design = match arguments.scenarios.as_slice() {
        [one] => scenario::Study::load_variants(one, &overrides).map_err(|error| complaint(&error))?,
        several => alternatives(several, &overrides)?,
    };
    carry_out(StudyKind::Comparison, design, "comparison", &arguments.study)
}

/// Simulates every point of a grid.
pub(super) fn sweep(arguments: &SweepArguments) -> Result<(), Failure> {
    let overrides = arguments.scenario.overrides.all();
    let design =
        scenario::Study::load_sweep(&arguments.scenario.scenario, &overrides).map_err(|error| complaint(&error))?;
    carry_out(StudyKind::Sweep, design, "sweep", &arguments.study)
}

/// Several files as alternatives. The first one's seed and number of replications are those of all, as alternatives with
/// luck of their own could not be paired.
fn alternatives(files: &[PathBuf], overrides: &[String]) -> Result<scenario::Study, Failure> {
    let mut design: Option<scenario::Study> = None;
    for file in files {
        let mut overrides = overrides.to_vec();
        if let Some(design) = &design {
            let first = &design.points[0].scenario;
            overrides.push(format!("run.seed={}", first.seed));
            overrides.push(format!("run.replications={}", first.replications));
        }
        let scenario = Scenario::load(file, &overrides).map_err(|error| complaint(&error))?;
        let design = design.get_or_insert_with(|| scenario::Study {
            name: scenario.name.clone(),
            question: scenario.question.clone(),
            parameters: vec!["variant".to_owned()],
            points: Vec::new(),
        });
        let label = scenario.name.clone();
        if design.points.iter().any(|point| point.label == label) {
            return Err(Failure::Input(format!(
                "error: two of the scenarios have the name \"{label}\"\n  --> {}\n  help: give each its own name, \
                 below [scenario]",
                file.display()
            )));
        }
        design.points.push(scenario::Point { settings: vec![label.clone()], label, scenario });
    }
    Ok(design.expect("at least one file is required"))
}

fn carry_out(
    kind: StudyKind,
    design: scenario::Study,
    command: &str,
    arguments: &StudyArguments,
) -> Result<(), Failure> {
    let default = || PathBuf::from("results").join(format!("{}-{command}", design.name));
    let folder = arguments.out.clone().unwrap_or_else(default);
    // Before hours of simulation, not after them.
    store::check_target(&folder).map_err(|error| Failure::Input(format!("error: {error}")))?;
    let ledger = open_ledger(&folder, arguments.resume)?;
    let mut record = head(kind, &design);
    let wanted: Vec<u32> = record.points.iter().map(|point| point.wanted).collect();
    let options = RunOptions { jobs: arguments.jobs, baseline: !arguments.no_baseline };
    let scenarios = design.points.into_iter().map(|point| point.scenario);
    let failed = |error: String| Failure::Execution(format!("error: {error}"));
    let mut study = experiment::Study::new(scenarios, options, arguments.shard, &ledger)
        .map_err(|error| failed(error.to_string()))?;
    let most = wanted.iter().map(|&first| first.max(arguments.max_replications)).collect::<Vec<_>>();
    let expected = if arguments.precision.is_empty() { &wanted } else { &most };
    let bar = output::progress_bar(study.missing(expected), arguments.quiet);
    let budget = if arguments.precision.is_empty() { 0 } else { arguments.max_replications };
    let done = simulate_until_precise(&mut study, &arguments.precision, &wanted, budget, &|| bar.inc(1));
    bar.finish_and_clear();
    let simulated = done.map_err(|error| study_failure(&error, &ledger))?;
    for (point, simulated) in record.points.iter_mut().zip(simulated) {
        point.wanted = simulated;
    }

    if arguments.shard == Shard::WHOLE {
        for (index, point) in record.points.iter_mut().enumerate() {
            point.replications = study.replications(index);
            point.replications.truncate(point.wanted as usize);
        }
        finish(&record, &folder, arguments.quiet, arguments.format)?;
    } else {
        let known = (0..study.len()).map(|index| study.observed(index).to_vec()).collect::<Vec<_>>();
        let files = shards::files(&record, arguments.shard, &known);
        store::write_results(&folder, &files).map_err(|error| failed(error.to_string()))?;
        if !arguments.quiet {
            let units: usize = known.iter().flatten().flatten().count();
            let text = format!("Shard {}: {units} simulations in {}\n", arguments.shard, folder.display());
            output::print(&text)?;
        }
    }
    ledger.remove().map_err(|error| failed(error.to_string()))
}

/// The ledger of the study whose results go to `folder`, with what it and earlier results hold if that is wanted.
pub(super) fn open_ledger(folder: &Path, resume: bool) -> Result<FileLedger, Failure> {
    let known = if resume { finished(folder)? } else { Units::new() };
    let ledger = FileLedger::open(ledger_of(folder), resume, known).map_err(|error| match error {
        UnitsError::Io { .. } | UnitsError::InUse { .. } => Failure::Execution(format!("error: {error}")),
        _ => Failure::Input(format!("error: {error}")),
    })?;
    if resume {
        // The ledger is locked: nobody else writes here.
        store::remove_unfinished(folder).map_err(|error| Failure::Execution(format!("error: {error}")))?;
    }
    Ok(ledger)
}

/// Why a study has ended early, and where what it has done is.
pub(super) fn study_failure(error: &StudyError, ledger: &FileLedger) -> Failure {
    let remedy = match error {
        StudyError::Ledger(_) => {
            let path = ledger.path().display();
            format!("\nWhat was simulated until then is in `{path}`: make room and go on with --resume")
        }
        StudyError::Threads(_) => String::new(),
    };
    Failure::Execution(format!("error: {error}{remedy}"))
}

/// Writes the results of a study and prints what it found.
pub(super) fn finish(record: &StudyRecord, folder: &Path, quiet: bool, format: SummaryFormat) -> Result<(), Failure> {
    let files = report::study_files(record);
    store::write_results(folder, &files).map_err(|error| Failure::Execution(format!("error: {error}")))?;
    match format {
        _ if quiet => Ok(()),
        SummaryFormat::Text => {
            let written = format!("\n{} files in {}", files.len(), folder.display());
            output::print(&format!("{}\n{written}\n", report::study_text(record).trim_end()))
        }
        SummaryFormat::Json => output::print(&report::study_json(record)),
    }
}

/// The study as it is recorded, nothing of it simulated yet.
pub(super) fn head(kind: StudyKind, design: &scenario::Study) -> StudyRecord {
    let point = |point: &scenario::Point| PointRecord {
        label: point.label.clone(),
        settings: point.settings.clone(),
        digest: point.scenario.digest(),
        seed: point.scenario.seed,
        gtnet: point.scenario.world.uses_gtnet(),
        wanted: point.scenario.replications,
        resolved_scenario: point.scenario.resolved_toml(),
        replications: Vec::new(),
    };
    StudyRecord {
        kind,
        name: design.name.clone(),
        question: design.question.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        parameters: design.parameters.clone(),
        points: design.points.iter().map(point).collect(),
    }
}

/// The ledger of the study whose results go to `folder`: `results/sweep.ledger` beside `results/sweep`.
fn ledger_of(folder: &Path) -> PathBuf {
    let mut name = OsString::from(folder);
    name.push(".ledger");
    PathBuf::from(name)
}

/// What earlier results in `folder` hold: of a study or of a shard; nothing if there are none.
fn finished(folder: &Path) -> Result<Units, Failure> {
    if let Some(units) = shards::units(folder).map_err(|error| Failure::Input(format!("error: {error}")))? {
        return Ok(units);
    }
    let path = folder.join("replications.csv");
    let Ok(text) = fs::read(&path) else { return Ok(Units::new()) };
    let rows = report::read_replications(&text).map_err(|error| {
        let help = "remove the folder or choose another one with --out";
        Failure::Input(format!("error: cannot resume from `{}`: {error}\n  help: {help}", path.display()))
    })?;
    Ok(rows.into_iter().map(|(digest, replication, observed)| ((digest, replication), observed)).collect())
}
