//! What goes back to the servers that were asked: who returned what, and what is news to them.

use crate::time::Timestamp;

use super::{InstrumentKey, PeerId, PriceContent, PriceItem};

/// What each server returned in an exchange (0.36.5, `push_back`).
#[derive(Clone, Debug)]
pub struct ReturnedPrices<K> {
    /// In the order in which they were first noted.
    servers: Vec<PeerId>,
    /// Sorted.
    rows: Vec<ReturnedRow<K>>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct ReturnedRow<K> {
    server: PeerId,
    instrument: K,
    /// Its number among all prices that were noted.
    order: usize,
    timestamp: Option<Timestamp>,
}

impl<K: InstrumentKey> ReturnedPrices<K> {
    /// Memory of each price that a server returned \[bytes\].
    pub(super) const fn bytes_per_price() -> usize {
        size_of::<ReturnedRow<K>>()
    }

    /// No prices yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { servers: Vec::new(), rows: Vec::new() }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.servers.clear();
        self.rows.clear();
    }

    /// Notes the answer of a server. If it returns an instrument several times, the last price counts.
    pub fn note<C>(&mut self, server: PeerId, answer: &[PriceItem<K, C>]) {
        if !answer.is_empty() && !self.responded(server) {
            self.servers.push(server);
        }
        let rows = (self.rows.len()..).zip(answer).map(|(order, item)| ReturnedRow {
            server,
            instrument: item.instrument,
            order,
            timestamp: item.price.timestamp,
        });
        self.rows.extend(rows);
        self.rows.sort_unstable();
    }

    /// The servers that returned any price, in the order of their first one.
    #[must_use]
    pub fn responders(&self) -> impl ExactSizeIterator<Item = PeerId> {
        self.servers.iter().copied()
    }

    /// Whether a server returned any price.
    #[must_use]
    pub fn responded(&self, server: PeerId) -> bool {
        self.servers.contains(&server)
    }

    /// Whether a price is worth sending to a server: it has a timestamp and a last price, and the server has returned none of
    /// the instrument, or an older one (seven-step, step 7).
    #[must_use]
    pub fn is_news<C: PriceContent>(&self, server: PeerId, item: &PriceItem<K, C>) -> bool {
        if item.price.timestamp.is_none() || !item.price.content.has_last() {
            return false;
        }
        let key = (server, item.instrument);
        let after = self.rows.partition_point(|row| (row.server, row.instrument) <= key);
        match after.checked_sub(1).map(|at| &self.rows[at]) {
            Some(row) if (row.server, row.instrument) == key => item.price.is_newer_than(row.timestamp),
            _ => true,
        }
    }
}

impl<K: InstrumentKey> Default for ReturnedPrices<K> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{Content, Key, item};
    use super::*;

    const A: PeerId = PeerId(2);
    const B: PeerId = PeerId(1);

    fn news(returned: &ReturnedPrices<Key>, server: PeerId, offered: &[PriceItem<Key, Content>]) -> Vec<u32> {
        offered.iter().filter(|item| returned.is_news(server, item)).map(|item| item.instrument.0).collect()
    }

    #[test]
    fn news_is_newer_than_what_the_server_returned_or_was_not_returned() {
        let mut returned = ReturnedPrices::new();
        returned.note(A, &[item(1, Some(100), 1), item(2, Some(100), 1), item(3, Some(100), 1), item(4, None, 1)]);
        returned.note(B, &[item(1, Some(300), 1)]);
        let offered = [
            item(1, Some(99), 7),
            item(2, Some(100), 7),
            item(3, Some(101), 7),
            item(4, Some(1), 7),
            item(5, Some(1), 7),
        ];
        assert_eq!(news(&returned, A, &offered), [3, 4, 5]);
        assert_eq!(news(&returned, B, &offered), [2, 3, 4, 5]);
        assert_eq!(news(&returned, PeerId(9), &offered), [1, 2, 3, 4, 5]);
    }

    #[test]
    fn what_has_no_timestamp_or_no_last_price_is_no_news() {
        let returned = ReturnedPrices::new();
        assert_eq!(news(&returned, A, &[item(1, None, 7), item(2, Some(1), 0)]), [0; 0]);
    }

    #[test]
    fn who_returned_a_price_is_remembered_in_the_order_of_the_first() {
        let mut returned = ReturnedPrices::new();
        returned.note::<Content>(B, &[]);
        assert!(!returned.responded(B));
        returned.note(A, &[item(1, Some(100), 1)]);
        returned.note(B, &[item(1, Some(100), 1)]);
        returned.note(A, &[item(2, Some(100), 1)]);
        assert_eq!(returned.responders().collect::<Vec<_>>(), [A, B]);
        assert!(returned.responded(A) && returned.responded(B));
        returned.clear();
        assert_eq!(returned.responders().len(), 0);
        assert_eq!(news(&returned, A, &[item(1, Some(1), 7)]), [1]);
    }

    #[test]
    fn of_what_a_server_returned_twice_the_later_answer_counts() {
        let mut returned = ReturnedPrices::new();
        returned.note(A, &[item(1, Some(300), 1), item(1, Some(200), 1)]);
        assert_eq!(news(&returned, A, &[item(1, Some(250), 7)]), [1]);
        returned.note(B, &[item(1, Some(900), 1)]);
        returned.note(A, &[item(1, Some(100), 1)]);
        assert_eq!(news(&returned, A, &[item(1, Some(150), 7)]), [1]);
    }
}
