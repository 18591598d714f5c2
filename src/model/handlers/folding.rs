//! Connector calls of an exchange, all in one step where nobody could tell the difference: what they find is known when they begin, and
//! nobody looks at it before they have ended. What `connectors` does call by call has the same outcome, but for one thing: of two events
//! in the same nanosecond, one of which is the end of the last call, the other one may come first.

use std::cmp::Reverse;

use crate::engine::Scheduler;
use crate::model::config::{RateScope, WhenExceeded};
use crate::model::event::Event;
use crate::model::running::{CALLS_PER_CORE, Call, Running};
use crate::model::world::World;
use crate::observe::{CallFailure, InstanceId};
use crate::protocol::AcceptMode;
use crate::time::{SimDuration, SimTime};

/// With more users than this an instance is not looked at: somebody opens a watchlist before the calls end, most of the time.
const MOST_USERS: usize = 32;

impl World<'_> {
    /// Makes all connector calls of an exchange at once, if it can; says whether it has. Then one event stands for their end.
    pub(super) fn fold_calls(&mut self, slot: u32, scheduler: &mut Scheduler<Event>) -> bool {
        if self.needs_order || self.running[slot].queue.is_empty() {
            return false;
        }
        let instance = self.running[slot].visit.instance;
        let Some(undisturbed_until) = self.undisturbed_until(instance) else { return false };
        let now = scheduler.now();
        if undisturbed_until <= now {
            return false;
        }
        self.buckets_before.clone_from(&self.population.instances[instance.index()].buckets);
        let Some(end) = self.plan_calls(slot, now, undisturbed_until) else {
            self.population.instances[instance.index()].buckets.clone_from(&self.buckets_before);
            return false;
        };
        let planned = std::mem::take(&mut self.planned);
        for (position, call) in &planned {
            self.tell_of_call(slot, *position, call, call.placed);
            self.settle_call(slot, *position, call, call.placed + call.latency);
        }
        self.planned = planned;
        self.totals.exchanges_folded += 1;
        self.running[slot].next_call = self.running[slot].queue.len();
        self.running[slot].calls_end = Some(scheduler.schedule_at(end, Event::CallsEnd { running: slot }));
        true
    }

    /// All connector calls of an exchange, which were made at once, have ended.
    pub(super) fn calls_end(&mut self, slot: u32, scheduler: &mut Scheduler<Event>) {
        self.running[slot].calls_end = None;
        self.advance(slot, scheduler);
    }

    /// Until when nobody but the exchange that asks can see or change what its connector calls depend on or have an effect on: the
    /// instruments, the clock and the token buckets of its instance, and its providers. `None`: not even now.
    fn undisturbed_until(&self, id: InstanceId) -> Option<SimTime> {
        let policy = self.policy_of(id);
        let instance = &self.population.instances[id.index()];
        let calls_for_pool = instance.own.mode == AcceptMode::PushOpen
            && (policy.pool_refresh_interval.is_some() || policy.checks_pushes());
        let users = instance.users.clone();
        let is_disturbed = instance.is_asked
            || calls_for_pool
            || instance.exchanges > 1
            || users.len() > MOST_USERS
            || self.faults.has_extra_visits(users.clone());
        if is_disturbed {
            return None;
        }
        let users = &self.population.users[users.start as usize..users.end as usize];
        let next_visit = users.iter().map(|user| user.next_visit_at).min().unwrap_or(SimTime::MAX);
        Some(next_visit.min(self.faults.next_turn(id)).min(self.blueprint.horizon()))
    }

    /// Draws the connector calls of an exchange and takes their tokens. Each begins as soon as one of those before it has ended, if no
    /// more may be under way. Returns when the last one ends. `None`: one of them depends on what others do, or ends too late.
    fn plan_calls(&mut self, slot: u32, now: SimTime, ends_before: SimTime) -> Option<SimTime> {
        let Running { visit, queue, .. } = &self.running[slot];
        let caller = visit.instance;
        let at_a_time = CALLS_PER_CORE * self.blueprint.group_of(caller).cores;
        let calls = queue.len();
        self.planned.clear();
        self.ends_of_calls.clear();
        let mut end = now;
        for number in 0..calls {
            let running = &mut self.running[slot];
            let (position, reason) = running.queue[number];
            let local = self.population.local_of(&running.visit, position);
            let provider = local.provider.expect("only instruments with a connector are called for");
            let connector = &self.blueprint.config.connectors[provider.index()];
            let placed = if number < at_a_time as usize {
                now
            } else {
                let Reverse(free) = self.ends_of_calls.pop().expect("as many as may be at a time");
                free
            };
            let stream = running.luck.of_call(position);
            let chance = stream.chance(connector.failure).then_some(CallFailure::Chance);
            let latency_s = connector.latency.sample(stream);
            let mut refused = None;
            if let Some(limit) = &connector.rate_limit {
                if limit.scope != RateScope::Instance {
                    return None;
                }
                let buckets = &mut self.population.instances[caller.index()].buckets;
                let bucket = buckets[provider.index()].as_mut().expect("a limited provider has its bucket");
                let is_empty = !bucket.wait(placed).is_zero();
                match limit.when_exceeded {
                    WhenExceeded::Fail if bucket.is_blocked(placed) => refused = Some(CallFailure::Blocked),
                    WhenExceeded::Fail if is_empty => {
                        bucket.block(placed, limit.blocks_for);
                        refused = Some(CallFailure::OverLimit);
                    }
                    WhenExceeded::Wait if is_empty => return None,
                    _ => bucket.take(placed),
                }
            }
            let (latency, failure) = self.met(provider, latency_s, refused.or(chance));
            let answered = placed.saturating_add(latency);
            if answered >= ends_before {
                return None;
            }
            end = end.max(answered);
            self.ends_of_calls.push(Reverse(answered));
            let held_back = SimDuration::ZERO;
            let limited = refused.is_some();
            self.planned.push((position, Call { reason, placed, held_back, limited, latency, failure, pending: None }));
        }
        Some(end)
    }
}
