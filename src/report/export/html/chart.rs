//! A chart as inline SVG in the colours and fonts of the page. Every value is an element that can be reached by pointer and
//! keyboard, and every text can be read on a phone.

use std::fmt::Write as _;

use crate::report::charts::{ChartAxis, ChartData, ChartPoint, ChartSeries, ChartStyle};
use crate::report::page::PageFigure;

use super::markup::{element, escaped, path, px, text};
use super::rows;
use super::shapes::{
    LETTER_ON_PHONE, SvgDrawing, WIDTH, dot, group, label_at, labels_along, line, names_along, rectangle, row_number,
    share,
};

/// Height of the part with the values, and the room above and below it \[units\].
const HEIGHT: f64 = 260.0;
const ABOVE: f64 = 16.0;
const BELOW: f64 = 36.0;

/// A line has a dot at each point if there are no more than these.
const MOST_LISTED: usize = 48;

/// The figure on a page; `class` tells the page how it is shown.
pub(super) fn figure(figure: &PageFigure, class: &str) -> String {
    let id = escaped(&figure.name);
    let heading = text(&format!("h3 id=\"figure-{id}\""), &figure.title);
    let caption = if figure.finding.is_empty() { String::new() } else { text("figcaption", &figure.finding) };
    let chart = &figure.chart;
    let drawing = drawing(chart);
    let label = escaped(&format!("{}: arrow keys step through its values", figure.title));
    let svg = element(
        &format!(
            "svg viewBox=\"0 0 {} {}\" role=\"img\" aria-labelledby=\"title-{id} desc-{id}\"",
            px(WIDTH),
            px(drawing.height)
        ),
        &format!(
            "{}{}{}",
            text(&format!("title id=\"title-{id}\""), &figure.title),
            text(&format!("desc id=\"desc-{id}\""), &figure.description),
            drawing.content
        ),
    );
    let plot = element(
        &format!("div class=\"plot\" tabindex=\"0\" role=\"group\" aria-label=\"{label}\""),
        &format!("{svg}<p class=\"tip\" role=\"status\"></p>"),
    );
    let axis = |class: &str, title: &str| {
        if title.is_empty() { String::new() } else { text(&format!("p class=\"axis {class}\""), title) }
    };
    let content = format!(
        "{heading}{caption}{}{}{plot}{}{}",
        legend(chart),
        axis("up", if chart.rows.is_empty() { &chart.y.title } else { "" }),
        axis("along", &chart.x.title),
        values(chart),
    );
    let kind = if chart.rows.is_empty() { "chart" } else { "chart rows" };
    element(&format!("figure class=\"{kind} {class}\" aria-labelledby=\"figure-{id}\""), &content)
}

/// The height of a picture \[units\].
pub(super) fn height(figure: &PageFigure) -> f64 {
    drawing(&figure.chart).height
}

fn drawing(chart: &ChartData) -> SvgDrawing {
    if chart.rows.is_empty() { between_axes(chart) } else { rows::drawing(chart) }
}

/// A button for each series, which switches it off and on.
fn legend(chart: &ChartData) -> String {
    let button = |(index, series): (usize, &ChartSeries)| {
        let swatch = format!("<span class=\"swatch {} c{}\"></span>", look(series), series.color);
        let name = if series.name.is_empty() { "values" } else { &series.name };
        element(
            &format!("button type=\"button\" aria-pressed=\"true\" data-series=\"{index}\""),
            &format!("{swatch}{}", escaped(name)),
        )
    };
    let is_told = chart.series.len() > 1 || chart.series.iter().any(|series| !series.name.is_empty());
    let buttons: String = chart.series.iter().enumerate().filter(|_| is_told).map(button).collect();
    let interval = if chart.band.is_empty() {
        String::new()
    } else {
        text("span class=\"key\"", &format!("{}: {}", mark_of_interval(chart), chart.band))
    };
    if buttons.is_empty() && interval.is_empty() {
        return String::new();
    }
    element(
        "div class=\"legend\" role=\"group\" aria-label=\"Series: press to switch off or on\"",
        &format!("{buttons}{interval}"),
    )
}

