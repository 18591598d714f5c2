//! Axes with ticks at round numbers: no two ticks have the same label.

use std::ops::{Range, RangeInclusive};

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};

use crate::report::numbers::duration;
use crate::text::grouped;
use crate::time::SimDuration;

/// An axis that knows its ticks and their labels.
#[derive(Clone, Debug)]
pub(super) struct TickedAxis {
    range: Range<f64>,
    ticks: Vec<Tick>,
}

impl TickedAxis {
    pub(super) fn new(range: Range<f64>, ticks: Vec<Tick>) -> Self {
        Self { range, ticks }
    }
}

impl Ranged for TickedAxis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    #[expect(clippy::cast_possible_truncation, reason = "pixels; `as` saturates")]
    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let relative = (value - self.range.start) / (self.range.end - self.range.start);
        limit.0 + (relative * f64::from(limit.1 - limit.0)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if hint.weight().allow_light_points() {
            return Vec::new();
        }
        self.ticks.iter().map(|tick| tick.0).collect()
    }

    fn range(&self) -> Range<f64> {
        self.range.clone()
    }
}

impl ValueFormatter<f64> for TickedAxis {
    fn format(_value: &f64) -> String {
        String::new()
    }

    fn format_ext(&self, value: &f64) -> String {
        let tick = self.ticks.iter().find(|tick| tick.0.total_cmp(value).is_eq());
        tick.map_or_else(String::new, |tick| tick.1.clone())
    }
}

/// Ticks at multiples of a round step; no two have the same label.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct LinearTicks {
    /// Number of the lowest tick.
    first: i32,
    /// Number of the highest tick.
    last: i32,
    /// The step is `factor` × 10^`exponent`.
    factor: u8,
    exponent: i32,
}

impl LinearTicks {
    /// Four to nine ticks from 0 to at least `highest`, with a step of 1, 2 or 5 times a power of ten; up to 1 if
    /// `highest` is not above zero.
    pub(super) fn up_to(highest: f64) -> Self {
        Self::over(0.0, highest)
    }

    /// Four to nine ticks from the lower of `lowest` and 0 to at least the higher of `highest` and 0.
    pub(super) fn over(lowest: f64, highest: f64) -> Self {
        /// Smaller numbers count as 0.
        const LEAST: f64 = 1e-290;
        let (mut lowest, mut highest) = (lowest.min(0.0), highest.max(0.0));
        if !(LEAST..f64::INFINITY).contains(&(highest - lowest)) {
            (lowest, highest) = (0.0, 1.0);
        }
        Self::spanning(lowest, highest)
    }

    /// Four to nine ticks from `low` or below to `high` or above; the first may be far above 0.
    ///
    /// # Panics
    ///
    /// If `low` is not below `high`, or so near to it that numbers cannot tell them apart.
    pub(super) fn between(low: f64, high: f64) -> Self {
        assert!(high - low > 1e-6 * high.abs().max(low.abs()), "from {low} to {high} there is nothing to see");
        Self::spanning(low, high)
    }

    /// The ticks for values from `low` to `high`. They begin at 0, unless that would hide how the values differ: all of them are
    /// above 0, and differ by less than a third of the highest. Then the ticks reach over the values alone, but at least over four
    /// times what `matters`, so that nothing looks large that is not. They reach no farther than `most` \[all in one unit\].
    pub(super) fn showing([low, high]: [f64; 2], matters: f64, most: f64) -> Self {
        let is_hidden = low > 0.0 && high - low < high / 3.0;
        let span = (high - low).max(4.0 * matters).max(1e-5 * high);
        if !is_hidden || span > high / 2.0 {
            return Self::over(low, high);
        }
        let top = (f64::midpoint(low, high) + span / 2.0).min(most.max(high));
        Self::between(top - span, top)
    }

    fn spanning(lowest: f64, highest: f64) -> Self {
        let rough = (highest - lowest) / 5.0;
        let decade = libm::floor(libm::log10(rough));
        let is_enough = |factor: &u8| f64::from(*factor) * libm::pow(10.0, decade) >= rough;
        #[expect(clippy::cast_possible_truncation, reason = "an exponent of a number")]
        let (factor, exponent) = match [1, 2, 5].into_iter().find(is_enough) {
            Some(factor) => (factor, decade as i32),
            None => (1, decade as i32 + 1),
        };
        let ticks = Self { first: 0, last: 0, factor, exponent };
        #[expect(clippy::cast_possible_truncation, reason = "a few steps")]
        let steps = |reach: f64| libm::ceil(reach / ticks.step() - 1e-9) as i32;
        Self { first: -steps(-lowest), last: steps(highest), ..ticks }
    }

