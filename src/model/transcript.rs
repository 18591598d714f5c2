//! The transcript of exchanges, for observers that ask for one: without one nothing here costs more than a question.

use crate::observe::{
    Carrier, InstanceId, Line, ProviderId, Quotation, RecordedInstance, RecordedInstrument, Shelf, VisitId,
};
use crate::protocol::{CallReason, InstrumentId, PoolRow, Price, PriceItem, PriceStore};
use crate::time::SimTime;

use super::message::{Initiator, Message};
use super::quote::Quote;
use super::running::Visit;
use super::stores::NO_PRICE;
use super::world::World;

/// Prices as they stood before something changed them; `None`: nobody reads the transcript.
pub(super) struct PricesBefore(Option<Vec<PriceItem<InstrumentId, Quote>>>);

impl World<'_> {
    /// Writes a line if somebody reads it. If nobody does, `line` is not called.
    pub(super) fn transcribe(&mut self, now: SimTime, line: impl FnOnce(&Self) -> Line) {
        if self.observer.transcribes() {
            let line = line(self);
            self.observer.transcribe(now, line);
        }
    }

    pub(super) fn line_of_world(&self) -> Line {
        let connectors = &self.blueprint.config.connectors;
        let instances = self.population.instances.iter().map(|instance| RecordedInstance {
            mode: instance.own.mode,
            gtnet: instance.own.gtnet,
            instruments: instance
                .local
                .rows()
                .iter()
                .map(|row| RecordedInstrument {
                    instrument: row.instrument,
                    receive: row.receive,
                    send: row.send,
                    connector_delay: row.provider.map(|provider| connectors[provider.index()].delay),
                    market: self.population.market_of[row.instrument.0 as usize],
                })
                .collect(),
            peers: instance.peers.iter().map(|entry| (entry.instance, entry.peer.priority)).collect(),
        });
        Line::World(instances.collect())
    }

    pub(super) fn line_of_beginning(&self, slot: u32, now: SimTime) -> Line {
        let running = &self.running[slot];
        let instance = &self.population.instances[running.visit.instance.index()];
        Line::Began {
            visit: running.visit.id(),
            clock: instance.clock.show(now),
            watchlist: running.exchange.set().prices().map(|item| item.instrument).collect(),
            tie_order: self.tie_order.iter().map(|(_, peer)| instance.peers[*peer].instance).collect(),
        }
    }

    pub(super) fn line_of_reopening(&self, visit: &Visit) -> Line {
        let positions = 0..self.population.rows(visit).len();
        let watchlist = positions.map(|position| self.population.local_of(visit, position).instrument);
        Line::Reopened { visit: visit.id(), watchlist: watchlist.collect() }
    }

    pub(super) fn line_of_sending(&self, id: u32) -> Line {
        let Message { initiator, from, to, kind, ref items, min_acceptable, .. } = self.messages[id];
        let exchange = match initiator {
            Initiator::Exchange(slot) => Some(self.running[slot].visit.id()),
            Initiator::Round | Initiator::History | Initiator::Announcement(_) => None,
        };
        Line::Sent { message: id, exchange, from, to, kind, items: self.quotations(items), min_acceptable }
    }

    pub(super) fn line_of_serving(&self, id: u32) -> Line {
        let Message { result, ref answer, .. } = self.messages[id];
        Line::Served { message: id, result, items: self.quotations(answer) }
    }

    pub(super) fn line_of_answer(&self, id: u32) -> Line {
        let Message { from, to, kind, result, ref answer, .. } = self.messages[id];
        Line::Answered { message: id, from, to, kind, result, items: self.quotations(answer) }
    }

    pub(super) fn line_of_result(&self, slot: u32, now: SimTime) -> Line {
        let running = &self.running[slot];
        let visit = running.visit.id();
        let items =
            running.exchange.items().map(|(item, retry, _)| (self.quotation(item.instrument, &item.price), retry));
        let clock = self.population.instances[visit.instance.index()].clock.show(now);
        Line::Shown { visit, clock, items: items.collect() }
    }

    /// A call of an instance has ended, with this price if it was not in vain.
    pub(super) fn transcribe_call(
        &mut self,
        now: SimTime,
        (exchange, placed): (Option<VisitId>, SimTime),
        (instance, provider): (InstanceId, ProviderId),
        (instrument, price): (InstrumentId, Option<Price<Quote>>),
    ) {
        self.transcribe(now, |world| {
            let price = price.map(|price| world.quotation(instrument, &price));
            Line::Called { exchange, instance, instrument, provider, placed, price }
        });
    }

    /// A call of an instance reaches its provider.
    pub(super) fn transcribe_placing(
        &mut self,
        now: SimTime,
        exchange: Option<VisitId>,
        (instance, provider): (InstanceId, ProviderId),
        (instrument, reason): (InstrumentId, CallReason),
    ) {
        self.transcribe(now, |_| Line::CallPlaced { exchange, instance, instrument, provider, reason });
    }

    /// The prices of an exchange before something changes them.
    pub(super) fn prices_of_exchange(&self, slot: u32) -> PricesBefore {
        self.prices_before(|| self.running[slot].exchange.set().prices().collect())
    }

    /// Tells which prices of an exchange have changed.
    pub(super) fn transcribe_filling(&mut self, now: SimTime, slot: u32, before: PricesBefore, by: Carrier) {
        let Some(before) = before.0 else { return };
        let exchange = &self.running[slot].exchange;
        let changed: Vec<Quotation> =
            before.iter().zip(exchange.set().prices()).filter_map(|(old, new)| self.differs(old, &new)).collect();
        let exchange = self.running[slot].visit.id();
        if !changed.is_empty() {
            self.transcribe(now, |_| Line::Filled { exchange, by, items: changed });
        }
    }

    /// What an instance keeps of the instruments of an exchange, before that changes.
    pub(super) fn kept_of_exchange(&self, slot: u32, place: Shelf) -> PricesBefore {
        let running = &self.running[slot];
        self.kept(running.visit.instance, place, || {
            running.exchange.set().prices().map(|item| item.instrument).collect()
        })
    }

    /// What an instance keeps of some instruments, before that changes.
    pub(super) fn kept(
        &self,
        instance: InstanceId,
        place: Shelf,
        instruments: impl FnOnce() -> Vec<InstrumentId>,
    ) -> PricesBefore {
        self.prices_before(|| {
            instruments()
                .into_iter()
                .map(|instrument| PriceItem { instrument, price: self.price_kept(instance, place, instrument) })
                .collect()
        })
    }

    /// Tells which of the prices that an instance keeps have changed.
    pub(super) fn transcribe_keeping(
        &mut self,
        now: SimTime,
        (instance, place): (InstanceId, Shelf),
        before: PricesBefore,
        by: Carrier,
    ) {
        let Some(before) = before.0 else { return };
        let now_kept = |old: &PriceItem<InstrumentId, Quote>| {
            let price = self.price_kept(instance, place, old.instrument);
            self.differs(old, &PriceItem { instrument: old.instrument, price })
        };
        let items: Vec<Quotation> = before.iter().filter_map(now_kept).collect();
        if !items.is_empty() {
            self.transcribe(now, |_| Line::Kept { instance, shelf: place, by, items });
        }
    }

    /// Tells which of the prices of a pool are forgotten.
    pub(super) fn transcribe_forgetting(&mut self, now: SimTime, instance: InstanceId, before: PricesBefore) {
        let Some(before) = before.0 else { return };
        let is_forgotten = |old: &&PriceItem<InstrumentId, Quote>| {
            let now_kept = self.price_kept(instance, Shelf::Pool, old.instrument);
            old.price.content.is_price() && !now_kept.content.is_price()
        };
        let instruments: Vec<InstrumentId> = before.iter().filter(is_forgotten).map(|old| old.instrument).collect();
        if !instruments.is_empty() {
            self.transcribe(now, |_| Line::Forgotten { instance, instruments: Some(instruments) });
        }
    }

    fn prices_before(&self, prices: impl FnOnce() -> Vec<PriceItem<InstrumentId, Quote>>) -> PricesBefore {
        PricesBefore(self.observer.transcribes().then(prices))
    }

    fn price_kept(&self, instance: InstanceId, place: Shelf, instrument: InstrumentId) -> Price<Quote> {
        let instance = &self.population.instances[instance.index()];
        match place {
            Shelf::Own => instance.local.get(instrument).map_or(NO_PRICE, |row| row.price),
            Shelf::Pool => match instance.pool.row(instrument) {
                PoolRow::Priced(price) => price,
                PoolRow::Unknown | PoolRow::Unpriced => NO_PRICE,
            },
        }
    }

    /// The new price, if another one stood there before. One that was fetched again may have the same timestamp and be of the same
    /// moment: its marks tell that it is another one. Whether it was pushed says nothing of the price itself.
    fn differs(&self, old: &PriceItem<InstrumentId, Quote>, new: &PriceItem<InstrumentId, Quote>) -> Option<Quotation> {
        let whole = |item: &PriceItem<InstrumentId, Quote>| Price {
            content: Quote { pushed: false, ..item.price.content },
            ..item.price
        };
        (whole(old) != whole(new)).then(|| self.quotation(new.instrument, &new.price))
    }

    fn quotations(&self, items: &[PriceItem<InstrumentId, Quote>]) -> Vec<Quotation> {
        items.iter().map(|item| self.quotation(item.instrument, &item.price)).collect()
    }

    fn quotation(&self, instrument: InstrumentId, price: &Price<Quote>) -> Quotation {
        let calendar = &self.blueprint.calendars[self.population.market_of[instrument.0 as usize]];
        let as_of = self.answered_for(&price.content).map(|at| calendar.last_trade(at));
        Quotation { instrument, timestamp: price.timestamp, as_of }
    }
}
