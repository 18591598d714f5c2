//! Chart: how a number changes along the points of a sweep, with bands for its intervals. If a number
//! cannot be negative, nothing is drawn below zero.

use plotters::backend::DrawingBackend;
use plotters::drawing::DrawingAreaErrorKind;
use plotters::element::{Circle, PathElement, Polygon, Rectangle};
use plotters::series::LineSeries;
use plotters::style::{Color, RGBColor, ShapeStyle};

use crate::measures::Unit;
use crate::report::numbers::with_interval;
use crate::stats::Estimate;

use super::axis::{LinearTicks, Tick, TickedAxis};
use super::canvas::{
    Area, BAND_OPACITY, Drawn, Frame, GREY, MARGIN, Mark, PALETTE, SIZE, draw_dashes, label_width, plot, readable_ticks,
};
use super::data::{ChartAxis, ChartData, ChartGuide, ChartPoint, ChartSeries, ChartStyle};
use super::names::shortened;
use super::{AnyChart, Chart, Figure, interval};

/// Room left of the plot, and the least room right of it \[units\].
const VALUES_WIDTH: i32 = 200;
const RIGHT: i32 = MARGIN + 40;

/// The horizontal axis of a sweep.
#[derive(Clone, Debug)]
pub(in crate::report) struct Positions {
    /// Title of the axis.
    pub(in crate::report) title: String,
    /// Whether the axis is logarithmic: equal distances are equal ratios.
    pub(in crate::report) logarithmic: bool,
    /// Whether the values have no order. Then nothing lies between two of them, and no line connects them.
    pub(in crate::report) unordered: bool,
    /// The value of each position. Values that are not numbers are numbered in their order.
    pub(in crate::report) values: Vec<f64>,
    /// The label below each position.
    pub(in crate::report) labels: Vec<String>,
}

/// More lines than this cannot be told apart by their colours.
pub(in crate::report) const LEGIBLE_LINES: usize = PALETTE.len();

/// One line: a point at each position where the number has a mean.
#[derive(Debug)]
pub(in crate::report) struct SweepLine {
    /// The values of the other parameters, if these tell several lines apart; the colour stands for them.
    pub(in crate::report) key: String,
    /// Which quantity the line shows; solid or dashed stands for it.
    pub(in crate::report) name: String,
    /// Index of its colour in the palette.
    pub(in crate::report) color: usize,
    pub(in crate::report) dashed: bool,
    pub(in crate::report) points: Vec<Option<Estimate>>,
}

