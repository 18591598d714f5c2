//! Measures on the real simulator how often intervals and verdicts are right: experiments of a few replications each, against
//! the truth from many others. Prints the table of `docs/statistics.md`, a world at a time.
//!
//! `cargo run --release --example coverage [EXPERIMENTS [REPLICATIONS_FOR_THE_TRUTH]]`; without numbers 2,000 and 5,000, which
//! takes some minutes.

use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use gtnet_sim::experiment::{
    Gathered, Job, Kept, NoLedger, Plan, Replications as _, Results, RunOptions, Shard, Simulator,
};
use gtnet_sim::inference::{Answer, Contrast, Observations, Quantity};
use gtnet_sim::measures::{self, MeasureId, Relevance};
use gtnet_sim::record::{StudyKind, StudyRecord, UnitRecord};
use gtnet_sim::report;
use gtnet_sim::scenario::{self, Scenario};

/// The scenario of both worlds.
const QUICK: &str = "scenarios/quick.toml";

/// Numbers of replications of an experiment.
const SIZES: [usize; 2] = [10, 20];

/// A world in which experiments are made.
struct World {
    name: &'static str,
    overrides: &'static [&'static str],
    /// What differs in the variant that it is compared with.
    variant: &'static [&'static str],
}

const WORLDS: [World; 2] = [
    World {
        name: "three clients",
        overrides: &["group.client.count=3", "connector.yahoo.rate_limit.requests=120"],
        variant: &["protocol.freshness_threshold=600s"],
    },
    World { name: "quick", overrides: &[], variant: &["protocol.freshness_threshold=600s"] },
];

/// The head of the table that is printed.
const HEAD: &str = "| world: what | replications | claimed | right, of what was claimed |\n|---|--:|--:|--:|\n";

/// The quantities whose intervals are tried.
const QUANTITIES: [(MeasureId, Contrast); 10] = [
    (measures::CONNECTOR_CALLS, Contrast::Value),
    (measures::CONNECTOR_CALLS, Contrast::Saving),
    (measures::UTILISATION, Contrast::Value),
    (measures::FRESH_SHARE, Contrast::Difference),
    (measures::PRICE_AGE_P95, Contrast::Value),
    (measures::PRICE_AGE_P95, Contrast::Difference),
    (measures::USER_WAIT_P50, Contrast::Value),
    (measures::USER_WAIT_P95, Contrast::Value),
    (measures::CONNECTOR_RATE_LIMITED, Contrast::Value),
    (measures::MESSAGES_TIMED_OUT_SHARE, Contrast::Value),
];

fn main() -> Result<(), Box<dyn Error>> {
    let mut numbers = std::env::args().skip(1).map(|text| text.parse::<usize>());
    let experiments = numbers.next().transpose()?.unwrap_or(2_000);
    let truth = numbers.next().transpose()?.unwrap_or(5_000);
    print!("{HEAD}");
    for (index, world) in WORLDS.iter().enumerate() {
        eprintln!("{}: simulating {truth} replications for the truth, and {experiments} experiments", world.name);
        // Whoever stops the program keeps the rows of the worlds that are done.
        print!("{}", rows(&trials(index, experiments, truth)?));
        std::io::stdout().flush()?;
    }
    Ok(())
}

/// How often something was right.
#[derive(Clone, Debug)]
pub(crate) struct Trial {
    /// What was tried, and where.
    pub(crate) what: String,
    /// Replications of an experiment.
    pub(crate) size: usize,
    /// In how many experiments something was claimed.
    pub(crate) claimed: usize,
    /// In how many of those it was right.
    pub(crate) right: usize,
    /// Number of experiments.
    pub(crate) of: usize,
}

