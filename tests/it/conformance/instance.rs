//! One instance with its stores, as a case describes it and as its state is written at the end.

use std::collections::BTreeMap;

use gtnet_sim::protocol::{
    AcceptMode, Announced, Announcement, Connector, Endpoint, Envelope, Exchange, ExchangeLog, Failure, LogRow,
    MessageClass, Online, OwnStatus, Peer, PeerId, PeerView, Policy, Refusal, RequestBudget, RetryBands, Served,
    ServerState, SupplierDetails, Violations, WatchlistItem, stored_rows,
};
use gtnet_sim::time::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::decode::{
    Content, Key, Params, RawAccept, RawBudget, RawConnector, RawPoolRow, RawPrice, RawRules, RawState, seconds,
    timestamp,
};
use super::encode::{self, Item};
use super::recorded_policy;
use super::stores::{LocalRow, Pool, Table};

#[derive(Deserialize)]
pub(super) struct RawInstance {
    name: String,
    #[serde(default)]
    gtnet_enabled: bool,
    log_enabled: bool,
    rules: Option<RawRules>,
    /// By how much its clock is ahead \[s\].
    #[serde(default)]
    clock_ahead: i64,
    params: Option<Params>,
    own: Option<RawOwn>,
    peers: Vec<RawPeer>,
    securities: Vec<RawLocal>,
    pairs: Vec<RawLocal>,
    pool: Vec<RawPoolRow>,
    #[serde(default)]
    supplier_details: Vec<RawDetail>,
    #[serde(default)]
    history: Vec<RawHistory>,
}

#[derive(Clone, Copy, Deserialize)]
struct RawOwn {
    accept: Option<RawAccept>,
    #[serde(default)]
    server_state: RawState,
    max_limit: Option<u32>,
    busy: bool,
    daily_request_limit: Option<u32>,
}

#[derive(Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "the cases have them")]
struct RawPeer {
    name: String,
    accept: Option<RawAccept>,
    #[serde(default)]
    server_state: RawState,
    max_limit: Option<u32>,
    busy: bool,
    online: RawOnline,
    consumer_usage: u16,
    exchange: bool,
    authorized: bool,
    consumer_log: bool,
    supplier_log: bool,
    violations: Option<u32>,
    /// The limit that it is believed to have.
    daily_request_limit: Option<u32>,
    budget: Option<RawBudget>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RawOnline {
    Online,
    Offline,
    Unknown,
}

#[derive(Deserialize)]
struct RawLocal {
    #[serde(flatten)]
    key: Key,
    price: RawPrice,
    send: bool,
    #[serde(default)]
    receive: bool,
    connector: Option<RawConnector>,
    #[serde(default)]
    active: bool,
    #[serde(default)]
    retry: u32,
}

#[derive(Deserialize)]
struct RawDetail {
    supplier: String,
    #[serde(flatten)]
    key: Key,
}

#[derive(Deserialize)]
struct RawHistory {
    peer: String,
    as_supplier: bool,
    day: i64,
    sent: u64,
    updated: u64,
}

/// One instance with its stores.
pub(super) struct Instance {
    pub(super) name: String,
    pub(super) gtnet: bool,
    pub(super) policy: Policy,
    pub(super) own: Option<OwnStatus>,
    pub(super) peers: Vec<NamedPeer>,
    pub(super) table: Table,
    /// How GTNet and connectors may fill an instrument; beside [`Table::rows`].
    sources: BTreeMap<Key, Sources>,
    pub(super) pool: Pool,
    pub(super) details: Details,
    /// Exchange-log rows as they are written.
    pub(super) log: Vec<Value>,
    pub(super) status_checks: u32,
    /// Messages and replies that it has kept.
    pub(super) messages_kept: u32,
    clock_ahead: i64,
}

pub(super) struct NamedPeer {
    pub(super) name: String,
    pub(super) entry: Peer,
    pub(super) history: ExchangeLog,
}

#[derive(Clone, Copy)]
struct Sources {
    receive: bool,
    connector: Option<Connector>,
    active: bool,
}

pub(super) struct Details(Vec<(PeerId, Key)>);

impl SupplierDetails<Key> for Details {
    fn covers(&self, peer: PeerId, instrument: Key) -> bool {
        self.0.contains(&(peer, instrument))
    }
}

/// What the sender of a message gets.
pub(super) enum Reply {
    Prices(Vec<Item>),
    Accepted(u32),
    /// To whatever asks for no prices and brings none.
    Heard,
    Refused(Refusal),
    Unreachable,
    HttpError,
    Unauthorised,
}

impl Reply {
    pub(super) fn encode(&self) -> Value {
        match self {
            Self::Prices(prices) => json!({"kind": "response", "payload": encode::payload(prices)}),
            Self::Accepted(count) => json!({"kind": "push_ack", "accepted_count": count}),
            Self::Heard => json!({"kind": "heard"}),
            Self::Refused(refusal) => encode::refusal(*refusal),
            Self::Unreachable => json!({"kind": "unreachable"}),
            Self::HttpError => json!({"kind": "http_error"}),
            Self::Unauthorised => json!({"kind": "unauthorized"}),
        }
    }

