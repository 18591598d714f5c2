//! `[[variant]]`, `[[sweep]]` and `[[constraint]]`.

use std::borrow::Cow;

use crate::scenario::context::Context;
use crate::scenario::error::Problem;
use crate::scenario::item::{Item, quoted, real_text};
use crate::scenario::overrides::{CommandLineAxis, Setting};
use crate::scenario::section::Section;
use crate::scenario::source::{Origin, Spot};
use crate::scenario::tree::{Entry, Node, Value};

use super::constraint::Constraint;
use super::{MOST_POINTS, plain, setting};

/// What a study varies.
pub(super) struct Design {
    variants: Option<Axis>,
    axes: Vec<Axis>,
    pub(super) constraints: Vec<Constraint>,
}

/// Parameters that change together, and the values that they take.
#[derive(Clone)]
pub(super) struct Axis {
    pub(super) parameters: Vec<String>,
    pub(super) choices: Vec<Choice>,
}

/// One value of each parameter of an axis.
#[derive(Clone)]
pub(super) struct Choice {
    pub(super) label: String,
    pub(super) settings: Vec<String>,
    pub(super) set: Vec<Setting>,
}

impl Design {
    /// Reads the tables and notes what is wrong with them.
    pub(super) fn read(context: &Context<'_>, root: &Node) -> Self {
        let variants: Vec<Choice> =
            tables(context, root, "variant").filter_map(|(path, node)| variant(context, &path, node)).collect();
        for (at, choice) in variants.iter().enumerate() {
            if variants[..at].iter().any(|other| other.label == choice.label) {
                let problem = Problem::Contradiction { what: format!("two variants are called `{}`", choice.label) };
                let help = "results and tables tell variants apart by their names".to_owned();
                context.report_at(&format!("variant.{at}"), problem, "the second one", help);
            }
        }
        let axes: Vec<Axis> =
            tables(context, root, "sweep").filter_map(|(path, node)| axis(context, &path, node)).collect();
        for (at, axis) in axes.iter().enumerate() {
            let before = || axes[..at].iter().flat_map(|axis| &axis.parameters);
            if let Some(twice) = axis.parameters.iter().find(|parameter| before().any(|other| other == *parameter)) {
                let problem = Problem::Contradiction { what: format!("two axes vary `{twice}`") };
                context.report_at(&format!("sweep.{at}"), problem, "the second one", "join their values".to_owned());
            }
        }
        let constraints = tables(context, root, "constraint")
            .filter_map(|(path, node)| {
                let mut section = Section::open(context, path.clone(), Some(node));
                let require = section.node("require");
                if require.is_none() {
                    section.lacks("require", "\"group.hub.count <= group.client.count\"");
                }
                section.close();
                Constraint::read(&item(context, format!("{path}.require"), require?))
            })
            .collect();
        let variants =
            (!variants.is_empty()).then(|| Axis { parameters: vec!["variant".to_owned()], choices: variants });
        Self { variants, axes, constraints }
    }

    /// With the axes of the command line, which take the place of those of the file that vary the same parameter.
    pub(super) fn with_axes(mut self, context: &Context<'_>, axes: Vec<CommandLineAxis>) -> Self {
        for CommandLineAxis { path, path_spot, values } in axes {
            forbid(context, &path, path_spot.as_ref().map(|spot| Origin::at(spot.clone())).as_ref());
            let choices = values.iter().map(|node| choice(&[(&path, node)], path_spot.as_ref())).collect();
            let new = Axis { parameters: vec![path], choices };
            match self.axes.iter_mut().find(|known| known.parameters == new.parameters) {
                Some(known) => *known = new,
                None => self.axes.push(new),
            }
        }
        self
    }

