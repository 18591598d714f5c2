//! Estimates before a command begins what it will take: its memory, which must fit into what is allowed, and how much
//! it has to simulate.

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::metrics::{
    bytes_of_fault_effects, bytes_of_measurements, bytes_of_packed_histograms, bytes_while_comparing,
    bytes_while_counting_calls, bytes_while_measuring,
};
use crate::model::config::{GroupConfig, WorldConfig};
use crate::model::{Footprint, Part, ValidWorld};
use crate::protocol::AcceptMode;
use crate::scenario::Scenario;

/// Memory that a command may take if the user does not set another limit \[bytes\]. It is the same on every machine, so
/// that a scenario is refused everywhere or nowhere.
pub(crate) const MEMORY: u64 = 8 << 30;

/// The program itself, its data, and the charts that it draws \[bytes\].
const PROGRAM: f64 = 20e6;

/// Memory for the result files of each replication of a run while they are made, beside the measurements \[bytes\]; and for the rows of
/// each of its instances and servers in them.
const RESULTS_OF_REPLICATION: f64 = 30e3;
const ROW_OF_INSTANCE: f64 = 40.0;
const ROW_OF_SERVER: f64 = 160.0;

/// Memory for what the result files of a run tell of each server over all replications \[bytes\], and for what they tell in addition of
/// each if servers are told apart: that they do of the first thousand.
const RESULTS_OF_SERVER: f64 = 1.2e3;
const RESULTS_TOLD_APART: f64 = 14e3;
const TOLD_APART: f64 = 1e3;

/// Memory for a scenario of a study, with the source of every value \[bytes\].
const POINT: f64 = 50e3;

/// Memory for the values of a replication of a point and for their results, without its histograms \[bytes\].
const VALUES_OF_REPLICATION: f64 = 4e3;

/// What is measured of the blocks of a network that have been simulated.
const OF_BLOCKS: &str = "what is measured of blocks";

/// With more peers than this, an exchange is likely to end before it has asked all of them.
const MANY_PEERS: f64 = 10.0;

/// What a command will take. The estimate of the memory is right within a factor of three; the others are rough.
#[derive(Clone, Debug)]
pub struct Cost {
    /// The scenario whose simulations take most memory, with its name.
    pub heaviest: (String, Scenario),
    /// Parts of the memory that are taken once.
    pub once: Vec<Part>,
    /// Parts of the memory that each simulation under way takes.
    pub each: Vec<Part>,
    /// Number of simulations.
    pub simulations: f64,
    /// Number of the pieces of all simulations that can be under way at the same time: a large network is simulated in blocks, if it
    /// falls apart into some.
    pub pieces: f64,
    /// Events of one simulation of the heaviest scenario with GTNet and, if that is simulated, without it.
    pub events: (f64, Option<f64>),
    /// Processor time of all simulations \[s\], right within a factor of three.
    pub work_s: f64,
    /// If the command decides as it goes how many replications it simulates: what limits their number. All estimates
    /// are then the most that it may take.
    pub at_most_by: Option<&'static str>,
    /// Whether events and time are upper bounds because exchanges have so many peers to ask. An exchange ends when its
    /// list is filled, and nobody knows beforehand how soon that is.
    pub is_bound: bool,
}

/// Not even one simulation at a time fits into the memory that is allowed.
#[derive(Clone, Debug)]
pub struct TooLarge {
    /// Memory that one simulation at a time takes \[bytes\].
    pub bytes: f64,
    /// The parts of this memory, in descending order.
    pub parts: Vec<Part>,
}

/// One scenario, with and without GTNet, and without its faults if it has any.
struct Pair {
    /// Footprint of each of its worlds, the scenario as written first.
    footprints: Vec<Footprint>,
    /// Whether the second of them is the world without GTNet.
    has_baseline: bool,
    instances: f64,
    /// Servers of both kinds in the scenario as written.
    servers: f64,
    /// Measurements that each replication of a run leaves \[bytes\].
    measured: f64,
    /// Histograms that each replication of a study leaves \[bytes\].
    histograms: f64,
}

impl Cost {
    /// What a run of `replications` replications of `scenario` takes; with `baseline` it is also simulated without
    /// GTNet.
    #[must_use]
    pub fn of_run(scenario: &Scenario, replications: f64, baseline: bool) -> Self {
        let pair = Pair::of(scenario.world(), baseline);
        let kept = Part {
            name: "what is measured",
            factors: vec![(replications, "replications")],
            keys: vec!["run.replications".to_owned()],
            bytes: replications * (pair.measured + RESULTS_OF_REPLICATION + pair.rows()) + pair.results_of_servers(),
        };
        let shared = pair.footprints.iter().flat_map(|footprint| footprint.shared.clone());
        Self {
            heaviest: (scenario.name().to_owned(), scenario.clone()),
            once: [program(), kept].into_iter().chain(shared).collect(),
            // What is measured of the blocks is what is kept of all of them.
            each: pair.largest().simulation.iter().filter(|part| part.name != OF_BLOCKS).cloned().collect(),
            simulations: replications * pair.footprints.len() as f64,
            pieces: replications * pair.pieces(),
            events: pair.events(),
            work_s: replications * pair.work_s(),
            at_most_by: None,
            is_bound: pair.is_bound(),
        }
    }

