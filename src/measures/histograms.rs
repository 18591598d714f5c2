//! What measures take quantiles of. A quantile over several replications is one of all their numbers together.

use std::borrow::Cow;

use crate::metrics::{LogHistogram, Measurements, ServerMeasurements};

/// Of what a histogram is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HistogramKind {
    /// See [`Measurements::user_wait`].
    UserWait,
    /// See [`Measurements::price_age`].
    PriceAge,
    /// See [`Measurements::price_error`].
    PriceError,
    /// See [`ServerMeasurements::queue_wait`]; of the network, all push-open servers together.
    QueueWait,
    /// See [`ServerMeasurements::response`]; of the network, all push-open servers together.
    Response,
    /// See [`ServerMeasurements::queue_wait`]; of the network, all open servers together.
    OpenQueueWait,
    /// See [`ServerMeasurements::response`]; of the network, all open servers together.
    OpenResponse,
}

impl HistogramKind {
    /// All kinds.
    pub const ALL: [Self; 7] = [
        Self::UserWait,
        Self::PriceAge,
        Self::PriceError,
        Self::QueueWait,
        Self::Response,
        Self::OpenQueueWait,
        Self::OpenResponse,
    ];

    /// Whether every push-open server has one.
    #[must_use]
    pub const fn is_of_servers(self) -> bool {
        matches!(self, Self::QueueWait | Self::Response)
    }

    /// Whether every open server has one.
    #[must_use]
    pub const fn is_of_open_servers(self) -> bool {
        self.of_push_open().is_some()
    }

    /// The kind that is of push-open servers what this one is of open servers.
    #[must_use]
    pub const fn of_push_open(self) -> Option<Self> {
        match self {
            Self::OpenQueueWait => Some(Self::QueueWait),
            Self::OpenResponse => Some(Self::Response),
            _ => None,
        }
    }

    /// The histogram of the whole network.
    #[must_use]
    pub fn of(self, measured: &Measurements) -> Cow<'_, LogHistogram> {
        match self {
            Self::UserWait => Cow::Borrowed(&measured.user_wait),
            Self::PriceAge => Cow::Borrowed(&measured.price_age),
            Self::PriceError => Cow::Borrowed(&measured.price_error),
            Self::QueueWait | Self::Response => self.of_all(&measured.servers),
            Self::OpenQueueWait | Self::OpenResponse => self.of_all(&measured.open_servers),
        }
    }

    fn of_all(self, servers: &[ServerMeasurements]) -> Cow<'static, LogHistogram> {
        let mut all = LogHistogram::new().compact();
        servers.iter().filter_map(|server| self.of_server(server)).for_each(|one| all.merge(one));
        Cow::Owned(all)
    }

    /// The histogram of one server of the kind whose histogram it is, if servers have one.
    #[must_use]
    pub const fn of_server(self, server: &ServerMeasurements) -> Option<&LogHistogram> {
        match self {
            Self::QueueWait | Self::OpenQueueWait => Some(&server.queue_wait),
            Self::Response | Self::OpenResponse => Some(&server.response),
            Self::UserWait | Self::PriceAge | Self::PriceError => None,
        }
    }
}
