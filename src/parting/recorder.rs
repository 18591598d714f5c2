//! The observer that writes down what users see in a run: each visit of the measured period once, with everyone who was asked.

use std::collections::BTreeMap;

use crate::model::Blueprint;
use crate::observe::{
    CallEnd, Carrier, Fact, InstanceId, Line, MessageEnd, MessageKind, Observer, PriceSource, Quotation,
    RecordedInstance, Shelf, VisitId,
};
use crate::protocol::{AcceptMode, CallReason, InstrumentId, Outcome};
use crate::time::{SimDuration, SimTime, Timestamp};

use super::numbers::SharedNumbers;
use super::seen::{
    AskedServer, PriceArrival, PriceEnd, SeenPrice, SeenRun, SeenVisit, ServerAnswer, ShownAs, VisitKey,
};

/// At most so many instruments of visits are kept of a run, which takes about 2 GB.
pub(super) const MOST_PRICES: usize = 10_000_000;

/// Writes down what users see.
pub(super) struct SightRecorder<'n> {
    numbers: &'n SharedNumbers,
    from: SimTime,
    fresh_within: SimDuration,
    modes: Vec<AcceptMode>,
    seen: SeenRun,
    /// How many instruments of visits have been kept, or would have been.
    prices: usize,
    exchanges: u64,
    under_way: BTreeMap<VisitId, VisitUnderWay>,
    kept: BTreeMap<(InstanceId, Shelf, InstrumentId), KeptPrice>,
    messages: BTreeMap<u32, RequestOnItsWay>,
    showing: Option<Showing>,
}

struct VisitUnderWay {
    visit: SeenVisit,
    /// Where each instrument stands in the watchlist.
    places: BTreeMap<InstrumentId, usize>,
}

#[derive(Clone, Copy)]
struct KeptPrice {
    timestamp: Option<Timestamp>,
    as_of: Option<Timestamp>,
    by: PriceArrival,
}

struct RequestOnItsWay {
    visit: Option<VisitId>,
    kind: MessageKind,
    to: InstanceId,
    instruments: Vec<InstrumentId>,
    /// What the receiver had of them when it answered.
    had: Option<Vec<Option<KeptPrice>>>,
    has_ended: bool,
}

/// A result of which facts tell, price by price.
struct Showing {
    visit: VisitId,
    prices: Vec<(InstrumentId, Option<Timestamp>, Option<Timestamp>)>,
    next: usize,
}

impl<'n> SightRecorder<'n> {
    pub(super) fn new(blueprint: &Blueprint, numbers: &'n SharedNumbers, fresh_within: SimDuration) -> Self {
        Self {
            numbers,
            from: blueprint.warm_up_end(),
            fresh_within,
            modes: Vec::new(),
            seen: SeenRun::default(),
            prices: 0,
            exchanges: 0,
            under_way: BTreeMap::new(),
            kept: BTreeMap::new(),
            messages: BTreeMap::new(),
            showing: None,
        }
    }

    /// What has been seen; `None` if it is more than can be kept.
    pub(super) fn finish(mut self) -> Option<SeenRun> {
        let rest = std::mem::take(&mut self.under_way);
        for (id, under_way) in rest {
            self.keep_visit(id, under_way.visit);
        }
        (self.prices <= MOST_PRICES).then_some(self.seen)
    }

    fn instance(&self, instance: InstanceId) -> u32 {
        self.numbers.instances[instance.index()]
    }

    fn instrument(&self, instrument: InstrumentId) -> u32 {
        self.numbers.instruments[instrument.0 as usize]
    }

    fn key(&self, visit: VisitId) -> VisitKey {
        (self.numbers.users[visit.user as usize], visit.number)
    }

    fn meet(&mut self, instances: &[RecordedInstance]) {
        self.modes = instances.iter().map(|instance| instance.mode).collect();
        for (number, recorded) in (0..).map(InstanceId).zip(instances) {
            let own = self.instance(number);
            if !recorded.gtnet {
                self.seen.world.without_gtnet.insert(own);
            }
            for (peer, _) in &recorded.peers {
                let peer = self.instance(*peer);
                self.seen.world.peers.insert((own, peer));
            }
            for row in recorded.instruments.iter().filter(|row| !row.receive) {
                let instrument = self.instrument(row.instrument);
                self.seen.world.not_receivable.insert((own, instrument));
            }
        }
    }