/// All trials in the world of this index, of so many experiments each, with the truth from so many other replications.
pub(crate) fn trials(world: usize, experiments: usize, truth: usize) -> Result<Vec<Trial>, Box<dyn Error>> {
    let world = &WORLDS[world];
    let mut trials = Vec::new();
    let largest = SIZES.iter().max().expect("there are sizes") * experiments;
    let units = [world.overrides, &[world.overrides, world.variant].concat()]
        .map(|overrides| simulated(overrides, u32::try_from(truth + largest)?))
        .into_iter()
        .collect::<Result<Vec<_>, Box<dyn Error>>>()?;
    let known = Observations::of_units(&units[0][..truth]);
    for size in SIZES {
        let chunks = || units[0][truth..].chunks_exact(size).take(experiments);
        let observed: Vec<Observations<'_>> = chunks().map(Observations::of_units).collect();
        for (measure, contrast) in QUANTITIES {
            let quantity = Quantity::of_network(measure, contrast);
            let Some(true_mean) = quantity.answer(&known).known().map(|known| known.mean) else { continue };
            let claims: Vec<bool> = observed.iter().filter_map(|one| holds(quantity.answer(one), true_mean)).collect();
            trials.push(Trial {
                what: format!("{}: {} ({})", world.name, measure.name, contrast.name()),
                size,
                claimed: claims.len(),
                right: claims.iter().filter(|right| **right).count(),
                of: experiments,
            });
        }
        trials.extend(comparison(world, &units, truth, size, experiments)?);
        // Each may take as many replications as a hundred experiments.
        trials.push(telling(world, &units, truth, size, experiments.div_ceil(10))?);
    }
    Ok(trials)
}

/// Whether an interval holds the truth; `None` if none is shown.
fn holds(answer: Answer, truth: f64) -> Option<bool> {
    let estimate = answer.known()?;
    Some((estimate.mean - truth).abs() <= estimate.half_width?)
}

fn scenario_with(overrides: &[&str]) -> Result<Scenario, Box<dyn Error>> {
    let overrides: Vec<String> = overrides.iter().map(|&text| text.to_owned()).collect();
    Ok(Scenario::load(Path::new(QUICK), &overrides)?)
}

fn simulated(overrides: &[&str], replications: u32) -> Result<Vec<UnitRecord>, Box<dyn Error>> {
    let scenario = scenario_with(overrides)?;
    let options = RunOptions { jobs: None, baseline: true };
    let mut simulator = Simulator::new([&scenario], Kept::Histograms, options, Shard::WHOLE, &NoLedger, &())?;
    simulator.provide(&[replications]).expect("where nothing is kept, keeping cannot fail");
    Ok(simulator.replications(0, replications))
}

/// How often all intervals of a comparison hold together, and how often a difference that just matters is called equal.
fn comparison(
    world: &World,
    units: &[Vec<UnitRecord>],
    truth: usize,
    size: usize,
    experiments: usize,
) -> Result<[Trial; 2], Box<dyn Error>> {
    let known = compared(world, units, 0..truth, &Relevance::default())?;
    let matters = differing(&known, 1.0);
    let relevance = Relevance::parse(&matters)?;
    let (mut jointly, mut claims, mut equal) = (0, 0, 0);
    for experiment in 0..experiments {
        let from = truth + experiment * size;
        let found = compared(world, units, from..from + size, &relevance)?;
        let is_held = |one: &Compared| {
            let truth = known.iter().find(|known| (&known.measure, &known.contrast) == (&one.measure, &one.contrast));
            truth.is_none_or(|truth| (one.mean - truth.mean).abs() <= one.half_width)
        };
        jointly += usize::from(found.iter().all(is_held));
        let just: Vec<&Compared> = found
            .iter()
            .filter(|one| {
                matters.iter().any(|text| text.starts_with(&format!("{}=", one.measure)) && one.contrast == "value")
            })
            .collect();
        claims += usize::from(!just.is_empty());
        equal += usize::from(just.iter().any(|one| one.verdict == "equal"));
    }
    let trial = |what: &str, claimed: usize, right: usize| Trial {
        what: format!("{}: {what}", world.name),
        size,
        claimed,
        right,
        of: experiments,
    };
    Ok([
        trial("all intervals of a comparison", experiments, jointly),
        trial("no difference that just matters is called equal", claims, claims - equal),
    ])
}

/// What differs in truth by more than its own error, as `--matters` has it: so many times the difference just matters. The error of the
/// truth itself is left out.
fn differing(known: &[Compared], times: f64) -> Vec<String> {
    known
        .iter()
        .filter(|one| one.mean.abs() > 4.0 * one.half_width && one.contrast == "value" && one.unit != "1/d")
        .map(|one| format!("{}={} {}", one.measure, times * one.mean.abs(), one.unit.replace("share", "")))
        .collect()
}

