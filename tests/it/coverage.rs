//! Do intervals hold the truth as often as they say? A thousand synthetic experiments with a known truth.

use std::fmt::Write as _;
use std::fs;
use std::ops::RangeInclusive;
use std::path::Path;

use gtnet_sim::inference::quantile_contributions;
use gtnet_sim::measures;
use gtnet_sim::metrics::LogHistogram;
use gtnet_sim::random::{Entity, Purpose, Stream, Streams};
use gtnet_sim::stats::{
    Capacity, CapacitySearch, CurveShape, Estimate, Judgement, Paired, Precision, Sample, VarianceComponents,
    curve_shape, jackknife_ratio, looks, transients,
};
use gtnet_sim::time::SimDuration;

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

/// `count` exponential waiting times of mean 1 s.
fn waits(stream: &mut Stream, count: usize) -> LogHistogram {
    let mut waits = LogHistogram::new();
    (0..count).for_each(|_| waits.record(SimDuration::from_secs_f64(exponential(stream))));
    waits.compact()
}

/// Their 95 % quantile, as the program takes it.
fn quantile_of(waits: &LogHistogram) -> f64 {
    measures::quantile(waits, 0.95).expect("enough values")
}

/// The quantile of all replications together. The truth is that of the distribution, ln 20. A replication has so few values
/// that the mean of the replications' own quantiles would be too low.
fn pooled_quantile(stream: &mut Stream) -> bool {
    let replications: Vec<LogHistogram> = (0..REPLICATIONS).map(|_| waits(stream, 40)).collect();
    let contributions = quantile_contributions(&replications, 0.95).expect("enough values");
    holds(estimate(&contributions), libm::log(20.0))
}

/// Two alternatives with the same luck and a true difference of 0.1.
fn paired(stream: &mut Stream) -> bool {
    let mut pairs = Vec::new();
    for _ in 0..REPLICATIONS {
        let luck = mean_of_exponentials(stream);
        pairs.push((1.1 * luck + 0.2 * (mean_of_exponentials(stream) - 1.0), luck));
    }
    let (one, other): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
    let [one, other] = [one, other].map(|values| Sample::of(values).expect("values"));
    holds(Paired::of(&one, &other, CONFIDENCE).difference, 0.1)
}

/// Waiting grows with the parameter x = 0, 0.001, … 1 as x × luck, the luck of a value being that of `draw`; the limit 0.5 is
/// kept up to x = 0.5. The interval is the one that the program prints: from the last value that surely holds to the last
/// that does not surely fail.
fn capacity(mut draw: impl FnMut() -> Vec<f64>) -> bool {
    const TRUTH: usize = 500;
    let mut search = CapacitySearch::new(2 * TRUTH + 1);
    loop {
        let next = search.next();
        if next.is_empty() {
            break;
        }
        for value in next {
            let x = value as f64 / (2 * TRUTH) as f64;
            let values: Vec<f64> = draw().iter().map(|luck| x * luck).collect();
            search.tell(value, Judgement::of(Some(estimate(&values)), true, 0.5));
        }
    }
    let Capacity::UpTo { low, high, .. } = search.outcome() else { return false };
    low.is_none_or(|low| low <= TRUTH) && high.is_none_or(|high| TRUTH < high)
}

fn luck(stream: &mut Stream) -> Vec<f64> {
    (0..REPLICATIONS).map(|_| mean_of_exponentials(stream)).collect()
}

fn capacity_with_common_luck(stream: &mut Stream) -> bool {
    let luck = luck(stream);
    capacity(|| luck.clone())
}

fn capacity_with_own_luck(stream: &mut Stream) -> bool {
    capacity(|| luck(stream))
}

/// Replications are added until the mean is known to 10 %, looked at from `first` of them on.
fn stopped(stream: &mut Stream, first: u32) -> bool {
    let mut values: Vec<f64> = Vec::new();
    for look in looks(first, 1_000) {
        while values.len() < look as usize {
            values.push(mean_of_exponentials(stream));
        }
        if Precision::Relative(0.1).is_reached(&estimate(&values)) {
            break;
        }
    }
    holds(estimate(&values), 1.0)
}

