//! The faults of one replication: at which places they are, which are active, and when each of them turns. A fault draws its times
//! from a stream of its own, so that it changes nobody else's luck.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::engine::EventHandle;
use crate::observe::{FaultId, InstanceId};
use crate::random::{Entity, Purpose, Stream, Streams};
use crate::time::{SimDuration, SimTime};

use super::blueprint::Blueprint;
use super::config::{
    AnnouncedStop, ChurnConfig, FaultKind, FaultSpell, FaultTarget, FaultTimes, InstanceFault, LinkFault, ProviderFault,
};
use super::extra_visits::ExtraVisits;
use super::health::Health;

/// All faults of a replication.
#[derive(Debug, Default)]
pub(super) struct Faults {
    places: Vec<FaultPlace>,
    /// Numbers of the places at each instance that has any.
    at_instance: BTreeMap<InstanceId, Vec<u32>>,
    /// Numbers of the places that are not at one instance.
    elsewhere: Vec<u32>,
    /// When places turn next that are not at one instance, and their numbers.
    turns_elsewhere: BTreeSet<(SimTime, u32)>,
    /// By user: visits beyond what is usual; only of users who ever make any.
    extra_visits: BTreeMap<u32, ExtraVisits>,
}

/// One place of one fault, which turns there by itself.
#[derive(Debug)]
pub(super) struct FaultPlace {
    pub(super) what: Trouble,
    /// The instance, if it is at one.
    pub(super) instance: Option<InstanceId>,
    pub(super) active: bool,
    /// When it was last active; `None`: never, or it is so now for the first time.
    ended: Option<SimTime>,
    /// The next turn.
    pub(super) next: Option<EventHandle>,
    next_at: Option<SimTime>,
    /// The announcement of the next turn, or its cancellation.
    pub(super) notice: Option<EventHandle>,
    /// The next turn has been announced, and may be cancelled.
    pub(super) is_announced: bool,
    times: PlaceTimes,
}

/// A spell that its instance announces.
#[derive(Clone, Copy, Debug)]
pub(super) struct AnnouncedSpell {
    pub(super) spell: FaultSpell,
    /// How long before its beginning it is announced.
    pub(super) before: SimDuration,
    pub(super) what: AnnouncedStop,
    /// How long before its beginning it is called off.
    pub(super) cancelled: Option<SimDuration>,
}

/// What is wrong at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// What a fault of the scenario says.
    Fault(FaultId),
    /// The instance does not take part yet, or any more.
    Absent,
}

/// When a place turns.
#[derive(Debug)]
enum PlaceTimes {
    /// At the set times of the fault; the number of the next spell.
    OfFault(usize),
    /// At set times of its own; the number of the next spell.
    Own(Vec<FaultSpell>, usize),
    /// As the fault says, by draws from this stream.
    Random(Box<Stream>),
}

impl Faults {
    /// The faults of a world before anything happens.
    pub(super) fn new(blueprint: &Blueprint, streams: &Streams) -> Self {
        let mut faults = Self::default();
        for (number, fault) in (0_u16..).zip(&blueprint.config.faults) {
            let of_fault = Entity::named(&fault.name, 0);
            let times = |entity: Entity| match &fault.times {
                FaultTimes::Set(_) => PlaceTimes::OfFault(0),
                FaultTimes::Random { .. } => PlaceTimes::Random(Box::new(streams.stream(Purpose::Fault, entity))),
            };
            let what = Trouble::Fault(FaultId(number));
            match &fault.kind {
                FaultKind::Instances { at, .. } => {
                    for id in instances_of(blueprint, at) {
                        let times = times(Entity::pair(of_fault, blueprint.entity_of(id)));
                        faults.add(what, Some(id), times);
                    }
                }
                FaultKind::Provider { .. } | FaultKind::Links { .. } | FaultKind::Visits { .. } => {
                    faults.add(what, None, times(of_fault));
                }
            }
        }
        faults.add_absences(blueprint, streams);
        faults
    }

    fn add_absences(&mut self, blueprint: &Blueprint, streams: &Streams) {
        for (id, info) in (0..).map(InstanceId).zip(blueprint.instances()) {
            let group = &blueprint.config.groups[info.group];
            let Some(churn) = &group.churn else { continue };
            let entity = Entity::pair(Entity::named("joins", 0), blueprint.entity_of(id));
            let mut stream = streams.stream(Purpose::Fault, entity);
            let spells = absences(churn, group.count, info.number, &mut stream);
            if !spells.is_empty() {
                self.add(Trouble::Absent, Some(id), PlaceTimes::Own(spells, 0));
            }
        }
    }

