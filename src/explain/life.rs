//! The life of one price, from the market to the user who sees it: its age in trading time is the sum of its parts.

use std::fmt::Write as _;
use std::rc::Rc;

use crate::model::Blueprint;
use crate::observe::{AgePart, InstanceId, Shelf};
use crate::protocol::InstrumentId;
use crate::time::{SimDuration, SimTime, Timestamp};
use crate::trace::{WorldNames, message_name};

use super::account::{Account, Recorder, ShownPrice, ShownResult};
use super::chain::{Stop, StopPlace};
use super::choice::ExplainError;
use super::story::why_called;
use super::words::{exact, moment, rough};

/// A stretch of the life of a price.
#[derive(Debug)]
struct Stretch {
    from: Timestamp,
    until: Timestamp,
    part: AgePart,
    what: String,
}

/// The parts of the age of a price that a user saw at `shown`, in the order of [`AgePart::ALL`], in trading time.
pub(super) fn parts(
    way: &[Rc<Stop>],
    showing: InstanceId,
    shown: SimTime,
    market: usize,
    blueprint: &Blueprint,
) -> [SimDuration; 5] {
    let mut parts = [SimDuration::ZERO; 5];
    for (from, until, part, _) in stretches(way, showing, shown, blueprint) {
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
    let showing = account.visit.instance;
    let lived = stretches(&price.way, showing, shown.at, blueprint).into_iter().map(|(from, until, part, stop)| {
        let what = stop.map_or_else(|| held_back(&price.way, names), |stop| place_text(stop, names));
        Stretch { from, until, part, what }
    });
    let mut text = head(account, (exchange, wanted), (shown, price), blueprint, names);
    text.push_str(&table(lived.filter(|stretch| !stretch.is_nothing()).collect(), account.markets[at], blueprint));
    text.push_str(&split(price, (showing, shown), account.markets[at], blueprint));
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

/// From when until when the price was at each of its stops; first, at none, while its provider held it back.
fn stretches<'w>(
    way: &'w [Rc<Stop>],
    showing: InstanceId,
    shown: SimTime,
    blueprint: &Blueprint,
) -> Vec<(Timestamp, Timestamp, AgePart, Option<&'w Stop>)> {
    let true_time = |at: SimTime| blueprint.config().start + at.since_start();
    let first = way.first().expect("a price has a way");
    let as_of = first.price.as_of.expect("a price that has a way says something");
    let mut stretches = vec![(as_of, true_time(first.since), AgePart::ProviderDelay, None)];
    let ends = way.iter().skip(1).map(|stop| stop.since).chain([shown]);
    for (stop, end) in way.iter().zip(ends) {
        let at = |instance| if instance == showing { AgePart::Visit } else { AgePart::Pools };
        let part = match stop.place {
            StopPlace::Fetched(_) => AgePart::Fetch,
            StopPlace::Kept(instance, _) => at(instance),
            StopPlace::Exchange(visit) => at(visit.instance),
            StopPlace::Message { .. } => AgePart::Transfer,
        };
        stretches.push((true_time(stop.since), true_time(end), part, Some(stop.as_ref())));
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
    format!("The price of {name} that {user} saw at {at}, in exchange {exchange}.{age}\n")
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
            part_text(part)
        );
    }
    text
}

fn split(
    price: &ShownPrice,
    (showing, shown): (InstanceId, &ShownResult),
    market: usize,
    blueprint: &Blueprint,
) -> String {
    let parts = parts(&price.way, showing, shown.at, market, blueprint);
    let age = parts.iter().fold(SimDuration::ZERO, |sum, part| sum + *part);
    let share = |part: SimDuration| if age.is_zero() { 0.0 } else { part.as_secs_f64() / age.as_secs_f64() * 100.0 };
    let mut text = format!("\n{:<20}{:>20}{:>9}\n", "part of the age", "trading time [s]", "share");
    for (part, lasted) in AgePart::ALL.into_iter().zip(parts) {
        let _ = writeln!(text, "{:<20}{:>20}{:>7.1} %", part_text(part), exact(lasted), share(lasted));
    }
    let _ = writeln!(text, "{:<20}{:>20}{:>7.1} %", "age", exact(age), share(age));
    let Some(timestamp) = price.price.timestamp else { return text };
    let apparent = blueprint.traded_between(market, timestamp, shown.clock);
    let (sign, error) =
        if apparent >= age { ('+', apparent.saturating_sub(age)) } else { ('-', age.saturating_sub(apparent)) };
    let _ = writeln!(text, "\n{:<20}{:>20}", "error of the stamp", format!("{sign}{}", exact(error)));
    let _ = writeln!(text, "{:<20}{:>20}  by its timestamp and the instance's clock", "apparent age", exact(apparent));
    text
}

/// How a provider holds its prices back.
fn held_back(way: &[Rc<Stop>], names: &WorldNames) -> String {
    match way.first().map(|stop| stop.place) {
        Some(StopPlace::Fetched(call)) => format!("quoted, and held back by {}", names.provider(call.provider)),
        _ => "before the first line that tells of it".to_owned(),
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

const fn part_text(part: AgePart) -> &'static str {
    match part {
        AgePart::ProviderDelay => "provider delay",
        AgePart::Fetch => "fetch",
        AgePart::Pools => "wait in pools",
        AgePart::Transfer => "transfer",
        AgePart::Visit => "wait for the visit",
    }
}

impl Stretch {
    /// Prices lie in exchanges for no time before they go on.
    fn is_nothing(&self) -> bool {
        self.from == self.until && matches!(self.part, AgePart::Pools | AgePart::Visit)
    }
}
