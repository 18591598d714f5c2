//! A histogram of durations with a fixed relative error. It loses no count, however many there are, and takes as much memory as
//! what it has counted needs.

mod coded;
mod counts;
mod few;
mod packed;

pub use packed::{DamagedHistogram, PackedHistogram};

use serde::{Deserialize, Serialize};

use crate::time::SimDuration;

use counts::{Counts, HIGHEST_MICROS, index, lower_end, upper_end, upper_end_of, width};

/// A histogram of durations from 1 µs to the longest run. Each duration is counted in an interval whose width is at
/// most 0.1 % of it, or 1 µs. Shorter durations count as 0 s.
///
/// Of some durations it is only known that they had not ended when the run did (see
/// [`LogHistogram::record_unfinished`]). They count in quantiles and shares as longer than all others, so that a system
/// that never finishes does not look fast.
///
/// Numbers in another unit are counted as durations, a unit as a second.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "SparseHistogram", into = "SparseHistogram")]
pub struct LogHistogram {
    counts: Counts,
    finished: u64,
    unfinished: u64,
    sum_nanos: u128,
    /// The shortest and the longest finished duration \[ns\].
    range: Option<(u64, u64)>,
}

/// A histogram as it is written, whichever form it has in memory: the intervals that are not empty, ascending, by their upper ends
/// \[µs\].
#[derive(Serialize, Deserialize)]
struct SparseHistogram {
    intervals: Vec<(u64, u64)>,
    finished: u64,
    unfinished: u64,
    sum_nanos: u128,
    range: Option<(u64, u64)>,
}

impl TryFrom<SparseHistogram> for LogHistogram {
    type Error = DamagedHistogram;

    fn try_from(kept: SparseHistogram) -> Result<Self, DamagedHistogram> {
        let SparseHistogram { intervals, finished, unfinished, sum_nanos, range } = kept;
        let numbered = intervals.into_iter().map(|(upper, count)| (index(upper), count)).collect();
        let counts = Counts::read(numbered).ok_or(DamagedHistogram)?;
        Ok(Self { counts, finished, unfinished, sum_nanos, range })
    }
}

impl From<LogHistogram> for SparseHistogram {
    fn from(histogram: LogHistogram) -> Self {
        let intervals = histogram.intervals().collect();
        let LogHistogram { finished, unfinished, sum_nanos, range, .. } = histogram;
        Self { intervals, finished, unfinished, sum_nanos, range }
    }
}

impl LogHistogram {
    /// An empty histogram.
    #[must_use]
    pub fn new() -> Self {
        Self { counts: Counts::default(), finished: 0, unfinished: 0, sum_nanos: 0, range: None }
    }

    /// Counts one duration. A duration beyond the longest run is counted as the longest run.
    pub fn record(&mut self, duration: SimDuration) {
        let counted = duration.min(SimDuration::LONGEST);
        self.counts.count(index(counted.as_micros()));
        self.finished += 1;
        self.sum_nanos += u128::from(duration.as_nanos());
        self.widen((counted.as_nanos(), counted.as_nanos()));
    }

    /// Counts `count` durations that had not ended when the run did.
    pub fn record_unfinished(&mut self, count: u64) {
        self.unfinished += count;
    }

    /// Adds all that `other` has counted.
    pub fn merge(&mut self, other: &Self) {
        self.counts.add_all(&other.counts);
        self.finished += other.finished;
        self.unfinished += other.unfinished;
        self.sum_nanos += other.sum_nanos;
        if let Some(range) = other.range {
            self.widen(range);
        }
    }

    /// The same histogram in as little memory as it needs: about two bytes for each interval that is not empty. To count more, it first
    /// takes another form, which takes time.
    #[must_use]
    pub fn compact(mut self) -> Self {
        self.counts.compact();
        self
    }

