//! W1: PHOLD. Each of 16 jobs a process goes from process to process, and stays at each for 0.01 s and an exponential time with the
//! mean of a second.

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use rand_distr::Exp1;

use crate::kernel::{Event, Kernel, Workload};

const JOBS: u32 = 16;
const LOOK_AHEAD_S: f64 = 0.01;

/// Events that are simulated.
const EVENTS: u64 = 10_000_000;

pub struct Phold {
    seen: Vec<u32>,
    random: SmallRng,
    events: u64,
}

impl Phold {
    pub fn new(processes: usize) -> Self {
        Self { seen: vec![0; processes], random: SmallRng::seed_from_u64(1), events: 0 }
    }

    fn send(&mut self, kernel: &mut impl Kernel) {
        let to = self.random.random_range(0..self.seen.len() as u32);
        let delay = LOOK_AHEAD_S + self.random.sample::<f64, _>(Exp1);
        kernel.schedule((delay * 1e9) as u64, Event { kind: 0, subject: to });
    }
}

impl Workload for Phold {
    fn horizon(&self) -> u64 {
        // The mean stay is 1.01 s.
        let jobs = u64::from(JOBS) * self.seen.len() as u64;
        (1.01e9 * EVENTS as f64 / jobs as f64) as u64
    }

    fn begin(&mut self, kernel: &mut impl Kernel) {
        for _ in 0..JOBS as usize * self.seen.len() {
            self.send(kernel);
        }
    }

    fn handle(&mut self, event: Event, kernel: &mut impl Kernel) {
        self.seen[event.subject as usize] += 1;
        self.events += 1;
        self.send(kernel);
    }

    fn tell(&self) -> (String, bool) {
        let processes = self.seen.len();
        // A job of exponential stays without the look-ahead is a Poisson process; with it the first second is a little different.
        let is_right = (self.events as f64 / EVENTS as f64 - 1.0).abs() < 0.02;
        (
            format!("W1: {processes} processes, {} events, {EVENTS} expected; units={}", self.events, self.events),
            is_right,
        )
    }
}
