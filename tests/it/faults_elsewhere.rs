//! Faults of providers and links, floods of visits, and limits that block or refuse: what each visit costs, worked out by hand in the
//! world of `faults`. Until a fault begins, everything is as it would be without it.

use gtnet_sim::model::config::{
    FaultConfig, FaultKind, FaultSpell, FaultTarget, FaultTimes, InstanceFault, LinkFault, ProviderFault, RateLimit,
    RateScope, WhenExceeded, WorldConfig,
};
use gtnet_sim::observe::{Fact, InstanceId, MessageEnd, MessageKind};
use gtnet_sim::protocol::{PeerViews, Policy, Preset};
use gtnet_sim::random::Distribution;
use gtnet_sim::time::{SimDuration, SimTime};

use crate::faults::{
    ASKED, CLIENTS, GIVEN_UP, Journal, REFUSED, all_is_well_before, all_wait, at, at_hub, just_before, millis, world,
};
use crate::support::{CLIENT, HUB, around_the_clock, busy_world};

const ALL_CLIENTS: FaultTarget = FaultTarget { group: CLIENT, number: None };
const FIRST_CLIENT: FaultTarget = FaultTarget { group: CLIENT, number: Some(0) };
const THE_HUB: FaultTarget = FaultTarget { group: HUB, number: None };

fn secs(secs: u64) -> SimDuration {
    SimDuration::from_secs(secs)
}

/// The links of the first client to the hub.
fn first_link(loss: f64, factor: f64) -> FaultKind {
    FaultKind::Links { between: vec![THE_HUB], and: vec![FIRST_CLIENT], fault: LinkFault { loss, factor } }
}

fn provider(fault: ProviderFault) -> FaultKind {
    FaultKind::Provider { connector: 0, fault }
}

const OUT: ProviderFault = ProviderFault::Outage { fails_after: SimDuration::from_secs(5) };

fn faulty(kinds: impl IntoIterator<Item = FaultKind>) -> WorldConfig {
    let mut config = world(Preset::SevenStep, PeerViews::None);
    let fault = |(number, kind)| FaultConfig { name: format!("fault-{number}"), kind, ..at_hub(InstanceFault::Busy) };
    config.faults = (0..).zip(kinds).map(fault).collect();
    config
}

/// A fault that is not at an instance, from 10:00 to 13:00.
fn elsewhere(kind: FaultKind) -> Journal {
    let journal = Journal::of(&faulty([kind]));
    all_is_well_before(&journal);
    journal
}

#[test]
fn links_lose_and_delay_what_is_sent_over_them() {
    // Three round trips of 600 ms in place of three of 200 ms: set-up, and the way there and back.
    let slow = ASKED + millis(800);
    for (link, wait) in [(first_link(1.0, 1.0), GIVEN_UP), (first_link(0.0, 3.0), slow)] {
        let journal = elsewhere(link);
        all_wait(&journal, CLIENTS[0], at(10), just_before(13), wait);
        all_wait(&journal, CLIENTS[0], at(13), at(48), ASKED);
        all_wait(&journal, CLIENTS[1], SimTime::START, at(48), ASKED);
    }
}

#[test]
fn a_provider_that_is_out_or_slow_makes_users_wait() {
    for (fault, more) in [(OUT, 4), (ProviderFault::Slow { factor: 7.0 }, 6)] {
        let journal = elsewhere(provider(fault));
        let failed =
            journal.0.iter().filter(|(_, fact)| matches!(fact, Fact::ConnectorAnswered { delivered: false, .. }));
        let failed: Vec<SimTime> = failed.map(|(now, _)| *now).collect();
        for client in CLIENTS {
            all_wait(&journal, client, at(10), just_before(13), ASKED + secs(more));
            all_wait(&journal, client, at(13), at(48), ASKED);
        }
        assert_eq!(failed.is_empty(), fault != OUT, "only an outage fails");
        assert!(failed.iter().all(|now| (at(10)..at(14)).contains(now)));
    }
}

