//! What the unit tests of the protocol share: small keys and prices, and stores in memory.

use std::collections::BTreeMap;

use crate::time::Timestamp;

use super::{
    AcceptMode, Announced, InstrumentKey, InstrumentStore, Online, OwnStatus, Peer, PeerView, PoolRow, Price,
    PriceContent, PriceItem, PriceStore, RequestBudget, ServerState, Violations,
};

/// Keys below 100 are well-formed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key(pub(super) u32);

/// Lacks a part, though not the one that names it.
pub(super) const INCOMPLETE: Key = Key(100);
/// Lacks the part that names it.
pub(super) const UNNAMED: Key = Key(101);
/// Has an empty text for a part.
pub(super) const BLANK: Key = Key(102);

impl InstrumentKey for Key {
    fn is_complete(self) -> bool {
        self != INCOMPLETE && self != UNNAMED
    }

    fn is_named(self) -> bool {
        self != UNNAMED
    }

    fn is_blank(self) -> bool {
        self == BLANK
    }
}

/// A last price and something beside it; 0 stands for none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Content {
    pub(super) last: u32,
    pub(super) open: u32,
}

impl PriceContent for Content {
    const NOTHING: Self = Self { last: 0, open: 0 };

    fn has_last(&self) -> bool {
        self.last > 0
    }

    fn update(&mut self, newer: &Self) {
        if newer.last > 0 {
            self.last = newer.last;
        }
        if newer.open > 0 {
            self.open = newer.open;
        }
    }
}

pub(super) fn price(secs: Option<i64>, last: u32) -> Price<Content> {
    Price { timestamp: secs.map(Timestamp::from_unix_secs), content: Content { last, open: 0 } }
}

pub(super) fn item(key: u32, secs: Option<i64>, last: u32) -> PriceItem<Key, Content> {
    PriceItem { instrument: Key(key), price: price(secs, last) }
}

/// What an instance of this mode says of itself when all is well.
pub(super) fn status(mode: AcceptMode) -> OwnStatus {
    OwnStatus {
        mode: Some(mode),
        state: ServerState::Open,
        max_limit: Some(10),
        busy: false,
        daily_request_limit: None,
    }
}

/// A push-open peer with which all is well.
pub(super) fn peer() -> Peer {
    let said = status(AcceptMode::PushOpen);
    Peer {
        view: PeerView { said, online: Online::Online },
        priority: 3,
        exchange_agreed: true,
        authorised: true,
        consumer_log: true,
        supplier_log: true,
        violations: Violations::default(),
        budget: RequestBudget::default(),
        announced: Announced::default(),
        distrusted_until: None,
    }
}

/// A pool; some instruments may be known without a price.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Pool(pub(super) BTreeMap<Key, Option<Price<Content>>>);

impl Pool {
    pub(super) fn of(prices: &[PriceItem<Key, Content>]) -> Self {
        Self(prices.iter().map(|item| (item.instrument, Some(item.price))).collect())
    }
}

impl PriceStore<Key, Content> for Pool {
    fn row(&self, instrument: Key) -> PoolRow<Content> {
        match self.0.get(&instrument) {
            None => PoolRow::Unknown,
            Some(None) => PoolRow::Unpriced,
            Some(Some(price)) => PoolRow::Priced(*price),
        }
    }

    fn store(&mut self, instrument: Key, price: Price<Content>) {
        self.0.insert(instrument, Some(price));
    }
}

/// Own instruments: price and flags, which are both set or both not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Instruments(pub(super) BTreeMap<Key, (Price<Content>, bool)>);

impl InstrumentStore<Key, Content> for Instruments {
    fn price(&self, instrument: Key) -> Option<Price<Content>> {
        self.0.get(&instrument).map(|(price, _)| *price)
    }

    fn set_price(&mut self, instrument: Key, price: Price<Content>) {
        self.0.get_mut(&instrument).expect("recorded").0 = price;
    }

    fn may_receive(&self, instrument: Key) -> bool {
        self.may_send(instrument)
    }

    fn may_send(&self, instrument: Key) -> bool {
        self.0.get(&instrument).is_some_and(|(_, send)| *send)
    }

    fn may_send_any(&self) -> bool {
        self.0.values().any(|(_, send)| *send)
    }
}
