//! The account of an exchange as a sequence diagram: every step of the exchange is in a row, or counted in one.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::Blueprint;
use crate::observe::{InstanceId, MessageEnd, MessageKind, ProviderId};
use crate::protocol::{AcceptMode, CallReason, InstrumentId, Refusal};
use crate::text::listed;
use crate::time::{SimDuration, SimTime};
use crate::trace::WorldNames;

use super::account::{Account, AccountStep, Talk};
use super::diagram::{ArrowStyle, DiagramRow, Participant, RowContent, SequenceDiagram};
use super::sentences;
use super::words::{counted, rough, since};

/// More calls than this are drawn together.
const MOST_SINGLE_CALLS: usize = 6;

/// More instruments than this are counted, not named.
const MOST_NAMED: usize = 4;

/// If more servers than this take part, those that give nothing share a column.
const MOST_SERVERS: usize = 8;

/// More providers than this share a column.
const MOST_PROVIDERS: usize = 2;

/// The diagram of an exchange.
pub(super) fn diagram(account: &Account, number: u64, blueprint: &Blueprint, names: &WorldNames) -> SequenceDiagram {
    let mut artist = Artist::new(account, blueprint, names);
    if looks_in_vain(account, blueprint) {
        artist.note(account.began, 0, "finds no newer price in its own pool".to_owned());
    }
    for (at, step) in &account.steps {
        artist.draw(*at, step);
    }
    artist.end_background();
    SequenceDiagram {
        title: format!("Exchange {number} of {}", names.instance(account.visit.instance)),
        story: sentences::story(account, number, blueprint, names),
        participants: artist.participants,
        rows: artist.rows,
    }
}

/// Whether the exchange looks into a pool of its own instance that fills nothing.
pub(super) fn looks_in_vain(account: &Account, blueprint: &Blueprint) -> bool {
    let info = &blueprint.instances()[account.visit.instance.index()];
    let found = account.steps.iter().any(|(_, step)| matches!(step, AccountStep::OwnPool(_)));
    info.gtnet && info.mode == AcceptMode::PushOpen && !found
}

/// Makes rows of steps.
struct Artist<'a> {
    account: &'a Account,
    names: &'a WorldNames,
    blueprint: &'a Blueprint,
    participants: Vec<Participant>,
    instances: BTreeMap<InstanceId, usize>,
    providers: BTreeMap<ProviderId, usize>,
    rows: Vec<DiagramRow>,
    /// Instruments that have no newer price yet.
    open: Vec<InstrumentId>,
    /// Whether calls are drawn together.
    together: bool,
    calls: CallsDrawn,
    silent: SilentServers,
    filled_by_calls: Vec<InstrumentId>,
    is_shown: bool,
    in_background: bool,
}

/// How far the calls of the exchange have come.
#[derive(Default)]
struct CallsDrawn {
    all: usize,
    ended: usize,
    delivered: usize,
    /// Whether the arrow that stands for all of them is drawn.
    is_drawn: bool,
}

/// Servers of many that were asked and gave nothing: they are drawn together, and counted.
#[derive(Default)]
struct SilentServers {
    servers: BTreeSet<InstanceId>,
    column: usize,
    requests: usize,
    /// Requests that have ended, and those of them without a reply.
    ended: usize,
    unanswered: usize,
    is_drawn: bool,
}

impl SilentServers {
    /// Those of an exchange; none if few servers take part.
    fn of(account: &Account) -> Self {
        let all: BTreeSet<InstanceId> = account.talks.iter().map(|talk| talk.to).collect();
        if all.len() <= MOST_SERVERS {
            return Self::default();
        }
        let gives = |talk: &&Talk| talk.kind != MessageKind::Request || !talk.taken.is_empty();
        let giving: BTreeSet<InstanceId> = account.talks.iter().filter(gives).map(|talk| talk.to).collect();
        let servers: BTreeSet<InstanceId> = all.difference(&giving).copied().collect();
        let requests = account.talks.iter().filter(|talk| servers.contains(&talk.to)).count();
        Self { servers, requests, ..Self::default() }
    }
}

