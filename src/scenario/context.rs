//! What the readers of all sections share: the texts, the mistakes found so far, and the values resolved so far.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use miette::{LabeledSpan, NamedSource};

use super::error::{Mistake, Problem, ScenarioError};
use super::excerpt::excerpt_of_lines;
use super::folder::{self, DataFiles};
use super::limits;
use super::marks::MarkedLine;
use super::mistakes::Mistakes;
pub(super) use super::mistakes::{Label, Note, Noted, OrNoted};
use super::resolved::ResolvedValue;
use super::source::{Spot, Text};

/// Collects mistakes and resolved values while sections are read.
pub(super) struct Context<'f> {
    pub(super) files: &'f dyn DataFiles,
    texts: RefCell<Vec<Text>>,
    marked: RefCell<Vec<MarkedLine>>,
    /// Number of the texts before the data files, once these are read.
    documents: Cell<Option<usize>>,
    /// Folders of the files that the scenario starts from, by the number of their text, relative to the scenario's own.
    folders: RefCell<BTreeMap<usize, String>>,
    mistakes: RefCell<Mistakes>,
    resolved: RefCell<Vec<ResolvedValue>>,
    spots: RefCell<BTreeMap<String, Spot>>,
    #[expect(clippy::zero_sized_map_values, reason = "the value is a proof")]
    given_up: RefCell<BTreeMap<String, Noted>>,
}

impl<'f> Context<'f> {
    pub(super) fn new(files: &'f dyn DataFiles) -> Self {
        Self {
            files,
            texts: RefCell::default(),
            marked: RefCell::default(),
            documents: Cell::default(),
            folders: RefCell::default(),
            mistakes: RefCell::default(),
            resolved: RefCell::default(),
            spots: RefCell::default(),
            given_up: RefCell::default(),
        }
    }

    /// A context with the same texts, in which nothing is noted yet: to find out whether something is valid.
    pub(super) fn apart(&self) -> Self {
        Self {
            texts: self.texts.clone(),
            documents: self.documents.clone(),
            folders: self.folders.clone(),
            ..Self::new(self.files)
        }
    }

    /// Registers a text and returns its number; the scenario file comes first.
    pub(super) fn add_text(&self, name: &str, content: &str) -> usize {
        let mut texts = self.texts.borrow_mut();
        texts.push(Text { name: name.to_owned(), content: Arc::from(content) });
        texts.len() - 1
    }

    /// Notes which lines of a text are marked as assumptions.
    pub(super) fn mark(&self, lines: Vec<MarkedLine>) {
        self.marked.borrow_mut().extend(lines);
    }

    /// The lines that are marked as assumptions, in all texts.
    pub(super) fn marked(&self) -> Arc<[MarkedLine]> {
        Arc::from(self.marked.borrow().as_slice())
    }

    /// Number of the texts so far.
    pub(super) fn texts(&self) -> usize {
        self.texts.borrow().len()
    }

    /// Notes that the text `number` is a file of `folder`, a path from the scenario's own folder that ends with a slash.
    pub(super) fn add_folder(&self, number: usize, folder: &str) {
        self.folders.borrow_mut().insert(number, folder.to_owned());
    }

    /// Where data files are: the folders of the files that the scenario starts from, the nearest last, and its own.
    pub(super) fn folders(&self) -> Vec<String> {
        let mut folders = vec![String::new()];
        for folder in self.folders.borrow().values() {
            if !folders.contains(folder) {
                folders.push(folder.clone());
            }
        }
        folders.reverse();
        folders
    }

    /// The path of the file `name` that is named at `spot`: it is beside the file that names it.
    pub(super) fn beside(&self, spot: Option<&Spot>, name: &str) -> String {
        let folders = self.folders.borrow();
        let folder = spot.and_then(|spot| folders.get(&spot.text));
        folder.map_or_else(|| name.to_owned(), |folder| folder::join(folder, name))
    }

    pub(super) fn text(&self, number: usize) -> Text {
        self.texts.borrow()[number].clone()
    }

