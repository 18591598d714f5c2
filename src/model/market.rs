//! Markets: when they trade, which moment's price there is to be had, and how much trading time lies between two moments.

use crate::time::civil::{Interval, weekday_sessions};
use crate::time::{SimDuration, Timestamp};

use super::config::MarketConfig;

/// How far before the scenario's start sessions are known, so that there is always a last one; longer than any weekend.
const LEAD: SimDuration = SimDuration::from_days(14);

const DAY: SimDuration = SimDuration::from_days(1);

/// The sessions of one market. While it trades every instrument of it has a new price at every moment; while it does
/// not, the last price stands.
#[derive(Clone, Debug)]
pub(super) struct TradingCalendar {
    beginning: Timestamp,
    sessions: Vec<Session>,
    /// By day of 24 hours from the beginning: sessions that have begun before it or at its very start.
    begun: Vec<u32>,
}

#[derive(Clone, Copy, Debug)]
struct Session {
    interval: Interval,
    /// Trading time before this session.
    before: SimDuration,
}

impl TradingCalendar {
    /// Memory of each session \[bytes\], with that of the days: there is a session on five of seven of them at least.
    pub(super) const fn bytes_per_session() -> usize {
        size_of::<Session>() + 2 * size_of::<u32>()
    }

    pub(super) fn new(market: &MarketConfig, start: Timestamp, end: Timestamp) -> Self {
        let beginning = start - LEAD;
        let mut traded = SimDuration::ZERO;
        let sessions: Vec<Session> = weekday_sessions(&market.zone, &market.hours, beginning, end)
            .into_iter()
            .map(|interval| {
                let before = traded;
                traded += interval.end.saturating_since(interval.start);
                Session { interval, before }
            })
            .collect();
        let days = end.saturating_since(beginning).as_nanos() / DAY.as_nanos() + 1;
        let before_day = |day| {
            let midnight = beginning + SimDuration::from_days(day);
            let before = sessions.partition_point(|session| session.interval.start <= midnight);
            u32::try_from(before).expect("fewer than 2^32 sessions")
        };
        let begun = (0..days).map(before_day).collect();
        Self { beginning, sessions, begun }
    }

    /// Of each whole day from the start, whether the market trades at some moment of it.
    pub(super) fn trades_on(&self, start: Timestamp, days: u64) -> impl Iterator<Item = bool> + '_ {
        let day = move |number: u64| start + SimDuration::from_days(number);
        (0..days).map(move |number| !self.traded_between(day(number), day(number + 1)).is_zero())
    }

    /// The moment whose price is the current one at `at`: `at` itself while the market trades, else the last close.
    pub(super) fn last_trade(&self, at: Timestamp) -> Timestamp {
        self.session_at(at).map_or(self.beginning, |session| at.min(session.interval.end))
    }

    /// Whether a price with this timestamp is the last one before the market opens again: it is closed at `at`, and the price was
    /// stamped after the close. A price of the very moment of the close is the last one, too.
    pub(super) fn is_final(&self, timestamp: Option<Timestamp>, at: Timestamp) -> bool {
        let close = self.last_trade(at);
        close < at && timestamp >= Some(close)
    }

    /// How long the market trades between two moments; zero if `until` is the earlier one.
    pub(super) fn traded_between(&self, from: Timestamp, until: Timestamp) -> SimDuration {
        self.traded_until(until).saturating_sub(self.traded_until(from))
    }

    /// How long the market has traded until `at`, since well before the scenario's start.
    pub(super) fn traded_until(&self, at: Timestamp) -> SimDuration {
        self.session_at(at).map_or(SimDuration::ZERO, |session| session.traded(at))
    }

    /// The calendar at a moment; see [`CalendarAt`].
    #[inline]
    pub(super) fn around(&self, at: Timestamp) -> CalendarAt<'_> {
        let session = self.session_at(at);
        CalendarAt { calendar: self, session, traded: session.map_or(SimDuration::ZERO, |session| session.traded(at)) }
    }

    /// The last session that began at or before `at`.
    #[inline]
    fn session_at(&self, at: Timestamp) -> Option<&Session> {
        let day = usize::try_from(at.saturating_since(self.beginning).as_nanos() / DAY.as_nanos());
        let day = day.unwrap_or(usize::MAX).min(self.begun.len() - 1);
        // From the last midnight on they are looked through one by one: few begin on a day.
        let known = if at < self.beginning { 0 } else { self.begun[day] as usize };
        let after = known + self.sessions[known..].iter().take_while(|session| session.interval.start <= at).count();
        after.checked_sub(1).map(|index| &self.sessions[index])
    }
}

impl Session {
    /// How long the market has traded until `at`, if this is the last session that began before.
    #[inline]
    fn traded(&self, at: Timestamp) -> SimDuration {
        self.before + at.min(self.interval.end).saturating_since(self.interval.start)
    }
}

/// A calendar as it is at one moment. It keeps the session of that moment, as most other moments that are asked for lie in it, too.
#[derive(Clone, Copy, Debug)]
pub(super) struct CalendarAt<'c> {
    calendar: &'c TradingCalendar,
    session: Option<&'c Session>,
    traded: SimDuration,
}

