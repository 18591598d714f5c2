//! Values of the switches about limits, grants, announcements and what a server takes at all: what releases after 0.36.5 enforce.

/// Who keeps to the daily limit that a server has published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnforcedBy {
    /// Nobody: messages are only counted. 0.36.5.
    Nobody,
    /// The server refuses what is beyond.
    Server,
    /// The sender sends nothing beyond the limit that it last heard of.
    Client,
    /// Both. 0.36.9.
    Both,
}

impl EnforcedBy {
    /// Whether the server refuses what is beyond the limit.
    #[must_use]
    pub const fn by_server(self) -> bool {
        matches!(self, Self::Server | Self::Both)
    }

    /// Whether the sender keeps to the limit.
    #[must_use]
    pub const fn by_client(self) -> bool {
        matches!(self, Self::Client | Self::Both)
    }
}

/// Which messages count for the daily limit. Pings and announcements never do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CountedMessages {
    /// Requests for last prices.
    Requests,
    /// Requests and pushes.
    RequestsAndPushes,
    /// Requests and synchronisations.
    RequestsAndSynchronisations,
    /// Requests, pushes, synchronisations, and requests and pushes of historical prices. 0.36.9, which counts look-ups, too.
    All,
}

/// What a daily limit of 0 does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DailyLimitZero {
    /// Nothing passes.
    Blocks,
    /// The message with which a new UTC day begins passes: it sets the count to 1 without a look at the limit. 0.36.9.
    FirstOfDayPasses,
}

/// What counts as a violation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ViolationSources {
    /// A request for the last prices of more instruments than the server allows.
    Prices,
    /// Such a request, and one for historical prices. 0.36.5.
    PricesAndHistory,
    /// A request for last prices of too many instruments, and a synchronisation that offers too many.
    PricesAndSynchronisations,
    /// All three. 0.36.9.
    All,
}

impl ViolationSources {
    /// Whether a synchronisation that offers too many instruments is one.
    #[must_use]
    pub const fn has_synchronisations(self) -> bool {
        matches!(self, Self::PricesAndSynchronisations | Self::All)
    }

    /// Whether a request for too many historical prices is one.
    #[must_use]
    pub const fn has_history(self) -> bool {
        matches!(self, Self::PricesAndHistory | Self::All)
    }
}

/// How many instruments a synchronisation may offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyncMaxItems {
    /// Any number. 0.36.5.
    Unlimited,
    /// As many as a request may hold. 0.36.9.
    MaxLimit,
}

/// What may keep a push from being taken, beside the grant and the daily limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PushLimits {
    /// Nothing: a push may hold any number of prices, and comes from anybody. Releases.
    None,
    /// The limit of instruments, as for a request. What if.
    MaxLimit,
    /// Too many violations of the sender. What if.
    Violations,
    /// Both. What if.
    Both,
}

impl PushLimits {
    /// Whether the limit of instruments is for pushes, too.
    #[must_use]
    pub const fn by_max_limit(self) -> bool {
        matches!(self, Self::MaxLimit | Self::Both)
    }

    /// Whether who is blocked cannot push either.
    #[must_use]
    pub const fn by_violations(self) -> bool {
        matches!(self, Self::Violations | Self::Both)
    }
}

/// Whether a server takes messages that carry no number: requests, pushes, synchronisations and pings of all releases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExchangeEnvelope {
    /// Yes. All releases but one.
    Ok,
    /// No, so it exchanges no prices with anybody. 0.36.8.
    Broken,
}

/// Which scores of open peers count as equal, so that peers of equal priority are asked at random.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScoreTie {
    /// Equal ones. Until 0.36.9.
    Exact,
    /// Those that are equal when rounded to 0.001. From 0.36.10.
    Thousandth,
}

/// What an announced time of maintenance does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MaintenanceRule {
    /// Nothing. The documents do not mention it.
    Ignored,
    /// The peer counts as in maintenance from the announcement to its next message. 0.36.5.
    UntilNextMessage,
    /// The peer is not asked and not pinged within that time. 0.36.9.
    NotAsked,
}

/// What the announced end of an instance does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiscontinuationRule {
    /// Nothing. 0.36.5.
    Ignored,
    /// From that day on the peer is not asked and not pinged, and its messages do not change the view of it. 0.36.9.
    OutOfService,
}

/// What the word of an instance that it is going to stop does to the views of its peers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfflineAnnouncement {
    /// Its offers count as closed until its next message, but it counts as online. 0.36.5.
    EntitiesClosed,
    /// It counts as offline, too. 0.36.9.
    Offline,
}