    /// What it takes to simulate a replication of `scenario` for somebody who hears of everything in its order, which no blocks have.
    #[must_use]
    pub fn of_one_piece(scenario: &Scenario) -> Self {
        let footprint = Footprint::of_one_piece(scenario.world());
        let mut cost = Self::of_run(scenario, 1.0, false);
        (cost.pieces, cost.work_s) = (1.0, footprint.traffic.work_s);
        (cost.once, cost.each) = ([program()].into_iter().chain(footprint.shared).collect(), footprint.simulation);
        cost
    }

    /// What a study takes; with `baseline` it is also simulated without GTNet. Each of the `scenarios` has its name and
    /// its number of replications. Only `looked_at` of them are simulated, and the estimate takes those that last
    /// longest.
    #[must_use]
    pub fn of_study(scenarios: &[(&str, &Scenario, u32)], looked_at: usize, baseline: bool) -> Self {
        let pairs: Vec<Pair> =
            scenarios.into_par_iter().map(|(_, scenario, _)| Pair::of(scenario.world(), baseline)).collect();
        let replications: f64 = scenarios.iter().map(|(.., replications)| f64::from(*replications)).sum();
        let points = scenarios.len() as f64;
        let of_points = scenarios.iter().zip(&pairs);
        let kept = [
            Part {
                name: "scenarios of the study",
                factors: vec![(points, "")],
                keys: Vec::new(),
                bytes: points * POINT,
            },
            Part {
                name: "what is measured",
                factors: vec![(replications, "replications")],
                keys: vec!["run.replications".to_owned()],
                bytes: of_points
                    .map(|((.., count), pair)| f64::from(*count) * (VALUES_OF_REPLICATION + pair.histograms))
                    .sum(),
            },
        ];
        let mut longest: Vec<(f64, f64)> = scenarios
            .iter()
            .zip(&pairs)
            .map(|((.., count), pair)| {
                (f64::from(*count) * pair.work_s(), f64::from(*count) * pair.footprints.len() as f64)
            })
            .collect();
        longest.sort_by(|a, b| b.0.total_cmp(&a.0));
        longest.truncate(looked_at);
        let work_s = longest.iter().map(|(work_s, _)| work_s).sum();
        let simulations = longest.iter().map(|(_, simulations)| simulations).sum();
        let heaviest = pairs.iter().zip(scenarios).max_by(|(a, _), (b, _)| a.bytes_each().total_cmp(&b.bytes_each()));
        let (pair, (name, scenario, _)) = heaviest.expect("a study has a scenario");
        Self {
            heaviest: ((*name).to_owned(), (*scenario).clone()),
            once: [program()].into_iter().chain(kept).collect(),
            // A study keeps a world only while it is simulated, so that its memory is counted for each simulation.
            each: pair.shared().chain(pair.largest().simulation.clone()).collect(),
            simulations,
            pieces: simulations,
            events: pair.events(),
            work_s,
            at_most_by: None,
            is_bound: pairs.iter().any(Pair::is_bound),
        }
    }

    /// Memory if `simulations` are under way at the same time \[bytes\].
    #[must_use]
    pub fn bytes(&self, simulations: usize) -> f64 {
        bytes(&self.once) + simulations as f64 * bytes(&self.each)
    }

    /// How many simulations or blocks of them, at most `wanted`, may be under way at the same time so that all fit into `memory` bytes.
    ///
    /// # Errors
    ///
    /// [`TooLarge`] if not even one fits.
    pub fn simulations_within(&self, memory: u64, wanted: usize) -> Result<usize, TooLarge> {
        // No more than there are in all.
        let wanted = (1..=wanted).take_while(|count| *count == 1 || *count as f64 <= self.pieces).last().unwrap_or(1);
        if let Some(fitting) = (1..=wanted).rev().find(|count| self.bytes(*count) <= memory as f64) {
            return Ok(fitting);
        }
        let mut parts: Vec<Part> = self.once.iter().chain(&self.each).cloned().collect();
        parts.sort_by(|a, b| b.bytes.total_cmp(&a.bytes));
        Err(TooLarge { bytes: self.bytes(1), parts })
    }
}

