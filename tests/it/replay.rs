//! One simulation = one replay: what the event-driven model lets instances say to each other is what the recorded
//! semantics make of the same situation.
//!
//! Networks run under the rules of the released system with zero latency, so that one exchange is under way at a time, and
//! clocks that show whole seconds, as recorded cases do. Their transcript becomes a case, which the conformance code
//! replays.

use std::collections::BTreeMap;

use gtnet_sim::model::config::{
    ClockConfig, PeerSelection, PeeringConfig, RateLimit, RateScope, Stamp, WatchlistConfig, WhenExceeded, WorldConfig,
};
use gtnet_sim::observe::{Fact, InstanceId, Line, MessageKind, Observer, Quotation, RecordedInstance};
use gtnet_sim::protocol::{AcceptMode, InstrumentId, Policy, Preset, Refusal};
use gtnet_sim::random::Distribution;
use gtnet_sim::time::{SimDuration, SimTime, Timestamp};
use serde_json::{Value, json};

use crate::conformance::difference_in_updates;
use crate::support::{MONDAY, around_the_clock, group, ideal_world, watch};

/// Takes everything down.
#[derive(Default)]
struct Stenographer(Vec<Line>);

impl Observer for Stenographer {
    fn transcribes(&self) -> bool {
        true
    }

    fn observe(&mut self, _now: SimTime, _fact: &Fact) {}

    fn transcribe(&mut self, _now: SimTime, line: Line) {
        self.0.push(line);
    }
}

/// Two push-open and five open instances and a closed one, all with users, all of which know some of the others.
fn network(preset: Preset) -> WorldConfig {
    let mut config = ideal_world(1);
    (config.duration, config.warmup) = (SimDuration::from_days(3), SimDuration::ZERO);
    config.policy = Policy { max_limit: Some(9), ..Policy::of(preset) };
    config.watchlist_timeout = SimDuration::from_secs(1_200);
    config.instruments.securities = 40;
    let like = config.connectors[0].clone();
    let provider = |id: &str, share: f64, delay_s: u64, failure: f64| {
        let mut provider = like.clone();
        id.clone_into(&mut provider.id);
        provider.serves = vec![(0, share)];
        (provider.delay, provider.failure) = (SimDuration::from_secs(delay_s), failure);
        provider
    };
    config.connectors =
        vec![provider("late", 0.6, 900, 0.1), provider("fast", 0.2, 0, 0.3), provider("poor", 0.3, 60, 0.9)];
    config.connectors[1].rate_limit = Some(RateLimit {
        requests: 5,
        per: SimDuration::from_secs(600),
        scope: RateScope::Instance,
        when_exceeded: WhenExceeded::Fail,
        blocks_for: None,
    });
    assert!(config.connectors.iter().all(|connector| connector.stamp == Stamp::Now));
    let member = |name: &str, count: u32, mode: AcceptMode, flags: f64| {
        let mut group = group(name, count, mode);
        (group.users, group.receive, group.send) = (2, flags, flags);
        group.visits = Some(around_the_clock(24.0));
        let size = Distribution::Uniform { low: 3.0, high: 12.0 };
        group.watchlist = WatchlistConfig { instruments: size, per_user: 2 };
        group.clock = ClockConfig { resolution: SimDuration::from_secs(1), ..ClockConfig::perfect() };
        group
    };
    config.groups = vec![
        member("hub", 2, AcceptMode::PushOpen, 0.9),
        member("open", 5, AcceptMode::Open, 0.8),
        member("closed", 1, AcceptMode::Closed, 1.0),
        member("shy", 1, AcceptMode::Open, 0.0),
    ];
    let peering = |from, to, select, priority| PeeringConfig { from, to, select, priority, granted: true };
    config.peerings = vec![
        peering(1, 0, PeerSelection::All, 10),
        peering(1, 1, PeerSelection::Random(3), 10),
        peering(1, 3, PeerSelection::All, 5),
        peering(0, 0, PeerSelection::All, 3),
        peering(0, 1, PeerSelection::Random(2), 10),
        peering(2, 0, PeerSelection::Random(1), 1),
        peering(2, 1, PeerSelection::All, 2),
        peering(3, 0, PeerSelection::All, 10),
    ];
    config
}

fn name(instance: InstanceId) -> String {
    format!("instance-{:02}", instance.0)
}

fn accept(mode: AcceptMode) -> &'static str {
    match mode {
        AcceptMode::Closed => "closed",
        AcceptMode::Open => "open",
        AcceptMode::PushOpen => "push_open",
    }
}

fn seconds(timestamp: Timestamp) -> i64 {
    assert_eq!(timestamp.as_unix_nanos() % 1_000_000_000, 0, "clocks show whole seconds");
    timestamp.as_unix_nanos() / 1_000_000_000
}

