//! The commands `compare` and `sweep`: several scenarios, the same luck as far as they have it in common; and what `capacity` has in common with them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::experiment::{self, Cost, Outcome, Plan, Replications, RunOptions, Shard, Shortfall, Simulated, StudyError};
use crate::record::{PointRecord, StudyKind, StudyRecord, sha256_hex};
use crate::report;
use crate::scenario::{self, Scenario, ScenarioFile};
use crate::stats::CapacitySearch;

use super::arguments::{CompareArguments, ExecutionArguments, StudyArguments, SummaryFormat, SweepArguments};
use super::store::finished::finished;
use super::store::ledger::{FileLedger, UnitsError};
use super::store::shards::{self, Part, StudyWhole};
use super::{Failure, capacity, complaint, cost, interrupt, open, output, store, warmup};

/// Simulates alternatives and tells how they differ.
pub(super) fn compare(arguments: &CompareArguments) -> Result<(), Failure> {
    let is_standard_input = |path: &&PathBuf| path.as_os_str() == ScenarioFile::STANDARD_INPUT;
    if arguments.scenarios.iter().filter(is_standard_input).count() > 1 {
        let help = "write one of the scenarios to a file, and name it";
        return Err(Failure::Input(format!(
            "error: standard input (`-`) is one scenario, not several\n  help: {help}"
        )));
    }
    let files = arguments.scenarios.iter().map(|path| open(path)).collect::<Result<Vec<_>, _>>()?;
    let load = |overrides: &[String]| match files.as_slice() {
        [one] => one.variants(overrides).map_err(|error| complaint(&error)),
        several => alternatives(several, overrides, arguments.study.execution.quiet),
    };
    let load = |overrides: &[String]| load(overrides).and_then(of_one_period);
    let command = |design: &scenario::Study| match files.as_slice() {
        [_] => "comparison".to_owned(),
        _ => against(&design.points),
    };
    let (design, folder) = design(arguments.overrides.all(), &arguments.study, command, load)?;
    if let [one] = files.as_slice() {
        let alone = one.scenario(&[]).map_err(|error| complaint(&error))?;
        if alone.study_tables().contains(&"sweep") {
            let note = "note: these are the variants alone; `gtnet-sim sweep` simulates the [[sweep]] for each of them";
            output::note(note, arguments.study.execution.quiet);
        }
    }
    carry_out(StudyKind::Comparison, design, folder, &arguments.study)
}

/// The study, if all of its points are measured over the same time.
fn of_one_period(design: scenario::Study) -> Result<scenario::Study, Failure> {
    let time = |point: &scenario::Point| {
        let world = point.scenario.world();
        (world.start, world.duration, world.warmup)
    };
    if design.points.iter().all(|point| time(point) == time(&design.points[0])) {
        return Ok(design);
    }
    Err(Failure::Input(
        "error: the alternatives do not begin and end at the same time, and so would differ in what happens then\n  help: \
         give them the same run.start, run.duration and run.warmup, for instance `--set run.duration=7d`"
            .to_owned(),
    ))
}

/// What tells a comparison of several files from those of the first with others: the names of the others, which are unique;
/// of many, a digest.
fn against(points: &[scenario::Point]) -> String {
    const LONGEST: usize = 100;
    let names: Vec<&str> = points.iter().skip(1).map(|point| point.label.as_str()).collect();
    let all = names.join("+");
    if all.len() <= LONGEST {
        format!("against-{all}")
    } else {
        format!("against-{}-{}", names.len(), &sha256_hex(all.as_bytes())[..8])
    }
}

/// Simulates every point of a grid.
pub(super) fn sweep(arguments: &SweepArguments) -> Result<(), Failure> {
    let file = open(&arguments.scenario.scenario)?;
    let load = |overrides: &[String]| file.sweep(overrides).map_err(|error| complaint(&error));
    let (design, folder) = design(arguments.scenario.overrides.all(), &arguments.study, |_| "sweep".to_owned(), load)?;
    carry_out(StudyKind::Sweep, design, folder, &arguments.study)
}

