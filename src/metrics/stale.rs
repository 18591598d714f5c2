//! Why a price is older than the freshness limit: a closed list of causes, of which each such price has exactly one.

use crate::observe::{CallEnd, CallFailure, PriceHistory, PriceSource, ServerTrouble};
use crate::protocol::{NotTried, Outcome};
use crate::time::SimDuration;

/// Why a price that a user sees is older than the freshness limit. If several causes apply, the first of this list is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StaleCause {
    /// The watchlist was opened again within its timeout, so nobody was asked.
    WithinTimeout,
    /// It was young enough when the visit began, or when its provider gave it, and became too old while the user waited.
    Waited,
    /// By its timestamp and the clock of the instance it was young enough, or the watchlist not yet due: one of the two is wrong.
    WrongTimestamp,
    /// A request for it failed, and a fault hindered a request of the exchange.
    ServerFault,
    /// A request for it failed without a fault: a message got lost, the server was too slow, or it refused the request.
    ServerFailure,
    /// Nobody filled it, and the instance left out a server that it took for offline or busy.
    ServerLeftOut,
    /// A pool or an open instance gave a price that old, and the rules let the instance take it.
    OldPriceTaken,
    /// A fault of its provider made the connector call fail.
    ProviderOutage,
    /// Its provider refused the call, as it blocks callers for a while after they were over its limit.
    ProviderBlocked,
    /// Its provider refused the call, which was over its limit.
    OverLimit,
    /// The connector call failed by chance.
    ProviderFailure,
    /// Its provider's price was that old, or older, when the call reached the provider.
    ProviderLate,
    /// The rules call no connector that has failed so often.
    RetriesUsedUp,
    /// The rules call no connector so soon after the price was stamped, or while its market is closed.
    NotDue,
    /// The connector was called for another exchange, which had not ended.
    CallUnderWay,
}

impl StaleCause {
    /// All causes, in the order of their discriminants.
    pub const ALL: [Self; 15] = [
        Self::WithinTimeout,
        Self::Waited,
        Self::WrongTimestamp,
        Self::ServerFault,
        Self::ServerFailure,
        Self::ServerLeftOut,
        Self::OldPriceTaken,
        Self::ProviderOutage,
        Self::ProviderBlocked,
        Self::OverLimit,
        Self::ProviderFailure,
        Self::ProviderLate,
        Self::RetriesUsedUp,
        Self::NotDue,
        Self::CallUnderWay,
    ];

