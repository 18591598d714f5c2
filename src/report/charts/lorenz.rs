//! Chart: how evenly load is spread over servers and over clients (Lorenz curve, with Gini's coefficient). It is drawn where there
//! are enough of them for a curve.

use crate::metrics::Measurements;
use crate::report::evidence::PointEvidence;
use crate::report::numbers::capitalised;

use super::Figure;
use super::axis::LinearTicks;
use super::data::{ChartAxis, ChartData, ChartPoint, ChartSeries, ChartStyle};
use super::palette::PALETTE;

/// Fewer than this make no curve.
const ENOUGH: usize = 5;

/// A curve of more is drawn through so many points of it.
const MOST_POINTS: usize = 1_000;

/// What carries the load, and what the load is.
const KINDS: [(&str, &str, LoadsOf); 3] = [
    ("push-open servers", "messages", |measured, _| servers(&measured.servers)),
    ("open servers", "messages", |measured, _| servers(&measured.open_servers)),
    ("instances", "provider calls", |measured, callers| {
        let callers = measured.instances.iter().zip(callers).filter(|(_, is_caller)| **is_caller);
        callers.map(|(instance, _)| instance.connector_calls as f64).collect()
    }),
];

/// The loads of a replication; of its instances those that the second argument marks.
type LoadsOf = fn(&Measurements, &[bool]) -> Vec<f64>;

fn servers(servers: &[crate::metrics::ServerMeasurements]) -> Vec<f64> {
    servers.iter().map(|server| (server.requests + server.pushes + server.housekeeping) as f64).collect()
}

/// The picture; `None` if there are too few of all kinds, or no load.
pub(in crate::report) fn lorenz(point: &PointEvidence<'_>) -> Option<Figure> {
    let callers = callers(point);
    let curve = |(who, what, loads): &(&'static str, &'static str, LoadsOf)| {
        let of_runs: Vec<Vec<f64>> = point.measured.iter().map(|one| sorted(loads(&one.measured, &callers))).collect();
        let shares = cumulative(&of_runs)?;
        let gini = gini(&shares);
        let name = format!("{what} of {who} (Gini {gini:.2})");
        Some((
            gini,
            *who,
            *what,
            ChartSeries { name, color: 0, style: ChartStyle::Line, points: points(&shares, who, what) },
        ))
    };
    let mut curves: Vec<_> = KINDS.iter().filter_map(curve).collect();
    for (color, (.., series)) in curves.iter_mut().enumerate() {
        series.color = color;
    }
    let (most, who, what, _) = curves.iter().max_by(|one, other| one.0.total_cmp(&other.0))?;
    let how = match *most {
        gini if gini < 0.1 => "almost evenly",
        gini if gini < 0.3 => "somewhat unevenly",
        _ => "unevenly",
    };
    let side = capitalised(point.as_written().spoken());
    let title = format!("{side} the {what} spread {how} over the {who} (Gini coefficient {most:.2})");
    let even = [0.0, 100.0].map(|at| ChartPoint { x: at, y: at, interval: None, told: "all the same".to_owned() });
    let even = ChartSeries {
        name: "all the same (Gini 0)".to_owned(),
        color: PALETTE.len(),
        style: ChartStyle::Law,
        points: even.into(),
    };
    let percent = LinearTicks::up_to(100.0);
    let chart = ChartData {
        x: ChartAxis::of("those with the least load, of all [%]", &percent),
        y: ChartAxis::of("their part of the load [%]", &percent),
        series: curves.into_iter().map(|(.., series)| series).chain([even]).collect(),
        ..ChartData::default()
    };
    Some(Figure::plotted(
        "lorenz",
        title,
        "The farther a curve sags below the straight line, the fewer carry most of the load.".to_owned(),
        chart,
    ))
}

/// Of each instance, whether it may call data providers: it has users, or calls in any replication, as servers that refresh their
/// pools do.
fn callers(point: &PointEvidence<'_>) -> Vec<bool> {
    // The instances of a group have its name, and a number.
    let without_users = |name: &str| {
        let group = name.rsplit_once('-').map_or(name, |(group, _)| group);
        point.facts.network.groups.iter().any(|of| of.name == group && of.users == 0)
    };
    let of_runs = || point.measured.iter().map(|one| &one.measured.instances);
    let calls = |index: usize| of_runs().filter_map(|all| all.get(index)).any(|own| own.connector_calls > 0);
    let first = of_runs().next().into_iter().flatten().enumerate();
    first.map(|(index, instance)| !without_users(&instance.instance) || calls(index)).collect()
}

fn sorted(mut loads: Vec<f64>) -> Vec<f64> {
    loads.sort_by(f64::total_cmp);
    loads
}

