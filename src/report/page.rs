//! A report as readers get it on a page: plain data, owned, which can be kept and drawn again without simulating anything.
//! HTML and Markdown are drawn from this alone.

use serde::{Deserialize, Serialize};

use crate::record::{MarkedAssumption, SCHEMA_VERSION, StudyKind};

use super::charts::{ChartData, Figure};
use super::document::{Block, Document, ReportSection};
use super::parts::{MeasureTable, PageNetwork, Reproduction};

/// Name of the file that keeps the page.
pub(super) const FILE_NAME: &str = "report.json";

/// A page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Page {
    /// Version of the layout of result files.
    schema_version: u32,
    /// Version of the simulator.
    pub(super) version: String,
    /// Which kind of study it reports.
    pub(super) kind: StudyKind,
    /// Name of the scenario or the study.
    pub(super) name: String,
    /// The question.
    pub(super) question: String,
    /// The answer in paragraphs, the plain answer first.
    pub(super) answer: Vec<String>,
    /// The measures that matter.
    pub(super) measures: MeasureTable,
    /// What else there is to say, in parts.
    pub(super) sections: Vec<PageSection>,
    /// The networks that were simulated.
    pub(super) networks: Vec<PageNetwork>,
    /// What the author of the scenario marks as assumptions.
    pub(super) assumptions: Vec<MarkedAssumption>,
    /// What was not simulated.
    pub(super) omissions: Vec<String>,
    /// How to get the same numbers.
    pub(super) reproduction: Reproduction,
}

/// A part of a page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct PageSection {
    /// Its subject.
    pub(super) heading: String,
    /// Its content.
    pub(super) blocks: Vec<PageBlock>,
}

/// One element of a page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum PageBlock {
    /// A sentence, or a few that belong together.
    Sentence(String),
    /// Rows of cells; the first cell of a row says what the row is.
    Table {
        /// Whether the first row is the heading.
        has_heading: bool,
        /// The rows.
        rows: Vec<Vec<String>>,
    },
    /// A picture.
    Figure(Box<PageFigure>),
}

/// A picture on a page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct PageFigure {
    /// Its name, such as `server_load`.
    pub(super) name: String,
    /// What it shows.
    pub(super) title: String,
    /// What else it shows.
    pub(super) finding: String,
    /// The picture for those who do not see it.
    pub(super) description: String,
    /// What is drawn.
    pub(super) chart: ChartData,
}

impl Page {
    /// The page of a report.
    pub(super) fn of(document: &Document<'_>) -> Self {
        let evidence = document.evidence;
        Self {
            schema_version: SCHEMA_VERSION,
            version: evidence.version.to_owned(),
            kind: evidence.kind,
            name: evidence.name.to_owned(),
            question: evidence.question.to_owned(),
            answer: paragraphs(&document.answer),
            measures: document.measures.clone(),
            sections: document.sections.iter().map(PageSection::of).collect(),
            networks: document.networks.clone(),
            assumptions: document.assumptions.clone(),
            omissions: document.omissions.clone(),
            reproduction: document.reproduction.clone(),
        }
    }

    /// The page of results whose scenarios now lie in the folder `side`.
    pub(super) fn moved_to(mut self, side: &str) -> Self {
        for point in &mut self.reproduction.points {
            let moved = format!("{side}/{}", point.scenario);
            self.reproduction.command = self.reproduction.command.replace(&point.scenario, &moved);
            point.scenario = moved;
        }
        self
    }

    /// The page as JSON.
    pub(super) fn to_json(&self) -> String {
        let mut text = serde_json::to_string(self).expect("numbers and strings always serialise");
        text.push('\n');
        text
    }

    /// Reads what [`Page::to_json`] wrote.
    ///
    /// # Errors
    ///
    /// If it is not that.
    pub(super) fn from_json(text: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(text)
    }

    /// The kind of study in a word or two.
    pub(super) const fn kind_told(&self) -> &'static str {
        match self.kind {
            StudyKind::Run => "Run",
            StudyKind::Comparison => "Comparison",
            StudyKind::Sweep => "Sweep",
            StudyKind::Capacity => "Search for a limit",
            StudyKind::Sensitivity => "Sensitivity analysis",
            StudyKind::Worlds => "What holds in how many worlds",
            StudyKind::Flips => "What flips the decision",
        }
    }

    /// The pictures, in the order in which they stand.
    pub(super) fn figures(&self) -> impl Iterator<Item = &PageFigure> {
        self.sections.iter().flat_map(|section| &section.blocks).filter_map(|block| match block {
            PageBlock::Figure(figure) => Some(figure.as_ref()),
            PageBlock::Sentence(_) | PageBlock::Table { .. } => None,
        })
    }
}

impl PageSection {
    fn of(section: &ReportSection) -> Self {
        Self { heading: section.heading.clone(), blocks: section.blocks.iter().map(PageBlock::of).collect() }
    }
}

impl PageBlock {
    fn of(block: &Block) -> Self {
        match block {
            Block::Sentence(sentence) => Self::Sentence(sentence.trim().to_owned()),
            Block::Grid(grid) => {
                let trimmed = |row: &Vec<String>| row.iter().map(|cell| cell.trim().to_owned()).collect();
                Self::Table { has_heading: grid.has_heading, rows: grid.rows.iter().map(trimmed).collect() }
            }
            Block::Figure(figure) => Self::Figure(Box::new(PageFigure::of(figure))),
        }
    }
}

impl PageFigure {
    fn of(figure: &Figure) -> Self {
        Self {
            name: figure.name.clone(),
            title: figure.title.clone(),
            finding: figure.finding.clone(),
            description: figure.description(),
            chart: figure.data(),
        }
    }
}

/// The lines of an answer, the first one divided behind its first sentence.
fn paragraphs(answer: &str) -> Vec<String> {
    let mut lines = answer.lines();
    let first = lines.next().unwrap_or_default();
    let (plain, rest) = first_sentence(first);
    [plain, rest].into_iter().chain(lines).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned).collect()
}

/// The first sentence of `text`, and what follows. A sentence ends with a point before a space and a capital letter.
fn first_sentence(text: &str) -> (&str, &str) {
    let ends = text.match_indices(". ").map(|(at, _)| at + 1);
    let is_end = |at: &usize| text[at + 1..].starts_with(char::is_uppercase);
    ends.into_iter().find(is_end).map_or((text, ""), |at| text.split_at(at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::builder::document;
    use crate::report::evidence::Evidence;
    use crate::report::support::{RecordBuilder, study};

    #[test]
    fn the_plain_answer_stands_alone() {
        let told =
            paragraphs("Calls fall by 7.5 % (9. to 8.). In return, prices age. So be it.\nfast: yes. And\n\nslow: no.");
        assert_eq!(
            told,
            ["Calls fall by 7.5 % (9. to 8.).", "In return, prices age. So be it.", "fast: yes. And", "slow: no."]
        );
        assert_eq!(paragraphs(""), [""; 0]);
    }

    #[test]
    fn what_is_kept_is_read_back_the_same() {
        let run = RecordBuilder::new().servers(2).build();
        let sweep = study(StudyKind::Sweep, 4, 6);
        for evidence in [Evidence::from(&run), Evidence::from(&sweep)] {
            let page = Page::of(&document(&evidence));
            let text = page.to_json();
            let read = Page::from_json(text.as_bytes()).expect("a page");
            assert!(read == page && read.to_json() == text);
        }
        assert!(Page::from_json(b"{}").is_err());
    }
}