    /// The cause as results write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::WithinTimeout => "within-timeout",
            Self::Waited => "waited",
            Self::WrongTimestamp => "wrong-timestamp",
            Self::ServerFault => "server-fault",
            Self::ServerFailure => "server-failure",
            Self::ServerLeftOut => "server-left-out",
            Self::OldPriceTaken => "old-price-taken",
            Self::ProviderOutage => "provider-outage",
            Self::ProviderBlocked => "provider-blocked",
            Self::OverLimit => "over-limit",
            Self::ProviderFailure => "provider-failure",
            Self::ProviderLate => "provider-late",
            Self::RetriesUsedUp => "retries-used-up",
            Self::NotDue => "not-due",
            Self::CallUnderWay => "call-under-way",
        }
    }

    /// Why a price from `source` is older than `limit`.
    ///
    /// # Panics
    ///
    /// If no simulation can show such a price.
    #[must_use]
    pub fn of(source: &PriceSource, limit: SimDuration) -> Self {
        let history = match source {
            PriceSource::Kept { is_overdue: true } => return Self::WrongTimestamp,
            PriceSource::Kept { is_overdue: false } => return Self::WithinTimeout,
            PriceSource::Exchanged(history) => history,
        };
        // What a provider has just delivered is stamped as the provider says, so that its age is no matter of clocks.
        let (age, claimed_age) = match history.call {
            Some(CallEnd::Delivered { age, taken: true }) => (age, age),
            _ => (history.age_before, history.claimed_age),
        };
        if age <= limit {
            return Self::Waited;
        }
        if claimed_age <= limit {
            return Self::WrongTimestamp;
        }
        match history.trouble {
            Some(ServerTrouble::Fault) => Self::ServerFault,
            Some(ServerTrouble::Failure) => Self::ServerFailure,
            Some(ServerTrouble::LeftOut) => Self::ServerLeftOut,
            None => Self::by_end(history, limit),
        }
    }

    /// What the end of an instrument says, with which no server had any trouble.
    fn by_end(history: &PriceHistory, limit: SimDuration) -> Self {
        match (history.outcome, history.call) {
            (Outcome::OwnPool | Outcome::PushOpen(_) | Outcome::Open(_), None) => Self::OldPriceTaken,
            (Outcome::ConnectorFailed, Some(CallEnd::Failed(failure))) => match failure {
                CallFailure::Outage => Self::ProviderOutage,
                CallFailure::Blocked => Self::ProviderBlocked,
                CallFailure::OverLimit => Self::OverLimit,
                CallFailure::Chance => Self::ProviderFailure,
            },
            // A price that is not taken though it is young enough is stamped as if it were older than the one that is shown.
            (Outcome::Connector, Some(CallEnd::Delivered { age, .. })) if age <= limit => Self::WrongTimestamp,
            (Outcome::Connector, Some(CallEnd::Delivered { .. })) => Self::ProviderLate,
            (Outcome::NotTried(NotTried::RetriesUsedUp), None) => Self::RetriesUsedUp,
            (Outcome::NotTried(NotTried::Recent | NotTried::MarketClosed), None) => Self::NotDue,
            (Outcome::NotTried(NotTried::CallUnderWay), None) => Self::CallUnderWay,
            // If no provider has an instrument, nobody ever has a price of it, and all instruments are active and have names.
            impossible => panic!("no instrument that ended like this has a price: {impossible:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::PeerId;

    const LIMIT: SimDuration = SimDuration::from_secs(1_500);
    const OLD: SimDuration = SimDuration::from_secs(1_501);

    fn history(outcome: Outcome, call: Option<CallEnd>) -> PriceHistory {
        PriceHistory { outcome, age_before: OLD, claimed_age: OLD, trouble: None, call }
    }

    fn cause(history: PriceHistory) -> StaleCause {
        StaleCause::of(&PriceSource::Exchanged(history), LIMIT)
    }

    #[test]
    fn causes_stand_at_their_places() {
        assert!(StaleCause::ALL.iter().enumerate().all(|(place, cause)| *cause as usize == place));
    }

    #[test]
    fn the_first_cause_is_named() {
        let kept = |is_overdue| StaleCause::of(&PriceSource::Kept { is_overdue }, LIMIT);
        assert_eq!([false, true].map(kept), [StaleCause::WithinTimeout, StaleCause::WrongTimestamp]);
        let failed = history(Outcome::ConnectorFailed, Some(CallEnd::Failed(CallFailure::Outage)));
        let fault = PriceHistory { trouble: Some(ServerTrouble::Fault), ..failed };
        let stamped = PriceHistory { claimed_age: LIMIT, ..fault };
        let young = PriceHistory { age_before: LIMIT, ..stamped };
        assert_eq!(
            [young, stamped, fault, failed].map(cause),
            [StaleCause::Waited, StaleCause::WrongTimestamp, StaleCause::ServerFault, StaleCause::ProviderOutage]
        );
    }

    #[test]
    fn what_a_provider_delivers_is_as_old_as_it_was_there() {
        let delivered = |age, taken| history(Outcome::Connector, Some(CallEnd::Delivered { age, taken }));
        // The price came into being during the visit, and was late all the same.
        let late =
            PriceHistory { age_before: SimDuration::ZERO, claimed_age: SimDuration::ZERO, ..delivered(OLD, true) };
        assert_eq!(cause(late), StaleCause::ProviderLate);
        assert_eq!(cause(delivered(LIMIT, true)), StaleCause::Waited);
        assert_eq!(cause(delivered(OLD, false)), StaleCause::ProviderLate);
        assert_eq!(cause(delivered(LIMIT, false)), StaleCause::WrongTimestamp);
    }

    #[test]
    #[should_panic(expected = "no instrument that ended like this has a price")]
    fn an_instrument_that_no_provider_has_has_no_price() {
        cause(history(Outcome::NotTried(NotTried::NoConnector), None));
    }

    #[test]
    fn a_pool_may_give_an_old_price() {
        assert_eq!(cause(history(Outcome::PushOpen(PeerId(0)), None)), StaleCause::OldPriceTaken);
    }
}
