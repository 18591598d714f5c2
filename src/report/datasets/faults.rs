//! The tables of a run with faults: what each fault did, and the run beside its twin, the same run without faults.

use crate::metrics::{FaultEffects, IntervalCounts, TIMELINE_INTERVAL, TimelineEntry};
use crate::report::document::{Cell, Dataset};
use crate::report::evidence::PointEvidence;
use crate::report::felt::{self, FaultSummary};
use crate::time::SimDuration;

use super::{Column, cells, names};

/// The columns of `faults`, means over the replications.
const FAULTS: [Column<FaultSummary>; 18] = [
    ("spells_count", |fault| fault.mean(fault.spells as f64)),
    ("active_s", |fault| fault.mean(fault.active_s)),
    ("visits_during_count", |fault| fault.mean(fault.during.visits as f64)),
    ("felt_during_count", |fault| fault.mean(fault.during.felt as f64)),
    ("felt_during_share", |fault| ratio(fault.during.felt as f64, fault.during.visits as f64)),
    ("prevented_count", |fault| fault.mean(fault.during.prevented as f64)),
    ("interrupted_count", |fault| fault.mean((fault.during.interrupted + fault.after.interrupted) as f64)),
    ("extra_wait_during_mean_s", |fault| ratio(fault.during.extra_wait_s, fault.during.paired as f64)),
    ("felt_extra_wait_during_mean_s", |fault| ratio(fault.during.felt_extra_wait_s, fault.during.felt_paired as f64)),
    ("felt_extra_age_during_mean_s", |fault| ratio(fault.during.felt_extra_age_s, fault.during.felt_paired as f64)),
    ("visits_after_count", |fault| fault.mean(fault.after.visits as f64)),
    ("felt_after_count", |fault| fault.mean(fault.after.felt as f64)),
    ("extra_wait_after_mean_s", |fault| ratio(fault.after.extra_wait_s, fault.after.paired as f64)),
    ("extra_calls_count", |fault| fault.mean(fault.extra_calls as f64)),
    ("recovered_count", |fault| fault.mean(fault.recovered as f64)),
    ("recovery_mean_s", |fault| ratio(fault.recovery_s, fault.recovered as f64)),
    ("wrong_stamps_after_mean_s", |fault| ratio(fault.wrong_stamps_s, fault.ended as f64)),
    ("replications", |fault| fault.replications.into()),
];

/// An interval of the timeline, summed over all replications.
struct IntervalSummary {
    index: usize,
    is_measured: bool,
    replications: usize,
    visits: u64,
    felt: u64,
    run: SideSums,
    twin: SideSums,
}

/// What happened in an interval of a run or of its twin, summed over all replications.
#[derive(Default)]
struct SideSums {
    results_shown: f64,
    waited_s: f64,
    connector_calls: f64,
    prices: f64,
    prices_fresh: f64,
    prices_missing: f64,
    prices_wrong_stamp: f64,
    age_s: f64,
}

const TIMELINE: [Column<IntervalSummary>; 15] = [
    ("run_time_h", |of| (TIMELINE_INTERVAL.as_secs_f64() * of.index as f64 / 3_600.0).into()),
    ("measured", |of| (if of.is_measured { "true" } else { "false" }).into()),
    ("visits_count", |of| ratio(of.visits as f64, of.replications as f64)),
    ("felt_count", |of| ratio(of.felt as f64, of.replications as f64)),
    ("wait_mean_s", |of| of.run.wait()),
    ("twin_wait_mean_s", |of| of.twin.wait()),
    ("connector_calls_count", |of| ratio(of.run.connector_calls, of.replications as f64)),
    ("twin_connector_calls_count", |of| ratio(of.twin.connector_calls, of.replications as f64)),
    ("price_age_mean_s", |of| of.run.age()),
    ("twin_price_age_mean_s", |of| of.twin.age()),
    ("price_fresh_share", |of| of.run.fresh()),
    ("twin_price_fresh_share", |of| of.twin.fresh()),
    ("price_wrong_stamp_share", |of| of.run.wrong_stamps()),
    ("twin_price_wrong_stamp_share", |of| of.twin.wrong_stamps()),
    ("replications", |of| of.replications.into()),
];

/// One row for each fault; none without faults.
pub(super) fn faults<'r>(point: &'r PointEvidence<'r>) -> Dataset<'r> {
    Dataset::new("faults", std::iter::once("fault").chain(names(&FAULTS)), move || {
        felt::summaries(point).into_iter().map(|fault| {
            let name = fault.fault.clone().into();
            std::iter::once(name).chain(cells(&FAULTS, &fault)).collect()
        })
    })
}

/// One row for each quarter of an hour of the run, warm-up included: means over the replications, and of each fault the share of the
/// time for which it is active.
pub(super) fn timeline<'r>(point: &'r PointEvidence<'r>) -> Dataset<'r> {
    let first = felt::effects(point).next();
    let active = first.into_iter().flat_map(|effects| &effects.faults);
    let active = active.map(|fault| format!("{}_active_share", fault.fault));
    let columns: Vec<String> = names(&TIMELINE).map(str::to_owned).chain(active).collect();
    let count = first.map_or(0, |effects| effects.timeline.len());
    Dataset::new("timeline", columns, move || {
        (0..count).map(move |index| {
            let shares = (0..first.map_or(0, |effects| effects.faults.len()))
                .map(|fault| active_share(felt::effects(point), fault, index));
            cells(&TIMELINE, &IntervalSummary::of(&felt::effects(point), index)).chain(shares).collect()
        })
    })
}

