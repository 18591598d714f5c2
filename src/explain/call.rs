//! Why a connector call was made, and which earlier call would have saved it had its price been pushed or pulled.

use std::fmt::Write as _;

use crate::model::Blueprint;
use crate::observe::{InstanceId, MessageKind, Quotation, Shelf};
use crate::protocol::{AcceptMode, CallReason, InstrumentId};
use crate::time::{SimTime, Timestamp};
use crate::trace::WorldNames;

use super::account::{Account, AccountStep, CallAccount, Recorder, Talk};
use super::chain::{CallFacts, Stop};
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
            text.push_str(&Advice { recorder, account, call, blueprint, names }.saver());
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
            format!("It brought a price after {}: {}.\n", rough(at.since(call.call.placed)), stamped(price))
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
        let _ =
            writeln!(text, "  {} was asked: {}.", names.instance(talk.to), answer_text(talk, call, account, blueprint));
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
fn answer_text(talk: &Talk, call: &CallAccount, account: &Account, blueprint: &Blueprint) -> String {
    if let Some(why) = no_reply(talk) {
        return why.to_owned();
    }
    let instrument = call.call.instrument;
    match talk.result {
        Some(Err(_)) => return "it turned the request away".to_owned(),
        Some(Ok(_)) if talk.answer.contains(&instrument) => return "it sent a price that was not newer".to_owned(),
        _ => {}
    }
    let there = call.elsewhere.iter().filter(|(whose, ..)| *whose == talk.to).map(|(.., stop)| stop.as_ref());
    let Some(Stop { price, since, .. }) = there.max_by_key(|stop| stop.price.timestamp) else {
        return "it had no price".to_owned();
    };
    if talk.served.is_some_and(|served| *since > served) {
        return "it had no newer price then, or none that is young enough; another one came later".to_owned();
    }
    let why = if price.timestamp <= call.held.and_then(|held| held.timestamp) {
        "which is not newer"
    } else if oldest_accepted(account, call, blueprint).is_some_and(|least| price.timestamp < Some(least)) {
        "which is too old to be sent"
    } else {
        "and did not send it"
    };
    format!("it had a price {}, {why}", stamp_text(price.timestamp))
}

/// Why the sender of a request has no reply to it; `None`: it has one.
const fn no_reply(talk: &Talk) -> Option<&'static str> {
    match (talk.is_answered, talk.is_lost, talk.served) {
        (true, ..) => None,
        (false, true, None) => Some("the request was lost"),
        (false, true, Some(_)) => Some("its reply was lost"),
        (false, false, _) => Some("no reply came in time"),
    }
}

/// The oldest timestamp that the exchange took: what it wrote into its last request, or would have written into one when the call
/// was placed. `None`: however old a price is, it is taken.
fn oldest_accepted(account: &Account, call: &CallAccount, blueprint: &Blueprint) -> Option<Timestamp> {
    if let Some(request) = account.talks.iter().rfind(|talk| talk.kind == MessageKind::Request) {
        return request.min_acceptable;
    }
    let clock = account.clock + call.call.placed.since(account.began);
    blueprint.policy_of(call.call.caller).min_acceptable(clock)
}

/// Finds what would have saved a call.
struct Advice<'a> {
    recorder: &'a Recorder,
    account: &'a Account,
    call: &'a CallAccount,
    blueprint: &'a Blueprint,
    names: &'a WorldNames,
}

/// An earlier call whose price would have done.
struct Saver<'a> {
    call: CallFacts,
    /// When the price came.
    came: SimTime,
    /// Where the price was when the call was placed that it would have saved.
    copies: Vec<(InstanceId, Shelf, &'a Stop)>,
}

