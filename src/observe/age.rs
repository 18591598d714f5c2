//! The age of a price by what it was spent on: the parts of a price add up to its age, to the nanosecond.

use crate::time::SimDuration;

use super::{InstanceId, ProviderId};

/// What a part of the age of a price was spent on. As the age itself, each part is time for which the market of the price has
/// traded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AgePart {
    /// From the moment whose price it is until a call reached the provider, which answers with prices that old.
    ProviderDelay,
    /// From then until the answer reached the instance that called.
    Fetch,
    /// At the instances where it was before it came to the one that shows it.
    Pools,
    /// In messages between instances: from when a message was put together until its receiver took the price over.
    Transfer,
    /// At the instance that shows it, until the user sees it.
    Visit,
}

impl AgePart {
    /// All parts, in the order in which a price goes through them, which is that of their discriminants.
    pub const ALL: [Self; 5] = [Self::ProviderDelay, Self::Fetch, Self::Pools, Self::Transfer, Self::Visit];

    /// The part as results write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ProviderDelay => "provider-delay",
            Self::Fetch => "fetch",
            Self::Pools => "pools",
            Self::Transfer => "transfer",
            Self::Visit => "visit",
        }
    }

    /// The part as readers are told of it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::ProviderDelay => "provider delay",
            Self::Fetch => "fetch",
            Self::Pools => "wait in pools",
            Self::Transfer => "transfer",
            Self::Visit => "wait for the visit",
        }
    }
}

/// The age of a price that a user sees, in parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AgeSplit {
    /// The parts, in the order of [`AgePart::ALL`].
    pub parts: [SimDuration; AgePart::ALL.len()],
    /// Which provider has given the price.
    pub provider: ProviderId,
    /// From which instance the one that shows it has it; `None`: it has fetched the price itself.
    pub from: Option<InstanceId>,
}

impl AgeSplit {
    /// How long a part took.
    #[must_use]
    pub const fn part(&self, part: AgePart) -> SimDuration {
        self.parts[part as usize]
    }

    /// The whole age.
    #[must_use]
    pub fn total(&self) -> SimDuration {
        self.parts.iter().fold(SimDuration::ZERO, |sum, part| sum + *part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_stand_at_their_places_and_add_up() {
        assert!(AgePart::ALL.iter().enumerate().all(|(place, part)| *part as usize == place));
        let parts = [1, 2, 4, 8, 16].map(SimDuration::from_nanos);
        let split = AgeSplit { parts, provider: ProviderId(0), from: None };
        assert_eq!((split.part(AgePart::Transfer), split.total()), (parts[3], SimDuration::from_nanos(31)));
    }
}
