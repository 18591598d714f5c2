//! Where results shall be written, and by whom: one process at a time works at a folder and at what belongs to it.

use std::env;
use std::ffi::OsStr;
use std::io;
use std::path::{Component, Path, PathBuf};

use fs_err as fs;

use super::disposal;
use super::error::StoreError;
use super::foreign;
use super::lock::Lock;
use super::paths::{exists, folder_of, hidden, last_part, left_in, own};
use super::staging::Staging;
use super::written::Written;

/// How many links are followed one after the other, as on Linux.
const MOST_LINKS: u32 = 40;

/// Where what belongs to a results folder is kept: its lock, its ledger, and what is under construction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Workspace {
    /// Beside it: the folder is replaced as a whole.
    Beside,
    /// In it, as it cannot be moved, or as nothing can be written beside it: a container's volume, or a folder in somebody
    /// else's. Its files are replaced one by one.
    Within,
}

/// A folder that results may be written to, by this process alone.
pub(super) struct Target<'t> {
    /// Absolute, and no link: a link is followed, lest it be replaced by a folder.
    pub(super) folder: PathBuf,
    pub(super) place: Workspace,
    // Dropped before `made`: the lock lies in those folders.
    pub(super) lock: Lock,
    made: MadeFolders,
    /// Is told what a user has to know although nothing went wrong.
    pub(super) tell: &'t dyn Fn(&str),
}

impl<'t> Target<'t> {
    /// Locks `folder` for this process, as soon as no other one writes to it. Missing folders above it are made.
    ///
    /// # Errors
    ///
    /// See [`StoreError`]; made folders are removed.
    pub(super) fn lock(folder: &Path, tell: &'t dyn Fn(&str)) -> Result<Self, StoreError> {
        let resolved = resolve(folder)?;
        let current = env::current_dir().and_then(fs::canonicalize);
        if current.is_ok_and(|current| current.starts_with(&resolved)) {
            return Err(StoreError::CurrentFolder { folder: folder.to_owned() });
        }
        let (Some(parent), Some(name)) = (resolved.parent(), resolved.file_name()) else {
            return Err(StoreError::NoName { folder: folder.to_owned() });
        };
        let made = MadeFolders::make(parent)?;
        if resolved.exists() {
            check_is_ours(&resolved)?;
        }
        match Lock::take(parent.join(hidden(name, "lock")), tell) {
            // Nobody who could write beside it has moved anything there.
            Err(StoreError::NoFileIn { source, .. }) if is_forbidden(&source) && resolved.is_dir() => {
                Ok(Self { made, ..Self::within(resolved, tell)? })
            }
            Ok(lock) if resolved.exists() && !is_movable(&resolved)? => {
                drop(lock);
                Ok(Self { made, ..Self::within(resolved, tell)? })
            }
            beside => Ok(Self { folder: resolved, place: Workspace::Beside, lock: beside?, made, tell }),
        }
    }

    /// Waits until nobody else writes in `folder`, which cannot be replaced.
    ///
    /// # Errors
    ///
    /// See [`Lock::take`].
    pub(super) fn within(folder: PathBuf, tell: &'t dyn Fn(&str)) -> Result<Self, StoreError> {
        let lock = Lock::take(folder.join(own("lock")), tell)?;
        Ok(Self { folder, place: Workspace::Within, lock, made: MadeFolders::default(), tell })
    }

    /// Lets the folders above it stay even if nothing is written.
    pub(super) fn keep_made_folders(&mut self) {
        self.made.0.clear();
    }

    pub(super) fn parent(&self) -> &Path {
        folder_of(&self.folder)
    }

    fn name(&self) -> &OsStr {
        last_part(&self.folder).as_os_str()
    }

    /// The path of a hidden folder that belongs to it, for this process only.
    pub(super) fn own(&self, role: &str) -> PathBuf {
        let (above, mut name) = match self.place {
            Workspace::Beside => (self.parent(), hidden(self.name(), role)),
            Workspace::Within => (self.folder.as_path(), own(role)),
        };
        name.push(format!("-{}", std::process::id()));
        above.join(name)
    }