    fn begin(&mut self, now: SimTime, visit: VisitId, watchlist: &[InstrumentId], is_exchange: bool) {
        let exchange = is_exchange.then(|| {
            self.exchanges += 1;
            self.exchanges
        });
        let own_pool = is_exchange && self.modes[visit.instance.index()] == AcceptMode::PushOpen;
        let instance = self.instance(visit.instance);
        let price = |instrument: &InstrumentId| {
            let own = self.kept.get(&(visit.instance, Shelf::Own, *instrument));
            let mut price = SeenPrice::new(self.instrument(*instrument), own.and_then(|own| own.timestamp));
            if own_pool && !self.seen.world.without_gtnet.contains(&instance) {
                let had = self.kept.get(&(visit.instance, Shelf::Pool, *instrument)).copied();
                price.asked.push(asked(instance, answer_with(had), had));
            }
            price
        };
        let prices: Vec<SeenPrice> = watchlist.iter().map(price).collect();
        let places = watchlist.iter().enumerate().map(|(at, instrument)| (*instrument, at)).collect();
        let visit_seen = SeenVisit { instance, began: now, exchange, has_result: false, prices };
        self.under_way.insert(visit, VisitUnderWay { visit: visit_seen, places });
    }

    fn keep_visit(&mut self, id: VisitId, visit: SeenVisit) {
        if visit.began < self.from {
            return;
        }
        self.prices += visit.prices.len();
        if self.prices <= MOST_PRICES {
            self.seen.visits.insert(self.key(id), visit);
        }
    }

    fn send(&mut self, line: &Line) {
        let Line::Sent { message, exchange, to, kind, items, .. } = line else { return };
        let server = self.instance(*to);
        let instruments: Vec<InstrumentId> = items.iter().map(|item| item.instrument).collect();
        if *kind == MessageKind::Request {
            for instrument in &instruments {
                if let Some(price) = self.price(*exchange, *instrument) {
                    price.asked.push(asked(server, ServerAnswer::Silent, None));
                }
            }
        }
        let (visit, kind, to) = (*exchange, *kind, *to);
        let on_its_way = RequestOnItsWay { visit, kind, to, instruments, had: None, has_ended: false };
        self.messages.insert(*message, on_its_way);
    }

    /// The receiver of a request answers: what it has now, before it learns from the request.
    fn look_at_receiver(&mut self, message: u32) {
        let Some(request) = self.messages.get_mut(&message) else { return };
        if request.kind != MessageKind::Request || request.had.is_some() {
            return;
        }
        let place = if self.modes[request.to.index()] == AcceptMode::PushOpen { Shelf::Pool } else { Shelf::Own };
        let had = |instrument: &InstrumentId| self.kept.get(&(request.to, place, *instrument)).copied();
        request.had = Some(request.instruments.iter().map(had).collect());
    }

    fn serve(&mut self, message: u32, is_refused: bool, items: &[Quotation]) {
        self.look_at_receiver(message);
        let Some(request) = self.messages.get(&message) else { return };
        if request.kind != MessageKind::Request || request.has_ended {
            return;
        }
        let (visit, server) = (request.visit, self.instance(request.to));
        let had: Vec<_> = request.instruments.iter().copied().zip(request.had.iter().flatten().copied()).collect();
        let sent: BTreeMap<InstrumentId, Option<Timestamp>> =
            items.iter().map(|item| (item.instrument, item.timestamp)).collect();
        for (instrument, had) in had {
            let Some(price) = self.price(visit, instrument) else { continue };
            let Some(entry) = price.asked.iter_mut().rfind(|asked| asked.server == server) else { continue };
            let answer = match sent.get(&instrument) {
                _ if is_refused => ServerAnswer::Refused,
                Some(_) => ServerAnswer::Sent,
                None => answer_with(had),
            };
            *entry = asked(server, answer, had);
            if let Some(timestamp) = sent.get(&instrument) {
                entry.had = *timestamp;
            }
        }
    }

