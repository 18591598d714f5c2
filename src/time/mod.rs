//! Time: integer nanoseconds on one true clock, and what the local clocks of instances make of it.
//!
//! Inside a simulation there are only [`SimTime`] and [`Timestamp`]; calendar dates and time zones exist at the edges
//! and are converted in [`civil`].

pub mod civil;
mod duration;
mod instant;

pub use duration::SimDuration;
pub use instant::{SimTime, Timestamp};
