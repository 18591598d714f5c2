//! Chart: how a number changes along the points of a sweep, with bands for its interval.

use plotters::backend::DrawingBackend;
use plotters::chart::ChartBuilder;
use plotters::drawing::DrawingAreaErrorKind;
use plotters::element::{Circle, PathElement, Polygon, Rectangle};
use plotters::series::LineSeries;
use plotters::style::text_anchor::HPos;
use plotters::style::{Color, RGBColor, ShapeStyle};

use crate::report::charts::axis::{Axis, LinearTicks, Tick};
use crate::report::charts::canvas::{
    Area, BAND_OPACITY, Drawn, Figure, GREY, GRID, INK, LABEL, MARGIN, Mark, SIZE, draw_dashes, empty, heading,
    label_style, label_width, readable_ticks, shortened,
};
use crate::report::quantity::grouped;
use crate::stats::Estimate;

/// Room left of the plot and, at least, right of it \[units\].
const VALUES_WIDTH: i32 = 200;
const RIGHT: i32 = MARGIN + 40;

/// The horizontal axis of a sweep.
#[derive(Clone)]
pub(super) struct Positions {
    /// What the axis is.
    pub(super) title: String,
    /// Whether equal distances are equal ratios.
    pub(super) logarithmic: bool,
    /// Whether the values have no order: then nothing lies between them, and no line connects them.
    pub(super) unordered: bool,
    /// The value of each position; numbers of values that are none are their order.
    pub(super) values: Vec<f64>,
    /// What stands below each.
    pub(super) labels: Vec<String>,
}

/// One line: a point at each position where it has a value.
pub(super) struct Line {
    /// Its values of the parameters that tell several lines apart, which its colour stands for.
    pub(super) key: String,
    /// What of them it shows, which its dashes stand for.
    pub(super) name: String,
    pub(super) color: RGBColor,
    pub(super) dashed: bool,
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
        "share" => (100.0, "%"),
        "s" if highest >= 7_200.0 => (1.0 / 3_600.0, "h"),
        "s" if highest >= 120.0 => (1.0 / 60.0, "min"),
        "s" if highest < 1.0 => (1_000.0, "ms"),
        unit => (1.0, unit),
    }
}

/// The longest beginning of `text` that is no wider than `width` as a label.
fn fitted<DB: DrawingBackend>(root: &Area<DB>, text: &str, width: i32) -> Drawn<DB, String> {
    let mut fitted = text.to_owned();
    let mut letters = text.chars().count();
    while letters > 0 && label_width(root, &fitted)? > width {
        letters -= 1;
        fitted = text.chars().take(letters).chain(['…']).collect();
    }
    Ok(fitted)
}

