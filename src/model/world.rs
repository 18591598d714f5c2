//! One replication of a world in the middle of its run: all of its state, which handlers change and laws hold together.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::observe::{Fact, FalsePrice, InstanceId, Observer, PriceSource, PriceWay, StampError};
use crate::protocol::{InstrumentId, Policy};
use crate::random::{Purpose, Stream, Streams};
use crate::time::{SimDuration, SimTime, Timestamp};

use super::blueprint::Blueprint;
use super::bucket::TokenBucket;
use super::checks::PushCheck;
use super::config::InstanceFault;
use super::drawing::{self, DrawnInstruments};
use super::faults::{Faults, instance_fault};
use super::market::CalendarAt;
use super::message::{Message, MessageItem};
use super::population::Population;
use super::quote::Quote;
use super::refreshes::PoolRefresh;
use super::running::{Call, Running};
use super::slab::Slab;
use super::totals::Totals;
use super::truth::error_bp;

/// One replication of a world in the middle of its run.
pub(super) struct World<'a> {
    pub(super) blueprint: &'a Blueprint,
    pub(super) streams: Streams,
    pub(super) population: Population,
    pub(super) running: Slab<Running>,
    pub(super) messages: Slab<Message>,
    pub(super) checks: Slab<PushCheck>,
    pub(super) refreshes: Slab<PoolRefresh>,
    pub(super) totals: Totals,
    pub(super) faults: Faults,
    pub(super) observer: &'a mut dyn Observer,
    /// By user: when it visits, one draw after the other.
    pub(super) visit_times: Vec<Stream>,
    /// Peers of an exchange with the keys by which equals are ordered; kept for its buffer.
    pub(super) tie_order: Vec<(u64, usize)>,
    /// What a pool has taken from the push that was served last; kept for its buffer.
    pub(super) taken: Vec<MessageItem>,
    /// Whether the observer has to be told facts in the order of their times.
    pub(super) needs_order: bool,
    /// Connector calls that are made at once: positions in the watchlist, and the calls; kept for its buffer, as the next two are.
    pub(super) planned: Vec<(usize, Call)>,
    /// When the planned calls end that are under way.
    pub(super) ends_of_calls: BinaryHeap<Reverse<SimTime>>,
    /// The buckets of their caller as they were before.
    pub(super) buckets_before: Vec<Option<TokenBucket>>,
    /// By market: how long it has traded while a message was under way, if a price in it asks for that; kept for its buffer.
    pub(super) traded: Vec<Option<SimDuration>>,
}

impl<'a> World<'a> {
    /// A world before its first event.
    #[cfg(test)]
    pub(super) fn new(blueprint: &'a Blueprint, streams: Streams, observer: &'a mut dyn Observer) -> Self {
        Self::of_instruments(blueprint, streams, &DrawnInstruments::of(blueprint, &streams), observer)
    }

    /// A world before its first event, whose instruments are drawn already.
    pub(super) fn of_instruments(
        blueprint: &'a Blueprint,
        streams: Streams,
        drawn: &DrawnInstruments,
        observer: &'a mut dyn Observer,
    ) -> Self {
        let population = drawing::population(blueprint, &streams, drawn);
        let visit_times =
            population.users.iter().map(|user| streams.stream(Purpose::VisitTimes, user.entity)).collect();
        Self {
            blueprint,
            streams,
            population,
            running: Slab::new(),
            messages: Slab::new(),
            checks: Slab::new(),
            refreshes: Slab::new(),
            totals: Totals::default(),
            faults: Faults::new(blueprint, &streams),
            needs_order: observer.needs_order(),
            observer,
            planned: Vec::new(),
            ends_of_calls: BinaryHeap::new(),
            buckets_before: Vec::new(),
            visit_times,
            tie_order: Vec::new(),
            taken: Vec::new(),
            traded: Vec::new(),
        }
    }

    /// The rules that an instance follows.
    pub(super) fn policy_of(&self, instance: InstanceId) -> &'a Policy {
        self.blueprint.policy_of(instance)
    }

    /// That a user sees a price, which has come to him by `way` and from `source`. The calendar is that of its market at this moment.
    pub(super) fn price_shown(
        &self,
        began: SimTime,
        instrument: InstrumentId,
        quote: &Quote,
        (way, source): (PriceWay, PriceSource),
        calendar: &CalendarAt<'_>,
    ) -> Fact {
        let Some(answered_for) = self.answered_for(quote) else {
            let stamp_error = StampError::NONE;
            let (age, split, falsified) = (None, None, None);
            return Fact::PriceShown { began, age, split, error_bp: 0.0, stamp_error, falsified, source };
        };
        let traded_until = |at: SimTime| calendar.traded_until(self.blueprint.config.start + at.since_start());
        let (then, now) = (calendar.traded_until(answered_for), calendar.traded());
        let age = now.saturating_sub(then);
        let split = quote.marks.split(then, now, traded_until);
        assert_eq!(split.total(), age, "the parts of the age of a price are all of it: {quote:?}");
        let factor = self.false_by(quote);
        let market = self.population.market_of[instrument.0 as usize];
        let rise = if then == now { 0.0 } else { self.population.true_prices.rise(instrument, market, then, now) };
        Fact::PriceShown {
            began,
            age: Some(age),
            split: Some(split),
            error_bp: error_bp(factor, rise),
            stamp_error: quote.stamp_error,
            falsified: quote.falsified.fault().map(|fault| FalsePrice { fault, way }),
            source,
        }
    }

    /// The calendar of the market of an instrument at a moment.
    pub(super) fn calendar_around(&self, instrument: InstrumentId, at: Timestamp) -> CalendarAt<'a> {
        self.blueprint.calendars[self.population.market_of[instrument.0 as usize]].around(at)
    }

    /// The moment for which the provider of a price has answered; `None`: there is no price. The price is of that moment, or the last
    /// one of before if its market was closed then: the market has traded for as long until both.
    pub(super) fn answered_for(&self, quote: &Quote) -> Option<Timestamp> {
        let (provider, placed) = quote.marks.source()?;
        let config = &self.blueprint.config;
        Some(config.start + placed.since_start() - config.connectors[provider.index()].delay)
    }

    /// How far a price is from another one of the same instrument \[basis points of the latter\]; both say something.
    pub(super) fn difference_bp(&self, instrument: InstrumentId, price: &Quote, other: &Quote) -> f64 {
        let market = self.population.market_of[instrument.0 as usize];
        let [then, now] = [price, other].map(|quote| {
            let answered_for = self.answered_for(quote).expect("a price that says something");
            self.blueprint.calendars[market].traded_until(answered_for)
        });
        let rise = if then == now { 0.0 } else { self.population.true_prices.rise(instrument, market, then, now) };
        error_bp(self.false_by(price) / self.false_by(other), rise)
    }

    /// How many times the true price of its moment a price is.
    fn false_by(&self, quote: &Quote) -> f64 {
        quote.falsified.fault().map_or(1.0, |fault| match instance_fault(fault, self.blueprint) {
            InstanceFault::Rogue { factor, .. } => *factor,
            other => panic!("this fault falsifies nothing: {other:?}"),
        })
    }
}
