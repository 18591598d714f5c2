//! Worlds that must give related results.

use std::collections::BTreeMap;

use gtnet_sim::experiment::common_luck;
use gtnet_sim::metrics::Measurements;
use gtnet_sim::model::config::{
    ConnectorConfig, GroupConfig, MarketConfig, PeerSelection, PeeringConfig, RttConfig, ShiftedLognormal, WorldConfig,
};
use gtnet_sim::observe::{Fact, InstanceId, MessageKind, Observer};
use gtnet_sim::protocol::{
    AcceptMode, CallReason, MaxLimitAction, Outcome, Policy, PoolLearns, Preset, PushBack, PushBackFrom,
};
use gtnet_sim::record::Bearer;
use gtnet_sim::time::civil::DailyHours;
use gtnet_sim::time::{SimDuration, SimTime};

use crate::support::{CLIENT, HUB, around_the_clock, busy_world, group, ideal_world, measure, watch};

fn calls_of(measured: &Measurements, instance: &str) -> (u64, u64, u64) {
    let found = measured.instances.iter().find(|candidate| candidate.instance == instance).expect("an instance");
    (found.visits, found.exchanges, found.connector_calls)
}

fn calls_by_reason(measured: &Measurements, reason: CallReason) -> u64 {
    measured.connectors.iter().map(|connector| connector.calls[reason as usize]).sum()
}

#[test]
fn knowing_nobody_is_like_taking_no_part() {
    let mut lonely = busy_world();
    lonely.peerings.clear();
    let lonely = measure(&lonely, 1, 0);
    let off = measure(&busy_world().without_gtnet(), 1, 0);
    assert_eq!(lonely.fills, off.fills);
    assert_eq!(lonely.price_age, off.price_age);
    assert_eq!(lonely.user_wait, off.user_wait);
    let asked_for_nothing = [CallReason::NobodyAsked, CallReason::NotReceivable];
    assert_eq!(
        asked_for_nothing.map(|reason| calls_by_reason(&lonely, reason)).iter().sum::<u64>(),
        calls_by_reason(&off, CallReason::GtnetOff)
    );
}

#[test]
fn the_order_of_groups_does_not_matter() {
    let config = busy_world();
    let mut swapped = config.clone();
    swapped.groups.swap(HUB, CLIENT);
    swapped.peerings =
        vec![PeeringConfig { from: HUB, to: CLIENT, select: PeerSelection::All, priority: 10, granted: true }];
    let (straight, swapped) = (measure(&config, 1, 0), measure(&swapped, 1, 0));
    assert_eq!(straight.servers, swapped.servers);
    assert_eq!(straight.connectors, swapped.connectors);
    assert_eq!(straight.price_age, swapped.price_age);
    assert_eq!(calls_of(&straight, "client-7"), calls_of(&swapped, "client-7"));
}

/// What chance has decided, by what it was decided for.
#[derive(Debug, Default)]
struct Luck {
    /// By (visit, calling instance, instrument): latency of the call, and whether it delivered.
    calls: BTreeMap<(SimTime, u32, u32), (SimDuration, bool)>,
    /// By (visit, sender, receiver, whether it is a push): time on the way.
    ways: BTreeMap<(SimTime, u32, u32, bool), SimDuration>,
}

impl Observer for Luck {
    fn observe(&mut self, now: SimTime, fact: &Fact) {
        match *fact {
            Fact::ConnectorAnswered { began, instance, instrument, latency, delivered, .. } => {
                self.calls.insert((began, instance.0, instrument.0), (latency, delivered));
            }
            Fact::Arrived { began, sent, from, server, kind, .. } => {
                self.ways.insert((began, from.0, server.0, kind == MessageKind::Push), now.since(sent));
            }
            _ => {}
        }
    }
}

impl Luck {
    fn of(config: &WorldConfig) -> Self {
        let mut luck = Self::default();
        watch(config, 1, &mut luck);
        luck
    }

    /// Asserts that whatever happened in both worlds happened with the same luck; `renumbered` gives the number that an
    /// instance of this world has in the other.
    fn assert_same(&self, other: &Self, renumbered: impl Fn(u32) -> u32, least: usize) {
        let mut common = 0;
        for ((visit, instance, instrument), luck) in &self.calls {
            if let Some(others) = other.calls.get(&(*visit, renumbered(*instance), *instrument)) {
                assert_eq!(luck, others, "a call of instance {instance} for instrument {instrument}");
                common += 1;
            }
        }
        for ((visit, from, to, push), way) in &self.ways {
            if let Some(others) = other.ways.get(&(*visit, renumbered(*from), renumbered(*to), *push)) {
                assert_eq!(way, others, "a message from {from} to {to}");
                common += 1;
            }
        }
        assert!(common > least, "only {common} draws in common: too few to tell anything");
    }
}

