//! Chart: how a number changes along the points of a sweep, with bands for its intervals. No interval leaves what is possible, and
//! the horizontal axis has the scale on which what is shown is straightest.

use crate::measures::Unit;
use crate::report::numbers::with_interval;
use crate::stats::Estimate;

use super::axis::{LinearTicks, Tick};
use super::data::{ChartAxis, ChartData, ChartGuide, ChartPoint, ChartSeries, ChartStyle};
use super::names::shortened;
use super::palette::PALETTE;
use super::positions::{PlaceScale, Positions};
use super::{Drawable, Figure, band_of};

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

/// A law that the numbers follow.
#[derive(Debug)]
pub(in crate::report) struct DrawnLaw {
    /// In words, with its formula.
    pub(in crate::report) told: String,
    /// The values of the parameter between which it holds, and the values that it gives there.
    pub(in crate::report) points: Vec<(f64, f64)>,
}

/// A place on the horizontal axis.
#[derive(Debug)]
pub(in crate::report) struct MarkedPlace {
    /// The value of the parameter.
    pub(in crate::report) at: f64,
    /// The interval around it.
    pub(in crate::report) stretch: [f64; 2],
    /// What it is.
    pub(in crate::report) label: String,
}

impl MarkedPlace {
    /// The place of an estimate, with its interval.
    pub(in crate::report) fn of(estimate: &Estimate, label: &str) -> Self {
        let half_width = estimate.half_width.unwrap_or(0.0);
        let stretch = [estimate.mean - half_width, estimate.mean + half_width];
        Self { at: estimate.mean, stretch, label: label.to_owned() }
    }
}

/// Lines over the positions.
#[derive(Debug)]
pub(in crate::report) struct SweepLines {
    /// What the number is, as the title of the vertical axis.
    pub(in crate::report) what: String,
    pub(in crate::report) unit: Unit,
    /// Whether the number can be below zero. If it cannot, neither its intervals nor the axis go below zero.
    pub(in crate::report) signed: bool,
    /// The greatest possible value of the number; no interval is drawn beyond it.
    pub(in crate::report) most: f64,
    /// The smallest difference that matters.
    pub(in crate::report) matters: f64,
    pub(in crate::report) positions: Positions,
    pub(in crate::report) drawn: Vec<SweepLine>,
    /// A law that the numbers follow.
    pub(in crate::report) law: Option<DrawnLaw>,
    /// A place on the horizontal axis that the finding mentions.
    pub(in crate::report) marked: Option<MarkedPlace>,
    /// A value that the reader compares with, and what it is.
    pub(in crate::report) limit: Option<(f64, String)>,
}

/// The unit in which an axis up to `highest` reads well: its factor and its symbol.
pub(super) fn scale(highest: f64, unit: Unit) -> (f64, &'static str) {
    match unit {
        Unit::Share => (100.0, "%"),
        Unit::Seconds if highest >= 7_200.0 => (1.0 / 3_600.0, "h"),
        Unit::Seconds if highest >= 120.0 => (1.0 / 60.0, "min"),
        Unit::Seconds if highest < 1.0 => (1_000.0, "ms"),
        unit => (1.0, unit.symbol()),
    }
}

impl SweepLines {
    /// The picture of this name and title.
    pub(in crate::report) fn figure(mut self, name: &str, title: String, finding: String) -> Drawable {
        if self.known().next().is_none() {
            return Err(format!("No point has a value of this: {}.", self.what));
        }
        match self.positions.scale {
            PlaceScale::Linear | PlaceScale::Logarithmic => {
                self.positions.scale = {
                    let lines = self.drawn.iter().map(|line| line.points.as_slice());
                    self.positions.straightest(lines, self.matters)
                };
            }
            PlaceScale::Words => {}
            PlaceScale::Names => self.sort(),
        }
        Ok(Figure::plotted(name, title, finding, self.chart()))
    }

