//! Measures how often a selection keeps what it promises, and what it takes beside equal allocation, on alternatives whose means are
//! known. Prints the table of `docs/statistics.md`.
//!
//! `cargo run --release --example selection_guarantee [TRIALS]`; without a number 1,000, which takes a few seconds.

use std::error::Error;

use gtnet_sim::random::{Distribution, Entity, Purpose, Stream, Streams};
use gtnet_sim::stats::{Selection, SelectionRule};

/// The smallest difference that matters, beside a deviation of 1 from replication to replication.
const ZONE: f64 = 0.5;

const CONFIDENCE: f64 = 0.95;
const FIRST_STAGE: u32 = 10;

/// Means of so many exponential values are skewed.
const EXPONENTIALS: u32 = 5;

/// Nobody gets more replications than these.
const MOST: u32 = 100_000;

/// Where the means of the alternatives lie.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Means {
    /// One is better than all others by the indifference zone, which are alike: the hardest case of which something is promised.
    Slipped,
    /// Each is better than the next one by half of the indifference zone.
    Near,
    /// They are normal, and deviate by two indifference zones.
    Random,
}

/// How the values of a replication come about.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Luck {
    /// Each alternative has luck of its own.
    Own,
    /// Four fifths of the variance are common to all.
    Common,
    /// The deviations of the alternatives are from a half to two, that of the best is the largest.
    Uneven,
    /// Skewed luck of its own: means of a few exponential values.
    Skewed,
}

/// Problems of one kind.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ProblemKind {
    pub(crate) alternatives: usize,
    pub(crate) means: Means,
    pub(crate) luck: Luck,
}

/// What came of the trials of a kind of problem.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SelectionTrials {
    pub(crate) trials: u32,
    /// How often the best was chosen.
    pub(crate) best: u32,
    /// How often the chosen one was within the indifference zone of the best.
    pub(crate) good: u32,
    /// Replications of all alternatives.
    pub(crate) replications: u64,
    /// Replications that the same promise takes if each alternative gets as many.
    pub(crate) equal_allocation: f64,
}

pub(crate) const KINDS: [ProblemKind; 9] = [
    ProblemKind { alternatives: 2, means: Means::Slipped, luck: Luck::Own },
    ProblemKind { alternatives: 5, means: Means::Slipped, luck: Luck::Own },
    ProblemKind { alternatives: 12, means: Means::Slipped, luck: Luck::Own },
    ProblemKind { alternatives: 40, means: Means::Slipped, luck: Luck::Own },
    ProblemKind { alternatives: 12, means: Means::Slipped, luck: Luck::Common },
    ProblemKind { alternatives: 12, means: Means::Slipped, luck: Luck::Uneven },
    ProblemKind { alternatives: 12, means: Means::Slipped, luck: Luck::Skewed },
    ProblemKind { alternatives: 12, means: Means::Near, luck: Luck::Own },
    ProblemKind { alternatives: 12, means: Means::Random, luck: Luck::Own },
];

fn main() -> Result<(), Box<dyn Error>> {
    let trials = std::env::args().nth(1).map(|text| text.parse()).transpose()?.unwrap_or(1_000);
    println!(
        "| alternatives | the best is chosen | or one within the zone | replications | equal allocation | ratio |"
    );
    println!("|---|--:|--:|--:|--:|--:|");
    for kind in KINDS {
        println!("{}", tried(kind, trials).told(kind));
    }
    Ok(())
}

impl SelectionTrials {
    /// The share of the replications that equal allocation takes.
    pub(crate) fn ratio(&self) -> f64 {
        self.replications as f64 / self.equal_allocation
    }

    fn told(&self, kind: ProblemKind) -> String {
        let share = |count: u32| format!("{:.1} %", 100.0 * f64::from(count) / f64::from(self.trials));
        let each = |all: f64| format!("{:.0}", all / f64::from(self.trials));
        let means = match kind.means {
            Means::Slipped => "one ahead by the zone",
            Means::Near => "half a zone apart",
            Means::Random => "at random",
        };
        let luck = match kind.luck {
            Luck::Own => "luck of their own",
            Luck::Common => "common luck",
            Luck::Uneven => "uneven luck",
            Luck::Skewed => "skewed luck",
        };
        format!(
            "| {}, {means}, {luck} | {} | {} | {} | {} | {:.2} |",
            kind.alternatives,
            share(self.best),
            share(self.good),
            each(self.replications as f64),
            each(self.equal_allocation),
            self.ratio()
        )
    }
}

