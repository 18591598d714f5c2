//! Why a connector call was made, and which earlier call would have saved it had its price been pushed or pulled.

use std::fmt::Write as _;

use crate::model::Blueprint;
use crate::observe::{InstanceId, MessageKind, Quotation};
use crate::protocol::{CallReason, InstrumentId};
use crate::time::{SimTime, Timestamp};
use crate::trace::WorldNames;

use super::account::{Account, AccountStep, CallAccount, Recorder, Talk};
use super::chain::{CallFacts, Stop, StopPlace};
use super::life::place_text;
use super::story::{looks_in_vain, why_called};
use super::words::{moment, rough};

/// At most so many places of a price are listed.
const MOST_COPIES: usize = 5;

/// Explains the call that was recorded, which belongs to this exchange if to any.
pub(super) fn text(recorder: &Recorder, exchange: Option<u64>, blueprint: &Blueprint, names: &WorldNames) -> String {
    let call = recorder.call.as_ref().expect("the call that was found is made again");
    let mut text = first_sentence(call, exchange, blueprint, names);
    text.push_str(&ending(call));
    match &recorder.account {
        Some(account) => {
            text.push_str(&rule(account, call, blueprint, names));
            text.push_str(&saver(account, call, blueprint, names));
        }
        None => text.push_str(match call.call.reason {
            CallReason::PushCheck => {
                "The server compares a price that was pushed with one of its own: no earlier call saves that.\n"
            }
            _ => "The server refreshes its pool without being asked: no exchange is behind it.\n",
        }),
    }
    text
}

fn first_sentence(call: &CallAccount, exchange: Option<u64>, blueprint: &Blueprint, names: &WorldNames) -> String {
    let CallFacts { number, caller, provider, instrument, reason, placed, .. } = call.call;
    let of = exchange.map_or_else(String::new, |exchange| format!(", for exchange {exchange}"));
    format!(
        "Call {number}: at {}, {} called {} for {}{of}: {}.\n",
        true_moment(placed, blueprint),
        names.instance(caller),
        names.provider(provider),
        names.instrument(instrument),
        why_called(reason)
    )
}

fn ending(call: &CallAccount) -> String {
    match &call.ended {
        None => "It had not ended when its instance stopped or the run ended.\n".to_owned(),
        Some((at, None)) => format!("It failed after {}.\n", rough(at.since(call.call.placed))),
        Some((at, Some(price))) => {
            format!("It brought a price after {}: {}.\n", rough(at.since(call.call.placed)), stamped(Some(price)))
        }
    }
}

/// Who was asked, and why that was not enough.
fn rule(account: &Account, call: &CallAccount, blueprint: &Blueprint, names: &WorldNames) -> String {
    let instrument = call.call.instrument;
    let mut text = String::from("\nWhy it was made\n");
    let held = call.held.map_or_else(
        || "  The exchange had no price of it.\n".to_owned(),
        |price| format!("  The exchange had a price {}.\n", stamp_text(price.timestamp)),
    );
    text.push_str(&held);
    match call.call.reason {
        CallReason::GtnetOff => {
            text.push_str("  The instance takes no part in GTNet: every price comes from a provider.\n");
        }
        CallReason::NotReceivable => {
            text.push_str("  The instrument has no receive flag: GTNet may not fill it, and nobody is asked.\n");
        }
        _ => {}
    }
    let looked_at_home = account.steps.iter().find_map(|(_, step)| match step {
        AccountStep::OwnPool(filled) => Some(filled.contains(&instrument)),
        _ => None,
    });
    if looked_at_home == Some(false) || looks_in_vain(account, blueprint) {
        text.push_str("  The own pool had no newer one.\n");
    }
    let asked: Vec<&Talk> = asked_for(account, instrument).collect();
    for talk in &asked {
        let _ = writeln!(text, "  {} was asked: {}.", names.instance(talk.to), answer_text(talk, call, account));
    }
    if asked.is_empty() && matches!(call.call.reason, CallReason::NobodyAsked) {
        text.push_str(
            "  No peer was asked: none sends it, as far as the instance knows, or those that do were left out.\n",
        );
    }
    text
}

/// The requests of an exchange for an instrument.
fn asked_for(account: &Account, instrument: InstrumentId) -> impl Iterator<Item = &Talk> {
    account.talks.iter().filter(move |talk| talk.kind == MessageKind::Request && talk.items.contains(&instrument))
}

/// What a server that was asked did, and why that was not enough.
fn answer_text(talk: &Talk, call: &CallAccount, account: &Account) -> String {
    let instrument = call.call.instrument;
    match talk.result {
        None => return "no reply came in time".to_owned(),
        Some(Err(_)) => return "it turned the request away".to_owned(),
        Some(Ok(_)) if talk.answer.contains(&instrument) => return "it sent a price that was not newer".to_owned(),
        Some(Ok(_)) => {}
    }
    let is_there = |stop: &&Stop| matches!(stop.place, StopPlace::Kept(whose, _) if whose == talk.to);
    let newest = call.elsewhere.iter().map(AsRef::as_ref).filter(is_there).max_by_key(|stop| stop.price.timestamp);
    let Some(Stop { price, since, .. }) = newest else { return "it had no price".to_owned() };
    if talk.served.is_some_and(|served| *since > served) {
        return "it had no newer price then, or none that is young enough; another one came later".to_owned();
    }
    let why = if price.timestamp <= call.held.and_then(|held| held.timestamp) {
        "which is not newer"
    } else if oldest_accepted(account).is_some_and(|least| price.timestamp < Some(least)) {
        "which is too old to be sent"
    } else {
        "and did not send it"
    };
    format!("it had a price {}, {why}", stamp_text(price.timestamp))
}

