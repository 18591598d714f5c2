//! Which exchange is explained: every exchange of the replication in a few numbers, and the choice among them.

use std::collections::BTreeMap;

use thiserror::Error;

use crate::observe::{Fact, Line, Observer, VisitId};
use crate::protocol::InstrumentId;
use crate::time::{SimDuration, SimTime};

/// Which exchange is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExchangeChoice {
    /// The one with this number; exchanges are numbered from 1 in the order in which they begin.
    Numbered(u64),
    /// The first one of a user at or after a moment.
    OfUser {
        /// The user, such as `client-1/2`.
        user: String,
        /// Counted from the start of the simulation.
        at: SimDuration,
    },
    /// The one whose user waits longest.
    Slowest,
    /// The one whose wait is nearest to the median.
    Typical,
    /// The one that shows the oldest price.
    OldestPrice,
    /// The one that makes the connector call with this number.
    OfCall(u64),
}

/// Why nothing can be explained.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ExplainError {
    /// There is no such exchange.
    #[error("there is no exchange {number}: {}", numbers("exchange", *.number, *.count))]
    NoExchange {
        /// What was asked for.
        number: u64,
        /// How many there are.
        count: u64,
    },
    /// There is no such call.
    #[error("there is no connector call {number}: {}", numbers("connector call", *.number, *.count))]
    NoCall {
        /// What was asked for.
        number: u64,
        /// How many there are.
        count: u64,
    },
    /// There is no such user.
    #[error("there is no user `{name}`{}\n  help: a user is named after its instance: {example} is the first of {count} users", meant(.nearest.as_ref()))]
    NoUser {
        /// What was asked for.
        name: String,
        /// The user with the most similar name.
        nearest: Option<String>,
        /// The first user.
        example: String,
        /// How many there are.
        count: usize,
    },
    /// The instance has several users.
    #[error("`{name}` has {count} users\n  help: name one of them: `{name}/1` to `{name}/{count}`")]
    SeveralUsers {
        /// The instance.
        name: String,
        /// How many users it has.
        count: usize,
    },
    /// The user begins no exchange from then on.
    #[error("{user} begins no exchange from then on\n  help: {}", last_exchange(*.last, *.count))]
    NoExchangeOfUser {
        /// The user.
        user: String,
        /// The number of its last exchange.
        last: Option<u64>,
        /// How many exchanges it has.
        count: usize,
    },
    /// No user sees the result of any exchange.
    #[error(
        "no user sees the result of an exchange in this replication\n  help: choose another one with --replication, or simulate \
         longer, such as with `--set run.duration=7d`"
    )]
    NothingShown,
    /// The exchange has no such instrument.
    #[error("the watchlist of exchange {exchange} holds no instrument `{name}`{}\n  help: it holds these {count}: {held}", meant(.nearest.as_ref()))]
    NoInstrument {
        /// The exchange.
        exchange: u64,
        /// What was asked for.
        name: String,
        /// The instrument with the most similar name.
        nearest: Option<String>,
        /// How many instruments the watchlist has.
        count: usize,
        /// Their names.
        held: String,
    },
    /// The instrument has no price.
    #[error(
        "exchange {exchange} shows no price of {instrument}: no call for it has ever delivered one\n  help: choose another instrument"
    )]
    NoPrice {
        /// The exchange.
        exchange: u64,
        /// The instrument.
        instrument: String,
    },
    /// The user has not seen the result.
    #[error(
        "the user never sees the result of exchange {exchange}: it is interrupted, or the run ends before\n  help: choose another exchange"
    )]
    NotShown {
        /// The exchange.
        exchange: u64,
    },
}

fn numbers(what: &str, number: u64, count: u64) -> String {
    match count {
        0 => {
            format!("this replication has no {what}\n  help: choose another one with --replication, or simulate longer")
        }
        1 => format!("this replication has one {what}\n  help: the nearest is 1"),
        _ => format!(
            "this replication has {count} {what}s, numbered from 1\n  help: the nearest is {}",
            number.clamp(1, count)
        ),
    }
}

fn meant(nearest: Option<&String>) -> String {
    nearest.map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

fn last_exchange(last: Option<u64>, count: usize) -> String {
    match last {
        None => "it begins none in this replication; choose another one with --replication".to_owned(),
        Some(last) => format!("the last of its {count} exchanges is number {last}"),
    }
}

/// An exchange in a few numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct ExchangeOutline {
    pub(super) number: u64,
    pub(super) visit: VisitId,
    pub(super) began: SimTime,
    /// How long its user waited; `None`: the user never saw the result.
    pub(super) wait: Option<SimDuration>,
    /// The age of the oldest price that it showed.
    pub(super) oldest: Option<SimDuration>,
}

