//! What happens in a world: one handler for each kind of event. A handler may change anything in the
//! `World`; the code that defines the state calls no handler.

mod announcements;
mod checks;
mod connectors;
mod exchanges;
mod faults;
mod folding;
mod history;
mod limits;
mod refreshes;
mod replies;
mod rounds;
mod sending;
mod serving;
mod sources;
mod transfers;
mod visits;

use crate::engine::{self, Scheduler};
use crate::time::SimTime;

use super::event::Event;
use super::world::World;

impl engine::Model for World<'_> {
    type Event = Event;

    fn handle(&mut self, event: Event, scheduler: &mut Scheduler<Event>) {
        match event {
            Event::Visit { user } => self.visit(user, scheduler),
            Event::ExtraVisit { user } => self.extra_visit(user, scheduler),
            Event::ExchangeHistory { instance } => self.exchange_history(instance, scheduler),
            Event::Synchronise { instance } => self.synchronise(instance, scheduler),
            Event::MessageArrives { message } => self.message_arrives(message, scheduler),
            Event::WaitEnds { message } => self.wait_ends(message, scheduler),
            Event::Served { message } => self.message_served(message, scheduler),
            Event::ReplyArrives { message } => self.reply_arrives(message, scheduler),
            Event::TimedOut { message } => self.message_timed_out(message, scheduler),
            Event::ConnectionRefused { message } => self.connection_refused(message, scheduler),
            Event::FaultTurns { place } => self.fault_turns(place, scheduler),
            Event::Announce { place } => self.announce(place, scheduler),
            Event::StartUpCheck { instance } => self.start_up_check(instance, scheduler),
            Event::RefreshPool { instance } => self.refresh_pool(instance, scheduler),
            Event::RefreshPlaced { refresh, place } => self.refresh_placed(refresh, place as usize, scheduler),
            Event::RefreshAnswered { refresh, place } => self.refresh_answered(refresh, place as usize, scheduler),
            Event::CheckPlaced { check } => self.check_placed(check, scheduler),
            Event::CheckAnswered { check } => self.check_answered(check, scheduler),
            Event::CallsEnd { running } => self.calls_end(running, scheduler),
            Event::CallPlaced { running, position } => self.call_placed(running, position as usize, scheduler),
            Event::ConnectorAnswers { running, position } => {
                self.connector_answers(running, position as usize, scheduler);
            }
        }
    }
}

