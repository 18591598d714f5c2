//! Why a pair ends otherwise in one run than in the other: a closed list of mechanisms, of which each such pair has exactly one.

use crate::observe::{CallFailure, ServerTrouble};
use crate::protocol::NotTried;

use super::seen::{AskedServer, PriceArrival, PriceEnd, SeenPrice, ServerAnswer, WorldFacts};

/// Why an instrument of a visit ends otherwise. If several apply, the first that the visit meets is named: what the servers had,
/// what the provider did, what the instance had, and last, when it all happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mechanism {
    /// The visit shows no result in one run, or in both, and calls differ.
    NoResult,
    /// The instrument is on the watchlist in one run only.
    OtherWatchlist,
    /// The watchlist is opened within its timeout in one run only, so nobody is asked there.
    WithinTimeout,
    /// The instance takes part in GTNet in one run only.
    TakesNoPart,
    /// GTNet may fill the instrument in one run only.
    NotReceivable,
    /// The instance knows the server in one run only.
    ServerUnknown,
    /// The instance takes a server for offline or busy in one run.
    TakenForOffline,
    /// The server does not answer in one run.
    Unreachable,
    /// The server turns the request away in one run.
    Refused,
    /// The server has the price in one run only, or a younger one there, as it was pushed.
    PushedThere,
    /// The same, as the server learnt it from a request.
    LearntThere,
    /// The same, as the server fetched it itself.
    FetchedThere,
    /// The server has the same price in both, and sends it in one only.
    NotSent,
    /// Servers are asked in another order, or not as many of them.
    OtherServers,
    /// A fault of the provider makes the call fail in one run.
    ProviderOutage,
    /// The provider's limit makes the call fail in one run.
    ProviderLimit,
    /// The call fails by chance in one run.
    CallFailed,
    /// Another call for the instrument is under way in one run.
    CallUnderWay,
    /// The connector has failed too often in one run to be called.
    RetriesUsedUp,
    /// The instrument has a connector in one run only.
    NoConnector,
    /// The instance has another price of its own, from an earlier difference.
    OwnPrice,
    /// The rules call the provider in one run only, for the same own price.
    NotDue,
    /// The provider is called at another moment.
    CalledAtAnotherTime,
    /// The user sees the same price at another moment.
    SeenAtAnotherTime,
}

/// An instrument of a visit in one run.
#[derive(Clone, Copy, Debug)]
pub(super) struct PairSide<'s> {
    pub(super) price: Option<&'s SeenPrice>,
    pub(super) has_result: bool,
    pub(super) instance: u32,
    pub(super) world: &'s WorldFacts,
}

