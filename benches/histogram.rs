//! What a histogram costs: noting a duration, adding up two of them, and asking for a quantile.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gtnet_sim::metrics::LogHistogram;
use gtnet_sim::random::{Distribution, Entity, Purpose, Streams};
use gtnet_sim::time::SimDuration;

/// Ages of prices: 1,000 of them, 20 min at the median, from seconds to days.
fn ages() -> Vec<SimDuration> {
    let mut stream = Streams::new(42, 0).stream(Purpose::Visit, Entity::indexed(0));
    let distribution = Distribution::Lognormal { median: 1_200.0, sigma: 1.5 };
    (0..1_000).map(|_| SimDuration::from_secs_f64(distribution.sample(&mut stream))).collect()
}

fn histograms(criterion: &mut Criterion) {
    let ages = ages();
    let mut full = LogHistogram::new();
    for age in &ages {
        full.record(*age);
    }
    let mut group = criterion.benchmark_group("histogram");
    group.throughput(Throughput::Elements(ages.len() as u64));
    group.bench_function("record 1,000", |bencher| {
        let mut histogram = LogHistogram::new();
        bencher.iter(|| black_box(&ages).iter().for_each(|age| histogram.record(*age)));
    });
    group.throughput(Throughput::Elements(1));
    group.bench_function("merge", |bencher| {
        let mut sum = LogHistogram::new();
        bencher.iter(|| sum.merge(black_box(&full)));
    });
    group.bench_function("quantile", |bencher| bencher.iter(|| full.quantile_s(black_box(0.95))));
    group.finish();
}

criterion_group!(benches, histograms);
criterion_main!(benches);
