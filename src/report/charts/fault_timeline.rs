//! Chart: which share of the visits feels a fault, quarter of an hour by quarter of an hour, with the times at which faults are active.
//! Faults that come by chance are at another time in each replication, so that they have no such chart.

use crate::measures::Unit;
use crate::metrics::{ActiveSpell, FaultEffects, TIMELINE_INTERVAL};
use crate::report::evidence::PointEvidence;
use crate::report::felt::{self, FaultSummary};
use crate::report::numbers::{quoted, rough};
use crate::time::Timestamp;

use super::Figure;
use super::axis::{LinearTicks, Tick};
use super::data::{ChartAxis, ChartData, ChartGuide, ChartPoint, ChartSeries, ChartStyle};
use super::day_clock::{DayClock, told_hour};

/// The chart shows so much before the first fault and after the last visit that feels one \[h\].
const BESIDE_H: f64 = 2.0;

/// Distances of ticks \[h\], the least one first; there are at most so many ticks.
const STEPS_H: [f64; 8] = [0.5, 1.0, 2.0, 3.0, 6.0, 12.0, 24.0, 48.0];
const MOST_TICKS: f64 = 9.0;

const DAY_H: f64 = 24.0;
const WEEK_H: f64 = 7.0 * DAY_H;

/// The highest share is that of a quarter of an hour with at least so many visits in all replications together: of a few visits,
/// chance makes any share.
const ENOUGH_VISITS: u64 = 20;

/// The picture of what users feel of faults over time; `None` if no fault is active at the same times in all replications.
pub(in crate::report) fn fault_timeline(point: &PointEvidence<'_>) -> Option<Figure> {
    let runs: Vec<&FaultEffects> = felt::effects(point).collect();
    let first = *runs.first()?;
    let spells: Vec<(&str, ActiveSpell)> = first
        .faults
        .iter()
        .flat_map(|fault| fault.spells.iter().map(|spell| (fault.fault.as_str(), *spell)))
        .filter(|(_, spell)| spell.ends > first.warmup)
        .collect();
    let same_times =
        |run: &FaultEffects| run.faults.iter().zip(&first.faults).all(|(own, of_first)| own.spells == of_first.spells);
    if spells.is_empty() || !runs.iter().all(|run| same_times(run)) {
        return None;
    }
    let felt_points = felt_points(&runs);
    let hours = |spell: &ActiveSpell| [spell.begins, spell.ends].map(|at| at.as_secs_f64() / 3_600.0);
    let run_h = first.timeline.len() as f64 * interval_h();
    let begins = spells.iter().map(|(_, spell)| hours(spell)[0]).fold(run_h, f64::min);
    let ends = spells.iter().map(|(_, spell)| hours(spell)[1]).fold(0.0, f64::max);
    let is_after = |of: &&FeltPoint| of.felt > 0 && of.begins_h >= begins;
    let last_felt = felt_points.iter().filter(is_after).map(|of| of.begins_h).fold(0.0, f64::max);
    let (from, to) = ((begins - BESIDE_H).max(0.0), (ends.max(last_felt) + BESIDE_H).min(run_h));
    let clock = DayClock::of(point);
    let start = start_h(point) + clock.ahead_h;
    let names_days = date(start + from) != date(start + to);
    let shown: Vec<&FeltPoint> = felt_points.iter().filter(|of| (from..to).contains(&of.begins_h)).collect();
    let highest = shown.iter().map(|of| of.share()).fold(0.0, f64::max);
    if shown.is_empty() {
        return None;
    }
    let told_at = |of: &FeltPoint| {
        let begins = start + of.begins_h;
        (date(begins), format!("{} to {}", time_of_day(begins), time_of_day(begins + interval_h())))
    };
    let points = shown.iter().map(|of| ChartPoint {
        x: of.begins_h + interval_h() / 2.0,
        y: 100.0 * of.share(),
        interval: None,
        told: {
            let (date, time) = told_at(of);
            let date = if names_days { format!("{date}, ") } else { String::new() };
            format!("{date}{time}: {} of {} visits", rough(of.share(), Unit::Share), of.visits)
        },
    });
    let line = ChartSeries { name: String::new(), color: 0, style: ChartStyle::Line, points: points.collect() };
    let mut named: Vec<&str> = Vec::new();
    let guides = spells.iter().map(|(name, spell)| {
        let [begins, ends] = hours(spell).map(|at| at.clamp(from, to));
        let is_new = !named.contains(name);
        named.push(name);
        let label = if is_new { quoted(name) } else { String::new() };
        ChartGuide { is_upright: true, at: begins, stretch: Some([begins, ends]), label }
    });
    let guides = guides.collect();
    let chart = ChartData {
        x: ChartAxis::new(
            format!(
                "{}, {}; grey: a fault is active",
                if names_days { "date and time of day" } else { "time of day" },
                clock.name
            ),
            [from, to],
            ticks([from, to], start),
        ),
        y: ChartAxis::of("visits that feel a fault [%]", &LinearTicks::up_to(100.0 * highest)),
        series: vec![line],
        guides,
        ..ChartData::default()
    };
    let summaries = felt::summaries(point);
    let finding = peak(&shown).map(|of| {
        let (date, time) = told_at(of);
        let date = if names_days { format!("on {date} ") } else { String::new() };
        let share = rough(of.share(), Unit::Share);
        let left_out = shown.iter().any(|of| of.visits < ENOUGH_VISITS);
        let but = format!(" Quarters of an hour with fewer than {ENOUGH_VISITS} visits do not count.");
        let but = if left_out { but } else { String::new() };
        format!("The highest share is {share} of {} visits, {date}from {time}.{but}", of.visits)
    });
    Some(Figure::plotted("fault_timeline", title(&summaries), finding.unwrap_or_default(), chart))
}

