//! The trace as a time line for Perfetto and Chrome: instances as processes; exchanges, calls, waits and service as slices; messages
//! as flows from the slice of the sender to that of the worker and back. Only what is under way is remembered.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::observe::{Fact, InstanceId, Line, MessageEnd, MessageKind, Observer, ProviderId, VisitId};
use crate::protocol::InstrumentId;
use crate::time::SimTime;

use super::facts::message as name_of;
use super::lanes::{Lane, LaneKind, Lanes};
use super::names::WorldNames;
use super::row::quoted;

/// Said of what ends without a word.
const CUT_OFF: &str = ", cut off";

/// Writes slices and flows as they end.
pub(super) struct Timeline<'w> {
    names: &'w WorldNames,
    out: &'w mut dyn Write,
    is_first: bool,
    failure: Option<io::Error>,
    lanes: Lanes,
    exchanges: BTreeMap<VisitId, Slice>,
    messages: BTreeMap<u32, Transit>,
    /// Calls under way; two may be alike.
    calls: BTreeMap<CallKey, Vec<Slice>>,
    /// Messages so far: each has a flow with its number.
    sent: u64,
    last: SimTime,
}

/// What a call that ends has in common with its beginning: whose it is, of what, from whom, since when, and for which exchange.
type CallKey = (InstanceId, InstrumentId, ProviderId, SimTime, Option<VisitId>);

/// What has begun on a track.
#[derive(Clone, Copy, Debug)]
struct Slice {
    lane: Lane,
    began: SimTime,
}

/// A message under way.
#[derive(Debug)]
struct Transit {
    number: u64,
    from: InstanceId,
    to: InstanceId,
    kind: MessageKind,
    /// At its sender; on the track of its exchange if it is for one.
    sender: Option<Slice>,
    is_of_exchange: bool,
    /// At its receiver: in the queue, or with a worker.
    receiver: Option<Slice>,
}

impl<'w> Timeline<'w> {
    pub(super) fn begin(names: &'w WorldNames, out: &'w mut dyn Write) -> Self {
        let mut this = Self {
            names,
            out,
            is_first: true,
            failure: None,
            lanes: Lanes::default(),
            exchanges: BTreeMap::new(),
            messages: BTreeMap::new(),
            calls: BTreeMap::new(),
            sent: 0,
            last: SimTime::START,
        };
        this.write("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n");
        for (number, name) in names.instances().iter().enumerate() {
            let name = quoted(name);
            let process = number + 1;
            this.event(&format!(
                "{{\"ph\":\"M\",\"name\":\"process_name\",\"pid\":{process},\"args\":{{\"name\":{name}}}}}"
            ));
        }
        this
    }

    /// Ends what is still under way, and the file.
    pub(super) fn finish(mut self) -> io::Result<()> {
        let now = self.last;
        self.cut_calls(now, |_| true);
        for transit in std::mem::take(&mut self.messages).into_values() {
            let name = format!("{} to {}{CUT_OFF}", name_of(transit.kind), self.names.instance(transit.to));
            transit.sender.into_iter().for_each(|slice| self.slice(slice, now, &name));
            self.cut_received(&transit, now);
        }
        for (visit, slice) in std::mem::take(&mut self.exchanges) {
            let name = format!("exchange of {}", self.names.user(visit));
            self.slice(slice, now, &name);
        }
        self.write("\n]}\n");
        self.failure.map_or_else(|| self.out.flush(), Err)
    }

    fn write(&mut self, text: &str) {
        if self.failure.is_none() {
            self.failure = self.out.write_all(text.as_bytes()).err();
        }
    }

    fn event(&mut self, event: &str) {
        let comma = if std::mem::replace(&mut self.is_first, false) { "" } else { ",\n" };
        self.write(&format!("{comma}{event}"));
    }

    fn open(&mut self, now: SimTime, instance: InstanceId, kind: LaneKind) -> Slice {
        let (lane, is_new) = self.lanes.take(instance, kind);
        if is_new {
            let (process, track, name) = (instance.index() + 1, lane.track(), quoted(&lane.name()));
            self.event(&format!(
                "{{\"ph\":\"M\",\"name\":\"thread_name\",\"pid\":{process},\"tid\":{track},\"args\":{{\"name\":{name}}}}}"
            ));
        }
        Slice { lane, began: now }
    }

    /// A slice ends; its track is free.
    fn close(&mut self, slice: Slice, now: SimTime, name: &str) {
        self.slice(slice, now, name);
        self.lanes.free(slice.lane);
    }

