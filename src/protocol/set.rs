//! The instruments of one exchange: which GTNet may fill, which it has filled, and the prices as they stand.

use super::entry::{ExchangeEntry, PriceOrigin};
use super::{
    CallReason, InstrumentKey, NotTried, Outcome, PeerId, Policy, Price, PriceContent, PriceItem, RetryBands,
    SupplierDetails, WatchlistItem, connector_due,
};
use crate::time::Timestamp;

/// The instruments of one exchange (0.36.5, `process_response`).
#[derive(Clone, Debug)]
pub struct ExchangeSet<K, C> {
    entries: Vec<ExchangeEntry<K, C>>,
    /// Positions of the members, by instrument. If an instrument is listed twice, the last one is the member.
    index: Vec<(K, u32)>,
    /// Whether nobody is asked for some instruments that GTNet might fill, as their prices are final.
    skips_final: bool,
}

impl<K: InstrumentKey, C: PriceContent> ExchangeSet<K, C> {
    /// An empty set.
    #[must_use]
    pub const fn new() -> Self {
        Self { entries: Vec::new(), index: Vec::new(), skips_final: false }
    }

    /// Begins with the instruments of a watchlist; without a network GTNet fills none of them, and all are left to
    /// connectors (seven-step, step 1).
    pub fn begin(&mut self, networked: bool, watchlist: impl IntoIterator<Item = WatchlistItem<K, C>>) {
        self.skips_final = false;
        self.entries.clear();
        self.entries.extend(watchlist.into_iter().map(|item| ExchangeEntry::new(item, networked)));
        self.index.clear();
        let members = (0..).zip(&self.entries).filter(|(_, entry)| entry.member);
        self.index.extend(members.map(|(at, entry)| (entry.item.instrument, at)));
        self.index.sort_unstable();
        // Equal keys stand side by side, their positions ascending. The last one is kept; the others take no part.
        let mut kept = 0;
        for at in 0..self.index.len() {
            if self.index.get(at + 1).is_some_and(|next| next.0 == self.index[at].0) {
                self.entries[self.index[at].1 as usize].member = false;
            } else {
                self.index[kept] = self.index[at];
                kept += 1;
            }
        }
        self.index.truncate(kept);
    }

    /// Ends the instruments whose prices are final: nobody is asked for them (general-flow, *Push-Open Server to Push-Open Server*,
    /// step 3).
    pub(super) fn leave_out_final(&mut self) {
        for entry in self.entries.iter_mut().filter(|entry| entry.item.price_is_final) {
            entry.outcome.get_or_insert(Outcome::NotTried(NotTried::MarketClosed));
            self.skips_final |= entry.member;
            entry.member = false;
        }
        let Self { entries, index, .. } = self;
        index.retain(|(_, at)| entries[*at as usize].member);
    }

    /// Takes the prices of a response that are newer than the present ones, field by field. An instrument that has been filled
    /// before may be updated again; one that has not ends with `outcome`. Returns how many prices were taken.
    pub fn apply(&mut self, response: &[PriceItem<K, C>], outcome: Outcome) -> u32 {
        self.apply_from(response, outcome, PriceOrigin::OwnPool)
    }

    pub(super) fn apply_from(&mut self, response: &[PriceItem<K, C>], outcome: Outcome, origin: PriceOrigin) -> u32 {
        let mut updated = 0;
        for item in response {
            let Ok(found) = self.index.binary_search_by_key(&item.instrument, |(instrument, _)| *instrument) else {
                continue;
            };
            let entry = &mut self.entries[self.index[found].1 as usize];
            if item.price.is_newer_than(entry.item.price.timestamp) {
                if entry.outcome.is_some() {
                    entry.item.price.update_filled(&item.price);
                } else {
                    entry.item.price.update(&item.price);
                }
                entry.origin = Some(origin);
                entry.fill(outcome);
                updated += 1;
            }
        }
        updated
    }

    /// Marks the instrument at position `at` as filled by GTNet, if it is not filled yet. An instrument that GTNet may not fill,
    /// as it has no name or no receive flag, stays as it is (0.36.5, `retry_counter`).
    pub fn mark_filled(&mut self, at: usize, outcome: Outcome) {
        self.entries[at].fill(outcome);
    }

    /// Number of instruments, whether or not GTNet may fill them.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are no instruments.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Number of instruments that GTNet may fill.
    #[must_use]
    pub fn member_count(&self) -> usize {
        self.index.len()
    }

    /// The instruments that GTNet may fill, and whether it has, in the order of the watchlist.
    pub fn members(&self) -> impl Iterator<Item = (K, bool)> {
        let members = self.entries.iter().filter(|entry| entry.member);
        members.map(|entry| (entry.item.instrument, entry.outcome.is_some()))
    }

