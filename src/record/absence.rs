//! Names what does not happen in a measured period although the scenario is about it; each cause has one sentence.

use serde::{Deserialize, Serialize};

/// An absence: something that does not happen, without which the numbers say nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "what", content = "why", rename_all = "kebab-case")]
pub enum Absence {
    /// Nobody opens a watchlist.
    Visits(NoVisits),
    /// No market trades.
    Trading(NoTrading),
    /// Users visit, but no visit starts an exchange.
    Exchanges(NoExchanges),
    /// There are push-open servers, but nobody sends them anything.
    Messages(NoMessages),
    /// Push-open servers are asked, and never have a price.
    Prices(NoPrices),
    /// There are exchanges, and no data provider is called.
    Calls,
}

/// Why nobody opens a watchlist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoVisits {
    /// No group has users.
    NoUsers,
    /// Users visit 0 times a day.
    RateOfZero,
    /// The measured period lies on a weekend, on which nobody visits.
    Weekend,
    /// The measured period contains no hour at which users visit.
    OtherHours,
    /// Less than one visit is expected.
    Rare,
    /// Visits are expected, but by chance there were none.
    Chance,
}

/// Why no market trades.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoTrading {
    /// No market has trading hours.
    NoHours,
    /// The measured period lies on a weekend.
    Weekend,
    /// The measured period lies between trading hours.
    OtherHours,
}

/// Why no visit starts an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoExchanges {
    /// The timeout of watchlists, during which a watchlist is not updated again, is at least as long as the measured
    /// period.
    Timeout,
    /// The scenario does not say why.
    Unforeseen,
}

/// Why nobody sends push-open servers anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoMessages {
    /// No group with users takes part in `GTNet`.
    NobodyTakesPart,
    /// The scenario does not say why.
    Unforeseen,
}

/// What would help push-open servers that never have a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoPrices {
    /// They have no users, and users would help, as instances keep prices of others.
    NoUsers,
    /// Users are not enough: the servers have some, or instances keep no prices of others.
    UsersAreNotEnough,
}

impl Absence {
    /// What did not happen and why, as a part of a sentence.
    #[must_use]
    pub const fn told(self) -> &'static str {
        match self {
            Self::Visits(NoVisits::NoUsers) => "there is no visit in the measured period, as no group has users",
            Self::Visits(NoVisits::RateOfZero) => {
                "there is no visit in the measured period, as users visit 0 times a day"
            }
            Self::Visits(NoVisits::Weekend) => {
                "there is no visit in the measured period, which lies on a weekend, on which nobody visits"
            }
            Self::Visits(NoVisits::OtherHours) => {
                "there is no visit in the measured period, which has none of the hours at which users visit"
            }
            Self::Visits(NoVisits::Rare) => {
                "there is hardly a visit in the measured period, as all users together are expected to make less than one"
            }
            Self::Visits(NoVisits::Chance) => "there is no visit in the measured period, though some are expected",
            Self::Trading(NoTrading::NoHours) => {
                "no market trades, as none has trading hours, so that prices do not change"
            }
            Self::Trading(NoTrading::Weekend) => {
                "no market trades in the measured period, which lies on a weekend, so that prices do not change"
            }
            Self::Trading(NoTrading::OtherHours) => {
                "no market trades in the measured period, which lies between trading hours, so that prices do not change"
            }
            Self::Exchanges(NoExchanges::Timeout) => {
                "no visit starts an exchange in the measured period, which is no longer than the timeout of watchlists"
            }
            Self::Exchanges(NoExchanges::Unforeseen) => "no visit starts an exchange in the measured period",
            Self::Messages(NoMessages::NobodyTakesPart) => {
                "push-open servers get no message in the measured period, as no group with users takes part in GTNet"
            }
            Self::Messages(NoMessages::Unforeseen) => "push-open servers get no message in the measured period",
            Self::Prices(_) => "push-open servers are asked and never have a price, as nobody pushes any to them",
            Self::Calls => "no data provider is called in the measured period",
        }
    }

    /// What will not happen and why, as a part of a sentence: no more than the scenario alone can tell before anything
    /// is simulated.
    #[must_use]
    pub const fn foretold(self) -> &'static str {
        match self {
            // The first time that a user opens a watchlist, it starts an exchange all the same.
            Self::Exchanges(NoExchanges::Timeout) => {
                "no watchlist starts a second exchange in the measured period, which is no longer than the timeout of watchlists"
            }
            absence => absence.told(),
        }
    }

    /// What can be done about it.
    #[must_use]
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::Visits(NoVisits::NoUsers) => "give a group `users`",
            Self::Visits(NoVisits::RateOfZero | NoVisits::Rare | NoVisits::Chance) => {
                "give `visits.per_day` a larger value, or `run.duration` a longer one"
            }
            Self::Visits(NoVisits::Weekend) | Self::Trading(NoTrading::Weekend) => {
                "let `run.start` plus `run.warmup` be a weekday, or give `run.duration` a longer value"
            }
            Self::Visits(NoVisits::OtherHours) | Self::Trading(NoTrading::OtherHours) => {
                "change `run.start` or `run.warmup`, or give `run.duration` a longer value"
            }
            Self::Trading(NoTrading::NoHours) => "give a market `hours`",
            Self::Exchanges(_) => "give `protocol.watchlist_timeout` a shorter value, or `run.duration` a longer one",
            Self::Messages(_) => "give groups with users `gtnet = true` and a [[peering]] with the servers",
            Self::Prices(NoPrices::NoUsers) => {
                "give the servers users of their own, or set `protocol.push_back_to = \"contacted\"`"
            }
            Self::Prices(NoPrices::UsersAreNotEnough) => "set `protocol.push_back_to = \"contacted\"`",
            Self::Calls => "look at what the connectors serve",
        }
    }

    /// What does not happen, why, and what can be done about it if servers starve, as a sentence without its stop.
    #[must_use]
    pub fn with_remedy(self) -> String {
        match self {
            Self::Prices(NoPrices::NoUsers) => format!(
                "{}. Give the servers users of their own, or let users push to every server that they have asked",
                self.told()
            ),
            Self::Prices(NoPrices::UsersAreNotEnough) => format!(
                "{}. Let users push to every server that they have asked; users at the servers help only where instances keep prices of others",
                self.told()
            ),
            _ => self.told().to_owned(),
        }
    }

    /// Whether nothing at all is left to measure.
    #[must_use]
    pub const fn is_of_everything(self) -> bool {
        matches!(self, Self::Visits(_))
    }
}
