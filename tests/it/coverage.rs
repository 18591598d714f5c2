//! Do intervals hold the truth as often as they say? A thousand synthetic experiments with a known truth.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use gtnet_sim::random::{Entity, Purpose, Stream, Streams};
use gtnet_sim::stats::{
    Capacity, CapacitySearch, Estimate, Judgement, Paired, VarianceComponents, jackknife_ratio, knee_estimate, quantile,
};

const EXPERIMENTS: u32 = 1_000;
const REPLICATIONS: usize = 20;
const CONFIDENCE: f64 = 0.95;

fn exponential(stream: &mut Stream) -> f64 {
    -libm::log(stream.open_unit())
}

/// A replication's mean of forty exponential values of mean 1: skewed as means of waiting times are.
fn mean_of_exponentials(stream: &mut Stream) -> f64 {
    (0..40).map(|_| exponential(stream)).sum::<f64>() / 40.0
}

fn holds(estimate: Estimate, truth: f64) -> bool {
    (estimate.mean - truth).abs() <= estimate.half_width.expect("several replications")
}

fn estimate(values: &[f64]) -> Estimate {
    Estimate::of(values, CONFIDENCE).expect("values")
}

fn mean(stream: &mut Stream) -> bool {
    let values: Vec<f64> = (0..REPLICATIONS).map(|_| mean_of_exponentials(stream)).collect();
    holds(estimate(&values), 1.0)
}

/// Calls with and without something that saves 35 %, both in proportion to the replication's activity.
fn ratio(stream: &mut Stream) -> bool {
    let mut pairs = Vec::new();
    for _ in 0..REPLICATIONS {
        let activity = mean_of_exponentials(stream);
        pairs.push((0.65 * activity + 0.05 * (mean_of_exponentials(stream) - 1.0), activity));
    }
    let (with, without): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
    holds(jackknife_ratio(&with, &without, CONFIDENCE).expect("a ratio"), 0.65)
}

/// The 95 % quantile of a thousand exponential values in each replication, then t. The truth is ln 20, but for a bias of the
/// sample quantile of about half a thousandth.
fn quantile_then_t(stream: &mut Stream) -> bool {
    let of_replication = |stream: &mut Stream| {
        let mut values: Vec<f64> = (0..1_000).map(|_| exponential(stream)).collect();
        values.sort_unstable_by(f64::total_cmp);
        quantile(&values, 0.95).expect("values")
    };
    let values: Vec<f64> = (0..REPLICATIONS).map(|_| of_replication(stream)).collect();
    holds(estimate(&values), libm::log(20.0))
}

/// Two alternatives with the same luck and a true difference of 0.1.
fn paired(stream: &mut Stream) -> bool {
    let mut pairs = Vec::new();
    for _ in 0..REPLICATIONS {
        let luck = mean_of_exponentials(stream);
        pairs.push((1.1 * luck + 0.2 * (mean_of_exponentials(stream) - 1.0), luck));
    }
    let (one, other): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
    holds(Paired::of(&one, &other, CONFIDENCE).expect("values").difference, 0.1)
}

/// Waiting grows with the parameter x = 0, 0.001, … 1 as x × luck; the limit 0.5 is kept up to x = 0.5.
fn capacity(stream: &mut Stream) -> bool {
    let luck: Vec<f64> = (0..REPLICATIONS).map(|_| mean_of_exponentials(stream)).collect();
    let mut search = CapacitySearch::new(1_001);
    loop {
        let next = search.next();
        if next.is_empty() {
            break;
        }
        for value in next {
            let x = value as f64 / 1_000.0;
            let values: Vec<f64> = luck.iter().map(|luck| x * luck).collect();
            search.tell(value, Judgement::of(Some(estimate(&values)), true, 0.5));
        }
    }
    match search.outcome() {
        Capacity::UpTo { low, high, .. } => low.is_none_or(|low| low < 500) && high.is_none_or(|high| high > 500),
        Capacity::Never { .. } | Capacity::Always { .. } => false,
    }
}

