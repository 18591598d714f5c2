//! Readers of distributions, of times and of plain numbers.

use super::error::Problem;
use super::item::{Item, Read, real_text};
use super::suggest;
use super::units;
use crate::random::Distribution;
use crate::time::SimDuration;

/// What the values of a distribution are: how one is read, and what it must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quantity {
    /// Times, read in any unit and kept in seconds; not negative.
    Time,
    /// Times that may be negative.
    SignedTime,
    /// Plain numbers, not negative.
    Number,
    /// Plain numbers that may be negative.
    SignedNumber,
}

const SHAPES: [&str; 6] = ["constant", "exponential", "lognormal", "normal", "uniform", "empirical"];

impl Quantity {
    fn read(self, item: &Item<'_>) -> Option<Read<f64>> {
        match self {
            Self::Time => seconds(item),
            Self::SignedTime => {
                let read = item.signed_duration()?;
                Some(read.map(|nanos| nanos as f64 / 1e9))
            }
            Self::Number => item.real(|value| (0.0..=1e12).contains(&value), "0 or greater"),
            Self::SignedNumber => item.real(|value| value.abs() <= 1e6, "from -1,000,000 to 1,000,000"),
        }
    }

    fn positive(self, item: &Item<'_>) -> Option<Read<f64>> {
        let read = self.read(item)?;
        if read.value <= 0.0 {
            item.out_of_range(read.toml.trim_matches('"'), "greater than 0", None);
            return None;
        }
        Some(read)
    }

    fn zero(self) -> Read<f64> {
        let toml = match self {
            Self::Time | Self::SignedTime => "\"0s\"",
            Self::Number | Self::SignedNumber => "0.0",
        };
        Read { value: 0.0, toml: toml.to_owned() }
    }

    fn example(self) -> &'static str {
        match self {
            Self::Time | Self::SignedTime => {
                "\"300ms\", { exponential = { mean = \"5ms\" } } or { uniform = [\"1ms\", \"5ms\"] }"
            }
            Self::Number | Self::SignedNumber => "20, { uniform = [20, 60] } or { normal = { sd = 18 } }",
        }
    }
}

/// A duration in seconds.
pub(super) fn seconds(item: &Item<'_>) -> Option<Read<f64>> {
    Some(item.duration()?.map(SimDuration::as_secs_f64))
}

/// A standard deviation of a logarithm.
pub(super) fn sigma(item: &Item<'_>) -> Option<Read<f64>> {
    item.real(|value| (0.0..=5.0).contains(&value), "from 0 to 5")
}

/// A distribution of `quantity`.
pub(super) fn distribution(item: &Item<'_>, quantity: Quantity) -> Option<Read<Distribution>> {
    let Some(entries) = item.entries() else {
        return Some(quantity.read(item)?.map(Distribution::Constant));
    };
    let [(shape, parameters)] = entries.as_slice() else {
        let help = format!("write it such as {}", quantity.example());
        item.wrong_kind("a value or a distribution with one name", help);
        return None;
    };
    match shape.as_str() {
        "constant" => Some(quantity.read(parameters)?.map(Distribution::Constant)),
        "exponential" => {
            let [mean] = fields(parameters, ["mean"])?;
            let mean = quantity.positive(&mean?)?;
            Read::new(
                Distribution::Exponential { mean: mean.value },
                format!("{{ exponential = {{ mean = {} }} }}", mean.toml),
            )
        }
        "lognormal" => {
            let [median, deviation] = fields(parameters, ["median", "sigma"])?;
            let (median, sigma) = (quantity.positive(&median?), sigma(&deviation?));
            let (median, sigma) = (median?, sigma?);
            Read::new(
                Distribution::Lognormal { median: median.value, sigma: sigma.value },
                format!("{{ lognormal = {{ median = {}, sigma = {} }} }}", median.toml, sigma.toml),
            )
        }
        "normal" => normal(parameters, quantity),
        "uniform" => uniform(parameters, quantity),
        "empirical" => empirical(parameters, quantity),
        _ => {
            unknown_way(item, parameters, shape, &SHAPES);
            None
        }
    }
}

fn normal(item: &Item<'_>, quantity: Quantity) -> Option<Read<Distribution>> {
    let [mean, sd] = optional_fields(item, ["mean", "sd"])?;
    let mean = mean.map_or_else(|| Some(quantity.zero()), |mean| quantity.read(&mean));
    let Some(sd) = sd else {
        lacks(item, &["sd"]);
        return None;
    };
    let spread = match quantity {
        Quantity::SignedTime => Quantity::Time,
        Quantity::SignedNumber => Quantity::Number,
        other => other,
    };
    let (mean, sd) = (mean?, spread.read(&sd)?);
    Read::new(
        Distribution::Normal { mean: mean.value, sd: sd.value },
        format!("{{ normal = {{ mean = {}, sd = {} }} }}", mean.toml, sd.toml),
    )
}

