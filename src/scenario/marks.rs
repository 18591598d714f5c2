//! The assumptions that a scenario's author marks as such, in comments: what is written on the line, and why. A value that
//! something else replaces is no longer marked.

use super::source::ValueSource;

/// The word with which a comment marks an assumption.
const MARK: &str = "assumption";

/// A line of a scenario that its author marks as an assumption.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkedLine {
    /// Where it is written.
    pub source: ValueSource,
    /// What is written there, such as `loss = 0.001`.
    pub written: String,
    /// What its author says of it; empty if he only says that it is one.
    pub remark: String,
}

/// The marked lines of `text`; `source` says where a line is. The comment is behind the value, or stands above it.
pub(super) fn marked_lines(text: &str, source: &dyn Fn(usize) -> ValueSource) -> Vec<MarkedLine> {
    let mut found = Vec::new();
    let mut above: Vec<&str> = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let (code, comment) = divided(line);
        let code = code.trim();
        if code.is_empty() {
            match comment {
                Some(comment) => above.push(comment),
                None => above.clear(),
            }
            continue;
        }
        let standing_above = std::mem::take(&mut above);
        let is_value = code.contains('=') && !code.starts_with('[');
        let remark = comment.and_then(|comment| remark(&[comment])).or_else(|| remark(&standing_above));
        if let Some(remark) = remark.filter(|_| is_value) {
            found.push(MarkedLine { source: source(number), written: whole(code), remark });
        }
    }
    found
}

/// What the lines of a comment say of an assumption; `None` if they mark none.
fn remark(lines: &[&str]) -> Option<String> {
    let begins = |line: &&str| line.get(..MARK.len()).is_some_and(|word| word.eq_ignore_ascii_case(MARK));
    let lines: Vec<&str> = lines.iter().map(|line| line.trim()).skip_while(|line| !begins(line)).collect();
    let joined = lines.join(" ");
    let rest = joined.get(MARK.len()..)?;
    // "Assumptions follow" is about others.
    let ends = rest.chars().next().is_none_or(|next| !next.is_alphanumeric());
    ends.then(|| rest.trim_start_matches([':', ';', ',']).trim().trim_end_matches('.').to_owned())
}

/// What is written on a line, and the comment behind it.
fn divided(line: &str) -> (&str, Option<&str>) {
    let mut quote = None;
    let mut is_escaped = false;
    for (at, letter) in line.char_indices() {
        match (quote, letter) {
            (None, '#') => return (&line[..at], Some(line[at + 1..].trim())),
            (None, '"' | '\'') => quote = Some(letter),
            (Some('"'), '\\') if !is_escaped => {
                is_escaped = true;
                continue;
            }
            (Some(open), letter) if open == letter && !is_escaped => quote = None,
            _ => {}
        }
        is_escaped = false;
    }
    (line, None)
}

/// `code`, with a sign if the value goes on below.
fn whole(code: &str) -> String {
    if code.ends_with(['[', '{', ',']) { format!("{code} …") } else { code.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(text: &str) -> Vec<(usize, String, String)> {
        let lines = marked_lines(text, &|line| ValueSource::File { line });
        let told = |line: MarkedLine| {
            let ValueSource::File { line: number } = line.source else { panic!("the file's own") };
            (number, line.written, line.remark)
        };
        lines.into_iter().map(told).collect()
    }

    #[test]
    fn comments_behind_and_above_mark_a_value() {
        let text = "# Assumption: of nothing, as a line is empty\n\n[network]\nloss = 0.001  # assumption: one in \"a\" thousand\n\
                    # Not this one.\n# Assumption: a small\n# server.\nworkers = 4\ncores = 4 # assumption\ncolour = \"# assumption\"\n\
                    # assumption of a table\n[group.hub]\ncount = 1\nseed = 1 # assumptions are elsewhere\nlist = [ # assumption; long\n1]\n";
        let expected = [
            (4, "loss = 0.001", "one in \"a\" thousand"),
            (8, "workers = 4", "a small server"),
            (9, "cores = 4", ""),
            (15, "list = [ …", "long"),
        ];
        let expected = expected.map(|(line, written, remark)| (line, written.to_owned(), remark.to_owned()));
        assert_eq!(marked(text), expected);
    }

    #[test]
    fn quotes_hide_the_sign_of_a_comment() {
        assert_eq!(divided(r#"a = "\" # b" # c"#), (r#"a = "\" # b" "#, Some("c")));
        assert_eq!(divided("a = '# b'"), ("a = '# b'", None));
        assert_eq!(divided("# é"), ("", Some("é")));
    }
}
