//! W2: C clients refresh a watchlist through C/20 push-open servers and their own providers, for a day; nothing is measured but what
//! the servers filled and how many calls were made. `README.md` has the definition.

use std::collections::VecDeque;

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use rand_distr::{Exp1, StandardNormal};

use crate::kernel::{Event, Kernel, Workload};

const CLIENTS_PER_SERVER: usize = 20;
const INSTRUMENTS: usize = 2_000;
const WATCHED: usize = 30;
const WORKERS: u32 = 4;
const CALLS_AT_A_TIME: u32 = 4;

const S: f64 = 1e9;
const DAY: u64 = 86_400 * 1_000_000_000;
const FRESH: u64 = 1_500 * 1_000_000_000;
const VISITS_MEAN_S: f64 = 1_200.0;
const SERVICE_MEAN_S: f64 = 0.025;
const LATENCY_MEDIAN_S: f64 = 0.04;
const CALL_MEDIAN_S: f64 = 0.3;
const SIGMA: f64 = 0.5;

/// What five independent simulators found with 10,000 clients, and how far from it a run may be.
const FILLED: (f64, f64) = (0.3415, 0.0025);
const CALLS: (f64, f64) = (19.75, 0.075);

/// A client opens its watchlist; the subject is the client. Of all others it is the refresh.
const VISIT: u32 = 0;
const REQUEST_ARRIVES: u32 = 1;
const SERVED: u32 = 2;
const REPLY_ARRIVES: u32 = 3;
/// The position is in the higher bits of the kind.
const CALL_ENDS: u32 = 4;
const PUSH_ARRIVES: u32 = 5;
const KIND_BITS: u32 = 3;

/// When a price was made [ns]; 0 if there is none.
type Stamp = u64;

struct Client {
    watched: [u16; WATCHED],
    prices: [Stamp; WATCHED],
}

struct Server {
    pool: Box<[Stamp]>,
    busy: u32,
    waiting: VecDeque<u32>,
}

/// A watchlist update under way.
#[derive(Clone)]
struct Refresh {
    client: u32,
    /// Whether the server has its push, not its request.
    pushes: bool,
    /// What the server sends, or what is pushed; 0 where there is nothing.
    prices: [Stamp; WATCHED],
    /// The next position to call for.
    next: u32,
    calls_under_way: u32,
}

pub struct Network {
    clients: Vec<Client>,
    servers: Vec<Server>,
    refreshes: Vec<Refresh>,
    free: Vec<u32>,
    random: SmallRng,
    events: u64,
    done: u64,
    filled: u64,
    calls: u64,
}

impl Network {
    pub fn new(clients: usize) -> Self {
        let mut random = SmallRng::seed_from_u64(1);
        let popularity = zipf();
        let client = |_| Client { watched: watchlist(&popularity, &mut random), prices: [0; WATCHED] };
        let clients: Vec<Client> = (0..clients).map(client).collect();
        let server = |_| Server { pool: vec![0; INSTRUMENTS].into(), busy: 0, waiting: VecDeque::new() };
        let servers = (0..clients.len().div_ceil(CLIENTS_PER_SERVER)).map(server).collect();
        let (refreshes, free) = (Vec::new(), Vec::new());
        Self { clients, servers, refreshes, free, random, events: 0, done: 0, filled: 0, calls: 0 }
    }

    fn exponential(&mut self, mean_s: f64) -> u64 {
        (self.random.sample::<f64, _>(Exp1) * mean_s * S) as u64
    }

    fn lognormal(&mut self, median_s: f64) -> u64 {
        (median_s * (SIGMA * self.random.sample::<f64, _>(StandardNormal)).exp() * S) as u64
    }

    fn server(&self, refresh: u32) -> usize {
        self.refreshes[refresh as usize].client as usize % self.servers.len()
    }

    fn visit(&mut self, client: u32, kernel: &mut impl Kernel) {
        let next = self.exponential(VISITS_MEAN_S);
        kernel.schedule(next, Event { kind: VISIT, subject: client });
        let refresh = Refresh { client, pushes: false, prices: [0; WATCHED], next: 0, calls_under_way: 0 };
        let number = match self.free.pop() {
            Some(number) => {
                self.refreshes[number as usize] = refresh;
                number
            }
            None => {
                self.refreshes.push(refresh);
                self.refreshes.len() as u32 - 1
            }
        };
        let latency = self.lognormal(LATENCY_MEDIAN_S);
        kernel.schedule(latency, Event { kind: REQUEST_ARRIVES, subject: number });
    }

    fn arrive(&mut self, refresh: u32, kernel: &mut impl Kernel) {
        let server = self.server(refresh);
        if self.servers[server].busy == WORKERS {
            self.servers[server].waiting.push_back(refresh);
            return;
        }
        self.servers[server].busy += 1;
        self.serve(refresh, kernel);
    }

    fn serve(&mut self, refresh: u32, kernel: &mut impl Kernel) {
        let service = self.exponential(SERVICE_MEAN_S);
        kernel.schedule(service, Event { kind: SERVED, subject: refresh });
    }

