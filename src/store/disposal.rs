//! The only place where files are removed, moved or replaced: what cannot be proven to be gtnet-sim's stays where it is.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use fs_err::{self as fs, File};

use super::paths::{exists, found, is_folder, is_inside, is_reached, read};
use super::written::Written;
use crate::files;
use crate::record::Manifest;

/// The file that says what a folder under construction holds.
const MARKER: &str = ".gtnet-sim-writes-here";

/// Its first line; the others are the paths of files that are written into the folder.
const MARKER_HEAD: &str = "gtnet-sim writes these files here; if it is killed, they are of no use to anybody:\n";

/// Larger markers are refused.
const MOST_MARKER: u64 = 64 << 20;

/// Removes the file at `path` in `folder` if `is_ours` proves that gtnet-sim has written it; if nothing is there, all is well.
/// What is behind a link is somebody else's, whatever it holds.
///
/// # Errors
///
/// [`io::ErrorKind::InvalidData`] if it is not proven; those of the operating system. Then it is still there.
pub(super) fn remove(folder: &Path, path: &Path, is_ours: impl FnOnce(&Path) -> io::Result<bool>) -> io::Result<()> {
    if !is_reached(folder, path)? {
        return Err(not_ours(&folder.join(path), "a link leads to it"));
    }
    let path = &folder.join(path);
    let Some(found) = found(path)? else { return Ok(()) };
    if !found.is_file() || !is_ours(path)? {
        return Err(not_ours(path, "it is not as gtnet-sim wrote it"));
    }
    fs::remove_file(path)
}

/// Removes the folder at `path` in `folder`, in which nothing is.
///
/// # Errors
///
/// [`io::ErrorKind::DirectoryNotEmpty`] if something is in it; [`io::ErrorKind::InvalidData`] if a link leads to it; those of
/// the operating system.
pub(super) fn remove_empty_folder(folder: &Path, path: &Path) -> io::Result<()> {
    let whole = folder.join(path);
    if is_reached(folder, path)? { fs::remove_dir(whole) } else { Err(not_ours(&whole, "a link leads to it")) }
}

/// Removes a folder in which nothing is, or only such folders; if there is none, all is well.
///
/// # Errors
///
/// [`io::ErrorKind::DirectoryNotEmpty`] if something is in it; those of the operating system.
pub(super) fn remove_empty_folders(path: &Path) -> io::Result<()> {
    match found(path)? {
        None => Ok(()),
        Some(found) if !found.is_dir() => Err(not_ours(path, "it is no folder")),
        Some(_) => {
            remove_empty_folders_in(path)?;
            fs::remove_dir(path)
        }
    }
}

/// Removes the folders in `path` in which nothing is; returns what else is in it.
fn remove_empty_folders_in(path: &Path) -> io::Result<Vec<PathBuf>> {
    let mut others = Vec::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            remove_empty_folders(&entry.path())?;
        } else {
            others.push(entry.path());
        }
    }
    Ok(others)
}

/// Removes the results in `folder`, and the folder: each file if the manifest proves it, the manifest last.
///
/// # Errors
///
/// [`io::ErrorKind::InvalidData`] if something is not proven; then the manifest and what is not proven are still there.
pub(super) fn remove_results(folder: &Path) -> io::Result<()> {
    if exists(folder) && !is_folder(folder) {
        return Err(not_ours(folder, "it is no folder"));
    }
    let written = Written::of(folder).map_err(|why| not_ours(folder, &why))?;
    let Some(written) = written else { return remove_empty_folders(folder) };
    let manifest = Path::new(Manifest::FILE_NAME);
    let mut foreign = None;
    for path in written.paths().filter(|path| *path != manifest) {
        match remove(folder, path, |_| written.proves(folder, path)) {
            Err(error) if error.kind() == io::ErrorKind::InvalidData => foreign = Some(error),
            removed => removed?,
        }
    }
    if let Some(other) = remove_empty_folders_in(folder)?.iter().find(|path| **path != folder.join(manifest)) {
        return Err(foreign.unwrap_or_else(|| not_ours(other, "it is somebody else's")));
    }
    remove(folder, manifest, |_| written.proves(folder, manifest))?;
    fs::remove_dir(folder)
}