/// How intervals are drawn, in words.
fn mark_of_interval(chart: &ChartData) -> &'static str {
    let has = |style: ChartStyle| chart.series.iter().any(|series| series.style == style);
    if has(ChartStyle::Bars) || has(ChartStyle::Intervals) { "thin line" } else { "band" }
}

/// The class that tells how a series looks beside its colour: lines without dots have dashes by their colours.
const fn look(series: &ChartSeries) -> &'static str {
    match series.style {
        ChartStyle::Dashes => "dashed",
        ChartStyle::Law => "law",
        ChartStyle::Line => "plain",
        _ => "dotted",
    }
}

/// The values as a table, if they are few.
fn values(chart: &ChartData) -> String {
    // A law has no values of its own.
    let listed = || chart.series.iter().filter(|series| series.style != ChartStyle::Law);
    let count: usize = listed().map(|series| series.points.len()).sum();
    if count == 0 || count > MOST_LISTED {
        return String::new();
    }
    // The only series of a chart often has no name.
    let has_names = listed().all(|series| !series.name.is_empty());
    let row = |series: &ChartSeries, point: &ChartPoint| {
        let of_row = chart.rows.get(row_number(point)).filter(|row| !point.told.starts_with(&row.name));
        let told = of_row.map_or_else(|| point.told.clone(), |row| format!("{}: {}", row.name, point.told));
        let name = if has_names { text("th scope=\"row\"", &series.name) } else { String::new() };
        element("tr", &format!("{name}{}", text("td", &told)))
    };
    let rows: String = listed().flat_map(|series| series.points.iter().map(move |point| row(series, point))).collect();
    let series = if has_names { "<th scope=\"col\">series</th>" } else { "" };
    let head = format!("<thead><tr>{series}<th scope=\"col\">value</th></tr></thead>");
    let table =
        format!("<table><caption><span>The values of the chart</span></caption>{head}<tbody>{rows}</tbody></table>");
    format!(
        "<details class=\"values\"><summary>Values as a table</summary><div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"The values of the chart\">{table}</div></details>"
    )
}

/// The places of values in a drawing.
struct Scales<'c> {
    x: &'c ChartAxis,
    y: &'c ChartAxis,
    left: f64,
    right: f64,
}

impl Scales<'_> {
    fn x(&self, value: f64) -> f64 {
        self.left + (self.right - self.left) * share(self.x, value)
    }

    fn y(&self, value: f64) -> f64 {
        ABOVE + HEIGHT * (1.0 - share(self.y, value))
    }
}

/// A chart with two axes.
fn between_axes(chart: &ChartData) -> SvgDrawing {
    let letters = |ticks: &[(f64, String)]| ticks.iter().map(|(_, label)| label.chars().count()).max().unwrap_or(0);
    let first = chart.x.ticks.first().map_or(0, |(_, label)| label.chars().count());
    let left = (10.0 + LETTER_ON_PHONE * letters(&chart.y.ticks) as f64).max(LETTER_ON_PHONE * first as f64 / 2.0);
    let last = chart.x.ticks.last().map_or(0, |(_, label)| label.chars().count());
    let right = WIDTH - (LETTER_ON_PHONE * last as f64 / 2.0).max(12.0);
    let scales = Scales { x: &chart.x, y: &chart.y, left, right };
    let mut content = String::new();
    for (at, label) in &chart.y.ticks {
        let y = scales.y(*at);
        let class = if *at == 0.0 { "base" } else { "grid" };
        line(&mut content, class, (left, y), (right, y));
        label_at(&mut content, "end middle", (left - 8.0, y), label);
    }
    let mut more_rows = 0.0;
    if chart.x.has_names {
        let (names, height) = names_along(&chart.x, |at| scales.x(at), ABOVE + HEIGHT + 24.0);
        content.push_str(&names);
        more_rows = height;
    } else {
        content.push_str(&labels_along(&chart.x, |at| scales.x(at), ABOVE + HEIGHT + 24.0));
    }
    if chart.y.is_broken {
        let foot = ABOVE + HEIGHT;
        let zigzag = [(0.0, 22.0), (-6.0, 18.0), (6.0, 12.0), (-6.0, 8.0), (0.0, 4.0)];
        let zigzag = path(zigzag.map(|(across, up)| (left + across, foot - up)));
        write!(content, "<path class=\"break\" d=\"{zigzag}\"/>").expect("writing into memory");
    }
    content.push_str(&guides(chart, &scales));
    for (index, series) in chart.series.iter().enumerate() {
        content.push_str(&drawn(index, series, &scales));
    }
    SvgDrawing { height: ABOVE + HEIGHT + BELOW + more_rows, content }
}

