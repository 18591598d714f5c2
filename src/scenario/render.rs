//! Errors as the terminal shows them.

use miette::{GraphicalReportHandler, GraphicalTheme};

use super::error::ScenarioError;

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
    let show = |diagnostic: &dyn miette::Diagnostic, text: &mut String| {
        handler.render_report(text, diagnostic).expect("writing to a String cannot fail");
    };
    let mut text = String::new();
    let ScenarioError::Invalid { mistakes, count, .. } = error else {
        show(error, &mut text);
        return text;
    };
    for mistake in mistakes.iter().take(MOST_SHOWN) {
        show(mistake, &mut text);
        text.push('\n');
    }
    let shown =
        if *count > MOST_SHOWN { format!(", of which the first {MOST_SHOWN} are shown") } else { String::new() };
    text + &format!("{error}{shown}.\n")
}
