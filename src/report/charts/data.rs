//! Charts as plain data, for formats that draw them with their own means. It holds what the drawings hold: the same values,
//! axes and texts.

use plotters::style::RGBColor;
use serde::{Deserialize, Serialize};

use crate::stats::Estimate;

use super::axis::Tick;
use super::canvas::{Mark, PALETTE};

/// A chart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::report) struct ChartData {
    /// The horizontal axis.
    pub(in crate::report) x: ChartAxis,
    /// The vertical axis; of a chart with rows, only its title means anything.
    pub(in crate::report) y: ChartAxis,
    /// The rows, from top to bottom; the y of a point is the number of its row. None in a chart with two axes.
    pub(in crate::report) rows: Vec<ChartRow>,
    /// What is drawn, each with a name of its own.
    pub(in crate::report) series: Vec<ChartSeries>,
    /// Places and stretches that the reader needs to see.
    pub(in crate::report) guides: Vec<ChartGuide>,
}

/// An axis, linear in the numbers that it has; logarithms are taken before.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(in crate::report) struct ChartAxis {
    /// What it shows, with the unit.
    pub(in crate::report) title: String,
    /// Where it begins.
    pub(in crate::report) low: f64,
    /// Where it ends.
    pub(in crate::report) high: f64,
    /// Where labels stand.
    pub(in crate::report) ticks: Vec<Tick>,
}

/// A row of a chart with rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::report) struct ChartRow {
    /// What it is about.
    pub(in crate::report) name: String,
    /// What is said of it beside its name.
    pub(in crate::report) told: String,
    /// Up to where, on both sides of zero, a difference is too small to matter.
    pub(in crate::report) near: Option<f64>,
}

/// Points that belong together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::report) struct ChartSeries {
    /// What they are.
    pub(in crate::report) name: String,
    /// The number of their colour in the palette; the one behind its end is grey.
    pub(in crate::report) color: usize,
    /// How they are drawn.
    pub(in crate::report) style: ChartStyle,
    /// The points, from left to right where a line joins them.
    pub(in crate::report) points: Vec<ChartPoint>,
}

/// How a series is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::report) enum ChartStyle {
    /// A line in its band.
    Line,
    /// A line in its band, with a dot at each point.
    DottedLine,
    /// A dashed line in its band, with a dot at each point.
    Dashes,
    /// A dot with its interval for each point.
    Intervals,
    /// A dot for each point.
    Dots,
    /// A bar in its row for each point.
    Bars,
}

/// A value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::report) struct ChartPoint {
    /// Its place on the horizontal axis.
    pub(in crate::report) x: f64,
    /// Its place on the vertical axis, or the number of its row.
    pub(in crate::report) y: f64,
    /// Where its interval begins and ends: on the vertical axis, and in a chart with rows on the horizontal one.
    pub(in crate::report) interval: Option<[f64; 2]>,
    /// The value in words.
    pub(in crate::report) told: String,
}

/// A place on an axis, or a stretch of it, with its meaning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::report) struct ChartGuide {
    /// Whether it is a place on the horizontal axis.
    pub(in crate::report) is_upright: bool,
    /// The place.
    pub(in crate::report) at: f64,
    /// Where the stretch around it begins and ends.
    pub(in crate::report) stretch: Option<[f64; 2]>,
    /// Its meaning; nothing is written at an axis of zeros.
    pub(in crate::report) label: String,
}

impl ChartAxis {
    /// An axis of this title that ends at the given places.
    pub(super) fn new(title: impl Into<String>, [low, high]: [f64; 2], ticks: Vec<Tick>) -> Self {
        let ticks = ticks.into_iter().filter(|(at, _)| (low..=high).contains(at)).collect();
        Self { title: title.into(), low, high, ticks }
    }
}

/// The number of a colour.
pub(super) fn color_number(color: RGBColor) -> usize {
    PALETTE.iter().position(|of_palette| *of_palette == color).unwrap_or(PALETTE.len())
}

/// The name that a legend gives to a colour; nothing if it gives none.
pub(super) fn name_of(color: RGBColor, legend: &[(String, Mark)]) -> String {
    let names = |mark: &Mark| match mark {
        Mark::Line(of_mark) | Mark::Dashes(of_mark) | Mark::Bar(of_mark) => *of_mark == color,
        Mark::Band(_) | Mark::Place(_) => false,
    };
    legend.iter().find(|(_, mark)| names(mark)).map(|(name, _)| name.clone()).unwrap_or_default()
}

/// A mean alone.
pub(super) const fn mean_alone(mean: f64) -> Estimate {
    Estimate { mean, half_width: None, standard_deviation: None, count: 1 }
}
