//! Theory gives the answer: the simulation must lie within the interval of its own chance around it.

use gtnet_sim::measures::{self, SATURATED_SHARE};
use gtnet_sim::metrics::{Measurements, ServerMeasurements};
use gtnet_sim::model::config::{RateLimit, RateScope, ServiceShape, WhenExceeded, WorldConfig};
use gtnet_sim::time::SimDuration;

use crate::support::{CLIENT, HUB, around_the_clock, ideal_world, measure};

const REPLICATIONS: u32 = 10;

/// Asserts that the mean of `measure` over independent replications agrees with `theory`: within four standard errors,
/// which must themselves be small (2 % of the theory), so that the test can fail.
fn assert_agrees(name: &str, config: &WorldConfig, theory: f64, value: impl Fn(&Measurements) -> f64) {
    let values: Vec<f64> = replications(config).iter().map(value).collect();
    assert_values_agree(name, &values, theory);
}

fn replications(config: &WorldConfig) -> Vec<Measurements> {
    (0..REPLICATIONS).map(|replication| measure(config, 11, replication)).collect()
}

fn assert_values_agree(name: &str, values: &[f64], theory: f64) {
    let n = f64::from(REPLICATIONS);
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / (n - 1.0);
    let standard_error = (variance / n).sqrt();
    println!("{name}: simulated {mean:.6} ± {standard_error:.6}, theory {theory:.6}");
    assert!(standard_error < 0.02 * theory, "{name}: standard error {standard_error} is too large to tell anything");
    assert!((mean - theory).abs() < 4.0 * standard_error.max(1e-4 * theory), "{name}: {mean} instead of {theory}");
}

/// A hub whose `clients` send it requests at `per_second` in all, each of the mean service time `service_ms`.
fn queueing_world(per_second: f64, workers: u32, service_ms: u64, shape: ServiceShape) -> WorldConfig {
    let clients = 400;
    let mut config = ideal_world(clients);
    config.duration = SimDuration::from_hours(5);
    config.warmup = SimDuration::from_hours(1);
    // Nobody has a provider, so that no push-back disturbs the arrivals.
    config.connectors.clear();
    let hub = &mut config.groups[HUB];
    hub.workers = workers;
    hub.service.base = SimDuration::from_millis(service_ms);
    hub.service.shape = shape;
    config.groups[CLIENT].visits = Some(around_the_clock(per_second * 86_400.0 / f64::from(clients)));
    config
}

/// For so many hours, after half an hour: means of the waits are known to a hundredth then, and the queue fills in a minute.
fn for_hours(hours: u64, mut config: WorldConfig) -> WorldConfig {
    config.warmup = SimDuration::from_secs(300);
    config.duration = SimDuration::from_hours(hours) + config.warmup;
    config
}

fn server(measured: &Measurements) -> &ServerMeasurements {
    &measured.servers[0]
}

/// Erlang's C formula: the probability that all of `workers` are busy under `load` erlangs.
fn erlang_c(workers: u32, load: f64) -> f64 {
    let mut term = 1.0;
    let mut sum = 1.0;
    for k in 1..workers {
        term *= load / f64::from(k);
        sum += term;
    }
    let c = f64::from(workers);
    let full = term * load / c / (1.0 - load / c);
    full / (sum + full)
}

/// With a freshness threshold T and pooled prices that are always stored at once, misses are a renewal process with the
/// mean interval T + 1/(nλ), so that the hit ratio is nλT / (1 + nλT).
#[test]
fn a_pool_is_a_cache_with_a_time_to_live() {
    // So many clients that hardly any asks twice within T: whoever has the pooled price already gets none.
    let (clients, visits_per_day, threshold_s) = (4_000, 0.2, 300.0);
    let mut config = ideal_world(clients);
    config.policy.freshness_threshold = Some(SimDuration::from_secs(300));
    config.groups[CLIENT].visits = Some(around_the_clock(visits_per_day));
    let per_second = f64::from(clients) * visits_per_day / 86_400.0;
    let theory = per_second * threshold_s / (1.0 + per_second * threshold_s);
    assert_agrees("hit ratio", &config, theory, |measured| {
        let filled = measured.fills.push_open as f64;
        filled / (filled + measured.fills.connector as f64)
    });
}

