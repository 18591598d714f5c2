//! Why prices are as old as they are: each part of an age is what a pencil says, and the parts are all of it in any world.

use gtnet_sim::metrics::{AgePart, AgeSums, ConnectorMeasurements, Measurements};
use gtnet_sim::model::config::{
    FaultConfig, FaultKind, FaultSpell, FaultTarget, FaultTimes, InstanceFault, PeerSelection, PeeringConfig,
    RttConfig, ShiftedLognormal, WorldConfig,
};
use gtnet_sim::observe::{AgeSplit, Fact, InstanceId, Observer, PriceSource};
use gtnet_sim::protocol::AcceptMode;
use gtnet_sim::random::Distribution;
use gtnet_sim::time::civil::DailyHours;
use gtnet_sim::time::{SimDuration, SimTime};

use crate::support::{CLIENT, HUB, around_the_clock, busy_world, ideal_world, measure, watch};

/// A price that a user has seen.
#[derive(Clone, Copy, Debug)]
struct Seen {
    began: SimTime,
    at: SimTime,
    age: SimDuration,
    split: AgeSplit,
    is_kept: bool,
}

/// All prices that users see, each of which is as old as its parts say.
#[derive(Default)]
struct Sight(Vec<Seen>);

impl Observer for Sight {
    fn observe(&mut self, now: SimTime, fact: &Fact) {
        if let Fact::PriceShown { began, age, split, ref source, .. } = *fact {
            assert_eq!(
                age,
                split.map(|split| split.total()),
                "the parts are all of the age, and there is none without it"
            );
            let is_kept = matches!(source, PriceSource::Kept { .. });
            self.0.extend(age.zip(split).map(|(age, split)| Seen { began, at: now, age, split, is_kept }));
        }
    }
}

fn sight_of(config: &WorldConfig, seed: u64) -> Vec<Seen> {
    let mut sight = Sight::default();
    watch(config, seed, &mut sight);
    sight.0
}

fn second(seconds: u64) -> SimDuration {
    SimDuration::from_secs(seconds)
}

/// Prices are 900 s late and take 3 s. A message sets up its connection in 10 s, is 5 s on its way and is served in 2 s; its reply is
/// 5 s on its way.
fn slow_world(clients: u32) -> WorldConfig {
    let mut config = ideal_world(clients);
    config.connectors[0].delay = second(900);
    config.connectors[0].latency = Distribution::Constant(3.0);
    config.network.rtt = RttConfig::Anywhere(ShiftedLognormal { minimum_s: 10.0, median_s: 0.0, sigma: 0.0 });
    config.network.connection_setup_rtts = 1;
    config.groups[HUB].service.base = second(2);
    config
}

/// The first client asks the hub in vain (22 s), calls its provider (3 s), and pushes the price, which the hub takes over 17 s later. It
/// shows the price at once. The other client gets it from the hub, which answers 17 s after the visit begins, and shows it 5 s later.
#[test]
fn a_price_goes_from_a_provider_through_a_hub() {
    let seen = sight_of(&slow_world(2), 5);
    let fetched = seen[0];
    assert_eq!(fetched.at.since(fetched.began), second(25));
    assert_eq!((fetched.split.parts, fetched.split.from), ([900, 3, 0, 0, 0].map(second), None));
    let at = seen.iter().position(|seen| seen.split.from.is_some()).expect("a price from the hub");
    let (fetched, given) = (seen[at - 1], seen[at]);
    assert_eq!(fetched.split.from, None);
    let in_pool = (given.began + second(17)).since(fetched.began + second(42));
    assert!(!in_pool.is_zero());
    assert_eq!(given.at.since(given.began), second(22));
    assert_eq!(given.split.parts, [second(900), second(3), in_pool, second(22), second(0)]);
    assert_eq!(given.split.from, Some(InstanceId(0)));
    assert_eq!(given.age, given.at.since(fetched.at) + second(903));
}

