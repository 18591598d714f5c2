//! Tidy tables as CSV: one observation in each row, and an empty cell where a number is not known.

use std::borrow::Cow;

use crate::record::ResultFile;
use crate::report::document::{Cell, Dataset, Document};

use super::Exporter;

/// Each dataset as a file.
pub(super) struct Csv;

impl Exporter for Csv {
    fn export(&self, document: &Document<'_>) -> Vec<ResultFile> {
        let file = |dataset: &Dataset<'_>| ResultFile { name: format!("{}.csv", dataset.name), bytes: csv(dataset) };
        document.datasets.iter().map(file).collect()
    }
}

/// One dataset as CSV.
pub(in crate::report) fn csv(dataset: &Dataset<'_>) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&dataset.columns).expect("writing into memory");
    for row in dataset.rows() {
        for cell in &row {
            writer.write_field(text(cell).as_bytes()).expect("writing into memory");
        }
        writer.write_record(None::<&[u8]>).expect("as many cells as columns");
    }
    writer.into_inner().expect("flushing into memory")
}

/// The text of a cell. A number gets the shortest text that reads back as the same number.
fn text<'c>(cell: &'c Cell<'_>) -> Cow<'c, str> {
    match cell {
        Cell::Word(word) => Cow::Borrowed(word),
        Cell::Number(number) => Cow::Owned(number.to_string()),
        Cell::Count(count) => Cow::Owned(count.to_string()),
        Cell::Unknown => Cow::Borrowed(""),
    }
}
