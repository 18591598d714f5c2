//! The picture of the weeks of a run against its late ones (Welch's plot), which shows whether the run has settled. Every run that
//! is long enough has it, however its warm-up was found.

use crate::inference::CONFIDENCE;
use crate::measures::{Unit, WEEK, WEEKLY, WeeklySeries, late_mean};
use crate::stats::{Estimate, TRANSIENT_NEEDS};
use crate::time::SimDuration;

use super::charts::{Drawable, MarkedPlace, PlaceScale, Positions, SweepLine, SweepLines};
use super::evidence::PointEvidence;
use super::numbers::with_interval;

/// The picture; `None` if the run has too few whole weeks to tell early ones from late ones, or if no market trades in one.
pub(super) fn figure(point: &PointEvidence<'_>) -> Option<Drawable> {
    let trading = &point.facts.trading_days;
    let weeks = trading.len() / WEEK;
    let all_trade = trading.chunks_exact(WEEK).all(|week| week.contains(&true));
    if weeks < TRANSIENT_NEEDS || !all_trade || point.measured.is_empty() {
        return None;
    }
    let lines: Vec<(&'static str, Vec<Estimate>)> =
        WEEKLY.iter().filter_map(|series| Some((series.name, against_late_weeks(point, series)?))).collect();
    let days = point.facts.warmup.as_secs_f64() / SimDuration::from_days(1).as_secs_f64();
    let late = format!("The late weeks are {} to {weeks}.", weeks / 2 + 1);
    let title = title(&lines, weeks, days);
    // The middle of a week is drawn at its number.
    let end = Estimate { mean: days / WEEK as f64 + 0.5, half_width: None, standard_deviation: None, count: 1 };
    let drawn = (0..).zip(lines).map(|(color, (name, points))| SweepLine {
        key: name.to_owned(),
        name: String::new(),
        color,
        dashed: false,
        points: points.into_iter().map(Some).collect(),
    });
    let lines = SweepLines {
        what: "difference from the late weeks".to_owned(),
        unit: Unit::Share,
        signed: true,
        most: f64::INFINITY,
        matters: 0.0,
        positions: Positions {
            title: "week of the run, warm-up included".to_owned(),
            scale: PlaceScale::Linear,
            values: (1..=weeks).map(|week| week as f64).collect(),
            labels: (1..=weeks).map(|week| week.to_string()).collect(),
        },
        drawn: drawn.collect(),
        law: None,
        marked: (days > 0.0).then(|| MarkedPlace::of(&end, "end of the warm-up")),
        limit: None,
    };
    Some(lines.figure("weeks", title, late))
}

/// By which share of the mean of the late weeks each week differs from them, paired within each replication; `None` if that
/// mean is 0.
fn against_late_weeks(point: &PointEvidence<'_>, series: &WeeklySeries) -> Option<Vec<Estimate>> {
    let of_run = |days: &[_]| series.of_weeks(&point.facts.trading_days, days);
    let runs: Vec<Vec<f64>> = point.measured.iter().map(|replication| of_run(&replication.measured.days)).collect();
    let late: Vec<f64> = runs.iter().map(|run| late_mean(run)).collect();
    let mean = late.iter().sum::<f64>() / late.len() as f64;
    let of_week = |week: usize| {
        let differences: Vec<f64> = runs.iter().zip(&late).map(|(run, late)| (run[week] - late) / mean).collect();
        Estimate::of(&differences, CONFIDENCE)
    };
    let weeks = runs.iter().map(Vec::len).min()?;
    if mean > 0.0 { (0..weeks).map(of_week).collect() } else { None }
}

/// Which early week after the warm-up is farthest from the late weeks.
fn title(lines: &[(&str, Vec<Estimate>)], weeks: usize, warmup_days: f64) -> String {
    let early = weeks / 2;
    let is_told = |week: usize| week < early && (week * WEEK) as f64 >= warmup_days;
    let told =
        lines.iter().flat_map(|(name, points)| (0_usize..).zip(points).map(move |(week, point)| (name, week, point)));
    let told = told.filter(|(_, week, _)| is_told(*week));
    let farthest = told.max_by(|one, other| one.2.mean.abs().total_cmp(&other.2.mean.abs()));
    farthest.map_or_else(
        || "The warm-up takes all of the early weeks".to_owned(),
        |(name, week, difference)| {
            let difference = with_interval(Some(*difference), Unit::Share);
            format!("Of the early weeks, week {} is farthest from the late ones: {name} by {difference}", week + 1)
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::DayMeasurements;
    use crate::record::RunRecord;
    use crate::record::support::RecordBuilder;
    use crate::report::Evidence;
    use crate::report::charts::Figure;
    use crate::report::export::svg;

    /// A run of so many days in which the first week has four times the calls, and no market trades on the last day of a week.
    fn record(days: usize, warmup_days: u64) -> RunRecord {
        let mut record = RecordBuilder::new().replications(6).build();
        record.facts.trading_days = (0..days).map(|day| day % WEEK != 6).collect();
        record.facts.warmup = SimDuration::from_days(warmup_days);
        for replication in &mut record.replications {
            let more = u64::from(replication.replication % 3);
            let day = |day: usize| DayMeasurements {
                connector_calls: if day < WEEK { 400 } else { 100 + more * (day / WEEK) as u64 },
                prices_shown: 1_000,
                prices_fresh: 900 + more,
                results_shown: 100,
                waited_nanos: 50_000_000_000,
            };
            replication.measured.days = (0..days).map(day).collect();
        }
        record
    }

    fn figure_of(record: &RunRecord) -> Option<Figure> {
        figure(&Evidence::from(record).points[0]).map(|drawn| drawn.expect("weeks"))
    }

    #[test]
    fn weeks_are_told_against_the_late_ones() {
        let with_first_week = figure_of(&record(30, 0)).expect("four weeks");
        assert_eq!(
            with_first_week.title,
            "Of the early weeks, week 1 is farthest from the late ones: connector calls by 290.2 ± 2.3 %"
        );
        assert!(!svg(&with_first_week).contains("end of the warm-up"));
        let without = figure_of(&record(30, 7)).expect("four weeks");
        assert!(without.title.contains("week 2 is farthest from the late ones: connector calls by -1."));
        let drawn = svg(&without);
        assert!(drawn.contains("end of the warm-up") && drawn.contains("user waits"), "{drawn}");
        let late_only = figure_of(&record(30, 14)).expect("four weeks");
        assert_eq!(late_only.finding, "The late weeks are 3 to 4.");
        assert_eq!(late_only.title, "The warm-up takes all of the early weeks");
    }

    #[test]
    fn short_runs_and_weeks_without_trading_have_no_picture() {
        assert!(figure_of(&record(27, 0)).is_none());
        let mut closed = record(28, 0);
        closed.facts.trading_days[7..14].fill(false);
        assert!(figure_of(&closed).is_none());
    }
}
