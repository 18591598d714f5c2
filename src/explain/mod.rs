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
mod story;
mod svg;
mod terminal;
mod words;

use crate::model::{Blueprint, simulate};
use crate::protocol::InstrumentId;
use crate::scenario::Scenario;
use crate::trace::Names;

pub use choice::{ExchangeChoice, ExplainError};
pub use moments::{WrongMoment, moment_of};

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
    let names = Names::of(&blueprint);
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
fn user_of(choice: &ExchangeChoice, names: &Names) -> Result<Option<u32>, ExplainError> {
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
