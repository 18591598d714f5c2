//! What users feel of faults: a run laid beside its twin says what plain counts of both say.

use std::collections::BTreeMap;

use gtnet_sim::experiment::{replicate, replicate_beside_twin};
use gtnet_sim::measures::{self, Source};
use gtnet_sim::metrics::FaultEffects;
use gtnet_sim::model::config::{
    FaultConfig, FaultKind, FaultSpell, FaultTarget, FaultTimes, InstanceFault, WorldConfig,
};
use gtnet_sim::observe::{Fact, FaultId, Observer, VisitId};
use gtnet_sim::time::{SimDuration, SimTime};

use crate::support::{CLIENT, HUB, around_the_clock, blueprint, busy_world, ideal_world, watch};

const HOUR: SimDuration = SimDuration::from_hours(1);

/// The second measured day, from ten to five past twelve.
const SPELL: FaultSpell =
    FaultSpell { begins: SimDuration::from_hours(58), lasts: SimDuration::from_secs(2 * 3_600 + 300) };

fn with_fault(mut world: WorldConfig, group: usize, fault: InstanceFault, spells: Vec<FaultSpell>) -> WorldConfig {
    let at = vec![FaultTarget { group, number: None }];
    let kind = FaultKind::Instances { at, fault };
    world.faults.push(FaultConfig { name: "trouble".to_owned(), kind, times: FaultTimes::Set(spells) });
    world
}

fn effects(world: &WorldConfig) -> FaultEffects {
    *replicate_beside_twin(&blueprint(world), 1, 0).faults.expect("the world has faults")
}

/// A client asks the hub every 90 s or so, which takes a second to serve it. Nothing else takes any time.
fn world_of_seconds() -> WorldConfig {
    let mut world = ideal_world(1);
    world.groups[HUB].service.base = SimDuration::from_secs(1);
    world.groups[CLIENT].visits = Some(around_the_clock(960.0));
    world
}

/// What became of each visit.
#[derive(Default)]
struct Visits {
    of: BTreeMap<VisitId, Ended>,
    /// Ages of the prices shown last.
    ages_s: Vec<f64>,
    missing: u32,
    calls: BTreeMap<u64, u64>,
    is_active: Vec<(SimTime, bool)>,
}

#[derive(Clone, Debug, PartialEq)]
enum Ended {
    Shown { began: SimTime, wait_s: f64, ages_s: Vec<f64> },
    Prevented { began: SimTime },
    Interrupted { began: SimTime },
    Unfinished { began: SimTime, wait_s: f64 },
}

impl Ended {
    fn began(&self) -> SimTime {
        match self {
            Self::Shown { began, .. }
            | Self::Prevented { began }
            | Self::Interrupted { began }
            | Self::Unfinished { began, .. } => *began,
        }
    }

    fn is_lost(&self) -> bool {
        matches!(self, Self::Prevented { .. } | Self::Interrupted { .. })
    }
}

impl Observer for Visits {
    fn observe(&mut self, now: SimTime, fact: &Fact) {
        let ended = match *fact {
            Fact::PriceShown { age: Some(age), .. } => return self.ages_s.push(age.as_secs_f64()),
            Fact::PriceShown { age: None, .. } => return self.missing += 1,
            Fact::ConnectorCalled { began, .. } => return *self.calls.entry(began.as_nanos()).or_default() += 1,
            Fact::FaultBegan { fault: FaultId(0), .. } => return self.is_active.push((now, true)),
            Fact::FaultEnded { fault: FaultId(0), .. } => return self.is_active.push((now, false)),
            Fact::ResultShown { visit, began, .. } => {
                let ages_s = std::mem::take(&mut self.ages_s);
                (visit, Ended::Shown { began, wait_s: now.since(began).as_secs_f64(), ages_s })
            }
            Fact::VisitPrevented { visit } => (visit, Ended::Prevented { began: now }),
            Fact::VisitInterrupted { visit, began, .. } => (visit, Ended::Interrupted { began }),
            Fact::ExchangeUnfinished { visit, began, .. } => {
                (visit, Ended::Unfinished { began, wait_s: now.since(began).as_secs_f64() })
            }
            _ => return,
        };
        assert_eq!(self.of.insert(ended.0, ended.1), None, "a visit ends once");
    }
}