    pub(super) fn failure(&self) -> Option<Failure> {
        match self {
            Self::Prices(_) | Self::Accepted(_) | Self::Heard => None,
            Self::Refused(refusal) => Some(Failure::Refused(*refusal)),
            Self::Unreachable => Some(Failure::Unreachable),
            Self::HttpError | Self::Unauthorised => Some(Failure::HttpError),
        }
    }
}

impl Instance {
    pub(super) fn new(raw: &RawInstance) -> Self {
        let peers: Vec<NamedPeer> = raw.peers.iter().map(|peer| named_peer(peer, raw)).collect();
        let locals = || raw.securities.iter().chain(&raw.pairs);
        let rows = locals().map(|local| LocalRow {
            key: local.key,
            price: local.price.local(local.key),
            send: local.send,
            retry: local.retry,
        });
        let sources = locals().map(|local| {
            let connector = local.connector.map(RawConnector::connector);
            (local.key, Sources { receive: local.receive, connector, active: local.active })
        });
        let details = raw.supplier_details.iter().filter_map(|detail| {
            let at = peers.iter().position(|peer| peer.name == detail.supplier)?;
            Some((peer_id(at), detail.key))
        });
        Self {
            name: raw.name.clone(),
            gtnet: raw.gtnet_enabled,
            policy: raw.rules.as_ref().map_or_else(|| policy(raw.params.as_ref()), RawRules::policy),
            own: raw.own.map(|own| OwnStatus {
                mode: own.accept.map(AcceptMode::from),
                state: ServerState::from(own.server_state),
                max_limit: own.max_limit,
                busy: own.busy,
                daily_request_limit: own.daily_request_limit,
            }),
            details: Details(details.collect()),
            table: Table { rows: rows.collect(), sends_others: false },
            sources: sources.collect(),
            pool: Pool::new(&raw.pool),
            peers,
            log: Vec::new(),
            status_checks: 0,
            messages_kept: 0,
            clock_ahead: raw.clock_ahead,
        }
    }

    /// What its clock shows.
    pub(super) fn clock(&self, now: Timestamp) -> Timestamp {
        now.offset_nanos(self.clock_ahead * 1_000_000_000)
    }

    pub(super) fn peer(&self, name: &str) -> Option<usize> {
        self.peers.iter().position(|peer| peer.name == name)
    }

    /// Whether a message may be sent to the peer at position `at`; if so, it is counted.
    pub(super) fn may_send(&mut self, at: usize, class: MessageClass, now: Timestamp) -> bool {
        let now = self.clock(now);
        self.peers[at].entry.may_send(&self.policy, class, now)
    }

    /// Looks at the envelope of a message of the peer at position `sender`.
    pub(super) fn take_in(
        &mut self,
        sender: usize,
        class: MessageClass,
        envelope: &Envelope,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        self.endpoint(Some(sender)).take_in(class, envelope, now)
    }

    /// Serves a synchronisation of the peer at position `sender` that offers so many instruments.
    pub(super) fn serve_synchronisation(&mut self, sender: usize, now: Timestamp, offered: usize) -> Reply {
        let result = self.endpoint(Some(sender)).handle_synchronisation(now, offered);
        self.keep(result);
        result.map_or_else(Reply::Refused, |()| Reply::Heard)
    }

    /// Hears what the peer at position `sender` announces.
    pub(super) fn hear(&mut self, sender: usize, now: Timestamp, announcement: Announcement) -> Reply {
        self.endpoint(Some(sender)).handle_announcement(announcement, now);
        Reply::Heard
    }

    /// A message and its reply are kept if it was served.
    fn keep<T>(&mut self, result: Result<T, Refusal>) {
        self.messages_kept += stored_rows(MessageClass::Request, result.map(|_| ()));
    }

    /// Serves a request of the peer at position `sender`, or of somebody unknown.
    pub(super) fn serve_request(
        &mut self,
        sender: Option<usize>,
        now: Timestamp,
        request: &[Item],
        min_acceptable: Option<Timestamp>,
    ) -> Reply {
        let mut answer = Vec::new();
        let Served { result, row } = self.endpoint(sender).handle_request(now, request, min_acceptable, &mut answer);
        self.keep(result);
        self.write(sender, now, row);
        result.map_or_else(Reply::Refused, |_| Reply::Prices(answer))
    }

