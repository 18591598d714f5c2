//! The comparison of two runs in words: a plain sentence, where they part, the mechanisms as a table that adds up, and examples.

use std::fmt::Write as _;

use crate::explain::{counted, exact, moment, rough};
use crate::protocol::CallReason;
use crate::text::{capitalised, grouped, listed};
use crate::time::{SimDuration, SimTime, Timestamp};

use super::change::{Gain, RunChange};
use super::first::FirstDifference;
use super::happening::{Happening, HappeningKind};
use super::keys::{KeyDifference, can_follow, differences};
use super::mechanism::Mechanism;
use super::{MechanismShare, ParentScenario, Parting, UnpairedVisits};

/// Of so many mechanisms an example is given.
const MOST_EXAMPLES: usize = 3;

/// At most so many keys, and so many users, are named.
const MOST_KEYS: usize = 8;

/// Values of keys are cut to so many characters.
const LONGEST_VALUE: usize = 48;

/// All of it.
pub(super) fn text(parting: &Parting, scenarios: [&ParentScenario<'_>; 2], replication: u32) -> String {
    let writer = PartingWriter { parting, scenarios };
    let mut text = writer.first_sentences(replication);
    text.push_str(&writer.unpaired());
    text.push_str(&writer.first_difference());
    text.push_str(&writer.table());
    text.push_str(&writer.examples());
    text
}

struct PartingWriter<'p> {
    parting: &'p Parting,
    scenarios: [&'p ParentScenario<'p>; 2],
}

