//! The exchange log: what came of the requests to one peer, by day, from which its success rate follows.

use crate::time::Timestamp;

use super::{Failure, Policy};

/// Days that the success rate looks back, beside today.
pub const LOG_DAYS: i64 = 30;

/// Days that a log holds at most: twice as many as count.
const MOST_DAYS: usize = 62;

/// What an instance was to a peer in an exchange of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogRole {
    /// It asked, or pushed.
    Consumer,
    /// It was asked, or pushed to.
    Supplier,
}

/// What one message leaves in the exchange log (0.36.5, `exchange`, `exchange_request_handler`, `push_handler`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogRow {
    /// The role of the instance that logs.
    pub role: LogRole,
    /// Instruments in the request or push.
    pub sent: u64,
    /// Instruments that got a newer price: at the requester by the answer, or at the server by the push.
    pub updated: u64,
    /// Prices in the answer, or taken over from the push; only recorded cases look at it.
    pub in_response: u64,
}

impl LogRow {
    /// The requester's row of a request that was answered with `(updated, in response)`, an empty answer included. A
    /// failed request leaves none, or, where the policy says so, one that updated nothing.
    pub(super) fn request_ended(policy: &Policy, sent: usize, ended: Result<(u32, usize), Failure>) -> Option<Self> {
        let (updated, in_response) = match ended {
            Ok(answered) => answered,
            Err(_) if policy.failed_requests_logged => (0, 0),
            Err(_) => return None,
        };
        Some(Self::consumer(sent, u64::from(updated), in_response as u64))
    }

    /// The requester's row of a push; where the policy says so, of one that was turned away too, but not of one that was not
    /// delivered.
    pub(super) fn push_ended(policy: &Policy, pushed: usize, ended: Result<u32, Failure>) -> Option<Self> {
        let accepted = match ended {
            Ok(accepted) => u64::from(accepted),
            Err(Failure::Refused(_)) if policy.push_refused_logged => 0,
            Err(_) => return None,
        };
        Some(Self::consumer(pushed, accepted, accepted))
    }

    /// The server's row of a request for `asked` instruments that it answered with `returned` prices; an empty request
    /// leaves none.
    pub(super) fn request_served(asked: usize, returned: u32) -> Option<Self> {
        let returned = u64::from(returned);
        (asked > 0).then(|| Self::supplier(asked, returned, returned))
    }

    /// The server's row of a push of `received` prices, of which it took `accepted`; an empty push leaves none.
    pub(super) fn push_served(received: usize, accepted: u32) -> Option<Self> {
        (received > 0).then(|| Self::supplier(received, received as u64, u64::from(accepted)))
    }

    fn consumer(sent: usize, updated: u64, in_response: u64) -> Self {
        Self { role: LogRole::Consumer, sent: sent as u64, updated, in_response }
    }

    fn supplier(sent: usize, updated: u64, in_response: u64) -> Self {
        Self { role: LogRole::Supplier, sent: sent as u64, updated, in_response }
    }
}

/// Requests to one peer, summed by day.
///
/// The oldest day makes place for another one. As many days are kept that no longer count as days that do, so that a clock that is
/// ahead for a month takes nothing away from the days before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExchangeLog {
    /// Ascending by day, each once.
    days: Vec<DayRow>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct DayRow {
    unix_day: i64,
    sent: u64,
    updated: u64,
}

impl ExchangeLog {
    /// A log without rows.
    #[must_use]
    pub const fn new() -> Self {
        Self { days: Vec::new() }
    }

    /// A log without rows that has room for so many days; it takes more if it needs it.
    #[must_use]
    pub fn with_room_for(days: u64) -> Self {
        Self { days: Vec::with_capacity(Self::room(days)) }
    }

    /// Memory that the room for so many days takes \[bytes\].
    #[must_use]
    pub fn bytes_for(days: u64) -> usize {
        Self::room(days) * size_of::<DayRow>()
    }

