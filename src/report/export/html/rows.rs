//! Charts with rows: bars, and intervals around zero. The name of a row stands above what is drawn of it, so that long names
//! have room on any screen.

use std::fmt::Write as _;

use crate::report::charts::{ChartData, ChartPoint, ChartRow, ChartStyle};

use super::markup::path;
use super::shapes::{
    LETTER_ON_PHONE, SvgDrawing, WIDTH, dot, group, label_at, labels_along, line, rectangle, row_number, share,
};
use super::stacks;

/// Height of the line with the name of a row, of a bar with its gap, and of the gap between rows \[units\].
const NAME: f64 = 28.0;
const BAR: f64 = 24.0;
const GAP: f64 = 14.0;

/// Height of the row of an interval \[units\].
const INTERVAL_ROW: f64 = 56.0;

/// The chart.
pub(super) fn drawing(chart: &ChartData) -> SvgDrawing {
    let has_bars = chart.series.iter().any(|series| series.style == ChartStyle::Bars);
    if chart.series.iter().any(|series| series.style == ChartStyle::Stacks) {
        return stacks::drawing(chart);
    }
    if has_bars { bars(chart) } else { intervals(chart) }
}

/// Bars from zero, each with its value behind it.
fn bars(chart: &ChartData) -> SvgDrawing {
    let letters = |told: &str| told.chars().count() as f64 * LETTER_ON_PHONE;
    let points = || chart.series.iter().flat_map(|series| &series.points);
    let labels = points().map(|point| letters(&point.told)).fold(0.0, f64::max);
    let highest = points().map(|point| point.interval.map_or(point.x, |of| of[1].max(point.x))).fold(0.0, f64::max);
    let room = (WIDTH - labels - 16.0).max(WIDTH / 4.0);
    let place = |value: f64| if highest > 0.0 { value.max(0.0) / highest * room } else { 0.0 };
    let pitch = NAME + BAR * chart.series.len() as f64 + GAP;
    let mut content = String::new();
    for (index, row) in chart.rows.iter().enumerate() {
        name(&mut content, row, pitch * index as f64);
    }
    for (index, series) in chart.series.iter().enumerate() {
        let mut bars = String::new();
        for point in &series.points {
            let top = pitch * row_number(point) as f64 + NAME + BAR * index as f64;
            let middle = top + (BAR - 4.0) / 2.0;
            rectangle(&mut bars, "bar", ([0.0, place(point.x).max(1.0)], [top, top + BAR - 4.0]));
            if let Some([low, high]) = point.interval {
                line(&mut bars, "whisker", (place(low), middle), (place(high), middle));
            }
            let end = point.interval.map_or(point.x, |interval| interval[1].max(point.x));
            label_at(&mut bars, "middle value", (place(end) + 8.0, middle), &point.told);
            let told = format!("{}: {}", chart.rows[row_number(point)].name, point.told);
            dot(&mut bars, "ghost", (place(point.x), middle), 4.0, &told);
        }
        content.push_str(&group(index, series, &bars));
    }
    SvgDrawing { height: pitch * chart.rows.len() as f64, content }
}

/// Intervals around zero, in the band of what is too small to matter.
fn intervals(chart: &ChartData) -> SvgDrawing {
    let letters = chart.x.ticks.iter().map(|(_, label)| label.chars().count()).max().unwrap_or(0);
    let edge = (LETTER_ON_PHONE * letters as f64 / 2.0).max(14.0);
    let place = |value: f64| edge + share(&chart.x, value) * (WIDTH - 2.0 * edge);
    let bottom = INTERVAL_ROW * chart.rows.len() as f64;
    let mut content = String::new();
    for (index, row) in chart.rows.iter().enumerate() {
        let top = INTERVAL_ROW * index as f64;
        if let Some(near) = row.near {
            rectangle(&mut content, "stretch", ([place(-near), place(near)], [top + 24.0, top + 42.0]));
        }
        line(&mut content, "grid", (edge, top + 33.0), (WIDTH - edge, top + 33.0));
        line(&mut content, "base", (place(0.0), top + 24.0), (place(0.0), top + 42.0));
        label_at(&mut content, "name", (0.0, top + 16.0), &row.name);
        label_at(&mut content, "end wide", (WIDTH, top + 16.0), &row.told);
    }
    for (index, series) in chart.series.iter().enumerate() {
        let mut drawn = String::new();
        for point in &series.points {
            interval(&mut drawn, point, chart, &place);
        }
        content.push_str(&group(index, series, &drawn));
    }
    content.push_str(&labels_along(&chart.x, place, bottom + 14.0));
    SvgDrawing { height: bottom + 24.0, content }
}

fn interval(content: &mut String, point: &ChartPoint, chart: &ChartData, place: &impl Fn(f64) -> f64) {
    let y = INTERVAL_ROW * row_number(point) as f64 + 33.0;
    let [low, high] = point.interval.unwrap_or([point.x; 2]);
    line(content, "interval", (place(low), y), (place(high), y));
    // What lies beyond the axis is shown by an arrow at its end.
    for (leaves, edge, inwards) in [(low < chart.x.low, low, 1.0), (high > chart.x.high, high, -1.0)] {
        if leaves {
            let tip = place(edge);
            let shape = path([(tip - inwards * 10.0, y), (tip, y - 6.0), (tip, y + 6.0)]);
            write!(content, "<path class=\"arrow\" d=\"{shape}Z\"/>").expect("writing into memory");
        }
    }
    dot(content, "dot", (place(point.x), y), 5.0, &point.told);
}

/// The name of a row, and what is said of it.
fn name(content: &mut String, row: &ChartRow, top: f64) {
    label_at(content, "name", (0.0, top + 19.0), &row.name);
    label_at(content, "end", (WIDTH, top + 19.0), &row.told);
}
