//! One replication of a world: its state, its events, and the loop that runs it to the horizon.

use crate::engine::{self, Scheduler};
use crate::observe::{Fact, InstanceId, Observer};
use crate::protocol::{CallReason, Exchange, InstrumentId, PeerId};
use crate::random::{Purpose, Stream, Streams};
use crate::time::{SimDuration, SimTime};

use super::blueprint::Blueprint;
use super::laws::Totals;
use super::messages::Message;
use super::population::Population;
use super::quote::Quote;
use super::slab::Slab;

/// Parts of a run after each of which its progress is told.
const TOLD_PARTS: u64 = 1_000;

/// What can happen.
#[derive(Clone, Copy, Debug)]
pub(super) enum Event {
    /// A user opens a watchlist.
    Visit { user: u32 },
    /// An instance asks its peers what they send.
    Synchronise { instance: u32 },
    /// A message arrives at its receiver.
    MessageArrives { message: u32 },
    /// A worker has finished serving a message.
    Served { message: u32 },
    /// A reply arrives at the sender of its message.
    ReplyArrives { message: u32 },
    /// The sender of a message gives up waiting for the reply.
    TimedOut { message: u32 },
    /// A connector call that was held back for a token is made.
    CallPlaced { running: u32, position: u32 },
    /// The connector call for the instrument at a position of an exchange's watchlist ends.
    ConnectorAnswers { running: u32, position: u32 },
}

/// An exchange under way, from the visit that started it to the last push.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) exchange: Exchange<InstrumentId, Quote>,
    pub(super) user: u32,
    pub(super) instance: InstanceId,
    pub(super) watchlist: u32,
    /// Number of the user's visit.
    pub(super) visit: u64,
    pub(super) began: SimTime,
    /// Connector calls still to be made.
    pub(super) queue: Vec<(usize, CallReason)>,
    pub(super) next_call: usize,
    pub(super) calls_under_way: u32,
    /// By position in the watchlist.
    pub(super) calls: Vec<Call>,
    /// The peer that was asked last, and in how many requests.
    pub(super) last_asked: Option<(PeerId, u32)>,
    /// The user has seen the result; what is left happens in the background.
    pub(super) shown: bool,
}

/// A connector call under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    pub(super) reason: CallReason,
    /// When it reaches the provider, which answers with its price of that moment.
    pub(super) placed: SimTime,
    pub(super) held_back: SimDuration,
    pub(super) limited: bool,
    pub(super) latency: SimDuration,
    pub(super) fails: bool,
}

impl Call {
    /// A call that has not been made.
    pub(super) const NONE: Self = Self {
        reason: CallReason::GtnetOff,
        placed: SimTime::START,
        held_back: SimDuration::ZERO,
        limited: false,
        latency: SimDuration::ZERO,
        fails: false,
    };
}

/// One replication of a world in the middle of its run.
pub(super) struct World<'a, O> {
    pub(super) blueprint: &'a Blueprint,
    pub(super) streams: Streams,
    pub(super) population: Population,
    pub(super) running: Slab<Running>,
    pub(super) messages: Slab<Message>,
    pub(super) totals: Totals,
    pub(super) observer: &'a mut O,
    visit_streams: Vec<Stream>,
    /// Peers of an exchange with the keys by which equals are ordered; kept for its buffer.
    pub(super) tie_order: Vec<(u64, usize)>,
}

/// What a finished replication leaves behind, beside what its observer was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    /// Events handled.
    pub events: u64,
    /// By instance: instruments in its pool at the end; 0 without a pool.
    pub pool_sizes: Vec<u32>,
}

/// Runs replication `replication` under `seed` to the end, and tells `observer` all that happens.
///
/// # Panics
///
/// If a law of the model is broken (conservation of messages and of exchanges): that is a bug.
pub fn simulate<O: Observer>(blueprint: &Blueprint, seed: u64, replication: u32, observer: &mut O) -> Closing {
    simulate_telling(blueprint, seed, replication, observer, &mut |_| {})
}

/// As [`simulate`]; now and then `tell` is told the share of the run that is done, as far as visits tell it.
///
/// # Panics
///
/// See [`simulate`].
pub fn simulate_telling<O: Observer>(
    blueprint: &Blueprint,
    seed: u64,
    replication: u32,
    observer: &mut O,
    tell: &mut impl FnMut(f64),
) -> Closing {
    let streams = match blueprint.config().topology {
        None => Streams::new(seed, replication),
        Some(topology) => Streams::with_topology(seed, topology, replication),
    };
    let mut scheduler = Scheduler::with_capacity(1_024);
    let mut world = World::new(blueprint, streams, observer);
    world.transcribe(SimTime::START, World::line_of_world);
    for user in 0..u32::try_from(world.population.users.len()).expect("fewer than 2^32 users") {
        world.schedule_visit(user, &mut scheduler);
    }
    world.schedule_synchronisations(&mut scheduler);
    let mut events = 0;
    // A run in parts is the same run: an event at the end of a part belongs to the next one.
    for part in 1..=TOLD_PARTS {
        let nanos = u128::from(blueprint.horizon().as_nanos()) * u128::from(part) / u128::from(TOLD_PARTS);
        let end = SimTime::from_nanos(u64::try_from(nanos).expect("no part ends after the run"));
        events += engine::run(&mut world, &mut scheduler, end, u64::MAX).events;
        tell(blueprint.share_before(end));
    }
    world.assert_laws(&scheduler);
    world.tell_what_is_unfinished(blueprint.horizon());
    Closing { events, pool_sizes: world.population.instances.iter().map(|instance| instance.pool.size()).collect() }
}