fn visits(world: &WorldConfig) -> Visits {
    let mut visits = Visits::default();
    watch(world, 1, &mut visits);
    visits
}

fn close(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-6 * one.abs().max(1.0)
}

/// While the hub takes ten times as long, each visit takes ten seconds instead of one.
#[test]
fn a_slow_hub_costs_each_visit_nine_seconds() {
    let slow = InstanceFault::Slow { factor: 10.0 };
    let world = with_fault(world_of_seconds(), HUB, slow, vec![SPELL]);
    let twin = visits(&world.without_faults());
    let (begins, ends) = (SimTime::START + SPELL.begins, SimTime::START + SPELL.begins + SPELL.lasts);
    let hit = twin.of.values().filter(|visit| (begins..ends).contains(&visit.began())).count() as u64;
    let measured = twin.of.values().filter(|visit| visit.began() >= SimTime::START + world.warmup).count() as u64;
    assert!(hit > 60 && measured > 3_000, "{hit} of {measured}");
    let effects = effects(&world);
    assert_eq!((effects.all.visits, effects.all.felt, effects.all.paired), (measured, hit, measured));
    assert!(close(effects.all.extra_wait_s, 9.0 * hit as f64), "{} s for {hit}", effects.all.extra_wait_s);
    assert_eq!((effects.extra_calls, effects.all.prevented, effects.all.interrupted), (0, 0, 0));
    // It ends five minutes after a quarter, in which visits have been slow.
    assert_eq!(effects.recovery_s, Some(600.0));
    let [trouble] = effects.faults.as_slice() else { panic!("one fault: {:?}", effects.faults) };
    assert_eq!((trouble.measured_spells, trouble.active_s), (1, 7_500.0));
    assert_eq!((trouble.during.visits, trouble.during.felt, trouble.after.felt), (hit, hit, 0));
    assert_eq!((trouble.recovered, trouble.recovery_s), (1, 600.0));
    let felt: u32 = effects.timeline.iter().map(|entry| entry.felt).sum();
    let all: u32 = effects.timeline.iter().map(|entry| entry.visits).sum();
    assert_eq!((u64::from(felt), all as usize), (hit, twin.of.len()));
}

#[test]
fn whose_instance_is_down_does_not_visit() {
    let crash = InstanceFault::Crash { pool_kept: true };
    // Two spells; the first begins in the warm-up.
    let early = FaultSpell { begins: SimDuration::from_hours(23), lasts: SimDuration::from_hours(2) };
    let world = with_fault(world_of_seconds(), CLIENT, crash, vec![early, SPELL]);
    let twin = visits(&world.without_faults());
    let from = SimTime::START + world.warmup;
    let count = |is_one: &dyn Fn(SimTime, SimTime, SimTime) -> bool| {
        let of_spell = |spell: &FaultSpell| {
            let (begins, ends) = (SimTime::START + spell.begins, SimTime::START + spell.begins + spell.lasts);
            twin.of.values().filter(|visit| visit.began() >= from && is_one(visit.began(), begins, ends)).count()
        };
        [early, SPELL].iter().map(of_spell).sum::<usize>() as u64
    };
    let prevented = count(&|began, begins, ends| began >= begins && began < ends);
    // Each visit takes a second.
    let interrupted = count(&|began, begins, _| began < begins && began + SimDuration::from_secs(1) > begins);
    let effects = effects(&world);
    assert!(prevented > 90, "{prevented}");
    assert_eq!((effects.all.prevented, effects.all.interrupted), (prevented, interrupted));
    assert_eq!(
        (effects.all.felt, effects.all.visits - effects.all.paired),
        (prevented + interrupted, prevented + interrupted)
    );
    assert_eq!(effects.faults[0].measured_spells, 2);
    assert!(close(effects.faults[0].active_s, 3_600.0 + 7_500.0));
    assert_eq!(effects.faults[0].during.prevented, prevented);
    let measured = replicate_beside_twin(&blueprint(&world), 1, 0);
    let share = measures::VISIT_PREVENTED_SHARE.evaluate(&measured).expect("a share");
    assert!(close(share, prevented as f64 / effects.all.visits as f64));
}

