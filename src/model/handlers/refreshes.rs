//! Refreshes of pools: every so often a push-open server calls its own providers for what its pool holds, without being asked. What is
//! drawn for an instrument does not depend on what else is called for.

use crate::engine::Scheduler;
use crate::model::coverage::ProviderChoice;
use crate::model::event::Event;
use crate::model::refreshes::{PoolRefresh, RefreshCall};
use crate::model::running::CALLS_PER_CORE;
use crate::model::world::World;
use crate::observe::{CallFailure, Carrier, Fact, InstanceId, ProviderId, Shelf};
use crate::protocol::{CallReason, Connector, InstrumentId, PoolRow, PriceItem, PriceStore, pool_own};
use crate::random::Purpose;
use crate::time::SimTime;

/// What chance says of a call: failure and latency.
const DRAWS_OF_CALL: u32 = 2;

impl World<'_> {
    /// Schedules the first refresh of every pool that is refreshed.
    pub(super) fn schedule_refreshes(&mut self, scheduler: &mut Scheduler<Event>) {
        for (number, instance) in (0_u32..).zip(&mut self.population.instances) {
            let interval = self.blueprint.policy_of(InstanceId(number)).pool_refresh_interval;
            if let Some(every) = interval.filter(|_| instance.pool.instruments().next().is_some()) {
                let event = Event::RefreshPool { instance: number };
                instance.rounds.next_refresh = Some(scheduler.schedule_in(every, event));
            }
        }
    }

    /// It is time to refresh a pool. While an earlier refresh of it goes on, none begins.
    pub(super) fn refresh_pool(&mut self, instance: u32, scheduler: &mut Scheduler<Event>) {
        let (server, began) = (InstanceId(instance), scheduler.now());
        let policy = self.policy_of(server);
        let every = policy.pool_refresh_interval.expect("the pool is refreshed");
        let of_server = &mut self.population.instances[server.index()];
        of_server.rounds.next_refresh = Some(scheduler.schedule_in(every, Event::RefreshPool { instance }));
        if of_server.health.down || of_server.refresh.is_some() {
            return;
        }
        let (pool, shown) = (&of_server.pool, of_server.clock.show(began));
        let (entity, coverage) = (self.blueprint.entity_of(server), &self.population.coverage);
        let (connectors, calendars) = (&self.blueprint.config.connectors, &self.blueprint.calendars);
        let market_of = &self.population.market_of;
        let mut choice = ProviderChoice::of(entity, connectors, &self.streams);
        let mut luck = self.streams.stream(Purpose::PoolRefresh, entity);
        luck.at(began.as_nanos());
        let due = pool.instruments().filter_map(|instrument| {
            let PoolRow::Priced(price) = pool.row(instrument) else { return None };
            let provider = choice.provider(coverage, instrument)?;
            let connector = Connector { delay: connectors[provider.index()].delay };
            let market = &calendars[market_of[instrument.0 as usize]];
            let is_final = market.is_final(price.timestamp, shown);
            policy.fetches_anew(&price, is_final, connector, shown).then_some((instrument, provider))
        });
        let at_a_time = CALLS_PER_CORE * self.blueprint.group_of(server).cores;
        let id = self.refreshes.insert(|_, ended| {
            let mut refresh = PoolRefresh::renewed(ended, server, began, luck, at_a_time);
            refresh.list.extend(due);
            refresh
        });
        self.population.instances[server.index()].refresh = Some(id);
        self.make_refresh_calls(id, scheduler);
    }

    /// Makes the next calls of a refresh, as many as may be under way at a time; or all have ended.
    fn make_refresh_calls(&mut self, id: u32, scheduler: &mut Scheduler<Event>) {
        loop {
            let refresh = &mut self.refreshes[id];
            let free = refresh.calls.iter().position(Option::is_none);
            let (Some(place), Some(&(instrument, provider))) = (free, refresh.list.get(refresh.next)) else { break };
            refresh.next += 1;
            let server = refresh.server;
            let luck = self.luck_of_refresh(id, instrument, provider);
            let number = u32::try_from(place).expect("fewer than 2^32 calls at a time");
            let ends = [
                Event::RefreshPlaced { refresh: id, place: number },
                Event::RefreshAnswered { refresh: id, place: number },
            ];
            let call = self.begin_call((server, provider), CallReason::PoolRefresh, luck, ends, scheduler);
            self.refreshes[id].calls[place] = Some(RefreshCall { instrument, provider, call });
            if call.held_back.is_zero() {
                self.tell_of_refresh(id, place, scheduler.now());
            }
        }
        if self.refreshes[id].calls.iter().all(Option::is_none) {
            self.end_refresh(id);
        }
    }

    fn end_refresh(&mut self, id: u32) {
        self.population.instances[self.refreshes[id].server.index()].refresh = None;
        self.refreshes.free(id);
    }

    fn luck_of_refresh(
        &mut self,
        id: u32,
        instrument: InstrumentId,
        provider: ProviderId,
    ) -> (f64, Option<CallFailure>) {
        let connector = &self.blueprint.config.connectors[provider.index()];
        let draws = self.refreshes[id].luck.place(instrument.0, DRAWS_OF_CALL);
        let failure = draws.chance(connector.failure).then_some(CallFailure::Chance);
        (connector.latency.sample(draws), failure)
    }

    /// The call of a refresh that was held back reaches its provider. What the provider was like before no longer counts.
    pub(super) fn refresh_placed(&mut self, id: u32, place: usize, scheduler: &mut Scheduler<Event>) {
        let RefreshCall { instrument, provider, .. } = self.refresh_call(id, place);
        let (latency_s, failure) = self.luck_of_refresh(id, instrument, provider);
        let (latency, failure) = self.met(provider, latency_s, failure);
        let number = u32::try_from(place).expect("fewer than 2^32 calls at a time");
        let under_way = self.refreshes[id].calls[place].as_mut().expect("a call is under way");
        let call = &mut under_way.call;
        (call.latency, call.failure) = (latency, failure);
        call.pending = Some(scheduler.schedule_in(latency, Event::RefreshAnswered { refresh: id, place: number }));
        self.tell_of_refresh(id, place, scheduler.now());
    }

    /// The call of a refresh ends: the pool takes the price if it is newer than what is there. The next call takes its place.
    pub(super) fn refresh_answered(&mut self, id: u32, place: usize, scheduler: &mut Scheduler<Event>) {
        let now = scheduler.now();
        let RefreshCall { instrument, provider, call } = self.refresh_call(id, place);
        let PoolRefresh { server, began, .. } = self.refreshes[id];
        self.refreshes[id].calls[place] = None;
        let (instance, latency, delivered) = (server, call.latency, call.failure.is_none());
        self.observer
            .observe(now, &Fact::ConnectorAnswered { began, instance, instrument, provider, latency, delivered });
        let price = delivered.then(|| self.delivered((server, provider), instrument, call.placed, now).0);
        self.transcribe_call(now, (None, call.placed), (server, provider), (instrument, price));
        if let Some(price) = price {
            let before = self.kept(server, Shelf::Pool, || vec![instrument]);
            let pool = &mut self.population.instances[server.index()].pool;
            pool_own(&mut pool.as_owner(), [PriceItem { instrument, price }]);
            self.transcribe_keeping(now, (server, Shelf::Pool), before, Carrier::Call(call.placed));
        }
        self.make_refresh_calls(id, scheduler);
    }

    /// A server stops: it fetches nothing any more.
    pub(super) fn give_up_refresh(&mut self, server: InstanceId, scheduler: &mut Scheduler<Event>) {
        let Some(id) = self.population.instances[server.index()].refresh else { return };
        for under_way in self.refreshes[id].calls.iter().flatten() {
            scheduler.cancel(under_way.call.event());
        }
        self.end_refresh(id);
    }

    fn refresh_call(&self, id: u32, place: usize) -> RefreshCall {
        self.refreshes[id].calls[place].expect("a call is under way")
    }

    fn tell_of_refresh(&mut self, id: u32, place: usize, now: SimTime) {
        let RefreshCall { instrument, provider, call } = self.refresh_call(id, place);
        let PoolRefresh { server: instance, began, .. } = self.refreshes[id];
        let (reason, limited, held_back) = (call.reason, call.limited, call.held_back);
        self.observer.observe(now, &Fact::ConnectorCalled { began, instance, provider, reason, limited, held_back });
        self.transcribe_placing(now, None, (instance, provider), (instrument, reason));
    }
}
