//! The report as Markdown, for a design document: the paragraph, the table and the chart, and no more.

use crate::record::ResultFile;
use crate::report::document::Document;
use crate::report::page::{Page, PageFigure};
use crate::report::parts::{MeasureCell, MeasureTable};

use super::Exporter;

/// The report as Markdown.
pub(super) struct Markdown;

/// Name of the file.
pub(in crate::report) const MARKDOWN_FILE: &str = "report.md";

/// So many pictures go into a design document.
const FIGURES_SHOWN: usize = 2;

impl Exporter for Markdown {
    fn export(&self, document: &Document<'_>) -> Vec<ResultFile> {
        vec![ResultFile { name: MARKDOWN_FILE.to_owned(), bytes: markdown(&Page::of(document)).into_bytes() }]
    }
}

/// A page as Markdown.
pub(in crate::report) fn markdown(page: &Page) -> String {
    let mut parts = vec![format!("# {}", safe(&page.question))];
    let answer = page.answer.iter().enumerate();
    parts.extend(answer.map(|(index, told)| if index == 0 { format!("**{}**", safe(told)) } else { safe(told) }));
    parts.push(table(&page.measures));
    parts.push(safe(&page.measures.caption));
    parts.extend(page.figures().take(FIGURES_SHOWN).map(picture));
    if !page.assumptions.is_empty() {
        let count = page.assumptions.len();
        let values = if count == 1 { "value" } else { "values" };
        parts.push(format!("The scenario marks {count} {values} as assumptions; report.html lists them."));
    }
    parts.push(format!("Not simulated:\n\n{}", list(&page.omissions)));
    let digests: Vec<&str> = page.reproduction.points.iter().map(|point| point.digest.as_str()).collect();
    let digest = match digests.as_slice() {
        [one] => format!("; digest `{one}`"),
        _ => String::from("; points.csv has the digests"),
    };
    let seed = page.reproduction.points.first().map_or_else(String::new, |point| format!(", seed {}", point.seed));
    parts.push(format!("gtnet-sim {}{seed}{digest}:\n\n    {}", page.version, page.reproduction.command));
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("\n\n") + "\n"
}

fn table(table: &MeasureTable) -> String {
    if table.rows.is_empty() {
        return String::new();
    }
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let titles: Vec<String> = table.columns.iter().map(|title| in_cell(&title.text)).collect();
    let rules: Vec<String> = titles.iter().map(|_| "---".to_owned()).collect();
    let cell = |cell: &MeasureCell| {
        let note = if cell.note.is_empty() { String::new() } else { format!(" ({})", cell.note) };
        in_cell(&format!("{}{note}", cell.text))
    };
    let rows = table.rows.iter().map(|row| {
        let cells: Vec<String> = std::iter::once(in_cell(&row.title.text)).chain(row.cells.iter().map(cell)).collect();
        line(&cells)
    });
    let text = line(&titles) + &line(&rules) + &rows.collect::<String>();
    text.trim_end().to_owned()
}

fn picture(figure: &PageFigure) -> String {
    let title = safe(&figure.title);
    format!("![{title}](charts/{}.svg)\n\n{}", figure.name, safe(&figure.finding))
}

fn list(items: &[String]) -> String {
    items.iter().map(|item| format!("- {}", safe(item))).collect::<Vec<_>>().join("\n")
}

fn in_cell(text: &str) -> String {
    safe(text).replace('|', "\\|")
}

/// `text` without anything that Markdown or HTML would take for markup. Code between backticks stays code, in which nothing is
/// markup.
fn safe(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let has_pairs = text.matches('`').count().is_multiple_of(2);
    let mut is_code = false;
    for letter in text.chars() {
        is_code ^= letter == '`' && has_pairs;
        match letter {
            letter if is_code && letter != '\n' => safe.push(letter),
            '<' => safe.push_str("&lt;"),
            '\\' | '*' | '_' | '[' | ']' | '#' => safe.extend(['\\', letter]),
            '\n' => safe.push(' '),
            letter => safe.push(letter),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_texts_is_text() {
        assert_eq!(safe("a_b *c* <d> [e] `f`"), "a\\_b \\*c\\* &lt;d> \\[e\\] `f`");
        assert_eq!(safe("rules (`a_b = [1]`), c_d"), "rules (`a_b = [1]`), c\\_d");
        assert_eq!(safe("a ` b_c"), "a ` b\\_c");
        assert_eq!(in_cell("a|b\nc"), "a\\|b c");
    }
}
