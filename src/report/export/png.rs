//! Pictures as PNG: each drawing unit is one pixel.

use plotters::drawing::IntoDrawingArea;

use crate::record::ResultFile;
use crate::report::charts::{Figure, SIZE};
use crate::report::document::Document;

use super::bitmap::Bitmap;
use super::{Exporter, pictures};

/// Pictures as PNG, below `charts/`.
pub(super) struct Png;

impl Exporter for Png {
    fn export(&self, document: &Document<'_>) -> Vec<ResultFile> {
        pictures(document, "png", picture)
    }
}

fn picture(figure: &Figure) -> Vec<u8> {
    let (width, height) = SIZE;
    let mut pixels = vec![0; (width * height * 3) as usize];
    figure.draw_on(&Bitmap::new(&mut pixels, SIZE).into_drawing_area());
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Best);
    // Rows of a drawing repeat each other, which compresses well; a filter would destroy that.
    encoder.set_filter(png::FilterType::NoFilter);
    let mut writer = encoder.write_header().expect("writing into memory");
    writer.write_image_data(&pixels).expect("as many pixels as the header says");
    writer.finish().expect("writing into memory");
    bytes
}