#[test]
fn a_flood_of_visits_comes_on_top_of_the_usual_ones() {
    let usual = Journal::of(&world(Preset::SevenStep, PeerViews::None));
    let flood = elsewhere(FaultKind::Visits { at: vec![ALL_CLIENTS], factor: 5.0 });
    for client in CLIENTS {
        let (usual, visits) = (usual.visits(client), flood.visits(client));
        let extra: Vec<_> = visits.iter().filter(|visit| !usual.contains(visit)).collect();
        assert_eq!(visits.len(), usual.len() + extra.len(), "the usual ones stay what they are");
        assert!(extra.iter().all(|(began, _)| (at(10)..at(13)).contains(began)));
        // Four times 25 are expected: a Poisson number, with a deviation of 10.
        assert!((60..=140).contains(&extra.len()), "{} extra visits", extra.len());
    }
}

/// The second half of every minute.
fn often() -> FaultTimes {
    let spell = |minute: u64| FaultSpell { begins: secs(60 * minute + 30), lasts: secs(30) };
    FaultTimes::Set((0..48 * 60).map(spell).collect())
}

/// Whether a fault that comes [`often`] is active.
fn is_active(now: SimTime) -> bool {
    now.as_nanos() / 1_000_000_000 % 60 >= 30
}

fn often_faulty(kind: FaultKind) -> WorldConfig {
    let mut config = faulty([kind]);
    config.faults[0].times = often();
    config
}

/// A visit calls the provider 0.4 s after it began.
#[test]
fn the_state_in_which_a_call_reaches_its_provider_decides() {
    let journal = Journal::of(&often_faulty(provider(OUT)));
    let (mut caught, mut spared) = (0, 0);
    for (began, wait) in CLIENTS.iter().flat_map(|client| journal.visits(*client)) {
        let called = began + millis(400);
        let (lasts, otherwise) = if is_active(called) { (secs(5), secs(1)) } else { (secs(1), secs(5)) };
        assert_eq!(wait, millis(400) + lasts, "{began:?}");
        caught += u32::from(is_active(called) && !is_active(called + otherwise));
        spared += u32::from(!is_active(called) && is_active(called + otherwise));
    }
    assert!(
        caught > 2 && spared > 2,
        "{caught} calls began just before the end of an outage, {spared} before its beginning"
    );
}

/// The provider takes a call in five minutes from each client and lets the others wait: a call takes its token whether it will fail or
/// not, and the state at the end of its wait decides.
#[test]
fn a_call_that_is_held_back_meets_its_provider_when_it_is_placed() {
    let mut config = often_faulty(provider(OUT));
    config.connectors[0].rate_limit = Some(one_in_five_minutes(WhenExceeded::Wait, RateScope::Instance, None));
    let journal = Journal::of(&config);
    let mut turned = 0;
    for client in CLIENTS {
        let mut free_at = SimTime::START;
        for (began, wait) in journal.visits(client) {
            let called = began + millis(400);
            let placed = called.max(free_at);
            free_at = placed + secs(300);
            let lasts = if is_active(placed) { secs(5) } else { secs(1) };
            assert_eq!(wait, placed.since(began) + lasts, "{began:?}");
            turned += u32::from(is_active(placed) != is_active(called));
        }
    }
    assert!(turned > 20, "{turned} calls met another state than they were held back in");
}

fn one_in_five_minutes(when_exceeded: WhenExceeded, scope: RateScope, blocks_for: Option<SimDuration>) -> RateLimit {
    RateLimit { requests: 1, per: secs(300), scope, when_exceeded, blocks_for }
}

