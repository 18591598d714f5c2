//! The requester's parts: `process_response`, `supplier_order_open`, `supplier_order_push_open`, `push_back`,
//! `retry_counter`.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use gtnet_sim::protocol::{
    AcceptMode, ExchangeLog, ExchangeSet, Outcome, PeerId, Policy, Price, Rank, Ranked, RetryBands, ReturnedPrices,
    Supplier, SupplierDetails, WatchlistItem, rank_suppliers,
};
use gtnet_sim::time::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::decode::{
    Content, Key, Params, RawConnector, RawItem, RawOutcome, RawPayload, RawPrice, as_item, seconds, timestamp,
};
use super::encode::{self, Item};
use super::recorded_policy;

const BY_GTNET: Outcome = Outcome::PushOpen(PeerId(0));

#[derive(Deserialize)]
pub(super) struct ProcessResponse {
    instruments: Vec<RawItem>,
    responses: Vec<RawPayload>,
}

pub(super) fn process_response(input: &ProcessResponse) -> Value {
    let mut set = ExchangeSet::new();
    set.begin(true, input.instruments.iter().map(|item| watched(item.key, item.price)));
    let mut updated_counts = Vec::new();
    let mut all_filled_after_each = Vec::new();
    for response in &input.responses {
        updated_counts.push(set.apply(&response.items(), BY_GTNET));
        all_filled_after_each.push(set.all_filled());
    }
    let members: Vec<(Key, bool)> = set.members().collect();
    let keys = |filled: bool| {
        let keys = members.iter().filter(move |(_, is)| *is == filled).map(|(key, _)| (*key, json!({})));
        encode::sorted(keys)
    };
    let next_request: Vec<Item> = set.unfilled().collect();
    let instruments = set.prices();
    json!({
        "updated_counts": updated_counts,
        "all_filled_after_each": all_filled_after_each,
        "filled": keys(true),
        "unfilled": keys(false),
        "all_filled": set.all_filled(),
        "unfilled_count": next_request.len(),
        "total_count": set.member_count(),
        "instruments": instruments
            .map(|item| encode::with_key(item.instrument, json!({"price": encode::price(&item.price)})))
            .collect::<Vec<_>>(),
        "next_request": encode::items(&next_request),
    })
}

/// An instrument that GTNet may fill.
fn watched(instrument: Key, price: RawPrice) -> WatchlistItem<Key, Content> {
    WatchlistItem {
        instrument,
        receive: true,
        send: true,
        connector: None,
        active: true,
        retry: 0,
        valuation_only: false,
        price_is_final: false,
        price: price.local(instrument),
    }
}

#[derive(Deserialize)]
struct RawSupplier {
    name: String,
    priority: Option<u16>,
}

#[derive(Deserialize)]
struct RawDetail {
    supplier: String,
    #[serde(flatten)]
    key: Key,
}

#[derive(Deserialize)]
struct RawSums {
    supplier: String,
    sent: u64,
    updated: u64,
}

#[derive(Deserialize)]
pub(super) struct SupplierOrderOpen {
    suppliers: Vec<RawSupplier>,
    requested: Vec<Key>,
    supplier_details: Vec<RawDetail>,
    success_sums: Vec<RawSums>,
}

#[derive(Deserialize)]
pub(super) struct SupplierOrderPushOpen {
    suppliers: Vec<RawSupplier>,
}

struct Details(Vec<(PeerId, Key)>);

impl SupplierDetails<Key> for Details {
    fn covers(&self, peer: PeerId, instrument: Key) -> bool {
        self.0.contains(&(peer, instrument))
    }
}

pub(super) fn supplier_order_open(input: &SupplierOrderOpen) -> Value {
    let names: Vec<&str> = input.suppliers.iter().map(|supplier| supplier.name.as_str()).collect();
    let today = Timestamp::from_unix_secs(0);
    let mut logs = vec![ExchangeLog::new(); names.len()];
    for sums in &input.success_sums {
        if let Some(at) = names.iter().position(|name| *name == sums.supplier) {
            logs[at].add(today, sums.sent, sums.updated);
        }
    }
    let suppliers: Vec<Supplier> =
        (0..).zip(&input.suppliers).zip(&logs).map(|((peer, raw), log)| supplier(peer, raw, log, today)).collect();
    let details = input.supplier_details.iter().filter_map(|detail| {
        let at = names.iter().position(|name| *name == detail.supplier)?;
        Some((suppliers[at].peer, detail.key))
    });
    let details = Details(details.collect());
    let mut set = ExchangeSet::new();
    let unpriced = Price { timestamp: None, content: NO_CONTENT };
    let requested = input.requested.iter().map(|key| WatchlistItem {
        instrument: *key,
        receive: true,
        send: true,
        connector: None,
        active: true,
        retry: 0,
        valuation_only: false,
        price_is_final: false,
        price: unpriced,
    });
    set.begin(true, requested);
    let coverage = |peer| set.coverage(&details, peer);
    let mut ranked = Vec::new();
    let by_score = |supplier: &Supplier| Rank::by_score(supplier, coverage(supplier.peer));
    rank_suppliers(&suppliers, by_score, recorded_policy().score_tie, &mut ranked);
    let by_name = |value: &dyn Fn(&Ranked) -> Value| {
        ranked.iter().map(|ranked| (names[ranked.peer.0 as usize].to_owned(), value(ranked))).collect::<Map<_, _>>()
    };
    json!({
        "order": tie_groups(&ranked, &names),
        "score": by_name(&|ranked| json!(ranked.rank.score)),
        "coverage": by_name(&|ranked| json!(coverage(ranked.peer))),
    })
}

