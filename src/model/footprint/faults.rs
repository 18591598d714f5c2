//! Which faults are active at the same time, how long, and what they do to visits, messages and calls: from the scenario alone. Random
//! faults count as if all of them came in the busiest moment.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::config::{
    FaultConfig, FaultKind, FaultSpell, FaultTarget, FaultTimes, GroupConfig, InstanceFault, ProviderFault, WorldConfig,
};
use crate::model::extra_visits::ExtraVisits;
use crate::model::faults::FaultPlace;
use crate::model::visits::VisitSchedule;
use crate::observe::InstanceId;
use crate::protocol::PeerViews;
use crate::random::{Distribution, Stream};
use crate::time::{SimDuration, SimTime};

use super::habit::Habit;
use super::{Part, heap, size};

/// Faults that are active at the same time.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Situation<'c> {
    /// Each with the share of its places at which it is active.
    faults: Vec<(&'c FaultKind, f64)>,
    /// When those at set times are all active, and no others at set times; empty if there are none.
    spells: Vec<(SimTime, SimTime)>,
    /// How long the situation lasts at most \[s\].
    longest_s: f64,
}

/// The situations of a world, each once.
pub(super) fn situations(config: &WorldConfig) -> Vec<Situation<'_>> {
    let mut all: Vec<Situation<'_>> = of_set_times(config).collect();
    if let Some(random) = of_random_times(config) {
        let together = all.iter().map(|set| Situation {
            faults: set.faults.iter().chain(&random.faults).copied().collect(),
            spells: set.spells.clone(),
            longest_s: set.longest_s.min(random.longest_s),
        });
        let together: Vec<Situation<'_>> = together.collect();
        all.extend(together);
        all.push(random);
    }
    all
}

fn of_set_times(config: &WorldConfig) -> impl Iterator<Item = Situation<'_>> {
    let mut turns = Vec::new();
    for (number, fault) in config.faults.iter().enumerate().filter(|(_, fault)| matters(&fault.kind)) {
        let FaultTimes::Set(spells) = &fault.times else { continue };
        for spell in spells.iter().filter(|spell| spell.begins < config.duration) {
            turns.push((spell.begins, number));
            turns.push(((spell.begins + spell.lasts).min(config.duration), number));
        }
    }
    turns.sort_unstable();
    let mut active: BTreeSet<usize> = BTreeSet::new();
    let mut together: BTreeMap<Vec<usize>, Vec<(SimTime, SimTime)>> = BTreeMap::new();
    let mut since = SimDuration::ZERO;
    for (at, number) in turns {
        if at > since && !active.is_empty() {
            let spells = together.entry(active.iter().copied().collect()).or_default();
            spells.push((SimTime::START + since, SimTime::START + at));
        }
        since = at;
        // Each fault begins and ends in turn.
        if !active.remove(&number) {
            active.insert(number);
        }
    }
    together.into_iter().map(|(active, spells)| Situation {
        faults: active.into_iter().map(|number| (&config.faults[number].kind, 1.0)).collect(),
        longest_s: spells.iter().map(|(begin, end)| end.since(*begin).as_secs_f64()).fold(0.0, f64::max),
        spells,
    })
}

fn of_random_times(config: &WorldConfig) -> Option<Situation<'_>> {
    let duration_s = config.duration.as_secs_f64();
    let (mut faults, mut longest_s) = (Vec::new(), 0.0_f64);
    for fault in config.faults.iter().filter(|fault| matters(&fault.kind)) {
        let FaultTimes::Random { between_s, lasts_s } = &fault.times else { continue };
        if between_s.extremes().0 >= duration_s {
            continue;
        }
        let spells = spells_of_place(fault, config) * places(fault, config);
        longest_s = longest_s.max(greatest_of(lasts_s, spells).clamp(LEAST_S, duration_s));
        faults.push((&fault.kind, active_share(between_s, lasts_s)));
    }
    (!faults.is_empty()).then_some(Situation { faults, spells: Vec::new(), longest_s })
}

/// Nothing takes no time.
const LEAST_S: f64 = 1e-9;

