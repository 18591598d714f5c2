//! A table that is read key by key: what is asked for but missing, and what is there but was not asked for, is noted
//! when the section is closed.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::context::{Context, Note, Noted, OrNoted};
use super::data::DataRow;
use super::error::Problem;
use super::item::{Item, Read};
use super::resolved::ResolvedValue;
use super::source::{Origin, ValueSource};
use super::suggest;
use super::tree::{Node, TomlTable};

/// A table that is being read.
pub(super) struct Section<'a> {
    context: &'a Context<'a>,
    /// Path of the table that has a header of its own.
    header: String,
    /// Dotted key of this table below the header; empty for the header's own table.
    prefix: String,
    table: Option<&'a TomlTable>,
    asked: Vec<String>,
    missing: Vec<(String, String)>,
    /// The mistake that hides what a data file says of this table, if there is one.
    without_facts: Option<Noted>,
}

/// For at most so many unknown keys a known one is looked for: no table has more keys of its own.
const MOST_MEANT: usize = 100;

impl<'a> Section<'a> {
    /// Begins to read the table `node`, which has the header `[header]`; a table that is absent reads as an empty one.
    pub(super) fn open(context: &'a Context<'a>, header: impl Into<String>, node: Option<&'a Node>) -> Self {
        Self::begin(context, header.into(), String::new(), node)
    }

    fn begin(context: &'a Context<'a>, header: String, prefix: String, node: Option<&'a Node>) -> Self {
        let mut section =
            Self { context, header, prefix, table: None, asked: Vec::new(), missing: Vec::new(), without_facts: None };
        if let Some(node) = node {
            let item = Item::new(context, section.path(), node);
            context.remember_spot(&item.path, node.origin.spot.as_ref());
            section.table = node.table();
            if section.table.is_none() {
                let help = "write its keys below a header in brackets, or in braces: { key = value }";
                context.give_up(&item.path, item.wrong_kind("a table", help));
            }
        }
        section
    }

    /// This section, where a mistake hides what a data file says of the table: a key that the file may have is then not
    /// reported as missing.
    pub(super) fn without_facts(self, without_facts: Option<Noted>) -> Self {
        Self { without_facts, ..self }
    }

    /// Begins to read the table below `key`.
    pub(super) fn section(&mut self, key: &str) -> Self {
        let node = self.node(key);
        Self::begin(self.context, self.header.clone(), self.dotted(key), node)
    }

    /// An empty table below `key`, where a short form stands in its place.
    pub(super) fn absent_section(&mut self, key: &str) -> Self {
        self.asked.push(key.to_owned());
        Self::begin(self.context, self.header.clone(), self.dotted(key), None)
    }

    /// `node` in the place of this table.
    pub(super) fn as_item(&self, node: Cow<'a, Node>) -> Item<'a> {
        Item { context: self.context, path: self.path(), key_spot: None, node }
    }

    pub(super) fn context(&self) -> &'a Context<'a> {
        self.context
    }

    /// The path of this table.
    pub(super) fn path(&self) -> String {
        if self.prefix.is_empty() { self.header.clone() } else { format!("{}.{}", self.header, self.prefix) }
    }

    fn dotted(&self, key: &str) -> String {
        if self.prefix.is_empty() { key.to_owned() } else { format!("{}.{key}", self.prefix) }
    }

    /// What stands below `key`, which is known from now on.
    pub(super) fn node(&mut self, key: &str) -> Option<&'a Node> {
        self.asked.push(key.to_owned());
        self.table.and_then(|table| table.get(key))
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.table.is_some_and(|table| table.get(key).is_some())
    }