    /// Whoever sent a message knows what became of it: what its receiver did matters only if a reply came.
    fn end(&mut self, message: u32, end: MessageEnd) {
        let Some(request) = self.messages.get_mut(&message) else { return };
        request.has_ended = true;
        let answer = match end {
            MessageEnd::Answered(_) => return,
            MessageEnd::Refused => ServerAnswer::Refused,
            MessageEnd::TimedOut | MessageEnd::Unreachable | MessageEnd::Abandoned => ServerAnswer::Silent,
        };
        if request.kind != MessageKind::Request {
            return;
        }
        let (visit, to, instruments) = (request.visit, request.to, request.instruments.clone());
        let server = self.instance(to);
        for instrument in instruments {
            if let Some(price) = self.price(visit, instrument)
                && let Some(entry) = price.asked.iter_mut().rfind(|asked| asked.server == server)
            {
                entry.answer = answer;
            }
        }
    }

    fn fill(&mut self, visit: VisitId, by: Carrier, items: &[Quotation]) {
        let server = match by {
            Carrier::OwnPool => self.instance(visit.instance),
            Carrier::Message(message) => match self.messages.get(&message) {
                Some(request) => self.numbers.instances[request.to.index()],
                None => return,
            },
            Carrier::Exchange(_) | Carrier::Call(_) => return,
        };
        for item in items {
            if let Some(price) = self.price(Some(visit), item.instrument) {
                price.end = PriceEnd::Server(server);
                if let Some(entry) = price.asked.iter_mut().rfind(|asked| asked.server == server) {
                    (entry.answer, entry.had) = (ServerAnswer::Sent, item.timestamp);
                }
            }
        }
    }

    fn shelve(&mut self, (instance, place): (InstanceId, Shelf), by: Carrier, items: &[Quotation]) {
        let by = match by {
            Carrier::Message(message) => {
                self.look_at_receiver(message);
                let kind = self.messages.get(&message).map(|message| message.kind);
                if kind == Some(MessageKind::Push) { PriceArrival::Pushed } else { PriceArrival::Learnt }
            }
            Carrier::OwnPool | Carrier::Exchange(_) | Carrier::Call(_) => PriceArrival::Fetched,
        };
        for item in items {
            let price = KeptPrice { timestamp: item.timestamp, as_of: item.as_of, by };
            self.kept.insert((instance, place, item.instrument), price);
        }
    }

    fn forget(&mut self, instance: InstanceId, instruments: Option<&[InstrumentId]>) {
        self.kept.retain(|(whose, shelf, instrument), _| {
            (*whose, *shelf) != (instance, Shelf::Pool) || instruments.is_some_and(|some| !some.contains(instrument))
        });
    }

    fn price(&mut self, visit: Option<VisitId>, instrument: InstrumentId) -> Option<&mut SeenPrice> {
        let under_way = self.under_way.get_mut(&visit?)?;
        let at = *under_way.places.get(&instrument)?;
        Some(&mut under_way.visit.prices[at])
    }

    fn show(&mut self, began: SimTime, age: Option<SimDuration>, source: &PriceSource) {
        let is_fresh = age.is_some_and(|age| age <= self.fresh_within);
        if began >= self.from
            && let Some(age) = age
        {
            self.seen.totals.shown += 1;
            self.seen.totals.fresh += u64::from(is_fresh);
            self.seen.totals.age_nanos += u128::from(age.as_nanos());
        }
        let Some(showing) = &self.showing else { return };
        let (instrument, timestamp, as_of) = showing.prices[showing.next];
        let price = self.price(Some(showing.visit), instrument).expect("what is shown is on the watchlist");
        price.shown = Some(ShownAs { timestamp, as_of, age, is_fresh });
        match source {
            PriceSource::Kept { .. } => price.end = PriceEnd::Kept,
            PriceSource::Exchanged(history) => {
                price.trouble = history.trouble;
                let failure = if let Some(CallEnd::Failed(failure)) = history.call { Some(failure) } else { None };
                price.end = match history.outcome {
                    Outcome::OwnPool | Outcome::PushOpen(_) | Outcome::Open(_) => price.end,
                    Outcome::Connector => PriceEnd::Called,
                    Outcome::ConnectorFailed => PriceEnd::CallFailed(failure.expect("a call that fails has a reason")),
                    Outcome::NotTried(why) => PriceEnd::NotTried(why),
                };
            }
        }
        if let Some(showing) = &mut self.showing {
            showing.next += 1;
        }
    }