/// The interval with the highest share of those with enough visits, the first of equals; `None` if no visit in them feels a fault.
fn peak<'p>(shown: &[&'p FeltPoint]) -> Option<&'p FeltPoint> {
    let mut highest: Option<&FeltPoint> = None;
    for of in shown.iter().filter(|of| of.visits >= ENOUGH_VISITS && of.felt > 0) {
        if highest.is_none_or(|best| of.share() > best.share()) {
            highest = Some(of);
        }
    }
    highest
}

/// What users feel of the fault that most visits feel.
fn title(summaries: &[FaultSummary]) -> String {
    let most = summaries.iter().max_by_key(|summary| summary.during.felt).expect("a fault is active");
    let fault = quoted(&most.fault);
    match (most.during.visits, most.during.felt) {
        (0, _) => format!("Nobody visits during the fault {fault}"),
        (_, 0) => format!("No visit during the fault {fault} feels it"),
        (visits, felt) => {
            let share = rough(felt as f64 / visits as f64, Unit::Share);
            let recovery = most.recovery();
            format!("{share} of the visits during the fault {fault} feel it. {}", recovery.trim_end_matches('.'))
        }
    }
}

/// Visits of an interval over all replications.
struct FeltPoint {
    begins_h: f64,
    visits: u64,
    felt: u64,
}

impl FeltPoint {
    fn share(&self) -> f64 {
        self.felt as f64 / self.visits as f64
    }
}

/// The intervals in which there are visits.
fn felt_points(runs: &[&FaultEffects]) -> Vec<FeltPoint> {
    let count = runs.iter().map(|run| run.timeline.len()).min().unwrap_or(0);
    let sum = |of: &dyn Fn(&FaultEffects) -> u32| runs.iter().map(|run| u64::from(of(run))).sum::<u64>();
    let at = |index: usize| FeltPoint {
        begins_h: index as f64 * interval_h(),
        visits: sum(&|run| run.timeline[index].visits),
        felt: sum(&|run| run.timeline[index].felt),
    };
    (0..count).map(at).filter(|of| of.visits > 0).collect()
}

fn interval_h() -> f64 {
    TIMELINE_INTERVAL.as_secs_f64() / 3_600.0
}

/// When the run begins, UTC \[h since 1970\].
fn start_h(point: &PointEvidence<'_>) -> f64 {
    const NANOS_PER_H: f64 = 3.6e12;
    let measured_h = point.facts.measured_from.as_unix_nanos() as f64 / NANOS_PER_H;
    measured_h - point.facts.warmup.as_secs_f64() / 3_600.0
}

/// Day and hour of the day when a clock shows so many hours since 1970, to the minute.
fn day_and_hour(clock_h: f64) -> (f64, f64) {
    let hours = libm::round(clock_h * 60.0) / 60.0;
    let day = libm::floor(hours / DAY_H);
    (day, hours - DAY_H * day)
}

fn time_of_day(clock_h: f64) -> String {
    told_hour(day_and_hour(clock_h).1)
}

/// The date, such as `2026-03-03`.
fn date(clock_h: f64) -> String {
    const SECONDS_PER_DAY: i64 = 86_400;
    #[expect(clippy::cast_possible_truncation, reason = "timestamps end in 2262")]
    let day = day_and_hour(clock_h).0 as i64;
    let midnight = Timestamp::from_unix_secs(day * SECONDS_PER_DAY).to_string();
    midnight.split('T').next().unwrap_or_default().to_owned()
}

