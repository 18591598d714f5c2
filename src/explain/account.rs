//! The account of one exchange: all that was said for it, step by step, and the prices that its user saw.

use std::rc::Rc;

use crate::observe::{
    AgeSplit, Carrier, Fact, FalsePrice, InstanceId, Line, MessageEnd, MessageKind, Observer, ProviderId, Quotation,
    RecordedInstance, Shelf, StampError, VisitId,
};
use crate::protocol::{CallReason, InstrumentId, Outcome, Refusal};
use crate::time::{SimDuration, SimTime, Timestamp};

use super::chain::{CallFacts, Stop, Whereabouts};

/// All that happened in an exchange.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) visit: VisitId,
    pub(super) began: SimTime,
    /// What the clock of the instance showed when it began.
    pub(super) clock: Timestamp,
    pub(super) watchlist: Vec<InstrumentId>,
    /// By watchlist: the market of each instrument.
    pub(super) markets: Vec<usize>,
    pub(super) steps: Vec<(SimTime, AccountStep)>,
    pub(super) talks: Vec<Talk>,
    pub(super) shown: Option<ShownResult>,
    pub(super) done: bool,
}

/// A step of an exchange. Messages are named by their place in [`Account::talks`].
#[derive(Debug)]
pub(super) enum AccountStep {
    /// It looks into the own pool, which fills these.
    OwnPool(Vec<InstrumentId>),
    /// A message leaves.
    Sent(usize),
    /// A worker takes it after this wait.
    ServiceBegan(usize, SimDuration),
    /// The reply is formed.
    Served(usize),
    /// It or its reply gets lost.
    Lost(usize),
    /// The reply arrives, and fills these.
    Answered(usize),
    /// Its sender gives up, or learns that nobody listens.
    Failed(usize, MessageEnd),
    /// A call reaches its provider.
    CallPlaced(InstrumentId, ProviderId, CallReason),
    /// A call ends: with a price or without, which the exchange takes or not.
    Called { instrument: InstrumentId, provider: ProviderId, is_delivered: bool, is_taken: bool },
    /// The own pool keeps these.
    Pooled(Vec<InstrumentId>),
    /// The user sees the result.
    Shown,
    /// The instance stops, and its user never sees the result.
    Interrupted,
}

impl AccountStep {
    /// The message that the step is about.
    pub(super) const fn talk(&self) -> Option<usize> {
        match self {
            Self::Sent(talk)
            | Self::ServiceBegan(talk, _)
            | Self::Served(talk)
            | Self::Lost(talk)
            | Self::Answered(talk)
            | Self::Failed(talk, _) => Some(*talk),
            _ => None,
        }
    }
}

/// A message of the exchange and its reply.
#[derive(Debug)]
pub(super) struct Talk {
    /// Its number while it is under way.
    slot: u32,
    is_open: bool,
    arrived: SimTime,
    pub(super) to: InstanceId,
    pub(super) kind: MessageKind,
    pub(super) items: Vec<InstrumentId>,
    pub(super) served: Option<SimTime>,
    pub(super) result: Option<Result<u32, Refusal>>,
    pub(super) answer: Vec<InstrumentId>,
    /// Instruments that the reply fills, or that the receiver takes over.
    pub(super) taken: Vec<InstrumentId>,
    pub(super) min_acceptable: Option<Timestamp>,
    /// Whether the message or its reply got lost on the way.
    pub(super) is_lost: bool,
    /// Whether the reply reached its sender in time.
    pub(super) is_answered: bool,
}

/// What the user saw.
#[derive(Debug)]
pub(super) struct ShownResult {
    pub(super) at: SimTime,
    /// What the clock of the instance showed.
    pub(super) clock: Timestamp,
    pub(super) prices: Vec<ShownPrice>,
}

