//! The folder in which results are written before they are put in place: it disappears unless it is moved from there.

use std::collections::BTreeSet;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use fs_err::{self as fs, File};

use super::disposal;
use super::paths::{folder_of, is_inside, sync_folder};
use crate::record::ResultFile;

/// The folder under construction.
pub(super) struct Staging {
    pub(super) path: PathBuf,
    folders: BTreeSet<PathBuf>,
}

impl Staging {
    /// Makes the folder `path` for `files`.
    ///
    /// # Errors
    ///
    /// Those of the operating system, also if something is there that is not gtnet-sim's.
    pub(super) fn create(path: PathBuf, files: &[ResultFile]) -> io::Result<Self> {
        // On a file system without locks, it may have been left by a process of the same number that was killed.
        disposal::remove_staging(&path)?;
        disposal::make_staging(&path, files.iter().map(|file| file.name.as_str()))?;
        let folders = BTreeSet::from([path.clone()]);
        Ok(Self { path, folders })
    }

    /// Writes `file`, one of those that it was made for.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    ///
    /// # Panics
    ///
    /// If the name of the file leads out of the folder.
    pub(super) fn write(&mut self, file: &ResultFile) -> io::Result<()> {
        let name = Path::new(&file.name);
        assert!(is_inside(name), "`{}` leads out of the results folder", file.name);
        let path = self.path.join(name);
        fs::create_dir_all(folder_of(&path))?;
        let inside = folder_of(&path).ancestors().take_while(|ancestor| ancestor.starts_with(&self.path));
        self.folders.extend(inside.map(Path::to_owned));
        let mut opened = File::create_new(&path)?;
        opened.write_all(&file.bytes)?;
        opened.sync_all()
    }

    /// Makes sure that all is on disk, and says so: from now on the manifest proves what it is.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    pub(super) fn complete(&self) -> io::Result<()> {
        self.folders.iter().try_for_each(|folder| sync_folder(folder))?;
        disposal::complete_staging(&self.path)?;
        sync_folder(&self.path)
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // The error that brought us here is the one to report; after success there is nothing to remove.
        let _ = disposal::remove_staging(&self.path);
    }
}