/// Whoever opens a watchlist again within its timeout sees what it has: the last price that it has got.
#[test]
fn a_price_waits_for_the_next_visit() {
    let mut config = slow_world(1);
    config.watchlist_timeout = second(3_600);
    config.groups[CLIENT].visits = Some(around_the_clock(100.0));
    let seen = sight_of(&config, 5);
    let mut kept = 0;
    for pair in seen.windows(2).filter(|pair| pair[1].is_kept) {
        // A visit that begins while the user still waits for the last one sees an older price.
        if pair[1].began > pair[0].at {
            let waited = pair[0].split.part(AgePart::Visit) + pair[1].at.since(pair[0].at);
            assert_eq!(pair[1].split.parts, [second(900), second(3), second(0), second(0), waited]);
            kept += 1;
        }
    }
    assert!(kept > 50, "{kept}");
}

/// The market trades from 9:00 to 17:00. At 9:05 the provider, 15 minutes late, has yesterday's last price: 5 minutes of trading.
#[test]
fn parts_are_time_of_trading() {
    let mut config = ideal_world(1);
    config.peerings.clear();
    config.connectors[0].delay = second(900);
    config.markets[0].hours = vec![DailyHours { open_minute: 540, close_minute: 1_020 }];
    config.groups[CLIENT].visits = Some(around_the_clock(400.0));
    let (mut at_night, mut in_the_morning) = (0, 0);
    for seen in sight_of(&config, 5) {
        let time_of_day = seen.at.as_nanos() % (86_400 * 1_000_000_000);
        let traded = time_of_day.saturating_sub(32_400 * 1_000_000_000);
        let delay = match time_of_day / 1_000_000_000 {
            // From the evening on no price is older than the close.
            0..32_400 | 62_100.. => 0,
            32_400..33_300 => traded,
            _ => continue,
        };
        at_night += u32::from(delay == 0);
        in_the_morning += u32::from(delay > 0);
        let delay = SimDuration::from_nanos(delay);
        assert_eq!(seen.split.parts, [delay, second(0), second(0), second(0), second(0)], "{seen:?}");
    }
    assert!(at_night > 100 && in_the_morning > 3, "{at_night} {in_the_morning}");
}

fn of_all(measured: &Measurements) -> AgeSums {
    measured.connectors.iter().map(|provider: &ConnectorMeasurements| &provider.age).sum()
}

/// A busy hub that forgets its pool, a rogue client, open clients that ask each other, a clock that is wrong: nothing is lost, and
/// each server gives some of the prices.
#[test]
fn no_fault_takes_anything_from_an_age() {
    let mut config = busy_world();
    config.duration = SimDuration::from_hours(40);
    config.groups[CLIENT].visits = Some(around_the_clock(40.0));
    config.peerings.push(PeeringConfig {
        from: CLIENT,
        to: CLIENT,
        select: PeerSelection::Random(3),
        priority: 5,
        granted: true,
    });
    let fault = |name: &str, group, fault| FaultConfig {
        name: name.to_owned(),
        kind: FaultKind::Instances { at: vec![FaultTarget { group, number: Some(0) }], fault },
        times: FaultTimes::Set(vec![FaultSpell { begins: SimDuration::from_hours(28), lasts: second(3_600) }]),
    };
    config.faults = vec![
        fault("crash", HUB, InstanceFault::Crash { pool_kept: false }),
        fault("rogue", CLIENT, InstanceFault::Rogue { ahead: second(3_600), factor: 1.5 }),
        fault("clock", CLIENT, InstanceFault::Clock { ahead_nanos: -7_200_000_000_000 }),
    ];
    assert!(config.groups[CLIENT].mode == AcceptMode::Open);
    let seen = sight_of(&config, 3);
    let measured = measure(&config, 3, 0);
    let counted: Vec<&Seen> = seen.iter().filter(|seen| seen.began >= SimTime::START + config.warmup).collect();
    let age: u128 = counted.iter().map(|seen| u128::from(seen.age.as_nanos())).sum();
    let all = of_all(&measured);
    assert_eq!((all.prices, all.total_nanos()), (counted.len() as u64, age));
    assert_eq!((measured.price_age.count(), measured.price_age.sum_nanos()), (all.prices, age));
    for part in AgePart::ALL {
        let sum: u128 = counted.iter().map(|seen| u128::from(seen.split.part(part).as_nanos())).sum();
        assert_eq!(all.nanos[part as usize], sum);
        assert!(sum > 0, "{part:?}");
    }
    for server in measured.servers.iter().chain(&measured.open_servers).take(3) {
        assert!(server.age.prices > 0, "{}", server.instance);
    }
}
