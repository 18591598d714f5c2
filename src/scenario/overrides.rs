//! Overrides from the command line, `path=value`, laid over the tree of the file before anything is read from it.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::de::DeValue;

use super::context::Context;
use super::error::Problem;
use super::excerpt::one_line;
use super::source::{Origin, Spot};
use super::tree::{DEEPEST, Entry, Node, TomlTable, TooDeep, Value};

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

/// What the command line says of a sweep.
#[derive(Default)]
pub(super) struct CommandLine {
    /// Parameters with several values.
    pub(super) axes: Vec<CommandLineAxis>,
    /// Parameters with one value, which is in the tree.
    pub(super) singles: Vec<WrittenPath>,
}

/// Several values of one parameter, `path=v1,v2,v3`.
pub(super) struct CommandLineAxis {
    pub(super) parameter: WrittenPath,
    pub(super) values: Vec<Node>,
}

/// A dotted path without spaces, and where it is written.
#[derive(Clone)]
pub(super) struct WrittenPath {
    pub(super) path: String,
    pub(super) spot: Option<Spot>,
}

impl WrittenPath {
    pub(super) fn new(path: &str, spot: Option<Spot>) -> Self {
        Self { path: path.split('.').map(str::trim).collect::<Vec<_>>().join("."), spot }
    }
}

/// Sets one value of `root`; notes why it cannot be.
pub(super) fn set(root: &mut Node, setting: &Setting, context: &Context<'_>) {
    let here = Origin { source: setting.node.origin.source.clone(), spot: setting.path_spot.clone() };
    let placed = segments(&setting.path).and_then(|segments| place(root, &segments, setting.node.clone(), &here));
    if let Err(rejected) = placed {
        let problem = Problem::BadOverride { text: setting.path.clone(), reason: rejected.reason };
        context.report(problem, vec![(setting.path_spot.clone(), "here".to_owned())], rejected.help);
    }
}

/// Lays the overrides over `root`, and says which they are; one with several values is a mistake.
pub(super) fn apply(root: &mut Node, overrides: &[String], context: &Context<'_>) -> CommandLine {
    lay_over(root, overrides, context, refuse_several)
}

/// Lays the overrides with one value over `root`, and says which they are; those with several values are axes.
pub(super) fn apply_but_axes(root: &mut Node, overrides: &[String], context: &Context<'_>) -> CommandLine {
    lay_over(root, overrides, context, axis_values)
}

/// Several values of an override, with their places in it.
type Several<'t> = [(usize, &'t str)];

/// What becomes of an override with several values: the arguments are its path, the values, and the number of its text.
type ReadAxis = fn(&str, &Several<'_>, usize) -> Result<Vec<Node>, RejectedOverride>;

/// Lays the overrides with one value over `root`, in their order. Of those with the same path, the last one counts.
fn lay_over(root: &mut Node, overrides: &[String], context: &Context<'_>, read_axis: ReadAxis) -> CommandLine {
    let mut latest: BTreeMap<String, (usize, Parameter)> = BTreeMap::new();
    for (place, text) in overrides.iter().enumerate() {
        let (option, text) = option_and_setting(text);
        let number = context.add_text(option, text);
        let written = text.split_once('=').map_or(text, |(path, _)| path);
        let parameter = WrittenPath::new(written, Some(Spot { text: number, span: 0..written.len() }));
        latest.remove(&parameter.path);
        let several = several(text);
        let applied = if several.is_empty() {
            latest.insert(parameter.path.clone(), (place, Parameter::Single(parameter)));
            apply_one(root, text, number)
        } else {
            read_axis(written, &several, number).map(|values| {
                let path = parameter.path.clone();
                _ = latest.insert(path, (place, Parameter::Axis(CommandLineAxis { parameter, values })));
            })
        };
        note_rejection(applied, text, number, context);
    }
    let mut parameters: Vec<(usize, Parameter)> = latest.into_values().collect();
    parameters.sort_unstable_by_key(|(place, _)| *place);
    let mut line = CommandLine::default();
    for (_, parameter) in parameters {
        match parameter {
            Parameter::Single(single) => line.singles.push(single),
            Parameter::Axis(axis) => line.axes.push(axis),
        }
    }
    line
}

/// What the command line says of one parameter.
enum Parameter {
    Single(WrittenPath),
    Axis(CommandLineAxis),
}

fn axis_values(path: &str, values: &Several<'_>, number: usize) -> Result<Vec<Node>, RejectedOverride> {
    segments(path)?;
    values.iter().map(|(at, value)| value_node(value, *at, number)).collect()
}

fn refuse_several(path: &str, values: &Several<'_>, _number: usize) -> Result<Vec<Node>, RejectedOverride> {
    let end = values.last().map_or(0, |(at, value)| at + value.len());
    Err(RejectedOverride {
        at: (path.len() + 1, end),
        reason: "several values are an axis of a sweep, and here one is needed".to_owned(),
        help: "give one value, or simulate each of them with `gtnet-sim sweep`; a text with commas needs quotes of its own: \
               --set 'path=\"a, b\"'"
            .to_owned(),
    })
}

/// The values of an override that has more than one, with their places; empty if it has only one. Name and question of a
/// scenario are texts in which a comma is a comma.
fn several(text: &str) -> Vec<(usize, &str)> {
    let Some((path, values)) = text.split_once('=') else { return Vec::new() };
    let parts = split_at_commas(values);
    if parts.len() < 2 || path.split('.').next().map(str::trim) == Some("scenario") {
        return Vec::new();
    }
    parts.into_iter().map(|(at, part)| (path.len() + 1 + at, part)).collect()
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

/// An override may begin with the option that has set it, such as `--seed run.seed=7`: errors call it so. Without one, it is
/// `--set`.
fn option_and_setting(text: &str) -> (&str, &str) {
    text.split_once(' ').filter(|(option, _)| option.starts_with("--")).unwrap_or(("--set", text))
}

fn note_rejection(applied: Result<(), RejectedOverride>, text: &str, number: usize, context: &Context<'_>) {
    if let Err(rejected) = applied {
        let problem = Problem::BadOverride { text: text.to_owned(), reason: rejected.reason };
        let spot = Spot { text: number, span: rejected.at.0..rejected.at.1 };
        let noted = context.report(problem, vec![(Some(spot), "here".to_owned())], rejected.help);
        // What it would have set is not missing besides.
        context.give_up(&WrittenPath::new(text.split_once('=').map_or(text, |(path, _)| path), None).path, noted);
    }
}

/// Why an override cannot be applied.
struct RejectedOverride {
    at: (usize, usize),
    reason: String,
    help: String,
}

fn apply_one(root: &mut Node, text: &str, number: usize) -> Result<(), RejectedOverride> {
    let example = EXAMPLE.to_owned();
    let Some((path, value)) = text.split_once('=') else {
        return Err(RejectedOverride { at: (0, text.len()), reason: "it has no `=`".to_owned(), help: example });
    };
    let segments = segments(path)?;
    let node = value_node(value, path.len() + 1, number)?;
    place(root, &segments, node, &origin(number, 0, path.len()))
}

/// A key of a dotted path, and the bytes at which it begins and ends.
type Segment<'p> = (&'p str, (usize, usize));

/// The keys of a dotted path, each with its place.
fn segments(path: &str) -> Result<Vec<Segment<'_>>, RejectedOverride> {
    let example = EXAMPLE.to_owned();
    let mut segments = Vec::new();
    let mut at = 0;
    for segment in path.split('.') {
        let place = (at, at + segment.len());
        let name = segment.trim();
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if name.is_empty() || !name.chars().all(is_name) {
            let reason = if name.is_empty() { "a key is missing".to_owned() } else { format!("`{name}` is not a key") };
            return Err(RejectedOverride { at: place, reason, help: example });
        }
        segments.push((name, place));
        at += segment.len() + 1;
    }
    if segments.len() > MAX_DEPTH {
        return Err(RejectedOverride { at: (0, path.len()), reason: "no key lies so deep".to_owned(), help: example });
    }
    Ok(segments)
}

