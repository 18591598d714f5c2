//! Charts as plain data, for formats that draw them with their own means. It holds what the drawings hold: the same values,
//! axes and texts.

use serde::{Deserialize, Serialize};

use crate::stats::Estimate;
use crate::text::listed;

use super::axis::{LinearTicks, Tick};

/// Lines are alike if they are nowhere farther apart than this share of the axis: nobody could see it.
const ALIKE_WITHIN: f64 = 0.004;

/// A chart.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
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
    /// What the band around a line, or the thin line through a dot, is; empty if there is none.
    pub(in crate::report) band: String,
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
    /// Whether it begins above 0, although 0 is where such numbers begin. Then the drawing marks it, and the title says so.
    pub(in crate::report) is_broken: bool,
    /// Whether its ticks are names or words. Nobody could guess one that is left out, so that all are shown, in several rows if need be.
    pub(in crate::report) has_names: bool,
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
    /// A thin line without points of its own: a law, or a theory.
    Law,
    /// A bar in its row for each point.
    Bars,
    /// A part of the bar in its row for each point; the parts of earlier series come before it.
    Stacks,
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
    /// An axis of this title that ends at the given places. No two of its ticks have the same label.
    pub(in crate::report) fn new(title: impl Into<String>, [low, high]: [f64; 2], ticks: Vec<Tick>) -> Self {
        let mut kept: Vec<Tick> = Vec::with_capacity(ticks.len());
        for (at, label) in ticks {
            if (low..=high).contains(&at) && kept.iter().all(|(_, other)| *other != label) {
                kept.push((at, label));
            }
        }
        Self { title: title.into(), low, high, ticks: kept, is_broken: false, has_names: false }
    }

    /// The axis with names for ticks.
    pub(super) fn named(self) -> Self {
        Self { has_names: true, ..self }
    }

    /// The axis of these ticks. Where it begins above 0, its title says so.
    pub(super) fn of(title: &str, ticks: &LinearTicks) -> Self {
        let is_broken = ticks.bottom() > 0.0;
        let labelled = ticks.labelled();
        let title = match labelled.first().filter(|_| is_broken) {
            Some((_, first)) => format!("{title}; the axis begins at {first}, not at 0"),
            None => title.to_owned(),
        };
        Self { is_broken, ..Self::new(title, [ticks.bottom(), ticks.top()], labelled) }
    }
}

impl ChartSeries {
    /// The stretches of its band: points beside each other that have intervals. A point without one breaks the band, since nothing
    /// is known of how sure it is.
    pub(in crate::report) fn bands(&self) -> impl Iterator<Item = &[ChartPoint]> {
        self.points.split(|point| point.interval.is_none()).filter(|stretch| stretch.len() > 1)
    }
}

impl ChartData {
    /// The chart with one line in the place of lines that nobody could tell apart; its name says whose it is.
    pub(super) fn with_alike_merged(mut self) -> Self {
        let reach = ALIKE_WITHIN * (self.y.high - self.y.low);
        let mut groups: Vec<(ChartSeries, Vec<String>)> = Vec::new();
        for series in std::mem::take(&mut self.series) {
            let own = series.name.clone();
            match groups.iter_mut().find(|(first, _)| are_alike(first, &series, reach)) {
                Some((_, names)) => names.push(own),
                None => groups.push((series, vec![own])),
            }
        }
        let named = |(series, names): (ChartSeries, Vec<String>)| match names.len() {
            1 => series,
            2..=3 => ChartSeries { name: format!("{}: alike", listed(&names)), ..series },
            count => ChartSeries { name: format!("{count} alike, {} to {}", names[0], names[count - 1]), ..series },
        };
        self.series = groups.into_iter().map(named).collect();
        self
    }
}

/// Whether two lines have the same places, and values that are no farther apart than `reach`.
fn are_alike(one: &ChartSeries, other: &ChartSeries, reach: f64) -> bool {
    let is_line = |series: &ChartSeries| {
        matches!(series.style, ChartStyle::Line | ChartStyle::DottedLine | ChartStyle::Dashes)
            && series.points.len() > 1
    };
    is_line(one)
        && one.style == other.style
        && one.points.len() == other.points.len()
        && one
            .points
            .iter()
            .zip(&other.points)
            .all(|(own, of_other)| own.x.total_cmp(&of_other.x).is_eq() && (own.y - of_other.y).abs() <= reach)
}

/// A mean alone.
pub(super) const fn mean_alone(mean: f64) -> Estimate {
    Estimate { mean, half_width: None, standard_deviation: None, count: 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(name: &str, values: [f64; 3]) -> ChartSeries {
        let point = |(x, y): (f64, f64)| ChartPoint { x, y, interval: None, told: String::new() };
        let points = [1.0, 2.0, 3.0].into_iter().zip(values).map(point).collect();
        ChartSeries { name: name.to_owned(), color: 0, style: ChartStyle::Line, points }
    }

    fn names(all: Vec<ChartSeries>) -> Vec<String> {
        let y = ChartAxis::new("", [0.0, 10.0], Vec::new());
        let chart = ChartData { y, series: all, ..ChartData::default() }.with_alike_merged();
        chart.series.into_iter().map(|series| series.name).collect()
    }

    #[test]
    fn lines_that_coincide_are_one_line_that_says_whose_it_is() {
        let flat = [5.0; 3];
        assert_eq!(names(vec![series("a", flat), series("b", [5.0, 5.03, 5.0])]), ["a and b: alike"]);
        assert_eq!(names(vec![series("a", flat), series("b", [5.0, 5.1, 5.0])]), ["a", "b"]);
        let five = ["h-1", "h-2", "h-3", "h-4", "h-5"].map(|name| series(name, flat)).into();
        assert_eq!(names(five), ["5 alike, h-1 to h-5"]);
    }

    #[test]
    fn a_band_breaks_where_there_is_no_interval() {
        let point =
            |known: bool| ChartPoint { x: 0.0, y: 1.0, interval: known.then_some([0.0, 2.0]), told: String::new() };
        let of = |known: [bool; 6]| {
            let line = ChartSeries { points: known.map(point).into(), ..series("a", [0.0; 3]) };
            line.bands().map(<[ChartPoint]>::len).collect::<Vec<_>>()
        };
        assert_eq!(of([true; 6]), [6]);
        assert_eq!(of([true, true, false, true, true, true]), [2, 3]);
        assert_eq!(of([true, false, true, false, false, true]), Vec::<usize>::new());
    }

    #[test]
    fn no_two_ticks_have_the_same_label() {
        let axis = ChartAxis::new("", [0.0, 3.0], vec![(1.0, "1 min".to_owned()), (2.0, "1 min".to_owned())]);
        assert_eq!(axis.ticks, [(1.0, "1 min".to_owned())]);
    }

    #[test]
    fn an_axis_that_does_not_begin_at_0_says_so() {
        let from = |low: f64, high: f64| ChartAxis::of("fresh prices [%]", &LinearTicks::between(low, high));
        assert_eq!(from(93.1, 95.2).title, "fresh prices [%]; the axis begins at 93.0, not at 0");
        assert!(from(93.1, 95.2).is_broken);
        assert!(!from(0.0, 95.2).is_broken && from(0.0, 95.2).title == "fresh prices [%]");
    }
}
