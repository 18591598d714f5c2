//! How instruments of exchanges end, as results write it: each end has its count and its measure.

use crate::metrics::FillCounts;

use super::{
    FILL_CONNECTOR, FILL_CONNECTOR_FAILED, FILL_NOT_TRIED, FILL_OPEN, FILL_OWN_POOL, FILL_PUSH_OPEN, MeasureId,
};

/// How an instrument of an exchange ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FillSource {
    /// Filled from the own pool.
    OwnPool,
    /// Filled by a push-open peer.
    PushOpen,
    /// Filled by an open peer.
    Open,
    /// A connector delivered.
    Connector,
    /// A connector was asked and failed.
    ConnectorFailed,
    /// No connector was asked.
    NotTried,
}

impl FillSource {
    /// All ways in which an instrument can end, the cheapest first.
    pub const ALL: [Self; 6] =
        [Self::OwnPool, Self::PushOpen, Self::Open, Self::Connector, Self::ConnectorFailed, Self::NotTried];

    /// The name of this end, as results write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OwnPool => "own-pool",
            Self::PushOpen => "push-open",
            Self::Open => "open",
            Self::Connector => "connector",
            Self::ConnectorFailed => "connector-failed",
            Self::NotTried => "not-tried",
        }
    }

    /// The measure of the share of this end.
    #[must_use]
    pub const fn measure(self) -> MeasureId {
        match self {
            Self::OwnPool => FILL_OWN_POOL,
            Self::PushOpen => FILL_PUSH_OPEN,
            Self::Open => FILL_OPEN,
            Self::Connector => FILL_CONNECTOR,
            Self::ConnectorFailed => FILL_CONNECTOR_FAILED,
            Self::NotTried => FILL_NOT_TRIED,
        }
    }

    /// How many instruments of exchanges ended this way.
    #[must_use]
    pub const fn count(self, fills: &FillCounts) -> u64 {
        match self {
            Self::OwnPool => fills.own_pool,
            Self::PushOpen => fills.push_open,
            Self::Open => fills.open,
            Self::Connector => fills.connector,
            Self::ConnectorFailed => fills.connector_failed,
            Self::NotTried => fills.not_tried,
        }
    }
}