/// For which share of an interval a fault is active.
fn active_share<'r>(runs: impl Iterator<Item = &'r FaultEffects> + Clone, fault: usize, index: usize) -> Cell<'r> {
    let begins = SimDuration::from_nanos(TIMELINE_INTERVAL.as_nanos() * index as u64);
    let ends = begins + TIMELINE_INTERVAL;
    let spells = runs.clone().flat_map(|run| &run.faults[fault].spells);
    let within = spells.map(|spell| spell.ends.min(ends).saturating_sub(spell.begins.max(begins)).as_secs_f64());
    ratio(within.sum(), TIMELINE_INTERVAL.as_secs_f64() * runs.count() as f64)
}

impl FaultSummary {
    fn mean(&self, sum: f64) -> Cell<'static> {
        ratio(sum, self.replications as f64)
    }
}

impl IntervalSummary {
    fn of<'r>(runs: &(impl Iterator<Item = &'r FaultEffects> + Clone), index: usize) -> Self {
        let begins = SimDuration::from_nanos(TIMELINE_INTERVAL.as_nanos() * index as u64);
        let entries = || runs.clone().map(|run| &run.timeline[index]);
        let side = |of: fn(&TimelineEntry) -> &IntervalCounts| SideSums::of(entries().map(of));
        Self {
            index,
            is_measured: runs.clone().all(|run| begins + TIMELINE_INTERVAL > run.warmup),
            replications: entries().count(),
            visits: entries().map(|entry| u64::from(entry.visits)).sum(),
            felt: entries().map(|entry| u64::from(entry.felt)).sum(),
            run: side(|entry| &entry.run),
            twin: side(|entry| &entry.twin),
        }
    }
}

impl SideSums {
    fn of<'r>(counts: impl Iterator<Item = &'r IntervalCounts>) -> Self {
        let mut sums = Self::default();
        for of_one in counts {
            sums.results_shown += f64::from(of_one.results_shown);
            sums.waited_s += of_one.waited_s;
            sums.connector_calls += f64::from(of_one.connector_calls);
            sums.prices += f64::from(of_one.prices);
            sums.prices_fresh += f64::from(of_one.prices_fresh);
            sums.prices_missing += f64::from(of_one.prices_missing);
            sums.prices_wrong_stamp += f64::from(of_one.prices_wrong_stamp);
            sums.age_s += of_one.age_s;
        }
        sums
    }

    fn wait(&self) -> Cell<'static> {
        ratio(self.waited_s, self.results_shown)
    }

    fn age(&self) -> Cell<'static> {
        ratio(self.age_s, self.prices)
    }

    /// Of all instruments shown, those with a fresh price.
    fn fresh(&self) -> Cell<'static> {
        ratio(self.prices_fresh, self.prices + self.prices_missing)
    }

    /// The same with a wrong timestamp.
    fn wrong_stamps(&self) -> Cell<'static> {
        ratio(self.prices_wrong_stamp, self.prices + self.prices_missing)
    }
}

fn ratio(part: f64, whole: f64) -> Cell<'static> {
    (whole > 0.0).then(|| part / whole).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::evidence::Evidence;
    use crate::report::export;
    use crate::report::support::RecordBuilder;

    fn table(made: for<'r> fn(&'r PointEvidence<'r>) -> Dataset<'r>) -> Vec<Vec<String>> {
        let record = RecordBuilder::new().replications(2).with_fault().build();
        let evidence = Evidence::from(&record);
        let text = export::csv(&made(&evidence.points[0]));
        let text = String::from_utf8(text).expect("text");
        text.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect()
    }

    fn cell<'t>(table: &'t [Vec<String>], row: usize, column: &str) -> &'t str {
        let at = table[0].iter().position(|name| name == column).expect("a column");
        &table[row + 1][at]
    }

    #[test]
    fn a_fault_has_a_row() {
        let table = table(faults);
        assert_eq!(table.len(), 2);
        let cell = |column| cell(&table, 0, column);
        assert_eq!([cell("fault"), cell("spells_count"), cell("active_s")], ["hub-down", "1", "3600"]);
        assert_eq!([cell("felt_during_share"), cell("extra_wait_during_mean_s")], ["0.25", "5"]);
        assert_eq!([cell("extra_calls_count"), cell("recovery_mean_s")], ["120", "900"]);
        assert_eq!(cell("wrong_stamps_after_mean_s"), "1800");
        assert_eq!(cell("extra_wait_after_mean_s"), "", "no visit");
    }

    /// The fault is active from 600 s to 4,200 s.
    #[test]
    fn a_quarter_of_an_hour_has_a_row() {
        let table = table(timeline);
        assert_eq!(table.len() - 1, 6);
        let column = |name| (0..6).map(|row| cell(&table, row, name).to_owned()).collect::<Vec<_>>();
        assert_eq!(column("run_time_h"), ["0", "0.25", "0.5", "0.75", "1", "1.25"]);
        assert_eq!(column("measured"), ["false", "false", "true", "true", "true", "true"]);
        assert_eq!(column("wait_mean_s"), ["", "6", "1", "1", "1", "1"]);
        assert_eq!(column("twin_wait_mean_s"), ["", "1", "1", "1", "1", "1"]);
        assert_eq!(column("price_fresh_share")[1..3], ["0.25", "0.5"]);
        assert_eq!(column("twin_price_wrong_stamp_share")[1..3], ["0.2", "0.2"]);
        let active: Vec<f64> =
            column("hub-down_active_share").iter().map(|cell| cell.parse().expect("a share")).collect();
        for (share, expected) in active.iter().zip([1.0 / 3.0, 1.0, 1.0, 1.0, 2.0 / 3.0, 0.0]) {
            assert!((share - expected).abs() < 1e-9, "{active:?}");
        }
    }
}
