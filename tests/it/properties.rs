//! What holds in every world, however odd.

use std::collections::BTreeMap;

use gtnet_sim::metrics::Measurements;
use gtnet_sim::model::config::{
    ConnectorConfig, PeerSelection, PeeringConfig, RateLimit, RateScope, RttConfig, ServiceShape, ShiftedLognormal,
    Stamp, WatchlistConfig, WhenExceeded, WorldConfig,
};
use gtnet_sim::observe::{Fact, MessageEnd, MessageKind, Observer};
use gtnet_sim::protocol::{
    AcceptMode, CallReason, CountedMessages, EnforcedBy, MaxLimitAction, PeerViews, Policy, Preset,
};
use gtnet_sim::random::Distribution;
use gtnet_sim::time::{SimDuration, SimTime};
use proptest::prelude::*;

use crate::support::{around_the_clock, group, ideal_world, measure, watch};

/// Follows every single exchange and message, and fails at the first that does what it may not do.
#[derive(Default)]
struct Audit {
    now: SimTime,
    /// By the beginning of the visit.
    exchanges: BTreeMap<SimTime, Exchange>,
    /// Requests and pushes under way, by the time they were sent.
    messages: BTreeMap<SimTime, u32>,
    sent: u64,
    ended: u64,
    /// At servers: arrived, not yet served.
    at_servers: i64,
    /// Round trips in which a connection is set up.
    setup_rtts: u64,
    /// By server: checks of pushed prices, and prices taken from pushes.
    checks: BTreeMap<u32, (u32, u32)>,
    /// When the checks under way reached their providers.
    checked: Vec<SimTime>,
}

/// After so long senders give up.
const PATIENCE: SimDuration = SimDuration::from_secs(5);

#[derive(Default)]
struct Exchange {
    instruments: u32,
    settled: u32,
    calls: u32,
    answers: u32,
}

impl Observer for Audit {
    fn observe(&mut self, now: SimTime, fact: &Fact) {
        assert!(now >= self.now, "time runs backwards");
        self.now = now;
        match *fact {
            Fact::ExchangeBegan { instruments, .. } => {
                let begun = self.exchanges.insert(now, Exchange { instruments, ..Exchange::default() });
                assert!(begun.is_none(), "two visits in the same nanosecond: choose another seed");
            }
            Fact::ConnectorCalled { reason: CallReason::PushCheck, instance, .. } => {
                let (checks, taken) = self.checks.entry(instance.0).or_default();
                *checks += 1;
                assert!(checks <= taken, "a check of a price that the server has not taken");
                self.checked.push(now);
            }
            Fact::ServiceEnded { server, kind: MessageKind::Push, result: Some(taken), .. } => {
                self.serve();
                self.checks.entry(server.0).or_default().1 += taken;
            }
            Fact::ConnectorCalled { began, .. } => self.of(began).calls += 1,
            // Checks go on when the exchange is over.
            Fact::ConnectorAnswered { latency, .. } if self.ends_check(now, latency) => {}
            Fact::ConnectorAnswered { began, .. } => {
                let exchange = self.of(began);
                exchange.answers += 1;
                assert!(exchange.answers <= exchange.calls, "an answer without a call");
            }
            Fact::Settled { began, .. } => self.of(began).settled += 1,
            Fact::ResultShown { began, exchanged: true, .. } => {
                let exchange = self.exchanges.remove(&began).expect("a result belongs to an exchange, once");
                assert_eq!(exchange.settled, exchange.instruments, "every instrument ends exactly once");
                assert_eq!(exchange.answers, exchange.calls, "the result waits for all connectors");
                assert!(exchange.calls <= exchange.instruments, "an instrument's connector is called at most once");
            }
            Fact::ExchangeUnfinished { began, .. } => {
                self.exchanges.remove(&began).expect("an unfinished exchange is one that began, and is told once");
            }
            Fact::MessageSent { .. } => {
                self.sent += 1;
                *self.messages.entry(now).or_default() += 1;
            }
            Fact::MessageEnded { sent, end, .. } => {
                self.ended += 1;
                let under_way = self.messages.get_mut(&sent).expect("a message ends that was sent");
                *under_way = under_way.checked_sub(1).expect("a message ends once");
                if end == MessageEnd::TimedOut {
                    assert_eq!(now.since(sent), PATIENCE);
                }
            }
            Fact::Arrived { sent, .. } => {
                self.at_servers += 1;
                // Set-up and half a round trip, rounded down.
                let rtt = (2 * now.since(sent).as_nanos()).div_ceil(2 * self.setup_rtts + 1);
                assert!(
                    self.setup_rtts * rtt < PATIENCE.as_nanos(),
                    "arrived, but its sender gave up before sending it"
                );
            }
            Fact::ServiceEnded { .. } => self.serve(),
            Fact::PriceShown { age, split, .. } => assert_eq!(age, split.map(|split| split.total())),
            _ => {}
        }
    }
}

