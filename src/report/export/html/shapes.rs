//! What the drawings of a page are made of: one width for all, shapes with a class for the page's colours, and labels that fit on a
//! phone.

use std::fmt::Write as _;

use crate::report::charts::{ChartAxis, ChartPoint, ChartSeries, rows_of_labels};

use super::markup::{element, escaped, px, text};

/// Width of every drawing \[units\]. On a wide screen a unit is a pixel or a little more.
pub(super) const WIDTH: f64 = 640.0;

/// Width of a letter \[units\] where the drawing is shown at its own size, and on a phone, where letters are larger.
pub(super) const LETTER: f64 = 7.8;
pub(super) const LETTER_ON_PHONE: f64 = 12.2;

/// A drawing and its height \[units\].
pub(super) struct SvgDrawing {
    pub(super) height: f64,
    pub(super) content: String,
}

/// The number of the row in which a point of a chart with rows lies.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the number of a row; `as` saturates")]
pub(super) fn row_number(point: &ChartPoint) -> usize {
    point.y as usize
}

/// Where `value` lies on an axis: 0 at its begin, 1 at its end, and not beyond.
pub(super) fn share(axis: &ChartAxis, value: f64) -> f64 {
    let length = axis.high - axis.low;
    if length > 0.0 { ((value - axis.low) / length).clamp(0.0, 1.0) } else { 0.5 }
}

/// The labels of a horizontal axis, as many as have room; fewer on a phone.
pub(super) fn labels_along(axis: &ChartAxis, place: impl Fn(f64) -> f64, y: f64) -> String {
    let fitting = |letter: f64| {
        let mut fits = vec![false; axis.ticks.len()];
        let half = |index: usize| letter * axis.ticks[index].1.chars().count() as f64 / 2.0;
        let apart = |one: usize, other: usize| {
            place(axis.ticks[other].0) - place(axis.ticks[one].0) >= half(one) + half(other) + 2.0 * letter
        };
        let Some(last) = axis.ticks.len().checked_sub(1) else { return fits };
        let mut previous = None;
        for (index, fits) in fits.iter_mut().enumerate() {
            *fits = index == last || (previous.is_none_or(|previous| apart(previous, index)) && apart(index, last));
            if *fits {
                previous = Some(index);
            }
        }
        fits
    };
    let mut content = String::new();
    let (here, on_phone) = (fitting(LETTER), fitting(LETTER_ON_PHONE));
    for (index, (at, label)) in axis.ticks.iter().enumerate().filter(|(index, _)| here[*index]) {
        label_at(&mut content, if on_phone[index] { "mid" } else { "mid wide" }, (place(*at), y), label);
    }
    content
}

/// Names at a horizontal axis, all of them, in as many rows as they take on a phone; with the height of the rows behind the first.
pub(super) fn names_along(axis: &ChartAxis, place: impl Fn(f64) -> f64, y: f64) -> (String, f64) {
    const ROW: f64 = 24.0;
    let label = |(at, label): &(f64, String)| (place(*at), LETTER_ON_PHONE * label.chars().count() as f64);
    let labels: Vec<(f64, f64)> = axis.ticks.iter().map(label).collect();
    let rows = rows_of_labels(&labels, LETTER_ON_PHONE);
    let mut content = String::new();
    for (((_, label), (x, width)), row) in axis.ticks.iter().zip(&labels).zip(&rows) {
        // A long name at the edge of a phone moves inwards.
        let x = x.clamp(width / 2.0, (WIDTH - width / 2.0).max(width / 2.0));
        label_at(&mut content, "mid", (x, y + ROW * *row as f64), label);
    }
    (content, ROW * rows.iter().max().copied().unwrap_or(0) as f64)
}

/// The group of a series, which the page can switch off.
pub(super) fn group(index: usize, series: &ChartSeries, content: &str) -> String {
    element(
        &format!(
            "g class=\"series c{}\" data-series=\"{index}\" data-name=\"{}\"",
            series.color,
            escaped(&series.name)
        ),
        content,
    )
}

/// A dot that says what it is when it is pointed at.
pub(super) fn dot(content: &mut String, class: &str, (x, y): (f64, f64), radius: f64, told: &str) {
    let (x, y, radius, told) = (px(x), px(y), px(radius), escaped(told));
    write!(content, "<circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"{radius}\" data-told=\"{told}\"/>")
        .expect("writing into memory");
}

pub(super) fn line(content: &mut String, class: &str, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) {
    let [x1, y1, x2, y2] = [x1, y1, x2, y2].map(px);
    write!(content, "<line class=\"{class}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"/>")
        .expect("writing into memory");
}

/// The rectangle from one x to another, and from one y to another.
pub(super) fn rectangle(content: &mut String, class: &str, ([left, right], [top, bottom]): ([f64; 2], [f64; 2])) {
    let (width, height) = (px((right - left).max(0.0)), px((bottom - top).max(0.0)));
    let (left, top) = (px(left), px(top));
    write!(content, "<rect class=\"{class}\" x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\"/>")
        .expect("writing into memory");
}

/// A label; nothing if it has no letters.
pub(super) fn label_at(content: &mut String, class: &str, (x, y): (f64, f64), label: &str) {
    if !label.is_empty() {
        let tag = format!("text class=\"{class}\" x=\"{}\" y=\"{}\"", px(x), px(y));
        content.push_str(&text(&tag, label));
    }
}
