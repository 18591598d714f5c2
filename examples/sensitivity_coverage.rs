//! Measures how often the intervals of sensitivity analyses hold the truth, and whether what has no effect is called so, on functions
//! whose effects are known: Ishigami's, Sobol's g-function, and Morris's. Prints the table of `docs/statistics.md`.
//!
//! `cargo run --release --example sensitivity_coverage [TRIALS]`; without a number 1,000, which takes a few minutes.

use std::error::Error;
use std::f64::consts::PI;

use gtnet_sim::random::{Entity, Purpose, Streams, latin_hypercube, trajectories};
use gtnet_sim::stats::{ElementaryEffects, SaltelliSample, SobolIndices};

const CONFIDENCE: f64 = 0.95;

/// Sobol's indices come from so many blocks of points.
const BLOCKS: usize = 32;

/// The exact indices of an input: first order and total.
type Indices = [f64; 2];

/// A function of the unit cube, with the exact indices of each input.
pub(crate) struct KnownFunction {
    pub(crate) name: &'static str,
    value: fn(&[f64]) -> f64,
    indices: fn() -> Vec<Indices>,
}

/// How often intervals held the truth, and how often what has no effect was called so.
#[derive(Clone, Debug)]
pub(crate) struct CoverageRow {
    /// What was tried.
    pub(crate) what: String,
    /// Of each input with an effect, how many intervals there were, and how many of them held the truth.
    pub(crate) held: Vec<(u32, u32)>,
    /// How often there was no effect.
    pub(crate) zeros: u32,
    /// How often no effect was found there: 0 is in the interval.
    pub(crate) called_zero: u32,
}

impl CoverageRow {
    fn new(what: String) -> Self {
        Self { what, held: Vec::new(), zeros: 0, called_zero: 0 }
    }

    fn add(&mut self, input: usize, value: f64, half_width: Option<f64>, truth: f64) {
        let half_width = half_width.expect("several parts");
        if truth == 0.0 {
            self.zeros += 1;
            self.called_zero += u32::from(value - half_width <= 0.0);
            return;
        }
        self.held.resize(self.held.len().max(input + 1), (0, 0));
        let (intervals, held) = &mut self.held[input];
        *intervals += 1;
        *held += u32::from((value - truth).abs() <= half_width);
    }

    /// The share of intervals that held the truth: of all inputs, and of the inputs with the lowest and the highest share.
    pub(crate) fn coverage(&self) -> [f64; 3] {
        let share = |intervals: u32, held: u32| f64::from(held) / f64::from(intervals);
        let of_inputs = || self.held.iter().filter(|of| of.0 > 0).map(|(intervals, held)| share(*intervals, *held));
        let (intervals, held) = self.held.iter().fold((0, 0), |all, of| (all.0 + of.0, all.1 + of.1));
        [share(intervals, held), of_inputs().fold(1.0, f64::min), of_inputs().fold(0.0, f64::max)]
    }