/// The knee of 1 − e^(−x/s) with s that varies around 0.2 between replications; the truth is the mean over that variation.
fn knee(stream: &mut Stream, truth: f64) -> bool {
    let (x, curves) = curves(stream, REPLICATIONS);
    holds(knee_estimate(&x, &curves, CONFIDENCE).expect("each curve has a knee"), truth)
}

fn normal(stream: &mut Stream) -> f64 {
    let (radius, turn) = (stream.open_unit(), stream.unit());
    (-2.0 * libm::log(radius)).sqrt() * libm::cos(std::f64::consts::TAU * turn)
}

/// Ten groups of eight; two fifths of the variance are due to the group.
fn grouped(stream: &mut Stream) -> VarianceComponents {
    let group = |stream: &mut Stream| {
        let effect = 2.0_f64.sqrt() * normal(stream);
        (0..8).map(|_| 5.0 + effect + 3.0_f64.sqrt() * normal(stream)).collect()
    };
    let groups: Vec<Vec<f64>> = (0..10).map(|_| group(stream)).collect();
    VarianceComponents::of(&groups, CONFIDENCE).expect("components")
}

fn share_of_groups(stream: &mut Stream) -> bool {
    let (low, high) = grouped(stream).share_interval;
    (low..=high).contains(&0.4)
}

/// Name, data, and whether the interval of one experiment holds the truth.
type Experiment<'e> = (&'e str, &'e str, Box<dyn Fn(&mut Stream) -> bool + 'e>);

fn curves(stream: &mut Stream, count: usize) -> (Vec<f64>, Vec<Vec<f64>>) {
    let x: Vec<f64> = (0..=20).map(|step| f64::from(step) / 20.0).collect();
    let curve = |stream: &mut Stream| {
        let scale = 0.2 * mean_of_exponentials(stream);
        x.iter().map(|x| 1.0 - libm::exp(-x / scale)).collect()
    };
    let curves = (0..count).map(|_| curve(stream)).collect();
    (x, curves)
}

#[test]
fn intervals_hold_the_truth_as_often_as_they_say() {
    let stream =
        |name: &str, index: u32| Streams::new(2_026, index).stream(Purpose::VisitTimes, Entity::named(name, 0));
    let (x, many) = curves(&mut stream("truth", 0), 100_000);
    let knee_truth = knee_estimate(&x, &many, CONFIDENCE).expect("knees").mean;
    let experiments: [Experiment<'_>; 8] = [
        ("mean", "means of 40 exponential values", Box::new(mean)),
        ("ratio (jackknife)", "two means that are proportional but for noise", Box::new(ratio)),
        ("quantile, then t", "95 % quantile of 1,000 exponential values", Box::new(quantile_then_t)),
        ("paired difference", "two means with common luck", Box::new(paired)),
        ("capacity", "a wait that grows with the parameter", Box::new(capacity)),
        ("knee", "curves of which each has its own knee", Box::new(|stream: &mut Stream| knee(stream, knee_truth))),
        ("share of groups", "ten normal groups of eight, 40 % of the variance between them", Box::new(share_of_groups)),
        ("mean over groups", "the same", Box::new(|stream: &mut Stream| holds(grouped(stream).mean, 5.0))),
    ];
    let mut table = String::new();
    for (name, data, experiment) in &experiments {
        let held = (0..EXPERIMENTS).filter(|index| experiment(&mut stream(name, *index))).count();
        let share = held as f64 / f64::from(EXPERIMENTS);
        writeln!(table, "| {name} | {data} | {:.1} % |", share * 100.0).expect("writing into memory");
        assert!((0.93..=0.97).contains(&share), "{name}: {share}");
    }
    let document = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/statistics.md"));
    let document = document.expect("a document");
    assert!(document.contains(&table), "docs/statistics.md lacks this table:\n{table}");
}
