//! The account of an exchange in sentences: who opened what, how long it took, and where each price came from.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::Blueprint;
use crate::observe::{FaultId, MessageKind};
use crate::protocol::{NotTried, Outcome, PeerId};
use crate::text::listed;
use crate::trace::WorldNames;

use super::account::{Account, ShownPrice};
use super::words::{counted, moment, rough};

/// What happened, in sentences.
pub(super) fn story(account: &Account, number: u64, blueprint: &Blueprint, names: &WorldNames) -> String {
    let opened = moment(blueprint.config().start + account.began.since_start());
    let user = names.user(account.visit);
    let began = format!(
        "Exchange {number}: at {opened}, {user} opened a watchlist of {}",
        counted(account.watchlist.len(), "instrument")
    );
    let Some(shown) = &account.shown else {
        let why = if account.done { "its instance stopped before" } else { "the run ended before" };
        return format!("{began}, and never saw the result: {why}.");
    };
    let mut origins: BTreeMap<[String; 2], usize> = BTreeMap::new();
    for price in &shown.prices {
        *origins.entry(origin(account, price, names)).or_default() += 1;
    }
    let mut origins: Vec<([String; 2], usize)> = origins.into_iter().collect();
    origins.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let origins: Vec<String> = origins
        .into_iter()
        .map(|([one, several], count)| match count {
            1 if shown.prices.len() > 1 => format!("1 {one}"),
            count if count == shown.prices.len() => format!("all {several}"),
            count => format!("{count} {several}"),
        })
        .collect();
    let oldest = shown.prices.iter().filter_map(|price| price.age.map(|age| (age, price))).max_by_key(|(age, _)| *age);
    let oldest = oldest.map_or_else(String::new, |(age, price)| {
        format!(
            " The oldest price, of {}, was {} old, in trading time.",
            names.instrument(price.price.instrument),
            rough(age)
        )
    });
    format!(
        "{began}, and saw the result after {}. Of its prices, {}.{oldest}{}",
        rough(shown.at.since(account.began)),
        listed(&origins),
        falsified(&shown.prices, names)
    )
}

/// How many of the prices rogue instances have falsified, and which faults make them rogue.
fn falsified(prices: &[ShownPrice], names: &WorldNames) -> String {
    let faults: Vec<FaultId> = prices.iter().filter_map(|price| price.falsified).map(|by| by.fault).collect();
    let distinct: BTreeSet<FaultId> = faults.iter().copied().collect();
    let causes: Vec<String> = distinct.into_iter().map(|fault| names.fault(fault).to_owned()).collect();
    match faults.len() {
        0 => String::new(),
        1 => format!(" 1 of them was falsified, by the fault {}.", listed(&causes)),
        count => format!(" {count} of them were falsified, by the fault {}.", listed(&causes)),
    }
}

/// Where a price came from, with its verb: of one price, and of several.
fn origin(account: &Account, price: &ShownPrice, names: &WorldNames) -> [String; 2] {
    let peer = |peer: PeerId| {
        // Peers are known by the messages that asked them; the instance's own list is not at hand.
        let asked = account.talks.iter().filter(|talk| talk.kind == MessageKind::Request);
        let mut by = asked.filter(|talk| talk.taken.contains(&price.price.instrument));
        by.next().map_or_else(|| format!("peer {}", peer.0), |talk| names.instance(talk.to).to_owned())
    };
    let sent = |from: &str| [format!("came from {from}"), format!("came from {from}")];
    let stayed = |why: &str| match price.price.as_of {
        Some(_) => [format!("stayed as it was: {why}"), format!("stayed as they were: {why}")],
        None => [format!("has no price: {why}"), format!("have no price: {why}")],
    };
    match price.outcome {
        None => ["unknown".to_owned(), "unknown".to_owned()],
        Some(Outcome::OwnPool) => sent("the own pool"),
        Some(Outcome::PushOpen(from) | Outcome::Open(from)) => sent(&peer(from)),
        Some(Outcome::Connector) => sent("a provider"),
        Some(Outcome::ConnectorFailed) => stayed("the call failed"),
        Some(Outcome::NotTried(NotTried::Recent)) => stayed("too young for a call"),
        Some(Outcome::NotTried(NotTried::CallUnderWay)) => stayed("another call was under way"),
        Some(Outcome::NotTried(NotTried::MarketClosed)) => stayed("the market was closed"),
        Some(Outcome::NotTried(_)) => stayed("no call was possible"),
    }
}
