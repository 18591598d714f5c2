//! Writes numbers as people read them: in a fitting unit, with no more digits than the interval allows.

use crate::inference::{Answer, Quantity};
use crate::measures::Unit;
use crate::record::ParameterValue;
use crate::stats::Estimate;
pub(super) use crate::text::{capitalised, listed, quoted};
use crate::text::{grouped, spaced};
use crate::time::SimDuration;

/// The sign before a lower bound.
pub(super) const LOWER_BOUND: &str = "≥ ";

/// The sign for a number that is not known.
pub(super) const UNKNOWN: &str = "–";

/// `estimate` in `unit` as mean ± half-width, such as `12.4 ± 0.3 ms`.
pub(super) fn with_interval(estimate: Option<Estimate>, unit: Unit) -> String {
    estimate.map_or_else(|| UNKNOWN.to_owned(), |estimate| text_in(estimate, DisplayScale::of(estimate.mean, unit)))
}

/// Like [`with_interval`]; a lower bound is marked as such: `≥ 12.4 ± 0.3 ms`. Of what happens rarely, or never, it is told in how
/// many replications it does, with the exact interval: `0.4 a day (2 of 20, so 1 to 32 %)`.
pub(super) fn told(answer: Answer, unit: Unit) -> String {
    let number = plainly_told(answer, unit);
    // Waits and ages of 0 are no events that failed to happen.
    let is_of_events = !(matches!(answer, Answer::Never(_)) && unit == Unit::Seconds);
    let occurrence = answer.known().zip(answer.seen()).zip(answer.seen_share()).filter(|_| is_of_events);
    occurrence.map_or_else(
        || number.clone(),
        |((mean, seen), (low, high))| {
            let percent = |share: f64| format!("{:.0}", 100.0 * share);
            let share = if seen == 0 { "at most".to_owned() } else { format!("{} to", percent(low)) };
            format!("{number} ({seen} of {}{SO}{share} {} %)", mean.count, percent(high))
        },
    )
}

/// What stands between the count and the interval of what happens rarely.
pub(super) const SO: &str = ", so ";

/// Like [`told`], without saying in how many replications it is not 0: of a saving that says little.
pub(super) fn plainly_told(answer: Answer, unit: Unit) -> String {
    format!("{}{}", bound(answer), with_interval(answer.counted(), unit))
}

/// What is known of `number`: [`told`], or of what `GTNet` changes [`plainly_told`].
pub(super) fn quantity_told(number: &Quantity, answer: Answer) -> String {
    let tell = if number.contrast.is_change() { plainly_told } else { told };
    tell(answer, number.unit())
}

/// The sign of a lower bound if `answer` is one, else nothing.
pub(super) const fn bound(answer: Answer) -> &'static str {
    if answer.lower_bound().is_some() { LOWER_BOUND } else { "" }
}

/// Like [`with_interval`], for a difference: with a sign, and in percentage points if it is one of shares.
pub(super) fn difference(estimate: Option<Estimate>, unit: Unit) -> String {
    let Some(estimate) = estimate else { return UNKNOWN.to_owned() };
    let scale = if unit == Unit::Share {
        DisplayScale { factor: 100.0, suffix: " points" }
    } else {
        DisplayScale::of(estimate.mean, unit)
    };
    format!("{}{}", if estimate.mean > 0.0 { "+" } else { "" }, text_in(estimate, scale))
}

/// Like [`with_interval`] for a rate \[1/s\], told in `unit`, so that the text agrees with the axis of its chart.
pub(super) fn rate_with_interval(estimate: Option<Estimate>, unit: RateUnit) -> String {
    estimate.map_or_else(|| UNKNOWN.to_owned(), |estimate| text_in(estimate, unit.scale()))
}

/// `value` in `unit`, rounded to two digits for sentences: `64 s`.
pub(super) fn rough(value: f64, unit: Unit) -> String {
    let scale = DisplayScale::of(value, unit);
    format!("{}{}", rounded(value * scale.factor, 2.0), scale.suffix)
}

/// From what to what a number changes, with as many digits as it takes to see the change: `26.3 → 27.4 min`. If one is much
/// smaller, each has its own unit: `8.05 ms → 1.01 s`.
pub(super) fn from_to(from: f64, to: f64, unit: Unit) -> String {
    /// What is less than this in a unit may read better in a smaller one.
    const SMALL: f64 = 0.5;
    let scale = DisplayScale::of(from.abs().max(to.abs()), unit);
    let is_small = |value: f64| value != 0.0 && (value * scale.factor).abs() < SMALL;
    let has_own = |value: f64| DisplayScale::of(value, unit).suffix != scale.suffix;
    if [from, to].into_iter().any(|value| is_small(value) && has_own(value)) {
        return format!("{} → {}", with_three_digits(from, unit), with_three_digits(to, unit));
    }
    let [from, to] = apart(from * scale.factor, to * scale.factor);
    format!("{from} → {to}{}", scale.suffix)
}

