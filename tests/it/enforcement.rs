//! What 0.36.9 enforces, in simulated networks: limits, violations, grants, clocks and announcements, and releases side by side.

use std::collections::BTreeMap;
use std::path::Path;

use gtnet_sim::model::config::{AnnouncedStop, FaultSpell, FaultTimes, InstanceFault, WatchlistConfig, WorldConfig};
use gtnet_sim::model::{Blueprint, simulate};
use gtnet_sim::observe::{Fact, InstanceId, MessageEnd, MessageKind, Observer};
use gtnet_sim::protocol::{EnforcedBy, PeerViews, Policy, Preset};
use gtnet_sim::random::Distribution;
use gtnet_sim::scenario::Scenario;
use gtnet_sim::time::{SimDuration, SimTime};

use crate::faults::{CLIENTS, Journal, at, at_hub, millis, world};
use crate::support::{CLIENT, HUB, around_the_clock, ideal_world};

const HUB_ID: InstanceId = InstanceId(0);

/// Two days of two clients that ask a hub at every visit.
fn asking(preset: Preset) -> WorldConfig {
    world(preset, PeerViews::Messages)
}

/// When requests to the hub ended, and whether they were answered.
fn requests(journal: &Journal) -> Vec<(SimTime, bool)> {
    let ended = journal.0.iter().filter_map(|(now, fact)| match fact {
        Fact::MessageEnded { to: HUB_ID, kind: MessageKind::Request, end, .. } => {
            Some((*now, matches!(end, MessageEnd::Answered(_))))
        }
        _ => None,
    });
    ended.collect()
}

/// How many requests to the hub were answered, and how many were not.
fn answered_and_not(config: &WorldConfig) -> (usize, usize) {
    let requests = requests(&Journal::of(config));
    let answered = requests.iter().filter(|(_, answered)| *answered).count();
    (answered, requests.len() - answered)
}

/// How many messages of this kind reached the hub from each client on each day.
fn arrived(journal: &Journal, wanted: MessageKind) -> BTreeMap<(InstanceId, u64), usize> {
    let mut counts = BTreeMap::new();
    for (now, fact) in &journal.0 {
        if let Fact::Arrived { kind, from, server: HUB_ID, .. } = fact
            && *kind == wanted
        {
            *counts.entry((*from, now.as_nanos() / SimDuration::from_days(1).as_nanos())).or_default() += 1;
        }
    }
    counts
}

#[test]
fn a_daily_limit_bounds_what_a_hub_answers_and_who_knows_it_sends_no_more() {
    for (enforced_by, sends_more) in
        [(EnforcedBy::Both, false), (EnforcedBy::Client, false), (EnforcedBy::Server, true)]
    {
        let mut config = asking(Preset::Gt0369);
        config.policy.daily_request_limit = Some(10);
        config.policy.daily_request_limit_enforced_by = enforced_by;
        let journal = Journal::of(&config);
        let arrived = arrived(&journal, MessageKind::Request);
        assert_eq!(arrived.len(), 4, "two clients on two days");
        // The synchronisation at 02:00 counts, too.
        assert!(arrived.values().all(|count| (*count >= 9) && (*count > 10) == sends_more), "{arrived:?}");
        let answered = requests(&journal).iter().filter(|(_, answered)| *answered).count();
        assert!((36..=40).contains(&answered), "{answered} answered, {enforced_by:?}");
    }
    let mut nobody = asking(Preset::Gt0369);
    nobody.policy.daily_request_limit = Some(10);
    nobody.policy.daily_request_limit_enforced_by = EnforcedBy::Nobody;
    assert_eq!(answered_and_not(&nobody), answered_and_not(&asking(Preset::Gt0369)));
}

#[test]
fn a_limit_of_zero_lets_one_message_of_each_pair_pass_in_a_day() {
    let mut config = asking(Preset::Gt0369);
    config.policy.daily_request_limit = Some(0);
    assert_eq!(answered_and_not(&config), (4, 0), "two clients on two days");
}

/// A client that sends about 400 instruments and never asks for more than 100.
fn sends_many() -> WorldConfig {
    let mut config = ideal_world(1);
    (config.duration, config.warmup) = (SimDuration::from_days(22), SimDuration::ZERO);
    config.watchlist_timeout = SimDuration::ZERO;
    config.instruments.securities = 5_000;
    config.instruments.zipf_exponent = 0.0;
    config.policy = Policy::of(Preset::Gt0369);
    config.groups[CLIENT].watchlist = WatchlistConfig { instruments: Distribution::Constant(100.0), per_user: 4 };
    config.groups[CLIENT].visits = Some(around_the_clock(50.0));
    config
}

