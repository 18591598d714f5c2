//! Overrides from the command line, `path=value`, laid over the tree of the file before anything is read from it.

use toml::de::DeValue;

use super::context::Context;
use super::error::Problem;
use super::source::{Origin, Source, Spot};
use super::tree::{Entry, Node, Table, Value};

/// Deeper paths than this are no keys of a scenario.
const MAX_DEPTH: usize = 8;

const EXAMPLE: &str = "write it as path=value, such as --set group.client.count=40";

/// A value to be set.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    /// Dotted path.
    pub(super) path: String,
    /// Where the path is written.
    pub(super) path_spot: Option<Spot>,
    /// The value, with the place where it is written.
    pub(super) node: Node,
}

/// Several values of one parameter, `path=v1,v2,v3`.
pub(super) struct CommandLineAxis {
    /// Dotted path.
    pub(super) path: String,
    /// Where it is written.
    pub(super) path_spot: Option<Spot>,
    /// The values.
    pub(super) values: Vec<Node>,
}

/// Sets one value of `root`; notes why it cannot be.
pub(super) fn set(root: &mut Node, setting: &Setting, context: &Context<'_>) {
    let here = Origin { source: setting.node.origin.source.clone(), spot: setting.path_spot.clone() };
    let placed = segments(&setting.path).and_then(|segments| place(root, &segments, setting.node.clone(), &here));
    if let Err(refusal) = placed {
        let problem = Problem::BadOverride { text: setting.path.clone(), reason: refusal.reason };
        context.report(problem, vec![(setting.path_spot.clone(), "here".to_owned())], refusal.help);
    }
}

/// Lays the overrides over `root` that have one value, and returns those that have several.
pub(super) fn apply_but_axes(root: &mut Node, overrides: &[String], context: &Context<'_>) -> Vec<CommandLineAxis> {
    let (axes, single): (Vec<&String>, Vec<&String>) = overrides
        .iter()
        .partition(|text| text.split_once('=').is_some_and(|(_, values)| split_at_commas(values).len() > 1));
    let single: Vec<String> = single.into_iter().cloned().collect();
    apply(root, &single, context);
    axes.into_iter().filter_map(|text| command_line_axis(text, context)).collect()
}

fn command_line_axis(text: &str, context: &Context<'_>) -> Option<CommandLineAxis> {
    let number = context.add_text("--set", text);
    let (path, values) = text.split_once('=').expect("an axis has values");
    let spot = |from: usize, to: usize| Some(Spot { text: number, span: from..to });
    let nodes = segments(path).and_then(|_| {
        split_at_commas(values).into_iter().map(|(at, value)| value_node(value, path.len() + 1 + at, number)).collect()
    });
    match nodes {
        Ok(values) => Some(CommandLineAxis { path: path.trim().to_owned(), path_spot: spot(0, path.len()), values }),
        Err(Refusal { at, reason, help }) => {
            let problem = Problem::BadOverride { text: text.to_owned(), reason };
            context.report(problem, vec![(spot(at.0, at.1), "here".to_owned())], help);
            None
        }
    }
}

/// The parts of a text between commas that stand outside of brackets, braces and quotes, each with its place.
fn split_at_commas(text: &str) -> Vec<(usize, &str)> {
    let (mut parts, mut begin, mut depth, mut quote) = (Vec::new(), 0, 0_i32, None);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '[' | '{') => depth += 1,
            (None, ']' | '}') => depth -= 1,
            (None, ',') if depth == 0 => {
                parts.push((begin, &text[begin..at]));
                begin = at + 1;
            }
            _ => {}
        }
    }
    parts.push((begin, &text[begin..]));
    parts
}

/// Lays the overrides over `root`, in their order; notes those that cannot be.
pub(super) fn apply(root: &mut Node, overrides: &[String], context: &Context<'_>) {
    for text in overrides {
        let number = context.add_text("--set", text);
        if let Err(refusal) = apply_one(root, text, number) {
            let problem = Problem::BadOverride { text: text.clone(), reason: refusal.reason };
            let spot = Spot { text: number, span: refusal.at.0..refusal.at.1 };
            context.report(problem, vec![(Some(spot), "here".to_owned())], refusal.help);
        }
    }
}

