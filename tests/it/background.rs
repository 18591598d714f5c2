//! Load in the background: synchronisations and exchanges of historical prices, worked out by hand for two clients and a hub.

use gtnet_sim::measures;
use gtnet_sim::metrics::ServerMeasurements;
use gtnet_sim::model::config::{VisitsConfig, WorldConfig};
use gtnet_sim::observe::{Fact, InstanceId, MessageKind, Observer};
use gtnet_sim::protocol::{
    CountedMessages, EnforcedBy, HistoricalExchange, Policy, Preset, Synchronisation, ViolationSources,
};
use gtnet_sim::random::Distribution;
use gtnet_sim::time::{SimDuration, SimTime};

use crate::support::{CLIENT, around_the_clock, ideal_world, measure, watch};

/// A day of two clients, each with the same four securities and two currency pairs, whose users are away. An instrument takes
/// 150 bytes, and three times as many with its history.
fn world(preset: Preset) -> WorldConfig {
    let mut config = ideal_world(2);
    (config.duration, config.warmup) = (SimDuration::from_days(1), SimDuration::ZERO);
    config.policy = Policy {
        synchronisation: Synchronisation::Daily,
        synchronisation_lists: true,
        historical_exchange: HistoricalExchange::Daily,
        ..Policy::of(preset)
    };
    (config.instruments.securities, config.instruments.currency_pairs) = (4, 2);
    config.instruments.currency_pair_share = 0.3;
    config.groups[CLIENT].watchlist.instruments = Distribution::Constant(6.0);
    config.groups[CLIENT].visits = None;
    let network = &mut config.network;
    (network.message_base_bytes, network.message_instrument_bytes, network.history_days) = (400, 150, 3);
    config
}

fn hub(config: &WorldConfig) -> ServerMeasurements {
    measure(config, 1, 0).servers.remove(0)
}

/// Synchronisations with their bytes, messages on historical prices with theirs, and rows stored.
fn background(config: &WorldConfig) -> [u64; 5] {
    let hub = hub(config);
    [hub.synchronisations, hub.synchronisation_bytes, hub.histories, hub.history_bytes, hub.rows]
}

/// What happened to messages of a kind at the hub.
struct Arrivals(MessageKind, Vec<(InstanceId, f64)>);

impl Observer for Arrivals {
    fn observe(&mut self, now: SimTime, fact: &Fact) {
        if let Fact::Arrived { kind, from, server: InstanceId(0), .. } = *fact
            && kind == self.0
        {
            self.1.push((from, now.as_secs_f64() / 3_600.0));
        }
    }
}

fn arrivals(config: &WorldConfig, kind: MessageKind) -> Vec<(InstanceId, f64)> {
    let mut arrivals = Arrivals(kind, Vec::new());
    watch(config, 1, &mut arrivals);
    arrivals.1
}

/// A client's synchronisation: 400 + 6 × 150, and 400 back, as the hub has no instruments of its own. A client asks a hub that knows
/// nothing for historical prices, and then tells it: (400 + 4 × 150) + (400 + 4 × 450) for securities, (400 + 2 × 150) + (400 + 2 × 450)
/// for pairs. Each of the four messages has 400 back.
#[test]
fn a_hub_that_knows_nothing_is_asked_and_told() {
    let config = world(Preset::SevenStep);
    assert_eq!(background(&config), [2, 2 * (1_300 + 400), 8, 2 * (5_200 + 4 * 400), 2 * 10]);
    let measured = measure(&config, 1, 0);
    let value = |name: &str| measures::find(name).expect("a measure").evaluate(&measured).expect("a value");
    for (name, expected) in [
        ("server_synchronisations", 2.0),
        ("server_history_messages", 8.0),
        ("server_message_rows", 20.0),
        ("server_message_rows_held", 20.0),
        ("server_synchronisation_bytes", 3_400.0 / 86_400.0),
        ("server_arrivals", 10.0 / 86_400.0),
    ] {
        assert!((value(name) - expected).abs() < 1e-12, "{name}: {}", value(name));
    }
}

/// Clients then get everything with the two requests, 400 + 4 × 450 and 400 + 2 × 450 back, and have nothing to push.
#[test]
fn a_hub_that_knows_all_gets_no_push() {
    let mut config = world(Preset::SevenStep);
    config.groups[CLIENT].visits = Some(VisitsConfig { per_day: 200.0, ..around_the_clock(200.0) });
    let hub = hub(&config);
    assert_eq!((hub.histories, hub.history_bytes), (4, 2 * (1_000 + 700 + 2_200 + 1_300)));
}

#[test]
fn each_switch_of_the_background_does_what_it_says() {
    let with = |change: fn(&mut Policy)| {
        let mut config = world(Preset::SevenStep);
        change(&mut config.policy);
        background(&config)
    };
    let all = with(|_| {});
    assert_eq!(with(|policy| policy.historical_exchange = HistoricalExchange::None), [2, all[1], 0, 0, 4]);
    assert_eq!(with(|policy| policy.synchronisation = Synchronisation::Ideal), [0, 0, 8, all[3], 16]);
    assert_eq!(with(|policy| policy.synchronisation_lists = false), [2, 4 * 400, 8, all[3], 20]);
    let random = |policy: &mut Policy| {
        policy.historical_exchange = HistoricalExchange::DailyRandom;
        policy.synchronisation = Synchronisation::DailyRandom;
    };
    assert_eq!(with(random), all, "only the times differ");
}

