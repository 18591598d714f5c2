//! The world as events: instances, their users, networks, servers, providers, markets and clocks.
//!
//! A [`WorldConfig`](config::WorldConfig) says what there is, and validated it is a [`ValidWorld`]; a [`Blueprint`] is what all its replications have in
//! common; [`simulate`] draws one replication and runs it, telling an observer every fact. A [`Footprint`] says what that takes
//! before it is done.
//!
//! State and what changes it are apart. The files of this folder hold the state of a run, each with the rules that it keeps by
//! itself. `drawing` makes the state that a run begins with, and `handlers` change it, one for each kind of event.

mod blocks;
mod blueprint;
mod bucket;
mod checks;
mod clock;
pub mod config;
mod coverage;
mod daily;
mod drawing;
mod event;
mod extra_visits;
mod faults;
mod footprint;
mod handlers;
mod health;
mod history;
mod instance;
mod laws;
mod luck;
mod market;
mod marks;
mod message;
mod network;
mod population;
mod quote;
mod refreshes;
mod rogue;
mod rounds;
mod running;
mod server;
mod simulate;
mod slab;
mod stores;
mod totals;
mod transcript;
mod truth;
mod turns;
mod validity;
mod visits;
mod world;

pub use blocks::Blocks;
pub use blueprint::{Blueprint, InstanceInfo};
pub use footprint::{Footprint, Part, Traffic};
pub(crate) use simulate::simulate_telling;
pub use simulate::{Closing, Replicating, simulate};
pub(crate) use turns::Turns;
pub use validity::{InvalidWorld, ValidWorld};