    /// The variants as the only axis.
    pub(super) fn variants_alone(&self, context: &Context<'_>) -> Option<Vec<Axis>> {
        let variants = self.variants.iter().filter(|axis| axis.choices.len() > 1).cloned().collect::<Vec<_>>();
        if variants.is_empty() {
            let help = "name a second scenario file, or add, for example:\n[[variant]]\nname = \"as-it-is\"\n\n\
                        [[variant]]\nname = \"two-hubs\"\nset = { \"group.hub.count\" = 2 }";
            let problem = Problem::Contradiction { what: "there is nothing to compare".to_owned() };
            context.report_at("scenario", problem, "this scenario has less than two variants", help.to_owned());
            return None;
        }
        Some(variants)
    }

    /// Variants and axes.
    pub(super) fn grid(&self, context: &Context<'_>) -> Option<Vec<Axis>> {
        let axes: Vec<Axis> = self.variants.iter().chain(&self.axes).cloned().collect();
        if axes.is_empty() {
            let help = "give --set path=v1,v2,v3 or add, for example:\n[[sweep]]\n\
                        parameter = \"group.client.count\"\nvalues = [5, 10, 20, 40]";
            let problem = Problem::Contradiction { what: "there is nothing to sweep".to_owned() };
            context.report_at("scenario", problem, "this scenario has no [[sweep]]", help.to_owned());
            return None;
        }
        let lengths: Vec<u64> = axes.iter().map(|axis| axis.choices.len() as u64).collect();
        let count = lengths.iter().try_fold(1_u64, |product, length| product.checked_mul(*length));
        if count.is_none_or(|count| count > MOST_POINTS) {
            let product: Vec<String> = lengths.iter().map(u64::to_string).collect();
            let what = format!("the axes have {} combinations, more than {MOST_POINTS}", product.join(" × "));
            context.report_at("sweep", Problem::Contradiction { what }, "too many", "take fewer values".to_owned());
            return None;
        }
        Some(axes)
    }
}

/// The elements of the list of tables `name`, with their paths.
fn tables<'n>(context: &Context<'_>, root: &'n Node, name: &'static str) -> impl Iterator<Item = (String, &'n Node)> {
    let node = root.table().and_then(|table| table.get(name));
    context.remember_spot(name, node.and_then(|node| node.origin.spot.as_ref()));
    let list = node.and_then(Node::list);
    if let (Some(node), None) = (node, list) {
        item(context, name.to_owned(), node)
            .wrong_kind("a list of tables", format!("write [[{name}]], with two brackets"));
    }
    list.unwrap_or_default().iter().enumerate().map(move |(at, node)| (format!("{name}.{at}"), node))
}

fn item<'a>(context: &'a Context<'a>, path: String, node: &Node) -> Item<'a> {
    Item { context, path, key_spot: None, node: Cow::Owned(node.clone()) }
}

fn variant(context: &Context<'_>, path: &str, node: &Node) -> Option<Choice> {
    let mut section = Section::open(context, path, Some(node));
    let (name, set) = (section.node("name"), section.node("set"));
    if name.is_none() {
        section.lacks("name", "\"two-hubs\"");
    }
    section.close();
    let item_of_name = item(context, format!("{path}.name"), name?);
    let name = item_of_name.text()?.value;
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_' || c == '.';
    if name.len() > 60 || !name.chars().all(allowed) {
        let problem = Problem::BadName { name, reason: "cannot be the name of a variant".to_owned() };
        item_of_name.report(problem, "named here", "use letters, digits, hyphens, dots, at most 60".to_owned());
        return None;
    }
    let mut settings = Vec::new();
    if let Some(set) = set {
        let Some(table) = set.table() else {
            let example = "write set = { \"group.hub.count\" = 3 }".to_owned();
            item(context, format!("{path}.set"), set).wrong_kind("a table", example);
            return None;
        };
        for entry in &table.entries {
            forbid(context, &entry.key, Some(&entry.key_origin));
            settings.push(setting(&entry.key, entry.key_origin.spot.as_ref(), &entry.node));
        }
    }
    Some(Choice { label: name.clone(), settings: vec![name], set: settings })
}