/// The oldest timestamp that the exchange took, if it has sent a request.
fn oldest_accepted(account: &Account) -> Option<Timestamp> {
    account.talks.iter().filter_map(|talk| talk.min_acceptable).next_back()
}

/// The last earlier call whose price would have done, and where that price was.
fn saver(account: &Account, call: &CallAccount, blueprint: &Blueprint, names: &WorldNames) -> String {
    let mut text = String::from("\nWhat would have saved it\n");
    if matches!(call.call.reason, CallReason::GtnetOff | CallReason::NotReceivable) {
        text.push_str("  Nothing that a peer has: GTNet does not fill this instrument here.\n");
        return text;
    }
    let least = oldest_accepted(account);
    let would_do = |price: &Quotation| {
        price.timestamp > call.held.and_then(|held| held.timestamp)
            && least.is_none_or(|least| price.timestamp >= Some(least))
    };
    let earlier = call.earlier.iter().filter(|(_, earlier, _)| earlier.caller != call.call.caller);
    let saver = earlier.clone().rfind(|(_, _, price)| would_do(price));
    let Some((at, saved_by, price)) = saver else {
        let newest = earlier.max_by_key(|(_, _, price)| price.timestamp);
        match newest {
            None => text.push_str("  No other instance had fetched a price of it before.\n"),
            Some((_, newest, price)) => {
                let _ = writeln!(
                    text,
                    "  No earlier call: the newest price that another instance had was {}, from call {} of {}.",
                    stamp_text(price.timestamp),
                    newest.number,
                    names.instance(newest.caller)
                );
            }
        }
        if let Some(least) = least {
            let _ = writeln!(text, "  The exchange took only prices stamped {} or later.", moment(least));
        }
        return text;
    };
    let _ = writeln!(
        text,
        "  Call {} of {} brought a price at {}, {} before: {}.",
        saved_by.number,
        names.instance(saved_by.caller),
        true_moment(*at, blueprint),
        rough(call.call.placed.since(*at)),
        stamped(Some(price))
    );
    let copies: Vec<&Stop> = copies_of(call, saved_by.number).collect();
    for stop in copies.iter().take(MOST_COPIES) {
        let (place, since) = (place_text(stop, names), true_moment(stop.since, blueprint));
        let _ = writeln!(text, "  It lay in the {place} since {since}: {}.", why_not(account, call, stop, names));
    }
    if copies.len() > MOST_COPIES {
        let _ = writeln!(text, "  It lay at {} more places.", copies.len() - MOST_COPIES);
    }
    if copies.is_empty() {
        text.push_str("  When this call was made, nobody else had that price any more.\n");
    }
    text
}

/// Where the price of an earlier call was.
fn copies_of(call: &CallAccount, number: u64) -> impl Iterator<Item = &Stop> {
    let of_call = move |stop: &&Stop| stop.call().is_some_and(|call| call.number == number);
    call.elsewhere.iter().map(AsRef::as_ref).filter(of_call)
}

/// Why the exchange did not get a price that lay there.
fn why_not(account: &Account, call: &CallAccount, stop: &Stop, names: &WorldNames) -> String {
    let StopPlace::Kept(instance, _) = stop.place else { return "on its way".to_owned() };
    let (name, caller) = (names.instance(instance), names.instance(call.call.caller));
    let Some(talk) = asked(account, call.call.instrument, instance) else {
        let servers: Vec<&str> = asked_for(account, call.call.instrument).map(|talk| names.instance(talk.to)).collect();
        let pushed = if servers.is_empty() {
            String::new()
        } else {
            format!("had it been pushed to {}, or ", either_of(&servers))
        };
        return format!("{pushed}had {caller} asked {name} for it, this call would not have been made");
    };
    match talk.served {
        None => format!("{name} was asked, and no reply came in time"),
        Some(served) if served <= stop.since => format!("{name} had answered before the price came there"),
        Some(_) => format!("{name} was asked, and did not send it"),
    }
}

/// One of a few servers, or of many.
fn either_of(servers: &[&str]) -> String {
    match servers {
        [one] => (*one).to_owned(),
        [one, other] => format!("{one} or {other}"),
        _ => format!("one of the {} servers that were asked", servers.len()),
    }
}

fn asked(account: &Account, instrument: InstrumentId, instance: InstanceId) -> Option<&Talk> {
    asked_for(account, instrument).find(|talk| talk.to == instance)
}

fn stamped(price: Option<&Quotation>) -> String {
    let as_of = price
        .and_then(|price| price.as_of)
        .map_or_else(String::new, |as_of| format!(", the price of {}", moment(as_of)));
    format!("{}{as_of}", stamp_text(price.and_then(|price| price.timestamp)))
}

fn stamp_text(timestamp: Option<Timestamp>) -> String {
    timestamp.map_or_else(|| "without a timestamp".to_owned(), |timestamp| format!("stamped {}", moment(timestamp)))
}

fn true_moment(at: SimTime, blueprint: &Blueprint) -> String {
    moment(blueprint.config().start + at.since_start())
}
