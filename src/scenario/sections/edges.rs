//! Reads pairs of instances that know each other, from a file, a list or a text. A pair that names an unknown instance, or is
//! there twice, is noted. Of each pair only two numbers and its place are kept, as there may be millions.

use std::fmt::Write as _;

use super::groups::Group;
use crate::model::config::PeerSelection;
use crate::scenario::context::{Note, OrNoted};
use crate::scenario::error::Problem;
use crate::scenario::folder::{unreadable_help, unreadable_reason};
use crate::scenario::item::{Item, Read, quoted};
use crate::scenario::rows;
use crate::scenario::source::Spot;

/// The groups whose instances ask and are asked.
type Ends<'g> = [&'g Group; 2];

/// The pairs of a data file with the columns `from,to`.
pub(super) fn of_file(item: &Item<'_>, ends: OrNoted<Ends<'_>>) -> OrNoted<Read<PeerSelection>> {
    let name = item.context.beside(item.spot().as_ref(), &item.text()?.value);
    let (problem, help) = match item.context.files.read(&name) {
        Ok(Some(text)) => {
            let mut edges = Edges::new(item, ends);
            let read = rows::read(item.context, &name, text, &["from", "to"], |fields| {
                let [from, to] = [0, 1].map(|column| fields.get(column).unwrap_or_default());
                edges.add(from, to, &fields.spot);
            });
            return edges.finish(read);
        }
        Ok(None) => {
            let help =
                "the file is looked for in the folder of the file that names it; its columns are from,to".to_owned();
            (Problem::FileMissing { name }, help)
        }
        Err(error) => (Problem::FileUnreadable { name, reason: unreadable_reason(&error) }, unreadable_help(&error)),
    };
    Err(item.report(problem, "named here", help))
}

/// The pairs of a list, `[["client-1", "hub-1"]]`, or of a text, `"client-1 hub-1; client-2 hub-1"`.
pub(super) fn of_value(item: &Item<'_>, ends: OrNoted<Ends<'_>>) -> OrNoted<Read<PeerSelection>> {
    let mut edges = Edges::new(item, ends);
    let read = match item.as_text() {
        Some(text) => add_text(item, text, &mut edges),
        None => add_list(item, &mut edges),
    };
    edges.finish(read)
}

/// Adds the pairs of a list.
fn add_list(item: &Item<'_>, edges: &mut Edges<'_, '_>) -> OrNoted<()> {
    let wrong =
        |item: &Item<'_>, what| item.wrong_kind(what, "write [[\"client-1\", \"hub-1\"], [\"client-2\", \"hub-1\"]]");
    let elements = item.elements().ok_or_else(|| wrong(item, "a list of pairs of instances"))?;
    let mut read = Ok(());
    for element in &elements {
        let names = element.elements().unwrap_or_default();
        if let [from, to] = names.as_slice() {
            match (from.text(), to.text(), element.spot()) {
                (Ok(from), Ok(to), Some(spot)) => edges.add(&from.value, &to.value, &spot),
                (Err(noted), ..) | (_, Err(noted), _) => read = Err(noted),
                (.., None) => unreachable!("no default has edges"),
            }
        } else {
            read = Err(wrong(element, "a pair of instances"));
        }
    }
    read
}

/// Adds the pairs of a text.
fn add_text(item: &Item<'_>, text: &str, edges: &mut Edges<'_, '_>) -> OrNoted<()> {
    let whole = item.spot().expect("no default has edges");
    // Where a text without escapes begins behind its quote.
    let content = item.context.text(whole.text).content;
    let begin = content.get(whole.span.clone()).and_then(|written| written.find(text)).map(|at| whole.span.start + at);
    let mut read = Ok(());
    let mut at = 0;
    for part in text.split(';') {
        let spot = begin.map_or_else(
            || whole.clone(),
            |begin| Spot { text: whole.text, span: begin + at..begin + at + part.len() },
        );
        at += part.len() + 1;
        let mut names = part.split_whitespace();
        match (names.next(), names.next(), names.next()) {
            (Some(from), Some(to), None) => edges.add(from, to, &spot),
            // Behind the last pair, too, there may be a semicolon.
            (None, _, _) => {}
            _ => {
                read = Err(item.context.report_one_of_many(Some(&spot), || Note {
                    problem: Problem::NotUnderstood {
                        path: item.path.clone(),
                        text: part.trim().to_owned(),
                        expected: "a pair of instances".to_owned(),
                    },
                    labels: vec![(Some(spot.clone()), "not a pair".to_owned())],
                    help: "write pairs such as \"client-1 hub-1; client-2 hub-1\"".to_owned(),
                }));
            }
        }
    }
    read
}

/// A pair as numbers within the two groups, and where it is written: the text, and the first and last byte.
type Edge = ((u32, u32), (usize, usize, usize));