/// Whether a fault changes how much is under way at a time.
fn matters(kind: &FaultKind) -> bool {
    match kind {
        FaultKind::Instances { fault, .. } => matches!(fault, InstanceFault::BlackHole | InstanceFault::Slow { .. }),
        FaultKind::Provider { .. } | FaultKind::Links { .. } | FaultKind::Visits { .. } => true,
    }
}

/// The share of the time in which a random fault is active at a place.
fn active_share(between_s: &Distribution, lasts_s: &Distribution) -> f64 {
    let [between_s, lasts_s] = [between_s, lasts_s].map(|time| time.mean().max(LEAST_S));
    lasts_s / (between_s + lasts_s)
}

/// How often a fault begins at each of its places.
fn spells_of_place(fault: &FaultConfig, config: &WorldConfig) -> f64 {
    match &fault.times {
        FaultTimes::Set(spells) => spells.iter().filter(|spell| spell.begins < config.duration).count() as f64,
        FaultTimes::Random { between_s, lasts_s } => {
            let cycle_s: f64 = [between_s, lasts_s].map(|time| time.mean().max(LEAST_S)).iter().sum();
            config.duration.as_secs_f64() / cycle_s
        }
    }
}

/// At how many places a fault turns by itself.
fn places(fault: &FaultConfig, config: &WorldConfig) -> f64 {
    match &fault.kind {
        FaultKind::Instances { at, .. } => {
            let of_group = |(index, group): (usize, &GroupConfig)| share_of(at, index, config) * f64::from(group.count);
            config.groups.iter().enumerate().map(of_group).sum()
        }
        FaultKind::Provider { .. } | FaultKind::Links { .. } | FaultKind::Visits { .. } => 1.0,
    }
}

/// The share of the instances of a group that targets name.
fn share_of(targets: &[FaultTarget], group: usize, config: &WorldConfig) -> f64 {
    let of_group = targets.iter().filter(|target| target.group == group);
    let numbers: Option<BTreeSet<u32>> = of_group.map(|target| target.number).collect();
    numbers.map_or(1.0, |numbers| numbers.len() as f64 / f64::from(config.groups[group].count))
}

/// About the greatest of so many draws.
pub(super) fn greatest_of(distribution: &Distribution, draws: f64) -> f64 {
    match distribution {
        Distribution::Empirical(values) => values.iter().copied().fold(0.0, f64::max),
        other => other.quantile((draws + 0.5) / (draws + 1.0)),
    }
}

