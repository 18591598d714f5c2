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
    /// The number that `text` says in this quantity's unit: `2s`, `500ms`, `5%`, `0.05`, `1200`, `1200 1/d`, `1200/d`.
    ///
    /// # Errors
    ///
    /// What is wrong, and how it could be written.
    pub fn number(&self, text: &str) -> Result<f64, String> {
        // Suffix, factor, and by how many places the decimal point moves.
        let symbol = self.unit().symbol();
        // Tables write `/d` for `1/d`. In `1201/d` that 1 belongs to the number, so `1/d` needs a space before it.
        let spaced = format!(" {symbol}");
        let own = [(spaced.as_str(), 1.0, 0), (symbol.strip_prefix('1').unwrap_or(symbol), 1.0, 0), ("", 1.0, 0)];
        let units: &[(&str, f64, i32)] = match self.unit() {
            Unit::Seconds => &[("ms", 1.0, -3), ("min", 60.0, 0), ("s", 1.0, 0), ("h", 3_600.0, 0), ("d", 86_400.0, 0)],
            Unit::Share => &[("%", 1.0, -2), ("", 1.0, 0)],
            // That is no unit, only the absence of one.
            Unit::Number => &own[2..],
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
                _ => format!("a number such as 100, or `100 {symbol}`"),
            };
            format!("`{text}` is no value of {self}, whose unit is {symbol}; write {example}")
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

impl Quantity {
    /// `number` in this quantity's unit as people read it: `3 s`, `20 %`, `1200 a day`.
    #[must_use]
    pub fn spoken_number(&self, number: f64) -> String {
        match self.unit() {
            Unit::Share => format!("{} %", moved(number, 2)),
            Unit::Seconds if number != 0.0 && number.abs() < 1.0 => format!("{} ms", moved(number, 3)),
            Unit::Seconds if number >= 120.0 && number % 60.0 == 0.0 => format!("{} min", number / 60.0),
            unit => format!("{number}{}", unit.spoken()),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_as_tables_and_messages_write_them() {
        let calls: Quantity = "connector_calls".parse().expect("a measure");
        for (text, number) in [("1200 1/d", 1200.0), ("1200 /d", 1200.0), ("1201/d", 1201.0), ("1/d", 1.0), ("7", 7.0)]
        {
            assert_eq!(calls.number(text), Ok(number), "{text}");
        }
        for text in ["/d", " 1/h", "5/h", "5 s"] {
            assert!(calls.number(text).is_err(), "{text}");
        }
    }

    #[test]
    fn people_read_words_for_units() {
        let spoken = |text: &str| text.parse::<crate::measures::Condition>().expect("a condition").spoken();
        assert_eq!(spoken("connector_calls.saving >= 29%"), "provider calls saved at least 29 %");
        assert_eq!(spoken("user_wait_p95 <= 100ms"), "wait of the slowest 5 % of visits at most 100 ms");
        assert_eq!(spoken("price_age_p50 <= 20min"), "typical age of prices at most 20 min");
        assert_eq!(spoken("connector_calls <= 1200 1/d"), "provider calls at most 1200 a day");
    }

    #[test]
    fn a_plain_number_has_no_unit() {
        let rate = crate::measures::ALL.iter().find(|measure| measure.unit == Unit::Number).expect("a plain number");
        let quantity = Quantity::of_network(*rate, Contrast::Value);
        assert_eq!(quantity.number("11"), Ok(11.0));
        assert!(quantity.number("5 1").is_err());
    }
}