/// The share of the load that the first of those with the least load have, for each number of them, from 0 to 1; the mean of all
/// replications. `None` if they are too few, or there is no load.
fn cumulative(of_runs: &[Vec<f64>]) -> Option<Vec<f64>> {
    let count = of_runs.iter().map(Vec::len).min().filter(|count| *count >= ENOUGH)?;
    let mut shares = vec![0.0; count + 1];
    for loads in of_runs {
        let total: f64 = loads.iter().sum();
        if loads.len() != count || total <= 0.0 {
            return None;
        }
        let mut sum = 0.0;
        for (share, load) in shares[1..].iter_mut().zip(loads) {
            sum += load;
            *share += sum / total / of_runs.len() as f64;
        }
    }
    Some(shares)
}

/// Twice the area between the straight line and the curve (trapezoids).
fn gini(shares: &[f64]) -> f64 {
    let steps = (shares.len() - 1) as f64;
    let below: f64 = shares.windows(2).map(|pair| f64::midpoint(pair[0], pair[1]) / steps).sum();
    (1.0 - 2.0 * below).max(0.0)
}

fn points(shares: &[f64], who: &str, what: &str) -> Vec<ChartPoint> {
    let steps = (shares.len() - 1) as f64;
    let point = |at: usize| {
        let (x, y) = (100.0 * at as f64 / steps, 100.0 * shares[at]);
        ChartPoint { x, y, interval: None, told: format!("{x:.0} % of the {who} have {y:.0} % of the {what}") }
    };
    let last = shares.len() - 1;
    if last <= MOST_POINTS {
        (0..=last).map(point).collect()
    } else {
        (0..=MOST_POINTS).map(|at| point(at * last / MOST_POINTS)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::support::RecordBuilder;
    use crate::report::Evidence;
    use crate::report::charts::sheet::assert_legible;
    use crate::report::export::svg;

    #[test]
    fn one_who_carries_all_is_as_uneven_as_can_be() {
        let even = cumulative(&[vec![2.0; 5]]).expect("five");
        assert!(gini(&even).abs() < 1e-12, "{even:?}");
        let one = cumulative(&[vec![0.0, 0.0, 0.0, 0.0, 9.0]]).expect("five");
        assert!((gini(&one) - 0.8).abs() < 1e-12, "{one:?}");
        // Of 1, 2, 3, 4, 5 the mean difference of two is 1.6, twice the mean is 6.
        assert!((gini(&cumulative(&[vec![1.0, 2.0, 3.0, 4.0, 5.0]]).expect("five")) - 1.6 / 6.0).abs() < 1e-12);
        assert!(cumulative(&[vec![1.0; 4]]).is_none() && cumulative(&[vec![0.0; 5]]).is_none());
    }

    #[test]
    fn servers_and_instances_have_a_curve_each() {
        let of = |servers: u32| {
            let record = RecordBuilder::new().servers(servers).build();
            lorenz(&Evidence::from(&record).points[0]).expect("20 clients")
        };
        let names = |figure: &Figure| figure.data().series.into_iter().map(|series| series.name).collect::<Vec<_>>();
        let (few, many) = (of(1), of(6));
        assert!(names(&few)[0].starts_with("provider calls of instances (Gini 0."), "{:?}", names(&few));
        assert_eq!(names(&many).len(), 3, "{:?}", names(&many));
        let told = "With GTNet the messages spread unevenly over the push-open servers (Gini coefficient 0.3";
        assert!(many.title.starts_with(told), "{}", many.title);
        assert_legible(&svg(&many));
    }

    #[test]
    fn a_curve_of_many_is_drawn_through_some_of_its_points() {
        let shares: Vec<f64> = (0..=1_234_567).map(|at| f64::from(at) / 1_234_567.0).collect();
        let points = points(&shares, "servers", "messages");
        assert_eq!(points.len(), MOST_POINTS + 1);
        assert!(points.iter().all(|point| (point.x - point.y).abs() < 1e-9));
        assert!(points[0].x.abs() < 1e-9 && (points[MOST_POINTS].x - 100.0).abs() < 1e-9);
    }

    #[test]
    fn who_can_make_no_calls_has_no_share_in_them() {
        let name = |calls_of_hub: &[u64]| {
            let mut record = RecordBuilder::new().replications(2).build();
            for (replication, calls) in record.replications.iter_mut().zip(calls_of_hub) {
                let mut hub = replication.measured.instances[0].clone();
                (hub.instance, hub.connector_calls) = ("hub-1".to_owned(), *calls);
                replication.measured.instances.insert(0, hub);
            }
            let figure = lorenz(&Evidence::from(&record).points[0]).expect("20 clients");
            let series = &figure.data().series[0];
            (series.points.len(), series.name.clone())
        };
        // All clients have as many calls.
        assert_eq!(name(&[0, 0]), (21, "provider calls of instances (Gini 0.00)".to_owned()));
        assert_eq!(name(&[0, 1]).0, 22, "it refreshes its pool");
    }
}
