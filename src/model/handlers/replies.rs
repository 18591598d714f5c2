//! Ends of messages as their senders see them: a reply arrives, or they give up; then whoever has sent it goes on.

use crate::engine::Scheduler;
use crate::model::event::Event;
use crate::model::message::{Initiator, Message, MessagePlace};
use crate::model::world::World;
use crate::observe::{Carrier, Fact, InstanceId, Line, MessageEnd, MessageKind};
use crate::protocol::{Failure, PeerId, Refusal, StatusCheck};
use crate::time::SimTime;

impl World<'_> {
    /// A reply reaches the sender of its message, if it still waits for it.
    pub(super) fn reply_arrives(&mut self, id: u32, scheduler: &mut Scheduler<Event>) {
        let now = scheduler.now();
        if self.population.instances[self.messages[id].from.index()].health.isolated {
            return self.lose(id, now);
        }
        self.totals.legs.delivered += 1;
        let policy = self.policy_of(self.messages[id].from);
        let message = &mut self.messages[id];
        let Some(timeout) = message.timeout.take() else {
            return self.messages.free(id);
        };
        scheduler.cancel(timeout);
        let Message { initiator, from, peer, kind, said, result, .. } = *message;
        let sender = &mut self.population.instances[from.index()];
        // An error of HTTP says nothing of the instance.
        if result != Err(Refusal::WaitedTooLong) {
            sender.peer(peer).peer.view.heard_reply(policy, &said);
        }
        self.transcribe(now, |world| world.line_of_answer(id));
        if let Initiator::Exchange(slot) = initiator {
            match (kind, result) {
                (MessageKind::Push, _) => {
                    let pushed = self.messages[id].items.len();
                    let sender = &mut self.population.instances[from.index()];
                    sender.log_push(policy, peer, pushed, result.map_err(Refusal::as_failure), now);
                }
                (_, Ok(_)) => self.take_answer(slot, peer, id, now),
                (_, Err(refusal)) => self.request_failed(slot, id, refusal.as_failure(), scheduler),
            }
        }
        if let (MessageKind::History, Ok(_)) = (kind, result) {
            self.take_history(id);
        }
        if result.is_err() {
            self.note_sending_failed(from, kind, peer, now);
        }
        let end = result.map_or(MessageEnd::Refused, MessageEnd::Answered);
        self.end_message(id, end, now);
        self.messages.free(id);
        let check = match result {
            Ok(_) => StatusCheck::Delivered { busy: said.busy },
            Err(refusal) => refusal.as_check(),
        };
        self.go_on(initiator, from, kind, peer, check, scheduler);
    }

    /// The sender of a message gives up.
    pub(super) fn message_timed_out(&mut self, id: u32, scheduler: &mut Scheduler<Event>) {
        self.message_failed(id, MessageEnd::TimedOut, scheduler);
    }

    /// The sender of a message learns that nobody listens.
    pub(super) fn connection_refused(&mut self, id: u32, scheduler: &mut Scheduler<Event>) {
        self.message_failed(id, MessageEnd::Unreachable, scheduler);
    }

    fn message_failed(&mut self, id: u32, end: MessageEnd, scheduler: &mut Scheduler<Event>) {
        let message = &mut self.messages[id];
        message.timeout = None;
        let Message { initiator, from, kind, peer, place, .. } = *message;
        self.end_message(id, end, scheduler.now());
        self.note_sending_failed(from, kind, peer, scheduler.now());
        if let (Initiator::Exchange(slot), MessageKind::Request) = (initiator, kind) {
            self.request_failed(slot, id, Failure::Unreachable, scheduler);
        }
        if matches!(place, MessagePlace::Lost) {
            self.messages.free(id);
        }
        self.go_on(initiator, from, kind, peer, StatusCheck::NotDelivered, scheduler);
    }

    pub(super) fn end_message(&mut self, id: u32, end: MessageEnd, now: SimTime) {
        let Message { sent, to, kind, .. } = self.messages[id];
        self.totals.messages_ended += 1;
        self.observer.observe(now, &Fact::MessageEnded { sent, to, kind, end });
        self.transcribe(now, |_| Line::Ended { message: id, end });
    }

    /// Whatever a message was sent for goes on. `check` is what the message has shown of its receiver.
    fn go_on(
        &mut self,
        initiator: Initiator,
        from: InstanceId,
        kind: MessageKind,
        peer: PeerId,
        check: StatusCheck,
        scheduler: &mut Scheduler<Event>,
    ) {
        match initiator {
            Initiator::Exchange(slot) => self.advance(slot, scheduler),
            Initiator::Round => self.round_goes_on(from, kind, peer, check, scheduler),
            Initiator::History => self.history_goes_on(from, scheduler),
            Initiator::Announcement(_) => {}
        }
    }

    /// Takes the answer to a request into the exchange, the peer's log and the local instruments.
    fn take_answer(&mut self, slot: u32, peer: PeerId, id: u32, now: SimTime) {
        self.mark_answer(id, now);
        let Message { from, ref items, ref answer, .. } = self.messages[id];
        let before = self.prices_of_exchange(slot);
        let updated = self.running[slot].exchange.on_reply(peer, answer);
        let ended = Ok((updated, answer.len()));
        let policy = self.policy_of(from);
        self.population.instances[from.index()].log_request(policy, peer, items.len(), ended, now);
        self.transcribe_filling(now, slot, before, Carrier::Message(id));
        self.save_prices(slot, now);
    }

    fn request_failed(&mut self, slot: u32, id: u32, failure: Failure, scheduler: &mut Scheduler<Event>) {
        self.running[slot].exchange.on_failure();
        let Message { from, to, peer, ref items, sent, .. } = self.messages[id];
        if failure == Failure::Unreachable {
            self.running[slot].is_hindered |= self.faults.hindered([from, to], sent, self.blueprint);
        }
        let policy = self.policy_of(from);
        let sender = &mut self.population.instances[from.index()];
        sender.log_request(policy, peer, items.len(), Err(failure), scheduler.now());
        if failure.prompts_status_check() {
            self.check_peers(from, scheduler);
        }
    }
}