impl Audit {
    fn serve(&mut self) {
        self.at_servers -= 1;
        assert!(self.at_servers >= 0, "served what had not arrived");
    }

    /// Whether what a connector answers now is a check, which began that long ago.
    fn ends_check(&mut self, now: SimTime, latency: SimDuration) -> bool {
        let check = self.checked.iter().position(|called| *called + latency == now);
        check.map(|at| self.checked.swap_remove(at)).is_some()
    }

    fn of(&mut self, began: SimTime) -> &mut Exchange {
        self.exchanges.get_mut(&began).expect("an exchange that is under way")
    }
}

prop_compose! {
    fn provider(index: usize)(
        share in prop_oneof![Just(0.0), Just(1.0), 0.0..1.0],
        delay_s in prop_oneof![Just(0_u64), Just(60), Just(900)],
        latency_s in 0.0..3.0_f64,
        failure in prop_oneof![Just(0.0), Just(1.0), 0.0..0.5],
        now in any::<bool>(),
        limit in prop::option::of((1_u32..20, 1_u64..120, any::<bool>(), any::<bool>())),
    ) -> ConnectorConfig {
        ConnectorConfig {
            id: format!("provider-{index}"),
            serves: vec![(0, share)],
            weight: 1.0,
            delay: SimDuration::from_secs(delay_s),
            latency: Distribution::Exponential { mean: latency_s },
            failure,
            stamp: if now { Stamp::Now } else { Stamp::Trade },
            rate_limit: limit.map(|(requests, per, shared, fail)| RateLimit {
                requests,
                per: SimDuration::from_secs(per),
                scope: if shared { RateScope::Shared } else { RateScope::Instance },
                when_exceeded: if fail { WhenExceeded::Fail } else { WhenExceeded::Wait },
                blocks_for: None,
            }),
            plans: Vec::new(),
        }
    }
}

fn mode() -> impl Strategy<Value = AcceptMode> {
    prop_oneof![Just(AcceptMode::Closed), Just(AcceptMode::Open), Just(AcceptMode::PushOpen)]
}

prop_compose! {
    fn policy()(
        preset in prop::sample::select(&Preset::ALL[..]),
        threshold_s in prop::option::of(1_u64..3_000),
        max_limit in prop_oneof![Just(None), Just(Some(300)), (1_u32..6).prop_map(Some)],
        action in prop::sample::select(&[MaxLimitAction::Refuse, MaxLimitAction::Truncate, MaxLimitAction::Split][..]),
        daily_request_limit in prop::option::of(0_u32..40),
        enforced_by in prop::sample::select(
            &[EnforcedBy::Nobody, EnforcedBy::Server, EnforcedBy::Client, EnforcedBy::Both][..]
        ),
        counts in prop::sample::select(&[CountedMessages::Requests, CountedMessages::All][..]),
        switches in any::<[bool; 4]>(),
        (checked, ahead_s) in (prop_oneof![Just(0.0), Just(1.0), 0.0..1.0], prop::option::of(0_u64..100)),
        (tolerance_bp, distrust_s) in (prop_oneof![Just(0.0), 0.0..50.0_f64], 0_u64..20_000),
    ) -> Policy {
        let [saved, logged, claims, messages] = switches;
        Policy {
            freshness_threshold: threshold_s.map(SimDuration::from_secs),
            max_limit,
            max_limit_action: action,
            daily_request_limit,
            daily_request_limit_enforced_by: enforced_by,
            daily_request_limit_counts: counts,
            received_prices_saved: saved,
            failed_requests_logged: logged,
            connector_claims: claims,
            push_checked_share: checked,
            push_check_tolerance_bp: tolerance_bp,
            push_check_ahead: ahead_s.map(SimDuration::from_secs),
            push_distrust: SimDuration::from_secs(distrust_s),
            peer_views: if messages { PeerViews::Messages } else { PeerViews::Ideal },
            ..Policy::of(preset)
        }
    }
}