/// Selections of the best of so many problems of this kind.
pub(crate) fn tried(kind: ProblemKind, trials: u32) -> SelectionTrials {
    let mut all = SelectionTrials::default();
    for trial in 0..trials {
        let problem = Problem::drawn(kind, trial);
        let (chosen, replications, equal_allocation) = problem.solved();
        let best = problem.means.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let behind = best - problem.means[chosen];
        all.trials += 1;
        all.best += u32::from(behind <= 0.0);
        // What lies at the very edge of the zone is not within it; sums of halves are exact.
        all.good += u32::from(behind < ZONE);
        all.replications += replications;
        all.equal_allocation += equal_allocation;
    }
    all
}

/// A problem: alternatives whose means are known to us alone.
struct Problem {
    kind: ProblemKind,
    means: Vec<f64>,
    deviations: Vec<f64>,
    streams: Streams,
}

impl Problem {
    fn drawn(kind: ProblemKind, trial: u32) -> Self {
        let streams = Streams::new(u64::from(trial), 0);
        let mut stream = streams.stream(Purpose::Resample, Entity::named("means", 0));
        let normal = Distribution::Normal { mean: 0.0, sd: 2.0 * ZONE };
        // The best is anywhere among the others.
        let first = stream.index(kind.alternatives);
        let place = |alternative: usize| (alternative + kind.alternatives - first) % kind.alternatives;
        let mean = |alternative: usize| match kind.means {
            Means::Slipped => {
                if place(alternative) == 0 {
                    ZONE
                } else {
                    0.0
                }
            }
            Means::Near => -0.5 * ZONE * place(alternative) as f64,
            Means::Random => normal.sample(&mut stream),
        };
        let deviation = |alternative: usize| match kind.luck {
            Luck::Uneven => 2.0 - 1.5 * place(alternative) as f64 / (kind.alternatives - 1) as f64,
            Luck::Own | Luck::Common | Luck::Skewed => 1.0,
        };
        let means = (0..kind.alternatives).map(mean).collect();
        Self { kind, means, deviations: (0..kind.alternatives).map(deviation).collect(), streams }
    }

    /// The values of the next replication of all alternatives.
    fn replication(&self, own: &mut [Stream], common: &mut Stream) -> Vec<f64> {
        let normal = Distribution::Normal { mean: 0.0, sd: 1.0 };
        let exponential = Distribution::Exponential { mean: 1.0 };
        let in_common = normal.sample(common);
        let mut value = |alternative: usize| {
            let own = &mut own[alternative];
            let luck = match self.kind.luck {
                Luck::Own | Luck::Uneven => normal.sample(own),
                Luck::Common => 0.8_f64.sqrt() * in_common + 0.2_f64.sqrt() * normal.sample(own),
                Luck::Skewed => {
                    let sum: f64 = (0..EXPONENTIALS).map(|_| exponential.sample(own) - 1.0).sum();
                    sum / f64::from(EXPONENTIALS).sqrt()
                }
            };
            self.means[alternative] + self.deviations[alternative] * luck
        };
        (0..self.means.len()).map(&mut value).collect()
    }

    /// The alternative that is chosen, the replications that this took, and those that equal allocation takes.
    fn solved(&self) -> (usize, u64, f64) {
        let count = self.means.len();
        let rule = SelectionRule { alternatives: count, first_stage: FIRST_STAGE, confidence: CONFIDENCE, zone: ZONE };
        let stream =
            |name: &str, index: usize| self.streams.stream(Purpose::Resample, Entity::named(name, index as u64));
        let mut own: Vec<Stream> = (0..count).map(|alternative| stream("own", alternative)).collect();
        let mut common = stream("common", 0);
        let mut values: Vec<Vec<f64>> = vec![Vec::new(); count];
        let mut add = |values: &mut Vec<Vec<f64>>, until: u32| {
            while values[0].len() < until as usize {
                let replication = self.replication(&mut own, &mut common);
                values.iter_mut().zip(replication).for_each(|(all, value)| all.push(value));
            }
        };
        add(&mut values, FIRST_STAGE);
        let mut selection = Selection::begin(rule, &values.iter().map(|of| Some(of.as_slice())).collect::<Vec<_>>());
        let equal_allocation = selection.equal_allocation().expect("several with a mean");
        let mut look = FIRST_STAGE;
        loop {
            let mean = |of: &Vec<f64>| Some(of.iter().sum::<f64>() / of.len() as f64);
            selection.look(look, &values.iter().map(mean).collect::<Vec<_>>());
            if let Some(best) = selection.best() {
                let spent =
                    selection.eliminated().iter().map(|out| u64::from(out.map_or(look, |out| out.replications)));
                return (best, spent.sum(), equal_allocation);
            }
            look = SelectionRule::next_look(look);
            assert!(look < MOST, "the triangle has an end");
            add(&mut values, look);
        }
    }
}
