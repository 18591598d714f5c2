//! Messages that come in at one instance: `exchange_request_handler`, `push_handler`.

use serde::Deserialize;
use serde_json::{Value, json};

use super::decode::{RawPayload, timestamp};
use super::encode;
use super::instance::{Instance, RawInstance, Reply};

#[derive(Deserialize)]
pub(super) struct Incoming {
    now: i64,
    sender: String,
    sender_known: bool,
    payload: Option<RawPayload>,
    instance: RawInstance,
}

pub(super) fn exchange_request(input: &Incoming) -> Value {
    handle(input, |instance, sender, input| {
        let payload = input.payload.clone().unwrap_or_default();
        let min_acceptable = payload.min_acceptable_ts.map(timestamp);
        instance.serve_request(sender, timestamp(input.now), &payload.items(), min_acceptable)
    })
}

pub(super) fn push(input: &Incoming) -> Value {
    handle(input, |instance, sender, input| {
        let payload = input.payload.clone().unwrap_or_default();
        instance.serve_push(sender, timestamp(input.now), &payload.items())
    })
}

fn handle(input: &Incoming, serve: impl FnOnce(&mut Instance, Option<usize>, &Incoming) -> Reply) -> Value {
    let mut instance = Instance::new(&input.instance);
    let sender = instance.peer(&input.sender).filter(|_| input.sender_known);
    let reply = serve(&mut instance, sender, input);
    let price = |row: &super::stores::LocalRow| json!({"price": encode::price(&row.price)});
    json!({
        "reply": reply.encode(),
        "violations": sender.and_then(|at| instance.peers[at].entry.violations.count()),
        "exchange_log": instance.log,
        "messages_stored": instance.messages_kept,
        "securities": instance.table.encode(false, price),
        "pairs": instance.table.encode(true, price),
        "pool": instance.pool.encode(),
    })
}
