//! Chart: how long messages wait at the busiest servers of a sweep, against their load, beside what theory says of steady arrivals.
//! It is drawn where there is load enough for a queue.

use crate::inference::Quantity;
use crate::measures;
use crate::report::evidence::{Evidence, PointEvidence};
use crate::stats::mean_wait;

use super::Figure;
use super::axis::LinearTicks;
use super::data::{ChartAxis, ChartData, ChartPoint, ChartSeries, ChartStyle};
use super::palette::PALETTE;

/// Below this utilisation hardly anybody waits.
const WORTH: f64 = 0.05;

/// The theoretical curves end here: beyond it they leave every chart.
const NEARLY_FULL: f64 = 0.95;

/// A curve is drawn through so many places.
const PLACES: u32 = 40;

/// Points that wait less than theory says times this, wait as theory says.
const ABOUT: f64 = 1.5;

/// The picture of a sweep; `None` if its servers are never busy, or have different numbers of workers.
pub(in crate::report) fn queue_wait(evidence: &Evidence<'_>) -> Option<Figure> {
    let workers = evidence.points.first()?.facts.server_workers?;
    if evidence.points.iter().any(|point| point.facts.server_workers != Some(workers)) {
        return None;
    }
    let measured: Vec<MeasuredQueue> =
        evidence.points.iter().filter_map(|point| MeasuredQueue::of(point, workers)).collect();
    let busiest = measured.iter().max_by(|one, other| one.utilisation.total_cmp(&other.utilisation))?;
    if measured.len() < 2 || busiest.utilisation < WORTH {
        return None;
    }
    let reach = busiest.utilisation.min(NEARLY_FULL) * 1.05;
    let curve = |name: &str, variation: f64, color: usize| {
        let at = |place: u32| {
            let utilisation = reach * f64::from(place) / f64::from(PLACES);
            let wait = mean_wait(workers, utilisation, variation)?;
            Some(ChartPoint { x: 100.0 * utilisation, y: wait, interval: None, told: format!("{name}: {wait:.2}") })
        };
        ChartSeries {
            name: name.to_owned(),
            color,
            style: ChartStyle::Law,
            points: (0..=PLACES).filter_map(at).collect(),
        }
    };
    let theory = [
        curve("theory: exponential service times", 1.0, PALETTE.len()),
        curve("theory: constant service times", 0.0, 4),
    ];
    let dot = |of: &MeasuredQueue| ChartPoint {
        x: 100.0 * of.utilisation,
        y: of.waits,
        interval: None,
        told: format!("{}: busy {:.1} %, waits {:.2} service times", of.label, 100.0 * of.utilisation, of.waits),
    };
    let simulated = ChartSeries {
        name: "simulated".to_owned(),
        color: 0,
        style: ChartStyle::Dots,
        points: measured.iter().map(dot).collect(),
    };
    let highest =
        measured.iter().map(|of| of.waits).chain(theory[0].points.iter().map(|point| point.y)).fold(0.0, f64::max);
    let chart = ChartData {
        x: ChartAxis::of(
            "time for which a server is busy [%]",
            &LinearTicks::up_to(100.0 * reach.max(busiest.utilisation)),
        ),
        y: ChartAxis::of("mean wait at a server, in mean service times", &LinearTicks::up_to(highest)),
        series: std::iter::once(simulated).chain(theory).collect(),
        ..ChartData::default()
    };
    let expected = mean_wait(workers, busiest.utilisation.min(NEARLY_FULL), 1.0)?;
    let than = if busiest.waits > ABOUT * expected { ", longer than with steady arrivals" } else { "" };
    let title = format!(
        "At {:.0} % load a message waits {:.1} service times{than}",
        100.0 * busiest.utilisation,
        busiest.waits
    );
    let each = if workers == 1 { "1 worker".to_owned() } else { format!("{workers} workers") };
    let finding = format!(
        "A dot is a point of the sweep. The curves are those of independent arrivals at a steady rate, for {each}; users come by the hour of the day."
    );
    Some(Figure::plotted("queue_wait", title, finding, chart))
}

/// The queue of a point.
struct MeasuredQueue {
    label: String,
    utilisation: f64,
    /// The mean wait in multiples of the mean service time.
    waits: f64,
}

impl MeasuredQueue {
    /// By Little's law the mean wait is the mean length of the queue over the rate of arrivals, and the mean service time is the busy
    /// workers over that rate.
    fn of(point: &PointEvidence<'_>, workers: u32) -> Option<Self> {
        let mean = |measure| point.answer(&Quantity::value(measure)).known().map(|known| known.mean);
        let (utilisation, length) = (mean(measures::UTILISATION)?, mean(measures::QUEUE_LENGTH)?);
        let busy = utilisation * f64::from(workers);
        (busy > 0.0).then(|| Self { label: point.label.to_owned(), utilisation, waits: length / busy })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{StudyKind, StudyRecord};
    use crate::report::charts::sheet::assert_legible;
    use crate::report::export::svg;
    use crate::report::support::study;

    fn record(utilisations: [f64; 3], workers: [u32; 3]) -> StudyRecord {
        let mut record = study(StudyKind::Sweep, 3, 2);
        for ((point, utilisation), workers) in record.points.iter_mut().zip(utilisations).zip(workers) {
            point.facts.server_workers = Some(workers);
            for observed in &mut point.replications {
                observed.measured[measures::UTILISATION] = Some(utilisation);
                // As many as one worker with exponential times has.
                observed.measured[measures::QUEUE_LENGTH] = Some(utilisation * utilisation / (1.0 - utilisation));
            }
            point.contributions = point.replications.clone();
        }
        record
    }

    #[test]
    fn what_waits_as_theory_says_lies_on_its_curve() {
        let of = |record: &StudyRecord| queue_wait(&Evidence::from(record));
        let figure = of(&record([0.2, 0.5, 0.8], [1; 3])).expect("load");
        assert_eq!(figure.title, "At 80 % load a message waits 4.0 service times");
        let chart = figure.data();
        let waits: Vec<f64> = chart.series[0].points.iter().map(|point| point.y).collect();
        assert!(waits.iter().zip([0.25, 1.0, 4.0]).all(|(own, expected)| (own - expected).abs() < 1e-9), "{waits:?}");
        let names: Vec<&str> = chart.series.iter().map(|series| series.name.as_str()).collect();
        assert_eq!(names, ["simulated", "theory: exponential service times", "theory: constant service times"]);
        assert_legible(&svg(&figure));
        assert!(of(&record([0.01, 0.02, 0.03], [1; 3])).is_none(), "nobody waits");
        assert!(of(&record([0.2, 0.5, 0.8], [1, 1, 2])).is_none(), "theory would need a curve for each");
    }
}