    fn add(&mut self, what: Trouble, instance: Option<InstanceId>, times: PlaceTimes) {
        let number = u32::try_from(self.places.len()).expect("fewer than 2^32 places of faults");
        match instance {
            Some(id) => self.at_instance.entry(id).or_default().push(number),
            None => self.elsewhere.push(number),
        }
        self.places.push(FaultPlace {
            what,
            instance,
            active: false,
            ended: None,
            next: None,
            next_at: None,
            notice: None,
            is_announced: false,
            times,
        });
    }

    pub(super) fn places(&self) -> &[FaultPlace] {
        &self.places
    }

    pub(super) fn place_mut(&mut self, number: u32) -> &mut FaultPlace {
        &mut self.places[number as usize]
    }

    /// Lets a place begin or end what is wrong there. Says when it turns again; `None`: never.
    pub(super) fn turn(&mut self, number: u32, now: SimTime, blueprint: &Blueprint) -> Option<SimTime> {
        let place = &mut self.places[number as usize];
        place.active = !place.active;
        if !place.active {
            place.ended = Some(now);
        }
        place.next_turn(now, blueprint)
    }

    /// Notes when a place turns next; `None`: never.
    pub(super) fn set_next_turn(&mut self, number: u32, event: Option<EventHandle>, at: Option<SimTime>) {
        let place = &mut self.places[number as usize];
        let before = place.next_at;
        (place.next, place.next_at) = (event, at);
        if place.instance.is_none() {
            if let Some(before) = before {
                self.turns_elsewhere.remove(&(before, number));
            }
            self.turns_elsewhere.extend(at.map(|at| (at, number)));
        }
    }

    /// When the next place turns that is at this instance or at no instance alone; [`SimTime::MAX`] if none ever does.
    pub(super) fn next_turn(&self, id: InstanceId) -> SimTime {
        let elsewhere = self.turns_elsewhere.first().map(|(at, _)| *at);
        let places = self.at_instance.get(&id).into_iter().flatten().map(|number| &self.places[*number as usize]);
        places.filter_map(|place| place.next_at).chain(elsewhere).min().unwrap_or(SimTime::MAX)
    }

    /// When a place turns for the first time; `None`: never.
    pub(super) fn first_turn(&mut self, number: u32, blueprint: &Blueprint) -> Option<SimTime> {
        self.places[number as usize].next_turn(SimTime::START, blueprint)
    }

    /// The spell that begins next at a place, if the place is announced.
    pub(super) fn announced(&self, number: u32, blueprint: &Blueprint) -> Option<AnnouncedSpell> {
        let FaultPlace { what, active, times, .. } = &self.places[number as usize];
        let (Trouble::Fault(fault), false, PlaceTimes::OfFault(next)) = (what, active, times) else { return None };
        let fault = &blueprint.config.faults[fault.index()];
        let FaultKind::Instances { fault: InstanceFault::Announced { before, what, cancelled }, .. } = &fault.kind
        else {
            return None;
        };
        let FaultTimes::Set(spells) = &fault.times else { return None };
        Some(AnnouncedSpell { spell: *spells.get(*next)?, before: *before, what: *what, cancelled: *cancelled })
    }

    /// How an instance is with all that is wrong there.
    pub(super) fn health_of(&self, id: InstanceId, blueprint: &Blueprint) -> Health {
        let places = self.at_instance.get(&id).into_iter().flatten().map(|number| &self.places[*number as usize]);
        places.filter(|place| place.active).fold(Health::GOOD, |health, place| match place.what {
            Trouble::Fault(fault) => health.with(fault, instance_fault(fault, blueprint)),
            Trouble::Absent => Health { down: true, ..health },
        })
    }

