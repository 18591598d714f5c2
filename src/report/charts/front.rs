//! Chart: the front of several goals. Two goals are the axes, and a line leads along the front. More goals lie beside each other, each
//! from its worst value to its best one, and each alternative is a line.

use crate::inference::{Direction, Quantity};
use crate::record::FrontRecord;
use crate::report::evidence::Evidence;
use crate::report::numbers::{axis_scale, capitalised, rough};
use crate::report::places::label_of_point;
use crate::stats::Estimate;
use crate::text::listed;

use super::axis::LinearTicks;
use super::data::{ChartAxis, ChartData, ChartPoint, ChartSeries, ChartStyle};
use super::names::shortened;
use super::palette::PALETTE;
use super::{Drawable, Figure};

/// So many alternatives on the front have a colour of their own.
const COLOURED: usize = PALETTE.len();

/// An alternative: its number, and what is known of each goal.
type Rated = (usize, Vec<Estimate>);

/// The picture of a front.
pub(in crate::report) fn front(evidence: &Evidence<'_>, front: &FrontRecord) -> Drawable {
    let goals = front.quantities();
    let rated = |point: usize| -> Option<Rated> {
        front.points[point].as_ref()?;
        let known = goals.iter().map(|goal| evidence.points[point].answer(goal).known());
        Some((point, known.collect::<Option<Vec<_>>>()?))
    };
    let all: Vec<Rated> = (0..front.points.len()).filter_map(rated).collect();
    let on_front = front.on_front();
    let (mut best, others): (Vec<Rated>, Vec<Rated>) = all.into_iter().partition(|(point, _)| on_front.contains(point));
    if best.is_empty() {
        return Err("No alternative has a mean of all goals, so that there is no front.".to_owned());
    }
    best.sort_by(|one, other| one.1[0].mean.total_cmp(&other.1[0].mean));
    let spoken = listed(&goals.iter().map(Quantity::spoken).collect::<Vec<_>>());
    let count = best.len() + others.len();
    let are = if best.len() == 1 { "is" } else { "are" };
    let title = format!("{} of {count} alternatives {are} best in some trade of {spoken}", best.len());
    let drawing = FrontDrawing { evidence, goals: &goals, best: &best, others: &others };
    Ok(if let [one, other] = goals.as_slice() {
        Figure::plotted("front", title, finding_of_two([one, other]), drawing.of_two())
    } else {
        let finding = "Each line is an alternative. Higher is better in each goal; grey: another one is as good in all goals and better in one.";
        Figure::plotted("front", title, finding.to_owned(), drawing.of_many())
    })
}

struct FrontDrawing<'d> {
    evidence: &'d Evidence<'d>,
    goals: &'d [Quantity],
    /// Those on the front, by their values of the first goal.
    best: &'d [Rated],
    others: &'d [Rated],
}

