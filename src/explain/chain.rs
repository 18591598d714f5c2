//! Where prices come from: each price that lies somewhere knows the stop before, back to the call that fetched it.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::observe::{Carrier, InstanceId, Line, MessageKind, ProviderId, Quotation, Shelf, VisitId};
use crate::protocol::{AcceptMode, CallReason, InstrumentId};
use crate::time::SimTime;

/// A place at which a price has been, and since when.
#[derive(Clone, Debug)]
pub(super) struct Stop {
    pub(super) place: StopPlace,
    pub(super) since: SimTime,
    /// The price as it stood there.
    pub(super) price: Quotation,
    /// Where it was before; `None`: its provider had it.
    pub(super) before: Option<Rc<Stop>>,
}

/// Where a price can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StopPlace {
    /// On its way from the provider, for this call.
    Fetched(CallFacts),
    /// Kept by an instance.
    Kept(InstanceId, Shelf),
    /// In an exchange of an instance.
    Exchange(VisitId),
    /// In a message or, if it is a reply, in the answer to it.
    Message {
        /// What kind of message.
        kind: MessageKind,
        /// Who formed what carries the price.
        from: InstanceId,
        /// Who gets it.
        to: InstanceId,
        /// Whether it is the answer.
        is_reply: bool,
    },
}

/// A connector call, and why it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CallFacts {
    /// Calls are numbered from 1 in the order in which they reach their providers.
    pub(super) number: u64,
    pub(super) exchange: Option<VisitId>,
    pub(super) caller: InstanceId,
    pub(super) provider: ProviderId,
    pub(super) instrument: InstrumentId,
    pub(super) reason: CallReason,
    pub(super) placed: SimTime,
}

/// Prices by instrument, with the stops before.
type Stops = BTreeMap<InstrumentId, Rc<Stop>>;

/// A message that has not ended.
#[derive(Debug)]
struct Carried {
    from: InstanceId,
    to: InstanceId,
    kind: MessageKind,
    items: Stops,
    answer: Stops,
}

/// Where all prices are, kept up to date line by line.
#[derive(Debug, Default)]
pub(super) struct Whereabouts {
    modes: Vec<AcceptMode>,
    kept: BTreeMap<(InstanceId, Shelf, InstrumentId), Rc<Stop>>,
    exchanges: BTreeMap<VisitId, Stops>,
    messages: BTreeMap<u32, Carried>,
    calls: u64,
    /// Calls that have reached their providers and not ended; two may be alike.
    open_calls: Vec<CallFacts>,
    /// The price of the call that has ended last.
    delivered: Option<Rc<Stop>>,
    /// Prices whose way here is not known, which never happens unless a line lacks something.
    pub(super) unexplained: u64,
}

impl Whereabouts {
    /// The price of an instrument in an exchange.
    pub(super) fn in_exchange(&self, exchange: VisitId, instrument: InstrumentId) -> Option<&Rc<Stop>> {
        self.exchanges.get(&exchange)?.get(&instrument)
    }

    /// The prices that are kept of an instrument, and where.
    pub(super) fn kept_of(&self, instrument: InstrumentId) -> impl Iterator<Item = (InstanceId, Shelf, &Rc<Stop>)> {
        let of_it = self.kept.iter().filter(move |((.., kept), _)| *kept == instrument);
        of_it.map(|((instance, shelf, _), stop)| (*instance, *shelf, stop))
    }

    /// The call that was placed last.
    pub(super) fn last_placed(&self) -> Option<CallFacts> {
        self.open_calls.last().copied()
    }

    /// The price of the call that has ended last, and the call.
    pub(super) fn last_delivered(&self) -> Option<&Rc<Stop>> {
        self.delivered.as_ref()
    }

    /// Takes note of a line.
    pub(super) fn follow(&mut self, now: SimTime, line: &Line) {
        match line {
            Line::World(instances) => self.modes = instances.iter().map(|instance| instance.mode).collect(),
            Line::Began { visit, watchlist, .. } => self.begin(now, *visit, watchlist),
            Line::Sent { message, exchange, from, to, kind, items, .. } => {
                let place = StopPlace::Message { kind: *kind, from: *from, to: *to, is_reply: false };
                let origin =
                    |item: &Quotation| exchange.and_then(|visit| self.in_exchange(visit, item.instrument).cloned());
                let found: Vec<_> = items.iter().map(|item| (*item, origin(item))).collect();
                let items = self.stops(now, place, found);
                let carried = Carried { from: *from, to: *to, kind: *kind, items, answer: Stops::new() };
                self.messages.insert(*message, carried);
            }
            Line::Served { message, items, .. } => self.serve(now, *message, items),
            Line::CallPlaced { exchange, instance, instrument, provider, reason } => {
                self.calls += 1;
                self.open_calls.push(CallFacts {
                    number: self.calls,
                    exchange: *exchange,
                    caller: *instance,
                    provider: *provider,
                    instrument: *instrument,
                    reason: *reason,
                    placed: now,
                });
            }
            Line::Called { exchange, instance, instrument, provider, placed, price } => {
                let is_it = |call: &CallFacts| {
                    (call.exchange, call.caller, call.instrument, call.provider, call.placed)
                        == (*exchange, *instance, *instrument, *provider, *placed)
                };
                let at = self.open_calls.iter().position(is_it).expect("a call that ends was placed");
                let call = self.open_calls.remove(at);
                self.delivered = price.map(|price| {
                    Rc::new(Stop { place: StopPlace::Fetched(call), since: *placed, price, before: None })
                });
            }
            Line::Filled { exchange, by, items } => {
                let found: Vec<_> =
                    items.iter().map(|item| (*item, self.brought(*by, exchange.instance, item))).collect();
                let stops = self.stops(now, StopPlace::Exchange(*exchange), found);
                self.exchanges.entry(*exchange).or_default().extend(stops);
            }
            Line::Kept { instance, shelf, by, items } => {
                let found: Vec<_> = items.iter().map(|item| (*item, self.brought(*by, *instance, item))).collect();
                for item in items {
                    self.kept.remove(&(*instance, *shelf, item.instrument));
                }
                for (instrument, stop) in self.stops(now, StopPlace::Kept(*instance, *shelf), found) {
                    self.kept.insert((*instance, *shelf, instrument), stop);
                }
            }
            Line::Forgotten { instance, instruments } => self.forget(*instance, instruments.as_deref()),
            Line::Done { exchange } => _ = self.exchanges.remove(exchange),
            Line::Reopened { .. }
            | Line::Arrived { .. }
            | Line::ServiceBegan { .. }
            | Line::Lost { .. }
            | Line::Answered { .. }
            | Line::Ended { .. }
            | Line::Shown { .. } => {}
        }
    }

