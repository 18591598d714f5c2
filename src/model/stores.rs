//! Where prices are kept: an instance's own instruments, and the pool of a push-open instance. No price is replaced by an older
//! one, except a local price where the policy lets connectors do so.

use crate::observe::{InstanceId, ProviderId};
use crate::protocol::{InstrumentId, InstrumentStore, PoolRow, Price, PriceItem, PriceStore};

use super::message::MessageItem;
use super::quote::Quote;

/// The price of an instrument that has none.
pub(super) const NO_PRICE: Price<Quote> = Price { timestamp: None, content: Quote::NONE };

/// An instrument that an instance has recorded.
#[derive(Clone, Copy, Debug)]
pub(super) struct LocalInstrument {
    pub(super) instrument: InstrumentId,
    pub(super) price: Price<Quote>,
    /// Whose connector it uses; `None`: no provider has it.
    pub(super) provider: Option<ProviderId>,
    /// May be filled by GTNet.
    pub(super) receive: bool,
    /// May be sent to others.
    pub(super) send: bool,
    /// Retry counter.
    pub(super) retry: u32,
    /// A connector call for it is under way.
    pub(super) claimed: bool,
}

/// The instruments that an instance has recorded, in ascending order.
#[derive(Clone, Debug, Default)]
pub(super) struct LocalInstruments {
    rows: Vec<LocalInstrument>,
    /// By instrument, 64 to a word: recorded, and may be sent.
    sendable: Vec<u64>,
}

impl LocalInstruments {
    /// `instruments` may come in any order, and repeat.
    pub(super) fn new(
        mut instruments: Vec<InstrumentId>,
        mut record: impl FnMut(InstrumentId) -> (Option<ProviderId>, bool, bool),
    ) -> Self {
        instruments.sort_unstable();
        instruments.dedup();
        let rows = instruments
            .into_iter()
            .map(|instrument| {
                let (provider, receive, send) = record(instrument);
                LocalInstrument { instrument, price: NO_PRICE, provider, receive, send, retry: 0, claimed: false }
            })
            .collect::<Vec<LocalInstrument>>();
        let words = rows.last().map_or(0, |last| last.instrument.0 as usize / 64 + 1);
        let mut sendable = vec![0; words];
        for row in rows.iter().filter(|row| row.send) {
            sendable[row.instrument.0 as usize / 64] |= 1 << (row.instrument.0 % 64);
        }
        Self { rows, sendable }
    }

    /// Whether an instrument is recorded and may be sent; asked for every instrument and open peer of an exchange.
    pub(super) fn sends(&self, instrument: InstrumentId) -> bool {
        self.sendable.get(instrument.0 as usize / 64).is_some_and(|word| word & (1 << (instrument.0 % 64)) != 0)
    }

    /// Number of instruments that may be sent.
    pub(super) fn sendable_count(&self) -> usize {
        self.sendable.iter().map(|word| word.count_ones() as usize).sum()
    }

    pub(super) fn get(&self, instrument: InstrumentId) -> Option<&LocalInstrument> {
        self.row(instrument).map(|row| &self.rows[row])
    }

    /// The row of an instrument, by which it can be found without a search.
    pub(super) fn row(&self, instrument: InstrumentId) -> Option<usize> {
        self.rows.binary_search_by_key(&instrument, |row| row.instrument).ok()
    }

    pub(super) fn rows(&self) -> &[LocalInstrument] {
        &self.rows
    }

    pub(super) fn at(&self, row: usize) -> &LocalInstrument {
        &self.rows[row]
    }

    /// Keeps `price` if it is newer than what is there.
    pub(super) fn save(&mut self, row: usize, price: Price<Quote>) {
        let local = &mut self.rows[row].price;
        if price.is_newer_than(local.timestamp) {
            *local = price;
        }
    }

    pub(super) fn at_mut(&mut self, row: usize) -> &mut LocalInstrument {
        &mut self.rows[row]
    }
}

impl InstrumentStore<InstrumentId, Quote> for LocalInstruments {
    fn price(&self, instrument: InstrumentId) -> Option<Price<Quote>> {
        self.get(instrument).map(|row| row.price)
    }

