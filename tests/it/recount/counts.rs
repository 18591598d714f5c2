//! Counts over the facts of a run, each as plain as can be: nothing of what measures are computed from.

use std::collections::BTreeMap;

use gtnet_sim::observe::{AgePart, Fact, FaultId, InstanceId, MessageEnd, MessageKind, PriceWay};
use gtnet_sim::protocol::{CallReason, Outcome};
use gtnet_sim::time::{SimDuration, SimTime};

/// All that happened in a run.
#[derive(Clone)]
pub(super) struct Run {
    pub(super) facts: Vec<(SimTime, Fact)>,
    pub(super) from: SimTime,
    pub(super) until: SimTime,
    pub(super) hubs: Vec<InstanceId>,
    /// Of each hub.
    pub(super) workers: f64,
    pub(super) pool_sizes: Vec<u32>,
}

pub(super) fn seconds(duration: SimDuration) -> f64 {
    duration.as_secs_f64()
}

impl Run {
    /// The sum over all facts.
    pub(super) fn sum(&self, value: impl Fn(SimTime, &Fact) -> f64) -> f64 {
        self.facts.iter().map(|(now, fact)| value(*now, fact)).sum()
    }

    pub(super) fn count(&self, is: impl Fn(SimTime, &Fact) -> bool) -> f64 {
        self.sum(|now, fact| f64::from(u8::from(is(now, fact))))
    }

    pub(super) fn list(&self, value: impl Fn(SimTime, &Fact) -> Option<f64>) -> Vec<f64> {
        self.facts.iter().filter_map(|(now, fact)| value(*now, fact)).collect()
    }

    pub(super) fn period(&self) -> f64 {
        seconds(self.until.since(self.from))
    }

    pub(super) fn per_day(&self, count: f64) -> Option<f64> {
        share(86_400.0 * count, self.period())
    }

    pub(super) fn at_hub(&self, id: InstanceId) -> bool {
        self.hubs.contains(&id)
    }

    pub(super) fn of_hubs(&self, value: impl Fn(InstanceId) -> f64) -> Vec<f64> {
        self.hubs.iter().map(|hub| value(*hub)).collect()
    }

    pub(super) fn mean_of_hubs(&self, value: impl Fn(InstanceId) -> f64) -> Option<f64> {
        share(self.of_hubs(value).iter().sum(), self.hubs.len() as f64)
    }

    pub(super) fn arrivals(&self, hub: InstanceId) -> Vec<SimTime> {
        let at = |(now, fact): &(SimTime, Fact)| {
            matches!(fact, Fact::Arrived { server, .. } if *server == hub && *now >= self.from).then_some(*now)
        };
        self.facts.iter().filter_map(at).collect()
    }

    pub(super) fn peak(&self, secs: u64) -> Option<f64> {
        let most = |hub| {
            let mut counts: BTreeMap<u64, u32> = BTreeMap::new();
            for now in self.arrivals(hub) {
                *counts.entry(now.since(self.from).as_nanos() / (secs * 1_000_000_000)).or_default() += 1;
            }
            f64::from(counts.into_values().max().unwrap_or(0))
        };
        self.of_hubs(most).into_iter().reduce(f64::max)
    }

    /// What the measured period has of the time until `now` \[s\].
    pub(super) fn measured_until(&self, now: SimTime) -> f64 {
        seconds(now.max(self.from).since(self.from))
    }

    /// Seconds of the period that messages spent being served by `hub`: until their ends, without what came before.
    pub(super) fn busy_s(&self, hub: InstanceId) -> f64 {
        let (mut busy, mut serving) = (0.0, 0.0);
        for (now, fact) in &self.facts {
            let at = self.measured_until(*now);
            match fact {
                Fact::ServiceBegan { server, .. } if *server == hub => (busy, serving) = (busy - at, serving + 1.0),
                Fact::ServiceEnded { server, .. } if *server == hub => (busy, serving) = (busy + at, serving - 1.0),
                _ => {}
            }
        }
        busy + serving * self.period()
    }

    /// How many messages wait at `hub` from when on.
    pub(super) fn queue(&self, hub: InstanceId) -> Vec<(SimTime, i32)> {
        let (mut waiting, mut steps) = (0, vec![(SimTime::START, 0)]);
        for (now, fact) in &self.facts {
            match fact {
                Fact::Arrived { server, .. } if *server == hub => waiting += 1,
                Fact::ServiceBegan { server, .. } if *server == hub => waiting -= 1,
                _ => continue,
            }
            // What lasts no time does not count.
            if steps.last().is_some_and(|step| step.0 == *now) {
                steps.pop();
            }
            steps.push((*now, waiting));
        }
        steps.push((self.until, waiting));
        steps
    }