/// How often the number of replications that decide does decide, as it says of a difference of twice what matters: where an
/// experiment leaves such a difference undecided, as many are simulated as it names, those of the experiment among them.
fn telling(
    world: &World,
    units: &[Vec<UnitRecord>],
    truth: usize,
    size: usize,
    experiments: usize,
) -> Result<Trial, Box<dyn Error>> {
    let matters = differing(&compared(world, units, 0..truth, &Relevance::default())?, 0.5);
    let relevance = Relevance::parse(&matters)?;
    let is_tried = |one: &Compared| {
        one.contrast == "value" && matters.iter().any(|text| text.starts_with(&format!("{}=", one.measure)))
    };
    let (mut named, mut told) = (0, 0);
    for experiment in 0..experiments {
        let from = truth + experiment * size;
        for first in compared(world, units, from..from + size, &relevance)?.into_iter().filter(is_tried) {
            let Some(needed) = first.replications_needed else { continue };
            if from + needed > units[0].len() {
                continue;
            }
            let found = compared(world, units, from..from + needed, &relevance)?;
            let again = found.iter().find(|one| is_tried(one) && one.measure == first.measure);
            named += 1;
            told +=
                usize::from(again.is_some_and(|one| ["better", "worse", "higher", "lower"].contains(&&*one.verdict)));
        }
    }
    let what = format!("{}: the replications named decide ({named} cases)", world.name);
    Ok(Trial { what, size, claimed: named, right: told, of: named })
}

/// What a comparison says of one number.
struct Compared {
    measure: String,
    contrast: String,
    unit: String,
    mean: f64,
    half_width: f64,
    verdict: String,
    replications_needed: Option<usize>,
}

fn compared(
    world: &World,
    units: &[Vec<UnitRecord>],
    replications: std::ops::Range<usize>,
    relevance: &Relevance,
) -> Result<Vec<Compared>, Box<dyn Error>> {
    let count = format!("run.replications={}", replications.len());
    let point = |label: &str, overrides: &[&str]| -> Result<scenario::Point, Box<dyn Error>> {
        let scenario = scenario_with(&[overrides, &[count.as_str()]].concat())?;
        let label = label.to_owned();
        Ok(scenario::Point {
            settings: vec![label.clone()],
            about: None,
            numbers: vec![None],
            durations: vec![None],
            label,
            scenario,
        })
    };
    let design = scenario::Study {
        name: world.name.to_owned(),
        question: String::new(),
        parameters: vec!["variant".to_owned()],
        points: vec![point("first", world.overrides)?, point("second", &[world.overrides, world.variant].concat())?],
    };
    let job = Job::of_study(StudyKind::Comparison, design, Plan::Fixed, true).with_relevance(relevance.clone());
    let gathered = Gathered { units: units.iter().map(|of_one| of_one[replications.clone()].to_vec()).collect() };
    let Ok(finding) = job.record.carry_out(gathered);
    let Results::Study(record) = finding.results else { unreachable!("a comparison is a study") };
    differences(&record)
}

fn differences(record: &StudyRecord) -> Result<Vec<Compared>, Box<dyn Error>> {
    let report: serde_json::Value = serde_json::from_str(&report::json(record))?;
    let differences = report["differences"].as_array().ok_or("a comparison has differences")?;
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    Ok(differences
        .iter()
        .filter_map(|one| {
            Some(Compared {
                measure: text(&one["measure"]),
                contrast: text(&one["contrast"]),
                unit: text(&one["unit"]),
                mean: one["difference"]["mean"].as_f64()?,
                half_width: one["difference"]["half_width"].as_f64()?,
                verdict: text(&one["verdict"]),
                replications_needed: one["replications_needed"].as_u64().and_then(|needed| needed.try_into().ok()),
            })
        })
        .collect())
}

/// Rows of the table.
fn rows(trials: &[Trial]) -> String {
    let mut text = String::new();
    for Trial { what, size, claimed, right, of } in trials {
        let percent = |part: usize, whole: usize| {
            if whole == 0 { "–".to_owned() } else { format!("{:.1} %", 100.0 * part as f64 / whole as f64) }
        };
        let line = format!("| {what} | {size} | {} | {} |", percent(*claimed, *of), percent(*right, *claimed));
        writeln!(text, "{line}").expect("writing into memory");
    }
    text
}
