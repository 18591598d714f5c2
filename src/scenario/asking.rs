//! Who asks whom: every group with users has somebody to ask, and every peering names somebody new. The work grows with the
//! number of groups and peerings, not with its square.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::context::{Context, Label, OrNoted};
use super::error::Problem;
use super::sections::groups::Group;
use crate::model::config::{GroupConfig, PeerSelection, PeeringConfig};
use crate::protocol::AcceptMode;

/// At most so many cycles of priorities are named. Each group of a further cycle is reported as having nobody to ask.
const MOST_CYCLES: usize = 20;

/// At most so many reasons and places are shown for one mistake.
const MOST_SHOWN: usize = 10;

/// Groups and the peerings between them.
struct Acquaintances<'a> {
    groups: &'a [Group],
    peerings: &'a [&'a PeeringConfig],
    /// Numbers of the peerings by the group that asks.
    asking: Vec<Vec<usize>>,
    /// Whether another group that takes part asks this one.
    is_asked: Vec<bool>,
}

impl<'a> Acquaintances<'a> {
    fn of(groups: &'a [Group], peerings: &'a [&'a PeeringConfig]) -> Self {
        let mut asking = vec![Vec::new(); groups.len()];
        let mut is_asked = vec![false; groups.len()];
        for (number, peering) in peerings.iter().enumerate() {
            asking[peering.from].push(number);
            let takes_part = groups[peering.from].config().is_none_or(|config| config.gtnet);
            is_asked[peering.to] |= takes_part && peering.to != peering.from;
        }
        Self { groups, peerings, asking, is_asked }
    }

    fn name(&self, group: usize) -> &'a str {
        &self.groups[group].name
    }

    /// The peerings of a group, with their numbers.
    fn of_group(&self, group: usize) -> impl Iterator<Item = (usize, &'a PeeringConfig)> {
        self.asking[group].iter().map(|number| (*number, self.peerings[*number]))
    }

    /// Whether a group has users who need somebody else to ask. A push-open group that another group asks does not: others fill its
    /// own pool, and that serves its users. The asked side of a peering knows the asking one, too, with priority 0 unless a
    /// peering says otherwise.
    fn needs_somebody(&self, group: usize) -> bool {
        let needs = |config: &GroupConfig| {
            let has_own_pool = config.mode == AcceptMode::PushOpen && self.is_asked[group];
            config.users > 0 && !has_own_pool
        };
        self.groups[group].config().is_some_and(needs)
    }
}

/// Notes groups that take part in `GTNet` for their users but have nobody to ask, not even themselves: the own pool of a
/// push-open group comes first, and others fill it.
pub(super) fn somebody_to_ask(context: &Context<'_>, groups: &[Group], peerings: &[OrNoted<PeeringConfig>]) {
    // A wrong peering may be the missing one, so its mistake comes first.
    let Some(peerings) = peerings.iter().map(|peering| peering.as_ref().ok()).collect::<Option<Vec<_>>>() else {
        return;
    };
    if context.given_up("peering").is_some() || context.given_up("group").is_some() {
        return;
    }
    let all = Acquaintances::of(groups, &peerings);
    let mut stuck = BTreeSet::new();
    for (index, group) in groups.iter().enumerate() {
        if !group.config().is_some_and(|config| config.gtnet) {
            continue;
        }
        if all.asking[index].is_empty() {
            if all.needs_somebody(index) {
                no_peers(context, &group.name, groups);
            }
        } else if all.of_group(index).all(|(_, peering)| obstacle(peering, groups).is_some()) {
            stuck.insert(index);
        }
    }
    for _ in 0..MOST_CYCLES {
        let Some(cycle) = cycle_of_zeros(&all, &stuck) else { break };
        for group in &cycle {
            stuck.remove(group);
        }
        if cycle.iter().any(|group| all.needs_somebody(*group)) {
            priority_cycle(context, &all, &cycle);
        }
    }
    for index in &stuck {
        if all.needs_somebody(*index) {
            nobody_to_ask(context, &all, *index);
        }
    }
    for (number, peering) in peerings.iter().enumerate() {
        // A group with nobody else to ask has been reported above.
        if !stuck.contains(&peering.from) || !all.needs_somebody(peering.from) {
            asks_in_vain(context, number, peering, groups);
        }
    }
}

