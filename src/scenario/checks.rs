//! What no section can see alone: whether watchlists can be filled, whether anybody serves them, and whether there are numbers
//! for all.

use super::context::{Context, OrNoted};
use super::distribution;
use super::error::Problem;
use super::sections::connectors::UnindexedConnector;
use super::sections::groups::Group;
use super::sections::instruments::UnindexedInstruments;
use super::suggest;
use crate::model::config::GroupConfig;

/// Notes watchlists that are longer than what there is to watch.
pub(super) fn watchlists(context: &Context<'_>, groups: &[Group], instruments: &UnindexedInstruments) {
    let available = instruments.choosable();
    for config in groups.iter().filter_map(|group| group.config()).filter(|config| config.users > 0) {
        if let Some(wanted) = distribution::beyond(&config.watchlist.instruments, f64::from(available)) {
            let path = format!("group.{}.watchlist.instruments", config.name);
            let problem = Problem::WatchlistTooLong { path: path.clone(), wanted, available };
            let help = "shorten the watchlists, or raise `instruments.securities`";
            context.report_at(&path, problem, "longer than the list of all instruments", help);
        }
    }
}

/// Notes that no connector serves any market of the instruments.
pub(super) fn somebody_serves(
    context: &Context<'_>,
    instruments: &UnindexedInstruments,
    connectors: &[OrNoted<UnindexedConnector>],
) {
    let used = instruments.used_markets();
    let serves = |connector: &UnindexedConnector| {
        connector.serves.iter().any(|(market, share)| *share > 0.0 && used.contains(market))
    };
    let is_known = context.given_up("connector").is_none();
    if !is_known || connectors.iter().any(|connector| connector.as_ref().ok().is_none_or(serves)) {
        return;
    }
    let markets: Vec<&String> = used.iter().collect();
    let problem = Problem::NobodyServes { markets: suggest::list(&markets) };
    let first = used.first().map_or("XSWX", String::as_str);
    let help = format!("add a data provider, for example:\n[connector.yahoo]\nserves = {{ {first} = 0.9 }}");
    context.report_at("connector", problem, "none of these", help);
}

/// Notes that there are more instances or users than numbers for them. Whether they fit into memory is checked later.
pub(super) fn numbers(context: &Context<'_>, groups: &[Group]) {
    let configs = || groups.iter().filter_map(|group| group.config());
    let users = |group: &GroupConfig| u64::from(group.count) * u64::from(group.users);
    let counts = [
        ("instances", configs().map(|group| u64::from(group.count)).sum(), u64::from(u32::MAX)),
        ("users", configs().map(users).sum(), u64::from(u32::MAX)),
    ];
    for (what, count, limit) in counts.into_iter().filter(|(_, count, limit)| count > limit) {
        let problem = Problem::TooMany { what, count, limit };
        context.report(
            problem,
            Vec::new(),
            format!("take fewer {what}: they are numbered, and there are no more numbers"),
        );
    }
}
