//! Chart: what arrives at the push-open servers over the day.

use plotters::backend::DrawingBackend;
use plotters::chart::ChartBuilder;
use plotters::element::Polygon;
use plotters::series::LineSeries;
use plotters::style::text_anchor::HPos;
use plotters::style::{Color, RGBColor, ShapeStyle};

use crate::inference::{Observations, Subject};
use crate::measures;
use crate::metrics::LOAD_INTERVAL;
use crate::record::RunRecord;
use crate::report::curves::DailyLoad;
use crate::report::numbers::{RateUnit, bound, duration, mean, rate_with_interval};
use crate::stats::Estimate;

use super::axis::{Axis, LinearTicks};
use super::canvas::{
    Area, BAND_OPACITY, BLUE, Drawn, Figure, GREY, GRID, INK, LABEL, MARGIN, Mark, PALETTE, empty, heading, label_style,
};
use super::names::shortened;

/// More servers than this are drawn as their mean and range.
const SERVERS_TOLD_APART: usize = PALETTE.len();

/// Width of the line on top, and by how much each line is wider than the one above it [px].
const LINE_WIDTH: u32 = 4;
const WIDER_BELOW: u32 = 4;

/// Rate of messages at each push-open server over the time of day.
pub(super) struct ServerLoad {
    finding: String,
    legend: Vec<(String, Mark)>,
    lines: Vec<Line>,
    /// In which the axis and the finding tell rates.
    unit: RateUnit,
}

struct Line {
    color: RGBColor,
    /// Time of day \[h\], lower end, middle and upper end \[1/s\].
    points: Vec<(f64, [f64; 3])>,
}

impl ServerLoad {
    pub(super) fn new(record: &RunRecord, observations: &Observations<'_>, load: &[DailyLoad]) -> Self {
        let period = record.replications.first().map(|first| duration(first.measured.period)).unwrap_or_default();
        let average = format!("Mean over {period}");
        let (lines, mut legend) = if load.len() > SERVERS_TOLD_APART { range(load) } else { told_apart(load) };
        if load.len() <= SERVERS_TOLD_APART && record.replications.len() > 1 {
            let text = format!("95 % interval over {} replications", record.replications.len());
            legend.push((text, Mark::Band(if load.len() == 1 { BLUE } else { GREY })));
        }
        let unit = RateUnit::of(highest(&lines));
        Self { finding: finding(observations, load, &average, unit), legend, lines, unit }
    }
}

/// The highest rate that is drawn \[1/s\].
fn highest(lines: &[Line]) -> f64 {
    lines.iter().flat_map(|line| &line.points).map(|(_, ends)| ends[2]).fold(0.0, f64::max)
}

fn finding(observations: &Observations<'_>, load: &[DailyLoad], average: &str, unit: RateUnit) -> String {
    let points = load.iter().flat_map(|day| day.points.iter().map(move |point| (day, point)));
    let known = points.filter_map(|(day, &(hour, estimate))| Some((estimate?, &day.server, hour)));
    let Some((peak, server, hour)) = known.max_by(|a, b| a.0.mean.total_cmp(&b.0.mean).then(b.2.total_cmp(&a.2)))
    else {
        return String::new();
    };
    let as_written = observations.as_written();
    let mean_load = observations.answer(measures::ARRIVALS, &Subject::Network, as_written);
    let utilisation = observations.answer(measures::UTILISATION, &Subject::Server(server.clone()), as_written);
    let bound = bound(mean_load);
    let whose = if load.len() > 1 { " a server" } else { "" };
    format!(
        "{average}: {bound}{}{whose}. Busiest: {server} at {} UTC with {bound}{}. Its mean utilisation is {bound}{}.",
        rate_with_interval(mean_load.counted(), unit),
        clock(hour),
        rate_with_interval(Some(peak), unit),
        mean(utilisation.counted(), "share"),
    )
}

fn told_apart(load: &[DailyLoad]) -> (Vec<Line>, Vec<(String, Mark)>) {
    let line = |(day, &color): (&DailyLoad, &RGBColor)| Line {
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

/// One line for all servers: the mean, between the servers with the least and the most at that time.
fn range(load: &[DailyLoad]) -> (Vec<Line>, Vec<(String, Mark)>) {
    let at = |index: usize| {
        let hour = load[0].points[index].0;
        let means: Vec<f64> = load.iter().filter_map(|day| Some(day.points[index].1?.mean)).collect();
        let lowest = means.iter().copied().reduce(f64::min)?;
        let highest = means.iter().copied().reduce(f64::max)?;
        Some((hour, [lowest, means.iter().sum::<f64>() / means.len() as f64, highest]))
    };
    let line = Line { color: BLUE, points: (0..load[0].points.len()).filter_map(at).collect() };
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

impl Figure for ServerLoad {
    fn title(&self) -> &'static str {
        "Messages at push-open servers over the day"
    }

    fn draw<DB: DrawingBackend>(&self, root: &Area<DB>) -> Drawn<DB> {
        if self.lines.iter().all(|line| line.points.is_empty()) {
            return empty(root, self.title(), "No push-open server in this scenario.");
        }
        let below = heading(root, self.title(), &self.finding, &self.legend)?;
        let factor = self.unit.seconds();
        let hours = (0..=8).map(|index| f64::from(index) * 3.0);
        let day = Axis::new(0.0..24.0, hours.map(|hour| (hour, clock(hour))).collect());

        let mut chart = ChartBuilder::on(&below)
            .margin_left(MARGIN)
            .margin_right(MARGIN + 24)
            .margin_top(24)
            .margin_bottom(24)
            .x_label_area_size(110)
            .y_label_area_size(170)
            .build_cartesian_2d(day, LinearTicks::up_to(factor * highest(&self.lines)).axis())?;
        chart
            .configure_mesh()
            .light_line_style(GRID)
            .bold_line_style(GRID)
            .axis_style(GREY)
            .x_desc("time of day, UTC [hh:mm]")
            .y_desc(format!("messages [1/{}]", self.unit.symbol()))
            .label_style(label_style(INK, HPos::Center))
            .axis_desc_style(label_style(INK, HPos::Center))
            .set_all_tick_mark_size(LABEL / 4)
            .draw()?;

        let half_interval = LOAD_INTERVAL.as_secs_f64() / 7_200.0;
        for line in &self.lines {
            let end = |index: usize| {
                line.points.iter().map(move |&(hour, ends)| (hour + half_interval, factor * ends[index]))
            };
            let band: Vec<(f64, f64)> = end(0).chain(end(2).rev()).collect();
            chart.draw_series([Polygon::new(band, line.color.mix(BAND_OPACITY).filled())])?;
        }
        // Lines on top are thinner, so that those that coincide can all be seen.
        for (line, above) in self.lines.iter().zip((0..self.lines.len()).rev()) {
            let points = line.points.iter().map(|&(hour, ends)| (hour + half_interval, factor * ends[1]));
            let width = LINE_WIDTH + WIDER_BELOW * u32::try_from(above).expect("there are few lines");
            chart.draw_series(LineSeries::new(points, ShapeStyle::from(line.color).stroke_width(width)))?;
        }
        Ok(())
    }
}
