//! Requests and pushes on their way: sent, lost or delivered, queued, served, answered, or given up.

use crate::engine::{EventHandle, Scheduler};
use crate::observe::{Fact, InstanceId, MessageEnd, MessageKind, Observer};
use crate::protocol::{Endpoint, Failure, InstrumentId, PeerId, Policy, PriceItem, Refusal};
use crate::random::{self, Distribution, Entity, Stream};
use crate::time::{SimDuration, SimTime, Timestamp};

use super::config::{ServiceConfig, ServiceShape};
use super::population::Instance;
use super::quote::Quote;
use super::world::{Event, Running, World};

pub(super) type Item = PriceItem<InstrumentId, Quote>;

/// For what a message is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// For the exchange in this slot.
    Exchange(u32),
    /// For a round to all peers.
    Housekeeping,
}

/// A message, from sending until nobody waits for anything of it any more.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) kind: MessageKind,
    pub(super) purpose: Purpose,
    began: SimTime,
    pub(super) from: InstanceId,
    pub(super) to: InstanceId,
    peer: PeerId,
    sent: SimTime,
    arrived: SimTime,
    pub(super) min_acceptable: Option<Timestamp>,
    pub(super) items: Vec<Item>,
    pub(super) answer: Vec<Item>,
    /// Prices in the answer, or taken over from the push; `Err`: turned away.
    pub(super) result: Result<u32, Refusal>,
    luck: Luck,
    /// Pending while the sender still waits.
    timeout: Option<EventHandle>,
    /// Nothing of it is under way any more, as it or its reply got lost, or as its sender will give up before it is sent: only
    /// the timeout will end it.
    pub(super) lost: bool,
}

/// All that chance decides about one message, drawn when it is sent: the same message has the same luck whatever the
/// rules and whatever else is under way.
#[derive(Clone, Copy, Debug)]
struct Luck {
    lost: bool,
    reply_lost: bool,
    /// Connection set-up, after which the message leaves its sender.
    setup: SimDuration,
    out: SimDuration,
    back: SimDuration,
    /// Service time over its mean.
    service: f64,
}