#[test]
fn exponential_service_makes_an_m_m_1_queue() {
    let (per_second, service_s) = (7.0, 0.1);
    let config = for_hours(2, queueing_world(per_second, 1, 100, ServiceShape::Exponential));
    let load = per_second * service_s;
    assert_agrees("M/M/1 wait [s]", &config, service_s * load / (1.0 - load), |measured| {
        server(measured).queue_wait.mean_s().expect("there were requests")
    });
}

#[test]
fn exponential_service_by_several_workers_follows_erlang_c() {
    let (per_second, service_s, workers) = (24.0, 0.1, 3);
    let config = for_hours(1, queueing_world(per_second, workers, 100, ServiceShape::Exponential));
    let load = per_second * service_s;
    let wait_s = erlang_c(workers, load) * service_s / (f64::from(workers) - load);
    let (simulated_s, utilisations): (Vec<f64>, Vec<f64>) = replications(&config)
        .iter()
        .map(|measured| {
            (server(measured).queue_wait.mean_s().expect("there were requests"), server(measured).utilisation)
        })
        .unzip();
    assert_values_agree("M/M/3 wait [s]", &simulated_s, wait_s);
    assert_values_agree("M/M/3 utilisation", &utilisations, load / f64::from(workers));
}

#[test]
fn constant_service_follows_pollaczek_and_khinchine() {
    let (per_second, service_s) = (7.0, 0.1);
    let config = for_hours(2, queueing_world(per_second, 1, 100, ServiceShape::Constant));
    let load = per_second * service_s;
    assert_agrees("M/D/1 wait [s]", &config, load * service_s / (2.0 * (1.0 - load)), |measured| {
        server(measured).queue_wait.mean_s().expect("there were requests")
    });
}

#[test]
fn lognormal_service_follows_pollaczek_and_khinchine() {
    let (per_second, service_s, sigma) = (6.0, 0.1, 0.8_f64);
    let config = for_hours(2, queueing_world(per_second, 1, 100, ServiceShape::Lognormal { sigma }));
    let load = per_second * service_s;
    let squared_variation = libm::expm1(sigma * sigma);
    let wait_s = load * service_s * (1.0 + squared_variation) / (2.0 * (1.0 - load));
    assert_agrees("M/G/1 wait [s]", &config, wait_s, |measured| {
        server(measured).queue_wait.mean_s().expect("there were requests")
    });
}

/// Little's law holds in every single run, whatever is random: mean queue length = arrival rate × mean wait.
#[test]
fn the_queue_length_follows_littles_law() {
    let config = queueing_world(7.0, 1, 100, ServiceShape::Exponential);
    let measured = measure(&config, 5, 0);
    let server = server(&measured);
    let rate = server.queue_wait.count() as f64 / measured.period.as_secs_f64();
    let by_law = rate * server.queue_wait.mean_s().expect("there were requests");
    let error = (server.queue_length_mean - by_law).abs() / by_law;
    // Only messages that wait across the period's ends count in one and not in the other.
    assert!(error < 1e-3, "mean length {} but rate × wait {by_law}", server.queue_length_mean);
}

/// A server that gets more than it can do has a queue that grows by the surplus; one that is nearly as busy has not, although
/// its days differ much.
#[test]
fn a_queue_grows_by_what_arrives_over_what_is_served() {
    const SERVICE_S: f64 = 100.0;
    let days = |load: f64| {
        let mut config = queueing_world(load / SERVICE_S, 1, 100_000, ServiceShape::Exponential);
        (config.duration, config.warmup) = (SimDuration::from_days(7), SimDuration::from_days(1));
        let of = |replication| measure(&config, 3, replication);
        (0..REPLICATIONS).map(of).collect::<Vec<Measurements>>()
    };
    let is_saturated = |runs: &[Measurements]| {
        measures::is_saturated(&runs.iter().map(|run| SATURATED_SHARE.evaluate(run)).collect::<Vec<_>>())
    };
    let overloaded = days(1.2);
    let growth = |measured: &Measurements| {
        let lows = &server(measured).queue_lows;
        (f64::from(lows[5]) - f64::from(lows[0])) / 5.0
    };
    let mean = overloaded.iter().map(growth).sum::<f64>() / overloaded.len() as f64;
    let theory = 0.2 / SERVICE_S * 86_400.0;
    // Arrivals and ends of service both vary as Poisson processes do.
    let standard_error = (2.2 / SERVICE_S * 86_400.0 / 5.0 / f64::from(REPLICATIONS)).sqrt();
    println!("growth of an overloaded queue [1/d]: simulated {mean:.1} ± {standard_error:.1}, theory {theory:.1}");
    assert!((mean - theory).abs() < 4.0 * standard_error, "{mean} instead of {theory}");
    assert!(is_saturated(&overloaded));
    assert!(!is_saturated(&days(0.95)));
}