    /// Where the ledger of a study is kept whose results go there.
    pub(super) fn ledger(&self) -> PathBuf {
        match self.place {
            Workspace::Within => self.folder.join(own("ledger")),
            Workspace::Beside => {
                let mut name = self.name().to_owned();
                name.push(".ledger");
                self.folder.with_file_name(name)
            }
        }
    }

    /// What is beside it under the names that [`Target::own`] gives for `role` in any process, in ascending order.
    pub(super) fn left_beside(&self, role: &str) -> io::Result<Vec<PathBuf>> {
        left_in(self.parent(), hidden(self.name(), role))
    }

    /// What is in it under such names.
    pub(super) fn left_within(&self, role: &str) -> io::Result<Vec<PathBuf>> {
        if self.folder.exists() { left_in(&self.folder, own(role)) } else { Ok(Vec::new()) }
    }

    /// The lock of those who keep what they need in it, if it was left there.
    pub(super) fn lock_within(&self) -> Result<Option<Lock>, StoreError> {
        let path = self.folder.join(own("lock"));
        if self.place == Workspace::Beside && exists(&path) { Lock::take(path, self.tell).map(Some) } else { Ok(None) }
    }
}

/// Whether `folder` may be one of results, as far as that can be told without its lock: while a process exchanges the files
/// in it, or if one was killed doing so, there is no manifest.
///
/// # Errors
///
/// See [`foreign::recognise`].
pub(super) fn check_is_ours(folder: &Path) -> Result<(), StoreError> {
    let is_in_exchange = || -> io::Result<bool> {
        let staged = left_in(folder, own("partial"))?;
        Ok(!left_in(folder, own("previous"))?.is_empty() || staged.iter().any(|staging| are_complete(staging)))
    };
    if foreign::recognise(folder).is_ok() || is_in_exchange()? {
        return Ok(());
    }
    // The exchange may have ended in between.
    foreign::recognise(folder).map(|_| ())
}

/// Whether the results in `staging` are complete, so that they may take their place.
pub(super) fn are_complete(staging: &Path) -> bool {
    disposal::is_complete(staging) && Written::of(staging).is_ok_and(|written| written.is_some())
}

/// Whether the operating system forbids it, for whatever reason.
fn is_forbidden(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem)
}

/// Whether `folder` can be put elsewhere, and something else in its place.
fn is_movable(folder: &Path) -> io::Result<bool> {
    let mut beside = hidden(last_part(folder).as_os_str(), "partial");
    beside.push(format!("-{}", std::process::id()));
    let obstacle = Staging::create(folder.with_file_name(beside), &[])?;
    Ok(disposal::check_movable(folder, &obstacle.path).is_ok())
}

/// Where `folder` is, or will be once it is made: absolute, without links, dots and a slash at the end.
///
/// # Errors
///
/// [`StoreError::NoName`] if it is not there and has no name that it could be given; [`StoreError::Io`].
fn resolve(folder: &Path) -> Result<PathBuf, StoreError> {
    if !folder.exists() && folder.file_name().is_none() {
        return Err(StoreError::NoName { folder: folder.to_owned() });
    }
    Ok(resolve_links(folder, MOST_LINKS)?)
}

fn resolve_links(path: &Path, most: u32) -> io::Result<PathBuf> {
    let missing = match fs::canonicalize(path) {
        Ok(found) => return Ok(found),
        Err(error) => error,
    };
    let mut parts = path.components();
    let last = parts.next_back();
    let above = if parts.as_path().as_os_str().is_empty() { Path::new(".") } else { parts.as_path() };
    match last {
        Some(Component::Normal(name)) => {
            let here = resolve_links(above, most)?.join(name);
            match fs::read_link(&here) {
                Ok(_) if most == 0 => Err(missing),
                Ok(to) => resolve_links(&here.with_file_name(to), most - 1),
                Err(_) => Ok(here),
            }
        }
        // What is missing is no link: the way back is the way that led there.
        Some(Component::ParentDir) => resolve_links(above, most)?.parent().map(Path::to_owned).ok_or(missing),
        _ => Err(missing),
    }
}

