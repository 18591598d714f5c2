//! Counts the rows that one server stores in its table of messages: those of the measured period, and how many are there at a time. A
//! row that was stored before the period is there in it, too.

use crate::time::{SimDuration, SimTime};

use super::measurements::LOAD_INTERVAL;

/// The rows of a server up to the present moment.
#[derive(Clone, Debug)]
pub(super) struct StoredRows {
    from: SimTime,
    written: u64,
    /// By interval of the run: rows that are stored in it, less those that are deleted.
    changes: Vec<i64>,
}

impl StoredRows {
    pub(super) fn new(from: SimTime, until: SimTime) -> Self {
        Self { from, written: 0, changes: vec![0; interval(until) + 1] }
    }

    /// Counts rows that are stored now and stay for a while.
    pub(super) fn store(&mut self, now: SimTime, rows: u32, stay: SimDuration) {
        if now >= self.from {
            self.written += u64::from(rows);
        }
        self.changes[interval(now)] += i64::from(rows);
        if let Some(change) = self.changes.get_mut(interval(now.saturating_add(stay))) {
            *change -= i64::from(rows);
        }
    }

    /// Rows that were stored in the measured period, and the most that were there in an interval of it.
    pub(super) fn finish(&self) -> (u64, u64) {
        let mut held = 0;
        let held = self.changes.iter().map(|change| {
            held += change;
            held
        });
        let most = held.skip(interval(self.from)).max().unwrap_or(0);
        (self.written, u64::try_from(most).expect("no row is deleted before it is stored"))
    }
}

/// The number of the interval of the run in which a moment lies.
fn interval(at: SimTime) -> usize {
    usize::try_from(at.as_nanos() / LOAD_INTERVAL.as_nanos()).expect("a run has few intervals")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stay_until_they_are_deleted() {
        let hour = |hours: u64| SimTime::START + SimDuration::from_hours(hours);
        let day = SimDuration::from_days(1);
        let mut rows = StoredRows::new(hour(24), hour(96));
        rows.store(hour(20), 100, day);
        rows.store(hour(43), 10, day);
        assert_eq!(rows.finish(), (10, 110), "at 43 h those of 20 h are still there");
        let mut later = StoredRows::new(hour(24), hour(96));
        later.store(hour(20), 100, day);
        later.store(hour(44), 10, day);
        assert_eq!(later.finish(), (10, 100), "at 44 h they are deleted");
        later.store(hour(90), 7, SimDuration::from_days(5));
        assert_eq!(later.finish().0, 17);
    }
}
