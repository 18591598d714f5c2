//! Chart: how many messages arrive at the servers of a kind over the day, in the time of those who visit. Servers that get about the
//! same are one line.

use std::borrow::Cow;

use crate::inference::Contrast;
use crate::measures::{self, Unit};
use crate::metrics::LOAD_INTERVAL;
use crate::report::curves::DailyLoad;
use crate::report::evidence::PointEvidence;
use crate::report::numbers::{RateUnit, bound, capitalised, duration, mean, rate_with_interval};
use crate::report::server_kind::ServerKind;
use crate::stats::Estimate;
use crate::text::grouped;

use super::axis::LinearTicks;
use super::data::{ChartAxis, ChartData, ChartPoint, ChartSeries, ChartStyle, mean_alone};
use super::day_clock::{DayClock, told_hour};
use super::names::shortened;
use super::palette::PALETTE;
use super::{Drawable, Figure, band_of};

/// If there are more servers than this, the chart draws their mean and range only.
const SERVERS_TOLD_APART: usize = PALETTE.len();

/// Servers get about the same if none is ever farther from their mean than this share of the highest mean.
const ABOUT_THE_SAME: f64 = 0.15;

/// A line of the chart.
#[derive(Debug)]
struct LoadCurve {
    name: String,
    /// Time of day \[h\], rate \[1/s\], and the ends of the band there, if it is known.
    points: Vec<(f64, f64, Option<[f64; 2]>)>,
}

/// The picture of what arrives at the servers of a kind over the day.
pub(in crate::report) fn server_load(point: &PointEvidence<'_>, kind: ServerKind, load: &[DailyLoad]) -> Drawable {
    let clock = DayClock::of(point);
    let load = by_clock(load, &clock);
    let are_many = kind.are_many(&point.observations);
    let range = range(&load);
    let are_alike = !are_many && load.len() > 1 && range.as_ref().is_some_and(|range| is_narrow(range, &load));
    let is_summed_up = load.len() > SERVERS_TOLD_APART || are_alike;
    let (lines, band) = match range.filter(|_| is_summed_up) {
        _ if are_many => (of_shares(&load), "from 5 % to 95 % of the servers".to_owned()),
        Some(range) => (vec![range], "from the server with the least to the one with the most".to_owned()),
        None => (told_apart(&load), band_of(point.replications)),
    };
    let Some((peak, server, hour)) = busiest(&load) else { return Err(kind.none().to_owned()) };
    let unit = RateUnit::of(highest(&lines));
    let factor = unit.seconds();
    let series = lines.iter().zip(0..).map(|(line, color)| ChartSeries {
        name: line.name.clone(),
        color,
        style: ChartStyle::Line,
        points: line.points.iter().map(|&at| load_point(at, unit, !band.is_empty())).collect(),
    });
    let hours = (0..=8).map(|index| f64::from(index) * 3.0).map(|hour| (hour, told_hour(hour)));
    let values = LinearTicks::up_to(factor * highest(&lines));
    let chart = ChartData {
        x: ChartAxis::new(format!("time of day, {}", clock.name), [0.0, 24.0], hours.collect()),
        y: ChartAxis::of(&format!("messages a {} at the {}", unit.name(), kind.spoken()), &values),
        series: series.collect(),
        band,
        ..ChartData::default()
    };
    let rate = rate_with_interval(Some(peak), unit);
    let count = kind.count(&point.observations);
    let title = if are_many {
        format!("Of {} {}s none gets more than {rate}, at {}", grouped(count as f64, 0), kind.spoken(), told_hour(hour))
    } else if are_alike {
        format!("{} {}s get about the same, at most {rate} at {}", load.len(), kind.spoken(), told_hour(hour))
    } else {
        format!("{} {server} gets most at {}: {rate}", capitalised(kind.spoken()), told_hour(hour))
    };
    let finding = finding(point, kind, &server, unit);
    Ok(Figure::plotted(&format!("{}server_load", kind.prefix()), title, finding, chart))
}

/// The highest mean, with its server and hour.
fn busiest(load: &[DailyLoad]) -> Option<(Estimate, String, f64)> {
    let points = load.iter().flat_map(|day| day.points.iter().map(move |point| (day, point)));
    let known = points.filter_map(|(day, &(hour, estimate))| Some((estimate?, &day.server, hour)));
    let busiest = known.max_by(|a, b| a.0.mean.total_cmp(&b.0.mean).then(b.2.total_cmp(&a.2)));
    busiest.map(|(peak, server, hour)| (peak, server.clone(), hour))
}

