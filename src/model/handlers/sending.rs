//! Sending of messages: what is in them, and what chance has in store for them.

use crate::engine::Scheduler;
use crate::model::config::{LinkFault, NetworkConfig, ServiceConfig, ServiceShape};
use crate::model::event::Event;
use crate::model::history::HistoryPart;
use crate::model::instance::Instance;
use crate::model::message::{Initiator, Message, MessageItem, MessageLuck, MessagePlace};
use crate::model::stores::NO_PRICE;
use crate::model::world::World;
use crate::observe::{Fact, InstanceId, Line, MessageKind};
use crate::protocol::{Announcement, PeerId};
use crate::random::{Distribution, Entity, Purpose, Stream};
use crate::time::{SimDuration, SimTime};

impl World<'_> {
    /// Sends a message to a peer: for an exchange its request or push, else a question without prices.
    pub(super) fn send(
        &mut self,
        initiator: Initiator,
        from: InstanceId,
        kind: MessageKind,
        peer: PeerId,
        scheduler: &mut Scheduler<Event>,
    ) {
        let now = scheduler.now();
        let luck = self.draw_luck(initiator, from, kind, peer, now);
        if let (Initiator::Exchange(slot), MessageKind::Request) = (initiator, kind) {
            let running = &mut self.running[slot];
            running.last_asked = Some((peer, running.parts_sent(peer) + 1));
        }
        let policy = self.policy_of(from);
        let instance = &self.population.instances[from.index()];
        let timeout = self.blueprint.config.network.timeout;
        let id = self.messages.insert(|id, ended| {
            let (mut items, answer) = Message::buffers(ended);
            let (mut began, mut min_acceptable) = (now, None);
            if let Initiator::Exchange(slot) = initiator {
                let running = &self.running[slot];
                began = running.visit.began;
                if kind == MessageKind::Push {
                    items.extend(running.exchange.push(peer).map(as_pushed));
                    if let Some(rogue) = instance.health.rogue {
                        rogue.falsify(policy, &mut items, instance.clock.show(now));
                    }
                } else {
                    min_acceptable = running.exchange.min_acceptable(instance.clock.show(now));
                    items.extend(running.exchange.request().map(as_asked));
                }
            } else if kind == MessageKind::History {
                items.extend(
                    instance.history.left.iter().map(|&instrument| MessageItem { instrument, price: NO_PRICE }),
                );
            }
            Message {
                kind,
                initiator,
                began,
                from,
                to: instance.peers[peer.0 as usize].instance,
                peer,
                sent: now,
                formed: now,
                stamp: instance.clock.show(now),
                arrived: None,
                said: instance.status(policy),
                min_acceptable,
                items,
                answer,
                offered: offered(instance, kind, peer),
                result: Ok(0),
                luck,
                timeout: Some(scheduler.schedule_in(timeout, Event::TimedOut { message: id })),
                place: MessagePlace::Lost,
                wait_ends: None,
            }
        });
        self.totals.messages_sent += 1;
        let message = &self.messages[id];
        let (to, items) = (message.to, message.named(policy));
        self.observer.observe(now, &Fact::MessageSent { to, kind, items });
        self.transcribe(now, |world| world.line_of_sending(id));
        let [sender, receiver] = [from, to].map(|end| self.population.instances[end.index()].health);
        if receiver.refuses_connections() && !sender.isolated && !is_cut(self.link_between(from, to)) {
            return self.refuse_connection(id, scheduler);
        }
        // Whoever gives up while the connection is being set up sends nothing.
        if luck.setup < timeout {
            self.totals.legs.begun += 1;
            if luck.lost || sender.isolated || receiver.isolated {
                self.lose(id, now);
            } else {
                let arrives = scheduler.schedule_in(luck.setup + luck.out, Event::MessageArrives { message: id });
                self.messages[id].place = MessagePlace::OnTheWay(arrives);
            }
        }
    }

    /// Nobody listens where a message is to go: its sender learns so in one round trip.
    fn refuse_connection(&mut self, id: u32, scheduler: &mut Scheduler<Event>) {
        let MessageLuck { out, .. } = self.messages[id].luck;
        self.let_sender_know(id, out + out, scheduler);
    }

    /// A message has lost its receiver, which had taken the connection: its sender learns so by a reset.
    pub(super) fn reset_connection(&mut self, id: u32, scheduler: &mut Scheduler<Event>) {
        let message = &mut self.messages[id];
        message.place = MessagePlace::Lost;
        if message.timeout.is_none() {
            return self.messages.free(id);
        }
        let (ends, back) = ((message.from, message.to), message.luck.back);
        let link = self.link_between(ends.0, ends.1);
        if !is_cut(link) && !self.population.instances[ends.0.index()].health.isolated {
            self.let_sender_know(id, slowed(back, link.factor), scheduler);
        }
    }

    /// After `time` the sender of a message learns that it is in vain, unless it gives up before.
    fn let_sender_know(&mut self, id: u32, time: SimDuration, scheduler: &mut Scheduler<Event>) {
        let message = &mut self.messages[id];
        let gives_up = message.sent + self.blueprint.config.network.timeout;
        if scheduler.now().saturating_add(time) < gives_up {
            let timeout = message.timeout.take().expect("its sender waits");
            scheduler.cancel(timeout);
            message.timeout = Some(scheduler.schedule_in(time, Event::ConnectionRefused { message: id }));
        }
    }

    /// A message or its reply gets lost: only its sender still knows of it, if it waits.
    pub(super) fn lose(&mut self, id: u32, now: SimTime) {
        let message = &mut self.messages[id];
        message.place = MessagePlace::Lost;
        self.totals.legs.lost += 1;
        let is_forgotten = message.timeout.is_none();
        self.observer.observe(now, &Fact::MessageLost { sent: message.sent });
        self.transcribe(now, |_| Line::Lost { message: id });
        if is_forgotten {
            self.messages.free(id);
        }
    }

    /// How lossy and how slow faults make the link between two instances: the probability of a loss in all, and the factor of its
    /// round-trip times.
    pub(super) fn link_between(&self, one: InstanceId, other: InstanceId) -> LinkFault {
        let usual = LinkFault { loss: self.blueprint.config.network.loss, factor: 1.0 };
        self.faults.of_link([one, other], self.blueprint).fold(usual, |link, fault| LinkFault {
            loss: 1.0 - (1.0 - link.loss) * (1.0 - fault.loss),
            factor: link.factor * fault.factor,
        })
    }

    fn draw_luck(
        &self,
        initiator: Initiator,
        from: InstanceId,
        kind: MessageKind,
        peer: PeerId,
        now: SimTime,
    ) -> MessageLuck {
        let network = &self.blueprint.config.network;
        let receiver_id = self.population.instances[from.index()].peers[peer.0 as usize].instance;
        let link = self.link_between(from, receiver_id);
        let instance = &self.population.instances[from.index()];
        let entry = &instance.peers[peer.0 as usize];
        let receiver = self.population.instances[entry.instance.index()].entity;
        let (purpose, sender, ordinal, place) = match initiator {
            Initiator::Exchange(slot) => {
                let running = &self.running[slot];
                let user = self.population.users[running.visit.user as usize].entity;
                // The first request has place 0, the push 1; further parts of a split request have places of their own.
                let place = if kind == MessageKind::Push { 1 } else { 2 * running.parts_sent(peer) };
                (Purpose::Message, user, running.visit.number, place)
            }
            Initiator::Round => {
                // A check and a synchronisation may begin at the same moment.
                let place = u32::from(kind == MessageKind::Synchronisation);
                (Purpose::Housekeeping, instance.entity, instance.rounds.began(kind).as_nanos(), place)
            }
            Initiator::History => {
                let round = instance.history.under_way.expect("it is sent for an exchange of historical prices");
                let of_pairs = if round.part == HistoryPart::CurrencyPairs { 2 } else { 0 };
                let place = 4 + of_pairs + u32::from(kind == MessageKind::HistoryPush);
                (Purpose::Housekeeping, instance.entity, round.began.as_nanos(), place)
            }
            Initiator::Announcement(announcement) => {
                let place = if announcement == Announcement::Offline { 2 } else { 3 };
                (Purpose::Housekeeping, instance.entity, now.as_nanos(), place)
            }
        };
        let mut stream = self.streams.stream(purpose, Entity::pair(sender, receiver));
        let stream = stream.at(ordinal).place(place, 5);
        let lost = stream.chance(link.loss);
        let reply_loss = stream.unit();
        let rtt_out = slowed(entry.link.rtt(stream), link.factor);
        let rtt_back = entry.link.rtt(stream);
        MessageLuck {
            lost,
            reply_loss,
            setup: setup_time(rtt_out, network.connection_setup_rtts),
            out: rtt_out / 2,
            back: rtt_back / 2,
            service: self.blueprint.group_of(entry.instance).service.draw_factor(stream),
        }
    }
}