/// Makes the folder `path` for files that are under construction, whose paths in it are `names`, and says so in it.
///
/// # Errors
///
/// Those of the operating system, also if something is there already.
pub(super) fn make_staging<'n>(path: &Path, names: impl Iterator<Item = &'n str>) -> io::Result<()> {
    fs::create_dir(path)?;
    let lines = names.map(|name| format!("{name}\n"));
    let text: String = std::iter::once(MARKER_HEAD.to_owned()).chain(lines).collect();
    let marker = path.join(MARKER);
    let written = File::create_new(&marker).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    written.or_else(|error| remove_staging(path).and(Err(error)))
}

/// Says no longer that the files in `staging` are under construction: they are complete, and their manifest proves them.
///
/// # Errors
///
/// Those of the operating system.
pub(super) fn complete_staging(staging: &Path) -> io::Result<()> {
    remove(staging, Path::new(MARKER), |marker| Ok(named_in(marker)?.is_some()))
}

/// Whether the files in `staging` are complete.
pub(super) fn is_complete(staging: &Path) -> bool {
    !exists(&staging.join(MARKER))
}

/// Removes a folder of files under construction, complete or not; if there is none, all is well.
///
/// # Errors
///
/// [`io::ErrorKind::InvalidData`] or [`io::ErrorKind::DirectoryNotEmpty`] if something in it is not proven to be gtnet-sim's,
/// which is still there then; those of the operating system.
pub(super) fn remove_staging(path: &Path) -> io::Result<()> {
    let marker = path.join(MARKER);
    if !is_folder(path) || !exists(&marker) {
        return remove_results(path);
    }
    let names = named_in(&marker)?.ok_or_else(|| not_ours(path, "it is no folder of gtnet-sim's"))?;
    for name in &names {
        // Under construction, it may be incomplete: that it is listed there is the proof.
        remove(path, name, |_| Ok(true))?;
    }
    if let Some(other) = remove_empty_folders_in(path)?.iter().find(|path| **path != marker) {
        return Err(not_ours(other, "it is somebody else's"));
    }
    remove(path, Path::new(MARKER), |_| Ok(true))?;
    fs::remove_dir(path)
}

/// Removes what is left at `path` by `remove`. The results do not need it: if it cannot be removed, `tell` is told, and the work
/// goes on.
pub(super) fn tidy(path: &Path, remove: impl FnOnce(&Path) -> io::Result<()>, tell: &dyn Fn(&str)) {
    if let Err(error) = remove(path) {
        tell(&format!(
            "warning: cannot remove `{}`, which the results do not need: {error}\n  help: take what you need from it and \
             remove it",
            path.display()
        ));
    }
}

/// Removes what a process was writing that was killed. What only has its name, and is not gtnet-sim's, stays where it is.
///
/// # Errors
///
/// Those of the operating system.
pub(super) fn remove_left(staging: &Path) -> io::Result<()> {
    match remove_staging(staging) {
        Err(error) if is_not_ours(&error) => Ok(()),
        removed => removed,
    }
}

/// The files that a marker names; `None` if it is none. One whose writer was killed is the beginning of one.
fn named_in(marker: &Path) -> io::Result<Option<Vec<PathBuf>>> {
    files::regular(&fs::symlink_metadata(marker)?)?;
    let Ok(text) = String::from_utf8(read(marker, MOST_MARKER)?) else { return Ok(None) };
    if MARKER_HEAD.starts_with(&text) {
        return Ok(Some(Vec::new()));
    }
    let Some(lines) = text.strip_prefix(MARKER_HEAD) else { return Ok(None) };
    let names = lines.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n')).map(PathBuf::from);
    Ok(Some(names.filter(|name| is_inside(name)).collect()))
}

/// Moves what is at `from` to `to`, where nothing may be.
///
/// # Errors
///
/// [`io::ErrorKind::AlreadyExists`]; those of the operating system.
pub(super) fn move_to(from: &Path, to: &Path) -> io::Result<()> {
    #[cfg(test)]
    moments::before_a_move();
    if exists(to) {
        let why = format!("something is already at `{}`", to.display());
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, why));
    }
    fs::rename(from, to)
}