impl FrontDrawing<'_> {
    fn label(&self, point: usize) -> String {
        label_of_point(self.evidence, point)
    }

    /// The alternatives that have colours of their own with their names, and the others on the front.
    fn coloured(&self) -> (Vec<(&Rated, String)>, &[Rated]) {
        let (coloured, rest) = self.best.split_at(self.best.len().min(COLOURED));
        let labels: Vec<String> = coloured.iter().map(|(point, _)| self.label(*point)).collect();
        let names = shortened(labels.iter().map(String::as_str));
        (coloured.iter().zip(names).collect(), rest)
    }

    fn told(&self, (point, known): &Rated) -> String {
        let goals =
            self.goals.iter().zip(known).map(|(goal, of)| format!("{} {}", goal.spoken(), rough(of.mean, goal.unit())));
        format!("{}: {}", self.label(*point), goals.collect::<Vec<_>>().join(", "))
    }

    /// Two goals, one on each axis.
    fn of_two(&self) -> ChartData {
        let all = || self.best.iter().chain(self.others);
        let scale = |goal: usize| {
            let largest = all().map(|(_, known)| known[goal].mean.abs()).fold(0.0, f64::max);
            axis_scale(largest, self.goals[goal].unit())
        };
        let scales = [scale(0), scale(1)];
        let dot = |rated: &Rated| {
            let [x, y] = [0, 1].map(|goal| (scales[goal].0, rated.1[goal]));
            let ends =
                y.1.half_width.map(|half_width| [y.1.mean - half_width, y.1.mean + half_width].map(|end| y.0 * end));
            ChartPoint { x: x.0 * x.1.mean, y: y.0 * y.1.mean, interval: ends, told: self.told(rated) }
        };
        let (coloured, rest) = self.coloured();
        let series = |name: String, color, style, points| ChartSeries { name, color, style, points };
        let mut all_series: Vec<ChartSeries> = coloured
            .into_iter()
            .enumerate()
            .map(|(color, (rated, name))| series(name, color, ChartStyle::Intervals, vec![dot(rated)]))
            .collect();
        for (those, what) in [(rest, "more on the front"), (self.others, "not on the front")] {
            if !those.is_empty() {
                let name = format!("{} {what}", those.len());
                all_series.push(series(name, COLOURED, ChartStyle::Intervals, those.iter().map(dot).collect()));
            }
        }
        let line = self.best.iter().map(|rated| ChartPoint { interval: None, ..dot(rated) }).collect();
        all_series.push(series("the front".to_owned(), COLOURED, ChartStyle::Law, line));
        let axis = |goal: usize| {
            let values = all().map(|(_, known)| (known[goal].mean, known[goal].half_width.unwrap_or(0.0)));
            let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), (mean, half_width)| {
                (low.min(mean - half_width), high.max(mean + half_width))
            });
            let (factor, unit) = scales[goal];
            let unit = if unit.is_empty() { String::new() } else { format!(" [{unit}]") };
            let matters = factor * self.evidence.relevance.least(&self.goals[goal], high);
            let ticks = LinearTicks::showing([factor * low, factor * high], matters, f64::INFINITY);
            ChartAxis::of(&format!("{}{unit}", self.goals[goal].spoken()), &ticks)
        };
        ChartData {
            x: axis(0),
            y: axis(1),
            series: all_series,
            band: "95 % interval, upright".to_owned(),
            ..ChartData::default()
        }
    }

    /// Many goals beside each other, each from the worst of all alternatives to the best one.
    fn of_many(&self) -> ChartData {
        let all = || self.best.iter().chain(self.others);
        let range = |goal: usize| {
            let values = all().map(|(_, known)| known[goal].mean);
            values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
        };
        let height = |goal: usize, value: f64| {
            let (low, high) = range(goal);
            let share = if high > low { (value - low) / (high - low) } else { 1.0 };
            if is_more(&self.goals[goal]) || high <= low { 100.0 * share } else { 100.0 * (1.0 - share) }
        };
        let places = |count: usize| (0_u32..).take(count).map(f64::from);
        let line = |rated: &Rated| {
            let points = places(self.goals.len()).zip(&rated.1).enumerate().map(|(goal, (x, of))| ChartPoint {
                x,
                y: height(goal, of.mean),
                interval: None,
                told: format!("{}: {}", self.label(rated.0), rough(of.mean, self.goals[goal].unit())),
            });
            points.collect::<Vec<_>>()
        };
        let (coloured, rest) = self.coloured();
        let mut series: Vec<ChartSeries> = coloured
            .into_iter()
            .enumerate()
            .map(|(color, (rated, name))| ChartSeries {
                name,
                color,
                style: ChartStyle::DottedLine,
                points: line(rated),
            })
            .collect();
        for (those, what) in [(rest, "more on the front"), (self.others, "not on the front")] {
            if !those.is_empty() {
                let points = those.iter().flat_map(line).collect();
                let name = format!("{} {what}", those.len());
                series.push(ChartSeries { name, color: COLOURED, style: ChartStyle::Dots, points });
            }
        }
        let ticks = places(self.goals.len()).zip(self.goals.iter().map(|goal| capitalised(&goal.spoken()))).collect();
        let last = places(self.goals.len()).last().unwrap_or(0.0);
        ChartData {
            x: ChartAxis::new("goal", [-0.3, last + 0.3], ticks).named(),
            y: ChartAxis::of("from the worst of all alternatives (0) to the best (100)", &LinearTicks::up_to(100.0)),
            series,
            ..ChartData::default()
        }
    }
}

