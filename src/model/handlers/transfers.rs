//! Prices that go from one instance to another: whoever takes a message notes on each price how long it was under way. A mark
//! changes nothing but what observers are told.

use crate::model::message::MessageItem;
use crate::model::world::World;
use crate::observe::MessageKind;
use crate::protocol::PoolLearns;
use crate::time::{SimDuration, SimTime};

impl World<'_> {
    /// A server takes what a push or a request brings.
    pub(super) fn mark_items(&mut self, id: u32, now: SimTime) {
        let message = &self.messages[id];
        let policy = self.policy_of(message.to);
        let learns = policy.pool_learns_from_request != PoolLearns::Never || policy.open_learns_from_request;
        if message.kind == MessageKind::Push || (message.kind == MessageKind::Request && learns) {
            self.time_message(message.formed, now);
            let message = &mut self.messages[id];
            let from = message.from;
            for item in &mut message.items {
                item.price.content.marks.take_over(from, way(item, &self.traded, &self.population.market_of), now);
            }
        }
    }

    /// The sender of a request takes the answer.
    pub(super) fn mark_answer(&mut self, id: u32, now: SimTime) {
        self.time_message(self.messages[id].formed, now);
        let message = &mut self.messages[id];
        let from = message.to;
        for item in &mut message.answer {
            item.price.content.marks.take_over(from, way(item, &self.traded, &self.population.market_of), now);
        }
    }

    /// Finds out for how long each market has traded while a message was under way.
    fn time_message(&mut self, formed: SimTime, now: SimTime) {
        let [formed, now] = [formed, now].map(|at| self.blueprint.config.start + at.since_start());
        self.traded.clear();
        self.traded.extend(self.blueprint.calendars.iter().map(|market| market.traded_between(formed, now)));
    }
}

/// How long the market of an item has traded, of what all markets have.
fn way(item: &MessageItem, traded: &[SimDuration], market_of: &[usize]) -> SimDuration {
    traded[market_of[item.instrument.0 as usize]]
}