/// An error if what is at `path` cannot be moved away: the operating system forbids it, or it is a mount point. It is found out
/// by trying to put it in the place of `obstacle`, a folder with something in it, which cannot succeed and leaves no trace.
///
/// # Errors
///
/// Those of the operating system.
pub(super) fn check_movable(path: &Path, obstacle: &Path) -> io::Result<()> {
    use io::ErrorKind::{AlreadyExists, DirectoryNotEmpty, IsADirectory};

    // Elsewhere, that the way is blocked is noticed before that it is forbidden.
    if cfg!(not(unix)) {
        return Ok(());
    }
    match fs::rename(path, obstacle) {
        Err(error) if matches!(error.kind(), AlreadyExists | DirectoryNotEmpty | IsADirectory) => Ok(()),
        Err(error) => Err(error),
        Ok(()) => unreachable!("nothing takes the place of a folder with something in it"),
    }
}

fn not_ours(path: &Path, why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("`{}` stays: {why}", path.display()))
}

/// Whether an error says that something is not gtnet-sim's.
fn is_not_ours(error: &io::Error) -> bool {
    use io::ErrorKind::{DirectoryNotEmpty, InvalidData, NotADirectory};

    matches!(error.kind(), InvalidData | DirectoryNotEmpty | NotADirectory)
}

/// What happens in tests while gtnet-sim is at work.
#[cfg(test)]
pub(super) mod moments {
    use std::cell::RefCell;

    thread_local! {
        static BEFORE_A_MOVE: RefCell<Option<Box<dyn FnMut()>>> = const { RefCell::new(None) };
    }

    /// Does what the test of this thread wants to be done before each renaming.
    pub(super) fn before_a_move() {
        let action = BEFORE_A_MOVE.take();
        if let Some(mut action) = action {
            action();
            BEFORE_A_MOVE.set(Some(action));
        }
    }