    /// Notes a mistake. The first label that has a place decides which text is shown; labels in other texts are left out.
    ///
    /// # Panics
    ///
    /// If `help` is empty: whoever finds a mistake knows a remedy.
    pub(super) fn report(&self, problem: Problem, labels: Vec<Label>, help: impl Into<String>) -> Noted {
        let note = Note { problem, labels, help: help.into() };
        let spot = note.spot().cloned();
        self.mistakes.borrow_mut().note(spot.as_ref(), || note)
    }

    /// Notes one of possibly very many mistakes, at `spot`. `make` is called only if the mistake may be shown.
    ///
    /// # Panics
    ///
    /// As [`Context::report`].
    pub(super) fn report_one_of_many(&self, spot: Option<&Spot>, make: impl FnOnce() -> Note) -> Noted {
        self.mistakes.borrow_mut().note(spot, make)
    }

    /// The mistake with the part of the text that it shows.
    fn shown(&self, note: Note) -> Mistake {
        let first = note.spot().cloned();
        let help = excerpt_of_lines(&note.help);
        let text = first.as_ref().map(|spot| self.text(spot.text));
        if let (Some(text), Some(spot)) = (&text, &first)
            && let Some(place) = place_in_long_line(text, spot)
        {
            let help = format!("look at {place}\n{help}");
            return Mistake { problem: note.problem, help, labels: Vec::new(), text: None };
        }
        let labels = note
            .labels
            .into_iter()
            .filter_map(|(spot, words)| Some((spot?, words)))
            .filter(|(spot, _)| first.as_ref().is_some_and(|first| first.text == spot.text))
            .map(|(spot, words)| LabeledSpan::new_with_span(Some(excerpt_of_lines(&words)), self.visible(&spot)))
            .collect();
        Mistake {
            problem: note.problem,
            help,
            labels,
            text: text.map(|text| NamedSource::new(text.name, text.content)),
        }
    }

    /// The span, moved onto the last character if it lies behind the end of the text, where there is nothing to point at.
    fn visible(&self, spot: &Spot) -> Range<usize> {
        let content = self.text(spot.text).content;
        match content.char_indices().next_back() {
            Some((last, _)) if spot.span.start >= content.len() => last..content.len(),
            _ => spot.span.clone(),
        }
    }

    /// Notes a mistake at the value of `path`, or of the nearest table around it that is written somewhere.
    pub(super) fn report_at(&self, path: &str, problem: Problem, words: &str, help: impl Into<String>) -> Noted {
        self.report(problem, vec![(self.spot(path), words.to_owned())], help)
    }

    /// Where the value of `path`, or the nearest table around it, is written.
    pub(super) fn spot(&self, path: &str) -> Option<Spot> {
        let spots = self.spots.borrow();
        let mut path = path;
        loop {
            if let Some(spot) = spots.get(path) {
                return Some(spot.clone());
            }
            path = path.rsplit_once('.')?.0;
        }
    }

    pub(super) fn remember_spot(&self, path: &str, spot: Option<&Spot>) {
        if let Some(spot) = spot {
            self.spots.borrow_mut().insert(path.to_owned(), spot.clone());
        }
    }

    /// Gives `path` up: not all that belongs there can be known, because of the mistake `why`. The name may be wrong, the
    /// table may be none, or a data file cannot be read.
    pub(super) fn give_up(&self, path: &str, why: Noted) {
        self.given_up.borrow_mut().insert(path.to_owned(), why);
    }

    /// The mistake for which `path` was given up, if it was: what is not found there is then no mistake of its own.
    pub(super) fn given_up(&self, path: &str) -> Option<Noted> {
        self.given_up.borrow().get(path).copied()
    }

    /// Promises to note a mistake together with others; [`Context::settle`] must follow.
    pub(super) fn owe(&self) -> Noted {
        self.mistakes.borrow_mut().owe()
    }

