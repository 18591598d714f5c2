//! Text as HTML: whatever a text holds, it stays a text, and every element that is opened is closed.

use std::fmt::Write as _;

/// `text` as the content of an element or an attribute.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            letter => safe.push(letter),
        }
    }
    safe
}

/// The element `name` around `content`, which is markup. `name` may have attributes behind it.
pub(super) fn element(name: &str, content: &str) -> String {
    let tag = name.split_whitespace().next().unwrap_or(name);
    format!("<{name}>{content}</{tag}>")
}

/// The element `name` around a text.
pub(super) fn text(name: &str, content: &str) -> String {
    element(name, &escaped(content))
}

/// The element `name` around a text in which backticks enclose what is typed.
pub(super) fn prose(name: &str, content: &str) -> String {
    let parts: Vec<&str> = content.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return text(name, content);
    }
    let part = |(index, part): (usize, &&str)| if index % 2 == 1 { text("code", part) } else { escaped(part) };
    element(name, &parts.iter().enumerate().map(part).collect::<String>())
}

/// A place or a length in a drawing, to a tenth.
pub(super) fn px(length: f64) -> String {
    let tenths = libm::round(length * 10.0) / 10.0 + 0.0;
    tenths.to_string()
}

/// The places of a line as the description of a path.
pub(super) fn path(places: impl IntoIterator<Item = (f64, f64)>) -> String {
    let mut path = String::new();
    for (index, (x, y)) in places.into_iter().enumerate() {
        write!(path, "{}{} {}", if index == 0 { 'M' } else { 'L' }, px(x), px(y)).expect("writing into memory");
    }
    path
}

/// `count` of a noun.
pub(super) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backticks_come_in_pairs() {
        assert_eq!(prose("p", "run `a <b>` twice"), "<p>run <code>a &lt;b&gt;</code> twice</p>");
        assert_eq!(prose("p", "a ` b"), "<p>a ` b</p>");
    }

    #[test]
    fn texts_stay_texts() {
        assert_eq!(text("p class=\"a\"", "1 < 2 & \"3\""), "<p class=\"a\">1 &lt; 2 &amp; &quot;3&quot;</p>");
        assert_eq!([px(-0.04), px(12.0), px(2.3456)], ["0", "12", "2.3"]);
        assert_eq!(path([(0.0, 1.0), (2.5, 3.0)]), "M0 1L2.5 3");
    }
}
