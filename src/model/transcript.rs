//! The transcript of exchanges, for observers that ask for one.

use crate::observe::{InstanceId, Line, Quotation, RecordedInstance, RecordedInstrument};
use crate::protocol::{InstrumentId, Price, PriceItem};
use crate::time::SimTime;

use super::message::Message;
use super::quote::Quote;
use super::world::World;

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
            instance: running.visit.instance,
            clock: instance.clock.show(now),
            watchlist: running.exchange.set().prices().map(|item| item.instrument).collect(),
            tie_order: self.tie_order.iter().map(|(_, peer)| instance.peers[*peer].instance).collect(),
        }
    }

    pub(super) fn line_of_sending(&self, id: u32) -> Line {
        let Message { from, to, kind, ref items, min_acceptable, .. } = self.messages[id];
        Line::Sent { from, to, kind, items: quotations(items), min_acceptable }
    }

    pub(super) fn line_of_answer(&self, id: u32) -> Line {
        let Message { from, to, kind, result, ref answer, .. } = self.messages[id];
        Line::Answered { from, to, kind, result, items: quotations(answer) }
    }

    pub(super) fn line_of_result(&self, slot: u32) -> Line {
        let running = &self.running[slot];
        let items = running.exchange.items().map(|(item, retry, _)| (quotation(item.instrument, &item.price), retry));
        Line::Shown { instance: running.visit.instance, items: items.collect() }
    }
}

pub(super) fn line_of_call(instance: InstanceId, instrument: InstrumentId, price: Option<Price<Quote>>) -> Line {
    Line::Called { instance, instrument, price: price.map(|price| quotation(instrument, &price)) }
}

fn quotations(items: &[PriceItem<InstrumentId, Quote>]) -> Vec<Quotation> {
    items.iter().map(|item| quotation(item.instrument, &item.price)).collect()
}

fn quotation(instrument: InstrumentId, price: &Price<Quote>) -> Quotation {
    Quotation { instrument, timestamp: price.timestamp, as_of: price.content.as_of }
}
