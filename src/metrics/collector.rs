//! The observer that turns the facts of one run into its [`Measurements`]; every visit and every instrument is counted
//! exactly once.
//!
//! A visit belongs to the measured period if it begins in it. All that follows from the visit belongs to the period
//! too: exchange, connector calls, fills, waiting. A message belongs to the period if it was sent in it, and so do the
//! prices that pools take from it. Whatever a server does is counted when it happens.

use std::collections::BTreeMap;

use crate::observe::{
    AgeSplit, Fact, FalsePrice, FaultId, InstanceId, MessageEnd, MessageKind, Observer, PriceSource, PriceWay,
};
use crate::protocol::Outcome;
use crate::time::{SimDuration, SimTime};

use super::daily::DailySeries;
use super::histogram::LogHistogram;
use super::measurements::{
    ConnectorMeasurements, FalsePriceCounts, FillCounts, InstanceMeasurements, Measurements, MessageCounts,
    PushBackMeasurements,
};
use super::server_load::ServerLoad;
use super::spending::{CallCounter, PriceLayout};
use super::stale::StaleCause;

/// What a collector has to know before the first fact.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The measured period: `[from, until)`.
    pub from: SimTime,
    /// End of the measured period, which is the end of the run.
    pub until: SimTime,
    /// A price counts as fresh up to this age.
    pub fresh_within: SimDuration,
    /// Names of the providers.
    pub providers: Vec<String>,
    /// The instances.
    pub instances: Vec<InstanceLayout>,
    /// What costs something; `None` if nobody says what anything costs.
    pub prices: Option<PriceLayout>,
}

/// What a collector has to know of an instance.
#[derive(Clone, Debug)]
pub struct InstanceLayout {
    /// Name.
    pub name: String,
    /// Number of workers, if it is a server whose load is measured; else `None`.
    pub server_workers: Option<u32>,
    /// Whether that server is an open one; else it is push-open.
    pub is_open: bool,
}

/// Collects the measurements of one run.
#[derive(Clone, Debug)]
pub struct Collector {
    from: SimTime,
    until: SimTime,
    fresh_within: SimDuration,
    visits: u64,
    visits_unfinished: u64,
    visits_prevented: u64,
    visits_interrupted: u64,
    exchanges: u64,
    /// Instruments of the exchanges.
    instruments: u64,
    instruments_unsettled: u64,
    fills: FillCounts,
    connectors: Vec<ConnectorMeasurements>,
    instances: Vec<InstanceMeasurements>,
    /// Load by instance; `None` if it is no measured server.
    servers: Vec<Option<ServerLoad>>,
    /// By instance: whether it is open, if it is a measured server.
    are_open: Vec<bool>,
    price_age: LogHistogram,
    prices_fresh: u64,
    prices_stale: [u64; StaleCause::ALL.len()],
    prices_missing: u64,
    price_error: LogHistogram,
    prices_wrong_stamp: u64,
    prices_false: FalsePriceCounts,
    /// Whether the visit whose prices are being told has a false one: the fact that its result is shown follows at once.
    visit_is_false: bool,
    visits_false: u64,
    false_after: SimDuration,
    /// When faults ended; those that last are not among them.
    faults_ended: BTreeMap<FaultId, SimTime>,
    user_wait: LogHistogram,
    push_back: PushBackMeasurements,
    messages: MessageCounts,
    days: DailySeries,
    calls: Option<CallCounter>,
}

