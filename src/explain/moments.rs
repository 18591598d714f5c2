//! A moment of a run as people write it: a date, or the time since the run began.

use thiserror::Error;

use crate::scenario::Scenario;
use crate::time::SimDuration;

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
    /// The run ends earlier.
    #[error("`{text}` is after the run ends\n  help: it ends at {end}")]
    TooLate {
        /// The text.
        text: String,
        /// When the run ends.
        end: String,
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
    let (start, lasts) = (scenario.world().start, scenario.world().duration);
    let (owned, shown) = (text.to_owned(), start.to_string());
    let days = jiff::SpanRelativeTo::days_are_24_hours();
    let nanos = match text.parse::<jiff::Timestamp>() {
        Ok(date) => Some(date.as_nanosecond() - i128::from(start.as_unix_nanos())),
        Err(_) => text.parse::<jiff::Span>().ok().and_then(|span| Some(span.to_duration(days).ok()?.as_nanos())),
    };
    let Some(nanos) = nanos else { return Err(WrongMoment::Unreadable { text: owned, start: shown }) };
    match u64::try_from(nanos) {
        Ok(nanos) if nanos <= lasts.as_nanos() => Ok(SimDuration::from_nanos(nanos)),
        _ if nanos < 0 => Err(WrongMoment::TooEarly { text: owned, start: shown }),
        _ => Err(WrongMoment::TooLate { text: owned, end: (start + lasts).to_string() }),
    }
}
