//! Pairs of visit and instrument, counted by mechanism: each pair that ends otherwise counts once.

use std::collections::{BTreeMap, BTreeSet};

use crate::time::SimTime;

use super::change::RunChange;
use super::mechanism::{Mechanism, PairSide, mechanism};
use super::seen::{SeenPrice, SeenRun, SeenVisit};

/// What a mechanism makes of the difference.
#[derive(Debug)]
pub struct MechanismShare {
    /// Which.
    pub mechanism: Mechanism,
    /// What it changes.
    pub change: RunChange,
    pub(super) example: PairExample,
}

/// A pair that shows a mechanism.
#[derive(Clone, Debug)]
pub(super) struct PairExample {
    pub(super) user: u32,
    pub(super) began: SimTime,
    pub(super) instrument: u32,
    pub(super) exchanges: [Option<u64>; 2],
    pub(super) sides: [Option<SeenPrice>; 2],
}

/// Pairs, counted by mechanism.
#[derive(Default)]
pub(super) struct PairComparison {
    pub(super) pairs: u64,
    pub(super) visits: u64,
    pub(super) shares: BTreeMap<Mechanism, MechanismShare>,
    parted: Vec<PartedPair>,
}

impl PairComparison {
    pub(super) fn add(&mut self, runs: [&SeenRun; 2], user: u32, visits: [&SeenVisit; 2]) {
        self.visits += 1;
        let other: BTreeMap<u32, &SeenPrice> = visits[1].prices.iter().map(|price| (price.instrument, price)).collect();
        let mut met = 0;
        for price in &visits[0].prices {
            let twin = other.get(&price.instrument).copied();
            met += usize::from(twin.is_some());
            self.add_pair(runs, user, visits, [Some(price), twin]);
        }
        if met < visits[1].prices.len() {
            let own: BTreeSet<u32> = visits[0].prices.iter().map(|price| price.instrument).collect();
            let only = visits[1].prices.iter().filter(|price| !own.contains(&price.instrument));
            only.for_each(|price| self.add_pair(runs, user, visits, [None, Some(price)]));
        }
    }

    /// From which mechanisms the pairs follow whose own price differs: the last one before at the same instance, for the same
    /// instrument; `None`: it lies before the measured period, or in visits that only one run has.
    pub(super) fn origins_of_own_prices(&mut self) -> BTreeMap<Option<Mechanism>, u64> {
        self.parted.sort_by_key(|pair| (pair.place, pair.began));
        let mut origins = BTreeMap::new();
        for one_place in self.parted.chunk_by(|pair, next| pair.place == next.place) {
            let mut last = None;
            for pair in one_place {
                if pair.mechanism == Mechanism::OwnPrice {
                    *origins.entry(last).or_default() += 1;
                } else {
                    last = Some(pair.mechanism);
                }
            }
        }
        origins
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
        let instrument = prices[0].or(prices[1]).expect("a pair has an instrument").instrument;
        let place = (visits[0].instance, instrument);
        self.parted.push(PartedPair { place, began: visits[0].began, mechanism });
        let example = || PairExample {
            user,
            began: visits[0].began,
            instrument,
            exchanges: visits.map(|visit| visit.exchange),
            sides: prices.map(Option::<&SeenPrice>::cloned),
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

/// A pair that ends otherwise: the instance and the instrument, when, and why.
#[derive(Clone, Copy, Debug)]
struct PartedPair {
    place: (u32, u32),
    began: SimTime,
    mechanism: Mechanism,
}

impl PairExample {
    fn weight(&self) -> (usize, u64, u64, u128) {
        weight_of([self.sides[0].as_ref(), self.sides[1].as_ref()], self.exchanges)
    }
}
