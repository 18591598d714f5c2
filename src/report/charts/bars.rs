//! Charts of horizontal bars, with and without `GTNet` below each other: connector calls by provider, and fills by
//! source. No interval goes beyond the greatest possible value.

use plotters::backend::DrawingBackend;
use plotters::element::{PathElement, Rectangle, Text};
use plotters::style::text_anchor::HPos;
use plotters::style::{Color, RGBColor, ShapeStyle};

use crate::inference::{Answer, Contrast, Quantity, Subject};
use crate::measures::{self, FillSource, Unit};
use crate::report::evidence::{PointEvidence, Side};
use crate::report::numbers::{capitalised, told, with_interval};
use crate::stats::Estimate;

use super::axis::{LinearTicks, TickedAxis};
use super::canvas::{Area, Drawn, FOOT, Frame, MARGIN, SIZE, label_style, label_width, plot, readable_ticks};
use super::data::{ChartAxis, ChartData, ChartPoint, ChartRow, ChartSeries, ChartStyle};
use super::heading::{Mark, name_of};
use super::names::shortened;
use super::palette::{INK, color, color_number};
use super::{AnyChart, Chart, Drawable, Figure, band_of, interval};

/// The chart has room for this many providers.
const PROVIDERS_DRAWN: usize = 8;

/// A chart is divided into at least this many rows, so that a single bar does not fill it.
const ROWS_AT_LEAST: usize = 3;

/// Distance of a label from its bar \[units\].
const LABEL_GAP: i32 = 16;

/// Rows of bars: one bar in each row, or two if the run is compared with one without `GTNet`.
#[derive(Debug)]
pub(super) struct Bars {
    pub(super) value_axis: &'static str,
    pub(super) row_axis: &'static str,
    /// Multiplied by this factor, a value is the number at the axis.
    pub(super) factor: f64,
    /// The greatest possible value; no interval is drawn beyond it.
    pub(super) most: f64,
    pub(super) rows: Vec<BarRow>,
    pub(super) legend: Vec<(String, Mark)>,
    pub(super) band: String,
}

#[derive(Debug)]
pub(super) struct BarRow {
    pub(super) name: String,
    /// What is said of all of it.
    pub(super) told: String,
    pub(super) bars: Vec<ValueBar>,
}

#[derive(Debug)]
pub(super) struct ValueBar {
    pub(super) color: RGBColor,
    pub(super) value: Estimate,
    pub(super) label: String,
    /// The value in words.
    pub(super) told: String,
}

/// Calls per day of each of the providers `called`, in descending order of their calls.
pub(in crate::report) fn connector_calls(point: &PointEvidence<'_>, called: &[&Subject]) -> Drawable {
    if called.is_empty() {
        return Err("No data provider was called.".to_owned());
    }
    let measure = measures::CONNECTOR_CALLS;
    let answer = |subject: &Subject, contrast| point.observations.answer(measure, subject, contrast);
    let bar = |provider: &Subject, side: Side| {
        let calls = answer(provider, side.contrast);
        let saving = answer(provider, Contrast::Saving)
            .known()
            .filter(|_| side.contrast == Contrast::Value)
            .map_or_else(String::new, |saving| format!("  (saves {})", with_interval(Some(saving), Unit::Share)));
        let told = told(calls, measure.unit);
        Some(ValueBar { color: color(side), value: calls.counted()?, label: format!("{told}{saving}"), told })
    };
    let saves = |provider: &Subject| {
        let saving = answer(provider, Contrast::Saving).known();
        saving.map_or_else(String::new, |saving| format!("saves {}", with_interval(Some(saving), Unit::Share)))
    };
    let row = |(provider, name): (&&Subject, String)| BarRow {
        name,
        told: saves(provider),
        bars: point.sides().filter_map(|side| bar(provider, side)).collect(),
    };
    let (drawn, left_out) = called.split_at(called.len().min(PROVIDERS_DRAWN));
    let calls = |subjects: &[&Subject]| {
        let of_side = |side: Side| {
            let of_one =
                |subject: &&Subject| Quantity { measure, subject: (*subject).clone(), contrast: side.contrast };
            let summands: Vec<Quantity> = subjects.iter().map(of_one).collect();
            told(Quantity::answer_of_sum(&summands, &point.observations), measure.unit)
        };
        point.sides().map(of_side).collect::<Vec<_>>().join(" instead of ")
    };
    let sum = calls(&[&Subject::Network]);
    let all = match answer(&Subject::Network, Contrast::Saving) {
        saving @ Answer::Known(_) => format!("GTNet saves {} of the provider calls: {sum}", told(saving, Unit::Share)),
        _ => format!("Provider calls {}: {sum}", point.as_written().spoken()),
    };
    let rest =
        (!left_out.is_empty()).then(|| format!("Not drawn: {} more, together {}.", left_out.len(), calls(left_out)));
    let rows: Vec<BarRow> =
        drawn.iter().zip(shortened(drawn.iter().map(|provider| provider.name()))).map(row).collect();
    Ok(Figure {
        name: "connector_calls".to_owned(),
        title: all,
        finding: rest.unwrap_or_default(),
        drawing: AnyChart::Bars(Bars {
            value_axis: "calls of all instances a day",
            row_axis: "data provider",
            factor: 1.0,
            most: f64::INFINITY,
            rows,
            legend: legend(point),
            band: band_of(point.replications),
        }),
    })
}