impl Situation<'_> {
    /// No fault is active.
    pub(super) const USUAL: Self = Self { faults: Vec::new(), spells: Vec::new(), longest_s: f64::INFINITY };

    /// The length of the spell in which most visits are \[s\], and how many one user usually makes in it.
    pub(super) fn busiest(&self, schedule: Option<&VisitSchedule>, habit: &Habit) -> (f64, f64) {
        let anywhere = (self.longest_s, habit.most_within(self.longest_s));
        let Some(schedule) = schedule else { return anywhere };
        let spells = self.spells.iter().map(|(begin, end)| {
            let visits = schedule.expected_before(*end) - schedule.expected_before(*begin);
            (end.since(*begin).as_secs_f64(), visits)
        });
        let busiest = spells.max_by(|a, b| a.1.total_cmp(&b.1));
        busiest.map_or(anywhere, |(seconds, visits)| (seconds.min(self.longest_s), visits))
    }

    /// The share of a group's users who visit more often than usual, and how much more often.
    pub(super) fn pace(&self, group: usize, config: &WorldConfig) -> (f64, f64) {
        let floods = self.faults.iter().filter_map(|(kind, _)| match kind {
            FaultKind::Visits { at, factor } => Some((share_of(at, group, config), *factor - 1.0)),
            _ => None,
        });
        let (share, all) =
            floods.fold((0.0_f64, 0.0), |(most, all), (share, more)| (most.max(share), all + share * more));
        if share > 0.0 { (share, 1.0 + all / share) } else { (0.0, 1.0) }
    }

    /// The share of a group's servers that are slower than usual, and how much slower.
    pub(super) fn slowness(&self, group: usize, config: &WorldConfig) -> (f64, f64) {
        let slow = self.faults.iter().filter_map(|(kind, active)| match kind {
            FaultKind::Instances { at, fault: InstanceFault::Slow { factor } } => {
                Some((at_a_time(share_of(at, group, config), *active, group, config), *factor))
            }
            _ => None,
        });
        slow.fold((0.0, 1.0), |(share, product), (of_fault, factor)| {
            (f64::max(share, of_fault), if of_fault > 0.0 { product * factor } else { product })
        })
    }

    /// How much longer the round trips from one group to another take.
    pub(super) fn link_factor(&self, ends: [usize; 2], config: &WorldConfig) -> f64 {
        let factors = self.faults.iter().filter_map(|(kind, _)| match kind {
            FaultKind::Links { between, and, fault } => {
                Some(1.0 + share_of_links([between, and], ends, config) * (fault.factor - 1.0))
            }
            _ => None,
        });
        factors.product()
    }

    /// The share of the messages from one group to another that faults leave without an answer.
    pub(super) fn unanswered(&self, ends: [usize; 2], views: PeerViews, config: &WorldConfig) -> f64 {
        let answered = self.faults.iter().map(|(kind, active)| match kind {
            FaultKind::Instances { at, fault: InstanceFault::BlackHole } => {
                let [from, to] = ends.map(|end| at_a_time(share_of(at, end, config), *active, end, config));
                // With ideal views nobody asks who is not reached.
                (1.0 - from) * if views == PeerViews::Ideal { 1.0 } else { 1.0 - to }
            }
            FaultKind::Links { between, and, fault } => {
                let (share, kept) = (share_of_links([between, and], ends, config), 1.0 - fault.loss);
                1.0 - share * (1.0 - kept * kept)
            }
            _ => 1.0,
        });
        1.0 - answered.product::<f64>()
    }

    /// How long a call of a provider takes that usually takes so long \[s\].
    pub(super) fn latency_s(&self, connector: usize, usual_s: f64) -> f64 {
        let of_connector = self.faults.iter().filter_map(|(kind, _)| match kind {
            FaultKind::Provider { connector: at, fault } if *at == connector => Some(fault),
            _ => None,
        });
        let (mut latency_s, mut is_out) = (usual_s, false);
        for fault in of_connector {
            match fault {
                ProviderFault::Outage { fails_after } => (latency_s, is_out) = (fails_after.as_secs_f64(), true),
                ProviderFault::Slow { factor } if !is_out => latency_s *= factor,
                ProviderFault::Slow { .. } => {}
            }
        }
        latency_s.min(SimDuration::LONGEST.as_secs_f64())
    }
}

/// The share of a group's instances at which a fault is active at a time: where it comes at all, at one at least.
fn at_a_time(share: f64, active: f64, group: usize, config: &WorldConfig) -> f64 {
    if share > 0.0 { (share * active).max(1.0 / f64::from(config.groups[group].count)) } else { 0.0 }
}

fn share_of_links(sides: [&[FaultTarget]; 2], ends: [usize; 2], config: &WorldConfig) -> f64 {
    let share = |side: usize, end: usize| share_of(sides[side], ends[end], config);
    (share(0, 0) * share(1, 1) + share(0, 1) * share(1, 0)).min(1.0)
}

/// The floods of visits of a group.
#[derive(Clone, Debug)]
pub(super) struct FloodedGroup {
    /// When its users usually visit.
    pub(super) schedule: VisitSchedule,
    /// By flood: its factor, and the extra visits that a user makes in the whole run, on average over the group.
    pub(super) floods: Vec<(f64, f64)>,
}