/// Ticks at round hours of the clock, which shows `start` when the run begins \[h since 1970\]. Where there is more than one date, they
/// have theirs.
fn ticks([from, to]: [f64; 2], start: f64) -> Vec<Tick> {
    let step = STEPS_H
        .into_iter()
        .find(|step| (to - from) / step <= MOST_TICKS)
        .unwrap_or_else(|| WEEK_H * libm::ceil((to - from) / (MOST_TICKS * WEEK_H)));
    let first = libm::ceil((from + start) / step);
    let names_days = date(start + from) != date(start + to);
    let tick = |number: u32| {
        let clock = (first + f64::from(number)) * step;
        let label = match names_days {
            true if step >= DAY_H => date(clock),
            true => format!("{} {}", date(clock), time_of_day(clock)),
            false => time_of_day(clock),
        };
        (clock - start, label)
    };
    (0..=2 * 9).map(tick).take_while(|(at, _)| *at <= to).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::support::RecordBuilder;
    use crate::report::Evidence;
    use crate::report::charts::sheet::assert_legible;
    use crate::report::export::svg;
    use crate::time::SimDuration;

    #[test]
    fn what_users_feel_is_drawn_where_faults_come_at_the_same_time() {
        let mut record = RecordBuilder::new().replications(2).with_fault().build();
        let figure = |record: &crate::record::RunRecord| fault_timeline(&Evidence::from(record).points[0]);
        let drawn = figure(&record).expect("a fault");
        assert!(drawn.title.starts_with("25 % of the visits during the fault “hub-down” feel it"), "{}", drawn.title);
        let chart = drawn.data();
        // From 10 minutes to 70 minutes after the start.
        let stretch = chart.guides[0].stretch.expect("a stretch");
        assert!((stretch[0] - 1.0 / 6.0).abs() < 1e-9 && (stretch[1] - 7.0 / 6.0).abs() < 1e-9, "{stretch:?}");
        let most = chart.series[0].points.iter().map(|point| point.y).fold(0.0, f64::max);
        assert!(
            most > 0.0 && drawn.finding == "The highest share is 100 % of 20 visits, from 00:15 to 00:30.",
            "{}",
            drawn.finding
        );
        assert_legible(&svg(&drawn));
        let effects = record.replications[1].measured.faults.as_mut().expect("faults");
        effects.faults[0].spells[0].begins += SimDuration::from_secs(1);
        assert!(figure(&record).is_none(), "chance says when it comes");
        assert!(figure(&RecordBuilder::new().build()).is_none());
    }

    #[test]
    fn ticks_stand_at_round_hours_of_the_clock() {
        let labels = |from: f64, to: f64, start: f64| {
            ticks([from, to], start).into_iter().map(|(_, label)| label).collect::<Vec<_>>()
        };
        assert_eq!(
            labels(5.5, 10.0, 1.0),
            ["06:30", "07:00", "07:30", "08:00", "08:30", "09:00", "09:30", "10:00", "10:30", "11:00"][..].to_vec()
        );
        // 2026-03-03, at 22:00.
        let start = 24.0 * 20_516.0 - 2.0;
        assert_eq!(labels(0.0, 48.0, start)[..2], ["2026-03-04 00:00", "2026-03-04 06:00"]);
        assert_eq!(labels(0.0, 200.0, start)[..2], ["2026-03-04", "2026-03-05"]);
        for weeks in [1.0, 18.0, 52.0, 520.0] {
            let to = weeks * WEEK_H;
            let count = ticks([0.0, to], start).len();
            assert!((4..=10).contains(&count), "{count} ticks in {weeks} weeks");
        }
    }

    #[test]
    fn the_highest_share_is_that_of_enough_visits() {
        let point = |begins_h: f64, visits: u64, felt: u64| FeltPoint { begins_h, visits, felt };
        let all = [point(0.0, 19, 19), point(1.0, 40, 20), point(2.0, 20, 10), point(3.0, 20, 9)];
        let highest = |of: &[&FeltPoint]| peak(of).map(|of| of.visits);
        let all: Vec<&FeltPoint> = all.iter().collect();
        assert_eq!(highest(&all), Some(40), "the first of equals");
        assert_eq!(highest(&all[..1]), None, "a few visits");
        assert_eq!(highest(&[&point(0.0, 20, 0)]), None, "nobody feels it");
    }

    #[test]
    fn days_are_named_where_there_are_several() {
        let told = |begins_h: u64| {
            let mut record = RecordBuilder::new().replications(2).with_fault().build();
            // The run begins so long before midnight.
            let midnight = 1_772_496_000 + 86_400;
            record.facts.measured_from =
                Timestamp::from_unix_secs(midnight - i64::try_from(begins_h * 3_600).expect("hours"));
            let figure = fault_timeline(&Evidence::from(&record).points[0]).expect("a fault");
            let chart = figure.data();
            (figure.finding, chart.series[0].points[0].told.clone(), chart.x.title)
        };
        let (finding, first, title) = told(1);
        assert_eq!(finding, "The highest share is 100 % of 20 visits, on 2026-03-03 from 23:15 to 23:30.");
        assert_eq!(first, "2026-03-03, 23:15 to 23:30: 100 % of 20 visits");
        assert!(title.starts_with("date and time of day, UTC"), "{title}");
        let (finding, first, title) = told(12);
        assert_eq!(finding, "The highest share is 100 % of 20 visits, from 12:15 to 12:30.");
        assert_eq!(first, "12:15 to 12:30: 100 % of 20 visits");
        assert!(title.starts_with("time of day, UTC"), "{title}");
    }
}
