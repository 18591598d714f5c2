//! What the readers of all sections share: the texts, the mistakes found so far, and the values resolved so far.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use miette::{LabeledSpan, NamedSource};

use super::base;
use super::data::DataFiles;
use super::error::{Mistake, Problem};
use super::resolved::ResolvedValue;
use super::source::{Spot, Text};

/// Collects mistakes and resolved values while sections are read.
pub(super) struct Context<'f> {
    pub(super) files: &'f dyn DataFiles,
    texts: RefCell<Vec<Text>>,
    /// Folders of the files that the scenario starts from, by the number of their text, relative to the scenario's own.
    folders: RefCell<BTreeMap<usize, String>>,
    mistakes: RefCell<Vec<(Option<Spot>, Mistake)>>,
    resolved: RefCell<Vec<ResolvedValue>>,
    spots: RefCell<BTreeMap<String, Spot>>,
    given_up: RefCell<BTreeSet<String>>,
}

/// A place with the few words that stand beside the caret.
pub(super) type Label = (Option<Spot>, String);

impl<'f> Context<'f> {
    pub(super) fn new(files: &'f dyn DataFiles) -> Self {
        Self {
            files,
            texts: RefCell::default(),
            folders: RefCell::default(),
            mistakes: RefCell::default(),
            resolved: RefCell::default(),
            spots: RefCell::default(),
            given_up: RefCell::default(),
        }
    }

    /// Registers a text and returns its number; the scenario file comes first.
    pub(super) fn add_text(&self, name: &str, content: &str) -> usize {
        let mut texts = self.texts.borrow_mut();
        texts.push(Text { name: name.to_owned(), content: Arc::from(content) });
        texts.len() - 1
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
        folder.map_or_else(|| name.to_owned(), |folder| base::join(folder, name))
    }

    pub(super) fn text(&self, number: usize) -> Text {
        self.texts.borrow()[number].clone()
    }

    /// Notes a mistake. The first label that has a place decides which text is shown; labels in other texts are left out.
    ///
    /// # Panics
    ///
    /// If `help` is empty: whoever finds a mistake knows a remedy.
    pub(super) fn report(&self, problem: Problem, labels: Vec<Label>, help: impl Into<String>) {
        let help = help.into();
        assert!(!help.trim().is_empty(), "no remedy for: {problem}");
        let first = labels.iter().find_map(|(spot, _)| spot.clone());
        // Many points of a study may have the same mistake.
        let is_known = |(spot, mistake): &(Option<Spot>, Mistake)| *spot == first && mistake.problem == problem;
        if self.mistakes.borrow().iter().any(is_known) {
            return;
        }
        let text = first.as_ref().map(|spot| self.text(spot.text));
        if let (Some(text), Some(spot)) = (&text, &first)
            && let Some(place) = place_in_long_line(text, spot)
        {
            let help = format!("look at {place}\n{help}");
            let mistake = Mistake { problem, help, labels: Vec::new(), text: None };
            self.mistakes.borrow_mut().push((first, mistake));
            return;
        }
        let labels = labels
            .into_iter()
            .filter_map(|(spot, words)| Some((spot?, words)))
            .filter(|(spot, _)| first.as_ref().is_some_and(|first| first.text == spot.text))
            .map(|(spot, words)| LabeledSpan::new_with_span(Some(words), self.visible(&spot)))
            .collect();
        let mistake =
            Mistake { problem, help, labels, text: text.map(|text| NamedSource::new(text.name, text.content)) };
        self.mistakes.borrow_mut().push((first, mistake));
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
    pub(super) fn report_at(&self, path: &str, problem: Problem, words: &str, help: impl Into<String>) {
        self.report(problem, vec![(self.spot(path), words.to_owned())], help);
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

    /// Notes that a table cannot be read for a reason that has been reported: it has a wrong name, or is no table.
    pub(super) fn give_up(&self, table: &str) {
        self.given_up.borrow_mut().insert(table.to_owned());
    }

    /// Whether that nothing is found in a table is no mistake of its own.
    pub(super) fn has_given_up(&self, table: &str) -> bool {
        self.given_up.borrow().contains(table)
    }

    /// Number of mistakes noted so far.
    pub(super) fn mistakes(&self) -> usize {
        self.mistakes.borrow().len()
    }

    /// Forgets what was read, but no mistake: another scenario of the same texts is read next.
    pub(super) fn begin_again(&self) {
        self.resolved.borrow_mut().clear();
        self.given_up.borrow_mut().clear();
    }

    /// The values resolved since the beginning.
    pub(super) fn take_resolved(&self) -> Vec<ResolvedValue> {
        std::mem::take(&mut self.resolved.borrow_mut())
    }

    pub(super) fn resolve(&self, value: ResolvedValue) {
        self.resolved.borrow_mut().push(value);
    }

    /// The mistakes in the order of the texts, or else the resolved values in the order in which they were read.
    pub(super) fn finish(self) -> Result<Vec<ResolvedValue>, Vec<Mistake>> {
        let mut mistakes = self.mistakes.into_inner();
        if mistakes.is_empty() {
            return Ok(self.resolved.into_inner());
        }
        mistakes.sort_by_key(|(spot, _)| spot.as_ref().map_or((usize::MAX, 0), |spot| (spot.text, spot.span.start)));
        Err(mistakes.into_iter().map(|(_, mistake)| mistake).collect())
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