    fn end_visit(&mut self, id: VisitId, has_result: bool) {
        if let Some(under_way) = self.under_way.remove(&id) {
            let visit = SeenVisit { has_result, ..under_way.visit };
            self.keep_visit(id, visit);
        }
    }
}

impl Observer for SightRecorder<'_> {
    fn transcribes(&self) -> bool {
        true
    }

    fn observe(&mut self, now: SimTime, fact: &Fact) {
        match *fact {
            Fact::ConnectorCalled { began, reason, .. } if began >= self.from => {
                self.seen.totals.calls += 1;
                let is_for_nobody = matches!(reason, CallReason::PushCheck | CallReason::PoolRefresh);
                self.seen.calls_of_servers += u64::from(is_for_nobody);
            }
            Fact::PriceShown { began, age, ref source, .. } => self.show(began, age, source),
            Fact::ResultShown { visit, .. } => {
                self.showing = None;
                self.end_visit(visit, true);
            }
            Fact::VisitInterrupted { visit, .. } | Fact::ExchangeUnfinished { visit, .. } => {
                self.end_visit(visit, false);
            }
            Fact::VisitPrevented { visit } => {
                let instance = self.instance(visit.instance);
                let prices = Vec::new();
                self.keep_visit(visit, SeenVisit { instance, began: now, exchange: None, has_result: false, prices });
            }
            _ => {}
        }
    }

    fn transcribe(&mut self, now: SimTime, line: Line) {
        match &line {
            Line::World(instances) => self.meet(instances),
            Line::Began { visit, watchlist, .. } => self.begin(now, *visit, watchlist, true),
            Line::Reopened { visit, watchlist } => {
                self.begin(now, *visit, watchlist, false);
                let own = |instrument: &InstrumentId| {
                    let kept = self.kept.get(&(visit.instance, Shelf::Own, *instrument));
                    kept.map_or((*instrument, None, None), |kept| (*instrument, kept.timestamp, kept.as_of))
                };
                let prices = watchlist.iter().map(own).collect();
                self.showing = Some(Showing { visit: *visit, prices, next: 0 });
            }
            Line::Sent { .. } => self.send(&line),
            Line::Served { message, result, items } => self.serve(*message, result.is_err(), items),
            Line::Ended { message, end } => self.end(*message, *end),
            Line::CallPlaced { exchange, instrument, reason, .. } => {
                if let Some(price) = self.price(*exchange, *instrument) {
                    price.calls += 1;
                    price.reason = Some(*reason);
                }
            }
            Line::Filled { exchange, by, items } => self.fill(*exchange, *by, items),
            Line::Kept { instance, shelf, by, items } => self.shelve((*instance, *shelf), *by, items),
            Line::Forgotten { instance, instruments } => self.forget(*instance, instruments.as_deref()),
            Line::Shown { visit, items, .. } => {
                let prices = items.iter().map(|(price, _)| (price.instrument, price.timestamp, price.as_of)).collect();
                self.showing = Some(Showing { visit: *visit, prices, next: 0 });
            }
            Line::Arrived { .. }
            | Line::ServiceBegan { .. }
            | Line::Lost { .. }
            | Line::Answered { .. }
            | Line::Called { .. }
            | Line::Done { .. } => {}
        }
    }
}

fn asked(server: u32, answer: ServerAnswer, had: Option<KeptPrice>) -> AskedServer {
    let by = had.map_or(PriceArrival::Fetched, |had| had.by);
    AskedServer { server, answer, had: had.and_then(|had| had.timestamp), by }
}

fn answer_with(had: Option<KeptPrice>) -> ServerAnswer {
    if had.is_some_and(|had| had.as_of.is_some()) { ServerAnswer::HadOlder } else { ServerAnswer::HadNone }
}
