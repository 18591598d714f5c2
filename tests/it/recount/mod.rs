//! Every measure is what a plain count of the facts says, with messages lost, late and refused, and much under way at the
//! end.

mod counts;
mod table;

use gtnet_sim::measures;
use gtnet_sim::metrics::Collector;
use gtnet_sim::model::config::{
    ConnectorConfig, FaultConfig, FaultKind, FaultSpell, FaultTarget, FaultTimes, InstanceFault, PeeringConfig,
    WhenExceeded, WorldConfig,
};
use gtnet_sim::model::simulate;
use gtnet_sim::observe::{Fact, InstanceId, MessageEnd, MessageKind, Observer, PriceWay};
use gtnet_sim::protocol::{
    AcceptMode, CountedMessages, EnforcedBy, HistoricalExchange, Policy, Preset, Synchronisation,
};
use gtnet_sim::random::Distribution;
use gtnet_sim::time::{SimDuration, SimTime};

use crate::support::{CLIENT, HUB, around_the_clock, busy_world, layout};

use counts::{Run, one, seconds};
use table::RECOUNTS;

/// Keeps every fact.
#[derive(Default)]
struct Notes(Vec<(SimTime, Fact)>);

impl Observer for Notes {
    fn observe(&mut self, now: SimTime, fact: &Fact) {
        self.0.push((now, *fact));
    }
}

/// Two slow hubs, five clients with more instruments than the hubs take at once, senders who give up soon, and a provider
/// who takes so long that some visits never end.
fn world(preset: Preset, loss: f64) -> WorldConfig {
    let mut config = busy_world();
    (config.duration, config.warmup) = (SimDuration::from_hours(62), SimDuration::from_hours(12));
    config.policy = Policy {
        max_limit: Some(45),
        push_checked_share: 0.2,
        daily_request_limit: Some(120),
        daily_request_limit_enforced_by: EnforcedBy::Both,
        daily_request_limit_counts: CountedMessages::RequestsAndPushes,
        synchronisation: Synchronisation::Daily,
        synchronisation_lists: true,
        historical_exchange: HistoricalExchange::DailyRandom,
        ..Policy::of(preset)
    };
    config.network.history_days = 3;
    config.watchlist_timeout = SimDuration::from_secs(600);
    (config.network.loss, config.network.timeout) = (loss, SimDuration::from_secs(2));
    (config.network.message_base_bytes, config.network.message_instrument_bytes) = (700, 90);
    let slow = config.connectors[0].clone();
    config.connectors.push(ConnectorConfig {
        id: "stuck".to_owned(),
        serves: vec![(0, 0.05)],
        latency: Distribution::Exponential { mean: 3_000.0 },
        failure: 0.5,
        ..slow
    });
    let limit = config.connectors[1].rate_limit.as_mut().expect("the fast provider has one");
    (limit.requests, limit.when_exceeded) = (2, WhenExceeded::Wait);
    let hub = &mut config.groups[HUB];
    (hub.count, hub.workers, hub.service.base) = (2, 1, SimDuration::from_millis(900));
    // Hubs have users too, who look into their own pool first.
    (hub.users, hub.visits, hub.watchlist.instruments) =
        (2, Some(around_the_clock(40.0)), Distribution::Uniform { low: 5.0, high: 60.0 });
    let client = &mut config.groups[CLIENT];
    (client.count, client.users, client.visits) = (5, 2, Some(around_the_clock(60.0)));
    let ask = config.peerings[0].clone();
    config.peerings.push(PeeringConfig { from: CLIENT, to: CLIENT, ..ask.clone() });
    config.peerings.push(PeeringConfig { from: HUB, to: HUB, ..ask });
    config.faults.push(rogues());
    config
}

/// A hub and a client falsify prices twice, and before and after users see some that are true.
fn rogues() -> FaultConfig {
    let spell = |hour| FaultSpell { begins: SimDuration::from_hours(hour), lasts: SimDuration::from_hours(8) };
    FaultConfig {
        name: "rogues".to_owned(),
        kind: FaultKind::Instances {
            at: [HUB, CLIENT].map(|group| FaultTarget { group, number: Some(0) }).to_vec(),
            fault: InstanceFault::Rogue { ahead: SimDuration::from_secs(600), factor: 1.2 },
        },
        times: FaultTimes::Set(vec![spell(20), spell(40)]),
    }
}