impl World<'_> {
    /// Schedules the events from which all others follow.
    pub(super) fn begin(&mut self, scheduler: &mut Scheduler<Event>) {
        self.transcribe(SimTime::START, World::line_of_world);
        self.begin_faults(scheduler);
        for user in 0..u32::try_from(self.population.users.len()).expect("fewer than 2^32 users") {
            self.schedule_visit(user, scheduler);
        }
        self.schedule_synchronisations(scheduler);
        self.schedule_histories(scheduler);
        self.schedule_refreshes(scheduler);
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::model::Blueprint;
    use crate::model::config::{
        ClockConfig, ConnectorConfig, FaultConfig, FaultKind, FaultSpell, FaultTarget, FaultTimes, GroupConfig,
        InstanceFault, InstrumentsConfig, MarketConfig, NetworkConfig, PeerSelection, PeeringConfig, RttConfig,
        ServiceConfig, ServiceShape, ShiftedLognormal, Stamp, VisitsConfig, WatchlistConfig, WorldConfig,
    };
    use crate::model::health::Health;
    use crate::model::message::MessagePlace;
    use crate::model::population::Details;
    use crate::observe::{Fact, InstanceId, MessageKind, Observer};
    use crate::protocol::{AcceptMode, Online, PeerId, Policy, Preset};
    use crate::random::{Distribution, Streams};
    use crate::time::civil::{DailyHours, Zone};
    use crate::time::{SimDuration, Timestamp};

    const HUB: InstanceId = InstanceId(0);
    const CLIENT: InstanceId = InstanceId(1);

    /// Five clients and their hub, for a day; messages and connector calls are under way for seconds.
    fn slow_world(preset: Preset) -> Blueprint {
        let utc = || Zone::named("UTC").expect("a zone");
        let group = |name: &str, count, mode| GroupConfig {
            name: name.to_owned(),
            count,
            mode,
            gtnet: true,
            countries: Vec::new(),
            cores: 1,
            workers: 1,
            max_wait: None,
            service: ServiceConfig {
                base: SimDuration::from_secs(5),
                per_instrument: SimDuration::ZERO,
                shape: ServiceShape::Exponential,
            },
            clock: ClockConfig::perfect(),
            users: 4,
            watchlist: WatchlistConfig { instruments: Distribution::Constant(9.0), per_user: 1 },
            visits: Some(VisitsConfig { per_day: 200.0, hourly: [1.0; 24], weekend: 1.0, zone: utc() }),
            receive: 1.0,
            send: 1.0,
            churn: None,
            policy: None,
            price: None,
        };
        let rtt = ShiftedLognormal { minimum_s: 10.0, median_s: 0.0, sigma: 0.0 };
        let config = WorldConfig {
            start: Timestamp::from_unix_secs(1_772_409_600),
            duration: SimDuration::from_days(1),
            warmup: SimDuration::ZERO,
            topology: None,
            policy: Policy::of(preset),
            watchlist_timeout: SimDuration::ZERO,
            instruments: InstrumentsConfig {
                securities: 20,
                currency_pairs: 0,
                currency_pair_share: 0.0,
                zipf_exponent: 1.0,
                security_markets: vec![(0, 1.0)],
                currency_market: 0,
                security_volatility: 0.25,
                currency_volatility: 0.08,
            },
            markets: vec![MarketConfig {
                mic: "ALL".to_owned(),
                zone: utc(),
                hours: vec![DailyHours { open_minute: 0, close_minute: 1_440 }],
            }],
            network: NetworkConfig {
                rtt: RttConfig::Anywhere(rtt),
                pair_share: 0.0,
                loss: 0.01,
                connection_setup_rtts: 0,
                timeout: SimDuration::from_secs(120),
                message_base_bytes: 0,
                message_instrument_bytes: 0,
                history_days: 1,
            },
            connectors: vec![ConnectorConfig {
                id: "slow".to_owned(),
                serves: vec![(0, 1.0)],
                weight: 1.0,
                delay: SimDuration::ZERO,
                latency: Distribution::Constant(30.0),
                failure: 0.1,
                stamp: Stamp::Now,
                rate_limit: None,
                plans: Vec::new(),
            }],
            groups: vec![group("hub", 1, AcceptMode::PushOpen), group("client", 5, AcceptMode::Open)],
            peerings: vec![PeeringConfig { from: 1, to: 0, select: PeerSelection::All, priority: 10, granted: true }],
            faults: Vec::new(),
        };
        Blueprint::new(config.validate().expect("a valid world"))
    }

    /// How many requests have reached the hub, and exchanges of the first client have begun.
    #[derive(Default)]
    struct Heard {
        at_hub: Cell<u32>,
        begun_at_client: Cell<u32>,
    }

    impl Heard {
        fn so_far(&self) -> (u32, u32) {
            (self.at_hub.get(), self.begun_at_client.get())
        }
    }

    impl Observer for &Heard {
        fn observe(&mut self, _now: SimTime, fact: &Fact) {
            match fact {
                Fact::Arrived { server: HUB, kind: MessageKind::Request, .. } => self.at_hub.update(|n| n + 1),
                Fact::ExchangeBegan { instance: CLIENT, .. } => self.begun_at_client.update(|n| n + 1),
                _ => {}
            }
        }
    }

    fn run(world: &mut World<'_>, scheduler: &mut Scheduler<Event>, hours: u64) {
        engine::run(world, scheduler, SimTime::START + SimDuration::from_hours(hours), u64::MAX);
        world.assert_laws(scheduler);
    }

    /// A crash that loses the pool, for five hours.
    fn crash(at: FaultTarget, begins: SimDuration) -> FaultConfig {
        FaultConfig {
            name: "crash".to_owned(),
            kind: FaultKind::Instances { at: vec![at], fault: InstanceFault::Crash { pool_kept: false } },
            times: FaultTimes::Set(vec![FaultSpell { begins, lasts: SimDuration::from_hours(5) }]),
        }
    }

    /// A moment after 9:00 at which an instance is calling connectors.
    fn moment_of_calls(blueprint: &Blueprint, caller: InstanceId) -> SimDuration {
        let (mut nobody, mut scheduler) = ((), Scheduler::new());
        let mut world = World::new(blueprint, Streams::new(1, 0), &mut nobody);
        world.begin(&mut scheduler);
        run(&mut world, &mut scheduler, 9);
        let is_calling = |world: &World<'_>| {
            let mut of_instance = world.running.iter().filter(|(_, running)| running.visit.instance == caller);
            of_instance.any(|(_, running)| running.calls.iter().any(Option::is_some))
        };
        let ten = SimTime::START + SimDuration::from_hours(10);
        while !is_calling(&world) {
            engine::run(&mut world, &mut scheduler, ten, 1);
            assert!(scheduler.now() < ten, "no connector is called in an hour");
        }
        scheduler.now().since_start() + SimDuration::from_nanos(1)
    }

    #[test]
    fn nothing_reaches_an_instance_that_is_down_and_it_does_nothing() {
        for (preset, down) in [(Preset::SevenStep, HUB), (Preset::Gt0365, HUB), (Preset::Gt0365, CLIENT)] {
            let usual = slow_world(preset);
            let begins = moment_of_calls(&usual, down);
            let mut config = usual.config().clone().into_config();
            let target = FaultTarget { group: usize::from(down == CLIENT), number: Some(0) };
            config.faults = vec![crash(target, begins)];
            let blueprint = Blueprint::new(config.validate().expect("a valid world"));
            let (heard, mut scheduler) = (Heard::default(), Scheduler::new());
            let mut observer = &heard;
            let mut world = World::new(&blueprint, Streams::new(1, 0), &mut observer);
            world.begin(&mut scheduler);
            let crash = SimTime::START + begins + SimDuration::from_nanos(1);
            engine::run(&mut world, &mut scheduler, crash, u64::MAX);
            world.assert_laws(&scheduler);
            assert!(world.running.iter().all(|(_, running)| running.visit.instance != down), "all is given up");
            assert_eq!(world.population.instances[down.index()].pool.size(), 0, "its pool is lost");
            let before = heard.so_far();
            assert!(before.0 > 10 && before.1 > 10, "something happens while all are up");
            run(&mut world, &mut scheduler, 14);
            let afternoon = heard.so_far();
            if down == HUB {
                assert_eq!(afternoon.0, before.0, "nothing reaches a hub that is down");
                assert!(afternoon.1 > before.1, "clients go on without it");
            } else {
                assert_eq!(afternoon.1, before.1, "whose instance is down opens no watchlist");
                assert!(afternoon.0 > before.0, "the others go on asking the hub");
            }
            run(&mut world, &mut scheduler, 24);
            assert!(heard.so_far().0 > afternoon.0, "whoever is up again is heard again");
            assert!(heard.so_far().1 > afternoon.1, "and opens watchlists again");
        }
    }

    #[test]
    fn it_is_known_how_far_peers_cover_a_watchlist() {
        let mut config = WorldConfig::clone(slow_world(Preset::SevenStep).config());
        config.groups[1].receive = 0.7;
        config.groups[1].send = 0.6;
        config.peerings.push(PeeringConfig { from: 1, to: 1, select: PeerSelection::All, priority: 10, granted: true });
        let blueprint = Blueprint::new(config.validate().expect("a valid world"));
        let (mut nobody, mut scheduler) = ((), Scheduler::new());
        let mut world = World::new(&blueprint, Streams::new(1, 0), &mut nobody);
        world.begin(&mut scheduler);
        run(&mut world, &mut scheduler, 12);
        let mut coverages = Vec::new();
        for (_, running) in world.running.iter() {
            let peers = &world.population.instances[running.visit.instance.index()].peers;
            let known = Details {
                instances: &world.population.instances,
                peers,
                coverage: world.population.covered(&running.visit),
            };
            let counted = Details { coverage: &[], ..known };
            for peer in (0..).zip(peers).map(|(number, _)| PeerId(number)) {
                let coverage = running.exchange.set().coverage(&counted, peer);
                assert_eq!(running.exchange.set().coverage(&known, peer), coverage);
                coverages.push(coverage);
            }
        }
        assert!(coverages.iter().any(|coverage| (1..9).contains(coverage)), "{coverages:?}");
    }

    /// In 0.36.5 a reply to a request changes no view: only the check can tell this client.
    #[test]
    fn a_status_check_finds_out_who_is_busy() {
        let blueprint = slow_world(Preset::Gt0365);
        for is_busy in [false, true] {
            let (mut nobody, mut scheduler) = ((), Scheduler::new());
            let mut world = World::new(&blueprint, Streams::new(1, 0), &mut nobody);
            world.begin(&mut scheduler);
            world.population.instances[HUB.index()].health = Health { busy: is_busy, ..Health::GOOD };
            let entry = world.population.instances[CLIENT.index()].entry_of(HUB).expect("clients know the hub");
            world.population.instances[CLIENT.index()].peers[entry].peer.view.online = Online::Offline;
            world.check_peers(CLIENT, &mut scheduler);
            run(&mut world, &mut scheduler, 1);
            let view = world.population.instances[CLIENT.index()].peers[entry].peer.view;
            assert_eq!((view.online, view.said.busy), (Online::Online, is_busy));
        }
    }

    #[test]
    fn a_reply_tells_how_its_sender_was_when_it_left() {
        let blueprint = slow_world(Preset::SevenStep);
        let (mut nobody, mut scheduler) = ((), Scheduler::new());
        let mut world = World::new(&blueprint, Streams::new(1, 0), &mut nobody);
        world.begin(&mut scheduler);
        let hour = SimTime::START + SimDuration::from_hours(1);
        let (client, arrives) = loop {
            engine::run(&mut world, &mut scheduler, hour, 1);
            assert!(scheduler.now() < hour, "no reply leaves in an hour");
            let mut replies = world.messages.iter().filter(|(_, message)| {
                let on_the_way = matches!(message.place, MessagePlace::OnTheWay(_));
                on_the_way && message.arrived.is_some() && message.timeout.is_some()
            });
            if let Some((_, message)) = replies.next() {
                break (message.from, scheduler.now() + message.luck.back + SimDuration::from_nanos(1));
            }
        };
        world.population.instances[HUB.index()].health = Health { busy: true, ..Health::GOOD };
        let is_told = |world: &World<'_>| {
            let client = &world.population.instances[client.index()];
            client.peers[client.entry_of(HUB).expect("clients know the hub")].peer.view.said.busy
        };
        engine::run(&mut world, &mut scheduler, arrives, u64::MAX);
        assert!(!is_told(&world), "the reply left before");
        run(&mut world, &mut scheduler, 2);
        assert!(is_told(&world), "later replies say it");
    }
}
