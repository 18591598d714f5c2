//! The sheet on which all charts are drawn, with its size, fonts and axes; no text leaves it.

use std::sync::Once;

use plotters::backend::DrawingBackend;
use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::Shift;
use plotters::coord::cartesian::Cartesian2d;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontDesc, FontFamily, FontStyle, RGBColor, TextStyle, register_font};

use super::axis::{Tick, TickedAxis, readable};
use super::palette::{GREY, GRID, INK};

/// Width and height of a chart \[units\]. Two units are one pixel, so that charts are sharp on dense screens too.
pub(in crate::report) const SIZE: (u32, u32) = (2_000, 1_120);

/// Free margin at each edge of the sheet \[units\].
pub(super) const MARGIN: i32 = 44;

/// Sizes of text \[units\]. Plotters draws a font at 1 / 1.24 of the size, so that labels are 14 px high.
pub(super) const LABEL: u32 = 35;
pub(super) const FINDING: u32 = 38;
pub(super) const TITLE: u32 = 46;

/// The most lines that a title and a finding may have, so that the drawing keeps its room.
pub(super) const TITLE_LINES: usize = 3;
pub(super) const FINDING_LINES: usize = 7;

/// The name under which the fonts are registered, followed by the fonts that a browser without `DejaVu` takes instead.
const FAMILY: &str = "DejaVu Sans, Verdana, sans-serif";

pub(super) type Area<DB> = DrawingArea<DB, Shift>;
pub(super) type Drawn<DB, T = ()> = Result<T, DrawingAreaErrorKind<<DB as DrawingBackend>::ErrorType>>;

/// Room for one row of labels and the title of a horizontal axis \[units\].
pub(super) const FOOT: i32 = 110;

/// A part of the sheet with two axes; whatever is drawn in it is placed by them.
pub(super) type Plot<'a, DB> = ChartContext<'a, DB, Cartesian2d<TickedAxis, TickedAxis>>;

/// The room around a plot \[units\], and the titles of its axes.
pub(super) struct Frame<'t> {
    pub(super) left: i32,
    pub(super) right: i32,
    pub(super) top: i32,
    /// Room for the labels and the title of the horizontal axis.
    pub(super) foot: i32,
    /// Room for the labels of the vertical axis.
    pub(super) labels: i32,
    pub(super) titles: [Option<&'t str>; 2],
    /// Whether the vertical axis names rows. Then grid lines stand at the ticks of the horizontal axis, else of the vertical one.
    pub(super) has_rows: bool,
}

/// Registers the fonts, once.
pub(super) fn register_fonts() {
    static FONTS: Once = Once::new();
    FONTS.call_once(|| {
        let fonts = [(FontStyle::Normal, dejavu::sans::regular()), (FontStyle::Bold, dejavu::sans::bold())];
        for (style, font) in fonts {
            assert!(register_font(FAMILY, style, font).is_ok(), "the font of the crate is valid");
        }
    });
}

/// Style of labels in `color`, anchored at `horizontal` and at the middle of their height.
pub(super) fn label_style(color: RGBColor, horizontal: HPos) -> TextStyle<'static> {
    text_style(LABEL, FontStyle::Normal, color).pos(Pos::new(horizontal, VPos::Center))
}

pub(super) fn text_style(size: u32, style: FontStyle, color: RGBColor) -> TextStyle<'static> {
    TextStyle {
        color: color.to_backend_color(),
        ..TextStyle::from(FontDesc::new(FontFamily::Name(FAMILY), f64::from(size), style))
    }
}

/// A plot in `area` with its axes drawn.
pub(super) fn plot<'a, DB: DrawingBackend>(
    area: &'a Area<DB>,
    frame: &Frame<'_>,
    x: TickedAxis,
    y: TickedAxis,
) -> Drawn<DB, Plot<'a, DB>> {
    let mut chart = ChartBuilder::on(area)
        .margin_left(frame.left)
        .margin_right(frame.right)
        .margin_top(frame.top)
        .margin_bottom(24)
        .x_label_area_size(frame.foot)
        .y_label_area_size(frame.labels)
        .build_cartesian_2d(x, y)?;
    let mut mesh = chart.configure_mesh();
    if frame.has_rows {
        mesh.disable_y_mesh();
    } else {
        mesh.disable_x_mesh();
    }
    let [x_title, y_title] = frame.titles;
    if let Some(title) = x_title {
        mesh.x_desc(title);
    }
    if let Some(title) = y_title {
        mesh.y_desc(title);
    }
    mesh.light_line_style(GRID)
        .bold_line_style(GRID)
        .axis_style(GREY)
        .label_style(label_style(INK, HPos::Center))
        .axis_desc_style(label_style(INK, HPos::Center))
        .set_all_tick_mark_size(LABEL / 4)
        .draw()?;
    Ok(chart)
}

