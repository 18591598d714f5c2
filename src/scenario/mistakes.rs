//! The mistakes found so far: the first ones in the order of the texts are kept, however many there are, and all are counted.

use std::collections::BTreeMap;

use super::error::Problem;
use super::source::Spot;

/// At most so many mistakes are kept; nobody reads more before mending the first.
const MOST_KEPT: usize = 100;

/// A place with the few words that stand beside the caret.
pub(super) type Label = (Option<Spot>, String);

/// Proof that a mistake is noted. Only [`Mistakes`] can make one, so a reader that fails with it has told the user why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Noted(());

/// A value that was read, or the proof that the mistake which prevents it is noted.
pub(super) type OrNoted<T> = Result<T, Noted>;

/// A mistake: what is wrong, where, and what to do about it.
#[derive(Debug)]
pub(super) struct Note {
    pub(super) problem: Problem,
    pub(super) labels: Vec<Label>,
    /// What to do about it; not empty.
    pub(super) help: String,
}

impl Note {
    /// Where it is: the first label that has a place.
    pub(super) fn spot(&self) -> Option<&Spot> {
        self.labels.iter().find_map(|(spot, _)| spot.as_ref())
    }
}

/// Text and byte at which a mistake is; mistakes without a place come last.
type Position = (usize, usize);

fn place(spot: Option<&Spot>) -> Position {
    spot.map_or((usize::MAX, 0), |spot| (spot.text, spot.span.start))
}

/// Mistakes in the order of the texts, and of the same place in the order in which they were noted.
#[derive(Debug, Default)]
pub(super) struct Mistakes {
    kept: BTreeMap<(Position, usize), Note>,
    count: usize,
    /// How many are promised by [`Mistakes::owe`] and not yet noted.
    owed: usize,
}

impl Mistakes {
    /// How many were noted. Those that are not kept are counted as often as they were noted.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Whether a mistake at `spot` would be kept.
    fn has_room(&self, spot: Option<&Spot>) -> bool {
        let last = self.kept.last_key_value().filter(|_| self.kept.len() >= MOST_KEPT);
        last.is_none_or(|((last, _), _)| place(spot) < *last)
    }

    /// Notes a mistake at `spot`, unless it is noted already. `make` is called only if the mistake may be kept.
    ///
    /// # Panics
    ///
    /// If the note has no help: every mistake comes with a remedy.
    pub(super) fn note(&mut self, spot: Option<&Spot>, make: impl FnOnce() -> Note) -> Noted {
        if !self.has_room(spot) {
            self.count += 1;
            return Noted(());
        }
        let note = make();
        assert!(!note.help.trim().is_empty(), "no remedy for: {}", note.problem);
        let at = place(note.spot());
        // Many points of a study may have the same mistake.
        let is_known = |known: &Note| known.spot() == note.spot() && known.problem == note.problem;
        if self.kept.range((at, 0)..=(at, usize::MAX)).any(|(_, known)| is_known(known)) {
            return Noted(());
        }
        self.kept.insert((at, self.count), note);
        self.count += 1;
        if self.kept.len() > MOST_KEPT {
            self.kept.pop_last();
        }
        Noted(())
    }

    /// `Ok` if no mistake is noted.
    pub(super) fn none(&self) -> OrNoted<()> {
        if self.count == 0 { Ok(()) } else { Err(Noted(())) }
    }

    /// Promises to note a mistake together with others: [`Mistakes::settle`] must follow.
    pub(super) fn owe(&mut self) -> Noted {
        self.owed += 1;
        Noted(())
    }

    /// Declares that `number` of the owed mistakes have been noted.
    pub(super) fn settle(&mut self, number: usize) {
        self.owed -= number;
    }

    /// The mistakes that are kept, in the order of the texts.
    ///
    /// # Panics
    ///
    /// If a mistake is still owed: its proof would be wrong.
    pub(super) fn into_kept(self) -> impl Iterator<Item = Note> {
        assert_eq!(self.owed, 0, "a mistake was promised, but not noted");
        self.kept.into_values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(at: usize, key: &str) -> Note {
        let spot = Spot { text: 0, span: at..at + 1 };
        let problem = Problem::UnknownTable { key: key.to_owned() };
        Note { problem, labels: vec![(Some(spot), String::new())], help: "mend it".to_owned() }
    }

    fn add(mistakes: &mut Mistakes, at: usize, key: &str) {
        mistakes.note(Some(&Spot { text: 0, span: at..at + 1 }), || note(at, key));
    }

    #[test]
    fn the_first_in_the_text_are_kept_in_whatever_order_they_are_found() {
        let mut mistakes = Mistakes::default();
        for at in (0..100_000).rev() {
            add(&mut mistakes, at, "a");
        }
        assert_eq!(mistakes.count(), 100_000);
        let starts: Vec<usize> = mistakes.into_kept().map(|note| note.spot().expect("a place").span.start).collect();
        assert_eq!(starts, (0..MOST_KEPT).collect::<Vec<_>>());
    }

    #[test]
    fn what_is_not_kept_is_not_worked_out() {
        let mut mistakes = Mistakes::default();
        let mut made = 0;
        for at in 0..100_000 {
            let spot = Spot { text: 0, span: at..at + 1 };
            mistakes.note(Some(&spot), || {
                made += 1;
                note(at, "a")
            });
        }
        assert_eq!((made, mistakes.count()), (MOST_KEPT, 100_000));
    }

    #[test]
    fn the_same_mistake_counts_once_and_two_at_one_place_twice() {
        let mut mistakes = Mistakes::default();
        for key in ["a", "a", "b", "a"] {
            add(&mut mistakes, 7, key);
        }
        assert_eq!(mistakes.count(), 2);
        let problems: Vec<String> = mistakes.into_kept().map(|note| note.problem.to_string()).collect();
        assert_eq!(problems, ["a scenario has no table `[a]`", "a scenario has no table `[b]`"]);
    }
}
