//! What no section can see alone: whether watchlists can be filled, whether anybody serves them, and whether the world fits
//! into memory.

use super::context::Context;
use super::distribution;
use super::error::Problem;
use super::sections::connectors::Connector;
use super::sections::groups::{Group, MOST_INSTANCES};
use super::sections::instruments::Instruments;
use super::suggest;
use crate::model::config::{GroupConfig, PeerSelection, PeeringConfig};

/// Users of all instances together.
const MOST_USERS: u64 = 1_000_000;

/// Entries of all watchlists together.
const MOST_WATCHED: u64 = 100_000_000;

/// Entries of all lists of peers together.
const MOST_PEERS: u64 = 20_000_000;

/// Notes watchlists that are longer than what there is to watch.
pub(super) fn watchlists(context: &Context<'_>, groups: &[Group], instruments: &Instruments) {
    let available = instruments.choosable();
    for config in groups.iter().filter_map(|group| group.config.as_ref()).filter(|config| config.users > 0) {
        if let Some(wanted) = distribution::beyond(&config.watchlist.instruments, f64::from(available)) {
            let path = format!("group.{}.watchlist.instruments", config.name);
            let problem = Problem::WatchlistTooLong { path: path.clone(), wanted, available };
            let help = "shorten the watchlists, or raise `instruments.securities`".to_owned();
            context.report_at(&path, problem, "longer than the list of all instruments", help);
        }
    }
}

/// Notes connectors that serve nothing of what there is.
pub(super) fn somebody_serves(context: &Context<'_>, instruments: &Instruments, connectors: &[Option<Connector>]) {
    let used = instruments.used_markets();
    let serves =
        |connector: &Connector| connector.serves.iter().any(|(market, share)| *share > 0.0 && used.contains(market));
    let is_known = !context.has_given_up("connector");
    if !is_known || connectors.iter().any(|connector| connector.as_ref().is_none_or(serves)) {
        return;
    }
    let markets: Vec<&String> = used.iter().collect();
    let problem = Problem::NobodyServes { markets: suggest::list(&markets) };
    let first = used.first().map_or("XSWX", String::as_str);
    let help = format!("add a data provider, for example:\n[connector.yahoo]\nserves = {{ {first} = 0.9 }}");
    context.report_at("connector", problem, "none of these", help);
}

/// Notes worlds that would not fit into memory.
pub(super) fn sizes(context: &Context<'_>, groups: &[Group], peerings: &[Option<PeeringConfig>]) {
    let configs = || groups.iter().filter_map(|group| group.config.as_ref());
    let counts = [
        ("instances", configs().map(|g| u64::from(g.count)).sum(), u64::from(MOST_INSTANCES)),
        ("users", configs().map(users).sum(), MOST_USERS),
        ("entries of watchlists", configs().map(watched).sum(), MOST_WATCHED),
        ("peers of instances", peerings.iter().flatten().map(|peering| peers(peering, groups)).sum(), MOST_PEERS),
    ];
    for (what, count, limit) in counts.into_iter().filter(|(_, count, limit)| count > limit) {
        let problem = Problem::TooMany { what, count, limit };
        context.report(problem, Vec::new(), "make the scenario smaller: the rest would not fit into memory".to_owned());
    }
}

fn users(group: &GroupConfig) -> u64 {
    u64::from(group.count) * u64::from(group.users)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates, and this is an estimate")]
fn watched(group: &GroupConfig) -> u64 {
    let lists = users(group).saturating_mul(u64::from(group.watchlist.per_user));
    (lists as f64 * distribution::mean(&group.watchlist.instruments).max(1.0)) as u64
}

fn peers(peering: &PeeringConfig, groups: &[Group]) -> u64 {
    let count = |index: usize| groups[index].config.as_ref().map_or(0, |config| u64::from(config.count));
    match &peering.select {
        PeerSelection::All => count(peering.from) * count(peering.to),
        PeerSelection::Random(number) | PeerSelection::Nearest(number) => count(peering.from) * u64::from(*number),
        PeerSelection::Edges(edges) => edges.len() as u64,
    }
}
