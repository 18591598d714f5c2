//! The rules of 0.36.9, case by case: `rules_0_36_9`. Each case is a few instances and what happens to them, step by step.

use gtnet_sim::protocol::{
    Announcement, Failure, MaintenanceWindow, MessageClass, Peer, PeerId, Policy, ServerState, StatusCheck,
};
use gtnet_sim::time::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::decode::{Key, timestamp};
use super::encode::{self, Item};
use super::instance::{Instance, RawInstance, Reply};
use super::network::{self, RawUpdate, Sent, deliver, position};

/// A case.
#[derive(Deserialize)]
pub(super) struct Script {
    instances: Vec<RawHost>,
    steps: Vec<Step>,
    /// When the state is looked at that `eligible` is about.
    ends: i64,
}

/// An instance with instruments that are all alike: written out, it is one of a recorded case.
#[derive(Deserialize)]
struct RawHost {
    /// All but its instruments and its pool.
    #[serde(flatten)]
    rest: Map<String, Value>,
    /// How many instruments it has recorded.
    records: u32,
    /// Of which time their prices are.
    recorded_ts: i64,
    /// Whether they have a connector.
    has_connectors: bool,
    /// How many instruments its pool has of which time, the first ones first.
    pools: Vec<(u32, i64)>,
}

#[derive(Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
enum Step {
    /// A watchlist of the first instruments is updated; connectors deliver.
    Update { by: String, now: i64, watched: u32, unreachable: Vec<String>, http_error: Vec<String> },
    /// A message is sent by itself.
    Send { from: String, to: String, now: i64, message: RawMessage },
    /// The administrator of an instance changes its entry of a peer.
    Administer { at: String, about: String, sets: RawSetting },
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum RawMessage {
    Request { instruments: u32 },
    Push { instruments: u32, ts: i64, bytes: u64 },
    Synchronisation { offered: usize },
    Ping,
    Settings,
    Offline,
    Maintenance { from: i64, to: i64 },
    Discontinuation { day: i64 },
    Revocation,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum RawSetting {
    NoViolations,
    NoGrant,
}

pub(super) fn steps(input: &Script) -> Value {
    let mut instances: Vec<Instance> = input.instances.iter().map(|host| Instance::new(&host.written_out())).collect();
    let steps: Vec<Value> = input.steps.iter().map(|step| take(&mut instances, step)).collect();
    let ends = timestamp(input.ends);
    let finally: Map<String, Value> =
        instances.iter().map(|instance| (instance.name.clone(), state(instance, ends))).collect();
    json!({"steps": steps, "finally": finally})
}

impl RawHost {
    fn written_out(&self) -> RawInstance {
        let connector = if self.has_connectors { json!({"delay": 0}) } else { Value::Null };
        let recorded = (1..=self.records).map(|number| {
            let fields = json!({
                "send": true, "receive": true, "active": true, "retry": 0, "connector": connector,
            });
            with_price(number, self.recorded_ts, fields)
        });
        let mut written = self.rest.clone();
        written.insert("securities".to_owned(), recorded.collect());
        written.insert("pairs".to_owned(), json!([]));
        let stamps = self.pools.iter().flat_map(|(count, ts)| (0..*count).map(|_| *ts));
        let pool = (1..).zip(stamps).map(|(number, ts)| with_price(number, ts, json!({})));
        written.insert("pool".to_owned(), pool.collect());
        RawInstance::deserialize(Value::Object(written)).unwrap_or_else(|error| panic!("an instance: {error}"))
    }
}

fn key(number: u32) -> Value {
    json!({"isin": format!("I{number:04}"), "currency": "CHF"})
}

fn price(ts: i64) -> Value {
    json!({"ts": ts, "open": null, "high": null, "low": null, "last": 1.0, "volume": null})
}

fn with_price(number: u32, ts: i64, fields: Value) -> Value {
    let mut row = key(number);
    let (Value::Object(row_fields), Value::Object(fields)) = (&mut row, fields) else {
        unreachable!("both are objects")
    };
    row_fields.insert("price".to_owned(), price(ts));
    row_fields.extend(fields);
    row
}

fn items(count: u32, ts: Option<i64>) -> Vec<Item> {
    let decoded = |number| {
        let key = Key::deserialize(key(number)).expect("a key");
        let mut row = with_price(number, 0, json!({}));
        row["price"]["ts"] = json!(ts);
        let raw = super::decode::RawItem::deserialize(row).expect("an item");
        assert_eq!(raw.key, key);
        super::decode::as_item(raw)
    };
    (1..=count).map(decoded).collect()
}

fn take(instances: &mut [Instance], step: &Step) -> Value {
    match step {
        Step::Update { by, now, watched, unreachable, http_error } => {
            let delivered = |number| {
                let mut planned = key(number);
                planned["ok"] = json!(true);
                planned["price"] = price(*now);
                planned
            };
            let update = RawUpdate::deserialize(json!({
                "requester": by,
                "now": now,
                "watchlist": (1..=*watched).map(key).collect::<Vec<_>>(),
                "extra_pairs": [],
                "connector_outcomes": (1..=*watched).map(delivered).collect::<Vec<_>>(),
                "tie_order": [],
                "unreachable": unreachable,
                "http_error": http_error,
                "push_unreachable": [],
            }));
            told(&network::run(instances, &update.expect("an update")))
        }
        Step::Send { from, to, now, message } => send(instances, from, to, timestamp(*now), message),
        Step::Administer { at, about, sets } => {
            let entry = entry_mut(instances, at, about);
            match sets {
                RawSetting::NoViolations => entry.violations.reset(),
                RawSetting::NoGrant => entry.exchange_agreed = false,
            }
            Value::Null
        }
    }
}

fn entry_mut<'a>(instances: &'a mut [Instance], at: &str, about: &str) -> &'a mut Peer {
    let at = position(instances, at).expect("an instance");
    let peer = instances[at].peer(about).expect("a peer");
    &mut instances[at].peers[peer].entry
}