    /// Number of finished durations.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.finished
    }

    /// Number of unfinished durations.
    #[must_use]
    pub fn unfinished(&self) -> u64 {
        self.unfinished
    }

    /// The sum of the finished durations \[ns\].
    #[must_use]
    pub fn sum_nanos(&self) -> u128 {
        self.sum_nanos
    }

    /// The exact mean of the finished durations in seconds; `None` if there are none.
    #[must_use]
    pub fn mean_s(&self) -> Option<f64> {
        (self.finished > 0).then(|| self.sum_nanos as f64 / 1e9 / self.finished as f64)
    }

    /// The `q`-quantile \[s\], 0 ≤ q ≤ 1, by linear interpolation at the position (n − 1) q, counted from 0. `None` if
    /// the histogram is empty, or if that position lies among the unfinished durations.
    ///
    /// Source: Hyndman and Fan, *Sample quantiles in statistical packages*, 1996, definition 7, which is meant for
    /// plain samples. Here the durations of an interval count as spread evenly over it. The result therefore differs
    /// from the quantile of the durations themselves by at most 0.1 % of it plus 1 µs. It always lies between the
    /// shortest and the longest duration.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a position among the durations is neither negative nor beyond their number"
    )]
    pub fn quantile_s(&self, q: f64) -> Option<f64> {
        let position = (self.finished + self.unfinished).checked_sub(1)? as f64 * q;
        let (below, share) = (position.floor() as u64, position - position.floor());
        let above = below + u64::from(share > 0.0);
        if above >= self.finished {
            return None;
        }
        let [lower, upper] = self.ranked([below, above]);
        Some((lower + share * (upper - lower)).min(upper) / 1e9)
    }

    /// The finished durations with these numbers, which ascend, in the order of all, counted from 0 \[ns\]; their intervals tell where
    /// about they lie.
    fn ranked(&self, ranks: [u64; 2]) -> [f64; 2] {
        let (shortest, longest) = self.range.expect("what has been counted has a range");
        let mut intervals = self.intervals();
        let (mut passed, mut interval) = (0, intervals.next());
        ranks.map(|rank| {
            loop {
                let Some((upper, count)) = interval else {
                    unreachable!("the intervals hold {passed} durations, of which number {rank} is wanted")
                };
                if rank - passed < count {
                    let share = ((rank - passed) as f64 + 0.5) / count as f64;
                    let (begin, width) = (lower_end(upper) as f64, width(upper) as f64);
                    return (1e3 * (begin + share * width)).clamp(shortest as f64, longest as f64);
                }
                passed += count;
                interval = intervals.next();
            }
        })
    }

    /// The share of durations that are at most `limit` (within 0.1 % of it plus 1 µs); `None` if empty.
    #[must_use]
    pub fn share_at_most(&self, limit: SimDuration) -> Option<f64> {
        let all = self.finished + self.unfinished;
        let limit = upper_end(limit.as_micros().min(HIGHEST_MICROS));
        let within = self.intervals().take_while(|(upper, _)| *upper <= limit).map(|(_, count)| count);
        (all > 0).then(|| within.sum::<u64>() as f64 / all as f64)
    }

    /// The intervals that are not empty, ascending: upper end \[µs\] and count.
    fn intervals(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.counts.ascending().map(|(at, count)| (upper_end_of(at as u64), count))
    }

    fn widen(&mut self, (shortest, longest): (u64, u64)) {
        let (least, most) = self.range.unwrap_or((shortest, longest));
        self.range = Some((least.min(shortest), most.max(longest)));
    }
}

impl Default for LogHistogram {
    fn default() -> Self {
        Self::new()
    }
}

