//! A table `[[uncertain]]` as it is written: which values of the scenario nobody knows, and where each of them may lie. What it says
//! does not contradict itself.

use crate::random::Distribution;
use crate::scenario::context::{Context, OrNoted};
use crate::scenario::distribution::{Variate, distribution};
use crate::scenario::error::Problem;
use crate::scenario::item::Item;
use crate::scenario::overrides::WrittenPath;
use crate::scenario::section::Section;
use crate::scenario::sections::general::line_of_text;
use crate::scenario::tree::{Node, Value};

use super::axis::parameters_of;

/// What is uncertain stands in the middle of sentences.
const LONGEST_ABOUT: usize = 40;

/// A table `[[uncertain]]`.
pub(super) struct UncertainTable {
    pub(super) parameters: Vec<WrittenPath>,
    pub(super) spread: Spread,
    pub(super) source: String,
    /// What is uncertain, in a few words.
    pub(super) about: Option<String>,
    /// Path of the table, such as `uncertain.3`.
    pub(super) path: String,
}

/// Where a value may lie.
#[derive(Clone)]
pub(super) enum Spread {
    /// Between two ends.
    Between { low: Node, high: Node, is_logarithmic: bool },
    /// As a distribution says.
    Drawn { distribution: Distribution, node: Node },
    /// It is one of these.
    OneOf(Vec<Node>),
}

impl UncertainTable {
    pub(super) fn read(context: &Context<'_>, path: &str, node: &Node) -> OrNoted<Self> {
        let mut section = Section::open(context, path, Some(node));
        let [parameter, parameters, low, high, scale] =
            ["parameter", "parameters", "low", "high", "scale"].map(|key| section.node(key));
        let [distribution, values, about] = ["distribution", "values", "about"].map(|key| section.node(key));
        let named = match (parameter, parameters) {
            (None, None) => Err(section.lacks("parameter", "\"group.client.visits.per_day\"")),
            named => Ok(named),
        };
        let source = section.node("source").ok_or_else(|| section.lacks("source", "\"assumption\""));
        let has_ends = low.is_some() || high.is_some();
        let is_open = !has_ends && distribution.is_none() && values.is_none();
        let low = if is_open { Err(section.lacks("low", "2")) } else { Ok(low) };
        let high = if is_open { Err(section.lacks("high", "32")) } else { Ok(high) };
        section.close();
        let item = |key: &str, node| Item::new(context, format!("{path}.{key}"), node);
        let parameters = parameters_of(context, path, named?)?;
        let about = about.map(|node| short_about(&item("about", node))).transpose();
        let source = line_of_text(&item("source", source?))?.value;
        let scale = scale.map(|node| item("scale", node).choice(&[("linear", false), ("log", true)])).transpose();
        let is_logarithmic = scale?.is_some_and(|read| read.value);
        let spread = match (low?, high?, distribution, values) {
            (Some(low), Some(high), None, None) => {
                Spread::Between { low: low.clone(), high: high.clone(), is_logarithmic }
            }
            (None, None, Some(node), None) => drawn(&item("distribution", node), node)?,
            (None, None, None, Some(node)) => one_of(&item("values", node))?,
            _ => {
                let what =
                    "an uncertain value has either `low` and `high`, or a `distribution`, or `values`".to_owned();
                let help = "write low = 2 and high = 32, or distribution = { normal = { mean = 8, sd = 2 } }, or values = [1, 3]";
                return Err(context.report_at(path, Problem::Contradiction { what }, "this one", help));
            }
        };
        Ok(Self { parameters, spread, source, about: about?, path: path.to_owned() })
    }
}

/// Notes a parameter that two tables are about.
pub(super) fn note_repetition(context: &Context<'_>, tables: &[UncertainTable]) {
    let all: Vec<&WrittenPath> = tables.iter().flat_map(|table| &table.parameters).collect();
    for (at, again) in all.iter().enumerate() {
        let is_within = |one: &str, other: &str| one == other || one.starts_with(&format!("{other}."));
        let overlaps =
            |first: &&&WrittenPath| is_within(&again.path, &first.path) || is_within(&first.path, &again.path);
        if let Some(first) = all[..at].iter().find(overlaps) {
            let what = if first.path == again.path {
                format!("`{}` is uncertain twice", again.path)
            } else {
                format!(
                    "`{}` is a part of `{}`, or the other way round, and both are uncertain",
                    again.path, first.path
                )
            };
            let labels =
                vec![(again.spot.clone(), "again".to_owned()), (first.spot.clone(), "the first one".to_owned())];
            context.report(Problem::Contradiction { what }, labels, "remove one of the two");
        }
    }
}

/// What is uncertain, short enough for the middle of a sentence.
fn short_about(item: &Item<'_>) -> OrNoted<String> {
    let about = line_of_text(item)?.value;
    let length = about.chars().count();
    if length > LONGEST_ABOUT {
        let help = "say in a few words what is uncertain, such as \"how often users come\"";
        return Err(item.out_of_range(format!("{length} letters long"), &format!("at most {LONGEST_ABOUT}"), help));
    }
    Ok(about)
}

fn drawn(item: &Item<'_>, node: &Node) -> OrNoted<Spread> {
    let variate = if has_text(node) { Variate::Time } else { Variate::Number };
    let distribution = distribution(item, variate)?.value;
    if let Distribution::Constant(_) = distribution {
        let help = "write the value where it belongs, and remove this [[uncertain]]";
        let problem = Problem::Contradiction { what: "what is always the same is not uncertain".to_owned() };
        return Err(item.report(problem, "a constant", help));
    }
    Ok(Spread::Drawn { distribution, node: node.clone() })
}

/// Whether a text is anywhere in the value: times are texts, as they have units.
fn has_text(node: &Node) -> bool {
    match &node.value {
        Value::Text(_) => true,
        Value::List(items) => items.iter().any(has_text),
        Value::Table(table) => table.entries().iter().any(|entry| has_text(&entry.node)),
        _ => false,
    }
}

fn one_of(item: &Item<'_>) -> OrNoted<Spread> {
    let values = item.node.list().unwrap_or_default().to_vec();
    if values.len() < 2 {
        let help = "write what it may be, such as values = [\"office\", \"evening\"]";
        return Err(item.wrong_kind("a list of at least two values", help));
    }
    Ok(Spread::OneOf(values))
}
