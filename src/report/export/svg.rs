//! Pictures as SVG, shown at half their size in drawing units, so that a unit is one pixel on a dense screen. Their colours follow
//! the dark mode of the page that shows them.

use plotters::backend::SVGBackend;
use plotters::drawing::IntoDrawingArea;
use plotters::style::RGBColor;

use crate::record::ResultFile;
use crate::report::charts::{DARK, Figure, SIZE};
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
    format!(
        "{}>\n<title>{}</title><desc>{}</desc><style>{}</style>{content}",
        root.replacen(&drawn, &shown, 1),
        escaped(&figure.title),
        escaped(&figure.description()),
        dark_mode()
    )
}

/// The colours of a drawing, each with what it is in dark mode.
fn dark_mode() -> String {
    let rule = |(light, dark): &(RGBColor, &str)| {
        let RGBColor(red, green, blue) = light;
        let light = format!("#{red:02X}{green:02X}{blue:02X}");
        format!("[fill=\"{light}\"]{{fill:{dark}}}[stroke=\"{light}\"]{{stroke:{dark}}}")
    };
    format!("@media (prefers-color-scheme:dark){{{}}}", DARK.iter().map(rule).collect::<String>())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::charts::ChartData;

    #[test]
    fn a_picture_has_a_title_a_description_and_a_dark_mode() {
        let figure = Figure::plotted("any", "a < b".to_owned(), "More & more.".to_owned(), ChartData::default());
        let svg = svg(&figure);
        assert!(svg.contains("<title>a &lt; b</title><desc>More &amp; more.</desc><style>"), "{svg}");
        // All colours of the drawing but those of a theme have a dark one.
        let colours = svg.split("fill=\"#").skip(1).filter_map(|rest| rest.split('"').next());
        for colour in colours {
            assert!(dark_mode().contains(&format!("[fill=\"#{colour}\"]")), "{colour}");
        }
    }
}