fn axis(context: &Context<'_>, path: &str, node: &Node) -> Option<Axis> {
    let mut section = Section::open(context, path, Some(node));
    let [parameter, parameters, values] = ["parameter", "parameters", "values"].map(|key| section.node(key));
    let range = ["from", "to", "points", "spacing"].map(|key| section.node(key));
    if parameter.is_none() && parameters.is_none() {
        section.lacks("parameter", "\"group.client.count\"");
    }
    if values.is_none() && range.iter().all(Option::is_none) {
        section.lacks("values", "[5, 10, 20, 40]");
    }
    section.close();
    let parameters: Vec<Item<'_>> = match (parameter, parameters) {
        (Some(one), None) => vec![item(context, format!("{path}.parameter"), one)],
        (None, Some(several)) => item(context, format!("{path}.parameters"), several).elements()?,
        (Some(_), Some(several)) => {
            let problem =
                Problem::Contradiction { what: "an axis has `parameter` or `parameters`, not both".to_owned() };
            let help = "`parameters` are several that change together".to_owned();
            item(context, format!("{path}.parameters"), several).report(problem, "one too many", help);
            return None;
        }
        (None, None) => return None,
    };
    let names: Vec<String> = parameters.iter().map(|item| Some(item.text()?.value)).collect::<Option<_>>()?;
    for item in &parameters {
        forbid(context, item.as_text()?, Some(&item.node.origin));
    }
    let rows: Vec<Vec<Node>> = match values {
        Some(values) => {
            let elements = item(context, format!("{path}.values"), values).elements()?;
            elements.iter().map(|element| row(element, names.len())).collect::<Option<_>>()?
        }
        None if names.len() == 1 => spaced(context, path, node, range)?.into_iter().map(|value| vec![value]).collect(),
        None => {
            let problem = Problem::MissingKeys { table: path.to_owned(), keys: "`values`".to_owned() };
            let help =
                "parameters that change together need a row for each point: values = [[1, 4], [2, 2]]".to_owned();
            context.report_at(path, problem, "this axis", help);
            return None;
        }
    };
    if rows.is_empty() {
        context.report_at(
            &format!("{path}.values"),
            Problem::Empty { path: format!("{path}.values") },
            "no value",
            None,
        );
        context.report_at(path, Problem::Empty { path: format!("{path}.values") }, "this axis", None);
        return None;
    }
    let choices: Vec<Choice> = rows
        .iter()
        .map(|row| {
            let pairs: Vec<(&str, &Node)> = names.iter().map(String::as_str).zip(row).collect();
            let spot = parameters[0].spot();
            choice(&pairs, spot.as_ref())
        })
        .collect();
    for (at, choice) in choices.iter().enumerate() {
        if choices[..at].iter().any(|other| other.settings == choice.settings) {
            let problem = Problem::Contradiction { what: format!("an axis has the value {} twice", choice.label) };
            item(context, path.to_owned(), &rows[at][0]).report(problem, "again", "remove it".to_owned());
            return None;
        }
    }
    Some(Axis { parameters: names, choices })
}

/// The values of one point of an axis of `length` parameters.
fn row(element: &Item<'_>, length: usize) -> Option<Vec<Node>> {
    if length == 1 {
        return Some(vec![element.node.clone().into_owned()]);
    }
    let nodes: Vec<Node> = element.elements()?.iter().map(|item| item.node.clone().into_owned()).collect();
    if nodes.len() != length {
        let what = format!("a row of values has {} of them for {length} parameters", nodes.len());
        element.report(Problem::Contradiction { what }, "this row", "write one for each".to_owned());
        return None;
    }
    Some(nodes)
}