    /// The active faults of a provider.
    pub(super) fn of_provider<'b>(
        &'b self,
        connector: usize,
        blueprint: &'b Blueprint,
    ) -> impl Iterator<Item = &'b ProviderFault> {
        self.active_elsewhere(blueprint).filter_map(move |kind| match kind {
            FaultKind::Provider { connector: at, fault } if *at == connector => Some(fault),
            _ => None,
        })
    }

    /// The active faults of the link between two instances.
    pub(super) fn of_link<'b>(
        &'b self,
        ends: [InstanceId; 2],
        blueprint: &'b Blueprint,
    ) -> impl Iterator<Item = &'b LinkFault> {
        self.active_elsewhere(blueprint).filter_map(move |kind| link_fault(kind, ends, blueprint))
    }

    /// Whether a fault has hindered messages between two instances at any moment since `sent`, be it over by now: at one of them, or
    /// on the link between them.
    pub(super) fn hindered(&self, ends: [InstanceId; 2], sent: SimTime, blueprint: &Blueprint) -> bool {
        let at_ends = ends.iter().filter_map(|end| self.at_instance.get(end)).flatten();
        let numbers = at_ends.chain(&self.elsewhere);
        let mut places = numbers.map(|number| &self.places[*number as usize]).filter(|place| place.was_active(sent));
        places.any(|place| match (place.what, place.instance) {
            (Trouble::Absent, _) => true,
            (Trouble::Fault(fault), Some(_)) => Health::GOOD.with(fault, instance_fault(fault, blueprint)).hinders(),
            (Trouble::Fault(fault), None) => link_fault(&blueprint.config.faults[fault.index()].kind, ends, blueprint)
                .is_some_and(|fault| fault.factor > 1.0 || (fault.loss > 0.0 && blueprint.config.network.loss < 1.0)),
        })
    }

    /// How many extra visits each user of an instance makes for each usual one.
    pub(super) fn extra_rate(&self, id: InstanceId, blueprint: &Blueprint) -> f64 {
        let floods = self.active_elsewhere(blueprint).filter_map(|kind| match kind {
            FaultKind::Visits { at, factor } => includes(blueprint, at, id).then_some(factor - 1.0),
            _ => None,
        });
        // The sum of nothing would be -0, which is not the rate that everybody begins with.
        floods.fold(0.0, |sum, rate| sum + rate)
    }

    /// The extra visits of a user who makes some.
    pub(super) fn extra_visits(&mut self, user: u32) -> &mut ExtraVisits {
        self.extra_visits.get_mut(&user).expect("the user makes extra visits")
    }

    /// Sets how many extra visits a user makes for each usual one; returns the next visit, which is not to happen.
    pub(super) fn set_extra_visits(
        &mut self,
        user: u32,
        rate: f64,
        stream: impl FnOnce() -> Stream,
    ) -> Option<EventHandle> {
        self.extra_visits.entry(user).or_insert_with(|| ExtraVisits::new(stream())).set_rate(rate)
    }

    /// Whether a user makes another number of extra visits so far.
    pub(super) fn changes_extra_visits(&self, user: u32, rate: f64) -> bool {
        self.extra_visits.get(&user).map_or(0.0, ExtraVisits::rate).total_cmp(&rate).is_ne()
    }

    /// Whether any of these users makes an extra visit next.
    pub(super) fn has_extra_visits(&self, users: Range<u32>) -> bool {
        self.extra_visits.range(users).any(|(_, extra)| extra.next.is_some())
    }

    /// The extra visits that are to come.
    pub(super) fn pending_extra_visits(&self) -> impl Iterator<Item = EventHandle> {
        self.extra_visits.values().filter_map(|extra| extra.next)
    }

    fn active_elsewhere<'b>(&'b self, blueprint: &'b Blueprint) -> impl Iterator<Item = &'b FaultKind> {
        let active = self.elsewhere.iter().map(|number| &self.places[*number as usize]).filter(|place| place.active);
        active.filter_map(|place| match place.what {
            Trouble::Fault(fault) => Some(&blueprint.config.faults[fault.index()].kind),
            Trouble::Absent => None,
        })
    }
}

impl FaultPlace {
    /// Whether it has been active at any moment since `then`. What ended at that very moment had ended before.
    fn was_active(&self, then: SimTime) -> bool {
        self.active || self.ended.is_some_and(|ended| ended > then)
    }

    /// The time of the next turn after one at `now`, whose effect is already in `active`.
    fn next_turn(&mut self, now: SimTime, blueprint: &Blueprint) -> Option<SimTime> {
        let of_fault = match self.what {
            Trouble::Fault(fault) => Some(&blueprint.config.faults[fault.index()].times),
            Trouble::Absent => None,
        };
        let (spells, number) = match (&mut self.times, of_fault) {
            (PlaceTimes::OfFault(number), Some(FaultTimes::Set(spells))) => (spells, number),
            (PlaceTimes::Own(spells, number), None) => (&*spells, number),
            (PlaceTimes::Random(stream), Some(FaultTimes::Random { between_s, lasts_s })) => {
                let time = if self.active { lasts_s } else { between_s };
                // Nothing takes no time, or a fault could turn for ever in one moment.
                let time = SimDuration::from_secs_f64(time.sample(stream).max(0.0)).max(SimDuration::from_nanos(1));
                return Some(now.saturating_add(time));
            }
            (times, of_fault) => unreachable!("a place has times as its fault has: {times:?}, {of_fault:?}"),
        };
        let spell = spells.get(*number)?;
        if self.active {
            *number += 1;
            Some((SimTime::START + spell.begins).saturating_add(spell.lasts))
        } else {
            Some(SimTime::START + spell.begins)
        }
    }
}