/// The highest rate that is drawn \[1/s\].
fn highest(lines: &[LoadCurve]) -> f64 {
    let end = |&(_, middle, ends): &(f64, f64, Option<[f64; 2]>)| ends.map_or(middle, |[_, high]| high);
    lines.iter().flat_map(|line| &line.points).map(end).fold(0.0, f64::max)
}

fn finding(point: &PointEvidence<'_>, kind: ServerKind, busiest: &str, unit: RateUnit) -> String {
    let are_many = kind.are_many(&point.observations);
    let period = point.measured.first().map(|first| duration(first.measured.period)).unwrap_or_default();
    let mean_load = point.value(kind.measure(measures::ARRIVALS));
    let (utilisation, busiest) = if are_many {
        (point.value(kind.measure(measures::UTILISATION_MAX)), "the busiest server")
    } else {
        let utilisation = kind.measure(measures::UTILISATION);
        (point.observations.answer(utilisation, &kind.subject(busiest), Contrast::Value), busiest)
    };
    let bound = bound(mean_load);
    let whose = if kind.count(&point.observations) > 1 { " at a server" } else { "" };
    format!(
        "The mean over {period} is {bound}{}{whose}; {busiest} is busy for {bound}{} of the time.",
        rate_with_interval(mean_load.counted(), unit),
        mean(utilisation.counted(), Unit::Share),
    )
}

/// Half of very many servers in the band of most of them, and the server with the most; `load` is of
/// [`SHARES_OF_SERVERS`](crate::report::curves::SHARES_OF_SERVERS).
fn of_shares(load: &[DailyLoad]) -> Vec<LoadCurve> {
    let [low, middle, high, most] = load else { unreachable!("there are four shares") };
    let middle = (0..middle.points.len()).filter_map(|at| {
        let [low, middle, high] = [low, middle, high].map(|of| of.points[at].1.map(|estimate| estimate.mean));
        Some((load[0].points[at].0, middle?, Some([low?, high?])))
    });
    let most = most.points.iter().filter_map(|&(hour, estimate)| Some((hour, estimate?.mean, None)));
    vec![
        LoadCurve { name: "half of the servers at most".to_owned(), points: middle.collect() },
        LoadCurve { name: "the server with the most".to_owned(), points: most.collect() },
    ]
}

fn told_apart(load: &[DailyLoad]) -> Vec<LoadCurve> {
    let line = |(day, name): (&DailyLoad, String)| LoadCurve {
        name,
        points: day
            .points
            .iter()
            .filter_map(|&(hour, estimate)| Some((hour, estimate?.mean, ends(estimate?))))
            .collect(),
    };
    load.iter().zip(shortened(load.iter().map(|day| day.server.as_str()))).map(line).collect()
}

fn ends(estimate: Estimate) -> Option<[f64; 2]> {
    let half_width = estimate.half_width?;
    Some([(estimate.mean - half_width).max(0.0), estimate.mean + half_width])
}

/// One line for all servers: their mean, in a band from the server with the least load at that time to the one with the
/// most.
fn range(load: &[DailyLoad]) -> Option<LoadCurve> {
    let at = |index: usize| {
        let hour = load[0].points[index].0;
        let means: Vec<f64> = load.iter().filter_map(|day| Some(day.points[index].1?.mean)).collect();
        let lowest = means.iter().copied().reduce(f64::min)?;
        let highest = means.iter().copied().reduce(f64::max)?;
        Some((hour, means.iter().sum::<f64>() / means.len() as f64, Some([lowest, highest])))
    };
    let first = load.first()?;
    let points = (0..first.points.len()).filter_map(at).collect();
    Some(LoadCurve { name: format!("mean of {} servers", load.len()), points })
}

/// Whether the servers in this range get about the same.
fn is_narrow(range: &LoadCurve, load: &[DailyLoad]) -> bool {
    let most = range.points.iter().map(|(_, middle, _)| *middle).fold(0.0, f64::max);
    // Of few replications, chance alone makes means differ by about their intervals.
    let half_widths = load.iter().flat_map(|day| &day.points).filter_map(|(_, estimate)| estimate.as_ref()?.half_width);
    let chance = half_widths.fold(0.0, f64::max);
    let reach = (ABOUT_THE_SAME * most).min(chance.max(0.02 * most));
    let is_near = |&(_, middle, ends): &(f64, f64, Option<[f64; 2]>)| {
        ends.is_none_or(|[low, high]| (high - middle).max(middle - low) <= reach)
    };
    range.points.iter().all(is_near)
}

