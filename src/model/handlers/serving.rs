//! The serving side in time: messages arrive, wait for a worker, are served, and their replies leave.

use crate::engine::Scheduler;
use crate::model::event::Event;
use crate::model::instance::Instance;
use crate::model::message::{Message, MessageItem, MessagePlace};
use crate::model::world::World;
use crate::observe::{Fact, MessageKind, Observer};
use crate::protocol::{Endpoint, Peer, Policy, Refusal};
use crate::time::{SimDuration, Timestamp};

use super::sending::{count, slowed};

impl<O: Observer> World<'_, O> {
    /// A message reaches its receiver and is served, or waits for a worker; or there is nobody.
    pub(super) fn message_arrives(&mut self, id: u32, scheduler: &mut Scheduler<Event>) {
        let now = scheduler.now();
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
        let bytes = self.blueprint.config.network.bytes_of(count(&message.items));
        let Message { to: server, from, kind, sent, began, said, .. } = *message;
        self.observer.observe(now, &Fact::Arrived { began, sent, from, server, kind, bytes });
        if kind == MessageKind::Farewell {
            receiver.hear_farewell(from);
        } else {
            receiver.hear_from(from, &said);
        }
        if receiver.server.admit(id) {
            self.serve(id, scheduler);
        }
    }

    fn serve(&mut self, id: u32, scheduler: &mut Scheduler<Event>) {
        let now = scheduler.now();
        let message = &mut self.messages[id];
        let slow = self.population.instances[message.to.index()].health.slow;
        let service = &self.blueprint.group_of(message.to).service;
        let mean_s = service.base.as_secs_f64() + service.per_instrument.as_secs_f64() * message.items.len() as f64;
        let time = SimDuration::from_secs_f64(mean_s * message.luck.service * slow);
        self.observer.observe(now, &Fact::ServiceBegan { server: message.to, waited: message.at_receiver(now) });
        message.place = MessagePlace::Served(scheduler.schedule_in(time, Event::Served { message: id }));
    }

    /// A worker has finished a message: its reply leaves, and the worker takes the next.
    pub(super) fn message_served(&mut self, id: u32, scheduler: &mut Scheduler<Event>) {
        let now = scheduler.now();
        let policy = self.policy();
        let message = &mut self.messages[id];
        let server = &mut self.population.instances[message.to.index()];
        let next = server.server.release();
        message.said = server.status(policy);
        let shown = server.clock.show(now);
        self.taken.clear();
        message.result = reply(policy, server, message, shown, &mut self.taken);
        if let Some(rogue) = server.health.rogue {
            rogue.falsify(policy, &mut message.answer, shown);
        }
        self.observer.observe(
            now,
            &Fact::ServiceEnded {
                server: message.to,
                sent: message.sent,
                kind: message.kind,
                response: message.at_receiver(now),
                items: count(&message.items),
                result: message.result.ok(),
                bytes: self.blueprint.config.network.bytes_of(count(&message.answer)),
            },
        );
        self.totals.legs.begun += 1;
        let is_isolated = server.health.isolated;
        let (ends, luck) = ((message.from, message.to), message.luck);
        if !self.taken.is_empty() {
            self.check_push(id, scheduler);
        }
        let link = self.link_between(ends.0, ends.1);
        if luck.reply_loss < link.loss || is_isolated {
            self.lose(id, now);
        } else {
            let back = slowed(luck.back, link.factor);
            let arrives = scheduler.schedule_in(back, Event::ReplyArrives { message: id });
            self.messages[id].place = MessagePlace::OnTheWay(arrives);
        }
        if let Some(next) = next {
            self.serve(next, scheduler);
        }
    }
}

/// Lets a server do what a message asks; returns the number of prices in the answer or taken over. If pushed prices are to be
/// checked, those that its pool takes are appended to `taken`.
fn reply(
    policy: &Policy,
    server: &mut Instance,
    message: &mut Message,
    now: Timestamp,
    taken: &mut Vec<MessageItem>,
) -> Result<u32, Refusal> {
    let Message { kind, said, items, answer, min_acceptable, from, .. } = message;
    let sender = server.entry_of(*from);
    let Instance { pool, local, peers, .. } = server;
    let sender = sender.map(|at| &mut peers[at].peer);
    assert!(Peer::is_let_in(sender.as_deref()), "all peers of a world hold tokens for each other: {sender:?}");
    let (own, instruments) = (Some(*said), local);
    // What a server logs ranks nobody: only what a requester logs does.
    match kind {
        MessageKind::Ping | MessageKind::Synchronisation | MessageKind::Farewell => Ok(0),
        MessageKind::Push if policy.checks_pushes() => {
            let pool = &mut pool.as_pushed(*from, taken);
            Endpoint { policy, own, sender, pool, instruments }.handle_push(now, items).result
        }
        MessageKind::Push => Endpoint { policy, own, sender, pool, instruments }.handle_push(now, items).result,
        MessageKind::Request => {
            let mut endpoint = Endpoint { policy, own, sender, pool, instruments };
            endpoint.handle_request(now, items, *min_acceptable, answer).result
        }
    }
}
