//! `[[uncertain]]`: values of the scenario that nobody knows, each with the range in which it lies. What the scenario assumes lies
//! in the range, and an analysis finds the scenario valid at both of its ends.

use crate::scenario::context::{Context, OrNoted};
use crate::scenario::inherited::{parameters, uncertain_tables};
use crate::scenario::overrides::WrittenPath;
use crate::scenario::reading::{self, Reading};
use crate::scenario::resolved::ResolvedValue;
use crate::scenario::source::ValueSource;
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
    let values = stated_values(context, root, resolved)?;
    if !are_valid_together(context, root, resolved, &values) {
        for value in &values {
            value.check_ends(context, root, resolved);
        }
    }
    context.no_mistake().map(|()| values)
}

/// The uncertain values as far as their tables tell: at the ends of their ranges the scenario may be invalid.
fn stated_values(context: &Context<'_>, root: &Node, resolved: &[ResolvedValue]) -> OrNoted<Vec<UncertainValue>> {
    let tables: Vec<UncertainTable> = tables(context, root, "uncertain")
        .filter_map(|(path, node)| UncertainTable::read(context, &path, node).ok())
        .collect();
    note_repetition(context, &tables);
    context.no_mistake()?;
    let mut values = Vec::with_capacity(tables.len());
    for table in tables {
        if let Ok(Some(value)) = UncertainValue::fitted(context, table, resolved) {
            values.push(value);
        }
    }
    context.no_mistake().map(|()| values)
}

/// Whether the scenario is valid with all values at their first places, at their second ones, and so on, and each is as assumed at one
/// of its places, if it has to be. To try each value alone takes far longer.
fn are_valid_together(
    context: &Context<'_>,
    root: &Node,
    resolved: &[ResolvedValue],
    values: &[UncertainValue],
) -> bool {
    let apart = context.apart();
    let tried: Vec<_> = values.iter().map(UncertainValue::tried).collect();
    let mut as_assumed: Vec<bool> = values.iter().map(|value| !value.is_listed()).collect();
    for round in 0..tried.iter().map(Vec::len).max().unwrap_or(0) {
        let mut changed = root.clone();
        for (value, places) in values.iter().zip(&tried) {
            value.set(&apart, &mut changed, places[round.min(places.len() - 1)]);
        }
        let read = reading::read(&apart, &changed);
        if apart.mistakes() > 0 {
            return false;
        }
        for (value, is) in values.iter().zip(&mut as_assumed) {
            *is = *is || value.is_the_same(&read.resolved, resolved);
        }
    }
    as_assumed.into_iter().all(|is| is)
}

/// Notes what is wrong with the uncertain values of a scenario; nothing if it has other mistakes. Whoever sets values on the command line,
/// or starts from another file, need not care for ranges that were written for other values: only an analysis looks at their ends then.
pub(in crate::scenario) fn check(context: &Context<'_>, root: &Node, reading: &Reading) {
    let is_elsewhere =
        |value: &ResolvedValue| matches!(value.source, ValueSource::CommandLine | ValueSource::Base { .. });
    if reading.said.is_ok() && context.no_mistake().is_ok() {
        if reading.resolved.iter().any(is_elsewhere) {
            _ = stated_values(context, root, &reading.resolved);
        } else {
            _ = uncertain_values(context, root, &reading.resolved);
        }
    }
}

/// The paths that the tables `[[uncertain]]` of `root`, which has no mistakes, are about.
pub(in crate::scenario) fn uncertain_paths(root: &Node) -> Vec<String> {
    let written = uncertain_tables(root).iter().flat_map(parameters);
    written.map(|text| WrittenPath::new(text, None).path).collect()
}