    /// Puts names without an order in that of the first line.
    fn sort(&mut self) {
        let mean = |at: &usize| self.drawn[0].points[*at].map_or(f64::INFINITY, |estimate| estimate.mean);
        let mut order: Vec<usize> = (0..self.positions.labels.len()).collect();
        order.sort_by(|one, other| mean(one).total_cmp(&mean(other)));
        self.positions.labels = order.iter().map(|at| format!("no. {}", self.positions.labels[*at])).collect();
        for line in &mut self.drawn {
            line.points = order.iter().map(|at| line.points[*at]).collect();
        }
    }

    fn chart(&self) -> ChartData {
        let highest = self.known().map(|estimate| self.ends(estimate)[2]).fold(f64::NEG_INFINITY, f64::max);
        let lowest = self.known().map(|estimate| self.ends(estimate)[0]).fold(f64::INFINITY, f64::min);
        let limit = self.limit.as_ref().map(|(limit, _)| *limit);
        let (lowest, highest) = limit.map_or((lowest, highest), |limit| (lowest.min(limit), highest.max(limit)));
        let (factor, symbol) = scale(highest.max(-lowest), self.unit);
        let values =
            LinearTicks::showing([lowest * factor, highest * factor], self.matters * factor, self.most * factor);
        let (first, last) = self.positions.ends();
        let labels = shortened(self.positions.labels.iter().map(String::as_str));
        let places = self.places();
        let ticks: Vec<Tick> = places.iter().copied().zip(labels).collect();
        let told_scale = if self.positions.scale == PlaceScale::Logarithmic { " (logarithmic scale)" } else { "" };
        let unit = match self.unit {
            Unit::Number => String::new(),
            Unit::PerSecond | Unit::PerMinute | Unit::PerHour | Unit::PerDay => self.unit.spoken().to_owned(),
            _ => format!(" [{symbol}]"),
        };
        let law = self.law.iter().map(|law| ChartSeries {
            name: law.told.clone(),
            color: PALETTE.len(),
            style: ChartStyle::Law,
            points: law.points.iter().map(|&(x, y)| self.law_point(x, y, factor)).collect(),
        });
        let marked = self.marked.as_ref().map(|marked| {
            let at = |value: f64| self.positions.place(value.max(f64::MIN_POSITIVE)).clamp(first, last);
            let label = marked.label.clone();
            ChartGuide { is_upright: true, at: at(marked.at), stretch: Some(marked.stretch.map(at)), label }
        });
        let limit = self.limit.as_ref().map(|(limit, told)| ChartGuide {
            is_upright: false,
            at: limit * factor,
            stretch: None,
            label: told.clone(),
        });
        let x = ChartAxis::new(format!("{}{told_scale}", self.positions.title), [first, last], ticks);
        ChartData {
            x: if self.positions.joins() { x } else { x.named() },
            y: ChartAxis::of(&format!("{}{unit}", self.what), &values),
            series: self.drawn.iter().map(|line| self.series(line, factor)).chain(law).collect(),
            guides: marked.into_iter().chain(limit).collect(),
            band: band_of(self.known().map(|estimate| estimate.count).max().unwrap_or(0)),
            ..ChartData::default()
        }
    }

    fn series(&self, line: &SweepLine, factor: f64) -> ChartSeries {
        let is_one = line.points.iter().flatten().count() == 1;
        let point = |place: f64, label: &str, estimate: &Estimate| {
            let [low, middle, high] = self.ends(estimate).map(|value| value * factor);
            ChartPoint {
                x: place,
                y: middle,
                interval: estimate.half_width.map(|_| [low, high]),
                told: format!("{label}: {}", with_interval(Some(*estimate), self.unit)),
            }
        };
        let known = self.places().into_iter().zip(&self.positions.labels).zip(&line.points);
        let points =
            known.filter_map(|((place, label), estimate)| Some(point(place, label, estimate.as_ref()?))).collect();
        let parts: Vec<&str> =
            [&line.key, &line.name].into_iter().filter(|part| !part.is_empty()).map(String::as_str).collect();
        let style = match (!self.positions.joins() || is_one, line.dashed) {
            (true, _) => ChartStyle::Intervals,
            (false, true) => ChartStyle::Dashes,
            (false, false) => ChartStyle::DottedLine,
        };
        // What is dashed where lines join is a dot of another shape where none does.
        let keys = self.drawn.iter().filter(|other| other.name == line.name).count();
        let color = if style == ChartStyle::Intervals && line.dashed { line.color + keys } else { line.color };
        ChartSeries { name: parts.join(", "), color, style, points }
    }

