//! Chart: how many messages arrive at the servers of a kind over the day. Of lines that coincide, each can be seen.

use plotters::backend::DrawingBackend;
use plotters::element::Polygon;
use plotters::series::LineSeries;
use plotters::style::{Color, RGBColor, ShapeStyle};

use crate::inference::Contrast;
use crate::measures::{self, Unit};
use crate::metrics::LOAD_INTERVAL;
use crate::report::curves::DailyLoad;
use crate::report::evidence::PointEvidence;
use crate::report::numbers::{RateUnit, bound, duration, mean, rate_with_interval};
use crate::report::server_kind::ServerKind;
use crate::stats::Estimate;

use super::axis::{LinearTicks, TickedAxis};
use super::canvas::{Area, BAND_OPACITY, BLUE, Drawn, Frame, GREY, MARGIN, Mark, PALETTE, plot};
use super::data::{ChartAxis, ChartData, ChartPoint, ChartSeries, ChartStyle, color_number, mean_alone, name_of};
use super::names::shortened;
use super::{AnyChart, Chart, Figure, interval};

/// If there are more servers than this, the chart draws their mean and range only.
const SERVERS_TOLD_APART: usize = PALETTE.len();

/// Width of the line on top, and how much wider each line is than the one above it \[px\].
const LINE_WIDTH: u32 = 4;
const WIDER_BELOW: u32 = 4;

/// Rate of messages at each server of a kind over the time of day.
#[derive(Debug)]
pub(super) struct LoadChart {
    lines: Vec<LoadCurve>,
    /// The unit in which axis and finding tell rates.
    unit: RateUnit,
}

#[derive(Debug)]
struct LoadCurve {
    color: RGBColor,
    /// Time of day \[h\], lower end, middle and upper end \[1/s\].
    points: Vec<(f64, [f64; 3])>,
}

/// The picture of what arrives at the servers of a kind over the day.
pub(in crate::report) fn server_load(point: &PointEvidence<'_>, kind: ServerKind, load: &[DailyLoad]) -> Figure {
    let (lines, mut legend) = if load.len() > SERVERS_TOLD_APART { range(load) } else { told_apart(load) };
    if load.len() <= SERVERS_TOLD_APART {
        legend.extend(interval(point.replications, Mark::Band(if load.len() == 1 { BLUE } else { GREY })));
    }
    let unit = RateUnit::of(highest(&lines));
    Figure {
        name: format!("{}server_load", kind.prefix()),
        title: format!("Messages at {}s over the day", kind.spoken()),
        finding: finding(point, kind, load, unit),
        nothing: lines.iter().all(|line| line.points.is_empty()).then_some(kind.none()),
        legend,
        drawing: AnyChart::LoadChart(LoadChart { lines, unit }),
    }
}

/// The highest rate that is drawn \[1/s\].
fn highest(lines: &[LoadCurve]) -> f64 {
    lines.iter().flat_map(|line| &line.points).map(|(_, ends)| ends[2]).fold(0.0, f64::max)
}

fn finding(point: &PointEvidence<'_>, kind: ServerKind, load: &[DailyLoad], unit: RateUnit) -> String {
    let points = load.iter().flat_map(|day| day.points.iter().map(move |point| (day, point)));
    let known = points.filter_map(|(day, &(hour, estimate))| Some((estimate?, &day.server, hour)));
    let Some((peak, server, hour)) = known.max_by(|a, b| a.0.mean.total_cmp(&b.0.mean).then(b.2.total_cmp(&a.2)))
    else {
        return String::new();
    };
    let period = point.measured.first().map(|first| duration(first.measured.period)).unwrap_or_default();
    let mean_load = point.value(kind.measure(measures::ARRIVALS));
    let utilisation = kind.measure(measures::UTILISATION);
    let utilisation = point.observations.answer(utilisation, &kind.subject(server), Contrast::Value);
    let bound = bound(mean_load);
    let whose = if load.len() > 1 { " a server" } else { "" };
    format!(
        "Mean over {period}: {bound}{}{whose}. Busiest: {server} at {} UTC with {bound}{}. Its mean utilisation is {bound}{}.",
        rate_with_interval(mean_load.counted(), unit),
        clock(hour),
        rate_with_interval(Some(peak), unit),
        mean(utilisation.counted(), Unit::Share),
    )
}

fn told_apart(load: &[DailyLoad]) -> (Vec<LoadCurve>, Vec<(String, Mark)>) {
    let line = |(day, &color): (&DailyLoad, &RGBColor)| LoadCurve {
        color,
        points: day.points.iter().filter_map(|&(hour, estimate)| Some((hour, ends(estimate?)))).collect(),
    };
    let lines = load.iter().zip(&PALETTE).map(line).collect();
    let names = shortened(load.iter().map(|day| day.server.as_str()));
    (lines, names.into_iter().zip(PALETTE.map(Mark::Line)).collect())
}