impl<'a> Artist<'a> {
    fn new(account: &'a Account, blueprint: &'a Blueprint, names: &'a WorldNames) -> Self {
        let called: Vec<ProviderId> = account
            .steps
            .iter()
            .filter_map(
                |(_, step)| if let AccountStep::CallPlaced(_, provider, _) = step { Some(*provider) } else { None },
            )
            .collect();
        let mut artist = Self {
            account,
            names,
            blueprint,
            participants: Vec::new(),
            instances: BTreeMap::new(),
            providers: BTreeMap::new(),
            rows: Vec::new(),
            open: account.watchlist.clone(),
            together: called.len() > MOST_SINGLE_CALLS,
            calls: CallsDrawn { all: called.len(), ..CallsDrawn::default() },
            silent: SilentServers::of(account),
            filled_by_calls: Vec::new(),
            is_shown: false,
            in_background: false,
        };
        // The columns: the instance of the user, servers in the order in which they are asked, and then providers.
        let own = account.visit.instance;
        artist.instance(own);
        account.talks.iter().for_each(|talk| artist.instance(talk.to));
        if !artist.silent.servers.is_empty() {
            artist.silent.column = artist.participants.len();
            let name = counted(artist.silent.servers.len(), "server");
            artist.participants.push(Participant { name, role: "gave nothing" });
        }
        artist.draw_providers(&called);
        artist
    }

    fn instance(&mut self, instance: InstanceId) {
        if self.instances.contains_key(&instance) || self.silent.servers.contains(&instance) {
            return;
        }
        let is_own = self.participants.is_empty();
        let role = match (self.blueprint.instances()[instance.index()].mode, is_own) {
            (AcceptMode::PushOpen, _) => "push-open server",
            (AcceptMode::Open, true) => "open",
            (AcceptMode::Open, false) => "open server",
            (AcceptMode::Closed, _) => "closed",
        };
        self.instances.insert(instance, self.participants.len());
        self.participants.push(Participant { name: self.names.instance(instance).to_owned(), role });
    }

    fn draw_providers(&mut self, called: &[ProviderId]) {
        let distinct: BTreeSet<ProviderId> = called.iter().copied().collect();
        let first = self.participants.len();
        let share_column = distinct.len() > MOST_PROVIDERS || self.together && distinct.len() > 1;
        if share_column {
            let name = format!("{} providers", distinct.len());
            self.participants.push(Participant { name, role: "connectors" });
            self.providers.extend(distinct.into_iter().map(|provider| (provider, first)));
        } else {
            for (column, provider) in (first..).zip(distinct) {
                let name = self.names.provider(provider).to_owned();
                self.participants.push(Participant { name, role: "connector" });
                self.providers.insert(provider, column);
            }
        }
    }

    fn draw(&mut self, at: SimTime, step: &AccountStep) {
        let is_silent = |talk: usize| self.silent.servers.contains(&self.account.talks[talk].to);
        if step.talk().is_some_and(is_silent) {
            self.draw_silent(at, step);
            return;
        }
        match step {
            AccountStep::OwnPool(filled) => {
                self.fill(filled);
                let text = format!(
                    "finds {} of {} in its own pool; {}",
                    newer(filled.len()),
                    self.named(filled),
                    self.what_is_open()
                );
                self.note(at, 0, text);
            }
            AccountStep::Sent(talk) => self.draw_sent(at, &self.account.talks[*talk]),
            AccountStep::ServiceBegan(talk, waited) => {
                if *waited > SimDuration::ZERO {
                    let text = format!("takes it up after {} in the queue", rough(*waited));
                    self.note(at, self.column(self.account.talks[*talk].to), text);
                }
            }
            AccountStep::Served(talk) => self.draw_served(at, &self.account.talks[*talk]),
            AccountStep::Lost(talk) => self.draw_lost(at, &self.account.talks[*talk]),
            AccountStep::Answered(talk) => self.draw_answered(at, &self.account.talks[*talk]),
            AccountStep::Failed(talk, end) => {
                let server = self.names.instance(self.account.talks[*talk].to).to_owned();
                let text = match end {
                    MessageEnd::Unreachable => format!("learns that {server} does not listen"),
                    _ => format!("gives up waiting for {server}"),
                };
                self.note(at, 0, text);
            }
            AccountStep::CallPlaced(instrument, provider, reason) => {
                self.draw_call(at, *instrument, *provider, *reason);
            }
            AccountStep::Called { instrument, provider, is_delivered, is_taken } => {
                self.draw_called(at, *instrument, *provider, (*is_delivered, *is_taken));
            }
            AccountStep::Pooled(kept) => {
                let text = format!("keeps {} in its own pool", self.named(kept));
                self.note(at, 0, text);
            }
            AccountStep::Shown => {
                self.is_shown = true;
                let left = self.open.len();
                let rest = if left == 0 { String::new() } else { format!("; {} no newer price", has(left)) };
                self.note(at, 0, format!("shows the result to the user{rest}"));
            }
            AccountStep::Interrupted => self.note(at, 0, "stops: the exchange is given up".to_owned()),
        }
    }