    fn law_point(&self, x: f64, y: f64, factor: f64) -> ChartPoint {
        let value = Estimate { mean: y, half_width: None, standard_deviation: None, count: 1 };
        let told = format!("the law gives {}", with_interval(Some(value), self.unit));
        ChartPoint { x: self.positions.place(x), y: y * factor, interval: None, told }
    }

    fn places(&self) -> Vec<f64> {
        self.positions.values.iter().map(|value| self.positions.place(*value)).collect()
    }

    /// Lower end, middle and upper end of an interval, none of them impossible.
    fn ends(&self, estimate: &Estimate) -> [f64; 3] {
        let half_width = estimate.half_width.unwrap_or(0.0);
        let least = if self.signed { f64::NEG_INFINITY } else { 0.0 };
        [(estimate.mean - half_width).max(least), estimate.mean, (estimate.mean + half_width).min(self.most)]
    }

    fn known(&self) -> impl Iterator<Item = &Estimate> {
        self.drawn.iter().flat_map(|line| &line.points).flatten()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::report::charts::canvas::{SIZE, width_in_svg};
    use crate::report::charts::sheet::assert_legible;
    use crate::report::export;

    fn line(key: &str, name: &str, color: usize, dashed: bool) -> SweepLine {
        let points = [1e-5, 3e-5].map(|mean| Estimate::of(&[mean, mean + 1e-6], 0.95)).into();
        SweepLine { key: key.to_owned(), name: name.to_owned(), color, dashed, points }
    }

    fn lines(labels: [&str; 2], drawn: Vec<SweepLine>) -> SweepLines {
        let positions = Positions {
            title: "group.hub.service.base, ".repeat(9),
            scale: PlaceScale::Linear,
            values: vec![1.0, 2.0],
            labels: labels.map(str::to_owned).into(),
        };
        let marked = Estimate::of(&[1.4, 1.5], 0.95).map(|knee| MarkedPlace::of(&knee, "knee with its 95 % interval"));
        SweepLines {
            what: "busy time".to_owned(),
            unit: Unit::Share,
            signed: false,
            most: 1.0,
            matters: 0.0,
            positions,
            drawn,
            law: None,
            marked,
            limit: None,
        }
    }

    fn svg(lines: SweepLines) -> String {
        export::svg(&lines.figure("busy", "Busy".to_owned(), String::new()).expect("values"))
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

    fn chart(lines: SweepLines) -> ChartData {
        lines.figure("busy", "Busy".to_owned(), String::new()).expect("values").data()
    }

    fn over(values: &[f64], means: &[f64], matters: f64) -> SweepLines {
        let mut lines = lines(["1", "2"], vec![line("", "", 0, false)]);
        lines.positions.values = values.to_vec();
        lines.positions.labels = values.iter().map(f64::to_string).collect();
        lines.drawn[0].points = means.iter().map(|mean| Estimate::of(&[*mean, *mean], 0.95)).collect();
        lines.matters = matters;
        lines
    }

    #[test]
    fn the_axis_has_the_scale_on_which_the_curve_is_straightest() {
        let doubling = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0];
        let is_logarithmic = |means: &[f64], matters: f64| {
            chart(over(&doubling, means, matters)).x.title.ends_with("(logarithmic scale)")
        };
        assert!(!is_logarithmic(&doubling.map(|x| 0.01 * x), 0.01), "a line is no explosion");
        assert!(is_logarithmic(&[0.1, 0.2, 0.3, 0.4, 0.5, 0.6], 0.01));
        assert!(!is_logarithmic(&doubling.map(|x| 1e-5 * x), 0.01), "it is seen, even if it does not matter");
        assert!(is_logarithmic(&[0.930, 0.931, 0.930, 0.930, 0.931, 0.930], 0.01), "even distances decide");
    }

    #[test]
    fn shares_that_differ_little_are_zoomed_and_say_so() {
        let y = chart(over(&[1.0, 2.0, 3.0], &[0.93, 0.94, 0.95], 0.005)).y;
        assert!(y.is_broken && (y.low - 92.5).abs() < 0.6, "{y:?}");
        assert!(y.title.contains("busy time [%]; the axis begins at 9"), "{y:?}");
        assert!(chart(over(&[1.0, 2.0, 3.0], &[0.1, 0.5, 0.95], 0.005)).y.low.abs() < 1e-9);
    }

    #[test]
    fn bands_stay_within_what_is_possible() {
        let mut lines = over(&[1.0, 2.0], &[0.02, 0.99], 0.0);
        for point in lines.drawn[0].points.iter_mut().flatten() {
            point.half_width = Some(0.1);
        }
        let points = chart(lines).series.remove(0).points;
        let ends: Vec<[f64; 2]> = points.iter().filter_map(|point| point.interval).collect();
        assert!(ends[0][0].abs() < 1e-12 && (ends[1][1] - 100.0).abs() < 1e-12, "{ends:?}");
    }

    #[test]
    fn nothing_joins_words_or_names_and_names_go_by_their_values() {
        for scale in [PlaceScale::Words, PlaceScale::Names] {
            let mut lines = over(&[0.0, 1.0, 2.0], &[0.3, 0.1, 0.2], 0.0);
            lines.positions.scale = scale;
            let chart = chart(lines);
            assert_eq!(chart.series[0].style, ChartStyle::Intervals);
            let labels: Vec<&str> = chart.x.ticks.iter().map(|(_, label)| label.as_str()).collect();
            let by_value = ["no. 1", "no. 2", "no. 0"];
            assert_eq!(labels, if scale == PlaceScale::Names { by_value } else { ["0", "1", "2"] });
            assert!(chart.x.low < 0.0 && chart.x.high > 2.0, "none stands at an edge");
        }
    }

    #[test]
    fn names_are_kept_in_full() {
        let long = "a name that is longer than any legend has room for";
        let several = vec![line(long, "median", 0, false), line(long, "95 % of visits", 0, true)];
        let names: Vec<String> =
            chart(lines(["1", "2"], several)).series.into_iter().map(|series| series.name).collect();
        assert_eq!(names, [format!("{long}, median"), format!("{long}, 95 % of visits")]);
    }

    #[test]
    fn without_a_value_a_sentence_says_so() {
        let mut lines = over(&[1.0, 2.0], &[0.1, 0.2], 0.0);
        lines.drawn[0].points = vec![None, None];
        let told = lines.figure("busy", String::new(), String::new()).expect_err("nothing to draw");
        assert_eq!(told, "No point has a value of this: busy time.");
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
        assert!(texts.iter().any(|(_, text)| text.contains("[%]")) && !drawn.contains("millionth"), "{texts:?}");
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
            scale_kind in 0_usize..3,
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
                scale: [PlaceScale::Linear, PlaceScale::Words, PlaceScale::Names][scale_kind],
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
            let marked = Estimate::of(&[0.5, 60.0], 0.95).map(|knee| MarkedPlace::of(&knee, "knee with its 95 % interval"));
            let drawn = drawn.collect();
            let (title, finding) = (beginning.repeat(7), names.join(" and ").repeat(9));
            let most = if unit == Unit::Share { 1.0 } else { f64::INFINITY };
            let what = beginning.repeat(3);
            let (law, limit) = (None, None);
            let lines = SweepLines { what, unit, signed, most, matters: 0.0, positions, drawn, law, marked, limit };
            assert_legible(&export::svg(&lines.figure("any", title, finding).expect("values")));
        }
    }
}