/// All exchanges of a replication.
#[derive(Debug, Default)]
pub(super) struct Outlines {
    pub(super) exchanges: Vec<ExchangeOutline>,
    /// Calls that reached their providers.
    pub(super) calls: u64,
    /// A call that is looked for, and the exchange and the instrument of which it is.
    wanted_call: Option<u64>,
    pub(super) call: Option<(Option<VisitId>, InstrumentId)>,
    /// Exchanges whose users have not seen the result, by visit: where they stand in `exchanges`.
    under_way: BTreeMap<VisitId, usize>,
    /// The exchange whose prices are told at the moment.
    showing: Option<usize>,
}

impl Outlines {
    pub(super) fn looking_for(choice: &ExchangeChoice) -> Self {
        let wanted_call = if let ExchangeChoice::OfCall(number) = choice { Some(*number) } else { None };
        Self { wanted_call, ..Self::default() }
    }

    /// The exchange that is meant, if users see it in the measured period; of the whole run if there is none there.
    pub(super) fn choose(
        &self,
        choice: &ExchangeChoice,
        user: Option<u32>,
        warm_up_end: SimTime,
    ) -> Result<ExchangeOutline, ExplainError> {
        let count = self.exchanges.len() as u64;
        match choice {
            ExchangeChoice::Numbered(number) => {
                let at = number.checked_sub(1).and_then(|at| usize::try_from(at).ok());
                let found = at.and_then(|at| self.exchanges.get(at)).copied();
                found.ok_or(ExplainError::NoExchange { number: *number, count })
            }
            ExchangeChoice::OfUser { user: name, at } => {
                let of_user = || self.exchanges.iter().filter(|exchange| Some(exchange.visit.user) == user);
                let found = of_user().find(|exchange| exchange.began.since_start() >= *at).copied();
                found.ok_or_else(|| ExplainError::NoExchangeOfUser {
                    user: name.clone(),
                    last: of_user().next_back().map(|exchange| exchange.number),
                    count: of_user().count(),
                })
            }
            ExchangeChoice::Slowest => self.best(warm_up_end, |exchange| exchange.wait),
            ExchangeChoice::OldestPrice => self.best(warm_up_end, |exchange| exchange.oldest),
            ExchangeChoice::Typical => self.typical(warm_up_end),
            ExchangeChoice::OfCall(number) => {
                let none = ExplainError::NoCall { number: *number, count: self.calls };
                let (visit, _) = self.call.ok_or(none.clone())?;
                self.exchanges.iter().find(|exchange| Some(exchange.visit) == visit).copied().ok_or(none)
            }
        }
    }

    /// Exchanges of the measured period whose users saw the result; of the whole run if there are none.
    fn shown(&self, warm_up_end: SimTime) -> Vec<&ExchangeOutline> {
        let shown = |from: SimTime| {
            let exchanges = self.exchanges.iter().filter(move |exchange| exchange.began >= from);
            exchanges.filter(|exchange| exchange.wait.is_some()).collect::<Vec<_>>()
        };
        Some(shown(warm_up_end)).filter(|shown| !shown.is_empty()).unwrap_or_else(|| shown(SimTime::START))
    }

    /// The first of those of which something is largest.
    fn best(
        &self,
        warm_up_end: SimTime,
        of: impl Fn(&ExchangeOutline) -> Option<SimDuration>,
    ) -> Result<ExchangeOutline, ExplainError> {
        let shown = self.shown(warm_up_end);
        let best = shown.into_iter().rev().max_by_key(|exchange| of(exchange));
        best.copied().ok_or(ExplainError::NothingShown)
    }

    fn typical(&self, warm_up_end: SimTime) -> Result<ExchangeOutline, ExplainError> {
        let shown = self.shown(warm_up_end);
        let mut waits: Vec<SimDuration> = shown.iter().filter_map(|exchange| exchange.wait).collect();
        waits.sort_unstable();
        let median = *waits.get(waits.len() / 2).ok_or(ExplainError::NothingShown)?;
        let off = |exchange: &&ExchangeOutline| {
            let wait = exchange.wait.expect("its user saw the result");
            wait.saturating_sub(median) + median.saturating_sub(wait)
        };
        shown.into_iter().min_by_key(off).copied().ok_or(ExplainError::NothingShown)
    }
}

