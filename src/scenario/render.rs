//! Errors as the terminal shows them: whatever the texts in them are, no character steers the terminal but those that the
//! renderer itself writes for colours.

use std::fmt;
use std::sync::Arc;

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode};
use thiserror::Error;

use super::error::{Mistake, ScenarioError};
use crate::text::{Visible, visible};

/// More mistakes than this are counted, not shown.
const MOST_SHOWN: usize = 20;

/// The error as text for a terminal: each mistake with file, line, column, a caret and a remedy, then their number.
#[must_use]
pub fn render(error: &ScenarioError, color: bool, width: usize) -> String {
    let theme = if color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(width.max(40))
        .with_links(false)
        .with_break_words(false)
        .without_syntax_highlighting();
    let show = |shown: &Shown, text: &mut String| {
        handler.render_report(text, shown).expect("writing to a String cannot fail");
    };
    let mut text = String::new();
    let ScenarioError::Invalid { mistakes, count, .. } = error else {
        show(&Shown::of_error(error), &mut text);
        return text;
    };
    for mistake in mistakes.iter().take(MOST_SHOWN) {
        show(&Shown::of_mistake(mistake), &mut text);
        text.push('\n');
    }
    let shown =
        if *count > MOST_SHOWN { format!(", of which the first {MOST_SHOWN} are shown") } else { String::new() };
    text + &visible(&format!("{error}{shown}.\n"))
}

/// What is shown of an error, hidden characters escaped.
#[derive(Debug, Error)]
#[error("{message}")]
struct Shown {
    message: String,
    #[source]
    cause: Option<Cause>,
    help: String,
    labels: Vec<LabeledSpan>,
    text: Option<NamedSource<Arc<str>>>,
}

/// Why something went wrong.
#[derive(Debug, Error)]
#[error("{0}")]
struct Cause(String);

impl Shown {
    fn of_error(error: &ScenarioError) -> Self {
        let cause = std::error::Error::source(error).map(|cause| Cause(visible(&cause.to_string()).into_owned()));
        let help = error.help().expect("every error has a remedy");
        let (message, help) = (visible(&error.to_string()).into_owned(), visible(&help.to_string()).into_owned());
        Self { message, cause, help, labels: Vec::new(), text: None }
    }

    fn of_mistake(mistake: &Mistake) -> Self {
        let escaped = mistake.text.as_ref().and_then(|text| Visible::of(text.inner()));
        let label = |label: &LabeledSpan| {
            let place = |at: usize| escaped.as_ref().map_or(at, |escaped| escaped.place(at));
            let (from, to) = (label.offset(), label.offset() + label.len());
            let words = label.label().map(|words| visible(words).into_owned());
            LabeledSpan::new_with_span(words, place(from)..place(to))
        };
        let text = mistake.text.as_ref().map(|text| {
            let content = escaped.as_ref().map_or_else(|| text.inner().clone(), |escaped| escaped.text.as_str().into());
            NamedSource::new(visible(text.name()), content)
        });
        Self {
            message: visible(&mistake.to_string()).into_owned(),
            cause: None,
            help: visible(&mistake.help).into_owned(),
            labels: mistake.labels.iter().map(label).collect(),
            text,
        }
    }
}

impl Diagnostic for Shown {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.help))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.text.as_ref().map(|text| text as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}
