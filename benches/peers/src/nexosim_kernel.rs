//! `NeXosim` 1.0.0 (MIT or Apache-2.0, crates.io): one model that schedules its own input, on one thread.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use nexosim::model::{Context, Model, schedulable};
use nexosim::simulation::{Mailbox, SimInit};
use nexosim::time::MonotonicTime;
use serde::{Deserialize, Serialize};

use crate::kernel::{Event, Kernel, Workload};

/// The kind of the event that ends the run.
const END: u32 = u32::MAX;

/// What an input of a model can schedule with.
struct Scheduling<'a, W: Workload>(&'a Context<Component<W>>);

impl<W: Workload> Kernel for Scheduling<'_, W> {
    fn now(&self) -> u64 {
        let since = self.0.time().duration_since(MonotonicTime::EPOCH);
        since.as_secs() * 1_000_000_000 + u64::from(since.subsec_nanos())
    }

    fn schedule(&mut self, delay: u64, event: Event) {
        // Nothing may be scheduled for now.
        let delay = Duration::from_nanos(delay.max(1));
        self.0.schedule_event(delay, schedulable!(Component::<W>::happen), event).expect("that is in the future");
    }
}

#[derive(Serialize, Deserialize)]
#[serde(bound = "")]
struct Component<W> {
    #[serde(skip, default = "none")]
    workload: Option<W>,
    /// Where the workload is left at the end.
    #[serde(skip, default = "nowhere")]
    end: Arc<Mutex<Option<W>>>,
}

fn none<W>() -> Option<W> {
    None
}

fn nowhere<W>() -> Arc<Mutex<Option<W>>> {
    Arc::default()
}

#[Model]
impl<W: Workload> Component<W> {
    #[nexosim(init)]
    async fn begin(&mut self, context: &Context<Self>) {
        let workload = self.workload.as_mut().expect("it has not ended");
        let mut kernel = Scheduling(context);
        kernel.schedule(workload.horizon(), Event { kind: END, subject: 0 });
        workload.begin(&mut kernel);
    }

    #[nexosim(schedulable)]
    fn happen(&mut self, event: Event, context: &Context<Self>) {
        if event.kind == END {
            *self.end.lock().expect("nobody else holds it") = self.workload.take();
        } else if let Some(workload) = &mut self.workload {
            workload.handle(event, &mut Scheduling(context));
        }
    }
}

pub fn run<W: Workload>(workload: W) -> W {
    let end = Arc::new(Mutex::new(None));
    let horizon = Duration::from_nanos(workload.horizon());
    let component = Component { workload: Some(workload), end: end.clone() };
    let bench = SimInit::with_num_threads(1).add_model(component, Mailbox::new(), "all");
    let mut simulation = bench.init(MonotonicTime::EPOCH).expect("the model begins");
    simulation.step_until(MonotonicTime::EPOCH + horizon).expect("the model runs");
    end.lock().expect("nobody else holds it").take().expect("the last event has happened")
}
