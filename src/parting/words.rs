//! Happenings, and how an instrument ended, in words with the names of instances, users, instruments and providers.

use crate::explain::why_called;
use crate::observe::{CallFailure, MessageEnd, MessageKind, Shelf};
use crate::protocol::NotTried;
use crate::text::listed;
use crate::trace::message_name;

use super::happening::{Happening, HappeningKind};
use super::numbers::SharedNames;
use super::seen::{AskedServer, PriceEnd, SeenPrice, ServerAnswer};

/// More instruments than this are counted, not named.
const MOST_NAMED: usize = 3;

impl SharedNames {
    /// What happens, as a clause: `client-1 asks hub-1 for 12 instruments`.
    pub(super) fn clause(&self, happening: &Happening) -> String {
        let place = happening.place.map_or("an instance", |place| self.instances[place as usize].as_str());
        let instance = |number: u32| self.instances[number as usize].as_str();
        let user = |number: u32| self.users[number as usize].as_str();
        let count = |prices: &[super::happening::PriceThere]| {
            let instruments: Vec<u32> = prices.iter().map(|(instrument, ..)| *instrument).collect();
            self.some(&instruments)
        };
        match &happening.what {
            HappeningKind::Opens { user: who, instruments, is_exchange } => {
                let how = if *is_exchange { "" } else { " again within its timeout" };
                format!("{} opens a watchlist of {}{how}", user(*who), self.some(instruments))
            }
            HappeningKind::Prevented { user: who } => {
                format!("{} wants to open a watchlist, and {place} is down", user(*who))
            }
            HappeningKind::Interrupted { user: who } => format!("{place} stops before {} sees a result", user(*who)),
            HappeningKind::Sends { to, kind: MessageKind::Request, prices } => {
                format!("{place} asks {} for {}", instance(*to), count(prices))
            }
            HappeningKind::Sends { to, kind: MessageKind::Push, prices } => {
                format!("{place} pushes prices of {} to {}", count(prices), instance(*to))
            }
            HappeningKind::Sends { to, kind, .. } => {
                format!("{place} sends {} a {}", instance(*to), message_name(*kind))
            }
            HappeningKind::KeepsBack { to, kind } => {
                format!("a daily limit keeps back a {} for {}", message_name(*kind), instance(*to))
            }
            HappeningKind::Receives { from, kind } => {
                format!("a {} from {} reaches {place}", message_name(*kind), instance(*from))
            }
            HappeningKind::BeginsToServe { from, kind } => {
                format!("{place} begins to serve a {} from {}", message_name(*kind), instance(*from))
            }
            HappeningKind::Replies { to, kind, result: Err(_), .. } => {
                format!("{place} turns away a {} from {}", message_name(*kind), instance(*to))
            }
            HappeningKind::Replies { to, kind: MessageKind::Request, prices, .. } if prices.is_empty() => {
                format!("{place} replies to {} that it has no newer price", instance(*to))
            }
            HappeningKind::Replies { to, kind: MessageKind::Request, prices, .. } => {
                format!("{place} replies to {} with prices of {}", instance(*to), count(prices))
            }
            HappeningKind::Replies { to, kind, .. } => {
                format!("{place} acknowledges a {} from {}", message_name(*kind), instance(*to))
            }
            HappeningKind::Loses { to, kind } => {
                format!("a {} from {place} to {}, or its reply, gets lost", message_name(*kind), instance(*to))
            }
            HappeningKind::Learns { to, kind, end } => {
                let (kind, to) = (message_name(*kind), instance(*to));
                match end {
                    MessageEnd::Answered(_) => format!("{place} gets the reply of {to} to its {kind}"),
                    MessageEnd::Refused => format!("{place} learns that {to} turns away its {kind}"),
                    MessageEnd::TimedOut => format!("{place} gets no reply of {to} to its {kind} in time"),
                    MessageEnd::Unreachable => format!("{place} finds that nobody listens at {to}"),
                    MessageEnd::Abandoned => format!("{place} stops before {to} answers its {kind}"),
                }
            }
            HappeningKind::Calls { provider, instrument, reason } => format!(
                "{place} calls {} for {}, as {}",
                self.providers[*provider as usize],
                self.instruments[*instrument as usize],
                why_called(*reason)
            ),
            HappeningKind::Gets { provider, instrument, price } => {
                let what = if price.is_some() { "gets a price" } else { "gets no price" };
                let provider = &self.providers[*provider as usize];
                format!("{place} {what} of {} from {provider}", self.instruments[*instrument as usize])
            }
            HappeningKind::Keeps { shelf, prices } => {
                let whereto = if *shelf == Shelf::Pool { "into its pool" } else { "among its own prices" };
                format!("{place} takes prices of {} {whereto}", count(prices))
            }
            HappeningKind::Forgets { instruments: None } => format!("the pool of {place} forgets all prices"),
            HappeningKind::Forgets { instruments: Some(some) } => {
                format!("the pool of {place} forgets the prices of {}", self.some(some))
            }
            HappeningKind::Sees { user: who, prices } => {
                format!("{} sees the prices of {}", user(*who), count(prices))
            }
            HappeningKind::Fault { fault, begins } => {
                let verb = if *begins { "begins" } else { "ends" };
                let at = happening.place.map_or_else(String::new, |place| format!(" at {}", instance(place)));
                format!("the fault {} {verb}{at}", self.faults[*fault as usize])
            }
        }
    }

