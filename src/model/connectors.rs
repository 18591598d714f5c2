//! Connector calls of exchanges: a bounded number at a time, through token buckets, to providers that fail and lag.

use crate::engine::Scheduler;
use crate::observe::{Fact, Observer, ProviderId};
use crate::protocol::{CallReason, ConnectorResult, Price};
use crate::random::Purpose;
use crate::time::{SimDuration, SimTime};

use super::config::{RateScope, Stamp, WhenExceeded};
use super::quote::Quote;
use super::transcript::line_of_call;
use super::world::{Call, Event, World};

/// Connector calls of one exchange that a core of its instance runs at a time.
pub(super) const CALLS_PER_CORE: u32 = 4;

/// What the token bucket says to a call.
enum Admission {
    Now,
    After(SimDuration),
    Refused,
}

impl<O: Observer> World<'_, O> {
    /// Begins the connector step of an exchange.
    pub(super) fn call_connectors(&mut self, slot: u32, scheduler: &mut Scheduler<Event>) {
        let running = &mut self.running[slot];
        running.queue.clear();
        running.queue.extend(running.exchange.connector_queue());
        running.next_call = 0;
        running.calls_under_way = 0;
        self.place_calls(slot, scheduler);
        // Others may be at every instrument already.
        if self.running[slot].calls_under_way == 0 {
            self.step(slot, scheduler);
        }
    }

    fn place_calls(&mut self, slot: u32, scheduler: &mut Scheduler<Event>) {
        let at_a_time = CALLS_PER_CORE * self.blueprint.group_of(self.running[slot].instance).cores;
        loop {
            let running = &mut self.running[slot];
            if running.calls_under_way == at_a_time || running.next_call == running.queue.len() {
                return;
            }
            let (position, reason) = running.queue[running.next_call];
            running.next_call += 1;
            if self.claim(slot, position) {
                self.running[slot].calls_under_way += 1;
                self.request_call(slot, position, reason, scheduler);
            } else {
                self.running[slot].exchange.on_connector_result(position, ConnectorResult::UnderWay);
            }
        }
    }

    /// Claims an instrument for a connector call; says whether that is possible.
    fn claim(&mut self, slot: u32, position: usize) -> bool {
        let row = self.population.row_of(&self.running[slot], position);
        let instance = self.running[slot].instance.index();
        let local = self.population.instances[instance].local.at_mut(row);
        let free = !self.blueprint.config.policy.connector_claims || !local.claimed;
        local.claimed = true;
        free
    }

    /// Draws the luck of a call and passes it through the provider's token bucket.
    fn request_call(&mut self, slot: u32, position: usize, reason: CallReason, scheduler: &mut Scheduler<Event>) {
        let now = scheduler.now();
        let running = &self.running[slot];
        let user = &self.population.users[running.user as usize];
        let local = self.population.local_of(running, position);
        let provider = local.provider.expect("only instruments with a connector are called for");
        let connector = &self.blueprint.config.connectors[provider.index()];
        let mut stream = self.streams.stream(Purpose::ConnectorCall, user.entity);
        let stream = stream.at(running.visit, local.instrument.0);
        let fails = stream.chance(connector.failure);
        let latency = SimDuration::from_secs_f64(connector.latency.sample(stream));
        let admission = self.admit(slot, provider, now);
        let held_back = if let Admission::After(wait) = admission { wait } else { SimDuration::ZERO };
        self.running[slot].calls[position] = Call {
            reason,
            placed: now.saturating_add(held_back),
            held_back,
            limited: !matches!(admission, Admission::Now),
            latency,
            fails: fails || matches!(admission, Admission::Refused),
        };
        if held_back.is_zero() {
            self.place_call(slot, position, scheduler);
        } else {
            let position = u32::try_from(position).expect("a watchlist is shorter than 2^32");
            scheduler.schedule_at(now.saturating_add(held_back), Event::CallPlaced { running: slot, position });
        }
    }

    /// A call reaches its provider.
    pub(super) fn place_call(&mut self, slot: u32, position: usize, scheduler: &mut Scheduler<Event>) {
        let running = &self.running[slot];
        let Call { reason, held_back, limited, latency, .. } = running.calls[position];
        let provider = self.population.local_of(running, position).provider;
        self.observer.observe(
            scheduler.now(),
            &Fact::ConnectorCalled {
                began: running.began,
                instance: running.instance,
                provider: provider.expect("only instruments with a connector are called for"),
                reason,
                limited,
                held_back,
            },
        );
        let position = u32::try_from(position).expect("a watchlist is shorter than 2^32");
        scheduler.schedule_in(latency, Event::ConnectorAnswers { running: slot, position });
    }

    fn admit(&mut self, slot: u32, provider: ProviderId, now: SimTime) -> Admission {
        let Some(limit) = &self.blueprint.config.connectors[provider.index()].rate_limit else {
            return Admission::Now;
        };
        let buckets = match limit.scope {
            RateScope::Instance => &mut self.population.instances[self.running[slot].instance.index()].buckets,
            RateScope::Shared => &mut self.population.shared_buckets,
        };
        let bucket = buckets[provider.index()].as_mut().expect("a limited provider has its bucket in its scope");
        let wait = bucket.wait(now);
        match limit.when_exceeded {
            WhenExceeded::Fail if !wait.is_zero() => Admission::Refused,
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
        let user = &self.population.users[running.user as usize];
        let row = user.watchlists[running.watchlist as usize].rows[position];
        let instance = &mut self.population.instances[running.instance.index()];
        let local = *instance.local.at(row);
        let provider = local.provider.expect("only instruments with a connector are called for");
        let call = running.calls[position];
        let result = if call.fails {
            ConnectorResult::Failed
        } else {
            let connector = &self.blueprint.config.connectors[provider.index()];
            let market = self.population.market_of[local.instrument.0 as usize];
            let served = self.blueprint.config.start + call.placed.since_start() - connector.delay;
            let as_of = self.blueprint.calendars[market].last_trade(served);
            let timestamp = match connector.stamp {
                Stamp::Now => instance.clock.show(now) - connector.delay,
                Stamp::Trade => as_of,
            };
            let content = Quote { as_of: Some(as_of), pushed: false };
            ConnectorResult::Delivered(Price { timestamp: Some(timestamp), content })
        };
        if running.exchange.on_connector_result(position, result)
            && let ConnectorResult::Delivered(price) = result
        {
            if self.blueprint.config.policy.connector_prices_replace {
                instance.local.at_mut(row).price = price;
            } else {
                instance.local.save(row, price);
            }
        }
        instance.local.at_mut(row).claimed = false;
        running.calls_under_way -= 1;
        let (began, instance, instrument) = (running.began, running.instance, local.instrument);
        let finished = running.calls_under_way == 0 && running.next_call == running.queue.len();
        let delivered_price = if let ConnectorResult::Delivered(price) = result { Some(price) } else { None };
        self.transcribe(now, |_| line_of_call(instance, instrument, delivered_price));
        let (latency, delivered) = (call.latency, !call.fails);
        self.observer
            .observe(now, &Fact::ConnectorAnswered { began, instance, instrument, provider, latency, delivered });
        if finished { self.step(slot, scheduler) } else { self.place_calls(slot, scheduler) }
    }
}