/// Pairs while they are read.
struct Edges<'e, 'a> {
    item: &'e Item<'a>,
    ends: OrNoted<Ends<'e>>,
    found: Vec<Edge>,
    is_empty: bool,
    noted: OrNoted<()>,
}

impl<'e, 'a> Edges<'e, 'a> {
    fn new(item: &'e Item<'a>, ends: OrNoted<Ends<'e>>) -> Self {
        Self { item, ends, found: Vec::new(), is_empty: true, noted: Ok(()) }
    }

    /// Adds a pair; notes instances that do not exist, and one that would ask itself.
    fn add(&mut self, from: &str, to: &str, spot: &Spot) {
        self.is_empty = false;
        let Ok([asking, asked]) = self.ends else { return };
        match (self.instance(from, asking, spot), self.instance(to, asked, spot)) {
            (Ok(first), Ok(second)) if asking.name == asked.name && first == second => {
                self.refuse(spot, || format!("`{from}` would ask itself"), None);
            }
            (Ok(first), Ok(second)) => self.found.push(((first, second), (spot.text, spot.span.start, spot.span.end))),
            (Err(noted), _) | (_, Err(noted)) => self.noted = Err(noted),
        }
    }

    /// Index of the instance `name` within `group`.
    fn instance(&self, name: &str, group: &Group, spot: &Spot) -> OrNoted<u32> {
        let number = name.strip_prefix(&group.name).and_then(|rest| rest.strip_prefix('-'));
        let number = number.filter(|number| !number.starts_with(['0', '+']));
        let number: Option<u32> = number.and_then(|number| number.parse().ok());
        // Of a group that has a mistake of its own, the number of instances is not known.
        let count = group.config().map_or(u32::MAX, |config| config.count);
        if let Some(number) = number.filter(|number| (1..=count).contains(number)) {
            return Ok(number - 1);
        }
        Err(self.item.context.report_one_of_many(Some(spot), || Note {
            problem: if name.is_empty() {
                Problem::Contradiction { what: "this pair names only one instance".to_owned() }
            } else {
                Problem::UnknownName { path: self.item.path.clone(), kind: "instance", name: name.to_owned() }
            },
            labels: vec![(Some(spot.clone()), "this pair".to_owned())],
            help: match count {
                u32::MAX => format!("the instances of `{0}` are `{0}-1`, `{0}-2` and so on", group.name),
                1 => format!("the only instance of `{0}` is `{0}-1`", group.name),
                _ => format!("the instances of `{0}` are `{0}-1` to `{0}-{count}`", group.name),
            },
        }))
    }

    /// Notes what is wrong with the pair at `spot`, and where the other one is that makes it wrong.
    fn refuse(&mut self, spot: &Spot, what: impl FnOnce() -> String, first: Option<Spot>) {
        let first = first.map(|first| (Some(first), "the first one".to_owned()));
        self.noted = Err(self.item.context.report_one_of_many(Some(spot), || Note {
            problem: Problem::Contradiction { what: what() },
            labels: std::iter::once((Some(spot.clone()), "this pair".to_owned())).chain(first).collect(),
            help: "remove it".to_owned(),
        }));
    }

    /// The pairs in ascending order, if their source was `read`; notes those that are there twice, and that there are none.
    fn finish(mut self, read: OrNoted<()>) -> OrNoted<Read<PeerSelection>> {
        self.noted = self.noted.and(read);
        if self.is_empty && read.is_ok() {
            let path = self.item.path.clone();
            let help = "name at least one pair of instances".to_owned();
            return Err(self.item.report(Problem::Empty { path }, "no pairs", help));
        }
        let [asking, asked] = self.ends?;
        let mut found = std::mem::take(&mut self.found);
        found.sort_unstable();
        let name = |group: &Group, index: u32| format!("{}-{}", group.name, index + 1);
        let spot = |edge: &Edge| Spot { text: edge.1.0, span: edge.1.1..edge.1.2 };
        for pair in found.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
            let (from, to) = pair[0].0;
            let what = || format!("`{}` and `{}` are listed twice", name(asking, from), name(asked, to));
            self.refuse(&spot(&pair[1]), what, Some(spot(&pair[0])));
        }
        self.noted?;
        let edges: Vec<(u32, u32)> = found.into_iter().map(|(edge, _)| edge).collect();
        let mut text = String::new();
        for (from, to) in &edges {
            let gap = if text.is_empty() { "" } else { "; " };
            write!(text, "{gap}{} {}", name(asking, *from), name(asked, *to)).expect("writing into memory");
        }
        let toml = format!("{{ edges = {} }}", quoted(&text));
        Read::new(PeerSelection::Edges(edges), toml)
    }
}
