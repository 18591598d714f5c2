//! Where values come from: the texts that were read, places in these texts, and the source that `check` prints for each value.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// Where the value of a key comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValueSource {
    /// The scenario file.
    File {
        /// Line, from 1.
        line: usize,
    },
    /// A file that the scenario starts from.
    Base {
        /// Its path, from the folder of the scenario.
        file: String,
        /// Line, from 1.
        line: usize,
    },
    /// An override, `--set path=value`.
    CommandLine,
    /// The preset of the protocol.
    Preset(&'static str),
    /// The simulator's default.
    Default,
    /// A data file.
    DataFile {
        /// Its name; `built-in` stands before the name of a file that is compiled in.
        name: String,
    },
}

impl ValueSource {
    /// The source in words; `file` is the name of the scenario file.
    #[must_use]
    pub fn describe(&self, file: &str) -> String {
        match self {
            Self::File { line } => format!("{file}:{line}"),
            Self::Base { file, line } => format!("{file}:{line}"),
            Self::CommandLine => "--set".to_owned(),
            Self::Preset(name) => format!("preset {name}"),
            Self::Default => "default".to_owned(),
            Self::DataFile { name } => name.clone(),
        }
    }
}

/// A stretch of one of the [`Text`]s.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) text: usize,
    pub(super) span: Range<usize>,
}

/// Where a node of the tree comes from.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    pub(super) source: ValueSource,
    /// Where it is written, if it is.
    pub(super) spot: Option<Spot>,
}

impl Origin {
    /// A value of the command line that is written at `spot`.
    pub(super) fn at(spot: Spot) -> Self {
        Self { source: ValueSource::CommandLine, spot: Some(spot) }
    }

    /// The same origin for a part of a dotted path, which is written from byte `from` to byte `to` of `--set`; in a file the
    /// whole path is shown.
    pub(super) fn within(&self, from: usize, to: usize) -> Self {
        let spot = match (&self.source, &self.spot) {
            (ValueSource::CommandLine, Some(spot)) => Some(Spot { text: spot.text, span: from..to }),
            (_, spot) => spot.clone(),
        };
        Self { source: self.source.clone(), spot }
    }
}

/// A text that was read: the scenario file, one that it starts from, an override, a data file.
#[derive(Clone)]
pub(super) struct Text {
    pub(super) name: String,
    pub(super) content: Arc<str>,
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text({}, {} bytes)", self.name, self.content.len())
    }
}

/// Where the lines of a text begin.
pub(super) struct LineStarts(Vec<usize>);

impl LineStarts {
    pub(super) fn of(text: &str) -> Self {
        let after_newlines = text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(at, _)| at + 1);
        Self(std::iter::once(0).chain(after_newlines).collect())
    }

    /// Number of the line that holds the byte `at`, from 1.
    pub(super) fn number(&self, at: usize) -> usize {
        self.0.partition_point(|start| *start <= at)
    }
}
