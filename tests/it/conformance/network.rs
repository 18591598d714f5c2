//! Instances wired together, messages delivered at once: `exchange`, `exchange_sequence`.

use gtnet_sim::protocol::{
    AcceptMode, Action, ConnectorResult, Envelope, Exchange, Failure, MessageClass, OwnInstance, Peer, PeerId,
};
use gtnet_sim::time::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::decode::{Content, Key, RawOutcome, timestamp};
use super::encode::{self, Item};
use super::instance::{Instance, RawInstance, Reply, peer_id};

#[derive(Deserialize)]
pub(super) struct Network {
    received_prices_saved: bool,
    instances: Vec<RawInstance>,
    updates: Vec<RawUpdate>,
}

#[derive(Deserialize)]
pub(super) struct RawUpdate {
    requester: String,
    now: i64,
    watchlist: Vec<Key>,
    extra_pairs: Vec<Key>,
    connector_outcomes: Vec<RawConnectorOutcome>,
    tie_order: Vec<String>,
    unreachable: Vec<String>,
    http_error: Vec<String>,
    push_unreachable: Vec<String>,
}

#[derive(Deserialize)]
struct RawConnectorOutcome {
    #[serde(flatten)]
    key: Key,
    #[serde(flatten)]
    outcome: RawOutcome,
}

pub(super) fn updates(input: &Network) -> Value {
    let mut instances: Vec<Instance> = input.instances.iter().map(Instance::new).collect();
    for instance in &mut instances {
        instance.policy.received_prices_saved = input.received_prices_saved;
    }
    let updates: Vec<Value> = input.updates.iter().map(|update| run(&mut instances, update)).collect();
    let final_state = instances.iter().map(|instance| (instance.name.clone(), instance.encode()));
    json!({"updates": updates, "final_state": final_state.collect::<serde_json::Map<_, _>>()})
}

/// One watchlist update.
pub(super) fn run(instances: &mut [Instance], update: &RawUpdate) -> Value {
    let requester = position(instances, &update.requester).expect("the requester is an instance");
    let now = instances[requester].clock(timestamp(update.now));
    let keys: Vec<Key> = update.watchlist.iter().chain(&update.extra_pairs).copied().collect();
    let mut exchange = begin(&instances[requester], update, now, &keys);
    let mut messages = Vec::new();
    let mut pushes = Vec::new();
    let mut calls = Vec::new();
    loop {
        let instance = &mut instances[requester];
        match exchange.next_action(&instance.details) {
            Action::AskOwnPool => {
                exchange.consult_own_pool(&mut instance.pool);
            }
            Action::Request { peer } => messages.extend(request(instances, requester, peer, &mut exchange, update)),
            Action::CallConnectors => calls = call_connectors(&mut exchange, update, &keys),
            Action::UpdateOwnPool => {
                exchange.update_own_pool(&mut instance.pool);
            }
            Action::Finish => instance.save(&exchange, &keys),
            Action::PushBack { peer } => pushes.extend(push(instances, requester, peer, &exchange, update)),
            Action::Done => break,
        }
    }
    let shown = exchange
        .items()
        .map(|(item, retry, _)| (item.instrument, json!({"price": encode::price(&item.price), "retry": retry})));
    json!({
        "messages": messages,
        "push_messages": pushes,
        "connector_calls": encode::sorted(calls),
        "watchlist_result": encode::sorted(shown),
    })
}

fn begin(instance: &Instance, update: &RawUpdate, now: Timestamp, keys: &[Key]) -> Exchange<Key, Content> {
    let own = OwnInstance {
        mode: instance.own.and_then(|own| own.mode).unwrap_or(AcceptMode::Closed),
        gtnet: instance.gtnet,
    };
    let place = |name: &str| update.tie_order.iter().position(|next| next == name).unwrap_or(usize::MAX);
    let mut order: Vec<usize> = (0..instance.peers.len()).collect();
    order.sort_by_key(|at| place(&instance.peers[*at].name));
    let suppliers = order.into_iter().map(|at| {
        let peer = &instance.peers[at];
        peer.entry.as_supplier(&instance.policy, peer_id(at), peer.history.success_rate(now), now)
    });
    let watchlist = keys.iter().enumerate().map(|(at, key)| instance.watched(*key, at >= update.watchlist.len()));
    let mut exchange = Exchange::new(instance.policy);
    exchange.start(own, now, watchlist, suppliers);
    exchange
}

