//! What the tests of the store have in common: small runs, and what is on the disk.

use std::fs;
use std::path::{Path, PathBuf};

use super::error::StoreError;
use crate::record::{FileDigest, Manifest, ResultFile, sealed};

/// [`super::write_results`] of whole results, with nobody to tell.
pub(super) fn write_results(folder: &Path, files: &[ResultFile]) -> Result<(), StoreError> {
    super::write_results(folder, files, None, &|_| ())
}

/// [`super::check_target`] of whole results, with nobody to tell.
pub(super) fn check_target(folder: &Path) -> Result<PathBuf, StoreError> {
    super::check_target(folder, None, &|_| ())
}

pub(super) fn file(name: &str, text: &str) -> ResultFile {
    ResultFile { name: name.to_owned(), bytes: text.as_bytes().to_vec() }
}

/// Files of a run: a manifest that lists the others.
pub(super) fn run(names: &[&str]) -> Vec<ResultFile> {
    let mut files: Vec<_> = names.iter().map(|name| file(name, &format!("{name} of {}", names.len()))).collect();
    let digests: Vec<FileDigest> = files.iter().map(FileDigest::of).collect();
    let manifest = serde_json::json!({ "schema_version": 1, "tool_version": "0.0.0", "files": digests });
    files.push(file(Manifest::FILE_NAME, &sealed(&manifest)));
    files
}

/// The files below a folder with their texts.
pub(super) fn contents(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = PathBuf::from(path.file_name().expect("a name"));
        if path.is_dir() {
            found.extend(contents(&path).into_iter().map(|(below, text)| (name.join(below), text)));
        } else {
            found.push((name, fs::read_to_string(&path).expect("text")));
        }
    }
    found.sort();
    found
}

pub(super) fn names(folder: &Path) -> Vec<String> {
    contents(folder).into_iter().map(|(path, _)| path.display().to_string()).collect()
}

pub(super) fn assert_nothing_beside(folder: &Path) {
    let entries = fs::read_dir(folder.parent().expect("a parent")).expect("a folder");
    let beside: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).filter(|path| path != folder).collect();
    assert!(beside.is_empty(), "{beside:?}");
}