/// The longest beginning of `text` that is no wider than `width` as a label.
pub(super) fn fitted<DB: DrawingBackend>(root: &Area<DB>, text: &str, width: i32) -> Drawn<DB, String> {
    let mut fitted = text.to_owned();
    let mut letters = text.chars().count();
    while letters > 0 && label_width(root, &fitted)? > width {
        letters -= 1;
        fitted = text.chars().take(letters).chain(['…']).collect();
    }
    Ok(fitted)
}

/// Width of `text` as a label \[units\].
pub(super) fn label_width<DB: DrawingBackend>(area: &Area<DB>, text: &str) -> Drawn<DB, i32> {
    let (width, _) = area.estimate_text_size(text, &text_style(LABEL, FontStyle::Normal, INK))?;
    Ok(width.cast_signed())
}

/// Width of `text` as a label of an SVG \[units\].
#[cfg(test)]
pub(super) fn width_in_svg(text: &str) -> i32 {
    width_in_svg_of(text, f64::from(LABEL) / 1.24, false)
}

/// Width of `text` in an SVG \[units\] in letters of the size `em`.
#[cfg(test)]
pub(super) fn width_in_svg_of(text: &str, em: f64, is_bold: bool) -> i32 {
    register_fonts();
    let mut drawing = String::new();
    let root = plotters::drawing::IntoDrawingArea::into_drawing_area(plotters::backend::SVGBackend::with_string(
        &mut drawing,
        SIZE,
    ));
    let style = if is_bold { FontStyle::Bold } else { FontStyle::Normal };
    let font = FontDesc::new(FontFamily::Name(FAMILY), 1.24 * em, style);
    let (width, _) = root.estimate_text_size(text, &TextStyle::from(font)).expect("the fonts are registered");
    width.cast_signed()
}

/// The ticks of a horizontal axis whose labels do not touch each other; `position` maps a value to its place \[units\].
pub(super) fn readable_ticks<DB: DrawingBackend>(
    area: &Area<DB>,
    ticks: Vec<Tick>,
    position: impl Fn(f64) -> i32,
) -> Drawn<DB, Vec<Tick>> {
    let mut labels = Vec::with_capacity(ticks.len());
    for (value, label) in &ticks {
        labels.push((position(*value), label_width(area, label)?));
    }
    Ok(ticks.into_iter().zip(readable(&labels)).filter_map(|(tick, readable)| readable.then_some(tick)).collect())
}

/// Breaks a text into at most `most` lines that fit on the sheet. Numbers stay together with their intervals and units.
/// If the text is too long, it is cut off and ends with an ellipsis.
pub(super) fn wrapped<DB: DrawingBackend>(
    root: &Area<DB>,
    text: &str,
    style: &TextStyle<'_>,
    most: usize,
) -> Drawn<DB, Vec<String>> {
    const INSEPARABLE: [&str; 6] = [" ±", "± ", " %", " /", " min", " ms"];
    let has_room = |line: &str| Drawn::<DB, bool>::Ok(fits(root.estimate_text_size(line, style)?.0));
    let mut lines: Vec<String> = Vec::new();
    let text = INSEPARABLE.iter().fold(text.to_owned(), |text, part| text.replace(part, &part.replace(' ', "\u{a0}")));
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        if let Some(line) = lines.last_mut() {
            let longer = format!("{line} {word}");
            if has_room(&longer)? {
                *line = longer;
                continue;
            }
        }
        // A word that is longer than a line continues in the next.
        let mut line = String::new();
        for letter in word.chars() {
            line.push(letter);
            if !has_room(&line)? {
                line.pop();
                lines.push(std::mem::replace(&mut line, letter.to_string()));
            }
        }
        lines.push(line);
    }
    if lines.len() > most {
        lines.truncate(most);
        let last = lines.last_mut().expect("at least one line is wanted");
        last.push('…');
        while !has_room(last)? {
            last.pop();
            last.pop();
            last.push('…');
        }
    }
    Ok(lines)
}

pub(super) fn fits(width: u32) -> bool {
    width + 2 * MARGIN.unsigned_abs() <= SIZE.0
}
