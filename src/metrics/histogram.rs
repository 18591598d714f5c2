//! A histogram of durations with a fixed relative error, which never allocates while it records.

use serde::{Deserialize, Serialize};

use crate::time::SimDuration;

/// Durations from 1 µs to 400 days, each counted in an interval whose width is at most 0.1 % of it; shorter ones count
/// as 0 s.
///
/// Some durations are only known to be longer than could be waited for (see [`LogHistogram::record_unfinished`]). They
/// count in quantiles and shares, so that a system that does not come to an end does not look fast.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(from = "Kept", into = "Kept")]
pub struct LogHistogram {
    counts: Counts,
    finished: u64,
    unfinished: u64,
    sum_nanos: u128,
}

#[derive(Clone, Debug)]
enum Counts {
    /// By interval.
    Dense(Vec<u32>),
    /// Upper end of each interval that holds anything, in microseconds, ascending, with its count.
    Compact(Vec<(u64, u32)>),
}

/// A histogram as it is written down: what [`Counts::Compact`] holds, whatever it is in memory.
#[derive(Serialize, Deserialize)]
struct Kept {
    intervals: Vec<(u64, u32)>,
    finished: u64,
    unfinished: u64,
    sum_nanos: u128,
}

impl From<Kept> for LogHistogram {
    fn from(kept: Kept) -> Self {
        let Kept { intervals, finished, unfinished, sum_nanos } = kept;
        Self { counts: Counts::Compact(intervals), finished, unfinished, sum_nanos }
    }
}

impl From<LogHistogram> for Kept {
    fn from(histogram: LogHistogram) -> Self {
        let intervals = histogram.intervals();
        let LogHistogram { finished, unfinished, sum_nanos, .. } = histogram;
        Self { intervals, finished, unfinished, sum_nanos }
    }
}

/// 400 days in microseconds.
const HIGHEST_MICROS: u64 = 400 * 86_400 * 1_000_000;

/// Each power of two is divided into 2^10 intervals.
const PRECISION_BITS: u32 = 10;

impl LogHistogram {
    /// An empty histogram, with all the room that it will need.
    #[must_use]
    pub fn new() -> Self {
        Self { counts: Counts::Dense(vec![0; index(HIGHEST_MICROS) + 1]), finished: 0, unfinished: 0, sum_nanos: 0 }
    }

    /// Counts one duration; what exceeds 400 days counts as 400 days.
    pub fn record(&mut self, duration: SimDuration) {
        let micros = duration.as_micros().min(HIGHEST_MICROS);
        match &mut self.counts {
            Counts::Dense(counts) => counts[index(micros)] += 1,
            Counts::Compact(counts) => add(counts, upper_end(micros), 1),
        }
        self.finished += 1;
        self.sum_nanos += u128::from(duration.as_nanos());
    }

    /// Counts `count` durations that are longer than all that is known of them.
    pub fn record_unfinished(&mut self, count: u64) {
        self.unfinished += count;
    }

    /// Adds everything that `other` has counted.
    pub fn merge(&mut self, other: &Self) {
        let mut counts = self.intervals();
        for (upper, count) in other.intervals() {
            add(&mut counts, upper, count);
        }
        self.counts = Counts::Compact(counts);
        self.finished += other.finished;
        self.unfinished += other.unfinished;
        self.sum_nanos += other.sum_nanos;
    }

    /// The same histogram in as little memory as it needs; recording into it is slow.
    #[must_use]
    pub fn compact(mut self) -> Self {
        self.counts = Counts::Compact(self.intervals());
        self
    }

    /// Number of recorded durations, the unfinished ones apart.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.finished
    }

    /// Number of durations that are longer than all that is known of them.
    #[must_use]
    pub fn unfinished(&self) -> u64 {
        self.unfinished
    }

    /// The exact mean of the finished durations in seconds; `None` if there are none.
    #[must_use]
    pub fn mean_s(&self) -> Option<f64> {
        (self.finished > 0).then(|| self.sum_nanos as f64 / 1e9 / self.finished as f64)
    }

    /// The `q`-quantile in seconds, 0 ≤ q ≤ 1, within 0.1 %: the least recorded value that at least the share `q` of all
    /// durations does not exceed. `None` if empty, or if that is an unfinished one.
    #[must_use]
    pub fn quantile_s(&self, q: f64) -> Option<f64> {
        let wanted = q * (self.finished + self.unfinished) as f64;
        let mut passed = 0;
        self.intervals().into_iter().find_map(|(upper, count)| {
            passed += u64::from(count);
            (passed as f64 >= wanted).then_some(upper as f64 / 1e6)
        })
    }

    /// The share of durations that are at most `limit` (within 0.1 % of it); `None` if empty.
    #[must_use]
    pub fn share_at_most(&self, limit: SimDuration) -> Option<f64> {
        let all = self.finished + self.unfinished;
        let limit = upper_end(limit.as_micros().min(HIGHEST_MICROS));
        let intervals = self.intervals();
        let within = intervals.iter().take_while(|(upper, _)| *upper <= limit).map(|(_, count)| u64::from(*count));
        (all > 0).then(|| within.sum::<u64>() as f64 / all as f64)
    }

    fn intervals(&self) -> Vec<(u64, u32)> {
        match &self.counts {
            Counts::Compact(counts) => counts.clone(),
            Counts::Dense(counts) => (0..)
                .zip(counts)
                .filter(|(_, count)| **count > 0)
                .map(|(index, count)| (upper_end_of(index), *count))
                .collect(),
        }
    }
}