    fn room(days: u64) -> usize {
        usize::try_from(days).map_or(MOST_DAYS, |days| days.min(MOST_DAYS))
    }

    /// Adds a row of the consumer side; others do not count.
    pub fn record(&mut self, now: Timestamp, row: &LogRow) {
        if row.role == LogRole::Consumer {
            self.add(now, row.sent, row.updated);
        }
    }

    /// Adds one answered request: `sent` instruments in it, `updated` of them filled by the answer (seven-step, step 4).
    ///
    /// An empty answer counts, a failed request does not: it leaves no row. The clock that says `now` may have been set ahead or
    /// back since the last row.
    pub fn add(&mut self, now: Timestamp, sent: u64, updated: u64) {
        let today = now.unix_day();
        let mut at = self.days.partition_point(|day| day.unix_day < today);
        if self.days.get(at).is_none_or(|day| day.unix_day != today) {
            // Of a clock that was set back far, every day is one that counts.
            if self.days.len() >= MOST_DAYS && at > 0 {
                self.days.remove(0);
                at -= 1;
            }
            self.days.insert(at, DayRow { unix_day: today, sent: 0, updated: 0 });
        }
        self.days[at].sent += sent;
        self.days[at].updated += updated;
    }

    /// Σ updated / Σ sent over the rows of the last 30 days and today; 1.0 without rows or if nothing was sent. Rows of days to come,
    /// which a clock that was ahead has left, count too: the released system looks back 30 days and sets no later end (0.36.5,
    /// `supplier_order_open`).
    #[must_use]
    pub fn success_rate(&self, now: Timestamp) -> f64 {
        let today = now.unix_day();
        let (sent, updated) = self
            .days
            .iter()
            .filter(|day| day.unix_day >= today - LOG_DAYS)
            .fold((0, 0), |(sent, updated), day| (sent + day.sent, updated + day.updated));
        if sent == 0 { 1.0 } else { updated as f64 / sent as f64 }
    }
}

impl Default for ExchangeLog {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "quotients of small integers are exact")]
mod tests {
    use super::super::{Preset, Refusal};
    use super::*;

    fn noon_of(day: i64) -> Timestamp {
        Timestamp::from_unix_secs(day * 86_400 + 43_200)
    }

    #[test]
    fn nothing_known_counts_as_perfect() {
        let mut log = ExchangeLog::new();
        assert_eq!(log.success_rate(noon_of(0)), 1.0);
        log.add(noon_of(0), 0, 0);
        assert_eq!(log.success_rate(noon_of(0)), 1.0);
    }

    #[test]
    fn the_window_is_today_and_thirty_days_before() {
        let mut log = ExchangeLog::new();
        log.add(noon_of(100), 10, 0);
        log.add(noon_of(101), 10, 10);
        assert_eq!(log.success_rate(noon_of(101)), 0.5);
        assert_eq!(log.success_rate(noon_of(130)), 0.5);
        assert_eq!(log.success_rate(noon_of(131)), 1.0);
        log.add(noon_of(131), 10, 5);
        assert_eq!(log.success_rate(noon_of(131)), 0.75);
        log.add(noon_of(100), 1_000, 0);
        log.add(noon_of(130), 20, 20);
        assert_eq!(log.success_rate(noon_of(131)), 0.875, "late rows of the window count, older ones do not");
    }

    /// A log of sixty days, each with 100 instruments, of which as many were updated as the day's number says.
    fn full_log() -> ExchangeLog {
        let mut log = ExchangeLog::with_room_for(1_000);
        (40..100).for_each(|day| log.add(noon_of(day), 100, u64::try_from(day).expect("a day")));
        log
    }

    /// Mean of the days 69 to 99.
    const RATE: f64 = 0.84;