/// Whoever finds the bucket empty is refused, and so is whoever calls in the 20 minutes after that, which does not make them longer.
#[test]
fn a_provider_blocks_whoever_exceeds_its_limit() {
    for scope in [RateScope::Instance, RateScope::Shared] {
        let mut config = faulty([]);
        let limit = one_in_five_minutes(WhenExceeded::Fail, scope, Some(secs(1_200)));
        config.connectors[0].rate_limit = Some(limit);
        let journal = Journal::of(&config);
        let called = journal.0.iter().filter_map(|(now, fact)| match fact {
            Fact::ConnectorCalled { instance, limited, .. } => Some((*now, *instance, *limited)),
            _ => None,
        });
        let (mut free_at, mut blocked_until) = ([SimTime::START; 3], [SimTime::START; 3]);
        let (mut blocked, mut exceeded) = (0, 0);
        for (now, instance, limited) in called {
            let bucket = if scope == RateScope::Shared { 0 } else { instance.index() };
            let (is_blocked, is_empty) = (now < blocked_until[bucket], now < free_at[bucket]);
            assert_eq!(limited, is_blocked || is_empty, "{scope:?}: the call of {instance:?} at {now:?}");
            if is_blocked {
                blocked += u32::from(!is_empty);
            } else if is_empty {
                exceeded += 1;
                blocked_until[bucket] = now + secs(1_200);
            } else {
                free_at[bucket] = now + secs(300);
            }
        }
        assert!(
            blocked > 20 && exceeded > 20,
            "{scope:?}: {blocked} blocked calls, {exceeded} that exceeded the limit"
        );
    }
}

/// A request leaves at the beginning of its visit, and its reply when it has arrived.
#[test]
fn the_state_in_which_a_message_or_its_reply_leaves_decides() {
    let mut at_reply = 0;
    let journal = Journal::of(&often_faulty(first_link(1.0, 1.0)));
    for (began, wait) in journal.visits(CLIENTS[0]) {
        let states = [began, began + millis(300)].map(is_active);
        assert_eq!(wait, if states == [false; 2] { ASKED } else { GIVEN_UP }, "{began:?}");
        at_reply += u32::from(states == [false, true]);
    }
    let slow = Journal::of(&often_faulty(first_link(0.0, 3.0)));
    for (began, wait) in slow.visits(CLIENTS[0]) {
        let factor = |now| if is_active(now) { 3 } else { 1 };
        let arrives = began + millis(300 * factor(began));
        assert_eq!(wait, arrives.since(began) + millis(100 * factor(arrives)) + secs(1), "{began:?}");
    }
    assert!(at_reply > 0, "some reply leaves in a partition");
}

/// A refused connection is news, too, which a broken link does not let through and a slow one lets through late.
#[test]
fn nobody_learns_over_a_partition_that_a_connection_is_refused() {
    let crash = || FaultKind::Instances { at: vec![THE_HUB], fault: InstanceFault::Crash { pool_kept: true } };
    for (link, wait) in [(first_link(1.0, 1.0), GIVEN_UP), (first_link(0.0, 3.0), millis(1_600))] {
        let journal = Journal::of(&faulty([crash(), link]));
        all_is_well_before(&journal);
        all_wait(&journal, CLIENTS[0], at(10), just_before(13), wait);
        all_wait(&journal, CLIENTS[1], at(10), at(13), REFUSED);
    }
}

/// All requests are still being served when the hub stops. Its resets reach the first client over its link.
#[test]
fn a_reset_connection_crosses_the_link_as_it_is_then() {
    let resets = |link: FaultKind| {
        let crash = FaultKind::Instances { at: vec![THE_HUB], fault: InstanceFault::Crash { pool_kept: true } };
        let mut config = faulty([crash, link]);
        // It is there before the hub stops, and so late that it changes no request before.
        config.faults[1].times = FaultTimes::Set(vec![FaultSpell { begins: secs(36_000 - 1), lasts: secs(10) }]);
        config.groups[HUB].service.base = SimDuration::from_hours(20);
        config.network.timeout = SimDuration::from_hours(40);
        let journal = Journal::of(&config);
        let unreachable = |client: InstanceId| {
            let ended = journal.0.iter().filter(|(_, fact)| {
                matches!(fact, Fact::MessageEnded { end: MessageEnd::Unreachable, sent, .. } if *sent < at(10))
            });
            let shown: Vec<SimTime> = journal.visits(client).iter().map(|(began, wait)| *began + *wait).collect();
            // The call of the provider that follows a reset takes a second.
            let mut times: Vec<SimTime> =
                ended.map(|(now, _)| *now).filter(|now| shown.contains(&(*now + secs(1)))).collect();
            times.dedup();
            times
        };
        CLIENTS.map(unreachable)
    };
    let reset = |after| vec![at(10) + millis(after)];
    assert_eq!(resets(first_link(1.0, 1.0)), [vec![], reset(100)]);
    assert_eq!(resets(first_link(0.0, 3.0)), [reset(300), reset(100)]);
}