    /// Whether GTNet has filled all that it may fill.
    #[must_use]
    pub fn all_filled(&self) -> bool {
        self.members().all(|(_, filled)| filled)
    }

    /// What the next request for unfilled instruments would carry.
    pub fn unfilled(&self) -> impl Iterator<Item = PriceItem<K, C>> {
        self.entries.iter().filter(|entry| entry.member && entry.outcome.is_none()).map(ExchangeEntry::as_item)
    }

    /// All instruments with their prices as they stand, in the order of the watchlist.
    pub fn prices(&self) -> impl ExactSizeIterator<Item = PriceItem<K, C>> {
        self.entries.iter().map(ExchangeEntry::as_item)
    }

    /// The retry counters of all instruments as they stand, in the order of the watchlist.
    #[must_use]
    pub fn retries(&self) -> impl ExactSizeIterator<Item = u32> {
        self.entries.iter().map(|entry| entry.item.retry)
    }

    pub(super) fn entries(&self) -> &[ExchangeEntry<K, C>] {
        &self.entries
    }

    /// Replaces the contents of `request` by the positions of the instruments that a request for `wanted` ones carries.
    pub(super) fn compose(&self, whole_set: bool, wanted: impl Fn(K) -> bool, request: &mut Vec<usize>) {
        request.clear();
        let carried = self.entries.iter().enumerate().filter(|(_, entry)| {
            entry.member && (whole_set || entry.outcome.is_none()) && wanted(entry.item.instrument)
        });
        request.extend(carried.map(|(at, _)| at));
    }

    pub(super) fn mark_asked(&mut self, request: &[usize]) {
        for &at in request {
            self.entries[at].asked = true;
        }
    }

    /// The coverage of `peer`: how many instruments of the exchange it sends, filled ones included.
    #[must_use]
    pub fn coverage(&self, details: &impl SupplierDetails<K>, peer: PeerId) -> usize {
        let known = details.coverage_of_watchlist(peer).filter(|_| !self.skips_final);
        known.unwrap_or_else(|| self.members().filter(|(instrument, _)| details.covers(peer, *instrument)).count())
    }

    pub(super) fn mark_failed(&mut self, request: &[usize]) {
        for &at in request {
            self.entries[at].failed = true;
        }
    }

    /// Ends GTNet's part of the exchange: brings the retry counters up to date (0.36.5, `retry_counter`).
    pub fn count_retries(&mut self, bands: Option<RetryBands>) {
        let Some(bands) = bands else { return };
        for entry in self.entries.iter_mut().filter(|entry| entry.member) {
            let retry = entry.item.retry;
            entry.item.retry =
                if entry.outcome.is_some() { bands.after_fill(retry) } else { bands.after_no_fill(retry) };
            entry.written_back |= entry.item.retry != retry;
        }
    }

    /// Begins the connector step: settles what needs no call; returns whether any is left.
    pub fn begin_connectors(&mut self, policy: &Policy, now: Timestamp) -> bool {
        let mut any = false;
        for entry in self.entries.iter_mut().filter(|entry| entry.outcome.is_none()) {
            entry.remaining = !entry.item.valuation_only;
            let WatchlistItem { connector, active, retry, price, .. } = entry.item;
            match connector_due(policy, connector, active, retry, &price, now) {
                Ok(()) => any = true,
                Err(why) => entry.outcome = Some(Outcome::NotTried(why)),
            }
        }
        any
    }

    /// Positions of the instruments whose connector is to be called, with the reason.
    pub fn connector_queue(&self, gtnet: bool) -> impl Iterator<Item = (usize, CallReason)> {
        let open = self.entries.iter().enumerate().filter(|(_, entry)| entry.outcome.is_none());
        open.map(move |(at, entry)| (at, entry.call_reason(gtnet)))
    }

    /// Takes what the connector of the instrument at position `at` delivered: a newer price, or any, as the policy says.
    /// Returns whether it was taken.
    ///
    /// # Panics
    ///
    /// If the instrument has ended before.
    pub fn deliver(&mut self, at: usize, price: &Price<C>, policy: &Policy) -> bool {
        let entry = self.ended(at, Outcome::Connector);
        let taken = policy.connector_prices_replace || price.is_newer_than(entry.item.price.timestamp);
        if taken {
            entry.item.price.update(price);
            entry.origin = Some(PriceOrigin::Connector);
        }
        entry.written_back = true;
        if let Some(bands) = policy.retry_bands {
            entry.item.retry = bands.after_connector(entry.item.retry, true);
        }
        taken
    }

