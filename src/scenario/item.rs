//! A value with its path, and the readers of simple values: each returns the value with its canonical text, or notes
//! what is wrong with it.

use std::borrow::Cow;
use std::fmt::Display;

use super::context::{Context, Noted, OrNoted};
use super::error::Problem;
use super::range::{self, Range};
use super::source::Spot;
use super::suggest;
use super::tree::{Entry, Node, Value};
use super::units::{self, Unfit};
use crate::time::SimDuration;

/// A service, a timeout or a delay that is longer than this has a wrong unit: nobody waits that long.
const LONGEST_WAIT: SimDuration = SimDuration::from_days(1);

/// What a reader makes of a value.
pub(super) struct Read<T> {
    pub(super) value: T,
    /// The value as TOML; reading it again gives the same value and the same text.
    pub(super) toml: String,
}

impl<T> Read<T> {
    #[expect(clippy::unnecessary_wraps, reason = "a reader's last expression, and readers may fail")]
    pub(super) fn new(value: T, toml: impl Into<String>) -> OrNoted<Self> {
        Ok(Self { value, toml: toml.into() })
    }

    pub(super) fn map<U>(self, change: impl FnOnce(T) -> U) -> Read<U> {
        Read { value: change(self.value), toml: self.toml }
    }
}

/// A value that is being read.
#[derive(Clone)]
pub(super) struct Item<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) path: String,
    /// Where its key is written, if it is an entry of a table within a value.
    pub(super) key_spot: Option<Spot>,
    /// Borrowed from the file, or owned by whoever gave a default.
    pub(super) node: Cow<'a, Node>,
}

impl<'a> Item<'a> {
    /// The value of `path`.
    pub(super) fn new(context: &'a Context<'a>, path: impl Into<String>, node: &'a Node) -> Self {
        Self { context, path: path.into(), key_spot: None, node: Cow::Borrowed(node) }
    }

    fn child(&self, key: impl Display, key_spot: Option<Spot>, node: Cow<'a, Node>) -> Self {
        Self { context: self.context, path: format!("{}.{key}", self.path), key_spot, node }
    }

    pub(super) fn spot(&self) -> Option<Spot> {
        self.node.origin.spot.clone()
    }

    /// Notes a mistake at this value.
    pub(super) fn report(&self, problem: Problem, words: &str, help: impl Into<String>) -> Noted {
        self.context.report(problem, vec![(self.spot(), words.to_owned())], help)
    }

    /// Notes a mistake at the key of this value.
    pub(super) fn report_key(&self, problem: Problem, words: &str, help: impl Into<String>) -> Noted {
        let spot = self.key_spot.clone().or_else(|| self.spot());
        self.context.report(problem, vec![(spot, words.to_owned())], help)
    }

    pub(super) fn wrong_kind(&self, expected: &str, help: impl Into<String>) -> Noted {
        let problem =
            Problem::WrongKind { path: self.path.clone(), expected: expected.to_owned(), found: self.node.kind() };
        self.report(problem, &format!("this is {}", self.node.kind()), help)
    }

    pub(super) fn out_of_range(&self, value: impl Display, allowed: &str, help: impl Into<String>) -> Noted {
        let problem =
            Problem::OutOfRange { path: self.path.clone(), value: value.to_string(), allowed: allowed.to_owned() };
        self.report(problem, &format!("must be {allowed}"), help)
    }

    pub(super) fn not_understood(&self, text: &str, expected: &str, help: impl Into<String>) -> Noted {
        let problem =
            Problem::NotUnderstood { path: self.path.clone(), text: text.to_owned(), expected: expected.to_owned() };
        self.report(problem, &format!("not {expected}"), help)
    }

    pub(super) fn unknown_choice(&self, value: &str, choices: &[&str]) -> Noted {
        let problem = Problem::UnknownChoice { path: self.path.clone(), value: value.to_owned() };
        self.report(problem, "not a choice here", suggest::remedy(value, choices))
    }

