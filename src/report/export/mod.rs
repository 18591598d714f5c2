//! The formats of reports: each is one file, which turns a report into bytes, computes no number and touches no file.

mod bitmap;
mod csv;
mod html;
mod json;
mod kept_page;
mod markdown;
mod png;
mod svg;
mod text;

#[cfg(test)]
pub(super) use csv::csv;
#[cfg(test)]
pub(super) use svg::svg;

pub(super) use html::{FILE_NAME as HTML_FILE, PageSide, html, side_by_side};
pub(super) use markdown::{MARKDOWN_FILE, markdown};

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::record::ResultFile;

use super::charts::Figure;
use super::document::Document;

/// A format.
pub(super) trait Exporter {
    /// The report in this format: one file, or one for each table or picture.
    fn export(&self, document: &Document<'_>) -> Vec<ResultFile>;
}

/// A file for each picture, below `charts/`.
fn pictures(document: &Document<'_>, extension: &str, picture: fn(&Figure) -> Vec<u8>) -> Vec<ResultFile> {
    let name = |figure: &Figure| format!("charts/{}.{extension}", figure.name);
    let figures: Vec<&Figure> = document.figures().collect();
    figures.into_par_iter().map(|figure| ResultFile { name: name(figure), bytes: picture(figure) }).collect()
}

/// The format for a terminal.
pub(super) const TEXT: &dyn Exporter = &text::TerminalText;

/// The format for machines.
pub(super) const JSON: &dyn Exporter = &json::Json;

/// The formats in which results are kept.
pub(super) const KEPT: [&dyn Exporter; 6] =
    [&csv::Csv, &svg::Svg, &png::Png, &kept_page::KeptPage, &html::Html, &markdown::Markdown];
