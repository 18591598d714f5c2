//! Readers of distributions, of times and of plain numbers.

use super::context::OrNoted;
use super::fields::{fields, lacks, optional_fields, unknown_way};
use super::item::{Item, Read, real_text};
use super::limits::MOST_INSTRUMENTS;
use super::range::Range;
use crate::model::config::ClockConfig;
use crate::random::Distribution;
use crate::time::SimDuration;

/// What is drawn from a distribution. It decides how a value is read, and which values are allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Variate {
    /// Times, read in any unit and kept in seconds; not negative.
    Time,
    /// How wrong a clock is, a time that may be negative.
    ClockOffset,
    /// How wrong the rate of a clock is, in parts per million.
    ClockDrift,
    /// How many instruments a watchlist has.
    Instruments,
    /// Any number.
    Number,
}

/// A clock that is wrong by more than half of a second in a second is no clock.
const DRIFT: f64 = ClockConfig::MOST_DRIFT_PPM;

/// There are no more instruments than this: securities and currency pairs.
const INSTRUMENTS: f64 = 2.0 * MOST_INSTRUMENTS as f64;

/// Numbers beyond this are mistakes.
const NUMBERS: f64 = 1e15;

const SHAPES: [&str; 6] = ["constant", "exponential", "lognormal", "normal", "uniform", "empirical"];

impl Variate {
    /// A value that is drawn as it is written.
    fn value(self, item: &Item<'_>) -> OrNoted<Read<f64>> {
        match self {
            Self::Time => seconds(item),
            Self::ClockOffset => signed_seconds(item),
            Self::Number => item.real(Range::from(-NUMBERS, NUMBERS)),
            Self::ClockDrift => {
                // Clocks are that exact; to write more digits would make two values of the same clock.
                let drift = (item.real(Range::from(-DRIFT, DRIFT))?.value * 1e3).round() / 1e3;
                Read::new(drift, real_text(drift))
            }
            Self::Instruments => {
                let read = item.real(Range::from(1.0, INSTRUMENTS))?;
                if read.value.fract() != 0.0 {
                    let help = format!("instruments are counted: write {:.0}", read.value.round());
                    return Err(item.out_of_range(&read.toml, "a whole number", help));
                }
                Ok(read)
            }
        }
    }

    /// An end of the interval from which values are drawn.
    fn bound(self, item: &Item<'_>) -> OrNoted<Read<f64>> {
        match self {
            // What is drawn is rounded: from 0.5 to 10.5, all whole numbers are equally probable.
            Self::Instruments => item.real(Range::from(0.5, INSTRUMENTS)),
            Self::ClockDrift => item.real(Range::from(-DRIFT, DRIFT)),
            _ => self.value(item),
        }
    }

    /// Where the values of a distribution lie that reaches to both sides.
    fn centre(self, item: &Item<'_>) -> OrNoted<Read<f64>> {
        match self {
            Self::Instruments => item.real(Range::from(0.0, INSTRUMENTS)),
            _ => self.bound(item),
        }
    }

    /// How far values lie apart.
    fn spread(self, item: &Item<'_>) -> OrNoted<Read<f64>> {
        match self {
            Self::Time | Self::ClockOffset => seconds(item),
            Self::ClockDrift => item.real(Range::from(0.0, DRIFT)),
            Self::Instruments => item.real(Range::from(0.0, INSTRUMENTS)),
            Self::Number => item.real(Range::from(0.0, NUMBERS)),
        }
    }

    /// Mean or median of values that are all positive.
    fn positive(self, item: &Item<'_>) -> OrNoted<Read<f64>> {
        match self {
            Self::Time | Self::ClockOffset => Ok(item.positive_duration()?.map(SimDuration::as_secs_f64)),
            Self::ClockDrift => item.real(Range::above(0.0, DRIFT)),
            Self::Instruments => item.real(Range::above(0.0, INSTRUMENTS)),
            Self::Number => item.real(Range::above(0.0, NUMBERS)),
        }
    }

    fn zero(self) -> Read<f64> {
        let toml = match self {
            Self::Time | Self::ClockOffset => "\"0s\"",
            Self::ClockDrift | Self::Instruments | Self::Number => "0.0",
        };
        Read { value: 0.0, toml: toml.to_owned() }
    }

    fn example(self) -> &'static str {
        match self {
            Self::Time | Self::ClockOffset => {
                "\"300ms\", { exponential = { mean = \"5ms\" } } or { uniform = [\"1ms\", \"5ms\"] }"
            }
            Self::ClockDrift => "20, { uniform = [-20, 20] } or { normal = { sd = 18 } }",
            Self::Instruments | Self::Number => "20, { uniform = [20, 60] } or { normal = { mean = 40, sd = 10 } }",
        }
    }

    /// The fields of a distribution of this shape, for remedies.
    fn fields(self, shape: &str) -> String {
        let (least, most) = match self {
            Self::Time | Self::ClockOffset => ("\"1ms\"", "\"5ms\""),
            Self::ClockDrift | Self::Instruments | Self::Number => ("20", "60"),
        };
        match shape {
            "exponential" => format!("{{ mean = {least} }}"),
            "lognormal" => format!("{{ median = {least}, sigma = 0.6 }}"),
            "normal" => format!("{{ mean = {most}, sd = {least} }}"),
            _ => format!("[{least}, {most}]"),
        }
    }
}