/// Where the better alternatives lie.
fn finding_of_two(goals: [&Quantity; 2]) -> String {
    let ways = [("left", "right"), ("down", "up")];
    let better = goals.into_iter().zip(ways).map(|(goal, (less, more))| if is_more(goal) { more } else { less });
    let [across, up] = [0, 1].map(|at| better.clone().nth(at).unwrap_or_default());
    format!(
        "Better is {up} and {across}. No other is at least as good as those on the line in both goals and better in one."
    )
}

/// Whether more of a goal is better.
fn is_more(goal: &Quantity) -> bool {
    Direction::of(goal, true) == Direction::Better
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{FrontPoint, StudyKind, StudyRecord};
    use crate::report::charts::sheet::assert_legible;
    use crate::report::export::svg;
    use crate::report::support::study;

    /// Of five points the first three are on the front.
    fn record(goals: &[&str]) -> StudyRecord {
        let mut record = study(StudyKind::Comparison, 5, 6);
        let point = |number: usize| {
            Some(FrontPoint { dominated_by: (number > 2).then_some(0), share: if number > 2 { 0.0 } else { 1.0 } })
        };
        let goals = goals.iter().map(|goal| (*goal).to_owned()).collect();
        record.front = Some(FrontRecord { goals, points: (0..5).map(point).collect() });
        record
    }

    fn drawn(record: &StudyRecord) -> Figure {
        front(&Evidence::from(record), record.front.as_ref().expect("a front")).expect("means")
    }

    #[test]
    fn two_goals_are_the_axes_and_the_front_is_a_line() {
        let figure = drawn(&record(&["connector_calls.saving", "user_wait_p95"]));
        assert_legible(&svg(&figure));
        assert!(include_str!("../../../docs/charts.md").contains(&format!("`{}`", figure.name)));
        assert!(figure.finding.starts_with("Better is down and right."), "{}", figure.finding);
        let chart = figure.data();
        let line = chart.series.iter().find(|series| series.style == ChartStyle::Law).expect("the front");
        assert!(line.points.len() == 3 && line.points.is_sorted_by(|one, other| one.x <= other.x), "{line:?}");
        assert_eq!(chart.series.len(), 5, "three on the front, the others, and the front");
    }

    #[test]
    fn many_goals_lie_beside_each_other_and_higher_is_better() {
        let figure = drawn(&record(&["connector_calls.saving", "user_wait_p95", "price_fresh_share"]));
        assert_legible(&svg(&figure));
        let chart = figure.data();
        assert_eq!(chart.x.ticks.len(), 3);
        let heights: Vec<f64> = chart.series.iter().flat_map(|series| &series.points).map(|point| point.y).collect();
        assert!(heights.iter().all(|height| (0.0..=100.0).contains(height)), "{heights:?}");
        // The first point waits least.
        let first = chart.series.iter().find(|series| series.name == "variant-0").expect("a line");
        assert!((first.points[1].y - 100.0).abs() < 1e-9, "{first:?}");
    }

    #[test]
    fn without_any_mean_there_is_no_front() {
        let mut record = record(&["connector_calls.saving", "user_wait_p95"]);
        record.front.as_mut().expect("a front").points = vec![None; 5];
        assert!(front(&Evidence::from(&record), record.front.as_ref().expect("a front")).is_err());
    }
}