    fn set_price(&mut self, instrument: InstrumentId, price: Price<Quote>) {
        let row = self.row(instrument).expect("only the price of a recorded instrument is set");
        self.save(row, price);
    }

    fn may_receive(&self, instrument: InstrumentId) -> bool {
        self.get(instrument).is_some_and(|row| row.receive)
    }

    fn may_send(&self, instrument: InstrumentId) -> bool {
        self.sends(instrument)
    }

    fn may_send_any(&self) -> bool {
        self.sendable.iter().any(|word| *word != 0)
    }
}

/// The price pool of a push-open instance. It has a place for every instrument that its own users watch or those of its peers. Of others
/// it never hears.
#[derive(Clone, Debug)]
pub(super) struct Pool {
    places: Places,
    prices: Vec<Price<Quote>>,
    known: Vec<bool>,
    /// By place: the instance that has pushed the price. Empty where nobody asks for it.
    pushers: Vec<InstanceId>,
    size: u32,
}

/// Numbers some instruments without gaps, in ascending order.
#[derive(Clone, Debug, Default)]
struct Places {
    /// 64 instruments to an entry: which of them have a place, and how many have one before them.
    words: Vec<(u64, u32)>,
}

impl Places {
    /// `instruments` ascend, and none comes twice.
    fn of(instruments: impl Iterator<Item = InstrumentId>) -> Self {
        let mut words: Vec<(u64, u32)> = Vec::new();
        for (place, instrument) in (0_u32..).zip(instruments) {
            let word = instrument.0 as usize / 64;
            while words.len() <= word {
                words.push((0, place));
            }
            words[word].0 |= 1 << (instrument.0 % 64);
        }
        Self { words }
    }

    /// The place of an instrument, if it has one.
    fn get(&self, instrument: InstrumentId) -> Option<usize> {
        let (bits, before) = self.words.get(instrument.0 as usize / 64)?;
        let bit = 1_u64 << (instrument.0 % 64);
        (bits & bit != 0).then(|| (before + (bits & (bit - 1)).count_ones()) as usize)
    }

    /// The instruments that have a place, in the order of these.
    fn instruments(&self) -> impl Iterator<Item = InstrumentId> + '_ {
        let numbers = (0_u32..).zip(&self.words).flat_map(|(word, (bits, _))| {
            (0..64).filter(move |bit| bits & (1 << bit) != 0).map(move |bit| 64 * word + bit)
        });
        numbers.map(InstrumentId)
    }
}

/// Nobody has pushed the price.
const NOBODY: InstanceId = InstanceId(u32::MAX);

impl Pool {
    /// Memory for each instrument that has a place \[bytes\].
    pub(super) const fn bytes_per_place(knows_pushers: bool) -> usize {
        let pusher = if knows_pushers { size_of::<InstanceId>() } else { 0 };
        size_of::<Price<Quote>>() + size_of::<bool>() + pusher
    }

    /// Memory for each instrument that there is, to find its place \[bytes\].
    pub(super) fn bytes_per_instrument() -> f64 {
        size_of::<(u64, u32)>() as f64 / 64.0
    }

    /// No pool.
    pub(super) fn none() -> Self {
        Self::new([], false)
    }

    /// An empty pool with places for `instruments`, which ascend. It may note who has pushed each price.
    pub(super) fn new(instruments: impl IntoIterator<Item = InstrumentId>, knows_pushers: bool) -> Self {
        let mut room = 0;
        let places = Places::of(instruments.into_iter().inspect(|_| room += 1));
        let pushers = vec![NOBODY; if knows_pushers { room } else { 0 }];
        Self { places, prices: vec![NO_PRICE; room], known: vec![false; room], pushers, size: 0 }
    }

    /// Forgets all prices.
    pub(super) fn clear(&mut self) {
        self.prices.fill(NO_PRICE);
        self.known.fill(false);
        self.pushers.fill(NOBODY);
        self.size = 0;
    }