impl Advice<'_> {
    /// The last earlier call whose price would have done, and where that price was.
    fn saver(&self) -> String {
        let Self { account, call, blueprint, names, .. } = self;
        let mut text = String::from("\nWhat would have saved it\n");
        if matches!(call.call.reason, CallReason::GtnetOff | CallReason::NotReceivable) {
            text.push_str("  Nothing that a peer has: GTNet does not fill this instrument here.\n");
            return text;
        }
        let least = oldest_accepted(account, call, blueprint);
        let would_do = |price: &Quotation| {
            price.timestamp > call.held.and_then(|held| held.timestamp)
                && least.is_none_or(|least| price.timestamp >= Some(least))
        };
        let earlier = call.earlier.iter().filter(|(_, earlier, _)| earlier.caller != call.call.caller);
        let found = earlier.clone().rfind(|(_, _, price)| would_do(price));
        let Some((came, saved_by, price)) = found else {
            text.push_str(&self.no_saver(earlier.max_by_key(|(_, _, price)| price.timestamp), least));
            return text;
        };
        let _ = writeln!(
            text,
            "  Call {} of {} brought a price at {}, {} before: {}.",
            saved_by.number,
            names.instance(saved_by.caller),
            true_moment(*came, blueprint),
            rough(call.call.placed.since(*came)),
            stamped(price)
        );
        let is_it = |stop: &Stop| stop.call().is_some_and(|call| call.number == saved_by.number);
        let kept = call.elsewhere.iter().map(|(whose, kept_in, stop)| (*whose, *kept_in, stop.as_ref()));
        let saver = Saver { call: *saved_by, came: *came, copies: kept.filter(|(.., stop)| is_it(stop)).collect() };
        for (whose, kept_in, stop) in saver.copies.iter().take(MOST_COPIES) {
            let (place, since) = (place_text(stop, names), true_moment(stop.since, blueprint));
            let why = self.why_not(&saver, *whose, *kept_in, stop);
            let _ = writeln!(text, "  It lay in the {place} since {since}: {why}.");
        }
        if saver.copies.len() > MOST_COPIES {
            let _ = writeln!(text, "  It lay at {} more places.", saver.copies.len() - MOST_COPIES);
        }
        if saver.copies.is_empty() {
            text.push_str("  When this call was made, nobody else had that price any more.\n");
        }
        text
    }

    fn no_saver(&self, newest: Option<&(SimTime, CallFacts, Quotation)>, least: Option<Timestamp>) -> String {
        let newest = match newest {
            None => "  No other instance had fetched a price of it before.\n".to_owned(),
            Some((_, newest, price)) => format!(
                "  No earlier call: the newest price that another instance had was {}, from call {} of {}.\n",
                stamp_text(price.timestamp),
                newest.number,
                self.names.instance(newest.caller)
            ),
        };
        let limit = least.map_or_else(String::new, |least| {
            format!("  The exchange took only prices stamped {} or later.\n", moment(least))
        });
        newest + &limit
    }

    /// Why the exchange did not get a price that lay at an instance.
    fn why_not(&self, saver: &Saver<'_>, whose: InstanceId, kept_in: Shelf, stop: &Stop) -> String {
        let (name, caller) = (self.names.instance(whose), self.names.instance(self.call.call.caller));
        let instrument = self.call.call.instrument;
        if let Some(talk) = asked_for(self.account, instrument).find(|talk| talk.to == whose) {
            return match (no_reply(talk), talk.served) {
                (Some(why), _) => format!("{name} was asked, and {why}"),
                (None, Some(served)) if served <= stop.since => {
                    format!("{name} had answered before the price came there")
                }
                (None, _) => format!("{name} was asked, and did not send it"),
            };
        }
        let mut ways = Vec::new();
        let servers = self.could_have_had_it(saver);
        if !servers.is_empty() {
            ways.push(format!("had it been pushed to {}", either_of(&servers)));
        }
        if self.answers(whose, kept_in) {
            ways.push(format!("had {caller} asked {name} for it"));
        }
        match ways.as_slice() {
            [] => format!("{name} answers no request of {caller} for it"),
            ways => format!("{}, this call would not have been made", ways.join(", or ")),
        }
    }

    /// The servers that were asked and answered, and that would have had the price if whoever fetched it had pushed it there. None if
    /// one that was asked had it: then a push was not what lacked.
    fn could_have_had_it(&self, saver: &Saver<'_>) -> Vec<&str> {
        let asked = || asked_for(self.account, self.call.call.instrument);
        let had_it = asked().any(|talk| saver.copies.iter().any(|(whose, ..)| *whose == talk.to));
        if had_it || !self.sends(saver.call.caller) {
            return Vec::new();
        }
        let takes_it = |talk: &&Talk| {
            self.recorder.instances[talk.to.index()].mode == AcceptMode::PushOpen
                && self.is_granted(saver.call.caller, talk.to)
                && talk.is_answered
                && talk.result.is_some_and(|result| result.is_ok())
                && talk.served.is_some_and(|served| saver.came < served)
        };
        asked().filter(takes_it).map(|talk| self.names.instance(talk.to)).collect()
    }

    /// Whether an instance gives away a price that it keeps there, if the caller asks.
    fn answers(&self, whose: InstanceId, kept_in: Shelf) -> bool {
        let instance = &self.recorder.instances[whose.index()];
        let gives_it = match instance.mode {
            AcceptMode::Closed => false,
            AcceptMode::Open => kept_in == Shelf::Own && self.sends(whose),
            AcceptMode::PushOpen => kept_in == Shelf::Pool && instance.gtnet,
        };
        gives_it && self.is_granted(self.call.call.caller, whose)
    }

    /// Whether an instance takes part in GTNet and sends its own price of the instrument.
    fn sends(&self, whose: InstanceId) -> bool {
        let instance = &self.recorder.instances[whose.index()];
        let is_sent = instance.instruments.iter().any(|row| row.instrument == self.call.call.instrument && row.send);
        instance.gtnet && is_sent
    }

    /// Whether an instance deals with what another one asks or pushes, as far as its grants decide.
    fn is_granted(&self, sender: InstanceId, receiver: InstanceId) -> bool {
        let group = |instance: InstanceId| self.blueprint.instances()[instance.index()].group;
        let mut peerings = self.blueprint.config().peerings.iter();
        !self.blueprint.policy_of(receiver).requires_grant
            || peerings.any(|known| (known.from, known.to) == (group(sender), group(receiver)) && known.granted)
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

fn stamped(price: &Quotation) -> String {
    let as_of = price.as_of.map_or_else(String::new, |as_of| format!(", the price of {}", moment(as_of)));
    format!("{}{as_of}", stamp_text(price.timestamp))
}

fn stamp_text(timestamp: Option<Timestamp>) -> String {
    timestamp.map_or_else(|| "without a timestamp".to_owned(), |timestamp| format!("stamped {}", moment(timestamp)))
}

fn true_moment(at: SimTime, blueprint: &Blueprint) -> String {
    moment(blueprint.config().start + at.since_start())
}
