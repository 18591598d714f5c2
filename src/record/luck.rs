//! Which points of a study have the same luck: what the addresses of random draws are made of, and who has it.

use serde::{Deserialize, Serialize};

/// What the points of a study do not have in common although luck depends on it; nothing if all have the same luck.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommonLuck {
    /// By bearer: who alone has it.
    pub only_in_some: Vec<OnlyInSome>,
}

/// Something that only some points have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnlyInSome {
    /// What.
    #[serde(flatten)]
    pub bearer: Bearer,
    /// Labels of the points that have it.
    pub points: Vec<String>,
}

/// What the address of a random draw is made of, besides seed, replication and numbers: whoever has another has other luck.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "bearer", content = "name", rename_all = "kebab-case")]
pub enum Bearer {
    /// The fixed topology, which has luck of its own; none if each replication draws its own.
    Topology(Option<u32>),
    /// When the run begins: the same draws make visits at other times.
    Start(String),
    /// The users of the group of this name, with all that they do.
    Users(String),
    /// The instances of the group of this name, and what is sent to them.
    Instances(String),
    /// The data provider of this name: which instruments it has, and who takes it.
    Provider(String),
    /// The market of this name, in whose order instruments are dealt to markets.
    Market(String),
    /// The currency pairs, which are numbered behind so many securities.
    CurrencyPairs(u32),
}

impl Bearer {
    /// Whether users have other luck, or make other visits, where it differs; else only what they meet does.
    #[must_use]
    pub const fn is_of_users(&self) -> bool {
        matches!(self, Self::Topology(_) | Self::Start(_) | Self::Users(_))
    }
}

impl CommonLuck {
    /// Whether all points have the same luck.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.only_in_some.is_empty()
    }

    /// Whether users with the same number make the same visits with the same luck at all points.
    #[must_use]
    pub fn is_of_the_same_users(&self) -> bool {
        !self.only_in_some.iter().any(|one| one.bearer.is_of_users())
    }
}
