//! Texts of users as messages show them: short ones whole, and of long ones the beginning and the end.

use std::borrow::Cow;

/// Longer messages are cut [characters].
const LONGEST: usize = 600;

/// A long message is shown with so much of its beginning, and so much of its end, where the reason stands [characters].
const SHOWN: (usize, usize) = (400, 150);

/// `text`, without its middle if it is long.
pub(super) fn excerpt(text: &str) -> Cow<'_, str> {
    // A text may have megabytes: only what is shown is looked at.
    if text.len() <= LONGEST || text.chars().nth(LONGEST).is_none() {
        return Cow::Borrowed(text);
    }
    let begin = text.char_indices().nth(SHOWN.0).map_or(text.len(), |(at, _)| at);
    let end = text.char_indices().rev().nth(SHOWN.1 - 1).map_or(0, |(at, _)| at);
    Cow::Owned(format!("{} … {}", &text[..begin], &text[end..]))
}

/// The same for each line of `text`.
pub(super) fn excerpt_of_lines(text: &str) -> String {
    text.split('\n').map(excerpt).collect::<Vec<_>>().join("\n")
}

/// A message of the parser, which may quote line breaks.
pub(super) fn one_line(message: &str) -> String {
    message.chars().filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_lose_their_middle_only() {
        let short = "ü".repeat(LONGEST);
        assert_eq!(excerpt(&short), short);
        let long = format!("`{}`, but must be 1", "ü".repeat(1_000_000));
        let shown = excerpt(&long);
        assert!(shown.starts_with("`üü") && shown.ends_with("ü`, but must be 1"), "{shown}");
        assert!(shown.chars().count() <= LONGEST);
    }

    #[test]
    fn lines_are_cut_one_by_one() {
        let text = format!("add:\n{}\nend", "x".repeat(10_000));
        let shown = excerpt_of_lines(&text);
        assert!(shown.starts_with("add:\nxxx") && shown.ends_with("x\nend"), "{shown}");
        assert!(shown.len() < 1_000);
    }
}
