//! Why things are as they are: one exchange as a sequence diagram, the life of one price, the reason for one connector call.
//!
//! The replication is simulated twice: once to find what is asked for, and once to write its account. Both times it is the same
//! replication, event by event, so that what is explained is what the results count.

mod account;
mod call;
mod chain;
mod choice;
mod diagram;
mod life;
mod mermaid;
mod moments;
mod sentences;
mod story;
mod svg;
mod terminal;
mod words;

use crate::model::{Blueprint, simulate};
use crate::protocol::InstrumentId;
use crate::scenario::Scenario;
use crate::trace::WorldNames;

pub use choice::{ExchangeChoice, ExplainError};
pub use moments::{WrongMoment, moment_of};
pub(crate) use story::why_called;
pub(crate) use words::{counted, exact, moment, rough};

use account::Recorder;
use choice::{ExchangeOutline, Outlines};
use diagram::SequenceDiagram;

/// In which form an exchange is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiagramFormat {
    /// Text for a terminal.
    Text,
    /// Mermaid, for Markdown pages.
    Mermaid,
    /// A picture.
    Svg,
}

/// What is asked of a replication of a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Explanation {
    /// How an exchange went.
    Exchange(DiagramFormat),
    /// The life of the price of an instrument that the exchange shows.
    Price(String),
    /// Why the call that was chosen was made.
    Call,
}

/// Explains what happened in an exchange of a replication.
///
/// # Errors
///
/// [`ExplainError`] if there is nothing like what is asked for.
pub fn explain(
    scenario: &Scenario,
    replication: u32,
    choice: &ExchangeChoice,
    explanation: &Explanation,
) -> Result<String, ExplainError> {
    let blueprint = Blueprint::new(scenario.world().clone());
    let names = WorldNames::of(&blueprint);
    let user = user_of(choice, &names)?;
    let mut outlines = Outlines::looking_for(choice);
    simulate(&blueprint, scenario.seed(), replication, &mut outlines);
    let wanted_call = match (choice, explanation, outlines.call) {
        (ExchangeChoice::OfCall(number), Explanation::Call, Some((None, instrument))) => {
            // A server checks a push or refreshes its pool: no exchange is behind it.
            let recorder = recorded(scenario, &blueprint, replication, None, Some((*number, instrument)));
            return Ok(call::text(&recorder, None, &blueprint, &names));
        }
        (ExchangeChoice::OfCall(number), _, Some((_, instrument))) => Some((*number, instrument)),
        _ => None,
    };
    let chosen = outlines.choose(choice, user, blueprint.warm_up_end())?;
    let recorder = recorded(scenario, &blueprint, replication, Some(&chosen), wanted_call);
    match explanation {
        Explanation::Exchange(format) => {
            let account = recorder.account.as_ref().expect("the exchange that was found begins again");
            Ok(drawn(&story::diagram(account, chosen.number, &blueprint, &names), *format))
        }
        Explanation::Price(instrument) => life::text(&recorder, chosen.number, instrument, &blueprint, &names),
        Explanation::Call => Ok(call::text(&recorder, Some(chosen.number), &blueprint, &names)),
    }
}

fn recorded(
    scenario: &Scenario,
    blueprint: &Blueprint,
    replication: u32,
    chosen: Option<&ExchangeOutline>,
    wanted_call: Option<(u64, InstrumentId)>,
) -> Recorder {
    let mut recorder = Recorder::of(chosen.map(|chosen| chosen.visit), wanted_call);
    simulate(blueprint, scenario.seed(), replication, &mut recorder);
    recorder
}

fn drawn(diagram: &SequenceDiagram, format: DiagramFormat) -> String {
    match format {
        DiagramFormat::Text => terminal::text(diagram),
        DiagramFormat::Mermaid => mermaid::text(diagram),
        DiagramFormat::Svg => svg::text(diagram),
    }
}

