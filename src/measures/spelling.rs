//! Quantities of the network, and numbers in their unit, as users write them: `user_wait_p95`, `connector_calls.saving`,
//! `500ms`. What is written reads back as the same.

use std::fmt;
use std::str::FromStr;

use super::{Comparison, Contrast, MeasureId, Quantity, Unit, find, renamed};

impl fmt::Display for Quantity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let saving = if self.contrast == Contrast::Saving { ".saving" } else { "" };
        write!(formatter, "{}{saving}", self.measure.name)
    }
}

impl FromStr for Quantity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let saving = text.strip_suffix(".saving").map(|name| (name, Contrast::Saving));
        let (name, contrast) = saving.unwrap_or((text, Contrast::Value));
        let measure = find(name).ok_or_else(|| unknown(name))?;
        if contrast == Contrast::Saving && measure.comparison != Comparison::Saving {
            let having = super::ALL.iter().filter(|measure| measure.comparison == Comparison::Saving);
            let having: Vec<String> = having.map(|measure| format!("{}.saving", measure.name)).collect();
            return Err(format!("`{name}` has no saving; those that have: {}", having.join(", ")));
        }
        Ok(Self::of_network(measure, contrast))
    }
}

/// `no measure is called …`, with the one that was probably meant, or all.
fn unknown(name: &str) -> String {
    if let Some(now) = renamed(name) {
        return format!("no measure is called `{name}`; it is called `{now}` now");
    }
    let likeness = |measure: &&MeasureId| strsim::damerau_levenshtein(measure.name, name);
    let nearest = super::ALL.iter().min_by_key(likeness).expect("there are measures");
    if likeness(&nearest) <= 3 {
        return format!("no measure is called `{name}`; did you mean `{}`?", nearest.name);
    }
    let all: Vec<&str> = super::ALL.iter().map(|measure| measure.name).collect();
    format!("no measure is called `{name}`; there are {}", all.join(", "))
}

impl Quantity {
    /// The number that `text` says in this quantity's unit: `2s`, `500ms`, `5%`, `0.05`, `1200`, `1200 1/d`.
    ///
    /// # Errors
    ///
    /// What is wrong, and how it could be written.
    pub fn number(&self, text: &str) -> Result<f64, String> {
        // Suffix, factor, and by how many places the decimal point moves.
        let own = [(self.unit().symbol(), 1.0, 0), ("", 1.0, 0)];
        let units: &[(&str, f64, i32)] = match self.unit() {
            Unit::Seconds => &[("ms", 1.0, -3), ("min", 60.0, 0), ("s", 1.0, 0), ("h", 3_600.0, 0), ("d", 86_400.0, 0)],
            Unit::Share => &[("%", 1.0, -2), ("", 1.0, 0)],
            // That is no unit, only the absence of one.
            Unit::Number => &own[1..],
            _ => &own,
        };
        let text = text.trim();
        let parsed = units.iter().find_map(|&(suffix, factor, places)| {
            let number: f64 = text.strip_suffix(suffix)?.trim().parse().ok()?;
            number.is_finite().then(|| moved(number * factor, places))
        });
        parsed.ok_or_else(|| {
            let example = match self.unit() {
                Unit::Seconds => "2s, 500ms or 20min".to_owned(),
                Unit::Share => "5% or 0.05".to_owned(),
                Unit::Number => "a plain number such as 100".to_owned(),
                unit => format!("a number such as 100, or `100 {}`", unit.symbol()),
            };
            format!("`{text}` is no value of {self}, whose unit is {}; write {example}", self.unit().symbol())
        })
    }

    /// `number` in this quantity's unit, such that [`number`](Self::number) reads it back as the same: `0.5 s`, `29%`, `5`.
    #[must_use]
    pub fn spelled(&self, number: f64) -> String {
        match self.unit() {
            // A share of 17 digits need not survive the way to percent and back.
            Unit::Share if moved(moved(number, 2), -2).to_bits() == number.to_bits() => {
                format!("{}%", moved(number, 2))
            }
            Unit::Number | Unit::Share => number.to_string(),
            unit => format!("{number} {}", unit.symbol()),
        }
    }
}

/// `number` with its decimal point moved by `places`, as on paper: 0.29 × 100 is 28.999999999999996, and 29 is what was meant.
fn moved(number: f64, places: i32) -> f64 {
    let written = format!("{number:e}");
    let (digits, exponent) = written.split_once('e').expect("an exponent was asked for");
    let exponent: i32 = exponent.parse().expect("an exponent is whole");
    format!("{digits}e{}", exponent + places).parse().expect("a number was written")
}
