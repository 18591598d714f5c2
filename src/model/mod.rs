//! The world as events: instances, their users, networks, servers, providers, markets and clocks.
//!
//! A [`WorldConfig`](config::WorldConfig) says what there is; a [`Blueprint`] is what all its replications have in
//! common; [`simulate`] draws one replication and runs it, telling an observer every fact. A [`Footprint`] says what that takes
//! before it is done.

mod blueprint;
mod bucket;
mod clock;
pub mod config;
mod connectors;
mod exchanges;
mod footprint;
mod housekeeping;
mod laws;
mod market;
mod messages;
mod network;
mod peering;
mod population;
mod quote;
mod server;
mod slab;
mod stores;
mod transcript;
mod visits;
mod world;

pub use blueprint::{Blueprint, InstanceInfo};
pub use footprint::{Footprint, Part, Traffic};
pub use world::{Closing, simulate, simulate_telling};
