//! What the protocol itself costs, without a network: answering a request from a pool, taking in a push, and one whole exchange.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use gtnet_sim::protocol::{
    AcceptMode, Action, Connector, ConnectorResult, Exchange, InstrumentId, OwnInstance, PeerId, Policy, PoolRow,
    Preset, Price, PriceContent, PriceItem, PriceStore, Supplier, SupplierDetails, WatchlistItem, answer_from_pool,
    pool_received,
};
use gtnet_sim::time::{SimDuration, Timestamp};

/// Instruments that a pool holds.
const POOLED: u32 = 350;
/// Instruments of a watchlist, of which the pool has every third.
const WATCHED: u32 = 30;
const NOON: Timestamp = Timestamp::from_unix_secs(1_772_625_600);
const HUB: PeerId = PeerId(0);

/// What a price says, in as many bytes as the simulator keeps of it.
#[derive(Clone, Copy, Debug)]
struct Content([u64; 6]);

impl PriceContent for Content {
    const NOTHING: Self = Self([0; 6]);

    fn has_last(&self) -> bool {
        self.0[0] > 0
    }

    fn update(&mut self, newer: &Self) {
        *self = *newer;
    }
}

type Item = PriceItem<InstrumentId, Content>;

#[derive(Clone)]
struct Pool(Vec<Price<Content>>);

impl PriceStore<InstrumentId, Content> for Pool {
    fn row(&self, instrument: InstrumentId) -> PoolRow<Content> {
        PoolRow::Priced(self.0[instrument.0 as usize])
    }

    fn store(&mut self, instrument: InstrumentId, price: Price<Content>) {
        self.0[instrument.0 as usize] = price;
    }
}

struct AllCovered;

impl SupplierDetails<InstrumentId> for AllCovered {
    fn covers(&self, _peer: PeerId, _instrument: InstrumentId) -> bool {
        true
    }
}

fn price(seconds_ago: u64) -> Price<Content> {
    Price { timestamp: Some(NOON - SimDuration::from_secs(seconds_ago)), content: Content([1; 6]) }
}

/// The watchlist: instruments spread over the pool.
fn watched() -> impl Iterator<Item = InstrumentId> {
    (0..WATCHED).map(|position| InstrumentId(position * (POOLED / WATCHED)))
}

/// A pool that has something newer than 1,200 s for every third instrument of the watchlist.
fn pool() -> Pool {
    let mut pool = Pool(vec![price(2_000); POOLED as usize]);
    for instrument in watched().step_by(3) {
        pool.store(instrument, price(600));
    }
    pool
}

fn items(seconds_ago: u64) -> Vec<Item> {
    watched().map(|instrument| PriceItem { instrument, price: price(seconds_ago) }).collect()
}

fn serving(criterion: &mut Criterion) {
    let policy = Policy::of(Preset::SevenStep);
    let mut group = criterion.benchmark_group("protocol");
    group.throughput(Throughput::Elements(u64::from(WATCHED)));
    let (request, push) = (items(1_200), items(300));
    let mut asked = pool();
    let mut answer = Vec::new();
    group.bench_function("answer 30 from a pool", |bencher| {
        bencher.iter(|| {
            answer.clear();
            answer_from_pool(&policy, &mut asked, black_box(&request), policy.min_acceptable(NOON), &mut answer);
            assert_eq!(answer.len(), 10);
        });
    });
    group.bench_function("take a push of 30", |bencher| {
        let take = |mut pool: Pool| assert_eq!(pool_received(&mut pool, push.iter().copied()), WATCHED);
        bencher.iter_batched(pool, take, BatchSize::SmallInput);
    });
    group.finish();
}

fn exchange(criterion: &mut Criterion) {
    let policy = Policy::of(Preset::SevenStep);
    let mut hub = pool();
    let hub_as_supplier = Supplier {
        peer: HUB,
        mode: AcceptMode::PushOpen,
        priority: 10,
        exchange_agreed: true,
        authorised: true,
        reachable: true,
        busy: false,
        max_limit: None,
        success_rate: 1.0,
    };
    let mut exchange = Exchange::new(policy);
    let (mut request, mut answer) = (Vec::new(), Vec::new());
    let mut group = criterion.benchmark_group("protocol");
    group.throughput(Throughput::Elements(u64::from(WATCHED)));
    group.bench_function("an exchange of 30, of which a hub fills 10", |bencher| {
        bencher.iter(|| {
            let watchlist = watched().map(|instrument| WatchlistItem {
                instrument,
                receive: true,
                send: true,
                connector: Some(Connector { delay: SimDuration::ZERO }),
                active: true,
                retry: 0,
                valuation_only: false,
                price_is_final: false,
                price: price(1_200),
            });
            exchange.start(OwnInstance { mode: AcceptMode::Open, gtnet: true }, NOON, watchlist, [hub_as_supplier]);
            let mut calls = 0;
            loop {
                match exchange.next_action(&AllCovered) {
                    Action::Request { peer } => {
                        request.clear();
                        request.extend(exchange.request());
                        answer.clear();
                        answer_from_pool(&policy, &mut hub, &request, exchange.min_acceptable(NOON), &mut answer);
                        exchange.on_reply(peer, &answer);
                    }
                    Action::CallConnectors => {
                        let queue: Vec<_> = exchange.connector_queue().collect();
                        for (position, _) in queue {
                            exchange.on_connector_result(position, ConnectorResult::Delivered(price(0)));
                            calls += 1;
                        }
                    }
                    Action::PushBack { peer } => _ = black_box(exchange.push(peer).count()),
                    Action::Done => break,
                    Action::AskOwnPool | Action::UpdateOwnPool | Action::Finish => {}
                }
            }
            assert_eq!(calls, 20);
        });
    });
    group.finish();
}

criterion_group!(benches, serving, exchange);
criterion_main!(benches);
