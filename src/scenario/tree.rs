//! A TOML document as a tree of which every node knows where it comes from, so that files, overrides, defaults and data
//! files are read by the same code.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::source::{Origin, ValueSource};

/// A value, and where it comes from.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) value: Value,
    pub(super) origin: Origin,
}

/// A TOML value.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Text(String),
    Integer(i128),
    Real(f64),
    Boolean(bool),
    Date(String),
    List(Vec<Node>),
    Table(TomlTable),
}

/// Tables with more entries than this have an index.
const FEW: usize = 32;

/// How deep values may be nested: reading, printing and dropping them recurse as deep.
pub(super) const DEEPEST: usize = 64;

/// The entries of a table, in the order in which they are written.
#[derive(Clone, Debug, Default)]
pub(super) struct TomlTable {
    entries: Vec<Entry>,
    /// Place of each key, if there are more than a few.
    index: BTreeMap<String, usize>,
}

/// A key and its value.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) key_origin: Origin,
    pub(super) node: Node,
}

impl TomlTable {
    /// A table of these entries, each key once.
    fn of(entries: Vec<Entry>) -> Self {
        let mut table = Self { entries, index: BTreeMap::new() };
        table.make_index();
        table
    }

    fn make_index(&mut self) {
        let is_large = self.entries.len() > FEW;
        let places = self.entries.iter().enumerate().filter(|_| is_large);
        self.index = places.map(|(at, entry)| (entry.key.clone(), at)).collect();
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(super) fn into_entries(self) -> Vec<Entry> {
        self.entries
    }

    fn position(&self, key: &str) -> Option<usize> {
        if self.entries.len() > FEW {
            return self.index.get(key).copied();
        }
        self.entries.iter().position(|entry| entry.key == key)
    }

    /// The keys, in the order in which they are written.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.key.as_str())
    }

    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        self.position(key).map(|at| &self.entries[at].node)
    }

    /// The entry of `key`, which is made of `new` if there is none yet.
    pub(super) fn entry(&mut self, key: &str, new: impl FnOnce() -> Entry) -> &mut Entry {
        let at = self.position(key).unwrap_or_else(|| {
            self.push(new());
            self.entries.len() - 1
        });
        &mut self.entries[at]
    }

    /// The entry of `key`.
    pub(super) fn entry_of(&mut self, key: &str) -> Option<&mut Entry> {
        self.position(key).map(|at| &mut self.entries[at])
    }

    /// Adds an entry with a new key.
    pub(super) fn push(&mut self, entry: Entry) {
        if self.index.is_empty() {
            self.entries.push(entry);
            self.make_index();
        } else {
            self.index.insert(entry.key.clone(), self.entries.len());
            self.entries.push(entry);
        }
    }

    /// Takes out the entry of `key`.
    pub(super) fn remove(&mut self, key: &str) {
        self.entries.retain(|entry| entry.key != key);
        self.make_index();
    }

    /// A table by its first keys.
    fn kind(&self) -> String {
        const SHOWN: usize = 3;
        let mut keys: Vec<String> = self.keys().take(SHOWN).map(|key| format!("`{key}`")).collect();
        if self.entries.len() > SHOWN {
            keys.push("more".to_owned());
        }
        match keys.split_last() {
            None => "an empty table".to_owned(),
            Some((only, [])) => format!("a table with {only}"),
            Some((last, rest)) => format!("a table with {} and {last}", rest.join(", ")),
        }
    }
}

/// A value lies deeper than [`DEEPEST`]; where.
#[derive(Debug)]
pub(super) struct TooDeep(pub(super) Range<usize>);

impl Node {
    /// The tree of a document; `origin` says where a span comes from.
    pub(super) fn of_document(
        document: &Spanned<DeTable<'_>>,
        origin: &dyn Fn(Range<usize>) -> Origin,
    ) -> Result<Self, TooDeep> {
        Ok(Self { value: Value::Table(table(document.get_ref(), origin, 1)?), origin: origin(document.span()) })
    }

    /// The tree of a single value.
    pub(super) fn of_value(
        value: &Spanned<DeValue<'_>>,
        origin: &dyn Fn(Range<usize>) -> Origin,
    ) -> Result<Self, TooDeep> {
        Self::at_depth(value, origin, 0)
    }