#[test]
fn instances_do_it_at_one_time_or_each_at_its_own() {
    let mut config = world(Preset::SevenStep);
    let hours = |config: &WorldConfig, kind| -> Vec<f64> { arrivals(config, kind).iter().map(|(_, at)| *at).collect() };
    assert_eq!(hours(&config, MessageKind::Synchronisation), [2.0; 2]);
    assert_eq!(hours(&config, MessageKind::History), [5.9; 4]);
    config.policy.historical_exchange = HistoricalExchange::DailyRandom;
    config.policy.synchronisation = Synchronisation::DailyRandom;
    for (kind, first) in [(MessageKind::Synchronisation, 2.0), (MessageKind::History, 5.0)] {
        let times = hours(&config, kind);
        assert!(times.iter().all(|at| (first..first + 3.0).contains(at)), "{times:?}");
        assert!((times[0] - times[times.len() - 1]).abs() > 1e-3, "{times:?}");
    }
    config.duration = SimDuration::from_days(3);
    let every_day: Vec<f64> = arrivals(&config, MessageKind::History)
        .iter()
        .filter(|(from, _)| *from == InstanceId(1))
        .map(|(_, at)| *at)
        .collect();
    assert_eq!(every_day.len(), 6, "two parts on each of three days");
    assert!((every_day[4] - every_day[0] - 48.0).abs() < 1e-6, "always at the same time");
}

/// Of three messages a day, a client spends one on the synchronisation, one on the request for securities, and one on the push.
#[test]
fn a_daily_limit_of_all_messages_counts_the_background() {
    for (counts, messages) in
        [(CountedMessages::All, 6), (CountedMessages::RequestsAndSynchronisations, 10), (CountedMessages::Requests, 10)]
    {
        for enforced_by in [EnforcedBy::Client, EnforcedBy::Server] {
            let mut config = world(Preset::Gt0369);
            config.policy.daily_request_limit = Some(3);
            config.policy.daily_request_limit_counts = counts;
            config.policy.daily_request_limit_enforced_by = enforced_by;
            let hub = hub(&config);
            assert_eq!(hub.synchronisations + hub.histories - hub.refused, messages, "{counts:?} {enforced_by:?}");
            assert_eq!(hub.rows, 2 * messages, "a message beyond the limit leaves no row");
        }
    }
}

/// Both synchronisations come at 02:00 to a server with one worker that takes 20 minutes for one. If the second may not wait for more
/// than 10, its sender gets an error at 02:10, which costs the server nothing.
#[test]
fn a_message_waits_for_a_worker_only_as_long_as_it_may() {
    let of = |max_wait: Option<u64>| {
        let mut config = world(Preset::SevenStep);
        config.policy.historical_exchange = HistoricalExchange::None;
        config.network.timeout = SimDuration::from_hours(2);
        let hub = &mut config.groups[crate::support::HUB];
        (hub.workers, hub.service.base) = (1, SimDuration::from_secs(1_200));
        hub.max_wait = max_wait.map(SimDuration::from_secs);
        let measured = measure(&config, 1, 0);
        let busy = measured.servers[0].utilisation * 86_400.0;
        let hub = &measured.servers[0];
        (hub.waited_out, hub.rows, measured.messages.refused, libm::round(busy), hub.queue_wait.unfinished())
    };
    assert_eq!(of(None), (0, 4, 0, 2_400.0, 0));
    assert_eq!(of(Some(1_201)), (0, 4, 0, 2_400.0, 0));
    assert_eq!(of(Some(600)), (1, 2, 1, 1_200.0, 1));
}

/// Four securities are more than three, and two pairs are not. Whoever is refused pushes nothing of that part.
#[test]
fn a_request_for_too_much_history_may_block_its_sender() {
    for (sources, refused) in [
        (ViolationSources::Prices, 2),
        (ViolationSources::PricesAndSynchronisations, 2),
        (ViolationSources::PricesAndHistory, 4),
        (ViolationSources::All, 4),
    ] {
        let mut config = world(Preset::Gt0369);
        config.policy.max_limit = Some(3);
        config.policy.sync_max_items = gtnet_sim::protocol::SyncMaxItems::Unlimited;
        (config.policy.violation_block, config.policy.violation_sources) = (Some(1), sources);
        let hub = hub(&config);
        assert_eq!(hub.refused, refused, "{sources:?}");
        assert_eq!(hub.rows, 2 * (hub.synchronisations + hub.histories), "who is blocked leaves rows, too");
        let pushes = arrivals(&config, MessageKind::HistoryPush).len();
        assert_eq!(pushes, if refused == 2 { 2 } else { 0 });
    }
}