impl CalendarAt<'_> {
    /// How long the market has traded until that moment.
    pub(super) fn traded(&self) -> SimDuration {
        self.traded
    }

    /// As [`TradingCalendar::traded_until`].
    #[inline]
    pub(super) fn traded_until(&self, at: Timestamp) -> SimDuration {
        match self.session_around(at) {
            Some(session) => session.traded(at),
            None => self.calendar.traded_until(at),
        }
    }

    /// How long the market has traded from `from` until that moment; zero if `from` is later.
    #[inline]
    pub(super) fn traded_since(&self, from: Timestamp) -> SimDuration {
        self.traded.saturating_sub(self.traded_until(from))
    }

    /// As [`TradingCalendar::last_trade`].
    #[inline]
    pub(super) fn last_trade(&self, at: Timestamp) -> Timestamp {
        if self.session_around(at).is_some() { at } else { self.calendar.last_trade(at) }
    }

    /// The session that it keeps, if a moment lies in it.
    #[inline]
    fn session_around(&self, at: Timestamp) -> Option<&Session> {
        self.session.filter(|session| session.interval.start <= at && at <= session.interval.end)
    }
}

impl MarketConfig {
    /// How long the market trades between two moments.
    #[must_use]
    pub fn traded_between(&self, from: Timestamp, until: Timestamp) -> SimDuration {
        TradingCalendar::new(self, from, until).traded_between(from, until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::civil::{DailyHours, Zone};

    /// Monday, 2026-03-02.
    const MONDAY: Timestamp = Timestamp::from_unix_secs(1_772_409_600);

    fn nine_to_five() -> TradingCalendar {
        let market = MarketConfig {
            mic: "TEST".to_owned(),
            zone: Zone::named("UTC").expect("a zone"),
            hours: vec![DailyHours { open_minute: 540, close_minute: 1_020 }],
        };
        TradingCalendar::new(&market, MONDAY, MONDAY + SimDuration::from_days(5))
    }

    fn hour(hours: u64) -> Timestamp {
        MONDAY + SimDuration::from_hours(hours)
    }

    #[test]
    fn the_price_stands_still_while_the_market_is_closed() {
        let calendar = nine_to_five();
        assert_eq!(calendar.last_trade(hour(10)), hour(10));
        assert_eq!(calendar.last_trade(hour(17)), hour(17));
        assert_eq!(calendar.last_trade(hour(20)), hour(17));
        assert_eq!(calendar.last_trade(hour(24 + 8)), hour(17));
        let friday_close = MONDAY - SimDuration::from_hours(48 + 7);
        assert_eq!(calendar.last_trade(hour(3)), friday_close);
    }

    #[test]
    fn an_open_calendar_says_what_the_calendar_says() {
        let calendar = nine_to_five();
        let moments =
            || (0..800).map(|step| MONDAY - SimDuration::from_days(16) + SimDuration::from_secs(step * 2_400));
        let plainly = |at: Timestamp| {
            let begun = calendar.sessions.iter().filter(move |session| session.interval.start <= at);
            begun.map(move |session| session.interval.end.min(at).saturating_since(session.interval.start))
        };
        for at in moments() {
            let traded = plainly(at).fold(SimDuration::ZERO, |sum, part| sum + part);
            assert_eq!(calendar.traded_until(at), traded, "{at}");
            let open = calendar.around(at);
            assert_eq!(open.traded(), traded);
            for other in moments().step_by(7).chain([at]) {
                assert_eq!(open.traded_until(other), calendar.traded_until(other), "{other} as seen from {at}");
                assert_eq!(open.traded_since(other), calendar.traded_between(other, at));
                assert_eq!(open.last_trade(other), calendar.last_trade(other));
            }
        }
    }

    #[test]
    fn a_price_from_after_the_close_is_final_until_the_market_opens() {
        let calendar = nine_to_five();
        let is_final = |stamped, at| calendar.is_final(Some(hour(stamped)), hour(at));
        assert_eq!([16, 17, 18].map(|stamped| is_final(stamped, 20)), [false, true, true]);
        assert_eq!([17, 20, 24 + 8, 24 + 9, 24 + 10].map(|at| is_final(17, at)), [false, true, true, false, false]);
        assert!(!is_final(18, 24 + 18), "of yesterday");
        assert!(!calendar.is_final(None, hour(20)));
    }

    #[test]
    fn trading_time_is_additive_and_skips_the_night() {
        let calendar = nine_to_five();
        assert_eq!(calendar.traded_between(hour(10), hour(12)), SimDuration::from_hours(2));
        assert_eq!(calendar.traded_between(hour(16), hour(24 + 10)), SimDuration::from_hours(2));
        assert_eq!(calendar.traded_between(hour(18), hour(24 + 8)), SimDuration::ZERO);
        assert_eq!(calendar.traded_between(hour(12), hour(10)), SimDuration::ZERO);
        let split = calendar.traded_between(hour(2), hour(13)) + calendar.traded_between(hour(13), hour(90));
        assert_eq!(calendar.traded_between(hour(2), hour(90)), split);
    }
}
