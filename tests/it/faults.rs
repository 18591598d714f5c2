//! Who notices a fault, when and by which message, what it costs users, and how the others learn that it is over: moments worked
//! out by hand in a world without chance but for the times of visits.
//!
//! A round trip takes 200 ms and setting up a connection one round trip, so a message arrives 300 ms after it is sent and its
//! reply after 400 ms. A provider answers in 1 s. The hub never has a price: a visit that asks it lasts 1.4 s, one that does not
//! 1 s.

use gtnet_sim::model::config::{
    ChurnConfig, FaultConfig, FaultKind, FaultSpell, FaultTarget, FaultTimes, InstanceFault, RttConfig,
    ShiftedLognormal, WorldConfig,
};
use gtnet_sim::observe::{Fact, InstanceId, MessageKind, Observer};
use gtnet_sim::protocol::{PeerViews, Policy, PoolLearns, Preset, PushBack};
use gtnet_sim::random::Distribution;
use gtnet_sim::time::{SimDuration, SimTime};

use crate::support::{CLIENT, HUB, around_the_clock, ideal_world, watch};

pub(crate) const HUB_ID: InstanceId = InstanceId(0);
pub(crate) const ASKED: SimDuration = SimDuration::from_millis(1_400);
const NOT_ASKED: SimDuration = SimDuration::from_millis(1_000);
/// Refused after a round trip.
pub(crate) const REFUSED: SimDuration = SimDuration::from_millis(1_200);
/// Given up after 30 s.
pub(crate) const GIVEN_UP: SimDuration = SimDuration::from_millis(31_000);

pub(crate) fn at(hours: u64) -> SimTime {
    SimTime::START + SimDuration::from_hours(hours)
}

/// Two seconds before, so that no visit is under way at the full hour.
pub(crate) fn just_before(hours: u64) -> SimTime {
    SimTime::START + (SimDuration::from_hours(hours) - SimDuration::from_secs(2))
}

pub(crate) fn millis(millis: u64) -> SimDuration {
    SimDuration::from_millis(millis)
}

/// All facts with their times.
#[derive(Default)]
pub(crate) struct Journal(pub(crate) Vec<(SimTime, Fact)>);

impl Observer for Journal {
    fn observe(&mut self, now: SimTime, fact: &Fact) {
        self.0.push((now, *fact));
    }
}

impl Journal {
    pub(crate) fn of(config: &WorldConfig) -> Self {
        let mut journal = Self::default();
        watch(config, 7, &mut journal);
        journal
    }

    /// When the visits of an instance began, and how long they lasted.
    pub(crate) fn visits(&self, instance: InstanceId) -> Vec<(SimTime, SimDuration)> {
        let shown = self.0.iter().filter_map(|(now, fact)| match fact {
            Fact::ResultShown { visit, began, .. } if visit.instance == instance => Some((*began, now.since(*began))),
            _ => None,
        });
        let mut visits: Vec<_> = shown.collect();
        visits.sort_unstable();
        visits
    }

    /// When messages of this kind from one instance arrived at another.
    pub(crate) fn arrivals(&self, kind: MessageKind, from: InstanceId, at: InstanceId) -> Vec<SimTime> {
        let arrived = self.0.iter().filter_map(|(now, fact)| match fact {
            Fact::Arrived { kind: is, from: sender, server, .. } if (*is, *sender, *server) == (kind, from, at) => {
                Some(*now)
            }
            _ => None,
        });
        arrived.collect()
    }
}

/// Two days of a hub and two clients with one user each, who visits every seven minutes on average.
pub(crate) fn world(preset: Preset, views: PeerViews) -> WorldConfig {
    let mut config = ideal_world(2);
    (config.duration, config.warmup) = (SimDuration::from_days(2), SimDuration::ZERO);
    config.watchlist_timeout = SimDuration::ZERO;
    config.policy = Policy {
        push_back: PushBack::None,
        pool_learns_from_request: PoolLearns::Never,
        pool_echoes_unknown: false,
        connector_min_interval: None,
        connector_claims: false,
        peer_views: views,
        ..Policy::of(preset)
    };
    config.network.rtt = RttConfig::Anywhere(ShiftedLognormal { minimum_s: 0.2, median_s: 0.0, sigma: 0.0 });
    config.network.connection_setup_rtts = 1;
    config.network.timeout = SimDuration::from_secs(30);
    config.connectors[0].latency = Distribution::Constant(1.0);
    config.groups[CLIENT].visits = Some(around_the_clock(200.0));
    config
}