/// A world in which much is going on, with a hub that vanishes for six hours and forgets nothing.
#[test]
fn in_a_busy_world_plain_counts_of_both_runs_say_the_same() {
    let mut base = busy_world();
    base.duration = SimDuration::from_days(3);
    let spell = FaultSpell { begins: HOUR * 33, lasts: HOUR * 6 };
    let world = with_fault(base, HUB, InstanceFault::BlackHole, vec![spell]);
    let (run, twin) = (visits(&world), visits(&world.without_faults()));
    let from = SimTime::START + world.warmup;
    assert!(run.of.keys().eq(twin.of.keys()), "both runs have the same visits");
    let mean = |ages_s: &[f64]| (!ages_s.is_empty()).then(|| ages_s.iter().sum::<f64>() / ages_s.len() as f64);
    let (mut felt, mut extra_wait_s, mut paired) = (0, 0.0, 0);
    for (of_run, of_twin) in run.of.values().zip(twin.of.values()).filter(|(visit, _)| visit.began() >= from) {
        assert_eq!(of_run.began(), of_twin.began());
        let is_worse = match (of_run, of_twin) {
            (Ended::Shown { wait_s, ages_s, .. }, Ended::Shown { wait_s: twin_s, ages_s: twin_ages_s, .. }) => {
                (paired, extra_wait_s) = (paired + 1, extra_wait_s + wait_s - twin_s);
                let older = match (mean(ages_s), mean(twin_ages_s)) {
                    (Some(run), Some(twin)) => run - twin > 60.0,
                    (run, twin) => run.is_none() && twin.is_some(),
                };
                wait_s - twin_s > 0.1 || older
            }
            (Ended::Unfinished { wait_s, .. }, Ended::Shown { wait_s: twin_s, .. }) => wait_s - twin_s > 0.1,
            (run, twin) => run.is_lost() && !twin.is_lost(),
        };
        felt += u64::from(is_worse);
    }
    let calls = |of: &Visits| of.calls.range(from.as_nanos()..).map(|(_, calls)| calls).sum::<u64>();
    let effects = effects(&world);
    assert!(felt > 50, "{felt}");
    assert_eq!((effects.all.felt, effects.all.paired), (felt, paired));
    let recovery_s = effects.recovery_s.expect("the hub is back, and fills again");
    assert!(recovery_s < 6.0 * 3_600.0, "{recovery_s}");
    assert!(close(effects.all.extra_wait_s, extra_wait_s), "{} and {extra_wait_s}", effects.all.extra_wait_s);
    assert!(calls(&run) > calls(&twin), "whom the hub does not serve calls providers");
    assert_eq!(effects.extra_calls.unsigned_abs(), calls(&run) - calls(&twin));
    let spells: Vec<(SimDuration, bool)> =
        effects.faults[0].spells.iter().flat_map(|spell| [(spell.begins, true), (spell.ends, false)]).collect();
    assert!(run.is_active.iter().map(|(at, active)| (at.since_start(), *active)).eq(spells));
    assert!(effects.faults[0].during.felt > effects.all.felt / 2, "{effects:?}");
}

/// The twin of a world without faults is the world itself: nothing is compared, and nothing else changes.
#[test]
fn without_faults_there_is_nothing_to_feel() {
    let blueprint = blueprint(&busy_world());
    let alone = replicate(&blueprint, 1, 0);
    assert_eq!(replicate_beside_twin(&blueprint, 1, 0), alone);
    let of_faults = |measure: &&measures::MeasureId| matches!(measure.source, Source::Faults(_));
    let mut told = measures::ALL.iter().filter(of_faults).map(|measure| measure.evaluate(&alone));
    assert!(alone.faults.is_none() && told.all(|value| value.is_none()));
}

/// A fault that does nothing leaves every visit as it was.
#[test]
fn a_fault_without_effect_is_felt_by_nobody() {
    let world = with_fault(busy_world(), HUB, InstanceFault::Slow { factor: 1.0 }, vec![SPELL]);
    let effects = effects(&world);
    assert!(effects.all.visits > 1_000);
    assert_eq!((effects.all.felt, effects.all.extra_wait_s, effects.extra_calls), (0, 0.0, 0));
    assert_eq!(effects.recovery_s, Some(0.0));
    assert!(effects.timeline.iter().all(|entry| entry.run == entry.twin));
}