/// The share of instruments of exchanges that each source filled.
pub(in crate::report) fn fill_sources(point: &PointEvidence<'_>) -> Drawable {
    let answer = |source: FillSource, side: Side| point.answer(&Quantity::of_network(source.measure(), side.contrast));
    let bar = |source: FillSource, side: Side| {
        let value = answer(source, side).known()?;
        let told = with_interval(Some(value), Unit::Share);
        Some(ValueBar { color: color(side), value, label: told.clone(), told })
    };
    let row = |&source: &FillSource| BarRow {
        name: spoken(source).to_owned(),
        told: String::new(),
        bars: point.sides().filter_map(|side| bar(source, side)).collect(),
    };
    let fills_some = |&source: &FillSource| {
        point.sides().any(|side| answer(source, side).known().is_some_and(|share| share.mean > 0.0))
    };
    let (sources, never): (Vec<FillSource>, Vec<FillSource>) = FillSource::ALL.into_iter().partition(fills_some);
    let as_written = point.as_written();
    let by_connectors = answer(FillSource::Connector, as_written);
    let is_cut_off = by_connectors == Answer::CutOff(None);
    let by_connectors = told(by_connectors, Unit::Share);
    let shares = if as_written.has_gtnet {
        let by_gtnet = told(point.value(measures::FILL_GTNET), Unit::Share);
        format!("GTNet itself fills {by_gtnet} of the instruments; connectors are left with {by_connectors}")
    } else {
        format!("{} connectors fill {by_connectors} of the instruments", capitalised(as_written.spoken()))
    };
    let never: Vec<&str> = never.into_iter().map(spoken).collect();
    let rest = (!never.is_empty()).then(|| format!("Never: {}.", never.join(", ")));
    if sources.is_empty() {
        let cut_off = "Who fills the instruments of exchanges is not known: too many visits never end.";
        return Err(if is_cut_off { cut_off } else { "No exchange took place." }.to_owned());
    }
    Ok(Figure {
        name: "fill_sources".to_owned(),
        title: shares,
        finding: rest.unwrap_or_default(),
        drawing: AnyChart::Bars(Bars {
            value_axis: "share of the instruments of exchanges [%]",
            row_axis: "filled by",
            factor: 100.0,
            most: 1.0,
            rows: sources.iter().map(row).collect(),
            legend: legend(point),
            band: band_of(point.replications),
        }),
    })
}

/// The runs, with the interval of each value.
pub(super) fn legend(point: &PointEvidence<'_>) -> Vec<(String, Mark)> {
    let entry = |side: Side| (side.spoken().to_owned(), Mark::Bar(color(side)));
    point.sides().map(entry).chain(interval(point.replications, Mark::Line(INK))).collect()
}

const fn spoken(source: FillSource) -> &'static str {
    match source {
        FillSource::OwnPool => "own pool",
        FillSource::PushOpen => "push-open peer",
        FillSource::Open => "open peer",
        FillSource::Connector => "connector",
        FillSource::ConnectorFailed => "connector failed",
        FillSource::NotTried => "not tried",
    }
}

impl Bars {
    /// Where the interval of a bar ends on the axis.
    fn end(&self, bar: &ValueBar) -> f64 {
        self.factor * (bar.value.mean + bar.value.half_width.unwrap_or(0.0)).min(self.most)
    }

    /// The least upper end of an axis of `width` \[units\] that leaves room for a label behind every bar.
    fn top<DB: DrawingBackend>(&self, root: &Area<DB>, width: i32) -> Drawn<DB, f64> {
        let width = f64::from(width);
        let mut top = 0.0_f64;
        for bar in self.rows.iter().flat_map(|row| &row.bars) {
            let label = f64::from(label_width(root, &bar.label)? + LABEL_GAP);
            top = top.max(self.end(bar) * width / (width - label).max(width / 10.0));
        }
        Ok(if top > 0.0 { top } else { 1.0 })
    }

