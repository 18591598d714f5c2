//! Draws a chart between two axes from its data alone, so that file and page cannot differ: lines in their bands, dots, laws and
//! guides. What a colour tells apart, a dash or the shape of a dot tells apart, too.

use plotters::backend::DrawingBackend;
use plotters::element::{PathElement, Polygon, Rectangle, Text};
use plotters::style::text_anchor::HPos;
use plotters::style::{Color, ShapeStyle, WHITE};

use super::axis::{TickedAxis, rows_of_labels};
use super::canvas::{
    Area, Drawn, FOOT, Frame, LABEL, MARGIN, Plot, SIZE, fitted, label_style, label_width, plot, readable_ticks,
};
use super::data::{ChartData, ChartGuide, ChartSeries, ChartStyle};
use super::heading::{Mark, heading};
use super::looks::{draw_line, draw_marker};
use super::names::shortened;
use super::palette::{BAND_OPACITY, GREY, GRID, INK, paint};

/// Width of a line, and of a law or a guide \[units\].
const LINE_WIDTH: u32 = 6;
const THIN: u32 = 3;

/// Height of the line with the title of the vertical axis \[units\].
const TITLE_ROW: i32 = 76;

/// A label at the end of a line may take this much of the sheet \[units\].
const END_LABEL: i32 = 420;

/// A name of a legend may be so wide \[units\].
const LEGEND_ENTRY: i32 = 1_500;

/// Lines whose ends are nearer to each other than this share of the axis are named by a legend.
const ENDS_APART: f64 = 0.025;

/// A line ends at the right edge if it comes this near to it \[share of the axis\].
const ENDS_AT_EDGE: f64 = 0.02;

/// Distance of two labels at ends \[units\].
const LABEL_ROW: i32 = 46;

/// Size of a dot, and of one in a cloud \[units\].
const DOT: i32 = 10;
const DOT_OF_CLOUD: i32 = 9;

/// Draws the whole sheet: heading, legend and chart.
pub(super) fn draw_sheet<DB: DrawingBackend>(
    chart: &ChartData,
    root: &Area<DB>,
    title: &str,
    finding: &str,
) -> Drawn<DB> {
    root.fill(&WHITE)?;
    let mut labels_width = 0;
    let mut widest = 0;
    for series in &chart.series {
        let width = label_width(root, &series.name)?;
        widest = widest.max(width);
        if series.style != ChartStyle::Law {
            labels_width = labels_width.max(width);
        }
    }
    let named_at_ends = has_ends_apart(chart) && labels_width <= END_LABEL;
    let names: Vec<String> = if widest <= LEGEND_ENTRY {
        chart.series.iter().map(|series| series.name.clone()).collect()
    } else {
        shortened(chart.series.iter().map(|series| series.name.as_str()))
    };
    let below = heading(root, title, finding, &legend(chart, names, named_at_ends))?;
    draw_plot(chart, root, &below, if named_at_ends { labels_width + 28 } else { 0 }, named_at_ends)
}

/// Whether every line has a name and ends at the right edge, apart from the others.
fn has_ends_apart(chart: &ChartData) -> bool {
    let lines: Vec<&ChartSeries> = chart.series.iter().filter(|series| series.style != ChartStyle::Law).collect();
    let (width, height) = (chart.x.high - chart.x.low, chart.y.high - chart.y.low);
    let ends_at_edge = |series: &ChartSeries| {
        is_line(series.style)
            && !series.name.is_empty()
            && series.points.last().is_some_and(|last| chart.x.high - last.x <= ENDS_AT_EDGE * width)
    };
    let mut ends: Vec<f64> = lines.iter().filter_map(|series| Some(series.points.last()?.y)).collect();
    ends.sort_by(f64::total_cmp);
    lines.len() > 1
        && lines.iter().all(|series| ends_at_edge(series))
        && ends.windows(2).all(|pair| pair[1] - pair[0] >= ENDS_APART * height)
}

const fn is_line(style: ChartStyle) -> bool {
    matches!(style, ChartStyle::Line | ChartStyle::DottedLine | ChartStyle::Dashes)
}

/// What the drawing itself does not name.
fn legend(chart: &ChartData, names: Vec<String>, named_at_ends: bool) -> Vec<(String, Mark)> {
    let is_named =
        |(series, _): &(&ChartSeries, String)| !(series.name.is_empty() || named_at_ends && is_line(series.style));
    let entry = |(series, name): (&ChartSeries, String)| (name, Mark::Series(series.style, series.color));
    let band = if chart.series.iter().any(|series| series.style == ChartStyle::Intervals) {
        Mark::Line(GREY)
    } else {
        Mark::Band(match chart.series.as_slice() {
            [only] => paint(only.color),
            _ => GREY,
        })
    };
    let bands = (!chart.band.is_empty()).then(|| (chart.band.clone(), band));
    chart.series.iter().zip(names).filter(is_named).map(entry).chain(bands).collect()
}