/// Notes a peering with a group that takes no part, and so would neither be asked nor answer.
fn asks_in_vain(context: &Context<'_>, number: usize, peering: &PeeringConfig, groups: &[Group]) {
    let [Some(asking), Some(asked)] = [peering.from, peering.to].map(|group| groups[group].config()) else {
        return;
    };
    let asks = asking.gtnet && asking.users > 0;
    if asks && !asked.gtnet && asked.mode != AcceptMode::Closed && peering.priority > 0 {
        let what = format!("`{}` cannot ask `{}`, which has gtnet = false", asking.name, asked.name);
        let help = format!("remove this peering, or set gtnet = true in [group.{}]", asked.name);
        context.report_at(
            &format!("peering.{number}.to"),
            Problem::Contradiction { what },
            "nobody answers here",
            help,
        );
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
    let config = asked.config()?;
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

fn nobody_to_ask(context: &Context<'_>, all: &Acquaintances<'_>, index: usize) {
    let mut reasons: Vec<String> = Vec::new();
    let mut told = BTreeSet::new();
    let mut labels: Vec<Label> = Vec::new();
    for (number, peering) in all.of_group(index) {
        let Some(reason) = obstacle(peering, all.groups) else {
            continue;
        };
        if labels.len() < MOST_SHOWN {
            let key = if peering.priority == 0 { "priority" } else { "to" };
            labels.push((context.spot(&format!("peering.{number}.{key}")), "nobody answers here".to_owned()));
        }
        if told.insert(reason.clone()) && reasons.len() < MOST_SHOWN {
            reasons.push(reason);
        }
    }
    if told.len() > reasons.len() {
        reasons.push(format!("and {} more", told.len() - reasons.len()));
    }
    let problem = Problem::NobodyToAsk { group: all.name(index).to_owned(), reasons: reasons.join("; ") };
    let help = "give it a peer that is open or push-open with a priority of 1 or more, or set gtnet = false";
    context.report(problem, labels, help);
}

/// A cycle of peerings with priority 0 among the `stuck` groups, each of which has nobody else: a shortest one of those
/// through its first group.
fn cycle_of_zeros(all: &Acquaintances<'_>, stuck: &BTreeSet<usize>) -> Option<Vec<usize>> {
    // A group that waits for nobody in the set is in no cycle. Neither is one that waits only for such groups.
    let mut waiting: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut waited_for: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for from in stuck {
        let zeros = all.of_group(*from).filter(|(_, peering)| peering.priority == 0);
        let next: BTreeSet<usize> = zeros.map(|(_, peering)| peering.to).filter(|to| stuck.contains(to)).collect();
        for to in &next {
            waited_for.entry(*to).or_default().push(*from);
        }
        waiting.insert(*from, next.into_iter().collect());
    }
    let mut left: BTreeMap<usize, usize> = waiting.iter().map(|(group, next)| (*group, next.len())).collect();
    let mut free: Vec<usize> = left.iter().filter(|(_, left)| **left == 0).map(|(group, _)| *group).collect();
    while let Some(group) = free.pop() {
        left.remove(&group);
        for from in waited_for.get(&group).into_iter().flatten() {
            let left = left.get_mut(from).expect("it waits for this group until now");
            *left -= 1;
            if *left == 0 {
                free.push(*from);
            }
        }
    }
    // From each group that is left, every path ends in a cycle.
    let next_of = |group: usize| waiting[&group].iter().copied().filter(|next| left.contains_key(next));
    let mut walk = Vec::new();
    let mut seen = BTreeSet::new();
    let mut group = *left.keys().next()?;
    while seen.insert(group) {
        walk.push(group);
        group = next_of(group).next().expect("whoever waits for nobody was taken out");
    }
    let start = walk.into_iter().skip_while(|earlier| *earlier != group).min().expect("the walk came back");
    Some(shortest_cycle(start, next_of))
}

/// A shortest cycle through `start`, which lies on one.
fn shortest_cycle<I: Iterator<Item = usize>>(start: usize, next_of: impl Fn(usize) -> I) -> Vec<usize> {
    let mut before: BTreeMap<usize, usize> = BTreeMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(group) = queue.pop_front() {
        for next in next_of(group) {
            if next == start {
                let mut cycle: Vec<usize> =
                    std::iter::successors(Some(group), |group| before.get(group).copied()).collect();
                cycle.reverse();
                return cycle;
            }
            if let Entry::Vacant(unseen) = before.entry(next) {
                unseen.insert(group);
                queue.push_back(next);
            }
        }
    }
    unreachable!("`start` lies on a cycle")
}

fn priority_cycle(context: &Context<'_>, all: &Acquaintances<'_>, cycle: &[usize]) {
    let closed: Vec<usize> = cycle.iter().chain(cycle.first()).copied().collect();
    let steps = closed.windows(2).take(MOST_SHOWN);
    let labels = steps.filter_map(|step| {
        let is_step = |peering: &PeeringConfig| peering.priority == 0 && peering.to == step[1];
        let (number, _) = all.of_group(step[0]).find(|(_, peering)| is_step(peering))?;
        let words = format!("{} never asks {}", all.name(step[0]), all.name(step[1]));
        Some((context.spot(&format!("peering.{number}.priority")), words))
    });
    let problem = Problem::PriorityCycle { cycle: arrows(all, &closed) };
    let help = "set priority = 10 on at least one of them, and give every other group somebody to ask";
    context.report(problem, labels.collect(), help);
}

/// The names of a cycle, of which a long one loses its middle.
fn arrows(all: &Acquaintances<'_>, closed: &[usize]) -> String {
    let mut names: Vec<&str> = closed.iter().take(MOST_SHOWN).map(|group| all.name(*group)).collect();
    if let [_, .., last] = closed
        && closed.len() > MOST_SHOWN
    {
        names.extend(["…", all.name(*last)]);
    }
    names.join(" → ")
}

/// Notes peerings without effect: an instance keeps the entry of the first peering that names a peer, and all whom these
/// name have been named by an earlier one.
pub(super) fn repeated_peerings(context: &Context<'_>, groups: &[Group], peerings: &[OrNoted<PeeringConfig>]) {
    let mut named: BTreeMap<(usize, usize), Named> = BTreeMap::new();
    for (number, peering) in peerings.iter().enumerate() {
        let Ok(peering) = peering else { continue };
        let own = u32::from(peering.from == peering.to);
        let available = groups[peering.to].config().map(|config| config.count - own);
        let named = named.entry((peering.from, peering.to)).or_default();
        if let Some(first) = named.first_with_all_of(&peering.select) {
            let (from, to) = (groups[peering.from].name.clone(), groups[peering.to].name.clone());
            let labels = vec![
                (context.spot(&format!("peering.{number}")), "names nobody else".to_owned()),
                (context.spot(&format!("peering.{first}")), "the first to name them".to_owned()),
            ];
            let help = "remove one of the two; for another order of asking, set `priority` in the first";
            context.report(Problem::RepeatedPeering { from, to }, labels, help);
        }
        named.add(number, &peering.select, available);
    }
}

/// Whom the peerings so far between two groups name, with the number of the first one that does.
#[derive(Default)]
struct Named {
    all: Option<usize>,
    /// Numbers of peers that are drawn, each greater than those before.
    random: Vec<(u32, usize)>,
    nearest: Vec<(u32, usize)>,
    /// Numbers of peers that are asked in turn: of other numbers, an instance asks others.
    in_turn: BTreeMap<u32, usize>,
    edges: BTreeMap<(u32, u32), usize>,
}

impl Named {
    /// The number of the peering that was the first to name everybody of `select`, as far as that is certain.
    fn first_with_all_of(&self, select: &PeerSelection) -> Option<usize> {
        // Who is drawn or near comes by the same keys: more of them are the same ones and others.
        let at_least = |drawn: &[(u32, usize)], count: u32| {
            drawn.get(drawn.partition_point(|(most, _)| *most < count)).map(|(_, number)| *number)
        };
        let same_way = match select {
            PeerSelection::All => None,
            PeerSelection::Random(count) => at_least(&self.random, *count),
            PeerSelection::Nearest(count) => at_least(&self.nearest, *count),
            PeerSelection::InTurn(count) => self.in_turn.get(count).copied(),
            PeerSelection::Edges(edges) => {
                let numbers: Option<Vec<usize>> = edges.iter().map(|edge| self.edges.get(edge).copied()).collect();
                numbers.and_then(|numbers| numbers.into_iter().min())
            }
        };
        self.all.into_iter().chain(same_way).min()
    }

    /// Adds the peering `number`; `available` is how many there are to be asked.
    fn add(&mut self, number: usize, select: &PeerSelection, available: Option<u32>) {
        let is_all = |count: u32| available.is_some_and(|available| count >= available);
        let record = |drawn: &mut Vec<(u32, usize)>, count: u32| {
            if drawn.last().is_none_or(|(most, _)| *most < count) {
                drawn.push((count, number));
            }
        };
        match select {
            PeerSelection::Random(count) => record(&mut self.random, *count),
            PeerSelection::Nearest(count) => record(&mut self.nearest, *count),
            PeerSelection::InTurn(count) => {
                self.in_turn.entry(*count).or_insert(number);
            }
            PeerSelection::Edges(edges) => {
                for edge in edges {
                    self.edges.entry(*edge).or_insert(number);
                }
            }
            PeerSelection::All => {}
        }
        let names_all = match select {
            PeerSelection::All => true,
            PeerSelection::Random(count) | PeerSelection::Nearest(count) | PeerSelection::InTurn(count) => {
                is_all(*count)
            }
            PeerSelection::Edges(_) => false,
        };
        if names_all {
            self.all.get_or_insert(number);
        }
    }
}