impl Observer for Outlines {
    fn transcribes(&self) -> bool {
        true
    }

    fn observe(&mut self, now: SimTime, fact: &Fact) {
        match *fact {
            Fact::PriceShown { age: Some(age), .. } => {
                if let Some(at) = self.showing {
                    let oldest = &mut self.exchanges[at].oldest;
                    *oldest = (*oldest).max(Some(age));
                }
            }
            Fact::ResultShown { began, .. } => {
                if let Some(at) = self.showing.take() {
                    self.exchanges[at].wait = Some(now.since(began));
                }
            }
            _ => {}
        }
    }

    fn transcribe(&mut self, now: SimTime, line: Line) {
        match line {
            Line::Began { visit, .. } => {
                self.under_way.insert(visit, self.exchanges.len());
                let number = self.exchanges.len() as u64 + 1;
                self.exchanges.push(ExchangeOutline { number, visit, began: now, wait: None, oldest: None });
            }
            Line::Shown { visit, .. } => self.showing = self.under_way.remove(&visit),
            Line::Done { exchange } => _ = self.under_way.remove(&exchange),
            Line::CallPlaced { exchange, instrument, .. } => {
                self.calls += 1;
                if self.wanted_call == Some(self.calls) {
                    self.call = Some((exchange, instrument));
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::InstanceId;

    /// An exchange an hour of users in turn, with these waits and oldest ages \[s\]; no wait: its user has not seen the result.
    fn outlines(seen: &[(Option<u64>, u64)]) -> Outlines {
        let outline = |(number, (wait, oldest)): (u64, &(Option<u64>, u64))| ExchangeOutline {
            number,
            visit: VisitId { user: u32::from(number % 2 == 1), number, instance: InstanceId(0) },
            began: SimTime::START + SimDuration::from_hours(number),
            wait: wait.map(SimDuration::from_secs),
            oldest: Some(SimDuration::from_secs(*oldest)),
        };
        Outlines { exchanges: (1..).zip(seen).map(outline).collect(), ..Outlines::default() }
    }

    fn hour(hours: u64) -> SimTime {
        SimTime::START + SimDuration::from_hours(hours)
    }

    #[test]
    fn the_measured_period_is_looked_at_first() {
        let outlines =
            outlines(&[(Some(90), 900), (Some(3), 5), (Some(8), 7), (None, 999), (Some(4), 6), (Some(8), 1)]);
        let number =
            |choice: ExchangeChoice, from| outlines.choose(&choice, None, hour(from)).map(|found| found.number);
        for (choice, measured, whole) in
            [(ExchangeChoice::Slowest, 3, 1), (ExchangeChoice::OldestPrice, 3, 1), (ExchangeChoice::Typical, 3, 3)]
        {
            assert_eq!([number(choice.clone(), 2), number(choice.clone(), 9)], [Ok(measured), Ok(whole)], "{choice:?}");
        }
        for (wanted, nearest) in [(0, 1), (7, 6)] {
            let error = outlines.choose(&ExchangeChoice::Numbered(wanted), None, hour(0)).expect_err("there are six");
            assert!(error.to_string().ends_with(&format!("the nearest is {nearest}")), "{error}");
        }
        assert_eq!(number(ExchangeChoice::Numbered(4), 2), Ok(4), "whether or not its user has seen the result");
    }

    #[test]
    fn a_user_s_exchange_is_the_first_from_then_on() {
        let outlines = outlines(&[(Some(1), 1); 6]);
        let of_user = |user, hours| {
            let choice = ExchangeChoice::OfUser { user: "a/1".to_owned(), at: SimDuration::from_hours(hours) };
            outlines.choose(&choice, Some(user), SimTime::START).map(|found| found.number)
        };
        assert_eq!([of_user(0, 0), of_user(1, 0), of_user(0, 4), of_user(0, 5)], [Ok(2), Ok(1), Ok(4), Ok(6)]);
        let none = ExplainError::NoExchangeOfUser { user: "a/1".to_owned(), last: Some(5), count: 3 };
        assert_eq!(of_user(1, 6), Err(none));
        let nothing = Outlines::default().choose(&ExchangeChoice::Typical, None, SimTime::START);
        assert_eq!(nothing.map(|found| found.number), Err(ExplainError::NothingShown));
    }
}