/// In a world of chance, all facts until a fault begins are those of the world without it.
#[test]
fn nothing_tells_of_a_fault_before_it_begins() {
    let mut usual = busy_world();
    (usual.duration, usual.warmup) = (SimDuration::from_hours(40), SimDuration::ZERO);
    let facts = |config: &WorldConfig| {
        let Journal(mut facts) = Journal::of(config);
        facts.truncate(facts.iter().position(|(now, _)| *now >= at(34)).expect("the run is longer"));
        facts
    };
    let expected = facts(&usual);
    assert!(expected.len() > 10_000);
    for kind in [
        provider(OUT),
        provider(ProviderFault::Slow { factor: 7.0 }),
        first_link(0.5, 3.0),
        first_link(1.0, 1.0),
        FaultKind::Visits { at: vec![ALL_CLIENTS], factor: 5.0 },
    ] {
        let spell = FaultSpell { begins: SimDuration::from_hours(34), lasts: SimDuration::from_hours(3) };
        let mut config = usual.clone();
        config.faults =
            vec![FaultConfig { name: "fault".to_owned(), kind: kind.clone(), times: FaultTimes::Set(vec![spell]) }];
        assert!(facts(&config) == expected, "{kind:?}");
    }
}

/// In 0.36.5 a server refuses a request of more than 300 instruments. A client whose only list has 301 asks for all of them at each
/// visit that begins an exchange: it waits for one connection and one round trip more than without GTNet, and gets nothing.
#[test]
fn a_huge_watchlist_costs_a_refusal_at_each_exchange() {
    let mut config = world(Preset::Gt0365, PeerViews::Ideal);
    config.policy = Policy { peer_views: PeerViews::Ideal, ..Policy::of(Preset::Gt0365) };
    config.instruments.securities = 400;
    config.groups[CLIENT].watchlist.instruments = Distribution::Constant(40.0);
    config.groups.push(config.groups[CLIENT].clone());
    let collector = &mut config.groups[2];
    (collector.name, collector.count) = ("collector".to_owned(), 1);
    collector.watchlist.instruments = Distribution::Constant(301.0);
    collector.visits = Some(around_the_clock(12.0));
    let mut peering = config.peerings[0].clone();
    peering.from = 2;
    config.peerings.push(peering);
    let mut alone = config.clone();
    alone.groups[2].gtnet = false;
    let (journal, alone) = (Journal::of(&config), Journal::of(&alone));
    let id = InstanceId(3);
    let requests = journal.0.iter().filter_map(|(_, fact)| match fact {
        Fact::Arrived { from, kind: MessageKind::Request, sent, .. } if *from == id => Some(*sent),
        _ => None,
    });
    let requests: Vec<SimTime> = requests.collect();
    assert!(requests.len() > 10, "{requests:?}");
    let visits = journal.visits(id);
    assert_eq!(visits.len(), alone.visits(id).len());
    for ((began, wait), (began_alone, wait_alone)) in visits.into_iter().zip(alone.visits(id)) {
        let refused = if requests.contains(&began) { millis(400) } else { SimDuration::ZERO };
        assert_eq!((began, wait), (began_alone, wait_alone + refused));
    }
    let ended_of = |of_collector: bool| {
        let ended = journal.0.iter().filter_map(|(_, fact)| match fact {
            Fact::MessageEnded { sent, kind: MessageKind::Request, end, .. } => Some((*sent, *end)),
            _ => None,
        });
        ended.filter(|(sent, _)| requests.contains(sent) == of_collector).collect::<Vec<_>>()
    };
    assert!(ended_of(true).iter().all(|(_, end)| *end == MessageEnd::Refused));
    assert!(
        ended_of(false).iter().any(|(_, end)| matches!(*end, MessageEnd::Answered(prices) if prices > 0)),
        "others are served"
    );
    let pushes = journal
        .0
        .iter()
        .filter(|(_, fact)| matches!(fact, Fact::Arrived { from, kind: MessageKind::Push, .. } if *from == id));
    assert_eq!(pushes.count(), 0, "and the hub gets nothing of what it has called for");
}