fn isin(instrument: InstrumentId) -> String {
    format!("XX{:010}", instrument.0)
}

/// A price; the moment whose price it is stands for the last price.
fn price(timestamp: Option<Timestamp>, as_of: Option<Timestamp>) -> Value {
    let last = as_of.map(|as_of| as_of.saturating_since(MONDAY - SimDuration::from_days(30)).as_secs_f64());
    json!({"ts": timestamp.map(seconds), "open": null, "high": null, "low": null, "last": last, "volume": null})
}

fn item(quotation: &Quotation) -> Value {
    let Quotation { instrument, timestamp, as_of } = *quotation;
    json!({"isin": isin(instrument), "currency": "CHF", "price": price(timestamp, as_of)})
}

fn sorted(mut items: Vec<Value>) -> Value {
    items.sort_by_key(|item| item["isin"].as_str().expect("a key").to_owned());
    Value::Array(items)
}

fn payload(items: &[Quotation]) -> Value {
    json!({"securities": sorted(items.iter().map(item).collect()), "pairs": []})
}

fn instances(world: &[RecordedInstance], max_limit: Option<u32>) -> Value {
    let entries = (0..).zip(world).map(|(number, instance)| {
        let peers: Vec<Value> = instance
            .peers
            .iter()
            .map(|(peer, priority)| {
                json!({
                    "name": name(*peer), "accept": accept(world[peer.index()].mode), "server_state": "open",
                    "max_limit": max_limit, "busy": false, "online": "online", "consumer_usage": priority,
                    "exchange": true, "authorized": true, "consumer_log": true, "supplier_log": true,
                    "violations": null,
                })
            })
            .collect();
        let securities: Vec<Value> = instance
            .instruments
            .iter()
            .map(|row| {
                json!({
                    "isin": isin(row.instrument), "currency": "CHF", "receive": row.receive, "send": row.send,
                    "connector": row.connector_delay.map(|delay| json!({"delay": delay.as_nanos() / 1_000_000_000})),
                    "active": true, "retry": 0, "price": price(None, None),
                })
            })
            .collect();
        let details: Vec<Value> = instance
            .peers
            .iter()
            .flat_map(|(peer, _)| {
                let sent = world[peer.index()].instruments.iter().filter(|row| row.send);
                sent.map(|row| json!({"supplier": name(*peer), "isin": isin(row.instrument), "currency": "CHF"}))
            })
            .collect();
        json!({
            "name": name(InstanceId(number)), "gtnet_enabled": instance.gtnet, "log_enabled": true,
            "params": {
                "intra_retry": 4, "gtnet_quote_retry": 8, "intra_update_timeout": 300,
                "watchlist_update_timeout": 1_200, "gtnet_lastprice_delay": 300,
            },
            "own": {"accept": accept(instance.mode), "server_state": "open", "max_limit": max_limit, "busy": false},
            "peers": peers, "securities": securities, "pairs": [], "pool": [], "supplier_details": details,
            "history": [],
        })
    });
    entries.collect()
}

/// One update: what goes in, and what came out.
#[derive(Default)]
struct Update {
    input: Value,
    messages: Vec<Value>,
    pushes: Vec<Value>,
    calls: BTreeMap<String, (bool, Value)>,
    result: Value,
}

impl Update {
    fn began(instance: InstanceId, clock: Timestamp, watchlist: &[InstrumentId], tie_order: &[InstanceId]) -> Self {
        let watchlist: Vec<Value> =
            watchlist.iter().map(|instrument| json!({"isin": isin(*instrument), "currency": "CHF"})).collect();
        let tie_order: Vec<String> = tie_order.iter().copied().map(name).collect();
        let input = json!({
            "requester": name(instance), "now": seconds(clock), "watchlist": watchlist, "extra_pairs": [],
            "tie_order": tie_order, "unreachable": [], "http_error": [], "push_unreachable": [],
        });
        Self { input, ..Self::default() }
    }

    fn sent(
        &mut self,
        from: InstanceId,
        to: InstanceId,
        kind: MessageKind,
        items: &[Quotation],
        least: Option<Timestamp>,
    ) {
        let mut payload = payload(items);
        if kind == MessageKind::Push {
            self.pushes.push(json!({"from": name(from), "to": name(to), "kind": "push", "payload": payload}));
        } else {
            payload["min_acceptable_ts"] = json!(least.map(seconds));
            let message = json!({"from": name(from), "to": name(to), "kind": "exchange_request", "payload": payload});
            self.messages.push(message);
        }
    }

