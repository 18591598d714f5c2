//! Where two runs with the same luck part: the first thing that happens in one only, and one mechanism for each pair of visit and
//! instrument that ends otherwise. The mechanisms add up to the whole difference of what the results count, exactly.

mod change;
mod first;
mod happening;
mod keys;
mod mechanism;
mod numbers;
mod recorder;
mod seen;
mod text;
mod words;

use std::collections::BTreeMap;

use thiserror::Error;

use crate::model::{Blueprint, simulate};
use crate::scenario::Scenario;
use crate::time::{SimDuration, SimTime, Timestamp};
use crate::trace::WorldNames;

pub use change::{Gain, RunChange};
pub use mechanism::Mechanism;

use first::{DigestComparison, FirstDifference, HappeningDigests, first_difference};
use happening::HappeningTeller;
use mechanism::{PairSide, mechanism};
use numbers::{SharedNames, SharedNumbers};
use recorder::{MOST_PRICES, SightRecorder};
use seen::{SeenPrice, SeenRun, SeenVisit, VisitKey};

/// One of two scenarios that are compared.
#[derive(Clone, Debug)]
pub struct ParentScenario<'s> {
    /// What it is called.
    pub label: &'s str,
    /// The scenario.
    pub scenario: &'s Scenario,
    /// Up to which age a price is fresh.
    pub fresh_within: SimDuration,
    /// The command that explains an exchange of it, without the exchange.
    pub command: String,
}

/// Why two runs cannot be compared.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum PartingError {
    /// They are too long.
    #[error(
        "users see more than {MOST_PRICES} instruments in the measured period, more than can be kept of two runs\n  help: compare \
         a shorter time, for instance with `--set run.duration=7d --set run.warmup=1d`"
    )]
    TooManyPrices,
}

/// How two runs differ.
#[derive(Debug)]
pub struct Parting {
    /// The mechanisms that occur, those of most pairs first.
    pub mechanisms: Vec<MechanismShare>,
    /// Visits that only the first or only the second run has.
    pub unpaired: [UnpairedVisits; 2],
    /// Calls that servers make for no visit.
    pub calls_of_servers: RunChange,
    /// All that the results count, counted without looking at visits.
    pub whole: RunChange,
    /// Pairs of visit and instrument, whether or not they end alike.
    pub pairs: u64,
    /// Visits that both runs have.
    pub paired_visits: u64,
    alike: Option<usize>,
    first: Option<FirstDifference>,
    names: SharedNames,
    start: Timestamp,
}

/// What a mechanism makes of the difference.
#[derive(Debug)]
pub struct MechanismShare {
    /// Which.
    pub mechanism: Mechanism,
    /// What it changes.
    pub change: RunChange,
    example: PairExample,
}

/// Visits that one run alone has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnpairedVisits {
    /// How many.
    pub visits: u64,
    /// Those of them whose users the other run has not.
    pub of_other_users: u64,
    /// What they change.
    pub change: RunChange,
    /// Shared numbers of users that the other run has not, as far as they visit.
    users: Vec<u32>,
}

/// A pair that shows a mechanism.
#[derive(Clone, Debug)]
struct PairExample {
    user: u32,
    began: SimTime,
    instrument: u32,
    exchanges: [Option<u64>; 2],
    sides: [Option<SeenPrice>; 2],
}

