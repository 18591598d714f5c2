//! The mean wait in a queue with several workers, as theory has it; plain numbers.

/// The mean wait for a worker, in multiples of the mean service time, where arrivals are independent of each other (a Poisson
/// process). `variation` is the squared coefficient of variation of service times: 0 if all are the same, 1 if they are exponential.
/// `None` unless `utilisation` is at least 0 and below 1, and there is a worker.
///
/// Exact for exponential times (M/M/c; Erlang's C formula), and for one worker (M/G/1; Pollaczek and Khinchine). Of several workers
/// with other times it is the usual approximation (Allen and Cunneen).
#[must_use]
pub fn mean_wait(workers: u32, utilisation: f64, variation: f64) -> Option<f64> {
    if workers == 0 || !(0.0..1.0).contains(&utilisation) {
        return None;
    }
    let load = utilisation * f64::from(workers);
    let (mut term, mut sum) = (1.0, 1.0);
    for busy in 1..workers {
        term *= load / f64::from(busy);
        sum += term;
    }
    let all_busy = term * utilisation / (1.0 - utilisation);
    let has_to_wait = all_busy / (sum + all_busy);
    Some(has_to_wait / (f64::from(workers) * (1.0 - utilisation)) * f64::midpoint(1.0, variation))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_those_of_the_textbooks() {
        let wait = |workers, utilisation, variation| mean_wait(workers, utilisation, variation).expect("a wait");
        // M/M/1: ρ / (1 − ρ); M/D/1: half of that.
        assert!((wait(1, 0.8, 1.0) - 4.0).abs() < 1e-12);
        assert!((wait(1, 0.8, 0.0) - 2.0).abs() < 1e-12);
        // M/M/2: ρ² / (1 − ρ²).
        assert!((wait(2, 0.5, 1.0) - 1.0 / 3.0).abs() < 1e-12);
        assert!(wait(1, 0.0, 1.0).abs() < 1e-12);
        assert!(mean_wait(1, 1.0, 1.0).is_none() && mean_wait(0, 0.5, 1.0).is_none());
    }
}
