//! How results get into place: written in a folder beside it, and moved there, from where every move can be undone.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Component, Path, PathBuf};

use super::target::Target;
use super::{StoreError, attempt, remove_folder, sync_folder};

/// The folder under construction; it disappears unless it is put in place.
pub(super) struct Staging {
    pub(super) path: PathBuf,
    folders: BTreeSet<PathBuf>,
}

impl Staging {
    pub(super) fn create(target: &Target) -> Result<Self, StoreError> {
        let path = target.beside("partial");
        // On a file system without locks, it may have been left by a process of the same number that was killed.
        attempt("remove", &path, remove_folder(&path))?;
        attempt("create a folder in", target.parent(), fs::create_dir(&path))?;
        let folders = BTreeSet::from([path.clone()]);
        Ok(Self { path, folders })
    }

    pub(super) fn write(&mut self, name: &Path, bytes: &[u8]) -> Result<(), StoreError> {
        assert!(
            name.components().all(|part| matches!(part, Component::Normal(_))),
            "`{}` leads out of the results folder",
            name.display()
        );
        let path = self.path.join(name);
        let folder = path.parent().expect("a file is in a folder");
        attempt("create the folder", folder, fs::create_dir_all(folder))?;
        let inside = folder.ancestors().take_while(|ancestor| ancestor.starts_with(&self.path));
        self.folders.extend(inside.map(Path::to_owned));
        let mut file = attempt("create", &path, File::create(&path))?;
        attempt("write", &path, file.write_all(bytes))?;
        attempt("sync", &path, file.sync_all())
    }

    pub(super) fn sync_folders(&self) -> Result<(), StoreError> {
        self.folders.iter().try_for_each(|folder| sync_folder(folder))
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // The error that brought us here is the one to report; after success there is nothing to remove.
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Renamings that were done, from and to, so that they can be undone.
pub(super) struct Moves(pub(super) Vec<(PathBuf, PathBuf)>);

impl Moves {
    pub(super) fn make(&mut self, from: &Path, to: &Path) -> Result<(), StoreError> {
        attempt("move into place", to, fs::rename(from, to))?;
        self.0.push((from.to_owned(), to.to_owned()));
        Ok(())
    }

    /// Undoes all, the last one first; stops at the first that cannot be undone.
    pub(super) fn undo(&self) -> io::Result<()> {
        self.0.iter().rev().try_for_each(|(from, to)| fs::rename(to, from))
    }

    pub(super) fn sync_folders(&self) -> Result<(), StoreError> {
        let folders: BTreeSet<&Path> = self.0.iter().filter_map(|(_, to)| to.parent()).collect();
        folders.into_iter().try_for_each(sync_folder)
    }
}
