//! Observers that turn facts into measurements; they hear facts and never look into the model.

mod age;
mod blocks;
mod collector;
mod daily;
mod fault_effects;
mod footprint;
mod histogram;
mod measurements;
mod server_load;
mod spending;
mod stale;
mod stored_rows;
mod visit_effects;
mod visit_log;

pub use age::AgeSums;
pub use blocks::MeasuredBlocks;
pub use collector::{Collector, InstanceLayout, Layout};
pub(crate) use daily::DailySeries;
pub use daily::DayMeasurements;
pub use fault_effects::{FaultEffect, FaultEffects, TimelineEntry, WRONG_STAMPS_MATTER};
pub(crate) use footprint::{
    bytes_of_fault_effects, bytes_of_measurements, bytes_of_packed_histograms, bytes_while_comparing,
    bytes_while_counting_calls, bytes_while_measuring,
};
pub use histogram::{DamagedHistogram, LogHistogram, PackedHistogram};
pub use measurements::{
    ConnectorMeasurements, FalsePriceCounts, FillCounts, InstanceMeasurements, LOAD_INTERVAL, Measurements,
    MessageCounts, PushBackMeasurements, QUEUE_INTERVAL, ServerMeasurements,
};
pub use spending::{CallPlan, KeyLayout, MONTH, PlanUse, PriceLayout, Spending};
pub use stale::StaleCause;
pub use visit_effects::{FELT_AGE_S, FELT_WAIT, VisitEffects};
pub use visit_log::{ActiveSpell, IntervalCounts, TIMELINE_INTERVAL, VisitLog};

pub use crate::observe::{AgePart, WRONG_STAMP_S};
pub use crate::protocol::CallReason;