const NO_CONTENT: Content = Content { open: None, high: None, low: None, last: None, volume: None, has_volume: true };

pub(super) fn supplier_order_push_open(input: &SupplierOrderPushOpen) -> Value {
    let names: Vec<&str> = input.suppliers.iter().map(|supplier| supplier.name.as_str()).collect();
    let log = ExchangeLog::new();
    let today = Timestamp::from_unix_secs(0);
    let suppliers: Vec<Supplier> =
        (0..).zip(&input.suppliers).map(|(peer, raw)| supplier(peer, raw, &log, today)).collect();
    let mut ranked = Vec::new();
    rank_suppliers(&suppliers, Rank::by_priority, recorded_policy().score_tie, &mut ranked);
    json!({"order": tie_groups(&ranked, &names)})
}

fn supplier(peer: u32, raw: &RawSupplier, log: &ExchangeLog, today: Timestamp) -> Supplier {
    Supplier {
        peer: PeerId(peer),
        mode: AcceptMode::Open,
        priority: raw.priority.unwrap_or(0),
        exchange_agreed: true,
        authorised: true,
        reachable: true,
        busy: false,
        max_limit: None,
        success_rate: log.success_rate(today),
    }
}

fn tie_groups(ranked: &[Ranked], names: &[&str]) -> Vec<Vec<String>> {
    ranked
        .chunk_by(|a, b| a.rank.order(&b.rank) == Ordering::Equal)
        .map(|group| {
            let mut group: Vec<String> = group.iter().map(|ranked| names[ranked.peer.0 as usize].to_owned()).collect();
            group.sort();
            group
        })
        .collect()
}

#[derive(Deserialize)]
pub(super) struct PushBack {
    servers: Vec<String>,
    responses: Vec<RawResponse>,
    r#final: Vec<RawItem>,
}

#[derive(Deserialize)]
struct RawResponse {
    server: String,
    #[serde(flatten)]
    payload: RawPayload,
}

pub(super) fn push_back(input: &PushBack) -> Value {
    let mut servers = input.servers.clone();
    let mut returned = ReturnedPrices::new();
    for response in &input.responses {
        let at = servers.iter().position(|name| *name == response.server).unwrap_or_else(|| {
            servers.push(response.server.clone());
            servers.len() - 1
        });
        returned.note(peer(at), &response.payload.items());
    }
    let push = input.servers.iter().enumerate().map(|(at, name)| {
        let recorded = returned.responded(peer(at));
        let news: Vec<Item> =
            input.r#final.iter().copied().map(as_item).filter(|item| returned.is_news(peer(at), item)).collect();
        let sends = recorded && !news.is_empty();
        let payload = if sends { encode::payload(&news) } else { Value::Null };
        (name.clone(), json!({"recorded": recorded, "sends_push": sends, "payload": payload}))
    });
    json!({
        "recorded_order": returned.responders().map(|peer| servers[peer.0 as usize].as_str()).collect::<Vec<_>>(),
        "push": push.collect::<Map<_, _>>(),
    })
}

fn peer(at: usize) -> PeerId {
    PeerId(u32::try_from(at).expect("few servers"))
}

#[derive(Deserialize)]
pub(super) struct RetryCounter {
    now: i64,
    params: Params,
    instruments: Vec<RetriedInstrument>,
}

#[derive(Deserialize)]
struct RetriedInstrument {
    #[serde(flatten)]
    key: Key,
    gtnet: bool,
    filled: bool,
    retry: u32,
    connector: Option<RawConnector>,
    active: bool,
    price: RawPrice,
    outcome: RawOutcome,
}

pub(super) fn retry_counter(input: &RetryCounter) -> Value {
    let bands = RetryBands { intra_retry: input.params.intra_retry, quote_retry: input.params.gtnet_quote_retry };
    let policy = Policy {
        retry_bands: Some(bands),
        connector_min_interval: Some(seconds(input.params.intra_update_timeout)),
        ..recorded_policy()
    };
    let mut set = ExchangeSet::new();
    let watchlist = input.instruments.iter().map(|raw| WatchlistItem {
        receive: raw.gtnet,
        connector: raw.connector.map(RawConnector::connector),
        active: raw.active,
        retry: raw.retry,
        ..watched(raw.key, raw.price)
    });
    set.begin(true, watchlist);
    for (at, _) in input.instruments.iter().enumerate().filter(|(_, raw)| raw.filled) {
        set.mark_filled(at, BY_GTNET);
    }
    set.count_retries(policy.retry_bands);
    let retry_after_gtnet: Vec<u32> = set.retries().collect();
    let saved: BTreeMap<usize, Option<u32>> = set.local_updates(false).map(|(at, _, retry)| (at, retry)).collect();
    set.begin_connectors(&policy, timestamp(input.now));
    let called: Vec<usize> = set.connector_queue(true).map(|(at, _)| at).collect();
    for at in &called {
        match input.instruments[*at].outcome {
            RawOutcome { ok: true, price } => {
                set.deliver(*at, &price.expect("delivered").price(), &policy);
            }
            RawOutcome { ok: false, .. } => set.fail(*at, &policy),
        }
    }
    let instruments = set.prices().zip(set.retries()).enumerate().map(|(at, (item, retry))| {
        let fields = json!({
            "retry_after_gtnet": retry_after_gtnet[at],
            "saved_after_gtnet": saved.contains_key(&at),
            "connector_called": called.contains(&at),
            "retry_after_connector": retry,
            "price": encode::price(&item.price),
        });
        (item.instrument, fields)
    });
    json!({"instruments": encode::sorted(instruments)})
}