/// A provider that holds calls back lets through what its bucket allows, and what it does not let through is unfinished.
#[test]
fn a_token_bucket_bounds_the_calls() {
    let mut config = ideal_world(5).without_gtnet();
    (config.duration, config.warmup) = (SimDuration::from_hours(40), SimDuration::from_hours(20));
    config.groups[CLIENT].visits = Some(around_the_clock(2_400.0));
    let limit = |when_exceeded, scope| RateLimit {
        requests: 10,
        per: SimDuration::from_hours(1),
        scope,
        when_exceeded,
        blocks_for: None,
    };
    let calls = |measured: &Measurements| measured.connectors[0].total_calls();

    // 100 visits an hour of each of five clients; the buckets, empty since long, let 10 an hour through.
    config.connectors[0].rate_limit = Some(limit(WhenExceeded::Wait, RateScope::Instance));
    let waiting = measure(&config, 1, 0);
    // Only calls of visits of the measured period count, and none of those gets through: those before are still waiting.
    assert_eq!((calls(&waiting), waiting.user_wait.count()), (0, 0));
    assert_eq!(waiting.visits_unfinished, waiting.visits);
    assert_eq!(waiting.user_wait.quantile_s(0.5), None, "nobody knows how long they will wait");

    config.connectors[0].rate_limit = Some(limit(WhenExceeded::Fail, RateScope::Instance));
    let failing = measure(&config, 1, 0);
    let delivered = calls(&failing) - failing.connectors[0].failed;
    assert!(delivered.abs_diff(5 * 10 * 20) <= 5, "{delivered} instead of 10 an hour for each of 5 in 20 hours");
    assert_eq!(failing.connectors[0].rate_limited, failing.connectors[0].failed);

    config.connectors[0].rate_limit = Some(limit(WhenExceeded::Fail, RateScope::Shared));
    let shared = measure(&config, 1, 0);
    let delivered = calls(&shared) - shared.connectors[0].failed;
    assert!(delivered.abs_diff(10 * 20) <= 1, "{delivered} instead of 10 an hour for all in 20 hours");

    // Two groups, each with a key of its own.
    let mut others = config.groups[CLIENT].clone();
    (others.name, others.count) = ("other".to_owned(), 3);
    config.groups.push(others);
    config.connectors[0].rate_limit = Some(limit(WhenExceeded::Fail, RateScope::Group));
    let by_group = measure(&config, 1, 0);
    let delivered = calls(&by_group) - by_group.connectors[0].failed;
    assert!(delivered.abs_diff(2 * 10 * 20) <= 2, "{delivered} instead of 10 an hour for each of 2 groups in 20 hours");
}

/// A hub that serves one request in a minute and gets ten: hardly anybody gets an answer in time, and the numbers say so.
#[test]
fn an_overloaded_hub_does_not_look_fast() {
    let mut config = queueing_world(10.0 / 60.0, 1, 60_000, ServiceShape::Constant);
    config.policy.freshness_threshold = None;
    let measured = measure(&config, 1, 0);
    let hub = server(&measured);
    let timed_out = hub.timed_out as f64 / hub.sent as f64;
    assert!(timed_out > 0.99, "{timed_out} of the requests time out");
    assert!(hub.utilisation > 0.999);
    assert_eq!(hub.response.quantile_s(0.5), None, "most wait longer than the run lasts");
    // Everybody gives up after 30 s, and there is no provider.
    assert_eq!(measured.user_wait.quantile_s(0.5).map(f64::round), Some(30.0));
}
