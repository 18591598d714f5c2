//! Prices that go from one instance to another: whoever takes a message notes on each price how long it was under way. A mark
//! changes nothing but what observers are told.

use crate::model::message::MessageItem;
use crate::model::world::World;
use crate::observe::{InstanceId, MessageKind};
use crate::protocol::PoolLearns;
use crate::time::SimTime;

impl World<'_> {
    /// A server takes what a push or a request brings.
    pub(super) fn mark_items(&mut self, id: u32, now: SimTime) {
        let message = &mut self.messages[id];
        let policy = self.blueprint.policy_of(message.to);
        let learns = policy.pool_learns_from_request != PoolLearns::Never || policy.open_learns_from_request;
        if message.kind == MessageKind::Push || (message.kind == MessageKind::Request && learns) {
            let (from, formed) = (message.from, message.formed);
            let mut items = std::mem::take(&mut message.items);
            self.mark(&mut items, (from, formed), now);
            self.messages[id].items = items;
        }
    }

    /// The sender of a request takes the answer.
    pub(super) fn mark_answer(&mut self, id: u32, now: SimTime) {
        let message = &mut self.messages[id];
        let (from, formed) = (message.to, message.formed);
        let mut answer = std::mem::take(&mut message.answer);
        self.mark(&mut answer, (from, formed), now);
        self.messages[id].answer = answer;
    }

    /// Notes on prices that they have come in a message that was formed then.
    fn mark(&mut self, items: &mut [MessageItem], (from, formed): (InstanceId, SimTime), now: SimTime) {
        let [formed, received] = [formed, now].map(|at| self.blueprint.config.start + at.since_start());
        let calendars = &self.blueprint.calendars;
        self.traded.clear();
        self.traded.resize(calendars.len(), None);
        for item in items {
            let market = self.population.market_of[item.instrument.0 as usize];
            let traded =
                self.traded[market].get_or_insert_with(|| calendars[market].around(received).traded_since(formed));
            item.price.content.marks.take_over(from, *traded, now);
        }
    }
}