    /// The ticks above zero, and their mirror images below.
    pub(super) fn mirrored(self) -> Self {
        Self { first: -self.last, ..self }
    }

    /// The distance of two ticks.
    pub(super) fn step(&self) -> f64 {
        f64::from(self.factor) * libm::pow(10.0, f64::from(self.exponent))
    }

    /// The lowest tick.
    pub(super) fn bottom(&self) -> f64 {
        f64::from(self.first) * self.step()
    }

    /// The highest tick.
    pub(super) fn top(&self) -> f64 {
        f64::from(self.last) * self.step()
    }

    /// The ticks with their labels.
    pub(super) fn labelled(&self) -> Vec<Tick> {
        (self.first..=self.last).map(|number| (f64::from(number) * self.step(), self.label(number))).collect()
    }

    /// The number at a tick, with as many decimals as the step has. If that would be a long row of zeros, it is written
    /// with a power of ten.
    fn label(&self, number: i32) -> String {
        const PLAIN: RangeInclusive<i32> = -4..=6;
        if PLAIN.contains(&self.exponent) {
            let decimals = usize::try_from(-self.exponent).unwrap_or(0);
            return grouped(f64::from(number) * self.step(), decimals);
        }
        match number * i32::from(self.factor) {
            0 => "0".to_owned(),
            multiple => format!("{multiple}e{}", self.exponent),
        }
    }
}

/// A tick: where it is on the axis, and its label.
pub(super) type Tick = (f64, String);

/// Which labels of an axis can be shown without touching each other: as many as possible from the first on, and always
/// the last. Each label is given as its centre \[units\], ascending, and its width \[units\].
pub(super) fn readable(labels: &[(i32, i32)]) -> Vec<bool> {
    const GAP: i32 = 24;
    let apart = |left: &(i32, i32), right: &(i32, i32)| right.0 - left.0 >= i32::midpoint(left.1, right.1) + GAP;
    let mut readable = vec![false; labels.len()];
    let Some((last, others)) = labels.split_last() else {
        return readable;
    };
    let mut previous = None;
    for (index, label) in others.iter().enumerate() {
        readable[index] = previous.is_none_or(|previous| apart(previous, label)) && apart(label, last);
        if readable[index] {
            previous = Some(label);
        }
    }
    readable[others.len()] = true;
    readable
}

/// The row of each label of an axis, the first one 0, so that no two labels of a row come nearer to each other than `gap`. Each label
/// is given as its centre, ascending, and its width.
pub(in crate::report) fn rows_of_labels(labels: &[(f64, f64)], gap: f64) -> Vec<usize> {
    let mut ends: Vec<f64> = Vec::new();
    let mut rows = Vec::with_capacity(labels.len());
    for (centre, width) in labels {
        let (begins, end) = (centre - width / 2.0, centre + width / 2.0);
        let row = ends.iter().position(|last| last + gap <= begins).unwrap_or(ends.len());
        if row == ends.len() {
            ends.push(end);
        } else {
            ends[row] = end;
        }
        rows.push(row);
    }
    rows
}

/// Ticks with their labels on a logarithmic axis of durations from `from` to `to`: four or more, as far as people know so many
/// round durations between the two.
pub(super) fn duration_ticks(from: SimDuration, to: SimDuration) -> Vec<(SimDuration, String)> {
    let within = |ticks: &[u64]| -> Vec<SimDuration> {
        ticks.iter().map(|&millis| SimDuration::from_millis(millis)).filter(|tick| (from..=to).contains(tick)).collect()
    };
    let ticks = [within(&COARSE_MS), within(&FINE_MS)].into_iter().find(|ticks| ticks.len() >= 4);
    ticks.unwrap_or_else(|| within(&FINEST_MS)).into_iter().map(|tick| (tick, duration(tick))).collect()
}

const COARSE_MS: [u64; 12] =
    [1, 10, 100, 1_000, 10_000, 60_000, 600_000, 3_600_000, 14_400_000, 86_400_000, 604_800_000, 2_419_200_000];

const FINE_MS: [u64; 24] = [
    1,
    3,
    10,
    30,
    100,
    300,
    1_000,
    3_000,
    10_000,
    30_000,
    60_000,
    120_000,
    300_000,
    600_000,
    1_200_000,
    1_800_000,
    3_600_000,
    7_200_000,
    14_400_000,
    28_800_000,
    43_200_000,
    86_400_000,
    172_800_000,
    604_800_000,
];