/// Common random numbers: the same call of the same visit has the same luck, whatever the rule, the topology and the number
/// of others.
#[test]
fn the_same_calls_and_messages_have_the_same_luck() {
    // Without limits, whose state depends on what was called before.
    let mut config = busy_world();
    for connector in &mut config.connectors {
        connector.rate_limit = None;
    }
    let luck = Luck::of(&config);

    let mut other_rule = config.clone();
    other_rule.policy.freshness_threshold = None;
    luck.assert_same(&Luck::of(&other_rule), |same| same, 10_000);

    luck.assert_same(&Luck::of(&config.without_gtnet()), |same| same, 10_000);

    let mut three_hubs = config.clone();
    three_hubs.groups[HUB].count = 3;
    // hub-1 stays number 0; the clients come after two more hubs.
    luck.assert_same(&Luck::of(&three_hubs), |number| if number == 0 { 0 } else { number + 2 }, 10_000);

    let mut larger = config.clone();
    larger.groups[CLIENT].count += 100;
    luck.assert_same(&Luck::of(&larger), |same| same, 10_000);
}

/// What a replication has led to, names left out.
fn numbers(config: &WorldConfig) -> impl PartialEq + use<> {
    let of = measure(config, 1, 0);
    (of.visits, of.fills, of.price_age, of.user_wait, of.messages.sent, of.messages.lost)
}

type Change = fn(&mut WorldConfig);

/// Luck hangs on names. Whoever gives something another name gets other numbers, and is told that the luck is another.
#[test]
fn what_has_other_luck_is_not_called_the_same() {
    let mut config = busy_world();
    config.duration = SimDuration::from_days(2);
    let nine_to_five = vec![DailyHours { open_minute: 540, close_minute: 1_020 }];
    config.markets.push(MarketConfig { mic: "DAY".to_owned(), hours: nine_to_five, ..config.markets[0].clone() });
    config.instruments.security_markets.push((1, 1.0));
    config.connectors.iter_mut().for_each(|connector| connector.serves.push((1, 0.5)));
    let told = |other: &WorldConfig| {
        let common = common_luck([("one", &config), ("other", other)]);
        let names = common.only_in_some.iter().map(|one| (one.points.join(", "), one.bearer.clone()));
        (
            common.is_whole(),
            common.is_of_the_same_users(),
            names.filter(|(who, _)| who == "other").map(|(_, of)| of).collect(),
        )
    };
    let as_it_is = numbers(&config);

    let changes: [(Change, bool, Bearer); 7] = [
        (|config| config.instruments.securities += 1, true, Bearer::CurrencyPairs(config.instruments.securities + 1)),
        (|config| config.groups[CLIENT].name = "member".to_owned(), false, Bearer::Users("member".to_owned())),
        (|config| config.groups[HUB].name = "server".to_owned(), true, Bearer::Instances("server".to_owned())),
        (|config| config.connectors[0].id = "late".to_owned(), true, Bearer::Provider("late".to_owned())),
        (|config| config.topology = Some(0), false, Bearer::Topology(Some(0))),
        // A weekday like the other, with the same hours.
        (
            |config| config.start = config.start + SimDuration::from_days(1),
            false,
            Bearer::Start("2026-03-03T00:00:00Z".to_owned()),
        ),
        // Scenarios sort markets by their names.
        (
            |config| {
                config.markets[0].mic = "EVER".to_owned();
                config.markets.swap(0, 1);
                for (market, _) in config.connectors.iter_mut().flat_map(|connector| &mut connector.serves) {
                    *market = 1 - *market;
                }
                config.instruments.currency_market = 1;
            },
            true,
            Bearer::Market("EVER".to_owned()),
        ),
    ];
    for (change, same_users, bearer) in changes {
        let mut other = config.clone();
        change(&mut other);
        assert_eq!(told(&other), (false, same_users, vec![bearer.clone()]));
        let is_start = matches!(bearer, Bearer::Start(_));
        assert!(is_start || numbers(&other) != as_it_is, "the name of {bearer:?} carries no luck");
    }

    // Numbers and rules are part of no address.
    let alike: [Change; 5] = [
        |config| config.groups[CLIENT].count += 5,
        |config| config.groups[CLIENT].users += 1,
        |config| config.groups[HUB].count = 3,
        |config| config.policy.freshness_threshold = None,
        |config| config.network.loss = 0.1,
    ];
    for change in alike {
        let mut other = config.clone();
        change(&mut other);
        assert_eq!(told(&other), (true, true, Vec::new()));
    }
}