impl Default for LogHistogram {
    fn default() -> Self {
        Self::new()
    }
}

/// Two histograms are equal if they have counted the same, however they keep it.
impl PartialEq for LogHistogram {
    fn eq(&self, other: &Self) -> bool {
        self.unfinished == other.unfinished
            && self.sum_nanos == other.sum_nanos
            && self.intervals() == other.intervals()
    }
}

/// By how many bits a value is shortened to find its interval.
fn shift(micros: u64) -> u32 {
    (u64::BITS - micros.leading_zeros()).saturating_sub(PRECISION_BITS + 1)
}

/// Below 2^11 every value has its interval; from there on each power of two has 2^10.
fn index(micros: u64) -> usize {
    let shift = shift(micros);
    usize::try_from((u64::from(shift) << PRECISION_BITS) + (micros >> shift)).expect("there are few intervals")
}

/// The greatest value of the interval that holds `micros`.
fn upper_end(micros: u64) -> u64 {
    let shift = shift(micros);
    (((micros >> shift) + 1) << shift) - 1
}

/// The greatest value of the interval number `index`.
fn upper_end_of(index: u64) -> u64 {
    if index < 2 << PRECISION_BITS {
        return index;
    }
    let shift = (index >> PRECISION_BITS) - 1;
    ((index - (shift << PRECISION_BITS) + 1) << shift) - 1
}

fn add(counts: &mut Vec<(u64, u32)>, upper: u64, count: u32) {
    match counts.binary_search_by_key(&upper, |(upper, _)| *upper) {
        Ok(at) => counts[at].1 += count,
        Err(at) => counts.insert(at, (upper, count)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of_millis(millis: impl IntoIterator<Item = u64>) -> LogHistogram {
        let mut histogram = LogHistogram::new();
        millis.into_iter().for_each(|millis| histogram.record(SimDuration::from_millis(millis)));
        histogram
    }

    proptest! {
        #[test]
        fn intervals_hold_their_values_and_are_narrow(micros in 0_u64..=HIGHEST_MICROS) {
            let upper = upper_end(micros);
            prop_assert!(upper >= micros);
            prop_assert!((upper - micros) as f64 <= 0.001 * micros as f64);
            prop_assert_eq!(upper_end_of(index(micros) as u64), upper);
            prop_assert_eq!(index(upper), index(micros));
            prop_assert_eq!(index(upper + 1), index(micros) + 1);
        }

        #[test]
        fn quantiles_are_those_of_the_sorted_values(mut millis in prop::collection::vec(0_u64..100_000, 1..200)) {
            let histogram = of_millis(millis.iter().copied());
            millis.sort_unstable();
            for percent in [0, 50, 95, 100] {
                let rank = (percent * millis.len()).div_ceil(100).max(1);
                let exact = millis[rank - 1] as f64 / 1e3;
                let within = histogram.quantile_s(percent as f64 / 100.0).expect("not empty");
                prop_assert!((within - exact).abs() <= 0.001 * exact, "{} instead of {}", within, exact);
            }
        }
    }

    #[test]
    fn a_merged_histogram_is_that_of_all_durations() {
        let (mut low, high, all) = (of_millis(1..=50), of_millis(51..=100), of_millis(1..=100));
        low.merge(&high);
        assert_eq!(low.count(), 100);
        assert_eq!(low.quantile_s(0.75), all.quantile_s(0.75));
        assert_eq!(low.share_at_most(SimDuration::from_millis(20)), Some(0.2));
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
        histogram.record_unfinished(40);
        assert_eq!(histogram.quantile_s(0.6), Some(0.010_007));
        assert_eq!(histogram.quantile_s(0.61), None);
        assert_eq!(histogram.share_at_most(SimDuration::from_secs(3_600)), Some(0.6));
        assert_eq!(histogram.mean_s(), Some(0.01));
    }

    #[test]
    fn an_empty_histogram_has_no_quantile() {
        assert_eq!(LogHistogram::new().quantile_s(0.5), None);
        assert_eq!(LogHistogram::new().share_at_most(SimDuration::ZERO), None);
    }
}
