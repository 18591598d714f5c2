//! The serving side in time: messages arrive, wait for a worker, are served, and their replies leave.

use crate::engine::Scheduler;
use crate::model::event::Event;
use crate::model::message::{Initiator, Message, MessagePlace};
use crate::model::quote::Quote;
use crate::model::stores::LocalInstruments;
use crate::model::world::World;
use crate::observe::{Carrier, Fact, Line, MessageKind, Shelf};
use crate::protocol::{Endpoint, Envelope, InstrumentId, Peer, PriceStore, Refusal, rows_stay, stored_rows};
use crate::time::{SimDuration, Timestamp};

use super::limits::class_of;
use super::sending::{count, slowed};

impl World<'_> {
    /// A message reaches its receiver and is served, or waits for a worker; or there is nobody.
    pub(super) fn message_arrives(&mut self, id: u32, scheduler: &mut Scheduler<Event>) {
        let now = scheduler.now();
        let policy = self.policy_of(self.messages[id].to);
        let message = &mut self.messages[id];
        let receiver = &mut self.population.instances[message.to.index()];
        if receiver.health.isolated {
            return self.lose(id, now);
        }
        if receiver.health.down {
            self.totals.legs.delivered += 1;
            return self.reset_connection(id, scheduler);
        }
        message.arrived = Some(now);
        message.place = MessagePlace::Queued;
        self.totals.legs.delivered += 1;
        let network = &self.blueprint.config.network;
        let named = message.named(self.blueprint.policy_of(message.from));
        let bytes = match message.kind {
            MessageKind::HistoryPush => network.bytes_of_history(named),
            _ => network.bytes_of(named),
        };
        let Message { to: server, from, kind, sent, began, said, stamp, .. } = *message;
        self.observer.observe(now, &Fact::Arrived { began, sent, from, server, kind, bytes });
        self.transcribe(now, |_| Line::Arrived { message: id });
        let receiver = &mut self.population.instances[server.index()];
        let message = &mut self.messages[id];
        let shown = receiver.clock.show(now);
        let payload_bytes = bytes - network.message_base_bytes;
        let envelope = Envelope { stamp, body_bytes: bytes, payload_bytes, said };
        let mut endpoint = receiver.endpoint(policy, from);
        message.result = endpoint.take_in(class_of(kind), &envelope, shown).map(|()| 0);
        if let (Initiator::Announcement(announcement), Ok(_)) = (message.initiator, message.result) {
            endpoint.handle_announcement(announcement, shown);
        }
        if receiver.server.admit(id) {
            self.serve(id, scheduler);
        } else if let Some(most) = self.blueprint.group_of(server).max_wait {
            message.wait_ends = Some(scheduler.schedule_in(most, Event::WaitEnds { message: id }));
        }
    }

    /// A message has waited for a worker as long as it may: its server answers with an error, which no worker has to do.
    pub(super) fn wait_ends(&mut self, id: u32, scheduler: &mut Scheduler<Event>) {
        let now = scheduler.now();
        let message = &mut self.messages[id];
        message.wait_ends = None;
        message.result = Err(Refusal::WaitedTooLong);
        let server = message.to;
        self.population.instances[server.index()].server.turn_away(id);
        self.observer.observe(now, &Fact::WaitEnded { server });
        self.transcribe(now, |world| world.line_of_serving(id));
        self.send_reply(id, scheduler);
    }

    fn serve(&mut self, id: u32, scheduler: &mut Scheduler<Event>) {
        let now = scheduler.now();
        let message = &mut self.messages[id];
        let slow = self.population.instances[message.to.index()].health.slow;
        let service = &self.blueprint.group_of(message.to).service;
        // What is refused unread is not looked through.
        let items = if message.result.is_ok() { message.named(self.blueprint.policy_of(message.from)) } else { 0 };
        let mean_s = service.base.as_secs_f64() + service.per_instrument.as_secs_f64() * f64::from(items);
        let time = SimDuration::from_secs_f64(mean_s * message.luck.service * slow);
        self.observer.observe(now, &Fact::ServiceBegan { server: message.to, waited: message.at_receiver(now) });
        if let Some(ends) = message.wait_ends.take() {
            scheduler.cancel(ends);
        }
        message.place = MessagePlace::Served(scheduler.schedule_in(time, Event::Served { message: id }));
        self.transcribe(now, |_| Line::ServiceBegan { message: id });
    }

    /// A worker has finished a message: its reply leaves, and the worker takes the next.
    pub(super) fn message_served(&mut self, id: u32, scheduler: &mut Scheduler<Event>) {
        let now = scheduler.now();
        let to = self.messages[id].to;
        let policy = self.policy_of(to);
        let named = || self.messages[id].items.iter().map(|item| item.instrument).collect();
        let before = [Shelf::Pool, Shelf::Own].map(|shelf| (shelf, self.kept(to, shelf, named)));
        if self.messages[id].result.is_ok() {
            self.mark_items(id, now);
        }
        let message = &mut self.messages[id];
        let server = &mut self.population.instances[message.to.index()];
        let next = server.server.release();
        let shown = server.clock.show(now);
        self.taken.clear();
        if message.result.is_ok() {
            message.result = if message.kind == MessageKind::Push && policy.checks_pushes() {
                server.serve_push(policy, message.from, &mut self.taken, |endpoint| reply(endpoint, message, shown))
            } else {
                reply(server.endpoint(policy, message.from), message, shown)
            };
        }
        message.said = server.status(policy);
        message.formed = now;
        if let Some(rogue) = server.health.rogue {
            rogue.falsify(policy, &mut message.answer, shown);
        }
        let network = &self.blueprint.config.network;
        let bytes = match (message.kind, message.result) {
            (MessageKind::History, _) => network.bytes_of_history(count(&message.answer)),
            // The reply lists what the server sends.
            (MessageKind::Synchronisation, Ok(_)) if policy.synchronisation_lists => {
                network.bytes_of(u32::try_from(server.local.sendable_count()).expect("fewer than 2^32 instruments"))
            }
            _ => network.bytes_of(count(&message.answer)),
        };
        let class = class_of(message.kind);
        self.observer.observe(
            now,
            &Fact::ServiceEnded {
                server: message.to,
                sent: message.sent,
                kind: message.kind,
                response: message.at_receiver(now),
                items: message.named(self.blueprint.policy_of(message.from)),
                result: message.result.ok(),
                bytes,
                rows: stored_rows(class, message.result.map(|_| ())),
                rows_stay: rows_stay(class),
            },
        );
        for (shelf, before) in before {
            self.transcribe_keeping(now, (to, shelf), before, Carrier::Message(id));
        }
        self.transcribe(now, |world| world.line_of_serving(id));
        if !self.taken.is_empty() {
            self.check_push(id, scheduler);
        }
        self.send_reply(id, scheduler);
        if let Some(next) = next {
            self.serve(next, scheduler);
        }
    }

    /// The reply to a message leaves its receiver.
    fn send_reply(&mut self, id: u32, scheduler: &mut Scheduler<Event>) {
        self.totals.legs.begun += 1;
        let Message { from, to, luck, .. } = self.messages[id];
        let link = self.link_between(from, to);
        if luck.reply_loss < link.loss || self.population.instances[to.index()].health.isolated {
            self.lose(id, scheduler.now());
        } else {
            let arrives = scheduler.schedule_in(slowed(luck.back, link.factor), Event::ReplyArrives { message: id });
            self.messages[id].place = MessagePlace::OnTheWay(arrives);
        }
    }
}

