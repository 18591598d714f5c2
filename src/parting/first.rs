//! The first thing that happens in one run and not in the other, and what the other run does instead.

use std::collections::BTreeMap;

use crate::model::{Blueprint, simulate};
use crate::observe::Observer;

use super::happening::{Happening, HappeningTeller};
use super::numbers::SharedNumbers;

/// Where two runs part.
#[derive(Debug)]
pub(super) struct FirstDifference {
    /// Which run does something first: 0 or 1.
    pub(super) run: usize,
    pub(super) happening: Happening,
    /// What happens next in the other run at the same instance; `None`: nothing does, up to the end.
    pub(super) instead: Option<Happening>,
}

/// The digests of all that happens in a run, in order.
#[derive(Debug, Default)]
pub(super) struct HappeningDigests(Vec<u64>);

impl HappeningDigests {
    pub(super) fn add(&mut self, happening: &Happening) {
        self.0.push(happening.digest());
    }
}

/// Compares a run with digests of another, happening by happening.
#[derive(Debug)]
pub(super) struct DigestComparison<'d> {
    digests: &'d [u64],
    equal: usize,
    differs: bool,
}

impl<'d> DigestComparison<'d> {
    pub(super) const fn with(digests: &'d HappeningDigests) -> Self {
        Self { digests: digests.0.as_slice(), equal: 0, differs: false }
    }

    pub(super) fn add(&mut self, happening: &Happening) {
        if self.differs {
            return;
        }
        self.differs = self.digests.get(self.equal) != Some(&happening.digest());
        self.equal += usize::from(!self.differs);
    }

    /// How many happenings are alike; `None`: all are, in both runs.
    pub(super) const fn alike(&self) -> Option<usize> {
        if self.differs || self.equal < self.digests.len() { Some(self.equal) } else { None }
    }
}

/// What happens first after `alike` happenings that two runs have in common.
pub(super) fn first_difference(
    alike: usize,
    blueprints: [&Blueprint; 2],
    numbers: &[SharedNumbers; 2],
    (seed, replication): (u64, u32),
) -> FirstDifference {
    let [first, other] = [0, 1].map(|run| {
        let mut parted = AfterParting { alike, ..AfterParting::default() };
        let mut teller = HappeningTeller::new(&numbers[run], |happening| parted.add(happening));
        simulate(blueprints[run], seed, replication, &mut teller as &mut dyn Observer);
        parted
    });
    let runs = [first, other];
    let at = |run: usize| runs[run].next.as_ref().map(|happening| happening.at);
    let run = match (at(0), at(1)) {
        (Some(first), Some(other)) => usize::from(other < first),
        (Some(_), None) => 0,
        (None, Some(_)) => 1,
        (None, None) => panic!("two runs that differ after {alike} happenings have no other"),
    };
    let happening = runs[run].next.clone().expect("it is the earlier one");
    let there = &runs[1 - run];
    let instead = match happening.place {
        Some(place) => there.by_place.get(&place).cloned(),
        None => there.next.clone(),
    };
    FirstDifference { run, happening, instead }
}

/// What happens first in a run after it has parted from another, and first at each instance.
#[derive(Debug, Default)]
struct AfterParting {
    alike: usize,
    told: usize,
    next: Option<Happening>,
    by_place: BTreeMap<u32, Happening>,
}

impl AfterParting {
    fn add(&mut self, happening: Happening) {
        self.told += 1;
        if self.told <= self.alike {
            return;
        }
        if let Some(place) = happening.place {
            self.by_place.entry(place).or_insert_with(|| happening.clone());
        }
        self.next.get_or_insert(happening);
    }
}
