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
    /// See [`ServerMeasurements::queue_wait`]; of the network, all servers together.
    QueueWait,
    /// See [`ServerMeasurements::response`]; of the network, all servers together.
    Response,
}

impl HistogramKind {
    /// All kinds.
    pub const ALL: [Self; 5] = [Self::UserWait, Self::PriceAge, Self::PriceError, Self::QueueWait, Self::Response];

    /// Whether every push-open server has one.
    #[must_use]
    pub const fn is_of_servers(self) -> bool {
        matches!(self, Self::QueueWait | Self::Response)
    }

    /// The histogram of the whole network.
    #[must_use]
    pub fn of(self, measured: &Measurements) -> Cow<'_, LogHistogram> {
        match self {
            Self::UserWait => Cow::Borrowed(&measured.user_wait),
            Self::PriceAge => Cow::Borrowed(&measured.price_age),
            Self::PriceError => Cow::Borrowed(&measured.price_error),
            Self::QueueWait | Self::Response => {
                let mut all = LogHistogram::new().compact();
                measured.servers.iter().filter_map(|server| self.of_server(server)).for_each(|one| all.merge(one));
                Cow::Owned(all)
            }
        }
    }

    /// The histogram of one push-open server, if servers have one.
    #[must_use]
    pub const fn of_server(self, server: &ServerMeasurements) -> Option<&LogHistogram> {
        match self {
            Self::QueueWait => Some(&server.queue_wait),
            Self::Response => Some(&server.response),
            Self::UserWait | Self::PriceAge | Self::PriceError => None,
        }
    }
}
