//! What asks the queues: loads in which only the queue and very little else takes time, as all that is random is drawn in advance.

use super::{Expectation, PendingSet};

/// A second [ns].
pub(crate) const SECOND_NS: u64 = 1_000_000_000;

/// Numbers drawn in advance; more than caches close to the processor remember.
const DRAWS: usize = 1 << 16;

/// A load that keeps going.
pub(crate) trait Load {
    /// Lets the next event happen; returns something that depends on it.
    fn step(&mut self) -> u32;

    /// Lets so many events happen.
    fn steps(&mut self, count: u32) -> u32 {
        (0..count).fold(0, |all, _| all ^ self.step())
    }
}

/// One event that schedules itself again after an exponential time with the mean of a second.
pub(crate) struct Hold<Q> {
    queue: Q,
    increments: Increments,
}

impl<Q: PendingSet> Hold<Q> {
    pub(crate) fn new(pending: usize) -> Self {
        Self::with(Increments::exponential(1, 1.0, 0.0), pending)
    }

    /// Always after the same time, so that all events are due at the same instant.
    pub(crate) fn at_once(pending: usize) -> Self {
        Self::with(Increments { values: vec![SECOND_NS; DRAWS], next: 0 }, pending)
    }

    /// After nothing or a nanosecond.
    pub(crate) fn narrow(pending: usize) -> Self {
        Self::with(Increments::drawn(8, |random| random & 1), pending)
    }

    /// After a millisecond, or after a day and a millisecond.
    pub(crate) fn two_clusters(pending: usize) -> Self {
        let day = 86_400 * SECOND_NS;
        Self::with(Increments::drawn(9, |random| (random & 1) * day + (random >> 44)), pending)
    }

    /// After times of all magnitudes, from a nanosecond to a month.
    pub(crate) fn gaps(pending: usize) -> Self {
        Self::with(Increments::drawn(10, |random| (random >> 13) >> (random % 50)), pending)
    }

    fn with(increments: Increments, pending: usize) -> Self {
        let expectation = Expectation { pending, spacing_ns: (SECOND_NS / pending as u64).max(1) };
        let mut hold = Self { queue: Q::new(expectation), increments };
        for event in 0..pending {
            let at = hold.increments.next();
            hold.queue.schedule(at, number(event));
        }
        hold
    }
}

impl<Q: PendingSet> Load for Hold<Q> {
    fn step(&mut self) -> u32 {
        let (now, event) = self.queue.pop().expect("the number of events is constant");
        self.queue.schedule(now + self.increments.next(), event);
        event
    }
}

/// PHOLD (Fujimoto, *Performance of Time Warp under synthetic workloads*, 1990): each job goes from process to process, and stays at
/// each for a look-ahead of 0.01 s and an exponential time with the mean of a second.
pub(crate) struct Phold<Q> {
    queue: Q,
    increments: Increments,
    /// Jobs that each process has seen.
    seen: Vec<u32>,
    random: u64,
}

impl<Q: PendingSet> Phold<Q> {
    /// Jobs of each process at the beginning.
    pub(crate) const JOBS: usize = 16;

    pub(crate) fn new(processes: usize) -> Self {
        let pending = Self::JOBS * processes;
        let expectation = Expectation { pending, spacing_ns: SECOND_NS / pending as u64 };
        let increments = Increments::exponential(2, 1.0, 0.01);
        let mut load = Self { queue: Q::new(expectation), increments, seen: vec![0; processes], random: 1 };
        for job in 0..pending {
            let at = load.increments.next();
            load.queue.schedule(at, number(job % processes));
        }
        load
    }
}

impl<Q: PendingSet> Load for Phold<Q> {
    fn step(&mut self) -> u32 {
        let (now, process) = self.queue.pop().expect("the number of jobs is constant");
        self.seen[process as usize] += 1;
        let processes = self.seen.len() as u64;
        let next = (u128::from(next_random(&mut self.random)) * u128::from(processes)) >> 64;
        self.queue.schedule(now + self.increments.next(), u32::try_from(next).expect("a process"));
        process
    }
}

/// Requests with a timeout of 30 s: 95 of 100 get their reply after 100 ms on average, which cancels the timeout.
pub(crate) struct Timeouts<Q: PendingSet> {
    queue: Q,
    increments: Increments,
    /// The timeout of each requester.
    pending: Vec<Q::Handle>,
    requests: u32,
}

impl<Q: PendingSet> Timeouts<Q> {
    const TIMEOUT_NS: u64 = 30 * SECOND_NS;