fn load_point((hour, middle, ends): (f64, f64, Option<[f64; 2]>), unit: RateUnit, has_band: bool) -> ChartPoint {
    let factor = unit.seconds();
    let interval = LOAD_INTERVAL.as_secs_f64() / 3_600.0;
    let told = rate_with_interval(Some(mean_alone(middle)), unit);
    // By clocks that are not whole intervals ahead of UTC, the last one ends on the next day.
    let until = if hour + interval > 24.0 { hour + interval - 24.0 } else { hour + interval };
    ChartPoint {
        x: (hour + interval / 2.0).min(24.0),
        y: factor * middle,
        interval: ends.filter(|_| has_band).map(|ends| ends.map(|end| factor * end)),
        told: format!("{} to {}: {told}", told_hour(hour), told_hour(until)),
    }
}

/// The load of all servers by this clock.
fn by_clock<'l>(load: &'l [DailyLoad], clock: &DayClock) -> Cow<'l, [DailyLoad]> {
    if clock.ahead_h == 0.0 { Cow::Borrowed(load) } else { load.iter().map(|day| shifted(day, clock)).collect() }
}

/// The load of a server by this clock.
fn shifted(day: &DailyLoad, clock: &DayClock) -> DailyLoad {
    let mut points: Vec<_> = day.points.iter().map(|&(hour, estimate)| (clock.hour(hour), estimate)).collect();
    points.sort_by(|one, other| one.0.total_cmp(&other.0));
    DailyLoad { server: day.server.clone(), points }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::support::RecordBuilder;
    use crate::report::Evidence;

    fn day(server: &str, rates: [f64; 3]) -> DailyLoad {
        let estimate = |mean| Some(Estimate { mean, half_width: Some(0.05), standard_deviation: None, count: 9 });
        let points = [0.0, 12.0, 23.5].into_iter().zip(rates.map(estimate)).collect();
        DailyLoad { server: server.to_owned(), points }
    }

    #[test]
    fn the_day_begins_at_the_midnight_of_its_clock() {
        let clock = DayClock { ahead_h: 1.0, name: "Europe/Zurich".to_owned() };
        let day = shifted(&day("hub", [1.0, 2.0, 3.0]), &clock);
        let hours: Vec<String> = day.points.iter().map(|point| told_hour(point.0)).collect();
        assert_eq!(hours, ["00:30", "01:00", "13:00"]);
        let last = |hour: f64| load_point((hour, 1.0, None), RateUnit::Second, true);
        assert!(last(23.75).told.starts_with("23:45 to 24:00: "), "{}", last(23.75).told);
        assert!(last(23.9).told.starts_with("23:54 to 00:09: "), "{}", last(23.9).told);
        assert!(last(23.9).x <= 24.0, "it is on the axis");
    }

    #[test]
    fn a_rate_without_an_interval_has_no_band() {
        let mut day = day("hub", [1.0, 2.0, 3.0]);
        day.points[1].1 = day.points[1].1.map(Estimate::without_interval);
        let record = RecordBuilder::new().build();
        let figure = server_load(&Evidence::from(&record).points[0], ServerKind::PushOpen, &[day]).expect("messages");
        let known: Vec<bool> = figure.data().series[0].points.iter().map(|point| point.interval.is_some()).collect();
        assert_eq!(known, [true, false, true]);
    }

    #[test]
    fn servers_that_get_about_the_same_are_one_line() {
        let record = RecordBuilder::new().build();
        let evidence = Evidence::from(&record);
        let names = |second: [f64; 3]| -> Vec<String> {
            let load = [day("hub-1", [1.0, 2.0, 1.0]), day("hub-2", second)];
            let figure = server_load(&evidence.points[0], ServerKind::PushOpen, &load).expect("messages");
            figure.data().series.into_iter().map(|series| series.name).collect()
        };
        assert_eq!(names([1.04, 2.0, 0.97]), ["mean of 2 servers"]);
        assert_eq!(names([1.0, 2.6, 1.0]), ["hub-1", "hub-2"]);
    }
}