    /// Notes that the connector of the instrument at position `at` has failed.
    ///
    /// # Panics
    ///
    /// If the instrument has ended before.
    pub fn fail(&mut self, at: usize, policy: &Policy) {
        let entry = self.ended(at, Outcome::ConnectorFailed);
        entry.written_back = true;
        if let Some(bands) = policy.retry_bands {
            entry.item.retry = bands.after_connector(entry.item.retry, false);
        }
    }

    /// Notes how the instrument at position `at` ended.
    ///
    /// # Panics
    ///
    /// If it has ended before.
    pub fn end(&mut self, at: usize, outcome: Outcome) {
        self.ended(at, outcome);
    }

    fn ended(&mut self, at: usize, outcome: Outcome) -> &mut ExchangeEntry<K, C> {
        let entry = &mut self.entries[at];
        assert_eq!(entry.outcome, None, "an instrument ends once");
        entry.outcome = Some(outcome);
        entry
    }

    /// Whether every instrument has ended.
    #[must_use]
    pub fn all_ended(&self) -> bool {
        self.entries.iter().all(|entry| entry.outcome.is_some())
    }

    /// What is to be written to the local instruments: position in the watchlist, price and retry counter.
    pub fn local_updates(&self, received_prices_saved: bool) -> impl Iterator<Item = (usize, Price<C>, Option<u32>)> {
        let written = self
            .entries
            .iter()
            .enumerate()
            .filter(move |(_, entry)| entry.written_back || (received_prices_saved && entry.origin.is_some()));
        written.map(|(at, entry)| {
            let ExchangeEntry { item, written_back, .. } = entry;
            (at, item.price, written_back.then_some(item.retry))
        })
    }
}