/// By group; `None` where nobody visits. Empty if there are no floods.
pub(super) fn flooded_groups(config: &WorldConfig) -> Vec<Option<FloodedGroup>> {
    let floods = config.faults.iter().filter_map(|fault| match &fault.kind {
        FaultKind::Visits { at, factor } => Some((at, *factor, &fault.times)),
        _ => None,
    });
    let floods: Vec<(&Vec<FaultTarget>, f64, &FaultTimes)> = floods.collect();
    if floods.is_empty() {
        return Vec::new();
    }
    let of_group = |(index, group): (usize, &GroupConfig)| {
        let schedule = VisitSchedule::new(group.visits.as_ref()?, config.start, config.duration);
        let extra = floods.iter().map(|(at, factor, times)| {
            let visits = visits_during(times, &schedule, config);
            (*factor, (factor - 1.0) * share_of(at, index, config) * visits)
        });
        Some(FloodedGroup { floods: extra.collect(), schedule })
    };
    config.groups.iter().enumerate().map(of_group).collect()
}

/// How many visits one user usually makes while a fault is active.
fn visits_during(times: &FaultTimes, schedule: &VisitSchedule, config: &WorldConfig) -> f64 {
    let until = |time: SimDuration| schedule.expected_before(SimTime::START + time.min(config.duration));
    match times {
        FaultTimes::Set(spells) => {
            spells.iter().map(|spell| until(spell.begins + spell.lasts) - until(spell.begins)).sum()
        }
        FaultTimes::Random { between_s, lasts_s } => active_share(between_s, lasts_s) * schedule.expected(),
    }
}

/// How often instances of a group tell all their peers that they will stop, or stop, or look around after a start.
pub(super) fn stops_and_starts(config: &WorldConfig, group: usize) -> f64 {
    let count = f64::from(config.groups[group].count);
    let of_faults = config.faults.iter().map(|fault| match &fault.kind {
        FaultKind::Instances { at, fault: what } => {
            let times = match what {
                InstanceFault::Crash { .. } | InstanceFault::RevokedGrant => 1.0,
                InstanceFault::Shutdown => 2.0,
                InstanceFault::Announced { .. } => 3.0,
                _ => return 0.0,
            };
            times * spells_of_place(fault, config) * share_of(at, group, config) * count
        }
        _ => 0.0,
    });
    let of_churn = config.groups[group].churn.as_ref().map_or(0.0, |churn| {
        let leave = if churn.stays_s.is_some() { count } else { 0.0 };
        count - f64::from(churn.present) + leave
    });
    of_faults.sum::<f64>() + of_churn
}

/// How often any fault begins or ends at a place.
pub(super) fn turns(config: &WorldConfig) -> f64 {
    let of_faults = config.faults.iter().map(|fault| 2.0 * spells_of_place(fault, config) * places(fault, config));
    of_faults.sum()
}

/// What the places of faults take, and the extra visits of floods, with an event of each.
pub(super) fn part(config: &WorldConfig, event: f64) -> Part {
    // An entry of a map, which is three quarters full.
    let entry = |bytes: f64| bytes / 0.75 + 8.0;
    let place = size::<FaultPlace>() + entry(size::<InstanceId>() + size::<Vec<u32>>()) + heap(16.0) + event;
    let (mut all, mut bytes, mut most, mut keys) = (0.0, 0.0, 0.0, Vec::new());
    for fault in &config.faults {
        let count = places(fault, config);
        let random = matches!(fault.times, FaultTimes::Random { .. });
        let of_fault = count * (place + if random { heap(size::<Stream>()) } else { 0.0 });
        let extra = if let FaultKind::Visits { at, .. } = &fault.kind {
            let users =
                config.groups.iter().enumerate().map(|(index, group)| {
                    share_of(at, index, config) * f64::from(group.count) * f64::from(group.users)
                });
            users.sum::<f64>() * (entry(size::<u32>() + size::<ExtraVisits>()) + event)
        } else {
            0.0
        };
        (all, bytes) = (all + count, bytes + of_fault + extra);
        if of_fault + extra > most {
            (most, keys) = (of_fault + extra, vec![format!("fault.{}.at", fault.name)]);
        }
    }
    let churn = config.groups.iter().filter(|group| group.churn.is_some()).map(|group| f64::from(group.count));
    let absent: f64 = churn.sum();
    let bytes = bytes + absent * (place + heap(2.0 * size::<FaultSpell>()));
    Part { name: "faults", factors: vec![(all + absent, "places")], keys, bytes }
}
