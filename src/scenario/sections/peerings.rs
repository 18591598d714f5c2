//! `[[peering]]`.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::groups::Group;
use crate::model::config::{PeerSelection, PeeringConfig};
use crate::scenario::context::{Context, Label};
use crate::scenario::data;
use crate::scenario::distribution;
use crate::scenario::error::Problem;
use crate::scenario::item::{Item, Read, quoted};
use crate::scenario::names::Names;
use crate::scenario::section::Section;
use crate::scenario::source::Spot;
use crate::scenario::tree::{Node, Value};

/// All peerings, in the order of the file; `None` where one is wrong.
pub(in crate::scenario) fn peerings(
    context: &Context<'_>,
    node: Option<&Node>,
    groups: &[Group],
) -> Vec<Option<PeeringConfig>> {
    let Some(node) = node else { return Vec::new() };
    let Value::List(list) = &node.value else {
        let item = Item { context, path: "peering".to_owned(), key_spot: None, node: Cow::Borrowed(node) };
        item.wrong_kind("a list of tables", "write [[peering]], with two brackets".to_owned());
        return vec![None];
    };
    let read = |(index, node)| peering(context, &format!("peering.{index}"), node, groups);
    list.iter().enumerate().map(read).collect()
}

fn peering(context: &Context<'_>, path: &str, node: &Node, groups: &[Group]) -> Option<PeeringConfig> {
    let mut section = Section::open(context, path, Some(node));
    let names: Vec<&str> = groups.iter().map(|group| group.name.as_str()).collect();
    let from = section.required("from", "\"client\"", |item| group_index(item, &names));
    let to = section.required("to", "\"hub\"", |item| group_index(item, &names));
    let select = section.default("select", "\"all\"", |item| select(item, groups, from.zip(to)));
    let priority = section.default("priority", "10", |item| item.whole_u32(0, u32::from(u16::MAX)));
    section.close();
    let (from, to, select) = (from?, to?, select?);
    check_size(context, path, &select, groups, (from, to));
    Some(PeeringConfig { from, to, select, priority: u16::try_from(priority?).expect("the range is one of 16 bits") })
}

fn group_index(item: &Item<'_>, names: &[&str]) -> Option<Read<usize>> {
    let name = item.text()?;
    let kind = Names { kind: "group", example: "client", known: names };
    kind.check(item, &name.value);
    let index = names.iter().position(|known| *known == name.value)?;
    Some(name.map(|_| index))
}

/// `"all"`, `{ random = n }`, `{ nearest = n }`, `{ file = "edges.csv" }` or `{ edges = [["client-1", "hub-1"]] }`.
fn select(item: &Item<'_>, groups: &[Group], ends: Option<(usize, usize)>) -> Option<Read<PeerSelection>> {
    if item.is_text("all") {
        return Read::new(PeerSelection::All, quoted("all"));
    }
    let entries = item.entries().unwrap_or_default();
    let [(way, argument)] = entries.as_slice() else {
        let help = "write \"all\", { random = 2 }, { nearest = 2 } or { file = \"edges.csv\" }".to_owned();
        item.wrong_kind("\"all\" or a table with one way to choose", help);
        return None;
    };
    let number = || argument.whole_u32(1, super::groups::MOST_INSTANCES);
    match way.as_str() {
        "random" => {
            let number = number()?;
            Read::new(PeerSelection::Random(number.value), format!("{{ random = {} }}", number.toml))
        }
        "nearest" => {
            let number = number()?;
            Read::new(PeerSelection::Nearest(number.value), format!("{{ nearest = {} }}", number.toml))
        }
        "file" => {
            let pairs = pairs_of_file(argument)?;
            edges(argument, &pairs, groups, ends?)
        }
        "edges" => {
            let pairs = pairs_of_list(argument)?;
            edges(argument, &pairs, groups, ends?)
        }
        _ => {
            distribution::unknown_way(item, argument, way, &["random", "nearest", "file", "edges"]);
            None
        }
    }
}

/// Names of two instances, and where they are written.
struct Pair {
    from: String,
    to: String,
    spot: Option<Spot>,
}

fn pairs_of_file(item: &Item<'_>) -> Option<Vec<Pair>> {
    let name = item.context.beside(item.spot().as_ref(), &item.text()?.value);
    let read = item.context.files.read(&name);
    let problem = match read {
        Ok(Some(text)) => {
            let rows = data::parse(item.context, &name, &text, &["from", "to"]);
            let field = |row: &data::Row, column| row.field(column).unwrap_or_default().to_owned();
            let pair = |row: &data::Row| Pair {
                from: field(row, "from"),
                to: field(row, "to"),
                spot: row.origin.spot.clone(),
            };
            return Some(rows.iter().map(pair).collect());
        }
        Ok(None) => Problem::FileMissing { name },
        Err(error) => Problem::FileUnreadable { name, reason: error.to_string() },
    };
    let help = "the file is looked for in the folder of the file that names it; its columns are from,to".to_owned();
    item.report(problem, "named here", help);
    None
}