impl Collector {
    /// A collector that has not been told anything yet. It reserves all the room that it will need.
    #[must_use]
    pub fn new(layout: &Layout) -> Self {
        let named =
            |name: &String| ConnectorMeasurements { provider: name.clone(), ..ConnectorMeasurements::default() };
        let instance = |of: &InstanceLayout| InstanceMeasurements { instance: of.name.clone(), ..Default::default() };
        let server = |of: &InstanceLayout| {
            of.server_workers.map(|workers| ServerLoad::new(&of.name, workers, layout.from, layout.until))
        };
        Self {
            from: layout.from,
            until: layout.until,
            fresh_within: layout.fresh_within,
            visits: 0,
            visits_unfinished: 0,
            visits_prevented: 0,
            visits_interrupted: 0,
            exchanges: 0,
            instruments: 0,
            instruments_unsettled: 0,
            fills: FillCounts::default(),
            connectors: layout.providers.iter().map(named).collect(),
            instances: layout.instances.iter().map(instance).collect(),
            servers: layout.instances.iter().map(server).collect(),
            are_open: layout.instances.iter().map(|of| of.is_open).collect(),
            price_age: LogHistogram::new(),
            prices_fresh: 0,
            prices_stale: [0; StaleCause::ALL.len()],
            prices_missing: 0,
            price_error: LogHistogram::new(),
            prices_wrong_stamp: 0,
            prices_false: FalsePriceCounts::default(),
            visit_is_false: false,
            visits_false: 0,
            false_after: SimDuration::ZERO,
            faults_ended: BTreeMap::new(),
            user_wait: LogHistogram::new(),
            push_back: PushBackMeasurements::default(),
            messages: MessageCounts::default(),
            days: DailySeries::new(layout.until.since(SimTime::START), layout.fresh_within),
            calls: layout.prices.as_ref().map(|prices| CallCounter::new(prices, layout.from, layout.until)),
        }
    }

    /// The measurements of a run that has ended. `pool_sizes` gives the size of the pool of each instance.
    ///
    /// # Panics
    ///
    /// If a visit, an instrument of an exchange or the cause of a stale price is missing: the facts contradict each other.
    #[must_use]
    pub fn finish(mut self, pool_sizes: &[u32]) -> Measurements {
        assert_eq!(
            self.visits,
            self.user_wait.count() + self.visits_unfinished + self.visits_interrupted,
            "every visit has shown its result, was interrupted, or is unfinished"
        );
        assert_eq!(
            self.instruments,
            self.fills.total() + self.instruments_unsettled,
            "every instrument of every exchange has ended or is unsettled"
        );
        assert_eq!(
            self.price_age.count(),
            self.prices_fresh + self.prices_stale.iter().sum::<u64>(),
            "every price shown is fresh, or has one cause why it is not"
        );
        assert_eq!(
            self.price_age.sum_nanos(),
            self.connectors.iter().map(|provider| provider.age.total_nanos()).sum::<u128>(),
            "the parts of the age of all prices shown are all of it"
        );
        let MessageCounts { sent, answered, refused, timed_out, unreachable, abandoned, .. } = self.messages;
        self.messages.in_flight = sent - answered - refused - timed_out - unreachable - abandoned;
        let (mut servers, mut open_servers) = (Vec::new(), Vec::new());
        for ((load, is_open), pool_size) in self.servers.into_iter().zip(self.are_open).zip(pool_sizes) {
            let of_kind = if is_open { &mut open_servers } else { &mut servers };
            of_kind.extend(load.map(|load| load.finish(*pool_size)));
        }
        let names = self.connectors.iter().map(|provider| provider.provider.as_str());
        let spending = self.calls.map(|calls| Box::new(calls.finish(names)));
        Measurements {
            period: self.until.since(self.from),
            visits: self.visits,
            visits_unfinished: self.visits_unfinished,
            visits_prevented: self.visits_prevented,
            visits_interrupted: self.visits_interrupted,
            exchanges: self.exchanges,
            instruments_unsettled: self.instruments_unsettled,
            fills: self.fills,
            connectors: self.connectors,
            instances: self.instances,
            servers,
            open_servers,
            price_age: self.price_age.compact(),
            prices_fresh: self.prices_fresh,
            prices_stale: self.prices_stale,
            prices_missing: self.prices_missing,
            price_error: self.price_error.compact(),
            prices_wrong_stamp: self.prices_wrong_stamp,
            prices_false: self.prices_false,
            visits_false: self.visits_false,
            false_after: self.false_after,
            user_wait: self.user_wait.compact(),
            push_back: self.push_back,
            messages: self.messages,
            days: self.days.finish(),
            faults: None,
            spending,
        }
    }

