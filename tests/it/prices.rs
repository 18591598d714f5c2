//! True prices and false ones: errors are those of the theory, and false prices come from rogue instances alone.

use gtnet_sim::metrics::FalsePriceCounts;
use gtnet_sim::model::config::{
    FaultConfig, FaultKind, FaultSpell, FaultTarget, FaultTimes, InstanceFault, WatchlistConfig, WorldConfig,
};
use gtnet_sim::observe::{Fact, FalsePrice, FaultId, InstanceId, Observer, PriceWay};
use gtnet_sim::protocol::{Policy, Preset};
use gtnet_sim::random::Distribution;
use gtnet_sim::time::civil::DailyHours;
use gtnet_sim::time::{SimDuration, SimTime};

use crate::support::{CLIENT, HUB, around_the_clock, busy_world, ideal_world, measure, watch};

/// A price that a user has seen.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Seen {
    at: SimTime,
    age: SimDuration,
    error_bp: f64,
    falsified: Option<FalsePrice>,
}

/// The prices seen, and the visits.
#[derive(Default)]
struct Sight {
    prices: Vec<Seen>,
    visits: Vec<(SimTime, InstanceId)>,
}

impl Observer for Sight {
    fn observe(&mut self, now: SimTime, fact: &Fact) {
        match *fact {
            Fact::PriceShown { age: Some(age), error_bp, falsified, .. } => {
                self.prices.push(Seen { at: now, age, error_bp, falsified });
            }
            Fact::VisitBegan { instance } => self.visits.push((now, instance)),
            _ => {}
        }
    }
}

fn sight_of(config: &WorldConfig, seed: u64) -> Sight {
    let mut sight = Sight::default();
    watch(config, seed, &mut sight);
    sight
}

fn hour(hours: u64) -> SimDuration {
    SimDuration::from_hours(hours)
}

/// A world in which a client is rogue for half a day.
fn rogue_world(preset: Preset, factor: f64) -> WorldConfig {
    let mut config = busy_world();
    config.duration = hour(48);
    config.policy = Policy { freshness_threshold: config.policy.freshness_threshold, ..Policy::of(preset) };
    config.groups[CLIENT].visits = Some(around_the_clock(40.0));
    config.faults.push(FaultConfig {
        name: "rogue".to_owned(),
        kind: FaultKind::Instances {
            at: vec![FaultTarget { group: CLIENT, number: Some(3) }],
            fault: InstanceFault::Rogue { ahead: hour(1), factor },
        },
        times: FaultTimes::Set(vec![FaultSpell { begins: hour(26), lasts: hour(12) }]),
    });
    config
}

/// The error of a price whose age is a is |exp(σ√a N) − 1| for small σ√a: its mean is σ√a √(2/π), its mean square σ²a. σ is the
/// yearly volatility over the square root of a year's trading time: 252 days of 24 hours here, and of 8 there.
#[test]
fn errors_grow_with_the_root_of_age_and_with_volatility() {
    for (close_minute, day_hours) in [(1_440, 24), (480, 8)] {
        for (kind, yearly) in [(0_u32, 0.3), (1, 0.05)] {
            let mut config = ideal_world(200);
            config.markets[0].hours = vec![DailyHours { open_minute: 0, close_minute }];
            (config.instruments.securities, config.instruments.currency_pairs) = (300, 300);
            config.instruments.currency_pair_share = f64::from(kind);
            (config.instruments.security_volatility, config.instruments.currency_volatility) =
                if kind == 0 { (yearly, 9.0) } else { (9.0, yearly) };
            config.instruments.zipf_exponent = 0.0;
            config.connectors[0].delay = SimDuration::from_secs(1_000);
            config.groups[CLIENT].watchlist =
                WatchlistConfig { instruments: Distribution::Constant(20.0), per_user: 1 };
            let year_s = 252.0 * 3_600.0 * f64::from(day_hours);
            let old = sight_of(&config, 1).prices.into_iter().filter(|price| price.age > SimDuration::from_secs(60));
            let scaled: Vec<f64> =
                old.map(|price| price.error_bp / 1e4 / (yearly * (price.age.as_secs_f64() / year_s).sqrt())).collect();
            let mean =
                |power: f64| scaled.iter().map(|value| libm::pow(*value, power)).sum::<f64>() / scaled.len() as f64;
            assert!(scaled.len() > 20_000, "only {} prices", scaled.len());
            assert!((mean(1.0) - (2.0 / std::f64::consts::PI).sqrt()).abs() < 0.03, "{} of kind {kind}", mean(1.0));
            assert!((mean(2.0) - 1.0).abs() < 0.07, "{} of kind {kind}", mean(2.0));
        }
    }
}