/// The value as TOML, or else as a bare text.
fn value_node(value: &str, offset: usize, number: usize) -> Result<Node, RejectedOverride> {
    let trimmed = value.trim();
    let start = offset + (value.len() - value.trim_start().len());
    if trimmed.is_empty() {
        return Err(RejectedOverride {
            at: (0, offset),
            reason: "there is no value after the `=`".to_owned(),
            help: "to set an empty text, write \"\"".to_owned(),
        });
    }
    match DeValue::parse(trimmed) {
        Ok(parsed) => {
            let origin = |span: Range<usize>| origin(number, start + span.start, start + span.end);
            Node::of_value(&parsed, &origin).map_err(|TooDeep(span)| RejectedOverride {
                at: (start + span.start, start + span.end),
                reason: format!("this lies in more than {DEEPEST} tables and lists"),
                help: "no value of a scenario lies so deep: remove it".to_owned(),
            })
        }
        Err(error) if trimmed.starts_with(['{', '[', '"', '\'']) => {
            let span = error.span().unwrap_or(0..trimmed.len());
            Err(RejectedOverride {
                at: (start + span.start, start + span.end),
                reason: format!("the value is not TOML: {}", one_line(error.message())),
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
    Origin::at(Spot { text: number, span: from..to })
}

/// Puts `node` where `segments` lead, making tables on the way.
fn place(within: &mut Node, segments: &[Segment<'_>], node: Node, here: &Origin) -> Result<(), RejectedOverride> {
    let Some(((name, at), rest)) = segments.split_first() else {
        *within = node;
        return Ok(());
    };
    let kind = within.kind();
    match &mut within.value {
        Value::Table(table) => {
            let entry = table.entry(name, || {
                let here = here.within(at.0, at.1);
                let node = Node { value: Value::Table(TomlTable::default()), origin: here.clone() };
                Entry { key: (*name).to_owned(), key_origin: here, node }
            });
            place(&mut entry.node, rest, node, here)
        }
        Value::List(items) => {
            let length = items.len();
            match name.parse::<usize>().ok().and_then(|index| items.get_mut(index)) {
                Some(item) => place(item, rest, node, here),
                None => Err(RejectedOverride {
                    at: *at,
                    reason: format!("`{name}` is not the number of an element"),
                    help: format!("this list has {length} elements, counted from 0"),
                }),
            }
        }
        _ => Err(RejectedOverride {
            at: *at,
            reason: format!("`{name}` lies below a value that is {kind}, not a table"),
            help: "set the value above it as a whole".to_owned(),
        }),
    }
}
