//! Horizontal bars, with and without `GTNet` below each other: connector calls by provider, fills by source.

use plotters::backend::DrawingBackend;
use plotters::chart::ChartBuilder;
use plotters::element::{PathElement, Rectangle, Text};
use plotters::style::text_anchor::HPos;
use plotters::style::{Color, RGBColor, ShapeStyle};

use crate::inference::{Answer, Contrast, Observations, Quantity, Subject};
use crate::measures::{self, FillSource};
use crate::record::RunRecord;
use crate::report::numbers::{capitalised, told, with_interval};
use crate::report::runs;
use crate::report::text::busiest_providers;
use crate::stats::Estimate;

use super::axis::{Axis, LinearTicks};
use super::canvas::{
    Area, CUT_OFF, Drawn, Figure, GREY, GRID, INK, LABEL, MARGIN, Mark, SIZE, color, empty, heading, label_style,
    label_width, readable_ticks,
};
use super::names::shortened;

/// Providers that have room below each other.
const PROVIDERS_DRAWN: usize = 8;

/// As if there were so many rows, lest a single bar fill the chart.
const ROWS_AT_LEAST: usize = 3;

/// Distance of a label from its bar \[units\].
const LABEL_GAP: i32 = 16;

/// Rows of bars: one bar a row, or two if there is a comparison.
pub(super) struct Bars {
    title: &'static str,
    finding: String,
    /// What the chart says if there are no rows.
    nothing: &'static str,
    legend: Vec<(String, Mark)>,
    value_axis: &'static str,
    row_axis: &'static str,
    /// What turns a value into the number at the axis.
    factor: f64,
    /// What no value can be more than, so that no interval is drawn beyond it.
    most: f64,
    rows: Vec<Row>,
}

struct Row {
    name: String,
    bars: Vec<Bar>,
}

struct Bar {
    color: RGBColor,
    value: Estimate,
    label: String,
}

impl Bars {
    /// Calls per day of each provider with calls, the one with the most first.
    pub(super) fn connector_calls(record: &RunRecord, observations: &Observations<'_>) -> Self {
        let measure = measures::CONNECTOR_CALLS;
        let answer = |subject: &Subject, contrast| observations.answer(measure, subject, contrast);
        let bar = |provider: &Subject, run: Contrast| {
            let calls = answer(provider, run);
            let saving = answer(provider, Contrast::Saving)
                .known()
                .filter(|_| run == Contrast::Value)
                .map_or_else(String::new, |saving| format!("  (saves {})", with_interval(Some(saving), "share")));
            let label = format!("{}{saving}", told(calls, measure.unit.symbol()));
            Some(Bar { color: color(run), value: calls.counted()?, label })
        };
        let row = |(provider, name): (&&Subject, String)| Row {
            name,
            bars: observations.runs().filter_map(|run| bar(provider, run)).collect(),
        };
        let called = busiest_providers(observations);
        let (drawn, left_out) = called.split_at(called.len().min(PROVIDERS_DRAWN));
        let calls = |subjects: &[&Subject]| {
            let calls = |contrast| {
                let calls = |subject: &&Subject| Quantity { measure, subject: (*subject).clone(), contrast };
                Quantity::answer_of_sum(&subjects.iter().map(calls).collect::<Vec<_>>(), observations)
            };
            let calls = observations.runs().map(|run| told(calls(run), measure.unit.symbol()));
            calls.collect::<Vec<_>>().join(" instead of ")
        };
        let sum = calls(&[&Subject::Network]);
        let all = match answer(&Subject::Network, Contrast::Saving) {
            saving @ Answer::Known(_) => format!("GTNet saves {} of the calls: {sum}.", told(saving, "share")),
            _ => format!("{}: {sum} calls.", capitalised(runs::spoken(observations.as_written()))),
        };
        let rest = (!left_out.is_empty())
            .then(|| format!(" Not drawn: {} more, together {}.", left_out.len(), calls(left_out)));
        Self {
            title: "Calls of data providers per day",
            finding: all + &rest.unwrap_or_default(),
            nothing: "No data provider was called.",
            legend: legend(record, observations),
            value_axis: "calls of all instances [1/d]",
            row_axis: "data provider",
            factor: 1.0,
            most: f64::INFINITY,
            rows: drawn.iter().zip(shortened(drawn.iter().map(|provider| provider.name()))).map(row).collect(),
        }
    }

