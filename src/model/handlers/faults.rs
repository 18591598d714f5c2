//! Faults begin and end: instances stop and start again, and whoever always knows everything knows it at once.

use crate::engine::Scheduler;
use crate::model::config::{FaultKind, InstanceFault};
use crate::model::event::Event;
use crate::model::faults::{Trouble, instance_fault};
use crate::model::message::MessagePlace;
use crate::model::world::World;
use crate::observe::{Fact, InstanceId, Line, MessageEnd};
use crate::protocol::{Online, PeerView, PeerViews};
use crate::time::{SimDuration, SimTime};

/// How long after its start an instance looks who is there (0.36.5).
const START_UP_CHECK_AFTER: SimDuration = SimDuration::from_secs(30);

impl World<'_> {
    /// Schedules the first turn of every fault, before anything else: who is absent from the start is so before the first visit.
    pub(super) fn begin_faults(&mut self, scheduler: &mut Scheduler<Event>) {
        let places = u32::try_from(self.faults.places().len()).expect("fewer than 2^32 places of faults");
        for place in 0..places {
            let first = self.faults.first_turn(place, self.blueprint);
            self.schedule_turn(place, first, scheduler);
        }
    }

    /// What is wrong at a place begins or ends.
    pub(super) fn fault_turns(&mut self, place: u32, scheduler: &mut Scheduler<Event>) {
        let now = scheduler.now();
        let next = self.faults.turn(place, now, self.blueprint);
        self.schedule_turn(place, next, scheduler);
        let turned = self.faults.place_mut(place);
        let (what, instance, active) = (turned.what, turned.instance, turned.active);
        if let Trouble::Fault(fault) = what {
            let fact = if active { Fact::FaultBegan { fault, instance } } else { Fact::FaultEnded { fault, instance } };
            self.observer.observe(now, &fact);
        }
        if let Some(id) = instance {
            self.change_health(id, what, active, scheduler);
        } else if let Trouble::Fault(fault) = what
            && let FaultKind::Visits { .. } = self.blueprint.config.faults[fault.index()].kind
        {
            self.change_rates_of_visits(scheduler);
        }
    }

    /// The users of all instances at which a flood of visits is, or has been, visit as often as the floods say.
    fn change_rates_of_visits(&mut self, scheduler: &mut Scheduler<Event>) {
        for id in (0_u32..).take(self.population.users.len()) {
            let rate = self.faults.extra_rate(self.population.users[id as usize].instance, self.blueprint);
            if self.faults.changes_extra_visits(id, rate) {
                self.change_extra_visits(id, rate, scheduler);
            }
        }
    }

    fn schedule_turn(&mut self, place: u32, at: Option<SimTime>, scheduler: &mut Scheduler<Event>) {
        let handle = at.map(|at| scheduler.schedule_at(at, Event::FaultTurns { place }));
        self.faults.set_next_turn(place, handle, at);
        self.schedule_announcement(place, scheduler);
    }

    fn change_health(&mut self, id: InstanceId, what: Trouble, begins: bool, scheduler: &mut Scheduler<Event>) {
        let health = self.faults.health_of(id, self.blueprint);
        let before = self.population.instances[id.index()].health;
        let stops = health.down && !before.down;
        let announces = match what {
            // Who is absent from the start has nobody to tell; who leaves says so.
            Trouble::Absent => begins && scheduler.now() > SimTime::START,
            Trouble::Fault(fault) => matches!(
                instance_fault(fault, self.blueprint),
                InstanceFault::Shutdown | InstanceFault::Announced { .. }
            ),
        };
        if stops && announces {
            self.say_farewell(id, scheduler);
        }
        let instance = &mut self.population.instances[id.index()];
        instance.health = health;
        instance.clock.set_ahead(health.ahead_nanos);
        if stops {
            self.stop(id, scheduler);
        }
        if let Trouble::Fault(fault) = what
            && begins
            && *instance_fault(fault, self.blueprint) == (InstanceFault::Crash { pool_kept: false })
        {
            self.population.instances[id.index()].pool.clear();
            self.transcribe(scheduler.now(), |_| Line::Forgotten { instance: id, instruments: None });
        }
        if before.down && !health.down && self.policy_of(id).peer_views == PeerViews::Messages {
            let check = scheduler.schedule_in(START_UP_CHECK_AFTER, Event::StartUpCheck { instance: id.0 });
            self.population.instances[id.index()].rounds.start_up_check = Some(check);
        }
        if health.revoked != before.revoked {
            self.change_grants(id, scheduler);
        }
        // Of who is absent from the start nobody has heard yet. Those who agree on an exchange again talk to each other.
        let is_unheard_of = what == Trouble::Absent && begins && scheduler.now() == SimTime::START;
        let agrees_again = before.revoked && !health.revoked;
        self.let_know(id, is_unheard_of || agrees_again);
    }

    /// An instance that has started some time ago finds out who is there, and thereby shows that it is back.
    pub(super) fn start_up_check(&mut self, instance: u32, scheduler: &mut Scheduler<Event>) {
        self.population.instances[instance as usize].rounds.start_up_check = None;
        self.check_peers(InstanceId(instance), scheduler);
    }

    /// Those who always know everything learn how an instance is, or all who know it.
    fn let_know(&mut self, id: InstanceId, all: bool) {
        let policy = self.policy_of(id);
        let instance = &self.population.instances[id.index()];
        let online = if instance.health.is_reached() { Online::Online } else { Online::Offline };
        let view = PeerView { said: instance.status(policy), online };
        let peers: Vec<InstanceId> = instance.peers.iter().map(|entry| entry.instance).collect();
        for other in peers {
            if !all && self.policy_of(other).peer_views != PeerViews::Ideal {
                continue;
            }
            let other = &mut self.population.instances[other.index()];
            if let Some(at) = other.entry_of(id) {
                other.peers[at].peer.view = view;
            }
        }
    }

    /// The process of an instance ends: what it was doing is given up, and who waits for it learns so by a reset connection.
    fn stop(&mut self, id: InstanceId, scheduler: &mut Scheduler<Event>) {
        let now = scheduler.now();
        self.give_up_exchanges(id, scheduler);
        self.give_up_checks(id, scheduler);
        self.give_up_refresh(id, scheduler);
        let instance = &mut self.population.instances[id.index()];
        instance.server.empty();
        instance.history.stop();
        let check = instance.rounds.stop();
        if let Some(check) = check {
            scheduler.cancel(check);
        }
        self.observer.observe(now, &Fact::ServerStopped { server: id });
        let messages: Vec<u32> = self.messages.iter().map(|(number, _)| number).collect();
        for number in messages {
            if self.messages[number].from == id {
                self.abandon(number, scheduler);
            } else if self.messages[number].to == id {
                self.drop_received(number, scheduler);
            }
        }
    }

    fn give_up_exchanges(&mut self, id: InstanceId, scheduler: &mut Scheduler<Event>) {
        let of_instance = self.running.iter().filter(|(_, running)| running.visit.instance == id);
        for slot in of_instance.map(|(slot, _)| slot).collect::<Vec<u32>>() {
            let running = &mut self.running[slot];
            let (visit, shown) = (running.visit, running.shown);
            let rows = &self.population.users[visit.user as usize].watchlists[visit.watchlist].rows;
            let local = &mut self.population.instances[id.index()].local;
            for (call, row) in running.calls.iter_mut().zip(rows) {
                if let Some(call) = call.take() {
                    scheduler.cancel(call.event());
                    local.at_mut(*row).claimed = false;
                }
            }
            assert_eq!(running.calls_end, None, "no instance stops before calls end that were made at once");
            if !shown {
                self.population.instances[id.index()].exchanges -= 1;
                let instruments = u32::try_from(rows.len()).expect("a watchlist is shorter than 2^32");
                let fact = Fact::VisitInterrupted { visit: visit.id(), began: visit.began, instruments };
                self.observer.observe(scheduler.now(), &fact);
            }
            self.totals.exchanges_done += 1;
            self.running.free(slot);
            self.transcribe(scheduler.now(), |_| Line::Done { exchange: visit.id() });
        }
    }

    /// The sender of a message has stopped: nobody waits for it any more.
    fn abandon(&mut self, number: u32, scheduler: &mut Scheduler<Event>) {
        let message = &mut self.messages[number];
        let Some(timeout) = message.timeout.take() else { return };
        scheduler.cancel(timeout);
        let place = message.place;
        self.end_message(number, MessageEnd::Abandoned, scheduler.now());
        if matches!(place, MessagePlace::Lost) {
            self.messages.free(number);
        }
    }

    /// The receiver of a message has stopped while it had it: the connection is reset.
    fn drop_received(&mut self, number: u32, scheduler: &mut Scheduler<Event>) {
        match self.messages[number].place {
            MessagePlace::Queued => {
                if let Some(ends) = self.messages[number].wait_ends.take() {
                    scheduler.cancel(ends);
                }
            }
            MessagePlace::Served(event) => _ = scheduler.cancel(event),
            MessagePlace::OnTheWay(_) | MessagePlace::Lost => return,
        }
        self.reset_connection(number, scheduler);
    }
}
