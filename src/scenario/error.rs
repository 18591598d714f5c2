//! What can be wrong with a scenario, in the words that its author reads: what, where, and the remedy.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode};
use thiserror::Error;

use super::excerpt::excerpt;

/// Why there is no scenario.
#[derive(Debug, Error, Diagnostic)]
pub enum ScenarioError {
    /// The file could not be read.
    #[error("cannot read the scenario `{}`", path.display())]
    #[diagnostic(help("give the path of a scenario file; relative paths start at the current folder"))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        cause: io::Error,
    },
    /// The file is too large to be a scenario.
    #[error("`{}` has {excess}", path.display())]
    #[diagnostic(help(
        "is this the right file? Long lists of peers belong in a CSV file: select = {{ file = \"edges.csv\" }}"
    ))]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// What it has too much of, and the limit, in words.
        excess: String,
    },
    /// The file is not UTF-8.
    #[error("`{}` is not a text in UTF-8: line {line} holds the byte 0x{byte:02X}", path.display())]
    #[diagnostic(help("a scenario is a TOML file; save it as UTF-8"))]
    NotText {
        /// The file.
        path: PathBuf,
        /// Line of the first byte that is not UTF-8, from 1.
        line: usize,
        /// That byte.
        byte: u8,
    },
    /// The text has mistakes.
    #[error("`{file}` has {}", mistakes_in_words(*count))]
    Invalid {
        /// Name of the scenario file.
        file: String,
        /// The first ones, in the order of the text; not empty.
        #[related]
        mistakes: Vec<Mistake>,
        /// How many there are, those of `mistakes` included.
        count: usize,
    },
}

fn mistakes_in_words(count: usize) -> String {
    if count == 1 { "1 mistake".to_owned() } else { format!("{count} mistakes") }
}

/// One mistake: what is wrong, where, and what to do.
#[derive(Debug, Error)]
#[error("{}", excerpt(&problem.to_string()))]
pub struct Mistake {
    /// What is wrong.
    pub problem: Problem,
    /// What to do about it; never empty.
    pub help: String,
    pub(super) labels: Vec<LabeledSpan>,
    pub(super) text: Option<NamedSource<Arc<str>>>,
}

impl Diagnostic for Mistake {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.help))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.text.as_ref().map(|text| text as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}

/// What is wrong. Paths are dotted, as `--set` takes them.
#[derive(Clone, Debug, Error, PartialEq)]
#[expect(missing_docs, reason = "each message says what its fields are")]
pub enum Problem {
    #[error("this is not TOML: {message}")]
    Syntax { message: String },
    #[error("the file `{path}`, from which this one starts, does not exist")]
    BaseMissing { path: String },
    #[error("the file `{path}`, from which this one starts, cannot be read: {reason}")]
    BaseUnreadable { path: String, reason: String },
    #[error("these files start from each other: {cycle}")]
    BaseCycle { cycle: String },
    #[error("more than {most} files lie below this scenario, each the one that another starts from")]
    BaseTooDeep { most: usize },
    #[error("a scenario has no table `[{key}]`")]
    UnknownTable { key: String },
    #[error("`{table}` has no key `{key}`")]
    UnknownKey { table: String, key: String },
    #[error("there is no table `[{table}]`, which must have {keys}")]
    MissingTable { table: String, keys: String },
    #[error("`{table}` lacks {keys}")]
    MissingKeys { table: String, keys: String },
    #[error("`{path}` must be {expected}, not {found}")]
    WrongKind { path: String, expected: String, found: String },
    #[error("`{path}` needs a unit")]
    NeedsUnit { path: String },
    #[error("`{path}` has the unknown unit `{unit}`")]
    UnknownUnit { path: String, unit: String },
    #[error("`{path}` is `{text}`, which is not {expected}")]
    NotUnderstood { path: String, text: String, expected: String },
    #[error("`{path}` is {value}, but must be {allowed}")]
    OutOfRange { path: String, value: String, allowed: String },
    #[error("`{path}` cannot be `{value}`")]
    UnknownChoice { path: String, value: String },
    #[error("`{path}` names the unknown {kind} `{name}`")]
    UnknownName { path: String, kind: &'static str, name: String },
    #[error("`{path}` is empty")]
    Empty { path: String },
    #[error("`{path}` holds {what}, which cannot be read")]
    Hidden { path: String, what: String },
    #[error("`{name}` {reason}")]
    BadName { name: String, reason: String },
    #[error("`{text}` cannot be set: {reason}")]
    BadOverride { text: String, reason: String },
    #[error("the data file `{name}` does not exist")]
    FileMissing { name: String },
    #[error("the data file `{name}` cannot be read: {reason}")]
    FileUnreadable { name: String, reason: String },
    #[error("`{name}` has a header that is not understood: {reason}")]
    BadHeader { name: String, reason: String },
    #[error("`{name}` has a row that is not understood: {reason}")]
    BadRow { name: String, reason: String },
    #[error("`{name}` has two rows for `{key}`")]
    RepeatedRow { name: String, key: String },
    #[error("the resolved scenario, which must be readable again, has {excess}")]
    ResolvedTooLarge { excess: String },
    #[error("the warm-up of {warmup} leaves nothing of the duration of {duration} to measure")]
    WarmupTooLong { warmup: String, duration: String },
    #[error("there are no instruments")]
    NoInstruments,
    #[error("a group needs at least one instance: `{group}` has 0")]
    EmptyGroup { group: String },
    #[error("the group `{group}` has no peers")]
    NoPeers { group: String },
    #[error("the group `{group}` has nobody to ask: {reasons}")]
    NobodyToAsk { group: String, reasons: String },
    #[error("the priorities leave nobody to ask: every priority along {cycle} is 0, which means never")]
    PriorityCycle { cycle: String },
    #[error("this peering from `{from}` to `{to}` has no effect: it names nobody new")]
    RepeatedPeering { from: String, to: String },
    #[error("`{path}` asks for {wanted} instances, but `{group}` has only {available}{others}")]
    TooFewPeers { path: String, wanted: u32, group: String, available: u32, others: &'static str },
    #[error("`{path}` may reach {wanted}, but there are only {available} instruments")]
    WatchlistTooLong { path: String, wanted: f64, available: u32 },
    #[error("no connector serves any of the instruments' markets ({markets})")]
    NobodyServes { markets: String },
    #[error("{what}: {count} in all, more than the limit of {limit}")]
    TooMany { what: &'static str, count: u64, limit: u64 },
    #[error("round-trip times between {pair} are not known")]
    UnknownPair { pair: String },
    #[error("{what}")]
    Contradiction { what: String },
}
