//! A sequence diagram as a picture: readable at its own size, in light and in dark, with a title and a description for who does not
//! see it.

use std::fmt::Write as _;

use super::diagram::{ArrowStyle, DiagramRow, Participant, RowContent, SequenceDiagram};
use super::terminal::wrapped;

/// Distance of two participants, and of the first one from the left \[px\].
const GAP: usize = 230;
const LEFT: usize = 190;
const HEAD: usize = 88;
/// Height of a line of text \[px\].
const LINE: usize = 17;
/// Letters that fit between two participants, and into a note.
const LETTERS: usize = 30;

const STYLE: &str = "\
svg{background:#fff;font:13px 'DejaVu Sans',Verdana,sans-serif}\
text{fill:#222}.time{fill:#666;font-size:11px}.role{fill:#666;font-size:11px}\
.head{fill:#eef3f8;stroke:#7a8ea3}.life{stroke:#b5c0cb;stroke-dasharray:3 4}\
.note{fill:#fdf6e3;stroke:#d8c996}.back{fill:#e6f5ff}\
.arrow{stroke:#1f4e79;stroke-width:1.4;fill:none}.answer{stroke-dasharray:5 4}.lost{stroke:#a33;stroke-dasharray:5 4}\
.tip{fill:#1f4e79}.cross{stroke:#a33;stroke-width:1.6}\
@media(prefers-color-scheme:dark){svg{background:#15191e}text{fill:#e4e7eb}.time,.role{fill:#9aa5b1}\
.head{fill:#243140;stroke:#5c7590}.life{stroke:#4a5563}.note{fill:#39331f;stroke:#7a6c3a}.back{fill:#1c2f40}\
.arrow{stroke:#8ec5f4}.tip{fill:#8ec5f4}.lost,.cross{stroke:#f08c8c}}";

/// The diagram as a picture.
pub(super) fn text(diagram: &SequenceDiagram) -> String {
    let mut body = String::new();
    let mut background: Option<usize> = None;
    let mut backs = String::new();
    let mut y = HEAD + 34;
    let width = LEFT + (diagram.participants.len() - 1) * GAP + 130;
    for row in &diagram.rows {
        match &row.what {
            RowContent::BackgroundBegins { .. } => background = Some(y - 14),
            RowContent::BackgroundEnds => {
                if let Some(top) = background.take() {
                    let _ = writeln!(
                        backs,
                        "<rect class=\"back\" x=\"80\" y=\"{top}\" width=\"{}\" height=\"{}\" rx=\"4\"/>",
                        width - 90,
                        y - top
                    );
                }
                y += 8;
            }
            RowContent::Arrow { .. } | RowContent::Note { .. } => {}
        }
        y = draw(row, y, &mut body);
    }
    let height = y + 20;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\n\
         <title>{}</title>\n<desc>{}</desc>\n<style>{STYLE}</style>\n{backs}",
        escaped(&diagram.title),
        escaped(&diagram.story)
    );
    for (at, Participant { name, role }) in diagram.participants.iter().enumerate() {
        let x = column(at);
        let _ = write!(
            svg,
            "<line class=\"life\" x1=\"{x}\" y1=\"{HEAD}\" x2=\"{x}\" y2=\"{}\"/>\n\
             <rect class=\"head\" x=\"{}\" y=\"40\" width=\"190\" height=\"44\" rx=\"4\"/>\n\
             <text x=\"{x}\" y=\"58\" text-anchor=\"middle\">{}</text>\n\
             <text class=\"role\" x=\"{x}\" y=\"75\" text-anchor=\"middle\">{role}</text>\n",
            height - 10,
            x - 95,
            escaped(&cut(name))
        );
    }
    let _ =
        writeln!(svg, "<text x=\"20\" y=\"24\" font-weight=\"bold\">{}</text>\n{body}</svg>", escaped(&diagram.title));
    svg
}

/// Draws a row below `y`; returns where the next one begins.
fn draw(row: &DiagramRow, y: usize, body: &mut String) -> usize {
    match &row.what {
        RowContent::Arrow { from, to, style, text } => {
            let (left, right) = (column(*from.min(to)), column(*from.max(to)));
            let letters = LETTERS * (right - left) / GAP;
            let y = write_lines(&wrapped(text, letters), (left.midpoint(right), y), body);
            let (begin, end) = (column(*from), column(*to));
            let class = match style {
                ArrowStyle::Question | ArrowStyle::Push => "arrow",
                ArrowStyle::Answer | ArrowStyle::Acknowledgement => "arrow answer",
                ArrowStyle::Lost => "arrow lost",
            };
            let _ = writeln!(body, "<line class=\"{class}\" x1=\"{begin}\" y1=\"{y}\" x2=\"{end}\" y2=\"{y}\"/>");
            let back = if end > begin { end - 9 } else { end + 9 };
            if *style == ArrowStyle::Lost {
                let (near, far) = (back.min(end), back.max(end));
                let _ = writeln!(
                    body,
                    "<path class=\"cross\" d=\"M{near} {0}L{far} {1}M{near} {1}L{far} {0}\"/>",
                    y - 5,
                    y + 5
                );
            } else {
                let _ = writeln!(body, "<path class=\"tip\" d=\"M{end} {y}L{back} {}L{back} {}z\"/>", y - 4, y + 4);
            }
            write_time(&row.time, y, body);
            y + 26
        }
        RowContent::Note { over, text } => {
            let lines = wrapped(text, LETTERS - 2);
            let (x, height) = (column(*over), lines.len() * LINE + 8);
            let top = y - 12;
            let _ = writeln!(
                body,
                "<rect class=\"note\" x=\"{}\" y=\"{top}\" width=\"210\" height=\"{height}\" rx=\"2\"/>",
                x - 105
            );
            write_time(&row.time, y + 3, body);
            write_lines(&lines, (x, y + 4), body);
            top + height + 24
        }
        RowContent::BackgroundBegins { between: (left, right), text } => {
            let middle = column(*left).midpoint(column(*right));
            write_lines(std::slice::from_ref(text), (middle, y + 4), body) + 14
        }
        RowContent::BackgroundEnds => y,
    }
}

/// Writes lines of text around a middle; returns the height below them.
fn write_lines(lines: &[String], (x, y): (usize, usize), body: &mut String) -> usize {
    for (at, line) in lines.iter().enumerate() {
        let _ =
            writeln!(body, "<text x=\"{x}\" y=\"{}\" text-anchor=\"middle\">{}</text>", y + at * LINE, escaped(line));
    }
    y + lines.len() * LINE - LINE + 7
}

fn write_time(time: &str, y: usize, body: &mut String) {
    let _ =
        writeln!(body, "<text class=\"time\" x=\"72\" y=\"{}\" text-anchor=\"end\">{}</text>", y + 4, escaped(time));
}

fn column(at: usize) -> usize {
    LEFT + at * GAP
}

fn cut(name: &str) -> String {
    wrapped(name, 24).into_iter().next().unwrap_or_default()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