fn uniform(item: &Item<'_>, quantity: Quantity) -> Option<Read<Distribution>> {
    let values = values(item, quantity)?;
    let [low, high] = values.as_slice() else {
        item.wrong_kind("a list of two values, the least and the greatest", None);
        return None;
    };
    if low.value >= high.value {
        item.out_of_range(format!("[{}, {}]", low.toml, high.toml), "in ascending order", None);
        return None;
    }
    Read::new(
        Distribution::Uniform { low: low.value, high: high.value },
        format!("{{ uniform = [{}, {}] }}", low.toml, high.toml),
    )
}

fn empirical(item: &Item<'_>, quantity: Quantity) -> Option<Read<Distribution>> {
    let values = values(item, quantity)?;
    if values.is_empty() {
        item.out_of_range("empty", "a list with at least one value", None);
        return None;
    }
    let texts: Vec<&str> = values.iter().map(|value| value.toml.as_str()).collect();
    Read::new(
        Distribution::Empirical(values.iter().map(|value| value.value).collect()),
        format!("{{ empirical = [{}] }}", texts.join(", ")),
    )
}

/// The values of a list, each read even if another is wrong.
fn values(item: &Item<'_>, quantity: Quantity) -> Option<Vec<Read<f64>>> {
    let Some(elements) = item.elements() else {
        item.wrong_kind("a list of values", None);
        return None;
    };
    let read: Vec<Option<Read<f64>>> = elements.iter().map(|element| quantity.read(element)).collect();
    read.into_iter().collect()
}

/// Notes that the only key of a table is none of the `ways`.
pub(super) fn unknown_way(item: &Item<'_>, entry: &Item<'_>, key: &str, ways: &[&str]) {
    let problem = Problem::UnknownChoice { path: item.path.clone(), value: key.to_owned() };
    entry.report_key(problem, "not a choice here", suggest::remedy(key, ways));
}

/// The named fields of a table that may have no others. A missing one is noted and is `None`.
pub(super) fn fields<'a, const N: usize>(item: &Item<'a>, names: [&str; N]) -> Option<[Option<Item<'a>>; N]> {
    let found = optional_fields(item, names)?;
    let missing: Vec<&str> = names.iter().zip(&found).filter(|(_, f)| f.is_none()).map(|(name, _)| *name).collect();
    if !missing.is_empty() {
        lacks(item, &missing);
    }
    Some(found)
}

/// The named fields of a table that may have no others.
pub(super) fn optional_fields<'a, const N: usize>(item: &Item<'a>, names: [&str; N]) -> Option<[Option<Item<'a>>; N]> {
    let Some(entries) = item.entries() else {
        item.wrong_kind(&format!("a table with {}", suggest::list(&names)), None);
        return None;
    };
    let mut complete = true;
    for (key, entry) in &entries {
        if !names.contains(&key.as_str()) {
            let problem = Problem::UnknownKey { table: item.path.clone(), key: key.clone() };
            entry.report_key(problem, "unknown key", suggest::remedy(key, &names));
            complete = false;
        }
    }
    complete.then(|| names.map(|name| entries.iter().find(|(key, _)| key == name).map(|(_, item)| item.clone())))
}

fn lacks(item: &Item<'_>, missing: &[&str]) {
    let problem = Problem::MissingKeys { table: item.path.clone(), keys: suggest::list(missing) };
    item.report(problem, "this table", None);
}

/// How 24 relative rates look as TOML.
pub(super) fn numbers_toml(numbers: &[f64]) -> String {
    let texts: Vec<String> = numbers.iter().map(|number| real_text(*number)).collect();
    format!("[{}]", texts.join(", "))
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

/// A rate, `8/min`: how many, and in what time [ns].
pub(super) fn rate(item: &Item<'_>) -> Option<(u32, SimDuration)> {
    let text = item.as_text()?;
    let (requests, per) = match units::rate(text) {
        Ok(rate) => rate,
        Err(unfit) => {
            item.unfit(text, unfit, "a rate", "8/min", units::TIME);
            return None;
        }
    };
    let number = u32::try_from(requests).ok().filter(|number| (1..=1_000_000_000).contains(number));
    let per = u64::try_from(per).ok().filter(|per| *per > 0);
    if let (Some(number), Some(per)) = (number, per) {
        return Some((number, SimDuration::from_nanos(per)));
    }
    item.out_of_range(
        text,
        "a rate greater than 0",
        "leave the key out, or write \"none\", to have no limit".to_owned(),
    );
    None
}
