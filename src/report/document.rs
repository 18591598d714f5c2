//! A report before it has a format: what readers are told, in order, and the tables for programs. Its builder decides
//! what is said; an exporter decides only how it looks.

use std::borrow::Cow;

use crate::record::MarkedAssumption;
use crate::stats::Estimate;

use super::charts::{Drawable, Figure};
use super::differences::Difference;
use super::evidence::Evidence;
use super::laws::SweepCurve;
use super::parts::{MeasureTable, PageNetwork, Reproduction};

/// A report.
pub(super) struct Document<'r> {
    /// The results that it reports.
    pub(super) evidence: &'r Evidence<'r>,
    /// The answer to the question, in a sentence or a few.
    pub(super) answer: String,
    /// How the variants of a comparison differ from the first one; empty for other commands.
    pub(super) differences: Vec<Difference>,
    /// Of a sweep: how the calls saved change along its parameter.
    pub(super) curve_of_saving: Option<SweepCurve<'r>>,
    /// The parts that readers get after question and answer.
    pub(super) sections: Vec<ReportSection>,
    /// The measures that matter, with their definitions.
    pub(super) measures: MeasureTable,
    /// The networks that were simulated.
    pub(super) networks: Vec<PageNetwork>,
    /// What the author of the scenario marks as assumptions.
    pub(super) assumptions: Vec<MarkedAssumption>,
    /// What was not simulated.
    pub(super) omissions: Vec<String>,
    /// How to get the same numbers.
    pub(super) reproduction: Reproduction,
    /// The tables for programs.
    pub(super) datasets: Vec<Dataset<'r>>,
}

/// A part of a report.
#[derive(Debug, Default)]
pub(super) struct ReportSection {
    /// Its subject.
    pub(super) heading: String,
    /// Its content.
    pub(super) blocks: Vec<Block>,
}

/// One element of a report.
#[derive(Debug)]
pub(super) enum Block {
    /// A sentence, or a few that belong together.
    Sentence(String),
    /// Numbers for people, with their units and intervals.
    Grid(Grid),
    /// A picture, which a format may leave out.
    Figure(Box<Figure>),
}

/// Rows of cells; the first cell of a row says what the row is.
#[derive(Debug, Default)]
pub(super) struct Grid {
    /// The rows, which may be of different lengths.
    pub(super) rows: Vec<Vec<String>>,
    /// Least width of the first column \[letters\]. It makes grids below each other line up.
    pub(super) label_width: usize,
    /// Whether the first row is the heading.
    pub(super) has_heading: bool,
}

/// A tidy table: one observation a row, units in the names of the columns.
pub(super) struct Dataset<'r> {
    /// Its name, such as `summary`.
    pub(super) name: &'static str,
    /// Names of the columns.
    pub(super) columns: Vec<String>,
    rows: Box<dyn Fn() -> Rows<'r> + 'r>,
}

/// The rows of a dataset, made one after the other, since all of them at once may not fit into memory.
pub(super) type Rows<'r> = Box<dyn Iterator<Item = Vec<Cell<'r>>> + 'r>;

/// One cell of a dataset.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell<'r> {
    /// A word.
    Word(Cow<'r, str>),
    /// A number, never negative zero.
    Number(f64),
    /// A count.
    Count(u64),
    /// A number that is not known.
    Unknown,
}

impl<'r> Dataset<'r> {
    /// A table with these columns. `rows` makes the rows whenever they are asked for; each row has as many cells as
    /// there are columns.
    pub(super) fn new<I>(
        name: &'static str,
        columns: impl IntoIterator<Item = impl Into<String>>,
        rows: impl Fn() -> I + 'r,
    ) -> Self
    where
        I: Iterator<Item = Vec<Cell<'r>>> + 'r,
    {
        let columns = columns.into_iter().map(Into::into).collect();
        Self { name, columns, rows: Box::new(move || Box::new(rows())) }
    }

    /// The rows, from the first one on.
    pub(super) fn rows(&self) -> Rows<'r> {
        (self.rows)()
    }
}

impl<'r> From<&'r str> for Cell<'r> {
    fn from(word: &'r str) -> Self {
        Self::Word(Cow::Borrowed(word))
    }
}

