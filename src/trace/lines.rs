//! Lines of the transcript as rows of the trace: what was said, with all prices in it.

use crate::observe::{Carrier, InstanceId, Line, RecordedInstance, Shelf};
use crate::protocol::{AcceptMode, Refusal};
use crate::time::SimTime;

use super::facts::{message, with_end};
use super::names::WorldNames;
use super::row::{JsonRow, quotation, quoted};

/// The line of an instance before anything has happened.
pub(super) fn instance(names: &WorldNames, now: SimTime, number: u32, instance: &RecordedInstance) -> String {
    let instruments = instance.instruments.iter().map(|row| {
        format!(
            "{{\"instrument\":{},\"receive\":{},\"send\":{},\"connector_delay\":{},\"market\":{}}}",
            quoted(names.instrument(row.instrument)),
            row.receive,
            row.send,
            row.connector_delay.map_or_else(|| "null".to_owned(), |delay| delay.as_nanos().to_string()),
            row.market
        )
    });
    let peers = instance
        .peers
        .iter()
        .map(|(peer, priority)| format!("{{\"peer\":{},\"priority\":{priority}}}", quoted(names.instance(*peer))));
    JsonRow::new(names, now, "line", "instance")
        .instance("instance", InstanceId(number))
        .text("mode", mode(instance.mode))
        .flag("gtnet", instance.gtnet)
        .raw("instruments", &listed(instruments))
        .raw("peers", &listed(peers))
        .end()
}

/// Any other line.
pub(super) fn row(names: &WorldNames, now: SimTime, line: &Line) -> String {
    let new = |kind: &str| JsonRow::new(names, now, "line", kind);
    let row = match line {
        Line::World(_) => unreachable!("each instance has a row of its own"),
        Line::Began { visit, clock, watchlist, tie_order } => new("began")
            .visit(Some(*visit))
            .clock("clock", Some(*clock))
            .instruments("watchlist", watchlist)
            .instances("tie_order", tie_order),
        Line::Reopened { visit, watchlist } => new("reopened").visit(Some(*visit)).instruments("watchlist", watchlist),
        Line::Sent { message: number, exchange, from, to, kind, items, min_acceptable } => new("sent")
            .number("message", number)
            .visit(*exchange)
            .instance("from", *from)
            .instance("to", *to)
            .text("kind", message(*kind))
            .quotations(items)
            .clock("min_acceptable", *min_acceptable),
        Line::Arrived { message } => new("arrived").number("message", message),
        Line::ServiceBegan { message } => new("service-began").number("message", message),
        Line::Served { message, result, items } => {
            with_result(new("served").number("message", message), *result).quotations(items)
        }
        Line::Lost { message } => new("lost").number("message", message),
        Line::Answered { message: number, from, to, kind, result, items } => {
            let row = new("answered").number("message", number).instance("from", *from).instance("to", *to);
            with_result(row.text("kind", message(*kind)), *result).quotations(items)
        }
        Line::Ended { message, end } => with_end(new("ended").number("message", message), *end),
        Line::CallPlaced { exchange, instance, instrument, provider, reason } => new("call-placed")
            .visit(*exchange)
            .instance("instance", *instance)
            .instrument(*instrument)
            .provider(*provider)
            .text("reason", reason.name()),
        Line::Called { exchange, instance, instrument, provider, placed, price } => {
            let row = new("called")
                .visit(*exchange)
                .instance("instance", *instance)
                .instrument(*instrument)
                .provider(*provider)
                .at("placed", *placed);
            match price {
                Some(price) => row.raw("price", &quotation(names, price)),
                None => row.null("price"),
            }
        }
        Line::Filled { exchange, by, items } => {
            with_carrier(new("filled").visit(Some(*exchange)), *by).quotations(items)
        }
        Line::Kept { instance, shelf, by, items } => {
            let shelf = match shelf {
                Shelf::Own => "own",
                Shelf::Pool => "pool",
            };
            with_carrier(new("kept").instance("instance", *instance).text("shelf", shelf), *by).quotations(items)
        }
        Line::Forgotten { instance, instruments } => {
            let row = new("forgotten").instance("instance", *instance);
            match instruments {
                Some(instruments) => row.instruments("instruments", instruments),
                None => row.null("instruments"),
            }
        }
        Line::Shown { visit, clock, items } => {
            let prices = items.iter().map(|(item, retry)| {
                let price = quotation(names, item);
                format!("{},\"retry\":{retry}}}", price.trim_end_matches('}'))
            });
            new("shown").visit(Some(*visit)).clock("clock", Some(*clock)).raw("prices", &listed(prices))
        }
        Line::Done { exchange } => new("done").visit(Some(*exchange)),
    };
    row.end()
}

fn listed(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<String>>().join(","))
}

const fn mode(mode: AcceptMode) -> &'static str {
    match mode {
        AcceptMode::Closed => "closed",
        AcceptMode::Open => "open",
        AcceptMode::PushOpen => "push-open",
    }
}

/// The number of prices, or why the message was turned away.
fn with_result(row: JsonRow<'_>, result: Result<u32, Refusal>) -> JsonRow<'_> {
    match result {
        Ok(result) => row.number("result", result).null("refusal"),
        Err(refusal) => row.null("result").text("refusal", why_refused(refusal)),
    }
}

const fn why_refused(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::NoOwnEntry => "no-own-entry",
        Refusal::NotAccepting => "not-accepting",
        Refusal::OverMaxLimit => "over-max-limit",
        Refusal::OverDailyLimit => "over-daily-limit",
        Refusal::NotConfigured => "not-configured",
        Refusal::NotPushOpen => "not-push-open",
        Refusal::Distrusted => "distrusted",
        Refusal::TooLarge => "too-large",
        Refusal::EnvelopeInvalid => "envelope-invalid",
        Refusal::ClockSkew => "clock-skew",
        Refusal::NoGrant => "no-grant",
        Refusal::Blocked => "blocked",
        Refusal::TooManyOffered => "too-many-offered",
        Refusal::WaitedTooLong => "waited-too-long",
    }
}

/// What has brought the prices: `by`, and the message or the moment of the call.
fn with_carrier(row: JsonRow<'_>, by: Carrier) -> JsonRow<'_> {
    match by {
        Carrier::OwnPool => row.text("by", "own-pool"),
        Carrier::Message(number) => row.text("by", "message").number("message", number),
        Carrier::Exchange(visit) => row.text("by", "exchange").visit(Some(visit)),
        Carrier::Call(placed) => row.text("by", "call").at("placed", placed),
    }
}
