//! What randomness costs: constructing a stream, moving it, drawing from it.
//!
//! `cargo bench --bench random`; the decision is recorded in `docs/adr/0002-random-streams.md`.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use gtnet_sim::random::{BrownianPath, Distribution, Entity, Purpose, Streams};

fn streams(criterion: &mut Criterion) {
    let streams = Streams::new(42, 0);
    let entity = Entity::indexed(7);
    let mut group = criterion.benchmark_group("random");

    group.bench_function("next_u64", |bencher| {
        let mut stream = streams.stream(Purpose::VisitTimes, entity);
        bencher.iter(|| black_box(stream.next_u64()));
    });
    // What 20 connector calls of a visit draw: each at a position of its own, or one after the other from that of the visit.
    group.bench_function("20_positions_of_2_draws", |bencher| {
        let mut stream = streams.stream(Purpose::Visit, entity);
        let mut ordinal = 0;
        bencher.iter(|| {
            for _ in 0..20 {
                ordinal += 1;
                let stream = stream.at(ordinal);
                black_box((stream.next_u64(), stream.next_u64()));
            }
        });
    });
    group.bench_function("position_of_20_places_of_2_draws", |bencher| {
        let mut stream = streams.stream(Purpose::Visit, entity);
        let mut ordinal = 0;
        bencher.iter(|| {
            ordinal += 1;
            stream.at(ordinal);
            for place in 0..20 {
                let stream = stream.place(place, 2);
                black_box((stream.next_u64(), stream.next_u64()));
            }
        });
    });
    group.bench_function("new_stream_at_and_2_draws", |bencher| {
        let mut ordinal = 0;
        bencher.iter(|| {
            ordinal += 1;
            let mut stream = streams.stream(Purpose::Visit, entity);
            let stream = stream.at(ordinal);
            black_box((stream.next_u64(), stream.next_u64()))
        });
    });
    group.bench_function("entity_pair", |bencher| {
        bencher.iter(|| Entity::pair(black_box(entity), black_box(Entity::named("client", 3))));
    });
    for (name, distribution) in [
        ("exponential", Distribution::Exponential { mean: 1.0 }),
        ("lognormal", Distribution::Lognormal { median: 0.3, sigma: 0.6 }),
    ] {
        group.bench_function(name, |bencher| {
            let mut stream = streams.stream(Purpose::Message, entity);
            bencher.iter(|| black_box(distribution.sample(&mut stream)));
        });
    }
    // What a price of 20 minutes ago differs from the one of now, four weeks into the path.
    group.bench_function("brownian_rise", |bencher| {
        let path = BrownianPath::new(7);
        let mut now = 20 * 30_600 * 1_000_000_000_u64;
        bencher.iter(|| {
            now += 1_234_567_890;
            black_box(path.rise(now - 1_200_000_000_000, now))
        });
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(1))
        .without_plots();
    targets = streams
}
criterion_main!(benches);
