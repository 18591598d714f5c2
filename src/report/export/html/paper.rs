//! Which pictures are printed with the summary, so that it takes two pages; the others are for the screen.

use crate::report::page::Page;
use crate::report::parts::MeasureRow;

/// Height of a page \[units of the drawings\], and what the parts behind the pictures take of the second one.
const PAGE: f64 = 1_600.0;
const BEHIND: f64 = 700.0;

/// So many pictures are enough for a summary.
const ENOUGH: usize = 2;

/// What headings take, a row of the table, another line of it, a letter of the answer, and all around a picture.
const HEADINGS: f64 = 250.0;
const ROW: f64 = 40.0;
const LINE: f64 = 24.0;
const LETTER: f64 = 0.4;
const AROUND: f64 = 170.0;

/// The room that is left on two pages \[units of the drawings\].
#[derive(Clone, Copy, Debug)]
pub(super) struct Paper {
    first: f64,
    second: f64,
    pictures: usize,
}

impl Paper {
    /// The room beside the answer and the table of `page`.
    pub(super) fn of(page: &Page) -> Self {
        let letters: usize = page.answer.iter().map(|paragraph| paragraph.chars().count()).sum();
        let rows = page.measures.rows.iter().take(super::ROWS_PRINTED);
        let has_notes = |row: &MeasureRow| row.cells.iter().any(|cell| !cell.note.is_empty());
        let table: f64 = rows.map(|row| if has_notes(row) { ROW + LINE } else { ROW }).sum();
        Self { first: PAGE - HEADINGS - LETTER * letters as f64 - table, second: PAGE - BEHIND, pictures: 0 }
    }

    /// Whether a picture of this height still has room, which it then takes. What follows comes behind it.
    pub(super) fn takes(&mut self, height: f64) -> bool {
        let needed = height + AROUND;
        if self.pictures == ENOUGH || needed > self.first.max(self.second) {
            return false;
        }
        self.pictures += 1;
        if needed <= self.first {
            self.first -= needed;
        } else {
            (self.first, self.second) = (0.0, self.second - needed);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_fill_the_first_page_and_then_the_second() {
        let taken = |heights: [f64; 4]| {
            let mut paper = Paper { first: 600.0, second: 1_000.0, pictures: 0 };
            heights.map(|height| paper.takes(height))
        };
        assert_eq!(taken([400.0, 900.0, 500.0, 100.0]), [true, false, true, false]);
        assert_eq!(taken([500.0, 400.0, 100.0, 100.0]), [true, false, true, false], "what follows comes behind it");
    }
}