impl<O: Observer> engine::World for World<'_, O> {
    type Event = Event;

    fn handle(&mut self, event: Event, scheduler: &mut Scheduler<Event>) {
        match event {
            Event::Visit { user } => self.visit(user, scheduler),
            Event::Synchronise { instance } => self.synchronise(instance, scheduler),
            Event::MessageArrives { message } => self.message_arrives(message, scheduler),
            Event::Served { message } => self.message_served(message, scheduler),
            Event::ReplyArrives { message } => self.reply_arrives(message, scheduler),
            Event::TimedOut { message } => self.message_timed_out(message, scheduler),
            Event::CallPlaced { running, position } => self.place_call(running, position as usize, scheduler),
            Event::ConnectorAnswers { running, position } => {
                self.connector_answers(running, position as usize, scheduler);
            }
        }
    }
}

impl<'a, O: Observer> World<'a, O> {
    fn new(blueprint: &'a Blueprint, streams: Streams, observer: &'a mut O) -> Self {
        let population = Population::draw(blueprint, &streams);
        let visit_streams =
            population.users.iter().map(|user| streams.stream(Purpose::VisitTimes, user.entity)).collect();
        Self {
            blueprint,
            streams,
            population,
            running: Slab::new(),
            messages: Slab::new(),
            totals: Totals::default(),
            observer,
            visit_streams,
            tie_order: Vec::new(),
        }
    }

    fn tell_what_is_unfinished(&mut self, horizon: SimTime) {
        for slot in self.running.slots_in_use() {
            let running = &self.running[slot];
            if !running.shown {
                let instruments =
                    u32::try_from(running.exchange.set().len()).expect("a watchlist is shorter than 2^32");
                let unfinished = Fact::ExchangeUnfinished { began: running.began, instruments };
                self.observer.observe(horizon, &unfinished);
            }
        }
    }

    fn schedule_visit(&mut self, user: u32, scheduler: &mut Scheduler<Event>) {
        let at = user as usize;
        let group = self.blueprint.instances()[self.population.users[at].instance.index()].group;
        let Some(schedule) = &self.blueprint.schedules[group] else { return };
        let next = schedule.next(self.population.users[at].expected, &mut self.visit_streams[at]);
        if let Some((time, expected)) = next {
            self.population.users[at].expected = expected;
            scheduler.schedule_at(time, Event::Visit { user });
        }
    }

    /// A user opens a watchlist: an exchange begins if the last one is old enough, else local prices do.
    fn visit(&mut self, id: u32, scheduler: &mut Scheduler<Event>) {
        self.schedule_visit(id, scheduler);
        let now = scheduler.now();
        let user = &mut self.population.users[id as usize];
        let visit = user.visits;
        user.visits += 1;
        let chosen = match user.watchlists.len() {
            1 => 0,
            many => self.streams.stream(Purpose::VisitChoice, user.entity).at(visit, 0).index(many),
        };
        let instance = user.instance;
        let local_now = self.population.instances[instance.index()].clock.show(now);
        let watchlist = &mut user.watchlists[chosen];
        let timeout = self.blueprint.config.watchlist_timeout;
        let due = watchlist.last_exchange.is_none_or(|last| local_now.saturating_since(last) >= timeout);
        self.observer.observe(now, &Fact::VisitBegan { instance });
        self.totals.visits += 1;
        if due {
            watchlist.last_exchange = Some(local_now);
            let list = u32::try_from(chosen).expect("fewer than 2^32 watchlists");
            self.begin_exchange(id, visit, list, scheduler);
        } else {
            self.show_local_prices(id, chosen, now);
        }
    }

    fn show_local_prices(&mut self, user: u32, watchlist: usize, now: SimTime) {
        let user = &self.population.users[user as usize];
        let local = &self.population.instances[user.instance.index()].local;
        for row in &user.watchlists[watchlist].rows {
            let local = local.at(*row);
            let market = self.population.market_of[local.instrument.0 as usize];
            let age = self.age(market, &local.price.content, now);
            self.observer.observe(now, &Fact::PriceShown { began: now, age });
        }
        self.observer.observe(now, &Fact::ResultShown { began: now, exchanged: false });
    }

    /// How long its market has traded since the moment whose price this is.
    pub(super) fn age(&self, market: usize, quote: &Quote, now: SimTime) -> Option<SimDuration> {
        let true_now = self.blueprint.config.start + now.since_start();
        quote.as_of.map(|as_of| self.blueprint.calendars[market].traded_between(as_of, true_now))
    }
}