    fn at_depth(
        value: &Spanned<DeValue<'_>>,
        origin: &dyn Fn(Range<usize>) -> Origin,
        depth: usize,
    ) -> Result<Self, TooDeep> {
        if depth >= DEEPEST {
            return Err(TooDeep(value.span()));
        }
        let own = origin(value.span());
        let value = match value.get_ref() {
            DeValue::String(text) => Value::Text(text.to_string()),
            // An integer beyond 128 bits is out of every range; only its sign matters.
            DeValue::Integer(integer) => {
                let beyond = if integer.as_str().starts_with('-') { i128::MIN } else { i128::MAX };
                Value::Integer(i128::from_str_radix(integer.as_str(), integer.radix()).unwrap_or(beyond))
            }
            DeValue::Float(float) => Value::Real(float.as_str().parse().unwrap_or(f64::NAN)),
            DeValue::Boolean(boolean) => Value::Boolean(*boolean),
            DeValue::Datetime(date) => Value::Date(date.to_string()),
            DeValue::Array(items) => {
                let items = items.iter().map(|item| Self::at_depth(item, origin, depth + 1));
                Value::List(items.collect::<Result<_, _>>()?)
            }
            DeValue::Table(entries) => Value::Table(table(entries, origin, depth + 1)?),
        };
        Ok(Self { value, origin: own })
    }

    /// The value that the TOML text `toml` of the simulator's own writes.
    ///
    /// # Panics
    ///
    /// If `toml` is not a TOML value: the simulator wrote it.
    pub(super) fn given(toml: &str, origin: &Origin) -> Self {
        let value = DeValue::parse(toml).unwrap_or_else(|error| panic!("`{toml}` is not TOML: {error}"));
        Self::of_value(&value, &|_| origin.clone()).expect("the simulator writes no deep values")
    }

    pub(super) fn table(&self) -> Option<&TomlTable> {
        match &self.value {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }

    pub(super) fn list(&self) -> Option<&[Self]> {
        match &self.value {
            Value::List(list) => Some(list),
            _ => None,
        }
    }

    /// What the value is, with its article; closely enough that it is never what was asked for.
    pub(super) fn kind(&self) -> String {
        match &self.value {
            Value::Text(_) => "a text".to_owned(),
            Value::Integer(_) => "a whole number".to_owned(),
            Value::Real(_) => "a number with a point".to_owned(),
            Value::Boolean(value) => value.to_string(),
            Value::Date(_) => "a date".to_owned(),
            Value::List(items) if items.is_empty() => "an empty list".to_owned(),
            Value::List(items) => format!("a list of {}", items.len()),
            Value::Table(table) => table.kind(),
        }
    }

    /// Where the value comes from; an override of a part makes the whole one of the command line's.
    pub(super) fn source(&self) -> ValueSource {
        if self.is_overridden() { ValueSource::CommandLine } else { self.origin.source.clone() }
    }

    fn is_overridden(&self) -> bool {
        self.origin.source == ValueSource::CommandLine
            || match &self.value {
                Value::List(items) => items.iter().any(Self::is_overridden),
                Value::Table(table) => table.entries.iter().any(|entry| entry.node.is_overridden()),
                _ => false,
            }
    }
}

fn table(entries: &DeTable<'_>, origin: &dyn Fn(Range<usize>) -> Origin, depth: usize) -> Result<TomlTable, TooDeep> {
    let mut spans_and_entries: Vec<_> = entries.iter().collect();
    // The parser sorts by name; people read groups in the order in which they wrote them.
    spans_and_entries.sort_by_key(|(key, _)| key.span().start);
    let entry = |(key, value): (&Spanned<DeString<'_>>, &Spanned<DeValue<'_>>)| {
        let node = Node::at_depth(value, origin, depth)?;
        Ok(Entry { key: key.get_ref().to_string(), key_origin: origin(key.span()), node })
    };
    Ok(TomlTable::of(spans_and_entries.into_iter().map(entry).collect::<Result<_, _>>()?))
}