/// What `load` makes of the overrides, with the warm-up that is wanted, and the folder of its results, whose name ends with what
/// `command` says.
fn design(
    overrides: Vec<String>,
    arguments: &StudyArguments,
    command: impl Fn(&scenario::Study) -> String,
    load: impl Fn(&[String]) -> Result<scenario::Study, Failure>,
) -> Result<(scenario::Study, PathBuf), Failure> {
    let folder_of =
        |design: &scenario::Study| arguments.execution.folder(&format!("{}-{}", design.name, command(design)));
    // A warm-up is found by hours of simulation, too: what can be wrong is found out before.
    let scenarios = |overrides: &[String]| {
        let design = load(overrides)?;
        let folder = folder_of(&design);
        let input = |error: String| Failure::Input(format!("error: {error}"));
        arguments.length.plan(&[], !arguments.no_baseline, true).map_err(input)?;
        let ledger = store::probe_target(&folder).map_err(|error| input(error.to_string()))?;
        if arguments.resume {
            finished(&folder).map_err(input)?;
        } else if ledger.exists() {
            FileLedger::open(ledger, false).map_err(|error| input(error.to_string()))?;
        }
        Ok(design.points.into_iter().map(|point| point.scenario).collect())
    };
    let overrides = warmup::resolve(overrides, &arguments.length, &arguments.execution, scenarios)?;
    let design = load(&overrides)?;
    let folder = folder_of(&design);
    Ok((design, folder))
}

/// Several files as alternatives. The first one's seed and number of replications are those of all, as alternatives with
/// luck of their own could not be paired.
fn alternatives(files: &[ScenarioFile], overrides: &[String], quiet: bool) -> Result<scenario::Study, Failure> {
    let mut design: Option<scenario::Study> = None;
    for file in files {
        let mut overrides = overrides.to_vec();
        if let Some(design) = &design {
            let first = &design.points[0].scenario;
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
            return Err(Failure::Input(format!(
                "error: the file has variants, of which a comparison with other files would know nothing\n  --> {}\n  help: \
                 compare it alone, or remove its [[variant]]",
                file.name()
            )));
        }
        let design = design.get_or_insert_with(|| scenario::Study {
            name: scenario.name().to_owned(),
            question: scenario.question().to_owned(),
            parameters: vec!["variant".to_owned()],
            points: Vec::new(),
        });
        let label = scenario.name().to_owned();
        if design.points.iter().any(|point| point.label == label) {
            return Err(Failure::Input(format!(
                "error: two of the scenarios have the name \"{label}\"\n  --> {}\n  help: give each its own name, \
                 below [scenario]",
                file.name()
            )));
        }
        design.points.push(scenario::Point { settings: vec![label.clone()], label, scenario });
    }
    Ok(design.expect("at least one file is required"))
}

fn carry_out(
    kind: StudyKind,
    design: scenario::Study,
    folder: PathBuf,
    arguments: &StudyArguments,
) -> Result<(), Failure> {
    let record = head(kind, &design);
    let wanted: Vec<u32> = record.points.iter().map(|point| point.wanted).collect();
    let baseline = !arguments.no_baseline;
    let plan = arguments.length.plan(&wanted, baseline, kind == StudyKind::Comparison);
    let plan = plan.map_err(|error| Failure::Input(format!("error: {error}")))?;
    let task = Task {
        whole: StudyWhole { record, plan, capacity: None, baseline },
        scenarios: design.points.into_iter().map(|point| point.scenario).collect(),
        folder,
        resume: arguments.resume,
    };
    task.carry_out(&arguments.execution)
}

/// A study that is ready to begin.
pub(super) struct Task {
    pub(super) whole: StudyWhole,
    /// By point.
    pub(super) scenarios: Vec<Scenario>,
    /// For the results.
    pub(super) folder: PathBuf,
    pub(super) resume: bool,
}

