//! Measures the load of one server: counts, peaks, and time-weighted means, all of the measured period only.

use crate::observe::{AgeSplit, MessageKind};
use crate::time::{SimDuration, SimTime};

use super::age::AgeSums;
use super::histogram::LogHistogram;
use super::measurements::{LOAD_INTERVAL, QUEUE_INTERVAL, ServerMeasurements};
use super::stored_rows::StoredRows;

const MINUTE: SimDuration = SimDuration::from_secs(60);
const MINUTES_PER_HOUR: usize = 60;

/// The load of a server up to the present moment.
#[derive(Clone, Debug)]
pub(super) struct ServerLoad {
    from: SimTime,
    until: SimTime,
    workers: u32,
    counts: ServerMeasurements,
    per_minute: Vec<u32>,
    rows: StoredRows,
    busy: u32,
    waiting: u32,
    /// The moment up to which the areas are summed up.
    summed_until: SimTime,
    /// Busy workers × time [ns].
    busy_area: u128,
    /// Waiting messages × time [ns].
    waiting_area: u128,
}

impl ServerLoad {
    pub(super) fn new(name: &str, workers: u32, from: SimTime, until: SimTime) -> Self {
        let period = until.since(from);
        let slots = |length: SimDuration| {
            usize::try_from(period.as_nanos().div_ceil(length.as_nanos())).expect("a period has few intervals")
        };
        let whole_days = usize::try_from(period.as_nanos() / QUEUE_INTERVAL.as_nanos());
        let counts = ServerMeasurements {
            instance: name.to_owned(),
            requests: 0,
            pushes: 0,
            housekeeping: 0,
            synchronisations: 0,
            synchronisation_bytes: 0,
            histories: 0,
            history_bytes: 0,
            rows: 0,
            rows_held_max: 0,
            sent: 0,
            timed_out: 0,
            refused: 0,
            waited_out: 0,
            unserved: 0,
            instruments_asked: 0,
            prices_answered: 0,
            prices_pushed: 0,
            prices_accepted: 0,
            bytes_in: 0,
            bytes_out: 0,
            arrivals: vec![0; slots(LOAD_INTERVAL)],
            peak_minute: 0,
            peak_hour: 0,
            utilisation: 0.0,
            queue_length_mean: 0.0,
            queue_lows: vec![u32::MAX; whole_days.expect("a period has few days")],
            queue_length_max: 0,
            queue_wait: LogHistogram::new(),
            response: LogHistogram::new(),
            age: AgeSums::default(),
            pool_size: 0,
        };
        Self {
            from,
            until,
            workers,
            counts,
            per_minute: vec![0; slots(MINUTE)],
            rows: StoredRows::new(from, until),
            busy: 0,
            waiting: 0,
            summed_until: SimTime::START,
            busy_area: 0,
            waiting_area: 0,
        }
    }

    pub(super) fn arrive(&mut self, now: SimTime, kind: MessageKind, bytes: u64) {
        self.advance(now);
        self.waiting += 1;
        if now < self.from {
            return;
        }
        match kind {
            MessageKind::Request => self.counts.requests += 1,
            MessageKind::Push => self.counts.pushes += 1,
            MessageKind::History | MessageKind::HistoryPush => self.counts.histories += 1,
            MessageKind::Synchronisation => {
                self.counts.housekeeping += 1;
                self.counts.synchronisations += 1;
            }
            MessageKind::Ping | MessageKind::Farewell | MessageKind::Notice => self.counts.housekeeping += 1,
        }
        self.count_bytes(kind, bytes);
        self.counts.bytes_in += bytes;
        let slot = |length: SimDuration| {
            usize::try_from(now.since(self.from).as_nanos() / length.as_nanos()).expect("a period has few intervals")
        };
        let (interval, minute) = (slot(LOAD_INTERVAL), slot(MINUTE));
        self.counts.arrivals[interval] += 1;
        self.per_minute[minute] += 1;
    }