/// A provider takes an instrument away from others, but deals nothing anew between them.
#[test]
fn another_provider_changes_only_what_it_takes() {
    let config = busy_world();
    let mut more = config.clone();
    let third = ConnectorConfig { id: "third".to_owned(), weight: 0.5, ..config.connectors[0].clone() };
    more.connectors.insert(0, third);
    let calls = |config: &WorldConfig, provider: usize| {
        measure(&config.without_gtnet(), 1, 0).connectors[provider].total_calls()
    };
    assert!(calls(&more, 0) > 0);
    for provider in 0..2 {
        assert!(calls(&more, provider + 1) < calls(&config, provider), "nobody gains by a new provider");
    }
    let total = |config: &WorldConfig, providers: usize| (0..providers).map(|at| calls(config, at)).sum::<u64>();
    assert!(total(&more, 3) >= total(&config, 2), "and what it takes it also serves");
}

/// A hundred more instances, and everybody else visits at the same times, and is served as before.
#[test]
fn others_change_nobodys_numbers() {
    let config = busy_world();
    let mut larger = config.clone();
    let mut newcomers = group("newcomer", 100, AcceptMode::Closed);
    newcomers.gtnet = false;
    newcomers.visits = Some(around_the_clock(4.0));
    larger.groups.insert(0, newcomers);
    for peering in &mut larger.peerings {
        (peering.from, peering.to) = (peering.from + 1, peering.to + 1);
    }
    let (alone, among_others) = (measure(&config, 1, 0), measure(&larger, 1, 0));
    for client in 1..=config.groups[CLIENT].count {
        let name = format!("client-{client}");
        assert_eq!(calls_of(&alone, &name), calls_of(&among_others, &name), "{name}");
    }
    assert_eq!(alone.servers, among_others.servers);

    let mut other_rule = config.clone();
    other_rule.policy.freshness_threshold = None;
    let other_rule = measure(&other_rule, 1, 0);
    assert_ne!(alone.fills, other_rule.fills, "the rule makes a difference");
    assert_eq!(alone.visits, other_rule.visits);
    assert_eq!(alone.exchanges, other_rule.exchanges);
}

/// Whoever takes no part stays alone, whatever the peerings say: nothing is sent to it or by it, and nobody else notices it.
#[test]
fn who_takes_no_part_is_known_to_nobody() {
    /// Messages to or from instances behind the hub and its 20 clients.
    struct Strays(u32);

    impl Observer for Strays {
        fn observe(&mut self, _now: SimTime, fact: &Fact) {
            if let Fact::Arrived { from, server, .. } = fact {
                self.0 += u32::from(from.max(server).0 > 20);
            }
        }
    }

    let mut config = busy_world();
    config.policy = Policy::of(Preset::Gt0365);
    for mode in [AcceptMode::PushOpen, AcceptMode::Open] {
        config.groups.truncate(2);
        config.groups.push(GroupConfig { gtnet: false, ..group("loner", 2, mode) });
        let mut acquainted = config.clone();
        for (from, to, priority) in [(2, HUB, 10), (2, CLIENT, 0), (CLIENT, 2, 0), (2, 2, 10)] {
            acquainted.peerings.push(PeeringConfig { from, to, select: PeerSelection::All, priority, granted: true });
        }
        let mut strays = Strays(0);
        watch(&acquainted, 1, &mut strays);
        assert_eq!(strays.0, 0);
        assert_eq!(measure(&acquainted, 1, 0), measure(&config, 1, 0));
    }
}

/// By sender, kind and time of sending: how long a ping or synchronisation took on its way to the hub.
#[derive(Default)]
struct WaysToHub(BTreeMap<(InstanceId, bool, SimTime), SimDuration>);

impl Observer for WaysToHub {
    fn observe(&mut self, now: SimTime, fact: &Fact) {
        if let Fact::Arrived { server: InstanceId(0), kind, from, sent, .. } = *fact
            && matches!(kind, MessageKind::Ping | MessageKind::Synchronisation)
        {
            self.0.insert((from, kind == MessageKind::Ping, sent), now.since(sent));
        }
    }
}