impl PartingWriter<'_> {
    fn label(&self, run: usize) -> &str {
        self.scenarios[run].label
    }

    fn first_sentences(&self, replication: u32) -> String {
        let [first, second] = [self.label(0), self.label(1)];
        let differing: u64 = self.parting.mechanisms.iter().map(|share| share.change.pairs).sum();
        let mut text = format!(
            "{second} against {first}, replication {replication}: of {} pairs of visit and instrument, {} end otherwise.\n",
            whole(self.parting.pairs),
            whole(differing)
        );
        if self.parting.paired_visits == 0 {
            text.push_str("No visit of the measured period is in both runs.\n");
        }
        let RunChange { calls, fresh, age_nanos, .. } = self.parting.whole;
        let mut clauses = vec![format!("makes {}", gain_text(calls.net(), "provider call"))];
        clauses.push(format!("shows {}", gain_text(fresh.net(), "fresh price")));
        if age_nanos != 0 {
            let how = if age_nanos < 0 { "less" } else { "more" };
            clauses.push(format!("shows prices whose ages add up to {} {how}", rough(nanos(age_nanos))));
        }
        let _ = writeln!(text, "{second} {}.", listed(&clauses));
        text.push_str(&self.main_reason());
        text
    }

    /// Which mechanism makes most of the difference.
    fn main_reason(&self) -> String {
        let calls = self.parting.whole.calls.net();
        let of_calls = |share: &&MechanismShare| share.change.calls.net() * calls.signum();
        let shares = self.parting.mechanisms.iter();
        if calls == 0 {
            let Some(most) = shares.max_by_key(|share| share.change.pairs) else { return String::new() };
            let (pairs, clause) = (whole(most.change.pairs), most.mechanism.clause());
            return format!("Most pairs, {pairs}, end otherwise because {clause}.\n");
        }
        let Some(most) = shares.max_by_key(of_calls).filter(|share| of_calls(share) > 0) else { return String::new() };
        format!(
            "Most of them, {} calls in {} pairs, are {} because {}.\n",
            whole(most.change.calls.net().unsigned_abs()),
            whole(most.change.pairs),
            if calls > 0 { "made" } else { "saved" },
            most.mechanism.clause()
        )
    }

    fn unpaired(&self) -> String {
        let mut text = String::new();
        for (run, only) in self.parting.unpaired.iter().enumerate().filter(|(_, only)| only.visits > 0) {
            let UnpairedVisits { visits, of_other_users, users, .. } = only;
            let visits_text = counted(usize::try_from(*visits).unwrap_or(usize::MAX), "visit");
            let _ = write!(text, "Not paired: {visits_text} that only {} has", self.label(run));
            if *of_other_users > 0 {
                let named: Vec<String> = users
                    .iter()
                    .take(MOST_KEYS)
                    .map(|user| self.parting.names.users[*user as usize].clone())
                    .chain((users.len() > MOST_KEYS).then(|| format!("{} more", users.len() - MOST_KEYS)))
                    .collect();
                let _ = write!(
                    text,
                    "; {} of them by users whom {} does not have: {}",
                    whole(*of_other_users),
                    self.label(1 - run),
                    listed(&named)
                );
            }
            text.push_str(".\n");
        }
        if !text.is_empty() {
            let _ = writeln!(
                text,
                "{} visits pair, as both runs have the same user with the same visit at the same moment.",
                whole(self.parting.paired_visits)
            );
        }
        text
    }

    fn first_difference(&self) -> String {
        let mut text = String::from("\nWhere they part\n");
        let keys = differences(self.scenarios.map(|one| one.scenario));
        let Some(FirstDifference { run, happening, instead }) = &self.parting.first else {
            text.push_str("  Nowhere: the same happens in both runs from beginning to end.\n");
            text.push_str(&key_list("  These keys differ", &keys, self.scenarios));
            return text;
        };
        let alike = self.parting.alike.unwrap_or_default() as u64;
        let _ = writeln!(text, "  Both runs are alike for their first {} events.", whole(alike));
        let _ = writeln!(
            text,
            "  At {}, in {}, {}.",
            self.moment(happening.at),
            self.label(*run),
            self.clause(*run, happening)
        );
        let other = self.label(1 - run);
        let instead_clause = |instead| self.clause(1 - run, instead);
        let _ = match instead {
            None => writeln!(text, "  In {other} nothing happens there from then on."),
            Some(instead) if instead.at == happening.at => {
                writeln!(text, "  In {other}, at the same moment, {}.", instead_clause(instead))
            }
            Some(instead) => {
                let later = rough(instead.at.since(happening.at));
                writeln!(text, "  In {other} the next there is, {later} later: {}.", instead_clause(instead))
            }
        };
        text.push_str(&self.cause(&keys));
        text
    }

    /// What happens in a run, and why nobody is asked if that is known.
    fn clause(&self, run: usize, happening: &Happening) -> String {
        let clause = self.parting.names.clause(happening);
        let (HappeningKind::Calls { reason: CallReason::NobodyAsked, .. }, Some(place)) =
            (&happening.what, happening.place)
        else {
            return clause;
        };
        let knows_nobody = !self.parting.worlds[run].peers.iter().any(|(instance, _)| *instance == place);
        if knows_nobody { format!("{clause}: it knows no peer") } else { clause }
    }

    /// The keys from which the first difference can follow.
    fn cause(&self, keys: &[KeyDifference]) -> String {
        let Some(first) = &self.parting.first else { return String::new() };
        let follows = |key: &&KeyDifference| {
            let happenings = std::iter::once(&first.happening).chain(&first.instead);
            happenings.into_iter().any(|happening| can_follow(&happening.what, key))
        };
        if keys.len() == 1 {
            return key_list("  One key alone differs, and so made it so", keys, self.scenarios);
        }
        let (near, far): (Vec<KeyDifference>, Vec<KeyDifference>) = keys.iter().cloned().partition(|key| follows(&key));
        if near.is_empty() {
            return key_list("  These keys differ together", &far, self.scenarios);
        }
        let mut text = key_list("  It can follow from", &near, self.scenarios);
        text.push_str(&key_list("  These differ, too", &far, self.scenarios));
        text
    }

    fn table(&self) -> String {
        let mut text = format!("\nWhy pairs end otherwise: {} less {}\n", self.label(1), self.label(0));
        let _ = writeln!(
            text,
            "{:<34}{:>10}{:>10}{:>10}{:>10}{:>10}{:>26}",
            "mechanism", "pairs", "calls +", "calls -", "fresh +", "fresh -", "age [s]"
        );
        for share in &self.parting.mechanisms {
            text.push_str(&row(share.mechanism.name(), &share.change));
        }
        for (run, only) in self.parting.unpaired.iter().enumerate().filter(|(_, only)| only.visits > 0) {
            text.push_str(&row(&format!("visits of {} alone", cut(self.label(run), 18)), &only.change));
        }
        if self.parting.calls_of_servers != RunChange::default() {
            text.push_str(&row("calls of servers for no visit", &self.parting.calls_of_servers));
        }
        let sum = self.parting.sum();
        text.push_str(&row("all", &sum));
        let _ = writeln!(
            text,
            "The whole difference of what the results count: {}, {}, {}, ages {} s.",
            gain_text(sum.calls.net(), "call"),
            gain_text(sum.shown.net(), "price shown").replace("price showns", "prices shown"),
            gain_text(sum.fresh.net(), "fresh price"),
            signed_seconds(sum.age_nanos)
        );
        text.push_str(&self.origins());
        text
    }

    /// From what the pairs follow whose own price differs.
    fn origins(&self) -> String {
        let mut origins: Vec<(Option<Mechanism>, u64)> =
            self.parting.origins_of_own_prices.iter().map(|(origin, pairs)| (*origin, *pairs)).collect();
        if origins.is_empty() {
            return String::new();
        }
        origins.sort_by_key(|(origin, pairs)| (std::cmp::Reverse(*pairs), *origin));
        let clause = |(origin, pairs): &(Option<Mechanism>, u64)| {
            let origin = origin.map_or("a difference outside of these pairs", Mechanism::name);
            format!("{} follow from {origin}", whole(*pairs))
        };
        format!("Of the pairs with own-price, {}.\n", listed(&origins.iter().map(clause).collect::<Vec<_>>()))
    }

    fn examples(&self) -> String {
        let mut text = String::new();
        for share in self.parting.mechanisms.iter().take(MOST_EXAMPLES) {
            let (example, names) = (&share.example, &self.parting.names);
            let user = &names.users[example.user as usize];
            let instance = user.rsplit_once('/').map_or(user.as_str(), |(instance, _)| instance);
            let instrument = &names.instruments[example.instrument as usize];
            let _ = writeln!(
                text,
                "\n{}: {}\n  {user} opens a watchlist at {}. Of {instrument}:",
                share.mechanism.name(),
                capitalised(share.mechanism.clause()),
                self.moment(example.began)
            );
            for run in [0, 1] {
                let ending = names.ending(example.sides[run].as_ref(), instance);
                let _ = writeln!(text, "  in {}, {ending}.", self.label(run));
            }
            for (exchange, scenario) in example.exchanges.iter().zip(self.scenarios) {
                if let Some(exchange) = exchange {
                    let _ = writeln!(text, "    {} --exchange {exchange} --instrument {instrument}", scenario.command);
                }
            }
        }
        text
    }

    fn moment(&self, at: SimTime) -> String {
        let true_time: Timestamp = self.parting.start + at.since_start();
        moment(true_time)
    }
}