    pub(super) fn begin(&mut self, now: SimTime, waited: SimDuration) {
        self.advance(now);
        self.waiting -= 1;
        self.busy += 1;
        if now >= self.from {
            self.counts.queue_wait.record(waited);
        }
    }

    pub(super) fn end(
        &mut self,
        now: SimTime,
        kind: MessageKind,
        response: SimDuration,
        items: u32,
        result: Option<u32>,
        bytes: u64,
    ) {
        self.advance(now);
        self.busy -= 1;
        if now < self.from {
            return;
        }
        let counts = &mut self.counts;
        counts.response.record(response);
        counts.bytes_out += bytes;
        self.count_bytes(kind, bytes);
        let counts = &mut self.counts;
        let (items, prices) = (u64::from(items), result.map(u64::from));
        match (kind, prices) {
            (_, None) => counts.refused += 1,
            (MessageKind::Request, Some(prices)) => {
                counts.instruments_asked += items;
                counts.prices_answered += prices;
            }
            (MessageKind::Push, Some(prices)) => {
                counts.prices_pushed += items;
                counts.prices_accepted += prices;
            }
            (_, Some(_)) => {}
        }
    }

    /// Counts the bytes of a message or reply of the measured period, if it is in the background.
    fn count_bytes(&mut self, kind: MessageKind, bytes: u64) {
        match kind {
            MessageKind::Synchronisation => self.counts.synchronisation_bytes += bytes,
            MessageKind::History | MessageKind::HistoryPush => self.counts.history_bytes += bytes,
            _ => {}
        }
    }

    /// Counts rows that the server stores now, and that stay for a while.
    pub(super) fn store_rows(&mut self, now: SimTime, rows: u32, stay: SimDuration) {
        self.rows.store(now, rows, stay);
    }

    /// The message that has waited longest has done so for too long. Neither its wait nor its response is known to the end.
    pub(super) fn end_wait(&mut self, now: SimTime) {
        self.advance(now);
        self.waiting -= 1;
        if now >= self.from {
            self.counts.waited_out += 1;
            self.counts.queue_wait.record_unfinished(1);
            self.counts.response.record_unfinished(1);
        }
    }

    /// The server stops: what waits and what is being served is given up. Of these messages neither a wait nor a response is
    /// known to the end.
    pub(super) fn stop(&mut self, now: SimTime) {
        self.advance(now);
        if now >= self.from {
            self.counts.queue_wait.record_unfinished(u64::from(self.waiting));
            self.counts.response.record_unfinished(u64::from(self.waiting + self.busy));
        }
        (self.waiting, self.busy) = (0, 0);
    }

    /// Counts a price shown that comes from it.
    pub(super) fn show(&mut self, split: &AgeSplit) {
        self.counts.age.record(split);
    }

    /// Counts a request or push that was sent to this server.
    pub(super) fn sent(&mut self) {
        self.counts.sent += 1;
    }

    /// Counts a sender that gave up waiting for this server.
    pub(super) fn timed_out(&mut self) {
        self.counts.timed_out += 1;
    }

    pub(super) fn finish(mut self, pool_size: u32) -> ServerMeasurements {
        self.advance(self.until);
        let period = self.until.since(self.from).as_nanos() as f64;
        let mut counts = self.counts;
        counts.utilisation = self.busy_area as f64 / (period * f64::from(self.workers));
        counts.queue_length_mean = self.waiting_area as f64 / period;
        counts.peak_minute = self.per_minute.iter().copied().max().unwrap_or(0);
        counts.peak_hour = self.per_minute.chunks(MINUTES_PER_HOUR).map(|hour| hour.iter().sum()).max().unwrap_or(0);
        counts.pool_size = u64::from(pool_size);
        (counts.rows, counts.rows_held_max) = self.rows.finish();
        counts.unserved = u64::from(self.waiting + self.busy);
        counts.queue_wait.record_unfinished(u64::from(self.waiting));
        counts.response.record_unfinished(u64::from(self.waiting + self.busy));
        counts.queue_wait = counts.queue_wait.compact();
        counts.response = counts.response.compact();
        counts
    }

