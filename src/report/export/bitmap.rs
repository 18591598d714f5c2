//! Draws into pixels: plotters' bitmap draws the shapes, and this file places text to a fraction of a pixel, as a
//! browser does.
//!
//! Plotters' own text starts every glyph at a whole pixel and drops the space that a glyph keeps free on its left,
//! which tears words apart. Its baseline is not that of an SVG either.

use ab_glyph::{Font, FontRef, ScaleFont, point};
use plotters::backend::BitMapBackend;
use plotters::style::FontStyle;
use plotters::style::text_anchor::{HPos, VPos};
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind};

/// An RGB bitmap in memory.
pub(super) struct Bitmap<'a>(BitMapBackend<'a>);

impl<'a> Bitmap<'a> {
    /// Draws into `pixels`, three bytes each, row by row.
    pub(super) fn new(pixels: &'a mut [u8], size: (u32, u32)) -> Self {
        Self(BitMapBackend::with_buffer(pixels, size))
    }
}

type Result<T, B> = std::result::Result<T, DrawingErrorKind<<B as DrawingBackend>::ErrorType>>;

impl<'a> DrawingBackend for Bitmap<'a> {
    type ErrorType = <BitMapBackend<'a> as DrawingBackend>::ErrorType;

    fn get_size(&self) -> (u32, u32) {
        self.0.get_size()
    }

    fn ensure_prepared(&mut self) -> Result<(), Self> {
        self.0.ensure_prepared()
    }

    fn present(&mut self) -> Result<(), Self> {
        self.0.present()
    }

    fn draw_pixel(&mut self, at: BackendCoord, color: BackendColor) -> Result<(), Self> {
        self.0.draw_pixel(at, color)
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Result<(), Self> {
        self.0.draw_line(from, to, style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        bottom_right: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Result<(), Self> {
        self.0.draw_rect(upper_left, bottom_right, style, fill)
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, at: BackendCoord) -> Result<(), Self> {
        let line = TextLine::of(text, style);
        let left = match style.anchor().h_pos {
            HPos::Left => 0.0,
            HPos::Center => -line.width / 2.0,
            HPos::Right => -line.width,
        };
        // The distances, in multiples of the font size, are those that plotters writes into an SVG; 0.547 is the
        // x-height.
        let baseline = line.em
            * match style.anchor().v_pos {
                VPos::Top => 0.76,
                VPos::Center => 0.547 / 2.0,
                VPos::Bottom => -0.547 / 2.0,
            };
        let (color, transform, (width, height)) = (style.color(), style.transform(), self.get_size());
        let inside = 0..width.cast_signed();
        let mut drawn = Ok(());
        line.rasterise(left, baseline, |x, y, coverage| {
            let (x, y) = transform.transform(x, y);
            let pixel = (at.0 + x, at.1 + y);
            if drawn.is_ok() && inside.contains(&pixel.0) && (0..height.cast_signed()).contains(&pixel.1) {
                let alpha = color.alpha * f64::from(coverage.clamp(0.0, 1.0));
                drawn = self.0.draw_pixel(pixel, BackendColor { alpha, ..color });
            }
        });
        drawn
    }

    fn estimate_text_size<S: BackendTextStyle>(&self, text: &str, style: &S) -> Result<(u32, u32), Self> {
        let line = TextLine::of(text, style);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a size in pixels")]
        let size = (line.width.ceil() as u32, line.em.ceil() as u32);
        Ok(size)
    }
}

/// A line of text; each glyph has its distance from the left end \[px\].
struct TextLine {
    font: FontRef<'static>,
    em: f32,
    scale: f32,
    glyphs: Vec<(char, f32)>,
    width: f32,
}

impl TextLine {
    fn of<S: BackendTextStyle>(text: &str, style: &S) -> Self {
        let bytes = match style.style() {
            FontStyle::Bold => dejavu::sans::bold(),
            _ => dejavu::sans::regular(),
        };
        let font = FontRef::try_from_slice(bytes).expect("the font of the crate is valid");
        // The size that plotters is given is 1.24 times that of the font.
        #[expect(clippy::cast_possible_truncation, reason = "a size of text")]
        let em = (style.size() / 1.24) as f32;
        let scale = em * font.height_unscaled() / font.units_per_em().expect("DejaVu states its units per em");
        let scaled = font.as_scaled(scale);
        let (mut glyphs, mut caret, mut previous) = (Vec::new(), 0.0, None);
        for letter in text.chars() {
            let id = font.glyph_id(letter);
            caret += previous.map_or(0.0, |previous| scaled.kern(previous, id));
            glyphs.push((letter, caret));
            caret += scaled.h_advance(id);
            previous = Some(id);
        }
        Self { em, scale, glyphs, width: caret, font }
    }

    /// Calls `draw` for every pixel that a glyph covers, with the share of the pixel that it covers.
    fn rasterise(&self, left: f32, baseline: f32, mut draw: impl FnMut(i32, i32, f32)) {
        for &(letter, caret) in &self.glyphs {
            let position = point(left + caret, baseline);
            let glyph = self.font.glyph_id(letter).with_scale_and_position(self.scale, position);
            let Some(outline) = self.font.outline_glyph(glyph) else {
                continue;
            };
            let corner = outline.px_bounds().min;
            #[expect(clippy::cast_possible_truncation, reason = "bounds are whole pixels of the picture")]
            let (x0, y0) = (corner.x as i32, corner.y as i32);
            outline.draw(|x, y, coverage| draw(x0 + x.cast_signed(), y0 + y.cast_signed(), coverage));
        }
    }
}