#[test]
fn who_sends_more_than_the_limit_is_locked_out_on_the_twentieth_night() {
    let locked = SimTime::START + SimDuration::from_days(19) + SimDuration::from_hours(2);
    let ended = requests(&Journal::of(&sends_many()));
    assert!(ended.iter().all(|(now, answered)| *answered == (*now < locked)), "from the night on all are refused");
    assert!(ended.iter().filter(|(now, _)| *now >= locked).count() > 20);
    let mut forgiven = sends_many();
    forgiven.policy.violation_reset = Some(SimDuration::from_days(7));
    assert_eq!(answered_and_not(&forgiven).1, 0);
    let mut few = sends_many();
    few.groups[CLIENT].send = 0.5;
    assert_eq!(answered_and_not(&few).1, 0, "half of them are fewer than the limit");
    let mut before = sends_many();
    before.policy = Policy::of(Preset::Gt0365);
    assert_eq!(answered_and_not(&before).1, 0);
}

#[test]
fn without_a_grant_every_request_is_refused() {
    let refused = |preset, granted| {
        let mut config = asking(preset);
        config.peerings[0].granted = granted;
        let (answered, refused) = answered_and_not(&config);
        assert!(answered == 0 || refused == 0);
        refused > 0
    };
    assert!(refused(Preset::Gt0369, false));
    assert!(!refused(Preset::Gt0369, true));
    assert!(!refused(Preset::Gt0365, false));
}

#[test]
fn releases_meet_each_other() {
    for (hub, clients, answers) in [
        (Preset::Gt0368, Preset::Gt0368, false),
        (Preset::Gt0368, Preset::Gt0365, false),
        (Preset::Gt0368, Preset::Gt0369, false),
        (Preset::Gt0365, Preset::Gt0368, true),
        (Preset::Gt0369, Preset::Gt0368, true),
        (Preset::Gt0369, Preset::Gt0365, true),
    ] {
        let mut config = asking(clients);
        config.groups[HUB].policy = Some(Box::new(asking(hub).policy));
        let (answered, refused) = answered_and_not(&config);
        assert!(answered + refused > 500, "two clients visit 200 times on two days");
        assert_eq!((answered > 0, refused > 0), (answers, !answers), "{hub:?} {clients:?}");
    }
}

/// A fault of the hub under the rules of 0.36.9.
fn with(fault: InstanceFault, begins: u64, lasts: u64) -> Journal {
    let mut config = asking(Preset::Gt0369);
    let [begins, lasts] = [begins, lasts].map(SimDuration::from_hours);
    let times = FaultTimes::Set(vec![FaultSpell { begins, lasts }]);
    config.faults = vec![gtnet_sim::model::config::FaultConfig { times, ..at_hub(fault) }];
    Journal::of(&config)
}

#[test]
fn a_hub_whose_clock_is_an_hour_ahead_refuses_all() {
    for (minutes, refuses) in [(60, true), (5, false)] {
        let journal = with(InstanceFault::Clock { ahead_nanos: minutes * 60_000_000_000 }, 10, 3);
        for (now, answered) in requests(&journal) {
            // A request may be under way when the clock changes.
            let is_wrong = at(10) + millis(400) <= now && now < at(13);
            let is_right = now < at(10) || at(13) + millis(400) <= now;
            assert!(answered || (refuses && !is_right), "{now:?}");
            assert!(!(answered && refuses && is_wrong), "{now:?}");
        }
    }
}

#[test]
fn announced_maintenance_is_told_before_and_nobody_asks_in_it() {
    let before = SimDuration::from_hours(1);
    let journal = with(InstanceFault::Announced { before, what: AnnouncedStop::Maintenance, cancelled: None }, 10, 3);
    for client in CLIENTS {
        let told = journal.0.iter().filter(
            |(_, fact)| matches!(fact, Fact::Arrived { kind: MessageKind::Notice, server, .. } if *server == client),
        );
        assert_eq!(told.map(|(now, _)| *now).collect::<Vec<_>>(), [at(9) + millis(300)]);
    }
    let sent = |from: SimTime, until: SimTime| {
        let requests = journal.0.iter().filter(|(now, fact)| {
            (from..until).contains(now)
                && matches!(fact, Fact::MessageSent { to: HUB_ID, kind: MessageKind::Request, .. })
        });
        requests.count()
    };
    assert!(sent(at(9), at(10)) > 0, "until then it is asked");
    assert_eq!(sent(at(10), at(13)), 0, "both ends included");
    assert!(sent(at(13), at(14)) > 0, "its ping after the start brings it back");
}