/// Whether a fault is one of this instance.
pub(super) fn is_at(fault: FaultId, id: InstanceId, blueprint: &Blueprint) -> bool {
    match &blueprint.config.faults[fault.index()].kind {
        FaultKind::Instances { at, .. } => includes(blueprint, at, id),
        FaultKind::Provider { .. } | FaultKind::Links { .. } | FaultKind::Visits { .. } => false,
    }
}

/// What a fault at an instance does.
pub(super) fn instance_fault(fault: FaultId, blueprint: &Blueprint) -> &InstanceFault {
    match &blueprint.config.faults[fault.index()].kind {
        FaultKind::Instances { fault, .. } => fault,
        other => panic!("this is no fault of instances: {other:?}"),
    }
}

/// What a fault does to the link between two instances; `None`: nothing.
fn link_fault<'b>(kind: &'b FaultKind, ends: [InstanceId; 2], blueprint: &Blueprint) -> Option<&'b LinkFault> {
    let FaultKind::Links { between, and, fault } = kind else { return None };
    let joins =
        |one: InstanceId, other: InstanceId| includes(blueprint, between, one) && includes(blueprint, and, other);
    (joins(ends[0], ends[1]) || joins(ends[1], ends[0])).then_some(fault)
}

/// The instances that targets name, in ascending order, each once.
fn instances_of(blueprint: &Blueprint, targets: &[FaultTarget]) -> Vec<InstanceId> {
    let all = (0..).map(InstanceId).zip(blueprint.instances());
    all.map(|(id, _)| id).filter(|id| includes(blueprint, targets, *id)).collect()
}

fn includes(blueprint: &Blueprint, targets: &[FaultTarget], id: InstanceId) -> bool {
    let info = &blueprint.instances()[id.index()];
    let is_it = |target: &FaultTarget| target.group == info.group && target.number.is_none_or(|at| at == info.number);
    targets.iter().any(is_it)
}

/// When instance `number` of `count` does not take part: until it joins, and after it has left.
fn absences(churn: &ChurnConfig, count: u32, number: u32, stream: &mut Stream) -> Vec<FaultSpell> {
    let joins = if number < churn.present {
        SimDuration::ZERO
    } else {
        // The first newcomer comes one interval after the beginning, and the last one at the end.
        let (rank, newcomers) = (u64::from(number - churn.present) + 1, u64::from(count - churn.present));
        let span = u128::from((churn.until - churn.from).as_nanos()) * u128::from(rank) / u128::from(newcomers);
        churn.from + SimDuration::from_nanos(u64::try_from(span).expect("a part of a span"))
    };
    let mut spells = Vec::new();
    if !joins.is_zero() {
        spells.push(FaultSpell { begins: SimDuration::ZERO, lasts: joins });
    }
    if let Some(stays_s) = &churn.stays_s {
        let stays = SimDuration::from_secs_f64(stays_s.sample(stream).max(0.0)).max(SimDuration::from_nanos(1));
        let stays = stays.min(SimDuration::LONGEST);
        spells.push(FaultSpell { begins: joins + stays, lasts: SimDuration::LONGEST });
    }
    spells
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Distribution;

    #[test]
    fn newcomers_join_at_equal_intervals() {
        let day = SimDuration::from_days;
        let churn = ChurnConfig { present: 2, from: day(1), until: day(5), stays_s: None };
        let mut stream = Streams::new(1, 0).stream(Purpose::Fault, Entity::indexed(0));
        let joins: Vec<Option<SimDuration>> =
            (0..6).map(|number| absences(&churn, 6, number, &mut stream).first().map(|spell| spell.lasts)).collect();
        assert_eq!(joins, [None, None, Some(day(2)), Some(day(3)), Some(day(4)), Some(day(5))]);
        let stays = ChurnConfig { stays_s: Some(Distribution::Constant(3_600.0)), ..churn };
        let leaves = absences(&stays, 6, 2, &mut stream)[1].begins;
        assert_eq!(leaves, day(2) + SimDuration::from_hours(1));
    }
}