impl Task {
    /// Simulates what the plan asks for, or a shard of all that it could, and writes the results.
    pub(super) fn carry_out(self, execution: &ExecutionArguments) -> Result<(), Failure> {
        let Self { whole, scenarios, folder, resume } = self;
        let wanted: Vec<u32> = whole.record.points.iter().map(|point| point.wanted).collect();
        let jobs = cost::admit(&cost_of(&whole, &scenarios, &wanted, execution), execution)?;
        // Before hours of simulation, not after them.
        let part = execution.shard.map(|shard| Part::of_study(&whole, shard));
        let ledger = store::check_target(&folder, part.as_ref());
        let ledger = ledger.map_err(|error| Failure::Input(format!("error: {error}")))?;
        let digests: BTreeSet<String> = whole.record.points.iter().map(|point| point.digest.clone()).collect();
        let ledger = open_ledger(ledger, &folder, &digests, resume, execution.quiet)?;
        interrupt::tell(&ledger);
        let failed = |error: String| Failure::Execution(format!("error: {error}"));
        let options = RunOptions { jobs: Some(jobs), baseline: whole.baseline };
        let mut study = experiment::Study::new(scenarios, options, execution.shard.unwrap_or(Shard::WHOLE), &ledger)
            .map_err(|error| failed(error.to_string()))?;
        for warning in report::study_warnings(&whole.record) {
            output::note(&warning, execution.quiet);
        }
        let bar = output::Bar::new(execution.quiet);
        let mut source = Simulated { study: &mut study, progress: &bar };
        let Some(part) = part else {
            let outcome = whole.plan.carry_out(&mut source, &wanted).map_err(|error| study_failure(&error, &ledger))?;
            bar.clear();
            let concluded = Conclusion::of(whole, &outcome, &source);
            concluded.write(&folder).map_err(|failure| can_go_on(failure, &ledger))?;
            close(ledger, &digests, execution.quiet)?;
            return concluded.print(&folder, execution.quiet, execution.format);
        };
        note_cost(&whole.plan, execution.quiet);
        let most = whole.plan.most(&wanted);
        source.provide(&most).map_err(|error| study_failure(&error, &ledger))?;
        bar.clear();
        let known = (0..study.len()).map(|index| study.observed(index).to_vec()).collect::<Vec<_>>();
        let files = shards::files(&whole, &part, &known);
        let written = store::write_shard(&folder, &files, &part).map_err(|error| failed(error.to_string()));
        written.map_err(|failure| can_go_on(failure, &ledger))?;
        close(ledger, &digests, execution.quiet)?;
        let units: usize = known.iter().flatten().flatten().count();
        tell_shard(part.shard, units, &folder, execution)
    }
}

/// What a study takes, or a shard of it; of a search, the most that it may look at.
fn cost_of(whole: &StudyWhole, scenarios: &[Scenario], wanted: &[u32], execution: &ExecutionArguments) -> Cost {
    let of = execution.shard.map_or(1, Shard::of);
    let most = whole.plan.most(wanted).into_iter().map(|most| most.div_ceil(of));
    let labels = whole.record.points.iter().map(|point| point.label.as_str());
    let points: Vec<_> = labels.zip(scenarios).zip(most).map(|((label, point), most)| (label, point, most)).collect();
    if execution.shard.is_some() {
        return Cost::of_study(&points, points.len(), whole.baseline);
    }
    let looked_at = match whole.plan {
        Plan::Capacity(_) => CapacitySearch::most_looks(points.len()),
        _ => points.len(),
    };
    Cost { at_most_by: cost::bound(&whole.plan), ..Cost::of_study(&points, looked_at, whole.baseline) }
}

/// Says that a shard has more to do than its part of what one machine would do, if `plan` decides as it goes.
pub(super) fn note_cost(plan: &Plan, quiet: bool) {
    let all = match plan {
        Plan::Fixed => return,
        Plan::Precision(plan) => {
            format!("{} replications of each scenario (--max-replications), or as many as it has", plan.budget)
        }
        Plan::Capacity(_) => "every value of the range".to_owned(),
    };
    output::note(&format!("note: shards cannot stop early, so together they simulate {all}"), quiet);
}

