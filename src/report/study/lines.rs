//! Chart: how a number changes along the points of a sweep, with bands for its interval.

use plotters::backend::DrawingBackend;
use plotters::chart::ChartBuilder;
use plotters::element::{Circle, PathElement, Polygon, Rectangle};
use plotters::series::LineSeries;
use plotters::style::text_anchor::HPos;
use plotters::style::{Color, RGBColor, ShapeStyle};

use crate::report::charts::axis::{Axis, LinearTicks, Tick};
use crate::report::charts::canvas::{
    Area, BAND_OPACITY, Drawn, Figure, GREY, GRID, INK, LABEL, MARGIN, Mark, SIZE, empty, heading, label_style,
    readable_ticks, shortened,
};
use crate::report::quantity::grouped;
use crate::stats::Estimate;

/// Room left of the plot and right of it \[units\].
const VALUES_WIDTH: i32 = 200;
const RIGHT: i32 = MARGIN + 40;

/// The horizontal axis of a sweep.
#[derive(Clone)]
pub(super) struct Positions {
    /// What the axis is.
    pub(super) title: String,
    /// Whether equal distances are equal ratios.
    pub(super) logarithmic: bool,
    /// The value of each position; numbers of values that are none are their order.
    pub(super) values: Vec<f64>,
    /// What stands below each.
    pub(super) labels: Vec<String>,
}

/// One line: a point at each position where it has a value.
pub(super) struct Line {
    pub(super) label: String,
    pub(super) color: RGBColor,
    pub(super) points: Vec<Option<Estimate>>,
}

/// Lines over the positions.
pub(super) struct Lines {
    pub(super) title: String,
    pub(super) finding: String,
    pub(super) unit: &'static str,
    pub(super) positions: Positions,
    pub(super) drawn: Vec<Line>,
    /// An interval of the horizontal axis that the finding speaks of, with its name.
    pub(super) marked: Option<(Estimate, &'static str)>,
}

impl Positions {
    fn place(&self, value: f64) -> f64 {
        if self.logarithmic { libm::log10(value) } else { value }
    }

    fn ends(&self) -> (f64, f64) {
        let first = self.place(*self.values.first().unwrap_or(&0.0));
        let last = self.place(*self.values.last().unwrap_or(&1.0));
        if last > first { (first, last) } else { (first - 0.5, first + 0.5) }
    }
}

/// The unit in which an axis up to `highest` reads well: its factor and its symbol.
fn scale(highest: f64, unit: &'static str) -> (f64, &'static str) {
    match unit {
        "share" if highest < 0.01 => (1e6, "millionths"),
        "share" => (100.0, "%"),
        "s" if highest >= 7_200.0 => (1.0 / 3_600.0, "h"),
        "s" if highest >= 120.0 => (1.0 / 60.0, "min"),
        "s" if highest < 1.0 => (1_000.0, "ms"),
        unit => (1.0, unit),
    }
}

impl Figure for Lines {
    fn title(&self) -> &str {
        &self.title
    }

    fn draw<DB: DrawingBackend>(&self, root: &Area<DB>) -> Drawn<DB> {
        let known = || self.drawn.iter().flat_map(|line| &line.points).flatten();
        let ends = |estimate: &Estimate| {
            let half_width = estimate.half_width.unwrap_or(0.0);
            [estimate.mean - half_width, estimate.mean, estimate.mean + half_width]
        };
        if known().next().is_none() {
            return empty(root, &self.title, "No point has a value of this.");
        }
        let highest = known().map(|estimate| ends(estimate)[2]).fold(0.0, f64::max);
        let lowest = known().map(|estimate| ends(estimate)[0]).fold(0.0, f64::min);
        let (factor, symbol) = scale(highest.max(-lowest), self.unit);
        let replications = known().map(|estimate| estimate.count).max().unwrap_or(0);
        let mut legend: Vec<(String, Mark)> =
            self.drawn.iter().map(|line| (shortened(&line.label), Mark::Line(line.color))).collect();
        if replications > 1 {
            legend.push((format!("95 % interval over {replications} replications"), Mark::Band(GREY)));
        }
        let below = heading(root, &self.title, &self.finding, &legend)?;

        let (first, last) = self.positions.ends();
        let width = f64::from(SIZE.0.cast_signed() - MARGIN - VALUES_WIDTH - RIGHT);
        let ticks: Vec<Tick> = self
            .positions
            .values
            .iter()
            .zip(&self.positions.labels)
            .map(|(value, label)| (self.positions.place(*value), shortened(label)))
            .collect();
        #[expect(clippy::cast_possible_truncation, reason = "within the width of the chart")]
        let ticks = readable_ticks(root, ticks, |place| ((place - first) / (last - first) * width) as i32)?;
        let up = LinearTicks::up_to(highest * factor);
        let (bottom, mut values) = (lowest * factor, up.labelled());
        if bottom < 0.0 {
            values.push((bottom, grouped(bottom, up.decimals)));
        }
        let title = &self.positions.title;
        let scale = if self.positions.logarithmic { " [logarithmic]" } else { "" };
        let mut chart = ChartBuilder::on(&below)
            .margin_left(MARGIN)
            .margin_right(RIGHT)
            .margin_top(40)
            .margin_bottom(24)
            .x_label_area_size(110)
            .y_label_area_size(VALUES_WIDTH)
            .build_cartesian_2d(Axis::new(first..last, ticks), Axis::new(bottom..up.top(), values))?;
        chart
            .configure_mesh()
            .light_line_style(GRID)
            .bold_line_style(GRID)
            .axis_style(GREY)
            .x_desc(format!("{title}{scale}"))
            .y_desc(if symbol == "1" { String::new() } else { format!("[{symbol}]") })
            .label_style(label_style(INK, HPos::Center))
            .axis_desc_style(label_style(INK, HPos::Center))
            .set_all_tick_mark_size(LABEL / 4)
            .draw()?;
        if let Some((marked, _)) = &self.marked {
            let [low, middle, high] = ends(marked).map(|x| self.positions.place(x.max(f64::MIN_POSITIVE)));
            let (low, high) = (low.clamp(first, last), high.clamp(first, last));
            chart.draw_series([Rectangle::new([(low, bottom), (high, up.top())], GREY.mix(0.15).filled())])?;
            let style = ShapeStyle::from(GREY).stroke_width(3);
            chart.draw_series([PathElement::new([(middle, bottom), (middle, up.top())], style)])?;
        }
        for line in &self.drawn {
            let at = |index: usize| {
                let places = self.positions.values.iter().map(|value| self.positions.place(*value));
                let known = places.zip(&line.points).filter_map(|(place, point)| Some((place, point.as_ref()?)));
                known.map(move |(place, estimate)| (place, ends(estimate)[index] * factor)).collect::<Vec<_>>()
            };
            let band: Vec<(f64, f64)> = at(0).into_iter().chain(at(2).into_iter().rev()).collect();
            chart.draw_series([Polygon::new(band, line.color.mix(BAND_OPACITY).filled())])?;
            chart.draw_series(LineSeries::new(at(1), ShapeStyle::from(line.color).stroke_width(6)))?;
            chart.draw_series(at(1).into_iter().map(|place| Circle::new(place, 9, line.color.filled())))?;
        }
        Ok(())
    }
}