    fn answered(&mut self, kind: MessageKind, result: Result<u32, Refusal>, items: &[Quotation]) {
        let (list, reply) = match (kind, result) {
            (MessageKind::Push, Ok(accepted)) => {
                (&mut self.pushes, json!({"kind": "push_ack", "accepted_count": accepted}))
            }
            (_, Ok(_)) => (&mut self.messages, json!({"kind": "response", "payload": payload(items)})),
            (_, Err(Refusal::OverMaxLimit)) => {
                (&mut self.messages, json!({"kind": "max_limit_exceeded", "payload": null}))
            }
            (_, Err(refusal)) => unreachable!("{refusal:?} in this network"),
        };
        list.last_mut().expect("an answer follows its message")["reply"] = reply;
    }

    fn finish(mut self) -> (Value, Value) {
        let outcome = |(isin, (ok, price)): (&String, &(bool, Value))| json!({"isin": isin, "currency": "CHF", "ok": ok, "price": price});
        self.input["connector_outcomes"] = self.calls.iter().map(outcome).collect();
        let call = |(isin, (ok, _)): (&String, &(bool, Value))| json!({"isin": isin, "currency": "CHF", "ok": ok});
        let expected = json!({
            "messages": self.messages, "push_messages": self.pushes,
            "connector_calls": self.calls.iter().map(call).collect::<Vec<_>>(), "watchlist_result": self.result,
        });
        (self.input, expected)
    }
}

/// The updates of a transcript: inputs and outcomes.
fn updates(lines: &[Line]) -> (Vec<Value>, Vec<Value>) {
    let mut updates: Vec<Update> = Vec::new();
    for line in lines {
        match line {
            Line::Began { visit, clock, watchlist, tie_order } => {
                updates.push(Update::began(visit.instance, *clock, watchlist, tie_order));
            }
            Line::World(_)
            | Line::Reopened { .. }
            | Line::Sent {
                kind: MessageKind::Ping | MessageKind::Synchronisation | MessageKind::History | MessageKind::HistoryPush,
                ..
            }
            | Line::Answered {
                kind: MessageKind::Ping | MessageKind::Synchronisation | MessageKind::History | MessageKind::HistoryPush,
                ..
            }
            | Line::Arrived { .. }
            | Line::ServiceBegan { .. }
            | Line::Served { .. }
            | Line::Lost { .. }
            | Line::Ended { .. }
            | Line::CallPlaced { .. }
            | Line::Filled { .. }
            | Line::Kept { .. }
            | Line::Forgotten { .. }
            | Line::Done { .. } => {}
            Line::Sent { from, to, kind, items, min_acceptable, .. } => {
                updates.last_mut().expect("an update").sent(*from, *to, *kind, items, *min_acceptable);
            }
            Line::Answered { kind, result, items, .. } => {
                updates.last_mut().expect("an update").answered(*kind, *result, items);
            }
            Line::Called { instrument, price: delivered, .. } => {
                let outcome = delivered.map(|delivered| price(delivered.timestamp, delivered.as_of));
                let call = (delivered.is_some(), outcome.unwrap_or(Value::Null));
                updates.last_mut().expect("an update").calls.insert(isin(*instrument), call);
            }
            Line::Shown { items, .. } => {
                let shown = items.iter().map(|(quotation, retry)| {
                    let mut item = item(quotation);
                    item["retry"] = json!(retry);
                    item
                });
                updates.last_mut().expect("an update").result = sorted(shown.collect());
            }
        }
    }
    updates.into_iter().map(Update::finish).unzip()
}

fn assert_one_simulation_is_one_replay(preset: Preset) {
    let config = network(preset);
    let mut stenographer = Stenographer::default();
    watch(&config, 5, &mut stenographer);
    let Some(Line::World(world)) = stenographer.0.first() else { panic!("a transcript begins with the world") };
    let (inputs, expected) = updates(&stenographer.0);
    let count = |find: &dyn Fn(&Value) -> bool| expected.iter().filter(|update| find(update)).count();
    let pushes = count(&|update| update["push_messages"].as_array().is_some_and(|pushes| !pushes.is_empty()));
    assert!(inputs.len() > 1_000, "only {} updates", inputs.len());
    assert!(pushes > 50, "only {pushes} updates with pushes");
    let refused = |message: &Value| message["reply"]["kind"] == "max_limit_exceeded";
    assert!(count(&|update| update["messages"].as_array().is_some_and(|sent| sent.iter().any(refused))) > 10);
    let case = json!({
        "received_prices_saved": config.policy.received_prices_saved, "stale_peer_views": false,
        "instances": instances(world, config.policy.max_limit), "updates": inputs,
    });
    let difference = difference_in_updates(&case, &Value::Array(expected));
    assert_eq!(difference, None, "the simulation and the recorded semantics differ");
}

#[test]
fn one_simulation_is_one_replay() {
    assert_one_simulation_is_one_replay(Preset::Gt0365);
}

#[test]
fn one_simulation_is_one_replay_where_received_prices_are_not_kept() {
    assert_one_simulation_is_one_replay(Preset::Gt0365Deployed);
}