/// A price that the user saw.
#[derive(Debug)]
pub(super) struct ShownPrice {
    pub(super) price: Quotation,
    /// How the instrument ended.
    pub(super) outcome: Option<Outcome>,
    /// Its age in trading time, as the model has measured it; `None`: there is no price.
    pub(super) age: Option<SimDuration>,
    /// What the model has measured that age to be spent on.
    pub(super) split: Option<AgeSplit>,
    /// How far its timestamp is from the right one.
    pub(super) stamp_error: StampError,
    /// Set if a rogue instance has falsified it.
    pub(super) falsified: Option<FalsePrice>,
    /// The stops of the price; empty if there is no price.
    pub(super) way: Vec<Rc<Stop>>,
}

/// A call of the exchange that is to be explained, and what was elsewhere when it was made.
#[derive(Debug)]
pub(super) struct CallAccount {
    pub(super) call: CallFacts,
    /// The price that the exchange had.
    pub(super) held: Option<Quotation>,
    /// Calls for the same instrument that had ended with a price, in the order in which they did.
    pub(super) earlier: Vec<(SimTime, CallFacts, Quotation)>,
    /// Who else kept a price of the instrument, and where.
    pub(super) elsewhere: Vec<(InstanceId, Shelf, Rc<Stop>)>,
    /// When it ended, and with which price.
    pub(super) ended: Option<(SimTime, Option<Quotation>)>,
}

/// Follows all prices, and writes the account of one exchange.
#[derive(Debug)]
pub(super) struct Recorder {
    target: Option<VisitId>,
    pub(super) whereabouts: Whereabouts,
    /// The instances before anything has happened.
    pub(super) instances: Vec<RecordedInstance>,
    markets: Vec<(InstrumentId, usize)>,
    pub(super) account: Option<Account>,
    /// Prices of which the next facts tell.
    telling: Option<usize>,
    wanted_call: Option<(u64, InstrumentId)>,
    earlier: Vec<(SimTime, CallFacts, Quotation)>,
    pub(super) call: Option<CallAccount>,
}

impl Recorder {
    /// Writes the account of the exchange of a visit, and of a call with this number for this instrument.
    pub(super) fn of(target: Option<VisitId>, wanted_call: Option<(u64, InstrumentId)>) -> Self {
        Self {
            target,
            whereabouts: Whereabouts::default(),
            instances: Vec::new(),
            markets: Vec::new(),
            account: None,
            telling: None,
            wanted_call,
            earlier: Vec::new(),
            call: None,
        }
    }

    fn begin(&mut self, now: SimTime, visit: VisitId, clock: Timestamp, watchlist: &[InstrumentId]) {
        let market = |instrument: &InstrumentId| {
            let at = self.markets.binary_search_by_key(instrument, |(known, _)| *known);
            self.markets[at.expect("the instance has recorded what its users watch")].1
        };
        self.account = Some(Account {
            visit,
            began: now,
            clock,
            watchlist: watchlist.to_vec(),
            markets: watchlist.iter().map(market).collect(),
            steps: Vec::new(),
            talks: Vec::new(),
            shown: None,
            done: false,
        });
    }

