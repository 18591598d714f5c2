//! Values of the switches that readings of the documents are about: where a sentence can mean two things, each has its value.

/// From whom an instance hides its prices of instruments that it does not send: those without the send flag. A hidden price stands
/// in a request without timestamp and content, so that any price of the server is newer, and the server learns nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HidesUnsent {
    /// From nobody. Seven-step; releases.
    Never,
    /// From open servers. With push-open ones the exchange is bidirectional whatever the flags are. General-flow (*Open Server to
    /// Open Server*).
    FromOpen,
    /// From everybody, so that no such price is pushed either. What if.
    Always,
}

impl HidesUnsent {
    /// Whether such a price is hidden in a request to a push-open or an open server.
    #[must_use]
    pub const fn in_request(self, to_push_open: bool) -> bool {
        match self {
            Self::Never => false,
            Self::FromOpen => !to_push_open,
            Self::Always => true,
        }
    }

    /// Whether such a price is not pushed.
    #[must_use]
    pub const fn in_push(self) -> bool {
        matches!(self, Self::Always)
    }
}

/// How many of several peers in the same place of the order one exchange asks. Push-open peers of the same priority share a place,
/// and open peers of the same score and priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EqualsAsked {
    /// All of them, in random order. Seven-step, step 3, in English ("Servers with the same priority are randomly selected");
    /// releases.
    All,
    /// Of push-open peers one, chosen at random; of open ones all. Seven-step, step 3, in German ("wird ein Server zufällig
    /// ausgewählt"). In step 4 both languages sort.
    OnePushOpen,
    /// One, chosen at random. General-flow, step 1 of each flow ("an instance is randomly selected").
    One,
}

impl EqualsAsked {
    /// Whether only one of several equal peers is asked, which are push-open or open.
    #[must_use]
    pub const fn is_one(self, push_open: bool) -> bool {
        match self {
            Self::All => false,
            Self::OnePushOpen => push_open,
            Self::One => true,
        }
    }
}

/// Whether anybody is asked for the price of an instrument whose market has closed, if the local price is from after that. "The price
/// query for the day is over" (general-flow, *Push-Open Server to Push-Open Server*, step 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClosedMarkets {
    /// As for any other instrument. Releases; in the documents the sentence can also mean that the exchange is over, which it is
    /// here, too.
    Asked,
    /// Nobody is asked until the market opens again: no pool, no server, no connector.
    NotAsked,
}