impl<K: InstrumentKey, C: PriceContent> Default for ExchangeSet<K, C> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{Content, INCOMPLETE, Key, UNNAMED, item, price};
    use super::super::{Connector, Preset};
    use super::*;

    const GT: Policy = Policy::of(Preset::Gt0365);
    const NOW: Timestamp = Timestamp::from_unix_secs(10_000);
    const BY_PEER: Outcome = Outcome::PushOpen(PeerId(0));

    fn watched(key: u32, secs: i64) -> WatchlistItem<Key, Content> {
        WatchlistItem {
            instrument: Key(key),
            receive: true,
            send: true,
            connector: Some(Connector { delay: crate::time::SimDuration::ZERO }),
            active: true,
            retry: 0,
            valuation_only: false,
            price_is_final: false,
            price: price(Some(secs), 1),
        }
    }

    fn set(watchlist: &[WatchlistItem<Key, Content>]) -> ExchangeSet<Key, Content> {
        let mut set = ExchangeSet::new();
        set.begin(true, watchlist.iter().copied());
        set
    }

    fn members(set: &ExchangeSet<Key, Content>) -> Vec<(u32, bool)> {
        set.members().map(|(key, filled)| (key.0, filled)).collect()
    }

    #[test]
    fn gtnet_may_fill_what_has_the_receive_flag_and_a_name_and_is_shown() {
        let private = WatchlistItem { receive: false, ..watched(2, 100) };
        let rate = WatchlistItem { valuation_only: true, ..watched(3, 100) };
        let watchlist = [watched(1, 100), private, rate, watched(UNNAMED.0, 100), watched(INCOMPLETE.0, 100)];
        let mut set = set(&watchlist);
        assert_eq!(members(&set), [(1, false), (INCOMPLETE.0, false)]);
        assert_eq!((set.len(), set.member_count(), set.all_filled()), (5, 2, false));
        set.begin_connectors(&GT, NOW);
        let queue: Vec<_> = set.connector_queue(true).collect();
        let (nobody, private) = (CallReason::NobodyAsked, CallReason::NotReceivable);
        assert_eq!(queue, [(0, nobody), (1, private), (2, private), (4, nobody)], "what has no name is dropped");
        set.begin(false, watchlist);
        assert_eq!((members(&set).len(), set.all_filled()), (0, true));
        set.begin_connectors(&GT, NOW);
        assert_eq!(set.connector_queue(false).count(), 5, "without a network all are left to connectors");
    }

    #[test]
    fn only_a_later_timestamp_fills_with_or_without_a_last_price() {
        let mut set = set(&[1, 2, 3, 4].map(|key| watched(key, 100)));
        let response = [
            item(1, Some(100), 5),
            item(2, Some(101), 5),
            item(3, Some(101), 0),
            item(4, None, 5),
            item(9, Some(101), 5),
        ];
        assert_eq!(set.apply(&response, BY_PEER), 2);
        assert_eq!(members(&set), [(1, false), (2, true), (3, true), (4, false)]);
        let prices: Vec<_> = set.prices().map(|item| item.price).collect();
        assert_eq!(prices, [price(Some(100), 1), price(Some(101), 5), price(Some(101), 1), price(Some(100), 1)]);
        assert_eq!(set.unfilled().map(|item| item.instrument.0).collect::<Vec<_>>(), [1, 4]);
    }

    #[test]
    fn what_gtnet_may_not_fill_is_not_filled_even_if_it_is_marked() {
        let tired = |key| WatchlistItem { retry: 6, ..watched(key, 100) };
        let private = WatchlistItem { receive: false, ..tired(2) };
        let mut set = set(&[tired(1), private, tired(UNNAMED.0)]);
        for at in 0..3 {
            set.mark_filled(at, BY_PEER);
        }
        set.count_retries(GT.retry_bands);
        assert_eq!(set.retries().collect::<Vec<_>>(), [4, 6, 6]);
        assert_eq!(set.local_updates(false).map(|(at, ..)| at).collect::<Vec<_>>(), [0]);
        set.begin_connectors(&Policy { retry_bands: None, ..GT }, NOW);
        let called: Vec<_> = set.connector_queue(true).map(|(at, _)| at).collect();
        assert_eq!(called, [1], "what takes no part is left to its connector, and what has no name to nobody");
    }

    #[test]
    fn what_is_filled_may_be_updated_again_and_counts_again() {
        let mut set = set(&[watched(1, 100)]);
        assert_eq!(set.apply(&[item(1, Some(101), 5), item(1, Some(102), 6)], BY_PEER), 2);
        assert!(set.all_filled());
        assert_eq!(set.apply(&[item(1, Some(103), 7), item(1, Some(103), 8)], BY_PEER), 1);
        assert_eq!(set.prices().next(), Some(item(1, Some(103), 7)));
    }

    #[test]
    fn of_an_instrument_that_is_listed_twice_the_last_is_filled() {
        let mut set = set(&[watched(1, 100), watched(2, 100), watched(1, 50)]);
        assert_eq!(set.member_count(), 2);
        assert_eq!(set.apply(&[item(1, Some(90), 5)], BY_PEER), 1);
        let prices: Vec<_> = set.prices().collect();
        assert_eq!(prices, [item(1, Some(100), 1), item(2, Some(100), 1), item(1, Some(90), 5)]);
    }

    #[test]
    fn retries_are_counted_for_what_gtnet_may_fill_and_changes_are_written_back() {
        let tired = |key, retry| WatchlistItem { retry, ..watched(key, 100) };
        let private = WatchlistItem { receive: false, ..tired(4, 6) };
        let mut set = set(&[tired(1, 6), tired(2, 6), tired(3, 3), private]);
        set.apply(&[item(1, Some(200), 5)], BY_PEER);
        set.count_retries(None);
        assert_eq!(set.retries().collect::<Vec<_>>(), [6, 6, 3, 6]);
        set.count_retries(GT.retry_bands);
        assert_eq!(set.retries().collect::<Vec<_>>(), [4, 7, 3, 6]);
        let written: Vec<_> = set.local_updates(false).map(|(at, price, _)| (at, price)).collect();
        assert_eq!(written, [(0, price(Some(200), 5)), (1, price(Some(100), 1))]);
    }

    #[test]
    fn what_connectors_bring_is_written_back_with_the_counter() {
        let mut set = set(&[1, 2, 3].map(|key| WatchlistItem { retry: 2, ..watched(key, 100) }));
        assert!(set.begin_connectors(&GT, NOW));
        assert!(set.deliver(0, &price(Some(90), 5), &GT));
        set.fail(1, &GT);
        assert!(!set.all_ended());
        set.end(2, Outcome::NotTried(NotTried::CallUnderWay));
        assert!(set.all_ended());
        let written: Vec<_> = set.local_updates(true).collect();
        assert_eq!(written, [(0, price(Some(90), 5), Some(0)), (1, price(Some(100), 1), Some(3))]);
    }

    #[test]
    fn a_delivered_price_without_a_timestamp_leaves_the_old_one() {
        let mut set = set(&[watched(1, 100), watched(2, 100)]);
        set.begin_connectors(&GT, NOW);
        assert!(set.deliver(0, &price(None, 5), &GT));
        assert!(!set.deliver(1, &price(None, 5), &Policy::of(Preset::SevenStep)));
        let prices: Vec<_> = set.prices().collect();
        assert_eq!(prices, [item(1, Some(100), 5), item(2, Some(100), 1)]);
    }

    #[test]
    #[should_panic(expected = "an instrument ends once")]
    fn an_instrument_ends_once() {
        let mut set = set(&[watched(1, 100)]);
        set.fail(0, &GT);
        set.fail(0, &GT);
    }
}