/// An update in few words.
fn told(update: &Value) -> Value {
    let count = |payload: &Value| payload["securities"].as_array().map(Vec::len);
    let sent = |messages: &Value| {
        let messages = messages.as_array().expect("messages").iter();
        let told = messages.map(|message| {
            let reply = &message["reply"];
            let prices = count(&reply["payload"]).map(|count| json!(count));
            json!({
                "to": message["to"],
                "instruments": count(&message["payload"]),
                "reply": word(reply),
                "prices": prices.unwrap_or_else(|| reply["accepted_count"].clone()),
            })
        });
        told.collect::<Value>()
    };
    json!({
        "requests": sent(&update["messages"]),
        "pushes": sent(&update["push_messages"]),
        "connector_calls": update["connector_calls"].as_array().map(Vec::len),
    })
}

/// The code of an error, or the kind of another reply.
fn word(reply: &Value) -> Value {
    reply.get("code").unwrap_or(&reply["kind"]).clone()
}

/// Sends a message by itself; says whether it was sent, what came back, and how the receiver sees the sender then.
fn send(instances: &mut [Instance], from: &str, to: &str, now: Timestamp, message: &RawMessage) -> Value {
    let class = match message {
        RawMessage::Request { .. } => MessageClass::Request,
        RawMessage::Push { .. } => MessageClass::Push,
        RawMessage::Synchronisation { .. } => MessageClass::Synchronisation,
        RawMessage::Ping => MessageClass::Ping,
        _ => MessageClass::Announcement,
    };
    let sender = position(instances, from).expect("the sender is an instance");
    let at = instances[sender].peer(to).expect("the receiver is a peer");
    if !instances[sender].may_send(at, class, now) {
        return json!({"sent": false});
    }
    let payload_bytes = if let RawMessage::Push { bytes, .. } = message { *bytes } else { 0 };
    let reply =
        deliver(instances, sender, to, Sent { class, now, payload_bytes }, |receiver, sender, now| match message {
            RawMessage::Request { instruments } => {
                receiver.serve_request(Some(sender), now, &items(*instruments, None), None)
            }
            RawMessage::Push { instruments, ts, .. } => {
                receiver.serve_push(Some(sender), now, &items(*instruments, Some(*ts)))
            }
            RawMessage::Synchronisation { offered } => receiver.serve_synchronisation(sender, now, *offered),
            RawMessage::Ping | RawMessage::Settings => Reply::Heard,
            RawMessage::Offline => receiver.hear(sender, now, Announcement::Offline),
            RawMessage::Maintenance { from, to } => {
                let window = MaintenanceWindow { from: timestamp(*from), to: timestamp(*to) };
                receiver.hear(sender, now, Announcement::Maintenance(window))
            }
            RawMessage::Discontinuation { day } => {
                receiver.hear(sender, now, Announcement::Discontinuation { unix_day: *day })
            }
            RawMessage::Revocation => receiver.hear(sender, now, Announcement::ExchangeRevoked),
        });
    note(&mut instances[sender], at, now, message, &reply);
    let view = entry_mut(instances, to, from).view;
    json!({
        "sent": true,
        "reply": word(&reply.encode()),
        "online": encode::online(view.online),
        "server_state": encode::state(view.said.state),
    })
}

