//! simcore 0.1.0, DSLab's kernel (MIT or Apache-2.0, crates.io): one component that sends events to itself.

use std::cell::RefCell;
use std::rc::Rc;

use simcore::{EventHandler, Simulation, SimulationContext, cast};

use crate::kernel::{Event, Kernel, Workload};

const NS_PER_S: f64 = 1e9;

impl Kernel for SimulationContext {
    fn now(&self) -> u64 {
        (self.time() * NS_PER_S) as u64
    }

    fn schedule(&mut self, delay: u64, event: Event) {
        self.emit_self(event, delay as f64 / NS_PER_S);
    }
}

struct Component<W> {
    workload: W,
    context: SimulationContext,
}

impl<W: Workload> EventHandler for Component<W> {
    fn on(&mut self, event: simcore::Event) {
        cast!(match event.data {
            Event { kind, subject } => {
                self.workload.handle(Event { kind, subject }, &mut self.context)
            }
        })
    }
}

pub fn run<W: Workload>(workload: W) -> W {
    let mut simulation = Simulation::new(1);
    let horizon = workload.horizon() as f64 / NS_PER_S;
    let context = simulation.create_context("all");
    let component = Rc::new(RefCell::new(Component { workload, context }));
    simulation.add_handler("all", component.clone());
    {
        let Component { workload, context } = &mut *component.borrow_mut();
        workload.begin(context);
    }
    simulation.step_until_time(horizon);
    drop(simulation);
    let Ok(component) = Rc::try_unwrap(component) else {
        unreachable!("the simulation that shared it has ended");
    };
    component.into_inner().workload
}