/// Instruments that a message offers without their last prices.
fn offered(instance: &Instance, kind: MessageKind, peer: PeerId) -> usize {
    match kind {
        MessageKind::Synchronisation => instance.local.sendable_count(),
        MessageKind::HistoryPush => {
            let wanting = instance.history.wanting.iter().find(|(wanting, _)| *wanting == peer);
            wanting.expect("only who lacks something gets a push").1
        }
        _ => 0,
    }
}

/// Whether nothing gets through a link. Else TCP repeats what sets up or resets a connection until it gets through: a loss breaks
/// connections only.
fn is_cut(link: LinkFault) -> bool {
    link.loss >= 1.0
}

/// A time that is so many times as long.
pub(super) fn slowed(time: SimDuration, factor: f64) -> SimDuration {
    if factor > 1.0 { SimDuration::from_secs_f64(time.as_secs_f64() * factor) } else { time }
}

/// Number of instruments in a message or answer.
pub(super) fn count(items: &[MessageItem]) -> u32 {
    u32::try_from(items.len()).expect("a message holds fewer than 2^32 instruments")
}

/// Time that setting up a connection takes; what takes longer than any run never ends in one.
fn setup_time(rtt: SimDuration, setup_rtts: u32) -> SimDuration {
    let nanos = u128::from(rtt.as_nanos()) * u128::from(setup_rtts);
    u64::try_from(nanos).map_or(SimDuration::LONGEST, SimDuration::from_nanos).min(SimDuration::LONGEST)
}

fn as_pushed(mut item: MessageItem) -> MessageItem {
    item.price.content.pushed = true;
    item
}

/// What a pool learns from a request has not come into it by a push, whatever pool it was in before.
fn as_asked(mut item: MessageItem) -> MessageItem {
    item.price.content.pushed = false;
    item
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

impl NetworkConfig {
    /// Size of a message of so many instruments in bytes.
    pub(super) fn bytes_of(&self, items: u32) -> u64 {
        self.message_base_bytes + self.message_instrument_bytes * u64::from(items)
    }

    /// Size of a message with the historical prices of so many instruments in bytes.
    pub(super) fn bytes_of_history(&self, items: u32) -> u64 {
        self.message_base_bytes + self.message_instrument_bytes * u64::from(items) * u64::from(self.history_days)
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
