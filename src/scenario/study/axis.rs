//! One `[[sweep]]`, or several values on the command line: parameters that change together, and the values that they take.

use std::collections::BTreeMap;

use crate::scenario::context::{Context, OrNoted};
use crate::scenario::error::Problem;
use crate::scenario::item::{Item, quoted, real_text};
use crate::scenario::overrides::{CommandLineAxis, Setting, WrittenPath};
use crate::scenario::range::{Range, rounded};
use crate::scenario::section::Section;
use crate::scenario::source::Spot;
use crate::scenario::tree::{Entry, Node, Value};
use crate::scenario::units;
use crate::time::SimDuration;

/// Parameters that change together, and the values that they take; at least one of each.
#[derive(Clone)]
pub(super) struct StudyAxis {
    pub(super) parameters: Vec<String>,
    pub(super) choices: Vec<Choice>,
    /// Whether the values are those between two ends.
    pub(super) is_range: bool,
}

/// One value of each parameter of an axis.
#[derive(Clone)]
pub(super) struct Choice {
    pub(super) label: String,
    /// What a variant is, in a few words.
    pub(super) about: Option<String>,
    pub(super) settings: Vec<String>,
    pub(super) numbers: Vec<Option<f64>>,
    pub(super) durations: Vec<Option<SimDuration>>,
    pub(super) set: Vec<Setting>,
}

impl StudyAxis {
    /// Reads a table `[[sweep]]`.
    pub(super) fn read(context: &Context<'_>, path: &str, node: &Node) -> OrNoted<Self> {
        let mut section = Section::open(context, path, Some(node));
        let [parameter, parameters, values] = ["parameter", "parameters", "values"].map(|key| section.node(key));
        let range = ["from", "to", "points", "spacing"].map(|key| section.node(key));
        let named = match (parameter, parameters) {
            (None, None) => Err(section.lacks("parameter", "\"group.client.count\"")),
            named => Ok(named),
        };
        let is_range = range.iter().any(Option::is_some);
        let given = match values {
            None if !is_range => Err(section.lacks("values", "[5, 10, 20, 40]")),
            values => Ok(values),
        };
        section.close();
        let parameters = parameters_of(context, path, named?)?;
        let rows = match given? {
            Some(values) if is_range => {
                let problem = Problem::Contradiction { what: "an axis has `values` or a range, not both".to_owned() };
                let help = "remove `values`, or else `from`, `to`, `points` and `spacing`";
                return Err(Item::new(context, format!("{path}.values"), values).report(problem, "one too many", help));
            }
            Some(values) => rows(&Item::new(context, format!("{path}.values"), values), parameters.len())?,
            None if parameters.len() == 1 => {
                spaced(context, path, node, range)?.into_iter().map(|value| vec![value]).collect()
            }
            None => {
                let problem = Problem::MissingKeys { table: path.to_owned(), keys: "`values`".to_owned() };
                let help = format!("parameters that change together need a row for each point: {ROWS}");
                return Err(context.report_at(path, problem, "this axis", help));
            }
        };
        let choices = rows.iter().map(|row| choice(&parameters, row)).collect();
        Self::of(context, parameters, choices, is_range)
    }

    /// The values of the command line as an axis; none may be there twice.
    pub(super) fn of_command_line(context: &Context<'_>, axis: CommandLineAxis) -> OrNoted<Self> {
        let CommandLineAxis { parameter, values } = axis;
        forbid(context, &parameter.path, parameter.spot.as_ref());
        let parameters = vec![parameter];
        let choices = values.into_iter().map(|value| choice(&parameters, &[value])).collect();
        Self::of(context, parameters, choices, false)
    }

    fn of(context: &Context<'_>, parameters: Vec<WrittenPath>, choices: Vec<Choice>, is_range: bool) -> OrNoted<Self> {
        let mut known: BTreeMap<&[String], &Choice> = BTreeMap::new();
        for again in &choices {
            if let Some(first) = known.insert(&again.settings, again) {
                let problem = Problem::Contradiction { what: format!("an axis has the value {} twice", again.label) };
                let labels = vec![(again.spot(), "again".to_owned()), (first.spot(), "the first one".to_owned())];
                return Err(context.report(problem, labels, "remove one of the two"));
            }
        }
        Ok(Self { parameters: parameters.into_iter().map(|parameter| parameter.path).collect(), choices, is_range })
    }

