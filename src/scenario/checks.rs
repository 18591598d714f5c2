//! What no section can see alone: whether anybody has somebody to ask, whether watchlists can be filled, and whether there
//! are numbers for all.

use std::collections::BTreeSet;

use super::context::{Context, Label};
use super::distribution;
use super::error::Problem;
use super::sections::connectors::Connector;
use super::sections::groups::Group;
use super::sections::instruments::Instruments;
use super::suggest;
use crate::model::config::{GroupConfig, PeerSelection, PeeringConfig};
use crate::protocol::AcceptMode;

/// Notes groups that take part in `GTNet` for their users but have nobody to ask, not even themselves: the own pool of a
/// push-open group comes first, and others fill it.
pub(super) fn somebody_to_ask(context: &Context<'_>, groups: &[Group], peerings: &[Option<PeeringConfig>]) {
    // A wrong peering may be the one that is missing: first things first.
    let Some(peerings) = peerings.iter().cloned().collect::<Option<Vec<_>>>() else {
        return;
    };
    let needs_somebody =
        |index: usize, group: &GroupConfig| group.users > 0 && !has_own_pool(index, group, groups, &peerings);
    let mut stuck = BTreeSet::new();
    for (index, group) in groups.iter().enumerate() {
        let Some(config) = group.config.as_ref().filter(|config| config.gtnet) else {
            continue;
        };
        let mut own = peerings.iter().filter(|peering| peering.from == index).peekable();
        if own.peek().is_none() {
            if needs_somebody(index, config) {
                no_peers(context, &group.name, groups);
            }
        } else if own.all(|peering| obstacle(peering, groups).is_some()) {
            stuck.insert(index);
        }
    }
    while let Some(cycle) = cycle_of_zeros(&stuck, &peerings) {
        stuck.retain(|group| !cycle.contains(group));
        let mut members = cycle.iter().filter_map(|index| Some((*index, groups[*index].config.as_ref()?)));
        if members.any(|(index, config)| needs_somebody(index, config)) {
            priority_cycle(context, groups, &peerings, &cycle);
        }
    }
    for index in stuck {
        if groups[index].config.as_ref().is_some_and(|config| needs_somebody(index, config)) {
            nobody_to_ask(context, groups, &peerings, index);
        }
    }
}

/// Whether a group is push-open and known to another that takes part: its own pool serves its users then, as the asked
/// side of a peering knows the asking one, too, with priority 0 unless a peering says otherwise.
fn has_own_pool(index: usize, group: &GroupConfig, groups: &[Group], peerings: &[PeeringConfig]) -> bool {
    let takes_part = |other: usize| groups[other].config.as_ref().is_none_or(|config| config.gtnet);
    let is_asking = |peering: &PeeringConfig| peering.to == index && peering.from != index && takes_part(peering.from);
    group.mode == AcceptMode::PushOpen && peerings.iter().any(is_asking)
}

/// Notes peerings without effect: an instance keeps the entry of the first peering that names a peer, and all whom these
/// name have been named by an earlier one.
pub(super) fn repeated_peerings(context: &Context<'_>, groups: &[Group], peerings: &[Option<PeeringConfig>]) {
    let mut earlier: Vec<(usize, &PeeringConfig)> = Vec::new();
    for (number, peering) in peerings.iter().enumerate() {
        let Some(peering) = peering else { continue };
        if let Some((first, _)) = earlier.iter().find(|(_, earlier)| names_all_of(earlier, peering, groups)) {
            let (from, to) = (groups[peering.from].name.clone(), groups[peering.to].name.clone());
            let labels = vec![
                (context.spot(&format!("peering.{number}")), "names nobody else".to_owned()),
                (context.spot(&format!("peering.{first}")), "the first to name them".to_owned()),
            ];
            let help = "remove one of the two; for another order of asking, set `priority` in the first".to_owned();
            context.report(Problem::RepeatedPeering { from, to }, labels, help);
        }
        earlier.push((number, peering));
    }
}

/// Whether `first` certainly names everybody whom `second` names.
fn names_all_of(first: &PeeringConfig, second: &PeeringConfig, groups: &[Group]) -> bool {
    let available = groups[first.to].config.as_ref().map(|config| config.count - u32::from(first.from == first.to));
    let is_all = |count: u32| available.is_some_and(|available| count >= available);
    let same_groups = (first.from, first.to) == (second.from, second.to);
    same_groups
        && match (&first.select, &second.select) {
            (PeerSelection::All, _) => true,
            // Both draw by the same keys.
            (PeerSelection::Random(first), PeerSelection::Random(second))
            | (PeerSelection::Nearest(first), PeerSelection::Nearest(second)) => first >= second || is_all(*first),
            (PeerSelection::Random(count) | PeerSelection::Nearest(count), _) => is_all(*count),
            (PeerSelection::Edges(first), PeerSelection::Edges(second)) => {
                second.iter().all(|edge| first.binary_search(edge).is_ok())
            }
            (PeerSelection::Edges(_), _) => false,
        }
}

