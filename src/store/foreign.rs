//! What a reader has put into a results folder, or has changed there: whatever no manifest proves. It is moved, never copied or
//! removed.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use fs_err as fs;

use super::error::StoreError;
use super::moves::Moves;
use super::paths::{OWN_PREFIX, folder_of, is_folder, is_reached, names, unused};
use super::written::Written;

/// Why a reader's entry was moved: it was a result until he changed it, or has the name of a new one.
pub(super) const CHANGED: &str = "has changed since gtnet-sim wrote it";
pub(super) const NAMESAKE: &str = "has the name of a result";

/// The entries of a results folder, by whose they are; the paths are relative to it.
#[derive(Debug, Default)]
pub(super) struct Entries {
    /// Files that are as gtnet-sim wrote them, in ascending order.
    pub(super) written: Vec<PathBuf>,
    /// All else, in ascending order: files, links, and folders as a whole if nothing in them is a run's.
    pub(super) foreign: Vec<PathBuf>,
    /// Those of the foreign ones that the manifest lists.
    changed: BTreeSet<PathBuf>,
}

/// What was written into `folder`; `None` if nothing is in it that matters.
///
/// # Errors
///
/// [`StoreError::NotResults`] if the folder holds something, but no results; [`StoreError::Io`].
pub(super) fn recognise(folder: &Path) -> Result<Option<Written>, StoreError> {
    let refused = |why| StoreError::NotResults { folder: folder.to_owned(), why };
    let names = names(folder)?;
    // What an interrupted run has left is dealt with apart; a new file system has a folder of its own.
    let matters = |name: &OsString| {
        let is_own = name.as_encoded_bytes().starts_with(OWN_PREFIX.as_bytes());
        let is_the_systems = name == "lost+found" && is_folder(&folder.join(name));
        !is_own && !is_the_systems
    };
    match Written::of(folder).map_err(refused)? {
        None if names.iter().any(matters) => Err(refused("it has no manifest.json".to_owned())),
        written => Ok(written),
    }
}

/// The entries of `folder`.
///
/// # Errors
///
/// See [`recognise`].
pub(super) fn entries(folder: &Path) -> Result<Entries, StoreError> {
    let written = recognise(folder)?;
    let mut found = Entries::default();
    collect(folder, Path::new(""), written.as_ref(), &mut found)?;
    found.written.sort_unstable();
    found.foreign.sort_unstable();
    Ok(found)
}

fn collect(root: &Path, relative: &Path, written: Option<&Written>, found: &mut Entries) -> io::Result<()> {
    for name in names(&root.join(relative))? {
        let path = relative.join(name);
        if written.is_some_and(|written| written.is_folder(&path)) && is_folder(&root.join(&path)) {
            collect(root, &path, written, found)?;
            continue;
        }
        let Some(written) = written.filter(|written| written.lists(&path)) else {
            found.foreign.push(path);
            continue;
        };
        if written.proves(root, &path)? {
            found.written.push(path);
        } else {
            found.changed.insert(path.clone());
            found.foreign.push(path);
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
    let entries = entries(previous)?;
    entries.foreign.iter().try_for_each(|path| {
        let is_changed = entries.changed.contains(path);
        if !is_reached(folder, path)? {
            let to = folder.join(path);
            let why = format!("cannot move to `{}`: a link or a file is where its folder should be", to.display());
            return Err(io::Error::new(io::ErrorKind::NotADirectory, why).into());
        }
        Ok(carry(&previous.join(path), &folder.join(path), is_changed, moves)?)
    })
}

fn carry(from: &Path, to: &Path, is_changed: bool, moves: &mut Moves) -> io::Result<()> {
    if is_folder(from) && is_folder(to) {
        return names(from)?.iter().try_for_each(|name| carry(&from.join(name), &to.join(name), false, moves));
    }
    fs::create_dir_all(folder_of(to))?;
    let kept = unused(to);
    if is_changed || kept != to {
        moves.note(to, if is_changed { CHANGED } else { NAMESAKE }, &kept);
    }
    moves.make(from, &kept)
}

#[cfg(test)]
mod tests {
    use super::super::paths::exists;
    use super::super::test_support::{assert_nothing_beside, contents, names, run, write_results};
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
        fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).expect("permissions");
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