/// `value` in the unit of `limit`, with as many digits as it takes to tell it from that.
pub(super) fn beside(value: f64, limit: f64, unit: Unit) -> String {
    let scale = DisplayScale::beside(value, limit, unit);
    let [value, _] = apart(value * scale.factor, limit * scale.factor);
    format!("{value}{}", scale.suffix)
}

/// From the least to the greatest of several values, in one unit: `2.1 to 19 %`; of values that are nearly the same, one.
pub(super) fn span(least: f64, most: f64, unit: Unit) -> String {
    let scale = DisplayScale::of(least.abs().max(most.abs()), unit);
    spanned([least, most].map(|value| rounded(value * scale.factor, 2.0)), scale.suffix)
}

/// Like [`span`], in the unit of `limit`, with as many digits as it takes to tell the values from that.
pub(super) fn span_beside(least: f64, most: f64, limit: f64, unit: Unit) -> String {
    let scale = DisplayScale::beside(least.abs().max(most.abs()), limit, unit);
    let told = |value: f64| {
        let [value, _] = apart(value * scale.factor, limit * scale.factor);
        value
    };
    spanned([least, most].map(told), scale.suffix)
}

fn spanned([low, high]: [String; 2], suffix: &str) -> String {
    if low == high { format!("{high}{suffix}") } else { format!("{low} to {high}{suffix}") }
}

/// A value of a parameter, with three digits if it is a number between whole ones: `430 ms`, `5.42`, `office`.
pub(super) fn value_told(value: &ParameterValue) -> String {
    match (value.duration, value.number) {
        (Some(duration), _) => with_three_digits(duration.as_secs_f64(), Unit::Seconds),
        (None, Some(number)) if number.fract() == 0.0 => grouped(number, 0),
        (None, Some(number)) => rounded(number, 3.0),
        (None, None) => value.text.clone(),
    }
}

fn with_three_digits(value: f64, unit: Unit) -> String {
    let scale = DisplayScale::of(value, unit);
    format!("{}{}", rounded(value * scale.factor, 3.0), scale.suffix)
}

/// Two numbers with three digits of the larger one, or as many as it takes to tell them apart.
fn apart(one: f64, other: f64) -> [String; 2] {
    const MOST_DIGITS: i32 = 9;
    let larger = one.abs().max(other.abs());
    if larger == 0.0 {
        return ["0".to_owned(), "0".to_owned()];
    }
    let with = |digits: i32| [one, other].map(|number| to_digit(number, f64::from(digits) - 1.0 - magnitude(larger)));
    (3..MOST_DIGITS).map(with).find(|[one, other]| one != other).unwrap_or_else(|| with(3))
}

/// `number` with so many digits that are not leading zeros.
fn rounded(number: f64, digits: f64) -> String {
    if number == 0.0 {
        return "0".to_owned();
    }
    to_digit(number, digits - 1.0 - magnitude(number))
}

/// `number` rounded to so many digits behind the point, or before it if they are negative.
fn to_digit(number: f64, digits: f64) -> String {
    let step = libm::pow(10.0, digits);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a small natural number")]
    let decimals = digits.clamp(0.0, 12.0) as usize;
    grouped(libm::round(number * step) / step, decimals)
}

/// The time over which a rate is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RateUnit {
    Second,
    Minute,
    Hour,
}

impl RateUnit {
    /// The shortest time in which at least one thing happens, after rounding to whole things; a second if none does.
    pub(super) fn of(per_s: f64) -> Self {
        let per_s = per_s.abs();
        let reads_well = |unit: &Self| per_s * unit.seconds() >= 0.5;
        if per_s == 0.0 {
            return Self::Second;
        }
        [Self::Second, Self::Minute].into_iter().find(reads_well).unwrap_or(Self::Hour)
    }

    /// Multiplied by this, a rate \[1/s\] is a number in this unit.
    pub(super) const fn seconds(self) -> f64 {
        match self {
            Self::Second => 1.0,
            Self::Minute => 60.0,
            Self::Hour => 3_600.0,
        }
    }

    /// The time in a word.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Second => "second",
            Self::Minute => "minute",
            Self::Hour => "hour",
        }
    }

    const fn scale(self) -> DisplayScale {
        let suffix = match self {
            Self::Second => Unit::PerSecond.spoken(),
            Self::Minute => Unit::PerMinute.spoken(),
            Self::Hour => Unit::PerHour.spoken(),
        };
        DisplayScale { factor: self.seconds(), suffix }
    }
}

/// The mean alone, such as `12.4 ms`.
pub(super) fn mean(estimate: Option<Estimate>, unit: Unit) -> String {
    let alone = |estimate: Estimate| Estimate { half_width: None, ..estimate };
    with_interval(estimate.map(alone), unit)
}