    fn told(&self) -> String {
        let zeros = match self.zeros {
            0 => "–".to_owned(),
            zeros => format!("{:.1} %", 100.0 * f64::from(self.called_zero) / f64::from(zeros)),
        };
        let [all, lowest, highest] = self.coverage().map(|share| format!("{:.1} %", 100.0 * share));
        format!("| {} | {all} | {lowest} to {highest} | {zeros} |", self.what)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let trials = std::env::args().nth(1).map(|text| text.parse()).transpose()?.unwrap_or(1_000);
    println!("| what | intervals that hold the truth | by input | no effect is called none |\n|---|--:|--:|--:|");
    for function in [ishigami(), g_function()] {
        for samples in [512, 2_048] {
            for row in sobol_trials(&function, samples, trials) {
                println!("{}", row.told());
            }
        }
    }
    for count in [10, 20, 40] {
        println!("{}", morris_trials(count, trials).told());
    }
    Ok(())
}

/// Ishigami and Homma, *An importance quantification technique in uncertainty analysis for computer models*, 1990, with a = 7 and
/// b = 0.1.
pub(crate) fn ishigami() -> KnownFunction {
    const A: f64 = 7.0;
    const B: f64 = 0.1;
    let indices = || {
        let (p4, p8) = (PI * PI * PI * PI, PI * PI * PI * PI * PI * PI * PI * PI);
        let variance = A * A / 8.0 + B * p4 / 5.0 + B * B * p8 / 18.0 + 0.5;
        let first = 0.5 * (1.0 + B * p4 / 5.0) * (1.0 + B * p4 / 5.0) / variance;
        let (second, both) = (A * A / 8.0 / variance, 8.0 * B * B * p8 / 225.0 / variance);
        vec![[first, first + both], [second, second], [0.0, both]]
    };
    let value = |draws: &[f64]| {
        let x: Vec<f64> = draws.iter().map(|draw| PI * (2.0 * draw - 1.0)).collect();
        let (sine, fourth) = (libm::sin(x[1]), x[2] * x[2] * x[2] * x[2]);
        libm::sin(x[0]) + A * sine * sine + B * fourth * libm::sin(x[0])
    };
    KnownFunction { name: "Ishigami", value, indices }
}

/// Weights of the g-function. Its last two inputs have no effect.
const WEIGHTS: [f64; 4] = [0.0, 1.0, 4.5, 9.0];
const WITHOUT_EFFECT: usize = 2;

/// Saltelli and Sobol, *About the use of rank transformation in sensitivity analysis of model output*, 1995.
pub(crate) fn g_function() -> KnownFunction {
    let indices = || {
        let parts: Vec<f64> = WEIGHTS.iter().map(|weight| 1.0 / (3.0 * (1.0 + weight) * (1.0 + weight))).collect();
        let product: f64 = parts.iter().map(|part| 1.0 + part).product();
        let variance = product - 1.0;
        let of = |part: &f64| [part / variance, part * product / (1.0 + part) / variance];
        parts.iter().map(of).chain([[0.0; 2]; WITHOUT_EFFECT]).collect()
    };
    let value = |draws: &[f64]| {
        draws.iter().zip(WEIGHTS).map(|(draw, weight)| ((4.0 * draw - 2.0).abs() + weight) / (1.0 + weight)).product()
    };
    KnownFunction { name: "g-function", value, indices }
}

/// Trials of both indices, each with `samples` points in each of the two samples.
pub(crate) fn sobol_trials(function: &KnownFunction, samples: usize, trials: u32) -> [CoverageRow; 2] {
    let truths = (function.indices)();
    let mut rows =
        ["first order", "total"].map(|index| CoverageRow::new(format!("{}, {index}, {samples} points", function.name)));
    for trial in 0..trials {
        let streams = Streams::new(u64::from(trial), 0);
        let block = samples / BLOCKS;
        let points = (0..BLOCKS).flat_map(|number| latin_hypercube(&streams, number as u64, block, 2 * truths.len()));
        let halves: Vec<(Vec<f64>, Vec<f64>)> =
            points.map(|both| (both[..truths.len()].to_vec(), both[truths.len()..].to_vec())).collect();
        let a: Vec<f64> = halves.iter().map(|(a, _)| (function.value)(a)).collect();
        let b: Vec<f64> = halves.iter().map(|(_, b)| (function.value)(b)).collect();
        let mixed = |input: usize| {
            let mixed = halves.iter().map(|(a, b)| {
                let mut point = a.clone();
                point[input] = b[input];
                (function.value)(&point)
            });
            mixed.collect::<Vec<f64>>()
        };
        let ab: Vec<Vec<f64>> = (0..truths.len()).map(mixed).collect();
        let all = || a.iter().chain(&b).chain(ab.iter().flatten());
        let centre = all().sum::<f64>() / all().count() as f64;
        for (input, [first, total]) in truths.iter().enumerate() {
            let mut stream = streams.stream(Purpose::Resample, Entity::indexed(input as u64));
            let sample = SaltelliSample { a: &a, b: &b, ab: &ab[input], centre, block };
            let of = SobolIndices::of(&sample, CONFIDENCE, &mut |below| stream.index(below)).expect("a variance");
            rows[0].add(input, of.first, of.first_half_width, *first);
            rows[1].add(input, of.total, of.total_half_width, *total);
        }
    }
    rows
}

/// Inputs of Morris's function, of which the first ten have effects.
const INPUTS: usize = 20;
const WITH_EFFECT: usize = 10;

/// The effects of these are the same everywhere, so that nothing is uncertain about their mean.
const ALWAYS_ALIKE: std::ops::Range<usize> = 7..10;

/// Morris, *Factorial sampling plans for preliminary computational experiments*, 1991, section 5. The coefficients that he draws at
/// random are 0, so that the last ten inputs have no effect.
pub(crate) fn morris(draws: &[f64]) -> f64 {
    let curved = |input: usize, draw: f64| match input {
        2 | 4 | 6 => 2.0 * (1.1 * draw / (draw + 0.1) - 0.5),
        _ => 2.0 * (draw - 0.5),
    };
    let w: Vec<f64> = draws.iter().enumerate().map(|(input, draw)| curved(input, *draw)).collect();
    let mut sum: f64 = w[..WITH_EFFECT].iter().map(|w| 20.0 * w).sum();
    for i in 0..6 {
        for j in i + 1..6 {
            sum -= 15.0 * w[i] * w[j];
            for k in j + 1..5 {
                sum -= 10.0 * w[i] * w[j] * w[k];
                for l in k + 1..4 {
                    sum += 5.0 * w[i] * w[j] * w[k] * w[l];
                }
            }
        }
    }
    sum
}

/// The mean absolute elementary effects over all of the grid, by so many random points of it.
fn exact_mu_star() -> Vec<f64> {
    const POINTS: u32 = 200_000;
    let mut stream = Streams::new(u64::MAX, 0).stream(Purpose::UncertainPoint, Entity::indexed(0));
    let mut sums = vec![0.0; INPUTS];
    for _ in 0..POINTS {
        let point: Vec<f64> = (0..INPUTS).map(|_| stream.index(4) as f64 / 3.0).collect();
        let own = morris(&point);
        for (input, sum) in sums.iter_mut().enumerate().take(WITH_EFFECT) {
            let mut other = point.clone();
            other[input] += if other[input] < 0.5 { 2.0 / 3.0 } else { -2.0 / 3.0 };
            *sum += (morris(&other) - own).abs() / (2.0 / 3.0);
        }
    }
    sums.into_iter().map(|sum| sum / f64::from(POINTS)).collect()
}

/// Trials of μ*, each with `count` trajectories.
pub(crate) fn morris_trials(count: usize, trials: u32) -> CoverageRow {
    let truths = exact_mu_star();
    let mut row = CoverageRow::new(format!("Morris, μ*, {count} trajectories"));
    for trial in 0..trials {
        let streams = Streams::new(u64::from(trial), 0);
        let mut effects = vec![Vec::new(); INPUTS];
        for trajectory in trajectories(&streams, INPUTS, count) {
            let values: Vec<f64> = trajectory.points.iter().map(|point| morris(point)).collect();
            for (pair, (input, step)) in values.windows(2).zip(&trajectory.steps) {
                effects[*input].push((pair[1] - pair[0]) / step);
            }
        }
        for (input, truth) in truths.iter().enumerate().filter(|(input, _)| !ALWAYS_ALIKE.contains(input)) {
            let mut stream = streams.stream(Purpose::Resample, Entity::indexed(input as u64));
            let of = ElementaryEffects::of(&effects[input], CONFIDENCE, &mut |below| stream.index(below));
            let of = of.expect("effects");
            row.add(input, of.mean_absolute, of.half_width, *truth);
        }
    }
    row
}