    pub(super) fn queue_length(&self, hub: InstanceId) -> f64 {
        let steps = self.queue(hub);
        let area = steps
            .windows(2)
            .map(|step| f64::from(step[0].1) * (self.measured_until(step[1].0) - self.measured_until(step[0].0)));
        area.sum::<f64>() / self.period()
    }

    /// 1 if the shortest queue of the second half of the whole days is longer than that of the first.
    pub(super) fn grows(&self, hub: InstanceId) -> f64 {
        let steps = self.queue(hub);
        let days = (self.period() / 86_400.0).floor();
        let lowest = |first: f64, last: f64| {
            let within = steps.windows(2).filter(|step| {
                let (begin, end) = (self.measured_until(step[0].0), self.measured_until(step[1].0));
                begin < last * 86_400.0 && end > first * 86_400.0 && end > begin
            });
            within.map(|step| step[0].1).min().expect("a day has a queue")
        };
        let half = (days / 2.0).floor();
        f64::from(u8::from(lowest(0.0, half) < lowest(days - half, days)))
    }

    pub(super) fn waiting(&self) -> f64 {
        self.of_hubs(|hub| f64::from(self.queue(hub).last().expect("a step").1)).iter().sum()
    }

    pub(super) fn unserved(&self) -> f64 {
        let arrived = self.count(|_, fact| matches!(fact, Fact::Arrived { server, .. } if self.at_hub(*server)));
        arrived - self.count(|_, fact| matches!(fact, Fact::ServiceEnded { server, .. } if self.at_hub(*server)))
    }

    /// The sum over what hubs have dealt with in the period.
    pub(super) fn served(&self, value: impl Fn(MessageKind, u32, Option<u32>) -> f64) -> f64 {
        self.sum(|now, fact| match *fact {
            Fact::ServiceEnded { server, kind, items, result, .. } if self.at_hub(server) && now >= self.from => {
                value(kind, items, result)
            }
            _ => 0.0,
        })
    }

    pub(super) fn queue_wait(&self, q: f64) -> Option<f64> {
        let waits = self.list(|now, fact| match fact {
            Fact::ServiceBegan { server, waited } if self.at_hub(*server) && now >= self.from => Some(seconds(*waited)),
            _ => None,
        });
        quantile(waits, self.waiting(), q)
    }

    pub(super) fn response(&self, q: f64) -> Option<f64> {
        let responses = self.list(|now, fact| match fact {
            Fact::ServiceEnded { server, response, .. } if self.at_hub(*server) && now >= self.from => {
                Some(seconds(*response))
            }
            _ => None,
        });
        quantile(responses, self.unserved(), q)
    }

    /// Messages of some kinds that arrive at a hub, and their bytes in a second, replies included.
    pub(super) fn background(&self, is: fn(MessageKind) -> bool) -> (Option<f64>, Option<f64>) {
        let (mut messages, mut sum) = (0.0, 0.0);
        for (_, fact) in self.facts.iter().filter(|(now, _)| *now >= self.from) {
            match *fact {
                Fact::Arrived { server, kind, bytes, .. } if self.at_hub(server) && is(kind) => {
                    (messages, sum) = (messages + 1.0, sum + bytes as f64);
                }
                Fact::ServiceEnded { server, kind, bytes, .. } if self.at_hub(server) && is(kind) => {
                    sum += bytes as f64;
                }
                _ => {}
            }
        }
        let hubs = self.hubs.len() as f64;
        (share(messages, hubs), share(sum, hubs * self.period()))
    }

    /// Rows that servers store.
    pub(super) fn rows(&self, is: impl Fn(InstanceId, SimTime) -> bool) -> f64 {
        self.sum(|now, fact| match *fact {
            Fact::ServiceEnded { server, rows, .. } if is(server, now) => f64::from(rows),
            _ => 0.0,
        })
    }