/// `duration` in the largest unit in which it is a round number of at least one, such as `25 min`.
pub(super) fn duration(duration: SimDuration) -> String {
    spaced(&duration.to_string())
}

/// How axes show numbers up to `largest`: multiplied by a factor, and the unit without a space before it.
pub(super) fn axis_scale(largest: f64, unit: Unit) -> (f64, &'static str) {
    let scale = DisplayScale::of(largest, unit);
    (scale.factor, scale.suffix.trim_start())
}

/// How a number is shown: multiplied by a factor, followed by a suffix.
#[derive(Clone, Copy)]
struct DisplayScale {
    factor: f64,
    suffix: &'static str,
}

/// The suffix of shares.
const PERCENT: &str = " %";

impl DisplayScale {
    /// The scale in which `value` in `unit` reads best.
    fn of(value: f64, unit: Unit) -> Self {
        let (factor, suffix) = match unit {
            Unit::Seconds => match value.abs() {
                seconds if seconds < 1.0 => (1e3, " ms"),
                seconds if seconds < 120.0 => (1.0, " s"),
                seconds if seconds < 7_200.0 => (1.0 / 60.0, " min"),
                seconds if seconds < 172_800.0 => (1.0 / 3_600.0, " h"),
                _ => (1.0 / 86_400.0, " days"),
            },
            Unit::Share => (100.0, PERCENT),
            Unit::PerSecond => return RateUnit::of(value).scale(),
            unit => (1.0, unit.spoken()),
        };
        Self { factor, suffix }
    }

    /// The scale of `limit`, so that what stands beside it has the same unit; of what is beyond all comparison its own.
    fn beside(value: f64, limit: f64, unit: Unit) -> Self {
        const COMPARABLE: f64 = 1_000.0;
        let is_comparable = limit != 0.0 && value.abs() < COMPARABLE * limit.abs();
        Self::of(if is_comparable { limit } else { value }, unit)
    }
}

fn text_in(estimate: Estimate, DisplayScale { factor, suffix }: DisplayScale) -> String {
    let mean = estimate.mean * factor;
    let half_width = estimate.half_width.map(|half_width| half_width * factor);
    let decimals = decimals(mean, half_width, suffix == PERCENT);
    // A number that is zero in every replication needs no interval.
    let shown = half_width.filter(|&half_width| mean != 0.0 || half_width > 0.0);
    let interval = shown.map_or_else(String::new, |half_width| format!(" ± {}", grouped(half_width, decimals)));
    format!("{}{interval}{suffix}", grouped(mean, decimals))
}

