//! The requesting side: one watchlist update as a state machine, in which every instrument ends exactly once.

use crate::time::Timestamp;

use super::entry::{ExchangeEntry, PriceOrigin};
use super::pool::{PriceStore, answer_from_pool, pool_own, pool_received};
use super::push_back::ReturnedPrices;
use super::supplier::{Ranked, rank};
use super::{
    AcceptMode, Action, CallReason, ClosedMarkets, ConnectorResult, ExchangeSet, InstrumentKey, MaxLimitAction,
    NotTried, Outcome, OwnPoolStores, PeerId, Policy, Price, PriceContent, PriceItem, PushBack, PushBackTo,
    RequestScope, Supplier, SupplierDetails, WatchlistItem,
};

/// What the requesting instance is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnInstance {
    /// Its own accept mode.
    pub mode: AcceptMode,
    /// Whether it takes part in GTNet.
    pub gtnet: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    OwnPool,
    PushOpenPeers { next: usize },
    RankOpenPeers,
    OpenPeers { next: usize },
    EndOfGtnet,
    Connectors,
    OwnPoolUpdate,
    SyncPushBack { next: usize },
    Finish,
    AsyncPushBack { next: usize },
    Done,
}

/// One watchlist update of one instance.
///
/// Create one, [`start`](Self::start) it, and do what [`next_action`](Self::next_action) says until it says
/// [`Action::Done`]. An exchange that is started anew keeps its buffers: they grow only for a longer watchlist than before.
#[derive(Clone, Debug)]
pub struct Exchange<K, C> {
    policy: Policy,
    own: OwnInstance,
    now: Timestamp,
    /// Whether the exchange set goes to GTNet at all: it is switched on and there is a peer.
    networked: bool,
    set: ExchangeSet<K, C>,
    suppliers: Vec<Supplier>,
    push_open: Vec<Ranked>,
    open: Vec<Ranked>,
    stage: Stage,
    /// Servers asked so far.
    servers: u32,
    /// Positions that the request under way carries.
    request: Vec<usize>,
    /// Positions that the server under way still has to be asked for, where a request is split.
    rest: Vec<usize>,
    /// Whether the server under way has got no request yet before this one.
    is_first_part: bool,
    contacted: Vec<Contact>,
    returned: ReturnedPrices<K>,
    /// Kept for their buffers.
    own_pool_request: Vec<PriceItem<K, C>>,
    own_pool_answer: Vec<PriceItem<K, C>>,
}

/// A server that was asked.
#[derive(Clone, Copy, Debug)]
struct Contact {
    peer: PeerId,
    push_open: bool,
    /// It was the n-th.
    ordinal: u32,
}