fn guides(chart: &ChartData, scales: &Scales<'_>) -> String {
    let mut content = String::new();
    for guide in &chart.guides {
        let (bottom, top) = (ABOVE + HEIGHT, ABOVE);
        if let Some(stretch) = guide.stretch {
            let corners = if guide.is_upright {
                (stretch.map(|at| scales.x(at)), [top, bottom])
            } else {
                ([scales.left, scales.right], [scales.y(stretch[1]), scales.y(stretch[0])])
            };
            rectangle(&mut content, "stretch", corners);
        }
        let class = if guide.label.is_empty() { "base" } else { "guide" };
        if guide.is_upright {
            let x = scales.x(guide.at);
            line(&mut content, class, (x, top), (x, bottom));
            let is_right = x > f64::midpoint(scales.left, scales.right);
            let (anchor, x) = if is_right { ("end halo", x - 8.0) } else { ("halo", x + 8.0) };
            label_at(&mut content, anchor, (x, bottom - 10.0), &guide.label);
        } else {
            let y = scales.y(guide.at);
            line(&mut content, class, (scales.left, y), (scales.right, y));
            label_at(&mut content, "halo", (scales.left + 8.0, y + 18.0), &guide.label);
        }
    }
    content
}

/// A series between two axes.
fn drawn(index: usize, series: &ChartSeries, scales: &Scales<'_>) -> String {
    let place = |point: &ChartPoint| (scales.x(point.x), scales.y(point.y));
    let mut content = String::new();
    let is_line =
        matches!(series.style, ChartStyle::Line | ChartStyle::DottedLine | ChartStyle::Dashes | ChartStyle::Law);
    if is_line {
        let end = |point: &ChartPoint, end: usize| {
            let y = point.interval.map_or(point.y, |interval| interval[end]);
            (scales.x(point.x), scales.y(y))
        };
        for stretch in series.bands() {
            let there = stretch.iter().map(|point| end(point, 0));
            let back = stretch.iter().rev().map(|point| end(point, 1));
            write!(content, "<path class=\"band\" d=\"{}Z\"/>", path(there.chain(back))).expect("writing into memory");
        }
        let class = look(series);
        let line = path(series.points.iter().map(place));
        write!(content, "<path class=\"line {class}\" d=\"{line}\"/>").expect("writing into memory");
    }
    if series.style == ChartStyle::Law {
        return group(index, series, &content);
    }
    for point in &series.points {
        let (x, y) = place(point);
        if series.style == ChartStyle::Intervals
            && let Some([low, high]) = point.interval
        {
            line(&mut content, "interval", (x, scales.y(low)), (x, scales.y(high)));
        }
        let (class, radius) = match series.style {
            ChartStyle::Line => ("ghost", 4.0),
            ChartStyle::Dots => ("cloud", 4.0),
            _ => ("dot", 4.0),
        };
        dot(&mut content, class, (x, y), radius, &point.told);
    }
    group(index, series, &content)
}
