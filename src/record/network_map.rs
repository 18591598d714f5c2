//! Who may ask whom, by groups: what a drawing of the network needs, and nothing that differs between replications.

use serde::{Deserialize, Serialize};

/// The groups of a scenario, and which of them know which.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkMap {
    /// The groups, in the order of the scenario.
    pub groups: Vec<MapGroup>,
    /// Who knows whom.
    pub links: Vec<MapLink>,
}

/// A group of instances.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MapGroup {
    /// Its name; its instances are called `name-1`, `name-2`, …
    pub name: String,
    /// Number of instances.
    pub count: u32,
    /// Users of each instance.
    pub users: u32,
    /// What its instances are to others.
    pub role: MapRole,
}

/// What an instance is to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MapRole {
    /// A push-open server.
    PushOpen,
    /// It answers requests.
    Open,
    /// It takes part, and answers nobody.
    Closed,
    /// It takes no part in `GTNet`.
    Apart,
}

/// The instances of one group that those of another one know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MapLink {
    /// Index of the group whose instances ask.
    pub from: usize,
    /// Index of the group whose instances are asked.
    pub to: usize,
    /// Which of them an instance knows.
    pub choice: MapChoice,
}

/// Which instances of a group an instance knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MapChoice {
    /// All of them.
    All,
    /// This many, drawn at random.
    Random(u32),
    /// This many, those with the least round-trip time.
    Nearest(u32),
    /// This many, in turn.
    InTurn(u32),
    /// Those that the scenario lists: so many pairs in all.
    Listed(u32),
}

/// A value that the author of a scenario marks as an assumption.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkedAssumption {
    /// The table of the scenario in which it stands, such as `group.client`.
    pub table: String,
    /// What is written there, such as `users = 3`.
    pub written: String,
    /// What the author says of it; may be empty.
    pub remark: String,
}