    /// Adds the state that has lasted until now to the areas, as far as it lies in the measured period. A state that
    /// has lasted no time does not count, so that a message that is served at once never waits.
    fn advance(&mut self, now: SimTime) {
        let begin = self.summed_until.max(self.from);
        if now > begin {
            let lasted = u128::from(now.since(begin).as_nanos());
            self.busy_area += lasted * u128::from(self.busy);
            self.waiting_area += lasted * u128::from(self.waiting);
            self.lower(begin, now);
            self.counts.queue_length_max = self.counts.queue_length_max.max(self.waiting);
        }
        self.summed_until = now;
    }

    /// Lowers the shortest queue of each day between `begin` and `now` to the present queue. Both moments lie in the
    /// measured period.
    fn lower(&mut self, begin: SimTime, now: SimTime) {
        let day = |nanos: u64| usize::try_from(nanos / QUEUE_INTERVAL.as_nanos()).expect("a period has few days");
        let (first, last) = (day(begin.since(self.from).as_nanos()), day(now.since(self.from).as_nanos() - 1));
        for low in self.counts.queue_lows.iter_mut().take(last + 1).skip(first) {
            *low = self.waiting.min(*low);
        }
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the expected means are exact in binary")]
mod tests {
    use super::*;

    fn second(secs: u64) -> SimTime {
        SimTime::START + SimDuration::from_secs(secs)
    }

    /// One worker, measured from 100 s to 200 s. It is busy with one message from 90 s to 150 s. Another message comes
    /// at 140 s and is served until 160 s.
    #[test]
    fn means_are_time_weighted_and_cut_at_the_warm_up() {
        let mut load = ServerLoad::new("hub-1", 1, second(100), second(200));
        load.arrive(second(90), MessageKind::Request, 10);
        load.begin(second(90), SimDuration::ZERO);
        load.arrive(second(140), MessageKind::Push, 20);
        load.end(second(150), MessageKind::Request, SimDuration::from_secs(60), 5, Some(3), 30);
        load.begin(second(150), SimDuration::from_secs(10));
        load.end(second(160), MessageKind::Push, SimDuration::from_secs(20), 4, Some(1), 7);
        let measured = load.finish(9);
        assert_eq!((measured.requests, measured.pushes, measured.bytes_in, measured.bytes_out), (0, 1, 20, 37));
        assert_eq!(measured.utilisation, 60.0 / 100.0);
        assert_eq!(measured.queue_length_mean, 10.0 / 100.0);
        assert!(measured.queue_lows.is_empty(), "the period is shorter than a day");
        assert_eq!((measured.queue_length_max, measured.peak_minute, measured.peak_hour), (1, 1, 1));
        assert_eq!((measured.instruments_asked, measured.prices_answered), (5, 3));
        assert_eq!((measured.prices_pushed, measured.prices_accepted), (4, 1));
        assert_eq!((measured.response.count(), measured.queue_wait.count(), measured.pool_size), (2, 1, 9));
    }

    /// One message waits from 12 h to 60 h, and another from 20 h to 80 h.
    #[test]
    fn days_know_how_short_the_queue_was() {
        let hour = |hours: u64| second(hours * 3_600);
        let mut load = ServerLoad::new("hub-1", 1, SimTime::START, hour(108));
        load.arrive(hour(11), MessageKind::Request, 1);
        load.begin(hour(11), SimDuration::ZERO);
        load.arrive(hour(12), MessageKind::Request, 1);
        load.arrive(hour(20), MessageKind::Request, 1);
        for (from, until) in [(11, 60), (60, 80)] {
            load.end(hour(until), MessageKind::Request, hour(until).since(hour(from)), 1, Some(1), 1);
            load.begin(hour(until), hour(until).since(hour(from)));
        }
        let measured = load.finish(0);
        assert_eq!(measured.queue_lows, [0, 2, 1, 0], "the fifth day is not whole");
        assert_eq!(measured.queue_length_mean, (48.0 + 60.0) / 108.0);
    }
}