    #[test]
    fn days_of_a_clock_that_was_ahead_count_and_take_nothing_away() {
        for ahead in [1, 2, 31, 400] {
            let mut log = full_log();
            assert_eq!(log.success_rate(noon_of(99)), RATE);
            (0..30).for_each(|day| log.add(noon_of(99 + ahead + day), 1_000, 840));
            assert_eq!(log.success_rate(noon_of(99)), RATE, "{ahead} days ahead");
            log.add(noon_of(99 + ahead), 100_000, 0);
            let now = log.success_rate(noon_of(99));
            assert!(now < 0.3, "{now} with days that are {ahead} days ahead");
        }
    }

    #[test]
    fn days_of_a_clock_that_was_behind_count_where_they_are() {
        let mut log = full_log();
        log.add(noon_of(10), 1_000, 0);
        assert_eq!(log.success_rate(noon_of(99)), RATE);
        let all = f64::from((40..100).sum::<i32>()) / 7_000.0;
        assert_eq!(log.success_rate(noon_of(10)), all);
    }

    #[test]
    fn a_log_does_not_grow_for_ever() {
        let mut log = ExchangeLog::new();
        (0..1_000).for_each(|day| log.add(noon_of(day), 1, 1));
        assert_eq!(log.days.len(), MOST_DAYS);
        assert_eq!((log.days[0].unix_day, log.success_rate(noon_of(999))), (938, 1.0));
        log.add(noon_of(5), 1, 0);
        assert_eq!((log.days[0].unix_day, log.days.len()), (5, MOST_DAYS + 1), "all days to come count");
        log.add(noon_of(1_000), 1, 1);
        assert_eq!((log.days[0].unix_day, log.days.len()), (938, MOST_DAYS + 1));
    }

    #[test]
    fn only_the_consumer_side_counts() {
        let mut log = ExchangeLog::new();
        log.record(noon_of(1), &LogRow::request_served(10, 5).expect("a row"));
        assert_eq!(log.success_rate(noon_of(1)), 1.0);
        log.record(noon_of(1), &LogRow::push_ended(&Policy::of(Preset::Gt0365), 10, Ok(5)).expect("a row"));
        assert_eq!(log.success_rate(noon_of(1)), 0.5);
    }

    #[test]
    fn what_a_message_leaves_depends_on_how_it_ended() {
        let recorded = Policy::of(Preset::Gt0365);
        let logging = Policy { failed_requests_logged: true, ..recorded };
        let refused = Failure::Refused(Refusal::NotAccepting);
        let row = |sent, updated, in_response| Some((sent, updated, in_response));
        let plain = |row: Option<LogRow>| row.map(|row| (row.sent, row.updated, row.in_response));
        assert_eq!(plain(LogRow::request_ended(&recorded, 3, Ok((1, 2)))), row(3, 1, 2));
        assert_eq!(plain(LogRow::request_ended(&recorded, 3, Ok((0, 0)))), row(3, 0, 0));
        for failure in [Failure::Unreachable, Failure::HttpError, refused] {
            assert_eq!(LogRow::request_ended(&recorded, 3, Err(failure)), None);
            assert_eq!(plain(LogRow::request_ended(&logging, 3, Err(failure))), row(3, 0, 0));
        }
        assert_eq!(plain(LogRow::push_ended(&recorded, 3, Ok(2))), row(3, 2, 2));
        assert_eq!(plain(LogRow::push_ended(&recorded, 3, Err(refused))), row(3, 0, 0));
        assert_eq!(LogRow::push_ended(&Policy::of(Preset::Gt0369), 3, Err(refused)), None);
        assert_eq!(LogRow::push_ended(&recorded, 3, Err(Failure::Unreachable)), None);
        assert_eq!(LogRow::push_ended(&recorded, 3, Err(Failure::HttpError)), None);
        assert_eq!(plain(LogRow::request_served(3, 2)), row(3, 2, 2));
        assert_eq!(LogRow::request_served(0, 0), None);
        assert_eq!(plain(LogRow::push_served(3, 2)), row(3, 3, 2));
        assert_eq!(LogRow::push_served(0, 0), None);
    }
}