    fn begin(&mut self, now: SimTime, visit: VisitId, watchlist: &[InstrumentId]) {
        let place = StopPlace::Exchange(visit);
        let own = |instrument: &InstrumentId| self.kept.get(&(visit.instance, Shelf::Own, *instrument)).cloned();
        let stop = |kept: Rc<Stop>| Rc::new(Stop { place, since: now, price: kept.price, before: Some(kept) });
        let stops = watchlist.iter().filter_map(|instrument| Some((*instrument, stop(own(instrument)?)))).collect();
        self.exchanges.insert(visit, stops);
    }

    /// The reply to a message is formed: its prices come from where the receiver keeps prices for others.
    fn serve(&mut self, now: SimTime, message: u32, items: &[Quotation]) {
        let Some(Carried { from, to, kind, .. }) = self.messages.get(&message) else { return };
        let (from, to, kind) = (*from, *to, *kind);
        let is_pool = self.modes[to.index()] == AcceptMode::PushOpen;
        let shelves = if is_pool { [Shelf::Pool, Shelf::Own] } else { [Shelf::Own, Shelf::Pool] };
        let origin = |item: &Quotation| {
            let kept = shelves.iter().filter_map(|shelf| self.kept.get(&(to, *shelf, item.instrument)));
            kept.into_iter().find(|stop| stop.price.as_of == item.as_of).cloned()
        };
        let found: Vec<_> = items.iter().map(|item| (*item, origin(item))).collect();
        let place = StopPlace::Message { kind, from: to, to: from, is_reply: true };
        let answer = self.stops(now, place, found);
        if let Some(carried) = self.messages.get_mut(&message) {
            carried.answer = answer;
        }
    }

    fn forget(&mut self, instance: InstanceId, instruments: Option<&[InstrumentId]>) {
        self.kept.retain(|(whose, shelf, instrument), _| {
            (*whose, *shelf) != (instance, Shelf::Pool) || instruments.is_some_and(|some| !some.contains(instrument))
        });
    }

    /// Where a price was before it got to an instance.
    fn brought(&self, by: Carrier, instance: InstanceId, item: &Quotation) -> Option<Rc<Stop>> {
        match by {
            Carrier::OwnPool => self.kept.get(&(instance, Shelf::Pool, item.instrument)).cloned(),
            Carrier::Exchange(visit) => self.in_exchange(visit, item.instrument).cloned(),
            Carrier::Call(_) => self.delivered.clone(),
            Carrier::Message(message) => {
                let carried = self.messages.get(&message)?;
                let stops = if carried.to == instance { &carried.items } else { &carried.answer };
                stops.get(&item.instrument).cloned()
            }
        }
    }

    /// Prices at their next stop; what has no price is left out.
    fn stops(&mut self, now: SimTime, place: StopPlace, found: Vec<(Quotation, Option<Rc<Stop>>)>) -> Stops {
        let mut stops = Stops::new();
        for (price, before) in found.into_iter().filter(|(price, _)| price.as_of.is_some()) {
            let is_known = before.as_ref().is_some_and(|before| before.price.as_of == price.as_of);
            self.unexplained += u64::from(!is_known);
            stops.insert(price.instrument, Rc::new(Stop { place, since: now, price, before }));
        }
        stops
    }
}

impl Stop {
    /// The way of the price until here, first the call that fetched it.
    pub(super) fn way(self: &Rc<Self>) -> Vec<Rc<Self>> {
        let mut way: Vec<Rc<Self>> = std::iter::successors(Some(Rc::clone(self)), |stop| stop.before.clone()).collect();
        way.reverse();
        way
    }

    /// The call that fetched the price.
    pub(super) fn call(&self) -> Option<CallFacts> {
        let mut stop = self;
        while let Some(before) = &stop.before {
            stop = before;
        }
        if let StopPlace::Fetched(call) = stop.place { Some(call) } else { None }
    }
}