/// A duration in seconds.
pub(super) fn seconds(item: &Item<'_>) -> OrNoted<Read<f64>> {
    Ok(item.duration()?.map(SimDuration::as_secs_f64))
}

/// A duration in seconds that may be negative.
fn signed_seconds(item: &Item<'_>) -> OrNoted<Read<f64>> {
    Ok(item.signed_duration()?.map(|nanos| nanos as f64 / 1e9))
}

/// A standard deviation of a logarithm.
pub(super) fn sigma(item: &Item<'_>) -> OrNoted<Read<f64>> {
    item.real(Range::from(0.0, 5.0))
}

/// Reads the distribution of `variate`.
pub(super) fn distribution(item: &Item<'_>, variate: Variate) -> OrNoted<Read<Distribution>> {
    let Some(entries) = item.entries() else {
        return Ok(variate.value(item)?.map(Distribution::Constant));
    };
    let [(shape, parameters)] = entries.as_slice() else {
        let help = format!("write it such as {}", variate.example());
        return Err(item.wrong_kind("a value, or a distribution of one shape", help));
    };
    let help = || format!("write {{ {shape} = {} }}", variate.fields(shape));
    match shape.as_str() {
        "constant" => Ok(variate.value(parameters)?.map(Distribution::Constant)),
        "exponential" => {
            let [mean] = fields(parameters, ["mean"], &help())?;
            let mean = variate.positive(&mean?)?;
            Read::new(
                Distribution::Exponential { mean: mean.value },
                format!("{{ exponential = {{ mean = {} }} }}", mean.toml),
            )
        }
        "lognormal" => {
            let [median, deviation] = fields(parameters, ["median", "sigma"], &help())?;
            let (median, sigma) = (variate.positive(&median?), sigma(&deviation?));
            let (median, sigma) = (median?, sigma?);
            Read::new(
                Distribution::Lognormal { median: median.value, sigma: sigma.value },
                format!("{{ lognormal = {{ median = {}, sigma = {} }} }}", median.toml, sigma.toml),
            )
        }
        "normal" => normal(parameters, variate, &help()),
        "uniform" => uniform(parameters, variate, &help()),
        "empirical" => empirical(parameters, variate, &help()),
        _ => Err(unknown_way(item, parameters, shape, &SHAPES)),
    }
}

fn normal(item: &Item<'_>, variate: Variate, help: &str) -> OrNoted<Read<Distribution>> {
    let [mean, sd] = optional_fields(item, ["mean", "sd"], help)?;
    let mean = mean.map_or_else(|| Ok(variate.zero()), |mean| variate.centre(&mean));
    let Some(sd) = sd else {
        return Err(lacks(item, &["sd"], help));
    };
    let (mean, sd) = (mean?, variate.spread(&sd)?);
    Read::new(
        Distribution::Normal { mean: mean.value, sd: sd.value },
        format!("{{ normal = {{ mean = {}, sd = {} }} }}", mean.toml, sd.toml),
    )
}

fn uniform(item: &Item<'_>, variate: Variate, help: &str) -> OrNoted<Read<Distribution>> {
    let values = values(item, help, |element| variate.bound(element))?;
    let [low, high] = values.as_slice() else {
        return Err(item.wrong_kind("a list of two values, the least and the greatest", help));
    };
    if low.value >= high.value {
        let help = "write the smaller one first; what does not vary is { constant = … }";
        return Err(item.out_of_range(format!("[{}, {}]", low.toml, high.toml), "in ascending order", help));
    }
    Read::new(
        Distribution::Uniform { low: low.value, high: high.value },
        format!("{{ uniform = [{}, {}] }}", low.toml, high.toml),
    )
}

fn empirical(item: &Item<'_>, variate: Variate, help: &str) -> OrNoted<Read<Distribution>> {
    let mut values = values(item, help, |element| variate.value(element))?;
    if values.is_empty() {
        return Err(item.out_of_range("empty", "a list with at least one value", help));
    }
    // The order has no meaning, and a larger draw gives a larger value.
    values.sort_by(|a, b| a.value.total_cmp(&b.value));
    let texts: Vec<&str> = values.iter().map(|value| value.toml.as_str()).collect();
    Read::new(
        Distribution::Empirical(values.iter().map(|value| value.value).collect()),
        format!("{{ empirical = [{}] }}", texts.join(", ")),
    )
}

/// The values of a list, each read even if another is wrong.
fn values(item: &Item<'_>, help: &str, value: impl Fn(&Item<'_>) -> OrNoted<Read<f64>>) -> OrNoted<Vec<Read<f64>>> {
    let Some(elements) = item.elements() else {
        return Err(item.wrong_kind("a list of values", help));
    };
    let read: Vec<OrNoted<Read<f64>>> = elements.iter().map(value).collect();
    read.into_iter().collect()
}

/// Whether the distribution can yield more than `limit`, and the value that shows it: the greatest where there is
/// one, else the middle.
pub(super) fn beyond(distribution: &Distribution, limit: f64) -> Option<f64> {
    let typical = match distribution {
        Distribution::Constant(value) => *value,
        // The upper bound itself is never drawn, and draws are rounded.
        Distribution::Uniform { high, .. } => *high,
        Distribution::Exponential { mean } | Distribution::Normal { mean, .. } => *mean,
        Distribution::Lognormal { median, .. } => *median,
        Distribution::Empirical(values) => values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
    };
    (typical > limit).then_some(typical)
}
