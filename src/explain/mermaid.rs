//! A sequence diagram in Mermaid, as Markdown pages show it: every text is free of what Mermaid reads as its own.

use super::diagram::{ArrowStyle, DiagramRow, Participant, RowContent, SequenceDiagram};

/// The colour behind what happens in the background, as in the documents of GTNet.
const BACKGROUND: &str = "rgb(230, 245, 255)";

/// The diagram in Mermaid; the story stands above it as a comment.
pub(super) fn text(diagram: &SequenceDiagram) -> String {
    let mut lines = vec!["sequenceDiagram".to_owned()];
    lines.push(format!("    %% {}", diagram.story.replace('%', "per cent")));
    lines.push("    autonumber".to_owned());
    for (at, Participant { name, role }) in diagram.participants.iter().enumerate() {
        lines.push(format!("    participant P{at} as {} ({role})", escaped(name)));
    }
    let mut is_inside = false;
    for row in &diagram.rows {
        lines.extend(row_lines(row, &mut is_inside));
    }
    lines.join("\n") + "\n"
}

fn row_lines(row: &DiagramRow, is_inside: &mut bool) -> Vec<String> {
    let indent = if *is_inside { "        " } else { "    " };
    match &row.what {
        RowContent::Arrow { from, to, style, text } => {
            let arrow = match style {
                ArrowStyle::Question => "->>",
                ArrowStyle::Answer => "-->>",
                ArrowStyle::Push => "-)",
                ArrowStyle::Acknowledgement => "--)",
                ArrowStyle::Lost => "--x",
            };
            vec![format!("{indent}P{from}{arrow}P{to}: {} ({})", escaped(text), row.time)]
        }
        RowContent::Note { over, text } => vec![format!("{indent}Note over P{over}: {}", broken(&escaped(text)))],
        RowContent::BackgroundBegins { between: (left, right), text } => {
            *is_inside = true;
            vec![format!("    rect {BACKGROUND}"), format!("        Note over P{left},P{right}: {}", escaped(text))]
        }
        RowContent::BackgroundEnds => {
            *is_inside = false;
            vec!["    end".to_owned()]
        }
    }
}

/// A remark on several lines, one for each of its parts.
fn broken(text: &str) -> String {
    text.replace("#59; ", ",<br/>")
}

/// A text without what Mermaid reads as the end of a statement or of an entity.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '#' => escaped.push_str("#35;"),
            ';' => escaped.push_str("#59;"),
            '<' => escaped.push_str("#lt;"),
            '>' => escaped.push_str("#gt;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_a_statement() {
        assert_eq!(escaped("a; b # <c>"), "a#59; b #35; #lt;c#gt;");
        assert_eq!(broken(&escaped("a updated; b still open")), "a updated,<br/>b still open");
    }
}
