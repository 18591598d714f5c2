//! Candidates for the event queue under the hold model (Jones, *An empirical comparison of priority-queue and event-set
//! implementations*, 1986): take the next event, schedule another, with the number of pending events constant.
//!
//! `cargo bench --bench event_queue`; the decision is recorded in `docs/adr/0001-event-queue.md`.

mod queues;

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkGroup, Criterion, criterion_group, criterion_main, measurement::WallTime};
use gtnet_sim::engine::EventQueue;
use gtnet_sim::random::{Distribution, Entity, Purpose, Streams};
use queues::bucket_wheel::BucketWheel;
use queues::indexed_heap::IndexedHeap;
use queues::quaternary_heap::QuaternaryHeap;
use queues::{Expectation, PendingSet};

const PENDING: [usize; 4] = [100, 1_000, 10_000, 1_000_000];

const SECOND_NS: u64 = 1_000_000_000;

/// Drawn in advance, so that only the queue is measured; longer than caches remember.
const INCREMENTS: usize = 1 << 16;

/// One event that reschedules itself after an exponential time with the mean of a second.
struct Hold<Q> {
    queue: Q,
    increments: Increments,
}

impl<Q: PendingSet> Hold<Q> {
    fn new(pending: usize) -> Self {
        let expectation = Expectation { pending, spacing_ns: SECOND_NS / pending as u64 };
        let mut hold = Self { queue: Q::new(expectation), increments: Increments::exponential(1.0) };
        for event in 0..pending {
            let at = hold.increments.next();
            hold.queue.schedule(at, number(event));
        }
        hold
    }

    fn step(&mut self) -> u32 {
        let (now, event) = self.queue.pop().expect("the number of events is constant");
        self.queue.schedule(now + self.increments.next(), event);
        event
    }
}

/// Requests with a timeout of 30 s: 95 of 100 get their reply after 100 ms on average, which cancels the timeout.
struct Timeouts<Q: PendingSet> {
    queue: Q,
    increments: Increments,
    /// The timeout of each requester.
    pending: Vec<Q::Handle>,
    requests: u32,
}

impl<Q: PendingSet> Timeouts<Q> {
    const TIMEOUT_NS: u64 = 30 * SECOND_NS;

    fn new(pending: usize) -> Self {
        // A requester has two events pending at most, and is busy for 0.95 · 0.1 s + 0.05 · 30 s = 1.6 s.
        let requesters = pending / 2;
        let expectation = Expectation { pending, spacing_ns: 8 * SECOND_NS / 5 / requesters as u64 };
        let mut load = Self {
            queue: Q::new(expectation),
            increments: Increments::exponential(0.1),
            pending: Vec::with_capacity(requesters),
            requests: 0,
        };
        for requester in 0..requesters {
            let timeout = load.request(0, number(requester));
            load.pending.push(timeout);
        }
        // Until requests of all kinds are under way, as they are later.
        for _ in 0..20 * requesters {
            load.step();
        }
        load
    }

    fn request(&mut self, now: u64, requester: u32) -> Q::Handle {
        self.requests = self.requests.wrapping_add(1);
        if !self.requests.is_multiple_of(20) {
            self.queue.schedule(now + self.increments.next(), requester);
        }
        self.queue.schedule(now + Self::TIMEOUT_NS, requester)
    }

    fn step(&mut self) -> bool {
        let (now, requester) = self.queue.pop().expect("every request has a timeout");
        // Nothing is left to cancel if this is the timeout.
        let replied = self.queue.cancel(self.pending[requester as usize]);
        self.pending[requester as usize] = self.request(now, requester);
        replied
    }
}

/// Times between events [ns], over and over.
struct Increments {
    values: Vec<u64>,
    next: usize,
}

impl Increments {
    fn exponential(mean_s: f64) -> Self {
        let mut stream = Streams::new(1, 0).stream(Purpose::Message, Entity::indexed(0));
        let distribution = Distribution::Exponential { mean: mean_s };
        let values = (0..INCREMENTS)
            .map(|_| gtnet_sim::time::SimDuration::from_secs_f64(distribution.sample(&mut stream)).as_nanos())
            .collect();
        Self { values, next: 0 }
    }

    fn next(&mut self) -> u64 {
        self.next = (self.next + 1) % INCREMENTS;
        self.values[self.next]
    }
}

fn number(index: usize) -> u32 {
    u32::try_from(index).expect("a benchmark's size")
}

fn exponential<Q: PendingSet>(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, pending: usize) {
    let mut hold = Hold::<Q>::new(pending);
    group.bench_function(format!("{name}/{pending}"), |bencher| {
        bencher.iter(|| black_box(hold.step()));
    });
}

fn timeouts<Q: PendingSet>(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, pending: usize) {
    let mut load = Timeouts::<Q>::new(pending);
    group.bench_function(format!("{name}/{pending}"), |bencher| {
        bencher.iter(|| black_box(load.step()));
    });
}

fn hold_model(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("exponential");
    for pending in PENDING {
        exponential::<EventQueue<u32>>(&mut group, "binary_heap", pending);
        exponential::<QuaternaryHeap>(&mut group, "quaternary_heap", pending);
        exponential::<IndexedHeap>(&mut group, "indexed_heap", pending);
        exponential::<BucketWheel>(&mut group, "bucket_wheel", pending);
    }
    group.finish();
    let mut group = criterion.benchmark_group("timeouts");
    for pending in PENDING {
        timeouts::<EventQueue<u32>>(&mut group, "binary_heap", pending);
        timeouts::<QuaternaryHeap>(&mut group, "quaternary_heap", pending);
        timeouts::<IndexedHeap>(&mut group, "indexed_heap", pending);
        timeouts::<BucketWheel>(&mut group, "bucket_wheel", pending);
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(1))
        .sample_size(30)
        .without_plots();
    targets = hold_model
}
criterion_main!(benches);
