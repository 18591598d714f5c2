//! The report for a terminal: the answer, its question, then sentences and grids, with an empty line between sections. It
//! leaves out pictures and headings.

use unicode_width::UnicodeWidthStr;

use crate::record::ResultFile;
use crate::report::document::{Block, Document, Grid, ReportSection};

use super::Exporter;

/// The report as one text file.
pub(super) struct TerminalText;

impl Exporter for TerminalText {
    fn export(&self, document: &Document<'_>) -> Vec<ResultFile> {
        let evidence = document.evidence;
        let head = format!("{}\n{}: {}\n", document.answer, evidence.name, evidence.question);
        let sections: Vec<String> = document.sections.iter().map(section).filter(|text| !text.is_empty()).collect();
        let text = head + &sections.join("\n");
        vec![ResultFile { name: "summary.txt".to_owned(), bytes: text.into_bytes() }]
    }
}

fn section(section: &ReportSection) -> String {
    let block = |block: &Block| match block {
        Block::Sentence(sentence) => format!("{sentence}\n"),
        Block::Grid(grid) => aligned(grid),
        Block::Figure(_) => String::new(),
    };
    section.blocks.iter().map(block).collect()
}

/// The rows of a grid with aligned columns, two spaces apart, by the width that letters have on a terminal.
fn aligned(grid: &Grid) -> String {
    let columns = grid.rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let widths = grid.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width());
        widths.max().unwrap_or(0).max(if column == 0 { grid.label_width } else { 0 })
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell}{}", " ".repeat(width - cell.width())));
        format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    grid.rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_whatever_the_script() {
        let rows = ["börse", "東京", "e\u{301}cole", "x"].map(|name| vec![name.to_owned(), "5".to_owned()]);
        let text = aligned(&Grid { rows: rows.to_vec(), ..Grid::default() });
        let places: Vec<usize> = text.lines().map(|line| line.strip_suffix('5').expect("the number").width()).collect();
        assert_eq!(places, [7; 4], "{text}");
        assert_eq!(aligned(&Grid { rows: rows[3..].to_vec(), label_width: 4, ..Grid::default() }), "x     5\n");
        assert_eq!(aligned(&Grid::default()), "");
    }
}
