//! Cases that nobody has recorded, written from the rules in the form of recorded ones: the borders at which rules meet.

use serde_json::{Value, json};

use super::{diff, handlers, lookups, requester};

const NOW: i64 = 8_672_400;

/// What `replay` makes of `input` is `expected`.
fn assert_case<I: serde::de::DeserializeOwned>(
    name: &str,
    replay: impl Fn(&I) -> Value,
    input: &Value,
    expected: &Value,
) {
    let decoded = I::deserialize(input).unwrap_or_else(|error| panic!("{name}: {error}"));
    let difference = diff::first_difference("output", expected, &replay(&decoded));
    assert_eq!(difference, None, "{name}");
}

fn price(ts: Option<i64>, last: Option<f64>) -> Value {
    json!({"ts": ts, "open": null, "high": null, "low": null, "last": last, "volume": null})
}

fn security(isin: Option<&str>, ts: Option<i64>, last: Option<f64>) -> Value {
    json!({"isin": isin, "currency": "CHF", "price": price(ts, last)})
}

/// What a peer entry says beside the rows that it is about.
#[derive(Clone, Copy)]
enum Sender {
    Known,
    /// It has no entry for last prices.
    Unconfigured,
    Unknown,
}

/// A message with `payload` from `sender` to a push-open server that takes so many instruments at once.
fn incoming(sender: Sender, max_limit: Option<u32>, payload: &Value) -> Value {
    let mut peer = json!({
        "name": "R", "accept": "open", "server_state": "open", "max_limit": 300, "busy": false, "online": "online",
        "consumer_usage": 3, "exchange": true, "authorized": true, "consumer_log": true, "supplier_log": true,
        "violations": null,
    });
    if matches!(sender, Sender::Unconfigured) {
        let fields = peer.as_object_mut().expect("an object");
        fields.remove("accept");
        fields.remove("server_state");
    }
    let peers = if matches!(sender, Sender::Unknown) { json!([]) } else { json!([peer]) };
    json!({
        "now": NOW,
        "sender": "R",
        "sender_known": !matches!(sender, Sender::Unknown),
        "payload": payload,
        "instance": {
            "name": "X",
            "log_enabled": true,
            "own": {"accept": "push_open", "server_state": "open", "max_limit": max_limit, "busy": false},
            "peers": peers,
            "securities": [],
            "pairs": [],
            "pool": [security(Some("A"), Some(100), Some(1.0))],
        },
    })
}

fn outcome(reply: &Value, violations: Option<u32>, log: &Value, pool: &Value) -> Value {
    json!({
        "reply": reply,
        "violations": violations,
        "exchange_log": log,
        "messages_stored": 2,
        "securities": [],
        "pairs": [],
        "pool": pool,
    })
}

fn row(sent: u32, updated: u32, in_response: u32) -> Value {
    let fields = json!({"sent": sent, "updated": updated, "in_response": in_response});
    let mut row = json!({"peer": "R", "as_supplier": true, "ts": NOW});
    row.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
    json!([row])
}

#[test]
fn a_push_is_logged_about_peers_with_an_entry_for_last_prices_only() {
    let (old, new) = (security(Some("A"), Some(99), Some(2.0)), security(Some("A"), Some(101), Some(2.0)));
    // Without a timestamp an unknown price is taken, and then any other; without a last price none is.
    let blind = security(Some("B"), None, Some(3.0));
    let empty = security(Some("C"), Some(500), None);
    let pushed = json!({"securities": [old, new, new, blind, empty], "pairs": null});
    let taken = json!({"kind": "push_ack", "accepted_count": 2});
    let pool = json!([new, blind]);
    for (sender, log) in
        [(Sender::Known, row(5, 5, 2)), (Sender::Unconfigured, json!([])), (Sender::Unknown, json!([]))]
    {
        let input = incoming(sender, Some(1), &pushed);
        assert_case("push", handlers::push, &input, &outcome(&taken, None, &log, &pool));
    }
    let nothing = json!({"kind": "push_ack", "accepted_count": 0});
    let pool = json!([security(Some("A"), Some(100), Some(1.0))]);
    for payload in [json!(null), json!({"securities": null, "pairs": null}), json!({"securities": [], "pairs": []})] {
        for sender in [Sender::Known, Sender::Unconfigured, Sender::Unknown] {
            let input = incoming(sender, Some(0), &payload);
            assert_case("empty push", handlers::push, &input, &outcome(&nothing, None, &json!([]), &pool));
        }
    }
}

#[test]
fn a_request_is_logged_about_peers_with_an_entry_for_last_prices_only() {
    // Equal is not newer; what is unknown is echoed if it has a last price.
    let equal = security(Some("A"), Some(100), Some(7.0));
    let unknown = security(Some("B"), None, Some(3.0));
    let request = json!({"securities": [equal, unknown], "pairs": null, "min_acceptable_ts": 1_000});
    let echo = json!({"kind": "response", "payload": {"securities": [unknown], "pairs": []}});
    let pool = json!([security(Some("A"), Some(100), Some(1.0)), unknown]);
    for (sender, log) in
        [(Sender::Known, row(2, 1, 1)), (Sender::Unconfigured, json!([])), (Sender::Unknown, json!([]))]
    {
        for limit in [None, Some(2), Some(300)] {
            let input = incoming(sender, limit, &request);
            assert_case("request", handlers::exchange_request, &input, &outcome(&echo, None, &log, &pool));
        }
    }
}

