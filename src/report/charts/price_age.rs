//! Chart: how old the prices are that users see, with and without `GTNet`.

use plotters::backend::DrawingBackend;
use plotters::element::{Polygon, Rectangle, Text};
use plotters::series::{DashedLineSeries, LineSeries};
use plotters::style::text_anchor::HPos;
use plotters::style::{Color, RGBColor, ShapeStyle};

use crate::inference::{Answer, Quantity};
use crate::measures::{self, MeasureId, Unit};
use crate::report::curves::CumulativeShare;
use crate::report::evidence::PointEvidence;
use crate::report::numbers::{duration, rough, told, with_interval};
use crate::stats::Estimate;
use crate::time::SimDuration;

use super::axis::{COARSE_S, TickedAxis, duration_ticks};
use super::canvas::{
    Area, BAND_OPACITY, CUT_OFF, Drawn, Frame, GREY, MARGIN, Mark, SIZE, color, label_style, label_width, plot,
    readable_ticks,
};
use super::data::{ChartAxis, ChartData, ChartGuide, ChartPoint, ChartSeries, ChartStyle, color_number, name_of};
use super::{AnyChart, Chart, Figure, interval};

/// Nobody sees shares smaller than this in the chart.
const VISIBLE: f64 = 0.005;

/// Room left of the plot and right of it \[units\].
const SHARES_WIDTH: i32 = 180;
const RIGHT: i32 = MARGIN + 20;

/// The cumulative distribution of the age of prices when users see them.
#[derive(Debug)]
pub(super) struct PriceAge {
    lines: Vec<AgeCurve>,
    threshold: Option<SimDuration>,
    /// The share of prices of age 0; `None` if it is too small to be seen.
    age_zero: Option<f64>,
    from: SimDuration,
    to: SimDuration,
}

#[derive(Debug)]
struct AgeCurve {
    color: RGBColor,
    /// Age, then lower end, middle and upper end of the share.
    points: Vec<(SimDuration, [f64; 3])>,
}

/// The picture of how old the prices are that users see; `curves` are those of a run.
pub(in crate::report) fn price_age(point: &PointEvidence<'_>, curves: &[CumulativeShare]) -> Figure {
    let lines: Vec<AgeCurve> = curves.iter().map(line).filter(|line| !line.points.is_empty()).collect();
    let entry = |curve: &CumulativeShare| (curve.side.spoken().to_owned(), Mark::Line(color(curve.side)));
    let mut legend: Vec<(String, Mark)> = curves.iter().map(entry).collect();
    let band = if let [curve] = curves { color(curve.side) } else { GREY };
    legend.extend(interval(point.replications, Mark::Band(band)));
    let (from, to) = window(&lines);
    let is_cut_off = point.value(measures::PRICE_AGE_P50) == Answer::CutOff(None);
    let nothing = if is_cut_off { CUT_OFF } else { "No price was shown to anybody." };
    let threshold = point.facts.freshness_threshold;
    Figure {
        name: "price_age".to_owned(),
        title: "Age of the prices that users see".to_owned(),
        finding: finding(point),
        nothing: lines.is_empty().then_some(nothing),
        legend,
        drawing: AnyChart::PriceAge(PriceAge {
            lines,
            threshold,
            age_zero: age_zero(point).map(|age_zero| age_zero.mean),
            from,
            to,
        }),
    }
}

fn finding(point: &PointEvidence<'_>) -> String {
    let compare = |measure: MeasureId| {
        let of_sides = point.sides().map(|side| {
            let answer = point.answer(&Quantity::of_network(measure, side.contrast));
            format!("{} {}", told(answer, measure.unit), side.spoken())
        });
        of_sides.collect::<Vec<_>>().join(", ")
    };
    let median = format!("Median age: {}.", compare(measures::PRICE_AGE_P50));
    let threshold = point.facts.freshness_threshold;
    let fresh = threshold
        .map(|threshold| format!("Not older than {}: {}.", duration(threshold), compare(measures::FRESH_SHARE)));
    let age_zero = age_zero(point).map(|share| {
        let share = with_interval(Some(share), Unit::Share);
        format!("Age 0 (no trading since): {share}.")
    });
    std::iter::once(median).chain(fresh).chain(age_zero).collect::<Vec<_>>().join(" ")
}

/// The share of prices of age 0 in the scenario as written; `None` if it is too small to be seen.
fn age_zero(point: &PointEvidence<'_>) -> Option<Estimate> {
    point.value(measures::AGE_ZERO_SHARE).known().filter(|age_zero| age_zero.mean >= VISIBLE)
}

fn line(curve: &CumulativeShare) -> AgeCurve {
    let point = |&(age, estimate): &(SimDuration, Option<Estimate>)| {
        let estimate = estimate?;
        let half_width = estimate.half_width.unwrap_or(0.0);
        let ends = [estimate.mean - half_width, estimate.mean, estimate.mean + half_width];
        Some((age, ends.map(|share| share.clamp(0.0, 1.0))))
    };
    AgeCurve { color: color(curve.side), points: curve.points.iter().filter_map(point).collect() }
}

/// The range of ages in which the lines rise; outside of it they are flat.
fn window(lines: &[AgeCurve]) -> (SimDuration, SimDuration) {
    let share = |line: &AgeCurve, age: SimDuration| {
        let index = line.points.partition_point(|point| point.0 <= age);
        index.checked_sub(1).map_or(0.0, |index| line.points[index].1[1])
    };
    let last = |line: &AgeCurve| line.points.last().map_or(0.0, |point| point.1[1]);
    let ends = COARSE_S.map(SimDuration::from_secs);
    let from = ends[..4].iter().rev().find(|&&age| lines.iter().all(|line| share(line, age) < VISIBLE));
    let to = ends[4..].iter().find(|&&age| lines.iter().all(|line| share(line, age) >= last(line) - VISIBLE));
    (*from.unwrap_or(&ends[0]), *to.unwrap_or(&ends[7]))
}

