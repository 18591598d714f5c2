//! Facts as rows of the trace: every field of a fact has a field there, with names for numbers.

use crate::observe::{
    AgePart, AgeSplit, CallEnd, CallFailure, Fact, MessageEnd, MessageKind, PriceHistory, PriceSource, PriceWay,
    ServerTrouble,
};
use crate::protocol::{NotTried, Outcome};
use crate::time::SimTime;

use super::names::WorldNames;
use super::row::JsonRow;

/// The line of a fact.
pub(super) fn row(names: &WorldNames, now: SimTime, fact: &Fact) -> String {
    let new = |kind: &str| JsonRow::new(names, now, "fact", kind);
    let row = match *fact {
        Fact::VisitBegan { instance } => new("visit-began").instance("instance", instance),
        Fact::ExchangeBegan { instance, instruments } => {
            new("exchange-began").instance("instance", instance).number("instruments", instruments)
        }
        Fact::ConnectorCalled { began, instance, provider, reason, limited, held_back } => new("connector-called")
            .at("began", began)
            .instance("instance", instance)
            .provider(provider)
            .text("reason", reason.name())
            .flag("limited", limited)
            .lasting("held_back", held_back),
        Fact::ConnectorAnswered { began, instance, instrument, provider, latency, delivered } => {
            new("connector-answered")
                .at("began", began)
                .instance("instance", instance)
                .instrument(instrument)
                .provider(provider)
                .lasting("latency", latency)
                .flag("delivered", delivered)
        }
        Fact::Settled { began, outcome, pushed } => {
            with_outcome(new("settled").at("began", began), outcome).flag("pushed", pushed)
        }
        Fact::PriceShown { began, age, ref split, error_bp, stamp_error, falsified, source } => {
            let row = new("price-shown").at("began", began);
            let row = match age {
                Some(age) => row.lasting("age", age),
                None => row.null("age"),
            };
            let row = with_split(row, split.as_ref());
            let row = row.number("error_bp", error_bp).number("stamp_error", stamp_error.signed_seconds());
            let row = match falsified {
                Some(by) => row.text("falsified", names.fault(by.fault)).text("falsified_way", way(by.way)),
                None => row.null("falsified").null("falsified_way"),
            };
            with_source(row, source)
        }
        Fact::ResultShown { visit, began, exchanged } => {
            new("result-shown").visit(Some(visit)).at("began", began).flag("exchanged", exchanged)
        }
        Fact::VisitPrevented { visit } => new("visit-prevented").visit(Some(visit)),
        Fact::VisitInterrupted { visit, began, instruments } => {
            new("visit-interrupted").visit(Some(visit)).at("began", began).number("instruments", instruments)
        }
        Fact::ExchangeUnfinished { visit, began, instruments } => {
            new("exchange-unfinished").visit(Some(visit)).at("began", began).number("instruments", instruments)
        }
        Fact::MessageSent { to, kind, items } => {
            new("message-sent").instance("to", to).text("kind", message(kind)).number("items", items)
        }
        Fact::MessageKeptBack { to, kind } => new("message-kept-back").instance("to", to).text("kind", message(kind)),
        Fact::MessageLost { sent } => new("message-lost").at("sent", sent),
        Fact::MessageEnded { sent, to, kind, end } => {
            with_end(new("message-ended").at("sent", sent).instance("to", to).text("kind", message(kind)), end)
        }
        Fact::Arrived { began, sent, from, server, kind, bytes } => new("arrived")
            .at("began", began)
            .at("sent", sent)
            .instance("from", from)
            .instance("server", server)
            .text("kind", message(kind))
            .number("bytes", bytes),
        Fact::PusherDistrusted { server, pusher, is_rogue } => {
            new("pusher-distrusted").instance("server", server).instance("pusher", pusher).flag("is_rogue", is_rogue)
        }
        Fact::ServerStopped { server } => new("server-stopped").instance("server", server),
        Fact::FaultBegan { fault, instance } => {
            of_fault(new("fault-began").text("fault", names.fault(fault)), instance)
        }
        Fact::FaultEnded { fault, instance } => {
            of_fault(new("fault-ended").text("fault", names.fault(fault)), instance)
        }
        Fact::ServiceBegan { server, waited } => {
            new("service-began").instance("server", server).lasting("waited", waited)
        }
        Fact::WaitEnded { server } => new("wait-ended").instance("server", server),
        Fact::ServiceEnded { server, sent, kind, response, items, result, bytes, rows, rows_stay } => {
            let row = new("service-ended")
                .instance("server", server)
                .at("sent", sent)
                .text("kind", message(kind))
                .lasting("response", response)
                .number("items", items);
            let row = match result {
                Some(result) => row.number("result", result),
                None => row.null("result"),
            };
            row.number("bytes", bytes).number("rows", rows).lasting("rows_stay", rows_stay)
        }
    };
    row.end()
}