    fn is_measured(&self, began: SimTime) -> bool {
        began >= self.from
    }

    fn settle(&mut self, outcome: Outcome, pushed: bool) {
        let fills = &mut self.fills;
        let count = match outcome {
            Outcome::OwnPool => &mut fills.own_pool,
            Outcome::PushOpen(_) => &mut fills.push_open,
            Outcome::Open(_) => &mut fills.open,
            Outcome::Connector => &mut fills.connector,
            Outcome::ConnectorFailed => &mut fills.connector_failed,
            Outcome::NotTried(_) => &mut fills.not_tried,
        };
        *count += 1;
        self.push_back.fills_from_pushes += u64::from(pushed);
    }

    fn show(&mut self, age: Option<SimDuration>, split: Option<&AgeSplit>, error_bp: f64, source: &PriceSource) {
        match age {
            Some(age) => {
                self.price_age.record(age);
                self.split(split.expect("an age has parts"));
                self.price_error.record(SimDuration::from_secs_f64(error_bp));
                if age <= self.fresh_within {
                    self.prices_fresh += 1;
                } else {
                    self.prices_stale[StaleCause::of(source, self.fresh_within) as usize] += 1;
                }
            }
            None => self.prices_missing += 1,
        }
    }

    fn split(&mut self, split: &AgeSplit) {
        self.connectors[split.provider.index()].age.record(split);
        if let Some(from) = split.from {
            self.at_server(from, |load| load.show(split));
        }
    }

    fn show_false(&mut self, now: SimTime, FalsePrice { fault, way }: FalsePrice) {
        let counts = &mut self.prices_false;
        let count = match way {
            PriceWay::OwnPool => &mut counts.own_pool,
            PriceWay::PushOpen => &mut counts.push_open,
            PriceWay::Open => &mut counts.open,
            PriceWay::Local => &mut counts.local,
        };
        *count += 1;
        self.visit_is_false = true;
        if let Some(ended) = self.faults_ended.get(&fault) {
            self.false_after = self.false_after.max(now.since(*ended));
        }
    }

    fn end_message(&mut self, kind: MessageKind, end: MessageEnd) {
        match end {
            MessageEnd::Answered(_) => self.messages.answered += 1,
            MessageEnd::Refused => self.messages.refused += 1,
            MessageEnd::TimedOut => self.messages.timed_out += 1,
            MessageEnd::Unreachable => self.messages.unreachable += 1,
            MessageEnd::Abandoned => self.messages.abandoned += 1,
        }
        if kind == MessageKind::Push && !matches!(end, MessageEnd::Answered(_)) {
            self.push_back.failed += 1;
        }
    }

    /// Counts what a pool took from a push when it arrived, whether or not the sender learns of it.
    fn serve_push(&mut self, accepted: u32) {
        self.push_back.accepted += u64::from(accepted);
        self.push_back.useless += u64::from(accepted == 0);
    }

    fn at_server(&mut self, server: InstanceId, note: impl FnOnce(&mut ServerLoad)) {
        if let Some(load) = &mut self.servers[server.index()] {
            note(load);
        }
    }
}

impl Observer for Collector {
    /// Facts on calls are counted by when their visit began.
    fn needs_order(&self) -> bool {
        false
    }