    /// What the axis sets, each parameter once, with the places of the paths.
    pub(super) fn sets(&self) -> &[Setting] {
        &self.choices[0].set
    }
}

impl Choice {
    /// Where the first of its values is written.
    pub(super) fn spot(&self) -> Option<Spot> {
        self.set.first()?.node.origin.spot.clone()
    }
}

const ROWS: &str = "values = [[1, 4], [2, 2]]";

/// The parameters of an axis.
pub(super) fn parameters_of(
    context: &Context<'_>,
    path: &str,
    named: (Option<&Node>, Option<&Node>),
) -> OrNoted<Vec<WrittenPath>> {
    let parameters = match named {
        (Some(one), None) => vec![Item::new(context, format!("{path}.parameter"), one)],
        (None, Some(several)) => {
            let several = Item::new(context, format!("{path}.parameters"), several);
            elements(&several, "parameters = [\"group.hub.count\", \"group.hub.workers\"]")?
        }
        (Some(_), Some(several)) => {
            let problem =
                Problem::Contradiction { what: "an axis has `parameter` or `parameters`, not both".to_owned() };
            let help = "`parameters` are several that change together";
            return Err(Item::new(context, format!("{path}.parameters"), several).report(
                problem,
                "one too many",
                help,
            ));
        }
        (None, None) => Vec::new(),
    };
    let written = |item: &Item<'_>| Ok(WrittenPath::new(&item.text()?.value, item.spot()));
    let parameters: Vec<WrittenPath> = parameters.iter().map(written).collect::<OrNoted<_>>()?;
    for parameter in &parameters {
        forbid(context, &parameter.path, parameter.spot.as_ref());
    }
    Ok(parameters)
}

/// Notes a parameter that no study can vary.
pub(super) fn forbid(context: &Context<'_>, path: &str, spot: Option<&Spot>) {
    let first = path.split('.').next().unwrap_or_default();
    let why = match (first, path) {
        ("scenario", _) => "name and question are those of the study",
        (_, "run.seed") => "all points have one seed, so that the same users meet the same luck in them; use --seed",
        (_, "run.replications") => "all points have as many replications, as these are compared; use --replications",
        (_, "run") => "seed and replications are those of all points; vary what else is in it, such as run.duration",
        ("variant" | "sweep" | "constraint" | "uncertain", _) => "it describes the study",
        _ => return,
    };
    let problem = Problem::Contradiction { what: format!("a study cannot vary `{path}`") };
    context.report(problem, vec![(spot.cloned(), "varied here".to_owned())], why.to_owned());
}

/// The elements of a list, at least one.
fn elements<'a>(list: &Item<'a>, example: &str) -> OrNoted<Vec<Item<'a>>> {
    let Some(elements) = list.elements() else {
        return Err(list.wrong_kind("a list", format!("write it in brackets, such as {example}")));
    };
    if elements.is_empty() {
        let problem = Problem::Empty { path: list.path.clone() };
        return Err(list.report(problem, "nothing in it", format!("write at least one, such as {example}")));
    }
    Ok(elements)
}

/// The values of each point of an axis of `length` parameters.
fn rows(values: &Item<'_>, length: usize) -> OrNoted<Vec<Vec<Node>>> {
    let example = if length == 1 { "values = [5, 10, 20]" } else { ROWS };
    elements(values, example)?.iter().map(|element| row(element, length)).collect()
}

fn row(element: &Item<'_>, length: usize) -> OrNoted<Vec<Node>> {
    if length == 1 {
        return Ok(vec![element.node.clone().into_owned()]);
    }
    let nodes: Vec<Node> = elements(element, ROWS)?.iter().map(|item| item.node.clone().into_owned()).collect();
    if nodes.len() != length {
        let what = format!("a row of values has {} of them for {length} parameters", nodes.len());
        return Err(element.report(Problem::Contradiction { what }, "this row", "write one for each"));
    }
    Ok(nodes)
}

