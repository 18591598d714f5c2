//! The shard of a study that one of several machines simulates; every unit belongs to exactly one shard.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One of several shards of a study, each with its own units. The whole study is shard 1 of 1.
///
/// Units are dealt to the shards like cards, replication by replication and point by point. Each round begins one shard
/// later than the one before. This makes shards cost about the same, even if some points cost more than others and the
/// number of shards is a multiple of the number of points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "(u32, u32)", into = "(u32, u32)")]
pub struct Shard {
    number: u32,
    of: u32,
}

impl Shard {
    /// The whole study.
    pub const WHOLE: Self = Self { number: 1, of: 1 };

    /// Shard `number` of `of`, counted from 1; `None` if there is no such shard.
    #[must_use]
    pub fn new(number: u32, of: u32) -> Option<Self> {
        (1..=of).contains(&number).then_some(Self { number, of })
    }

    /// Number of the shard, from 1.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.number
    }

    /// Number of shards.
    #[must_use]
    pub const fn of(self) -> u32 {
        self.of
    }

    /// Which of `of` shards (numbered from 1) simulates unit `unit` (numbered from 0).
    #[must_use]
    pub fn owner(unit: u64, of: u32) -> u32 {
        let parts = u64::from(of);
        u32::try_from((unit + unit / parts) % parts).expect("less than the number of parts") + 1
    }

    /// Whether this shard simulates unit `unit` (numbered from 0).
    #[must_use]
    pub fn owns(self, unit: u64) -> bool {
        Self::owner(unit, self.of) == self.number
    }
}

impl TryFrom<(u32, u32)> for Shard {
    type Error = String;

    fn try_from((number, of): (u32, u32)) -> Result<Self, String> {
        Self::new(number, of).ok_or_else(|| format!("there is no shard {number} of {of}"))
    }
}

impl From<Shard> for (u32, u32) {
    fn from(shard: Shard) -> Self {
        (shard.number, shard.of)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.number, self.of)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/').and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
        let shard = parts.and_then(|(number, of)| Self::new(number, of));
        shard.ok_or_else(|| format!("`{text}` is no shard; write 3/16 for the third of sixteen"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_shard_reads_back_as_it_was(of in 1..=u32::MAX, number in any::<u32>()) {
            let shard = Shard::new(number % of + 1, of).expect("there is such a part");
            prop_assert_eq!(shard.to_string().parse(), Ok(shard));
            let json = serde_json::to_string(&shard).expect("two numbers");
            prop_assert_eq!(serde_json::from_str::<Shard>(&json).expect("a shard"), shard);
        }
    }

    #[test]
    fn every_unit_belongs_to_one_shard() {
        for of in 1..=7 {
            let shards: Vec<Shard> = (1..=of).filter_map(|number| Shard::new(number, of)).collect();
            for unit in 0..50 {
                assert_eq!(shards.iter().filter(|shard| shard.owns(unit)).count(), 1);
            }
        }
    }

    #[test]
    fn only_existing_parts_are_shards() {
        assert_eq!("3/16".parse::<Shard>().map(|shard| (shard.number(), shard.of())), Ok((3, 16)));
        for wrong in ["0/4", "5/4", "1/0", "1", "a/b", "-1/4", ""] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
