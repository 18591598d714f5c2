//! One instrument in the course of an exchange: it ends once, and says why its connector is called.

use super::{CallReason, InstrumentKey, NotTried, Outcome, PriceContent, PriceItem, PushBackPrices, WatchlistItem};

/// From whom the newest price of an instrument came in this exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum PriceOrigin {
    OwnPool,
    /// The n-th server asked.
    Server(u32),
    Connector,
}

/// One instrument in the course of an exchange.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts that come about one by one")]
pub(super) struct ExchangeEntry<K, C> {
    pub(super) item: WatchlistItem<K, C>,
    pub(super) outcome: Option<Outcome>,
    pub(super) origin: Option<PriceOrigin>,
    /// GTNet may fill it.
    pub(super) member: bool,
    /// The connector step had it on its list.
    pub(super) remaining: bool,
    /// Some request carried it.
    pub(super) asked: bool,
    /// A request that carried it failed.
    pub(super) failed: bool,
    /// Its row in the local instruments is written, whether or not received prices are saved.
    pub(super) written_back: bool,
}

impl<K: InstrumentKey, C: PriceContent> ExchangeEntry<K, C> {
    /// An instrument at the beginning of an exchange. Without a network GTNet fills it in no case.
    pub(super) fn new(item: WatchlistItem<K, C>, networked: bool) -> Self {
        let in_exchange = networked && item.receive && !item.valuation_only;
        let member = in_exchange && item.instrument.is_named();
        Self {
            item,
            outcome: (in_exchange && !member).then_some(Outcome::NotTried(NotTried::Unnamed)),
            origin: None,
            member,
            remaining: false,
            asked: false,
            failed: false,
            written_back: false,
        }
    }

    pub(super) fn as_item(&self) -> PriceItem<K, C> {
        PriceItem { instrument: self.item.instrument, price: self.item.price }
    }

    /// Whether the instance keeps the price to itself where the rules let it.
    pub(super) fn is_unsent(&self) -> bool {
        !self.item.send
    }

    /// Whether its price is one of `prices` to the server that was asked as the `ordinal`-th.
    pub(super) fn is_among(&self, prices: PushBackPrices, ordinal: u32) -> bool {
        match prices {
            PushBackPrices::News => true,
            PushBackPrices::Updated => self.origin.is_some(),
            PushBackPrices::LaterSources => self.origin > Some(PriceOrigin::Server(ordinal)),
        }
    }

    pub(super) fn fill(&mut self, outcome: Outcome) {
        if self.member {
            self.outcome.get_or_insert(outcome);
        }
    }

    pub(super) fn call_reason(&self, gtnet: bool) -> CallReason {
        if !gtnet {
            CallReason::GtnetOff
        } else if !self.item.receive || self.item.valuation_only {
            CallReason::NotReceivable
        } else if self.failed {
            CallReason::PeerFailed
        } else if self.asked {
            CallReason::NobodyHadIt
        } else {
            CallReason::NobodyAsked
        }
    }
}