impl<O: Observer> World<'_, O> {
    /// Sends a message to a peer: for an exchange its request or push, else a question without prices.
    pub(super) fn send(
        &mut self,
        purpose: Purpose,
        from: InstanceId,
        kind: MessageKind,
        peer: PeerId,
        scheduler: &mut Scheduler<Event>,
    ) {
        let now = scheduler.now();
        let luck = self.draw_luck(purpose, from, kind, peer);
        if let (Purpose::Exchange(slot), MessageKind::Request) = (purpose, kind) {
            self.running[slot].last_asked = Some((peer, self.parts_sent(purpose, peer) + 1));
        }
        let instance = &self.population.instances[from.index()];
        let id = self.messages.take(|| Message::new(purpose, from, kind, peer, luck, now));
        let message = &mut self.messages[id];
        message.kind = kind;
        message.purpose = purpose;
        message.began = now;
        message.from = from;
        message.to = instance.peers[peer.0 as usize].instance;
        message.peer = peer;
        message.sent = now;
        message.luck = luck;
        // Whoever gives up while the connection is being set up sends nothing.
        let timeout = self.blueprint.config.network.timeout;
        let leaves = luck.setup < timeout;
        message.lost = luck.lost || !leaves;
        message.result = Ok(0);
        message.min_acceptable = None;
        message.items.clear();
        message.answer.clear();
        if let Purpose::Exchange(slot) = purpose {
            let Running { exchange, began, .. } = &self.running[slot];
            message.began = *began;
            if kind == MessageKind::Push {
                message.items.extend(exchange.push(peer).map(as_pushed));
            } else {
                message.min_acceptable = exchange.min_acceptable(instance.clock.show(now));
                message.items.extend(exchange.request().map(as_asked));
            }
        }
        message.timeout = Some(scheduler.schedule_in(timeout, Event::TimedOut { message: id }));
        self.totals.messages_sent += 1;
        let (to, items) = (message.to, count(&message.items));
        self.observer.observe(now, &Fact::MessageSent { to, kind, items });
        self.transcribe(now, |world| world.line_of_sending(id));
        if !leaves {
            return;
        }
        self.totals.legs.begun += 1;
        if luck.lost {
            self.totals.legs.lost += 1;
            self.observer.observe(now, &Fact::MessageLost { sent: now });
        } else {
            scheduler.schedule_in(luck.setup + luck.out, Event::MessageArrives { message: id });
        }
    }

    /// A message reaches its receiver and is served, or waits for a worker.
    pub(super) fn message_arrives(&mut self, id: u32, scheduler: &mut Scheduler<Event>) {
        let now = scheduler.now();
        let message = &mut self.messages[id];
        message.arrived = now;
        self.totals.legs.delivered += 1;
        let bytes = self.blueprint.config.network.bytes_of(count(&message.items));
        let Message { to: server, from, kind, sent, began, .. } = *message;
        self.observer.observe(now, &Fact::Arrived { began, sent, from, server, kind, bytes });
        self.hear_from(server, from);
        if self.population.instances[server.index()].server.admit(id) {
            self.serve(id, scheduler);
        }
    }

    fn serve(&mut self, id: u32, scheduler: &mut Scheduler<Event>) {
        let now = scheduler.now();
        let message = &self.messages[id];
        let service = &self.blueprint.group_of(message.to).service;
        let mean_s = service.base.as_secs_f64() + service.per_instrument.as_secs_f64() * message.items.len() as f64;
        let time = SimDuration::from_secs_f64(mean_s * message.luck.service);
        self.observer.observe(now, &Fact::ServiceBegan { server: message.to, waited: now.since(message.arrived) });
        scheduler.schedule_in(time, Event::Served { message: id });
    }

    /// A worker has finished a message: its reply leaves, and the worker takes the next.
    pub(super) fn message_served(&mut self, id: u32, scheduler: &mut Scheduler<Event>) {
        let now = scheduler.now();
        let message = &mut self.messages[id];
        let server = &mut self.population.instances[message.to.index()];
        let next = server.server.release();
        let shown = server.clock.show(now);
        message.result = reply(&self.blueprint.config.policy, server, message, shown);
        self.observer.observe(
            now,
            &Fact::ServiceEnded {
                server: message.to,
                sent: message.sent,
                kind: message.kind,
                response: now.since(message.arrived),
                items: count(&message.items),
                result: message.result.ok(),
                bytes: self.blueprint.config.network.bytes_of(count(&message.answer)),
            },
        );
        self.totals.legs.begun += 1;
        if message.luck.reply_lost {
            self.totals.legs.lost += 1;
            self.observer.observe(now, &Fact::MessageLost { sent: message.sent });
            message.lost = true;
            if message.timeout.is_none() {
                self.messages.free(id);
            }
        } else {
            scheduler.schedule_in(message.luck.back, Event::ReplyArrives { message: id });
        }
        if let Some(next) = next {
            self.serve(next, scheduler);
        }
    }

    /// A reply reaches the sender of its message, if it still waits for it.
    pub(super) fn reply_arrives(&mut self, id: u32, scheduler: &mut Scheduler<Event>) {
        let now = scheduler.now();
        self.totals.legs.delivered += 1;
        let message = &mut self.messages[id];
        let Some(timeout) = message.timeout.take() else {
            return self.messages.free(id);
        };
        scheduler.cancel(timeout);
        let Message { purpose, from, to, peer, kind, result, .. } = *message;
        self.hear_reply(from, to);
        self.transcribe(now, |world| world.line_of_answer(id));
        let end = result.map_or(MessageEnd::Refused, MessageEnd::Answered);
        if let Purpose::Exchange(slot) = purpose {
            match (kind, result) {
                (MessageKind::Push, _) => self.log_push(from, peer, id, result.map_err(Failure::Refused), now),
                (_, Ok(_)) => self.take_answer(slot, peer, id, now),
                (_, Err(refusal)) => self.request_failed(slot, id, Failure::Refused(refusal), scheduler),
            }
        }
        self.end_message(id, end, scheduler);
        self.messages.free(id);
        self.go_on(purpose, from, kind, peer, end, scheduler);
    }

    /// The sender of a message gives up.
    pub(super) fn message_timed_out(&mut self, id: u32, scheduler: &mut Scheduler<Event>) {
        let message = &mut self.messages[id];
        message.timeout = None;
        let Message { purpose, from, kind, peer, lost, .. } = *message;
        let end = MessageEnd::TimedOut;
        self.end_message(id, end, scheduler);
        if let Purpose::Exchange(slot) = purpose
            && kind == MessageKind::Request
        {
            self.request_failed(slot, id, Failure::Unreachable, scheduler);
        }
        if lost {
            self.messages.free(id);
        }
        self.go_on(purpose, from, kind, peer, end, scheduler);
    }

    fn end_message(&mut self, id: u32, end: MessageEnd, scheduler: &Scheduler<Event>) {
        let Message { sent, to, kind, .. } = self.messages[id];
        self.totals.messages_ended += 1;
        self.observer.observe(scheduler.now(), &Fact::MessageEnded { sent, to, kind, end });
    }

    /// Whoever has sent a message goes on.
    fn go_on(
        &mut self,
        purpose: Purpose,
        from: InstanceId,
        kind: MessageKind,
        peer: PeerId,
        end: MessageEnd,
        scheduler: &mut Scheduler<Event>,
    ) {
        match purpose {
            Purpose::Exchange(slot) => self.step(slot, scheduler),
            Purpose::Housekeeping => self.end_of_visit(from, kind, peer, end, scheduler),
        }
    }

    fn request_failed(&mut self, slot: u32, id: u32, failure: Failure, scheduler: &mut Scheduler<Event>) {
        self.running[slot].exchange.on_failure();
        let Message { from, peer, .. } = self.messages[id];
        self.log_request(from, peer, id, Err(failure), scheduler.now());
        if failure.prompts_status_check() {
            self.suspect_peers(from, scheduler);
        }
    }

    /// Enters a request that has ended into its sender's log.
    pub(super) fn log_request(
        &mut self,
        from: InstanceId,
        number: PeerId,
        id: u32,
        ended: Result<(u32, usize), Failure>,
        now: SimTime,
    ) {
        let sent = self.messages[id].items.len();
        let instance = &mut self.population.instances[from.index()];
        let entry = &mut instance.peers[number.0 as usize];
        if let Some(row) = entry.peer.log_request(&self.blueprint.config.policy, sent, ended) {
            entry.log.add(instance.clock.show(now), row.sent, row.updated);
        }
    }

    fn log_push(&mut self, from: InstanceId, number: PeerId, id: u32, ended: Result<u32, Failure>, now: SimTime) {
        let pushed = self.messages[id].items.len();
        let instance = &mut self.population.instances[from.index()];
        let entry = &mut instance.peers[number.0 as usize];
        if let Some(row) = entry.peer.log_push(pushed, ended) {
            entry.log.add(instance.clock.show(now), row.sent, row.updated);
        }
    }

    /// Requests that the exchange has sent to this peer before.
    fn parts_sent(&self, purpose: Purpose, peer: PeerId) -> u32 {
        match purpose {
            Purpose::Exchange(slot) => match self.running[slot].last_asked {
                Some((asked, parts)) if asked == peer => parts,
                _ => 0,
            },
            Purpose::Housekeeping => 0,
        }
    }

    fn draw_luck(&self, purpose: Purpose, from: InstanceId, kind: MessageKind, peer: PeerId) -> Luck {
        let network = &self.blueprint.config.network;
        let instance = &self.population.instances[from.index()];
        let entry = &instance.peers[peer.0 as usize];
        let receiver = self.population.instances[entry.instance.index()].entity;
        let (drawn_for, sender, ordinal) = match purpose {
            Purpose::Exchange(slot) => {
                let running = &self.running[slot];
                (random::Purpose::Message, self.population.users[running.user as usize].entity, running.visit)
            }
            Purpose::Housekeeping => (random::Purpose::Housekeeping, instance.entity, instance.rounds.sent),
        };
        let mut stream = self.streams.stream(drawn_for, Entity::pair(sender, receiver));
        // The first request has slot 0, the push 1; further parts of a split request have slots of their own.
        let slot = if kind == MessageKind::Push { 1 } else { 2 * self.parts_sent(purpose, peer) };
        let stream = stream.at(ordinal, slot);
        let lost = stream.chance(network.loss);
        let reply_lost = stream.chance(network.loss);
        let rtt_out = entry.link.rtt(stream);
        let rtt_back = entry.link.rtt(stream);
        Luck {
            lost,
            reply_lost,
            setup: setup_time(rtt_out, network.connection_setup_rtts),
            out: rtt_out / 2,
            back: rtt_back / 2,
            service: self.blueprint.group_of(entry.instance).service.draw_factor(stream),
        }
    }
}

