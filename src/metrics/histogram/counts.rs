//! The intervals of a histogram, and how often each was counted, in the form that takes least memory.

use crate::time::SimDuration;

use super::coded::CodedCounts;
use super::few::FewCounts;

/// How often each interval has been counted. Intervals are numbered in ascending order (see [`index`]).
#[derive(Clone, Debug)]
pub(super) enum Counts {
    /// Hardly any interval is known.
    Few(FewCounts),
    /// Counts of all intervals. Most intervals are empty, so that 32 bits for each are enough, which takes half the
    /// memory of 64.
    Dense {
        /// Counts by interval, modulo 2^32.
        counts: Vec<u32>,
        /// The overflows: an interval is listed once for each time that its count has reached 2^32.
        carries: Vec<usize>,
    },
    /// Nothing is counted any more.
    Compact(CodedCounts),
}

/// The longest duration that a run can have \[µs\].
pub(super) const HIGHEST_MICROS: u64 = SimDuration::LONGEST.as_micros();

/// Each power of two is divided into 2^10 intervals.
const PRECISION_BITS: u32 = 10;

impl Default for Counts {
    fn default() -> Self {
        Self::Few(FewCounts::default())
    }
}

impl Counts {
    /// Of this many intervals that are not empty, counting all is the better form: it takes 160 kB.
    pub(super) const MANY: usize = 4_096;

    /// Nothing yet, with room for all intervals.
    fn dense() -> Self {
        Self::Dense { counts: vec![0; index(HIGHEST_MICROS) + 1], carries: Vec::new() }
    }

    /// Intervals that were read from somewhere, with their counts; `None` if they are none of a histogram.
    pub(super) fn read(counts: Vec<(usize, u64)>) -> Option<Self> {
        let ascend = counts.is_sorted_by(|(one, _), (next, _)| one < next);
        let exist = counts.iter().all(|(at, count)| *at <= index(HIGHEST_MICROS) && *count > 0);
        (ascend && exist).then(|| Self::Compact(counts.into_iter().collect()))
    }

    /// Takes as little memory as possible from now on, until it counts again.
    pub(super) fn compact(&mut self) {
        if !matches!(self, Self::Compact(_)) {
            *self = Self::Compact(self.ascending().collect());
        }
    }

    /// Counts a duration in the interval number `at`.
    pub(super) fn count(&mut self, at: usize) {
        match self {
            Self::Few(few) => {
                few.count(at);
                if few.len() > Self::MANY {
                    self.make_dense();
                }
            }
            Self::Dense { counts, carries } => {
                counts[at] = counts[at].wrapping_add(1);
                if counts[at] == 0 {
                    carries.push(at);
                }
            }
            Self::Compact(_) => {
                self.thaw();
                self.count(at);
            }
        }
    }

    /// Adds what others are.
    pub(super) fn add_all(&mut self, others: &Self) {
        self.thaw();
        if let Self::Few(few) = self {
            few.add_all(others.ascending());
            if few.len() > Self::MANY {
                self.make_dense();
            }
            return;
        }
        let Self::Dense { counts, carries } = self else { unreachable!("it counts again") };
        for (at, count) in others.ascending() {
            let sum = u64::from(counts[at]) + count;
            for _ in 0..sum >> u32::BITS {
                carries.push(at);
            }
            #[expect(clippy::cast_possible_truncation, reason = "the rest is carried")]
            let low = sum as u32;
            counts[at] = low;
        }
    }

    /// Makes it count again.
    fn thaw(&mut self) {
        if let Self::Compact(coded) = self {
            let mut few = FewCounts::default();
            few.add_all(coded.ascending());
            let are_many = few.len() > Self::MANY;
            *self = Self::Few(few);
            if are_many {
                self.make_dense();
            }
        }
    }

    pub(super) fn make_dense(&mut self) {
        let others = std::mem::replace(self, Self::dense());
        self.add_all(&others);
    }

    /// The intervals that are not empty, ascending, with their counts.
    pub(super) fn ascending(&self) -> Box<dyn Iterator<Item = (usize, u64)> + '_> {
        match self {
            Self::Few(few) => Box::new(few.ascending()),
            Self::Compact(coded) => Box::new(coded.ascending()),
            Self::Dense { counts, carries } => Box::new(counts.iter().enumerate().filter_map(|(at, count)| {
                let carried = if carries.is_empty() { 0 } else { carries.iter().filter(|of| **of == at).count() };
                let count = u64::from(*count) + ((carried as u64) << u32::BITS);
                (count > 0).then_some((at, count))
            })),
        }
    }
}

/// By how many bits a value is shortened to find its interval.
fn shift(micros: u64) -> u32 {
    (u64::BITS - micros.leading_zeros()).saturating_sub(PRECISION_BITS + 1)
}

/// Number of the interval that holds `micros`. Below 2^11 every value has an interval of its own; above, each power of
/// two has 2^10 intervals.
pub(super) fn index(micros: u64) -> usize {
    let shift = shift(micros);
    usize::try_from((u64::from(shift) << PRECISION_BITS) + (micros >> shift)).expect("there are few intervals")
}

/// The greatest value of the interval that holds `micros`.
pub(super) fn upper_end(micros: u64) -> u64 {
    let shift = shift(micros);
    (((micros >> shift) + 1) << shift) - 1
}

/// The least value of the interval whose greatest one is `upper`.
pub(super) fn lower_end(upper: u64) -> u64 {
    (upper >> shift(upper)) << shift(upper)
}

/// Width of the interval whose greatest whole value is `upper` \[µs\]. Durations below 1 µs count as 0, so that their
/// interval has no width.
pub(super) fn width(upper: u64) -> u64 {
    if upper == 0 { 0 } else { upper + 1 - lower_end(upper) }
}

/// The greatest value of the interval number `index`.
pub(super) fn upper_end_of(index: u64) -> u64 {
    if index < 2 << PRECISION_BITS {
        return index;
    }
    let shift = (index >> PRECISION_BITS) - 1;
    ((index - (shift << PRECISION_BITS) + 1) << shift) - 1
}