/// A fault of the hub from 10:00 to 13:00.
pub(crate) fn at_hub(fault: InstanceFault) -> FaultConfig {
    let at = vec![FaultTarget { group: HUB, number: None }];
    FaultConfig {
        name: "fault".to_owned(),
        kind: FaultKind::Instances { at, fault },
        times: FaultTimes::Set(vec![FaultSpell {
            begins: SimDuration::from_hours(10),
            lasts: SimDuration::from_hours(3),
        }]),
    }
}

fn with(mut config: WorldConfig, fault: InstanceFault) -> WorldConfig {
    config.faults = vec![at_hub(fault)];
    config
}

/// The waits of the visits of both clients that began from `from` until `until`; there are some.
fn waits(journal: &Journal, client: InstanceId, from: SimTime, until: SimTime) -> Vec<SimDuration> {
    let visits = journal.visits(client).into_iter().filter(|(began, _)| (from..until).contains(began));
    let waits: Vec<SimDuration> = visits.map(|(_, wait)| wait).collect();
    assert!(!waits.is_empty(), "somebody visits");
    waits
}

pub(crate) fn all_wait(journal: &Journal, client: InstanceId, from: SimTime, until: SimTime, expected: SimDuration) {
    for wait in waits(journal, client, from, until) {
        assert_eq!(wait, expected, "client {client:?} from {from:?} until {until:?}");
    }
}

pub(crate) const CLIENTS: [InstanceId; 2] = [InstanceId(1), InstanceId(2)];

/// Until the fault begins, visits are as they always are. One that is under way when it begins is not looked at.
pub(crate) fn all_is_well_before(journal: &Journal) {
    for client in CLIENTS {
        all_wait(journal, client, SimTime::START, just_before(10), ASKED);
    }
}

#[test]
fn who_always_knows_everything_never_waits_for_a_server_that_is_not_there() {
    for fault in [
        InstanceFault::Crash { pool_kept: true },
        InstanceFault::Shutdown,
        InstanceFault::BlackHole,
        InstanceFault::Refuses,
        InstanceFault::Busy,
    ] {
        let journal = Journal::of(&with(world(Preset::SevenStep, PeerViews::Ideal), fault));
        all_is_well_before(&journal);
        for client in CLIENTS {
            all_wait(&journal, client, at(10), at(13), NOT_ASKED);
            all_wait(&journal, client, at(13), at(48), ASKED);
        }
    }
}

#[test]
fn who_never_learns_anything_tries_at_each_visit() {
    for (fault, wait) in [
        (InstanceFault::Crash { pool_kept: true }, REFUSED),
        (InstanceFault::Shutdown, REFUSED),
        (InstanceFault::Refuses, REFUSED),
        (InstanceFault::BlackHole, GIVEN_UP),
        (InstanceFault::Busy, ASKED),
    ] {
        let journal = Journal::of(&with(world(Preset::SevenStep, PeerViews::None), fault));
        all_is_well_before(&journal);
        for client in CLIENTS {
            all_wait(&journal, client, at(10), at(13), wait);
            all_wait(&journal, client, at(13), at(48), ASKED);
        }
    }
}

/// In 0.36.5 the first visit of each client finds out, and prompts a ping that marks the hub offline. 30 s after its start the
/// hub pings one client after the other, and each asks it again from then on.
#[test]
fn a_crash_is_noticed_by_a_refused_request_and_its_end_by_a_ping_after_the_start() {
    let journal =
        Journal::of(&with(world(Preset::Gt0365, PeerViews::Messages), InstanceFault::Crash { pool_kept: true }));
    all_is_well_before(&journal);
    for (number, client) in (0_u64..).zip(CLIENTS) {
        let (first, wait) = journal.visits(client).into_iter().find(|(began, _)| *began >= at(10)).expect("a visit");
        assert_eq!(wait, REFUSED, "the first one does not know yet");
        // The request is refused after one round trip, and the ping after another one.
        let noticed = first + millis(400);
        let back = at(13) + SimDuration::from_secs(30) + millis(300 + 400 * number);
        assert_eq!(journal.arrivals(MessageKind::Ping, HUB_ID, client), [back], "the look around after the start");
        all_wait(&journal, client, noticed, back, NOT_ASKED);
        all_wait(&journal, client, back, at(48), ASKED);
    }
    assert!(journal.arrivals(MessageKind::Ping, CLIENTS[0], HUB_ID).is_empty(), "no ping reaches who is not there");
}