/// Instances get to know more peers, whom they never ask for prices: what they send to the hub in their rounds is as lucky as
/// before.
#[test]
fn more_peers_change_nothing_of_the_luck_of_rounds() {
    let mut config = busy_world();
    config.policy = Policy::of(Preset::Gt0365);
    config.network.loss = 0.05;
    let mut larger = config.clone();
    larger.groups.push(GroupConfig { users: 0, ..group("newcomer", 3, AcceptMode::Open) });
    larger.peerings.push(PeeringConfig { from: CLIENT, to: 2, select: PeerSelection::All, priority: 0, granted: true });
    let ways = |config: &WorldConfig| {
        let mut ways = WaysToHub::default();
        watch(config, 1, &mut ways);
        ways.0
    };
    let (before, after) = (ways(&config), ways(&larger));
    for is_ping in [false, true] {
        let sent: Vec<_> = before.iter().filter(|((_, ping, _), _)| *ping == is_ping).collect();
        let again: Vec<_> = sent.iter().filter_map(|(key, way)| Some((**way, *after.get(key)?))).collect();
        assert!(sent.len() > 50, "only {} messages", sent.len());
        // A round that takes longer may keep the next one from beginning.
        assert!(again.len() * 10 > sent.len() * 9, "only {} of {} are sent again", again.len(), sent.len());
        assert!(again.iter().all(|(way, way_again)| way == way_again), "{again:?}");
    }
}

/// Two networks that do not touch: each is as it would be alone, and all counts add up.
#[test]
fn independent_networks_add_up() {
    let first = busy_world();
    let mut second = first.clone();
    "west-hub".clone_into(&mut second.groups[HUB].name);
    "west-client".clone_into(&mut second.groups[CLIENT].name);
    let mut both = first.clone();
    both.groups.extend(second.groups.iter().cloned());
    both.peerings.push(PeeringConfig { from: 3, to: 2, select: PeerSelection::All, priority: 10, granted: true });
    let of = |config: &WorldConfig| measure(config, 1, 0);
    let (first, second, both) = (of(&first), of(&second), of(&both));
    assert_eq!(both.visits, first.visits + second.visits);
    assert_eq!(both.exchanges, first.exchanges + second.exchanges);
    assert_eq!(both.fills.push_open, first.fills.push_open + second.fills.push_open);
    assert_eq!(both.fills.connector, first.fills.connector + second.fills.connector);
    assert_eq!(both.servers[0], first.servers[0]);
    assert_eq!(both.servers[1], second.servers[0]);
}

#[test]
fn a_seed_and_a_replication_decide_everything() {
    let mut config = busy_world();
    config.duration = SimDuration::from_days(2);
    assert_eq!(measure(&config, 1, 0), measure(&config, 1, 0));
    assert_ne!(measure(&config, 1, 0), measure(&config, 1, 1));
    assert_ne!(measure(&config, 1, 0), measure(&config, 2, 0));
}

#[test]
fn a_pool_saves_calls_and_a_threshold_costs_some() {
    let total = |measured: &Measurements| {
        measured.connectors.iter().map(gtnet_sim::metrics::ConnectorMeasurements::total_calls).sum::<u64>()
    };
    let with_threshold = busy_world();
    let mut without = with_threshold.clone();
    without.policy.freshness_threshold = None;
    let off = total(&measure(&with_threshold.without_gtnet(), 1, 0));
    let (with_threshold, without) = (total(&measure(&with_threshold, 1, 0)), total(&measure(&without, 1, 0)));
    assert!(without < with_threshold && with_threshold < off, "{without} < {with_threshold} < {off}");
}

/// The users of a push-open hub that asks nobody are served from its pool, which the clients fill.
#[test]
fn a_hubs_own_users_profit_from_its_pool() {
    let mut config = busy_world();
    let visits = config.groups[CLIENT].visits.clone();
    let watchlist = config.groups[CLIENT].watchlist.clone();
    let hub = &mut config.groups[HUB];
    (hub.users, hub.visits, hub.watchlist) = (5, visits, watchlist);
    let measured = measure(&config, 1, 0);
    assert!(measured.fills.own_pool > 1_000, "{} fills from the own pool", measured.fills.own_pool);
    let calls = |measured: &Measurements| calls_of(measured, "hub-1").2;
    assert!(calls(&measured) < calls(&measure(&config.without_gtnet(), 1, 0)) / 2);
}