/// The kind of a message.
pub(crate) const fn message(kind: MessageKind) -> &'static str {
    match kind {
        MessageKind::Request => "request",
        MessageKind::Push => "push",
        MessageKind::Ping => "ping",
        MessageKind::Synchronisation => "synchronisation",
        MessageKind::History => "history",
        MessageKind::HistoryPush => "history-push",
        MessageKind::Farewell => "farewell",
        MessageKind::Notice => "notice",
    }
}

/// What became of a message: `end`, and `result` if it was answered.
pub(super) fn with_end(row: JsonRow<'_>, end: MessageEnd) -> JsonRow<'_> {
    match end {
        MessageEnd::Answered(result) => row.text("end", "answered").number("result", result),
        MessageEnd::Refused => row.text("end", "refused").null("result"),
        MessageEnd::TimedOut => row.text("end", "timed-out").null("result"),
        MessageEnd::Unreachable => row.text("end", "unreachable").null("result"),
        MessageEnd::Abandoned => row.text("end", "abandoned").null("result"),
    }
}

fn of_fault(row: JsonRow<'_>, instance: Option<crate::observe::InstanceId>) -> JsonRow<'_> {
    match instance {
        Some(instance) => row.instance("instance", instance),
        None => row.null("instance"),
    }
}

/// The parts of an age, of which there are none without a price.
fn with_split<'n>(row: JsonRow<'n>, split: Option<&AgeSplit>) -> JsonRow<'n> {
    let parts = ["age_provider_delay", "age_fetch", "age_pools", "age_transfer", "age_visit"];
    let row = parts.into_iter().zip(AgePart::ALL).fold(row, |row, (key, part)| match split {
        Some(split) => row.lasting(key, split.part(part)),
        None => row.null(key),
    });
    match split.and_then(|split| split.from) {
        Some(from) => row.instance("age_from", from),
        None => row.null("age_from"),
    }
}

fn with_outcome(row: JsonRow<'_>, outcome: Outcome) -> JsonRow<'_> {
    match outcome {
        Outcome::OwnPool => without_peer(row, "own-pool"),
        Outcome::PushOpen(peer) => row.text("outcome", "push-open").number("peer", peer.0).null("why_not"),
        Outcome::Open(peer) => row.text("outcome", "open").number("peer", peer.0).null("why_not"),
        Outcome::Connector => without_peer(row, "connector"),
        Outcome::ConnectorFailed => without_peer(row, "connector-failed"),
        Outcome::NotTried(why) => row.text("outcome", "not-tried").null("peer").text("why_not", not_tried(why)),
    }
}

fn without_peer<'n>(row: JsonRow<'n>, outcome: &str) -> JsonRow<'n> {
    row.text("outcome", outcome).null("peer").null("why_not")
}

const fn not_tried(why: NotTried) -> &'static str {
    match why {
        NotTried::NoConnector => "no-connector",
        NotTried::Inactive => "inactive",
        NotTried::RetriesUsedUp => "retries-used-up",
        NotTried::Recent => "recent",
        NotTried::CallUnderWay => "call-under-way",
        NotTried::MarketClosed => "market-closed",
        NotTried::Unnamed => "unnamed",
    }
}

const fn way(way: PriceWay) -> &'static str {
    match way {
        PriceWay::OwnPool => "own-pool",
        PriceWay::PushOpen => "push-open",
        PriceWay::Open => "open",
        PriceWay::Local => "local",
    }
}

fn with_source(row: JsonRow<'_>, source: PriceSource) -> JsonRow<'_> {
    match source {
        PriceSource::Kept { is_overdue } => row.text("source", "kept").flag("is_overdue", is_overdue),
        PriceSource::Exchanged(history) => with_history(row.text("source", "exchanged"), history),
    }
}

fn with_history(row: JsonRow<'_>, history: PriceHistory) -> JsonRow<'_> {
    let PriceHistory { outcome, age_before, claimed_age, trouble, call } = history;
    let row = with_outcome(row, outcome).lasting("age_before", age_before).lasting("claimed_age", claimed_age);
    let row = match trouble {
        None => row.null("trouble"),
        Some(ServerTrouble::Fault) => row.text("trouble", "fault"),
        Some(ServerTrouble::Failure) => row.text("trouble", "failure"),
        Some(ServerTrouble::LeftOut) => row.text("trouble", "left-out"),
    };
    match call {
        None => row.null("call"),
        Some(CallEnd::Delivered { age, taken }) => {
            row.text("call", "delivered").lasting("call_age", age).flag("call_taken", taken)
        }
        Some(CallEnd::Failed(why)) => row.text("call", "failed").text("call_failure", failure(why)),
    }
}

const fn failure(why: CallFailure) -> &'static str {
    match why {
        CallFailure::Chance => "chance",
        CallFailure::OverLimit => "over-limit",
        CallFailure::Blocked => "blocked",
        CallFailure::Outage => "outage",
    }
}