    fn draw_silent(&mut self, at: SimTime, step: &AccountStep) {
        match step {
            AccountStep::Sent(_) if !self.silent.is_drawn => {
                self.silent.is_drawn = true;
                let text = format!("{} with timestamps", counted(self.silent.requests, "request"));
                let to = self.silent.column;
                self.row(at, RowContent::Arrow { from: 0, to, style: ArrowStyle::Question, text });
            }
            AccountStep::Answered(_) | AccountStep::Failed(..) => {
                self.silent.ended += 1;
                self.silent.unanswered += usize::from(matches!(step, AccountStep::Failed(..)));
                if self.silent.ended == self.silent.requests {
                    let unanswered = match self.silent.unanswered {
                        0 => String::new(),
                        count => format!("; {} without a reply", counted(count, "request")),
                    };
                    let servers = counted(self.silent.servers.len(), "server");
                    self.note(at, 0, format!("no newer price from {servers}{unanswered}"));
                }
            }
            _ => {}
        }
    }

    fn draw_sent(&mut self, at: SimTime, talk: &Talk) {
        let to = self.column(talk.to);
        let named = self.named(&talk.items);
        let (style, text) = match talk.kind {
            MessageKind::Push if self.is_shown => {
                if !self.in_background {
                    let text = "push-back in the background".to_owned();
                    self.row(at, RowContent::BackgroundBegins { between: (0, to), text });
                    self.in_background = true;
                }
                (ArrowStyle::Push, format!("push: {} of {named}", newer(talk.items.len())))
            }
            MessageKind::Push => (ArrowStyle::Question, format!("push: {} of {named}", newer(talk.items.len()))),
            _ => (ArrowStyle::Question, format!("request: {} of {named}, with timestamps", prices(talk.items.len()))),
        };
        self.row(at, RowContent::Arrow { from: 0, to, style, text });
    }

    fn draw_served(&mut self, at: SimTime, talk: &Talk) {
        let server = self.column(talk.to);
        let text = match (talk.result, talk.kind) {
            (Some(Err(why)), _) => format!("turns it away: {}", why_refused(why)),
            (_, MessageKind::Push) if talk.taken.is_empty() => "has newer prices already".to_owned(),
            (_, MessageKind::Push) => {
                let of = talk.items.len();
                let taken = talk.taken.len();
                let which = if taken == of { self.named(&talk.taken) } else { format!("{taken} of {of}") };
                let mode = self.blueprint.instances()[talk.to.index()].mode;
                let place = if mode == AcceptMode::PushOpen { "its pool" } else { "its own instruments" };
                format!("takes {which} into {place}")
            }
            _ if talk.answer.is_empty() => format!("has no newer {}", prices(talk.items.len())),
            _ => format!("has {} of {}", newer(talk.answer.len()), self.named(&talk.answer)),
        };
        self.note(at, server, text);
    }

    fn draw_lost(&mut self, at: SimTime, talk: &Talk) {
        let (to, what) = (self.column(talk.to), if talk.result.is_some() { "reply" } else { "message" });
        let (from, to) = if talk.result.is_some() { (to, 0) } else { (0, to) };
        self.row(at, RowContent::Arrow { from, to, style: ArrowStyle::Lost, text: format!("{what} lost") });
    }

    fn draw_answered(&mut self, at: SimTime, talk: &Talk) {
        let from = self.column(talk.to);
        let is_push = talk.kind == MessageKind::Push;
        let text = match talk.result {
            Some(Err(_)) => "refusal".to_owned(),
            Some(Ok(taken)) if is_push => format!("acknowledgement: {taken} taken over"),
            _ if talk.answer.is_empty() => "reply: no newer price".to_owned(),
            _ => format!("reply: {} of {}", prices(talk.answer.len()), self.named(&talk.answer)),
        };
        let style = if is_push && self.is_shown { ArrowStyle::Acknowledgement } else { ArrowStyle::Answer };
        self.row(at, RowContent::Arrow { from, to: 0, style, text });
        if !is_push {
            self.fill(&talk.taken);
            let text = match talk.taken.as_slice() {
                [] => self.what_is_open(),
                taken => format!("{} updated; {}", self.named(taken), self.what_is_open()),
            };
            self.note(at, 0, text);
        }
    }

    fn draw_call(&mut self, at: SimTime, instrument: InstrumentId, provider: ProviderId, reason: CallReason) {
        let to = self.providers[&provider];
        let text = if !self.together {
            format!("call: fetch {} ({})", self.names.instrument(instrument), why_called(reason))
        } else if self.calls.is_drawn {
            return;
        } else {
            self.calls.is_drawn = true;
            format!("{}, a few at a time", counted(self.calls.all, "call"))
        };
        self.row(at, RowContent::Arrow { from: 0, to, style: ArrowStyle::Question, text });
    }