fn draw_plot<DB: DrawingBackend>(
    chart: &ChartData,
    root: &Area<DB>,
    below: &Area<DB>,
    ends_width: i32,
    named_at_ends: bool,
) -> Drawn<DB> {
    let mut values_width = 0;
    for (_, label) in &chart.y.ticks {
        values_width = values_width.max(label_width(root, label)?);
    }
    // The first and the last label are centred below the ends of the axis, so that half of each lies outside.
    let half = |label: Option<&(f64, String)>| {
        label.map_or(Drawn::<DB, i32>::Ok(0), |(_, label)| Ok(label_width(root, label)? / 2))
    };
    let labels = values_width + 32;
    let left = MARGIN.max(half(chart.x.ticks.first())? + MARGIN / 2 - labels);
    let right = (MARGIN + ends_width).max(half(chart.x.ticks.last())? + MARGIN / 2);
    let plot_width = SIZE.0.cast_signed() - left - labels - right;
    let (first, last) = (chart.x.low, chart.x.high);
    #[expect(clippy::cast_possible_truncation, reason = "within the width of the chart")]
    let position = |at: f64| ((at - first) / (last - first) * f64::from(plot_width)) as i32;
    let mut rows: Vec<usize> = Vec::new();
    let ticks = if chart.x.has_names {
        let mut labels = Vec::with_capacity(chart.x.ticks.len());
        for (at, label) in &chart.x.ticks {
            labels.push((f64::from(position(*at)), f64::from(label_width(root, label)?)));
        }
        rows = rows_of_labels(&labels, 24.0);
        Vec::new()
    } else {
        readable_ticks(root, chart.x.ticks.clone(), position)?
    };
    let more_rows = i32::try_from(rows.iter().max().copied().unwrap_or(0)).expect("few rows");
    let foot = FOOT + LABEL_ROW * more_rows;
    let title = fitted(root, &chart.x.title, plot_width)?;
    let frame = Frame { left, right, top: TITLE_ROW, foot, labels, titles: [Some(&title), None], has_rows: false };
    let y_title = fitted(root, &chart.y.title, SIZE.0.cast_signed() - 2 * MARGIN)?;
    below.draw(&Text::new(y_title, (MARGIN, TITLE_ROW / 2 - 6), label_style(GREY, HPos::Left)))?;
    let (x, y) =
        (TickedAxis::new(first..last, ticks), TickedAxis::new(chart.y.low..chart.y.high, chart.y.ticks.clone()));
    let mut plot = plot(below, &frame, x, y)?;
    for guide in &chart.guides {
        draw_guide(chart, guide, root, &mut plot)?;
    }
    // Bands are drawn first, so that none hides the line of another.
    let lines = chart.series.iter().filter(|series| is_line(series.style));
    for (series, stretch) in lines.flat_map(|series| series.bands().map(move |stretch| (series, stretch))) {
        let ends = |end: usize| stretch.iter().filter_map(move |point| Some((point.x, point.interval?[end])));
        let band: Vec<(f64, f64)> = ends(0).chain(ends(1).collect::<Vec<_>>().into_iter().rev()).collect();
        plot.draw_series([Polygon::new(band, paint(series.color).mix(BAND_OPACITY).filled())])?;
    }
    for series in &chart.series {
        draw_series(series, root, &mut plot)?;
    }
    for ((at, label), row) in chart.x.ticks.iter().zip(&rows) {
        let (x, y) = plot.backend_coord(&(*at, chart.y.low));
        let below = 34 + LABEL_ROW * i32::try_from(*row).expect("few rows");
        let line = ShapeStyle::from(if *row > 0 { GRID } else { GREY }).stroke_width(2);
        root.draw(&PathElement::new([(x, y), (x, y + below - 22)], line))?;
        root.draw(&Text::new(label.clone(), (x, y + below), label_style(INK, HPos::Center)))?;
    }
    if chart.y.is_broken {
        draw_break(root, plot.backend_coord(&(first, chart.y.low)))?;
    }
    if named_at_ends { draw_names(chart, root, &plot) } else { Ok(()) }
}

