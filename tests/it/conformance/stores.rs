//! Tables in memory: pools and an instance's own instruments.

use gtnet_sim::protocol::{InstrumentStore, PoolRow, Price, PriceStore};
use serde_json::{Value, json};

use super::decode::{Content, Key, RawPoolRow};
use super::encode;

/// A price pool; an instrument may be known without a price.
pub(super) struct Pool(Vec<(Key, Option<Price<Content>>)>);

impl Pool {
    pub(super) fn new(rows: &[RawPoolRow]) -> Self {
        Self(rows.iter().map(|row| (row.key, row.price.map(super::decode::RawPrice::price))).collect())
    }

    pub(super) fn encode(&self) -> Value {
        encode::sorted(self.0.iter().map(|(key, price)| (*key, json!({"price": price.as_ref().map(encode::price)}))))
    }
}

impl PriceStore<Key, Content> for Pool {
    fn row(&self, instrument: Key) -> PoolRow<Content> {
        match self.0.iter().find(|(key, _)| *key == instrument) {
            None => PoolRow::Unknown,
            Some((_, None)) => PoolRow::Unpriced,
            Some((_, Some(price))) => PoolRow::Priced(*price),
        }
    }

    fn store(&mut self, instrument: Key, price: Price<Content>) {
        match self.0.iter_mut().find(|(key, _)| *key == instrument) {
            Some((_, stored)) => *stored = Some(price),
            None => self.0.push((instrument, Some(price))),
        }
    }
}

/// A row of an instance's own instruments.
pub(super) struct LocalRow {
    pub(super) key: Key,
    pub(super) price: Price<Content>,
    pub(super) send: bool,
    pub(super) retry: u32,
}

/// An instance's own instruments.
pub(super) struct Table {
    pub(super) rows: Vec<LocalRow>,
    /// Whether some instrument that is not among the rows may be sent.
    pub(super) sends_others: bool,
}

impl Table {
    pub(super) fn row_mut(&mut self, instrument: Key) -> Option<&mut LocalRow> {
        self.rows.iter_mut().find(|row| row.key == instrument)
    }

    /// Rows of one kind, each with the fields that `fields` adds.
    pub(super) fn encode(&self, pairs: bool, fields: impl Fn(&LocalRow) -> Value) -> Value {
        encode::sorted(self.rows.iter().filter(|row| row.key.is_pair() == pairs).map(|row| (row.key, fields(row))))
    }
}

impl InstrumentStore<Key, Content> for Table {
    fn price(&self, instrument: Key) -> Option<Price<Content>> {
        self.rows.iter().find(|row| row.key == instrument).map(|row| row.price)
    }

    fn set_price(&mut self, instrument: Key, price: Price<Content>) {
        self.row_mut(instrument).expect("only recorded instruments are set").price = price;
    }

    /// The releases do not ask.
    fn may_receive(&self, _instrument: Key) -> bool {
        true
    }

    fn may_send(&self, instrument: Key) -> bool {
        self.rows.iter().any(|row| row.key == instrument && row.send)
    }

    fn may_send_any(&self) -> bool {
        self.sends_others || self.rows.iter().any(|row| row.send)
    }
}
