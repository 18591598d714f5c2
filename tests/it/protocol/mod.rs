//! Whole exchanges and served messages, as the documents tell them and as the switches bend them.

mod general_flow;
mod readings;
mod seven_step;
mod switches;

use std::collections::BTreeMap;

use gtnet_sim::protocol::{
    AcceptMode, Action, Connector, Endpoint, InstrumentId, InstrumentStore, Outcome, OwnInstance, OwnStatus, PeerId,
    Policy, PoolRow, Preset, PriceContent, PriceStore, Refusal, ServerState, Supplier, SupplierDetails,
};
use gtnet_sim::time::{SimDuration, Timestamp};

type Price = gtnet_sim::protocol::Price<Last>;
type PriceItem = gtnet_sim::protocol::PriceItem<InstrumentId, Last>;
type WatchlistItem = gtnet_sim::protocol::WatchlistItem<InstrumentId, Last>;
type Exchange = gtnet_sim::protocol::Exchange<InstrumentId, Last>;

/// A last price; 0 stands for none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Last(u32);

impl PriceContent for Last {
    const NOTHING: Self = Self(0);

    fn has_last(&self) -> bool {
        self.0 > 0
    }

    fn update(&mut self, newer: &Self) {
        if newer.has_last() {
            *self = *newer;
        }
    }
}

const X: InstrumentId = InstrumentId(1);
const Y: InstrumentId = InstrumentId(2);
const Z: InstrumentId = InstrumentId(3);

const NEVER: Price = Price { timestamp: None, content: Last(0) };

/// When exchanges begin.
const NOW: Timestamp = Timestamp::from_unix_secs(10_000);

fn price(secs: i64, last: u32) -> Price {
    Price { timestamp: Some(Timestamp::from_unix_secs(secs)), content: Last(last) }
}

fn item(instrument: InstrumentId, secs: i64, last: u32) -> PriceItem {
    PriceItem { instrument, price: price(secs, last) }
}

fn watched(instrument: InstrumentId, secs: i64) -> WatchlistItem {
    WatchlistItem {
        instrument,
        receive: true,
        send: true,
        connector: Some(Connector { delay: SimDuration::ZERO }),
        active: true,
        retry: 0,
        valuation_only: false,
        price_is_final: false,
        price: price(secs, 1),
    }
}

fn peer(number: u32, mode: AcceptMode, priority: u16) -> Supplier {
    Supplier {
        peer: PeerId(number),
        mode,
        priority,
        exchange_agreed: true,
        authorised: true,
        reachable: true,
        busy: false,
        max_limit: None,
        success_rate: 1.0,
    }
}

/// A peer with which no exchange is agreed on.
fn stranger(supplier: Supplier) -> Supplier {
    Supplier { exchange_agreed: false, ..supplier }
}

/// Peer and what it sends.
struct Sends(Vec<(u32, InstrumentId)>);

impl SupplierDetails<InstrumentId> for Sends {
    fn covers(&self, peer: PeerId, instrument: InstrumentId) -> bool {
        self.0.contains(&(peer.0, instrument))
    }
}

const NOBODY_SENDS: Sends = Sends(Vec::new());

#[derive(Clone, Debug, Default, PartialEq)]
struct Pool(BTreeMap<InstrumentId, Price>);

impl PriceStore<InstrumentId, Last> for Pool {
    fn row(&self, instrument: InstrumentId) -> PoolRow<Last> {
        self.0.get(&instrument).map_or(PoolRow::Unknown, |price| PoolRow::Priced(*price))
    }

    fn store(&mut self, instrument: InstrumentId, price: Price) {
        self.0.insert(instrument, price);
    }
}

/// Recorded instruments: price and flags, which are both set or both not.
#[derive(Clone, Debug, Default, PartialEq)]
struct Instruments(BTreeMap<InstrumentId, (Price, bool)>);

impl InstrumentStore<InstrumentId, Last> for Instruments {
    fn price(&self, instrument: InstrumentId) -> Option<Price> {
        self.0.get(&instrument).map(|(price, _)| *price)
    }

    fn set_price(&mut self, instrument: InstrumentId, price: Price) {
        self.0.get_mut(&instrument).expect("recorded").0 = price;
    }

    fn may_receive(&self, instrument: InstrumentId) -> bool {
        self.may_send(instrument)
    }

    fn may_send(&self, instrument: InstrumentId) -> bool {
        self.0.get(&instrument).is_some_and(|(_, send)| *send)
    }

    fn may_send_any(&self) -> bool {
        self.0.values().any(|(_, send)| *send)
    }
}

fn own(mode: AcceptMode) -> OwnInstance {
    OwnInstance { mode, gtnet: true }
}

fn status(mode: AcceptMode) -> OwnStatus {
    OwnStatus { mode: Some(mode), state: ServerState::Open, max_limit: None, busy: false, daily_request_limit: None }
}

/// What a server answers to a request of somebody unknown.
fn answer(
    policy: &Policy,
    own: OwnStatus,
    pool: &mut Pool,
    instruments: &mut Instruments,
    request: &[PriceItem],
) -> Result<Vec<PriceItem>, Refusal> {
    let mut answer = Vec::new();
    let mut endpoint = Endpoint { policy, own: Some(own), sender: None, pool, instruments };
    endpoint.handle_request(NOW, request, None, &mut answer).result.map(|_| answer)
}

/// How many prices a server without a pool takes over from a push of somebody unknown.
fn accept(policy: &Policy, own: OwnStatus, instruments: &mut Instruments, push: &[PriceItem]) -> Result<u32, Refusal> {
    let pool = &mut Pool::default();
    Endpoint { policy, own: Some(own), sender: None, pool, instruments }.handle_push(NOW, push).result
}

fn exchange(preset: Preset) -> Exchange {
    Exchange::new(Policy::of(preset))
}

fn start(
    exchange: &mut Exchange,
    own: OwnInstance,
    watchlist: impl IntoIterator<Item = WatchlistItem>,
    suppliers: impl IntoIterator<Item = Supplier>,
) {
    exchange.start(own, NOW, watchlist, suppliers);
}

/// The peer that is asked next.
fn next_asked(exchange: &mut Exchange, details: &Sends) -> u32 {
    match exchange.next_action(details) {
        Action::Request { peer } => peer.0,
        other => panic!("a request is due, not {other:?}"),
    }
}

/// The peer that is pushed to next.
fn next_pushed(exchange: &mut Exchange) -> u32 {
    match exchange.next_action(&NOBODY_SENDS) {
        Action::PushBack { peer } => peer.0,
        other => panic!("a push is due, not {other:?}"),
    }
}

fn asked(exchange: &Exchange) -> Vec<u32> {
    exchange.request().map(|item| item.instrument.0).collect()
}

fn pushed(exchange: &Exchange, peer: u32) -> Vec<(u32, u32)> {
    exchange.push(PeerId(peer)).map(|item| (item.instrument.0, item.price.content.0)).collect()
}

fn outcomes(exchange: &Exchange) -> Vec<Option<Outcome>> {
    exchange.items().map(|(_, _, outcome)| outcome).collect()
}
