//! What a reader has put into a results folder: whatever no manifest lists. It is moved, never copied or removed.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{Moves, StoreError, attempt, exists};
use crate::record::Manifest;

/// Only the names: an earlier version may have written everything else differently.
#[derive(Deserialize)]
struct EarlierManifest {
    files: Vec<EarlierFile>,
}

#[derive(Deserialize)]
struct EarlierFile {
    name: String,
}

/// The entries of `folder` that no run has written, relative to it, in ascending order: files, links, and folders as a
/// whole if nothing in them is a run's.
///
/// # Errors
///
/// [`StoreError::NotResults`] if the folder holds something, but no manifest; [`StoreError::Io`].
pub(super) fn entries(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    if attempt("list", folder, names(folder))?.is_empty() {
        return Ok(Vec::new());
    }
    let manifest = fs::read_to_string(folder.join(Manifest::FILE_NAME)).ok();
    let earlier: EarlierManifest = manifest
        .and_then(|text| serde_json::from_str(&text).ok())
        .ok_or_else(|| StoreError::NotResults { folder: folder.to_owned() })?;
    let mut written: BTreeSet<PathBuf> = earlier.files.into_iter().map(|file| file.name.into()).collect();
    written.insert(Manifest::FILE_NAME.into());
    let mut found = Vec::new();
    attempt("list", folder, collect(folder, Path::new(""), &written, &mut found))?;
    found.sort_unstable();
    Ok(found)
}

fn collect(root: &Path, relative: &Path, written: &BTreeSet<PathBuf>, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for name in names(&root.join(relative))? {
        let path = relative.join(name);
        let is_folder = is_folder(&root.join(&path));
        if is_folder && written.iter().any(|file| *file != path && file.starts_with(&path)) {
            collect(root, &path, written, found)?;
        } else if is_folder || !written.contains(&path) {
            found.push(path);
        }
    }
    Ok(())
}

/// Moves the foreign entries of `previous` to the same places in `folder`.
///
/// # Errors
///
/// [`StoreError::Io`]; what has moved by then is in `moves`.
pub(super) fn carry_over(previous: &Path, folder: &Path, moves: &mut Moves) -> Result<(), StoreError> {
    entries(previous)?.iter().try_for_each(|path| carry(&previous.join(path), &folder.join(path), moves))
}

fn carry(from: &Path, to: &Path, moves: &mut Moves) -> Result<(), StoreError> {
    if is_folder(from) && is_folder(to) {
        let names = attempt("list", from, names(from))?;
        return names.iter().try_for_each(|name| carry(&from.join(name), &to.join(name), moves));
    }
    let folder = to.parent().expect("an entry is in a folder");
    attempt("create the folder", folder, fs::create_dir_all(folder))?;
    moves.make(from, &unused(to))
}

/// `path`, or if that is taken, a name that tells where the entry is from.
fn unused(path: &Path) -> PathBuf {
    let mut free = path.to_owned();
    while exists(&free) {
        free.as_mut_os_string().push(".earlier");
    }
    free
}

fn names(folder: &Path) -> io::Result<Vec<OsString>> {
    fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name())).collect()
}

/// Whether `path` is a folder itself, not a link to one.
fn is_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_dir())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_nothing_beside, contents, names, run};
    use super::super::write_results;
    use super::*;

    #[cfg(unix)]
    #[test]
    fn links_executables_and_empty_folders_move_as_they_are() {
        use std::os::unix::fs::{PermissionsExt, symlink};

        let home = tempfile::tempdir().expect("a folder");
        let folder = home.path().join("hub");
        write_results(&folder, &run(&["summary.csv", "charts/age.svg"])).expect("first");
        let links = [("to-folder", "charts"), ("to-nothing", "nowhere"), ("to-file", "summary.csv")];
        for (link, target) in links {
            symlink(target, folder.join(link)).expect("a link");
        }
        fs::create_dir_all(folder.join("charts/drafts")).expect("a folder");
        fs::create_dir_all(folder.join("mine/empty")).expect("folders");
        let script = folder.join("mine/plot.sh");
        fs::write(&script, "#!/bin/sh").expect("a file");
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("permissions");
        let long_ago = std::fs::FileTimes::new().set_modified(std::time::UNIX_EPOCH);
        fs::File::options().write(true).open(&script).and_then(|file| file.set_times(long_ago)).expect("a time");

        // Now without charts: their folder is only there for what is not a run's.
        write_results(&folder, &run(&["summary.csv"])).expect("second");
        for (link, target) in links {
            assert_eq!(fs::read_link(folder.join(link)).expect("a link"), Path::new(target));
        }
        assert!(is_folder(&folder.join("charts/drafts")) && is_folder(&folder.join("mine/empty")));
        let script = fs::metadata(folder.join("mine/plot.sh")).expect("the script");
        assert_eq!(script.permissions().mode() & 0o777, 0o755);
        assert_eq!(script.modified().expect("a time"), std::time::UNIX_EPOCH);
        assert!(!exists(&folder.join("charts/age.svg")), "charts of the earlier run are gone");
        assert_nothing_beside(&folder);
    }

    #[test]
    fn what_has_the_name_of_a_new_file_is_kept_under_another() {
        let home = tempfile::tempdir().expect("a folder");
        let folder = home.path().join("hub");
        write_results(&folder, &run(&["summary.csv"])).expect("first");
        fs::write(folder.join("users.csv"), "mine").expect("a file");
        fs::create_dir(folder.join("charts")).expect("a folder");
        fs::write(folder.join("charts/own.svg"), "mine, too").expect("a file");
        write_results(&folder, &run(&["users.csv", "charts/age.svg"])).expect("second");
        let expected = ["charts/age.svg", "charts/own.svg", "manifest.json", "users.csv", "users.csv.earlier"];
        assert_eq!(names(&folder), expected);
        assert!(contents(&folder).contains(&("users.csv.earlier".into(), "mine".to_owned())));
        assert_nothing_beside(&folder);
    }

    #[test]
    fn a_move_that_fails_brings_everything_back() {
        let home = tempfile::tempdir().expect("a folder");
        let folder = home.path().join("hub");
        write_results(&folder, &run(&["summary.csv", "charts/age.svg"])).expect("first");
        fs::write(folder.join("a-note.md"), "mine").expect("a file");
        fs::write(folder.join("charts/own.svg"), "mine, too").expect("a file");
        let before = contents(&folder);
        // The note moves, but a file cannot be the folder of a chart.
        let error = write_results(&folder, &run(&["charts"])).expect_err("impossible");
        assert!(matches!(error, StoreError::Io { .. }), "{error}");
        assert_eq!(contents(&folder), before);
        assert_nothing_beside(&folder);
    }
}