/// Time that setting up a connection takes; what takes longer than any run never ends in one.
fn setup_time(rtt: SimDuration, setup_rtts: u32) -> SimDuration {
    let nanos = u128::from(rtt.as_nanos()) * u128::from(setup_rtts);
    u64::try_from(nanos).map_or(SimDuration::LONGEST, SimDuration::from_nanos).min(SimDuration::LONGEST)
}

impl Message {
    fn new(purpose: Purpose, from: InstanceId, kind: MessageKind, peer: PeerId, luck: Luck, now: SimTime) -> Self {
        Self {
            kind,
            purpose,
            began: now,
            from,
            to: from,
            peer,
            sent: now,
            arrived: now,
            min_acceptable: None,
            items: Vec::new(),
            answer: Vec::new(),
            result: Ok(0),
            luck,
            timeout: None,
            lost: false,
        }
    }
}

/// Lets a server do what a message asks; returns the number of prices in the answer or taken over.
fn reply(policy: &Policy, server: &mut Instance, message: &mut Message, now: Timestamp) -> Result<u32, Refusal> {
    let own = Some(server.status(policy));
    let Message { kind, items, answer, min_acceptable, from, .. } = message;
    let sender = server.entry_of(*from);
    let Instance { pool, local, peers, .. } = server;
    let sender = sender.map(|at| &mut peers[at].peer);
    let mut endpoint = Endpoint { policy, own, sender, pool, instruments: local };
    // What a server logs ranks nobody: only what a requester logs does.
    match kind {
        MessageKind::Ping | MessageKind::Synchronisation => Ok(0),
        MessageKind::Push => endpoint.handle_push(items).result,
        MessageKind::Request => endpoint.handle_request(now, items, *min_acceptable, answer).result,
    }
}