    pub(crate) fn new(pending: usize) -> Self {
        // A requester has two events pending at most, and is busy for 0.95 · 0.1 s + 0.05 · 30 s = 1.6 s.
        let requesters = pending / 2;
        let expectation = Expectation { pending, spacing_ns: 8 * SECOND_NS / 5 / requesters as u64 };
        let mut load = Self {
            queue: Q::new(expectation),
            increments: Increments::exponential(3, 0.1, 0.0),
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
}

impl<Q: PendingSet> Load for Timeouts<Q> {
    fn step(&mut self) -> u32 {
        let (now, requester) = self.queue.pop().expect("every request has a timeout");
        // Nothing is left to cancel if this is the timeout.
        let replied = self.queue.cancel(self.pending[requester as usize]);
        self.pending[requester as usize] = self.request(now, requester);
        u32::from(replied)
    }
}

/// The simulator's own: clients that refresh a watchlist every 20 min, with a message to a hub, its timeout, the reply, and
/// 20 provider calls, 4 at a time; and a daily round of each hub, which has 20 clients.
pub(crate) struct Network<Q: PendingSet> {
    queue: Q,
    clients: Vec<NetworkClient<Q::Handle>>,
    visits: Increments,
    latencies: Increments,
    replies: Increments,
    calls: Increments,
}

struct NetworkClient<H> {
    timeout: Option<H>,
    calls_left: u32,
    calls_under_way: u32,
}

impl<Q: PendingSet> Network<Q> {
    const DAY_NS: u64 = 86_400 * SECOND_NS;
    const TIMEOUT_NS: u64 = 30 * SECOND_NS;

    /// What happens, in the low bits of an event; the client is in the others.
    const VISIT: u32 = 0;
    const ARRIVAL: u32 = 1;
    const REPLY: u32 = 2;
    const TIMED_OUT: u32 = 3;
    const CALL_ENDS: u32 = 4;
    const DAILY: u32 = 5;

    pub(crate) fn new(clients: usize) -> Self {
        let expectation = Expectation { pending: 2 * clients, spacing_ns: 1_200 * SECOND_NS / 24 / clients as u64 };
        let client = || NetworkClient { timeout: None, calls_left: 0, calls_under_way: 0 };
        let mut load = Self {
            queue: Q::new(expectation),
            clients: std::iter::repeat_with(client).take(clients).collect(),
            visits: Increments::exponential(4, 1_200.0, 0.0),
            latencies: Increments::exponential(5, 0.02, 0.02),
            replies: Increments::exponential(6, 0.2, 0.1),
            calls: Increments::exponential(7, 0.15, 0.15),
        };
        for client in 0..clients {
            let visit = load.visits.next();
            load.queue.schedule(visit, number(client) << 3 | Self::VISIT);
        }
        for hub in 0..clients.div_ceil(20) {
            let at = Self::DAY_NS / clients as u64 * hub as u64;
            load.queue.schedule(at, number(hub) << 3 | Self::DAILY);
        }
        // Two hours, so that visits, timeouts and calls are under way as they are later.
        for _ in 0..150 * clients {
            load.step();
        }
        load
    }

    fn call(&mut self, now: u64, client: u32) {
        let of = &mut self.clients[client as usize];
        while of.calls_left > 0 && of.calls_under_way < 4 {
            of.calls_left -= 1;
            of.calls_under_way += 1;
            self.queue.schedule(now + self.calls.next(), client << 3 | Self::CALL_ENDS);
        }
        if of.calls_under_way == 0 {
            self.queue.schedule(now + self.visits.next(), client << 3 | Self::VISIT);
        }
    }
}

impl<Q: PendingSet> Load for Network<Q> {
    fn step(&mut self) -> u32 {
        let (now, event) = self.queue.pop().expect("every client visits again");
        let (client, what) = (event >> 3, event & 7);
        match what {
            Self::VISIT => {
                self.queue.schedule(now + self.latencies.next(), client << 3 | Self::ARRIVAL);
                let timeout = self.queue.schedule(now + Self::TIMEOUT_NS, client << 3 | Self::TIMED_OUT);
                self.clients[client as usize].timeout = Some(timeout);
            }
            Self::ARRIVAL => {
                self.queue.schedule(now + self.replies.next(), client << 3 | Self::REPLY);
            }
            Self::REPLY => {
                let timeout = self.clients[client as usize].timeout.take();
                self.queue.cancel(timeout.expect("the reply comes before the timeout"));
                self.clients[client as usize].calls_left = 20;
                self.call(now, client);
            }
            Self::TIMED_OUT => unreachable!("replies take a few seconds at most"),
            Self::CALL_ENDS => {
                self.clients[client as usize].calls_under_way -= 1;
                self.call(now, client);
            }
            _ => {
                self.queue.schedule(now + Self::DAY_NS, event);
            }
        }
        event
    }
}

/// Times between events [ns], over and over.
pub(crate) struct Increments {
    values: Vec<u64>,
    next: usize,
}

impl Increments {
    fn drawn(seed: u64, draw: impl Fn(u64) -> u64) -> Self {
        let mut state = seed;
        Self { values: (0..DRAWS).map(|_| draw(next_random(&mut state))).collect(), next: 0 }
    }

    /// Exponential times with this mean [s], each longer by `least` [s].
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds that fit")]
    pub(crate) fn exponential(seed: u64, mean: f64, least: f64) -> Self {
        let mut state = seed;
        let mut uniform = || (next_random(&mut state) >> 11) as f64 / (1_u64 << 53) as f64;
        let values =
            (0..DRAWS).map(|_| ((least - mean * libm::log(1.0 - uniform())) * SECOND_NS as f64) as u64).collect();
        Self { values, next: 0 }
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.next = (self.next + 1) % DRAWS;
        self.values[self.next]
    }
}

/// Steele, Lea and Flood's `SplitMix64`.
pub(crate) fn next_random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ *state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ mixed >> 31
}

fn number(index: usize) -> u32 {
    u32::try_from(index).expect("a benchmark's size")
}
