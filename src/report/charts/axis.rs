//! Axes with ticks at numbers that people like.

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};

use crate::report::quantity::{duration, grouped};
use crate::time::SimDuration;

/// An axis that knows its ticks and their labels.
#[derive(Clone, Debug)]
pub(in crate::report) struct Axis {
    range: Range<f64>,
    ticks: Vec<Tick>,
}

impl Axis {
    pub(in crate::report) fn new(range: Range<f64>, ticks: Vec<Tick>) -> Self {
        Self { range, ticks }
    }
}

impl Ranged for Axis {
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

impl ValueFormatter<f64> for Axis {
    fn format(_value: &f64) -> String {
        String::new()
    }

    fn format_ext(&self, value: &f64) -> String {
        let tick = self.ticks.iter().find(|tick| tick.0.total_cmp(value).is_eq());
        tick.map_or_else(String::new, |tick| tick.1.clone())
    }
}

/// Ticks from zero to at least `highest`, and the decimals that tell them apart.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::report) struct LinearTicks {
    pub(in crate::report) at: Vec<f64>,
    pub(in crate::report) decimals: usize,
}

impl LinearTicks {
    /// Four to nine ticks with steps of 1, 2 or 5; from 0 to 1 if nothing is above zero.
    pub(in crate::report) fn up_to(highest: f64) -> Self {
        let highest = if highest > 0.0 && highest.is_finite() { highest } else { 1.0 };
        let rough = highest / 5.0;
        let magnitude = libm::floor(libm::log10(rough));
        let decade = libm::pow(10.0, magnitude);
        let factor = [1.0, 2.0, 5.0, 10.0].into_iter().find(|factor| factor * decade >= rough).unwrap_or(10.0);
        let step = factor * decade;
        let steps = libm::ceil(highest / step - 1e-9);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a few steps, and at most 300 decimals"
        )]
        let (steps, decimals) = (steps as u32, (-libm::floor(libm::log10(step) + 1e-9)).max(0.0) as usize);
        Self { at: (0..=steps).map(|index| f64::from(index) * step).collect(), decimals }
    }

    /// The highest tick.
    pub(in crate::report) fn top(&self) -> f64 {
        self.at.last().copied().unwrap_or(1.0)
    }

    /// The ticks with their labels.
    pub(in crate::report) fn labelled(&self) -> Vec<Tick> {
        self.at.iter().map(|&value| (value, grouped(value, self.decimals))).collect()
    }

    /// The axis from zero to the highest tick.
    pub(in crate::report) fn axis(&self) -> Axis {
        Axis::new(0.0..self.top(), self.labelled())
    }
}

/// A tick: where it is on the axis, and its label.
pub(in crate::report) type Tick = (f64, String);

/// Which of ascending positions \[units\] with labels of these widths, centred there, can be labelled without one
/// touching the next: as many as possible from the first on, and always the last.
pub(in crate::report) fn readable(labels: &[(i32, i32)]) -> Vec<bool> {
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

/// Ticks of a logarithmic axis of durations from `from` to `to`, which are ticks themselves, with their labels.
pub(in crate::report) fn duration_ticks(from: SimDuration, to: SimDuration) -> Vec<(SimDuration, String)> {
    let wide = to.as_nanos() / from.as_nanos().max(1) > 10_000;
    let ticks: &[u64] = if wide { &COARSE_S } else { &FINE_S };
    let within = ticks.iter().map(|&seconds| SimDuration::from_secs(seconds)).filter(|tick| (from..=to).contains(tick));
    within.map(|tick| (tick, duration(tick))).collect()
}

/// The ends that an axis of ages may have.
pub(in crate::report) const COARSE_S: [u64; 8] = [1, 10, 60, 600, 3_600, 14_400, 86_400, 604_800];

const FINE_S: [u64; 16] =
    [1, 3, 10, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400, 604_800];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_cover_everything() {
        assert_eq!(LinearTicks::up_to(9.3).at, [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]);
        assert_eq!(LinearTicks::up_to(0.0).at.last(), Some(&1.0));
        assert_eq!(LinearTicks::up_to(0.07).decimals, 2);
        assert_eq!(LinearTicks::up_to(4_000.0).decimals, 0);
        for highest in [1e-7, 0.3, 1.0, 17.0, 123_456.0] {
            let ticks = LinearTicks::up_to(highest);
            assert!(ticks.top() >= highest * (1.0 - 1e-6), "{highest}: {ticks:?}");
            assert!((4..=9).contains(&ticks.at.len()), "{highest}: {ticks:?}");
        }
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
        let ticks = duration_ticks(SimDuration::from_secs(1), SimDuration::from_days(1));
        let labels: Vec<_> = ticks.into_iter().map(|(_, label)| label).collect();
        assert_eq!(labels, ["1 s", "10 s", "1 min", "10 min", "1 h", "4 h", "1 d"]);
    }
}