/// Lets a server do what a message asks that was taken in; returns the number of prices in the answer or taken over.
fn reply<P: PriceStore<InstrumentId, Quote>>(
    mut endpoint: Endpoint<'_, P, LocalInstruments>,
    message: &mut Message,
    now: Timestamp,
) -> Result<u32, Refusal> {
    let Message { kind, said, items, answer, min_acceptable, offered, .. } = message;
    let sender = endpoint.sender.as_deref();
    assert!(Peer::is_let_in(sender), "all peers of a world hold tokens for each other: {sender:?}");
    // What a server logs ranks nobody: only what a requester logs does.
    let result = match kind {
        MessageKind::Ping | MessageKind::Farewell | MessageKind::Notice => Ok(0),
        MessageKind::Synchronisation => endpoint.handle_synchronisation(now, *offered).map(|()| 0),
        MessageKind::History => endpoint.handle_history(now, items, answer).map(|()| count(answer)),
        MessageKind::HistoryPush => endpoint.handle_history_push(now).map(|()| 0),
        MessageKind::Push => endpoint.handle_push(now, items).result,
        MessageKind::Request => endpoint.handle_request(now, items, *min_acceptable, answer).result,
    };
    // Announcements have said it all when they arrived.
    if result.is_ok() && !matches!(kind, MessageKind::Farewell | MessageKind::Notice) {
        endpoint.note_served(said, now);
    }
    result
}