/// Tells in words where the runs of two scenarios part in a replication.
///
/// # Errors
///
/// [`PartingError`] if there is too much to be kept.
pub fn tell(scenarios: [&ParentScenario<'_>; 2], replication: u32) -> Result<String, PartingError> {
    let blueprints = scenarios.map(|one| Blueprint::new(one.scenario.world().clone()));
    let fresh_within = scenarios.map(|one| one.fresh_within);
    let seed = scenarios[0].scenario.seed();
    let parting = Parting::between([&blueprints[0], &blueprints[1]], fresh_within, (seed, replication))?;
    Ok(text::text(&parting, scenarios, replication))
}

impl Parting {
    /// Simulates a replication of two worlds, and compares what happens.
    ///
    /// # Errors
    ///
    /// [`PartingError`] if there is too much to be kept.
    ///
    /// # Panics
    ///
    /// If the parts do not add up to the whole, which never happens.
    pub fn between(
        blueprints: [&Blueprint; 2],
        fresh_within: [SimDuration; 2],
        (seed, replication): (u64, u32),
    ) -> Result<Self, PartingError> {
        let world_names = blueprints.map(WorldNames::of);
        let (names, numbers) = SharedNames::of([&world_names[0], &world_names[1]]);
        let mut digests = HappeningDigests::default();
        let recorder = SightRecorder::new(blueprints[0], &numbers[0], fresh_within[0]);
        let teller = HappeningTeller::new(&numbers[0], |happening| digests.add(&happening));
        let mut observers = (recorder, teller);
        simulate(blueprints[0], seed, replication, &mut observers);
        let first = observers.0.finish().ok_or(PartingError::TooManyPrices)?;
        let mut comparison = DigestComparison::with(&digests);
        let recorder = SightRecorder::new(blueprints[1], &numbers[1], fresh_within[1]);
        let teller = HappeningTeller::new(&numbers[1], |happening| comparison.add(&happening));
        let mut observers = (recorder, teller);
        simulate(blueprints[1], seed, replication, &mut observers);
        let other = observers.0.finish().ok_or(PartingError::TooManyPrices)?;
        let alike = comparison.alike();
        let first_difference = alike.map(|alike| first_difference(alike, blueprints, &numbers, (seed, replication)));
        let start = blueprints[0].config().start;
        let parting = Self::of_runs([&first, &other], (alike, first_difference), (names, start), &numbers);
        let sum = parting.sum();
        assert_eq!(sum.net(), parting.whole.net(), "the mechanisms add up to the whole difference");
        Ok(parting)
    }

    /// All parts together: mechanisms, visits that one run alone has, and calls of servers.
    #[must_use]
    pub fn sum(&self) -> RunChange {
        let others = self.unpaired.iter().map(|unpaired| unpaired.change).chain([self.calls_of_servers]);
        self.mechanisms.iter().map(|share| share.change).chain(others).fold(RunChange::default(), RunChange::plus)
    }

    /// What a mechanism changes; nothing if it does not occur.
    #[must_use]
    pub fn change_by(&self, mechanism: Mechanism) -> RunChange {
        let found = self.mechanisms.iter().find(|share| share.mechanism == mechanism);
        found.map_or_else(RunChange::default, |share| share.change)
    }

    fn of_runs(
        runs: [&SeenRun; 2],
        (alike, first): (Option<usize>, Option<FirstDifference>),
        (names, start): (SharedNames, Timestamp),
        numbers: &[SharedNumbers; 2],
    ) -> Self {
        let mut comparison = PairComparison::default();
        let mut unpaired = [UnpairedVisits::default(), UnpairedVisits::default()];
        for (key, visit) in &runs[0].visits {
            match runs[1].visits.get(key).filter(|other| other.began == visit.began) {
                Some(other) => comparison.add(runs, key.0, [visit, other]),
                None => unpaired[0].add(*key, 0, visit, &numbers[1]),
            }
        }
        for (key, visit) in &runs[1].visits {
            if runs[0].visits.get(key).is_none_or(|other| other.began != visit.began) {
                unpaired[1].add(*key, 1, visit, &numbers[0]);
            }
        }
        let mut mechanisms: Vec<MechanismShare> = comparison.shares.into_values().collect();
        mechanisms.sort_by_key(|share| (std::cmp::Reverse(share.change.pairs), share.mechanism));
        Self {
            mechanisms,
            unpaired,
            calls_of_servers: RunChange::of_calls(runs.map(|run| run.calls_of_servers)),
            whole: RunChange::of_totals(runs.map(|run| run.totals)),
            pairs: comparison.pairs,
            paired_visits: comparison.visits,
            alike,
            first,
            names,
            start,
        }
    }
}

/// Pairs, counted by mechanism.
#[derive(Default)]
struct PairComparison {
    pairs: u64,
    visits: u64,
    shares: BTreeMap<Mechanism, MechanismShare>,
}

impl PairComparison {
    fn add(&mut self, runs: [&SeenRun; 2], user: u32, visits: [&SeenVisit; 2]) {
        self.visits += 1;
        let other: BTreeMap<u32, &SeenPrice> = visits[1].prices.iter().map(|price| (price.instrument, price)).collect();
        let mut met = 0;
        for price in &visits[0].prices {
            let twin = other.get(&price.instrument).copied();
            met += usize::from(twin.is_some());
            self.add_pair(runs, user, visits, [Some(price), twin]);
        }
        if met < visits[1].prices.len() {
            let own: BTreeMap<u32, ()> = visits[0].prices.iter().map(|price| (price.instrument, ())).collect();
            let only = visits[1].prices.iter().filter(|price| !own.contains_key(&price.instrument));
            only.for_each(|price| self.add_pair(runs, user, visits, [None, Some(price)]));
        }
    }

    fn add_pair(&mut self, runs: [&SeenRun; 2], user: u32, visits: [&SeenVisit; 2], prices: [Option<&SeenPrice>; 2]) {
        self.pairs += 1;
        let side = |run: usize| PairSide {
            price: prices[run],
            has_result: visits[run].has_result,
            instance: visits[run].instance,
            world: &runs[run].world,
        };
        let Some(mechanism) = mechanism([&side(0), &side(1)]) else { return };
        let change = RunChange::of_pair(prices);
        let example = || PairExample {
            user,
            began: visits[0].began,
            instrument: prices[0].or(prices[1]).expect("a pair has an instrument").instrument,
            exchanges: visits.map(|visit| visit.exchange),
            sides: prices.map(|price| price.cloned()),
        };
        match self.shares.get_mut(&mechanism) {
            None => {
                self.shares.insert(mechanism, MechanismShare { mechanism, change, example: example() });
            }
            Some(share) => {
                share.change = share.change.plus(change);
                if weight(prices, visits) > share.example.weight() {
                    share.example = example();
                }
            }
        }
    }
}

/// How well a pair shows what a mechanism does: both exchanges can be explained, calls differ, freshness differs, ages differ.
fn weight(prices: [Option<&SeenPrice>; 2], visits: [&SeenVisit; 2]) -> (usize, u64, u64, u128) {
    weight_of(prices, visits.map(|visit| visit.exchange))
}

fn weight_of(prices: [Option<&SeenPrice>; 2], exchanges: [Option<u64>; 2]) -> (usize, u64, u64, u128) {
    let RunChange { calls, fresh, age_nanos, .. } = RunChange::of_pair(prices);
    let explained = exchanges.iter().flatten().count();
    (explained, calls.more + calls.fewer, fresh.more + fresh.fewer, age_nanos.unsigned_abs())
}

impl PairExample {
    fn weight(&self) -> (usize, u64, u64, u128) {
        weight_of([self.sides[0].as_ref(), self.sides[1].as_ref()], self.exchanges)
    }
}

impl UnpairedVisits {
    fn add(&mut self, key: VisitKey, run: usize, visit: &SeenVisit, other: &SharedNumbers) {
        self.visits += 1;
        if !other.users.contains(&key.0) {
            self.of_other_users += 1;
            if self.users.last() != Some(&key.0) {
                self.users.push(key.0);
            }
        }
        for price in &visit.prices {
            let pair = if run == 0 { [Some(price), None] } else { [None, Some(price)] };
            self.change = self.change.plus(RunChange { pairs: 0, ..RunChange::of_pair(pair) });
        }
    }
}
