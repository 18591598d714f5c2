//! What was measured in one simulated period: plain numbers, each with one definition.

use serde::{Deserialize, Serialize};

use super::{AgeSums, DayMeasurements, FaultEffects, LogHistogram, Spending, StaleCause};
use crate::protocol::CallReason;
use crate::time::SimDuration;

/// All measurements of one run in the measured period, which is the run without its warm-up; the days alone are those of the
/// whole run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measurements {
    /// Length of the measured period.
    pub period: SimDuration,
    /// Opened watchlists.
    pub visits: u64,
    /// Visits whose result was not complete when the run ended, as their exchange had taken too long. Their wait is
    /// longer than what is known of it, so that quantiles of waiting have to count them.
    pub visits_unfinished: u64,
    /// Visits that did not come about, as the instance was down; they are not among `visits`.
    pub visits_prevented: u64,
    /// Visits whose instance stopped before it had shown their result. As of unfinished ones, their wait is longer than what is
    /// known of it.
    pub visits_interrupted: u64,
    /// Visits that started an exchange; the others saw local prices at once.
    pub exchanges: u64,
    /// How every instrument ended, counted over the exchanges that have shown their result.
    pub fills: FillCounts,
    /// Instruments of the exchanges that have not shown their result, interrupted ones included.
    pub instruments_unsettled: u64,
    /// Calls by data provider, in the scenario's order.
    pub connectors: Vec<ConnectorMeasurements>,
    /// What each instance did, in the scenario's order.
    pub instances: Vec<InstanceMeasurements>,
    /// Load of each instance that serves from a pool (push-open), in the scenario's order.
    pub servers: Vec<ServerMeasurements>,
    /// Load of each open instance that another one may ask, in the scenario's order.
    pub open_servers: Vec<ServerMeasurements>,
    /// Age of each price when the user sees it, in trading time: how long its market has traded since the moment at
    /// which the price was true. Each instrument of each visit counts once, when the visit's result is complete.
    pub price_age: LogHistogram,
    /// Prices shown whose age is at most the freshness threshold (of the policy, or 1,500 s if it has none).
    pub prices_fresh: u64,
    /// Prices shown that are older, by cause in the order of [`StaleCause::ALL`].
    pub prices_stale: [u64; StaleCause::ALL.len()],
    /// Instruments shown without any price.
    pub prices_missing: u64,
    /// How far each price shown is from the true one of that moment; a basis point counts as a second.
    pub price_error: LogHistogram,
    /// Prices shown whose timestamp is wrong: more than [`WRONG_STAMP_S`](super::WRONG_STAMP_S) from the right one.
    pub prices_wrong_stamp: u64,
    /// Prices shown that a rogue instance has falsified.
    pub prices_false: FalsePriceCounts,
    /// Visits whose result holds at least one such price.
    pub visits_false: u64,
    /// How long after the end of its fault the last such price is shown; zero if none is.
    pub false_after: SimDuration,
    /// Time from opening a watchlist to its last price. Each finished visit counts once, even if it needs no exchange.
    pub user_wait: LogHistogram,
    /// What instances pushed back to pools.
    pub push_back: PushBackMeasurements,
    /// What became of every request and push.
    pub messages: MessageCounts,
    /// The whole days of the run from its very beginning, warm-up included.
    pub days: Vec<DayMeasurements>,
    /// What faults did to users; `None` if there are no faults, or if the run was not compared with one without them.
    pub faults: Option<Box<FaultEffects>>,
    /// What the calls cost; `None` if nobody says what anything costs.
    #[serde(default)]
    pub spending: Option<Box<Spending>>,
}

/// How the instruments of exchanges ended: each exactly once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FillCounts {
    /// Filled from the own pool.
    pub own_pool: u64,
    /// Filled by a push-open peer.
    pub push_open: u64,
    /// Filled by an open peer.
    pub open: u64,
    /// A connector delivered.
    pub connector: u64,
    /// A connector was asked and failed.
    pub connector_failed: u64,
    /// Nobody filled it and no connector was called, for one of the reasons of [`NotTried`](crate::protocol::NotTried).
    pub not_tried: u64,
}

impl FillCounts {
    /// Instruments in all.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.own_pool + self.push_open + self.open + self.connector + self.connector_failed + self.not_tried
    }
}

/// False prices shown, by the way by which they came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FalsePriceCounts {
    /// Taken from the own pool in the exchange that shows them.
    pub own_pool: u64,
    /// Taken from a push-open peer in the exchange that shows them.
    pub push_open: u64,
    /// Taken from an open peer in the exchange that shows them.
    pub open: u64,
    /// There from before.
    pub local: u64,
}

impl FalsePriceCounts {
    /// False prices by all ways.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.own_pool + self.push_open + self.open + self.local
    }
}

/// Calls of one data provider by all instances.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ConnectorMeasurements {
    /// Name of the provider.
    pub provider: String,
    /// Calls by reason, in the order of [`CallReason::ALL`].
    pub calls: [u64; CallReason::ALL.len()],
    /// Calls that ended; the others are under way when the run ends.
    pub ended: u64,
    /// Those of the ended calls that failed; refused calls count as failed.
    pub failed: u64,
    /// Calls that found the token bucket empty: refused, or held back.
    pub rate_limited: u64,
    /// Total time for which calls were held back for a token \[s\]. Calls that are still held back when the run ends do
    /// not count, as they have not been made.
    pub held_back_s: f64,
    /// The age of the prices shown that come from it; of all providers together, that of all prices shown.
    pub age: AgeSums,
}

