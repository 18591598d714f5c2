//! A sequence diagram as text for the terminal: a column for each participant, and the time at the left.

use unicode_width::UnicodeWidthStr;

use super::diagram::{ArrowStyle, DiagramRow, RowContent, SequenceDiagram};

/// Columns of the time at the left.
const TIME: usize = 11;

/// The diagram should be no wider than this, if its participants let it.
const WIDTH: usize = 100;

/// Distances of two participants.
const GAPS: std::ops::RangeInclusive<usize> = 22..=36;

/// Draws the diagram below its story.
pub(super) fn text(diagram: &SequenceDiagram) -> String {
    let canvas = Canvas::of(diagram);
    let mut lines: Vec<String> = wrapped(&diagram.story, WIDTH);
    lines.push(String::new());
    lines.extend(canvas.heads(diagram));
    let mut in_background = false;
    for row in &diagram.rows {
        lines.extend(canvas.row(row, &mut in_background));
    }
    lines.push(canvas.line("", in_background, |_| {}));
    let trimmed = lines.iter().map(|line| line.trim_end().to_owned());
    trimmed.collect::<Vec<String>>().join("\n") + "\n"
}

struct Canvas {
    /// Where the lifelines are.
    columns: Vec<usize>,
    gap: usize,
    width: usize,
}

impl Canvas {
    fn of(diagram: &SequenceDiagram) -> Self {
        let count = diagram.participants.len();
        let gap = (WIDTH - TIME - 2 * 12) / count.saturating_sub(1).max(1);
        let gap = gap.clamp(*GAPS.start(), *GAPS.end());
        let first = TIME + gap / 2;
        let columns = (0..count).map(|at| first + at * gap).collect();
        Self { columns, gap, width: first + (count - 1) * gap + gap / 2 + 1 }
    }

    /// A line with all lifelines, onto which `draw` draws.
    fn line(&self, time: &str, in_background: bool, draw: impl FnOnce(&mut Vec<char>)) -> String {
        let mut cells = vec![' '; self.width];
        for (at, letter) in time.chars().take(TIME - 1).enumerate() {
            cells[at] = letter;
        }
        for column in &self.columns {
            cells[*column] = if in_background { '┊' } else { '│' };
        }
        draw(&mut cells);
        cells.into_iter().collect()
    }

    fn heads(&self, diagram: &SequenceDiagram) -> [String; 2] {
        let head = |text: &dyn Fn(usize) -> String| {
            let mut cells = vec![' '; self.width];
            for (at, column) in self.columns.iter().enumerate() {
                put(&mut cells, *column, self.gap - 1, &text(at));
            }
            cells.into_iter().collect::<String>()
        };
        [head(&|at| diagram.participants[at].name.clone()), head(&|at| format!("({})", diagram.participants[at].role))]
    }

    fn row(&self, row: &DiagramRow, in_background: &mut bool) -> Vec<String> {
        match &row.what {
            RowContent::Arrow { from, to, style, text } => {
                self.arrow(&row.time, (*from, *to), *style, text, *in_background)
            }
            RowContent::Note { over, text } => self.note(&row.time, *over, text, *in_background),
            RowContent::BackgroundBegins { text, .. } => {
                *in_background = true;
                vec![
                    self.line("", false, |_| {}),
                    self.line("", true, |cells| {
                        let middle = self.columns[0].midpoint(self.columns[self.columns.len() - 1]);
                        put(cells, middle, self.width - TIME, &format!(" {text} "));
                    }),
                ]
            }
            RowContent::BackgroundEnds => {
                *in_background = false;
                Vec::new()
            }
        }
    }

    fn arrow(
        &self,
        time: &str,
        (from, to): (usize, usize),
        style: ArrowStyle,
        text: &str,
        dotted: bool,
    ) -> Vec<String> {
        let (left, right) = (self.columns[from.min(to)], self.columns[from.max(to)]);
        let (middle, room) = (left.midpoint(right), right - left - 3);
        let mut lines = vec![self.line("", dotted, |_| {})];
        let words = wrapped(text, room);
        lines.extend(
            words.iter().map(|part| self.line("", dotted, |cells| put(cells, middle, room + 2, &format!(" {part} ")))),
        );
        lines.push(self.line(time, dotted, |cells| {
            let stroke = match style {
                ArrowStyle::Question | ArrowStyle::Push => '─',
                ArrowStyle::Answer | ArrowStyle::Acknowledgement | ArrowStyle::Lost => '╌',
            };
            cells[left + 1..right].fill(stroke);
            let is_lost = style == ArrowStyle::Lost;
            if from < to {
                cells[right - 1] = if is_lost { '✗' } else { '▶' };
            } else {
                cells[left + 1] = if is_lost { '✗' } else { '◀' };
            }
        }));
        lines
    }

    fn note(&self, time: &str, over: usize, text: &str, dotted: bool) -> Vec<String> {
        // The first column has the time at its left, and the others reach nearly to the next lifeline.
        let room = if over == 0 { self.gap - 4 } else { (2 * self.gap - 8).min(34) };
        let parts = wrapped(text, room);
        let widest = parts.iter().map(|part| part.width()).max().unwrap_or(0);
        let line = |(at, part): (usize, &String)| {
            let padded = format!("[ {part}{} ]", " ".repeat(widest - part.width()));
            self.line(if at == 0 { time } else { "" }, dotted, |cells| {
                put(cells, self.columns[over], room + 4, &padded);
            })
        };
        parts.iter().enumerate().map(line).collect()
    }
}

/// Writes a text into cells with its middle at `middle`, cut to `room`.
fn put(cells: &mut [char], middle: usize, room: usize, text: &str) {
    let letters: Vec<char> = text.chars().take(room.max(1)).collect();
    let first = middle.saturating_sub(letters.len() / 2);
    for (at, letter) in letters.into_iter().enumerate() {
        if let Some(cell) = cells.get_mut(first + at) {
            *cell = letter;
        }
    }
}

/// A text in lines of at most so many columns; longer words are cut.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        let word: String = if word.width() > width {
            word.chars().take(width.saturating_sub(1)).chain(['…']).collect()
        } else {
            word.to_owned()
        };
        match lines.last_mut() {
            Some(line) if line.width() + 1 + word.width() <= width => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_wrapped_at_words() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("incomprehensible", 6), ["incom…"]);
        assert_eq!(wrapped("", 6), [""]);
    }
}