#[test]
fn a_shutdown_is_announced() {
    let journal = Journal::of(&with(world(Preset::Gt0365, PeerViews::Messages), InstanceFault::Shutdown));
    all_is_well_before(&journal);
    for (number, client) in (0_u64..).zip(CLIENTS) {
        let told = at(10) + millis(300);
        assert_eq!(journal.arrivals(MessageKind::Farewell, HUB_ID, client), [told]);
        let back = at(13) + SimDuration::from_secs(30) + millis(300 + 400 * number);
        all_wait(&journal, client, told, back, NOT_ASKED);
        all_wait(&journal, client, back, at(48), ASKED);
    }
}

/// Nobody who only vanished looks around when he is back: in 0.36.5 he stays offline to all until his next message, which is
/// that of the synchronisation at 02:00.
#[test]
fn who_vanished_or_refused_stays_offline_until_he_next_writes() {
    for (fault, wait, noticed_after) in
        [(InstanceFault::BlackHole, GIVEN_UP, millis(60_000)), (InstanceFault::Refuses, REFUSED, millis(400))]
    {
        let journal = Journal::of(&with(world(Preset::Gt0365, PeerViews::Messages), fault));
        all_is_well_before(&journal);
        for (number, client) in (0_u64..).zip(CLIENTS) {
            let visits = journal.visits(client);
            let (first, _) = *visits.iter().find(|(began, _)| *began >= at(10)).expect("a visit");
            let noticed = first + noticed_after;
            all_wait(&journal, client, first, noticed, wait);
            let back = at(26) + millis(300 + 400 * number);
            let heard = journal.arrivals(MessageKind::Synchronisation, HUB_ID, client);
            assert!(heard.contains(&back), "{heard:?}");
            all_wait(&journal, client, noticed, back, NOT_ASKED);
            all_wait(&journal, client, back, at(48), ASKED);
        }
    }
}

#[test]
fn a_slow_server_takes_its_time() {
    let mut config = world(Preset::Gt0365, PeerViews::Messages);
    config.groups[HUB].service.base = millis(10);
    let journal = Journal::of(&with(config, InstanceFault::Slow { factor: 20.0 }));
    for client in CLIENTS {
        all_wait(&journal, client, at(10), just_before(13), ASKED + millis(200));
        all_wait(&journal, client, at(13), at(48), ASKED + millis(10));
    }
}

/// What a server was serving when it stopped comes to its senders as a reset connection, half a round trip later.
#[test]
fn a_stop_resets_the_connections_of_what_is_being_served() {
    let mut config = world(Preset::SevenStep, PeerViews::None);
    // Every message is still being served when the server stops.
    config.groups[HUB].service.base = SimDuration::from_hours(1);
    config.network.timeout = SimDuration::from_hours(20);
    config.groups[HUB].workers = 1;
    let journal = Journal::of(&with(config, InstanceFault::Crash { pool_kept: true }));
    let reset = at(10) + millis(100);
    let shown = journal.0.iter().filter(|(_, fact)| matches!(fact, Fact::ResultShown { .. }));
    let with_reset = shown.filter(|(now, _)| *now == reset + millis(1_000)).count();
    let unanswered = journal.0.iter().filter(|(now, fact)| {
        matches!(fact, Fact::Arrived { server: HUB_ID, kind: MessageKind::Request, .. }) && *now < at(10)
    });
    let answered = journal
        .0
        .iter()
        .filter(|(now, fact)| matches!(fact, Fact::ServiceEnded { server: HUB_ID, .. }) && *now < at(10));
    assert_eq!(with_reset, unanswered.count() - answered.count());
    assert!(with_reset > 100, "{with_reset} requests wait for one worker");
}