impl ConnectorMeasurements {
    /// Calls for all reasons.
    #[must_use]
    pub fn total_calls(&self) -> u64 {
        self.calls.iter().sum()
    }

    /// Calls by which servers check what was pushed to them.
    #[must_use]
    pub fn checks(&self) -> u64 {
        self.calls[CallReason::PushCheck as usize]
    }
}

/// What one instance did.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct InstanceMeasurements {
    /// Name, such as `client-7`.
    pub instance: String,
    /// Visits of its users.
    pub visits: u64,
    /// Exchanges that its users started.
    pub exchanges: u64,
    /// Calls to connectors.
    pub connector_calls: u64,
    /// Visits whose result was shown.
    pub results_shown: u64,
    /// How long the users of those visits waited, all together \[s\].
    pub waited_s: f64,
}

/// Load of one server, push-open or open.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServerMeasurements {
    /// Name, such as `hub-1`.
    pub instance: String,
    /// Requests that arrived.
    pub requests: u64,
    /// Pushes that arrived.
    pub pushes: u64,
    /// Pings (status checks) and synchronisations that arrived, and announcements.
    pub housekeeping: u64,
    /// Those of them that are synchronisations.
    pub synchronisations: u64,
    /// Bytes of the synchronisations that arrived, and of the replies to them.
    pub synchronisation_bytes: u64,
    /// Requests for historical prices, and pushes of them, that arrived.
    pub histories: u64,
    /// Bytes of those, and of the replies to them.
    pub history_bytes: u64,
    /// Rows stored in its table of messages.
    pub rows: u64,
    /// The most rows that were there in one interval of [`LOAD_INTERVAL`] of the run.
    pub rows_held_max: u64,
    /// Messages that were sent to it.
    pub sent: u64,
    /// Those of the sent messages whose sender gave up: lost, or not answered in time.
    pub timed_out: u64,
    /// Messages that it turned away when it served them.
    pub refused: u64,
    /// Messages that it turned away as they had waited too long.
    pub waited_out: u64,
    /// Messages that waited or were being served when the run ended.
    pub unserved: u64,
    /// Instruments in the requests that it answered.
    pub instruments_asked: u64,
    /// Prices in its answers.
    pub prices_answered: u64,
    /// Prices in the pushes that it received.
    pub prices_pushed: u64,
    /// Prices that it took over from pushes.
    pub prices_accepted: u64,
    /// Bytes received in messages.
    pub bytes_in: u64,
    /// Bytes sent in replies.
    pub bytes_out: u64,
    /// Messages that arrived in each interval of [`LOAD_INTERVAL`] of the measured period.
    pub arrivals: Vec<u32>,
    /// Most messages that arrived in one minute of the measured period (minutes counted from its start).
    pub peak_minute: u32,
    /// Most messages that arrived in one hour of the measured period (hours counted from its start).
    pub peak_hour: u32,
    /// Busy worker time over workers × period.
    pub utilisation: f64,
    /// Time-weighted mean number of messages that wait for a worker.
    pub queue_length_mean: f64,
    /// The fewest messages that waited at any moment of each whole [`QUEUE_INTERVAL`] of the measured period. They show
    /// whether the queue is ever worked off.
    pub queue_lows: Vec<u32>,
    /// Most messages that waited for a worker at the same time.
    pub queue_length_max: u32,
    /// Time from arrival to the start of service, for messages that were served.
    pub queue_wait: LogHistogram,
    /// Time from arrival to the end of service, for messages that were served.
    pub response: LogHistogram,
    /// The age of the prices shown that the instances which show them have from it.
    pub age: AgeSums,
    /// Instruments in the pool at the end; 0 of an open server, which has none.
    pub pool_size: u64,
}

/// Length of the intervals of [`ServerMeasurements::arrivals`].
pub const LOAD_INTERVAL: SimDuration = SimDuration::from_secs(900);

/// Length of the intervals of [`ServerMeasurements::queue_lows`]. It is a day, since the load repeats daily.
pub const QUEUE_INTERVAL: SimDuration = SimDuration::from_days(1);

/// What instances pushed back to pools after their exchanges, and what pools took of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushBackMeasurements {
    /// Pushes sent.
    pub pushes: u64,
    /// Pushes that arrived and were not refused, but of which the pool took nothing.
    pub useless: u64,
    /// Pushes that were refused, or not acknowledged in time. Of the latter, pools may have taken prices.
    pub failed: u64,
    /// Prices in the pushes sent.
    pub prices: u64,
    /// Prices that pools took from these pushes, whether or not the senders learnt of it.
    pub accepted: u64,
    /// Fills (by push-open peers or own pools) with a price that a push had brought into the pool.
    pub fills_from_pushes: u64,
    /// How often a server has found that a peer pushes false prices.
    pub distrusted: u64,
    /// Those of these findings that do not hit the rogue instance itself.
    pub distrusted_wrongly: u64,
}

/// What became of every message: sent = answered + refused + timed out + unreachable + abandoned + in flight at the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageCounts {
    /// Messages sent.
    pub sent: u64,
    /// Answered in time.
    pub answered: u64,
    /// Turned away by the peer.
    pub refused: u64,
    /// Given up by the sender: the message or its reply was lost, or the reply came too late.
    pub timed_out: u64,
    /// Refused or reset connections: nobody listened.
    pub unreachable: u64,
    /// The sender stopped before it knew; farewells among them.
    pub abandoned: u64,
    /// Not yet decided when the run ended.
    pub in_flight: u64,
    /// Requests, pushes and replies that were lost on the way.
    pub lost: u64,
    /// Requests and pushes that a daily limit kept their sender from sending; they are not among `sent`.
    pub kept_back: u64,
}
