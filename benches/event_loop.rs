//! The event loop itself: models that do next to nothing, so that what is measured is what the engine costs per event.

#[expect(dead_code, reason = "the loads drive queues; here the engine drives models")]
mod queues;

use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gtnet_sim::engine::{self, EventHandle, Model, Scheduler};
use gtnet_sim::time::{SimDuration, SimTime};
use queues::loads::{Increments, SECOND_NS, next_random};

/// Events of a measurement.
const EVENTS: u64 = 100_000;

/// PHOLD: jobs go from process to process.
struct Processes {
    delays: Increments,
    seen: Vec<u32>,
    random: u64,
}

impl Model for Processes {
    type Event = u32;

    fn handle(&mut self, process: u32, scheduler: &mut Scheduler<u32>) {
        self.seen[process as usize] += 1;
        let next = (u128::from(next_random(&mut self.random)) * self.seen.len() as u128) >> 64;
        let delay = SimDuration::from_nanos(self.delays.next());
        scheduler.schedule_in(delay, u32::try_from(next).expect("a process"));
    }
}

/// Requesters whose timeouts of 30 s are cancelled by their replies.
struct Requesters {
    replies: Increments,
    timeouts: Vec<Option<EventHandle>>,
}

impl Model for Requesters {
    type Event = u32;

    fn handle(&mut self, requester: u32, scheduler: &mut Scheduler<u32>) {
        if let Some(timeout) = self.timeouts[requester as usize].take() {
            scheduler.cancel(timeout);
        }
        scheduler.schedule_in(SimDuration::from_nanos(self.replies.next()), requester);
        let timeout = scheduler.schedule_in(SimDuration::from_nanos(30 * SECOND_NS), requester);
        self.timeouts[requester as usize] = Some(timeout);
    }
}

fn event_loop(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("event_loop");
    group.throughput(Throughput::Elements(EVENTS));
    for processes in [10, 1_000, 100_000] {
        let mut model =
            Processes { delays: Increments::exponential(2, 1.0, 0.01), seen: vec![0; processes], random: 1 };
        let mut scheduler = Scheduler::new();
        for job in 0..16 * processes {
            let at = SimTime::from_nanos(model.delays.next());
            scheduler.schedule_at(at, u32::try_from(job % processes).expect("a process"));
        }
        group.bench_function(format!("phold/{processes}"), |bencher| {
            bencher.iter(|| engine::run(&mut model, &mut scheduler, SimTime::from_nanos(u64::MAX), EVENTS));
        });
    }
    for requesters in [10, 1_000, 100_000] {
        let mut model = Requesters { replies: Increments::exponential(3, 0.1, 0.0), timeouts: vec![None; requesters] };
        let mut scheduler = Scheduler::new();
        for requester in 0..requesters {
            scheduler.schedule_at(SimTime::START, u32::try_from(requester).expect("a requester"));
        }
        group.bench_function(format!("timeouts/{requesters}"), |bencher| {
            bencher.iter(|| engine::run(&mut model, &mut scheduler, SimTime::from_nanos(u64::MAX), EVENTS));
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .sample_size(30)
        .without_plots();
    targets = event_loop
}
criterion_main!(benches);
