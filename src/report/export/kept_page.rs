//! The page as data, from which HTML and Markdown can be drawn again without simulating anything.

use crate::record::ResultFile;
use crate::report::document::Document;
use crate::report::page::{self, Page};

use super::Exporter;

/// The page as JSON.
pub(super) struct KeptPage;

impl Exporter for KeptPage {
    fn export(&self, document: &Document<'_>) -> Vec<ResultFile> {
        vec![ResultFile { name: page::FILE_NAME.to_owned(), bytes: Page::of(document).to_json().into_bytes() }]
    }
}