    /// The share of instruments of exchanges that each source filled.
    pub(super) fn fill_sources(record: &RunRecord, observations: &Observations<'_>) -> Self {
        let answer = |source: FillSource, run| observations.answer(source.measure(), &Subject::Network, run);
        let bar = |source: FillSource, run: Contrast| {
            let value = answer(source, run).known()?;
            Some(Bar { color: color(run), value, label: with_interval(Some(value), "share") })
        };
        let row = |&source: &FillSource| Row {
            name: spoken(source).to_owned(),
            bars: observations.runs().filter_map(|run| bar(source, run)).collect(),
        };
        let fills_some = |&source: &FillSource| {
            observations.runs().any(|run| answer(source, run).known().is_some_and(|share| share.mean > 0.0))
        };
        let (sources, never): (Vec<FillSource>, Vec<FillSource>) = FillSource::ALL.into_iter().partition(fills_some);
        let by_connectors = answer(FillSource::Connector, observations.as_written());
        let is_cut_off = by_connectors == Answer::CutOff(None);
        let by_connectors = told(by_connectors, "share");
        let shares = match observations.as_written() {
            Contrast::Value => {
                let by_gtnet = observations.answer(measures::FILL_GTNET, &Subject::Network, Contrast::Value);
                let by_gtnet = told(by_gtnet, "share");
                format!("GTNet itself fills {by_gtnet}; connectors are left with {by_connectors}.")
            }
            run => format!("{}: connectors fill {by_connectors}.", capitalised(runs::spoken(run))),
        };
        let never: Vec<&str> = never.into_iter().map(spoken).collect();
        let rest = (!never.is_empty()).then(|| format!(" Never: {}.", never.join(", ")));
        Self {
            title: "Who fills the instruments of an exchange",
            finding: shares + &rest.unwrap_or_default(),
            nothing: if is_cut_off { CUT_OFF } else { "No exchange took place." },
            legend: legend(record, observations),
            value_axis: "share of the instruments of exchanges [%]",
            row_axis: "filled by",
            factor: 100.0,
            most: 1.0,
            rows: sources.iter().map(row).collect(),
        }
    }
}

fn legend(record: &RunRecord, observations: &Observations<'_>) -> Vec<(String, Mark)> {
    let entry = |run: Contrast| (runs::spoken(run).to_owned(), Mark::Bar(color(run)));
    let mut legend: Vec<(String, Mark)> = observations.runs().map(entry).collect();
    if record.replications.len() > 1 {
        let text = format!("95 % interval over {} replications", record.replications.len());
        legend.push((text, Mark::Line(INK)));
    }
    legend
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
    /// Where a bar with its interval ends, on the axis.
    fn end(&self, bar: &Bar) -> f64 {
        self.factor * (bar.value.mean + bar.value.half_width.unwrap_or(0.0)).min(self.most)
    }

    /// The lowest top of an axis of `width` \[units\] on which every bar ends far enough left for its label.
    fn top<DB: DrawingBackend>(&self, root: &Area<DB>, width: i32) -> Drawn<DB, f64> {
        let width = f64::from(width);
        let mut top = 0.0_f64;
        for bar in self.rows.iter().flat_map(|row| &row.bars) {
            let label = f64::from(label_width(root, &bar.label)? + LABEL_GAP);
            top = top.max(self.end(bar) * width / (width - label).max(width / 10.0));
        }
        Ok(if top > 0.0 { top } else { 1.0 })
    }

    /// The axis from 0 to `top` over `width` \[units\], with ticks as far as there are bars and room for the label.
    fn value_axis<DB: DrawingBackend>(&self, root: &Area<DB>, top: f64, width: i32) -> Drawn<DB, Axis> {
        let bars = self.rows.iter().flat_map(|row| &row.bars);
        let mut ticks = LinearTicks::up_to(bars.map(|bar| self.end(bar)).fold(0.0, f64::max)).labelled();
        #[expect(clippy::cast_possible_truncation, reason = "within the width of the chart")]
        let position = |value: f64| (value / top * f64::from(width)) as i32;
        while let Some((value, label)) = ticks.last()
            && position(*value) + label_width(root, label)? / 2 > width
        {
            ticks.pop();
        }
        Ok(Axis::new(0.0..top, readable_ticks(root, ticks, position)?))
    }
}

impl Figure for Bars {
    fn title(&self) -> &str {
        self.title
    }

    fn draw<DB: DrawingBackend>(&self, root: &Area<DB>) -> Drawn<DB> {
        if self.rows.is_empty() {
            return empty(root, self.title, self.nothing);
        }
        let below = heading(root, self.title, &self.finding, &self.legend)?;
        let count = self.rows.len().max(ROWS_AT_LEAST) as f64;
        // Rows are counted from the top, the axis from the bottom.
        let centres: Vec<f64> = (0..self.rows.len()).map(|index| count - index as f64 - 0.5).collect();
        let names = centres.iter().zip(&self.rows).map(|(&centre, row)| (centre, row.name.clone()));
        let row_axis = Axis::new(0.0..count, names.collect());
        let mut names_width = 0;
        for row in &self.rows {
            names_width = names_width.max(label_width(root, &row.name)?);
        }
        let names_width = names_width + 110;
        let width = SIZE.0.cast_signed() - 2 * MARGIN - names_width;
        let value_axis = self.value_axis(root, self.top(root, width)?, width)?;

        let mut chart = ChartBuilder::on(&below)
            .margin_left(MARGIN)
            .margin_right(MARGIN)
            .margin_top(20)
            .margin_bottom(24)
            .x_label_area_size(110)
            .y_label_area_size(names_width)
            .build_cartesian_2d(value_axis, row_axis)?;
        chart
            .configure_mesh()
            .disable_y_mesh()
            .light_line_style(GRID)
            .bold_line_style(GRID)
            .axis_style(GREY)
            .x_desc(self.value_axis)
            .y_desc(self.row_axis)
            .label_style(label_style(INK, HPos::Center))
            .axis_desc_style(label_style(INK, HPos::Center))
            .set_all_tick_mark_size(LABEL / 4)
            .draw()?;

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
}