    /// Takes note of what belongs to the exchange.
    fn note(&mut self, now: SimTime, line: &Line) {
        let Some(target) = self.target else { return };
        let Some(account) = self.account.as_mut().filter(|account| !account.done) else { return };
        match line {
            Line::Sent { message, exchange, to, kind, items, min_acceptable, .. } if *exchange == Some(target) => {
                let items = instruments(items);
                account.steps.push((now, AccountStep::Sent(account.talks.len())));
                account.talks.push(Talk {
                    slot: *message,
                    is_open: true,
                    arrived: now,
                    to: *to,
                    kind: *kind,
                    items,
                    served: None,
                    result: None,
                    answer: Vec::new(),
                    taken: Vec::new(),
                    min_acceptable: *min_acceptable,
                    is_lost: false,
                    is_answered: false,
                });
            }
            // It takes over the number of a message of this exchange that has ended.
            Line::Sent { message, .. } => {
                account.talks.iter_mut().filter(|talk| talk.slot == *message).for_each(|talk| talk.is_open = false);
            }
            Line::Filled { exchange, by, items } if *exchange == target => account.fill(now, *by, items),
            Line::Kept { instance, shelf, by, items } => account.keep(now, (*instance, *shelf), *by, items),
            Line::CallPlaced { exchange, instrument, provider, reason, .. } if *exchange == Some(target) => {
                account.steps.push((now, AccountStep::CallPlaced(*instrument, *provider, *reason)));
            }
            Line::Called { exchange, instrument, provider, price, .. } if *exchange == Some(target) => {
                let (instrument, provider, is_delivered) = (*instrument, *provider, price.is_some());
                account.steps.push((now, AccountStep::Called { instrument, provider, is_delivered, is_taken: false }));
            }
            Line::Shown { visit, clock, items } if *visit == target => {
                let prices = items.iter().map(|(price, _)| {
                    let stop = self.whereabouts.in_exchange(target, price.instrument);
                    let stop = stop.filter(|_| price.as_of.is_some());
                    ShownPrice {
                        price: *price,
                        outcome: None,
                        age: None,
                        split: None,
                        stamp_error: StampError::NONE,
                        falsified: None,
                        way: stop.map(Stop::way).unwrap_or_default(),
                    }
                });
                account.shown = Some(ShownResult { at: now, clock: *clock, prices: prices.collect() });
                account.steps.push((now, AccountStep::Shown));
                self.telling = Some(0);
            }
            // What is still said of its messages after it is done would be about others.
            Line::Done { exchange } if *exchange == target => {
                if account.shown.is_none() {
                    account.steps.push((now, AccountStep::Interrupted));
                }
                account.done = true;
            }
            line => account.note_message(now, line),
        }
    }

    /// Takes note of calls for the instrument of the call that is to be explained.
    fn note_call(&mut self, now: SimTime, line: &Line) {
        let Some((number, wanted)) = self.wanted_call else { return };
        match line {
            Line::Called { instrument, price: Some(price), .. } if *instrument == wanted && self.call.is_none() => {
                let call = self.whereabouts.last_delivered().and_then(|stop| stop.call());
                self.earlier.extend(call.map(|call| (now, call, *price)));
            }
            Line::CallPlaced { instance, instrument, exchange, .. } if *instrument == wanted => {
                let placed = self.whereabouts.last_placed().filter(|call| call.number == number);
                if let Some(call) = placed {
                    let held = exchange.and_then(|visit| self.whereabouts.in_exchange(visit, wanted));
                    let kept = self.whereabouts.kept_of(wanted).filter(|(whose, ..)| whose != instance);
                    self.call = Some(CallAccount {
                        call,
                        held: held.map(|stop| stop.price),
                        earlier: std::mem::take(&mut self.earlier),
                        elsewhere: kept.map(|(whose, shelf, stop)| (whose, shelf, Rc::clone(stop))).collect(),
                        ended: None,
                    });
                }
            }
            Line::Called { exchange, instance, instrument, placed, price, .. } if *instrument == wanted => {
                if let Some(call) = &mut self.call
                    && (call.call.exchange, call.call.caller, call.call.placed) == (*exchange, *instance, *placed)
                    && call.ended.is_none()
                {
                    call.ended = Some((now, *price));
                }
            }
            _ => {}
        }
    }
}

impl Account {
    fn fill(&mut self, now: SimTime, by: Carrier, items: &[Quotation]) {
        match by {
            Carrier::OwnPool => self.steps.push((now, AccountStep::OwnPool(instruments(items)))),
            Carrier::Message(message) => {
                if let Some(at) = self.talk(message) {
                    self.talks[at].taken = instruments(items);
                }
            }
            Carrier::Call(_) => {
                if let Some((_, AccountStep::Called { is_taken, .. })) = self.steps.last_mut() {
                    *is_taken = true;
                }
            }
            Carrier::Exchange(_) => unreachable!("no exchange fills another"),
        }
    }

