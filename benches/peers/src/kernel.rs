//! What a workload needs of a kernel, and what a kernel's adapter needs of a workload. Each adapter uses its kernel in the cheapest way
//! that there is: one component that handles all events itself.

use serde::{Deserialize, Serialize};

/// Something that happens; what the two numbers mean is the workload's business.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Event {
    pub kind: u32,
    pub subject: u32,
}

/// The clock and the pending events.
pub trait Kernel {
    /// The time [ns].
    fn now(&self) -> u64;
    /// Schedules an event after a delay [ns].
    fn schedule(&mut self, delay: u64, event: Event);
}

/// A model that can run on every kernel.
pub trait Workload: Send + 'static {
    /// When it ends [ns].
    fn horizon(&self) -> u64;
    /// Schedules the first events.
    fn begin(&mut self, kernel: &mut impl Kernel);
    /// Lets an event happen.
    fn handle(&mut self, event: Event, kernel: &mut impl Kernel);
    /// What was simulated, in a line, and whether it is what it should be.
    fn tell(&self) -> (String, bool);
}
