//! Renamings that belong together: all of them can be undone, and what a reader has to know of them is told once they are done.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use super::disposal;
use super::paths::{folder_of, last_part, sync_folder};

/// Renamings that were done, from and to, in their order.
#[derive(Default)]
pub(super) struct Moves {
    made: Vec<(PathBuf, PathBuf)>,
    /// What the reader has to know of them.
    notes: Vec<String>,
}

impl Moves {
    /// Moves what is at `from` to `to`, where nothing is.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    pub(super) fn make(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        disposal::move_to(from, to)?;
        self.made.push((from.to_owned(), to.to_owned()));
        Ok(())
    }

    /// Will say, once all are done, that what `path` was is kept at `kept`.
    pub(super) fn note(&mut self, path: &Path, why: &str, kept: &Path) {
        let place = if path == kept { "where it is".to_owned() } else { format!("as `{}`", kept.display()) };
        self.notes.push(format!("note: `{}` {why}; it is kept {place}", path.display()));
    }

    /// From and to, in their order.
    #[cfg(test)]
    pub(super) fn made(&self) -> &[(PathBuf, PathBuf)] {
        &self.made
    }

    /// Says what became of a reader's own files, as they are not where they were.
    pub(super) fn tell(&self, tell: &dyn Fn(&str)) {
        self.notes.iter().for_each(|note| tell(note));
    }

    /// Undoes all, the last one first; stops at the first that cannot be undone.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    pub(super) fn undo(&self) -> io::Result<()> {
        self.made.iter().rev().try_for_each(|(from, to)| {
            // A folder may have been made where a file was.
            let _ = disposal::remove_empty_folder(folder_of(from), last_part(from));
            disposal::move_to(to, from)
        })
    }

    /// Makes sure that all of them survive a power failure.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    pub(super) fn sync_folders(&self) -> io::Result<()> {
        let folders: BTreeSet<&Path> = self.made.iter().map(|(_, to)| folder_of(to)).collect();
        folders.into_iter().try_for_each(sync_folder)
    }
}