/// The mechanism of a pair; `None`: it ends alike in both runs.
pub(super) fn mechanism(sides: [&PairSide<'_>; 2]) -> Option<Mechanism> {
    if sides[0].has_result != sides[1].has_result {
        return Some(Mechanism::NoResult);
    }
    let [Some(one), Some(other)] = sides.map(|side| side.price) else { return Some(Mechanism::OtherWatchlist) };
    let is_alike = (one.end, one.calls, one.shown) == (other.end, other.calls, other.shown);
    if is_alike {
        return None;
    }
    Some(match (one.end, other.end) {
        _ if !sides[0].has_result => Mechanism::NoResult,
        (PriceEnd::Kept, PriceEnd::Kept) => Mechanism::OwnPrice,
        (PriceEnd::Kept, _) | (_, PriceEnd::Kept) => Mechanism::WithinTimeout,
        (PriceEnd::Server(server), PriceEnd::Server(same)) if server == same => at_one_server(server, one, other),
        (PriceEnd::Server(server), PriceEnd::Server(_)) if other.asked(server).is_some() => {
            missed((server, one), (sides[1], other))
        }
        (PriceEnd::Server(_), PriceEnd::Server(server)) if one.asked(server).is_some() => {
            missed((server, other), (sides[0], one))
        }
        (PriceEnd::Server(server), _) => missed((server, one), (sides[1], other)),
        (_, PriceEnd::Server(server)) => missed((server, other), (sides[0], one)),
        _ => without_servers(one, other),
    })
}

/// The same server has filled it in both runs.
fn at_one_server(server: u32, one: &SeenPrice, other: &SeenPrice) -> Mechanism {
    if same_price(one, other) {
        return Mechanism::SeenAtAnotherTime;
    }
    let newest = [one, other].into_iter().filter_map(|price| price.asked(server)).max_by_key(|asked| asked.had);
    newest.map_or(Mechanism::OtherServers, |asked| arrival(asked.by))
}

/// Why the server that filled it in one run did not in the other.
fn missed((server, filled): (u32, &SeenPrice), (side, price): (&PairSide<'_>, &SeenPrice)) -> Mechanism {
    let takes_no_part = side.world.without_gtnet.contains(&side.instance);
    let is_receivable = !side.world.not_receivable.contains(&(side.instance, price.instrument));
    let is_own_pool = server == side.instance;
    match (filled.asked(server), price.asked(server)) {
        (Some(there), Some(here)) => came_to_nothing(there, here, filled, price),
        (_, None) if takes_no_part => Mechanism::TakesNoPart,
        (_, None) if !is_receivable => Mechanism::NotReceivable,
        (_, None) if !is_own_pool && !side.world.peers.contains(&(side.instance, server)) => Mechanism::ServerUnknown,
        (_, None) if price.trouble == Some(ServerTrouble::LeftOut) => Mechanism::TakenForOffline,
        (_, None) if price.end == PriceEnd::NotTried(NotTried::MarketClosed) && filled.before != price.before => {
            Mechanism::OwnPrice
        }
        _ => Mechanism::OtherServers,
    }
}

/// A server was asked in both runs, and filled it in one.
fn came_to_nothing(there: &AskedServer, here: &AskedServer, filled: &SeenPrice, price: &SeenPrice) -> Mechanism {
    match here.answer {
        ServerAnswer::Silent => Mechanism::Unreachable,
        ServerAnswer::Refused => Mechanism::Refused,
        _ if here.had >= there.had && filled.before != price.before => Mechanism::OwnPrice,
        _ if here.had >= there.had => Mechanism::NotSent,
        _ => arrival(there.by),
    }
}

const fn arrival(by: PriceArrival) -> Mechanism {
    match by {
        PriceArrival::Pushed => Mechanism::PushedThere,
        PriceArrival::Learnt => Mechanism::LearntThere,
        PriceArrival::Fetched => Mechanism::FetchedThere,
    }
}

/// No server has filled it in either run.
fn without_servers(one: &SeenPrice, other: &SeenPrice) -> Mechanism {
    let mut ends = [one.end, other.end];
    if ends[0] == ends[1] {
        return match ends[0] {
            PriceEnd::Called if same_price(one, other) => Mechanism::SeenAtAnotherTime,
            PriceEnd::Called => Mechanism::CalledAtAnotherTime,
            _ if same_price(one, other) => Mechanism::SeenAtAnotherTime,
            _ => Mechanism::OwnPrice,
        };
    }
    ends.sort_by_key(|end| rank(*end));
    match ends[0] {
        PriceEnd::CallFailed(CallFailure::Outage) => Mechanism::ProviderOutage,
        PriceEnd::CallFailed(CallFailure::OverLimit | CallFailure::Blocked) => Mechanism::ProviderLimit,
        PriceEnd::NotTried(NotTried::CallUnderWay) => Mechanism::CallUnderWay,
        PriceEnd::NotTried(NotTried::RetriesUsedUp) => Mechanism::RetriesUsedUp,
        PriceEnd::NotTried(NotTried::NoConnector | NotTried::Inactive | NotTried::Unnamed) => Mechanism::NoConnector,
        PriceEnd::NotTried(NotTried::Recent | NotTried::MarketClosed) if one.before != other.before => {
            Mechanism::OwnPrice
        }
        PriceEnd::NotTried(_) => Mechanism::NotDue,
        PriceEnd::CallFailed(CallFailure::Chance) => Mechanism::CallFailed,
        end => panic!("two ends that differ, of which this is the first: {end:?}"),
    }
}

/// Which of two ends that differ says why they do.
const fn rank(end: PriceEnd) -> u8 {
    match end {
        PriceEnd::NotTried(_) => 0,
        PriceEnd::CallFailed(CallFailure::Outage) => 1,
        PriceEnd::CallFailed(CallFailure::OverLimit | CallFailure::Blocked) => 2,
        PriceEnd::CallFailed(CallFailure::Chance) => 3,
        PriceEnd::Called | PriceEnd::Server(_) | PriceEnd::Kept | PriceEnd::Unended => 4,
    }
}

fn same_price(one: &SeenPrice, other: &SeenPrice) -> bool {
    let price = |price: &SeenPrice| price.shown.map(|shown| (shown.timestamp, shown.as_of));
    price(one) == price(other)
}

impl Mechanism {
    /// All mechanisms, in the order of their discriminants.
    pub const ALL: [Self; 24] = [
        Self::NoResult,
        Self::OtherWatchlist,
        Self::WithinTimeout,
        Self::TakesNoPart,
        Self::NotReceivable,
        Self::ServerUnknown,
        Self::TakenForOffline,
        Self::Unreachable,
        Self::Refused,
        Self::PushedThere,
        Self::LearntThere,
        Self::FetchedThere,
        Self::NotSent,
        Self::OtherServers,
        Self::ProviderOutage,
        Self::ProviderLimit,
        Self::CallFailed,
        Self::CallUnderWay,
        Self::RetriesUsedUp,
        Self::NoConnector,
        Self::OwnPrice,
        Self::NotDue,
        Self::CalledAtAnotherTime,
        Self::SeenAtAnotherTime,
    ];

    /// The mechanism as the table writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoResult => "no-result",
            Self::OtherWatchlist => "other-watchlist",
            Self::WithinTimeout => "within-timeout",
            Self::TakesNoPart => "takes-no-part",
            Self::NotReceivable => "not-receivable",
            Self::ServerUnknown => "server-unknown",
            Self::TakenForOffline => "taken-for-offline",
            Self::Unreachable => "unreachable",
            Self::Refused => "refused",
            Self::PushedThere => "pushed-there",
            Self::LearntThere => "learnt-there",
            Self::FetchedThere => "fetched-there",
            Self::NotSent => "not-sent",
            Self::OtherServers => "other-servers",
            Self::ProviderOutage => "provider-outage",
            Self::ProviderLimit => "provider-limit",
            Self::CallFailed => "call-failed",
            Self::CallUnderWay => "call-under-way",
            Self::RetriesUsedUp => "retries-used-up",
            Self::NoConnector => "no-connector",
            Self::OwnPrice => "own-price",
            Self::NotDue => "not-due",
            Self::CalledAtAnotherTime => "called-at-another-time",
            Self::SeenAtAnotherTime => "seen-at-another-time",
        }
    }

    /// What happens, as the end of a sentence that begins with "because".
    #[must_use]
    pub const fn clause(self) -> &'static str {
        match self {
            Self::NoResult => "the visit shows no result in one run or in both",
            Self::OtherWatchlist => "the instrument is on the watchlist in one run only",
            Self::WithinTimeout => "the watchlist is opened within its timeout in one run only",
            Self::TakesNoPart => "the instance takes part in GTNet in one run only",
            Self::NotReceivable => "GTNet may fill the instrument in one run only",
            Self::ServerUnknown => "the instance knows the server in one run only",
            Self::TakenForOffline => "the instance takes the server for offline or busy in one run",
            Self::Unreachable => "the server does not answer in one run",
            Self::Refused => "the server turns the request away in one run",
            Self::PushedThere => "a price that was pushed lies at the server in one run only",
            Self::LearntThere => "the server has learnt a price from a request in one run only",
            Self::FetchedThere => "the server has fetched a price itself in one run only",
            Self::NotSent => "the server has the same price in both runs, and sends it in one only",
            Self::OtherServers => "servers are asked in another order, or fewer of them",
            Self::ProviderOutage => "a fault of the provider makes the call fail in one run",
            Self::ProviderLimit => "the limit of the provider makes the call fail in one run",
            Self::CallFailed => "the call fails by chance in one run",
            Self::CallUnderWay => "another call for the instrument is under way in one run",
            Self::RetriesUsedUp => "the connector has failed too often to be called in one run",
            Self::NoConnector => "the instrument has a connector in one run only",
            Self::OwnPrice => "the instance has another price of its own, from an earlier difference",
            Self::NotDue => "the rules call the provider in one run only",
            Self::CalledAtAnotherTime => "the provider is called at another moment",
            Self::SeenAtAnotherTime => "the user sees the same price at another moment",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::CallReason;
    use crate::time::{SimDuration, Timestamp};

    use super::super::seen::ShownAs;

    fn price(end: PriceEnd, stamp: i64) -> SeenPrice {
        let timestamp = Some(Timestamp::from_unix_secs(stamp));
        let shown = ShownAs { timestamp, as_of: timestamp, age: Some(SimDuration::from_secs(9)), is_fresh: true };
        SeenPrice { end, shown: Some(shown), ..SeenPrice::new(0, None) }
    }

    fn with(server: u32, answer: ServerAnswer, had: i64, by: PriceArrival, price: &SeenPrice) -> SeenPrice {
        let had = Some(Timestamp::from_unix_secs(had));
        SeenPrice { asked: vec![AskedServer { server, answer, had, by }], ..price.clone() }
    }

    fn of(one: &SeenPrice, other: &SeenPrice) -> Option<Mechanism> {
        let mut world = WorldFacts::default();
        world.peers.insert((0, 1));
        let side = |price| PairSide { price: Some(price), has_result: true, instance: 0, world: &world };
        let (there, back) = (mechanism([&side(one), &side(other)]), mechanism([&side(other), &side(one)]));
        assert_eq!(there, back, "no run comes first");
        there
    }

    #[test]
    fn mechanisms_stand_at_their_places() {
        assert!(Mechanism::ALL.iter().enumerate().all(|(place, mechanism)| *mechanism as usize == place));
    }

    #[test]
    fn what_came_of_the_server_is_named_first() {
        let pushed = with(1, ServerAnswer::Sent, 50, PriceArrival::Pushed, &price(PriceEnd::Server(1), 50));
        let learnt = with(1, ServerAnswer::Sent, 60, PriceArrival::Learnt, &price(PriceEnd::Server(1), 60));
        let called = SeenPrice { calls: 1, reason: Some(CallReason::NobodyHadIt), ..price(PriceEnd::Called, 90) };
        let asked = |answer, had| with(1, answer, had, PriceArrival::Pushed, &called);
        assert_eq!(of(&pushed, &pushed), None);
        assert_eq!(of(&pushed, &learnt), Some(Mechanism::LearntThere), "the newer one says why");
        assert_eq!(of(&pushed, &asked(ServerAnswer::HadOlder, 40)), Some(Mechanism::PushedThere));
        assert_eq!(of(&pushed, &asked(ServerAnswer::HadOlder, 50)), Some(Mechanism::NotSent));
        assert_eq!(of(&pushed, &asked(ServerAnswer::Silent, 50)), Some(Mechanism::Unreachable));
        assert_eq!(of(&pushed, &asked(ServerAnswer::Refused, 50)), Some(Mechanism::Refused));
        assert_eq!(of(&pushed, &called), Some(Mechanism::OtherServers));
        let left_out = SeenPrice { trouble: Some(ServerTrouble::LeftOut), ..called };
        assert_eq!(of(&pushed, &left_out), Some(Mechanism::TakenForOffline));
        let unknown = with(2, ServerAnswer::Sent, 50, PriceArrival::Pushed, &price(PriceEnd::Server(2), 50));
        assert_eq!(of(&unknown, &left_out), Some(Mechanism::ServerUnknown));
    }

    #[test]
    fn without_servers_the_provider_and_the_own_price_decide() {
        let called = price(PriceEnd::Called, 90);
        let failed = |why| price(PriceEnd::CallFailed(why), 10);
        let not_tried = |why, before: Option<i64>| SeenPrice {
            before: before.map(Timestamp::from_unix_secs),
            ..price(PriceEnd::NotTried(why), 10)
        };
        for (other, expected) in [
            (failed(CallFailure::Chance), Mechanism::CallFailed),
            (failed(CallFailure::Blocked), Mechanism::ProviderLimit),
            (failed(CallFailure::Outage), Mechanism::ProviderOutage),
            (not_tried(NotTried::Recent, Some(10)), Mechanism::OwnPrice),
            (not_tried(NotTried::Recent, None), Mechanism::NotDue),
            (not_tried(NotTried::CallUnderWay, None), Mechanism::CallUnderWay),
            (price(PriceEnd::Called, 91), Mechanism::CalledAtAnotherTime),
            (price(PriceEnd::Kept, 90), Mechanism::WithinTimeout),
        ] {
            assert_eq!(of(&called, &other), Some(expected), "{other:?}");
        }
        let outage = failed(CallFailure::Outage);
        assert_eq!(of(&outage, &failed(CallFailure::Chance)), Some(Mechanism::ProviderOutage));
        assert_eq!(of(&price(PriceEnd::Kept, 10), &price(PriceEnd::Kept, 20)), Some(Mechanism::OwnPrice));
        let mut later = called.clone();
        later.shown.as_mut().expect("it is shown").age = Some(SimDuration::from_secs(10));
        assert_eq!(of(&called, &later), Some(Mechanism::SeenAtAnotherTime));
    }
}