    /// So many of the mistakes that were owed have been noted.
    pub(super) fn settle(&self, number: usize) {
        self.mistakes.borrow_mut().settle(number);
    }

    /// Number of mistakes noted so far.
    pub(super) fn mistakes(&self) -> usize {
        self.mistakes.borrow().count()
    }

    /// Forgets what was read, but no mistake: another scenario of the same texts is read next. The data files, which are read
    /// again, do not pile up unless a mistake may show them.
    pub(super) fn begin_again(&self) {
        self.resolved.borrow_mut().clear();
        let Some(documents) = self.documents.get() else {
            // What was given up in the documents and on the command line is so for the first scenario, too.
            self.documents.set(Some(self.texts()));
            return;
        };
        self.given_up.borrow_mut().clear();
        if self.mistakes() == 0 {
            self.texts.borrow_mut().truncate(documents);
        }
    }

    /// The values resolved since the beginning.
    pub(super) fn take_resolved(&self) -> Vec<ResolvedValue> {
        std::mem::take(&mut self.resolved.borrow_mut())
    }

    pub(super) fn resolve(&self, value: ResolvedValue) {
        self.resolved.borrow_mut().push(value);
    }

    /// Notes a scenario that is larger, once it is resolved, than what can be read.
    pub(super) fn check_size(&self) {
        if let Some(problem) = limits::beyond(self.resolved.borrow().iter()) {
            let help = "make the lists of peers and the tables smaller, or let peers be drawn: select = { random = 2 }";
            self.report(problem, Vec::new(), help);
        }
    }

    /// Nothing, unless a mistake is noted.
    pub(super) fn no_mistake(&self) -> OrNoted<()> {
        self.mistakes.borrow().none()
    }

    /// What was read, or else the mistakes in the order of the texts.
    pub(super) fn finish<T>(self, read: OrNoted<T>) -> Result<T, Found> {
        let read = self.no_mistake().and(read);
        read.map_err(|_: Noted| {
            let mistakes = self.mistakes.take();
            let count = mistakes.count();
            Found { mistakes: mistakes.into_kept().map(|note| self.shown(note)).collect(), count }
        })
    }
}

/// The mistakes in some texts.
#[derive(Default)]
pub(super) struct Found {
    /// The first ones, in the order of the texts.
    pub(super) mistakes: Vec<Mistake>,
    /// How many there are.
    pub(super) count: usize,
}

impl Found {
    /// The error of the scenario `file`.
    pub(super) fn in_file(self, file: &str) -> ScenarioError {
        ScenarioError::Invalid { file: file.to_owned(), mistakes: self.mistakes, count: self.count }
    }
}

/// Where `spot` is in words, if the lines around it are too long to be shown.
fn place_in_long_line(text: &Text, spot: &Spot) -> Option<String> {
    const LONGEST_SHOWN: usize = 1_000;
    let content = &text.content;
    let at = spot.span.start.min(content.len());
    let line_start = content[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let before = content[..line_start].trim_end_matches('\n').rfind('\n').map_or(0, |newline| newline + 1);
    let mut around = content[before..].lines().take(4);
    around.any(|line| line.len() > LONGEST_SHOWN).then(|| {
        let line = content[..at].split('\n').count();
        let column = content[line_start..at].chars().count() + 1;
        format!("{}:{line}:{column}", text.name)
    })
}

#[cfg(test)]
mod tests {
    use super::super::folder::NoFiles;
    use super::*;

    #[test]
    fn data_files_of_many_points_do_not_pile_up() {
        let context = Context::new(&NoFiles);
        context.add_text("scenario.toml", "");
        for _ in 0..3 {
            context.begin_again();
            context.add_text("markets.csv", "");
            assert_eq!(context.texts(), 2);
        }
        // What a mistake shows stays.
        let spot = Spot { text: 1, span: 0..0 };
        context.report(Problem::NoInstruments, vec![(Some(spot), String::new())], "add some");
        context.begin_again();
        context.add_text("markets.csv", "");
        assert_eq!(context.texts(), 3);
    }
}