fn request(
    instances: &mut [Instance],
    requester: usize,
    peer: PeerId,
    exchange: &mut Exchange<Key, Content>,
    update: &RawUpdate,
) -> Option<Value> {
    let at = peer.0 as usize;
    if !instances[requester].may_send(at, MessageClass::Request, timestamp(update.now)) {
        exchange.withdraw();
        return None;
    }
    let now = instances[requester].clock(timestamp(update.now));
    let request: Vec<Item> = exchange.request().collect();
    let min_acceptable = exchange.min_acceptable(now);
    let to = instances[requester].peers[at].name.clone();
    let reply = if update.unreachable.contains(&to) {
        Reply::Unreachable
    } else if update.http_error.contains(&to) {
        Reply::HttpError
    } else {
        let message = Sent { class: MessageClass::Request, now: timestamp(update.now), payload_bytes: 0 };
        deliver(instances, requester, &to, message, |server, sender, now| {
            server.serve_request(Some(sender), now, &request, min_acceptable)
        })
    };
    let ended = match (&reply, reply.failure()) {
        (Reply::Prices(prices), None) => Ok((exchange.on_reply(peer, prices), prices.len())),
        (_, failure) => {
            exchange.on_failure();
            Err(failure.expect("a request is answered with prices or fails"))
        }
    };
    let instance = &mut instances[requester];
    let row = instance.peers[at].entry.log_request(&instance.policy, request.len(), ended);
    instance.write(Some(at), now, row);
    instance.status_checks += u32::from(ended.is_err_and(Failure::prompts_status_check));
    let mut payload = encode::payload(&request);
    payload["min_acceptable_ts"] = json!(min_acceptable.map(encode::secs));
    Some(message(&instance.name, &to, "exchange_request", &payload, &reply))
}

fn push(
    instances: &mut [Instance],
    requester: usize,
    peer: PeerId,
    exchange: &Exchange<Key, Content>,
    update: &RawUpdate,
) -> Option<Value> {
    let at = peer.0 as usize;
    if !instances[requester].may_send(at, MessageClass::Push, timestamp(update.now)) {
        return None;
    }
    let now = instances[requester].clock(timestamp(update.now));
    let push: Vec<Item> = exchange.push(peer).collect();
    let to = instances[requester].peers[at].name.clone();
    let reply = if update.unreachable.contains(&to) || update.push_unreachable.contains(&to) {
        Reply::Unreachable
    } else if update.http_error.contains(&to) {
        Reply::HttpError
    } else {
        let message = Sent { class: MessageClass::Push, now: timestamp(update.now), payload_bytes: 0 };
        deliver(instances, requester, &to, message, |server, sender, now| server.serve_push(Some(sender), now, &push))
    };
    let ended = match (&reply, reply.failure()) {
        (Reply::Accepted(count), None) => Ok(*count),
        (_, failure) => Err(failure.expect("a push is acknowledged or fails")),
    };
    let instance = &mut instances[requester];
    let row = instance.peers[at].entry.log_push(&instance.policy, push.len(), ended);
    instance.write(Some(at), now, row);
    Some(message(&instance.name, &to, "push", &encode::payload(&push), &reply))
}

/// A message on its way.
#[derive(Clone, Copy)]
pub(super) struct Sent {
    pub(super) class: MessageClass,
    /// True time.
    pub(super) now: Timestamp,
    pub(super) payload_bytes: u64,
}

/// Brings a message to its receiver, unless the receiver's door keeps it.
pub(super) fn deliver(
    instances: &mut [Instance],
    from: usize,
    to: &str,
    message: Sent,
    serve: impl FnOnce(&mut Instance, usize, Timestamp) -> Reply,
) -> Reply {
    let Sent { class, now, payload_bytes } = message;
    let sender = &instances[from];
    let (name, said, stamp) = (sender.name.clone(), sender.own, sender.clock(now));
    let Some(receiver) = position(instances, to) else { return Reply::Unreachable };
    let receiver = &mut instances[receiver];
    let entry = receiver.peer(&name);
    if !Peer::is_let_in(entry.map(|at| &receiver.peers[at].entry)) {
        return Reply::Unauthorised;
    }
    let at = entry.expect("who is let in is known");
    let shown = receiver.clock(now);
    if let Some(said) = said {
        let envelope = Envelope { stamp, body_bytes: payload_bytes, payload_bytes, said };
        if let Err(refusal) = receiver.take_in(at, class, &envelope, shown) {
            return Reply::Refused(refusal);
        }
    }
    serve(receiver, at, shown)
}

/// Calls all connectors that are due; returns which were called, and whether they delivered.
fn call_connectors(exchange: &mut Exchange<Key, Content>, update: &RawUpdate, keys: &[Key]) -> Vec<(Key, Value)> {
    let queue: Vec<usize> = exchange.connector_queue().map(|(at, _)| at).collect();
    let called = queue.into_iter().map(|at| {
        let planned = update.connector_outcomes.iter().find(|planned| planned.key == keys[at]);
        let outcome = planned.unwrap_or_else(|| panic!("no outcome for {}", keys[at].label())).outcome;
        let result = match outcome.price.filter(|_| outcome.ok) {
            Some(price) => ConnectorResult::Delivered(price.price()),
            None => ConnectorResult::Failed,
        };
        exchange.on_connector_result(at, result);
        (keys[at], json!({"ok": outcome.ok}))
    });
    called.collect()
}

fn message(from: &str, to: &str, kind: &str, payload: &Value, reply: &Reply) -> Value {
    json!({"from": from, "to": to, "kind": kind, "payload": payload, "reply": reply.encode()})
}

pub(super) fn position(instances: &[Instance], name: &str) -> Option<usize> {
    instances.iter().position(|instance| instance.name == name)
}