    fn served(&mut self, number: u32, kernel: &mut impl Kernel) {
        let server = self.server(number);
        let refresh = &mut self.refreshes[number as usize];
        let client = &self.clients[refresh.client as usize];
        let pool = &mut self.servers[server].pool;
        if refresh.pushes {
            for (price, instrument) in refresh.prices.iter().zip(client.watched) {
                let pooled = &mut pool[usize::from(instrument)];
                *pooled = (*pooled).max(*price);
            }
            self.free.push(number);
        } else {
            let least = kernel.now().saturating_sub(FRESH).max(1);
            let asked = client.watched.iter().zip(client.prices);
            for (answer, (instrument, own)) in refresh.prices.iter_mut().zip(asked) {
                let pooled = pool[usize::from(*instrument)];
                *answer = if pooled > own && pooled >= least { pooled } else { 0 };
            }
            let latency = self.lognormal(LATENCY_MEDIAN_S);
            kernel.schedule(latency, Event { kind: REPLY_ARRIVES, subject: number });
        }
        match self.servers[server].waiting.pop_front() {
            Some(next) => self.serve(next, kernel),
            None => self.servers[server].busy -= 1,
        }
    }

    fn reply(&mut self, number: u32, kernel: &mut impl Kernel) {
        let refresh = &self.refreshes[number as usize];
        let own = &mut self.clients[refresh.client as usize].prices;
        for (own, answer) in own.iter_mut().zip(refresh.prices) {
            *own = (*own).max(answer);
            self.filled += u64::from(answer != 0);
        }
        self.call(number, kernel);
    }

    /// Begins as many calls as may be under way; pushes what they have brought after the last.
    fn call(&mut self, number: u32, kernel: &mut impl Kernel) {
        loop {
            let refresh = &mut self.refreshes[number as usize];
            while (refresh.next as usize) < WATCHED && refresh.prices[refresh.next as usize] != 0 {
                // Only news are pushed.
                refresh.prices[refresh.next as usize] = 0;
                refresh.next += 1;
            }
            if refresh.next as usize == WATCHED || refresh.calls_under_way == CALLS_AT_A_TIME {
                break;
            }
            let kind = CALL_ENDS | refresh.next << KIND_BITS;
            refresh.next += 1;
            refresh.calls_under_way += 1;
            let latency = self.lognormal(CALL_MEDIAN_S);
            kernel.schedule(latency, Event { kind, subject: number });
        }
        let refresh = &mut self.refreshes[number as usize];
        if refresh.calls_under_way == 0 {
            self.done += 1;
            refresh.pushes = true;
            let latency = self.lognormal(LATENCY_MEDIAN_S);
            kernel.schedule(latency, Event { kind: PUSH_ARRIVES, subject: number });
        }
    }

    fn call_ends(&mut self, number: u32, position: usize, kernel: &mut impl Kernel) {
        let refresh = &mut self.refreshes[number as usize];
        refresh.prices[position] = kernel.now();
        refresh.calls_under_way -= 1;
        self.clients[refresh.client as usize].prices[position] = kernel.now();
        self.calls += 1;
        self.call(number, kernel);
    }
}

impl Workload for Network {
    fn horizon(&self) -> u64 {
        DAY
    }

    fn begin(&mut self, kernel: &mut impl Kernel) {
        for client in 0..self.clients.len() as u32 {
            let first = self.exponential(VISITS_MEAN_S);
            kernel.schedule(first, Event { kind: VISIT, subject: client });
        }
    }

    fn handle(&mut self, event: Event, kernel: &mut impl Kernel) {
        self.events += 1;
        match event.kind & ((1 << KIND_BITS) - 1) {
            VISIT => self.visit(event.subject, kernel),
            REQUEST_ARRIVES | PUSH_ARRIVES => self.arrive(event.subject, kernel),
            SERVED => self.served(event.subject, kernel),
            REPLY_ARRIVES => self.reply(event.subject, kernel),
            _ => self.call_ends(event.subject, (event.kind >> KIND_BITS) as usize, kernel),
        }
    }

    fn tell(&self) -> (String, bool) {
        let done = self.done as f64;
        let (filled, calls) = (self.filled as f64 / (done * WATCHED as f64), self.calls as f64 / done);
        let near = |value: f64, (known, tolerance): (f64, f64)| (value - known).abs() <= tolerance;
        let is_right = near(filled, FILLED) && near(calls, CALLS);
        let verdict = if is_right { "as known" } else { "NOT as known (34.15 % and 19.75)" };
        let clients = self.clients.len();
        let (events, done) = (self.events, self.done);
        let told = format!(
            "W2: {clients} clients, {done} refreshes, {events} events, {:.2} % filled by the hub, {calls:.3} calls a refresh: {verdict}; units={done}",
            100.0 * filled
        );
        (told, is_right)
    }
}

/// The probability of each instrument or one before it, by Zipf's law with exponent 1.
fn zipf() -> Vec<f64> {
    let weights = (1..=INSTRUMENTS).map(|rank| 1.0 / rank as f64);
    let sums: Vec<f64> = weights
        .scan(0.0, |sum, weight| {
            *sum += weight;
            Some(*sum)
        })
        .collect();
    let all = sums[INSTRUMENTS - 1];
    sums.iter().map(|sum| sum / all).collect()
}

/// Different instruments, drawn one after the other.
fn watchlist(popularity: &[f64], random: &mut SmallRng) -> [u16; WATCHED] {
    let mut watched = [u16::MAX; WATCHED];
    let mut drawn = 0;
    while drawn < WATCHED {
        let uniform: f64 = random.random();
        let instrument = popularity.partition_point(|sum| *sum <= uniform).min(INSTRUMENTS - 1) as u16;
        if !watched[..drawn].contains(&instrument) {
            watched[drawn] = instrument;
            drawn += 1;
        }
    }
    watched
}
