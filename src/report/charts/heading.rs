//! The head of a sheet: title, finding, and a legend that shows what each mark stands for.

use plotters::backend::DrawingBackend;
use plotters::element::{PathElement, Rectangle, Text};
use plotters::style::text_anchor::HPos;
use plotters::style::{Color, FontStyle, RGBColor, ShapeStyle};

use super::canvas::{
    Area, Drawn, FINDING, FINDING_LINES, MARGIN, TITLE, TITLE_LINES, fits, label_style, label_width, text_style,
    wrapped,
};
use super::data::ChartStyle;
use super::looks::{draw_line, draw_marker};
use super::palette::{BAND_OPACITY, INK, color_number};

/// How a legend shows what an entry stands for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Mark {
    Line(RGBColor),
    /// What is drawn of a series of this style and number of a colour.
    Series(ChartStyle, usize),
    Band(RGBColor),
    Bar(RGBColor),
}

/// Draws title, finding and legend of a chart, and returns the space below.
pub(super) fn heading<DB: DrawingBackend>(
    root: &Area<DB>,
    title: &str,
    finding: &str,
    legend: &[(String, Mark)],
) -> Drawn<DB, Area<DB>> {
    let mut y = MARGIN - 8;
    for line in wrapped(root, title, &text_style(TITLE, FontStyle::Bold, INK), TITLE_LINES)? {
        root.draw(&Text::new(line, (MARGIN, y), text_style(TITLE, FontStyle::Bold, INK)))?;
        y += 62;
    }
    for line in wrapped(root, finding, &text_style(FINDING, FontStyle::Normal, INK), FINDING_LINES)? {
        root.draw(&Text::new(line, (MARGIN, y), text_style(FINDING, FontStyle::Normal, INK)))?;
        y += 48;
    }
    y = draw_legend(root, y + 32, legend)?;
    let (_, below) = root.split_vertically(y);
    Ok(below)
}

/// The name that a legend gives to a colour; nothing if it gives none.
pub(super) fn name_of(color: RGBColor, legend: &[(String, Mark)]) -> String {
    let names = |mark: &Mark| match mark {
        Mark::Line(of_mark) | Mark::Bar(of_mark) => *of_mark == color,
        Mark::Series(_, of_mark) => *of_mark == color_number(color),
        Mark::Band(_) => false,
    };
    legend.iter().find(|(_, mark)| names(mark)).map(|(name, _)| name.clone()).unwrap_or_default()
}

/// Draws the entries of a legend in as few rows as they fit into, and returns the height at which the legend ends.
fn draw_legend<DB: DrawingBackend>(root: &Area<DB>, top: i32, entries: &[(String, Mark)]) -> Drawn<DB, i32> {
    const MARK_WIDTH: i32 = 56;
    const ROW: i32 = 52;
    let (mut x, mut y) = (MARGIN, top);
    for (text, mark) in entries {
        let width = MARK_WIDTH + 16 + label_width(root, text)?;
        if x > MARGIN && !fits((x - MARGIN + width).unsigned_abs()) {
            (x, y) = (MARGIN, y + ROW);
        }
        let (left, right) = (x, x + MARK_WIDTH);
        match mark {
            Mark::Line(color) => {
                root.draw(&PathElement::new(vec![(left, y), (right, y)], ShapeStyle::from(color).stroke_width(6)))?;
            }
            Mark::Series(style, color) => {
                let middle = i32::midpoint(left, right);
                let has_line = !matches!(style, ChartStyle::Dots | ChartStyle::Intervals);
                if has_line {
                    let width = if *style == ChartStyle::Law { 3 } else { 6 };
                    draw_line(root, &[(left, y), (right, y)], (*style, *color), width)?;
                }
                if !matches!(style, ChartStyle::Line | ChartStyle::Law) {
                    draw_marker(root, (middle, y), *color, 10, 1.0)?;
                }
            }
            Mark::Band(color) => {
                root.draw(&Rectangle::new([(left, y - 14), (right, y + 14)], color.mix(BAND_OPACITY).filled()))?;
            }
            Mark::Bar(color) => root.draw(&Rectangle::new([(left, y - 14), (right, y + 14)], color.filled()))?,
        }
        root.draw(&Text::new(text.clone(), (right + 16, y), label_style(INK, HPos::Left)))?;
        x += width + 48;
    }
    Ok(if entries.is_empty() { y } else { y + ROW / 2 + 14 })
}
