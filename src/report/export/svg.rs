//! Pictures as SVG, shown at half their size in drawing units, so that a unit is one pixel on a dense screen.

use plotters::backend::SVGBackend;
use plotters::drawing::IntoDrawingArea;

use crate::record::ResultFile;
use crate::report::charts::{Figure, SIZE};
use crate::report::document::Document;

use super::{Exporter, pictures};

/// Pictures as SVG, below `charts/`.
pub(super) struct Svg;

impl Exporter for Svg {
    fn export(&self, document: &Document<'_>) -> Vec<ResultFile> {
        pictures(document, "svg", |figure| svg(figure).into_bytes())
    }
}

/// One picture as SVG.
pub(in crate::report) fn svg(figure: &Figure) -> String {
    let mut text = String::new();
    figure.draw_on(&SVGBackend::with_string(&mut text, SIZE).into_drawing_area());
    let (width, height) = SIZE;
    let drawn = format!("width=\"{width}\" height=\"{height}\" viewBox");
    let shown = format!("role=\"img\" width=\"{}\" height=\"{}\" viewBox", width / 2, height / 2);
    let (root, content) = text.split_once('>').expect("plotters begins with the root element");
    // Screen readers read the title to those who do not see the picture; it must come first, in an element of its own.
    format!("{}>\n<title>{}</title>{content}", root.replacen(&drawn, &shown, 1), figure.title)
}