    /// The axis from 0 to `top` over `width` \[units\]. It has ticks only as far as bars reach and labels have room.
    fn value_axis<DB: DrawingBackend>(&self, root: &Area<DB>, top: f64, width: i32) -> Drawn<DB, TickedAxis> {
        let bars = self.rows.iter().flat_map(|row| &row.bars);
        let mut ticks = LinearTicks::up_to(bars.map(|bar| self.end(bar)).fold(0.0, f64::max)).labelled();
        #[expect(clippy::cast_possible_truncation, reason = "within the width of the chart")]
        let position = |value: f64| (value / top * f64::from(width)) as i32;
        while let Some((value, label)) = ticks.last()
            && position(*value) + label_width(root, label)? / 2 > width
        {
            ticks.pop();
        }
        Ok(TickedAxis::new(0.0..top, readable_ticks(root, ticks, position)?))
    }
}

impl Chart for Bars {
    fn legend(&self) -> &[(String, Mark)] {
        &self.legend
    }

    fn draw<DB: DrawingBackend>(&self, root: &Area<DB>, below: &Area<DB>) -> Drawn<DB> {
        let count = self.rows.len().max(ROWS_AT_LEAST) as f64;
        // Rows are counted from the top, the axis from the bottom.
        let centres: Vec<f64> = (0..self.rows.len()).map(|index| count - index as f64 - 0.5).collect();
        let names = centres.iter().zip(&self.rows).map(|(&centre, row)| (centre, row.name.clone()));
        let row_axis = TickedAxis::new(0.0..count, names.collect());
        let mut names_width = 0;
        for row in &self.rows {
            names_width = names_width.max(label_width(root, &row.name)?);
        }
        let names_width = names_width + 110;
        let width = SIZE.0.cast_signed() - 2 * MARGIN - names_width;
        let value_axis = self.value_axis(root, self.top(root, width)?, width)?;
        let frame = Frame {
            left: MARGIN,
            right: MARGIN,
            top: 20,
            foot: FOOT,
            labels: names_width,
            titles: [Some(self.value_axis), Some(self.row_axis)],
            has_rows: true,
        };
        let mut chart = plot(below, &frame, value_axis, row_axis)?;

        for (row, centre) in self.rows.iter().zip(&centres) {
            let thickness = 0.76 / row.bars.len().max(1) as f64;
            for (index, bar) in row.bars.iter().enumerate() {
                let top = centre + 0.38 - index as f64 * thickness;
                let middle = top - thickness / 2.0;
                let value = self.factor * bar.value.mean;
                chart.draw_series([Rectangle::new([(0.0, top), (value, top - thickness)], bar.color.filled())])?;
                if let Some(half_width) = bar.value.half_width.filter(|&half_width| half_width > 0.0) {
                    let (low, high) = ((value - self.factor * half_width).max(0.0), self.end(bar));
                    let style = ShapeStyle::from(INK).stroke_width(3);
                    let (cap_low, cap_high) = (middle - thickness * 0.18, middle + thickness * 0.18);
                    chart.draw_series([
                        PathElement::new(vec![(low, middle), (high, middle)], style),
                        PathElement::new(vec![(low, cap_low), (low, cap_high)], style),
                        PathElement::new(vec![(high, cap_low), (high, cap_high)], style),
                    ])?;
                }
                let (x, y) = chart.backend_coord(&(self.end(bar), middle));
                root.draw(&Text::new(bar.label.clone(), (x + LABEL_GAP, y), label_style(INK, HPos::Left)))?;
            }
        }
        Ok(())
    }

    fn data(&self) -> ChartData {
        let bars = || (0_u32..).zip(&self.rows).flat_map(|(row, of_row)| of_row.bars.iter().map(move |bar| (row, bar)));
        let ticks = LinearTicks::up_to(bars().map(|(_, bar)| self.end(bar)).fold(0.0, f64::max));
        let mut colors: Vec<RGBColor> = Vec::new();
        for (_, bar) in bars() {
            if !colors.contains(&bar.color) {
                colors.push(bar.color);
            }
        }
        let point = |(row, bar): (u32, &ValueBar)| {
            let value = self.factor * bar.value.mean;
            let half_width = bar.value.half_width.filter(|half_width| *half_width > 0.0);
            let low = |half_width: f64| (value - self.factor * half_width).max(0.0);
            ChartPoint {
                x: value,
                y: f64::from(row),
                interval: half_width.map(|half_width| [low(half_width), self.end(bar)]),
                told: bar.told.clone(),
            }
        };
        let series = colors.into_iter().map(|color| ChartSeries {
            name: name_of(color, &self.legend),
            color: color_number(color),
            style: ChartStyle::Bars,
            points: bars().filter(|(_, bar)| bar.color == color).map(point).collect(),
        });
        let row = |row: &BarRow| ChartRow { name: row.name.clone(), told: row.told.clone(), near: None };
        ChartData {
            x: ChartAxis::new(self.value_axis, [0.0, ticks.top()], ticks.labelled()),
            y: ChartAxis { title: self.row_axis.to_owned(), ..ChartAxis::default() },
            series: series.collect(),
            rows: self.rows.iter().map(row).collect(),
            band: self.band.clone(),
            ..ChartData::default()
        }
    }
}
