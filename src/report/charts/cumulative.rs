//! Charts of shares up to a limit, with and without `GTNet`: they show the stretch in which the lines rise, and where the two hardly
//! differ but in a small part of it, that part alone.

use crate::measures::Unit;
use crate::report::curves::CumulativeShare;
use crate::report::numbers::{duration, rough};
use crate::stats::Estimate;
use crate::time::SimDuration;

use super::axis::{LinearTicks, duration_ticks};
use super::data::{ChartAxis, ChartData, ChartPoint, ChartSeries, ChartStyle};

/// Nobody sees shares smaller than this in the chart.
pub(super) const VISIBLE: f64 = 0.005;

/// Where two lines differ by less than this share of their largest difference, they hardly differ.
const HARDLY: f64 = 0.25;

/// The part in which two lines differ is shown alone if it takes less than this share of the axis.
const SMALL_PART: f64 = 0.3;

/// The part that is shown alone has as much again on both sides, but at least this factor.
const LEAST_BESIDE: f64 = 1.4;

/// A share that does not fill the axis is zoomed; a difference of this much matters.
const MATTERS: f64 = 0.01;

/// A limit, the share up to it, and the ends of its interval, if it has one.
type SharePoint = (SimDuration, f64, Option<[f64; 2]>);

/// The part of a chart that is shown, from a limit to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct CurveWindow {
    /// Its first limit.
    pub(super) from: SimDuration,
    /// Its last limit.
    pub(super) to: SimDuration,
    /// Whether the lines also rise outside of it.
    pub(super) is_part: bool,
}

/// A chart of `curves` and their axes: `x_title` says of what the limits are, `y_title` of what the shares are. `None` if there is
/// nothing to draw.
pub(super) fn chart(
    curves: &[CumulativeShare],
    [x_title, y_title]: [&str; 2],
    band: &str,
) -> Option<(ChartData, CurveWindow)> {
    let known: Vec<Vec<SharePoint>> = curves.iter().map(|curve| known(&curve.points)).collect();
    if known.iter().all(Vec::is_empty) {
        return None;
    }
    let window = window(&known);
    let is_shown = |limit: SimDuration| (window.from..=window.to).contains(&limit);
    let shown = || {
        let points = known.iter().flatten().filter(|(limit, ..)| is_shown(*limit));
        points.map(|&(_, middle, ends)| ends.unwrap_or([middle; 2]))
    };
    let low = shown().map(|ends| 100.0 * ends[0]).fold(100.0, f64::min);
    let high = shown().map(|ends| 100.0 * ends[1]).fold(0.0, f64::max);
    let shares = if window.is_part {
        LinearTicks::showing([low, high], 100.0 * MATTERS, 100.0)
    } else {
        LinearTicks::up_to(100.0)
    };
    let point = |&(limit, middle, ends): &SharePoint| ChartPoint {
        x: place(limit),
        y: 100.0 * middle,
        interval: ends.filter(|_| !band.is_empty()).map(|ends| ends.map(|end| 100.0 * end)),
        told: format!("at most {}: {}", duration(limit), rough(middle, Unit::Share)),
    };
    let series = curves.iter().zip(&known).filter(|(_, known)| !known.is_empty()).map(|(curve, known)| ChartSeries {
        name: curve.side.spoken().to_owned(),
        color: usize::from(!curve.side.has_gtnet),
        style: ChartStyle::Line,
        points: known.iter().filter(|(limit, ..)| is_shown(*limit)).map(point).collect(),
    });
    let ticks = duration_ticks(window.from, window.to).into_iter().map(|(limit, label)| (place(limit), label));
    let x =
        ChartAxis::new(format!("{x_title} (logarithmic scale)"), [window.from, window.to].map(place), ticks.collect());
    let y = ChartAxis::of(&format!("{y_title} [%]"), &shares);
    let chart = ChartData { x, y, series: series.collect(), band: band.to_owned(), ..ChartData::default() };
    Some((chart, window))
}

/// Where a limit is on the axis.
pub(super) fn place(limit: SimDuration) -> f64 {
    libm::log10(limit.as_secs_f64())
}

/// The points that are known; no share is below 0 or above 1.
fn known(points: &[(SimDuration, Option<Estimate>)]) -> Vec<SharePoint> {
    let point = |&(limit, estimate): &(SimDuration, Option<Estimate>)| {
        let estimate = estimate?;
        let share = |share: f64| share.clamp(0.0, 1.0);
        let ends = estimate.half_width.map(|half_width| [estimate.mean - half_width, estimate.mean + half_width]);
        Some((limit, share(estimate.mean), ends.map(|ends| ends.map(share))))
    };
    points.iter().filter_map(point).collect()
}

