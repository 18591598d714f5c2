//! Amounts as the user types them: a number with its unit, and memory, which is written as it is read.

use std::fmt;
use std::str::FromStr;

use crate::experiment::MEMORY;

/// A number and its unit, such as `50ms`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct InUnit {
    pub(super) number: f64,
    pub(super) unit: String,
}

impl FromStr for InUnit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        // An exponent is part of the number: 1e-3.
        let letters = text.char_indices().filter(|(_, c)| c.is_alphabetic() || *c == '%').map(|(at, _)| at);
        let parts: Vec<(&str, &str)> = letters.chain([text.len()]).map(|at| text.split_at(at)).collect();
        let read = |(number, unit): (&str, &str)| {
            let is_unit = unit.chars().all(|c| c.is_alphabetic() || c == '%');
            number.trim().parse::<f64>().ok().filter(|_| is_unit).map(|number| Self { number, unit: unit.to_owned() })
        };
        parts
            .into_iter()
            .rev()
            .find_map(read)
            .ok_or_else(|| "write a number, with its unit if it has one: 20, 0.5, 50ms".to_owned())
    }
}

/// An amount of memory in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Memory(pub(super) u64);

/// Units of memory, ascending.
const MEMORY_UNITS: [(&str, u64); 9] = [
    ("B", 1),
    ("kB", 1_000),
    ("KiB", 1 << 10),
    ("MB", 1_000_000),
    ("MiB", 1 << 20),
    ("GB", 1_000_000_000),
    ("GiB", 1 << 30),
    ("TB", 1_000_000_000_000),
    ("TiB", 1 << 40),
];

impl Memory {
    /// What is allowed unless the user says another amount.
    pub(super) const DEFAULT: Self = Self(MEMORY);

    /// As few whole GiB as hold so many bytes.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates")]
    pub(super) fn at_least(bytes: f64) -> Self {
        let gib = f64::from(1 << 30);
        Self(((bytes / gib).ceil() * gib) as u64)
    }
}

impl FromStr for Memory {
    type Err = String;

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates")]
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "write an amount of memory with its unit, such as 16GiB or 500MB".to_owned();
        let InUnit { number, unit } = text.parse().map_err(|_| wrong())?;
        let known = MEMORY_UNITS.iter().find(|(name, _)| *name == unit);
        match known {
            Some((_, size)) if number.is_finite() && number * *size as f64 >= 1.0 => {
                Ok(Self((number * *size as f64) as u64))
            }
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exact = MEMORY_UNITS.iter().rev().find(|(_, size)| self.0.is_multiple_of(*size));
        let (unit, size) = exact.expect("every amount is a number of bytes");
        write!(formatter, "{}{unit}", self.0 / size)
    }
}
