//! The event queue and its alternatives under the loads of `queues/loads.rs`, and how much faster than the standard library's heap
//! it is under PHOLD, in turns.
//!
//! `cargo bench --bench event_queue`; the decision is recorded in `docs/adr/0001-event-queue.md`. `-- phold` measures that load alone,
//! and `-- nothing` only prints the ratios of all.

mod queues;

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkGroup, Criterion, criterion_group, measurement::WallTime};
use gtnet_sim::engine::EventQueue;
use queues::PendingSet;
use queues::binary_heap::BinaryHeapQueue;
use queues::bucket_wheel::BucketWheel;
use queues::indexed_heap::IndexedHeap;
use queues::loads::{Hold, Load, Network, Phold, Timeouts};
use queues::quaternary_heap::QuaternaryHeap;

const PENDING: [usize; 4] = [100, 1_000, 10_000, 1_000_000];

/// Processes of PHOLD, with 16 jobs each.
const PROCESSES: usize = 100_000;

/// Rounds of the comparison in turns, of which the median counts.
const ROUNDS: usize = 7;

/// Events of a round.
const STEPS: u32 = 1 << 20;

/// Makes the load only if it is measured: some take long to come to rest.
fn measure<L: Load>(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, size: usize, load: fn(usize) -> L) {
    let mut made = None;
    group.bench_function(format!("{name}/{size}"), |bencher| {
        let load = made.get_or_insert_with(|| load(size));
        bencher.iter(|| black_box(load.step()));
    });
}

fn queues(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("exponential");
    for pending in PENDING {
        measure(&mut group, "engine", pending, Hold::<EventQueue<u32>>::new);
        measure(&mut group, "binary_heap", pending, Hold::<BinaryHeapQueue<u32>>::new);
        measure(&mut group, "quaternary_heap", pending, Hold::<QuaternaryHeap>::new);
        measure(&mut group, "indexed_heap", pending, Hold::<IndexedHeap>::new);
        measure(&mut group, "bucket_wheel", pending, Hold::<BucketWheel>::new);
    }
    group.finish();
    let mut group = criterion.benchmark_group("timeouts");
    for pending in PENDING {
        measure(&mut group, "engine", pending, Timeouts::<EventQueue<u32>>::new);
        measure(&mut group, "binary_heap", pending, Timeouts::<BinaryHeapQueue<u32>>::new);
        measure(&mut group, "quaternary_heap", pending, Timeouts::<QuaternaryHeap>::new);
        measure(&mut group, "indexed_heap", pending, Timeouts::<IndexedHeap>::new);
        measure(&mut group, "bucket_wheel", pending, Timeouts::<BucketWheel>::new);
    }
    group.finish();
}

/// What the simulator schedules, and PHOLD.
fn loads(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("network");
    for clients in [20, 200, 10_000, 100_000] {
        measure(&mut group, "engine", clients, Network::<EventQueue<u32>>::new);
        measure(&mut group, "binary_heap", clients, Network::<BinaryHeapQueue<u32>>::new);
    }
    group.finish();
    let mut group = criterion.benchmark_group("phold");
    measure(&mut group, "engine", PROCESSES, Phold::<EventQueue<u32>>::new);
    measure(&mut group, "binary_heap", PROCESSES, Phold::<BinaryHeapQueue<u32>>::new);
    group.finish();
}

/// Times that no bucket width fits.
fn hard_distributions(criterion: &mut Criterion) {
    fn all<Q: PendingSet>(group: &mut BenchmarkGroup<'_, WallTime>, name: &str) {
        let pending = 100_000;
        measure(group, &format!("at_once/{name}"), pending, Hold::<Q>::at_once);
        measure(group, &format!("narrow/{name}"), pending, Hold::<Q>::narrow);
        measure(group, &format!("two_clusters/{name}"), pending, Hold::<Q>::two_clusters);
        measure(group, &format!("gaps/{name}"), pending, Hold::<Q>::gaps);
    }
    let mut group = criterion.benchmark_group("hard");
    all::<EventQueue<u32>>(&mut group, "engine");
    all::<BinaryHeapQueue<u32>>(&mut group, "binary_heap");
    group.finish();
}

/// How many times as fast as the heap the engine's queue is.
fn in_turns() {
    type New = EventQueue<u32>;
    type Old = BinaryHeapQueue<u32>;
    compare("PHOLD", PROCESSES, Phold::<New>::new, Phold::<Old>::new);
    for clients in [20, 200, 10_000, 100_000] {
        compare("network", clients, Network::<New>::new, Network::<Old>::new);
    }
    for pending in [20, 100, 1_000, 10_000, 1_000_000] {
        compare("exponential", pending, Hold::<New>::new, Hold::<Old>::new);
        compare("timeouts", pending, Timeouts::<New>::new, Timeouts::<Old>::new);
    }
    for pending in [100, 100_000] {
        compare("at once", pending, Hold::<New>::at_once, Hold::<Old>::at_once);
        compare("narrow", pending, Hold::<New>::narrow, Hold::<Old>::narrow);
        compare("two clusters", pending, Hold::<New>::two_clusters, Hold::<Old>::two_clusters);
        compare("gaps", pending, Hold::<New>::gaps, Hold::<Old>::gaps);
    }
}

fn compare<N: Load, O: Load>(name: &str, size: usize, engine: fn(usize) -> N, heap: fn(usize) -> O) {
    let wanted = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    if wanted.is_some_and(|wanted| wanted != "nothing" && !name.eq_ignore_ascii_case(&wanted)) {
        return;
    }
    let (mut engine, mut heap) = (engine(size), heap(size));
    let mut loads: [&mut dyn Load; 2] = [&mut engine, &mut heap];
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..=ROUNDS {
        for (load, times) in loads.iter_mut().zip(&mut times) {
            let begun = processor_ns();
            black_box(load.steps(STEPS));
            times.push((processor_ns() - begun) as f64 / f64::from(STEPS));
        }
    }
    let [engine, heap] = times.map(|mut times| {
        // The first round finds the caches cold.
        times.remove(0);
        times.sort_by(f64::total_cmp);
        times[ROUNDS / 2]
    });
    println!("{name}, {size}: {engine:.1} ns an event, {heap:.1} with the heap: {:.2} times as fast", heap / engine);
}

/// Processor time of this thread [ns], which other programs do not change; Linux tells it.
fn processor_ns() -> u64 {
    let told =
        std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux tells the processor time of threads");
    let first = told.split_whitespace().next().and_then(|first| first.parse().ok());
    first.expect("the first number is the time on a processor")
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(1))
        .sample_size(30)
        .without_plots();
    targets = queues, loads, hard_distributions
}

fn main() {
    benches();
    Criterion::default().configure_from_args().final_summary();
    // `cargo test --benches` only asks whether it runs.
    if std::env::args().any(|argument| argument == "--bench") {
        in_turns();
    }
}
