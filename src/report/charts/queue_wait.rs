//! Chart: how long messages wait at the busiest servers of a sweep, against their load, beside what theory says of steady arrivals.
//! It is drawn where there is load enough for a queue.

use crate::inference::{CONFIDENCE, Quantity};
use crate::measures;
use crate::report::evidence::{Evidence, PointEvidence};
use crate::stats::{Estimate, mean_wait};

use super::axis::LinearTicks;
use super::data::{ChartAxis, ChartData, ChartPoint, ChartSeries, ChartStyle, mean_alone};
use super::palette::PALETTE;
use super::{Figure, band_of};

/// Below this utilisation hardly anybody waits.
const WORTH: f64 = 0.05;

/// The theoretical curves end here: beyond it they leave every chart, and a server counts as saturated.
const NEARLY_FULL: f64 = 0.95;

/// A curve is drawn through so many places.
const PLACES: u32 = 40;

/// A wait that is less than this many times another one is about the same.
const ABOUT: f64 = 1.01;

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
    let reach = (busiest.utilisation * 1.05).min(NEARLY_FULL);
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
        y: of.waits.mean,
        interval: of.interval(),
        told: format!("{}: busy {:.1} %, waits {:.2} service times", of.label, 100.0 * of.utilisation, of.waits.mean),
    };
    let simulated = ChartSeries {
        name: "simulated".to_owned(),
        color: 0,
        style: ChartStyle::Intervals,
        points: measured.iter().map(dot).collect(),
    };
    let end = |of: &MeasuredQueue| of.interval().map_or(of.waits.mean, |[_, high]| high);
    let highest = measured.iter().map(end).chain(theory[0].points.iter().map(|point| point.y)).fold(0.0, f64::max);
    let chart = ChartData {
        x: ChartAxis::of(
            "time for which a server is busy [%]",
            &LinearTicks::up_to(100.0 * reach.max(busiest.utilisation)),
        ),
        y: ChartAxis::of("mean wait at a server, in mean service times", &LinearTicks::up_to(highest)),
        series: std::iter::once(simulated).chain(theory).collect(),
        band: band_of(evidence.points.iter().map(|point| point.replications).max().unwrap_or(0)),
        ..ChartData::default()
    };
    let title = busiest.told(workers);
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
    waits: Estimate,
}

impl MeasuredQueue {
    /// By Little's law the mean wait is the mean length of the queue over the rate of arrivals, and the mean service time is the busy
    /// workers over that rate.
    fn of(point: &PointEvidence<'_>, workers: u32) -> Option<Self> {
        let mean = |measure| point.answer(&Quantity::value(measure)).known().map(|known| known.mean);
        let (utilisation, length) = (mean(measures::UTILISATION)?, mean(measures::QUEUE_LENGTH)?);
        let busy = utilisation * f64::from(workers);
        if busy <= 0.0 {
            return None;
        }
        let ratio = length / busy;
        // The interval of a ratio of means is that of its first-order approximation, replication by replication.
        let each = |measure| Quantity::value(measure).in_each(&point.observations);
        let pairs = each(measures::QUEUE_LENGTH).into_iter().zip(each(measures::UTILISATION));
        let approximated: Option<Vec<f64>> = pairs
            .map(|(length, utilisation)| Some(ratio + (length? - ratio * utilisation? * f64::from(workers)) / busy))
            .collect();
        let waits = approximated.and_then(|values| Estimate::of(&values, CONFIDENCE));
        let waits = waits.map_or(mean_alone(ratio), |waits| Estimate { mean: ratio, ..waits });
        Some(Self { label: point.label.to_owned(), utilisation, waits })
    }

    fn interval(&self) -> Option<[f64; 2]> {
        let half_width = self.waits.half_width?;
        Some([(self.waits.mean - half_width).max(0.0), self.waits.mean + half_width])
    }

    /// How long a message waits, and whether that is surely longer or shorter than theory says.
    fn told(&self, workers: u32) -> String {
        let load = format!("At {:.0} % load", 100.0 * self.utilisation);
        if self.utilisation >= NEARLY_FULL {
            return format!("{load} a server is saturated: the longer the run, the longer messages wait");
        }
        let theory = |variation| mean_wait(workers, self.utilisation, variation);
        let than = match (self.interval(), theory(0.0), theory(1.0)) {
            (Some([low, _]), _, Some(longest)) if low > ABOUT * longest => {
                ", longer than theory says of steady arrivals"
            }
            (Some([_, high]), Some(shortest), _) if ABOUT * high < shortest => {
                ", shorter than theory says of steady arrivals"
            }
            _ => "",
        };
        format!("{load} a message waits {:.1} service times{than}", self.waits.mean)
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
        let places = &chart.series[1].points;
        assert!(places.last().is_some_and(|last| (last.x - 84.0).abs() < 1e-9), "{places:?}");
    }

    /// The figure of a sweep whose busiest servers have queues so many times as long in each replication.
    fn with_queues(utilisation: f64, times: [f64; 2]) -> Figure {
        let mut record = record([0.2, 0.5, utilisation], [1; 3]);
        let point = &mut record.points[2];
        for (observed, times) in point.replications.iter_mut().zip(times) {
            let length = observed.measured[measures::QUEUE_LENGTH].expect("a length");
            observed.measured[measures::QUEUE_LENGTH] = Some(times * length);
        }
        point.contributions = point.replications.clone();
        queue_wait(&Evidence::from(&record)).expect("load")
    }

    #[test]
    fn only_what_theory_surely_excludes_is_longer_or_shorter() {
        let told = |times: [f64; 2]| with_queues(0.8, times).title;
        assert_eq!(
            told([3.0, 3.01]),
            "At 80 % load a message waits 12.0 service times, longer than theory says of steady arrivals"
        );
        assert_eq!(
            told([0.2, 0.201]),
            "At 80 % load a message waits 0.8 service times, shorter than theory says of steady arrivals"
        );
        assert_eq!(told([1.0, 5.0]), "At 80 % load a message waits 12.0 service times", "its interval is wide");
        // Between exponential and constant service times.
        assert_eq!(told([0.8, 0.801]), "At 80 % load a message waits 3.2 service times");
        let chart = with_queues(0.8, [1.0, 1.1]).data();
        let [low, high] = chart.series[0].points[2].interval.expect("an interval");
        assert!(low < 4.2 && 4.2 < high && chart.band == "95 % interval over 2 replications", "{low} {high}");
    }

    #[test]
    fn a_full_server_is_not_compared_with_theory() {
        for utilisation in [0.95, 0.999] {
            let figure = with_queues(utilisation, [3.0, 3.01]);
            assert!(
                figure.title.ends_with(" load a server is saturated: the longer the run, the longer messages wait")
            );
            let last = figure.data().series[1].points.last().map_or(0.0, |last| last.x);
            assert!((last - 95.0).abs() < 1e-9, "the curve of theory ends at {last} %");
        }
    }
}