/// `from`, `to`, `points` and `spacing` as values.
fn spaced(context: &Context<'_>, path: &str, node: &Node, range: [Option<&Node>; 4]) -> Option<Vec<Node>> {
    let [from, to, points, spacing] = range;
    let missing: Vec<&str> = [("`from`", from), ("`to`", to), ("`points`", points)]
        .into_iter()
        .filter(|(_, node)| node.is_none())
        .map(|(name, _)| name)
        .collect();
    if !missing.is_empty() {
        let problem = Problem::MissingKeys { table: path.to_owned(), keys: missing.join(", ") };
        let help = "write from = 1, to = 200, points = 12, or values = [1, 10, 100]".to_owned();
        context.report(problem, vec![(node.origin.spot.clone(), "this axis".to_owned())], help);
        return None;
    }
    let is_whole = |node: &Node| matches!(node.value, Value::Integer(_));
    let (first, last) = (item(context, format!("{path}.from"), from?), item(context, format!("{path}.to"), to?));
    let whole = is_whole(&first.node) && is_whole(&last.node);
    let points = item(context, format!("{path}.points"), points?).whole_u32(2, 10_000)?.value;
    let geometric = match spacing {
        None => false,
        Some(spacing) => {
            item(context, format!("{path}.spacing"), spacing).choice(&[("linear", false), ("geometric", true)])?.value
        }
    };
    let finite = |item: &Item<'_>| item.real(f64::is_finite, "a number").map(|read| read.value);
    let (low, high) = (finite(&first)?, finite(&last)?);
    if low >= high || geometric && low <= 0.0 {
        let allowed = if geometric { "more than 0 and less than `to`" } else { "less than `to`" };
        first.out_of_range(low, allowed, None);
        return None;
    }
    let mut values: Vec<String> = Vec::new();
    for step in 0..points {
        let share = f64::from(step) / f64::from(points - 1);
        let value = match step {
            0 => low,
            _ if step == points - 1 => high,
            _ if geometric => low * libm::pow(high / low, share),
            _ => low + share * (high - low),
        };
        let text = if whole { format!("{:.0}", value.round()) } else { real_text(value) };
        if values.last() != Some(&text) {
            values.push(text);
        }
    }
    Some(values.iter().map(|value| Node::given(value, &node.origin)).collect())
}

fn choice(pairs: &[(&str, &Node)], spot: Option<&Spot>) -> Choice {
    let settings: Vec<String> = pairs.iter().map(|(_, node)| plain(node)).collect();
    let shown = |(path, value): (&(&str, &Node), &String)| format!("{}={value}", path.0);
    let labels: Vec<String> = pairs.iter().zip(&settings).map(shown).collect();
    let set = pairs.iter().map(|(path, node)| setting(path, spot, node)).collect();
    Choice { label: labels.join(", "), settings, set }
}

/// Notes a parameter that no study can vary.
fn forbid(context: &Context<'_>, path: &str, origin: Option<&Origin>) {
    let first = path.split('.').next().unwrap_or_default();
    let why = match (first, path) {
        ("scenario", _) => "name and question are those of the study",
        (_, "run.seed") => "all points have one seed, so that the same users meet the same luck in them; use --seed",
        (_, "run.replications") => "all points have as many replications, as these are compared; use --replications",
        ("variant" | "sweep" | "constraint", _) => "it describes the study",
        _ => return,
    };
    let problem = Problem::Contradiction { what: format!("a study cannot vary `{path}`") };
    let spot = origin.and_then(|origin| origin.spot.clone());
    context.report(problem, vec![(spot, "varied here".to_owned())], why.to_owned());
}

/// A value as TOML.
pub(super) fn toml(node: &Node) -> String {
    match &node.value {
        Value::Text(text) => quoted(text),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => real_text(*number),
        Value::Boolean(boolean) => boolean.to_string(),
        Value::Date(date) => date.clone(),
        Value::List(items) => format!("[{}]", items.iter().map(toml).collect::<Vec<_>>().join(", ")),
        Value::Table(table) => {
            let entry = |entry: &Entry| format!("{} = {}", entry.key, toml(&entry.node));
            format!("{{ {} }}", table.entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
    }
}
