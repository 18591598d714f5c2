//! The event loop: pending events in the order (time, sequence number), handled one by one until a horizon.
//!
//! The order is total: two events never tie, because the later scheduled one has the higher sequence number. What a
//! run does is therefore a function of the model and its initial events alone. The engine knows nothing of `GTNet`.
//!
//! ```
//! use gtnet_sim::engine::{EndReason, Model, Scheduler, run};
//! use gtnet_sim::time::{SimDuration, SimTime};
//!
//! struct Clock {
//!     ticks: u32,
//! }
//!
//! #[derive(Clone, Copy)]
//! struct Tick;
//!
//! impl Model for Clock {
//!     type Event = Tick;
//!
//!     fn handle(&mut self, event: Tick, scheduler: &mut Scheduler<Tick>) {
//!         self.ticks += 1;
//!         scheduler.schedule_in(SimDuration::from_secs(1), event);
//!     }
//! }
//!
//! let mut clock = Clock { ticks: 0 };
//! let mut scheduler = Scheduler::new();
//! scheduler.schedule_at(SimTime::START, Tick);
//! let end = run(&mut clock, &mut scheduler, SimTime::START + SimDuration::from_secs(60), 1_000);
//! assert_eq!(end.reason, EndReason::Horizon);
//! assert_eq!(clock.ticks, 60, "the tick at the horizon itself belongs to the next period");
//! ```

mod calendar;
mod entry;
mod front;
mod queue;
mod simulation;
mod wheel;

pub use queue::{EventHandle, EventQueue};
pub use simulation::{EndReason, Model, RunEnd, Scheduler, run};
