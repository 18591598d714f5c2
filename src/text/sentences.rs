//! Parts of sentences: lists, beginnings, and numbers apart from their units.

/// What is listed in a sentence: `one, another and a third`.
pub(crate) fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [others @ .., last] => format!("{} and {last}", others.join(", ")),
    }
}

/// `text` as the beginning of a sentence.
pub(crate) fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A name that a user has chosen, in quotation marks: `“both”`.
pub(crate) fn quoted(name: &str) -> String {
    format!("\u{201c}{name}\u{201d}")
}

/// A number and its unit with a space between them: `25min` as `25 min`, `200us` as `200 µs`.
pub(crate) fn spaced(text: &str) -> String {
    let split = text.find(|letter: char| letter.is_ascii_alphabetic()).unwrap_or(text.len());
    let unit = if &text[split..] == "us" { "µs" } else { &text[split..] };
    format!("{} {unit}", &text[..split])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_listed_as_people_do() {
        let list = |items: &[&str]| listed(&items.iter().map(|item| (*item).to_owned()).collect::<Vec<_>>());
        assert_eq!(list(&["one", "another", "a third"]), "one, another and a third");
        assert_eq!([list(&["one"]), list(&[])], ["one", ""]);
        assert_eq!((capitalised("each"), spaced("25min")), ("Each".to_owned(), "25 min".to_owned()));
        assert_eq!(quoted("both"), "“both”");
        assert_eq!(spaced("200us"), "200 µs");
    }
}