fn position(age: SimDuration) -> f64 {
    libm::log10(age.as_secs_f64())
}

impl Chart for PriceAge {
    fn draw<DB: DrawingBackend>(&self, root: &Area<DB>, below: &Area<DB>) -> Drawn<DB> {
        let ages = duration_ticks(self.from, self.to).into_iter().map(|(age, label)| (position(age), label));
        let (first, last) = (position(self.from), position(self.to));
        let width = f64::from(SIZE.0.cast_signed() - MARGIN - SHARES_WIDTH - RIGHT);
        #[expect(clippy::cast_possible_truncation, reason = "within the width of the chart")]
        let ages = readable_ticks(root, ages.collect(), |age| ((age - first) / (last - first) * width) as i32)?;
        let age_axis = TickedAxis::new(first..last, ages);
        let shares = (0..=5).map(|fifths| (f64::from(fifths) / 5.0, format!("{} %", fifths * 20)));
        let titles = [
            "age when shown: trading time since the price was made [s, min, h, d; logarithmic]",
            "share of instruments shown [%]",
        ];
        let frame = Frame {
            left: MARGIN,
            right: RIGHT,
            top: 40,
            labels: SHARES_WIDTH,
            titles: titles.map(Some),
            has_rows: false,
        };
        let mut chart = plot(below, &frame, age_axis, TickedAxis::new(0.0..1.0, shares.collect()))?;

        if let Some(age_zero) = self.age_zero {
            chart.draw_series([Rectangle::new([(first, 0.0), (last, age_zero)], GREY.mix(0.1).filled())])?;
            // Just below the lines there is room for the text.
            if age_zero >= 0.15 {
                let (x, y) = chart.backend_coord(&(first, age_zero - 0.055));
                let text = "age 0: last price of a market that has not traded since".to_owned();
                root.draw(&Text::new(text, (x + 16, y), label_style(GREY, HPos::Left)))?;
            }
        }
        let visible = |line: &AgeCurve| {
            let window = self.from..=self.to;
            line.points.iter().filter(|point| window.contains(&point.0)).copied().collect::<Vec<_>>()
        };
        for line in &self.lines {
            let points = visible(line);
            let end = |index: usize| points.iter().map(move |&(age, ends)| (position(age), ends[index]));
            let band: Vec<(f64, f64)> = end(0).chain(end(2).rev()).collect();
            chart.draw_series([Polygon::new(band, line.color.mix(BAND_OPACITY).filled())])?;
        }
        if let Some(threshold) = self.threshold.filter(|age| (self.from..=self.to).contains(age)) {
            let at = position(threshold);
            let style = ShapeStyle::from(GREY).stroke_width(3);
            chart.draw_series(DashedLineSeries::new([(at, 0.0), (at, 1.0)], 14, 10, style))?;
            let text = format!("fresh: at most {}", duration(threshold));
            // The text stands at the bottom, where the lines leave room: they have not risen yet, or have risen long
            // before.
            let (x, y) = chart.backend_coord(&(at, 0.06));
            let room_left = x - chart.backend_coord(&(position(self.from), 0.0)).0;
            let anchor = if label_width(root, &text)? + 40 < room_left { HPos::Right } else { HPos::Left };
            let offset = if matches!(anchor, HPos::Right) { -16 } else { 16 };
            root.draw(&Text::new(text, (x + offset, y), label_style(GREY, anchor)))?;
        }
        for line in &self.lines {
            let points = visible(line).into_iter().map(|(age, ends)| (position(age), ends[1]));
            chart.draw_series(LineSeries::new(points, ShapeStyle::from(line.color).stroke_width(6)))?;
        }
        Ok(())
    }

    fn data(&self, legend: &[(String, Mark)]) -> ChartData {
        let ends = [self.from, self.to].map(position);
        let ages = duration_ticks(self.from, self.to).into_iter().map(|(age, label)| (position(age), label));
        let shares = (0..=5).map(|fifths| (f64::from(fifths) / 5.0, format!("{} %", fifths * 20)));
        let point = |&(age, [low, middle, high]): &(SimDuration, [f64; 3])| ChartPoint {
            x: position(age),
            y: middle,
            interval: Some([low, high]),
            told: format!("at most {}: {}", duration(age), rough(middle, Unit::Share)),
        };
        let series = self.lines.iter().map(|line| ChartSeries {
            name: name_of(line.color, legend),
            color: color_number(line.color),
            style: ChartStyle::Line,
            points: line.points.iter().filter(|(age, _)| (self.from..=self.to).contains(age)).map(point).collect(),
        });
        let threshold = self.threshold.filter(|age| (self.from..=self.to).contains(age)).map(|age| ChartGuide {
            is_upright: true,
            at: position(age),
            stretch: None,
            label: format!("fresh: at most {}", duration(age)),
        });
        let age_zero = self.age_zero.map(|share| ChartGuide {
            is_upright: false,
            at: share,
            stretch: Some([0.0, share]),
            label: "age 0: no trading since".to_owned(),
        });
        ChartData {
            x: ChartAxis::new("age when shown, in trading time (logarithmic)", ends, ages.collect()),
            y: ChartAxis::new("share of instruments shown", [0.0, 1.0], shares.collect()),
            rows: Vec::new(),
            series: series.collect(),
            guides: threshold.into_iter().chain(age_zero).collect(),
        }
    }
}