fn ends(estimate: Estimate) -> [f64; 3] {
    let half_width = estimate.half_width.unwrap_or(0.0);
    [(estimate.mean - half_width).max(0.0), estimate.mean, estimate.mean + half_width]
}

/// One line for all servers: their mean, in a band from the server with the least load at that time to the one with the
/// most.
fn range(load: &[DailyLoad]) -> (Vec<LoadCurve>, Vec<(String, Mark)>) {
    let at = |index: usize| {
        let hour = load[0].points[index].0;
        let means: Vec<f64> = load.iter().filter_map(|day| Some(day.points[index].1?.mean)).collect();
        let lowest = means.iter().copied().reduce(f64::min)?;
        let highest = means.iter().copied().reduce(f64::max)?;
        Some((hour, [lowest, means.iter().sum::<f64>() / means.len() as f64, highest]))
    };
    let line = LoadCurve { color: BLUE, points: (0..load[0].points.len()).filter_map(at).collect() };
    let legend = vec![
        (format!("mean of {} servers", load.len()), Mark::Line(BLUE)),
        ("from the server with the least to the one with the most".to_owned(), Mark::Band(BLUE)),
    ];
    (vec![line], legend)
}

fn clock(hour: f64) -> String {
    let minutes = libm::round(hour * 60.0);
    let hours = libm::floor(minutes / 60.0);
    format!("{hours:02.0}:{:02.0}", minutes - hours * 60.0)
}

impl Chart for LoadChart {
    fn draw<DB: DrawingBackend>(&self, _root: &Area<DB>, below: &Area<DB>) -> Drawn<DB> {
        let factor = self.unit.seconds();
        let hours = (0..=8).map(|index| f64::from(index) * 3.0);
        let day = TickedAxis::new(0.0..24.0, hours.map(|hour| (hour, clock(hour))).collect());
        let messages = format!("messages [1/{}]", self.unit.symbol());
        let frame = Frame {
            left: MARGIN,
            right: MARGIN + 24,
            top: 24,
            labels: 170,
            titles: [Some("time of day, UTC [hh:mm]"), Some(&messages)],
            has_rows: false,
        };
        let mut chart = plot(below, &frame, day, LinearTicks::up_to(factor * highest(&self.lines)).axis())?;

        let half_interval = LOAD_INTERVAL.as_secs_f64() / 7_200.0;
        for line in &self.lines {
            let end = |index: usize| {
                line.points.iter().map(move |&(hour, ends)| (hour + half_interval, factor * ends[index]))
            };
            let band: Vec<(f64, f64)> = end(0).chain(end(2).rev()).collect();
            chart.draw_series([Polygon::new(band, line.color.mix(BAND_OPACITY).filled())])?;
        }
        // A line on top is thinner than those below, so that lines that coincide can all be seen.
        for (line, above) in self.lines.iter().zip((0..self.lines.len()).rev()) {
            let points = line.points.iter().map(|&(hour, ends)| (hour + half_interval, factor * ends[1]));
            let width = LINE_WIDTH + WIDER_BELOW * u32::try_from(above).expect("there are few lines");
            chart.draw_series(LineSeries::new(points, ShapeStyle::from(line.color).stroke_width(width)))?;
        }
        Ok(())
    }

    fn data(&self, legend: &[(String, Mark)]) -> ChartData {
        let factor = self.unit.seconds();
        let hours = (0..=8).map(|index| f64::from(index) * 3.0).map(|hour| (hour, clock(hour)));
        let values = LinearTicks::up_to(factor * highest(&self.lines));
        let series = self.lines.iter().map(|line| ChartSeries {
            name: name_of(line.color, legend),
            color: color_number(line.color),
            style: ChartStyle::Line,
            points: line.points.iter().map(|&(hour, ends)| self.point(hour, ends)).collect(),
        });
        ChartData {
            x: ChartAxis::new("time of day, UTC", [0.0, 24.0], hours.collect()),
            y: ChartAxis::new(
                format!("messages a {}", self.unit.name()),
                [values.bottom(), values.top()],
                values.labelled(),
            ),
            rows: Vec::new(),
            series: series.collect(),
            guides: Vec::new(),
        }
    }
}

impl LoadChart {
    fn point(&self, hour: f64, [low, middle, high]: [f64; 3]) -> ChartPoint {
        let factor = self.unit.seconds();
        let interval = LOAD_INTERVAL.as_secs_f64() / 3_600.0;
        let told = rate_with_interval(Some(mean_alone(middle)), self.unit);
        ChartPoint {
            x: hour + interval / 2.0,
            y: factor * middle,
            interval: Some([factor * low, factor * high]),
            told: format!("{} to {}: {told}", clock(hour), clock(hour + interval)),
        }
    }
}
