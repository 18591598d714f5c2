//! What each rule of the protocol buys: runs the pairs of scenarios in `scenarios/protocol`, which differ in one rule, and
//! prints a table of paired differences (the same users with the same luck), as it stands in `docs/ablation.md`.
//!
//! `cargo run --release --example ablation > docs/ablation.md`. With a number behind it, only the first so many rules.

use std::path::Path;
use std::process::ExitCode;

use gtnet_sim::experiment::{self, RunOptions, Shard};
use gtnet_sim::inference::{CONFIDENCE, Observations, Quantity};
use gtnet_sim::measures;
use gtnet_sim::record::RunRecord;
use gtnet_sim::scenario::Scenario;
use gtnet_sim::stats::Estimate;

/// One rule, switched.
struct Ablation {
    /// The rule, in words.
    rule: &'static str,
    /// Scenario without it, or with the rule's other value.
    without: &'static str,
    /// Scenario with it.
    with: &'static str,
    /// What theory expects, and why.
    expected: &'static str,
}

mod pairs;

/// A column: measure, whether the difference is relative, factor and unit for people.
const COLUMNS: [(&str, &str, bool, f64, &str); 4] = [
    ("connector calls", "connector_calls", true, 100.0, "%"),
    ("price age, 95 % quantile", "price_age_p95", false, 1.0, "s"),
    ("user waits, median", "user_wait_p50", false, 1_000.0, "ms"),
    ("messages sent", "messages", true, 100.0, "%"),
];

fn main() -> ExitCode {
    let rules = std::env::args().nth(1).map_or(Ok(usize::MAX), |number| number.parse());
    let Ok(rules) = rules else {
        eprintln!("error: the only argument is the number of rules");
        return ExitCode::from(2);
    };
    println!("# What each rule of the protocol buys\n");
    println!(
        "Paired differences between two scenarios of [`scenarios/protocol`](../scenarios/protocol) that differ in one \
         rule: the same users, visits and providers with the same luck, ten replications of one trading week; mean ± half \
         of the 95 % interval by Student's t. A difference whose interval contains zero is set in parentheses: it is not \
         distinguishable from chance. Made by `cargo run --release --example ablation > docs/ablation.md`.\n"
    );
    print!("| rule | from → to |");
    for (name, ..) in COLUMNS {
        print!(" {name} |");
    }
    print!("\n|---|---|");
    println!("{}", "--:|".repeat(COLUMNS.len()));
    for ablation in pairs::ABLATIONS.iter().take(rules) {
        match row(ablation) {
            Ok(row) => println!("{row}"),
            Err(message) => {
                eprintln!("{message}");
                return ExitCode::FAILURE;
            }
        }
    }
    println!("\n## Why\n");
    for ablation in pairs::ABLATIONS {
        println!("- **{}.** {}", ablation.rule, ablation.expected);
    }
    ExitCode::SUCCESS
}

fn row(ablation: &Ablation) -> Result<String, String> {
    let (without, with) = (run(ablation.without)?, run(ablation.with)?);
    let cells = COLUMNS.map(|(_, measure, relative, factor, unit)| {
        difference(&values(&without, measure), &values(&with, measure), relative, factor, unit)
    });
    let names = format!("`{}` → `{}`", ablation.without, ablation.with);
    Ok(format!("| {} | {names} | {} |", ablation.rule, cells.join(" | ")))
}

fn run(name: &str) -> Result<RunRecord, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/protocol").join(format!("{name}.toml"));
    let scenario = Scenario::load(&path, &[]).map_err(|error| format!("{}: {error}", path.display()))?;
    let options = RunOptions { jobs: None, baseline: false };
    experiment::run(&scenario, options, Shard::WHOLE, &()).map_err(|error| error.to_string())
}

/// A measure in each replication; empty where the scenario does not have it.
fn values(record: &RunRecord, measure: &str) -> Vec<Option<f64>> {
    let observations = Observations::of_run(record);
    let in_each = |of| Quantity::value(of).in_each(&observations);
    measures::find(measure).map_or(Vec::new(), in_each)
}

fn difference(without: &[Option<f64>], with: &[Option<f64>], relative: bool, factor: f64, unit: &str) -> String {
    let of_pair = |(without, with): (&Option<f64>, &Option<f64>)| {
        let (without, with) = ((*without)?, (*with)?);
        Some(factor * if relative { with / without - 1.0 } else { with - without })
    };
    let differences: Option<Vec<f64>> = without.iter().zip(with).map(of_pair).collect();
    let Some(estimate) = differences.and_then(|differences| Estimate::of(&differences, CONFIDENCE)) else {
        return "–".to_owned();
    };
    let half = estimate.half_width.unwrap_or(f64::INFINITY);
    let decimals = if relative { 2 } else { 1 };
    let text = format!("{:+.decimals$} ± {half:.decimals$} {unit}", estimate.mean);
    if estimate.mean.abs() > half { text } else { format!("({text})") }
}
