//! Pictures as PNG: each drawing unit is one pixel, and no pixel loses its colour.

use std::collections::BTreeMap;

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
    encoder.set_depth(png::BitDepth::Eight);
    // The best compression takes five times as long, and saves a twentieth.
    encoder.set_compression(png::Compression::Default);
    // Rows of a drawing repeat each other, which compresses well; a filter would destroy that.
    encoder.set_filter(png::FilterType::NoFilter);
    let indexed = Indexed::of(&pixels);
    let data = if let Some(Indexed { palette, numbers }) = &indexed {
        encoder.set_color(png::ColorType::Indexed);
        encoder.set_palette(palette.as_slice());
        numbers
    } else {
        encoder.set_color(png::ColorType::Rgb);
        &pixels
    };
    let mut writer = encoder.write_header().expect("writing into memory");
    writer.write_image_data(data).expect("as many pixels as the header says");
    writer.finish().expect("writing into memory");
    bytes
}

/// Pixels as numbers of colours, in half as many compressed bytes.
struct Indexed {
    /// Three bytes for each colour, in the order in which they are met.
    palette: Vec<u8>,
    numbers: Vec<u8>,
}

impl Indexed {
    /// `None` if `pixels`, three bytes each, have more than 256 colours.
    fn of(pixels: &[u8]) -> Option<Self> {
        let (pixels, _) = pixels.as_chunks::<3>();
        let mut found: BTreeMap<[u8; 3], u8> = BTreeMap::new();
        let mut indexed = Self { palette: Vec::new(), numbers: vec![0; pixels.len()] };
        let mut from = 0;
        for alike in pixels.chunk_by(|one, next| one == next) {
            let number = if let Some(number) = found.get(&alike[0]) {
                *number
            } else {
                let number = u8::try_from(found.len()).ok()?;
                found.insert(alike[0], number);
                indexed.palette.extend(alike[0]);
                number
            };
            indexed.numbers[from..from + alike.len()].fill(number);
            from += alike.len();
        }
        Some(indexed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn up_to_256_colours_are_numbered() {
        let [white, red, blue] = [[255, 255, 255], [200, 0, 0], [0, 0, 200]];
        let pixels = [white, white, red, white, blue, red].concat();
        let Indexed { palette, numbers } = Indexed::of(&pixels).expect("three colours");
        assert_eq!((palette, numbers), ([white, red, blue].concat(), vec![0, 0, 1, 0, 2, 1]));
        let greys: Vec<u8> = (0..=255_u8).flat_map(|grey| [grey; 3]).collect();
        assert_eq!(Indexed::of(&greys).expect("256 colours").numbers, (0..=255).collect::<Vec<u8>>());
        assert!(Indexed::of(&[greys, red.to_vec()].concat()).is_none());
    }
}