    /// How an instrument ended, as a clause; `instance` is that of its user.
    pub(super) fn ending(&self, price: Option<&SeenPrice>, instance: &str) -> String {
        let Some(price) = price else { return "the visit does not look at it".to_owned() };
        let mut clauses: Vec<String> = price.asked.iter().map(|asked| self.answer(asked, instance)).collect();
        match price.end {
            PriceEnd::Unended => clauses.push("the visit shows no result".to_owned()),
            PriceEnd::Kept => clauses.push(format!("{instance} shows what it has and asks nobody")),
            PriceEnd::Server(_) => {}
            PriceEnd::Called | PriceEnd::CallFailed(_) => {
                let why = price.reason.map_or_else(String::new, |reason| format!(", as {}", why_called(reason)));
                clauses.push(format!("{instance} calls the provider{why}"));
                if let PriceEnd::CallFailed(failure) = price.end {
                    clauses.push(failed(failure).to_owned());
                }
            }
            PriceEnd::NotTried(why) => clauses.push(format!("{instance} calls no provider: {}", not_tried(why))),
        }
        clauses.join("; ")
    }

    fn answer(&self, asked: &AskedServer, instance: &str) -> String {
        let server = self.instances[asked.server as usize].as_str();
        let server = if server == instance { "its own pool" } else { server };
        match asked.answer {
            ServerAnswer::Silent => format!("{server} does not answer"),
            ServerAnswer::Refused => format!("{server} turns the request away"),
            ServerAnswer::Sent => format!("{server} has a newer price"),
            ServerAnswer::HadOlder => format!("{server} has none that is new enough"),
            ServerAnswer::HadNone => format!("{server} has none"),
        }
    }

    fn some(&self, instruments: &[u32]) -> String {
        if instruments.len() > MOST_NAMED {
            return format!("{} instruments", instruments.len());
        }
        let names: Vec<String> =
            instruments.iter().map(|instrument| self.instruments[*instrument as usize].clone()).collect();
        listed(&names)
    }
}

const fn failed(failure: CallFailure) -> &'static str {
    match failure {
        CallFailure::Chance => "the call fails by chance",
        CallFailure::OverLimit => "the call is over the provider's limit",
        CallFailure::Blocked => "the provider blocks the call after an earlier one over its limit",
        CallFailure::Outage => "the provider is out of order",
    }
}

const fn not_tried(why: NotTried) -> &'static str {
    match why {
        NotTried::NoConnector => "the instrument has none",
        NotTried::Inactive => "the instrument is not active",
        NotTried::RetriesUsedUp => "it has failed too often",
        NotTried::Recent => "the own price is too young",
        NotTried::CallUnderWay => "another call is under way",
        NotTried::MarketClosed => "the market is closed",
        NotTried::Unnamed => "the instrument has no name",
    }
}
