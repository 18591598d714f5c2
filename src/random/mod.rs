//! Randomness by key: every purpose of every entity has a stream of its own, which nothing else can shift.
//!
//! A stream is addressed by (seed, replication, [`Purpose`], [`Entity`]) and never shared or forked. Within it, a draw of what
//! happens again and again is addressed by its ordinal (the n-th visit of a user) and its place (the p-th entry of the
//! watchlist). Whoever adds an instance, or switches a rule, changes nobody else's draws: two worlds with the same users see the same visits and the
//! same provider failures. These are *common random numbers* by construction (Law, *Simulation Modeling and Analysis*,
//! section 11.2).
//!
//! Each method that draws one number consumes exactly one word of the stream, whatever it returns, and transcendental
//! functions are `libm`'s: the draws are the same on every platform.

mod brownian;
mod choice;
mod distribution;
mod latin;
mod normal;
mod stream;
mod streams;
mod trajectories;

pub use brownian::BrownianPath;
pub use choice::{WeightedChoice, Zipf};
pub use distribution::Distribution;
pub use latin::{latin_coordinate, latin_hypercube};
pub use stream::Stream;
pub use streams::{Entity, Purpose, Streams};
pub use trajectories::{Trajectory, trajectories};