    fn observe(&mut self, now: SimTime, fact: &Fact) {
        self.days.observe(now, fact);
        match *fact {
            Fact::VisitBegan { instance } if self.is_measured(now) => {
                self.visits += 1;
                self.instances[instance.index()].visits += 1;
            }
            Fact::ExchangeBegan { instance, instruments } if self.is_measured(now) => {
                self.exchanges += 1;
                self.instruments += u64::from(instruments);
                self.instances[instance.index()].exchanges += 1;
            }
            Fact::ConnectorCalled { began, instance, provider, reason, limited, held_back }
                if self.is_measured(began) =>
            {
                self.instances[instance.index()].connector_calls += 1;
                let connector = &mut self.connectors[provider.index()];
                connector.calls[reason as usize] += 1;
                connector.rate_limited += u64::from(limited);
                connector.held_back_s += held_back.as_secs_f64();
                if let Some(calls) = &mut self.calls {
                    calls.count(provider.index(), instance.index(), began);
                }
            }
            Fact::ConnectorAnswered { began, provider, delivered, .. } if self.is_measured(began) => {
                let connector = &mut self.connectors[provider.index()];
                connector.ended += 1;
                connector.failed += u64::from(!delivered);
            }
            Fact::Settled { began, outcome, pushed } if self.is_measured(began) => self.settle(outcome, pushed),
            Fact::PriceShown { began, age, ref split, error_bp, stamp_error, falsified, ref source }
                if self.is_measured(began) =>
            {
                self.show(age, split.as_ref(), error_bp, source);
                self.prices_wrong_stamp += u64::from(stamp_error.is_wrong());
                if let Some(price) = falsified {
                    self.show_false(now, price);
                }
            }
            Fact::ResultShown { visit, began, .. } if self.is_measured(began) => {
                let waited = now.since(began);
                self.user_wait.record(waited);
                self.visits_false += u64::from(std::mem::take(&mut self.visit_is_false));
                let instance = &mut self.instances[visit.instance.index()];
                instance.results_shown += 1;
                instance.waited_s += waited.as_secs_f64();
            }
            Fact::VisitPrevented { .. } if self.is_measured(now) => self.visits_prevented += 1,
            Fact::VisitInterrupted { began, instruments, .. } if self.is_measured(began) => {
                self.visits_interrupted += 1;
                self.user_wait.record_unfinished(1);
                self.instruments_unsettled += u64::from(instruments);
            }
            Fact::FaultBegan { fault, .. } => _ = self.faults_ended.remove(&fault),
            Fact::FaultEnded { fault, .. } => _ = self.faults_ended.insert(fault, now),
            Fact::PusherDistrusted { is_rogue, .. } if self.is_measured(now) => {
                self.push_back.distrusted += 1;
                self.push_back.distrusted_wrongly += u64::from(!is_rogue);
            }
            Fact::ServerStopped { server } => self.at_server(server, |load| load.stop(now)),
            Fact::ExchangeUnfinished { began, instruments, .. } if self.is_measured(began) => {
                self.visits_unfinished += 1;
                self.user_wait.record_unfinished(1);
                self.instruments_unsettled += u64::from(instruments);
            }
            Fact::MessageSent { to, kind, items } if self.is_measured(now) => {
                self.messages.sent += 1;
                self.at_server(to, ServerLoad::sent);
                if kind == MessageKind::Push {
                    self.push_back.pushes += 1;
                    self.push_back.prices += u64::from(items);
                }
            }
            Fact::MessageKeptBack { kind: MessageKind::Request | MessageKind::Push, .. } if self.is_measured(now) => {
                self.messages.kept_back += 1;
            }
            Fact::MessageLost { sent } if self.is_measured(sent) => self.messages.lost += 1,
            Fact::MessageEnded { sent, to, kind, end } if self.is_measured(sent) => {
                self.end_message(kind, end);
                if end == MessageEnd::TimedOut {
                    self.at_server(to, ServerLoad::timed_out);
                }
            }
            Fact::Arrived { server, kind, bytes, .. } => self.at_server(server, |load| load.arrive(now, kind, bytes)),
            Fact::ServiceBegan { server, waited } => self.at_server(server, |load| load.begin(now, waited)),
            Fact::WaitEnded { server } => self.at_server(server, |load| load.end_wait(now)),
            Fact::ServiceEnded { server, sent, kind, response, items, result, bytes, rows, rows_stay } => {
                if let (MessageKind::Push, Some(accepted)) = (kind, result)
                    && self.is_measured(sent)
                {
                    self.serve_push(accepted);
                }
                self.at_server(server, |load| {
                    load.end(now, kind, response, items, result, bytes);
                    load.store_rows(now, rows, rows_stay);
                });
            }
            _ => {}
        }
    }
}