/// The number of the user that is meant, if one is.
fn user_of(choice: &ExchangeChoice, names: &WorldNames) -> Result<Option<u32>, ExplainError> {
    let ExchangeChoice::OfUser { user: wanted, .. } = choice else { return Ok(None) };
    let users = names.users();
    let of_instance = |user: &String| user.strip_prefix(wanted.as_str()).is_some_and(|rest| rest.starts_with('/'));
    let found = match users.iter().position(|user| user == wanted) {
        Some(at) => at,
        None => match users.iter().filter(|user| of_instance(user)).count() {
            0 => {
                return Err(ExplainError::NoUser {
                    name: wanted.clone(),
                    nearest: nearest(wanted, users),
                    example: users.first().cloned().unwrap_or_default(),
                    count: users.len(),
                });
            }
            1 => users.iter().position(of_instance).expect("there is one"),
            count => return Err(ExplainError::SeveralUsers { name: wanted.clone(), count }),
        },
    };
    Ok(Some(u32::try_from(found).expect("users are numbered in u32")))
}

/// The name that is most similar to a name that nobody has.
fn nearest(wanted: &str, names: &[String]) -> Option<String> {
    let near = names.iter().take(10_000).map(|name| (strsim::damerau_levenshtein(wanted, name), name));
    let best = near.min_by_key(|(distance, _)| *distance)?;
    (best.0 <= wanted.chars().count().div_ceil(2)).then(|| best.1.clone())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::chain::StopPlace;
    use super::*;
    use crate::observe::{Fact, Line, Observer};
    use crate::time::{SimDuration, SimTime};

    /// Splits the age of every price that an exchange shows, and compares the parts with those of the ledger, which the model
    /// keeps by marks on the price: the two are found in different ways.
    struct Auditor<'b> {
        blueprint: &'b Blueprint,
        whereabouts: chain::Whereabouts,
        markets: Vec<(InstrumentId, usize)>,
        /// The parts of the ages of the result that is being told, last first.
        expected: Vec<Option<[SimDuration; 5]>>,
        audited: usize,
        /// Of these prices, how many the instance that shows them has given away before and got back.
        came_back: usize,
        /// Of these ages, how many have each part.
        with_part: [usize; 5],
    }

    impl Observer for Auditor<'_> {
        fn transcribes(&self) -> bool {
            true
        }

        fn observe(&mut self, _now: SimTime, fact: &Fact) {
            if let Fact::PriceShown { age, split, .. } = fact
                && let Some(expected) = self.expected.pop()
            {
                assert_eq!(split.map(|split| split.parts), expected, "the ledger has the same parts");
                let sum = expected.map(|parts| parts.into_iter().fold(SimDuration::ZERO, |sum, part| sum + part));
                assert_eq!(*age, sum, "the parts add up to the age");
                self.audited += 1;
            }
        }

        fn transcribe(&mut self, now: SimTime, line: Line) {
            if let Line::World(instances) = &line {
                let rows = instances.iter().flat_map(|instance| &instance.instruments);
                self.markets = rows.map(|row| (row.instrument, row.market)).collect();
                self.markets.sort_unstable();
                self.markets.dedup();
            }
            self.whereabouts.follow(now, &line);
            let Line::Shown { visit, items, .. } = &line else { return };
            for (price, _) in items.iter().rev() {
                let stop = self.whereabouts.in_exchange(*visit, price.instrument).filter(|_| price.as_of.is_some());
                let parts = stop.map(|stop| {
                    assert_eq!(stop.price.as_of, price.as_of);
                    let at = self.markets.binary_search_by_key(&price.instrument, |(known, _)| *known);
                    let market = self.markets[at.expect("it is recorded")].1;
                    let way = stop.way();
                    let is_message = |stop: &std::rc::Rc<chain::Stop>| matches!(stop.place, StopPlace::Message { .. });
                    let is_home = |stop: &std::rc::Rc<chain::Stop>| {
                        matches!(stop.place, StopPlace::Kept(whose, _) if whose == visit.instance)
                    };
                    let before = way.iter().rposition(is_message).unwrap_or(0);
                    self.came_back += usize::from(way[..before].iter().any(is_home));
                    let parts = life::parts(&way, now, market, self.blueprint);
                    for (count, part) in self.with_part.iter_mut().zip(parts) {
                        *count += usize::from(part > SimDuration::ZERO);
                    }
                    parts
                });
                self.expected.push(parts);
            }
        }
    }

    fn scenario(file: &str, overrides: &[&str]) -> Scenario {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(file);
        let overrides: Vec<String> = overrides.iter().map(|text| (*text).to_owned()).collect();
        Scenario::load(&path, &overrides).unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    /// With delays, closed markets and wrong clocks; with pushes in the background and before the result; with own pools; with
    /// checks and refreshes of pools; with prices that are fetched again and say the same, and with such that come back to whoever
    /// gave them away.
    #[test]
    fn the_parts_of_every_age_are_those_of_the_ledger_and_add_up_to_it() {
        let short = ["run.duration=30h", "run.warmup=0s"];
        let again: Vec<String> = scenario("quick.toml", &[])
            .world()
            .connectors
            .iter()
            .map(|connector| format!("connector.{}.stamp=trade", connector.id))
            .collect();
        let again: Vec<&str> = again
            .iter()
            .map(String::as_str)
            .chain(short)
            .chain(["protocol.connector_prices_replace=true", "protocol.watchlist_timeout=1min"])
            .collect();
        let worlds = [
            scenario("quick.toml", &["run.duration=30h", "run.warmup=0s", "network.loss=0.05"]),
            scenario("explain/sequence-of-seven-steps.toml", &[]),
            scenario("explain/sequence-of-the-general-flow.toml", &[]),
            scenario("explain/sequence-at-a-push-open-server.toml", &[]),
            scenario("protocol/hub-without-users-fetches.toml", &short),
            scenario("quick.toml", &again),
            scenario(
                "faults/rogue.toml",
                &[
                    "run.duration=30h",
                    "run.warmup=0s",
                    "fault.rogue.begins=9h",
                    "fault.rogue.lasts=6h",
                    "group.client.count=5",
                ],
            ),
            scenario(
                "faults/rogue.toml",
                &[
                    "run.duration=30h",
                    "run.warmup=0s",
                    "fault.rogue.begins=9h",
                    "fault.rogue.lasts=6h",
                    "protocol.push_checked_share=0.3",
                ],
            ),
        ];
        let (mut with_part, mut came_back) = ([0; 5], 0);
        for scenario in worlds {
            let blueprint = Blueprint::new(scenario.world().clone());
            let whereabouts = chain::Whereabouts::default();
            let (markets, expected) = (Vec::new(), Vec::new());
            let mut auditor = Auditor {
                blueprint: &blueprint,
                whereabouts,
                markets,
                expected,
                audited: 0,
                came_back: 0,
                with_part: [0; 5],
            };
            simulate(&blueprint, scenario.seed(), 0, &mut auditor);
            assert!(auditor.audited > 5, "{}: {}", scenario.name(), auditor.audited);
            assert_eq!(auditor.whereabouts.unexplained, 0, "{}: every price has come from somewhere", scenario.name());
            came_back += auditor.came_back;
            with_part.iter_mut().zip(auditor.with_part).for_each(|(all, some)| *all += some);
        }
        assert!(with_part.iter().all(|count| *count > 100) && came_back > 10, "{with_part:?}, {came_back}");
    }

    #[test]
    fn what_is_asked_for_is_found_or_its_absence_is_explained() {
        let scenario = scenario("explain/sequence-of-seven-steps.toml", &[]);
        let ask = |choice: ExchangeChoice| explain(&scenario, 0, &choice, &Explanation::Exchange(DiagramFormat::Text));
        let number = |choice| {
            let text = ask(choice).expect("it is there");
            text.split_once(':').expect("a first sentence").0.to_owned()
        };
        let of_user =
            |user: &str, hours| ExchangeChoice::OfUser { user: user.to_owned(), at: SimDuration::from_hours(hours) };
        assert_eq!(number(of_user("local-1", 0)), number(of_user("local-1/1", 12)));
        let error = |choice| ask(choice).expect_err("it is not there").to_string();
        assert!(error(ExchangeChoice::Numbered(0)).contains("numbered from 1"));
        assert!(error(of_user("locl-1", 0)).contains("did you mean `local-1/1`?"));
        assert!(error(of_user("neighbour-1", 23)).contains("begins no exchange from then on"));
        assert!(error(ExchangeChoice::OfCall(1_000)).contains("there is no connector call 1000"));
    }
}
