//! A condition on the mean of a quantity, as users write it: `user_wait_p95 <= 2s`. What is written reads back as the same.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Quantity, Unit};

/// A condition on the mean of a quantity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Condition {
    /// The quantity whose mean is judged.
    pub quantity: Quantity,
    /// Whether the mean must be at most the limit; if not, it must be at least the limit.
    pub at_most: bool,
    /// The limit, in the quantity's unit.
    pub limit: f64,
}

impl FromStr for Condition {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let sides = [("<=", true), (">=", false)]
            .into_iter()
            .find_map(|(operator, at_most)| text.split_once(operator).map(|(left, right)| (left, at_most, right)));
        let (left, at_most, right) =
            sides.ok_or_else(|| format!("`{text}` is no condition; write one such as \"user_wait_p95 <= 2s\""))?;
        let quantity: Quantity = left.parse()?;
        let limit = quantity.number(right)?;
        if quantity.unit() == Unit::Share && limit > 1.0 {
            let remedy =
                if limit <= 100.0 && !right.contains('%') { format!("; write {limit}%") } else { String::new() };
            return Err(format!("{quantity} is a share, and never more than 100 %{remedy}"));
        }
        Ok(Self { quantity, at_most, limit })
    }
}

impl Condition {
    /// The limit in words: `at least 20 %`.
    #[must_use]
    pub fn bound(&self) -> String {
        let than = if self.at_most { "at most" } else { "at least" };
        format!("{than} {}", self.quantity.spoken_number(self.limit))
    }

    /// The condition in words: `wait of the slowest 5 % of visits at most 3 s`.
    #[must_use]
    pub fn spoken(&self) -> String {
        format!("{} {}", self.quantity.spoken(), self.bound())
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operator = if self.at_most { "<=" } else { ">=" };
        write!(formatter, "{} {operator} {}", self.quantity, self.quantity.spelled(self.limit))
    }
}

impl TryFrom<String> for Condition {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Condition> for String {
    fn from(condition: Condition) -> Self {
        condition.to_string()
    }
}