    /// Reads `key`, which must be there; `example` shows in TOML what may stand there.
    pub(super) fn required<T>(
        &mut self,
        key: &str,
        example: &str,
        read: impl FnOnce(&Item<'a>) -> OrNoted<Read<T>>,
    ) -> OrNoted<T> {
        match self.node(key) {
            Some(node) => self.settle(key, Cow::Borrowed(node), read),
            None => Err(self.lacks(key, example)),
        }
    }

    /// Reads `key`, which may be left out.
    pub(super) fn optional<T>(
        &mut self,
        key: &str,
        read: impl FnOnce(&Item<'a>) -> OrNoted<Read<T>>,
    ) -> OrNoted<Option<T>> {
        self.node(key).map(|node| self.settle(key, Cow::Borrowed(node), read)).transpose()
    }

    /// Promises to report `key` as missing. All missing keys are one mistake, noted when the section is closed.
    pub(super) fn lacks(&mut self, key: &str, example: &str) -> Noted {
        self.asked.push(key.to_owned());
        self.missing.push((key.to_owned(), example.to_owned()));
        self.context.owe()
    }

    /// Reads `key`, which is `toml` if it is not there.
    pub(super) fn default<T>(
        &mut self,
        key: &str,
        toml: &str,
        read: impl FnOnce(&Item<'a>) -> OrNoted<Read<T>>,
    ) -> OrNoted<T> {
        let origin = Origin { source: ValueSource::Default, spot: None };
        self.given(key, toml, &origin, read)
    }

    /// Reads `key`, which is `toml` of the given origin if it is not there.
    pub(super) fn given<T>(
        &mut self,
        key: &str,
        toml: &str,
        origin: &Origin,
        read: impl FnOnce(&Item<'a>) -> OrNoted<Read<T>>,
    ) -> OrNoted<T> {
        match self.node(key) {
            Some(node) => self.settle(key, Cow::Borrowed(node), read),
            None => self.settle(key, Cow::Owned(Node::given(toml, origin)), read),
        }
    }

    /// Reads `key`, which is the `fact` of a data file if it is not there, and must be there if there is no fact.
    pub(super) fn row_or_required<T>(
        &mut self,
        key: &str,
        fact: Option<(String, &DataRow)>,
        example: &str,
        read: impl FnOnce(&Item<'a>) -> OrNoted<Read<T>>,
    ) -> OrNoted<T> {
        match (fact, self.without_facts) {
            (Some((toml, row)), _) => self.given(key, &toml, &row.origin, read),
            // It may be in the data file that cannot be read.
            (None, Some(noted)) if !self.has(key) => {
                self.asked.push(key.to_owned());
                Err(noted)
            }
            _ => self.required(key, example, read),
        }
    }

    /// Reads `key`, which is the `fact` of a data file if it is not there, and `toml` if there is no fact.
    pub(super) fn row_or_default<T>(
        &mut self,
        key: &str,
        fact: Option<(String, &DataRow)>,
        toml: &str,
        read: impl FnOnce(&Item<'a>) -> OrNoted<Read<T>>,
    ) -> OrNoted<T> {
        match fact {
            Some((toml, row)) => self.given(key, &toml, &row.origin, read),
            None => self.default(key, toml, read),
        }
    }

    /// Reads a value and notes what it resolves to.
    pub(super) fn settle<T>(
        &self,
        key: &str,
        node: Cow<'a, Node>,
        read: impl FnOnce(&Item<'a>) -> OrNoted<Read<T>>,
    ) -> OrNoted<T> {
        let item = Item { context: self.context, path: format!("{}.{key}", self.path()), key_spot: None, node };
        self.context.remember_spot(&item.path, item.node.origin.spot.as_ref());
        let Read { value, toml } = read(&item)?;
        let source = item.node.source();
        self.context.resolve(ResolvedValue { table: self.header.clone(), key: self.dotted(key), value: toml, source });
        Ok(value)
    }

    /// Notes the missing keys only, as [`Section::close_among`]: which others may stand here is not known.
    pub(super) fn close_without_keys<'n>(mut self, siblings: impl IntoIterator<Item = &'n str>) {
        let owed = self.missing.len();
        self.report_missing(siblings);
        self.context.settle(owed);
    }

    /// Notes the missing and the unknown keys.
    pub(super) fn close(self) {
        self.close_among([]);
    }

    /// As [`Section::close`], for a table whose name the user chooses. If it lacks at least as many keys as it has, its name
    /// is perhaps a misspelt one of `siblings`, and the remedy says so.
    pub(super) fn close_among<'n>(mut self, siblings: impl IntoIterator<Item = &'n str>) {
        let mut asked = BTreeSet::new();
        // A key that is missing has been asked for twice.
        let known: Vec<&str> = self.asked.iter().map(String::as_str).filter(|key| asked.insert(*key)).collect();
        let entries = self.table.iter().flat_map(|table| table.entries());
        let owed = self.missing.len();
        for (number, entry) in entries.filter(|entry| !asked.contains(entry.key.as_str())).enumerate() {
            let spot = &entry.key_origin.spot;
            let noted = self.context.report_one_of_many(spot.as_ref(), || Note {
                problem: Problem::UnknownKey { table: self.path(), key: entry.key.clone() },
                labels: vec![(spot.clone(), "unknown key".to_owned())],
                help: suggest::key_remedy(&entry.key, &known),
            });
            // A key that is there under a wrong name is one mistake, not two.
            let meant = if number < MOST_MEANT { suggest::meant_key(&entry.key, &known) } else { None };
            if let Some(meant) = meant {
                self.missing.retain(|(key, _)| key != meant);
                self.context.give_up(&format!("{}.{meant}", self.path()), noted);
            }
        }
        self.report_missing(siblings);
        self.context.settle(owed);
    }

    /// The path of the sibling whose name was probably misspelt.
    fn meant<'n>(&self, siblings: impl IntoIterator<Item = &'n str>) -> Option<String> {
        // Nobody reads so many suggestions, and each is looked for among all names.
        const MOST_SUGGESTIONS: usize = 100;
        let (table, name) = self.header.split_once('.')?;
        let has_little = self.table.is_some_and(|table| table.entries().len() <= self.missing.len());
        if !has_little || self.context.mistakes() >= MOST_SUGGESTIONS {
            return None;
        }
        let nearest = suggest::nearest(name, siblings.into_iter().filter(|sibling| *sibling != name))?;
        Some(format!("{table}.{nearest}"))
    }

    fn report_missing<'n>(&mut self, siblings: impl IntoIterator<Item = &'n str>) {
        let path = self.path();
        self.missing.retain(|(key, _)| self.context.given_up(&format!("{path}.{key}")).is_none());
        if self.missing.is_empty() || self.context.given_up(&path).is_some() {
            return;
        }
        let keys: Vec<&str> = self.missing.iter().map(|(key, _)| key.as_str()).collect();
        let keys = suggest::list(&keys);
        let example = |(key, example): &(String, String)| format!("{key} = {example}");
        let mut lines: Vec<String> = self.missing.iter().map(example).collect();
        let table = self.path();
        let problem = if self.table.is_none() && self.prefix.is_empty() {
            lines.insert(0, format!("[{table}]"));
            Problem::MissingTable { table, keys }
        } else {
            Problem::MissingKeys { table, keys }
        };
        let example = format!("add, for example:\n{}", lines.join("\n"));
        let help = match self.meant(siblings) {
            Some(meant) => format!("did you mean `{meant}`? If not, {example}"),
            None => example,
        };
        let place = self.context.spot(&self.path());
        self.context.report(problem, vec![(place, "this table".to_owned())], help);
    }
}
