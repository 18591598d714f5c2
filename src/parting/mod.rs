//! Where two runs with the same luck part: the first thing that happens in one only, and one mechanism for each pair of visit and
//! instrument that ends otherwise. The mechanisms add up to the whole difference of what the results count, exactly.

mod change;
mod first;
mod happening;
mod keys;
mod mechanism;
mod numbers;
mod pairs;
mod recorder;
mod seen;
mod text;
mod words;

use std::collections::BTreeMap;

use thiserror::Error;

use crate::model::{Blueprint, simulate};
use crate::scenario::Scenario;
use crate::time::{SimDuration, Timestamp};
use crate::trace::WorldNames;

pub use change::{Gain, RunChange};
pub use mechanism::Mechanism;
pub use pairs::MechanismShare;

use first::{DigestComparison, FirstDifference, HappeningDigests, first_difference};
use happening::HappeningTeller;
use numbers::{SharedNames, SharedNumbers};
use pairs::PairComparison;
use recorder::{MOST_PRICES, SightRecorder};
use seen::{SeenRun, SeenVisit, VisitKey, WorldFacts};

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
    /// The mechanisms that occur, first those that change most calls and fresh prices.
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
    /// Of the pairs whose own price differs, from which mechanism how many follow; `None`: from none that is known.
    pub origins_of_own_prices: BTreeMap<Option<Mechanism>, u64>,
    alike: Option<usize>,
    first: Option<FirstDifference>,
    worlds: [WorldFacts; 2],
    names: SharedNames,
    start: Timestamp,
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
        let parting = Self::of_runs([first, other], (alike, first_difference), (names, start), &numbers);
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
        runs: [SeenRun; 2],
        (alike, first): (Option<usize>, Option<FirstDifference>),
        (names, start): (SharedNames, Timestamp),
        numbers: &[SharedNumbers; 2],
    ) -> Self {
        let mut comparison = PairComparison::default();
        let mut unpaired = [UnpairedVisits::default(), UnpairedVisits::default()];
        for (key, visit) in &runs[0].visits {
            match runs[1].visits.get(key).filter(|other| other.began == visit.began) {
                Some(other) => comparison.add([&runs[0], &runs[1]], key.0, [visit, other]),
                None => unpaired[0].add(*key, 0, visit, &numbers[1]),
            }
        }
        for (key, visit) in &runs[1].visits {
            if runs[0].visits.get(key).is_none_or(|other| other.began != visit.began) {
                unpaired[1].add(*key, 1, visit, &numbers[0]);
            }
        }
        let origins_of_own_prices = comparison.origins_of_own_prices();
        let mut mechanisms: Vec<MechanismShare> = comparison.shares.into_values().collect();
        mechanisms.sort_by_key(|share| std::cmp::Reverse((share.change.counts(), share.change.pairs)));
        Self {
            mechanisms,
            unpaired,
            calls_of_servers: RunChange::of_calls([&runs[0], &runs[1]].map(|run| run.calls_of_servers)),
            whole: RunChange::of_totals([&runs[0], &runs[1]].map(|run| run.totals)),
            origins_of_own_prices,
            pairs: comparison.pairs,
            paired_visits: comparison.visits,
            alike,
            first,
            worlds: runs.map(|run| run.world),
            names,
            start,
        }
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
