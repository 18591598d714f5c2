//! Outputs as cases write them: items split by kind and sorted by label.

use gtnet_sim::protocol::{AcceptMode, LogRole, LogRow, Online, Price, PriceItem, Refusal, ServerState};
use gtnet_sim::time::Timestamp;
use serde_json::{Value, json};

use super::decode::{Content, Key};

pub(super) type Item = PriceItem<Key, Content>;

pub(super) fn price(price: &Price<Content>) -> Value {
    let Content { open, high, low, last, volume, .. } = price.content;
    let ts = price.timestamp.map(secs);
    json!({"ts": ts, "open": open, "high": high, "low": low, "last": last, "volume": volume})
}

pub(super) fn secs(timestamp: Timestamp) -> i64 {
    timestamp.as_unix_nanos().div_euclid(1_000_000_000)
}

/// An instrument with more fields.
pub(super) fn with_key(key: Key, fields: Value) -> Value {
    let mut value = match key {
        Key::Security { isin, currency } => json!({"isin": isin, "currency": currency}),
        Key::Pair { from, to } => json!({"from": from, "to": to}),
    };
    let (Value::Object(all), Value::Object(fields)) = (&mut value, fields) else {
        unreachable!("an instrument and its fields are objects")
    };
    all.extend(fields);
    value
}

/// Rows sorted by label, those with equal labels as they come.
pub(super) fn sorted(rows: impl IntoIterator<Item = (Key, Value)>) -> Value {
    let mut rows: Vec<(String, Value)> =
        rows.into_iter().map(|(key, fields)| (key.label(), with_key(key, fields))).collect();
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    Value::Array(rows.into_iter().map(|(_, row)| row).collect())
}

pub(super) fn items<'a>(items: impl IntoIterator<Item = &'a Item>) -> Value {
    sorted(items.into_iter().map(|item| (item.instrument, json!({"price": price(&item.price)}))))
}

pub(super) fn payload(all: &[Item]) -> Value {
    json!({
        "securities": items(all.iter().filter(|item| !item.instrument.is_pair())),
        "pairs": items(all.iter().filter(|item| item.instrument.is_pair())),
    })
}

pub(super) fn refusal(refusal: Refusal) -> Value {
    let code = match refusal {
        Refusal::OverMaxLimit | Refusal::Blocked => return json!({"kind": "max_limit_exceeded", "payload": null}),
        Refusal::OverDailyLimit => return json!({"kind": "daily_limit_exceeded"}),
        Refusal::NoOwnEntry => "NO_LOCAL_GTNET",
        Refusal::NotAccepting => "NOT_ACCEPTING",
        Refusal::NotConfigured => "NOT_CONFIGURED",
        Refusal::NotPushOpen => "NOT_PUSH_OPEN",
        Refusal::Distrusted | Refusal::WaitedTooLong => unreachable!("the released system has no such rule"),
        Refusal::TooLarge => "PAYLOAD_TOO_LARGE",
        Refusal::EnvelopeInvalid => "ENVELOPE_INVALID",
        Refusal::ClockSkew => "CLOCK_SKEW_EXCEEDED",
        Refusal::NoGrant => "NO_GRANT",
        Refusal::TooManyOffered => "BATCH_LIMIT_EXCEEDED",
    };
    json!({"kind": "error", "code": code})
}

pub(super) fn log_row(peer: &str, now: Timestamp, row: &LogRow) -> Value {
    json!({
        "peer": peer,
        "as_supplier": row.role == LogRole::Supplier,
        "ts": secs(now),
        "sent": row.sent,
        "updated": row.updated,
        "in_response": row.in_response,
    })
}

pub(super) fn accept(mode: AcceptMode) -> &'static str {
    match mode {
        AcceptMode::Closed => "closed",
        AcceptMode::Open => "open",
        AcceptMode::PushOpen => "push_open",
    }
}

pub(super) fn state(state: ServerState) -> &'static str {
    match state {
        ServerState::Open => "open",
        ServerState::Closed => "closed",
        ServerState::Maintenance => "maintenance",
        ServerState::None => "none",
    }
}

pub(super) fn online(online: Online) -> &'static str {
    match online {
        Online::Online => "online",
        Online::Offline => "offline",
        Online::Unknown => "unknown",
    }
}