/// Histograms are equal if they have counted the same durations, in whichever form they keep them.
impl PartialEq for LogHistogram {
    fn eq(&self, other: &Self) -> bool {
        self.unfinished == other.unfinished
            && self.sum_nanos == other.sum_nanos
            && self.range == other.range
            && self.intervals().eq(other.intervals())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(durations: impl IntoIterator<Item = SimDuration>) -> LogHistogram {
        let mut histogram = LogHistogram::new();
        durations.into_iter().for_each(|duration| histogram.record(duration));
        histogram
    }

    fn of_millis(millis: impl IntoIterator<Item = u64>) -> LogHistogram {
        of(millis.into_iter().map(SimDuration::from_millis))
    }

    /// Durations from nanoseconds to days, many of them equal.
    fn durations() -> impl Strategy<Value = Vec<SimDuration>> {
        let nanos = prop_oneof![
            Just(0),
            Just(20_000_000),
            0_u64..10_000,
            1_000_000_u64..2_000_000,
            0_u64..100_000_000_000_000,
            (0_u64..100).prop_map(|hours| hours * 3_600_000_000_000),
        ];
        prop::collection::vec(nanos.prop_map(SimDuration::from_nanos), 1..200)
    }

    fn sorted_s(durations: &[SimDuration]) -> Vec<f64> {
        let mut secs: Vec<f64> = durations.iter().map(|duration| duration.as_secs_f64()).collect();
        secs.sort_by(f64::total_cmp);
        secs
    }

    /// The quantile of the durations themselves, by Hyndman and Fan's definition 7.
    fn exact_quantile(sorted: &[f64], q: f64) -> f64 {
        let position = (sorted.len() - 1) as f64 * q;
        let below = (0..sorted.len()).rfind(|rank| *rank as f64 <= position).expect("not empty");
        let above = (below + 1).min(sorted.len() - 1);
        sorted[below] + position.fract() * (sorted[above] - sorted[below])
    }

    /// How far a quantile may be from the exact one, with a little added for rounding.
    fn tolerance_s(exact: f64) -> f64 {
        0.001 * exact + 1e-6 + 1e-12
    }

    proptest! {
        #[test]
        fn intervals_hold_their_values_and_are_narrow(micros in 0_u64..=HIGHEST_MICROS) {
            let upper = upper_end(micros);
            prop_assert!(lower_end(upper) <= micros && micros <= upper);
            prop_assert!(width(upper) as f64 <= (0.001 * micros as f64).max(1.0));
            prop_assert_eq!(upper_end_of(index(micros) as u64), upper);
            prop_assert_eq!(index(upper), index(micros));
            prop_assert_eq!(index(lower_end(upper)), index(micros));
            prop_assert_eq!(index(upper + 1), index(micros) + 1);
        }

        #[test]
        fn quantiles_are_those_of_the_sorted_durations(durations in durations(), q in 0.0..=1.0) {
            let (histogram, sorted) = (of(durations.iter().copied()).compact(), sorted_s(&durations));
            for q in [0.0, 0.5, 0.95, 1.0, q] {
                let exact = exact_quantile(&sorted, q);
                let found = histogram.quantile_s(q).expect("not empty");
                prop_assert!((found - exact).abs() <= tolerance_s(exact), "{} instead of {}", found, exact);
            }
            let ends = (histogram.quantile_s(0.0), histogram.quantile_s(1.0));
            let (least, most) = (sorted[0], sorted[sorted.len() - 1]);
            prop_assert!(ends.0.is_some_and(|end| (end - least).abs() <= tolerance_s(least) && end >= least));
            prop_assert!(ends.1.is_some_and(|end| (end - most).abs() <= tolerance_s(most) && end <= most));
        }

        #[test]
        fn quantiles_never_fall(durations in durations(), unfinished in 0_u64..50) {
            let mut histogram = of(durations).compact();
            histogram.record_unfinished(unfinished);
            let quantiles: Vec<Option<f64>> = (0..=1_000).map(|q| histogram.quantile_s(f64::from(q) / 1e3)).collect();
            // Unfinished durations are longer than all known ones.
            let known: Vec<f64> = quantiles.iter().map_while(|quantile| *quantile).collect();
            prop_assert!(known.is_sorted(), "{:?}", known);
            prop_assert!(quantiles[known.len()..].iter().all(Option::is_none));
        }

        #[test]
        fn a_merged_histogram_is_that_of_all_durations(first in durations(), second in durations()) {
            let mut merged = of(first.iter().copied());
            merged.merge(&of(second.iter().copied()).compact());
            prop_assert_eq!(&merged, &of(first.into_iter().chain(second)));
            let mut alone = LogHistogram::new();
            alone.merge(&merged);
            prop_assert_eq!(alone, merged);
        }
    }

    #[test]
    fn equal_durations_have_that_quantile_exactly() {
        let histogram = of_millis([20; 7]);
        assert_eq!([0.0, 0.3, 0.5, 1.0].map(|q| histogram.quantile_s(q)), [Some(0.02); 4]);
    }

    #[test]
    fn the_median_of_many_tells_more_than_the_width_of_an_interval() {
        // All three medians lie in one interval, and must show where in it.
        let medians = [100, 200, 300].map(|first| {
            let below = (0..first).map(|_| SimDuration::from_micros(19_000));
            let around = (0..1_000).map(|at| SimDuration::from_nanos(19_990_000 + 10 * at));
            of(below.chain(around)).quantile_s(0.5).expect("not empty")
        });
        assert!(medians[0] > medians[1] && medians[1] > medians[2], "{medians:?}");
    }

    /// The histogram of 2^32 − 1 durations of 5 ms, made without recording each, which would take minutes.
    fn nearly_full() -> LogHistogram {
        let mut histogram = of_millis([5]);
        histogram.counts.make_dense();
        let Counts::Dense { counts, .. } = &mut histogram.counts else { unreachable!("it has just been made so") };
        counts[index(5_000)] = u32::MAX;
        histogram.finished = u64::from(u32::MAX);
        histogram.sum_nanos = u128::from(u32::MAX) * 5_000_000;
        histogram
    }

    #[test]
    fn no_number_of_counts_is_too_large() {
        let mut full = nearly_full();
        for _ in 0..3 {
            full.record(SimDuration::from_millis(5));
        }
        full.record(SimDuration::from_millis(1));
        let counted = (1_u64 << 32) + 2;
        let intervals = |of: &LogHistogram| of.intervals().collect::<Vec<_>>();
        assert_eq!(intervals(&full), [(1_000, 1), (upper_end(5_000), counted)]);
        assert_eq!((full.count(), full.mean_s().map(|mean| mean < 0.005)), (counted + 1, Some(true)));
        assert_eq!(full.quantile_s(0.5), Some(0.005));
        assert_eq!(full.share_at_most(SimDuration::from_millis(1)), Some(1.0 / (counted + 1) as f64));
        let mut merged = full.clone().compact();
        assert_eq!(merged, full);
        merged.merge(&full);
        merged.record(SimDuration::from_millis(5));
        assert_eq!(intervals(&merged), [(1_000, 2), (upper_end(5_000), 2 * counted + 1)]);
        full.merge(&merged);
        assert_eq!(intervals(&full), [(1_000, 3), (upper_end(5_000), 3 * counted + 1)]);
    }

    #[test]
    fn a_count_of_exactly_two_to_the_32_is_not_lost() {
        let mut full = nearly_full();
        full.record(SimDuration::from_millis(5));
        assert_eq!(full.intervals().collect::<Vec<_>>(), [(upper_end(5_000), 1 << 32)]);
    }

    /// More intervals than the form for few has room for.
    #[test]
    fn the_form_follows_what_is_counted() {
        let spread = |until: u64| (0..until).map(|at| SimDuration::from_micros(at * at));
        let few = of(spread(100));
        assert!(matches!(few.counts, Counts::Few(_)));
        let many = of(spread(30_000));
        assert!(matches!(many.counts, Counts::Dense { .. }));
        let mut thawed = many.clone().compact();
        assert!(matches!(&thawed.counts, Counts::Compact(coded) if coded.bytes() < 3 * Counts::MANY * 3));
        thawed.merge(&few);
        assert!(matches!(thawed.counts, Counts::Dense { .. }));
        assert_eq!(thawed, of(spread(30_000).chain(spread(100))));
        let mut merged = few.clone();
        merged.merge(&many);
        assert_eq!(merged, thawed);
    }

    #[test]
    fn compacting_changes_nothing() {
        let mut all = of_millis([0, 1, 1, 70_000]);
        all.record_unfinished(3);
        let mut compact = all.clone().compact();
        assert_eq!(compact, all);
        compact.record(SimDuration::from_millis(1));
        all.record(SimDuration::from_millis(1));
        assert_eq!(compact, all);
    }

    #[test]
    fn unfinished_durations_are_longer_than_all() {
        let mut histogram = of_millis([10; 60]);
        histogram.record_unfinished(41);
        assert_eq!(histogram.quantile_s(0.59), Some(0.01));
        assert_eq!(histogram.quantile_s(0.6), None, "between the longest and one that is longer");
        assert_eq!(histogram.share_at_most(SimDuration::from_secs(3_600)), Some(60.0 / 101.0));
        assert_eq!(histogram.mean_s(), Some(0.01));
    }

    #[test]
    fn an_empty_histogram_has_no_quantile() {
        assert_eq!(LogHistogram::new().quantile_s(0.5), None);
        assert_eq!(LogHistogram::new().share_at_most(SimDuration::ZERO), None);
        let mut unfinished = LogHistogram::new();
        unfinished.record_unfinished(1);
        assert_eq!(unfinished.quantile_s(0.0), None);
    }
}