/// What the sender of a single message takes note of.
fn note(sender: &mut Instance, at: usize, now: Timestamp, message: &RawMessage, reply: &Reply) {
    match (message, reply) {
        (RawMessage::Push { instruments, .. }, _) => {
            let ended = match (reply, reply.failure()) {
                (Reply::Accepted(accepted), None) => Ok(*accepted),
                (_, failure) => Err(failure.expect("a push is acknowledged or fails")),
            };
            let row = sender.peers[at].entry.log_push(&sender.policy, *instruments as usize, ended);
            let now = sender.clock(now);
            sender.write(Some(at), now, row);
        }
        (RawMessage::Ping, Reply::Refused(_)) => sender.peers[at].entry.view.checked(StatusCheck::Refused),
        (RawMessage::Ping, _) => {
            let busy = sender.peers[at].entry.view.said.busy;
            let is_there = !matches!(reply.failure(), Some(Failure::Unreachable | Failure::HttpError));
            let check = if is_there { StatusCheck::Delivered { busy } } else { StatusCheck::NotDelivered };
            sender.peers[at].entry.view.checked(check);
        }
        _ => {}
    }
}

/// What an instance has kept and counted, and what it knows of its peers.
fn state(instance: &Instance, ends: Timestamp) -> Value {
    let now = instance.clock(ends);
    let peers = instance.peers.iter().map(|peer| {
        let (entry, view) = (&peer.entry, &peer.entry.view);
        let told = json!({
            "day": entry.budget.unix_day(),
            "out": entry.budget.outgoing(),
            "in": entry.budget.incoming(),
            "violations": entry.violations.count(),
            "grant": entry.exchange_agreed,
            "online": encode::online(view.online),
            "open": view.said.state == ServerState::Open,
            "daily_request_limit": view.said.daily_request_limit,
            "eligible": is_eligible(&instance.policy, entry, now),
        });
        (peer.name.clone(), told)
    });
    let rows = instance.log.iter().map(|row| {
        let role = if row["as_supplier"] == true { "supplier" } else { "consumer" };
        json!([row["peer"], role, row["sent"], row["updated"], row["in_response"]])
    });
    let pool = instance.pool.encode();
    let stamps = pool.as_array().expect("rows").iter().map(|row| row["price"]["ts"].as_i64());
    json!({
        "peers": peers.collect::<Map<_, _>>(),
        "rows": rows.collect::<Value>(),
        "messages_kept": instance.messages_kept,
        "status_checks": instance.status_checks,
        "pool_ts": stamps.collect::<std::collections::BTreeSet<_>>(),
    })
}

fn is_eligible(policy: &Policy, entry: &Peer, now: Timestamp) -> bool {
    entry.as_supplier(policy, PeerId(0), 1.0, now).is_eligible()
}