impl Lines {
    /// Colours for the keys, if there are several, and solid or dashed lines for what is shown of them.
    fn legend(&self, replications: usize) -> Vec<(String, Mark)> {
        let mark = |line: &Line, color| if line.dashed { Mark::Dashes(color) } else { Mark::Line(color) };
        let Some(first) = self.drawn.first() else { return Vec::new() };
        let of_first = || self.drawn.iter().filter(|line| line.key == first.key);
        let keys = self.drawn.iter().filter(|line| line.name == first.name);
        let mut legend: Vec<(String, Mark)> = if keys.clone().count() > 1 {
            let keys = keys.map(|line| (shortened(&line.key), Mark::Line(line.color)));
            let names = of_first().map(|line| (line.name.clone(), mark(line, GREY)));
            keys.chain(names.filter(|_| of_first().count() > 1)).collect()
        } else {
            of_first().map(|line| (line.name.clone(), mark(line, line.color))).collect()
        };
        if replications > 1 {
            legend.push((format!("95 % interval over {replications} replications"), Mark::Band(GREY)));
        }
        if let Some((_, name)) = self.marked {
            legend.push((name.to_owned(), Mark::Place(GREY)));
        }
        legend
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
        let below = heading(root, &self.title, &self.finding, &self.legend(replications))?;

        let (first, last) = self.positions.ends();
        // The first and the last label stand below the ends of the axis: half of each is outside.
        let outside = |label: Option<&String>| {
            label.map_or(Ok(0), |label| Ok::<_, DrawingAreaErrorKind<_>>(label_width(root, &shortened(label))? / 2))
        };
        let left = MARGIN.max(outside(self.positions.labels.first())? + MARGIN / 2 - VALUES_WIDTH);
        let right = RIGHT.max(outside(self.positions.labels.last())? + MARGIN / 2);
        let plot_width = SIZE.0.cast_signed() - left - VALUES_WIDTH - right;
        let width = f64::from(plot_width);
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
        let scale = if self.positions.logarithmic { " [logarithmic]" } else { "" };
        let title = fitted(root, &self.positions.title, plot_width - label_width(root, scale)?)?;
        let mut chart = ChartBuilder::on(&below)
            .margin_left(left)
            .margin_right(right)
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
        let at = |line: &Line, index: usize| {
            let places = self.positions.values.iter().map(|value| self.positions.place(*value));
            let known = places.zip(&line.points).filter_map(|(place, point)| Some((place, point.as_ref()?)));
            known.map(|(place, estimate)| (place, ends(estimate)[index] * factor)).collect::<Vec<_>>()
        };
        // Bands first: none may hide the line of another.
        for line in self.drawn.iter().filter(|_| !self.positions.unordered) {
            let band: Vec<(f64, f64)> = at(line, 0).into_iter().chain(at(line, 2).into_iter().rev()).collect();
            chart.draw_series([Polygon::new(band, line.color.mix(BAND_OPACITY).filled())])?;
        }
        for line in &self.drawn {
            let style = ShapeStyle::from(line.color).stroke_width(6);
            let middles = at(line, 1);
            if self.positions.unordered {
                let intervals = at(line, 0).into_iter().zip(at(line, 2));
                chart.draw_series(intervals.map(|(low, high)| PathElement::new([low, high], style)))?;
            } else if line.dashed {
                let places: Vec<(i32, i32)> = middles.iter().map(|place| chart.backend_coord(place)).collect();
                draw_dashes(root, &places, style)?;
            } else {
                chart.draw_series(LineSeries::new(middles.iter().copied(), style))?;
            }
            chart.draw_series(middles.into_iter().map(|place| Circle::new(place, 9, line.color.filled())))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::charts::canvas::{BLUE, ORANGE, svg, width_in_svg};

    fn line(key: &str, name: &str, color: RGBColor, dashed: bool) -> Line {
        let points = [1e-5, 3e-5].map(|mean| Estimate::of(&[mean, mean + 1e-6], 0.95)).into();
        Line { key: key.to_owned(), name: name.to_owned(), color, dashed, points }
    }

    fn lines(labels: [&str; 2], drawn: Vec<Line>) -> Lines {
        let positions = Positions {
            title: "group.hub.service.base, ".repeat(9),
            logarithmic: false,
            unordered: false,
            values: vec![1.0, 2.0],
            labels: labels.map(str::to_owned).into(),
        };
        let marked = Estimate::of(&[1.4, 1.5], 0.95).map(|knee| (knee, "knee with its 95 % interval"));
        Lines { title: "Busy".to_owned(), finding: String::new(), unit: "share", positions, drawn, marked }
    }

    /// The texts of a drawing with the middle of each.
    fn texts(svg: &str) -> Vec<(i32, String)> {
        let text = |element: &str| {
            let (attributes, text) = element.split_once('>')?;
            let middle = attributes.strip_prefix("x=\"")?.split_once('"')?.0.parse().ok()?;
            Some((middle, text.split('<').next().unwrap_or_default().trim().to_owned()))
        };
        svg.split("<text ").filter_map(text).collect()
    }

    #[test]
    fn the_legend_names_keys_in_full_and_numbers_once() {
        let long = "a name that is longer than any legend has room for";
        let several = vec![
            line(long, "median", BLUE, false),
            line(long, "95 % of visits", BLUE, true),
            line("b", "median", ORANGE, false),
            line("b", "95 % of visits", ORANGE, true),
        ];
        let names = |lines: &Lines| lines.legend(2).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        let others = ["95 % interval over 2 replications", "knee with its 95 % interval"];
        let of_several = names(&lines(["1", "2"], several));
        assert_eq!(of_several[..4], [&shortened(long), "b", "median", "95 % of visits"]);
        assert_eq!(of_several[4..], others);
        let single = vec![line("", "median", BLUE, false), line("", "95 % of visits", BLUE, true)];
        assert_eq!(names(&lines(["1", "2"], single)), [["median", "95 % of visits"], others].concat());
    }

    #[test]
    fn labels_stay_on_the_sheet_and_shares_are_in_percent() {
        let labels = ["5ms, 200us, 1min, 30d", "5s, 200ms, 10h, 30d, 1us"];
        let drawn = String::from_utf8(svg(&lines(labels, vec![line("", "busiest", BLUE, false)]))).expect("UTF-8");
        let texts = texts(&drawn);
        for label in labels {
            let (middle, _) = texts.iter().find(|(_, text)| text == label).expect("a label");
            let half = width_in_svg(label) / 2;
            assert!(middle - half > 0 && middle + half < SIZE.0.cast_signed(), "{label} at {middle}");
        }
        assert!(texts.iter().any(|(_, text)| text == "[%]") && !drawn.contains("millionth"), "{texts:?}");
        let title = texts.iter().find(|(_, text)| text.ends_with('…')).expect("the title of the axis");
        assert!(width_in_svg(&title.1) < SIZE.0.cast_signed(), "{title:?}");
    }
}
