//! simulacra 0.1.0 (MIT, crates.io): its event loop alone, without networks and tasks.

use simulacra::{Duration, Simulation};

use crate::kernel::{Event, Kernel, Workload};

impl Kernel for Simulation<Event> {
    fn now(&self) -> u64 {
        Simulation::now(self).as_nanos()
    }

    fn schedule(&mut self, delay: u64, event: Event) {
        self.schedule_in(Duration::from_nanos(delay), event);
    }
}

pub fn run<W: Workload>(mut workload: W) -> W {
    let mut simulation = Simulation::new();
    workload.begin(&mut simulation);
    let horizon = workload.horizon();
    simulation.run_until(|simulation, event| {
        let is_due = simulation.now().as_nanos() < horizon;
        if is_due {
            workload.handle(event, simulation);
        }
        is_due
    });
    workload
}
