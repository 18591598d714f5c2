//! A moment of a run as people write it: a date, or the time since the run began.

use thiserror::Error;

use crate::scenario::Scenario;
use crate::time::SimDuration;

/// Longest time since the start that is read \[s\]: beyond every run.
const MOST_S: f64 = 1e9;

/// A text that names no moment of the run.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum WrongMoment {
    /// It is neither a date nor a time.
    #[error(
        "`{text}` is no moment\n  help: write a date, such as {start}, or the time since the run began, such as `1d 9h 30m`"
    )]
    Unreadable {
        /// The text.
        text: String,
        /// When the run begins.
        start: String,
    },
    /// The run begins later.
    #[error("`{text}` is before the run begins\n  help: it begins at {start}")]
    TooEarly {
        /// The text.
        text: String,
        /// When the run begins.
        start: String,
    },
}

/// How long after the start of a scenario's run a moment is.
///
/// # Errors
///
/// See [`WrongMoment`].
pub fn moment_of(text: &str, scenario: &Scenario) -> Result<SimDuration, WrongMoment> {
    let start = scenario.world().start;
    let (text_owned, shown) = (text.to_owned(), start.to_string());
    if let Ok(date) = text.parse::<jiff::Timestamp>() {
        let nanos = date.as_nanosecond() - i128::from(start.as_unix_nanos());
        return match u64::try_from(nanos) {
            Ok(nanos) => Ok(SimDuration::from_nanos(nanos)),
            Err(_) => Err(WrongMoment::TooEarly { text: text_owned, start: shown }),
        };
    }
    let days = jiff::SpanRelativeTo::days_are_24_hours();
    let seconds = text.parse::<jiff::Span>().ok().and_then(|span| span.total((jiff::Unit::Second, days)).ok());
    match seconds {
        Some(seconds) if (0.0..=MOST_S).contains(&seconds) => Ok(SimDuration::from_secs_f64(seconds)),
        Some(_) => Err(WrongMoment::TooEarly { text: text_owned, start: shown }),
        None => Err(WrongMoment::Unreadable { text: text_owned, start: shown }),
    }
}