fn no_peers(context: &Context<'_>, name: &str, groups: &[Group]) {
    let other = groups.iter().map(|group| group.name.as_str()).find(|other| *other != name).unwrap_or(name);
    let help = format!(
        "add a peering:\n[[peering]]\nfrom = \"{name}\"\nto = \"{other}\"\n\
         or set gtnet = false if its users shall get prices from connectors only"
    );
    let problem = Problem::NoPeers { group: name.to_owned() };
    let path = format!("group.{name}");
    context.report_at(&path, problem, "has users, but no [[peering]] with it in `from`", help);
}

/// Why nobody answers along this peering, if so.
fn obstacle(peering: &PeeringConfig, groups: &[Group]) -> Option<String> {
    let asked = &groups[peering.to];
    let config = asked.config.as_ref()?;
    if peering.priority == 0 {
        Some(format!("`{}` has priority 0, which means never", asked.name))
    } else if config.mode == AcceptMode::Closed {
        Some(format!("`{}` is closed", asked.name))
    } else if !config.gtnet {
        Some(format!("`{}` has gtnet = false", asked.name))
    } else if peering.from == peering.to && config.count == 1 {
        Some(format!("`{}` has only one instance, which does not ask itself", asked.name))
    } else {
        None
    }
}

fn nobody_to_ask(context: &Context<'_>, groups: &[Group], peerings: &[PeeringConfig], index: usize) {
    let own = peerings.iter().enumerate().filter(|(_, peering)| peering.from == index);
    let mut reasons = Vec::new();
    let mut labels: Vec<Label> = Vec::new();
    for (number, peering) in own {
        let Some(reason) = obstacle(peering, groups) else {
            continue;
        };
        let key = if peering.priority == 0 { "priority" } else { "to" };
        labels.push((context.spot(&format!("peering.{number}.{key}")), "nobody answers here".to_owned()));
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    let problem = Problem::NobodyToAsk { group: groups[index].name.clone(), reasons: reasons.join("; ") };
    let help = "give it a peer that is open or push-open with a priority of 1 or more, or set gtnet = false".to_owned();
    context.report(problem, labels, help);
}

/// A cycle of peerings with priority 0 among the `stuck` groups, each of which has nobody else; it begins at its least
/// group.
fn cycle_of_zeros(stuck: &BTreeSet<usize>, peerings: &[PeeringConfig]) -> Option<Vec<usize>> {
    let zeros = |from: usize| {
        let of_group = move |peering: &&PeeringConfig| peering.from == from && peering.priority == 0;
        peerings.iter().filter(of_group).map(|peering| peering.to).filter(|to| stuck.contains(to))
    };
    for start in stuck {
        // Breadth first, to name the shortest cycle through `start`.
        let mut paths: Vec<Vec<usize>> = vec![vec![*start]];
        let mut seen = BTreeSet::new();
        while !paths.is_empty() {
            let mut longer = Vec::new();
            for path in &paths {
                let last = *path.last().expect("every path begins at `start`");
                for next in zeros(last) {
                    if next == *start {
                        return Some(path.clone());
                    }
                    if seen.insert(next) {
                        longer.push([path.as_slice(), &[next]].concat());
                    }
                }
            }
            paths = longer;
        }
    }
    None
}

fn priority_cycle(context: &Context<'_>, groups: &[Group], peerings: &[PeeringConfig], cycle: &[usize]) {
    let closed: Vec<usize> = cycle.iter().chain(cycle.first()).copied().collect();
    let names: Vec<&str> = closed.iter().map(|index| groups[*index].name.as_str()).collect();
    let labels = closed.windows(2).filter_map(|step| {
        let is_step = |peering: &&PeeringConfig| peering.priority == 0 && [peering.from, peering.to] == step;
        let number = peerings.iter().position(|peering| is_step(&peering))?;
        let words = format!("{} never asks {}", groups[step[0]].name, groups[step[1]].name);
        Some((context.spot(&format!("peering.{number}.priority")), words))
    });
    let problem = Problem::PriorityCycle { cycle: names.join(" → ") };
    let help = "set priority = 10 on at least one of them, and give every other group somebody to ask".to_owned();
    context.report(problem, labels.collect(), help);
}

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
    if connectors.iter().any(|connector| connector.as_ref().is_none_or(serves)) {
        return;
    }
    let markets: Vec<&String> = used.iter().collect();
    let problem = Problem::NobodyServes { markets: suggest::list(&markets) };
    let first = used.first().map_or("XSWX", String::as_str);
    let help = format!("add a data provider, for example:\n[connector.yahoo]\nserves = {{ {first} = 0.9 }}");
    context.report_at("connector", problem, "none of these", help);
}

/// Notes more of something than there are numbers for; whether it fits into memory depends on how much is allowed.
pub(super) fn numbers(context: &Context<'_>, groups: &[Group], connectors: usize) {
    let configs = || groups.iter().filter_map(|group| group.config.as_ref());
    let users = |group: &GroupConfig| u64::from(group.count) * u64::from(group.users);
    let counts = [
        ("instances", configs().map(|group| u64::from(group.count)).sum(), u64::from(u32::MAX)),
        ("users", configs().map(users).sum(), u64::from(u32::MAX)),
        ("connectors", connectors as u64, u64::from(u16::MAX)),
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