/// Lines over the positions.
#[derive(Debug)]
pub(in crate::report) struct SweepLines {
    pub(in crate::report) unit: Unit,
    /// Whether the number can be below zero. If it cannot, neither its intervals nor the axis go below zero.
    pub(in crate::report) signed: bool,
    /// The greatest possible value of the number; no interval is drawn beyond it.
    pub(in crate::report) most: f64,
    pub(in crate::report) positions: Positions,
    pub(in crate::report) drawn: Vec<SweepLine>,
    /// An interval on the horizontal axis that the finding mentions, with its name.
    pub(in crate::report) marked: Option<(Estimate, &'static str)>,
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
fn scale(highest: f64, unit: Unit) -> (f64, &'static str) {
    match unit {
        Unit::Share => (100.0, "%"),
        Unit::Seconds if highest >= 7_200.0 => (1.0 / 3_600.0, "h"),
        Unit::Seconds if highest >= 120.0 => (1.0 / 60.0, "min"),
        Unit::Seconds if highest < 1.0 => (1_000.0, "ms"),
        unit => (1.0, unit.symbol()),
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

impl SweepLines {
    /// The picture of this name and title.
    pub(in crate::report) fn figure(self, name: &str, title: &str, finding: String) -> Figure {
        let is_empty = self.known().next().is_none();
        Figure {
            name: name.to_owned(),
            title: title.to_owned(),
            finding,
            nothing: is_empty.then_some("No point has a value of this."),
            legend: self.legend(),
            drawing: AnyChart::SweepLines(self),
        }
    }

    /// The legend: colours for the keys, if there are several, and solid or dashed lines for the quantities.
    fn legend(&self) -> Vec<(String, Mark)> {
        let mark = |line: &SweepLine, color| if line.dashed { Mark::Dashes(color) } else { Mark::Line(color) };
        let Some(first) = self.drawn.first() else { return Vec::new() };
        let of_first = || self.drawn.iter().filter(|line| line.key == first.key);
        let keys = self.drawn.iter().filter(|line| line.name == first.name);
        let mut legend: Vec<(String, Mark)> = if keys.clone().count() > 1 {
            let labels = shortened(keys.clone().map(|line| line.key.as_str()));
            let keys = labels.into_iter().zip(keys.map(|line| Mark::Line(line.color())));
            let names = of_first().map(|line| (line.name.clone(), mark(line, GREY)));
            keys.chain(names.filter(|_| of_first().count() > 1)).collect()
        } else {
            of_first().map(|line| (line.name.clone(), mark(line, line.color()))).collect()
        };
        let replications = self.known().map(|estimate| estimate.count).max().unwrap_or(0);
        legend.extend(interval(replications, Mark::Band(GREY)));
        if let Some((_, name)) = self.marked {
            legend.push((name.to_owned(), Mark::Place(GREY)));
        }
        legend
    }

    /// The least and the greatest possible value of the number; no interval is drawn beyond them.
    fn limits(&self) -> (f64, f64) {
        let least = if self.signed { f64::NEG_INFINITY } else { 0.0 };
        (least, self.most)
    }

    /// A mean between the ends of its interval.
    fn ends(&self, estimate: &Estimate) -> [f64; 3] {
        let half_width = estimate.half_width.unwrap_or(0.0);
        let (least, most) = self.limits();
        [(estimate.mean - half_width).max(least), estimate.mean, (estimate.mean + half_width).min(most)]
    }

    /// Every mean that is known.
    fn known(&self) -> impl Iterator<Item = &Estimate> {
        self.drawn.iter().flat_map(|line| &line.points).flatten()
    }
}

impl SweepLine {
    fn color(&self) -> RGBColor {
        PALETTE[self.color % PALETTE.len()]
    }
}

impl Chart for SweepLines {
    fn draw<DB: DrawingBackend>(&self, root: &Area<DB>, below: &Area<DB>) -> Drawn<DB> {
        let ends = |estimate: &Estimate| self.ends(estimate);
        let highest = self.known().map(|estimate| ends(estimate)[2]).fold(0.0, f64::max);
        let lowest = self.known().map(|estimate| ends(estimate)[0]).fold(0.0, f64::min);
        let (factor, symbol) = scale(highest.max(-lowest), self.unit);

        let (first, last) = self.positions.ends();
        // The first and the last label are centred below the ends of the axis, so that half of each lies outside.
        let labels = shortened(self.positions.labels.iter().map(String::as_str));
        let outside = |label: Option<&String>| {
            label.map_or(Ok(0), |label| Ok::<_, DrawingAreaErrorKind<_>>(label_width(root, label)? / 2))
        };
        let left = MARGIN.max(outside(labels.first())? + MARGIN / 2 - VALUES_WIDTH);
        let right = RIGHT.max(outside(labels.last())? + MARGIN / 2);
        let plot_width = SIZE.0.cast_signed() - left - VALUES_WIDTH - right;
        let width = f64::from(plot_width);
        let places = self.positions.values.iter().map(|value| self.positions.place(*value));
        let ticks: Vec<Tick> = places.zip(labels).collect();
        #[expect(clippy::cast_possible_truncation, reason = "within the width of the chart")]
        let ticks = readable_ticks(root, ticks, |place| ((place - first) / (last - first) * width) as i32)?;
        // Below zero the axis goes only as far as there is something to see.
        let values = LinearTicks::over(lowest * factor, highest * factor);
        let (bottom, top) = (lowest * factor, values.top());
        let values = values.labelled().into_iter().filter(|(at, _)| *at >= bottom).collect();
        let scale = if self.positions.logarithmic { " [logarithmic]" } else { "" };
        let title = fitted(root, &self.positions.title, plot_width - label_width(root, scale)?)?;
        let (x_title, y_title) = (format!("{title}{scale}"), format!("[{symbol}]"));
        let frame = Frame {
            left,
            right,
            top: 40,
            labels: VALUES_WIDTH,
            titles: [Some(x_title.as_str()), Some(&y_title).filter(|_| self.unit != Unit::Number).map(String::as_str)],
            has_rows: false,
        };
        let mut chart = plot(below, &frame, TickedAxis::new(first..last, ticks), TickedAxis::new(bottom..top, values))?;
        if let Some((marked, _)) = &self.marked {
            let half_width = marked.half_width.unwrap_or(0.0);
            let [low, middle, high] = [-half_width, 0.0, half_width]
                .map(|offset| self.positions.place((marked.mean + offset).max(f64::MIN_POSITIVE)).clamp(first, last));
            chart.draw_series([Rectangle::new([(low, bottom), (high, top)], GREY.mix(0.15).filled())])?;
            let style = ShapeStyle::from(GREY).stroke_width(3);
            chart.draw_series([PathElement::new([(middle, bottom), (middle, top)], style)])?;
        }
        let at = |line: &SweepLine, index: usize| {
            let places = self.positions.values.iter().map(|value| self.positions.place(*value));
            let known = places.zip(&line.points).filter_map(|(place, point)| Some((place, point.as_ref()?)));
            known.map(|(place, estimate)| (place, ends(estimate)[index] * factor)).collect::<Vec<_>>()
        };
        // Bands are drawn first, so that none hides the line of another.
        for line in self.drawn.iter().filter(|_| !self.positions.unordered) {
            let band: Vec<(f64, f64)> = at(line, 0).into_iter().chain(at(line, 2).into_iter().rev()).collect();
            chart.draw_series([Polygon::new(band, line.color().mix(BAND_OPACITY).filled())])?;
        }
        for line in &self.drawn {
            let style = ShapeStyle::from(line.color()).stroke_width(6);
            let middles = at(line, 1);
            // A single value has no band, so that its interval is drawn as a line.
            if self.positions.unordered || middles.len() == 1 {
                let intervals = at(line, 0).into_iter().zip(at(line, 2));
                chart.draw_series(intervals.map(|(low, high)| PathElement::new([low, high], style)))?;
            } else if line.dashed {
                let places: Vec<(i32, i32)> = middles.iter().map(|place| chart.backend_coord(place)).collect();
                draw_dashes(root, &places, style)?;
            } else {
                chart.draw_series(LineSeries::new(middles.iter().copied(), style))?;
            }
            chart.draw_series(middles.into_iter().map(|place| Circle::new(place, 9, line.color().filled())))?;
        }
        Ok(())
    }

    fn data(&self, _legend: &[(String, Mark)]) -> ChartData {
        let highest = self.known().map(|estimate| self.ends(estimate)[2]).fold(0.0, f64::max);
        let lowest = self.known().map(|estimate| self.ends(estimate)[0]).fold(0.0, f64::min);
        let (factor, symbol) = scale(highest.max(-lowest), self.unit);
        let values = LinearTicks::over(lowest * factor, highest * factor);
        let places: Vec<f64> = self.positions.values.iter().map(|value| self.positions.place(*value)).collect();
        let (first, last) = self.positions.ends();
        let labels = shortened(self.positions.labels.iter().map(String::as_str));
        let is_one = |line: &SweepLine| line.points.iter().flatten().count() == 1;
        let point = |place: f64, label: &str, estimate: &Estimate| {
            let [low, middle, high] = self.ends(estimate).map(|value| value * factor);
            ChartPoint {
                x: place,
                y: middle,
                interval: estimate.half_width.map(|_| [low, high]),
                told: format!("{label}: {}", with_interval(Some(*estimate), self.unit)),
            }
        };
        let of_line = |line: &SweepLine| -> Vec<ChartPoint> {
            let known = places.iter().zip(&self.positions.labels).zip(&line.points);
            known.filter_map(|((place, label), estimate)| Some(point(*place, label, estimate.as_ref()?))).collect()
        };
        let series = self.drawn.iter().map(|line| ChartSeries {
            name: [&line.key, &line.name]
                .into_iter()
                .filter(|part| !part.is_empty())
                .cloned()
                .collect::<Vec<_>>()
                .join(", "),
            color: line.color % PALETTE.len(),
            style: match (self.positions.unordered || is_one(line), line.dashed) {
                (true, _) => ChartStyle::Intervals,
                (false, true) => ChartStyle::Dashes,
                (false, false) => ChartStyle::DottedLine,
            },
            points: of_line(line),
        });
        let marked = self.marked.as_ref().map(|(marked, name)| {
            let half_width = marked.half_width.unwrap_or(0.0);
            let at =
                |offset: f64| self.positions.place((marked.mean + offset).max(f64::MIN_POSITIVE)).clamp(first, last);
            ChartGuide {
                is_upright: true,
                at: at(0.0),
                stretch: Some([at(-half_width), at(half_width)]),
                label: (*name).to_owned(),
            }
        });
        let scale = if self.positions.logarithmic { " (logarithmic)" } else { "" };
        let unit = if self.unit == Unit::Number { String::new() } else { symbol.to_owned() };
        ChartData {
            x: ChartAxis::new(
                format!("{}{scale}", self.positions.title),
                [first, last],
                places.iter().copied().zip(labels).collect(),
            ),
            y: ChartAxis::new(unit, [lowest * factor, values.top()], values.labelled()),
            rows: Vec::new(),
            series: series.collect(),
            guides: marked.into_iter().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::report::charts::canvas::width_in_svg;
    use crate::report::charts::sheet::assert_legible;
    use crate::report::export;

    fn line(key: &str, name: &str, color: usize, dashed: bool) -> SweepLine {
        let points = [1e-5, 3e-5].map(|mean| Estimate::of(&[mean, mean + 1e-6], 0.95)).into();
        SweepLine { key: key.to_owned(), name: name.to_owned(), color, dashed, points }
    }

    fn lines(labels: [&str; 2], drawn: Vec<SweepLine>) -> SweepLines {
        let positions = Positions {
            title: "group.hub.service.base, ".repeat(9),
            logarithmic: false,
            unordered: false,
            values: vec![1.0, 2.0],
            labels: labels.map(str::to_owned).into(),
        };
        let marked = Estimate::of(&[1.4, 1.5], 0.95).map(|knee| (knee, "knee with its 95 % interval"));
        SweepLines { unit: Unit::Share, signed: false, most: 1.0, positions, drawn, marked }
    }

    fn svg(lines: SweepLines) -> String {
        export::svg(&lines.figure("busy", "Busy", String::new()))
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
            line(long, "median", 0, false),
            line(long, "95 % of visits", 0, true),
            line("b", "median", 1, false),
            line("b", "95 % of visits", 1, true),
        ];
        let names = |lines: &SweepLines| lines.legend().into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        let others = ["95 % interval over 2 replications", "knee with its 95 % interval"];
        let of_several = names(&lines(["1", "2"], several));
        assert_eq!(of_several[..4], ["a name that is longer than …", "b", "median", "95 % of visits"]);
        assert_eq!(of_several[4..], others);
        let single = vec![line("", "median", 0, false), line("", "95 % of visits", 0, true)];
        assert_eq!(names(&lines(["1", "2"], single)), [["median", "95 % of visits"], others].concat());
    }

    #[test]
    fn labels_stay_on_the_sheet_and_shares_are_in_percent() {
        let labels = ["5ms, 200us, 1min, 30d", "5s, 200ms, 10h, 30d, 1us"];
        let drawn = svg(lines(labels, vec![line("", "busiest", 0, false)]));
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

    /// The few replications vary so much that their intervals reach below zero, though a wait cannot be negative.
    #[test]
    fn what_cannot_be_negative_has_no_axis_below_zero() {
        let wide =
            |mean: f64, half_width| Estimate { mean, half_width: Some(half_width), standard_deviation: None, count: 2 };
        let labels = |unit: Unit, signed: bool, points: [Estimate; 2]| -> Vec<String> {
            let mut lines = lines(["1", "10"], vec![line("", "median", 0, false)]);
            (lines.unit, lines.signed) = (unit, signed);
            lines.most = if unit == Unit::Share { 1.0 } else { f64::INFINITY };
            lines.drawn[0].points = points.map(Some).into();
            let drawn = svg(lines);
            assert_legible(&drawn);
            texts(&drawn).into_iter().map(|(_, text)| text).filter(|text| text.parse::<f64>().is_ok()).collect()
        };
        let waits = labels(Unit::Seconds, false, [wide(1.0, 1.4), wide(1.2, 0.1)]);
        assert!(waits.iter().all(|label| !label.starts_with('-')), "{waits:?}");
        // A saving can be negative.
        let saved = labels(Unit::Share, true, [wide(-0.3, 0.1), wide(0.2, 0.1)]);
        assert!(saved.contains(&"-20".to_owned()), "{saved:?}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        /// Names and numbers of any size.
        #[test]
        fn every_line_chart_is_legible(
            (beginning, ends) in ("(-|[a-z ,=]{30,40})", prop::collection::btree_set("[a-z0-9 =,]{1,12}", 2..5)),
            (exponent, signed, unit) in (-9_i32..7, any::<bool>(), 0_usize..4),
            (mean, widths) in (-1.0_f64..1.0, prop::collection::vec(0.0_f64..2.0, 5)),
            (logarithmic, unordered) in (any::<bool>(), any::<bool>()),
        ) {
            let unit = [Unit::Seconds, Unit::Share, Unit::PerSecond, Unit::Number][unit];
            let scale = libm::pow(10.0, f64::from(exponent));
            let scale = if unit == Unit::Share { scale.min(1.0) } else { scale };
            let mean = if signed { mean } else { mean.abs() } * scale;
            let estimate = |width: &f64| {
                Some(Estimate { mean, half_width: Some(width * scale), standard_deviation: None, count: 9 })
            };
            let names: Vec<String> = ends.iter().map(|end| format!("{beginning}{end}")).collect();
            let positions = Positions {
                title: beginning.repeat(4),
                logarithmic,
                unordered,
                values: (0_u32..5).map(|at| f64::from(1 + at * at)).collect(),
                labels: (0..5).map(|at| format!("{beginning}{at}")).collect(),
            };
            let points: Vec<Option<Estimate>> = widths.iter().map(estimate).collect();
            let drawn = names.iter().zip([0_usize, 1].into_iter().cycle()).map(|(key, color)| SweepLine {
                key: key.clone(),
                name: "median".to_owned(),
                color,
                dashed: false,
                points: points.clone(),
            });
            let marked = Estimate::of(&[0.5, 60.0], 0.95).map(|knee| (knee, "knee with its 95 % interval"));
            let drawn = drawn.collect();
            let (title, finding) = (beginning.repeat(7), names.join(" and ").repeat(9));
            let most = if unit == Unit::Share { 1.0 } else { f64::INFINITY };
            let lines = SweepLines { unit, signed, most, positions, drawn, marked };
            assert_legible(&export::svg(&lines.figure("any", &title, finding)));
        }
    }
}