/// The number of decimals that shows two digits of the half-width. Without a half-width it shows three digits of the
/// mean.
///
/// For a share nobody needs more than a tenth of a per cent, but at least one digit of the half-width is shown.
fn decimals(mean: f64, half_width: Option<f64>, is_share: bool) -> usize {
    let for_mean = if mean == 0.0 { 0.0 } else { 2.0 - magnitude(mean) };
    let half_width = half_width.filter(|&half_width| half_width > 0.0);
    let mut wanted = match half_width {
        Some(half_width) => (1.0 - magnitude(half_width)).min(for_mean.max(0.0) + 1.0),
        None => for_mean,
    };
    if is_share && mean >= 0.1 {
        let felt = if mean >= 1.0 { 1.0 } else { 2.0 };
        let fewest = half_width.map_or(0.0, |half_width| -magnitude(half_width));
        wanted = wanted.min(f64::max(felt, fewest));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a small natural number")]
    let decimals = wanted.clamp(0.0, 6.0) as usize;
    decimals
}

/// The power of ten of the first digit.
fn magnitude(number: f64) -> f64 {
    libm::floor(libm::log10(number.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn estimate(mean: f64, half_width: Option<f64>) -> Estimate {
        Estimate { mean, half_width, standard_deviation: half_width, count: 2 }
    }

    #[test]
    fn digits_follow_the_interval() {
        assert_eq!(with_interval(Some(estimate(12_345.678, Some(123.4))), Unit::PerDay), "12,346 ± 123 a day");
        assert_eq!(with_interval(Some(estimate(0.012_345, Some(0.000_21))), Unit::Seconds), "12.35 ± 0.21 ms");
        assert_eq!(with_interval(Some(estimate(0.6543, Some(0.0123))), Unit::Share), "65.4 ± 1.2 %");
        assert_eq!(with_interval(Some(estimate(900.0, Some(0.0))), Unit::Seconds), "15.0 ± 0.0 min");
        assert_eq!(with_interval(Some(estimate(0.5, None)), Unit::PerSecond), "0.500 a second");
        assert_eq!(with_interval(Some(estimate(0.0, Some(0.0))), Unit::PerSecond), "0 a second");
        assert_eq!(with_interval(None, Unit::PerSecond), UNKNOWN);
    }

    #[test]
    fn differences_have_a_sign() {
        assert_eq!(difference(Some(estimate(0.05, Some(0.011))), Unit::Share), "+5.0 ± 1.1 points");
        assert_eq!(difference(Some(estimate(-90.0, Some(3.0))), Unit::Seconds), "-90.0 ± 3.0 s");
    }

    #[test]
    fn rates_are_told_over_the_time_in_which_something_happens() {
        assert_eq!(RateUnit::of(0.5), RateUnit::Second);
        assert_eq!(RateUnit::of(0.499), RateUnit::Minute);
        assert_eq!(RateUnit::of(0.5 / 61.0), RateUnit::Hour);
        assert_eq!(RateUnit::of(0.0), RateUnit::Second);
        assert_eq!(
            with_interval(Some(estimate(0.009_14, Some(0.000_12))), Unit::PerSecond),
            "0.5484 ± 0.0072 a minute"
        );
        assert_eq!(with_interval(Some(estimate(0.002_26, Some(0.000_11))), Unit::PerSecond), "8.14 ± 0.40 an hour");
        let told_per_hour = rate_with_interval(Some(estimate(1.0, Some(0.1))), RateUnit::Hour);
        assert_eq!(told_per_hour, "3,600 ± 360 an hour");
    }

    #[test]
    fn prose_has_two_digits() {
        assert_eq!(rough(63.8, Unit::Seconds), "64 s");
        assert_eq!(rough(0.2318, Unit::Seconds), "230 ms");
        assert_eq!(rough(0.9996, Unit::Seconds), "1,000 ms");
        assert_eq!(rough(0.000_026_37, Unit::Share), "0.0026 %");
        assert_eq!(rough(0.996, Unit::Share), "100 %");
        assert_eq!(rough(0.0, Unit::Share), "0 %");
    }

    #[test]
    fn changes_show_both_values() {
        assert_eq!(from_to(15_669.0, 10_178.0, Unit::PerDay), "15,700 → 10,200 a day");
        assert_eq!(from_to(26.32 * 60.0, 27.42 * 60.0, Unit::Seconds), "26.3 → 27.4 min");
        assert_eq!(from_to(1.3151, 0.9347, Unit::Seconds), "1.32 → 0.93 s");
        assert_eq!(from_to(0.008_05, 1.014, Unit::Seconds), "8.05 ms → 1.01 s");
        assert_eq!(from_to(0.35, -0.000_011, Unit::Share), "35.0 → 0.0 %", "nobody needs the digits of nearly nothing");
        assert_eq!(from_to(0.522_01, 0.522_49, Unit::Share), "52.20 → 52.25 %", "as many digits as it takes");
        assert_eq!(from_to(1.0, 1.0, Unit::Number), "1.00 → 1.00");
        assert_eq!(beside(0.199_96, 0.2, Unit::Share), "19.996 %", "and not 20 %");
        assert_eq!(beside(0.008_05, 0.1, Unit::Seconds), "8 ms");
        assert_eq!(beside(1.014, 0.1, Unit::Seconds), "1,010 ms", "a limit in ms and a value in s would be two units");
        assert_eq!(beside(900.0, 0.1, Unit::Seconds), "15.0 min", "nobody reads 900,000 ms");
        assert_eq!(span_beside(0.007, 1.014, 1.0, Unit::Seconds), "0.01 to 1.01 s");
        assert_eq!(span_beside(0.1842, 0.1999, 0.2, Unit::Share), "18.4 to 19.99 %");
        assert_eq!([span(0.021, 0.191, Unit::Share), span(0.5, 0.501, Unit::Share)], ["2.1 to 19 %", "50 %"]);
    }

    /// By hand: Clopper and Pearson for 2 of 20 are 1.2 to 31.7 %, and 3 / 20 is the rule of three.
    #[test]
    fn what_is_rare_has_the_interval_of_its_share() {
        let mean = |mean: f64| Estimate { mean, half_width: None, standard_deviation: None, count: 20 };
        let rare = Answer::Rare { mean: mean(0.4), seen: 2 };
        assert_eq!(told(rare, Unit::PerDay), "0.400 a day (2 of 20, so 1 to 32 %)");
        assert_eq!(told(Answer::Never(mean(0.0)), Unit::PerDay), "0 a day (0 of 20, so at most 14 %)");
        assert_eq!(told(Answer::Never(mean(0.0)), Unit::Seconds), "0 ms");
        assert_eq!(quantity_told(&Quantity::saving(crate::measures::CONNECTOR_CALLS), Answer::Never(mean(0.0))), "0 %");
    }

    #[test]
    fn thousands_are_separated() {
        assert_eq!(duration(SimDuration::from_secs(1_500)), "25 min");
    }
}
