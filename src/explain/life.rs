//! The life of one price, from the market to the user who sees it: its age in trading time is the sum of its parts.

use std::fmt::Write as _;
use std::rc::Rc;

use crate::model::Blueprint;
use crate::observe::{AgePart, InstanceId, ProviderId, Shelf, StampError};
use crate::protocol::InstrumentId;
use crate::time::{SimDuration, SimTime, Timestamp};
use crate::trace::{WorldNames, message_name};

use super::account::{Account, Recorder, ShownPrice, ShownResult};
use super::chain::{Stop, StopPlace};
use super::choice::ExplainError;
use super::story::why_called;
use super::words::{exact, moment, rough, signed};

/// A stretch of the life of a price.
#[derive(Debug)]
struct Stretch {
    from: Timestamp,
    until: Timestamp,
    part: AgePart,
    what: String,
}

/// The parts of the age of a price that a user saw at `shown`, in the order of [`AgePart::ALL`], in trading time, as they follow from
/// its way: what the model has measured must be the same.
#[cfg(test)]
pub(super) fn parts(way: &[Rc<Stop>], shown: SimTime, market: usize, blueprint: &Blueprint) -> [SimDuration; 5] {
    let mut parts = [SimDuration::ZERO; 5];
    for (from, until, part, _) in stretches(way, shown, blueprint) {
        parts[part as usize] += blueprint.traded_between(market, from, until);
    }
    parts
}

/// The life of the price of an instrument in the account of an exchange.
pub(super) fn text(
    recorder: &Recorder,
    exchange: u64,
    instrument: &str,
    blueprint: &Blueprint,
    names: &WorldNames,
) -> Result<String, ExplainError> {
    let account = recorder.account.as_ref().expect("the exchange that was found begins again");
    let at = position(account, exchange, instrument, names)?;
    let shown = account.shown.as_ref().ok_or(ExplainError::NotShown { exchange })?;
    let wanted = account.watchlist[at];
    let price = shown.prices.iter().find(|price| price.price.instrument == wanted && !price.way.is_empty());
    let Some(price) = price else {
        return Err(ExplainError::NoPrice { exchange, instrument: names.instrument(wanted).to_owned() });
    };
    let lived = stretches(&price.way, shown.at, blueprint).into_iter().map(|(from, until, part, place)| {
        let what = match place {
            Place::ClosedMarket => "last price of a closed market".to_owned(),
            Place::HeldBack(provider) => format!("held back by {}", names.provider(provider)),
            Place::At(stop) => place_text(stop, names),
        };
        Stretch { from, until, part, what }
    });
    let mut text = head(account, (exchange, wanted), (shown, price), blueprint, names);
    text.push_str(&table(lived.filter(|stretch| !stretch.is_nothing()).collect(), account.markets[at], blueprint));
    text.push_str(&split(price, shown, (account.visit.instance, account.markets[at]), blueprint, names));
    Ok(text)
}

/// The place of an instrument in the watchlist of an exchange.
fn position(account: &Account, exchange: u64, wanted: &str, names: &WorldNames) -> Result<usize, ExplainError> {
    let held = || account.watchlist.iter().map(|instrument| names.instrument(*instrument).to_owned());
    held().position(|name| name.eq_ignore_ascii_case(wanted)).ok_or_else(|| ExplainError::NoInstrument {
        exchange,
        name: wanted.to_owned(),
        nearest: super::nearest(wanted, &held().collect::<Vec<_>>()),
        count: account.watchlist.len(),
        held: held().collect::<Vec<_>>().join(", "),
    })
}

/// Where a price is while it gets older.
#[derive(Clone, Copy, Debug)]
enum Place<'w> {
    /// At the provider: no other price has been made since.
    ClosedMarket,
    /// At the provider, which gives prices away no earlier.
    HeldBack(ProviderId),
    At(&'w Stop),
}

/// From when until when the price was at each of its stops, and before the first one at its provider. It waits for the visit from
/// when it has come to the instance that shows it for the last time; wherever it was before, it waited in pools.
fn stretches<'w>(
    way: &'w [Rc<Stop>],
    shown: SimTime,
    blueprint: &Blueprint,
) -> Vec<(Timestamp, Timestamp, AgePart, Place<'w>)> {
    let true_time = |at: SimTime| blueprint.config().start + at.since_start();
    let first = way.first().expect("a price has a way");
    let as_of = first.price.as_of.expect("a price that has a way says something");
    let call = first.call().expect("a way begins with a call");
    let placed = true_time(first.since);
    let answered_for = (placed - blueprint.config().connectors[call.provider.index()].delay).max(as_of);
    let mut stretches = vec![
        (as_of, answered_for, AgePart::ProviderDelay, Place::ClosedMarket),
        (answered_for, placed, AgePart::ProviderDelay, Place::HeldBack(call.provider)),
    ];
    let last_message = way.iter().rposition(|stop| matches!(stop.place, StopPlace::Message { .. }));
    let ends = way.iter().skip(1).map(|stop| stop.since).chain([shown]);
    for (number, (stop, end)) in way.iter().zip(ends).enumerate() {
        let part = match stop.place {
            StopPlace::Fetched(_) => AgePart::Fetch,
            StopPlace::Kept(..) | StopPlace::Exchange(_) if last_message.is_some_and(|last| number < last) => {
                AgePart::Pools
            }
            StopPlace::Kept(..) | StopPlace::Exchange(_) => AgePart::Visit,
            StopPlace::Message { .. } => AgePart::Transfer,
        };
        stretches.push((true_time(stop.since), true_time(end), part, Place::At(stop)));
    }
    stretches
}

