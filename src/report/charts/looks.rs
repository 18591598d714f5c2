//! How series look: no two of a chart differ by their colour alone, so that they are told apart in grey, too.

use plotters::backend::DrawingBackend;
use plotters::element::{Circle, PathElement, Polygon, Rectangle};
use plotters::style::{Color, ShapeStyle, WHITE};

use super::canvas::{Area, Drawn};
use super::data::ChartStyle;
use super::palette::{PALETTE, paint};

/// Dashes and gaps of lines \[units\], by the number of their colour; the first line is solid.
const PATTERNS: [&[f64]; PALETTE.len() + 1] =
    [&[], &[26.0, 16.0], &[6.0, 12.0], &[38.0, 12.0, 6.0, 12.0], &[14.0, 8.0], &[52.0, 14.0], &[10.0, 10.0]];

/// Dashes and gaps of a line that is dashed for what it is, whatever its colour.
const DASHED: &[f64] = &[24.0, 14.0];

/// Dashes and gaps of laws, which are thin, by the number of their colour; the last ones are those of guides, too.
const LAW_PATTERNS: [&[f64]; PALETTE.len() + 1] = [
    &[20.0, 6.0],
    &[18.0, 8.0, 4.0, 8.0],
    &[8.0, 16.0],
    &[34.0, 8.0, 12.0, 8.0],
    &[3.0, 8.0],
    &[40.0, 14.0],
    &[12.0, 10.0],
];

/// Draws a line of a style and the number of a colour. Lines without dots have dashes by their colours; dots have shapes.
pub(super) fn draw_line<DB: DrawingBackend>(
    root: &Area<DB>,
    points: &[(i32, i32)],
    (style, color): (ChartStyle, usize),
    width: u32,
) -> Drawn<DB> {
    let pattern = match style {
        ChartStyle::Dashes => DASHED,
        ChartStyle::Law => LAW_PATTERNS[color.min(PALETTE.len())],
        ChartStyle::Line => PATTERNS[color.min(PALETTE.len())],
        _ => &[],
    };
    let style = ShapeStyle::from(paint(color)).stroke_width(width);
    if pattern.is_empty() {
        return root.draw(&PathElement::new(points, style));
    }
    dashes(points, pattern).into_iter().try_for_each(|dash| root.draw(&PathElement::new(dash, style)))
}

/// Draws a dot whose shape belongs to the number of its colour.
pub(super) fn draw_marker<DB: DrawingBackend>(
    root: &Area<DB>,
    (x, y): (i32, i32),
    color: usize,
    size: i32,
    opacity: f64,
) -> Drawn<DB> {
    let filled = paint(color).mix(opacity).filled();
    let at = |across: i32, down: i32| (x + across, y + down);
    match color {
        0 => root.draw(&Circle::new((x, y), size, filled)),
        1 => root.draw(&Rectangle::new([at(-size + 1, -size + 1), at(size - 1, size - 1)], filled)),
        2 => root.draw(&Polygon::new([at(0, -size - 2), at(size + 1, size - 1), at(-size - 1, size - 1)], filled)),
        3 => root.draw(&Polygon::new([at(0, -size - 3), at(size + 3, 0), at(0, size + 3), at(-size - 3, 0)], filled)),
        4 => root.draw(&Polygon::new([at(0, size + 2), at(size + 1, 1 - size), at(-size - 1, 1 - size)], filled)),
        _ => {
            root.draw(&Circle::new((x, y), size, filled))?;
            root.draw(&Circle::new((x, y), size / 2, WHITE.filled()))
        }
    }
}

/// The dashes of a line through `points`; they bend where the line bends. `pattern` has the lengths of dashes and gaps in turn.
/// Plotters could draw dashes, but it measures them with the platform's `hypot`. A square root is the same on every platform.
fn dashes(points: &[(i32, i32)], pattern: &[f64]) -> Vec<Vec<(i32, i32)>> {
    let mut dashes = Vec::new();
    let mut dash: Vec<(i32, i32)> = points.first().copied().into_iter().collect();
    let mut lengths = pattern.iter().cycle();
    let (mut is_drawn, mut left) = (true, *lengths.next().expect("a pattern has a dash"));
    for ends in points.windows(2) {
        let (from, to) = (ends[0], ends[1]);
        let (across, down) = (f64::from(to.0 - from.0), f64::from(to.1 - from.1));
        let length = (across * across + down * down).sqrt();
        let mut done = 0.0;
        while length - done >= left {
            done += left;
            let along = done / length;
            #[expect(clippy::cast_possible_truncation, reason = "between two places on the sheet")]
            dash.push((from.0 + (along * across).round() as i32, from.1 + (along * down).round() as i32));
            if is_drawn {
                dashes.push(std::mem::take(&mut dash));
            }
            is_drawn = !is_drawn;
            left = *lengths.next().expect("it comes again");
        }
        left -= length - done;
        if is_drawn {
            dash.push(to);
        } else {
            dash.clear();
        }
    }
    dashes.extend((dash.len() > 1).then_some(dash));
    dashes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_go_around_corners() {
        let around = dashes(&[(0, 0), (30, 0), (30, 40)], DASHED);
        assert_eq!(around, [vec![(0, 0), (24, 0)], vec![(30, 8), (30, 32)]]);
        assert_eq!(dashes(&[(0, 0), (10, 0), (10, 10)], DASHED), [vec![(0, 0), (10, 0), (10, 10)]]);
        let there = dashes(&[(0, 0), (24, 0), (24, 0), (62, 0)], DASHED);
        assert_eq!(there, [vec![(0, 0), (24, 0)], vec![(38, 0), (62, 0)]]);
        assert!(dashes(&[], DASHED).is_empty() && dashes(&[(5, 5)], DASHED).is_empty());
    }

    #[test]
    fn every_colour_has_a_pattern_of_its_own() {
        for patterns in [PATTERNS, LAW_PATTERNS] {
            for (index, one) in patterns.iter().enumerate() {
                assert!(patterns[..index].iter().all(|other| other != one), "{one:?}");
            }
        }
        // On the page, too.
        let css = include_str!("../export/html/page.css");
        let law = |color: usize| {
            let rule = css.split_once(&format!("svg .c{color} > .line.law {{ ")).expect("a rule").1;
            rule.split_once('}').expect("an end").0
        };
        let laws: std::collections::BTreeSet<&str> = (0..PALETTE.len()).map(law).collect();
        assert_eq!(laws.len(), PALETTE.len(), "{laws:?}");
    }
}