    fn slice(&mut self, slice: Slice, now: SimTime, name: &str) {
        let Slice { lane, began } = slice;
        let (at, lasts) = (micros(began.since_start().as_nanos()), micros(now.since(began).as_nanos()));
        self.event(&format!(
            "{{\"ph\":\"X\",\"name\":{},\"pid\":{},\"tid\":{},\"ts\":{at},\"dur\":{lasts}}}",
            quoted(name),
            lane.instance.index() + 1,
            lane.track()
        ));
    }

    /// A flow begins (`s`), goes through a slice (`t`) or ends (`f`).
    fn flow(&mut self, phase: &str, number: u64, kind: MessageKind, lane: Lane, now: SimTime) {
        let bound = if phase == "f" { ",\"bp\":\"e\"" } else { "" };
        self.event(&format!(
            "{{\"ph\":\"{phase}\",\"cat\":\"message\",\"name\":\"{}\",\"id\":{number},\"pid\":{},\"tid\":{},\"ts\":{}{bound}}}",
            name_of(kind),
            lane.instance.index() + 1,
            lane.track(),
            micros(now.since_start().as_nanos())
        ));
    }

    /// A mark on the track of an instance.
    fn mark(&mut self, now: SimTime, process: usize, track: usize, name: &str, scope: &str) {
        self.event(&format!(
            "{{\"ph\":\"i\",\"name\":{},\"pid\":{process},\"tid\":{track},\"ts\":{},\"s\":\"{scope}\"}}",
            quoted(name),
            micros(now.since_start().as_nanos())
        ));
    }

    fn send(&mut self, now: SimTime, line: &Line) {
        let Line::Sent { message, exchange, from, to, kind, .. } = line else { return };
        let of_exchange = exchange.and_then(|visit| self.exchanges.get(&visit)).map(|slice| slice.lane);
        let sender = match of_exchange {
            Some(track) => Slice { lane: track, began: now },
            None => self.open(now, *from, LaneKind::Housekeeping),
        };
        self.sent += 1;
        self.flow("s", self.sent, *kind, sender.lane, now);
        let transit = Transit {
            number: self.sent,
            from: *from,
            to: *to,
            kind: *kind,
            sender: Some(sender),
            is_of_exchange: of_exchange.is_some(),
            receiver: None,
        };
        if let Some(before) = self.messages.insert(*message, transit) {
            // It was given up at both ends without a word.
            self.cut_received(&before, now);
        }
    }

    fn receive(&mut self, now: SimTime, message: u32, line: &Line) {
        let Some(mut transit) = self.messages.remove(&message) else { return };
        let name = format!("{} from {}", name_of(transit.kind), self.names.instance(transit.from));
        match line {
            Line::Arrived { .. } => transit.receiver = Some(self.open(now, transit.to, LaneKind::Queue)),
            Line::ServiceBegan { .. } => {
                if let Some(queued) = transit.receiver.take() {
                    if queued.began < now {
                        self.slice(queued, now, &name);
                    }
                    self.lanes.free(queued.lane);
                }
                let served = self.open(now, transit.to, LaneKind::Worker);
                self.flow("t", transit.number, transit.kind, served.lane, now);
                transit.receiver = Some(served);
            }
            Line::Served { .. } => {
                if let Some(served) = transit.receiver.take() {
                    self.close(served, now, &name);
                }
            }
            Line::Ended { end, .. } => {
                if let Some(sender) = transit.sender.take() {
                    let to = self.names.instance(transit.to);
                    let name = format!("{} to {to}{}", name_of(transit.kind), ending(*end));
                    if matches!(end, MessageEnd::Answered(_) | MessageEnd::Refused) {
                        self.flow("f", transit.number, transit.kind, sender.lane, now);
                    }
                    self.slice(sender, now, &name);
                    if !transit.is_of_exchange {
                        self.lanes.free(sender.lane);
                    }
                }
            }
            _ => {}
        }
        if transit.sender.is_some() || transit.receiver.is_some() || !matches!(line, Line::Ended { .. }) {
            self.messages.insert(message, transit);
        }
    }

    fn finish_call(&mut self, now: SimTime, line: &Line) {
        let Line::Called { exchange, instance, instrument, provider, placed, price } = line else { return };
        let key = (*instance, *instrument, *provider, *placed, *exchange);
        let Some(alike) = self.calls.get_mut(&key) else { return };
        let slice = alike.pop().expect("a call is under way");
        if alike.is_empty() {
            self.calls.remove(&key);
        }
        let name = self.call_name(&key, if price.is_none() { ", failed" } else { "" });
        self.close(slice, now, &name);
    }