#[test]
fn who_has_announced_its_end_is_not_asked_from_that_day_on_though_it_comes_back() {
    let before = SimDuration::from_hours(5);
    let journal =
        with(InstanceFault::Announced { before, what: AnnouncedStop::Discontinuation, cancelled: None }, 26, 2);
    let ended = requests(&journal);
    assert!(ended.iter().any(|(now, _)| *now > at(23)), "the day before it is asked");
    assert!(ended.iter().all(|(now, _)| *now < at(24) + millis(1_000)), "its day begins at midnight");
}

/// When notices arrived at a client.
fn notices(journal: &Journal, client: InstanceId) -> Vec<SimTime> {
    journal.arrivals(MessageKind::Notice, HUB_ID, client)
}

/// How many requests were sent to the hub.
fn sent(journal: &Journal, from: SimTime, until: SimTime) -> usize {
    let is_sent = |(now, fact): &&(SimTime, Fact)| {
        (from..until).contains(now) && matches!(fact, Fact::MessageSent { to: HUB_ID, kind: MessageKind::Request, .. })
    };
    journal.0.iter().filter(is_sent).count()
}

#[test]
fn maintenance_that_is_called_off_does_not_take_place() {
    let (before, cancelled) = (SimDuration::from_hours(5), Some(SimDuration::from_hours(1)));
    let journal = with(InstanceFault::Announced { before, what: AnnouncedStop::Maintenance, cancelled }, 10, 3);
    for client in CLIENTS {
        assert_eq!(notices(&journal, client), [at(5) + millis(300), at(9) + millis(300)]);
    }
    assert!(sent(&journal, at(10), at(13)) > 0, "it is asked");
    assert!(requests(&journal).iter().all(|(_, answered)| *answered), "and answers");
}

/// Its day has begun when it is called off an hour after midnight.
#[test]
fn an_end_that_is_called_off_keeps_peers_away_until_then() {
    let (before, cancelled) = (SimDuration::from_hours(5), Some(SimDuration::from_hours(1)));
    let journal = with(InstanceFault::Announced { before, what: AnnouncedStop::Discontinuation, cancelled }, 26, 2);
    for client in CLIENTS {
        assert_eq!(notices(&journal, client), [at(21) + millis(300), at(25) + millis(300)]);
    }
    assert!(sent(&journal, at(23), at(24)) > 0);
    assert_eq!(sent(&journal, at(24), at(25)), 0, "its day begins at midnight");
    assert!(sent(&journal, at(26), at(28)) > 0, "it goes on after all");
    assert!(requests(&journal).iter().all(|(_, answered)| *answered));
}

/// The hub revokes all grants from 10:00 to 13:00 and tells its clients, who ask it no more. At 13:00 both sides agree again.
#[test]
fn who_revokes_grants_is_not_asked_until_both_sides_agree_again() {
    let journal = with(InstanceFault::RevokedGrant, 10, 3);
    for client in CLIENTS {
        assert_eq!(notices(&journal, client), [at(10) + millis(300)]);
    }
    assert!(sent(&journal, at(9), at(10)) > 0);
    assert_eq!(sent(&journal, at(10) + millis(300), at(13)), 0);
    assert!(sent(&journal, at(13), at(14)) > 0);
    let refused = requests(&journal).into_iter().filter(|(_, answered)| !answered);
    assert!(
        refused.into_iter().all(|(now, _)| at(10) <= now && now <= at(10) + millis(700)),
        "those that were on their way"
    );
}

/// At 02:00 the hub synchronises, which shows that it is there: clients ask it again, and are refused.
#[test]
fn whoever_asks_one_that_has_revoked_its_grant_is_refused() {
    let journal = with(InstanceFault::RevokedGrant, 1, 3);
    let ended = |from: SimTime, until: SimTime| -> Vec<bool> {
        let all = requests(&journal).into_iter().filter(|(now, _)| (from..until).contains(now));
        all.map(|(_, answered)| answered).collect()
    };
    assert_eq!(ended(at(1) + millis(700), at(2)), [false; 0]);
    let refused = ended(at(2) + millis(700), at(4));
    assert!(!refused.is_empty() && refused.iter().all(|answered| !answered), "{refused:?}");
    let again = ended(at(4) + millis(700), at(12));
    assert!(!again.is_empty() && again.iter().all(|answered| *answered), "{again:?}");
}