/// A request that is split goes in several messages, each with its own luck: as many of them get lost.
#[test]
fn the_parts_of_a_split_request_are_lost_independently() {
    let mut config = busy_world();
    config.network.loss = 0.3;
    config.policy.push_back = PushBack::None;
    // Otherwise the hub would never have anything, and all would be asked for in every exchange just the same.
    config.policy.pool_learns_from_request = PoolLearns::Newer;
    let whole = measure(&config, 1, 0);
    (config.policy.max_limit, config.policy.max_limit_action) = (Some(5), MaxLimitAction::Split);
    let split = measure(&config, 1, 0);
    let timed_out = |measured: &Measurements| measured.messages.timed_out as f64 / measured.messages.sent as f64;
    // A part that gets lost ends the asking: 1 / 0.51 parts on average.
    assert!(2 * split.messages.sent > 3 * whole.messages.sent);
    for share in [timed_out(&whole), timed_out(&split)] {
        // 1 − 0.7², way out and way back.
        assert!((share - 0.51).abs() < 0.05, "{share} of the messages time out");
    }
}

/// Which instances have opened a watchlist when, and what they were filled with by pools.
#[derive(Default)]
struct Fills {
    visits: BTreeMap<SimTime, InstanceId>,
    /// By instance: fills by push-open peers, and those of them that count as having come by a push.
    by_pools: BTreeMap<InstanceId, (u32, u32)>,
}

impl Observer for Fills {
    fn observe(&mut self, now: SimTime, fact: &Fact) {
        match *fact {
            Fact::ExchangeBegan { instance, .. } => {
                self.visits.insert(now, instance);
            }
            Fact::Settled { began, outcome: Outcome::PushOpen(_), pushed } => {
                let (all, by_push) = self.by_pools.entry(self.visits[&began]).or_default();
                *all += 1;
                *by_push += u32::from(pushed);
            }
            _ => {}
        }
    }
}

/// Pushes go to the first hub only. Prices get from there into the second one by requests, and by its own users.
#[test]
fn what_a_pool_has_not_got_by_a_push_does_not_count_as_pushed() {
    let mut config = ideal_world(1);
    config.policy = Policy {
        push_back_from: PushBackFrom::Open,
        freshness_threshold: Some(SimDuration::from_secs(600)),
        ..Policy::of(Preset::GeneralFlow)
    };
    let visits = Some(around_the_clock(500.0));
    let second = GroupConfig { visits: visits.clone(), ..group("second", 1, AcceptMode::PushOpen) };
    let carrier = GroupConfig { visits: visits.clone(), ..group("carrier", 1, AcceptMode::Closed) };
    let last = GroupConfig { visits: visits.clone(), ..group("last", 1, AcceptMode::Closed) };
    config.groups[CLIENT].visits = visits;
    config.groups.extend([second, carrier, last]);
    let peering = |from, to, priority| PeeringConfig { from, to, select: PeerSelection::All, priority, granted: true };
    config.peerings =
        vec![peering(CLIENT, HUB, 1), peering(2, HUB, 1), peering(3, HUB, 1), peering(3, 2, 2), peering(4, 2, 1)];
    let mut fills = Fills::default();
    watch(&config, 1, &mut fills);
    let of = |instance| fills.by_pools.get(&InstanceId(instance)).copied().unwrap_or_default();
    let ((_, fetched), (all, by_push)) = (of(3), of(4));
    assert!(fetched > 100, "{fetched} fills with what had been pushed to the first hub");
    assert!(all > 100 && by_push == 0, "{by_push} of {all} fills from a hub to which nothing is pushed");
}

#[test]
fn whoever_gives_up_before_the_connection_is_set_up_sends_nothing() {
    let mut config = ideal_world(3);
    let rtt_s = |rtt_s| RttConfig::Anywhere(ShiftedLognormal { minimum_s: rtt_s, median_s: 0.0, sigma: 0.0 });
    (config.network.connection_setup_rtts, config.network.timeout) = (2, SimDuration::from_secs(30));
    let patient = |rtt| {
        let mut config = config.clone();
        config.network.rtt = rtt_s(rtt);
        measure(&config, 1, 0)
    };
    // Set up at 29.98 s; the request arrives after its sender has given up, but it has been sent.
    let sent = patient(14.99);
    assert!(sent.servers[0].requests > 0 && sent.servers[0].pushes > 0 && sent.servers[0].pool_size == 1);
    assert_eq!(sent.messages.answered, 0);
    for too_long in [15.0, 100.0] {
        let unsent = patient(too_long);
        let hub = &unsent.servers[0];
        assert_eq!((hub.requests, hub.pushes, hub.pool_size, hub.bytes_in), (0, 0, 0, 0), "{too_long}");
        assert!(unsent.messages.timed_out > 0 && unsent.messages.answered == 0 && unsent.messages.lost == 0);
        assert_eq!(unsent.fills.connector, unsent.fills.total());
    }
}