fn key_list(head: &str, keys: &[KeyDifference], scenarios: [&ParentScenario<'_>; 2]) -> String {
    if keys.is_empty() {
        return String::new();
    }
    let mut text = format!("{head}:\n");
    for key in keys.iter().take(MOST_KEYS) {
        let _ = match &key.values {
            [Some(first), Some(second)] => {
                writeln!(
                    text,
                    "    {}: {}, and not {}",
                    key.path,
                    cut(second, LONGEST_VALUE),
                    cut(first, LONGEST_VALUE)
                )
            }
            [Some(_), None] => writeln!(text, "    {}: only {} has it", key.path, scenarios[0].label),
            _ => writeln!(text, "    {}: only {} has it", key.path, scenarios[1].label),
        };
    }
    if keys.len() > MOST_KEYS {
        let _ = writeln!(text, "    and {} more", keys.len() - MOST_KEYS);
    }
    text
}

fn row(name: &str, change: &RunChange) -> String {
    let RunChange { pairs, calls, fresh, age_nanos, .. } = change;
    let Gain { more, fewer } = *calls;
    format!(
        "{name:<34}{:>10}{:>10}{:>10}{:>10}{:>10}{:>26}\n",
        whole(*pairs),
        whole(more),
        whole(fewer),
        whole(fresh.more),
        whole(fresh.fewer),
        signed_seconds(*age_nanos)
    )
}

fn gain_text(net: i64, what: &str) -> String {
    let (count, how) = (net.unsigned_abs(), if net < 0 { "fewer" } else { "more" });
    let plural = if count == 1 || what.is_empty() { "" } else { "s" };
    match net {
        0 => format!("as many {what}{plural}"),
        _ => format!("{} {how} {what}{plural}", whole(count)),
    }
}

fn whole(count: u64) -> String {
    grouped(count as f64, 0)
}

fn nanos(nanos: i128) -> SimDuration {
    SimDuration::from_nanos(u64::try_from(nanos.unsigned_abs()).unwrap_or(u64::MAX))
}

/// Seconds to the nanosecond, so that the column adds up.
fn signed_seconds(age_nanos: i128) -> String {
    let sign = match age_nanos {
        0 => "",
        1.. => "+",
        _ => "-",
    };
    format!("{sign}{}", exact(nanos(age_nanos)))
}

fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        text.to_owned()
    } else {
        format!("{}…", text.chars().take(most - 1).collect::<String>())
    }
}