/// What a shard has left, in a line.
pub(super) fn tell_shard(
    shard: Shard,
    units: usize,
    folder: &Path,
    execution: &ExecutionArguments,
) -> Result<(), Failure> {
    match execution.format {
        _ if execution.quiet => Ok(()),
        SummaryFormat::Text => output::print(&format!("Shard {shard}: {units} replications in {}\n", folder.display())),
        SummaryFormat::Json => {
            let json = serde_json::json!({ "shard": shard.to_string(), "replications": units, "folder": folder.display().to_string() });
            output::print(&format!("{json:#}\n"))
        }
    }
}

/// What a study has found.
pub(super) struct Conclusion {
    record: StudyRecord,
    /// What the search for a capacity has found, in words.
    answer: Option<String>,
    /// What was not reached.
    notes: Vec<String>,
}

impl Conclusion {
    /// What the plan of `whole` has led to.
    pub(super) fn of<R: Replications>(whole: StudyWhole, outcome: &Outcome, source: &R) -> Self {
        let StudyWhole { mut record, plan, capacity, .. } = whole;
        for (index, point) in record.points.iter_mut().enumerate() {
            point.wanted = outcome.replications[index];
            point.replications = source.replications(index, point.wanted);
        }
        let label = |shortfall: &Shortfall| record.points[shortfall.point].label.clone();
        let notes = outcome.shortfalls.iter().map(|shortfall| not_reached(shortfall, &label(shortfall))).collect();
        let answer = match (capacity, plan, &outcome.capacity) {
            (Some(question), Plan::Capacity(objective), Some(search)) => {
                let found = capacity::found(&record, search, &question, &objective);
                record.points.retain(|point| !point.replications.is_empty());
                let absent = report::not_happened(&record);
                let answer = format!("{}: {}\n{absent}{}\n", record.name, record.question, found.told);
                record.capacity = Some(found);
                if question.smallest {
                    record.points.reverse();
                }
                Some(answer)
            }
            _ => None,
        };
        Self { record, answer, notes }
    }

    pub(super) fn write(&self, folder: &Path) -> Result<(), Failure> {
        let written = store::write_results(folder, &report::study_files(&self.record));
        written.map_err(|error| Failure::Execution(format!("error: {error}")))
    }

    /// Prints what was found and is in `folder`.
    pub(super) fn print(&self, folder: &Path, quiet: bool, format: SummaryFormat) -> Result<(), Failure> {
        for note in &self.notes {
            output::note(note, quiet);
        }
        let written = format!("results in {}\n", folder.display());
        match (&self.answer, format) {
            _ if quiet => Ok(()),
            (_, SummaryFormat::Json) => output::print(&report::study_json(&self.record)),
            (Some(answer), SummaryFormat::Text) => output::print(&format!("{answer}\n{written}")),
            (None, SummaryFormat::Text) => {
                output::print(&format!("{}\n\n{written}", report::study_text(&self.record).trim_end()))
            }
        }
    }
}

/// A precision that a scenario has not got, in words.
pub(super) fn not_reached(shortfall: &Shortfall, label: &str) -> String {
    let Shortfall { quantity, unit, wanted, estimate, .. } = shortfall;
    let Some(estimate) = estimate else {
        return format!(
            "warning: {label}: {quantity} is not determined in every replication, or too many visits never end, so that it has \
             no precision"
        );
    };
    let got = estimate.half_width.map_or_else(String::new, |half_width| {
        let wanted = wanted.half_width(estimate.mean);
        let (factor, unit) = if *unit == "share" { (100.0, "%") } else { (1.0, *unit) };
        let text = |width: f64| format!("{:.3e}", width * factor).parse::<f64>().unwrap_or(width * factor);
        format!(": ± {} {unit}, where ± {} {unit} would do", text(half_width), text(wanted))
    });
    format!(
        "warning: {label}: {quantity} is not as precise as wanted after {} replications{got}; allow more with \
         --max-replications",
        estimate.count
    )
}