    /// Calls end without a word: their instance stops, or the run ends.
    fn cut_calls(&mut self, now: SimTime, is_cut: impl Fn(&CallKey) -> bool) {
        let cut: Vec<CallKey> = self.calls.keys().filter(|key| is_cut(key)).copied().collect();
        for key in cut {
            let name = self.call_name(&key, CUT_OFF);
            for slice in self.calls.remove(&key).unwrap_or_default() {
                self.close(slice, now, &name);
            }
        }
    }

    fn call_name(&self, (_, instrument, provider, ..): &CallKey, ending: &str) -> String {
        format!("{}: {}{ending}", self.names.provider(*provider), self.names.instrument(*instrument))
    }

    /// A server stops: what it has received is given up there.
    fn cut_server(&mut self, now: SimTime, server: InstanceId) {
        let mut messages = std::mem::take(&mut self.messages);
        for transit in messages.values_mut().filter(|transit| transit.to == server) {
            self.cut_received(transit, now);
            transit.receiver = None;
        }
        self.messages = messages;
        self.cut_calls(now, |(instance, ..)| *instance == server);
    }

    fn cut_received(&mut self, transit: &Transit, now: SimTime) {
        if let Some(slice) = transit.receiver {
            let name = format!("{} from {}{CUT_OFF}", name_of(transit.kind), self.names.instance(transit.from));
            self.close(slice, now, &name);
        }
    }
}

impl Observer for Timeline<'_> {
    fn transcribes(&self) -> bool {
        true
    }

    fn observe(&mut self, now: SimTime, fact: &Fact) {
        self.last = now;
        if let Fact::ServerStopped { server } = *fact {
            self.cut_server(now, server);
        }
        let (fault, instance, what) = match *fact {
            Fact::FaultBegan { fault, instance } => (fault, instance, "begins"),
            Fact::FaultEnded { fault, instance } => (fault, instance, "ends"),
            _ => return,
        };
        let name = format!("{} {what}", self.names.fault(fault));
        match instance {
            Some(instance) => self.mark(now, instance.index() + 1, 0, &name, "p"),
            None => self.mark(now, 0, 0, &name, "g"),
        }
    }

    fn transcribe(&mut self, now: SimTime, line: Line) {
        self.last = now;
        match &line {
            Line::Began { visit, .. } => {
                let slice = self.open(now, visit.instance, LaneKind::Exchange);
                self.exchanges.insert(*visit, slice);
            }
            Line::Shown { visit, .. } => {
                if let Some(slice) = self.exchanges.get(visit).copied() {
                    self.mark(now, visit.instance.index() + 1, slice.lane.track(), "result shown", "t");
                }
            }
            Line::Done { exchange } => {
                self.cut_calls(now, |(.., visit)| *visit == Some(*exchange));
                if let Some(slice) = self.exchanges.remove(exchange) {
                    let name = format!("exchange of {}", self.names.user(*exchange));
                    self.close(slice, now, &name);
                }
            }
            Line::Sent { .. } => self.send(now, &line),
            Line::Arrived { message }
            | Line::ServiceBegan { message }
            | Line::Served { message, .. }
            | Line::Ended { message, .. } => self.receive(now, *message, &line),
            Line::CallPlaced { exchange, instance, instrument, provider, .. } => {
                let slice = self.open(now, *instance, LaneKind::Call);
                self.calls.entry((*instance, *instrument, *provider, now, *exchange)).or_default().push(slice);
            }
            Line::Called { .. } => self.finish_call(now, &line),
            Line::World(_)
            | Line::Reopened { .. }
            | Line::Lost { .. }
            | Line::Answered { .. }
            | Line::Filled { .. }
            | Line::Kept { .. }
            | Line::Forgotten { .. } => {}
        }
    }
}

const fn ending(end: MessageEnd) -> &'static str {
    match end {
        MessageEnd::Answered(_) => "",
        MessageEnd::Refused => ", refused",
        MessageEnd::TimedOut => ", no reply in time",
        MessageEnd::Unreachable => ", nobody listens",
        MessageEnd::Abandoned => ", given up",
    }
}

/// Nanoseconds as microseconds, exactly.
fn micros(nanos: u64) -> String {
    format!("{}.{:03}", nanos / 1_000, nanos % 1_000)
}
