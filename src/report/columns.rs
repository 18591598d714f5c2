//! Tables of text: columns below each other, by the room that letters take on a terminal.

use unicode_width::UnicodeWidthStr;

/// Rows with their columns below each other, two spaces apart, each with a line break; the first column is at least `first`
/// wide.
#[must_use]
pub(super) fn aligned(rows: &[Vec<String>], first: usize) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let widths = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width());
        widths.max().unwrap_or(0).max(if column == 0 { first } else { 0 })
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell}{}", " ".repeat(width - cell.width())));
        format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_whatever_the_script() {
        let rows = ["börse", "東京", "e\u{301}cole", "x"].map(|name| vec![name.to_owned(), "5".to_owned()]);
        let text = aligned(&rows, 0);
        let places: Vec<usize> = text.lines().map(|line| line.strip_suffix('5').expect("the number").width()).collect();
        assert_eq!(places, [7; 4], "{text}");
        assert_eq!(aligned(&rows[3..], 4), "x     5\n");
        assert_eq!(aligned(&[], 4), "");
    }
}