    fn keep(&mut self, now: SimTime, (instance, place): (InstanceId, Shelf), by: Carrier, items: &[Quotation]) {
        match by {
            Carrier::Message(message) => {
                if let Some(at) = self.talk(message) {
                    self.talks[at].taken = instruments(items);
                }
            }
            Carrier::Exchange(visit) if visit == self.visit && instance == visit.instance && place == Shelf::Pool => {
                self.steps.push((now, AccountStep::Pooled(instruments(items))));
            }
            _ => {}
        }
    }

    fn note_message(&mut self, now: SimTime, line: &Line) {
        let (Line::Arrived { message }
        | Line::ServiceBegan { message }
        | Line::Served { message, .. }
        | Line::Lost { message }
        | Line::Answered { message, .. }
        | Line::Ended { message, .. }) = line
        else {
            return;
        };
        let Some(at) = self.talk(*message) else { return };
        let talk = &mut self.talks[at];
        let step = match line {
            Line::Arrived { .. } => {
                talk.arrived = now;
                return;
            }
            Line::ServiceBegan { .. } => AccountStep::ServiceBegan(at, now.since(talk.arrived)),
            Line::Served { result, items, .. } => {
                talk.result = Some(*result);
                talk.served = Some(now);
                talk.answer = instruments(items);
                AccountStep::Served(at)
            }
            Line::Lost { .. } => {
                talk.is_lost = true;
                AccountStep::Lost(at)
            }
            Line::Answered { .. } => {
                talk.is_answered = true;
                // The reply has arrived: what fills the exchange is told next, and then that the message has ended.
                if talk.kind == MessageKind::Request {
                    talk.taken.clear();
                }
                AccountStep::Answered(at)
            }
            Line::Ended { end: MessageEnd::Answered(_) | MessageEnd::Refused, .. } => {
                talk.is_open = false;
                return;
            }
            Line::Ended { end, .. } => AccountStep::Failed(at, *end),
            _ => unreachable!("another line is about no message"),
        };
        self.steps.push((now, step));
    }

    /// The message of the exchange that has this number now.
    fn talk(&self, message: u32) -> Option<usize> {
        self.talks.iter().rposition(|talk| talk.slot == message && talk.is_open)
    }
}

impl Observer for Recorder {
    fn transcribes(&self) -> bool {
        true
    }

    fn observe(&mut self, _now: SimTime, fact: &Fact) {
        let Some(at) = self.telling else { return };
        let shown = self.account.as_mut().and_then(|account| account.shown.as_mut()).expect("a result is told");
        match *fact {
            Fact::Settled { outcome, .. } => shown.prices[at].outcome = Some(outcome),
            Fact::PriceShown { age, split, stamp_error, falsified, .. } => {
                let price = &mut shown.prices[at];
                (price.age, price.split, price.stamp_error, price.falsified) = (age, split, stamp_error, falsified);
                self.telling = Some(at + 1);
            }
            Fact::ResultShown { .. } => self.telling = None,
            _ => {}
        }
    }

    fn transcribe(&mut self, now: SimTime, line: Line) {
        if let Line::World(instances) = &line {
            self.markets = instances
                .iter()
                .flat_map(|instance| instance.instruments.iter().map(|row| (row.instrument, row.market)))
                .collect();
            self.markets.sort_unstable();
            self.markets.dedup();
            self.instances.clone_from(instances);
        }
        self.whereabouts.follow(now, &line);
        if let Line::Began { visit, clock, watchlist, .. } = &line
            && Some(*visit) == self.target
        {
            self.begin(now, *visit, *clock, watchlist);
        }
        self.note(now, &line);
        self.note_call(now, &line);
    }
}

fn instruments(items: &[Quotation]) -> Vec<InstrumentId> {
    items.iter().map(|item| item.instrument).collect()
}