#[test]
fn users_of_an_instance_that_is_down_see_nothing_and_their_next_visits_stay_theirs() {
    let mut config = world(Preset::SevenStep, PeerViews::Ideal);
    config.groups[HUB].users = 1;
    config.groups[HUB].visits = Some(around_the_clock(2_000.0));
    let usual = Journal::of(&config);
    let journal = Journal::of(&with(config, InstanceFault::Crash { pool_kept: true }));
    let wanted = |journal: &Journal, from: SimTime, until: SimTime| {
        let wanted = journal.0.iter().filter(|(now, fact)| {
            let is_one = matches!(fact, Fact::VisitBegan { instance: HUB_ID } | Fact::VisitPrevented { .. });
            is_one && (from..until).contains(now)
        });
        wanted.map(|(now, _)| *now).collect::<Vec<SimTime>>()
    };
    assert_eq!(wanted(&journal, SimTime::START, at(48)), wanted(&usual, SimTime::START, at(48)));
    let prevented = |journal: &Journal| {
        let prevented = journal.0.iter().filter(|(_, fact)| matches!(fact, Fact::VisitPrevented { .. }));
        prevented.map(|(now, _)| *now).collect::<Vec<SimTime>>()
    };
    assert!(prevented(&usual).is_empty());
    assert_eq!(prevented(&journal), wanted(&usual, at(10), at(13)));
    for client in CLIENTS {
        assert_eq!(journal.visits(client).len(), usual.visits(client).len(), "nobody else's visits change");
    }
}

/// Three clients of which two are there from the start. In 0.36.5 the hub is told by the ping of the third, 30 s after it has
/// joined.
#[test]
fn who_joins_later_has_no_visits_before_and_shows_itself() {
    let mut config = world(Preset::Gt0365, PeerViews::Messages);
    config.groups[CLIENT].count = 3;
    let churn = ChurnConfig {
        present: 2,
        from: SimDuration::from_hours(5),
        until: SimDuration::from_hours(10),
        stays_s: Some(Distribution::Constant(36_000.0)),
    };
    config.groups[CLIENT].churn = Some(churn);
    let journal = Journal::of(&config);
    let newcomer = InstanceId(3);
    let visits = journal.visits(newcomer);
    assert!(visits.iter().all(|(began, _)| (at(10)..at(20)).contains(began)), "it is there from 10 to 20 o'clock");
    assert!(visits.len() > 50);
    assert_eq!(journal.arrivals(MessageKind::Ping, newcomer, HUB_ID), [at(10) + millis(30_300)]);
    assert_eq!(journal.arrivals(MessageKind::Farewell, newcomer, HUB_ID), [at(20) + millis(300)]);
    all_wait(&journal, newcomer, at(10), just_before(20), ASKED);
    for client in CLIENTS {
        assert!(
            journal.visits(client).iter().all(|(began, _)| *began < at(10)),
            "the others stay ten hours from the start"
        );
    }
}

/// At random times: the share of time for which the hub is down is repair / (repair + between).
#[test]
fn random_faults_take_their_share_of_the_time() {
    let mut config = world(Preset::SevenStep, PeerViews::Ideal);
    config.duration = SimDuration::from_days(400);
    config.groups[CLIENT].visits = None;
    config.faults = vec![FaultConfig {
        times: FaultTimes::Random {
            between_s: Distribution::Exponential { mean: 9.0 * 3_600.0 },
            lasts_s: Distribution::Exponential { mean: 3_600.0 },
        },
        ..at_hub(InstanceFault::Busy)
    }];
    let journal = Journal::of(&config);
    let (mut active_s, mut began) = (0.0, None);
    for (now, fact) in &journal.0 {
        match fact {
            Fact::FaultBegan { instance: Some(HUB_ID), .. } => began = Some(*now),
            Fact::FaultEnded { .. } => active_s += now.since(began.take().expect("it began")).as_secs_f64(),
            _ => {}
        }
    }
    let share = active_s / config.duration.as_secs_f64();
    // Alternating renewal: its share over t has about the variance 2 p² q² (a + b) / t with a + b = 10 h: a deviation of 0.0041.
    assert!((share - 0.1).abs() < 0.0164, "{share}");
}
