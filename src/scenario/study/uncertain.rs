//! `[[uncertain]]`: values of the scenario that nobody knows, each with the range in which it lies. What the scenario assumes lies
//! in the range, and the scenario is valid at both of its ends.

use crate::scenario::context::{Context, OrNoted};
use crate::scenario::inherited::{parameters, uncertain_tables};
use crate::scenario::overrides::WrittenPath;
use crate::scenario::reading::Reading;
use crate::scenario::resolved::ResolvedValue;
use crate::scenario::tree::Node;

use super::design::tables;
use super::uncertain_table::{UncertainTable, note_repetition};
use super::uncertain_value::UncertainValue;

/// The uncertain values of `root`, a scenario without mistakes that says what `resolved` says. What the command line sets is
/// known, and therefore not among them. Notes what is wrong.
pub(super) fn uncertain_values(
    context: &Context<'_>,
    root: &Node,
    resolved: &[ResolvedValue],
) -> OrNoted<Vec<UncertainValue>> {
    let tables: Vec<UncertainTable> = tables(context, root, "uncertain")
        .filter_map(|(path, node)| UncertainTable::read(context, &path, node).ok())
        .collect();
    note_repetition(context, &tables);
    context.no_mistake()?;
    let mut values = Vec::with_capacity(tables.len());
    for table in tables {
        if let Ok(Some(value)) = UncertainValue::fitted(context, table, resolved) {
            value.check_ends(context, root, resolved);
            values.push(value);
        }
    }
    context.no_mistake().map(|()| values)
}

/// The same of a scenario that is not read yet; nothing if it has other mistakes.
pub(in crate::scenario) fn check(context: &Context<'_>, root: &Node, reading: &Reading) {
    if reading.said.is_ok() && context.no_mistake().is_ok() {
        _ = uncertain_values(context, root, &reading.resolved);
    }
}

/// The paths that the tables `[[uncertain]]` of `root`, which has no mistakes, are about.
pub(in crate::scenario) fn uncertain_paths(root: &Node) -> Vec<String> {
    let written = uncertain_tables(root).iter().flat_map(parameters);
    written.map(|text| WrittenPath::new(text, None).path).collect()
}