fn pairs_of_list(item: &Item<'_>) -> Option<Vec<Pair>> {
    let wrong =
        |item: &Item<'_>, what| item.wrong_kind(what, "write [[\"client-1\", \"hub-1\"], [\"client-2\", \"hub-1\"]]");
    let Some(elements) = item.elements() else {
        wrong(item, "a list of pairs of instances");
        return None;
    };
    let pair = |element: &Item<'_>| {
        let names = element.elements().unwrap_or_default();
        let [from, to] = names.as_slice() else {
            wrong(element, "a pair of instances");
            return None;
        };
        let (from, to) = (from.text(), to.text());
        Some(Pair { from: from?.value, to: to?.value, spot: element.spot() })
    };
    let pairs: Vec<Option<Pair>> = elements.iter().map(pair).collect();
    pairs.into_iter().collect()
}

/// The pairs as indices, in ascending order; notes unknown instances, instances that would ask themselves, and
/// repetitions.
fn edges(item: &Item<'_>, pairs: &[Pair], groups: &[Group], (from, to): (usize, usize)) -> Option<Read<PeerSelection>> {
    if pairs.is_empty() {
        let path = item.path.clone();
        item.report(Problem::Empty { path }, "no pairs", "name at least one pair of instances".to_owned());
        return None;
    }
    let mut edges = BTreeSet::new();
    let mut complete = true;
    for pair in pairs {
        let asking = instance(item, pair, &pair.from, &groups[from]);
        let asked = instance(item, pair, &pair.to, &groups[to]);
        let (Some(asking), Some(asked)) = (asking, asked) else {
            complete = false;
            continue;
        };
        let what = if from == to && asking == asked {
            format!("`{}` would ask itself", pair.from)
        } else if !edges.insert((asking, asked)) {
            format!("`{}` and `{}` are listed twice", pair.from, pair.to)
        } else {
            continue;
        };
        complete = false;
        let label: Label = (pair.spot.clone(), "this pair".to_owned());
        item.context.report(Problem::Contradiction { what }, vec![label], "remove it".to_owned());
    }
    if !complete {
        return None;
    }
    let name = |group: &Group, index: u32| quoted(&format!("{}-{}", group.name, index + 1));
    let texts: Vec<String> = edges
        .iter()
        .map(|(asking, asked)| format!("[{}, {}]", name(&groups[from], *asking), name(&groups[to], *asked)))
        .collect();
    let toml = format!("{{ edges = [{}] }}", texts.join(", "));
    Read::new(PeerSelection::Edges(edges.into_iter().collect()), toml)
}

/// Index of the instance `name` within `group`.
fn instance(item: &Item<'_>, pair: &Pair, name: &str, group: &Group) -> Option<u32> {
    let number = name.strip_prefix(&group.name).and_then(|rest| rest.strip_prefix('-'));
    let number = number.filter(|number| !number.starts_with(['0', '+']));
    let number: Option<u32> = number.and_then(|number| number.parse().ok());
    // Of a group that has a mistake of its own, the number of instances is not known.
    let count = group.config.as_ref().map_or(u32::MAX, |config| config.count);
    if let Some(number) = number.filter(|number| (1..=count).contains(number)) {
        return Some(number - 1);
    }
    let problem = if name.is_empty() {
        Problem::Contradiction { what: "this pair names only one instance".to_owned() }
    } else {
        Problem::UnknownName { path: item.path.clone(), kind: "instance", name: name.to_owned() }
    };
    let help = if count == 1 {
        format!("the only instance of `{0}` is `{0}-1`", group.name)
    } else {
        format!("the instances of `{0}` are `{0}-1` to `{0}-{count}`", group.name)
    };
    item.context.report(problem, vec![(pair.spot.clone(), "this pair".to_owned())], help);
    None
}

/// Notes a selection of more instances than there are.
fn check_size(context: &Context<'_>, path: &str, select: &PeerSelection, groups: &[Group], (from, to): (usize, usize)) {
    let Some(asked) = &groups[to].config else { return };
    let (PeerSelection::Random(wanted) | PeerSelection::Nearest(wanted)) = select else {
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
