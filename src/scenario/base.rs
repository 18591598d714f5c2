//! The document of a scenario: its file, laid over the file that it starts from (`base`), over the one that this starts
//! from, and so on. Every value keeps the place where it is written.

use std::borrow::Cow;
use std::ops::Range;

use toml::de::DeTable;

use super::context::{Context, OrNoted};
use super::error::Problem;
use super::excerpt::one_line;
use super::folder::{self, join, split};
use super::inherited::{inherit_uncertain, uncertain_tables};
use super::item::Item;
use super::limits;
use super::marks;
use super::source::{LineStarts, Origin, Spot, ValueSource};
use super::tree::{DEEPEST, Node, TooDeep, Value};

/// At most so many files may lie below a scenario.
const MOST_BASES: usize = 8;

/// The tree of `text`, the scenario `file`, laid over its bases; or else one of them cannot be read.
pub(super) fn document(context: &Context<'_>, file: &str, text: &str) -> OrNoted<Node> {
    let (folder, name) = split(file);
    let own = |line| ValueSource::File { line };
    let mut layers = vec![Layer { path: name.to_owned(), root: parse(context, file, text, &own)? }];
    while let Some(base) = base(context, layers.last().expect("the scenario itself is there"))? {
        layers.push(layer(context, folder, &layers, &base)?);
    }
    let mut root = layers.pop().expect("the scenario itself is there").root;
    while let Some(above) = layers.pop() {
        // Name and question are not inherited.
        if let Value::Table(tables) = &mut root.value {
            tables.remove("scenario");
        }
        let has_own = !uncertain_tables(&above.root).is_empty();
        let below = if has_own { uncertain_tables(&root).to_vec() } else { Vec::new() };
        lay_over(context, &mut root, above.root);
        inherit_uncertain(&mut root, &below);
    }
    Ok(root)
}

/// A file of the chain.
struct Layer {
    /// Path from the folder of the scenario.
    path: String,
    root: Node,
}

/// The file that another one starts from.
struct Base<'a> {
    /// Path from the folder of the scenario.
    path: String,
    /// Where the other file names it.
    item: Item<'a>,
}

/// The file from which `layer` starts, if it starts from one.
fn base<'a>(context: &'a Context<'a>, layer: &Layer) -> OrNoted<Option<Base<'a>>> {
    let named = layer.root.table().and_then(|tables| tables.get("scenario")?.table()?.get("base"));
    let Some(node) = named.cloned() else { return Ok(None) };
    let item = Item { context, path: "scenario.base".to_owned(), key_spot: None, node: Cow::Owned(node) };
    let written = item.text()?.value;
    Ok(Some(Base { path: join(split(&layer.path).0, &written), item }))
}

/// The base of the last of `layers`. `folder` is that of the scenario.
fn layer(context: &Context<'_>, folder: &str, layers: &[Layer], base: &Base<'_>) -> OrNoted<Layer> {
    let mut chain: Vec<&str> = layers.iter().map(|layer| layer.path.as_str()).collect();
    if chain.contains(&base.path.as_str()) {
        chain.push(&base.path);
        let problem = Problem::BaseCycle { cycle: chain.join(" → ") };
        return Err(base.item.report(problem, "leads back", "start from a file that stands on its own"));
    }
    if layers.len() > MOST_BASES {
        let help = "start from a file that is nearer to the end of the chain";
        return Err(base.item.report(Problem::BaseTooDeep { most: MOST_BASES }, "one file too many", help));
    }
    let text = read(context, base)?;
    let source = |line| ValueSource::Base { file: base.path.clone(), line };
    context.add_folder(context.texts(), split(&base.path).0);
    let root = parse(context, &join(folder, &base.path), &text, &source)?;
    Ok(Layer { path: base.path.clone(), root })
}

fn read(context: &Context<'_>, base: &Base<'_>) -> OrNoted<String> {
    let path = base.path.clone();
    let problem = match context.files.read(&base.path) {
        // The path of the folder itself has no parts.
        _ if path.is_empty() => Problem::BaseUnreadable { path: ".".to_owned(), reason: folder::IS_FOLDER.to_owned() },
        Ok(Some(text)) => match limits::excess(text.len() as u64, limits::values(&text)) {
            None => return Ok(text),
            Some(excess) => Problem::BaseUnreadable { path, reason: format!("it has {excess}") },
        },
        Ok(None) => Problem::BaseMissing { path },
        Err(error) => Problem::BaseUnreadable { path, reason: folder::unreadable_reason(&error) },
    };
    let help = "write the path of a scenario file, from the folder of the file that names it";
    Err(base.item.report(problem, "named here", help))
}

/// The tree of a file, which errors call `name`.
fn parse(context: &Context<'_>, name: &str, text: &str, source: &dyn Fn(usize) -> ValueSource) -> OrNoted<Node> {
    let number = context.add_text(name, text);
    context.mark(marks::marked_lines(text, source));
    let refuse = |message: String, span, help: &str| {
        let spot = Spot { text: number, span };
        context.report(Problem::Syntax { message }, vec![(Some(spot), "here".to_owned())], help)
    };
    let document = match DeTable::parse(text) {
        Ok(document) => document,
        Err(error) => {
            let help = if error.message().contains("duplicate key") {
                "write each key and each header once: join the two"
            } else {
                "a scenario consists of lines such as `seed = 42` below headers such as [run]; texts are quoted"
            };
            return Err(refuse(one_line(error.message()), error.span().unwrap_or(0..0), help));
        }
    };
    let lines = LineStarts::of(text);
    let origin = |span: Range<usize>| Origin {
        source: source(lines.number(span.start)),
        spot: Some(Spot { text: number, span }),
    };
    Node::of_document(&document, &origin).map_err(|TooDeep(span)| {
        let message = format!("this lies in more than {DEEPEST} tables and lists");
        refuse(message, span, "no value of a scenario lies so deep: remove it")
    })
}

/// Lays `over` over `under`: tables with headers or dotted keys are merged key by key, all else is replaced as a whole.
fn lay_over(context: &Context<'_>, under: &mut Node, over: Node) {
    if is_in_braces(context, &over) {
        *under = over;
        return;
    }
    match (&mut under.value, over.value) {
        (Value::Table(below), Value::Table(above)) => {
            for entry in above.into_entries() {
                match below.entry_of(&entry.key) {
                    Some(known) => {
                        known.key_origin = entry.key_origin;
                        lay_over(context, &mut known.node, entry.node);
                    }
                    None => below.push(entry),
                }
            }
            under.origin = over.origin;
        }
        (_, value) => *under = Node { value, origin: over.origin },
    }
}

/// Whether a table is written as a value, in braces: a value is replaced as a whole.
fn is_in_braces(context: &Context<'_>, node: &Node) -> bool {
    let Some(spot) = &node.origin.spot else { return false };
    node.table().is_some() && context.text(spot.text).content[spot.span.start..].starts_with('{')
}
