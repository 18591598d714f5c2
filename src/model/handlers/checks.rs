//! Checks of pushed prices: a server asks its own provider for a sample of what it has taken, and distrusts whoever has pushed a
//! false price. What is drawn for a price does not depend on what else is checked.

use crate::engine::Scheduler;
use crate::model::checks::{CheckCall, PushCheck};
use crate::model::coverage::ProviderChoice;
use crate::model::event::Event;
use crate::model::faults::is_at;
use crate::model::message::{Message, MessageItem};
use crate::model::running::CALLS_PER_CORE;
use crate::model::world::World;
use crate::observe::{CallFailure, Carrier, Fact, InstanceId, ProviderId, Shelf};
use crate::protocol::{CallReason, InstrumentId, PriceItem, pool_own};
use crate::random::{Entity, Purpose, Stream};
use crate::time::SimTime;

/// What chance says of a price: whether it is checked; failure and latency of the call.
const DRAWS_OF_PRICE: u32 = 3;

impl World<'_> {
    /// Checks a sample of the prices that a server has just taken from a push, as far as it is not busy with others: its cores limit
    /// how many pushes it checks at a time.
    pub(super) fn check_push(&mut self, message: u32, scheduler: &mut Scheduler<Event>) {
        let Message { from: pusher, to: server, began, .. } = self.messages[message];
        let policy = self.policy_of(server);
        let pair = Entity::pair(self.blueprint.entity_of(pusher), self.blueprint.entity_of(server));
        let mut luck = self.streams.stream(Purpose::PushCheck, pair);
        luck.at(began.as_nanos());
        self.taken.retain(|item| luck.place(item.instrument.0, DRAWS_OF_PRICE).chance(policy.push_checked_share));
        let now = scheduler.now();
        let shown = self.population.instances[server.index()].clock.show(now);
        if let Some(item) = self.taken.iter().find(|item| policy.is_false_by_stamp(&item.price, shown)) {
            let item = *item;
            return self.distrust(server, pusher, &item, now);
        }
        let most = CALLS_PER_CORE * self.blueprint.group_of(server).cores;
        if self.taken.is_empty() || self.population.instances[server.index()].checks == most {
            return;
        }
        self.population.instances[server.index()].checks += 1;
        let taken = &self.taken;
        let id = self.checks.insert(|_, ended| {
            let mut left = PushCheck::buffer(ended);
            left.extend(taken.iter().rev());
            PushCheck { server, pusher, began, luck, left, under_way: None }
        });
        self.check_next(id, scheduler);
    }

    /// Checks the next price of a push; or all are checked, or need not be any more.
    fn check_next(&mut self, id: u32, scheduler: &mut Scheduler<Event>) {
        while let Some(item) = self.next_to_check(id, scheduler.now()) {
            let PushCheck { server, .. } = self.checks[id];
            let entity = self.blueprint.entity_of(server);
            let mut choice = ProviderChoice::of(entity, &self.blueprint.config.connectors, &self.streams);
            if let Some(provider) = choice.provider(&self.population.coverage, item.instrument) {
                let luck = self.luck_of_check(id, provider, &item);
                let ends = [Event::CheckPlaced { check: id }, Event::CheckAnswered { check: id }];
                let call = self.begin_call((server, provider), CallReason::PushCheck, luck, ends, scheduler);
                self.checks[id].under_way = Some(CheckCall { item, provider, call });
                if call.held_back.is_zero() {
                    self.tell_of_check(id, scheduler.now());
                }
                return;
            }
        }
        self.end_check(id);
    }

    /// The price to be checked next. Of a peer that is distrusted already there is nothing to find out.
    fn next_to_check(&mut self, id: u32, now: SimTime) -> Option<MessageItem> {
        let PushCheck { server, pusher, .. } = self.checks[id];
        let server = &self.population.instances[server.index()];
        let entry = server.entry_of(pusher).expect("whose push was taken is known");
        if server.peers[entry].peer.is_distrusted(server.clock.show(now)) {
            return None;
        }
        self.checks[id].left.pop()
    }

    fn end_check(&mut self, id: u32) {
        self.population.instances[self.checks[id].server.index()].checks -= 1;
        self.checks.free(id);
    }

    fn luck_of_check(&mut self, id: u32, provider: ProviderId, item: &MessageItem) -> (f64, Option<CallFailure>) {
        let connector = &self.blueprint.config.connectors[provider.index()];
        let draws = self.checks[id].luck.place(item.instrument.0, DRAWS_OF_PRICE);
        skip_choice(draws);
        let failure = draws.chance(connector.failure).then_some(CallFailure::Chance);
        (connector.latency.sample(draws), failure)
    }

    /// The call of a check that was held back reaches its provider. What the provider was like before no longer counts.
    pub(super) fn check_placed(&mut self, id: u32, scheduler: &mut Scheduler<Event>) {
        let CheckCall { item, provider, .. } = self.check_call(id);
        let (latency_s, failure) = self.luck_of_check(id, provider, &item);
        let (latency, failure) = self.met(provider, latency_s, failure);
        let under_way = self.checks[id].under_way.as_mut().expect("a call is under way");
        let call = &mut under_way.call;
        (call.latency, call.failure) = (latency, failure);
        call.pending = Some(scheduler.schedule_in(latency, Event::CheckAnswered { check: id }));
        self.tell_of_check(id, scheduler.now());
    }

    /// The call of a check ends. If it has failed, nothing is learnt. Else the pool takes the provider's price if it is newer than
    /// what is there.
    pub(super) fn check_answered(&mut self, id: u32, scheduler: &mut Scheduler<Event>) {
        let now = scheduler.now();
        let CheckCall { item, provider, call } = self.check_call(id);
        let PushCheck { server, pusher, began, .. } = self.checks[id];
        self.checks[id].under_way = None;
        let (instrument, delivered) = (item.instrument, call.failure.is_none());
        let (instance, latency) = (server, call.latency);
        self.observer
            .observe(now, &Fact::ConnectorAnswered { began, instance, instrument, provider, latency, delivered });
        let price = delivered.then(|| self.delivered((server, provider), instrument, call.placed, now).0);
        self.transcribe_call(now, (None, call.placed), (server, provider), (instrument, price));
        if let Some(price) = price {
            let difference_bp = self.difference_bp(instrument, &item.price.content, &price.content);
            if self.policy_of(server).is_false_by_value(difference_bp) {
                self.distrust(server, pusher, &item, now);
                self.checks[id].left.clear();
            }
            let before = self.kept(server, Shelf::Pool, || vec![instrument]);
            let pool = &mut self.population.instances[server.index()].pool;
            pool_own(&mut pool.as_owner(), [PriceItem { instrument, price }]);
            self.transcribe_keeping(now, (server, Shelf::Pool), before, Carrier::Call(call.placed));
        }
        self.check_next(id, scheduler);
    }

    /// A server has found a false price: it distrusts who has pushed it, and drops what that peer has pushed so far. Another false
    /// price that it had taken before prolongs that, and is no news.
    fn distrust(&mut self, server: InstanceId, pusher: InstanceId, item: &MessageItem, now: SimTime) {
        let policy = self.policy_of(server);
        let everything = || (0..self.blueprint.instruments()).map(InstrumentId).collect();
        let before = self.kept(server, Shelf::Pool, everything);
        let instance = &mut self.population.instances[server.index()];
        let entry = instance.entry_of(pusher).expect("whose push was taken is known");
        let (shown, peer) = (instance.clock.show(now), &mut instance.peers[entry].peer);
        let is_news = !peer.is_distrusted(shown);
        peer.distrust(policy, shown);
        instance.pool.drop_pushed_by(pusher);
        self.transcribe_forgetting(now, server, before);
        let is_rogue = item.price.content.falsified.fault().is_some_and(|fault| is_at(fault, pusher, self.blueprint));
        if is_news {
            self.observer.observe(now, &Fact::PusherDistrusted { server, pusher, is_rogue });
        }
    }

    /// A server stops: it checks nothing any more.
    pub(super) fn give_up_checks(&mut self, server: InstanceId, scheduler: &mut Scheduler<Event>) {
        let of_server = self.checks.iter().filter(|(_, check)| check.server == server);
        for id in of_server.map(|(id, _)| id).collect::<Vec<u32>>() {
            scheduler.cancel(self.check_call(id).call.event());
            self.end_check(id);
        }
    }

    fn check_call(&self, id: u32) -> CheckCall {
        self.checks[id].under_way.expect("a call is under way")
    }

    fn tell_of_check(&mut self, id: u32, now: SimTime) {
        let CheckCall { item, provider, call } = self.check_call(id);
        let PushCheck { server: instance, began, .. } = self.checks[id];
        let (reason, limited, held_back) = (call.reason, call.limited, call.held_back);
        self.observer.observe(now, &Fact::ConnectorCalled { began, instance, provider, reason, limited, held_back });
        self.transcribe_placing(now, None, (instance, provider), (item.instrument, reason));
    }
}

/// Passes over the draw that has decided whether a price is checked.
fn skip_choice(draws: &mut Stream) {
    draws.next_u64();
}