#[test]
fn a_violation_counts_against_every_known_peer_and_an_empty_request_is_none() {
    let asked = security(Some("A"), None, None);
    let pool = json!([security(Some("A"), Some(100), Some(1.0))]);
    let refused = json!({"kind": "max_limit_exceeded", "payload": null});
    for (sender, violations) in [(Sender::Known, Some(1)), (Sender::Unconfigured, Some(1)), (Sender::Unknown, None)] {
        for (limit, count) in [(0, 1), (1, 2)] {
            let request = json!({"securities": vec![asked.clone(); count], "pairs": [], "min_acceptable_ts": null});
            let input = incoming(sender, Some(limit), &request);
            let expected = outcome(&refused, violations, &json!([]), &pool);
            assert_case("over the limit", handlers::exchange_request, &input, &expected);
        }
        let nothing = json!({"kind": "response", "payload": {"securities": [], "pairs": []}});
        for payload in [json!(null), json!({"securities": [], "pairs": null, "min_acceptable_ts": null})] {
            let input = incoming(sender, Some(0), &payload);
            let expected = outcome(&nothing, None, &json!([]), &pool);
            assert_case("empty request", handlers::exchange_request, &input, &expected);
        }
    }
}

/// One row of the table of retries: what is in the exchange, whether it is marked as filled, its counter, and what becomes
/// of that after GTNet and after a connector that fails.
struct Retried {
    isin: Option<&'static str>,
    receive: bool,
    filled: bool,
    retry: u32,
    after_gtnet: u32,
    called: bool,
}

#[test]
fn counters_change_at_the_borders_of_their_bands_and_not_for_what_has_no_name() {
    let named = |receive, filled, retry, after_gtnet, called| Retried {
        isin: Some("A"),
        receive,
        filled,
        retry,
        after_gtnet,
        called,
    };
    let unnamed = |filled, retry| Retried { isin: None, ..named(true, filled, retry, retry, false) };
    let rows = [
        named(true, false, 3, 3, true),
        named(true, false, 4, 5, false),
        named(true, false, 11, 12, false),
        named(true, false, 12, 12, false),
        named(true, false, 13, 13, false),
        named(true, true, 3, 3, false),
        named(true, true, 4, 4, false),
        named(true, true, 5, 4, false),
        named(true, true, 13, 4, false),
        named(false, false, 3, 3, true),
        named(false, false, 4, 4, false),
        named(false, true, 3, 3, true),
        unnamed(false, 0),
        unnamed(true, 0),
        unnamed(false, 6),
        unnamed(true, 6),
        unnamed(true, 13),
    ];
    for (at, retried) in rows.iter().enumerate() {
        let Retried { isin, receive, filled, retry, after_gtnet, called } = *retried;
        let item = |fields: Value| {
            let mut item = security(isin, None, None);
            item.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
            item
        };
        let input = json!({
            "now": NOW,
            "params": {"intra_retry": 4, "gtnet_quote_retry": 8, "intra_update_timeout": 300},
            "instruments": [item(json!({
                "gtnet": receive, "filled": filled, "retry": retry, "connector": {"delay": 0}, "active": true,
                "outcome": {"ok": false},
            }))],
        });
        let expected = json!({"instruments": [item(json!({
            "retry_after_gtnet": after_gtnet,
            "saved_after_gtnet": after_gtnet != retry,
            "connector_called": called,
            "retry_after_connector": after_gtnet + u32::from(called),
        }))]});
        assert_case(&format!("row {at}"), requester::retry_counter, &input, &expected);
    }
}

#[test]
fn what_is_absent_is_older_than_all_and_equal_to_itself() {
    let (dated, blind) = (security(Some("A"), Some(100), Some(1.0)), security(Some("A"), None, Some(1.0)));
    let query =
        |pooled: &Value, asked: &Value| json!({"pool": [pooled], "request": [asked], "min_acceptable_ts": null});
    let output = |answer: &Value, pooled: &Value| json!({"response": answer, "pool": [pooled]});
    let none = json!([]);
    let newer = security(Some("A"), Some(101), None);
    let unpriced = json!({"isin": "A", "currency": "CHF", "price": null});
    for (name, pooled, asked, answer) in [
        ("dated, asked without", &dated, &blind, &json!([dated])),
        ("neither has one", &blind, &blind, &none),
        ("known without a timestamp", &blind, &dated, &none),
        ("newer without a last price", &newer, &dated, &json!([newer])),
        ("known without a price", &unpriced, &dated, &none),
    ] {
        assert_case(name, lookups::pool_query, &query(pooled, asked), &output(answer, pooled));
    }
}