#[test]
fn prices_that_do_not_move_are_never_wrong() {
    let mut config = busy_world();
    (config.instruments.security_volatility, config.instruments.currency_volatility) = (0.0, 0.0);
    let sight = sight_of(&config, 3);
    assert!(sight.prices.iter().any(|price| price.age > hour(1)));
    assert!(sight.prices.iter().all(|price| price.error_bp <= 0.0));
}

/// The fault changes nobody's visits; false prices come after its beginning only, by several ways, and their values are as false as
/// the fault says.
#[test]
fn false_prices_come_from_rogue_instances() {
    for preset in [Preset::SevenStep, Preset::GeneralFlow, Preset::Gt0365] {
        let config = rogue_world(preset, 1.5);
        let mut sound = config.clone();
        sound.faults.clear();
        let (sight, without) = (sight_of(&config, 3), sight_of(&sound, 3));
        assert_eq!(sight.visits, without.visits);
        assert!(without.prices.iter().all(|price| price.falsified.is_none()));
        let before = |prices: &[Seen]| -> Vec<Seen> {
            prices.iter().take_while(|price| price.at < SimTime::START + hour(26)).copied().collect()
        };
        assert_eq!(before(&sight.prices), before(&without.prices), "{preset:?}");
        let all: Vec<&Seen> = sight.prices.iter().filter(|price| price.falsified.is_some()).collect();
        assert!(!all.is_empty(), "{preset:?}");
        for price in &all {
            assert!(price.at > SimTime::START + hour(26));
            // Half of the price, give or take what it has moved since.
            assert!((price.error_bp - 5_000.0).abs() < 1_500.0, "{price:?}");
        }
        let came_by = |way| all.iter().any(|price| price.falsified == Some(FalsePrice { fault: FaultId(0), way }));
        assert!(came_by(PriceWay::PushOpen) && came_by(PriceWay::Local), "{preset:?}");
        let after = all.iter().filter(|price| price.at > SimTime::START + hour(38)).count();
        assert!(after > 0, "what pools and instances hold outlasts the fault under {preset:?}");
    }
}

/// What is falsified by the factor 1 is true in its value, and wins by its timestamp alone: it is as wrong as it is old.
#[test]
fn a_timestamp_from_the_future_keeps_a_price_for_long() {
    let falsified = measure(&rogue_world(Preset::SevenStep, 1.0), 3, 0);
    let mut sound = rogue_world(Preset::SevenStep, 1.0);
    sound.faults.clear();
    let sound = measure(&sound, 3, 0);
    assert!(falsified.price_age.mean_s() > sound.price_age.mean_s());
    assert!(falsified.price_error.mean_s() > sound.price_error.mean_s());
    assert_eq!(
        (sound.prices_false, sound.visits_false, sound.false_after),
        (FalsePriceCounts::default(), 0, SimDuration::ZERO)
    );
    assert!(falsified.visits_false > 0 && falsified.false_after > SimDuration::ZERO);
}

/// A rogue server falsifies what it answers; whoever asks it keeps that as long as the timestamp makes it newer.
#[test]
fn a_rogue_server_answers_false_prices() {
    let mut config = rogue_world(Preset::SevenStep, 0.9);
    let FaultKind::Instances { at, .. } = &mut config.faults[0].kind else { unreachable!("it is one at instances") };
    *at = vec![FaultTarget { group: HUB, number: None }];
    let sight = sight_of(&config, 3);
    let last = sight.prices.iter().rfind(|price| price.falsified.is_some()).expect("a false price");
    let end = SimTime::START + hour(38);
    assert!(last.at > end, "{last:?}");
    let during = |price: &&Seen| price.at > SimTime::START + hour(27) && price.at < end;
    let (mut all, mut of_server) = (0, 0);
    for price in sight.prices.iter().filter(during) {
        all += 1;
        of_server += u32::from(price.falsified.is_some_and(|price| price.way == PriceWay::PushOpen));
    }
    assert!(of_server * 20 > all, "{of_server} of {all}");
}