/// `from`, `to`, `points` and `spacing` as values.
fn spaced(context: &Context<'_>, path: &str, node: &Node, range: [Option<&Node>; 4]) -> OrNoted<Vec<Node>> {
    let [from, to, points, spacing] = range;
    let (Some(from), Some(to), Some(points)) = (from, to, points) else {
        let ends = [("`from`", from), ("`to`", to), ("`points`", points)];
        let missing: Vec<&str> = ends.into_iter().filter(|(_, node)| node.is_none()).map(|(name, _)| name).collect();
        let problem = Problem::MissingKeys { table: path.to_owned(), keys: missing.join(", ") };
        let help = "write from = 1, to = 200, points = 12, or values = [1, 10, 100]";
        return Err(context.report(problem, vec![(node.origin.spot.clone(), "this axis".to_owned())], help));
    };
    for (key, end) in [("from", from), ("to", to)] {
        if let Value::Text(_) = end.value {
            let help = "a range has plain numbers; list what has a unit: values = [\"1s\", \"10s\", \"60s\"]";
            return Err(Item::new(context, format!("{path}.{key}"), end).wrong_kind("a number", help));
        }
    }
    let is_whole = |node: &Node| matches!(node.value, Value::Integer(_));
    let (first, last) =
        (Item::new(context, format!("{path}.from"), from), Item::new(context, format!("{path}.to"), to));
    let whole = is_whole(&first.node) && is_whole(&last.node);
    let points = Item::new(context, format!("{path}.points"), points).whole_u32(2, 10_000)?.value;
    let geometric = match spacing {
        None => false,
        Some(spacing) => {
            Item::new(context, format!("{path}.spacing"), spacing)
                .choice(&[("linear", false), ("geometric", true)])?
                .value
        }
    };
    let finite = |item: &Item<'_>| item.real(Range::from(-1e15, 1e15)).map(|read| read.value);
    let (low, high) = (finite(&first)?, finite(&last)?);
    if low >= high || geometric && low <= 0.0 {
        let allowed = if geometric { "more than 0 and less than `to`" } else { "less than `to`" };
        let help = "a range ascends, and one with equal ratios begins above 0: from = 1, to = 200, points = 12";
        return Err(first.out_of_range(low, allowed, help));
    }
    let mut values: Vec<String> = Vec::new();
    for step in 0..points {
        let share = f64::from(step) / f64::from(points - 1);
        let value = match step {
            0 => low,
            _ if step == points - 1 => high,
            _ if geometric => rounded(low * libm::pow(high / low, share)),
            _ => rounded(low + share * (high - low)),
        };
        let text = if whole { format!("{:.0}", value.round()) } else { real_text(value) };
        if values.last() != Some(&text) {
            values.push(text);
        }
    }
    Ok(values.iter().map(|value| Node::given(value, &node.origin)).collect())
}

fn choice(parameters: &[WrittenPath], row: &[Node]) -> Choice {
    let settings: Vec<String> = row.iter().map(plain).collect();
    let labels: Vec<String> =
        parameters.iter().zip(&settings).map(|(parameter, value)| format!("{}={value}", parameter.path)).collect();
    let (numbers, durations) = (row.iter().map(number).collect(), row.iter().map(duration).collect());
    let set = |(parameter, node): (&WrittenPath, &Node)| Setting {
        path: parameter.path.clone(),
        path_spot: parameter.spot.clone(),
        node: node.clone(),
    };
    Choice {
        label: labels.join(", "),
        about: None,
        settings,
        numbers,
        durations,
        set: parameters.iter().zip(row).map(set).collect(),
    }
}

/// The number that a value is, if it is one.
pub(super) fn number(node: &Node) -> Option<f64> {
    match &node.value {
        #[expect(clippy::cast_precision_loss, reason = "a place on an axis")]
        Value::Integer(number) => Some(*number as f64),
        Value::Real(number) => Some(*number),
        _ => None,
    }
}

/// The duration that a value is, if it is one.
pub(super) fn duration(node: &Node) -> Option<SimDuration> {
    let Value::Text(text) = &node.value else { return None };
    let nanos = units::quantity(text, units::TIME).ok()?;
    u64::try_from(nanos).ok().map(SimDuration::from_nanos)
}

/// A value as a label or a table cell shows it.
pub(super) fn plain(node: &Node) -> String {
    match &node.value {
        Value::Text(text) => text.clone(),
        _ => toml(node),
    }
}

/// A value as TOML.
fn toml(node: &Node) -> String {
    match &node.value {
        Value::Text(text) => quoted(text),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => real_text(*number),
        Value::Boolean(boolean) => boolean.to_string(),
        Value::Date(date) => date.clone(),
        Value::List(items) => format!("[{}]", items.iter().map(toml).collect::<Vec<_>>().join(", ")),
        Value::Table(table) => {
            let entry = |entry: &Entry| format!("{} = {}", entry.key, toml(&entry.node));
            format!("{{ {} }}", table.entries().iter().map(entry).collect::<Vec<_>>().join(", "))
        }
    }
}