const FINEST_MS: [u64; 39] = [
    1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 40, 50, 70, 100, 150, 200, 300, 400, 500, 700, 1_000, 1_500, 2_000, 3_000, 4_000,
    5_000, 7_000, 10_000, 15_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_200_000, 1_500_000,
    1_800_000,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ticks_are_round_and_cover_everything() {
        let labels = |ticks: LinearTicks| ticks.labelled().into_iter().map(|tick| tick.1).collect::<Vec<_>>();
        assert_eq!(labels(LinearTicks::up_to(9.3)), ["0", "2", "4", "6", "8", "10"]);
        assert_eq!(labels(LinearTicks::up_to(0.07)), ["0.00", "0.02", "0.04", "0.06", "0.08"]);
        assert_eq!(labels(LinearTicks::up_to(4_000.0)), ["0", "1,000", "2,000", "3,000", "4,000"]);
        assert_eq!(labels(LinearTicks::up_to(0.0)), labels(LinearTicks::up_to(1.0)), "nothing is above zero");
        assert_eq!(labels(LinearTicks::over(-0.4, 8.0)), ["-2", "0", "2", "4", "6", "8"]);
        assert_eq!(labels(LinearTicks::over(-9.0, -1.0)), ["-10", "-8", "-6", "-4", "-2", "0"]);
        assert_eq!(labels(LinearTicks::up_to(1.1e-6)), ["0", "5e-7", "10e-7", "15e-7"]);
    }

    #[test]
    fn an_axis_is_zoomed_where_zero_would_hide_the_values() {
        let labels = |values: [f64; 2], matters: f64| {
            let ticks = LinearTicks::showing(values, matters, 100.0).labelled();
            (ticks[0].1.clone(), ticks[ticks.len() - 1].1.clone())
        };
        let ends = |first: &str, last: &str| (first.to_owned(), last.to_owned());
        assert_eq!(labels([93.2, 95.9], 0.5), ends("93", "96"));
        assert_eq!(labels([52.2, 52.3], 1.0), ends("50", "55"), "what does not matter does not fill the chart");
        assert_eq!(labels([99.0, 100.0], 1.0), ends("96", "100"), "no share is above all");
        assert_eq!(labels([40.0, 95.9], 0.5), ends("0", "100"));
        assert_eq!(labels([-1.0, 95.9], 0.5), ends("-20", "100"));
        assert_eq!(labels([9.0, 9.0], 3.0), ends("0", "10"), "all that matters is below");
    }

    proptest! {
        /// On every scale labels tell the ticks apart, the ends are ticks, and all data lie between them.
        #[test]
        fn labels_tell_ticks_apart(low in 0.0_f64..1.0, high in 0.0_f64..1.0, exponent in -12_i32..13) {
            let scale = libm::pow(10.0, f64::from(exponent));
            let (low, high) = (-low * scale, high * scale);
            let ticks = LinearTicks::over(low, high);
            prop_assert!(ticks.bottom() <= low + 1e-8 * scale && ticks.top() >= high - 1e-8 * scale, "{:?}", ticks);
            let labelled = ticks.labelled();
            prop_assert!((4..=9).contains(&labelled.len()), "{:?}", labelled);
            let labels: BTreeSet<&String> = labelled.iter().map(|tick| &tick.1).collect();
            prop_assert_eq!(labels.len(), labelled.len(), "{:?}", labelled);
            prop_assert!(labels.iter().all(|label| label.chars().count() <= 11), "{:?}", labelled);
        }
    }

    #[test]
    fn names_that_would_touch_stand_in_rows() {
        assert_eq!(rows_of_labels(&[(0.0, 60.0), (50.0, 60.0), (100.0, 60.0), (110.0, 60.0)], 10.0), [0, 1, 0, 2]);
        assert_eq!(rows_of_labels(&[(0.0, 10.0), (50.0, 10.0)], 10.0), [0, 0]);
    }

    #[test]
    fn labels_that_would_touch_are_left_out() {
        assert_eq!(readable(&[]), [false; 0]);
        assert_eq!(readable(&[(0, 60)]), [true]);
        assert_eq!(readable(&[(0, 60), (84, 60), (167, 60), (300, 60)]), [true, true, false, true]);
        // The last one is the end of the axis: its neighbour gives way.
        assert_eq!(readable(&[(0, 60), (230, 60), (300, 60)]), [true, false, true]);
    }

    #[test]
    fn durations_are_labelled_for_people() {
        let labels = |from: u64, to: u64| -> Vec<String> {
            let ticks = duration_ticks(SimDuration::from_millis(from), SimDuration::from_millis(to));
            ticks.into_iter().map(|(_, label)| label).collect()
        };
        assert_eq!(labels(1_000, 86_400_000), ["1 s", "10 s", "1 min", "10 min", "1 h", "4 h", "1 d"]);
        assert_eq!(labels(500_000, 2_400_000), ["10 min", "15 min", "20 min", "25 min", "30 min"]);
        assert_eq!(labels(900, 3_000), ["1 s", "1500 ms", "2 s", "3 s"]);
    }
}
