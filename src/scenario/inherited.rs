//! Which `[[uncertain]]` tables a scenario has from the file that it starts from: those about parameters of which it has none itself.

use super::tree::{Node, Value};

/// The key of the tables.
const TABLES: &str = "uncertain";

/// The parameters that a table `[[uncertain]]` is about, as they are written.
pub(super) fn parameters(table: &Node) -> Vec<&str> {
    let Some(table) = table.table() else { return Vec::new() };
    let several = table.get("parameters").and_then(Node::list).unwrap_or_default();
    let all = table.get("parameter").into_iter().chain(several);
    all.filter_map(|node| if let Value::Text(text) = &node.value { Some(text.trim()) } else { None }).collect()
}

/// The tables of `root`.
pub(super) fn uncertain_tables(root: &Node) -> &[Node] {
    root.table().and_then(|tables| tables.get(TABLES)?.list()).unwrap_or_default()
}

/// Adds to the tables of `root` those of `below`, on which it was laid, that are about none of their parameters.
pub(super) fn inherit_uncertain(root: &mut Node, below: &[Node]) {
    let own: Vec<&str> = uncertain_tables(root).iter().flat_map(parameters).collect();
    let mut kept: Vec<Node> = below
        .iter()
        .filter(|table| parameters(table).iter().all(|parameter| !own.contains(parameter)))
        .cloned()
        .collect();
    let Value::Table(tables) = &mut root.value else { return };
    if let Some(Value::List(own)) = tables.entry_of(TABLES).map(|entry| &mut entry.node.value) {
        kept.append(own);
        *own = kept;
    }
}