/// A client asks for more than the hub allows, and is blocked after ten requests, until the administrator forgives it at noon.
#[test]
fn violations_block_until_an_administrator_forgives_them() {
    let mut config = ideal_world(1);
    (config.duration, config.warmup) = (SimDuration::from_days(1), SimDuration::ZERO);
    config.watchlist_timeout = SimDuration::ZERO;
    config.instruments.securities = 100;
    config.policy = Policy {
        max_limit: Some(5),
        violation_block: Some(10),
        violation_reset: Some(SimDuration::from_hours(12)),
        ..Policy::of(Preset::Gt0369)
    };
    // One list is too long, the other one is not.
    let instruments = Distribution::Uniform { low: 1.0, high: 10.0 };
    config.groups[CLIENT].watchlist = WatchlistConfig { instruments, per_user: 12 };
    config.groups[CLIENT].visits = Some(around_the_clock(400.0));
    let ended = requests(&Journal::of(&config));
    let first_answered = |from: SimTime| ended.iter().find(|(now, answered)| *now >= from && *answered);
    let refused_before = |until: SimTime| ended.iter().filter(|(now, answered)| *now < until && !answered).count();
    let answered = |from: SimTime, until: SimTime| {
        ended.iter().filter(|(now, answered)| (from..until).contains(now) && *answered).count()
    };
    assert!(answered(at(0), at(12)) > 0 && refused_before(at(12)) > 100, "blocked after ten violations");
    assert_eq!(answered(at(6), at(12)), 0);
    assert!(first_answered(at(12)).is_some(), "forgiven at noon");
    assert_eq!(answered(at(18), at(24)), 0, "and blocked again");
}

/// Requests that the hub has refused, the last one of each instance that it has answered, and calls of providers from the twentieth
/// night on.
#[derive(Default)]
struct Month {
    senders: BTreeMap<SimTime, InstanceId>,
    refused: Vec<(SimTime, InstanceId)>,
    last_answered: BTreeMap<InstanceId, SimTime>,
    calls: BTreeMap<InstanceId, usize>,
}

/// The run begins on Monday at midnight UTC. The first night is two hours later, the twentieth nineteen days after that.
fn twentieth_night() -> SimTime {
    SimTime::START + SimDuration::from_days(19) + SimDuration::from_hours(2)
}

impl Observer for Month {
    fn observe(&mut self, now: SimTime, fact: &Fact) {
        match *fact {
            Fact::Arrived { sent, from, server: HUB_ID, kind: MessageKind::Request, .. } => {
                self.senders.insert(sent, from);
            }
            Fact::MessageEnded { sent, to: HUB_ID, kind: MessageKind::Request, end } => match end {
                MessageEnd::Refused => self.refused.push((now, self.senders[&sent])),
                MessageEnd::Answered(_) => {
                    self.last_answered.insert(self.senders[&sent], now);
                }
                _ => {}
            },
            Fact::ConnectorCalled { instance, .. } if now >= twentieth_night() => {
                *self.calls.entry(instance).or_default() += 1;
            }
            _ => {}
        }
    }
}

impl Month {
    /// The first replication of the committed scenario.
    fn of(overrides: &[&str]) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/findings/sends-350.toml");
        let overrides: Vec<String> = overrides.iter().map(|&text| text.to_owned()).collect();
        let scenario = Scenario::load(&path, &overrides).expect("a scenario of the repository");
        let mut month = Self::default();
        simulate(&Blueprint::new(scenario.world().clone()), scenario.seed(), 0, &mut month);
        month
    }

    /// Calls of the 24 clients that send few instruments.
    fn calls_of_others(&self) -> usize {
        self.calls.iter().filter(|(instance, _)| (1..=24).contains(&instance.0)).map(|(_, calls)| calls).sum()
    }
}

#[test]
fn of_25_clients_the_one_that_sends_350_instruments_is_locked_out_after_20_nights_and_the_others_miss_its_pushes() {
    const MANY: InstanceId = InstanceId(25);
    let (locked, unlimited) = (Month::of(&[]), Month::of(&["protocol.sync_max_items=none"]));
    assert!(unlimited.refused.is_empty(), "without a limit of synchronisations nobody is refused");
    assert!(locked.refused.iter().all(|(_, from)| *from == MANY), "nobody else sends so many");
    // The twentieth night is that of a Saturday, and nobody looks at weekends: the first refusal is on Monday, 23 March.
    let (first, _) = *locked.refused.first().expect("it is locked out");
    let monday = SimTime::START + SimDuration::from_days(21);
    assert!(twentieth_night() < monday && monday < first && first < monday + SimDuration::from_days(1), "{first:?}");
    assert!(locked.refused.len() > 20 && locked.last_answered[&MANY] < twentieth_night(), "from then on all are");
    assert!(locked.last_answered.iter().all(|(from, last)| *from == MANY || *last > monday), "all others are answered");
    let rise = |with: usize, without: usize| (with * 100).div_ceil(without) - 100;
    let (own, of_others) = (
        rise(locked.calls[&MANY], unlimited.calls[&MANY]),
        rise(locked.calls_of_others(), unlimited.calls_of_others()),
    );
    // It fetched for the others, too: a third of all calls were its own.
    assert!((10..20).contains(&own) && (4..9).contains(&of_others), "{own} % and {of_others} % more calls");
}