fn as_pushed(mut item: Item) -> Item {
    item.price.content.pushed = true;
    item
}

/// What a pool learns from a request has not come into it by a push, whatever pool it was in before.
fn as_asked(mut item: Item) -> Item {
    item.price.content.pushed = false;
    item
}

fn count(items: &[Item]) -> u32 {
    u32::try_from(items.len()).expect("a message holds fewer than 2^32 instruments")
}

impl ServiceConfig {
    /// A service time over its mean.
    fn draw_factor(&self, stream: &mut Stream) -> f64 {
        match self.shape {
            ServiceShape::Constant => 1.0,
            ServiceShape::Exponential => Distribution::Exponential { mean: 1.0 }.sample(stream),
            ServiceShape::Lognormal { sigma } => {
                // With this median the mean is 1.
                Distribution::Lognormal { median: libm::exp(-sigma * sigma / 2.0), sigma }.sample(stream)
            }
        }
    }
}

impl super::config::NetworkConfig {
    fn bytes_of(&self, items: u32) -> u64 {
        self.message_base_bytes + self.message_instrument_bytes * u64::from(items)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn setting_up_a_connection_takes_its_round_trips() {
        let rtt = SimDuration::from_nanos(41);
        assert_eq!(setup_time(rtt, 0), SimDuration::ZERO);
        assert_eq!(setup_time(rtt, 2), SimDuration::from_nanos(82));
        assert_eq!(setup_time(SimDuration::from_days(50), 100), SimDuration::LONGEST);
        assert_eq!(setup_time(SimDuration::LONGEST, 100), SimDuration::LONGEST);
    }
}
