//! gtnet-sim: a deterministic discrete-event simulator of GTNet, the price exchange of Grafioschtrader instances.

pub mod engine;
pub mod metrics;
pub mod model;
pub mod observe;
pub mod protocol;
pub mod random;
pub mod record;
pub mod report;
pub mod scenario;
pub mod stats;
pub mod time;