prop_compose! {
    pub(crate) fn world()(
        groups in prop::collection::vec((1_u32..5, mode(), 0_u32..3, 1_u32..3, any::<bool>(), 0.0..1.0_f64), 1..4),
        edges in prop::collection::vec((0_usize..4, 0_usize..4, 0_u16..3, 0_u32..3), 0..8),
        providers in (provider(0), provider(1)),
        instruments in (1_u32..20, 0_u32..5, 1_u32..12),
        loss in prop_oneof![Just(0.0), 0.0..0.4],
        policy in policy(),
        rtt_s in 0.0..4.0_f64,
        setup_rtts in 0_u32..4,
        timeout_s in prop_oneof![Just(0_u64), Just(1_200)],
    ) -> WorldConfig {
        let mut config = ideal_world(1);
        config.duration = SimDuration::from_hours(12);
        config.warmup = SimDuration::from_hours(3);
        config.policy = policy;
        config.watchlist_timeout = SimDuration::from_secs(timeout_s);
        (config.instruments.securities, config.instruments.currency_pairs) = (instruments.0, instruments.1);
        config.instruments.currency_pair_share = if instruments.1 == 0 { 0.0 } else { 0.3 };
        config.network.rtt = RttConfig::Anywhere(ShiftedLognormal { minimum_s: 0.01, median_s: rtt_s, sigma: 1.0 });
        config.network.loss = loss;
        config.network.connection_setup_rtts = setup_rtts;
        config.network.timeout = PATIENCE;
        config.connectors = vec![providers.0, providers.1];
        let count = groups.len();
        config.groups = groups
            .into_iter()
            .enumerate()
            .map(|(at, (members, mode, users, workers, gtnet, flags))| {
                let mut group = group(&format!("group-{at}"), members, mode);
                group.gtnet = gtnet;
                (group.users, group.workers) = (users, workers);
                (group.receive, group.send) = (flags, 1.0 - flags / 2.0);
                group.service.per_instrument = SimDuration::from_millis(200);
                group.service.shape = ServiceShape::Exponential;
                group.visits = Some(around_the_clock(60.0));
                let size = Distribution::Uniform { low: 1.0, high: f64::from(instruments.2) };
                group.watchlist = WatchlistConfig { instruments: size, per_user: 2 };
                group
            })
            .collect();
        config.peerings = edges
            .into_iter()
            .map(|(from, to, priority, random)| PeeringConfig {
                from: from % count,
                to: to % count,
                select: if random == 0 { PeerSelection::All } else { PeerSelection::Random(random) },
                // Whoever takes no part must not be asked.
                priority: if config.groups[to % count].gtnet { priority } else { 0 },
                granted: random != 2,
            })
            .collect();
        config
    }
}

fn assert_sums(measured: &Measurements) {
    let messages = &measured.messages;
    assert!(messages.lost <= 2 * messages.sent, "a message can get lost on its way and on its way back");
    let by_provider: u64 = measured.connectors.iter().map(gtnet_sim::metrics::ConnectorMeasurements::total_calls).sum();
    let by_instance: u64 = measured.instances.iter().map(|instance| instance.connector_calls).sum();
    assert_eq!(by_provider, by_instance);
    let fills = &measured.fills;
    let checks: u64 = measured.connectors.iter().map(gtnet_sim::metrics::ConnectorMeasurements::checks).sum();
    let by_exchanges = by_provider - checks;
    assert!(fills.connector + fills.connector_failed <= by_exchanges, "a connector's outcome needs a call");
    assert!(by_exchanges <= fills.total() + measured.instruments_unsettled, "an instrument is called for at most once");
    assert!(measured.push_back.accepted <= measured.push_back.prices);
    let stale: u64 = measured.prices_stale.iter().sum();
    assert_eq!(measured.price_age.count(), measured.prices_fresh + stale, "each old price has one cause");
    let ages = measured.connectors.iter().map(|provider| provider.age);
    let (prices, nanos) = ages.fold((0, 0), |(prices, nanos), age| (prices + age.prices, nanos + age.total_nanos()));
    let whole = (measured.price_age.count(), measured.price_age.sum_nanos());
    assert_eq!((prices, nanos), whole, "the parts of all ages are all of them");
    assert!(measured.user_wait.count() <= measured.visits && measured.exchanges <= measured.visits);
    for server in &measured.servers {
        assert!((0.0..=1.0).contains(&server.utilisation), "utilisation {}", server.utilisation);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_exchange_and_message_ends_exactly_once(config in world(), seed in 0_u64..1_000) {
        let mut audit =
            Audit { setup_rtts: u64::from(config.network.connection_setup_rtts), ..Audit::default() };
        watch(&config, seed, &mut audit);
        prop_assert!(audit.exchanges.is_empty(), "every exchange has shown its result or is told to be unfinished");
        let under_way: u32 = audit.messages.values().sum();
        prop_assert_eq!(audit.sent, audit.ended + u64::from(under_way));
        assert_sums(&measure(&config, seed, 0));
    }
}