    /// Forgets all prices that an instance has pushed and that are still there.
    pub(super) fn drop_pushed_by(&mut self, pusher: InstanceId) {
        for (at, _) in self.pushers.iter().enumerate().filter(|(_, by)| **by == pusher) {
            (self.prices[at], self.known[at]) = (NO_PRICE, false);
            self.size -= 1;
        }
        self.pushers.iter_mut().filter(|by| **by == pusher).for_each(|by| *by = NOBODY);
    }

    /// The instruments that have a place in it, ascending.
    pub(super) fn instruments(&self) -> impl Iterator<Item = InstrumentId> + '_ {
        self.places.instruments()
    }

    /// The place of an instrument about which somebody says something.
    fn place(&self, instrument: InstrumentId) -> usize {
        self.places.get(instrument).expect("whoever reaches a pool watches instruments that have a place there")
    }

    /// Number of instruments in the pool.
    pub(super) fn size(&self) -> u32 {
        self.size
    }

    /// The pool as a push of an instance fills it. What it takes is appended to `taken`.
    pub(super) fn as_pushed<'a>(&'a mut self, pusher: InstanceId, taken: &'a mut Vec<MessageItem>) -> PushedPool<'a> {
        PushedPool { pool: self, pusher, taken }
    }

    /// The pool as its own instance fills it, without a push.
    pub(super) fn as_owner(&mut self) -> OwnersPool<'_> {
        OwnersPool(self)
    }
}

/// A pool that its own instance fills; see [`Pool::as_owner`].
#[derive(Debug)]
pub(super) struct OwnersPool<'a>(&'a mut Pool);

impl PriceStore<InstrumentId, Quote> for OwnersPool<'_> {
    fn row(&self, instrument: InstrumentId) -> PoolRow<Quote> {
        self.0.row(instrument)
    }

    fn store(&mut self, instrument: InstrumentId, mut price: Price<Quote>) {
        price.content.pushed = false;
        self.0.store(instrument, price);
    }
}

/// A pool that a push fills; see [`Pool::as_pushed`].
#[derive(Debug)]
pub(super) struct PushedPool<'a> {
    pool: &'a mut Pool,
    pusher: InstanceId,
    taken: &'a mut Vec<MessageItem>,
}

impl PriceStore<InstrumentId, Quote> for PushedPool<'_> {
    fn row(&self, instrument: InstrumentId) -> PoolRow<Quote> {
        self.pool.row(instrument)
    }

    fn store(&mut self, instrument: InstrumentId, price: Price<Quote>) {
        self.pool.store(instrument, price);
        let place = self.pool.place(instrument);
        if let Some(by) = self.pool.pushers.get_mut(place) {
            *by = self.pusher;
        }
        self.taken.push(PriceItem { instrument, price });
    }
}

impl PriceStore<InstrumentId, Quote> for Pool {
    fn row(&self, instrument: InstrumentId) -> PoolRow<Quote> {
        match self.places.get(instrument) {
            Some(at) if self.known[at] => PoolRow::Priced(self.prices[at]),
            _ => PoolRow::Unknown,
        }
    }