fn head(
    account: &Account,
    (exchange, instrument): (u64, InstrumentId),
    (shown, price): (&ShownResult, &ShownPrice),
    blueprint: &Blueprint,
    names: &WorldNames,
) -> String {
    let at = moment(blueprint.config().start + shown.at.since_start());
    let (name, user) = (names.instrument(instrument), names.user(account.visit));
    let age = price.age.map_or_else(String::new, |age| format!(" It was {} old, in trading time.", rough(age)));
    let falsified = price.falsified.map_or_else(String::new, |by| {
        format!("A rogue instance has falsified it on its way: the fault {}.\n", names.fault(by.fault))
    });
    format!("The price of {name} that {user} saw at {at}, in exchange {exchange}.{age}\n{falsified}")
}

fn table(stretches: Vec<Stretch>, market: usize, blueprint: &Blueprint) -> String {
    let widest = stretches.iter().map(|stretch| stretch.what.chars().count()).max().unwrap_or(0);
    let mut text = format!(
        "\n{:<27}  {:<widest$}  {:>14}  {:>14}  part of the age\n",
        "from", "where the price was", "for", "trading time"
    );
    for stretch in stretches {
        let Stretch { from, until, part, what } = stretch;
        let traded = blueprint.traded_between(market, from, until);
        let _ = writeln!(
            text,
            "{:<27}  {what:<widest$}  {:>14}  {:>14}  {}",
            moment(from),
            rough(until.saturating_since(from)),
            rough(traded),
            part.words()
        );
    }
    text
}

fn split(
    price: &ShownPrice,
    shown: &ShownResult,
    (showing, market): (InstanceId, usize),
    blueprint: &Blueprint,
    names: &WorldNames,
) -> String {
    let ledger = price.split.expect("the model splits the age of every price that is shown");
    let age = ledger.total();
    let share = |part: SimDuration| if age.is_zero() { 0.0 } else { part.as_secs_f64() / age.as_secs_f64() * 100.0 };
    let mut text = format!("\n{:<20}{:>20}{:>9}\n", "part of the age", "trading time [s]", "share");
    for part in AgePart::ALL {
        let lasted = ledger.part(part);
        let _ = writeln!(text, "{:<20}{:>20}{:>7.1} %", part.words(), exact(lasted), share(lasted));
    }
    let _ = writeln!(text, "{:<20}{:>20}{:>7.1} %", "age", exact(age), share(age));
    let Some(timestamp) = price.price.timestamp else { return text };
    let showing = names.instance(showing);
    let apparent = apparent_age(timestamp, shown.clock, market, blueprint);
    let true_now = blueprint.config().start + shown.at.since_start();
    let clock_error = i128::from(shown.clock.as_unix_nanos()) - i128::from(true_now.as_unix_nanos());
    let rows = [
        (
            "apparent age",
            signed(apparent),
            format!("trading time from its timestamp to what the clock of {showing} showed"),
        ),
        ("apparent age less age", signed(apparent - i128::from(age.as_nanos())), "trading time".to_owned()),
        (
            "error of the stamp",
            stamp_error_text(price.stamp_error),
            "whole seconds for which it is too late".to_owned(),
        ),
        ("error of the clock", signed(clock_error), format!("seconds for which the clock of {showing} was ahead")),
    ];
    let _ = writeln!(text, "\n{:<22}{:>18}", "timestamp and clock", "[s]");
    for (what, seconds, meaning) in rows {
        let _ = writeln!(text, "{what:<22}{seconds:>18}  {meaning}");
    }
    text
}

/// How old a price seems to an instance whose clock shows `clock` \[ns of trading time\]; negative if it is stamped later.
fn apparent_age(timestamp: Timestamp, clock: Timestamp, market: usize, blueprint: &Blueprint) -> i128 {
    let traded = |from, until| i128::from(blueprint.traded_between(market, from, until).as_nanos());
    if timestamp <= clock { traded(timestamp, clock) } else { -traded(clock, timestamp) }
}

fn stamp_error_text(error: StampError) -> String {
    let seconds = error.signed_seconds();
    match (error.seconds() == StampError::MOST_S, seconds < 0) {
        (true, true) => format!("{seconds} or less"),
        (true, false) => format!("{seconds:+} or more"),
        _ => format!("{seconds:+}"),
    }
}

/// Where a price is, in words.
pub(super) fn place_text(stop: &Stop, names: &WorldNames) -> String {
    match stop.place {
        StopPlace::Fetched(call) => format!(
            "call {} of {} to {} ({})",
            call.number,
            names.instance(call.caller),
            names.provider(call.provider),
            why_called(call.reason)
        ),
        StopPlace::Kept(instance, Shelf::Own) => format!("own instruments of {}", names.instance(instance)),
        StopPlace::Kept(instance, Shelf::Pool) => format!("pool of {}", names.instance(instance)),
        StopPlace::Exchange(visit) => format!("exchange of {}", names.user(visit)),
        StopPlace::Message { kind, from, to, is_reply } => {
            let what = if is_reply { "reply" } else { message_name(kind) };
            format!("{what} from {} to {}", names.instance(from), names.instance(to))
        }
    }
}

impl Stretch {
    /// Prices lie in exchanges for no time before they go on, and many providers hold none back. A call is told however short it is.
    fn is_nothing(&self) -> bool {
        self.from == self.until && matches!(self.part, AgePart::ProviderDelay | AgePart::Pools | AgePart::Visit)
    }
}