    /// Does `work`, and `action` before each of its renamings.
    pub(in crate::store) fn with_moves<T>(action: impl FnMut() + 'static, work: impl FnOnce() -> T) -> T {
        BEFORE_A_MOVE.set(Some(Box::new(action)));
        let done = work();
        BEFORE_A_MOVE.set(None);
        done
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{contents, run};
    use super::*;

    /// A folder of results, with `more` in it.
    fn results(more: &[(&str, &str)]) -> tempfile::TempDir {
        let home = tempfile::tempdir().expect("a folder");
        for file in run(&["summary.csv", "charts/age.svg"]) {
            let path = home.path().join("hub").join(&file.name);
            fs::create_dir_all(path.parent().expect("above")).expect("a folder");
            fs::write(path, &file.bytes).expect("a file");
        }
        for (name, text) in more {
            fs::write(home.path().join("hub").join(name), text).expect("a file");
        }
        home
    }

    #[test]
    fn results_are_removed_if_all_is_proven() {
        let home = results(&[]);
        remove_results(&home.path().join("hub")).expect("removed");
        assert!(!exists(&home.path().join("hub")));
        remove_results(&home.path().join("hub")).expect("nothing to do");
    }

    #[test]
    fn what_is_not_proven_stays_with_its_manifest() {
        for (name, text) in [("summary.csv", "mine"), ("notes.md", "mine"), ("charts/own.svg", "mine")] {
            let home = results(&[(name, text)]);
            assert!(is_not_ours(&remove_results(&home.path().join("hub")).expect_err("refused")), "{name}");
            let left: Vec<PathBuf> = contents(home.path()).into_iter().map(|(path, _)| path).collect();
            let expected = [name, "manifest.json"].map(|name| Path::new("hub").join(name));
            assert!(expected.iter().all(|path| left.contains(path)), "{left:?}");
        }
        let home = results(&[]);
        let manifest = home.path().join("hub/manifest.json");
        let text = fs::read_to_string(&manifest).expect("a manifest");
        fs::write(&manifest, text.replace("0.0.0", "0.0.1")).expect("a manifest");
        let before = contents(home.path());
        assert!(is_not_ours(&remove_results(&home.path().join("hub")).expect_err("refused")));
        assert_eq!(contents(home.path()), before, "nothing is proven by a manifest that has changed");
    }

    /// Whoever is killed while he removes results leaves what the next one can remove.
    #[test]
    fn a_removal_that_was_interrupted_goes_on() {
        for gone in [&["summary.csv"][..], &["summary.csv", "charts/age.svg"]] {
            let home = results(&[]);
            for name in gone {
                fs::remove_file(home.path().join("hub").join(name)).expect("removed");
            }
            remove_staging(&home.path().join("hub")).expect("removed");
            assert!(!exists(&home.path().join("hub")));
        }
    }

    #[test]
    fn what_only_has_the_name_of_staging_stays() {
        let home = tempfile::tempdir().expect("a folder");
        let staging = home.path().join(".hub.partial-4711");
        for (name, text) in [("thesis.tex", "mine"), (MARKER, "mine"), ("manifest.json", "{\"files\": []}")] {
            fs::create_dir(&staging).expect("a folder");
            fs::write(staging.join(name), text).expect("a file");
            assert!(is_not_ours(&remove_staging(&staging).expect_err("refused")), "{name}");
            assert_eq!(contents(&staging), [(PathBuf::from(name), text.to_owned())]);
            fs::remove_file(staging.join(name)).and_then(|()| fs::remove_dir(&staging)).expect("removed");
        }
        make_staging(&staging, ["a.csv", "../b.csv"].into_iter()).expect("a folder");
        for name in ["a.csv", "mine.csv", "../b.csv"] {
            fs::write(staging.join(name), "text").expect("a file");
        }
        assert!(is_not_ours(&remove_staging(&staging).expect_err("refused")));
        let left: Vec<PathBuf> = contents(home.path()).into_iter().map(|(path, _)| path).collect();
        let staged = Path::new(".hub.partial-4711");
        assert_eq!(left, [staged.join(MARKER), staged.join("mine.csv"), PathBuf::from("b.csv")]);
    }

    #[test]
    fn a_marker_that_is_no_text_is_no_proof() {
        let home = tempfile::tempdir().expect("a folder");
        let staging = home.path().join(".hub.partial-4711");
        fs::create_dir(&staging).expect("a folder");
        fs::write(staging.join(MARKER), [0xff, b'm', b'i', b'n', b'e']).expect("a file");
        assert!(is_not_ours(&remove_staging(&staging).expect_err("refused")));
        assert!(exists(&staging.join(MARKER)));
    }

    #[test]
    fn a_manifest_is_refused_for_what_it_is() {
        let home = results(&[]);
        let manifest = home.path().join("hub/manifest.json");
        let text = fs::read_to_string(&manifest).expect("a manifest");
        let lines: Vec<&str> = text.lines().collect();
        let (above, seal) = (&lines[..lines.len() - 2], lines[lines.len() - 2]);
        let unsealed = format!("{}\n}}\n", above.join("\n").trim_end_matches(','));
        let broken = text.replace(&seal[seal.len() - 9..seal.len() - 1], "00000000");
        let files: Vec<crate::record::FileDigest> = Vec::new();
        let later = crate::record::SCHEMA_VERSION + 1;
        let later = serde_json::json!({ "schema_version": later, "tool_version": "9.9.9", "files": files });
        let later = crate::record::sealed(&later);
        for (text, why) in [
            (unsealed, "an older gtnet-sim"),
            (broken, "its last line but one"),
            (later, "gtnet-sim 9.9.9 has written"),
        ] {
            fs::write(&manifest, text).expect("a manifest");
            let refused = Written::of(&home.path().join("hub")).expect_err("refused");
            assert!(refused.contains(why), "{refused}");
        }
    }

    #[test]
    fn nothing_takes_the_place_of_something() {
        let home = tempfile::tempdir().expect("a folder");
        let (a, b) = (home.path().join("a"), home.path().join("b"));
        fs::write(&a, "a").and_then(|()| fs::write(&b, "b")).expect("files");
        assert_eq!(move_to(&a, &b).expect_err("refused").kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&b).expect("text"), "b");
    }

    #[cfg(unix)]
    #[test]
    fn to_find_out_what_can_be_moved_moves_nothing() {
        let home = results(&[]);
        std::os::unix::fs::symlink("nowhere", home.path().join("hub/link")).expect("a link");
        let obstacle = home.path().join("obstacle");
        make_staging(&obstacle, std::iter::empty()).expect("a folder");
        let before = contents(&home.path().join("hub/charts"));
        for path in ["hub", "hub/charts", "hub/summary.csv", "hub/link"] {
            check_movable(&home.path().join(path), &obstacle).expect("it can");
        }
        assert_eq!(contents(&home.path().join("hub/charts")), before);
        assert!(check_movable(&home.path().join("missing"), &obstacle).is_err());
        if cfg!(target_os = "linux") {
            check_movable(Path::new("/proc"), &obstacle).expect_err("a mount point");
        }
    }
}