/// The ledger at `path` of the study of scenarios with these `digests` whose results go to `folder`, with what it and earlier
/// results hold if that is wanted.
fn open_ledger(
    path: PathBuf,
    folder: &Path,
    digests: &BTreeSet<String>,
    resume: bool,
    quiet: bool,
) -> Result<FileLedger, Failure> {
    let input = |error: String| Failure::Input(format!("error: {error}"));
    // Who has the ledger is alone with the results, too.
    let mut ledger = FileLedger::open(path, resume).map_err(|error| match error {
        UnitsError::Io { .. } | UnitsError::InUse { .. } => Failure::Execution(format!("error: {error}")),
        _ => input(error.to_string()),
    })?;
    if !resume {
        return Ok(ledger);
    }
    if ledger.dropped() > 0 {
        let (path, dropped) = (ledger.path().display(), ledger.dropped());
        let lines = if dropped == 1 { "line" } else { "lines" };
        let warning = format!("warning: `{path}` has {dropped} damaged {lines}; what they held is simulated again");
        output::note(&warning, quiet);
    }
    if ledger.found() > 0 && ledger.foreign(digests) == ledger.found() {
        return Err(Failure::Input(format!(
            "error: `{}` holds what an interrupted study of other scenarios than these has simulated\n  help: go on with \
             that study, choose another folder with --out, or remove the file if it is not needed",
            ledger.path().display()
        )));
    }
    match finished(folder) {
        Ok(units) => ledger.recall_also(units),
        Err(error) if ledger.found() == 0 => {
            // Nothing is in it, and nothing will be.
            let _ = ledger.remove();
            return Err(input(error));
        }
        Err(error) => return Err(input(error)),
    }
    Ok(ledger)
}

/// Removes the ledger of a study of scenarios with these `digests`, now that all is in the results; what it holds of others
/// is nowhere else.
fn close(ledger: FileLedger, digests: &BTreeSet<String>, quiet: bool) -> Result<(), Failure> {
    let (foreign, path) = (ledger.foreign(digests), ledger.path().display());
    if foreign > 0 {
        let kept = format!("`{path}` is kept: it holds {foreign} replications of scenarios that this study has not");
        output::note(&kept, quiet);
        return Ok(());
    }
    if ledger.dropped() > 0 {
        let path = path.to_string();
        let kept = ledger.set_aside().map_err(|error| Failure::Execution(format!("error: {error}")))?;
        // Also if nothing but errors shall be said, as it is not where it was.
        output::complain(&format!("note: `{path}` has damaged lines; it is kept as `{}`", kept.display()));
        return Ok(());
    }
    ledger.remove().map_err(|error| Failure::Execution(format!("error: {error}")))
}

/// Why a study has ended early, and where what it has done is.
fn study_failure(error: &StudyError, ledger: &FileLedger) -> Failure {
    let failure = Failure::Execution(format!("error: {error}"));
    match error {
        StudyError::Ledger(_) => can_go_on(failure, ledger),
        StudyError::Threads(_) => failure,
    }
}

/// The failure of a disk, with the way on.
fn can_go_on(failure: Failure, ledger: &FileLedger) -> Failure {
    match failure {
        Failure::Execution(message) => Failure::Execution(format!(
            "{message}\nWhat was simulated until then is in `{}`: make room, or mend what else is wrong, and go on with --resume",
            ledger.path().display()
        )),
        other => other,
    }
}

/// The study as it is recorded, nothing of it simulated yet.
pub(super) fn head(kind: StudyKind, design: &scenario::Study) -> StudyRecord {
    let point = |point: &scenario::Point| PointRecord {
        label: point.label.clone(),
        settings: point.settings.clone(),
        digest: point.scenario.digest(),
        seed: point.scenario.seed(),
        gtnet: point.scenario.world().uses_gtnet(),
        wanted: point.scenario.replications(),
        resolved_scenario: point.scenario.resolved_toml(),
        foreseen: experiment::foreseen_absences(point.scenario.world()),
        replications: Vec::new(),
    };
    StudyRecord {
        kind,
        name: design.name.clone(),
        question: design.question.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        parameters: design.parameters.clone(),
        points: design.points.iter().map(point).collect(),
        luck: experiment::common_luck(
            design.points.iter().map(|point| (point.label.as_str(), &**point.scenario.world())),
        ),
        capacity: None,
    }
}
