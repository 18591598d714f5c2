//! How the switches of the protocol are written: each notation reads what [`Notation::toml`] writes as the same value.

use super::context::{Noted, OrNoted};
use super::error::Problem;
use super::fields::fields;
use super::item::{Item, Read, quoted, real_text};
use super::range::Range;
use super::suggest;
use super::tree::Value;
use crate::protocol::RetryBands;
use crate::time::SimDuration;

/// The largest number that most switches take.
pub(super) const MOST: u32 = 1_000_000;

/// How the values of a switch are written.
pub(super) trait Notation<T> {
    /// The value of `item`.
    fn read(&self, item: &Item<'_>) -> OrNoted<Read<T>>;

    /// The value as TOML.
    fn toml(&self, value: &T) -> String;
}

/// One of the named values.
pub(super) struct OneOf<T: 'static>(pub(super) &'static [(&'static str, T)]);

impl<T: Copy + PartialEq> Notation<T> for OneOf<T> {
    fn read(&self, item: &Item<'_>) -> OrNoted<Read<T>> {
        item.choice(self.0)
    }

    fn toml(&self, value: &T) -> String {
        let named = self.0.iter().find(|(_, named)| named == value);
        quoted(named.expect("every value of a switch has a name").0)
    }
}

/// `true` or `false`.
pub(super) struct TrueOrFalse;

impl Notation<bool> for TrueOrFalse {
    fn read(&self, item: &Item<'_>) -> OrNoted<Read<bool>> {
        item.boolean()
    }

    fn toml(&self, value: &bool) -> String {
        value.to_string()
    }
}

/// A whole number, or a word for any number.
pub(super) struct NumberOr {
    /// That word.
    pub(super) any: &'static str,
    /// What to write instead of 0; `None`: 0 is a number like others.
    pub(super) zero: Option<&'static str>,
    /// The largest number.
    pub(super) most: u32,
}

impl Notation<Option<u32>> for NumberOr {
    fn read(&self, item: &Item<'_>) -> OrNoted<Read<Option<u32>>> {
        if item.is_text(self.any) {
            return Read::new(None, quoted(self.any));
        }
        if let Some(text) = item.as_text().filter(|text| text.parse::<f64>().is_err()) {
            return Err(unknown_word(item, text, self.any, "a whole number"));
        }
        let read = match self.zero {
            Some(instead) => positive(item, instead, self.most)?,
            None => item.whole_u32(0, self.most)?,
        };
        Ok(read.map(Some))
    }

    fn toml(&self, value: &Option<u32>) -> String {
        value.map_or_else(|| quoted(self.any), |number| number.to_string())
    }
}

/// A duration, or a word for none.
pub(super) struct DurationOr {
    /// That word.
    pub(super) none: &'static str,
    /// Why it cannot be 0, if it cannot.
    pub(super) zero: Option<&'static str>,
}

impl Notation<Option<SimDuration>> for DurationOr {
    fn read(&self, item: &Item<'_>) -> OrNoted<Read<Option<SimDuration>>> {
        if item.is_text(self.none) {
            return Read::new(None, quoted(self.none));
        }
        if let Some(text) = item.as_text().filter(|text| !text.contains(|c: char| c.is_ascii_digit())) {
            return Err(unknown_word(item, text, self.none, "a duration such as \"20min\""));
        }
        let read = item.duration()?;
        match self.zero {
            Some(why) if read.value.is_zero() => {
                let help = format!("{why}; to have no such limit, write \"{}\"", self.none);
                Err(item.out_of_range(read.value, "longer than 0", help))
            }
            _ => Ok(read.map(Some)),
        }
    }

    fn toml(&self, value: &Option<SimDuration>) -> String {
        quoted(&value.map_or_else(|| self.none.to_owned(), |duration| duration.to_string()))
    }
}

/// How often something happens, or `"none"`.
pub(super) struct EveryOrNone {
    /// The shortest time from one to the next.
    pub(super) least: SimDuration,
}

impl Notation<Option<SimDuration>> for EveryOrNone {
    fn read(&self, item: &Item<'_>) -> OrNoted<Read<Option<SimDuration>>> {
        let read = DURATION_OR_NONE.read(item)?;
        match read.value {
            Some(every) if every < self.least => {
                let help = format!("raise it to \"{}\" or more, or write \"none\"", self.least);
                Err(item.out_of_range(every, &format!("{} or longer", self.least), help))
            }
            _ => Ok(read),
        }
    }

    fn toml(&self, value: &Option<SimDuration>) -> String {
        DURATION_OR_NONE.toml(value)
    }
}

/// A duration.
pub(super) struct Lasting;

impl Notation<SimDuration> for Lasting {
    fn read(&self, item: &Item<'_>) -> OrNoted<Read<SimDuration>> {
        item.duration()
    }

    fn toml(&self, value: &SimDuration) -> String {
        quoted(&value.to_string())
    }
}

/// A number within a range.
pub(super) struct Within(pub(super) Range);

impl Notation<f64> for Within {
    fn read(&self, item: &Item<'_>) -> OrNoted<Read<f64>> {
        item.real(self.0)
    }

    fn toml(&self, value: &f64) -> String {
        real_text(*value)
    }
}

/// Whole minutes, or `"none"`.
pub(super) struct MinutesOrNone;

impl Notation<Option<SimDuration>> for MinutesOrNone {
    fn read(&self, item: &Item<'_>) -> OrNoted<Read<Option<SimDuration>>> {
        const MINUTE: u64 = SimDuration::from_secs(60).as_nanos();
        let read = DURATION_OR_NONE.read(item)?;
        match read.value {
            Some(duration) if duration.as_nanos() % MINUTE != 0 => {
                let minutes = duration.as_nanos() / MINUTE;
                let help = format!("differences are compared in whole minutes: write \"{minutes}min\"");
                Err(item.out_of_range(duration, "a whole number of minutes", help))
            }
            _ => Ok(read),
        }
    }

    fn toml(&self, value: &Option<SimDuration>) -> String {
        DURATION_OR_NONE.toml(value)
    }
}

const DURATION_OR_NONE: DurationOr = DurationOr { none: "none", zero: None };

/// `{ intra_retry = 4, quote_retry = 8 }`, or `"off"`.
pub(super) struct BandsOrOff;

impl Notation<Option<RetryBands>> for BandsOrOff {
    fn read(&self, item: &Item<'_>) -> OrNoted<Read<Option<RetryBands>>> {
        const ZERO: &str = "to count no retries, write retry_bands = \"off\"";
        const EXAMPLE: &str = "{ intra_retry = 4, quote_retry = 8 }";
        match &item.node.value {
            Value::Text(text) if text == "off" => return Read::new(None, quoted("off")),
            Value::Text(text) => {
                return Err(unknown_word(item, text, "off", EXAMPLE));
            }
            Value::Table(_) => {}
            _ => {
                return Err(item.wrong_kind("a table or \"off\"", format!("write it such as {EXAMPLE}")));
            }
        }
        let [intra, quote] = fields(item, ["intra_retry", "quote_retry"], &format!("write it such as {EXAMPLE}"))?;
        let (intra, quote) = (positive(&intra?, ZERO, MOST), positive(&quote?, ZERO, MOST));
        let bands = RetryBands { intra_retry: intra?.value, quote_retry: quote?.value };
        Read::new(Some(bands), self.toml(&Some(bands)))
    }

    fn toml(&self, value: &Option<RetryBands>) -> String {
        value.map_or_else(
            || quoted("off"),
            |bands| format!("{{ intra_retry = {}, quote_retry = {} }}", bands.intra_retry, bands.quote_retry),
        )
    }
}

fn positive(item: &Item<'_>, instead_of_zero: &str, most: u32) -> OrNoted<Read<u32>> {
    if let Value::Integer(0) = item.node.value {
        return Err(item.out_of_range(0, &format!("from 1 to {most}"), instead_of_zero.to_owned()));
    }
    item.whole_u32(1, most)
}

/// Notes a text that is neither `word` nor what else may stand here.
fn unknown_word(item: &Item<'_>, text: &str, word: &str, else_such_as: &str) -> Noted {
    let problem = Problem::UnknownChoice { path: item.path.clone(), value: text.to_owned() };
    let help = match suggest::nearest(text, [word]) {
        Some(word) => format!("did you mean `{word}`?"),
        None => format!("write \"{word}\", or {else_such_as}"),
    };
    item.report(problem, "not a choice here", help)
}