impl From<String> for Cell<'_> {
    fn from(word: String) -> Self {
        Self::Word(Cow::Owned(word))
    }
}

impl From<u64> for Cell<'_> {
    fn from(count: u64) -> Self {
        Self::Count(count)
    }
}

impl From<u32> for Cell<'_> {
    fn from(count: u32) -> Self {
        Self::Count(u64::from(count))
    }
}

impl From<usize> for Cell<'_> {
    fn from(count: usize) -> Self {
        Self::Count(count as u64)
    }
}

impl From<f64> for Cell<'_> {
    fn from(number: f64) -> Self {
        Self::Number(number + 0.0)
    }
}

impl<'r, T: Into<Cell<'r>>> From<Option<T>> for Cell<'r> {
    fn from(known: Option<T>) -> Self {
        known.map_or(Self::Unknown, Into::into)
    }
}

impl Cell<'_> {
    /// Mean, both ends of the 95 % interval, standard deviation and number of replications.
    pub(super) fn estimate(estimate: Option<Estimate>) -> [Self; 5] {
        let [low, high] = ends(estimate);
        [
            estimate.map(|estimate| estimate.mean).into(),
            low.into(),
            high.into(),
            estimate.and_then(|estimate| estimate.standard_deviation).into(),
            estimate.map_or(0, |estimate| estimate.count).into(),
        ]
    }
}

/// Both ends of the interval of an estimate.
pub(super) fn ends(estimate: Option<Estimate>) -> [Option<f64>; 2] {
    [-1.0, 1.0].map(|sign| estimate.and_then(|estimate| Some(estimate.mean + sign * estimate.half_width?)))
}

impl ReportSection {
    /// A section with this heading and no content.
    pub(super) fn new(heading: impl Into<String>) -> Self {
        Self { heading: heading.into(), blocks: Vec::new() }
    }

    /// The section with one more sentence.
    pub(super) fn sentence(mut self, sentence: impl Into<String>) -> Self {
        self.blocks.push(Block::Sentence(sentence.into()));
        self
    }

    /// The pictures of the section.
    pub(super) fn figures(&self) -> impl Iterator<Item = &Figure> {
        self.blocks
            .iter()
            .filter_map(|block| if let Block::Figure(figure) = block { Some(figure.as_ref()) } else { None })
    }

    /// Whether any of its grids has a cell that says `text`.
    pub(super) fn has_cell(&self, text: &str) -> bool {
        let has = |grid: &Grid| grid.rows.iter().flatten().any(|cell| cell.contains(text));
        self.blocks.iter().any(|block| matches!(block, Block::Grid(grid) if has(grid)))
    }

    /// The section with more sentences.
    pub(super) fn sentences(mut self, sentences: impl IntoIterator<Item = String>) -> Self {
        self.blocks.extend(sentences.into_iter().map(Block::Sentence));
        self
    }

    /// The section with a grid whose first row is the heading.
    pub(super) fn grid(mut self, rows: Vec<Vec<String>>, label_width: usize) -> Self {
        self.blocks.push(Block::Grid(Grid { rows, label_width, has_heading: true }));
        self
    }

    /// The section with a grid without heading.
    pub(super) fn list(mut self, rows: Vec<Vec<String>>, label_width: usize) -> Self {
        self.blocks.push(Block::Grid(Grid { rows, label_width, has_heading: false }));
        self
    }

    /// The section with pictures. Where there is nothing to draw, a sentence says so, once.
    pub(super) fn pictures(mut self, figures: impl IntoIterator<Item = Drawable>) -> Self {
        for figure in figures {
            let block = figure.map_or_else(Block::Sentence, |figure| Block::Figure(Box::new(figure)));
            let is_said =
                |other: &Block| matches!((other, &block), (Block::Sentence(one), Block::Sentence(own)) if one == own);
            if !self.blocks.iter().any(is_said) {
                self.blocks.push(block);
            }
        }
        self
    }
}

impl Document<'_> {
    /// The pictures, in the order in which they stand.
    pub(super) fn figures(&self) -> impl Iterator<Item = &Figure> {
        self.sections.iter().flat_map(ReportSection::figures)
    }
}