    fn store(&mut self, instrument: InstrumentId, price: Price<Quote>) {
        let at = self.place(instrument);
        assert!(
            price.timestamp >= self.prices[at].timestamp,
            "the pooled price of instrument {} would get older: {:?} after {:?}",
            instrument.0,
            price.timestamp,
            self.prices[at].timestamp
        );
        self.size += u32::from(!self.known[at]);
        self.known[at] = true;
        self.prices[at] = price;
        if let Some(by) = self.pushers.get_mut(at) {
            *by = NOBODY;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::marks::Marks;
    use crate::time::{SimTime, Timestamp};

    fn price(secs: i64) -> Price<Quote> {
        let timestamp = Timestamp::from_unix_secs(secs);
        let marks = Marks::fetched(ProviderId(0), SimTime::START, SimTime::START);
        Price { timestamp: Some(timestamp), content: Quote { marks, ..Quote::NONE } }
    }

    #[test]
    fn local_instruments_are_distinct_and_keep_the_newest_price() {
        let ids = [5, 2, 5, 9].map(InstrumentId).to_vec();
        let mut local = LocalInstruments::new(ids, |_| (None, true, true));
        assert_eq!([0, 1, 2].map(|row| local.at(row).instrument.0), [2, 5, 9]);
        assert_eq!(local.rows.len(), 3);
        assert_eq!(local.row(InstrumentId(3)), None);
        assert_eq!([2, 3, 9, 1_000].map(|id| local.sends(InstrumentId(id))), [true, false, true, false]);
        let row = local.row(InstrumentId(5)).expect("recorded");
        local.save(row, price(10));
        local.save(row, price(8));
        assert_eq!(local.at(row).price, price(10));
    }

    fn pool_of(instruments: impl IntoIterator<Item = u32>, knows_pushers: bool) -> Pool {
        Pool::new(instruments.into_iter().map(InstrumentId), knows_pushers)
    }

    #[test]
    fn instruments_have_places_without_gaps() {
        let watched = [0, 3, 63, 64, 200, 1_000];
        let pool = pool_of(watched, false);
        assert_eq!(watched.map(|instrument| pool.place(InstrumentId(instrument))), [0, 1, 2, 3, 4, 5]);
        assert_eq!(pool.instruments().map(|instrument| instrument.0).collect::<Vec<_>>(), watched);
        for other in [1, 62, 65, 199, 201, 999, 1_001, u32::MAX] {
            assert_eq!((pool.places.get(InstrumentId(other)), pool.row(InstrumentId(other))), (None, PoolRow::Unknown));
        }
        assert_eq!(Pool::none().instruments().count(), 0);
    }

    #[test]
    #[should_panic(expected = "have a place there")]
    fn a_pool_takes_nothing_that_has_no_place() {
        pool_of([1, 3], false).store(InstrumentId(2), price(1));
    }

    #[test]
    fn a_pool_counts_what_it_knows() {
        let mut pool = pool_of(0..10, false);
        assert_eq!(pool.row(InstrumentId(3)), PoolRow::Unknown);
        pool.store(InstrumentId(3), price(1));
        pool.store(InstrumentId(3), price(2));
        assert_eq!((pool.size(), pool.row(InstrumentId(3))), (1, PoolRow::Priced(price(2))));
    }

    #[test]
    fn a_pool_forgets_what_one_instance_has_pushed_and_nothing_else() {
        let mut pool = pool_of(0..9, true);
        let [one, other] = [4, 5].map(InstanceId);
        let mut taken = Vec::new();
        for (instrument, pusher) in [(0, one), (1, one), (2, other), (3, one), (4, one)] {
            pool.as_pushed(pusher, &mut taken).store(InstrumentId(instrument), price(5));
        }
        // Of these it now has a price from somebody else.
        pool.as_pushed(other, &mut taken).store(InstrumentId(3), price(6));
        pool.as_owner().store(InstrumentId(4), price(6));
        assert_eq!(taken.iter().map(|item| item.instrument.0).collect::<Vec<_>>(), [0, 1, 2, 3, 4, 3]);
        pool.drop_pushed_by(one);
        let known =
            |pool: &Pool| (0..9).filter(|at| pool.row(InstrumentId(*at)) != PoolRow::Unknown).collect::<Vec<_>>();
        assert_eq!((known(&pool), pool.size()), (vec![2, 3, 4], 3));
        pool.drop_pushed_by(one);
        pool.store(InstrumentId(0), price(1));
        assert_eq!((known(&pool), pool.size()), (vec![0, 2, 3, 4], 4), "an older price may come where none is left");
        pool.clear();
        assert_eq!((known(&pool), pool.size(), pool.instruments().count()), (vec![], 0, 9));
    }

    #[test]
    #[should_panic(expected = "would get older")]
    fn a_pooled_price_never_gets_older() {
        let mut pool = pool_of([0], false);
        pool.store(InstrumentId(0), price(2));
        pool.store(InstrumentId(0), price(1));
    }
}