    /// Serves a push of the peer at position `sender`, or of somebody unknown.
    pub(super) fn serve_push(&mut self, sender: Option<usize>, now: Timestamp, push: &[Item]) -> Reply {
        let Served { result, row } = self.endpoint(sender).handle_push(now, push);
        self.keep(result);
        self.write(sender, now, row);
        result.map_or_else(Reply::Refused, Reply::Accepted)
    }

    fn endpoint(&mut self, sender: Option<usize>) -> Endpoint<'_, Pool, Table> {
        Endpoint {
            policy: &self.policy,
            own: self.own,
            sender: sender.map(|at| &mut self.peers[at].entry),
            pool: &mut self.pool,
            instruments: &mut self.table,
        }
    }

    pub(super) fn write(&mut self, peer: Option<usize>, now: Timestamp, row: Option<LogRow>) {
        if let (Some(at), Some(row)) = (peer, row) {
            let peer = &mut self.peers[at];
            peer.history.record(now, &row);
            self.log.push(encode::log_row(&peer.name, now, &row));
        }
    }

    pub(super) fn watched(&self, key: Key, valuation_only: bool) -> WatchlistItem<Key, Content> {
        let row = self.table.rows.iter().find(|row| row.key == key).expect("what is watched is recorded");
        let Sources { receive, connector, active } = self.sources[&key];
        WatchlistItem {
            instrument: key,
            receive,
            send: row.send,
            connector,
            active,
            retry: row.retry,
            valuation_only,
            price_is_final: false,
            price: row.price,
        }
    }

    pub(super) fn save(&mut self, exchange: &Exchange<Key, Content>, keys: &[Key]) {
        for (at, price, retry) in exchange.local_updates() {
            let row = self.table.row_mut(keys[at]).expect("what is watched is recorded");
            (row.price, row.retry) = (price, retry.unwrap_or(row.retry));
        }
    }

    pub(super) fn encode(&self) -> Value {
        let row = |row: &LocalRow| json!({"price": encode::price(&row.price), "retry": row.retry});
        let peers: Vec<Value> = self
            .peers
            .iter()
            .map(|NamedPeer { name, entry, .. }| {
                let OwnStatus { mode, state, max_limit, busy, .. } = entry.view.said;
                json!({
                    "name": name,
                    "accept": mode.map(encode::accept),
                    "server_state": encode::state(state),
                    "max_limit": max_limit,
                    "busy": busy,
                    "online": encode::online(entry.view.online),
                    "violations": entry.violations.count(),
                })
            })
            .collect();
        json!({
            "securities": self.table.encode(false, row),
            "pairs": self.table.encode(true, row),
            "pool": self.pool.encode(),
            "peers": peers,
            "exchange_log": self.log,
            "status_checks": self.status_checks,
        })
    }
}

fn named_peer(raw: &RawPeer, owner: &RawInstance) -> NamedPeer {
    let said = OwnStatus {
        mode: raw.accept.map(AcceptMode::from),
        state: ServerState::from(raw.server_state),
        max_limit: raw.max_limit,
        busy: raw.busy,
        daily_request_limit: raw.daily_request_limit,
    };
    let online = match raw.online {
        RawOnline::Online => Online::Online,
        RawOnline::Offline => Online::Offline,
        RawOnline::Unknown => Online::Unknown,
    };
    let mut history = ExchangeLog::new();
    for row in owner.history.iter().filter(|row| row.peer == raw.name && !row.as_supplier) {
        history.add(timestamp(row.day * 86_400), row.sent, row.updated);
    }
    let entry = Peer {
        view: PeerView { said, online },
        priority: raw.consumer_usage,
        exchange_agreed: raw.exchange,
        authorised: raw.authorized,
        consumer_log: owner.log_enabled && raw.consumer_log,
        supplier_log: owner.log_enabled && raw.supplier_log,
        violations: Violations::counted(raw.violations),
        budget: raw.budget.map_or_else(RequestBudget::default, RawBudget::budget),
        announced: Announced::default(),
        distrusted_until: None,
    };
    NamedPeer { name: raw.name.clone(), entry, history }
}

/// The recorded rules with the numbers of one instance.
fn policy(params: Option<&Params>) -> Policy {
    let Some(params) = params else { return recorded_policy() };
    Policy {
        freshness_threshold: Some(seconds(params.watchlist_update_timeout + params.gtnet_lastprice_delay)),
        retry_bands: Some(RetryBands { intra_retry: params.intra_retry, quote_retry: params.gtnet_quote_retry }),
        connector_min_interval: Some(seconds(params.intra_update_timeout)),
        ..recorded_policy()
    }
}

pub(super) fn peer_id(at: usize) -> PeerId {
    PeerId(u32::try_from(at).expect("few peers"))
}