    /// The text, if it is one; notes nothing.
    pub(super) fn as_text(&self) -> Option<&str> {
        match &self.node.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn is_text(&self, wanted: &str) -> bool {
        self.as_text() == Some(wanted)
    }

    pub(super) fn text(&self) -> OrNoted<Read<String>> {
        let Some(text) = self.as_text() else {
            return Err(self.wrong_kind("a text", "put it in quotes"));
        };
        if text.trim().is_empty() {
            let path = self.path.clone();
            return Err(self.report(
                Problem::Empty { path },
                "nothing in it",
                "write what it shall be between the quotes",
            ));
        }
        Read::new(text.to_owned(), quoted(text))
    }

    pub(super) fn boolean(&self) -> OrNoted<Read<bool>> {
        let Value::Boolean(value) = self.node.value else {
            return Err(self.wrong_kind("true or false", "write it without quotes"));
        };
        Read::new(value, value.to_string())
    }

    /// A whole number from `least` to `most`.
    pub(super) fn whole(&self, least: u64, most: u64) -> OrNoted<Read<u64>> {
        let value = match self.node.value {
            Value::Integer(value) => value,
            Value::Text(_) => {
                let help = format!("write digits only, without quotes and without a unit, such as {}", least.max(1));
                return Err(self.wrong_kind("a whole number", help));
            }
            Value::Real(value) if value.is_finite() && value.abs() < 1e15 => {
                let how = if value.fract() == 0.0 { "write it without a point" } else { "round it" };
                return Err(self.wrong_kind("a whole number", format!("{how}: {:.0}", value.round())));
            }
            _ => {
                return Err(self.wrong_kind("a whole number", format!("write digits only, such as {}", least.max(1))));
            }
        };
        match u64::try_from(value) {
            Ok(value) if (least..=most).contains(&value) => Read::new(value, value.to_string()),
            _ => {
                let [least_words, most_words] = [least, most].map(range::whole_words);
                let help = if value < i128::from(least) {
                    format!("the least value that can be written here is {least_words}")
                } else {
                    format!("the greatest value that can be written here is {most_words}")
                };
                Err(self.out_of_range(integer_words(value), &format!("from {least_words} to {most_words}"), help))
            }
        }
    }

    /// A whole number from `least` to `most`.
    pub(super) fn whole_u32(&self, least: u32, most: u32) -> OrNoted<Read<u32>> {
        let read = self.whole(u64::from(least), u64::from(most))?;
        Ok(read.map(|value| u32::try_from(value).expect("the range is one of 32 bits")))
    }

    /// A number within `range`.
    pub(super) fn real(&self, range: Range) -> OrNoted<Read<f64>> {
        let value = match self.node.value {
            #[expect(clippy::cast_precision_loss, reason = "rounding a huge integer is what a float field does")]
            Value::Integer(value) => value as f64,
            Value::Real(value) => value,
            Value::Text(_) => {
                return Err(self.wrong_kind("a number", self.number_without_quotes()));
            }
            _ => {
                return Err(self.wrong_kind("a number", format!("write a number {range}")));
            }
        };
        if !range.contains(value) {
            let written = match self.node.value {
                Value::Integer(value) => integer_words(value),
                _ => short(value),
            };
            return Err(self.out_of_range(written, &range.to_string(), range.remedy(value)));
        }
        // The sign of a zero would be the only difference between two equal scenarios.
        let value = if value == 0.0 { 0.0 } else { value };
        Read::new(value, real_text(value))
    }

    fn number_without_quotes(&self) -> String {
        let percent = self.as_text().and_then(|text| text.trim().strip_suffix('%'));
        match percent.and_then(|number| number.trim().parse::<f64>().ok()) {
            Some(percent) if percent.is_finite() => format!("write {}", percent / 100.0),
            _ => "write it without quotes, and without a unit".to_owned(),
        }
    }

    pub(super) fn share(&self) -> OrNoted<Read<f64>> {
        self.real(Range::SHARE)
    }

    /// One of the named choices.
    pub(super) fn choice<T: Copy>(&self, choices: &[(&str, T)]) -> OrNoted<Read<T>> {
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        let Some(text) = self.as_text() else {
            return Err(self.wrong_kind(&format!("one of {}", suggest::list(&names)), "put it in quotes"));
        };
        let Some((name, value)) = choices.iter().find(|(name, _)| *name == text) else {
            return Err(self.unknown_choice(text, &names));
        };
        Read::new(*value, quoted(name))
    }

    /// A duration of at least `least`, at most ten years.
    fn duration_from(&self, least: SimDuration) -> OrNoted<Read<SimDuration>> {
        let read = self.signed_duration()?;
        let duration = u64::try_from(read.value).ok().map(SimDuration::from_nanos);
        match duration {
            Some(duration) if duration >= least => Read::new(duration, read.toml),
            _ => {
                let (allowed, help) = if least.is_zero() {
                    ("0 or longer", "write it without a minus, or \"0s\"")
                } else {
                    ("longer than 0", "write a time that passes, such as \"1ms\"; the shortest is \"1ns\"")
                };
                Err(self.out_of_range(units::signed_text(read.value), allowed, help))
            }
        }
    }

    pub(super) fn duration(&self) -> OrNoted<Read<SimDuration>> {
        self.duration_from(SimDuration::ZERO)
    }

    pub(super) fn positive_duration(&self) -> OrNoted<Read<SimDuration>> {
        self.duration_from(SimDuration::from_nanos(1))
    }

    /// A duration of at most a day.
    pub(super) fn wait(&self) -> OrNoted<Read<SimDuration>> {
        self.at_most_a_day(self.duration()?)
    }

    /// A duration longer than 0, of at most a day.
    pub(super) fn positive_wait(&self) -> OrNoted<Read<SimDuration>> {
        self.at_most_a_day(self.positive_duration()?)
    }

    fn at_most_a_day(&self, read: Read<SimDuration>) -> OrNoted<Read<SimDuration>> {
        if read.value > LONGEST_WAIT {
            return Err(self.out_of_range(read.value, "at most 1d", "is the unit right? Units are ms, s, min, h, d"));
        }
        Ok(read)
    }

    /// A duration that may be negative [ns].
    pub(super) fn signed_duration(&self) -> OrNoted<Read<i64>> {
        let nanos = self.quantity("a duration", "20min", units::TIME)?;
        let Some(nanos) =
            i64::try_from(nanos).ok().filter(|nanos| nanos.unsigned_abs() <= SimDuration::LONGEST.as_nanos())
        else {
            let longest = SimDuration::LONGEST;
            let help = format!("is the unit right? The longest is \"{longest}\" (ten years)");
            return Err(self.out_of_range(
                self.as_text().unwrap_or("too long"),
                &format!("at most {longest}, either way"),
                help,
            ));
        };
        Read::new(nanos, quoted(&units::signed_text(nanos)))
    }

    /// A size [bytes].
    pub(super) fn size(&self) -> OrNoted<Read<u64>> {
        let bytes = self.quantity("a size", "400B", units::SIZE)?;
        match u64::try_from(bytes) {
            Ok(value) if value <= 1 << 30 => Read::new(value, quoted(&format!("{value}B"))),
            _ => {
                let help = "is the unit right? Units are B, kB, MB, KiB, MiB";
                Err(self.out_of_range(format!("{bytes}B"), "from 0B to 1024MiB", help))
            }
        }
    }

    fn quantity(&self, what: &str, example: &str, known: &[(&'static str, i128)]) -> OrNoted<i128> {
        let needs_unit = |written: &str| {
            let problem = Problem::NeedsUnit { path: self.path.clone() };
            let units: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
            let help = format!("write {what} such as \"{example}\"; units are {}", suggest::list(&units));
            self.report(problem, &format!("{written} of what?"), help)
        };
        Err(match &self.node.value {
            Value::Text(text) => match units::quantity(text, known) {
                Ok(value) => return Ok(value),
                Err(Unfit::NoUnit) => needs_unit(text),
                Err(unfit) => self.unfit(text, unfit, what, example, known),
            },
            Value::Integer(number) => needs_unit(&number.to_string()),
            Value::Real(number) => needs_unit(&number.to_string()),
            _ => self.wrong_kind(what, format!("write it such as \"{example}\"")),
        })
    }

    /// Notes why `text` is not the quantity that was expected.
    pub(super) fn unfit(
        &self,
        text: &str,
        unfit: Unfit,
        what: &str,
        example: &str,
        known: &[(&'static str, i128)],
    ) -> Noted {
        match unfit {
            Unfit::UnknownUnit { unit, at } => {
                let units: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
                let units = suggest::list(&units);
                let help = match (units::in_smaller_units(&unit, known), units::similar_unit(&unit, known)) {
                    (Some(amount), _) => format!("write `{amount}` for 1{unit}; units are {units}"),
                    (None, Some(meant)) => format!("did you mean `{meant}`? Units are {units}"),
                    (None, None) => format!("units are {units}"),
                };
                let spot = self.spot_within(text, at, unit.len());
                let problem = Problem::UnknownUnit { path: self.path.clone(), unit };
                self.context.report(problem, vec![(spot, "unknown unit".to_owned())], help)
            }
            Unfit::TooLarge => {
                let help = format!("shorten it, such as \"{example}\"");
                self.out_of_range(text, "of at most 18 digits on either side of the point", help)
            }
            Unfit::NoUnit | Unfit::NotAQuantity => {
                self.not_understood(text, what, format!("write it such as \"{example}\""))
            }
        }
    }

    /// The place of a part of this text, if it is written without escapes.
    fn spot_within(&self, text: &str, at: usize, length: usize) -> Option<Spot> {
        let whole = self.spot()?;
        let content = self.context.text(whole.text).content;
        let Some(start) = content.get(whole.span.clone()).and_then(|written| written.find(text)) else {
            return Some(whole);
        };
        let from = whole.span.start + start + at;
        Some(Spot { text: whole.text, span: from..from + length })
    }

    /// The entries of a table, as items.
    pub(super) fn entries(&self) -> Option<Vec<(String, Item<'a>)>> {
        let item =
            |entry: &Entry, node| (entry.key.clone(), self.child(&entry.key, entry.key_origin.spot.clone(), node));
        match &self.node {
            Cow::Borrowed(node) => {
                let entries = node.table()?.entries().iter();
                Some(entries.map(|entry| item(entry, Cow::Borrowed(&entry.node))).collect())
            }
            Cow::Owned(node) => {
                let entries = node.table()?.entries().iter();
                Some(entries.map(|entry| item(entry, Cow::Owned(entry.node.clone()))).collect())
            }
        }
    }

    /// The elements of a list, as items.
    pub(super) fn elements(&self) -> Option<Vec<Item<'a>>> {
        match &self.node {
            Cow::Borrowed(node) => {
                let elements = node.list()?.iter().enumerate();
                Some(elements.map(|(index, node)| self.child(index, None, Cow::Borrowed(node))).collect())
            }
            Cow::Owned(node) => {
                let elements = node.list()?.iter().enumerate();
                Some(elements.map(|(index, node)| self.child(index, None, Cow::Owned(node.clone()))).collect())
            }
        }
    }
}

/// A whole number as it was written, if it has not more digits than fit.
fn integer_words(value: i128) -> String {
    if value == i128::MIN || value == i128::MAX {
        "a number of 39 digits or more".to_owned()
    } else {
        value.to_string()
    }
}

/// A number in the shorter of its two notations: 0.5, 1e13.
fn short(value: f64) -> String {
    let (plain, scientific) = (value.to_string(), format!("{value:e}"));
    if scientific.len() < plain.len() { scientific } else { plain }
}

/// A text as a TOML string.
pub(super) fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// A number as a TOML float: the shortest text that reads back as the same number.
pub(super) fn real_text(value: f64) -> String {
    format!("{value:?}")
}
