//! What an exchange has to know of an instrument of the watchlist when it begins; it changes nothing of it.

use super::{Connector, Price};

/// One instrument of the watchlist to update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, as the instance has them on record")]
pub struct WatchlistItem<K, C> {
    /// The instrument.
    pub instrument: K,
    /// Receive flag: whether GTNet may fill it.
    pub receive: bool,
    /// Send flag: whether the instance sends its price to others.
    pub send: bool,
    /// The connector that is configured for it.
    pub connector: Option<Connector>,
    /// Whether the instrument still trades; else its connector is not called. Only recorded cases have instruments that do not.
    pub active: bool,
    /// Retry counter.
    pub retry: u32,
    /// Needed only to value other instruments: the connector updates it, but it takes no part in the exchange, and is not
    /// shown. Only recorded cases have such.
    pub valuation_only: bool,
    /// Whether its market has closed, and the local price was stamped after that: there will be no other one until the market opens
    /// again.
    pub price_is_final: bool,
    /// The local price.
    pub price: Price<C>,
}