/// Why an override cannot be applied.
struct Refusal {
    at: (usize, usize),
    reason: String,
    help: String,
}

fn apply_one(root: &mut Node, text: &str, number: usize) -> Result<(), Refusal> {
    let example = EXAMPLE.to_owned();
    let Some((path, value)) = text.split_once('=') else {
        return Err(Refusal { at: (0, text.len()), reason: "it has no `=`".to_owned(), help: example });
    };
    let segments = segments(path)?;
    let node = value_node(value, path.len() + 1, number)?;
    place(root, &segments, node, &origin(number, 0, path.len()))
}

/// A key of a dotted path, and the bytes at which it begins and ends.
type Segment<'p> = (&'p str, (usize, usize));

/// The keys of a dotted path, each with its place.
fn segments(path: &str) -> Result<Vec<Segment<'_>>, Refusal> {
    let example = EXAMPLE.to_owned();
    let mut segments = Vec::new();
    let mut at = 0;
    for segment in path.split('.') {
        let place = (at, at + segment.len());
        let name = segment.trim();
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if name.is_empty() || !name.chars().all(is_name) {
            return Err(Refusal { at: place, reason: format!("`{name}` is not a key"), help: example });
        }
        segments.push((name, place));
        at += segment.len() + 1;
    }
    if segments.len() > MAX_DEPTH {
        return Err(Refusal { at: (0, path.len()), reason: "no key lies so deep".to_owned(), help: example });
    }
    Ok(segments)
}

/// The value as TOML, or else as a bare text.
fn value_node(value: &str, offset: usize, number: usize) -> Result<Node, Refusal> {
    let trimmed = value.trim();
    let start = offset + (value.len() - value.trim_start().len());
    if trimmed.is_empty() {
        return Err(Refusal {
            at: (0, offset),
            reason: "there is no value after the `=`".to_owned(),
            help: "to set an empty text, write \"\"".to_owned(),
        });
    }
    match DeValue::parse(trimmed) {
        Ok(parsed) => Ok(Node::of_value(&parsed, &|span| origin(number, start + span.start, start + span.end))),
        Err(error) if trimmed.starts_with(['{', '[', '"', '\'']) => {
            let span = error.span().unwrap_or(0..trimmed.len());
            Err(Refusal {
                at: (start + span.start, start + span.end),
                reason: format!("the value is not TOML: {}", super::one_line(error.message())),
                help: "quote the whole argument for the shell: --set 'network.rtt={ median = \"40ms\", sigma = 0.5 }'"
                    .to_owned(),
            })
        }
        Err(_) => {
            Ok(Node { value: Value::Text(trimmed.to_owned()), origin: origin(number, start, start + trimmed.len()) })
        }
    }
}

fn origin(number: usize, from: usize, to: usize) -> Origin {
    Origin { source: Source::CommandLine, spot: Some(Spot { text: number, span: from..to }) }
}

/// Puts `node` where `segments` lead, making tables on the way.
fn place(within: &mut Node, segments: &[Segment<'_>], node: Node, here: &Origin) -> Result<(), Refusal> {
    let Some(((name, at), rest)) = segments.split_first() else {
        *within = node;
        return Ok(());
    };
    let kind = within.kind();
    match &mut within.value {
        Value::Table(table) => {
            let index = table.entries.iter().position(|entry| entry.key == *name);
            let index = index.unwrap_or_else(|| {
                let here = here.within(at.0, at.1);
                table.entries.push(Entry {
                    key: (*name).to_owned(),
                    key_origin: here.clone(),
                    node: Node { value: Value::Table(Table::default()), origin: here },
                });
                table.entries.len() - 1
            });
            place(&mut table.entries[index].node, rest, node, here)
        }
        Value::List(items) => {
            let length = items.len();
            match name.parse::<usize>().ok().and_then(|index| items.get_mut(index)) {
                Some(item) => place(item, rest, node, here),
                None => Err(Refusal {
                    at: *at,
                    reason: format!("`{name}` is not the number of an element"),
                    help: format!("this list has {length} elements, counted from 0"),
                }),
            }
        }
        _ => Err(Refusal {
            at: *at,
            reason: format!("`{name}` lies below a value that is {kind}, not a table"),
            help: "set the value above it as a whole".to_owned(),
        }),
    }
}