    /// The most rows that a hub has in a quarter of an hour.
    pub(super) fn rows_held(&self, hub: InstanceId) -> f64 {
        let quarter = |at: SimTime| at.as_nanos() / 900_000_000_000;
        let stored = self.facts.iter().filter_map(|(now, fact)| match *fact {
            Fact::ServiceEnded { server, rows, rows_stay, .. } if server == hub => {
                Some((quarter(*now), quarter(*now + rows_stay), rows))
            }
            _ => None,
        });
        let stored: Vec<(u64, u64, u32)> = stored.collect();
        let held = |at: u64| -> u32 { stored.iter().filter(|row| row.0 <= at && at < row.1).map(|row| row.2).sum() };
        (quarter(self.from)..=quarter(self.until)).map(|at| f64::from(held(at))).fold(0.0, f64::max)
    }

    pub(super) fn calls(&self, value: impl Fn(bool, SimDuration) -> f64) -> f64 {
        self.sum(|_, fact| match *fact {
            Fact::ConnectorCalled { began, limited, held_back, .. } if began >= self.from => value(limited, held_back),
            _ => 0.0,
        })
    }

    pub(super) fn checks(&self) -> f64 {
        self.count(|_, fact| match *fact {
            Fact::ConnectorCalled { began, reason, .. } => began >= self.from && reason == CallReason::PushCheck,
            _ => false,
        })
    }

    pub(super) fn distrusted(&self, is: impl Fn(bool) -> bool) -> f64 {
        self.count(|now, fact| match *fact {
            Fact::PusherDistrusted { is_rogue, .. } => now >= self.from && is(is_rogue),
            _ => false,
        })
    }

    pub(super) fn answers(&self, value: impl Fn(bool) -> f64) -> f64 {
        self.sum(|_, fact| match *fact {
            Fact::ConnectorAnswered { began, delivered, .. } if began >= self.from => value(delivered),
            _ => 0.0,
        })
    }

    /// Ages of the prices shown \[s\]; `None`: there is no price.
    pub(super) fn ages(&self) -> Vec<Option<f64>> {
        let shown = self.facts.iter().filter_map(|(_, fact)| match *fact {
            Fact::PriceShown { began, age, .. } if began >= self.from => Some(age.map(seconds)),
            _ => None,
        });
        shown.collect()
    }

    /// Of each price shown, how much of its age it spent on a part \[s\].
    pub(super) fn age_parts(&self, part: AgePart) -> Vec<f64> {
        self.list(|_, fact| match *fact {
            Fact::PriceShown { began, split: Some(split), .. } if began >= self.from => Some(seconds(split.part(part))),
            _ => None,
        })
    }

    pub(super) fn age_part(&self, part: AgePart) -> Option<f64> {
        let parts = self.age_parts(part);
        share(parts.iter().sum(), parts.len() as f64)
    }

    pub(super) fn age_part_share(&self, part: AgePart) -> Option<f64> {
        share(self.age_parts(part).iter().sum(), self.ages().into_iter().flatten().sum())
    }

    pub(super) fn share_of_ages(&self, is: impl Fn(&Option<f64>) -> bool) -> Option<f64> {
        let ages = self.ages();
        share(ages.iter().filter(|age| is(age)).count() as f64, ages.len() as f64)
    }

    pub(super) fn age(&self, q: f64) -> Option<f64> {
        quantile(self.ages().into_iter().flatten().collect(), 0.0, q)
    }

    /// Errors of the prices shown \[bp\].
    pub(super) fn errors(&self) -> Vec<f64> {
        self.list(|_, fact| match *fact {
            Fact::PriceShown { began, age: Some(_), error_bp, .. } if began >= self.from => Some(error_bp),
            _ => None,
        })
    }

    pub(super) fn wrong_stamp_share(&self) -> Option<f64> {
        let count = self.count(|_, fact| match *fact {
            Fact::PriceShown { began, stamp_error, .. } => began >= self.from && stamp_error.seconds() > 60,
            _ => false,
        });
        share(count, self.ages().len() as f64)
    }

    pub(super) fn false_share(&self, is: impl Fn(PriceWay) -> bool) -> Option<f64> {
        let count = self.count(|_, fact| match *fact {
            Fact::PriceShown { began, falsified: Some(price), .. } => began >= self.from && is(price.way),
            _ => false,
        });
        share(count, self.ages().len() as f64)
    }

    /// Visits between whose results at least one false price is shown.
    pub(super) fn false_visits(&self) -> f64 {
        let (mut visits, mut is_false) = (0.0, false);
        for (_, fact) in &self.facts {
            match *fact {
                Fact::PriceShown { falsified: Some(_), .. } => is_false = true,
                Fact::ResultShown { began, .. } => {
                    visits += one(is_false && began >= self.from);
                    is_false = false;
                }
                _ => {}
            }
        }
        visits
    }