impl<K: InstrumentKey, C: PriceContent> Exchange<K, C> {
    /// An exchange that has nothing to do.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self {
            policy,
            own: OwnInstance { mode: AcceptMode::Closed, gtnet: false },
            now: Timestamp::from_unix_secs(0),
            networked: false,
            set: ExchangeSet::new(),
            suppliers: Vec::new(),
            push_open: Vec::new(),
            open: Vec::new(),
            stage: Stage::Done,
            servers: 0,
            request: Vec::new(),
            rest: Vec::new(),
            is_first_part: true,
            contacted: Vec::new(),
            returned: ReturnedPrices::new(),
            own_pool_request: Vec::new(),
            own_pool_answer: Vec::new(),
        }
    }

    /// From now on it follows these rules: the next exchange in its buffers may be one of another instance.
    pub fn follow(&mut self, policy: Policy) {
        self.policy = policy;
    }

    /// Memory that an exchange keeps for each instrument of its watchlist \[bytes\].
    #[must_use]
    pub const fn bytes_per_instrument() -> usize {
        size_of::<ExchangeEntry<K, C>>() + size_of::<(K, u32)>()
    }

    /// Memory that an exchange keeps for each price that a server returns \[bytes\].
    #[must_use]
    pub const fn bytes_per_returned() -> usize {
        ReturnedPrices::<K>::bytes_per_price()
    }

    /// Memory that an exchange keeps for each peer that its instance knows \[bytes\].
    #[must_use]
    pub const fn bytes_per_peer() -> usize {
        size_of::<Supplier>() + size_of::<Ranked>()
    }

    /// Begins the update of a watchlist when the own clock shows `now`: separates what GTNet may fill from the rest and
    /// ranks the push-open peers (seven-step, steps 1 and 3).
    ///
    /// `suppliers` are all peer entries in the order in which equals are to be tried: shuffle them. An exchange that was under way
    /// is given up.
    pub fn start(
        &mut self,
        own: OwnInstance,
        now: Timestamp,
        watchlist: impl IntoIterator<Item = WatchlistItem<K, C>>,
        suppliers: impl IntoIterator<Item = Supplier>,
    ) {
        self.own = own;
        self.now = now;
        self.suppliers.clear();
        self.suppliers.extend(suppliers);
        let is_peer = |supplier: &Supplier| supplier.exchange_agreed || supplier.priority > 0;
        self.networked = own.gtnet && self.suppliers.iter().any(is_peer);
        self.set.begin(self.networked, watchlist);
        if self.policy.closed_markets == ClosedMarkets::NotAsked {
            self.set.leave_out_final();
        }
        rank(&self.suppliers, AcceptMode::PushOpen, &self.policy, |_| 0, &mut self.push_open);
        self.servers = 0;
        self.request.clear();
        self.rest.clear();
        self.contacted.clear();
        self.returned.clear();
        self.stage = match (self.networked, own.mode) {
            (false, _) => Stage::Connectors,
            (true, AcceptMode::PushOpen) => Stage::OwnPool,
            (true, _) => Stage::PushOpenPeers { next: 0 },
        };
    }

    /// Tells the exchange what the own clock shows by now.
    pub fn set_clock(&mut self, now: Timestamp) {
        self.now = now;
    }

    /// What to do next. Call it again when that is done.
    ///
    /// # Panics
    ///
    /// If a connector result is still owed.
    pub fn next_action(&mut self, details: &impl SupplierDetails<K>) -> Action {
        if let Some(action) = self.ask_for_rest() {
            return action;
        }
        loop {
            match self.stage {
                Stage::OwnPool => {
                    self.stage = Stage::PushOpenPeers { next: 0 };
                    if !self.set.all_filled() {
                        return Action::AskOwnPool;
                    }
                }
                Stage::PushOpenPeers { next } => match self.push_open.get(next) {
                    Some(&supplier) if self.asks_on() => {
                        self.stage = Stage::PushOpenPeers { next: next + 1 };
                        self.compose(|_| true);
                        return self.ask(supplier, true);
                    }
                    _ => self.stage = Stage::RankOpenPeers,
                },
                Stage::RankOpenPeers => {
                    if self.asks_on() {
                        let coverage = |peer| self.set.coverage(details, peer);
                        rank(&self.suppliers, AcceptMode::Open, &self.policy, coverage, &mut self.open);
                        self.stage = Stage::OpenPeers { next: 0 };
                    } else {
                        self.stage = Stage::EndOfGtnet;
                    }
                }
                Stage::OpenPeers { next } => match self.open.get(next) {
                    Some(&supplier) if self.asks_on() => {
                        self.stage = Stage::OpenPeers { next: next + 1 };
                        match self.policy.request_scope {
                            RequestScope::All => self.compose(|_| true),
                            RequestScope::Unfilled => {
                                self.compose(|instrument| details.covers(supplier.peer, instrument));
                            }
                        }
                        if !self.request.is_empty() {
                            return self.ask(supplier, false);
                        }
                    }
                    _ => self.stage = Stage::EndOfGtnet,
                },
                Stage::EndOfGtnet => {
                    self.set.count_retries(self.policy.retry_bands);
                    self.stage = Stage::Connectors;
                }
                Stage::Connectors => {
                    self.stage = Stage::OwnPoolUpdate;
                    if self.set.begin_connectors(&self.policy, self.now) {
                        return Action::CallConnectors;
                    }
                }
                Stage::OwnPoolUpdate => {
                    assert!(self.set.all_ended(), "every connector result comes in before the exchange goes on");
                    self.stage = Stage::SyncPushBack { next: 0 };
                    if self.networked && self.own.mode == AcceptMode::PushOpen {
                        return Action::UpdateOwnPool;
                    }
                }
                Stage::SyncPushBack { next } => match self.next_push(PushBack::Sync, next) {
                    Some((at, peer)) => {
                        self.stage = Stage::SyncPushBack { next: at + 1 };
                        return Action::PushBack { peer };
                    }
                    None => self.stage = Stage::Finish,
                },
                Stage::Finish => {
                    self.stage = Stage::AsyncPushBack { next: 0 };
                    return Action::Finish;
                }
                Stage::AsyncPushBack { next } => match self.next_push(PushBack::Async, next) {
                    Some((at, peer)) => {
                        self.stage = Stage::AsyncPushBack { next: at + 1 };
                        return Action::PushBack { peer };
                    }
                    None => self.stage = Stage::Done,
                },
                Stage::Done => return Action::Done,
            }
        }
    }

    /// Fills instruments from the own pool, as if the instance sent a request to itself: the pool learns from it as from any
    /// request, but the threshold is that of the own pool (seven-step, step 2; 0.36.5, `exchange`). Returns how many
    /// instruments that filled.
    pub fn consult_own_pool(&mut self, pool: &mut impl PriceStore<K, C>) -> u32 {
        self.compose(|_| true);
        let mut request = std::mem::take(&mut self.own_pool_request);
        let mut answer = std::mem::take(&mut self.own_pool_answer);
        request.clear();
        request.extend(self.request.iter().map(|&at| self.set.entries()[at].as_item()));
        answer.clear();
        let min_acceptable = self.policy.own_pool_min_acceptable(self.now);
        // No message is sent.
        let policy = Policy { timestamp_resolution: None, ..self.policy };
        answer_from_pool(&policy, pool, &request, min_acceptable, &mut answer);
        let filled = self.set.apply_from(&answer, Outcome::OwnPool, PriceOrigin::OwnPool);
        (self.own_pool_request, self.own_pool_answer) = (request, answer);
        filled
    }

    /// The request under way, with the local prices as they stand, but for those that the policy hides from its receiver
    /// (seven-step, steps 3 and 4; general-flow, steps 2 and 6).
    #[must_use]
    pub fn request(&self) -> impl ExactSizeIterator<Item = PriceItem<K, C>> {
        let to_push_open = self.contacted.last().is_some_and(|contact| contact.push_open);
        let hides = self.policy.hides_unsent.in_request(to_push_open);
        self.request.iter().map(move |&at| {
            let entry = &self.set.entries()[at];
            let item = self.as_sent(entry);
            if hides && entry.is_unsent() { PriceItem { price: Price::NONE, ..item } } else { item }
        })
    }

    /// The oldest timestamp that a peer may answer to a request sent when the own clock shows `now`.
    #[must_use]
    pub fn min_acceptable(&self, now: Timestamp) -> Option<Timestamp> {
        self.policy.min_acceptable(now)
    }

    /// Takes the answer of `peer` to the request under way; returns how many instruments got a newer price. Prices that
    /// are not newer, or of instruments that the exchange set does not hold, change nothing.
    ///
    /// # Panics
    ///
    /// If `peer` has not been asked.
    pub fn on_reply(&mut self, peer: PeerId, answer: &[PriceItem<K, C>]) -> u32 {
        let contact = self.contact(peer).expect("an answer comes from a peer that was asked");
        self.set.mark_asked(&self.request);
        self.returned.note(peer, answer);
        let outcome = if contact.push_open { Outcome::PushOpen(peer) } else { Outcome::Open(peer) };
        self.set.apply_from(answer, outcome, PriceOrigin::Server(contact.ordinal))
    }

    /// The request under way came to nothing (refused, timed out, malformed): the exchange goes on with the next peer. The
    /// peer has been contacted all the same.
    pub fn on_failure(&mut self) {
        self.set.mark_asked(&self.request);
        self.set.mark_failed(&self.request);
        self.set.mark_failed(&self.rest);
        self.rest.clear();
    }

    /// The request under way was not sent: the exchange goes on with the next peer, as if this one had not been chosen. Of a peer
    /// that has had a part of its requests, only the rest is given up (0.36.9).
    pub fn withdraw(&mut self) {
        self.rest.clear();
        if self.is_first_part {
            self.contacted.pop();
            self.servers -= 1;
        }
    }

    /// The instruments whose connector is to be called: positions in the watchlist with the reason (seven-step, step 5).
    pub fn connector_queue(&self) -> impl Iterator<Item = (usize, CallReason)> {
        self.set.connector_queue(self.own.gtnet)
    }

    /// Takes the result of the connector call for the instrument at position `at` of the watchlist; says whether its
    /// price was taken.
    ///
    /// # Panics
    ///
    /// If the instrument has ended already.
    pub fn on_connector_result(&mut self, at: usize, result: ConnectorResult<C>) -> bool {
        match result {
            ConnectorResult::Delivered(price) => return self.set.deliver(at, &price, &self.policy),
            ConnectorResult::Failed => self.set.fail(at, &self.policy),
            ConnectorResult::UnderWay => {
                self.set.end(at, Outcome::NotTried(NotTried::CallUnderWay));
            }
        }
        false
    }

    /// Stores prices in the own pool: those that the policy names, if they are newer than the pooled ones (seven-step, step 6).
    /// Returns how many it stored.
    pub fn update_own_pool(&self, pool: &mut impl PriceStore<K, C>) -> u32 {
        let entries = self.set.entries().iter();
        match self.policy.own_pool_stores {
            OwnPoolStores::Connector => pool_own(
                pool,
                entries.filter(|entry| entry.origin == Some(PriceOrigin::Connector)).map(ExchangeEntry::as_item),
            ),
            OwnPoolStores::Remaining => {
                pool_own(pool, entries.filter(|entry| entry.remaining).map(ExchangeEntry::as_item))
            }
            OwnPoolStores::All => {
                pool_received(pool, entries.filter(|entry| entry.origin.is_some()).map(ExchangeEntry::as_item))
            }
        }
    }

    /// The prices that go back to `peer`: news that the policy names, of all instruments that are shown, also of those that GTNet may
    /// not fill (seven-step, step 7; general-flow, steps 9 and 10).
    pub fn push(&self, peer: PeerId) -> impl Iterator<Item = PriceItem<K, C>> {
        let ordinal = self.contact(peer).map_or(0, |contact| contact.ordinal);
        self.shown()
            .filter(|entry| !(self.policy.hides_unsent.in_push() && entry.is_unsent()))
            .filter(move |entry| entry.is_among(self.policy.push_back_prices, ordinal))
            .filter(move |entry| self.returned.is_news(peer, &self.as_sent(entry)))
            .map(|entry| self.as_sent(entry))
    }

    /// What the local instruments have to take over from the exchange so far: position in the watchlist, price, and the retry
    /// counter if this exchange has written it.
    pub fn local_updates(&self) -> impl Iterator<Item = (usize, Price<C>, Option<u32>)> {
        self.set.local_updates(self.policy.received_prices_saved)
    }

    /// The instruments of the exchange.
    #[must_use]
    pub fn set(&self) -> &ExchangeSet<K, C> {
        &self.set
    }

    /// What the user sees, in the order of the watchlist: each instrument with its price and retry counter so far, and how it
    /// ended; `None`: it has not ended yet.
    pub fn items(&self) -> impl Iterator<Item = (PriceItem<K, C>, u32, Option<Outcome>)> {
        self.shown().map(|entry| (entry.as_item(), entry.item.retry, entry.outcome))
    }

    /// Of each instrument of [`items`](Self::items): why GTNet has not supplied it so far, or would not have, had nobody filled it.
    pub fn reasons(&self) -> impl Iterator<Item = CallReason> {
        self.shown().map(|entry| entry.call_reason(self.own.gtnet))
    }

    fn as_sent(&self, entry: &ExchangeEntry<K, C>) -> PriceItem<K, C> {
        let PriceItem { instrument, price } = entry.as_item();
        PriceItem { instrument, price: self.policy.price_as_sent(price) }
    }

    fn shown(&self) -> impl Iterator<Item = &ExchangeEntry<K, C>> {
        let unnamed = Some(Outcome::NotTried(NotTried::Unnamed));
        self.set.entries().iter().filter(move |entry| !entry.item.valuation_only && entry.outcome != unnamed)
    }

    /// Whether another server is to be asked.
    fn asks_on(&self) -> bool {
        if self.policy.max_servers.is_some_and(|most| self.servers >= most) {
            return false;
        }
        match self.policy.request_scope {
            RequestScope::Unfilled => !self.set.all_filled(),
            // Once a server has been asked, the other one is asked too. If the own pool has filled everything, nobody is.
            RequestScope::All => self.servers > 0 || !self.set.all_filled(),
        }
    }

    fn compose(&mut self, wanted: impl Fn(K) -> bool) {
        let whole_set = self.policy.request_scope == RequestScope::All;
        self.set.compose(whole_set, wanted, &mut self.request);
    }

    fn ask(&mut self, supplier: Ranked, push_open: bool) -> Action {
        let peer = supplier.peer;
        self.servers += 1;
        self.contacted.push(Contact { peer, push_open, ordinal: self.servers });
        self.split(supplier.max_limit);
        self.is_first_part = true;
        Action::Request { peer }
    }

    /// Where the policy splits requests: cuts the request to the limit of the peer, and keeps the rest for further requests.
    fn split(&mut self, max_limit: Option<u32>) {
        if let Some(limit) = max_limit.filter(|_| self.policy.max_limit_action == MaxLimitAction::Split) {
            // A limit of 0 would never let the exchange end.
            let at_once = self.request.len().min(limit.max(1) as usize);
            self.rest.extend(self.request.drain(at_once..));
        }
    }

    /// Asks the server under way for what did not fit into its last request.
    fn ask_for_rest(&mut self) -> Option<Action> {
        if self.rest.is_empty() {
            return None;
        }
        let at_once = self.rest.len().min(self.request.len());
        self.request.clear();
        self.request.extend(self.rest.drain(..at_once));
        self.is_first_part = false;
        self.contacted.last().map(|contact| Action::Request { peer: contact.peer })
    }

    fn contact(&self, peer: PeerId) -> Option<Contact> {
        self.contacted.iter().find(|contact| contact.peer == peer).copied()
    }

    /// The next server from position `from` on that gets a push now.
    fn next_push(&self, when: PushBack, from: usize) -> Option<(usize, PeerId)> {
        if self.policy.push_back != when || !self.policy.push_back_from.includes(self.own.mode) {
            return None;
        }
        let any_pool = self.contacted.iter().any(|contact| contact.push_open);
        let recipients = self.contacted.iter().enumerate().skip(from).filter(|(_, contact)| {
            let takes_pushes = contact.push_open || (self.policy.open_accepts_push && any_pool);
            takes_pushes
                && match self.policy.push_back_to {
                    PushBackTo::Contacted => true,
                    PushBackTo::Responders => self.returned.responded(contact.peer),
                }
        });
        let mut with_news = recipients.filter(|(_, contact)| self.push(contact.peer).next().is_some());
        with_news.next().map(|(at, contact)| (at, contact.peer))
    }
}