    fn draw_called(
        &mut self,
        at: SimTime,
        instrument: InstrumentId,
        provider: ProviderId,
        (is_delivered, is_taken): (bool, bool),
    ) {
        let from = self.providers[&provider];
        self.calls.ended += 1;
        self.calls.delivered += usize::from(is_delivered);
        if is_taken {
            self.open.retain(|open| *open != instrument);
            self.filled_by_calls.push(instrument);
        }
        let is_last = self.calls.ended == self.calls.all;
        let text = match (self.together, is_delivered) {
            (false, true) => Some(format!("price of {}", self.names.instrument(instrument))),
            (false, false) => Some(format!("no price of {}: the call failed", self.names.instrument(instrument))),
            (true, _) if is_last => {
                let failed = self.calls.all - self.calls.delivered;
                let failures =
                    if failed == 0 { String::new() } else { format!("; {} failed", counted(failed, "call")) };
                Some(format!("{}{failures}", counted(self.calls.delivered, "price")))
            }
            (true, _) => None,
        };
        if let Some(text) = text {
            self.row(at, RowContent::Arrow { from, to: 0, style: ArrowStyle::Answer, text });
        }
        if is_last && !self.filled_by_calls.is_empty() {
            let filled = std::mem::take(&mut self.filled_by_calls);
            let text = format!("{} updated; {}", self.named(&filled), self.what_is_open());
            self.note(at, 0, text);
        }
    }

    fn end_background(&mut self) {
        if std::mem::take(&mut self.in_background) {
            self.rows.push(DiagramRow { time: String::new(), what: RowContent::BackgroundEnds });
        }
    }

    fn fill(&mut self, filled: &[InstrumentId]) {
        self.open.retain(|open| !filled.contains(open));
    }

    fn what_is_open(&self) -> String {
        match self.open.as_slice() {
            [] => "nothing is open".to_owned(),
            open => format!("{} still open", self.named(open)),
        }
    }

    fn column(&self, instance: InstanceId) -> usize {
        self.instances[&instance]
    }

    /// A few names, or how many there are.
    fn named(&self, instruments: &[InstrumentId]) -> String {
        match instruments.len() {
            0..=MOST_NAMED => {
                let named = instruments.iter().map(|instrument| self.names.instrument(*instrument).to_owned());
                listed(&named.collect::<Vec<String>>())
            }
            count => counted(count, "instrument"),
        }
    }

    fn note(&mut self, at: SimTime, over: usize, text: String) {
        self.row(at, RowContent::Note { over, text });
    }

    fn row(&mut self, at: SimTime, what: RowContent) {
        self.rows.push(DiagramRow { time: since(self.account.began, at), what });
    }
}

fn prices(count: usize) -> &'static str {
    if count == 1 { "price" } else { "prices" }
}

fn newer(count: usize) -> &'static str {
    if count == 1 { "a newer price" } else { "newer prices" }
}

fn has(count: usize) -> String {
    if count == 1 { "1 instrument has".to_owned() } else { format!("{count} instruments have") }
}

/// Why GTNet did not supply the price, in a few words.
pub(crate) const fn why_called(reason: CallReason) -> &'static str {
    match reason {
        CallReason::GtnetOff => "GTNet is off",
        CallReason::NotReceivable => "GTNet may not fill it",
        CallReason::NobodyAsked => "nobody was asked",
        CallReason::NobodyHadIt => "nobody had a newer one",
        CallReason::PeerFailed => "a peer failed",
        CallReason::PushCheck => "to check a push",
        CallReason::PoolRefresh => "to refresh the pool",
    }
}

const fn why_refused(why: Refusal) -> &'static str {
    match why {
        Refusal::NoOwnEntry | Refusal::NotConfigured => "it is not configured",
        Refusal::NotAccepting => "it answers no requests",
        Refusal::OverMaxLimit => "more instruments than it allows",
        Refusal::OverDailyLimit => "over the daily limit",
        Refusal::NotPushOpen => "it takes no pushes",
        Refusal::Distrusted => "it distrusts the sender",
        Refusal::TooLarge => "too large",
        Refusal::EnvelopeInvalid => "no valid envelope",
        Refusal::ClockSkew => "the clocks differ too much",
        Refusal::NoGrant => "no grant",
        Refusal::Blocked => "the sender is blocked",
        Refusal::TooManyOffered => "too many instruments offered",
        Refusal::WaitedTooLong => "it has waited too long",
    }
}