fn draw_series<DB: DrawingBackend>(series: &ChartSeries, root: &Area<DB>, plot: &mut Plot<'_, DB>) -> Drawn<DB> {
    let color = paint(series.color);
    let places: Vec<(i32, i32)> = series.points.iter().map(|point| plot.backend_coord(&(point.x, point.y))).collect();
    match series.style {
        ChartStyle::Line | ChartStyle::DottedLine | ChartStyle::Dashes | ChartStyle::Law if places.len() > 1 => {
            let width = if series.style == ChartStyle::Law { THIN } else { LINE_WIDTH };
            draw_line(root, &places, (series.style, series.color), width)?;
        }
        // A single value has no band, so that its interval is drawn as a line.
        ChartStyle::Intervals | ChartStyle::DottedLine | ChartStyle::Dashes => {
            let intervals = series.points.iter().filter_map(|point| {
                let [low, high] = point.interval?;
                Some(PathElement::new(
                    [(point.x, low), (point.x, high)],
                    ShapeStyle::from(color).stroke_width(LINE_WIDTH),
                ))
            });
            plot.draw_series(intervals)?;
        }
        _ => {}
    }
    let size = match series.style {
        ChartStyle::Line if places.len() > 1 => return Ok(()),
        ChartStyle::Law | ChartStyle::Bars => return Ok(()),
        ChartStyle::Dots => DOT_OF_CLOUD,
        _ => DOT,
    };
    let opacity = if series.style == ChartStyle::Dots { 0.6 } else { 1.0 };
    places.into_iter().try_for_each(|place| draw_marker(root, place, series.color, size, opacity))
}

fn draw_guide<DB: DrawingBackend>(
    chart: &ChartData,
    guide: &ChartGuide,
    root: &Area<DB>,
    plot: &mut Plot<'_, DB>,
) -> Drawn<DB> {
    let (x, y) = (&chart.x, &chart.y);
    if let Some([from, to]) = guide.stretch {
        let corners = if guide.is_upright {
            [(from.clamp(x.low, x.high), y.low), (to.clamp(x.low, x.high), y.high)]
        } else {
            [(x.low, from.clamp(y.low, y.high)), (x.high, to.clamp(y.low, y.high))]
        };
        plot.draw_series([Rectangle::new(corners, GREY.mix(0.13).filled())])?;
    }
    let ends = if guide.is_upright {
        [(guide.at.clamp(x.low, x.high), y.low), (guide.at.clamp(x.low, x.high), y.high)]
    } else {
        [(x.low, guide.at.clamp(y.low, y.high)), (x.high, guide.at.clamp(y.low, y.high))]
    };
    let places = ends.map(|end| plot.backend_coord(&end));
    if guide.label.is_empty() {
        return root.draw(&PathElement::new(places, ShapeStyle::from(GREY).stroke_width(THIN)));
    }
    draw_line(root, &places, (ChartStyle::Law, usize::MAX), THIN)?;
    let [low, high] = places;
    let (right, left) = (plot.backend_coord(&(x.high, y.low)).0, plot.backend_coord(&(x.low, y.low)).0);
    let width = label_width(root, &guide.label)?;
    let (place, anchor) = if guide.is_upright {
        // The text stands on the side with more room.
        if right - low.0 > width + 24 || right - low.0 > low.0 - left {
            ((low.0 + 16, low.1 - 34), HPos::Left)
        } else {
            ((low.0 - 16, low.1 - 34), HPos::Right)
        }
    } else {
        ((left + 16, high.1 + 32), HPos::Left)
    };
    root.draw(&Text::new(guide.label.clone(), place, label_style(GREY, anchor)))
}

/// A zigzag at the foot of the vertical axis.
fn draw_break<DB: DrawingBackend>(root: &Area<DB>, (x, y): (i32, i32)) -> Drawn<DB> {
    root.draw(&Rectangle::new([(x - 4, y - 44), (x + 4, y - 12)], WHITE.filled()))?;
    let zigzag = [(0, 44), (-13, 37), (13, 23), (-13, 16), (0, 10)].map(|(across, up)| (x + across, y - up));
    root.draw(&PathElement::new(zigzag, ShapeStyle::from(INK).stroke_width(THIN)))
}

/// The names of lines at their ends, moved apart as far as they would touch.
fn draw_names<DB: DrawingBackend>(chart: &ChartData, root: &Area<DB>, plot: &Plot<'_, DB>) -> Drawn<DB> {
    let end = |series: &ChartSeries| {
        let last = series.points.last()?;
        Some((plot.backend_coord(&(last.x, last.y)), series.name.clone()))
    };
    let mut names: Vec<((i32, i32), String)> =
        chart.series.iter().filter(|series| is_line(series.style)).filter_map(end).collect();
    names.sort_by_key(|((_, y), _)| *y);
    let bottom = plot.backend_coord(&(chart.x.low, chart.y.low)).1 - LABEL.cast_signed() / 4;
    let mut rows: Vec<i32> = Vec::with_capacity(names.len());
    for ((_, y), _) in &names {
        rows.push(rows.last().map_or(*y, |above| (*y).max(above + LABEL_ROW)));
    }
    // Names that would fall below the plot push those above them up.
    let mut lowest = bottom;
    for row in rows.iter_mut().rev() {
        *row = (*row).min(lowest);
        lowest = *row - LABEL_ROW;
    }
    names
        .into_iter()
        .zip(rows)
        .try_for_each(|(((x, _), name), row)| root.draw(&Text::new(name, (x + 24, row), label_style(INK, HPos::Left))))
}
