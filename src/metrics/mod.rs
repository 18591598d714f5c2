//! Observers that turn facts into measurements; they hear facts and never look into the model.

mod collector;
mod daily;
mod footprint;
mod histogram;
mod measurements;
mod server_load;

pub use collector::{Collector, InstanceLayout, Layout};
pub(crate) use daily::DailySeries;
pub use daily::DayMeasurements;
pub(crate) use footprint::{bytes_of_measurements, bytes_of_packed_histograms, bytes_while_measuring};
pub use histogram::{DamagedHistogram, LogHistogram, PackedHistogram};
pub use measurements::{
    ConnectorMeasurements, FalsePriceCounts, FillCounts, InstanceMeasurements, LOAD_INTERVAL, Measurements,
    MessageCounts, PushBackMeasurements, QUEUE_INTERVAL, ServerMeasurements,
};

pub use crate::protocol::CallReason;
