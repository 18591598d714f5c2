//! Look-ups and updates of pools and own instruments: `pool_query`, `open_query`, `pool_update`.

use gtnet_sim::protocol::{answer_from_instruments, answer_from_pool, pool_own, pool_received};
use serde::Deserialize;
use serde_json::{Value, json};

use super::decode::{Key, RawItem, RawPoolRow, RawPrice, as_item, timestamp};
use super::encode::{self, Item};
use super::recorded_policy;
use super::stores::{LocalRow, Pool, Table};

#[derive(Deserialize)]
pub(super) struct PoolQuery {
    pool: Vec<RawPoolRow>,
    request: Option<Vec<RawItem>>,
    min_acceptable_ts: Option<i64>,
}

pub(super) fn pool_query(input: &PoolQuery) -> Value {
    let mut pool = Pool::new(&input.pool);
    let mut response = Vec::new();
    let min_acceptable = input.min_acceptable_ts.map(timestamp);
    answer_from_pool(&recorded_policy(), &mut pool, &items(input.request.as_deref()), min_acceptable, &mut response);
    json!({"response": encode::items(&response), "pool": pool.encode()})
}

#[derive(Deserialize)]
pub(super) struct OpenQuery {
    local: Vec<Local>,
    other_instrument_sendable: bool,
    request: Option<Vec<RawItem>>,
    min_acceptable_ts: Option<i64>,
}

#[derive(Deserialize)]
struct Local {
    #[serde(flatten)]
    key: Key,
    price: RawPrice,
    sendable: bool,
}

pub(super) fn open_query(input: &OpenQuery) -> Value {
    let as_row = |row: &Local| LocalRow { key: row.key, price: row.price.local(row.key), send: row.sendable, retry: 0 };
    let mut table =
        Table { rows: input.local.iter().map(as_row).collect(), sends_others: input.other_instrument_sendable };
    let mut response = Vec::new();
    let min_acceptable = input.min_acceptable_ts.map(timestamp);
    answer_from_instruments(
        &recorded_policy(),
        &mut table,
        &items(input.request.as_deref()),
        min_acceptable,
        &mut response,
    );
    let local = table.rows.iter().map(|row| (row.key, json!({"price": encode::price(&row.price)})));
    json!({"response": encode::items(&response), "local": encode::sorted(local)})
}

#[derive(Deserialize)]
pub(super) struct PoolUpdate {
    source: Source,
    pool: Vec<RawPoolRow>,
    prices: Option<Vec<RawItem>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Source {
    Dto,
    Connector,
}

pub(super) fn pool_update(input: &PoolUpdate) -> Value {
    let mut pool = Pool::new(&input.pool);
    let prices = items(input.prices.as_deref());
    let accepted = match input.source {
        Source::Dto => pool_received(&mut pool, prices),
        Source::Connector => pool_own(&mut pool, prices),
    };
    json!({"accepted_count": accepted, "pool": pool.encode()})
}

fn items(raw: Option<&[RawItem]>) -> Vec<Item> {
    raw.unwrap_or_default().iter().copied().map(as_item).collect()
}