    /// Longest time between the end of a fault and a price that it has falsified, unless it has begun again.
    pub(super) fn false_prices_last(&self) -> f64 {
        let since_end = |at: usize, of: FaultId| {
            let turn = self.facts[..at].iter().rev().find(|(_, fact)| {
                matches!(*fact, Fact::FaultBegan { fault, .. } | Fact::FaultEnded { fault, .. } if fault == of)
            });
            match turn {
                Some((ended, Fact::FaultEnded { .. })) => seconds(self.facts[at].0.since(*ended)),
                _ => 0.0,
            }
        };
        let of_false = self.facts.iter().enumerate().map(|(at, (_, fact))| match *fact {
            Fact::PriceShown { began, falsified: Some(price), .. } if began >= self.from => since_end(at, price.fault),
            _ => 0.0,
        });
        of_false.fold(0.0, f64::max)
    }

    pub(super) fn visits(&self) -> f64 {
        self.count(|now, fact| matches!(fact, Fact::VisitBegan { .. } if now >= self.from))
    }

    pub(super) fn waits(&self) -> Vec<f64> {
        self.list(|now, fact| match *fact {
            Fact::ResultShown { began, .. } if began >= self.from => Some(seconds(now.since(began))),
            _ => None,
        })
    }

    pub(super) fn user_wait(&self, q: f64) -> Option<f64> {
        let waits = self.waits();
        let unfinished = self.visits() - waits.len() as f64;
        quantile(waits, unfinished, q)
    }

    pub(super) fn settled(&self, is: impl Fn(Outcome, bool) -> bool) -> f64 {
        self.count(|_, fact| match *fact {
            Fact::Settled { began, outcome, pushed } => began >= self.from && is(outcome, pushed),
            _ => false,
        })
    }

    pub(super) fn fill(&self, is: impl Fn(Outcome) -> bool) -> Option<f64> {
        share(self.settled(|outcome, _| is(outcome)), self.settled(|_, _| true))
    }

    pub(super) fn sent(&self, value: impl Fn(InstanceId, MessageKind, u32) -> f64) -> f64 {
        self.sum(|now, fact| match *fact {
            Fact::MessageSent { to, kind, items } if now >= self.from => value(to, kind, items),
            _ => 0.0,
        })
    }

    pub(super) fn ended(&self, is: impl Fn(InstanceId, MessageKind, MessageEnd) -> bool) -> f64 {
        self.count(|_, fact| match *fact {
            Fact::MessageEnded { sent, to, kind, end } => sent >= self.from && is(to, kind, end),
            _ => false,
        })
    }

    pub(super) fn kept_back(&self) -> f64 {
        self.count(|now, fact| match *fact {
            Fact::MessageKeptBack { kind, .. } => {
                now >= self.from && matches!(kind, MessageKind::Request | MessageKind::Push)
            }
            _ => false,
        })
    }

    pub(super) fn pushes(&self) -> f64 {
        self.sent(|_, kind, _| one(kind == MessageKind::Push))
    }

    /// The sum over the pushes of the period that a server has dealt with.
    pub(super) fn taken(&self, value: impl Fn(Option<u32>) -> f64) -> f64 {
        self.sum(|_, fact| match *fact {
            Fact::ServiceEnded { sent, kind: MessageKind::Push, result, .. } if sent >= self.from => value(result),
            _ => 0.0,
        })
    }
}

pub(super) fn one(is: bool) -> f64 {
    f64::from(u8::from(is))
}

pub(super) fn share(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole)
}

/// Type 7 of Hyndman and Fan; `None` if fewer than one value is expected beyond it, or one of those that have not ended is
/// needed for it.
pub(super) fn quantile(mut values: Vec<f64>, unfinished: f64, q: f64) -> Option<f64> {
    let all = values.len() as f64 + unfinished;
    if all * (1.0 - q) < 1.0 {
        return None;
    }
    values.sort_by(f64::total_cmp);
    let position = (all - 1.0) * q;
    let at = |rank: f64| (0..values.len()).find(|index| *index as f64 >= rank).map(|index| values[index]);
    let (below, above) = (at(position.floor())?, at(position.ceil())?);
    Some(below + position.fract() * (above - below))
}

pub(super) fn is_of_history(kind: MessageKind) -> bool {
    matches!(kind, MessageKind::History | MessageKind::HistoryPush)
}
