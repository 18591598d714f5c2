//! Texts as a terminal may show them: a character that would steer the terminal, or change the order in which a line is read,
//! is shown by its escape (`\u001b`), so that nobody's text passes for the program's.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether `c` would not be seen as a character of its own: it is a control character, ends a line, or directs the order of
/// writing.
pub(crate) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// `text` with an escape for every hidden character but tabs and the ends of its lines; JSON and TOML read it as the same.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    match Visible::of(text) {
        None => Cow::Borrowed(text),
        Some(visible) => Cow::Owned(visible.text),
    }
}

/// A text with escapes, and where its parts are.
pub(crate) struct Visible {
    pub(crate) text: String,
    /// Where each escape ends in the original text, and by how much what follows is shifted [bytes]; ascending.
    shifts: Vec<(usize, usize)>,
}

impl Visible {
    /// `None` if the text can be shown as it is.
    pub(crate) fn of(text: &str) -> Option<Self> {
        if is_plain_ascii(text) || !text.char_indices().any(|(at, c)| must_be_escaped(text, at, c)) {
            return None;
        }
        let mut visible = Self { text: String::with_capacity(text.len() + 64), shifts: Vec::new() };
        for (at, c) in text.char_indices() {
            if must_be_escaped(text, at, c) {
                // All hidden characters have four digits.
                write!(visible.text, "\\u{:04x}", u32::from(c)).expect("writing to a String cannot fail");
                let end = at + c.len_utf8();
                visible.shifts.push((end, visible.text.len() - end));
            } else {
                visible.text.push(c);
            }
        }
        Some(visible)
    }

    /// Where the byte `at` of the original text is.
    pub(crate) fn place(&self, at: usize) -> usize {
        let before = self.shifts.partition_point(|(end, _)| *end <= at);
        before.checked_sub(1).map_or(at, |last| at + self.shifts[last].1)
    }
}

/// Most texts are, and it is quickly told.
fn is_plain_ascii(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\t'))
}

fn must_be_escaped(text: &str, at: usize, c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        // The end of a line of a file that was written on Windows.
        '\r' => !text[at + 1..].starts_with('\n'),
        c => is_hidden(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_steers_the_terminal_is_shown_by_its_escape() {
        assert_eq!(visible("\u{1b}[2J\u{7}"), "\\u001b[2J\\u0007");
        assert_eq!(visible("a\u{202e}b\u{9b}c\u{7f}"), "a\\u202eb\\u009bc\\u007f");
        assert_eq!(visible("over\rwritten\r\n"), "over\\u000dwritten\r\n");
        assert!(matches!(visible("Zürich → 5 €\n\ttab"), Cow::Borrowed(_)));
        assert_eq!(
            serde_json::from_str::<String>(&visible("\"\u{7f}\u{202e}\"")).ok().as_deref(),
            Some("\u{7f}\u{202e}")
        );
    }

    proptest! {
        #[test]
        fn nothing_hidden_is_left_and_places_are_kept(text in "[a-z\\x00-\\x1f\\x7f-\\u{9f}ü\u{2028}-\u{202e}€]{0,40}") {
            let shown = visible(&text);
            prop_assert!(!shown.replace("\r\n", "\n").chars().any(|c| is_hidden(c) && !matches!(c, '\n' | '\t')));
            if let Some(visible) = Visible::of(&text) {
                for (at, c) in text.char_indices().filter(|(at, c)| !must_be_escaped(&text, *at, *c)) {
                    prop_assert!(visible.text[visible.place(at)..].starts_with(c));
                }
                prop_assert_eq!(visible.place(text.len()), visible.text.len());
            }
        }
    }
}
