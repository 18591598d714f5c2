//! Observers that turn facts into measurements.

mod collector;
mod daily;
mod histogram;
mod measurements;
mod server_load;

pub use collector::{Collector, InstanceLayout, Layout};
pub use daily::{DailySeries, DayMeasurements};
pub use histogram::LogHistogram;
pub use measurements::{
    ConnectorMeasurements, FillCounts, InstanceMeasurements, LOAD_INTERVAL, Measurements, MessageCounts,
    PushBackMeasurements, QUEUE_INTERVAL, ServerMeasurements,
};

pub use crate::protocol::CallReason;
