//! Chart: how the alternatives of a selection fare against the best, from look to look, and when each of them is out.

use crate::measures::Unit;
use crate::report::numbers::{axis_scale, capitalised, difference as signed};
use crate::report::places::label_of_point;
use crate::report::selected::{Selected, fate, order};

use super::axis::LinearTicks;
use super::data::{ChartAxis, ChartData, ChartGuide, ChartPoint, ChartSeries, ChartStyle, mean_alone};
use super::names::shortened;
use super::palette::PALETTE;
use super::{Drawable, Figure};

/// So many alternatives have a line; of the others the end is drawn.
const LINES: usize = PALETTE.len();

/// Where the axes end, at least, in indifference zones: what is farther away is told and not drawn.
const LEAST_REACH: f64 = 2.0;

/// An alternative: its number, and at each look how far its mean is from that of the best.
type Path = (usize, Vec<(f64, f64)>);

/// The picture of a selection.
pub(in crate::report) fn elimination(selected: &Selected<'_, '_>) -> Drawable {
    let Some(leader) = selected.leader() else {
        return Err("No alternative has a mean, so that nothing could be compared.".to_owned());
    };
    let (record, quantity) = (selected.record, &selected.quantity);
    let paths: Vec<Path> = order(selected)
        .into_iter()
        .filter(|point| *point != leader)
        .map(|point| (point, path(selected, point, leader)))
        .filter(|(_, path)| !path.is_empty())
        .collect();
    if paths.is_empty() {
        return Err("No alternative but one has a mean, so that nothing could be compared.".to_owned());
    }
    let (lines, others) = paths.split_at(paths.len().min(LINES));
    let values = || lines.iter().flat_map(|(_, path)| path).map(|(_, behind)| *behind);
    let reach = LEAST_REACH * record.zone;
    let [low, high] = [values().fold(-reach, f64::min), values().fold(reach, f64::max)];
    let (factor, unit) = axis_scale(high.max(-low), quantity.unit());
    let unit = if quantity.unit() == Unit::Share { "points" } else { unit };
    let unit = if unit.is_empty() { String::new() } else { format!(" [{unit}]") };
    let name = |point: usize| label_of_point(selected.evidence, point);
    let told = |point: usize, (replications, behind): (f64, f64)| {
        let behind = signed(Some(mean_alone(behind)), quantity.unit());
        format!("{}, {replications} replications: {behind}; {}", name(point), fate(selected, point))
    };
    let dot =
        |point: usize, at: (f64, f64)| ChartPoint { x: at.0, y: factor * at.1, interval: None, told: told(point, at) };
    let labels: Vec<String> = lines.iter().map(|(point, _)| name(*point)).collect();
    let names = shortened(labels.iter().map(String::as_str));
    let mut series: Vec<ChartSeries> = lines
        .iter()
        .zip(names)
        .enumerate()
        .map(|(color, ((point, path), name))| ChartSeries {
            name,
            color,
            style: ChartStyle::DottedLine,
            points: path.iter().map(|at| dot(*point, *at)).collect(),
        })
        .collect();
    let ends = || others.iter().filter_map(|(point, path)| Some((*point, *path.last()?)));
    let is_drawn = |(_, at): &(usize, (f64, f64))| (low..=high).contains(&at.1);
    let drawn: Vec<ChartPoint> = ends().filter(is_drawn).map(|(point, at)| dot(point, at)).collect();
    let left_out = ends().count() - drawn.len();
    if !drawn.is_empty() {
        let name = format!("{} others when they are out", drawn.len());
        series.push(ChartSeries { name, color: PALETTE.len(), style: ChartStyle::Dots, points: drawn });
    }
    let most = record.looks.last().map_or(0.0, |look| f64::from(look.replications));
    let chart = ChartData {
        x: ChartAxis::of("replications of each alternative that is left", &LinearTicks::up_to(most)),
        y: ChartAxis::of(
            &format!("{}: difference from {}{unit}", quantity.spoken(), name(leader)),
            &LinearTicks::over(factor * low, factor * high),
        ),
        series,
        guides: vec![ChartGuide {
            is_upright: false,
            at: 0.0,
            stretch: Some([-factor * record.zone, factor * record.zone]),
            label: format!("within {} of it", selected.zone()),
        }],
        ..ChartData::default()
    };
    let far = if left_out > 0 { format!(" Not drawn: {left_out} that are farther away.") } else { String::new() };
    let finding = format!("A line ends where its alternative is out.{far}");
    Ok(Figure::plotted("elimination", title(selected, leader), finding, chart))
}

fn title(selected: &Selected<'_, '_>, leader: usize) -> String {
    let record = selected.record;
    let spent: usize = selected.evidence.points.iter().map(|point| point.replications).sum();
    match record.best {
        Some(_) => format!("{} is best, found by {spent} replications", capitalised(&selected.name(leader))),
        None => format!(
            "After {spent} replications {} are left, {} the best so far",
            record.left().len(),
            selected.name(leader)
        ),
    }
}

/// How far the mean of `point` is from that of the best, at each look at which both have one.
fn path(selected: &Selected<'_, '_>, point: usize, leader: usize) -> Vec<(f64, f64)> {
    let looks = selected.record.looks.iter();
    looks.filter_map(|look| Some((f64::from(look.replications), look.means[point]? - look.means[leader]?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::selection_support::selected;
    use crate::record::{StudyKind, StudyRecord};
    use crate::report::Evidence;
    use crate::report::charts::sheet::assert_legible;
    use crate::report::export::svg;

    fn drawn(record: &StudyRecord) -> Figure {
        let evidence = Evidence::from(record);
        elimination(&Selected::of(&evidence).expect("a selection")).expect("means")
    }

    #[test]
    fn lines_end_where_their_alternatives_are_out() {
        for kind in [StudyKind::Comparison, StudyKind::Sweep] {
            let figure = drawn(&selected(kind));
            assert_legible(&svg(&figure));
            assert!(include_str!("../../../docs/charts.md").contains(&format!("`{}`", figure.name)));
            let chart = figure.data();
            let ends: Vec<(f64, usize)> =
                chart.series.iter().map(|of| (of.points.last().expect("points").x, of.points.len())).collect();
            assert_eq!(ends, [(20.0, 2), (10.0, 1)], "the next one, then the first to go; the last one has no mean");
            assert!((chart.series[0].points[1].y - 50.0).abs() < 1e-9, "ms behind: {:?}", chart.series[0].points);
        }
        let title = drawn(&selected(StudyKind::Comparison)).title;
        assert_eq!(title, "“variant-1” is best, found by 60 replications");
    }

    #[test]
    fn what_is_far_away_is_counted() {
        let mut record = selected(StudyKind::Comparison);
        let template = record.points[0].clone();
        for number in 0..8 {
            let mut point = template.clone();
            point.label = format!("far-{number}");
            record.points.push(point);
            let selection = record.selection.as_mut().expect("a selection");
            selection.eliminated.push(selection.eliminated[0]);
            for look in &mut selection.looks {
                look.means.push((look.replications == 10).then_some(if number < 2 { 1.0 } else { 900.0 }));
            }
        }
        let figure = drawn(&record);
        assert_legible(&svg(&figure));
        assert!(figure.data().series.len() <= LINES + 1);
    }
}