/// Folders that were made on the way to a target; those that are still empty in the end disappear.
#[derive(Default)]
struct MadeFolders(Vec<PathBuf>);

impl MadeFolders {
    fn make(folder: &Path) -> io::Result<Self> {
        let above = folder.ancestors().take_while(|above| !above.as_os_str().is_empty() && !exists(above));
        let made = Self(above.map(Path::to_owned).collect());
        fs::create_dir_all(folder)?;
        Ok(made)
    }
}

impl Drop for MadeFolders {
    fn drop(&mut self) {
        for folder in &self.0 {
            // A folder with something in it is in use: this is not how to remove it.
            let _ = disposal::remove_empty_folder(folder, Path::new(""));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::probe_target;
    use super::super::test_support::{assert_nothing_beside, check_target, contents, names, run, write_results};
    use super::*;

    /// What `check_target` says of `path` in an otherwise empty folder with a file `afile`; it must leave nothing behind.
    fn complaint(path: &str) -> String {
        let home = tempfile::tempdir().expect("a folder");
        fs::write(home.path().join("afile"), "mine").expect("a file");
        let error = check_target(&home.path().join(path)).expect_err("refused");
        assert_eq!(names(home.path()), ["afile"]);
        assert_nothing_beside(&home.path().join("afile"));
        error.to_string()
    }

    #[test]
    fn what_cannot_be_written_is_known_before_the_work() {
        let home = tempfile::tempdir().expect("a folder");
        for path in ["afile", "afile/x", "afile/x/y"] {
            assert!(complaint(path).contains("afile"), "{path}: {}", complaint(path));
        }
        // Long enough for a folder of this name, too long for one beside it.
        let long = format!("new/{}", "n".repeat(250));
        assert!(complaint(&long).contains("cannot create a file in"), "{}", complaint(&long));
        fs::create_dir(home.path().join("thesis")).expect("a folder");
        fs::write(home.path().join("thesis/chapter.tex"), "years of work").expect("a file");
        let error = check_target(&home.path().join("thesis")).expect_err("refused");
        assert!(matches!(error, StoreError::NotResults { .. }), "{error}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_system_that_takes_no_folders_is_known_before_the_work() {
        let error = check_target(Path::new("/proc/xx")).expect_err("refused").to_string();
        assert!(error.starts_with("cannot create a file in `/proc`"), "{error}");
    }

    #[test]
    fn a_target_that_is_fine_is_left_as_it_was() {
        let home = tempfile::tempdir().expect("a folder");
        let folder = home.path().join("results/hub");
        check_target(&folder).expect("a new folder");
        assert!(!folder.exists());
        assert_nothing_beside(&folder);
        write_results(&folder, &run(&["summary.csv"])).expect("written");
        let before = contents(&folder);
        check_target(&folder).expect("results");
        assert_eq!(contents(&folder), before);
        assert_nothing_beside(&folder);
    }

    #[test]
    fn nobody_is_left_in_a_folder_that_is_gone() {
        let current = env::current_dir().expect("a current folder");
        let above = current.parent().expect("a folder above");
        for folder in [Path::new("."), Path::new("src/.."), Path::new(".."), Path::new("/"), &current, above] {
            let error = check_target(folder).expect_err("refused");
            assert!(matches!(error, StoreError::CurrentFolder { .. }), "{}: {error}", folder.display());
            assert!(error.to_string().contains("--out results"), "{error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn every_way_of_writing_a_folder_leads_to_it() {
        let home = tempfile::tempdir().expect("a folder");
        let home = fs::canonicalize(home.path()).expect("a folder");
        let folder = home.join("results/hub");
        std::os::unix::fs::symlink("results/hub", home.join("link")).expect("a link");
        std::os::unix::fs::symlink(home.join("link"), home.join("link-to-link")).expect("a link");
        let ways = ["results/hub", "results/hub/", "./results//hub/.", "link", "link-to-link", "new/../link"];
        for step in ["nothing is there", "its folder is there", "it is there"] {
            for path in ways {
                assert_eq!(resolve(&home.join(path)).expect("a path"), folder, "{path} if {step}");
            }
            let _ =
                fs::create_dir(if home.join("results").exists() { &folder } else { folder.parent().expect("above") });
        }
        for path in ways {
            assert_eq!(check_target(&home.join(path)).expect("a ledger"), home.join("results/hub.ledger"));
        }
        let here = env::current_dir().and_then(fs::canonicalize).expect("a folder");
        assert_eq!(resolve(Path::new("hub")).expect("a path"), here.join("hub"));
        for none in ["", "/.", "missing/.."] {
            assert!(probe_target(Path::new(none), &|_| ()).is_err(), "{none}");
        }
        assert!(matches!(probe_target(Path::new("missing/.."), &|_| ()), Err(StoreError::NoName { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn links_in_a_circle_lead_nowhere() {
        let home = tempfile::tempdir().expect("a folder");
        std::os::unix::fs::symlink("b", home.path().join("a")).expect("a link");
        std::os::unix::fs::symlink("a", home.path().join("b")).expect("a link");
        assert!(matches!(resolve(&home.path().join("a")), Err(StoreError::Io { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn what_a_link_leads_to_may_have_been_moved_aside() {
        let home = tempfile::tempdir().expect("a folder");
        let (folder, link) = (home.path().join("hub"), home.path().join("link"));
        write_results(&folder, &run(&["summary.csv"])).expect("first");
        fs::write(folder.join("notes.md"), "mine").expect("notes");
        std::os::unix::fs::symlink(&folder, &link).expect("a link");
        fs::rename(&folder, home.path().join(".hub.previous-4711")).expect("moved aside");
        write_results(&link, &run(&["summary.csv", "new.csv"])).expect("second");
        fs::remove_file(&link).expect("a link");
        assert_eq!(names(&folder), ["manifest.json", "new.csv", "notes.md", "summary.csv"]);
        assert_nothing_beside(&folder);
    }

    /// Threads of one process stand for processes, even for such that have the same number, as on two machines.
    #[test]
    fn who_comes_at_the_same_time_waits() {
        let home = tempfile::tempdir().expect("a folder");
        let folder = home.path().join("results/hub");
        write_results(&folder, &run(&["summary.csv"])).expect("first");
        fs::write(folder.join("notes.md"), "mine").expect("notes");
        std::thread::scope(|scope| {
            for name in ["a.csv", "b.csv", "c.csv"] {
                let folder = &folder;
                scope.spawn(move || {
                    for _ in 0..30 {
                        check_target(folder).expect("results");
                        write_results(folder, &run(&[name, "charts/age.svg"])).expect("written");
                    }
                });
            }
        });
        let found = names(&folder);
        assert_eq!((found.len(), &found[1], &found[3]), (4, &"charts/age.svg".to_owned(), &"notes.md".to_owned()));
        assert_nothing_beside(&folder);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_nothing_is_no_target() {
        let home = tempfile::tempdir().expect("a folder");
        let link = home.path().join("link");
        std::os::unix::fs::symlink("nowhere", &link).expect("a link");
        let error = check_target(&link).expect_err("refused").to_string();
        assert!(error.contains("link"), "{error}");
    }

    #[test]
    fn what_a_killed_run_moved_aside_is_not_overwritten() {
        let home = tempfile::tempdir().expect("a folder");
        let folder = home.path().join("hub");
        write_results(&folder, &run(&["summary.csv"])).expect("first");
        let previous = home.path().join(format!(".hub.previous-{}", std::process::id()));
        fs::create_dir(&previous).expect("a folder");
        fs::write(previous.join("notes.md"), "mine").expect("a file");
        let error = check_target(&folder).expect_err("refused");
        assert!(matches!(error, StoreError::Interrupted { .. }), "{error}");
        assert_eq!(names(&previous), ["notes.md"]);
    }
}
