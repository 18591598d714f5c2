//! `[[peering]]`.

use super::edges;
use super::groups::Group;
use crate::model::config::{PeerSelection, PeeringConfig};
use crate::scenario::context::{Context, OrNoted};
use crate::scenario::error::Problem;
use crate::scenario::fields;
use crate::scenario::item::{Item, Read, quoted};
use crate::scenario::names::{Known, Names};
use crate::scenario::section::Section;
use crate::scenario::tree::{Node, Value};

/// All peerings, in the order of the file.
pub(in crate::scenario) fn peerings(
    context: &Context<'_>,
    node: Option<&Node>,
    groups: &[Group],
) -> Vec<OrNoted<PeeringConfig>> {
    let Some(node) = node else { return Vec::new() };
    let Value::List(list) = &node.value else {
        let item = Item::new(context, "peering", node);
        return vec![Err(item.wrong_kind("a list of tables", "write [[peering]], with two brackets"))];
    };
    let known = Known::of(groups.iter().map(|group| group.name.as_str()));
    let names = Names { kind: "group", table: "group", example: "client", aliases: &[], known: &known };
    let read = |(index, node)| peering(context, &format!("peering.{index}"), node, groups, &names);
    list.iter().enumerate().map(read).collect()
}

fn peering(
    context: &Context<'_>,
    path: &str,
    node: &Node,
    groups: &[Group],
    names: &Names<'_>,
) -> OrNoted<PeeringConfig> {
    let mut section = Section::open(context, path, Some(node));
    let from = section.required("from", "\"client\"", |item| group_index(item, names));
    let to = section.required("to", "\"hub\"", |item| group_index(item, names));
    let select =
        section.default("select", "\"all\"", |item| select(item, groups, from.and_then(|from| Ok((from, to?)))));
    let priority = section.default("priority", "10", |item| item.whole_u32(0, u32::from(u16::MAX)));
    let granted = section.default("granted", "true", Item::boolean);
    section.close();
    let (from, to, select) = (from?, to?, select?);
    check_size(context, path, &select, groups, (from, to));
    let priority = u16::try_from(priority?).expect("the range is one of 16 bits");
    Ok(PeeringConfig { from, to, select, priority, granted: granted? })
}

fn group_index(item: &Item<'_>, names: &Names<'_>) -> OrNoted<Read<usize>> {
    let name = item.text()?;
    let index = names.check(item, &name.value)?;
    Ok(name.map(|_| index))
}

/// `"all"`, `{ random = n }`, `{ nearest = n }`, `{ in_turn = n }`, `{ file = "edges.csv" }`, `{ edges = [["client-1", "hub-1"]] }` or
/// `{ edges = "client-1 hub-1" }`.
fn select(item: &Item<'_>, groups: &[Group], ends: OrNoted<(usize, usize)>) -> OrNoted<Read<PeerSelection>> {
    if item.is_text("all") {
        return Read::new(PeerSelection::All, quoted("all"));
    }
    let entries = item.entries().unwrap_or_default();
    let [(way, argument)] = entries.as_slice() else {
        let help = "write \"all\", { random = 2 }, { nearest = 2 }, { in_turn = 2 } or { file = \"edges.csv\" }";
        return Err(item.wrong_kind("\"all\" or a table with one way to choose", help));
    };
    let some = |selection: fn(u32) -> PeerSelection| {
        let number = argument.whole_u32(1, super::groups::MOST_INSTANCES)?;
        Read::new(selection(number.value), format!("{{ {way} = {} }}", number.toml))
    };
    match way.as_str() {
        "random" => some(PeerSelection::Random),
        "nearest" => some(PeerSelection::Nearest),
        "in_turn" => some(PeerSelection::InTurn),
        "file" => edges::of_file(argument, ends.map(|(from, to)| [&groups[from], &groups[to]])),
        "edges" => edges::of_value(argument, ends.map(|(from, to)| [&groups[from], &groups[to]])),
        _ => Err(fields::unknown_way(item, argument, way, &["random", "nearest", "in_turn", "file", "edges"])),
    }
}

/// Notes a selection of more instances than there are.
fn check_size(context: &Context<'_>, path: &str, select: &PeerSelection, groups: &[Group], (from, to): (usize, usize)) {
    let Some(asked) = groups[to].config() else { return };
    let (PeerSelection::Random(wanted) | PeerSelection::Nearest(wanted) | PeerSelection::InTurn(wanted)) = select
    else {
        return;
    };
    let own = u32::from(from == to);
    let available = asked.count - own;
    if *wanted > available {
        let problem = Problem::TooFewPeers {
            path: format!("{path}.select"),
            wanted: *wanted,
            group: asked.name.clone(),
            available,
            others: if own == 1 { " others" } else { "" },
        };
        let help = format!("ask for at most {available}, or write select = \"all\"");
        context.report_at(&format!("{path}.select"), problem, "too many", help);
    }
}