/// A curve that rises by 1 for each doubling up to 32 and by 0.2 from there on, over 1 to 1,024. In each replication the knee
/// lies elsewhere, up to a fifth of a doubling or so, and each point has its noise.
fn curve_with_knee(stream: &mut Stream) -> (Vec<f64>, Vec<Vec<f64>>, f64) {
    let doublings: Vec<f64> = (0..=20).map(|step| 0.5 * f64::from(step)).collect();
    let curve = |stream: &mut Stream| -> Vec<f64> {
        let knee = 5.0 + 0.1 * normal(stream);
        let height = |at: &f64| at.min(knee) + 0.2 * (at - knee).max(0.0);
        doublings.iter().map(|at| height(at) + 0.05 * normal(stream)).collect()
    };
    let curves = (0..REPLICATIONS).map(|_| curve(stream)).collect();
    // The knee is log-normal.
    let truth = 32.0 * libm::exp(0.5 * (0.1 * std::f64::consts::LN_2) * (0.1 * std::f64::consts::LN_2));
    (doublings.iter().map(|at| libm::exp2(*at)).collect(), curves, truth)
}

/// The knee of a curve, in the first experiment in which one is told.
fn knee(stream: &mut Stream) -> bool {
    loop {
        let (x, curves, truth) = curve_with_knee(stream);
        if let Some(CurveShape::Bent(knee)) = curve_shape(&x, &curves, 0.1, CONFIDENCE) {
            return holds(knee.at, truth);
        }
    }
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

/// An experiment with a known truth.
struct Experiment {
    name: &'static str,
    data: &'static str,
    /// The share of experiments whose interval holds the truth that is what it should be, or is known to be.
    band: RangeInclusive<f64>,
    /// Whether the interval of one experiment holds the truth.
    holds: Box<dyn Fn(&mut Stream) -> bool>,
}

impl Experiment {
    fn new(name: &'static str, data: &'static str, holds: impl Fn(&mut Stream) -> bool + 'static) -> Self {
        Self { name, data, band: 0.93..=0.97, holds: Box::new(holds) }
    }

    fn within(self, band: RangeInclusive<f64>) -> Self {
        Self { band, ..self }
    }
}

fn experiments() -> Vec<Experiment> {
    let groups = "ten normal groups of eight, 40 % of the variance between them";
    vec![
        Experiment::new("mean", "means of 40 exponential values", mean),
        Experiment::new("ratio (jackknife)", "two means that are proportional but for noise", ratio),
        Experiment::new("quantile of all", "95 % quantile of 40 exponential values a replication", pooled_quantile),
        Experiment::new("paired difference", "two means with common luck", paired),
        Experiment::new("capacity", "a wait that grows with the parameter", capacity_with_common_luck),
        Experiment::new(
            "capacity, no common luck",
            "the same, with luck of its own at each value",
            capacity_with_own_luck,
        ),
        Experiment::new("knee", "curves of two straight pieces, if a knee is told", knee),
        Experiment::new("share of groups", groups, share_of_groups),
        Experiment::new("mean over groups", "the same", |stream| holds(grouped(stream).mean, 5.0)),
        // Whoever stops when the interval is narrow prefers those that are narrow by luck.
        Experiment::new("mean, stopped", "means of 40 exponential values, until ± 10 %, from 10 on", |stream| {
            stopped(stream, 10)
        })
        .within(0.92..=0.96),
        Experiment::new("mean, stopped too early", "the same, from 3 on", |stream| stopped(stream, 3))
            .within(0.88..=0.92),
    ]
}

#[test]
fn intervals_hold_the_truth_as_often_as_they_say() {
    let mut table = String::new();
    for Experiment { name, data, band, holds } in experiments() {
        let stream = |index: u32| Streams::new(2_026, index).stream(Purpose::VisitTimes, Entity::named(name, 0));
        let held = (0..EXPERIMENTS).filter(|index| holds(&mut stream(*index))).count();
        let share = held as f64 / f64::from(EXPERIMENTS);
        writeln!(table, "| {name} | {data} | {:.1} % |", share * 100.0).expect("writing into memory");
        assert!(band.contains(&share), "{name}: {share}");
    }
    let document = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/statistics.md"));
    let document = document.expect("a document");
    assert!(document.contains(&table), "docs/statistics.md lacks this table:\n{table}");
}

/// Of a thousand values the program goes a twentieth of the way from the 950th to the 951st: of exponential ones the mean of
/// that is 1/1000 + … + 1/51 + 0.05/50, 0.3 % below ln 20. The histogram adds nothing. The document says so.
#[test]
fn a_quantile_has_the_bias_of_its_rank() {
    let mut stream = Streams::new(2_026, 0).stream(Purpose::VisitTimes, Entity::named("bias", 0));
    let of_rank: f64 = (51..=1_000).map(|rank| 1.0 / f64::from(rank)).sum::<f64>() + 0.05 / 50.0;
    assert!((of_rank / libm::log(20.0) - 0.9971).abs() < 0.0001, "{of_rank}");
    let values: Vec<f64> = (0..10_000).map(|_| quantile_of(&waits(&mut stream, 1_000))).collect();
    assert!(holds(estimate(&values), of_rank), "{:?} {of_rank}", estimate(&values));
}

/// Where nothing changes, a warm-up is found in at most one of twenty experiments, whatever a replication remembers from one
/// week to the next; the documents say so.
#[test]
fn noise_has_no_warm_up() {
    for memory in [0.0, 0.6] {
        let mut stream = Streams::new(1, 0).stream(Purpose::VisitTimes, Entity::named("noise", 0));
        let found = |series: &[Vec<Vec<f64>>]| transients(series, CONFIDENCE).iter().any(|one| one.periods > 0);
        let mut noise = || std::array::from_fn::<_, 3, _>(|_| wandering_weeks(&mut stream, memory, |_| 0.0));
        let share = (0..EXPERIMENTS).filter(|_| found(&noise())).count() as f64 / f64::from(EXPERIMENTS);
        // Up to two standard errors beyond the level; how much of it Bonferroni gives away depends on the memory.
        assert!((0.01..=0.064).contains(&share), "{share} with a memory of {memory}");
    }
}

/// Two weeks that are three standard deviations away are found, and nothing else is, in nine of ten experiments.
#[test]
fn a_transient_is_found_at_its_week() {
    let mut stream = Streams::new(2, 0).stream(Purpose::VisitTimes, Entity::named("transient", 0));
    let found = (0..EXPERIMENTS).filter(|_| {
        let changing = wandering_weeks(&mut stream, 0.0, |week| if week < 2 { 3.0 } else { 0.0 });
        let others = [0, 1].map(|_| wandering_weeks(&mut stream, 0.0, |_| 0.0));
        let found = transients(&[vec![changing], others.into()].concat(), CONFIDENCE);
        found.iter().map(|one| one.periods).eq([2, 0, 0])
    });
    let found = found.count();
    assert!(found >= 900, "{found} of {EXPERIMENTS}");
}

/// Twelve weeks of ten replications: `level` and normal noise of deviation 1 with the autocorrelation `memory`.
fn wandering_weeks(stream: &mut Stream, memory: f64, level: impl Fn(usize) -> f64) -> Vec<Vec<f64>> {
    let mut normal = || (2.0 * exponential(stream)).sqrt() * libm::cos(std::f64::consts::TAU * stream.unit());
    let mut run = || {
        let mut noise = normal();
        let mut week = |week| {
            let value = level(week) + noise;
            noise = memory * noise + (1.0 - memory * memory).sqrt() * normal();
            value
        };
        (0..12).map(&mut week).collect()
    };
    (0..10).map(|_| run()).collect()
}
