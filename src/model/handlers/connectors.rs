//! Connector calls of exchanges: a bounded number at a time, through token buckets, to providers that fail and lag.

use crate::engine::Scheduler;
use crate::model::config::{ProviderFault, RateScope, Stamp, WhenExceeded};
use crate::model::event::Event;
use crate::model::marks::Marks;
use crate::model::quote::Quote;
use crate::model::running::{CALLS_PER_CORE, Call, Running};
use crate::model::world::World;
use crate::observe::{CallEnd, CallFailure, Carrier, Fact, InstanceId, ProviderId, Shelf, StampError};
use crate::protocol::{CallReason, ConnectorResult, InstrumentId, Price};
use crate::time::{SimDuration, SimTime};

/// What the token bucket says to a call.
enum Admission {
    Now,
    After(SimDuration),
    Refused(CallFailure),
}

impl World<'_> {
    /// Begins the connector step of an exchange.
    pub(super) fn call_connectors(&mut self, slot: u32, scheduler: &mut Scheduler<Event>) {
        let Running { exchange, queue, .. } = &mut self.running[slot];
        queue.extend(exchange.connector_queue());
        if self.fold_calls(slot, scheduler) {
            return;
        }
        self.make_calls(slot, scheduler);
        // Other exchanges may have claimed every instrument already.
        if self.running[slot].calls_under_way == 0 {
            self.advance(slot, scheduler);
        }
    }

    fn make_calls(&mut self, slot: u32, scheduler: &mut Scheduler<Event>) {
        let at_a_time = CALLS_PER_CORE * self.blueprint.group_of(self.running[slot].visit.instance).cores;
        loop {
            let running = &mut self.running[slot];
            if running.calls_under_way == at_a_time || running.next_call == running.queue.len() {
                return;
            }
            let (position, reason) = running.queue[running.next_call];
            running.next_call += 1;
            if self.claim(slot, position) {
                self.running[slot].calls_under_way += 1;
                self.make_call(slot, position, reason, scheduler);
            } else {
                self.running[slot].exchange.on_connector_result(position, ConnectorResult::UnderWay);
            }
        }
    }

    /// Claims an instrument for a connector call; says whether that is possible.
    fn claim(&mut self, slot: u32, position: usize) -> bool {
        let visit = &self.running[slot].visit;
        let row = self.population.rows(visit)[position];
        let policy = self.policy_of(visit.instance);
        let local = self.population.instances[visit.instance.index()].local.at_mut(row);
        let free = !policy.connector_claims || !local.claimed;
        local.claimed = true;
        free
    }

    /// Draws the luck of a call and makes it.
    fn make_call(&mut self, slot: u32, position: usize, reason: CallReason, scheduler: &mut Scheduler<Event>) {
        let now = scheduler.now();
        let Running { visit, luck, .. } = &mut self.running[slot];
        let local = self.population.local_of(visit, position);
        let provider = local.provider.expect("only instruments with a connector are called for");
        let connector = &self.blueprint.config.connectors[provider.index()];
        let stream = luck.of_call(position);
        let failure = stream.chance(connector.failure).then_some(CallFailure::Chance);
        let latency_s = connector.latency.sample(stream);
        let caller = visit.instance;
        let place = u32::try_from(position).expect("a watchlist is shorter than 2^32");
        let ends = [Event::CallPlaced { running: slot, position: place }, connector_answers(slot, position)];
        let call = self.begin_call((caller, provider), reason, (latency_s, failure), ends, scheduler);
        self.running[slot].calls[position] = Some(call);
        if call.held_back.is_zero() {
            self.tell_of_call(slot, position, &call, now);
        }
    }

    /// Passes the call of an instance through the token bucket of a provider. It will be placed, if it is held back, and then
    /// answered: these are the two events.
    pub(super) fn begin_call(
        &mut self,
        (caller, provider): (InstanceId, ProviderId),
        reason: CallReason,
        (latency_s, failure): (f64, Option<CallFailure>),
        [is_placed, is_answered]: [Event; 2],
        scheduler: &mut Scheduler<Event>,
    ) -> Call {
        let now = scheduler.now();
        let admission = self.admit(caller, provider, now);
        let held_back = if let Admission::After(wait) = admission { wait } else { SimDuration::ZERO };
        let placed = now.saturating_add(held_back);
        let failure = if let Admission::Refused(why) = admission { Some(why) } else { failure };
        let (latency, failure) = self.met(provider, latency_s, failure);
        let pending = if held_back.is_zero() {
            scheduler.schedule_in(latency, is_answered)
        } else {
            scheduler.schedule_at(placed, is_placed)
        };
        let limited = !matches!(admission, Admission::Now);
        Call { reason, placed, held_back, limited, latency, failure, pending: Some(pending) }
    }

    /// A call that was held back reaches its provider.
    pub(super) fn call_placed(&mut self, slot: u32, position: usize, scheduler: &mut Scheduler<Event>) {
        // What the provider was like when the call was held back no longer counts.
        let running = &mut self.running[slot];
        let provider = self.population.local_of(&running.visit, position).provider;
        let provider = provider.expect("only instruments with a connector are called for");
        let connector = &self.blueprint.config.connectors[provider.index()];
        let stream = running.luck.of_call(position);
        let failure = stream.chance(connector.failure).then_some(CallFailure::Chance);
        let latency_s = connector.latency.sample(stream);
        let (latency, failure) = self.met(provider, latency_s, failure);
        let call = self.running[slot].call(position);
        (call.latency, call.failure) = (latency, failure);
        call.pending = Some(scheduler.schedule_in(call.latency, connector_answers(slot, position)));
        let call = *call;
        self.tell_of_call(slot, position, &call, scheduler.now());
    }

    /// How long a call takes that reaches its provider now, and why it fails if it does: what faults make of what is in store for it.
    pub(super) fn met(
        &self,
        provider: ProviderId,
        latency_s: f64,
        failure: Option<CallFailure>,
    ) -> (SimDuration, Option<CallFailure>) {
        let met = (SimDuration::from_secs_f64(latency_s), failure);
        let faults = self.faults.of_provider(provider.index(), self.blueprint);
        faults.fold(met, |(latency, failure), fault| match *fault {
            ProviderFault::Outage { fails_after } => (fails_after, Some(CallFailure::Outage)),
            ProviderFault::Slow { factor } if failure.is_none() => {
                (SimDuration::from_secs_f64(latency.as_secs_f64() * factor), failure)
            }
            ProviderFault::Slow { .. } => (latency, failure),
        })
    }

    pub(super) fn tell_of_call(&mut self, slot: u32, position: usize, call: &Call, now: SimTime) {
        let running = &self.running[slot];
        let Call { reason, held_back, limited, .. } = *call;
        let local = self.population.local_of(&running.visit, position);
        let provider = local.provider.expect("only instruments with a connector are called for");
        let (began, visit, instrument) = (running.visit.began, running.visit.id(), local.instrument);
        let instance = visit.instance;
        self.observer.observe(now, &Fact::ConnectorCalled { began, instance, provider, reason, limited, held_back });
        self.transcribe_placing(now, Some(visit), (instance, provider), (instrument, reason));
    }

    fn admit(&mut self, caller: InstanceId, provider: ProviderId, now: SimTime) -> Admission {
        let Some(limit) = &self.blueprint.config.connectors[provider.index()].rate_limit else {
            return Admission::Now;
        };
        let buckets = match limit.scope {
            RateScope::Instance => &mut self.population.instances[caller.index()].buckets,
            RateScope::Group => &mut self.population.group_buckets[self.blueprint.instances()[caller.index()].group],
            RateScope::Shared => &mut self.population.shared_buckets,
        };
        let bucket = buckets[provider.index()].as_mut().expect("a limited provider has its bucket in its scope");
        let wait = bucket.wait(now);
        match limit.when_exceeded {
            WhenExceeded::Fail if bucket.is_blocked(now) => Admission::Refused(CallFailure::Blocked),
            WhenExceeded::Fail if !wait.is_zero() => {
                bucket.block(now, limit.blocks_for);
                Admission::Refused(CallFailure::OverLimit)
            }
            _ => {
                bucket.take(now);
                if wait.is_zero() { Admission::Now } else { Admission::After(wait) }
            }
        }
    }

    /// A connector call ends; the next one takes its place, or the exchange goes on.
    pub(super) fn connector_answers(&mut self, slot: u32, position: usize, scheduler: &mut Scheduler<Event>) {
        let now = scheduler.now();
        let running = &mut self.running[slot];
        let call = running.calls[position].take().expect("a call that ends is under way");
        let (caller, visit) = (running.visit.instance, running.visit.id());
        let row = self.population.rows(&running.visit)[position];
        let (filled, kept) = (self.prices_of_exchange(slot), self.kept_of_exchange(slot, Shelf::Own));
        self.settle_call(slot, position, &call, now);
        self.transcribe_filling(now, slot, filled, Carrier::Call(call.placed));
        self.transcribe_keeping(now, (caller, Shelf::Own), kept, Carrier::Exchange(visit));
        self.population.instances[caller.index()].local.at_mut(row).claimed = false;
        let running = &mut self.running[slot];
        running.calls_under_way -= 1;
        let finished = running.calls_under_way == 0 && running.next_call == running.queue.len();
        if finished { self.advance(slot, scheduler) } else { self.make_calls(slot, scheduler) }
    }

    /// Takes what a connector call has found into the exchange and the local instruments of its caller at `now`.
    pub(super) fn settle_call(&mut self, slot: u32, position: usize, call: &Call, now: SimTime) {
        let running = &self.running[slot];
        let (began, visit) = (running.visit.began, running.visit.id());
        let row = self.population.rows(&running.visit)[position];
        let caller = visit.instance;
        let policy = self.policy_of(caller);
        let local = self.population.instances[caller.index()].local.at(row);
        let (instrument, provider) = (local.instrument, local.provider);
        let provider = provider.expect("only instruments with a connector are called for");
        let found = match call.failure {
            Some(failure) => Err(failure),
            None => Ok(self.delivered((caller, provider), instrument, call.placed, now)),
        };
        let price = found.ok().map(|(price, _)| price);
        self.transcribe_call(now, (Some(visit), call.placed), (caller, provider), (instrument, price));
        let Running { exchange, call_ends, .. } = &mut self.running[slot];
        let result = price.map_or(ConnectorResult::Failed, ConnectorResult::Delivered);
        let taken = exchange.on_connector_result(position, result);
        call_ends[position] = Some(match found {
            Ok((_, age)) => CallEnd::Delivered { age, taken },
            Err(failure) => CallEnd::Failed(failure),
        });
        if let (true, Some(price)) = (taken, price) {
            let local = &mut self.population.instances[caller.index()].local;
            if policy.connector_prices_replace {
                local.at_mut(row).price = price;
            } else {
                local.save(row, price);
            }
        }
        let (latency, delivered) = (call.latency, call.failure.is_none());
        self.observer.observe(
            now,
            &Fact::ConnectorAnswered { began, instance: caller, instrument, provider, latency, delivered },
        );
    }

    /// The price that a provider delivers to a caller at `now` for a call that was placed then, and how old it was at that time.
    pub(super) fn delivered(
        &self,
        (caller, provider): (InstanceId, ProviderId),
        instrument: InstrumentId,
        placed: SimTime,
        now: SimTime,
    ) -> (Price<Quote>, SimDuration) {
        let connector = &self.blueprint.config.connectors[provider.index()];
        let [true_placed, true_now] = [placed, now].map(|at| self.blueprint.config.start + at.since_start());
        let calendar = self.calendar_around(instrument, true_placed);
        let as_of = calendar.last_trade(true_placed - connector.delay);
        let (timestamp, stamp_error) = match connector.stamp {
            Stamp::Now => {
                let shown = self.population.instances[caller.index()].clock.show(now);
                (shown - connector.delay, StampError::between(shown, true_now))
            }
            // Providers have clocks that are right.
            Stamp::Trade => (as_of, StampError::NONE),
        };
        let marks = Marks::fetched(provider, placed, now);
        let content = Quote { marks, stamp_error, ..Quote::NONE };
        (Price { timestamp: Some(timestamp), content }, calendar.traded_since(as_of))
    }
}

fn connector_answers(running: u32, position: usize) -> Event {
    let position = u32::try_from(position).expect("a watchlist is shorter than 2^32");
    Event::ConnectorAnswers { running, position }
}
