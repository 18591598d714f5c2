//! How results get into place: written in a folder of their own, and moved from there, from where every move can be undone.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::written::is_inside;
use super::{StoreError, attempt, disposal, sync_folder};
use crate::record::ResultFile;

/// The folder under construction; it disappears unless it is put in place.
pub(super) struct Staging {
    pub(super) path: PathBuf,
    folders: BTreeSet<PathBuf>,
}

impl Staging {
    /// Makes the folder `path` for `files`.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`], also if something is there that is not gtnet-sim's.
    pub(super) fn create(path: PathBuf, files: &[ResultFile]) -> Result<Self, StoreError> {
        // On a file system without locks, it may have been left by a process of the same number that was killed.
        attempt("remove", &path, disposal::remove_staging(&path))?;
        let parent = path.parent().expect("it is in a folder");
        let names = files.iter().map(|file| file.name.as_str());
        attempt("create a folder in", parent, disposal::make_staging(&path, names))?;
        let folders = BTreeSet::from([path.clone()]);
        Ok(Self { path, folders })
    }

    /// Writes `file`, one of those that it was made for.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`].
    ///
    /// # Panics
    ///
    /// If the name of the file leads out of the folder.
    pub(super) fn write(&mut self, file: &ResultFile) -> Result<(), StoreError> {
        let name = Path::new(&file.name);
        assert!(is_inside(name), "`{}` leads out of the results folder", file.name);
        let path = self.path.join(name);
        let folder = path.parent().expect("a file is in a folder");
        attempt("create the folder", folder, fs::create_dir_all(folder))?;
        let inside = folder.ancestors().take_while(|ancestor| ancestor.starts_with(&self.path));
        self.folders.extend(inside.map(Path::to_owned));
        let mut opened = attempt("create", &path, File::create_new(&path))?;
        attempt("write", &path, opened.write_all(&file.bytes))?;
        attempt("sync", &path, opened.sync_all())
    }

    /// Makes sure that all is on disk, and says so: from now on the manifest proves what it is.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`].
    pub(super) fn complete(&self) -> Result<(), StoreError> {
        self.folders.iter().try_for_each(|folder| sync_folder(folder))?;
        attempt("complete", &self.path, disposal::complete_staging(&self.path))?;
        sync_folder(&self.path)
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // The error that brought us here is the one to report; after success there is nothing to remove.
        let _ = disposal::remove_staging(&self.path);
    }
}

/// Renamings that were done, from and to, so that they can be undone.
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
    /// [`StoreError::Io`].
    pub(super) fn make(&mut self, from: &Path, to: &Path) -> Result<(), StoreError> {
        attempt("move into place", to, disposal::move_to(from, to))?;
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

    /// What is to be said of them.
    pub(super) fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Undoes all, the last one first; stops at the first that cannot be undone.
    pub(super) fn undo(&self) -> io::Result<()> {
        self.made.iter().rev().try_for_each(|(from, to)| {
            // A folder may have been made where a file was.
            let folder = from.parent().expect("it is in a folder");
            let _ = disposal::remove_empty_folder(folder, Path::new(from.file_name().expect("it has a name")));
            disposal::move_to(to, from)
        })
    }

    pub(super) fn sync_folders(&self) -> Result<(), StoreError> {
        let folders: BTreeSet<&Path> = self.made.iter().filter_map(|(_, to)| to.parent()).collect();
        folders.into_iter().try_for_each(sync_folder)
    }
}