/// Whether a measure is what was counted: quantiles of histograms to 0.1 % plus 1 µs, all else but for rounding.
fn agrees(name: &str, measured: f64, counted: f64) -> bool {
    let of_histogram = ["_p50", "_p95", "_p99"].iter().any(|order| name.ends_with(order));
    let tolerance = if of_histogram { 1e-3 * counted + 1e-6 } else { 1e-9 * counted.abs() };
    (measured - counted).abs() <= tolerance + 1e-12
}

#[test]
fn every_measure_is_what_a_plain_count_of_the_facts_says() {
    let names: Vec<&str> = RECOUNTS.iter().map(|(name, _)| *name).collect();
    let own = measures::ALL.iter().map(|measure| measure.name).filter(|name| !name.starts_with("open_"));
    assert_eq!(names, own.collect::<Vec<_>>(), "each has its recount");
    let mut mishaps = [0.0; 15];
    for preset in [Preset::SevenStep, Preset::GeneralFlow, Preset::Gt0365] {
        for loss in [0.0, 0.3, 0.7] {
            let config = world(preset, loss);
            let blueprint = crate::support::blueprint(&config);
            let mut observer = (Collector::new(&layout(&blueprint)), Notes::default());
            let closing = simulate(&blueprint, 5, 0, &mut observer);
            let (collector, Notes(facts)) = observer;
            let of_mode = |mode| {
                let those = (0_u32..).zip(blueprint.instances()).filter(move |(_, info)| info.mode == mode);
                those.map(|(id, _)| InstanceId(id)).collect()
            };
            let run = Run {
                facts,
                from: blueprint.warm_up_end(),
                until: blueprint.horizon(),
                hubs: of_mode(AcceptMode::PushOpen),
                workers: f64::from(config.groups[HUB].workers),
                pool_sizes: closing.pool_sizes.clone(),
            };
            // Clients ask each other, too.
            let of_open_servers = Run {
                hubs: of_mode(AcceptMode::Open),
                workers: f64::from(config.groups[CLIENT].workers),
                ..run.clone()
            };
            let measured = collector.finish(&closing.pool_sizes);
            for measure in measures::ALL {
                let (name, of) = match measure.name.strip_prefix("open_") {
                    Some(name) => (name, &of_open_servers),
                    None => (measure.name, &run),
                };
                let (_, recount) = RECOUNTS.iter().find(|(counted, _)| *counted == name).expect("it is counted");
                let (measured, counted) = (measure.evaluate(&measured), recount(of));
                let same = match (measured, counted) {
                    (Some(measured), Some(counted)) => agrees(name, measured, counted),
                    (measured, counted) => measured == counted,
                };
                assert!(same, "{preset:?}, loss {loss}: {} is {measured:?}, counted {counted:?}", measure.name);
            }
            for (sum, of_run) in mishaps.iter_mut().zip(mishaps_of(&run)) {
                *sum += of_run;
            }
        }
    }
    // Else the counts would agree whatever was counted.
    assert!(mishaps.iter().all(|mishap| *mishap > 0.0), "too little goes wrong: {mishaps:?}");
}

/// What is refused, who gives up, visits and calls that do not end, calls that are held back, and prices that pools have taken
/// though their senders do not know;
/// false prices by each way, and how long they stay; checks, what limits keep back, and whom checks hit.
fn mishaps_of(run: &Run) -> [f64; 15] {
    let acknowledged = run.sum(|_, fact| match *fact {
        Fact::MessageEnded { sent, kind: MessageKind::Push, end: MessageEnd::Answered(accepted), .. }
            if sent >= run.from =>
        {
            f64::from(accepted)
        }
        _ => 0.0,
    });
    let false_prices = |way| run.false_share(|of| of == way).unwrap_or(0.0);
    [
        run.served(|_, _, result| one(result.is_none())),
        run.ended(|_, _, end| end == MessageEnd::TimedOut),
        run.visits() - run.waits().len() as f64,
        run.calls(|_, _| 1.0) - run.answers(|_| 1.0),
        run.calls(|_, held_back| seconds(held_back)),
        run.taken(|result| result.map_or(0.0, f64::from)) - acknowledged,
        false_prices(PriceWay::OwnPool),
        false_prices(PriceWay::PushOpen),
        false_prices(PriceWay::Open),
        false_prices(PriceWay::Local),
        run.false_prices_last(),
        run.checks(),
        run.kept_back(),
        run.distrusted(|is_rogue| is_rogue),
        run.distrusted(|is_rogue| !is_rogue),
    ]
}
