//! Which points of a study have the same luck: luck depends on its bearers, and the record lists each bearer that only
//! some points have.

use serde::{Deserialize, Serialize};

/// The bearers of luck that the points of a study do not share. There are none if all points have the same luck.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommonLuck {
    /// The bearers that only some points have.
    pub only_in_some: Vec<OnlyInSome>,
}

/// A bearer of luck that only some points have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnlyInSome {
    /// The bearer.
    #[serde(flatten)]
    pub bearer: Bearer,
    /// Labels of the points that have it.
    pub points: Vec<String>,
}

/// A bearer of luck. The address of a random draw consists of the seed, the replication, bearers and numbers, so that
/// another bearer means other luck.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "bearer", content = "name", rename_all = "kebab-case")]
pub enum Bearer {
    /// The fixed topology, which has luck of its own; `None` if each replication draws its own topology.
    Topology(Option<u32>),
    /// The start of the run: with another start the same draws make visits at other times.
    Start(String),
    /// The users of the group of this name, and all that they do.
    Users(String),
    /// The instances of the group of this name, and what is sent to them.
    Instances(String),
    /// The data provider of this name: which instruments it has, and which instances use it.
    Provider(String),
    /// The market of this name: which instruments trade on it.
    Market(String),
    /// The currency pairs, and the number of securities: the pairs are numbered after the securities.
    CurrencyPairs(u32),
}

impl Bearer {
    /// Whether users have other luck, or make other visits, if this bearer differs. If not, only what happens to them
    /// differs.
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