impl Pair {
    fn of(world: &ValidWorld, baseline: bool) -> Self {
        let mut worlds = vec![Self::measured(world)];
        let has_baseline = baseline && world.uses_gtnet();
        if has_baseline {
            worlds.push(Self::measured(&world.without_gtnet()));
        }
        let (mut measured, histograms) = worlds.iter().fold((0.0, 0.0), |sum, (_, one)| (sum.0 + one.0, sum.1 + one.1));
        let mut footprints: Vec<Footprint> = worlds.into_iter().map(|(footprint, _)| footprint).collect();
        if !world.faults.is_empty() {
            footprints.push(Footprint::of(&world.without_faults()));
            measured += bytes_of_fault_effects(world.duration);
            let visits = footprints[0].traffic.visits;
            footprints[0].simulation.push(Part {
                name: "visits, to compare them with those without faults",
                factors: vec![(visits, "visits")],
                keys: vec!["run.duration".to_owned()],
                bytes: bytes_while_comparing(world.duration, visits),
            });
        }
        let (instances, servers) = counts(world);
        Self { footprints, has_baseline, instances, servers, measured, histograms }
    }

    /// The footprint of a world and its collector. Then what each replication leaves \[bytes\]: the measurements of a
    /// run, and the histograms of a study.
    fn measured(world: &WorldConfig) -> (Footprint, (f64, f64)) {
        let mut footprint = Footprint::of(world);
        let period = world.duration - world.warmup;
        let (instances, servers) = counts(world);
        let share = period.as_secs_f64() / world.duration.as_secs_f64();
        let traffic = &footprint.traffic;
        let counted = (traffic.visits * share, traffic.shown * share, traffic.messages * share);
        let at_a_time = footprint.largest_block;
        footprint.simulation.push(Part {
            name: "counters and histograms",
            factors: vec![(at_a_time * servers, "servers"), (period.as_secs_f64() / 86_400.0, "days")],
            keys: vec!["run.duration".to_owned()],
            bytes: bytes_while_measuring(period, (at_a_time * instances, at_a_time * servers), at_a_time * counted.2),
        });
        let priced = world.connectors.iter().filter(|connector| !connector.plans.is_empty()).count() as f64;
        if priced > 0.0 {
            footprint.simulation.push(Part {
                name: "calls by key and day",
                factors: vec![(instances, "instances"), (priced, "providers with plans")],
                keys: vec!["run.duration".to_owned()],
                bytes: bytes_while_counting_calls(period, instances * priced),
            });
        }
        let measured = bytes_of_measurements(period, (instances, servers), counted);
        if footprint.blocks > 1.0 {
            footprint.simulation.push(Part {
                name: OF_BLOCKS,
                factors: vec![(instances, "instances"), (servers, "servers")],
                keys: vec!["run.duration".to_owned()],
                bytes: measured,
            });
        }
        (footprint, (measured, bytes_of_packed_histograms(counted)))
    }

    fn largest(&self) -> &Footprint {
        let size = |footprint: &&Footprint| footprint.simulation_bytes();
        let largest = self.footprints.iter().max_by(|a, b| size(a).total_cmp(&size(b)));
        largest.expect("a scenario has a world")
    }

    fn shared(&self) -> impl Iterator<Item = Part> {
        self.footprints.iter().flat_map(|footprint| footprint.shared.iter().cloned())
    }

    fn bytes_each(&self) -> f64 {
        self.shared().map(|part| part.bytes).sum::<f64>() + self.largest().simulation_bytes()
    }

    /// Memory of the rows of each replication of a run in its tables.
    fn rows(&self) -> f64 {
        self.footprints.len() as f64 * self.instances * ROW_OF_INSTANCE + self.servers * ROW_OF_SERVER
    }

    /// Memory of what is told of servers over all replications of a run.
    fn results_of_servers(&self) -> f64 {
        self.servers * RESULTS_OF_SERVER + self.servers.min(TOLD_APART) * RESULTS_TOLD_APART
    }

    fn pieces(&self) -> f64 {
        self.footprints.iter().map(|footprint| footprint.blocks).sum()
    }

    fn events(&self) -> (f64, Option<f64>) {
        let events = |at: usize| self.footprints[at].traffic.events;
        (events(0), self.has_baseline.then(|| events(1)))
    }

    fn is_bound(&self) -> bool {
        self.footprints.iter().any(|footprint| footprint.traffic.asked > MANY_PEERS)
    }

    fn work_s(&self) -> f64 {
        self.footprints.iter().map(|footprint| footprint.traffic.work_s).sum()
    }
}

/// How many instances a world has, and how many of them are servers whose load is measured.
fn counts(world: &WorldConfig) -> (f64, f64) {
    let count = |is_one: fn(&GroupConfig) -> bool| -> f64 {
        world.groups.iter().filter(|group| is_one(group)).map(|group| f64::from(group.count)).sum()
    };
    let push_open = count(|group| group.gtnet && group.mode == AcceptMode::PushOpen);
    let open = (0..world.groups.len()).filter(|group| world.is_open_server(*group));
    let open: f64 = open.map(|group| f64::from(world.groups[group].count)).sum();
    (count(|_| true), push_open + open)
}

fn program() -> Part {
    Part { name: "the program", factors: Vec::new(), keys: Vec::new(), bytes: PROGRAM }
}

fn bytes(parts: &[Part]) -> f64 {
    parts.iter().map(|part| part.bytes).sum()
}
