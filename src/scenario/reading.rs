//! Reads a tree as a scenario: each section reads its table, and then follow the checks across sections. Whatever cannot be
//! read is noted.

use std::collections::BTreeSet;

use super::context::{Context, Note, OrNoted};
use super::error::Problem;
use super::resolved::{self, ResolvedValue};
use super::sections::{connectors, faults, general, groups, instruments, network, peerings, protocol};
use super::tree::{self, Node, Value};
use super::validated::Said;
use super::{asking, checks, suggest};
use crate::model::config::WorldConfig;

/// The tables that a scenario may have, in the order in which they are listed.
const TABLES: [&str; 12] = [
    "scenario",
    "decision",
    "run",
    "protocol",
    "instruments",
    "market",
    "network",
    "country_rtt",
    "connector",
    "group",
    "peering",
    "fault",
];

/// The tables that describe a study, not a world.
pub(super) const STUDY_TABLES: [&str; 4] = ["variant", "sweep", "constraint", "uncertain"];

/// What reading a tree gives; in one with mistakes, what could be read in spite of them.
pub(super) struct Reading {
    pub(super) said: OrNoted<Said>,
    /// In the order of the tables.
    pub(super) resolved: Vec<ResolvedValue>,
}

/// Reads `root` after whatever was read before from the same texts.
pub(super) fn read(context: &Context<'_>, root: &Node) -> Reading {
    context.begin_again();
    let said = said(context, root);
    context.check_size();
    let mut resolved = context.take_resolved();
    resolved::sort(&mut resolved, &TABLES);
    Reading { said, resolved }
}

/// The tables of `root` that describe a study.
pub(super) fn study_tables(root: &Node) -> Vec<&'static str> {
    let Some(tables) = root.table() else { return Vec::new() };
    STUDY_TABLES.into_iter().filter(|name| tables.get(name).is_some()).collect()
}

/// What a tree says.
fn said<'a>(context: &'a Context<'a>, root: &'a Node) -> OrNoted<Said> {
    let Value::Table(tables) = &root.value else {
        unreachable!("a document is a table, and an override has at least one key")
    };
    unknown_tables(context, tables);
    let table = |name: &str| {
        let node = tables.get(name);
        context.remember_spot(name, node.and_then(|node| node.origin.spot.as_ref()));
        node
    };
    let about = general::scenario(context, table("scenario"));
    let yes_if = general::decision(context, table("decision"));
    let run = general::run(context, table("run"));
    let protocol = protocol::protocol(context, table("protocol"));
    let market_book = instruments::MarketBook::open(context, table("market"));
    let instruments = instruments::instruments(context, table("instruments"), &market_book);
    let connectors = connectors::connectors(context, table("connector"), &market_book.known());
    let network = network::network(context, table("network"));
    let rtt_book = network::RttBook::open(context, table("country_rtt"));
    let is_rtt_known = context.given_up("network").is_none() && context.given_up("network.rtt").is_none();
    let by_country = is_rtt_known && network.as_ref().is_ok_and(|network| network.rtt.is_none());
    let groups = groups::groups(context, table("group"), &rtt_book.known(), by_country);
    let peerings = peerings::peerings(context, table("peering"), &groups);
    let names: Vec<String> =
        table("connector").and_then(Node::table).iter().flat_map(|table| table.keys()).map(str::to_owned).collect();
    let around = faults::Surroundings { groups: &groups, connectors: &names, run: &run };
    let faults = faults::faults(context, table("fault"), &around);

    asking::somebody_to_ask(context, &groups, &peerings);
    asking::repeated_peerings(context, &groups, &peerings);
    checks::numbers(context, &groups);
    if let Ok(instruments) = &instruments {
        checks::watchlists(context, &groups, instruments);
        checks::somebody_serves(context, instruments, &connectors);
    }

    let mut used_markets =
        instruments.as_ref().map(instruments::UnindexedInstruments::used_markets).unwrap_or_default();
    used_markets.extend(connectors.iter().flatten().flat_map(|connector| connector.serves.keys().cloned()));
    let markets = market_book.read(context, &used_markets);
    let configs = groups.iter().filter_map(|group| group.config());
    let countries = configs.flat_map(|config| config.countries.iter().map(|(code, _)| code.clone()));
    let used_countries = if by_country { countries.collect() } else { BTreeSet::new() };
    let country_rtt = rtt_book.read(context, &used_countries);

    let (name, question) = about?;
    let (run, protocol, markets) = (run?, protocol?, markets?);
    let protocol::Rules { policy, preset, watchlist_timeout } = protocol;
    let connectors: Vec<_> = connectors.into_iter().collect::<OrNoted<_>>()?;
    let world = WorldConfig {
        start: run.start,
        duration: run.duration,
        warmup: run.warmup,
        topology: run.topology,
        policy,
        watchlist_timeout,
        instruments: instruments?.indexed(&markets),
        connectors: connectors.iter().map(|connector| connector.indexed(&markets)).collect(),
        markets,
        network: network?.with_countries(country_rtt?),
        groups: groups.into_iter().map(|group| group.read).collect::<OrNoted<_>>()?,
        peerings: peerings.into_iter().collect::<OrNoted<_>>()?,
        faults: faults.into_iter().collect::<OrNoted<_>>()?,
    };
    context.no_mistake()?;
    let world = world.validate().expect("what the sections accept is a valid world");
    Ok(Said { name, question, yes_if: yes_if?, preset, seed: run.seed, replications: run.replications, world })
}

fn unknown_tables(context: &Context<'_>, tables: &tree::TomlTable) {
    let known = [&TABLES[..], &STUDY_TABLES].concat();
    for entry in tables.entries().iter().filter(|entry| !known.contains(&entry.key.as_str())) {
        let spot = &entry.key_origin.spot;
        let noted = context.report_one_of_many(spot.as_ref(), || Note {
            problem: Problem::UnknownTable { key: entry.key.clone() },
            labels: vec![(spot.clone(), "unknown table".to_owned())],
            help: suggest::key_remedy(&entry.key, &known),
        });
        if let Some(meant) = suggest::meant_key(&entry.key, &known) {
            context.give_up(meant, noted);
        }
    }
}