fn window(lines: &[Vec<SharePoint>]) -> CurveWindow {
    let rise = rise(lines);
    let [one, other] = lines else { return rise };
    let apart: Vec<(SimDuration, f64)> = one
        .iter()
        .zip(other)
        .filter(|((limit, ..), _)| (rise.from..=rise.to).contains(limit))
        .map(|((limit, own, _), (_, of_other, _))| (*limit, (own - of_other).abs()))
        .collect();
    let most = apart.iter().map(|(_, apart)| *apart).fold(0.0, f64::max);
    let mut where_apart = apart.iter().filter(|(_, apart)| *apart >= HARDLY * most).map(|(limit, _)| *limit);
    let (Some(from), true) = (where_apart.next(), most >= VISIBLE) else { return rise };
    let to = where_apart.next_back().unwrap_or(from);
    let part = place(to) - place(from);
    if part > SMALL_PART * (place(rise.to) - place(rise.from)) {
        return rise;
    }
    let beside = libm::pow(10.0, part).max(LEAST_BESIDE);
    let limits = || one.iter().map(|(limit, ..)| *limit);
    let low = limits().rfind(|limit| limit.as_secs_f64() * beside <= from.as_secs_f64());
    let high = limits().find(|limit| limit.as_secs_f64() >= to.as_secs_f64() * beside);
    CurveWindow { from: low.unwrap_or(rise.from), to: high.unwrap_or(rise.to), is_part: true }
}

/// The limits between which the lines rise; outside of them they are flat.
fn rise(lines: &[Vec<SharePoint>]) -> CurveWindow {
    let limits: Vec<SimDuration> =
        lines.iter().find(|line| !line.is_empty()).into_iter().flatten().map(|point| point.0).collect();
    let share = |line: &[SharePoint], limit: SimDuration| {
        let index = line.partition_point(|point| point.0 <= limit);
        index.checked_sub(1).map_or(0.0, |index| line[index].1)
    };
    let last = |line: &[SharePoint]| line.last().map_or(0.0, |point| point.1);
    let from = limits.iter().rev().find(|&&limit| lines.iter().all(|line| share(line, limit) < VISIBLE));
    let to = limits.iter().find(|&&limit| lines.iter().all(|line| share(line, limit) >= last(line) - VISIBLE));
    let (first, end) = (limits[0], limits[limits.len() - 1]);
    let (from, to) = (*from.unwrap_or(&first), *to.unwrap_or(&end));
    if from < to {
        CurveWindow { from, to, is_part: false }
    } else {
        CurveWindow { from: first, to: end, is_part: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shares at 1 s, 2 s, 4 s, .. 2048 s.
    fn line(shares: [f64; 12]) -> Vec<SharePoint> {
        (0..).zip(shares).map(|(power, share)| (SimDuration::from_secs(1 << power), share, None)).collect()
    }

    #[test]
    fn a_part_in_which_alone_two_lines_differ_is_shown_alone() {
        let one = line([0.3, 0.31, 0.32, 0.33, 0.34, 0.35, 0.36, 0.4, 0.6, 0.9, 1.0, 1.0]);
        let other = line([0.3, 0.31, 0.32, 0.33, 0.34, 0.35, 0.36, 0.4, 0.9, 0.95, 1.0, 1.0]);
        let shown = window(&[one.clone(), other]);
        let seconds = |window: CurveWindow| [window.from, window.to].map(SimDuration::as_secs_f64);
        assert_eq!((seconds(shown), shown.is_part), ([128.0, 512.0], true));
        // They differ everywhere.
        let lower = line([0.2, 0.21, 0.22, 0.23, 0.24, 0.25, 0.26, 0.3, 0.5, 0.8, 0.9, 1.0]);
        let shown = window(&[one.clone(), lower]);
        assert_eq!((seconds(shown), shown.is_part), ([1.0, 2_048.0], false));
        // They do not differ.
        assert!(!window(&[one.clone(), one]).is_part);
    }

    #[test]
    fn no_share_is_below_0_or_above_1() {
        let wide = |mean| Some(Estimate { mean, half_width: Some(0.3), standard_deviation: None, count: 3 });
        let second = SimDuration::from_secs(1);
        let ends = known(&[(second, wide(0.1)), (second, None), (second, wide(0.9))]);
        let [low, high] = [0, 1].map(|index: usize| ends[index].2.expect("an interval"));
        assert!(low[0].abs() < 1e-12 && (high[1] - 1.0).abs() < 1e-12, "{ends:?}");
        assert!((low[1] - 0.4).abs() < 1e-12 && ends.len() == 2);
        let rare = wide(0.01).map(Estimate::without_interval);
        assert_eq!(known(&[(second, rare)]), [(second, 0.01, None)], "nobody knows how sure it is");
    }
}
